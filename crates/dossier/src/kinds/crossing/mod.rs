//! A border crossing: how it stands on each side, when it is open, what passes, what happens there.
//!
//! Each side speaks for its own side only. One can pass when both say that they are open; a side that has said nothing is
//! unknown, and unknown never counts as open. Figures of the two sides for the same thing stand beside each other and are
//! never netted.

mod acts;
mod sheet;
mod side;
mod traffic;

pub use acts::*;

use crate::act::ActSpec;
use crate::body::ActBody;
use crate::channel::Charter;
use crate::fold::Context;
use crate::kinds::Rules;
use crate::mutual::Mutual;
use crate::party::{InstitutionId, PartyId};
use crate::place::Place;
use crate::record::RecordId;
use crate::refusal::{Common, Refusal};
use crate::refusals;
use crate::sheet::{Datum, Fact, Offer, Sheet, View};
use crate::time::{Date, Moment};
use crate::words::Words;
use serde::{Deserialize, Serialize};
use side::Side;
use std::collections::{BTreeMap, BTreeSet};
use traffic::Traffic;

refusals! {
    /// What the rules of border crossings refuse.
    pub enum CrossingRefusal {
        /// A crossing joins the party that registers it and one other that has the dossier.
        NotTwoSides = "CRO01",
        /// A place is given more or less precisely than it is said to be known.
        PlaceNotCoherent = "CRO02",
        /// Only the two sides of the crossing act here, each for its own side.
        NotASide = "CRO03",
        /// The crossing is retired.
        Retired = "CRO04",
        /// What is reported lies in the future.
        InTheFuture = "CRO05",
        /// A side that is not open says why.
        NoReason = "CRO06",
        /// A restriction is named of a side that is not restricted, is missing where it is, or concerns no way of crossing here.
        WrongLimits = "CRO07",
        /// Each day of the week stands there once, either closed or with an opening before its closing time.
        HoursUnclear = "CRO08",
        /// The span of time ends before it begins.
        SpanBackwards = "CRO09",
        /// The last day of an announced closure has passed already.
        PastClosure = "CRO10",
        /// The closure names no way of crossing that there is here.
        OtherTransit = "CRO11",
        /// The record named is no standing closure, incident or figures of the acting side.
        NotOwnStanding = "CRO12",
        /// A direction is not towards one of the two sides, or one thing is counted twice.
        FiguresUnclear = "CRO13",
        /// The side has given figures for this and this period; it can correct them.
        FiguresStand = "CRO14",
        /// The crossing is not retired.
        NotRetired = "CRO15",
        /// The retirement is agreed already.
        RetirementAgreed = "CRO16",
    }
}

/// Who said something, in which record, when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Voice {
    party: PartyId,
    institution: InstitutionId,
    record: RecordId,
    at: Moment,
}

impl Voice {
    fn of(context: &Context<'_>) -> Voice {
        Voice {
            party: context.stamp.party.clone(),
            institution: context.stamp.institution.clone(),
            record: context.record,
            at: context.stamp.at,
        }
    }

    fn facts(&self) -> Vec<Fact> {
        vec![
            Fact::new("institution", Datum::Institution(self.institution.clone())),
            Fact::new("said-at", Datum::Moment(self.at)),
            Fact::new("record", Datum::Record(self.record)),
        ]
    }
}

/// What is held about a crossing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crossing {
    title: Words,
    place: Place,
    transits: BTreeSet<Transit>,
    /// Since when it is registered, as claimed.
    since: Moment,
    /// The two sides.
    sides: BTreeMap<PartyId, Side>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    traffic: Vec<Traffic>,
    retirement: Mutual<Date>,
    reopening: Mutual<Date>,
    /// For each retirement that was ended, its first day and the day on which the crossing was in use again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    retired_before: Vec<(Date, Date)>,
}

impl Crossing {
    fn register(context: &Context<'_>, act: Register) -> Result<Crossing, Refusal> {
        let own = &context.stamp.party;
        if act.facing == *own || !context.audience.contains(&act.facing) {
            return Err(Refusal::from(CrossingRefusal::NotTwoSides).at("facing"));
        }
        check_place(&act.place)?;
        Ok(Crossing {
            title: act.title,
            place: act.place,
            transits: act.transits,
            since: context.stamp.at,
            sides: [(own.clone(), Side::called(act.own_name)), (act.facing, Side::called(act.facing_name))].into(),
            traffic: Vec::new(),
            retirement: Mutual::default(),
            reopening: Mutual::default(),
            retired_before: Vec::new(),
        })
    }

    /// The acting party's own side.
    fn own_side(&mut self, context: &Context<'_>) -> Result<&mut Side, Refusal> {
        self.sides.get_mut(&context.stamp.party).ok_or_else(|| CrossingRefusal::NotASide.into())
    }

