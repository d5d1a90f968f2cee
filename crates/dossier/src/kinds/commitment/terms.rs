//! The terms of a commitment: what is owed, by whom, by when, and how to tell.

use super::acts::{Mode, Quote, Rule, Sector};
use crate::content::ContentHash;
use crate::party::PartyId;
use crate::record::DossierId;
use crate::refusal::Refusal;
use crate::source::Source;
use crate::time::Due;
use crate::words::Words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The terms of a commitment. Their hash is what the parties adopt, grade and waive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What is promised, in short.
    pub title: Words,
    /// The parties that owe it.
    pub by: BTreeSet<PartyId>,
    /// The parties to which it is owed; empty for all others.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub to: BTreeSet<PartyId>,
    /// The article that commits.
    pub article: Vec<Quote>,
    /// The agreement that the article belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<DossierId>,
    /// The article's number there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article_number: Option<String>,
    /// Whether it is kept once, at all times, or on a condition.
    pub mode: Mode,
    /// The condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Words>,
    /// What must be the case for it to count as kept.
    pub criterion: Words,
    /// What evidence must show it.
    pub evidence: Words,
    /// By when.
    pub due: Due,
    /// The field of cooperation.
    pub sector: Sector,
    /// Where it can be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
}

impl Terms {
    /// The hash that the parties' acts cover.
    #[must_use]
    pub fn content(&self) -> ContentHash {
        ContentHash::of(self)
    }

    /// Whether every party owes it.
    #[must_use]
    pub fn is_joint(&self, audience: &BTreeSet<PartyId>) -> bool {
        self.by == *audience && audience.len() > 1
    }

    /// Whether the terms can stand in a dossier for these parties.
    ///
    /// # Errors
    /// `COM02` to `COM05`, with the field that is in the way.
    pub fn check(&self, audience: &BTreeSet<PartyId>) -> Result<(), Refusal> {
        for (field, parties) in [("by", &self.by), ("to", &self.to)] {
            if !parties.is_subset(audience) {
                return Err(Refusal::from(Rule::NotAParty).at(field));
            }
        }
        if !self.by.is_disjoint(&self.to) {
            return Err(Refusal::from(Rule::OwesItself).at("to"));
        }
        if self.condition.is_some() != (self.mode == Mode::Conditional) {
            return Err(Refusal::from(Rule::Condition).at("condition"));
        }
        let mut tongues = BTreeSet::new();
        for (row, quote) in self.article.iter().enumerate() {
            if !tongues.insert(quote.tongue) {
                return Err(Refusal::from(Rule::QuoteTwice).at(&format!("article.{row}.tongue")));
            }
        }
        Ok(())
    }

    /// Whether a grade given under these terms means the same under `other`: the day, the title, the quotation and the
    /// sources may change, what is to be done and how it is told may not.
    #[must_use]
    pub fn measures_as(&self, other: &Terms) -> bool {
        self.by == other.by
            && self.to == other.to
            && self.mode == other.mode
            && self.condition == other.condition
            && self.criterion == other.criterion
            && self.evidence == other.evidence
    }
}
