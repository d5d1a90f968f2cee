//! Agreements and papers, each once.

use super::Instrument;
use super::document::Doc;
use crate::gazetteer::{Cue, Group};
use crate::normalise::without_article;
use std::ops::Range;

/// An instrument with the tokens of every mention.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) item: Instrument,
    /// A finite verb of signing stands by it: signing is an act of the text.
    pub(super) signing: bool,
    pub(super) ranges: Vec<Range<usize>>,
}

/// The instruments of a text.
pub(super) fn read(doc: &Doc<'_>) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    let mut i = 0;
    while i < doc.len() {
        match instrument_at(doc, i) {
            Some(found) => {
                i = found.ranges.first().map_or(i + 1, |r| r.end).max(i + 1);
                add(doc, &mut out, found);
            }
            None => i += 1,
        }
    }
    sealed_later(doc, &mut out);
    for f in &mut out {
        if f.item.status.is_empty() {
            f.item.status = default_status(&f.item).to_owned();
        }
    }
    out
}

/// "ووقع رئيسا الوفدين على المحضر": the paper that was named before is signed.
fn sealed_later(doc: &Doc<'_>, out: &mut [Found]) {
    for i in 0..doc.len() {
        let Some(hit) = doc.at(&doc.lex.instruments, i).filter(|h| h.to == i + 1 && doc.word(i).starts_with("ال")) else {
            continue;
        };
        let Some(&(kind, _)) = doc.lex.instruments.row(hit) else { continue };
        let from = doc.sentence_range(i).start.max(i.saturating_sub(6));
        let signed = (from..i).any(|k| doc.reads_of(k, Group::Sealed) && !doc.reads(k.wrapping_sub(1), &["ان", "التي", "الذي"]));
        let named =
            |f: &&mut Found| f.item.kind == kind && f.ranges.first().is_some_and(|r| r.start < i) && f.item.status != "in_force";
        if let Some(f) = out.iter_mut().filter(|_| signed).find(named) {
            f.signing = true;
            "signed".clone_into(&mut f.item.status);
        }
    }
}

fn default_status(i: &Instrument) -> &'static str {
    match i.kind.as_str() {
        "joint_statement" => "issued",
        "agreement" => "in_force",
        "plan" => "planned",
        _ => "signed",
    }
}

/// Words of a name that tell instruments apart: no heads, no parties, no small words.
fn telling(doc: &Doc<'_>, r: &Range<usize>) -> Vec<String> {
    r.clone()
        .skip(1)
        .filter(|&k| doc.mention_at(k).is_none() && !doc.lex.stops.has_reading(doc.word(k)))
        .map(|k| without_article(doc.word(k)).trim_start_matches("لل").to_owned())
        .filter(|w| !matches!(w.as_str(), "تفاهم" | "مشترك" | "مشتركه" | "موقعه" | "مبرمه" | "مبرم" | "موقع" | "ثناييه"))
        .collect()
}

fn add(doc: &Doc<'_>, out: &mut Vec<Found>, mut new: Found) {
    let words = new.ranges.first().map(|r| telling(doc, r)).unwrap_or_default();
    for old in out.iter_mut().filter(|o| o.item.kind == new.item.kind) {
        let theirs = old.ranges.first().map(|r| telling(doc, r)).unwrap_or_default();
        let same_year = old.item.year.is_none() || new.item.year.is_none() || old.item.year == new.item.year;
        let overlap = words.is_empty() || theirs.is_empty() || words.iter().any(|w| theirs.contains(w));
        if same_year && (overlap || old.item.kind == "joint_statement") {
            old.signing |= new.signing;
            old.item.year = old.item.year.or(new.item.year);
            if old.item.status.is_empty() || (new.signing && !new.item.status.is_empty()) {
                old.item.status = new.item.status;
            }
            if words.len() > theirs.len() && theirs.is_empty() {
                old.item.name = new.item.name;
                old.ranges.insert(0, new.ranges.remove(0));
            }
            old.ranges.append(&mut new.ranges);
            old.item.evidence.append(&mut new.item.evidence);
            return;
        }
    }
    if out.len() < super::MOST {
        out.push(new);
    }
}

