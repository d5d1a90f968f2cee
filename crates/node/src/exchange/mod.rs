//! How nodes exchange their logs: HTTP/2 over mutual TLS 1.3, pulled by the one who wants to know.
//!
//! | request | answer |
//! |---|---|
//! | `GET /exchange/v1/{channel}/{party}/checkpoint` | the newest signed checkpoint of a log, with the cosignatures known |
//! | `GET /exchange/v1/{channel}/{party}/entries?from=N` | frames of this node's own log from place N on; of the caller's own log, to a caller that lost its data |
//! | `POST /exchange/v1/{channel}/{party}/cosignature` | takes a cosigned checkpoint of any log |
//! | `GET`, `POST /exchange/v1/{channel}/{party}/fork` | gives, takes the proof that a log has two histories |
//! | `POST /exchange/v1/{channel}/{party}/entries?from=N` | takes frames of the caller's own log, from a side that cannot be reached; or gives back frames of this node's own log |
//! | `GET /exchange/v1/{channel}/{party}/late?after=N` | records that were released to the caller after their entries had passed; of the caller's own log: how many of its late records are here |
//! | `POST /exchange/v1/{channel}/{party}/late` | takes late records of the caller's own log, from a side that cannot be reached |
//! | `GET /exchange/v1/watch` | held open: a line `channel party size late` whenever a log of a shared channel changes |
//! | `GET /exchange/v1/{channel}/blob/{sha256}?dossier=ID` | a file of a dossier, whole or in part; see [`blob`] for how it is brought |

mod answer;
pub mod blob;
pub mod bundle;
pub mod client;
mod fetch;
pub mod frame;
mod gossip;
pub mod late;
pub mod limits;
mod pull;
mod quota;
mod restore;
pub mod server;
pub mod tls;

use crate::access::{self, Authorized, Environment, Subject, ToSend};
use crate::fault::Fault;
use crate::keyring;
use crate::store::db::Connection;
use crate::store::recent::Recent;
use crate::store::records::Room;
use crate::store::{channels, dossiers, logs, records};
use frame::{Leaving, Writer};
use std::collections::BTreeSet;
use tansiq_dossier::channel::{ChannelClass, ChannelId};
use tansiq_dossier::label::Label;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::{Record, RecordId};

/// How many entries are read for one batch, if checkpoints fall so.
const BATCH: u64 = 1024;

/// How many bytes of frames are put together at most, if checkpoints fall so, and with how many they are sent.
const SEND: usize = 2 * 1024 * 1024;
const ENOUGH: usize = SEND / 2;

/// The one door out: entries of this node's own log from `from` on, as frames for `to`, with the place after the last.
/// Whether a record goes along is decided here, at the moment of sending. Empty when there is nothing further.
///
/// Nothing is shown beyond the size `shown`, which is asked of the guard ([`crate::store::guard::Guard::shown`]): what is
/// committed and not yet guarded is nobody's business. Nor is a log shown that has come back to its owner and waits to be
/// applied: whose its records are is not known yet, and they would be passed over.
///
/// The same door gives a party that lost its data its own log back (`own` is then `to`), without any sealed value.
///
/// # Errors
/// When the store fails.
pub fn frames_for(
    connection: &Connection,
    channel: &ChannelId,
    own: &PartyId,
    to: &PartyId,
    (from, shown): (u64, u64),
) -> Result<(Vec<u8>, u64), Fault> {
    frames_with(&Recent::default(), connection, channel, (own, to), (from, shown))
}

