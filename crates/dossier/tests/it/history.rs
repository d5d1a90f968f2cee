//! Made-up histories: parties act at random, sensibly and not, with more or less of each other's records before them.

use crate::stage::{Actor, Stage};
use crate::telling::{Block, Teller};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tansiq_dossier::act::{ActSpec, Field, Shape};
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::custody;
use tansiq_dossier::fold::Dossier;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::party::{InstitutionId, PartyId, Role};
use tansiq_dossier::record::DossierId;
use tansiq_dossier::sheet::Offer;

/// A sequence of choices that follows from one number (SplitMix64), so that a failing history shrinks to few numbers.
pub struct Dice(pub u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    /// Yes in one of so many cases.
    pub fn once_in(&mut self, cases: usize) -> bool {
        self.below(cases) == 0
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

/// What begins every sealed text here, so that it can be found wherever it should not be.
pub const SEALED: &str = "ΣΦΡΑΓΙΣ";

/// What a made-up body may refer to.
pub struct World {
    institutions: Vec<InstitutionId>,
    parties: Vec<PartyId>,
    records: Vec<String>,
    dossiers: Vec<String>,
    contents: Vec<String>,
    disclosures: Vec<String>,
    /// Whether what is made up is about to be sealed.
    sealing: bool,
}

impl World {
    pub fn of(stage: &Stage) -> World {
        let latest = || stage.written.iter().rev();
        let mut world = World {
            institutions: stage.charter.parties.values().flat_map(|party| party.institutions.keys().cloned()).collect(),
            parties: stage.charter.parties.keys().cloned().collect(),
            records: vec!["ab".repeat(32)],
            dossiers: vec![format!("IRQ-{}", "a".repeat(26))],
            contents: vec!["cd".repeat(32)],
            disclosures: vec!["WyJhYWFhYWFhYWFhYWFhYWFhYWFhYWEiLCJhIiwxXQ".to_owned()],
            sealing: false,
        };
        world.disclosures.extend(latest().flat_map(|logged| &logged.sealed).take(2).map(|s| s.text().to_owned()));
        // The latest records are those that an act is likely to be about.
        world.records.extend(latest().take(6).map(|logged| logged.entry.id.to_string()));
        world.dossiers.extend(latest().take(2).map(|logged| logged.entry.record.dossier.to_string()));
        world
    }
}

const TEXTS: [&str; 7] = ["1", "2", "2.1", "3", "Ankara", "تبادل المعلومات", "bilgi paylaşımı"];
const DATES: [&str; 6] = ["2026-01-05", "2026-01-20", "2026-02-01", "2026-02-15", "2026-03-31", "2026-12-31"];

/// A body that fits its fields, as far as the shapes alone can say.
pub fn fill(fields: &[Field], begun: Map<String, Value>, dice: &mut Dice, world: &World) -> Value {
    // What was begun from another's words is mostly repeated as it is: otherwise nobody would ever agree.
    let rarely = if begun.is_empty() { 3 } else { 12 };
    let mut body = begun;
    for field in fields {
        match body.get_mut(field.name) {
            // Rows that were begun lack what only a person can say.
            Some(Value::Array(rows)) => {
                if let Shape::Rows(_, fields) = field.shape {
                    for row in rows {
                        let begun = row.as_object_mut().map(std::mem::take).unwrap_or_default();
                        *row = fill_required(fields, begun, dice, world);
                    }
                }
            }
            Some(_) => {}
            None if field.required || dice.once_in(rarely) => {
                body.insert(field.name.to_owned(), value(field, dice, world));
            }
            None => {}
        }
    }
    Value::Object(body)
}

fn fill_required(fields: &[Field], mut row: Map<String, Value>, dice: &mut Dice, world: &World) -> Value {
    for field in fields.iter().filter(|field| field.required) {
        row.entry(field.name).or_insert_with(|| value(field, dice, world));
    }
    Value::Object(row)
}

fn text(limit: usize, dice: &mut Dice, world: &World) -> String {
    let text = if world.sealing { format!("{SEALED}{}", dice.below(1 << 30)) } else { dice.pick(&TEXTS).to_owned() };
    text.chars().take(limit).collect()
}

fn value(field: &Field, dice: &mut Dice, world: &World) -> Value {
    match field.shape {
        // Keys and offices of the charter: few, so that some are named twice.
        Shape::Text(64) if field.name == "wire_pin" => HEXLOWER.encode(&[dice.roll() as u8 % 24; 32]).into(),
        Shape::Text(64) if field.name.ends_with("_key") => BASE64.encode(&[dice.roll() as u8 % 48; 32]).into(),
        Shape::Text(80) if field.name == "officer" => {
            format!("{}.mofa.{}", dice.pick(&["irq", "tur"]), dice.pick(&["secretary", "co-chair"])).into()
        }
        Shape::Text(limit) | Shape::Paragraphs(limit) => text(limit, dice, world).into(),
        Shape::Words(limit) => json!({ dice.pick(&["ar", "en", "tr"]): text(limit, dice, world) }),
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
pub fn spoil(body: &mut Value, dice: &mut Dice) {
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
const ENDINGS: [&str; 9] =
    ["cancel", "postpone", "terminate", "withdraw", "waive", "supersede", "close", "retract", "stand-down"];

/// One party does something, having seen something.
fn play(stage: &mut Stage, kind: Kind, dice: &mut Dice) {
    let mut world = World::of(stage);
    if kind == Kind::Charter {
        world.contents = vec![ContentHash::of(&stage.charter).to_string()];
    }
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
    let of_custody = held.filter(|_| kind.letter().is_some() && dice.once_in(8)).map(|held| keeping(stage, held, &party, dice));
    let (spec, begun) = match of_custody {
        Some(begun) => begun,
        None => choose(kind, held.is_some(), &offers, turn.map(|(_, _, act)| act), dice),
    };
    let mut body = fill(spec.fields, begun, dice, &world);
    if dice.once_in(12) {
        spoil(&mut body, dice);
    }
    if !spec.sealed.is_empty() && !dice.once_in(6) {
        world.sealing = true;
        body["sealed"] = fill(spec.sealed, Map::new(), dice, &world);
    }
    let role = if dice.once_in(10) { dice.pick(&Role::ALL) } else { dice.pick(spec.roles) };
    let own: Vec<InstitutionId> = world.institutions.iter().filter(|id| id.party() == party).cloned().collect();
    let institution = owner.filter(|_| !dice.once_in(4)).unwrap_or_else(|| dice.pick(&own));
    stage.audience = audience(&party, &world, dice);
    let actor = Actor { party, institution, role };
    if dice.once_in(4) {
        stage.insist(&actor, &dossier, kind, spec.name, body);
    } else {
        // A refusal leaves no record, as at a node that keeps to the rules.
        let _refused = stage.act(&actor, &dossier, kind, spec.name, body);
    }
    stage.audience = None;
}

/// Whom a new dossier is for: everybody, or of three parties sometimes two.
fn audience(opener: &PartyId, world: &World, dice: &mut Dice) -> Option<BTreeSet<PartyId>> {
    if world.parties.len() < 3 || dice.once_in(2) {
        return None;
    }
    let others: Vec<PartyId> = world.parties.iter().filter(|party| *party != opener).cloned().collect();
    Some([opener.clone(), dice.pick(&others)].into())
}

/// Something of what may be done in a dossier of any kind: with its files, its sealed fields, and who may have it.
fn keeping(stage: &Stage, held: &Dossier, party: &PartyId, dice: &mut Dice) -> (&'static ActSpec, Map<String, Value>) {
    if let Some(to) = held.custody.asked.keys().next().filter(|_| dice.once_in(2)) {
        let begun = [("to".to_owned(), to.as_str().into())].into_iter().collect();
        return (custody::act("decline-release").unwrap(), begun);
    }
    let tools = held.tools(party, &Role::ALL.into());
    let (name, mut begun) = if tools.is_empty() || dice.once_in(3) {
        (dice.pick(&["attach", "hold", "erased", "release", "decline-release"]), Map::new())
    } else {
        let tool = dice.pick(&tools);
        (tool.act, tool.prefill.as_object().cloned().unwrap_or_default())
    };
    let outside: Vec<&PartyId> = held.custody.outside.iter().collect();
    let sealings: Vec<String> =
        held.custody.sealings.keys().chain(held.custody.disclosures.keys()).map(ToString::to_string).collect();
    let files = held.custody.attachments.values().map(|file| file.record.to_string());
    let sealings: Vec<String> = sealings.into_iter().chain(files).collect();
    match name {
        "attach" => {
            begun.insert("media_type".to_owned(), dice.pick(&["application/pdf", "image/png", "text/html"]).into());
        }
        "release" | "decline-release" if !outside.is_empty() => {
            begun.insert("to".to_owned(), dice.pick(&outside).as_str().into());
        }
        "erased" if !sealings.is_empty() => {
            begun.insert("of".to_owned(), dice.pick(&sealings).into());
        }
        "disclose" => {
            let of = begun.get("of").and_then(Value::as_str);
            let sealed = stage.written.iter().find(|logged| Some(logged.entry.id.to_string().as_str()) == of);
            let claims: BTreeSet<&str> = sealed.into_iter().flat_map(|logged| &logged.sealed).map(|s| s.claim()).collect();
            if let Some(claim) = claims.iter().nth(dice.below(claims.len())) {
                begun.insert("claims".to_owned(), json!([claim]));
            }
        }
        _ => {}
    }
    (custody::act(name).unwrap(), begun)
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
        let openings: Vec<&ActSpec> = kind.acts().iter().filter(|spec| spec.opens).collect();
        return (dice.pick(&openings), Map::new());
    }
    (&kind.acts()[dice.below(kind.acts().len())], Map::new())
}

/// The stages on which histories of a kind begin: empty ones of every sort of channel that the kind fits, and the beginnings
/// of its table, each in the setting in which it comes out as told.
pub fn beginnings(kind: Kind, blocks: &[Block]) -> Vec<Stage> {
    let fits = |stage: &Stage| kind.fits(stage.charter.class);
    let empty = [Stage::of_two(7), Stage::of_three(7), Stage::domestic(7), Stage::returns(7)];
    let mut stages: Vec<Stage> = empty.into_iter().filter(fits).collect();
    for block in blocks.iter().filter(|block| block.word == "given") {
        let told = ["", "domestic", "three", "returns"].into_iter().find_map(|setting| {
            let mut teller = Teller::new(blocks, setting);
            (fits(&teller.stage) && teller.tell(block).is_empty()).then_some(teller.stage)
        });
        stages.push(told.unwrap_or_else(|| panic!("{kind}/table.md: `given {}` comes out in no setting", block.rest)));
    }
    stages.iter_mut().for_each(Stage::part);
    stages
}

/// A history of a kind from one of its beginnings, half of them from nothing.
pub fn history(beginnings: &[Stage], kind: Kind, moves: &[u64]) -> Stage {
    let mut dice = Dice(moves.first().copied().unwrap_or_default());
    let empty = beginnings.iter().take_while(|stage| stage.written.is_empty()).count();
    let among = if dice.once_in(2) { empty } else { beginnings.len() };
    let mut stage = beginnings[dice.below(among)].clone();
    for roll in moves {
        play(&mut stage, kind, &mut Dice(*roll));
    }
    stage.meet();
    stage
}
