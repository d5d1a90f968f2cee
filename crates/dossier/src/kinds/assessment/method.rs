//! The method of an assessment: the conditions, and the indicators that show whether they are met.
//!
//! It is agreed before anybody scores, so that nobody can choose the measure by its result. There are no weights: a condition
//! is as good as its worst essential indicator.

use super::acts::{ID, ProposeMethod, ReviseMethod, Rule};
use crate::act::{Field, Shape};
use crate::choices;
use crate::content::ContentHash;
use crate::refusal::Refusal;
use crate::source::Source;
use crate::time::Date;
use crate::words::Words;
use jiff::ToSpan;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

choices! {
    /// The three factors that are weighed for the timeline of a mission.
    Factor {
        /// The threat.
        Threat = "threat",
        /// Operational and environmental requirements.
        Requirements = "requirements",
        /// Levels of capability.
        Capability = "capability",
    }
}

/// Something that must be so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Its identifier: `T1`.
    pub id: String,
    /// The factor under which it falls.
    pub factor: Factor,
    /// What must be so.
    pub words: Words,
}

/// Something that shows whether a condition is met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Its identifier: `T1.1`.
    pub id: String,
    /// The condition that it speaks of.
    pub condition: String,
    /// What is observed.
    pub words: Words,
    /// Whether the condition cannot be met without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub essential: Option<bool>,
    /// Where the data come from.
    pub data_source: String,
    /// From when on it counts as met.
    pub threshold: String,
    /// For how many days a piece of evidence speaks for it.
    pub validity_days: i64,
}

pub(super) const CONDITION: &[Field] = &[
    Field { name: "id", required: true, shape: Shape::Text(ID) },
    Field { name: "factor", required: true, shape: Shape::Choice(Factor::NAMES) },
    Field { name: "words", required: true, shape: Shape::Words(1000) },
];

pub(super) const INDICATOR: &[Field] = &[
    Field { name: "id", required: true, shape: Shape::Text(ID) },
    Field { name: "condition", required: true, shape: Shape::Text(ID) },
    Field { name: "words", required: true, shape: Shape::Words(1000) },
    Field { name: "essential", required: false, shape: Shape::Flag },
    Field { name: "data_source", required: true, shape: Shape::Text(300) },
    Field { name: "threshold", required: true, shape: Shape::Text(300) },
    Field { name: "validity_days", required: true, shape: Shape::Whole(1, 3660) },
];

impl Indicator {
    /// Whether the condition cannot be met without it.
    #[must_use]
    pub fn is_essential(&self) -> bool {
        self.essential == Some(true)
    }

    /// Whether evidence of this day is too old to speak for it `today`.
    #[must_use]
    pub fn is_stale(&self, evidence: Date, today: Date) -> bool {
        evidence.saturating_add(self.validity_days.days()) < today
    }
}

/// How an assessment is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// What the assessment is called.
    pub title: Words,
    /// The mission whose timeline it serves.
    pub mission: Words,
    /// What must be so.
    pub conditions: Vec<Condition>,
    /// What shows it.
    pub indicators: Vec<Indicator>,
    /// Where the mandate can be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
}

impl Method {
    /// Checks that every indicator has its condition, and every condition an indicator without which it cannot be met.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let mut conditions = BTreeSet::new();
        if let Some(row) = self.conditions.iter().position(|condition| !conditions.insert(condition.id.as_str())) {
            return Err(Refusal::from(Rule::TwiceInMethod).at(&format!("conditions.{row}.id")));
        }
        let mut indicators = BTreeSet::new();
        if let Some(row) = self.indicators.iter().position(|indicator| !indicators.insert(indicator.id.as_str())) {
            return Err(Refusal::from(Rule::TwiceInMethod).at(&format!("indicators.{row}.id")));
        }
        if let Some(row) = self.indicators.iter().position(|indicator| !conditions.contains(indicator.condition.as_str())) {
            return Err(Refusal::from(Rule::NoSuchCondition).at(&format!("indicators.{row}.condition")));
        }
        let idle = |condition: &Condition| !self.of(&condition.id).any(Indicator::is_essential);
        match self.conditions.iter().position(idle) {
            Some(row) => Err(Refusal::from(Rule::NothingEssential).at(&format!("conditions.{row}.id"))),
            None => Ok(()),
        }
    }

    /// The hash that parties adopt.
    #[must_use]
    pub fn content(&self) -> ContentHash {
        ContentHash::of(self)
    }

    /// The indicators of a condition.
    pub fn of<'a>(&'a self, condition: &'a str) -> impl Iterator<Item = &'a Indicator> {
        self.indicators.iter().filter(move |indicator| indicator.condition == condition)
    }

    /// Whether it has a condition of this identifier.
    #[must_use]
    pub fn has_condition(&self, id: &str) -> bool {
        self.conditions.iter().any(|condition| condition.id == id)
    }
}

macro_rules! method_of {
    ($act:ident) => {
        impl From<$act> for Method {
            fn from(act: $act) -> Method {
                Method {
                    title: act.title,
                    mission: act.mission,
                    conditions: act.conditions,
                    indicators: act.indicators,
                    sources: act.sources.unwrap_or_default(),
                }
            }
        }
    };
}
method_of!(ProposeMethod);
method_of!(ReviseMethod);
