//! Files of dossiers in a bundle: in pieces, which are put together on the other side as those are that a peer brings.
//!
//! The payload of a piece is the file's SHA-256 (64 hexadecimal digits), the place of its first byte in the file (8 bytes,
//! big-endian), the length of the dossier's identifier (1 byte), the identifier, and the bytes.

use super::{FILE, Header, frame};
use crate::access::{Authorized, Environment, Subject, ToSend};
use crate::exchange::blob::{self, Completed};
use crate::fault::{Fault, Protocol, Trouble};
use crate::node::Node;
use crate::store::attachments::{self, Attached, Held};
use crate::store::channels;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::label::Label;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::DossierId;

/// How many bytes of a file are in one frame at most.
const PIECE: u64 = 128 * 1024;

/// Writes this party's own files that `to` may have and is not known to have. Whether one goes along is decided here, at the
/// moment of writing. Gives how many were written.
pub(super) fn write(node: &Node, channel: &ChannelId, to: &PartyId, out: &mut dyn Write) -> Result<usize, Trouble> {
    let own = &node.identity.party;
    let (files, class) = node.store.read_now(|connection| -> Result<_, Fault> {
        let files = attachments::to_bring(connection, &BTreeSet::from([channel.clone()]), own, to)?;
        Ok((files, channels::class(connection, channel)?))
    })?;
    let Some(class) = class else { return Ok(0) };
    let mut written = 0;
    for file in files {
        let audience = file.audience.clone();
        let environment = Environment { audience: &audience, own, class };
        // A party reads what its dossiers hold whatever their level: the label binds its own officers at home.
        let decided = Authorized::<Attached, ToSend>::decide(file, Subject::Party(to), &Label::default(), environment);
        let Ok(file) = decided.map(Authorized::into_value) else { continue };
        let Some((mut open, _)) = node.blobs.open(&file.hash)? else { continue };
        let (mut place, mut piece) = (0_u64, Vec::new());
        loop {
            piece.clear();
            let read = (&mut open).take(PIECE).read_to_end(&mut piece).map_err(Fault::file("cannot read a file of a dossier"))?;
            if read == 0 {
                break;
            }
            out.write_all(&frame(FILE, &payload(&file, place, &piece))).map_err(Fault::file("cannot write the bundle"))?;
            place += read as u64;
        }
        written += 1;
    }
    Ok(written)
}

fn payload(file: &Attached, place: u64, piece: &[u8]) -> Vec<u8> {
    let dossier = file.dossier.as_str().as_bytes();
    let length = u8::try_from(dossier.len()).unwrap_or(u8::MAX);
    [file.hash.to_string().as_bytes(), &place.to_be_bytes(), &[length], dossier, piece].concat()
}

/// Takes apart the payload of a piece: which file, of which dossier, from which place on, and the bytes.
fn parse(payload: &[u8]) -> Option<(ContentHash, DossierId, u64, &[u8])> {
    let (hash, rest) = payload.split_at_checked(64)?;
    let (place, rest) = rest.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first()?;
    let (dossier, bytes) = rest.split_at_checked(usize::from(*length))?;
    let hash = std::str::from_utf8(hash).ok()?.parse().ok()?;
    let dossier = std::str::from_utf8(dossier).ok()?.parse().ok()?;
    Some((hash, dossier, u64::from_be_bytes(*place), bytes))
}

/// Takes in a piece of a file that the writer of the bundle attached and that is not here yet. Says whether the file is whole
/// and in its place now. A piece of anything else is passed over, and so is one that does not continue what has come.
pub(super) async fn take(node: &Node, header: &Header, payload: &[u8]) -> Result<bool, Trouble> {
    let (hash, dossier, place, bytes) = parse(payload).ok_or(Protocol::Frame("a piece of a file without its place"))?;
    let found = node.store.read_now(|connection| attachments::find(connection, &header.channel, &dossier, &hash))?;
    let wanted = found.filter(|file| file.party == header.from && file.held == Held::No);
    let Some(file) = wanted else { return Ok(false) };
    let Some(mut partial) = node.blobs.partial(&file.hash, file.size, &file.party)? else { return Ok(false) };
    if place == partial.held() {
        let mut appending = partial.append().await?;
        let fits = appending.write(bytes).await?;
        appending.close().await?;
        if !fits {
            partial.discard()?;
            return Err(Protocol::Answer("more bytes than the file has".to_owned()).into());
        }
    }
    // Bytes that are not those of the hash are thrown away there, and a later bundle brings the file again.
    Ok(partial.missing() == 0 && blob::complete(node, &file, partial).await? == Completed::Kept)
}
