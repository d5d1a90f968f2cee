//! What is sent late: records of dossiers that were released to a party after it had their entries without content.
//!
//! Each recipient's late records are numbered in the order in which they became due, so that it can go on where it stopped.
//! The numbers begin at 1, and after a back-up was restored further up: none is given twice. Being listed here is no leave to
//! be sent: that is decided when it is sent.

use super::logs::{int, uint};
use super::meta;
use crate::fault::Fault;
use crate::store::db::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::DossierId;

/// Lists every record of this party in a dossier as due to a recipient.
///
/// # Errors
/// When the store fails.
pub fn add(
    connection: &Connection,
    channel: &ChannelId,
    own: &PartyId,
    recipient: &PartyId,
    dossier: &DossierId,
) -> Result<(), Fault> {
    let last = count(connection, channel, recipient)?.max(base(connection, channel)?);
    connection
        .prepare_cached(
            "INSERT INTO late (channel, recipient, number, party, idx)
             SELECT ?1, ?2, ?3 + row_number() OVER (ORDER BY idx), ?4, idx FROM record
             WHERE channel = ?1 AND party = ?4 AND dossier = ?5",
        )?
        .run(params![channel.as_str(), recipient.as_str(), int(last), own.as_str(), dossier.as_str()])?;
    Ok(())
}

/// How many bits of a number are left for counting, where the time stands above them.
const COUNTED: u32 = 20;

/// Numbers all that is due in a channel anew, and all that will be due: what was listed since the back-up that was restored is
/// not known any more, and a recipient that took it in would not ask for what bears its number.
///
/// # Errors
/// When the store fails.
pub fn renumber(connection: &Connection, channel: &ChannelId, now: i64) -> Result<(), Fault> {
    let beyond = (now.max(0) << COUNTED).max(int(base(connection, channel)?) + (1 << COUNTED));
    connection
        .prepare_cached(
            "INSERT INTO late (channel, recipient, number, party, idx)
             SELECT channel, recipient, ?2 + row_number() OVER (PARTITION BY recipient ORDER BY number), party, idx FROM late
             WHERE channel = ?1 AND number <= ?2",
        )?
        .execute(params![channel.as_str(), beyond])?;
    connection
        .prepare_cached("DELETE FROM late WHERE channel = ?1 AND number <= ?2")?
        .execute(params![channel.as_str(), beyond])?;
    meta::set(connection, &base_of(channel), &beyond.to_string())
}

/// Where the numbers of a channel begin.
fn base(connection: &Connection, channel: &ChannelId) -> Result<u64, Fault> {
    let value = meta::get(connection, &base_of(channel))?;
    value.map_or(Ok(0), |value| value.parse().map_err(|_| Fault::Damaged(format!("the numbers of late records in {channel}"))))
}

fn base_of(channel: &ChannelId) -> String {
    format!("late {channel}")
}

/// How many records have become due to a recipient so far: the number of the last of them.
///
/// # Errors
/// When the store fails.
pub fn count(connection: &Connection, channel: &ChannelId, recipient: &PartyId) -> Result<u64, Fault> {
    let last: Option<i64> = connection
        .prepare_cached("SELECT max(number) FROM late WHERE channel = ?1 AND recipient = ?2")?
        .query_row([channel.as_str(), recipient.as_str()], |row| row.get(0))?;
    Ok(uint(last.unwrap_or(0)))
}

/// How many records of a party's log have become due to each recipient: known of this node's own log alone.
///
/// # Errors
/// When the store fails or is damaged.
pub fn due(connection: &Connection, channel: &ChannelId, party: &PartyId) -> Result<BTreeMap<PartyId, u64>, Fault> {
    let mut query = connection
        .prepare_cached("SELECT recipient, max(number) FROM late WHERE channel = ?1 AND party = ?2 GROUP BY recipient")?;
    let rows = query.query_map([channel.as_str(), party.as_str()], |row| Ok((row.get(0)?, uint(row.get(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Up to `most` records that became due to a recipient after number `after`: their numbers and their places in this party's
/// log.
///
/// # Errors
/// When the store fails.
pub fn after(
    connection: &Connection,
    channel: &ChannelId,
    recipient: &PartyId,
    after: u64,
    most: u64,
) -> Result<Vec<(u64, u64)>, Fault> {
    let mut query = connection.prepare_cached(
        "SELECT number, idx FROM late WHERE channel = ?1 AND recipient = ?2 AND number > ?3 ORDER BY number LIMIT ?4",
    )?;
    let rows = query.query_map(params![channel.as_str(), recipient.as_str(), int(after), int(most)], |row| {
        Ok((uint(row.get(0)?), uint(row.get(1)?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The number of the last late record that this node has taken in of a party's log.
///
/// # Errors
/// When the store fails.
pub fn taken(connection: &Connection, channel: &ChannelId, party: &PartyId) -> Result<u64, Fault> {
    let taken: Option<i64> = connection
        .prepare_cached("SELECT number FROM late_taken WHERE channel = ?1 AND party = ?2")?
        .query_row([channel.as_str(), party.as_str()], |row| row.get(0))
        .optional()?;
    Ok(uint(taken.unwrap_or(0)))
}

/// Notes how far the late records of a party's log have been taken in.
///
/// # Errors
/// When the store fails.
pub fn set_taken(connection: &Connection, channel: &ChannelId, party: &PartyId, number: u64) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO late_taken (channel, party, number) VALUES (?1, ?2, ?3)
             ON CONFLICT (channel, party) DO UPDATE SET number = excluded.number",
        )?
        .execute(params![channel.as_str(), party.as_str(), int(number)])?;
    Ok(())
}
