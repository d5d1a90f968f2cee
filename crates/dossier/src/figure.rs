//! Figures that people rely on, and what they are worth: a number never stands without its source, its day, and what was
//! counted. Figures that contradict each other stand side by side.

use crate::act::{Field, Shape};
use crate::sheet::{Datum, Fact, Row};
use crate::time::Date;
use serde::{Deserialize, Serialize};

/// A number with what it is worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// What it is the number of.
    pub subject: String,
    /// The number.
    pub value: i64,
    /// Who says so, or where it stands.
    pub source: String,
    /// The day as of which it holds.
    pub as_of: Date,
    /// What was counted, and how.
    pub counting_rule: String,
}

impl Figure {
    /// The fields of a figure.
    pub const FIELDS: &'static [Field] = &[
        Field { name: "subject", required: true, shape: Shape::Text(300) },
        Field { name: "value", required: true, shape: Shape::Whole(0, 1_000_000_000_000) },
        Field { name: "source", required: true, shape: Shape::Text(300) },
        Field { name: "as_of", required: true, shape: Shape::Date },
        Field { name: "counting_rule", required: true, shape: Shape::Text(500) },
    ];

    /// Up to a hundred figures, as the rows of an act.
    pub const ROWS: Shape = Shape::Rows(100, Self::FIELDS);

    /// The figure as a row of a sheet.
    #[must_use]
    pub fn row(&self, reference: impl Into<String>) -> Row {
        let facts = vec![
            Fact::new("subject", Datum::Text(self.subject.clone())),
            Fact::new("value", Datum::Number(self.value)),
            Fact::new("source", Datum::Text(self.source.clone())),
            Fact::new("as_of", Datum::Date(self.as_of)),
            Fact::new("counting_rule", Datum::Text(self.counting_rule.clone())),
        ];
        Row { facts, ..Row::new(reference) }
    }
}

/// A number derived from several dossiers or items, with all that makes it weaker. An aggregate is never shown without it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aggregate {
    /// How many it is made of.
    pub n: u64,
    /// Of how many of these the parties contradict each other.
    pub contested: u64,
    /// Of how many of these the last word is older than it may be.
    pub stale: u64,
    /// Of how many of these nothing is known.
    pub unknown: u64,
}

impl Aggregate {
    /// The aggregate as facts of a sheet: `n`, `contested`, `stale`, `unknown`.
    #[must_use]
    pub fn facts(&self) -> Vec<Fact> {
        let fact = |name: &str, count: u64| Fact::new(name, Datum::Number(i64::try_from(count).unwrap_or(i64::MAX)));
        vec![fact("n", self.n), fact("contested", self.contested), fact("stale", self.stale), fact("unknown", self.unknown)]
    }
}
