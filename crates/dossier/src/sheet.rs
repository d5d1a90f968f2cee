//! What a dossier shows: one form for every kind, made by the kind and drawn by whoever shows it.
//!
//! A sheet names things by identifiers (`state-held`, `field-due`, act and role names), whose words stand in the language
//! files; so a new kind can be shown as soon as its rules exist.

use crate::content::ContentHash;
use crate::party::{InstitutionId, PartyId};
use crate::record::{DossierId, RecordId};
use crate::time::{Date, Due, Moment};
use crate::words::{Tongue, Words};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// The day and the parties from which a dossier is looked at. Time states (overdue, stale, dormant) follow from `today` and
/// are never stored.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The day of looking.
    pub today: Date,
    /// The parties that the dossier was opened for.
    pub audience: &'a BTreeSet<PartyId>,
}

/// What a dossier shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Its title.
    pub title: Words,
    /// Its state: one word of the kind, `held`.
    pub state: String,
    /// How that state is to be felt at a glance.
    pub tone: Tone,
    /// Its main facts, in order.
    pub facts: Vec<Fact>,
    /// What each party has said on each matter that is open between them, or was settled.
    pub positions: Vec<Matter>,
    /// Longer parts: clauses, agenda, grades, evidence.
    pub sections: Vec<Section>,
    /// Whose turn it is, for what, and since when.
    pub awaiting: Vec<Awaiting>,
    /// When it falls due, where that has a meaning.
    pub due: Option<Due>,
    /// Whether it is late on the day of looking.
    pub late: bool,
    /// The institution that owes the next step, where one does.
    pub owner: Option<InstitutionId>,
}

/// How a state is to be felt at a glance; always shown with shape and words as well as colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// Runs as it should.
    #[default]
    Running,
    /// Waits for somebody.
    Waiting,
    /// Late, contested or blocked.
    Alarm,
    /// Done, or over.
    Done,
}

/// A fact with its name: the word `field-<name>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The field's name.
    pub name: String,
    /// Its value.
    pub datum: Datum,
}

/// A value that can be shown in any language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", content = "value")]
pub enum Datum {
    /// A word of the language files, by its identifier.
    Term(String),
    /// What people wrote, in their languages.
    Words(Words),
    /// What people wrote, in a language that is not stated.
    Text(String),
    /// A day.
    Date(Date),
    /// A day or the explicit absence of one.
    Due(Due),
    /// A moment as claimed.
    Moment(Moment),
    /// A number.
    Number(i64),
    /// A party.
    Party(PartyId),
    /// An institution.
    Institution(InstitutionId),
    /// A record.
    Record(RecordId),
    /// A dossier.
    Dossier(DossierId),
    /// The hash of a content.
    Content(ContentHash),
    /// A sealed field of the kind, by its name; never what it seals.
    Claim(String),
    /// Several values.
    List(Vec<Datum>),
}

/// A matter on which parties take positions: the word `matter-<name>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matter {
    /// The matter's name.
    pub name: String,
    /// What is settled, once it is.
    pub settled: Option<Datum>,
    /// Each party's own word; a party that is absent has said nothing.
    pub said: Vec<Said>,
}

/// One party's own word on a matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The party.
    pub party: PartyId,
    /// What it said.
    pub datum: Datum,
    /// When, as it claimed.
    pub at: Moment,
    /// The record that says so.
    pub record: RecordId,
}

/// A longer part of a dossier: the word `section-<name>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// The section's name.
    pub name: String,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// One row of a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// A short reference within the section: a clause's number.
    pub reference: String,
    /// The row's state: the word `state-<name>`, when it has one.
    pub state: Option<String>,
    /// How the state is to be felt.
    pub tone: Tone,
    /// The texts of the row, each in its language.
    pub texts: Vec<RowText>,
    /// Further facts of the row.
    pub facts: Vec<Fact>,
}

/// One text of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowText {
    /// The language it is in, when it is stated.
    pub tongue: Option<Tongue>,
    /// The text.
    pub text: String,
    /// The text's own state: the word `state-<name>`, when it has one.
    pub state: Option<String>,
}

