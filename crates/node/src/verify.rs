//! Proves to oneself that the store is what it should be: recomputes every leaf, tree, signature and fold from the stored
//! bytes, and trusts nothing that was derived.
//!
//! The work is cut into tasks that need nothing of each other: the tree of each log, and runs of dossiers. As many of them are
//! done at a time as there are processors, each over a reading of its own, so that a large store takes no longer than it must.
//! Every record is read, hashed and parsed once.

use crate::fault::Fault;
use crate::keyring::{self, Keyring};
use crate::store::db::{Connection, OptionalExtension, params};
use crate::store::kept::{Between, Kept};
use crate::store::records::{Beside, Fate};
use crate::store::{Store, channels, disclosures, entries, folds, forks, logs, records, tally};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::fold;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::{DossierId, Entry, Record, RecordId};
use tansiq_dossier::sealed::Sealed;
use tansiq_log::checkpoint::SignedCheckpoint;
use tansiq_log::merkle::{CompactRange, Hash, leaf_hash};
use tansiq_log::note::{SignatureLine, VerifierKey};

/// What was checked, and what was found wrong.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Channels whose charters hash to their names.
    pub channels: u64,
    /// Logs whose trees were rebuilt from their entries.
    pub logs: u64,
    /// Entries hashed into trees.
    pub entries: u64,
    /// Records whose bytes and salt hash to their entry.
    pub records: u64,
    /// Disclosures that their records commit to.
    pub disclosures: u64,
    /// Checkpoints with the log's own signature over the rebuilt tree.
    pub checkpoints: u64,
    /// Cosignatures.
    pub cosignatures: u64,
    /// Proofs that a log has two histories, each of which holds.
    pub forks: u64,
    /// Dossiers folded anew from their records.
    pub dossiers: u64,
    /// What is wrong, one sentence each. Empty when all is as it should be.
    pub problems: Vec<String>,
}

/// Checks everything that is stored, over one connection.
///
/// # Errors
/// When the store cannot be read at all.
pub fn verify(connection: &Connection, progress: &mut dyn FnMut(&Report)) -> Result<Report, Fault> {
    let mut report = Report::default();
    let agenda = Mutex::new(Agenda::new(connection, &mut report)?);
    work(connection, &agenda, &mut |part| {
        report.add(part);
        progress(&report);
    })?;
    Ok(report)
}

/// Checks everything that is stored, with every processor.
///
/// # Errors
/// When the store cannot be read at all.
pub fn verify_store(store: &Store, progress: &mut dyn FnMut(&Report)) -> Result<Report, Fault> {
    let mut report = Report::default();
    let agenda = Mutex::new(store.read_now(|connection| Agenda::new(connection, &mut report))?);
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_WORKERS);
    let (send, parts) = mpsc::channel();
    let failed = std::thread::scope(|scope| {
        let running: Vec<_> = (0..workers)
            .map(|_| {
                let (send, agenda) = (send.clone(), &agenda);
                scope.spawn(move || {
                    store.read_now(|connection| {
                        work(connection, agenda, &mut |part| {
                            // Whoever asked is waiting below for as long as anybody works.
                            let _gone = send.send(part);
                        })
                    })
                })
            })
            .collect();
        drop(send);
        for part in parts {
            report.add(part);
            progress(&report);
        }
        let ends = running.into_iter().map(|worker| worker.join().unwrap_or(Err(Fault::Closing)));
        ends.collect::<Result<Vec<()>, Fault>>().err()
    });
    match failed {
        Some(fault) => Err(fault),
        None => Ok(report),
    }
}

/// Checks the whole file of the database, page by page and index by index, where it is a file: what [`verify`] recomputes is
/// read through these pages, and what lies beside it is checked by name there.
///
/// # Errors
/// When the store cannot be read at all.
pub fn file(connection: &Connection, report: &mut Report) -> Result<(), Fault> {
    if connection.sqlite().is_some() {
        let check: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        report.judge_file(&check);
    }
    Ok(())
}

/// How many work at once, at most.
const MOST_WORKERS: usize = 8;

/// How many records a run of dossiers has, give or take a dossier.
const RUN: i64 = 4096;

/// The tables of which nothing is recomputed: that their pages and indexes are in order is asked of the database.
const BESIDE: [&str; 12] = [
    "meta",
    "peer",
    "late",
    "late_taken",
    "attachment",
    "reference",
    "officer",
    "session",
    "approval",
    "audit",
    "shown",
    "published",
];

