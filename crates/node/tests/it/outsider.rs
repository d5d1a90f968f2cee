//! What a party sees of a dossier that it does not have: nothing, not even that it is another one. Two worlds differ in what is
//! said in such a dossier and in nothing else; whatever an outsider can ask for is the same in both.

use crate::straight::{Here, act, channel_of, officer, party};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tansiq_dossier::channel::{ChannelClass, ChannelId};
use tansiq_dossier::label::Classification;
use tansiq_dossier::party::{PartyId, Role};
use tansiq_dossier::record::{DossierId, Draft};
use tansiq_node::attachments::{self, Upload};
use tansiq_node::clock::Randomness;
use tansiq_node::exchange::tls::{self, Pins};
use tansiq_node::exchange::{late, server};
use tansiq_node::fault::Fault;
use tansiq_node::receive;
use tansiq_node::store::db::Connection;
use tansiq_node::store::{channels, people};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

/// Randomness that is the same again: two worlds then differ in nothing but what is done in them.
struct Seeded(Mutex<u64>);

impl Randomness for Seeded {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), Fault> {
        let mut state = self.0.lock().unwrap();
        for byte in buffer {
            *state ^= *state << 13;
            *state ^= *state >> 7;
            *state ^= *state << 17;
            *byte = state.to_be_bytes()[0];
        }
        Ok(())
    }
}

async fn node(code: &str, seed: u64) -> Here {
    let here = Here::with(code, Arc::new(Seeded(Mutex::new(seed)))).await;
    let releaser = officer(&format!("{}.releaser", code.to_lowercase()), &[Role::Releaser], Classification::Restricted);
    here.node.store.write(move |work| Ok(people::set_officer(work.connection, &releaser, None)?)).await.unwrap();
    here
}

/// Whether any file below `folder` holds these bytes.
pub(crate) fn holds(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, bytes);
        }
        // A temporary file may go between being listed and being read.
        std::fs::read(&path).unwrap_or_default().windows(bytes.len()).any(|window| window == bytes)
    })
}

/// A connection on which one node asks another, as its peer does.
struct Wire {
    send: SendRequest<Full<Bytes>>,
    authority: String,
}

impl Wire {
    /// Serves a node to its peers on the loopback, and calls it with the keys of another.
    async fn between(asking: &Here, answering: &Here, channel: &ChannelId) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let pins = Pins::default();
        let read = |connection: &Connection| channels::charter(connection, channel);
        let charter = answering.node.store.read_now(read).unwrap().unwrap();
        pins.set(charter.parties.values().map(|party| party.tls_pin.clone()).collect());
        tokio::spawn(server::serve(answering.node.clone(), listener, pins));
        let pin = answering.node.identity.keys.wire_pin().unwrap();
        let config = tls::client(&asking.node.identity.keys, "asking.example", pin).unwrap();
        let stream = TcpStream::connect(&authority).await.unwrap();
        let name = ServerName::try_from("node.tansiq.invalid").unwrap();
        let stream = TlsConnector::from(config).connect(name, stream).await.unwrap();
        let http = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
        let (send, connection) = http.handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Wire { send, authority }
    }

    async fn ask(&self, method: Method, path: &str, body: &[u8]) -> Response<Incoming> {
        let request = Request::builder().method(method).uri(format!("https://{}{path}", self.authority));
        let request = request.body(Full::new(Bytes::copy_from_slice(body))).unwrap();
        self.send.clone().send_request(request).await.unwrap()
    }

    /// Everything of an answer but its time; what is random or follows from it is left out of a body, its place and length not.
    async fn answer(&self, method: Method, path: &str, body: &[u8]) -> String {
        let what = format!("{method} {}", path.split('?').next().unwrap_or_default().split('/').next_back().unwrap_or_default());
        let (parts, body) = self.ask(method, path, body).await.into_parts();
        let mut headers: Vec<String> = parts.headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
        headers.retain(|header| !header.starts_with("date:"));
        headers.sort();
        let body = body.collect().await.unwrap().to_bytes();
        // The path of a blob names its hash, which is the outsider's own question.
        let what = if path.contains("/blob/") { "blob".to_owned() } else { what };
        format!("{what} {} {headers:?} {}", parts.status, told(&body))
    }
}

