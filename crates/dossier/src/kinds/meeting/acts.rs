//! What may be done about a meeting, and what each act asks for.

use crate::act::{Field, Shape};
use crate::acts;
use crate::content::ContentHash;
use crate::party::InstitutionId;
use crate::record::RecordId;
use crate::time::{Date, Due};
use crate::words::{Tongue, Words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A text that a meeting rests on: a statement, an article, an earlier minute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What it is, and where it can be found.
    pub text: String,
}

const SOURCE: &[Field] = &[Field { name: "text", required: true, shape: Shape::Text(1000) }];

/// One member of a delegation: an office, not a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The office that attends.
    pub office: String,
    /// The institution that it belongs to.
    pub institution: InstitutionId,
}

const MEMBER: &[Field] = &[
    Field { name: "office", required: true, shape: Shape::Text(200) },
    Field { name: "institution", required: true, shape: Shape::Institution },
];

/// One paper of an agenda item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// What it is called.
    pub title: String,
    /// The SHA-256 of the attached file, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<ContentHash>,
}

const PAPER: &[Field] = &[
    Field { name: "title", required: true, shape: Shape::Text(300) },
    Field { name: "sha256", required: false, shape: Shape::Content },
];

/// What a clause of the minutes is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nature {
    /// Records what was said or happened.
    Record,
    /// Decides something.
    Decision,
    /// Recommends something to those who decide.
    Recommendation,
    /// Gives an institution something to do by a day.
    Action,
}

impl Nature {
    /// The names of all natures, as they stand in records.
    pub const NAMES: &'static [&'static str] = &["record", "decision", "recommendation", "action"];

    /// The nature's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Nature::Record => "record",
            Nature::Decision => "decision",
            Nature::Recommendation => "recommendation",
            Nature::Action => "action",
        }
    }
}

