//! The frames in which entries travel, on the wire and in bundles.
//!
//! A frame is a type (one byte), a length (four bytes, big-endian) and as many bytes. An entry comes first, then the record
//! under it where the reader may have it, then disclosures of its sealed fields. A checkpoint closes a batch: what came since
//! the last one is kept only if it leads to that checkpoint.

use crate::fault::Protocol;
use crate::receive::{Batch, Content, ReceivedEntry};
use tansiq_dossier::record::{MAX_RECORD, Salt};

/// The largest frame: a record with its salt, or a disclosure of the same size.
pub const MAX_FRAME: usize = MAX_RECORD + 64;
/// The most entries in a batch.
pub const MAX_BATCH_ENTRIES: usize = 8192;
/// The most bytes in a batch, with [`OVERHEAD`] for each frame. A node signs its own log often enough for a batch to be an
/// eighth of it (`crate::store::work`).
pub const MAX_BATCH_BYTES: usize = 16 * 1024 * 1024;
/// What a frame counts besides its bytes: what holding it takes, even if it is empty.
pub const OVERHEAD: usize = 64;

const ENTRY: u8 = 1;
const RECORD: u8 = 2;
const DISCLOSURE: u8 = 3;
const CHECKPOINT: u8 = 4;

/// A record on its way out, with the disclosures of sealed fields that go along.
pub(super) struct Leaving<'a> {
    pub(super) salt: Salt,
    pub(super) bytes: &'a [u8],
    pub(super) disclosures: Vec<String>,
}

/// Writes frames one after another.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Makes room for about so many entries with records of the usual size.
    pub fn make_room(&mut self, entries: u64) {
        let bytes = usize::try_from(entries).unwrap_or(usize::MAX).saturating_mul(2048);
        self.bytes.reserve(bytes.min(2 * 1024 * 1024));
    }

    pub(super) fn frame(&mut self, kind: u8, parts: &[&[u8]]) {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        self.bytes.push(kind);
        self.bytes.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
    }

    /// Writes an entry, and its content where the reader may have it.
    pub fn entry(&mut self, entry: &ReceivedEntry) {
        let content = entry.content.as_ref();
        let leaving = content.map(|content| Leaving {
            salt: content.salt,
            bytes: &content.bytes,
            disclosures: content.disclosures.clone(),
        });
        self.leaving(&entry.entry, leaving.as_ref());
    }

    /// The same for what lies elsewhere.
    pub(super) fn leaving(&mut self, entry: &[u8; 32], content: Option<&Leaving<'_>>) {
        self.frame(ENTRY, &[entry]);
        if let Some(Leaving { salt, bytes, disclosures }) = content {
            self.frame(RECORD, &[salt, bytes]);
            for disclosure in disclosures {
                self.frame(DISCLOSURE, &[disclosure.as_bytes()]);
            }
        }
    }

    /// Closes a batch with its checkpoint.
    pub fn checkpoint(&mut self, note: &str) {
        self.frame(CHECKPOINT, &[note.as_bytes()]);
    }

    /// The bytes so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Takes back what was written after so many bytes.
    pub fn take_back(&mut self, length: usize) {
        self.bytes.truncate(length);
    }

    /// Whether nothing has been written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Takes the bytes written so far.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

/// Reads frames from bytes that come in pieces of any size, and puts batches together. Holds at most one batch.
#[derive(Debug)]
pub struct Reader {
    buffer: Vec<u8>,
    start: usize,
    next: u64,
    batch_bytes: usize,
    entries: Vec<ReceivedEntry>,
}

impl Reader {
    /// A reader of entries that begin at place `from` of their log.
    #[must_use]
    pub fn new(from: u64) -> Reader {
        Reader { buffer: Vec::new(), start: 0, next: from, batch_bytes: 0, entries: Vec::new() }
    }

