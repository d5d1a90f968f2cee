//! Topics by the words that name them.

use super::document::Doc;
use super::{Act, Topic};
use super::{institutions, persons};
use crate::gazetteer::Naming;
use std::collections::BTreeMap;

/// The topics of a text, in the order they are first named.
///
/// Words inside the name of an institution or somebody's office name no topic ("وزارة الهجرة").
pub(super) fn read(doc: &Doc<'_>, people: &[persons::Found], bodies: &[institutions::Found], acts: &[Act]) -> Vec<Topic> {
    let of_office = |from: usize, to: usize| {
        (from.saturating_sub(6)..from).any(|s| persons::office_range(doc, s).is_some_and(|o| to <= o.end))
    };
    let inside = |from: usize, to: usize| {
        of_office(from, to)
            || doc.named_bodies.iter().any(|h| h.from <= from && to <= h.to)
            || bodies.iter().any(|b| b.range.start <= from && to <= b.range.end)
            || people.iter().any(|p| p.office.start <= from && to <= p.office.end)
    };
    let mut found: BTreeMap<&'static str, (usize, usize, Vec<super::Span>)> = BTreeMap::new();
    let hits = doc
        .lex
        .topics
        .iter()
        .flat_map(|(p, topic, strength)| p.everywhere(&doc.folded, &doc.words).map(move |h| (h, *topic, *strength)));
    let (barred, hits): (Vec<_>, Vec<_>) = hits.partition(|h| h.1.starts_with("none"));
    for (hit, topic, strength) in hits {
        // "الطاقة الاستيعابية": words that only look like those of a topic.
        if barred
            .iter()
            .any(|(b, of, _)| b.from <= hit.from && hit.to <= b.to && of.strip_prefix("none ").is_none_or(|o| o == topic))
        {
            continue;
        }
        // "الهجرة: وصول …" names the ministry that speaks.
        let finite = |k: usize| doc.lex.verbs.has(doc.word(k)) && !doc.broken(k);
        // "الهجرة العراقية تستقبل …".
        let verb = doc.mention_at(hit.to).filter(|m| m.naming == Naming::Nisba).map_or(hit.to, |m| m.to);
        let speaker = hit.from == 0 && verb < doc.title_end && (doc.gap(verb).colon() || finite(verb));
        if speaker || inside(hit.from, hit.to) {
            continue;
        }
        let e = found.entry(topic).or_insert((0, hit.from, Vec::new()));
        e.1 = e.1.min(hit.from);
        e.0 += strength + usize::from(hit.from < doc.title_end);
        if e.2.len() < 5 {
            e.2.push(doc.span(hit.from..hit.to));
        }
    }
    // A mission of the United Nations that ends is none of the coalition's.
    let coalition = doc.mentions.iter().any(|m| matches!(m.code, "COALITION" | "NATO" | "USA"));
    let implying = acts.iter().filter(|a| coalition || a.kind != "mission_step");
    for (act, topic) in implying.filter_map(|a| implied(&a.kind).map(|t| (a, t))) {
        let first = act.evidence.first().map_or(usize::MAX, |s| doc.folded.tokens.partition_point(|t| t.start < s.start));
        let e = found.entry(topic).or_insert((0, first, Vec::new()));
        e.0 += 2;
        if e.2.is_empty() {
            e.2.clone_from(&act.evidence);
        }
    }
    let mut out: Vec<(usize, Topic)> = found
        .into_iter()
        .filter(|(topic, (points, ..))| *points >= 2 && (coalition || *topic != "coalition_mission"))
        .map(|(topic, (_, first, evidence))| (first, Topic { topic: topic.to_owned(), evidence }))
        .collect();
    out.sort_by_key(|t| t.0);
    out.into_iter().map(|t| t.1).collect()
}

/// What an act of this kind is always about.
fn implied(act: &str) -> Option<&'static str> {
    Some(match act {
        "detainee_transfer" => "detainees_justice",
        "crossing" => "trade_crossings",
        "training" => "capacity_building",
        "information_exchange" => "information_exchange",
        "mission_step" => "coalition_mission",
        _ => return None,
    })
}
