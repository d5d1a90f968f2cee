//! The charter's own dossier: every party adopts the same charter, and the channel is open; and what becomes of the parties'
//! keys and offices after that.
//!
//! The charter itself never changes, for its hash is the channel's name. A party that changes keys announces the new ones
//! under its old ones; both count until every other party has taken note and the party ends the overlap. Keys that are lost
//! are replaced by all other parties saying the same, since whoever lost them can sign nothing. A node whose keys fell into
//! other hands is revoked by its own party, or by all others.

mod keys;
mod sheet;

pub use keys::{NewKeys, PartyKeys, Succession, Term};

use crate::act::{ActSpec, Shape};
use crate::body::ActBody;
use crate::channel::{self, Barred, Stretch};
use crate::content::ContentHash;
use crate::fold::Context;
use crate::kinds::Rules;
use crate::mutual::Mutual;
use crate::party::{OfficerId, PartyId};
use crate::record::RecordId;
use crate::refusal::{Common, Form, Refusal};
use crate::sheet::{Offer, Sheet, View};
use crate::words::Words;
use crate::{acts, refusals};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

acts! {
    /// Adopts the charter, as the first record of the party's log.
    Adopt = "adopt" by [Secretary, CoChair, TreatyOfficer, Administrator], opens, mutual {
        /// The hash of the charter.
        required charter: ContentHash => Shape::Content;
    }

    /// Announces new keys of the party's own node. Old and new count side by side from here on.
    Succeed = "succeed" by [CoChair, Administrator] {
        /// The new key of its log.
        optional log_key: String => Shape::Text(64);
        /// The new key with which it cosigns.
        optional cosigner_key: String => Shape::Text(64);
        /// The pin of its node's new key on the wire.
        optional wire_pin: String => Shape::Text(64);
    }

    /// Takes note of another party's new keys. It says that this party's node knows them.
    Acknowledge = "acknowledge-keys" by [Secretary, CoChair, TreatyOfficer, Administrator] {
        /// The record that announced them.
        required of: RecordId => Shape::Record;
    }

    /// Ends the overlap: from here on the new keys count alone. Every other party must have taken note of them.
    Finish = "finish-succession" by [CoChair, Administrator] {
        /// The record that announced them.
        required of: RecordId => Shape::Record;
    }

    /// Gives a party whose keys are lost new ones, once every other party has said the same.
    Replace = "replace-keys" by [CoChair, Administrator], mutual {
        /// The party whose keys are lost.
        required party: PartyId => Shape::Party;
        /// The last size of its log for which the lost keys count.
        required size: i64 => Shape::Whole(1, i64::MAX);
        /// The new key of its log.
        optional log_key: String => Shape::Text(64);
        /// The new key with which it cosigns.
        optional cosigner_key: String => Shape::Text(64);
        /// The pin of its node's new key on the wire.
        optional wire_pin: String => Shape::Text(64);
    }

    /// Says that a node's keys are in other hands: a party of its own node, at once; of another's, once all others have said so.
    RevokeNode = "revoke-node" by [CoChair, Administrator], mutual {
        /// The party whose node it is.
        required party: PartyId => Shape::Party;
        /// The last size of its log that counts; said of another party alone.
        optional size: i64 => Shape::Whole(1, i64::MAX);
        /// Why.
        required reason: String => Shape::Paragraphs(2000);
    }

    /// Revokes an office of the party's own: what it does from here on in the party's log has no effect anywhere.
    RevokeOfficer = "revoke-officer" by [CoChair, Administrator] {
        /// The office.
        required officer: String => Shape::Text(80);
        /// Why.
        required reason: String => Shape::Paragraphs(2000);
    }

    /// Lets an office act again that was revoked.
    ReinstateOfficer = "reinstate-officer" by [CoChair, Administrator] {
        /// The office.
        required officer: String => Shape::Text(80);
    }
}

refusals! {
    /// What is refused about keys and offices.
    pub enum CharterRefusal {
        /// Not a key: 32 bytes in base64, or a pin of 64 hexadecimal digits.
        NotAKey = "KEY01",
        /// Somebody has, or had, this key in the channel.
        UsedBefore = "KEY02",
        /// No new key is named.
        NothingNew = "KEY03",
        /// No succession that this record announced is under way.
        NoSuccession = "KEY04",
        /// Not every other party has taken note of the new keys.
        NotAcknowledged = "KEY05",
        /// Lost keys are replaced by the other parties, for a party of the channel.
        NotForOthers = "KEY06",
        /// This party has taken in more of that log already.
        SeenMore = "KEY07",
        /// The party's node is revoked: it needs new keys first.
        NodeRevoked = "KEY08",
        /// A node that was revoked gets three new keys.
        AllThree = "KEY09",
        /// Not an office of the acting party: each revokes and reinstates its own.
        ForeignOffice = "KEY10",
        /// The office is revoked already, or is not revoked.
        NothingToChange = "KEY11",
    }
}

