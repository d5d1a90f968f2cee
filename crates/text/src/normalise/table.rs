//! What the folding gives for the characters that nearly every text is made of, computed once.

use super::decompose;
use std::sync::LazyLock;

/// Latin, Greek, Cyrillic, Hebrew and Arabic (U+0000 … U+06FF).
const LETTERS: u32 = 0x700;
/// General punctuation (U+2000 … U+206F), where dashes, quotes and direction marks stand.
const MARKS: std::ops::Range<u32> = 0x2000..0x2070;
/// No character of these blocks folds to more.
const MOST: usize = 4;

#[derive(Clone, Copy)]
struct Entry {
    chars: [char; MOST],
    length: Option<u8>,
}

pub(super) struct Table {
    letters: Vec<Entry>,
    marks: Vec<Entry>,
}

pub(super) static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table { letters: (0..LETTERS).map(entry).collect(), marks: MARKS.map(entry).collect() });

fn entry(code: u32) -> Entry {
    let mut out = Vec::new();
    if let Some(c) = char::from_u32(code) {
        decompose(c, &mut out);
    }
    let mut chars = ['\0'; MOST];
    for (place, c) in chars.iter_mut().zip(&out) {
        *place = *c;
    }
    Entry { chars, length: u8::try_from(out.len()).ok().filter(|n| usize::from(*n) <= MOST) }
}

impl Table {
    /// The folded form of a character; `None` for one that stands in no table.
    pub(super) fn get(&self, c: char) -> Option<&[char]> {
        let code = u32::from(c);
        let (entries, at) = if code < LETTERS { (&self.letters, code) } else { (&self.marks, code.checked_sub(MARKS.start)?) };
        let entry = entries.get(usize::try_from(at).ok()?)?;
        entry.chars.get(..usize::from(entry.length?))
    }
}
