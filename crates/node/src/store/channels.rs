//! Channels, their charters, and where peers can be reached.

use crate::fault::Fault;
use crate::store::db::{Connection, OptionalExtension, params};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use tansiq_dossier::channel::{ChannelClass, ChannelId, Charter};
use tansiq_dossier::party::PartyId;

/// Keeps a charter. The same charter twice is one.
///
/// # Errors
/// When the store fails.
pub fn add(connection: &Connection, charter: &Charter) -> Result<(), Fault> {
    let bytes = serde_json::to_vec(charter).map_err(|error| Fault::Damaged(error.to_string()))?;
    connection
        .prepare_cached("INSERT INTO channel (channel, charter) VALUES (?1, ?2) ON CONFLICT (channel) DO NOTHING")?
        .execute(params![charter.channel().as_str(), bytes])?;
    Ok(())
}

/// A channel's charter, if the channel is known here.
///
/// # Errors
/// When the store fails, or holds something else than the charter that the channel is named by.
pub fn charter(connection: &Connection, channel: &ChannelId) -> Result<Option<Arc<Charter>>, Fault> {
    let bytes: Option<Vec<u8>> = connection
        .prepare_cached("SELECT charter FROM channel WHERE channel = ?1")?
        .query_row([channel.as_str()], |row| row.get(0))
        .optional()?;
    bytes.map(|bytes| read(bytes, channel)).transpose()
}

/// The charters that were read, with their bytes: every request asks for one, and a charter never changes.
static READ: Mutex<BTreeMap<ChannelId, WithBytes>> = Mutex::new(BTreeMap::new());

type WithBytes = (Vec<u8>, Arc<Charter>);

/// How many charters are kept so.
const KEPT: usize = 256;

/// A charter from its bytes. What was read and checked before is known again by the same bytes.
fn read(bytes: Vec<u8>, channel: &ChannelId) -> Result<Arc<Charter>, Fault> {
    let mut known = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, charter)) = known.get(channel).filter(|(read, _)| *read == bytes) {
        return Ok(charter.clone());
    }
    let charter = Arc::new(parse(&bytes, channel)?);
    if known.len() >= KEPT {
        known.clear();
    }
    known.insert(channel.clone(), (bytes, charter.clone()));
    Ok(charter)
}

fn parse(bytes: &[u8], channel: &ChannelId) -> Result<Charter, Fault> {
    let charter: Charter =
        serde_json::from_slice(bytes).map_err(|error| Fault::Damaged(format!("charter of {channel}: {error}")))?;
    if charter.channel() != *channel {
        return Err(Fault::Damaged(format!("the charter of {channel} is another one")));
    }
    Ok(charter)
}

/// Every channel known here, with its charter.
///
/// # Errors
/// When the store fails.
pub fn all(connection: &Connection) -> Result<BTreeMap<ChannelId, Arc<Charter>>, Fault> {
    let mut query = connection.prepare_cached("SELECT channel, charter FROM channel ORDER BY channel")?;
    let mut rows = query.query([])?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let channel = row.get(0)?;
        let charter = read(row.get(1)?, &channel)?;
        found.insert(channel, charter);
    }
    Ok(found)
}

/// The names of all channels known here, without reading their charters.
///
/// # Errors
/// When the store fails or is damaged.
pub fn names(connection: &Connection) -> Result<Vec<ChannelId>, Fault> {
    let mut query = connection.prepare_cached("SELECT channel FROM channel ORDER BY channel")?;
    let rows = query.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The part of a charter that says what its channel is for.
#[derive(Deserialize)]
struct Purpose {
    class: ChannelClass,
}

fn purpose(bytes: &[u8], channel: &ChannelId) -> Result<ChannelClass, Fault> {
    let purpose: Result<Purpose, _> = serde_json::from_slice(bytes);
    purpose.map(|purpose| purpose.class).map_err(|error| Fault::Damaged(format!("charter of {channel}: {error}")))
}

/// What every channel is for.
///
/// # Errors
/// When the store fails or is damaged.
pub fn classes(connection: &Connection) -> Result<BTreeMap<ChannelId, ChannelClass>, Fault> {
    let mut query = connection.prepare_cached("SELECT channel, charter FROM channel ORDER BY channel")?;
    let mut rows = query.query([])?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (channel, bytes): (ChannelId, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let class = purpose(&bytes, &channel)?;
        found.insert(channel, class);
    }
    Ok(found)
}

/// The channels in which returns of persons are kept.
///
/// # Errors
/// When the store fails or is damaged.
pub fn of_returns(connection: &Connection) -> Result<BTreeSet<ChannelId>, Fault> {
    classes(connection).map(|classes| returns_among(&classes))
}

pub(crate) fn returns_among(classes: &BTreeMap<ChannelId, ChannelClass>) -> BTreeSet<ChannelId> {
    classes.iter().filter(|(_, class)| **class == ChannelClass::Return).map(|(channel, _)| channel.clone()).collect()
}

/// What a channel is for, if it is known here.
///
/// # Errors
/// When the store fails or is damaged.
pub fn class(connection: &Connection, channel: &ChannelId) -> Result<Option<ChannelClass>, Fault> {
    let bytes: Option<Vec<u8>> = connection
        .prepare_cached("SELECT charter FROM channel WHERE channel = ?1")?
        .query_row([channel.as_str()], |row| row.get(0))
        .optional()?;
    bytes.map(|bytes| purpose(&bytes, channel)).transpose()
}

/// Notes where a party's node can be reached for a channel.
///
/// # Errors
/// When the store fails.
pub fn set_address(connection: &Connection, channel: &ChannelId, party: &PartyId, address: &str) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO peer (channel, party, address) VALUES (?1, ?2, ?3)
             ON CONFLICT (channel, party) DO UPDATE SET address = excluded.address",
        )?
        .execute(params![channel.as_str(), party.as_str(), address])?;
    Ok(())
}

/// Where the peers of all channels can be reached.
///
/// # Errors
/// When the store fails.
pub fn addresses(connection: &Connection) -> Result<Vec<(ChannelId, PartyId, String)>, Fault> {
    let mut query = connection.prepare_cached("SELECT channel, party, address FROM peer ORDER BY channel, party")?;
    let rows = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)))?;
    let mut found = Vec::new();
    for row in rows {
        let (channel, party, address) = row?;
        if let (Ok(channel), Ok(party)) = (channel.parse(), party.parse()) {
            found.push((channel, party, address));
        }
    }
    Ok(found)
}
