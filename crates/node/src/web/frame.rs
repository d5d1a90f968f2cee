//! What stands around every page: the label's banner, the header, the navigation, the foot.
use super::{assets, parts::Icon};
use crate::language::{Lang, Value, word};
use std::collections::BTreeSet;
use tansiq_dossier::kinds::Kind;

/// The frame of one page for one reader.
pub struct Frame {
    /// The language of the page.
    pub lang: Lang,
    /// The name of the page, in the window's title.
    pub title: String,
    /// The join of the labels of all that the page shows; none where no dossier is shown.
    pub label: Option<LabelBanner>,
    /// Who is signed in.
    pub officer: Option<OfficerBadge>,
    /// The side navigation; empty before sign-in.
    pub navigation: Vec<NavGroup>,
    /// The address of this page, to come back to after a change of language.
    pub address: String,
    /// The name of this node.
    pub node: String,
    /// Whether everything on this node is invented.
    pub demo: bool,
    /// Whether the page is a search itself, and so needs no box for one in its head.
    pub searches: bool,
}

/// The classification of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// May be shown to anybody.
    Open,
    /// For the parties named.
    Restricted,
    /// For cleared officers of the parties named.
    Confidential,
    /// The narrowest.
    Secret,
}

impl Level {
    /// The id of its word.
    #[must_use]
    pub const fn word_id(self) -> &'static str {
        match self {
            Self::Open => "label-open",
            Self::Restricted => "label-restricted",
            Self::Confidential => "label-confidential",
            Self::Secret => "label-secret",
        }
    }
}

/// The banner over a page: how narrow it is, and for whom.
pub struct LabelBanner {
    /// The classification.
    pub level: Level,
    /// The parties it is released to, by name, as one text; empty when it says nothing about them.
    pub audience: String,
    /// Handling caveats and codes such as `REL IRQ TUR`.
    pub codes: String,
}

/// Who is signed in, as the header shows it.
pub struct OfficerBadge {
    /// The office: offices act, not persons.
    pub office: String,
    /// Its institution.
    pub institution: String,
    /// The token that the sign-out form must carry.
    pub csrf: String,
}

/// A group of the side navigation.
pub struct NavGroup {
    /// Its heading; may be empty.
    pub heading: String,
    /// Its links.
    pub links: Vec<NavLink>,
}

/// A link of the side navigation.
pub struct NavLink {
    /// Where it leads.
    pub href: String,
    /// The name of its icon.
    pub icon: &'static str,
    /// Its words.
    pub text: String,
    /// A number beside it, already formatted; empty for none.
    pub count: String,
    /// Whether the number tells of something late.
    pub late: bool,
    /// Whether this is the page shown.
    pub current: bool,
}

/// A link that changes the language and keeps the page.
pub struct LanguageLink {
    /// The language.
    pub lang: Lang,
    /// Where it leads.
    pub href: String,
    /// Whether it is the page's language.
    pub current: bool,
}

impl Frame {
    /// A frame before sign-in: no officer, no navigation, no label.
    #[must_use]
    pub fn alone(lang: Lang, title: String, address: &str, node: &str) -> Self {
        Self {
            lang,
            title,
            label: None,
            officer: None,
            navigation: Vec::new(),
            address: address.to_owned(),
            node: node.to_owned(),
            demo: false,
            searches: false,
        }
    }

    /// A word of the page's language.
    #[must_use]
    pub fn w(&self, id: &str) -> String {
        word(self.lang, id, &[])
    }

    /// A word that counts: `$n`.
    #[must_use]
    pub fn count(&self, id: &str, n: &usize) -> String {
        word(self.lang, id, &[("n", Value::from(*n))])
    }

    /// A word with one argument.
    #[must_use]
    pub fn with(&self, id: &str, name: &'static str, value: &str) -> String {
        word(self.lang, id, &[(name, Value::from(value))])
    }

    /// The address of an asset.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// An icon of the sprite.
    #[must_use]
    pub fn icon(&self, name: &'static str) -> Icon {
        Icon::plain(name)
    }

    /// An icon that points along the line and turns with its direction.
    #[must_use]
    pub fn mirrored_icon(&self, name: &'static str) -> Icon {
        Icon::mirrored(name)
    }

    /// The switch of languages.
    #[must_use]
    pub fn languages(&self) -> Vec<LanguageLink> {
        Lang::ALL
            .into_iter()
            .map(|lang| LanguageLink {
                lang,
                href: format!("/language/{lang}?back={}", encode(&self.address)),
                current: lang == self.lang,
            })
            .collect()
    }
}

/// A kind, the name of its entry, and its icon.
type KindEntry = (Kind, &'static str, &'static str);

/// The kinds of dossier as the navigation groups them: the group's word, then its entries with their icons. The entry of a
/// kind bears the kind's name but where that name is another's.
const KINDS: [(&str, &[KindEntry]); 4] = [
    (
        "nav-agreed",
        &[
            (Kind::Agreement, "agreement", "agreement"),
            (Kind::Commitment, "commitment", "commitment"),
            (Kind::Action, "action", "action"),
            (Kind::Meeting, "meeting", "meeting"),
        ],
    ),
    (
        "nav-exchange",
        &[(Kind::Note, "note", "note"), (Kind::Report, "report", "report"), (Kind::Crossing, "crossing", "crossing")],
    ),
    ("nav-people", &[(Kind::Return, "return", "return"), (Kind::Consular, "consular", "consular")]),
    (
        "nav-programmes",
        &[
            (Kind::Programme, "programme", "programme"),
            (Kind::Assessment, "assessment", "assessment"),
            (Kind::Statement, "statements", "publication"),
        ],
    ),
];

/// The side navigation of an officer who works with dossiers of these kinds. `path` is the address of the page shown;
/// `counts` gives, by the name of an entry, a number and whether it tells of something late.
#[must_use]
pub fn navigation(lang: Lang, path: &str, kinds: &BTreeSet<Kind>, counts: &[(&str, String, bool)]) -> Vec<NavGroup> {
    let link = |name: &str, icon: &'static str, href: &str| {
        let (count, late) =
            counts.iter().find(|(of, ..)| *of == name).map_or((String::new(), false), |(_, count, late)| (count.clone(), *late));
        NavLink { href: href.to_owned(), icon, text: word(lang, &format!("nav-{name}"), &[]), count, late, current: path == href }
    };
    let first = [link("today", "today", "/"), link("all-dossiers", "dossier", "/dossiers")];
    let mut groups = vec![NavGroup { heading: String::new(), links: first.into() }];
    groups.extend(KINDS.iter().map(|(heading, entries)| {
        let shown = entries.iter().filter(|(kind, ..)| kinds.contains(kind));
        let links = shown.map(|(kind, name, icon)| link(name, icon, &format!("/dossiers?kind={kind}"))).collect();
        NavGroup { heading: word(lang, heading, &[]), links }
    }));
    groups.retain(|group| !group.links.is_empty());
    groups.push(NavGroup {
        heading: word(lang, "nav-work", &[]),
        links: vec![
            link("queue", "queue", "/statements"),
            link("statement", "statement", "/statement"),
            link("channels", "channel", "/channels"),
        ],
    });
    groups
}

/// The entry of a kind in the navigation.
#[must_use]
pub fn entry(kind: Kind) -> Option<&'static str> {
    let mut entries = KINDS.iter().flat_map(|(_, entries)| entries.iter());
    entries.find(|(of, ..)| *of == kind).map(|(_, name, _)| *name)
}

/// Percent-encodes a value of a query.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
