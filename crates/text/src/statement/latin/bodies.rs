//! State and international bodies, and the committees that states keep together.

use super::super::{Body, Institution};
use super::{Page, persons};
use std::ops::Range;

/// An institution with its tokens.
pub(super) struct Found {
    pub(super) item: Institution,
    pub(super) range: Range<usize>,
}

/// A committee with whether forming it was decided.
pub(super) struct Committee {
    pub(super) item: Body,
    pub(super) range: Range<usize>,
}

/// The institutions of a text, each once for each party.
pub(super) fn institutions(page: &Page<'_>, people: &[persons::Found]) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    for m in page.tongue.institutions.all(&page.folded.tokens) {
        // "… Refugees (UNHCR)": the short name of the body just named.
        if page.gap(m.from).opens() && out.iter().any(|o| o.range.end == m.from) {
            continue;
        }
        if !page.is_capital(m.from) || people.iter().any(|p| p.office.start <= m.from && m.to <= p.office.end) {
            continue;
        }
        let &(party, sector) = m.row;
        let before = page.mention_before(m.from);
        let behind = page.mention_at(m.to + 1).filter(|_| page.word(m.to) == "of" && !page.broken(m.to));
        // "Birleşik Krallık İçişleri Bakanlığı" and "Iraqi Ministry of Interior" have the state before them.
        let range = before.map_or(m.from, |b| b.from)..behind.map_or(m.to, |b| b.to);
        let code = match (party, before.or(behind)) {
            ("-", Some(owner)) => owner.code.to_owned(),
            ("-", None) => page.context(m.from),
            (party, _) => party.to_owned(),
        };
        let name = page.slice(&range);
        let span = page.span(&range);
        let same = |o: &Found| o.item.party == code && (o.item.sector == sector && party == "-" || o.item.name == name);
        if let Some(old) = out.iter_mut().find(|o| same(o)) {
            old.item.evidence.push(span);
        } else if out.len() < super::super::MOST {
            let item = Institution { surface: name.clone(), name, party: code, sector: sector.to_owned(), evidence: vec![span] };
            out.push(Found { item, range });
        }
    }
    out
}

/// The committees and mechanisms of a text, each once.
pub(super) fn read(page: &Page<'_>, institutions: &[Found], people: &[persons::Found]) -> Vec<Committee> {
    let mut out: Vec<Committee> = Vec::new();
    let mut i = 0;
    while i < page.len() {
        let taken = institutions.iter().any(|f| f.range.contains(&i)) || people.iter().any(|p| p.office.contains(&i));
        match page.tongue.end("body", page, i).filter(|_| !taken).and_then(|to| around(page, i, to)) {
            Some(range) => {
                i = range.end.max(i + 1);
                add(page, &mut out, range);
            }
            None => i += 1,
        }
    }
    out
}

/// The words of the name around its head.
fn around(page: &Page<'_>, head: usize, to: usize) -> Option<Range<usize>> {
    let named = |k: usize| page.mention_around(k).is_some() || page.is_ending(k);
    let word = |k: usize| page.tongue.is("joint_name", page, k) || named(k) || (page.is_capital(k) && !page.ends_before(k));
    let mut from = head;
    while from > 0 && head - from < 8 && !page.broken(from) {
        let linked =
            matches!(page.word(from - 1), "and" | "ve" | "level") && from > 1 && word(from - 2) && !page.broken(from - 1);
        if !(word(from - 1) || linked) || (page.word(from - 1) == "the") {
            break;
        }
        from -= 1;
    }
    if !(from..head).any(|k| page.tongue.is("joint_name", page, k)) {
        return None;
    }
    let mut end = to;
    while !page.tongue.ends && end < to + 8 && !page.broken(end) {
        let on = matches!(page.word(end), "for" | "on" | "of" | "and") && page.is_capital(end + 1);
        if !(on || page.is_capital(end)) {
            break;
        }
        end += 1;
    }
    Some(from..end)
}

fn add(page: &Page<'_>, out: &mut Vec<Committee>, range: Range<usize>) {
    let words = |r: &Range<usize>| r.clone().map(|k| page.word(k).to_owned()).collect::<Vec<_>>();
    let own = words(&range);
    let span = page.span(&range);
    let near = if page.tongue.ends { range.end..range.end + 5 } else { range.start.saturating_sub(6)..range.start };
    let sentence = page.sentence_range(range.start);
    let planned = near.filter(|k| sentence.contains(k)).any(|k| page.tongue.is("planned", page, k));
    let mut parties: Vec<String> = Vec::new();
    for m in page.mentions_in(&range) {
        if !parties.iter().any(|p| p == m.code) {
            parties.push(m.code.to_owned());
        }
    }
    if parties.len() < 2 {
        parties = page.sides();
    }
    if let Some(old) = out.iter_mut().find(|o| {
        let theirs = words(&o.range);
        own.iter().filter(|w| theirs.contains(w)).count() * 2 > own.len().min(theirs.len())
    }) {
        old.item.evidence.push(span);
        // "The joint committee" of a headline has its whole name in the text.
        let theirs = words(&old.range);
        if own.len() > theirs.len() && theirs.iter().all(|w| own.contains(w)) {
            (old.item.name, old.item.parties, old.range) = (page.slice(&range), parties, range);
        }
        return;
    }
    let status = if planned { "planned" } else { "existing" };
    if out.len() < super::super::MOST {
        out.push(Committee {
            item: Body { name: page.slice(&range), parties, status: status.to_owned(), evidence: vec![span] },
            range,
        });
    }
}
