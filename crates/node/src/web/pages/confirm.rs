use crate::web::{
    form::Form,
    frame::Frame,
    parts::{Fact, Texts},
};
use askama::Template;

/// The step before a grave act: the officer sees exactly what the signature will cover.
#[derive(Template)]
#[template(path = "confirm.html")]
pub struct Confirm {
    /// The frame.
    pub frame: Frame,
    /// The act and the dossier, as a heading.
    pub heading: String,
    /// The reference of the dossier.
    pub reference: String,
    /// The address of the dossier.
    pub back: String,
    /// Whether the content changed since the form was opened.
    pub changed: bool,
    /// What was typed, as it will be recorded.
    pub answers: Vec<Fact>,
    /// The exact text that is signed, where there is one.
    pub text: Option<Texts>,
    /// Its whole hash.
    pub hash: String,
    /// What follows from the act, a sentence each.
    pub consequences: Vec<String>,
    /// The form that signs: hidden values, and the password once more.
    pub form: Form,
}
