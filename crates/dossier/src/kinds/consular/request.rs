//! A request for one citizen, from one side to a named institution of the other.

use super::{Acknowledge, Act, Answer, Close, ConsularRefusal, Outcome, Request, Supply, Wanted, Withdraw};
use crate::channel::Charter;
use crate::custody::{Disclose, Sealing};
use crate::fold::Context;
use crate::party::{InstitutionId, PartyId};
use crate::record::RecordId;
use crate::refusal::{Common, Refusal};
use crate::sheet::{Awaiting, Datum, Fact, Offer, Row, RowText, Section, Sheet, Tone, View};
use crate::time::{Date, Moment};
use crate::words::Words;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Where a request stands. Being overdue is no phase: it follows from the day of looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Phase {
    Requested,
    Received,
    NeedMore,
    Supplied,
    Partly,
    Granted,
    Refused,
    Closed,
    Withdrawn,
}

impl Phase {
    fn name(self) -> &'static str {
        match self {
            Phase::Requested => "requested",
            Phase::Received => "received",
            Phase::NeedMore => "need-more",
            Phase::Supplied => "supplied",
            Phase::Partly => "partly",
            Phase::Granted => "granted",
            Phase::Refused => "refused",
            Phase::Closed => "closed",
            Phase::Withdrawn => "withdrawn",
        }
    }

    fn is_decided(self) -> bool {
        matches!(self, Phase::Granted | Phase::Refused)
    }

    fn is_over(self) -> bool {
        matches!(self, Phase::Closed | Phase::Withdrawn)
    }

    /// Whether the institution that is asked owes the next step.
    fn is_owed(self) -> bool {
        matches!(self, Phase::Requested | Phase::Received | Phase::Supplied | Phase::Partly)
    }
}

/// A signed receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Receipt {
    number: String,
    received_on: Date,
    at: Moment,
}

/// An answer, or what was supplied to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Turn {
    /// The outcome of an answer; none for what was supplied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
    text: Words,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    legal_ground: Option<Words>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    by: InstitutionId,
    record: RecordId,
    at: Moment,
    /// How many fields it sealed.
    sealed: u64,
}

/// What is held about a request. Nothing in it tells who the person is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Petition {
    request: Request,
    requester: InstitutionId,
    at: Moment,
    record: RecordId,
    phase: Phase,
    /// When it came to stand there, as claimed.
    since: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    turns: Vec<Turn>,
    /// What the requesting side said when it closed or withdrew it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closing: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<Words>,
}

impl Petition {
    pub(super) fn make(context: &Context<'_>, charter: &Charter, request: Request) -> Result<Petition, Refusal> {
        let to = request.to.party();
        let fits = to != context.stamp.party && context.audience.contains(&to) && charter.institution(&request.to).is_some();
        if !fits {
            return Err(Refusal::from(ConsularRefusal::NotAnotherParty).at("to"));
        }
        if !is_opaque(&request.person_ref) {
            return Err(Refusal::from(ConsularRefusal::TellingReference).at("person_ref"));
        }
        let today = context.stamp.at.civil_date();
        if request.reply_by.is_past(today) {
            return Err(Refusal::from(ConsularRefusal::ReplyBeforeRequest).at("reply_by"));
        }
        let consented = request.visit_consent.is_some() && request.consent_on.is_some();
        if request.request_type == Wanted::Visit && !consented {
            return Err(Refusal::from(ConsularRefusal::NoConsent).at("visit_consent"));
        }
        if request.consent_on.is_some_and(|day| day > today) {
            return Err(Refusal::from(ConsularRefusal::InTheFuture).at("consent_on"));
        }
        if context.digests.is_empty() {
            return Err(ConsularRefusal::NobodySealed.into());
        }
        Ok(Petition {
            request,
            requester: context.stamp.institution.clone(),
            at: context.stamp.at,
            record: context.record,
            phase: Phase::Requested,
            since: context.stamp.at,
            receipt: None,
            turns: Vec::new(),
            closing: None,
            reason: None,
        })
    }

