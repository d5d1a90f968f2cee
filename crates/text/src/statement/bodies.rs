//! Committees, mechanisms, councils and joint centres.

use super::Body;
use super::document::Doc;
use super::{institutions, persons};
use crate::gazetteer::{Group, Naming};
use crate::normalise::without_article;
use std::ops::Range;

/// A body with what the acts and commitments need of it.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) item: Body,
    /// Forming it was decided or announced, not merely talked of.
    pub(super) decided: bool,
    pub(super) range: Range<usize>,
}

/// The bodies of a text, each once.
pub(super) fn read(doc: &Doc<'_>, institutions: &[institutions::Found], persons: &[persons::Found]) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    let mut i = 0;
    while i < doc.len() {
        let office = persons.iter().find(|p| p.office.contains(&i)).map(|p| p.office.end);
        let covered = institutions
            .iter()
            .find(|f| f.range.contains(&i))
            .map(|f| f.range.end)
            .or(office)
            .or(doc.at(&doc.lex.institutions, i).map(|h| h.to));
        match body_at(doc, i).filter(|b| covered.is_none() && !is_short_for(doc, institutions, b)) {
            Some(found) => {
                i = found.range.end.max(i + 1);
                add(doc, &mut out, found);
            }
            None => i = covered.unwrap_or(i + 1).max(i + 1),
        }
    }
    out
}

/// "اللجنة الدولية" behind "اللجنة الدولية للصليب الأحمر" is no body of its own.
fn is_short_for(doc: &Doc<'_>, institutions: &[institutions::Found], body: &Found) -> bool {
    let own: Vec<&str> = body.range.clone().map(|k| doc.word(k)).collect();
    institutions.iter().any(|f| f.range.end <= body.range.start && own.iter().all(|w| f.range.clone().any(|k| doc.word(k) == *w)))
}

/// The name has little but its states and the word for "joint".
fn is_bare(doc: &Doc<'_>, r: &Range<usize>) -> bool {
    let other = |k: &usize| doc.mention_at(*k).is_none() && !doc.word(*k).contains("مشترك") && !doc.is(*k, &["بين", "مع"]);
    r.clone().filter(other).count() < 2
}

/// The content words of a name, without article and clitics that the article hides.
///
/// `parties`: with the states that it names.
fn words<'d>(doc: &'d Doc<'_>, r: &Range<usize>, parties: bool) -> Vec<&'d str> {
    r.clone()
        .filter(|&k| parties || doc.mention_at(k).is_none())
        .map(|k| (k, doc.word(k)))
        // "لمجلس التنسيق" and "المجلس الأعلى للتنسيق" have one head.
        .map(|(k, w)| {
            if k == r.start && doc.at(&doc.lex.bodies, k).is_some_and(|h| h.cut == 1 && !h.article) {
                w.trim_start_matches(['ل', 'ب', 'و'])
            } else {
                w
            }
        })
        // "للجنة" has no third lam.
        .map(|w| w.strip_prefix('ل').filter(|r| r.starts_with("لجن")).unwrap_or(w))
        .map(|w| w.strip_prefix('و').filter(|r| r.chars().nth(2).is_some()).unwrap_or(w))
        .map(|w| w.strip_prefix("لل").filter(|r| r.chars().nth(1).is_some()).unwrap_or_else(|| without_article(w)))
        .filter(|w| !matches!(*w, "بين" | "مع" | "في" | "جانبين" | "بلدين" | "طرفين" | "دولتين"))
        .collect::<Vec<_>>()
}

fn add(doc: &Doc<'_>, out: &mut Vec<Found>, new: Found) {
    for old in out.iter_mut() {
        // "العراقية الإيرانية" and "بين العراق وإيران" say the same; they tell bodies apart only when little else is there.
        let parties = is_bare(doc, &new.range) || is_bare(doc, &old.range);
        let (own, theirs) = (words(doc, &new.range, parties), words(doc, &old.range, parties));
        let shared = own.iter().filter(|w| theirs.contains(w)).count();
        let short = own.len().min(theirs.len());
        if shared == short || (shared >= 2 && shared * 2 >= own.len() + theirs.len() - shared) {
            old.decided |= new.decided;
            if new.item.status == "planned" && new.decided {
                old.item.status = new.item.status;
            }
            old.item.evidence.extend(new.item.evidence);
            if own.len() > theirs.len() && own.len() <= 6 {
                old.item.name = new.item.name;
                old.range = new.range;
            }
            return;
        }
    }
    if out.len() < super::MOST {
        out.push(new);
    }
}

