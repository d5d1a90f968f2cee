//! The rules of the kinds, told and tried.
//!
//! Every kind of dossier brings two tellings and one record of the past in its own folder: `story.md`, a session of its
//! parties; `table.md`, an act a line with what the rules say to it; and `golden.jsonl`, records that must be read and judged
//! as noted for ever. [`telling`] says how the first two are written. What holds for every kind is tried in [`properties`], on the made-up histories
//! of [`history`], and told in `custody.md` beside this.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "a test reads its files from the disk, fails by panicking, and exports nothing"
)]

mod custody;
mod golden;
mod history;
mod node;
mod properties;
mod stage;
mod story;
mod tables;
mod telling;

use std::path::PathBuf;
use tansiq_dossier::kinds::Kind;

/// The kinds that have rules of their own: all but the one that only measures. `KIND=note` in the environment
/// asks for one of them alone, for whoever is at work on it.
fn told_kinds() -> impl Iterator<Item = Kind> {
    let only = std::env::var("KIND").ok();
    let told = Kind::ALL.iter().copied().filter(|kind| *kind != Kind::Probe);
    told.filter(move |kind| only.as_deref().is_none_or(|only| only == kind.name()))
}

/// A file in the folder of a kind.
fn file_of(kind: Kind, name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/kinds").join(kind.name()).join(name)
}

/// The text of a file in the folder of a kind, or an empty text when the kind does not have it.
fn text_of(kind: Kind, name: &str) -> String {
    std::fs::read_to_string(file_of(kind, name)).unwrap_or_default()
}

/// The kinds whose folder lacks this file.
fn without(name: &str) -> Vec<Kind> {
    told_kinds().filter(|kind| text_of(*kind, name).is_empty()).collect()
}
