//! Peers whose software or clock is another: what this node does not understand freezes one dossier, the same at every party
//! of its level, and thaws when it learns; and no clock changes anything but what is shown.

use crate::straight::{Here, act, channel_of, code, party};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use tansiq_dossier::channel::{ChannelClass, ChannelId};
use tansiq_dossier::fold::Standing;
use tansiq_dossier::record::{DossierId, Draft, Record, RecordId};
use tansiq_node::exchange::server;
use tansiq_node::exchange::tls::{self, Pins};
use tansiq_node::fault::{Fault, Trouble};
use tansiq_node::node::Node;
use tansiq_node::store::logs;
use tansiq_node::store::records::{self, Fate, StoredRecord};

const YEAR: i64 = 366 * 24 * 60 * 60;

fn proposal(title: &str) -> Draft {
    act("meeting", "propose", None, json!({"title": {"ar": title}, "body": "اللجنة الأمنية المشتركة"}))
}

fn item(dossier: &DossierId, title: &str) -> Draft {
    act("meeting", "add-item", Some(dossier), json!({"title": {"ar": title}}))
}

/// Writes a record as software of another level would: with `alter` applied to what this level writes.
async fn write_as_another(here: &Here, channel: &ChannelId, draft: Draft, alter: fn(&mut Value)) -> RecordId {
    let (own, to) = (here.own(), channel.clone());
    let stand_in = here.submit(channel, "secretary", draft).await.unwrap();
    // The record is written anew in its place, before anybody has seen it; only the leaf's place and the tree are its own.
    let job = here.node.store.write(move |work| {
        let before = records::at(work.connection, &to, &own, stand_in.index)?.unwrap();
        let mut value: Value = serde_json::from_slice(&before.bytes).unwrap();
        let index = stand_in.index + 1;
        value["seen"][own.as_str()] = json!(index);
        alter(&mut value);
        let bytes = serde_json::to_vec(&value).unwrap();
        let id = RecordId::commit(&before.salt, &bytes);
        assert_eq!(work.append(&to, &own, id.entry())?, index);
        let stored = StoredRecord { index, bytes, fate: Fate::Applied(Standing::Effective), ..before };
        work.add_record(&to, &stored)?;
        Ok(id)
    });
    job.await.unwrap()
}

fn standing(here: &Here, channel: &ChannelId, of: &str, index: u64) -> Fate {
    let read = |connection: &tansiq_node::store::db::Connection| records::at(connection, channel, &party(of), index);
    here.node.store.read_now(read).unwrap().unwrap().fate
}

fn frozen(here: &Here, channel: &ChannelId, id: &DossierId) -> bool {
    !here.fold(channel, id).unwrap()["frozen"].is_null()
}

