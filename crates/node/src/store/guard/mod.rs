//! The guard: what this node has said with its signature, kept outside the database, so that a database from a back-up never
//! says anything else.
//!
//! It holds the newest checkpoint of each of this node's own logs, and of each other log that it cosigned. The order of a
//! commit is: the database, then the guard, then whoever waits for an answer, and only then peers. What a crash leaves between
//! the first two was shown to nobody, and the guard is brought up when the node is opened. A database that is *behind* the guard
//! was restored: then the node says nothing in that channel until it has pulled its own log back from its peers.
//!
//! The guard is never part of a back-up and must never be rolled back. It may lie on another disk (`guard` in `node.json`).

mod journal;
mod reconcile;

pub use reconcile::{Found, reconcile, take_up};

use crate::fault::Fault;
use crate::store::db::Connection;
use crate::store::logs;
use journal::{Journal, Line, News};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tansiq_log::checkpoint::Checkpoint;
use tansiq_log::merkle::Hash;
use tansiq_log::note::Note;

/// A checkpoint that this node signed or cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The size of the tree.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// The signed note.
    pub note: String,
}

impl Word {
    /// What a signed note says. Its signatures are not looked at.
    ///
    /// # Errors
    /// When it is no checkpoint.
    pub fn read(note: &str) -> Result<Word, Fault> {
        let bad = |error: &dyn std::fmt::Display| Fault::Damaged(format!("a checkpoint of the guard: {error}"));
        let read = Note::parse(note.as_bytes()).map_err(|error| bad(&error))?;
        let checkpoint: Checkpoint = read.text().parse().map_err(|error| bad(&error))?;
        Ok(Word { size: checkpoint.size(), root: checkpoint.root(), note: note.to_owned() })
    }
}

/// A word with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The channel.
    pub channel: ChannelId,
    /// Whose log it is about.
    pub party: PartyId,
    /// The signed checkpoint.
    pub note: String,
}

/// Whether this node may go on with its own log in a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Certain,
    /// It has signed a tree of this size, and its database holds a smaller one.
    Behind(u64),
    /// What it signed before its database was restored is not known here: its peers must be asked.
    Unsure,
    /// It has signed two trees, one of this size, that cannot both be true.
    Contradicted(u64),
}

#[derive(Debug, Default)]
struct State {
    said: BTreeMap<(ChannelId, PartyId), Word>,
    blank: bool,
    unsure: BTreeSet<ChannelId>,
    certain: BTreeSet<ChannelId>,
    asked: BTreeMap<ChannelId, BTreeMap<PartyId, u64>>,
    contradicted: BTreeMap<ChannelId, Word>,
    /// Logs of which the database holds another tree than the guard, at the guard's size. Found anew at every start.
    differs: BTreeMap<(ChannelId, PartyId), u64>,
}

impl State {
    fn take(&mut self, line: Line) -> Result<(), Fault> {
        match line {
            Line::Said { channel, party, note } => {
                let word = Word::read(&note)?;
                let held = self.said.entry((channel, party)).or_insert_with(|| word.clone());
                if held.size < word.size {
                    *held = word;
                }
            }
            Line::Blank {} => self.blank = true,
            Line::Unsure { channel } => {
                self.certain.remove(&channel);
                self.unsure.insert(channel);
            }
            Line::Asked { channel, party, size } => {
                self.asked.entry(channel).or_default().insert(party, size);
            }
            Line::Certain { channel } => {
                self.asked.remove(&channel);
                self.unsure.remove(&channel);
                self.certain.insert(channel);
            }
            Line::Accepted { channel, party, note } => {
                self.said.insert((channel, party), Word::read(&note)?);
            }
            Line::Contradicted { channel, note } => {
                self.contradicted.insert(channel, Word::read(&note)?);
            }
        }
        Ok(())
    }

