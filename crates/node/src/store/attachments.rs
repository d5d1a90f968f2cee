//! Which file belongs to which dossier, and whether its bytes are here.
//!
//! That a file is here is noted per dossier, even where the same bytes lie here for another one: who merely knows a hash
//! could otherwise attach it elsewhere and be given a file that was never meant for it. A dossier's file is here when it
//! was brought for that dossier, by an officer or by a party that has it.

use super::dossiers::{list, parties};
use super::logs::{int, uint};
use crate::fault::Fault;
use crate::store::db::{Connection, OptionalExtension, Row, params};
use std::collections::{BTreeMap, BTreeSet};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::custody::Attachment;
use tansiq_dossier::fold::Dossier;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::DossierId;

/// Whether the bytes of a file are here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// They have not come.
    No,
    /// They are here, whole and checked.
    Yes,
    /// They came, and were not what the record says; they were not kept.
    Refused,
    /// This party has destroyed them, and takes them in no more.
    Erased,
}

impl Held {
    fn number(self) -> i64 {
        match self {
            Held::No => 0,
            Held::Yes => 1,
            Held::Refused => 2,
            Held::Erased => 3,
        }
    }

    fn of(number: i64) -> Held {
        match number {
            1 => Held::Yes,
            2 => Held::Refused,
            3 => Held::Erased,
            _ => Held::No,
        }
    }
}

/// A file of a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// The channel.
    pub channel: ChannelId,
    /// The dossier.
    pub dossier: DossierId,
    /// The SHA-256 of its bytes.
    pub hash: ContentHash,
    /// The party that attached it.
    pub party: PartyId,
    /// Its size, in bytes.
    pub size: u64,
    /// What its record says it is.
    pub media_type: String,
    /// Whether it is here.
    pub held: Held,
    /// The parties that the dossier is for.
    pub audience: BTreeSet<PartyId>,
}

const COLUMNS: &str = "a.channel, a.dossier, a.sha256, a.party, a.size, a.media_type, a.held, d.audience";

fn read(row: &Row<'_>) -> crate::store::db::Answered<Option<Attached>> {
    let text = |at: usize| row.get::<_, String>(at);
    let (channel, dossier, hash, party) = (text(0)?.parse(), text(1)?.parse(), text(2)?.parse(), text(3)?.parse());
    let (Ok(channel), Ok(dossier), Ok(hash), Ok(party)) = (channel, dossier, hash, party) else { return Ok(None) };
    Ok(Some(Attached {
        channel,
        dossier,
        hash,
        party,
        size: uint(row.get(4)?),
        media_type: text(5)?,
        held: Held::of(row.get(6)?),
        audience: parties(&text(7)?),
    }))
}

/// Follows a dossier as newly folded: its files are those that it names now.
///
/// # Errors
/// When the store fails.
pub(super) fn follow(connection: &Connection, channel: &ChannelId, dossier: &Dossier) -> Result<(), Fault> {
    let known = attachers(connection, channel, &dossier.id)?;
    let named = &dossier.custody.attachments;
    for hash in known.keys().filter(|hash| !named.contains_key(*hash)) {
        connection
            .prepare_cached("UPDATE attachment SET effective = 0 WHERE channel = ?1 AND dossier = ?2 AND sha256 = ?3")?
            .execute([channel.as_str(), dossier.id.as_str(), &hash.to_string()])?;
    }
    // Of two parties that attached the same file, an earlier one may have come in later.
    let differs = |(hash, file): &(&ContentHash, &Attachment)| known.get(*hash).is_none_or(|party| *party != file.party);
    for (hash, file) in named.iter().filter(differs) {
        connection
            .prepare_cached(
                "INSERT INTO attachment (channel, dossier, sha256, party, size, media_type, effective, held)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, 0) ON CONFLICT (channel, dossier, sha256) DO UPDATE SET
                 party = excluded.party, size = excluded.size, media_type = excluded.media_type, effective = 1",
            )?
            .execute(params![
                channel.as_str(),
                dossier.id.as_str(),
                hash.to_string(),
                file.party.as_str(),
                file.size,
                file.media_type
            ])?;
    }
    Ok(())
}

fn attachers(connection: &Connection, channel: &ChannelId, dossier: &DossierId) -> Result<BTreeMap<ContentHash, PartyId>, Fault> {
    let mut query = connection
        .prepare_cached("SELECT sha256, party FROM attachment WHERE channel = ?1 AND dossier = ?2 AND effective = 1")?;
    let mut rows = query.query([channel.as_str(), dossier.as_str()])?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        if let (Ok(hash), Ok(party)) = (row.get::<_, String>(0)?.parse(), row.get::<_, String>(1)?.parse()) {
            found.insert(hash, party);
        }
    }
    Ok(found)
}

