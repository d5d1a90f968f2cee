//! An officer's act: from form to logged record.
//!
//! Everything an officer does comes through here, whatever door it came in by: web, API, command line, or a confirmed
//! proposal of the statement reader.

use crate::access::{self, Denial, Environment, Permit};
use crate::approval::ApprovalRefusal;
use crate::erasing;
use crate::fault::{Fault, Trouble};
use crate::sealing;
use crate::store::records::{Fate, StoredRecord};
use crate::store::references;
use crate::store::work::Work;
use std::collections::BTreeSet;
use std::sync::Arc;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::fold::{self, Standing};
use tansiq_dossier::kinds::charter::{CharterRefusal, Finish, ReinstateOfficer, Replace, Succeed};
use tansiq_dossier::kinds::{Kind, State};
use tansiq_dossier::order::Seen;
use tansiq_dossier::party::OfficerId;
use tansiq_dossier::record::{DossierId, Draft, Entry, LEVEL, MAX_RECORD, Record, RecordId, Salt, Stamp};
use tansiq_dossier::refusal::{Common, Refusal};
use tansiq_dossier::sealed::Sealed;

/// How many bits of a new dossier's name count within its second; 34 are left for the second.
const COUNT_BITS: u32 = 14;

/// What became of a submitted act.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Submitted {
    /// The channel.
    pub channel: ChannelId,
    /// The dossier acted in, or opened.
    pub dossier: DossierId,
    /// The record.
    pub record: RecordId,
    /// Its place in this party's log.
    pub index: u64,
}

/// Submits an act of an officer. The officer and its grants are read in the transaction that decides.
///
/// # Errors
/// A refusal, which changed nothing; or a fault.
pub fn submit(work: &mut Work<'_>, officer: &OfficerId, channel: &ChannelId, draft: Draft) -> Result<Submitted, Trouble> {
    if needs_two(&draft.kind, &draft.act) {
        return Err(Refusal::from(ApprovalRefusal::SecondPerson).into());
    }
    submit_allowed(work, officer, channel, draft)
}

/// Whether an act changes keys, or gives back what was taken: nobody does that alone ([`crate::guarded`]). To stop an office or a
/// node, one is enough.
#[must_use]
pub fn needs_two(kind: &str, act: &str) -> bool {
    let acts = [Succeed::SPEC.name, Finish::SPEC.name, Replace::SPEC.name, ReinstateOfficer::SPEC.name];
    kind == Kind::Charter.name() && acts.contains(&act)
}

/// The same, for what two people have agreed on where two must.
///
/// # Errors
/// As [`submit`].
pub(crate) fn submit_allowed(
    work: &mut Work<'_>,
    officer: &OfficerId,
    channel: &ChannelId,
    draft: Draft,
) -> Result<Submitted, Trouble> {
    let charter = work.charter(channel)?.ok_or_else(|| Refusal::from(Denial::NoSuchChannel))?;
    let officer = work.officer(officer)?.ok_or_else(|| Refusal::from(Denial::Revoked))?;
    let own = work.identity.party.clone();
    if !charter.parties.get(&own).is_some_and(|party| party.institutions.contains_key(&officer.institution)) {
        return Err(Refusal::from(Denial::Institution).into());
    }
    work.require_certain(channel)?;
    require_open(work, channel, &draft)?;
    // Nobody would take what a node signs that is revoked.
    if work.ring(channel)?.is_some_and(|ring| ring.is_revoked(&own)) {
        return Err(Refusal::from(CharterRefusal::NodeRevoked).into());
    }
    let everyone = || charter.parties.keys().cloned().collect();
    let open = match &draft.dossier {
        Some(id) => work.dossier(channel, id)?,
        None => None,
    };
    let (label, audience, kind) = match open {
        Some(dossier) => (Some(dossier.label.clone()), dossier.audience.clone(), Some(dossier.kind)),
        None => (None, draft.audience.clone().unwrap_or_else(everyone), Kind::named(&draft.kind)),
    };
    let class = kind.map_or(charter.class, |kind| access::class_over(charter.class, kind));
    let permit = access::permit(officer, draft, label.as_ref(), Environment { audience: &audience, own: &own, class })?;
    append(work, channel, &charter, permit, audience)
}

/// Nothing but the charter's adoption is done in a channel before every party has adopted it.
fn require_open(work: &mut Work<'_>, channel: &ChannelId, draft: &Draft) -> Result<(), Trouble> {
    if draft.kind == Kind::Charter.name() {
        return Ok(());
    }
    match work.dossier(channel, &DossierId::charter())?.map(|dossier| &dossier.state) {
        Some(State::Charter(state)) if state.is_open() => Ok(()),
        _ => Err(Refusal::from(Denial::NotOpen).into()),
    }
}

