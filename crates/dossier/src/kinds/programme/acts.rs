//! What may be done in a programme, and what each act asks for.
//!
//! Everything is counted and nobody is named: who takes a seat is the recipient's own affair.

use crate::act::{Field, Shape};
use crate::place::Place;
use crate::record::RecordId;
use crate::time::Date;
use crate::words::Words;
use crate::{acts, choices, refusals};
use serde::{Deserialize, Serialize};

choices! {
    /// What is offered.
    Activity {
        /// Training.
        Training = "training",
        /// An exercise.
        Exercise = "exercise",
        /// Military education.
        Education = "education",
        /// Exchange of expertise.
        ExchangeOfExpertise = "exchange-of-expertise",
        /// Support with equipment.
        EquipmentSupport = "equipment-support",
    }

    /// Who bears the cost.
    CostBearer {
        /// The provider.
        Provider = "provider",
        /// The recipient.
        Recipient = "recipient",
        /// Both.
        Shared = "shared",
    }

    /// How a programme runs, seen against its objective.
    ProgressSeen {
        /// As planned.
        OnTrack = "on-track",
        /// Later than planned.
        Behind = "behind",
        /// Away from its objective.
        OffTrack = "off-track",
    }

    /// Whether what was reached is kept up.
    SustainmentStatus {
        /// It is.
        Sustained = "sustained",
        /// In part.
        PartlySustained = "partly-sustained",
        /// It is not.
        NotSustained = "not-sustained",
        /// Nobody can say yet.
        NotKnown = "not-known",
    }
}

/// The levels at which a capability is described: 0 none, 1 basic, 2 working, 3 full.
const LEVEL: Shape = Shape::Whole(0, 3);

const SEATS: i64 = 100_000;

/// The largest sum of money, in whole units of its currency.
const MONEY: Shape = Shape::Decimal(0, 999_999_999_999, 2);

/// How much of a line there is.
const QUANTITY: Shape = Shape::Whole(1, 100_000_000);

/// One line of what is sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseLine {
    /// Its number in the letter of offer.
    pub line: String,
    /// What it is.
    pub item: String,
    /// How much of it.
    pub quantity: i64,
}

/// How much of one line was shipped or received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// The line's number in the letter of offer.
    pub line: String,
    /// How much of it.
    pub quantity: i64,
}

const CASE_LINE: &[Field] = &[
    Field { name: "line", required: true, shape: Shape::Text(20) },
    Field { name: "item", required: true, shape: Shape::Text(300) },
    Field { name: "quantity", required: true, shape: QUANTITY },
];

const COUNTED: &[Field] = &[
    Field { name: "line", required: true, shape: Shape::Text(20) },
    Field { name: "quantity", required: true, shape: QUANTITY },
];

