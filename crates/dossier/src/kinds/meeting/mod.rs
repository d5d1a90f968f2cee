//! A meeting of a joint body: its date, delegations and agenda; its minutes, clause by clause and language by language; and
//! the decisions that its co-chairs adopt.
//!
//! Secretaries do the business, co-chairs sign. Each party speaks for its own side alone: it accepts, brackets or reserves for
//! itself, and what needs both stands only when both said the same. Signed minutes are closed to everybody but a corrigendum
//! that all co-chairs sign.

mod acts;
mod minutes;
mod offers;
mod sheet;

pub use acts::*;

use crate::act::ActSpec;
use crate::body::ActBody;
use crate::channel::Charter;
use crate::content::ContentHash;
use crate::fold::Context;
use crate::kinds::Rules;
use crate::mutual::Mutual;
use crate::party::PartyId;
use crate::record::RecordId;
use crate::refusal::{Common, Form, Refusal};
use crate::refusals;
use crate::sheet::{Offer, Sheet, View};
use crate::time::{Date, Moment};
use crate::words::{Tongue, Words};
use minutes::{Bounds, Minutes, Remark, number_parts};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

refusals! {
    /// What the rules of meetings refuse.
    pub enum MeetingRefusal {
        /// The meeting is cancelled.
        Cancelled = "MTG01",
        /// The meeting was held: its date and agenda are past.
        AlreadyHeld = "MTG02",
        /// Not every party has said yet that the meeting was held.
        NotHeld = "MTG03",
        /// A meeting cannot have been held on a day to come.
        HeldInFuture = "MTG04",
        /// The agenda has no such item.
        NoSuchItem = "MTG05",
        /// Only the party that put it there may take it away.
        NotYours = "MTG06",
        /// The agenda has no items.
        EmptyAgenda = "MTG07",
        /// A party names members of its own delegation only.
        ForeignMember = "MTG08",
        /// Not a number of a clause or of a decision.
        BadNumber = "MTG09",
        /// Not a language of these minutes.
        OtherTongue = "MTG10",
        /// The minutes are signed by every party.
        MinutesSigned = "MTG11",
        /// The date of the action lies before the meeting.
        DueBeforeMeeting = "MTG12",
        /// An action needs an owner and a date, or the explicit word that there is none.
        ActionIncomplete = "MTG13",
        /// Only an action has an owner and a date.
        OwnerWithoutAction = "MTG14",
        /// The owner is no institution of a party to this dossier.
        UnknownOwner = "MTG15",
        /// The minutes have no such clause, or not in this language.
        NoSuchClause = "MTG16",
        /// Another party has accepted the clause or put a text of it.
        ClauseShared = "MTG17",
        /// The minutes have no clauses.
        NoClauses = "MTG18",
        /// A clause is missing in a language of the minutes.
        TongueMissing = "MTG19",
        /// A text stands in brackets.
        Bracketed = "MTG20",
        /// A party has reserved its position on a clause.
        Reserved = "MTG21",
        /// A text is not accepted by every party.
        NotAccepted = "MTG22",
        /// The minutes are not signed by every party yet.
        NotSigned = "MTG23",
        /// The text stands like this already.
        SameText = "MTG24",
        /// A decision of this number is adopted already.
        NumberTaken = "MTG25",
        /// No decision of this number is in force.
        NoSuchDecision = "MTG26",
    }
}

/// A day and, where one is named, a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Venue {
    date: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<String>,
}

/// A party's delegation, as that party named it last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Delegation {
    head: String,
    members: Vec<Member>,
    at: Moment,
}

/// One item of the agenda.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Item {
    record: RecordId,
    by: PartyId,
    title: Words,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    papers: Vec<Paper>,
}

/// How a meeting was put off or called off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PutOff {
    party: PartyId,
    why: Remark,
    /// The day that had been agreed, where one had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Venue>,
}

/// A decision under its number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Decision {
    text: Mutual<Words>,
    #[serde(default)]
    rescission: Mutual<bool>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    reasons: BTreeMap<PartyId, String>,
}

