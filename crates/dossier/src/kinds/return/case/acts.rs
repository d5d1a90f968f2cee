//! What may be done about a family unit and each of its persons, and what each act asks for.
//!
//! What identifies a person is sealed and stays on one node. There is no field for affiliation, ideology or a relative's
//! conduct, no photograph and nothing measured on a body; a test holds the list of all fields that there are.

use crate::act::{Field, Shape};
use crate::party::PartyId;
use crate::place::Place;
use crate::record::{DossierId, RecordId};
use crate::time::Date;
use crate::words::Tongue;
use crate::{acts, choices};
use std::collections::BTreeSet;

choices! {
    /// What the rules must know of a person's age.
    AgeBand {
        /// An adult, who decides for itself.
        Adult = "adult",
        /// A child in the care of an adult of its unit.
        Child = "child",
        /// A child without such an adult.
        AloneChild = "unaccompanied-or-separated-child",
    }

    /// How precisely a year of birth is known.
    BirthPrecision {
        /// From a document.
        Documented = "documented",
        /// As told.
        Told = "told",
        /// Estimated.
        Estimated = "estimated",
    }

    /// Who asked for the case.
    Referral {
        /// The person or the family.
        Person = "person",
        /// The site's administration.
        SiteAdministration = "site-administration",
        /// A humanitarian organisation.
        HumanitarianOrganisation = "humanitarian-organisation",
        /// The state of nationality.
        StateOfNationality = "state-of-nationality",
        /// Relatives.
        Relatives = "relatives",
    }

    /// What becomes of a site.
    SiteChange {
        /// It closes.
        Closed = "closed",
        /// Another custodian takes it over.
        HandedOver = "handed-over",
        /// The unit was moved.
        UnitMoved = "unit-moved",
    }

    /// What an authority finds of a claimed nationality.
    Verification {
        /// It is verified.
        Verified = "verified",
        /// It is not.
        NotVerified = "not-verified",
        /// Authorities contradict each other.
        Contested = "contested",
    }

    /// How a nationality was verified.
    VerificationMethod {
        /// In the civil register.
        CivilRegister = "civil-register",
        /// By a document.
        Document = "document",
        /// By a consular interview.
        ConsularInterview = "consular-interview",
        /// By a court.
        CourtDecision = "court-decision",
    }

    /// What the assessment of one person comes to.
    Screening {
        /// Nothing bars the return.
        NoBar = "no-bar",
        /// The matter goes to the judiciary.
        Referred = "referred-to-judiciary",
    }

    /// What a protection officer decides.
    Protection {
        /// Nothing stands against the return.
        Clear = "clear",
        /// The return would put the person at risk.
        Bar = "bar",
        /// A decision on best interests is needed first.
        BestInterestsNeeded = "best-interests-needed",
    }

    /// What a person decides about its own return.
    Decision {
        /// Yes.
        Consents = "consents",
        /// No.
        Refuses = "refuses",
        /// Not yet.
        Undecided = "undecided",
    }

    /// How a person was informed before it decided.
    Informed {
        /// By word of mouth in its own language.
        Spoken = "spoken",
        /// In writing in its own language.
        Written = "written",
        /// Through an interpreter.
        Interpreter = "interpreter",
        /// By somebody who went to see the place.
        GoAndSee = "go-and-see",
    }

    /// Before whom a person decides. No security body is in the list.
    Before {
        /// An officer of the ministry of migration.
        MigrationMinistry = "migration-ministry",
        /// An officer of social affairs.
        SocialAffairs = "social-affairs",
        /// A civil judge.
        CivilJudge = "civil-judge",
        /// A humanitarian organisation.
        HumanitarianOrganisation = "humanitarian-organisation",
        /// Another civil office.
        OtherCivil = "other-civil",
    }

    /// Who witnesses a decision. No security body is in the list.
    Witness {
        /// A lawyer.
        Lawyer = "lawyer",
        /// A humanitarian organisation.
        HumanitarianOrganisation = "humanitarian-organisation",
        /// Somebody whom the person chose.
        ChosenByPerson = "chosen-by-person",
        /// A social worker.
        SocialWorker = "social-worker",
    }

    /// What an institution finds to be in a child's best interests.
    BestInterest {
        /// To return.
        Return = "return",
        /// To stay for now.
        Stay = "stay",
        /// Another solution.
        Other = "other-solution",
    }

    /// What a place says to the return of people to it.
    Acceptance {
        /// It accepts them.
        Accepted = "accepted",
        /// Mediation is under way.
        Mediation = "mediation",
        /// It does not.
        NotAccepted = "not-accepted",
    }

    /// Where a person settles, by its own choice.
    SettledIn {
        /// In the place of origin.
        Home = "home",
        /// Elsewhere.
        Elsewhere = "elsewhere",
    }

    /// How many days after settling a person is visited.
    Milestone {
        /// 30.
        D30 = "30",
        /// 90.
        D90 = "90",
        /// 180.
        D180 = "180",
        /// 365.
        D365 = "365",
    }

    /// How a person is found.
    Wellbeing {
        /// Well.
        Well = "well",
        /// In need of support.
        NeedsSupport = "needs-support",
        /// Moved on.
        MovedOn = "moved-on",
        /// Not found.
        NotFound = "not-found",
    }

    /// What keeps a person from going on. Such a person stays in view.
    Aside {
        /// The person or an officer asked for a pause.
        Paused = "paused",
        /// Left behind when others departed.
        LeftBehind = "left-behind",
        /// Detained.
        Detained = "detained",
        /// Nobody knows where the person is.
        WhereaboutsUnknown = "whereabouts-unknown",
        /// Dead.
        Died = "died",
    }

    /// Why a person is apart from its unit.
    Separation {
        /// By its own choice.
        ByChoice = "by-choice",
        /// For medical care.
        MedicalCare = "medical-care",
        /// By a court.
        ByCourt = "by-court",
        /// Contact was lost.
        LostContact = "lost-contact",
    }

    /// Why a person moves to another case.
    MoveReason {
        /// The unit splits.
        UnitSplits = "unit-splits",
        /// Two units are one.
        UnitsMerge = "units-merge",
        /// A relative was found.
        RelativeFound = "relative-found",
        /// The person was put in the wrong unit.
        WrongUnit = "wrong-unit",
    }
}