    pub(super) fn step(&mut self, context: &Context<'_>, act: Act) -> Result<(), Refusal> {
        if self.phase.is_over() {
            return Err(ConsularRefusal::Over.into());
        }
        match act {
            Act::Acknowledge(receipt) => self.acknowledge(context, receipt),
            Act::Answer(answer) => self.answer(context, answer),
            Act::Supply(supply) => self.supply(context, supply),
            Act::Close(close) => self.close(context, close),
            Act::Withdraw(withdraw) => self.withdraw(context, withdraw),
            Act::OpenService(_) | Act::SetStatus(_) | Act::Request(_) => Err(Common::AlreadyOpen.into()),
        }
    }

    fn check_addressee(&self, context: &Context<'_>) -> Result<(), Refusal> {
        let party = &context.stamp.party;
        if *party == self.requester.party() {
            return Err(ConsularRefusal::OwnRequest.into());
        }
        if *party == self.request.to.party() { Ok(()) } else { Err(ConsularRefusal::NotTheAddressee.into()) }
    }

    fn check_requester(&self, context: &Context<'_>) -> Result<(), Refusal> {
        if context.stamp.party == self.requester.party() { Ok(()) } else { Err(ConsularRefusal::NotTheRequester.into()) }
    }

    fn check_undecided(&self) -> Result<(), Refusal> {
        if self.phase.is_decided() { Err(ConsularRefusal::Decided.into()) } else { Ok(()) }
    }

    fn turn(&mut self, context: &Context<'_>, phase: Phase) {
        self.phase = phase;
        self.since = context.stamp.at;
    }

    fn acknowledge(&mut self, context: &Context<'_>, receipt: Acknowledge) -> Result<(), Refusal> {
        self.check_addressee(context)?;
        if self.receipt.is_some() {
            return Err(ConsularRefusal::ReceivedAlready.into());
        }
        if receipt.received_on < self.at.civil_date() {
            return Err(Refusal::from(ConsularRefusal::BeforeTheRequest).at("received_on"));
        }
        if receipt.received_on > context.stamp.at.civil_date() {
            return Err(Refusal::from(ConsularRefusal::InTheFuture).at("received_on"));
        }
        self.receipt = Some(Receipt { number: receipt.number, received_on: receipt.received_on, at: context.stamp.at });
        if self.phase == Phase::Requested {
            self.turn(context, Phase::Received);
        }
        Ok(())
    }

    fn answer(&mut self, context: &Context<'_>, answer: Answer) -> Result<(), Refusal> {
        self.check_addressee(context)?;
        if self.receipt.is_none() {
            return Err(ConsularRefusal::NotReceived.into());
        }
        self.check_undecided()?;
        let denies = matches!(answer.consular_outcome, Outcome::Refused | Outcome::Partly);
        if denies && answer.legal_ground.as_ref().is_none_or(Words::is_empty) {
            return Err(Refusal::from(ConsularRefusal::NoLegalGround).at("legal_ground"));
        }
        let phase = match answer.consular_outcome {
            Outcome::Granted => Phase::Granted,
            Outcome::Partly => Phase::Partly,
            Outcome::NeedMore => Phase::NeedMore,
            Outcome::Refused => Phase::Refused,
        };
        let turn = Turn {
            outcome: Some(answer.consular_outcome),
            legal_ground: answer.legal_ground,
            number: answer.number,
            ..Turn::said(context, answer.text)
        };
        self.turns.push(turn);
        self.turn(context, phase);
        Ok(())
    }

    fn supply(&mut self, context: &Context<'_>, supply: Supply) -> Result<(), Refusal> {
        self.check_requester(context)?;
        self.check_undecided()?;
        self.turns.push(Turn::said(context, supply.text));
        if self.phase == Phase::NeedMore {
            self.turn(context, Phase::Supplied);
        }
        Ok(())
    }