/// What another party says of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "says")]
pub enum Word {
    /// Its keys are lost: these count beyond this size of its log.
    Replace {
        /// The size.
        size: u64,
        /// The new keys.
        keys: NewKeys,
    },
    /// Its keys are in other hands: nothing counts beyond this size of its log.
    Revoke {
        /// The size.
        size: u64,
    },
}

impl Word {
    /// The last size of the log for which the old keys count.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self {
            Word::Replace { size, .. } | Word::Revoke { size } => *size,
        }
    }

    fn act(&self) -> &'static str {
        match self {
            Word::Replace { .. } => Replace::SPEC.name,
            Word::Revoke { .. } => RevokeNode::SPEC.name,
        }
    }
}

/// Who has adopted the charter, and what became of keys and offices since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charter {
    name: Words,
    adopted: Mutual<ContentHash>,
    /// The keys of every party whose keys are not those of the charter alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    keys: BTreeMap<PartyId, PartyKeys>,
    /// What the others say of a node, until all say the same.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    words: BTreeMap<PartyId, Mutual<Word>>,
    #[serde(default, skip_serializing_if = "Barred::is_empty")]
    barred: Barred,
}

impl Charter {
    /// Whether every party has adopted it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.adopted.settled().is_some()
    }

    /// Every key that the party ever had, where they are not those of the charter alone.
    #[must_use]
    pub fn changed_keys(&self, party: &PartyId) -> Option<&PartyKeys> {
        self.keys.get(party)
    }

    /// The offices that were revoked.
    #[must_use]
    pub fn barred(&self) -> &Barred {
        &self.barred
    }

    /// What a party has said of another's node, while not all say the same.
    #[must_use]
    pub fn word(&self, of: &PartyId, by: &PartyId) -> Option<&Word> {
        self.words.get(of).and_then(|words| words.of(by)).map(|assent| &assent.content)
    }

    fn keys_of(&mut self, charter: &channel::Charter, party: &PartyId) -> Result<&mut PartyKeys, Refusal> {
        if !self.keys.contains_key(party) {
            let founding = charter.founding_keys(party).ok_or(CharterRefusal::NotForOthers)?;
            self.keys.insert(party.clone(), founding);
        }
        self.keys.get_mut(party).ok_or_else(|| CharterRefusal::NotForOthers.into())
    }

    fn is_revoked(&self, party: &PartyId) -> bool {
        self.keys.get(party).is_some_and(|keys| keys.revoked.is_some())
    }

    fn check(&self, charter: &channel::Charter, new: &NewKeys) -> Result<(), Refusal> {
        let founding = charter.parties.values().flat_map(|party| [&party.log_key, &party.cosigner_key, &party.tls_pin]);
        let used = founding.map(String::as_str).chain(self.keys.values().flat_map(PartyKeys::ever)).collect();
        new.check(&used)
    }

    fn succeed(&mut self, context: &Context<'_>, charter: &channel::Charter, act: Succeed) -> Result<(), Refusal> {
        let own = &context.stamp.party;
        if self.is_revoked(own) {
            return Err(CharterRefusal::NodeRevoked.into());
        }
        let new = NewKeys { log_key: act.log_key, cosigner_key: act.cosigner_key, wire_pin: act.wire_pin };
        self.check(charter, &new)?;
        let place = context.seen.of(own);
        self.keys_of(charter, own)?.announce(new, context.record, context.stamp.at, place);
        Ok(())
    }

    fn acknowledge(&mut self, context: &Context<'_>, act: &Acknowledge) -> Result<(), Refusal> {
        let party = &context.stamp.party;
        let of_others = self.keys.iter_mut().filter(|(other, _)| *other != party);
        let mut under_way = of_others.filter_map(|(_, keys)| keys.succession.as_mut());
        let succession = under_way.find(|succession| succession.record == act.of);
        let succession = succession.ok_or_else(|| Refusal::from(CharterRefusal::NoSuccession).at("of"))?;
        if !succession.acknowledged.insert(party.clone()) {
            return Err(Common::AlreadySaid.into());
        }
        Ok(())
    }

    fn finish(&mut self, context: &Context<'_>, act: &Finish) -> Result<(), Refusal> {
        let own = &context.stamp.party;
        let keys = self.keys.get_mut(own).filter(|keys| keys.succession.as_ref().is_some_and(|new| new.record == act.of));
        let keys = keys.ok_or_else(|| Refusal::from(CharterRefusal::NoSuccession).at("of"))?;
        let acknowledged = keys.succession.as_ref().map(|succession| &succession.acknowledged);
        let all = context.audience.iter().filter(|party| *party != own);
        if !all.into_iter().all(|party| acknowledged.is_some_and(|by| by.contains(party))) {
            return Err(CharterRefusal::NotAcknowledged.into());
        }
        keys.finish(context.seen.of(own));
        Ok(())
    }

    /// Keeps what a party says of another's node; when all others say the same, it is so.
    fn say(&mut self, context: &Context<'_>, charter: &channel::Charter, of: &PartyId, word: Word) -> Result<(), Refusal> {
        if context.seen.of(of) > word.size() {
            return Err(Refusal::from(CharterRefusal::SeenMore).at("size"));
        }
        let others: BTreeSet<PartyId> = context.audience.iter().filter(|party| *party != of).cloned().collect();
        let words = self.words.entry(of.clone()).or_default();
        if words.assent(&Context { audience: &others, ..*context }, word.clone())? {
            self.words.remove(of);
            let keys = self.keys_of(charter, of)?;
            match word {
                Word::Replace { size, keys: new } => keys.replace(&new, size),
                Word::Revoke { size } => keys.revoke(size),
            }
        }
        Ok(())
    }

    fn replace(&mut self, context: &Context<'_>, charter: &channel::Charter, act: Replace) -> Result<(), Refusal> {
        if act.party == context.stamp.party || !charter.parties.contains_key(&act.party) {
            return Err(Refusal::from(CharterRefusal::NotForOthers).at("party"));
        }
        let keys = NewKeys { log_key: act.log_key, cosigner_key: act.cosigner_key, wire_pin: act.wire_pin };
        self.check(charter, &keys)?;
        if self.is_revoked(&act.party) && !keys.is_whole() {
            return Err(CharterRefusal::AllThree.into());
        }
        let size = u64::try_from(act.size).unwrap_or_default();
        self.say(context, charter, &act.party, Word::Replace { size, keys })
    }

    fn revoke_node(&mut self, context: &Context<'_>, charter: &channel::Charter, act: &RevokeNode) -> Result<(), Refusal> {
        if !charter.parties.contains_key(&act.party) {
            return Err(Refusal::from(CharterRefusal::NotForOthers).at("party"));
        }
        if self.is_revoked(&act.party) {
            return Err(CharterRefusal::NodeRevoked.into());
        }
        let own = act.party == context.stamp.party;
        match act.size.map(|size| u64::try_from(size).unwrap_or_default()) {
            Some(_) if own => Err(Refusal::from(Form::UnknownField).at("size")),
            None if !own => Err(Refusal::from(Form::Missing).at("size")),
            Some(size) => self.say(context, charter, &act.party, Word::Revoke { size }),
            // The record that says so is the last that counts.
            None => {
                let place = context.seen.of(&act.party);
                self.keys_of(charter, &act.party)?.revoke(place + 1);
                Ok(())
            }
        }
    }

    fn bar(&mut self, context: &Context<'_>, officer: &str, reinstates: bool) -> Result<(), Refusal> {
        let own = officer.parse().ok().filter(|officer: &OfficerId| officer.party() == context.stamp.party);
        let officer = own.ok_or_else(|| Refusal::from(CharterRefusal::ForeignOffice).at("officer"))?;
        let place = context.seen.of(&context.stamp.party);
        if self.barred.bars(&officer, place) != reinstates {
            return Err(Refusal::from(CharterRefusal::NothingToChange).at("officer"));
        }
        let stretches = self.barred.0.entry(officer).or_default();
        match stretches.last_mut().filter(|_| reinstates) {
            Some(last) => last.until = Some(place),
            None => stretches.push(Stretch { from: place + 1, until: None }),
        }
        Ok(())
    }
}