/// A step that waits for somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaiting {
    /// Whose turn it is.
    pub party: PartyId,
    /// The act that is awaited.
    pub act: String,
    /// Since when, as claimed by whoever made it so.
    pub since: Option<Moment>,
}

/// An act that a party may do now, with what it would say if nothing were changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The act's name.
    pub act: &'static str,
    /// A body to begin with: the other side's proposal, the hash of the current text.
    pub prefill: Value,
}

impl Offer {
    /// An act that begins with these contents. Fields that are not filled in are left out, as in a record.
    #[must_use]
    pub fn saying<T: Serialize>(act: &'static str, contents: &T) -> Offer {
        let mut prefill = serde_json::to_value(contents).unwrap_or_default();
        if let Value::Object(members) = &mut prefill {
            members.retain(|_, value| !value.is_null());
        }
        Offer { act, prefill }
    }

    /// An act that begins with an empty form.
    #[must_use]
    pub fn empty(act: &'static str) -> Offer {
        Offer { act, prefill: Value::Object(serde_json::Map::new()) }
    }

    /// A mutual act whose form begins with what another party has said, or else with `start`.
    #[must_use]
    pub fn joining<T>(act: &'static str, mutual: &crate::mutual::Mutual<T>, party: &PartyId, start: &Value) -> Offer
    where
        T: Clone + PartialEq + Serialize,
    {
        match mutual.offered_to(party) {
            Some(assent) => Offer::saying(act, &assent.content),
            None => Offer { act, prefill: start.clone() },
        }
    }
}

impl Fact {
    /// A fact.
    #[must_use]
    pub fn new(name: &str, datum: Datum) -> Fact {
        Fact { name: name.to_owned(), datum }
    }

    /// A fact that is one word of a list: `mode` and `once` make the word `mode-once`.
    #[must_use]
    pub fn term(name: &str, word: &str) -> Fact {
        Fact::new(name, Datum::Term(format!("{name}-{word}")))
    }
}

impl Section {
    /// A section with these rows.
    #[must_use]
    pub fn new(name: &str, rows: Vec<Row>) -> Section {
        Section { name: name.to_owned(), rows }
    }
}

impl Row {
    /// A row with nothing but its reference.
    #[must_use]
    pub fn new(reference: impl Into<String>) -> Row {
        Row { reference: reference.into(), state: None, tone: Tone::Running, texts: Vec::new(), facts: Vec::new() }
    }
}

impl RowText {
    /// A text in this language, or in one that is not stated.
    #[must_use]
    pub fn new(tongue: Option<Tongue>, text: impl Into<String>) -> RowText {
        RowText { tongue, text: text.into(), state: None }
    }

    /// A text for each language in which something is said.
    #[must_use]
    pub fn each(words: &Words) -> Vec<RowText> {
        words.0.iter().map(|(tongue, text)| RowText::new(Some(*tongue), text.clone())).collect()
    }
}

impl Matter {
    /// A mutual matter as it stands, each content shown by `show`.
    #[must_use]
    pub fn of<T: Clone + PartialEq>(name: &str, mutual: &crate::mutual::Mutual<T>, show: impl Fn(&T) -> Datum) -> Matter {
        Matter {
            name: name.to_owned(),
            settled: mutual.settled().map(&show),
            said: mutual
                .assents()
                .map(|(party, assent)| Said {
                    party: party.clone(),
                    datum: show(&assent.content),
                    at: assent.at,
                    record: assent.record,
                })
                .collect(),
        }
    }
}

/// The steps that wait for the parties which have not joined a mutual matter.
pub fn awaiting<T: Clone + PartialEq>(
    mutual: &crate::mutual::Mutual<T>,
    act: &str,
    audience: &BTreeSet<PartyId>,
) -> Vec<Awaiting> {
    mutual
        .awaited(audience)
        .into_iter()
        .map(|(party, since)| Awaiting { party: party.clone(), act: act.to_owned(), since: Some(since) })
        .collect()
}
