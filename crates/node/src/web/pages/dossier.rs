use super::attachments::{Attach, Attachments};
use crate::language::{Value, word};
use crate::web::{
    form::Form,
    frame::Frame,
    parts::{Chip, Empty, Fact, RefusalView, Rows, Shown, Text, Texts},
};
use askama::Template;

/// A dossier of any kind.
#[derive(Template)]
#[template(path = "dossier.html")]
pub struct Dossier {
    /// The frame; its label is the dossier's.
    pub frame: Frame,
    /// The reference.
    pub reference: String,
    /// The name of its kind's icon.
    pub icon: &'static str,
    /// The word of its kind, with the way back to the list.
    pub kind: String,
    /// The address of that list.
    pub kind_href: String,
    /// The title, in the reader's language where there is one.
    pub title: Text,
    /// The title in its other languages.
    pub title_others: Vec<Text>,
    /// The state.
    pub chip: Chip,
    /// States beside it, such as late or provisional.
    pub flags: Vec<Chip>,
    /// Rules that refused the act just tried.
    pub refusals: Vec<RefusalView>,
    /// The key facts.
    pub facts: Vec<Fact>,
    /// The parties, in the order of the columns; whether each is the reader's own.
    pub parties: Vec<(Text, bool)>,
    /// What the parties must agree on, a row each, with one position per party.
    pub matters: Vec<Matter>,
    /// The body.
    pub sections: Vec<Section>,
    /// The history, in the common order.
    pub history: Vec<Event>,
    /// What this officer may do now.
    pub acts: Vec<Act>,
    /// Shown when there is nothing to do.
    pub no_acts: Empty,
    /// The files.
    pub attachments: Attachments,
    /// The form that attaches one, where this officer may.
    pub attach: Option<Attach>,
}

/// A matter on which each party has a position.
pub struct Matter {
    /// What it is: the date, the agenda, clause 4.
    pub name: String,
    /// What is proposed, where that is short; with its short hash.
    pub value: Option<Shown>,
    /// The short hash of the text proposed; empty for none.
    pub hash: String,
    /// One per party, in the order of the columns.
    pub positions: Vec<Position>,
}

/// What one party said, from its own records only.
pub struct Position {
    /// Agreed, proposed, awaiting since.
    pub chip: Chip,
    /// When, or on which text; empty for nothing.
    pub more: String,
}

/// A part of the body.
pub struct Section {
    /// Its id in the page.
    pub id: String,
    /// Its heading.
    pub heading: String,
    /// A line under it; may be empty.
    pub hint: String,
    /// What it holds.
    pub part: Part,
}

/// What a section holds.
pub enum Part {
    /// Labels and values.
    Facts(Vec<Fact>),
    /// One text in several languages.
    Texts(Texts),
    /// Other dossiers.
    Rows(Rows),
    /// A table: headings, then rows of as many values.
    Table(Vec<String>, Vec<Vec<Shown>>),
    /// Clauses of minutes or articles.
    Clauses(Vec<Clause>),
    /// Nothing yet.
    Empty(Empty),
}

/// A clause, in each of its languages.
pub struct Clause {
    /// Its id in the page.
    pub id: String,
    /// Its number.
    pub number: String,
    /// Agreed, bracketed, reserved; none where it has no state of its own.
    pub chip: Option<Chip>,
    /// Whether its text stands between brackets.
    pub bracketed: bool,
    /// Its texts.
    pub texts: Texts,
    /// What else is known of it.
    pub facts: Vec<Fact>,
    /// Who stands where; may be empty.
    pub note: String,
    /// Comments: by whom, and what.
    pub remarks: Vec<(String, Text)>,
}

/// How a record stands.
pub enum Standing {
    /// It has its effect.
    Effective,
    /// A rule refused it.
    Refused(RefusalView),
    /// It waits for what it saw.
    Unknown,
}

impl Standing {
    const fn class(&self, witnessed: bool) -> &'static str {
        match self {
            Self::Effective if witnessed => "event event-witnessed",
            Self::Effective => "event",
            Self::Refused(_) => "event event-refused",
            Self::Unknown => "event event-unknown",
        }
    }
}

/// Who cosigned the checkpoint that covers a record, and when.
pub struct Witness {
    /// The time, formatted.
    pub time: String,
    /// The party.
    pub party: String,
}

/// A record in the history.
pub struct Event {
    /// Its id in the page.
    pub id: String,
    /// The act's name.
    pub act: String,
    /// What it said, in a line; may be empty.
    pub note: Option<Text>,
    /// The office that wrote it.
    pub office: Text,
    /// Its institution.
    pub institution: Text,
    /// Its party.
    pub party: Text,
    /// When its writer says it was.
    pub claimed: String,
    /// Who witnessed it.
    pub witnesses: Vec<Witness>,
    /// The first signs of its hash.
    pub hash: String,
    /// How it stands.
    pub standing: Standing,
    /// Whether a later cosignature can still change how it stands.
    pub provisional: bool,
    /// Where its evidence is downloaded; empty when there is none yet.
    pub evidence: String,
}

/// An act that this officer may do now.
pub struct Act {
    /// Its name.
    pub name: String,
    /// The name of its icon.
    pub icon: &'static str,
    /// What it does, in a sentence; may be empty.
    pub explains: String,
    /// Whether its form is shown open.
    pub open: bool,
    /// Its form.
    pub form: Form,
}

impl Dossier {
    fn witnessed(&self, witness: &Witness) -> String {
        word(
            self.frame.lang,
            "event-witnessed-by",
            &[("time", Value::from(witness.time.as_str())), ("party", Value::from(witness.party.as_str()))],
        )
    }
}
