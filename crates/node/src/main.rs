//! The command `tansiq`.
fn main() {}