fn holds(here: &Here) {
    let report = here.node.store.read_now(|connection| tansiq_node::verify::verify(connection, &mut |_| {})).unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_not_understood_freezes_one_dossier_alike_everywhere_and_no_other() {
    for alter in [
        (|value: &mut Value| value["v"] = json!(2)) as fn(&mut Value),
        |value| value["act"] = json!("convene-by-dream"),
        |value| (value["v"], value["invention"]) = (json!(7), json!({"of": "another time"})),
    ] {
        let (iraq, syria, turkiye) = (Here::new("IRQ").await, Here::new("SYR").await, Here::new("TUR").await);
        let channel = channel_of(ChannelClass::Exchange, &[&iraq, &syria, &turkiye]).await;
        let one = iraq.submit(&channel, "secretary", proposal("الأول")).await.unwrap().dossier;
        let other = iraq.submit(&channel, "secretary", proposal("الثاني")).await.unwrap().dossier;
        for here in [&syria, &turkiye] {
            here.pull(&channel, &iraq).await;
        }
        write_as_another(&turkiye, &channel, item(&one, "بند"), alter).await;
        // Baghdad acts before it hears of it, Damascus hears of the two in the other order.
        let late = iraq.submit(&channel, "secretary", item(&one, "بند متزامن")).await.unwrap();
        syria.pull(&channel, &turkiye).await;
        syria.pull(&channel, &iraq).await;
        iraq.pull(&channel, &turkiye).await;
        assert!(frozen(&iraq, &channel, &one) && frozen(&syria, &channel, &one));
        assert_eq!(iraq.fold(&channel, &one), syria.fold(&channel, &one));
        assert_eq!(standing(&iraq, &channel, "IRQ", late.index), standing(&syria, &channel, "IRQ", late.index));
        assert_eq!(code(iraq.submit(&channel, "secretary", item(&one, "بند")).await), "DOS05");
        // The channel, and every other dossier in it, goes on.
        iraq.submit(&channel, "secretary", item(&other, "بند")).await.unwrap();
        syria.pull(&channel, &iraq).await;
        assert!(!frozen(&syria, &channel, &other));
        assert_eq!(iraq.fold(&channel, &other), syria.fold(&channel, &other));
        [&iraq, &syria].iter().for_each(|here| holds(here));
    }
}

#[tokio::test]
async fn a_stranger_to_a_dossier_cannot_freeze_it() {
    let (iraq, syria, turkiye) = (Here::new("IRQ").await, Here::new("SYR").await, Here::new("TUR").await);
    let channel = channel_of(ChannelClass::Exchange, &[&iraq, &syria, &turkiye]).await;
    let audience: BTreeSet<_> = [party("IRQ"), party("SYR")].into();
    let ours = iraq.submit(&channel, "secretary", Draft { audience: Some(audience), ..proposal("ثنائي") }).await.unwrap().dossier;
    let theirs = turkiye.submit(&channel, "secretary", proposal("لقاء")).await.unwrap().dossier;
    static NAME: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    NAME.set(ours.to_string()).unwrap();
    let forge = |value: &mut Value| (value["v"], value["dossier"]) = (json!(2), json!(NAME.get().unwrap()));
    write_as_another(&turkiye, &channel, item(&theirs, "بند"), forge).await;
    iraq.pull(&channel, &turkiye).await;
    assert!(!frozen(&iraq, &channel, &ours));
    iraq.submit(&channel, "secretary", item(&ours, "بند")).await.unwrap();
}

#[tokio::test]
async fn a_frozen_dossier_thaws_when_the_node_is_brought_up_to_date() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel_of(ChannelClass::Exchange, &[&iraq, &turkiye]).await;
    let id = iraq.submit(&channel, "secretary", proposal("اجتماع")).await.unwrap().dossier;
    turkiye.pull(&channel, &iraq).await;
    let index = turkiye.submit(&channel, "secretary", item(&id, "بند")).await.unwrap().index;
    iraq.pull(&channel, &turkiye).await;
    let known = iraq.fold(&channel, &id);
    // As an earlier software would have kept it that could not read the last record, nor to which dossier it belongs.
    let place = iraq.node.database();
    let connection = rusqlite::Connection::open(&place).unwrap();
    let forgotten = "UPDATE record SET standing = 'unknown', dossier = NULL, sum = 0 WHERE party = 'TUR' AND idx = ?1";
    assert_eq!(connection.execute(forgotten, [i64::try_from(index).unwrap()]).unwrap(), 1);
    let other = "UPDATE record SET standing = 'unknown' WHERE party = 'IRQ' AND dossier = ?1";
    assert_eq!(connection.execute(other, [id.as_str()]).unwrap(), 1);
    connection.execute("UPDATE dossier SET fold = x'7b7d' WHERE dossier = ?1", [id.as_str()]).unwrap();
    connection.execute("UPDATE meta SET value = 'what was known before' WHERE name = 'rules'", []).unwrap();
    drop(connection);
    let node = Node::open(&iraq.node.folder, iraq.node.identity.world.clone()).unwrap();
    let read = |connection: &tansiq_node::store::db::Connection| tansiq_node::store::dossiers::get(connection, &channel, &id);
    let thawed = node.store.read_now(read).unwrap().map(|dossier| serde_json::to_value(dossier).unwrap());
    assert_eq!(thawed, known);
    let standing = node.store.read_now(|connection| records::at(connection, &channel, &party("TUR"), index)).unwrap().unwrap();
    assert_eq!(standing.fate, Fate::Applied(Standing::Effective));
}

#[tokio::test]
async fn a_clock_that_is_a_year_off_changes_no_order_and_no_outcome() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel_of(ChannelClass::Exchange, &[&iraq, &turkiye]).await;
    let id = iraq.submit(&channel, "secretary", proposal("اجتماع")).await.unwrap().dossier;
    turkiye.pull(&channel, &iraq).await;
    for (number, off) in [YEAR, -YEAR, 0].into_iter().enumerate() {
        turkiye.clock.set(1_760_000_000 + off);
        turkiye.submit(&channel, "secretary", item(&id, &format!("بند {number}"))).await.unwrap();
        iraq.pull(&channel, &turkiye).await;
        iraq.submit(&channel, "secretary", item(&id, &format!("جواب {number}"))).await.unwrap();
        turkiye.pull(&channel, &iraq).await;
        assert_eq!(iraq.fold(&channel, &id), turkiye.fold(&channel, &id));
    }
    assert_eq!(iraq.fold(&channel, &id).unwrap()["records"], 7);
    // What a cosigner says of the time is kept as it said it, and verified like the rest.
    let told = |connection: &tansiq_node::store::db::Connection| -> Result<Vec<i64>, Fault> {
        let own = party("IRQ");
        let mut times = Vec::new();
        for size in 1..=logs::head(connection, &channel, &own)?.range.size() {
            times.extend(logs::cosignatures(connection, &channel, &own, size)?.iter().map(|row| row.time));
        }
        Ok(times)
    };
    let times = iraq.node.store.read_now(told).unwrap();
    assert!(times.contains(&(1_760_000_000 + YEAR)) && times.contains(&(1_760_000_000 - YEAR)), "{times:?}");
    [&iraq, &turkiye].iter().for_each(|here| holds(here));
}

