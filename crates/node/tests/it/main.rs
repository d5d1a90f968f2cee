//! Nodes as processes: what must hold whatever happens to them, to what they are sent, and to what they write.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod bad_input;
mod demo;
mod evidence;
mod exchange;
mod keys;
mod world;