/// A matter that a party referred to a higher level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Referral {
    party: PartyId,
    at: Moment,
    record: RecordId,
    referred: ReferUp,
}

/// What is held about a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    title: Words,
    body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    series: Option<u32>,
    tongues: BTreeSet<Tongue>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sources: Vec<Source>,
    date: Mutual<Venue>,
    /// Whether the meeting waits for a new date, and every time that it was put off.
    postponed: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    put_off: Vec<PutOff>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cancelled: Option<PutOff>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    delegations: BTreeMap<PartyId, Delegation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    items: Vec<Item>,
    agenda: Mutual<ContentHash>,
    held: Mutual<Date>,
    minutes: Minutes,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    decisions: BTreeMap<String, Decision>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    referrals: Vec<Referral>,
}

impl Meeting {
    fn propose(context: &Context<'_>, charter: &Charter, propose: Propose) -> Result<Meeting, Refusal> {
        let mut meeting = Meeting {
            title: propose.title,
            body: propose.body,
            series: propose.series,
            tongues: propose.tongues.filter(|tongues| !tongues.is_empty()).unwrap_or_else(|| charter.tongues.clone()),
            sources: propose.sources.unwrap_or_default(),
            date: Mutual::default(),
            postponed: false,
            put_off: Vec::new(),
            cancelled: None,
            delegations: BTreeMap::new(),
            items: Vec::new(),
            agenda: Mutual::default(),
            held: Mutual::default(),
            minutes: Minutes::default(),
            decisions: BTreeMap::new(),
            referrals: Vec::new(),
        };
        if let Some(venue) = venue(propose.date, propose.place)? {
            meeting.date.assent(context, venue)?;
        }
        Ok(meeting)
    }

    fn held_on(&self) -> Result<Date, Refusal> {
        self.held.settled().copied().ok_or_else(|| MeetingRefusal::NotHeld.into())
    }

    fn check_before(&self) -> Result<(), Refusal> {
        if self.held.settled().is_some() { Err(MeetingRefusal::AlreadyHeld.into()) } else { Ok(()) }
    }

    fn agree_date(&mut self, context: &Context<'_>, agree: AgreeDate) -> Result<(), Refusal> {
        self.check_before()?;
        if self.date.assent(context, Venue { date: agree.date, place: agree.place })? {
            self.postponed = false;
        }
        Ok(())
    }

    fn postpone(&mut self, context: &Context<'_>, postpone: Postpone) -> Result<(), Refusal> {
        self.check_before()?;
        let venue = venue(postpone.date, postpone.place)?;
        self.put_off.push(put_off(context, postpone.reason, self.date.settled().cloned()));
        self.postponed = true;
        self.date = Mutual::default();
        // Who said that it was held on the old day said it of a meeting that another put off.
        self.held = Mutual::default();
        if let Some(venue) = venue {
            self.postponed = !self.date.assent(context, venue)?;
        }
        Ok(())
    }

    fn cancel(&mut self, context: &Context<'_>, cancel: Cancel) -> Result<(), Refusal> {
        self.check_before()?;
        self.cancelled = Some(put_off(context, cancel.reason, self.date.settled().cloned()));
        Ok(())
    }

    fn set_delegation(&mut self, context: &Context<'_>, set: SetDelegation) -> Result<(), Refusal> {
        self.check_unsigned()?;
        let party = &context.stamp.party;
        if let Some(row) = set.members.iter().position(|member| member.institution.party() != *party) {
            return Err(Refusal::from(MeetingRefusal::ForeignMember).at(&format!("members.{row}.institution")));
        }
        let delegation = Delegation { head: set.head, members: set.members, at: context.stamp.at };
        self.delegations.insert(party.clone(), delegation);
        Ok(())
    }

    fn add_item(&mut self, context: &Context<'_>, add: AddItem) -> Result<(), Refusal> {
        self.check_before()?;
        let by = context.stamp.party.clone();
        self.items.push(Item { record: context.record, by, title: add.title, papers: add.papers.unwrap_or_default() });
        self.agenda.lapse();
        Ok(())
    }