fn instrument_at(doc: &Doc<'_>, i: usize) -> Option<Found> {
    let hit = doc.at(&doc.lex.instruments, i).filter(|_| !is_counted(doc, i))?;
    let &(kind, bare) = doc.lex.instruments.row(hit).filter(|r| r.0 != "none")?;
    let (end, year) = named_by_day(doc, hit.to).map_or_else(|| extent(doc, hit.to), |end| (end, None));
    // What follows "البيان المشترك" is mostly what it says, not its name.
    let told = kind == "joint_statement" && !doc.word(hit.to).starts_with('ل') && !doc.is(hit.to, &["بين"]);
    let end = if told { hit.to } else { end };
    let (year_end, year) = year.map_or_else(|| late_year(doc, hit.to, end), |y| (end, Some(y)));
    let next = doc.word(hit.to);
    let word = |k: usize, kind: &str| doc.lex.instrument_words.row_at(doc, k).is_some_and(|w| *w == kind);
    let qualified = match bare {
        "yes" => true,
        "adj" => {
            end > hit.to
                && (word(hit.to, "qualifier")
                    || doc.mention_at(hit.to).is_some()
                    || year.is_some()
                    || named_by_day(doc, hit.to).is_some())
                && !doc.is(hit.to, &["علي"])
                && !doc.is(end, &["علي"])
                && (i >= doc.title_end || doc.word(i).contains("ال"))
        }
        // "الاتفاقية" alone, or with a verb behind it, refers back.
        _ => {
            end > hit.to
                && (next.starts_with("ال") || next.starts_with("لل") || next.starts_with('ل') || !doc.word(i).contains("ال"))
                && !is_verb(doc, hit.to)
        }
    };
    // "يتضمن المحضر التنسيق في …": a paper that was named before holds what follows.
    if doc.word(i).starts_with("ال") && doc.reads_of(i.wrapping_sub(1), Group::Holding) && !doc.broken(i) {
        return None;
    }
    // "أسفرت الاجتماعات عن توقيع محضر تضمن …": what is signed is a paper, whatever is said of it.
    let sealed = !doc.word(i).contains("ال") && doc.reads(i.wrapping_sub(1), &["توقيع"]) && !doc.broken(i);
    // "نفت أن تكون المذكرة اتفاقية أمنية جديدة".
    let denied = (i.saturating_sub(12).max(doc.sentence_range(i).start)..i).any(|k| doc.cue(k, Cue::Denial));
    if (!qualified && !sealed) || denied {
        return None;
    }
    let (status, signing) = status(doc, i, end, kind, year);
    let item = Instrument {
        name: doc.slice(i..end, hit.cut, hit.article),
        kind: kind.to_owned(),
        year,
        status: status.to_owned(),
        evidence: vec![doc.hit_span(i..end, hit.cut)],
    };
    Some(Found { item, signing, ranges: vec![i..end, i..year_end.max(end)] })
}

/// "26 اتفاقية ومذكرة تفاهم", "أربع مذكرات", "عدد من الاتفاقيات": papers that are counted and not named.
fn is_counted(doc: &Doc<'_>, i: usize) -> bool {
    let number = |k: usize| {
        doc.folded.tokens.get(k).is_some_and(crate::normalise::Token::is_number)
            || doc.lex.numerals.row_at(doc, k).is_some_and(|n| n.0 != "ordinal" && n.1 != 1)
    };
    let before = i.wrapping_sub(1);
    if doc.broken(i) || i == 0 {
        return false;
    }
    number(before)
        || doc.reads(before, &["عدد"])
        || (doc.word(i).starts_with('و') && doc.at(&doc.lex.instruments, before).is_some() && number(i.wrapping_sub(2)))
}

