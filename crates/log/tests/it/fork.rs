use std::iter::repeat_with;

use ct_merkle::{ConsistencyProof, RootHash};
use sha2::Sha256;
use signed_note::{Note as TheirNote, StandardVerifier, VerifierList};
use tansiq_log::checkpoint::{Checkpoint, SignedCheckpoint};
use tansiq_log::fork::{Consistency, Fork, ForkError, ForkParseError};
use tansiq_log::merkle::{Hash, ProofError, leaf_hash, tree_root};
use tansiq_log::note::{KeyKind, Note, Signer};
use tansiq_log::policy::Policy;

use crate::merkle::Tree;
use crate::note::signer;
use crate::random::{Random, for_seeds};

const ORIGIN: &str = "ankara.example/border";

fn log() -> Signer {
    signer(ORIGIN, KeyKind::Ed25519, 1)
}

/// A tree of this size, whose entries from `branch` on are those of another history.
fn history(size: u64, branch: u64, name: u8) -> Tree {
    Tree::of((0..size).map(|index| {
        let mut entry = index.to_be_bytes().to_vec();
        entry.push(if index >= branch { name } else { 0 });
        entry
    }))
}

fn root_at(tree: &Tree, size: u64) -> Hash {
    tree_root(&tree.reader(tree.range.size()), size).unwrap()
}

/// The log's signed checkpoint over the first `size` entries of a tree.
fn signed_by(log: &Signer, tree: &Tree, size: u64) -> Note {
    let checkpoint = Checkpoint::new(ORIGIN, size, root_at(tree, size)).unwrap();
    SignedCheckpoint::sign(checkpoint, log).unwrap().into_note()
}

fn signed(tree: &Tree, size: u64) -> Note {
    signed_by(&log(), tree, size)
}

fn way(tree: &Tree, old: u64, new: u64) -> Consistency {
    Consistency { old_root: root_at(tree, old), hashes: tree.consistency(old, new) }
}

/// The proof that somebody can make who holds `tree` to `new` and was shown a checkpoint of `other` at `old`.
pub(crate) fn caught(tree: &Tree, new: u64, other: &Tree, old: u64) -> Fork {
    let way = (old < new).then(|| way(tree, old, new));
    Fork::new(signed(other, old), signed(tree, new), way).unwrap()
}

/// Proofs of both sorts, as text.
pub(crate) fn proofs() -> Vec<Vec<u8>> {
    let (one, other) = (history(40, 20, 1), history(40, 20, 2));
    [caught(&one, 33, &other, 33), caught(&one, 40, &other, 24), caught(&one, 40, &other, 32)]
        .map(|fork| fork.to_string().into_bytes())
        .to_vec()
}

#[test]
fn the_root_of_every_size_that_a_log_has_had_is_found_again() {
    let tree = history(70, 70, 0);
    for size in 0..=70 {
        assert_eq!(root_at(&tree, size), history(size, 70, 0).range.root(), "{size}");
    }
}

#[test]
fn two_signed_histories_are_a_fork_whatever_their_sizes() {
    let random = |random: &mut Random| {
        let branch = random.below(60) as u64;
        let new = branch + 1 + random.below(70) as u64;
        let old = branch + 1 + random.below((new - branch) as usize) as u64;
        let (one, other) = (history(new, branch, 1), history(old, branch, 2));
        let fork = caught(&one, new, &other, old);
        assert_eq!(fork.check(log().verifier()), Ok(()), "{old} of {new}, apart from {branch} on");
        let read: Fork = fork.to_string().parse().unwrap();
        assert_eq!(read, fork);
        let files = fork.files();
        let consistency = files.consistency.as_deref().map(str::as_bytes);
        assert_eq!(Fork::from_files(files.first.as_bytes(), files.second.as_bytes(), consistency), Ok(fork));
    };
    for_seeds(150, random);
}

