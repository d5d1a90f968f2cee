//! Every word that a kind can ask for stands in every language: acts, fields and choices as the kinds declare them, and
//! whatever the sheets of the golden acts name, record by record and years later.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use tansiq_dossier::act::{Field, Shape};
use tansiq_dossier::channel::Charter;
use tansiq_dossier::fold;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::record::{Entry, Record, RecordId};
use tansiq_dossier::sheet::{Datum, Sheet};
use tansiq_dossier::time::Date;
use tansiq_node::language::{Lang, word};
use tansiq_node::web::words;

/// What was found without words.
#[derive(Default)]
struct Gaps(BTreeSet<String>);

impl Gaps {
    fn look(&mut self, said: impl Fn(Lang) -> String) {
        for lang in Lang::ALL {
            let said = said(lang);
            if said.contains('⟦') {
                self.0.insert(format!("{lang} {said}"));
            }
        }
    }

    fn fields(&mut self, kind: Kind, act: &str, fields: &[Field]) {
        for field in fields {
            self.look(|lang| words::field(lang, kind, act, field.name));
            match field.shape {
                Shape::Choice(choices) | Shape::Choices(choices) => {
                    choices.iter().for_each(|choice| self.look(|lang| words::choice(lang, field.name, choice)))
                }
                Shape::Rows(_, fields) | Shape::Group(fields) => self.fields(kind, act, fields),
                _ => {}
            }
        }
    }

    fn datum(&mut self, kind: Kind, datum: &Datum) {
        match datum {
            Datum::Term(id) => self.look(|lang| word(lang, id, &[])),
            Datum::Claim(name) => self.look(|lang| words::claim(lang, kind, name)),
            Datum::List(data) => data.iter().for_each(|datum| self.datum(kind, datum)),
            _ => {}
        }
    }

    fn sheet(&mut self, kind: Kind, sheet: &Sheet) {
        assert!(kind.states().contains(&sheet.state.as_str()), "{kind} lists no state {}", sheet.state);
        for fact in &sheet.facts {
            self.look(|lang| words::field(lang, kind, "", &fact.name));
            self.datum(kind, &fact.datum);
        }
        for matter in &sheet.positions {
            self.look(|lang| words::matter(lang, kind, &matter.name));
            matter.settled.iter().chain(matter.said.iter().map(|said| &said.datum)).for_each(|datum| self.datum(kind, datum));
        }
        for step in &sheet.awaiting {
            self.look(|lang| words::act(lang, kind, &step.act));
        }
        for section in &sheet.sections {
            self.look(|lang| words::section(lang, kind, &section.name));
            for row in &section.rows {
                let states = row.state.iter().chain(row.texts.iter().filter_map(|text| text.state.as_ref()));
                states.for_each(|state| self.look(|lang| words::row_state(lang, &section.name, state)));
                for fact in &row.facts {
                    self.look(|lang| words::field(lang, kind, &section.name, &fact.name));
                    self.datum(kind, &fact.datum);
                }
            }
        }
    }
}

#[test]
fn every_kind_can_be_said_in_every_language() {
    let mut gaps = Gaps::default();
    for kind in Kind::ALL.iter().copied() {
        gaps.look(|lang| words::kind(lang, kind));
        kind.states().iter().for_each(|state| gaps.look(|lang| words::state(lang, kind, state)));
        for act in kind.acts() {
            gaps.look(|lang| words::act(lang, kind, act.name));
            gaps.fields(kind, act.name, act.fields);
            gaps.fields(kind, act.name, act.sealed);
            act.sealed.iter().for_each(|field| gaps.look(|lang| words::claim(lang, kind, field.name)));
        }
    }
    for act in tansiq_dossier::custody::SPECS {
        gaps.look(|lang| words::act(lang, Kind::Meeting, act.name));
        gaps.fields(Kind::Meeting, act.name, act.fields);
    }
    for role in tansiq_dossier::party::Role::ALL {
        gaps.look(|lang| word(lang, &format!("role-{role}"), &[]));
    }
    for tongue in tansiq_dossier::words::Tongue::ALL {
        gaps.look(|lang| words::choice(lang, "tongue", tongue.code()));
    }
    assert!(gaps.0.is_empty(), "{:#?}", gaps.0);
}

/// The kinds that have golden acts: every one that is told of in a story.
pub(crate) fn golden_kinds() -> Vec<Kind> {
    let file = |kind: Kind| format!("{}/../dossier/src/kinds/{kind}/golden.jsonl", env!("CARGO_MANIFEST_DIR"));
    Kind::ALL.iter().copied().filter(|kind| std::path::Path::new(&file(*kind)).is_file()).collect()
}