    /// The parties of the two sides, who must agree where an act is mutual; others that have the dossier only read it.
    fn parties(&self) -> BTreeSet<PartyId> {
        self.sides.keys().cloned().collect()
    }

    fn is_retired(&self, today: Date) -> bool {
        let before = |(from, until): &(Date, Date)| *from <= today && today < *until;
        self.retirement.settled().is_some_and(|day| *day <= today) || self.retired_before.iter().any(before)
    }

    fn check_in_use(&self, context: &Context<'_>) -> Result<(), Refusal> {
        if self.is_retired(context.stamp.at.civil_date()) { Err(CrossingRefusal::Retired.into()) } else { Ok(()) }
    }

    fn set_status(&mut self, context: &Context<'_>, act: SetStatus) -> Result<(), Refusal> {
        let transits = self.transits.clone();
        self.own_side(context)?.set_status(context, &transits, act)
    }

    fn notify_closure(&mut self, context: &Context<'_>, act: NotifyClosure) -> Result<(), Refusal> {
        let transits = self.transits.clone();
        self.own_side(context)?.notify_closure(context, &transits, act)
    }

    fn retire(&mut self, context: &Context<'_>, act: &Retire) -> Result<(), Refusal> {
        if self.retirement.settled().is_some() {
            return Err(CrossingRefusal::RetirementAgreed.into());
        }
        let sides = self.parties();
        self.retirement.assent(&Context { audience: &sides, ..*context }, act.on)?;
        Ok(())
    }

    fn reopen(&mut self, context: &Context<'_>, act: &Reopen) -> Result<(), Refusal> {
        let Some(retired) = self.retirement.settled().copied() else { return Err(CrossingRefusal::NotRetired.into()) };
        if act.on < retired {
            return Err(Refusal::from(CrossingRefusal::SpanBackwards).at("on"));
        }
        let sides = self.parties();
        if self.reopening.assent(&Context { audience: &sides, ..*context }, act.on)? {
            self.retired_before.push((retired, act.on));
            self.retirement = Mutual::default();
            self.reopening = Mutual::default();
            // What a side said before the retirement says nothing of the crossing as it is now.
            self.sides.values_mut().for_each(Side::lapse);
        }
        Ok(())
    }
}

impl Rules for Crossing {
    type Act = Act;
    const SPECS: &'static [ActSpec] = SPECS;
    const STATES: &'static [&'static str] = &["unknown", "passable", "restricted", "closed", "retired"];
    const CODES: &'static [&'static str] = CrossingRefusal::CODES;

    fn decode(act: &str, body: &ActBody) -> Option<Result<Act, Refusal>> {
        Act::decode(act, body)
    }

    fn open(context: &Context<'_>, _charter: &Charter, act: Act) -> Result<Self, Refusal> {
        match act {
            Act::Register(act) => Crossing::register(context, act),
            _ => Err(Common::NotAnOpening.into()),
        }
    }

    fn step(&mut self, context: &Context<'_>, _charter: &Charter, act: Act) -> Result<(), Refusal> {
        self.own_side(context)?;
        match &act {
            Act::SetStatus(_) | Act::SetHours(_) | Act::NotifyClosure(_) | Act::ReportTraffic(_) | Act::ReportIncident(_) => {
                self.check_in_use(context)?;
            }
            _ => {}
        }
        match act {
            Act::Register(_) => Err(Common::AlreadyOpen.into()),
            Act::SetStatus(act) => self.set_status(context, act),
            Act::SetHours(act) => self.own_side(context)?.set_hours(context, act),
            Act::NotifyClosure(act) => self.notify_closure(context, act),
            Act::WithdrawClosure(act) => self.own_side(context)?.withdraw_closure(context, act),
            Act::ReportTraffic(act) => self.report_traffic(context, act),
            Act::CorrectTraffic(act) => self.correct_traffic(context, act),
            Act::ReportIncident(act) => self.own_side(context)?.report_incident(context, act),
            Act::CloseIncident(act) => self.own_side(context)?.close_incident(context, act),
            Act::Retire(act) => self.retire(context, &act),
            Act::Reopen(act) => self.reopen(context, &act),
        }
    }

    fn sheet(&self, view: &View<'_>) -> Sheet {
        self.shown(view)
    }

    fn offers(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        self.offered(view, party)
    }
}

fn check_place(place: &Place) -> Result<(), Refusal> {
    if place.is_coherent() { Ok(()) } else { Err(Refusal::from(CrossingRefusal::PlaceNotCoherent).at("place.precision")) }
}

fn check_not_future(context: &Context<'_>, day: Date, field: &str) -> Result<(), Refusal> {
    if day > context.stamp.at.civil_date() { Err(Refusal::from(CrossingRefusal::InTheFuture).at(field)) } else { Ok(()) }
}

fn check_span(from: Date, until: Date) -> Result<(), Refusal> {
    if until < from { Err(Refusal::from(CrossingRefusal::SpanBackwards).at("until")) } else { Ok(()) }
}
