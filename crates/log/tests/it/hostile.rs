//! Every parser meets at least 100,000 inputs: bytes at random, pieces of valid inputs in disorder, and valid inputs
//! altered a little. None may panic, and whatever is accepted must be written again as it was read.

use std::cell::Cell;
use std::str::FromStr;

use tansiq_log::checkpoint::Checkpoint;
use tansiq_log::cosignature;
use tansiq_log::fork::Fork;
use tansiq_log::merkle::{CompactRange, Hash, leaf_hash, verify_consistency, verify_inclusion};
use tansiq_log::note::{Note, SignatureLine, VerifierKey};
use tansiq_log::policy::Policy;
use tansiq_log::proof::TlogProof;
use tansiq_log::tile::{Tile, decode_entries, decode_hashes, encode_entries, encode_hashes};

use crate::proof::Scene;
use crate::random::{Random, for_seeds};

const SEEDS: u32 = 250;
const INPUTS_PER_SEED: u32 = 440;
const _: () = assert!(SEEDS * INPUTS_PER_SEED >= 100_000);

/// Words and bytes on which parsers of these formats turn.
const PIECES: [&[u8]; 30] = [
    b"\n",
    b"\n\n",
    b" ",
    b"+",
    b"=",
    b"==",
    b"/",
    b"0",
    b"00",
    b"1",
    b"18446744073709551615",
    b"18446744073709551616",
    b"\xe2\x80\x94 ",
    b"x000",
    b"x001",
    b".p/",
    b"tile/",
    b"entries",
    b"index ",
    b"extra ",
    b"log ",
    b"witness ",
    b"group ",
    b"quorum ",
    b"none",
    b"any ",
    b"\t",
    b"#",
    b"\xff",
    b"AAAA",
];

/// Feeds `check` with hostile inputs made from `valid` ones. `check` tells whether it accepted the input; some must be,
/// or the test would prove nothing.
fn feed(valid: &[Vec<u8>], check: impl Fn(&[u8]) -> bool) {
    valid.iter().for_each(|input| assert!(check(input), "{:?} is valid", String::from_utf8_lossy(input)));
    let (inputs, accepted) = (Cell::new(0), Cell::new(0));
    for_seeds(SEEDS, |random| {
        for number in 0..INPUTS_PER_SEED {
            let input = match number % 4 {
                0 => {
                    let length = random.below(160);
                    random.bytes(length)
                }
                1 => soup(random, valid),
                _ => altered(random, valid),
            };
            inputs.set(inputs.get() + 1);
            accepted.set(accepted.get() + u32::from(check(&input)));
        }
    });
    assert_eq!(inputs.get(), SEEDS * INPUTS_PER_SEED);
    assert!(accepted.get() > 100, "only {} inputs were accepted", accepted.get());
}

fn soup(random: &mut Random, valid: &[Vec<u8>]) -> Vec<u8> {
    let mut soup = Vec::new();
    for _ in 0..random.below(12) {
        if random.below(2) == 0 {
            soup.extend_from_slice(random.pick::<&[u8]>(&PIECES));
        } else {
            soup.extend_from_slice(slice(random, valid));
        }
    }
    soup
}

fn slice<'v>(random: &mut Random, valid: &'v [Vec<u8>]) -> &'v [u8] {
    let input = random.pick(valid);
    let start = random.below(input.len() + 1);
    let length = random.below(input.len() - start + 1);
    &input[start..start + length]
}

fn altered(random: &mut Random, valid: &[Vec<u8>]) -> Vec<u8> {
    let mut input = random.pick(valid).clone();
    for _ in 0..=random.below(3) {
        let place = random.below(input.len() + 1);
        let end = place + random.below(input.len() - place + 1).min(40);
        match random.below(8) {
            0 if place < input.len() => input[place] ^= 1 << random.below(8),
            1 if place < input.len() => input[place] = random.byte(),
            2 => input.insert(place, random.byte()),
            3 => drop(input.drain(place..end)),
            4 => input.truncate(place),
            5 => drop(input.splice(place..place, slice(random, valid).iter().copied())),
            6 => drop(input.splice(place..end, random.pick(&PIECES).iter().copied())),
            _ => {
                let copy = input[place..end].to_vec();
                drop(input.splice(place..place, copy));
            }
        }
    }
    input
}

/// For the formats with one spelling only: what is accepted is written again byte for byte.
fn feed_canonical<T: FromStr + ToString>(valid: &[String]) {
    let valid: Vec<Vec<u8>> = valid.iter().map(|text| text.clone().into_bytes()).collect();
    feed(&valid, |input| {
        let Ok(text) = str::from_utf8(input) else {
            return false;
        };
        let Ok(parsed) = text.parse::<T>() else {
            return false;
        };
        assert_eq!(parsed.to_string(), text);
        true
    });
}

#[test]
fn hashes() {
    feed_canonical::<Hash>(&[leaf_hash(b"a").to_string(), leaf_hash(b"b").to_string()]);
}

#[test]
fn verifier_keys() {
    let scene = Scene::new();
    feed_canonical::<VerifierKey>(&[scene.log.verifier().to_string(), scene.witnesses[0].verifier().to_string()]);
}

