//! What a hostile peer can make a node do: no more than its share, and nothing to anybody else. The peer here has the wire
//! key of a real party, so that all that guards against strangers lets it through.

use crate::straight::{Here, officer};
use crate::world::{DEADLINE, World, meeting, until};
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::routing::get;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Frame;
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tansiq_dossier::label::Classification;
use tansiq_dossier::party::Role;
use tansiq_log::checkpoint::{Checkpoint, SignedCheckpoint};
use tansiq_log::merkle::{CompactRange, Hash};
use tansiq_node::auth::{self, Attempts};
use tansiq_node::clock::World as Outside;
use tansiq_node::demo::client::Client;
use tansiq_node::exchange::frame::Writer;
use tansiq_node::exchange::limits::{DOWNLOADS, WATCHES};
use tansiq_node::exchange::{frames_for, tls};
use tansiq_node::fault::Fault;
use tansiq_node::keys::Keys;
use tansiq_node::node::Node;
use tansiq_node::receive::{Content, ReceivedEntry};
use tansiq_node::store::people;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// How much more memory a node may take while a peer does all of this to it, in MiB.
const MEMORY: u64 = 160;
/// How long an act may take to be seen by an honest party meanwhile. Builds for tests are slow, and share the machine.
const SOON: Duration = Duration::from_secs(10);

/// A body that gives the same piece without end, or one piece and then nothing more.
#[derive(Clone)]
struct Dripping {
    piece: Bytes,
    endless: bool,
    given: bool,
}

impl Dripping {
    fn without_end(piece: Vec<u8>) -> Body {
        Body::new(Dripping { piece: piece.into(), endless: true, given: false })
    }

    fn and_then_nothing(piece: &[u8]) -> Body {
        Body::new(Dripping { piece: Bytes::copy_from_slice(piece), endless: false, given: false })
    }
}

impl hyper::body::Body for Dripping {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if self.given && !self.endless {
            return Poll::Pending;
        }
        self.given = true;
        Poll::Ready(Some(Ok(Frame::data(self.piece.clone()))))
    }
}

/// The hostile peer: it has Ankara's keys, and calls Baghdad.
#[derive(Clone)]
struct Peer {
    keys: Arc<Keys>,
    pin: String,
    address: String,
    channel: String,
}

type Line = SendRequest<Body>;

impl Peer {
    fn of(world: &World) -> Peer {
        let keys = Arc::new(Keys::open(&world.site("TUR").folder.join("keys")).unwrap());
        let pin = world.view("IRQ")["charter"]["parties"]["IRQ"]["tls_pin"].as_str().unwrap().to_owned();
        Peer { keys, pin, address: world.site("IRQ").exchange.clone(), channel: world.channel.clone() }
    }

    async fn line(&self) -> Result<Line, String> {
        let said = |error: &dyn std::fmt::Display| error.to_string();
        let stream = TcpStream::connect(&self.address).await.map_err(|error| said(&error))?;
        let config = tls::client(&self.keys, "peer.example", self.pin.clone()).map_err(|error| said(&error))?;
        let name = ServerName::try_from("node.tansiq.invalid").map_err(|error| said(&error))?;
        let stream = TlsConnector::from(config).connect(name, stream).await.map_err(|error| said(&error))?;
        let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
        let (line, connection) = handshake.map_err(|error| said(&error))?;
        tokio::spawn(connection);
        Ok(line)
    }

    fn request(&self, method: Method, path: &str, body: Body) -> Request<Body> {
        let uri = format!("https://{}/exchange/v1/{}/{path}", self.address, self.channel);
        Request::builder().method(method).uri(uri).body(body).unwrap()
    }

    /// One request on a line of its own.
    async fn send(&self, method: Method, path: &str, body: Body) -> Result<(u16, String), String> {
        let mut line = self.line().await?;
        let response = line.send_request(self.request(method, path, body)).await.map_err(|error| error.to_string())?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }

    fn origin(&self) -> String {
        format!("ankara.localhost/{}", self.channel)
    }

    /// A checkpoint of Ankara's log as Ankara itself would sign it, whatever it says.
    fn checkpoint(&self, size: u64, root: Hash) -> String {
        let signer = self.keys.log_signer(&self.origin()).unwrap();
        SignedCheckpoint::sign(Checkpoint::new(self.origin(), size, root).unwrap(), &signer).unwrap().to_string()
    }
}

