//! Keys change, are lost, and fall into other hands, and the channel goes on: between real nodes, with a peer that runs, one that
//! is away, and one that knows the old keys alone.

use crate::straight::{Here, act, channel_of, officer};
use crate::world::{World, meeting, until};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tansiq_dossier::channel::{ChannelClass, ChannelId};
use tansiq_dossier::fold::{self, Standing};
use tansiq_dossier::label::{Classification, Label};
use tansiq_dossier::party::Role;
use tansiq_dossier::record::{DossierId, Entry, LEVEL, Record, RecordId, Stamp};
use tansiq_log::checkpoint::SignedCheckpoint;
use tansiq_node::approval::{Asked, Matter};
use tansiq_node::exchange::tls;
use tansiq_node::fault::Trouble;
use tansiq_node::guarded::{self, Guarded};
use tansiq_node::keyring::{self, Keyring};
use tansiq_node::keys::{Keys, Which};
use tansiq_node::store::records::{self, Fate, StoredRecord};
use tansiq_node::store::work::Work;
use tansiq_node::store::{entries, people};
use tokio::io::AsyncReadExt;

impl World {
    /// Runs a command that must do what it is asked.
    fn runs(&self, party: &str, arguments: &[&str]) -> String {
        let output = self.command(party, arguments);
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    }

    /// Runs what two people have to agree on: the co-chair asks, an administrator allows it, the co-chair asks again.
    fn agreed(&self, party: &str, arguments: &[&str]) -> String {
        let small = party.to_lowercase();
        let (chair, admin) = (format!("{small}.mofa.co-chair"), format!("{small}.mofa.admin"));
        self.runs(party, &["officer", &admin, "--institution", &format!("{small}.mofa"), "--role", "administrator"]);
        let asks = [arguments, &["--as", &chair, "--reason", "سنوي"]].concat();
        let first = self.command(party, &asks);
        let text = String::from_utf8_lossy(&first.stdout).into_owned();
        assert_eq!(first.status.code(), Some(1), "{text}{}", String::from_utf8_lossy(&first.stderr));
        let number = text.split("request ").nth(1).and_then(|rest| rest.split(';').next()).unwrap().to_owned();
        self.runs(party, &["approve", &number, "--as", &admin]);
        self.runs(party, &asks)
    }

    fn keys(&self, party: &str) -> Value {
        serde_json::from_str(&self.runs(party, &["keys", "show", "--json"])).unwrap()
    }

    /// What the nodes agree on about the keys of a party.
    fn known(&self, at: &str, of: &str) -> Value {
        self.keys(at)["channels"][&self.channel][of]["keys"].clone()
    }

    fn acts(&self, party: &str, title: &str) {
        let secretary = self.secretary(party);
        self.done(&secretary, &meeting(title));
    }
}

#[test]
fn keys_change_while_the_peer_runs_and_while_it_is_away() {
    let mut world = World::two().started();
    world.acts("IRQ", "قبل التغيير");
    world.level();
    world.kill("TUR");
    let said = world.agreed("IRQ", &["keys", "succeed"]);
    assert!(said.contains("old and new keys count"), "{said}");
    world.acts("IRQ", "في أثناء الغياب");
    world.start("TUR");
    world.level();
    assert!(world.known("TUR", "IRQ")["succession"]["record"].is_string());
    let early = world.command("IRQ", &["keys", "finish", "--as", "irq.mofa.co-chair", "--reason", "س"]);
    assert_eq!(early.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&early.stderr).contains("KEY05"));
    world.runs("TUR", &["keys", "acknowledge", "--party", "IRQ", "--as", "tur.mofa.co-chair"]);
    world.level();
    let old = std::fs::read(world.site("IRQ").folder.join("keys/log.key")).unwrap();
    world.kill("TUR");
    world.agreed("IRQ", &["keys", "finish"]);
    assert_ne!(std::fs::read(world.site("IRQ").folder.join("keys/log.key")).unwrap(), old);
    assert!(!world.site("IRQ").folder.join("keys/log.next.key").exists());
    world.acts("IRQ", "بالمفاتيح الجديدة");
    world.start("TUR");
    world.level();
    world.acts("TUR", "Yeni anahtarlarla");
    world.acts("IRQ", "مرة أخرى");
    world.level();
    let keys = world.known("TUR", "IRQ");
    assert_eq!((keys["log"].as_array().unwrap().len(), keys["wire"].as_array().unwrap().len()), (2, 2));
    assert!(keys["log"][0]["until"].is_u64() && keys["log"][1]["until"].is_null(), "{keys}");
    // Started anew, they know each other by the new keys alone.
    world.kill("IRQ");
    world.start("IRQ");
    world.acts("IRQ", "بعد إعادة التشغيل");
    world.level();
    world.verify("IRQ");
    world.verify("TUR");
    world.runs("IRQ", &["rebuild"]);
    world.verify("IRQ");
}

