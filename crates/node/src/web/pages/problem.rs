use crate::web::{frame::Frame, parts::RefusalView};
use askama::Template;

/// A page that says no.
#[derive(Template)]
#[template(path = "problem.html")]
pub struct Problem {
    /// The frame.
    pub frame: Frame,
    /// What happened.
    pub kind: ProblemKind,
    /// Rules that refused; empty for the other kinds.
    pub refusals: Vec<RefusalView>,
    /// The operation's id, for the administrator; empty for none.
    pub operation: String,
    /// Where the reader came from; empty for none.
    pub back: String,
}

/// The kinds of no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The rules said no.
    Refused,
    /// Nothing there, or nothing there for this reader: the same page, byte for byte.
    NotFound,
    /// The role has no such page.
    Forbidden,
    /// The machine failed.
    Fault,
    /// Too many requests.
    Busy,
    /// Nothing can be recorded now.
    ReadOnly,
    /// The form's token has lapsed.
    StaleForm,
}

impl ProblemKind {
    /// The id of its words.
    #[must_use]
    pub const fn word_id(self) -> &'static str {
        match self {
            Self::Refused => "problem-refused",
            Self::NotFound => "problem-not-found",
            Self::Forbidden => "problem-forbidden",
            Self::Fault => "problem-fault",
            Self::Busy => "problem-busy",
            Self::ReadOnly => "problem-read-only",
            Self::StaleForm => "problem-stale-form",
        }
    }

    /// The status that the page is sent with.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Refused => 422,
            Self::NotFound => 404,
            Self::Forbidden | Self::StaleForm => 403,
            Self::Fault => 500,
            Self::Busy => 429,
            Self::ReadOnly => 503,
        }
    }
}

impl Problem {
    fn more(&self) -> String {
        match self.kind {
            ProblemKind::Refused => String::new(),
            other => self.frame.w(&format!("{}-more", other.word_id())),
        }
    }
}
