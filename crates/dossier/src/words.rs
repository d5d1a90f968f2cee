//! Text that people wrote, in the languages in which they wrote it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A language in which parties write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tongue {
    /// Arabic, written right to left.
    Ar,
    /// Sorani Kurdish, written right to left.
    Ckb,
    /// English.
    En,
    /// Kurmanji Kurdish, in Latin letters.
    Kmr,
    /// Turkish.
    Tr,
}

impl Tongue {
    /// Every language, in the order in which they are shown.
    pub const ALL: [Tongue; 5] = [Tongue::Ar, Tongue::En, Tongue::Tr, Tongue::Ckb, Tongue::Kmr];

    /// The BCP 47 code: `ar`, `ckb`, `en`, `kmr`, `tr`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Tongue::Ar => "ar",
            Tongue::Ckb => "ckb",
            Tongue::En => "en",
            Tongue::Kmr => "kmr",
            Tongue::Tr => "tr",
        }
    }
}

impl std::str::FromStr for Tongue {
    type Err = crate::party::BadId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Tongue::ALL.into_iter().find(|tongue| tongue.code() == text).ok_or_else(|| crate::party::BadId::new("a language", text))
    }
}

/// The same matter said in one or more languages: `{"ar":"…","tr":"…"}`. Nothing says that the versions agree; where that
/// matters each party approves each version.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Words(pub BTreeMap<Tongue, String>);

impl Words {
    /// Words in one language.
    #[must_use]
    pub fn one(tongue: Tongue, text: impl Into<String>) -> Words {
        Words(BTreeMap::from([(tongue, text.into())]))
    }

    /// The version in `tongue`, or else the first that there is, with the language it is in.
    #[must_use]
    pub fn best(&self, tongue: Tongue) -> Option<(Tongue, &str)> {
        let found = self.0.get_key_value(&tongue);
        found
            .or_else(|| Tongue::ALL.into_iter().find_map(|other| self.0.get_key_value(&other)))
            .map(|(tongue, text)| (*tongue, text.as_str()))
    }

    /// Whether nothing is said in any language.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.values().all(|text| text.trim().is_empty())
    }
}
