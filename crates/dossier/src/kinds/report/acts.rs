//! What may be done in the exchange of information, and what each act asks for.
//!
//! There is no field here for a person: no name, no picture, no affiliation, no number by which somebody could be found. What
//! is exchanged is what happens, where and when, and how far it can be relied on.

use crate::act::{Field, Shape};
use crate::party::{InstitutionId, PartyId};
use crate::place::Place;
use crate::record::{DossierId, RecordId};
use crate::time::{Date, Due};
use crate::words::Words;
use crate::{acts, choices};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

choices! {
    /// What information is about.
    Topic {
        /// Remnants and cells of ISIS.
        IsisCell = "isis-cell",
        /// Smuggling of drugs.
        DrugSmuggling = "drug-smuggling",
        /// Smuggling of arms.
        ArmsSmuggling = "arms-smuggling",
        /// Trafficking in human beings.
        HumanTrafficking = "human-trafficking",
        /// Organised crime.
        OrganisedCrime = "organised-crime",
        /// Movements across or along a border.
        BorderMovement = "border-movement",
        /// Explosives and what is made into them.
        Explosives = "explosives",
        /// Financing of terrorism or crime.
        Financing = "financing",
        /// Attacks on networks and systems.
        Cyber = "cyber",
        /// Something else.
        Other = "other",
    }

    /// How far a source can be relied on: the Admiralty system of letters (AJP-2.1, STANAG 2511).
    Reliability {
        /// Completely reliable.
        A = "A",
        /// Usually reliable.
        B = "B",
        /// Fairly reliable.
        C = "C",
        /// Not usually reliable.
        D = "D",
        /// Unreliable.
        E = "E",
        /// Reliability cannot be judged: not a sixth degree, but the absence of one.
        F = "F",
    }

    /// How far the information itself can be believed: the Admiralty system of numbers.
    Credibility {
        /// Confirmed by other sources.
        Confirmed = "1",
        /// Probably true.
        Probable = "2",
        /// Possibly true.
        Possible = "3",
        /// Doubtful.
        Doubtful = "4",
        /// Improbable.
        Improbable = "5",
        /// Truth cannot be judged: not a sixth degree, but the absence of one.
        NotJudged = "6",
    }

    /// From what sort of source something is known. Sources are described and never named.
    Origin {
        /// What people said.
        Human = "human",
        /// What instruments recorded.
        Technical = "technical",
        /// What anybody can read.
        Open = "open",
        /// What a unit or an authority saw in its own work.
        Official = "official",
        /// What another state or an organisation passed on, with its leave.
        Partner = "partner",
    }

    /// What a recipient found of a report.
    Finding {
        /// Own knowledge bears it out.
        Confirmed = "confirmed",
        /// Own knowledge speaks against it.
        Contradicted = "contradicted",
        /// Something was done because of it.
        ActedOn = "acted-on",
        /// It was of use.
        Useful = "useful",
        /// It was of no use.
        NotUseful = "not-useful",
    }

    /// How far an answer goes.
    Extent {
        /// More is to follow.
        Partial = "partial",
        /// It is all that there is to say.
        Final = "final",
        /// The addressee cannot answer.
        Cannot = "cannot",
    }

    /// How grave an alert is.
    AlertLevel {
        /// To be known.
        Notice = "notice",
        /// To be prepared for.
        Warning = "warning",
        /// To be acted on at once.
        Urgent = "urgent",
    }

    /// Before whom an alert was brought.
    BroughtTo {
        /// The officer on duty.
        DutyOfficer = "duty-officer",
        /// The operations room.
        OperationsRoom = "operations-room",
        /// The units in the area.
        Units = "units",
        /// The leadership of the institution.
        Leadership = "leadership",
    }
}

impl Finding {
    /// Whether it speaks of the truth of a report, and not of its use. The two are separate questions.
    pub(super) fn is_of_truth(self) -> bool {
        matches!(self, Finding::Confirmed | Finding::Contradicted)
    }
}

/// A report that an answer points to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cited {
    /// Its dossier.
    pub dossier: DossierId,
}

const PLACES: Shape = Shape::Rows(20, Place::FIELDS);
const CITED: &[Field] = &[Field { name: "dossier", required: true, shape: Shape::Dossier }];

