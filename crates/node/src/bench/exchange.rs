//! The exchange between two nodes: how many records a second, how fast a single one, how fast what was missed.

use super::limits::{self, Limits, LimitsPlan};
use super::pair::{Founded, Pair, THERE};
use super::{Spread, per_second, tenth};
use crate::fault::{Fault, Trouble};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;
use tansiq_dossier::party::PartyId;

/// How many acts are made one by one.
const SINGLES: usize = 200;
/// How many times the exchange and the bare job are run in turn, where one is held against the other: a machine is not the same
/// from one quarter of a minute to the next.
const ROUNDS: usize = 3;

/// What to send.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How many records.
    pub records: usize,
    /// How many with one request.
    pub batch: usize,
    /// Their bodies as JSON objects, used again from the top when there are too few.
    pub lines: Vec<String>,
    /// How many records the other node misses and catches up with; none to leave that out.
    pub missed: usize,
    /// Whether the machine's limits are measured in the same run.
    pub with_limits: bool,
    /// PostgreSQL databases for the stores of the first and the second node; none for files.
    pub databases: [Option<String>; 2],
}

/// One run of the exchange.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Run {
    /// End to end.
    pub records_per_s: f64,
    /// Until the last was acknowledged.
    pub submitted_per_s: f64,
    /// Of both nodes together.
    pub cpu_us_per_record: f64,
    /// How long it took.
    pub seconds: f64,
}

/// A run of the exchange, and of the bare job before it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Round {
    /// Of the exchange, end to end.
    pub records_per_s: f64,
    /// Of the bare job, with the best size of batch.
    pub ceiling_records_per_s: f64,
}

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// How many records were sent.
    pub records: usize,
    /// The run whose rate is the median of all.
    #[serde(flatten)]
    pub run: Run,
    /// Of single acts.
    pub latency_ms: Spread,
    /// Records a second with which a node that was down caught up, its start included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catch_up_per_s: Option<f64>,
    /// The most memory of each node.
    pub rss_mib: BTreeMap<PartyId, f64>,
    /// Whether both nodes ended with the same digest.
    pub digests_equal: bool,
    /// The mean size of a body, in bytes.
    pub body_bytes: usize,
    /// What the machine can do at most: of each size of batch the median of its runs, and the best of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ceiling_records_per_s: Option<f64>,
    /// The rate as a part of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_of_ceiling: Option<f64>,
    /// Half of the single acts were seen no later than this after two durable commits, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_beyond_commits_ms_p50: Option<f64>,
    /// Everything about the machine, as measured before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// Each run of the exchange beside the bare job's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rounds: Vec<Round>,
}

impl Figures {
    /// The figures for people, each with what it should be.
    #[must_use]
    pub fn table(&self) -> Vec<(&'static str, String)> {
        let rss: Vec<String> = self.rss_mib.iter().map(|(party, mib)| format!("{party} {mib:.0}")).collect();
        let latency = self.latency_ms;
        let mut rows = vec![
            ("records", format!("{} of {} bytes on average", self.records, self.body_bytes)),
            ("records/s, end to end", format!("{:.0} (at least 10000)", self.run.records_per_s)),
            ("records/s, acknowledged", format!("{:.0}", self.run.submitted_per_s)),
            ("single act visible, p50 / p99", format!("{:.1} ms / {:.1} ms", latency.p50, latency.p99)),
            ("processor time per record", format!("{:.0} µs, both nodes", self.run.cpu_us_per_record)),
            ("most memory, MiB", format!("{} (below 200)", rss.join(", "))),
            ("digests equal", self.digests_equal.to_string()),
        ];
        if let Some(rate) = self.catch_up_per_s {
            rows.insert(3, ("records/s, catching up", format!("{rate:.0} (at least {:.0})", self.run.records_per_s)));
        }
        if let (Some(ceiling), Some(part)) = (self.ceiling_records_per_s, self.part_of_ceiling) {
            rows.push(("ceiling of this machine, records/s", format!("{ceiling:.0}")));
            rows.push(("part of the ceiling", format!("{:.0} % (at least 60 %)", part * 100.0)));
        }
        if let Some(beyond) = self.latency_beyond_commits_ms_p50 {
            rows.push(("single act beyond two commits, p50", format!("{beyond:.1} ms (at most 25 ms)")));
        }
        rows
    }
}

/// Runs the measurement on fresh nodes in `dir`.
///
/// # Errors
/// When a node fails or refuses.
pub fn exchange(dir: &Path, plan: &Plan) -> Result<Figures, Trouble> {
    if plan.with_limits { held_against_limits(dir, plan) } else { measured(dir, plan) }
}

