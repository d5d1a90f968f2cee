//! Returns: how people come home from camps and prisons of another state, each by its own decision.
//!
//! A dossier of returns is one of three: an operation (a batch of people who travel together), a case (a family unit, known
//! by an opaque identifier), or the register of a third state and its people. It is kept in channels of its own, which no
//! report, alert or search of the information exchange reaches. The safeguards are rules of `step`: nobody overrides them.

pub mod case;
pub mod figures;
pub mod operation;
mod refusals;
pub mod register;

pub use case::Case;
pub use operation::Operation;
pub use refusals::ReturnRefusal;
pub use register::Register;

use crate::act::ActSpec;
use crate::body::ActBody;
use crate::channel::Charter;
use crate::custody::{Attach, Disclose, Sealing};
use crate::fold::Context;
use crate::kinds::Rules;
use crate::party::PartyId;
use crate::record::RecordId;
use crate::refusal::{Common, Refusal};
use crate::sheet::{Offer, Sheet, View};
use crate::time::Date;
use serde::{Deserialize, Serialize};

/// Every act of returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// In an operation.
    Operation(Box<operation::Act>),
    /// In a case.
    Case(Box<case::Act>),
    /// In a register.
    Register(Box<register::Act>),
    /// In an operation or a register.
    Figures(Box<figures::Act>),
}

impl Act {
    fn decode(act: &str, body: &ActBody) -> Option<Result<Act, Refusal>> {
        let operation = operation::Act::decode(act, body).map(|read| read.map(|act| Act::Operation(Box::new(act))));
        operation
            .or_else(|| case::Act::decode(act, body).map(|read| read.map(|act| Act::Case(Box::new(act)))))
            .or_else(|| register::Act::decode(act, body).map(|read| read.map(|act| Act::Register(Box::new(act)))))
            .or_else(|| figures::Act::decode(act, body).map(|read| read.map(|act| Act::Figures(Box::new(act)))))
    }
}

const SETS: [&[ActSpec]; 4] = [operation::SPECS, case::SPECS, register::SPECS, figures::SPECS];
const COUNT: usize = SETS[0].len() + SETS[1].len() + SETS[2].len() + SETS[3].len();

/// What each act of the three forms asks for, one form after the other.
static SPECS: [ActSpec; COUNT] = joined();

const fn joined() -> [ActSpec; COUNT] {
    let mut all = [SETS[0][0]; COUNT];
    let (mut set, mut at) = (0, 0);
    while set < SETS.len() {
        let mut next = 0;
        while next < SETS[set].len() {
            all[at] = SETS[set][next];
            (next, at) = (next + 1, at + 1);
        }
        set += 1;
    }
    all
}

/// What is held about a return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Return {
    /// A batch of people who travel together.
    Operation(Box<Operation>),
    /// A family unit.
    Case(Box<Case>),
    /// A third state and its people.
    Register(Box<Register>),
}

impl Rules for Return {
    type Act = Act;
    const SPECS: &'static [ActSpec] = &SPECS;
    const STATES: &'static [&'static str] =
        &["planned", "agreed", "departed", "discrepancy", "received", "active", "open", "closed", "cancelled"];
    const CODES: &'static [&'static str] = ReturnRefusal::CODES;

    fn decode(act: &str, body: &ActBody) -> Option<Result<Act, Refusal>> {
        Act::decode(act, body)
    }

    fn open(context: &Context<'_>, charter: &Charter, act: Act) -> Result<Self, Refusal> {
        match act {
            Act::Operation(act) => match *act {
                operation::Act::Plan(plan) => Operation::plan(context, plan).map(|it| Return::Operation(Box::new(it))),
                _ => Err(Common::NotAnOpening.into()),
            },
            Act::Case(act) => match *act {
                case::Act::OpenCase(open) => Case::open(context, open).map(|it| Return::Case(Box::new(it))),
                _ => Err(Common::NotAnOpening.into()),
            },
            Act::Register(act) => match *act {
                register::Act::OpenRegister(open) => {
                    Register::open(charter, open).map(|it| Return::Register(Box::new(it)))
                }
                _ => Err(Common::NotAnOpening.into()),
            },
            Act::Figures(_) => Err(Common::NotAnOpening.into()),
        }
    }

    fn step(&mut self, context: &Context<'_>, charter: &Charter, act: Act) -> Result<(), Refusal> {
        match (self, act) {
            (Return::Operation(operation), Act::Operation(act)) => operation.step(context, *act),
            (Return::Operation(operation), Act::Figures(act)) => operation.publish(context, *act),
            (Return::Case(case), Act::Case(act)) => case.step(context, charter, *act),
            (Return::Register(register), Act::Register(act)) => register.step(context, *act),
            (Return::Register(register), Act::Figures(act)) => register.publish(context, *act),
            _ => Err(ReturnRefusal::OtherForm.into()),
        }
    }

    fn sheet(&self, view: &View<'_>) -> Sheet {
        match self {
            Return::Operation(operation) => operation.sheet(view),
            Return::Case(case) => case.sheet(view),
            Return::Register(register) => register.sheet(view),
        }
    }

    fn offers(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        match self {
            Return::Operation(operation) => operation.offers(party),
            Return::Case(case) => case.offers(view, party),
            Return::Register(register) => register.offers(view),
        }
    }

    /// Only what the safeguards of a case let through: nothing else here seals anything.
    fn may_disclose(&self, _context: &Context<'_>, _sealing: &Sealing, act: &Disclose) -> bool {
        match self {
            Return::Case(case) => case.may_disclose(act),
            _ => false,
        }
    }

    /// A file travels to every party. Nothing of a case does: no report on a person, no health file, no notes; and nowhere
    /// is there a photograph, a voice or a film.
    fn may_attach(&self, act: &Attach) -> bool {
        let likeness = ["image/", "audio/", "video/"].iter().any(|sort| act.media_type.starts_with(sort));
        !likeness && !matches!(self, Return::Case(_))
    }

    fn kept_until(&self, record: RecordId, _sealing: &Sealing) -> Option<Date> {
        match self {
            Return::Case(case) => case.kept_until(record),
            _ => None,
        }
    }
}

/// People leave one party of the dossier and are received by another.
fn check_sides(context: &Context<'_>, sending: &PartyId, receiving: &PartyId) -> Result<(), Refusal> {
    let known = context.audience.contains(sending) && context.audience.contains(receiving);
    if known && sending != receiving { Ok(()) } else { Err(Refusal::from(ReturnRefusal::Sides).at("receiving")) }
}

#[cfg(test)]
mod tests;
