//! A log that shows two histories is caught here: every signed checkpoint, whoever shows it, is compared with what is held.
//!
//! Whoever holds the larger of two trees can tell whether the smaller one is its beginning, and prove it when it is not. What
//! is ahead of this node's tree waits, one checkpoint from each party, until the log has grown that far here. Only what
//! [`Fork::check`] accepts is ever kept against anybody.

use super::{Batch, Readied, Received, apply, cosignatures, keep_cosignatures, open};
use crate::access::Denial;
use crate::fault::{Fault, Protocol, Trouble};
use crate::keyring::Keyring;
use crate::store::Store;
use crate::store::forks::{self, Found, Shown};
use crate::store::logs::{self, CosignatureRow, StoredTree};
use crate::store::work::Work;
use std::collections::BTreeSet;
use std::sync::Arc;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::refusal::Refusal;
use tansiq_log::checkpoint::{Checkpoint, SignedCheckpoint};
use tansiq_log::fork::{Consistency, Fork};
use tansiq_log::merkle::{consistency_proof, tree_root};
use tansiq_log::note::Note;

/// How a signed checkpoint of a log stands to what this node holds of that log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// It is part of the one history that is held.
    Held,
    /// It is larger than what is held; nothing can be said yet.
    Ahead,
    /// The log has two histories. The proof is kept.
    Forked,
}

/// One log, as one party of its channel shows it.
pub(super) struct View<'a> {
    pub(super) ring: &'a Arc<Keyring>,
    pub(super) channel: &'a ChannelId,
    /// Whose log.
    pub(super) party: &'a PartyId,
    /// Who shows it.
    pub(super) source: &'a PartyId,
}

impl View<'_> {
    /// A checkpoint with the log's own signatures and none that others put under it: what is stored is sent on, and nobody
    /// shall put a word into another's mouth by it.
    pub(super) fn bare(&self, checkpoint: &SignedCheckpoint) -> Result<String, Fault> {
        let keys = self.ring.log_keys(self.party, checkpoint.checkpoint().size());
        let note = checkpoint.note();
        let own = note.signatures().iter().filter(|line| keys.iter().any(|key| line.is_by(key)));
        let lines: String = own.map(|line| format!("{line}\n")).collect();
        if lines.is_empty() {
            return Err(Fault::Damaged("a checkpoint without the signature of its log".to_owned()));
        }
        Ok(format!("{}\n{lines}", note.text()))
    }

    /// Takes in a signed checkpoint and the cosignatures of it that hold.
    pub(super) fn take_in(
        &self,
        work: &mut Work<'_>,
        checkpoint: &SignedCheckpoint,
        rows: &[CosignatureRow],
    ) -> Result<Seen, Fault> {
        let size = checkpoint.checkpoint().size();
        if forks::is_frozen(work.connection, self.channel, self.party)? {
            return Ok(Seen::Forked);
        }
        let seen = self.compare(work, checkpoint)?;
        match seen {
            Seen::Held if size > 0 && !rows.is_empty() => {
                logs::add_checkpoint(work.connection, self.channel, self.party, size, &self.bare(checkpoint)?)?;
                if keep_cosignatures(work, self.channel, self.party, rows)? {
                    work.announce(self.channel, self.party, size);
                }
            }
            Seen::Ahead => return self.wait(work, checkpoint, rows),
            Seen::Held | Seen::Forked => {}
        }
        Ok(seen)
    }

    /// Whether a signed checkpoint belongs to the history that is held; if it does not, the proof is made and kept.
    fn compare(&self, work: &mut Work<'_>, checkpoint: &SignedCheckpoint) -> Result<Seen, Fault> {
        let (size, root) = (checkpoint.checkpoint().size(), checkpoint.checkpoint().root());
        // Of this node's own log the tree may be further than what is signed yet; what is not signed proves nothing.
        let newest = work.head(self.channel, self.party)?.note.clone();
        let signed_to = if newest.is_empty() { 0 } else { read(&newest)?.size() };
        if size > signed_to {
            return Ok(Seen::Ahead);
        }
        let this = note(&self.bare(checkpoint)?)?;
        if let Some(same_size) = logs::checkpoint(work.connection, self.channel, self.party, size)? {
            if read(&same_size)?.root() == root {
                return Ok(Seen::Held);
            }
            return self.convict(work, Fork::new(note(&same_size)?, this, None));
        }
        let tree = StoredTree { connection: work.connection, channel: self.channel, party: self.party };
        let old_root = tree_root(&tree, size)?;
        if old_root == root {
            return Ok(Seen::Held);
        }
        let hashes = consistency_proof(&tree, size, signed_to).map_err(|error| Fault::Damaged(error.to_string()))?;
        self.convict(work, Fork::new(this, note(&newest)?, Some(Consistency { old_root, hashes })))
    }

    /// Lets a checkpoint wait that is ahead of what is held. Two of one size need not wait to contradict each other.
    fn wait(&self, work: &mut Work<'_>, checkpoint: &SignedCheckpoint, rows: &[CosignatureRow]) -> Result<Seen, Fault> {
        let (size, root) = (checkpoint.checkpoint().size(), checkpoint.checkpoint().root());
        let mut bare = self.bare(checkpoint)?;
        for other in forks::shown(work.connection, self.channel, self.party)? {
            if other.size == size && read(&other.note)?.root() != root {
                let other = open(self.ring, self.party, &other.note)
                    .map_err(|error| Fault::Damaged(format!("a checkpoint that waits: {error}")))?;
                return self.convict(work, Fork::new(note(&self.bare(&other)?)?, note(&bare)?, None));
            }
        }
        rows.iter().for_each(|row| bare.extend([row.line.as_str(), "\n"]));
        let shown = Shown { source: self.source.clone(), size, note: bare };
        forks::show(work.connection, self.channel, self.party, &shown)?;
        Ok(Seen::Ahead)
    }

    /// Compares what waited with the log, which has grown.
    pub(super) fn settle(&self, work: &mut Work<'_>) -> Result<Seen, Fault> {
        for shown in forks::shown(work.connection, self.channel, self.party)? {
            if shown.size > work.head(self.channel, self.party)?.range.size() {
                continue;
            }
            let damaged = |error: Trouble| Fault::Damaged(format!("a checkpoint that waits: {error}"));
            let checkpoint = open(self.ring, self.party, &shown.note).map_err(damaged)?;
            let rows = cosignatures(self.ring, self.party, &checkpoint).map_err(damaged)?;
            let view = View { source: &shown.source, ..*self };
            match view.take_in(work, &checkpoint, &rows)? {
                Seen::Held => forks::compared(work.connection, self.channel, self.party, &shown.source)?,
                Seen::Ahead => {}
                Seen::Forked => return Ok(Seen::Forked),
            }
        }
        Ok(Seen::Held)
    }

    /// Keeps the proof that the log has two histories, if it is one: from now on nothing more of this log is taken, and
    /// whatever waited for the rest of it waits no longer.
    fn convict(&self, work: &mut Work<'_>, fork: Result<Fork, tansiq_log::fork::ForkParseError>) -> Result<Seen, Fault> {
        // A proof that this node made and that does not hold tells of its own store, and of nobody else.
        let damaged = |error: &dyn std::fmt::Display| Fault::Damaged(format!("the tree of {}: {error}", self.party));
        let fork = fork.map_err(|error| damaged(&error))?;
        fork.check_with(&self.ring.log_keys_ever(self.party).iter().collect::<Vec<_>>()).map_err(|error| damaged(&error))?;
        self.freeze(work, fork)?;
        Ok(Seen::Forked)
    }

    fn freeze(&self, work: &mut Work<'_>, proof: Fork) -> Result<(), Fault> {
        let sizes = (proof.first().size(), proof.second().size());
        let found = Found { found: work.identity.world.clock.unix(), source: self.source.clone(), proof };
        if !forks::add(work.connection, self.channel, self.party, &found)? {
            return Ok(());
        }
        tracing::error!(
            channel = %self.channel, log.party = %self.party, log.first = sizes.0, log.second = sizes.1, shown.by = %self.source,
            "a log has two histories: nothing more of it is taken; `tansiq evidence fork` writes the proof"
        );
        metrics::counter!("tansiq_forks_proved_total").increment(1);
        let size = work.head(self.channel, self.party)?.range.size();
        work.announce(self.channel, self.party, size);
        apply(work, self.channel, &self.ring.charter, BTreeSet::new())
    }
}