/// A dossier that is no longer known names no files.
pub(super) fn forget(connection: &Connection, channel: &ChannelId, dossier: &DossierId) -> Result<(), Fault> {
    connection
        .prepare_cached("UPDATE attachment SET effective = 0 WHERE channel = ?1 AND dossier = ?2")?
        .execute([channel.as_str(), dossier.as_str()])?;
    Ok(())
}

/// The files of a dossier, and whether each is here.
///
/// # Errors
/// When the store fails.
pub fn effective(
    connection: &Connection,
    channel: &ChannelId,
    dossier: &DossierId,
) -> Result<BTreeMap<ContentHash, Held>, Fault> {
    let mut query =
        connection.prepare_cached("SELECT sha256, held FROM attachment WHERE channel = ?1 AND dossier = ?2 AND effective = 1")?;
    let rows =
        query.query_map([channel.as_str(), dossier.as_str()], |row| Ok((row.get::<_, String>(0)?, Held::of(row.get(1)?))))?;
    let mut found = BTreeMap::new();
    for row in rows {
        let (hash, held) = row?;
        found.insert(hash.parse().map_err(|_| Fault::Damaged("the hash of a file".to_owned()))?, held);
    }
    Ok(found)
}

/// A file of a dossier, if the dossier names it.
///
/// # Errors
/// When the store fails.
pub fn find(
    connection: &Connection,
    channel: &ChannelId,
    dossier: &DossierId,
    hash: &ContentHash,
) -> Result<Option<Attached>, Fault> {
    let text = format!(
        "SELECT {COLUMNS} FROM attachment a JOIN dossier d ON d.channel = a.channel AND d.dossier = a.dossier
         WHERE a.channel = ?1 AND a.dossier = ?2 AND a.sha256 = ?3 AND a.effective = 1"
    );
    let found =
        connection.prepare_cached(&text)?.query_row([channel.as_str(), dossier.as_str(), &hash.to_string()], read).optional()?;
    Ok(found.flatten())
}

/// Notes whether a file is here for a dossier, before or after the dossier names it. What was destroyed stays destroyed, even
/// when the last of its bytes come just then. Returns whether it was noted.
///
/// # Errors
/// When the store fails.
pub fn set_held(
    connection: &Connection,
    channel: &ChannelId,
    dossier: &DossierId,
    hash: &ContentHash,
    held: Held,
) -> Result<bool, Fault> {
    let noted = connection
        .prepare_cached(
            "INSERT INTO attachment (channel, dossier, sha256, party, size, media_type, effective, held)
             VALUES (?1, ?2, ?3, '', 0, '', 0, ?4) ON CONFLICT (channel, dossier, sha256) DO UPDATE SET held = excluded.held
             WHERE attachment.held <> 3",
        )?
        .execute(params![channel.as_str(), dossier.as_str(), hash.to_string(), held.number()])?;
    Ok(noted > 0)
}

/// The files that have not come yet, of dossiers that a peer has too.
///
/// # Errors
/// When the store fails.
pub fn wanted(connection: &Connection, channels: &BTreeSet<ChannelId>, peer: &PartyId) -> Result<Vec<Attached>, Fault> {
    let text = format!(
        "SELECT {COLUMNS} FROM attachment a JOIN dossier d ON d.channel = a.channel AND d.dossier = a.dossier
         WHERE a.channel = ?1 AND a.effective = 1 AND a.held = 0 AND d.audience LIKE '%' || ?2 || '%' ORDER BY a.size, a.sha256"
    );
    of_channels(connection, &text, channels, peer)
}

/// This party's own files that a peer is not known to have, of dossiers that are for it too.
///
/// # Errors
/// When the store fails.
pub fn to_bring(
    connection: &Connection,
    channels: &BTreeSet<ChannelId>,
    own: &PartyId,
    peer: &PartyId,
) -> Result<Vec<Attached>, Fault> {
    let text = format!(
        "SELECT {COLUMNS} FROM attachment a JOIN dossier d ON d.channel = a.channel AND d.dossier = a.dossier
         WHERE a.channel = ?1 AND a.effective = 1 AND a.held = 1 AND d.audience LIKE '%' || ?2 || '%' AND a.party = '{own}'
         AND NOT EXISTS (SELECT 1 FROM brought b WHERE b.channel = a.channel AND b.dossier = a.dossier
                         AND b.sha256 = a.sha256 AND b.party = '{peer}') ORDER BY a.size, a.sha256"
    );
    of_channels(connection, &text, channels, peer)
}

