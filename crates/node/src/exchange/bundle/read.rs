//! Reads a bundle: what is whole in it is taken in as if it had come over the wire, piece by piece.

use super::cover::uncovered;
use super::{BundleRefusal, CHECKPOINT, END, FILE, HEADER, Header, LARGEST, files, signed_header, waiting};
use crate::access::Denial;
use crate::exchange::{frame, late as late_frames};
use crate::fault::{Fault, Protocol, Trouble};
use crate::keyring;
use crate::keys::Passphrase;
use crate::node::Node;
use crate::receive;
use crate::store::{bundles, late, logs};
use serde::Serialize;
use std::fmt;
use std::io::Read;
use std::path::Path;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::party::PartyId;
use tansiq_log::checkpoint::Checkpoint;
use tansiq_log::note::Note;

/// What came of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// The channel.
    pub channel: ChannelId,
    /// Whose log it carries.
    pub from: PartyId,
    /// How large that log was here before, and is now.
    pub held: (u64, u64),
    /// How many of that party's late records are here now.
    pub late: u64,
    /// How far that party has cosigned this node's own log, as far as is known now.
    pub witnessed: u64,
    /// Whether the file held the bundle to its end.
    pub whole: bool,
    /// Where the bundle begins, when it begins beyond what is held: it waits for the one that closes the gap.
    pub waits: Option<u64>,
    /// How many bundles that had waited were taken in after it.
    pub joined: usize,
    /// How many files of dossiers have come whole.
    pub files: usize,
}

/// Takes in a bundle, and after it those that had waited for it. Reading one twice, or an older one after a newer, changes
/// nothing. `passphrase` opens one that lies under it.
///
/// # Errors
/// A refusal when it is no bundle, cannot be opened, or not for this party from another of the channel; a protocol error when its
/// content cannot be, after which what came before stands; or a fault.
pub async fn read(node: &Node, path: &Path, passphrase: Option<&Passphrase>) -> Result<Taken, Trouble> {
    let mut opened = open(node, path, passphrase)?;
    let header = opened.header.clone();
    let before = standing(node, &header)?;
    note_what_has_arrived(node, &header).await?;
    let (mut whole, mut waits, mut joined, mut files) = (true, None, 0, 0);
    if before.reaches(&header) {
        whole = take(node, &mut opened, &mut files).await?;
        joined = take_what_waited(node, &header, &mut files).await?;
    } else {
        waiting::keep(node, &header, path, passphrase, before.held)?;
        waits = Some(header.entries);
    }
    let after = standing(node, &header)?;
    Ok(Taken {
        channel: header.channel,
        from: header.from,
        held: (before.held, after.held),
        late: after.late,
        witnessed: after.witnessed,
        whole,
        waits,
        joined,
        files,
    })
}

/// A bundle whose header has been checked, open where its content begins.
pub(super) struct Opened {
    pub(super) header: Header,
    charter: std::sync::Arc<Charter>,
    frames: Frames,
}

/// Opens a bundle and checks its header: that it is for this party, from another of the channel, and signed by it.
pub(super) fn open(node: &Node, path: &Path, passphrase: Option<&Passphrase>) -> Result<Opened, Trouble> {
    let mut frames = Frames { source: uncovered(path, passphrase)?, bytes: Vec::new() };
    let note = match frames.next() {
        Ok(Some(HEADER)) => Note::parse(frames.payload()).ok(),
        Err(Trouble::Fault(fault)) => return Err(fault.into()),
        _ => None,
    };
    let note = note.ok_or(BundleRefusal::NotABundle).map_err(refused)?;
    let header = Header::parse(note.text()).ok_or(BundleRefusal::NotABundle).map_err(refused)?;
    if header.to != node.identity.party {
        return Err(refused(BundleRefusal::OtherParty));
    }
    let ring = node.store.read_now(|connection| keyring::of(connection, &header.channel))?;
    let ring = ring.ok_or_else(|| Trouble::Refused(Denial::NoSuchChannel.into()))?;
    if header.from == node.identity.party || !signed_header(&ring, &header, &note) {
        return Err(refused(BundleRefusal::Stranger));
    }
    Ok(Opened { header, charter: ring.charter, frames })
}

pub(super) fn refused(refusal: BundleRefusal) -> Trouble {
    Trouble::Refused(refusal.into())
}

/// How far this node is with the log that a bundle carries.
pub(super) struct Standing {
    pub(super) held: u64,
    late: u64,
    witnessed: u64,
}

impl Standing {
    /// Whether a bundle continues what is held.
    pub(super) fn reaches(&self, header: &Header) -> bool {
        header.entries <= self.held
    }
}

pub(super) fn standing(node: &Node, header: &Header) -> Result<Standing, Fault> {
    let (channel, from, own) = (&header.channel, &header.from, &node.identity.party);
    node.store.read_now(|connection| {
        Ok(Standing {
            held: logs::head(connection, channel, from)?.range.size(),
            late: late::taken(connection, channel, from)?,
            witnessed: logs::newest_cosignature(connection, channel, own, from)?.map_or(0, |(size, _)| size),
        })
    })
}

