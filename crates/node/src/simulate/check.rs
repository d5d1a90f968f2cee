//! What must be true when the faults have stopped and everything has come to rest.

use super::disk::{self, heads};
use super::house::Seat;
use super::ledger::{Invariant, find};
use super::stage::Stage;
use crate::fault::Fault;
use crate::recovery;
use crate::store::db::Connection;
use crate::store::{channels, dossiers, entries, forks, late, logs, records};
use crate::verify;
use std::collections::{BTreeMap, BTreeSet};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::fold::Dossier;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::DossierId;
use tansiq_log::merkle::{CompactRange, Hash, leaf_hash};

/// Why the honest nodes do not hold the same yet; `None` when they do.
pub(super) fn apart(stage: &Stage, seats: &[&Seat]) -> Result<Option<String>, Fault> {
    let forked = !stage.ledger().dishonest.is_empty();
    let honest: BTreeSet<&PartyId> = seats.iter().map(|seat| &seat.party).collect();
    let mut all: BTreeMap<(ChannelId, PartyId), u64> = BTreeMap::new();
    for seat in seats {
        let Some(up) = &seat.up else { return Ok(Some(format!("{} is down", seat.party))) };
        let why = up.node.store.read_now(|connection| -> Result<_, Fault> {
            let unsure = recovery::all(connection, &up.node.identity)?.into_iter().find(|state| state.standing != "certain");
            if let Some(state) = unsure {
                return Ok(Some(format!(
                    "{} has {} of the {} that it said, and is {}",
                    seat.party, state.size, state.said, state.standing
                )));
            }
            for channel in channels::names(connection)? {
                let held = heads(connection, &channel)?;
                for party in &honest {
                    let size = held.iter().find(|(other, ..)| other == *party).map_or(0, |(_, size, _)| *size);
                    let first = *all.entry((channel.clone(), (*party).clone())).or_insert(size);
                    if size != first {
                        return Ok(Some(format!("{} holds {size} of {party}, another {first}", seat.party)));
                    }
                    let unseen = uncosigned(connection, &channel, party, size, &honest)?;
                    if let Some(cosigner) = unseen {
                        return Ok(Some(format!("{} lacks the cosignature of {cosigner} under {size} of {party}", seat.party)));
                    }
                }
                if let (Some((party, size, applied)), false) = (held.iter().find(|(_, size, applied)| size != applied), forked) {
                    return Ok(Some(format!("{} has applied {applied} of {size} of {party}", seat.party)));
                }
            }
            Ok(waiting(connection)?.filter(|_| !forked).map(|count| format!("{count} records wait at {}", seat.party)))
        })?;
        if why.is_some() {
            return Ok(why);
        }
    }
    let dishonest = stage.ledger().dishonest.clone();
    without_proof(&dishonest, seats)?.map_or_else(|| owed(seats), |why| Ok(Some(why)))
}

/// An honest party that has not cosigned the newest checkpoint of a log, as far as this node knows.
fn uncosigned(
    connection: &Connection,
    channel: &ChannelId,
    party: &PartyId,
    size: u64,
    honest: &BTreeSet<&PartyId>,
) -> Result<Option<PartyId>, Fault> {
    if size == 0 {
        return Ok(None);
    }
    let rows = logs::cosignatures(connection, channel, party, size)?;
    let missing = honest.iter().find(|other| **other != party && !rows.iter().any(|row| row.cosigner == ***other));
    Ok(missing.map(|party| (*party).clone()))
}

fn waiting(connection: &Connection) -> Result<Option<i64>, Fault> {
    let mut query = connection.prepare_cached("SELECT count(*) FROM record WHERE standing IN ('pending', 'late')")?;
    let count: i64 = query.query_row((), |row| row.get(0))?;
    Ok((count > 0).then_some(count))
}

/// Late records that one honest node owes another.
fn owed(seats: &[&Seat]) -> Result<Option<String>, Fault> {
    for (owner, recipient) in seats.iter().flat_map(|owner| seats.iter().map(move |recipient| (owner, recipient))) {
        let (Some(from), Some(to)) = (&owner.up, &recipient.up) else { continue };
        for channel in from.node.store.read_now(channels::names)? {
            let due = from.node.store.read_now(|connection| late::count(connection, &channel, &recipient.party))?;
            let taken = to.node.store.read_now(|connection| late::taken(connection, &channel, &owner.party))?;
            if owner.party != recipient.party && due > taken {
                return Ok(Some(format!("{} owes {} late records {taken} to {due}", owner.party, recipient.party)));
            }
        }
    }
    Ok(None)
}

