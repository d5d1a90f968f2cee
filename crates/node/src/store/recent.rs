//! The newest records of this node's own logs, in memory: a peer that keeps up is given them without reading them back.
//!
//! Kept is only what never changes: the entry, its record's bytes and their salt, and of which dossier it is. For whom that
//! dossier is, is asked of the database each time; and a record beside which sealed values are kept is not here, since those are
//! destroyed one day.

use super::db::{Connection, OptionalExtension};
use super::records::{Audiences, Outgoing, Room, StoredRecord};
use crate::fault::Fault;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::{DossierId, Salt};

/// How many bytes of records are kept.
const ROOM: usize = 24 * 1024 * 1024;
/// What a record counts besides its bytes.
const OVERHEAD: usize = 160;

/// A record that stands in this node's own log.
#[derive(Debug)]
struct Own {
    entry: [u8; 32],
    salt: Salt,
    bytes: Vec<u8>,
    dossier: DossierId,
}

/// Records that follow each other in a log.
#[derive(Debug, Default)]
struct Run {
    records: Vec<Own>,
    bytes: usize,
}

/// Where a run begins: whose log it stands in, and the place of its first record.
type Place = (ChannelId, PartyId, u64);

/// What one transaction adds.
#[derive(Debug, Default)]
pub(super) struct Fresh(Vec<(Place, Run)>);

impl Fresh {
    /// Notes a record that was appended to this node's own log.
    pub(super) fn add(&mut self, channel: &ChannelId, entry: [u8; 32], record: StoredRecord) {
        let Some(dossier) = record.dossier.filter(|_| record.disclosures.is_empty()) else { return };
        let own = Own { entry, salt: record.salt, bytes: record.bytes, dossier };
        let bytes = own.bytes.len() + OVERHEAD;
        match self.0.last_mut() {
            Some(((within, of, from), run))
                if *of == record.party && *from + run.records.len() as u64 == record.index && within == channel =>
            {
                run.bytes += bytes;
                run.records.push(own);
            }
            _ => self.0.push(((channel.clone(), record.party, record.index), Run { records: vec![own], bytes })),
        }
    }
}

/// The newest records of this node's own logs.
#[derive(Debug, Default)]
pub struct Recent(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    runs: BTreeMap<Place, Arc<Run>>,
    /// The oldest first.
    order: VecDeque<Place>,
    bytes: usize,
}

impl Recent {
    /// Adds what was committed.
    pub(super) fn take(&self, fresh: Fresh) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (place, run) in fresh.0 {
            kept.bytes += run.bytes;
            kept.order.push_back(place.clone());
            kept.runs.insert(place, Arc::new(run));
        }
        while kept.bytes > ROOM {
            let Some(oldest) = kept.order.pop_front() else { return };
            let bytes = kept.runs.remove(&oldest).map_or(0, |run| run.bytes);
            kept.bytes -= bytes;
        }
    }

    /// The run in which a place stands, and how many records of it stand before.
    fn run(&self, channel: &ChannelId, party: &PartyId, index: u64) -> Option<(Arc<Run>, usize)> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ((within, of, from), run) = kept.runs.range(..=(channel.clone(), party.clone(), index)).next_back()?;
        let before = usize::try_from(index.checked_sub(*from)?).ok()?;
        (within == channel && of == party && before < run.records.len()).then(|| (run.clone(), before))
    }

    /// Gives the entries `[from, to)` of a log with their records, as [`outgoing`](super::records::outgoing) does, for as long as
    /// they are here: never any of a log that is not this node's own.
    ///
    /// # Errors
    /// When the store fails or is damaged, or `take` fails.
    pub fn outgoing(
        &self,
        connection: &Connection,
        channel: &ChannelId,
        party: &PartyId,
        (from, to, room): (u64, u64, &mut Room),
        mut take: impl FnMut(Outgoing<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut query = connection.prepare_cached("SELECT audience FROM dossier WHERE channel = ?1 AND dossier = ?2")?;
        let mut next = from;
        let mut audiences = Audiences::default();
        while next < to
            && let Some((run, before)) = self.run(channel, party, next)
        {
            for (own, _) in run.records.iter().skip(before).zip(next..to) {
                if !room.admits(own.bytes.len()) {
                    return Ok(());
                }
                let named: Option<String> =
                    query.query_row([channel.as_str(), own.dossier.as_str()], |row| row.get(0)).optional()?;
                let content = Some((own.salt, own.bytes.as_slice(), ""));
                take(Outgoing { entry: own.entry, content, audience: audiences.named(&named.unwrap_or_default()) })?;
                next += 1;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::records::Fate;

    fn record(index: u64, bytes: usize, disclosures: &str) -> StoredRecord {
        StoredRecord {
            party: "IRQ".parse().unwrap(),
            index,
            dossier: Some(DossierId::charter()),
            sum: 0,
            salt: [1; 32],
            bytes: vec![b'x'; bytes],
            disclosures: disclosures.to_owned(),
            fate: Fate::Pending,
            received: 0,
        }
    }

    fn channel(letter: &str) -> ChannelId {
        letter.repeat(32).parse().unwrap()
    }

    fn add(recent: &Recent, channel: &ChannelId, records: impl IntoIterator<Item = StoredRecord>) {
        let mut fresh = Fresh::default();
        records.into_iter().for_each(|record| fresh.add(channel, [9; 32], record));
        recent.take(fresh);
    }

    #[test]
    fn what_was_added_is_found_by_its_place_and_what_is_sealed_is_not_here() {
        let (recent, here, there) = (Recent::default(), channel("a"), channel("b"));
        add(&recent, &here, [5, 6, 7].map(|index| record(index, 10, "")));
        add(&recent, &here, [record(8, 10, "sealed"), record(9, 10, "")]);
        let own = "IRQ".parse().unwrap();
        let found =
            |channel: &ChannelId, index| recent.run(channel, &own, index).map(|(run, before)| (run.records.len(), before));
        let places: Vec<_> = (4..=10).map(|index| found(&here, index)).collect();
        assert_eq!(places, [None, Some((3, 0)), Some((3, 1)), Some((3, 2)), None, Some((1, 0)), None]);
        assert_eq!(found(&there, 5), None);
        assert!(recent.run(&here, &"TUR".parse().unwrap(), 5).is_none(), "nothing of another party's log is here");
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let (recent, here) = (Recent::default(), channel("a"));
        let size = ROOM / 8;
        for index in 0..20 {
            add(&recent, &here, [record(index, size, "")]);
        }
        let own = "IRQ".parse().unwrap();
        let held: Vec<u64> = (0..20).filter(|index| recent.run(&here, &own, *index).is_some()).collect();
        assert_eq!(held, [13, 14, 15, 16, 17, 18, 19]);
    }
}