#[test]
fn a_record_that_is_nested_without_end_is_refused_and_does_not_exhaust_the_stack() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for depth in [200, 100_000 / open.len()] {
            let body = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let text = format!(r#"{{"v":1,"kind":"meeting","act":"propose","dossier":"charter","body":{body}}}"#);
            assert!(Record::parse(text.as_bytes()).is_err(), "{depth} levels of {open}");
            assert!(Record::parse(text.replace("\"v\":1", "\"v\":2").as_bytes()).is_err());
        }
    }
}

/// One long dossier, every record of which stands before all that came earlier: folding it anew for each would take hours.
#[tokio::test]
async fn a_party_that_writes_against_the_order_costs_no_more_than_one_that_writes_along_it() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel_of(ChannelClass::Exchange, &[&iraq, &turkiye]).await;
    const MANY: u64 = 1500;
    let id = turkiye.submit(&channel, "secretary", proposal("اجتماع")).await.unwrap().dossier;
    let (to, own, dossier) = (channel.clone(), turkiye.own(), id.clone());
    let job = turkiye.node.store.write(move |work| -> Result<(), Trouble> {
        let first = records::at(work.connection, &to, &own, 1)?.unwrap();
        let mut value: Value = serde_json::from_slice(&first.bytes).unwrap();
        (value["act"], value["body"]) = (json!("add-item"), json!({"title": {"ar": "بند"}}));
        for part in ["audience", "reference"] {
            value.as_object_mut().unwrap().remove(part);
        }
        for number in 0..MANY {
            let index = 2 + number;
            // Said to stand far down the order at first, and further up each time: only its own log's part is a lie.
            value["seen"]["TUR"] = json!(10 * MANY - number);
            let bytes = serde_json::to_vec(&value).unwrap();
            let entry = *RecordId::commit(&first.salt, &bytes).entry();
            assert_eq!(work.append(&to, &own, &entry)?, index);
            let sum = Record::parse(&bytes).unwrap().seen.sum();
            let fate = Fate::Applied(Standing::Effective);
            work.add_record(&to, &StoredRecord { index, sum, bytes, fate, dossier: Some(dossier.clone()), ..first.clone() })?;
            work.grew(&to, 300)?;
        }
        Ok(())
    });
    job.await.unwrap();
    let begun = std::time::Instant::now();
    iraq.pull(&channel, &turkiye).await;
    let took = begun.elapsed();
    eprintln!("{MANY} records against the order took {took:?}");
    assert!(took < std::time::Duration::from_secs(15), "{took:?}");
    assert_eq!(iraq.fold(&channel, &id).unwrap()["records"], MANY + 1);
    assert_eq!(standing(&iraq, &channel, "TUR", 9), Fate::Applied(Standing::Refused("ORD02".into())));
    holds(&iraq);
}

/// Asks for the watch of the node at `address`.
async fn watch(
    address: std::net::SocketAddr,
    config: Arc<rustls::ClientConfig>,
) -> Result<hyper::Response<hyper::body::Incoming>, String> {
    let stream = tokio::net::TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let name = rustls::pki_types::ServerName::try_from("node.tansiq.invalid").map_err(|error| error.to_string())?;
    let stream = tokio_rustls::TlsConnector::from(config).connect(name, stream).await.map_err(|error| error.to_string())?;
    let executor = hyper_util::rt::TokioExecutor::new();
    let handshake = hyper::client::conn::http2::handshake(executor, hyper_util::rt::TokioIo::new(stream)).await;
    let (mut line, connection) = handshake.map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    let request = hyper::Request::builder().uri(format!("https://{address}/exchange/v1/watch"));
    line.send_request(request.body(axum::body::Body::empty()).unwrap()).await.map_err(|error| error.to_string())
}

