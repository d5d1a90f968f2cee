//! Records as they were hashed, and what became of them.

use super::disclosures;
use super::entries::{self, Tiles};
use super::logs::{int, uint};
use crate::fault::Fault;
use crate::store::db::{Cell, Connection, FromCell, OptionalExtension, Row, Statement, params};
use std::borrow::Cow;
use std::collections::BTreeSet;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::fold::Standing;
use tansiq_dossier::order::{Position, Seen};
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::{DossierId, Entry, Record, RecordId, Salt};

/// What became of a record here, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Not all that its writer had seen has arrived yet.
    Pending,
    /// The same, of a record that was released after its log had passed by.
    Late,
    /// It has been applied.
    Applied(Standing),
}

impl Fate {
    /// Whether it has not been applied yet.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        matches!(self, Fate::Pending | Fate::Late)
    }

    fn text(&self) -> Cow<'_, str> {
        match self {
            Fate::Pending => "pending".into(),
            Fate::Late => "late".into(),
            Fate::Applied(Standing::Effective) => "effective".into(),
            Fate::Applied(Standing::Unknown) => "unknown".into(),
            Fate::Applied(Standing::Refused(code)) => code.clone(),
        }
    }
}

impl FromCell for Fate {
    const WANTED: &'static str = "what became of a record";

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        let Cell::Text(text) = cell else { return None };
        Some(match text {
            "pending" => Fate::Pending,
            "late" => Fate::Late,
            "effective" => Fate::Applied(Standing::Effective),
            "unknown" => Fate::Applied(Standing::Unknown),
            _ => Fate::Applied(Standing::Refused(text.to_owned().into())),
        })
    }
}

/// A record as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// Whose log it stands in.
    pub party: PartyId,
    /// Its place there.
    pub index: u64,
    /// The dossier; none when the bytes are not a record.
    pub dossier: Option<DossierId>,
    /// The sum of what its writer had seen.
    pub sum: u64,
    /// The salt of its commitment.
    pub salt: Salt,
    /// Its exact bytes.
    pub bytes: Vec<u8>,
    /// Disclosures of its sealed fields, one a line.
    pub disclosures: String,
    /// What became of it.
    pub fate: Fate,
    /// When this node stored it, in seconds since 1970 UTC.
    pub received: i64,
}

impl StoredRecord {
    /// Its identifier.
    #[must_use]
    pub fn id(&self) -> RecordId {
        RecordId::commit(&self.salt, &self.bytes)
    }

    /// The record at its place, when the bytes are one.
    #[must_use]
    pub fn entry(&self) -> Option<Entry> {
        let record = Record::parse(&self.bytes).ok()?;
        Some(Entry { id: self.id(), log: self.party.clone(), index: self.index, record })
    }

    /// Its place in the common order.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { sum: self.sum, id: self.id() }
    }
}

/// What [`read`] reads.
pub(super) const COLUMNS: &str =
    "r.party, r.idx, r.dossier, r.sum, r.salt, r.bytes, coalesce(s.texts, ''), r.standing, r.received";
/// Records, and the disclosures that are kept with some of them.
const KEPT: &str = "record r LEFT JOIN disclosure s ON s.channel = r.channel AND s.party = r.party AND s.idx = r.idx";

pub(super) fn read(row: &Row<'_>) -> Result<StoredRecord, Fault> {
    Ok(StoredRecord {
        party: row.get(0)?,
        index: uint(row.get(1)?),
        dossier: row.get(2)?,
        sum: uint(row.get(3)?),
        salt: row.get(4)?,
        bytes: row.get(5)?,
        disclosures: row.get(6)?,
        fate: row.get(7)?,
        received: row.get(8)?,
    })
}

/// Stores records, one after another, with one statement; and with another one what is kept beside the few that seal something.
pub struct Adder<'c>(&'c Connection, Statement<'c>);

