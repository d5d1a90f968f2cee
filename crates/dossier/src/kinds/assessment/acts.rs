//! What may be done in an assessment, and what each act asks for.

use super::method::{CONDITION, Condition, INDICATOR, Indicator};
use super::scores::SCORES;
use crate::act::{Field, Shape};
use crate::content::ContentHash;
use crate::record::RecordId;
use crate::source::Source;
use crate::time::Date;
use crate::words::Words;
use crate::{acts, refusals};
use serde::{Deserialize, Serialize};

/// The longest identifier of a condition, an indicator or a milestone, in characters.
pub(super) const ID: usize = 20;

/// The highest number of a cycle.
const CYCLES: i64 = 999;

/// One condition that must be met before a milestone is ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateRow {
    /// The condition's identifier in the method.
    pub condition: String,
}

const GATE: &[Field] = &[Field { name: "condition", required: true, shape: Shape::Text(ID) }];

acts! {
    /// Opens the assessment and proposes the method by which it is to be made, before any score.
    ProposeMethod = "propose-method" by [Secretary, CoChair], opens {
        /// What the assessment is called.
        required title: Words => Shape::Words(300);
        /// The mission whose timeline it serves.
        required mission: Words => Shape::Words(2000);
        /// What must be so, each under one of the three factors.
        required conditions: Vec<Condition> => Shape::Rows(40, CONDITION);
        /// What shows whether it is so.
        required indicators: Vec<Indicator> => Shape::Rows(200, INDICATOR);
        /// Where the mandate can be read.
        optional sources: Vec<Source> => Source::ROWS;
    }

    /// Proposes another method. What is adopted stands until all parties have adopted this one.
    ReviseMethod = "revise-method" by [Secretary, CoChair] {
        /// What the assessment is called.
        required title: Words => Shape::Words(300);
        /// The mission whose timeline it serves.
        required mission: Words => Shape::Words(2000);
        /// What must be so, each under one of the three factors.
        required conditions: Vec<Condition> => Shape::Rows(40, CONDITION);
        /// What shows whether it is so.
        required indicators: Vec<Indicator> => Shape::Rows(200, INDICATOR);
        /// Where the mandate can be read.
        optional sources: Vec<Source> => Source::ROWS;
    }

    /// Adopts the method on the table. It may be scored by once every party has.
    AdoptMethod = "adopt-method" by [CoChair, Secretary], mutual {
        /// The hash of the method.
        required content: ContentHash => Shape::Content;
    }

    /// Begins a cycle of scoring, once every party has named the same number and day.
    BeginCycle = "begin-cycle" by [Secretary, CoChair], mutual {
        /// The cycle's number, one more than the last.
        required cycle: i64 => Shape::Whole(1, CYCLES);
        /// The day as of which is scored. No evidence may be later.
        required as_of: Date => Shape::Date;
        /// The hash of the method that is scored by.
        required content: ContentHash => Shape::Content;
    }

    /// Commits the party to its scores without showing them. They can neither be replaced nor be read until they are revealed.
    SealScores = "seal-scores" by [Assessor], sealed(SCORES) {
        /// The cycle's number.
        required cycle: i64 => Shape::Whole(1, CYCLES);
    }

    /// Shows the scores that the party has sealed, once every party has sealed its own.
    RevealScores = "reveal-scores" by [Assessor] {
        /// The record that sealed them.
        required of: RecordId => Shape::Record;
        /// What it sealed.
        required disclosure: String => Shape::Disclosure;
    }

    /// Gives up a cycle that not every party has revealed, once every party has said so. Each gives its own reason.
    VoidCycle = "void-cycle" by [CoChair, Secretary], mutual {
        /// The cycle's number.
        required cycle: i64 => Shape::Whole(1, CYCLES);
        /// Why.
        required reason: String => Shape::Paragraphs(4000);
    }

    /// Finds together how a condition stands, once every party has said the same words.
    AgreeFinding = "agree-finding" by [CoChair, Secretary], mutual {
        /// The cycle's number.
        required cycle: i64 => Shape::Whole(1, CYCLES);
        /// The condition.
        required condition: String => Shape::Text(ID);
        /// The finding.
        required text: Words => Shape::Words(8000);
    }

    /// Puts the party's own text beside the others' where no joint finding is reached. Every text is kept.
    StateDivergence = "state-divergence" by [CoChair, Secretary] {
        /// The cycle's number.
        required cycle: i64 => Shape::Whole(1, CYCLES);
        /// The condition.
        required condition: String => Shape::Text(ID);
        /// The party's own text.
        required text: Words => Shape::Words(8000);
    }

    /// Sets a milestone of the mission's timeline, once every party has said exactly this.
    SetMilestone = "set-milestone" by [CoChair, Secretary], mutual {
        /// Its identifier: `M1`.
        required milestone: String => Shape::Text(ID);
        /// What is done when it is reached.
        required action: Words => Shape::Words(1000);
        /// The first day on which it may be done.
        required earliest: Date => Shape::Date;
        /// The day for which it is planned.
        required planned: Date => Shape::Date;
        /// The last day on which it is to be done.
        required latest: Date => Shape::Date;
        /// The conditions that must be met before it is ordered.
        required gate: Vec<GateRow> => Shape::Rows(40, GATE);
    }

    /// Moves a milestone's dates, once every party has named the same. Each gives its own reason; the earlier dates stay.
    MoveMilestone = "move-milestone" by [CoChair], mutual {
        /// The milestone.
        required milestone: String => Shape::Text(ID);
        /// The first day on which it may be done.
        required earliest: Date => Shape::Date;
        /// The day for which it is planned.
        required planned: Date => Shape::Date;
        /// The last day on which it is to be done.
        required latest: Date => Shape::Date;
        /// Why.
        required reason: String => Shape::Paragraphs(4000);
    }

    /// Lets a milestone be ordered although its gate is not met, once every party has said so. The gate stays shown as it is.
    OverrideGate = "override-gate" by [CoChair], mutual {
        /// The milestone.
        required milestone: String => Shape::Text(ID);
        /// Why.
        required reason: String => Shape::Paragraphs(4000);
    }

    /// Orders a milestone for the day for which it is planned, once every party has said so.
    OrderMilestone = "order-milestone" by [CoChair], mutual {
        /// The milestone.
        required milestone: String => Shape::Text(ID);
        /// The day for which it is planned, as it now stands.
        required planned: Date => Shape::Date;
    }

    /// Says that what was ordered is done, once every party has named the same day.
    MilestoneDone = "milestone-done" by [CoChair, Secretary], mutual {
        /// The milestone.
        required milestone: String => Shape::Text(ID);
        /// The day on which it was done.
        required on: Date => Shape::Date;
    }
}

