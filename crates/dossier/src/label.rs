//! How matter is to be handled: its classification, caveats and retention.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How far matter may be known, from least to most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Classification {
    /// May be published.
    Open,
    /// For officers of the parties.
    #[default]
    Restricted,
    /// For officers cleared for it; every reading is logged.
    Confidential,
    /// As confidential, for fewer.
    Secret,
}

impl Classification {
    /// Every level, from least to most.
    pub const ALL: [Classification; 4] =
        [Classification::Open, Classification::Restricted, Classification::Confidential, Classification::Secret];

    /// The level's name in records: `confidential`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Classification::Open => "open",
            Classification::Restricted => "restricted",
            Classification::Confidential => "confidential",
            Classification::Secret => "secret",
        }
    }
}

impl std::str::FromStr for Classification {
    type Err = crate::party::BadId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Classification::ALL
            .into_iter()
            .find(|level| level.name() == text)
            .ok_or_else(|| crate::party::BadId::new("a classification", text))
    }
}

/// The label of a record. Which parties may read it belongs to the dossier, not to the label.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// How far it may be known.
    pub class: Classification,
    /// Handling caveats, all of which a reader must hold.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub caveats: BTreeSet<String>,
    /// Days after which the content is to be erased, when there is such a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
}

impl Label {
    /// A label of this level without caveats.
    #[must_use]
    pub fn of(class: Classification) -> Label {
        Label { class, ..Label::default() }
    }

    /// The label of what is derived from both: the higher level, all caveats, the shorter retention.
    #[must_use]
    pub fn join(&self, other: &Label) -> Label {
        Label {
            class: self.class.max(other.class),
            caveats: self.caveats.union(&other.caveats).cloned().collect(),
            retention_days: match (self.retention_days, other.retention_days) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
        }
    }

    /// Whether this label is at least as strict as `other` in level and caveats.
    #[must_use]
    pub fn covers(&self, other: &Label) -> bool {
        self.class >= other.class && self.caveats.is_superset(&other.caveats)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_derived_is_as_strict_as_the_strictest_source() {
        let a = Label { class: Classification::Open, caveats: ["EYES".to_owned()].into(), retention_days: Some(90) };
        let b = Label { class: Classification::Secret, caveats: ["ORCON".to_owned()].into(), retention_days: None };
        let joined = a.join(&b);
        assert!(joined.covers(&a) && joined.covers(&b));
        assert_eq!(joined.retention_days, Some(90));
        assert!(!a.covers(&b));
    }
}