impl<'c> Adder<'c> {
    /// Prepares to store records.
    ///
    /// # Errors
    /// When the store fails.
    pub fn new(connection: &'c Connection) -> Result<Adder<'c>, Fault> {
        let text = "INSERT INTO record (channel, party, idx, dossier, sum, salt, bytes, standing, received)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        Ok(Adder(connection, connection.prepare_cached(text)?))
    }

    /// Stores a record.
    ///
    /// # Errors
    /// When the store fails, or the place is taken.
    pub fn add(&mut self, channel: &ChannelId, record: &StoredRecord) -> Result<(), Fault> {
        self.1.run(params![
            channel.as_str(),
            record.party.as_str(),
            int(record.index),
            record.dossier.as_ref().map(DossierId::as_str),
            int(record.sum),
            record.salt,
            record.bytes,
            record.fate.text(),
            record.received
        ])?;
        if record.disclosures.is_empty() { Ok(()) } else { disclosures::keep(self.0, channel, record) }
    }
}

/// The record at a place, when its content is here.
///
/// # Errors
/// When the store fails or is damaged.
pub fn at(connection: &Connection, channel: &ChannelId, party: &PartyId, index: u64) -> Result<Option<StoredRecord>, Fault> {
    let mut query = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM {KEPT} WHERE r.channel = ?1 AND r.party = ?2 AND r.idx = ?3"))?;
    let mut rows = query.query(params![channel.as_str(), party.as_str(), int(index)])?;
    rows.next()?.map(|row| read(&row)).transpose()
}

/// Says what became of a record.
///
/// # Errors
/// When the store fails.
pub fn set_fate(connection: &Connection, channel: &ChannelId, party: &PartyId, index: u64, fate: &Fate) -> Result<(), Fault> {
    connection.prepare_cached("UPDATE record SET standing = ?4 WHERE channel = ?1 AND party = ?2 AND idx = ?3")?.run(params![
        channel.as_str(),
        party.as_str(),
        int(index),
        fate.text()
    ])?;
    Ok(())
}

/// All records of a dossier, in the common order.
///
/// # Errors
/// When the store fails or is damaged.
pub fn of_dossier(connection: &Connection, channel: &ChannelId, dossier: &DossierId) -> Result<Vec<StoredRecord>, Fault> {
    let mut query = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM {KEPT} WHERE r.channel = ?1 AND r.dossier = ?2 ORDER BY r.sum"))?;
    let mut rows = query.query(params![channel.as_str(), dossier.as_str()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(&row)?);
    }
    found.sort_by_key(StoredRecord::position);
    Ok(found)
}

/// The records of a channel that were released late and wait for their causes, in the common order.
///
/// # Errors
/// When the store fails or is damaged.
pub fn late(connection: &Connection, channel: &ChannelId) -> Result<Vec<StoredRecord>, Fault> {
    let mut query =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM {KEPT} WHERE r.channel = ?1 AND r.standing = 'late'"))?;
    let mut rows = query.query([channel.as_str()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(&row)?);
    }
    found.sort_by_key(StoredRecord::position);
    Ok(found)
}

/// How many bytes the records of a log are that were released late and wait for their causes.
///
/// # Errors
/// When the store fails.
pub fn late_bytes(connection: &Connection, channel: &ChannelId, party: &PartyId) -> Result<u64, Fault> {
    let mut query =
        connection.prepare_cached("SELECT length(bytes) FROM record WHERE channel = ?1 AND party = ?2 AND standing = 'late'")?;
    let rows = query.query_map([channel.as_str(), party.as_str()], |row| row.get::<_, i64>(0))?;
    let mut all = 0_u64;
    for bytes in rows {
        all = all.saturating_add(uint(bytes?));
    }
    Ok(all)
}

/// The dossiers in which records stand that the rules known when they came could not judge.
///
/// # Errors
/// When the store fails or is damaged.
pub fn unknown(connection: &Connection) -> Result<Vec<(ChannelId, DossierId)>, Fault> {
    let mut query = connection
        .prepare_cached("SELECT DISTINCT channel, dossier FROM record WHERE standing = 'unknown' AND dossier IS NOT NULL")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Gives records their dossiers whose bytes did not tell them when they came, as far as they do now.
///
/// # Errors
/// When the store fails or is damaged.
pub fn assign_unknown(connection: &Connection) -> Result<(), Fault> {
    let mut found = Vec::new();
    {
        let mut query = connection
            .prepare_cached("SELECT channel, party, idx, bytes FROM record WHERE standing = 'unknown' AND dossier IS NULL")?;
        let rows = query.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?, row.get::<_, Vec<u8>>(3)?))
        })?;
        for row in rows {
            let (channel, party, index, bytes) = row?;
            if let Ok(record) = Record::parse(&bytes) {
                found.push((channel, party, index, record.dossier, record.seen.sum()));
            }
        }
    }
    for (channel, party, index, dossier, sum) in found {
        connection
            .prepare_cached("UPDATE record SET dossier = ?4, sum = ?5 WHERE channel = ?1 AND party = ?2 AND idx = ?3")?
            .execute(params![channel, party, index, dossier.as_str(), int(sum)])?;
    }
    Ok(())
}

