//! The golden acts: records of every kind that must be read and judged as noted for ever.
//!
//! A line `{"charter":…}` begins a channel; each further line is one record of it with its salt, its standing in the common
//! order, and its exact bytes. `UPDATE_GOLDEN=1` writes the files anew from the stories; after a release nobody does that.

use crate::telling::blocks;
use crate::{file_of, told_kinds, without};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use tansiq_dossier::channel::Charter;
use tansiq_dossier::fold::{self, Standing};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::record::{Entry, Record, RecordId};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Channel {
        charter: Charter,
    },
    Act {
        #[serde(flatten)]
        standing: Standing,
        salt: String,
    },
}

/// The record of a line, as it stands there.
#[derive(Serialize, Deserialize)]
struct Bytes {
    record: Box<RawValue>,
}

/// Everything that a line of an act says, for writing.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    standing: &'a Standing,
    salt: String,
    record: &'a RawValue,
}

struct Channel {
    charter: Charter,
    entries: Vec<Entry>,
    noted: Vec<(RecordId, Standing)>,
}

fn read(text: &str) -> Vec<Channel> {
    let mut channels: Vec<Channel> = Vec::new();
    for line in text.lines() {
        match serde_json::from_str::<Line>(line).unwrap() {
            Line::Channel { charter } => channels.push(Channel { charter, entries: Vec::new(), noted: Vec::new() }),
            Line::Act { standing, salt } => {
                let bytes: Bytes = serde_json::from_str(line).unwrap();
                let bytes = bytes.record.get().as_bytes();
                let record = Record::parse(bytes).unwrap();
                assert_eq!(record.to_bytes(), bytes, "a record is written anew as it was written");
                let salt = HEXLOWER.decode(salt.as_bytes()).unwrap().try_into().unwrap();
                let id = RecordId::commit(&salt, bytes);
                let channel = channels.last_mut().unwrap();
                channel.noted.push((id, standing));
                let (log, index) = (record.stamp.party.clone(), record.seen.of(&record.stamp.party));
                channel.entries.push(Entry { id, log, index, record });
            }
        }
    }
    channels
}

fn update(kind: Kind) {
    let text = crate::text_of(kind, "story.md");
    let blocks = blocks(&text);
    let (tellers, problems) = crate::story::told(kind, &blocks);
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    let mut out = String::new();
    for teller in &tellers {
        let channel = Line::Channel { charter: teller.stage.charter.clone() };
        out.push_str(&serde_json::to_string(&channel).unwrap());
        out.push('\n');
        let node = teller.stage.nodes.values().next().unwrap();
        for logged in &teller.stage.written {
            let line = Written {
                standing: node.standing(logged.entry.id).unwrap(),
                salt: HEXLOWER.encode(&logged.salt),
                record: serde_json::from_slice(&logged.bytes).unwrap(),
            };
            out.push_str(&serde_json::to_string(&line).unwrap());
            out.push('\n');
        }
    }
    std::fs::write(file_of(kind, "golden.jsonl"), out).unwrap();
}

#[test]
fn golden_acts_are_read_and_judged_as_noted() {
    if std::env::var("UPDATE_GOLDEN").is_ok() {
        told_kinds().for_each(update);
    }
    assert_eq!(without("golden.jsonl"), [], "these kinds have no golden.jsonl");
    for kind in told_kinds() {
        let mut acts = BTreeSet::new();
        for mut channel in read(&crate::text_of(kind, "golden.jsonl")) {
            let dossiers: BTreeSet<_> = channel.entries.iter().map(|entry| entry.record.dossier.clone()).collect();
            for dossier in dossiers {
                let (mut of_it, rest) = channel.entries.into_iter().partition(|entry| entry.record.dossier == dossier);
                channel.entries = rest;
                for (id, standing) in fold::fold(&mut of_it, &channel.charter).1 {
                    let noted = channel.noted.iter().find(|(other, _)| *other == id).map(|(_, standing)| standing);
                    assert_eq!(noted, Some(&standing), "{kind}: {id}");
                }
                for entry in of_it.iter().filter(|entry| entry.record.kind == kind.name()) {
                    kind.check(&entry.record.act, &entry.record.body).unwrap();
                    acts.insert(entry.record.act.clone());
                }
            }
        }
        let missing: Vec<&str> = kind.acts().iter().map(|spec| spec.name).filter(|act| !acts.contains(*act)).collect();
        assert!(missing.is_empty(), "{kind}/golden.jsonl holds no {missing:?}");
    }
}