#[test]
fn lost_keys_are_replaced_by_the_two_others_and_the_log_goes_on() {
    let mut world = World::three().started();
    world.acts("SYR", "قبل الحريق");
    world.level();
    world.kill("SYR");
    let folder = world.site("SYR").folder.clone();
    std::fs::remove_file(folder.join("keys/log.key")).unwrap();
    world.runs("SYR", &["keys", "recreate"]);
    let card = folder.join("card.json");
    std::fs::write(&card, world.runs("SYR", &["card"])).unwrap();
    let card = card.to_str().unwrap();
    world.agreed("IRQ", &["keys", "replace", "--card", card]);
    // On the word of one alone the new keys are nobody's.
    world.start("SYR");
    assert_eq!(world.known("IRQ", "SYR")["log"].as_array().unwrap().len(), 1);
    let shown = world.runs("SYR", &["keys", "show"]);
    assert!(shown.contains("have to replace it"), "{shown}");
    world.agreed("TUR", &["keys", "replace", "--card", card]);
    until("Damascus knows that its new keys count", || world.known("SYR", "SYR")["log"].as_array().unwrap().len() == 2);
    // Whoever was no witness meanwhile is one of what comes next.
    [("SYR", "بعد الحريق"), ("IRQ", "بعد الحريق"), ("TUR", "Yangından sonra")]
        .iter()
        .for_each(|(party, title)| world.acts(party, title));
    world.level();
    ["IRQ", "SYR", "TUR"].iter().for_each(|party| world.verify(party));
}

#[test]
fn a_revoked_node_is_cut_off_at_once_and_the_others_go_on() {
    let world = World::three().started();
    world.level();
    // A connection of Damascus to Baghdad that is open while it happens.
    let keys = |party: &str| Keys::open(&world.site(party).folder.join("keys")).unwrap();
    let pin = keys("IRQ").wire_pin().unwrap();
    let connect = || {
        let config = tls::client(&keys("SYR"), "damascus.example", pin.clone()).unwrap();
        let address = world.site("IRQ").exchange.clone();
        world.runtime.block_on(async move {
            let stream = tokio::net::TcpStream::connect(&address).await.unwrap();
            let name = rustls::pki_types::ServerName::try_from("node.tansiq.invalid").unwrap();
            tokio_rustls::TlsConnector::from(config).connect(name, stream).await.unwrap()
        })
    };
    let ends = |stream: &mut tokio_rustls::client::TlsStream<tokio::net::TcpStream>| {
        world.runtime.block_on(async {
            let mut buffer = [0; 1024];
            let reads = async { while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {} };
            tokio::time::timeout(Duration::from_millis(20), reads).await.is_ok()
        })
    };
    let mut open = connect();
    assert!(!ends(&mut open), "it is open");
    let before = world.held("IRQ", "SYR");
    let revoke = |party: &str| {
        let chair = format!("{}.mofa.co-chair", party.to_lowercase());
        world.runs(party, &["keys", "revoke-node", "--party", "SYR", "--as", &chair, "--reason", "اختراق"]);
    };
    revoke("IRQ");
    until("Ankara has heard", || world.held("TUR", "IRQ") == world.held("IRQ", "IRQ"));
    assert!(!ends(&mut open), "one alone takes nobody out");
    revoke("TUR");
    until("Baghdad has heard", || world.held("IRQ", "TUR") == world.held("TUR", "TUR"));
    let begun = Instant::now();
    until("the open connection is closed", || ends(&mut open));
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert!(ends(&mut connect()), "no new one is let in");
    world.acts("SYR", "من يد أخرى");
    world.acts("IRQ", "بين الباقين");
    until("Ankara goes on with Baghdad", || world.held("TUR", "IRQ") == world.held("IRQ", "IRQ"));
    assert_eq!((world.held("IRQ", "SYR"), world.held("TUR", "SYR")), (before, before));
    world.verify("IRQ");
    world.verify("TUR");
}

