//! A counterparty's records: from wire to cosigned.
//!
//! A batch is entries that continue what this node holds of a log, the records among them that it may read, and the signed
//! checkpoint to which they lead. It is verified whole before anything of it is kept. Then every record that has all its
//! causes is applied, and the checkpoint is cosigned.

mod fork;
mod late;
mod readied;
mod recover;

pub use fork::{Seen, accused, compare_refused, take_batch};
pub use late::{Late, LatePiece, receive_late};
pub use readied::{Read, Readied};
pub use recover::{hear, recover};

use crate::access::{self, Denial};
use crate::erasing;
use crate::fault::{Fault, Protocol, Trouble};
use crate::keyring::Keyring;
use crate::store::forks;
use crate::store::guard::{Said, Word};
use crate::store::logs::{self, CosignatureRow};
use crate::store::rebuild;
use crate::store::records::{self, Fate, StoredRecord};
use crate::store::work::Work;
use fork::View;
use std::collections::BTreeSet;
use std::sync::Arc;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::fold::{self, Standing};
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::{DossierId, Entry, Record, RecordId, Salt, Unreadable};
use tansiq_dossier::refusal::Refusal;
use tansiq_dossier::sealed::Sealed;
use tansiq_log::checkpoint::SignedCheckpoint;
use tansiq_log::merkle::leaf_hash;

/// An entry as a peer sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedEntry {
    /// The entry.
    pub entry: [u8; 32],
    /// The record under it, where this party may read it.
    pub content: Option<Content>,
}

/// A record as a peer sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The salt of the commitment.
    pub salt: Salt,
    /// The record's exact bytes.
    pub bytes: Vec<u8>,
    /// Disclosures of sealed fields.
    pub disclosures: Vec<String>,
}

/// Entries of one log, and the signed checkpoint to which they lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The place of the first entry.
    pub from: u64,
    /// The entries.
    pub entries: Vec<ReceivedEntry>,
    /// The checkpoint, a signed note.
    pub note: String,
}

/// What a batch led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The size of the log now.
    pub size: u64,
    /// The checkpoint with this node's cosignature, for the log's owner.
    pub cosigned: Option<String>,
}

/// Takes in a batch of a counterparty's log.
///
/// # Errors
/// A protocol error, after which nothing of the batch is kept; or a fault.
pub fn receive(
    work: &mut Work<'_>,
    channel: &ChannelId,
    party: &PartyId,
    batch: impl Into<Readied>,
) -> Result<Received, Trouble> {
    let batch = batch.into();
    let charter = work.charter(channel)?.ok_or_else(|| Refusal::from(Denial::NoSuchChannel))?;
    if *party == work.identity.party || !charter.parties.contains_key(party) {
        return Err(Protocol::Stranger.into());
    }
    let ring = work.ring(channel)?.ok_or_else(|| Refusal::from(Denial::NoSuchChannel))?;
    let checkpoint = open(&ring, party, &batch.note)?;
    let cosigned = cosignatures(&ring, party, &checkpoint)?;
    if forks::is_frozen(work.connection, channel, party)? {
        return Err(Protocol::Forked.into());
    }
    let view = View { ring: &ring, channel, party, source: party };
    let head = work.head(channel, party)?.clone();
    let (held, size) = (head.range.size(), checkpoint.checkpoint().size());
    if size <= held {
        view.take_in(work, &checkpoint, &cosigned)?;
        return Ok(Received { size: held, cosigned: None });
    }
    if ring.limit(&work.identity.party, party).is_some_and(|limit| size > limit) {
        return Err(Protocol::Checkpoint("this node's keys count no longer for a log of this size".to_owned()).into());
    }
    if batch.from > held || batch.from + batch.entries.len() as u64 != size {
        return Err(Protocol::Answer(format!("entries from {} for a log held to {held} and signed to {size}", batch.from)).into());
    }
    let known = usize::try_from(held - batch.from).unwrap_or(usize::MAX);
    let mut fresh = batch.entries;
    fresh.drain(..known.min(fresh.len()));
    let word = work.identity.guard.held(channel, party);
    verify(&head, &fresh, held, &checkpoint, &work.identity.party, word.as_ref())?;

    // Verified. From here on only a fault can stop it, and a fault rolls the whole transaction back.
    let mut taking = Taking::default();
    for ((entry, read), index) in fresh.into_iter().zip(held..) {
        work.make_room()?;
        work.append(channel, party, &entry.entry)?;
        take(work, channel, (party, index), (entry, read), &mut taking)?;
    }
    work.flush()?;
    let note = view.bare(&checkpoint)?;
    work.head(channel, party)?.note.clone_from(&note);
    logs::add_checkpoint(work.connection, channel, party, size, &note)?;
    keep_cosignatures(work, channel, party, &cosigned)?;
    let seen = view.settle(work)?;
    apply(work, channel, &charter, taking.anew)?;
    erasing::answer_recalls(work, channel)?;
    // A node that was restored has cosigned more of this log than it holds now: until it holds that again, it cosigns nothing.
    // What others showed of this log may contradict it only now: then it is kept as evidence, and is not vouched for.
    let may_cosign = seen != Seen::Forked && work.identity.guard.may_cosign(channel, party, size);
    let cosigned = if may_cosign { cosign(work, &view, &checkpoint)? } else { None };
    work.announce(channel, party, size);
    metrics::counter!("tansiq_entries_received_total").increment(size - held);
    Ok(Received { size, cosigned })
}

