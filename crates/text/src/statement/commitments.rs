//! Clauses by which a party binds itself.

use super::document::Doc;
use super::{Commitment, bodies, persons};
use crate::gazetteer::{Cue, Naming};
use crate::normalise::without_article;
use std::ops::Range;

/// Words for both sides together.
const JOINT: [&str; 40] = [
    "القاده",
    "الوزراء",
    "الروساء",
    "الحاضرون",
    "المحافظان",
    "المحافظين",
    "القايدان",
    "القايدين",
    "المديران",
    "السفيران",
    "الهييتان",
    "اللجنتان",
    "المجلسان",
    "الجيشان",
    "الفريقان",
    "المجتمعين",
    "الجانبان",
    "الجانبين",
    "الطرفان",
    "الطرفين",
    "البلدان",
    "البلدين",
    "الوفدان",
    "الوفدين",
    "الوزيران",
    "الوزيرين",
    "الدولتان",
    "الدولتين",
    "الحكومتان",
    "الحكومتين",
    "الرييسان",
    "الرييسين",
    "المجتمعون",
    "الاطراف",
    "الوفود",
    "المشاركون",
    "الوزارتان",
    "الوزارتين",
    "المسوولان",
    "الاداراتان",
];

/// Words by which a body that was named before speaks.
const SPEAKERS: [&str; 24] = [
    "الهييه",
    "الوزاره",
    "الحكومه",
    "السلطات",
    "المديريه",
    "القياده",
    "السفاره",
    "المنظمه",
    "المفوضيه",
    "البعثه",
    "الوكاله",
    "المملكه",
    "الدايره",
    "الاداره",
    "الجهاز",
    "القنصليه",
    "الشركه",
    "الموسسه",
    "المستشاريه",
    "الامانه",
    "الحلف",
    "التحالف",
    "البرنامج",
    "السلطه",
];

/// The commitments of a text, in order.
pub(super) fn read(doc: &Doc<'_>, persons: &[persons::Found], bodies: &[bodies::Found]) -> Vec<Commitment> {
    let mut out: Vec<Commitment> = Vec::new();
    let mut i = doc.title_end;
    while i < doc.len() {
        let Some((clause, by)) = pledge(doc, persons, i).or_else(|| future(doc, persons, bodies, i)) else {
            i += 1;
            continue;
        };
        // "اتفق الجانبان على ما يلي:": each point below is one.
        if let Some(points) = listed(doc, &clause) {
            i = points.last().map_or(i + 1, |r| r.end).max(i + 1);
            for point in points {
                let own = (point.start..(point.start + 6).min(point.end)).find_map(|k| pledge(doc, persons, k));
                let by = own.map_or_else(|| by.clone(), |o| o.1);
                add(doc, &mut out, point, by);
            }
            continue;
        }
        i = clause.end.max(i + 1);
        add(doc, &mut out, clause, by);
    }
    out
}

/// The points that an agreement announces ("ما يلي", "ما يأتي"), each without its number.
fn listed(doc: &Doc<'_>, clause: &Range<usize>) -> Option<Vec<Range<usize>>> {
    let announced = clause.clone().any(|k| doc.reads(k, &["يلي", "ياتي", "الاتي", "الاتيه", "التالي", "التاليه"]));
    let from = (clause.start..clause.end + 2).find(|&k| k > clause.start && doc.gap(k).line()).filter(|_| announced)?;
    let mut out = Vec::new();
    let mut k = from;
    while k < doc.len() && out.len() < 20 {
        let next = (k + 1..doc.len()).find(|&n| doc.gap(n).line()).unwrap_or(doc.len());
        let ordinal = ["اولا", "ثانيا", "ثالثا", "رابعا", "خامسا", "سادسا", "سابعا", "ثامنا", "تاسعا", "عاشرا"];
        let marked = doc.folded.tokens.get(k).is_some_and(crate::normalise::Token::is_number) || doc.is(k, &ordinal);
        if !marked && !doc.gap(k).dash() {
            break;
        }
        let start = k + usize::from(marked);
        let end = (start + 1..next).find(|&n| doc.gap(n).ends_sentence()).unwrap_or(next).min(start + 30);
        out.push(start..end.max(start));
        k = next;
    }
    (!out.is_empty()).then_some(out)
}

fn add(doc: &Doc<'_>, out: &mut Vec<Commitment>, clause: Range<usize>, by: Vec<String>) {
    let span = doc.hit_span(clause.clone(), 0);
    let to = owed(doc, clause.clone(), &by);
    if out.len() < super::MOST {
        out.push(Commitment {
            by,
            to,
            span: doc.slice(clause, 0, false),
            start: span.start,
            end: span.end,
            evidence: vec![span],
        });
    }
}

