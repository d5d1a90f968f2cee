//! The disclosures that are kept with records, sealed values and their salts, in a table of their own.
//!
//! They alone are ever destroyed. A server leaves what is destroyed in a table's file until the table is written anew: this one
//! is small, and the register beside it stays as it lies.

use super::db::{Connection, params};
use super::logs::int;
use super::records::{COLUMNS, Fate, StoredRecord, read};
use crate::fault::Fault;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::{DossierId, RecordId};

/// Keeps the disclosures of a record.
///
/// # Errors
/// When the store fails, or some are kept for it already.
pub(super) fn keep(connection: &Connection, channel: &ChannelId, record: &StoredRecord) -> Result<(), Fault> {
    connection.prepare_cached("INSERT INTO disclosure (channel, party, idx, texts) VALUES (?1, ?2, ?3, ?4)")?.run(params![
        channel.as_str(),
        record.party.as_str(),
        int(record.index),
        record.disclosures
    ])?;
    Ok(())
}

/// Destroys the sealed values that are kept with a record, and their salts. Its bytes and its place stay.
///
/// # Errors
/// When the store fails.
pub fn destroy(connection: &Connection, channel: &ChannelId, party: &PartyId, index: u64) -> Result<(), Fault> {
    connection.prepare_cached("DELETE FROM disclosure WHERE channel = ?1 AND party = ?2 AND idx = ?3")?.execute(params![
        channel.as_str(),
        party.as_str(),
        int(index)
    ])?;
    Ok(())
}

/// A record beside which sealed values are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeper {
    /// The channel.
    pub channel: ChannelId,
    /// The dossier; none when the bytes are not a record.
    pub dossier: Option<DossierId>,
    /// Whose log it stands in.
    pub party: PartyId,
    /// Its place there.
    pub index: u64,
    /// Its identifier.
    pub id: RecordId,
    /// What became of it.
    pub fate: Fate,
    /// When this node stored it, in seconds since 1970 UTC.
    pub received: i64,
}

/// Every record beside which sealed values are kept, those of one dossier together.
///
/// # Errors
/// When the store fails or is damaged.
pub fn keepers(connection: &Connection) -> Result<Vec<Keeper>, Fault> {
    let mut query = connection.prepare_cached(&format!(
        "SELECT {COLUMNS}, r.channel FROM disclosure s
         JOIN record r ON r.channel = s.channel AND r.party = s.party AND r.idx = s.idx"
    ))?;
    let mut rows = query.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let channel = row.get(9)?;
        let stored = read(&row)?;
        let id = stored.id();
        let StoredRecord { party, index, dossier, fate, received, .. } = stored;
        found.push(Keeper { channel, dossier, party, index, id, fate, received });
    }
    found.sort_by(|a, b| (&a.channel, &a.dossier).cmp(&(&b.channel, &b.dossier)));
    Ok(found)
}

/// The places for which sealed values are kept without a record: nobody would ever destroy them.
///
/// # Errors
/// When the store fails or is damaged.
pub fn strays(connection: &Connection) -> Result<Vec<(PartyId, u64)>, Fault> {
    let mut query = connection.prepare_cached(
        "SELECT party, idx FROM disclosure s WHERE NOT EXISTS (
             SELECT 1 FROM record r WHERE r.channel = s.channel AND r.party = s.party AND r.idx = s.idx)",
    )?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The table of records as it was up to schema 7, when disclosures stood in it.
#[cfg(test)]
pub(super) const EARLIER: &str = "DROP TABLE IF EXISTS record;
    CREATE TABLE record (channel TEXT NOT NULL, party TEXT NOT NULL, idx INTEGER NOT NULL, dossier TEXT,
    sum INTEGER NOT NULL, salt BLOB NOT NULL, bytes BLOB NOT NULL, disclosures TEXT NOT NULL DEFAULT '', standing TEXT NOT NULL,
    received INTEGER NOT NULL) STRICT;
    CREATE INDEX record_disclosed ON record (channel, party, idx) WHERE disclosures <> '';";

/// Moves disclosures into their own table, for a store that kept them among the records. The records are written anew: of a
/// column that merely goes, a server would leave the values where they lie.
///
/// # Errors
/// When the store fails.
pub(super) fn part(connection: &Connection) -> Result<(), Fault> {
    connection.execute_batch(
        "INSERT INTO disclosure SELECT channel, party, idx, disclosures FROM record WHERE disclosures <> '';
         DROP INDEX IF EXISTS record_disclosed;
         ALTER TABLE record DROP COLUMN disclosures;",
    )?;
    if connection.postgres().is_some() {
        connection.execute_batch("ALTER TABLE record ALTER COLUMN received TYPE BIGINT USING received + 0")?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::db::Place;
    use crate::store::{open, records};

    #[test]
    fn what_stood_among_the_records_of_an_earlier_store_stands_beside_them_and_is_destroyed_there() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::File(dir.path().join("tansiq.db"));
        let (channel, party): (ChannelId, PartyId) =
            ("0123456789abcdef0123456789abcdef".parse().unwrap(), "IRQ".parse().unwrap());
        let connection = open::for_writing(&place).unwrap();
        connection.execute_batch("DROP TABLE disclosure; PRAGMA user_version=7;").unwrap();
        connection.execute_batch(EARLIER).unwrap();
        for (index, texts) in [(0, ""), (1, "WyJh\nWyJi"), (2, "")] {
            connection
                .prepare_cached("INSERT INTO record VALUES (?1, ?2, ?3, NULL, 0, ?4, ?5, ?6, 'effective', 9)")
                .unwrap()
                .execute(params![channel.as_str(), party.as_str(), index, [3_u8; 32], b"{}".to_vec(), texts])
                .unwrap();
        }
        drop(connection);
        let connection = open::for_writing(&place).unwrap();
        let kept = |index| records::at(&connection, &channel, &party, index).unwrap().unwrap().disclosures;
        assert_eq!([kept(0), kept(1), kept(2)], ["", "WyJh\nWyJi", ""]);
        let keepers = || keepers(&connection).unwrap().into_iter().map(|keeper| keeper.index).collect::<Vec<_>>();
        assert_eq!(keepers(), [1]);
        destroy(&connection, &channel, &party, 1).unwrap();
        assert_eq!((keepers(), kept(1)), (Vec::new(), String::new()));
    }
}
