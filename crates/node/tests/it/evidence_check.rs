//! `tansiq evidence check` convinces itself of what is true, and of nothing that was changed by a single byte.

use crate::stranger::fork;
use crate::world::{World, meeting, until};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use tansiq_dossier::record::RecordId;
use tansiq_dossier::sealed::Sealed;
use tansiq_log::checkpoint::{Checkpoint, SignedCheckpoint};
use tansiq_log::merkle::{Hash, NodeId, NodeReader, inclusion_proof, leaf_hash, node_hash};
use tansiq_log::note::{KeyKind, Signer};
use tansiq_log::policy::{Policy, Threshold};
use tansiq_log::proof::TlogProof;
use tansiq_node::evidence::check::{Brought, EvidenceRefusal, Files, Verdict, check, read};

pub(crate) const CHANNEL: &str = "0123456789abcdef0123456789abcdef";

/// The tree over some entries, computed anew for every node.
pub(crate) struct Tree(pub(crate) Vec<[u8; 32]>);

impl NodeReader for Tree {
    type Error = std::convert::Infallible;

    fn node(&self, id: NodeId) -> Result<Hash, Self::Error> {
        if id.level == 0 {
            return Ok(leaf_hash(&self.0[usize::try_from(id.index).unwrap()]));
        }
        let below = |side| self.node(NodeId { level: id.level - 1, index: id.index * 2 + side });
        Ok(node_hash(&below(0)?, &below(1)?))
    }
}

pub(crate) fn signer(name: &str, kind: KeyKind, seed: u8) -> Signer {
    Signer::new(name.parse().unwrap(), kind, &[seed; 32])
}

/// The key of Iraq's log.
pub(crate) fn log_signer() -> Signer {
    signer(&format!("baghdad.example/{CHANNEL}"), KeyKind::Ed25519, 1)
}

/// A signed checkpoint over the first `size` entries.
pub(crate) fn signed(tree: &Tree, size: usize) -> SignedCheckpoint {
    let mut range = tansiq_log::merkle::CompactRange::new();
    for entry in &tree.0[..size] {
        range.append(leaf_hash(entry), |_, _| {}).unwrap();
    }
    let checkpoint = Checkpoint::new(log_signer().name().as_str(), size as u64, range.root()).unwrap();
    SignedCheckpoint::sign(checkpoint, &log_signer()).unwrap()
}

/// The policy under which Syria and Türkiye witness Iraq's log.
pub(crate) fn policy() -> Policy {
    let mut policy = Policy::new();
    policy.add_log(log_signer().verifier().clone(), None).unwrap();
    policy.add_witness("SYR", signer("damascus.example", KeyKind::CosignatureV1, 2).verifier().clone(), None).unwrap();
    policy.add_witness("TUR", signer("ankara.example", KeyKind::CosignatureV1, 3).verifier().clone(), None).unwrap();
    policy.add_group("everybody", Threshold::All, vec!["SYR".to_owned(), "TUR".to_owned()]).unwrap();
    policy.set_quorum(Some("everybody".to_owned())).unwrap();
    policy
}

/// Evidence of a record with two sealed fields, one of them disclosed, at place 4 of 7, cosigned by two witnesses.
pub(crate) fn sealed_record() -> Files {
    let open = Sealed::seal(&[7; 16], "given", json!("سارة"));
    let kept = Sealed::seal(&[8; 16], "family", json!("الجبوري"));
    let mut digests = [open.digest(), kept.digest()];
    digests.sort();
    let record = json!({
        "v": 1, "kind": "return", "act": "nominate", "dossier": "IRQ-mfrggzdfmztwq2lknnwg23tpoa",
        "by": { "party": "IRQ", "institution": "irq.mofa", "officer": "irq.mofa.secretary", "role": "secretary" },
        "at": "2026-01-04T06:00:00Z", "seen": { "IRQ": 4, "TUR": 2 }, "label": { "class": "restricted" },
        "body": { "_sd": digests, "place": "الهول" },
    });
    evidence_of(&record.to_string(), open.text())
}

fn evidence_of(record: &str, disclosure: &str) -> Files {
    let salt = [9; 32];
    let entry = *RecordId::commit(&salt, record.as_bytes()).entry();
    let tree = Tree((0..7).map(|place| if place == 4 { entry } else { [place; 32] }).collect());
    let mut checkpoint = signed(&tree, 7);
    for (name, seed, time) in [("damascus.example", 2, 1_767_506_400), ("ankara.example", 3, 1_767_506_401)] {
        let witness = signer(name, KeyKind::CosignatureV1, seed);
        let line = checkpoint.cosign(&witness, time).unwrap();
        checkpoint.add_cosignature(line, witness.verifier()).unwrap();
    }
    let hashes = inclusion_proof(&tree, 4, 7).unwrap();
    let proof = TlogProof { extra: None, index: 4, hashes, checkpoint: checkpoint.into_note() };
    Files::from([
        ("record.json".to_owned(), record.as_bytes().to_vec()),
        ("salt.hex".to_owned(), format!("{}\n", data_encoding::HEXLOWER.encode(&salt)).into_bytes()),
        ("record.tlog-proof".to_owned(), proof.to_string().into_bytes()),
        ("policy".to_owned(), policy().to_string().into_bytes()),
        ("disclosures.txt".to_owned(), format!("{disclosure}\n").into_bytes()),
    ])
}

