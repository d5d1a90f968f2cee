//! Bundles: the exchange in a file, for machines that never touch a network.
//!
//! A bundle holds what its writer would have answered over the wire, in the same frames: entries of its own log with the
//! records that the recipient may read, late records, and the newest checkpoint of every log with the cosignatures known. So
//! cosignatures go back with the next bundle the other way.
//!
//! | type | payload |
//! |---|---|
//! | 64 header | a signed note of the writer's log key; comes first, and once |
//! | 65 checkpoint | a signed note: a checkpoint of any log of the channel, with cosignatures |
//! | 1–4, 5–6 | as on the wire: entries ([`super::frame`]) and late records ([`super::late`]) |
//! | 66 file | a piece of a file of a dossier, as `files.rs` says; only where they were asked for |
//! | 67 end | how large the log is to which the entries lead (8 bytes), and the number of the last late record (8) |
//!
//! The text of the header, each line ending in a newline:
//!
//! ```text
//! tansiq-bundle v1
//! channel 0f4e…            the channel
//! from IRQ                 whose log it carries
//! to TUR                   whom it is for
//! entries 120              the place of the first entry
//! late 3                   the late records that come are those after this number
//! taken 2                  how many of the recipient's late records the writer has taken in
//! ```
//!
//! The header is signed so that nobody who carries a bundle can make its recipient believe that something has arrived. What
//! is signed can never be taken for a checkpoint, whose second line is a number. A bundle is not encrypted by itself: whoever can
//! read the medium can read the records, unless it was put under a passphrase (`cover.rs`).

mod cover;
mod files;
mod read;
mod waiting;

pub use cover::cover;
pub use read::{Taken, read};

use super::frame::{MAX_FRAME, Writer};
use crate::fault::{Fault, Trouble};
use crate::keyring::{self, Keyring};
use crate::node::Node;
use crate::store::db::Connection;
use crate::store::{bundles, channels, late, logs};
use serde::Serialize;
use std::fmt;
use std::io::Write;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tansiq_log::note::Note;

tansiq_dossier::refusals! {
    /// Why a bundle is not taken.
    pub enum BundleRefusal {
        /// The file is no bundle, or one of a later version.
        NotABundle = "BND01",
        /// The bundle is for another party.
        OtherParty = "BND02",
        /// The bundle is not from another party of the channel, or its header is not signed by that party's log.
        Stranger = "BND03",
        /// It begins beyond what is held here, and no more bundles can be kept waiting.
        TooManyWaiting = "BND04",
        /// The file ends before the bundle does.
        CutShort = "BND05",
        /// It lies under a passphrase, and none was given.
        Covered = "BND06",
        /// It lies under a passphrase, and this is not it.
        WrongPassphrase = "BND07",
    }
}

const HEADER: u8 = 64;
const CHECKPOINT: u8 = 65;
const FILE: u8 = 66;
const END: u8 = 67;

const MAGIC: &str = "tansiq-bundle v1";

/// What a bundle says of itself before anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The channel.
    pub channel: ChannelId,
    /// Whose log it carries.
    pub from: PartyId,
    /// Whom it is for.
    pub to: PartyId,
    /// The place of the first entry.
    pub entries: u64,
    /// The late records that it carries are those after this number.
    pub late: u64,
    /// How many of the recipient's late records its writer has taken in.
    pub taken: u64,
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Header { channel, from, to, entries, late, taken } = self;
        write!(f, "{MAGIC}\nchannel {channel}\nfrom {from}\nto {to}\nentries {entries}\nlate {late}\ntaken {taken}\n")
    }
}

impl Header {
    /// Reads the text of a header. What it accepts, `Display` writes again byte for byte.
    #[must_use]
    pub fn parse(text: &str) -> Option<Header> {
        fn next<'t, T: std::str::FromStr>(lines: &mut impl Iterator<Item = &'t str>, name: &str) -> Option<T> {
            lines.next()?.strip_prefix(name)?.strip_prefix(' ')?.parse().ok()
        }
        let mut lines = text.lines();
        lines.next().filter(|line| *line == MAGIC)?;
        let header = Header {
            channel: next(&mut lines, "channel")?,
            from: next(&mut lines, "from")?,
            to: next(&mut lines, "to")?,
            entries: next(&mut lines, "entries")?,
            late: next(&mut lines, "late")?,
            taken: next(&mut lines, "taken")?,
        };
        (header.to_string() == text).then_some(header)
    }
}

/// What was written into a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    /// The channel.
    pub channel: ChannelId,
    /// Whom it is for.
    pub to: PartyId,
    /// The place of its first entry.
    pub from: u64,
    /// The size of the log to which its entries lead.
    pub size: u64,
    /// The number of its last late record.
    pub late: u64,
    /// Of which logs it carries a checkpoint with the cosignatures known here.
    pub checkpoints: Vec<PartyId>,
    /// How many files of dossiers it carries.
    pub files: usize,
}

