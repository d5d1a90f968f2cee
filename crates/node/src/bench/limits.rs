//! Measures what this machine can do at most: the bare job of the exchange without any rule, and each of its parts.

use super::wire;
use crate::fault::Fault;
use crate::store;
use crate::store::db::{Connection, params};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};
use tansiq_log::checkpoint::{Checkpoint, SignedCheckpoint};
use tansiq_log::merkle::{CompactRange, leaf_hash};
use tansiq_log::note::{KeyKind, KeyName, Signer};

/// How long each part is measured.
const PART: Duration = Duration::from_millis(400);

/// What is measured, and with what.
#[derive(Debug, Clone)]
pub struct LimitsPlan {
    /// How many records each run of the bare job carries.
    pub records: usize,
    /// How many records go with one commit, one signature and one request, in each of the runs.
    pub batches: Vec<usize>,
    /// The records, used again from the top when there are too few.
    pub lines: Vec<String>,
}

/// What this machine can do at most.
#[derive(Debug, Clone, Serialize)]
pub struct Limits {
    /// The most records a second of the bare job, of any size of batch.
    pub ceiling_records_per_s: f64,
    /// The bare job by the size of its batches, in records a second.
    pub ceiling_by_batch: BTreeMap<usize, f64>,
    /// The mean size of a record, in bytes.
    pub record_bytes: usize,
    /// Records that each run carried.
    pub records: usize,
    /// 4 KiB appended to a file and made durable.
    pub fdatasync_per_s: f64,
    /// Records appended to a database, by how many go with one commit.
    pub appends_by_batch: BTreeMap<usize, f64>,
    /// Half of the commits of a single record were faster, in milliseconds.
    pub commit_ms_p50: f64,
    /// Records hashed (SHA-256), on one core.
    pub sha256_per_s: f64,
    /// Records parsed as JSON, on one core.
    pub json_per_s: f64,
    /// Checkpoints signed (Ed25519), on one core.
    pub signatures_per_s: f64,
    /// Signed checkpoints read and verified, on one core.
    pub verifications_per_s: f64,
    /// Bulk over one mutual TLS connection and HTTP/2, in MiB a second.
    pub tls_mib_per_s: f64,
}

impl Limits {
    /// The figures for people.
    #[must_use]
    pub fn table(&self) -> Vec<(String, String)> {
        let mut rows = vec![(
            "ceiling, records/s".to_owned(),
            format!("{:.0} (records of {} bytes on average)", self.ceiling_records_per_s, self.record_bytes),
        )];
        let by_batch = |(batch, rate): (&usize, &f64)| (format!("  bare job, batches of {batch}"), format!("{rate:.0}"));
        rows.extend(self.ceiling_by_batch.iter().map(by_batch));
        rows.push(("fdatasync of 4 KiB, 1/s".to_owned(), format!("{:.0}", self.fdatasync_per_s)));
        let by_batch = |(batch, rate): (&usize, &f64)| (format!("  durable appends/s, {batch} a commit"), format!("{rate:.0}"));
        rows.extend(self.appends_by_batch.iter().map(by_batch));
        rows.push(("commit of one record, p50".to_owned(), format!("{:.2} ms", self.commit_ms_p50)));
        rows.push(("SHA-256, records/s".to_owned(), format!("{:.0}", self.sha256_per_s)));
        rows.push(("JSON, records/s".to_owned(), format!("{:.0}", self.json_per_s)));
        rows.push((
            "checkpoints signed / verified, 1/s".to_owned(),
            format!("{:.0} / {:.0}", self.signatures_per_s, self.verifications_per_s),
        ));
        rows.push(("mutual TLS in bulk, MiB/s".to_owned(), format!("{:.0}", self.tls_mib_per_s)));
        rows
    }
}

/// Measures everything, in `dir`.
///
/// # Errors
/// When a file, the database or a connection fails.
pub fn limits(dir: &Path, plan: &LimitsPlan) -> Result<Limits, Fault> {
    crate::keys::make_private_folder(dir)?;
    let ceiling_by_batch = ceiling(dir, plan)?;
    let mut appends_by_batch = BTreeMap::new();
    let mut commit_ms_p50 = 0.0;
    for batch in [1, 100, 1000] {
        let (rate, p50) = appends(&dir.join(format!("appends-{batch}.db")), &plan.lines, batch)?;
        appends_by_batch.insert(batch, rate);
        if batch == 1 {
            commit_ms_p50 = p50;
        }
    }
    let (signatures_per_s, verifications_per_s) = signatures()?;
    Ok(Limits {
        ceiling_records_per_s: best(&ceiling_by_batch),
        ceiling_by_batch,
        record_bytes: plan.lines.iter().map(String::len).sum::<usize>() / plan.lines.len().max(1),
        records: plan.records,
        fdatasync_per_s: fdatasync(&dir.join("appended"))?,
        appends_by_batch,
        commit_ms_p50,
        sha256_per_s: each(&plan.lines, |line| {
            black_box(Sha256::digest(line.as_bytes()));
        }),
        json_per_s: each(&plan.lines, |line| {
            black_box(serde_json::from_str::<serde_json::Value>(line).is_ok());
        }),
        signatures_per_s,
        verifications_per_s,
        tls_mib_per_s: super::tenth(wire::bulk(dir)?),
    })
}

