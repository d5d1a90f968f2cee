//! What holds for a dossier of any kind, told in `custody.md` with a meeting. Disclosure of sealed fields needs a kind that
//! seals: it is shown with the rules, in `src/custody/tests.rs`.

use crate::stage::{Actor, Stage};
use crate::telling::{Teller, blocks};
use serde_json::json;
use std::collections::BTreeSet;
use tansiq_dossier::custody::CustodyRefusal;
use tansiq_dossier::fold;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::party::Role;
use tansiq_dossier::record::{Entry, RecordId};

/// What only a kind that seals can meet, or only a thousand files.
const WITH_THE_RULES: [&str; 3] = ["CUS04", "CUS05", "CUS09"];

#[test]
fn custody_comes_out_as_told() {
    let told = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/custody.md")).unwrap();
    let blocks = blocks(&told);
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    let mut tellers: Vec<Teller<'_>> = Vec::new();
    for block in blocks.iter().filter(|block| block.word == "story" || block.word == "table") {
        if block.word == "table" || !block.rest.is_empty() {
            tellers.push(Teller::new(&blocks, &block.rest));
        }
        let teller = tellers.last_mut().unwrap();
        problems.extend(teller.tell(block).into_iter().map(|problem| format!("custody.md {problem}")));
    }
    for teller in &mut tellers {
        teller.stage.meet();
        teller.stage.assert_same_in_any_order(|left| left - 1);
        teller.stage.assert_kept();
        seen.append(&mut teller.seen);
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n\n"));
    let told = CustodyRefusal::CODES.iter().copied().chain(["REC06", "attach", "hold", "release", "decline-release"]);
    let missing: Vec<&str> = told.filter(|code| !seen.contains(*code) && !WITH_THE_RULES.contains(code)).collect();
    assert!(missing.is_empty(), "custody.md does not tell {missing:?}");
}

/// A number of another series, or one on a later record. None at all is what records of 0.1.0 have.
#[test]
fn only_the_opening_record_has_a_reference_and_it_is_of_its_openers_series() {
    let mut stage = Stage::of_two(1);
    let actor = Actor::of("IRQ", Role::Secretary);
    let dossier = stage.new_dossier(&actor.party);
    let body = json!({"title": {"en": "T"}, "body": "joint-security-committee"});
    stage.act(&actor, &dossier, Kind::Meeting, "propose", body).unwrap();
    let opening = stage.written[0].entry.clone();
    let judged = |before: Option<fold::Dossier>, change: &dyn Fn(&mut Entry)| {
        let mut entry = (*opening).clone();
        change(&mut entry);
        entry.id = RecordId::commit(&[1; 32], &entry.record.to_bytes());
        let (_, verdict) = fold::step(before, &entry, &stage.charter);
        verdict.map_err(|refusal| refusal.code.into_owned())
    };
    assert!(judged(None, &|_| {}).is_ok());
    let refused = Err("REF01".to_owned());
    assert!(judged(None, &|entry| entry.record.reference = None).is_ok());
    for other in ["TR-IQ/2026/M/0001", "IQ-TR/2025/M/0001", "IQ-TR/2026/F/0001", "IQ/2026/M/0001"] {
        assert_eq!(judged(None, &|entry| entry.record.reference = Some(other.parse().unwrap())), refused, "{other}");
    }
    let held = stage.dossier(&actor.party, &dossier).cloned();
    let again = |entry: &mut Entry| {
        entry.record.seen.0.insert(actor.party.clone(), 1);
        entry.index = 1;
        entry.record.audience = None;
        entry.record.act = "add-item".to_owned();
    };
    assert_eq!(judged(held, &again), refused);
}

/// What speaks of a dossier's custody is told from its matter by the name of the act alone.
#[test]
fn no_kind_calls_an_act_of_its_own_as_one_of_custody_is_called() {
    for kind in Kind::ALL {
        let taken: Vec<&str> = kind.acts().iter().map(|spec| spec.name).filter(|name| kind.custody(name).is_some()).collect();
        assert_eq!(taken, Vec::<&str>::new(), "{kind}");
    }
}
