//! What holds for every kind, tried on made-up histories: one history serves every property.

use crate::history::{Dice, SEALED, World, beginnings, fill, history, spoil};
use crate::stage::{Actor, Logged, Stage};
use crate::telling::blocks;
use crate::told_kinds;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use tansiq_dossier::act::{ActSpec, Shape, check};
use tansiq_dossier::body::ActBody;
use tansiq_dossier::channel::Within;
use tansiq_dossier::fold::{self, Dossier, Standing};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::party::{PartyId, Role};
use tansiq_dossier::record::{DossierId, Entry, Record};
use tansiq_dossier::sealed::Sealed;
use tansiq_dossier::sheet::Offer;

/// How many histories of each kind are made up, unless `HISTORIES` in the environment says otherwise.
const HISTORIES: u32 = 10_000;
/// How many moves a history has at most.
const MOVES: usize = 28;

/// Acts that random play does not reach and only the kind's table does.
const ONLY_TOLD: &[(Kind, &[&str])] = &[(Kind::Return, &["follow-up"])];

macro_rules! of_each_kind {
    ($($name:ident $kind:ident)+) => {
        $(
            #[test]
            fn $name() {
                try_histories(Kind::$kind);
            }
        )+

        #[test]
        fn the_histories_of_every_kind_are_tried() {
            let tried = [$(Kind::$kind),+];
            assert_eq!(told_kinds().filter(|kind| !tried.contains(kind)).collect::<Vec<_>>(), []);
        }
    };
}

// One test for each kind, so that they share the processors.
of_each_kind! {
    charters Charter
    agreements Agreement
    commitments Commitment
    meetings Meeting
    actions Action
    notes Note
    reports Report
    crossings Crossing
    returns Return
    programmes Programme
    assessments Assessment
    consular_services Consular
    statements Statement
}

/// Tries every property on histories of a kind, and says which choices broke one.
fn try_histories(kind: Kind) {
    if !told_kinds().any(|told| told == kind) {
        return;
    }
    let cases = std::env::var("HISTORIES").map_or(HISTORIES, |count| count.parse().unwrap());
    let blocks = blocks(&crate::text_of(kind, "table.md"));
    let beginnings = beginnings(kind, &blocks);
    let reached: RefCell<BTreeMap<String, u64>> = RefCell::default();
    let tried = RefCell::new(0u32);
    let config = Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(2026), ..Config::default() };
    let moves = proptest::collection::vec(proptest::num::u64::ANY, 1..MOVES);
    let outcome = TestRunner::new(config).run(&moves, |moves| {
        let mut stage = history(&beginnings, kind, &moves);
        let mut dice = Dice(moves[0]);
        stage.assert_same_in_any_order(|left| dice.below(left));
        no_value_that_was_sealed_shows(&stage);
        a_fold_of_the_bytes_alone_is_the_same(&stage, &mut reached.borrow_mut());
        if dice.once_in(4) {
            what_is_offered_can_be_done_and_what_is_awaited_is_offered(kind, &mut stage);
        }
        *tried.borrow_mut() += 1;
        Ok::<(), TestCaseError>(())
    });
    outcome.unwrap_or_else(|broken| panic!("{kind}: {broken}"));
    let (reached, tried) = (reached.into_inner(), tried.into_inner());
    assert!(tried >= cases, "only {tried} histories");
    println!("{kind}: {tried} histories; effective acts: {reached:?}");
    if tried >= HISTORIES {
        every_act_was_reached(kind, &reached);
    }
}

fn every_act_was_reached(kind: Kind, reached: &BTreeMap<String, u64>) {
    let only_told = |act: &str| ONLY_TOLD.iter().any(|(of, acts)| *of == kind && acts.contains(&act));
    let custody: &[&str] = match kind {
        Kind::Charter => &[],
        Kind::Return => &["attach", "hold"],
        _ => &["attach", "hold", "release", "decline-release"],
    };
    let acts = kind.acts().iter().map(|spec| spec.name).chain(custody.iter().copied());
    let missing: Vec<&str> = acts.filter(|act| !reached.contains_key(*act) && !only_told(act)).collect();
    assert!(missing.is_empty(), "no history of {kind} reached {missing:?}");
    let needless: Vec<&&str> = ONLY_TOLD
        .iter()
        .filter(|(of, _)| *of == kind)
        .flat_map(|(_, acts)| *acts)
        .filter(|act| reached.contains_key(**act))
        .collect();
    assert!(needless.is_empty(), "histories of {kind} do reach {needless:?}");
}

