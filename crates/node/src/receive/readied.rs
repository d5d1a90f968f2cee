//! What can be done of a peer's batch before it reaches the writer.

use super::{Batch, Content, ReceivedEntry};
use memchr::memmem::Finder;
use std::sync::LazyLock;
use tansiq_dossier::record::{Record, RecordId, Unreadable};

/// A batch with its records hashed and, as far as there is room for them, read: that needs nothing of the store, whose one writer
/// has less left to do.
#[derive(Debug)]
pub struct Readied {
    /// The place of the first entry.
    pub from: u64,
    /// The entries, each with what its record came to.
    pub entries: Vec<(ReceivedEntry, Option<Read>)>,
    /// The checkpoint, a signed note.
    pub note: String,
}

/// How much the records of one batch may weigh that are read before their turn: about as many bytes of memory. An honest batch
/// fits; of one that is made to be large when it is read, the rest is read one after another.
const AHEAD: usize = 8 * 1024 * 1024;

/// About how many bytes a record takes once it is read: its body stays text, and of what stands before it, each name and value is
/// less than 72.
fn weight(bytes: &[u8]) -> usize {
    static BODY: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(",\"body\":"));
    let head = BODY.find(bytes).and_then(|end| bytes.get(..end)).unwrap_or(bytes);
    bytes.len() + 72 * memchr::memchr_iter(b',', head).count()
}

/// What the bytes of a record came to.
#[derive(Debug)]
pub struct Read {
    pub(super) id: RecordId,
    /// Nothing where it has not been read yet.
    pub(super) record: Option<Result<Record, Unreadable>>,
}

impl Read {
    fn of(content: &Content, room: &mut usize) -> Read {
        let left = room.checked_sub(weight(&content.bytes));
        *room = left.unwrap_or(*room);
        let record = left.map(|_| Record::parse(&content.bytes));
        Read { id: RecordId::commit(&content.salt, &content.bytes), record }
    }
}

impl From<Batch> for Readied {
    fn from(Batch { from, entries, note }: Batch) -> Readied {
        let mut room = AHEAD;
        let read = |entry: ReceivedEntry| {
            let read = entry.content.as_ref().map(|content| Read::of(content, &mut room));
            (entry, read)
        };
        Readied { from, entries: entries.into_iter().map(read).collect(), note }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readied(bytes: &[u8], count: usize) -> (usize, usize) {
        let content = Content { salt: [1; 32], bytes: bytes.to_vec(), disclosures: Vec::new() };
        let entries = vec![ReceivedEntry { entry: [2; 32], content: Some(content) }; count];
        let readied = Readied::from(Batch { from: 0, entries, note: String::new() });
        let ahead = readied.entries.iter().filter(|(_, read)| read.as_ref().is_some_and(|read| read.record.is_some())).count();
        (ahead, readied.entries.len())
    }

    /// A caveat of one letter takes ten times the bytes that it is written with: a batch of nothing else would fill the memory of a
    /// small machine if it were read at once.
    #[test]
    fn no_more_of_a_batch_is_read_ahead_than_there_is_room_for() {
        let record = |caveats: &str, body: &str| {
            format!(
                r#"{{"v":1,"kind":"probe","act":"send","dossier":"IRQ-aeaqcaibaeaqcaibaeaqcaibae","by":{{"party":"IRQ","institution":"irq.mofa","officer":"irq.mofa.secretary","role":"secretary"}},"at":"2026-11-30T10:36:56Z","seen":{{"IRQ":39,"TUR":1}},"label":{{"class":"restricted","caveats":[{caveats}"x"]}},"audience":["IRQ","TUR"],"body":{body}}}"#
            )
        };
        let honest = record("", &format!(r#"{{"text":"{}"}}"#, "a".repeat(1500)));
        assert_eq!(readied(honest.as_bytes(), 1000), (1000, 1000));
        // An object of one member would take a hundred times its bytes; a body stays text until somebody asks for its values.
        let dense = record("", &format!("[{}0]", "{\"\":0},".repeat(30_000)));
        assert_eq!(readied(dense.as_bytes(), 30), (30, 30));
        let caveats = record(&"\"c\",".repeat(30_000), "{}");
        assert_eq!(readied(caveats.as_bytes(), 30), (3, 30));
        let elsewhere = format!(r#"{{"body":[{}0],"v":1}}"#, "0,".repeat(40_000));
        assert_eq!(readied(elsewhere.as_bytes(), 30), (2, 30));
    }
}
