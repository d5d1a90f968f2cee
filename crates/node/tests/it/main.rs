//! The node as a whole, and the tree that it is built from.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod straight;
mod tidy;
