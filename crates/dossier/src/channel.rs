//! A channel and its charter: the parties, their keys and institutions, and the bodies in which they meet.
//!
//! The charter is one document. A channel is open when every party's log holds the `adopt` record over the same charter, as
//! its first record. Its identifier is the hash of the charter, so that nobody can be told another one.

use crate::content::ContentHash;
use crate::party::{InstitutionId, OfficerId, PartyId};
use crate::refusal::{Common, Refusal};
use crate::time::Date;
use crate::words::{Tongue, Words};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

fn is_channel(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

crate::party::id!(
    /// A channel: the first 32 hexadecimal digits of the hash of its charter.
    ChannelId, "a channel (32 hexadecimal digits)", is_channel
);

/// What a channel is for; it decides which kinds of dossier may be kept in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChannelClass {
    /// Coordination between parties: agreements, commitments, meetings, actions and the exchange of information.
    Exchange,
    /// One party's institutions among themselves. Nothing leaves the node.
    Domestic,
    /// Returns of persons, which no other matter can reach.
    Return,
    /// Measures the exchange itself; holds no dossier of any state.
    Measurement,
}

/// The founding document of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charter {
    /// What the channel is called.
    pub name: Words,
    /// What it is for.
    pub class: ChannelClass,
    /// The day from which it is meant to run. Also tells apart two channels that are otherwise the same.
    pub opened_on: Date,
    /// The languages in which its texts are made.
    pub tongues: BTreeSet<Tongue>,
    /// The parties, with their keys and institutions.
    pub parties: BTreeMap<PartyId, CharterParty>,
    /// The bodies in which the parties meet, by identifier.
    #[serde(default)]
    pub bodies: BTreeMap<String, Body>,
    /// Whether everything in it is an exercise, to be shown as such on screen and paper.
    #[serde(default)]
    pub demo: bool,
}

/// One party as the charter names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CharterParty {
    /// The party's name.
    pub name: Words,
    /// The name of its node, `baghdad.example`. The origin of its log is `<node>/<channel>`.
    pub node: String,
    /// The Ed25519 key with which it signs its log's checkpoints, as base64 of 32 bytes.
    pub log_key: String,
    /// The Ed25519 key with which it cosigns the logs of others, as base64 of 32 bytes; never the same as `log_key`.
    pub cosigner_key: String,
    /// SHA-256 of the public key (SubjectPublicKeyInfo) of its node on the wire, in hexadecimal.
    pub tls_pin: String,
    /// Its institutions that take part.
    pub institutions: BTreeMap<InstitutionId, Words>,
}

/// A joint committee, commission, mechanism, working group or centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Its name.
    pub name: Words,
    /// The parties that sit in it.
    pub parties: BTreeSet<PartyId>,
}

/// Offices that their parties have revoked in a channel: for each, the stretches of its party's own log in which it may not
/// act. A log is in one order at every party, so nobody can tell another when an office stopped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Barred(pub BTreeMap<OfficerId, Vec<Stretch>>);

/// Places in a log, from the first on to the last; without an end while it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// The first place.
    pub from: u64,
    /// The last place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
}

impl Stretch {
    /// Whether it has this place.
    #[must_use]
    pub fn holds(&self, place: u64) -> bool {
        self.from <= place && self.until.is_none_or(|until| place <= until)
    }
}

impl Barred {
    /// Whether the office may not act at this place of its party's log.
    #[must_use]
    pub fn bars(&self, officer: &OfficerId, place: u64) -> bool {
        self.0.get(officer).is_some_and(|stretches| stretches.iter().any(|stretch| stretch.holds(place)))
    }

    /// Whether nobody was ever revoked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a record is judged within: the charter, and the offices that may act no more.
#[derive(Debug, Clone, Copy)]
pub struct Within<'a> {
    /// The charter.
    pub charter: &'a Charter,
    /// The offices that were revoked, where any were.
    pub barred: Option<&'a Barred>,
}

impl Within<'_> {
    /// Whether the office may not act at this place of its party's log.
    #[must_use]
    pub fn bars(&self, officer: &OfficerId, place: u64) -> bool {
        self.barred.is_some_and(|barred| barred.bars(officer, place))
    }
}

impl<'a> From<&'a Charter> for Within<'a> {
    fn from(charter: &'a Charter) -> Self {
        Within { charter, barred: None }
    }
}

impl<'a> From<&'a Arc<Charter>> for Within<'a> {
    fn from(charter: &'a Arc<Charter>) -> Self {
        Within { charter, barred: None }
    }
}

impl Charter {
    /// The identifier of the channel that this charter opens.
    #[must_use]
    pub fn channel(&self) -> ChannelId {
        ChannelId(ContentHash::of(self).to_string()[..32].into())
    }

    /// The origin of a party's log in this channel (C2SP tlog-checkpoint): `<node>/<channel>`.
    #[must_use]
    pub fn origin(&self, party: &PartyId) -> Option<String> {
        self.parties.get(party).map(|p| format!("{}/{}", p.node, self.channel()))
    }

    /// The institution's name, when the charter lists it.
    #[must_use]
    pub fn institution(&self, id: &InstitutionId) -> Option<&Words> {
        self.parties.get(&id.party()).and_then(|party| party.institutions.get(id))
    }

    /// Checks what must be true of every charter.
    ///
    /// # Errors
    /// `CHN01`, with the field that is in the way: no or too many parties for the class, a key used twice, an institution
    /// of another party, a body of strangers, a node name that cannot stand in an origin.
    pub fn check(&self) -> Result<(), Refusal> {
        let bad = |field: &str| Err(Refusal::from(Common::BadCharter).at(field));
        let count = self.parties.len();
        let fits = if self.class == ChannelClass::Domestic { count == 1 } else { (2..=16).contains(&count) };
        if !fits {
            return bad("parties");
        }
        if self.name.is_empty() {
            return bad("name");
        }
        if self.tongues.is_empty() {
            return bad("tongues");
        }
        let mut keys = BTreeSet::new();
        let mut nodes = BTreeSet::new();
        for (id, party) in &self.parties {
            let well_named = !party.node.is_empty()
                && party.node.len() <= 200
                && party.node.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-');
            if !well_named || !nodes.insert(&party.node) {
                return bad(&format!("parties.{id}.node"));
            }
            let is_key = |key: &str| data_encoding::BASE64.decode(key.as_bytes()).is_ok_and(|bytes| bytes.len() == 32);
            if !is_key(&party.log_key) || !keys.insert(&party.log_key) {
                return bad(&format!("parties.{id}.log_key"));
            }
            if !is_key(&party.cosigner_key) || !keys.insert(&party.cosigner_key) {
                return bad(&format!("parties.{id}.cosigner_key"));
            }
            if crate::content::hex32(&party.tls_pin).is_none() || !keys.insert(&party.tls_pin) {
                return bad(&format!("parties.{id}.tls_pin"));
            }
            if party.institutions.is_empty() || party.institutions.keys().any(|institution| institution.party() != *id) {
                return bad(&format!("parties.{id}.institutions"));
            }
        }
        let strangers = |body: &Body| body.parties.is_empty() || body.parties.iter().any(|p| !self.parties.contains_key(p));
        if self.bodies.values().any(strangers) {
            return bad("bodies");
        }
        Ok(())
    }
}
