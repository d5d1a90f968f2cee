//! What may be noted about a third state and its people, and what each act asks for.

use crate::act::Shape;
use crate::figure::Figure;
use crate::record::RecordId;
use crate::source::Source;
use crate::time::Date;
use crate::{acts, choices};

choices! {
    /// What a third state says about the return of its people.
    ThirdStatePosition {
        /// It has not answered.
        NoReply = "no-reply",
        /// It refuses.
        Refuses = "refuses",
        /// It has deprived them of its nationality.
        NationalityDeprived = "nationality-deprived",
        /// It takes back children alone.
        ChildrenOnly = "children-only",
        /// It decides case by case.
        CaseByCase = "case-by-case",
        /// It takes its people back.
        Returning = "returning",
        /// All who are to return have returned.
        Finished = "finished",
    }
}

acts! {
    /// Opens the register of a third state: one that takes no part in the channel.
    OpenRegister = "open-register" by [ReturnOfficer, FocalPoint], opens {
        /// The state: its code or its name.
        required third_state: String => Shape::Text(100);
    }

    /// Adds figures of how many of its people there are. Earlier and contradicting ones stay beside them.
    RecordCaseload = "record-caseload" by [ReturnOfficer, FocalPoint] {
        /// The figures.
        required figures: Vec<Figure> => Figure::ROWS;
    }

    /// Notes what the third state has said, and where it can be read.
    RecordPosition = "record-position" by [ReturnOfficer, FocalPoint] {
        /// Its position.
        required third_state_position: ThirdStatePosition => Shape::Choice(ThirdStatePosition::NAMES);
        /// The day as of which it holds.
        required as_of: Date => Shape::Date;
        /// Where it can be read.
        required sources: Vec<Source> => Source::ROWS;
    }

    /// Notes a contact with the third state.
    RecordContact = "record-contact" by [ReturnOfficer, FocalPoint] {
        /// The day.
        required on: Date => Shape::Date;
        /// By what way: a note, a visit, a telephone call.
        required contact_way: String => Shape::Text(200);
        /// What was said.
        required text: String => Shape::Paragraphs(4000);
    }

    /// Notes a question to which the third state owes an answer.
    OweAnswer = "owe-answer" by [ReturnOfficer, FocalPoint] {
        /// The question.
        required question: String => Shape::Paragraphs(2000);
        /// By when an answer was asked for.
        required due: Date => Shape::Date;
    }

    /// Notes the answer to a question.
    AnswerReceived = "answer-received" by [ReturnOfficer, FocalPoint] {
        /// The record of the question.
        required question: RecordId => Shape::Record;
        /// The day.
        required on: Date => Shape::Date;
        /// The answer.
        required text: String => Shape::Paragraphs(4000);
    }
}