    /// The state as lines, for a new file.
    fn lines(&self) -> Vec<Line> {
        let blank = self.blank.then_some(Line::Blank {});
        let said = self.said.iter().map(|((channel, party), word)| Line::Said {
            channel: channel.clone(),
            party: party.clone(),
            note: word.note.clone(),
        });
        let certain = self.certain.iter().map(|channel| Line::Certain { channel: channel.clone() });
        let unsure = self.unsure.iter().map(|channel| Line::Unsure { channel: channel.clone() });
        let asked = self.asked.iter().flat_map(|(channel, asked)| {
            asked.iter().map(|(party, size)| Line::Asked { channel: channel.clone(), party: party.clone(), size: *size })
        });
        let contradicted = self
            .contradicted
            .iter()
            .map(|(channel, word)| Line::Contradicted { channel: channel.clone(), note: word.note.clone() });
        blank.into_iter().chain(said).chain(certain).chain(unsure).chain(asked).chain(contradicted).collect()
    }
}

#[derive(Debug)]
struct Inner {
    state: State,
    /// None while the guard is in memory alone, or has not been begun.
    journal: Option<Journal>,
    /// Where the guard is to be begun: nothing was there when it was opened.
    missing: Option<PathBuf>,
    /// A line could not be written: what the disk holds is unknown.
    broken: bool,
}

/// The guard of one node. Copies are the same guard.
#[derive(Debug, Clone)]
pub struct Guard(Arc<Mutex<Inner>>);

impl Guard {
    fn of(state: State, journal: Option<Journal>, missing: Option<PathBuf>) -> Guard {
        Guard(Arc::new(Mutex::new(Inner { state, journal, missing, broken: false })))
    }

    /// A guard that lives as long as the process, for measurements and simulation.
    #[must_use]
    pub fn in_memory() -> Guard {
        Guard::of(State::default(), None, None)
    }

    /// Begins the guard of a new node.
    ///
    /// # Errors
    /// When it cannot be written, or there is one already.
    pub fn create(folder: &Path) -> Result<Guard, Fault> {
        if Journal::exists(folder) {
            return Err(Fault::Setup(format!(
                "{} is the guard of another node, or of an earlier one: it is not begun anew",
                folder.display()
            )));
        }
        Ok(Guard::of(State::default(), Some(Journal::create(folder, &[])?), None))
    }

    /// Opens the guard of a node. Where there is none it is begun when the store is opened.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(folder: &Path) -> Result<Guard, Fault> {
        if !Journal::exists(folder) {
            return Ok(Guard::of(State::default(), None, Some(folder.to_owned())));
        }
        let (journal, lines) = Journal::open(folder)?;
        let mut state = State::default();
        for line in lines {
            state.take(line)?;
        }
        Ok(Guard::of(state, Some(journal), None))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes up what other processes have noted.
    ///
    /// # Errors
    /// When the guard cannot be read.
    pub fn refresh(&self) -> Result<(), Fault> {
        self.inner().refresh()
    }

    /// What was last said about a log.
    #[must_use]
    pub fn held(&self, channel: &ChannelId, party: &PartyId) -> Option<Word> {
        self.inner().state.said.get(&(channel.clone(), party.clone())).cloned()
    }

    /// Whether this node may go on with its own log, of which its database holds `size` entries.
    #[must_use]
    pub fn standing(&self, channel: &ChannelId, own: &PartyId, size: u64) -> Standing {
        let inner = self.inner();
        let state = &inner.state;
        let key = (channel.clone(), own.clone());
        if let Some(differs) = state.differs.get(&key) {
            return Standing::Contradicted(*differs);
        }
        if let Some(word) = state.contradicted.get(channel) {
            return Standing::Contradicted(word.size);
        }
        match state.said.get(&key) {
            Some(word) if word.size > size => Standing::Behind(word.size),
            _ if state.unsure.contains(channel) || (state.blank && !state.certain.contains(channel)) => Standing::Unsure,
            _ => Standing::Certain,
        }
    }

