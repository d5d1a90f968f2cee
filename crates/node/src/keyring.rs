//! Which keys count: those of the charter, and what became of them since, as its dossier tells.
//!
//! Whatever verifies asks here: checkpoints by the keys that counted at their size, cosignatures and callers by those that
//! count now. Where the charter's dossier tells nothing, the keys of the charter are all there is.

use crate::fault::Fault;
use crate::store::db::Connection;
use crate::store::records::{self, StoredRecord};
use crate::store::{channels, dossiers};
use data_encoding::BASE64;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tansiq_dossier::channel::{ChannelId, Charter, Within};
use tansiq_dossier::fold::{self, Dossier};
use tansiq_dossier::kinds::State;
use tansiq_dossier::kinds::charter::{self, PartyKeys, Term};
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::{DossierId, Entry};
use tansiq_log::note::{KeyKind, KeyName, VerifierKey};

/// The size at which those keys of a log count that count now: larger than any log.
pub const NOW: u64 = u64::MAX;

/// The keys of one channel, as far as this node has folded its charter's dossier.
#[derive(Debug, Clone)]
pub struct Keyring {
    /// The channel.
    pub channel: ChannelId,
    /// Its charter.
    pub charter: Arc<Charter>,
    state: Option<Box<charter::Charter>>,
}

impl Keyring {
    /// The keys of a channel with this charter, whose own dossier is folded so far.
    #[must_use]
    pub fn new(channel: ChannelId, charter: Arc<Charter>, folded: Option<&Dossier>) -> Keyring {
        let state = match folded.map(|dossier| &dossier.state) {
            Some(State::Charter(state)) => Some(state.clone()),
            _ => None,
        };
        Keyring { channel, charter, state }
    }

    /// The charter's dossier, once it is open.
    #[must_use]
    pub fn state(&self) -> Option<&charter::Charter> {
        self.state.as_deref()
    }

    /// What records of the channel are judged within.
    #[must_use]
    pub fn within(&self) -> Within<'_> {
        Within { charter: &self.charter, barred: self.state().map(charter::Charter::barred).filter(|barred| !barred.is_empty()) }
    }

    /// Every key that a party ever had; nothing for a stranger.
    #[must_use]
    pub fn of(&self, party: &PartyId) -> Option<PartyKeys> {
        let changed = self.state().and_then(|state| state.changed_keys(party)).cloned();
        changed.or_else(|| self.charter.founding_keys(party))
    }

    /// Whether a party's node was revoked: no key of it counts any longer.
    #[must_use]
    pub fn is_revoked(&self, party: &PartyId) -> bool {
        self.state().and_then(|state| state.changed_keys(party)).is_some_and(|keys| keys.revoked.is_some())
    }

    fn node(&self, party: &PartyId) -> &str {
        self.charter.parties.get(party).map_or("", |party| party.node.as_str())
    }

    /// The keys of a party's log, the oldest first, that count for a checkpoint of this size.
    #[must_use]
    pub fn log_keys(&self, party: &PartyId, size: u64) -> Vec<VerifierKey> {
        let name = format!("{}/{}", self.node(party), self.channel);
        let terms = self.of(party).map(|keys| keys.log).unwrap_or_default();
        let at_size = terms.iter().filter(|term| term.sizes.holds(size));
        at_size.filter_map(|term| verifier(&name, KeyKind::Ed25519, &term.key)).collect()
    }

    /// Every key that a party's log ever had, the oldest first: it can be convicted by any of them.
    #[must_use]
    pub fn log_keys_ever(&self, party: &PartyId) -> Vec<VerifierKey> {
        let name = format!("{}/{}", self.node(party), self.channel);
        let terms = self.of(party).map(|keys| keys.log).unwrap_or_default();
        terms.iter().filter_map(|term| verifier(&name, KeyKind::Ed25519, &term.key)).collect()
    }

    /// The keys with which a party cosigns, the oldest first: those that count now, or all that it ever had.
    #[must_use]
    pub fn cosigner_keys(&self, party: &PartyId, ever: bool) -> Vec<VerifierKey> {
        let terms = self.of(party).map(|keys| keys.cosigner).unwrap_or_default();
        let those = terms.iter().filter(|term| ever || term.counts());
        those.filter_map(|term| verifier(self.node(party), KeyKind::CosignatureV1, &term.key)).collect()
    }

    /// The pins of a party's node that count now, the oldest first.
    #[must_use]
    pub fn pins(&self, party: &PartyId) -> Vec<String> {
        let terms = self.of(party).map(|keys| keys.wire).unwrap_or_default();
        terms.into_iter().filter(Term::counts).map(|term| term.key).collect()
    }

    /// The party whose node shows this key on the wire.
    #[must_use]
    pub fn caller(&self, pin: &str) -> Option<PartyId> {
        self.charter.parties.keys().find(|party| self.pins(party).iter().any(|known| known == pin)).cloned()
    }

    /// The last size of a party's log that `own` takes in: its node was revoked, or `own` has said what counts of it and the
    /// others have not yet.
    #[must_use]
    pub fn limit(&self, own: &PartyId, party: &PartyId) -> Option<u64> {
        let state = self.state()?;
        let revoked = state.changed_keys(party).and_then(|keys| keys.revoked);
        revoked.or_else(|| state.word(party, own).map(charter::Word::size))
    }

    /// The sizes of a party's log at which a batch has to end, since other keys count beyond.
    #[must_use]
    pub fn turns(&self, party: &PartyId) -> BTreeSet<u64> {
        self.state().and_then(|state| state.changed_keys(party)).map(PartyKeys::turns).unwrap_or_default()
    }
}

fn verifier(name: &str, kind: KeyKind, key: &str) -> Option<VerifierKey> {
    // What is no key verifies nothing; that it is none does no harm to the others.
    let public: [u8; 32] = BASE64.decode(key.as_bytes()).ok()?.try_into().ok()?;
    VerifierKey::new(KeyName::new(name).ok()?, kind, &public).ok()
}

/// The keys of a channel, if it is known here.
///
/// # Errors
/// When the store fails or is damaged.
pub fn of(connection: &Connection, channel: &ChannelId) -> Result<Option<Keyring>, Fault> {
    let Some(charter) = channels::charter(connection, channel)? else { return Ok(None) };
    with(connection, channel.clone(), charter).map(Some)
}

fn with(connection: &Connection, channel: ChannelId, charter: Arc<Charter>) -> Result<Keyring, Fault> {
    let folded = dossiers::get(connection, &channel, &DossierId::charter())?;
    Ok(Keyring::new(channel, charter, folded.as_ref()))
}

/// The same, from the records of the charter's dossier alone: no projection is trusted.
///
/// # Errors
/// When the store fails or is damaged.
pub fn refolded(connection: &Connection, channel: &ChannelId, charter: &Arc<Charter>) -> Result<Keyring, Fault> {
    let stored = records::of_dossier(connection, channel, &DossierId::charter())?;
    let applied = stored.iter().filter(|record| !record.fate.is_waiting());
    let mut entries: Vec<Entry> = applied.filter_map(StoredRecord::entry).collect();
    let (folded, _) = fold::fold(&mut entries, charter);
    Ok(Keyring::new(channel.clone(), charter.clone(), folded.as_ref()))
}

/// The keys of every channel that is known here.
///
/// # Errors
/// When the store fails or is damaged.
pub fn all(connection: &Connection) -> Result<BTreeMap<ChannelId, Keyring>, Fault> {
    let charters = channels::all(connection)?.into_iter();
    charters.map(|(channel, charter)| Ok((channel.clone(), with(connection, channel, charter)?))).collect()
}