acts! {
    /// Proposes a meeting.
    Propose = "propose" by [Secretary], opens {
        /// What it is called.
        required title: Words => Shape::Words(300);
        /// The body that meets: its identifier in the charter, or its name.
        required body: String => Shape::Text(200);
        /// The day that the proposing party would agree to.
        optional date: Date => Shape::Date;
        /// The place that goes with that day.
        optional place: String => Shape::Text(200);
        /// The languages of the minutes; those of the channel when nothing is said.
        optional tongues: BTreeSet<Tongue> => Shape::Tongues;
        /// Its number in the series of meetings of this body.
        optional series: u32 => Shape::Whole(1, 9999);
        /// What it rests on.
        optional sources: Vec<Source> => Shape::Rows(40, SOURCE);
    }

    /// Agrees to a day and a place. They stand once every party has named the same.
    AgreeDate = "agree-date" by [Secretary], mutual {
        /// The day.
        required date: Date => Shape::Date;
        /// The place.
        optional place: String => Shape::Text(200);
    }

    /// Puts the meeting off. The agreed day falls; a new one is agreed by every party.
    Postpone = "postpone" by [Secretary] {
        /// Why.
        required reason: String => Shape::Paragraphs(4000);
        /// The day that the party would agree to instead.
        optional date: Date => Shape::Date;
        /// The place that goes with that day.
        optional place: String => Shape::Text(200);
    }

    /// Calls the meeting off, for good.
    Cancel = "cancel" by [Secretary] {
        /// Why.
        required reason: String => Shape::Paragraphs(4000);
    }

    /// Names the party's own delegation, in place of what it named before.
    SetDelegation = "set-delegation" by [Secretary] {
        /// The office that leads it.
        required head: String => Shape::Text(200);
        /// Its members.
        required members: Vec<Member> => Shape::Rows(200, MEMBER);
    }

    /// Puts an item on the agenda.
    AddItem = "add-item" by [Secretary] {
        /// What it is about.
        required title: Words => Shape::Words(500);
        /// Its papers.
        optional papers: Vec<Paper> => Shape::Rows(100, PAPER);
    }

    /// Takes one's own item off the agenda.
    WithdrawItem = "withdraw-item" by [Secretary] {
        /// The record that added it.
        required item: RecordId => Shape::Record;
    }

    /// Agrees to the agenda as it stands.
    AgreeAgenda = "agree-agenda" by [Secretary], mutual {
        /// The hash of the list of items.
        required content: ContentHash => Shape::Content;
    }

    /// Says that the meeting took place. The minutes are open once every party has said so.
    DeclareHeld = "declare-held" by [Secretary], mutual {
        /// The day on which it took place.
        required on: Date => Shape::Date;
    }

    /// Puts the text of a clause of the minutes in one language, and accepts it. Any other text in its place falls, and with
    /// it what others had accepted.
    PutClause = "put-clause" by [Secretary] {
        /// The clause's number, `2` or `2.1`.
        required number: String => Shape::Text(20);
        /// The language.
        required tongue: Tongue => Shape::Tongue;
        /// The text.
        required text: String => Shape::Paragraphs(8000);
        /// What the clause is.
        required nature: Nature => Shape::Choice(Nature::NAMES);
        /// For an action, the institution that answers for it.
        optional owner: InstitutionId => Shape::Institution;
        /// For an action, by when.
        optional due: Due => Shape::Due;
    }

    /// Takes back a clause that no other party has put or accepted in any language.
    WithdrawClause = "withdraw-clause" by [Secretary] {
        /// The clause's number.
        required number: String => Shape::Text(20);
    }

    /// Accepts the text of a clause in one language. It lifts the party's own brackets and reservation.
    AcceptClause = "accept-clause" by [Secretary] {
        /// The clause's number.
        required number: String => Shape::Text(20);
        /// The language.
        required tongue: Tongue => Shape::Tongue;
        /// The hash of the text.
        required content: ContentHash => Shape::Content;
    }

    /// Puts a text in brackets: the party does not agree to it as it stands.
    BracketClause = "bracket-clause" by [Secretary] {
        /// The clause's number.
        required number: String => Shape::Text(20);
        /// The language.
        required tongue: Tongue => Shape::Tongue;
        /// Why.
        required reason: String => Shape::Paragraphs(4000);
    }

    /// Reserves the party's position on a clause, in whatever language.
    ReserveClause = "reserve-clause" by [Secretary] {
        /// The clause's number.
        required number: String => Shape::Text(20);
        /// Why.
        required reason: String => Shape::Paragraphs(4000);
    }

    /// Says something to a clause; nothing follows from it.
    CommentClause = "comment-clause" by [Secretary] {
        /// The clause's number.
        required number: String => Shape::Text(20);
        /// The comment.
        required text: String => Shape::Paragraphs(4000);
    }

    /// Signs the minutes. They are closed once every party has signed the same.
    SignMinutes = "sign-minutes" by [CoChair], mutual {
        /// The hash of all clauses in all languages.
        required content: ContentHash => Shape::Content;
    }

    /// Corrects a signed text, once every party has agreed to the correction.
    Corrigendum = "corrigendum" by [CoChair], mutual {
        /// The clause's number.
        required number: String => Shape::Text(20);
        /// The language.
        required tongue: Tongue => Shape::Tongue;
        /// The text as it should be.
        required text: String => Shape::Paragraphs(8000);
    }

    /// Adopts a decision under a number of its own.
    AdoptDecision = "adopt-decision" by [CoChair], mutual {
        /// The decision's number.
        required number: String => Shape::Text(20);
        /// What is decided.
        required text: Words => Shape::Words(8000);
    }

    /// Refers a matter to a higher level. Each party refers for itself.
    ReferUp = "refer-up" by [CoChair, Secretary] {
        /// The matter.
        required matter: Words => Shape::Words(4000);
        /// The authority or body that it is referred to.
        required to: String => Shape::Text(300);
        /// The clause of the minutes that it comes from.
        optional clause: String => Shape::Text(20);
    }

    /// Rescinds an adopted decision, once every party has said so. Its number stays taken.
    Rescind = "rescind" by [CoChair], mutual {
        /// The decision's number.
        required number: String => Shape::Text(20);
        /// Why.
        optional reason: String => Shape::Paragraphs(4000);
    }
}
