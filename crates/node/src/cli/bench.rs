//! `bench exchange`, `bench limits`, `bench scale`, `bench fold`, `bench rebuild`, `bench read`, `bench kill`.

use super::demo::Temporary;
use super::rebuild::Meter;
use super::{Outcome, Setting, print_json};
use crate::bench::{self, KillPlan, LimitsPlan, Plan, ScalePlan};
use crate::fault::{Fault, Trouble};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum Bench {
    /// Measure the exchange between two nodes in processes of their own, over mutual TLS on loopback
    Exchange(Exchange),
    /// Measure what this machine can do at most: the bare job without any rule, and its parts
    Limits(Limits),
    /// Measure whether a large store stays as fast: rates, opening, listing, verifying
    Scale(Scale),
    /// Measure the rules on one core: acts folded in a second
    Fold(Fold),
    /// Measure how fast a store's dossiers are folded anew
    Rebuild(Rebuild),
    /// Measure the statement reader on one core: statements read in a second
    Read(ReadArgs),
    /// Measure how fast dossiers are indexed, and how long searches take
    Search(Search),
    /// Kill two nodes under load again and again, and count what was lost or doubled
    Kill(Kill),
}

/// Where the stores of the two nodes are.
#[derive(Args)]
struct Databases {
    /// A PostgreSQL database for the first node's store, instead of a file
    #[arg(long, value_name = "URL")]
    database_url_a: Option<String>,
    /// A PostgreSQL database for the second node's store, instead of a file
    #[arg(long, value_name = "URL")]
    database_url_b: Option<String>,
}

impl From<Databases> for [Option<String>; 2] {
    fn from(databases: Databases) -> Self {
        [databases.database_url_a, databases.database_url_b]
    }
}

