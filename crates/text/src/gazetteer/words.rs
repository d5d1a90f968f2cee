//! Every word of every list, numbered once, and which lists have a phrase that begins with it.

use super::groups::{Group, Groups};

/// A set of lists, by their numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Bits([u64; Bits::PARTS]);

impl Bits {
    const PARTS: usize = 4;
    /// The numbers a set can hold are below this.
    pub(crate) const MOST: usize = 64 * Self::PARTS;

    /// Adds a number. One that is too large falls on a smaller one.
    pub(crate) fn insert(&mut self, n: usize) {
        if let Some(part) = self.0.get_mut(n / 64 % Self::PARTS) {
            *part |= 1 << (n % 64);
        }
    }

    /// Adds the numbers of another set.
    pub(crate) fn extend(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a |= b);
    }

    /// The numbers that stand in both.
    pub(crate) fn both(self, other: Self) -> Self {
        let mut out = self;
        out.0.iter_mut().zip(other.0).for_each(|(a, b)| *a &= b);
        out
    }

    /// The number stands in the set.
    pub(crate) fn has(&self, n: usize) -> bool {
        self.0.get(n / 64 % Self::PARTS).is_some_and(|part| part >> (n % 64) & 1 != 0)
    }
}

/// The words of a lexicon.
#[derive(Debug, Default)]
pub(crate) struct Words {
    /// Open addressing: half of a word's hash, and its number plus one, or 0. A power of two long, and never more than half full.
    slots: Vec<(u32, u32)>,
    words: Vec<Box<str>>,
    /// For each word, the lists that have a phrase beginning with it.
    roots: Vec<Bits>,
    /// For each word, the groups of `word_groups.tsv` that it stands in.
    groups: Vec<Groups>,
    /// How many lists have asked for a number.
    lists: usize,
    /// The lists that are matched with stems.
    stemmed: Bits,
    /// The lists that are matched as printed.
    printed: Bits,
}

/// FNV-1a: the words are our own, so nobody can choose them to collide.
fn hash(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
}

impl Words {
    /// A number for one list. With more lists than fit some share one, which costs time and changes nothing.
    pub(crate) fn list(&mut self, stems: bool) -> usize {
        let list = self.lists % Bits::MOST;
        self.lists += 1;
        let kind = if stems { &mut self.stemmed } else { &mut self.printed };
        kind.insert(list);
        list
    }

    /// The lists that may have a phrase beginning at a token, by those of its readings with and without the article.
    pub(crate) fn beginning(&self, fronts: Bits, stems: Bits) -> Bits {
        let mut out = fronts.both(self.printed);
        out.extend(stems.both(self.stemmed));
        out
    }

    /// Where the word is, or the empty slot where it belongs; and the half of its hash that is kept.
    fn slot(&self, word: &str) -> (usize, u32) {
        let hash = hash(word);
        let kept = u32::try_from(hash & 0xffff_ffff).unwrap_or(0);
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = usize::try_from(hash >> 32).unwrap_or(0) & mask;
        // The words themselves are compared only where the hashes agree.
        while let Some(&(other, n)) = self.slots.get(at)
            && n != 0
            && (other != kept || self.words.get(n as usize - 1).is_none_or(|w| **w != *word))
        {
            at = (at + 1) & mask;
        }
        (at, kept)
    }

    pub(crate) fn intern(&mut self, word: &str) -> u32 {
        if self.words.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let (at, kept) = self.slot(word);
        let new = u32::try_from(self.words.len() + 1).unwrap_or(u32::MAX);
        match self.slots.get_mut(at) {
            Some((_, n)) if *n != 0 => *n - 1,
            Some(place) => {
                *place = (kept, new);
                self.words.push(word.into());
                self.roots.push(Bits::default());
                self.groups.push(Groups::default());
                new - 1
            }
            None => u32::MAX,
        }
    }

    fn grow(&mut self) {
        self.slots = vec![(0, 0); (self.slots.len() * 2).max(64)];
        for n in 0..self.words.len() {
            let (at, kept) = self.words.get(n).map_or((0, 0), |w| self.slot(w));
            if let (Some(place), Ok(n)) = (self.slots.get_mut(at), u32::try_from(n + 1)) {
                *place = (kept, n);
            }
        }
    }

    pub(crate) fn id(&self, word: &str) -> Option<u32> {
        self.slots.get(self.slot(word).0)?.1.checked_sub(1)
    }

    /// Says that a phrase of the list with this number begins with the word.
    pub(crate) fn begins(&mut self, id: u32, list: usize) {
        if let Some(roots) = self.roots.get_mut(id as usize) {
            roots.insert(list);
        }
    }

    /// Puts a word into a group.
    pub(crate) fn join(&mut self, id: u32, group: Group) {
        if let Some(groups) = self.groups.get_mut(id as usize) {
            groups.insert(group);
        }
    }

    /// The groups that the word stands in.
    pub(crate) fn groups(&self, id: u32) -> Groups {
        self.groups.get(id as usize).copied().unwrap_or_default()
    }

    /// The lists that have a phrase beginning with the word.
    pub(crate) fn roots(&self, id: u32) -> Bits {
        self.roots.get(id as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_keeps_its_number_while_the_table_grows() {
        let mut words = Words::default();
        assert_eq!(words.id("a"), None);
        let ids: Vec<u32> = (0..5000).map(|n| words.intern(&format!("w{n}"))).collect();
        assert_eq!(ids, (0..5000).collect::<Vec<u32>>());
        assert!((0..5000).all(|n| words.id(&format!("w{n}")) == Some(n)));
        assert_eq!((words.id("w5000"), words.intern("w7")), (None, 7));
    }
}