#[test]
fn one_history_never_convicts_its_log() {
    let random = |random: &mut Random| {
        let new = 1 + random.below(130) as u64;
        let old = random.below(new as usize + 1) as u64;
        let tree = history(new, new, 0);
        let verifier = log();
        let accuse = |way: Option<Consistency>| {
            Fork::new(signed(&tree, old), signed(&tree, new), way).is_ok_and(|fork| fork.check(verifier.verifier()).is_ok())
        };
        assert!(!accuse(None));
        // Every way that an accuser could make up: the true one, one of another history, and the true one altered.
        let true_way = way(&tree, old, new);
        assert!(!accuse(Some(true_way.clone())));
        let made_up = history(new, random.below(new as usize) as u64, 9);
        assert!(!accuse(Some(way(&made_up, old, new))));
        for _ in 0..20 {
            let mut altered = true_way.clone();
            let count = altered.hashes.len();
            match random.below(4) {
                0 => altered.old_root = Hash::from_bytes(random.array()),
                1 if count > 0 => altered.hashes[random.below(count)] = Hash::from_bytes(random.array()),
                2 => altered.hashes.truncate(random.below(count + 1)),
                _ => {
                    let more = 1 + random.below(3);
                    altered.hashes.extend(repeat_with(|| Hash::from_bytes(random.array())).take(more));
                }
            }
            assert!(!accuse(Some(altered)));
        }
    };
    for_seeds(150, random);
}

#[test]
fn what_the_log_has_not_signed_convicts_nobody() {
    let (one, other) = (history(9, 4, 1), history(9, 4, 2));
    let stranger = signer(ORIGIN, KeyKind::Ed25519, 2);
    let fork = |first: Note, second: Note| Fork::new(first, second, None).unwrap();
    for forged in [
        fork(signed_by(&stranger, &one, 9), signed(&other, 9)),
        fork(signed(&one, 9), signed_by(&stranger, &other, 9)),
        fork(signed_by(&stranger, &one, 9), signed_by(&stranger, &other, 9)),
    ] {
        assert!(matches!(forged.check(log().verifier()), Err(ForkError::Unsigned(..))));
    }
    let true_one = fork(signed(&one, 9), signed(&other, 9));
    assert_eq!(true_one.check(log().verifier()), Ok(()));
    let elsewhere = signer("elsewhere.example/border", KeyKind::Ed25519, 1);
    assert_eq!(true_one.check(elsewhere.verifier()), Err(ForkError::UnknownLog(ORIGIN.to_owned())));

    // Checkpoints of two logs contradict each other in nothing, even when one key signs for both.
    let checkpoint = Checkpoint::new("elsewhere.example/border", 9, root_at(&other, 9)).unwrap();
    let foreign = SignedCheckpoint::sign(checkpoint, &elsewhere).unwrap().into_note();
    let keys = [log().verifier().clone(), elsewhere.verifier().clone()];
    let mixed = fork(signed(&one, 9), foreign);
    assert!(matches!(mixed.check_with(&[&keys[0], &keys[1]]), Err(ForkError::Unsigned(..))));

    // A log that went over to a new key answers for what it signed with either.
    let successor = signer(ORIGIN, KeyKind::Ed25519, 3);
    let over = fork(signed(&one, 9), signed_by(&successor, &other, 9));
    assert!(over.check(log().verifier()).is_err());
    assert_eq!(over.check_with(&[log().verifier(), successor.verifier()]), Ok(()));
    let policy: Policy = format!("log {}\nlog {}\nquorum none\n", log().verifier(), successor.verifier()).parse().unwrap();
    assert_eq!(over.check_by(&policy), Ok(()));
}

