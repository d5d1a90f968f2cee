//! English and Turkish statements: the same fields, read off the text by the lists in `data/en` and `data/tr`.
//!
//! Latin script tells names by their capitals, so the rules are fewer than the Arabic ones and the same for both languages;
//! what differs (what stands before or behind an office, how a place is marked) is a property of the [`Tongue`].

mod acts;
mod bodies;
mod papers;
mod persons;
mod places;
mod time;
mod tongue;

use super::{DroppedLine, Reading, Span, drop};
use crate::date::Date;
use crate::gazetteer::phrases::prepare;
use crate::gazetteer::{Naming, is_state, lexicon};
use crate::language::Language;
use crate::normalise::{Folded, Gap, fold};
use std::borrow::Cow;
use std::ops::Range;
use tongue::Tongue;

/// A party named in the text.
#[derive(Debug, Clone, Copy)]
struct Mention {
    code: &'static str,
    naming: Naming,
    from: usize,
    to: usize,
}

/// A statement, folded, with its sentences and the parties it names.
struct Page<'t> {
    text: &'t str,
    folded: Folded,
    tongue: &'static Tongue,
    sentence: Vec<usize>,
    /// First token behind the title.
    title_end: usize,
    published: Option<Date>,
    mentions: Vec<Mention>,
    /// The parties, the most important first.
    main: Vec<&'static str>,
}

/// Reads a statement in a language of Latin script.
pub(super) fn read(text: &str, language: Language, published: Option<Date>) -> Reading {
    let folded = fold(text);
    let drop = drop::read(text, &folded, &prepare(&lexicon().words, &folded.tokens));
    let kept = without(text, &drop);
    let mut page = Page::new(&kept, language, published);
    let persons = persons::read(&page);
    let institutions = bodies::institutions(&page, &persons);
    // Whoever speaks or acts stands for a party, also where it is not named beside them.
    let own = persons.iter().map(|p| (p.item.party.clone(), p.name.start));
    let served: Vec<(String, usize)> = own.chain(institutions.iter().map(|i| (i.item.party.clone(), i.range.start))).collect();
    page.main = places::ranked(&page, &served).into_iter().map(|p| p.0).collect();
    let found = time::find(&page);
    let instruments = papers::read(&page);
    let bodies = bodies::read(&page, &institutions, &persons);
    let commitments = acts::commitments(&page, &persons);
    let acts = acts::read(&page, &instruments, &bodies, &commitments);
    Reading {
        parties: places::parties(&page, &served, &commitments),
        topics: acts::topics(&page, &institutions, &persons),
        places: places::read(&page, &persons, &institutions),
        numbers: time::numbers(&page, &found),
        dates: time::dates(&page, &found, &instruments),
        acts,
        commitments,
        persons: persons.into_iter().map(|p| p.item).collect(),
        institutions: institutions.into_iter().map(|i| i.item).collect(),
        bodies: bodies.into_iter().map(|b| b.item).collect(),
        instruments: instruments.into_iter().map(|i| i.item).collect(),
        drop,
    }
}

/// The text with blanks in the place of lines that are no part of it, so that every offset stays.
fn without<'t>(text: &'t str, drop: &[DroppedLine]) -> Cow<'t, str> {
    if drop.is_empty() {
        return text.into();
    }
    let lines = text.split('\n').enumerate().map(|(number, line)| {
        let dropped = drop.iter().any(|dropped| dropped.line == number);
        if dropped { Cow::Owned(" ".repeat(line.chars().count())) } else { line.into() }
    });
    lines.collect::<Vec<_>>().join("\n").into()
}

impl<'t> Page<'t> {
    fn new(text: &'t str, language: Language, published: Option<Date>) -> Self {
        let folded = fold(text);
        let first = folded.tokens.first().map_or(0, |t| t.line);
        let title_end = folded.tokens.iter().take_while(|t| t.line == first).count();
        let title_end = if title_end == folded.tokens.len() { 0 } else { title_end };
        let tongue = tongue::of(language);
        let (sentence, mentions, main) = (Vec::new(), Vec::new(), Vec::new());
        let mut page = Self { text, folded, tongue, sentence, title_end, published, mentions, main };
        let mut n = 0;
        page.sentence = (0..page.len())
            .map(|i| {
                n += usize::from(page.ends_before(i));
                n
            })
            .collect();
        let named = page.tongue.parties.all(&page.folded.tokens);
        // "the coalition" is written small where only one is meant.
        let all = named.into_iter().filter(|m| page.is_capital(m.from) || m.row.0 == "COALITION");
        page.mentions = all.map(|m| Mention { code: m.row.0, naming: m.row.1, from: m.from, to: m.to }).collect();
        page.main = places::ranked(&page, &[]).into_iter().map(|p| p.0).collect();
        page
    }

    fn len(&self) -> usize {
        self.folded.tokens.len()
    }

    fn word(&self, i: usize) -> &str {
        self.folded.tokens.get(i).map_or("", |t| t.folded.as_str())
    }

    fn gap(&self, i: usize) -> Gap {
        self.folded.tokens.get(i).map_or_else(Gap::default, |t| t.gap)
    }