/// Writes a bundle for `to`: this node's own log from `from` on, or from where `to` is known to hold it. It is put together
/// piece by piece, and whether a record or a file goes along is decided as it is written.
///
/// # Errors
/// When `to` is no other party of the channel, or the store, a key or the output fails.
pub fn write(
    node: &Node,
    channel: &ChannelId,
    to: &PartyId,
    from: Option<u64>,
    with_files: bool,
    out: &mut dyn Write,
) -> Result<Written, Trouble> {
    let own = &node.identity.party;
    let about = node.store.read_now(|connection| -> Result<_, Fault> {
        let Some(charter) = channels::charter(connection, channel)? else { return Ok(None) };
        let known = logs::newest_cosignature(connection, channel, own, to)?.map_or(0, |(size, _)| size);
        let header = Header {
            channel: channel.clone(),
            from: own.clone(),
            to: to.clone(),
            entries: from.unwrap_or(known),
            late: bundles::told(connection, channel, to)?,
            taken: late::taken(connection, channel, to)?,
        };
        Ok(Some((charter, header)))
    })?;
    let Some((charter, header)) = about.filter(|(charter, _)| to != own && charter.parties.contains_key(to)) else {
        return Err(Fault::Setup(format!("{to} is not another party of the channel {channel}")).into());
    };
    let unwritten = || Fault::file("cannot write the bundle");
    let note = signed(node, channel, &header)?;
    out.write_all(&frame(HEADER, note.to_string().as_bytes())).map_err(unwritten())?;

    let mut checkpoints = Vec::new();
    for party in charter.parties.keys().filter(|party| *party != own) {
        let note = node.store.read_now(|connection| {
            let shown = node.identity.shown(connection, channel, party)?;
            super::cosigned_checkpoint(connection, channel, party, shown)
        })?;
        if let Some(note) = note {
            out.write_all(&frame(CHECKPOINT, note.as_bytes())).map_err(unwritten())?;
            checkpoints.push(party.clone());
        }
    }
    let mut size = header.entries;
    loop {
        let (bytes, next) = node.store.read_now(|connection| {
            let shown = node.identity.shown(connection, channel, own)?;
            super::frames_for(connection, channel, own, to, (size, shown))
        })?;
        if bytes.is_empty() {
            break;
        }
        out.write_all(&bytes).map_err(unwritten())?;
        size = next;
    }
    // The cosignatures that others gave this log: in a channel of more than two, the recipient shows them too.
    if let Some(note) = node.store.read_now(|connection| own_checkpoint(connection, channel, own, size))? {
        out.write_all(&frame(CHECKPOINT, note.as_bytes())).map_err(unwritten())?;
        checkpoints.push(own.clone());
    }
    let mut late = header.late;
    loop {
        let (bytes, next) = node.store.read_now(|connection| super::late::frames_for(connection, channel, own, to, late))?;
        if bytes.is_empty() {
            break;
        }
        out.write_all(&bytes).map_err(unwritten())?;
        late = next;
    }
    let files = if with_files { files::write(node, channel, to, out)? } else { 0 };
    out.write_all(&frame(END, &[size.to_be_bytes(), late.to_be_bytes()].concat())).map_err(unwritten())?;
    out.flush().map_err(unwritten())?;
    Ok(Written { channel: header.channel, to: header.to, from: header.entries, size, late, checkpoints, files })
}

fn own_checkpoint(connection: &Connection, channel: &ChannelId, own: &PartyId, size: u64) -> Result<Option<String>, Fault> {
    let Some(note) = logs::checkpoint(connection, channel, own, size)? else { return Ok(None) };
    super::with_cosignatures(connection, channel, own, size, &note).map(Some)
}

fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.frame(kind, &[payload]);
    writer.take()
}

/// The header, signed with the oldest of this node's keys that count.
fn signed(node: &Node, channel: &ChannelId, header: &Header) -> Result<Note, Fault> {
    let ring = node.store.read_now(|connection| keyring::of(connection, channel))?;
    let counting = ring.map(|ring| ring.log_keys(&node.identity.party, keyring::NOW)).unwrap_or_default();
    let origin = format!("{}/{channel}", node.identity.node);
    let signer = node.identity.keys.log_signers(&origin, &counting)?.into_iter().next();
    let signer = signer.ok_or_else(|| Fault::Key(format!("no log key of this node counts in channel {channel}")))?;
    Note::sign(header.to_string(), &signer).map_err(|error| Fault::Key(error.to_string()))
}

/// Whether the note of a header is one that the log of the party it names has signed.
fn signed_header(ring: &Keyring, header: &Header, note: &Note) -> bool {
    note.verify(&ring.log_keys(&header.from, keyring::NOW)).is_ok()
}

/// The largest frame of a bundle, its type and length not counted.
const LARGEST: usize = MAX_FRAME;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_reads_back_as_it_was_written_and_nothing_else_does() {
        let header = Header {
            channel: "0123456789abcdef0123456789abcdef".parse().unwrap(),
            from: "IRQ".parse().unwrap(),
            to: "TUR".parse().unwrap(),
            entries: 120,
            late: 3,
            taken: 0,
        };
        let text = header.to_string();
        assert_eq!(Header::parse(&text), Some(header));
        for place in 0..text.len() {
            let (before, after) = text.split_at(place);
            assert_eq!(Header::parse(before), None);
            assert_eq!(Header::parse(&format!("{before}+{after}")), None, "+ at {place}");
        }
        assert_eq!(Header::parse(&text.replace("v1", "v2")), None);
        assert_eq!(Header::parse(&text.replace("entries 120", "entries 0120")), None);
    }
}
