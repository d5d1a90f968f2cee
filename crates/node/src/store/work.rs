//! One transaction's work: what is read is remembered, what changed is written once at the end, and every log of this node
//! that grew is signed once.

use super::entries::Appender;
use super::folds::{self, Folds};
use super::guard::{self, Guard, Said, Standing};
use super::logs::{self, Head};
use super::recent::Fresh;
use super::records::{Adder, StoredRecord};
use super::{channels, dossiers, late, people, purging, signatures, touched};
use crate::access::Officer;
use crate::clock::World;
use crate::fault::{Fault, Trouble};
use crate::keyring::Keyring;
use crate::keys::Keys;
use crate::recovery::RecoveryRefusal;
use crate::store::db::Connection;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::fold::Dossier;
use tansiq_dossier::party::{OfficerId, PartyId};
use tansiq_dossier::record::DossierId;
use tansiq_log::checkpoint::Checkpoint;
use tansiq_log::merkle::Hash;

/// This node, as far as its work needs to know it.
pub struct Identity {
    /// The party whose node this is.
    pub party: PartyId,
    /// The node's name, the first part of its logs' origins.
    pub node: String,
    /// Its keys.
    pub keys: Keys,
    /// Time and randomness.
    pub world: World,
    /// What it has said with its signature.
    pub guard: Guard,
}

impl Identity {
    /// How much of a log may be shown to others; see [`Guard::shown`]. What this or another process has committed, and the guard
    /// does not hold yet, it holds after this.
    ///
    /// # Errors
    /// When the store fails.
    pub fn shown(&self, connection: &Connection, channel: &ChannelId, party: &PartyId) -> Result<u64, Fault> {
        if *party == self.party {
            guard::take_up(connection, self, channel)?;
        }
        self.guard.shown(connection, channel, party, &self.party)
    }
}

/// Something that peers or pages may wait for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The channel.
    pub channel: ChannelId,
    /// Whose log grew or was cosigned.
    pub party: PartyId,
    /// Its size now.
    pub size: u64,
}

/// After how many records, and after how many bytes, a log is signed within a transaction.
const SIGN_RECORDS: usize = 1024;
const SIGN_BYTES: usize = 2 * 1024 * 1024;

/// How many dossiers a transaction holds before it writes those that it opened: few enough to stay close at hand. Where the code is
/// tested they are next to none, so that every story goes this way.
const HELD: usize = if cfg!(debug_assertions) { 2 } else { 128 };

struct Slot<T> {
    value: T,
    dirty: bool,
}

/// A dossier in hand.
struct Folder {
    value: Option<Box<Dossier>>,
    dirty: bool,
    /// Whether the store had nothing of it when it was first asked for.
    new: bool,
}

/// The work of one transaction.
pub struct Work<'c> {
    /// The database, within the transaction.
    pub connection: &'c Connection,
    /// This node.
    pub identity: &'c Identity,
    charters: &'c mut BTreeMap<ChannelId, Arc<Charter>>,
    rings: BTreeMap<ChannelId, Arc<Keyring>>,
    heads: BTreeMap<(ChannelId, PartyId), Slot<Head>>,
    /// By their names first, which tell them apart sooner.
    dossiers: BTreeMap<(DossierId, ChannelId), Folder>,
    folds: Folds,
    /// How many dossiers are held when it is next looked for some that can be written.
    room: usize,
    officers: BTreeMap<OfficerId, Option<Arc<Officer>>>,
    /// The channels in which this job was found to be certain of this node's own log.
    certain: BTreeSet<ChannelId>,
    released: BTreeSet<(ChannelId, PartyId, DossierId)>,
    /// Dossiers of which own records came back after their entries.
    returned: BTreeSet<(ChannelId, DossierId)>,
    /// What every record is written with, prepared once for all of them.
    appender: Appender,
    adder: Option<Adder<'c>>,
    writer: Option<dossiers::Writer<'c>>,
    fresh: Fresh,
    changes: Vec<Change>,
    said: Vec<Said>,
    /// The channels in which this node acted: its log there is signed when the work is closed.
    acted: BTreeSet<ChannelId>,
    /// How many acts that were.
    acts: u64,
    /// How many own records were added to each channel since it was last signed, and how many bytes they are.
    unsigned: BTreeMap<ChannelId, (usize, usize)>,
    /// Whether something was destroyed that must not be found in the files after the commit.
    pub(super) purges: bool,
    /// Whether what earlier commits destroyed is still to be cleared away.
    pub(super) clears: bool,
    /// Files that were destroyed, to be removed once that is committed.
    pub(super) unlinks: BTreeSet<ContentHash>,
}