/// The same, with what this node holds of its own logs in memory.
///
/// # Errors
/// When the store fails.
pub fn frames_with(
    recent: &Recent,
    connection: &Connection,
    channel: &ChannelId,
    (own, to): (&PartyId, &PartyId),
    (from, shown): (u64, u64),
) -> Result<(Vec<u8>, u64), Fault> {
    let Some(class) = channels::class(connection, channel)? else { return Ok((Vec::new(), from)) };
    let turns = keyring::of(connection, channel)?.map(|ring| ring.turns(own)).unwrap_or_default();
    let shown = if own == to { shown } else { shown.min(logs::head(connection, channel, own)?.applied) };
    let mut writer = Writer::default();
    let mut next = from;
    let door = Door { recent, connection, channel, own, to, class, turns };
    while writer.len() < ENOUGH {
        match door.batch(&mut writer, next, shown)? {
            Some(end) => next = end,
            None => break,
        }
    }
    Ok((writer.take(), next))
}

/// Whose entries leave here, and for whom.
struct Door<'a> {
    /// What is in memory of this node's own logs.
    recent: &'a Recent,
    connection: &'a Connection,
    channel: &'a ChannelId,
    own: &'a PartyId,
    to: &'a PartyId,
    class: ChannelClass,
    /// Where a batch has to end, since other keys count beyond.
    turns: BTreeSet<u64>,
}

impl Door<'_> {
    /// Writes the next batch. It ends at the last checkpoint within [`BATCH`] entries and about as many bytes as are sent
    /// together, or else at the next one; there is none when that is beyond `shown`. Gives its end.
    fn batch(&self, writer: &mut Writer, next: u64, shown: u64) -> Result<Option<u64>, Fault> {
        let Some((mut size, mut note)) = self.end(next, BATCH.min(shown.saturating_sub(next)), shown)? else { return Ok(None) };
        writer.make_room(size - next);
        let begin = writer.len();
        let mut ends = Vec::new();
        let given = self.entries(writer, (next, size, SEND), |writer| ends.push(writer.len()))?;
        if next + given < size {
            let Some(nearer) = self.end(next, given, shown)? else {
                writer.take_back(begin);
                return Ok(None);
            };
            (size, note) = nearer;
            if size < next + given {
                let last = usize::try_from(size - next - 1).ok().and_then(|last| ends.get(last));
                writer.take_back(last.copied().unwrap_or(begin));
            } else {
                self.entries(writer, (next + given, size, usize::MAX), |_| {})?;
            }
        }
        writer.checkpoint(&note);
        Ok(Some(size))
    }

    fn end(&self, next: u64, most: u64, shown: u64) -> Result<Option<(u64, String)>, Fault> {
        let end = batch_end(self.connection, self.channel, self.own, (next, most), &self.turns)?;
        Ok(end.filter(|(size, _)| *size <= shown))
    }

    /// Writes entries, each with its record if the party that asks may have it.
    fn entries(
        &self,
        writer: &mut Writer,
        (from, to, room): (u64, u64, usize),
        mut written: impl FnMut(&Writer),
    ) -> Result<u64, Fault> {
        let Door { connection, channel, own, .. } = *self;
        let mut room = Room::for_bytes(room);
        let mut give = |outgoing: records::Outgoing<'_>| {
            self.write(writer, outgoing)?;
            written(writer);
            Ok(())
        };
        self.recent.outgoing(connection, channel, own, (from, to, &mut room), &mut give)?;
        if !room.is_full && room.given < to - from {
            records::outgoing(connection, channel, own, (from + room.given, to, &mut room), give)?;
        }
        Ok(room.given)
    }

    fn write(&self, writer: &mut Writer, outgoing: records::Outgoing<'_>) -> Result<(), Fault> {
        let Door { connection, channel, own, to, class, .. } = *self;
        let content = match outgoing.content {
            Some((salt, bytes, kept)) => {
                let content = Leaving { salt, bytes, disclosures: Vec::new() };
                // What it may not have costs no time that it could measure: nothing further is looked at.
                match (Outgoing { own, to, audience: outgoing.audience, class }).leave_for(content) {
                    Some(content) => Some(disclosed(connection, channel, (own, to), content, kept)?),
                    None => None,
                }
            }
            None => None,
        };
        writer.leaving(&outgoing.entry, content.as_ref());
        Ok(())
    }
}

