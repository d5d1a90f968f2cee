//! A node that was restored from a back-up: it says nothing in a channel until it has heard from its peers what it had said.
//!
//! Whether a channel is to be recovered is not stored: it follows from database and guard (see [`crate::store::guard`]). The
//! node pulls its own log back (`exchange::restore`), verifies it with its own key (`receive::recover`), and goes on.

use crate::fault::{Fault, Trouble};
use crate::store::db::Connection;
use crate::store::guard::Standing;
use crate::store::work::{Identity, Work};
use crate::store::{channels, late, logs, lost};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::party::PartyId;
use tansiq_dossier::refusal::Refusal;
use tansiq_dossier::refusals;

refusals! {
    /// What is refused while a node is being recovered.
    pub enum RecoveryRefusal {
        /// The node is catching up with what it had said before its database was restored.
        CatchingUp = "RCV01",
        /// The node has signed two histories of its log, and adds to neither.
        Contradicted = "RCV02",
        /// Not every party of the channel has said yet how much it holds of this node's log.
        NotAllAsked = "RCV03",
        /// A party holds more of this node's log than the node itself: it comes back by itself, and is not given up.
        HeldElsewhere = "RCV04",
        /// There is nothing to recover in this channel.
        NothingToRecover = "RCV05",
    }
}

/// How one channel's own log stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recovery {
    /// The channel.
    pub channel: ChannelId,
    /// Entries held of this node's own log.
    pub size: u64,
    /// The size up to which this node is known to have signed it.
    pub said: u64,
    /// Records among them whose causes have been applied.
    pub applied: u64,
    /// Places whose records nobody has given back.
    pub lost: u64,
    /// `certain`, `behind`, `unsure` or `contradicted`.
    pub standing: &'static str,
    /// What the other parties said that they hold, since the log was found wanting.
    pub asked: BTreeMap<PartyId, u64>,
    /// Parties of the channel that have not been asked yet.
    pub missing: BTreeSet<PartyId>,
}

impl Recovery {
    /// Whether the node may go on with its log.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.standing == "certain" && self.applied == self.size
    }
}

/// How this node's own log stands in a channel.
///
/// # Errors
/// When the store fails.
pub fn of(connection: &Connection, identity: &Identity, channel: &ChannelId, charter: &Charter) -> Result<Recovery, Fault> {
    let (guard, own) = (&identity.guard, &identity.party);
    let head = logs::head(connection, channel, own)?;
    let size = head.range.size();
    let said = guard.held(channel, own).map_or(0, |word| word.size);
    let (standing, said) = match guard.standing(channel, own, size) {
        Standing::Certain => ("certain", said),
        Standing::Behind(_) => ("behind", said),
        Standing::Unsure => ("unsure", said),
        Standing::Contradicted(size) => ("contradicted", size),
    };
    let asked = guard.asked(channel);
    let missing = charter.parties.keys().filter(|party| *party != own && !asked.contains_key(*party)).cloned().collect();
    let (channel, lost) = (channel.clone(), lost::count(connection, channel)?);
    Ok(Recovery { channel, size, said, applied: head.applied, lost, standing, asked, missing })
}

/// How this node's own log stands in every channel.
///
/// # Errors
/// When the store fails.
pub fn all(connection: &Connection, identity: &Identity) -> Result<Vec<Recovery>, Fault> {
    identity.guard.refresh()?;
    channels::all(connection)?.iter().map(|(channel, charter)| of(connection, identity, channel, charter)).collect()
}

/// Notes that a party was asked for this node's log and holds so much of it. Once everybody who can be called has been asked,
/// and nothing more is known to be missing, the log is certain.
///
/// # Errors
/// When the store or the guard fails.
pub fn was_asked(work: &mut Work<'_>, channel: &ChannelId, party: &PartyId, holds: u64) -> Result<(), Fault> {
    let (identity, own) = (work.identity, work.identity.party.clone());
    let size = work.head(channel, &own)?.range.size();
    let guard = &identity.guard;
    let before = guard.standing(channel, &own, size);
    if before == Standing::Certain {
        // It was behind, and has caught up: who was asked in the meantime is of no interest any more.
        return if guard.asked(channel).is_empty() { Ok(()) } else { guard.is_certain(channel) };
    }
    guard.was_asked(channel, party, holds)?;
    let asked = guard.asked(channel);
    let Some(charter) = work.charter(channel)? else { return Ok(()) };
    let callable: BTreeSet<PartyId> = channels::addresses(work.connection)?
        .into_iter()
        .filter(|(of, party, _)| of == channel && charter.parties.contains_key(party) && *party != own)
        .map(|(_, party, _)| party)
        .collect();
    let everybody: BTreeSet<PartyId> = charter.parties.keys().filter(|party| **party != own).cloned().collect();
    let needed = if callable.is_empty() { everybody } else { callable };
    let all_asked = needed.iter().all(|party| asked.contains_key(party));
    if before == Standing::Unsure && all_asked && asked.values().all(|holds| *holds <= size) {
        tracing::info!(channel.id = %channel, size, "every peer has been asked for this node's log; the node goes on");
        guard.is_certain(channel)?;
        work.announce(channel, &own, size);
    }
    Ok(())
}

/// Gives up what this node had signed after the tree that its database holds, at the word of whoever runs it.
///
/// Where the guard is lost, that is for whoever runs the node to answer for. Where the guard says that there was more, it is
/// done only after every other party of the channel has said that it holds no more than this node: what nobody else has ever
/// received cannot be contradicted by anybody.
///
/// # Errors
/// `RCV02`, `RCV03`, `RCV04` or `RCV05`, which changed nothing; or a fault.
pub fn accept(work: &mut Work<'_>, channel: &ChannelId) -> Result<u64, Trouble> {
    let charter = work.charter(channel)?.ok_or_else(|| Refusal::from(crate::access::Denial::NoSuchChannel))?;
    let (identity, own) = (work.identity, work.identity.party.clone());
    identity.guard.refresh()?;
    let head = work.head(channel, &own)?.clone();
    let size = head.range.size();
    let state = of(work.connection, identity, channel, &charter)?;
    match identity.guard.standing(channel, &own, size) {
        Standing::Certain => return Err(RecoveryRefusal::NothingToRecover.into()),
        Standing::Contradicted(_) => return Err(RecoveryRefusal::Contradicted.into()),
        Standing::Behind(_) if !state.missing.is_empty() => return Err(RecoveryRefusal::NotAllAsked.into()),
        Standing::Behind(_) | Standing::Unsure => {}
    }
    if state.asked.values().any(|holds| *holds > size) {
        return Err(RecoveryRefusal::HeldElsewhere.into());
    }
    late::renumber(work.connection, channel, identity.world.clock.unix())?;
    identity.guard.accept(channel, &own, &head.note)?;
    // While the node was silent its peers were not told of what it does hold.
    work.announce(channel, &own, size);
    Ok(size)
}

impl From<RecoveryRefusal> for Trouble {
    fn from(refusal: RecoveryRefusal) -> Trouble {
        Trouble::Refused(refusal.into())
    }
}