fn note(text: &str) -> Result<Note, Fault> {
    text.parse().map_err(|error| Fault::Damaged(format!("a checkpoint: {error}")))
}

fn read(text: &str) -> Result<Checkpoint, Fault> {
    note(text)?.text().parse().map_err(|error| Fault::Damaged(format!("a checkpoint: {error}")))
}

/// Takes in what another party says proves that a log has two histories. It is believed when it holds, whoever brings it.
///
/// # Errors
/// A protocol error when it does not hold; or a fault.
pub fn accused(work: &mut Work<'_>, channel: &ChannelId, party: &PartyId, source: &PartyId, proof: &[u8]) -> Result<(), Trouble> {
    let ring = work.ring(channel)?.ok_or_else(|| Refusal::from(Denial::NoSuchChannel))?;
    if !ring.charter.parties.contains_key(party) {
        return Err(Protocol::Stranger.into());
    }
    let fork = Fork::parse(proof).map_err(|error| Protocol::NotForked(error.to_string()))?;
    let keys = ring.log_keys_ever(party);
    fork.check_with(&keys.iter().collect::<Vec<_>>()).map_err(|error| Protocol::NotForked(error.to_string()))?;
    View { ring: &ring, channel, party, source }.freeze(work, fork)?;
    Ok(())
}

/// As [`super::receive`], in a transaction of its own, and then [`compare_refused`].
///
/// # Errors
/// As [`super::receive`].
pub async fn take_batch(store: &Store, channel: &ChannelId, party: &PartyId, batch: Batch) -> Result<Received, Trouble> {
    let (to, of, batch) = (channel.clone(), party.clone(), Readied::from(batch));
    let note = batch.note.clone();
    let received = store.write(move |work| super::receive(work, &to, &of, batch)).await;
    compare_refused(store, channel, party, note, received).await
}

/// When the entries of a batch did not lead to its checkpoint they may have been damaged, and nothing of them was kept; but the
/// checkpoint is signed, and it is compared with whatever else is shown of that log. Gives back what came of the batch.
///
/// # Errors
/// As [`super::receive`].
pub async fn compare_refused(
    store: &Store,
    channel: &ChannelId,
    party: &PartyId,
    note: String,
    received: Result<Received, Trouble>,
) -> Result<Received, Trouble> {
    if matches!(received, Err(Trouble::Protocol(Protocol::OtherHistory { .. }))) {
        let (to, of) = (channel.clone(), party.clone());
        store.write(move |work| super::witness(work, &to, &of, &of, &note)).await?;
    }
    received
}