/// Behind a head with its article a verb says what the paper does ("الاتفاقية نقلت"); a bare head is only gone on with.
fn is_verb(doc: &Doc<'_>, i: usize) -> bool {
    let masdar = doc.is_of(i, Group::VerbalNoun) && !doc.word(i.wrapping_sub(1)).contains("ال");
    !masdar && doc.lex.stops.has_reading(doc.word(i)) && !doc.word(i).starts_with("ال")
}

/// "اتفاق العاشر من آذار": the token behind the month.
fn named_by_day(doc: &Doc<'_>, from: usize) -> Option<usize> {
    let day = doc.folded.tokens.get(from).is_some_and(crate::normalise::Token::is_number)
        || doc.lex.numerals.row_at(doc, from).is_some_and(|n| n.0 == "ordinal");
    let month = from + 1 + usize::from(doc.is(from + 1, &["من"]));
    let hit = doc.at(&doc.lex.months, month).filter(|h| h.cut == 0 && !doc.broken(from))?;
    day.then_some(hit.to)
}

/// How far the name runs, and the year in it.
fn extent(doc: &Doc<'_>, from: usize) -> (usize, Option<i32>) {
    let mut k = from;
    let mut open = true;
    while k < doc.len() && k < from + 10 && !doc.broken(k) {
        if let Some(y) = year_at(doc, k) {
            return (y.0, Some(y.1));
        }
        if doc.is(k, &["بين"]) {
            let mut end = k + 1;
            while let Some(m) = doc.mention_at(end).filter(|m| end == k + 1 || doc.word(m.from).starts_with('و')) {
                end = m.to;
            }
            if end == k + 1 {
                end += usize::from(doc.is_of(end, Group::BothSides));
            }
            if end == k + 1 {
                break;
            }
            k = end;
            open = false;
            continue;
        }
        let w = doc.word(k);
        // "محضر اجتماع اللجنة الخاصة بتنفيذ الاتفاق …": the next paper is one of its own.
        if k > from && w.starts_with("ال") && doc.at(&doc.lex.instruments, k).is_some() {
            break;
        }
        let counted = w.starts_with('و') && doc.at(&doc.lex.numerals, k).is_some();
        if counted {
            break;
        }
        // "مذكرة تفاهم بشأن …", "في مجال …": what it is about belongs to its name.
        let about = doc.is(k, &["بشان", "حول", "بخصوص"]) || doc.is(k, &["في"]) && doc.is_of(k + 1, Group::Field);
        if about && k < from + 5 && !doc.broken(k + 1) && !doc.is(k + 1, &["ان"]) {
            k += 2;
            open = true;
            continue;
        }
        if k > from && w.starts_with('و') && doc.at(&doc.lex.instruments, k).is_some() {
            break;
        }
        let nouny = w.starts_with("ال") || w.starts_with("لل") || w.starts_with("وال");
        let adjective = doc.lex.instrument_words.row_at(doc, k).is_some_and(|w| matches!(*w, "signed_past" | "qualifier"));
        let masdar = k == from && doc.is_of(k, Group::VerbalNoun);
        let goes_on = nouny || adjective || masdar || !doc.lex.stops.has_reading(w);
        // "مذكرة تتضمن رؤية …": what it says, not its name.
        let tells =
            k == from && matches!(w, "تتضمن" | "يتضمن" | "تشمل" | "يشمل" | "تنص" | "ينص" | "تقضي" | "يقضي" | "تهدف" | "يهدف");
        if tells || !open || !goes_on || matches!(w, "التي" | "الذي" | "والتي" | "والذي" | "اليوم" | "الخميس" | "الاحد")
        {
            break;
        }
        k += 1;
    }
    (k, None)
}

