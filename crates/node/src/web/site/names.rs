//! The names of parties and institutions as charters give them, and of other things that records only number.
use crate::language::{BAGHDAD, Lang, date, datetime, word};
use crate::web::frame::{LabelBanner, Level};
use crate::web::parts::Text;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::label::{Classification, Label};
use tansiq_dossier::party::{InstitutionId, PartyId};
use tansiq_dossier::record::DossierId;
use tansiq_dossier::time::{Date, Due};
use tansiq_dossier::words::{Tongue, Words};

/// Gives names in the reader's language: from the channel's charter first, then from any other.
#[derive(Clone, Copy)]
pub(super) struct Names<'v> {
    pub(super) lang: Lang,
    pub(super) charter: Option<&'v Charter>,
    all: &'v BTreeMap<ChannelId, Arc<Charter>>,
}

/// The language of the pages as a language of records.
pub(super) fn tongue(lang: Lang) -> Tongue {
    match lang {
        Lang::Ar => Tongue::Ar,
        Lang::En => Tongue::En,
        Lang::Tr => Tongue::Tr,
    }
}

/// A text in a language of records.
pub(super) fn text_in(tongue: Tongue, text: impl Into<String>) -> Text {
    match Lang::parse(tongue.code()) {
        Some(lang) => Text::in_lang(lang, text),
        None => Text::plain(text),
    }
}

/// A short name for a dossier of which no number is known: its party, and the end of its identifier.
pub(super) fn short(dossier: &DossierId) -> String {
    match dossier.as_str().rsplit_once('-') {
        Some((party, rest)) => format!("{party}-{}", rest.get(rest.len().saturating_sub(6)..).unwrap_or(rest)),
        None => dossier.to_string(),
    }
}

impl<'v> Names<'v> {
    pub(super) fn of(lang: Lang, charter: Option<&'v Charter>, all: &'v BTreeMap<ChannelId, Arc<Charter>>) -> Self {
        Names { lang, charter, all }
    }

    fn charters(&self) -> impl Iterator<Item = &'v Charter> {
        self.charter.into_iter().chain(self.all.values().map(AsRef::as_ref))
    }

    /// What somebody wrote, in the reader's language where there is a version in it.
    pub(super) fn words(&self, words: &Words) -> Option<Text> {
        words.best(tongue(self.lang)).map(|(tongue, text)| text_in(tongue, text))
    }

    /// A party.
    pub(super) fn party(&self, party: &PartyId) -> Text {
        let named = self.charters().find_map(|charter| self.words(&charter.parties.get(party)?.name));
        named.unwrap_or_else(|| Text::plain(party.as_str()))
    }

    /// An institution.
    pub(super) fn institution(&self, institution: &InstitutionId) -> Text {
        let named = self.charters().find_map(|charter| self.words(charter.institution(institution)?));
        named.unwrap_or_else(|| Text::plain(institution.as_str()))
    }

    /// A body of the charter, or the text itself where it names none.
    pub(super) fn body(&self, body: &str) -> Text {
        let named = self.charters().find_map(|charter| self.words(&charter.bodies.get(body)?.name));
        named.unwrap_or_else(|| Text::plain(body))
    }

    /// Several parties, as one text.
    pub(super) fn parties<'p>(&self, parties: impl IntoIterator<Item = &'p PartyId>) -> String {
        let names: Vec<String> = parties.into_iter().map(|party| self.party(party).text).collect();
        names.join(if self.lang == Lang::Ar { "، " } else { ", " })
    }

    /// A day.
    pub(super) fn day(&self, day: Date) -> String {
        let (month, of_month) = (u8::try_from(day.month()).unwrap_or(1), u8::try_from(day.day()).unwrap_or(1));
        date(self.lang, i32::from(day.year()), month, of_month)
    }

    /// A day by which something is owed.
    pub(super) fn due(&self, due: Due) -> String {
        due.date().map_or_else(|| word(self.lang, "no-date", &[]), |day| self.day(day))
    }

    /// A moment, in seconds since 1970 UTC.
    pub(super) fn moment(&self, unix: i64) -> String {
        datetime(self.lang, unix, BAGHDAD)
    }

    /// The banner of a dossier.
    pub(super) fn banner(&self, label: &Label, audience: &BTreeSet<PartyId>) -> LabelBanner {
        let mut codes: Vec<&str> = label.caveats.iter().map(String::as_str).collect();
        codes.extend((!audience.is_empty()).then_some("REL"));
        codes.extend(audience.iter().map(PartyId::as_str));
        LabelBanner { level: level(label.class), audience: self.parties(audience), codes: codes.join(" ") }
    }
}

/// The level as the frame shows it.
pub(super) fn level(class: Classification) -> Level {
    match class {
        Classification::Open => Level::Open,
        Classification::Restricted => Level::Restricted,
        Classification::Confidential => Level::Confidential,
        Classification::Secret => Level::Secret,
    }
}
