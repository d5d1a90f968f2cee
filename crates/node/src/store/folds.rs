//! How the fold of a dossier is kept: as JSON, or not at all where its only record tells it. Most dossiers begin with one record
//! and wait; a copy of what it says would be written, carried through the log of the database and compared, and tell nothing.

use super::db::Connection;
use super::{dossiers, rebuild};
use crate::fault::Fault;
use crate::keyring::{self, Keyring};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::fold::Dossier;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::record::DossierId;

/// Whether a dossier is folded from its record whenever it is asked for. What is asked for with every act is kept, and so is
/// what is looked for by what was sealed in it.
pub(super) fn is_told_by_its_record(dossier: &Dossier) -> bool {
    dossier.records == 1 && dossier.frozen.is_none() && dossier.kind != Kind::Charter && dossier.custody.sealings.is_empty()
}

/// What is kept of a fold: nothing, where it is told by its record.
pub(super) fn written(dossier: &Dossier) -> Result<Vec<u8>, Fault> {
    if is_told_by_its_record(dossier) {
        return Ok(Vec::new());
    }
    serde_json::to_vec(dossier).map_err(|error| Fault::Damaged(error.to_string()))
}

pub(super) fn parse(bytes: &[u8]) -> Result<Dossier, Fault> {
    // What the parser says of it may quote what stands there, and a fault is logged.
    serde_json::from_slice(bytes).map_err(|error| Fault::Damaged(format!("a dossier's fold, at byte {}", error.column())))
}

/// Whether what is kept of a dossier is this. It is written the same way again, and read only where the words differ.
///
/// # Errors
/// When what is kept is damaged.
pub fn is_kept_as(kept: Option<&[u8]>, made: Option<&Dossier>) -> Result<bool, Fault> {
    match (kept, made) {
        (Some([]), Some(made)) => Ok(is_told_by_its_record(made)),
        (Some(kept), Some(made)) => Ok(is_written_as(kept, made) || parse(kept)? == *made),
        (kept, made) => Ok(kept.is_none() && made.is_none()),
    }
}

/// Whether these are the bytes that would be written of a dossier. They are compared as they are made.
fn is_written_as(kept: &[u8], made: &Dossier) -> bool {
    struct Rest<'k>(&'k [u8]);
    impl std::io::Write for Rest<'_> {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.strip_prefix(bytes).ok_or(std::io::ErrorKind::InvalidData)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut rest = Rest(kept);
    serde_json::to_writer(&mut rest, made).is_ok() && rest.0.is_empty()
}

/// Reads dossiers as they are kept. Who may act in a channel is read once, and for all dossiers that are told by their records.
#[derive(Default)]
pub struct Folds(BTreeMap<ChannelId, Keyring>);

impl Folds {
    /// A dossier, if anything is known of it here.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn get(&mut self, connection: &Connection, channel: &ChannelId, dossier: &DossierId) -> Result<Option<Dossier>, Fault> {
        let kept = dossiers::bytes(connection, channel, dossier)?;
        kept.map(|kept| self.read(connection, channel, dossier, &kept)).transpose()
    }

    /// The dossier of which this is kept.
    pub(super) fn read(
        &mut self,
        connection: &Connection,
        channel: &ChannelId,
        dossier: &DossierId,
        kept: &[u8],
    ) -> Result<Dossier, Fault> {
        if !kept.is_empty() {
            return parse(kept);
        }
        let ring = match self.0.entry(channel.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(empty) => {
                let ring = keyring::of(connection, channel)?;
                empty.insert(ring.ok_or_else(|| Fault::Damaged(format!("the charter of {channel}")))?)
            }
        };
        let folded = rebuild::fold_of(connection, channel, ring.within(), dossier)?;
        folded.ok_or_else(|| Fault::Damaged(format!("the records of {dossier}")))
    }
}
