//! What may be done about a consular service or a request for a citizen, and what each act asks for.

use crate::act::{Field, Shape};
use crate::party::InstitutionId;
use crate::place::Place;
use crate::source::Source;
use crate::time::{Date, Due};
use crate::words::Words;
use crate::{acts, choices};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

choices! {
    /// What a mission does for people.
    Service {
        /// Passports.
        Passports = "passports",
        /// Visas.
        Visas = "visas",
        /// Births, marriages, deaths.
        CivilRegistry = "civil-registry",
        /// Powers of attorney, legalisation.
        Notary = "notary",
        /// Help for citizens in need.
        Assistance = "assistance",
    }

    /// Whether a mission's service is to be had.
    Status {
        /// As announced.
        Open = "open",
        /// In part, or for some.
        Limited = "limited",
        /// Not at all.
        Closed = "closed",
    }

    /// A day of the week.
    Day {
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
        /// Saturday.
        Saturday = "saturday",
    }

    /// What is asked for.
    Wanted {
        /// A document of the civil registry, of a court or of a school.
        Document = "document",
        /// A visit to a national who is detained (Vienna Convention on Consular Relations, article 36).
        Visit = "visit",
        /// The return of the remains of a national who has died, or their burial.
        Burial = "burial",
        /// A paper with which a national without a passport can travel.
        TravelPaper = "travel-paper",
    }

    /// How the person consented.
    Consent {
        /// In writing.
        Written = "written",
        /// By word of mouth, to a consular officer.
        Oral = "oral",
        /// Told by the authority that holds the person, which forwarded it.
        Forwarded = "forwarded",
    }

    /// What the answer to a request is.
    Outcome {
        /// All that was asked for.
        Granted = "granted",
        /// A part of it, while the rest goes on.
        Partly = "partly",
        /// Something is missing that the requesting side has to supply.
        NeedMore = "need-more",
        /// No.
        Refused = "refused",
    }
}

/// When a mission's counters are open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// On which days.
    pub office_days: BTreeSet<Day>,
    /// From what time, local.
    pub opens_at: String,
    /// To what time, local.
    pub closes_at: String,
}

const HOURS: &[Field] = &[
    Field { name: "office_days", required: true, shape: Shape::Choices(Day::NAMES) },
    Field { name: "opens_at", required: true, shape: Shape::Clock },
    Field { name: "closes_at", required: true, shape: Shape::Clock },
];

/// What identifies a citizen. It never stands in the open: the record commits to it, and it goes to the one institution
/// that is asked, by a disclosure.
const CITIZEN: &[Field] = &[
    Field { name: "given", required: false, shape: Shape::Text(100) },
    Field { name: "father", required: false, shape: Shape::Text(100) },
    Field { name: "grandfather", required: false, shape: Shape::Text(100) },
    Field { name: "family", required: false, shape: Shape::Text(100) },
    Field { name: "birth_year", required: false, shape: Shape::Whole(1900, 2100) },
    Field { name: "document_number", required: false, shape: Shape::Text(60) },
    Field { name: "contact", required: false, shape: Shape::Text(200) },
    Field { name: "whereabouts", required: false, shape: Shape::Text(300) },
];

/// What an answer says of the person, which never stands in the open either.
const PARTICULARS: &[Field] = &[Field { name: "particulars", required: false, shape: Shape::Paragraphs(8000) }];

acts! {
    /// Announces the service of a mission.
    OpenService = "open-service" by [Secretary, FocalPoint], opens {
        /// What the mission is called.
        required mission: Words => Shape::Words(300);
        /// The institution of the party's own that runs it.
        required institution: InstitutionId => Shape::Institution;
        /// Where it is.
        required place: Place => Place::SHAPE;
        /// The district that it serves.
        required district_served: Words => Shape::Words(1000);
        /// What it does for people.
        required mission_services: BTreeSet<Service> => Shape::Choices(Service::NAMES);
        /// Whether its service is to be had.
        required mission_status: Status => Shape::Choice(Status::NAMES);
        /// From which day.
        required from: Date => Shape::Date;
        /// When its counters are open.
        optional hours: Vec<Hours> => Shape::Rows(14, HOURS);
        /// What people should know.
        optional announcement: Words => Shape::Words(4000);
        /// Where that is published.
        optional sources: Vec<Source> => Source::ROWS;
    }

    /// Changes whether a mission's service is to be had, from a day on.
    SetStatus = "set-status" by [Secretary, FocalPoint] {
        /// Whether its service is to be had.
        required mission_status: Status => Shape::Choice(Status::NAMES);
        /// From which day.
        required from: Date => Shape::Date;
        /// Why.
        required reason: Words => Shape::Words(2000);
        /// What it does for people from then on, where that changes.
        optional mission_services: BTreeSet<Service> => Shape::Choices(Service::NAMES);
        /// Its hours from then on, where they change.
        optional hours: Vec<Hours> => Shape::Rows(14, HOURS);
        /// What people should know.
        optional announcement: Words => Shape::Words(4000);
    }

    /// Asks an institution of another party for something for a citizen. Who the citizen is stands sealed.
    Request = "request" by [Secretary, FocalPoint], opens, sealed(CITIZEN) {
        /// What is asked for.
        required request_type: Wanted => Shape::Choice(Wanted::NAMES);
        /// The reference by which both sides speak of the person: letters and digits that tell nothing.
        required person_ref: String => Shape::Text(40);
        /// The institution that is asked.
        required to: InstitutionId => Shape::Institution;
        /// What it is about, without anything that tells who the person is.
        required subject: Words => Shape::Words(2000);
        /// The number under which the requesting authority keeps it.
        optional number: String => Shape::Text(60);
        /// The last day for an answer, or the statement that there is none.
        required reply_by: Due => Shape::Due;
        /// How the person consented. A visit is never asked for without.
        optional visit_consent: Consent => Shape::Choice(Consent::NAMES);
        /// When the person consented.
        optional consent_on: Date => Shape::Date;
    }

    /// Signs for having received the request.
    Acknowledge = "acknowledge" by [Secretary, FocalPoint] {
        /// The number under which the receiving authority keeps it.
        required number: String => Shape::Text(60);
        /// The day on which it was received.
        required received_on: Date => Shape::Date;
    }

    /// Answers the request. What concerns the person alone stands sealed.
    Answer = "answer" by [Secretary, FocalPoint], sealed(PARTICULARS) {
        /// What the answer is.
        required consular_outcome: Outcome => Shape::Choice(Outcome::NAMES);
        /// What there is to say in the open: when and where, or what is missing.
        required text: Words => Shape::Words(8000);
        /// The rule on which a refusal, in whole or in part, rests.
        optional legal_ground: Words => Shape::Words(2000);
        /// The number of the answering authority.
        optional number: String => Shape::Text(60);
    }

    /// Supplies further information.
    Supply = "supply" by [Secretary, FocalPoint], sealed(CITIZEN) {
        /// What is supplied, without anything that tells who the person is.
        required text: Words => Shape::Words(4000);
    }

    /// Says that for the requesting side the answered request is closed.
    Close = "close" by [Secretary, FocalPoint] {
        /// What it wants to say to it.
        optional note: String => Shape::Paragraphs(4000);
    }

    /// Takes the request back before it is decided: because the person wishes so, or there is no more need.
    Withdraw = "withdraw" by [Secretary, FocalPoint] {
        /// Why.
        required reason: Words => Shape::Words(2000);
    }
}
