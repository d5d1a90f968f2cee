use std::collections::{BTreeMap, BTreeSet};

use tansiq_log::note::{KeyError, KeyKind};
use tansiq_log::policy::{Policy, PolicyError, PolicyProblem, Threshold};

use crate::note::signer;
use crate::random::for_seeds;

fn log(seed: u8) -> String {
    signer("log.example", KeyKind::Ed25519, seed).verifier().to_string()
}

fn witness(seed: u8) -> String {
    signer("witness.example", KeyKind::CosignatureV1, seed).verifier().to_string()
}

/// The example of C2SP tlog-policy, with keys of our own.
fn example() -> String {
    let witnesses: Vec<String> = (1..=6).map(witness).collect();
    format!(
        "log {}\n\nwitness X1 {}\nwitness X2 {}\nwitness X3 {}\ngroup X-witnesses 2 X1 X2 X3\n\n\
         witness Y1 {}\nwitness Y2 {}\nwitness Y3 {}\ngroup Y-witnesses any Y1 Y2 Y3\n\n\
         group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n",
        log(1),
        witnesses[0],
        witnesses[1],
        witnesses[2],
        witnesses[3],
        witnesses[4],
        witnesses[5]
    )
}

#[test]
fn the_published_example() {
    let policy: Policy = example().parse().unwrap();
    assert_eq!((policy.logs().len(), policy.witnesses().len(), policy.groups().len()), (1, 6, 3));
    assert_eq!(policy.quorum(), Some("X-and-Y"));
    assert_eq!(policy.groups()[0].threshold, Threshold::AtLeast(2));
    for (cosigned, enough) in [
        ("X1 X2 Y1", true),
        ("X3 X2 Y3", true),
        ("X1 X2 X3 Y1 Y2 Y3", true),
        ("X1 X2 X3", false),
        ("X1 Y1 Y2 Y3", false),
        ("X1 X1 Y1", false),
        ("X-and-Y", false),
        ("X-witnesses Y-witnesses", false),
        ("", false),
    ] {
        assert_eq!(policy.is_met_by(cosigned.split_whitespace()), enough, "{cosigned}");
    }
    assert_eq!(policy.to_string().parse::<Policy>().unwrap(), policy);
}

#[test]
fn spaces_comments_and_addresses() {
    let text = format!(
        "  # first\n\t\n log\t{}   https://log.example/ \n#\u{e9}\nwitness é {} https://w.example\nquorum é",
        log(1),
        witness(1)
    );
    let policy: Policy = text.parse().unwrap();
    assert_eq!(policy.logs()[0].url.as_deref(), Some("https://log.example/"));
    assert_eq!(policy.witnesses()[0].url.as_deref(), Some("https://w.example"));
    assert_eq!(policy.quorum(), Some("é"));
    assert_eq!(policy.to_string().parse::<Policy>().unwrap(), policy);
    // Comments may hold bytes that are no UTF-8, and a no-break space is a letter like any other.
    assert!(Policy::parse(b"# \xff\nquorum none\n").is_ok());
    assert!(format!("witness a\u{a0}b {}\nquorum a\u{a0}b\n", witness(1)).parse::<Policy>().is_ok());
}

/// Each case is the text, the number of the line that is wrong, and why.
fn refuses(cases: Vec<(String, usize, PolicyProblem)>) {
    for (text, line, problem) in cases {
        let error = text.parse::<Policy>().unwrap_err();
        assert_eq!((error.line, error.source), (line, problem), "{text}");
    }
}

fn defined_twice(name: &str) -> PolicyProblem {
    PolicyError::DefinedTwice(name.to_owned()).into()
}

fn undefined(name: &str) -> PolicyProblem {
    PolicyError::Undefined(name.to_owned()).into()
}

fn member_twice(name: &str) -> PolicyProblem {
    PolicyError::MemberTwice(name.to_owned()).into()
}

#[test]
fn lines_that_are_refused() {
    use PolicyProblem as P;
    refuses(vec![
        (String::new(), 1, P::NoQuorum),
        ("# quorum none\n".into(), 2, P::NoQuorum),
        ("quorum none\nquorum none\n".into(), 2, P::SecondQuorum),
        ("quorum\n".into(), 1, P::Form),
        ("quorum a\n".into(), 1, undefined("a")),
        ("quorum none # no\n".into(), 1, P::Form),
        ("quorum none\r\n".into(), 1, P::ControlCharacter),
        ("#\u{7f}\nquorum none\n".into(), 1, P::ControlCharacter),
        ("Quorum none\n".into(), 1, P::Form),
        ("log x\nquorum none\n".into(), 1, P::Key(KeyError::Form)),
    ]);
    let utf8 = Policy::parse(b"log \xff\nquorum none").unwrap_err();
    assert_eq!(utf8.source, P::Utf8);
    let large = Policy::parse(&vec![b'\n'; 1_000_001]).unwrap_err();
    assert_eq!(large.source, P::TooLarge);
}