/// "تعهد", "التزام …", "عزمهما", "اتفق الجانبان على".
fn pledge(doc: &Doc<'_>, persons: &[persons::Found], i: usize) -> Option<(Range<usize>, Vec<String>)> {
    let hit = doc.at(&doc.lex.undertakings, i).filter(|h| h.cut == 0 || doc.word(i).starts_with(['و', 'ف']))?;
    let kind = *doc.lex.undertakings.row(hit)?;
    let before = i.wrapping_sub(1);
    let appeal = [
        "امله",
        "املها",
        "يامل",
        "تامل",
        "نامل",
        "املا",
        "دعا",
        "دعت",
        "يدعو",
        "تدعو",
        "داعيا",
        "داعيه",
        "دعوا",
        "حث",
        "حثت",
        "طالب",
        "طالبت",
        "شدد",
        "شددت",
        "مشددا",
        "مشدده",
        "اهاب",
        "اهابت",
        "تهيب",
        "يهيب",
        "ناشد",
        "ناشدت",
    ];
    let far = i.saturating_sub(8).max(doc.sentence_range(i).start)..i;
    let own = ["ه", "ها", "هم", "هما"].iter().any(|e| doc.word(i).ends_with(e));
    let conjoined = kind == "agree" && doc.word(i).starts_with('و');
    // "شكر الوزير الإقليم على التزامه": another's, as the one who thanks sees it.
    let praise = ["شكر", "شكرت", "شاكرا", "ثمن", "ثمنت", "مثمنا", "اشاد", "اشادت", "مشيدا", "اثني", "اثنت"];
    if own && kind == "pledge" && (i.saturating_sub(6)..i).any(|k| doc.reads(k, &praise)) {
        return None;
    }
    let only_wished = doc.reads(before, &["اهميه", "ضروره", "عدم", "مدي", "وجوب", "عمليه"])
        // "شدد … واتفق": a verb of its own; the appeal goes no further.
        || (!own && !conjoined && far.into_iter().any(|k| doc.reads(k, &appeal)))
        || doc.is(hit.to, &["الصلب"]);
    if only_wished {
        return None;
    }
    let start = clause_start(doc, i);
    let end = agreed_end(doc, hit.to, kind);
    if end <= hit.to {
        return None;
    }
    if kind == "agree"
        && !(hit.from..end).any(|k| doc.is(k, &["علي"]) || doc.word(k).starts_with("با"))
        && !doc.word(hit.from).contains("قرر")
    {
        return None;
    }
    let by = subject(doc, persons, start, i, hit.to, kind)?;
    Some((start..end, by))
}

/// "سيرسلان لجنة", "سيقام مركز".
fn future(doc: &Doc<'_>, persons: &[persons::Found], bodies: &[bodies::Found], i: usize) -> Option<(Range<usize>, Vec<String>)> {
    let word = doc.word(i).trim_start_matches(['و', 'ف']);
    let verb = word.strip_prefix('س').is_some_and(|r| r.starts_with(['ي', 'ت', 'ن']) && r.chars().count() > 3) && word.len() < 40;
    let we = word.starts_with("سن");
    let kind = doc.lex.future.row_at(doc, i).copied().unwrap_or("");
    // "التي ستنفذها شركات": it describes.
    let describes = doc.reads(i.wrapping_sub(1), &["التي", "الذي", "اللذين", "الذين", "اللتين"]);
    if !verb
        || describes
        || kind == "report"
        || doc.lex.given.has(word)
        || doc.mention_at(i).is_some()
        || doc.at(&doc.lex.places, i).is_some()
    {
        return None;
    }
    // "العراق سيبدأ بتزويد …" binds; "الرحلات ستبدأ" only tells.
    if kind == "subject" {
        let by = doc.mention_at_end(i).or_else(|| doc.mention_at(i + 1)).filter(|m| m.naming != Naming::Nisba && !doc.broken(i));
        let range = clause_start(doc, i)..clause_end(doc, i + 1);
        return by.filter(|m| !super::parties::is_mere_place(doc, m)).map(|m| (range, vec![m.code.to_owned()]));
    }
    let who = behind_remark(doc, i);
    let start = clause_start(doc, if who < i { who - 1 } else { i });
    let end = clause_end(doc, i + 1);
    if end < i + 2 {
        return None;
    }
    let both = (start..(i + 2).min(end)).any(|k| doc.reads(k, &JOINT)) || word.ends_with("ان");
    if both {
        return Some((start..end, doc.sides()));
    }
    // "المنظمة ستدعم بغداد": behind its subject the verb has an object.
    let preceded = i > start && doc.word(i - 1).starts_with("ال");
    // "الجانب الإيطالي سيوفد …".
    let side = doc.mention_at_end(i).filter(|m| m.naming == Naming::Nisba && !doc.broken(i));
    if let Some(m) =
        side.filter(|m| doc.reads(m.from.wrapping_sub(1), &["الجانب", "الحكومه", "السلطات", "الوفد", "القوات", "الطرف"]))
    {
        return Some((start..end, vec![m.code.to_owned()]));
    }
    let near = match (who < i, preceded) {
        (true, _) => start..who,
        (_, true) => start..i,
        // "سنسلم سوريا …": who speaks owes.
        _ if we => i..i,
        _ => start..(i + 3).min(end),
    };
    if let Some(m) = doc.mentions_in(near).iter().find(|m| {
        m.naming != Naming::Nisba
            && !super::parties::is_mere_place(doc, m)
            && (m.from + 4 > who || m.from < start + 2)
            && m.from <= i + 1
    }) {
        return Some((start..end, vec![m.code.to_owned()]));
    }
    let office = doc.is(who.wrapping_sub(1), &SPEAKERS) && who > start;
    // "أكدت الوزارة أنها ستلجأ": who speaks.
    let herself = doc.reads(i.wrapping_sub(1), &["انها", "انه", "بانها", "بانه", "انهم"]);
    if office || herself || we || (start..i).any(|k| doc.is(k, &["بلاده", "بلادها", "حكومته", "حكومتها", "وزارته"]))
    {
        let s = doc.sentence_range(i).start;
        let says =
            doc.mentions_in(s..i).first().filter(|m| m.from < s + 8 && m.naming == Naming::Nisba).map(|m| m.code.to_owned());
        return says.or_else(|| speaker(doc, persons, i)).map(|s| (start..end, vec![s]));
    }
    if kind == "impersonal" {
        let body = bodies.iter().find(|b| b.range.start >= start && b.range.end <= end);
        let by = body.map_or_else(|| doc.sides(), |b| b.item.parties.clone());
        return (!by.is_empty()).then_some((start..end, by));
    }
    None
}

