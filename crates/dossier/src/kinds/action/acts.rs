//! What may be done about an action, and what each act asks for.

use crate::act::{Field, Shape};
use crate::acts;
use crate::content::ContentHash;
use crate::party::InstitutionId;
use crate::record::{DossierId, RecordId};
use crate::time::{Date, Due};
use crate::words::Words;
use serde::{Deserialize, Serialize};

/// One piece of evidence for a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What it is.
    pub title: String,
    /// The SHA-256 of the attached file, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<ContentHash>,
    /// The record that shows it, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordId>,
}

const EVIDENCE: &[Field] = &[
    Field { name: "title", required: true, shape: Shape::Text(300) },
    Field { name: "sha256", required: false, shape: Shape::Content },
    Field { name: "record", required: false, shape: Shape::Record },
];

/// What one institution contributes to the answer of its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Portion {
    /// The institution that contributes it.
    pub institution: InstitutionId,
    /// What it is to contribute.
    pub task: Words,
    /// By when.
    pub due: Due,
}

const PORTION: &[Field] = &[
    Field { name: "institution", required: true, shape: Shape::Institution },
    Field { name: "task", required: true, shape: Shape::Words(4000) },
    Field { name: "due", required: true, shape: Shape::Due },
];

/// A signed share on which an answer rests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cited {
    /// The record of the institution's report.
    pub share: RecordId,
}

const CITED: &[Field] = &[Field { name: "share", required: true, shape: Shape::Record }];

/// An institution on whose share an answer does not rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    /// The institution.
    pub institution: InstitutionId,
    /// Why its share is missing.
    pub reason: String,
}

const MISSING: &[Field] = &[
    Field { name: "institution", required: true, shape: Shape::Institution },
    Field { name: "reason", required: true, shape: Shape::Paragraphs(2000) },
];

acts! {
    /// Gives an institution a task with a date. It is assigned once every party has said exactly this.
    Assign = "assign" by [Secretary], opens, mutual {
        /// What it is called.
        required title: Words => Shape::Words(300);
        /// The one institution that answers for it.
        required owner: InstitutionId => Shape::Institution;
        /// What is to be delivered, so that anybody can tell whether it was.
        required deliverable: Words => Shape::Words(4000);
        /// By when.
        required due: Due => Shape::Due;
        /// The day on which it was decided.
        required decided_on: Date => Shape::Date;
        /// The dossier from which it comes: a meeting, an agreement, a commitment.
        optional from: DossierId => Shape::Dossier;
        /// The clause of that dossier.
        optional clause: String => Shape::Text(20);
        /// Whether all parties do it together, so that all of them verify it.
        optional joint: bool => Shape::Flag;
        /// At home: the joint action in another channel that this one serves.
        optional serves: DossierId => Shape::Dossier;
        /// The number by which both sides quote that action.
        optional serves_reference: String => Shape::Text(60);
    }

    /// Takes the task on, for the institution that owns it.
    Accept = "accept" by [FocalPoint] {
        /// What the institution wants to say to it.
        optional note: String => Shape::Paragraphs(4000);
    }

    /// Begins the work.
    Start = "start" by [FocalPoint] {}

    /// Says that the work cannot go on, and why.
    Block = "block" by [FocalPoint] {
        /// Why.
        required reason: String => Shape::Paragraphs(4000);
    }

    /// Says that the work can go on.
    Unblock = "unblock" by [FocalPoint] {}

    /// At home: shares the work out among the state's institutions. Further shares may follow.
    ShareOut = "share-out" by [Secretary] {
        /// Who contributes what, by when.
        required shares: Vec<Portion> => Shape::Rows(40, PORTION);
    }

    /// At home: reports an institution's share. It counts when the institution's director-general has signed it.
    ReportShare = "report-share" by [FocalPoint] {
        /// What the institution contributes.
        required report: String => Shape::Paragraphs(8000);
        /// What shows it.
        optional evidence: Vec<Evidence> => Shape::Rows(40, EVIDENCE);
    }

    /// At home: signs a share for the institution that reported it.
    SignShare = "sign-share" by [DirectorGeneral] {
        /// The record of the report.
        required report: RecordId => Shape::Record;
    }

    /// At home: gives a share back to the institution that reported it.
    ReturnShare = "return-share" by [Secretary, FocalPoint] {
        /// The record of the report.
        required report: RecordId => Shape::Record;
        /// What is missing.
        required reason: String => Shape::Paragraphs(4000);
    }

    /// At home: asks an institution no longer for its share.
    WithdrawShare = "withdraw-share" by [Secretary] {
        /// The institution.
        required institution: InstitutionId => Shape::Institution;
        /// Why.
        required reason: String => Shape::Paragraphs(4000);
    }

    /// At home: makes of the signed shares the one answer of the state. It counts when the owner's director-general has
    /// signed it off.
    CompileAnswer = "compile-answer" by [FocalPoint, Secretary] {
        /// The answer, as it goes to the other side.
        required text: Words => Shape::Words(8000);
        /// The signed shares of which it is made.
        required shares: Vec<Cited> => Shape::Rows(80, CITED);
        /// The institutions whose shares it does without, and why.
        optional missing: Vec<Missing> => Shape::Rows(40, MISSING);
    }

    /// Reports the work as done. It counts as done when the director-general has signed it off.
    ReportDone = "report-done" by [FocalPoint] {
        /// What was done.
        required report: String => Shape::Paragraphs(8000);
        /// What shows it.
        optional evidence: Vec<Evidence> => Shape::Rows(40, EVIDENCE);
        /// The content hash of the answer that the state's institutions made among themselves.
        optional answer: ContentHash => Shape::Content;
    }

    /// Signs off a report for the institution.
    SignOff = "sign-off" by [DirectorGeneral] {
        /// The record of the report.
        required report: RecordId => Shape::Record;
    }

    /// Gives a report back within the institution.
    DeclineSignOff = "decline-sign-off" by [DirectorGeneral] {
        /// The record of the report.
        required report: RecordId => Shape::Record;
        /// Why.
        required reason: String => Shape::Paragraphs(4000);
    }

    /// Finds that what was signed off is indeed done.
    Verify = "verify" by [Secretary, FocalPoint] {
        /// The record of the report.
        required report: RecordId => Shape::Record;
        /// What was found.
        optional note: String => Shape::Paragraphs(4000);
    }

    /// Gives the work back to its owner: what was signed off is not yet what was to be delivered.
    Return = "return" by [Secretary, FocalPoint] {
        /// The record of the report.
        required report: RecordId => Shape::Record;
        /// What is missing.
        required reason: String => Shape::Paragraphs(4000);
    }

    /// Moves the date, once every party has named the same one. Each gives its own reason.
    Extend = "extend" by [Secretary], mutual {
        /// The new date.
        required due: Due => Shape::Due;
        /// Why.
        required reason: String => Shape::Paragraphs(4000);
    }

    /// Ends the action undone, once every party has said so. Each gives its own reason.
    Cancel = "cancel" by [Secretary], mutual {
        /// Why.
        required reason: String => Shape::Paragraphs(4000);
    }
}
