//! Drafts for dossiers, proposed from a reading. A person confirms or drops each; nothing is opened by itself.

use super::{Body, Commitment, Instrument, Reading, Span};
use crate::fold_for_search;
use crate::language::{Language, language};
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
    /// A title in the language of the text, and mostly from it.
    pub title: String,
    /// Codes of the parties.
    pub parties: Vec<String>,
    /// What a form can be filled with; the keys are plain words (`place`, `date`, `year`, `quote` …).
    pub fields: BTreeMap<String, Value>,
    /// The words it rests on, in characters.
    pub evidence: Vec<Span>,
    /// One sentence in the language of the text: why it is proposed.
    pub why: String,
}

/// The drafts a reading gives rise to: one meeting at most, each instrument but joint statements, each commitment, and one
/// statement where the news is somebody's words or a joint statement was issued.
#[must_use]
pub fn propose(reading: &Reading, text: &str) -> Vec<Proposal> {
    let (title, tongue) = (headline(reading, text), language(text));
    let mut out = Vec::new();
    out.extend(meeting(reading, &title, tongue));
    out.extend(reading.instruments.iter().filter(|i| i.kind != "joint_statement").map(|i| agreement(reading, i, tongue)));
    out.extend(reading.commitments.iter().map(|c| commitment(c, tongue)));
    out.extend(statement(reading, &title, tongue));
    out
}

/// Of a sentence in Arabic, English and Turkish the one in this language.
fn said(tongue: Language, [arabic, english, turkish]: [&str; 3]) -> String {
    match tongue {
        Language::Arabic => arabic,
        Language::English => english,
        Language::Turkish => turkish,
    }
    .to_owned()
}

/// What a meeting of a body is called.
fn meeting_of(body: &str, tongue: Language) -> String {
    match tongue {
        Language::Arabic => format!("اجتماع {body}"),
        Language::English => format!("Meeting of the {}", body.trim_start_matches("the ").trim_start_matches("The ")),
        Language::Turkish => format!("{body} toplantısı"),
    }
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

/// The body that met: the first that is named and exists, by the fullest of its names ("the joint committee" of a headline is "the
/// joint security committee" of the text).
fn met(reading: &Reading) -> Option<&Body> {
    let words = |b: &Body| fold_for_search(&b.name).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut existing = reading.bodies.iter().filter(|b| b.status == "existing");
    let first = existing.next()?;
    let least = words(first);
    // A Turkish word may end otherwise in the longer name.
    let holds = |b: &Body| least.iter().all(|short| words(b).iter().any(|word| word.starts_with(short.as_str())));
    let fuller = existing.filter(|b| holds(b)).max_by_key(|b| b.name.len());
    Some(fuller.filter(|b| b.name.len() > first.name.len()).unwrap_or(first))
}

fn meeting(reading: &Reading, title: &str, tongue: Language) -> Option<Proposal> {
    let act = reading.acts.iter().find(|a| matches!(a.kind.as_str(), "meeting" | "conference"))?;
    let mut fields = BTreeMap::new();
    let body = met(reading);
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
        title: body.map_or_else(|| title.to_owned(), |b| meeting_of(&b.name, tongue)),
        parties: parties(reading),
        fields,
        evidence,
        why: said(
            tongue,
            [
                "يذكر النص اجتماعاً عُقد بين الأطراف.",
                "The text tells of a meeting that the parties held.",
                "Metin, tarafların yaptığı bir toplantıyı bildiriyor.",
            ],
        ),
    })
}

fn agreement(reading: &Reading, i: &Instrument, tongue: Language) -> Proposal {
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
        "planned" => [
            "يذكر النص وثيقة يُراد توقيعها أو إقرارها.",
            "The text tells of an instrument that is to be signed or approved.",
            "Metin, imzalanacak veya onaylanacak bir belgeden söz ediyor.",
        ],
        "signed" => [
            "يذكر النص وثيقة وُقّعت.",
            "The text tells of an instrument that was signed.",
            "Metin, imzalanan bir belgeyi bildiriyor.",
        ],
        _ => [
            "يستند النص إلى وثيقة قائمة.",
            "The text rests on an instrument that is in force.",
            "Metin, yürürlükteki bir belgeye dayanıyor.",
        ],
    };
    Proposal {
        kind: "agreement".to_owned(),
        act: i.status.clone(),
        title: i.name.clone(),
        parties: parties(reading),
        fields,
        evidence: i.evidence.clone(),
        why: said(tongue, why),
    }
}

fn commitment(c: &Commitment, tongue: Language) -> Proposal {
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
        why: said(
            tongue,
            [
                "في العبارة تعهد أو اتفاق على فعل.",
                "The clause holds an undertaking, or an agreement to do something.",
                "Cümlede bir taahhüt veya bir eylem üzerinde mutabakat var.",
            ],
        ),
    }
}

fn statement(reading: &Reading, title: &str, tongue: Language) -> Option<Proposal> {
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
        why: said(
            tongue,
            [
                "ينقل النص بياناً أو تصريحاً.",
                "The text reports a statement or a declaration.",
                "Metin bir açıklamayı veya bildiriyi aktarıyor.",
            ],
        ),
    })
}
