//! The common order of records: the same at every party, without any clock.
//!
//! A record says how large every log of the channel was that its writer had applied, its own included. If a writer had seen
//! record Y before it wrote X, then every component of X's `seen` is at least Y's, and at Y's log it is larger; so the sum is
//! larger, and X stands after Y. Records that did not know of each other fall by their sums and then by their identifiers,
//! which nobody can choose.

use crate::party::PartyId;
use crate::record::RecordId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The size of every log of the channel that a writer had applied when it wrote. A party that is absent counts as 0.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seen(pub BTreeMap<PartyId, u64>);

impl Seen {
    /// How much of this party's log had been seen, in records.
    #[must_use]
    pub fn of(&self, party: &PartyId) -> u64 {
        self.0.get(party).copied().unwrap_or(0)
    }

    /// How much had been seen in all, in records.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.0.values().fold(0u64, |sum, size| sum.saturating_add(*size))
    }

    /// Whether this covers all that `earlier` had seen.
    #[must_use]
    pub fn covers(&self, earlier: &Seen) -> bool {
        earlier.0.iter().all(|(party, size)| self.of(party) >= *size)
    }
}

/// Where a record stands among the records of its dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// The sum of what the writer had seen.
    pub sum: u64,
    /// The record, where sums are equal.
    pub id: RecordId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_seen_a_record_stands_after_it() {
        let seen = |irq, tur| Seen([("IRQ".parse().unwrap(), irq), ("TUR".parse().unwrap(), tur)].into());
        let (first, answer) = (seen(4, 2), seen(5, 2));
        assert!(answer.covers(&first) && !first.covers(&answer));
        assert!(answer.sum() > first.sum());
        assert!(!seen(9, 1).covers(&first), "more in all, but not of the same logs");
    }

    #[test]
    fn absurd_sizes_do_not_overflow() {
        let seen = Seen([("IRQ".parse().unwrap(), u64::MAX), ("TUR".parse().unwrap(), 9)].into());
        assert_eq!(seen.sum(), u64::MAX);
    }
}
