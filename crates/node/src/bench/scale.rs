//! A large store: whether the exchange stays as fast, and how long opening, listing and verifying take.

use super::pair::{Founded, HERE, Pair, THERE};
use super::{Spread, per_second, tenth};
use crate::fault::{Fault, Trouble};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use tansiq_dossier::party::PartyId;

/// Where the first rate is measured: with so many records stored.
const SMALL: usize = 10_000;
/// How many lists are asked for.
const LISTS: usize = 300;

/// How large the store becomes.
#[derive(Debug, Clone)]
pub struct ScalePlan {
    /// Records stored.
    pub records: usize,
    /// Records with one request.
    pub batch: usize,
    /// Records over which each rate is measured.
    pub window: usize,
    /// The records' bodies as JSON objects, used again from the top when there are too few.
    pub lines: Vec<String>,
}

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct ScaleFigures {
    /// Records stored on each node before the last rate was measured.
    pub records: usize,
    /// Records a second, end to end, by how many were stored before.
    pub records_per_s: BTreeMap<usize, f64>,
    /// Processor time of both nodes for each record, by how many were stored before.
    pub cpu_us_per_record: BTreeMap<usize, f64>,
    /// The rate at the end as a part of the rate at the beginning.
    pub part_of_first_rate: f64,
    /// The most memory of each node.
    pub rss_mib: BTreeMap<PartyId, f64>,
    /// Until a node that was killed answers again.
    pub open_s: f64,
    /// The newest 100 of a list filtered by channel, kind and state, through the API.
    pub list_ms: Spread,
    /// The same, filtered so that nothing is found.
    pub empty_list_ms: Spread,
    /// Records a second that `tansiq verify` checked on the receiving node, its start included.
    pub verified_per_s: f64,
    /// Seconds that it took.
    pub verify_s: f64,
    /// The size of a node's database, in MiB.
    pub database_mib: f64,
}

impl ScaleFigures {
    /// The figures for people, each with what it should be.
    #[must_use]
    pub fn table(&self) -> Vec<(String, String)> {
        let rss: Vec<String> = self.rss_mib.iter().map(|(party, mib)| format!("{party} {mib:.0}")).collect();
        let rates = self.records_per_s.iter().map(|(stored, rate)| {
            let cpu = self.cpu_us_per_record.get(stored).copied().unwrap_or_default();
            (format!("records/s with {stored} stored"), format!("{rate:.0}, {cpu:.0} µs of both nodes for each"))
        });
        let mut rows: Vec<(String, String)> = rates.collect();
        let spread = |spread: Spread| format!("{:.2} ms / {:.2} ms (p99 below 5 ms)", spread.p50, spread.p99);
        rows.extend([
            ("last rate, part of the first".to_owned(), format!("{:.0} % (at least 85 %)", self.part_of_first_rate * 100.0)),
            ("most memory, MiB".to_owned(), format!("{} (below 200)", rss.join(", "))),
            ("opening, killed before".to_owned(), format!("{:.2} s (below 3 s)", self.open_s)),
            ("newest 100 of a list, p50 / p99".to_owned(), spread(self.list_ms)),
            ("a list of nothing, p50 / p99".to_owned(), spread(self.empty_list_ms)),
            ("records verified/s".to_owned(), format!("{:.0} in {:.1} s (above 200000)", self.verified_per_s, self.verify_s)),
            ("database, MiB".to_owned(), format!("{:.0}", self.database_mib)),
        ]);
        rows
    }
}

/// Fills two fresh nodes in `dir` through the exchange itself, and measures.
///
/// # Errors
/// When a node fails or refuses, or does not verify.
pub fn scale(dir: &Path, plan: &ScalePlan, tell: impl FnMut(usize)) -> Result<ScaleFigures, Trouble> {
    let founded = Founded::new(dir)?;
    crate::cli::block_on(async { Ok(measure(founded, plan, tell).await?) })
}

