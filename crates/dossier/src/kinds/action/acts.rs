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

    /// Reports the work as done. It counts as done when the director-general has signed it off.
    ReportDone = "report-done" by [FocalPoint] {
        /// What was done.
        required report: String => Shape::Paragraphs(8000);
        /// What shows it.
        optional evidence: Vec<Evidence> => Shape::Rows(40, EVIDENCE);
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