    fn withdraw_item(&mut self, context: &Context<'_>, withdraw: &WithdrawItem) -> Result<(), Refusal> {
        self.check_before()?;
        let Some(place) = self.items.iter().position(|item| item.record == withdraw.item) else {
            return Err(Refusal::from(MeetingRefusal::NoSuchItem).at("item"));
        };
        if self.items[place].by != context.stamp.party {
            return Err(MeetingRefusal::NotYours.into());
        }
        self.items.remove(place);
        self.agenda.lapse();
        Ok(())
    }

    /// The hash of the agenda as it stands.
    fn agenda_content(&self) -> ContentHash {
        ContentHash::of(&self.items)
    }

    fn is_agenda_agreed(&self) -> bool {
        !self.items.is_empty() && self.agenda.settled() == Some(&self.agenda_content())
    }

    fn agree_agenda(&mut self, context: &Context<'_>, content: ContentHash) -> Result<(), Refusal> {
        self.check_before()?;
        if self.items.is_empty() {
            return Err(MeetingRefusal::EmptyAgenda.into());
        }
        if content != self.agenda_content() {
            return Err(Refusal::from(Common::NotTheCurrentContent).at("content"));
        }
        self.agenda.assent(context, content).map(|_| ())
    }

    /// The day is compared with what the writer itself claims: nobody's clock is asked.
    fn declare_held(&mut self, context: &Context<'_>, on: Date) -> Result<(), Refusal> {
        self.check_before()?;
        if on > context.stamp.at.civil_date() {
            return Err(Refusal::from(MeetingRefusal::HeldInFuture).at("on"));
        }
        self.held.assent(context, on).map(|_| ())
    }

    /// The minutes, while they are open: held by all, signed by not all.
    fn open_minutes(&mut self) -> Result<&mut Minutes, Refusal> {
        self.held_on()?;
        self.check_unsigned()?;
        Ok(&mut self.minutes)
    }

    fn check_unsigned(&self) -> Result<(), Refusal> {
        if self.minutes.is_signed() { Err(MeetingRefusal::MinutesSigned.into()) } else { Ok(()) }
    }

    fn put_clause(&mut self, context: &Context<'_>, charter: &Charter, put: PutClause) -> Result<(), Refusal> {
        self.check_unsigned()?;
        let bounds = Bounds { held_on: self.held_on()?, tongues: &self.tongues };
        self.minutes.put(context, charter, &bounds, put)
    }

    fn sign(&mut self, context: &Context<'_>, content: ContentHash) -> Result<(), Refusal> {
        self.held_on()?;
        self.check_unsigned()?;
        self.minutes.sign(context, &self.tongues, content)
    }

    fn correct(&mut self, context: &Context<'_>, corrigendum: Corrigendum) -> Result<(), Refusal> {
        if !self.minutes.is_signed() {
            return Err(MeetingRefusal::NotSigned.into());
        }
        self.minutes.correct(context, corrigendum)
    }

    fn adopt(&mut self, context: &Context<'_>, adopt: AdoptDecision) -> Result<(), Refusal> {
        self.held_on()?;
        if !is_decision_number(&adopt.number) {
            return Err(Refusal::from(MeetingRefusal::BadNumber).at("number"));
        }
        if self.decisions.get(&adopt.number).is_some_and(|decision| decision.text.settled().is_some()) {
            return Err(Refusal::from(MeetingRefusal::NumberTaken).at("number"));
        }
        self.decisions.entry(adopt.number).or_default().text.assent(context, adopt.text).map(|_| ())
    }

    fn refer(&mut self, context: &Context<'_>, referred: ReferUp) -> Result<(), Refusal> {
        self.held_on()?;
        if referred.clause.as_ref().is_some_and(|number| !self.minutes.clauses.contains_key(number)) {
            return Err(Refusal::from(MeetingRefusal::NoSuchClause).at("clause"));
        }
        let party = context.stamp.party.clone();
        self.referrals.push(Referral { party, at: context.stamp.at, record: context.record, referred });
        Ok(())
    }