/// Where a batch ends: at a checkpoint that is not too far, and not beyond one after which other keys count.
fn batch_end(
    connection: &Connection,
    channel: &ChannelId,
    own: &PartyId,
    (next, most): (u64, u64),
    turns: &BTreeSet<u64>,
) -> Result<Option<(u64, String)>, Fault> {
    let Some((size, note)) = logs::batch_end(connection, channel, own, next, most)? else { return Ok(None) };
    match turns.range(next + 1..size.max(next + 1)).next() {
        Some(turn) => logs::batch_end(connection, channel, own, turn - 1, 0),
        None => Ok(Some((size, note))),
    }
}

/// A record that `to` may have, with the disclosures among those kept with it that go along: all or none, as
/// [`access::discloses`] says.
fn disclosed<'a>(
    connection: &Connection,
    channel: &ChannelId,
    (own, to): (&PartyId, &PartyId),
    mut content: Leaving<'a>,
    kept: &str,
) -> Result<Leaving<'a>, Fault> {
    // Whoever gets its own log back gets no sealed value: it may have erased it since.
    if kept.is_empty() || own == to {
        return Ok(content);
    }
    if let Ok(record) = Record::parse(content.bytes) {
        let id = RecordId::commit(&content.salt, content.bytes);
        let dossier = dossiers::get(connection, channel, &record.dossier)?;
        if dossier.is_some_and(|dossier| access::discloses(&dossier.custody, &id, own, to)) {
            content.disclosures = kept.lines().map(str::to_owned).collect();
        }
    }
    Ok(content)
}

/// A record on its way out, and whom it is for.
struct Outgoing<'a> {
    own: &'a PartyId,
    to: &'a PartyId,
    audience: &'a BTreeSet<PartyId>,
    class: ChannelClass,
}

impl Outgoing<'_> {
    /// The record, if the party that asks may have it: the one place where this is decided.
    fn leave_for<T>(&self, content: T) -> Option<T> {
        // A party reads what its dossiers hold whatever their level: the label binds its own officers at home.
        let environment = Environment { audience: self.audience, own: self.own, class: self.class };
        let decided = Authorized::<T, ToSend>::decide(content, Subject::Party(self.to), &Label::default(), environment);
        decided.ok().map(Authorized::into_value)
    }
}

/// The newest checkpoint of a log that may be shown, with every cosignature known here; `None` when there is none.
///
/// # Errors
/// When the store fails.
pub fn cosigned_checkpoint(
    connection: &Connection,
    channel: &ChannelId,
    party: &PartyId,
    shown: u64,
) -> Result<Option<String>, Fault> {
    let head = logs::head(connection, channel, party)?;
    let (size, note) = if head.range.size() <= shown {
        (head.range.size(), head.note)
    } else {
        (shown, logs::checkpoint(connection, channel, party, shown)?.unwrap_or_default())
    };
    if note.is_empty() {
        return Ok(None);
    }
    with_cosignatures(connection, channel, party, size, &note).map(Some)
}

/// A checkpoint with every cosignature of it that is known here.
///
/// # Errors
/// When the store fails or is damaged.
pub fn with_cosignatures(
    connection: &Connection,
    channel: &ChannelId,
    party: &PartyId,
    size: u64,
    note: &str,
) -> Result<String, Fault> {
    let damaged = |error: &dyn std::fmt::Display| Fault::Damaged(format!("a checkpoint of {party}: {error}"));
    let mut note = tansiq_log::note::Note::parse(note.as_bytes()).map_err(|error| damaged(&error))?;
    for row in logs::cosignatures(connection, channel, party, size)? {
        let line = row.line.parse().map_err(|error| damaged(&error))?;
        note.add_signature(line).map_err(|error| damaged(&error))?;
    }
    Ok(note.to_string())
}
