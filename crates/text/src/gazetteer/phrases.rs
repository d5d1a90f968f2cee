//! Word lists as a trie over folded tokens: whole words only, longest match first.

use super::groups::{Group, Groups};
use super::words::{Bits, Words};
use crate::normalise::{Folded, Token, each_reading, fold, without_article};
use std::collections::BTreeMap;

/// One reading of a token's front that some list knows.
#[derive(Debug, Clone, Copy)]
struct Front {
    id: u32,
    cut: usize,
    article: bool,
}

/// The readings of one token: where they stand in the vectors of [`Prepared`].
#[derive(Debug, Clone, Copy, Default)]
struct Readings {
    exact: Option<u32>,
    fronts: (u32, u32),
    stems: (u32, u32),
}

/// The groups of one token: as it stands, without its article, and with or without clitics.
#[derive(Debug, Clone, Copy, Default)]
struct Grouped {
    exact: Groups,
    bare: Groups,
    read: Groups,
}

/// The tokens of a text with every reading that some list knows.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    tokens: Vec<Readings>,
    /// For each token, the lists that may have a phrase beginning at it.
    roots: Vec<Bits>,
    groups: Vec<Grouped>,
    fronts: Vec<Front>,
    stems: Vec<u32>,
}

/// Prepares the tokens of a text for matching.
pub(crate) fn prepare(words: &Words, tokens: &[Token]) -> Prepared {
    let mut out = Prepared::default();
    out.tokens.reserve(tokens.len());
    out.roots.reserve(tokens.len());
    out.groups.reserve(tokens.len());
    for token in tokens {
        out.add(words, &token.folded);
    }
    out
}

fn place(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl Prepared {
    fn add(&mut self, words: &Words, word: &str) {
        let mut readings = Readings { exact: words.id(word), ..Readings::default() };
        let (fronts, stems) = (self.fronts.len(), self.stems.len());
        let mut groups = Grouped { exact: readings.exact.map(|id| words.groups(id)).unwrap_or_default(), ..Grouped::default() };
        let (mut front_roots, mut stem_roots) = (Bits::default(), Bits::default());
        // A hostile "word" of a megabyte is in no list; its readings are not worth the copies.
        if word.len() <= 64 {
            each_reading(word, |reading, cut, article| {
                let id = if cut == 0 && !article { readings.exact } else { words.id(reading) };
                if let Some(id) = id {
                    self.fronts.push(Front { id, cut, article });
                    front_roots.extend(words.roots(id));
                    groups.read.extend(words.groups(id));
                }
                let bare = without_article(reading);
                let definite = bare.len() != reading.len();
                let bare = if definite { words.id(bare) } else { None };
                if cut == 0 && !article {
                    groups.bare = (if definite { bare } else { id }).map(|id| words.groups(id)).unwrap_or_default();
                }
                for id in [id, bare].into_iter().flatten() {
                    if !self.stems.iter().skip(stems).any(|s| *s == id) {
                        self.stems.push(id);
                        stem_roots.extend(words.roots(id));
                    }
                }
            });
        }
        readings.fronts = (place(fronts), place(self.fronts.len()));
        readings.stems = (place(stems), place(self.stems.len()));
        self.tokens.push(readings);
        self.groups.push(groups);
        self.roots.push(words.beginning(front_roots, stem_roots));
    }

    /// Leaves out the tokens for which `kept` is false.
    pub(crate) fn keep(&mut self, kept: &[bool]) {
        let (mut tokens, mut roots, mut groups) = (kept.iter(), kept.iter(), kept.iter());
        self.tokens.retain(|_| tokens.next().copied().unwrap_or(true));
        self.roots.retain(|_| roots.next().copied().unwrap_or(true));
        self.groups.retain(|_| groups.next().copied().unwrap_or(true));
    }

    /// Token `i` is a word of the group.
    pub(crate) fn is_of(&self, i: usize, group: Group) -> bool {
        self.groups.get(i).is_some_and(|g| g.exact.has(group))
    }

    /// Token `i` without its article is a word of the group.
    pub(crate) fn bare_of(&self, i: usize, group: Group) -> bool {
        self.groups.get(i).is_some_and(|g| g.bare.has(group))
    }

    /// Token `i`, with or without clitics, is a word of the group.
    pub(crate) fn reads_of(&self, i: usize, group: Group) -> bool {
        self.groups.get(i).is_some_and(|g| g.read.has(group))
    }

    /// Token `i`, with or without clitics, is one of these words of the lexicon.
    pub(crate) fn reads(&self, i: usize, any: &[u32]) -> bool {
        !any.is_empty() && self.tokens.get(i).is_some_and(|t| self.fronts(*t).iter().any(|f| any.contains(&f.id)))
    }

    /// The tokens at which a phrase of a list may begin.
    fn beginnings(&self, list: usize) -> impl Iterator<Item = usize> {
        self.roots.iter().enumerate().filter(move |(_, roots)| roots.has(list)).map(|(i, _)| i)
    }

    fn fronts(&self, token: Readings) -> &[Front] {
        self.fronts.get(token.fronts.0 as usize..token.fronts.1 as usize).unwrap_or(&[])
    }

    fn stems(&self, token: Readings) -> &[u32] {
        self.stems.get(token.stems.0 as usize..token.stems.1 as usize).unwrap_or(&[])
    }
}

#[derive(Debug, Default)]
struct Node {
    next: BTreeMap<u32, usize>,
    /// Where a `*` of the pattern leads.
    gap: Option<usize>,
    value: Option<usize>,
}

/// How the words of a list are compared with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// As printed; clitics only on the first word.
    Printed,
    /// Without article and clitics on every word.
    Stems,
}