#[test]
fn a_revoked_office_is_out_at_home_at_once() {
    let world = World::two().started();
    let baghdad = world.secretary("IRQ");
    world.done(&baghdad, &meeting("قبل"));
    let revoke = ["keys", "revoke-officer", "irq.mofa.secretary", "--as", "irq.mofa.co-chair", "--reason", "كلمة المرور"];
    world.runs("IRQ", &revoke);
    let begun = Instant::now();
    until("the session is over", || world.get(&baghdad, "/api/v1/dossiers").status.as_u16() == 401);
    assert!(begun.elapsed() < Duration::from_secs(1));
    world.level();
    assert_eq!(world.submit(&baghdad, &meeting("بعد")).status.as_u16(), 401);
    let dossier = world.runs("TUR", &["show", "charter", "--json"]);
    assert!(dossier.contains("irq.mofa.secretary"), "{dossier}");
}

async fn agreed(here: &Here, channel: &ChannelId, name: &str, body: Value) -> RecordId {
    let small = here.own().as_str().to_lowercase();
    let asked = Asked {
        requester: format!("{small}.chair").parse().unwrap(),
        recipient: None,
        reason: "سنوي".to_owned(),
        matter: Matter::Keys { act: name.to_owned(), bodies: [(channel.clone(), body)].into() },
    };
    let approver = format!("{small}.admin").parse().unwrap();
    let (first, to) = (asked.clone(), channel.clone());
    let waiting = here.node.store.write(move |work| guarded::change_keys(work, &first, &to)).await.unwrap();
    let Guarded::Waiting(waiting) = waiting else { panic!("nobody was asked") };
    here.node.store.write(move |work| guarded::approve(work, &approver, waiting.number)).await.unwrap();
    let to = channel.clone();
    match here.node.store.write(move |work| guarded::change_keys(work, &asked, &to)).await.unwrap() {
        Guarded::Given(done) => done.record,
        Guarded::Waiting(_) => panic!("it was allowed"),
    }
}

fn ring(here: &Here, channel: &ChannelId) -> Keyring {
    here.node.store.read_now(|connection| keyring::of(connection, channel)).unwrap().unwrap()
}

#[tokio::test]
async fn a_peer_that_knows_the_old_keys_alone_verifies_through_the_overlap_and_not_beyond() {
    let (a, b) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel_of(ChannelClass::Exchange, &[&a, &b]).await;
    let (founding, origin) = (ring(&b, &channel), ring(&b, &channel).charter.origin(&a.own()).unwrap());
    let old_log = founding.log_keys(&a.own(), 1).remove(0);
    let old_cosigner = founding.cosigner_keys(&b.own(), false).remove(0);
    for here in [&a, &b] {
        here.node.identity.keys.prepare(Which { log: true, cosigner: true, wire: true }, &here.node.identity.world).unwrap();
    }
    let announce = |here: &Here| serde_json::to_value(here.node.identity.keys.next().unwrap()).unwrap();
    let announced = agreed(&a, &channel, "succeed", announce(&a)).await;
    b.pull(&channel, &a).await;
    let other = agreed(&b, &channel, "succeed", announce(&b)).await;
    a.pull(&channel, &b).await;

    // Both keys sign, and whoever knows one of them verifies, of logs and of cosignatures alike.
    let of = json!({ "of": announced });
    let acknowledge = |of: &Value| act("charter", "acknowledge-keys", Some(&DossierId::charter()), of.clone());
    a.submit(&channel, "chair", acknowledge(&json!({ "of": other }))).await.unwrap();
    let batch = a.batches_for(&channel, &b.own(), 2).pop().unwrap();
    let new_log = ring(&a, &channel).log_keys(&a.own(), 3).pop().unwrap();
    assert_ne!(new_log, old_log);
    for key in [&old_log, &new_log] {
        SignedCheckpoint::open(batch.note.as_bytes(), &origin, key).unwrap();
    }
    let cosigned = b.take(&channel, &a.own(), batch).await.unwrap().cosigned.unwrap();
    let opened = SignedCheckpoint::open(cosigned.as_bytes(), &origin, &old_log).unwrap();
    assert_eq!(opened.cosignatures([&old_cosigner]).unwrap().len(), 1, "the old cosigner's key is known to everybody");
    assert_eq!(opened.cosignatures(&ring(&a, &channel).cosigner_keys(&b.own(), false)).unwrap().len(), 2);

    b.submit(&channel, "chair", acknowledge(&of)).await.unwrap();
    a.pull(&channel, &b).await;
    agreed(&a, &channel, "finish-succession", of).await;
    let batch = a.batches_for(&channel, &b.own(), 3).pop().unwrap();
    SignedCheckpoint::open(batch.note.as_bytes(), &origin, &new_log).unwrap();
    SignedCheckpoint::open(batch.note.as_bytes(), &origin, &old_log).unwrap_err();
    b.pull(&channel, &a).await;

    // Whoever reads the log from its beginning learns of each key before it meets a checkpoint that is signed by it alone.
    let batches = a.batches_for(&channel, &b.own(), 0);
    let by = |key| batches.iter().map(|batch| SignedCheckpoint::open(batch.note.as_bytes(), &origin, key).is_ok()).collect();
    let (by_old, by_new): (Vec<bool>, Vec<bool>) = (by(&old_log), by(&new_log));
    assert_eq!((by_old, by_new), (vec![true, true, false], vec![true, true, true]));
    let problems = a.node.store.read_now(|connection| tansiq_node::verify::verify(connection, &mut |_| {})).unwrap().problems;
    assert_eq!(problems, Vec::<String>::new());
    let problems = b.node.store.read_now(|connection| tansiq_node::verify::verify(connection, &mut |_| {})).unwrap().problems;
    assert_eq!(problems, Vec::<String>::new());
}