/// Whether every act that was acknowledged at this seat stands where it stood.
pub(super) fn kept(stage: &Stage, seat: &Seat) -> Result<(), Fault> {
    let Some(up) = &seat.up else { return Ok(()) };
    if stage.ledger().dishonest.contains(&seat.party) {
        return Ok(());
    }
    let acts: Vec<_> = stage.ledger().acknowledged.iter().filter(|act| act.party == seat.party).cloned().collect();
    for act in acts {
        // The record itself may be nowhere, when the back-up was older and none of its audience held it.
        let holds = if seat.restored {
            let entry = up.node.store.read_now(|connection| entries::at(connection, &act.channel, &act.party, act.index))?;
            entry.as_ref() == Some(act.record.entry())
        } else {
            let stored = up.node.store.read_now(|connection| records::at(connection, &act.channel, &act.party, act.index))?;
            stored.is_some_and(|stored| stored.id() == act.record)
        };
        stage
            .ledger()
            .check(Invariant::Kept, holds, || format!("record {} of {} was acknowledged and is not there", act.index, act.party));
    }
    Ok(())
}

/// A dossier as a party holds it.
type Held = (PartyId, Dossier);

/// A log as a party holds it: its leaves, and whether the party has the proof of a second history.
type Seen<'a> = (&'a PartyId, Vec<Hash>, bool);

/// All that is looked at when everything has come to rest.
pub(super) fn all(stage: &Stage, seats: &[&Seat]) -> Result<(), Fault> {
    let forked = !stage.ledger().dishonest.is_empty();
    let mut held: BTreeMap<(ChannelId, DossierId), Vec<Held>> = BTreeMap::new();
    for seat in seats {
        kept(stage, seat)?;
        erased(stage, seat)?;
        let Some(up) = &seat.up else { continue };
        let report = up.node.store.read_now(|connection| verify::verify(connection, &mut |_| {}))?;
        let first = report.problems.first().cloned();
        stage.ledger().check(Invariant::Same, first.is_none(), || format!("{}: {}", seat.party, first.unwrap_or_default()));
        up.node.store.read_now(|connection| trees(stage, &seat.party, connection))?;
        for (place, fold) in up.node.store.read_now(folds)?.into_iter().filter(|_| !forked) {
            held.entry(place).or_default().push((seat.party.clone(), fold));
        }
    }
    evidence(stage, seats)?;
    held.iter().try_for_each(|(place, folds)| same(stage, seats, place, folds))
}

/// Whether nobody honest is accused, and whoever holds another history of a log than somebody else has the proof of that.
fn evidence(stage: &Stage, seats: &[&Seat]) -> Result<(), Fault> {
    let dishonest = stage.ledger().dishonest.clone();
    for (seat, up) in seats.iter().filter_map(|seat| Some((seat, seat.up.as_ref()?))) {
        up.node.store.read_now(|connection| -> Result<(), Fault> {
            for (channel, charter) in channels::all(connection)? {
                for party in charter.parties.keys().filter(|party| !dishonest.contains(*party)) {
                    let proved = forks::is_frozen(connection, &channel, party)?;
                    stage.ledger().check(Invariant::Evidence, !proved, || format!("{} accuses {party} falsely", seat.party));
                }
            }
            Ok(())
        })?;
    }
    let lacking = without_proof(&dishonest, seats)?;
    stage.ledger().check(Invariant::Evidence, lacking.is_none(), || lacking.unwrap_or_default());
    Ok(())
}

/// A party that holds another history of a log than somebody else, and has no proof of it.
fn without_proof(dishonest: &BTreeSet<PartyId>, seats: &[&Seat]) -> Result<Option<String>, Fault> {
    let mut held: BTreeMap<(ChannelId, PartyId), Vec<Seen<'_>>> = BTreeMap::new();
    for (seat, up) in seats.iter().filter_map(|seat| Some((seat, seat.up.as_ref()?))) {
        up.node.store.read_now(|connection| -> Result<(), Fault> {
            for channel in channels::names(connection)? {
                for party in dishonest {
                    let entries = leaves(connection, &channel, party)?;
                    let proved = forks::is_frozen(connection, &channel, party)?;
                    held.entry((channel.clone(), party.clone())).or_default().push((&seat.party, entries, proved));
                }
            }
            Ok(())
        })?;
    }
    let differ = |one: &[Hash], two: &[Hash]| one.iter().zip(two).any(|(one, two)| one != two);
    let mut lacking = held.iter().flat_map(|((_, party), holders)| {
        let unproved =
            holders.iter().filter(|(_, entries, proved)| !proved && holders.iter().any(|(_, others, _)| differ(entries, others)));
        unproved.map(move |(holder, ..)| {
            format!("{holder} and another hold two histories of {party}, and {holder} has no proof of it")
        })
    });
    Ok(lacking.next())
}

fn leaves(connection: &Connection, channel: &ChannelId, party: &PartyId) -> Result<Vec<Hash>, Fault> {
    let mut found = Vec::new();
    while let Some(entry) = entries::at(connection, channel, party, found.len() as u64)? {
        found.push(leaf_hash(&entry));
    }
    Ok(found)
}