impl Rules for Charter {
    type Act = Act;
    const SPECS: &'static [ActSpec] = SPECS;
    const STATES: &'static [&'static str] = &["awaiting-adoption", "open"];
    const CODES: &'static [&'static str] = CharterRefusal::CODES;

    fn decode(act: &str, body: &ActBody) -> Option<Result<Act, Refusal>> {
        Act::decode(act, body)
    }

    fn open(context: &Context<'_>, charter: &channel::Charter, act: Act) -> Result<Self, Refusal> {
        let mut state = Charter {
            name: charter.name.clone(),
            adopted: Mutual::default(),
            keys: BTreeMap::new(),
            words: BTreeMap::new(),
            barred: Barred::default(),
        };
        state.step(context, charter, act)?;
        Ok(state)
    }

    fn step(&mut self, context: &Context<'_>, charter: &channel::Charter, act: Act) -> Result<(), Refusal> {
        // In its own dossier a revocation holds as soon as it is folded; in all others, whoever folds them says so.
        if self.barred.bars(&context.stamp.officer, context.seen.of(&context.stamp.party)) {
            return Err(Common::RevokedOffice.into());
        }
        match act {
            Act::Adopt(act) if act.charter != ContentHash::of(charter) => Err(Common::OtherCharter.into()),
            Act::Adopt(act) => self.adopted.assent(context, act.charter).map(|_| ()),
            Act::Succeed(act) => self.succeed(context, charter, act),
            Act::Acknowledge(act) => self.acknowledge(context, &act),
            Act::Finish(act) => self.finish(context, &act),
            Act::Replace(act) => self.replace(context, charter, act),
            Act::RevokeNode(act) => self.revoke_node(context, charter, &act),
            Act::RevokeOfficer(act) => self.bar(context, &act.officer, false),
            Act::ReinstateOfficer(act) => self.bar(context, &act.officer, true),
        }
    }

    fn sheet(&self, view: &View<'_>) -> Sheet {
        sheet::sheet(self, view)
    }

    fn offers(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        sheet::offers(self, view, party)
    }
}
