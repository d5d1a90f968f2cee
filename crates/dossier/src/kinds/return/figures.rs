//! Figures that are published: a table that gives nobody away, with its source, its day and what was counted.

use super::refusals::ReturnRefusal;
use crate::act::{Field, Shape};
use crate::acts;
use crate::fold::Context;
use crate::publish::{Dimension, Exposure, Table, check};
use crate::refusal::Refusal;
use crate::sheet::{Datum, Fact, Row, Section};
use crate::time::{Date, Moment};
use serde::{Deserialize, Serialize};

/// One number of a line. A number that is left out is suppressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The name of its column.
    pub column: String,
    /// The number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
}

/// One line of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its name; `other` for the merged ones.
    pub line: String,
    /// Its numbers; none in a plain list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<Vec<Cell>>,
    /// Its total. A total that is left out is suppressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
}

const NUMBER: Field = Field { name: "count", required: false, shape: Shape::Whole(0, 100_000_000) };

const CELLS: Shape = Shape::Rows(20, &[Field { name: "column", required: true, shape: Shape::Text(100) }, NUMBER]);

const LINES: Shape = Shape::Rows(
    60,
    &[
        Field { name: "line", required: true, shape: Shape::Text(100) },
        Field { name: "cells", required: false, shape: CELLS },
        NUMBER,
    ],
);

acts! {
    /// Publishes a table of figures. Numbers of one to nine are left out, and others with them; the rest is rounded to five.
    PublishFigures = "publish-figures" by [Releaser] {
        /// What the lines are.
        required rows_by: Dimension => Shape::Choice(Dimension::NAMES);
        /// What the columns are, where there are any.
        optional columns_by: Dimension => Shape::Choice(Dimension::NAMES);
        /// The lines, each with the same columns in the same order.
        required lines: Vec<Line> => LINES;
        /// The totals of the columns.
        optional column_totals: Vec<Cell> => CELLS;
        /// The total of all, when it is not suppressed.
        optional total: i64 => Shape::Whole(0, 1_000_000_000);
        /// Who counted.
        required source: String => Shape::Text(300);
        /// The day of counting.
        required as_of: Date => Shape::Date;
        /// What was counted, and how.
        required counting_rule: String => Shape::Text(500);
    }
}

/// A table that was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Published {
    table: Table,
    source: String,
    as_of: Date,
    counting_rule: String,
    at: Moment,
}

/// Publishes a table among people who have `fixed` in common.
pub(super) fn publish(
    published: &mut Vec<Published>,
    context: &Context<'_>,
    fixed: Dimension,
    act: Act,
) -> Result<(), Refusal> {
    let Act::PublishFigures(act) = act;
    if act.as_of > context.stamp.at.civil_date() {
        return Err(Refusal::from(ReturnRefusal::BadDay).at("as_of"));
    }
    if published.iter().any(|earlier| earlier.as_of == act.as_of) {
        return Err(Refusal::from(ReturnRefusal::PublishedAlready).at("as_of"));
    }
    let table = table(&act).ok_or_else(|| Refusal::from(ReturnRefusal::BadTable).at("lines"))?;
    check(&table, Some(fixed)).map_err(|exposure| Refusal::from(rule(exposure)).at("lines"))?;
    let PublishFigures { source, as_of, counting_rule, .. } = act;
    published.push(Published { table, source, as_of, counting_rule, at: context.stamp.at });
    Ok(())
}

fn rule(exposure: Exposure) -> ReturnRefusal {
    match exposure {
        Exposure::BadTable => ReturnRefusal::BadTable,
        Exposure::ThreeDimensions => ReturnRefusal::ThreeDimensions,
        Exposure::NotRounded => ReturnRefusal::NotRounded,
        Exposure::SmallCell => ReturnRefusal::SmallCell,
        Exposure::SmallNationality => ReturnRefusal::SmallNationality,
        Exposure::Computable => ReturnRefusal::Computable,
    }
}

/// The table that an act writes; none when its lines do not have the columns that the totals name.
fn table(act: &PublishFigures) -> Option<Table> {
    let totals = act.column_totals.clone().unwrap_or_default();
    let names: Vec<String> = totals.iter().map(|cell| cell.column.clone()).collect();
    let mut cells = Vec::with_capacity(act.lines.len());
    for line in &act.lines {
        let row = line.cells.clone().unwrap_or_default();
        if !row.iter().map(|cell| &cell.column).eq(&names) {
            return None;
        }
        cells.push(row.into_iter().map(|cell| cell.count).collect());
    }
    Some(Table {
        rows: act.rows_by,
        columns: act.columns_by,
        row_names: act.lines.iter().map(|line| line.line.clone()).collect(),
        column_names: names,
        cells,
        row_totals: act.lines.iter().map(|line| line.count).collect(),
        column_totals: totals.into_iter().map(|cell| cell.count).collect(),
        total: act.total,
    })
}

/// A section for each published table, a line a row. What is suppressed is shown as such.
pub(super) fn sections(published: &[Published]) -> Vec<Section> {
    let rows = published.iter().enumerate().flat_map(|(number, published)| rows(number + 1, published)).collect();
    vec![Section::new("figures", rows)]
}

fn rows(number: usize, published: &Published) -> Vec<Row> {
    let table = &published.table;
    let shown = |count: Option<i64>| count.map_or_else(|| Datum::Term("suppressed".to_owned()), Datum::Number);
    let mut head = vec![
        Fact::term("rows-by", table.rows.name()),
        Fact::new("source", Datum::Text(published.source.clone())),
        Fact::new("as-of", Datum::Date(published.as_of)),
        Fact::new("counting-rule", Datum::Text(published.counting_rule.clone())),
        Fact::new("total", shown(table.total)),
        Fact::new("published-at", Datum::Moment(published.at)),
    ];
    head.extend(table.columns.map(|columns| Fact::term("columns-by", columns.name())));
    let mut rows = vec![Row { facts: head, ..Row::new(number.to_string()) }];
    for (index, (name, cells)) in table.row_names.iter().zip(&table.cells).enumerate() {
        let mut facts = vec![Fact::new("line", Datum::Text(name.clone()))];
        let named = table.column_names.iter().zip(cells);
        facts.extend(named.map(|(column, count)| Fact::new("count", Datum::List(vec![Datum::Text(column.clone()), shown(*count)]))));
        facts.push(Fact::new("total", shown(table.row_totals[index])));
        rows.push(Row { facts, ..Row::new(format!("{number}.{}", index + 1)) });
    }
    rows
}
