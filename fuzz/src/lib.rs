//! The bodies of the fuzzing targets. Whoever reads them reads `targets.rs`.

#[path = "../targets.rs"]
mod targets;

pub use targets::{TARGETS, Target, named};
