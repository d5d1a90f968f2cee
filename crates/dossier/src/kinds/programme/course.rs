//! A programme that one side delivers to the other.

use super::acts::{Act, ConfirmDelivery, Deliver, Evaluate, Monitor, OfferProgramme, Rule, Schedule};
use super::{Ending, Sides, check_past, check_side};
use crate::fold::Context;
use crate::mutual::Mutual;
use crate::party::PartyId;
use crate::record::RecordId;
use crate::refusal::{Common, Refusal};
use crate::time::Moment;
use serde::{Deserialize, Serialize};

/// Where a programme stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Phase {
    Offered,
    Accepted,
    Scheduled,
    Delivered,
    Evaluated,
    Declined,
    Cancelled,
}

impl Phase {
    pub(super) fn name(self) -> &'static str {
        match self {
            Phase::Offered => "offered",
            Phase::Accepted => "accepted",
            Phase::Scheduled => "scheduled",
            Phase::Delivered => "delivered",
            Phase::Evaluated => "evaluated",
            Phase::Declined => "declined",
            Phase::Cancelled => "cancelled",
        }
    }
}

/// What one side said at one time, in its own words. Nothing that was said is dropped; the latest counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stated<T> {
    pub party: PartyId,
    pub what: T,
    pub at: Moment,
    pub record: RecordId,
}

impl<T> Stated<T> {
    pub(super) fn by(context: &Context<'_>, what: T) -> Stated<T> {
        let stamp = context.stamp;
        Stated { party: stamp.party.clone(), what, at: stamp.at, record: context.record }
    }
}

/// Adds what a side says, unless it said exactly this the last time.
pub(super) fn state<T: PartialEq>(said: &mut Vec<Stated<T>>, context: &Context<'_>, what: T) -> Result<(), Refusal> {
    let last = said.iter().rev().find(|stated| stated.party == context.stamp.party);
    if last.is_some_and(|last| last.what == what) {
        return Err(Common::AlreadySaid.into());
    }
    said.push(Stated::by(context, what));
    Ok(())
}

/// A schedule that was in force before another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EarlierSchedule {
    pub schedule: Schedule,
    pub until: Moment,
}

/// What is held about a programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    pub(super) offer: OfferProgramme,
    pub(super) ending: Ending,
    pub(super) phase: Phase,
    pub(super) since: Moment,
    pub(super) schedule: Mutual<Schedule>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) earlier: Vec<EarlierSchedule>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) deliveries: Vec<Stated<Deliver>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) confirmations: Vec<Stated<ConfirmDelivery>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) observations: Vec<Stated<Monitor>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) evaluations: Vec<Stated<Evaluate>>,
}

impl Course {
    pub(super) fn offer(context: &Context<'_>, offer: OfferProgramme) -> Result<Course, Refusal> {
        let sides = Sides::between(context, offer.recipient.clone(), "recipient")?;
        if offer.until < offer.from {
            return Err(Refusal::from(Rule::DatesReversed).at("until"));
        }
        if !offer.place.is_coherent() {
            return Err(Refusal::from(Rule::IncoherentPlace).at("place"));
        }
        check_past(context, offer.baseline_on, "baseline_on")?;
        if offer.baseline_on > offer.from {
            return Err(Refusal::from(Rule::BaselineTooLate).at("baseline_on"));
        }
        Ok(Course {
            offer,
            ending: Ending::new(sides),
            phase: Phase::Offered,
            since: context.stamp.at,
            schedule: Mutual::default(),
            earlier: Vec::new(),
            deliveries: Vec::new(),
            confirmations: Vec::new(),
            observations: Vec::new(),
            evaluations: Vec::new(),
        })
    }

    pub(super) fn provider(&self) -> &PartyId {
        &self.ending.sides.opener
    }

    pub(super) fn recipient(&self) -> &PartyId {
        &self.ending.sides.other
    }