    /// Takes in further bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.start > 0 && self.start == self.buffer.len() {
            self.buffer.clear();
            self.start = 0;
        } else if self.start > MAX_FRAME {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole batch, if its bytes are here.
    ///
    /// # Errors
    /// [`Protocol::Frame`] when the bytes are not frames in the order above, or a limit is passed.
    pub fn batch(&mut self) -> Result<Option<Batch>, Protocol> {
        while let Some((kind, length)) = self.header()? {
            let begin = self.start + 5;
            let Some(payload) = self.buffer.get(begin..begin + length) else { return Ok(None) };
            self.batch_bytes += length + OVERHEAD;
            if self.batch_bytes > MAX_BATCH_BYTES || self.entries.len() > MAX_BATCH_ENTRIES {
                return Err(Protocol::Frame("a batch is larger than a batch may be"));
            }
            let closed = take_in(kind, payload, &mut self.entries)?;
            self.start = begin + length;
            if let Some(note) = closed {
                let entries = std::mem::take(&mut self.entries);
                let from = self.next;
                self.next = from.checked_add(entries.len() as u64).ok_or(Protocol::Frame("entries beyond the end of any log"))?;
                self.batch_bytes = 0;
                return Ok(Some(Batch { from, entries, note }));
            }
        }
        Ok(None)
    }

    /// Checks that nothing is left over at the end.
    ///
    /// # Errors
    /// [`Protocol::Frame`] when the bytes ended within a frame or a batch.
    pub fn finish(&self) -> Result<(), Protocol> {
        if self.start < self.buffer.len() {
            return Err(Protocol::Frame("the bytes end within a frame"));
        }
        if !self.entries.is_empty() {
            return Err(Protocol::Frame("the bytes end before the checkpoint of their batch"));
        }
        Ok(())
    }

    fn header(&self) -> Result<Option<(u8, usize)>, Protocol> {
        let Some(&[kind, a, b, c, d]) = self.buffer.get(self.start..self.start + 5) else { return Ok(None) };
        if !(ENTRY..=CHECKPOINT).contains(&kind) {
            return Err(Protocol::Frame("unknown type of frame"));
        }
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        if length > MAX_FRAME {
            return Err(Protocol::Frame("longer than a frame may be"));
        }
        Ok(Some((kind, length)))
    }
}

