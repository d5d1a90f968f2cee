//! The command `tansiq`.

use std::process::ExitCode;

/// What one thread takes and another lets go, list after list, is kept at hand instead of being given back each time.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tansiq_node::cli::main()
}
