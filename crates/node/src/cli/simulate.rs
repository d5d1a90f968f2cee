//! `simulate`.

use super::{Outcome, print_json};
use crate::fault::Fault;
use crate::simulate::{self, Plan, Report};
use clap::Args;
use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};

/// After how many broken seeds no further one is looked for.
const ENOUGH: usize = 5;

#[derive(Args)]
pub(super) struct Simulate {
    /// How many worlds are simulated, each from a seed of its own
    #[arg(long, default_value_t = 2000)]
    seeds: u64,
    /// The first seed; with `--seeds 1` the one that is to be seen again
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many worlds are simulated at a time; as many as the machine has processors when nothing is said
    #[arg(long)]
    threads: Option<usize>,
    /// Tell every event of every world, for a few seeds
    #[arg(long)]
    events: bool,
    /// Go on after a promise was broken, to the last world
    #[arg(long)]
    all: bool,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Simulate) -> Outcome {
    let threads = args.threads.or_else(|| std::thread::available_parallelism().ok().map(Into::into)).unwrap_or(1);
    let plan = Plan { first: args.seed, seeds: args.seeds, threads, bug: None, written: args.events };
    let meter = Meter { shown: AtomicU64::new(0), shows: !args.json && std::io::stderr().is_terminal() };
    let report = simulate::run(
        &plan,
        &|done, broken| meter.show(done, args.seeds, broken),
        if args.events || args.all { usize::MAX } else { ENOUGH },
    )?;
    if args.json {
        print_json(&report)?;
    } else {
        print(&report);
    }
    match report.broken.iter().find(|outcome| !outcome.breaches.is_empty()) {
        None => Ok(()),
        Some(outcome) => Err(Fault::Damaged(format!(
            "seed {} broke a promise; `tansiq simulate --seeds 1 --seed {0} --events` tells how",
            outcome.seed
        ))
        .into()),
    }
}

fn print(report: &Report) {
    for outcome in &report.broken {
        outcome.events.iter().for_each(|event| say!("{event}"));
        for (invariant, sentence) in &outcome.breaches {
            say!("seed {}: {} broken: {sentence}", outcome.seed, name(invariant));
        }
        if !outcome.events.is_empty() {
            say!("seed {}: trace {}\n", outcome.seed, outcome.trace);
        }
    }
    let totals = &report.totals;
    let per_second = report.seeds as f64 / report.seconds.max(0.001);
    say!("worlds simulated         {:>12}   in {:.1} s, {per_second:.0} a second", report.seeds, report.seconds);
    say!("acts acknowledged        {:>12}", totals.acts);
    say!("requests between nodes   {:>12}", totals.requests);
    say!("records exchanged        {:>12}", totals.records);
    say!("nodes crashed            {:>12}", totals.crashes);
    say!("faults injected");
    totals.faults.iter().for_each(|(kind, count)| say!("  {kind:<22} {count:>12}"));
    say!("invariants checked");
    totals.checked.iter().for_each(|(invariant, count)| say!("  {:<22} {count:>12}", name(invariant)));
    let broken = report.broken.iter().filter(|outcome| !outcome.breaches.is_empty()).count();
    say!("seeds with a breach      {broken:>12}");
}

/// An invariant's name, as it stands in JSON.
fn name(invariant: &simulate::Invariant) -> String {
    serde_json::to_value(invariant).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

struct Meter {
    shown: AtomicU64,
    shows: bool,
}

impl Meter {
    fn show(&self, done: u64, of: u64, broken: usize) {
        if self.shows && (done.is_multiple_of(50) || done == of) && self.shown.swap(done, Ordering::Relaxed) != done {
            let end = if done == of { "\n" } else { "" };
            let _closed = write!(std::io::stderr(), "\r{done} of {of} worlds, {broken} broken{end}");
        }
    }
}
