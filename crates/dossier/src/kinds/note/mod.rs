//! A note verbale: what one authority writes to another, under its own number, until it is received and answered.
//!
//! The receipt is an act of the receiving side with its own number and day, and an answer is one of its acts too: nobody
//! receives or answers for another. That the day for an answer has passed is seen by whoever looks, and a reminder is sent
//! only then. A final answer stands: whoever wants to say more sends a note that names this one.

mod acts;
mod sheet;

pub use acts::*;

use crate::act::ActSpec;
use crate::body::ActBody;
use crate::channel::Charter;
use crate::fold::Context;
use crate::kinds::Rules;
use crate::party::{InstitutionId, PartyId};
use crate::record::RecordId;
use crate::refusal::{Common, Refusal};
use crate::refusals;
use crate::sheet::{Offer, Sheet, View};
use crate::time::{Date, Due, Moment};
use crate::words::Words;
use serde::{Deserialize, Serialize};

refusals! {
    /// What the rules of notes refuse.
    pub enum NoteRefusal {
        /// A note is addressed to an institution of another party that has the dossier.
        NotAnotherParty = "NOT01",
        /// The day for an answer lies before the date of the note.
        ReplyBeforeDate = "NOT02",
        /// A day that is stated as past lies in the future.
        InTheFuture = "NOT03",
        /// A language is named as official in which there is no text.
        NoOfficialText = "NOT04",
        /// Only the party of the institution that the note is addressed to receives and answers it.
        NotTheAddressee = "NOT05",
        /// The sender neither receives nor answers its own note.
        OwnNote = "NOT06",
        /// Only the sending party reminds, withdraws and closes.
        NotTheSender = "NOT07",
        /// The receipt is signed already.
        ReceivedAlready = "NOT08",
        /// The note has not been received: a receipt comes before an answer.
        NotReceived = "NOT09",
        /// A final answer stands.
        AnsweredAlready = "NOT10",
        /// The note is withdrawn or closed.
        Over = "NOT11",
        /// No day for an answer has passed.
        NothingOverdue = "NOT12",
        /// The note cannot have been received or answered before its date.
        BeforeTheNote = "NOT13",
        /// An answer was asked for and no final one stands.
        AnswerOwed = "NOT14",
        /// The new day for an answer lies after the day of the reminder.
        NewDayPassed = "NOT15",
    }
}

/// A signed receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Receipt {
    number: String,
    received_on: Date,
    by: InstitutionId,
    record: RecordId,
    at: Moment,
}

/// An answer, as the answering authority gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Answered {
    answer: Answer,
    by: InstitutionId,
    record: RecordId,
    at: Moment,
}

/// A reminder, and the day that had passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Reminder {
    remind: Remind,
    passed: Due,
    record: RecordId,
    at: Moment,
}

/// How the sender ended it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "end")]
enum End {
    Withdrawn { reason: Words, at: Moment },
    Closed { note: Option<String>, at: Moment },
}

/// What is held about a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    sent: Send,
    sender: InstitutionId,
    at: Moment,
    /// The day for an answer that the sender named last.
    reply_by: Due,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    answers: Vec<Answered>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reminders: Vec<Reminder>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<End>,
}

impl Note {
    fn send(context: &Context<'_>, charter: &Charter, sent: Send) -> Result<Note, Refusal> {
        let to = sent.addressee.party();
        let fits = to != context.stamp.party && context.audience.contains(&to) && charter.institution(&sent.addressee).is_some();
        if !fits {
            return Err(Refusal::from(NoteRefusal::NotAnotherParty).at("addressee"));
        }
        if sent.reply_by.is_past(sent.date) {
            return Err(Refusal::from(NoteRefusal::ReplyBeforeDate).at("reply_by"));
        }
        check_not_future(context, sent.date, "date")?;
        let is_given = |tongue| sent.text.0.get(tongue).is_some_and(|text| !text.trim().is_empty());
        if !sent.official.iter().all(is_given) {
            return Err(Refusal::from(NoteRefusal::NoOfficialText).at("official"));
        }
        Ok(Note {
            sender: context.stamp.institution.clone(),
            at: context.stamp.at,
            reply_by: sent.reply_by,
            sent,
            receipt: None,
            answers: Vec::new(),
            reminders: Vec::new(),
            end: None,
        })
    }

    fn check_addressee(&self, context: &Context<'_>) -> Result<(), Refusal> {
        let party = &context.stamp.party;
        if *party == self.sender.party() {
            return Err(NoteRefusal::OwnNote.into());
        }
        if *party == self.sent.addressee.party() { Ok(()) } else { Err(NoteRefusal::NotTheAddressee.into()) }
    }

    fn check_sender(&self, context: &Context<'_>) -> Result<(), Refusal> {
        if context.stamp.party == self.sender.party() { Ok(()) } else { Err(NoteRefusal::NotTheSender.into()) }
    }

    fn check_unanswered(&self) -> Result<(), Refusal> {
        if self.is_answered() { Err(NoteRefusal::AnsweredAlready.into()) } else { Ok(()) }
    }

