//! Counts that are kept instead of counted, lists out of several places, and what `verify` finds of what was changed behind the
//! node's back.

use crate::straight::{Here, act, channel, proposal};
use serde_json::json;
use std::collections::BTreeSet;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::record::DossierId;
use tansiq_node::fault::Fault;
use tansiq_node::store::db::Connection;
use tansiq_node::store::dossiers::{self, Filter};
use tansiq_node::verify::{verify, verify_store};

fn found(here: &Here, filter: &Filter) -> (Vec<DossierId>, u64) {
    let lines = here.node.store.read_now(|connection| dossiers::find(connection, filter)).unwrap();
    let count = here.node.store.read_now(|connection| dossiers::count(connection, filter)).unwrap();
    (lines.into_iter().map(|line| line.dossier.id).collect(), count)
}

fn every() -> Filter {
    Filter { limit: 10_000, ..Filter::default() }
}

/// What a list says when it is made the long way: every dossier read, sorted and cut.
fn long_way(here: &Here, filter: &Filter) -> (Vec<DossierId>, u64) {
    let mut lines = here.node.store.read_now(|connection| dossiers::find(connection, &every())).unwrap();
    let today = here.node.identity.world.today();
    lines.retain(|line| {
        let sheet = line.dossier.sheet(today);
        filter.channel.as_ref().is_none_or(|channel| *channel == line.channel)
            && filter.kind.is_none_or(|kind| kind == line.dossier.kind)
            && filter.state.as_ref().is_none_or(|state| *state == sheet.state)
            && filter.awaits.as_ref().is_none_or(|party| sheet.awaiting.iter().any(|step| step.party == *party))
    });
    lines.sort_by(|one, other| (other.changed, other.dossier.id.as_str()).cmp(&(one.changed, one.dossier.id.as_str())));
    let count = lines.len() as u64;
    let ids = lines.into_iter().map(|line| line.dossier.id);
    let (skip, limit) = (usize::try_from(filter.skip).unwrap(), usize::try_from(filter.limit).unwrap());
    (ids.skip(skip).take(limit).collect(), count)
}

async fn filled(here: &Here, there: &Here, channels: &[ChannelId]) {
    for n in 0..12_i64 {
        here.clock.set(1_770_000_000 + n / 2);
        let channel = &channels[usize::try_from(n).unwrap() % channels.len()];
        let opened = here.submit(channel, "secretary", proposal(&format!("اجتماع {n}"))).await.unwrap().dossier;
        if n % 3 == 0 {
            let cancel = act("meeting", "cancel", Some(&opened), json!({"reason": "تعذّر الحضور"}));
            here.submit(channel, "secretary", cancel).await.unwrap();
        }
    }
    for channel in channels {
        there.pull(channel, here).await;
    }
}

#[tokio::test]
async fn lists_and_counts_out_of_several_places_are_those_of_all_dossiers() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let syria = Here::new("SYR").await;
    let channels = [channel(&[&iraq, &turkiye]).await, channel(&[&iraq, &turkiye, &syria]).await];
    filled(&iraq, &turkiye, &channels).await;
    let states: BTreeSet<String> = {
        let lines = iraq.node.store.read_now(|connection| dossiers::find(connection, &every())).unwrap();
        lines.iter().map(|line| line.dossier.sheet(iraq.node.identity.world.today()).state).collect()
    };
    assert!(states.len() > 1, "{states:?}");
    for here in [&iraq, &turkiye] {
        let kinds = [None, Some(Kind::Meeting), Some(Kind::Note)];
        let states = states.iter().map(|state| Some(state.clone())).chain([None, Some("nowhere".to_owned())]);
        for (state, kind) in states.flat_map(|state| kinds.map(|kind| (state.clone(), kind))) {
            for channel in channels.iter().map(Some).chain([None]) {
                for (skip, limit) in [(0, 100), (0, 3), (2, 4), (50, 5)] {
                    for awaits in [None, Some("TUR".parse().unwrap())] {
                        let channel = channel.cloned();
                        let filter = Filter { channel, kind, state: state.clone(), awaits, skip, limit, ..Filter::default() };
                        assert_eq!(found(here, &filter), long_way(here, &filter), "{filter:?}");
                    }
                }
            }
        }
    }
}

/// Most dossiers begin with one record, which tells all that there is to tell.
#[tokio::test]
async fn nothing_is_kept_of_a_fold_that_one_record_tells() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel(&[&iraq, &turkiye]).await;
    filled(&iraq, &turkiye, std::slice::from_ref(&channel)).await;
    let mut told = BTreeSet::new();
    for here in [&iraq, &turkiye] {
        let lines = here.node.store.read_now(|connection| dossiers::find(connection, &every())).unwrap();
        assert_eq!(lines.len(), 13);
        for dossier in lines.into_iter().map(|line| line.dossier) {
            let read = |connection: &Connection| -> Result<_, Fault> {
                let bytes = dossiers::bytes(connection, &channel, &dossier.id)?.unwrap();
                Ok((bytes, dossiers::get(connection, &channel, &dossier.id)?.unwrap()))
            };
            let (bytes, alone) = here.node.store.read_now(read).unwrap();
            assert_eq!(alone, dossier);
            assert_eq!(bytes.is_empty(), dossier.records == 1 && dossier.kind == Kind::Meeting, "{dossier:?}");
            if bytes.is_empty() {
                told.insert(dossier.id);
            }
        }
    }
    assert_eq!(told.len(), 8);
    // The next record finds the dossier as it is, and from then on its fold is kept.
    let id = told.first().unwrap();
    let cancel = act("meeting", "cancel", Some(id), json!({"reason": "تعذّر الحضور"}));
    iraq.submit(&channel, "secretary", cancel).await.unwrap();
    turkiye.pull(&channel, &iraq).await;
    let both = [&iraq, &turkiye].map(|here| {
        here.node
            .store
            .read_now(|connection| dossiers::bytes(connection, &channel, id))
            .unwrap()
            .filter(|bytes| !bytes.is_empty())
    });
    assert!(both[0].is_some() && both[0] == both[1]);
}