pub(crate) fn write(files: &Files, folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    files.iter().for_each(|(name, bytes)| std::fs::write(folder.join(name), bytes).unwrap());
}

fn refusal(files: &Files) -> String {
    check(files, &Brought::default()).unwrap_err().code.into_owned()
}

fn run(folder: &Path, further: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tansiq")).args(["evidence", "check"]).arg(folder).args(further).output().unwrap()
}

#[test]
fn whoever_changes_one_byte_of_evidence_is_noticed_or_has_changed_nothing() {
    let files = sealed_record();
    let holds = check(&files, &Brought::default()).unwrap();
    let Verdict::Record(proved) = &holds else { panic!("{holds:?}") };
    assert_eq!(proved.disclosed.iter().map(|field| field.claim.as_str()).collect::<Vec<_>>(), ["given"]);
    assert_eq!(proved.witnessed.iter().map(|by| by.witness.as_str()).collect::<Vec<_>>(), ["SYR", "TUR"]);
    let (mut refused, mut same) = (0, 0);
    for name in files.keys() {
        for place in 0..files[name].len() {
            for flip in [0x01, 0x02, 0x04, 0x20, 0x80, 0x29] {
                let mut changed = files.clone();
                changed.get_mut(name).unwrap()[place] ^= flip;
                match check(&changed, &Brought::default()) {
                    Err(_) => refused += 1,
                    Ok(other) => {
                        assert_eq!(other, holds, "byte {place} of {name} xor {flip:#x} changed what is believed");
                        same += 1;
                    }
                }
            }
            let mut short = files.clone();
            short.get_mut(name).unwrap().truncate(place);
            if let Ok(other) = check(&short, &Brought::default()) {
                // What ends a line at the end of a file says nothing.
                let end = files[name].len() - 1 == place;
                let emptied = name == "disclosures.txt" && place == 0;
                assert!(emptied || end && other == holds, "{name} cut to {place} bytes");
            }
        }
    }
    assert!(refused > 6000, "{refused}");
    // A space that becomes a tab: the policy says the same.
    assert!(same <= 12, "{same}");
}

#[test]
fn a_log_is_convicted_by_its_own_signatures_and_by_nothing_else() {
    for (first, second) in [(1, 2), (6, 6), (7, 20), (8, 16)] {
        let files = fork(first, second, false);
        let holds = check(&files, &Brought::default()).unwrap();
        let Verdict::Fork(forked) = &holds else { panic!("{holds:?}") };
        assert_eq!((forked.first.0, forked.second.0), (first as u64, second as u64));
        assert_eq!(refusal(&fork(first, second, true)), EvidenceRefusal::OneHistory.code());
        for name in files.keys() {
            for place in 0..files[name].len() {
                let mut changed = files.clone();
                changed.get_mut(name).unwrap()[place] ^= 1;
                assert!(check(&changed, &Brought::default()).is_err(), "byte {place} of {name}");
            }
        }
    }
    let mut files = fork(4, 9, false);
    files.insert("consistency.proof".to_owned(), fork(4, 10, false)["consistency.proof"].clone());
    assert_eq!(refusal(&files), EvidenceRefusal::Consistency.code());
    files.remove("consistency.proof");
    assert_eq!(refusal(&files), EvidenceRefusal::Fork.code());
    let folder = tempfile::tempdir().unwrap();
    write(&fork(7, 20, false), folder.path());
    let told = run(folder.path(), &[]);
    assert!(told.status.success() && String::from_utf8_lossy(&told.stdout).contains("TWO HISTORIES"));
}

