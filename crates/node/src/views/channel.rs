//! Channels: their parties, and how far each log is held, applied and witnessed.

use crate::fault::Fault;
use crate::store::{channels, logs};
use rusqlite::Connection;
use serde::Serialize;
use sha2::{Digest, Sha256};
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
        let (size, root) = (head.range.size(), head.range.root().to_string());
        digest.update(format!("{party} {size} {root}\n"));
        let origin = charter.origin(party).unwrap_or_default();
        found.push(LogView { party: party.clone(), origin, size, applied: head.applied, root, witnessed });
    }
    let adopted = crate::store::dossiers::get(connection, &channel, &DossierId::charter())?;
    let open = matches!(adopted.map(|dossier| dossier.state), Some(State::Charter(state)) if state.is_open());
    Ok(ChannelView { channel, charter, open, logs: found, digest: data_encoding::HEXLOWER.encode(&digest.finalize()) })
}