/// What identifies a person: sealed, on the node of the party that wrote it.
pub const PERSON: &[Field] = &[
    Field { name: "given_ar", required: false, shape: Shape::Text(100) },
    Field { name: "given_latn", required: false, shape: Shape::Text(100) },
    Field { name: "father_ar", required: false, shape: Shape::Text(100) },
    Field { name: "father_latn", required: false, shape: Shape::Text(100) },
    Field { name: "grandfather_ar", required: false, shape: Shape::Text(100) },
    Field { name: "grandfather_latn", required: false, shape: Shape::Text(100) },
    Field { name: "family_ar", required: false, shape: Shape::Text(100) },
    Field { name: "family_latn", required: false, shape: Shape::Text(100) },
    Field { name: "kunya_ar", required: false, shape: Shape::Text(100) },
    Field { name: "kunya_latn", required: false, shape: Shape::Text(100) },
    Field { name: "mother_ar", required: false, shape: Shape::Text(200) },
    Field { name: "mother_latn", required: false, shape: Shape::Text(200) },
    Field { name: "birth_year", required: false, shape: Shape::Whole(1900, 2100) },
    Field { name: "birth_precision", required: false, shape: Shape::Choice(BirthPrecision::NAMES) },
    Field { name: "district_of_origin", required: false, shape: Shape::Text(200) },
    Field { name: "documents", required: false, shape: Shape::Paragraphs(1000) },
    Field { name: "medical_needs", required: false, shape: Shape::Paragraphs(2000) },
    Field { name: "family_links", required: false, shape: Shape::Paragraphs(2000) },
];

