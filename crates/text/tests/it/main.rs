//! Tests of the crate as its callers see it.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "tests read fixtures from disk, and a failed unwrap is a failed test"
)]

mod dates;
mod dev_set;
mod fixtures;
mod gazetteers;
mod languages;
mod merge;
mod names;
mod normalise;
mod properties;
mod proposals;
mod scorer;
mod statement;