/// Whether a dossier is the same at all whose dossier it is, and at nobody else.
fn same(stage: &Stage, seats: &[&Seat], place: &(ChannelId, DossierId), folds: &[(PartyId, Dossier)]) -> Result<(), Fault> {
    let opener = |(party, _): &&(PartyId, Dossier)| place.1.opener().is_none_or(|opener| opener == *party);
    let Some((_, dossier)) = folds.iter().find(opener).or(folds.first()) else { return Ok(()) };
    let mut ledger = stage.ledger();
    for party in seats.iter().map(|seat| &seat.party) {
        let here = folds.iter().find(|(holder, _)| holder == party).map(|(_, dossier)| dossier);
        let belongs = dossier.audience.contains(party);
        let name = &place.1;
        match here {
            Some(here) if belongs => {
                ledger.check(Invariant::Same, here == dossier, || format!("{party} has another state of {name}"));
            }
            None => ledger.check(Invariant::Same, !belongs, || format!("{party} does not have {name}")),
            // It was released by all who had written in it, as far as these knew. Then a record came that stands before that,
            // of somebody who had not agreed: nobody sends the party anything more, and what it has, it has.
            Some(_) => {
                let released = ledger.was_released(place, party);
                ledger.check(Invariant::Same, released, || format!("{party} has {name}, and nobody released it"));
            }
        }
    }
    Ok(())
}

type Folded = ((ChannelId, DossierId), Dossier);

fn folds(connection: &Connection) -> Result<Vec<Folded>, Fault> {
    let mut query = connection.prepare_cached("SELECT channel, dossier FROM dossier ORDER BY channel, dossier")?;
    let rows = query.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut found = Vec::new();
    for row in rows {
        let (channel, dossier): (ChannelId, DossierId) = row?;
        let folded = dossiers::get(connection, &channel, &dossier)?;
        found.extend(folded.map(|folded| ((channel, dossier), folded)));
    }
    Ok(found)
}

/// Whether every tree of this party's own log that has left it is a beginning of the log as it is now.
fn trees(stage: &Stage, own: &PartyId, connection: &Connection) -> Result<(), Fault> {
    for (channel, charter) in channels::all(connection)? {
        let Some(origin) = charter.origin(own) else { continue };
        let mut ledger = stage.ledger();
        let signed: Vec<(u64, String)> =
            ledger.trees.iter().filter(|((of, _), _)| *of == origin).map(|((_, size), root)| (*size, root.clone())).collect();
        let mut range = CompactRange::new();
        for (size, root) in signed {
            while range.size() < size {
                let Some(entry) = entries::at(connection, &channel, own, range.size())? else { break };
                range.append(leaf_hash(&entry), |_, _| {}).map_err(|error| Fault::Damaged(error.to_string()))?;
            }
            let now = data_encoding::BASE64.encode(range.root().as_bytes());
            let holds = range.size() == size && now == root;
            ledger.check(Invariant::History, holds, || format!("the tree of size {size} that {own} signed is none of its log's"));
        }
    }
    Ok(())
}

/// Whether anything of what this seat has destroyed is left in its files.
fn erased(stage: &Stage, seat: &Seat) -> Result<(), Fault> {
    let Some(up) = &seat.up else { return Ok(()) };
    let gone: Vec<String> = {
        let ledger = stage.ledger();
        ledger.seals.iter().filter(|(_, seal)| seal.erased.contains(&seat.party)).map(|(text, _)| text.clone()).collect()
    };
    if gone.is_empty() {
        return Ok(());
    }
    let live: BTreeSet<String> = up.node.store.read_now(|connection| -> Result<_, Fault> {
        let mut query = connection.prepare_cached("SELECT texts FROM disclosure")?;
        let rows = query.query_map((), |row| row.get::<_, String>(0))?;
        let texts: Vec<String> = rows.collect::<Result<_, _>>()?;
        Ok(texts.iter().flat_map(|texts| texts.lines().map(str::to_owned)).collect())
    })?;
    let fault = || Fault::file("cannot read the files of a node");
    let mut files = Vec::new();
    for name in [disk::DATABASE, disk::WAL] {
        let path = seat.home().join(name);
        if path.exists() {
            files.push(std::fs::read(path).map_err(fault())?);
        }
    }
    for text in gone.iter().filter(|text| !live.contains(*text)) {
        let piece = text.as_bytes().get(text.len() / 2..).unwrap_or_default();
        let found = files.iter().any(|file| find(file, piece).is_some());
        stage
            .ledger()
            .check(Invariant::Erased, !found, || format!("{} has erased sealed values that stand in its files", seat.party));
    }
    Ok(())
}
