//! What may be done about a border crossing, and what each act asks for. Each side speaks for its own side.

use crate::act::{Field, Shape};
use crate::figure::Figure;
use crate::party::PartyId;
use crate::place::Place;
use crate::record::RecordId;
use crate::sheet::{Datum, Fact, Row};
use crate::time::{Date, Moment};
use crate::words::Words;
use crate::{acts, choices};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

choices! {
    /// How one crosses.
    Transit {
        /// People with vehicles of their own or by bus.
        Passengers = "passengers",
        /// People on foot.
        Pedestrians = "pedestrians",
        /// Vehicles without goods.
        Vehicles = "vehicles",
        /// Goods by road.
        Cargo = "cargo",
        /// Goods and people by rail.
        Rail = "rail",
    }

    /// What one side says of its own side.
    Opening {
        /// Open.
        Open = "open",
        /// Open with restrictions.
        Restricted = "restricted",
        /// Closed.
        Closed = "closed",
    }

    /// How one way of crossing is restricted.
    Restriction {
        /// It is closed.
        NoPassage = "no-passage",
        /// By day only.
        DaytimeOnly = "daytime-only",
        /// Own citizens and those of the other side only.
        CitizensOnly = "citizens-only",
        /// Holders of a permit only.
        PermitOnly = "permit-only",
        /// Up to a number each day.
        DailyLimit = "daily-limit",
        /// Humanitarian consignments only.
        HumanitarianOnly = "humanitarian-only",
        /// With full inspection.
        FullInspection = "full-inspection",
    }

    /// A day of the week.
    Weekday {
        /// Saturday, with which the week begins.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
    }

    /// What a traffic figure counts.
    Counted {
        /// Persons.
        Passengers = "passengers",
        /// Cars and buses.
        Vehicles = "vehicles",
        /// Lorries.
        Lorries = "lorries",
        /// Goods, in tonnes.
        CargoTonnes = "cargo-tonnes",
        /// Railway wagons.
        Wagons = "wagons",
    }

    /// What sort of incident it was.
    Incident {
        /// Passage was stopped.
        Closure = "closure",
        /// An attack.
        Attack = "attack",
        /// An accident.
        Accident = "accident",
        /// A protest.
        Protest = "protest",
        /// A technical failure.
        Technical = "technical",
        /// Smuggled goods were seized.
        SmugglingSeizure = "smuggling-seizure",
    }
}

/// How one way of crossing is restricted on one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The way of crossing.
    pub transit: Transit,
    /// How it is restricted.
    pub restriction: Restriction,
    /// What there is to say to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

const LIMITS: &[Field] = &[
    Field { name: "transit", required: true, shape: Shape::Choice(Transit::NAMES) },
    Field { name: "restriction", required: true, shape: Shape::Choice(Restriction::NAMES) },
    Field { name: "note", required: false, shape: Shape::Text(500) },
];

/// The hours of one day of the week, in the civil time of the side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayHours {
    /// The day.
    pub weekday: Weekday,
    /// When it opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<String>,
    /// When it closes, on the same day; `23:59` for the end of the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<String>,
    /// Whether it is closed all day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<bool>,
}

impl DayHours {
    /// Whether the row says one thing: closed all day, or open between two times of which the first is the earlier.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        match (&self.opens, &self.closes, self.closed == Some(true)) {
            (None, None, closed) => closed,
            // Both are written `06:30`, so that the order of the texts is the order of the times.
            (Some(opens), Some(closes), false) => opens < closes,
            _ => false,
        }
    }
}

const HOURS: &[Field] = &[
    Field { name: "weekday", required: true, shape: Shape::Choice(Weekday::NAMES) },
    Field { name: "opens", required: false, shape: Shape::Clock },
    Field { name: "closes", required: false, shape: Shape::Clock },
    Field { name: "closed", required: false, shape: Shape::Flag },
];

/// One traffic figure: what was counted, towards which side, and all that a figure needs to be worth something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// What was counted.
    pub counted: Counted,
    /// The side towards which it went. Both sides name directions alike, so that one's exit is the other's entry.
    pub towards: PartyId,
    /// The number.
    pub value: i64,
    /// Who says so, or where it stands.
    pub source: String,
    /// The day as of which it holds.
    pub as_of: Date,
    /// What was counted, and how.
    pub counting_rule: String,
}

impl Count {
    /// The figure as a row of a sheet.
    #[must_use]
    pub fn row(&self, reference: impl Into<String>) -> Row {
        let figure = Figure {
            subject: String::new(),
            value: self.value,
            source: self.source.clone(),
            as_of: self.as_of,
            counting_rule: self.counting_rule.clone(),
        };
        let mut row = figure.row(reference);
        row.facts.retain(|fact| fact.name != "subject");
        row.facts.insert(0, Fact::term("counted", self.counted.name()));
        row.facts.insert(1, Fact::new("towards", Datum::Party(self.towards.clone())));
        row
    }
}

