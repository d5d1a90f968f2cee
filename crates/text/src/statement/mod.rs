//! The statement reader: an Arabic press statement in, a structured reading out.
//!
//! The fields are those of the reading scheme for joint statements: acts, parties, persons, institutions, places, dates,
//! bodies, instruments, topics, commitments, numbers, and lines to drop. Everything is read off the text by rules and the
//! lists of [`crate::gazetteer`]; a person confirms what is proposed. Offsets are in characters of the original text.

mod acts;
mod bodies;
mod commitments;
mod document;
mod drop;
mod institutions;
mod instruments;
mod latin;
pub mod merge;
mod numbers;
mod parties;
mod persons;
mod places;
mod proposal;
mod topics;

use crate::date::Date;
use crate::language::{Language, language};
use document::Doc;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use proposal::{Proposal, propose};

/// A stretch of the original text, in characters; `start` inclusive, `end` exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// First character.
    pub start: usize,
    /// Behind the last character.
    pub end: usize,
}

/// A kind of act that the text reports; the scheme's `acts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// `meeting`, `visit`, `instrument_signed` …, as listed in the scheme.
    pub kind: String,
    /// The words it rests on.
    #[serde(skip)]
    pub evidence: Vec<Span>,
}

/// A party to the acts; the scheme's `parties`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// ISO 3166-1 alpha-3, or COALITION, NATO, UN, EU, GCC, LAS, AIMC, KRG, SDF, AANES.
    pub party: String,
    /// The words it rests on.
    #[serde(skip)]
    pub evidence: Vec<Span>,
}

/// A named official; the scheme's `persons`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name as written, without title or rank.
    pub name: String,
    /// The office as written; several when the text gives several.
    pub office: Vec<String>,
    /// The party served; empty when the text does not tell.
    pub party: String,
    /// The words it rests on: the name, then the office.
    #[serde(skip)]
    pub evidence: Vec<Span>,
}

/// A state or international body that takes part, speaks or signs; the scheme's `institutions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Institution {
    /// The name, written out when it is buried in a conjunction.
    pub name: String,
    /// The party it belongs to.
    pub party: String,
    /// `interior`, `foreign` …, as listed in the scheme.
    pub sector: String,
    /// The phrase as it stands in the text.
    pub surface: String,
    /// The words it rests on.
    #[serde(skip)]
    pub evidence: Vec<Span>,
}

/// A place below the state; the scheme's `places`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The name as written.
    pub name: String,
    /// `venue` or `subject`.
    pub role: String,
    /// The words it rests on.
    #[serde(skip)]
    pub evidence: Vec<Span>,
}

/// A date of the text; the scheme's `dates`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateItem {
    /// The words.
    pub text: String,
    /// The date they mean; `None` when a relative date cannot be resolved.
    pub value: Option<Date>,
    /// The words it rests on.
    #[serde(skip)]
    pub evidence: Vec<Span>,
}

/// A committee, mechanism or joint centre; the scheme's `bodies`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// The name as written.
    pub name: String,
    /// The parties that keep it.
    pub parties: Vec<String>,
    /// `existing` or `planned`.
    pub status: String,
    /// The words it rests on.
    #[serde(skip)]
    pub evidence: Vec<Span>,
}

/// An agreement or paper; the scheme's `instruments`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instrument {
    /// The name as written.
    pub name: String,
    /// `mou`, `agreement`, `protocol`, `minutes`, `joint_statement` or `plan`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The year the text gives for it.
    pub year: Option<i32>,
    /// `signed`, `in_force`, `planned` or `issued`.
    pub status: String,
    /// The words it rests on.
    #[serde(skip)]
    pub evidence: Vec<Span>,
}

/// A matter of talk, act or undertaking; the scheme's `topics`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// `border_security` …, as listed in the scheme.
    pub topic: String,
    /// The words it rests on.
    #[serde(skip)]
    pub evidence: Vec<Span>,
}

/// A clause by which a party binds itself; the scheme's `commitments`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commitment {
    /// Who owes.
    pub by: Vec<String>,
    /// Who is owed; empty when nobody is named or it is mutual.
    pub to: Vec<String>,
    /// The clause as written.
    pub span: String,
    /// First character of the clause.
    pub start: usize,
    /// Behind its last character.
    pub end: usize,
    /// The words it rests on.
    #[serde(skip)]
    pub evidence: Vec<Span>,
}

/// Something counted; the scheme's `numbers`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Number {
    /// The words.
    pub text: String,
    /// The number; whole numbers are written without a point.
    pub value: serde_json::Number,
    /// `persons`, `kg` …, as listed in the scheme.
    pub unit: String,
    /// The words it rests on.
    #[serde(skip)]
    pub evidence: Vec<Span>,
}

/// A line that is no part of the statement; the scheme's `drop`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DroppedLine {
    /// Counted from 0 after splitting at `\n`.
    pub line: usize,
    /// The line as written, without blanks at its ends.
    pub text: String,
    /// The words it rests on.
    #[serde(skip)]
    pub evidence: Vec<Span>,
}