/// The checkpoint of a note, verified by the keys of its log that count at its size.
fn open(ring: &Keyring, party: &PartyId, note: &str) -> Result<SignedCheckpoint, Trouble> {
    let origin = ring.charter.origin(party).ok_or(Protocol::Stranger)?;
    let opened = SignedCheckpoint::open_with(note.as_bytes(), &origin, |size| ring.log_keys(party, size));
    opened.map_err(|error| Protocol::Checkpoint(error.to_string()).into())
}

/// Which keys count and who may act, as far as the channel is known here.
fn ring_of(work: &mut Work<'_>, channel: &ChannelId) -> Result<Arc<Keyring>, Fault> {
    work.ring(channel)?.ok_or_else(|| Fault::Damaged(format!("the charter of {channel}")))
}

/// The new entries must lead from the tree held to the tree signed, by way of the tree that this node has a word about, and every
/// record must be what its entry commits to. Sealed values come only with a record that discloses them to this party, which
/// holds a copy of nothing else.
fn verify(
    head: &logs::Head,
    fresh: &[(ReceivedEntry, Option<Read>)],
    held: u64,
    checkpoint: &SignedCheckpoint,
    own: &PartyId,
    word: Option<&Word>,
) -> Result<(), Trouble> {
    let size = checkpoint.checkpoint().size();
    let mut range = head.range.clone();
    for (entry, _) in fresh {
        range.append(leaf_hash(&entry.entry), |_, _| {}).map_err(|_| Protocol::OtherHistory { size })?;
        if word.is_some_and(|word| word.size == range.size() && word.root != range.root()) {
            return Err(Protocol::OtherHistory { size: range.size() }.into());
        }
    }
    if range.size() != size || range.root() != checkpoint.checkpoint().root() {
        return Err(Protocol::OtherHistory { size }.into());
    }
    for ((entry, read), index) in fresh.iter().zip(held..) {
        let (Some(content), Some(read)) = (&entry.content, read) else { continue };
        if *read.id.entry() != entry.entry {
            return Err(Protocol::NotCommitted { index }.into());
        }
        if content.disclosures.is_empty() {
            continue;
        }
        let parsed;
        let record = match &read.record {
            Some(read) => read,
            None => {
                parsed = Record::parse(&content.bytes);
                &parsed
            }
        };
        let record = match record {
            Ok(record) => record,
            // It stops no log; `store` keeps nothing of what it brings, since no rule known here says that it may.
            Err(Unreadable::LaterLevel { .. }) => continue,
            Err(Unreadable::Refused(_)) => return Err(Protocol::NotDisclosed { index }.into()),
        };
        if !access::is_disclosure_to(record, own) {
            return Err(Protocol::NotDisclosed { index }.into());
        }
        for text in &content.disclosures {
            let sealed = Sealed::parse(text).map_err(|_| Protocol::NotCommitted { index })?;
            sealed.check(&record.body).map_err(|_| Protocol::NotCommitted { index })?;
        }
    }
    Ok(())
}