impl Report {
    fn add(&mut self, part: Report) {
        self.channels += part.channels;
        self.logs += part.logs;
        self.entries += part.entries;
        self.records += part.records;
        self.disclosures += part.disclosures;
        self.checkpoints += part.checkpoints;
        self.cosignatures += part.cosignatures;
        self.forks += part.forks;
        self.dossiers += part.dossiers;
        self.problems.extend(part.problems);
    }

    fn judge_file(&mut self, check: &str) {
        if check != "ok" {
            self.problems.push(format!("the database file is damaged: {check}"));
        }
    }
}

/// What is left to do.
struct Agenda {
    tasks: Vec<Task>,
    /// Channels whose dossiers are left, each with the last dossier that was handed out.
    folding: Vec<(ChannelId, Arc<Keyring>, String)>,
}

/// What one worker does at a time.
enum Task {
    /// What is checked as a whole, and the records of a channel that name no dossier.
    Beside(Vec<ChannelId>),
    /// A log's tree and signatures.
    Log(ChannelId, Arc<Keyring>, PartyId),
    /// The dossiers after one, up to another: their records, and their folds.
    Folds(ChannelId, Arc<Keyring>, String, Option<String>),
}

impl Agenda {
    fn new(connection: &Connection, report: &mut Report) -> Result<Agenda, Fault> {
        let channels = channels::all(connection)?;
        report.channels = channels.len() as u64;
        let mut tasks = vec![Task::Beside(channels.keys().cloned().collect())];
        let mut folding = Vec::new();
        for (channel, charter) in channels {
            let ring = Arc::new(keyring::refolded(connection, &channel, &charter)?);
            tasks.extend(charter.parties.keys().map(|party| Task::Log(channel.clone(), ring.clone(), party.clone())));
            folding.push((channel, ring, String::new()));
        }
        Ok(Agenda { tasks, folding })
    }

    /// The next task. Runs of dossiers are cut off as they are needed.
    fn next(&mut self, connection: &Connection) -> Result<Option<Task>, Fault> {
        if let Some(task) = self.tasks.pop() {
            return Ok(Some(task));
        }
        let Some((channel, ring, after)) = self.folding.pop() else { return Ok(None) };
        let to: Option<String> = connection
            .prepare_cached("SELECT dossier FROM record WHERE channel = ?1 AND dossier > ?2 ORDER BY dossier LIMIT 1 OFFSET ?3")?
            .query_row(params![channel.as_str(), after, RUN], |row| row.get(0))
            .optional()?;
        if let Some(to) = &to {
            self.folding.push((channel.clone(), ring.clone(), to.clone()));
        }
        Ok(Some(Task::Folds(channel, ring, after, to)))
    }
}

/// Does tasks until none is left, and tells of each.
fn work(connection: &Connection, agenda: &Mutex<Agenda>, tell: &mut dyn FnMut(Report)) -> Result<(), Fault> {
    loop {
        let next = agenda.lock().unwrap_or_else(PoisonError::into_inner).next(connection)?;
        let mut report = Report::default();
        match next {
            None => return Ok(()),
            Some(Task::Beside(channels)) => beside(connection, &channels, &mut report)?,
            Some(Task::Log(channel, ring, party)) => {
                if let Err(fault) = log(connection, &channel, &ring, &party, &mut report) {
                    report.problems.push(format!("the log of {party} in {channel}: {fault}"));
                }
            }
            Some(Task::Folds(channel, ring, after, to)) => {
                folds(connection, &channel, &ring, (&after, to.as_deref()), &mut report)?;
            }
        }
        tell(report);
    }
}

/// Checks what no other task reads: tables that are not recomputed, records that name no dossier, and counts.
fn beside(connection: &Connection, channels: &[ChannelId], report: &mut Report) -> Result<(), Fault> {
    if connection.sqlite().is_some() {
        for table in BESIDE {
            let check: String = connection.query_row(&format!("PRAGMA integrity_check('{table}')"), [], |row| row.get(0))?;
            report.judge_file(&check);
        }
    }
    if !tally::holds(connection)? {
        report.problems.push("the counts of dossiers are not those of the dossiers that are kept".to_owned());
    }
    for (party, index) in disclosures::strays(connection)? {
        report.problems.push(format!("sealed values are kept for record {index} of {party}, and there is no such record"));
    }
    for channel in channels {
        records::each_without_dossier(connection, channel, |beside| record(&beside, report))?;
        let (by_place, by_dossier) = records::counted(connection, channel)?;
        if by_place != by_dossier {
            report
                .problems
                .push(format!("{by_place} records of {channel} stand by their places, and {by_dossier} by their dossiers"));
        }
    }
    Ok(())
}

