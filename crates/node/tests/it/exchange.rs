//! What one side acknowledged arrives on the other, once and in order, whatever happens to either process.

use crate::world::{World, meeting, until};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tansiq_node::demo::client::Client;

#[test]
fn what_was_done_while_the_other_was_away_arrives_once_and_in_order() {
    let mut world = World::two().started();
    let baghdad = world.secretary("IRQ");
    world.kill("TUR");
    let mut titles: BTreeMap<String, String> = BTreeMap::new();
    for hundred in 0..10 {
        let acts: Vec<Value> = (0..100).map(|number| meeting(&format!("اجتماع {:04}", hundred * 100 + number))).collect();
        let answer = world.submit(&baghdad, &json!(acts));
        for (number, outcome) in answer.body.as_array().unwrap().iter().enumerate() {
            assert_eq!(outcome["index"], 1 + hundred * 100 + number, "{outcome}");
            titles.insert(outcome["dossier"].as_str().unwrap().to_owned(), format!("اجتماع {:04}", hundred * 100 + number));
        }
    }
    assert_eq!(titles.len(), 1000);
    world.start("TUR");
    world.level();
    assert_eq!(world.held("TUR", "IRQ"), 1001);
    let page = world.get(&world.secretary("TUR"), "/api/v1/dossiers?kind=meeting&limit=1000").body;
    assert_eq!(page["total"], 1000);
    for item in page["items"].as_array().unwrap() {
        assert_eq!(titles[item["dossier"].as_str().unwrap()], item["title"]["ar"].as_str().unwrap());
        assert_eq!(item["records"], 1);
    }
    world.verify("TUR");
    world.verify("IRQ");
}

#[test]
fn what_was_acknowledged_survives_a_kill_in_the_middle_of_submitting() {
    let mut world = World::two().started();
    let acknowledged: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
    let begun = Arc::new(AtomicUsize::new(0));
    for _ in 0..4 {
        let client = world.secretary("IRQ");
        let (channel, acknowledged, begun) = (world.channel.clone(), acknowledged.clone(), begun.clone());
        world.runtime.spawn(async move {
            loop {
                let number = begun.fetch_add(1, Ordering::SeqCst);
                let Ok(answer) = client.submit(&channel, &meeting(&format!("اجتماع {number}"))).await else { return };
                let text = |name: &str| answer.body[name].as_str().unwrap().to_owned();
                assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
                acknowledged.lock().unwrap().push((text("dossier"), text("record")));
            }
        });
    }
    until("some acts are acknowledged", || acknowledged.lock().unwrap().len() >= 150);
    world.kill("IRQ");
    let acknowledged = acknowledged.lock().unwrap().clone();
    world.verify("IRQ");
    world.start("IRQ");
    world.level();
    // Each act opened a dossier of its own: as many dossiers as records, the adoption not counted, and none with two.
    let size = world.held("IRQ", "IRQ");
    assert!(size > acknowledged.len() as u64);
    let page = world.get(&world.secretary("TUR"), "/api/v1/dossiers?kind=meeting&limit=1000").body;
    assert_eq!(page["total"].as_u64(), Some(size - 1));
    assert!(page["items"].as_array().unwrap().iter().all(|item| item["records"] == 1));
    let ankara = world.secretary("TUR");
    for (dossier, record) in &acknowledged {
        let full = world.get(&ankara, &format!("/api/v1/dossiers/{}/{dossier}", world.channel)).body;
        let history = full["history"].as_array().unwrap();
        assert_eq!(history.iter().filter(|step| step["record"] == record.as_str()).count(), 1);
    }
    world.verify("IRQ");
    world.verify("TUR");
}

#[test]
fn an_act_shows_on_the_other_side_at_once() {
    let world = World::two().started();
    let (baghdad, ankara) = (world.secretary("IRQ"), world.secretary("TUR"));
    // The first act may find connections that are still being made.
    for (number, most) in [Duration::from_secs(10), Duration::from_secs(2), Duration::from_secs(2)].into_iter().enumerate() {
        let (dossier, _) = world.done(&baghdad, &meeting(&format!("اجتماع {number}")));
        let begun = Instant::now();
        let path = format!("/api/v1/dossiers/{}/{dossier}", world.channel);
        until("the act shows", || world.get(&ankara, &path).status.as_u16() == 200);
        assert!(begun.elapsed() < most, "{:?}", begun.elapsed());
    }
}

#[test]
fn a_node_that_cannot_be_reached_calls_and_exchanges_both_ways() {
    let mut world = World::two();
    world.start("IRQ");
    world.start_at("TUR", "none");
    world.opened();
    let (baghdad, ankara) = (world.secretary("IRQ"), world.secretary("TUR"));
    let (dossier, _) = world.done(&baghdad, &meeting("من بغداد"));
    let path = format!("/api/v1/dossiers/{}/{dossier}", world.channel);
    until("Ankara has it", || world.get(&ankara, &path).status.as_u16() == 200);
    let agree = json!({ "kind": "meeting", "act": "agree-date", "dossier": dossier, "body": { "date": "2027-01-14", "place": "Ankara" } });
    world.done(&ankara, &agree);
    until("Baghdad has the answer", || world.get(&baghdad, &path).body["history"].as_array().unwrap().len() == 2);
    world.level();
}

