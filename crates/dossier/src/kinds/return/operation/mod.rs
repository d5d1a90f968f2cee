//! An operation: a batch of people who travel together. Who departed is received, or named as an exception; until the numbers
//! add up it stays open, and both sides are told within a day.

mod acts;

pub use acts::*;

use super::figures::{self, Published};
use super::refusals::ReturnRefusal;
use crate::content::ContentHash;
use crate::fold::Context;
use crate::mutual::Mutual;
use crate::party::PartyId;
use crate::publish::Dimension;
use crate::refusal::{Common, Refusal};
use crate::sheet::{Awaiting, Datum, Fact, Matter, Offer, Row, RowText, Section, Sheet, Tone, View, awaiting};
use crate::time::{Date, Due, Moment};
use crate::words::Words;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;

/// Within how many seconds of the departure both sides must know that the numbers add up.
const DAY: i64 = 24 * 3600;

/// How many departed, as the sending side said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Departure {
    departed: i64,
    adults: i64,
    children: i64,
    at: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// How many were received, as the receiving side said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Receipt {
    received: i64,
    exceptions: Vec<NamedException>,
    at: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// What a side has found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Explanation {
    party: PartyId,
    at: Moment,
    text: String,
}

/// What is held about an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    title: Words,
    terms: Terms,
    agreement: Mutual<ContentHash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    departed_at: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    received_at: Option<Moment>,
    /// What was said of the departure, the last word last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    departures: Vec<Departure>,
    /// What was said of the arrival, the last word last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    receipts: Vec<Receipt>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    explanations: Vec<Explanation>,
    closing: Mutual<ContentHash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cancelled: Option<Explanation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    figures: Vec<Published>,
}

impl Operation {
    /// Plans an operation.
    pub(super) fn plan(context: &Context<'_>, plan: Plan) -> Result<Operation, Refusal> {
        check_terms(context, &plan.terms)?;
        Ok(Operation {
            title: plan.title,
            terms: plan.terms,
            agreement: Mutual::default(),
            departed_at: None,
            received_at: None,
            departures: Vec::new(),
            receipts: Vec::new(),
            explanations: Vec::new(),
            closing: Mutual::default(),
            cancelled: None,
            figures: Vec::new(),
        })
    }

    /// Carries out an act.
    pub(super) fn step(&mut self, context: &Context<'_>, act: Act) -> Result<(), Refusal> {
        if self.cancelled.is_some() || self.closing.settled().is_some() {
            return Err(ReturnRefusal::NotNow.into());
        }
        match act {
            Act::Plan(_) => Err(ReturnRefusal::OtherForm.into()),
            Act::RevisePlan(act) => self.revise(context, act.terms),
            Act::AgreePlan(act) => self.agree(context, act.content),
            Act::Depart(act) => self.depart(context, &act),
            Act::CorrectDeparture(act) => self.correct_departure(context, act),
            Act::Receive(act) => self.receive(context, act),
            Act::CorrectReceipt(act) => self.correct_receipt(context, act),
            Act::Explain(act) => self.explain(context, act.text),
            Act::CloseOperation(act) => self.close(context, act.content),
            Act::CancelOperation(act) => self.cancel(context, act.reason),
        }
    }

    /// Publishes figures of those who travelled. They all come from one site.
    pub(super) fn publish(&mut self, context: &Context<'_>, act: figures::Act) -> Result<(), Refusal> {
        figures::publish(&mut self.figures, context, Dimension::Site, act)
    }

    fn revise(&mut self, context: &Context<'_>, terms: Terms) -> Result<(), Refusal> {
        check_now(self.agreement.settled().is_none())?;
        check_terms(context, &terms)?;
        if terms == self.terms {
            return Err(Common::AlreadySaid.into());
        }
        self.terms = terms;
        self.agreement = Mutual::default();
        Ok(())
    }

    fn agree(&mut self, context: &Context<'_>, content: ContentHash) -> Result<(), Refusal> {
        check_now(self.agreement.settled().is_none())?;
        if content != self.content() {
            return Err(Refusal::from(Common::NotTheCurrentContent).at("content"));
        }
        self.agreement.assent(context, content).map(|_| ())
    }

    fn depart(&mut self, context: &Context<'_>, act: &Depart) -> Result<(), Refusal> {
        check_side(context, &self.terms.sending)?;
        check_now(self.agreement.settled().is_some() && self.departures.is_empty())?;
        check_moment(context, act.departed_at, None, "departed_at")?;
        check_counts(act.departed, act.adults, act.children)?;
        self.departed_at = Some(act.departed_at);
        self.departures.push(Departure {
            departed: act.departed,
            adults: act.adults,
            children: act.children,
            at: context.stamp.at,
            reason: None,
        });
        Ok(())
    }

