//! `read`: an Arabic press statement in, what it says out.

use super::Outcome;
use clap::Args;
use std::path::PathBuf;

/// Read a statement
#[derive(Args)]
pub(super) struct Read {
    /// The statement, UTF-8
    file: PathBuf,
    /// The day on which it was published, for "today" and "last Sunday"
    #[arg(long, value_name = "DATE")]
    published: Option<String>,
    /// As JSON in the reader's scheme, and nothing else
    #[arg(long)]
    json: bool,
}

pub(super) fn read(_args: &Read) -> Outcome {
    Ok(())
}
