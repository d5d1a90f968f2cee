//! How much was taken in of a party on one day.

use super::logs::{int, uint};
use crate::fault::Fault;
use crate::store::db::{Connection, params};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::time::Date;

/// What was taken in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Intake {
    /// Entries of its logs.
    pub entries: u64,
    /// Bytes of records, checkpoints and disclosures.
    pub bytes: u64,
    /// Bytes of files.
    pub files: u64,
}

/// What was taken in of a party on a day, in all channels.
///
/// # Errors
/// When the store fails.
pub fn of(connection: &Connection, party: &PartyId, day: Date) -> Result<Intake, Fault> {
    // One row for every channel that the party is in.
    let mut query = connection.prepare_cached("SELECT entries, bytes, files FROM intake WHERE party = ?1 AND day = ?2")?;
    let rows = query.query_map(params![party.as_str(), day.to_string()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut all = Intake::default();
    for row in rows {
        let (entries, bytes, files) = row?;
        all.entries = all.entries.saturating_add(uint(entries));
        all.bytes = all.bytes.saturating_add(uint(bytes));
        all.files = all.files.saturating_add(uint(files));
    }
    Ok(all)
}

/// Counts what is being taken in now.
///
/// # Errors
/// When the store fails.
pub fn add(connection: &Connection, channel: &ChannelId, party: &PartyId, day: Date, more: Intake) -> Result<(), Fault> {
    let day = day.to_string();
    // The row of another day begins anew.
    connection.prepare_cached("DELETE FROM intake WHERE channel = ?1 AND party = ?2 AND day <> ?3")?.execute(params![
        channel.as_str(),
        party.as_str(),
        day
    ])?;
    connection
        .prepare_cached(
            "INSERT INTO intake (channel, party, day, entries, bytes, files) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (channel, party) DO UPDATE SET entries = intake.entries + excluded.entries,
                 bytes = intake.bytes + excluded.bytes, files = intake.files + excluded.files",
        )?
        .execute(params![channel.as_str(), party.as_str(), day, int(more.entries), int(more.bytes), int(more.files)])?;
    Ok(())
}