/// What is known while the records of a batch are taken in one after another.
#[derive(Default)]
struct Taking {
    /// The dossiers to be folded anew.
    anew: BTreeSet<DossierId>,
    unused: Unused,
}

/// Names of dossiers of which the store held no record when it was asked: those between two. Dossiers that are opened one after
/// another have names that lie close together, so the store is asked once for many of them.
#[derive(Default)]
struct Unused {
    between: Option<(Option<String>, Option<String>)>,
    /// Those of which a record has come since.
    used: BTreeSet<DossierId>,
}

impl Unused {
    /// Whether the store holds no record of a dossier.
    fn has(&mut self, work: &Work<'_>, channel: &ChannelId, id: &DossierId) -> Result<bool, Fault> {
        if self.used.contains(id) {
            return Ok(false);
        }
        let name = id.as_str();
        let holds = |(after, before): &(Option<String>, Option<String>)| {
            after.as_ref().is_none_or(|after| after.as_str() < name)
                && before.as_ref().is_none_or(|before| name < before.as_str())
        };
        if self.between.as_ref().is_some_and(holds) {
            return Ok(true);
        }
        let (before, from) = records::dossiers_around(work.connection, channel, id)?;
        if from.as_deref() == Some(name) {
            return Ok(false);
        }
        self.between = Some((before, from));
        Ok(true)
    }

    /// Notes that a record of a dossier is about to be stored.
    fn note(&mut self, id: &DossierId) {
        self.used.insert(id.clone());
    }
}

/// Keeps the record under an entry. Where it is the next of its log, all that it saw is applied, and it falls at the end of its
/// dossier, it is applied from memory and its fate is written once: the common case. Any other waits in the store for
/// [`apply`].
fn take(
    work: &mut Work<'_>,
    channel: &ChannelId,
    (party, index): (&PartyId, u64),
    (received, read): (ReceivedEntry, Option<Read>),
    taking: &mut Taking,
) -> Result<(), Fault> {
    let next = work.head(channel, party)?.applied == index;
    let (Some(content), Some(read)) = (received.content, read) else {
        // Whoever may not read it has nothing to apply.
        if next {
            work.head(channel, party)?.applied = index + 1;
        }
        return Ok(());
    };
    if let Ok(record) = read.record.unwrap_or_else(|| Record::parse(&content.bytes)) {
        let entry = Entry { id: RecordId::of_entry(received.entry), log: party.clone(), index, record };
        let id = entry.record.dossier.clone();
        let about = (Some(id.clone()), entry.record.seen.sum(), content.disclosures.join("\n"));
        let at_end = next && !taking.anew.contains(&id) && all_seen_is_applied(work, channel, &entry)?;
        let at_end = at_end && falls_last(work, channel, &entry, &mut taking.unused)?;
        taking.unused.note(&id);
        if at_end {
            let ring = ring_of(work, channel)?;
            let before = work.dossier(channel, &id)?.cloned();
            let (after, verdict) = fold::step(before, &entry, ring.within());
            let fate = Fate::Applied(fold::standing(verdict));
            keep(work, channel, (party, index), (content.salt, content.bytes), about, fate)?;
            work.set_dossier(channel, &id, after);
            work.head(channel, party)?.applied = index + 1;
            return Ok(());
        }
        keep(work, channel, (party, index), (content.salt, content.bytes), about, Fate::Pending)?;
    } else {
        taking.unused = Unused::default();
        store(work, channel, party, index, &content, Fate::Pending)?;
    }
    if next {
        apply_next(work, channel, party, &mut taking.anew)?;
    }
    Ok(())
}