    fn check_not_before(&self, day: Date, field: &str) -> Result<(), Refusal> {
        if day < self.sent.date { Err(Refusal::from(NoteRefusal::BeforeTheNote).at(field)) } else { Ok(()) }
    }

    /// Whether a final answer stands.
    fn is_answered(&self) -> bool {
        self.answers.iter().any(|answered| answered.answer.answer_nature == Nature::Final)
    }

    /// Whether the addressee's side still owes an answer.
    fn owes_answer(&self) -> bool {
        self.end.is_none() && self.reply_by.date().is_some() && !self.is_answered()
    }

    /// Whether the answer is owed and its day has passed.
    fn is_overdue(&self, today: Date) -> bool {
        self.owes_answer() && self.reply_by.is_past(today)
    }

    /// Whether the sender may say that the matter is closed: the note is answered, or was sent for information and received.
    fn may_close(&self) -> bool {
        self.is_answered() || (self.reply_by.date().is_none() && self.receipt.is_some())
    }

    fn acknowledge(&mut self, context: &Context<'_>, receipt: Acknowledge) -> Result<(), Refusal> {
        self.check_addressee(context)?;
        if self.receipt.is_some() {
            return Err(NoteRefusal::ReceivedAlready.into());
        }
        self.check_not_before(receipt.received_on, "received_on")?;
        check_not_future(context, receipt.received_on, "received_on")?;
        self.receipt = Some(Receipt {
            number: receipt.number,
            received_on: receipt.received_on,
            by: context.stamp.institution.clone(),
            record: context.record,
            at: context.stamp.at,
        });
        Ok(())
    }

    fn answer(&mut self, context: &Context<'_>, answer: Answer) -> Result<(), Refusal> {
        self.check_addressee(context)?;
        if self.receipt.is_none() {
            return Err(NoteRefusal::NotReceived.into());
        }
        self.check_unanswered()?;
        self.check_not_before(answer.date, "date")?;
        check_not_future(context, answer.date, "date")?;
        let by = context.stamp.institution.clone();
        self.answers.push(Answered { answer, by, record: context.record, at: context.stamp.at });
        Ok(())
    }

    fn remind(&mut self, context: &Context<'_>, remind: Remind) -> Result<(), Refusal> {
        self.check_sender(context)?;
        self.check_unanswered()?;
        let today = context.stamp.at.civil_date();
        if !self.is_overdue(today) {
            return Err(NoteRefusal::NothingOverdue.into());
        }
        if remind.reply_by.is_some_and(|day| day <= today) {
            return Err(Refusal::from(NoteRefusal::NewDayPassed).at("reply_by"));
        }
        let passed = self.reply_by;
        self.reply_by = remind.reply_by.map_or(passed, Due::On);
        self.reminders.push(Reminder { remind, passed, record: context.record, at: context.stamp.at });
        Ok(())
    }

    fn withdraw(&mut self, context: &Context<'_>, withdraw: Withdraw) -> Result<(), Refusal> {
        self.check_sender(context)?;
        self.check_unanswered()?;
        self.end = Some(End::Withdrawn { reason: withdraw.reason, at: context.stamp.at });
        Ok(())
    }

    fn close(&mut self, context: &Context<'_>, close: Close) -> Result<(), Refusal> {
        self.check_sender(context)?;
        if !self.may_close() {
            return Err(NoteRefusal::AnswerOwed.into());
        }
        self.end = Some(End::Closed { note: close.note, at: context.stamp.at });
        Ok(())
    }
}

fn check_not_future(context: &Context<'_>, day: Date, field: &str) -> Result<(), Refusal> {
    if day > context.stamp.at.civil_date() { Err(Refusal::from(NoteRefusal::InTheFuture).at(field)) } else { Ok(()) }
}

impl Rules for Note {
    type Act = Act;
    const SPECS: &'static [ActSpec] = SPECS;
    const STATES: &'static [&'static str] = &["sent", "received", "interim", "answered", "closed", "withdrawn"];
    const CODES: &'static [&'static str] = NoteRefusal::CODES;

    fn decode(act: &str, body: &ActBody) -> Option<Result<Act, Refusal>> {
        Act::decode(act, body)
    }

    fn open(context: &Context<'_>, charter: &Charter, act: Act) -> Result<Self, Refusal> {
        match act {
            Act::Send(sent) => Note::send(context, charter, sent),
            _ => Err(Common::NotAnOpening.into()),
        }
    }

    fn step(&mut self, context: &Context<'_>, _charter: &Charter, act: Act) -> Result<(), Refusal> {
        if self.end.is_some() {
            return Err(NoteRefusal::Over.into());
        }
        match act {
            Act::Send(_) => Err(Common::AlreadyOpen.into()),
            Act::Acknowledge(receipt) => self.acknowledge(context, receipt),
            Act::Answer(answer) => self.answer(context, answer),
            Act::Remind(remind) => self.remind(context, remind),
            Act::Withdraw(withdraw) => self.withdraw(context, withdraw),
            Act::Close(close) => self.close(context, close),
        }
    }

    fn sheet(&self, view: &View<'_>) -> Sheet {
        self.shown(view)
    }

    fn offers(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        self.offered(view, party)
    }
}
