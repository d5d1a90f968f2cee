use crate::search::Part;
use crate::web::pages::{Paging, Pill};
use crate::web::{
    frame::Frame,
    parts::{Chip, Empty, RefusalView, Text},
};
use askama::Template;

/// Search: what was asked, what was found, and by what it can be narrowed.
#[derive(Template)]
#[template(path = "search.html")]
pub struct SearchPage {
    /// The frame.
    pub frame: Frame,
    /// What was typed.
    pub typed: String,
    /// What is narrowed to, as names and values that the form carries along.
    pub hidden: Vec<(String, String)>,
    /// How many were found, as words; empty where nothing was asked.
    pub count: String,
    /// Why nothing was looked for.
    pub refusal: Option<RefusalView>,
    /// What is narrowed to, each with the address without it.
    pub pills: Vec<Pill>,
    /// The address of the question alone.
    pub clear: String,
    /// By what the hits can be narrowed.
    pub facets: Vec<FacetGroup>,
    /// The hits of this page.
    pub hits: Vec<SearchHit>,
    /// Shown when there are none; none where nothing was asked.
    pub empty: Option<Empty>,
    /// Where in all hits this page is.
    pub paging: Option<Paging>,
    /// What may be typed, each with an example.
    pub help: Vec<(String, String)>,
}

/// A facet with its commonest values.
pub struct FacetGroup {
    /// Its name.
    pub name: String,
    /// Its values.
    pub links: Vec<FacetLink>,
}

/// A value of a facet.
pub struct FacetLink {
    /// The address of the hits that have it.
    pub href: String,
    /// The value, in the reader's words.
    pub text: Text,
    /// How many hits have it.
    pub count: String,
}

/// One hit.
pub struct SearchHit {
    /// The dossier's page.
    pub href: String,
    /// Its number.
    pub reference: String,
    /// Its title.
    pub title: Text,
    /// The name of its kind's icon.
    pub icon: &'static str,
    /// Its kind.
    pub kind: String,
    /// Its state.
    pub chip: Chip,
    /// Pieces of what it says: the language and the direction, and the parts.
    pub snippets: Vec<(Text, Vec<Part>)>,
}
