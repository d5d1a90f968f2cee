//! What officers do in the simulation: sensible acts and others, made up from what the acts themselves ask for.

use super::dice::Dice;
use crate::fault::Fault;
use crate::node::Node;
use crate::store::db::Connection;
use crate::store::dossiers;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tansiq_dossier::act::{ActSpec, Field, Shape};
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::custody;
use tansiq_dossier::fold::Dossier;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::party::{InstitutionId, OfficerId, PartyId, Role};
use tansiq_dossier::record::{DossierId, Draft};

/// The kinds of dossier in which work is done, the likelier ones more than once.
const KINDS: [Kind; 8] =
    [Kind::Meeting, Kind::Meeting, Kind::Consular, Kind::Consular, Kind::Action, Kind::Note, Kind::Commitment, Kind::Agreement];

/// Acts that end a dossier early: made rarer, so that dossiers come to their later chapters.
const ENDINGS: [&str; 9] =
    ["cancel", "postpone", "terminate", "withdraw", "waive", "supersede", "close", "retract", "stand-down"];

/// The roles of an office that does everything.
pub(super) const ROLES: [Role; 7] = [
    Role::Secretary,
    Role::CoChair,
    Role::TreatyOfficer,
    Role::FocalPoint,
    Role::DirectorGeneral,
    Role::Releaser,
    Role::Assessor,
];

/// What a made-up body may refer to.
struct Matter {
    institutions: Vec<InstitutionId>,
    parties: Vec<PartyId>,
    records: Vec<String>,
    dossiers: Vec<String>,
    contents: Vec<String>,
    mark: String,
    own: PartyId,
    /// Whether little more is filled in than what must be.
    sparing: bool,
}

/// An act of an office, made up for this party in this channel as its node stands now.
pub(super) fn made_up(
    node: &Node,
    (channel, charter): (&ChannelId, &Charter),
    mark: String,
    dice: &mut Dice,
) -> Result<(OfficerId, Draft), Fault> {
    let own = &node.identity.party;
    let own_institutions: Vec<&InstitutionId> =
        charter.parties.get(own).map(|party| party.institutions.keys().collect()).unwrap_or_default();
    let held = node.store.read_now(|connection| some_dossier(connection, channel, dice))?;
    let held = held.filter(|_| !dice.once_in(4));
    let mut matter = Matter {
        institutions: charter.parties.values().flat_map(|party| party.institutions.keys().cloned()).collect(),
        parties: charter.parties.keys().cloned().collect(),
        records: vec!["ab".repeat(32)],
        dossiers: vec![format!("{own}-{}", "a".repeat(26))],
        contents: vec!["cd".repeat(32)],
        mark,
        own: own.clone(),
        sparing: held.is_none(),
    };
    let institution = dice.pick(&own_institutions).copied();
    let Some(dossier) = held else {
        let kind = dice.pick(&KINDS).copied().unwrap_or(Kind::Meeting);
        // Most of a consular dossier is about a person; a service is a notice and no more.
        let opens = |spec: &&ActSpec| spec.opens && (spec.name != "open-service" || dice.once_in(8));
        let openings: Vec<&ActSpec> = kind.acts().iter().filter(opens).collect();
        let mut draft = Draft { audience: audience(own, &matter, dice), ..Draft::default() };
        // Addressed to an office of a party that will have it.
        let among = draft.audience.clone();
        matter.institutions.retain(|id| among.as_ref().is_none_or(|all| all.contains(&id.party())));
        if let Some(spec) = dice.pick(&openings) {
            complete(&mut draft, kind, spec, Map::new(), &mut matter, dice);
        }
        return Ok((office(own, institution)?, draft));
    };
    matter.dossiers.push(dossier.id.to_string());
    let custody = dossier.custody.sealings.keys().chain(dossier.custody.disclosures.keys());
    matter.records.extend(custody.map(ToString::to_string));
    matter.institutions.retain(|id| dossier.audience.contains(&id.party()) || dice.once_in(8));
    let roles: BTreeSet<Role> = ROLES.into();
    let today = node.identity.world.today();
    let offers = if dice.once_in(3) { dossier.tools(own, &roles) } else { dossier.offers(today, own, &roles) };
    for offer in &offers {
        matter.contents.extend(offer.prefill.get("content").and_then(Value::as_str).map(ToOwned::to_owned));
    }
    let is_likely = |name: &str| !ENDINGS.contains(&name) && name != "attach";
    let likely: Vec<_> = offers.iter().filter(|offer| is_likely(offer.act) || dice.once_in(8)).collect();
    let of_custody = ["erased", "erased", "disclose", "decline-release", "recall"];
    let of_custody = of_custody.get(dice.below(of_custody.len())).filter(|_| dice.once_in(12));
    let (spec, begun) = match dice.pick(&likely) {
        _ if of_custody.is_some() => (of_custody.and_then(|name| custody::act(name)), Map::new()),
        Some(offer) if !dice.once_in(6) => (dossier.kind.act(offer.act), offer.prefill.as_object().cloned().unwrap_or_default()),
        _ => (dice.pick(dossier.kind.acts()), Map::new()),
    };
    let mut draft = Draft { dossier: Some(dossier.id.clone()), ..Draft::default() };
    let mut begun = begun;
    if let Some(spec) = spec {
        prepare(node, &dossier, spec, &mut begun, dice)?;
        complete(&mut draft, dossier.kind, spec, begun, &mut matter, dice);
    }
    let owner = dossier.sheet(today).owner.filter(|owner| owner.party() == *own && !dice.once_in(4));
    Ok((office(own, owner.as_ref().or(institution))?, draft))
}

