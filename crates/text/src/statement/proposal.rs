//! Drafts for dossiers, proposed from a reading. A person confirms or drops each; nothing is opened by itself.

use super::{Commitment, Instrument, Reading, Span};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A draft of a dossier's act, with the words it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// The kind of dossier: `meeting`, `agreement`, `commitment` or `statement`.
    pub kind: String,
    /// What the text reports: `held`, `signed`, `planned`, `in_force`, `undertaken`, `issued`.
    pub act: String,
    /// A title in Arabic, from the text.
    pub title: String,
    /// Codes of the parties.
    pub parties: Vec<String>,
    /// What a form can be filled with; the keys are plain words (`place`, `date`, `year`, `quote` …).
    pub fields: BTreeMap<String, Value>,
    /// The words it rests on, in characters.
    pub evidence: Vec<Span>,
    /// One Arabic sentence: why it is proposed.
    pub why: String,
}

/// The drafts a reading gives rise to: one meeting at most, each instrument but joint statements, each commitment, and one
/// statement where the news is somebody's words or a joint statement was issued.
#[must_use]
pub fn propose(reading: &Reading, text: &str) -> Vec<Proposal> {
    let title = headline(reading, text);
    let mut out = Vec::new();
    out.extend(meeting(reading, &title));
    out.extend(reading.instruments.iter().filter(|i| i.kind != "joint_statement").map(|i| agreement(reading, i)));
    out.extend(reading.commitments.iter().map(commitment));
    out.extend(statement(reading, &title));
    out
}

/// The first line that is part of the statement.
fn headline(reading: &Reading, text: &str) -> String {
    let dropped = |n: usize| reading.drop.iter().any(|d| d.line == n);
    let line = text.split('\n').enumerate().find(|(n, l)| !l.trim().is_empty() && !dropped(*n)).map_or("", |(_, l)| l.trim());
    line.chars().take(160).collect()
}

fn parties(reading: &Reading) -> Vec<String> {
    reading.parties.iter().map(|p| p.party.clone()).collect()
}

/// The day of the acts: the first date known to the day.
fn day(reading: &Reading) -> Option<Value> {
    reading.dates.iter().filter_map(|d| d.value).find(|d| d.day.is_some()).map(|d| json!(d))
}

fn meeting(reading: &Reading, title: &str) -> Option<Proposal> {
    let act = reading.acts.iter().find(|a| matches!(a.kind.as_str(), "meeting" | "conference"))?;
    let mut fields = BTreeMap::new();
    let body = reading.bodies.iter().find(|b| b.status == "existing");
    if let Some(b) = body {
        fields.insert("body".to_owned(), json!(b.name));
    }
    if let Some(p) = reading.places.iter().find(|p| p.role == "venue") {
        fields.insert("place".to_owned(), json!(p.name));
    }
    if let Some(d) = day(reading) {
        fields.insert("date".to_owned(), d);
    }
    if let Some(n) = reading.numbers.iter().find(|n| n.unit == "ordinal") {
        fields.insert("session".to_owned(), json!(n.value));
    }
    let mut heads: BTreeMap<&str, Value> = BTreeMap::new();
    for p in reading.persons.iter().filter(|p| !p.party.is_empty()) {
        heads.entry(&p.party).or_insert_with(|| json!({"name": p.name, "office": p.office.first()}));
    }
    if !heads.is_empty() {
        fields.insert("delegation_heads".to_owned(), json!(heads));
    }
    let topics: Vec<&str> = reading.topics.iter().map(|t| t.topic.as_str()).collect();
    fields.insert("topics".to_owned(), json!(topics));
    let mut evidence = act.evidence.clone();
    evidence.extend(body.iter().flat_map(|b| b.evidence.iter().copied()));
    Some(Proposal {
        kind: "meeting".to_owned(),
        act: "held".to_owned(),
        title: body.map_or_else(|| title.to_owned(), |b| format!("اجتماع {}", b.name)),
        parties: parties(reading),
        fields,
        evidence,
        why: "يذكر النص اجتماعاً عُقد بين الأطراف.".to_owned(),
    })
}

fn agreement(reading: &Reading, i: &Instrument) -> Proposal {
    let mut fields = BTreeMap::from([("type".to_owned(), json!(i.kind)), ("status".to_owned(), json!(i.status))]);
    if let Some(y) = i.year {
        fields.insert("year".to_owned(), json!(y));
    }
    let signing = reading.acts.iter().any(|a| a.kind == "instrument_signed");
    if i.status == "signed"
        && signing
        && let Some(d) = day(reading)
    {
        fields.insert("signed".to_owned(), d);
    }
    let why = match i.status.as_str() {
        "planned" => "يذكر النص وثيقة يُراد توقيعها أو إقرارها.",
        "signed" => "يذكر النص وثيقة وُقّعت.",
        _ => "يستند النص إلى وثيقة قائمة.",
    };
    Proposal {
        kind: "agreement".to_owned(),
        act: i.status.clone(),
        title: i.name.clone(),
        parties: parties(reading),
        fields,
        evidence: i.evidence.clone(),
        why: why.to_owned(),
    }
}

fn commitment(c: &Commitment) -> Proposal {
    let mut all = c.by.clone();
    all.extend(c.to.iter().filter(|t| !c.by.contains(t)).cloned());
    Proposal {
        kind: "commitment".to_owned(),
        act: "undertaken".to_owned(),
        title: c.span.chars().take(120).collect(),
        parties: all,
        fields: BTreeMap::from([
            ("obligor".to_owned(), json!(c.by)),
            ("beneficiary".to_owned(), json!(c.to)),
            ("quote".to_owned(), json!(c.span)),
        ]),
        evidence: c.evidence.clone(),
        why: "في العبارة تعهد أو اتفاق على فعل.".to_owned(),
    }
}

fn statement(reading: &Reading, title: &str) -> Option<Proposal> {
    let act = reading.acts.iter().find(|a| matches!(a.kind.as_str(), "statement" | "joint_statement" | "press_conference"))?;
    let mut fields = BTreeMap::from([("form".to_owned(), json!(act.kind))]);
    if let Some(d) = day(reading) {
        fields.insert("date".to_owned(), d);
    }
    Some(Proposal {
        kind: "statement".to_owned(),
        act: "issued".to_owned(),
        title: title.to_owned(),
        parties: parties(reading),
        fields,
        evidence: act.evidence.clone(),
        why: "ينقل النص بياناً أو تصريحاً.".to_owned(),
    })
}