/// The sum of what the writer of a record of a later level had seen, as far as this level can tell: its `seen`, or the end of
/// the order. The same bytes give the same place at every party of this level.
#[must_use]
pub fn later_sum(bytes: &[u8]) -> u64 {
    #[derive(serde::Deserialize)]
    struct Preview {
        seen: Seen,
    }
    serde_json::from_slice::<Preview>(bytes).map_or(u64::MAX, |preview| preview.seen.sum())
}

/// Gives all records of a dossier, in the common order, one after another: no more of them are held than stand at one sum.
///
/// # Errors
/// When the store fails or is damaged.
pub fn each_of_dossier(
    connection: &Connection,
    channel: &ChannelId,
    dossier: &DossierId,
    mut take: impl FnMut(StoredRecord),
) -> Result<(), Fault> {
    let mut query = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM {KEPT} WHERE r.channel = ?1 AND r.dossier = ?2 ORDER BY r.sum"))?;
    let mut rows = query.query(params![channel.as_str(), dossier.as_str()])?;
    let mut level: Vec<StoredRecord> = Vec::new();
    let mut pass_on = |level: &mut Vec<StoredRecord>| {
        if level.len() > 1 {
            level.sort_by_key(StoredRecord::position);
        }
        level.drain(..).for_each(&mut take);
    };
    while let Some(row) = rows.next()? {
        let record = read(&row)?;
        if level.first().is_some_and(|first| first.sum != record.sum) {
            pass_on(&mut level);
        }
        level.push(record);
    }
    pass_on(&mut level);
    Ok(())
}

/// A record as the store holds it at this moment, and the entry of its place.
#[derive(Debug, Clone)]
pub struct Beside<'r> {
    /// Whose log it stands in.
    pub party: PartyId,
    /// Its place there.
    pub index: u64,
    /// The dossier's name; none when the bytes are not a record.
    pub dossier: Option<&'r str>,
    /// The salt of its commitment.
    pub salt: Salt,
    /// Its exact bytes.
    pub bytes: &'r [u8],
    /// Disclosures of its sealed fields, one a line.
    pub disclosures: &'r str,
    /// What became of it.
    pub fate: Fate,
    /// The entry of its place, if its log has one there.
    pub entry: Option<[u8; 32]>,
}

impl Beside<'_> {
    /// Its identifier.
    #[must_use]
    pub fn id(&self) -> RecordId {
        RecordId::commit(&self.salt, self.bytes)
    }
}

const BESIDE: &str = "r.party, r.idx, r.salt, r.bytes, coalesce(s.texts, ''), r.standing, r.dossier";

fn beside<'r>(
    connection: &Connection,
    channel: &ChannelId,
    row: &'r Row<'_>,
    dossier: Option<&'r str>,
    tiles: &mut Tiles,
) -> Result<Beside<'r>, Fault> {
    let (party, index) = (row.get(0)?, uint(row.get(1)?));
    Ok(Beside {
        entry: tiles.entry(connection, channel, &party, index)?,
        party,
        index,
        dossier,
        salt: row.get(2)?,
        bytes: row.blob(3)?,
        disclosures: row.text(4)?,
        fate: row.get(5)?,
    })
}

