//! Named officials: an office, then up to five words of a name; or a rank, a name, and the office behind a comma.

use super::Person;
use super::document::Doc;
use crate::gazetteer::{Group, Naming};
use crate::normalise::{each_reading, without_article};
use std::ops::Range;

/// A person with the tokens of office and name.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) item: Person,
    /// Tokens of the office.
    pub(super) office: Range<usize>,
    /// Tokens of the name.
    pub(super) name: Range<usize>,
}

/// An office phrase, with or without a name behind it.
#[derive(Debug, Clone)]
struct Office {
    range: Range<usize>,
    cut: usize,
    article: bool,
}

/// The persons of a text, each once.
pub(super) fn read(doc: &Doc<'_>) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    let mut i = 0;
    while i < doc.len() {
        match person_at(doc, i) {
            Some(mut found) => {
                // In a list ("… والملحق العسكري …") the next official serves whom the one before serves.
                if found.item.party.is_empty() {
                    let listed =
                        out.last().filter(|p| p.name.end == found.office.start && doc.word(found.office.start).starts_with('و'));
                    let peer = doc.lex.offices.row_at(doc, found.office.start) == Some(&"peer");
                    let other = |p: &Found| {
                        doc.main
                            .iter()
                            .find(|c| peer && **c != p.item.party && super::parties::is_state(c))
                            .map(|c| (*c).to_owned())
                    };
                    found.item.party = out.last().and_then(other).unwrap_or_default();
                    if found.item.party.is_empty() {
                        found.item.party = listed.map_or_else(
                            || context_party(doc, found.office.start.min(found.name.start)),
                            |p| p.item.party.clone(),
                        );
                    }
                }
                i = found.name.end.max(found.office.end).max(i + 1);
                add(doc, &mut out, found);
            }
            None => i = office_at(doc, i).map_or(i + 1, |o| o.range.end.max(i + 1)),
        }
    }
    out
}

/// Adds a person, unless it is one already found under a part of the same name.
fn add(doc: &Doc<'_>, out: &mut Vec<Found>, mut new: Found) {
    let words = |r: &Range<usize>| r.clone().map(|i| without_article(doc.word(i)).to_owned()).collect::<Vec<_>>();
    let own = words(&new.name);
    for old in out.iter_mut() {
        let theirs = words(&old.name);
        let shared = own.iter().filter(|w| theirs.contains(w)).count();
        if shared == own.len().min(theirs.len()) || (shared >= 2 && shared * 3 >= own.len().max(theirs.len()) * 2) {
            old.item.evidence.append(&mut new.item.evidence);
            if old.item.party.is_empty() {
                old.item.party = new.item.party;
            }
            if old.item.office.is_empty() {
                old.item.office = new.item.office;
            }
            return;
        }
    }
    if own.len() >= 2 && out.len() < super::MOST {
        out.push(new);
    }
}

fn person_at(doc: &Doc<'_>, i: usize) -> Option<Found> {
    let alone = |o: &Office| o.range.len() == 1 && is_title(doc, i);
    if let Some(office) = office_at(doc, i).filter(|o| !alone(o)) {
        let behind = behind_side(doc, office.range.end);
        let (name_from, titled) = skip_titles(doc, behind);
        // "قائد البعثة اللواء الفرنسي كريستوف هنتزي".
        let nisba =
            doc.mention_at(name_from).filter(|m| titled && m.naming == Naming::Nisba && name_at(doc, m.to, true, m.to).is_some());
        let name_from = nisba.map_or(name_from, |m| m.to);
        if let Some(name) = name_at(doc, name_from, titled, behind) {
            return Some(build(doc, Some(office), name));
        }
    }
    let (name_from, titled) = skip_titles(doc, i);
    if !titled {
        return name_first(doc, i).or_else(|| second_peer(doc, i));
    }
    // "العقيد الأمريكي جاستن هوبر".
    let nisba = doc.mention_at(name_from).filter(|m| m.naming == Naming::Nisba && doc.word(m.from).starts_with("ال"));
    let named = nisba.and_then(|m| name_at(doc, m.to, false, m.to).filter(|n| n.len() >= 2));
    if let (Some(m), Some(name)) = (nisba, named) {
        return Some(build(doc, Some(Office { range: i..m.to, cut: 0, article: false }), name));
    }
    let name = name_at(doc, name_from, true, i)?;
    // "سمو الشيخ … السالم رئيس مجلس الوزراء": the office may follow without a comma.
    let right_behind = !doc.broken(name.end) && name.len() >= 2;
    let behind = (doc.gap(name.end).comma() || right_behind).then(|| office_at(doc, name.end)).flatten();
    let behind = behind.filter(|o| !right_behind || (o.cut == 0 && o.range.len() >= 2));
    let behind =
        behind.filter(|o| name_at(doc, skip_titles(doc, o.range.end).0, false, o.range.end).is_none() || doc.broken(o.range.end));
    Some(build(doc, behind, name))
}