fn of_channels(
    connection: &Connection,
    text: &str,
    channels: &BTreeSet<ChannelId>,
    peer: &PartyId,
) -> Result<Vec<Attached>, Fault> {
    let mut query = connection.prepare_cached(text)?;
    let mut found = Vec::new();
    for channel in channels {
        let rows = query.query_map([channel.as_str(), &list([peer])], read)?;
        for row in rows {
            found.extend(row?);
        }
    }
    Ok(found)
}

/// Notes that a peer has a file.
///
/// # Errors
/// When the store fails.
pub fn brought(connection: &Connection, file: &Attached, to: &PartyId) -> Result<(), Fault> {
    connection
        .prepare_cached("INSERT INTO brought (channel, dossier, sha256, party) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")?
        .execute([file.channel.as_str(), file.dossier.as_str(), &file.hash.to_string(), to.as_str()])?;
    Ok(())
}

/// Whether any dossier needs the bytes of this hash.
///
/// # Errors
/// When the store fails.
pub fn is_needed(connection: &Connection, hash: &ContentHash) -> Result<bool, Fault> {
    Ok(connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM attachment WHERE sha256 = ?1 AND effective = 1 AND held = 1)")?
        .query_row([hash.to_string()], |row| row.get(0))?)
}

/// Whether any dossier waits for the bytes of this hash.
///
/// # Errors
/// When the store fails.
pub fn is_wanted(connection: &Connection, hash: &ContentHash) -> Result<bool, Fault> {
    Ok(connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM attachment WHERE sha256 = ?1 AND effective = 1 AND held = 0)")?
        .query_row([hash.to_string()], |row| row.get(0))?)
}

/// Every file that is noted as being here, by its hash.
///
/// # Errors
/// When the store fails.
pub fn noted_here(connection: &Connection) -> Result<BTreeSet<ContentHash>, Fault> {
    hashes(connection, "SELECT DISTINCT sha256 FROM attachment WHERE held = 1")
}

fn hashes(connection: &Connection, text: &str) -> Result<BTreeSet<ContentHash>, Fault> {
    let mut query = connection.prepare_cached(text)?;
    let rows = query.query_map([], |row| row.get::<_, String>(0))?;
    let read =
        |text: crate::store::db::Answered<String>| text?.parse().map_err(|_| Fault::Damaged("the hash of a file".to_owned()));
    rows.map(read).collect()
}

/// Notes that the bytes of this hash are gone, so that they are asked for again.
///
/// # Errors
/// When the store fails.
pub fn is_gone(connection: &Connection, hash: &ContentHash) -> Result<(), Fault> {
    let changed = connection
        .prepare_cached("UPDATE attachment SET held = 0 WHERE sha256 = ?1 AND held = 1")?
        .execute(params![hash.to_string()])?;
    tracing::warn!(file.hash = %hash.short(), dossiers = int(changed as u64), "a file is gone from the disk and will be asked for again");
    Ok(())
}

/// Notes that this party destroys its copy of a file of a dossier. Returns whether that is news. The bytes are removed by
/// [`Work::unlink`](super::work::Work::unlink).
///
/// # Errors
/// When the store fails.
pub fn erase(connection: &Connection, channel: &ChannelId, dossier: &DossierId, hash: &ContentHash) -> Result<bool, Fault> {
    set_held(connection, channel, dossier, hash, Held::Erased)
}

/// The hashes of all files that were destroyed here for some dossier.
///
/// # Errors
/// When the store fails or is damaged.
pub fn erased(connection: &Connection) -> Result<BTreeSet<ContentHash>, Fault> {
    hashes(connection, "SELECT DISTINCT sha256 FROM attachment WHERE held = 3")
}

/// The files that are here or on their way, by the dossiers that name them.
///
/// # Errors
/// When the store fails or is damaged.
pub fn kept(connection: &Connection) -> Result<BTreeMap<(ChannelId, DossierId), BTreeSet<ContentHash>>, Fault> {
    let mut query =
        connection.prepare_cached("SELECT channel, dossier, sha256 FROM attachment WHERE effective = 1 AND held IN (0, 1)")?;
    let mut rows = query.query([])?;
    let mut found: BTreeMap<_, BTreeSet<ContentHash>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let text = |at: usize| row.get::<_, String>(at);
        let (Ok(channel), Ok(dossier), Ok(hash)) = (text(0)?.parse(), text(1)?.parse(), text(2)?.parse()) else {
            return Err(Fault::Damaged("a file's dossier".to_owned()));
        };
        found.entry((channel, dossier)).or_default().insert(hash);
    }
    Ok(found)
}
