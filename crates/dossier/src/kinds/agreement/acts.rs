//! What may be done in an agreement, and the rules that may say no.

use crate::act::{Field, Shape};
use crate::content::ContentHash;
use crate::record::{DossierId, RecordId};
use crate::source::Source;
use crate::time::Date;
use crate::words::{Tongue, Words};
use crate::{acts, choices, refusals};
use serde::{Deserialize, Serialize};

choices! {
    /// What an instrument calls itself. The word decides nothing: what binds is what the parties signed.
    Instrument {
        /// A treaty.
        Treaty = "treaty",
        /// An agreement.
        Agreement = "agreement",
        /// A memorandum of understanding.
        Memorandum = "memorandum",
        /// A protocol.
        Protocol = "protocol",
        /// An arrangement.
        Arrangement = "arrangement",
        /// Signed minutes.
        Minutes = "minutes",
        /// An exchange of notes.
        ExchangeOfNotes = "exchange-of-notes",
    }

    /// How an instrument enters into force.
    EntryRule {
        /// On the day of signature.
        OnSignature = "on-signature",
        /// On the day of the last party's notification that its domestic steps are done.
        OnLastNotification = "on-last-notification",
        /// On a day that the instrument names, and not before its signature.
        OnDate = "on-date",
        /// So many days after the last party's notification.
        DaysAfterLastNotification = "days-after-last-notification",
    }

    /// What happens when the day comes on which an instrument would end.
    Renewal {
        /// It ends.
        None = "none",
        /// It goes on unless a party has given notice.
        Tacit = "tacit",
        /// It ends unless all parties have agreed to prolong it.
        ByAgreement = "by-agreement",
    }

    /// A step that a state takes at home before it is bound.
    StepKind {
        /// The cabinet's approval.
        Cabinet = "cabinet",
        /// Parliament's approval.
        Parliament = "parliament",
        /// The head of state's approval.
        President = "president",
        /// The opinion of the council of state.
        CouncilOfState = "council-of-state",
        /// Publication in the official gazette.
        Gazette = "gazette",
        /// Another step, which the detail names.
        Other = "other",
    }
}

/// One language's text of an instrument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// The language.
    pub tongue: Tongue,
    /// The text, when it is kept here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// SHA-256 of the file that holds the authentic copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<ContentHash>,
    /// Whether the text is authentic, or a translation for convenience.
    pub authentic: bool,
}

const TEXT: &[Field] = &[
    Field { name: "tongue", required: true, shape: Shape::Tongue },
    Field { name: "text", required: false, shape: Shape::Paragraphs(100_000) },
    Field { name: "sha256", required: false, shape: Shape::Content },
    Field { name: "authentic", required: true, shape: Shape::Flag },
];

/// The longest ground that a party may state, in characters.
const GROUND: Shape = Shape::Paragraphs(4000);

