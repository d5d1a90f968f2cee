//! Whatever is sent to a node that must not be taken is refused clearly, logged once, and changes nothing.

use crate::world::{World, meeting};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use std::cell::Cell;
use std::io::{Read, Write};
use tansiq_log::checkpoint::{Checkpoint, SignedCheckpoint};
use tansiq_node::clock::World as Outside;
use tansiq_node::demo::client::Client;
use tansiq_node::exchange::frame::Writer;
use tansiq_node::exchange::tls;
use tansiq_node::keys::Keys;
use tansiq_node::receive::ReceivedEntry;
use tokio_rustls::TlsConnector;

/// A world with a node that is asked, and what it had before each question.
struct Asked {
    world: World,
    party: &'static str,
    /// Log lines before the first question, and those that questions led to.
    lines: (usize, Cell<usize>),
}

impl Asked {
    fn new(world: World, party: &'static str) -> Asked {
        let lines = (world.lines(party).len(), Cell::new(0));
        Asked { world, party, lines }
    }

    /// Ends the questions: nothing was logged later than it was noticed.
    fn end(self) {
        self.world.verify(self.party);
        let lines = self.world.lines(self.party).split_off(self.lines.0);
        assert_eq!(lines.len(), self.lines.1.get(), "{lines:?}");
    }

