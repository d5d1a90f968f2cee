//! Places below the state, and when a capital is one.

use super::document::{Doc, Mention};
use super::{Place, institutions, persons};
use crate::gazetteer::{Group, Naming};
use crate::normalise::without_article;
use std::ops::Range;

/// A capital that is only where something is, not the government: after a preposition of place, "مدينة", "زيارة", or as a dateline.
pub(super) fn capital_is_place(doc: &Doc<'_>, m: &Mention) -> bool {
    let prefixed = doc.in_prefix(m.from, m.cut);
    let before = m.from.wrapping_sub(1);
    let led = !doc.broken(m.from)
        && (doc.reads_of(before, Group::AtCapital)
            || (doc.is(before, &["من"])
                && !of_body(doc, before)
                && !doc.reads(before.wrapping_sub(1), &["كل", "قبل", "جانب", "بدعوه"]))
            || (doc.mention_at_end(m.from).is_some_and(|n| n.naming == Naming::Nisba)
                && doc.reads(m.from.wrapping_sub(2), &["العاصمه"])
                && doc.reads_of(m.from.wrapping_sub(3), Group::ToCapital)));
    prefixed || led || is_dateline(doc, m)
}

/// "أنطاليا – عقد …": alone at the beginning of a line, with a dash or a colon behind it.
pub(super) fn is_dateline(doc: &Doc<'_>, m: &Mention) -> bool {
    m.from > 0 && doc.gap(m.from).line() && (doc.gap(m.to).dash() || doc.gap(m.to).opens()) && !doc.gap(m.to).line()
}

/// "لجنة ثلاثية من بغداد وأربيل وطهران": governments.
fn of_body(doc: &Doc<'_>, from: usize) -> bool {
    (from.saturating_sub(3)..from).any(|k| doc.reads_of(k, Group::MadeOf))
}

/// "مؤتمر بغداد", "قمة بغداد": part of a name.
fn names_an_event(doc: &Doc<'_>, i: usize) -> bool {
    doc.reads_of(i.wrapping_sub(1), Group::Event) && !doc.broken(i)
}

struct Candidate {
    range: Range<usize>,
    name: String,
    cut: usize,
    keep_role: Option<&'static str>,
    /// A head or a list says that it is a place, whatever else the name may be.
    sure: bool,
    /// The kind of the places that a head in the plural announces.
    list: Option<&'static str>,
}

/// The places of a text, each once.
pub(super) fn read(doc: &Doc<'_>, people: &[persons::Found], bodies: &[institutions::Found]) -> Vec<Place> {
    let taken = |r: &Range<usize>| {
        people
            .iter()
            .any(|p| (p.office.start <= r.start && r.end <= p.office.end && !p.office.is_empty()) || p.name.contains(&r.start))
            || bodies.iter().any(|b| b.range.start <= r.start && r.end <= b.range.end)
    };
    let mut out: Vec<(Place, String)> = Vec::new();
    let mut i = 0;
    // Where the place before ended, and the kind that its list is of.
    let (mut after, mut list) = (0, None);
    while i < doc.len() {
        // "المملكة الأردنية الهاشمية": a state whose name ends like a town.
        if let Some(m) = doc.mentions.get(doc.mentions.partition_point(|m| m.to <= i)).filter(|m| m.from < i) {
            i = m.to;
            continue;
        }
        let listing = (after == i && i > 0 && doc.word(i).starts_with('و') && !doc.broken(i)).then_some(list);
        let found = listing.and_then(|kind| member(doc, i, kind)).or_else(|| place_at(doc, i));
        let Some(c) = found else {
            i += 1;
            continue;
        };
        list = if listing.is_some() { list } else { c.list };
        i = c.range.end.max(i + 1);
        after = i;
        // "جهود بغداد وأربيل": a seat of government that speaks is no place.
        let speaks = doc.mention_at(c.range.start).is_some_and(|m| m.naming == Naming::Capital && !capital_is_place(doc, m));
        // "محافظ الأنبار": who governs it, whether named or not.
        let s = c.range.start;
        let of_office = !doc.reads(s.wrapping_sub(1), &["في"])
            && (s.saturating_sub(3)..s).any(|k| persons::office_range(doc, k).is_some_and(|o| s < o.end));
        if of_office || taken(&c.range) || (!c.sure && (names_an_event(doc, c.range.start) || (speaks && c.range.len() == 1))) {
            after = 0;
            continue;
        }
        add(doc, &mut out, c);
    }
    out.into_iter().map(|p| p.0).collect()
}

