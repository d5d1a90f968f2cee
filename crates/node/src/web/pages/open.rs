use crate::web::{form::Form, frame::Frame};
use askama::Template;

/// Where a dossier is opened.
#[derive(Template)]
#[template(path = "open.html")]
pub struct Open {
    /// The frame; its label is none, since nothing is shown yet.
    pub frame: Frame,
    /// The act, as a heading.
    pub heading: String,
    /// What follows, in a sentence.
    pub intro: String,
    /// The acts to choose between, where there are several: address and words.
    pub acts: Vec<(String, String)>,
    /// The channel it is opened in; empty while it is to be chosen.
    pub channel: String,
    /// The channels it may be opened in instead: address and name.
    pub channels: Vec<(String, String)>,
    /// Said when there is no channel for it; empty otherwise.
    pub none: String,
    /// The form, once the channel is known.
    pub form: Option<Form>,
}
