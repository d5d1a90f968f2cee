//! Kinds of act the text reports, the main one first.

use super::document::Doc;
use super::{Act, Commitment, Span, bodies, instruments};
use crate::gazetteer::phrases::Hit;
use crate::gazetteer::{Cue, Group};
use std::collections::BTreeMap;

/// First token and evidence of each kind.
type Kinds = BTreeMap<&'static str, (usize, Vec<Span>)>;

/// The acts of a text.
pub(super) fn read(
    doc: &Doc<'_>,
    bodies: &[bodies::Found],
    instruments: &[instruments::Found],
    commitments: &[Commitment],
) -> Vec<Act> {
    let mut kinds = Kinds::new();
    listed(doc, instruments, &mut kinds);
    framed(doc, &mut kinds);
    discussed(doc, &mut kinds);
    only_called(doc, &mut kinds);
    undertaken(doc, instruments, commitments, &mut kinds);
    for f in instruments {
        let kind = match f.item.status.as_str() {
            "planned" if f.item.kind != "plan" => "instrument_planned",
            "signed" if f.signing => "instrument_signed",
            _ => continue,
        };
        if let Some(r) = f.ranges.first() {
            put(&mut kinds, kind, r.start, f.item.evidence.clone());
        }
    }
    if let Some(b) = bodies.iter().find(|b| b.item.status == "planned" && b.decided) {
        put(&mut kinds, "body_formed", b.range.start, b.item.evidence.clone());
    }
    words_only(doc, &mut kinds);
    order(doc, kinds)
}

fn put(kinds: &mut Kinds, kind: &'static str, at: usize, evidence: Vec<Span>) {
    let e = kinds.entry(kind).or_insert((at, Vec::new()));
    e.0 = e.0.min(at);
    if e.1.len() < 4 {
        e.1.extend(evidence);
    }
}

/// "جهود القوات التي تمكنت من ضبط …": it says who they are.
fn describes(doc: &Doc<'_>, i: usize) -> bool {
    (i.saturating_sub(4)..i).rev().take_while(|&k| !doc.broken(k + 1)).any(|k| doc.reads_of(k, Group::Relative))
}

/// Kinds that `acts.tsv` tells by their words alone.
fn listed(doc: &Doc<'_>, instruments: &[instruments::Found], kinds: &mut Kinds) {
    // "اتفاقية نقل المحكوم عليهم": the name of a paper is no act.
    let in_name = |i: usize| instruments.iter().any(|f| f.ranges.iter().any(|r| r.start < i && i < r.end));
    let list = &doc.lex.acts;
    for hit in list.phrases.everywhere(&doc.folded, &doc.words) {
        let Some((kind, unless)) = list.row(hit) else { continue };
        let sentence = doc.sentence_range(hit.from);
        // What is talked of may stand far behind the verb.
        let back = if *kind == "detainee_transfer" { 16 } else { 6 };
        let near = hit.from.saturating_sub(back).max(sentence.start)..(hit.to + 6).min(sentence.end);
        let barred = near.clone().any(|k| doc.words.reads(k, unless));
        // "اختتمت دورة لتدريب الضباط": a course and no session.
        let course = doc.reads(hit.to.wrapping_sub(1), &["دوره"]) && doc.reads(hit.to, &["تدريب", "تدريبيه", "تاهيل", "تاهيليه"]);
        let fits = match *kind {
            "meeting" if takes_in(doc, hit) || is_due(doc, hit.from) => false,
            "repatriation" if is_of_others(doc, hit) => false,
            "operation" if describes(doc, hit.from) => false,
            "detainee_transfer" | "operation" | "repatriation" | "crossing" if in_name(hit.from) => false,
            "meeting" if course => false,
            // A mission of the United Nations may end as well.
            "mission_step" => {
                let mission = (hit.from..hit.to).any(|k| doc.reads(k, &["بعثه"]));
                // "انسحاب قوات سوريا الديمقراطية".
                let others = doc.named_bodies.iter().any(|h| {
                    hit.from <= h.from && h.from <= hit.to && doc.lex.institutions.row(*h).is_some_and(|r| r.0 == "SDF")
                });
                !others && doc.mentions.iter().any(|m| matches!(m.code, "COALITION" | "NATO") || (m.code == "UN" && mission))
            }
            "press_conference" | "conference" | "meeting" | "visit" | "joint_statement" | "call" => !background(doc, hit.from),
            _ => true,
        };
        if fits && !barred && !only_told(doc, kind, hit.from) {
            put(kinds, kind, hit.from, vec![doc.span(hit.from..hit.to)]);
        }
    }
    let press = kinds.get("press_conference").map(|p| p.1.clone()).unwrap_or_default();
    if kinds.get("conference").is_some_and(|c| c.1.iter().all(|s| press.iter().any(|p| p.start < s.end && s.start < p.end))) {
        kinds.remove("conference");
    }
}