    fn correct_departure(&mut self, context: &Context<'_>, act: CorrectDeparture) -> Result<(), Refusal> {
        check_side(context, &self.terms.sending)?;
        check_now(!self.departures.is_empty())?;
        check_counts(act.departed, act.adults, act.children)?;
        self.departures.push(Departure {
            departed: act.departed,
            adults: act.adults,
            children: act.children,
            at: context.stamp.at,
            reason: Some(act.reason),
        });
        self.closing = Mutual::default();
        Ok(())
    }

    fn receive(&mut self, context: &Context<'_>, act: Receive) -> Result<(), Refusal> {
        check_side(context, &self.terms.receiving)?;
        check_now(!self.departures.is_empty() && self.receipts.is_empty())?;
        check_moment(context, act.received_at, self.departed_at, "received_at")?;
        let exceptions = act.exceptions.unwrap_or_default();
        check_exceptions(&exceptions)?;
        self.received_at = Some(act.received_at);
        self.receipts.push(Receipt { received: act.received, exceptions, at: context.stamp.at, reason: None });
        Ok(())
    }

    fn correct_receipt(&mut self, context: &Context<'_>, act: CorrectReceipt) -> Result<(), Refusal> {
        check_side(context, &self.terms.receiving)?;
        check_now(!self.receipts.is_empty())?;
        let exceptions = act.exceptions.unwrap_or_default();
        check_exceptions(&exceptions)?;
        self.receipts.push(Receipt { received: act.received, exceptions, at: context.stamp.at, reason: Some(act.reason) });
        self.closing = Mutual::default();
        Ok(())
    }

    fn explain(&mut self, context: &Context<'_>, text: String) -> Result<(), Refusal> {
        check_now(!self.receipts.is_empty())?;
        self.explanations.push(explanation(context, text));
        Ok(())
    }

    fn close(&mut self, context: &Context<'_>, content: ContentHash) -> Result<(), Refusal> {
        check_now(!self.receipts.is_empty())?;
        if !self.adds_up() {
            return Err(ReturnRefusal::DoesNotAddUp.into());
        }
        if content != self.account() {
            return Err(Refusal::from(Common::NotTheCurrentContent).at("content"));
        }
        self.closing.assent(context, content).map(|_| ())
    }

    fn cancel(&mut self, context: &Context<'_>, reason: String) -> Result<(), Refusal> {
        check_now(self.departures.is_empty())?;
        self.cancelled = Some(explanation(context, reason));
        Ok(())
    }

    /// What is agreed to: the terms as they stand.
    fn content(&self) -> ContentHash {
        ContentHash::of(&self.terms)
    }

    /// What is closed over: each side's last numbers.
    fn account(&self) -> ContentHash {
        let departed = self.departures.last().map(|departure| (departure.departed, departure.adults, departure.children));
        let received = self.receipts.last().map(|receipt| (receipt.received, &receipt.exceptions));
        ContentHash::of(&(departed, received))
    }

    /// Whether departed is received plus named exceptions.
    fn adds_up(&self) -> bool {
        match (self.departures.last(), self.receipts.last()) {
            (Some(departure), Some(receipt)) => {
                i64::try_from(receipt.exceptions.len()).is_ok_and(|named| departure.departed == receipt.received + named)
            }
            _ => false,
        }
    }

    fn state(&self) -> &'static str {
        if self.cancelled.is_some() {
            return "cancelled";
        }
        if self.closing.settled().is_some() {
            return "closed";
        }
        match (self.departures.is_empty(), self.receipts.is_empty()) {
            (true, _) if self.agreement.settled().is_some() => "agreed",
            (true, _) => "planned",
            (false, true) => "departed",
            (false, false) if self.adds_up() => "received",
            (false, false) => "discrepancy",
        }
    }

    /// The day by which the numbers must add up, once people are on their way.
    fn due(&self) -> Option<Date> {
        let open = matches!(self.state(), "departed" | "discrepancy");
        self.departed_at.filter(|_| open).map(|at| Moment::nearest(at.unix() + DAY).civil_date())
    }
}

fn check_terms(context: &Context<'_>, terms: &Terms) -> Result<(), Refusal> {
    super::check_sides(context, &terms.sending, &terms.receiving)?;
    if terms.occupancy.value.saturating_add(terms.persons) > terms.capacity.value {
        return Err(Refusal::from(ReturnRefusal::OverCapacity).at("terms.persons"));
    }
    Ok(())
}

