//! Named officials: capitals in a row behind, or with a comma before, an office.

use super::super::Person;
use super::Page;
use std::ops::Range;

/// A person with the tokens of office and name.
pub(super) struct Found {
    pub(super) item: Person,
    pub(super) office: Range<usize>,
    pub(super) name: Range<usize>,
}

/// Small parts inside a name.
const PARTS: [&str; 12] = ["al", "el", "bin", "ibn", "abu", "von", "van", "de", "der", "ad", "as", "ul"];

/// The persons of a text, each once.
pub(super) fn read(page: &Page<'_>) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    let mut i = 0;
    while i < page.len() {
        let Some(office) = office_at(page, i) else {
            i += 1;
            continue;
        };
        i = office.end.max(i + 1);
        let behind = skip_titles(page, office.end);
        let name = name_at(page, behind.0, behind.1).or_else(|| name_before(page, office.start));
        if let Some(name) = name {
            i = i.max(name.end);
            add(page, &mut out, office, name);
        }
    }
    out
}

fn add(page: &Page<'_>, out: &mut Vec<Found>, office: Range<usize>, name: Range<usize>) {
    let words = |r: &Range<usize>| r.clone().map(|k| page.word(k).to_owned()).collect::<Vec<_>>();
    let own = words(&name);
    let span = page.span(&name);
    if let Some(old) = out.iter_mut().find(|o| {
        let theirs = words(&o.name);
        own.iter().filter(|w| theirs.contains(w)).count() == own.len().min(theirs.len())
    }) {
        old.item.evidence.push(span);
        return;
    }
    if out.len() >= super::super::MOST {
        return;
    }
    let inside = page.mentions_in(&office).find(|m| page.speaks(m)).or_else(|| page.mention_before(office.start));
    let bodies = office.clone().filter_map(|k| page.tongue.institutions.at(&page.folded.tokens, k));
    let body = bodies.map(|m| m.row.0).find(|code| *code != "-" && !code.is_empty());
    let party = inside.map(|m| m.code).or(body).map_or_else(|| page.context(office.start), str::to_owned);
    let party = body.filter(|b| !crate::gazetteer::is_state(b)).map_or(party, str::to_owned);
    let item =
        Person { name: page.slice(&name), office: vec![page.slice(&office)], party, evidence: vec![span, page.span(&office)] };
    out.push(Found { item, office, name });
}

/// The office around the head that begins at token `i`: adjectives and nationality before it, and in English what it is of.
fn office_at(page: &Page<'_>, i: usize) -> Option<Range<usize>> {
    let mut to = page.tongue.end("office", page, i)?;
    let mut from = i;
    while from > 0 && i - from < 7 && !page.broken(from) && page.word(from - 1) != "the" {
        let named = page.mention_around(from - 1).is_some();
        let own = page.is_ending(from - 1) && from > 1 && page.mention_around(from - 2).is_some();
        let small = page.word(from - 1) == "ve" && page.is_capital(from) && page.is_capital(from.wrapping_sub(2));
        if !(page.is_capital(from - 1) && !page.ends_before(from) || named || own || small) || page.ends_before(from) {
            break;
        }
        from -= 1;
    }
    if !page.tongue.ends {
        to = english_end(page, to);
    }
    // "the Minister", with a small letter, is no name; but "Iraq's foreign minister" is an office.
    let behind_name = || name_before(page, from).is_some();
    (from < i
        || behind_name()
        || page.is_capital(i)
        || to > i + 1
        || page.gap(i).comma()
        || page.word(i.wrapping_sub(1)) == "the")
        .then_some(from..to)
}

/// "Minister of Interior", "Ambassador to Iraq", "head of the Border Ports Commission", "Deputy Prime Minister and Minister of …".
fn english_end(page: &Page<'_>, mut to: usize) -> usize {
    let tokens = &page.folded.tokens;
    for _ in 0..4 {
        let mut next = to;
        while page.tongue.is("inner", page, next) && !page.broken(next) && next < to + 2 {
            next += 1;
        }
        if page.broken(next) && next > to {
            break;
        }
        let found = page.tongue.institutions.at(tokens, next).map(|m| m.to);
        let found = found.or_else(|| (next > to).then(|| page.tongue.sectors.at(tokens, next).map(|m| m.to)).flatten());
        let found = found.or_else(|| (next > to).then(|| page.mention_at(next).map(|m| m.to)).flatten());
        let found = found.or_else(|| (next > to).then(|| page.tongue.places.at(tokens, next).map(|m| m.to)).flatten());
        match found.or_else(|| page.tongue.end("office", page, next)) {
            Some(end) if !page.broken(to) => to = end,
            _ => break,
        }
    }
    to
}

fn skip_titles(page: &Page<'_>, from: usize) -> (usize, bool) {
    let mut k = from;
    while let Some(to) = page.tongue.end("title", page, k).filter(|_| k < from + 5) {
        k = to;
    }
    (k, k > from)
}

/// Two to five words with capitals, with small parts between them; one is enough behind a title.
fn name_at(page: &Page<'_>, i: usize, titled: bool) -> Option<Range<usize>> {
    let known = |k: usize| {
        page.mention_at(k).is_some()
            || page.tongue.is("office", page, k)
            || page.tongue.institutions.at(&page.folded.tokens, k).is_some()
            || page.tongue.time.row(&page.folded.tokens, k).is_some_and(|t| matches!(t.0, "month" | "weekday"))
    };
    if page.ends_before(i) || page.gap(i).line() {
        return None;
    }
    let (mut k, mut units) = (i, 0);
    while units < 5 && k < page.len() && (k == i || !page.broken(k)) {
        let part = PARTS.contains(&page.word(k)) && page.is_capital(k + 1);
        if part {
            k += 1;
            continue;
        }
        if !page.is_capital(k) || known(k) || page.is_ending(k) {
            break;
        }
        k += 1;
        units += 1;
    }
    (units >= 2 || (titled && units >= 1)).then_some(i..k)
}

/// "Hakan Fidan, the Turkish foreign minister": the name before the comma.
fn name_before(page: &Page<'_>, office: usize) -> Option<Range<usize>> {
    // "…, the ministry spokesman": up to three small words before the head.
    let small = (1..=3).map_while(|n| office.checked_sub(n)).take_while(|&k| !page.is_capital(k) && !page.broken(k + 1));
    let at = small.filter(|&k| page.gap(k).comma()).last().unwrap_or(office);
    if !page.gap(at).comma() {
        return None;
    }
    let from = (at.saturating_sub(5)..at).find(|&k| name_at(page, k, false).is_some_and(|n| n.end == at))?;
    Some(from..at)
}
