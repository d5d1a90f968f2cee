use tansiq_log::checkpoint::{Checkpoint, SignedCheckpoint};
use tansiq_log::note::{KeyKind, Note, Signer, VerifyError};
use tansiq_log::policy::Policy;
use tansiq_log::proof::{RejectedProof, TlogProof, TlogProofError};

use crate::merkle::Tree;
use crate::note::signer;
use crate::random::for_seeds;

const ORIGIN: &str = "baghdad.example/border";
const ENTRY: [u8; 32] = [5; 32];
const SIZE: u8 = 7;
const INDEX: u64 = 5;

/// A log of seven entries, two witnesses and a policy that asks for both.
pub(crate) struct Scene {
    pub(crate) log: Signer,
    pub(crate) witnesses: [Signer; 2],
    pub(crate) policy: Policy,
    proof: TlogProof,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let log = signer(ORIGIN, KeyKind::Ed25519, 1);
        let witnesses = [("ankara.example", 2), ("damascus.example", 3)];
        let witnesses = witnesses.map(|(name, seed)| signer(name, KeyKind::CosignatureV1, seed));
        let policy = format!(
            "log {} https://baghdad.example/\nwitness one {}\nwitness two {}\ngroup both all one two\nquorum both\n",
            log.verifier(),
            witnesses[0].verifier(),
            witnesses[1].verifier()
        );
        let tree = Tree::of((0..SIZE).map(|number| vec![number; 32]));
        let checkpoint = Checkpoint::new(ORIGIN, SIZE.into(), tree.range.root()).unwrap();
        let mut signed = SignedCheckpoint::sign(checkpoint, &log).unwrap();
        for (witness, time) in witnesses.iter().zip([1_795_000_000, 1_795_000_060]) {
            let line = signed.cosign(witness, time).unwrap();
            signed.add_cosignature(line, witness.verifier()).unwrap();
        }
        let hashes = tree.inclusion(INDEX, SIZE.into());
        let proof = TlogProof { extra: None, index: INDEX, hashes, checkpoint: signed.into_note() };
        Self { log, witnesses, policy: policy.parse().unwrap(), proof }
    }

    pub(crate) fn proof(&self) -> TlogProof {
        self.proof.clone()
    }

    fn accepts(&self, proof: &[u8], entry: &[u8]) -> bool {
        TlogProof::parse(proof).is_ok_and(|proof| proof.verify(entry, &self.policy).is_ok())
    }

    /// The proof under another policy, in which `{log}`, `{one}` and `{two}` stand for the keys.
    fn under(&self, policy: &str, proof: &TlogProof) -> Result<Vec<String>, RejectedProof> {
        let keys = [("{log}", &self.log), ("{one}", &self.witnesses[0]), ("{two}", &self.witnesses[1])];
        let policy =
            keys.iter().fold(policy.to_owned(), |policy, (mark, signer)| policy.replace(mark, &signer.verifier().to_string()));
        let verified = proof.verify(&ENTRY, &policy.parse().unwrap())?;
        Ok(verified.cosigned.into_iter().map(|by| by.witness).collect())
    }

    /// The proof with only those signatures of the note that `keep` chooses by their place.
    fn with_signatures(&self, keep: impl Fn(usize) -> bool) -> TlogProof {
        let note = &self.proof.checkpoint;
        let lines = note.signatures().iter().enumerate().filter(|(place, _)| keep(*place));
        let lines: String = lines.map(|(_, line)| format!("{line}\n")).collect();
        let checkpoint: Note = format!("{}\n{lines}", note.text()).parse().unwrap();
        TlogProof { checkpoint, ..self.proof() }
    }
}

#[test]
fn a_proof_convinces_who_trusts_the_policy() {
    let scene = Scene::new();
    let read: TlogProof = scene.proof().to_string().parse().unwrap();
    assert_eq!(read, scene.proof());
    let verified = read.verify(&ENTRY, &scene.policy).unwrap();
    assert_eq!((verified.index, verified.checkpoint.size()), (INDEX, SIZE.into()));
    assert_eq!(verified.checkpoint.origin(), ORIGIN);
    assert_eq!(&verified.log, scene.log.verifier());
    let cosigned: Vec<_> = verified.cosigned.iter().map(|by| (by.witness.as_str(), by.key.as_str(), by.time)).collect();
    assert_eq!(cosigned, [("one", "ankara.example", 1_795_000_000), ("two", "damascus.example", 1_795_000_060)]);
}

