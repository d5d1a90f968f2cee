//! What needs two people: sealed values are read, lists are taken out of the register, and keys are changed only here, and every
//! time is noted.
//!
//! Whoever asks for the first time gets a number; another officer allows it; whoever asks for exactly the same again within a
//! day gets it. Rules: [`crate::approval`].

use crate::access::{self, Action, Denial, Environment, Officer, Subject, decide};
use crate::approval::{ApprovalRefusal, Asked, Matter, Request, Selection, Standing, is_approver};
use crate::export::Leave;
use crate::fault::{Fault, Trouble};
use crate::store::approvals::{self, Note};
use crate::store::dossiers::Filter;
use crate::store::work::Work;
use crate::store::{channels, people, records};
use crate::submit::{self, Submitted};
use crate::views::Looking;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use tansiq_dossier::channel::{ChannelClass, ChannelId};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::label::{Classification, Label};
use tansiq_dossier::party::{OfficerId, PartyId, Role};
use tansiq_dossier::record::{DossierId, Draft, RecordId};
use tansiq_dossier::refusal::{Common, Refusal};
use tansiq_dossier::sealed::Sealed;

/// What somebody asked for, or the request that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guarded<T> {
    /// What was asked for.
    Given(T),
    /// Nobody has allowed it yet.
    Waiting(Waiting),
}

/// A request that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Its number.
    pub number: i64,
    /// The offices of this node that may allow it.
    pub approvers: Vec<OfficerId>,
}

/// A sealed value in the open.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Unsealed {
    /// The name of the field.
    pub claim: String,
    /// The value.
    pub value: Value,
    /// The disclosure: a line for `disclosures.txt` of the record's evidence.
    pub disclosure: String,
}

// A sealed value must not slip into a log or an error text.
impl std::fmt::Debug for Unsealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unsealed(…)")
    }
}

/// What decides who may have to do with a matter: the label and audience of one dossier, or of a list.
struct Scope {
    label: Label,
    audience: BTreeSet<PartyId>,
    class: ChannelClass,
}

impl Scope {
    fn allows(&self, officer: &Officer, action: Action, own: &PartyId) -> Result<(), Refusal> {
        let environment = Environment { audience: &self.audience, own, class: self.class };
        decide(Subject::Officer(officer), action, &self.label, environment).require()
    }

    fn of_dossier(work: &mut Work<'_>, channel: &ChannelId, id: &DossierId) -> Result<Scope, Trouble> {
        let nothing = || Refusal::from(Common::NoSuchDossier);
        let charter = work.charter(channel)?.ok_or_else(nothing)?;
        let dossier = work.dossier(channel, id)?.ok_or_else(nothing)?;
        let class = access::class_over(charter.class, dossier.kind);
        Ok(Scope { label: dossier.label.clone(), audience: dossier.audience.clone(), class })
    }

    /// A list: of returns, or of other dossiers, each of which is decided by itself when it is read.
    fn of_list(work: &Work<'_>, selection: &Selection) -> Result<(Scope, bool), Fault> {
        let returns = selection.filter().asks_for_returns(&channels::of_returns(work.connection)?);
        let class = if returns { ChannelClass::Return } else { ChannelClass::Domestic };
        let audience = BTreeSet::from([work.identity.party.clone()]);
        Ok((Scope { label: Label::of(Classification::Open), audience, class }, returns))
    }

    /// Keys are no matter of any dossier's readers; who may allow that they change follows from the office alone.
    fn of_keys(work: &Work<'_>) -> Scope {
        let audience = BTreeSet::from([work.identity.party.clone()]);
        Scope { label: Label::of(Classification::Open), audience, class: ChannelClass::Domestic }
    }

    /// Whether an officer may see what it is asked to allow.
    fn shows(&self, matter: &Matter, officer: &Officer, own: &PartyId) -> bool {
        let runs_the_node = matches!(matter, Matter::Keys { .. }) && officer.roles.contains(&Role::Administrator);
        runs_the_node || self.allows(officer, Action::Read, own).is_ok()
    }

    fn of(work: &mut Work<'_>, matter: &Matter) -> Result<Scope, Trouble> {
        match matter {
            Matter::Unseal { channel, dossier, .. } => Scope::of_dossier(work, channel, dossier),
            Matter::Export { selection, .. } => Ok(Scope::of_list(work, selection)?.0),
            Matter::Keys { .. } => Ok(Scope::of_keys(work)),
        }
    }
}

