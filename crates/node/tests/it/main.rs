//! The node as a whole: its rules by hand, its processes whatever happens to them, its pages, and the tree it is built from.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

mod attachments;
mod bad_input;
mod batches;
mod bundles;
mod corpus;
mod counted;
mod demo;
mod erasure;
mod evidence;
mod evidence_check;
mod exchange;
mod feeds;
mod forks;
mod forms;
mod hostile;
mod keys;
mod kill;
mod level;
mod monitor;
mod outsider;
mod postgres;
mod refold;
mod restore;
mod returns;
mod search;
mod server;
mod simulate;
mod straight;
mod stranger;
mod succession;
mod tidy;
mod two_histories;
mod web;
mod words;
mod world;