fn store(
    work: &mut Work<'_>,
    channel: &ChannelId,
    party: &PartyId,
    index: u64,
    content: &Content,
    fate: Fate,
) -> Result<(), Fault> {
    let about = match Record::parse(&content.bytes) {
        Ok(record) => (Some(record.dossier), record.seen.sum(), content.disclosures.join("\n")),
        Err(Unreadable::LaterLevel { dossier, .. }) => (dossier, records::later_sum(&content.bytes), String::new()),
        Err(Unreadable::Refused(_)) => (None, 0, String::new()),
    };
    keep(work, channel, (party, index), (content.salt, content.bytes.clone()), about, fate)
}

/// Stores a record with what was read in it: its dossier, its place in the common order, and the disclosures to keep with it.
fn keep(
    work: &mut Work<'_>,
    channel: &ChannelId,
    (party, index): (&PartyId, u64),
    (salt, bytes): (Salt, Vec<u8>),
    (dossier, sum, disclosures): (Option<DossierId>, u64, String),
    fate: Fate,
) -> Result<(), Fault> {
    let received = work.identity.world.clock.unix();
    let party = party.clone();
    work.add_record(channel, &StoredRecord { party, index, dossier, sum, salt, bytes, disclosures, fate, received })
}

/// Applies every record of the channel whose causes have all been applied, log by log, until none is left that could be.
/// The dossiers in `anew`, and those in which a record stands further up, are folded anew once, at the end: a peer that writes
/// against the order costs no more than one that writes along it.
fn apply(work: &mut Work<'_>, channel: &ChannelId, charter: &Arc<Charter>, mut anew: BTreeSet<DossierId>) -> Result<(), Fault> {
    // This node's own records are applied when they are written, unless its log came back from a peer.
    let parties: Vec<PartyId> = charter.parties.keys().cloned().collect();
    let mut moved = BTreeSet::new();
    loop {
        let mut progress = false;
        for party in &parties {
            while apply_next(work, channel, party, &mut anew)? {
                progress = true;
                moved.insert(party);
            }
        }
        if !progress {
            break;
        }
    }
    // What had waited here can be given to others from now on: this node's own log that came back to it, and to another party
    // its own records.
    for party in moved {
        let size = work.head(channel, party)?.range.size();
        work.announce(channel, party, size);
    }
    late::apply_late(work, channel, &mut anew)?;
    anew.iter().try_for_each(|id| refold(work, channel, id))
}

fn apply_next(work: &mut Work<'_>, channel: &ChannelId, party: &PartyId, anew: &mut BTreeSet<DossierId>) -> Result<bool, Fault> {
    let (applied, size) = {
        let head = work.head(channel, party)?;
        (head.applied, head.range.size())
    };
    if applied >= size {
        return Ok(false);
    }
    if let Some(stored) = records::at(work.connection, channel, party, applied)? {
        match stored.entry() {
            Some(entry) if !all_seen_is_applied(work, channel, &entry)? => return Ok(false),
            Some(entry) => {
                if *party == work.identity.party {
                    recover::consequences(work, channel, &entry)?;
                }
                place(work, channel, entry, anew)?;
            }
            None => place_unreadable(work, channel, &stored, anew)?,
        }
    }
    work.head(channel, party)?.applied = applied + 1;
    work.touch(channel, party);
    Ok(true)
}

