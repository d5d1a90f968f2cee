//! Figures that may be published without telling anything about a single person: fixed tables of at most two dimensions.
//!
//! The rules are those of statistical disclosure control for tables of counts. Counts of one to nine are suppressed, and as
//! many further ones as it takes, so that nobody can compute a suppressed count back from the margins; all others are rounded
//! to five; nationalities of few people are merged. [`prepare`] makes such a table, [`check`] refuses every other one.
//!
//! What a reader can compute is asked in two ways. Read as exact numbers, a suppressed count is determined when its edge is
//! a bridge in the graph that has a vertex for each line of the table, margins included, and an edge for each suppressed
//! count (Gusfield, *A graph theoretic approach to statistical data security*, 1988). Read as rounded numbers, each within
//! two of what is shown, a suppressed count must still have at least five possible values; these bounds are those of a flow
//! in the same graph, and exact.

mod network;

use crate::choices;
use network::Network;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What numbers are rounded to.
pub const BASE: i64 = 5;

/// The smallest count that is published.
pub const LEAST: i64 = 10;

/// A nationality of fewer people than this is merged with others.
pub const SMALL_NATIONALITY: i64 = 50;

/// The line in which small nationalities are merged.
pub const OTHER: &str = "other";

/// How far a rounded number may lie from the count.
const HALF: i64 = 2;

/// How far apart the least and the greatest possible value of a suppressed count must be: as far as rounding itself leaves.
const SPREAD: i64 = 4;

choices! {
    /// What a table is broken down by.
    Dimension {
        /// By nationality.
        Nationality = "nationality",
        /// By camp or site.
        Site = "site",
        /// By age.
        Age = "age",
        /// By sex.
        Sex = "sex",
        /// By where people stand on their way.
        Stage = "stage",
        /// By month.
        Month = "month",
    }
}

/// What was counted, before anything is withheld.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// What the rows are.
    pub rows: Dimension,
    /// What the columns are; none for a plain list, whose rows hold one count each.
    pub columns: Option<Dimension>,
    /// The names of the rows.
    pub row_names: Vec<String>,
    /// The names of the columns.
    pub column_names: Vec<String>,
    /// The counts, row by row.
    pub cells: Vec<Vec<u32>>,
}

/// A table as it is published. `None` is a suppressed number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// What the rows are.
    pub rows: Dimension,
    /// What the columns are; none for a plain list, which has no cells besides its row totals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Dimension>,
    /// The names of the rows.
    pub row_names: Vec<String>,
    /// The names of the columns.
    pub column_names: Vec<String>,
    /// The numbers, row by row.
    pub cells: Vec<Vec<Option<i64>>>,
    /// The total of each row.
    pub row_totals: Vec<Option<i64>>,
    /// The total of each column.
    pub column_totals: Vec<Option<i64>>,
    /// The total of all.
    pub total: Option<i64>,
}

/// Why a table may not be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Exposure {
    /// A line too many or too few, or one that is named twice; or totals that no counts can have.
    #[error("the table is not well formed")]
    BadTable,
    /// Nationality, site and age come together.
    #[error("nationality, site and age are never published together")]
    ThreeDimensions,
    /// A number is not rounded to five.
    #[error("a number is not rounded to five")]
    NotRounded,
    /// A number lies between one and nine.
    #[error("a number between one and nine is not suppressed")]
    SmallCell,
    /// A nationality of few people is named.
    #[error("a small nationality is not merged")]
    SmallNationality,
    /// A suppressed number can be computed back, or nearly so.
    #[error("a suppressed number can be computed back")]
    Computable,
}

/// Where a number stands: its row and column, the last of each being the totals.
type Place = (usize, usize);

impl Table {
    /// Every number with its place, totals included.
    fn entries(&self) -> Vec<(Place, Option<i64>)> {
        let (rows, columns) = (self.row_names.len(), self.column_names.len());
        let mut entries = Vec::with_capacity((rows + 1) * (columns + 1));
        for (row, cells) in self.cells.iter().enumerate() {
            entries.extend(cells.iter().enumerate().map(|(column, cell)| ((row, column), *cell)));
        }
        entries.extend(self.row_totals.iter().enumerate().map(|(row, total)| ((row, columns), *total)));
        entries.extend(self.column_totals.iter().enumerate().map(|(column, total)| ((rows, column), *total)));
        entries.push(((rows, columns), self.total));
        entries
    }

    fn is_well_formed(&self) -> bool {
        let distinct = |names: &[String]| {
            let set: BTreeSet<&str> = names.iter().map(|name| name.trim()).collect();
            set.len() == names.len() && !set.contains("")
        };
        let (rows, columns) = (self.row_names.len(), self.column_names.len());
        rows > 0
            && distinct(&self.row_names)
            && distinct(&self.column_names)
            && (self.columns.is_some() == (columns > 0))
            && self.columns != Some(self.rows)
            && self.cells.len() == rows
            && self.cells.iter().all(|cells| cells.len() == columns)
            && self.row_totals.len() == rows
            && self.column_totals.len() == columns
    }