fn check_side(context: &Context<'_>, side: &PartyId) -> Result<(), Refusal> {
    if context.stamp.party == *side { Ok(()) } else { Err(ReturnRefusal::NotYourStep.into()) }
}

fn check_now(yes: bool) -> Result<(), Refusal> {
    if yes { Ok(()) } else { Err(ReturnRefusal::NotNow.into()) }
}

fn check_moment(context: &Context<'_>, at: Moment, after: Option<Moment>, field: &str) -> Result<(), Refusal> {
    if at > context.stamp.at || after.is_some_and(|after| at < after) {
        return Err(Refusal::from(ReturnRefusal::BadDay).at(field));
    }
    Ok(())
}

fn check_counts(departed: i64, adults: i64, children: i64) -> Result<(), Refusal> {
    if adults + children == departed { Ok(()) } else { Err(Refusal::from(ReturnRefusal::CountsDoNotAdd).at("departed")) }
}

fn check_exceptions(exceptions: &[NamedException]) -> Result<(), Refusal> {
    let persons: BTreeSet<_> = exceptions.iter().map(|exception| exception.person).collect();
    if persons.len() == exceptions.len() { Ok(()) } else { Err(Refusal::from(ReturnRefusal::ExceptionTwice).at("exceptions")) }
}

fn explanation(context: &Context<'_>, text: String) -> Explanation {
    Explanation { party: context.stamp.party.clone(), at: context.stamp.at, text }
}

impl Operation {
    pub(super) fn sheet(&self, view: &View<'_>) -> Sheet {
        let state = self.state();
        let due = self.due();
        let late = due.is_some_and(|due| due < view.today);
        let tone = match state {
            "closed" | "cancelled" => Tone::Done,
            "discrepancy" => Tone::Alarm,
            _ if late => Tone::Alarm,
            "agreed" | "departed" => Tone::Running,
            _ => Tone::Waiting,
        };
        let mut sections = vec![Section::new("capacity", vec![self.terms.capacity.row("1"), self.terms.occupancy.row("2")])];
        sections.push(Section::new("movements", self.movements()));
        sections.push(Section::new("exceptions", self.exceptions()));
        sections.push(Section::new("explanations", self.explanations.iter().enumerate().map(explanation_row).collect()));
        sections.extend(figures::sections(&self.figures));
        sections.retain(|section| !section.rows.is_empty());
        Sheet {
            title: self.title.clone(),
            state: state.to_owned(),
            tone,
            facts: self.facts(),
            positions: self.positions(),
            sections,
            awaiting: self.awaiting(view),
            due: due.or(matches!(state, "planned" | "agreed").then_some(self.terms.planned_on)).map(Due::On),
            late,
            owner: None,
        }
    }

    fn facts(&self) -> Vec<Fact> {
        let terms = &self.terms;
        let content = if self.receipts.is_empty() { self.content() } else { self.account() };
        let mut facts = vec![
            Fact::new("sending", Datum::Party(terms.sending.clone())),
            Fact::new("receiving", Datum::Party(terms.receiving.clone())),
            Fact::term("transport", terms.transport.name()),
            Fact::new("origin", Datum::Text(terms.origin.clone())),
            Fact::new("transit-centre", Datum::Text(terms.transit_centre.clone())),
            Fact::new("planned-on", Datum::Date(terms.planned_on)),
            Fact::new("planned-persons", Datum::Number(terms.persons)),
            Fact::new("content", Datum::Content(content)),
        ];
        if let Some(departure) = self.departures.last() {
            facts.extend(self.departed_at.map(|at| Fact::new("departed-at", Datum::Moment(at))));
            facts.push(Fact::new("departed", Datum::Number(departure.departed)));
            facts.push(Fact::new("adults", Datum::Number(departure.adults)));
            facts.push(Fact::new("children", Datum::Number(departure.children)));
        }
        if let Some(receipt) = self.receipts.last() {
            facts.extend(self.received_at.map(|at| Fact::new("received-at", Datum::Moment(at))));
            facts.push(Fact::new("received", Datum::Number(receipt.received)));
        }
        if let Some(cancelled) = &self.cancelled {
            facts.push(Fact::new("cancelled-by", Datum::Party(cancelled.party.clone())));
            facts.push(Fact::new("reason", Datum::Text(cancelled.text.clone())));
        }
        facts
    }

