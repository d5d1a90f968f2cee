//! The register of a third state: how many of its people there are, what it has said, and what it still owes an answer to.
//! Figures and positions that contradict each other stand side by side.

mod acts;

pub use acts::*;

use super::figures::{self, Published};
use super::refusals::ReturnRefusal;
use crate::act::title_of;
use crate::channel::Charter;
use crate::figure::{Aggregate, Figure};
use crate::fold::Context;
use crate::party::PartyId;
use crate::publish::Dimension;
use crate::record::RecordId;
use crate::refusal::Refusal;
use crate::sheet::{Datum, Fact, Offer, Row, RowText, Section, Sheet, Tone, View};
use crate::source::Source;
use crate::time::{Date, Due, Moment};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// After how many days a position is shown as one that may no longer hold.
const POSITION_LIFE: i64 = 180;

/// What a party has noted of the third state's position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Noted {
    party: PartyId,
    position: ThirdStatePosition,
    as_of: Date,
    sources: Vec<Source>,
    at: Moment,
}

/// A contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Contact {
    party: PartyId,
    on: Date,
    way: String,
    text: String,
}

/// A question to the third state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Question {
    number: usize,
    party: PartyId,
    text: String,
    due: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<(Date, String)>,
}

/// Figures that one party has put in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Caseload {
    party: PartyId,
    figure: Figure,
}

/// What is held about a third state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    third_state: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    caseload: Vec<Caseload>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    positions: Vec<Noted>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    contacts: Vec<Contact>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    questions: BTreeMap<RecordId, Question>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    figures: Vec<Published>,
}

impl Register {
    /// Opens the register of a state that takes no part in the channel.
    pub(super) fn open(charter: &Charter, open: OpenRegister) -> Result<Register, Refusal> {
        let name = open.third_state.trim();
        let is_party = |party: &PartyId| {
            let named = charter.parties.get(party).is_some_and(|party| party.name.0.values().any(|own| own.trim() == name));
            named || party.as_str().eq_ignore_ascii_case(name) || crate::reference::short(party).eq_ignore_ascii_case(name)
        };
        if charter.parties.keys().any(is_party) {
            return Err(Refusal::from(ReturnRefusal::IsAParty).at("third_state"));
        }
        Ok(Register {
            third_state: open.third_state,
            caseload: Vec::new(),
            positions: Vec::new(),
            contacts: Vec::new(),
            questions: BTreeMap::new(),
            figures: Vec::new(),
        })
    }

    /// Carries out an act.
    pub(super) fn step(&mut self, context: &Context<'_>, act: Act) -> Result<(), Refusal> {
        let party = context.stamp.party.clone();
        match act {
            Act::OpenRegister(_) => return Err(ReturnRefusal::OtherForm.into()),
            Act::RecordCaseload(act) => {
                act.figures.iter().try_for_each(|figure| check_day(context, figure.as_of, "figures"))?;
                self.caseload.extend(act.figures.into_iter().map(|figure| Caseload { party: party.clone(), figure }));
            }
            Act::RecordPosition(act) => {
                check_day(context, act.as_of, "as_of")?;
                let RecordPosition { third_state_position: position, as_of, sources } = act;
                self.positions.push(Noted { party, position, as_of, sources, at: context.stamp.at });
            }
            Act::RecordContact(act) => {
                check_day(context, act.on, "on")?;
                self.contacts.push(Contact { party, on: act.on, way: act.contact_way, text: act.text });
            }
            Act::OweAnswer(act) => {
                let number = self.questions.len() + 1;
                let question = Question { number, party, text: act.question, due: act.due, answer: None };
                self.questions.insert(context.record, question);
            }
            Act::AnswerReceived(act) => {
                check_day(context, act.on, "on")?;
                let question = self.questions.get_mut(&act.question).filter(|question| question.answer.is_none());
                let question = question.ok_or_else(|| Refusal::from(ReturnRefusal::NoSuchQuestion).at("question"))?;
                question.answer = Some((act.on, act.text));
            }
        }
        Ok(())
    }

    /// Publishes figures of the third state's people. They all have one nationality.
    pub(super) fn publish(&mut self, context: &Context<'_>, act: figures::Act) -> Result<(), Refusal> {
        figures::publish(&mut self.figures, context, Dimension::Nationality, act)
    }

    /// Each party's last word on the third state's position: by the day as of which it holds, then as it was noted.
    fn last_positions(&self) -> BTreeMap<&PartyId, &Noted> {
        let mut last: BTreeMap<&PartyId, &Noted> = BTreeMap::new();
        for noted in &self.positions {
            let known = last.entry(&noted.party).or_insert(noted);
            if noted.as_of >= known.as_of {
                *known = noted;
            }
        }
        last
    }