fn add(doc: &Doc<'_>, out: &mut Vec<(Place, String)>, c: Candidate) {
    let role = if visited(doc, c.range.start) { "venue" } else { c.keep_role.unwrap_or_else(|| role(doc, &c.range, c.cut)) };
    // Other names in the same row are names of the same place.
    let row = doc
        .at(&doc.lex.places, c.range.start)
        .filter(|h| h.to == c.range.end || (h.to + 1 == c.range.end && doc.is(h.to, &["الحدودي", "الدولي"])))
        .and_then(|h| doc.lex.places.row(h));
    let key = key(row.map_or(c.name.as_str(), |r| r.name));
    let span = doc.hit_span(c.range.clone(), c.cut);
    if let Some((old, _)) = out.iter_mut().find(|(_, k)| *k == key) {
        old.evidence.push(span);
        if role == "venue" {
            old.role = role.to_owned();
        }
    } else if out.len() < super::MOST {
        out.push((Place { name: c.name, role: role.to_owned(), evidence: vec![span] }, key));
    }
}

/// A further place of a list: "دهوك وأربيل"; behind a head in the plural also one that no list knows ("مخيمات … ودارا شكران").
fn member(doc: &Doc<'_>, i: usize, kind: Option<&'static str>) -> Option<Candidate> {
    let known = doc.at(&doc.lex.places, i).filter(|h| h.cut == 1).map(|h| h.to);
    let capital = || doc.mention_at(i).filter(|m| m.naming == Naming::Capital && m.cut == 1).map(|m| m.to);
    // "منفذي زرباطية والشيب وتوحيد الإجراءات": a noun with its owner is no place.
    let owned = doc.word(i + 1).starts_with("ال") && !doc.broken(i + 1);
    let unknown =
        || (kind.is_some() && !owned && is_proper(doc, i) && doc.at(&doc.lex.place_heads, i).is_none()).then_some(i + 1);
    let to = known.or_else(capital).or_else(unknown)?;
    let name = doc.slice(i..to, 1, false);
    Some(Candidate { range: i..to, name, cut: 1, keep_role: Some("subject"), sure: true, list: kind })
}

/// "زارت المسؤولة الأممية مخيم …", "تفقد الوزير منفذ …": whoever goes to see a place is there.
fn visited(doc: &Doc<'_>, at: usize) -> bool {
    (at.saturating_sub(5)..at)
        .rev()
        .take_while(|&k| !doc.broken(k + 1) && !doc.is(k, &["في", "من", "الي"]))
        .any(|k| doc.reads_of(k, Group::Visiting))
}

/// A name without its generic head, for comparing: "مخيم الهول" and "الهول" are one place.
fn key(name: &str) -> String {
    let folded = crate::normalise::fold_for_search(name);
    let lex = crate::gazetteer::lexicon();
    let words: Vec<&str> = folded.split(' ').filter(|w| !lex.is_of(w, Group::GenericPlace)).map(without_article).collect();
    words.join(" ")
}

fn place_at(doc: &Doc<'_>, i: usize) -> Option<Candidate> {
    directed(doc, i).or_else(|| headed(doc, i)).or_else(|| listed(doc, i)).or_else(|| capital(doc, i))
}

/// "شمال شرق سوريا", "الساحل السوري".
fn directed(doc: &Doc<'_>, i: usize) -> Option<Candidate> {
    let direction = |k: usize| doc.reads_of(k, Group::Direction);
    let second = direction(i).then_some(i + 1)?;
    let at = if direction(second) { second + 1 } else { second };
    let m = doc.mention_at(at).filter(|m| m.cut == 0 && m.naming == Naming::Name && !doc.broken(m.from))?;
    let cut = usize::from(doc.word(i).starts_with(['ب', 'ل', 'و']) && !doc.is(i, &["وسط"]));
    Some(Candidate {
        range: i..m.to,
        name: doc.slice(i..m.to, cut, false),
        cut,
        keep_role: Some("subject"),
        sure: true,
        list: None,
    })
}

/// A head with the proper name behind it: "مخيم …", "مطار … الدولي", "محافظة …".
fn headed(doc: &Doc<'_>, i: usize) -> Option<Candidate> {
    let hit = doc.at(&doc.lex.place_heads, i)?;
    let &(kind, form) = doc.lex.place_heads.row(hit)?;
    let keep = form == "keep";
    // "لسد الفراغ": a verbal noun and no dam.
    let verbal = doc.reads(i, &["سد"]) && doc.word(i).starts_with(['ل', 'ب']);
    if doc.broken(hit.to) || doc.word(i).contains("ال") || (verbal && doc.at(&doc.lex.places, i).is_none()) {
        return None;
    }
    let whole = doc.at(&doc.lex.places, i).filter(|h| h.to > hit.to);
    let behind = doc.at(&doc.lex.places, hit.to).filter(|h| h.cut == 0).map(|h| h.to);
    let capital = doc.mention_at(hit.to).filter(|m| m.naming == Naming::Capital && m.cut == 0).map(|m| m.to);
    let mut end = whole.map(|h| h.to).or(behind).or(capital).or_else(|| proper(doc, hit.to, kind))?;
    if kind == "crossing" || doc.is(i, &["مطار"]) {
        end += usize::from(doc.is(end, &["الدولي", "الحدودي"]) && !doc.broken(end));
    }
    let cut = crate::normalise::clitic_readings(doc.word(i))
        .iter()
        .find(|r| doc.lex.place_heads.phrases_hold(&r.word) && r.cut > 0)
        .map_or(0, |r| r.cut);
    let from = if keep { i } else { hit.to };
    Some(Candidate {
        range: from..end,
        name: doc.slice(from..end, if keep { cut } else { 0 }, false),
        cut: if keep { cut } else { 0 },
        keep_role: matches!(kind, "camp" | "river" | "region").then_some("subject"),
        sure: true,
        list: (form == "list").then_some(kind),
    })
}

