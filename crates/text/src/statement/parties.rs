//! Which of the parties named take part.

use super::document::{Doc, Mention};
use super::{Commitment, Party};
use crate::gazetteer::{Cue, Group, Naming};
use std::collections::BTreeMap;

/// Points by which a party must be named to count as taking part.
const ENOUGH: usize = 3;

/// The parties the statement is about, best first.
pub(super) fn main(doc: &Doc<'_>) -> Vec<&'static str> {
    let points = points(doc);
    let mut order: Vec<(&'static str, usize, usize)> = points.into_iter().map(|(c, (p, first))| (c, p, first)).collect();
    order.sort_by_key(|&(_, p, first)| (std::cmp::Reverse(p), first));
    order.into_iter().map(|(c, ..)| c).collect()
}

/// Points and first token of every party named.
fn points(doc: &Doc<'_>) -> BTreeMap<&'static str, (usize, usize)> {
    let lead = doc.sentence_range(doc.title_end);
    let mut out: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
    for m in &doc.mentions {
        if is_mere_place(doc, m) {
            // An embassy's act is one with the state where it has its seat.
            if is_seat(doc, m) {
                out.entry(m.code).or_insert((0, m.from)).0 += 1;
            }
            continue;
        }
        // "ميثاق الأمم المتحدة": a paper is called after it.
        if doc.at(&doc.lex.instruments, m.from.wrapping_sub(1)).is_some() && !is_state(m.code) {
            continue;
        }
        // "من سوريا إلى العراق عبر تركيا": a way through is no part in it.
        let e = out.entry(m.code).or_insert((0, m.from));
        e.0 += if doc.is(m.from.wrapping_sub(1), &["عبر"]) && m.from >= doc.title_end {
            0
        } else if m.from < doc.title_end {
            3
        } else if lead.contains(&m.from) {
            2
        } else {
            1
        };
        if m.from >= doc.title_end && in_list(doc, m) {
            let took_part = || (m.from.saturating_sub(14)..m.from).any(|k| doc.reads_of(k, Group::Sharing));
            e.0 += if took_part() { 2 } else { usize::from(lead.contains(&m.from)) };
        }
        // "تدعو الوزارة الجانب الإيراني": a side that is called upon.
        let side = m.from > 0 && doc.reads(m.from - 1, &["الجانب", "الحكومه", "السلطات"]);
        if side {
            let mut called = m.from.saturating_sub(4)..m.from;
            e.0 += 1 + usize::from(called.any(|k| doc.cue(k, Cue::Addressed)));
        }
        let delegation = m.naming == Naming::Name && m.from > 0 && doc.reads(m.from - 1, &["وفد"]);
        if delegation || joins(doc, m) || is_between(doc, m) || acts_along(doc, m) {
            e.0 += 2;
        }
    }
    unmarked(doc, &lead, &mut out);
    let mut counted: Vec<&str> = Vec::new();
    for &(code, at) in doc.served.iter() {
        // An official stands for a party that is named nowhere.
        if !counted.contains(&code) {
            counted.push(code);
            out.entry(code).or_insert((2, at)).0 += 1;
        }
    }
    organisations(doc, &mut out);
    // A body that only one state has stands for it ("وزارة الهجرة والمهجرين").
    for hit in &doc.named_bodies {
        let own =
            doc.lex.institutions.row(*hit).map(|r| r.0).filter(|p| is_state(p) && doc.mentions_in(hit.from..hit.to).is_empty());
        if let Some(code) = own {
            let e = out.entry(code).or_insert((0, hit.from));
            e.0 += if lead.contains(&hit.from) { 2 } else { 1 };
            e.1 = e.1.min(hit.from);
        }
    }
    out
}

/// "منحت المفوضية السامية …": an organisation that does something takes part.
fn organisations(doc: &Doc<'_>, out: &mut BTreeMap<&'static str, (usize, usize)>) {
    let did = |k: usize| {
        let w = doc.word(k).trim_start_matches(['و', 'ف']);
        let called = doc.cue(k, Cue::Addressed);
        !called
            && (doc.lex.verbs.has(w)
                || w.strip_suffix("ها").or_else(|| w.strip_suffix('ه')).is_some_and(|v| doc.lex.verbs.has(v)))
    };
    for hit in &doc.named_bodies {
        let code = doc
            .lex
            .institutions
            .row(*hit)
            .map(|r| r.0)
            .filter(|p| !is_state(p) && !matches!(*p, "" | "-" | "KRG" | "SDF" | "AANES"));
        let acts = (did(hit.to) && !doc.broken(hit.to)) || (hit.from > 0 && did(hit.from - 1) && !doc.broken(hit.from));
        // "بحضور الأمين العام لمجلس وزراء الداخلية العرب".
        // "بمشاركة وفود … وممثلين عن جامعة الدول العربية و…", "بالتعاون مع … ووكالة فرونتكس".
        let start = doc.sentence_range(hit.from).start.max(hit.from.saturating_sub(24));
        let attended =
            (start..hit.from).rev().take_while(|&k| !doc.gap(k + 1).comma()).any(|k| doc.reads_of(k, Group::Attending));
        // "في مقر الأمانة العامة": the host.
        let attended = attended || doc.is(hit.from.wrapping_sub(1), &["مقر"]);
        if let Some(code) = code.filter(|_| acts || attended) {
            out.entry(code).or_insert((0, hit.from)).0 += 3;
        }
    }
}

/// What speaks for a state that the text names elsewhere: an office that only one state calls so, and a town of its own.
fn unmarked(doc: &Doc<'_>, lead: &std::ops::Range<usize>, out: &mut BTreeMap<&'static str, (usize, usize)>) {
    let mut towns: Vec<&str> = Vec::new();
    let alone = !out.keys().any(|code| is_state(code));
    for i in 0..doc.len() {
        // Where no state is named at all, its offices and towns say which it is.
        let usual = doc.lex.office_parties.row_at(doc, i).copied();
        if let Some(code) = usual.filter(|_| alone) {
            out.entry(code).or_insert((0, i));
        }
        if let Some(e) = usual.and_then(|code| out.get_mut(code)) {
            e.0 += if lead.contains(&i) { 2 } else { 1 };
        }
        let town = doc.lex.places.row_at(doc, i).filter(|p| matches!(p.kind, "city" | "governorate")).map(|p| p.country);
        if let Some(e) = town.filter(|c| !towns.contains(c)).and_then(|c| out.get_mut(c)) {
            towns.extend(town);
            e.0 += 1;
        }
    }
}

/// The state that speaks without naming itself: by an office or body that only it has, else by a town of its own, else the
/// usual one of the list.
pub(super) fn implied(doc: &Doc<'_>, lead: &std::ops::Range<usize>) -> Option<&'static str> {
    let office = lead.clone().find_map(|i| doc.lex.office_parties.row_at(doc, i).copied());
    let body = || doc.named_bodies.iter().filter_map(|h| doc.lex.institutions.row(*h)).map(|r| r.0).find(|c| is_state(c));
    let town = || (0..doc.len()).filter_map(|i| doc.lex.places.row_at(doc, i)).map(|p| p.country).find(|c| is_state(c));
    doc.agency.or(office).or_else(body).or_else(town).or(doc.lex.newsroom)
}

/// "السفارة الأمريكية في بغداد", "سفير فرنسا لدى بغداد": where a mission has its seat.
fn is_seat(doc: &Doc<'_>, m: &Mention) -> bool {
    (m.from.saturating_sub(5)..m.from).any(|k| doc.reads_of(k, Group::MissionOf))
        && !(m.from.saturating_sub(3)..m.from).any(|k| doc.broken(k))
}

/// One of the two that something is between: "اللجنة المشتركة بين العراق والولايات المتحدة".
fn is_between(doc: &Doc<'_>, m: &Mention) -> bool {
    let led = |m: &Mention| doc.is(m.from.wrapping_sub(1), &["بين"]) && m.cut == 0 && m.naming == Naming::Name;
    led(m) || (m.naming == Naming::Name && doc.word(m.from).starts_with('و') && doc.mention_at_end(m.from).is_some_and(led))
}

/// One of three or more states in a row: "وزراء خارجية الأردن والعراق وتركيا".
fn in_list(doc: &Doc<'_>, m: &Mention) -> bool {
    let named = |m: &&Mention| m.naming == Naming::Name;
    let next =
        |m: &Mention| doc.mention_at(m.to).filter(named).filter(|n| doc.word(n.from).starts_with('و') && !doc.broken(n.from));
    let last = |m: &Mention| doc.mention_at_end(m.from).filter(named).filter(|_| doc.word(m.from).starts_with('و'));
    let (mut before, mut behind) = (0, 0);
    let mut at = m;
    while let Some(l) = last(at).filter(|_| before < 3) {
        (at, before) = (l, before + 1);
    }
    at = m;
    while let Some(n) = next(at).filter(|_| behind < 3) {
        (at, behind) = (n, behind + 1);
    }
    m.naming == Naming::Name && before + behind >= 2
}

/// The side that the one who speaks deals with: "مع الجانب السوري", "نظيره السوري", "السفير التركي لدى …".
pub(super) fn is_other_side(doc: &Doc<'_>, m: &Mention) -> bool {
    let envoy = doc.reads_of(m.from.wrapping_sub(1), Group::EnvoyOf);
    let mut before = (m.from.saturating_sub(4)..m.from).rev().take_while(|&k| !doc.broken(k + 1));
    // "من الجانب السوري", "إلى السلطات التركية".
    let side = doc.reads(m.from.wrapping_sub(1), &["الجانب", "السلطات", "الحكومه"])
        && doc.is(m.from.wrapping_sub(2), &["من", "الي", "مع"]);
    // "مع وفد من وزارة الداخلية العراقية".
    let delegation = (m.from.saturating_sub(6)..m.from).any(|k| doc.is(k, &["مع"]) && doc.is(k + 1, &["وفد"]) && !doc.broken(k + 1))
            // "التقى وفداً من المديرية العامة … السعودية".
            || (m.from.saturating_sub(8)..m.from).any(|k| doc.is(k, &["وفدا"]) && doc.is(k + 1, &["من"]) && !(k + 1..m.from).any(|n| doc.broken(n)));
    // "استرداد 14 مداناً من تركيا": whom something was got from.
    let giver = doc.is(m.from.wrapping_sub(1), &["من"])
        && (m.from.saturating_sub(20).max(doc.sentence_range(m.from).start)..m.from).any(|k| doc.reads_of(k, Group::GotBack));
    envoy || side || giver || delegation || before.any(|k| doc.reads_of(k, Group::Counterpart))
}

/// A state that is called after its capital, and is only where something is: "المنعقدة في تونس", "تونس – …".
pub(super) fn is_only_there(doc: &Doc<'_>, m: &Mention) -> bool {
    m.naming == Naming::Name
        && (doc.reads(m.from.wrapping_sub(1), &["في"]) || doc.in_prefix(m.from, m.cut) || super::places::is_dateline(doc, m))
}

pub(super) use crate::gazetteer::is_state;

/// Named as one that works along: "بالتنسيق مع الولايات المتحدة والإدارة الذاتية".
fn joins(doc: &Doc<'_>, m: &Mention) -> bool {
    let mut k = m.from;
    while k > 0 && m.from - k < 8 && !doc.broken(k) {
        k -= 1;
        if doc.reads(k, &["بالتنسيق", "بالتعاون", "بالاشتراك", "بالشراكه"]) {
            return true;
        }
    }
    false
}

/// Spoken for: "كشف ممثل التحالف الدولي", "عملية مشتركة مع التحالف".
fn acts_along(doc: &Doc<'_>, m: &Mention) -> bool {
    let (office, verb) = (m.from.wrapping_sub(1), m.from.wrapping_sub(2));
    let spoken_for = doc.lex.offices.row_at(doc, office).is_some_and(|o| *o == "office")
        && doc.lex.verbs.has(doc.word(verb).trim_start_matches(['و', 'ف']))
        && !doc.broken(m.from)
        && !doc.broken(office);
    let shared = doc.is(office, &["مع"]) && (m.from.saturating_sub(4)..office).any(|k| doc.reads(k, &["مشترك", "مشتركه"]));
    spoken_for || shared
}

/// A capital that is only where something is.
pub(super) fn is_mere_place(doc: &Doc<'_>, m: &Mention) -> bool {
    // "تونس" and "الكويت" are a state and its capital.
    let both = m.naming == Naming::Name && doc.lex.city_states.contains(&m.code);
    (m.naming == Naming::Capital && super::places::capital_is_place(doc, m)) || (both && is_only_there(doc, m))
}

/// The parties of the reading, in the order they are first named.
pub(super) fn read(doc: &Doc<'_>, commitments: &[Commitment]) -> Vec<Party> {
    let mut points = points(doc);
    let best = points.values().map(|p| p.0).max().unwrap_or(0);
    // Whoever speaks without naming the own state still takes part.
    if is_state(doc.home) {
        points.entry(doc.home).or_insert((1, 0)).0 += 2;
    }
    let bound = |code: &str| commitments.iter().any(|c| c.by.iter().any(|b| b == code));
    let mut chosen: Vec<(&'static str, usize)> = points
        .iter()
        .filter(|(c, (p, _))| *p >= ENOUGH.min(best) && (*p * 6 >= best || bound(c)) || bound(c))
        .map(|(c, (_, first))| (*c, *first))
        .collect();
    chosen.sort_by_key(|c| c.1);
    chosen
        .into_iter()
        .map(|(code, _)| {
            let evidence =
                doc.mentions.iter().filter(|m| m.code == code).take(3).map(|m| doc.hit_span(m.from..m.to, m.cut)).collect();
            Party { party: code.to_owned(), evidence }
        })
        .collect()
}
