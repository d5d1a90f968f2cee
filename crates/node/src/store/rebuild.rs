//! Folds every dossier anew from its records.
//!
//! The table `dossier` is a projection: it is never migrated and never repaired by hand. When the code keeps folds in another
//! form than the store holds them, or when rows of it were lost, it is made again from the register, dossier by dossier, in
//! transactions of bounded size, each of which leaves a store that is whole.

use super::records::{self, Fate, StoredRecord};
use super::{channels, dossiers, logs, meta, tally, touched};
use crate::fault::Fault;
use crate::keyring::{self, Keyring};
use crate::store::db::{Connection, OptionalExtension};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tansiq_dossier::channel::{ChannelId, Charter, Within};
use tansiq_dossier::fold::{self, Dossier, Standing};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::record::{DossierId, LEVEL};
use tansiq_dossier::time::Date;

/// The form in which the code keeps folds. Whoever changes what a kind keeps, or a column of the projection, raises it; a node
/// that starts on a store of another form folds everything anew.
pub const PROJECTION: &str = "4";

/// How many records one transaction folds, give or take a dossier.
const BATCH: u64 = 5000;

/// How often the log tells how far it is.
const TELL: Duration = Duration::from_secs(5);

/// How far a rebuild has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Records folded.
    pub records: u64,
    /// Records in the store when it began.
    pub total: u64,
    /// Dossiers folded.
    pub dossiers: u64,
    /// Dossiers that were kept in another way than their records make them.
    pub changed: u64,
}

/// A rebuild under way. It holds no transaction between its steps: the node may work meanwhile.
pub struct Rebuild {
    channels: Vec<(ChannelId, Arc<Charter>)>,
    /// The last dossier folded in the channel at the end of the list.
    after: String,
    /// How far it has come.
    pub progress: Progress,
}

impl Rebuild {
    /// A rebuild of everything.
    ///
    /// # Errors
    /// When the store fails or a charter is damaged.
    pub fn new(connection: &Connection) -> Result<Rebuild, Fault> {
        let total: i64 = connection.query_row("SELECT count(*) FROM record", [], |row| row.get(0))?;
        let channels = channels::all(connection)?.into_iter().rev().collect();
        let progress = Progress { total: logs::uint(total), ..Progress::default() };
        Ok(Rebuild { channels, after: String::new(), progress })
    }

    /// Folds some dossiers within a transaction that the caller commits. Returns whether any are left.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn step(&mut self, connection: &Connection, today: Date) -> Result<bool, Fault> {
        let end = self.progress.records + BATCH;
        let mut ring: Option<Keyring> = None;
        while let Some((channel, charter)) = self.channels.last().cloned() {
            if self.progress.records >= end {
                return Ok(true);
            }
            if ring.as_ref().is_none_or(|ring| ring.channel != channel) {
                ring = Some(keyring::refolded(connection, &channel, &charter)?);
            }
            let within = ring.as_ref().map_or_else(|| Within::from(&charter), Keyring::within);
            match next(connection, &channel, &self.after)? {
                Some(id) => {
                    let (records, changed) = refold(connection, &channel, within, &id, today)?;
                    self.progress.records += records;
                    self.progress.dossiers += 1;
                    self.progress.changed += u64::from(changed);
                    id.as_str().clone_into(&mut self.after);
                }
                None => {
                    self.progress.changed += drop_strays(connection, &channel)?;
                    self.channels.pop();
                    self.after.clear();
                }
            }
        }
        // Rows that were lost or made by other code were counted otherwise.
        tally::make(connection)?;
        keep_form(connection)?;
        Ok(false)
    }

    /// Folds everything that is left, each step in a transaction of its own.
    ///
    /// # Errors
    /// When the store fails or is damaged. What was committed before stands.
    pub fn run(&mut self, connection: &Connection, today: Date, mut tell: impl FnMut(&Progress)) -> Result<(), Fault> {
        loop {
            connection.begin()?;
            match self.step(connection, today) {
                Ok(more) => {
                    connection.commit()?;
                    tell(&self.progress);
                    if !more {
                        return Ok(());
                    }
                }
                Err(fault) => {
                    connection.rollback()?;
                    return Err(fault);
                }
            }
        }
    }
}

