//! What may be done in a commitment, and the rules that may say no.

use super::terms::Terms;
use crate::act::{Field, Shape};
use crate::content::ContentHash;
use crate::party::PartyId;
use crate::record::DossierId;
use crate::source::Source;
use crate::time::{Date, Due};
use crate::words::{Tongue, Words};
use crate::{acts, choices, refusals};
use serde::{Deserialize, Serialize};

choices! {
    /// How a commitment is kept.
    Mode {
        /// By doing a thing once.
        Once = "once",
        /// By doing or leaving a thing at all times. It is never complete.
        Continuous = "continuous",
        /// By doing a thing when its condition is met.
        Conditional = "conditional",
    }

    /// The field in which states cooperate.
    Sector {
        /// Security.
        Security = "security",
        /// Borders.
        Borders = "borders",
        /// Trade.
        Trade = "trade",
        /// Energy.
        Energy = "energy",
        /// Transport.
        Transport = "transport",
        /// Water.
        Water = "water",
        /// Health.
        Health = "health",
        /// Education.
        Education = "education",
        /// Reconstruction.
        Reconstruction = "reconstruction",
        /// Consular matters.
        Consular = "consular",
        /// Migration.
        Migration = "migration",
        /// Justice.
        Justice = "justice",
        /// Another field.
        Other = "other",
    }
}

/// The article that commits, quoted in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quote {
    /// The language.
    pub tongue: Tongue,
    /// The words of the article.
    pub quote: String,
}

const QUOTE: &[Field] = &[
    Field { name: "tongue", required: true, shape: Shape::Tongue },
    Field { name: "quote", required: true, shape: Shape::Paragraphs(10_000) },
];

/// Something dated that shows how far a commitment is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What it is.
    pub text: String,
    /// Its day.
    pub date: Date,
}

const EVIDENCE: &[Field] = &[
    Field { name: "text", required: true, shape: Shape::Paragraphs(2000) },
    Field { name: "date", required: true, shape: Shape::Date },
];

acts! {
    /// Opens the dossier of a commitment and proposes its terms.
    Draft = "draft" by [Secretary, TreatyOfficer], opens {
        /// What is promised, in short.
        required title: Words => Shape::Words(400);
        /// The parties that owe it; all of them when it is owed jointly.
        required by: Vec<PartyId> => Shape::Parties;
        /// The parties to which it is owed; all others when nothing is said.
        optional to: Vec<PartyId> => Shape::Parties;
        /// The article that commits, quoted in each language.
        required article: Vec<Quote> => Shape::Rows(5, QUOTE);
        /// The agreement that the article belongs to.
        optional agreement: DossierId => Shape::Dossier;
        /// The article's number there.
        optional article_number: String => Shape::Text(40);
        /// Whether it is kept once, at all times, or on a condition.
        required mode: Mode => Shape::Choice(Mode::NAMES);
        /// The condition, where there is one.
        optional condition: Words => Shape::Words(2000);
        /// What must be the case for it to count as kept.
        required criterion: Words => Shape::Words(2000);
        /// What evidence must show it.
        required evidence: Words => Shape::Words(2000);
        /// By when, or the explicit word `none`.
        required due: Due => Shape::Due;
        /// The field of cooperation.
        required sector: Sector => Shape::Choice(Sector::NAMES);
        /// Where it can be read.
        optional sources: Vec<Source> => Source::ROWS;
    }

    /// Proposes other terms. What is adopted stands until all parties have adopted these.
    Revise = "revise" by [Secretary, TreatyOfficer] {
        /// What is promised, in short.
        required title: Words => Shape::Words(400);
        /// The parties that owe it; all of them when it is owed jointly.
        required by: Vec<PartyId> => Shape::Parties;
        /// The parties to which it is owed; all others when nothing is said.
        optional to: Vec<PartyId> => Shape::Parties;
        /// The article that commits, quoted in each language.
        required article: Vec<Quote> => Shape::Rows(5, QUOTE);
        /// The agreement that the article belongs to.
        optional agreement: DossierId => Shape::Dossier;
        /// The article's number there.
        optional article_number: String => Shape::Text(40);
        /// Whether it is kept once, at all times, or on a condition.
        required mode: Mode => Shape::Choice(Mode::NAMES);
        /// The condition, where there is one.
        optional condition: Words => Shape::Words(2000);
        /// What must be the case for it to count as kept.
        required criterion: Words => Shape::Words(2000);
        /// What evidence must show it.
        required evidence: Words => Shape::Words(2000);
        /// By when, or the explicit word `none`.
        required due: Due => Shape::Due;
        /// The field of cooperation.
        required sector: Sector => Shape::Choice(Sector::NAMES);
        /// Where it can be read.
        optional sources: Vec<Source> => Source::ROWS;
    }

    /// Adopts the terms on the table.
    Adopt = "adopt" by [Secretary, CoChair, TreatyOfficer], mutual {
        /// The hash of the terms.
        required content: ContentHash => Shape::Content;
    }

    /// Grades how far the adopted terms are kept: the own side's view, and nobody else's.
    Grade = "grade" by [Assessor] {
        /// The hash of the terms that are graded.
        required content: ContentHash => Shape::Content;
        /// 0 not initiated, 1 minimum, 2 intermediate, 3 complete.
        required level: i64 => Shape::Whole(0, 3);
        /// The day as of which this is so.
        required as_of: Date => Shape::Date;
        /// What shows it; needed above level 0.
        optional evidence: Vec<Evidence> => Shape::Rows(50, EVIDENCE);
        /// What else is to be said.
        optional note: String => Shape::Paragraphs(4000);
    }

    /// Releases the obligor by agreement.
    Waive = "waive" by [CoChair], mutual {
        /// The hash of the terms that are waived.
        required content: ContentHash => Shape::Content;
        /// Why.
        required ground: String => Shape::Paragraphs(4000);
    }
}

macro_rules! terms_of {
    ($act:ident) => {
        impl From<$act> for Terms {
            fn from(act: $act) -> Terms {
                Terms {
                    title: act.title,
                    by: act.by.into_iter().collect(),
                    to: act.to.unwrap_or_default().into_iter().collect(),
                    article: act.article,
                    agreement: act.agreement,
                    article_number: act.article_number,
                    mode: act.mode,
                    condition: act.condition.filter(|condition| !condition.is_empty()),
                    criterion: act.criterion,
                    evidence: act.evidence,
                    due: act.due,
                    sector: act.sector,
                    sources: act.sources.unwrap_or_default(),
                }
            }
        }
    };
}
terms_of!(Draft);
terms_of!(Revise);

refusals! {
    /// What the rules of commitments refuse.
    pub enum Rule {
        /// Between states a commitment needs two parties or more.
        OneParty = "COM01",
        /// A commitment is owed by and to parties that the dossier is for.
        NotAParty = "COM02",
        /// A party would owe the commitment to itself.
        OwesItself = "COM03",
        /// A conditional commitment names its condition, and no other does.
        Condition = "COM04",
        /// A language stands twice among the quotations.
        QuoteTwice = "COM05",
        /// The parties have not adopted any terms.
        NotAdopted = "COM06",
        /// The commitment is waived.
        Waived = "COM07",
        /// Every party has graded the commitment complete.
        Complete = "COM08",
        /// A grade above 0 needs evidence.
        NoEvidence = "COM09",
        /// A piece of evidence is later than the day of the grade.
        EvidenceTooLate = "COM10",
        /// The grade is for a day that is still to come.
        InTheFuture = "COM11",
        /// The grade is for an earlier day than the party's last one.
        OlderThanTheLast = "COM12",
    }
}
