//! Logs that were proved to have two histories, and signed checkpoints that still wait to be compared.

use super::logs::{int, uint};
use crate::fault::Fault;
use crate::store::db::{Connection, OptionalExtension, params};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tansiq_log::fork::Fork;

/// That a log was proved to have two histories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// When this node had the proof, by its own clock, in seconds since 1970 UTC.
    pub found: i64,
    /// Which party showed the other history, or the proof.
    pub source: PartyId,
    /// The proof. It was checked before it was kept.
    pub proof: Fork,
}

/// A signed checkpoint that is ahead of what is held of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Which party showed it.
    pub source: PartyId,
    /// Its size.
    pub size: u64,
    /// The signed note.
    pub note: String,
}

/// Keeps a proof that was checked; says whether it is the first for this log. The first one stays.
///
/// # Errors
/// When the store fails.
pub fn add(connection: &Connection, channel: &ChannelId, party: &PartyId, found: &Found) -> Result<bool, Fault> {
    let added = connection
        .prepare_cached(
            "INSERT INTO fork (channel, party, found, source, proof) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        )?
        .execute(params![channel.as_str(), party.as_str(), found.found, found.source.as_str(), found.proof.to_string()])?;
    Ok(added > 0)
}

/// The proof that a log has two histories, if there is one.
///
/// # Errors
/// When the store fails or is damaged.
pub fn get(connection: &Connection, channel: &ChannelId, party: &PartyId) -> Result<Option<Found>, Fault> {
    let row: Option<(i64, String, String)> = connection
        .prepare_cached("SELECT found, source, proof FROM fork WHERE channel = ?1 AND party = ?2")?
        .query_row(params![channel.as_str(), party.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((found, source, proof)) = row else { return Ok(None) };
    let damaged = |error: &dyn std::fmt::Display| Fault::Damaged(format!("the proof of two histories of {party}: {error}"));
    let source = source.parse().map_err(|error| damaged(&error))?;
    let proof = proof.parse().map_err(|error| damaged(&error))?;
    Ok(Some(Found { found, source, proof }))
}

/// Whether a log was proved to have two histories: nothing more of it is taken, and nothing of it is cosigned.
///
/// # Errors
/// When the store fails.
pub fn is_frozen(connection: &Connection, channel: &ChannelId, party: &PartyId) -> Result<bool, Fault> {
    let found: Option<i64> = connection
        .prepare_cached("SELECT found FROM fork WHERE channel = ?1 AND party = ?2")?
        .query_row(params![channel.as_str(), party.as_str()], |row| row.get(0))
        .optional()?;
    Ok(found.is_some())
}

/// What was shown of a log beyond what is held of it.
///
/// # Errors
/// When the store fails or is damaged.
pub fn shown(connection: &Connection, channel: &ChannelId, party: &PartyId) -> Result<Vec<Shown>, Fault> {
    let mut query =
        connection.prepare_cached("SELECT source, size, note FROM shown WHERE channel = ?1 AND party = ?2 ORDER BY source")?;
    let mut rows = query.query(params![channel.as_str(), party.as_str()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Shown { source: row.get(0)?, size: uint(row.get(1)?), note: row.get(2)? });
    }
    Ok(found)
}

/// Keeps what a party showed, unless something that it showed before still waits: one party takes up one place.
///
/// # Errors
/// When the store fails.
pub fn show(connection: &Connection, channel: &ChannelId, party: &PartyId, shown: &Shown) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO shown (channel, party, source, size, note) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        )?
        .execute(params![channel.as_str(), party.as_str(), shown.source.as_str(), int(shown.size), shown.note])?;
    Ok(())
}

/// Forgets what a party showed, once it has been compared.
///
/// # Errors
/// When the store fails.
pub fn compared(connection: &Connection, channel: &ChannelId, party: &PartyId, source: &PartyId) -> Result<(), Fault> {
    connection.prepare_cached("DELETE FROM shown WHERE channel = ?1 AND party = ?2 AND source = ?3")?.execute(params![
        channel.as_str(),
        party.as_str(),
        source.as_str()
    ])?;
    Ok(())
}