/// A match of a list in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Number of the row in the list.
    pub(crate) value: usize,
    /// First token.
    pub(crate) from: usize,
    /// Behind the last token.
    pub(crate) to: usize,
    /// Folded characters of clitics before the first word.
    pub(crate) cut: usize,
    /// An article was hidden in the clitic ("لل").
    pub(crate) article: bool,
}

/// A list of phrases with a row number each.
#[derive(Debug)]
pub(crate) struct Phrases {
    nodes: Vec<Node>,
    mode: Mode,
    /// The number of this list in [`Words`].
    list: usize,
}

/// Endings that `~` stands for: pronouns, duals and plurals.
const ENDINGS: [&str; 19] =
    ["", "ه", "ها", "هم", "هما", "نا", "ا", "ت", "تا", "وا", "ان", "ين", "ون", "ات", "ي", "يه", "تي", "ته", "تها"];

impl Phrases {
    pub(crate) fn new(words: &mut Words, mode: Mode) -> Self {
        Self { nodes: vec![Node::default()], mode, list: words.list(mode == Mode::Stems) }
    }

    /// Adds the forms of a cell (`|` between them) under a row number. The first row to claim a phrase keeps it.
    pub(crate) fn add(&mut self, words: &mut Words, forms: &str, value: usize) {
        for form in forms.split('|') {
            self.add_form(words, form, value);
        }
    }

    fn add_form(&mut self, words: &mut Words, form: &str, value: usize) {
        let mut states = vec![0];
        for part in form.split_whitespace() {
            if part == "*" {
                states = states.into_iter().map(|s| self.gap(s)).collect();
                continue;
            }
            let (stem, open) = part.strip_suffix('~').map_or((part, false), |p| (p, true));
            for token in fold(stem).tokens {
                let base = if self.mode == Mode::Stems { without_article(&token.folded) } else { &token.folded };
                let endings: &[&str] = if open { &ENDINGS } else { &ENDINGS[..1] };
                let ids: Vec<u32> = endings.iter().map(|e| words.intern(&inflect(base, e))).collect();
                if states.contains(&0) {
                    ids.iter().for_each(|&id| words.begins(id, self.list));
                }
                states = states.iter().flat_map(|&s| ids.iter().map(move |&i| (s, i))).map(|(s, i)| self.step(s, i)).collect();
            }
        }
        for s in states {
            if s != 0
                && let Some(node) = self.nodes.get_mut(s)
            {
                node.value.get_or_insert(value);
            }
        }
    }

