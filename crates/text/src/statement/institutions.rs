//! State and international bodies: by name, by head and sector ("مديرية …"), embassies, and conjoined heads
//! ("وزارات الداخلية والدفاع", "إدارتا … في سوريا والأردن", "سفارتَي العراق وسوريا").

use super::document::Doc;
use super::persons;
use super::{Institution, Span};
use crate::gazetteer::phrases::Hit;
use crate::gazetteer::{Group, Naming};
use std::ops::Range;

/// An institution with the tokens of its name.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) item: Institution,
    pub(super) range: Range<usize>,
    /// Its name for comparing, from [`core`].
    core: String,
    /// A ministry named without the word.
    short: bool,
    /// The row of `institutions.tsv`: other names in it are names of the same body.
    row: Option<usize>,
}

/// The institutions of a text, each once for each party.
pub(super) fn read(doc: &Doc<'_>, persons: &[persons::Found]) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    let mut i = 0;
    while i < doc.len() {
        let found =
            embassy(doc, i).or_else(|| named(doc, i)).or_else(|| headed(doc, i)).or_else(|| short(doc, i)).unwrap_or_default();
        let next = found.iter().map(|f| f.range.end).max().unwrap_or(i + 1);
        let alias = doc.gap(i).opens() && out.iter().any(|o| o.range.end == i);
        for f in found {
            if !alias && !inside_office(doc, persons, &f) {
                add(doc, &mut out, f);
            }
        }
        i = next.max(i + 1);
    }
    // "النفط العراقية" beside "وزارة النفط": the same.
    let whole: Vec<(String, String)> =
        out.iter().filter(|f| f.item.name.starts_with("وزارة")).map(|f| (f.item.party.clone(), f.item.sector.clone())).collect();
    out.retain(|f| !f.short || !whole.iter().any(|w| w.0 == f.item.party && w.1 == f.item.sector));
    out
}

/// Part of somebody's office: "وكيل وزارة الداخلية" names no ministry.
fn inside_office(doc: &Doc<'_>, persons: &[persons::Found], f: &Found) -> bool {
    // "اتفاقية الأمم المتحدة لقانون البحار": the paper is called after her.
    if doc.at(&doc.lex.instruments, f.range.start.wrapping_sub(1)).is_some() && !doc.broken(f.range.start) {
        return true;
    }
    // "الملحق الأمني في السفارة العراقية": an office that goes on to the name, whoever holds it.
    // "مصدر مسؤول في القيادة": a source, as "مصادر في الوزارة", speaks for her.
    let source = (f.range.start.saturating_sub(4)..f.range.start).any(|k| doc.reads_of(k, Group::Source));
    let in_phrase = |s: usize| persons::office_range(doc, s).is_some_and(|o| o.start < f.range.start && f.range.end <= o.end);
    // "رئيس أركان الجيش التركي": an army within an office is its commander's.
    let led = doc.reads(f.range.start.wrapping_sub(1), &["في", "لدي", "اركان"]);
    if led && !source && (f.range.start.saturating_sub(6)..f.range.start).any(in_phrase) {
        return true;
    }
    // "ضباط وزارة الداخلية": people of hers, not she.
    let counted = doc.is(f.range.start.wrapping_sub(1), &["من"])
        && doc.folded.tokens.get(f.range.start.wrapping_sub(2)).is_some_and(crate::normalise::Token::is_number);
    if counted || doc.reads_of(f.range.start.wrapping_sub(1), Group::Staff) && !doc.broken(f.range.start) {
        return true;
    }
    let of_person = persons.iter().any(|p| p.office.start < f.range.start && f.range.end <= p.office.end);
    let before = f.range.start.wrapping_sub(1);
    let by_title = doc.at(&doc.lex.offices, before).is_some() || doc.reads_of(before, Group::OfficeTail);
    let ministry = f.item.name.starts_with("وزارة")
        || f.item.sector == "cabinet"
        || f.item.sector == "foreign"
        || f.item.sector == "parliament"
        || f.item.sector == "international"
        || matches!(f.item.party.as_str(), "NATO" | "COALITION" | "UN" | "EU");
    let clitic = doc.span(f.range.clone()).start != f.item.evidence.first().map_or(0, |s| s.start);
    let by_means = clitic && doc.word(f.range.start).trim_start_matches(['و', 'ف']).starts_with('ب');
    let same = |p: &persons::Found| p.item.party == f.item.party && p.item.office.iter().any(|o| core(o).contains(&f.core));
    of_person || (by_title && !by_means && (ministry || persons.iter().any(same)))
}