    /// Whether a nationality that is named has too few people, or does not show how many it has.
    fn names_small_nationality(&self) -> bool {
        let small = |names: &[String], totals: &[Option<i64>]| {
            names
                .iter()
                .zip(totals)
                .any(|(name, total)| name.trim() != OTHER && total.is_none_or(|total| total < SMALL_NATIONALITY))
        };
        (self.rows == Dimension::Nationality && small(&self.row_names, &self.row_totals))
            || (self.columns == Some(Dimension::Nationality) && small(&self.column_names, &self.column_totals))
    }

    /// The graph of the table: a circulation in which each line's numbers add up to its total.
    fn network(&self) -> (Network, Vec<Place>) {
        let (rows, columns) = (self.row_names.len(), self.column_names.len());
        let list = columns == 0;
        let nodes = if list { 2 } else { rows + columns + 2 };
        let (every_row, every_column) = (nodes - 2, nodes - 1);
        let mut network = Network::of(nodes);
        let mut places = Vec::new();
        for (place, number) in self.entries() {
            let (row, column) = place;
            let (from, to) = match (row == rows, column == columns) {
                (true, true) => (every_column, every_row),
                // In a plain list every number adds to the one total.
                (false, true) if list => (every_row, every_column),
                (false, true) => (every_row, row),
                (true, false) => (rows + column, every_column),
                (false, false) => (row, rows + column),
            };
            match number {
                Some(0) => network.edge(from, to, 0, 0, false),
                Some(shown) => network.edge(from, to, LEAST.max(shown - HALF), shown + HALF, false),
                // A zero is always shown, so what is suppressed is at least one.
                None => network.edge(from, to, 1, network::UNBOUNDED, true),
            }
            places.push(place);
        }
        (network, places)
    }

    /// The suppressed numbers that can be computed back; `None` when no counts at all fit the table.
    fn computable(&self) -> Option<Vec<Place>> {
        let (mut network, places) = self.network();
        if !network.settle() {
            return None;
        }
        let mut exposed = network.bridges();
        exposed.extend(network.narrow(SPREAD));
        Some(exposed.into_iter().map(|edge| places[edge]).collect())
    }
}

/// Checks that a table may be published. `fixed` is what all of its people have in common where it is made: those of an
/// operation come from one site, those of a third state's register have one nationality.
///
/// # Errors
/// The first [`Exposure`] found.
pub fn check(table: &Table, fixed: Option<Dimension>) -> Result<(), Exposure> {
    if !table.is_well_formed() || table.entries().iter().any(|(_, number)| number.is_some_and(|shown| shown < 0)) {
        return Err(Exposure::BadTable);
    }
    let dimensions: BTreeSet<Dimension> = [Some(table.rows), table.columns, fixed].into_iter().flatten().collect();
    if [Dimension::Nationality, Dimension::Site, Dimension::Age].iter().all(|dimension| dimensions.contains(dimension)) {
        return Err(Exposure::ThreeDimensions);
    }
    let shown: Vec<i64> = table.entries().into_iter().filter_map(|(_, number)| number).collect();
    if shown.iter().any(|number| (1..LEAST).contains(number)) {
        return Err(Exposure::SmallCell);
    }
    if shown.iter().any(|number| number % BASE != 0) {
        return Err(Exposure::NotRounded);
    }
    if table.names_small_nationality() {
        return Err(Exposure::SmallNationality);
    }
    match table.computable() {
        None => Err(Exposure::BadTable),
        Some(exposed) if !exposed.is_empty() => Err(Exposure::Computable),
        Some(_) => Ok(()),
    }
}

/// Makes of counts a table that may be published. Where two dimensions would give somebody away, the columns are dropped.
#[must_use]
pub fn prepare(counts: &Counts) -> Table {
    let mut counts = counts.clone();
    if counts.columns == Some(Dimension::Nationality) {
        counts = merged(counts.transposed()).transposed();
    }
    if counts.rows == Dimension::Nationality {
        counts = merged(counts);
    }
    suppressed(&counts).unwrap_or_else(|| {
        let list = if counts.columns == Some(Dimension::Nationality) { counts.transposed() } else { counts };
        let list = list.without_columns();
        suppressed(&list).unwrap_or_else(|| list.table(&list.all_places()))
    })
}

impl Counts {
    fn row_total(&self, row: usize) -> i64 {
        self.cells[row].iter().map(|count| i64::from(*count)).sum()
    }

    fn transposed(self) -> Counts {
        let Some(columns) = self.columns else { return self };
        let cells = (0..self.column_names.len()).map(|column| self.cells.iter().map(|row| row[column]).collect()).collect();
        Counts { rows: columns, columns: Some(self.rows), row_names: self.column_names, column_names: self.row_names, cells }
    }

