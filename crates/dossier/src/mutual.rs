//! Acts that need every party: they take effect when each party's log holds one over the same content.

use crate::fold::Context;
use crate::party::PartyId;
use crate::record::RecordId;
use crate::refusal::{Common, Refusal};
use crate::time::Moment;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What one party assented to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assent<T> {
    /// What it assented to.
    pub content: T,
    /// The record that says so.
    pub record: RecordId,
    /// When, as the party claimed.
    pub at: Moment,
}

/// A matter on which all parties must say the same before anything follows. A party's latest word replaces its earlier one;
/// once all have said the same, that stays settled until all have said the same about something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mutual<T> {
    #[serde(default = "BTreeMap::new", skip_serializing_if = "BTreeMap::is_empty")]
    assents: BTreeMap<PartyId, Assent<T>>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    settled: Option<T>,
}

fn none<T>() -> Option<T> {
    None
}

impl<T> Default for Mutual<T> {
    fn default() -> Self {
        Mutual { assents: BTreeMap::new(), settled: None }
    }
}

impl<T: Clone + PartialEq> Mutual<T> {
    /// Records what the acting party assents to. Returns whether the matter is now newly settled.
    ///
    /// # Errors
    /// `MUT02` when the party's latest word was exactly this.
    pub fn assent(&mut self, context: &Context<'_>, content: T) -> Result<bool, Refusal> {
        let party = &context.stamp.party;
        if self.assents.get(party).is_some_and(|earlier| earlier.content == content) {
            return Err(Common::AlreadySaid.into());
        }
        self.assents.insert(party.clone(), Assent { content: content.clone(), record: context.record, at: context.stamp.at });
        let unanimous = context.audience.iter().all(|p| self.assents.get(p).is_some_and(|a| a.content == content));
        let news = unanimous && self.settled.as_ref() != Some(&content);
        if unanimous {
            self.settled = Some(content);
        }
        Ok(news)
    }

    /// Whether nobody has said anything, so that a state need not keep it.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.assents.is_empty() && self.settled.is_none()
    }

    /// What all parties said, once they have.
    #[must_use]
    pub fn settled(&self) -> Option<&T> {
        self.settled.as_ref()
    }

    /// What this party said last.
    #[must_use]
    pub fn of(&self, party: &PartyId) -> Option<&Assent<T>> {
        self.assents.get(party)
    }

    /// Every party's last word.
    pub fn assents(&self) -> impl Iterator<Item = (&PartyId, &Assent<T>)> {
        self.assents.iter()
    }

    /// The words on the table that `party` has not joined, and the time of the first of them.
    #[must_use]
    pub fn offered_to(&self, party: &PartyId) -> Option<&Assent<T>> {
        let own = self.assents.get(party).map(|assent| &assent.content);
        self.assents
            .iter()
            .filter(|(other, assent)| {
                *other != party && Some(&assent.content) != own && self.settled.as_ref() != Some(&assent.content)
            })
            .map(|(_, assent)| assent)
            .min_by_key(|assent| assent.at)
    }

    /// The parties that have yet to say what another party has said, while nothing newer is settled.
    #[must_use]
    pub fn awaited<'a>(&self, audience: &'a BTreeSet<PartyId>) -> Vec<(&'a PartyId, Moment)> {
        audience.iter().filter_map(|party| self.offered_to(party).map(|assent| (party, assent.at))).collect()
    }

    /// Drops every assent that is not settled, because what it was about has changed.
    pub fn lapse(&mut self) {
        let settled = self.settled.clone();
        self.assents.retain(|_, assent| settled.as_ref() == Some(&assent.content));
    }
}