async fn measure(founded: Founded, plan: &ScalePlan, mut tell: impl FnMut(usize)) -> Result<ScaleFigures, Fault> {
    let mut pair = Pair::start(founded).await?;
    let (mut records_per_s, mut cpu_us_per_record) = (BTreeMap::new(), BTreeMap::new());
    let mut stored = 0;
    for goal in [SMALL, plan.records / 10, plan.records] {
        while stored < goal {
            let some = (goal - stored).min(50_000);
            pair.submit(&plan.lines, some, plan.batch).await?;
            stored += some;
            tell(stored);
        }
        pair.cosigned().await?;
        let (before, begun) = (pair.cpu()?, Instant::now());
        pair.submit(&plan.lines, plan.window, plan.batch).await?;
        pair.cosigned().await?;
        let (took, used) = (begun.elapsed(), pair.cpu()? - before);
        records_per_s.insert(stored, per_second(plan.window, took));
        #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
        cpu_us_per_record.insert(stored, tenth(used * 1e6 / plan.window as f64));
        stored += plan.window;
    }
    let rates: Vec<f64> = records_per_s.values().copied().collect();
    let part = rates.first().zip(rates.last()).map(|(first, last)| last / first).unwrap_or_default();
    let path = format!("/api/v1/dossiers?channel={}&kind=probe&limit=100", pair.channel());
    let list_ms = lists(&pair, &format!("{path}&state=sent"), 100).await?;
    let empty_list_ms = lists(&pair, &format!("{path}&state=unsent"), 0).await?;
    let rss_mib = pair.memory()?;
    pair.stop(HERE)?;
    let open_s = (pair.start_again(HERE).await?.as_secs_f64() * 100.0).round() / 100.0;
    pair.stop(HERE)?;
    pair.stop(THERE)?;
    let folder = pair.folder(THERE)?;
    let (records, seconds) = verify(&folder)?;
    #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
    Ok(ScaleFigures {
        records: plan.records,
        records_per_s,
        cpu_us_per_record,
        part_of_first_rate: (part * 1000.0).round() / 1000.0,
        rss_mib,
        open_s,
        list_ms,
        empty_list_ms,
        verified_per_s: tenth(records as f64 / seconds),
        verify_s: tenth(seconds),
        database_mib: tenth(size(&folder)? / (1024.0 * 1024.0)),
    })
}

async fn lists(pair: &Pair, path: &str, expected: usize) -> Result<Spread, Fault> {
    let [here, _] = &pair.here;
    let mut took = Vec::with_capacity(LISTS);
    for _ in 0..LISTS {
        let begun = Instant::now();
        let (status, bytes) = here.bytes(path).await?;
        took.push(begun.elapsed().as_secs_f64() * 1000.0);
        let page: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if page["items"].as_array().map(Vec::len) != Some(expected) {
            return Err(Fault::Setup(format!("a list was answered {status}, and has not {expected} lines")));
        }
    }
    Ok(Spread::of(took))
}

/// What `tansiq verify` says that it checked.
#[derive(Deserialize)]
struct Verified {
    records: u64,
}

fn verify(folder: &Path) -> Result<(u64, f64), Fault> {
    let program = std::env::current_exe().map_err(Fault::file("cannot find this program"))?;
    let begun = Instant::now();
    let output = Command::new(&program)
        .args(["verify", "--json", "--dir"])
        .arg(folder)
        .stderr(Stdio::inherit())
        .output()
        .map_err(Fault::file(format!("cannot start {}", program.display())))?;
    let seconds = begun.elapsed().as_secs_f64();
    if !output.status.success() {
        return Err(Fault::Damaged(String::from_utf8_lossy(&output.stdout).into_owned()));
    }
    let report: Verified = serde_json::from_slice(&output.stdout).map_err(|error| Fault::Setup(error.to_string()))?;
    Ok((report.records, seconds))
}

#[allow(clippy::cast_precision_loss, reason = "a figure for people")]
fn size(folder: &Path) -> Result<f64, Fault> {
    let path = folder.join("tansiq.db");
    std::fs::metadata(&path).map(|about| about.len() as f64).map_err(Fault::file(format!("cannot read {}", path.display())))
}