/// A record may name logs larger than they are here only of parties that this channel has. What it saw of a log that was proved
/// to have two histories may never come, and is not waited for.
fn all_seen_is_applied(work: &mut Work<'_>, channel: &ChannelId, entry: &Entry) -> Result<bool, Fault> {
    for (party, size) in &entry.record.seen.0 {
        if *party == entry.log {
            continue;
        }
        if work.head(channel, party)?.applied < *size && !forks::is_frozen(work.connection, channel, party)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Puts a record where it belongs in its dossier: at the end, which is the common case, or further up, for which that one
/// dossier is folded anew. One that is frozen is folded anew as well: what stands before the record that froze it counts.
fn place(work: &mut Work<'_>, channel: &ChannelId, entry: Entry, anew: &mut BTreeSet<DossierId>) -> Result<(), Fault> {
    let id = entry.record.dossier.clone();
    if anew.contains(&id) || !falls_last(work, channel, &entry, &mut Unused::default())? {
        put_off(work, channel, (&entry.log, entry.index), id.clone(), anew)?;
        // Who may act, and which keys count, must be known for whatever comes next.
        if id == DossierId::charter() {
            refold(work, channel, &id)?;
            anew.remove(&id);
        }
        return Ok(());
    }
    let ring = ring_of(work, channel)?;
    let before = work.dossier(channel, &id)?.cloned();
    let (after, verdict) = fold::step(before, &entry, ring.within());
    let fate = Fate::Applied(fold::standing(verdict));
    records::set_fate(work.connection, channel, &entry.log, entry.index, &fate)?;
    work.set_dossier(channel, &id, after);
    Ok(())
}

/// Leaves the standing of a record to the folding anew of its dossier.
fn put_off(
    work: &Work<'_>,
    channel: &ChannelId,
    (party, index): (&PartyId, u64),
    id: DossierId,
    anew: &mut BTreeSet<DossierId>,
) -> Result<(), Fault> {
    anew.insert(id);
    records::set_fate(work.connection, channel, party, index, &Fate::Applied(Standing::Unknown))
}

/// Whether a record stands after all records of its dossier that were applied before it. Of a dossier that nobody has opened
/// yet records may have been applied too: their standing may change now.
fn falls_last(work: &mut Work<'_>, channel: &ChannelId, entry: &Entry, unused: &mut Unused) -> Result<bool, Fault> {
    let id = &entry.record.dossier;
    let opens = entry.record.audience.is_some();
    if opens && unused.has(work, channel, id)? {
        // The common case of an opening record: the store knows nothing of the dossier at all.
        work.note_new_dossier(channel, id);
        return Ok(true);
    }
    let position = entry.position();
    match work.dossier(channel, id)?.map(|dossier| (dossier.last, dossier.frozen.is_some())) {
        Some((last, frozen)) => Ok(last <= position && !frozen),
        None => records::any_applied_from(work.connection, channel, id, position.sum).map(|earlier| !earlier),
    }
}

fn refold(work: &mut Work<'_>, channel: &ChannelId, id: &DossierId) -> Result<(), Fault> {
    work.dossier(channel, id)?;
    let ring = ring_of(work, channel)?;
    let dossier = rebuild::fold_anew(work.connection, channel, ring.within(), id)?;
    work.set_dossier(channel, id, dossier);
    Ok(())
}

/// Bytes that are no record, or a record of a later level. Neither stops the log; the latter freezes its dossier from its
/// place in the order on, which is the same at every party of this level.
fn place_unreadable(
    work: &Work<'_>,
    channel: &ChannelId,
    stored: &StoredRecord,
    anew: &mut BTreeSet<DossierId>,
) -> Result<(), Fault> {
    match (Record::parse(&stored.bytes), &stored.dossier) {
        (Err(Unreadable::Refused(refusal)), _) => {
            let fate = Fate::Applied(Standing::Refused(refusal.code));
            records::set_fate(work.connection, channel, &stored.party, stored.index, &fate)
        }
        (_, Some(id)) => put_off(work, channel, (&stored.party, stored.index), id.clone(), anew),
        (_, None) => records::set_fate(work.connection, channel, &stored.party, stored.index, &Fate::Applied(Standing::Unknown)),
    }
}

/// Cosigns a checkpoint that this transaction makes durable (C2SP tlog-cosignature: persist first, then answer), with every
/// key of this node that counts. Of these the oldest is kept: everybody knows it. A node none of whose keys counts is no
/// witness.
fn cosign(work: &mut Work<'_>, view: &View<'_>, checkpoint: &SignedCheckpoint) -> Result<Option<String>, Fault> {
    let (channel, party) = (view.channel, view.party);
    let ring = ring_of(work, channel)?;
    let identity = work.identity;
    let time = identity.world.clock.unix();
    let key = |error: &dyn std::fmt::Display| Fault::Key(error.to_string());
    let mut cosigned = checkpoint.clone();
    let signers = identity.keys.cosigners(&identity.node, &ring.cosigner_keys(&identity.party, false))?;
    for (number, signer) in signers.iter().enumerate() {
        let line = checkpoint.cosign(signer, u64::try_from(time).unwrap_or(0)).map_err(|error| key(&error))?;
        if number == 0 {
            let (size, cosigner) = (checkpoint.checkpoint().size(), identity.party.clone());
            let row = CosignatureRow { size, cosigner, time, line: line.to_string() };
            logs::add_cosignature(work.connection, channel, party, &row)?;
            work.say(Said { channel: channel.clone(), party: party.clone(), note: view.bare(checkpoint)? });
        }
        cosigned.add_cosignature(line, signer.verifier()).map_err(|error| key(&error))?;
    }
    Ok((!signers.is_empty()).then(|| cosigned.to_string()))
}

/// The cosignatures that a checkpoint carries, of the parties of the channel: of each the one by its oldest key that counts.
/// All of them hold.
fn cosignatures(ring: &Keyring, party: &PartyId, checkpoint: &SignedCheckpoint) -> Result<Vec<CosignatureRow>, Trouble> {
    let mut rows = Vec::new();
    for cosigner in ring.charter.parties.keys().filter(|cosigner| *cosigner != party) {
        let keys = ring.cosigner_keys(cosigner, false);
        let found = checkpoint.cosignatures(&keys).map_err(|error| Protocol::Cosignature(error.to_string()))?;
        let oldest = keys.iter().find_map(|key| found.iter().find(|(by, _)| *by == key));
        let Some((key, time)) = oldest else { continue };
        let Some(line) = checkpoint.note().signatures().iter().find(|line| line.is_by(key)) else { continue };
        rows.push(CosignatureRow {
            size: checkpoint.checkpoint().size(),
            cosigner: cosigner.clone(),
            time: i64::try_from(*time).unwrap_or(i64::MAX),
            line: line.to_string(),
        });
    }
    Ok(rows)
}

/// Keeps cosignatures that hold; says whether any is new.
fn keep_cosignatures(work: &Work<'_>, channel: &ChannelId, party: &PartyId, rows: &[CosignatureRow]) -> Result<bool, Fault> {
    let mut news = false;
    for row in rows {
        news |= logs::add_cosignature(work.connection, channel, party, row)?;
    }
    Ok(news)
}

/// Takes in a signed checkpoint of any log of the channel, this node's own included, with the cosignatures of it, as `source`
/// shows it.
///
/// # Errors
/// A protocol error when a signature fails; or a fault.
pub fn witness(work: &mut Work<'_>, channel: &ChannelId, party: &PartyId, source: &PartyId, note: &str) -> Result<Seen, Trouble> {
    let ring = work.ring(channel)?.ok_or_else(|| Refusal::from(Denial::NoSuchChannel))?;
    let checkpoint = open(&ring, party, note)?;
    let rows = cosignatures(&ring, party, &checkpoint)?;
    let view = View { ring: &ring, channel, party, source };
    // This node's own log grows without being received, so what waited for it is looked at here.
    if *party == work.identity.party && view.settle(work)? == Seen::Forked {
        return Ok(Seen::Forked);
    }
    Ok(view.take_in(work, &checkpoint, &rows)?)
}
