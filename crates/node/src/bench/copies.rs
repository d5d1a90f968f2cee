//! Records to measure with: those that the kinds' own stories wrote, copied over and over under new names, as one channel of
//! two states would hold them.

use data_encoding::HEXLOWER;
use serde_json::Value;
use std::collections::BTreeMap;
use tansiq_dossier::channel::Charter;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::{DossierId, Entry, Record, RecordId, Salt};
use tansiq_dossier::reference::Reference;

/// The golden acts of three kinds: their first channel is that of Iraq and Türkiye.
const STORIES: [&str; 3] = [
    include_str!("../../../dossier/src/kinds/action/golden.jsonl"),
    include_str!("../../../dossier/src/kinds/commitment/golden.jsonl"),
    include_str!("../../../dossier/src/kinds/meeting/golden.jsonl"),
];

/// A record as a node holds it.
#[derive(Debug, Clone)]
pub(super) struct Copied {
    /// The record at its place.
    pub(super) entry: Entry,
    /// The salt of its commitment.
    pub(super) salt: Salt,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
}

/// What is copied: the stories one after another, in one channel.
#[derive(Debug)]
pub(super) struct Stories {
    /// The charter of the channel.
    pub(super) charter: Charter,
    /// Each record with its own name; one list for each story, since two stories may call their dossiers the same.
    told: Vec<Vec<(RecordId, Record)>>,
    /// How many records of each party one copy has.
    sizes: BTreeMap<PartyId, u64>,
    opened: u32,
}

impl Stories {
    /// Reads the stories. `None` when the files that were built in cannot be read, which a test rules out.
    #[must_use]
    pub(super) fn read() -> Option<Stories> {
        let mut stories: Option<Stories> = None;
        for text in STORIES {
            let mut lines = text.lines();
            let first: Value = serde_json::from_str(lines.next()?).ok()?;
            let charter: Charter = serde_json::from_value(first.get("charter")?.clone()).ok()?;
            let stories = stories.get_or_insert(Stories { charter, told: Vec::new(), sizes: BTreeMap::new(), opened: 0 });
            let before = stories.sizes.clone();
            stories.told.push(Vec::new());
            for line in lines {
                let line: Value = serde_json::from_str(line).ok()?;
                let Some(record) = line.get("record") else { break };
                stories.tell(&line, record, &before)?;
            }
        }
        stories
    }

    fn tell(&mut self, line: &Value, record: &Value, before: &BTreeMap<PartyId, u64>) -> Option<()> {
        let salt: Salt = HEXLOWER.decode(line.get("salt")?.as_str()?.as_bytes()).ok()?.try_into().ok()?;
        // A record's members stand in an order of their own: as they were written, which reading and writing restores.
        let mut record = Record::parse(record.to_string().as_bytes()).ok()?;
        let id = RecordId::commit(&salt, &record.to_bytes());
        shift(&mut record, before, 1);
        *self.sizes.entry(record.stamp.party.clone()).or_default() += 1;
        self.opened += u32::from(record.reference.is_some());
        self.told.last_mut()?.push((id, record));
        Some(())
    }

    /// How many records one copy has.
    #[must_use]
    pub(super) fn size(&self) -> usize {
        self.told.iter().map(Vec::len).sum()
    }

    /// The copy of this number, counted from 0: its records follow those of the copy before it in both logs.
    #[must_use]
    pub(super) fn copy(&self, number: u32) -> Vec<Copied> {
        let (mut opened, mut place) = (0u32, 0u32);
        let mut copied = Vec::with_capacity(self.size());
        for story in &self.told {
            let mut names: BTreeMap<String, String> = BTreeMap::new();
            for (old, record) in story {
                place += 1;
                let mut record = record.clone();
                shift(&mut record, &self.sizes, u64::from(number));
                let fresh = || new_dossier(&record, number, place);
                let named = names.entry(record.dossier.to_string()).or_insert_with(|| fresh().to_string());
                record.dossier = named.parse().unwrap_or_else(|_| fresh());
                if let Some(reference) = &record.reference {
                    opened += 1;
                    record.reference = Reference::new(reference.series(), number * self.opened + opened);
                }
                record.body.change(|body| rename(body, &names));
                let one = written(record, number, place);
                names.insert(old.to_string(), one.entry.id.to_string());
                copied.push(one);
            }
        }
        copied
    }
}

/// The record at the place in its log that it names, under a salt that no other copy has.
fn written(record: Record, number: u32, place: u32) -> Copied {
    let mut salt = [7; 32];
    salt[..4].copy_from_slice(&number.to_be_bytes());
    salt[4..8].copy_from_slice(&place.to_be_bytes());
    let bytes = record.to_bytes();
    let id = RecordId::commit(&salt, &bytes);
    let (log, index) = (record.stamp.party.clone(), record.seen.of(&record.stamp.party));
    Copied { entry: Entry { id, log, index, record }, salt, bytes }
}

/// Puts a record behind so many times these sizes of the logs.
fn shift(record: &mut Record, sizes: &BTreeMap<PartyId, u64>, times: u64) {
    for (party, seen) in &mut record.seen.0 {
        *seen += times * sizes.get(party).copied().unwrap_or_default();
    }
}

/// Dossiers are named by time first, as a node names them, so that those opened one after another lie together.
fn new_dossier(record: &Record, number: u32, place: u32) -> DossierId {
    let mut bytes = [0; 16];
    bytes[2..6].copy_from_slice(&number.to_be_bytes());
    bytes[6..10].copy_from_slice(&place.to_be_bytes());
    DossierId::new(&record.stamp.party, &bytes)
}

/// Replaces the names of records and dossiers in a body.
fn rename(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::String(text) => {
            if let Some(name) = names.get(text) {
                text.clone_from(name);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
        Value::Object(members) => members.values_mut().for_each(|member| rename(member, names)),
        _ => {}
    }
}