#[test]
fn what_says_the_same_or_does_not_fit_together_is_no_fork() {
    let (one, other) = (history(9, 4, 1), history(9, 4, 2));
    let key = log();
    let same = Fork::new(signed(&one, 9), signed(&one, 9), None).unwrap();
    assert_eq!(same.check(key.verifier()), Err(ForkError::SameHistory));
    let grown = Fork::new(signed(&one, 6), signed(&one, 9), Some(way(&one, 6, 9))).unwrap();
    assert_eq!(grown.check(key.verifier()), Err(ForkError::SameHistory));
    // Another line under the root makes another text, but no other tree.
    let body = format!("{ORIGIN}\n9\n{}\nan extension\n", root_at(&one, 9));
    let extended = Note::sign(body, &key).unwrap();
    let extended = Fork::new(signed(&one, 9), extended, None).unwrap();
    assert_eq!(extended.check(key.verifier()), Err(ForkError::SameHistory));
    // The way of the wrong tree.
    let wrong = Fork::new(signed(&other, 6), signed(&one, 9), Some(way(&other, 6, 9))).unwrap();
    assert_eq!(wrong.check(key.verifier()), Err(ForkError::Proof(ProofError::Root)));
    let empty = Fork::new(signed(&other, 0), signed(&one, 9), Some(way(&one, 0, 9))).unwrap();
    assert_eq!(empty.check(key.verifier()), Err(ForkError::SameHistory));
    let lied = Consistency { old_root: leaf_hash(b"x"), hashes: Vec::new() };
    let empty = Fork::new(signed(&other, 0), signed(&one, 9), Some(lied)).unwrap();
    assert_eq!(empty.check(key.verifier()), Err(ForkError::Proof(ProofError::OldRoot)));

    assert_eq!(Fork::new(signed(&one, 9), signed(&one, 6), None), Err(ForkParseError::Order));
    assert_eq!(Fork::new(signed(&other, 6), signed(&one, 9), None), Err(ForkParseError::Consistency));
    assert_eq!(Fork::new(signed(&other, 9), signed(&one, 9), Some(way(&one, 9, 9))), Err(ForkParseError::Consistency));
    let files = caught(&one, 9, &other, 6).files();
    let shifted = files.consistency.unwrap().replace("old 6 ", "old 5 ");
    let read = Fork::from_files(files.first.as_bytes(), files.second.as_bytes(), Some(shifted.as_bytes()));
    assert_eq!(read, Err(ForkParseError::Old));
}

#[test]
fn others_who_know_nothing_of_this_code_come_to_the_same_verdict() {
    for_seeds(40, |random| {
        let branch = random.below(50) as u64;
        let old = branch + 1 + random.below(40) as u64;
        let new = old + 1 + random.below(40) as u64;
        let (one, other) = (history(new, branch, 1), history(old, branch, 2));
        let files = caught(&one, new, &other, old).files();
        let keys = VerifierList::new(vec![Box::new(StandardVerifier::new(&log().verifier().to_string()).unwrap())]);
        let read = |note: &str| {
            let note = TheirNote::from_bytes(note.as_bytes()).unwrap();
            assert_eq!(note.verify(&keys).unwrap().0.len(), 1);
            let text = String::from_utf8(note.text().to_vec()).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            (lines[1].parse::<u64>().unwrap(), hash(lines[2]))
        };
        let ((size, root), (new_size, new_root)) = (read(&files.first), read(&files.second));
        let consistency = files.consistency.unwrap();
        let mut lines = consistency.lines();
        let head: Vec<&str> = lines.next().unwrap().split(' ').collect();
        assert_eq!((head[0], head[1].parse()), ("old", Ok(size)));
        let (old_root, proof) = (hash(head[2]), lines.flat_map(hash).collect());
        let proof = ConsistencyProof::try_from_bytes(proof).unwrap();
        let larger = RootHash::<Sha256>::new(new_root.into(), new_size);
        larger.verify_consistency(&RootHash::new(old_root.into(), size), &proof).unwrap();
        assert!(larger.verify_consistency(&RootHash::new(root.into(), size), &proof).is_err());
        assert_ne!(old_root, root);
    });
}

fn hash(text: &str) -> [u8; 32] {
    data_encoding::BASE64.decode(text.as_bytes()).unwrap().try_into().unwrap()
}
