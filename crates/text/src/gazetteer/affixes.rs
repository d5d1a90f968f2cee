//! Word lists for languages that write endings on their words: phrases of folded words, each whole or, with `~`, any word that
//! begins so. The longest match wins.

use crate::normalise::{Token, fold};
use std::collections::BTreeMap;

/// One word of a phrase; `open` when further letters may follow.
#[derive(Debug)]
struct Part {
    word: String,
    open: bool,
}

impl Part {
    fn fits(&self, word: &str) -> bool {
        if self.open { word.starts_with(&self.word) } else { word == self.word }
    }
}

/// A list of phrases with a row each.
#[derive(Debug)]
pub(crate) struct Affixes<T> {
    /// By the first two letters of the first word.
    phrases: BTreeMap<String, Vec<(Vec<Part>, usize)>>,
    rows: Vec<T>,
}

/// A match: tokens `from..to`, and the row.
#[derive(Debug)]
pub(crate) struct Match<'l, T> {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) row: &'l T,
}

fn head(word: &str) -> String {
    word.chars().take(2).collect()
}

impl<T> Affixes<T> {
    /// A list from the rows of a file; `forms` is the column of the phrases, with `|` between them.
    pub(crate) fn load(data: &'static str, forms: usize, make: impl Fn(&[&'static str]) -> T) -> Self {
        let mut out = Self { phrases: BTreeMap::new(), rows: Vec::new() };
        for cells in super::rows(data) {
            for form in cells.get(forms).copied().unwrap_or("").split('|') {
                out.add(form);
            }
            out.rows.push(make(&cells));
        }
        out
    }

    fn add(&mut self, form: &str) {
        let mut parts = Vec::new();
        for word in form.split_whitespace() {
            let (stem, open) = word.strip_suffix('~').map_or((word, false), |stem| (stem, true));
            let tokens = fold(stem).tokens;
            let last = tokens.len();
            parts.extend(tokens.into_iter().zip(1..).map(|(t, n)| Part { word: t.folded, open: open && n == last }));
        }
        if let Some(first) = parts.first() {
            self.phrases.entry(head(&first.word)).or_default().push((parts, self.rows.len()));
        }
    }

    /// The longest phrase that begins at token `i`; it runs across no comma and no end of a sentence.
    pub(crate) fn at(&self, tokens: &[Token], i: usize) -> Option<Match<'_, T>> {
        let candidates = self.phrases.get(&head(&tokens.get(i)?.folded))?;
        let fits = |parts: &[Part]| {
            parts.iter().enumerate().all(|(n, part)| {
                tokens.get(i + n).is_some_and(|t| part.fits(&t.folded) && (n == 0 || !t.gap.comma() && !t.gap.ends_sentence()))
            })
        };
        let best = candidates
            .iter()
            .filter(|(parts, _)| fits(parts))
            .max_by_key(|(parts, _)| (parts.len(), parts.iter().map(|p| p.word.len()).sum::<usize>()))?;
        Some(Match { from: i, to: i + best.0.len(), row: self.rows.get(best.1)? })
    }

    /// All matches from left to right, none overlapping.
    pub(crate) fn all(&self, tokens: &[Token]) -> Vec<Match<'_, T>> {
        let (mut out, mut i) = (Vec::new(), 0);
        while i < tokens.len() {
            if let Some(found) = self.at(tokens, i) {
                i = found.to.max(i + 1);
                out.push(found);
            } else {
                i += 1;
            }
        }
        out
    }

    /// The row of a match at token `i`.
    pub(crate) fn row(&self, tokens: &[Token], i: usize) -> Option<&T> {
        self.at(tokens, i).map(|m| m.row)
    }
}

impl<T> Affixes<T> {
    /// A list with a row for each of several columns of phrases, which say different things of the same entry.
    pub(crate) fn columns<C: Copy>(data: &'static str, columns: &[(usize, C)], make: impl Fn(&[&'static str], C) -> T) -> Self {
        let mut out = Self { phrases: BTreeMap::new(), rows: Vec::new() };
        for cells in super::rows(data) {
            for &(column, said) in columns {
                for form in cells.get(column).copied().unwrap_or("").split('|') {
                    out.add(form);
                }
                out.rows.push(make(&cells, said));
            }
        }
        out
    }
}

impl Affixes<()> {
    /// What stands behind one of these beginnings in the first column of a file.
    pub(crate) fn behind(data: &'static str, beginnings: &[&str]) -> Self {
        let mut out = Self { phrases: BTreeMap::new(), rows: Vec::new() };
        for form in super::rows(data).flat_map(|cells| cells.first().copied().unwrap_or("").split('|')) {
            if let Some(rest) = beginnings.iter().find_map(|b| form.strip_prefix(b)) {
                out.add(rest);
            }
        }
        out.rows.push(());
        out
    }
}