    /// Does something to the node that must change nothing, and gives the lines that it logged meanwhile.
    fn unmoved<T>(&self, act: impl FnOnce(&World) -> T) -> (T, Vec<String>) {
        let (digest, lines) = (self.world.digest(self.party), self.world.lines(self.party).len());
        let outcome = act(&self.world);
        // The line of a refusal is written before its answer, but that of a broken connection after it.
        let mut logged = Vec::new();
        let begun = std::time::Instant::now();
        while logged.is_empty() && begun.elapsed() < crate::world::DEADLINE {
            logged = self.world.lines(self.party).split_off(lines);
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert_eq!(self.world.digest(self.party), digest, "something was changed");
        self.lines.1.set(self.lines.1.get() + logged.len());
        (outcome, logged)
    }

    fn refused(&self, client: &Client, act: &Value, status: u16, code: &str, field: &str) {
        let (answer, logged) = self.unmoved(|world| world.submit(client, act));
        assert_eq!((answer.status.as_u16(), answer.refusal()), (status, Some(code)), "{}", answer.body);
        if !field.is_empty() {
            let problems = answer.body["problems"].as_array().unwrap();
            assert!(problems.iter().any(|problem| problem["field"] == field), "{}", answer.body);
        }
        assert_eq!(logged.len(), 1, "{logged:?}");
        assert!(logged[0].contains(code), "{logged:?}");
    }
}

#[test]
fn a_request_that_cannot_be_is_refused_with_its_code_and_field() {
    let world = World::two().started();
    world.level();
    let asked = Asked::new(world, "IRQ");
    let (baghdad, ankara) = (asked.world.secretary("IRQ"), asked.world.secretary("TUR"));

    let mut unknown = meeting("جلسة");
    unknown["body"]["colour"] = json!("red");
    asked.refused(&baghdad, &unknown, 422, "FRM01", "colour");
    let mut unknown = meeting("جلسة");
    unknown["colour"] = json!("red");
    asked.refused(&baghdad, &unknown, 400, "REQ02", "");
    asked.refused(&baghdad, &meeting("  "), 422, "FRM02", "title");
    // Two titles: each reader could take another for the right one.
    let twice = meeting("جلسة").to_string().replacen(r#""body":{"#, r#""body":{"title":{"ar":"أخرى"},"#, 1);
    let path = format!("/api/v1/channels/{}/acts", asked.world.channel);
    let post = |world: &World| world.runtime.block_on(baghdad.post_bytes(&path, Bytes::from(twice))).unwrap();
    let (answer, logged) = asked.unmoved(post);
    assert_eq!((answer.status.as_u16(), answer.refusal()), (400, Some("REQ02")), "{}", answer.body);
    assert!(answer.body["detail"].as_str().unwrap().contains("two members of one name"), "{}", answer.body);
    assert!(logged.len() == 1 && logged[0].contains("REQ02"), "{logged:?}");

    let today = Outside::real().today();
    let yesterday = today.yesterday().unwrap();
    let assign = json!({ "kind": "action", "act": "assign", "body": {
        "title": { "ar": "خطة" }, "owner": "irq.interior", "deliverable": { "ar": "خطة" }, "due": yesterday, "decided_on": today } });
    asked.refused(&baghdad, &assign, 409, "ACT01", "due");
    let (dossier, _) = asked.world.done(&baghdad, &meeting("جلسة"));
    let held = json!({ "kind": "meeting", "act": "declare-held", "dossier": dossier, "body": { "on": today } });
    asked.world.level();
    asked.world.done(&baghdad, &held);
    asked.world.level();
    asked.world.done(&ankara, &held);
    asked.world.level();
    let clause = json!({ "kind": "meeting", "act": "put-clause", "dossier": dossier, "body": {
        "number": "1", "tongue": "ar", "text": "خطة", "nature": "action", "owner": "irq.interior", "due": yesterday } });
    asked.refused(&baghdad, &clause, 409, "MTG12", "due");
    asked.end();
}

#[test]
fn a_record_for_a_dossier_that_a_party_cannot_see_is_for_a_dossier_that_is_not_there() {
    let world = World::three().started();
    world.level();
    let asked = Asked::new(world, "TUR");
    let (baghdad, ankara) = (asked.world.secretary("IRQ"), asked.world.secretary("TUR"));
    let mut act = meeting("جلسة");
    act["audience"] = json!(["IRQ", "SYR"]);
    let (dossier, _) = asked.world.done(&baghdad, &act);
    asked.world.level();
    let agree =
        |dossier: &str| json!({ "kind": "meeting", "act": "agree-date", "dossier": dossier, "body": { "date": "2027-01-14" } });
    asked.refused(&ankara, &agree(&dossier), 404, "DOS01", "");
    asked.refused(&ankara, &agree("IRQ-aaaaaaaaaaaaaaaaaaaaaaaaaa"), 404, "DOS01", "");
    asked.end();
}

#[test]
fn a_body_of_a_hundred_mebibytes_is_refused_before_it_is_held() {
    let world = World::two().started();
    world.level();
    let asked = Asked::new(world, "IRQ");
    let web = asked.world.site("IRQ").web.clone();
    let sign_in = json!({ "officer": "irq.mofa.secretary", "password": "demo-baghdad" });
    let session = asked.world.runtime.block_on(Client::new(&web).post("/api/v1/session", &sign_in)).unwrap().body;
    let token = session["token"].as_str().unwrap();
    let (answer, logged) = asked.unmoved(|world| flood(&web, &format!("/api/v1/channels/{}/acts", world.channel), token));
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("REQ01"), "{answer}");
    assert_eq!(logged.len(), 1, "{logged:?}");
    asked.end();
}

/// Sends a hundred mebibytes for as long as the node takes them, and gives what it answered.
fn flood(web: &str, path: &str, token: &str) -> String {
    let mut stream = std::net::TcpStream::connect(web).unwrap();
    let size = 100 * 1024 * 1024;
    let head = format!("POST {path} HTTP/1.1\r\nHost: {web}\r\nAuthorization: Bearer {token}\r\nContent-Length: {size}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let piece = vec![b' '; 1024 * 1024];
    let mut sent = 0;
    while sent < size && stream.write_all(&piece).is_ok() {
        sent += piece.len();
    }
    let mut answer = Vec::new();
    // The node may have closed the connection by now; what it said before is still here.
    let _reset = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// Calls a node's exchange as a peer with these keys would.
async fn call(address: &str, keys: &Keys, pin: String, path: &str, body: Vec<u8>) -> Result<(u16, String), String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    let stream = tokio::net::TcpStream::connect(address).await.map_err(|error| said(&error))?;
    let connector = TlsConnector::from(tls::client(keys, "peer.example", pin).map_err(|error| said(&error))?);
    let name = ServerName::try_from("node.tansiq.invalid").map_err(|error| said(&error))?;
    let stream = connector.connect(name, stream).await.map_err(|error| said(&error))?;
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
    let (mut requests, connection) = handshake.map_err(|error| said(&error))?;
    tokio::spawn(connection);
    let request =
        Request::builder().method(Method::POST).uri(format!("https://{address}{path}")).body(Full::new(Bytes::from(body)));
    let response = requests.send_request(request.map_err(|error| said(&error))?).await.map_err(|error| said(&error))?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.map_err(|error| said(&error))?.to_bytes();
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}

#[test]
fn what_a_peer_cannot_have_sent_is_refused_whole() {
    let mut world = World::two().started();
    world.level();
    // The test speaks with Ankara's keys, so Ankara itself must not.
    let before = world.lines("IRQ").len();
    world.kill("TUR");
    // That it went is one line, and that it cannot be called another; no more follow.
    crate::world::until("Baghdad has noticed", || {
        world.lines("IRQ").split_off(before).iter().any(|line| line.contains("refused"))
    });
    let keys = Keys::open(&world.site("TUR").folder.join("keys")).unwrap();
    let pin = world.view("IRQ")["charter"]["parties"]["IRQ"]["tls_pin"].as_str().unwrap().to_owned();
    let address = world.site("IRQ").exchange.clone();
    let channel = world.channel.clone();
    let origin = format!("ankara.localhost/{channel}");
    let path = format!("/exchange/v1/{channel}/TUR/entries?from=1");
    let asked = Asked::new(world, "IRQ");
    let post = |keys: &Keys, path: &str, body: Vec<u8>| {
        asked.unmoved(|world| world.runtime.block_on(call(&address, keys, pin.clone(), path, body)))
    };

    let frames = |signer: &tansiq_log::note::Signer| {
        let mut range = tansiq_log::merkle::CompactRange::new();
        range.append(tansiq_log::merkle::leaf_hash(&[7; 32]), |_, _| {}).unwrap();
        range.append(tansiq_log::merkle::leaf_hash(&[8; 32]), |_, _| {}).unwrap();
        let checkpoint = Checkpoint::new(origin.clone(), 2, range.root()).unwrap();
        let mut writer = Writer::default();
        writer.entry(&ReceivedEntry { entry: [8; 32], content: None });
        writer.checkpoint(&SignedCheckpoint::sign(checkpoint, signer).unwrap().to_string());
        writer.take()
    };
    let whole = frames(&keys.log_signer(&origin).unwrap());
    let (answer, logged) = post(&keys, &path, whole[..whole.len() - 10].to_vec());
    assert_eq!(answer.unwrap(), (400, "malformed frame: the bytes end within a frame".to_owned()));
    assert_eq!(logged.len(), 1, "{logged:?}");

    // The right key over another history, and the wrong key.
    let (answer, logged) = post(&keys, &path, whole);
    assert_eq!(answer.unwrap().0, 409);
    assert_eq!(logged.len(), 1, "{logged:?}");
    let folder = tempfile::tempdir().unwrap();
    let stranger = Keys::create(&folder.path().join("keys"), &Outside::real()).unwrap();
    let (answer, logged) = post(&keys, &path, frames(&stranger.log_signer(&origin).unwrap()));
    let (status, said) = answer.unwrap();
    assert_eq!(status, 400);
    assert!(said.starts_with("checkpoint refused"), "{said}");
    assert_eq!(logged.len(), 1, "{logged:?}");

    // Nobody's certificate: the connection ends before a request is read.
    let (answer, logged) = post(&stranger, &path, Vec::new());
    assert!(answer.is_err(), "{answer:?}");
    assert_eq!(logged.len(), 1, "{logged:?}");
    assert!(logged[0].contains("handshake"), "{logged:?}");

    let (answer, logged) = post(&keys, &path, vec![0; 100 * 1024 * 1024]);
    assert!(answer.map_or(true, |(status, _)| status == 400 || status == 413), "a body without end");
    assert_eq!(logged.len(), 1, "{logged:?}");
    asked.end();
}
