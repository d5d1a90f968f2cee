//! What one peer may bring to this node's disk in a day, and how long its work may keep the writer from others.

use crate::fault::{Fault, Protocol, Trouble};
use crate::node::Node;
use crate::receive::{self, LatePiece, Readied, Received};
use crate::store::intake::{self, Intake};
use crate::store::work::Work;
use std::time::Duration;
use tansiq_dossier::channel::{ChannelClass, ChannelId};
use tansiq_dossier::party::PartyId;
use tokio::time::Instant;

/// Work of a peer that holds the writer for longer than this is followed by a rest of the same length.
const LONG: Duration = Duration::from_secs(1);
/// The longest rest.
const REST: Duration = Duration::from_secs(60);
/// A day, in seconds; it begins at midnight in UTC+3.
const DAY: i64 = 24 * 60 * 60;
/// UTC+3.
const AHEAD: i64 = 3 * 60 * 60;

/// Takes in a batch of a peer's log, if the peer has not brought as much as it may for today.
pub(super) async fn batch(node: &Node, channel: &ChannelId, party: &PartyId, batch: Readied) -> Result<Received, Trouble> {
    let contents = batch.entries.iter().filter_map(|(entry, _)| entry.content.as_ref());
    let bytes: usize =
        contents.map(|content| content.bytes.len() + content.disclosures.iter().map(String::len).sum::<usize>()).sum();
    let more = Intake { entries: batch.entries.len() as u64, bytes: (bytes + batch.note.len()) as u64, files: 0 };
    let (to, of, note) = (channel.clone(), party.clone(), batch.note.clone());
    let received = counted(node, channel, party, move |work| {
        let before = work.head(&to, &of)?.range.size();
        let received = receive::receive(work, &to, &of, batch)?;
        // What was here already takes no room.
        let grown = received.size.saturating_sub(before);
        Ok((received, if grown == 0 { Intake::default() } else { Intake { entries: grown, ..more } }))
    })
    .await;
    receive::compare_refused(&node.store, channel, party, note, received).await
}

/// Takes in late records of a peer's log, on the same account.
pub(super) async fn late(node: &Node, channel: &ChannelId, party: &PartyId, piece: LatePiece) -> Result<bool, Trouble> {
    let bytes: usize = piece.records.iter().map(|late| late.content.bytes.len()).sum();
    let (to, of) = (channel.clone(), party.clone());
    counted(node, channel, party, move |work| {
        let taken = receive::receive_late(work, &to, &of, piece)?;
        Ok((taken, Intake { bytes: bytes as u64, ..Intake::default() }))
    })
    .await
}

/// Does work of a peer in the writer, one piece at a time, and counts what it brings.
async fn counted<T, J>(node: &Node, channel: &ChannelId, party: &PartyId, job: J) -> Result<T, Trouble>
where
    T: Send + 'static,
    J: FnOnce(&mut Work<'_>) -> Result<(T, Intake), Trouble> + Send + 'static,
{
    let (limits, to, of) = (node.config.limits.clone(), channel.clone(), party.clone());
    let work = node.store.write(move |work| {
        let today = work.identity.world.today();
        let counts = work.charter(&to)?.is_some_and(|charter| charter.class != ChannelClass::Measurement);
        if counts {
            let so_far = intake::of(work.connection, &of, today)?;
            // The piece that passes the limit is the last one: what is small can always be taken in.
            if so_far.entries >= limits.entries_per_day || so_far.bytes >= limits.bytes_per_day {
                let seconds = until_tomorrow(work.identity.world.clock.unix());
                return Err(Protocol::Enough { why: FULL, seconds }.into());
            }
        }
        let begun = Instant::now();
        let (outcome, more) = job(work)?;
        if counts && more != Intake::default() {
            intake::add(work.connection, &to, &of, today, more)?;
        }
        Ok((outcome, begun.elapsed()))
    });
    let (outcome, took) = work.await?;
    if took > LONG {
        tracing::warn!(peer.party = %party, took.ms = took.as_millis(), "work of a peer took long; it rests for as long");
        tokio::time::sleep(took.min(REST)).await;
    }
    Ok(outcome)
}

/// What a peer is told that has brought as much as it may.
const FULL: &str = "as much has been taken in of this party today as may be; it goes on tomorrow";

/// Whether a peer has brought as many bytes of files as it may for today.
pub(super) async fn files_are_full(node: &Node, party: &PartyId) -> Result<bool, Fault> {
    let (party, today) = (party.clone(), node.identity.world.today());
    let so_far = node.store.read(move |connection| intake::of(connection, &party, today)).await?;
    Ok(so_far.files >= node.config.limits.file_bytes_per_day)
}

/// Counts bytes of files, whether they came to anything or not.
pub(super) async fn add_files(node: &Node, channel: &ChannelId, party: &PartyId, bytes: u64) -> Result<(), Trouble> {
    if bytes == 0 {
        return Ok(());
    }
    let (channel, party) = (channel.clone(), party.clone());
    let more = Intake { files: bytes, ..Intake::default() };
    let job =
        node.store.write(move |work| Ok(intake::add(work.connection, &channel, &party, work.identity.world.today(), more)?));
    job.await
}

/// Why no more files are taken.
pub(super) fn enough_files(node: &Node) -> Protocol {
    Protocol::Enough { why: FULL, seconds: until_tomorrow(node.identity.world.clock.unix()) }
}

fn until_tomorrow(unix: i64) -> u64 {
    u64::try_from(DAY - (unix.saturating_add(AHEAD)).rem_euclid(DAY)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_ends_at_midnight_in_utc_plus_three() {
        assert_eq!(until_tomorrow(0), 21 * 3600);
        assert_eq!(until_tomorrow(21 * 3600 - 1), 1);
        assert_eq!(until_tomorrow(21 * 3600), 24 * 3600);
    }
}