/// "لعام 2024", "عام 2008", "سنة 1987", or a bare year: the token behind it, and the year.
fn year_at(doc: &Doc<'_>, k: usize) -> Option<(usize, i32)> {
    let at = k + usize::from(doc.is_of(k, Group::OfYear));
    let n: i32 = doc
        .folded
        .tokens
        .get(at)
        .filter(|t| t.is_number() && t.folded.len() == 4 && (at == k || !t.gap.breaks()))?
        .folded
        .parse()
        .ok()?;
    (1900..2100).contains(&n).then_some((at + 1, n))
}

/// A year behind a name that ended before it: "… الموقعة في بغداد عام 2012". Gives the token behind the year.
fn late_year(doc: &Doc<'_>, name: usize, from: usize) -> (usize, Option<i32>) {
    let reach =
        (name..from + 8).take_while(|&k| k < from || (k < doc.len() && !doc.gap(k).comma() && !doc.gap(k).ends_sentence()));
    let mut signed = false;
    for k in reach {
        // The year behind the next paper is that paper's.
        if k >= from && doc.at(&doc.lex.instruments, k).is_some() {
            break;
        }
        signed |= doc.lex.instrument_words.row_at(doc, k).is_some_and(|w| *w == "signed_past");
        if (signed || doc.is(k, &["لعام", "لسنه"]))
            && let Some((to, y)) = year_at(doc, k)
        {
            return (to, Some(y));
        }
    }
    (from, None)
}

/// The status that the words around a mention tell, empty when they tell none, and whether a finite verb of signing stands by.
fn status(doc: &Doc<'_>, from: usize, to: usize, kind: &str, year: Option<i32>) -> (&'static str, bool) {
    if kind == "joint_statement" {
        return ("issued", false);
    }
    let sentence = doc.sentence_range(from);
    let before = from.saturating_sub(6).max(sentence.start)..from;
    let whole = sentence.start..from;
    let headline = from < doc.title_end && (sentence.start..from).any(|k| doc.is(k, &["توقيع", "يوقع", "توقع", "يوقعون"]));
    let to_come =
        whole.clone().rev().take(24).any(|k| doc.reads_of(k, Group::ToSign) && doc.reads(k.wrapping_sub(1), &["ان", "لن", "قد"]));
    // "مذكرة يجري إعدادها وستوقع …".
    let to_come =
        to_come || (from..(to + 8).min(sentence.end)).any(|k| doc.reads_of(k, Group::SoonSigned) && !doc.gap(k).comma());
    let close = from.saturating_sub(3).max(sentence.start)..from;
    let is = |r: Range<usize>, k: &str| {
        r.into_iter().any(|i| !doc.lex.given.has(doc.word(i)) && doc.lex.instrument_words.row_at(doc, i).is_some_and(|w| *w == k))
    };
    let past = is(from..(to + 3).min(sentence.end), "signed_past");
    let published = doc.published.map_or(i32::MAX, |p| p.year);
    let old = year.is_some_and(|y| y < published);
    // "وشهد رئيسا الوزراء … توقيع اتفاقية".
    let watched = doc.is(from.wrapping_sub(1), &["توقيع"])
        && (sentence.start.max(from.saturating_sub(14))..from).any(|k| doc.reads_of(k, Group::Witnessed));
    // "توقيع مذكرة تفاهم بين …": the news is told by its noun.
    let told = sentence.start + 1 == from && doc.is(sentence.start, &["توقيع"]);
    let ceremony = watched || told || is(from.saturating_sub(8).max(sentence.start)..from, "ceremony");
    if ceremony {
        ("signed", true)
    } else if to_come
        || is(close, "planned")
        || is(from.saturating_sub(5).max(sentence.start)..from, "planned") && !is(before.clone(), "signed_act")
    {
        ("planned", false)
    } else if headline || is(before, "signed_act") || whole.rev().take(24).any(|k| doc.reads_of(k, Group::Signed)) {
        ("signed", true)
    } else if old {
        ("in_force", false)
    } else if past {
        ("signed", false)
    } else {
        ("", false)
    }
}