    pub(super) fn step(&mut self, context: &Context<'_>, act: Act) -> Result<(), Refusal> {
        use Phase::{Accepted, Delivered, Evaluated, Offered, Scheduled};
        if matches!(self.phase, Phase::Declined | Phase::Cancelled) {
            return Err(Rule::Over.into());
        }
        match act {
            Act::OfferProgramme(_) => Err(Common::AlreadyOpen.into()),
            Act::Accept(_) => {
                check_side(context, self.recipient())?;
                self.check_phase(&[Offered])?;
                self.turn(context, Accepted);
                Ok(())
            }
            Act::Decline(_) => {
                check_side(context, self.recipient())?;
                self.check_phase(&[Offered])?;
                self.turn(context, Phase::Declined);
                if let Act::Decline(act) = act {
                    self.ending.reasons.insert(context.stamp.party.clone(), act.reason);
                }
                Ok(())
            }
            Act::Schedule(act) => self.schedule(context, act),
            Act::Deliver(act) => self.deliver(context, act),
            Act::ConfirmDelivery(act) => {
                check_side(context, self.recipient())?;
                self.check_phase(&[Delivered, Evaluated])?;
                state(&mut self.confirmations, context, act)
            }
            Act::Monitor(act) => {
                self.check_phase(&[Accepted, Scheduled, Delivered, Evaluated])?;
                check_past(context, act.on, "on")?;
                state(&mut self.observations, context, act)
            }
            Act::Evaluate(act) => self.evaluate(context, act),
            Act::Cancel(act) => {
                self.check_phase(&[Offered, Accepted, Scheduled])?;
                if self.ending.cancel(context, self.phase != Offered, act.reason)? {
                    self.turn(context, Phase::Cancelled);
                }
                Ok(())
            }
            _ => Err(Rule::OtherForm.into()),
        }
    }

    fn check_phase(&self, phases: &[Phase]) -> Result<(), Refusal> {
        if phases.contains(&self.phase) { Ok(()) } else { Err(Rule::NotNow.into()) }
    }

    fn turn(&mut self, context: &Context<'_>, phase: Phase) {
        self.phase = phase;
        self.since = context.stamp.at;
    }

    fn schedule(&mut self, context: &Context<'_>, act: Schedule) -> Result<(), Refusal> {
        self.check_phase(&[Phase::Accepted, Phase::Scheduled])?;
        if act.until < act.from {
            return Err(Refusal::from(Rule::DatesReversed).at("until"));
        }
        if !act.place.is_coherent() {
            return Err(Refusal::from(Rule::IncoherentPlace).at("place"));
        }
        if act.seats > self.offer.seats {
            return Err(Refusal::from(Rule::AboveTheOffer).at("seats"));
        }
        if act.seats > self.offer.absorptive_capacity {
            return Err(Refusal::from(Rule::AboveTheCapacity).at("seats"));
        }
        let before = self.schedule.settled().cloned();
        let both = self.ending.sides.both();
        if self.schedule.assent(&Context { audience: &both, ..*context }, act)? {
            self.earlier.extend(before.map(|schedule| EarlierSchedule { schedule, until: context.stamp.at }));
            self.turn(context, Phase::Scheduled);
        }
        Ok(())
    }

    fn deliver(&mut self, context: &Context<'_>, act: Deliver) -> Result<(), Refusal> {
        check_side(context, self.provider())?;
        self.check_phase(&[Phase::Scheduled, Phase::Delivered])?;
        check_past(context, act.on, "on")?;
        let schedule = self.schedule.settled().ok_or(Rule::NotNow)?;
        if act.on < schedule.from {
            return Err(Refusal::from(Rule::BeforeItBegan).at("on"));
        }
        if act.seats > schedule.seats {
            return Err(Refusal::from(Rule::AboveTheSchedule).at("seats"));
        }
        state(&mut self.deliveries, context, act)?;
        if self.phase == Phase::Scheduled {
            self.turn(context, Phase::Delivered);
        }
        Ok(())
    }

    fn evaluate(&mut self, context: &Context<'_>, act: Evaluate) -> Result<(), Refusal> {
        self.check_phase(&[Phase::Delivered, Phase::Evaluated])?;
        if self.observations.is_empty() {
            return Err(Rule::NotMonitored.into());
        }
        check_past(context, act.on, "on")?;
        state(&mut self.evaluations, context, act)?;
        let both = [self.provider(), self.recipient()].iter().all(|party| self.evaluation(party).is_some());
        if both && self.phase == Phase::Delivered {
            self.turn(context, Phase::Evaluated);
        }
        Ok(())
    }

    /// A side's latest evaluation.
    pub(super) fn evaluation(&self, party: &PartyId) -> Option<&Stated<Evaluate>> {
        self.evaluations.iter().rev().find(|stated| stated.party == *party)
    }
}