#[test]
fn every_altered_byte_breaks_the_proof() {
    let scene = Scene::new();
    let proof = scene.proof().to_string().into_bytes();
    assert!(scene.accepts(&proof, &ENTRY));
    for place in 0..proof.len() {
        let mut altered = proof.clone();
        for byte in (0..=u8::MAX).filter(|&byte| byte != proof[place]) {
            altered[place] = byte;
            assert!(!scene.accepts(&altered, &ENTRY), "byte {place} became {byte}");
        }
        altered.remove(place);
        // One letter less is the same proof only where two equal ones stand side by side; that never makes it valid.
        assert!(!scene.accepts(&altered, &ENTRY), "byte {place} is gone");
    }
    for place in 0..=proof.len() {
        for byte in [b'\n', b' ', b'0', b'A', b'=', 0, 0xff] {
            let mut altered = proof.clone();
            altered.insert(place, byte);
            assert!(!scene.accepts(&altered, &ENTRY), "byte {byte} stands at {place}");
        }
        assert!(place == proof.len() || !scene.accepts(&proof[..place], &ENTRY), "cut at {place}");
    }
}

#[test]
fn every_altered_byte_of_the_entry_breaks_the_proof() {
    let scene = Scene::new();
    let proof = scene.proof();
    for place in 0..ENTRY.len() {
        for byte in (0..=u8::MAX).filter(|&byte| byte != ENTRY[place]) {
            let mut entry = ENTRY;
            entry[place] = byte;
            assert!(matches!(proof.verify(&entry, &scene.policy), Err(RejectedProof::Inclusion(_))));
        }
        assert!(proof.verify(&ENTRY[..place], &scene.policy).is_err());
    }
}

#[test]
fn what_stands_beside_the_proof_is_not_proved() {
    let scene = Scene::new();
    for extra in [Vec::new(), b"a key".to_vec()] {
        let proof = TlogProof { extra: Some(extra.clone()), ..scene.proof() };
        let text = proof.to_string();
        assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra "));
        assert_eq!(text.parse::<TlogProof>().unwrap().extra, Some(extra));
        assert!(scene.accepts(text.as_bytes(), &ENTRY));
    }
}

#[test]
fn policies_decide() {
    let scene = Scene::new();
    let proof = scene.proof();
    let both = Ok(vec!["one".to_owned(), "two".to_owned()]);
    let none = Ok(vec![]);
    assert_eq!(scene.under("log {log}\nquorum none", &proof), none);
    assert_eq!(scene.under("log {log}\nwitness one {one}\nwitness two {two}\nquorum none", &proof), both);
    assert_eq!(scene.under("quorum none", &proof), Err(RejectedProof::UnknownLog(ORIGIN.to_owned())));

    let alone = scene.with_signatures(|place| place == 0);
    assert_eq!(scene.under("log {log}\nquorum none", &alone), none);
    assert_eq!(scene.under("log {log}\nwitness one {one}\nquorum one", &alone), Err(RejectedProof::Quorum));
    let one = scene.with_signatures(|place| place != 2);
    let any = "log {log}\nwitness one {one}\nwitness two {two}\ngroup g any one two\nquorum g";
    assert_eq!(scene.under(any, &one), Ok(vec!["one".to_owned()]));
    assert_eq!(scene.under(&any.replace("any", "2"), &one), Err(RejectedProof::Quorum));
    // Witnesses do not stand in for the log.
    let unsigned = scene.with_signatures(|place| place != 0);
    assert_eq!(scene.under(any, &unsigned), Err(RejectedProof::Signature(VerifyError::NoKnownKey)));
}

