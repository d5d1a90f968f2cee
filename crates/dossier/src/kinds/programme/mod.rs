//! A programme: what one state does for the capability of another (training, exercises, education, expertise, equipment), or
//! the mirror of a sale between governments.
//!
//! A programme is assessed first and monitored throughout: it is offered on a baseline and on what the recipient can take in,
//! and evaluated by each side for itself. A sale is mirrored step by step, each side counting for itself; the contract is
//! kept elsewhere, under the number that is cited here.

mod acts;
mod case;
mod case_sheet;
mod course;
mod course_sheet;
#[cfg(test)]
mod tests;

pub use acts::*;

use crate::act::ActSpec;
use crate::body::ActBody;
use crate::channel::Charter;
use crate::fold::Context;
use crate::kinds::Rules;
use crate::mutual::Mutual;
use crate::party::PartyId;
use crate::refusal::{Common, Refusal};
use crate::sheet::{Awaiting, Datum, Fact, Offer, Row, Sheet, Tone, View};
use crate::time::{Date, Moment};
use case::Case;
use course::Course;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The two parties that a dossier is between. Others may look on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sides {
    /// Who opened it: the provider of a programme, the buyer in a sale.
    opener: PartyId,
    /// Who was addressed: the recipient of a programme, the seller in a sale.
    other: PartyId,
}

impl Sides {
    fn between(context: &Context<'_>, other: PartyId, field: &str) -> Result<Sides, Refusal> {
        let opener = context.stamp.party.clone();
        if other == opener || !context.audience.contains(&other) {
            return Err(Refusal::from(Rule::NotTheOtherSide).at(field));
        }
        Ok(Sides { opener, other })
    }

    fn both(&self) -> BTreeSet<PartyId> {
        [self.opener.clone(), self.other.clone()].into()
    }

    fn has(&self, party: &PartyId) -> bool {
        self.opener == *party || self.other == *party
    }
}

/// How a matter comes to an early end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Ending {
    sides: Sides,
    cancellation: Mutual<bool>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    reasons: BTreeMap<PartyId, String>,
}

impl Ending {
    fn new(sides: Sides) -> Ending {
        Ending { sides, cancellation: Mutual::default(), reasons: BTreeMap::new() }
    }

    /// Whether the cancellation takes effect: at once by the opener before acceptance, by both sides after it.
    fn cancel(&mut self, context: &Context<'_>, accepted: bool, reason: String) -> Result<bool, Refusal> {
        let party = &context.stamp.party;
        if !accepted {
            if *party != self.sides.opener {
                return Err(Rule::NotTheOpener.into());
            }
            self.reasons.insert(party.clone(), reason);
            return Ok(true);
        }
        let both = self.sides.both();
        let settled = self.cancellation.assent(&Context { audience: &both, ..*context }, true)?;
        self.reasons.insert(party.clone(), reason);
        Ok(settled)
    }

    fn offered(&self, party: &PartyId, accepted: bool) -> Option<Offer> {
        if !accepted {
            return (*party == self.sides.opener).then(|| Offer::empty("cancel"));
        }
        let reason = self.reasons.values().next();
        let start = reason.map_or_else(|| json!({}), |reason| json!({ "reason": reason }));
        self.cancellation.of(party).is_none().then_some(Offer { act: "cancel", prefill: start })
    }

    fn rows(&self) -> Vec<Row> {
        let row = |(party, reason): (&PartyId, &String)| Row {
            facts: vec![Fact::new("reason", Datum::Text(reason.clone()))],
            tone: Tone::Waiting,
            ..Row::new(party.to_string())
        };
        self.reasons.iter().map(row).collect()
    }
}

/// What is held about a programme: one of its two forms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "form")]
pub enum Programme {
    /// A programme that one side delivers to the other.
    Course(Box<Course>),
    /// The mirror of a sale.
    Case(Box<Case>),
}

fn check_past(context: &Context<'_>, day: Date, field: &str) -> Result<(), Refusal> {
    if day > context.stamp.at.civil_date() { Err(Refusal::from(Rule::InTheFuture).at(field)) } else { Ok(()) }
}

fn check_side(context: &Context<'_>, side: &PartyId) -> Result<(), Refusal> {
    if context.stamp.party == *side { Ok(()) } else { Err(Rule::NotThisSide.into()) }
}

fn owed(party: &PartyId, act: &str, since: Moment) -> Awaiting {
    Awaiting { party: party.clone(), act: act.to_owned(), since: Some(since) }
}

/// A mutual act that begins with the other side's word, or with `start` when this side has not spoken yet.
fn unless_said<T>(act: &'static str, mutual: &Mutual<T>, party: &PartyId, start: &Value) -> Option<Offer>
where
    T: Clone + PartialEq + Serialize,
{
    let open = mutual.of(party).is_none() || mutual.offered_to(party).is_some();
    open.then(|| Offer::joining(act, mutual, party, start))
}

impl Rules for Programme {
    type Act = Act;
    const SPECS: &'static [ActSpec] = SPECS;
    const STATES: &'static [&'static str] = &[
        "offered",
        "accepted",
        "scheduled",
        "delivered",
        "evaluated",
        "requested",
        "case-offered",
        "case-accepted",
        "implemented",
        "shipped",
        "received",
        "closed",
        "declined",
        "cancelled",
    ];
    const CODES: &'static [&'static str] = Rule::CODES;

    fn decode(act: &str, body: &ActBody) -> Option<Result<Act, Refusal>> {
        Act::decode(act, body)
    }

    fn open(context: &Context<'_>, _charter: &Charter, act: Act) -> Result<Self, Refusal> {
        match act {
            Act::OfferProgramme(act) => Course::offer(context, act).map(|course| Programme::Course(Box::new(course))),
            Act::OpenCase(act) => Case::request(context, act).map(|case| Programme::Case(Box::new(case))),
            _ => Err(Common::NotAnOpening.into()),
        }
    }

    fn step(&mut self, context: &Context<'_>, _charter: &Charter, act: Act) -> Result<(), Refusal> {
        let sides = match self {
            Programme::Course(course) => &course.ending.sides,
            Programme::Case(case) => &case.ending.sides,
        };
        if !sides.has(&context.stamp.party) {
            return Err(Rule::NotThisSide.into());
        }
        match self {
            Programme::Course(course) => course.step(context, act),
            Programme::Case(case) => case.step(context, act),
        }
    }

    fn sheet(&self, view: &View<'_>) -> Sheet {
        match self {
            Programme::Course(course) => course.shown(view),
            Programme::Case(case) => case.shown(view),
        }
    }

    fn offers(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        match self {
            Programme::Course(course) => course.offered(view, party),
            Programme::Case(case) => case.offered(view, party),
        }
    }
}