acts! {
    /// Opens the case of a family unit.
    OpenCase = "open-case" by [ReturnOfficer], opens {
        /// The side on whose ground the unit is.
        required sending: PartyId => Shape::Party;
        /// The side to which it may return.
        required receiving: PartyId => Shape::Party;
        /// The camp or site.
        required site: String => Shape::Text(200);
        /// Who has custody of the site.
        optional custodian: String => Shape::Text(200);
        /// Who asked for the case.
        required referral: Referral => Shape::Choice(Referral::NAMES);
    }

    /// Says that the unit's site or its custodian has changed. The case goes on.
    SiteChanged = "site-changed" by [ReturnOfficer, FocalPoint] {
        /// What has changed.
        required site_change: SiteChange => Shape::Choice(SiteChange::NAMES);
        /// The site from now on.
        required site: String => Shape::Text(200);
        /// Who has custody of it.
        optional custodian: String => Shape::Text(200);
        /// Since when.
        required on: Date => Shape::Date;
    }

    /// Adds a located person to the unit. The record's identifier names the person from now on.
    AddPerson = "add-person" by [ReturnOfficer], sealed(PERSON) {
        /// What the rules must know of its age.
        required age_band: AgeBand => Shape::Choice(AgeBand::NAMES);
        /// The case from which it comes.
        optional moved_from: DossierId => Shape::Dossier;
    }

    /// Puts other sealed values beside the earlier ones.
    AmendPerson = "amend-person" by [ReturnOfficer], sealed(PERSON) {
        /// The person.
        required person: RecordId => Shape::Record;
    }

    /// Says that the person was told what is passed on, to whom and why.
    TellPerson = "tell-person" by [ReturnOfficer] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// The day.
        required on: Date => Shape::Date;
        /// The language in which it was told.
        required tongue: Tongue => Shape::Tongue;
    }

    /// Notes the nationality that the person claims: that of a party.
    ClaimNationality = "claim-nationality" by [ReturnOfficer] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// The party.
        required nationality: PartyId => Shape::Party;
        /// The day.
        required on: Date => Shape::Date;
    }

    /// Says what an authority of that state has found. The authority is the institution that acts.
    Verify = "verify" by [ReturnOfficer] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// What it found.
        required verification: Verification => Shape::Choice(Verification::NAMES);
        /// By which method.
        required verification_method: VerificationMethod => Shape::Choice(VerificationMethod::NAMES);
        /// The day.
        required on: Date => Shape::Date;
    }

    /// Says what the assessment of this one person comes to. Nothing about relatives is asked or told.
    Assess = "assess" by [ReturnOfficer, Assessor] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// What it comes to.
        required screening: Screening => Shape::Choice(Screening::NAMES);
        /// The day.
        required on: Date => Shape::Date;
    }

    /// Decides on the person's protection, for an institution that has not screened the person.
    ProtectionDecide = "protection-decide" by [ReturnOfficer] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// The decision.
        required protection: Protection => Shape::Choice(Protection::NAMES);
        /// The day.
        required on: Date => Shape::Date;
    }

    /// Lifts a protection bar, once every party has said so. A new decision on protection must follow.
    LiftBar = "lift-bar" by [ReturnOfficer], mutual {
        /// The person.
        required person: RecordId => Shape::Record;
        /// The record of the bar.
        required bar: RecordId => Shape::Record;
        /// Why.
        required reason: String => Shape::Paragraphs(2000);
    }

    /// Records an adult's own decision, given before a civil officer and a witness.
    Decide = "decide" by [ReturnOfficer] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// Its decision.
        required decision: Decision => Shape::Choice(Decision::NAMES);
        /// The day.
        required on: Date => Shape::Date;
        /// How it was informed.
        required informed: BTreeSet<Informed> => Shape::Choices(Informed::NAMES);
        /// Before whom it decided.
        required before: Before => Shape::Choice(Before::NAMES);
        /// Who witnessed it.
        required witness: Witness => Shape::Choice(Witness::NAMES);
        /// Whether urgent medical needs may be told to the office that receives it.
        optional medical_consent: bool => Shape::Flag;
    }

    /// Says what the acting institution finds to be in a person's best interests.
    BestInterests = "best-interests" by [ReturnOfficer] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// What it finds.
        required best_interest: BestInterest => Shape::Choice(BestInterest::NAMES);
        /// The day.
        required on: Date => Shape::Date;
        /// Whether urgent medical needs may be told to the office that receives a child.
        optional medical_consent: bool => Shape::Flag;
    }

    /// Clears a person for travel, once every party has cleared the same journey.
    ClearForTravel = "clear-for-travel" by [ReturnOfficer], mutual {
        /// The person.
        required person: RecordId => Shape::Record;
        /// The governorate or district to which it goes.
        required destination: Place => Place::SHAPE;
        /// The day of travel.
        required travel_on: Date => Shape::Date;
    }

    /// Puts a person on the manifest of an operation, for the side that sends.
    Manifest = "manifest" by [ReturnOfficer] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// The operation.
        required operation: DossierId => Shape::Dossier;
    }

    /// Records that the person has withdrawn. It works until departure, at once, said by any one side.
    Withdraw = "withdraw" by [ReturnOfficer, FocalPoint] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// The day.
        required on: Date => Shape::Date;
    }

    /// Says that a person on the manifest has departed.
    DepartPerson = "depart-person" by [ReturnOfficer] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// The day.
        required on: Date => Shape::Date;
    }

    /// Says that a person who departed was received.
    ReceivePerson = "receive-person" by [ReturnOfficer] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// The day.
        required on: Date => Shape::Date;
    }

    /// Says that the person is in a transit centre.
    Admit = "admit" by [ReturnOfficer] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// The centre.
        required transit_centre: String => Shape::Text(200);
        /// Since when.
        required on: Date => Shape::Date;
    }

    /// Says that the person is ready to leave the centre.
    DeclareReady = "declare-ready" by [ReturnOfficer] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// The day.
        required on: Date => Shape::Date;
    }

    /// Says what a place says to returns. It is an assessment of the place, never of a person.
    AssessPlace = "assess-place" by [ReturnOfficer] {
        /// The governorate or district.
        required place: Place => Place::SHAPE;
        /// What it says.
        required acceptance: Acceptance => Shape::Choice(Acceptance::NAMES);
        /// What is to be done in mediation.
        optional mediation_tasks: String => Shape::Paragraphs(2000);
        /// The day.
        required on: Date => Shape::Date;
    }

    /// Says where the person has settled, by its own choice.
    Resettle = "resettle" by [ReturnOfficer] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// At home or elsewhere.
        required settled_in: SettledIn => Shape::Choice(SettledIn::NAMES);
        /// The governorate or district: no address is kept.
        required place: Place => Place::SHAPE;
        /// The day.
        required on: Date => Shape::Date;
    }

    /// Says how the person was found at a visit.
    FollowUp = "follow-up" by [ReturnOfficer, FocalPoint] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// Which visit.
        required milestone: Milestone => Shape::Choice(Milestone::NAMES);
        /// How it was found.
        required wellbeing: Wellbeing => Shape::Choice(Wellbeing::NAMES);
        /// The day.
        required on: Date => Shape::Date;
    }

    /// Ends the work for one person.
    ClosePerson = "close-person" by [ReturnOfficer] {
        /// The person.
        required person: RecordId => Shape::Record;
    }

    /// Says what keeps a person from going on.
    SetAside = "set-aside" by [ReturnOfficer, FocalPoint] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// What it is.
        required aside: Aside => Shape::Choice(Aside::NAMES);
        /// Since when.
        required on: Date => Shape::Date;
    }

    /// Says that the person can go on, or was found.
    TakeUp = "take-up" by [ReturnOfficer, FocalPoint] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// Since when.
        required on: Date => Shape::Date;
    }

    /// Says that a person is apart from its unit. A child becomes a separated child.
    Separate = "separate" by [ReturnOfficer, FocalPoint] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// Why.
        required separation: Separation => Shape::Choice(Separation::NAMES);
        /// Since when.
        required on: Date => Shape::Date;
    }

    /// Moves a person to another case, where it is added anew. Here it stays in view.
    MovePerson = "move-person" by [ReturnOfficer] {
        /// The person.
        required person: RecordId => Shape::Record;
        /// The other case.
        required other_case: DossierId => Shape::Dossier;
        /// Why.
        required move_reason: MoveReason => Shape::Choice(MoveReason::NAMES);
    }
}
