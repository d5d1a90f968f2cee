//! Gathers hits: each is decided first, then counted and ranked. What is not allowed leaves no trace in what comes back.

use super::schema::{DOOR, Facet, LAST, TIE};
use crate::access::{Authorized, ToRead};
use crate::views::{Door, Looking};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader, TantivyError};

/// Gathers the hits that one officer may see.
pub(super) struct Gather<'l> {
    pub(super) looking: &'l Looking,
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

/// A facet's column, and how often each of its values was met.
struct Counted {
    facet: Facet,
    column: StrColumn,
    counts: Vec<u64>,
}

/// Gathers in one segment.
pub(super) struct InSegment {
    segment: SegmentOrdinal,
    doors: Option<StrColumn>,
    /// By the door's number: leave to find what stands behind it.
    leave: Vec<Option<Authorized<Door, ToRead>>>,
    facets: Vec<Counted>,
    tie: Column<u64>,
    last: Column<i64>,
    since: Option<i64>,
    most: usize,
    total: u64,
    first: BinaryHeap<Reverse<Ranked>>,
}

fn ords(column: &StrColumn) -> impl Iterator<Item = u64> {
    0..column.num_terms() as u64
}

fn text(column: &StrColumn, ord: u64) -> Result<String, TantivyError> {
    let mut text = String::new();
    column.ord_to_str(ord, &mut text)?;
    Ok(text)
}

impl Collector for Gather<'_> {
    type Fruit = Gathered;
    type Child = InSegment;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<InSegment> {
        let columns = reader.fast_fields();
        let doors = columns.str(DOOR)?;
        let mut leave = Vec::new();
        for (column, ord) in doors.iter().flat_map(|column| ords(column).map(move |ord| (column, ord))) {
            let door: Option<Door> = serde_json::from_str(&text(column, ord)?).ok();
            leave.push(door.and_then(|door| self.looking.may_find(door, self.asks_for_returns)));
        }
        let mut facets = Vec::new();
        for facet in Facet::ALL {
            if let Some(column) = columns.str(facet.name())? {
                let counts = vec![0; column.num_terms()];
                facets.push(Counted { facet, column, counts });
            }
        }
        let (tie, last) = (columns.u64(TIE)?, columns.i64(LAST)?);
        let (since, most) = (self.since, self.most);
        Ok(InSegment { segment, doors, leave, facets, tie, last, since, most, total: 0, first: BinaryHeap::new() })
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
        let door = self.doors.as_ref().and_then(|doors| doors.term_ords(doc).next());
        let allowed = door.and_then(|door| self.leave.get(usize::try_from(door).ok()?)?.as_ref());
        if allowed.is_none() {
            return;
        }
        let last = self.last.first(doc).unwrap_or_default();
        if self.since.is_some_and(|since| last < since) {
            return;
        }
        self.total += 1;
        for facet in &mut self.facets {
            for ord in facet.column.term_ords(doc) {
                if let Some(count) = usize::try_from(ord).ok().and_then(|ord| facet.counts.get_mut(ord)) {
                    *count += 1;
                }
            }
        }
        // Weights are sums of whole numbers.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive whole number")]
        let weight = score.round() as u64;
        let ranked = Ranked { weight, last, tie: Reverse(self.tie.first(doc).unwrap_or_default()), at: (self.segment, doc) };
        if self.first.len() < self.most {
            self.first.push(Reverse(ranked));
        } else if self.first.peek().is_some_and(|least| least.0 < ranked) {
            self.first.pop();
            self.first.push(Reverse(ranked));
        }
    }

    fn harvest(self) -> tantivy::Result<Gathered> {
        let mut counts: BTreeMap<Facet, BTreeMap<String, u64>> = BTreeMap::new();
        for facet in self.facets {
            for (ord, count) in facet.counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
                let value = text(&facet.column, ord as u64)?;
                counts.entry(facet.facet).or_default().insert(value, count);
            }
        }
        Ok(Gathered { total: self.total, first: self.first.into_iter().map(|ranked| ranked.0).collect(), counts })
    }
}
