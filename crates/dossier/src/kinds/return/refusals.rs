//! What the rules of returns refuse.

use crate::refusals;

refusals! {
    /// What the rules of returns refuse.
    pub enum ReturnRefusal {
        /// The act belongs to another sort of return dossier: an operation, a case or a register.
        OtherForm = "RET01",
        /// People leave one party of the dossier and are received by another.
        Sides = "RET02",
        /// The step belongs to another side.
        NotYourStep = "RET03",
        /// The step does not follow from where the matter stands.
        NotNow = "RET04",
        /// The day lies in the future, or before the step that it follows.
        BadDay = "RET05",
        /// No arrivals are planned above what the transit centre can hold.
        OverCapacity = "RET06",
        /// Adults and children together are not the number that departed.
        CountsDoNotAdd = "RET07",
        /// One person is named twice among the exceptions.
        ExceptionTwice = "RET08",
        /// Departed is not received plus named exceptions, so the operation cannot be closed.
        DoesNotAddUp = "RET09",
        /// The case knows no such person.
        UnknownPerson = "RET10",
        /// A child makes no such decision: its best interests are assessed.
        ChildDecides = "RET11",
        /// The person's nationality is not verified.
        NationalityNotVerified = "RET12",
        /// The person's own decision is not recorded.
        NoDecision = "RET13",
        /// The person refuses, or has not decided.
        NotConsented = "RET14",
        /// The person's decision is sixty days old or older.
        StaleDecision = "RET15",
        /// The person has withdrawn.
        Withdrawn = "RET16",
        /// No protection officer has cleared the person.
        NoProtection = "RET17",
        /// The body that screened a person does not decide on the person's protection.
        ScreeningBody = "RET18",
        /// The protection clearance is older than ninety days.
        StaleProtection = "RET19",
        /// A protection bar stands.
        Barred = "RET20",
        /// No assessment finds that the return is in the child's best interests.
        NoBestInterests = "RET21",
        /// A child who travels without an adult of the family needs the decision of two institutions.
        TwoInstitutions = "RET22",
        /// Not every side has cleared the person for travel.
        NotCleared = "RET23",
        /// The person has not been assessed.
        NotAssessed = "RET24",
        /// The person was referred to the judiciary.
        Referred = "RET25",
        /// The person is paused, missing, detained, left behind, dead, or no longer in this case.
        SetAside = "RET26",
        /// The person has departed.
        HasDeparted = "RET27",
        /// A destination is named by governorate or district, never by a point.
        PlaceTooPrecise = "RET28",
        /// The place did not accept the return; another destination is sought.
        PlaceNotAccepted = "RET29",
        /// Nobody who has arrived without a bar is detained: that a place does not accept leads to another place.
        NotToDetention = "RET30",
        /// The third state is a party of this channel.
        IsAParty = "RET31",
        /// No such question is open.
        NoSuchQuestion = "RET32",
        /// Figures of this day of counting are published: two cuts of one count could be subtracted from each other.
        PublishedAlready = "RET33",
        /// Nationality, site and age are never published together.
        ThreeDimensions = "RET34",
        /// A published number is not rounded to five.
        NotRounded = "RET35",
        /// A published number lies between one and nine.
        SmallCell = "RET36",
        /// A small nationality is published by its name.
        SmallNationality = "RET37",
        /// A suppressed number can be computed back.
        Computable = "RET38",
        /// The table has a line too many or too few, or names a line twice.
        BadTable = "RET39",
        /// A protection bar is lifted by neither state alone.
        LiftedByOne = "RET40",
        /// A person moves to another case, with a reason.
        SameCase = "RET41",
        /// The clearance comes from a body that has since screened the person.
        ClearedByScreening = "RET42",
        /// The charter names no such institution.
        UnknownInstitution = "RET43",
        /// This record is not the standing bar.
        OtherBar = "RET44",
    }
}