/// Adds an institution, unless the same party has one of this name already.
fn add(doc: &Doc<'_>, out: &mut Vec<Found>, new: Found) {
    let same_row = |o: &Found| new.row.is_some() && o.row == new.row && o.item.party == new.item.party;
    // "وزارة التعليم" is short for "وزارة التعليم العالي …" of the same state.
    let bare = crate::normalise::without_article;
    let within = |a: &str, b: &str| a.split(' ').all(|w| b.split(' ').any(|v| bare(v) == bare(w)));
    let short = |o: &Found| {
        let (a, b) = (&o.core, &new.core);
        o.item.party == new.item.party
            && o.item.sector == new.item.sector
            && a.contains(' ')
            && b.contains(' ')
            // "الأمم المتحدة" is short for "برنامج الأمم المتحدة الإنمائي" only in a title.
            && (o.range.end <= doc.title_end || a.split(' ').next().map(bare) == b.split(' ').next().map(bare))
            && (within(a, b) || within(b, a))
    };
    let same_name = |o: &Found| o.core == new.core && o.item.party == new.item.party;
    if let Some(old) = out.iter_mut().find(|o| same_row(o) || same_name(o) || short(o)) {
        old.item.evidence.extend(new.item.evidence);
        old.short &= new.short;
        if new.item.name.len() > old.item.name.len() {
            (old.item.name, old.item.surface, old.core) = (new.item.name, new.item.surface, new.core);
        }
    } else if out.len() < super::MOST {
        out.push(new);
    }
}

/// The name without adjectives of nationality, for comparing.
fn core(name: &str) -> String {
    let folded = crate::normalise::fold_for_search(name);
    let list = &crate::gazetteer::lexicon().mentions;
    let words: Vec<&str> = folded.split(' ').filter(|w| !list.phrases_hold(w)).collect();
    let whole = words.len() == folded.split(' ').count() || list.phrases_hold(&folded);
    if whole { folded } else { words.join(" ") }
}

fn make(doc: &Doc<'_>, name: String, party: String, sector: &str, range: Range<usize>, cut: usize) -> Found {
    let span: Span = doc.hit_span(range.clone(), cut);
    let surface = doc.slice(range.clone(), cut, false);
    Found {
        core: core(&name),
        item: Institution { name, party, sector: sector.to_owned(), surface, evidence: vec![span] },
        range,
        short: false,
        row: None,
    }
}