#[test]
fn signature_lines() {
    let scene = Scene::new();
    let note = scene.proof().checkpoint;
    let lines = note.signatures().iter().map(ToString::to_string);
    feed_canonical::<SignatureLine>(&lines.collect::<Vec<_>>());
}

#[test]
fn checkpoints() {
    let scene = Scene::new();
    let body = scene.proof().checkpoint.text().to_owned();
    feed_canonical::<Checkpoint>(&[format!("{body}an extension\nanother\n"), body]);
}

#[test]
fn notes() {
    let scene = Scene::new();
    let keys = [scene.log.verifier(), scene.witnesses[0].verifier()];
    let valid = [scene.proof().checkpoint.to_string().into_bytes(), crate::note::EXAMPLE_NOTE.as_bytes().to_vec()];
    feed(&valid, |input| {
        let Ok(note) = Note::parse(input) else {
            return false;
        };
        assert_eq!(note.to_string().as_bytes(), input);
        assert_eq!(note.encoded_len(), input.len());
        // What verifies is exactly what was signed.
        if note.verify(keys).is_ok() {
            assert_eq!(note.text().as_bytes(), &valid[0][..note.text().len()]);
        }
        for line in note.signatures() {
            let _ = cosignature::verify(note.text(), line, keys[1]);
        }
        true
    });
}

#[test]
fn proofs() {
    let scene = Scene::new();
    let mut with_extra = scene.proof();
    with_extra.extra = Some(b"beside the proof".to_vec());
    let valid = [scene.proof().to_string().into_bytes(), with_extra.to_string().into_bytes()];
    feed(&valid, |input| {
        let Ok(proof) = TlogProof::parse(input) else {
            return false;
        };
        assert_eq!(proof.to_string().as_bytes(), input);
        true
    });
}

#[test]
fn forks() {
    let key = crate::note::signer("ankara.example/border", tansiq_log::note::KeyKind::Ed25519, 1);
    feed(&crate::fork::proofs(), |input| {
        let Ok(fork) = Fork::parse(input) else {
            return false;
        };
        assert_eq!(fork.to_string().as_bytes(), input);
        // What holds is about what the log signed: two trees, and both in the valid proofs.
        if fork.check(key.verifier()).is_ok() {
            assert!(fork.first().size() >= 24 && fork.second().size() >= 33);
        }
        true
    });
}

#[test]
fn policies() {
    let scene = Scene::new();
    let valid = [
        scene.policy.to_string().into_bytes(),
        format!("# those we trust\n\n\tlog  {}  https://a.example \nquorum none", scene.log.verifier()).into_bytes(),
        b"quorum none\n".to_vec(),
    ];
    feed(&valid, |input| {
        let Ok(policy) = Policy::parse(input) else {
            return false;
        };
        assert_eq!(Policy::parse(policy.to_string().as_bytes()).unwrap(), policy);
        let _ = policy.is_met_by(["one", "two"]);
        true
    });
}

#[test]
fn tile_paths() {
    let paths = ["tile/0/x001/x234/067", "tile/63/000.p/255", "tile/entries/x018/x446/x744/x073/x709/x551/615.p/1"];
    feed_canonical::<Tile>(&paths.map(str::to_owned));
}

#[test]
fn tile_contents() {
    let entries = encode_entries(&[b"one".as_slice(), b"", &[7; 300]]).unwrap();
    let hashes = encode_hashes(&[leaf_hash(b"a"), leaf_hash(b"b")]).unwrap();
    feed(&[entries, hashes.clone(), vec![0, 0]], |input| {
        if let Ok(hashes) = decode_hashes(input) {
            assert_eq!(encode_hashes(&hashes).unwrap(), input);
            return true;
        }
        let Ok(entries) = decode_entries(input) else {
            return false;
        };
        assert_eq!(encode_entries(&entries).unwrap(), input);
        true
    });
}

#[test]
fn compact_ranges() {
    let mut range = CompactRange::new();
    let mut valid = vec![range.to_bytes()];
    for number in 0..7_u8 {
        range.append(leaf_hash(&[number]), |_, _| {}).unwrap();
        valid.push(range.to_bytes());
    }
    feed(&valid, |input| {
        let Ok(mut range) = CompactRange::from_bytes(input) else {
            return false;
        };
        assert_eq!(range.to_bytes(), input);
        let (size, appended) = (range.size(), range.append(range.root(), |_, _| {}));
        assert_eq!(appended.ok(), range.size().checked_sub(1).filter(|_| range.size() > size));
        true
    });
}

#[test]
fn proofs_of_nothing() {
    let hashes: Vec<Hash> = (0..3_u8).map(|number| leaf_hash(&[number])).collect();
    for_seeds(SEEDS, |random| {
        for _ in 0..INPUTS_PER_SEED {
            let (old, new) = (random.magnitude(u64::MAX), random.magnitude(u64::MAX));
            let proof: Vec<Hash> = (0..random.below(66)).map(|_| *random.pick(&hashes)).collect();
            let (root, other) = (*random.pick(&hashes), *random.pick(&hashes));
            let included = verify_inclusion(&other, old, new, &proof, &root);
            assert!(included.is_err() || (proof.is_empty() && old == 0 && new == 1 && other == root));
            let consistent = verify_consistency(old, &other, new, &root, &proof);
            assert!(consistent.is_err() || (proof.is_empty() && old == new && other == root && old > 0));
        }
    });
}
