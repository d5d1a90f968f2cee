//! Kinds of act, topics, and undertakings.

use super::super::{Act, Commitment, Span, Topic};
use super::{Page, bodies, papers, persons};
use std::collections::BTreeMap;
use std::ops::Range;

type Kinds = BTreeMap<&'static str, (usize, Vec<Span>)>;

fn put(kinds: &mut Kinds, kind: &'static str, at: usize, span: Span) {
    let e = kinds.entry(kind).or_insert((at, Vec::new()));
    e.0 = e.0.min(at);
    if e.1.len() < 4 {
        e.1.push(span);
    }
}

/// The acts of a text, by first mention; what the words alone report is a statement.
pub(super) fn read(page: &Page<'_>, papers: &[papers::Found], bodies: &[bodies::Committee], pledges: &[Commitment]) -> Vec<Act> {
    let mut kinds = Kinds::new();
    for m in page.tongue.acts.all(&page.folded.tokens) {
        put(&mut kinds, m.row, m.from, page.span(&(m.from..m.to)));
    }
    for p in papers {
        let kind = match p.item.status.as_str() {
            "planned" if p.item.kind != "plan" => "instrument_planned",
            "signed" if p.signing => "instrument_signed",
            _ => continue,
        };
        put(&mut kinds, kind, p.range.start, page.span(&p.range));
    }
    if let Some(b) = bodies.iter().find(|b| b.item.status == "planned") {
        put(&mut kinds, "body_formed", b.range.start, page.span(&b.range));
    }
    // To bind oneself to exchange information or to train is an act.
    for pledge in pledges {
        let inside = |k: &usize| page.folded.tokens.get(*k).is_some_and(|t| pledge.start <= t.start && t.end <= pledge.end);
        for k in (0..page.len()).filter(inside) {
            let Some(m) = page.tongue.topics.at(&page.folded.tokens, k) else { continue };
            match *m.row {
                "information_exchange" => put(&mut kinds, "information_exchange", k, page.span(&(m.from..m.to))),
                "capacity_building" => put(&mut kinds, "training", k, page.span(&(m.from..m.to))),
                _ => {}
            }
        }
    }
    let done = kinds.keys().any(|k| {
        !matches!(
            *k,
            "instrument_planned" | "body_formed" | "information_exchange" | "training" | "threat_warning" | "assessment"
        )
    });
    if !done && let Some(k) = (0..page.len()).find(|&k| page.tongue.is("told", page, k)) {
        put(&mut kinds, "statement", k, page.span(&(k..k + 1)));
    }
    let mut all: Vec<_> = kinds.into_iter().collect();
    all.sort_by_key(|(_, (at, _))| *at);
    all.into_iter().map(|(kind, (_, evidence))| Act { kind: kind.to_owned(), evidence }).collect()
}

/// The topics of a text, in the order they are first named; not those of a name or an office.
pub(super) fn topics(page: &Page<'_>, institutions: &[bodies::Found], people: &[persons::Found]) -> Vec<Topic> {
    let named = |k: usize| institutions.iter().any(|i| i.range.contains(&k)) || people.iter().any(|p| p.office.contains(&k));
    let mut out: Vec<Topic> = Vec::new();
    for k in (0..page.len()).filter(|&k| !named(k)) {
        let Some(m) = page.tongue.topics.at(&page.folded.tokens, k) else { continue };
        let span = page.span(&(m.from..m.to));
        match out.iter_mut().find(|t| t.topic == *m.row) {
            Some(old) if old.evidence.len() < 5 => old.evidence.push(span),
            Some(_) => {}
            None => out.push(Topic { topic: (*m.row).to_owned(), evidence: vec![span] }),
        }
    }
    out
}

/// Clauses by which a party binds itself.
pub(super) fn commitments(page: &Page<'_>, people: &[persons::Found]) -> Vec<Commitment> {
    let mut out: Vec<Commitment> = Vec::new();
    let mut i = page.title_end;
    while i < page.len() && out.len() < super::super::MOST {
        let Some((clause, by)) = undertaking(page, people, i) else {
            i += 1;
            continue;
        };
        let span = page.span(&clause);
        let main: Vec<&str> = page.main.iter().take(3).copied().collect();
        let mut to: Vec<String> = Vec::new();
        if by.len() == 1 {
            let others =
                page.mentions_in(&clause).filter(|m| main.contains(&m.code) && m.code != by.first().map_or("", String::as_str));
            for m in others {
                if !to.iter().any(|t| t == m.code) {
                    to.push(m.code.to_owned());
                }
            }
        }
        out.push(Commitment { by, to, span: page.slice(&clause), start: span.start, end: span.end, evidence: vec![span] });
        i = clause.end.max(i + 1);
    }
    out
}

fn undertaking(page: &Page<'_>, people: &[persons::Found], i: usize) -> Option<(Range<usize>, Vec<String>)> {
    let kind = ["pledge", "agree", "will"].into_iter().find(|k| page.tongue.is(k, page, i))?;
    let to = page.tongue.end(kind, page, i)?;
    let sentence = page.sentence_range(i);
    let clause =
        if page.tongue.ends { sentence.start.max(i.saturating_sub(30))..to } else { english_clause(page, i, to, &sentence) };
    let joint = (clause.start..to).any(|k| page.tongue.is("joint", page, k));
    if joint {
        return Some((clause, page.sides()));
    }
    let before: Vec<&str> = page.mentions_in(&(clause.start..i)).filter(|m| page.speaks(m)).map(|m| m.code).collect();
    // "Iraq will …" binds Iraq; a talk that "will" take place binds nobody.
    if kind == "will" {
        let known = |m: &&super::Mention| page.speaks(m) && (page.tongue.ends || m.to + 3 > i);
        let near = page.mentions_in(&(clause.start..i)).rev().find(known)?;
        return Some((clause, vec![near.code.to_owned()]));
    }
    let speaker = || people.iter().rev().find(|p| p.name.start < i && !p.item.party.is_empty()).map(|p| p.item.party.clone());
    let mut by: Vec<String> = Vec::new();
    for code in before.iter().take(if kind == "agree" { 2 } else { 1 }) {
        if !by.iter().any(|b| b == code) {
            by.push((*code).to_owned());
        }
    }
    if by.is_empty() {
        by.extend(speaker().or_else(|| page.main.first().map(|c| (*c).to_owned())));
    }
    if kind == "agree" && by.len() < 2 {
        by = page.sides();
    }
    (!by.is_empty() && clause.end > to.min(clause.end.saturating_sub(1))).then_some((clause, by))
}

/// From behind a comma or "that" to the next comma or the end of the sentence.
fn english_clause(page: &Page<'_>, i: usize, to: usize, sentence: &Range<usize>) -> Range<usize> {
    let mut start = i;
    while start > sentence.start
        && i - start < 25
        && !page.gap(start).comma()
        && !page.gap(start).colon()
        && page.word(start - 1) != "that"
    {
        start -= 1;
    }
    let mut end = to;
    while end < sentence.end && end < to + 28 && !(page.gap(end).comma() && end > to) && !page.gap(end).dash() {
        end += 1;
    }
    start..end
}
