use crate::language::{Lang, word};
use crate::web::parts::{Chip, Icon, Text};
use askama::{Template, filters::HtmlSafe};

/// The files of a dossier.
#[derive(Template)]
#[template(path = "part/attachments.html")]
pub struct Attachments {
    /// The language of its own words.
    pub lang: Lang,
    /// One per file.
    pub files: Vec<AttachedFile>,
}

impl HtmlSafe for Attachments {}

/// A file of a dossier.
pub struct AttachedFile {
    /// Its name.
    pub name: Text,
    /// What it is; may be empty.
    pub note: Text,
    /// Its sort.
    pub sort: String,
    /// Its size, formatted.
    pub size: String,
    /// The party that attached it.
    pub party: Text,
    /// When, as claimed.
    pub when: String,
    /// Whether it is here.
    pub chip: Chip,
    /// Where it is downloaded; empty while it is not here.
    pub href: String,
    /// The first signs of its hash.
    pub hash: String,
}

/// The form by which a file is attached.
#[derive(Template)]
#[template(path = "part/attach.html")]
pub struct Attach {
    /// The language of its own words.
    pub lang: Lang,
    /// Where it is sent, by POST.
    pub action: String,
    /// The token against forged requests. It stands before the file, so that it is read before the file is.
    pub csrf: String,
}

impl HtmlSafe for Attach {}

impl Attachments {
    fn w(&self, id: &str) -> String {
        word(self.lang, id, &[])
    }
}

impl Attach {
    fn w(&self, id: &str) -> String {
        word(self.lang, id, &[])
    }
}
