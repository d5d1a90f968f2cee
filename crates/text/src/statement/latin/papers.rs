//! Agreements and papers, each once.

use super::super::Instrument;
use super::Page;
use std::ops::Range;

/// An instrument with its tokens, and whether signing it is reported.
pub(super) struct Found {
    pub(super) item: Instrument,
    pub(super) range: Range<usize>,
    pub(super) signing: bool,
}

/// The instruments of a text.
pub(super) fn read(page: &Page<'_>) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    for m in page.tongue.instruments.all(&page.folded.tokens) {
        let &(kind, bare) = m.row;
        let counted = m.from > 0 && page.folded.tokens.get(m.from - 1).is_some_and(crate::normalise::Token::is_number);
        let (from, to) = if page.tongue.ends {
            (turkish_start(page, m.from), m.to)
        } else {
            (english_start(page, m.from), english_end(page, m.to))
        };
        let joint = kind == "joint_statement";
        let range = if joint { m.from..m.to } else { from..to };
        if counted || (!bare && range.len() == m.to - m.from) {
            continue;
        }
        let year = (range.start..range.end + 3).find_map(|k| year_at(page, k));
        let (status, signing) = status(page, &range, kind, year);
        let item = Instrument {
            name: page.slice(&range),
            kind: kind.to_owned(),
            year,
            status: status.to_owned(),
            evidence: vec![page.span(&range)],
        };
        add(page, &mut out, Found { item, range, signing });
    }
    out
}

fn add(page: &Page<'_>, out: &mut Vec<Found>, new: Found) {
    let words = |r: &Range<usize>| {
        r.clone().map(|k| page.word(k).chars().take(5).collect::<String>()).filter(|w| w.len() > 3).collect::<Vec<_>>()
    };
    let own = words(&new.range);
    let same = |o: &Found| {
        let theirs = words(&o.range);
        o.item.kind == new.item.kind
            && (o.item.year.is_none() || new.item.year.is_none() || o.item.year == new.item.year)
            && own.iter().filter(|w| theirs.contains(w)).count() >= own.len().min(theirs.len()).min(3)
    };
    if let Some(old) = out.iter_mut().find(|o| same(o)) {
        old.signing |= new.signing;
        old.item.year = old.item.year.or(new.item.year);
        if new.signing {
            old.item.status = new.item.status;
        }
        if new.range.len() > old.range.len() {
            (old.item.name, old.range) = (new.item.name, new.range);
        }
        old.item.evidence.extend(new.item.evidence);
    } else if out.len() < super::super::MOST {
        out.push(new);
    }
}

/// Adjectives and capitals before the head: "Strategic Framework Agreement", "security memorandum".
fn english_start(page: &Page<'_>, head: usize) -> usize {
    let mut from = head;
    while from > 0 && head - from < 5 && !page.broken(from) {
        let word = page.is_capital(from - 1) && !page.ends_before(from - 1) || page.tongue.is("joint_name", page, from - 1);
        if !word || page.word(from - 1) == "the" || page.tongue.is("signed", page, from - 1) {
            break;
        }
        from -= 1;
    }
    from
}

/// What it is on or between, up to a place or a date.
fn english_end(page: &Page<'_>, head: usize) -> usize {
    if page.broken(head) || !page.tongue.is("back", page, head) {
        return head;
    }
    let mut to = head;
    while to < head + 9 && !page.broken(to) {
        let led = page.tongue.is("lead_in", page, to) || page.word(to) == "on";
        let time = |k: usize| page.tongue.time.row(&page.folded.tokens, k).is_some_and(|t| t.0 != "number");
        let number = page.folded.tokens.get(to + 1).is_some_and(crate::normalise::Token::is_number);
        let where_or_when = led && (time(to + 1) || number || (to > head && page.is_capital(to + 1)));
        if where_or_when
            || matches!(page.word(to), "which" | "that" | "during" | "signed" | "after" | "before" | "while" | "as")
            || time(to)
        {
            break;
        }
        to += 1;
    }
    // A preposition that nothing follows belongs to what comes next.
    if to == head + 1 { head } else { to }
}

/// What stands before the head in the same clause, up to a word that ends another part of it.
fn turkish_start(page: &Page<'_>, head: usize) -> usize {
    let ends = ["ile", "arasinda", "ve", "iki", "icin", "olarak", "bir", "tarafindan", "bugun", "dun"];
    let mut from = head;
    while from > 0 && head - from < 5 && !page.broken(from) && !ends.contains(&page.word(from - 1)) && !page.is_ending(from - 1) {
        from -= 1;
    }
    from
}

fn year_at(page: &Page<'_>, k: usize) -> Option<i32> {
    let token = page.folded.tokens.get(k).filter(|t| t.is_number() && t.folded.len() == 4)?;
    token.folded.parse().ok().filter(|y| (1900..2100).contains(y))
}

fn status(page: &Page<'_>, range: &Range<usize>, kind: &str, year: Option<i32>) -> (&'static str, bool) {
    if kind == "joint_statement" {
        return ("issued", false);
    }
    let sentence = page.sentence_range(range.start);
    let near = range.start.saturating_sub(25).max(sentence.start)..(range.end + 8).min(sentence.end);
    let close = range.start.saturating_sub(6).max(sentence.start)..(range.end + 3).min(sentence.end);
    if year.is_some_and(|y| y < page.published.map_or(i32::MAX, |p| p.year)) {
        ("in_force", false)
    } else if close.into_iter().any(|k| page.tongue.is("to_sign", page, k)) {
        ("planned", false)
    } else if near.into_iter().any(|k| page.tongue.is("signed", page, k)) {
        ("signed", true)
    } else {
        (
            if kind == "agreement" {
                "in_force"
            } else if kind == "plan" {
                "planned"
            } else {
                "signed"
            },
            false,
        )
    }
}