/// "الأمين العام لمجلس الوزراء عن الجانب العراقي …": the name stands behind the side.
fn behind_side(doc: &Doc<'_>, i: usize) -> usize {
    let side = doc.is(i, &["عن", "من"]) && doc.is(i + 1, &["الجانب", "جانب"]) && !doc.broken(i);
    side.then(|| doc.mention_at(i + 2)).flatten().map_or(i, |m| m.to)
}

/// "مسرور بارزاني رئيس حكومة إقليم كردستان": a given name, and the office right behind the name.
fn name_first(doc: &Doc<'_>, i: usize) -> Option<Found> {
    let name = doc.lex.given.has(doc.word(i)).then(|| name_at(doc, i, false, i.max(1))).flatten().filter(|n| n.len() >= 2)?;
    let office = office_at(doc, name.end).filter(|o| o.cut == 0 && o.range.len() >= 2 && !doc.gap(name.end).ends_sentence())?;
    let next = skip_titles(doc, office.range.end).0;
    let anothers = name_at(doc, next, next > office.range.end, office.range.end).is_some();
    (!anothers).then(|| build(doc, Some(office), name))
}

/// "نظيراه المصري … والأردني …": the second of two peers, told by the nationality alone.
fn second_peer(doc: &Doc<'_>, i: usize) -> Option<Found> {
    let m = doc.mention_at(i).filter(|m| m.cut == 1 && m.naming == Naming::Nisba && doc.word(i).starts_with("وال"))?;
    let (from, titled) = skip_titles(doc, m.to);
    let name = (titled || doc.lex.given.has(doc.word(from)))
        .then(|| name_at(doc, from, titled, m.to))
        .flatten()
        .filter(|n| n.len() >= 2)?;
    Some(build(doc, Some(Office { range: i..m.to, cut: 1, article: false }), name))
}

fn build(doc: &Doc<'_>, office: Option<Office>, name: Range<usize>) -> Found {
    let text = doc.slice(name.clone(), 0, false);
    let mut evidence = vec![doc.span(name.clone())];
    let (offices, range) = match &office {
        Some(o) => {
            evidence.push(doc.hit_span(o.range.clone(), o.cut));
            (vec![doc.slice(o.range.clone(), o.cut, o.article)], o.range.clone())
        }
        None => (Vec::new(), name.start..name.start),
    };
    let party = party_of(doc, &range, &name);
    Found { item: Person { name: text, office: offices, party, evidence }, office: range, name }
}

