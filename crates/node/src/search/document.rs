//! From a dossier to its document in the index.

use super::schema::{Facet, Fields, KEYS, NAMES, STEMMED};
use super::texts::{self, Told};
use crate::access::class_over;
use crate::fault::Fault;
use crate::store::db::Connection;
use crate::store::folds::Folds;
use crate::store::{channels, touched};
use crate::views::Door;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::fold::Dossier;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::DossierId;
use tansiq_dossier::reference::Reference;
use tansiq_text::search::{self, Spot};
use tantivy::TantivyDocument;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// The name of a dossier's document.
pub(super) fn name(channel: &ChannelId, dossier: &DossierId) -> String {
    format!("{channel}/{dossier}")
}

/// Makes documents.
pub(super) struct Maker<'m> {
    pub(super) fields: &'m Fields,
    pub(super) own: &'m PartyId,
    pub(super) charters: BTreeMap<ChannelId, Arc<Charter>>,
    pub(super) folds: Folds,
}

impl Maker<'_> {
    /// The document of a dossier, if it is here and ever looked for, and how many bytes of text it has.
    pub(super) fn make(
        &mut self,
        connection: &Connection,
        channel: &ChannelId,
        id: &DossierId,
    ) -> Result<Option<(TantivyDocument, usize)>, Fault> {
        let Some((dossier, state, title)) = touched::dossier(connection, &mut self.folds, channel, id)? else { return Ok(None) };
        if !touched::is_followed(dossier.kind) {
            return Ok(None);
        }
        if !self.charters.contains_key(channel) {
            let Some(charter) = channels::charter(connection, channel)? else { return Ok(None) };
            self.charters.insert(channel.clone(), charter);
        }
        let Some(charter) = self.charters.get(channel) else { return Ok(None) };
        let told = texts::told(connection, (channel, charter), self.own, (&dossier, &title))?;
        let door = Door::new(class_over(charter.class, dossier.kind), dossier.kind, &dossier.label, &dossier.audience);
        let mut document = self.about(channel, &dossier, &state, &told);
        document.add_text(self.fields.door, serde_json::to_string(&door).map_err(|error| Fault::Damaged(error.to_string()))?);
        self.words(&told, &mut document);
        Ok(Some((document, told.said.iter().map(|said| said.text.len()).sum())))
    }

    /// What it is, beside what it says.
    fn about(&self, channel: &ChannelId, dossier: &Dossier, state: &str, told: &Told) -> TantivyDocument {
        let fields = self.fields;
        let mut document = TantivyDocument::default();
        let name = name(channel, &dossier.id);
        document.add_u64(fields.tie, Sha256::digest(&name).first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes)));
        document.add_text(fields.name, name);
        document.add_i64(fields.last, told.last);
        let quoted = dossier.reference.as_ref().map(Reference::as_str);
        quoted.into_iter().chain([dossier.id.as_str()]).for_each(|text| document.add_text(fields.reference, text));
        let mut facet = |facet, value: &str| document.add_text(fields.facet(facet), value);
        facet(Facet::Kind, dossier.kind.name());
        facet(Facet::State, state);
        facet(Facet::Label, dossier.label.class.name());
        facet(Facet::Channel, channel.as_str());
        dossier.audience.iter().for_each(|party| facet(Facet::Party, party.as_str()));
        told.institutions.iter().for_each(|institution| facet(Facet::Institution, institution));
        told.all_places().into_iter().for_each(|place| facet(Facet::Place, place));
        let months: BTreeSet<String> = told.days.iter().map(|day| day.to_string()[..7].to_owned()).collect();
        let years: BTreeSet<&str> = months.iter().map(|month| &month[..4]).collect();
        months.iter().for_each(|month| facet(Facet::Month, month));
        years.into_iter().for_each(|year| facet(Facet::Year, year));
        document
    }

    fn words(&self, told: &Told, document: &mut TantivyDocument) {
        for said in &told.said {
            document.add_text(self.fields.zone(said.zone), &said.text);
            document.add_text(self.fields.keys, &said.text);
        }
    }
}

/// Makes the words of a text while it is indexed, a text at a time: they take many times the room of the text.
#[derive(Clone, Copy)]
enum Words {
    /// With stems.
    Stemmed,
    /// Names are not stemmed: what looks like an ending is mostly a part of them.
    Names,
    /// Under the keys that they share with their spellings in the other script.
    Keys,
}

/// Tells an index how its texts become words.
pub(super) fn register(index: &tantivy::Index) {
    for (name, words) in [(STEMMED, Words::Stemmed), (NAMES, Words::Names), (KEYS, Words::Keys)] {
        index.tokenizers().register(name, words);
    }
}

/// The words of one text.
struct Stream {
    forms: std::vec::IntoIter<(usize, String)>,
    token: Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = Stream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream {
        let mut forms = Vec::new();
        for (at, spot) in search::spots(text).into_iter().enumerate() {
            match self {
                Words::Keys => forms.extend(keyed(&spot).map(|form| (at, form))),
                Words::Stemmed => forms.extend(spot.forms.into_iter().chain(spot.stems).map(|form| (at, form))),
                Words::Names => forms.extend(spot.forms.into_iter().map(|form| (at, form))),
            }
        }
        Stream { forms: forms.into_iter(), token: Token::default() }
    }
}

impl TokenStream for Stream {
    fn advance(&mut self) -> bool {
        let Some((position, text)) = self.forms.next() else { return false };
        self.token = Token { offset_from: 0, offset_to: 0, position, text, position_length: 1 };
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// The words of a place with the keys that they share with their spellings in the other script: `a`, for a word in Arabic
/// letters, or `l`, the key, and the word.
fn keyed(spot: &Spot) -> impl Iterator<Item = String> {
    let bare = spot.forms.iter().filter(|form| !form.starts_with('@') && !form.starts_with("ال"));
    bare.flat_map(|form| {
        let script = script(form);
        search::skeletons(form).into_iter().map(move |key| format!("{script}{key}:{form}"))
    })
}

/// The letter of a word's script.
pub(super) fn script(word: &str) -> char {
    if word.is_ascii() { 'l' } else { 'a' }
}