const COUNTS: &[Field] = &[
    Field { name: "counted", required: true, shape: Shape::Choice(Counted::NAMES) },
    Field { name: "towards", required: true, shape: Shape::Party },
    Field { name: "value", required: true, shape: Shape::Whole(0, 1_000_000_000_000) },
    Field { name: "source", required: true, shape: Shape::Text(300) },
    Field { name: "as_of", required: true, shape: Shape::Date },
    Field { name: "counting_rule", required: true, shape: Shape::Text(500) },
];

acts! {
    /// Registers a crossing between the registering party and another.
    Register = "register" by [FocalPoint, Secretary], opens {
        /// What it is called, in each language.
        required title: Words => Shape::Words(300);
        /// What it is called on the own side.
        required own_name: String => Shape::Text(200);
        /// The party on the other side.
        required facing: PartyId => Shape::Party;
        /// What it is called there.
        required facing_name: String => Shape::Text(200);
        /// Where it lies.
        required place: Place => Place::SHAPE;
        /// How one can cross there.
        required transits: BTreeSet<Transit> => Shape::Choices(Transit::NAMES);
    }

    /// Says how it stands on the own side. Said again unchanged, it confirms that it still stands so.
    SetStatus = "set-status" by [FocalPoint, Secretary] {
        /// Open, restricted or closed.
        required opening: Opening => Shape::Choice(Opening::NAMES);
        /// The day since which it is so.
        required since: Date => Shape::Date;
        /// Why, where it is not open.
        optional reason: String => Shape::Paragraphs(2000);
        /// How which way of crossing is restricted.
        optional limits: Vec<Limit> => Shape::Rows(20, LIMITS);
    }

    /// Says when the own side is open. Every day of the week is named, so that no Friday is left to guess.
    SetHours = "set-hours" by [FocalPoint, Secretary] {
        /// The first day on which these hours hold.
        required from: Date => Shape::Date;
        /// The hours of each day of the week.
        required hours: Vec<DayHours> => Shape::Rows(7, HOURS);
    }

    /// Announces that the own side will be closed.
    NotifyClosure = "notify-closure" by [FocalPoint, Secretary] {
        /// The first day.
        required from: Date => Shape::Date;
        /// The last day.
        required until: Date => Shape::Date;
        /// Why.
        required reason: String => Shape::Paragraphs(2000);
        /// The ways of crossing that are closed; all of them when none is named.
        optional transits: BTreeSet<Transit> => Shape::Choices(Transit::NAMES);
    }

    /// Takes an announced closure back.
    WithdrawClosure = "withdraw-closure" by [FocalPoint, Secretary] {
        /// The record that announced it.
        required closure: RecordId => Shape::Record;
        /// Why.
        required reason: String => Shape::Paragraphs(2000);
    }

    /// Gives the own side's figures for a period.
    ReportTraffic = "report-traffic" by [FocalPoint, Secretary] {
        /// The first day of the period.
        required from: Date => Shape::Date;
        /// The last day of the period.
        required until: Date => Shape::Date;
        /// The figures.
        required figures: Vec<Count> => Shape::Rows(40, COUNTS);
    }

    /// Puts other figures in place of own ones for the same period, which stay to be seen.
    CorrectTraffic = "correct-traffic" by [FocalPoint, Secretary] {
        /// The record of the figures that are replaced.
        required corrects: RecordId => Shape::Record;
        /// The figures.
        required figures: Vec<Count> => Shape::Rows(40, COUNTS);
        /// Why.
        required reason: String => Shape::Paragraphs(2000);
    }

    /// Reports an incident on the own side.
    ReportIncident = "report-incident" by [FocalPoint, Secretary] {
        /// What sort it was.
        required incident: Incident => Shape::Choice(Incident::NAMES);
        /// Where.
        required place: Place => Place::SHAPE;
        /// When.
        required at: Moment => Shape::Moment;
        /// What happened.
        required text: Words => Shape::Words(4000);
    }

    /// Says that an incident that the side reported is over.
    CloseIncident = "close-incident" by [FocalPoint, Secretary] {
        /// The record that reported it.
        required incident: RecordId => Shape::Record;
        /// What became of it.
        required outcome: String => Shape::Paragraphs(4000);
    }

    /// Retires the crossing, once both sides have named the same day.
    Retire = "retire" by [Secretary, CoChair], mutual {
        /// The first day on which it is no crossing any more.
        required on: Date => Shape::Date;
    }

    /// Takes the crossing into use again, once both sides have named the same day. Neither is open before it says so anew.
    Reopen = "reopen" by [Secretary, CoChair], mutual {
        /// The day.
        required on: Date => Shape::Date;
    }
}
