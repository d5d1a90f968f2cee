//! The channels whose logs are served to outside monitors: none, until an administrator says so.

use crate::fault::Fault;
use crate::store::db::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;
use tansiq_dossier::channel::ChannelId;

/// Whether the logs of a channel are served to outside monitors.
///
/// # Errors
/// When the store fails.
pub fn is_public(connection: &Connection, channel: &ChannelId) -> Result<bool, Fault> {
    let found: Option<i64> = connection
        .prepare_cached("SELECT since FROM published WHERE channel = ?1")?
        .query_row(params![channel.as_str()], |row| row.get(0))
        .optional()?;
    Ok(found.is_some())
}

/// Every channel whose logs are served to outside monitors.
///
/// # Errors
/// When the store fails or is damaged.
pub fn all(connection: &Connection) -> Result<BTreeSet<ChannelId>, Fault> {
    let mut query = connection.prepare_cached("SELECT channel FROM published ORDER BY channel")?;
    let rows = query.query_map(params![], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Says whether the logs of a channel are served to outside monitors from now on.
///
/// # Errors
/// When the store fails.
pub fn set(connection: &Connection, channel: &ChannelId, public: bool, now: i64) -> Result<(), Fault> {
    if public {
        connection
            .prepare_cached("INSERT INTO published (channel, since) VALUES (?1, ?2) ON CONFLICT (channel) DO NOTHING")?
            .execute(params![channel.as_str(), now])?;
    } else {
        connection.prepare_cached("DELETE FROM published WHERE channel = ?1")?.execute(params![channel.as_str()])?;
    }
    Ok(())
}