fn body_at(doc: &Doc<'_>, i: usize) -> Option<Found> {
    let hit = doc.at(&doc.lex.bodies, i)?;
    let need = *doc.lex.bodies.row(hit)?;
    let end = extent(doc, hit.to);
    let tail = hit.to..end;
    if tail.is_empty() {
        return None;
    }
    let is = |k: usize, kind: &str| doc.lex.body_words.row_at(doc, k).is_some_and(|w| *w == kind);
    // "اللجنة المشكلة من …": which one, another sentence says.
    let way = doc.reads(i, &["اليه", "الاليه"]) && tail.len() == 1 && doc.reads(hit.to, &["عمل", "العمل"]);
    if way || tail.clone().all(|k| is(k, "vague")) {
        return None;
    }
    // "بحثت اللجنة التعاون": a head with its article has adjectives behind it, and no noun of its own.
    if doc.word(i).trim_start_matches(['و', 'ف']).starts_with("ال")
        && doc.is_of(hit.to, Group::BodyMatter)
        && !doc.is(i, &["اليه", "واليه"])
    {
        return None;
    }
    // "لجنة الهجرة النيابية": a parliament's.
    let of_parliament = ["نيابيه", "النيابيه", "برلمانيه", "البرلمانيه"];
    if tail.clone().any(|k| doc.is(k, &of_parliament)) && doc.mentions_in(tail.clone()).is_empty() {
        return None;
    }
    // "آلية تسهيل العبور وتنسيق …": what is only joined on makes no body.
    let joint =
        tail.clone().take(4).any(|k| is(k, "joint") && (k == hit.to || !doc.word(k).starts_with('و') || doc.is(k, &["وزاريه"])));
    // "شكل الوزراء فريقاً فنياً": whom the sides form stands for both; one that is sent is a delegation.
    let formed = || {
        let near = i.saturating_sub(3).max(doc.sentence_range(i).start)..i;
        near.into_iter().any(|k| doc.reads_of(k, Group::Forming)) && doc.reads(i, &["فريق", "فريقا"])
    };
    if !joint && ((need == "joint" && !formed()) || is(hit.to, "national")) {
        return None;
    }
    // "اللجنة ستعمل": a definite head goes on with an article, a clitic or an adjective of nationality.
    let bare = doc.word(i).trim_start_matches(['و', 'ف', 'ب', 'ل', 'ك']);
    // "آلية" only looks as if it had the article.
    let definite = (bare.starts_with("ال") && bare != "اليه") || (hit.article && doc.word(hit.to).starts_with("ال"));
    let next = doc.word(hit.to);
    if definite
        && !(next.starts_with("ال") || next.starts_with("لل") || next.starts_with('ل') || doc.is(hit.to, &["بين", "رفيعه"]))
    {
        return None;
    }
    let (status, decided) = standing(doc, i, end);
    if !definite && status == "existing" && !joint && tail.len() < 2 {
        return None;
    }
    // A headline describes ("لجنة عراقية إيرانية تتابع …"); the name comes in the text.
    if i < doc.title_end && !definite && !decided {
        return None;
    }
    let parties = parties(doc, i..end);
    let name = doc.slice(i..end, hit.cut, hit.article && definite);
    let span = doc.hit_span(i..end, hit.cut);
    Some(Found { item: Body { name, parties, status: status.to_owned(), evidence: vec![span] }, decided, range: i..end })
}

/// "بين العراق وسوريا", "بين الجانبين" at token `k`: the token behind; `k` itself where no sides are named.
fn sides_end(doc: &Doc<'_>, k: usize) -> usize {
    let Some(m) = doc.mention_at(k + 1) else {
        let both = doc.is_of(k + 1, Group::BothSides);
        return if both { k + 2 } else { k };
    };
    let mut end = m.to;
    while let Some(next) = doc.mention_at(end).filter(|m| m.cut > 0 || doc.word(m.from).starts_with('و')) {
        end = next.to;
    }
    end
}

/// "اللجنة العليا لتنفيذ الاتفاق الأمني": what a body with a name is for.
fn is_purpose(doc: &Doc<'_>, from: usize, k: usize) -> bool {
    let masdar = doc.word(k).strip_prefix('ل').is_some_and(|r| doc.lex.name_stops.has(r) && !r.starts_with("ال"));
    masdar && doc.word(from.wrapping_sub(1)).contains("ال") && doc.word(k + 1).starts_with("ال") && !doc.broken(k + 1)
}