/// "الوزارة، بالتعاون مع …، ستقدم": where the remark before the verb begins; the verb itself where there is none.
fn behind_remark(doc: &Doc<'_>, i: usize) -> usize {
    let opens = |k: &usize| doc.gap(*k).comma() && doc.cue(*k, Cue::Along);
    let from = i.saturating_sub(18).max(doc.sentence_range(i).start + 1);
    if doc.gap(i).comma() { (from..i).rev().find(opens).unwrap_or(i) } else { i }
}

/// Where the clause around token `i` begins: behind a comma, a colon, or "أن"; at most 40 words back.
fn clause_start(doc: &Doc<'_>, i: usize) -> usize {
    let mut k = i;
    while k > doc.title_end
        && i - k < 40
        && !doc.gap(k).comma()
        && !doc.gap(k).colon()
        && !doc.gap(k).ends_sentence()
        && !doc.gap(k).dash()
    {
        if doc.reads(k - 1, &["ان", "بان", "انه", "انها"]) {
            break;
        }
        k -= 1;
    }
    k
}

/// Where it ends: at a comma, unless the list goes on behind it ("، وعلى …"), or at the end of the sentence; at most 22 words.
fn clause_end(doc: &Doc<'_>, from: usize) -> usize {
    let mut k = from;
    while k < doc.len() && k < from + 22 {
        let gap = doc.gap(k);
        if gap.ends_sentence() || gap.dash() {
            break;
        }
        if gap.comma()
            && k > from
            && !doc.is(k, &["وعلي", "وعلى"])
            && !(doc.word(k).starts_with("ول") && doc.reads(k, &["اسر", "لاسر"]))
        {
            break;
        }
        k += 1;
    }
    k
}

/// Where an undertaking ends. What was agreed on may stand behind a remark between commas: "اتفق الوزيران، في ختام …، على …".
fn agreed_end(doc: &Doc<'_>, from: usize, kind: &str) -> usize {
    let end = clause_end(doc, from);
    if kind != "agree" || doc.is(from.wrapping_sub(1), &["علي"]) || (from..end).any(|k| doc.is(k, &["علي"])) {
        return end;
    }
    let rest = end..doc.sentence_range(from).end.min(end + 22);
    rest.into_iter().find(|&k| doc.is(k, &["علي"]) && doc.gap(k).comma()).map_or(end, |k| clause_end(doc, k + 1))
}