/// Whoever talks by telephone "discusses" without meeting: a call is also a meeting only where somebody met.
fn only_called(doc: &Doc<'_>, kinds: &mut Kinds) {
    let talked = |s: &Span| {
        let at = doc.folded.tokens.partition_point(|t| t.start < s.start);
        doc.reads_of(at, Group::Talking) || doc.reads(at.wrapping_sub(1), &["علي"])
    };
    if kinds.contains_key("call") && kinds.get("meeting").is_some_and(|m| m.1.iter().all(talked)) {
        kinds.remove("meeting");
    }
}

/// How far behind a verb what it is done to may stand, in words.
const REACH: usize = 14;

/// Kinds that `frames.tsv` tells by a verb and what it is done to.
fn framed(doc: &Doc<'_>, kinds: &mut Kinds) {
    for frame in &doc.lex.frames {
        for hit in frame.verbs.everywhere(&doc.folded, &doc.words) {
            let end = doc.sentence_range(hit.from).end.min(hit.to + REACH);
            // "بيان صادر عن": issued, not seized.
            if doc.reads(hit.from, &["صادر", "صادره", "الصادر", "الصادره"]) && doc.is(hit.to, &["عن", "من"])
            {
                continue;
            }
            // "اتفقا على عقد اجتماع": it is still to be held.
            if frame.kind == "meeting" && doc.reads(hit.from.wrapping_sub(1), &["علي", "الي", "موعد"]) {
                continue;
            }
            let object = (hit.to..end).find_map(|k| frame.objects.at(&doc.folded, &doc.words, k));
            let barred = |o: &Hit| (hit.to..o.from).any(|k| doc.words.reads(k, &frame.unless));
            let object = object.filter(|o| !barred(o) && !is_noun(doc, &hit, o.from));
            if frame.kind == "repatriation" && object.is_some_and(|o| is_of_others(doc, o)) {
                continue;
            }
            if frame.kind == "operation" && describes(doc, hit.from) {
                continue;
            }
            let told = || only_told(doc, frame.kind, hit.from) || object.is_some_and(|o| only_told(doc, frame.kind, o.from));
            if let Some(object) = object.filter(|_| !background(doc, hit.from) && !told()) {
                put(kinds, frame.kind, hit.from, vec![doc.span(hit.from..hit.to), doc.span(object.from..object.to)]);
            }
        }
    }
}

/// Told without having happened now: denied, recalled at the end ("يذكر أن …"), or a visit that is only asked for.
fn only_told(doc: &Doc<'_>, kind: &str, i: usize) -> bool {
    let start = doc.sentence_range(i).start;
    let cue = |mut r: std::ops::Range<usize>, c: Cue| r.any(|k| doc.cue(k, c));
    let denied = cue(start.max(i.saturating_sub(14))..i, Cue::Denial);
    let aside = i >= doc.title_end && cue(start..(start + 3).min(i + 1), Cue::Aside);
    // The news itself may be an invitation.
    let lead = doc.sentence_range(doc.title_end).end;
    let asked = kind == "visit" && i >= lead && cue(start.max(i.saturating_sub(8))..i, Cue::Invitation);
    // "بدعوة من نظيره": whoever came was asked to.
    let came = || (start.max(i.saturating_sub(8))..i).any(|k| doc.is(k, &["بدعوه", "تلبيه"]));
    // "طالبت بعقد اجتماع": it is not held.
    let both = doc.cue(i, Cue::Noun);
    let finite = || !both && doc.lex.verbs.has(doc.word(i).trim_start_matches(['و', 'ف']));
    let told = matches!(kind, "press_conference" | "joint_statement" | "call" | "conference" | "threat_warning");
    let near = (start.max(i.saturating_sub(6))..i).rev().take_while(|&k| !doc.broken(k + 1));
    let wished = !told && !finite() && near.into_iter().any(|k| cue(k..k + 1, Cue::Wished));
    // "لمناقشة إنهاء ولاية البعثة".
    let matter = matches!(kind, "mission_step" | "crossing" | "repatriation" | "detainee_transfer" | "operation")
        && !finite()
        && (start.max(i.saturating_sub(3))..i).rev().take_while(|&k| !doc.broken(k + 1)).any(|k| cue(k..k + 1, Cue::Talked));
    denied || aside || wished || matter || (asked && !came())
}

/// "من المقرر أن يلتقي": it is still to be.
fn is_due(doc: &Doc<'_>, i: usize) -> bool {
    doc.is(i.wrapping_sub(1), &["ان"]) && (i.saturating_sub(4)..i).any(|k| doc.reads_of(k, Group::Due))
}

