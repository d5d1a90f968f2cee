//! Records that are released after their entries have been passed on: how they travel, and who gives what.
//!
//! A party gives only records of its own log, each with its place there; the receiver knows the entry already, and takes
//! the record only if the entry commits to it. A frame is a type (one byte), a length (four bytes, big-endian) and as many
//! bytes: a late record is its number (8), its place (8), its salt (32) and its bytes; the end of a piece is its last number.

use super::Outgoing;
use crate::fault::{Fault, Protocol};
use crate::receive::{Content, Late, LatePiece};
use crate::store::db::Connection;
use crate::store::{channels, dossiers, late, records};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::MAX_RECORD;

const RECORD: u8 = 5;
const END: u8 = 6;
const HEADER: usize = 5;
const PREFIX: usize = 8 + 8 + 32;

/// How many late records are put in one piece at most.
const PIECE: u64 = 256;
/// After how many bytes a piece is closed.
const SEND: usize = 1024 * 1024;
/// How many bytes a piece may have at most: those before the last record, and the last record. What peers send that close
/// pieces by number alone still fits.
pub const MAX_PIECE: usize = 16 * 1024 * 1024;

/// The late records for `to` after number `after`, as one piece of frames, and the number that they lead to. Whether a record
/// goes along is decided here, at the moment of sending. Empty when there is nothing further.
///
/// # Errors
/// When the store fails.
pub fn frames_for(
    connection: &Connection,
    channel: &ChannelId,
    own: &PartyId,
    to: &PartyId,
    after: u64,
) -> Result<(Vec<u8>, u64), Fault> {
    let Some(class) = channels::class(connection, channel)? else { return Ok((Vec::new(), after)) };
    let mut bytes = Vec::new();
    let mut last = after;
    for (number, index) in late::after(connection, channel, to, after, PIECE)? {
        if bytes.len() >= SEND {
            break;
        }
        last = number;
        let Some(stored) = records::at(connection, channel, own, index)? else { continue };
        let Some(dossier) = &stored.dossier else { continue };
        let Some(dossier) = dossiers::get(connection, channel, dossier)? else { continue };
        let content = Content { salt: stored.salt, bytes: stored.bytes, disclosures: Vec::new() };
        let Some(content) = Outgoing { own, to, audience: &dossier.audience, class }.leave_for(content) else { continue };
        frame(&mut bytes, RECORD, &[&number.to_be_bytes(), &index.to_be_bytes(), &content.salt, &content.bytes]);
    }
    if last > after {
        frame(&mut bytes, END, &[&last.to_be_bytes()]);
    }
    Ok((bytes, last))
}

fn frame(bytes: &mut Vec<u8>, kind: u8, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    bytes.push(kind);
    bytes.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
}

/// Reads pieces from bytes that come in parts of any size. Holds at most one piece.
#[derive(Debug, Default)]
pub struct Reader {
    buffer: Vec<u8>,
    records: Vec<Late>,
    held: usize,
}

impl Reader {
    /// Takes in further bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole piece, if its bytes are here.
    ///
    /// # Errors
    /// [`Protocol::Frame`] when the bytes are not frames of this sort, or a limit is passed.
    pub fn piece(&mut self) -> Result<Option<LatePiece>, Protocol> {
        let mut start = 0;
        let mut found = None;
        while let Some(&[kind, a, b, c, d]) = self.buffer.get(start..start + HEADER) {
            let length = u32::from_be_bytes([a, b, c, d]) as usize;
            if !matches!(kind, RECORD | END) || length > MAX_RECORD + PREFIX {
                return Err(Protocol::Frame("no frame of a late record"));
            }
            let Some(payload) = self.buffer.get(start + HEADER..start + HEADER + length) else { break };
            start += HEADER + length;
            if kind == END {
                let number =
                    payload.try_into().map(u64::from_be_bytes).map_err(|_| Protocol::Frame("an end without its number"))?;
                self.held = 0;
                found = Some(LatePiece { number, records: std::mem::take(&mut self.records) });
                break;
            }
            self.records.push(late_record(payload)?);
            self.held += length;
            if self.records.len() as u64 > PIECE || self.held > MAX_PIECE {
                return Err(Protocol::Frame("a piece is larger than a piece may be"));
            }
        }
        self.buffer.drain(..start);
        Ok(found)
    }

    /// Checks that nothing is left over at the end.
    ///
    /// # Errors
    /// [`Protocol::Frame`] when the bytes ended within a frame or a piece.
    pub fn finish(&self) -> Result<(), Protocol> {
        if self.buffer.is_empty() && self.records.is_empty() {
            Ok(())
        } else {
            Err(Protocol::Frame("the bytes end within a piece"))
        }
    }
}

fn late_record(payload: &[u8]) -> Result<Late, Protocol> {
    let short = || Protocol::Frame("a late record without its place");
    let (_number, rest) = payload.split_first_chunk::<8>().ok_or_else(short)?;
    let (index, rest) = rest.split_first_chunk::<8>().ok_or_else(short)?;
    let (salt, bytes) = rest.split_first_chunk::<32>().ok_or_else(short)?;
    let content = Content { salt: *salt, bytes: bytes.to_vec(), disclosures: Vec::new() };
    Ok(Late { index: u64::from_be_bytes(*index), content })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let mut bytes = Vec::new();
        for number in 1..4_u64 {
            frame(&mut bytes, RECORD, &[&number.to_be_bytes(), &(number * 7).to_be_bytes(), &[9; 32], b"{}"]);
        }
        frame(&mut bytes, END, &[&3_u64.to_be_bytes()]);
        bytes
    }

    #[test]
    fn a_piece_comes_out_whole_however_the_bytes_are_cut() {
        for size in [1, 5, 13, 4096] {
            let mut reader = Reader::default();
            let mut pieces = Vec::new();
            for part in sample().chunks(size) {
                reader.feed(part);
                pieces.extend(reader.piece().unwrap());
            }
            reader.finish().unwrap();
            assert_eq!(pieces.len(), 1);
            assert_eq!(pieces[0].number, 3);
            assert_eq!(pieces[0].records.iter().map(|late| late.index).collect::<Vec<_>>(), [7, 14, 21]);
        }
    }

    #[test]
    fn what_is_cut_short_or_absurd_makes_no_piece() {
        for end in 1..sample().len() {
            let mut reader = Reader::default();
            reader.feed(&sample()[..end]);
            assert!(reader.piece().unwrap().is_none());
            assert!(reader.finish().is_err());
        }
        for bad in [&[9, 0, 0, 0, 0][..], &[5, 255, 255, 255, 255], &[5, 0, 0, 0, 1, 0], &[6, 0, 0, 0, 1, 0]] {
            let mut reader = Reader::default();
            reader.feed(bad);
            assert!(reader.piece().is_err(), "{bad:?}");
        }
    }
}