impl<'c> Work<'c> {
    /// Work within a transaction that the caller has begun and will commit after [`Work::close`].
    #[must_use]
    pub fn new(
        connection: &'c Connection,
        identity: &'c Identity,
        charters: &'c mut BTreeMap<ChannelId, Arc<Charter>>,
    ) -> Work<'c> {
        let (heads, dossiers, officers) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let (unsigned, certain, unlinks) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        let (released, changes, said, acted) = (BTreeSet::new(), Vec::new(), Vec::new(), BTreeSet::new());
        let returned = BTreeSet::new();
        Work {
            connection,
            identity,
            charters,
            rings: BTreeMap::new(),
            heads,
            dossiers,
            folds: Folds::default(),
            room: HELD,
            officers,
            certain,
            released,
            returned,
            appender: Appender::default(),
            adder: None,
            writer: None,
            fresh: Fresh::default(),
            changes,
            said,
            acted,
            acts: 0,
            unsigned,
            purges: false,
            clears: false,
            unlinks,
        }
    }

    /// Begins the next job of the transaction: what an earlier one may have changed about officers is read anew, and the guard is
    /// asked again.
    /// What the one before has appended stands in the store for it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn next_job(&mut self) -> Result<(), Fault> {
        self.officers.clear();
        self.certain.clear();
        self.make_room()?;
        self.flush()
    }

    /// Writes the entries that were appended: whoever asks for a tree that holds them reads them out of the store.
    ///
    /// # Errors
    /// When the store fails.
    pub fn flush(&mut self) -> Result<(), Fault> {
        self.appender.flush(self.connection)
    }

    /// An officer as it stands in this transaction, read once for each job: a list of acts asks for it with every act.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn officer(&mut self, id: &OfficerId) -> Result<Option<Arc<Officer>>, Fault> {
        if let Some(known) = self.officers.get(id) {
            return Ok(known.clone());
        }
        let found = people::officer(self.connection, id)?.map(|(officer, _)| Arc::new(officer));
        self.officers.insert(id.clone(), found.clone());
        Ok(found)
    }

    /// The charter of a channel, if it is known here.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn charter(&mut self, channel: &ChannelId) -> Result<Option<Arc<Charter>>, Fault> {
        if let Some(charter) = self.charters.get(channel) {
            return Ok(Some(charter.clone()));
        }
        let found = channels::charter(self.connection, channel)?;
        if let Some(charter) = &found {
            self.charters.insert(channel.clone(), charter.clone());
        }
        Ok(found)
    }

    /// Which keys count in a channel, and who may act there, work in hand included; nothing when it is not known here.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn ring(&mut self, channel: &ChannelId) -> Result<Option<Arc<Keyring>>, Fault> {
        if let Some(ring) = self.rings.get(channel) {
            return Ok(Some(ring.clone()));
        }
        let Some(charter) = self.charter(channel)? else { return Ok(None) };
        let folded = self.dossier(channel, &DossierId::charter())?;
        let ring = Arc::new(Keyring::new(channel.clone(), charter, folded));
        self.rings.insert(channel.clone(), ring.clone());
        Ok(Some(ring))
    }

    /// Where a log stands, work in hand included.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn head(&mut self, channel: &ChannelId, party: &PartyId) -> Result<&mut Head, Fault> {
        let key = (channel.clone(), party.clone());
        if !self.heads.contains_key(&key) {
            let value = logs::head(self.connection, channel, party)?;
            self.heads.insert(key.clone(), Slot { value, dirty: false });
        }
        let slot = self.heads.get_mut(&key).ok_or(Fault::Closing)?;
        Ok(&mut slot.value)
    }

    /// Notes that a log's head was changed.
    pub fn touch(&mut self, channel: &ChannelId, party: &PartyId) {
        if let Some(slot) = self.heads.get_mut(&(channel.clone(), party.clone())) {
            slot.dirty = true;
        }
    }

    /// Appends an entry to a log. The head is written and, where the log is this node's own, signed when the work is closed.
    ///
    /// # Errors
    /// When the store fails.
    pub fn append(&mut self, channel: &ChannelId, party: &PartyId, entry: &[u8; 32]) -> Result<u64, Fault> {
        let index = self.append_entry(channel, party, entry)?;
        if *party == self.identity.party {
            // This node's own act: it was judged before it was appended.
            self.head(channel, party)?.applied = index + 1;
            self.acted.insert(channel.clone());
            self.acts += 1;
        }
        Ok(index)
    }

    /// Appends an entry of this node's own log that a peer gives back. Its record is still to be applied, and the log is not
    /// signed again.
    ///
    /// # Errors
    /// When the store fails.
    pub fn append_returned(&mut self, channel: &ChannelId, entry: &[u8; 32]) -> Result<u64, Fault> {
        let own = self.identity.party.clone();
        self.append_entry(channel, &own, entry)
    }

    fn append_entry(&mut self, channel: &ChannelId, party: &PartyId, entry: &[u8; 32]) -> Result<u64, Fault> {
        let mut appender = std::mem::take(&mut self.appender);
        let index = appender.append(self.connection, (channel, party), &mut self.head(channel, party)?.range, entry)?;
        self.appender = appender;
        self.touch(channel, party);
        Ok(index)
    }

    /// Stores a record under an entry that was appended.
    ///
    /// # Errors
    /// When the store fails, or the place is taken.
    pub fn add_record(&mut self, channel: &ChannelId, record: &StoredRecord) -> Result<(), Fault> {
        let adder = match &mut self.adder {
            Some(adder) => adder,
            empty => empty.insert(Adder::new(self.connection)?),
        };
        adder.add(channel, record)
    }

    /// Notes what this transaction signs or cosigns: the guard holds it before anybody hears of it.
    pub fn say(&mut self, said: Said) {
        self.said.push(said);
    }

    /// Whether this node may go on with its own log in a channel. It may not while its database is behind what it has said. Asked
    /// once for each job: a list of acts would read the guard's files with every act.
    ///
    /// # Errors
    /// `RCV01`, or `RCV02` when it never may again; or a fault.
    pub fn require_certain(&mut self, channel: &ChannelId) -> Result<(), Trouble> {
        if self.certain.contains(channel) {
            return Ok(());
        }
        let (identity, own) = (self.identity, self.identity.party.clone());
        identity.guard.refresh()?;
        let head = self.head(channel, &own)?;
        let (size, is_applied) = (head.range.size(), head.applied == head.range.size());
        match identity.guard.standing(channel, &own, size) {
            Standing::Certain if is_applied => {
                self.certain.insert(channel.clone());
                Ok(())
            }
            Standing::Contradicted(_) => Err(RecoveryRefusal::Contradicted.into()),
            _ => Err(RecoveryRefusal::CatchingUp.into()),
        }
    }

    /// Stores a record of this node's own, under the entry that was appended for it.
    ///
    /// # Errors
    /// When the store fails, or the place is taken.
    pub fn add_own(&mut self, channel: &ChannelId, entry: [u8; 32], record: StoredRecord) -> Result<(), Fault> {
        self.add_record(channel, &record)?;
        self.fresh.add(channel, entry, record);
        Ok(())
    }

    /// Notes how large an own record is that was just appended. A log that grows by much within one transaction is signed on
    /// the way too: a peer takes in whole batches, each up to a checkpoint, and what it holds for that is bounded.
    ///
    /// # Errors
    /// When the store or a key fails.
    pub fn grew(&mut self, channel: &ChannelId, bytes: usize) -> Result<(), Fault> {
        let (records, all) = self.unsigned.entry(channel.clone()).or_default();
        (*records, *all) = (*records + 1, *all + bytes);
        if *records < SIGN_RECORDS && *all < SIGN_BYTES {
            return Ok(());
        }
        self.unsigned.remove(channel);
        let own = self.identity.party.clone();
        let head = self.head(channel, &own)?;
        let (size, root) = (head.range.size(), head.range.root());
        let note = self.signed(channel, size, root)?;
        logs::add_checkpoint(self.connection, channel, &own, size, &note)
    }

    /// A dossier as folded so far, work in hand included.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn dossier(&mut self, channel: &ChannelId, dossier: &DossierId) -> Result<Option<&Dossier>, Fault> {
        let folder = match self.dossiers.entry((dossier.clone(), channel.clone())) {
            Entry::Occupied(held) => held.into_mut(),
            Entry::Vacant(empty) => {
                let value = self.folds.get(self.connection, channel, dossier)?.map(Box::new);
                empty.insert(Folder { new: value.is_none(), value, dirty: false })
            }
        };
        Ok(folder.value.as_deref())
    }

    /// Notes a dossier whose name was drawn just now: the store need not be asked for it.
    pub fn note_new_dossier(&mut self, channel: &ChannelId, dossier: &DossierId) {
        self.dossiers.insert((dossier.clone(), channel.clone()), Folder { value: None, dirty: false, new: true });
    }

    /// Keeps a dossier as newly folded. Whoever has come into its audience since is to be sent what it was not sent before.
    pub fn set_dossier(&mut self, channel: &ChannelId, id: &DossierId, dossier: Option<Dossier>) {
        let folder =
            self.dossiers.entry((id.clone(), channel.clone())).or_insert(Folder { value: None, dirty: false, new: false });
        if let (Some(before), Some(after)) = (&folder.value, &dossier)
            && before.audience.len() < after.audience.len()
        {
            let joined = after.audience.difference(&before.audience).filter(|party| **party != self.identity.party);
            self.released.extend(joined.map(|party| (channel.clone(), party.clone(), id.clone())));
        }
        (folder.value, folder.dirty) = (dossier.map(Box::new), true);
        if *id == DossierId::charter() {
            self.rings.remove(channel);
        }
    }

    /// Notes that records of this node in a dossier came back to it when their entries may have been passed on without them.
    pub fn release_again(&mut self, channel: &ChannelId, id: &DossierId) {
        self.returned.insert((channel.clone(), id.clone()));
    }

    /// Notes that something was destroyed: the commit leaves nothing of it in the files.
    pub fn purge(&mut self) {
        self.purges = true;
    }

    /// Clears away, after the commit, what an earlier one destroyed and what is still to be cleared away, whoever did it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn clear_away(&mut self) -> Result<(), Fault> {
        self.clears |= purging::is_due(self.connection)?;
        Ok(())
    }

    /// Notes that a file was destroyed for a dossier. Its bytes are removed after the commit, unless another dossier needs them.
    pub fn unlink(&mut self, file: ContentHash) {
        self.unlinks.insert(file);
    }

    /// The dossiers of a channel that this work has folded further.
    pub fn folded(&self, channel: &ChannelId) -> impl Iterator<Item = &Dossier> {
        let slots = self.dossiers.iter().filter(move |((_, within), slot)| within == channel && slot.dirty);
        slots.filter_map(|(_, slot)| slot.value.as_deref())
    }

    /// Notes that something changed that peers or pages may wait for.
    pub fn announce(&mut self, channel: &ChannelId, party: &PartyId, size: u64) {
        let change = Change { channel: channel.clone(), party: party.clone(), size };
        if self.changes.last() != Some(&change) {
            self.changes.push(change);
        }
    }

    /// Writes new dossiers where many are held, before the next act or the next record: they are read again where they change once
    /// more. Only those of which nothing further can follow in this work, and not while who may act is changing: what is told by its
    /// record is folded as the store says.
    ///
    /// # Errors
    /// When the store fails.
    pub fn make_room(&mut self) -> Result<(), Fault> {
        if self.dossiers.len() < self.room {
            return Ok(());
        }
        let is_charter = |(id, _): &(DossierId, ChannelId)| *id == DossierId::charter();
        let is_done = |folder: &Folder| folder.dirty && folder.value.as_deref().is_some_and(folds::is_told_by_its_record);
        let changed = if self.dossiers.iter().any(|(name, folder)| folder.dirty && is_charter(name)) {
            Vec::new()
        } else {
            self.dossiers.extract_if(.., |_, folder| is_done(folder)).collect()
        };
        // Those that stay are not looked at again with every act.
        self.room = self.dossiers.len() + HELD;
        self.write(changed)
    }

    fn write(&mut self, changed: Vec<((DossierId, ChannelId), Folder)>) -> Result<(), Fault> {
        if changed.is_empty() {
            return Ok(());
        }
        let clock = &self.identity.world;
        let writer = match &mut self.writer {
            Some(writer) => writer,
            empty => empty.insert(dossiers::Writer::new(self.connection, clock.today())?),
        };
        let now = clock.clock.unix();
        for ((id, channel), folder) in changed {
            match folder.value {
                Some(dossier) if folder.new => writer.add(&channel, &dossier, now)?,
                Some(dossier) => drop(writer.put(&channel, &dossier, now)?),
                None => drop(writer.forget(&channel, &id)?),
            }
        }
        Ok(())
    }

    /// Writes what changed and signs this node's own logs that grew. What it returns may be told to others only after the
    /// transaction is committed: a crash before that leaves nothing, and the same checkpoint was shown to nobody.
    ///
    /// # Errors
    /// When the store or a key fails.
    pub fn close(mut self) -> Result<Closed, Fault> {
        self.renew()?;
        self.flush()?;
        for ((channel, party), mut slot) in std::mem::take(&mut self.heads) {
            if !slot.dirty {
                continue;
            }
            if party == self.identity.party && self.acted.contains(&channel) {
                let size = self.sign(&channel, &mut slot.value)?;
                self.changes.push(Change { channel: channel.clone(), party: party.clone(), size });
            }
            logs::set_head(self.connection, &channel, &party, &slot.value)?;
        }
        let own = &self.identity.party;
        for (channel, id) in std::mem::take(&mut self.returned) {
            let audience = self.dossier(&channel, &id)?.map(|dossier| dossier.audience.clone()).unwrap_or_default();
            let others = audience.into_iter().filter(|party| party != own);
            self.released.extend(others.map(|party| (channel.clone(), party, id.clone())));
        }
        for (channel, recipient, dossier) in std::mem::take(&mut self.released) {
            late::add(self.connection, &channel, own, &recipient, &dossier)?;
            let size = self.head(&channel, own)?.range.size();
            self.changes.push(Change { channel, party: own.clone(), size });
        }
        let changed = std::mem::take(&mut self.dossiers).into_iter().filter(|(_, folder)| folder.dirty).collect();
        self.write(changed)?;
        if let Some(writer) = self.writer.take() {
            writer.close()?;
            touched::trim(self.connection)?;
        }
        if self.purges {
            purging::note(self.connection)?;
        }
        super::news::tell(self.connection, &self.changes)?;
        metrics::counter!("tansiq_records_submitted_total").increment(self.acts);
        Ok(Closed { changes: self.changes, said: self.said, fresh: self.fresh })
    }

    /// Signs this node's own log as it stands now.
    fn sign(&mut self, channel: &ChannelId, head: &mut Head) -> Result<u64, Fault> {
        let (size, own) = (head.range.size(), self.identity.party.clone());
        if self.identity.guard.held(channel, &own).is_some_and(|word| word.size >= size) {
            return Err(Fault::Damaged(format!("the log of {own} in {channel} would be given a second tree of size {size}")));
        }
        head.note = self.signed(channel, size, head.range.root())?;
        head.applied = size;
        logs::add_checkpoint(self.connection, channel, &own, size, &head.note)?;
        self.said.push(Said { channel: channel.clone(), party: own, note: head.note.clone() });
        Ok(size)
    }

    /// A tree of this node's own log, signed with every one of its keys that counts.
    fn signed(&mut self, channel: &ChannelId, size: u64, root: Hash) -> Result<String, Fault> {
        let origin = format!("{}/{channel}", self.identity.node);
        let checkpoint = Checkpoint::new(origin, size, root).map_err(|error| Fault::Key(error.to_string()))?;
        let ring = self.ring(channel)?.ok_or_else(|| Fault::Damaged(format!("the charter of {channel}")))?;
        // An entry that nobody could verify would be one that others never take.
        let signed = signatures::sign(self.identity, &ring, checkpoint)?.ok_or_else(|| {
            Fault::Key(format!("no log key of this node counts in channel {channel} any more; `tansiq keys show` tells why"))
        })?;
        Ok(signed.to_string())
    }

    /// Where the charter's dossier changed, what this node signed with keys that were lost is signed with those that count.
    fn renew(&mut self) -> Result<(), Fault> {
        let changed = self.dossiers.iter().filter(|((id, _), slot)| slot.dirty && *id == DossierId::charter());
        let channels: Vec<ChannelId> = changed.map(|((_, channel), _)| channel.clone()).collect();
        let own = self.identity.party.clone();
        for channel in channels {
            let Some(ring) = self.ring(&channel)? else { continue };
            let Some((size, note)) = signatures::renew(self.connection, self.identity, &ring)? else { continue };
            let connection = self.connection;
            let head = self.head(&channel, &own)?;
            if head.range.size() == size {
                head.note = note;
                let head = head.clone();
                logs::set_head(connection, &channel, &own, &head)?;
            }
            self.announce(&channel, &own, size);
        }
        Ok(())
    }
}

/// What a transaction leads to once it is committed.
#[derive(Debug, Default)]
pub struct Closed {
    /// What may be told to others, after the guard holds what was said.
    pub changes: Vec<Change>,
    /// What was signed and cosigned.
    pub said: Vec<Said>,
    /// Own records that were added.
    pub(super) fresh: Fresh,
}