acts! {
    /// Opens the dossier of an instrument.
    Draft = "draft" by [Secretary, TreatyOfficer], opens {
        /// What it is called.
        required title: Words => Shape::Words(400);
        /// What sort of instrument it is.
        required instrument: Instrument => Shape::Choice(Instrument::NAMES);
        /// What it is about.
        optional summary: Words => Shape::Words(4000);
        /// Its number in a treaty series.
        optional number: String => Shape::Text(80);
        /// Where it can be read.
        optional sources: Vec<Source> => Source::ROWS;
        /// How it enters into force.
        required entry: EntryRule => Shape::Choice(EntryRule::NAMES);
        /// The day on which it enters into force, where it names one.
        optional entry_date: Date => Shape::Date;
        /// The days between the last notification and entry into force, where it asks for such a time.
        optional entry_days: i64 => Shape::Whole(1, 3650);
        /// The last day of its first term.
        optional expires_on: Date => Shape::Date;
        /// What happens on that day; it ends when nothing is said.
        optional renewal: Renewal => Shape::Choice(Renewal::NAMES);
        /// The length of each term of tacit renewal, in months; without end when nothing is said.
        optional renewal_months: i64 => Shape::Whole(1, 1200);
        /// The days that must lie between a notice of termination and its effect.
        optional notice_days: i64 => Shape::Whole(1, 3650);
    }

    /// States that the instrument was signed before it came here.
    Register = "register" by [Secretary, TreatyOfficer], mutual {
        /// The hash of the texts and clauses as they stand in this dossier.
        required content: ContentHash => Shape::Content;
        /// The day of signature.
        required signed_on: Date => Shape::Date;
        /// The day on which it entered into force, where the parties know it.
        optional in_force_on: Date => Shape::Date;
        /// Where it was signed.
        optional place: Words => Shape::Words(200);
    }

    /// Proposes the texts, and with them new final clauses where `entry` is given. It takes the place of what was proposed before.
    ProposeText = "propose-text" by [TreatyOfficer] {
        /// The texts, one for each language.
        required texts: Vec<Text> => Shape::Rows(5, TEXT);
        /// The language whose text prevails where texts differ.
        optional prevailing: Tongue => Shape::Tongue;
        /// How it enters into force.
        optional entry: EntryRule => Shape::Choice(EntryRule::NAMES);
        /// The day on which it enters into force, where it names one.
        optional entry_date: Date => Shape::Date;
        /// The days between the last notification and entry into force, where it asks for such a time.
        optional entry_days: i64 => Shape::Whole(1, 3650);
        /// The last day of its first term.
        optional expires_on: Date => Shape::Date;
        /// What happens on that day; it ends when nothing is said.
        optional renewal: Renewal => Shape::Choice(Renewal::NAMES);
        /// The length of each term of tacit renewal, in months; without end when nothing is said.
        optional renewal_months: i64 => Shape::Whole(1, 1200);
        /// The days that must lie between a notice of termination and its effect.
        optional notice_days: i64 => Shape::Whole(1, 3650);
    }

    /// Initials the texts: these words and no others.
    Initial = "initial" by [TreatyOfficer], mutual {
        /// The hash of the texts and clauses.
        required content: ContentHash => Shape::Content;
    }

    /// Signs the initialled texts.
    Sign = "sign" by [CoChair], mutual {
        /// The hash of the texts and clauses.
        required content: ContentHash => Shape::Content;
        /// The day of signature.
        required signed_on: Date => Shape::Date;
        /// Where it is signed.
        optional place: Words => Shape::Words(200);
    }

    /// Records a step that the own state has taken at home.
    DomesticStep = "domestic-step" by [TreatyOfficer] {
        /// Which step.
        required step: StepKind => Shape::Choice(StepKind::NAMES);
        /// Its number or name.
        optional detail: String => Shape::Text(400);
        /// When it was taken.
        required on: Date => Shape::Date;
    }

    /// Notifies that the own state has done all that its law asks for.
    NotifyCompletion = "notify-completion" by [TreatyOfficer] {
        /// The day of the notification.
        required on: Date => Shape::Date;
    }

    /// Amends the instrument by agreement.
    Amend = "amend" by [CoChair], mutual {
        /// The dossier of the amending instrument.
        optional by: DossierId => Shape::Dossier;
        /// What is amended, where no other instrument says it.
        optional text: Words => Shape::Words(20_000);
        /// The day from which it is amended.
        required on: Date => Shape::Date;
        /// The new last day of its term, where the amendment moves it.
        optional expires_on: Date => Shape::Date;
    }

    /// Puts another instrument in the place of this one.
    Supersede = "supersede" by [CoChair], mutual {
        /// The dossier of the other instrument.
        required by: DossierId => Shape::Dossier;
        /// The day from which the other takes its place; at once when nothing is said.
        optional on: Date => Shape::Date;
    }

    /// Suspends the instrument by agreement.
    Suspend = "suspend" by [CoChair], mutual {
        /// The first day of the suspension.
        required from: Date => Shape::Date;
        /// Why.
        required ground: String => GROUND;
    }

    /// Ends a suspension by agreement.
    Resume = "resume" by [CoChair], mutual {
        /// The day on which the instrument operates again.
        required on: Date => Shape::Date;
    }

    /// States that the own side regards the instrument as suspended. It binds nobody else.
    ClaimSuspension = "claim-suspension" by [TreatyOfficer] {
        /// The first day of the suspension that is claimed.
        required from: Date => Shape::Date;
        /// Why.
        required ground: String => GROUND;
    }

    /// Gives notice of termination. It counts for nothing until the own co-chair confirms it.
    GiveNotice = "give-notice" by [TreatyOfficer] {
        /// The day on which it is to take effect.
        required effective_on: Date => Shape::Date;
        /// Why.
        required ground: String => GROUND;
    }

    /// Confirms the own side's notice, which counts from then on.
    ConfirmNotice = "confirm-notice" by [CoChair] {
        /// The record that gave notice.
        required notice: RecordId => Shape::Record;
    }

    /// Objects to what another party has put on record.
    Object = "object" by [TreatyOfficer] {
        /// The record objected to.
        required record: RecordId => Shape::Record;
        /// Why.
        required ground: String => GROUND;
    }

    /// Withdraws the own side's notice before it takes effect, its claim, or its objection.
    Withdraw = "withdraw" by [CoChair] {
        /// The record that is withdrawn.
        required record: RecordId => Shape::Record;
    }
}