    fn close(&mut self, context: &Context<'_>, close: Close) -> Result<(), Refusal> {
        self.check_requester(context)?;
        if !self.phase.is_decided() && self.phase != Phase::Partly {
            return Err(ConsularRefusal::NotDecided.into());
        }
        self.closing = close.note;
        self.turn(context, Phase::Closed);
        Ok(())
    }

    fn withdraw(&mut self, context: &Context<'_>, withdraw: Withdraw) -> Result<(), Refusal> {
        self.check_requester(context)?;
        self.check_undecided()?;
        self.reason = Some(withdraw.reason);
        self.turn(context, Phase::Withdrawn);
        Ok(())
    }

    pub(super) fn may_disclose(&self, sealing: &Sealing, act: &Disclose) -> bool {
        if self.phase.is_over() {
            return false;
        }
        if sealing.party == self.requester.party() {
            // After a refusal nobody there needs to know more of the person.
            act.to == self.request.to && self.phase != Phase::Refused
        } else {
            act.to == self.requester && sealing.party == self.request.to.party()
        }
    }

    /// A year after it was closed or withdrawn; an open request keeps what it needs.
    pub(super) fn kept_until(&self) -> Option<Date> {
        let ended = self.phase.is_over().then(|| self.since.civil_date())?;
        ended.checked_add(jiff::Span::new().years(1)).ok()
    }

    fn is_overdue(&self, today: Date) -> bool {
        self.phase.is_owed() && self.request.reply_by.is_past(today)
    }

    pub(super) fn shown(&self, view: &View<'_>) -> Sheet {
        let late = self.is_overdue(view.today);
        let owner = if self.phase.is_owed() { Some(&self.request.to) } else { None };
        let owner = if self.phase == Phase::NeedMore { Some(&self.requester) } else { owner };
        Sheet {
            title: self.request.subject.clone(),
            state: self.phase.name().to_owned(),
            tone: if late { Tone::Alarm } else { tone(self.phase) },
            facts: self.facts(),
            positions: Vec::new(),
            sections: self.sections(),
            awaiting: self.awaiting(),
            due: Some(self.request.reply_by),
            late,
            owner: owner.cloned(),
        }
    }

    fn facts(&self) -> Vec<Fact> {
        let request = &self.request;
        let mut facts = vec![
            Fact::term("request-type", request.request_type.name()),
            Fact::new("person-ref", Datum::Text(request.person_ref.clone())),
            Fact::new("requester", Datum::Institution(self.requester.clone())),
            Fact::new("to", Datum::Institution(request.to.clone())),
            Fact::new("reply-by", Datum::Due(request.reply_by)),
        ];
        facts.extend(request.number.clone().map(|number| Fact::new("number", Datum::Text(number))));
        facts.extend(request.visit_consent.map(|consent| Fact::term("visit-consent", consent.name())));
        facts.extend(request.consent_on.map(|day| Fact::new("consent-on", Datum::Date(day))));
        facts.push(Fact::new("sealed-in", Datum::Record(self.record)));
        if let Some(receipt) = &self.receipt {
            facts.push(Fact::new("received-on", Datum::Date(receipt.received_on)));
            facts.push(Fact::new("receiving-number", Datum::Text(receipt.number.clone())));
        }
        facts.push(Fact::new("since", Datum::Moment(self.since)));
        facts.extend(self.closing.clone().map(|note| Fact::new("closing-note", Datum::Text(note))));
        facts.extend(self.reason.clone().map(|reason| Fact::new("reason", Datum::Words(reason))));
        facts.extend(self.kept_until().map(|day| Fact::new("sealed-until", Datum::Date(day))));
        facts
    }

    fn sections(&self) -> Vec<Section> {
        let rows: Vec<Row> = self.turns.iter().enumerate().map(|(n, turn)| turn.row(n + 1)).collect();
        if rows.is_empty() { Vec::new() } else { vec![Section::new("consular-answers", rows)] }
    }