impl Selection {
    /// The same as a filter of the store, for nobody in particular yet.
    #[must_use]
    pub fn filter(&self) -> Filter {
        Filter {
            channel: self.channel.clone(),
            kind: self.kind,
            state: self.state.clone(),
            party: self.party.clone(),
            awaits: self.awaits.clone(),
            owner: self.owner.clone(),
            due_before: self.due_before,
            title: self.text.clone(),
            ..Filter::default()
        }
    }
}

fn officer(work: &Work<'_>, id: &OfficerId) -> Result<Officer, Trouble> {
    let found = people::officer(work.connection, id)?.map(|(officer, _)| officer).filter(|officer| !officer.revoked);
    Ok(found.ok_or_else(|| Refusal::from(Denial::Revoked))?)
}

fn note(work: &Work<'_>, who: &OfficerId, did: &str, asked: &Asked) -> Result<(), Fault> {
    let at = work.identity.world.clock.unix();
    let note = Note { at, officer: who.as_str(), did, digest: asked.digest(), reason: &asked.reason };
    approvals::note(work.connection, &note)
}

/// Nothing when a second person has allowed exactly this, and still may; otherwise the request, which is made when there is
/// none.
fn second_person(work: &Work<'_>, scope: &Scope, asked: &Asked) -> Result<Option<Waiting>, Fault> {
    let (now, own) = (work.identity.world.clock.unix(), &work.identity.party);
    let officers = people::officers(work.connection)?;
    let may = |officer: &&Officer| {
        is_approver(officer, &asked.matter) && officer.id != asked.requester && scope.shows(&asked.matter, officer, own)
    };
    let approvers: Vec<OfficerId> = officers.iter().filter(may).map(|officer| officer.id.clone()).collect();
    let number = match approvals::newest(work.connection, &asked.digest())?.map(|request| (request.standing(now), request)) {
        Some((Standing::Allowed, Request { approved: Some((by, _)), .. })) if approvers.contains(&by) => return Ok(None),
        Some((Standing::Waiting, request)) => request.number,
        _ => {
            note(work, &asked.requester, "request", asked)?;
            approvals::add(work.connection, asked, now)?
        }
    };
    Ok(Some(Waiting { number, approvers }))
}

/// Allows what another officer asked for.
///
/// # Errors
/// `APV02` to `APV05` and `APV07`; or a fault.
pub fn approve(work: &mut Work<'_>, approver: &OfficerId, number: i64) -> Result<Request, Trouble> {
    let nothing = || Refusal::from(ApprovalRefusal::NoSuchRequest);
    let request = approvals::get(work.connection, number)?.ok_or_else(nothing)?;
    let approver = officer(work, approver)?;
    let (now, own) = (work.identity.world.clock.unix(), work.identity.party.clone());
    let reads = Scope::of(work, &request.asked.matter)?.shows(&request.asked.matter, &approver, &own);
    request.may_approve(&approver, reads, now)?;
    approvals::approve(work.connection, number, &approver.id, now)?;
    note(work, &approver.id, "approve", &request.asked)?;
    Ok(Request { approved: Some((approver.id, now)), ..request })
}

/// The requests that this officer may allow now.
///
/// # Errors
/// When the store fails.
pub fn waiting_for(work: &mut Work<'_>, approver: &OfficerId) -> Result<Vec<Request>, Trouble> {
    let approver = officer(work, approver)?;
    let (now, own) = (work.identity.world.clock.unix(), work.identity.party.clone());
    let mut found = Vec::new();
    for request in approvals::waiting(work.connection, now - crate::approval::LIFE)? {
        let reads = Scope::of(work, &request.asked.matter).is_ok_and(|scope| scope.shows(&request.asked.matter, &approver, &own));
        if request.may_approve(&approver, reads, now).is_ok() {
            found.push(request);
        }
    }
    Ok(found)
}

