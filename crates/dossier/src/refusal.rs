//! What the rules say when they say no.
//!
//! A [`Refusal`] carries a stable code (`MTG11`), and the fields that are in the way. Its words and its advice stand in the
//! language files of the node, one entry per code and language; a code is never reused.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// A stable refusal code: three capital letters for the kind, two digits for the rule.
pub type Code = Cow<'static, str>;

/// The rules said no. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Refusal {
    /// The rule that refused.
    pub code: Code,
    /// The fields that are in the way, when the rule is about fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// One field of an act that the rules cannot accept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// Where: the names of nested fields and numbers of rows joined by dots, as in `members.0.office`.
    pub field: String,
    /// What rule it breaks: a `FRM` code.
    pub code: Code,
    /// What the rule asks for, in a form that a message can show: a limit, a list of choices.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub asked: String,
}

impl Refusal {
    /// A refusal by this rule, about no field in particular.
    #[must_use]
    pub const fn new(code: &'static str) -> Refusal {
        Refusal { code: Cow::Borrowed(code), problems: Vec::new() }
    }

    /// The same refusal, pointing at the field that is in the way.
    #[must_use]
    pub fn at(mut self, field: &str) -> Refusal {
        self.problems.push(Problem { field: field.to_owned(), code: self.code.clone(), asked: String::new() });
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        for problem in &self.problems {
            write!(f, " {}:{}", problem.field, problem.code)?;
        }
        Ok(())
    }
}

/// Declares the refusals of one set of rules: an enum, its stable codes, and the list of all of them.
#[macro_export]
macro_rules! refusals {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $( $(#[$vmeta:meta])* $variant:ident = $code:literal ),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $vis enum $name { $( $(#[$vmeta])* $variant ),+ }

        impl $name {
            /// Every code of this set, in order.
            pub const CODES: &'static [&'static str] = &[$($code),+];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $( $name::$variant => $code ),+ }
            }
        }

        impl From<$name> for $crate::refusal::Refusal {
            fn from(refusal: $name) -> Self {
                $crate::refusal::Refusal::new(refusal.code())
            }
        }
    };
}

refusals! {
    /// Rules about the form of an act, the same for every kind.
    pub enum Form {
        /// The act has no field of this name.
        UnknownField = "FRM01",
        /// The field must be filled in.
        Missing = "FRM02",
        /// The text is longer than allowed.
        TooLong = "FRM03",
        /// Not a day of the calendar, written year-month-day.
        NotADate = "FRM04",
        /// Not one of the choices.
        NotAChoice = "FRM05",
        /// Not of the type that the field asks for.
        WrongType = "FRM06",
        /// Holds characters that change the direction of text unseen.
        StrayBidi = "FRM07",
        /// A number outside its limits.
        OutOfRange = "FRM08",
    }
}

refusals! {
    /// Rules about records, dossiers and channels, the same for every kind.
    pub enum Common {
        /// The bytes are not a record.
        NotARecord = "REC01",
        /// The record stands in the log of another party than the one that acts.
        ForeignLog = "REC02",
        /// Only the record that opens a dossier names its audience.
        AudienceTwice = "REC03",
        /// The institution or officer belongs to another party.
        ForeignOfficer = "REC04",
        /// The record is larger than a record may be.
        TooLarge = "REC05",
        /// There is no such dossier here: unknown, or not released to this party. The two are never told apart.
        NoSuchDossier = "DOS01",
        /// The dossier is open already.
        AlreadyOpen = "DOS02",
        /// The dossier is of another kind.
        OtherKind = "DOS03",
        /// A dossier's identifier names the party that opens it.
        NotTheOpener = "DOS04",
        /// The dossier is frozen by a record that this node does not understand.
        Frozen = "DOS05",
        /// The kind cannot be used in a channel of this class.
        WrongChannel = "DOS06",
        /// The act does not open a dossier of its kind.
        NotAnOpening = "DOS07",
        /// What the writer had seen went back behind what it had seen before.
        SeenWentBack = "ORD01",
        /// The writer misstates the place of the record in its own log.
        WrongPlace = "ORD02",
        /// The label is weaker than the dossier's.
        LabelTooLow = "LAB01",
        /// The audience must name parties of the channel, the opener among them.
        BadAudience = "AUD01",
        /// The dossier was released to this party to read; it is the matter of those that it was opened for.
        OnlyMembers = "AUD02",
        /// The role may not do this act.
        WrongRole = "PRM01",
        /// The party has revoked this office in the channel: what it does from there on in its party's log has no effect.
        RevokedOffice = "PRM07",
        /// The content agreed to is not the current one.
        NotTheCurrentContent = "MUT01",
        /// This party has already said exactly this.
        AlreadySaid = "MUT02",
        /// The charter cannot stand: parties, keys or institutions are missing or named twice.
        BadCharter = "CHN01",
        /// The charter is not the one that opens this channel.
        OtherCharter = "CHN02",
        /// The digests of sealed fields stand where none may stand, or are not digests.
        BadSeals = "REC06",
        /// A reference number stands on the opening record alone, and is of its opener's own series.
        BadReference = "REF01",
    }
}

/// Every refusal code that this crate can give, with none twice.
#[must_use]
pub fn all_codes() -> Vec<&'static str> {
    let custody = crate::custody::CustodyRefusal::CODES;
    let mut codes: Vec<&str> = Form::CODES.iter().chain(Common::CODES).chain(custody).copied().collect();
    codes.extend(crate::kinds::Kind::ALL.iter().flat_map(|kind| kind.refusals()));
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_means_two_things() {
        let mut codes = all_codes();
        codes.sort_unstable();
        let all = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), all);
        assert!(codes.iter().all(|code| code.len() == 5));
    }
}
