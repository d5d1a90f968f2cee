//! The logs: heads, subtrees, checkpoints and cosignatures; their entries are in [`super::entries`].

use crate::fault::Fault;
use crate::store::db::{Connection, OptionalExtension, params};
use crate::store::entries;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tansiq_log::merkle::{CompactRange, Hash, NodeId, NodeReader, leaf_hash, node_hash};

/// Where a log stands.
#[derive(Debug, Clone)]
pub struct Head {
    /// The tree so far.
    pub range: CompactRange,
    /// How many of its records have been applied.
    pub applied: u64,
    /// Its newest signed checkpoint; empty while the log is empty.
    pub note: String,
    /// Its size as it stands in the store, before the work in hand.
    pub stored: u64,
}

impl Head {
    /// A log without entries.
    #[must_use]
    pub fn empty() -> Head {
        Head { range: CompactRange::new(), applied: 0, note: String::new(), stored: 0 }
    }
}

/// SQLite counts with a sign.
pub(crate) fn int(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

pub(crate) fn uint(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// Where a party's log in a channel stands here.
///
/// # Errors
/// When the store fails or is damaged.
pub fn head(connection: &Connection, channel: &ChannelId, party: &PartyId) -> Result<Head, Fault> {
    let row: Option<(Vec<u8>, i64, String)> = connection
        .prepare_cached("SELECT frontier, applied, note FROM log WHERE channel = ?1 AND party = ?2")?
        .query_row([channel.as_str(), party.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((frontier, applied, note)) = row else { return Ok(Head::empty()) };
    let range =
        CompactRange::from_bytes(&frontier).map_err(|error| Fault::Damaged(format!("the frontier of {party}: {error}")))?;
    let stored = range.size();
    Ok(Head { range, applied: uint(applied), note, stored })
}

/// Stores where a log stands, if it still stands where this work began: whoever else went on from there has signed another
/// tree, and two trees of one size must never be shown.
///
/// # Errors
/// When the store fails, or the log stands elsewhere.
pub fn set_head(connection: &Connection, channel: &ChannelId, party: &PartyId, head: &Head) -> Result<(), Fault> {
    let swapped = connection
        .prepare_cached(
            "INSERT INTO log (channel, party, size, frontier, applied, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (channel, party) DO UPDATE
             SET size = excluded.size, frontier = excluded.frontier, applied = excluded.applied, note = excluded.note
             WHERE log.size = ?7",
        )?
        .execute(params![
            channel.as_str(),
            party.as_str(),
            int(head.range.size()),
            head.range.to_bytes(),
            int(head.applied),
            head.note,
            int(head.stored)
        ])?;
    if swapped != 1 {
        return Err(Fault::Commit(format!("somebody else continued the log of {party} in {channel}")));
    }
    Ok(())
}

/// Keeps a signed checkpoint.
///
/// # Errors
/// When the store fails.
pub fn add_checkpoint(connection: &Connection, channel: &ChannelId, party: &PartyId, size: u64, note: &str) -> Result<(), Fault> {
    connection
        .prepare_cached("INSERT INTO checkpoint (channel, party, size, note) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")?
        .run(params![channel.as_str(), party.as_str(), int(size), note])?;
    Ok(())
}

/// The signed checkpoint of exactly this size, if there is one.
///
/// # Errors
/// When the store fails.
pub fn checkpoint(connection: &Connection, channel: &ChannelId, party: &PartyId, size: u64) -> Result<Option<String>, Fault> {
    Ok(connection
        .prepare_cached("SELECT note FROM checkpoint WHERE channel = ?1 AND party = ?2 AND size = ?3")?
        .query_row(params![channel.as_str(), party.as_str(), int(size)], |row| row.get(0))
        .optional()?)
}

/// The checkpoint at which to end a batch of entries that begins at `from`: the largest within `most` entries, or else the
/// next one.
///
/// # Errors
/// When the store fails.
pub fn batch_end(
    connection: &Connection,
    channel: &ChannelId,
    party: &PartyId,
    from: u64,
    most: u64,
) -> Result<Option<(u64, String)>, Fault> {
    let read = |row: &crate::store::db::Row<'_>| Ok((uint(row.get(0)?), row.get(1)?));
    let within = connection
        .prepare_cached(
            "SELECT size, note FROM checkpoint WHERE channel = ?1 AND party = ?2 AND size > ?3 AND size <= ?4 ORDER BY size DESC LIMIT 1",
        )?
        .query_row(params![channel.as_str(), party.as_str(), int(from), int(from.saturating_add(most))], read)
        .optional()?;
    if within.is_some() {
        return Ok(within);
    }
    Ok(connection
        .prepare_cached(
            "SELECT size, note FROM checkpoint WHERE channel = ?1 AND party = ?2 AND size > ?3 ORDER BY size LIMIT 1",
        )?
        .query_row(params![channel.as_str(), party.as_str(), int(from)], read)
        .optional()?)
}

/// A party's cosignature under the log of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CosignatureRow {
    /// The size of the tree that it covers.
    pub size: u64,
    /// The party that cosigned.
    pub cosigner: PartyId,
    /// When, by the cosigner's clock, in seconds since 1970 UTC.
    pub time: i64,
    /// The signature line.
    pub line: String,
}

/// Keeps a cosignature.
///
/// # Errors
/// When the store fails.
pub fn add_cosignature(
    connection: &Connection,
    channel: &ChannelId,
    party: &PartyId,
    row: &CosignatureRow,
) -> Result<bool, Fault> {
    let added = connection
        .prepare_cached(
            "INSERT INTO cosignature (channel, party, size, cosigner, time, line) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        )?
        .execute(params![channel.as_str(), party.as_str(), int(row.size), row.cosigner.as_str(), row.time, row.line])?;
    Ok(added > 0)
}

/// The first cosignature of `cosigner` that covers the record at `index`.
///
/// # Errors
/// When the store fails.
pub fn witnessed(
    connection: &Connection,
    channel: &ChannelId,
    party: &PartyId,
    cosigner: &PartyId,
    index: u64,
) -> Result<Option<CosignatureRow>, Fault> {
    Ok(connection
        .prepare_cached(
            "SELECT size, time, line FROM cosignature
             WHERE channel = ?1 AND party = ?2 AND cosigner = ?3 AND size > ?4 ORDER BY size LIMIT 1",
        )?
        .query_row(params![channel.as_str(), party.as_str(), cosigner.as_str(), int(index)], |row| {
            Ok(CosignatureRow { size: uint(row.get(0)?), cosigner: cosigner.clone(), time: row.get(1)?, line: row.get(2)? })
        })
        .optional()?)
}

/// Every cosignature of the checkpoint of this size.
///
/// # Errors
/// When the store fails.
pub fn cosignatures(
    connection: &Connection,
    channel: &ChannelId,
    party: &PartyId,
    size: u64,
) -> Result<Vec<CosignatureRow>, Fault> {
    let mut query = connection.prepare_cached(
        "SELECT cosigner, time, line FROM cosignature WHERE channel = ?1 AND party = ?2 AND size = ?3 ORDER BY cosigner",
    )?;
    let mut rows = query.query(params![channel.as_str(), party.as_str(), int(size)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(CosignatureRow { size, cosigner: row.get(0)?, time: row.get(1)?, line: row.get(2)? });
    }
    Ok(found)
}

/// The largest size of this log that `cosigner` has cosigned, and when.
///
/// # Errors
/// When the store fails.
pub fn newest_cosignature(
    connection: &Connection,
    channel: &ChannelId,
    party: &PartyId,
    cosigner: &PartyId,
) -> Result<Option<(u64, i64)>, Fault> {
    Ok(connection
        .prepare_cached(
            "SELECT size, time FROM cosignature WHERE channel = ?1 AND party = ?2 AND cosigner = ?3 ORDER BY size DESC LIMIT 1",
        )?
        .query_row(params![channel.as_str(), party.as_str(), cosigner.as_str()], |row| Ok((uint(row.get(0)?), row.get(1)?)))
        .optional()?)
}

/// The largest size of this log that anybody is known to have cosigned; 0 when nobody has.
///
/// # Errors
/// When the store fails.
pub fn largest_cosigned(connection: &Connection, channel: &ChannelId, party: &PartyId) -> Result<u64, Fault> {
    let largest: Option<i64> = connection
        .prepare_cached("SELECT max(size) FROM cosignature WHERE channel = ?1 AND party = ?2")?
        .query_row([channel.as_str(), party.as_str()], |row| row.get(0))?;
    Ok(uint(largest.unwrap_or(0)))
}

/// The root of the tree that a log had at this size, of which it holds at least as many entries.
///
/// # Errors
/// When the store fails or is damaged.
pub fn root_at(connection: &Connection, channel: &ChannelId, party: &PartyId, size: u64) -> Result<Hash, Fault> {
    let tree = StoredTree { connection, channel, party };
    let (mut hashes, mut begin) = (Vec::new(), 0_u64);
    for level in (0..u64::BITS as u8).rev().filter(|level| size >> level & 1 == 1) {
        hashes.push(tree.node(NodeId { level, index: begin >> level })?);
        begin += 1 << level;
    }
    let range = CompactRange::from_hashes(size, hashes).map_err(|error| Fault::Damaged(error.to_string()))?;
    Ok(range.root())
}

/// The smallest checkpoint after `index` that every one of `cosigners` has cosigned.
///
/// # Errors
/// When the store fails.
pub fn witnessed_by_all(
    connection: &Connection,
    channel: &ChannelId,
    party: &PartyId,
    cosigners: usize,
    index: u64,
) -> Result<Option<u64>, Fault> {
    Ok(connection
        .prepare_cached(
            "SELECT size FROM cosignature WHERE channel = ?1 AND party = ?2 AND size > ?3
             GROUP BY size HAVING count(*) >= ?4 ORDER BY size LIMIT 1",
        )?
        .query_row(params![channel.as_str(), party.as_str(), int(index), int(cosigners as u64)], |row| row.get::<_, i64>(0))
        .optional()?
        .map(uint))
}

/// Reads the nodes of a log's tree out of the store, for proofs.
pub struct StoredTree<'c> {
    /// The database.
    pub connection: &'c Connection,
    /// The channel.
    pub channel: &'c ChannelId,
    /// Whose log.
    pub party: &'c PartyId,
}

impl NodeReader for StoredTree<'_> {
    type Error = Fault;

    fn node(&self, id: NodeId) -> Result<Hash, Fault> {
        // The nearest stored level at or below: leaves, or roots of 256^n leaves; what lies between is hashed here.
        let stored = id.level - id.level % 8;
        let width = 1u64 << (id.level - stored);
        let mut hashes = self.row_of(stored, id.index * width, width)?;
        while hashes.len() > 1 {
            hashes = hashes
                .chunks(2)
                .filter_map(|pair| pair.first().zip(pair.get(1)))
                .map(|(left, right)| node_hash(left, right))
                .collect();
        }
        hashes.pop().ok_or_else(|| Fault::Damaged(format!("node {} of level {} is not stored", id.index, id.level)))
    }
}

impl StoredTree<'_> {
    /// The hashes of `width` neighbouring subtrees from `from` on, at a level that is kept: a multiple of eight.
    pub(crate) fn row_of(&self, level: u8, from: u64, width: u64) -> Result<Vec<Hash>, Fault> {
        let hashes: Vec<Hash> = if level == 0 {
            let entries = entries::range(self.connection, self.channel, self.party, from, width)?;
            entries.iter().map(|entry| leaf_hash(entry)).collect()
        } else {
            let mut query = self.connection.prepare_cached(
                "SELECT hash FROM subtree WHERE channel = ?1 AND party = ?2 AND idx >= ?3 AND idx < ?4 AND level = ?5 ORDER BY idx",
            )?;
            let bounds = params![self.channel.as_str(), self.party.as_str(), int(from), int(from + width), level];
            let rows = query.query_map(bounds, |row| row.get::<_, [u8; 32]>(0))?;
            rows.map(|bytes| bytes.map(Hash::from_bytes)).collect::<Result<_, _>>()?
        };
        if hashes.len() as u64 != width {
            return Err(Fault::Damaged(format!("the log of {} lacks entries from {from}", self.party)));
        }
        Ok(hashes)
    }
}