    fn rescind(&mut self, context: &Context<'_>, rescind: Rescind) -> Result<(), Refusal> {
        let in_force = |decision: &&mut Decision| decision.text.settled().is_some() && decision.rescission.settled().is_none();
        let Some(decision) = self.decisions.get_mut(&rescind.number).filter(in_force) else {
            return Err(Refusal::from(MeetingRefusal::NoSuchDecision).at("number"));
        };
        decision.rescission.assent(context, true)?;
        decision.reasons.extend(rescind.reason.map(|reason| (context.stamp.party.clone(), reason)));
        Ok(())
    }
}

/// A place is proposed together with its day, since the two are agreed together.
fn venue(date: Option<Date>, place: Option<String>) -> Result<Option<Venue>, Refusal> {
    match (date, place) {
        (Some(date), place) => Ok(Some(Venue { date, place })),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Refusal::from(Form::Missing).at("date")),
    }
}

fn put_off(context: &Context<'_>, text: String, from: Option<Venue>) -> PutOff {
    PutOff { party: context.stamp.party.clone(), why: Remark { text, at: context.stamp.at }, from }
}

/// Decisions are numbered as the body likes: `7`, `2026/3`, `HLSM-4.2`.
fn is_decision_number(number: &str) -> bool {
    number_parts(number).is_some()
        || (number.bytes().any(|b| b.is_ascii_digit())
            && number.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/' | b'-')))
}

impl Rules for Meeting {
    type Act = Act;
    const SPECS: &'static [ActSpec] = SPECS;
    const STATES: &'static [&'static str] = &["proposed", "date-agreed", "agenda-agreed", "postponed", "held", "minutes-open", "signed", "cancelled"];
    const CODES: &'static [&'static str] = MeetingRefusal::CODES;

    fn decode(act: &str, body: &ActBody) -> Option<Result<Act, Refusal>> {
        Act::decode(act, body)
    }

    fn open(context: &Context<'_>, charter: &Charter, act: Act) -> Result<Self, Refusal> {
        match act {
            Act::Propose(propose) => Meeting::propose(context, charter, propose),
            _ => Err(Common::NotAnOpening.into()),
        }
    }

    fn step(&mut self, context: &Context<'_>, charter: &Charter, act: Act) -> Result<(), Refusal> {
        if self.cancelled.is_some() {
            return Err(MeetingRefusal::Cancelled.into());
        }
        match act {
            Act::Propose(_) => Err(Common::AlreadyOpen.into()),
            Act::AgreeDate(agree) => self.agree_date(context, agree),
            Act::Postpone(postpone) => self.postpone(context, postpone),
            Act::Cancel(cancel) => self.cancel(context, cancel),
            Act::SetDelegation(set) => self.set_delegation(context, set),
            Act::AddItem(add) => self.add_item(context, add),
            Act::WithdrawItem(withdraw) => self.withdraw_item(context, &withdraw),
            Act::AgreeAgenda(agree) => self.agree_agenda(context, agree.content),
            Act::DeclareHeld(declare) => self.declare_held(context, declare.on),
            Act::PutClause(put) => self.put_clause(context, charter, put),
            Act::WithdrawClause(withdraw) => self.open_minutes()?.withdraw(context, &withdraw.number),
            Act::AcceptClause(accept) => self.open_minutes()?.accept(context, &accept),
            Act::BracketClause(bracket) => self.open_minutes()?.bracket(context, bracket),
            Act::ReserveClause(reserve) => self.open_minutes()?.reserve(context, reserve),
            Act::CommentClause(comment) => self.open_minutes()?.comment(context, comment),
            Act::SignMinutes(sign) => self.sign(context, sign.content),
            Act::Corrigendum(corrigendum) => self.correct(context, corrigendum),
            Act::AdoptDecision(adopt) => self.adopt(context, adopt),
            Act::ReferUp(refer) => self.refer(context, refer),
            Act::Rescind(rescind) => self.rescind(context, rescind),
        }
    }

    fn sheet(&self, view: &View<'_>) -> Sheet {
        self.shown(view)
    }

    fn offers(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        self.offered(view, party)
    }
}
