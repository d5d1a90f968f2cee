//! `bench exchange`.

use super::demo::Temporary;
use super::{Outcome, Setting, print_json};
use crate::bench::{self, Plan};
use crate::fault::Fault;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(super) enum Bench {
    /// Measure the exchange between two nodes in processes of their own, over mutual TLS on loopback
    Exchange(Exchange),
}

#[derive(Args)]
pub(super) struct Exchange {
    /// How many records are sent
    #[arg(long, default_value_t = 10_000)]
    records: usize,
    /// A file of JSON objects, one a line, that are the records' bodies; used again from the top when there are too few
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// How many acts are submitted with one request
    #[arg(long, default_value_t = 500)]
    batch: usize,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(setting: &Setting, bench: Bench) -> Outcome {
    let Bench::Exchange(args) = bench;
    let lines = match &args.input {
        Some(path) => bench::read_lines(path)?,
        None => bench::generated(),
    };
    let plan = Plan { records: args.records.max(1), batch: args.batch.clamp(1, 1000), lines };
    let folder = Temporary::new()?;
    let dir = setting.given.clone().unwrap_or_else(|| folder.0.clone());
    let figures = bench::exchange(&dir, &plan)?;
    if args.json {
        return print_json_line(&figures);
    }
    for (name, value) in figures.table() {
        say!("{name:<34} {value}");
    }
    Ok(())
}

fn print_json_line(figures: &bench::Figures) -> Outcome {
    if std::io::IsTerminal::is_terminal(&std::io::stdout()) {
        return print_json(figures);
    }
    say!("{}", serde_json::to_string(figures).map_err(|error| Fault::Setup(error.to_string()))?);
    Ok(())
}
