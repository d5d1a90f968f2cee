//! A party's keys through the life of a channel: which of them count, and for what part of its log.
//!
//! A checkpoint is judged by the keys that counted at its size, so that what was signed stays signed when a key is retired.

use super::CharterRefusal;
use crate::channel::{self, CharterParty, Stretch};
use crate::party::PartyId;
use crate::record::RecordId;
use crate::refusal::Refusal;
use crate::time::Moment;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One key, and the sizes of its party's log for which it counts. A key whose sizes have no end counts now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The key, as a charter writes it.
    pub key: String,
    /// The sizes.
    #[serde(flatten)]
    pub sizes: Stretch,
}

/// New keys of one party. What is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKeys {
    /// The key that signs its log's checkpoints, as base64 of 32 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_key: Option<String>,
    /// The key that cosigns the logs of others, as base64 of 32 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cosigner_key: Option<String>,
    /// The pin of its node on the wire, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire_pin: Option<String>,
}

/// New keys that were announced and count beside the old ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Succession {
    /// The record that announced them.
    pub record: RecordId,
    /// When, as claimed.
    pub at: Moment,
    /// The keys.
    pub keys: NewKeys,
    /// The other parties that have taken note.
    pub acknowledged: BTreeSet<PartyId>,
}

/// Every key that a party ever had in a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyKeys {
    /// Those that sign its log's checkpoints, in the order in which they came.
    pub log: Vec<Term>,
    /// Those that cosign the logs of others.
    pub cosigner: Vec<Term>,
    /// The pins of its node on the wire.
    pub wire: Vec<Term>,
    /// The succession that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succession: Option<Succession>,
    /// The last size of its log that counts, since its node was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<u64>,
}

impl Term {
    fn from(key: &str, from: u64) -> Term {
        Term { key: key.to_owned(), sizes: Stretch { from, until: None } }
    }

    /// Whether it counts now.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.sizes.until.is_none()
    }

    fn end(&mut self, last: u64) {
        self.sizes.until = Some(self.sizes.until.map_or(last, |until| until.min(last)));
    }
}

impl NewKeys {
    fn each(&self) -> [Option<&String>; 3] {
        [self.log_key.as_ref(), self.cosigner_key.as_ref(), self.wire_pin.as_ref()]
    }

    /// Whether all three are named.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.each().iter().all(Option::is_some)
    }

    /// They must be keys, and nobody may have had one of them in the channel.
    pub(super) fn check(&self, used: &BTreeSet<&str>) -> Result<(), Refusal> {
        let is_key = |key: &String| data_encoding::BASE64.decode(key.as_bytes()).is_ok_and(|bytes| bytes.len() == 32);
        let is_pin = |pin: &String| crate::content::hex32(pin).is_some();
        let formed = [
            ("log_key", self.log_key.as_ref().is_none_or(is_key)),
            ("cosigner_key", self.cosigner_key.as_ref().is_none_or(is_key)),
            ("wire_pin", self.wire_pin.as_ref().is_none_or(is_pin)),
        ];
        if let Some((field, _)) = formed.iter().find(|(_, fine)| !fine) {
            return Err(Refusal::from(CharterRefusal::NotAKey).at(field));
        }
        let mut named = BTreeSet::new();
        for (key, field) in self.each().into_iter().zip(["log_key", "cosigner_key", "wire_pin"]) {
            if key.is_some_and(|key| used.contains(key.as_str()) || !named.insert(key)) {
                return Err(Refusal::from(CharterRefusal::UsedBefore).at(field));
            }
        }
        if named.is_empty() { Err(CharterRefusal::NothingNew.into()) } else { Ok(()) }
    }
}

impl PartyKeys {
    /// The keys with which a party enters the channel.
    #[must_use]
    pub fn founding(party: &CharterParty) -> PartyKeys {
        let only = |key: &str| vec![Term::from(key, 0)];
        let (log, cosigner, wire) = (only(&party.log_key), only(&party.cosigner_key), only(&party.tls_pin));
        PartyKeys { log, cosigner, wire, succession: None, revoked: None }
    }

    /// Every key that the party ever had.
    pub(super) fn ever(&self) -> impl Iterator<Item = &str> {
        self.log.iter().chain(&self.cosigner).chain(&self.wire).map(|term| term.key.as_str())
    }

    /// The sizes of the party's log at which a batch of its entries has to end, because other keys count after it: whoever
    /// reads the log from its beginning then knows each key before it meets a checkpoint that is signed by it alone.
    #[must_use]
    pub fn turns(&self) -> BTreeSet<u64> {
        let ends = self.log.iter().filter_map(|term| term.sizes.until);
        let begins = self.log.iter().map(|term| term.sizes.from);
        begins.chain(ends).filter(|size| *size > 0).collect()
    }

    fn begin(&mut self, new: &NewKeys, from: u64) {
        for (terms, key) in [&mut self.log, &mut self.cosigner, &mut self.wire].into_iter().zip(new.each()) {
            terms.extend(key.map(|key| Term::from(key, from)));
        }
    }

    /// Ends every key of a sort of which `new` names one, and leaves that one.
    fn end_all_but(&mut self, new: &NewKeys, last: u64) {
        for (terms, new) in [&mut self.log, &mut self.cosigner, &mut self.wire].into_iter().zip(new.each()) {
            let Some(new) = new else { continue };
            terms.iter_mut().filter(|term| term.key != *new).for_each(|term| term.end(last));
        }
    }

    /// From this record on, new keys count beside the old ones. What was announced before and not finished is dropped.
    pub(super) fn announce(&mut self, new: NewKeys, record: RecordId, at: Moment, place: u64) {
        if let Some(earlier) = self.succession.take() {
            let dropped: BTreeSet<&String> = earlier.keys.each().into_iter().flatten().collect();
            let terms = self.log.iter_mut().chain(&mut self.cosigner).chain(&mut self.wire);
            terms.filter(|term| dropped.contains(&term.key)).for_each(|term| term.end(place));
        }
        self.begin(&new, place + 1);
        self.succession = Some(Succession { record, at, keys: new, acknowledged: BTreeSet::new() });
    }

    /// From this record on, the new keys count alone.
    pub(super) fn finish(&mut self, place: u64) {
        if let Some(succession) = self.succession.take() {
            self.end_all_but(&succession.keys, place);
        }
    }

    /// Beyond this size the new keys count alone, and what the old ones signed there does not.
    pub(super) fn replace(&mut self, new: &NewKeys, size: u64) {
        self.succession = None;
        self.revoked = None;
        self.end_all_but(new, size);
        self.begin(new, size + 1);
    }

    /// Beyond this size nothing counts.
    pub(super) fn revoke(&mut self, size: u64) {
        self.succession = None;
        self.revoked = Some(size);
        let terms = self.log.iter_mut().chain(&mut self.cosigner).chain(&mut self.wire);
        terms.for_each(|term| term.end(size));
    }
}

impl channel::Charter {
    /// The keys with which a party enters the channel.
    #[must_use]
    pub fn founding_keys(&self, party: &PartyId) -> Option<PartyKeys> {
        self.parties.get(party).map(PartyKeys::founding)
    }
}