fn append(
    work: &mut Work<'_>,
    channel: &ChannelId,
    charter: &Arc<Charter>,
    permit: Permit,
    audience: BTreeSet<tansiq_dossier::party::PartyId>,
) -> Result<Submitted, Trouble> {
    let (officer, role, mut draft, label) = permit.into_parts();
    let sealed = sealing::prepare(work, channel, &mut draft)?;
    let own = work.identity.party.clone();
    let seen = seen(work, channel, charter)?;
    let index = seen.of(&own);
    let opens = draft.dossier.is_none();
    let dossier = match draft.dossier {
        Some(dossier) => dossier,
        None if draft.kind == Kind::Charter.name() => DossierId::charter(),
        None => new_dossier(work, channel, index)?,
    };
    let now = work.identity.world.now();
    let given = opens && dossier != DossierId::charter();
    let reference = if given { references::next(work.connection, &own, &audience, &draft.kind, now)? } else { None };
    let record = Record {
        reference,
        audience: given.then_some(audience),
        kind: draft.kind,
        act: draft.act,
        dossier: dossier.clone(),
        stamp: Stamp {
            party: own.clone(),
            institution: officer.institution.clone(),
            officer: officer.id.clone(),
            role,
            at: now,
            level: LEVEL,
        },
        seen,
        label,
        body: draft.body,
    };
    let bytes = record.to_bytes();
    if bytes.len() > MAX_RECORD {
        return Err(Refusal::from(Common::TooLarge).into());
    }
    let salt = work.identity.world.random()?;
    let id = RecordId::commit(&salt, &bytes);
    let entry = Entry { id, log: own.clone(), index, record };
    let before = work.dossier(channel, &dossier)?.cloned();
    let ring = work.ring(channel)?.ok_or_else(|| Refusal::from(Denial::NoSuchChannel))?;
    let (after, verdict) = fold::step(before, &entry, ring.within());
    match verdict? {
        Standing::Effective => {}
        // A frozen dossier, or an act that this very node does not know, is not written by this node.
        Standing::Unknown | Standing::Refused(_) => return Err(Refusal::from(Common::Frozen).into()),
    }
    // From here on only a fault can stop it, and a fault rolls the whole transaction back.
    keep(work, channel, &entry, (salt, bytes), sealed.iter().map(Sealed::text).collect::<Vec<_>>().join("\n"))?;
    work.set_dossier(channel, &dossier, after);
    Ok(Submitted { channel: channel.clone(), dossier, record: id, index })
}

/// Appends a record that was judged to this node's own log, and keeps it with all that follows from it.
fn keep(
    work: &mut Work<'_>,
    channel: &ChannelId,
    entry: &Entry,
    (salt, bytes): (Salt, Vec<u8>),
    disclosures: String,
) -> Result<(), Trouble> {
    let Entry { id, log, index, record } = entry;
    let placed = work.append(channel, log, id.entry())?;
    if placed != *index {
        return Err(Fault::Damaged(format!("record {index} fell to place {placed}")).into());
    }
    let size = bytes.len() + disclosures.len();
    let stored = StoredRecord {
        party: log.clone(),
        index: *index,
        dossier: Some(record.dossier.clone()),
        sum: record.seen.sum(),
        salt,
        bytes,
        disclosures,
        fate: Fate::Applied(Standing::Effective),
        received: work.identity.world.clock.unix(),
    };
    work.add_own(channel, *id.entry(), stored)?;
    work.grew(channel, size)?;
    if let Some(reference) = &record.reference {
        references::take(work.connection, reference)?;
    }
    if let Some((of, ground)) = erasing::destroys(record) {
        erasing::destroy(work, channel, &record.dossier, (&of, ground), record.stamp.officer.as_str())?;
    }
    Ok(())
}

/// The size of every log of the channel, as far as its records have been applied here.
fn seen(work: &mut Work<'_>, channel: &ChannelId, charter: &Charter) -> Result<Seen, Fault> {
    let own = work.identity.party.clone();
    let mut seen = Seen::default();
    for party in charter.parties.keys() {
        let head = work.head(channel, party)?;
        let size = if *party == own { head.range.size() } else { head.applied };
        seen.0.insert(party.clone(), size);
    }
    Ok(seen)
}

/// Dossiers opened one after another get names that follow each other, which keeps the store's indexes local: the first six
/// bytes are the second and a count within it, the other ten are random.
fn new_dossier(work: &mut Work<'_>, channel: &ChannelId, index: u64) -> Result<DossierId, Fault> {
    let mut bytes: [u8; 16] = work.identity.world.random()?;
    let second = u64::try_from(work.identity.world.clock.unix()).unwrap_or(0);
    let time = (second << COUNT_BITS | index & ((1 << COUNT_BITS) - 1)).to_be_bytes();
    bytes[..6].copy_from_slice(&time[2..]);
    let dossier = DossierId::new(&work.identity.party, &bytes);
    work.note_new_dossier(channel, &dossier);
    Ok(dossier)
}
