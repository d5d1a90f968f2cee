//! Records whose entries came before them: a dossier was released to this party after its log had passed by.

use super::{Content, all_seen_is_applied, put_off, refold, store};
use crate::access::Denial;
use crate::erasing;
use crate::fault::{Fault, Protocol, Trouble};
use crate::store::records::{self, Fate};
use crate::store::work::Work;
use crate::store::{entries, late};
use std::collections::BTreeSet;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::{DossierId, RecordId};
use tansiq_dossier::refusal::Refusal;

/// How many bytes of a log's late records may wait for their causes before more are taken: all that wait are looked at
/// whenever something comes.
const WAITING: u64 = 4 * 1024 * 1024;

/// A record for an entry that is held already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// Its place in the log.
    pub index: u64,
    /// The record.
    pub content: Content,
}

/// Some late records of one log, and the number that they lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatePiece {
    /// The number of the last of them, in the order in which their owner released them to this party.
    pub number: u64,
    /// The records.
    pub records: Vec<Late>,
}

/// Takes in late records of a counterparty's log. Returns whether the entries that they belong to are here; when one is not,
/// nothing is kept, and the piece can be had again later.
///
/// # Errors
/// A protocol error, after which nothing of the piece is kept; or a fault.
pub fn receive_late(work: &mut Work<'_>, channel: &ChannelId, party: &PartyId, piece: LatePiece) -> Result<bool, Trouble> {
    let charter = work.charter(channel)?.ok_or_else(|| Refusal::from(Denial::NoSuchChannel))?;
    if *party == work.identity.party || !charter.parties.contains_key(party) {
        return Err(Protocol::Stranger.into());
    }
    let size = work.head(channel, party)?.range.size();
    if records::late_bytes(work.connection, channel, party)? > WAITING {
        return Ok(false);
    }
    for late in &piece.records {
        if late.index >= size {
            return Ok(false);
        }
        let entry = entries::at(work.connection, channel, party, late.index)?;
        if entry.as_ref() != Some(RecordId::commit(&late.content.salt, &late.content.bytes).entry()) {
            return Err(Protocol::NotCommitted { index: late.index }.into());
        }
    }
    // Verified. From here on only a fault can stop it, and a fault rolls the whole transaction back.
    for late in &piece.records {
        // What came with its entry after all, or came before, is here already.
        if records::at(work.connection, channel, party, late.index)?.is_none() {
            store(work, channel, party, late.index, &late.content, Fate::Late)?;
        }
    }
    late::set_taken(work.connection, channel, party, piece.number)?;
    let mut anew = BTreeSet::new();
    apply_late(work, channel, &mut anew)?;
    anew.iter().try_for_each(|id| refold(work, channel, id))?;
    erasing::answer_recalls(work, channel)?;
    work.announce(channel, party, size);
    Ok(true)
}

/// Applies every late record whose causes have all been applied. Its log has gone on without it, so its dossier is to be
/// folded anew.
pub(super) fn apply_late(work: &mut Work<'_>, channel: &ChannelId, anew: &mut BTreeSet<DossierId>) -> Result<(), Fault> {
    for stored in records::late(work.connection, channel)? {
        let applied = work.head(channel, &stored.party)?.applied;
        let Some(entry) = stored.entry() else {
            super::place_unreadable(work, channel, &stored, anew)?;
            continue;
        };
        if stored.index < applied && all_seen_is_applied(work, channel, &entry)? {
            if stored.party == work.identity.party {
                super::recover::consequences(work, channel, &entry)?;
                work.release_again(channel, &entry.record.dossier);
            }
            put_off(work, channel, (&stored.party, stored.index), entry.record.dossier, anew)?;
        }
    }
    Ok(())
}
