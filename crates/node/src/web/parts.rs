//! The small parts that pages are made of. Each is a template of its own and marked safe: what it writes is escaped
//! inside it, so a page shows it with plain `{{ part }}`.
use super::assets;
use crate::language::{Lang, find_word, word};
use askama::{Template, filters::HtmlSafe};
use std::fmt;

/// An icon of the sprite. It carries no meaning of its own: words always stand beside it.
pub struct Icon {
    name: &'static str,
    mirrored: bool,
}

impl Icon {
    /// An icon that looks the same in both directions.
    #[must_use]
    pub const fn plain(name: &'static str) -> Self {
        Self { name, mirrored: false }
    }

    /// An icon that points along the line.
    #[must_use]
    pub const fn mirrored(name: &'static str) -> Self {
        Self { name, mirrored: true }
    }
}

impl HtmlSafe for Icon {}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = if self.mirrored { "icon icon-mirror" } else { "icon" };
        let address = assets::address("icons.svg");
        write!(f, "<svg class=\"{class}\" aria-hidden=\"true\"><use href=\"{address}#{}\"/></svg>", self.name)
    }
}

/// What a state means for the reader; it chooses shape and colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Past its date.
    Late,
    /// Under way as agreed.
    Going,
    /// Waits for a party.
    Waiting,
    /// Finished.
    Done,
    /// The parties differ.
    Contested,
    /// Ended without being finished.
    Stopped,
    /// Cannot go on.
    Blocked,
    /// Not yet said to the others.
    Draft,
}

impl Tone {
    const fn name(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Going => "going",
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Contested => "contested",
            Self::Stopped => "stopped",
            Self::Blocked => "blocked",
            Self::Draft => "draft",
        }
    }

    const fn shape(self) -> &'static str {
        match self {
            Self::Late => "shape-late",
            Self::Going => "shape-going",
            Self::Waiting => "shape-waiting",
            Self::Done => "shape-done",
            Self::Contested => "shape-contested",
            Self::Stopped => "shape-stopped",
            Self::Blocked => "shape-blocked",
            Self::Draft => "shape-draft",
        }
    }
}

/// A state: a shape, a word and a colour.
#[derive(Template)]
#[template(
    source = r#"<span class="chip chip-{{ tone.name() }}">{{ Icon::plain(tone.shape()) }}<bdi>{{ text }}</bdi></span>"#,
    ext = "html"
)]
pub struct Chip {
    /// Its meaning.
    pub tone: Tone,
    /// Its words.
    pub text: String,
}

impl HtmlSafe for Chip {}

impl Chip {
    /// A chip with these words.
    #[must_use]
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into() }
    }
}

/// A text that an officer wrote, inside a line of another direction.
#[derive(Template, Clone)]
#[template(
    source = r#"<bdi{% if let Some(lang) = lang %} lang="{{ lang.code() }}" dir="{{ lang.dir() }}"{% else %} dir="auto"{% endif %}>{{ text }}</bdi>"#,
    ext = "html"
)]
pub struct Text {
    /// Its language, where it is known.
    pub lang: Option<Lang>,
    /// The text.
    pub text: String,
}

impl HtmlSafe for Text {}

impl Text {
    /// A text in a known language.
    #[must_use]
    pub fn in_lang(lang: Lang, text: impl Into<String>) -> Self {
        Self { lang: Some(lang), text: text.into() }
    }

    /// A text whose direction its letters decide.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { lang: None, text: text.into() }
    }
}

/// One matter in several languages, side by side, each in its own direction.
#[derive(Template)]
#[template(
    source = r#"<div class="texts">{% for text in texts %}<div class="text"{% if let Some(lang) = text.lang %} lang="{{ lang.code() }}" dir="{{ lang.dir() }}"><span class="text-lang">{{ lang.endonym() }}</span>{% else %} dir="auto">{% endif %}<p>{{ text.text }}</p></div>{% endfor %}</div>"#,
    ext = "html"
)]
pub struct Texts {
    /// One per language.
    pub texts: Vec<Text>,
}

impl HtmlSafe for Texts {}

impl Texts {
    /// These texts.
    #[must_use]
    pub fn new(texts: impl IntoIterator<Item = (Lang, impl Into<String>)>) -> Self {
        Self { texts: texts.into_iter().map(|(lang, text)| Text::in_lang(lang, text)).collect() }
    }
}

/// A value as a page shows it.
pub enum Shown {
    /// Words of the interface, or a number or date already formatted.
    Words(String),
    /// An officer's text in one language.
    Text(Text),
    /// An officer's text in several languages.
    Texts(Texts),
    /// A reference, a hash, a code: left to right, in monospace.
    Code(String),
    /// A state.
    Chip(Chip),
    /// A link to another dossier.
    Link(Link),
    /// A name with a second, quieter line.
    Pair(Text, String),
    /// Several values in a row.
    List(Vec<Shown>),
}