#[test]
fn a_party_outside_the_audience_holds_an_entry_and_nothing_of_the_text() {
    let world = World::three().started();
    let (baghdad, ankara, damascus) = (world.secretary("IRQ"), world.secretary("TUR"), world.secretary("SYR"));
    let secret = "مسار القافلة 7731";
    let before = world.held("TUR", "IRQ");
    let mut act = meeting(secret);
    act["audience"] = json!(["IRQ", "SYR"]);
    act["body"]["body"] = json!("isb");
    let (dossier, record) = world.done(&baghdad, &act);
    let reply = json!({ "kind": "meeting", "act": "add-item", "dossier": dossier, "body": { "title": { "ar": format!("بند عن {secret}") } } });
    let path = format!("/api/v1/dossiers/{}/{dossier}", world.channel);
    until("Damascus has it", || world.get(&damascus, &path).status.as_u16() == 200);
    world.done(&damascus, &reply);
    world.level();
    assert_eq!(world.held("TUR", "IRQ"), before + 1, "the entry is held and counted");
    assert_eq!(world.get(&ankara, &path).status.as_u16(), 404);
    assert_eq!(
        world.get(&ankara, "/api/v1/dossiers").body["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|item| item["kind"] != "charter")
            .count(),
        0
    );
    assert!(holds(&world.site("SYR").folder, secret.as_bytes()), "the search finds what is there");
    for text in [secret.as_bytes(), "القافلة".as_bytes(), dossier.as_bytes()] {
        assert!(!holds(&world.site("TUR").folder, text), "{}", String::from_utf8_lossy(text));
    }
    let entry = data_encoding::HEXLOWER.decode(record.as_bytes()).unwrap();
    assert!(holds(&world.site("TUR").folder, &entry), "the opaque entry is there");
    world.verify("TUR");

    // Damascus asks that Ankara may have it. Baghdad wrote in it as well, and declines at first.
    let release =
        |act: &str| json!({ "kind": "meeting", "act": act, "dossier": dossier, "body": { "to": "TUR", "reason": "تنسيق ثلاثي" } });
    let history = |client: &Client| world.get(client, &path).body["history"].as_array().map_or(0, Vec::len);
    let (asks, decides) = (world.releaser("SYR"), world.releaser("IRQ"));
    world.done(&asks, &release("release"));
    until("Baghdad is asked", || history(&baghdad) == 3);
    world.done(&decides, &release("decline-release"));
    until("Damascus hears the answer", || history(&damascus) == 4);
    world.level();
    assert_eq!(world.get(&ankara, &path).status.as_u16(), 404);
    assert!(!holds(&world.site("TUR").folder, "القافلة".as_bytes()));

    // It asks again, and now Baghdad joins: Ankara gets all of it, of both logs and in order.
    world.done(&asks, &release("release"));
    until("Baghdad is asked again", || history(&baghdad) == 5);
    world.done(&decides, &release("release"));
    until("Ankara has all of it", || history(&ankara) == 6);
    world.level();
    let told = |client: &Client| {
        let full = world.get(client, &path).body;
        let steps = full["history"].as_array().unwrap().iter();
        let steps: Vec<Value> = steps.map(|step| json!([step["record"], step["act"], step["standing"]])).collect();
        (full["sheet"].clone(), full["audience"].clone(), steps)
    };
    assert_eq!(told(&ankara), told(&baghdad));
    assert_eq!(told(&ankara), told(&damascus));
    assert_eq!(told(&ankara).1, json!(["IRQ", "SYR", "TUR"]));
    // It is still the meeting of those who opened it: what they do in it goes to all three, and Ankara reads.
    let item =
        |text: &str| json!({ "kind": "meeting", "act": "add-item", "dossier": dossier, "body": { "title": { "ar": text } } });
    let refused = world.submit(&ankara, &item("بند"));
    assert_eq!((refused.status.as_u16(), &refused.body["title"]), (409, &json!("AUD02")), "{}", refused.body);
    world.done(&baghdad, &item("بند آخر"));
    until("Ankara has the new item", || history(&ankara) == 7);
    until("Damascus has the new item", || history(&damascus) == 7);
    ["IRQ", "SYR", "TUR"].iter().for_each(|party| world.verify(party));
}

#[test]
fn what_is_released_while_the_receiver_is_away_or_cannot_be_called_comes_when_it_is_back() {
    let mut world = World::three();
    world.start("IRQ");
    world.start("SYR");
    world.start_at("TUR", "none");
    world.opened();
    let baghdad = world.secretary("IRQ");
    let mut act = meeting("لقاء فني");
    act["audience"] = json!(["IRQ", "SYR"]);
    let (dossier, _) = world.done(&baghdad, &act);
    // Everybody learns what everybody cosigned, although nobody can call Ankara.
    world.level();
    world.kill("TUR");
    let release = json!({ "kind": "meeting", "act": "release", "dossier": dossier, "body": { "to": "TUR", "reason": "للاطلاع" } });
    world.done(&world.releaser("IRQ"), &release);
    world.start_at("TUR", "none");
    let ankara = world.secretary("TUR");
    let path = format!("/api/v1/dossiers/{}/{dossier}", world.channel);
    until("Ankara has it", || world.get(&ankara, &path).body["history"].as_array().map_or(0, Vec::len) == 2);
    world.verify("TUR");
}

/// Whether any file below `folder` holds these bytes.
fn holds(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            holds(&path, bytes)
        } else {
            std::fs::read(&path).unwrap().windows(bytes.len()).any(|window| window == bytes)
        }
    })
}
