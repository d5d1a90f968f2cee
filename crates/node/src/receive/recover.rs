//! This node's own log, given back by a peer after the node was restored from a back-up.
//!
//! Nothing of it is believed for the peer's sake: every batch ends in a checkpoint with this node's own signature, and leads to
//! it from the tree that is held, by way of the tree that the guard remembers.

use super::fork::View;
use super::{Batch, Readied, apply, cosignatures, keep_cosignatures, open, store, verify};
use crate::access::Denial;
use crate::erasing;
use crate::fault::{Fault, Protocol, Trouble};
use crate::store::guard::{Said, Word};
use crate::store::records::{self, Fate};
use crate::store::work::Work;
use crate::store::{entries, late, logs, lost, references};
use std::collections::BTreeSet;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::record::Entry;
use tansiq_dossier::refusal::Refusal;
use tansiq_log::merkle::Hash;

/// Hears from a peer which checkpoint of this node's own log it holds. Gives its size.
///
/// A larger one than the guard knows goes into the guard at once, even if all else fails: from then on this node signs nothing
/// before it has caught up. To be called within a transaction, so that nothing is signed between.
///
/// # Errors
/// A protocol error when this node never signed it; or a fault.
pub fn hear(work: &mut Work<'_>, channel: &ChannelId, note: &str) -> Result<u64, Trouble> {
    let ring = work.ring(channel)?.ok_or_else(|| Refusal::from(Denial::NoSuchChannel))?;
    let own = work.identity.party.clone();
    let checkpoint = open(&ring, &own, note)?;
    let (size, root) = (checkpoint.checkpoint().size(), checkpoint.checkpoint().root());
    let guard = &work.identity.guard;
    let known = guard.held(channel, &own);
    if known.as_ref().is_some_and(|word| word.size == size && word.root == root) {
        return Ok(size);
    }
    let held = work.head(channel, &own)?.range.size();
    let contradicts = match &known {
        Some(word) if word.size == size => true,
        _ => size <= held && root_at(work, channel, size)? != root,
    };
    let guard = &work.identity.guard;
    if contradicts {
        tracing::error!(channel.id = %channel, size, "a peer holds another history of this node's log, signed with its own key");
        guard.contradicted(channel, note)?;
    } else if known.is_none_or(|word| word.size < size) && size > held {
        tracing::warn!(channel.id = %channel, size, held, "a peer holds more of this node's log than the node itself: it was restored, and catches up");
        guard.confirm(vec![Said { channel: channel.clone(), party: own, note: note.to_owned() }])?;
    }
    Ok(size)
}

fn root_at(work: &Work<'_>, channel: &ChannelId, size: u64) -> Result<Hash, Fault> {
    logs::root_at(work.connection, channel, &work.identity.party, size)
}

/// Takes in a batch of this node's own log. Entries continue the log; records are also taken for entries that are here without
/// theirs. Gives the size of the log now.
///
/// # Errors
/// A protocol error, after which nothing of the batch is kept; or a fault.
pub fn recover(work: &mut Work<'_>, channel: &ChannelId, mut batch: Batch) -> Result<u64, Trouble> {
    let ring = work.ring(channel)?.ok_or_else(|| Refusal::from(Denial::NoSuchChannel))?;
    let own = work.identity.party.clone();
    let checkpoint = open(&ring, &own, &batch.note)?;
    let cosigned = cosignatures(&ring, &own, &checkpoint)?;
    let head = work.head(channel, &own)?.clone();
    let (held, size) = (head.range.size(), checkpoint.checkpoint().size());
    if batch.from > held || batch.from + batch.entries.len() as u64 != size {
        return Err(
            Protocol::Answer(format!("own entries from {} for a log held to {held} and signed to {size}", batch.from)).into()
        );
    }
    // Sealed values do not come back: what is not here any longer may have been erased.
    for content in batch.entries.iter_mut().filter_map(|entry| entry.content.as_mut()) {
        content.disclosures.clear();
    }
    let known = usize::try_from(held - batch.from).unwrap_or(usize::MAX).min(batch.entries.len());
    let batch = Readied::from(batch);
    let (old, fresh) = batch.entries.split_at_checked(known).unwrap_or_default();
    if fresh.is_empty() {
        if root_at(work, channel, size)? != checkpoint.checkpoint().root() {
            return Err(Protocol::OtherHistory { size }.into());
        }
    } else {
        let word: Option<Word> = work.identity.guard.held(channel, &own);
        verify(&head, fresh, held, &checkpoint, &own, word.as_ref())?;
    }
    for ((entry, read), index) in old.iter().zip(batch.from..) {
        if entries::at(work.connection, channel, &own, index)? != Some(entry.entry) {
            return Err(Protocol::OtherHistory { size }.into());
        }
        if read.as_ref().is_some_and(|read| *read.id.entry() != entry.entry) {
            return Err(Protocol::NotCommitted { index }.into());
        }
    }

    // Verified. From here on only a fault can stop it, and a fault rolls the whole transaction back.
    for ((entry, _), index) in old.iter().zip(batch.from..) {
        let Some(content) = &entry.content else { continue };
        if records::at(work.connection, channel, &own, index)?.is_none() {
            store(work, channel, &own, index, content, Fate::Late)?;
            lost::is_found(work.connection, channel, index)?;
        }
    }
    for ((entry, _), index) in fresh.iter().zip(held..) {
        work.append_returned(channel, &entry.entry)?;
        match &entry.content {
            Some(content) => store(work, channel, &own, index, content, Fate::Pending)?,
            None => lost::add(work.connection, channel, index)?,
        }
    }
    work.flush()?;
    if !fresh.is_empty() {
        late::renumber(work.connection, channel, work.identity.world.clock.unix())?;
        let note = View { ring: &ring, channel, party: &own, source: &own }.bare(&checkpoint)?;
        work.head(channel, &own)?.note.clone_from(&note);
        logs::add_checkpoint(work.connection, channel, &own, size, &note)?;
        work.say(Said { channel: channel.clone(), party: own.clone(), note });
    }
    keep_cosignatures(work, channel, &own, &cosigned)?;
    apply(work, channel, &ring.charter, BTreeSet::new())?;
    work.announce(channel, &own, size.max(held));
    Ok(size.max(held))
}

/// What this node did besides when it wrote a record, done again when the record comes back: the number that it gave is taken,
/// and what it destroyed, and the back-up brought back, is destroyed.
pub(super) fn consequences(work: &mut Work<'_>, channel: &ChannelId, entry: &Entry) -> Result<(), Fault> {
    if let Some(reference) = &entry.record.reference {
        references::at_least(work.connection, reference)?;
    }
    if let Some((of, ground)) = erasing::destroys(&entry.record) {
        let who = entry.record.stamp.officer.to_string();
        erasing::destroy(work, channel, &entry.record.dossier, (&of, ground), &who)?;
    }
    Ok(())
}
