//! One cycle of scoring: every party seals before any party reveals, so that nobody scores by the other's scores.

use super::acts::{BeginCycle, RevealScores, Rule};
use super::method::Method;
use super::scores::{self, Score};
use crate::content::ContentHash;
use crate::fold::Context;
use crate::mutual::Mutual;
use crate::party::PartyId;
use crate::record::RecordId;
use crate::refusal::{Common, Refusal};
use crate::sealed;
use crate::time::{Date, Moment};
use crate::words::Words;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What one party has committed itself to, and later shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seal {
    pub record: RecordId,
    pub at: Moment,
    /// The digest of the scores, which the rules cannot read.
    digest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revealed: Option<Revealed>,
}

/// The scores of one party, in the open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Revealed {
    pub record: RecordId,
    pub at: Moment,
    pub scores: Vec<Score>,
}

/// One party's own text on a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Own {
    pub text: Words,
    pub at: Moment,
    pub record: RecordId,
}

/// What the parties find on a condition: one text, or each its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Finding {
    pub joint: Mutual<Words>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub own: BTreeMap<PartyId, Own>,
}

/// One cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cycle {
    pub number: i64,
    pub as_of: Date,
    /// The method by which it is scored.
    pub method: ContentHash,
    /// The parties that score: those that began it.
    pub parties: BTreeSet<PartyId>,
    pub begun: Moment,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seals: BTreeMap<PartyId, Seal>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub findings: BTreeMap<String, Finding>,
    pub voiding: Mutual<bool>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub void_reasons: BTreeMap<PartyId, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voided: Option<Moment>,
}

impl Cycle {
    pub(super) fn begin(context: &Context<'_>, act: &BeginCycle) -> Cycle {
        Cycle {
            number: act.cycle,
            as_of: act.as_of,
            method: act.content,
            parties: context.audience.clone(),
            begun: context.stamp.at,
            seals: BTreeMap::new(),
            findings: BTreeMap::new(),
            voiding: Mutual::default(),
            void_reasons: BTreeMap::new(),
            voided: None,
        }
    }

    pub(super) fn is_sealed(&self) -> bool {
        self.parties.iter().all(|party| self.seals.contains_key(party))
    }

    /// Whether every party has revealed, so that it says something.
    pub(super) fn is_complete(&self) -> bool {
        self.parties.iter().all(|party| self.revealed(party).is_some())
    }

    pub(super) fn is_open(&self) -> bool {
        self.voided.is_none() && !self.is_complete()
    }

    pub(super) fn revealed(&self, party: &PartyId) -> Option<&Revealed> {
        self.seals.get(party).and_then(|seal| seal.revealed.as_ref())
    }

    /// When the last party sealed: from then on everybody may reveal.
    pub(super) fn sealed_at(&self) -> Option<Moment> {
        self.seals.values().map(|seal| seal.at).max()
    }

    pub(super) fn seal(&mut self, context: &Context<'_>) -> Result<(), Refusal> {
        let party = &context.stamp.party;
        if !self.parties.contains(party) {
            return Err(Refusal::from(Rule::NoSuchCycle).at("cycle"));
        }
        if self.seals.contains_key(party) {
            return Err(Rule::SealedAlready.into());
        }
        let [digest] = context.digests else { return Err(Refusal::from(Rule::OneSeal).at(scores::SCORES[0].name)) };
        let seal = Seal { record: context.record, at: context.stamp.at, digest: digest.clone(), revealed: None };
        self.seals.insert(party.clone(), seal);
        Ok(())
    }

    pub(super) fn reveal(&mut self, context: &Context<'_>, method: &Method, act: &RevealScores) -> Result<(), Refusal> {
        let all_sealed = self.is_sealed();
        let as_of = self.as_of;
        let seal = self.seals.get_mut(&context.stamp.party).filter(|seal| seal.record == act.of);
        let seal = seal.ok_or_else(|| Refusal::from(Rule::NotTheOwnSeal).at("of"))?;
        if !all_sealed {
            return Err(Rule::NotAllSealed.into());
        }
        if seal.revealed.is_some() {
            return Err(Common::AlreadySaid.into());
        }
        if sealed::digest_of(&act.disclosure) != seal.digest {
            return Err(Refusal::from(Rule::NotWhatWasSealed).at("disclosure"));
        }
        let scores = scores::read(&act.disclosure, method, as_of)?;
        seal.revealed = Some(Revealed { record: context.record, at: context.stamp.at, scores });
        Ok(())
    }
}
