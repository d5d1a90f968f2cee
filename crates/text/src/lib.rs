//! Reads Arabic, Turkish, Kurdish and Latin text: folding with offsets, gazetteers, and the statement reader.
//!
//! [`statement::read`] takes the text of an Arabic press statement and gives a structured [`statement::Reading`]; nothing is
//! known from elsewhere, and the same text always gives the same reading. [`normalise`] holds the folding that every
//! comparison of text in the register uses, [`gazetteer`] the lists a linguist keeps in `data/*.tsv`, and [`dates`] the
//! reading of dates in three families of month names and two calendars.
//!
//! The crate is pure: no disk, network, clock or randomness.

pub mod date;
pub mod dates;
pub mod gazetteer;
mod hijri;
pub mod language;
pub mod normalise;
pub mod samples;
pub mod search;
pub mod statement;

pub use date::Date;
pub use normalise::{fold_for_search, stray_bidi_controls};
