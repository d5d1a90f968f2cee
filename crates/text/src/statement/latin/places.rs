//! Parties that take part, and places below the state.

use super::super::{Commitment, Party, Place};
use super::{Page, bodies, persons};
use crate::gazetteer::Naming;
use std::collections::BTreeMap;

/// The parties with their points, best first: the title counts three times, the first sentence twice.
///
/// `served`: the parties of officials and bodies, with the token where each stands.
pub(super) fn ranked(page: &Page<'_>, served: &[(String, usize)]) -> Vec<(&'static str, usize)> {
    let lead = page.sentence_range(page.title_end);
    let mut points: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
    for m in page.mentions.iter().filter(|m| page.speaks(m)) {
        let e = points.entry(m.code).or_insert((0, m.from));
        e.0 += if m.from < page.title_end {
            3
        } else if lead.contains(&m.from) {
            2
        } else {
            1
        };
    }
    for (code, at) in served {
        if let Some(party) = crate::gazetteer::parties().iter().find(|p| p.code == code) {
            points.entry(party.code).or_insert((0, *at)).0 += 3;
        }
    }
    let mut out: Vec<_> = points.into_iter().collect();
    out.sort_by_key(|&(_, (p, first))| (std::cmp::Reverse(p), first));
    out.into_iter().map(|(code, (p, _))| (code, p)).collect()
}

/// The parties of the reading, in the order they are first named.
pub(super) fn parties(page: &Page<'_>, served: &[(String, usize)], commitments: &[Commitment]) -> Vec<Party> {
    let ranked = ranked(page, served);
    let best = ranked.first().map_or(0, |r| r.1);
    let bound = |code: &str| commitments.iter().any(|c| c.by.iter().any(|b| b == code));
    let named = |code: &str| page.mentions.iter().find(|m| m.code == code).map(|m| m.from);
    let first = |code: &str| named(code).or_else(|| served.iter().find(|s| s.0 == code).map(|s| s.1)).unwrap_or(usize::MAX);
    let mut chosen: Vec<&str> =
        ranked.iter().filter(|(c, p)| (*p >= 3.min(best) && p * 6 >= best) || bound(c)).map(|r| r.0).collect();
    chosen.sort_by_key(|c| first(c));
    let evidence =
        |code: &str| page.mentions.iter().filter(|m| m.code == code).take(3).map(|m| page.span(&(m.from..m.to))).collect();
    chosen.into_iter().map(|c| Party { party: c.to_owned(), evidence: evidence(c) }).collect()
}

/// The places of a text, each once.
pub(super) fn read(page: &Page<'_>, people: &[persons::Found], institutions: &[bodies::Found]) -> Vec<Place> {
    let taken = |k: usize| {
        people.iter().any(|p| p.office.contains(&k) || p.name.contains(&k)) || institutions.iter().any(|i| i.range.contains(&k))
    };
    let listed = page.tongue.places.all(&page.folded.tokens).into_iter().filter(|m| page.is_capital(m.from) || m.to - m.from > 1);
    let mut found: Vec<(usize, usize, &str)> = listed.map(|m| (m.from, m.to, m.row.0)).collect();
    let capitals = page.mentions.iter().filter(|m| m.naming == Naming::Capital && !page.speaks(m));
    found.extend(capitals.map(|m| (m.from, m.to, "city")));
    found.sort_unstable();
    let mut out: Vec<(Place, String)> = Vec::new();
    for (from, to, kind) in found.into_iter().filter(|f| !taken(f.0)) {
        let name = page.slice(&(from..to));
        let key = crate::normalise::fold_for_search(&name);
        let span = page.span(&(from..to));
        let sentence = page.sentence_range(from);
        let sentence = sentence.start.max(from.saturating_sub(60))..sentence.end.min(to + 60);
        let acts = ["meeting", "visit", "conference", "press_conference"];
        let act = sentence.clone().any(|k| page.tongue.acts.row(&page.folded.tokens, k).is_some_and(|a| acts.contains(a)))
            || sentence.clone().any(|k| page.tongue.is("signed", page, k));
        let fixed = matches!(kind, "camp" | "river" | "region" | "crossing");
        let role = if act && !fixed && page.is_there(from, to) { "venue" } else { "subject" };
        if let Some((old, _)) = out.iter_mut().find(|(_, k)| *k == key) {
            old.evidence.push(span);
        } else if out.len() < super::super::MOST {
            out.push((Place { name, role: role.to_owned(), evidence: vec![span] }, key));
        }
    }
    out.into_iter().map(|p| p.0).collect()
}
