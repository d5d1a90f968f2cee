//! The entries of logs, as they are kept: many in one row, one after another.
//!
//! A row for each entry would cost as much to find, to write and to carry as a record does, and most of it would be the key. The
//! last tile of a log is written again when the log has grown, at the latest when the work of a transaction is closed.

use super::db::{Connection, OptionalExtension, params};
use super::logs::{int, uint};
use crate::fault::Fault;
use std::collections::BTreeMap;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tansiq_log::merkle::{CompactRange, Hash, NodeId, leaf_hash};

/// An entry: 32 bytes.
type Entry = [u8; SIZE];

const SIZE: usize = 32;

/// How many entries a tile holds: as many as one of the tiles that are served to outside monitors (C2SP tlog-tiles).
pub const TILE: u64 = 256;

/// How many bytes those are.
const FULL: usize = TILE as usize * SIZE;

/// The place of an entry in its tile.
fn within(index: u64) -> usize {
    usize::try_from(index % TILE).unwrap_or_default()
}

fn parts(bytes: &[u8]) -> &[Entry] {
    bytes.as_chunks().0
}

/// The last tile of a log, as far as it has been filled.
struct Open {
    channel: ChannelId,
    party: PartyId,
    tile: u64,
    bytes: Vec<u8>,
    is_written: bool,
}

/// Appends entries, one after another. What it was given last can be read by others when it has been [flushed](Appender::flush).
#[derive(Default)]
pub struct Appender(Option<Open>);

impl Appender {
    /// Appends an entry to a log: to its tile, and every subtree that it completes.
    ///
    /// # Errors
    /// When the store fails, or the tree is as large as a tree can be.
    pub fn append(
        &mut self,
        connection: &Connection,
        (channel, party): (&ChannelId, &PartyId),
        range: &mut CompactRange,
        entry: &Entry,
    ) -> Result<u64, Fault> {
        let mut complete: Vec<(NodeId, Hash)> = Vec::new();
        let index = range
            .append(leaf_hash(entry), |id, hash| {
                if id.level > 0 && id.level % 8 == 0 {
                    complete.push((id, hash));
                }
            })
            .map_err(|error| Fault::Damaged(error.to_string()))?;
        self.put(connection, (channel, party), index, entry)?;
        for (id, hash) in complete {
            connection
                .prepare_cached("INSERT INTO subtree (channel, party, level, idx, hash) VALUES (?1, ?2, ?3, ?4, ?5)")?
                .run(params![channel.as_str(), party.as_str(), id.level, int(id.index), hash.as_bytes()])?;
        }
        Ok(index)
    }

    fn put(
        &mut self,
        connection: &Connection,
        (channel, party): (&ChannelId, &PartyId),
        index: u64,
        entry: &Entry,
    ) -> Result<(), Fault> {
        let tile = index / TILE;
        let is_open = |open: &mut Open| open.tile == tile && open.party == *party && open.channel == *channel;
        let mut open = match self.0.take_if(is_open) {
            Some(open) => open,
            None => {
                self.flush(connection)?;
                let mut bytes = Vec::with_capacity(FULL);
                if within(index) > 0 {
                    bytes.extend(of_tile(connection, channel, party, tile)?);
                }
                Open { channel: channel.clone(), party: party.clone(), tile, bytes, is_written: true }
            }
        };
        if open.bytes.len() != within(index) * SIZE {
            return Err(Fault::Damaged(format!("the log of {party} in {channel} lacks entries before {index}")));
        }
        open.bytes.extend_from_slice(entry);
        open.is_written = false;
        let is_full = open.bytes.len() == FULL;
        self.0 = Some(open);
        if is_full { self.flush(connection) } else { Ok(()) }
    }

