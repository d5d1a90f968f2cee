//! What holds for every kind, tried on made-up histories: parties act at random, sensibly and not, with more or less of each
//! other's records before them.

use crate::stage::{Actor, Stage};
use crate::telling::{Block, Teller, blocks};
use crate::told_kinds;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use serde_json::{Map, Value, json};
use tansiq_dossier::act::{ActSpec, Field, Shape, check};
use tansiq_dossier::fold::{self, Dossier, Standing};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::party::{InstitutionId, PartyId, Role};
use tansiq_dossier::record::DossierId;
use tansiq_dossier::sheet::Offer;

/// A sequence of choices that follows from one number (SplitMix64), so that a failing history shrinks to few numbers.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    /// Yes in one of so many cases.
    fn once_in(&mut self, cases: usize) -> bool {
        self.below(cases) == 0
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

/// What a made-up body may refer to.
struct World {
    institutions: Vec<InstitutionId>,
    parties: Vec<PartyId>,
    records: Vec<String>,
    dossiers: Vec<String>,
    contents: Vec<String>,
    disclosures: Vec<String>,
}

impl World {
    fn of(stage: &Stage) -> World {
        let mut world = World {
            institutions: stage.charter.parties.values().flat_map(|party| party.institutions.keys().cloned()).collect(),
            parties: stage.charter.parties.keys().cloned().collect(),
            records: vec!["ab".repeat(32)],
            dossiers: vec![format!("IRQ-{}", "a".repeat(26))],
            contents: vec!["cd".repeat(32)],
            disclosures: vec!["WyJhYWFhYWFhYWFhYWFhYWFhYWFhYWEiLCJhIiwxXQ".to_owned()],
        };
        world
            .disclosures
            .extend(stage.written.iter().rev().flat_map(|logged| &logged.sealed).take(2).map(|s| s.text().to_owned()));
        // The latest records are those that an act is likely to be about.
        world.records.extend(stage.written.iter().rev().take(6).map(|logged| logged.entry.id.to_string()));
        world.dossiers.extend(stage.written.iter().rev().take(2).map(|logged| logged.entry.record.dossier.to_string()));
        world
    }
}

const TEXTS: [&str; 7] = ["1", "2", "2.1", "3", "Ankara", "تبادل المعلومات", "bilgi paylaşımı"];
const DATES: [&str; 6] = ["2026-01-05", "2026-01-20", "2026-02-01", "2026-02-15", "2026-03-31", "2026-12-31"];

/// A body that fits its fields, as far as the shapes alone can say.
fn fill(fields: &[Field], begun: Map<String, Value>, dice: &mut Dice, world: &World) -> Value {
    // What was begun from another's words is mostly repeated as it is: otherwise nobody would ever agree.
    let rarely = if begun.is_empty() { 3 } else { 12 };
    let mut body = begun;
    for field in fields {
        let wanted = !body.contains_key(field.name) && (field.required || dice.once_in(rarely));
        if wanted {
            body.insert(field.name.to_owned(), value(field, dice, world));
        }
    }
    Value::Object(body)
}

fn value(field: &Field, dice: &mut Dice, world: &World) -> Value {
    match field.shape {
        Shape::Text(limit) | Shape::Paragraphs(limit) => dice.pick(&TEXTS).chars().take(limit).collect::<String>().into(),
        Shape::Words(limit) => {
            let tongue = dice.pick(&["ar", "en", "tr"]);
            let text: String = dice.pick(&TEXTS).chars().take(limit).collect();
            json!({ tongue: text })
        }
        Shape::Tongue => dice.pick(&["ar", "ar", "tr", "tr", "en"]).into(),
        Shape::Tongues => dice.pick(&[json!(["ar"]), json!(["ar", "tr"]), json!(["tr", "ar", "en"])]),
        Shape::Date => dice.pick(&DATES).into(),
        Shape::Due => if dice.once_in(4) { "none" } else { dice.pick(&DATES) }.into(),
        Shape::Choice(choices) => dice.pick(choices).into(),
        Shape::Whole(low, high) => {
            let span = usize::try_from(high.saturating_sub(low).saturating_add(1).min(4)).unwrap();
            (low + i64::try_from(dice.below(span)).unwrap()).into()
        }
        Shape::Flag => dice.once_in(2).into(),
        Shape::Moment => format!("{}T09:00:00Z", dice.pick(&DATES)).into(),
        Shape::Clock => dice.pick(&["06:00", "18:30"]).into(),
        Shape::Decimal(low, ..) => low.to_string().into(),
        Shape::Choices(choices) => json!([dice.pick(choices)]),
        Shape::Claims => json!(["given"]),
        Shape::Disclosure => dice.pick(&world.disclosures).into(),
        Shape::Group(fields) => fill(fields, Map::new(), dice, world),
        Shape::Party => dice.pick(&world.parties).as_str().into(),
        Shape::Parties => json!([dice.pick(&world.parties)]),
        Shape::Institution => dice.pick(&world.institutions).as_str().into(),
        Shape::Dossier => dice.pick(&world.dossiers).into(),
        Shape::Record => dice.pick(&world.records).into(),
        Shape::Content => dice.pick(&world.contents).into(),
        Shape::Rows(limit, fields) => {
            let rows = dice.below(3).max(usize::from(field.required)).min(limit);
            (0..rows).map(|_| fill(fields, Map::new(), dice, world)).collect()
        }
        Shape::Anything => json!({}),
    }
}

/// Makes a body wrong in one place.
fn spoil(body: &mut Value, dice: &mut Dice) {
    let Some(members) = body.as_object_mut() else { return };
    let names: Vec<String> = members.keys().cloned().collect();
    match dice.below(3) {
        0 => drop(members.insert("unheard-of".to_owned(), Value::Null)),
        _ if names.is_empty() => {}
        1 => drop(members.remove(&dice.pick(&names))),
        _ => {
            let wrong = dice.pick(&[Value::Null, json!(-1), json!(""), json!([]), json!({}), json!("x"), json!([{}])]);
            members.insert(dice.pick(&names), wrong);
        }
    }
}

/// Acts that end a dossier early: made rarer, so that histories come to their later chapters.
const ENDINGS: [&str; 6] = ["cancel", "postpone", "terminate", "withdraw", "waive", "supersede"];

/// One party does something, having seen something.
fn play(stage: &mut Stage, kind: Kind, dice: &mut Dice) {
    let mut world = World::of(stage);
    let turn = if dice.once_in(3) { None } else { turn_of(stage, dice) };
    let party = turn.as_ref().map_or_else(|| dice.pick(&world.parties), |(party, ..)| party.clone());
    learn(stage, &party, &world, dice);
    let open: Vec<DossierId> =
        stage.nodes[&party].folders.iter().filter(|(_, f)| f.dossier.is_some()).map(|(id, _)| id.clone()).collect();
    let dossier = match &turn {
        Some((_, id, _)) if open.contains(id) => id.clone(),
        _ if open.is_empty() || dice.once_in(24) => stage.new_dossier(&party),
        _ => dice.pick(&open),
    };
    let held = stage.dossier(&party, &dossier);
    let offers = held.map(|held| held.offers(stage.today(), &party, &Role::ALL.into())).unwrap_or_default();
    for offer in &offers {
        world.contents.extend(offer.prefill.get("content").and_then(Value::as_str).map(ToOwned::to_owned));
    }
    let owner = held.and_then(|held| held.sheet(stage.today()).owner).filter(|owner| owner.party() == party);
    let (spec, begun) = choose(kind, held.is_some(), &offers, turn.map(|(_, _, act)| act), dice);
    let mut body = fill(spec.fields, begun, dice, &world);
    if dice.once_in(12) {
        spoil(&mut body, dice);
    }
    if !spec.sealed.is_empty() && !dice.once_in(6) {
        body["sealed"] = fill(spec.sealed, Map::new(), dice, &world);
    }
    let role = if dice.once_in(10) { dice.pick(&Role::ALL) } else { dice.pick(spec.roles) };
    let own: Vec<InstitutionId> = world.institutions.iter().filter(|id| id.party() == party).cloned().collect();
    let institution = owner.filter(|_| !dice.once_in(6)).unwrap_or_else(|| dice.pick(&own));
    let actor = Actor { party, institution, role };
    if dice.once_in(4) {
        stage.insist(&actor, &dossier, kind, spec.name, body);
    } else {
        // A refusal leaves no record, as at a node that keeps to the rules.
        let _refused = stage.act(&actor, &dossier, kind, spec.name, body);
    }
}

/// A step that some sheet awaits, as some party sees it.
fn turn_of(stage: &Stage, dice: &mut Dice) -> Option<(PartyId, DossierId, String)> {
    let nodes: Vec<_> = stage.nodes.values().collect();
    let dossiers: Vec<&Dossier> = dice.pick(&nodes).folders.values().filter_map(|folder| folder.dossier.as_ref()).collect();
    if dossiers.is_empty() {
        return None;
    }
    let dossier = dice.pick(&dossiers);
    let steps = dossier.sheet(stage.today()).awaiting;
    (!steps.is_empty()).then(|| dice.pick(&steps)).map(|step| (step.party, dossier.id.clone(), step.act))
}

/// The party receives everything, something or nothing of what the others wrote.
fn learn(stage: &mut Stage, party: &PartyId, world: &World, dice: &mut Dice) {
    match dice.below(4) {
        0 => {}
        1 => {
            let other = dice.pick(&world.parties);
            let size = dice.below(usize::try_from(stage.size_of(&other)).unwrap() + 1);
            stage.catch_up_with(party, &other, u64::try_from(size).unwrap());
        }
        _ => stage.catch_up(party),
    }
}

/// What to do: mostly what is awaited or offered, sometimes anything at all.
fn choose(
    kind: Kind,
    open: bool,
    offers: &[Offer],
    turn: Option<String>,
    dice: &mut Dice,
) -> (&'static ActSpec, Map<String, Value>) {
    let begun = |offer: &Offer| (kind.act(offer.act).unwrap(), offer.prefill.as_object().cloned().unwrap_or_default());
    let awaited: Vec<&Offer> = offers.iter().filter(|offer| turn.as_deref() == Some(offer.act)).collect();
    if !awaited.is_empty() {
        return begun(dice.pick(&awaited));
    }
    if !offers.is_empty() && !dice.once_in(5) {
        let offer = dice.pick(offers);
        if !ENDINGS.contains(&offer.act) || dice.once_in(8) {
            return begun(&offer);
        }
    }
    if !open && !dice.once_in(8) {
        return (kind.acts().iter().find(|spec| spec.opens).unwrap(), Map::new());
    }
    (&kind.acts()[dice.below(kind.acts().len())], Map::new())
}

/// A history of a kind: from nothing, among one, two or three parties, or from one of the beginnings of its table.
fn history(blocks: &[Block], kind: Kind, moves: &[u64]) -> Stage {
    let first = moves.first().copied().unwrap_or_default();
    // Returns are kept in channels of their own.
    let returns = kind == Kind::Return;
    let beginnings: Vec<&Block> = blocks.iter().filter(|block| block.word == "given").collect();
    let mut stage = match first % 10 {
        0..=4 if returns => Stage::returns(7),
        0 => Stage::domestic(7),
        1 | 2 => Stage::of_three(7),
        3 | 4 => Stage::of_two(7),
        _ if beginnings.is_empty() => Stage::of_two(7),
        _ => {
            let mut teller = Teller::new(blocks, if returns { "returns" } else { "" });
            assert_eq!(teller.tell(Dice(first).pick(&beginnings)), Vec::<String>::new());
            teller.stage
        }
    };
    stage.part();
    for roll in moves {
        play(&mut stage, kind, &mut Dice(*roll));
    }
    stage.meet();
    stage
}

/// Tries a property on histories of every kind, and says which kind and which choices broke it.
fn try_histories(cases: u32, property: impl Fn(Kind, Stage, &mut Dice)) {
    for kind in told_kinds() {
        let table = crate::text_of(kind, "table.md");
        let blocks = blocks(&table);
        let config = Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(2026), ..Config::default() };
        let moves = proptest::collection::vec(proptest::num::u64::ANY, 0..80);
        let outcome = TestRunner::new(config).run(&moves, |moves| {
            let stage = history(&blocks, kind, &moves);
            property(kind, stage, &mut Dice(u64::try_from(moves.len()).unwrap()));
            Ok::<(), TestCaseError>(())
        });
        outcome.unwrap_or_else(|broken| panic!("{kind}: {broken}"));
    }
}

