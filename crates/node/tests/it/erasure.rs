//! Erased is erased, everywhere on the node, and recall is confirmed by the other side's log: sealed values and files are
//! sought, byte by byte, in everything that a node's folder holds.

use crate::outsider::holds;
use crate::returns::{BEGIN, DAY, NAME, Pair, add_person, disclose, open_case};
use crate::server::Server;
use crate::straight::{Here, act, channel_of, party};
use crate::world::{World, until};
use rusqlite::Connection as File;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use tansiq_dossier::channel::{ChannelClass, ChannelId};
use tansiq_dossier::label::{Classification, Label};
use tansiq_dossier::party::Role;
use tansiq_dossier::record::{DossierId, Draft};
use tansiq_node::attachments::{self, Upload};
use tansiq_node::clock::{SetClock, World as Outside};
use tansiq_node::erasing::{self, Swept};
use tansiq_node::node::Node;
use tansiq_node::receive;
use tansiq_node::store::db::Connection;
use tansiq_node::store::db::postgres::Client;
use tansiq_node::store::people;
use tansiq_node::submit::Submitted;

/// Where a party's node keeps what it holds, as other programs find it.
impl World {
    /// The database of a party's node on the server.
    fn database(&self, party: &str) -> Option<(&Server, String)> {
        self.server.as_ref().map(|server| (server, party.to_lowercase()))
    }