/// A node that holds nothing but the records' bytes, every sealed value erased, comes to the same dossiers with the same
/// sheets and offers; and an act that it refuses changes nothing on the way, but for who has a say in the dossier's release.
fn a_fold_of_the_bytes_alone_is_the_same(stage: &Stage, reached: &mut BTreeMap<String, u64>) {
    let node = stage.nodes.values().next().unwrap();
    let barred = node.barred();
    let within = Within { charter: &stage.charter, barred: barred.as_ref() };
    for (id, folder) in &node.folders {
        let of_it = stage.written.iter().filter(|logged| logged.entry.record.dossier == *id);
        let mut entries: Vec<Entry> = of_it.map(read_anew).collect();
        entries.sort_by_key(Entry::position);
        let mut dossier: Option<Dossier> = None;
        for entry in &entries {
            let noted = folder.standings.get(&entry.id);
            let refused = matches!(noted, Some(Standing::Refused(_)));
            let before = if refused { dossier.clone() } else { None };
            let (after, verdict) = fold::step(dossier, entry, within);
            if let (true, Some(before), Some(after)) = (refused, &before, &after) {
                assert_refused_without_effect(entry, before, after);
            }
            let standing = fold::standing(verdict);
            assert_eq!(noted, Some(&standing), "{}", entry.record.act);
            if standing == Standing::Effective {
                *reached.entry(entry.record.act.clone()).or_default() += 1;
            }
            dossier = after;
        }
        assert_eq!(dossier, folder.dossier);
    }
}

/// What is refused changes nothing. Its author counts as a writer from then on, and nobody has more of the dossier for it.
fn assert_refused_without_effect(entry: &Entry, before: &Dossier, after: &Dossier) {
    let act = &entry.record.act;
    let matter = |dossier: &Dossier| (dossier.state.clone(), dossier.label.clone(), dossier.frozen);
    assert_eq!(matter(before), matter(after), "{act} was refused");
    if before.writers.contains(&entry.log) || Kind::custody(before.kind, act).is_some() {
        let held = |dossier: &Dossier| (dossier.custody.clone(), dossier.audience.clone(), dossier.writers.clone());
        assert_eq!(held(before), held(after), "{act} was refused");
        return;
    }
    let with_author = |dossier: &Dossier| dossier.writers.iter().cloned().chain([entry.log.clone()]).collect::<BTreeSet<_>>();
    assert!(after.writers == before.writers || after.writers == with_author(before), "{act} made others writers");
    assert!(after.audience.is_subset(&before.audience), "{act} was refused, and more have the dossier");
}

fn read_anew(logged: &Logged) -> Entry {
    let record = Record::parse(&logged.bytes).unwrap();
    Entry { id: logged.entry.id, log: logged.entry.log.clone(), index: logged.entry.index, record }
}

/// What was sealed stands neither in a dossier nor on its sheet, but where a later record showed it in the open.
fn no_value_that_was_sealed_shows(stage: &Stage) {
    let kept = stage.assert_kept();
    if stage.written.iter().all(|logged| logged.sealed.is_empty()) {
        return;
    }
    let shown: BTreeSet<String> = stage.written.iter().flat_map(|logged| shown_in(&logged.entry.record)).collect();
    let folders = stage.nodes.values().next().unwrap().folders.values();
    let dossiers = folders.filter_map(|folder| folder.dossier.as_ref());
    let sheets = dossiers.map(|dossier| serde_json::to_string(&dossier.sheet(stage.today())).unwrap());
    for text in kept.into_iter().chain(sheets) {
        let rest = shown.iter().fold(text, |text, shown| text.replace(shown.as_str(), ""));
        assert!(!rest.contains(SEALED), "a sealed value stands in the open: {rest}");
    }
}

/// The sealed texts that a record shows in the open.
fn shown_in(record: &Record) -> Vec<String> {
    let texts = record.body.as_object().into_iter().flat_map(|body| body.values()).filter_map(Value::as_str);
    let opened = texts.filter_map(|text| Sealed::parse(text).ok());
    opened.map(|sealed| sealed.value().to_string().trim_matches('"').to_owned()).collect()
}