/// A body without what differs between two trees anyway: entries, roots and signatures, of which only the length is told.
fn told(body: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(body) {
        return text.lines().map(plain).collect::<Vec<_>>().join("\n");
    }
    let (mut rest, mut lines) = (body, Vec::new());
    while let Some((&[kind, a, b, c, d], after)) = rest.split_first_chunk::<5>() {
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let (payload, after) = after.split_at(length);
        lines.push(match kind {
            // The entry, and the signed tree.
            1 => format!("entry {length}"),
            4 => told(payload),
            _ => format!("{kind} {}", data_encoding::HEXLOWER.encode(payload)),
        });
        rest = after;
    }
    assert!(rest.is_empty());
    lines.join("\n")
}

fn plain(line: &str) -> String {
    let signed = line.strip_prefix("— ").and_then(|line| line.rsplit_once(' '));
    match signed {
        Some((name, signature)) => format!("— {name} {}", signature.len()),
        None if line.len() == 44 && line.ends_with('=') => "root".to_owned(),
        None => line.to_owned(),
    }
}

/// What two parties say to each other behind a third one's back.
struct Secret {
    title: &'static str,
    item: &'static str,
    reason: &'static str,
    file: Vec<u8>,
}

/// Three nodes on which a meeting of all three is held, and one of two of them; everything that the third can be told of it, by
/// each of the two, with the lines of a watch that it holds open meanwhile.
async fn world(secret: &Secret) -> (Vec<String>, Here, DossierId) {
    let (iraq, syria, turkiye) = (node("IRQ", 11).await, node("SYR", 22).await, node("TUR", 33).await);
    let channel = channel_of(ChannelClass::Exchange, &[&iraq, &syria, &turkiye]).await;
    let propose = |title: &str| act("meeting", "propose", None, json!({ "title": { "ar": title }, "body": "لجنة" }));
    let wires = [Wire::between(&turkiye, &iraq, &channel).await, Wire::between(&turkiye, &syria, &channel).await];
    let mut watches = [
        wires[0].ask(Method::GET, "/exchange/v1/watch", b"").await.into_body(),
        wires[1].ask(Method::GET, "/exchange/v1/watch", b"").await.into_body(),
    ];
    let open = iraq.submit(&channel, "secretary", propose("اجتماع ثلاثي")).await.unwrap().dossier;
    // Between Baghdad and Damascus: a file, an answer, a release that is asked for and declined.
    let two = Draft { audience: Some([party("IRQ"), party("SYR")].into()), ..propose(secret.title) };
    let hidden = iraq.submit(&channel, "secretary", two).await.unwrap().dossier;
    let mut upload = Upload::begin(&iraq.node, "plan.txt").await.unwrap();
    upload.write(&secret.file).await.unwrap();
    let file = upload.finish().await.unwrap();
    let secretary = "irq.secretary".parse().unwrap();
    attachments::attach(&iraq.node, &secretary, &channel, &hidden, file, Some(secret.item.to_owned())).await.unwrap();
    syria.pull(&channel, &iraq).await;
    let in_it = |name: &str, body| act("meeting", name, Some(&hidden), body);
    syria.submit(&channel, "secretary", in_it("add-item", json!({ "title": { "ar": secret.item } }))).await.unwrap();
    syria.submit(&channel, "releaser", in_it("release", json!({ "to": "TUR", "reason": secret.reason }))).await.unwrap();
    iraq.pull(&channel, &syria).await;
    iraq.submit(&channel, "releaser", in_it("decline-release", json!({ "to": "TUR", "reason": secret.reason }))).await.unwrap();
    syria.pull(&channel, &iraq).await;
    let item = act("meeting", "add-item", Some(&open), json!({ "title": { "ar": "بند للجميع" } }));
    iraq.submit(&channel, "secretary", item).await.unwrap();
    turkiye.pull(&channel, &iraq).await;
    turkiye.pull(&channel, &syria).await;

    let mut seen = Vec::new();
    let sha = data_encoding::HEXLOWER.encode(&Sha256::digest(&secret.file));
    let unknown = "0".repeat(64);
    let nowhere = DossierId::new(&party("IRQ"), &[9; 16]);
    for ((wire, of), watch) in wires.iter().zip(["IRQ", "SYR"]).zip(&mut watches) {
        let at = |path: &str| format!("/exchange/v1/{channel}/{path}");
        for log in ["IRQ", "SYR", "TUR", "USA"] {
            seen.push(wire.answer(Method::GET, &at(&format!("{log}/checkpoint")), b"").await);
        }
        for from in 0..8 {
            seen.push(wire.answer(Method::GET, &at(&format!("{of}/entries?from={from}")), b"").await);
            seen.push(wire.answer(Method::GET, &at(&format!("{of}/late?after={from}")), b"").await);
        }
        // It has the name of the dossier and the hash of the file from somebody who talks: they open nothing, and what is there
        // is answered as what is not.
        let mut answers = Vec::new();
        for (hash, dossier) in [(&sha, &hidden), (&sha, &open), (&sha, &nowhere), (&unknown, &hidden)] {
            for method in [Method::GET, Method::HEAD, Method::PUT] {
                answers.push(wire.answer(method, &at(&format!("blob/{hash}?dossier={dossier}")), b"bytes").await);
            }
        }
        assert!(answers.chunks(3).all(|chunk| *chunk == answers[..3]), "{answers:#?}");
        seen.extend(answers);
        seen.push(wire.answer(Method::POST, &at(&format!("{of}/entries?from=0")), b"x").await);
        seen.push(lines_of(watch).await);
    }
    (seen, turkiye, hidden)
}

