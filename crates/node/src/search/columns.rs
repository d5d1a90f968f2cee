//! What hits are decided, ordered and counted by, held in memory for every document of a segment. Segments never change, so each
//! is read once, and serves until it is merged into another.

use super::schema::{DOOR, Facet, LAST, TIE};
use crate::views::Door;
use std::collections::BTreeMap;
use std::sync::Arc;
use tantivy::columnar::StrColumn;
use tantivy::index::SegmentId;
use tantivy::{DocId, Searcher, SegmentReader};

/// The columns of all segments that are searched.
pub(super) type AllColumns = Arc<BTreeMap<SegmentId, Arc<Columns>>>;

/// The columns of one segment.
pub(super) struct Columns {
    /// The doors before its documents, each once. What cannot be read opens to nobody.
    pub(super) doors: Vec<Option<Door>>,
    /// The values of all facets, each once.
    pub(super) values: Vec<(Facet, String)>,
    rows: Vec<Row>,
    /// The values that documents have, one document after the other.
    had: Vec<u32>,
}

/// What one document has.
#[derive(Clone, Copy)]
pub(super) struct Row {
    /// Its place among the doors, beyond them when it has none.
    door: u32,
    /// Where its values begin and end.
    had: (u32, u32),
    /// When something was last done in it, in seconds since 1970 UTC.
    pub(super) last: i64,
    pub(super) tie: u64,
}

impl Columns {
    /// The columns of what is searched now. Those of segments that were known before are not read again.
    pub(super) fn all(searcher: &Searcher, known: &AllColumns) -> tantivy::Result<AllColumns> {
        let each = searcher.segment_readers().iter().map(|reader| {
            let columns = match known.get(&reader.segment_id()) {
                Some(columns) => columns.clone(),
                None => Arc::new(Columns::read(reader)?),
            };
            Ok((reader.segment_id(), columns))
        });
        Ok(Arc::new(each.collect::<tantivy::Result<_>>()?))
    }

    pub(super) fn read(reader: &SegmentReader) -> tantivy::Result<Columns> {
        let columns = reader.fast_fields();
        let door = columns.str(DOOR)?;
        let doors = texts(door.as_ref())?.iter().map(|door| serde_json::from_str(door).ok()).collect();
        let (mut values, mut facets) = (Vec::new(), Vec::new());
        for facet in Facet::ALL {
            if let Some(column) = columns.str(facet.name())? {
                let first = number(values.len());
                values.extend(texts(Some(&column))?.into_iter().map(|value| (facet, value)));
                facets.push((first, column));
            }
        }
        let (tie, last) = (columns.u64(TIE)?, columns.i64(LAST)?);
        let (mut rows, mut had) = (Vec::with_capacity(reader.max_doc() as usize), Vec::new());
        for doc in 0..reader.max_doc() {
            let begin = number(had.len());
            for (first, column) in &facets {
                had.extend(column.term_ords(doc).map(|ord| first + u32::try_from(ord).unwrap_or(u32::MAX - first)));
            }
            let door = door.as_ref().and_then(|column| column.term_ords(doc).next());
            rows.push(Row {
                door: door.and_then(|ord| u32::try_from(ord).ok()).unwrap_or(u32::MAX),
                had: (begin, number(had.len())),
                last: last.first(doc).unwrap_or_default(),
                tie: tie.first(doc).unwrap_or_default(),
            });
        }
        had.shrink_to_fit();
        Ok(Columns { doors, values, rows, had })
    }

    /// What this document has.
    pub(super) fn row(&self, doc: DocId) -> Option<&Row> {
        self.rows.get(doc as usize)
    }

    /// The places of its values among all.
    pub(super) fn had(&self, row: &Row) -> &[u32] {
        self.had.get(row.had.0 as usize..row.had.1 as usize).unwrap_or_default()
    }
}

impl Row {
    pub(super) fn door(&self) -> usize {
        self.door as usize
    }
}

/// A segment has fewer documents, and each of those fewer values, than would leave 32 bits.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn texts(column: Option<&StrColumn>) -> tantivy::Result<Vec<String>> {
    let Some(column) = column else { return Ok(Vec::new()) };
    let each = (0..column.num_terms() as u64).map(|ord| {
        let mut text = String::new();
        column.ord_to_str(ord, &mut text)?;
        Ok(text)
    });
    each.collect()
}
