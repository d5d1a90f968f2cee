//! The words of what kinds name by identifiers: acts, states, fields, matters, sections and choices.
//!
//! A word is looked for where it is used first, and then more widely: `field-agreement-supersede-by`, `field-agreement-by`,
//! `field-by`. So one word serves many kinds, and a kind has its own where the language asks for it.
use crate::language::{Lang, find_word, word};
use tansiq_dossier::kinds::Kind;

fn first(lang: Lang, ids: &[String]) -> String {
    let found = ids.iter().find_map(|id| find_word(lang, id, &[]));
    found.unwrap_or_else(|| word(lang, ids.last().map_or("", String::as_str), &[]))
}

/// A kind of dossier.
#[must_use]
pub fn kind(lang: Lang, kind: Kind) -> String {
    first(lang, &[format!("kind-{kind}")])
}

/// An act of a kind, or one that exists in a dossier of every kind: `act-meeting-propose`, `act-any-release`.
#[must_use]
pub fn act(lang: Lang, kind: Kind, act: &str) -> String {
    let own = format!("act-{kind}-{act}");
    match kind.custody(act) {
        Some(_) => first(lang, &[own, format!("act-any-{act}")]),
        None => first(lang, &[own]),
    }
}

/// The state of a dossier.
#[must_use]
pub fn state(lang: Lang, kind: Kind, state: &str) -> String {
    first(lang, &[format!("state-{kind}-{state}"), format!("state-{state}")])
}

/// The state of a row in a section of a dossier.
#[must_use]
pub fn row_state(lang: Lang, section: &str, state: &str) -> String {
    first(lang, &[format!("state-{section}-{state}"), format!("state-{state}")])
}

/// A field of an act, or a fact of a sheet; `scope` is the act or the section that it stands in.
#[must_use]
pub fn field(lang: Lang, kind: Kind, scope: &str, name: &str) -> String {
    first(lang, &ids("field", kind, scope, name))
}

/// What stands in every kind is said the same in every kind: a kind's own word for `to` is not that of a release.
fn ids(sort: &str, kind: Kind, scope: &str, name: &str) -> [String; 3] {
    let name = name.replace('_', "-");
    let general = format!("{sort}-{name}");
    if scope.starts_with("custody-") || kind.custody(scope).is_some() {
        [format!("{sort}-any-{scope}-{name}"), format!("{sort}-any-{name}"), general]
    } else {
        [format!("{sort}-{kind}-{scope}-{name}"), format!("{sort}-{kind}-{name}"), general]
    }
}

/// A sealed field of a kind, whichever act seals it.
#[must_use]
pub fn claim(lang: Lang, kind: Kind, name: &str) -> String {
    let act = kind.acts().iter().find(|spec| spec.sealed.iter().any(|field| field.name == name));
    act.map_or_else(|| name.to_owned(), |spec| field(lang, kind, spec.name, name))
}

/// What to write in a field, where that is said.
#[must_use]
pub fn hint(lang: Lang, kind: Kind, scope: &str, name: &str) -> String {
    ids("hint", kind, scope, name).iter().find_map(|id| find_word(lang, id, &[])).unwrap_or_default()
}

/// A matter on which parties take positions.
#[must_use]
pub fn matter(lang: Lang, kind: Kind, name: &str) -> String {
    first(lang, &[format!("matter-{kind}-{name}"), format!("matter-{name}")])
}

/// A section of a dossier.
#[must_use]
pub fn section(lang: Lang, kind: Kind, name: &str) -> String {
    first(lang, &[format!("section-{kind}-{name}"), format!("section-{name}")])
}

/// A choice of a field.
#[must_use]
pub fn choice(lang: Lang, field: &str, choice: &str) -> String {
    first(lang, &[format!("{}-{choice}", field.replace('_', "-"))])
}