fn take_in(kind: u8, payload: &[u8], entries: &mut Vec<ReceivedEntry>) -> Result<Option<String>, Protocol> {
    match kind {
        ENTRY => {
            let entry = payload.try_into().map_err(|_| Protocol::Frame("an entry is not 32 bytes"))?;
            entries.push(ReceivedEntry { entry, content: None });
        }
        RECORD => {
            let (salt, bytes) = payload.split_first_chunk().ok_or(Protocol::Frame("a record without its salt"))?;
            let entry = entries.last_mut().filter(|entry| entry.content.is_none());
            let entry = entry.ok_or(Protocol::Frame("a record without its entry"))?;
            entry.content = Some(Content { salt: *salt, bytes: bytes.to_vec(), disclosures: Vec::new() });
        }
        DISCLOSURE => {
            let text = std::str::from_utf8(payload).ok().filter(|text| text.is_ascii());
            let text = text.ok_or(Protocol::Frame("a disclosure that is not ASCII"))?;
            let content = entries.last_mut().and_then(|entry| entry.content.as_mut());
            content.ok_or(Protocol::Frame("a disclosure without its record"))?.disclosures.push(text.to_owned());
        }
        _ => {
            let note = std::str::from_utf8(payload).map_err(|_| Protocol::Frame("a checkpoint that is not UTF-8"))?;
            return Ok(Some(note.to_owned()));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<Batch> {
        let entry = |n: u8, content| ReceivedEntry { entry: [n; 32], content };
        let content = Content { salt: [9; 32], bytes: b"{}".to_vec(), disclosures: vec!["WyJh".into(), "WyJi".into()] };
        vec![
            Batch { from: 7, entries: vec![entry(1, None), entry(2, Some(content))], note: "a\n".into() },
            Batch { from: 9, entries: vec![entry(3, None)], note: "b\n".into() },
        ]
    }

    fn bytes() -> Vec<u8> {
        let mut writer = Writer::default();
        for batch in sample() {
            batch.entries.iter().for_each(|entry| writer.entry(entry));
            writer.checkpoint(&batch.note);
        }
        writer.take()
    }

    #[test]
    fn batches_come_out_whole_however_the_bytes_are_cut() {
        for piece in [1, 2, 3, 7, 64, 4096] {
            let mut reader = Reader::new(7);
            let mut found = Vec::new();
            for part in bytes().chunks(piece) {
                reader.feed(part);
                while let Some(batch) = reader.batch().unwrap() {
                    found.push(batch);
                }
            }
            reader.finish().unwrap();
            assert_eq!(found, sample());
        }
    }

    #[test]
    fn truncated_bytes_never_make_a_batch() {
        let all = bytes();
        for end in 0..all.len() {
            let mut reader = Reader::new(7);
            reader.feed(&all[..end]);
            let mut whole = 0;
            while let Some(batch) = reader.batch().unwrap() {
                assert_eq!(batch, sample()[whole]);
                whole += 1;
            }
            assert!(whole < 2);
            let boundary = end == 0 || whole == 1 && reader.finish().is_ok();
            assert_eq!(reader.finish().is_ok(), boundary);
        }
    }

    /// Frames that are as small as can be, without a checkpoint: they count for what it takes to hold them.
    #[test]
    fn endless_frames_are_refused_before_they_take_more_memory_than_a_batch() {
        let mut writer = Writer::default();
        let content = Content { salt: [9; 32], bytes: Vec::new(), disclosures: vec![String::new(); 1000] };
        writer.entry(&ReceivedEntry { entry: [1; 32], content: Some(content) });
        let mut reader = Reader::new(0);
        reader.feed(&writer.take());
        let empty: Vec<u8> = [3, 0, 0, 0, 0].repeat(1000);
        let mut fed = 0;
        while matches!(reader.batch(), Ok(None)) {
            reader.feed(&empty);
            fed += empty.len();
            assert!(fed <= MAX_BATCH_BYTES / OVERHEAD * 6, "{fed}");
        }
        let mut writer = Writer::default();
        (0..=MAX_BATCH_ENTRIES + 1).for_each(|_| writer.entry(&ReceivedEntry { entry: [1; 32], content: None }));
        let mut reader = Reader::new(0);
        reader.feed(&writer.take());
        assert!(reader.batch().is_err());
    }

    #[test]
    fn a_place_beyond_the_end_of_any_log_is_no_place() {
        let mut writer = Writer::default();
        (0..2).for_each(|_| writer.entry(&ReceivedEntry { entry: [1; 32], content: None }));
        writer.checkpoint("a\n");
        let bytes = writer.take();
        for from in [u64::MAX, u64::MAX - 1] {
            let mut reader = Reader::new(from);
            reader.feed(&bytes);
            assert!(reader.batch().is_err(), "{from}");
        }
    }

    #[test]
    fn absurd_frames_are_refused_before_they_are_read() {
        let refused = |bytes: &[u8]| {
            let mut reader = Reader::new(0);
            reader.feed(bytes);
            reader.batch().unwrap_err()
        };
        assert_eq!(refused(&[9, 0, 0, 0, 0]), Protocol::Frame("unknown type of frame"));
        assert_eq!(refused(&[2, 255, 255, 255, 255]), Protocol::Frame("longer than a frame may be"));
        assert_eq!(refused(&[1, 0, 0, 0, 1, 0]), Protocol::Frame("an entry is not 32 bytes"));
        assert_eq!(refused(&[3, 0, 0, 0, 1, b'a']), Protocol::Frame("a disclosure without its record"));
    }

    /// A hundred thousand streams, each a good one with a few bytes changed, cut or doubled. None may panic, and what is put
    /// together stays within what came.
    #[test]
    fn damaged_streams_are_read_or_refused_and_never_panic() {
        let good = bytes();
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = |below: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            usize::try_from(seed % below as u64).unwrap()
        };
        let mut refused = 0;
        for _ in 0..100_000 {
            let mut stream = good.clone();
            for _ in 0..=next(3) {
                let at = next(stream.len());
                match next(3) {
                    0 => stream[at] = u8::try_from(next(256)).unwrap(),
                    1 => stream.truncate(at + 1),
                    _ => stream.insert(at, stream[at]),
                }
            }
            let mut reader = Reader::new(0);
            let mut entries = 0;
            for piece in stream.chunks(1 + next(80)) {
                reader.feed(piece);
                loop {
                    match reader.batch() {
                        Ok(Some(batch)) => entries += batch.entries.len(),
                        Ok(None) => break,
                        Err(_) => {
                            refused += 1;
                            break;
                        }
                    }
                }
            }
            assert!(entries * 32 <= stream.len());
        }
        assert!(refused > 10_000, "{refused} streams were refused: the damage reached the frames");
    }
}