    /// The word begins with a capital letter in the text.
    fn is_capital(&self, i: usize) -> bool {
        self.folded
            .tokens
            .get(i)
            .and_then(|t| self.folded.slice(self.text, t.start, t.start + 1).chars().next())
            .is_some_and(char::is_uppercase)
    }

    /// A new sentence begins with token `i`: not behind "Gen." or an initial.
    fn ends_before(&self, i: usize) -> bool {
        let gap = self.gap(i);
        let short = i > 0 && (self.word(i - 1).chars().count() == 1 || self.tongue.is("title", self, i - 1));
        i > 0 && (gap.line() || (gap.ends_sentence() && gap.single != '.' && !short && self.is_capital(i)))
    }

    /// Token `i` begins a new clause, or there is none.
    fn broken(&self, i: usize) -> bool {
        self.folded.tokens.get(i).is_none_or(|t| t.gap.breaks() && t.gap.single != '-' && !self.abbreviated(i))
    }

    /// The stop before token `i` belongs to a rank or an initial.
    fn abbreviated(&self, i: usize) -> bool {
        let gap = self.gap(i);
        i > 0 && gap.ends_sentence() && !gap.line() && !gap.comma() && !self.ends_before(i)
    }

    fn sentence_range(&self, i: usize) -> Range<usize> {
        let s = self.sentence.get(i).copied().unwrap_or(usize::MAX);
        self.sentence.partition_point(|&x| x < s)..self.sentence.partition_point(|&x| x <= s)
    }

    fn span(&self, r: &Range<usize>) -> Span {
        let start = self.folded.tokens.get(r.start).map_or(0, |t| t.start);
        let end = r.end.checked_sub(1).and_then(|e| self.folded.tokens.get(e)).map_or(start, |t| t.end);
        Span { start, end: end.max(start) }
    }

    fn slice(&self, r: &Range<usize>) -> String {
        let span = self.span(r);
        self.folded.slice(self.text, span.start, span.end).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn mention_at(&self, i: usize) -> Option<&Mention> {
        self.mentions.get(self.mentions.partition_point(|m| m.from < i)).filter(|m| m.from == i)
    }

    /// The party mention that token `i` is part of.
    fn mention_around(&self, i: usize) -> Option<&Mention> {
        let k = self.mentions.partition_point(|m| m.from <= i);
        self.mentions.get(k.checked_sub(1)?).filter(|m| m.to > i)
    }

    /// The party mention that ends just before token `i`; the "s" of "Iraq's" and a Turkish ending stand between.
    fn mention_before(&self, i: usize) -> Option<&Mention> {
        let at = if i > 0 && self.is_ending(i - 1) { i - 1 } else { i };
        self.mention_around(at.checked_sub(1)?).filter(|m| m.to == at && !self.broken(i))
    }

    fn mentions_in(&self, r: &Range<usize>) -> std::slice::Iter<'_, Mention> {
        let from = self.mentions.partition_point(|m| m.from < r.start);
        let to = self.mentions.partition_point(|m| m.from < r.end);
        self.mentions.get(from..to.max(from)).unwrap_or_default().iter()
    }

    /// "'s", "'ın", "'da": an ending behind an apostrophe.
    fn is_ending(&self, i: usize) -> bool {
        let apostrophe = matches!(self.gap(i).single, '\'' | '’' | '‘' | 'ʼ');
        apostrophe && !self.is_capital(i) && self.word(i).chars().count() <= 6
    }

    /// The two main parties.
    fn sides(&self) -> Vec<String> {
        self.main.iter().take(2).map(|c| (*c).to_owned()).collect()
    }

    /// The party that something unmarked at token `i` belongs to: the one named last in the sentence, else the first state of the
    /// first sentence.
    fn context(&self, i: usize) -> String {
        if let Some(home) = self.tongue.home {
            return home.to_owned();
        }
        let sentence = self.sentence_range(i);
        let before = self.mentions_in(&(sentence.start.max(i.saturating_sub(60))..i)).rev().find(|m| self.speaks(m));
        let lead = self.sentence_range(self.title_end);
        let first = || self.mentions_in(&lead).find(|m| is_state(m.code) && self.speaks(m)).map(|m| m.code);
        before.map(|m| m.code).or_else(first).or(self.main.first().copied()).unwrap_or("").to_owned()
    }

    /// The mention is of the state, not of a place in it.
    fn speaks(&self, m: &Mention) -> bool {
        !(m.naming == Naming::Capital && self.is_there(m.from, m.to))
    }

    /// "in Ankara", "Ankara'da": said to be where something is.
    fn is_there(&self, from: usize, to: usize) -> bool {
        let led = from > 0 && !self.broken(from) && self.tongue.is("lead_in", self, from - 1);
        let marked = self.tongue.ends && self.is_ending(to) && tongue::PLACE_ENDINGS.contains(&self.word(to));
        // "Ankara'yı ziyaret etti".
        let visited = self.tongue.ends && self.is_ending(to) && self.word(to + 1).starts_with("ziyaret");
        let dateline = from > 0 && self.gap(from).line() && (self.gap(to).dash() || self.gap(to).opens());
        led || marked || visited || dateline
    }
}
