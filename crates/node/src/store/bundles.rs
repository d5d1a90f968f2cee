//! What other parties have said in bundles that they have taken in.

use super::logs::{int, uint};
use crate::fault::Fault;
use crate::store::db::{Connection, OptionalExtension, params};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;

/// How many of this node's late records for `party` have arrived there, as far as a bundle of its has said.
///
/// # Errors
/// When the store fails.
pub fn told(connection: &Connection, channel: &ChannelId, party: &PartyId) -> Result<u64, Fault> {
    let told: Option<i64> = connection
        .prepare_cached("SELECT late FROM bundle_told WHERE channel = ?1 AND party = ?2")?
        .query_row(params![channel.as_str(), party.as_str()], |row| row.get(0))
        .optional()?;
    Ok(uint(told.unwrap_or(0)))
}

/// Keeps what a bundle of `party` says has arrived. An older bundle that is read after a newer one changes nothing.
///
/// # Errors
/// When the store fails.
pub fn set_told(connection: &Connection, channel: &ChannelId, party: &PartyId, late: u64) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO bundle_told (channel, party, late) VALUES (?1, ?2, ?3)
             ON CONFLICT (channel, party) DO UPDATE SET late = excluded.late WHERE excluded.late > bundle_told.late",
        )?
        .execute(params![channel.as_str(), party.as_str(), int(late)])?;
    Ok(())
}