/// Folds everything anew when the store keeps folds in another form than this code.
pub(super) fn when_outdated(connection: &Connection, today: Date) -> Result<(), Fault> {
    if meta::get(connection, "projection")?.as_deref() == Some(PROJECTION) {
        return thaw(connection, today);
    }
    let mut rebuild = Rebuild::new(connection)?;
    if rebuild.progress.total > 0 {
        tracing::info!(rebuild.total = rebuild.progress.total, "folding every dossier anew: their form has changed");
    }
    let mut told = Instant::now();
    rebuild.run(connection, today, |progress| {
        if told.elapsed() >= TELL {
            told = Instant::now();
            tracing::info!(rebuild.records = progress.records, rebuild.total = progress.total, "folding anew");
        }
    })?;
    let Progress { dossiers, changed, .. } = rebuild.progress;
    if dossiers > 0 {
        tracing::info!(rebuild.dossiers = dossiers, rebuild.changed = changed, "every dossier is folded anew");
    }
    Ok(())
}

fn keep_form(connection: &Connection) -> Result<(), Fault> {
    meta::set(connection, "projection", PROJECTION)?;
    meta::set(connection, "rules", &rules())
}

/// What this code can judge: the level of the rules, and every act of every kind.
fn rules() -> String {
    let mut names = vec![LEVEL.to_string()];
    for kind in Kind::ALL {
        names.extend(kind.acts().iter().map(|act| format!("{}/{}", kind.name(), act.name)));
    }
    data_encoding::HEXLOWER.encode(&Sha256::digest(names.join("\n")))
}

/// After an update that knows more: the dossiers that were frozen by what was not understood are folded anew. Only they are
/// read, so that this takes no longer than there was to thaw.
fn thaw(connection: &Connection, today: Date) -> Result<(), Fault> {
    let known = rules();
    if meta::get(connection, "rules")?.as_deref() == Some(known.as_str()) {
        return Ok(());
    }
    connection.begin()?;
    let thawed = records::assign_unknown(connection).and_then(|()| {
        let frozen = records::unknown(connection)?;
        for (channel, id) in &frozen {
            let Some(charter) = channels::charter(connection, channel)? else { continue };
            let ring = keyring::refolded(connection, channel, &charter)?;
            refold(connection, channel, ring.within(), id, today)?;
        }
        meta::set(connection, "rules", &known)?;
        Ok(frozen.len())
    });
    match thawed {
        Ok(count) => {
            connection.commit()?;
            if count > 0 {
                tracing::info!(thaw.dossiers = count, "dossiers with records that could not be judged before were folded anew");
            }
            Ok(())
        }
        Err(fault) => {
            connection.rollback()?;
            Err(fault)
        }
    }
}

/// The dossier after this one that has records.
fn next(connection: &Connection, channel: &ChannelId, after: &str) -> Result<Option<DossierId>, Fault> {
    Ok(connection
        .prepare_cached("SELECT dossier FROM record WHERE channel = ?1 AND dossier > ?2 ORDER BY dossier LIMIT 1")?
        .query_row([channel.as_str(), after], |row| row.get(0))
        .optional()?)
}

/// Rows of the projection that no record made.
fn drop_strays(connection: &Connection, channel: &ChannelId) -> Result<u64, Fault> {
    touched::note_strays(connection, channel)?;
    let text = "DELETE FROM dossier WHERE channel = ?1 AND NOT EXISTS (
                    SELECT 1 FROM record r WHERE r.channel = dossier.channel AND r.dossier = dossier.dossier)";
    Ok(connection.execute(text, [channel.as_str()])? as u64)
}

/// What a dossier's records come to.
#[derive(Default)]
struct Folding {
    dossier: Option<Dossier>,
    records: u64,
    /// The latest time at which a record of it was stored.
    received: i64,
    /// What became of records otherwise than it is kept.
    fates: Vec<(StoredRecord, Fate)>,
    /// Whether a record stands elsewhere in the order than its row says, as one may that was unreadable when it came.
    disordered: bool,
}

