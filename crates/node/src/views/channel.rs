//! Channels: their parties, and how far each log is held, applied and witnessed.

use crate::fault::Fault;
use crate::store::db::Connection;
use crate::store::{channels, forks, late, logs, published};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::kinds::State;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::DossierId;

/// A channel as its page shows it.
#[derive(Debug, Clone, Serialize)]
pub struct ChannelView {
    /// The channel.
    pub channel: ChannelId,
    /// Its charter.
    pub charter: Arc<Charter>,
    /// Whether every party has adopted the charter.
    pub open: bool,
    /// Whether its logs are served to outside monitors.
    pub published: bool,
    /// The logs.
    pub logs: Vec<LogView>,
    /// SHA-256 over the sizes and roots of all logs, in hexadecimal: two nodes that hold the same show the same.
    pub digest: String,
}

/// A log as it is held here.
#[derive(Debug, Clone, Serialize)]
pub struct LogView {
    /// Whose it is.
    pub party: PartyId,
    /// Its origin.
    pub origin: String,
    /// Its size here.
    pub size: u64,
    /// How many of its records have been applied here.
    pub applied: u64,
    /// The root of its tree, in base64.
    pub root: String,
    /// Who has cosigned it, up to what size, and when by their own clock, in seconds since 1970 UTC.
    pub witnessed: Vec<(PartyId, u64, i64)>,
    /// Up to what size every other party has cosigned it.
    pub witnessed_by_all: u64,
    /// That it was proved to have two histories: nothing more of it is taken here.
    pub fork: Option<ForkView>,
    /// Of this node's own log: how many of its records were released late to each party.
    pub late_due: BTreeMap<PartyId, u64>,
    /// Of another's log: how many of the records that it released late to this node's party are here.
    pub late_taken: u64,
}

/// What is known of a log with two histories. `tansiq evidence fork` writes the proof.
#[derive(Debug, Clone, Serialize)]
pub struct ForkView {
    /// When this node had the proof, by its own clock, in seconds since 1970 UTC.
    pub found: i64,
    /// Which party showed the other history, or the proof.
    pub source: PartyId,
    /// The sizes of the two signed trees that cannot both be true.
    pub sizes: (u64, u64),
}

/// Whether every party has taken in all that the others released to it late: views of one channel by the parties' nodes.
#[must_use]
pub fn late_is_level(views: &BTreeMap<PartyId, ChannelView>) -> bool {
    let log_of = |view: &ChannelView, party: &PartyId| view.logs.iter().find(|log| log.party == *party).cloned();
    views.iter().all(|(owner, view)| {
        let due = log_of(view, owner).map(|log| log.late_due).unwrap_or_default();
        due.iter().all(|(party, due)| {
            let taken = views.get(party).and_then(|view| log_of(view, owner)).map(|log| log.late_taken);
            taken.is_none_or(|taken| taken == *due)
        })
    })
}

/// Every channel known here.
///
/// # Errors
/// When the store fails.
pub fn all(connection: &Connection) -> Result<Vec<ChannelView>, Fault> {
    let channels = channels::all(connection)?;
    channels.into_iter().map(|(channel, charter)| view(connection, channel, charter)).collect()
}

fn view(connection: &Connection, channel: ChannelId, charter: Arc<Charter>) -> Result<ChannelView, Fault> {
    let mut found = Vec::new();
    let mut digest = Sha256::new();
    for party in charter.parties.keys() {
        let head = logs::head(connection, &channel, party)?;
        let mut witnessed = Vec::new();
        for by in charter.parties.keys().filter(|by| *by != party) {
            if let Some((size, time)) = logs::newest_cosignature(connection, &channel, party, by)? {
                witnessed.push((by.clone(), size, time));
            }
        }
        let everybody = witnessed.len() + 1 == charter.parties.len();
        let covered = witnessed.iter().map(|(_, size, _)| *size).min().filter(|_| everybody);
        let fork = forks::get(connection, &channel, party)?.map(|found| ForkView {
            found: found.found,
            source: found.source,
            sizes: (found.proof.first().size(), found.proof.second().size()),
        });
        let (size, root) = (head.range.size(), head.range.root().to_string());
        digest.update(format!("{party} {size} {root}\n"));
        let origin = charter.origin(party).unwrap_or_default();
        let (late_due, late_taken) = (late::due(connection, &channel, party)?, late::taken(connection, &channel, party)?);
        let (party, applied) = (party.clone(), head.applied);
        found.push(LogView {
            party,
            origin,
            size,
            applied,
            root,
            witnessed,
            witnessed_by_all: covered.unwrap_or(0),
            fork,
            late_due,
            late_taken,
        });
    }
    let adopted = crate::store::dossiers::get(connection, &channel, &DossierId::charter())?;
    let open = matches!(adopted.map(|dossier| dossier.state), Some(State::Charter(state)) if state.is_open());
    let published = published::is_public(connection, &channel)?;
    let digest = data_encoding::HEXLOWER.encode(&digest.finalize());
    Ok(ChannelView { channel, charter, open, published, logs: found, digest })
}