/// The party an official serves: named in the office, else the side whose list the name stands in, else the main party.
fn party_of(doc: &Doc<'_>, office: &Range<usize>, name: &Range<usize>) -> String {
    if doc.lex.offices.row_at(doc, office.start) == Some(&"peer")
        && let Some(m) = doc.mentions_in(office.start..name.start).first()
    {
        return m.code.to_owned();
    }
    if let Some(code) = referred(doc, office) {
        return code.to_owned();
    }
    let named = doc.mentions_in(office.start..behind_side(doc, office.end));
    // In "سفارة العراق في سوريا" and "السفارة العراقية في دمشق" the first party is the one served.
    if let Some(m) = named.iter().find(|m| m.naming != Naming::Capital) {
        return m.code.to_owned();
    }
    if let Some(code) = office.clone().find_map(|i| {
        doc.at(&doc.lex.institutions, i)
            .and_then(|h| doc.lex.institutions.row(h))
            .map(|r| r.0)
            .filter(|p| !p.is_empty() && *p != "-")
    }) {
        return code.to_owned();
    }
    if let Some(m) = doc.mention_at(name.end).filter(|m| m.naming == Naming::Nisba && !doc.broken(m.from)) {
        return m.code.to_owned();
    }
    // A governor, or the head of a crossing, serves the state that the place lies in; an envoy does not.
    let governor = doc.reads_of(office.start, Group::Governor);
    if governor || !doc.reads_of(office.start, Group::Envoy) {
        let country = |r: Range<usize>| r.filter_map(|i| doc.lex.places.row_at(doc, i)).map(|p| p.country).find(|c| *c != "-");
        // "زار محافظة كركوك والتقى محافظها": the place stands before.
        let before = || governor.then(|| country(office.start.saturating_sub(6)..office.start)).flatten();
        if let Some(code) = country(office.clone()).or_else(before) {
            return code.to_owned();
        }
    }
    let usual = office.clone().find_map(|i| doc.lex.office_parties.row_at(doc, i));
    usual
        .filter(|u| doc.main.contains(u) || doc.mentions.iter().any(|m| m.code == **u))
        .map_or_else(String::new, |u| (*u).to_owned())
}

