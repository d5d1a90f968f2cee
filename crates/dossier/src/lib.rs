//! Says what parties may do in a dossier, and what follows.
//!
//! Everything here is pure. A [`record::Record`] is what one officer did, as the exact bytes that a log commits to;
//! [`fold`] turns the records of one dossier, in their common [`order`], into its state. The same [`fold::step`] answers an
//! officer's draft before it is signed and a counterparty's record when it arrives, so that two parties which hold the same
//! records hold the same state.
//!
//! What the kinds of dossier mean stands in [`kinds`], one folder each.

pub mod act;
pub mod body;
pub mod channel;
pub mod choice;
pub mod content;
pub mod custody;
mod custody_sheet;
pub mod decimal;
pub mod figure;
pub mod fold;
mod json;
pub mod kinds;
pub mod label;
pub mod mutual;
pub mod order;
pub mod party;
pub mod place;
pub mod publish;
pub mod record;
pub mod reference;
pub mod refusal;
pub mod sealed;
pub mod sheet;
pub mod source;
pub mod time;
pub mod words;

/// Runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
