//! A node's disk in the simulation: it says what becomes of each commit, and looks into each.
//!
//! When a node ends here, what lies on its disk is copied into the folder of its next life: all of the last commit, nothing of
//! it, or its half, for the database to find. What still runs of the old life can change nothing that counts.

use super::bug::{self, Bug};
use super::dice::Dice;
use super::ledger::Invariant;
use super::stage::Stage;
use crate::fault::Fault;
use crate::store::db::Connection;
use crate::store::records;
use crate::store::{Disk, Verdict, channels};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;

/// The longest that a commit takes.
const SLOWEST: Duration = Duration::from_millis(120);

/// How a node ends while it writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Before the commit: nothing of it is there.
    Before,
    /// In the middle of the commit: a part of it is there, and is not to be found again.
    Within,
    /// After the commit: all of it is there, and the guard does not know.
    After,
    /// After the guard was told, before anybody else was.
    Guarded,
}

/// What the disk of one life of one node holds and does.
pub(super) struct SimulatedDisk {
    stage: Arc<Stage>,
    seat: usize,
    party: PartyId,
    folder: PathBuf,
    next: PathBuf,
    inner: Mutex<Inner>,
}

struct Inner {
    dice: Dice,
    /// A commit in so many is the last of this life; 0 when none is.
    ends_once_in: usize,
    /// A commit in so many fails; 0 when none does.
    fails_once_in: usize,
    end: Option<End>,
    ended: bool,
    failed: bool,
    /// How long the write-ahead log was before this commit.
    before: u64,
    /// How long it was before the last commit that was acknowledged.
    lied: Option<u64>,
    heads: BTreeMap<(ChannelId, PartyId), (u64, u64)>,
}

impl Inner {
    fn throw(&mut self, cases: impl Fn(&Inner) -> usize) -> bool {
        let cases = cases(self);
        self.dice.once_in(cases)
    }
}

impl SimulatedDisk {
    pub(super) fn new(
        stage: &Arc<Stage>,
        seat: usize,
        party: &PartyId,
        (folder, next): (&Path, &Path),
        dice: Dice,
    ) -> SimulatedDisk {
        let inner = Inner {
            dice,
            ends_once_in: 0,
            fails_once_in: 0,
            end: None,
            ended: false,
            failed: false,
            before: 0,
            lied: None,
            heads: BTreeMap::new(),
        };
        SimulatedDisk {
            stage: stage.clone(),
            seat,
            party: party.clone(),
            folder: folder.to_owned(),
            next: next.to_owned(),
            inner: Mutex::new(inner),
        }
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on a commit in so many is the last of this life, and one in so many fails.
    pub(super) fn endanger(&self, ends_once_in: usize, fails_once_in: usize) {
        let mut inner = self.inner();
        (inner.ends_once_in, inner.fails_once_in) = (ends_once_in, fails_once_in);
    }

    /// Whether this life is over, or the node takes nothing more.
    pub(super) fn is_over(&self) -> bool {
        let inner = self.inner();
        inner.ended || inner.failed
    }

    /// Whether this life is over.
    pub(super) fn has_ended(&self) -> bool {
        self.inner().ended
    }

    /// Ends this life between two commits.
    pub(super) fn pull_the_plug(&self) -> Result<(), Fault> {
        let mut inner = self.inner();
        if std::mem::replace(&mut inner.ended, true) {
            return Ok(());
        }
        copy(&self.folder, &self.next)?;
        if let (Some(length), true) = (inner.lied, self.stage.bug == Some(Bug::AnswerBeforeCommit)) {
            shorten(&self.next, length)?;
        }
        Ok(())
    }

    /// Takes what lies on the disk at the beginning of this life as known.
    pub(super) fn begin(&self, connection: &Connection) -> Result<(), Fault> {
        let mut inner = self.inner();
        for channel in channels::names(connection)? {
            for (party, size, applied) in heads(connection, &channel)? {
                inner.heads.insert((channel.clone(), party), (size, applied));
            }
        }
        Ok(())
    }

    fn wal(&self) -> u64 {
        std::fs::metadata(self.folder.join(WAL)).map_or(0, |about| about.len())
    }

    fn stop(&self, inner: &mut Inner, end: End) -> Verdict {
        let kind = match end {
            End::Before => "crash before a commit",
            End::Within => "crash within a commit",
            End::After => "crash after a commit",
            End::Guarded => "crash before an answer",
        };
        inner.ended = true;
        let mut copied = copy(&self.folder, &self.next);
        if end == End::Within {
            let after = self.wal();
            let more = usize::try_from(after.saturating_sub(inner.before)).unwrap_or(0);
            let length = inner.before + inner.dice.below(more) as u64;
            // A log that was begun anew in this commit cannot be cut where the last one ended: the commit stands then.
            if after > inner.before {
                copied = copied.and_then(|()| shorten(&self.next, length));
            }
        }
        if let Err(fault) = copied {
            self.stage.broke(&fault);
        }
        self.stage.ended(self.seat, kind);
        Verdict::Stop
    }

    /// Looks at what a commit has changed: whether every record that is applied now stood after all that its writer had seen.
    fn look(&self, inner: &mut Inner, connection: &Connection) -> Result<(), Fault> {
        let mut ledger = self.stage.ledger();
        let now = self.stage.now();
        for channel in channels::names(connection)? {
            let mut sizes: BTreeMap<PartyId, (u64, u64)> = BTreeMap::new();
            for (party, size, applied) in heads(connection, &channel)? {
                sizes.insert(party, (size, applied));
            }
            for (party, (size, applied)) in &sizes {
                let known = inner.heads.insert((channel.clone(), party.clone()), (*size, *applied)).unwrap_or_default();
                let forward = known.0 <= *size && known.1 <= *applied && applied <= size;
                ledger.check(Invariant::Order, forward, || {
                    format!("the log of {party} at {} went from {known:?} to {size}, {applied} applied", self.party)
                });
                for index in known.1..*applied {
                    let Some(stored) = records::at(connection, &channel, party, index)? else { continue };
                    let Some(entry) = stored.entry() else { continue };
                    let late = stored.fate.is_waiting();
                    // What was seen of a log that turned out to have two histories may never come.
                    let comes = |other: &PartyId| other != party && !ledger.dishonest.contains(other);
                    let here = |other: &PartyId| sizes.get(other).map_or(0, |(_, applied)| *applied);
                    let unseen = entry.record.seen.0.iter().find(|(other, seen)| comes(other) && here(other) < **seen);
                    ledger.check(Invariant::Order, late || unseen.is_none(), || {
                        format!("record {index} of {party} was applied at {} before {unseen:?}", self.party)
                    });
                    if *party == self.party {
                        ledger.written(now, &channel, entry.id, &stored.bytes, &stored.disclosures);
                    }
                }
            }
        }
        Ok(())
    }
}

impl Disk for SimulatedDisk {
    fn delay(&self) -> Duration {
        self.inner().dice.pause(SLOWEST)
    }

