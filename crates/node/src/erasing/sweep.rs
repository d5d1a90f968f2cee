//! What may not be kept any longer today, in every dossier, is destroyed: at every start of a node, and on every new day.
//!
//! Most of it follows from the dossiers. What does not is found at the values themselves: such as came with a record that has
//! no effect, or that nobody can read yet; such as a giver with a wrong clock would have kept too long; and such as this
//! party destroyed already and a back-up brought back.

use super::destroy_and_tell;
use crate::fault::{Fault, Trouble};
use crate::node::Node;
use crate::store::approvals::{self, Note};
use crate::store::db::Connection;
use crate::store::disclosures::{self, Keeper};
use crate::store::records::Fate;
use crate::store::work::Work;
use crate::store::{attachments, dossiers, touched};
use std::collections::BTreeSet;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::custody::{Custody, Ground};
use tansiq_dossier::fold::{Dossier, Standing};
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::{DossierId, RecordId};
use tansiq_dossier::time::{Date, Moment};

/// How many values one transaction destroys at most.
const BATCH: usize = 256;

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Records whose sealed values or files were destroyed, and that a record says so of.
    pub told: u64,
    /// Records whose sealed values or files were destroyed without a record: no office could say so, or it was said before.
    pub untold: u64,
}

/// What a sweep finds.
#[derive(Debug, Default)]
struct Due {
    /// What a record will say of.
    told: BTreeSet<(ChannelId, DossierId, RecordId, Ground)>,
    /// Values of which no record needs to speak.
    untold: Vec<Keeper>,
    /// Values that this party sealed itself and has at another place: the copy made to disclose them goes out no more.
    spent: Vec<Keeper>,
    /// Files that this party said it destroyed, and that are here again.
    files: Vec<(ChannelId, DossierId, ContentHash)>,
}

/// Destroys whatever this party must not keep any longer today, in every dossier.
///
/// # Errors
/// When the store fails. What was destroyed before that stays destroyed.
pub async fn sweep(node: &Node) -> Result<Swept, Trouble> {
    let (own, today) = (node.identity.party.clone(), node.identity.world.today());
    let due: Due = node.store.read(move |connection| find(connection, &own, today)).await?;
    let mut swept = Swept::default();
    for (channel, dossier, of, ground) in due.told {
        let done = node.store.write(move |work| destroy_and_tell(work, &channel, &dossier, of, ground)).await?;
        swept.told += done.told;
        swept.untold += done.untold;
    }
    swept.untold += (due.untold.len() + due.files.len()) as u64;
    for (keepers, noted) in [(due.untold, true), (due.spent, false)] {
        for batch in keepers.chunks(BATCH) {
            let batch = batch.to_vec();
            node.store.write(move |work| Ok(drop_values(work, &batch, noted)?)).await?;
        }
    }
    node.store.write(move |work| Ok(drop_files(work, &due.files)?)).await?;
    if swept != Swept::default() {
        tracing::info!(
            told = swept.told,
            untold = swept.untold,
            "what was sealed or attached and is over by its time was destroyed"
        );
    }
    Ok(swept)
}

fn drop_values(work: &mut Work<'_>, keepers: &[Keeper], noted: bool) -> Result<(), Fault> {
    for Keeper { channel, party, index, id, .. } in keepers {
        disclosures::destroy(work.connection, channel, party, *index)?;
        if noted {
            note(work, ContentHash::of(id))?;
        }
    }
    work.purge();
    Ok(())
}

/// Files that came back with a back-up go again. The bytes of all that were ever destroyed are looked for once more: a crash
/// may have come between the commit and their removal.
fn drop_files(work: &mut Work<'_>, files: &[(ChannelId, DossierId, ContentHash)]) -> Result<(), Fault> {
    for (channel, dossier, hash) in files {
        if attachments::erase(work.connection, channel, dossier, hash)? {
            touched::note(work.connection, channel, dossier, work.identity.world.clock.unix(), true)?;
            note(work, *hash)?;
        }
    }
    for hash in attachments::erased(work.connection)? {
        work.unlink(hash);
    }
    Ok(())
}

fn note(work: &Work<'_>, digest: ContentHash) -> Result<(), Fault> {
    let at = work.identity.world.clock.unix();
    approvals::note(work.connection, &Note { at, officer: "node", did: "erase", digest, reason: Ground::Retention.name() })
}

fn find(connection: &Connection, own: &PartyId, today: Date) -> Result<Due, Fault> {
    let mut due = Due::default();
    for (channel, dossier) in dossiers::with_sealings(connection)? {
        let of_it = dossier.due_for_erasure(own, today).into_iter();
        due.told.extend(of_it.map(|(of, ground)| (channel.clone(), dossier.id.clone(), of, ground)));
    }
    for ((channel, id), files) in attachments::kept(connection)? {
        let Some(dossier) = dossiers::get(connection, &channel, &id)? else { continue };
        let again = |hash: &ContentHash| dossier.custody.attachments.get(hash).is_some_and(|file| file.erased.contains_key(own));
        due.files.extend(files.into_iter().filter(again).map(|hash| (channel.clone(), id.clone(), hash)));
        let of_it = dossier.due_for_erasure(own, today).into_iter();
        due.told.extend(of_it.map(|(of, ground)| (channel.clone(), id.clone(), of, ground)));
    }
    let mut last: Option<(ChannelId, Dossier)> = None;
    for keeper in disclosures::keepers(connection)? {
        let known =
            last.as_ref().is_some_and(|(channel, held)| *channel == keeper.channel && Some(&held.id) == keeper.dossier.as_ref());
        if !known {
            last = match &keeper.dossier {
                Some(id) => dossiers::get(connection, &keeper.channel, id)?.map(|held| (keeper.channel.clone(), held)),
                None => None,
            };
        }
        judge(keeper, last.as_ref().map(|(_, dossier)| dossier), own, today, &mut due);
    }
    Ok(due)
}

/// What becomes of values that lie here beside a record.
fn judge(keeper: Keeper, dossier: Option<&Dossier>, own: &PartyId, today: Date, due: &mut Due) {
    let retention = dossier.and_then(|dossier| dossier.label.retention_days);
    let custody = dossier.map(|dossier| &dossier.custody);
    if custody.is_some_and(|custody| custody.has_erased(&keeper.id, own)) {
        return due.untold.push(keeper);
    }
    if keeper.party == *own {
        if custody.is_some_and(|custody| custody.is_spent(&keeper.id, today, retention)) {
            due.spent.push(keeper);
        }
        return;
    }
    // By this node's own clock: the time that its giver claims may be anything.
    let over = Custody::copy_is_over(Moment::nearest(keeper.received), today, retention);
    if let (Some(custody), Some(id)) = (custody.filter(|custody| custody.disclosures.contains_key(&keeper.id)), &keeper.dossier) {
        if over && !custody.is_held(own, today) {
            due.told.insert((keeper.channel.clone(), id.clone(), keeper.id, Ground::Retention));
        }
        return;
    }
    // No disclosure is known that would say who may have it: with a refused record none will ever be; with one that waits for
    // its causes, or that only a later version can read, none may come in time.
    if over || matches!(keeper.fate, Fate::Applied(Standing::Refused(_))) {
        due.untold.push(keeper);
    }
}