acts! {
    /// Files a report.
    File = "file" by [FocalPoint, Secretary], opens {
        /// What it is called.
        required title: Words => Shape::Words(300);
        /// What it is about.
        required topics: BTreeSet<Topic> => Shape::Choices(Topic::NAMES);
        /// How far the source can be relied on.
        required reliability: Reliability => Shape::Choice(Reliability::NAMES);
        /// How far the information can be believed.
        required credibility: Credibility => Shape::Choice(Credibility::NAMES);
        /// The information.
        required text: Words => Shape::Words(8000);
        /// The first day that it speaks of.
        required from: Date => Shape::Date;
        /// The last day that it speaks of.
        required until: Date => Shape::Date;
        /// Where, as precisely as it is known and no more.
        optional places: Vec<Place> => PLACES;
        /// From what sorts of source.
        required sourced_from: BTreeSet<Origin> => Shape::Choices(Origin::NAMES);
        /// What may be said of the sources: what access they have, not who they are.
        optional source_description: String => Shape::Paragraphs(2000);
        /// How it is to be handled.
        optional handling: String => Shape::Paragraphs(1000);
        /// The request that it answers.
        optional answers: DossierId => Shape::Dossier;
        /// The earlier report that it follows.
        optional follows: DossierId => Shape::Dossier;
        /// After how many days it is shown as stale; 180 when nothing is said.
        optional stale_after: i64 => Shape::Whole(1, 3650);
    }

    /// Asks other parties, or one institution, for information.
    Request = "request" by [FocalPoint, Secretary], opens {
        /// What it is called.
        required title: Words => Shape::Words(300);
        /// What it is about.
        required topics: BTreeSet<Topic> => Shape::Choices(Topic::NAMES);
        /// What is asked.
        required text: Words => Shape::Words(8000);
        /// What the answer is needed for.
        required purpose: String => Shape::Paragraphs(2000);
        /// The parties that are asked.
        required to: BTreeSet<PartyId> => Shape::Parties;
        /// The institution that is asked, where it is one.
        optional institution: InstitutionId => Shape::Institution;
        /// By when an answer is asked for.
        required reply_by: Due => Shape::Due;
    }

    /// Raises an alert.
    RaiseAlert = "raise-alert" by [FocalPoint, Secretary], opens {
        /// What it is called.
        required title: Words => Shape::Words(300);
        /// What it is about.
        required topics: BTreeSet<Topic> => Shape::Choices(Topic::NAMES);
        /// How grave it is.
        required alert_level: AlertLevel => Shape::Choice(AlertLevel::NAMES);
        /// What threatens.
        required text: Words => Shape::Words(4000);
        /// Where.
        required place: Place => Place::SHAPE;
        /// The last day on which it holds, unless it is stood down before.
        required valid_until: Date => Shape::Date;
    }

    /// Puts a new version of a report in place of the present one, which stays to be seen.
    Update = "update" by [FocalPoint, Secretary] {
        /// How far the source can be relied on.
        required reliability: Reliability => Shape::Choice(Reliability::NAMES);
        /// How far the information can be believed.
        required credibility: Credibility => Shape::Choice(Credibility::NAMES);
        /// The information.
        required text: Words => Shape::Words(8000);
        /// The first day that it speaks of.
        required from: Date => Shape::Date;
        /// The last day that it speaks of.
        required until: Date => Shape::Date;
        /// Where.
        optional places: Vec<Place> => PLACES;
        /// What may be said of the sources.
        optional source_description: String => Shape::Paragraphs(2000);
        /// Why there is a new version.
        required reason: String => Shape::Paragraphs(2000);
    }

    /// Takes a report back. It stays to be seen as retracted.
    Retract = "retract" by [FocalPoint, Secretary] {
        /// Why.
        required reason: String => Shape::Paragraphs(2000);
    }

    /// Says what a recipient found of a report.
    Feedback = "feedback" by [FocalPoint, Secretary] {
        /// The record of the version that it is about.
        required version: RecordId => Shape::Record;
        /// What was found.
        required finding: Finding => Shape::Choice(Finding::NAMES);
        /// The day on which it was found.
        required on: Date => Shape::Date;
        /// What there is to say to it.
        optional text: Words => Shape::Words(4000);
        /// How far the recipient itself would rely on the source.
        optional reliability: Reliability => Shape::Choice(Reliability::NAMES);
        /// How far the recipient itself would believe the information.
        optional credibility: Credibility => Shape::Choice(Credibility::NAMES);
    }

    /// Answers a request.
    Answer = "answer" by [FocalPoint, Secretary] {
        /// How far the answer goes.
        required extent: Extent => Shape::Choice(Extent::NAMES);
        /// The answer, or why there can be none.
        optional text: Words => Shape::Words(8000);
        /// Reports that answer.
        optional reports: Vec<Cited> => Shape::Rows(20, CITED);
    }

    /// Takes a request back.
    WithdrawRequest = "withdraw-request" by [FocalPoint, Secretary] {
        /// Why.
        required reason: String => Shape::Paragraphs(2000);
    }

    /// Says that an alert was received, and before whom it was brought.
    Acknowledge = "acknowledge" by [FocalPoint, Secretary] {
        /// The record of the version that was received.
        required version: RecordId => Shape::Record;
        /// Before whom it was brought.
        required brought_to: BTreeSet<BroughtTo> => Shape::Choices(BroughtTo::NAMES);
        /// What there is to say to it.
        optional note: String => Shape::Paragraphs(2000);
    }

    /// Puts a new version of an alert in place of the present one. It is to be acknowledged anew.
    UpdateAlert = "update-alert" by [FocalPoint, Secretary] {
        /// How grave it is.
        required alert_level: AlertLevel => Shape::Choice(AlertLevel::NAMES);
        /// What threatens.
        required text: Words => Shape::Words(4000);
        /// Where.
        required place: Place => Place::SHAPE;
        /// The last day on which it holds.
        required valid_until: Date => Shape::Date;
        /// Why there is a new version.
        required reason: String => Shape::Paragraphs(2000);
    }

    /// Ends an alert.
    StandDown = "stand-down" by [FocalPoint, Secretary] {
        /// Why.
        required reason: String => Shape::Paragraphs(2000);
    }
}
