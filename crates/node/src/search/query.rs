//! From a question to a query of the index.

use super::document::script;
use super::question::{Clause, Question, What};
use super::schema::{Fields, Zone};
use std::collections::BTreeSet;
use tansiq_text::search;
use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, Occur, PhraseQuery, Query, RegexQuery, TermQuery,
    TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, Term};

/// What a word weighs that is found by its stem, or by its spelling in the other script, as a part of what it weighs as it is.
const BY_STEM: f32 = 0.5;
const BY_SPELLING: f32 = 0.25;

type Part = Box<dyn Query>;

/// The query, and what its words are, for marking them in what is shown.
pub(super) fn query(fields: &Fields, searcher: &Searcher, question: &Question) -> tantivy::Result<Part> {
    let asking = Asking { fields, searcher };
    let mut parts: Vec<(Occur, Part)> = Vec::new();
    for clause in &question.clauses {
        let occur = if clause.without { Occur::MustNot } else { Occur::Must };
        parts.push((occur, asking.clause(clause)?));
    }
    for (facet, value) in &question.narrowed {
        let field = fields.facet(*facet);
        parts.push((Occur::Must, weighs(term(field, value), 0.0)));
    }
    if parts.iter().all(|(occur, _)| *occur == Occur::MustNot) {
        parts.push((Occur::Must, weighs(Box::new(AllQuery), 0.0)));
    }
    Ok(Box::new(BooleanQuery::new(parts)))
}

fn term(field: Field, text: &str) -> Part {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic))
}

/// A weight that depends on nothing but what is asked and where it stands.
fn weighs(part: Part, weight: f32) -> Part {
    Box::new(ConstScoreQuery::new(part, weight))
}

/// Any of these: the one that weighs most counts.
fn any(parts: Vec<Part>) -> Part {
    if parts.is_empty() { Box::new(EmptyQuery) } else { Box::new(DisjunctionMaxQuery::new(parts)) }
}

struct Asking<'a> {
    fields: &'a Fields,
    searcher: &'a Searcher,
}