/// All that is kept of a dossier beside its name, out of the table.
macro_rules! beside {
    () => {
        "kind, title, state, done, due, owner, awaits, audience, class, caveats, changed, fold, reference, sealed FROM dossier"
    };
}

/// Changes behind a node's back: each with how it is undone, and what is said of it.
const CHANGES: [(&str, &str, &str); 12] = [
    (
        "UPDATE record SET standing = 'MTG01' WHERE idx = 3",
        "UPDATE record SET standing = 'effective' WHERE idx = 3",
        "the kept standing",
    ),
    (
        "UPDATE tally SET dossiers = dossiers + 1 WHERE kind = 'meeting'",
        "UPDATE tally SET dossiers = dossiers - 1 WHERE kind = 'meeting'",
        "the counts of dossiers",
    ),
    (
        "UPDATE dossier SET fold = CAST(replace(CAST(fold AS TEXT), '\"records\":2,', '\"records\":7,') AS BLOB)",
        "UPDATE dossier SET fold = CAST(replace(CAST(fold AS TEXT), '\"records\":7,', '\"records\":2,') AS BLOB)",
        "is not the fold of its records",
    ),
    (
        "CREATE TABLE saved AS SELECT dossier, fold FROM dossier; UPDATE dossier SET fold = x''",
        "UPDATE dossier SET fold = (SELECT fold FROM saved WHERE saved.dossier = dossier.dossier); DROP TABLE saved",
        "is not the fold of its records",
    ),
    (
        "UPDATE record SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"role\":\"secretary\"', '\"role\":\"co-chair\"') AS BLOB) WHERE idx = 4",
        "UPDATE record SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"role\":\"co-chair\"', '\"role\":\"secretary\"') AS BLOB) WHERE idx = 4",
        "is not what its log committed to",
    ),
    (
        concat!("INSERT INTO dossier SELECT channel, 'IRQ-22222222222222222222222222', ", beside!(), " LIMIT 1"),
        "DELETE FROM dossier WHERE dossier = 'IRQ-22222222222222222222222222'",
        "IRQ-22222222222222222222222222 is kept, and no record made it",
    ),
    (
        concat!("INSERT INTO dossier SELECT channel, 'TUR-zzzzzzzzzzzzzzzzzzzzzzzzzz', ", beside!(), " LIMIT 1"),
        "DELETE FROM dossier WHERE dossier = 'TUR-zzzzzzzzzzzzzzzzzzzzzzzzzz'",
        "TUR-zzzzzzzzzzzzzzzzzzzzzzzzzz is kept, and no record made it",
    ),
    (
        "INSERT INTO disclosure SELECT channel, party, 77, 'WyJh' FROM record LIMIT 1",
        "DELETE FROM disclosure WHERE idx = 77",
        "and there is no such record",
    ),
    ("UPDATE entries SET tile = 3 WHERE tile = 0", "UPDATE entries SET tile = 0 WHERE tile = 3", "lacks entry 0"),
    ("UPDATE entries SET tile = 3 WHERE tile = 0", "UPDATE entries SET tile = 0 WHERE tile = 3", "has no entry"),
    (
        "CREATE TABLE whole AS SELECT party, bytes FROM entries; UPDATE entries SET bytes = substr(bytes, 1, 160)",
        "UPDATE entries SET bytes = (SELECT bytes FROM whole WHERE whole.party = entries.party); DROP TABLE whole",
        "has 5 entries, its head says",
    ),
    (
        "CREATE TABLE whole AS SELECT party, bytes FROM entries; UPDATE entries SET bytes = CAST(x'00' || substr(bytes, 2) AS BLOB)",
        "UPDATE entries SET bytes = (SELECT bytes FROM whole WHERE whole.party = entries.party); DROP TABLE whole",
        "is not what its log committed to",
    ),
];

#[tokio::test]
async fn what_is_changed_behind_the_nodes_back_is_found() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel(&[&iraq, &turkiye]).await;
    filled(&iraq, &turkiye, std::slice::from_ref(&channel)).await;
    let count = |here: &Here| {
        let one = here.node.store.read_now(|connection| verify(connection, &mut |_| {})).unwrap();
        let all = verify_store(&here.node.store, &mut |_| {}).unwrap();
        assert_eq!((one.records, one.entries, one.dossiers), (all.records, all.entries, all.dossiers));
        assert_eq!(
            one.problems.iter().collect::<BTreeSet<_>>(),
            all.problems.iter().collect::<BTreeSet<_>>(),
            "one worker finds what several find"
        );
        one.problems
    };
    assert_eq!(count(&turkiye), Vec::<String>::new());
    for (change, undo, said) in CHANGES {
        let run = |text: &'static str| {
            turkiye.node.store.write(move |work| {
                work.connection.execute_batch(text).map_err(tansiq_node::fault::Fault::from)?;
                Ok(())
            })
        };
        run(change).await.unwrap();
        let problems = count(&turkiye);
        assert!(problems.iter().any(|problem| problem.contains(said)), "{change}: {problems:?}");
        run(undo).await.unwrap();
    }
    assert_eq!(count(&turkiye), Vec::<String>::new());
}