fn entries(count: usize) -> Writer {
    let mut writer = Writer::default();
    (0..count).for_each(|_| writer.entry(&ReceivedEntry { entry: [7; 32], content: None }));
    writer
}

/// What `status` says of a process's memory, in MiB.
fn memory(pid: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// Baghdad, Damascus and Ankara at work, and then Ankara's node gone and its keys in other hands.
fn besieged() -> (World, Peer) {
    let mut world = World::three().started();
    let ankara = world.secretary("TUR");
    world.done(&ankara, &meeting("لقاء"));
    world.level();
    world.kill("TUR");
    let peer = Peer::of(&world);
    (world, peer)
}

/// Those who work on meanwhile.
struct Honest {
    baghdad: Client,
    damascus: Client,
}

impl Honest {
    fn of(world: &World) -> Honest {
        Honest { baghdad: world.secretary("IRQ"), damascus: world.secretary("SYR") }
    }

    /// Baghdad acts; how long it takes until Damascus sees it.
    fn act(&self, world: &World) -> Duration {
        let begun = Instant::now();
        let (dossier, _) = world.done(&self.baghdad, &meeting("اجتماع"));
        let path = format!("/api/v1/dossiers/{}/{dossier}", world.channel);
        until("Damascus sees it", || world.get(&self.damascus, &path).status.as_u16() == 200);
        begun.elapsed()
    }
}

/// What lies, is too large, out of order or said before: each is answered, and nothing of it is kept.
#[test]
fn what_lies_or_cannot_be_is_refused_and_changes_nothing() {
    let (world, peer) = besieged();
    let node = Node::open(&world.site("TUR").folder, Outside::real()).unwrap();
    let channel = world.channel.parse().unwrap();
    let own = node.identity.party.clone();
    let to = "IRQ".parse().unwrap();
    let read = |connection: &tansiq_node::store::db::Connection| frames_for(connection, &channel, &own, &to, (0, u64::MAX));
    let (good, size): (Vec<u8>, u64) = node.store.read_now(read).map_err(|fault: Fault| fault).unwrap();
    drop(node);
    let (digest, held) = (world.digest("IRQ"), world.held("IRQ", "TUR"));
    assert_eq!(held, size);

    let with = |mut writer: Writer, note: &str| {
        writer.checkpoint(note);
        writer.take()
    };
    let root = CompactRange::new().root();
    let huge =
        [(1_u64 << 63) - 1, 1 << 63, u64::MAX].map(|size| with(entries(1), &peer.checkpoint(size, Hash::from_bytes([3; 32]))));
    let junk = format!("— {} {}\n", "nobody.example", data_encoding::BASE64.encode(&[9; 68]));
    let crowded = |lines: usize| format!("{}{}", peer.checkpoint(size, Hash::from_bytes([3; 32])), junk.repeat(lines));
    let disclosures = Content { salt: [1; 32], bytes: b"{}".to_vec(), disclosures: vec![String::new(); 300_000] };
    let mut sealed = Writer::default();
    sealed.entry(&ReceivedEntry { entry: [7; 32], content: Some(disclosures) });
    let path = |from: u64| format!("TUR/entries?from={from}");
    let next = path(size);
    let mut backwards = entries(1).take();
    backwards.splice(0..0, [3, 0, 0, 0, 0]);
    let cases: Vec<(&str, String, Vec<u8>, &[u16])> = vec![
        ("a frame of four gigabytes", next.clone(), vec![2, 255, 255, 255, 255], &[400]),
        ("more entries than a batch may have", next.clone(), entries(10_000).take(), &[400]),
        ("frames without bytes, without end", next.clone(), sealed.take(), &[400]),
        ("a disclosure before its entry", next.clone(), backwards, &[400]),
        ("a tree that the entries do not make", next.clone(), with(entries(1), &peer.checkpoint(size + 1, root)), &[409]),
        ("a log of 2^63 - 1 entries", next.clone(), huge[0].clone(), &[400]),
        ("a log of 2^63 entries", next.clone(), huge[1].clone(), &[400]),
        ("a log of 2^64 - 1 entries", next.clone(), huge[2].clone(), &[400]),
        ("a place at the end of all numbers", path(u64::MAX), with(entries(2), &peer.checkpoint(1, root)), &[400]),
        ("a checkpoint with 3000 signatures", path(0), with(entries(0), &crowded(3000)), &[400]),
        ("what is held already", path(0), good.clone(), &[200]),
        ("the same of half", path(0), good[..good.len() / 2].to_vec(), &[400]),
        // This one is taken: as the proof that the log has two histories. From then on nothing of that log is.
        ("another tree of a size that is known", path(0), with(entries(0), &peer.checkpoint(size, root)), &[200]),
        ("a checkpoint with 90 signatures of strangers", path(0), with(entries(0), &crowded(90)), &[409]),
    ];
    for (what, path, body, expected) in cases {
        // What is far too long may be cut off before the answer is read.
        let cut = body.len() > 64 * 1024;
        let answer = world.runtime.block_on(peer.send(Method::POST, &path, Body::from(body)));
        let status = answer.as_ref().map(|(status, _)| *status).unwrap_or_default();
        assert!(expected.contains(&status) || cut && answer.is_err(), "{what}: {answer:?}");
    }
    for (what, path, body, expected) in [
        ("a cosigned checkpoint of a mebibyte", "IRQ/cosignature", vec![b'a'; 1 << 20], 400),
        ("late records that are none", "TUR/late", vec![5, 255, 255, 255, 255], 400),
        ("another's late records", "SYR/late", Vec::new(), 404),
        ("another's entries", "SYR/entries?from=0", good, 404),
    ] {
        let answer = world.runtime.block_on(peer.send(Method::POST, path, Body::from(body)));
        let status = answer.as_ref().map(|(status, _)| *status);
        assert!(status == Ok(expected) || expected == 400 && answer.is_err(), "{what}: {answer:?}");
    }
    assert_eq!((world.digest("IRQ"), world.held("IRQ", "TUR")), (digest, held), "nothing of it was kept");
    world.verify("IRQ");
}

/// Everything at once, from one peer, while the other two go on.
#[test]
fn a_peer_that_does_its_worst_costs_bounded_memory_and_stops_nobody() {
    let (world, peer) = besieged();
    let pid = world.process("IRQ");
    let honest = Honest::of(&world);
    let quiet = (0..3).map(|_| honest.act(&world)).max().unwrap();
    let before = memory(pid, "VmHWM");
    let answered = Arc::new(AtomicUsize::new(0));
    let mut attacks = Vec::new();
    let strangers = strangers(peer.address.clone());
    attacks.push(world.runtime.spawn(strangers));
    for _ in 0..4 {
        attacks.push(world.runtime.spawn(flood(peer.clone(), answered.clone())));
        attacks.push(world.runtime.spawn(streams(peer.clone())));
    }
    let begun = Instant::now();
    let mut longest = Duration::ZERO;
    while begun.elapsed() < Duration::from_secs(6) {
        longest = longest.max(honest.act(&world));
    }
    attacks.iter().for_each(tokio::task::JoinHandle::abort);
    let grown = memory(pid, "VmHWM").saturating_sub(before);
    eprintln!("acts were seen after {quiet:?} before and {longest:?} meanwhile; {grown} MiB more; {answered:?} answers");
    assert!(longest < SOON, "{longest:?}");
    assert!(grown < MEMORY, "{grown} MiB more than {before}");
    assert!(answered.load(Ordering::SeqCst) > 100, "the flood reached the node");
    let lines = world.lines("IRQ").len();
    assert!(lines < 1000, "{lines} lines in the log");
    world.verify("IRQ");
}

/// Callers from another address that say nothing, and come again when they are sent away.
async fn strangers(address: String) {
    let mut silent: Vec<TcpStream> = Vec::new();
    loop {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        if let Ok(stream) = socket.connect(address.parse().unwrap()).await {
            silent.push(stream);
        }
        if silent.len() > 300 {
            silent.drain(..100);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// As many requests as go through a line.
async fn flood(peer: Peer, answered: Arc<AtomicUsize>) {
    loop {
        let Ok(line) = peer.line().await else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let mut flights = tokio::task::JoinSet::new();
        for number in 0..32 {
            let (peer, mut line, answered) = (peer.clone(), line.clone(), answered.clone());
            flights.spawn(async move {
                for path in ["IRQ/checkpoint", "TUR/checkpoint", "IRQ/late?after=0"].iter().cycle().skip(number) {
                    if line.ready().await.is_err()
                        || line.send_request(peer.request(Method::GET, path, Body::empty())).await.is_err()
                    {
                        return;
                    }
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        while flights.join_next().await.is_some() {}
    }
}

/// Streams in both directions that are not read, do not end, or say nothing.
async fn streams(peer: Peer) {
    let mut kept = Vec::new();
    loop {
        let Ok(mut line) = peer.line().await else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let empty: Vec<u8> = [3, 0, 0, 0, 0].repeat(3000);
        let mut content = Writer::default();
        content.entry(&ReceivedEntry {
            entry: [7; 32],
            content: Some(Content { salt: [1; 32], bytes: vec![b'a'; 250_000], disclosures: vec![] }),
        });
        let asked = [
            (Method::GET, "IRQ/entries?from=0", Body::empty()),
            (Method::GET, "IRQ/entries?from=0", Body::empty()),
            (Method::POST, "TUR/entries?from=0", Dripping::without_end(content.take())),
            (Method::POST, "TUR/entries?from=0", Dripping::without_end(empty)),
            (Method::POST, "TUR/entries?from=0", Dripping::and_then_nothing(&[1, 0, 0])),
            (Method::POST, "TUR/late", Dripping::and_then_nothing(&[5, 0, 0])),
            (Method::POST, "IRQ/cosignature", Dripping::and_then_nothing(b"x")),
            (Method::POST, "IRQ/cosignature", Dripping::without_end(vec![b'x'; 16 * 1024])),
        ];
        for (method, path, body) in asked {
            let sent = line.send_request(peer.request(method, path, body));
            kept.push(tokio::spawn(sent));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        if kept.len() > 200 {
            kept.drain(..100);
        }
    }
}

/// How many streams and watches one peer gets, however many it asks for.
#[test]
fn a_peer_holds_no_more_streams_and_watches_open_than_it_may() {
    let (world, peer) = besieged();
    let counted = world.runtime.block_on(async {
        let mut line = peer.line().await.unwrap();
        let mut open = Vec::new();
        for _ in 0..WATCHES {
            let uri = format!("https://{}/exchange/v1/watch", peer.address);
            let response = line.send_request(Request::builder().uri(uri).body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            open.push(response);
        }
        let uri = format!("https://{}/exchange/v1/watch", peer.address);
        let refused = line.send_request(Request::builder().uri(uri).body(Body::empty()).unwrap()).await.unwrap();
        assert!(refused.headers().contains_key("retry-after"));
        open.push(refused);
        // The newest lines stay; those before them end.
        let mut lines = vec![line];
        for _ in 0..6 {
            lines.push(peer.line().await.unwrap());
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        let mut alive = 0;
        for line in &mut lines {
            alive += usize::from(
                line.ready().await.is_ok()
                    && line.send_request(peer.request(Method::GET, "IRQ/checkpoint", Body::empty())).await.is_ok(),
            );
        }
        (open.iter().filter(|response| response.status() == StatusCode::TOO_MANY_REQUESTS).count(), alive)
    });
    assert_eq!(counted, (1, 4));
    const { assert!(DOWNLOADS < 32) };
}

/// The other way round: Baghdad calls, and what answers at Ankara's address lies.
#[test]
fn a_peer_that_lies_when_it_is_called_is_called_less_and_stops_nobody() {
    let (world, peer) = besieged();
    let asked = Arc::new(AtomicUsize::new(0));
    let pid = world.process("IRQ");
    let before = memory(pid, "VmHWM");
    let honest = Honest::of(&world);
    world.runtime.spawn(lies(peer.clone(), world.site("TUR").exchange.clone(), asked.clone()));
    until("Baghdad calls", || asked.load(Ordering::SeqCst) > 0);
    let longest = (0..6).map(|_| honest.act(&world)).max().unwrap();
    std::thread::sleep(Duration::from_secs(4));
    let (times, grown) = (asked.load(Ordering::SeqCst), memory(pid, "VmHWM").saturating_sub(before));
    eprintln!("Baghdad asked {times} times; acts were seen after {longest:?}; {grown} MiB more");
    assert!(times < 400, "{times} requests to a peer that lies");
    assert!(longest < SOON && grown < MEMORY, "{longest:?}, {grown} MiB");
    world.verify("IRQ");
}

/// Serves lies: a watch that tells of endless logs, entries that lead nowhere.
async fn lies(peer: Peer, address: String, asked: Arc<AtomicUsize>) {
    let pins = tls::Pins::default();
    let irq = peer.pin.clone();
    pins.set([irq].into());
    let acceptor = TlsAcceptor::from(tls::server(&peer.keys, "ankara.localhost", &pins).unwrap());
    let line = format!("{} TUR {} {}\n", peer.channel, u64::MAX, u64::MAX);
    let turn = Arc::new(AtomicUsize::new(0));
    let entry = entries(1).take();
    let router = Router::new()
        .route("/exchange/v1/watch", get(move || async move { Dripping::without_end(line.repeat(50).into_bytes()) }))
        .fallback(move || {
            let number = turn.fetch_add(1, Ordering::SeqCst);
            asked.fetch_add(1, Ordering::SeqCst);
            let (entry, empty) = (entry.clone(), [3, 0, 0, 0, 0].repeat(100));
            async move {
                match number % 4 {
                    0 => Body::empty(),
                    1 => Dripping::without_end(entry),
                    2 => Body::from(vec![9; 100]),
                    _ => Body::from(empty),
                }
            }
        });
    let listener = loop {
        match tokio::net::TcpListener::bind(&address).await {
            Ok(listener) => break listener,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, router) = (acceptor.clone(), router.clone());
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let served = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            let _ended = served.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)).await;
        });
    }
}

/// A node takes in so much of a party in a day; the rest comes on the next.
#[test]
fn a_peer_that_would_fill_the_disk_is_stopped_for_the_day_and_goes_on_the_next() {
    let mut world = World::three();
    let path = world.site("IRQ").folder.join("node.json");
    let mut config: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    config["limits"] = json!({ "entries_per_day": 30 });
    std::fs::write(&path, config.to_string()).unwrap();
    for party in ["IRQ", "SYR", "TUR"] {
        world.start(party);
    }
    world.opened();
    let ankara = world.secretary("TUR");
    for number in 0..20 {
        world.submit(&ankara, &json!([0, 1, 2, 3].map(|part| meeting(&format!("لقاء {number}-{part}")))));
        until("Damascus holds it", || world.held("SYR", "TUR") == 1 + 4 * (number + 1));
    }
    let says = |world: &World| world.lines("IRQ").iter().filter(|line| line.contains("goes on tomorrow")).count();
    until("Baghdad has had enough", || says(&world) > 0);
    let held = world.held("IRQ", "TUR");
    assert!((30..81).contains(&held), "{held}");
    assert!(Honest::of(&world).act(&world) < SOON, "Damascus is served all the same");
    assert_eq!(says(&world), 1, "it is said once");

    world.kill("IRQ");
    let connection = rusqlite::Connection::open(world.site("IRQ").folder.join("tansiq.db")).unwrap();
    assert_eq!(connection.execute("UPDATE intake SET day = '2026-01-01' WHERE party = 'TUR'", []).unwrap(), 1);
    drop(connection);
    world.start("IRQ");
    let begun = Instant::now();
    until("the rest has come", || world.held("IRQ", "TUR") == 81);
    assert!(begun.elapsed() < DEADLINE);
    until("both hold the same", || world.digest("IRQ") == world.digest("TUR"));
    ["IRQ", "TUR"].iter().for_each(|party| world.verify(party));
}

/// Each try takes the memory of its hash, so they are looked at one after another, and counted as if they had come so.
#[tokio::test]
async fn passwords_tried_at_once_are_no_more_tries_than_one_by_one() {
    let here = Here::new("IRQ").await;
    let chair = officer("irq.chair", &[Role::CoChair], Classification::Restricted);
    let (right, wrong) = ("a long enough password", "a wrong enough password");
    let hash = auth::hash(right, &here.node.identity.world).unwrap();
    here.node.store.write(move |work| Ok(people::set_officer(work.connection, &chair, Some(&hash))?)).await.unwrap();
    let attempts = Arc::new(Attempts::default());
    let tries: Vec<_> = std::iter::repeat_n(wrong, 5)
        .chain(std::iter::repeat_n(right, 5))
        .map(|password| {
            let (node, attempts) = (here.node.clone(), attempts.clone());
            tokio::spawn(async move { auth::sign_in(&node, &attempts, "irq.chair", password.to_owned()).await.is_ok() })
        })
        .collect();
    let mut let_in = Vec::new();
    for one in tries {
        let_in.push(one.await.unwrap());
    }
    assert_eq!(let_in, [false; 10], "who has given five wrong passwords waits, whatever comes with them");
    here.clock.set(1_760_000_061);
    assert!(auth::sign_in(&here.node, &attempts, "irq.chair", right.to_owned()).await.is_ok());
}
