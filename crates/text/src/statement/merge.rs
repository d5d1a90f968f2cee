//! Several reports of the same matter: which proposals belong together, what they agree on, and where they differ.
//!
//! Nothing is decided here. A cluster lists every source that tells of it, and a conflict every value with the sources that give
//! it and the words that it rests on, so that a person can choose. Everything can be written as JSON for a page.

use super::proposal::{Proposal, propose};
use super::{Reading, Span};
use crate::date::Date;
use crate::normalise::{fold_for_search, without_article};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A report: where it comes from, its text, and what was read from it.
#[derive(Debug, Clone, Copy)]
pub struct Report<'r> {
    /// The caller's name for the source; it comes back in the result.
    pub source: &'r str,
    /// The text that was read.
    pub text: &'r str,
    /// What was read.
    pub reading: &'r Reading,
}

/// What several reports, or one, tell of the same meeting, agreement, commitment or statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// The kind of dossier, as in [`Proposal::kind`].
    pub kind: String,
    /// The fullest title.
    pub title: String,
    /// Every party that some report names.
    pub parties: Vec<String>,
    /// The reports that tell of it, in the order given.
    pub told_by: Vec<Telling>,
    /// What is said of it and by nobody otherwise; the more exact of two values that agree.
    pub agreed: BTreeMap<String, Value>,
    /// Where the reports differ.
    pub conflicts: Vec<Conflict>,
}

/// One report's proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// The source.
    pub source: String,
    /// Which of its proposals, counted from 0 in the order of [`propose`].
    pub proposal: usize,
    /// The words it rests on, in characters of its text.
    pub evidence: Vec<Span>,
}

/// A field to which the reports give different values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// The key of the field in [`Proposal::fields`]; `delegation_heads.IRQ` for the head of one party.
    pub field: String,
    /// The values, the one that most sources give first.
    pub values: Vec<Claim>,
}

/// One value of a field in conflict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// The value.
    pub value: Value,
    /// Who says so, and in which words.
    pub said_by: Vec<Source>,
}

/// A source with the words in which it says something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its name.
    pub source: String,
    /// The words, in characters of its text.
    pub evidence: Vec<Span>,
}

/// A proposal with the report it comes from.
struct Item<'r> {
    report: Report<'r>,
    number: usize,
    proposal: Proposal,
}

/// Groups the proposals of several reports by the matter they tell of. Of one report no two proposals are the same matter.
#[must_use]
pub fn compare(reports: &[Report<'_>]) -> Vec<Cluster> {
    let mut groups: Vec<Vec<Item<'_>>> = Vec::new();
    for &report in reports {
        for (number, proposal) in propose(report.reading, report.text).into_iter().enumerate() {
            let item = Item { report, number, proposal };
            let fits = |group: &&mut Vec<Item<'_>>| {
                group.iter().all(|other| other.report.source != report.source) && group.iter().any(|other| same(other, &item))
            };
            match groups.iter_mut().find(fits) {
                Some(group) => group.push(item),
                None => groups.push(vec![item]),
            }
        }
    }
    groups.iter().map(|group| cluster(group)).collect()
}

/// Whether two proposals of different reports tell of the same matter.
fn same(a: &Item<'_>, b: &Item<'_>) -> bool {
    if a.proposal.kind != b.proposal.kind || !parties_fit(&a.proposal.parties, &b.proposal.parties) {
        return false;
    }
    match a.proposal.kind.as_str() {
        "meeting" => same_meeting(a, b),
        "agreement" => same_agreement(&a.proposal, &b.proposal),
        "commitment" => {
            a.proposal.fields.get("obligor") == b.proposal.fields.get("obligor")
                && likeness(&a.proposal.title, &b.proposal.title) >= 0.5
        }
        _ => {
            let dates = (date(&a.proposal, "date"), date(&b.proposal, "date"));
            !matches!(apart(dates.0, dates.1), Apart::Far) && likeness(&a.proposal.title, &b.proposal.title) >= 0.5
        }
    }
}

/// One names all that the other names, and two at least where there are two.
fn parties_fit(a: &[String], b: &[String]) -> bool {
    let shared = a.iter().filter(|p| b.contains(p)).count();
    shared > 0 && shared == a.len().min(b.len())
}