/// A link with an officer's text.
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// Its text.
    pub text: Text,
}

/// A label and its value.
pub struct Fact {
    /// What it is.
    pub label: String,
    /// The value.
    pub value: Shown,
}

impl Fact {
    /// Whether the value needs the whole width.
    #[must_use]
    pub fn wide(&self) -> bool {
        matches!(self.value, Shown::Texts(_))
    }

    /// A fact.
    #[must_use]
    pub fn new(label: impl Into<String>, value: Shown) -> Self {
        Self { label: label.into(), value }
    }
}

#[derive(Template)]
#[template(
    source = r#"{% match shown %}{% when Shown::Words(text) %}<bdi>{{ text }}</bdi>{% when Shown::Text(text) %}{{ text }}{% when Shown::Texts(texts) %}{{ texts }}{% when Shown::Code(text) %}<span class="mono">{{ text }}</span>{% when Shown::Chip(chip) %}{{ chip }}{% when Shown::Link(link) %}<a href="{{ link.href }}">{{ link.text }}</a>{% when Shown::List(values) %}{% for value in values %}{% if !loop.first %} <span aria-hidden="true">·</span> {% endif %}{{ value }}{% endfor %}{% when Shown::Pair(text, more) %}{{ text }} <span class="quiet">{{ more }}</span>{% endmatch %}"#,
    ext = "html"
)]
struct ShownPart<'a> {
    shown: &'a Shown,
}

impl HtmlSafe for Shown {}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ShownPart { shown: self }.fmt(f)
    }
}

/// An empty place: why it is empty, and what to do next.
#[derive(Template)]
#[template(
    source = r#"<div class="empty">{{ Icon::plain("empty") }}<div><b>{{ why }}</b><p>{{ next }}</p>{% for (href, text) in actions %}<a class="button button-quiet" href="{{ href }}">{{ text }}</a> {% endfor %}</div></div>"#,
    ext = "html"
)]
pub struct Empty {
    /// Why there is nothing.
    pub why: String,
    /// What will bring something here, or what to change.
    pub next: String,
    /// Links that do so: address and words.
    pub actions: Vec<(String, String)>,
}

impl HtmlSafe for Empty {}

/// A refusal as the reader sees it: the rule's code, the rule, and what to do.
#[derive(Template, Clone)]
#[template(
    source = r#"<div class="message message-refused">{{ Icon::plain("refused") }}<div><p><span class="code">{{ code }}</span> <b>{{ sentence }}</b></p><p>{{ advice }}</p></div></div>"#,
    ext = "html"
)]
pub struct RefusalView {
    /// The stable code.
    pub code: String,
    /// One sentence that names the rule.
    pub sentence: String,
    /// What to do about it.
    pub advice: String,
}

impl HtmlSafe for RefusalView {}

impl RefusalView {
    /// The words of the refusal with this code. Codes of kinds have none of their own before their words are written;
    /// those show their mark, and the test of the kind finds them.
    #[must_use]
    pub fn of(lang: Lang, code: &str) -> Self {
        let id = format!("refusal-{code}");
        Self {
            code: code.to_owned(),
            sentence: word(lang, &id, &[]),
            advice: find_word(lang, &format!("{id}.advice"), &[]).unwrap_or_default(),
        }
    }
}

/// A dossier in a list.
pub struct Row {
    /// Its page.
    pub href: String,
    /// Its reference, such as `IQ-TR/2026/014`.
    pub reference: String,
    /// Its title, in the reader's language where there is one.
    pub title: Text,
    /// Its kind: icon and word.
    pub icon: &'static str,
    /// The word of its kind.
    pub kind: String,
    /// A line under the title: what is asked, or what happened last.
    pub note: String,
    /// The institution that must act; empty when none.
    pub owner: Option<Text>,
    /// The party of that institution.
    pub party: String,
    /// The date, already formatted; empty when none.
    pub due: String,
    /// Whether that date has passed.
    pub late: bool,
    /// Its state.
    pub chip: Chip,
}

/// A list of dossiers: a table on a desk, cards on a phone.
#[derive(Template)]
#[template(path = "part/rows.html")]
pub struct Rows {
    /// The language of the headings.
    pub lang: Lang,
    /// What the list is, for those who hear it.
    pub caption: String,
    /// The dossiers.
    pub rows: Vec<Row>,
}

impl HtmlSafe for Rows {}

impl Rows {
    fn w(&self, id: &str) -> String {
        word(self.lang, id, &[])
    }
}