    fn without_columns(mut self) -> Counts {
        self.columns = None;
        self.column_names.clear();
        self.cells =
            self.cells.iter().map(|row| vec![row.iter().fold(0, |sum: u32, count| sum.saturating_add(*count))]).collect();
        self
    }

    /// The count at a place, totals included.
    fn at(&self, (row, column): Place) -> i64 {
        let rows = if row == self.row_names.len() { 0..row } else { row..row + 1 };
        let one = |row: usize| {
            if column == self.column_names.len() { self.row_total(row) } else { i64::from(self.cells[row][column]) }
        };
        rows.map(one).sum()
    }

    fn all_places(&self) -> BTreeSet<Place> {
        let all = (0..=self.row_names.len()).flat_map(|row| (0..=self.column_names.len()).map(move |column| (row, column)));
        all.filter(|place| self.at(*place) > 0).collect()
    }

    /// The table in which these places are suppressed and all others rounded.
    fn table(&self, suppressed: &BTreeSet<Place>) -> Table {
        let (rows, columns) = (self.row_names.len(), self.column_names.len());
        let shown = |place: Place| (!suppressed.contains(&place)).then(|| rounded(self.at(place)));
        Table {
            rows: self.rows,
            columns: self.columns,
            row_names: self.row_names.clone(),
            column_names: self.column_names.clone(),
            cells: (0..rows).map(|row| (0..columns).map(|column| shown((row, column))).collect()).collect(),
            row_totals: (0..rows).map(|row| shown((row, columns))).collect(),
            column_totals: (0..columns).map(|column| shown((rows, column))).collect(),
            total: shown((rows, columns)),
        }
    }

    /// Whether this total is shown in every case: that of a nationality that is named.
    fn is_fixed(&self, (row, column): Place) -> bool {
        let (rows, columns) = (self.row_names.len(), self.column_names.len());
        let of_row = self.rows == Dimension::Nationality && column == columns && row < rows;
        let of_column = self.columns == Some(Dimension::Nationality) && row == rows && column < columns;
        (of_row && self.row_names[row] != OTHER) || (of_column && self.column_names[column] != OTHER)
    }
}

/// Merges the rows of few people, so that what is merged is not itself the number of one small nationality.
fn merged(mut counts: Counts) -> Counts {
    let mut order: Vec<usize> = (0..counts.row_names.len()).collect();
    order.sort_by_key(|row| counts.row_total(*row));
    let mut into: BTreeSet<usize> = order.iter().copied().filter(|row| counts.row_names[*row].trim() == OTHER).collect();
    let mut people: i64 = into.iter().map(|row| counts.row_total(*row)).sum();
    for row in order {
        let size = counts.row_total(row);
        let small = size < SMALL_NATIONALITY;
        if (small || (!into.is_empty() && (people < SMALL_NATIONALITY || into.len() == 1))) && into.insert(row) {
            people += size;
        }
    }
    if into.is_empty() {
        return counts;
    }
    let width = counts.cells.first().map_or(0, Vec::len);
    let sum = |column: usize| into.iter().fold(0_u32, |sum, row| sum.saturating_add(counts.cells[*row][column]));
    let other: Vec<u32> = (0..width).map(sum).collect();
    let keep = |row: &usize| !into.contains(row);
    let kept: Vec<usize> = (0..counts.row_names.len()).filter(keep).collect();
    let mut names: Vec<String> = kept.iter().map(|row| counts.row_names[*row].clone()).collect();
    let mut cells: Vec<Vec<u32>> = kept.iter().map(|row| counts.cells[*row].clone()).collect();
    names.push(OTHER.to_owned());
    cells.push(other);
    (counts.row_names, counts.cells) = (names, cells);
    counts
}

/// The count as it is shown.
fn rounded(count: i64) -> i64 {
    (count + HALF) / BASE * BASE
}

/// The table with all that must be suppressed, or none when nothing more can be while something is still given away.
fn suppressed(counts: &Counts) -> Option<Table> {
    let mut hidden: BTreeSet<Place> =
        counts.all_places().into_iter().filter(|place| (1..LEAST).contains(&counts.at(*place))).collect();
    loop {
        let table = counts.table(&hidden);
        let exposed = table.computable()?;
        if exposed.is_empty() {
            return Some(table).filter(|table| !table.names_small_nationality());
        }
        hidden.insert(complement(counts, &hidden, exposed[0])?);
    }
}

/// What to suppress besides, to protect a number: the smallest in its row or its column, a total only when there is nothing
/// else.
fn complement(counts: &Counts, hidden: &BTreeSet<Place>, exposed: Place) -> Option<Place> {
    let (rows, columns) = (counts.row_names.len(), counts.column_names.len());
    let open = counts.all_places().into_iter().filter(|place| !hidden.contains(place) && !counts.is_fixed(*place));
    open.min_by_key(|(row, column)| {
        let near = *row == exposed.0 || *column == exposed.1;
        let total = *row == rows || (*column == columns && columns > 0);
        (total, !near, counts.at((*row, *column)))
    })
}

#[cfg(test)]
mod tests;
