//! Counts that are kept instead of counted, lists out of several places, and what `verify` finds of what was changed behind the
//! node's back.

use crate::straight::{Here, act, channel, proposal};
use serde_json::json;
use std::collections::BTreeSet;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::record::DossierId;
use tansiq_node::store::dossiers::{self, Filter};
use tansiq_node::verify::{verify, verify_store};

fn found(here: &Here, filter: &Filter) -> (Vec<DossierId>, u64) {
    let lines = here.node.store.read_now(|connection| dossiers::find(connection, filter)).unwrap();
    let count = here.node.store.read_now(|connection| dossiers::count(connection, filter)).unwrap();
    (lines.into_iter().map(|line| line.dossier.id).collect(), count)
}

/// What a list says when it is made the long way: every dossier read, sorted and cut.
fn long_way(here: &Here, filter: &Filter) -> (Vec<DossierId>, u64) {
    let every = Filter { limit: 10_000, ..Filter::default() };
    let mut lines = here.node.store.read_now(|connection| dossiers::find(connection, &every)).unwrap();
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
        let every = Filter { limit: 10_000, ..Filter::default() };
        let lines = iraq.node.store.read_now(|connection| dossiers::find(connection, &every)).unwrap();
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

/// All that is kept of a dossier beside its name, out of the table.
macro_rules! beside {
    () => {
        "kind, title, state, done, due, owner, awaits, audience, class, caveats, changed, fold, reference, sealed FROM dossier"
    };
}

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
    // Each change, how it is undone, and what is said of it.
    let changes = [
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
            "UPDATE dossier SET fold = CAST(replace(CAST(fold AS TEXT), '\"records\":1,', '\"records\":7,') AS BLOB)",
            "UPDATE dossier SET fold = CAST(replace(CAST(fold AS TEXT), '\"records\":7,', '\"records\":1,') AS BLOB)",
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
        ("UPDATE entry SET idx = 1000 WHERE idx = 5", "UPDATE entry SET idx = 5 WHERE idx = 1000", "lacks entry 5"),
        ("UPDATE entry SET idx = 1000 WHERE idx = 5", "UPDATE entry SET idx = 5 WHERE idx = 1000", "has no entry"),
    ];
    for (change, undo, said) in changes {
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
