use crate::web::{
    form::ChoiceGroup,
    frame::Frame,
    parts::{Empty, Rows},
};
use askama::Template;

/// The list of dossiers, filtered by its address.
#[derive(Template)]
#[template(path = "dossiers.html")]
pub struct Dossiers {
    /// The frame.
    pub frame: Frame,
    /// The heading: the kind's name, or "Dossiers".
    pub heading: String,
    /// How many match, as words.
    pub count: String,
    /// The words searched for, as typed.
    pub text: String,
    /// Whether only late ones are asked for.
    pub late: bool,
    /// The other filters.
    pub filters: Vec<Choices>,
    /// The filters in force, each with the address without it.
    pub pills: Vec<Pill>,
    /// The address without any filter.
    pub clear: String,
    /// The dossiers of this page.
    pub rows: Rows,
    /// Shown when there are none.
    pub empty: Empty,
    /// Where in the whole list this page is.
    pub paging: Option<Paging>,
    /// Links that open a dossier, for those who may.
    pub open: Vec<Opening>,
    /// Whether they are so few that each stands as a button.
    pub few: bool,
}

/// An act that opens a dossier.
pub struct Opening {
    /// Its form.
    pub href: String,
    /// The name of its kind's icon.
    pub icon: &'static str,
    /// Its words.
    pub text: String,
}

impl Opening {
    /// The address and the words.
    #[must_use]
    pub fn link(&self) -> (String, String) {
        (self.href.clone(), self.text.clone())
    }
}

/// A filter with its choices.
pub struct Choices {
    /// Its name in the address.
    pub name: &'static str,
    /// Its label.
    pub label: String,
    /// Its choices; none chosen means any.
    pub groups: Vec<ChoiceGroup>,
}

/// A filter in force.
pub struct Pill {
    /// Its name.
    pub name: String,
    /// Its value, as shown.
    pub value: String,
    /// The address without it.
    pub without: String,
}

/// Where in a list a page is.
pub struct Paging {
    /// `1 to 25 of 140`, in words.
    pub showing: String,
    /// The page before; empty for none.
    pub previous: String,
    /// The page after; empty for none.
    pub next: String,
}