refusals! {
    /// What the rules of agreements refuse.
    pub enum Rule {
        /// Between states an agreement needs two parties or more.
        OneParty = "AGR01",
        /// The entry clause lacks a day or a number of days that its rule asks for, or has one that it does not.
        EntryClause = "AGR02",
        /// The clauses on term, renewal and notice do not fit each other.
        TermClause = "AGR03",
        /// The instrument is signed: one side cannot re-open it.
        AlreadySigned = "AGR04",
        /// No text is on the table.
        NoText = "AGR05",
        /// Not every party has initialled this text.
        NotInitialled = "AGR06",
        /// The instrument is not signed.
        NotSigned = "AGR07",
        /// A language stands twice among the texts.
        TextTwice = "AGR08",
        /// A text is neither given nor named by the hash of its authentic copy.
        TextMissing = "AGR09",
        /// No text is authentic, or the one that is to prevail is not.
        NotAuthentic = "AGR10",
        /// What is stated as done lies after the day on which it is stated.
        InTheFuture = "AGR11",
        /// The day lies before the signature.
        BeforeSignature = "AGR12",
        /// The party has notified already.
        AlreadyNotified = "AGR13",
        /// Entry into force does not wait for a notification.
        NoNotification = "AGR14",
        /// The instrument is not in force on that day.
        NotInForce = "AGR15",
        /// The instrument is superseded, terminated or expired.
        Over = "AGR16",
        /// The instrument is suspended already.
        AlreadySuspended = "AGR17",
        /// The instrument is not suspended by agreement.
        NotSuspended = "AGR18",
        /// The amendment names neither an instrument, nor a text, nor a new term.
        NothingAmended = "AGR19",
        /// The notice takes effect sooner than the clause on notice allows.
        NoticeTooShort = "AGR20",
        /// The party has a notice on record already.
        NoticeStands = "AGR21",
        /// The record named is not one that this act can be about.
        NoSuchStatement = "AGR22",
        /// A party does not object to its own record.
        OwnStatement = "AGR23",
        /// A party confirms and withdraws only what it said itself.
        NotYours = "AGR24",
        /// The notice is confirmed already.
        AlreadyConfirmed = "AGR25",
        /// The notice has taken effect already.
        TooLate = "AGR26",
        /// The suspension would end before it began.
        EndsBeforeItBegins = "AGR27",
    }
}