/// Keeps what the writer says that it has taken in, so that the next bundle to it begins after that.
async fn note_what_has_arrived(node: &Node, header: &Header) -> Result<(), Trouble> {
    let header = header.clone();
    node.store.write(move |work| Ok(bundles::set_told(work.connection, &header.channel, &header.from, header.taken)?)).await
}

/// Takes in the content of a bundle, and counts the files that have come whole; false when it ends before the bundle does.
async fn take(node: &Node, bundle: &mut Opened, whole_files: &mut usize) -> Result<bool, Trouble> {
    let Opened { header, charter, frames } = bundle;
    let mut entries = frame::Reader::new(header.entries);
    let mut late_records = late_frames::Reader::default();
    while let Some(kind) = frames.next()? {
        match kind {
            1..=4 => {
                entries.feed(&frames.bytes);
                while let Some(batch) = entries.batch()? {
                    match receive::take_batch(&node.store, &header.channel, &header.from, batch).await {
                        // Nothing more of that log is taken. What the bundle says of others is as good as before.
                        Ok(_) | Err(Trouble::Protocol(Protocol::Forked)) => {}
                        Err(trouble) => return Err(trouble),
                    }
                }
            }
            5 | 6 => {
                late_records.feed(&frames.bytes);
                while let Some(piece) = late_records.piece()? {
                    take_late(node, header, piece).await?;
                }
            }
            CHECKPOINT => witness(node, header, charter, frames.payload()).await?,
            FILE => *whole_files += usize::from(files::take(node, header, frames.payload()).await?),
            END => {
                entries.finish()?;
                late_records.finish()?;
                return Ok(true);
            }
            _ => return Err(Protocol::Frame("a type of frame that stands in no bundle").into()),
        }
    }
    Ok(false)
}

async fn take_late(node: &Node, header: &Header, piece: receive::LatePiece) -> Result<(), Trouble> {
    let (channel, from, begin) = (header.channel.clone(), header.from.clone(), header.late);
    node.store
        .write(move |work| {
            let taken = late::taken(work.connection, &channel, &from)?;
            // An older bundle that is read again must not make this node say that less has arrived, and one that passes over
            // some must not make it say that they have: they come again for as long as it does not.
            if begin <= taken && piece.number > taken {
                receive::receive_late(work, &channel, &from, piece)?;
            }
            Ok(())
        })
        .await
}

/// Takes in a checkpoint of any log of the channel, with the cosignatures of it, as the writer of the bundle sees it.
async fn witness(node: &Node, header: &Header, charter: &Charter, payload: &[u8]) -> Result<(), Trouble> {
    let bad = |error: &dyn fmt::Display| Protocol::Checkpoint(error.to_string());
    let note = Note::parse(payload).map_err(|error| bad(&error))?;
    let checkpoint: Checkpoint = note.text().parse().map_err(|error| bad(&error))?;
    let of = charter.parties.keys().find(|party| charter.origin(party).as_deref() == Some(checkpoint.origin()));
    let of = of.cloned().ok_or_else(|| bad(&"it is of no log of this channel"))?;
    let (channel, by, note) = (header.channel.clone(), header.from.clone(), note.to_string());
    node.store.write(move |work| receive::witness(work, &channel, &of, &by, &note)).await.map(|_seen| ())
}

/// Takes in the bundles of the same log that wait and now continue it, as long as there is one.
async fn take_what_waited(node: &Node, header: &Header, files: &mut usize) -> Result<usize, Trouble> {
    let mut joined = 0;
    while let Some((path, mut bundle)) = waiting::next(node, header)? {
        let taken = take(node, &mut bundle, files).await;
        // Whatever came of it, what was whole in it has been taken, and it would come to the same again.
        waiting::remove(&path)?;
        taken?;
        joined += 1;
    }
    Ok(joined)
}

/// The frames of a file, one in memory at a time.
struct Frames {
    source: Box<dyn Read + Send>,
    /// The frame as it stands in the file, with its type and length.
    bytes: Vec<u8>,
}

impl Frames {
    /// Goes on to the next frame, and gives its type. None when the file ends, within a frame or after one.
    fn next(&mut self) -> Result<Option<u8>, Trouble> {
        self.bytes.clear();
        if !self.fill(5)? {
            return Ok(None);
        }
        let &[kind, a, b, c, d] = self.bytes.as_slice() else { return Ok(None) };
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        if length > LARGEST {
            return Err(Protocol::Frame("longer than a frame may be").into());
        }
        Ok(self.fill(length)?.then_some(kind))
    }

    fn fill(&mut self, length: usize) -> Result<bool, Fault> {
        let mut part = (&mut self.source).take(length as u64);
        let read = part.read_to_end(&mut self.bytes).map_err(Fault::file("cannot read the bundle"))?;
        Ok(read == length)
    }

    fn payload(&self) -> &[u8] {
        self.bytes.get(5..).unwrap_or_default()
    }
}