impl Asking<'_> {
    fn clause(&self, clause: &Clause) -> tantivy::Result<Part> {
        let zones: &[Zone] = if clause.title { &[Zone::Title] } else { &Zone::ALL };
        match &clause.what {
            What::Word(word) => self.word(word, zones, clause.title),
            What::Tied(words, joined) => {
                let each = words.iter().map(|word| self.word(word, zones, clause.title));
                let each: Vec<Part> = each.collect::<tantivy::Result<_>>()?;
                let together: Part = Box::new(BooleanQuery::intersection(each));
                Ok(any(vec![together, self.word(joined, zones, clause.title)?]))
            }
            What::Phrase(words) => Ok(any(zones.iter().flat_map(|zone| self.phrase(words, *zone)).collect())),
            What::Prefix(prefix) => self.prefix(prefix, zones),
            What::Day(day) => Ok(any(self.forms([format!("@{day}")].into(), zones, 1.0))),
            What::Reference(numbers) => self.reference(numbers),
        }
    }

    fn word(&self, word: &str, zones: &[Zone], title: bool) -> tantivy::Result<Part> {
        let mut parts = self.forms(search::asked(word), zones, 1.0);
        let stemmed: Vec<Zone> = zones.iter().copied().filter(|zone| *zone != Zone::Names).collect();
        parts.extend(self.forms(search::asked_stems(word), &stemmed, BY_STEM));
        if !title {
            parts.extend(self.spellings(word)?);
        }
        Ok(any(parts))
    }

    /// Each form in each zone: one list for all, which is searched faster than lists of lists.
    fn forms(&self, forms: BTreeSet<String>, zones: &[Zone], part: f32) -> Vec<Part> {
        let in_zone = |zone: &Zone| {
            let (field, weight) = (self.fields.zone(*zone), zone.weight() * part);
            forms.iter().map(move |form| weighs(term(field, form), weight))
        };
        zones.iter().flat_map(in_zone).collect()
    }

    /// The words of the other script that may be this one. Each is taken or left for itself, whoever's dossier it stands in;
    /// what is found by it is decided like every hit.
    fn spellings(&self, word: &str) -> tantivy::Result<Option<Part>> {
        let forms = search::asked(word);
        let mut terms = Vec::new();
        for (form, key) in forms.iter().flat_map(|form| search::skeletons(form).into_iter().map(move |key| (form, key))) {
            let latin = script(form) == 'l';
            let (begins, ends) =
                if latin { (format!("a{key}:"), format!("a{key};")) } else { (format!("l{key}:"), format!("l{key};")) };
            for segment in self.searcher.segment_readers() {
                let index = segment.inverted_index(self.fields.keys)?;
                let mut stream = index.terms().range().ge(&begins).lt(&ends).into_stream()?;
                while stream.advance() {
                    let Ok(text) = std::str::from_utf8(stream.key()) else { continue };
                    let Some(other) = text.get(begins.len()..) else { continue };
                    let same = if latin { search::alike(form, other) } else { search::alike(other, form) };
                    if same {
                        terms.push(Term::from_field_text(self.fields.keys, text));
                    }
                }
            }
        }
        terms.sort();
        terms.dedup();
        Ok((!terms.is_empty()).then(|| weighs(Box::new(TermSetQuery::new(terms)), Zone::Body.weight() * BY_SPELLING)))
    }

    fn phrase(&self, words: &[String], zone: Zone) -> Vec<Part> {
        let field = self.fields.zone(zone);
        if let [word] = words {
            return self.forms(search::asked(word), &[zone], 1.0);
        }
        ways(words)
            .into_iter()
            .map(|way| {
                let terms = way.iter().map(|word| Term::from_field_text(field, word)).collect();
                weighs(Box::new(PhraseQuery::new(terms)), zone.weight())
            })
            .collect()
    }

    fn prefix(&self, prefix: &str, zones: &[Zone]) -> tantivy::Result<Part> {
        let mut parts: Vec<Part> = Vec::new();
        for zone in zones {
            for form in search::asked(prefix).into_iter().filter(|form| form.chars().count() > 1) {
                // A folded word holds letters and digits alone: nothing in it means anything to the pattern.
                let beginning = RegexQuery::from_pattern(&format!("{form}.*"), self.fields.zone(*zone))?;
                parts.push(weighs(Box::new(beginning), zone.weight() * BY_STEM));
            }
        }
        Ok(any(parts))
    }

    fn reference(&self, numbers: &[String]) -> tantivy::Result<Part> {
        let mut parts: Vec<Part> = Vec::new();
        for number in numbers {
            let whole = Zone::Title.weight() * 2.0;
            parts.push(weighs(term(self.fields.reference, number), whole));
            let beginning = RegexQuery::from_pattern(&format!("{number}.*"), self.fields.reference)?;
            parts.push(weighs(Box::new(beginning), Zone::Title.weight()));
        }
        Ok(any(parts))
    }
}

/// How many ways to read a phrase are tried.
const MOST_WAYS: usize = 16;

/// The ways to read the words of a phrase: each without its article, which every text's readings hold; and what begins with
/// "لل" in both of the ways in which it may be read.
fn ways(words: &[String]) -> Vec<Vec<String>> {
    let mut ways: Vec<Vec<String>> = vec![Vec::new()];
    for word in words {
        let forms = search::asked(word);
        let bare: Vec<String> = forms.iter().filter(|form| *form != word).cloned().collect();
        let forms = if bare.is_empty() { vec![word.clone()] } else { bare };
        let few = if ways.len() * forms.len() > MOST_WAYS { 1 } else { forms.len() };
        ways = ways
            .iter()
            .flat_map(|way| forms.iter().take(few).map(|form| [way.as_slice(), std::slice::from_ref(form)].concat()))
            .collect();
    }
    ways
}