fn measured(dir: &Path, plan: &Plan) -> Result<Figures, Trouble> {
    let founded = Founded::on(dir, &plan.databases)?;
    crate::cli::block_on(async { Ok(measure(founded, plan).await?) })
}

/// The bare job and the exchange in turn. Of each the median counts: of the best of many one would learn how fast the machine can
/// be for a moment.
fn held_against_limits(dir: &Path, plan: &Plan) -> Result<Figures, Trouble> {
    let of_machine =
        LimitsPlan { records: plan.records.clamp(10_000, 100_000), batches: vec![100, 500, 1000], lines: plan.lines.clone() };
    let bare = dir.join("limits");
    let mut limits = limits::limits(&bare, &of_machine)?;
    let mut figures = measured(dir, plan)?;
    let (mut ceilings, mut runs) = (vec![limits.ceiling_by_batch.clone()], vec![figures.run]);
    // A database of a server is empty only once.
    let rounds = if plan.databases.iter().all(Option::is_none) { ROUNDS } else { 1 };
    for round in 1..rounds {
        ceilings.push(limits::ceiling(&bare, &of_machine)?);
        let folder = dir.join(format!("round-{round}"));
        let founded = Founded::new(&folder)?;
        let again = || async { run(&mut Pair::start(founded).await?, plan).await };
        runs.push(crate::cli::block_on(async { Ok(again().await?) })?);
        std::fs::remove_dir_all(&folder).map_err(Fault::file(format!("cannot clear {}", folder.display())))?;
    }
    let of_round =
        |(run, ceiling): (&Run, _)| Round { records_per_s: run.records_per_s, ceiling_records_per_s: limits::best(ceiling) };
    figures.rounds = runs.iter().zip(&ceilings).map(of_round).collect();
    for (batch, rate) in &mut limits.ceiling_by_batch {
        let of_batch = ceilings.iter().filter_map(|by_batch| by_batch.get(batch).copied());
        *rate = median(of_batch.collect(), |rate| *rate).unwrap_or_default();
    }
    limits.ceiling_records_per_s = limits::best(&limits.ceiling_by_batch);
    figures.run = median(runs, |run| run.records_per_s).unwrap_or(figures.run);
    let ceiling = limits.ceiling_records_per_s;
    figures.ceiling_records_per_s = Some(ceiling);
    figures.part_of_ceiling = Some((figures.run.records_per_s / ceiling * 1000.0).round() / 1000.0);
    figures.latency_beyond_commits_ms_p50 = Some(tenth(figures.latency_ms.p50 - 2.0 * limits.commit_ms_p50));
    figures.limits = Some(limits);
    Ok(figures)
}

/// The one in the middle.
fn median<T>(mut all: Vec<T>, by: impl Fn(&T) -> f64) -> Option<T> {
    all.sort_by(|one, other| by(one).total_cmp(&by(other)));
    let middle = all.len() / 2;
    all.into_iter().nth(middle)
}

async fn run(pair: &mut Pair, plan: &Plan) -> Result<Run, Fault> {
    let before = pair.cpu()?;
    let begun = Instant::now();
    let submitted = pair.submit(&plan.lines, plan.records, plan.batch).await?;
    pair.cosigned().await?;
    let whole = begun.elapsed();
    let used = pair.cpu()? - before;
    #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
    let count = plan.records as f64;
    Ok(Run {
        records_per_s: per_second(plan.records, whole),
        submitted_per_s: per_second(plan.records, submitted),
        cpu_us_per_record: tenth(used * 1e6 / count),
        seconds: tenth(whole.as_secs_f64()),
    })
}

async fn measure(founded: Founded, plan: &Plan) -> Result<Figures, Fault> {
    let mut pair = Pair::start(founded).await?;
    let run = run(&mut pair, plan).await?;
    let latency_ms = Spread::of(pair.singles(&plan.lines, SINGLES).await?);
    let mut catch_up_per_s = None;
    if plan.missed > 0 {
        pair.cosigned().await?;
        pair.stop(THERE)?;
        pair.submit(&plan.lines, plan.missed, plan.batch).await?;
        let begun = Instant::now();
        pair.start_again(THERE).await?;
        pair.cosigned().await?;
        catch_up_per_s = Some(per_second(plan.missed, begun.elapsed()));
    }
    Ok(Figures {
        records: plan.records,
        run,
        latency_ms,
        catch_up_per_s,
        rss_mib: pair.memory()?,
        digests_equal: pair.digests_equal().await?,
        body_bytes: plan.lines.iter().map(String::len).sum::<usize>() / plan.lines.len().max(1),
        ceiling_records_per_s: None,
        part_of_ceiling: None,
        latency_beyond_commits_ms_p50: None,
        limits: None,
        rounds: Vec::new(),
    })
}