refusals! {
    /// What the rules of assessments refuse.
    pub enum Rule {
        /// A condition or an indicator stands twice in the method.
        TwiceInMethod = "ASM01",
        /// The method has no such condition.
        NoSuchCondition = "ASM02",
        /// A condition has no essential indicator, and so nothing by which it could be met.
        NothingEssential = "ASM03",
        /// Nothing is scored or set before every party has adopted the method.
        NotAdopted = "ASM04",
        /// A cycle is open: it is completed, or given up by every party, before another begins or the method changes.
        CycleIsOpen = "ASM05",
        /// No open cycle of this number in which the party scores.
        NoSuchCycle = "ASM06",
        /// A cycle's number is one more than the last.
        NotTheNextCycle = "ASM07",
        /// The cycle would be as of a day that is still to come.
        AsOfToCome = "ASM08",
        /// The cycle would be as of an earlier day than the last one.
        BeforeTheLastCycle = "ASM09",
        /// The record seals the scores, and nothing else.
        OneSeal = "ASM10",
        /// The party has sealed its scores for this cycle, and cannot replace them.
        SealedAlready = "ASM11",
        /// The record named is not the party's own seal in the open cycle.
        NotTheOwnSeal = "ASM12",
        /// Nobody reveals before every party has sealed.
        NotAllSealed = "ASM13",
        /// What is revealed is not what was sealed.
        NotWhatWasSealed = "ASM14",
        /// What was sealed cannot be read as scores.
        NotScores = "ASM15",
        /// The scores name an indicator that the method does not have, or one twice.
        NoSuchIndicator = "ASM16",
        /// A piece of evidence is later than the day as of which is scored.
        EvidenceTooLate = "ASM17",
        /// A score rests on no dated evidence, or says nothing of its confidence.
        NoEvidence = "ASM18",
        /// The cycle named is not the latest that every party has revealed.
        NotAssessed = "ASM19",
        /// A joint finding stands for this condition, and one side alone does not undo it.
        FindingStands = "ASM20",
        /// The dates of a milestone stand in the order earliest, planned, latest.
        DatesOutOfOrder = "ASM21",
        /// The milestone is set; its dates are moved.
        MilestoneIsSet = "ASM22",
        /// There is no such milestone.
        NoSuchMilestone = "ASM23",
        /// These are the dates that are in force.
        SameDates = "ASM24",
        /// The gate is not met, or not known to be met, and no override of it stands.
        GateNotMet = "ASM25",
        /// The gate is met: there is nothing to override.
        GateIsMet = "ASM26",
        /// The milestone is ordered.
        AlreadyOrdered = "ASM27",
        /// The milestone is not ordered by every party.
        NotOrdered = "ASM28",
        /// The milestone is done.
        IsDone = "ASM29",
        /// A milestone is not done on a day that is still to come.
        DoneInTheFuture = "ASM30",
    }
}
