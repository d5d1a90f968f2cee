//! What a record seals: the values of a draft become digests in its body, and disclosures that stay at this node beside it.
//!
//! A disclosure of what an earlier record sealed takes the same texts, so that the receiver can tell that it is given what was
//! sealed. Neither the values nor their salts stand in the record, in the log, or in a dossier's state.

use crate::fault::{Fault, Trouble};
use crate::store::records;
use crate::store::work::Work;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use tansiq_dossier::act::{self, ActSpec, Shape};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::custody::{CustodyRefusal, Disclose};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::record::{DossierId, Draft, RecordId};
use tansiq_dossier::refusal::{Form, Problem, Refusal};
use tansiq_dossier::sealed::{SD, Sealed};

/// Makes a draft what its record will say: its values sealed, what it discloses found, what it reveals filled in. Gives the
/// disclosures that are to be kept with the record, in the order of their digests. Writes nothing.
///
/// # Errors
/// A form refusal that names every problem, those of sealed values as `sealed.<field>`; `CUS03` when what is to be disclosed is
/// not here, because nobody sealed it or it has been destroyed.
pub(crate) fn prepare(work: &Work<'_>, channel: &ChannelId, draft: &mut Draft) -> Result<Vec<Sealed<Value>>, Trouble> {
    let Some((kind, spec)) = Kind::named(&draft.kind).and_then(|kind| Some((kind, kind.act(&draft.act)?))) else {
        return Ok(Vec::new());
    };
    let discloses = kind.custody(spec.name).is_some() && spec.name == Disclose::SPEC.name;
    // Of an act that seals nothing, it is a field that it does not have.
    if (discloses || !spec.sealed.is_empty()) && draft.body.has(SD) {
        return Err(Refusal::from(Form::UnknownField).at(SD).into());
    }
    check(spec, draft, discloses)?;
    reveal(work, channel, spec, draft)?;
    let sealed = if discloses { disclosed(work, channel, kind, draft)? } else { seal(work, std::mem::take(&mut draft.sealed))? };
    if !sealed.is_empty() {
        let digests: Vec<String> = sealed.iter().map(Sealed::digest).collect();
        draft.body.change(|body| body.as_object_mut().map(|body| body.insert(SD.to_owned(), digests.into())));
    }
    Ok(sealed)
}

/// Checks the values that the record will seal. What is wrong in its body is named with them.
fn check(spec: &ActSpec, draft: &Draft, discloses: bool) -> Result<(), Refusal> {
    // A disclosure names its claims; their values are found, and never given.
    let fields = if discloses { &[] } else { spec.sealed };
    let mut problems: Vec<Problem> = act::check(fields, &Value::Object(draft.sealed.clone()));
    if problems.is_empty() {
        return Ok(());
    }
    problems.iter_mut().for_each(|problem| problem.field.insert_str(0, "sealed."));
    problems.extend(act::check(spec.fields, &draft.body));
    let code = problems[0].code.clone();
    Err(Refusal { code, problems })
}

fn seal(work: &Work<'_>, values: Map<String, Value>) -> Result<Vec<Sealed<Value>>, Fault> {
    let seal = |(claim, value): (String, Value)| Ok(Sealed::seal(&work.identity.world.random()?, &claim, value));
    let mut sealed = values.into_iter().map(seal).collect::<Result<Vec<_>, Fault>>()?;
    sealed.sort_by_key(Sealed::digest);
    Ok(sealed)
}

/// What is kept of the sealed values of one of this party's own records of a dossier; nothing when they are gone.
fn kept(work: &Work<'_>, channel: &ChannelId, dossier: Option<&DossierId>, of: &RecordId) -> Result<Vec<Sealed<Value>>, Fault> {
    let Some(dossier) = dossier else { return Ok(Vec::new()) };
    let stored = records::of_dossier(work.connection, channel, dossier)?;
    let named = stored.into_iter().find(|stored| stored.party == work.identity.party && stored.id() == *of);
    let texts = named.map(|stored| stored.disclosures).unwrap_or_default();
    texts.lines().map(|text| Sealed::parse(text).map_err(|error| Fault::Damaged(error.to_string()))).collect()
}

fn disclosed(work: &Work<'_>, channel: &ChannelId, kind: Kind, draft: &Draft) -> Result<Vec<Sealed<Value>>, Trouble> {
    kind.check(&draft.act, &draft.body)?;
    let wanted: Disclose = Disclose::deserialize(draft.body.value()).map_err(|_| Refusal::from(Form::WrongType))?;
    let mut found = kept(work, channel, draft.dossier.as_ref(), &wanted.of)?;
    found.retain(|sealed| wanted.claims.contains(sealed.claim()));
    let claims: BTreeSet<&str> = found.iter().map(Sealed::claim).collect();
    if claims.len() != wanted.claims.len() {
        return Err(Refusal::from(CustodyRefusal::NotSealedHere).at("of").into());
    }
    found.sort_by_key(Sealed::digest);
    Ok(found)
}

/// Fills in what a record shows of an earlier one that the field `of` names, where the draft leaves it out.
fn reveal(work: &Work<'_>, channel: &ChannelId, spec: &ActSpec, draft: &mut Draft) -> Result<(), Fault> {
    let mut shown = spec.fields.iter().filter(|field| matches!(field.shape, Shape::Disclosure)).peekable();
    if shown.peek().is_none() {
        return Ok(());
    }
    let of = draft.body.get("of").and_then(Value::as_str).and_then(|text| text.parse::<RecordId>().ok());
    let left_out: Vec<&str> = shown.map(|field| field.name).filter(|name| draft.body.get(name).is_none()).collect();
    let (Some(of), false) = (of, left_out.is_empty()) else { return Ok(()) };
    let found = kept(work, channel, draft.dossier.as_ref(), &of)?;
    if let Some(first) = found.first() {
        draft.body.change(|body| left_out.into_iter().for_each(|name| body[name] = first.text().into()));
    }
    Ok(())
}