#[derive(Args)]
pub(super) struct Kill {
    /// How often a node is killed; the two take turns
    #[arg(long, default_value_t = 200)]
    kills: usize,
    /// From which the moments of the kills follow
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    databases: Databases,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct ReadArgs {
    /// A folder of statements, each a file that ends in .txt; the reader's own sample when none is named
    folder: Option<PathBuf>,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Search {
    /// How many dossiers are made up, three records each
    #[arg(long, default_value_t = 100_000)]
    dossiers: u32,
    /// How many questions of each sort are asked
    #[arg(long, default_value_t = 200)]
    questions: usize,
    /// As one JSON object
    #[arg(long)]
    json: bool,
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
    #[arg(long, default_value_t = 1000)]
    batch: usize,
    /// How many records the other node misses while it is down, and catches up with; as many as are sent when not given
    #[arg(long, value_name = "N")]
    missed: Option<usize>,
    /// Measure what this machine can do at most in the same run: three rounds of either in turn, of which the medians count
    #[arg(long)]
    with_limits: bool,
    #[command(flatten)]
    databases: Databases,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Limits {
    /// How many records each run of the bare job carries
    #[arg(long, default_value_t = 100_000)]
    records: usize,
    /// How many records go with one commit, signature and request; one run for each
    #[arg(long, value_delimiter = ',', default_values_t = [100, 500, 1000])]
    batches: Vec<usize>,
    /// A file of JSON objects, one a line, that are the records; used again from the top when there are too few
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Scale {
    /// How many records are stored on each node before the last rate is measured
    #[arg(long, default_value_t = 1_000_000)]
    records: usize,
    /// Over how many records each rate is measured
    #[arg(long, default_value_t = 20_000)]
    window: usize,
    /// How many acts are submitted with one request
    #[arg(long, default_value_t = 1000)]
    batch: usize,
    /// A file of JSON objects, one a line, that are the records' bodies; used again from the top when there are too few
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(setting: &Setting, bench: Bench) -> Outcome {
    match bench {
        Bench::Exchange(args) => exchange(setting, args),
        Bench::Limits(args) => limits(setting, &args),
        Bench::Scale(args) => scale(setting, &args),
        Bench::Fold(args) => fold(&args),
        Bench::Rebuild(args) => rebuild(setting, &args),
        Bench::Search(args) => search(setting, &args),
        Bench::Kill(args) => kill(setting, args),
        Bench::Read(args) => read(&args),
    }
}

fn read(args: &ReadArgs) -> Outcome {
    let figures = bench::reading(args.folder.as_deref())?;
    if args.json {
        return print_json_line(&figures);
    }
    say!("statements                         {} of {} characters on average", figures.statements, figures.characters);
    say!("read on one core                   {:.0} a second", figures.read_per_s);
    say!("the slowest one                    {:.1} ms", figures.slowest_ms);
    Ok(())
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

fn search(setting: &Setting, args: &Search) -> Outcome {
    let mut meter = super::search::Meter::new(!args.json);
    let figures =
        in_folder(setting, |dir| bench::search(dir, args.dossiers.max(1), args.questions.max(1), |done| meter.show(done)))?;
    meter.end();
    show(args.json, &figures, figures.table())
}

fn kill(setting: &Setting, args: Kill) -> Outcome {
    let folder = Temporary::new()?;
    let dir = setting.given.clone().unwrap_or_else(|| folder.0.clone());
    let plan = KillPlan { kills: args.kills, seed: args.seed, databases: args.databases.into() };
    let program = std::env::current_exe().map_err(Fault::file("cannot find this program"))?;
    let shows = !args.json && std::io::IsTerminal::is_terminal(&std::io::stderr());
    let figures = bench::kill(&dir, &program, &plan, |done| {
        if shows {
            eprint!("\r{done} kills");
        }
    })?;
    if args.json {
        print_json_line(&figures)?;
    } else {
        for (name, value) in figures.table() {
            say!("{name:<34} {value}");
        }
    }
    if figures.is_clean() { Ok(()) } else { Err(Fault::Damaged("what must not be lost or doubled was".to_owned()).into()) }
}

fn lines(input: Option<&PathBuf>) -> Result<Vec<String>, Fault> {
    input.map_or_else(|| Ok(bench::generated()), |path| bench::read_lines(path))
}

/// The folder that was asked for, or one that goes when the measure is done.
fn in_folder<T>(setting: &Setting, measure: impl FnOnce(&Path) -> Result<T, Trouble>) -> Result<T, Trouble> {
    if let Some(given) = &setting.given {
        return measure(given);
    }
    let folder = Temporary::new()?;
    measure(&folder.0)
}

fn show<T: serde::Serialize, N: std::fmt::Display>(json: bool, figures: &T, table: Vec<(N, String)>) -> Outcome {
    if json {
        return print_json_line(figures);
    }
    for (name, value) in table {
        say!("{name:<36} {value}");
    }
    Ok(())
}

fn exchange(setting: &Setting, args: Exchange) -> Outcome {
    let records = args.records.max(1);
    let (batch, missed) = (args.batch.clamp(1, 1000), args.missed.unwrap_or(records));
    let (lines, databases) = (lines(args.input.as_ref())?, args.databases.into());
    let plan = Plan { records, batch, lines, missed, with_limits: args.with_limits, databases };
    let figures = in_folder(setting, |dir| bench::exchange(dir, &plan))?;
    show(args.json, &figures, figures.table())
}

fn limits(setting: &Setting, args: &Limits) -> Outcome {
    let plan = LimitsPlan { records: args.records.max(1), batches: args.batches.clone(), lines: lines(args.input.as_ref())? };
    let figures = in_folder(setting, |dir| Ok(bench::limits(dir, &plan)?))?;
    show(args.json, &figures, figures.table())
}

fn scale(setting: &Setting, args: &Scale) -> Outcome {
    let (records, window, batch) = (args.records.max(1), args.window.max(1), args.batch.clamp(1, 1000));
    let plan = ScalePlan { records, batch, window, lines: lines(args.input.as_ref())? };
    let tells = !args.json;
    let tell = |stored| {
        if tells {
            eprintln!("{stored} stored …");
        }
    };
    let figures = in_folder(setting, |dir| bench::scale(dir, &plan, tell))?;
    show(args.json, &figures, figures.table())
}

fn print_json_line<T: serde::Serialize>(figures: &T) -> Outcome {
    if std::io::IsTerminal::is_terminal(&std::io::stdout()) {
        return print_json(figures);
    }
    say!("{}", serde_json::to_string(figures).map_err(|error| Fault::Setup(error.to_string()))?);
    Ok(())
}
