//! Lines that are no part of a statement, from `boilerplate.tsv`, by how they are found.

use super::phrases::{Mode, Phrases};
use super::words::Words;
use super::{List, cell, rows};
use crate::normalise::fold_for_search;

/// A pattern for a line.
#[derive(Debug)]
pub(crate) struct LinePattern {
    pub(crate) folded: String,
    /// The line is these words and nothing else; otherwise it begins or ends with them.
    pub(crate) whole: bool,
    /// How many lines after it go with it.
    pub(crate) next: usize,
}

/// The patterns of `boilerplate.tsv`.
#[derive(Debug)]
pub(crate) struct Boilerplate {
    /// What a line begins with or is, in the order of the folded words.
    opening: Vec<LinePattern>,
    /// What a line with a number ends with.
    pub(crate) closing: Vec<LinePattern>,
    /// What a line begins with that stays.
    pub(crate) kept: Vec<LinePattern>,
    /// What may stand anywhere in a line; the row says how many lines go with it.
    pub(crate) anywhere: List<usize>,
}

impl Boilerplate {
    /// The patterns that a line may be or begin with: those with its first letter.
    pub(crate) fn opening(&self, line: &str) -> &[LinePattern] {
        let letter = line.chars().next();
        let from = self.opening.partition_point(|p| p.folded.chars().next() < letter);
        let behind = self.opening.partition_point(|p| p.folded.chars().next() <= letter);
        self.opening.get(from..behind).unwrap_or(&[])
    }
}

pub(super) fn load(words: &mut Words) -> Boilerplate {
    let (mut opening, mut closing, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    let (mut phrases, mut lines) = (Phrases::new(words, Mode::Printed), Vec::new());
    for c in rows(include_str!("../../data/boilerplate.tsv")) {
        let (forms, place, next) = (cell(&c, 0), cell(&c, 1), cell(&c, 2).parse().unwrap_or(0));
        let list = match place {
            "any" => {
                phrases.add(words, forms, lines.len());
                lines.push(next);
                continue;
            }
            "keep" => &mut kept,
            "end" => &mut closing,
            _ => &mut opening,
        };
        let patterns = forms.split('|').map(|p| LinePattern { folded: fold_for_search(p), whole: place == "line", next });
        list.extend(patterns.filter(|p| !p.folded.is_empty()));
    }
    opening.sort_by(|a, b| a.folded.cmp(&b.folded));
    Boilerplate { opening, closing, kept, anywhere: List { phrases, rows: lines } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_compared_with_every_pattern_that_begins_as_it_does() {
        let boilerplate = load(&mut Words::default());
        assert!(boilerplate.opening.len() > 100 && !boilerplate.closing.is_empty() && !boilerplate.kept.is_empty());
        for p in &boilerplate.opening {
            assert!(boilerplate.opening(&p.folded).iter().any(|q| q.folded == p.folded), "{}", p.folded);
        }
        assert!(boilerplate.opening("").is_empty() && boilerplate.opening("\u{10ffff}").is_empty());
    }
}