/// Writes a record whatever the rules say, as a node in other hands might.
pub(crate) fn insist(work: &mut Work<'_>, channel: &ChannelId, office: &str) -> Result<RecordId, Trouble> {
    let own = work.identity.party.clone();
    let charter = work.charter(channel)?.unwrap();
    let mut seen = tansiq_dossier::order::Seen::default();
    for party in charter.parties.keys() {
        let head = work.head(channel, party)?;
        seen.0.insert(party.clone(), if *party == own { head.range.size() } else { head.applied });
    }
    let index = seen.of(&own);
    let record = Record {
        kind: "meeting".to_owned(),
        act: "propose".to_owned(),
        dossier: DossierId::new(&own, &[7; 16]),
        stamp: Stamp {
            party: own.clone(),
            institution: format!("{}.mofa", own.as_str().to_lowercase()).parse().unwrap(),
            officer: office.parse().unwrap(),
            role: Role::Secretary,
            at: work.identity.world.now(),
            level: LEVEL,
        },
        seen,
        label: Label::default(),
        audience: Some(charter.parties.keys().cloned().collect()),
        reference: None,
        body: json!({ "title": { "ar": "من يد أخرى" }, "body": "jpsc" }).into(),
    };
    let (bytes, salt) = (record.to_bytes(), [9; 32]);
    let id = RecordId::commit(&salt, &bytes);
    work.append(channel, &own, id.entry())?;
    let entry = Entry { id, log: own.clone(), index, record: record.clone() };
    // As if nobody had been revoked, so that it is sent on its way.
    let (dossier, _) = fold::step(None, &entry, &charter);
    work.set_dossier(channel, &record.dossier, dossier);
    let stored = StoredRecord {
        party: own,
        index,
        dossier: Some(record.dossier.clone()),
        sum: record.seen.sum(),
        salt,
        bytes,
        disclosures: String::new(),
        fate: Fate::Applied(Standing::Effective),
        received: 0,
    };
    work.add_record(channel, &stored)?;
    Ok(id)
}

#[tokio::test]
async fn what_a_revoked_office_signs_has_no_effect_at_the_peer() {
    let (a, b) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel_of(ChannelClass::Exchange, &[&a, &b]).await;
    let secretary = officer("irq.secretary", &[Role::Secretary], Classification::Restricted);
    let body = json!({ "officer": secretary.id, "reason": "كلمة المرور" });
    a.submit(&channel, "admin", act("charter", "revoke-officer", Some(&DossierId::charter()), body)).await.unwrap();
    // The thief has the node's own store as well, and lets the office act all the same.
    a.node.store.write(move |work| Ok(people::set_officer(work.connection, &secretary, None)?)).await.unwrap();
    let to = channel.clone();
    let record = a.node.store.write(move |work| insist(work, &to, "irq.secretary")).await.unwrap();
    b.pull(&channel, &a).await;
    let place = b.node.store.read_now(|connection| entries::place(connection, &channel, record.entry())).unwrap().unwrap();
    let stored = b.node.store.read_now(|connection| records::at(connection, &channel, &place.0, place.1)).unwrap().unwrap();
    assert_eq!(stored.fate, Fate::Applied(Standing::Refused("PRM07".into())));
    let problems = b.node.store.read_now(|connection| tansiq_node::verify::verify(connection, &mut |_| {})).unwrap().problems;
    assert_eq!(problems, Vec::<String>::new());
}