    /// The disclosures that lie in the database of a node.
    fn disclosures(&self, party: &str) -> Vec<String> {
        let text = "SELECT texts FROM disclosure";
        if let Some((server, database)) = self.database(party) {
            let output = server.psql(&database, text);
            return String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
        }
        let file = File::open(self.site(party).folder.join("tansiq.db")).unwrap();
        let mut query = file.prepare(text).unwrap();
        let found = query.query_map([], |row| row.get::<_, String>(0)).unwrap();
        found.flat_map(|text| text.unwrap().lines().map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    /// Whether any of these texts stands in a file of a node, or of its database.
    fn holds_any(&self, party: &str, texts: &[String]) -> bool {
        let files = self.database(party).map(|(server, database)| server.files(&database));
        holds_any(&self.site(party).folder, texts) || files.is_some_and(|files| holds_any(&files, texts))
    }
}

fn holds_any(folder: &Path, texts: &[String]) -> bool {
    texts.iter().any(|text| holds(folder, text.as_bytes()))
}

/// A back-up of a node made now, and one of its database as an engineer makes it with the tools of SQLite or PostgreSQL.
fn back_up(world: &World, party: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let (whole, path) = (copy.path().join("whole"), copy.path().join("tansiq.db"));
    let output = world.command(party, &["backup", "--out", whole.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    if let Some((server, database)) = world.database(party) {
        std::fs::write(path, server.dump(&database)).unwrap();
    } else {
        let file = File::open(world.site(party).folder.join("tansiq.db")).unwrap();
        file.execute("VACUUM INTO ?1", [path.to_str().unwrap()]).unwrap();
    }
    copy
}

/// What a command of a node answers as JSON.
fn json_of(world: &World, party: &str, arguments: &[&str]) -> Value {
    let output = world.command(party, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&[output.stdout, output.stderr].concat()));
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

fn submit(world: &World, party: &str, draft: &Draft) -> Value {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut draft = serde_json::to_value(draft).unwrap();
    draft["channel"] = world.channel.as_str().into();
    std::fs::write(file.path(), draft.to_string()).unwrap();
    let office = format!("{}.mofa.returns", party.to_lowercase());
    json_of(world, party, &["submit", file.path().to_str().unwrap(), "--as", &office, "--json"])
}

#[test]
fn what_was_disclosed_and_recalled_is_found_in_no_file_of_either_node_and_in_no_later_back_up() {
    let world = World::of(&["IRQ", "SYR"], "returns").started();
    recalled_and_erased(&world);
}

#[test]
fn what_was_disclosed_and_recalled_is_found_in_no_table_of_a_server_either() {
    let Some(server) = Server::start() else { return };
    let world = World::on(server, &["IRQ", "SYR"], "returns").started();
    recalled_and_erased(&world);
}

/// Damascus opens the case of a person, and discloses two of her sealed values to Baghdad: the dossier, and both records.
fn disclosed_to_baghdad(world: &World) -> (DossierId, String, String) {
    // An administrator's office says what a node destroys by itself.
    for party in ["irq", "syr"] {
        let institution = format!("{party}.mofa");
        for (office, role) in [("returns", "return-officer"), ("engineer", "administrator")] {
            let office = format!("{institution}.{office}");
            let arguments = ["officer", &office, "--institution", &institution, "--clearance", "confidential", "--role", role];
            json_of(world, &party.to_uppercase(), &arguments);
        }
    }
    let dossier: DossierId = submit(world, "SYR", &open_case("المخيم"))["dossier"].as_str().unwrap().parse().unwrap();
    let person = submit(world, "SYR", &add_person(&dossier))["record"].as_str().unwrap().to_owned();
    let on = Outside::real().today();
    for (name, body) in [
        ("tell-person", json!({ "person": person, "on": on, "tongue": "ar" })),
        ("claim-nationality", json!({ "person": person, "nationality": "IRQ", "on": on })),
    ] {
        submit(world, "SYR", &act("return", name, Some(&dossier), body));
    }
    let disclosed = submit(world, "SYR", &disclose(&dossier, &person.parse().unwrap(), &["family_ar", "given_ar"]));
    let disclosed = disclosed["record"].as_str().unwrap().to_owned();
    world.level();
    (dossier, person, disclosed)
}

fn recalled_and_erased(world: &World) {
    let (dossier, person, disclosed) = disclosed_to_baghdad(world);
    let (copy, own) = (world.disclosures("IRQ"), world.disclosures("SYR"));
    assert!(copy.len() == 2 && own.len() == 6 && world.holds_any("IRQ", &copy) && world.holds_any("SYR", &own));
    // Somebody looks at the server's tables, and goes on looking at them as they were.
    let looking = world.database("IRQ").map(|(server, database)| {
        let connection: Connection = Client::connect(&server.address(&database)).unwrap().0.into();
        connection.begin_reading().unwrap();
        connection.query_row("SELECT count(*) FROM meta", [], |row| row.get::<_, i64>(0)).unwrap();
        connection
    });

    // Damascus recalls it. Baghdad's node destroys its copy by itself, and its log says so.
    let recall = act("return", "recall", Some(&dossier), json!({ "of": disclosed, "reason": "طلب الشخص" }));
    submit(world, "SYR", &recall);
    let confirmed = || {
        let shown = json_of(world, "SYR", &["show", dossier.as_str(), "--as", "syr.mofa.returns", "--json"]);
        shown["history"].as_array().unwrap().iter().any(|line| line["act"] == "erased")
    };
    until("Baghdad's log confirms it", confirmed);
    assert_eq!(world.disclosures("IRQ"), Vec::<String>::new());
    if let Some(looking) = looking {
        assert!(world.holds_any("IRQ", &copy), "a table is not written anew while somebody looks back at it");
        let doctor = world.command("IRQ", &["doctor", "--offline"]);
        assert!(String::from_utf8_lossy(&doctor.stdout).contains("still stands in older copies"), "{doctor:?}");
        looking.commit().unwrap();
        submit(world, "IRQ", &open_case("المخيم"));
        world.level();
    }
    // A page of the write-ahead log goes as soon as nobody reads it any longer.
    until("no file holds it", || !world.holds_any("IRQ", &copy));
    let doctor = world.command("IRQ", &["doctor", "--offline"]);
    assert!(!String::from_utf8_lossy(&doctor.stdout).contains("older copies"), "{doctor:?}");
    assert!(world.holds_any("SYR", &own), "Damascus keeps its own");
    // Then the person asks Damascus to destroy it as well.
    let erase = ["erase", "--dossier", dossier.as_str(), "--record", &person, "--ground", "person", "--as", "syr.mofa.returns"];
    json_of(world, "SYR", &erase);
    world.level();
    until("no file holds it", || !world.holds_any("SYR", &own));
    for party in ["IRQ", "SYR"] {
        assert!(!world.holds_any(party, &[NAME.to_owned()]));
        let later = back_up(world, party);
        assert!(!holds_any(later.path(), &own) && !holds(later.path(), NAME.as_bytes()));
        assert!(holds(later.path(), dossier.as_str().as_bytes()), "the search finds what is there");
    }
    for party in ["IRQ", "SYR"] {
        assert!(world.lines(party).iter().all(|line| !line.contains(NAME) && !own.iter().any(|text| line.contains(text))));
        world.verify(party);
        let again: Value = json_of(world, party, &["rebuild", "--json"]);
        assert_eq!(again["changed"], 0, "erasing changes no state");
    }
}

#[tokio::test]
async fn a_node_that_was_off_on_the_day_destroys_when_it_is_started() {
    let pair = Pair::new().await;
    let (dossier, added) = pair.person().await;
    let disclosed = pair.disclosed(&dossier, &added.record).await;
    pair.level().await;
    let copy = pair.iraq.kept(&pair.channel, "SYR", disclosed.index);
    assert!(pair.iraq.files_hold(&copy));
    // Two hundred days later the same folder is opened again, and served.
    let clock = SetClock::at(BEGIN + 200 * DAY);
    let node = Node::open(&pair.iraq.node.folder, Outside { clock, ..Outside::real() }).unwrap();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(tansiq_node::serve::serve(node, async { drop(ended.await) }, |_| {}));
    while pair.iraq.files_hold(&copy) {
        assert!(!serving.is_finished());
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    end.send(()).unwrap();
    serving.await.unwrap().unwrap();
    assert_eq!(pair.iraq.kept(&pair.channel, "SYR", disclosed.index), Vec::<String>::new());
    pair.syria.pull(&pair.channel, &pair.iraq).await;
    let heard = pair.syria.fold(&pair.channel, &dossier).unwrap();
    assert!(heard["custody"]["disclosures"][disclosed.record.to_string()]["erased"]["IRQ"].is_string());
}

#[tokio::test]
async fn a_copy_dies_by_the_clock_of_who_keeps_it_whatever_its_giver_says() {
    let pair = Pair::new().await;
    let (dossier, added) = pair.person().await;
    // Damascus' clock is thirty years ahead.
    pair.syria.clock.set(BEGIN + 30 * 365 * DAY);
    let disclosed = pair.disclosed(&dossier, &added.record).await;
    pair.level().await;
    let copy = pair.iraq.kept(&pair.channel, "SYR", disclosed.index);
    assert_eq!(copy.len(), 2);
    pair.iraq.clock.set(BEGIN + 90 * DAY);
    assert_eq!(erasing::sweep(&pair.iraq.node).await.unwrap(), Swept::default());
    pair.iraq.clock.set(BEGIN + 91 * DAY);
    assert_eq!(erasing::sweep(&pair.iraq.node).await.unwrap(), Swept { told: 1, untold: 0 });
    assert!(!pair.iraq.files_hold(&copy));
}

#[tokio::test]
async fn values_whose_disclosure_never_came_to_effect_are_not_kept_for_ever() {
    let third = crate::returns::with_offices("TUR").await;
    let (iraq, syria) = (crate::returns::with_offices("IRQ").await, crate::returns::with_offices("SYR").await);
    let channel = channel_of(ChannelClass::Return, &[&iraq, &syria, &third]).await;
    let pair = Pair { iraq, syria, channel };
    let (dossier, added) = pair.person().await;
    // Damascus has seen something of Ankara's that Baghdad never gets: what follows waits for its causes.
    third.submit(&pair.channel, "returns", open_case("قضية أخرى")).await.unwrap();
    pair.syria.pull(&pair.channel, &third).await;
    let disclosed = pair.disclosed(&dossier, &added.record).await;
    pair.iraq.pull(&pair.channel, &pair.syria).await;
    let copy = pair.iraq.kept(&pair.channel, "SYR", disclosed.index);
    assert!(copy.len() == 2 && pair.iraq.files_hold(&copy), "it came, and waits");
    pair.at(BEGIN + 90 * DAY);
    assert_eq!(erasing::sweep(&pair.iraq.node).await.unwrap(), Swept::default());
    pair.at(BEGIN + 91 * DAY);
    assert_eq!(erasing::sweep(&pair.iraq.node).await.unwrap(), Swept { told: 0, untold: 1 });
    assert!(!pair.iraq.files_hold(&copy));
    assert_eq!(pair.iraq.noted("erase"), 1);
    // When Ankara's comes after all, the disclosure has effect, and its copy is as good as destroyed.
    pair.iraq.pull(&pair.channel, &third).await;
    assert_eq!(erasing::sweep(&pair.iraq.node).await.unwrap().untold, 0);
    pair.iraq.verifies();
}

#[tokio::test]
async fn what_a_back_up_brings_back_is_destroyed_again() {
    let pair = Pair::new().await;
    let (dossier, added) = pair.person().await;
    let disclosed = pair.disclosed(&dossier, &added.record).await;
    pair.level().await;
    let copy = pair.iraq.kept(&pair.channel, "SYR", disclosed.index);
    let recall = act("return", "recall", Some(&dossier), json!({ "of": disclosed.record, "reason": "طلب الشخص" }));
    pair.syria.submit(&pair.channel, "returns", recall).await.unwrap();
    pair.level().await;
    assert!(!pair.iraq.files_hold(&copy));
    // A back-up of before is put in the place of the store, and the log is pulled back from the peer.
    let restored = "INSERT INTO disclosure SELECT channel, party, idx, ?1 FROM record WHERE party = 'SYR' AND idx = ?2";
    let index = i64::try_from(disclosed.index).unwrap();
    File::open(pair.iraq.node.database()).unwrap().execute(restored, rusqlite::params![copy.join("\n"), index]).unwrap();
    assert!(pair.iraq.files_hold(&copy));
    assert_eq!(erasing::sweep(&pair.iraq.node).await.unwrap(), Swept { told: 0, untold: 1 });
    assert!(!pair.iraq.files_hold(&copy));
    assert_eq!(erasing::sweep(&pair.iraq.node).await.unwrap(), Swept::default());
}

#[tokio::test]
async fn a_giver_keeps_no_second_copy_of_what_goes_out_no_more() {
    let pair = Pair::new().await;
    let (dossier, added) = pair.person().await;
    let disclosed = pair.disclosed(&dossier, &added.record).await;
    let mine = |at: u64| pair.syria.kept(&pair.channel, "SYR", at).len();
    pair.at(BEGIN + 90 * DAY);
    erasing::sweep(&pair.syria.node).await.unwrap();
    assert_eq!((mine(added.index), mine(disclosed.index)), (4, 2), "Baghdad may still come for it");
    pair.at(BEGIN + 91 * DAY);
    erasing::sweep(&pair.syria.node).await.unwrap();
    assert_eq!((mine(added.index), mine(disclosed.index)), (4, 0));
    // Baghdad, which was away for all that time, gets the record and no values: they would be over already.
    pair.level().await;
    assert_eq!(pair.iraq.kept(&pair.channel, "SYR", disclosed.index), Vec::<String>::new());
}

/// Attaches a file to a dossier of this node.
async fn attach(here: &Here, channel: &ChannelId, dossier: &DossierId, bytes: &[u8]) -> Submitted {
    let mut upload = Upload::begin(&here.node, "plan.txt").await.unwrap();
    upload.write(bytes).await.unwrap();
    let file = upload.finish().await.unwrap();
    let office = format!("{}.secretary", here.own().as_str().to_lowercase()).parse().unwrap();
    attachments::attach(&here.node, &office, channel, dossier, file, None).await.unwrap()
}

fn place(here: &Here, bytes: &[u8]) -> PathBuf {
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(bytes));
    here.node.folder.join("blobs").join(&hash[..2]).join(&hash)
}

#[tokio::test]
async fn a_label_says_for_how_many_days_files_are_kept_and_a_court_may_say_longer() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel_of(ChannelClass::Exchange, &[&iraq, &turkiye]).await;
    let releaser = crate::straight::officer("irq.releaser", &[Role::Releaser], Classification::Restricted);
    iraq.node.store.write(move |work| Ok(people::set_officer(work.connection, &releaser, None)?)).await.unwrap();
    let label = Label { retention_days: Some(30), ..Label::of(Classification::Restricted) };
    let propose = |label: Option<Label>| Draft {
        label,
        ..act("meeting", "propose", None, json!({ "title": { "ar": "اجتماع" }, "body": "لجنة" }))
    };
    let short = iraq.submit(&channel, "secretary", propose(Some(label.clone()))).await.unwrap().dossier;
    let held = iraq.submit(&channel, "secretary", propose(Some(label))).await.unwrap().dossier;
    let long = iraq.submit(&channel, "secretary", propose(None)).await.unwrap().dossier;
    let (brief, court, shared) = (b"for thirty days".as_slice(), b"for the court".as_slice(), b"of two dossiers".as_slice());
    for (dossier, bytes) in [(&short, brief), (&held, court), (&short, shared), (&long, shared)] {
        attach(&iraq, &channel, dossier, bytes).await;
    }
    let hold = act("meeting", "hold", Some(&held), json!({ "court_number": "7/2025", "until": "2026-01-31" }));
    iraq.submit(&channel, "releaser", hold).await.unwrap();
    iraq.clock.set(BEGIN + 30 * DAY);
    assert_eq!(erasing::sweep(&iraq.node).await.unwrap(), Swept::default());
    let before = iraq.fold(&channel, &short).unwrap()["state"].clone();
    iraq.clock.set(BEGIN + 31 * DAY);
    assert_eq!(erasing::sweep(&iraq.node).await.unwrap(), Swept { told: 2, untold: 0 });
    assert!(!holds(&iraq.node.folder, brief), "it is in no file of the node");
    assert!(place(&iraq, court).is_file(), "the court keeps it");
    assert!(place(&iraq, shared).is_file(), "another dossier needs the same bytes");
    assert_eq!(iraq.fold(&channel, &short).unwrap()["state"], before);
    assert_eq!(erasing::sweep(&iraq.node).await.unwrap(), Swept::default());
    iraq.clock.set(BEGIN + 200 * DAY);
    assert_eq!(erasing::sweep(&iraq.node).await.unwrap(), Swept { told: 1, untold: 0 });
    assert!(!holds(&iraq.node.folder, court) && place(&iraq, shared).is_file());
    iraq.verifies();
    // Ankara, which fetches nothing in this test, says the same of the copies that it never had.
    turkiye.clock.set(BEGIN + 31 * DAY);
    turkiye.pull(&channel, &iraq).await;
    assert_eq!(erasing::sweep(&turkiye.node).await.unwrap(), Swept { told: 3, untold: 0 });
}

#[tokio::test]
async fn a_crash_between_the_record_and_the_removal_of_a_file_leaves_nothing_for_long() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel_of(ChannelClass::Exchange, &[&iraq, &turkiye]).await;
    let open = act("meeting", "propose", None, json!({ "title": { "ar": "اجتماع" }, "body": "لجنة" }));
    let dossier = iraq.submit(&channel, "secretary", open).await.unwrap().dossier;
    let bytes = b"plain words".as_slice();
    let record = attach(&iraq, &channel, &dossier, bytes).await.record;
    let erased = act("meeting", "erased", Some(&dossier), json!({ "of": record, "ground": "court" }));
    iraq.submit(&channel, "admin", erased).await.unwrap();
    assert!(!place(&iraq, bytes).exists());
    // As a crash, or a back-up of the folder, would leave them.
    std::fs::write(place(&iraq, bytes), bytes).unwrap();
    let partial = iraq.node.folder.join("blobs/partial");
    let hash = place(&iraq, bytes).file_name().unwrap().to_str().unwrap().to_owned();
    std::fs::write(partial.join(format!("{hash}-TUR")), &bytes[..5]).unwrap();
    assert_eq!(erasing::sweep(&iraq.node).await.unwrap(), Swept::default());
    assert!(!place(&iraq, bytes).exists() && std::fs::read_dir(partial).unwrap().count() == 0);
    // Nor do they come back with the row of a back-up.
    std::fs::write(place(&iraq, bytes), bytes).unwrap();
    File::open(iraq.node.database()).unwrap().execute("UPDATE attachment SET held = 1", []).unwrap();
    assert_eq!(erasing::sweep(&iraq.node).await.unwrap(), Swept { told: 0, untold: 1 });
    assert!(!place(&iraq, bytes).exists());
}

#[tokio::test]
async fn a_recall_that_comes_twice_is_answered_once() {
    let pair = Pair::new().await;
    let (dossier, added) = pair.person().await;
    let disclosed = pair.disclosed(&dossier, &added.record).await;
    pair.level().await;
    let before = pair.iraq.size(&pair.channel, &party("IRQ"));
    let recall = act("return", "recall", Some(&dossier), json!({ "of": disclosed.record, "reason": "طلب الشخص" }));
    pair.syria.submit(&pair.channel, "returns", recall).await.unwrap();
    // The batch comes twice, as it may after a break.
    let batch = pair.syria.batches_for(&pair.channel, &party("IRQ"), before).pop().unwrap();
    for _ in 0..2 {
        let (channel, batch) = (pair.channel.clone(), batch.clone());
        let taken = pair.iraq.node.store.write(move |work| receive::receive(work, &channel, &party("SYR"), batch)).await;
        taken.unwrap();
    }
    assert_eq!(pair.iraq.size(&pair.channel, &party("IRQ")), before + 1);
    pair.iraq.verifies();
}

/// A node that ends right after the commit that destroyed something has not cleared away the older copies of its pages.
#[tokio::test]
async fn what_was_destroyed_just_before_a_node_ended_is_cleared_away_when_it_starts_again() {
    let iraq = Here::new("IRQ").await;
    let secret = "كان هنا اسم لا يجوز أن يبقى";
    let file = File::open(iraq.node.database()).unwrap();
    file.execute_batch("PRAGMA secure_delete=ON; PRAGMA wal_autocheckpoint=0").unwrap();
    file.execute("INSERT INTO meta (name, value) VALUES ('secret', ?1)", [secret]).unwrap();
    file.execute_batch(
        "BEGIN; DELETE FROM meta WHERE name = 'secret'; INSERT INTO meta (name, value) VALUES ('purge', 'due'); COMMIT",
    )
    .unwrap();
    assert!(holds(&iraq.node.folder, secret.as_bytes()), "the write-ahead log has it still");
    let _again = Node::open(&iraq.node.folder, iraq.node.identity.world.clone()).unwrap();
    assert!(!holds(&iraq.node.folder, secret.as_bytes()));
    let due: i64 = file.query_row("SELECT count(*) FROM meta WHERE name = 'purge'", [], |row| row.get(0)).unwrap();
    assert_eq!(due, 0);
}
