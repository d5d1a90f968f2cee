use crate::web::{form::Form, frame::Frame};
use askama::Template;

/// Sign-in by identifier and password.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    /// The frame, without an officer.
    pub frame: Frame,
    /// Why the page is shown: a session that ended; empty for none.
    pub notice: String,
    /// The form: `officer` and `password`.
    pub form: Form,
}