/// Rebuilds one log's tree from its entries, and checks every checkpoint and cosignature at the size that it names.
fn log(connection: &Connection, channel: &ChannelId, ring: &Keyring, party: &PartyId, report: &mut Report) -> Result<(), Fault> {
    report.logs += 1;
    let wanted: BTreeSet<u64> = {
        let mut query = connection.prepare_cached("SELECT size FROM checkpoint WHERE channel = ?1 AND party = ?2")?;
        let rows = query.query_map([channel.as_str(), party.as_str()], |row| row.get::<_, i64>(0))?;
        rows.map(|size| size.map(logs::uint)).collect::<Result<_, _>>()?
    };
    let mut roots: BTreeMap<u64, Hash> = BTreeMap::new();
    let mut range = CompactRange::new();
    let mut lacks = None;
    entries::each(connection, channel, party, |index, entry| {
        if lacks.is_some() || index != range.size() {
            lacks.get_or_insert(range.size());
            return Ok(());
        }
        range.append(leaf_hash(entry), |_, _| {}).map_err(|error| Fault::Damaged(error.to_string()))?;
        report.entries += 1;
        if wanted.contains(&range.size()) {
            roots.insert(range.size(), range.root());
        }
        Ok(())
    })?;
    if let Some(place) = lacks {
        report.problems.push(format!("the log of {party} in {channel} lacks entry {place}"));
        return Ok(());
    }
    let head = logs::head(connection, channel, party)?;
    if head.range != range {
        report.problems.push(format!(
            "the log of {party} in {channel} has {} entries, its head says {}",
            range.size(),
            head.range.size()
        ));
    }
    if let Some(found) = forks::get(connection, channel, party)? {
        match found.proof.check_with(&ring.log_keys_ever(party).iter().collect::<Vec<_>>()) {
            Ok(()) => report.forks += 1,
            Err(error) => report.problems.push(format!("the proof of two histories of {party} in {channel}: {error}")),
        }
    }
    signatures(connection, channel, ring, party, &roots, report)
}

/// Checks that a record and what is disclosed with it are what its entry commits to.
fn record(stored: &Beside<'_>, report: &mut Report) {
    let Beside { party, index, .. } = stored;
    match stored.entry {
        Some(entry) if *stored.id().entry() == entry => {}
        Some(_) => return report.problems.push(format!("record {index} of {party} is not what its log committed to")),
        None => return report.problems.push(format!("record {index} of {party} stands where its log has no entry")),
    }
    report.records += 1;
    if stored.disclosures.is_empty() {
        return;
    }
    let body: serde_json::Value = serde_json::from_slice(stored.bytes).unwrap_or_default();
    for text in stored.disclosures.lines() {
        match Sealed::parse(text).and_then(|sealed| sealed.check(&body)) {
            Ok(()) => report.disclosures += 1,
            Err(error) => report.problems.push(format!("a disclosure of record {index} of {party}: {error}")),
        }
    }
}

fn signatures(
    connection: &Connection,
    channel: &ChannelId,
    ring: &Keyring,
    party: &PartyId,
    roots: &BTreeMap<u64, Hash>,
    report: &mut Report,
) -> Result<(), Fault> {
    let origin = ring.charter.origin(party).unwrap_or_default();
    let witnesses: BTreeMap<&PartyId, Vec<VerifierKey>> =
        ring.charter.parties.keys().map(|witness| (witness, ring.cosigner_keys(witness, true))).collect();
    let mut query =
        connection.prepare_cached("SELECT size, note FROM checkpoint WHERE channel = ?1 AND party = ?2 ORDER BY size")?;
    let mut rows = query.query([channel.as_str(), party.as_str()])?;
    while let Some(row) = rows.next()? {
        let (size, note): (i64, String) = (row.get(0)?, row.get(1)?);
        let size = logs::uint(size);
        let opened = SignedCheckpoint::open_with(note.as_bytes(), &origin, |size| ring.log_keys(party, size));
        let checkpoint = match opened {
            Ok(opened) if opened.checkpoint().size() == size && roots.get(&size) == Some(&opened.checkpoint().root()) => opened,
            Ok(_) => {
                report
                    .problems
                    .push(format!("checkpoint {size} of {party} in {channel} signs another tree than the entries make"));
                continue;
            }
            Err(error) => {
                report.problems.push(format!("checkpoint {size} of {party} in {channel}: {error}"));
                continue;
            }
        };
        report.checkpoints += 1;
        for row in logs::cosignatures(connection, channel, party, size)? {
            let verdict = cosigned(&checkpoint, &row.line, witnesses.get(&row.cosigner).map_or(&[][..], Vec::as_slice));
            match verdict {
                Ok(time) if i64::try_from(time).is_ok_and(|time| time == row.time) => report.cosignatures += 1,
                Ok(_) => report
                    .problems
                    .push(format!("the stored time of a cosignature of {} under {party} is not the signed one", row.cosigner)),
                Err(fault) => {
                    report.problems.push(format!("a cosignature of {} under checkpoint {size} of {party}: {fault}", row.cosigner))
                }
            }
        }
    }
    Ok(())
}