    fn awaiting(&self) -> Vec<Awaiting> {
        let (party, act) = match self.phase {
            Phase::Requested => (self.request.to.party(), "acknowledge"),
            Phase::Received | Phase::Supplied | Phase::Partly => (self.request.to.party(), "answer"),
            Phase::NeedMore => (self.requester.party(), "supply"),
            Phase::Granted | Phase::Refused => (self.requester.party(), "close"),
            Phase::Closed | Phase::Withdrawn => return Vec::new(),
        };
        vec![Awaiting { party, act: act.to_owned(), since: Some(self.since) }]
    }

    pub(super) fn offered(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        if self.phase.is_over() {
            return Vec::new();
        }
        let mut offers = Vec::new();
        if *party == self.request.to.party() {
            if self.receipt.is_none() {
                let received = view.today.max(self.at.civil_date());
                offers.push(Offer { act: "acknowledge", prefill: json!({ "received_on": received }) });
            } else if !self.phase.is_decided() {
                offers.push(Offer::empty("answer"));
            }
        }
        if *party == self.requester.party() {
            if self.phase.is_decided() || self.phase == Phase::Partly {
                offers.push(Offer::empty("close"));
            }
            if !self.phase.is_decided() {
                offers.push(Offer::empty("supply"));
                offers.push(Offer::empty("withdraw"));
            }
        }
        offers
    }
}

impl Turn {
    fn said(context: &Context<'_>, text: Words) -> Turn {
        Turn {
            outcome: None,
            text,
            legal_ground: None,
            number: None,
            by: context.stamp.institution.clone(),
            record: context.record,
            at: context.stamp.at,
            sealed: u64::try_from(context.digests.len()).unwrap_or(u64::MAX),
        }
    }

    fn row(&self, number: usize) -> Row {
        let mut facts = vec![
            Fact::new("institution", Datum::Institution(self.by.clone())),
            Fact::new("at", Datum::Moment(self.at)),
            Fact::new("record", Datum::Record(self.record)),
        ];
        facts.extend(self.legal_ground.clone().map(|ground| Fact::new("legal-ground", Datum::Words(ground))));
        facts.extend(self.number.clone().map(|number| Fact::new("number", Datum::Text(number))));
        if self.sealed > 0 {
            facts.push(Fact::new("sealed-fields", Datum::Number(i64::try_from(self.sealed).unwrap_or(i64::MAX))));
        }
        let (state, tone) = match self.outcome {
            None => ("supplied", Tone::Running),
            Some(outcome @ (Outcome::Granted | Outcome::Partly)) => (outcome.name(), Tone::Running),
            Some(outcome @ Outcome::NeedMore) => (outcome.name(), Tone::Waiting),
            Some(outcome @ Outcome::Refused) => (outcome.name(), Tone::Alarm),
        };
        let texts = RowText::each(&self.text);
        Row { reference: number.to_string(), state: Some(state.to_owned()), tone, texts, facts }
    }
}

fn tone(phase: Phase) -> Tone {
    match phase {
        Phase::Requested | Phase::Received | Phase::NeedMore | Phase::Supplied | Phase::Partly => Tone::Waiting,
        Phase::Granted => Tone::Running,
        Phase::Refused => Tone::Alarm,
        Phase::Closed | Phase::Withdrawn => Tone::Done,
    }
}

/// Such a reference cannot be a name: it has a digit, and nothing but capital Latin letters, digits, hyphens and strokes.
fn is_opaque(reference: &str) -> bool {
    let fine = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-' || b == b'/';
    reference.bytes().all(fine) && reference.bytes().any(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_opaque;

    #[test]
    fn a_reference_cannot_be_a_name() {
        for good in ["K-2026-0041", "17", "BGD/26/3"] {
            assert!(is_opaque(good), "{good}");
        }
        for bad in ["", "ALI", "Ali-7", "علي7", "A 7", "K-2026.4"] {
            assert!(!is_opaque(bad), "{bad}");
        }
    }
}