    fn positions(&self) -> Vec<Matter> {
        let mut matters = vec![Matter::of("plan", &self.agreement, |content| Datum::Content(*content))];
        if !self.closing.is_silent() {
            matters.push(Matter::of("closing", &self.closing, |content| Datum::Content(*content)));
        }
        matters
    }

    fn movements(&self) -> Vec<Row> {
        let departures = self.departures.iter().map(|said| {
            let facts = vec![
                Fact::new("departed", Datum::Number(said.departed)),
                Fact::new("adults", Datum::Number(said.adults)),
                Fact::new("children", Datum::Number(said.children)),
                Fact::new("at", Datum::Moment(said.at)),
            ];
            (facts, &said.reason, &self.terms.sending)
        });
        let receipts = self.receipts.iter().map(|said| {
            let facts = vec![Fact::new("received", Datum::Number(said.received)), Fact::new("at", Datum::Moment(said.at))];
            (facts, &said.reason, &self.terms.receiving)
        });
        let rows = departures.chain(receipts).enumerate().map(|(number, (mut facts, reason, party))| {
            facts.push(Fact::new("party", Datum::Party(party.clone())));
            let texts = reason.iter().map(|reason| RowText::new(None, reason.clone())).collect();
            Row { facts, texts, ..Row::new((number + 1).to_string()) }
        });
        rows.collect()
    }

    fn exceptions(&self) -> Vec<Row> {
        let named = self.receipts.last().map(|receipt| receipt.exceptions.as_slice()).unwrap_or_default();
        let rows = named.iter().enumerate().map(|(number, exception)| {
            let person = Fact::new("person", Datum::Record(exception.person));
            let facts = vec![person, Fact::term("exception", exception.exception.name())];
            Row { facts, tone: Tone::Alarm, ..Row::new((number + 1).to_string()) }
        });
        rows.collect()
    }

    /// Both sides are awaited while the numbers do not add up: neither knows whose are wrong.
    fn awaiting(&self, view: &View<'_>) -> Vec<Awaiting> {
        let step = |party: &PartyId, act: &str, since| Awaiting { party: party.clone(), act: act.to_owned(), since };
        let last = self.receipts.last().map(|receipt| receipt.at);
        match self.state() {
            "planned" => {
                let silent = view.audience.iter().filter(|party| self.agreement.of(party).is_none());
                silent.map(|party| step(party, "agree-plan", None)).collect()
            }
            "agreed" => vec![step(&self.terms.sending, "depart", None)],
            "departed" => vec![step(&self.terms.receiving, "receive", self.departures.last().map(|said| said.at))],
            "discrepancy" => vec![
                step(&self.terms.sending, "correct-departure", last),
                step(&self.terms.receiving, "correct-receipt", last),
            ],
            "received" if self.closing.is_silent() => {
                view.audience.iter().map(|party| step(party, "close-operation", last)).collect()
            }
            "received" => awaiting(&self.closing, "close-operation", view.audience),
            _ => Vec::new(),
        }
    }

    pub(super) fn offers(&self, party: &PartyId) -> Vec<Offer> {
        let state = self.state();
        let (sends, receives) = (*party == self.terms.sending, *party == self.terms.receiving);
        let mut offers = Vec::new();
        if state == "planned" {
            if self.agreement.of(party).is_none() {
                offers.push(Offer { act: "agree-plan", prefill: json!({ "content": self.content() }) });
            }
            offers.push(Offer::empty("revise-plan"));
        }
        if matches!(state, "planned" | "agreed") {
            offers.push(Offer::empty("cancel-operation"));
        }
        match state {
            "agreed" if sends => offers.push(Offer::empty("depart")),
            "departed" if receives => offers.push(Offer::empty("receive")),
            "departed" if sends => offers.push(Offer::empty("correct-departure")),
            "received" if self.closing.of(party).is_none() => {
                offers.push(Offer { act: "close-operation", prefill: json!({ "content": self.account() }) });
            }
            _ => {}
        }
        if matches!(state, "received" | "discrepancy") {
            offers.extend(sends.then(|| Offer::empty("correct-departure")));
            offers.extend(receives.then(|| Offer::empty("correct-receipt")));
            offers.push(Offer::empty("explain"));
        }
        offers.push(Offer::empty("publish-figures"));
        offers
    }
}

fn explanation_row((number, said): (usize, &Explanation)) -> Row {
    let facts = vec![Fact::new("party", Datum::Party(said.party.clone())), Fact::new("at", Datum::Moment(said.at))];
    let texts = vec![RowText::new(None, said.text.clone())];
    Row { facts, texts, ..Row::new((number + 1).to_string()) }
}