acts! {
    /// Offers a programme to another party. The baseline comes first: where the recipient stands today, and how much it can
    /// take in.
    OfferProgramme = "offer" by [Secretary, CoChair, FocalPoint], opens {
        /// What is offered.
        required activity: Activity => Shape::Choice(Activity::NAMES);
        /// The party that it is offered to.
        required recipient: crate::party::PartyId => Shape::Party;
        /// What it is called.
        required title: Words => Shape::Words(300);
        /// What is to be reached, so that anybody can tell whether it was.
        required objective: Words => Shape::Words(4000);
        /// Where the recipient stands before it, as assessed.
        required baseline: Words => Shape::Words(4000);
        /// The level of that: 0 none, 1 basic, 2 working, 3 full.
        required baseline_level: i64 => LEVEL;
        /// The day of that assessment.
        required baseline_on: Date => Shape::Date;
        /// How many the recipient can take in at once without harm to its service.
        required absorptive_capacity: i64 => Shape::Whole(1, SEATS);
        /// How many seats are offered.
        required seats: i64 => Shape::Whole(1, SEATS);
        /// The first day.
        required from: Date => Shape::Date;
        /// The last day.
        required until: Date => Shape::Date;
        /// Where.
        required place: Place => Place::SHAPE;
        /// How what is reached will be kept up.
        required sustainment: Words => Shape::Words(4000);
        /// Who bears the cost.
        required cost_bearer: CostBearer => Shape::Choice(CostBearer::NAMES);
    }

    /// Accepts the programme that is offered.
    Accept = "accept" by [Secretary, CoChair, FocalPoint] {
        /// What the recipient wants to say to it.
        optional note: String => Shape::Paragraphs(4000);
    }

    /// Schedules the programme, once both sides have said exactly this. Seats are never more than were offered, nor than the
    /// recipient can take in.
    Schedule = "schedule" by [Secretary, FocalPoint], mutual {
        /// The first day.
        required from: Date => Shape::Date;
        /// The last day.
        required until: Date => Shape::Date;
        /// Where.
        required place: Place => Place::SHAPE;
        /// How many seats.
        required seats: i64 => Shape::Whole(1, SEATS);
    }

    /// Says that the programme was delivered: the provider's own count.
    Deliver = "deliver" by [FocalPoint] {
        /// The last day of the delivery.
        required on: Date => Shape::Date;
        /// How many seats were used.
        required seats: i64 => Shape::Whole(0, SEATS);
        /// What else is to be said.
        optional note: String => Shape::Paragraphs(4000);
    }

    /// Confirms the delivery with the recipient's own count, which stands beside the provider's.
    ConfirmDelivery = "confirm-delivery" by [FocalPoint] {
        /// How many attended.
        required attended: i64 => Shape::Whole(0, SEATS);
        /// What else is to be said.
        optional note: String => Shape::Paragraphs(4000);
    }

    /// Notes how the programme runs, seen against its objective: the own side's view.
    Monitor = "monitor" by [Assessor, FocalPoint] {
        /// The day on which it was seen.
        required on: Date => Shape::Date;
        /// How it runs.
        required progress_seen: ProgressSeen => Shape::Choice(ProgressSeen::NAMES);
        /// What was seen.
        required observation: String => Shape::Paragraphs(4000);
    }

    /// Evaluates what the programme has reached against baseline and objective: the own side's view.
    Evaluate = "evaluate" by [Assessor] {
        /// The day as of which this is so.
        required on: Date => Shape::Date;
        /// The level reached: 0 none, 1 basic, 2 working, 3 full.
        required reached_level: i64 => LEVEL;
        /// The result, against baseline and objective.
        required result: String => Shape::Paragraphs(8000);
        /// Whether it is kept up.
        required sustainment_status: SustainmentStatus => Shape::Choice(SustainmentStatus::NAMES);
    }

    /// Opens the mirror of a sale between governments with the buyer's letter of request. It is a mirror, not the contract.
    OpenCase = "open-case" by [Secretary, CoChair], opens {
        /// The party that is asked to sell.
        required seller: crate::party::PartyId => Shape::Party;
        /// What the case is called.
        required title: Words => Shape::Words(300);
        /// The number of the letter of request.
        required request_number: String => Shape::Text(100);
        /// What is asked for.
        required request: Words => Shape::Words(4000);
    }

    /// Mirrors the seller's letter of offer. A later one replaces an earlier one until one is accepted.
    OfferCase = "offer-case" by [Secretary, CoChair] {
        /// The seller's own number of the case.
        required case_number: String => Shape::Text(100);
        /// What it costs.
        required case_value: String => MONEY;
        /// In which currency (ISO 4217): `USD`.
        required currency: String => Shape::Text(3);
        /// The last day on which it can be accepted.
        required valid_until: Date => Shape::Date;
        /// What is offered.
        required lines: Vec<CaseLine> => Shape::Rows(200, CASE_LINE);
    }

    /// Accepts the seller's latest offer, with a deposit.
    AcceptCase = "accept-case" by [CoChair, Secretary] {
        /// The record of the offer.
        required offer: RecordId => Shape::Record;
        /// The deposit, in the currency of the offer.
        required deposit: String => MONEY;
    }

    /// Says that the seller has begun to carry the case out.
    Implement = "implement" by [FocalPoint, Secretary] {
        /// Since when.
        required on: Date => Shape::Date;
        /// What else is to be said.
        optional note: String => Shape::Paragraphs(4000);
    }

    /// Says what was shipped: the seller's own count, never more than was offered.
    Ship = "ship" by [FocalPoint] {
        /// When.
        required on: Date => Shape::Date;
        /// How much of what.
        required lines: Vec<Counted> => Shape::Rows(200, COUNTED);
        /// The number of the transport document.
        optional waybill: String => Shape::Text(100);
    }

    /// Says what was received: the buyer's own count, never more than was shipped. What is missing stays visible.
    Receive = "receive" by [FocalPoint] {
        /// When.
        required on: Date => Shape::Date;
        /// How much of what.
        required lines: Vec<Counted> => Shape::Rows(200, COUNTED);
        /// What was found.
        optional note: String => Shape::Paragraphs(4000);
    }

    /// Closes the case, once both sides have named the same day.
    CloseCase = "close-case" by [CoChair, Secretary], mutual {
        /// The day of closing.
        required on: Date => Shape::Date;
    }

    /// Declines what the other side has asked or offered.
    Decline = "decline" by [Secretary, CoChair, FocalPoint] {
        /// Why.
        required reason: String => Shape::Paragraphs(4000);
    }

    /// Ends the matter undone: by its opener alone before it is accepted, by both sides after that. Each gives its own reason.
    Cancel = "cancel" by [Secretary, CoChair], mutual {
        /// Why.
        required reason: String => Shape::Paragraphs(4000);
    }
}