/// The channels of a file of golden acts, each with its records.
pub(crate) fn golden(kind: Kind) -> Vec<(Charter, Vec<Entry>)> {
    let file = format!("{}/../dossier/src/kinds/{kind}/golden.jsonl", env!("CARGO_MANIFEST_DIR"));
    let mut channels: Vec<(Charter, Vec<Entry>)> = Vec::new();
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        match value.get("record") {
            None => channels.push((serde_json::from_value(value["charter"].clone()).unwrap(), Vec::new())),
            Some(record) => {
                let bytes = record.to_string();
                let record = Record::parse(bytes.as_bytes()).unwrap();
                let (log, index) = (record.stamp.party.clone(), record.seen.of(&record.stamp.party));
                let salt = data_encoding::HEXLOWER.decode(value["salt"].as_str().unwrap().as_bytes()).unwrap();
                let id = RecordId::commit(&salt.try_into().unwrap(), bytes.as_bytes());
                channels.last_mut().unwrap().1.push(Entry { id, log, index, record });
            }
        }
    }
    channels
}

#[test]
fn every_sheet_of_the_golden_acts_can_be_said_in_every_language() {
    let mut gaps = Gaps::default();
    let mut sheets = 0;
    let days: [Date; 4] = ["2026-01-05", "2026-06-30", "2027-12-31", "2031-01-01"].map(|day| day.parse().unwrap());
    for kind in golden_kinds() {
        for (charter, entries) in golden(kind) {
            let names: BTreeSet<_> = entries.iter().map(|entry| entry.record.dossier.clone()).collect();
            for name in names {
                let mut of_it: Vec<Entry> = entries.iter().filter(|entry| entry.record.dossier == name).cloned().collect();
                of_it.sort_by_key(Entry::position);
                let mut dossier = None;
                for entry in &of_it {
                    (dossier, _) = fold::step(dossier, entry, &charter);
                    for sheet in dossier.iter().flat_map(|dossier| days.map(|day| (dossier.kind, dossier.sheet(day)))) {
                        gaps.sheet(sheet.0, &sheet.1);
                        sheets += 1;
                    }
                }
            }
        }
    }
    assert!(sheets > 400, "{sheets} sheets");
    assert!(gaps.0.is_empty(), "{:#?}", gaps.0);
}

#[test]
fn the_custody_of_a_dossier_can_be_said_in_every_language() {
    let (charter, mut entries) = golden(Kind::Meeting).remove(0);
    entries.sort_by_key(Entry::position);
    let first = entries.iter().find(|entry| entry.record.kind == "meeting").unwrap();
    let mut dossier = fold::step(None, first, &charter).0.unwrap();
    let at = "2026-06-01T09:00:00Z";
    let record = first.id.to_string();
    let disclosure = |to: &str, recalled: Option<&str>, erased: Value| {
        let claims = ["given"];
        json!({ "of": record, "claims": claims, "by": "IRQ", "to": to, "reason": "x", "at": at, "recalled": recalled, "erased": erased })
    };
    let decided =
        |released: bool| json!({ "to": "USA", "record": record, "at": at, "released": released, "by": "IRQ", "reason": "x" });
    let sealing = json!({ "party": "IRQ", "act": "propose", "at": at, "digests": [], "erased": { "IRQ": at } });
    let hold = |until: &str| json!({ "party": "TUR", "court_number": "1", "until": until, "at": at });
    let other = |n: u8| format!("{n:064}");
    dossier.custody = serde_json::from_value(json!({
        "outside": ["SYR"],
        "asked": { "SYR": { "IRQ": { "record": record, "at": at, "reason": "x" } } },
        "decided": [decided(true), decided(false)],
        "sealings": { &record: sealing },
        "disclosures": {
            other(1): disclosure("tur.mfa", None, json!({})),
            other(2): disclosure("syr.mofa", None, json!({})),
            other(3): disclosure("tur.mfa", Some(at), json!({})),
            other(4): disclosure("tur.mfa", None, json!({ "TUR": at })),
        },
        "holds": [hold("2026-10-01"), hold("2026-06-02")],
    }))
    .unwrap();
    let mut gaps = Gaps::default();
    let mut states = BTreeSet::new();
    for day in ["2026-06-05", "2026-09-15", "2026-12-01"] {
        let sheet = dossier.sheet(day.parse().unwrap());
        gaps.sheet(dossier.kind, &sheet);
        let custody = sheet.sections.iter().filter(|section| section.name.starts_with("custody-"));
        states.extend(custody.flat_map(|section| section.rows.iter().map(|row| (section.name.clone(), row.state.clone()))));
    }
    assert!(gaps.0.is_empty(), "{:#?}", gaps.0);
    assert_eq!(states.len(), 3 + 5 + 1 + 2, "{states:?}");
}