/// How far two dates are from each other.
enum Apart {
    /// One is missing.
    Unknown,
    /// They agree as far as they are known.
    Agree,
    /// At most three days: one report may mean the day of its own writing.
    Near,
    Far,
}

fn apart(a: Option<Date>, b: Option<Date>) -> Apart {
    let (Some(a), Some(b)) = (a, b) else { return Apart::Unknown };
    let known = |x: Option<u8>, y: Option<u8>| x.is_none() || y.is_none() || x == y;
    if a.year == b.year && known(a.month, b.month) && known(a.day, b.day) {
        return Apart::Agree;
    }
    match (a.days(), b.days()) {
        (Some(x), Some(y)) if (x - y).abs() <= 3 && a.day.is_some() && b.day.is_some() => Apart::Near,
        _ => Apart::Far,
    }
}

fn date(p: &Proposal, field: &str) -> Option<Date> {
    p.fields.get(field)?.as_str()?.parse().ok()
}

/// The same committee and session, or officials and bodies in common, on days that agree.
fn same_meeting(a: &Item<'_>, b: &Item<'_>) -> bool {
    let field = |i: &Item<'_>, name: &str| i.proposal.fields.get(name).cloned();
    let text = |i: &Item<'_>, name: &str| field(i, name).and_then(|v| v.as_str().map(str::to_owned));
    let body = match (text(a, "body"), text(b, "body")) {
        (Some(x), Some(y)) => Some(likeness(&x, &y) >= 0.5),
        _ => None,
    };
    let session = match (field(a, "session"), field(b, "session")) {
        (Some(x), Some(y)) => Some(x == y),
        _ => None,
    };
    // Two sessions of one committee are two meetings.
    if session == Some(false) && body != Some(false) {
        return false;
    }
    let (x, y) = (a.report.reading, b.report.reading);
    let persons = x.persons.iter().filter(|p| y.persons.iter().any(|q| likeness(&p.name, &q.name) >= 0.6)).count();
    let bodies =
        x.institutions.iter().filter(|p| y.institutions.iter().any(|q| p.party == q.party && p.sector == q.sector)).count();
    let overlap = persons * 2 + bodies + usize::from(body == Some(true)) * 2 + usize::from(session == Some(true));
    match apart(date(&a.proposal, "date"), date(&b.proposal, "date")) {
        Apart::Agree => overlap >= 1,
        Apart::Unknown => overlap >= 2,
        Apart::Near => overlap >= 3,
        Apart::Far => false,
    }
}

/// The same type under the same name, of the same year as far as it is told.
fn same_agreement(a: &Proposal, b: &Proposal) -> bool {
    let years = (a.fields.get("year"), b.fields.get("year"));
    let year = years.0.is_none() || years.1.is_none() || years.0 == years.1;
    a.fields.get("type") == b.fields.get("type") && year && likeness(&a.title, &b.title) >= 0.5
}

/// The content words of a name or clause, folded, without article and clitics, parties and small words.
fn content(text: &str) -> Vec<String> {
    let small = ["بين", "مع", "في", "من", "علي", "الي", "عن", "the", "of", "and", "on", "in", "to", "for", "ve", "ile"];
    let lists = crate::gazetteer::lexicon();
    let folded = fold_for_search(text);
    let bare = |w: &str| {
        let w = w.strip_prefix("لل").or_else(|| w.strip_prefix('و').filter(|r| r.starts_with("ال"))).unwrap_or(w);
        without_article(w).to_owned()
    };
    folded.split(' ').filter(|w| !w.is_empty() && !small.contains(w) && !lists.mentions.phrases_hold(w)).map(bare).collect()
}

/// The share of content words that two texts have in common (Dice); one that lies wholly within the other counts as like it.
fn likeness(a: &str, b: &str) -> f64 {
    let (a, mut b) = (content(a), content(b));
    let (shorter, sum) = (a.len().min(b.len()), a.len() + b.len());
    let mut shared = 0_u32;
    for word in &a {
        if let Some(k) = b.iter().position(|other| other == word) {
            b.swap_remove(k);
            shared += 1;
        }
    }
    if shorter >= 2 && usize::try_from(shared) == Ok(shorter) {
        return 1.0;
    }
    let sum = u32::try_from(sum).unwrap_or(u32::MAX);
    if sum == 0 { 0.0 } else { 2.0 * f64::from(shared) / f64::from(sum) }
}