/// What the reader draws from one statement. Its JSON is exactly the scheme's, without `id` and `published`, which the caller knows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Reading {
    /// Kinds of act, the main one first.
    pub acts: Vec<Act>,
    /// Parties, in the order they are first named.
    pub parties: Vec<Party>,
    /// Named officials.
    pub persons: Vec<Person>,
    /// State and international bodies.
    pub institutions: Vec<Institution>,
    /// Places below the state.
    pub places: Vec<Place>,
    /// Explicit and relative dates.
    pub dates: Vec<DateItem>,
    /// Committees and mechanisms.
    pub bodies: Vec<Body>,
    /// Agreements and papers.
    pub instruments: Vec<Instrument>,
    /// Topics.
    pub topics: Vec<Topic>,
    /// Undertakings.
    pub commitments: Vec<Commitment>,
    /// What is counted.
    pub numbers: Vec<Number>,
    /// Lines to leave out.
    pub drop: Vec<DroppedLine>,
}

impl Reading {
    /// The spans each item rests on: under the field's name, one list of spans for each item in its order.
    #[must_use]
    pub fn evidence(&self) -> BTreeMap<&'static str, Vec<Vec<Span>>> {
        fn spans<T>(items: &[T], of: impl Fn(&T) -> &Vec<Span>) -> Vec<Vec<Span>> {
            items.iter().map(|i| of(i).clone()).collect()
        }
        BTreeMap::from([
            ("acts", spans(&self.acts, |x| &x.evidence)),
            ("parties", spans(&self.parties, |x| &x.evidence)),
            ("persons", spans(&self.persons, |x| &x.evidence)),
            ("institutions", spans(&self.institutions, |x| &x.evidence)),
            ("places", spans(&self.places, |x| &x.evidence)),
            ("dates", spans(&self.dates, |x| &x.evidence)),
            ("bodies", spans(&self.bodies, |x| &x.evidence)),
            ("instruments", spans(&self.instruments, |x| &x.evidence)),
            ("topics", spans(&self.topics, |x| &x.evidence)),
            ("commitments", spans(&self.commitments, |x| &x.evidence)),
            ("numbers", spans(&self.numbers, |x| &x.evidence)),
            ("drop", spans(&self.drop, |x| &x.evidence)),
        ])
    }
}

/// No field lists more than this; a press statement never does, and a hostile text must not cost the square of its length.
const MOST: usize = 200;

/// Reads a statement in Arabic, English or Turkish; the language is told from the text. `published` is the day it appeared, where known; relative dates are resolved against it.
#[must_use]
pub fn read(text: &str, published: Option<Date>) -> Reading {
    match language(text) {
        Language::Arabic => read_arabic(text, published),
        other => latin::read(text, other, published),
    }
}

fn read_arabic(text: &str, published: Option<Date>) -> Reading {
    let (mut doc, drop) = Doc::new(text, published);
    let persons = persons::read(&doc);
    let again = doc.forget_mentions_in(persons.iter().map(|p| p.name.clone()));
    // Without the false mention the parties, and so whom an official serves, may look different.
    let persons = if again { persons::read(&doc) } else { persons };
    let known = crate::gazetteer::parties();
    let served = |p: &persons::Found| known.iter().find(|k| k.code == p.item.party).map(|k| (k.code, p.name.start));
    doc.note_served(persons.iter().filter_map(served).collect());
    let found = crate::dates::find(&doc.folded, &doc.words, published);
    doc.note_dates(&found);
    let doc = doc;
    let institutions = institutions::read(&doc, &persons);
    let bodies = bodies::read(&doc, &institutions, &persons);
    let instruments = instruments::read(&doc);
    let commitments = commitments::read(&doc, &persons, &institutions, &bodies);
    let acts = acts::read(&doc, &bodies, &instruments, &commitments);
    let topics = topics::read(&doc, &persons, &institutions, &acts);
    let places = places::read(&doc, &persons, &institutions);
    let numbers = numbers::read(&doc, &found);
    let dates = dates(&doc, &found, &instruments);
    Reading {
        parties: parties::read(&doc, &commitments),
        acts,
        persons: persons.into_iter().map(|p| p.item).collect(),
        institutions: institutions.into_iter().map(|i| i.item).collect(),
        places,
        dates,
        bodies: bodies.into_iter().map(|b| b.item).collect(),
        instruments: instruments.into_iter().map(|i| i.item).collect(),
        topics,
        commitments,
        numbers,
        drop,
    }
}

/// Dates for the reading: each value once, and none that is only the year in the name of an instrument.
fn dates(doc: &Doc<'_>, found: &[crate::dates::Found], instruments: &[instruments::Found]) -> Vec<DateItem> {
    let mut out: Vec<DateItem> = Vec::new();
    for f in found {
        let year_only = f.value.is_some_and(|v| v.month.is_none());
        let in_instrument = instruments.iter().any(|i| i.ranges.iter().any(|r| r.start <= f.from && f.to <= r.end + 3));
        let again = out.iter().any(|o| o.value.is_some() && o.value == f.value);
        if out.len() >= MOST || again || (year_only && in_instrument) {
            continue;
        }
        let span = doc.span(f.from..f.to);
        out.push(DateItem { text: doc.slice(f.from..f.to, 0, false), value: f.value, evidence: vec![span] });
    }
    out
}
