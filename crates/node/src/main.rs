//! The command `tansiq`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tansiq_node::cli::main()
}