/// The lines that a watch has sent by now.
async fn lines_of(watch: &mut Incoming) -> String {
    let mut text = String::new();
    while let Ok(Some(Ok(frame))) = tokio::time::timeout(Duration::from_millis(300), watch.frame()).await {
        text.push_str(std::str::from_utf8(&frame.into_data().unwrap_or_default()).unwrap());
    }
    // An empty line is a sign of life, and comes by the clock. How often the same is said in a row depends on how signatures and
    // cosignatures fall into commits.
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    lines.dedup();
    lines.join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_said_behind_its_back_an_outsider_is_told_the_same() {
    let one =
        Secret { title: "مسار القافلة", item: "جسر", reason: "لا", file: b"the first convoy, 7731".to_vec() };
    let two = Secret {
        title: "تبادل أسماء الموقوفين في المعابر الثلاثة",
        item: "قائمة من اثني عشر اسمًا",
        reason: "لم يبتّ الوزير في الأمر بعد",
        file: "another matter altogether, and longer ".repeat(400).into_bytes(),
    };
    let (seen, turkiye, hidden) = world(&one).await;
    let (other, _, _) = world(&two).await;
    assert_eq!(seen.len(), other.len());
    for (a, b) in seen.iter().zip(&other) {
        assert_eq!(a, b);
    }
    assert!(seen.iter().any(|answer| answer.contains("entry 32")) && seen.iter().any(|answer| answer.contains("2 ")));
    let folder = &turkiye.node.folder;
    let sha = data_encoding::HEXLOWER.encode(&Sha256::digest(&one.file));
    assert!(holds(folder, "بند للجميع".as_bytes()), "the search finds what is there");
    for text in [one.title, one.item, hidden.as_str(), &sha, "7731"] {
        assert!(!holds(folder, text.as_bytes()), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn why_a_machine_failed_is_told_to_nobody_outside() {
    let (iraq, turkiye) = (node("IRQ", 1).await, node("TUR", 2).await);
    let channel = channel_of(ChannelClass::Exchange, &[&iraq, &turkiye]).await;
    let open = act("meeting", "propose", None, json!({ "title": { "ar": "اجتماع" }, "body": "لجنة" }));
    let dossier = iraq.submit(&channel, "secretary", open).await.unwrap().dossier;
    let mut upload = Upload::begin(&iraq.node, "plan.txt").await.unwrap();
    upload.write(b"plain words").await.unwrap();
    let file = upload.finish().await.unwrap();
    let secretary = "irq.secretary".parse().unwrap();
    attachments::attach(&iraq.node, &secretary, &channel, &dossier, file, None).await.unwrap();
    let wire = Wire::between(&turkiye, &iraq, &channel).await;
    let sha = data_encoding::HEXLOWER.encode(&Sha256::digest(b"plain words"));
    let path = format!("/exchange/v1/{channel}/blob/{sha}?dossier={dossier}");
    assert!(wire.answer(Method::GET, &path, b"").await.contains("200"));
    let damage = "UPDATE dossier SET fold = CAST('\"a name that nobody outside may read\"' AS BLOB) WHERE kind = 'meeting'";
    rusqlite::Connection::open(iraq.node.database()).unwrap().execute(damage, []).unwrap();
    let answer = wire.answer(Method::GET, &path, b"").await;
    assert!(answer.contains("503") && answer.contains("the node cannot answer now") && !answer.contains("nobody"), "{answer}");
}

/// Brings the late records of one node to another, as they travel. Gives how many there were.
async fn bring_late(channel: &ChannelId, from: &Here, to: &Here) -> usize {
    let (own, recipient): (PartyId, PartyId) = (from.own(), to.own());
    let read = |connection: &Connection| late::frames_for(connection, channel, &own, &recipient, 0);
    let (bytes, _): (Vec<u8>, u64) = from.node.store.read_now(read).unwrap();
    let mut reader = late::Reader::default();
    reader.feed(&bytes);
    let mut count = 0;
    while let Some(piece) = reader.piece().unwrap() {
        count += piece.records.len();
        let (channel, own) = (channel.clone(), own.clone());
        assert!(to.node.store.write(move |work| receive::receive_late(work, &channel, &own, piece)).await.unwrap());
    }
    count
}

/// Baghdad alone has written, and releases to Damascus; Ankara, which has not heard of that, writes at the same time. Whichever
/// of the two stands first in the common order, nothing of Ankara's leaves without Ankara's word.
#[tokio::test]
async fn who_wrote_at_the_time_of_a_release_is_asked_before_anything_of_its_leaves() {
    for ankara_first in [true, false] {
        let (iraq, syria, turkiye) = (node("IRQ", 5).await, node("SYR", 6).await, node("TUR", 7).await);
        let channel = channel_of(ChannelClass::Exchange, &[&iraq, &syria, &turkiye]).await;
        let propose = |title: &str| act("meeting", "propose", None, json!({ "title": { "ar": title }, "body": "لجنة" }));
        let two = Draft { audience: Some([party("IRQ"), party("TUR")].into()), ..propose("لقاء ثنائي") };
        let dossier = iraq.submit(&channel, "secretary", two).await.unwrap().dossier;
        turkiye.pull(&channel, &iraq).await;
        // A record stands the further back in the order the more its writer had seen.
        let later = if ankara_first { &iraq } else { &turkiye };
        for n in 0..3 {
            later.submit(&channel, "secretary", propose(&format!("لقاء {n}"))).await.unwrap();
        }
        let item = act("meeting", "add-item", Some(&dossier), json!({ "title": { "tr": "Ankara'nın sözü" } }));
        turkiye.submit(&channel, "secretary", item).await.unwrap();
        let release = act("meeting", "release", Some(&dossier), json!({ "to": "SYR", "reason": "للاطلاع" }));
        iraq.submit(&channel, "releaser", release.clone()).await.unwrap();
        let audience = |here: &Here| here.fold(&channel, &dossier).unwrap()["audience"].clone();
        assert_eq!(audience(&iraq), json!(["IRQ", "SYR", "TUR"]), "as far as Baghdad knew");
        // Each hears of the other, and Damascus of both, and asks both for what was released to it.
        iraq.pull(&channel, &turkiye).await;
        turkiye.pull(&channel, &iraq).await;
        syria.pull(&channel, &iraq).await;
        syria.pull(&channel, &turkiye).await;
        bring_late(&channel, &iraq, &syria).await;
        let of_ankara = bring_late(&channel, &turkiye, &syria).await;
        assert_eq!(iraq.fold(&channel, &dossier), turkiye.fold(&channel, &dossier), "both come to one verdict");
        let word = "Ankara'nın sözü".as_bytes();
        assert_eq!(audience(&iraq), json!(["IRQ", "TUR"]), "Ankara had written and did not know: its word is awaited");
        assert_eq!(of_ankara, 0);
        assert!(!holds(&syria.node.folder, word));
        assert!(holds(&turkiye.node.folder, word) && holds(&iraq.node.folder, word), "the search finds what is there");
        turkiye.submit(&channel, "releaser", release.clone()).await.unwrap();
        iraq.pull(&channel, &turkiye).await;
        syria.pull(&channel, &turkiye).await;
        assert!(bring_late(&channel, &turkiye, &syria).await > 0);
        bring_late(&channel, &iraq, &syria).await;
        assert_eq!(audience(&iraq), json!(["IRQ", "SYR", "TUR"]));
        assert!(holds(&syria.node.folder, word), "now it was said");
        assert_eq!(iraq.fold(&channel, &dossier), turkiye.fold(&channel, &dossier));
        assert_eq!(iraq.fold(&channel, &dossier), syria.fold(&channel, &dossier));
    }
}
