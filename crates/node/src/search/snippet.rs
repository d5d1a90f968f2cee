//! Pieces of what a dossier says, with what was looked for marked. They are parts of text, and whoever shows them escapes them.

use super::document::script;
use super::question::{Question, What};
use super::schema::Zone;
use super::texts::Said;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use tansiq_dossier::words::Tongue;
use tansiq_text::search::{self, Spot};

/// How many pieces a hit shows.
const MOST: usize = 2;
/// How many characters stand before and behind what was found.
const BEFORE: usize = 60;
const BEHIND: usize = 160;
/// How many characters of one dossier are read for them.
const READ: usize = 200_000;

/// A piece of what a dossier says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Snippet {
    /// The language that it is in, where that is stated.
    pub tongue: Option<Tongue>,
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

/// A part of a piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The text.
    pub text: String,
    /// Whether it was looked for.
    pub marked: bool,
}

/// Knows what was looked for.
pub(super) struct Marker {
    forms: BTreeSet<String>,
    prefixes: BTreeSet<String>,
    words: BTreeSet<String>,
}

impl Marker {
    pub(super) fn new(question: &Question) -> Marker {
        let mut marker = Marker { forms: BTreeSet::new(), prefixes: BTreeSet::new(), words: BTreeSet::new() };
        for clause in question.clauses.iter().filter(|clause| !clause.without) {
            match &clause.what {
                What::Word(word) => marker.word(word),
                What::Tied(words, joined) => words.iter().chain([joined]).for_each(|word| marker.word(word)),
                What::Phrase(words) => marker.forms.extend(words.iter().flat_map(|word| search::asked(word))),
                What::Prefix(prefix) => marker.prefixes.extend(search::asked(prefix)),
                What::Day(day) => drop(marker.forms.insert(format!("@{day}"))),
                What::Reference(_) => {}
            }
        }
        marker
    }

    fn word(&mut self, word: &str) {
        self.forms.extend(search::asked(word).into_iter().chain(search::asked_stems(word)));
        self.words.insert(word.to_owned());
    }

    fn is_marked(&self, spot: &Spot) -> bool {
        let mut forms = spot.forms.iter().chain(&spot.stems);
        let prefixed = |form: &String| self.prefixes.iter().any(|prefix| form.starts_with(prefix.as_str()));
        forms.clone().any(|form| self.forms.contains(form)) || forms.any(prefixed) || self.is_spelled(spot)
    }

    fn is_spelled(&self, spot: &Spot) -> bool {
        let same = |word: &String, form: &String| match (script(word), script(form)) {
            ('l', 'a') => search::alike(word, form),
            ('a', 'l') => search::alike(form, word),
            _ => false,
        };
        self.words.iter().any(|word| spot.forms.iter().any(|form| same(word, form)))
    }

    /// The pieces in which most of what was looked for stands.
    pub(super) fn snippets(&self, said: &[Said]) -> Vec<Snippet> {
        let mut found: Vec<((Reverse<usize>, bool), Snippet)> = Vec::new();
        let mut read = 0;
        for said in said.iter().filter(|said| !said.quiet && said.zone != Zone::Title) {
            read += said.text.len();
            if read > READ {
                break;
            }
            let spots = search::spots(&said.text);
            let marked: Vec<&Spot> = spots.iter().filter(|spot| self.is_marked(spot)).collect();
            if let Some(first) = marked.first() {
                let different: BTreeSet<&str> = marked.iter().map(|spot| spot.word.as_str()).collect();
                let worth = (Reverse(different.len()), said.zone != Zone::Body);
                found.push((worth, cut(said, first.start, &marked)));
            }
        }
        // Those of equal worth stay in the order in which they were said; names come behind what was said.
        found.sort_by_key(|(worth, _)| *worth);
        found.into_iter().take(MOST).map(|(_, snippet)| snippet).collect()
    }
}

/// The piece around a place.
fn cut(said: &Said, around: usize, marked: &[&Spot]) -> Snippet {
    let chars: Vec<char> = said.text.chars().collect();
    let blank = |at: &usize| chars.get(*at).is_some_and(|c| c.is_whitespace());
    let start = around.saturating_sub(BEFORE);
    let start = if start == 0 { 0 } else { (start..around).find(blank).map_or(around, |at| at + 1) };
    let last = (around + BEHIND).min(chars.len());
    let end = if last == chars.len() { last } else { (around + 1..last).rev().find(blank).unwrap_or(last) };
    let text = |from: usize, to: usize| -> String {
        let part = chars.get(from..to).unwrap_or_default().iter();
        part.map(|c| if c.is_whitespace() { ' ' } else { *c }).collect()
    };
    let mut parts: Vec<Part> = Vec::new();
    let mut push = |text: String, marked: bool| {
        if !text.is_empty() {
            parts.push(Part { text, marked });
        }
    };
    let mut at = start;
    push(if start > 0 { "… ".to_owned() } else { String::new() }, false);
    for spot in marked.iter().filter(|spot| spot.start >= start && spot.end <= end) {
        push(text(at, spot.start), false);
        push(text(spot.start, spot.end), true);
        at = spot.end;
    }
    push(text(at, end), false);
    push(if end < chars.len() { " …".to_owned() } else { String::new() }, false);
    Snippet { tongue: said.tongue, parts }
}