/// Baghdad answers Ankara. Gives where, the keys that may talk to it, and how Ankara calls it.
async fn answered(iraq: &Here, turkiye: &Here) -> (std::net::SocketAddr, Pins, Arc<rustls::ClientConfig>) {
    let pins = Pins::default();
    let (own, theirs) = (&iraq.node.identity.keys, &turkiye.node.identity.keys);
    pins.set([theirs.wire_pin().unwrap()].into());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let config = tls::client(theirs, "peer.example", own.wire_pin().unwrap()).unwrap();
    let (node, serving) = (iraq.node.clone(), pins.clone());
    tokio::spawn(async move { server::serve(node, listener, serving).await });
    (address, pins, config)
}

/// A key that may talk to a node no longer is refused at once, and what it holds open ends.
#[tokio::test]
async fn the_connections_of_a_key_end_when_it_is_taken_away() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let (address, pins, config) = answered(&iraq, &turkiye).await;
    let held = watch(address, config.clone()).await.unwrap();
    assert_eq!(held.status().as_u16(), 200);
    let begun = std::time::Instant::now();
    pins.set(BTreeSet::new());
    let ended = http_body_util::BodyExt::collect(held.into_body()).await;
    assert!(begun.elapsed() < std::time::Duration::from_secs(2), "{ended:?}");
    assert!(watch(address, config).await.is_err(), "and it is not let in again");
}

/// What counts is the key. A certificate over it may have run out long ago, or not be valid yet.
#[tokio::test]
async fn the_dates_of_a_certificate_mean_nothing() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let (address, _pins, config) = answered(&iraq, &turkiye).await;
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(turkiye.node.identity.keys.wire_pkcs8().into());
    let pair = rcgen::KeyPair::try_from(&key).unwrap();
    for (from, to) in [(1990, 1991), (2190, 2191)] {
        let mut params = rcgen::CertificateParams::new(vec!["ankara.example".to_owned()]).unwrap();
        (params.not_before, params.not_after) = (rcgen::date_time_ymd(from, 1, 1), rcgen::date_time_ymd(to, 1, 1));
        let certificate = params.self_signed(&pair).unwrap().der().clone();
        let signing = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
        let shown = rustls::sign::CertifiedKey::new(vec![certificate], signing);
        let mut config = (*config).clone();
        config.client_auth_cert_resolver = Arc::new(rustls::sign::SingleCertAndKey::from(shown));
        assert_eq!(watch(address, Arc::new(config)).await.unwrap().status().as_u16(), 200, "valid from {from}");
    }
}

/// Feeds are fetched over TLS 1.2 too, where a public server knows no better; between nodes nothing older than 1.3 is spoken.
#[tokio::test]
async fn a_peer_that_speaks_an_older_tls_is_not_let_in() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let (address, _pins, current) = answered(&iraq, &turkiye).await;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut older = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    older.alpn_protocols.clone_from(&current.alpn_protocols);
    let refused = watch(address, Arc::new(older)).await.unwrap_err();
    assert!(refused.contains("ProtocolVersion"), "{refused}");
    assert_eq!(watch(address, current).await.unwrap().status().as_u16(), 200);
}

/// A record that waits for its causes is given to nobody, not even to its writer when that one lost it. That it is applied at last
/// is news, although the log is no longer than it was.
#[tokio::test]
async fn a_party_is_told_when_its_records_that_had_to_wait_are_applied() {
    let (iraq, syria, turkiye) = (Here::new("IRQ").await, Here::new("SYR").await, Here::new("TUR").await);
    let channel = channel_of(ChannelClass::Exchange, &[&iraq, &syria, &turkiye]).await;
    let theirs = syria.submit(&channel, "secretary", proposal("لقاء")).await.unwrap().dossier;
    iraq.pull(&channel, &syria).await;
    let ours = iraq.submit(&channel, "secretary", item(&theirs, "بند")).await.unwrap();
    let (address, _pins, config) = answered(&turkiye, &iraq).await;
    let mut lines = watch(address, config).await.unwrap().into_body();
    let told = async |lines: &mut hyper::body::Incoming| {
        let line = format!("{channel} IRQ {} ", ours.index + 1);
        loop {
            let frame = http_body_util::BodyExt::frame(lines).await.unwrap().unwrap();
            if String::from_utf8_lossy(&frame.into_data().unwrap()).lines().any(|told| told.starts_with(&line)) {
                return;
            }
        }
    };
    let soon = std::time::Duration::from_secs(5);
    turkiye.pull(&channel, &iraq).await;
    tokio::time::timeout(soon, told(&mut lines)).await.expect("that the log has grown");
    assert_eq!(standing(&turkiye, &channel, "IRQ", ours.index), Fate::Pending);
    turkiye.pull(&channel, &syria).await;
    assert_eq!(standing(&turkiye, &channel, "IRQ", ours.index), Fate::Applied(Standing::Effective));
    tokio::time::timeout(soon, told(&mut lines)).await.expect("that it can be given now");
}
