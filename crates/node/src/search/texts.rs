//! What a dossier says: its title, the names in it, and the texts of its records, field by field as their acts declare them.
//!
//! Only records that have effect are read. What is sealed stands in none of them, and what a record shows of it later is left
//! out; so are the names of files that were recalled or destroyed.

use super::schema::Zone;
use crate::fault::Fault;
use crate::store::attachments::{self, Held};
use crate::store::db::Connection;
use crate::store::records::{self, Fate};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use tansiq_dossier::act::{Field, Shape};
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::fold::{Dossier, Standing};
use tansiq_dossier::party::{InstitutionId, PartyId};
use tansiq_dossier::place::Place;
use tansiq_dossier::record::RecordId;
use tansiq_dossier::time::{Date, Moment};
use tansiq_dossier::words::{Tongue, Words};

/// One text of a dossier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Said {
    pub(super) zone: Zone,
    pub(super) text: String,
    pub(super) tongue: Option<Tongue>,
    /// Whether it is found and not shown: a number or a day out of its field.
    pub(super) quiet: bool,
}

/// All that a dossier is found by.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    /// Its texts, each once, in their order.
    pub(super) said: Vec<Said>,
    pub(super) institutions: BTreeSet<String>,
    /// The places that are named in fields of their own.
    places: BTreeSet<String>,
    /// The days on which something was done.
    pub(super) days: BTreeSet<Date>,
    /// When something was last done, in seconds since 1970 UTC.
    pub(super) last: i64,
}

/// What a dossier says.
pub(super) fn told(
    connection: &Connection,
    (channel, charter): (&ChannelId, &Charter),
    own: &PartyId,
    (dossier, title): (&Dossier, &Words),
) -> Result<Told, Fault> {
    let mut teller = Teller { charter, told: Told::default(), known: BTreeSet::new(), bytes: 0 };
    teller.words(Zone::Title, title);
    dossier.audience.iter().for_each(|party| teller.party(party));
    let gone = gone(connection, channel, own, dossier)?;
    records::each_of_dossier(connection, channel, &dossier.id, |stored| {
        let entry = (stored.fate == Fate::Applied(Standing::Effective)).then(|| stored.entry()).flatten();
        let Some(entry) = entry else { return };
        let record = entry.record;
        teller.told.days.insert(record.stamp.at.civil_date());
        teller.told.last = teller.told.last.max(record.stamp.at.unix());
        teller.institution(&record.stamp.institution);
        if let Some(spec) = dossier.kind.act(&record.act).filter(|_| !gone.contains(&entry.id)) {
            teller.fields(spec.fields, &record.body);
        }
    })?;
    Ok(teller.told)
}

impl Told {
    /// The places that it names, in fields of their own and within its texts.
    pub(super) fn all_places(&self) -> BTreeSet<&str> {
        let within = self.said.iter().filter(|said| !said.quiet).flat_map(|said| tansiq_text::search::places(&said.text));
        self.places.iter().map(String::as_str).chain(within).collect()
    }
}

/// The records whose files are here no longer, or must not be.
fn gone(connection: &Connection, channel: &ChannelId, own: &PartyId, dossier: &Dossier) -> Result<BTreeSet<RecordId>, Fault> {
    if dossier.custody.attachments.is_empty() {
        return Ok(BTreeSet::new());
    }
    let held = attachments::effective(connection, channel, &dossier.id)?;
    let is_gone = |hash, file: &tansiq_dossier::custody::Attachment| {
        file.recalled.is_some() || file.erased.contains_key(own) || held.get(hash) == Some(&Held::Erased)
    };
    let files = dossier.custody.attachments.iter().filter(|(hash, file)| is_gone(hash, file));
    Ok(files.map(|(_, file)| file.record).collect())
}

struct Teller<'c> {
    charter: &'c Charter,
    told: Told,
    known: BTreeSet<[u8; 32]>,
    bytes: usize,
}

/// How many bytes of text one dossier is found by: the first of them, in the order of its records.
const MOST: usize = 2 * 1024 * 1024;

impl Teller<'_> {
    fn say(&mut self, zone: Zone, text: &str, tongue: Option<Tongue>, quiet: bool) {
        let text = text.trim();
        let digest = Sha256::new_with_prefix([zone as u8]).chain_update(text).finalize();
        if !text.is_empty() && self.bytes + text.len() <= MOST && self.known.insert(digest.into()) {
            self.bytes += text.len();
            self.told.said.push(Said { zone, text: text.to_owned(), tongue, quiet });
        }
    }

    fn words(&mut self, zone: Zone, words: &Words) {
        words.0.iter().for_each(|(tongue, text)| self.say(zone, text, Some(*tongue), false));
    }

    fn party(&mut self, party: &PartyId) {
        self.say(Zone::Names, party.as_str(), None, true);
        if let Some(named) = self.charter.parties.get(party) {
            self.words(Zone::Names, &named.name);
        }
    }

    fn institution(&mut self, institution: &InstitutionId) {
        if self.told.institutions.insert(institution.to_string())
            && let Some(named) = self.charter.institution(institution)
        {
            self.words(Zone::Names, named);
        }
    }

    fn fields(&mut self, fields: &[Field], body: &Value) {
        for field in fields {
            if let Some(value) = body.get(field.name) {
                self.field(field, value);
            }
        }
    }

    fn field(&mut self, field: &Field, value: &Value) {
        let text = value.as_str().unwrap_or_default();
        match field.shape {
            Shape::Text(_) if field.name == "body" && self.charter.bodies.contains_key(text) => {
                if let Some(body) = self.charter.bodies.get(text) {
                    self.words(Zone::Names, &body.name);
                }
            }
            Shape::Text(_) if field.name == "place" => self.place(text),
            Shape::Text(_) | Shape::Paragraphs(_) if !is_code(text) => self.say(Zone::Body, text, None, false),
            Shape::Words(_) => {
                if let Ok(words) = serde_json::from_value::<Words>(value.clone()) {
                    self.words(Zone::Body, &words);
                }
            }
            Shape::Date | Shape::Due | Shape::Decimal(..) | Shape::Clock => self.say(Zone::Body, text, None, true),
            Shape::Moment => {
                if let Ok(at) = text.parse::<Moment>() {
                    self.say(Zone::Body, &at.civil_date().to_string(), None, true);
                }
            }
            Shape::Whole(..) => self.say(Zone::Body, &value.as_i64().unwrap_or_default().to_string(), None, true),
            Shape::Party => text.parse().into_iter().for_each(|party| self.party(&party)),
            Shape::Parties => list(value).for_each(|text| text.parse().into_iter().for_each(|party| self.party(&party))),
            Shape::Institution => text.parse().into_iter().for_each(|id| self.institution(&id)),
            Shape::Rows(_, fields) => value.as_array().into_iter().flatten().for_each(|row| self.fields(fields, row)),
            Shape::Group(fields) if std::ptr::eq(fields, Place::FIELDS) => {
                self.place(value.get("name").and_then(Value::as_str).unwrap_or_default());
            }
            Shape::Group(fields) => self.fields(fields, value),
            _ => {}
        }
    }

    fn place(&mut self, name: &str) {
        let name = name.trim();
        if !name.is_empty() {
            self.told.places.insert(name.to_owned());
            self.say(Zone::Names, name, None, false);
        }
    }
}

fn list(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Whether a text is a hash or a media type, which nobody looks for by a word of it.
fn is_code(text: &str) -> bool {
    let hash = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    hash || (text.contains('/') && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"/.+-".contains(&b)))
}
