//! Compares database and guard when a store is opened, and says in which channels the node must first hear what it had said.

use super::{Guard, Journal, Line, Said, Standing, Word};
use crate::fault::Fault;
use crate::store::db::Connection;
use crate::store::work::Identity;
use crate::store::{channels, logs, meta};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;

/// Says in the database that a guard was kept beside it.
const MARK: &str = "guarded";

/// What the database holds of what this node has signed, read before the guard is asked what it knows: another process of the
/// node may be at work, which notes in the guard whatever it shows to anybody. So what this finds to be known outside is in the
/// guard by the time that it is looked at.
pub struct Found {
    guarded: bool,
    logs: Vec<Log>,
}

struct Log {
    channel: ChannelId,
    party: PartyId,
    /// The newest checkpoint that this node signed or cosigned.
    last: Option<Word>,
    /// How much of it peers have cosigned, where it is this node's own.
    shown: u64,
}

impl Found {
    /// Reads it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn read(connection: &Connection, own: &PartyId) -> Result<Found, Fault> {
        let mut found = Found { guarded: meta::get(connection, MARK)?.is_some(), logs: Vec::new() };
        for (channel, charter) in channels::all(connection)? {
            for party in charter.parties.keys() {
                let (last, shown) = if party == own {
                    (own_word(connection, &channel, own)?, logs::largest_cosigned(connection, &channel, own)?)
                } else {
                    (cosigned(connection, &channel, party, own)?, 0)
                };
                found.logs.push(Log { channel: channel.clone(), party: party.clone(), last, shown });
            }
        }
        Ok(found)
    }

    /// Brings the guard up to it, where a crash came between the two, and finds out where the database is the one that is behind.
    ///
    /// A database that was never guarded is one of an earlier version, and is believed. A guard that is missing beside a database
    /// that was guarded, or that knows less than peers have cosigned, is not the one that belongs to it: then nothing is certain
    /// until the peers have been asked.
    ///
    /// # Errors
    /// When the store or the guard fails.
    pub fn settle(self, connection: &Connection, guard: &Guard, own: &PartyId) -> Result<(), Fault> {
        guard.refresh()?;
        let missing = guard.inner().missing.clone();
        let mut lines = Vec::new();
        if missing.is_some() && self.guarded {
            lines.push(Line::Blank {});
        }
        for Log { channel, party, last, shown } in self.logs {
            let held = guard.held(&channel, &party);
            if let Some(held) = &held
                && differs(connection, &channel, &party, held)?
            {
                tracing::error!(channel.id = %channel, log.party = %party, size = held.size, "the database holds another history of a log than this node has signed");
                guard.inner().state.differs.insert((channel, party), held.size);
                continue;
            }
            let known = held.map_or(0, |word| word.size);
            let Some(last) = last.filter(|last| last.size > known) else { continue };
            // What peers have cosigned was shown to them, and what was shown stood in the guard.
            if party == *own && self.guarded && shown > known {
                lines.push(Line::Unsure { channel: channel.clone() });
            }
            lines.push(Line::Said { channel, party, note: last.note });
        }
        match missing {
            Some(folder) => {
                let begun = Journal::create(&folder, &lines)?;
                let mut inner = guard.inner();
                lines.into_iter().try_for_each(|line| inner.state.take(line))?;
                (inner.journal, inner.missing) = (Some(begun), None);
            }
            None => guard.note(lines)?,
        }
        if !self.guarded {
            meta::set(connection, MARK, "1")?;
        }
        Ok(())
    }
}

/// Compares the two.
///
/// # Errors
/// When the store or the guard fails.
pub fn reconcile(connection: &Connection, identity: &Identity) -> Result<(), Fault> {
    Found::read(connection, &identity.party)?.settle(connection, &identity.guard, &identity.party)
}

/// Takes up what other processes on the same database have committed, before it is told and shown. They write the guard of their
/// own machine themselves; this does it for one that ended in between, and for one on another machine.
///
/// # Errors
/// When the store or the guard fails.
pub fn take_up(connection: &Connection, identity: &Identity, channel: &ChannelId) -> Result<(), Fault> {
    let (guard, own) = (&identity.guard, &identity.party);
    let head = logs::head(connection, channel, own)?;
    let size = head.range.size();
    let is_behind = || guard.held(channel, own).map_or(0, |word| word.size) < size;
    if !is_behind() {
        return Ok(());
    }
    guard.refresh()?;
    if is_behind() && guard.standing(channel, own, size) == Standing::Certain {
        guard.confirm(vec![Said { channel: channel.clone(), party: own.clone(), note: head.note }])?;
    }
    Ok(())
}

/// Whether the database holds as much of a log as the guard has a word about, and another tree.
fn differs(connection: &Connection, channel: &ChannelId, party: &PartyId, held: &Word) -> Result<bool, Fault> {
    let head = logs::head(connection, channel, party)?;
    if head.range.size() < held.size {
        return Ok(false);
    }
    let root =
        if head.range.size() == held.size { head.range.root() } else { logs::root_at(connection, channel, party, held.size)? };
    Ok(root != held.root)
}

fn own_word(connection: &Connection, channel: &ChannelId, own: &PartyId) -> Result<Option<Word>, Fault> {
    let head = logs::head(connection, channel, own)?;
    if head.note.is_empty() { Ok(None) } else { Word::read(&head.note).map(Some) }
}

/// The newest checkpoint of another's log that this node cosigned, as its database says.
fn cosigned(connection: &Connection, channel: &ChannelId, party: &PartyId, own: &PartyId) -> Result<Option<Word>, Fault> {
    let Some((size, _)) = logs::newest_cosignature(connection, channel, party, own)? else { return Ok(None) };
    let note = logs::checkpoint(connection, channel, party, size)?;
    note.map(|note| Word::read(&note)).transpose()
}

impl Guard {
    /// Whether this guard was begun beside a database that had been guarded before.
    #[must_use]
    pub fn was_lost(&self) -> bool {
        self.inner().state.blank
    }
}
