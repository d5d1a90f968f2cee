//! Faults of the node itself, planted so that a test can show that the simulation would find them. Each breaks one promise in
//! the way in which a mistake in the code would break it.

use super::stage::Stage;
use crate::fault::Fault;
use crate::store::db::{Connection, OptionalExtension, ToCell};
use crate::store::records::StoredRecord;
use crate::store::{channels, dossiers, logs, records};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::fold;
use tansiq_dossier::party::PartyId;

/// A planted fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bug {
    /// The officer is answered before the commit is on the disk.
    AnswerBeforeCommit,
    /// A record is applied a second time.
    ApplyTwice,
    /// A dossier is taken to be for every party of the channel.
    LeakToEverybody,
    /// A node goes on from an old back-up as if nothing had been signed since.
    ForkAfterRestore,
    /// A record is applied before what its writer had seen is here.
    SkipCausalWait,
    /// A log is cosigned without a look at what was held of it before.
    CosignUnchecked,
    /// Sealed values stay in the database after their record says that they are destroyed.
    KeepErased,
    /// An act that is refused leaves something behind.
    WriteRefused,
    /// A node that lost its peer never calls it again.
    NeverCallAgain,
}

impl Bug {
    /// Every planted fault.
    pub const ALL: [Bug; 9] = [
        Bug::AnswerBeforeCommit,
        Bug::ApplyTwice,
        Bug::LeakToEverybody,
        Bug::ForkAfterRestore,
        Bug::SkipCausalWait,
        Bug::CosignUnchecked,
        Bug::KeepErased,
        Bug::WriteRefused,
        Bug::NeverCallAgain,
    ];
}

/// What a planted fault does within a commit, when everything of it is written. Gives the party whose log was forgotten.
pub(super) fn within_commit(stage: &Stage, own: &PartyId, connection: &Connection) -> Result<Option<PartyId>, Fault> {
    match stage.bug {
        Some(Bug::LeakToEverybody) => leak(stage, connection)?,
        Some(Bug::SkipCausalWait) => skip_wait(connection)?,
        Some(Bug::ApplyTwice) => apply_twice(own, connection)?,
        Some(Bug::KeepErased) => keep(connection)?,
        Some(Bug::ForkAfterRestore) => drop(connection.execute("DELETE FROM meta WHERE name = 'guarded'", ())?),
        Some(Bug::CosignUnchecked) => return forget(stage, own, connection),
        _ => {}
    }
    Ok(None)
}

fn leak(stage: &Stage, connection: &Connection) -> Result<(), Fault> {
    let all = everybody(stage);
    connection.prepare_cached("UPDATE dossier SET audience = ?1")?.execute([all.as_str()])?;
    Ok(())
}

/// Every party, as the column of an audience holds them.
fn everybody(stage: &Stage) -> String {
    let all: std::collections::BTreeSet<&str> = stage.parties.iter().map(PartyId::as_str).collect();
    format!(",{},", all.into_iter().collect::<Vec<_>>().join(","))
}

fn skip_wait(connection: &Connection) -> Result<(), Fault> {
    connection.prepare_cached("UPDATE log SET applied = size")?.execute(())?;
    connection.prepare_cached("UPDATE record SET standing = 'effective' WHERE standing = 'pending'")?.execute(())?;
    Ok(())
}

/// The newest record of another party's log is applied once more.
fn apply_twice(own: &PartyId, connection: &Connection) -> Result<(), Fault> {
    for (channel, charter) in channels::all(connection)? {
        for party in charter.parties.keys().filter(|party| *party != own) {
            let applied = logs::head(connection, &channel, party)?.applied;
            let stored = records::at(connection, &channel, party, applied.saturating_sub(1))?;
            let Some(entry) = stored.as_ref().filter(|stored| !stored.fate.is_waiting()).and_then(StoredRecord::entry) else {
                continue;
            };
            let dossier = dossiers::get(connection, &channel, &entry.record.dossier)?;
            if dossier.as_ref().is_none_or(|dossier| dossier.last != entry.position()) {
                continue;
            }
            if let (Some(dossier), _) = fold::step(dossier, &entry, &charter) {
                let fold = serde_json::to_vec(&dossier).map_err(|error| Fault::Damaged(error.to_string()))?;
                let text = "UPDATE dossier SET fold = ?1 WHERE channel = ?2 AND dossier = ?3";
                let params: [&dyn ToCell; 3] = [&fold, &channel.as_str(), &dossier.id.as_str()];
                connection.prepare_cached(text)?.execute(&params[..])?;
            }
        }
    }
    Ok(())
}

/// What stands in `disclosure` is copied to where nobody destroys it.
fn keep(connection: &Connection) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO meta (name, value) SELECT 'kept ' || party || idx, texts FROM disclosure WHERE true
             ON CONFLICT (name) DO NOTHING",
        )?
        .execute(())?;
    Ok(())
}

/// All that is held of the log of a party with two faces is forgotten now and then, so that the other face is taken as new.
fn forget(stage: &Stage, own: &PartyId, connection: &Connection) -> Result<Option<PartyId>, Fault> {
    let dishonest = stage.ledger().dishonest.iter().find(|party| *party != own).cloned();
    let Some(party) = dishonest.filter(|_| stage.roads().dice.once_in(4)) else { return Ok(None) };
    for channel in channels::names(connection)? {
        forget_log(connection, &channel, &party)?;
    }
    Ok(Some(party))
}

fn forget_log(connection: &Connection, channel: &ChannelId, party: &PartyId) -> Result<(), Fault> {
    // Of dossiers that are told by a record that goes, nothing would be left to read.
    let told = "DELETE FROM dossier WHERE channel = ?1 AND length(fold) = 0
                AND dossier IN (SELECT dossier FROM record WHERE channel = ?1 AND party = ?2)";
    connection.prepare_cached(told)?.execute([channel.as_str(), party.as_str()])?;
    for table in ["log", "entries", "subtree", "checkpoint", "cosignature", "record", "disclosure"] {
        let text = format!("DELETE FROM {table} WHERE channel = ?1 AND party = ?2");
        connection.prepare_cached(&text)?.execute([channel.as_str(), party.as_str()])?;
    }
    Ok(())
}

/// What a planted fault does when an act was refused.
pub(super) fn when_refused(stage: &Stage, connection: &Connection) -> Result<(), Fault> {
    if stage.bug == Some(Bug::WriteRefused) {
        let text = "INSERT INTO meta (name, value) VALUES ('refused', 'x') ON CONFLICT (name) DO UPDATE SET value = value || 'x'";
        connection.prepare_cached(text)?.execute(())?;
    }
    Ok(())
}

/// How many rows a connection has changed so far.
pub(super) fn changes(connection: &Connection) -> Result<i64, Fault> {
    let counted = connection.prepare_cached("SELECT total_changes()")?.query_row((), |row| row.get(0)).optional()?;
    Ok(counted.unwrap_or(0))
}