#[test]
fn the_order_of_arrival_never_changes_a_dossier() {
    try_histories(200, |_, stage, dice| {
        for _ in 0..3 {
            stage.assert_same_in_any_order(|left| dice.below(left));
        }
    });
}

#[test]
fn a_refused_act_changes_nothing() {
    try_histories(200, |_, stage, _| {
        let dossiers: Vec<DossierId> = stage.nodes.values().next().unwrap().folders.keys().cloned().collect();
        for id in dossiers {
            let mut entries = stage.entries(&id);
            entries.sort_by_key(tansiq_dossier::record::Entry::position);
            let mut dossier: Option<Dossier> = None;
            for entry in &entries {
                let before = dossier.clone();
                let (after, verdict) = fold::step(dossier, entry, &stage.charter);
                if verdict.is_err() {
                    let held = |dossier: &Option<Dossier>| {
                        dossier.as_ref().map(|d| (d.state.clone(), d.label.clone(), d.writers.clone(), d.frozen))
                    };
                    assert_eq!(held(&before), held(&after), "{} was refused", entry.record.act);
                }
                dossier = after;
            }
        }
    });
}

#[test]
fn what_is_offered_can_be_done_and_what_is_awaited_is_offered() {
    try_histories(200, |kind, mut stage, _| {
        let parties: Vec<PartyId> = stage.nodes.keys().cloned().collect();
        let folders = stage.nodes[&parties[0]].folders.clone();
        for dossier in folders.into_values().filter_map(|folder| folder.dossier) {
            let sheet = dossier.sheet(stage.today());
            assert!(!sheet.state.is_empty());
            for step in &sheet.awaiting {
                let offers = dossier.offers(stage.today(), &step.party, &Role::ALL.into());
                assert!(
                    offers.iter().any(|offer| offer.act == step.act),
                    "{} owes {} but is not offered it",
                    step.party,
                    step.act
                );
            }
            for party in &parties {
                for offer in dossier.offers(stage.today(), party, &Role::ALL.into()) {
                    let spec: &ActSpec = kind.act(offer.act).unwrap_or_else(|| panic!("{kind} has no act {}", offer.act));
                    if check(spec.fields, &offer.prefill).is_empty() {
                        let owner = sheet.owner.clone().filter(|owner| owner.party() == *party);
                        let institution = owner.unwrap_or_else(|| Actor::of(party.as_str(), spec.roles[0]).institution);
                        let actor = Actor { party: party.clone(), institution, role: spec.roles[0] };
                        let verdict = stage.judge(&actor, &dossier.id, kind, offer.act, offer.prefill.clone());
                        // A proposal of one side begins with what stands, to be changed before it is sent.
                        let to_be_changed = !spec.mutual && verdict.as_ref().is_err_and(|refusal| refusal.code == "MUT02");
                        assert!(to_be_changed || verdict == Ok(Standing::Effective), "{party} is offered {offer:?}: {verdict:?}");
                    }
                }
            }
        }
    });
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
                let read = kind.check(spec.name, &body);
                assert_eq!(problems.is_empty(), read.is_ok(), "{kind} {}: {body} {problems:?} {read:?}", spec.name);
                passed += usize::from(read.is_ok());
            }
            assert!(passed > 100, "{kind} {}: only {passed} of 400 bodies passed", spec.name);
        }
    }
}