    fn gap(&mut self, from: usize) -> usize {
        if let Some(g) = self.nodes.get(from).and_then(|n| n.gap) {
            return g;
        }
        let new = self.nodes.len();
        self.nodes.push(Node::default());
        if let Some(n) = self.nodes.get_mut(from) {
            n.gap = Some(new);
        }
        new
    }

    fn step(&mut self, from: usize, id: u32) -> usize {
        let new = self.nodes.len();
        let to = self.nodes.get_mut(from).map_or(0, |n| *n.next.entry(id).or_insert(new));
        if to == new {
            self.nodes.push(Node::default());
        }
        to
    }

    /// The longest phrase that begins at token `i`; among equals, the one with the fewest clitics taken off.
    #[inline]
    pub(crate) fn at(&self, text: &Folded, prepared: &Prepared, i: usize) -> Option<Hit> {
        if !prepared.roots.get(i)?.has(self.list) {
            return None;
        }
        self.read(text, prepared, i)
    }

    /// [`Self::at`] a token that may begin a phrase.
    fn read(&self, text: &Folded, prepared: &Prepared, i: usize) -> Option<Hit> {
        let p = *prepared.tokens.get(i)?;
        let mut best: Option<Hit> = None;
        let mut consider = |id: u32, cut: usize, article: bool| {
            let Some(&node) = self.nodes.first().and_then(|n| n.next.get(&id)) else { return };
            if let Some((to, value)) = self.longest(text, prepared, node, i + 1)
                && best.is_none_or(|b| to > b.to || (to == b.to && cut < b.cut))
            {
                best = Some(Hit { value, from: i, to, cut, article });
            }
        };
        match self.mode {
            Mode::Printed => prepared.fronts(p).iter().for_each(|f| consider(f.id, f.cut, f.article)),
            Mode::Stems => prepared.stems(p).iter().for_each(|&id| consider(id, 0, false)),
        }
        best
    }

    /// From a node, with the next token to read, the furthest end of a phrase.
    fn longest(&self, text: &Folded, prepared: &Prepared, node: usize, i: usize) -> Option<(usize, usize)> {
        let n = self.nodes.get(node)?;
        let mut best = n.value.map(|v| (i, v));
        if text.tokens.get(i).is_none_or(closes) {
            return best;
        }
        let mut take = |found: Option<(usize, usize)>| {
            if let Some(f) = found
                && best.is_none_or(|b| f.0 > b.0)
            {
                best = Some(f);
            }
        };
        if !n.next.is_empty()
            && let Some(p) = prepared.tokens.get(i)
        {
            let ids: &[u32] = match self.mode {
                Mode::Printed => p.exact.as_slice(),
                Mode::Stems => prepared.stems(*p),
            };
            for id in ids {
                if let Some(&next) = n.next.get(id) {
                    take(self.longest(text, prepared, next, i + 1));
                }
            }
        }
        if let Some(gap) = n.gap {
            for skip in 0..=2 {
                let crossed = (i..=i + skip).any(|k| text.tokens.get(k).is_none_or(closes));
                if !crossed {
                    take(self.longest(text, prepared, gap, i + skip));
                }
            }
        }
        best
    }

    /// All matches from left to right, none overlapping.
    pub(crate) fn all(&self, text: &Folded, prepared: &Prepared) -> Vec<Hit> {
        let mut out: Vec<Hit> = Vec::new();
        for i in prepared.beginnings(self.list) {
            if out.last().is_none_or(|last| last.to <= i) {
                out.extend(self.read(text, prepared, i));
            }
        }
        out
    }

    /// All matches at every token, overlapping or not.
    pub(crate) fn everywhere(&self, text: &Folded, prepared: &Prepared) -> impl Iterator<Item = Hit> {
        prepared.beginnings(self.list).filter_map(|i| self.read(text, prepared, i))
    }
}

/// A phrase never runs across the mark before this token.
fn closes(t: &Token) -> bool {
    t.gap.breaks() && t.gap.single != '/'
}

/// Joins a stem and an ending: teh marbuta opens before an ending.
fn inflect(stem: &str, ending: &str) -> String {
    match stem.strip_suffix('ه') {
        Some(open) if !ending.is_empty() && !ending.starts_with('ت') => format!("{open}ت{ending}"),
        _ => format!("{stem}{ending}"),
    }
}