    /// Which parties were asked how much they hold of this node's log since it was found wanting, and what they hold.
    #[must_use]
    pub fn asked(&self, channel: &ChannelId) -> BTreeMap<PartyId, u64> {
        self.inner().state.asked.get(channel).cloned().unwrap_or_default()
    }

    /// Whether this node, having said `word` before, may cosign a tree of this size: not while its database holds another
    /// history of that log, or has not come to what it cosigned before.
    #[must_use]
    pub fn may_cosign(&self, channel: &ChannelId, party: &PartyId, size: u64) -> bool {
        let inner = self.inner();
        let key = (channel.clone(), party.clone());
        !inner.state.differs.contains_key(&key) && inner.state.said.get(&key).is_none_or(|word| word.size <= size)
    }

    /// Notes, durably, what the commit that has just ended said. To be called before anybody is told of it.
    ///
    /// # Errors
    /// When it cannot be written, or contradicts what was said before. Then nothing may be told.
    pub fn confirm(&self, said: Vec<Said>) -> Result<(), Fault> {
        let mut newest: BTreeMap<(ChannelId, PartyId), Word> = BTreeMap::new();
        for Said { channel, party, note } in said {
            let word = Word::read(&note)?;
            let held = newest.entry((channel, party)).or_insert_with(|| word.clone());
            if held.size < word.size {
                *held = word;
            }
        }
        let line = |((channel, party), word): (_, Word)| Line::Said { channel, party, note: word.note };
        self.note(newest.into_iter().map(line).collect())
    }

    /// Notes that a party of the channel holds so much of this node's log.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn was_asked(&self, channel: &ChannelId, party: &PartyId, size: u64) -> Result<(), Fault> {
        if self.asked(channel).get(party) == Some(&size) {
            return Ok(());
        }
        self.note(vec![Line::Asked { channel: channel.clone(), party: party.clone(), size }])
    }

    /// Notes that the channel's log is whole.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn is_certain(&self, channel: &ChannelId) -> Result<(), Fault> {
        self.note(vec![Line::Certain { channel: channel.clone() }])
    }

    /// Gives up what came after the tree that the database holds. The caller has made sure that no party holds it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn accept(&self, channel: &ChannelId, own: &PartyId, note: &str) -> Result<(), Fault> {
        let (channel, party, note) = (channel.clone(), own.clone(), note.to_owned());
        let certain = Line::Certain { channel: channel.clone() };
        // A log of which nothing is held has no checkpoint; what was said of it is given up all the same.
        let accepted = (!note.is_empty()).then_some(Line::Accepted { channel, party, note });
        self.note(accepted.into_iter().chain([certain]).collect())
    }

    /// Notes a checkpoint with this node's own signature over another tree than the one that it holds.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn contradicted(&self, channel: &ChannelId, note: &str) -> Result<(), Fault> {
        self.note(vec![Line::Contradicted { channel: channel.clone(), note: note.to_owned() }])
    }

    fn note(&self, lines: Vec<Line>) -> Result<(), Fault> {
        if lines.is_empty() {
            return Ok(());
        }
        let mut inner = self.inner();
        if inner.broken {
            return Err(Fault::ReadOnly);
        }
        let noted = inner.note(lines);
        // A retried fsync would lie: after a failure nothing more is said until the node is started again.
        inner.broken = matches!(noted, Err(Fault::File { .. }));
        noted
    }

    /// How much of a log may be shown to others: of another's log all that is held, of this node's own what the guard holds.
    /// While it is not certain that this is all that was ever said, only what peers are known to have.
    ///
    /// # Errors
    /// When the store fails.
    pub fn shown(&self, connection: &Connection, channel: &ChannelId, party: &PartyId, own: &PartyId) -> Result<u64, Fault> {
        if party != own {
            return Ok(u64::MAX);
        }
        let size = logs::head(connection, channel, own)?.range.size();
        if self.standing(channel, own, size) == Standing::Certain {
            return Ok(self.held(channel, own).map_or(0, |word| word.size));
        }
        logs::largest_cosigned(connection, channel, own)
    }
}