/// "استقبال دفعة من الضباط", "وصول قافلة مساعدات": a group that does not come home.
fn is_of_others(doc: &Doc<'_>, hit: Hit) -> bool {
    let group = (hit.from..hit.to).any(|k| doc.reads_of(k, Group::Batch));
    let next = hit.to..(hit.to + 3).min(doc.sentence_range(hit.from).end);
    let other = |k: usize| doc.bare_of(k, Group::OtherGroups) || doc.reads_of(k, Group::OtherGroups);
    group && next.take_while(|&k| !doc.broken(k)).any(other)
}

/// "استقبل المركز 18 ألف شخص", "ستستقبل دفعة من العائدين": to take in and not to meet.
fn takes_in(doc: &Doc<'_>, hit: Hit) -> bool {
    let counted =
        |k: usize| doc.folded.tokens.get(k).is_some_and(crate::normalise::Token::is_number) || doc.reads_of(k, Group::TakenIn);
    let receives = doc.word(hit.from).contains("ستقبل") && hit.to == hit.from + 1;
    receives && (hit.to..(hit.to + 7).min(doc.sentence_range(hit.from).end)).take_while(|&k| !doc.gap(k).comma()).any(counted)
}

/// "نقل المعتقلين" may be a verb or a noun: a verb only where a clause begins and a subject follows; a name is neither.
fn is_noun(doc: &Doc<'_>, verb: &Hit, object: usize) -> bool {
    let i = verb.from;
    let word = doc.word(i).trim_start_matches(['و', 'ف']);
    let led = word.strip_prefix(['ب', 'ل']).is_some_and(|rest| doc.lex.verbs.has(rest)) && !doc.lex.verbs.has(word);
    if led || (doc.lex.given.has(word) && !doc.lex.verbs.has(word)) {
        return true;
    }
    if !doc.cue(i, Cue::Noun) {
        return false;
    }
    let told = || doc.cue(i - 1, Cue::Saying) || doc.is(i - 1, &["عن"]);
    let opens = i == 0 || doc.broken(i) || told() || doc.reads_of(i - 1, Group::ClauseOpener);
    !opens || object == verb.to
}

/// "بحثت الوزيرة … مع السفير": to discuss with somebody is to meet.
fn discussed(doc: &Doc<'_>, kinds: &mut Kinds) {
    for i in (0..doc.len()).filter(|&i| doc.reads_of(i, Group::Discussing)) {
        let with = |k: usize| {
            doc.is(k, &["مع"]) && (doc.at(&doc.lex.offices, k + 1).is_some() || doc.reads(k + 1, &["وفد", "مسوول", "مسوولين"]))
        };
        if (i + 1..doc.sentence_range(i).end.min(i + 14)).any(with) {
            put(kinds, "meeting", i, vec![doc.span(i..i + 1)]);
        }
    }
}

/// Told as past: "كان قد التقى", "في اجتماع سابق", "الذي استضافته".
fn background(doc: &Doc<'_>, i: usize) -> bool {
    let had = (doc.reads(i.wrapping_sub(1), &["قد"]) && doc.reads(i.wrapping_sub(2), &["كان", "كانت"]))
        || doc.reads(i.wrapping_sub(1), &["لمخرجات", "مخرجات", "نتايج"]);
    let from = doc.sentence_range(i).start.max(i.saturating_sub(6));
    // "في تصريح على هامش اجتماع": only where somebody spoke.
    let aside = doc.reads(i + 1, &["هامش"]) && doc.is(i, &["علي"]);
    let had = had || (aside && (from..i).any(|k| doc.reads_of(k, Group::Spoken)));
    // "تنفيذاً لما اتفق عليه خلال زيارة …": it goes back to what was before.
    let had = had || (from..i).any(|k| doc.reads_of(k, Group::GoingBack));
    had || doc.is_long_ago(i) || doc.reads(i + 1, &["سابق", "سابقه", "السابق", "السابقه"])
}

/// Exchange of information and training count as acts when the sides do them or bind themselves to them.
fn undertaken(doc: &Doc<'_>, instruments: &[instruments::Found], commitments: &[Commitment], kinds: &mut Kinds) {
    for i in 0..doc.len() {
        let bound = || is_bound(doc, instruments, commitments, i);
        let exchanging = doc.reads_of(i, Group::Exchanging);
        let exchange = exchanging || doc.reads_of(i, Group::Exchange);
        if exchange && is_of_information(doc, i) && (exchanging || bound() || was_done(doc, i)) {
            put(kinds, "information_exchange", i, vec![doc.span(i..(i + 2).min(doc.len()))]);
        }
        let course = || doc.reads_of(i, Group::Course) && doc.reads(i + 1, &["تدريبيه", "تدريبي"]);
        let given = (doc.reads_of(i, Group::Trained) || course()) && !is_recommended(doc, i);
        if given || (doc.reads_of(i, Group::Training) && bound()) {
            put(kinds, "training", i, vec![doc.span(i..i + 1)]);
        }
    }
}

