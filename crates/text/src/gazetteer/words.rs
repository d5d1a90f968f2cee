//! Every word of every list, numbered once, and which lists have a phrase that begins with it.

/// The words of a lexicon.
#[derive(Debug, Default)]
pub(crate) struct Words {
    /// Open addressing: half of a word's hash, and its number plus one, or 0. A power of two long, and never more than half full.
    slots: Vec<(u32, u32)>,
    words: Vec<Box<str>>,
    /// For each word, one bit for each list that has a phrase beginning with it.
    roots: Vec<u128>,
    /// How many lists have asked for a bit.
    lists: u32,
}

/// FNV-1a: the words are our own, so nobody can choose them to collide.
fn hash(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
}

impl Words {
    /// A bit for one list. With more than 128 lists some share one, which costs time and changes nothing.
    pub(crate) fn list(&mut self) -> u128 {
        self.lists += 1;
        1 << (self.lists % 128)
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
                self.roots.push(0);
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

    /// Says that a phrase of the list with this bit begins with the word.
    pub(crate) fn begins(&mut self, id: u32, list: u128) {
        if let Some(roots) = self.roots.get_mut(id as usize) {
            *roots |= list;
        }
    }

    /// The lists that have a phrase beginning with the word.
    pub(crate) fn roots(&self, id: u32) -> u128 {
        self.roots.get(id as usize).copied().unwrap_or(0)
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