/// The office of an institution that does everything.
pub(super) fn office(own: &PartyId, institution: Option<&InstitutionId>) -> Result<OfficerId, Fault> {
    let place = institution.map_or_else(|| format!("{}.mofa", own.as_str().to_lowercase()), ToString::to_string);
    format!("{place}.office").parse().map_err(|_| Fault::Setup(format!("{place} has no office")))
}

/// A dossier of the channel, mostly one of the latest.
fn some_dossier(connection: &Connection, channel: &ChannelId, dice: &mut Dice) -> Result<Option<Dossier>, Fault> {
    let mut query = connection
        .prepare_cached("SELECT dossier FROM dossier WHERE channel = ?1 AND kind <> 'charter' ORDER BY changed, dossier")?;
    let rows = query.query_map([channel.as_str()], |row| row.get::<_, String>(0))?;
    let names: Vec<DossierId> = rows.filter_map(|name| name.ok()?.parse().ok()).collect();
    let latest = names.get(names.len().saturating_sub(3)..).unwrap_or_default();
    let name = if dice.once_in(3) { dice.pick(&names) } else { dice.pick(latest) };
    name.map_or(Ok(None), |name| dossiers::get(connection, channel, name))
}

/// Whom a new dossier is for: everybody, or fewer.
fn audience(own: &PartyId, matter: &Matter, dice: &mut Dice) -> Option<BTreeSet<PartyId>> {
    if matter.parties.len() < 3 || dice.once_in(3) {
        return None;
    }
    let mut audience: BTreeSet<PartyId> = matter.parties.iter().filter(|_| dice.once_in(2)).cloned().collect();
    audience.insert(own.clone());
    audience.extend(matter.parties.iter().find(|party| *party != own && (audience.len() < 2)).cloned());
    Some(audience)
}

/// What custody asks for that only a look at the dossier can tell.
fn prepare(node: &Node, dossier: &Dossier, spec: &ActSpec, begun: &mut Map<String, Value>, dice: &mut Dice) -> Result<(), Fault> {
    if dossier.kind.custody(spec.name).is_none() {
        return Ok(());
    }
    match spec.name {
        "release" if !begun.contains_key("to") => {
            let outside: Vec<&PartyId> = dossier.custody.outside.iter().collect();
            begun.extend(dice.pick(&outside).map(|to| ("to".to_owned(), to.as_str().into())));
        }
        "disclose" => {
            let of = begun.get("of").and_then(Value::as_str).unwrap_or_default().to_owned();
            let claims = node.store.read_now(|connection| claims(connection, dossier, &of))?;
            begun.extend(dice.pick(&claims).map(|claim| ("claims".to_owned(), json!([claim]))));
        }
        "erased" if !begun.contains_key("of") => {
            let held = dossier.custody.sealings.keys().chain(dossier.custody.disclosures.keys());
            let held: Vec<String> = held.map(ToString::to_string).collect();
            begun.extend(dice.pick(&held).map(|of| ("of".to_owned(), of.as_str().into())));
        }
        "attach" => drop(begun.insert("media_type".to_owned(), "text/html".into())),
        _ => {}
    }
    Ok(())
}

