use signed_note::{Note as TheirNote, StandardSigner, StandardVerifier, VerifierList};
use tansiq_log::note::{
    KeyError, KeyId, KeyKind, KeyName, MAX_SIGNATURES, Note, NoteError, SignError, SignatureLine, Signer, VerifierKey,
    VerifyError,
};

use crate::random::{Random, for_seeds};

/// The example of C2SP signed-note.
pub(crate) const EXAMPLE_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
pub(crate) const EXAMPLE_NOTE: &str = "This is an example message.\n\n\
    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

/// The key and the note of the tests of golang.org/x/mod/sumdb/note.
const PETER_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETER_SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const PETER_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n\n\
    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

pub(crate) fn signer(name: &str, kind: KeyKind, seed: u8) -> Signer {
    Signer::new(KeyName::new(name).unwrap(), kind, &[seed; 32])
}

fn key(vkey: &str) -> VerifierKey {
    vkey.parse().unwrap()
}

fn base64(text: &str) -> Vec<u8> {
    data_encoding::BASE64.decode(text.as_bytes()).unwrap()
}

#[test]
fn published_notes_verify() {
    for (vkey, text) in [(EXAMPLE_KEY, EXAMPLE_NOTE), (PETER_KEY, PETER_NOTE)] {
        let (key, note) = (key(vkey), Note::parse(text.as_bytes()).unwrap());
        let verified = note.verify([&key]).unwrap();
        assert_eq!((verified.len(), verified[0].key, verified[0].time), (1, &key, None));
        assert_eq!((key.to_string().as_str(), note.to_string().as_str()), (vkey, text));
        let altered: Note = text.replacen('T', "t", 1).replacen('I', "i", 1).parse().unwrap();
        assert_eq!(altered.verify([&key]), Err(VerifyError::BadSignature(key.name().clone())));
    }
}

#[test]
fn the_published_key_signs_the_published_note() {
    let seed = base64(PETER_SEED)[1..].try_into().unwrap();
    let peter = Signer::new(KeyName::new("PeterNeumann").unwrap(), KeyKind::Ed25519, &seed);
    assert_eq!(peter.verifier().to_string(), PETER_KEY);
    let (text, _) = PETER_NOTE.rsplit_once("\n\n").unwrap();
    assert_eq!(Note::sign(format!("{text}\n"), &peter).unwrap().to_string(), PETER_NOTE);
    assert_eq!(format!("{peter:?}"), format!("Signer({PETER_KEY})"));
}

#[test]
fn no_part_of_a_key_is_a_key() {
    for start in 0..PETER_KEY.len() {
        for end in start + 1..=PETER_KEY.len() {
            let part = &PETER_KEY[start..end];
            assert!(part == PETER_KEY || part.parse::<VerifierKey>().is_err(), "{part}");
        }
    }
    for place in 0..PETER_KEY.len() {
        for byte in 0..128_u8 {
            let mut altered = PETER_KEY.as_bytes().to_vec();
            altered[place] = byte;
            let altered = String::from_utf8(altered).unwrap();
            assert!(altered == PETER_KEY || altered.parse::<VerifierKey>().is_err(), "{altered}");
        }
    }
}

#[test]
fn keys_of_other_kinds_and_lengths_are_refused() {
    let parse = |vkey: &str| vkey.parse::<VerifierKey>();
    assert_eq!(parse("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="), Err(KeyError::Form));
    assert_eq!(parse("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"), Err(KeyError::UnknownKind(0x65)));
    assert_eq!(parse(&PETER_KEY.replace("c74f20a3", "c74f20a4")), Err(KeyError::Id));
    assert_eq!(parse(&PETER_KEY.replace("c74f20a3", "C74F20A3")), Err(KeyError::Form));
    let name = KeyName::new("weak").unwrap();
    for small_order in [[0; 32], {
        let mut one = [0; 32];
        one[0] = 1;
        one
    }] {
        let refused = VerifierKey::new(name.clone(), KeyKind::Ed25519, &small_order);
        assert_eq!(refused, Err(KeyError::PublicKey));
    }
}

