//! Evidence convinces a stranger: what `tansiq evidence` writes is checked here with code that shares nothing with it.

use crate::world::{World, until};
use ct_merkle::{InclusionProof, RootHash};
use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use signed_note::{Note, StandardVerifier, VerifierList};
use std::collections::BTreeMap;
use tansiq_node::demo::client::Client;

type Files = BTreeMap<String, Vec<u8>>;

/// Checks an evidence folder as its README tells, and nothing else.
fn check(files: &Files) -> Option<()> {
    let salt = HEXLOWER.decode(files["salt.hex"].strip_suffix(b"\n")?).ok()?;
    let entry = Sha256::new().chain_update(&salt).chain_update(&files["record.json"]).finalize().to_vec();
    let proof = std::str::from_utf8(&files["record.tlog-proof"]).ok()?;
    let (head, note) = proof.split_once("\n\n")?;
    let mut lines = head.lines();
    (lines.next()? == "c2sp.org/tlog-proof@v1").then_some(())?;
    let index: u64 = lines.next()?.strip_prefix("index ")?.parse().ok()?;
    let hashes: Vec<u8> = lines
        .map(|line| BASE64.decode(line.as_bytes()).ok().filter(|hash| hash.len() == 32))
        .collect::<Option<Vec<_>>>()?
        .concat();

    let policy = std::str::from_utf8(&files["policy"]).ok()?;
    let mut policy = policy.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let (Some(log), Some(witness), Some(quorum), None) = (policy.next(), policy.next(), policy.next(), policy.next()) else {
        return None;
    };
    let (["log", log], ["witness", name, witness], ["quorum", needed]) = (log.as_slice(), witness.as_slice(), quorum.as_slice())
    else {
        return None;
    };
    (name == needed).then_some(())?;

    let (origin, ..) = key_of(log, 1)?;
    let read = Note::from_bytes(note.as_bytes()).ok()?;
    let keys = VerifierList::new(vec![Box::new(StandardVerifier::new(log).ok()?)]);
    (read.verify(&keys).ok()?.0.len() == 1).then_some(())?;
    let text = std::str::from_utf8(read.text()).ok()?;
    cosigned(note, text, witness)?;

    let mut checkpoint = text.lines();
    (checkpoint.next()? == origin).then_some(())?;
    let size: u64 = checkpoint.next()?.parse().ok()?;
    let root: [u8; 32] = BASE64.decode(checkpoint.next()?.as_bytes()).ok()?.try_into().ok()?;
    let root = RootHash::<Sha256>::new(root.into(), size);
    let proof = InclusionProof::try_from_bytes(hashes).ok()?;
    root.verify_inclusion(&entry, index, &proof).ok()
}

/// A verifier key `name+id+base64(type ‖ key)` (C2SP signed-note), whose identifier is the hash of name, type and key.
fn key_of(vkey: &str, kind: u8) -> Option<(&str, [u8; 4], Vec<u8>)> {
    let mut parts = vkey.splitn(3, '+');
    let (name, id, key) = (parts.next()?, parts.next()?, BASE64.decode(parts.next()?.as_bytes()).ok()?);
    let hash = Sha256::new().chain_update(name).chain_update([0x0a]).chain_update(&key).finalize();
    (HEXLOWER.encode(&hash[..4]) == id && key.first() == Some(&kind)).then_some(())?;
    Some((name, hash[..4].try_into().ok()?, key[1..].to_vec()))
}

/// C2SP cosignature/v1 by hand: `— name base64(id ‖ time ‖ signature)` over the time and the checkpoint.
fn cosigned(note: &str, text: &str, vkey: &str) -> Option<()> {
    let (name, id, key) = key_of(vkey, 4)?;
    let public = VerifyingKey::from_bytes(key.as_slice().try_into().ok()?).ok()?;
    let (_, signatures) = note.rsplit_once("\n\n")?;
    let line = signatures.lines().find_map(|line| line.strip_prefix(&format!("— {name} ")))?;
    let bytes = BASE64.decode(line.as_bytes()).ok()?;
    (bytes.len() == 76 && bytes[..4] == id).then_some(())?;
    let time = u64::from_be_bytes(bytes[4..12].try_into().ok()?);
    let signature = Signature::from_slice(&bytes[12..]).ok()?;
    public.verify(format!("cosignature/v1\ntime {time}\n{text}").as_bytes(), &signature).ok()
}

/// Signs the minutes of a meeting on both sides; gives the record of the last signature.
fn signed_minutes(world: &World) -> String {
    let (baghdad, ankara) = (world.secretary("IRQ"), world.secretary("TUR"));
    let (chair, other_chair) = (world.client("irq.mofa.co-chair"), world.client("tur.mofa.co-chair"));
    let today = tansiq_node::clock::World::real().today();
    let propose =
        json!({ "kind": "meeting", "act": "propose", "body": { "title": { "ar": "جلسة" }, "body": "jpsc", "tongues": ["ar"] } });
    let (dossier, _) = world.done(&baghdad, &propose);
    let act = |client: &Client, act: &str, body: &Value| {
        world.level();
        world.done(client, &json!({ "kind": "meeting", "act": act, "dossier": dossier, "body": body })).1
    };
    let offered = |client: &Client, name: &str| {
        world.level();
        let full = world.get(client, &format!("/api/v1/dossiers/{}/{dossier}", world.channel)).body;
        full["offers"].as_array().unwrap().iter().find(|offer| offer["act"] == name).unwrap()["prefill"].clone()
    };
    act(&baghdad, "declare-held", &json!({ "on": today }));
    act(&ankara, "declare-held", &json!({ "on": today }));
    act(&baghdad, "put-clause", &json!({ "number": "1", "tongue": "ar", "text": "افتُتحت الجلسة.", "nature": "record" }));
    act(&ankara, "accept-clause", &offered(&ankara, "accept-clause"));
    act(&chair, "sign-minutes", &offered(&chair, "sign-minutes"));
    act(&other_chair, "sign-minutes", &offered(&other_chair, "sign-minutes"))
}

#[test]
fn a_stranger_checks_the_signed_minutes_and_notices_any_change_of_a_byte() {
    let world = World::two().started();
    let record = signed_minutes(&world);
    world.level();
    let out = tempfile::tempdir().unwrap();
    until("evidence is written", || {
        world.command("IRQ", &["evidence", &record, "--out", out.path().to_str().unwrap()]).status.success()
    });
    let names = ["record.json", "salt.hex", "record.tlog-proof", "policy"];
    let files: Files = names.iter().map(|name| ((*name).to_owned(), std::fs::read(out.path().join(name)).unwrap())).collect();
    check(&files).expect("the evidence holds");
    let mut tried = 0;
    for name in names {
        for place in 0..files[name].len() {
            for flip in [0x01, 0x20, 0x80] {
                let mut changed = files.clone();
                changed.get_mut(name).unwrap()[place] ^= flip;
                assert!(check(&changed).is_none(), "byte {place} of {name} xor {flip:#x} went unnoticed");
                tried += 1;
            }
        }
    }
    assert!(tried > 3000, "{tried}");
}