/// A word that looks like a proper name.
fn is_proper(doc: &Doc<'_>, k: usize) -> bool {
    let w = doc.word(k);
    !doc.lex.closes_name(w)
        && !doc.bare_of(k, Group::Describing)
        && doc.mention_at(k).is_none()
        && doc.at(&doc.lex.units, k).is_none()
        && doc.at(&doc.lex.offices, k).is_none()
        && w.chars().nth(2).is_some()
        && !w.starts_with("لل")
        && !doc.folded.tokens.get(k).is_some_and(crate::normalise::Token::is_number)
}

/// One or two words that look like a proper name.
fn proper(doc: &Doc<'_>, i: usize, kind: &str) -> Option<usize> {
    let w = doc.word(i);
    if !is_proper(doc, i)
        || !matches!(kind, "camp" | "crossing" | "base" | "governorate" | "city" | "river")
        || w.starts_with('و')
    {
        return None;
    }
    let more = !w.starts_with("ال")
        && is_proper(doc, i + 1)
        && !doc.broken(i + 1)
        && !doc.word(i + 1).starts_with(['و', 'ب', 'ل'])
        && doc.broken(i + 2);
    Some(i + 1 + usize::from(more))
}

/// A place of the list.
fn listed(doc: &Doc<'_>, i: usize) -> Option<Candidate> {
    let hit = doc.at(&doc.lex.places, i)?;
    let row = doc.lex.places.row(hit)?;
    let word = doc.word(i);
    let single = hit.to - hit.from == 1;
    // "الفرات نيوز" is an agency.
    if doc.is(hit.to, &["نيوز", "برس", "بوست", "تايمز"]) && !doc.broken(hit.to) {
        return None;
    }
    // "بالقائم بالأعمال": an office.
    if doc.at(&doc.lex.offices, i).is_some_and(|h| h.to > hit.to) {
        return None;
    }
    // Names that are also common words need a preposition or a head before them.
    let weak = single && row.weak;
    let led = i > 0 && doc.reads_of(i - 1, Group::Leading) || doc.in_prefix(i, hit.cut);
    if weak && !led && !(doc.gap(i).line() && doc.gap(hit.to).dash()) {
        return None;
    }
    let an_office = doc.at(&doc.lex.offices, i).is_some() && doc.reads(hit.to, &["اعمال"]);
    if single && !led && (doc.lex.given.has(word) || an_office) {
        return None;
    }
    if (single && doc.lex.months.row_at(doc, i).is_some()) || doc.is(i.wrapping_sub(1), &["ال"]) {
        return None;
    }
    Some(Candidate {
        range: i..hit.to,
        name: doc.slice(i..hit.to, hit.cut, hit.article),
        cut: hit.cut,
        keep_role: matches!(row.kind, "camp" | "river" | "region").then_some("subject"),
        sure: false,
        list: None,
    })
}

/// A capital used as a place.
fn capital(doc: &Doc<'_>, i: usize) -> Option<Candidate> {
    let m = doc.mention_at(i).filter(|m| {
        m.naming == Naming::Capital && capital_is_place(doc, m)
            || m.naming == Naming::Name && super::parties::is_mere_place(doc, m) && !doc.main.iter().take(3).any(|c| *c == m.code)
    })?;
    Some(Candidate {
        range: i..m.to,
        name: doc.slice(i..m.to, m.cut, false),
        cut: m.cut,
        keep_role: None,
        sure: false,
        list: None,
    })
}

/// A place is a venue when an act of meeting stands in its sentence and it is said to be there, or as a dateline.
fn role(doc: &Doc<'_>, r: &Range<usize>, cut: usize) -> &'static str {
    let there = doc.reads(r.start.wrapping_sub(1), &["في", "مدينه", "العاصمه", "الي"])
        || doc.in_prefix(r.start, cut)
        || doc.mention_at_end(r.start).is_some();
    let dateline = doc.gap(r.start).line() && (doc.gap(r.end).dash() || doc.gap(r.end).opens());
    let sentence = doc.sentence_range(r.start);
    let kinds = ["meeting", "visit", "conference", "press_conference", "instrument_signed"];
    let act = doc.any_in(&doc.lex.acts, sentence.clone(), |a| kinds.contains(&a.0))
        || sentence.into_iter().any(|k| doc.reads_of(k, Group::VenueAct));
    if dateline || (there && act) { "venue" } else { "subject" }
}