/// The bare job alone: records a second by the size of the batches.
///
/// # Errors
/// When the database or the connection fails.
pub(super) fn ceiling(dir: &Path, plan: &LimitsPlan) -> Result<BTreeMap<usize, f64>, Fault> {
    crate::keys::make_private_folder(dir)?;
    let mut found = BTreeMap::new();
    for batch in &plan.batches {
        let folder = dir.join(format!("bare-{batch}"));
        crate::keys::make_private_folder(&folder)?;
        found.insert(*batch, wire::carry(&folder, &plan.lines, plan.records, (*batch).max(1))?);
        std::fs::remove_dir_all(&folder).map_err(Fault::file(format!("cannot clear {}", folder.display())))?;
    }
    Ok(found)
}

/// The most of what was reached by the size of batches.
pub(super) fn best(by_batch: &BTreeMap<usize, f64>) -> f64 {
    by_batch.values().copied().fold(0.0, f64::max)
}

/// A record as the bare job keeps it: what it is, and that nothing is kept twice.
pub(super) struct Kept<'a> {
    pub(super) id: [u8; 32],
    pub(super) bytes: &'a [u8],
}

/// The bare store: one table, its records found by their hash.
pub(super) struct Bare(Connection);

impl Bare {
    pub(super) fn open(path: &Path) -> Result<Bare, Fault> {
        // With the settings of a node's own store.
        let connection = store::bare(&path.into())?;
        connection
            .execute_batch("CREATE TABLE kept (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL)")?;
        Ok(Bare(connection))
    }

    /// Appends records and makes them durable.
    pub(super) fn append<'a>(&self, records: impl IntoIterator<Item = Kept<'a>>) -> Result<(), Fault> {
        self.0.execute_batch("BEGIN IMMEDIATE")?;
        for record in records {
            self.0.prepare_cached("INSERT INTO kept (id, bytes) VALUES (?1, ?2)")?.execute(params![record.id, record.bytes])?;
        }
        self.0.execute_batch("COMMIT")?;
        Ok(())
    }
}

/// A record's identity in the bare job. The number keeps lines that come again apart.
pub(super) fn name(number: u64, bytes: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(number.to_be_bytes()).chain_update(bytes).finalize().into()
}

/// The root over the names of a batch: what is signed, and what the receiver computes for itself.
pub(super) fn root(names: impl IntoIterator<Item = [u8; 32]>) -> Result<CompactRange, Fault> {
    let mut range = CompactRange::new();
    for name in names {
        range.append(leaf_hash(&name), |_, _| {}).map_err(|error| Fault::Damaged(error.to_string()))?;
    }
    Ok(range)
}

fn appends(path: &Path, lines: &[String], batch: usize) -> Result<(f64, f64), Fault> {
    let store = Bare::open(path)?;
    let (begun, mut done, mut took) = (Instant::now(), 0u64, Vec::new());
    while begun.elapsed() < PART * 2 {
        let commit = Instant::now();
        let numbered = (done..).zip(lines.iter().cycle().skip(usize::try_from(done).unwrap_or(0) % lines.len()));
        store.append(
            numbered.take(batch).map(|(number, line)| Kept { id: name(number, line.as_bytes()), bytes: line.as_bytes() }),
        )?;
        done += batch as u64;
        took.push(commit.elapsed().as_secs_f64() * 1000.0);
    }
    took.sort_by(f64::total_cmp);
    let p50 = took.get(took.len() / 2).copied().unwrap_or_default();
    Ok((rate(done, begun), (p50 * 100.0).round() / 100.0))
}

fn fdatasync(path: &Path) -> Result<f64, Fault> {
    let fault = || Fault::file(format!("cannot write {}", path.display()));
    let mut file = std::fs::File::create(path).map_err(fault())?;
    let (begun, mut done) = (Instant::now(), 0);
    while begun.elapsed() < PART {
        file.write_all(&[7; 4096]).and_then(|()| file.sync_data()).map_err(fault())?;
        done += 1;
    }
    Ok(rate(done, begun))
}

fn signatures() -> Result<(f64, f64), Fault> {
    let fault = |error: &dyn std::fmt::Display| Fault::Key(error.to_string());
    let origin = "limits.example/bench";
    let key = KeyName::new(origin).map_err(|error| fault(&error))?;
    let signer = Signer::new(key, KeyKind::Ed25519, &[7; 32]);
    let sign = |size| {
        let checkpoint = Checkpoint::new(origin.to_owned(), size, leaf_hash(b"")).map_err(|error| fault(&error))?;
        SignedCheckpoint::sign(checkpoint, &signer).map(|signed| signed.to_string()).map_err(|error| fault(&error))
    };
    let (begun, mut done) = (Instant::now(), 0);
    let mut note = String::new();
    while begun.elapsed() < PART {
        done += 1;
        note = sign(done)?;
    }
    let signed = rate(done, begun);
    let (begun, mut done) = (Instant::now(), 0);
    while begun.elapsed() < PART {
        SignedCheckpoint::open(note.as_bytes(), origin, signer.verifier()).map_err(|error| fault(&error))?;
        done += 1;
    }
    Ok((signed, rate(done, begun)))
}

fn each(lines: &[String], mut work: impl FnMut(&str)) -> f64 {
    let (begun, mut done) = (Instant::now(), 0);
    while begun.elapsed() < PART {
        lines.iter().for_each(|line| work(line));
        done += lines.len() as u64;
    }
    rate(done, begun)
}

#[allow(clippy::cast_precision_loss, reason = "a figure for people")]
pub(super) fn rate(count: u64, begun: Instant) -> f64 {
    (count as f64 / begun.elapsed().as_secs_f64()).round()
}