/// "ممثل المفوضية في العراق", "رئيس البعثة": an office of a body that was named in full before.
fn referred(doc: &Doc<'_>, office: &Range<usize>) -> Option<&'static str> {
    let at = office.clone().find(|&k| doc.reads_of(k, Group::NamedBefore))?;
    let word = without_article(doc.word(at));
    let before = doc.named_bodies.iter().rev().filter(|h| h.from < at && h.to - h.from > 1);
    let same =
        |h: &&crate::gazetteer::phrases::Hit| doc.reads(h.from, &[word]) || doc.word(h.from).trim_start_matches("ال") == word;
    before.filter(same).find_map(|h| doc.lex.institutions.row(*h)).map(|r| r.0).filter(|p| !p.is_empty() && *p != "-")
}

/// The party that an unmarked office or body belongs to: the side whose list it stands in ("الجانب العراقي"), else the party named
/// just before it in the same clause, else the one whose statement it is.
pub(super) fn context_party(doc: &Doc<'_>, i: usize) -> String {
    let side = |k: usize| doc.reads(k, &["الجانب", "جانب", "الوفد", "وفد"]);
    let in_office = |k: usize| (k.saturating_sub(8)..k).any(|s| office_at(doc, s).is_some_and(|o| o.range.contains(&k)));
    // An organisation has no ministries, and whom somebody works with is the other side.
    let keeps = |m: &super::document::Mention| {
        !matches!(m.code, "COALITION" | "UN" | "NATO" | "EU" | "GCC" | "LAS" | "AIMC")
            && !doc.reads(m.from.wrapping_sub(1), &["مع"])
            // "اللجنة العراقية الإيرانية": what belongs to two is neither's.
            && doc.mention_at(m.to).is_none_or(|n| n.naming != Naming::Nisba)
            && doc.mention_at_end(m.from).is_none_or(|n| n.naming != Naming::Nisba)
    };
    let near = doc.mention_before(i, |m| m.naming == Naming::Nisba && m.from > 0 && side(m.from - 1)).or_else(|| {
        doc.mention_before(i, |m| {
            keeps(m)
                && m.naming != Naming::Capital
                && !super::parties::is_mere_place(doc, m)
                && !(m.to..=i).any(|k| doc.gap(k).comma())
                && !in_office(m.from)
        })
    });
    near.map_or_else(|| doc.home.to_owned(), |m| m.code.to_owned())
}

/// The tokens of the office phrase that begins at token `i`.
pub(super) fn office_range(doc: &Doc<'_>, i: usize) -> Option<Range<usize>> {
    office_at(doc, i).map(|o| o.range)
}

/// The office phrase that begins at token `i`.
fn office_at(doc: &Doc<'_>, i: usize) -> Option<Office> {
    let hit = doc.at(&doc.lex.offices, i)?;
    if doc.lex.offices.row(hit) == Some(&"none") {
        return None;
    }
    let mut k = hit.to;
    while k < doc.len() && !doc.broken(k) && k < i + 16 {
        // "وزير الخارجية العراقي وزير خارجية المملكة …": behind its state another office is another's.
        let complete = k > hit.to && doc.mention_at_end(k).is_some_and(|m| m.naming != Naming::Capital);
        let another = || doc.at(&doc.lex.offices, k).is_some_and(|h| h.cut == 0 && doc.lex.offices.row(h) == Some(&"office"));
        if complete && another() && !doc.word(k).starts_with("ال") {
            break;
        }
        let Some(next) = office_step(doc, k) else { break };
        k = next;
    }
    while k > hit.to && doc.reads(k - 1, &["في", "من", "لدي", "مقر"]) {
        k -= 1;
    }
    Some(Office { range: i..k, cut: hit.cut, article: hit.article })
}

/// Behind the next part of an office phrase; `None` where the phrase ends.
fn office_step(doc: &Doc<'_>, k: usize) -> Option<usize> {
    let lex = doc.lex;
    let w = doc.word(k);
    // "رئيسة الحكومة جورجيا ميلوني": a state that is also a given name, with a name behind it.
    if lex.given.has(w)
        && doc.at(&lex.mentions, k).is_some_and(|h| h.to == k + 1 && h.cut == 0)
        && !doc.broken(k + 1)
        && plain(doc, k + 1)
    {
        return None;
    }
    let lists = [
        doc.at(&lex.institutions, k).map(|h| h.to),
        doc.at(&lex.sectors, k).map(|h| h.to),
        doc.at(&lex.mentions, k).map(|h| h.to),
    ];
    if let Some(to) = lists.into_iter().flatten().max() {
        return Some(to);
    }
    // "محافظ دير الزور", "قائد عمليات الأنبار", "مدير منفذ القائم": the place belongs to the office.
    if let Some(h) = doc.at(&lex.places, k).filter(|_| doc.reads_of(k.wrapping_sub(1), Group::PlaceOffice))
        && !lex.given.has(w)
    {
        return Some(h.to);
    }
    if doc.is(k.wrapping_sub(1), &["في"])
        && let Some(h) = doc.at(&lex.places, k)
    {
        return Some(h.to);
    }
    if doc.is(k, &["الي"]) && doc.mention_at(k + 1).is_some_and(|m| m.cut == 0) {
        return Some(k + 1);
    }
    // An honorific or rank opens the name, unless the office goes on behind it ("الأمين العام").
    if is_title(doc, k) {
        return None;
    }
    if doc
        .at(&lex.offices, k)
        .is_some_and(|h| lex.offices.row(h) != Some(&"peer") && (h.cut == 0 || w.starts_with('و') || w.starts_with('ل')))
    {
        return (!lex.given.has(w)).then_some(k + 1);
    }
    // "بحث وزيرا الدفاع التعاون العسكري": what they discussed, unless a department is called so.
    if w == "التعاون" && !doc.reads_of(k.wrapping_sub(1), Group::CooperationOffice) {
        return None;
    }
    // What has the article and is no word of another sort goes on with the office ("لشؤون المعاهدات"); a name hardly begins with it.
    // "مدير مركز التنسيق …": what the head of a body is of belongs to its name, whatever the word.
    if doc.reads_of(k.wrapping_sub(1), Group::NameOffice) && w.starts_with("ال") && !lex.given.has(w) && !doc.broken(k) {
        return Some(k + 1);
    }
    let definite = (w.starts_with("ال") || w.starts_with("لل")) && !lex.closes_name(w) && !lex.given.has(w);
    // "وزير الصناعة والمناجم والتجارة الإيراني": the list goes on to the nationality.
    let listed = w.starts_with("وال")
        && !lex.closes_name(w)
        && (k + 1..k + 3).take_while(|&n| !doc.broken(n)).any(|n| {
            doc.mention_at(n).is_some_and(|m| m.cut == 0 && m.naming == Naming::Nisba)
                && (k + 1..n).all(|b| doc.word(b).starts_with("وال") || doc.word(b).starts_with("ال"))
        });
    (definite || listed || lex.office_words.has_reading(w)).then_some(k + 1)
}

fn is_title(doc: &Doc<'_>, i: usize) -> bool {
    doc.at(&doc.lex.titles, i).is_some_and(|h| h.cut == 0 && doc.lex.titles.row(h) != Some(&"prefix")) && !is_state(doc, i)
}

/// "دولة الكويت" is a state and "دولة" no honorific.
fn is_state(doc: &Doc<'_>, i: usize) -> bool {
    doc.at(&doc.lex.mentions, i).is_some_and(|h| h.to > i + 1)
}

/// Skips ranks and honorifics; tells whether there were any.
fn skip_titles(doc: &Doc<'_>, mut i: usize) -> (usize, bool) {
    let start = i;
    while let Some(h) = doc.at(&doc.lex.titles, i) {
        let kind = doc.lex.titles.row(h).copied().unwrap_or("");
        if is_state(doc, i) || i - start > 6 || (i > start && (doc.broken(i) || h.cut > 0)) || (i == start && kind == "prefix") {
            break;
        }
        i = h.to;
    }
    (i, i > start)
}

/// The name that begins at token `i`. `titled`: a title announced it. `behind`: where the office ended; a comma may stand there
/// when the name begins with a given name.
fn name_at(doc: &Doc<'_>, i: usize, titled: bool, behind: usize) -> Option<Range<usize>> {
    if i >= doc.len() || !opens_name(doc, i, titled) {
        return None;
    }
    let gap = doc.gap(behind);
    if doc.broken(behind) && !(gap.comma() && !gap.ends_sentence() && (titled || doc.lex.given.has(doc.word(i)))) {
        return None;
    }
    if i > behind && doc.broken(i) {
        return None;
    }
    let mut k = i;
    let mut units = 0;
    while k < doc.len() && units < 5 && (k == i || (!doc.broken(k) && continues_name(doc, i, k, units))) {
        let closes = k > i && doc.word(k).starts_with("ال") && !is_link(doc, k.wrapping_sub(1));
        k += 1;
        while is_link(doc, k - 1) && k < doc.len() && !doc.broken(k) && k < i + 9 && !doc.word(k).starts_with("وال") {
            k += 1;
        }
        units += 1;
        let goes_on = doc.lex.name_words.row_at(doc, k).is_some() || doc.word(k) == "بن" || doc.word(k).starts_with("ال");
        if closes && !goes_on {
            break;
        }
    }
    let sure = titled || doc.lex.given.has(doc.word(i)) || is_link(doc, i);
    // "مواقف المملكة" is a noun with its owner; a family name behind an unknown given name ends in "ي".
    // "سلسلة اتصالات هاتفية": a common noun in "ة".
    if !sure && doc.word(i).ends_with('ه') {
        return None;
    }
    if !sure && doc.word(i + 1).starts_with("ال") && !doc.word(i + 1).ends_with('ي') {
        return None;
    }
    (k - i >= 2 || (titled && k > i) || (sure && units >= 1)).then_some(i..k)
}

/// "عبد", "بن", "أبو": bound to the word behind it.
fn is_link(doc: &Doc<'_>, i: usize) -> bool {
    doc.lex.name_words.row_at(doc, i) == Some(&"open")
}

fn opens_name(doc: &Doc<'_>, i: usize, titled: bool) -> bool {
    let w = doc.word(i);
    if doc.is_ala(i) {
        return false;
    }
    if doc.lex.given.has(w) || (is_link(doc, i) && !doc.lex.stops.has(w)) {
        return true;
    }
    // "اللواء السادس حدود", "الفريق الفني المشترك": a unit or a team and nobody's rank.
    let of_unit = w.starts_with("ال")
        && (doc.lex.numerals.row_at(doc, i).is_some()
            || doc.lex.office_words.has(w)
            || doc.lex.body_words.row_at(doc, i).is_some_and(|b| *b == "joint")
            || doc.is_of(i, Group::NoRank));
    // "نظيره بمناسبة …": a clitic before a noun in "ة" opens no name.
    let of_clitic = !titled && w.starts_with(['ب', 'ل']) && w.ends_with('ه');
    !of_unit
        && !of_clitic
        && plain(doc, i)
        && (titled || !w.starts_with("ال"))
        && !w.starts_with("سي") | titled
        && !w.starts_with("ست")
}

fn continues_name(doc: &Doc<'_>, start: usize, i: usize, units: usize) -> bool {
    let w = doc.word(i);
    if doc.is_ala(i) {
        return false;
    }
    // Behind three words of a name, a word with the article that is no family name in "ي" is the object of the verb.
    let closed = || is_title(doc, i + 1) || doc.at(&doc.lex.offices, i + 1).is_some_and(|h| h.cut == 0);
    if units > 2 && w.starts_with("ال") && !w.ends_with('ي') && !is_link(doc, i - 1) && !closed() {
        return false;
    }
    // A family name may be an adjective of nationality: "السوداني".
    let surname = w.starts_with("ال") && w.ends_with('ي') && doc.mention_at(i).is_some_and(|m| m.naming == Naming::Nisba);
    if surname || doc.lex.given.has(w) || doc.lex.name_words.row_at(doc, i).is_some() {
        return true;
    }
    // "غسان السيد أحمد": a title within a name is a name.
    if doc.is(i, &["السيد", "الحاج", "الشيخ"]) && doc.lex.given.has(doc.word(i + 1)) && !doc.broken(i + 1) {
        return true;
    }
    if let Some(rest) = w.strip_prefix('و')
        && (doc.lex.given.has(rest) || rest.starts_with("ال") || known(doc, i))
    {
        return false;
    }
    let behind_preposition =
        w.strip_prefix(['ب', 'ل']).is_some_and(|r| r.starts_with("ال") || (i > start + 1 && doc.lex.stops.has(r)));
    plain(doc, i) && !behind_preposition && !w.starts_with("لل")
}

/// A word that no list knows as something else.
fn plain(doc: &Doc<'_>, i: usize) -> bool {
    let w = doc.word(i);
    let short = w.chars().nth(1).is_none();
    !short
        && w.len() <= 40
        && !doc.folded.tokens.get(i).is_some_and(crate::normalise::Token::is_number)
        && !w.is_ascii()
        && !known(doc, i)
}

/// The word, with or without clitics, belongs to another list.
fn known(doc: &Doc<'_>, i: usize) -> bool {
    let w = doc.word(i);
    let lex = doc.lex;
    let named = doc.mention_at(i).is_some_and(|m| m.cut == 0 || w.starts_with('و'));
    let mut stop = false;
    each_reading(w, |r, cut, _| {
        let tells = cut == 0 || w.starts_with('و') || r.chars().nth(2).is_some();
        // A finite verb takes no "ب": "باقر" is a name.
        let finite = (cut == 0 || w.starts_with(['و', 'ف'])) && lex.verbs.has(r);
        stop = stop || (tells && (lex.stops.has(r) || lex.name_stops.has(r) || finite));
    });
    stop || named
        || doc.at(&lex.offices, i).is_some()
        || is_title(doc, i)
        || doc.at(&lex.institutions, i).is_some()
        || doc.at(&lex.bodies, i).is_some()
        || doc.at(&lex.instruments, i).is_some()
        || doc.at(&lex.undertakings, i).is_some()
        || doc.at(&lex.units, i).is_some_and(|h| h.to - h.from == 1 && lex.units.row(h).is_some_and(|u| u.unit != "persons"))
}