#[test]
fn a_bad_signature_of_a_known_witness_rejects_the_proof() {
    let scene = Scene::new();
    let mut proof = scene.proof();
    let elsewhere = Checkpoint::new(ORIGIN, 9, tansiq_log::merkle::leaf_hash(b"")).unwrap();
    let line = tansiq_log::cosignature::cosign(&elsewhere.to_string(), &scene.witnesses[1], 1).unwrap();
    proof.checkpoint.add_signature(line).unwrap();
    let bad = Err(RejectedProof::Signature(VerifyError::BadSignature(scene.witnesses[1].name().clone())));
    assert_eq!(scene.under("log {log}\nwitness one {one}\nwitness two {two}\nquorum one", &proof), bad);
    assert_eq!(scene.under("log {log}\nwitness one {one}\nquorum one", &proof), Ok(vec!["one".to_owned()]));
}

#[test]
fn two_keys_of_one_log_may_overlap() {
    let scene = Scene::new();
    let new = signer(ORIGIN, KeyKind::Ed25519, 8);
    let mut proof = scene.proof();
    let line = Note::sign(proof.checkpoint.text(), &new).unwrap().signatures()[0].clone();
    proof.checkpoint.add_signature(line).unwrap();
    assert_eq!(scene.under("log {log}\nquorum none", &proof), Ok(vec![]));
    assert_eq!(scene.under(&format!("log {}\nlog {{log}}\nquorum none", new.verifier()), &proof), Ok(vec![]));
    assert_eq!(scene.under(&format!("log {}\nquorum none", new.verifier()), &proof), Ok(vec![]));
}

#[test]
fn what_is_no_proof() {
    use TlogProofError as E;
    let scene = Scene::new();
    let text = scene.proof().to_string();
    let first_hash = text.lines().nth(2).unwrap().to_owned();
    for (altered, error) in [
        (String::new(), E::NoCheckpoint),
        (text.replace("\n\n", "\n"), E::NoCheckpoint),
        (text.replace("@v1", "@v2"), E::Header),
        (text.replace("index 5", "extra A\nindex 5"), E::Extra),
        (text.replace("index 5", "extra AA==\nextra AA==\nindex 5"), E::Index),
        (text.replace("index 5", "index 05"), E::Index),
        (text.replace("index 5", "index +5"), E::Index),
        (text.replace("index 5\n", ""), E::Index),
        (text.replace(&first_hash, &format!("{first_hash} ")), E::Hash),
        (text.replace(&first_hash, &vec![first_hash.clone(); 65].join("\n")), E::Hash),
        ("x".repeat(2_000_001), E::TooLarge),
    ] {
        assert_eq!(altered.parse::<TlogProof>(), Err(error));
    }
    let many = |count: usize| text.replace(&first_hash, &vec![first_hash.clone(); count - 2].join("\n"));
    assert_eq!(many(64).parse::<TlogProof>().unwrap().hashes.len(), 64);
    assert_eq!(many(65).parse::<TlogProof>(), Err(E::Hash));
    assert_eq!(TlogProof::parse(b"\xff"), Err(E::Utf8));
    let cut = text.rsplit_once("\n\n").unwrap().0;
    assert!(matches!(format!("{cut}\n").parse::<TlogProof>(), Err(E::Note(_))));
}

#[test]
fn every_entry_of_every_small_log_is_proved() {
    let (log, policy) = (signer(ORIGIN, KeyKind::Ed25519, 1), Scene::new().policy.to_string());
    let policy: Policy = policy.replace("quorum both", "quorum none").parse().unwrap();
    for_seeds(40, |random| {
        let size = 1 + random.magnitude(299);
        let entries: Vec<Vec<u8>> = (0..size).map(|_| random.bytes(32)).collect();
        let tree = Tree::of(entries.clone());
        let checkpoint = Checkpoint::new(ORIGIN, size, tree.range.root()).unwrap();
        let signed = SignedCheckpoint::sign(checkpoint, &log).unwrap();
        let index = random.below(size as usize);
        let hashes = tree.inclusion(index as u64, size);
        let proof = TlogProof { extra: None, index: index as u64, hashes, checkpoint: signed.into_note() };
        let proof: TlogProof = proof.to_string().parse().unwrap();
        assert!(proof.verify(&entries[index], &policy).is_ok());
        let other = random.below(size as usize);
        assert!(other == index || proof.verify(&entries[other], &policy).is_err());
    });
}