/// Gives the records of the dossiers after one and up to another, dossier by dossier, each with the entry of its place.
///
/// # Errors
/// When the store fails or is damaged, or `take` fails.
pub fn each_between(
    connection: &Connection,
    channel: &ChannelId,
    (after, to): (&str, Option<&str>),
    mut take: impl FnMut(Beside<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let end = if to.is_some() { "AND r.dossier <= ?3" } else { "AND ?3 = ''" };
    let text = format!("SELECT {BESIDE} FROM {KEPT} WHERE r.channel = ?1 AND r.dossier > ?2 {end} ORDER BY r.dossier, r.sum");
    let mut query = connection.prepare_cached(&text)?;
    let mut rows = query.query(params![channel.as_str(), after, to.unwrap_or_default()])?;
    let mut tiles = Tiles::default();
    while let Some(row) = rows.next()? {
        take(beside(connection, channel, &row, Some(row.text(6)?), &mut tiles)?)?;
    }
    Ok(())
}

/// Gives the records of a channel that name no dossier, each with the entry of its place.
///
/// # Errors
/// When the store fails or is damaged.
pub fn each_without_dossier(connection: &Connection, channel: &ChannelId, mut take: impl FnMut(Beside<'_>)) -> Result<(), Fault> {
    let text = format!("SELECT {BESIDE} FROM {KEPT} WHERE r.channel = ?1 AND r.dossier IS NULL");
    let mut query = connection.prepare_cached(&text)?;
    let mut rows = query.query([channel.as_str()])?;
    let mut tiles = Tiles::default();
    while let Some(row) = rows.next()? {
        take(beside(connection, channel, &row, None, &mut tiles)?);
    }
    Ok(())
}

/// How many records of a channel there are by their places, and by their dossiers: each is counted in the index that finds them
/// so, since only that one begins with what is asked for.
///
/// # Errors
/// When the store fails.
pub fn counted(connection: &Connection, channel: &ChannelId) -> Result<(i64, i64), Fault> {
    let count = |text: &str| connection.query_row(text, [channel.as_str()], |row| row.get::<_, i64>(0));
    let by_place = count("SELECT count(idx) FROM record WHERE channel = ?1 AND party >= ''")?;
    let by_dossier = count("SELECT count(sum) FROM record WHERE channel = ?1 AND dossier >= ''")?;
    let by_none = count("SELECT count(sum) FROM record WHERE channel = ?1 AND dossier IS NULL")?;
    Ok((by_place, by_dossier + by_none))
}

/// Says where a record stands in the common order, when that could not be read when it came.
///
/// # Errors
/// When the store fails.
pub fn set_sum(connection: &Connection, channel: &ChannelId, record: &StoredRecord) -> Result<(), Fault> {
    connection
        .prepare_cached("UPDATE record SET sum = ?4 WHERE channel = ?1 AND party = ?2 AND idx = ?3 AND sum <> ?4")?
        .execute(params![channel.as_str(), record.party.as_str(), int(record.index), int(record.sum)])?;
    Ok(())
}

/// The last dossier before this name, and the first from it on, that have records here.
///
/// # Errors
/// When the store fails.
pub fn dossiers_around(
    connection: &Connection,
    channel: &ChannelId,
    dossier: &DossierId,
) -> Result<(Option<String>, Option<String>), Fault> {
    let named = |text: &str| {
        connection.prepare_cached(text)?.query_row([channel.as_str(), dossier.as_str()], |row| row.get(0)).optional()
    };
    let before = "SELECT dossier FROM record WHERE channel = ?1 AND dossier < ?2 ORDER BY dossier DESC LIMIT 1";
    let from = "SELECT dossier FROM record WHERE channel = ?1 AND dossier >= ?2 ORDER BY dossier LIMIT 1";
    Ok((named(before)?, named(from)?))
}

/// Whether a dossier has records that were applied and stand at this sum or later.
///
/// # Errors
/// When the store fails.
pub fn any_applied_from(connection: &Connection, channel: &ChannelId, dossier: &DossierId, sum: u64) -> Result<bool, Fault> {
    let found: Option<i64> = connection
        .prepare_cached(
            "SELECT 1 FROM record WHERE channel = ?1 AND dossier = ?2 AND sum >= ?3 AND standing NOT IN ('pending', 'late') LIMIT 1",
        )?
        .query_row(params![channel.as_str(), dossier.as_str(), int(sum)], |row| row.get(0))
        .optional()?;
    Ok(found.is_some())
}

/// An entry of this node's own log, with its record and the parties that may be sent it.
#[derive(Debug, Clone)]
pub struct Outgoing<'a> {
    /// The entry.
    pub entry: [u8; 32],
    /// Salt, bytes and disclosures; none when the content has been erased.
    pub content: Option<(Salt, &'a [u8], &'a str)>,
    /// The parties that its dossier is for.
    pub audience: &'a BTreeSet<PartyId>,
}

/// Sets of parties as the table `dossier` names them. Records that follow each other are mostly for the same parties, which are
/// read once.
#[derive(Debug, Default)]
pub(super) struct Audiences {
    text: String,
    parties: BTreeSet<PartyId>,
}

impl Audiences {
    pub(super) fn named(&mut self, text: &str) -> &BTreeSet<PartyId> {
        if text != self.text {
            self.parties = super::dossiers::parties(text);
            text.clone_into(&mut self.text);
        }
        &self.parties
    }
}

/// How many bytes of records may go together, and how many have been given.
#[derive(Debug)]
pub struct Room {
    most: usize,
    taken: usize,
    /// How many records have been given.
    pub given: u64,
    /// Whether one was too many.
    pub is_full: bool,
}

impl Room {
    /// Room for so many bytes, or for one record if it is larger.
    #[must_use]
    pub fn for_bytes(most: usize) -> Room {
        Room { most, taken: 0, given: 0, is_full: false }
    }

    /// Whether a record of so many bytes goes along.
    pub(super) fn admits(&mut self, bytes: usize) -> bool {
        self.taken += bytes;
        self.is_full |= self.taken > self.most && self.given > 0;
        self.given += u64::from(!self.is_full);
        !self.is_full
    }
}

/// Gives the entries `[from, to)` of a log, one after another, with their records, for as long as there is room.
///
/// # Errors
/// When the store fails or is damaged, or `take` fails.
pub fn outgoing(
    connection: &Connection,
    channel: &ChannelId,
    party: &PartyId,
    (from, to, room): (u64, u64, &mut Room),
    mut take: impl FnMut(Outgoing<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut query = connection.prepare_cached(&format!(
        "SELECT r.idx, r.salt, r.bytes, coalesce(s.texts, ''), d.audience
         FROM {KEPT}
         LEFT JOIN dossier d ON d.channel = r.channel AND d.dossier = r.dossier
         WHERE r.channel = ?1 AND r.party = ?2 AND r.idx >= ?3 AND r.idx < ?4 ORDER BY r.idx",
    ))?;
    let mut rows = query.query(params![channel.as_str(), party.as_str(), int(from), int(to)])?;
    let mut next_record = || -> Result<Option<_>, Fault> {
        let Some(row) = rows.next()? else { return Ok(None) };
        let content: (Salt, Vec<u8>, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
        Ok(Some((uint(row.get(0)?), content, row.get::<_, Option<String>>(4)?)))
    };
    let mut audiences = Audiences::default();
    let mut following = next_record()?;
    for (index, entry) in (from..).zip(entries::range(connection, channel, party, from, to.saturating_sub(from))?) {
        let record = following.take_if(|(place, ..)| *place == index);
        let (content, named) = match record {
            Some((_, content, named)) => (Some(content), named),
            None => (None, None),
        };
        if !room.admits(content.as_ref().map_or(0, |(_, bytes, disclosures)| bytes.len() + disclosures.len())) {
            break;
        }
        if content.is_some() {
            following = next_record()?;
        }
        let content = content.as_ref().map(|(salt, bytes, kept)| (*salt, bytes.as_slice(), kept.as_str()));
        take(Outgoing { entry, content, audience: audiences.named(&named.unwrap_or_default()) })?;
    }
    Ok(())
}
