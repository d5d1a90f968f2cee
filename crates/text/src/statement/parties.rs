//! Which of the parties named take part.

use super::document::{Doc, Mention};
use super::{Commitment, Party};
use crate::gazetteer::Naming;
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
            continue;
        }
        let e = out.entry(m.code).or_insert((0, m.from));
        e.0 += if m.from < doc.title_end {
            3
        } else if lead.contains(&m.from) {
            2
        } else {
            1
        };
        if joins(doc, m) {
            e.0 += 2;
        }
    }
    // A body that only one state has stands for it ("وزارة الهجرة والمهجرين").
    for hit in doc.lex.institutions.phrases.all(&doc.folded, &doc.words) {
        let own =
            doc.lex.institutions.row(hit).map(|r| r.0).filter(|p| is_state(p) && doc.mentions_in(hit.from..hit.to).is_empty());
        if let Some(code) = own {
            let e = out.entry(code).or_insert((0, hit.from));
            e.0 += if lead.contains(&hit.from) { 2 } else { 1 };
            e.1 = e.1.min(hit.from);
        }
    }
    out
}

/// A state, not an organisation of states or a region.
pub(super) fn is_state(code: &str) -> bool {
    code.len() == 3 && !matches!(code, "GCC" | "LAS" | "KRG" | "SDF")
}

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

/// A capital that is only where something is.
pub(super) fn is_mere_place(doc: &Doc<'_>, m: &Mention) -> bool {
    m.naming == Naming::Capital && super::places::capital_is_place(doc, m)
}

/// The parties of the reading, in the order they are first named.
pub(super) fn read(doc: &Doc<'_>, commitments: &[Commitment]) -> Vec<Party> {
    let points = points(doc);
    let best = points.values().map(|p| p.0).max().unwrap_or(0);
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