#[test]
fn evidence_is_refused_by_the_rule_that_it_breaks() {
    let files = sealed_record();
    let without = |name: &str| {
        let mut less = files.clone();
        less.remove(name);
        less
    };
    let with = |name: &str, bytes: &[u8]| {
        let mut changed = files.clone();
        changed.insert(name.to_owned(), bytes.to_vec());
        changed
    };
    let code = |refusal: EvidenceRefusal| refusal.code();
    assert_eq!(refusal(&Files::new()), code(EvidenceRefusal::NoEvidence));
    for name in files.keys() {
        assert_eq!(refusal(&without(name)), code(EvidenceRefusal::Missing), "{name}");
    }
    assert_eq!(refusal(&with("salt.hex", b"00\n")), code(EvidenceRefusal::Salt));
    assert_eq!(refusal(&with("record.tlog-proof", b"")), code(EvidenceRefusal::Proof));
    assert_eq!(refusal(&with("policy", b"quorum everybody\n")), code(EvidenceRefusal::Keys));
    assert_eq!(refusal(&with("policy", b"quorum none\n")), code(EvidenceRefusal::UnknownLog));
    assert_eq!(refusal(&with("record.json", b"{}")), code(EvidenceRefusal::NotIncluded));
    let stranger = Sealed::seal(&[1; 16], "given", json!("ليلى"));
    assert_eq!(refusal(&with("disclosures.txt", stranger.text().as_bytes())), code(EvidenceRefusal::Disclosure));
    let text = String::from_utf8(files["record.tlog-proof"].clone()).unwrap();
    let fewer: String = text.split_inclusive('\n').filter(|line| !line.contains("— ankara.example")).collect();
    assert_eq!(refusal(&with("record.tlog-proof", fewer.as_bytes())), code(EvidenceRefusal::Quorum));
    assert_eq!(refusal(&evidence_of("{\"v\":1}", "")), code(EvidenceRefusal::NotARecord));
    // A record of Türkiye's, or of another place, in the log of Iraq.
    let record = String::from_utf8(files["record.json"].clone()).unwrap();
    let moved = record.replace("\"IRQ\":4", "\"IRQ\":5");
    let foreign = record
        .replace("\"party\":\"IRQ\"", "\"party\":\"TUR\"")
        .replace("irq.mofa", "tur.mofa")
        .replace("\"TUR\":2", "\"TUR\":4");
    for record in [moved, foreign] {
        assert_eq!(refusal(&evidence_of(&record, "")), code(EvidenceRefusal::OtherPlace), "{record}");
    }
}

#[test]
fn the_checkers_own_policy_goes_before_the_one_in_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (place, mine) = (folder.path().join("evidence"), folder.path().join("mine"));
    let mut files = sealed_record();
    // Whoever forges evidence forges its policy.
    files.insert("policy".to_owned(), b"quorum none\n".to_vec());
    write(&files, &place);
    assert_eq!(run(&place, &[]).status.code(), Some(1));
    std::fs::write(&mine, policy().to_string()).unwrap();
    let holds = run(&place, &["--policy", mine.to_str().unwrap(), "--json"]);
    assert!(holds.status.success(), "{}", String::from_utf8_lossy(&holds.stderr));
    let said: Value = serde_json::from_slice(&holds.stdout).unwrap();
    assert_eq!((&said["holds"], &said["found"]["keys"]), (&json!(true), &json!("checker")));
    assert_eq!(said["found"]["witnessed"][1], json!({ "witness": "TUR", "key": "ankara.example", "at": "2026-01-04T06:00:01Z" }));
    std::fs::write(&mine, policy().to_string().replace("log baghdad", "log mosul")).unwrap();
    let refused = run(&place, &["--policy", mine.to_str().unwrap(), "--json", "--lang", "en"]);
    assert_eq!(refused.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!(said["refused"]["code"], "EVD05");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("cannot be read"));
}

#[test]
fn evidence_of_real_nodes_is_checked_where_there_is_no_node() {
    let world = World::two().started();
    let (_, record) = world.done(&world.secretary("IRQ"), &meeting("اجتماع"));
    world.level();
    let out = tempfile::tempdir().unwrap();
    let place = out.path().join("evidence");
    until("evidence is written", || {
        world.command("IRQ", &["evidence", &record, "--out", place.to_str().unwrap()]).status.success()
    });
    let charter = out.path().join("charter.json");
    std::fs::write(&charter, world.view("TUR")["charter"].to_string()).unwrap();
    let told = run(&place, &["--charter", charter.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    for part in
        [&record, "TUR", "meeting propose", "irq.mofa.secretary", "the folder's OWN keys", "the charter is the channel's own"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    // The folder holds: its files are those that are read, and a changed one is refused with exit code 1.
    let files: BTreeMap<String, Vec<u8>> = read(&place).unwrap();
    for (name, bytes) in &files {
        if let Some(last) = bytes.len().checked_sub(2) {
            let mut changed = bytes.clone();
            changed[last] ^= 1;
            std::fs::write(place.join(name), &changed).unwrap();
            assert_eq!(run(&place, &[]).status.code(), Some(1), "{name}");
            std::fs::write(place.join(name), bytes).unwrap();
        }
    }
    let other = world.view("TUR")["charter"].to_string().replace("\"demo\":true", "\"demo\":false");
    std::fs::write(&charter, other).unwrap();
    let refused = run(&place, &["--charter", charter.to_str().unwrap(), "--lang", "en"]);
    assert!(String::from_utf8_lossy(&refused.stderr).starts_with("EVD13"), "{}", String::from_utf8_lossy(&refused.stderr));
}