fn what_is_offered_can_be_done_and_what_is_awaited_is_offered(kind: Kind, stage: &mut Stage) {
    let parties: Vec<PartyId> = stage.nodes.keys().cloned().collect();
    let folders = stage.nodes[&parties[0]].folders.clone();
    for dossier in folders.into_values().filter_map(|folder| folder.dossier) {
        let sheet = dossier.sheet(stage.today());
        assert!(kind.states().contains(&sheet.state.as_str()), "{kind} does not list the state `{}`", sheet.state);
        let offers: BTreeMap<&PartyId, Vec<Offer>> =
            parties.iter().map(|party| (party, dossier.offers(stage.today(), party, &Role::ALL.into()))).collect();
        for step in &sheet.awaiting {
            let offered = offers[&step.party].iter().any(|offer| offer.act == step.act);
            assert!(offered, "{} owes {} but is not offered it", step.party, step.act);
        }
        for (party, offer) in offers.iter().flat_map(|(party, offers)| offers.iter().map(move |offer| (*party, offer))) {
            can_be_done(kind, stage, &dossier.id, party, offer);
        }
    }
}

/// Some office of the party can do what is offered, when the offer is complete.
fn can_be_done(kind: Kind, stage: &mut Stage, dossier: &DossierId, party: &PartyId, offer: &Offer) {
    let spec: &ActSpec = kind.act(offer.act).unwrap_or_else(|| panic!("{kind} has no act {}", offer.act));
    if !check(spec.fields, &offer.prefill).is_empty() {
        return;
    }
    let institutions: Vec<_> = stage.charter.parties[party].institutions.keys().cloned().collect();
    let mut verdicts = Vec::new();
    for institution in institutions {
        for role in spec.roles {
            let actor = Actor { party: party.clone(), institution: institution.clone(), role: *role };
            let mut body = offer.prefill.clone();
            if !spec.sealed.is_empty() {
                // What is sealed is never offered: the officer gives it.
                body["sealed"] = fill(spec.sealed, Map::new(), &mut Dice(7), &World::of(stage));
            }
            let verdict = stage.judge(&actor, dossier, kind, offer.act, body);
            // A proposal of one side begins with what stands, to be changed before it is sent.
            let to_be_changed = !spec.mutual && verdict.as_ref().is_err_and(|refusal| refusal.code == "MUT02");
            if to_be_changed || verdict == Ok(Standing::Effective) {
                return;
            }
            verdicts.push(verdict);
        }
    }
    panic!("{party} is offered {offer:?}: {verdicts:?}");
}

#[test]
fn a_body_that_passes_the_check_is_read() {
    let world = World::of(&Stage::of_three(7));
    for kind in told_kinds() {
        for spec in kind.acts() {
            let mut dice = Dice(2026);
            let mut passed = 0;
            for _ in 0..400 {
                let mut body = fill(spec.fields, Map::new(), &mut dice, &world);
                if dice.once_in(2) {
                    spoil(&mut body, &mut dice);
                }
                let problems = check(spec.fields, &body);
                let read = kind.check(spec.name, &body.clone().into());
                assert_eq!(
                    kind.check(spec.name, &ActBody::of_text(&body.to_string()).unwrap()),
                    read,
                    "{kind} {}: {body}",
                    spec.name
                );
                assert_eq!(problems.is_empty(), read.is_ok(), "{kind} {}: {body} {problems:?} {read:?}", spec.name);
                passed += usize::from(read.is_ok());
            }
            assert!(passed > 100, "{kind} {}: only {passed} of 400 bodies passed", spec.name);
        }
    }
}

#[test]
fn a_sealed_value_reads_back_from_its_disclosure_alone() {
    let world = World::of(&Stage::of_three(7));
    for spec in told_kinds().flat_map(Kind::acts) {
        assert!(spec.sealed.iter().all(|field| !matches!(field.shape, Shape::Disclosure)), "{} seals a disclosure", spec.name);
        let sealed = fill(spec.sealed, Map::new(), &mut Dice(7), &world);
        for (claim, value) in sealed.as_object().into_iter().flatten() {
            let sealed = Sealed::seal(&[7; 16], claim, value.clone());
            assert_eq!(Sealed::parse(sealed.text()).unwrap().value(), value);
        }
    }
}
