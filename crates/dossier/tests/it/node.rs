//! A party's view of a channel: what it has received so far, applied as a receiving node applies it.

use std::collections::BTreeMap;
use std::sync::Arc;
use tansiq_dossier::channel::{Barred, Charter, Within};
use tansiq_dossier::fold::{self, Dossier, Standing};
use tansiq_dossier::kinds::State;
use tansiq_dossier::order::Seen;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::{DossierId, Entry, RecordId};

/// One dossier as a node holds it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Folder {
    /// Its records in the common order.
    pub entries: Vec<Arc<Entry>>,
    /// The fold of them.
    pub dossier: Option<Dossier>,
    /// What became of each.
    pub standings: BTreeMap<RecordId, Standing>,
    /// Whether a record fell earlier in the order than one that was applied, so that all must be folded anew.
    stale: bool,
}

impl Folder {
    fn step(&mut self, entry: &Entry, within: Within<'_>) {
        let (dossier, verdict) = fold::step(self.dossier.take(), entry, within);
        self.dossier = dossier;
        self.standings.insert(entry.id, fold::standing(verdict));
    }

    fn fold(&mut self, within: Within<'_>) {
        self.entries.sort_by_key(|entry| entry.position());
        (self.dossier, self.stale) = (None, false);
        let entries = std::mem::take(&mut self.entries);
        for entry in &entries {
            self.step(entry, within);
        }
        self.entries = entries;
    }

    /// The offices that were revoked, where this is the charter's dossier.
    fn barred(&self) -> Option<Barred> {
        match self.dossier.as_ref().map(|dossier| &dossier.state) {
            Some(State::Charter(charter)) => Some(charter.barred().clone()),
            _ => None,
        }
    }
}

/// What one party has received.
#[derive(Debug, Clone)]
pub struct Node {
    charter: Charter,
    have: BTreeMap<PartyId, u64>,
    waiting: Vec<Arc<Entry>>,
    pub folders: BTreeMap<DossierId, Folder>,
}

impl Node {
    pub fn new(charter: &Charter) -> Node {
        let have = charter.parties.keys().map(|party| (party.clone(), 0)).collect();
        Node { charter: charter.clone(), have, waiting: Vec::new(), folders: BTreeMap::new() }
    }

    /// How much of every log has been applied: what a record written now would say that it has seen.
    pub fn seen(&self) -> Seen {
        Seen(self.have.clone())
    }

    /// Takes in what arrives together, in whatever order: an entry is applied as soon as all that its writer had seen is here,
    /// and a dossier is folded anew at most once.
    pub fn receive<'a>(&mut self, arriving: impl IntoIterator<Item = &'a Arc<Entry>>) {
        for entry in arriving {
            self.take_in(entry);
        }
        let barred = self.barred();
        let within = Within { charter: &self.charter, barred: barred.as_ref() };
        self.folders.values_mut().filter(|folder| folder.stale).for_each(|folder| folder.fold(within));
    }

    fn take_in(&mut self, entry: &Arc<Entry>) {
        if entry.index < self.have[&entry.log] || self.waiting.iter().any(|other| other.id == entry.id) {
            return;
        }
        self.waiting.push(Arc::clone(entry));
        while let Some(ready) = self.waiting.iter().position(|entry| self.is_ready(entry)) {
            let entry = self.waiting.swap_remove(ready);
            *self.have.get_mut(&entry.log).unwrap() += 1;
            self.apply(entry);
        }
    }

    /// Whether nothing is waiting for an earlier record.
    pub fn is_complete(&self) -> bool {
        self.waiting.is_empty()
    }

    fn is_ready(&self, entry: &Entry) -> bool {
        let arrived =
            |(party, size): (&PartyId, &u64)| *party == entry.log || self.have.get(party).is_some_and(|have| have >= size);
        entry.index == self.have[&entry.log] && entry.record.seen.0.iter().all(arrived)
    }

    /// A record at the end of the order costs one step; one that falls earlier refolds its dossier alone.
    fn apply(&mut self, entry: Arc<Entry>) {
        let barred = self.barred();
        let within = Within { charter: &self.charter, barred: barred.as_ref() };
        let is_charter = entry.record.dossier == DossierId::charter();
        let folder = self.folders.entry(entry.record.dossier.clone()).or_default();
        folder.stale |= folder.entries.last().is_some_and(|last| last.position() > entry.position());
        if !folder.stale {
            folder.step(&entry, within);
        }
        folder.entries.push(entry);
        // Who is revoked there must be known for whatever comes next.
        if folder.stale && is_charter {
            folder.fold(within);
        }
    }

    /// The offices that were revoked, as this party knows them.
    pub fn barred(&self) -> Option<Barred> {
        self.folders.get(&DossierId::charter()).and_then(Folder::barred)
    }

    pub fn dossier(&self, id: &DossierId) -> Option<&Dossier> {
        self.folders.get(id).and_then(|folder| folder.dossier.as_ref())
    }

    pub fn standing(&self, id: RecordId) -> Option<&Standing> {
        self.folders.values().find_map(|folder| folder.standings.get(&id))
    }
}
