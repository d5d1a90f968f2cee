//! Who acts: parties, their institutions, officers, and the roles in which officers act.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A text that is not a well-formed identifier of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}")]
pub struct BadId {
    what: &'static str,
    text: String,
}

impl BadId {
    pub(crate) fn new(what: &'static str, text: &str) -> Self {
        BadId { what, text: text.chars().take(80).collect() }
    }
}

/// Reads a value from the text that stands for it, wherever that text lies.
pub(crate) fn parsed<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err = BadId>,
    D: serde::Deserializer<'de>,
{
    struct Parsed<T>(std::marker::PhantomData<T>);
    impl<T: FromStr<Err = BadId>> serde::de::Visitor<'_> for Parsed<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }
    deserializer.deserialize_str(Parsed(std::marker::PhantomData))
}

/// Makes a newtype over text that is checked once, when it enters, and never again.
///
/// One that is never long, as most are that a record names, lies where it is used: it is copied and let go of with it. `most` is how
/// many letters it may have.
macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $what:literal, $check:expr) => {
        $crate::party::id!($(#[$meta])* $name, $what, $check, std::sync::Arc<str>);
    };
    ($(#[$meta:meta])* $name:ident, $what:literal, $check:expr, most $most:literal) => {
        $crate::party::id!($(#[$meta])* $name, $what, $check, $crate::party::Short<$most>);
    };
    ($(#[$meta:meta])* $name:ident, $what:literal, $check:expr, $held:ty) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($held);

        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_ref()
            }

            /// Whether a text could be one.
            #[must_use]
            pub fn fits(text: &str) -> bool {
                let check: fn(&str) -> bool = $check;
                check(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::party::parsed(deserializer)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::party::BadId;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if $name::fits(text) { Ok($name(text.into())) } else { Err($crate::party::BadId::new($what, text)) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::party::BadId;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.as_str().to_owned()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use id;

/// A text of at most so many bytes, none of which is 0. It is ordered as text is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Short<const MOST: usize> {
    bytes: [u8; MOST],
    length: u8,
}

impl<const MOST: usize> From<&str> for Short<MOST> {
    /// What does not fit is cut off: an identifier is checked before it is held.
    fn from(text: &str) -> Short<MOST> {
        let length = text.floor_char_boundary(MOST.min(usize::from(u8::MAX)));
        let mut bytes = [0; MOST];
        bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
        Short { bytes, length: u8::try_from(length).unwrap_or(u8::MAX) }
    }
}

impl<const MOST: usize> AsRef<str> for Short<MOST> {
    fn as_ref(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }
}

fn is_party(text: &str) -> bool {
    (2..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase())
}

fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.split(['-', '.']).all(|part| !part.is_empty())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.')
}

/// `party.rest`, where `party` is the lower-case code of the party that the institution or officer belongs to.
fn is_of_a_party(text: &str) -> bool {
    let is_small = |party: &str| (2..=12).contains(&party.len()) && party.bytes().all(|b| b.is_ascii_lowercase());
    text.len() <= 80 && is_slug(text) && text.split_once('.').is_some_and(|(party, _)| is_small(party))
}

id!(
    /// A party to a channel: the ISO 3166-1 alpha-3 code of a state (`IRQ`), or the agreed code of an organisation (`COALITION`).
    PartyId, "a party's code (2 to 12 capital Latin letters, such as IRQ)", is_party, most 12
);
id!(
    /// An institution of a party: `irq.interior`. The part before the first dot is its party's code in small letters.
    InstitutionId, "an institution (such as irq.interior)", is_of_a_party
);
id!(
    /// An office that acts for an institution: `irq.mofa.secretary`. Offices act, not persons.
    OfficerId, "an officer (such as irq.mofa.secretary)", is_of_a_party
);

impl InstitutionId {
    /// The party whose institution this is.
    #[must_use]
    pub fn party(&self) -> PartyId {
        party_of(&self.0)
    }

    /// Whether it is an institution of this party.
    #[must_use]
    pub fn is_of(&self, party: &PartyId) -> bool {
        is_of(&self.0, party)
    }
}

impl OfficerId {
    /// The party for which this officer acts.
    #[must_use]
    pub fn party(&self) -> PartyId {
        party_of(&self.0)
    }

    /// Whether this officer acts for this party.
    #[must_use]
    pub fn is_of(&self, party: &PartyId) -> bool {
        is_of(&self.0, party)
    }
}

fn is_of(text: &str, party: &PartyId) -> bool {
    text.split('.').next().is_some_and(|code| code.eq_ignore_ascii_case(party.as_str()))
}

fn party_of(text: &str) -> PartyId {
    let code = text.split('.').next().unwrap_or_default();
    PartyId(code.to_ascii_uppercase().as_str().into())
}

/// The capacity in which an officer acts. The acting state vouches for it with its log's signature; the other parties'
/// rules check that the role suffices for the act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Keeps the committee's business: calls meetings, writes minutes, assigns actions.
    Secretary,
    /// Heads one side of a committee and signs for it.
    CoChair,
    /// Handles texts of agreements and their legal steps.
    TreatyOfficer,
    /// Answers for an institution's actions.
    FocalPoint,
    /// Signs off what an institution reports as done.
    DirectorGeneral,
    /// Releases matter to other parties.
    Releaser,
    /// Handles returns of persons.
    ReturnOfficer,
    /// Grades commitments and conditions.
    Assessor,
    /// Reads everything, writes nothing.
    Auditor,
    /// Runs the node, reads no dossier.
    Administrator,
}

impl Role {
    /// Every role, in the order in which they are listed to people.
    pub const ALL: [Role; 10] = [
        Role::Secretary,
        Role::CoChair,
        Role::TreatyOfficer,
        Role::FocalPoint,
        Role::DirectorGeneral,
        Role::Releaser,
        Role::ReturnOfficer,
        Role::Assessor,
        Role::Auditor,
        Role::Administrator,
    ];

    /// The role's name in records and files: `treaty-officer`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Role::Secretary => "secretary",
            Role::CoChair => "co-chair",
            Role::TreatyOfficer => "treaty-officer",
            Role::FocalPoint => "focal-point",
            Role::DirectorGeneral => "director-general",
            Role::Releaser => "releaser",
            Role::ReturnOfficer => "return-officer",
            Role::Assessor => "assessor",
            Role::Auditor => "auditor",
            Role::Administrator => "administrator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        Role::ALL.into_iter().find(|role| role.name() == text).ok_or_else(|| BadId::new("a role", text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_checked_when_they_enter() {
        for good in ["IRQ", "TUR", "COALITION"] {
            assert!(good.parse::<PartyId>().is_ok(), "{good}");
        }
        for bad in ["", "I", "irq", "IRQ1", "IRQ ", "ABCDEFGHIJKLM"] {
            assert!(bad.parse::<PartyId>().is_err(), "{bad}");
        }
        for good in ["irq.interior", "irq.krg-interior", "tur.msb"] {
            assert!(good.parse::<InstitutionId>().is_ok(), "{good}");
        }
        for bad in ["interior", "IRQ.interior", "irq.", ".interior", "irq..x", "irq.a b", "i.x"] {
            assert!(bad.parse::<InstitutionId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_institution_names_its_party() {
        let interior: InstitutionId = "irq.interior".parse().unwrap();
        assert_eq!(interior.party(), "IRQ".parse().unwrap());
    }

    #[test]
    fn a_role_has_one_name_everywhere() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
            assert_eq!(role.name().parse::<Role>().unwrap(), role);
        }
    }
}