impl Folding {
    fn keep_fates(&self, connection: &Connection, channel: &ChannelId) -> Result<(), Fault> {
        let mut fates = self.fates.iter();
        fates.try_for_each(|(stored, fate)| records::set_fate(connection, channel, &stored.party, stored.index, fate))
    }

    fn take(&mut self, stored: StoredRecord, within: Within<'_>) {
        self.records += 1;
        if stored.fate.is_waiting() {
            return;
        }
        self.received = self.received.max(stored.received);
        let Some(entry) = stored.entry() else {
            // A record of a later level cannot be folded. From its place on the dossier is frozen, if its writer has it at all.
            if let (Fate::Applied(Standing::Unknown), Some(dossier)) = (&stored.fate, &mut self.dossier)
                && dossier.audience.contains(&stored.party)
            {
                dossier.frozen.get_or_insert(stored.id());
            }
            return;
        };
        self.disordered |= logs::uint(logs::int(entry.record.seen.sum())) != stored.sum;
        let (after, verdict) = fold::step(self.dossier.take(), &entry, within);
        self.dossier = after;
        let fate = Fate::Applied(fold::standing(verdict));
        if fate != stored.fate {
            self.fates.push((StoredRecord { bytes: Vec::new(), ..stored }, fate));
        }
    }
}

fn refold(
    connection: &Connection,
    channel: &ChannelId,
    within: Within<'_>,
    id: &DossierId,
    today: Date,
) -> Result<(u64, bool), Fault> {
    let mut folding = fold_whole(connection, channel, within, id)?;
    let mut changed = !folding.fates.is_empty();
    let mut writer = dossiers::Writer::new(connection, today)?;
    folding.keep_fates(connection, channel)?;
    match &mut folding.dossier {
        Some(dossier) => {
            let at = dossiers::changed(connection, channel, id)?.unwrap_or(folding.received);
            changed |= writer.put(channel, dossier, at)?;
        }
        None => changed |= writer.forget(channel, id)?,
    }
    writer.close()?;
    Ok((folding.records, changed))
}

/// What a dossier's records come to now, within a transaction that keeps it. The standings of its records are written.
///
/// # Errors
/// When the store fails or is damaged.
pub(crate) fn fold_anew(
    connection: &Connection,
    channel: &ChannelId,
    within: Within<'_>,
    id: &DossierId,
) -> Result<Option<Dossier>, Fault> {
    let folding = fold_whole(connection, channel, within, id)?;
    folding.keep_fates(connection, channel)?;
    Ok(folding.dossier)
}

/// What a dossier's records come to, for whoever reads beside the writer: nothing is written, whatever is found.
///
/// # Errors
/// When the store fails or is damaged.
pub(super) fn fold_of(
    connection: &Connection,
    channel: &ChannelId,
    within: Within<'_>,
    id: &DossierId,
) -> Result<Option<Dossier>, Fault> {
    let mut folding = Folding::default();
    records::of_dossier(connection, channel, id)?.into_iter().for_each(|stored| folding.take(stored, within));
    Ok(folding.dossier)
}

/// Reads no more than the records of one place in the order at a time.
fn fold_whole(connection: &Connection, channel: &ChannelId, within: Within<'_>, id: &DossierId) -> Result<Folding, Fault> {
    let mut folding = Folding::default();
    records::each_of_dossier(connection, channel, id, |stored| folding.take(stored, within))?;
    if folding.disordered { in_true_order(connection, channel, within, id) } else { Ok(folding) }
}

/// The few dossiers whose rows are not in the common order are read whole.
fn in_true_order(connection: &Connection, channel: &ChannelId, within: Within<'_>, id: &DossierId) -> Result<Folding, Fault> {
    let mut stored = records::of_dossier(connection, channel, id)?;
    for record in &mut stored {
        if let Some(entry) = record.entry() {
            record.sum = entry.record.seen.sum();
            records::set_sum(connection, channel, record)?;
        }
    }
    stored.sort_by_key(StoredRecord::position);
    let mut folding = Folding::default();
    stored.into_iter().for_each(|record| folding.take(record, within));
    Ok(folding)
}