fn cluster(group: &[Item<'_>]) -> Cluster {
    let mut parties: Vec<String> = Vec::new();
    for party in group.iter().flat_map(|i| &i.proposal.parties) {
        if !parties.contains(party) {
            parties.push(party.clone());
        }
    }
    let first = group.first();
    let title = group.iter().map(|i| i.proposal.title.as_str()).max_by_key(|t| t.chars().count()).unwrap_or("");
    let mut out = Cluster {
        kind: first.map_or_else(String::new, |i| i.proposal.kind.clone()),
        title: title.to_owned(),
        parties,
        told_by: group.iter().map(telling).collect(),
        agreed: BTreeMap::new(),
        conflicts: Vec::new(),
    };
    for (field, claims) in claims(group) {
        match claims.as_slice() {
            [one] => {
                out.agreed.insert(field, one.value.clone());
            }
            _ => out.conflicts.push(Conflict { field, values: claims }),
        }
    }
    out
}

fn telling(item: &Item<'_>) -> Telling {
    Telling { source: item.report.source.to_owned(), proposal: item.number, evidence: item.proposal.evidence.clone() }
}

/// For every field that is told, the values that differ, the one that most sources give first.
fn claims(group: &[Item<'_>]) -> BTreeMap<String, Vec<Claim>> {
    let mut out: BTreeMap<String, Vec<Claim>> = BTreeMap::new();
    for item in group {
        for (field, value) in told(&item.proposal) {
            let said = Source { source: item.report.source.to_owned(), evidence: evidence(item, &field, &value) };
            let list = out.entry(field.clone()).or_default();
            match list.iter_mut().find(|c| agrees(&field, &c.value, &value)) {
                Some(claim) => {
                    claim.value = finer(&claim.value, value);
                    claim.said_by.push(said);
                }
                None => list.push(Claim { value, said_by: vec![said] }),
            }
        }
    }
    for list in out.values_mut() {
        list.sort_by_key(|c| std::cmp::Reverse(c.said_by.len()));
    }
    out
}

/// The fields of a proposal that reports may differ in. Topics and quotations only add to each other.
fn told(p: &Proposal) -> Vec<(String, Value)> {
    let mut out = Vec::new();
    for (field, value) in &p.fields {
        match (field.as_str(), value) {
            ("topics" | "quote" | "form", _) => {}
            ("delegation_heads", Value::Object(heads)) => {
                out.extend(heads.iter().map(|(party, head)| (format!("delegation_heads.{party}"), head["name"].clone())));
            }
            _ => out.push((field.clone(), value.clone())),
        }
    }
    out
}

/// The two values say the same: dates as far as they are known, names by their words.
fn agrees(field: &str, a: &Value, b: &Value) -> bool {
    if a == b {
        return true;
    }
    let (Some(x), Some(y)) = (a.as_str(), b.as_str()) else { return false };
    match field {
        "date" | "signed" => matches!(apart(x.parse().ok(), y.parse().ok()), Apart::Agree),
        "type" | "status" => false,
        _ => likeness(x, y) >= 0.6 || fold_for_search(x) == fold_for_search(y),
    }
}

/// The more exact of two values that agree: the longer name, the date that is known to the day.
fn finer(a: &Value, b: Value) -> Value {
    let length = |v: &Value| v.as_str().map_or(0, |s| s.chars().count());
    if length(&b) > length(a) { b } else { a.clone() }
}

/// The words of a report that a value rests on.
fn evidence(item: &Item<'_>, field: &str, value: &Value) -> Vec<Span> {
    let r = item.report.reading;
    let name = value.as_str().unwrap_or("");
    let found = match field {
        "date" | "signed" => r.dates.iter().find(|d| json!(d.value) == *value).map(|d| d.evidence.clone()),
        "place" => r.places.iter().find(|p| p.name == name).map(|p| p.evidence.clone()),
        "session" => r.numbers.iter().find(|n| n.unit == "ordinal" && json!(n.value) == *value).map(|n| n.evidence.clone()),
        "body" => r.bodies.iter().find(|b| b.name == name).map(|b| b.evidence.clone()),
        f if f.starts_with("delegation_heads.") => r.persons.iter().find(|p| p.name == name).map(|p| p.evidence.clone()),
        _ => None,
    };
    found.unwrap_or_else(|| item.proposal.evidence.clone())
}