    /// Writes what is not written yet.
    ///
    /// # Errors
    /// When the store fails.
    pub fn flush(&mut self, connection: &Connection) -> Result<(), Fault> {
        match &mut self.0 {
            Some(open) if !open.is_written => {
                write(connection, &open.channel, &open.party, open.tile, &open.bytes)?;
                open.is_written = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn write(connection: &Connection, channel: &ChannelId, party: &PartyId, tile: u64, bytes: &[u8]) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO entries (channel, party, tile, bytes) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (channel, party, tile) DO UPDATE SET bytes = excluded.bytes",
        )?
        .run(params![channel.as_str(), party.as_str(), int(tile), bytes])?;
    Ok(())
}

fn of_tile(connection: &Connection, channel: &ChannelId, party: &PartyId, tile: u64) -> Result<Vec<u8>, Fault> {
    let found: Option<Vec<u8>> = connection
        .prepare_cached("SELECT bytes FROM entries WHERE channel = ?1 AND party = ?2 AND tile = ?3")?
        .query_row(params![channel.as_str(), party.as_str(), int(tile)], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// The entry at a place in a log.
///
/// # Errors
/// When the store fails.
pub fn at(connection: &Connection, channel: &ChannelId, party: &PartyId, index: u64) -> Result<Option<Entry>, Fault> {
    let tile = of_tile(connection, channel, party, index / TILE)?;
    Ok(parts(&tile).get(within(index)).copied())
}

/// The entries from `from` on, `count` of them or as many as there are.
///
/// # Errors
/// When the store fails.
pub fn range(connection: &Connection, channel: &ChannelId, party: &PartyId, from: u64, count: u64) -> Result<Vec<Entry>, Fault> {
    let to = from.saturating_add(count);
    let mut query = connection.prepare_cached(
        "SELECT tile, bytes FROM entries WHERE channel = ?1 AND party = ?2 AND tile >= ?3 AND tile <= ?4 ORDER BY tile",
    )?;
    let bounds = params![channel.as_str(), party.as_str(), int(from / TILE), int(to / TILE)];
    let mut rows = query.query(bounds)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let begin = uint(row.get(0)?) * TILE;
        let place = |index: u64| usize::try_from(index.saturating_sub(begin).min(TILE)).unwrap_or_default();
        let bytes = row.blob(1)?;
        let entries = parts(bytes);
        found.extend_from_slice(entries.get(place(from)..place(to).min(entries.len())).unwrap_or_default());
    }
    Ok(found)
}

/// Gives every entry of a log that is kept, with its place.
///
/// # Errors
/// When the store fails, or `take` fails.
pub fn each(
    connection: &Connection,
    channel: &ChannelId,
    party: &PartyId,
    mut take: impl FnMut(u64, &Entry) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut query =
        connection.prepare_cached("SELECT tile, bytes FROM entries WHERE channel = ?1 AND party = ?2 ORDER BY tile")?;
    let mut rows = query.query([channel.as_str(), party.as_str()])?;
    while let Some(row) = rows.next()? {
        let begin = uint(row.get(0)?) * TILE;
        (begin..).zip(parts(row.blob(1)?)).try_for_each(|(index, entry)| take(index, entry))?;
    }
    Ok(())
}

/// Where an entry stands: party and index. Reads the channel's entries through; meant for a person's request.
///
/// # Errors
/// When the store fails.
pub fn place(connection: &Connection, channel: &ChannelId, entry: &Entry) -> Result<Option<(PartyId, u64)>, Fault> {
    let mut query = connection.prepare_cached("SELECT party, tile, bytes FROM entries WHERE channel = ?1")?;
    let mut rows = query.query([channel.as_str()])?;
    while let Some(row) = rows.next()? {
        if let Some(place) = parts(row.blob(2)?).iter().position(|one| one == entry) {
            return Ok(Some((row.get(0)?, uint(row.get(1)?) * TILE + place as u64)));
        }
    }
    Ok(None)
}

/// How many tiles are remembered at most: a quarter of a mebibyte.
const REMEMBERED: usize = 32;

/// Tiles that were read, for whoever asks for many entries that stand near each other.
#[derive(Default)]
pub struct Tiles(BTreeMap<(PartyId, u64), Vec<u8>>);

impl Tiles {
    /// The entry at a place in a log of the one channel that is asked about.
    ///
    /// # Errors
    /// When the store fails.
    pub fn entry(
        &mut self,
        connection: &Connection,
        channel: &ChannelId,
        party: &PartyId,
        index: u64,
    ) -> Result<Option<Entry>, Fault> {
        let key = (party.clone(), index / TILE);
        if !self.0.contains_key(&key) {
            if self.0.len() >= REMEMBERED {
                self.0.clear();
            }
            self.0.insert(key.clone(), of_tile(connection, channel, party, index / TILE)?);
        }
        Ok(self.0.get(&key).and_then(|tile| parts(tile).get(within(index))).copied())
    }
}

/// What stood in every store up to schema 6.
#[cfg(test)]
pub(super) const EARLIER: &str = "CREATE TABLE entry (channel TEXT NOT NULL, party TEXT NOT NULL, idx INTEGER NOT NULL,
    entry BLOB NOT NULL, PRIMARY KEY (channel, party, idx)) STRICT, WITHOUT ROWID;";

/// Brings the entries of a store together that kept each in a row of its own.
///
/// # Errors
/// When the store fails or is damaged.
pub(super) fn gather(connection: &Connection) -> Result<(), Fault> {
    let mut logs = connection.prepare_cached("SELECT channel, party FROM log")?;
    let logs = logs.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<Vec<(ChannelId, PartyId)>, _>>()?;
    for (channel, party) in logs {
        let mut query =
            connection.prepare_cached("SELECT idx, entry FROM entry WHERE channel = ?1 AND party = ?2 ORDER BY idx")?;
        let mut rows = query.query([channel.as_str(), party.as_str()])?;
        let mut appender = Appender::default();
        while let Some(row) = rows.next()? {
            appender.put(connection, (&channel, &party), uint(row.get(0)?), &row.get(1)?)?;
        }
        appender.flush(connection)?;
    }
    connection.execute_batch("DROP TABLE entry")?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::db::Place;
    use crate::store::{disclosures, open};

    fn entry(number: u64) -> Entry {
        let mut entry = [7; SIZE];
        entry[..8].copy_from_slice(&number.to_be_bytes());
        entry
    }

    fn names() -> (ChannelId, PartyId, PartyId) {
        ("0123456789abcdef0123456789abcdef".parse().unwrap(), "IRQ".parse().unwrap(), "TUR".parse().unwrap())
    }

    fn store(dir: &tempfile::TempDir) -> Connection {
        open::for_writing(&Place::File(dir.path().join("tansiq.db"))).unwrap()
    }

    fn holds(connection: &Connection, channel: &ChannelId, party: &PartyId, all: &[Entry]) {
        for (from, count) in [(0, 1), (0, 256), (0, 257), (255, 2), (256, 256), (300, 1), (590, 100), (700, 5), (0, u64::MAX)] {
            let begin = all.len().min(usize::try_from(from).unwrap());
            let end = all.len().min(begin.saturating_add(usize::try_from(count).unwrap()));
            assert_eq!(range(connection, channel, party, from, count).unwrap(), all[begin..end], "{from} {count}");
        }
        let mut tiles = Tiles::default();
        for index in 0..all.len() as u64 + 300 {
            let wanted = all.get(usize::try_from(index).unwrap()).copied();
            assert_eq!(at(connection, channel, party, index).unwrap(), wanted, "{index}");
            assert_eq!(tiles.entry(connection, channel, party, index).unwrap(), wanted, "{index}");
        }
        let mut given = Vec::new();
        each(connection, channel, party, |index, entry| {
            assert_eq!(index, given.len() as u64);
            given.push(*entry);
            Ok(())
        })
        .unwrap();
        assert_eq!(given, all);
    }

    #[test]
    fn entries_are_read_as_they_were_appended_however_often_they_were_written_between() {
        let dir = tempfile::tempdir().unwrap();
        let connection = store(&dir);
        let (channel, one, two) = names();
        let (mut first, mut second) = (CompactRange::new(), CompactRange::new());
        let mut appender = Appender::default();
        let mut all = Vec::new();
        for number in 0..600_u64 {
            assert_eq!(appender.append(&connection, (&channel, &one), &mut first, &entry(number)).unwrap(), number);
            // Another log grows in the same work, and now and then the work is closed.
            if number % 100 == 0 {
                appender.append(&connection, (&channel, &two), &mut second, &entry(number + 1000)).unwrap();
            }
            if number % 70 == 0 {
                appender.flush(&connection).unwrap();
                appender = Appender::default();
            }
            all.push(entry(number));
        }
        appender.flush(&connection).unwrap();
        holds(&connection, &channel, &one, &all);
        assert_eq!(range(&connection, &channel, &two, 0, 9).unwrap(), [1000, 1100, 1200, 1300, 1400, 1500].map(entry));
        assert_eq!(place(&connection, &channel, &entry(599)).unwrap(), Some((one.clone(), 599)));
        assert_eq!(place(&connection, &channel, &entry(1100)).unwrap(), Some((two, 1)));
        assert_eq!(place(&connection, &channel, &entry(9999)).unwrap(), None);
        // Whoever went on from elsewhere writes nothing over what is kept.
        let mut behind = CompactRange::new();
        for number in 0..599 {
            behind.append(leaf_hash(&entry(number)), |_, _| {}).unwrap();
        }
        assert!(Appender::default().append(&connection, (&channel, &one), &mut behind, &entry(0)).is_err());
    }

    #[test]
    fn a_store_that_kept_each_entry_for_itself_is_brought_together() {
        let dir = tempfile::tempdir().unwrap();
        let connection = store(&dir);
        let (channel, one, two) = names();
        connection.execute_batch(EARLIER).unwrap();
        connection.execute_batch(disclosures::EARLIER).unwrap();
        connection
            .execute_batch(
                "INSERT INTO log VALUES ('0123456789abcdef0123456789abcdef', 'IRQ', 600, x'', 0, ''),
                     ('0123456789abcdef0123456789abcdef', 'TUR', 0, x'', 0, '');
                 PRAGMA user_version=6;",
            )
            .unwrap();
        let all: Vec<Entry> = (0..600).map(entry).collect();
        for (number, entry) in all.iter().enumerate() {
            connection
                .prepare_cached("INSERT INTO entry VALUES (?1, ?2, ?3, ?4)")
                .unwrap()
                .run(params![channel.as_str(), one.as_str(), int(number as u64), entry])
                .unwrap();
        }
        drop(connection);
        let connection = store(&dir);
        holds(&connection, &channel, &one, &all);
        holds(&connection, &channel, &two, &[]);
        let left: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_master WHERE name = 'entry'", [], |row| row.get(0)).unwrap();
        assert_eq!(left, 0);
    }
}
