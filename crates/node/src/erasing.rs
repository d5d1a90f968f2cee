//! Erasing: sealed values with their salts, and files, are destroyed at this node, and a record says that they are.
//!
//! The record and the destruction are one transaction: whoever submits the act `erased`, by whatever door, destroys. Records,
//! logs and states stay as they were, so that everything still verifies. A recall that arrives is answered in the
//! transaction that takes it in; what is over by its time is destroyed by the [`sweep`].

mod sweep;

pub use sweep::{Swept, sweep};

use crate::access::Officer;
use crate::fault::{Fault, Trouble};
use crate::store::approvals::{self, Note};
use crate::store::work::Work;
use crate::store::{attachments, disclosures, people, records, touched};
use crate::submit::{self, Submitted};
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::custody::{Disclose, Erased, Ground};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::party::{OfficerId, PartyId, Role};
use tansiq_dossier::record::{DossierId, Draft, Record, RecordId};

/// The body of a record as this act of custody, if it is one.
fn custody<T: serde::de::DeserializeOwned>(record: &Record, act: &str) -> Option<T> {
    Kind::named(&record.kind).and_then(|kind| kind.custody(&record.act)).filter(|spec| spec.name == act)?;
    serde_json::from_value(tansiq_dossier::sealed::without_digests(&record.body)).ok()
}

/// The record whose sealed values or file this record says are destroyed, and why.
pub(crate) fn destroys(record: &Record) -> Option<(RecordId, Ground)> {
    custody::<Erased>(record, Erased::SPEC.name).map(|act| (act.of, act.ground))
}

/// Destroys the sealed values that are kept with a record, and every copy of them that this party made to disclose them, or
/// the file that it attached; and notes who did it. Gives how many records had any.
pub(crate) fn destroy(
    work: &mut Work<'_>,
    channel: &ChannelId,
    dossier: &DossierId,
    (of, ground): (&RecordId, Ground),
    who: &str,
) -> Result<u64, Fault> {
    let own = work.identity.party.clone();
    let mut found = 0;
    for stored in records::of_dossier(work.connection, channel, dossier)?.into_iter().filter(|s| !s.disclosures.is_empty()) {
        let copy = || {
            let disclosed = stored.entry().and_then(|entry| custody::<Disclose>(&entry.record, Disclose::SPEC.name));
            stored.party == own && disclosed.is_some_and(|act| act.of == *of)
        };
        if stored.id() == *of || copy() {
            disclosures::destroy(work.connection, channel, &stored.party, stored.index)?;
            found += 1;
        }
    }
    let attached = work
        .dossier(channel, dossier)?
        .and_then(|dossier| dossier.custody.attachments.iter().find(|(_, file)| file.record == *of).map(|(hash, _)| *hash));
    if let Some(hash) = attached {
        found += u64::from(attachments::erase(work.connection, channel, dossier, &hash)?);
        work.unlink(hash);
    }
    touched::note(work.connection, channel, dossier, work.identity.world.clock.unix(), true)?;
    if found > 0 {
        let (at, digest) = (work.identity.world.clock.unix(), ContentHash::of(of));
        approvals::note(work.connection, &Note { at, officer: who, did: "erase", digest, reason: ground.name() })?;
    }
    // Even when nothing was found: an earlier attempt to clear the write-ahead log may have met a reader.
    work.purge();
    Ok(found)
}

/// Destroys the sealed values of a record in the name of an officer, and says so.
///
/// # Errors
/// `CUS07` when this party holds no such copy or has said already that it destroyed it; other refusals; or a fault.
pub fn erase(
    work: &mut Work<'_>,
    officer: &OfficerId,
    channel: &ChannelId,
    dossier: &DossierId,
    of: RecordId,
    ground: Ground,
) -> Result<Submitted, Trouble> {
    let kind = work.dossier(channel, dossier)?.map(|dossier| dossier.kind.name().to_owned()).unwrap_or_default();
    let body = serde_json::to_value(Erased { of, ground }).map_err(|error| Fault::Damaged(error.to_string()))?;
    let draft =
        Draft { kind, act: Erased::SPEC.name.into(), dossier: Some(dossier.clone()), body: body.into(), ..Draft::default() };
    submit::submit(work, officer, channel, draft)
}

/// Answers what was recalled by the records that this work has taken in: the copies are destroyed, and a record of this
/// node's log says so in the same commit, so that whoever recalled them hears of it at once.
///
/// # Errors
/// A fault. That nobody here may say it is none: what was recalled is destroyed all the same.
pub(crate) fn answer_recalls(work: &mut Work<'_>, channel: &ChannelId) -> Result<(), Trouble> {
    let (own, today) = (work.identity.party.clone(), work.identity.world.today());
    let mut recalled = Vec::new();
    for dossier in work.folded(channel) {
        let due = dossier.due_for_erasure(&own, today).into_iter().filter(|(_, ground)| *ground == Ground::Recall);
        recalled.extend(due.map(|(of, _)| (dossier.id.clone(), of)));
    }
    for (dossier, of) in recalled {
        destroy_and_tell(work, channel, &dossier, of, Ground::Recall)?;
    }
    Ok(())
}

fn destroy_and_tell(
    work: &mut Work<'_>,
    channel: &ChannelId,
    dossier: &DossierId,
    of: RecordId,
    ground: Ground,
) -> Result<Swept, Trouble> {
    let charter = work.charter(channel)?.ok_or_else(|| Fault::Damaged(format!("the charter of {channel}")))?;
    let office = administrator(&people::officers(work.connection)?, &charter, &work.identity.party);
    let code = match office {
        Some(office) => match erase(work, &office, channel, dossier, of, ground) {
            Ok(_) => return Ok(Swept { told: 1, untold: 0 }),
            Err(Trouble::Refused(refusal)) => refusal.code,
            Err(other) => return Err(other),
        },
        None => "no administrator's office takes part in the channel".into(),
    };
    // The day is binding whoever can say that it was kept.
    let found = destroy(work, channel, dossier, (&of, ground), "node")?;
    if found > 0 {
        tracing::warn!(channel.id = %channel, dossier.id = %dossier, record = %of, %code, "destroyed, and no record says so");
    }
    Ok(Swept { told: 0, untold: found })
}

/// The office in whose name this node says what it destroyed by itself.
fn administrator(officers: &[Officer], charter: &Charter, own: &PartyId) -> Option<OfficerId> {
    let institutions = charter.parties.get(own).map(|party| &party.institutions)?;
    let fits = |officer: &&Officer| {
        !officer.revoked && officer.roles.contains(&Role::Administrator) && institutions.contains_key(&officer.institution)
    };
    officers.iter().find(fits).map(|officer| officer.id.clone())
}
