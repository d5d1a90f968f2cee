//! Gathers hits: each is decided first, then counted and ranked. What is not allowed leaves no trace in what comes back.

use super::columns::{AllColumns, Columns};
use super::schema::Facet;
use crate::access::{Authorized, ToRead};
use crate::views::{Door, Looking};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

/// Gathers the hits that one officer may see.
pub(super) struct Gather<'l> {
    pub(super) looking: &'l Looking,
    pub(super) columns: &'l AllColumns,
    pub(super) asks_for_returns: bool,
    /// Only what something was done in since then, in seconds since 1970 UTC.
    pub(super) since: Option<i64>,
    /// How many of the first hits are wanted.
    pub(super) most: usize,
}

/// A hit with its rank: weight, then the latest, then an order of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ranked {
    weight: u64,
    last: i64,
    tie: Reverse<u64>,
    pub(super) at: (SegmentOrdinal, DocId),
}

impl Ranked {
    pub(super) fn address(&self) -> DocAddress {
        DocAddress::new(self.at.0, self.at.1)
    }
}

/// What was gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) total: u64,
    /// The first hits, the best first.
    pub(super) first: Vec<Ranked>,
    pub(super) counts: BTreeMap<Facet, BTreeMap<String, u64>>,
}

/// Gathers in one segment.
pub(super) struct InSegment {
    segment: SegmentOrdinal,
    columns: Arc<Columns>,
    /// By the door's place: leave to find what stands behind it.
    leave: Vec<Option<Authorized<Door, ToRead>>>,
    /// By the value's place: how often it was met.
    counts: Vec<u64>,
    since: Option<i64>,
    most: usize,
    total: u64,
    first: BinaryHeap<Reverse<Ranked>>,
}

impl Collector for Gather<'_> {
    type Fruit = Gathered;
    type Child = InSegment;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<InSegment> {
        let columns = match self.columns.get(&reader.segment_id()) {
            Some(columns) => columns.clone(),
            None => Arc::new(Columns::read(reader)?),
        };
        let may_find = |door: &Option<Door>| self.looking.may_find(door.clone()?, self.asks_for_returns);
        let leave = columns.doors.iter().map(may_find).collect();
        let counts = vec![0; columns.values.len()];
        let (since, most) = (self.since, self.most);
        Ok(InSegment { segment, columns, leave, counts, since, most, total: 0, first: BinaryHeap::new() })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, fruits: Vec<tantivy::Result<Gathered>>) -> tantivy::Result<Gathered> {
        let mut all = Gathered::default();
        for fruit in fruits {
            let fruit = fruit?;
            all.total += fruit.total;
            all.first.extend(fruit.first);
            for (facet, counts) in fruit.counts {
                let counted = all.counts.entry(facet).or_default();
                counts.into_iter().for_each(|(value, count)| *counted.entry(value).or_default() += count);
            }
        }
        all.first.sort_by(|one, other| other.cmp(one));
        all.first.truncate(self.most);
        Ok(all)
    }
}

impl SegmentCollector for InSegment {
    type Fruit = tantivy::Result<Gathered>;

    fn collect(&mut self, doc: DocId, score: Score) {
        let Some(row) = self.columns.row(doc) else { return };
        let allowed = self.leave.get(row.door()).and_then(Option::as_ref);
        if allowed.is_none() || self.since.is_some_and(|since| row.last < since) {
            return;
        }
        self.total += 1;
        for value in self.columns.had(row) {
            if let Some(count) = self.counts.get_mut(*value as usize) {
                *count += 1;
            }
        }
        // Weights are sums of whole numbers.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive whole number")]
        let weight = score.round() as u64;
        let ranked = Ranked { weight, last: row.last, tie: Reverse(row.tie), at: (self.segment, doc) };
        if self.first.len() < self.most {
            self.first.push(Reverse(ranked));
        } else if self.first.peek().is_some_and(|least| least.0 < ranked) {
            self.first.pop();
            self.first.push(Reverse(ranked));
        }
    }

    fn harvest(self) -> tantivy::Result<Gathered> {
        let mut counts: BTreeMap<Facet, BTreeMap<String, u64>> = BTreeMap::new();
        for ((facet, value), count) in self.columns.values.iter().zip(self.counts).filter(|(_, count)| *count > 0) {
            counts.entry(*facet).or_default().insert(value.clone(), count);
        }
        Ok(Gathered { total: self.total, first: self.first.into_iter().map(|ranked| ranked.0).collect(), counts })
    }
}
