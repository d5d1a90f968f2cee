//! Proves to oneself that the store is what it should be: recomputes every leaf, tree, signature and fold from the stored
//! bytes, and trusts nothing that was derived.

use crate::fault::Fault;
use crate::keys;
use crate::store::db::Connection;
use crate::store::records::{Fate, StoredRecord};
use crate::store::{channels, dossiers, logs, records};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::fold;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::{DossierId, Entry, RecordId};
use tansiq_dossier::sealed::Sealed;
use tansiq_log::checkpoint::SignedCheckpoint;
use tansiq_log::merkle::{CompactRange, Hash, leaf_hash};

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
    /// Dossiers folded anew from their records.
    pub dossiers: u64,
    /// What is wrong, one sentence each. Empty when all is as it should be.
    pub problems: Vec<String>,
}

/// Checks everything that is stored.
///
/// # Errors
/// When the store cannot be read at all.
pub fn verify(connection: &Connection, progress: &mut dyn FnMut(&Report)) -> Result<Report, Fault> {
    let mut report = Report::default();
    if connection.sqlite().is_some() {
        let check: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if check != "ok" {
            report.problems.push(format!("the database file is damaged: {check}"));
        }
    }
    for (channel, charter) in channels::all(connection)? {
        report.channels += 1;
        for party in charter.parties.keys() {
            if let Err(fault) = log(connection, &channel, &charter, party, &mut report) {
                report.problems.push(format!("the log of {party} in {channel}: {fault}"));
            }
            progress(&report);
        }
        folds(connection, &channel, &charter, &mut report)?;
        progress(&report);
    }
    Ok(report)
}

/// Rebuilds one log's tree from its entries, and checks every checkpoint and cosignature at the size that it names.
fn log(
    connection: &Connection,
    channel: &ChannelId,
    charter: &Charter,
    party: &PartyId,
    report: &mut Report,
) -> Result<(), Fault> {
    report.logs += 1;
    let wanted: BTreeSet<u64> = {
        let mut query = connection.prepare_cached("SELECT size FROM checkpoint WHERE channel = ?1 AND party = ?2")?;
        let rows = query.query_map([channel.as_str(), party.as_str()], |row| row.get::<_, i64>(0))?;
        rows.map(|size| size.map(logs::uint)).collect::<Result<_, _>>()?
    };
    let mut roots: BTreeMap<u64, Hash> = BTreeMap::new();
    let mut range = CompactRange::new();
    let mut query = connection.prepare_cached(
        "SELECT e.idx, e.entry, r.salt, r.bytes, r.disclosures FROM entry e
         LEFT JOIN record r ON r.channel = e.channel AND r.party = e.party AND r.idx = e.idx
         WHERE e.channel = ?1 AND e.party = ?2 ORDER BY e.idx",
    )?;
    let mut rows = query.query([channel.as_str(), party.as_str()])?;
    while let Some(row) = rows.next()? {
        let (index, entry): (i64, [u8; 32]) = (row.get(0)?, row.get(1)?);
        let place = range.append(leaf_hash(&entry), |_, _| {}).map_err(|error| Fault::Damaged(error.to_string()))?;
        if place != logs::uint(index) {
            report.problems.push(format!("the log of {party} in {channel} lacks entry {place}"));
            return Ok(());
        }
        report.entries += 1;
        if wanted.contains(&range.size()) {
            roots.insert(range.size(), range.root());
        }
        let salt: Option<[u8; 32]> = row.get(2)?;
        if let Some(salt) = salt {
            let (bytes, disclosures): (Vec<u8>, String) = (row.get(3)?, row.get(4)?);
            record(party, place, &entry, &salt, &bytes, &disclosures, report);
        }
    }
    let head = logs::head(connection, channel, party)?;
    if head.range != range {
        report.problems.push(format!(
            "the log of {party} in {channel} has {} entries, its head says {}",
            range.size(),
            head.range.size()
        ));
    }
    signatures(connection, channel, charter, party, &roots, report)
}

fn record(party: &PartyId, index: u64, entry: &[u8; 32], salt: &[u8; 32], bytes: &[u8], disclosures: &str, report: &mut Report) {
    if RecordId::commit(salt, bytes).entry() != entry {
        report.problems.push(format!("record {index} of {party} is not what its log committed to"));
        return;
    }
    report.records += 1;
    if disclosures.is_empty() {
        return;
    }
    let body: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
    for text in disclosures.lines() {
        match Sealed::parse(text).and_then(|sealed| sealed.check(&body)) {
            Ok(()) => report.disclosures += 1,
            Err(error) => report.problems.push(format!("a disclosure of record {index} of {party}: {error}")),
        }
    }
}

fn signatures(
    connection: &Connection,
    channel: &ChannelId,
    charter: &Charter,
    party: &PartyId,
    roots: &BTreeMap<u64, Hash>,
    report: &mut Report,
) -> Result<(), Fault> {
    let origin = charter.origin(party).unwrap_or_default();
    let key = keys::log_key(charter, channel, party)?;
    let mut query =
        connection.prepare_cached("SELECT size, note FROM checkpoint WHERE channel = ?1 AND party = ?2 ORDER BY size")?;
    let mut rows = query.query([channel.as_str(), party.as_str()])?;
    while let Some(row) = rows.next()? {
        let (size, note): (i64, String) = (row.get(0)?, row.get(1)?);
        let size = logs::uint(size);
        let opened = SignedCheckpoint::open(note.as_bytes(), &origin, &key);
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
            let verdict = keys::cosigner_key(charter, &row.cosigner).and_then(|key| {
                let line =
                    row.line.parse().map_err(|error: tansiq_log::note::SignatureLineError| Fault::Damaged(error.to_string()))?;
                tansiq_log::cosignature::verify(checkpoint.note().text(), &line, &key)
                    .map_err(|error| Fault::Damaged(error.to_string()))
            });
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

/// Folds every dossier anew and compares it with what is kept.
fn folds(connection: &Connection, channel: &ChannelId, charter: &Charter, report: &mut Report) -> Result<(), Fault> {
    let names: BTreeSet<DossierId> = {
        let mut query =
            connection.prepare_cached("SELECT DISTINCT dossier FROM record WHERE channel = ?1 AND dossier IS NOT NULL")?;
        let rows = query.query_map([channel.as_str()], |row| row.get::<_, String>(0))?;
        rows.filter_map(|name| name.ok().and_then(|name| name.parse().ok())).collect()
    };
    for name in names {
        let stored = records::of_dossier(connection, channel, &name)?;
        let unreadable = stored.iter().any(|record| !record.fate.is_waiting() && record.entry().is_none());
        let mut entries: Vec<Entry> =
            stored.iter().filter(|record| !record.fate.is_waiting()).filter_map(StoredRecord::entry).collect();
        let (dossier, standings) = fold::fold(&mut entries, charter);
        let kept = dossiers::get(connection, channel, &name)?;
        // A dossier that a later level of the rules froze was frozen when that record came; a fold cannot tell when.
        if !unreadable && kept != dossier {
            report.problems.push(format!("the kept state of {name} is not the fold of its records"));
        }
        for (entry, (_, standing)) in entries.iter().zip(standings) {
            let kept = stored.iter().find(|record| record.party == entry.log && record.index == entry.index);
            if !unreadable && kept.is_some_and(|kept| kept.fate != Fate::Applied(standing.clone())) {
                report
                    .problems
                    .push(format!("the kept standing of record {} of {} is not what the rules say", entry.index, entry.log));
            }
        }
        report.dossiers += 1;
    }
    Ok(())
}
