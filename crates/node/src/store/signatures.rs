//! Checkpoints of this node's own logs whose signatures no longer count, because the keys were lost and replaced: the same
//! trees are signed with the keys that count now.

use super::logs::{int, uint};
use crate::fault::Fault;
use crate::keyring::Keyring;
use crate::store::db::{Connection, params};
use crate::store::work::Identity;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tansiq_log::checkpoint::{Checkpoint, SignedCheckpoint};
use tansiq_log::note::Note;

/// Signs a checkpoint with every key of this node that counts at its size; nothing when none does.
///
/// # Errors
/// When a key cannot be used.
pub fn sign(identity: &Identity, ring: &Keyring, checkpoint: Checkpoint) -> Result<Option<SignedCheckpoint>, Fault> {
    let key = |error: &dyn std::fmt::Display| Fault::Key(error.to_string());
    let counting = ring.log_keys(&identity.party, checkpoint.size());
    let signers = identity.keys.log_signers(checkpoint.origin(), &counting)?;
    let Some((first, others)) = signers.split_first() else { return Ok(None) };
    let mut signed = SignedCheckpoint::sign(checkpoint, first).map_err(|error| key(&error))?;
    for other in others {
        signed.sign_also(other).map_err(|error| key(&error))?;
    }
    Ok(Some(signed))
}

/// Signs anew what no counting key has signed. Returns the newest checkpoint where that was among them.
///
/// # Errors
/// When the store or a key fails.
pub fn renew(connection: &Connection, identity: &Identity, ring: &Keyring) -> Result<Option<(u64, String)>, Fault> {
    let (channel, own) = (&ring.channel, &identity.party);
    let Some(first) = ring.turns(own).into_iter().next() else { return Ok(None) };
    let mut newest = None;
    for (size, note) in from(connection, channel, own, first)? {
        let origin = format!("{}/{channel}", identity.node);
        if SignedCheckpoint::open_with(note.as_bytes(), &origin, |size| ring.log_keys(own, size)).is_ok() {
            continue;
        }
        let damaged = |error: &dyn std::fmt::Display| Fault::Damaged(format!("checkpoint {size} of {own}: {error}"));
        let text = Note::parse(note.as_bytes()).map_err(|error| damaged(&error))?.text().to_owned();
        let checkpoint: Checkpoint = text.parse().map_err(|error| damaged(&error))?;
        let Some(signed) = sign(identity, ring, checkpoint)? else { continue };
        let note = signed.to_string();
        connection
            .prepare_cached("UPDATE checkpoint SET note = ?4 WHERE channel = ?1 AND party = ?2 AND size = ?3")?
            .execute(params![channel.as_str(), own.as_str(), int(size), note])?;
        newest = Some((size, note));
    }
    Ok(newest)
}

fn from(connection: &Connection, channel: &ChannelId, party: &PartyId, first: u64) -> Result<Vec<(u64, String)>, Fault> {
    let mut query = connection
        .prepare_cached("SELECT size, note FROM checkpoint WHERE channel = ?1 AND party = ?2 AND size >= ?3 ORDER BY size")?;
    let rows =
        query.query_map(params![channel.as_str(), party.as_str(), int(first)], |row| Ok((uint(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
