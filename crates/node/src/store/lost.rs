//! Places of this node's own log that came back from peers as bare entries: nobody who was asked held their records.

use super::logs::{int, uint};
use crate::fault::Fault;
use crate::store::db::{Connection, params};
use tansiq_dossier::channel::ChannelId;

/// Notes that the record of a place is not here.
///
/// # Errors
/// When the store fails.
pub fn add(connection: &Connection, channel: &ChannelId, index: u64) -> Result<(), Fault> {
    connection
        .prepare_cached("INSERT INTO lost (channel, idx) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![channel.as_str(), int(index)])?;
    Ok(())
}

/// Notes that the record of a place has come back after all.
///
/// # Errors
/// When the store fails.
pub fn is_found(connection: &Connection, channel: &ChannelId, index: u64) -> Result<(), Fault> {
    connection
        .prepare_cached("DELETE FROM lost WHERE channel = ?1 AND idx = ?2")?
        .execute(params![channel.as_str(), int(index)])?;
    Ok(())
}

/// The first place whose record is not here.
///
/// # Errors
/// When the store fails.
pub fn first(connection: &Connection, channel: &ChannelId) -> Result<Option<u64>, Fault> {
    let first: Option<i64> = connection
        .prepare_cached("SELECT min(idx) FROM lost WHERE channel = ?1")?
        .query_row([channel.as_str()], |row| row.get(0))?;
    Ok(first.map(uint))
}

/// How many places there are whose records are not here.
///
/// # Errors
/// When the store fails.
pub fn count(connection: &Connection, channel: &ChannelId) -> Result<u64, Fault> {
    let count: i64 = connection
        .prepare_cached("SELECT count(*) FROM lost WHERE channel = ?1")?
        .query_row([channel.as_str()], |row| row.get(0))?;
    Ok(uint(count))
}
