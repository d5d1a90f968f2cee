//! Word lists as a trie over folded tokens: whole words only, longest match first.

use crate::normalise::{Folded, Token, clitic_readings, fold, without_article};
use std::collections::BTreeMap;

/// Every word of every list, numbered once.
#[derive(Debug, Default)]
pub(crate) struct Words(BTreeMap<String, u32>);

impl Words {
    fn intern(&mut self, word: &str) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(word.to_owned()).or_insert(next)
    }

    fn id(&self, word: &str) -> Option<u32> {
        self.0.get(word).copied()
    }
}

/// One reading of a token's front that some list knows.
#[derive(Debug, Clone, Copy)]
struct Front {
    id: u32,
    cut: usize,
    article: bool,
}

/// A token with every reading that some list knows.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    exact: Option<u32>,
    fronts: Vec<Front>,
    stems: Vec<u32>,
}

/// Prepares the tokens of a text for matching.
pub(crate) fn prepare(words: &Words, tokens: &[Token]) -> Vec<Prepared> {
    tokens.iter().map(|t| prepare_one(words, &t.folded)).collect()
}

fn prepare_one(words: &Words, word: &str) -> Prepared {
    let mut out = Prepared { exact: words.id(word), ..Prepared::default() };
    // A hostile "word" of a megabyte is in no list; its readings are not worth the copies.
    if word.len() > 64 {
        return out;
    }
    for r in clitic_readings(word) {
        if let Some(id) = words.id(&r.word) {
            out.fronts.push(Front { id, cut: r.cut, article: r.article });
        }
        for stem in [r.word.as_str(), without_article(&r.word)] {
            if let Some(id) = words.id(stem)
                && !out.stems.contains(&id)
            {
                out.stems.push(id);
            }
        }
    }
    out
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
}

/// Endings that `~` stands for: pronouns, duals and plurals.
const ENDINGS: [&str; 19] =
    ["", "ه", "ها", "هم", "هما", "نا", "ا", "ت", "تا", "وا", "ان", "ين", "ون", "ات", "ي", "يه", "تي", "ته", "تها"];

impl Phrases {
    pub(crate) fn new(mode: Mode) -> Self {
        Self { nodes: vec![Node::default()], mode }
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
    pub(crate) fn at(&self, text: &Folded, prepared: &[Prepared], i: usize) -> Option<Hit> {
        let p = prepared.get(i)?;
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
            Mode::Printed => p.fronts.iter().for_each(|f| consider(f.id, f.cut, f.article)),
            Mode::Stems => p.stems.iter().for_each(|&id| consider(id, 0, false)),
        }
        best
    }

    /// From a node, with the next token to read, the furthest end of a phrase.
    fn longest(&self, text: &Folded, prepared: &[Prepared], node: usize, i: usize) -> Option<(usize, usize)> {
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
            && let Some(p) = prepared.get(i)
        {
            let ids: &[u32] = match self.mode {
                Mode::Printed => p.exact.as_slice(),
                Mode::Stems => &p.stems,
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
    pub(crate) fn all(&self, text: &Folded, prepared: &[Prepared]) -> Vec<Hit> {
        let mut out = Vec::new();
        let mut i = 0;
        while i < prepared.len() {
            if let Some(hit) = self.at(text, prepared, i) {
                i = hit.to.max(i + 1);
                out.push(hit);
            } else {
                i += 1;
            }
        }
        out
    }

    /// All matches at every token, overlapping or not.
    pub(crate) fn everywhere(&self, text: &Folded, prepared: &[Prepared]) -> Vec<Hit> {
        (0..prepared.len()).filter_map(|i| self.at(text, prepared, i)).collect()
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
