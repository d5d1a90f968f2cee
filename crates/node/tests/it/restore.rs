//! A node that comes back from a back-up says nothing that it had not said before: it hears its own log from its peers first.

use crate::returns::Pair;
use crate::straight::{Here, act, channel_of, party, proposal};
use crate::world::{World, meeting, until};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tansiq_dossier::channel::ChannelClass;
use tansiq_node::backup;
use tansiq_node::clock::World as Outside;
use tansiq_node::exchange::frames_for;
use tansiq_node::fault::Trouble;
use tansiq_node::node::Node;
use tansiq_node::receive::{self, Batch};
use tansiq_node::store::db::Connection;
use tansiq_node::store::guard::{Found, Guard, Standing};
use tansiq_node::store::late;

impl World {
    /// Makes a back-up of a node and gives its folder.
    pub(crate) fn backup(&self, party: &str, name: &str) -> PathBuf {
        let out = self.site(party).folder.parent().unwrap().join(name);
        let output = self.command(party, &["backup", "--with-keys", "--out", out.to_str().unwrap()]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        out
    }

    /// The disk of a node that does not run is lost, and the node laid out from a back-up. The guard stays, or is lost too.
    pub(crate) fn restore(&self, party: &str, from: &Path, keeps_guard: bool) {
        self.restore_to(party, from, keeps_guard, &[]);
    }

    /// The same, on the database that these words name.
    pub(crate) fn restore_to(&self, party: &str, from: &Path, keeps_guard: bool, words: &[&str]) {
        let folder = &self.site(party).folder;
        let kept = folder.with_extension("kept");
        std::fs::rename(folder, &kept).unwrap();
        if keeps_guard {
            std::fs::create_dir(folder).unwrap();
            std::fs::rename(kept.join("guard"), folder.join("guard")).unwrap();
        }
        std::fs::remove_dir_all(&kept).unwrap();
        let words = [&["restore", from.to_str().unwrap(), "--to", folder.to_str().unwrap()], words].concat();
        let output = self.command(party, &words);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// How a node's own log stands.
    pub(crate) fn standing(&self, party: &str) -> Value {
        let output = self.command(party, &["recover", "--json"]);
        serde_json::from_slice::<Value>(&output.stdout).unwrap()[0].clone()
    }

    pub(crate) fn many(&self, party: &str, titles: std::ops::Range<usize>) {
        let acts: Vec<Value> = titles.map(|number| meeting(&format!("اجتماع {number}"))).collect();
        let answer = self.submit(&self.secretary(party), &json!(acts));
        assert!(answer.body.as_array().unwrap().iter().all(|outcome| outcome["index"].is_number()), "{}", answer.body);
    }

    fn is_refused(&self, party: &str) -> bool {
        let answer = self.submit(&self.secretary(party), &meeting("لا يُقبل"));
        if answer.status.is_success() {
            return false;
        }
        assert_eq!(answer.refusal(), Some("RCV01"), "{}", answer.body);
        true
    }

    /// No node has met a second history of a log.
    fn nobody_saw_two_histories(&self, parties: &[&str]) {
        for party in parties {
            let lines = self.lines(party);
            let bad =
                lines.iter().find(|line| line.contains("do not lead to the signed tree") || line.contains("another history"));
            assert_eq!(bad, None, "{party}");
            self.verify(party);
        }
    }
}

#[test]
fn a_node_from_an_old_back_up_reads_but_does_not_speak_until_its_peer_has_told_it_what_it_had_said() {
    let mut world = World::two().started();
    world.many("IRQ", 0..5);
    world.level();
    let backup = world.backup("IRQ", "monday");
    world.many("IRQ", 5..40);
    world.many("TUR", 100..110);
    world.level();
    world.many("IRQ", 40..45);
    world.level();
    let (digest, size) = (world.digest("TUR"), world.held("IRQ", "IRQ"));
    world.kill("TUR");
    world.kill("IRQ");
    world.restore("IRQ", &backup, true);
    assert_eq!(world.standing("IRQ")["standing"], "behind");
    world.start("IRQ");
    // Its peer is away: pages work, and nothing is signed.
    assert!(world.is_refused("IRQ"));
    assert_eq!(world.get(&world.secretary("IRQ"), "/api/v1/dossiers?kind=meeting").body["total"], 5);
    assert_eq!(world.held("IRQ", "IRQ"), 6);
    world.start("TUR");
    until("Baghdad has caught up", || !world.is_refused("IRQ"));
    world.level();
    assert_eq!(world.held("TUR", "IRQ"), size + 1, "one new act after all those that were said before");
    assert_ne!(world.digest("TUR"), digest);
    assert_eq!(world.standing("IRQ")["lost"], 0);
    let page = world.get(&world.secretary("IRQ"), "/api/v1/dossiers?kind=meeting&limit=1000").body;
    assert_eq!(page["total"], 56);
    // The numbers by which people quote dossiers go on where they had been.
    let references: std::collections::BTreeSet<&str> =
        page["items"].as_array().unwrap().iter().map(|item| item["reference"].as_str().unwrap()).collect();
    assert_eq!(references.len(), 56);
    world.nobody_saw_two_histories(&["IRQ", "TUR"]);
}

#[test]
fn a_node_that_lost_its_guard_too_asks_every_peer_once_before_it_speaks() {
    let mut world = World::two().started();
    world.many("IRQ", 0..5);
    world.level();
    let backup = world.backup("IRQ", "monday");
    world.many("IRQ", 5..20);
    world.level();
    world.kill("TUR");
    world.kill("IRQ");
    world.restore("IRQ", &backup, false);
    assert_eq!(world.standing("IRQ")["standing"], "unsure");
    world.start("IRQ");
    assert!(world.is_refused("IRQ"));
    world.start("TUR");
    until("Baghdad has caught up", || !world.is_refused("IRQ"));
    world.level();
    assert_eq!(world.held("TUR", "IRQ"), 22);
    // What was found out stays known.
    world.kill("IRQ");
    world.kill("TUR");
    world.start("IRQ");
    assert!(!world.is_refused("IRQ"));
    world.start("TUR");
    world.level();
    world.nobody_saw_two_histories(&["IRQ", "TUR"]);
}

#[test]
fn a_peer_that_cannot_be_called_brings_a_restored_node_its_log() {
    let mut world = World::two();
    world.start("IRQ");
    world.start_at("TUR", "none");
    world.opened();
    world.many("IRQ", 0..5);
    world.level();
    let backup = world.backup("IRQ", "monday");
    world.many("IRQ", 5..20);
    world.level();
    for keeps_guard in [true, false] {
        world.kill("TUR");
        world.kill("IRQ");
        world.restore("IRQ", &backup, keeps_guard);
        world.start("IRQ");
        assert!(world.is_refused("IRQ"));
        world.start_at("TUR", "none");
        until("Baghdad has caught up", || !world.is_refused("IRQ"));
        world.level();
    }
    world.nobody_saw_two_histories(&["IRQ", "TUR"]);
}

#[test]
fn what_no_party_ever_received_is_given_up_by_a_person_and_by_nothing_else() {
    let mut world = World::two().started();
    world.many("IRQ", 0..5);
    world.level();
    let backup = world.backup("IRQ", "monday");
    world.kill("TUR");
    world.many("IRQ", 5..8);
    world.kill("IRQ");
    world.restore("IRQ", &backup, true);
    let channel = world.channel.clone();
    let accept = ["recover", "--channel", &channel, "--accept", "--lang", "en"];
    let refused = |output: std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(refused(world.command("IRQ", &accept)).contains("RCV03"), "nobody has been asked");
    world.start("IRQ");
    world.start("TUR");
    until("Ankara has been asked", || world.standing("IRQ")["asked"]["TUR"] == 6);
    assert!(world.is_refused("IRQ"), "the guard knows that there was more");
    assert!(world.command("IRQ", &accept).status.success());
    until("Baghdad goes on", || !world.is_refused("IRQ"));
    assert!(refused(world.command("IRQ", &accept)).contains("RCV05"));
    world.level();
    assert_eq!(world.held("TUR", "IRQ"), 7);
    world.nobody_saw_two_histories(&["IRQ", "TUR"]);
}

#[test]
fn records_that_only_one_peer_holds_come_back_from_that_peer_however_late() {
    let mut world = World::three().started();
    world.many("IRQ", 0..3);
    world.level();
    let backup = world.backup("IRQ", "monday");
    let mut act = meeting("لبغداد ودمشق");
    act["audience"] = json!(["IRQ", "SYR"]);
    act["body"]["body"] = json!("isb");
    let (dossier, _) = world.done(&world.secretary("IRQ"), &act);
    world.many("IRQ", 3..6);
    world.level();
    let digest = world.digest("SYR");
    ["IRQ", "SYR", "TUR"].iter().for_each(|party| world.kill(party));
    world.restore("IRQ", &backup, true);
    world.start("IRQ");
    world.start("TUR");
    // Ankara holds the whole log, and not that record.
    until("the log has come back", || world.standing("IRQ")["standing"] == "certain");
    assert_eq!(world.standing("IRQ")["lost"], 1);
    let path = format!("/api/v1/dossiers/{}/{dossier}", world.channel);
    assert_eq!(world.get(&world.secretary("IRQ"), &path).status.as_u16(), 404);
    world.start("SYR");
    until("the record has come back", || world.standing("IRQ")["lost"] == 0);
    assert_eq!(world.get(&world.secretary("IRQ"), &path).body["history"].as_array().unwrap().len(), 1);
    world.level();
    assert_eq!(world.digest("IRQ"), digest);
    world.nobody_saw_two_histories(&["IRQ", "SYR", "TUR"]);
}

#[test]
fn a_back_up_made_while_acts_are_submitted_is_a_whole_node() {
    let mut world = World::two().started();
    let (begun, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    for _ in 0..3 {
        let (client, channel, begun, done) = (world.secretary("IRQ"), world.channel.clone(), begun.clone(), done.clone());
        world.runtime.spawn(async move {
            loop {
                let number = begun.fetch_add(1, Ordering::SeqCst);
                let Ok(answer) = client.submit(&channel, &meeting(&format!("اجتماع {number}"))).await else { return };
                assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
                done.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    let mut backups = Vec::new();
    for number in 0..3 {
        let before = done.load(Ordering::SeqCst);
        until("acts are submitted", || done.load(Ordering::SeqCst) >= before + 30);
        let (least, backup) = (done.load(Ordering::SeqCst), world.backup("IRQ", &format!("copy{number}")));
        backups.push((least, backup));
        let before = done.load(Ordering::SeqCst);
        until("and go on being submitted", || done.load(Ordering::SeqCst) >= before + 30);
    }
    world.kill("IRQ");
    for (least, backup) in &backups {
        let manifest = backup::check(backup).unwrap();
        assert!(manifest.logs[0].size > *least as u64, "what was acknowledged before is in it");
        assert!(!backup.join("guard").exists());
        let folder = backup.with_extension("node");
        backup::restore(backup, &folder, None, None).unwrap();
        let node = Node::open(&folder, Outside::real()).unwrap();
        let report = node.store.read_now(|connection| tansiq_node::verify::verify(connection, &mut |_| {})).unwrap();
        assert_eq!(report.problems, Vec::<String>::new());
    }
    // A flipped bit, and a file that is missing, are found before anything is laid out.
    let backup = &backups[0].1;
    let path = backup.join("tansiq.db");
    let bytes = std::fs::read(&path).unwrap();
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    std::fs::write(&path, &flipped).unwrap();
    let fresh = backup.with_extension("fresh");
    assert!(backup::restore(backup, &fresh, None, None).is_err());
    assert!(!fresh.exists());
    std::fs::write(&path, &bytes).unwrap();
    std::fs::remove_file(backup.join("node.json")).unwrap();
    assert!(backup::restore(backup, &fresh, None, None).is_err());
    // Nor is a database laid beside another one's write-ahead log.
    let beside = tempfile::tempdir().unwrap();
    std::fs::write(beside.path().join("tansiq.db-wal"), b"x").unwrap();
    assert!(backup::restore(&backups[1].1, beside.path(), None, None).is_err());
}

#[test]
fn the_command_line_beside_the_server_says_nothing_that_the_guard_does_not_hold() {
    let world = World::two().started();
    let folder = world.site("IRQ").folder.clone();
    let (own, channel) = ("IRQ".parse().unwrap(), world.channel.parse().unwrap());
    for number in 0..6 {
        if number % 2 == 0 {
            let file = folder.join("act.json");
            let mut act = meeting(&format!("اجتماع {number}"));
            act["channel"] = json!(world.channel);
            act["officer"] = json!("irq.mofa.secretary");
            std::fs::write(&file, act.to_string()).unwrap();
            let output = world.command("IRQ", &["submit", file.to_str().unwrap()]);
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        } else {
            world.many("IRQ", number..number + 1);
        }
        let guard = Guard::open(&folder.join("guard")).unwrap();
        assert_eq!(guard.held(&channel, &own).unwrap().size, number as u64 + 2);
        assert_eq!(guard.standing(&channel, &own, number as u64 + 2), Standing::Certain);
    }
    world.level();
}

/// A command opens the guard, and while it looks at the database a peer cosigns what the server has said since.
#[tokio::test]
async fn what_a_server_says_while_a_command_opens_the_node_is_no_gap_in_the_guard() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel_of(ChannelClass::Exchange, &[&iraq, &turkiye]).await;
    let (own, folder) = (iraq.own(), iraq.node.folder.join("guard"));
    let said = async |title: &str| {
        iraq.submit(&channel, "secretary", proposal(title)).await.unwrap();
        turkiye.pull(&channel, &iraq).await;
    };
    let opened = Guard::open(&folder).unwrap();
    said("قبل").await;
    let found = iraq.node.store.read_now(|connection| Found::read(connection, &own)).unwrap();
    said("بعد").await;
    iraq.node.store.read_now(|connection| found.settle(connection, &opened, &own)).unwrap();
    let size = iraq.size(&channel, &own);
    for guard in [opened, Guard::open(&folder).unwrap()] {
        assert_eq!((guard.held(&channel, &own).unwrap().size, guard.standing(&channel, &own, size)), (size, Standing::Certain));
    }
}

#[tokio::test]
async fn what_was_erased_is_in_no_later_back_up_and_is_destroyed_again_when_an_earlier_one_is_restored() {
    let pair = Pair::new().await;
    let folder = tempfile::tempdir().unwrap();
    let (dossier, added) = pair.person().await;
    pair.level().await;
    let values = pair.syria.kept(&pair.channel, "SYR", added.index);
    let holds = |path: &Path| {
        let bytes = std::fs::read(path).unwrap();
        values.iter().any(|value| bytes.windows(value.len()).any(|part| part == value.as_bytes()))
    };
    let (earlier, later) = (folder.path().join("earlier"), folder.path().join("later"));
    backup::make(&pair.syria.node, &earlier, true).unwrap();
    assert!(holds(&earlier.join("tansiq.db")), "it was not erased then");
    let body = json!({ "of": added.record, "ground": "person" });
    pair.syria.submit(&pair.channel, "returns", act("return", "erased", Some(&dossier), body)).await.unwrap();
    pair.level().await;
    backup::make(&pair.syria.node, &later, true).unwrap();
    assert!(!holds(&later.join("tansiq.db")));

    // Restored on another machine from the earlier one; what Baghdad holds of Damascus' log comes back.
    let restored = folder.path().join("restored");
    backup::restore(&earlier, &restored, None, None).unwrap();
    let node = Node::open(&restored, pair.syria.node.identity.world.clone()).unwrap();
    let (own, other) = (party("SYR"), party("IRQ"));
    let from = node.store.read_now(|connection| tansiq_node::store::logs::head(connection, &pair.channel, &own)).unwrap();
    let frames = pair.iraq.frames_of(&pair.channel, &own, &own, (from.range.size(), u64::MAX));
    for batch in frames {
        let channel = pair.channel.clone();
        node.store
            .write(move |work| {
                receive::hear(work, &channel, &batch.note)?;
                receive::recover(work, &channel, batch)
            })
            .await
            .unwrap();
    }
    for batch in pair.iraq.batches_for(&pair.channel, &own, 0) {
        let (channel, other) = (pair.channel.clone(), other.clone());
        node.store.write(move |work| receive::receive(work, &channel, &other, batch)).await.unwrap();
    }
    assert!(!holds(&restored.join("tansiq.db")) && !holds(&restored.join("tansiq.db-wal")));
    let report = node.store.read_now(|connection| tansiq_node::verify::verify(connection, &mut |_| {})).unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    let fold = |node: &Node| {
        let read = node.store.read_now(|connection| tansiq_node::store::dossiers::get(connection, &pair.channel, &dossier));
        serde_json::to_value(read.unwrap()).unwrap()
    };
    assert_eq!(fold(&node), fold(&pair.iraq.node));
}

#[tokio::test]
async fn a_restored_node_cosigns_no_history_but_the_one_that_it_had_cosigned() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel_of(ChannelClass::Exchange, &[&iraq, &turkiye]).await;
    let folder = tempfile::tempdir().unwrap();
    let early = folder.path().join("early");
    backup::make(&turkiye.node, &early, true).unwrap();
    // Baghdad's node goes on in two ways. Ankara cosigns the one, and is restored as it was before, beside its guard.
    let twin = iraq.twin();
    for number in 0..3 {
        iraq.submit(&channel, "secretary", proposal(&format!("اجتماع {number}"))).await.unwrap();
        turkiye.pull(&channel, &iraq).await;
    }
    let word = turkiye.node.identity.guard.held(&channel, &iraq.own());
    assert_eq!(word.as_ref().unwrap().size, 4);
    let restored = folder.path().join("restored");
    std::fs::create_dir_all(restored.join("guard")).unwrap();
    std::fs::copy(turkiye.node.folder.join("guard/journal"), restored.join("guard/journal")).unwrap();
    backup::restore(&early, &restored, None, None).unwrap();
    let node = Node::open(&restored, Outside::real()).unwrap();
    let take = async |batch: Batch| {
        let (channel, other) = (channel.clone(), iraq.own());
        node.store.write(move |work| receive::receive(work, &channel, &other, batch)).await
    };
    // It is shown the other way, step by step: as far as it cannot tell it keeps quiet, and then it says no.
    for number in 0..5 {
        twin.submit(&channel, "secretary", proposal(&format!("غيره {number}"))).await.unwrap();
    }
    let mut outcomes = Vec::new();
    for size in 1..6 {
        for batch in twin.frames_of(&channel, &iraq.own(), &turkiye.own(), (size, size + 1)) {
            outcomes.push(take(batch).await.map(|received| received.cosigned.is_some()));
        }
    }
    assert!(outcomes.iter().all(|outcome| !matches!(outcome, Ok(true))), "{outcomes:?}");
    assert!(matches!(outcomes.as_slice(), [Ok(false), Ok(false), Err(Trouble::Protocol(_)), ..]), "{outcomes:?}");
    assert_eq!(node.identity.guard.held(&channel, &iraq.own()), word);
}

/// What comes back to its owner before what it answers is shown to nobody yet: whose it is, is not known.
#[tokio::test]
async fn a_log_that_came_back_is_shown_when_its_records_are_applied_and_late_numbers_are_not_given_twice() {
    let (iraq, turkiye, syria) = (Here::new("IRQ").await, Here::new("TUR").await, Here::new("SYR").await);
    let channel = channel_of(ChannelClass::Exchange, &[&iraq, &turkiye, &syria]).await;
    let folder = tempfile::tempdir().unwrap();
    let (early, restored) = (folder.path().join("early"), folder.path().join("restored"));
    backup::make(&turkiye.node, &early, true).unwrap();
    iraq.submit(&channel, "secretary", proposal("اجتماع")).await.unwrap();
    turkiye.pull(&channel, &iraq).await;
    let answer = turkiye.submit(&channel, "secretary", proposal("بعد الاجتماع")).await.unwrap();
    iraq.pull(&channel, &turkiye).await;

    std::fs::create_dir_all(restored.join("guard")).unwrap();
    std::fs::copy(turkiye.node.folder.join("guard/journal"), restored.join("guard/journal")).unwrap();
    backup::restore(&early, &restored, None, None).unwrap();
    let node = Node::open(&restored, Outside::real()).unwrap();
    for batch in iraq.frames_of(&channel, &turkiye.own(), &turkiye.own(), (1, u64::MAX)) {
        let channel = channel.clone();
        node.store.write(move |work| receive::recover(work, &channel, batch)).await.unwrap();
    }
    let shown = || {
        let show = |connection: &Connection| frames_for(connection, &channel, &turkiye.own(), &syria.own(), (1, u64::MAX));
        node.store.read_now(show).unwrap()
    };
    assert_eq!(shown(), (Vec::new(), 1), "what it answers has not come back");
    for batch in iraq.batches_for(&channel, &turkiye.own(), 1) {
        let (channel, iraq) = (channel.clone(), iraq.own());
        node.store.write(move |work| receive::receive(work, &channel, &iraq, batch)).await.unwrap();
    }
    let (bytes, next) = shown();
    assert_eq!(next, 2);
    let title = "بعد الاجتماع".as_bytes();
    assert!(bytes.windows(title.len()).any(|part| part == title), "the entry goes with its record");

    // Damascus had taken late records of which nobody knows any more: their numbers are not given again.
    let (own, to, dossier) = (turkiye.own(), syria.own(), answer.dossier.clone());
    let numbers = node.store.write(move |work| -> Result<_, Trouble> {
        late::add(work.connection, &channel, &own, &to, &dossier)?;
        let first = late::after(work.connection, &channel, &to, 0, 10)?;
        late::renumber(work.connection, &channel, work.identity.world.clock.unix())?;
        let again = late::after(work.connection, &channel, &to, first[0].0, 10)?;
        late::add(work.connection, &channel, &own, &to, &dossier)?;
        Ok((first, again, late::count(work.connection, &channel, &to)?))
    });
    let (first, again, last) = numbers.await.unwrap();
    assert!(first[0].0 > 1 << 20, "numbered anew when the log came back: {first:?}");
    assert_eq!((again.len(), again[0].1), (1, 1), "{again:?}");
    assert_eq!(last, again[0].0 + 1);
}

#[test]
fn a_node_whose_disk_is_full_acknowledges_nothing_more_and_loses_nothing_that_it_acknowledged() {
    let mut world = World::two();
    // As if the disk had room for files of 3 MiB: writing beyond that fails.
    let program = world.site("IRQ").folder.with_extension("sh");
    let tansiq = env!("CARGO_BIN_EXE_tansiq");
    std::fs::write(&program, format!("#!/bin/bash\ntrap '' XFSZ\nulimit -f 3072\nexec {tansiq} \"$@\"\n")).unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    world.start_program("IRQ", &program);
    world.start("TUR");
    world.opened();
    let client = world.secretary("IRQ");
    let mut acknowledged = Vec::new();
    let failed = loop {
        let number = acknowledged.len();
        let mut act = meeting(&format!("اجتماع {number}"));
        act["body"]["sources"] = json!([{ "text": "م".repeat(900) }, { "text": "ن".repeat(900) }]);
        let answer = world.submit(&client, &act);
        if answer.status.as_u16() != 201 {
            break answer;
        }
        acknowledged.push(answer.body["dossier"].as_str().unwrap().to_owned());
        assert!(number < 5000, "the disk is never full");
    };
    assert_eq!(failed.status.as_u16(), 503, "{}", failed.body);
    // Not even what would fit: what the disk holds is not known any more.
    assert_eq!(world.submit(&client, &meeting("قصير")).status.as_u16(), 503);
    let health = world.get(&client, "/healthz");
    assert_eq!((health.status.as_u16(), &health.body["status"]), (503, &json!("read-only")));
    // It still reads, and serves its peer.
    assert_eq!(world.get(&client, "/api/v1/dossiers?kind=meeting").body["total"], acknowledged.len());
    world.kill("IRQ");
    world.verify("IRQ");
    world.start("IRQ");
    world.level();
    assert_eq!(world.held("TUR", "IRQ"), acknowledged.len() as u64 + 1);
    let client = world.secretary("IRQ");
    for dossier in &acknowledged {
        let path = format!("/api/v1/dossiers/{}/{dossier}", world.channel);
        assert_eq!(world.get(&client, &path).status.as_u16(), 200);
    }
    world.done(&client, &meeting("بعد الإصلاح"));
    world.level();
    world.nobody_saw_two_histories(&["IRQ", "TUR"]);
}

#[test]
fn the_doctor_says_what_is_wrong_and_what_to_do() {
    let mut world = World::two().started();
    world.many("IRQ", 0..3);
    world.level();
    let backup = world.backup("IRQ", "monday");
    world.many("IRQ", 3..6);
    world.level();
    let doctor = |world: &World| {
        let output = world.command("IRQ", &["doctor", "--json"]);
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(said["healthy"] == true, output.status.code() == Some(0));
        said
    };
    let finds = |said: &Value, level: &str, about: &str, words: &str| {
        said["findings"].as_array().unwrap().iter().any(|finding| {
            finding["level"] == level
                && finding["about"].as_str().unwrap().starts_with(about)
                && finding["says"].as_str().unwrap().contains(words)
        })
    };
    let said = doctor(&world);
    assert_eq!(said["healthy"], true, "{said:#}");
    for (about, words) in [
        ("node", "IRQ"),
        ("keys", "complete"),
        ("guard", "readable"),
        ("database", "quick check finds nothing"),
        ("back-up", "made"),
        ("server", "answers"),
        ("peer TUR", "answers"),
        ("log IRQ", "all 7 entries are witnessed by TUR"),
        ("log TUR", "all 1 entries are here"),
    ] {
        assert!(finds(&said, "good", about, words), "{about} {words}: {said:#}");
    }
    world.kill("TUR");
    world.many("IRQ", 6..8);
    let said = doctor(&world);
    assert!(finds(&said, "problem", "peer TUR", "cannot be reached"), "{said:#}");
    assert!(finds(&said, "notice", "log IRQ", "2 of 9 entries are not witnessed by TUR yet"), "{said:#}");
    world.kill("IRQ");
    world.restore("IRQ", &backup, true);
    let said = doctor(&world);
    assert!(finds(&said, "problem", "channel", "behind what this node has said"), "{said:#}");
    assert!(finds(&said, "notice", "server", "nobody answers"), "{said:#}");
    assert!(finds(&said, "good", "back-up", "made"), "the one that it came from: {said:#}");
    let folder = world.site("IRQ").folder.clone();
    let key = folder.join("keys/log.key");
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let said = doctor(&world);
    assert!(finds(&said, "problem", "keys", "can be read by others"), "{said:#}");
    std::fs::write(folder.join("tansiq.db"), vec![7; 8192]).unwrap();
    assert!(finds(&doctor(&world), "problem", "database", ""), "{said:#}");
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(finds(&doctor(&world), "problem", "node", "there is no node"));
}