/// When a line says that one of these keys cosigned.
fn cosigned(checkpoint: &SignedCheckpoint, line: &str, keys: &[VerifierKey]) -> Result<u64, Fault> {
    let damaged = |error: &dyn std::fmt::Display| Fault::Damaged(error.to_string());
    let line: SignatureLine = line.parse().map_err(|error| damaged(&error))?;
    let key = keys.iter().find(|key| line.is_by(key)).ok_or_else(|| damaged(&"it is by none of the party's keys"))?;
    tansiq_log::cosignature::verify(checkpoint.note().text(), &line, key).map_err(|error| damaged(&error))
}

/// Checks the records of a run of dossiers, folds each dossier anew and compares it with what is kept.
fn folds(
    connection: &Connection,
    channel: &ChannelId,
    ring: &Keyring,
    (after, to): (&str, Option<&str>),
    report: &mut Report,
) -> Result<(), Fault> {
    let mut folder = Folder::default();
    let mut between = Between::new(connection, to)?;
    let mut kept = between.read(channel, (after, to))?;
    records::each_between(connection, channel, (after, to), |stored| {
        record(&stored, report);
        if folder.name.as_ref().map(DossierId::as_str) != stored.dossier {
            std::mem::take(&mut folder).close(&mut kept, ring, report)?;
            folder.name = stored.dossier.map(named).transpose()?;
        }
        folder.take(stored);
        Ok(())
    })?;
    folder.close(&mut kept, ring, report)?;
    let strays = kept.strays()?.into_iter().map(|name| format!("{name} is kept, and no record made it"));
    report.problems.extend(strays);
    Ok(())
}

fn named(name: &str) -> Result<DossierId, Fault> {
    name.parse().map_err(|_| Fault::Damaged(format!("a record names the dossier `{name}`")))
}

/// The records of one dossier.
#[derive(Default)]
struct Folder {
    name: Option<DossierId>,
    records: Vec<(Entry, Fate)>,
    /// Whether a record that was applied cannot be read here.
    unreadable: bool,
}

impl Folder {
    fn take(&mut self, stored: Beside<'_>) {
        if stored.fate.is_waiting() {
            return;
        }
        // What its entry commits to was compared before; its name need not be hashed again.
        let id = stored.entry.map_or_else(|| stored.id(), RecordId::of_entry);
        match Record::parse(stored.bytes) {
            Ok(record) => self.records.push((Entry { id, log: stored.party, index: stored.index, record }, stored.fate)),
            Err(_) => self.unreadable = true,
        }
    }

    fn close(mut self, kept: &mut Kept<'_>, ring: &Keyring, report: &mut Report) -> Result<(), Fault> {
        let Some(name) = self.name else { return Ok(()) };
        self.records.sort_by_key(|(entry, _)| entry.position());
        let mut dossier = None;
        for (entry, kept) in &self.records {
            let (next, verdict) = fold::step(dossier, entry, ring.within());
            dossier = next;
            if !self.unreadable && *kept != Fate::Applied(fold::standing(verdict)) {
                report
                    .problems
                    .push(format!("the kept standing of record {} of {} is not what the rules say", entry.index, entry.log));
            }
        }
        let kept = kept.of(&name)?;
        // A dossier that a later level of the rules froze was frozen when that record came; a fold cannot tell when.
        if !self.unreadable && !folds::is_kept_as(kept.as_deref(), dossier.as_ref())? {
            report.problems.push(format!("the kept state of {name} is not the fold of its records"));
        }
        report.dossiers += 1;
        Ok(())
    }
}