    fn closing(&self, connection: &Connection) -> Verdict {
        let mut inner = self.inner();
        if inner.ended {
            return Verdict::Stop;
        }
        if inner.throw(|inner| inner.fails_once_in) {
            inner.failed = true;
            self.stage.fault(self.seat, "failed commit");
            return Verdict::Fail;
        }
        inner.before = self.wal();
        if inner.throw(|inner| inner.ends_once_in) {
            let ends = [End::Before, End::Within, End::After, End::Guarded];
            inner.end = inner.dice.pick(&ends).copied();
            if inner.end == Some(End::Before) {
                return self.stop(&mut inner, End::Before);
            }
        }
        match bug::within_commit(&self.stage, &self.party, connection) {
            Ok(Some(forgotten)) => inner.heads.retain(|(_, party), _| *party != forgotten),
            Ok(None) => {}
            Err(fault) => self.stage.broke(&fault),
        }
        Verdict::Go
    }

    fn committed(&self, connection: &Connection) -> Verdict {
        let mut inner = self.inner();
        if inner.end == Some(End::Within) && self.wal() > inner.before {
            return self.stop(&mut inner, End::Within);
        }
        if let Err(fault) = self.look(&mut inner, connection) {
            self.stage.broke(&fault);
        }
        if matches!(inner.end, Some(End::Within | End::After)) {
            return self.stop(&mut inner, End::After);
        }
        inner.lied = (self.wal() > inner.before).then_some(inner.before);
        Verdict::Go
    }

    fn guarded(&self) -> Verdict {
        let mut inner = self.inner();
        if inner.end.is_some() { self.stop(&mut inner, End::Guarded) } else { Verdict::Go }
    }
}

/// Every log of a channel: whose, how far it is held and applied.
pub(super) fn heads(connection: &Connection, channel: &ChannelId) -> Result<Vec<(PartyId, u64, u64)>, Fault> {
    let mut query = connection.prepare_cached("SELECT party, size, applied FROM log WHERE channel = ?1 ORDER BY party")?;
    let rows = query.query_map([channel.as_str()], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))?;
    let mut found = Vec::new();
    for row in rows {
        let (party, size, applied) = row?;
        let party = party.parse().map_err(|_| Fault::Damaged("a party's name".to_owned()))?;
        let unsigned = |size: i64| u64::try_from(size).unwrap_or(0);
        found.push((party, unsigned(size), unsigned(applied)));
    }
    Ok(found)
}

/// The database's files.
pub(super) const DATABASE: &str = "tansiq.db";
pub(super) const WAL: &str = "tansiq.db-wal";

/// Copies a folder with all that is in it, but for what the database makes anew.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), Fault> {
    let fault = || Fault::file(format!("cannot copy {}", from.display()));
    std::fs::create_dir_all(to).map_err(fault())?;
    for entry in std::fs::read_dir(from).map_err(fault())? {
        let entry = entry.map_err(fault())?;
        let target = to.join(entry.file_name());
        if entry.file_type().map_err(fault())?.is_dir() {
            copy(&entry.path(), &target)?;
        } else if !entry.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(entry.path(), &target).map_err(fault())?;
        }
    }
    Ok(())
}

/// Cuts the write-ahead log in a folder.
fn shorten(folder: &Path, length: u64) -> Result<(), Fault> {
    let fault = || Fault::file("cannot cut a write-ahead log");
    let file = std::fs::OpenOptions::new().write(true).open(folder.join(WAL)).map_err(fault())?;
    file.set_len(length).map_err(fault())
}