/// The names of the fields that a record sealed, as far as its disclosures are kept here.
fn claims(connection: &Connection, dossier: &Dossier, of: &str) -> Result<Vec<String>, Fault> {
    let mut query = connection.prepare_cached(
        "SELECT s.texts, r.salt, r.bytes FROM disclosure s
             JOIN record r ON r.channel = s.channel AND r.party = s.party AND r.idx = s.idx
             WHERE r.dossier = ?1 ORDER BY s.channel, s.party, s.idx",
    )?;
    let mut rows = query.query([dossier.id.as_str()])?;
    while let Some(row) = rows.next()? {
        let (texts, salt, bytes): (String, [u8; 32], Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if tansiq_dossier::record::RecordId::commit(&salt, &bytes).to_string() == of {
            let claims = texts.lines().filter_map(|text| tansiq_dossier::sealed::Sealed::<Value>::parse(text).ok());
            return Ok(claims.map(|sealed| sealed.claim().to_owned()).collect());
        }
    }
    Ok(Vec::new())
}

/// Fills in the rest of an act, now and then wrongly.
fn complete(draft: &mut Draft, kind: Kind, spec: &ActSpec, begun: Map<String, Value>, matter: &mut Matter, dice: &mut Dice) {
    kind.name().clone_into(&mut draft.kind);
    spec.name.clone_into(&mut draft.act);
    let mut body = fill(spec.fields, begun, matter, dice);
    if dice.once_in(16)
        && let Some(members) = body.as_object_mut()
    {
        members.insert("unheard-of".to_owned(), Value::Null);
    }
    draft.body = body.into();
    let discloses = spec.name == custody::Disclose::SPEC.name;
    if !spec.sealed.is_empty() && !discloses && !dice.once_in(8) {
        draft.sealed = fill(spec.sealed, Map::new(), matter, dice).as_object().cloned().unwrap_or_default();
    }
}

fn fill(fields: &[Field], begun: Map<String, Value>, matter: &Matter, dice: &mut Dice) -> Value {
    let rarely = if begun.is_empty() && !matter.sparing { 4 } else { 16 };
    let mut body = begun;
    for field in fields {
        match body.get_mut(field.name) {
            // Rows that were begun lack what only a person can say.
            Some(Value::Array(rows)) => {
                if let Shape::Rows(_, fields) = field.shape {
                    for row in rows {
                        let begun = row.as_object_mut().map(std::mem::take).unwrap_or_default();
                        *row = fill(fields, begun, matter, dice);
                    }
                }
            }
            Some(_) => {}
            None if field.required || dice.once_in(rarely) => {
                body.insert(field.name.to_owned(), value(field, matter, dice));
            }
            None => {}
        }
    }
    Value::Object(body)
}

fn text(limit: usize, matter: &Matter, dice: &mut Dice) -> String {
    let words = ["1", "2", "2.1", "Ankara", "تبادل المعلومات", "bilgi paylaşımı"];
    let word = dice.pick(&words).copied().unwrap_or_default();
    let text = if limit < 40 { word.to_owned() } else { format!("{word} {}", matter.mark) };
    text.chars().take(limit).collect()
}

const DATES: [&str; 6] = ["2024-12-01", "2024-12-20", "2026-02-01", "2026-02-15", "2026-03-31", "2027-12-31"];

fn one_of<T: Into<Value> + Clone>(from: &[T], dice: &mut Dice) -> Value {
    dice.pick(from).cloned().map_or(Value::Null, Into::into)
}

fn value(field: &Field, matter: &Matter, dice: &mut Dice) -> Value {
    match field.shape {
        Shape::Text(_) if field.name == "person_ref" => format!("P-{}", dice.below(900)).into(),
        Shape::Text(limit) | Shape::Paragraphs(limit) => text(limit, matter, dice).into(),
        Shape::Words(limit) => {
            let tongue = *dice.pick(&["ar", "en", "tr"]).unwrap_or(&"ar");
            json!({ tongue: text(limit, matter, dice) })
        }
        Shape::Tongue => one_of(&["ar", "ar", "tr"], dice),
        Shape::Tongues => one_of(&[json!(["ar"]), json!(["ar", "tr"])], dice),
        Shape::Date => one_of(&DATES, dice),
        Shape::Due => {
            if dice.once_in(4) {
                "none".into()
            } else {
                one_of(&DATES, dice)
            }
        }
        Shape::Choice(choices) => one_of(choices, dice),
        Shape::Whole(low, high) => {
            let span = usize::try_from(high.saturating_sub(low).saturating_add(1).min(4)).unwrap_or(1);
            (low + i64::try_from(dice.below(span)).unwrap_or(0)).into()
        }
        Shape::Flag => dice.once_in(2).into(),
        Shape::Moment => "2026-02-01T09:00:00Z".into(),
        Shape::Clock => "06:00".into(),
        Shape::Decimal(low, ..) => low.to_string().into(),
        Shape::Choices(choices) => Value::Array(vec![one_of(choices, dice)]),
        Shape::Claims => json!(["given"]),
        Shape::Disclosure => "WyJhYWFhYWFhYWFhYWFhYWFhYWFhYWEiLCJhIiwxXQ".into(),
        Shape::Group(fields) => fill(fields, Map::new(), matter, dice),
        Shape::Party => dice.pick(&matter.parties).map_or(Value::Null, |party| party.as_str().into()),
        Shape::Parties => Value::Array(dice.pick(&matter.parties).map(|party| party.as_str().into()).into_iter().collect()),
        Shape::Institution => {
            // Where something is addressed to somebody, that is mostly another party; where somebody takes part, its own side.
            let own = if dice.once_in(8) { None } else { Some(!matches!(field.name, "to" | "addressee")) };
            let fits = |id: &&InstitutionId| own.is_none_or(|own| (id.party() == matter.own) == own);
            let fitting: Vec<&InstitutionId> = matter.institutions.iter().filter(fits).collect();
            dice.pick(&fitting).map_or(Value::Null, |id| id.as_str().into())
        }
        Shape::Dossier => one_of(&matter.dossiers, dice),
        Shape::Record => one_of(&matter.records, dice),
        Shape::Content => one_of(&matter.contents, dice),
        Shape::Rows(limit, fields) => {
            let rows = dice.below(3).max(usize::from(field.required)).min(limit);
            Value::Array((0..rows).map(|_| fill(fields, Map::new(), matter, dice)).collect())
        }
        Shape::Anything => json!({}),
    }
}
