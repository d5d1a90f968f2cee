//! Clauses by which a party binds itself.

use super::document::Doc;
use super::{Commitment, bodies, institutions, persons};
use crate::gazetteer::{Cue, Group, Naming};
use crate::normalise::{fold_for_search, without_article};
use std::ops::Range;

/// The commitments of a text, in order.
pub(super) fn read(
    doc: &Doc<'_>,
    persons: &[persons::Found],
    institutions: &[institutions::Found],
    bodies: &[bodies::Found],
) -> Vec<Commitment> {
    let mut out: Vec<Commitment> = Vec::new();
    let mut i = doc.title_end;
    while i < doc.len() {
        let Some((clause, by)) = pledge(doc, persons, institutions, i).or_else(|| future(doc, persons, institutions, bodies, i))
        else {
            i += 1;
            continue;
        };
        // "اتفق الجانبان على ما يلي:": each point below is one.
        if let Some(points) = listed(doc, &clause) {
            i = points.last().map_or(i + 1, |r| r.end).max(i + 1);
            for point in points {
                let own = (point.start..(point.start + 6).min(point.end)).find_map(|k| pledge(doc, persons, institutions, k));
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
    let announced = clause.clone().any(|k| doc.reads_of(k, Group::PointsFollow));
    let from = (clause.start..clause.end + 2).find(|&k| k > clause.start && doc.gap(k).line()).filter(|_| announced)?;
    let mut out = Vec::new();
    let mut k = from;
    while k < doc.len() && out.len() < 20 {
        let next = (k + 1..doc.len()).find(|&n| doc.gap(n).line()).unwrap_or(doc.len());
        let marked = doc.folded.tokens.get(k).is_some_and(crate::normalise::Token::is_number) || doc.is_of(k, Group::PointNumber);
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
fn pledge(
    doc: &Doc<'_>,
    persons: &[persons::Found],
    institutions: &[institutions::Found],
    i: usize,
) -> Option<(Range<usize>, Vec<String>)> {
    let hit = doc.at(&doc.lex.undertakings, i).filter(|h| h.cut == 0 || doc.word(i).starts_with(['و', 'ف']))?;
    let kind = *doc.lex.undertakings.row(hit)?;
    let before = i.wrapping_sub(1);
    let far = i.saturating_sub(8).max(doc.sentence_range(i).start)..i;
    let own = ["ه", "ها", "هم", "هما"].iter().any(|e| doc.word(i).ends_with(e));
    let conjoined = kind == "agree" && doc.word(i).starts_with('و');
    // "شكر الوزير الإقليم على التزامه": another's, as the one who thanks sees it.
    if own && kind == "pledge" && (i.saturating_sub(6)..i).any(|k| doc.reads_of(k, Group::Praising)) {
        return None;
    }
    // "قريبان من اتفاق يقضي": it is not reached.
    let near = kind == "terms" && doc.reads(before, &["من", "مسوده", "مشروع", "صيغه"]);
    let only_wished = near
        || doc.reads_of(before, Group::Unbound)
        // "شدد … واتفق": a verb of its own; the appeal goes no further.
        || (!own && !conjoined && far.into_iter().any(|k| doc.reads_of(k, Group::Appeal)))
        || doc.is(hit.to, &["الصلب"]);
    if only_wished {
        return None;
    }
    let start = clause_start(doc, i);
    let end = agreed_end(doc, hit.to, kind);
    if end <= hit.to || (kind == "accept" && !accepts(doc, i)) {
        return None;
    }
    if kind == "agree"
        && !(hit.from..end).any(|k| doc.is(k, &["علي"]) || doc.word(k).starts_with("با"))
        && !doc.word(hit.from).contains("قرر")
        && !(hit.from..end).any(|k| doc.is(k, &["يقضي", "تقضي"]))
    {
        return None;
    }
    // "تلتزم الوزارة", "البرنامج ملتزم".
    let called = || called(doc, institutions, hit.to).or_else(|| called(doc, institutions, before).filter(|_| !doc.broken(i)));
    let by = if kind == "pledge" { called().map(|by| vec![by]) } else { None };
    let by = by.or_else(|| subject(doc, persons, start, i, hit.to, kind))?;
    Some((start..end, by))
}

/// "وافقت تركيا على زيادة …", "الحكومة وافقت على تسلم …" bind; to approve of a paper is an act.
fn accepts(doc: &Doc<'_>, i: usize) -> bool {
    let behind = i + 1;
    let side = doc.mention_at(behind).filter(|m| m.naming != Naming::Nisba);
    let side =
        side.or_else(|| doc.mention_at(behind + 1).filter(|m| m.naming == Naming::Nisba && doc.is_of(behind, Group::Side)));
    let before =
        || doc.mention_at_end(i).is_some_and(|m| m.naming != Naming::Nisba || doc.reads_of(m.from.wrapping_sub(1), Group::Side));
    let led = || !doc.broken(i) && (before() || doc.is(i.wrapping_sub(1), &["الحكومه", "السلطات", "بلاده", "بلادها"]));
    let at = side.map(|m| m.to).or_else(|| led().then_some(behind));
    at.is_some_and(|at| {
        let matter = at + 1;
        let paper = doc.at(&doc.lex.instruments, matter).is_some() || doc.reads(matter, &["مشروع", "قانون", "مسوده", "نص"]);
        doc.is(at, &["علي"]) && !paper
    })
}

/// "سيرسلان لجنة", "سيقام مركز", "سوف ترسل".
fn future(
    doc: &Doc<'_>,
    persons: &[persons::Found],
    institutions: &[institutions::Found],
    bodies: &[bodies::Found],
    i: usize,
) -> Option<(Range<usize>, Vec<String>)> {
    let word = doc.word(i).trim_start_matches(['و', 'ف']);
    // "سوف" stands apart from its verb.
    let verb = i + usize::from(word.ends_with("سوف"));
    let stem = if verb > i { doc.word(verb) } else { word.strip_prefix('س').unwrap_or("") };
    let we = stem.starts_with('ن');
    let kind = doc.lex.future.row_at(doc, i).copied().unwrap_or("");
    // "التي ستنفذها شركات": it describes.
    let describes = doc.reads_of(i.wrapping_sub(1), Group::Relative);
    if !stem.starts_with(['ي', 'ت', 'ن'])
        || !(4..20).contains(&stem.chars().count())
        || describes
        || kind == "report"
        || doc.lex.given.has(word)
        || doc.mention_at(i).is_some()
        || doc.at(&doc.lex.places, i).is_some()
    {
        return None;
    }
    let behind = verb + 1;
    if kind == "subject" {
        return begun(doc, persons, institutions, i, behind);
    }
    let who = behind_remark(doc, i);
    let start = clause_start(doc, if who < i { who - 1 } else { i });
    let end = clause_end(doc, behind);
    if end < behind + 1 {
        return None;
    }
    let both = (start..(behind + 1).min(end)).any(|k| doc.reads_of(k, Group::Joint) || several(doc, k)) || stem.ends_with("ان");
    if both {
        return Some((start..end, doc.sides()));
    }
    // "المنظمة ستدعم وزارة الهجرة": only a verb that opens has its subject behind it.
    let opens = i == start || doc.reads_of(i - 1, Group::Conjunction) || doc.reads_of(start, Group::UnderTerms);
    let subject = if opens { behind } else { doc.len() };
    let by = beside(doc, institutions, start..who, subject).or_else(|| named(doc, i, who, start, behind.min(end - 1), we));
    if let Some(by) = by {
        return Some((start..end, vec![by]));
    }
    // "القوات الأمنية ستواصل", "ستقدم الوزارة".
    let adjective = |k: &usize| *k >= start && doc.word(*k).starts_with("ال") && !doc.broken(k + 1);
    let head = (who.saturating_sub(3)..who).rev().take_while(adjective).any(|k| doc.is_of(k, Group::SpeakingBody));
    let office =
        head || (doc.is_of(who.wrapping_sub(1), Group::SpeakingBody) && who > start) || doc.is_of(subject, Group::SpeakingBody);
    // "أكدت الوزارة أنها ستلجأ": who speaks.
    let herself = doc.reads_of(i.wrapping_sub(1), Group::ThatThey);
    if office || herself || we || (start..i).any(|k| doc.is_of(k, Group::Own)) {
        if let Some(by) = called(doc, institutions, who.wrapping_sub(1)).or_else(|| called(doc, institutions, subject)) {
            return Some((start..end, vec![by]));
        }
        let s = doc.sentence_range(i).start;
        // "وقالت الداخلية السورية إنها …"; "273 ألف سوري" says nothing.
        let near = |m: &&super::document::Mention| m.from < s + 8 && m.naming == Naming::Nisba && doc.word(m.from).contains("ال");
        let says = doc.mentions_in(s..i).first().filter(near).map(|m| m.code.to_owned());
        return says.or_else(|| speaker(doc, persons, i)).map(|s| (start..end, vec![s]));
    }
    if kind == "impersonal" {
        let body = bodies.iter().find(|b| b.range.start >= start && b.range.end <= end);
        let by = body.map_or_else(|| doc.sides(), |b| b.item.parties.clone());
        return (!by.is_empty()).then_some((start..end, by));
    }
    None
}

/// "العراق سيبدأ بتزويد …", "بلاده ستعمل على …" bind; "الرحلات ستبدأ" only tells.
fn begun(
    doc: &Doc<'_>,
    persons: &[persons::Found],
    institutions: &[institutions::Found],
    i: usize,
    behind: usize,
) -> Option<(Range<usize>, Vec<String>)> {
    let range = clause_start(doc, i)..clause_end(doc, behind);
    // "الدول الخمس ستعمل معاً على".
    if (range.start..i).any(|k| several(doc, k)) {
        return Some((range, doc.sides()));
    }
    let party = doc.mention_at_end(i).filter(|_| !doc.broken(i)).or_else(|| doc.mention_at(behind));
    let party = party.filter(|m| m.naming != Naming::Nisba && !super::parties::is_mere_place(doc, m)).map(|m| m.code.to_owned());
    let own = || {
        let speaks = i > range.start && doc.is_of(i - 1, Group::SpeakingBody) || doc.is_of(i.wrapping_sub(1), Group::Own);
        speaks.then(|| speaker(doc, persons, i)).flatten()
    };
    let by = party.or_else(|| beside(doc, institutions, range.start..i, behind)).or_else(own);
    by.map(|by| (range, vec![by]))
}

/// The party that stands by name before the verb at `i`, or up to `last`.
fn named(doc: &Doc<'_>, i: usize, who: usize, start: usize, last: usize, we: bool) -> Option<String> {
    // "المنظمة ستدعم بغداد": behind its subject the verb has an object.
    let preceded = i > start && doc.word(i - 1).starts_with("ال");
    let near = match (who < i, preceded) {
        (true, _) => start..who,
        (_, true) => start..i,
        // "سنسلم سوريا …": who speaks owes.
        _ if we => i..i,
        _ => start..last + 1,
    };
    let subject = |m: &&super::document::Mention| {
        m.naming != Naming::Nisba && !super::parties::is_mere_place(doc, m) && (m.from + 4 > who || m.from < start + 2)
    };
    doc.mentions_in(near).iter().find(subject).map(|m| m.code.to_owned())
}

/// "الوزارة", "البرنامج" at token `k`: the party of the body of that sort that was named last.
fn called(doc: &Doc<'_>, institutions: &[institutions::Found], k: usize) -> Option<String> {
    let word = doc.word(k).strip_prefix("ال").filter(|_| doc.is_of(k, Group::SpeakingBody) && doc.mention_at(k + 1).is_none())?;
    let of_sort = |f: &&institutions::Found| {
        let name = fold_for_search(&f.item.name);
        f.range.start < k && without_article(name.split(' ').next().unwrap_or("")) == word
    };
    let last = institutions.iter().filter(of_sort).max_by_key(|f| f.range.start)?;
    Some(last.item.party.clone()).filter(|p| !p.is_empty())
}

/// "الدول الأربع", "الدول المشاركة", "كل طرف": all of them together.
fn several(doc: &Doc<'_>, k: usize) -> bool {
    // "كل طرف سيسمي".
    let each = doc.reads(k, &["كل"]) && doc.is(k + 1, &["طرف", "جانب", "بلد", "دوله"]);
    each || (doc.reads(k, &["الدول"]) && doc.is_of(k + 1, Group::AllStates))
}

/// The side right before a verb, at the end of `before`, or right behind it: "الجانب الإيطالي سيوفد", "ستواصل وزارة الهجرة".
fn beside(doc: &Doc<'_>, institutions: &[institutions::Found], before: Range<usize>, behind: usize) -> Option<String> {
    let side = |m: &&super::document::Mention| m.naming == Naming::Nisba && doc.reads_of(m.from.wrapping_sub(1), Group::Side);
    let first = doc.mention_at_end(before.end).filter(side).filter(|_| !doc.broken(before.end));
    let m = first.or_else(|| doc.mention_at(behind + 1).filter(side).filter(|_| !doc.broken(behind + 1)));
    let body = || {
        // "تدريب ضباط وزارة الداخلية سيستمر": only one that the clause begins with.
        let at = |f: &&institutions::Found| {
            (f.range.end == before.end && f.range.start <= before.start + 1) || (f.range.start == behind && !doc.broken(behind))
        };
        institutions.iter().filter(|f| !f.item.party.is_empty()).find(at).map(|f| f.item.party.clone())
    };
    m.map(|m| m.code.to_owned()).or_else(body)
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
    let joint = (start..(after + 2).min(doc.len())).any(|k| doc.reads_of(k, Group::Joint));
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
        && doc.is_of(after, Group::SideBehind)
    {
        return Some(vec![m.code.to_owned()]);
    }
    let named = codes(doc, start..i, |m| m.naming != Naming::Nisba || doc.reads_of(m.from.wrapping_sub(1), Group::SideBefore));
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
            .filter(|_| !is_guest(doc, k))
        {
            return Some(m.code.to_owned());
        }
    }
    // A ministry that speaks without a person speaks for the state whose statement it is.
    let home = super::parties::is_state(doc.home).then_some(doc.home);
    home.or_else(|| doc.main.first().copied()).map(str::to_owned)
}

/// "أكد …، خلال لقائه السفيرة البريطانية، أن …": whom the one who speaks meets.
fn is_guest(doc: &Doc<'_>, k: usize) -> bool {
    let opens = |n: &usize| doc.gap(*n).comma() && doc.is_of(*n, Group::Meanwhile);
    let met = |n: usize| ["لقا", "استقبال", "اجتماع", "اتصال"].iter().any(|w| doc.word(n + 1).starts_with(w));
    (k.saturating_sub(10)..k).rev().find(opens).is_some_and(met)
}

/// To whom: the other side, when the clause names it.
fn owed(doc: &Doc<'_>, r: Range<usize>, by: &[String]) -> Vec<String> {
    if by.len() != 1 {
        return Vec::new();
    }
    let main: Vec<&str> = doc.main.iter().take(3).copied().collect();
    if r.clone().any(|k| doc.is(k, &["بين"]) && doc.reads_of(k + 1, Group::Joint)) {
        return doc.sides().into_iter().filter(|c| !by.contains(c)).collect();
    }
    codes(doc, r, |_| true).into_iter().filter(|c| !by.contains(c) && main.contains(&c.as_str())).collect()
}