impl Inner {
    fn refresh(&mut self) -> Result<(), Fault> {
        let Some(journal) = &mut self.journal else { return Ok(()) };
        let News { anew, lines } = journal.news()?;
        if anew {
            self.state = State { differs: std::mem::take(&mut self.state.differs), ..State::default() };
        }
        for line in lines {
            self.state.take(line)?;
        }
        Ok(())
    }

    fn note(&mut self, lines: Vec<Line>) -> Result<(), Fault> {
        let alone = self.journal.as_ref().map(Journal::lock).transpose()?;
        self.refresh()?;
        let mut fresh = Vec::new();
        for line in lines {
            if self.is_news(&line)? {
                fresh.push(line);
            }
        }
        let Inner { state, journal, .. } = self;
        if let (Some(journal), false) = (journal, fresh.is_empty()) {
            journal.add(&fresh, || state.lines().into_iter().chain(fresh.iter().cloned()).collect())?;
        }
        drop(alone);
        fresh.into_iter().try_for_each(|line| state.take(line))
    }

    /// Whether a line says something new. A word never takes back an earlier one.
    fn is_news(&self, line: &Line) -> Result<bool, Fault> {
        let Line::Said { channel, party, note } = line else { return Ok(true) };
        let word = Word::read(note)?;
        match self.state.said.get(&(channel.clone(), party.clone())) {
            Some(held) if held.size == word.size && held.root != word.root => Err(Fault::Damaged(format!(
                "the log of {party} in {channel} has two trees of size {}, and the guard holds the other one",
                word.size
            ))),
            Some(held) => Ok(held.size < word.size),
            None => Ok(true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tansiq_log::note::{KeyKind, KeyName, Signer};

    fn said(size: u64, fill: u8) -> Said {
        let signer = Signer::new(KeyName::new("irq.example/x").unwrap(), KeyKind::Ed25519, &[7; 32]);
        let checkpoint = Checkpoint::new("irq.example/x", size, Hash::from_bytes([fill; 32])).unwrap();
        let note = tansiq_log::checkpoint::SignedCheckpoint::sign(checkpoint, &signer).unwrap().to_string();
        Said { channel: "0".repeat(32).parse().unwrap(), party: "IRQ".parse().unwrap(), note }
    }

    #[test]
    fn a_word_is_never_taken_back_and_never_said_twice_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let guard = Guard::create(folder.path()).unwrap();
        let Said { channel, party, .. } = said(1, 1);
        guard.confirm(vec![said(3, 3), said(5, 5), said(4, 4)]).unwrap();
        guard.confirm(vec![said(2, 2)]).unwrap();
        for guard in [guard.clone(), Guard::open(folder.path()).unwrap()] {
            assert_eq!(guard.held(&channel, &party).unwrap().size, 5);
            assert_eq!(guard.standing(&channel, &party, 4), Standing::Behind(5));
            assert_eq!(guard.standing(&channel, &party, 5), Standing::Certain);
        }
        assert!(matches!(guard.confirm(vec![said(5, 6)]), Err(Fault::Damaged(_))));
        guard.confirm(vec![said(6, 6)]).unwrap();
        assert!(Guard::create(folder.path()).is_err(), "a guard is not begun anew over another one");
    }

    #[test]
    fn what_another_process_says_is_heard() {
        let folder = tempfile::tempdir().unwrap();
        let here = Guard::create(folder.path()).unwrap();
        let there = Guard::open(folder.path()).unwrap();
        let Said { channel, party, .. } = said(1, 1);
        for size in 1..60 {
            let fill = u8::try_from(size).unwrap();
            if size % 2 == 0 { &here } else { &there }.confirm(vec![said(size, fill)]).unwrap();
            here.refresh().unwrap();
            there.refresh().unwrap();
            assert_eq!(here.held(&channel, &party), there.held(&channel, &party));
        }
    }
}
