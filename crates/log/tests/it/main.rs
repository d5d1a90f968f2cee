//! The stories of the log: published vectors, other implementations, and hostile input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests may fail a test by panicking")]

mod checkpoint;
mod fork;
mod hostile;
mod merkle;
mod note;
mod policy;
mod proof;
mod random;
mod tile;