#[test]
fn names_have_no_spaces_pluses_or_controls() {
    for good in ["a", "baghdad.example/border", "بغداد", "Ankara-Sınır", "—", "a\u{200c}b"] {
        assert_eq!(KeyName::new(good).unwrap().as_str(), good);
    }
    for bad in ["", " ", "a b", "a+b", "a\nb", "a\tb", "a\u{a0}b", "a\u{2003}b", "a\u{7f}b", "a\u{85}", "a\0"] {
        assert!(KeyName::new(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_note_divides_at_its_last_blank_line() {
    let signer = signer("a.example", KeyKind::Ed25519, 1);
    for text in ["\n", "one\n", "one\n\n", "\n\n\n", "one\n\ntwo\n", "one\n\n— a.example AAAA\n", "سطر\n"] {
        let note = Note::sign(text, &signer).unwrap();
        assert_eq!(note.text(), text);
        let read: Note = note.to_string().parse().unwrap();
        assert_eq!(read, note);
        assert!(read.verify([signer.verifier()]).is_ok());
    }
}

#[test]
fn what_is_no_note() {
    let line = EXAMPLE_NOTE.split_once("\n\n").unwrap().1;
    type Expected = fn(&NoteError) -> bool;
    let cases: [(String, Expected); 10] = [
        (String::new(), |error| *error == NoteError::NoSignatures),
        ("text\n".into(), |error| *error == NoteError::NoSignatures),
        ("text\n\n".into(), |error| *error == NoteError::NoSignatures),
        (format!("\n{line}"), |error| *error == NoteError::NoSignatures),
        (format!("text\n{line}"), |error| *error == NoteError::NoSignatures),
        (format!("text\n\n{}", line.trim_end()), |error| *error == NoteError::NoFinalNewline),
        (format!("te\txt\n\n{line}"), |error| *error == NoteError::ControlCharacter),
        (format!("text\r\n\n{line}"), |error| *error == NoteError::ControlCharacter),
        (format!("text\n\n{line}more\n"), |error| matches!(error, NoteError::Signature { number: 2, .. })),
        (format!("text\n\n{}", line.replace('—', "-")), |error| matches!(error, NoteError::Signature { .. })),
    ];
    for (note, expected) in cases {
        let error = note.parse::<Note>().unwrap_err();
        assert!(expected(&error), "{note:?} gives {error:?}");
    }
    assert_eq!(Note::parse(b"text\xff\n\n"), Err(NoteError::Utf8));
    assert_eq!(Note::parse(&vec![b'\n'; 1_000_001]), Err(NoteError::TooLarge));
    // A signature needs a byte beyond the id of its key.
    assert!("— a.example AAAAAA==".parse::<SignatureLine>().is_err());
    assert!("— a.example AAAAAAA=".parse::<SignatureLine>().is_ok());
    assert!("— a.example  AAAAAAA=".parse::<SignatureLine>().is_err());
}

#[test]
fn what_cannot_be_signed() {
    let log = signer("a.example", KeyKind::Ed25519, 1);
    assert_eq!(Note::sign("no newline", &log), Err(SignError::Note(NoteError::NoFinalNewline)));
    assert_eq!(Note::sign("", &log), Err(SignError::Note(NoteError::NoFinalNewline)));
    assert_eq!(Note::sign("a\tb\n", &log), Err(SignError::Note(NoteError::ControlCharacter)));
    assert_eq!(Note::sign("a\n".repeat(499_990), &log), Err(SignError::Note(NoteError::TooLarge)));
    let witness = signer("a.example", KeyKind::CosignatureV1, 1);
    assert_eq!(Note::sign("a\n", &witness), Err(SignError::WrongKeyKind));
}

fn line(text: &str, signer: &Signer) -> SignatureLine {
    Note::sign(text, signer).unwrap().signatures()[0].clone()
}

#[test]
fn unknown_keys_are_passed_over_and_known_ones_must_hold() {
    let (one, two) = (signer("a.example", KeyKind::Ed25519, 1), signer("b.example", KeyKind::Ed25519, 2));
    let namesake = signer("a.example", KeyKind::Ed25519, 3);
    let mut note = Note::sign("text\n", &one).unwrap();
    note.add_signature(line("text\n", &two)).unwrap();
    note.add_signature(line("another text\n", &namesake)).unwrap();
    let who = |keys: &[&VerifierKey]| {
        note.verify(keys.iter().copied()).map(|all| all.iter().map(|by| by.key.clone()).collect::<Vec<_>>())
    };
    assert_eq!(who(&[one.verifier()]), Ok(vec![one.verifier().clone()]));
    assert_eq!(who(&[two.verifier(), one.verifier()]), Ok(vec![one.verifier().clone(), two.verifier().clone()]));
    assert_eq!(who(&[one.verifier(), one.verifier()]), Ok(vec![one.verifier().clone()]));
    let bad = Err(VerifyError::BadSignature(KeyName::new("a.example").unwrap()));
    assert_eq!(who(&[one.verifier(), namesake.verifier()]), bad);
    let stranger = signer("c.example", KeyKind::Ed25519, 1);
    assert_eq!(who(&[stranger.verifier()]), Err(VerifyError::NoKnownKey));
    assert_eq!(who(&[]), Err(VerifyError::NoKnownKey));
}

#[test]
fn two_keys_of_one_name_and_id_are_told_apart_by_nobody() {
    // Two of the first forty thousand seeds happen to give the same id.
    let [one, two] = [28_314_u32, 40_203].map(|number| {
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&number.to_be_bytes());
        Signer::new(KeyName::new("a.example").unwrap(), KeyKind::Ed25519, &seed)
    });
    assert_eq!(one.verifier().id(), two.verifier().id());
    let note = Note::sign("text\n", &one).unwrap();
    assert!(note.verify([one.verifier()]).is_ok());
    let ambiguous = note.verify([one.verifier(), two.verifier()]);
    assert_eq!(ambiguous, Err(VerifyError::AmbiguousKey(one.name().clone())));
}

#[test]
fn a_key_that_signed_twice_must_hold_twice() {
    let one = signer("a.example", KeyKind::Ed25519, 1);
    let (good, bad) = (line("text\n", &one), line("another text\n", &one));
    let twice: Note = format!("text\n\n{good}\n{good}\n").parse().unwrap();
    assert_eq!(twice.verify([one.verifier()]).unwrap().len(), 1);
    let once: Note = format!("text\n\n{good}\n{bad}\n").parse().unwrap();
    assert!(once.verify([one.verifier()]).is_err());
    let mut replaced = twice;
    replaced.add_signature(bad.clone()).unwrap();
    assert_eq!(replaced.signatures(), [bad]);
}

#[test]
fn a_hundred_signatures_are_read_and_no_more() {
    let one = signer("a.example", KeyKind::Ed25519, 1);
    let mut note = Note::sign("text\n", &one).unwrap();
    for number in 1..MAX_SIGNATURES {
        let name = KeyName::new(format!("stranger{number}.example")).unwrap();
        note.add_signature(SignatureLine::new(name, KeyId([0; 4]), vec![0; 4900]).unwrap()).unwrap();
    }
    let read: Note = note.to_string().parse().unwrap();
    assert_eq!(read.verify([one.verifier()]).unwrap().len(), 1);
    let more = SignatureLine::new(KeyName::new("more.example").unwrap(), KeyId([0; 4]), vec![0]).unwrap();
    assert_eq!(note.add_signature(more.clone()), Err(NoteError::TooManySignatures));
    assert_eq!(note, read);
    assert_eq!(format!("{note}{more}\n").parse::<Note>(), Err(NoteError::TooManySignatures));
    let large = SignatureLine::new(one.name().clone(), one.verifier().id(), vec![0; 400_000]).unwrap();
    assert_eq!(note.add_signature(large), Err(NoteError::TooLarge));
}

/// Lines of letters of several scripts, blank ones and ones that look like signatures among them.
fn text(random: &mut Random) -> String {
    let pieces = ["", " ", "word", "كلمة", "sözcük", "— a.example AAAAAAA=", "\u{1f54a}", "+", "\n"];
    (0..1 + random.below(8)).map(|_| format!("{}{}\n", random.pick(&pieces), random.pick(&pieces))).collect()
}

#[test]
fn signed_note_agrees() {
    let names = ["a.example/log", "بغداد", "Ankara—Sınır"];
    for_seeds(300, |random| {
        let (name, seed, text) = (KeyName::new(*random.pick(&names)).unwrap(), random.array(), text(random));
        let ours = Signer::new(name.clone(), KeyKind::Ed25519, &seed);
        let vkey = ours.verifier().to_string();
        let private = data_encoding::BASE64.encode(&[[1].as_slice(), &seed].concat());
        let theirs = StandardSigner::new(&format!("PRIVATE+KEY+{name}+{}+{private}", ours.verifier().id())).unwrap();
        let list = || VerifierList::new(vec![Box::new(StandardVerifier::new(&vkey).unwrap())]);

        let signed = Note::sign(text.clone(), &ours).unwrap().to_string();
        let read = TheirNote::from_bytes(signed.as_bytes()).unwrap();
        assert_eq!(read.text(), text.as_bytes());
        assert_eq!(read.verify(&list()).unwrap().0.len(), 1);

        let mut note = TheirNote::new(text.as_bytes(), &[]).unwrap();
        note.add_sigs(&[&theirs]).unwrap();
        assert_eq!(note.to_bytes(), signed.as_bytes());
        Note::parse(&note.to_bytes()).unwrap().verify([&key(&vkey)]).unwrap();

        // And both come to the same verdict on a note that was altered.
        let mut altered = signed.into_bytes();
        let place = random.below(altered.len());
        altered[place] = random.byte();
        let our_verdict = Note::parse(&altered).is_ok_and(|note| note.verify([&key(&vkey)]).is_ok());
        let their_verdict = TheirNote::from_bytes(&altered).is_ok_and(|note| note.verify(&list()).is_ok());
        assert_eq!(our_verdict, their_verdict, "{}", String::from_utf8_lossy(&altered));
    });
}
