//! `bench exchange`, `bench fold`, `bench rebuild`.

use super::demo::Temporary;
use super::rebuild::Meter;
use super::{Outcome, Setting, print_json};
use crate::bench::{self, Plan};
use crate::fault::Fault;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(super) enum Bench {
    /// Measure the exchange between two nodes in processes of their own, over mutual TLS on loopback
    Exchange(Exchange),
    /// Measure the rules on one core: acts folded in a second
    Fold(Fold),
    /// Measure how fast a store's dossiers are folded anew
    Rebuild(Rebuild),
}

#[derive(Args)]
pub(super) struct Fold {
    /// How many acts each figure is measured with
    #[arg(long, default_value_t = 2_000_000)]
    acts: usize,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Rebuild {
    /// How many records the store holds
    #[arg(long, default_value_t = 1_000_000)]
    records: u64,
    /// As one JSON object
    #[arg(long)]
    json: bool,
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
    match bench {
        Bench::Exchange(args) => exchange(setting, &args),
        Bench::Fold(args) => fold(&args),
        Bench::Rebuild(args) => rebuild(setting, &args),
    }
}

fn fold(args: &Fold) -> Outcome {
    let figures = bench::fold(args.acts.max(1))?;
    if args.json {
        return print_json_line(&figures);
    }
    say!(
        "acts                               {} ({} different records of {} bytes on average)",
        figures.acts,
        figures.distinct,
        figures.record_bytes
    );
    say!("acts/s, step alone                 {:.0}", figures.steps_per_s);
    say!("acts/s, from the records' bytes    {:.0}", figures.from_bytes_per_s);
    Ok(())
}

fn rebuild(setting: &Setting, args: &Rebuild) -> Outcome {
    let folder = Temporary::new()?;
    let dir = setting.given.clone().unwrap_or_else(|| folder.0.clone());
    crate::keys::make_private_folder(&dir)?;
    let mut meter = Meter::new(!args.json);
    let today = crate::clock::World::real().today();
    let figures = bench::rebuild(&dir, args.records.max(1), today, |progress| meter.show(progress))?;
    if args.json {
        return print_json_line(&figures);
    }
    meter.end();
    say!("records                            {} in {} dossiers", figures.records, figures.dossiers);
    say!("records/s, folded anew             {:.0} ({:.1} s)", figures.records_per_s, figures.seconds);
    say!("most memory, MiB                   {:.0}", figures.rss_mib);
    Ok(())
}

fn exchange(setting: &Setting, args: &Exchange) -> Outcome {
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

fn print_json_line<T: serde::Serialize>(figures: &T) -> Outcome {
    if std::io::IsTerminal::is_terminal(&std::io::stdout()) {
        return print_json(figures);
    }
    say!("{}", serde_json::to_string(figures).map_err(|error| Fault::Setup(error.to_string()))?);
    Ok(())
}