#[test]
fn logs_and_witnesses_that_are_refused() {
    use PolicyError as E;
    let (l, w, x) = (log(1), witness(1), witness(2));
    let twice = |first: &str, second: &str| format!("witness {first} {w}\nwitness {second}\n");
    refuses(vec![
        (format!("log {l} a b\n"), 1, PolicyProblem::Form),
        (format!("log {w}\n"), 1, E::LogKeyKind.into()),
        (format!("log {l}\nlog {l}\n"), 2, E::DuplicateKey.into()),
        (format!("witness a {l}\n"), 1, E::WitnessKeyKind.into()),
        (twice("a", &format!("b {w}")), 2, E::DuplicateKey.into()),
        (twice("a", &format!("a {x}")), 2, defined_twice("a")),
        (twice("none", "b"), 1, E::ReservedName.into()),
        (format!("quorum a\nwitness a {w}\n"), 1, undefined("a")),
    ]);
}

#[test]
fn groups_that_are_refused() {
    let threshold = || PolicyError::Threshold.into();
    let two = format!("witness a {}\nwitness b {}\n", witness(1), witness(2));
    let cases = [
        ("group a any a", 3, defined_twice("a")),
        ("group none any a", 3, PolicyError::ReservedName.into()),
        ("group g any none", 3, undefined("none")),
        ("group g any g", 3, undefined("g")),
        ("group g any", 3, threshold()),
        ("group g all", 3, threshold()),
        ("group g", 3, PolicyProblem::Form),
        ("group g 0 a", 3, threshold()),
        ("group g 3 a b", 3, threshold()),
        ("group g 01 a", 3, PolicyProblem::Form),
        ("group g some a", 3, PolicyProblem::Form),
        ("group g any a a", 3, member_twice("a")),
        ("group g any a\ngroup h any a", 4, member_twice("a")),
    ];
    let whole = |(group, line, problem)| (format!("{two}{group}\nquorum a\n"), line, problem);
    refuses(cases.into_iter().map(whole).collect());
}

#[test]
fn the_same_public_key_is_one_key_whatever_its_name() {
    let renamed = signer("other.example", KeyKind::Ed25519, 1);
    let mut policy = Policy::new();
    policy.add_log(log(1).parse().unwrap(), None).unwrap();
    assert_eq!(policy.add_log(renamed.verifier().clone(), None), Err(PolicyError::DuplicateKey));
    assert_eq!(policy.add_log(log(2).parse().unwrap(), Some("a b".into())), Err(PolicyError::Word("a b".into())));
    assert_eq!(policy.add_witness("", witness(1).parse().unwrap(), None), Err(PolicyError::Word(String::new())));
    assert_eq!(policy.set_quorum(Some("a".into())), Err(PolicyError::Undefined("a".into())));
    assert_eq!(policy.to_string(), format!("log {}\nquorum none\n", log(1)));
}

#[test]
fn more_than_the_specification_asks_for() {
    let mut text = String::new();
    for number in 0..=255_u8 {
        text += &format!("log {}\nwitness w{number} {}\ngroup g{number} any w{number}\n", log(number), witness(number));
    }
    let members: String = (0..=255_u8).map(|number| format!(" g{number}")).collect();
    let policy: Policy = format!("{text}group all-of-them all{members}\nquorum all-of-them\n").parse().unwrap();
    let names: Vec<String> = (0..=255_u8).map(|number| format!("w{number}")).collect();
    assert!(policy.is_met_by(names.iter().map(String::as_str)));
    assert!(!policy.is_met_by(names[1..].iter().map(String::as_str)));
}

/// The rule of the specification, from the quorum down.
fn witnessed(name: &str, groups: &BTreeMap<&str, (u64, &[String])>, cosigned: &BTreeSet<&str>) -> bool {
    match groups.get(name) {
        None => cosigned.contains(name),
        Some((needed, members)) => members.iter().filter(|member| witnessed(member, groups, cosigned)).count() as u64 >= *needed,
    }
}

#[test]
fn quorums_are_as_defined() {
    let keys: Vec<String> = (1..=8).map(witness).collect();
    for_seeds(150, |random| {
        let mut policy = Policy::new();
        let mut free: Vec<String> = Vec::new();
        for (number, key) in keys.iter().enumerate() {
            policy.add_witness(format!("w{number}"), key.parse().unwrap(), None).unwrap();
            free.push(format!("w{number}"));
        }
        for number in 0..1 + random.below(4) {
            let count = 1 + random.below(free.len());
            let members: Vec<String> = (0..count).map(|_| free.swap_remove(random.below(free.len()))).collect();
            let threshold = match random.below(3) {
                0 => Threshold::All,
                1 => Threshold::Any,
                _ => Threshold::AtLeast(1 + random.below(count) as u64),
            };
            policy.add_group(format!("g{number}"), threshold, members).unwrap();
            free.push(format!("g{number}"));
        }
        let quorum = random.pick(&free).clone();
        policy.set_quorum(Some(quorum.clone())).unwrap();
        assert_eq!(policy.to_string().parse::<Policy>().unwrap(), policy);
        let groups = policy.groups().iter().map(|group| {
            let needed = match group.threshold {
                Threshold::All => group.members.len() as u64,
                Threshold::Any => 1,
                Threshold::AtLeast(needed) => needed,
            };
            (group.name.as_str(), (needed, group.members.as_slice()))
        });
        let groups = groups.collect();
        for subset in 0..=u8::MAX {
            let present = policy.witnesses().iter().enumerate().filter(|(number, _)| subset & (1 << number) != 0);
            let cosigned: BTreeSet<&str> = present.map(|(_, witness)| witness.name.as_str()).collect();
            assert_eq!(policy.is_met_by(cosigned.iter().copied()), witnessed(&quorum, &groups, &cosigned));
        }
    });
}
