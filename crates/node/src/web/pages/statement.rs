use crate::language::Lang;
use crate::web::{
    form::Form,
    frame::Frame,
    parts::{Chip, Empty, Fact, Link, Text},
};
use askama::Template;

/// Where a statement is pasted.
#[derive(Template)]
#[template(path = "statement_form.html")]
pub struct StatementForm {
    /// The frame.
    pub frame: Frame,
    /// The form: `text`, `source`, `published`.
    pub form: Form,
}

/// The statements that wait until a person has decided on their proposals.
#[derive(Template)]
#[template(path = "queue.html")]
pub struct Queue {
    /// The frame.
    pub frame: Frame,
    /// How many there are, as words.
    pub count: String,
    /// The earliest of them.
    pub rows: Vec<Waiting>,
    /// How many are not shown; empty when all are.
    pub more: String,
    /// Shown when none waits.
    pub empty: Empty,
}

/// A statement that waits.
pub struct Waiting {
    /// Its page.
    pub href: String,
    /// Its first line.
    pub title: Text,
    /// Source, day, and when it came.
    pub about: Vec<String>,
    /// How much of it is to be decided, as words.
    pub left: String,
}

/// A statement beside the dossiers it proposes.
#[derive(Template)]
#[template(path = "statement.html")]
pub struct Statement {
    /// The frame.
    pub frame: Frame,
    /// The language of the statement, where the reader knew it.
    pub lang: Option<Lang>,
    /// Source and date.
    pub about: Vec<String>,
    /// Its paragraphs, cut where words were found.
    pub paragraphs: Vec<Vec<Segment>>,
    /// How many are proposed, as words.
    pub count: String,
    /// What it proposes.
    pub proposals: Vec<Proposal>,
    /// Shown when it proposes nothing.
    pub empty: Empty,
    /// Its public address; empty when none is known.
    pub link: String,
    /// The statement that waits next; empty when none does.
    pub next: String,
}

/// A piece of a statement.
pub struct Segment {
    /// Its words.
    pub text: String,
    /// The proposals whose words these are; empty for none.
    pub found: Vec<usize>,
    /// The element's id, unique in the page; empty where nothing was found.
    pub id: String,
}

/// A dossier that a statement proposes.
pub struct Proposal {
    /// Its number, as in the text.
    pub number: usize,
    /// The name of its kind's icon.
    pub icon: &'static str,
    /// The word of its kind.
    pub kind: String,
    /// Its title.
    pub title: Text,
    /// What became of it, once decided.
    pub decided: Option<Chip>,
    /// The words it comes from.
    pub quote: String,
    /// The id of the first mark of these words.
    pub mark: String,
    /// What was read.
    pub facts: Vec<Fact>,
    /// Leads to the form that opens its dossier, or to the dossier once it is open: address and words.
    pub confirm: Option<(String, String)>,
    /// Why it cannot be confirmed here; empty when it can.
    pub note: String,
    /// Drops it.
    pub drop: Option<Form>,
    /// Dossiers that may be the same matter.
    pub alike: Vec<Alike>,
    /// Other statements that report the same matter.
    pub reports: Vec<Link>,
    /// Where this text and another disagree, as sentences.
    pub conflicts: Vec<String>,
}

/// A dossier that may be what a proposal speaks of.
pub struct Alike {
    /// The dossier.
    pub dossier: Link,
    /// Why it may be the same.
    pub why: String,
    /// Takes the statement as a further source of it.
    pub join: Form,
}
