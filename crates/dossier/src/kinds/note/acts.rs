//! What may be done about a note verbale, and what each act asks for.

use crate::act::Shape;
use crate::party::InstitutionId;
use crate::record::DossierId;
use crate::source::Source;
use crate::time::{Date, Due};
use crate::words::{Tongue, Words};
use crate::{acts, choices};
use std::collections::BTreeSet;

choices! {
    /// How soon a note is to be laid before whoever answers it.
    Urgency {
        /// In the ordinary course.
        Routine = "routine",
        /// Before other business.
        Urgent = "urgent",
        /// At once, by day and night.
        Immediate = "immediate",
    }

    /// Whether an answer ends the waiting for one.
    Nature {
        /// Says that the matter is being looked into, or answers in part.
        Interim = "interim",
        /// Answers the note.
        Final = "final",
    }
}

acts! {
    /// Sends a note. The institution in the record's stamp is the sending authority.
    Send = "send" by [Secretary, TreatyOfficer], opens {
        /// What it is about, in a line.
        required subject: Words => Shape::Words(300);
        /// The number under which the sending authority keeps it.
        required number: String => Shape::Text(60);
        /// The date that it bears.
        required date: Date => Shape::Date;
        /// The institution that it is addressed to, of another party.
        required addressee: InstitutionId => Shape::Institution;
        /// Its text: the official one, and translations that go with it by courtesy.
        required text: Words => Shape::Words(20_000);
        /// The languages in which the text is official; each other version is a courtesy translation.
        required official: BTreeSet<Tongue> => Shape::Tongues;
        /// The last day for an answer, or the statement that none is asked for.
        required reply_by: Due => Shape::Due;
        /// How soon it is to be dealt with.
        required note_urgency: Urgency => Shape::Choice(Urgency::NAMES);
        /// The note that it replies to or follows.
        optional in_reply_to: DossierId => Shape::Dossier;
        /// What it quotes.
        optional sources: Vec<Source> => Source::ROWS;
    }

    /// Signs for having received the note.
    Acknowledge = "acknowledge" by [Secretary, FocalPoint] {
        /// The number under which the receiving authority keeps it.
        required number: String => Shape::Text(60);
        /// The day on which it was received.
        required received_on: Date => Shape::Date;
    }

    /// Answers the note.
    Answer = "answer" by [Secretary, TreatyOfficer] {
        /// Whether more is to come.
        required answer_nature: Nature => Shape::Choice(Nature::NAMES);
        /// The number of the answering authority.
        required number: String => Shape::Text(60);
        /// The date that the answer bears.
        required date: Date => Shape::Date;
        /// Its text.
        required text: Words => Shape::Words(20_000);
        /// When the answering side expects to say more; the day for the answer stays the one that the sender named.
        optional expected_on: Date => Shape::Date;
    }

    /// Reminds the addressee of a note whose day for an answer has passed.
    Remind = "remind" by [Secretary, TreatyOfficer] {
        /// What the reminder says.
        required text: Words => Shape::Words(4000);
        /// Its number.
        optional number: String => Shape::Text(60);
        /// Another day for the answer.
        optional reply_by: Date => Shape::Date;
    }

    /// Takes the note back while it has no final answer.
    Withdraw = "withdraw" by [Secretary, TreatyOfficer] {
        /// Why.
        required reason: Words => Shape::Words(4000);
    }

    /// Says that for the sender the matter of the note is closed.
    Close = "close" by [Secretary, TreatyOfficer] {
        /// What the sender wants to say to it.
        optional note: String => Shape::Paragraphs(4000);
    }
}
