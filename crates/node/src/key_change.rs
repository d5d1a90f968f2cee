//! How far a change of this node's keys has come in a channel.

use crate::keyring::Keyring;
use std::collections::BTreeMap;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::kinds::charter::{Charter, NewKeys, Term};
use tansiq_dossier::party::{OfficerId, PartyId};
use tansiq_dossier::record::RecordId;

/// How far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The new keys are not announced here.
    Unannounced,
    /// These parties have not taken note.
    Awaits(Vec<PartyId>),
    /// Everybody has taken note of what this record announced.
    Ready(RecordId),
    /// The new keys count alone, or the channel was opened with them.
    Done,
}

/// How far the change to these keys has come in a channel.
#[must_use]
pub fn standing(ring: &Keyring, own: &PartyId, next: &NewKeys) -> Standing {
    let Some(keys) = ring.of(own) else { return Standing::Done };
    if let Some(succession) = keys.succession.as_ref().filter(|succession| succession.keys == *next) {
        let others = ring.charter.parties.keys().filter(|party| *party != own);
        let silent: Vec<PartyId> = others.filter(|party| !succession.acknowledged.contains(*party)).cloned().collect();
        return if silent.is_empty() { Standing::Ready(succession.record) } else { Standing::Awaits(silent) };
    }
    let alone = |terms: &[Term], key: &Option<String>| {
        key.as_ref().is_none_or(|key| terms.iter().filter(|term| term.counts()).all(|term| term.key == *key))
    };
    let done = alone(&keys.log, &next.log_key) && alone(&keys.cosigner, &next.cosigner_key) && alone(&keys.wire, &next.wire_pin);
    if done { Standing::Done } else { Standing::Unannounced }
}

/// The channels in which an office's institution takes part and where the office is revoked, or is not.
#[must_use]
pub fn channels_of(rings: &BTreeMap<ChannelId, Keyring>, own: &PartyId, office: &OfficerId, revoked: bool) -> Vec<ChannelId> {
    let is_revoked = |ring: &Keyring| {
        let stretches = ring.state().map(Charter::barred).and_then(|barred| barred.0.get(office));
        stretches.and_then(|stretches| stretches.last()).is_some_and(|last| last.until.is_none())
    };
    let takes_part = rings.iter().filter(|(_, ring)| ring.charter.parties.contains_key(own));
    takes_part.filter(|(_, ring)| is_revoked(ring) == revoked).map(|(channel, _)| channel.clone()).collect()
}