/// "العراقية – التركية": what stands before token `k` joins two states.
fn is_hyphen(doc: &Doc<'_>, k: usize) -> bool {
    let nisba = |m: Option<&super::document::Mention>| m.is_some_and(|m| m.naming == Naming::Nisba);
    doc.gap(k).dash() && !doc.gap(k).ends_sentence() && nisba(doc.mention_at_end(k)) && nisba(doc.mention_at(k))
}

/// How far a name runs: adjectives, purposes, "بين … و…", "مع …"; up to eight words.
fn extent(doc: &Doc<'_>, from: usize) -> usize {
    let mut k = from;
    while k < doc.len() && k < from + 8 && (!doc.broken(k) || is_hyphen(doc, k)) {
        let w = doc.word(k);
        if doc.is(k, &["بين", "مع"]) {
            return sides_end(doc, k);
        }
        if k > from && w.starts_with('و') && doc.at(&doc.lex.bodies, k).is_some() {
            break;
        }
        // "للجنة بتقديم تقرير", "لجنة برئاسة": what "ب" leads is no part of the name.
        if w.starts_with('ب')
            && !w.ends_with("يه")
            && !w.ends_with('ي')
            && doc.lex.body_words.row_at(doc, k).is_none_or(|w| *w != "joint")
        {
            break;
        }
        if k > from && k < from + 5 && is_purpose(doc, from, k) {
            k += 2;
            continue;
        }
        let of_body = w.starts_with('ل') && doc.at(&doc.lex.bodies, k).is_some();
        let noun = of_body
            || doc.lex.body_words.row_at(doc, k).is_some_and(|w| *w == "joint")
            || w.starts_with("لل")
            || w.starts_with("ال")
            || w.starts_with("وال");
        let verb = w.strip_prefix('س').is_some_and(|r| r.starts_with(['ي', 'ت']) && r.chars().count() > 3);
        // Behind a word with its article a bare word begins something else.
        // "لجنة مشتركة تعالج أوضاع …": an indefinite head may be described by a verb, which belongs to it.
        let described = k > from && w.starts_with(['ت', 'ي']) && doc.lex.verbs.has(w);
        let definite = k > from
            && doc.word(k - 1).contains("ال")
            && !noun
            && !w.starts_with(['و', 'ل', 'ب'])
            && !doc.is(k, &["رفيعه", "عاليه"]);
        if definite && doc.word(k - 1).starts_with("ال") {
            break;
        }
        if !noun
            && (doc.lex.stops.has_reading(w)
                || (k > from && doc.lex.name_stops.has_reading(w))
                || verb
                || (!described && doc.lex.verbs.has(w) && !w.starts_with("تعاون"))
                || doc.folded.tokens.get(k).is_some_and(crate::normalise::Token::is_number))
        {
            break;
        }
        if matches!(
            w,
            "التي"
                | "الذي"
                | "والتي"
                | "والذي"
                | "الي"
                | "الاول"
                | "الاولي"
                | "الشهر"
                | "الاسبوع"
                | "المنبثقه"
                | "اليوم"
        ) {
            break;
        }
        k += 1;
    }
    k
}

/// `planned` or `existing`, and whether forming it was decided.
fn standing(doc: &Doc<'_>, at: usize, end: usize) -> (&'static str, bool) {
    let sentence = doc.sentence_range(at);
    let near = at.saturating_sub(4).max(sentence.start)..at;
    let before = at.saturating_sub(10).max(sentence.start)..at;
    let kind = |r: Range<usize>, k: &str| doc.any_in(&doc.lex.body_words, r, |w| *w == k);
    let after = end..(end + 9).min(sentence.end);
    let announced = after.clone().any(|k| doc.reads_of(k, Group::ToBeFormed));
    // "شكل" alone; "بشكل" is an adverb.
    let formed = near.clone().any(|k| doc.is(k, &["شكل", "وشكل", "شكلوا"]));
    if formed || kind(near, "planned") || announced {
        ("planned", announced || !kind(before, "proposed"))
    } else {
        ("existing", false)
    }
}

fn parties(doc: &Doc<'_>, r: Range<usize>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for m in doc.mentions_in(r) {
        if !out.iter().any(|c| c == m.code) {
            out.push(m.code.to_owned());
        }
    }
    if out.len() >= 2 {
        return out;
    }
    doc.sides()
}