/// Who binds itself.
fn subject(doc: &Doc<'_>, persons: &[persons::Found], start: usize, i: usize, after: usize, kind: &str) -> Option<Vec<String>> {
    let word = doc.word(i);
    // "متعهداً" is one who speaks; "تعهدا" are two.
    let verb = !word.trim_start_matches(['و', 'ف']).starts_with('م');
    let two = word.ends_with('ا') && !word.ends_with("ها") && word.len() > 8 && verb;
    let dual = word.ends_with("هما") || two || word.ends_with("ان");
    let joint = (start..(after + 2).min(doc.len())).any(|k| doc.reads(k, &JOINT));
    if dual || joint || kind == "terms" {
        return some(doc.sides());
    }
    // "التزام العراق", "التزام أنقرة": the owner stands right behind the noun.
    if let Some(m) = doc.mention_at(after).filter(|m| m.naming != Naming::Nisba && m.cut == 0 && !doc.broken(after)) {
        let mut by = vec![m.code.to_owned()];
        // "اتفق العراق وتركيا على …".
        let mut end = m.to;
        while let Some(n) = doc.mention_at(end).filter(|n| n.naming != Naming::Nisba && doc.word(n.from).starts_with('و')) {
            by.push(n.code.to_owned());
            end = n.to;
        }
        return Some(by);
    }
    if let Some(m) = doc.mention_at(after + 1).filter(|m| m.naming == Naming::Nisba && !doc.broken(after))
        && doc.is(after, &["الحكومه", "الجانب", "الوفد", "الرييس", "الوزير", "السلطات", "القياده"])
    {
        return Some(vec![m.code.to_owned()]);
    }
    let named = codes(doc, start..i, |m| {
        m.naming != Naming::Nisba || doc.reads(m.from.wrapping_sub(1), &["الحكومه", "الجانب", "الوزير", "الرييس", "الوفد"])
    });
    if kind == "agree" {
        let mut by = named;
        if by.is_empty() {
            by.extend(speaker(doc, persons, i));
        }
        let with = (after..(after + 8).min(doc.len())).find(|&k| doc.is(k, &["مع"]));
        if let Some(m) = with.and_then(|k| doc.mentions_in(k..k + 4).first()) {
            by.push(m.code.to_owned());
        }
        if by.len() < 2 && with.is_none() {
            by = doc.sides();
        }
        by.dedup();
        return some(by);
    }
    // "وتعهدت السفيرة": the one last named with that office.
    let who = |p: &&persons::Found| {
        p.name.start < i
            && !p.item.party.is_empty()
            && without_article(doc.word(p.office.start)) == without_article(doc.word(after))
    };
    if let Some(p) = persons.iter().rev().find(who).filter(|_| doc.word(after).starts_with("ال") && !doc.broken(after)) {
        return Some(vec![p.item.party.clone()]);
    }
    if !named.is_empty() {
        return Some(named.into_iter().take(2).collect());
    }
    some(speaker(doc, persons, i).into_iter().collect())
}

fn some(by: Vec<String>) -> Option<Vec<String>> {
    (!by.is_empty()).then_some(by)
}

fn codes(doc: &Doc<'_>, r: Range<usize>, test: impl Fn(&super::document::Mention) -> bool) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for m in doc.mentions_in(r).iter().filter(|m| test(m) && !super::parties::is_mere_place(doc, m)) {
        if !out.iter().any(|c| c == m.code) {
            out.push(m.code.to_owned());
        }
    }
    out
}

/// The party of whoever speaks at token `i`: the person last named, by full name or by one word of it, else the main party.
fn speaker(doc: &Doc<'_>, persons: &[persons::Found], i: usize) -> Option<String> {
    let floor = i.saturating_sub(120);
    for k in (floor..i).rev() {
        let w = doc.word(k);
        let by_name = persons.iter().find(|p| {
            !p.item.party.is_empty() && p.name.clone().any(|n| doc.word(n) == w && w.chars().count() > 2) && p.name.start <= k
        });
        if let Some(p) = by_name {
            return Some(p.item.party.clone());
        }
        if let Some(m) = doc
            .mention_at(k)
            .filter(|m| m.naming == Naming::Nisba && (1..=3).any(|b| doc.lex.offices.row_at(doc, k.wrapping_sub(b)).is_some()))
        {
            return Some(m.code.to_owned());
        }
    }
    // A ministry that speaks without a person speaks for the state whose statement it is.
    let home = super::parties::is_state(doc.home).then_some(doc.home);
    home.or_else(|| doc.main.first().copied()).map(str::to_owned)
}

/// To whom: the other side, when the clause names it.
fn owed(doc: &Doc<'_>, r: Range<usize>, by: &[String]) -> Vec<String> {
    if by.len() != 1 {
        return Vec::new();
    }
    let main: Vec<&str> = doc.main.iter().take(3).copied().collect();
    if r.clone().any(|k| doc.is(k, &["بين"]) && doc.reads(k + 1, &JOINT)) {
        return doc.sides().into_iter().filter(|c| !by.contains(c)).collect();
    }
    codes(doc, r, |_| true).into_iter().filter(|c| !by.contains(c) && main.contains(&c.as_str())).collect()
}
