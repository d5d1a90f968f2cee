//! What may be done about an operation, and what each act asks for.

use crate::act::{Field, Shape};
use crate::content::ContentHash;
use crate::figure::Figure;
use crate::party::PartyId;
use crate::record::RecordId;
use crate::time::{Date, Moment};
use crate::words::Words;
use crate::{acts, choices};
use serde::{Deserialize, Serialize};

choices! {
    /// How people travel.
    Transport {
        /// In vehicles that travel together.
        Convoy = "convoy",
        /// By air.
        Flight = "flight",
        /// By bus.
        Bus = "bus",
    }

    /// Why somebody who departed was not received.
    Exception {
        /// In medical care on the way.
        Medical = "medical",
        /// Died on the way.
        Died = "died",
        /// Nobody knows where the person is.
        WhereaboutsUnknown = "whereabouts-unknown",
        /// Refused to go on.
        RefusedOnWay = "refused-on-way",
        /// Another reason.
        Other = "other",
    }
}

/// What the sides agree on before anybody travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// How people travel.
    pub transport: Transport,
    /// The side that people leave.
    pub sending: PartyId,
    /// The side that receives them.
    pub receiving: PartyId,
    /// The camp or site that they leave.
    pub origin: String,
    /// The centre in which they arrive.
    pub transit_centre: String,
    /// The day of departure.
    pub planned_on: Date,
    /// How many people travel.
    pub persons: i64,
    /// How many people the centre can hold.
    pub capacity: Figure,
    /// How many are there already.
    pub occupancy: Figure,
}

const TERMS: &[Field] = &[
    Field { name: "transport", required: true, shape: Shape::Choice(Transport::NAMES) },
    Field { name: "sending", required: true, shape: Shape::Party },
    Field { name: "receiving", required: true, shape: Shape::Party },
    Field { name: "origin", required: true, shape: Shape::Text(200) },
    Field { name: "transit_centre", required: true, shape: Shape::Text(200) },
    Field { name: "planned_on", required: true, shape: Shape::Date },
    Field { name: "persons", required: true, shape: Shape::Whole(1, MOST) },
    Field { name: "capacity", required: true, shape: Shape::Group(Figure::FIELDS) },
    Field { name: "occupancy", required: true, shape: Shape::Group(Figure::FIELDS) },
];

/// The most people that one operation moves.
const MOST: i64 = 10_000;

/// One person who departed and was not received, and why. The person is named by the record that added it to its case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedException {
    /// The person.
    pub person: RecordId,
    /// Why.
    pub exception: Exception,
}

const EXCEPTIONS: &[Field] = &[
    Field { name: "person", required: true, shape: Shape::Record },
    Field { name: "exception", required: true, shape: Shape::Choice(Exception::NAMES) },
];

acts! {
    /// Plans an operation: a batch of people who return together.
    Plan = "plan" by [ReturnOfficer], opens {
        /// What it is called.
        required title: Words => Shape::Words(300);
        /// What is planned.
        required terms: Terms => Shape::Group(TERMS);
    }

    /// Proposes other terms before all have agreed.
    RevisePlan = "revise-plan" by [ReturnOfficer] {
        /// What is planned.
        required terms: Terms => Shape::Group(TERMS);
    }

    /// Agrees to the plan, once every party has agreed to the same.
    AgreePlan = "agree-plan" by [ReturnOfficer], mutual {
        /// The hash of the terms.
        required content: ContentHash => Shape::Content;
    }

    /// Says how many departed, for the side that sends.
    Depart = "depart" by [ReturnOfficer] {
        /// When they departed.
        required departed_at: Moment => Shape::Moment;
        /// How many.
        required departed: i64 => Shape::Whole(0, MOST);
        /// How many of them are adults.
        required adults: i64 => Shape::Whole(0, MOST);
        /// How many of them are children.
        required children: i64 => Shape::Whole(0, MOST);
    }

    /// Mends what was said of the departure. The earlier words stay to be seen.
    CorrectDeparture = "correct-departure" by [ReturnOfficer] {
        /// How many departed.
        required departed: i64 => Shape::Whole(0, MOST);
        /// How many of them are adults.
        required adults: i64 => Shape::Whole(0, MOST);
        /// How many of them are children.
        required children: i64 => Shape::Whole(0, MOST);
        /// What was wrong.
        required reason: String => Shape::Paragraphs(4000);
    }

    /// Says how many were received, and names each who was not, for the side that receives.
    Receive = "receive" by [ReturnOfficer] {
        /// When they were received.
        required received_at: Moment => Shape::Moment;
        /// How many.
        required received: i64 => Shape::Whole(0, MOST);
        /// Those who departed and were not received.
        optional exceptions: Vec<NamedException> => Shape::Rows(500, EXCEPTIONS);
    }

    /// Mends what was said of the arrival. The earlier words stay to be seen.
    CorrectReceipt = "correct-receipt" by [ReturnOfficer] {
        /// How many were received.
        required received: i64 => Shape::Whole(0, MOST);
        /// Those who departed and were not received.
        optional exceptions: Vec<NamedException> => Shape::Rows(500, EXCEPTIONS);
        /// What was wrong.
        required reason: String => Shape::Paragraphs(4000);
    }

    /// Says what a side has found out about numbers that do not add up.
    Explain = "explain" by [ReturnOfficer] {
        /// What it has found out.
        required text: String => Shape::Paragraphs(4000);
    }

    /// Closes the operation, once every party has closed it over the same numbers and they add up.
    CloseOperation = "close-operation" by [ReturnOfficer], mutual {
        /// The hash of the numbers.
        required content: ContentHash => Shape::Content;
    }

    /// Cancels the operation before anybody has departed. One side alone can do it.
    CancelOperation = "cancel-operation" by [ReturnOfficer] {
        /// Why.
        required reason: String => Shape::Paragraphs(4000);
    }
}