/// Reads sealed values that are kept here with a record.
///
/// # Errors
/// `DOS01` and others when the dossier is not for whoever asks, `APV06` without a reason, `APV08` when nothing is kept; or a
/// fault.
pub fn unseal(work: &mut Work<'_>, asked: &Asked) -> Result<Guarded<Vec<Unsealed>>, Trouble> {
    let Matter::Unseal { channel, dossier, record, claims } = &asked.matter else {
        return Err(Refusal::from(Denial::Malformed).into());
    };
    let requester = officer(work, &asked.requester)?;
    let scope = Scope::of_dossier(work, channel, dossier)?;
    scope.allows(&requester, Action::Write, &work.identity.party)?;
    asked.check()?;
    let values = kept(work, channel, dossier, (record, claims))?;
    if let Some(waiting) = second_person(work, &scope, asked)? {
        return Ok(Guarded::Waiting(waiting));
    }
    note(work, &requester.id, "unseal", asked)?;
    Ok(Guarded::Given(values))
}

/// Does an act of the charter's dossier that two people must agree on, in one of the channels that were asked for.
///
/// # Errors
/// `PRM01` for an office that may not; `APV06` without a reason; what the rules say to the act; or a fault.
pub fn change_keys(work: &mut Work<'_>, asked: &Asked, channel: &ChannelId) -> Result<Guarded<Submitted>, Trouble> {
    let Matter::Keys { act, bodies } = &asked.matter else {
        return Err(Refusal::from(Denial::Malformed).into());
    };
    let Some(body) = bodies.get(channel) else { return Err(Refusal::from(Denial::NoSuchChannel).into()) };
    let requester = officer(work, &asked.requester)?;
    let roles = Kind::Charter.act(act).map(|spec| spec.roles).unwrap_or_default();
    if !submit::needs_two(Kind::Charter.name(), act) || !roles.iter().any(|role| requester.roles.contains(role)) {
        return Err(Refusal::from(Common::WrongRole).into());
    }
    asked.check()?;
    let scope = Scope::of_keys(work);
    let draft = Draft {
        kind: Kind::Charter.name().to_owned(),
        act: act.clone(),
        dossier: Some(DossierId::charter()),
        body: body.clone().into(),
        ..Draft::default()
    };
    if let Some(waiting) = second_person(work, &scope, asked)? {
        return Ok(Guarded::Waiting(waiting));
    }
    let submitted = submit::submit_allowed(work, &requester.id, channel, draft)?;
    note(work, &requester.id, "keys", asked)?;
    Ok(Guarded::Given(submitted))
}

fn kept(
    work: &Work<'_>,
    channel: &ChannelId,
    dossier: &DossierId,
    (record, claims): (&RecordId, &BTreeSet<String>),
) -> Result<Vec<Unsealed>, Trouble> {
    let stored = records::of_dossier(work.connection, channel, dossier)?.into_iter().find(|stored| stored.id() == *record);
    let texts = stored.map(|stored| stored.disclosures).unwrap_or_default();
    let mut values = Vec::new();
    for text in texts.lines() {
        let sealed = Sealed::parse(text).map_err(|error| Fault::Damaged(error.to_string()))?;
        if claims.is_empty() || claims.contains(sealed.claim()) {
            let (claim, value) = (sealed.claim().to_owned(), sealed.value().clone());
            values.push(Unsealed { claim, value, disclosure: text.to_owned() });
        }
    }
    values.sort_by(|a, b| a.claim.cmp(&b.claim));
    if values.is_empty() || values.len() < claims.len() {
        return Err(Refusal::from(ApprovalRefusal::NothingSealed).at("record").into());
    }
    Ok(values)
}

/// Leave to take a list of dossiers out of the register. Returns of persons need a second person, whatever their number;
/// everything else needs a reason.
///
/// # Errors
/// `DOS01` for returns when they are not for whoever asks, `PRM05` for an office that reads no dossiers, `APV06`; or a fault.
pub fn export(work: &mut Work<'_>, asked: &Asked) -> Result<Guarded<Leave>, Trouble> {
    let Matter::Export { selection, format } = &asked.matter else {
        return Err(Refusal::from(Denial::Malformed).into());
    };
    let requester = officer(work, &asked.requester)?;
    let (scope, returns) = Scope::of_list(work, selection)?;
    let action = if returns { Action::Write } else { Action::Read };
    scope.allows(&requester, action, &work.identity.party)?;
    asked.check()?;
    if returns && let Some(waiting) = second_person(work, &scope, asked)? {
        return Ok(Guarded::Waiting(waiting));
    }
    note(work, &requester.id, "export", asked)?;
    let (own, today) = (work.identity.party.clone(), work.identity.world.today());
    Ok(Guarded::Given(Leave::new(Looking { officer: requester, own, today }, selection.filter(), *format)))
}