    pub(super) fn sheet(&self, view: &View<'_>) -> Sheet {
        let last = self.last_positions();
        let stale = |noted: &Noted| is_stale(noted.as_of, view.today);
        let contested = last.values().any(|noted| last.values().any(|other| other.position != noted.position));
        let open = || self.questions.values().filter(|question| question.answer.is_none());
        let due = open().map(|question| question.due).min();
        let late = due.is_some_and(|due| due < view.today);
        let any_stale = last.values().any(|noted| stale(noted));
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let aggregate = Aggregate {
            n: count(last.len()),
            contested: if contested { count(last.len()) } else { 0 },
            stale: count(last.values().filter(|noted| stale(noted)).count()),
            unknown: count(view.audience.len().saturating_sub(last.len())),
        };
        let mut facts = vec![Fact::new("third-state", Datum::Text(self.third_state.clone()))];
        if let Some(newest) = last.values().max_by_key(|noted| noted.as_of).filter(|_| !contested) {
            facts.push(Fact::term("third-state-position", newest.position.name()));
            facts.push(Fact::new("as-of", Datum::Date(newest.as_of)));
        }
        let contact = self.contacts.iter().map(|contact| contact.on).max();
        facts.extend(contact.map(|on| Fact::new("last-contact", Datum::Date(on))));
        facts.extend(aggregate.facts());
        let mut sections = vec![
            Section::new("third-state-positions", self.position_rows(view.today)),
            Section::new("caseload", self.caseload_rows()),
            Section::new("questions", self.question_rows(view.today)),
            Section::new("contacts", self.contact_rows()),
        ];
        sections.extend(figures::sections(&self.figures));
        sections.retain(|section| !section.rows.is_empty());
        Sheet {
            title: title_of(&self.third_state),
            state: "open".to_owned(),
            tone: if late || contested || any_stale { Tone::Alarm } else { Tone::Running },
            facts,
            sections,
            due: due.map(Due::On),
            late,
            ..Sheet::default()
        }
    }

    fn position_rows(&self, today: Date) -> Vec<Row> {
        let last = self.last_positions();
        let rows = self.positions.iter().enumerate().map(|(number, noted)| {
            let current = last.get(&noted.party).is_some_and(|last| std::ptr::eq(*last, noted));
            let (state, tone) = match (current, is_stale(noted.as_of, today)) {
                (false, _) => ("replaced", Tone::Done),
                (true, true) => ("stale", Tone::Alarm),
                (true, false) => ("current", Tone::Running),
            };
            let mut facts = vec![
                Fact::term("third-state-position", noted.position.name()),
                Fact::new("as-of", Datum::Date(noted.as_of)),
                Fact::new("party", Datum::Party(noted.party.clone())),
            ];
            facts.extend(noted.sources.iter().map(|source| Fact::new("source", Datum::Text(source.title.clone()))));
            facts.extend(noted.sources.iter().filter_map(|s| s.url.clone()).map(|url| Fact::new("url", Datum::Text(url))));
            Row { state: Some(state.to_owned()), tone, facts, ..Row::new((number + 1).to_string()) }
        });
        rows.collect()
    }

    fn caseload_rows(&self) -> Vec<Row> {
        let rows = self.caseload.iter().enumerate().map(|(number, caseload)| {
            let mut row = caseload.figure.row((number + 1).to_string());
            row.facts.push(Fact::new("party", Datum::Party(caseload.party.clone())));
            row
        });
        rows.collect()
    }

    fn question_rows(&self, today: Date) -> Vec<Row> {
        let mut questions: Vec<&Question> = self.questions.values().collect();
        questions.sort_by_key(|question| question.number);
        let rows = questions.into_iter().map(|question| {
            let (state, tone) = match &question.answer {
                Some(_) => ("answered", Tone::Done),
                None if question.due < today => ("overdue", Tone::Alarm),
                None => ("owed", Tone::Waiting),
            };
            let mut texts = vec![RowText::new(None, question.text.clone())];
            let mut facts =
                vec![Fact::new("due", Datum::Date(question.due)), Fact::new("party", Datum::Party(question.party.clone()))];
            if let Some((on, answer)) = &question.answer {
                texts.push(RowText::new(None, answer.clone()));
                facts.push(Fact::new("on", Datum::Date(*on)));
            }
            Row { state: Some(state.to_owned()), tone, texts, facts, ..Row::new(question.number.to_string()) }
        });
        rows.collect()
    }

    fn contact_rows(&self) -> Vec<Row> {
        let rows = self.contacts.iter().enumerate().map(|(number, contact)| {
            let facts = vec![
                Fact::new("on", Datum::Date(contact.on)),
                Fact::new("contact-way", Datum::Text(contact.way.clone())),
                Fact::new("party", Datum::Party(contact.party.clone())),
            ];
            let texts = vec![RowText::new(None, contact.text.clone())];
            Row { facts, texts, ..Row::new((number + 1).to_string()) }
        });
        rows.collect()
    }

    pub(super) fn offers(&self, view: &View<'_>) -> Vec<Offer> {
        let mut offers: Vec<Offer> =
            ["record-caseload", "record-contact", "owe-answer", "publish-figures"].map(Offer::empty).into();
        offers.push(Offer { act: "record-position", prefill: json!({ "as_of": view.today }) });
        let open = self.questions.iter().filter(|(_, question)| question.answer.is_none());
        offers.extend(open.map(|(id, _)| Offer { act: "answer-received", prefill: json!({ "question": id, "on": view.today }) }));
        offers
    }
}

fn check_day(context: &Context<'_>, day: Date, field: &str) -> Result<(), Refusal> {
    if day > context.stamp.at.civil_date() { Err(Refusal::from(ReturnRefusal::BadDay).at(field)) } else { Ok(()) }
}

fn is_stale(as_of: Date, today: Date) -> bool {
    as_of.until(today).is_ok_and(|span| i64::from(span.get_days()) > POSITION_LIFE)
}
