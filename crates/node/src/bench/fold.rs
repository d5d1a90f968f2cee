//! Measures the rules: how many acts one core folds in a second, and how long a store takes to be folded anew.

use super::copies::{Copied, Stories};
use crate::fault::Fault;
use crate::store::rebuild::{Progress, Rebuild};
use crate::store::records::{Adder, Fate, StoredRecord};
use crate::store::{self, channels};
use serde::Serialize;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;
use tansiq_dossier::fold::{self, Standing};
use tansiq_dossier::record::{DossierId, Entry, Record, RecordId};
use tansiq_dossier::time::Date;

/// How many different records are held ready; more acts are folded by going through them again.
const DISTINCT: usize = 20_000;

/// What one core does with records.
#[derive(Debug, Clone, Serialize)]
pub struct FoldFigures {
    /// How many acts each figure was measured with.
    pub acts: usize,
    /// How many of the records differ.
    pub distinct: usize,
    /// The mean size of a record, in bytes.
    pub record_bytes: usize,
    /// Records that are effective, of those that differ.
    pub effective: usize,
    /// Acts per second through `step`, from records that are parsed already.
    pub steps_per_s: f64,
    /// Acts per second from bytes: commitment hash, parsing, `step`.
    pub from_bytes_per_s: f64,
}

/// What a rebuild of a made-up store took.
#[derive(Debug, Clone, Serialize)]
pub struct RebuildFigures {
    /// Records in the store.
    pub records: u64,
    /// Dossiers folded.
    pub dossiers: u64,
    /// Seconds that the rebuild took.
    pub seconds: f64,
    /// Records per second.
    pub records_per_s: f64,
    /// Seconds that it took to make the store, which is no part of the measure.
    pub made_in_seconds: f64,
    /// The most memory that this process held, in MiB.
    pub rss_mib: f64,
}

fn stories() -> Result<Stories, Fault> {
    Stories::read().ok_or_else(|| Fault::Setup("the stories that were built in cannot be read".to_owned()))
}

#[allow(clippy::cast_precision_loss, reason = "a figure for people")]
fn per_second(count: usize, begun: Instant) -> f64 {
    (count as f64 / begun.elapsed().as_secs_f64()).round()
}

/// Folds acts on this thread and counts them.
///
/// # Errors
/// Never with the stories that are built in.
pub fn fold(acts: usize) -> Result<FoldFigures, Fault> {
    let stories = stories()?;
    let charter = &stories.charter;
    let mut folders: BTreeMap<DossierId, Vec<Copied>> = BTreeMap::new();
    let copies = u32::try_from(DISTINCT / stories.size()).unwrap_or(1).max(1);
    for copied in (0..copies).flat_map(|number| stories.copy(number)) {
        folders.entry(copied.entry.record.dossier.clone()).or_default().push(copied);
    }
    folders.values_mut().for_each(|records| records.sort_by_key(|copied| copied.entry.position()));
    let distinct: usize = folders.values().map(Vec::len).sum();
    let mut effective = 0;
    for records in folders.values() {
        let mut dossier = None;
        for copied in records {
            let (after, verdict) = fold::step(dossier, &copied.entry, charter);
            effective += usize::from(verdict == Ok(Standing::Effective));
            dossier = after;
        }
    }
    let (mut done, begun) = (0, Instant::now());
    while done < acts {
        for records in folders.values() {
            let mut dossier = None;
            for copied in records {
                dossier = fold::step(dossier, &copied.entry, charter).0;
            }
            black_box(&dossier);
        }
        done += distinct;
    }
    let steps_per_s = per_second(done, begun);
    let (mut done, begun) = (0, Instant::now());
    while done < acts {
        for records in folders.values() {
            let mut dossier = None;
            for copied in records {
                let id = RecordId::commit(&copied.salt, &copied.bytes);
                let Ok(record) = Record::parse(&copied.bytes) else { continue };
                let entry = Entry { id, log: record.stamp.party.clone(), index: copied.entry.index, record };
                dossier = fold::step(dossier, &entry, charter).0;
            }
            black_box(&dossier);
        }
        done += distinct;
    }
    let from_bytes_per_s = per_second(done, begun);
    let bytes: usize = folders.values().flatten().map(|copied| copied.bytes.len()).sum();
    Ok(FoldFigures { acts: done, distinct, record_bytes: bytes / distinct.max(1), effective, steps_per_s, from_bytes_per_s })
}

/// Makes a store of so many records, without any fold, and folds it.
///
/// # Errors
/// When the store fails.
pub fn rebuild(dir: &Path, records: u64, today: Date, tell: impl FnMut(&Progress)) -> Result<RebuildFigures, Fault> {
    let stories = stories()?;
    let connection = store::bare(&(&dir.join("rebuild.db")).into())?;
    let begun = Instant::now();
    let channel = stories.charter.channel();
    channels::add(&connection, &stories.charter)?;
    let mut copies = (0..u32::MAX).map(|number| stories.copy(number));
    let mut left = records;
    while left > 0 {
        connection.begin()?;
        let mut adder = Adder::new(&connection)?;
        for copied in copies.by_ref().take(500).flatten().take(usize::try_from(left).unwrap_or(usize::MAX)) {
            adder.add(&channel, &stored(copied))?;
            left -= 1;
        }
        connection.commit()?;
    }
    let made_in_seconds = super::tenth(begun.elapsed().as_secs_f64());
    let mut rebuild = Rebuild::new(&connection)?;
    let begun = Instant::now();
    rebuild.run(&connection, today, tell)?;
    Ok(RebuildFigures {
        records: rebuild.progress.records,
        dossiers: rebuild.progress.dossiers,
        seconds: super::tenth(begun.elapsed().as_secs_f64()),
        records_per_s: per_second(usize::try_from(rebuild.progress.records).unwrap_or(usize::MAX), begun),
        made_in_seconds,
        rss_mib: super::high_water(std::process::id())?,
    })
}

fn stored(copied: Copied) -> StoredRecord {
    let record = &copied.entry.record;
    StoredRecord {
        party: copied.entry.log.clone(),
        index: copied.entry.index,
        dossier: Some(record.dossier.clone()),
        sum: record.seen.sum(),
        salt: copied.salt,
        fate: Fate::Applied(Standing::Effective),
        received: record.stamp.at.unix(),
        bytes: copied.bytes,
        disclosures: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn copies_of_the_stories_are_effective_like_the_stories() {
        let stories = stories().unwrap();
        let standings = |number: u32| {
            let mut folders: BTreeMap<DossierId, Vec<Entry>> = BTreeMap::new();
            let copied = stories.copy(number);
            assert_eq!(copied.iter().map(|copied| copied.entry.id).collect::<BTreeSet<_>>().len(), stories.size());
            for copied in copied {
                folders.entry(copied.entry.record.dossier.clone()).or_default().push(copied.entry);
            }
            let folds = folders.values_mut().flat_map(|entries| fold::fold(entries, &stories.charter).1);
            folds.filter(|(_, standing)| *standing == Standing::Effective).count()
        };
        // Which of two acts that did not know of each other comes first is told by their names, which differ in each copy.
        for number in [0, 3] {
            assert!(standings(number) * 10 > stories.size() * 9, "{} of {} are effective", standings(number), stories.size());
        }
    }
}
