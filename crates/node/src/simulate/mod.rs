//! The seeded simulation: two to five whole nodes on virtual time and a network and disks that fail, and what must always be
//! true of them. `tansiq simulate` runs it, and so do the tests; a seed replays what it found, event by event.
//!
//! What runs is the node itself: its exchange, its router, its store on a real database. Simulated are the clock, randomness,
//! the way between nodes, and what becomes of each commit.

mod acts;
mod bug;
mod check;
mod course;
mod dice;
mod disk;
mod house;
mod ledger;
mod network;
mod stage;

pub use bug::Bug;
pub use ledger::Invariant;

use crate::fault::Fault;
use course::Course;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// What is to be simulated.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The first seed.
    pub first: u64,
    /// How many seeds, one after the other.
    pub seeds: u64,
    /// How many worlds are simulated at a time.
    pub threads: usize,
    /// A fault of the node that is planted, to see whether it is found.
    pub bug: Option<Bug>,
    /// Whether every event is told in words.
    pub written: bool,
}

/// What one seed led to.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// The hash of every event in its order: the same for the same seed.
    pub trace: String,
    /// What was found broken, the first thing first.
    pub breaches: Vec<(Invariant, String)>,
    /// Every event in words, where they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// What happened.
    pub totals: Totals,
}

/// What happened in the worlds that were simulated.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Totals {
    /// Faults by their kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Lives of nodes that ended without a farewell.
    pub crashes: u64,
    /// Acts of officers that were acknowledged.
    pub acts: u64,
    /// Requests between nodes.
    pub requests: u64,
    /// Records that went from one node to another.
    pub records: u64,
    /// How often each invariant was checked.
    pub checked: BTreeMap<Invariant, u64>,
}

impl Totals {
    fn add(&mut self, other: &Totals) {
        other.faults.iter().for_each(|(kind, count)| *self.faults.entry(kind).or_default() += count);
        other.checked.iter().for_each(|(kind, count)| *self.checked.entry(*kind).or_default() += count);
        self.crashes += other.crashes;
        self.acts += other.acts;
        self.requests += other.requests;
        self.records += other.records;
    }
}

/// What all seeds led to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// How many seeds were run.
    pub seeds: u64,
    /// How long that took.
    pub seconds: f64,
    /// What happened.
    pub totals: Totals,
    /// The seeds in which something was found broken.
    pub broken: Vec<Outcome>,
}

/// Runs seeds until all are done or `enough` says so of what was found broken.
///
/// # Errors
/// When this machine fails; nothing is said then of the node.
pub fn run(plan: &Plan, progress: &(dyn Fn(u64, usize) + Sync), enough: usize) -> Result<Report, Fault> {
    let begun = std::time::Instant::now();
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let found: Mutex<(Report, Option<Fault>)> = Mutex::default();
    let work = || {
        while !stop.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= plan.seeds {
                return;
            }
            let outcome = one(plan.first.wrapping_add(number), plan.bug, plan.written);
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            match outcome {
                Ok(outcome) => {
                    found.0.seeds += 1;
                    found.0.totals.add(&outcome.totals);
                    if !outcome.breaches.is_empty() || plan.written {
                        found.0.broken.push(outcome);
                    }
                }
                Err(fault) => found.1 = Some(fault),
            }
            if found.0.broken.len() >= enough || found.1.is_some() {
                stop.store(true, Ordering::Relaxed);
            }
            progress(found.0.seeds, found.0.broken.len());
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..plan.threads.max(1) {
            scope.spawn(work);
        }
        work();
    });
    let (mut report, fault) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    report.seconds = begun.elapsed().as_secs_f64();
    report.broken.sort_by_key(|outcome| outcome.seed);
    fault.map_or(Ok(report), Err)
}

/// Simulates one world.
///
/// # Errors
/// When this machine fails.
pub fn one(seed: u64, bug: Option<Bug>, written: bool) -> Result<Outcome, Fault> {
    let folder = Folder::new(seed)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.map_err(Fault::file("cannot start the runtime"))?;
    runtime.block_on(async {
        let fault = |trouble: crate::fault::Trouble| Fault::Setup(format!("seed {seed}: {trouble}"));
        let mut course = Course::found(seed, bug, &folder.0, written).await.map_err(fault)?;
        course.run().await.map_err(fault)?;
        if let Some(broken) = course.stage.is_broken() {
            return Err(Fault::Setup(format!("seed {seed}: {broken}")));
        }
        let mut ledger = course.stage.ledger();
        let totals = Totals {
            faults: std::mem::take(&mut ledger.faults),
            crashes: ledger.crashes,
            acts: ledger.acts,
            requests: ledger.requests,
            records: ledger.records,
            checked: std::mem::take(&mut ledger.checked),
        };
        let breaches = std::mem::take(&mut ledger.breaches);
        Ok(Outcome { seed, trace: ledger.trace(), breaches, events: ledger.lines.take().unwrap_or_default(), totals })
    })
}

/// A folder that goes when the world does; in memory where the machine offers that, so that durability costs nothing.
struct Folder(PathBuf);

impl Folder {
    fn new(seed: u64) -> Result<Folder, Fault> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = parent.join(format!("tansiq-simulate-{}-{seed}-{count}", std::process::id()));
        crate::keys::make_private_folder(&folder)?;
        Ok(Folder(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _best_effort = std::fs::remove_dir_all(&self.0);
    }
}