/// "إدارة مكافحة المخدرات في مديرية الأمن العام الأردنية": a body within a body of a state is that state's.
fn outer_owner(doc: &Doc<'_>, at: usize) -> Option<&'static str> {
    let within = doc.is(at, &["في"]) && doc.reads_of(at + 1, Group::OuterBody);
    let name = (at + 2..at + 8).take_while(|&k| within && !doc.broken(k) && doc.word(k).starts_with("ال"));
    name.filter_map(|k| doc.mention_at(k)).find(|m| m.naming == Naming::Nisba && m.cut == 0).map(|m| m.code)
}

/// The nationality or country that follows a name: "… العراقية", "… في العراق". Gives the code and the token behind it.
fn owner(doc: &Doc<'_>, at: usize) -> Option<(&'static str, usize)> {
    if doc.broken(at) {
        return None;
    }
    if let Some(m) = doc.mention_at(at).filter(|m| m.cut == 0 && m.naming != Naming::Capital) {
        return Some((m.code, m.to));
    }
    let m = doc.mention_at(at + 1).filter(|m| doc.is(at, &["في"]) && m.cut == 0 && m.naming == Naming::Name)?;
    Some((m.code, m.to))
}

fn named(doc: &Doc<'_>, i: usize) -> Option<Vec<Found>> {
    let hit = doc.at(&doc.lex.institutions, i)?;
    let &(party, sector) = doc.lex.institutions.row(hit)?;
    let (mut end, mut code) = (hit.to, party.to_owned());
    if let Some((c, to)) = owner(doc, hit.to)
        && (party == "-" || doc.mention_at(hit.to).is_some())
        && !matches!(party, "UN" | "AIMC" | "LAS" | "GCC" | "EU" | "NATO" | "COALITION")
    {
        code = c.to_owned();
        end = if doc.mention_at(hit.to).is_some() { to } else { hit.to };
    }
    if code == "-"
        && let Some(outer) = outer_owner(doc, end)
    {
        outer.clone_into(&mut code);
    }
    if code == "-" {
        // A bare "البرلمان", "القوة الجوية" with nothing beside it belongs to whoever is spoken of.
        code = doc.mentions_in(i..hit.to).first().map_or_else(|| persons::context_party(doc, i), |m| m.code.to_owned());
    }
    let name = doc.slice(i..end, hit.cut, hit.article);
    let short = hit.to - hit.from == 2 && is_ministry(doc, i);
    Some(vec![Found { row: Some(hit.value), short, ..make(doc, name, code, sector, i..end, hit.cut) }])
}

/// "سفارة العراق في دمشق", "السفارة العراقية في أنقرة", "سفارتي العراق وسوريا".
fn embassy(doc: &Doc<'_>, i: usize) -> Option<Vec<Found>> {
    let (hit, _, two) = head(doc, i).filter(|h| matches!(h.2, "mission" | "missions"))?;
    let (cut, two) = (hit.cut, two == "missions");
    // "القنصلية العامة العراقية".
    let described = doc.is(i + 1, &["العامه", "العسكريه", "الثقافيه", "التجاريه"]) && !doc.broken(i + 1);
    let at = i + 1 + usize::from(described);
    let first = doc.mention_at(at).filter(|m| !doc.broken(m.from) && m.naming != Naming::Capital)?;
    if two {
        let second = doc.mention_at(first.to).filter(|m| m.cut == 1)?;
        let seat = |m: &super::document::Mention| format!("سفارة {}", doc.slice(m.from..m.to, m.cut, false));
        let range = i..second.to;
        let both = [first, second];
        return Some(both.iter().map(|m| make(doc, seat(m), m.code.to_owned(), "foreign", range.clone(), cut)).collect());
    }
    let mut end = first.to;
    if doc.is(end, &["في", "لدي"]) && !doc.broken(end) {
        let place = doc.mention_at(end + 1).map(|m| m.to).or_else(|| doc.at(&doc.lex.places, end + 1).map(|h| h.to));
        end = place.unwrap_or(end);
    }
    let name = doc.slice(i..end, cut, doc.word(i).starts_with("لل"));
    Some(vec![make(doc, name, first.code.to_owned(), "foreign", i..end, cut)])
}

/// The head at token `i`, what one body of it is called, and what follows it.
fn head(doc: &Doc<'_>, i: usize) -> Option<(Hit, &'static str, &'static str)> {
    let hit = doc.at(&doc.lex.institution_heads, i)?;
    doc.lex.institution_heads.row(hit).map(|&(single, follows)| (hit, single, follows))
}

/// A head with a sector behind it.
fn headed(doc: &Doc<'_>, i: usize) -> Option<Vec<Found>> {
    let (Hit { cut, .. }, single, follows) = head(doc, i)?;
    // "لجنة مشتركة لإدارة المياه", "بقيادة …": a verbal noun and no body.
    if cut > 0
        && doc.reads(i, &["اداره", "قياده"])
        && !doc.word(i).trim_start_matches(['و', 'ف']).starts_with("اداره")
        && doc.word(i).trim_start_matches(['و', 'ف']).starts_with(['ل', 'ب'])
    {
        return None;
    }
    // "دعم إدارة الحدود": a matter of talk, unless a state keeps it.
    if doc.reads(i, &["اداره"]) && doc.is_of(i + 1, Group::Managed) && doc.mention_at(i + 2).is_none() {
        return None;
    }
    let mut at = i + 1;
    while doc.reads_of(at, Group::BodyAdjective) && !doc.broken(at) && at < i + 4 {
        at += 1;
    }
    let sector_at = |k: usize| (!doc.broken(k)).then(|| doc.at(&doc.lex.sectors, k)).flatten();
    let first = sector_at(at).or_else(|| sector_at(i + 1))?;
    match follows {
        "one" => Some(vec![single_head(doc, i, cut, widen(doc, single, first))]),
        "sectors" => Some(several(doc, i, cut, single, first)),
        "countries" => by_country(doc, i, cut, single, first).or_else(|| Some(several(doc, i, cut, single, first))),
        _ => None,
    }
}

/// "الخارجية", "للخارجية".
fn is_ministry(doc: &Doc<'_>, i: usize) -> bool {
    let word = doc.word(i);
    (word.starts_with("ال") || word.starts_with("لل")) && doc.reads_of(i, Group::Ministry)
}

/// "أعلنت الهجرة العراقية", "النفط العراقية تعلن", "بيان للخارجية التركية": a ministry without the word, as the one who speaks.
fn short(doc: &Doc<'_>, i: usize) -> Option<Vec<Found>> {
    let sector = doc.at(&doc.lex.sectors, i).filter(|h| h.cut == 0 || h.article)?;
    let m = doc.mention_at(sector.to).filter(|m| m.naming == Naming::Nisba && m.cut == 0 && !doc.broken(m.from))?;
    let feminine = is_ministry(doc, i) && doc.word(m.from).starts_with("ال") && doc.word(m.from).ends_with('ه');
    let finite = |k: usize| doc.lex.verbs.has(doc.word(k).trim_start_matches(['و', 'ف']));
    let opens = i == 0 || doc.gap(i).ends_sentence();
    // "بحسب الخارجية السورية", "بيان للداخلية الأردنية".
    let of = if sector.article {
        ["بيان", "بيانا", "مصدر", "مصادر"]
    } else {
        ["بحسب", "حسب", "وفق", "عن"]
    };
    let led = doc.reads(i.wrapping_sub(1), &of);
    let speaks = if opens { finite(m.to) || doc.gap(m.to).colon() } else { (finite(i - 1) || led) && !doc.broken(i) };
    (feminine && speaks).then(|| {
        let name = doc.slice(i..m.to, sector.cut, sector.article);
        vec![Found { short: true, ..make(doc, name, m.code.to_owned(), sector_of(doc, sector), i..m.to, sector.cut) }]
    })
}

/// "هيئة المنافذ والجمارك": an authority may have two sectors. Ministries with two are listed.
fn widen(doc: &Doc<'_>, single: &str, first: Hit) -> Hit {
    let second =
        doc.at(&doc.lex.sectors, first.to).filter(|h| h.cut == 1 && doc.word(h.from).starts_with('و') && !doc.broken(h.from));
    match second {
        Some(second) if single != "وزارة" => Hit { to: second.to, ..first },
        _ => first,
    }
}

fn sector_of(doc: &Doc<'_>, hit: Hit) -> &'static str {
    doc.lex.sectors.row(hit).copied().unwrap_or("other")
}

fn single_head(doc: &Doc<'_>, i: usize, cut: usize, sector: Hit) -> Found {
    let (code, end) = owner(doc, sector.to).map_or_else(
        || (outer_owner(doc, sector.to).map_or_else(|| persons::context_party(doc, i), str::to_owned), sector.to),
        |(c, to)| (c.to_owned(), if doc.mention_at(sector.to).is_some() { to } else { sector.to }),
    );
    let name = doc.slice(i..end, cut, doc.word(i).contains("لل"));
    make(doc, name, code, sector_of(doc, sector), i..end, cut)
}

/// "وزارات الداخلية والدفاع والهجرة والمهجرين".
fn several(doc: &Doc<'_>, i: usize, cut: usize, single: &str, first: Hit) -> Vec<Found> {
    // "وزارات الداخلية في الدول العربية": of nobody by name.
    if doc.is(first.to, &["في"]) && doc.reads(first.to + 1, &["الدول", "دول", "البلدان", "بلدان"]) {
        return Vec::new();
    }
    let mut hits = vec![first];
    let mut k = first.to;
    while let Some(h) = doc.at(&doc.lex.sectors, k).filter(|h| h.cut == 1 && doc.word(k).starts_with('و')) {
        k = h.to;
        hits.push(h);
    }
    let (code, end) = owner(doc, k).map_or_else(|| (persons::context_party(doc, i), k), |(c, to)| (c.to_owned(), to));
    hits.into_iter()
        .map(|h| {
            make(doc, format!("{single} {}", doc.slice(h.from..h.to, h.cut, false)), code.clone(), sector_of(doc, h), i..end, cut)
        })
        .collect()
}

/// "إدارتا مكافحة المخدرات في سوريا والأردن".
fn by_country(doc: &Doc<'_>, i: usize, cut: usize, single: &str, sector: Hit) -> Option<Vec<Found>> {
    let at = if doc.is(sector.to, &["في"]) { sector.to + 1 } else { sector.to };
    let first = doc.mention_at(at).filter(|m| m.cut == 0)?;
    let second = doc.mention_at(first.to).filter(|m| doc.word(m.from).starts_with('و'))?;
    let name = format!("{single} {}", doc.slice(i + 1..sector.to, 0, false));
    let range = i..second.to;
    Some(
        [first, second]
            .iter()
            .map(|m| make(doc, name.clone(), m.code.to_owned(), sector_of(doc, sector), range.clone(), cut))
            .collect(),
    )
}
