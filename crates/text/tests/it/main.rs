//! Tests of the crate as its callers see it.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests read fixtures from disk")]

mod dates;
mod dev_set;
mod fixtures;
mod normalise;
mod properties;
mod proposals;
mod scorer;
mod statement;