refusals! {
    /// What the rules of programmes refuse.
    pub enum Rule {
        /// A programme is between two parties: the other side is another party that the dossier is for.
        NotTheOtherSide = "PRG01",
        /// This step belongs to the other side, or to neither.
        NotThisSide = "PRG02",
        /// The act belongs to the other form: a programme is not a sale.
        OtherForm = "PRG03",
        /// It is declined, cancelled or closed.
        Over = "PRG04",
        /// The step does not follow from where it stands.
        NotNow = "PRG05",
        /// The last day lies before the first.
        DatesReversed = "PRG06",
        /// The place says more or less than its precision allows.
        IncoherentPlace = "PRG07",
        /// More seats than were offered.
        AboveTheOffer = "PRG08",
        /// More seats than the recipient can take in.
        AboveTheCapacity = "PRG09",
        /// More seats used than were scheduled.
        AboveTheSchedule = "PRG10",
        /// What is stated as done lies in the future.
        InTheFuture = "PRG11",
        /// It cannot have been delivered before its first day.
        BeforeItBegan = "PRG12",
        /// Nothing is evaluated that nobody has monitored.
        NotMonitored = "PRG13",
        /// Before it is accepted only its opener cancels; the other side declines.
        NotTheOpener = "PRG14",
        /// The offer has expired.
        OfferExpired = "PRG15",
        /// The offer named is not the latest.
        OtherOffer = "PRG16",
        /// The deposit is larger than the value.
        DepositAboveValue = "PRG17",
        /// The offer has no such line, or a line stands twice.
        NoSuchLine = "PRG18",
        /// More than was offered would be shipped.
        AboveTheLine = "PRG19",
        /// More than was shipped would be received.
        AboveTheShipment = "PRG20",
        /// A currency has three capital letters.
        NotACurrency = "PRG21",
        /// The offer would have expired before it was made.
        ExpiredAtOnce = "PRG22",
        /// The baseline is assessed before the programme begins.
        BaselineTooLate = "PRG23",
    }
}
