use signed_note::{Note as TheirNote, StandardSigner};
use tansiq_log::checkpoint::{AddCosignatureError, Checkpoint, CheckpointError, OpenError, SignedCheckpoint};
use tansiq_log::cosignature::{CosignatureError, MAX_TIME, cosign, verify};
use tansiq_log::merkle::{empty_root, leaf_hash};
use tansiq_log::note::{KeyKind, Note, SignatureLine, Signer, VerifyError};

use crate::note::signer;

/// The example of C2SP tlog-cosignature. Its keys are not published; its form is.
const EXAMPLE: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
    — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
    — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

const ORIGIN: &str = "baghdad.example/border";
const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

fn log() -> Signer {
    signer(ORIGIN, KeyKind::Ed25519, 1)
}

fn witness() -> Signer {
    signer("ankara.example/witness", KeyKind::CosignatureV1, 2)
}

fn signed() -> SignedCheckpoint {
    SignedCheckpoint::sign(Checkpoint::new(ORIGIN, 3, leaf_hash(b"")).unwrap(), &log()).unwrap()
}

#[test]
fn the_published_example_is_read() {
    let note: Note = EXAMPLE.parse().unwrap();
    assert_eq!(note.to_string(), EXAMPLE);
    let checkpoint: Checkpoint = note.text().parse().unwrap();
    assert_eq!((checkpoint.origin(), checkpoint.size()), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(checkpoint.root().to_string(), ROOT);
    let cosignature = &note.signatures()[1];
    assert_eq!(cosignature.id().to_string(), "8d66cf3f");
    assert_eq!(cosignature.bytes()[..8], 1_679_315_147_u64.to_be_bytes());
    assert_eq!(cosignature.bytes().len(), 8 + 64);
}

#[test]
fn a_checkpoint_has_one_spelling() {
    use CheckpointError as E;
    let extended = format!("a b+c\n{}\n{ROOT}\none\n two \n", u64::MAX);
    let read: Checkpoint = extended.parse().unwrap();
    assert_eq!((read.origin(), read.size()), ("a b+c", u64::MAX));
    assert_eq!(read.extensions(), ["one", " two "]);
    assert_eq!(read.to_string(), extended);
    for (body, error) in [
        (String::new(), E::Line),
        ("a\n".into(), E::Size),
        ("a\n1\n".into(), E::Root),
        (format!("a\n1\n{ROOT}"), E::Line),
        (format!("\n1\n{ROOT}\n"), E::Origin),
        (format!("a\tb\n1\n{ROOT}\n"), E::Origin),
        (format!("a\n\n{ROOT}\n"), E::Size),
        (format!("a\n01\n{ROOT}\n"), E::Size),
        (format!("a\n+1\n{ROOT}\n"), E::Size),
        (format!("a\n-1\n{ROOT}\n"), E::Size),
        (format!("a\n1 \n{ROOT}\n"), E::Size),
        (format!("a\n١\n{ROOT}\n"), E::Size),
        (format!("a\n18446744073709551616\n{ROOT}\n"), E::Size),
        (format!("a\n1\n{ROOT} \n"), E::Root),
        ("a\n1\nAAAA\n".into(), E::Root),
        (format!("a\n1\n{ROOT}\n\n"), E::Line),
        (format!("a\n1\n{ROOT}\nx\r\n"), E::Line),
        (format!("a\n0\n{ROOT}\n"), E::EmptyRoot),
    ] {
        assert_eq!(body.parse::<Checkpoint>(), Err(error), "{body:?}");
    }
    assert!(format!("a\n0\n{}\n", empty_root()).parse::<Checkpoint>().is_ok());
    assert_eq!(Checkpoint::new("a\nb", 1, empty_root()), Err(E::Origin));
}

#[test]
fn a_signed_checkpoint_opens_for_its_own_log_only() {
    let (signed, log) = (signed(), log());
    let bytes = signed.to_string().into_bytes();
    assert_eq!(SignedCheckpoint::open(&bytes, ORIGIN, log.verifier()), Ok(signed.clone()));
    assert_eq!(signed.note().text(), signed.checkpoint().to_string());

    let other = SignedCheckpoint::open(&bytes, "ankara.example/border", log.verifier());
    assert!(matches!(other, Err(OpenError::OtherOrigin { .. })));
    let stranger = signer(ORIGIN, KeyKind::Ed25519, 9);
    let unsigned = SignedCheckpoint::open(&bytes, ORIGIN, stranger.verifier());
    assert_eq!(unsigned, Err(OpenError::Signature(VerifyError::NoKnownKey)));
    let witness = SignedCheckpoint::open(&bytes, ORIGIN, witness().verifier());
    assert_eq!(witness, Err(OpenError::WrongKeyKind));
    assert!(matches!(SignedCheckpoint::open(b"", ORIGIN, log.verifier()), Err(OpenError::Note(_))));
    let note = Note::sign("hello\n", &log).unwrap().to_string();
    assert!(matches!(SignedCheckpoint::open(note.as_bytes(), ORIGIN, log.verifier()), Err(OpenError::Checkpoint(_))));
    let altered = String::from_utf8(bytes).unwrap().replace("\n3\n", "\n4\n");
    let altered = SignedCheckpoint::open(altered.as_bytes(), ORIGIN, log.verifier());
    assert!(matches!(altered, Err(OpenError::Signature(VerifyError::BadSignature(_)))));
}

#[test]
fn the_key_of_a_log_may_have_another_name() {
    let other = signer("keys.example", KeyKind::Ed25519, 4);
    let signed = SignedCheckpoint::sign(Checkpoint::new(ORIGIN, 3, leaf_hash(b"")).unwrap(), &other).unwrap();
    assert!(SignedCheckpoint::open(signed.to_string().as_bytes(), ORIGIN, other.verifier()).is_ok());
}

#[test]
fn a_cosignature_holds_for_its_checkpoint_key_and_time() {
    let (mut signed, witness) = (signed(), witness());
    let line = signed.cosign(&witness, 1_795_000_000).unwrap();
    let body = signed.note().text().to_owned();
    assert_eq!(verify(&body, &line, witness.verifier()), Ok(1_795_000_000));
    assert_eq!(signed.cosignatures([witness.verifier()]), Ok(vec![]));
    assert_eq!(signed.add_cosignature(line.clone(), witness.verifier()), Ok(1_795_000_000));
    assert_eq!(signed.cosignatures([witness.verifier(), log().verifier()]), Ok(vec![(witness.verifier(), 1_795_000_000)]));
    let read = SignedCheckpoint::open(signed.to_string().as_bytes(), ORIGIN, log().verifier()).unwrap();
    assert_eq!(read, signed);

    let later = body.replace("\n3\n", "\n4\n");
    assert_eq!(verify(&later, &line, witness.verifier()), Err(CosignatureError::BadSignature));
    assert!(matches!(verify("hello\n", &line, witness.verifier()), Err(CosignatureError::NotACheckpoint(_))));
    let other = signer("ankara.example/witness", KeyKind::CosignatureV1, 3);
    assert_eq!(verify(&body, &line, other.verifier()), Err(CosignatureError::OtherKey));
    assert_eq!(verify(&body, &line, log().verifier()), Err(CosignatureError::WrongKeyKind));
    let refused = signed.add_cosignature(line, other.verifier());
    assert_eq!(refused, Err(AddCosignatureError::Cosignature(CosignatureError::OtherKey)));
    // The later cosignature takes the place of the earlier one.
    let line = signed.cosign(&witness, 1_795_000_600).unwrap();
    signed.add_cosignature(line, witness.verifier()).unwrap();
    assert_eq!(signed.cosignatures([witness.verifier()]), Ok(vec![(witness.verifier(), 1_795_000_600)]));
    assert_eq!(signed.note().signatures().len(), 2);
}

#[test]
fn what_cannot_be_cosigned() {
    let (body, witness) = (signed().note().text().to_owned(), witness());
    assert_eq!(cosign(&body, &log(), 1), Err(CosignatureError::WrongKeyKind));
    assert_eq!(cosign(&body, &witness, MAX_TIME + 1), Err(CosignatureError::Time));
    assert!(matches!(cosign("hello\n", &witness, 1), Err(CosignatureError::NotACheckpoint(_))));
    let last = cosign(&body, &witness, MAX_TIME).unwrap();
    assert_eq!(verify(&body, &last, witness.verifier()), Ok(MAX_TIME));
}

#[test]
fn every_altered_byte_breaks_a_cosignature() {
    let (body, witness) = (signed().note().text().to_owned(), witness());
    let line = cosign(&body, &witness, 7).unwrap();
    for place in 0..line.bytes().len() {
        let mut bytes = line.bytes().to_vec();
        bytes[place] ^= 0x80;
        let altered = SignatureLine::new(line.name().clone(), line.id(), bytes).unwrap();
        assert_eq!(verify(&body, &altered, witness.verifier()), Err(CosignatureError::BadSignature));
    }
}

/// Another implementation's Ed25519 over the message, spelt out as the specification has it.
#[test]
fn what_is_signed_is_what_the_specification_says() {
    let body = signed().note().text().to_owned();
    let line = cosign(&body, &witness(), 1_679_315_147).unwrap();
    let plain = signer("any", KeyKind::Ed25519, 2);
    let private = data_encoding::BASE64.encode(&[[1].as_slice(), &[2; 32]].concat());
    let theirs = StandardSigner::new(&format!("PRIVATE+KEY+any+{}+{private}", plain.verifier().id())).unwrap();
    let mut note = TheirNote::new(format!("cosignature/v1\ntime 1679315147\n{body}").as_bytes(), &[]).unwrap();
    note.add_sigs(&[&theirs]).unwrap();
    let note = Note::parse(&note.to_bytes()).unwrap();
    assert_eq!(line.bytes()[8..], *note.signatures()[0].bytes());
    assert_eq!(line.bytes()[..8], 1_679_315_147_u64.to_be_bytes());
}

/// The cosignature that a cosigner without our limits would make: a plain signature over the message.
fn unlimited(body: &str, time: u64) -> SignatureLine {
    let message = format!("cosignature/v1\ntime {time}\n{body}");
    let note = Note::sign(message, &signer("any", KeyKind::Ed25519, 2)).unwrap();
    let bytes = [time.to_be_bytes().as_slice(), note.signatures()[0].bytes()].concat();
    SignatureLine::new(witness().name().clone(), witness().verifier().id(), bytes).unwrap()
}

#[test]
fn a_time_beyond_the_last_one_does_not_hold() {
    let (body, witness) = (signed().note().text().to_owned(), witness());
    assert_eq!(verify(&body, &unlimited(&body, MAX_TIME), witness.verifier()), Ok(MAX_TIME));
    let later = verify(&body, &unlimited(&body, MAX_TIME + 1), witness.verifier());
    assert_eq!(later, Err(CosignatureError::BadSignature));
}

#[test]
fn of_two_cosignatures_by_one_key_the_earlier_time_counts() {
    let (signed, witness) = (signed(), witness());
    let lines = [30, 10, 20].map(|time| signed.cosign(&witness, time).unwrap().to_string());
    let note = format!("{signed}{}\n", lines.join("\n"));
    let read = SignedCheckpoint::open(note.as_bytes(), ORIGIN, log().verifier()).unwrap();
    assert_eq!(read.cosignatures([witness.verifier()]), Ok(vec![(witness.verifier(), 10)]));
}