/// What token `i` tells is agreed or pledged in its sentence, or signed.
fn is_bound(doc: &Doc<'_>, instruments: &[instruments::Found], commitments: &[Commitment], i: usize) -> bool {
    let start = doc.sentence_range(i).start;
    let at = doc.span(i..i + 1).start;
    // "محضر الاجتماع الذي تضمن …": what a paper holds.
    let holds = |k: usize| {
        let paper = |n: usize| doc.at(&doc.lex.instruments, n).is_some();
        doc.reads_of(k, Group::PaperHeld) && (k.saturating_sub(3)..k + 2).any(paper)
    };
    // "وقعا مذكرة تفاهم حول التدريب": what a paper that they sign is about.
    let mut signed = instruments.iter().filter(|f| f.signing && f.item.status == "signed").flat_map(|f| &f.ranges);
    let about = |r: &std::ops::Range<usize>| r.start < i && i < r.end + 3 && !(r.start + 1..=i).any(|k| doc.broken(k));
    // "رغبتهما في استمرار تبادل …": no more than a wish.
    let wish = |k: usize| (k.saturating_sub(3).max(start)..k).any(|w| doc.cue(w, Cue::Wished));
    signed.any(about)
        || commitments.iter().any(|c| c.start <= at && at < c.end)
        || (start.max(i.saturating_sub(60))..i).any(|k| (doc.reads_of(k, Group::Binding) && !wish(k)) || holds(k))
}

/// "تبادل المعلومات", "تبادل الخبرات والمعلومات".
fn is_of_information(doc: &Doc<'_>, i: usize) -> bool {
    doc.is_of(i + 1, Group::Information) || doc.is(i + 2, &["المعلومات", "معلومات", "والمعلومات", "والبيانات"])
}

/// "بعد تبادل معلومات", "جرى تبادل"; "بعد ثلاثة أشهر من المتابعة وتبادل المعلومات".
fn was_done(doc: &Doc<'_>, i: usize) -> bool {
    let near = || (i.saturating_sub(6)..i).rev().take_while(|&k| !doc.broken(k + 1)).any(|k| doc.is_of(k, Group::Outcome));
    doc.reads_of(i.wrapping_sub(1), Group::Done) || (doc.word(i).starts_with('و') && near())
}

/// "أوصى الاجتماع بتشكيل لجان، وبعقد دورات تدريبية".
fn is_recommended(doc: &Doc<'_>, i: usize) -> bool {
    let start = doc.sentence_range(i).start;
    doc.word(i.wrapping_sub(1)).starts_with("وب") && (start..(start + 3).min(i)).any(|k| doc.cue(k, Cue::Wished))
}

/// A text that reports nothing but words is a statement.
fn words_only(doc: &Doc<'_>, kinds: &mut Kinds) {
    let done = [
        "meeting",
        "visit",
        "call",
        "conference",
        "press_conference",
        "instrument_signed",
        "joint_statement",
        "repatriation",
        "operation",
        "crossing",
        "detainee_transfer",
        "mission_step",
    ];
    // Training that the title reports is the news.
    let trained = kinds.get("training").is_some_and(|t| t.0 < doc.title_end.max(doc.sentence_range(0).end.min(REACH)));
    if trained || doc.len() == 0 || done.iter().any(|k| kinds.contains_key(k)) {
        return;
    }
    let saying = |i: usize| doc.cue(i, Cue::Saying);
    let first = (0..doc.len()).find(|&i| saying(i));
    // Where nothing else is told, the words are the news, whatever verb tells them.
    if let Some(i) = first.or_else(|| kinds.is_empty().then_some(doc.title_end.min(doc.len() - 1))) {
        put(kinds, "statement", doc.title_end.min(i), vec![doc.span(i..i + 1)]);
    }
}

/// What the title reports comes first, then by first mention; among neighbours the weightier kind.
fn order(doc: &Doc<'_>, kinds: Kinds) -> Vec<Act> {
    let weight = |k: &str| match k {
        "instrument_signed" | "joint_statement" | "operation" | "repatriation" | "crossing" | "detainee_transfer" => 0,
        "press_conference" | "call" | "conference" | "instrument_planned" => 1,
        "meeting" | "mission_step" => 2,
        "visit" | "body_formed" | "assessment" => 3,
        _ => 4,
    };
    let mut all: Vec<_> = kinds.into_iter().collect();
    all.sort_by_key(|(k, (at, _))| {
        let from_title = *at < doc.title_end && weight(k) < 3;
        (!from_title, at.saturating_sub(doc.title_end) / 30, weight(k), *at)
    });
    all.into_iter().map(|(k, (_, evidence))| Act { kind: k.to_owned(), evidence }).collect()
}
