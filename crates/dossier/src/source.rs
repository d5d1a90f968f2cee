//! Sources: where something that a dossier says can be read by others.

use crate::act::{Field, Shape};
use crate::sheet::{Datum, Fact, Row, Section};
use crate::time::Date;
use serde::{Deserialize, Serialize};

/// A published text on which a dossier rests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What it is called.
    pub title: String,
    /// Where it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Who published it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// When it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
}

impl Source {
    /// Up to fifty sources, as the rows of an act.
    pub const ROWS: Shape = Shape::Rows(
        50,
        &[
            Field { name: "title", required: true, shape: Shape::Text(400) },
            Field { name: "url", required: false, shape: Shape::Text(1000) },
            Field { name: "publisher", required: false, shape: Shape::Text(200) },
            Field { name: "date", required: false, shape: Shape::Date },
        ],
    );

    /// The sources as a part of what a dossier shows; nothing when there are none.
    #[must_use]
    pub fn section(sources: &[Source]) -> Option<Section> {
        let rows: Vec<Row> = sources.iter().enumerate().map(|(number, source)| source.row(number + 1)).collect();
        (!rows.is_empty()).then(|| Section::new("sources", rows))
    }

    fn row(&self, number: usize) -> Row {
        let mut facts = vec![Fact::new("title", Datum::Text(self.title.clone()))];
        facts.extend(self.publisher.iter().map(|publisher| Fact::new("publisher", Datum::Text(publisher.clone()))));
        facts.extend(self.url.iter().map(|url| Fact::new("url", Datum::Text(url.clone()))));
        facts.extend(self.date.iter().map(|date| Fact::new("date", Datum::Date(*date))));
        Row { facts, ..Row::new(number.to_string()) }
    }
}
