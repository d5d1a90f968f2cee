//! Files of dossiers: brought by an officer, given to whoever may have the dossier and to nobody else, and gone on with after
//! a break.

use crate::world::{World, meeting, until};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{self, HeaderMap, HeaderName};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use tansiq_dossier::words::{Tongue, Words};
use tansiq_node::attachments::tidy;
use tansiq_node::clock::World as Outside;
use tansiq_node::exchange::tls;
use tansiq_node::keys::Keys;
use tansiq_node::node::{Config, Node};
use tokio::net::TcpStream;

/// A picture of this size, by its beginning; no two pieces of it are the same.
pub(crate) fn picture(size: usize, seed: u64) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    let mut state = seed | 1;
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

pub(crate) fn hash(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn code(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body["title"].as_str().unwrap_or_default().to_owned()
    }

    fn header(&self, name: HeaderName) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

type Headers<'h> = &'h [(HeaderName, &'h str)];

/// Asks a node's pages or API as the officer of this token.
fn ask(world: &World, party: &str, token: &str, method: Method, path: &str, headers: Headers<'_>, body: Vec<u8>) -> Answer {
    let address = world.site(party).web.clone();
    world.runtime.block_on(async move {
        let stream = TcpStream::connect(&address).await.unwrap();
        let (mut send, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, &address);
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        request = request.header(header::COOKIE, format!("__Host-tansiq={token}; __Host-tansiq-lang=en"));
        request = headers.iter().fold(request, |request, (name, value)| request.header(name, *value));
        let response = send.send_request(request.body(Full::new(Bytes::from(body))).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
    })
}

fn token(world: &World, party: &str) -> String {
    let officer = format!("{}.mofa.secretary", party.to_lowercase());
    let body = json!({ "officer": officer, "password": world.password(&officer) });
    let answer = ask(world, party, "", Method::POST, "/api/v1/session", &[], serde_json::to_vec(&body).unwrap());
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    body["token"].as_str().unwrap().to_owned()
}

fn attach(world: &World, party: &str, token: &str, dossier: &str, name: &str, bytes: Vec<u8>) -> Answer {
    let path = format!("/api/v1/dossiers/{}/{dossier}/attachments?name={name}", world.channel);
    ask(world, party, token, Method::POST, &path, &[], bytes)
}

/// Attaches a file that must be taken; gives its hash.
fn attached(world: &World, party: &str, dossier: &str, bytes: &[u8]) -> String {
    let answer = attach(world, party, &token(world, party), dossier, "map.png", bytes.to_vec());
    assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
    hash(bytes)
}

fn place(world: &World, party: &str, hash: &str) -> PathBuf {
    world.site(party).folder.join("blobs").join(&hash[..2]).join(hash)
}

fn partial(world: &World, party: &str, name: &str) -> PathBuf {
    world.site(party).folder.join("blobs/partial").join(name)
}

fn arrives(world: &World, party: &str, hash: &str) -> Vec<u8> {
    until("the file is there", || place(world, party, hash).is_file());
    std::fs::read(place(world, party, hash)).unwrap()
}

fn open_dossier(world: &World, party: &str) -> String {
    world.done(&world.secretary(party), &meeting("اجتماع")).0
}

/// The state of each file of a dossier, as a node tells it.
fn states(world: &World, party: &str, dossier: &str) -> Vec<String> {
    let path = format!("/api/v1/dossiers/{}/{dossier}", world.channel);
    let full = world.get(&world.secretary(party), &path).body;
    let files = full["attachments"].as_array().cloned().unwrap_or_default();
    files.iter().map(|file| file["state"].as_str().unwrap().to_owned()).collect()
}

/// Asks another node on the wire, with the keys of this party.
fn wire(world: &World, from: &str, to: &str, method: Method, path: &str, headers: Headers<'_>, body: &[u8]) -> Answer {
    let site = world.site(to);
    let address = site.exchange.clone();
    let keys = |party: &str| Keys::open(&world.site(party).folder.join("keys")).unwrap();
    let pin = keys(to).wire_pin().unwrap();
    let config = tls::client(&keys(from), "test.example", pin).unwrap();
    world.runtime.block_on(async move {
        let stream = TcpStream::connect(&address).await.unwrap();
        let name = rustls::pki_types::ServerName::try_from("node.tansiq.invalid").unwrap();
        let stream = tokio_rustls::TlsConnector::from(config).connect(name, stream).await.unwrap();
        let http = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
        let (mut send, connection) = http.handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = Request::builder().method(method).uri(format!("https://{address}{path}"));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, *value));
        let response = send.send_request(request.body(Full::new(Bytes::copy_from_slice(body))).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
    })
}

#[test]
fn a_file_goes_from_desk_to_desk_and_is_given_out_in_parts() {
    let world = World::two().started();
    let dossier = open_dossier(&world, "IRQ");
    let bytes = picture(300_000, 1);
    // While Ankara can write no files it goes on with everything else, and fetches the file once it can.
    let blobs = world.site("TUR").folder.join("blobs");
    std::fs::write(&blobs, "in the way").unwrap();
    let sha = attached(&world, "IRQ", &dossier, &bytes);
    until("Ankara waits for it", || states(&world, "TUR", &dossier) == ["coming"]);
    until("Ankara says what is in the way", || world.lines("TUR").iter().any(|line| line.contains("a file could not be kept")));
    std::fs::remove_file(&blobs).unwrap();
    assert_eq!(arrives(&world, "TUR", &sha), bytes);
    until("Ankara says so", || states(&world, "TUR", &dossier) == ["here"]);
    let token = token(&world, "TUR");
    let api = format!("/api/v1/dossiers/{}/{dossier}/attachments/{sha}", world.channel);
    let page = format!("/dossiers/{}/{dossier}/attachments/{sha}", world.channel);
    for path in [&api, &page] {
        let get = |headers: Headers<'_>| ask(&world, "TUR", &token, Method::GET, path, headers, Vec::new());
        let whole = get(&[]);
        assert_eq!((whole.status, whole.body.as_ref()), (StatusCode::OK, bytes.as_slice()));
        assert_eq!(whole.header(header::CONTENT_TYPE), "image/png");
        assert_eq!(whole.header(header::CONTENT_DISPOSITION), "attachment; filename*=UTF-8''map.png");
        assert_eq!(whole.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(whole.header(header::CONTENT_SECURITY_POLICY), "default-src 'none'; sandbox");
        assert_eq!(whole.header(header::CACHE_CONTROL), "no-store");
        let tag = whole.header(header::ETAG);
        assert_eq!(tag, format!("\"{sha}\""));
        let part = get(&[(header::RANGE, "bytes=1000-1999"), (header::IF_RANGE, tag)]);
        assert_eq!((part.status, part.body.as_ref()), (StatusCode::PARTIAL_CONTENT, &bytes[1000..2000]));
        assert_eq!(part.header(header::CONTENT_RANGE), "bytes 1000-1999/300000");
        let other = get(&[(header::RANGE, "bytes=1000-1999"), (header::IF_RANGE, "\"other\"")]);
        assert_eq!((other.status, other.body.len()), (StatusCode::OK, bytes.len()));
        let beyond = get(&[(header::RANGE, "bytes=300000-")]);
        assert_eq!((beyond.status, beyond.header(header::CONTENT_RANGE)), (StatusCode::RANGE_NOT_SATISFIABLE, "bytes */300000"));
    }
    let nobody = ask(&world, "TUR", "", Method::GET, &api, &[], Vec::new());
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    let get = |path: &str| ask(&world, "TUR", &token, Method::GET, path, &[], Vec::new());
    for elsewhere in [api.replace(&sha, &"0".repeat(64)), api.replace(&sha, "..%2f..%2fnode.json"), api.replace(&dossier, "..")] {
        let answer = get(&elsewhere);
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::NOT_FOUND, "DOS01"), "{elsewhere}");
    }
    let html = get(page.split("/attachments").next().unwrap());
    let html = String::from_utf8(html.body.to_vec()).unwrap();
    assert!(html.contains(&format!("href=\"{page}\"")) && html.contains("map.png") && html.contains("Here, checked"));
    let out = world.site("TUR").folder.join("copy.png");
    let fetched = world.command("TUR", &["fetch", &sha, "--dossier", &dossier, "--out", out.to_str().unwrap()]);
    assert!(fetched.status.success() && std::fs::read(&out).unwrap() == bytes);
    world.verify("TUR");
}

#[test]
fn a_form_without_script_brings_a_file_and_a_command_does_too() {
    let world = World::two().started();
    let dossier = open_dossier(&world, "IRQ");
    let token = token(&world, "IRQ");
    let page = format!("/dossiers/{}/{dossier}", world.channel);
    let get = |path: &str| ask(&world, "IRQ", &token, Method::GET, path, &[], Vec::new());
    let html = String::from_utf8(get(&page).body.to_vec()).unwrap();
    let csrf = html.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = |csrf: &str, name: &str, bytes: &[u8]| {
        let part = |head: &str, value: &[u8]| {
            [format!("--cut\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(), value, b"\r\n"].concat()
        };
        let head = format!("name=\"file\"; filename=\"{name}\"");
        let body = [
            part("name=\"csrf\"", csrf.as_bytes()),
            part("name=\"note\"", b"the bridge"),
            part(&head, bytes),
            b"--cut--\r\n".to_vec(),
        ];
        let kind = [(header::CONTENT_TYPE, "multipart/form-data; boundary=cut")];
        ask(&world, "IRQ", &token, Method::POST, &format!("{page}/attachments"), &kind, body.concat())
    };
    let bytes = picture(9_000_000, 2);
    assert_eq!(form("wrong", "bridge.png", &bytes[..100]).status, StatusCode::FORBIDDEN);
    let done = form(&csrf, "bridge.png", &bytes);
    assert_eq!((done.status, done.header(header::LOCATION)), (StatusCode::SEE_OTHER, format!("{page}#attachments").as_str()));
    assert_eq!(arrives(&world, "IRQ", &hash(&bytes)), bytes);
    let refused = form(&csrf, "bridge.png", b"<html>");
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(String::from_utf8_lossy(&refused.body).contains("ATT04"));
    assert!(String::from_utf8_lossy(&get(&page).body).contains("the bridge"));
    let file = world.site("IRQ").folder.join("note.txt");
    std::fs::write(&file, "ملاحظة\n").unwrap();
    let arguments =
        ["attach", file.to_str().unwrap(), "--dossier", &dossier, "--as", "irq.mofa.secretary", "--note", "note", "--json"];
    assert!(world.command("IRQ", &arguments).status.success());
    assert_eq!(arrives(&world, "TUR", &hash("ملاحظة\n".as_bytes())), "ملاحظة\n".as_bytes());
    until("both are there", || states(&world, "TUR", &dossier) == ["here", "here"]);
}

#[test]
fn what_may_not_be_attached_is_refused_and_leaves_nothing() {
    let world = World::two().started();
    let dossier = open_dossier(&world, "IRQ");
    let token = token(&world, "IRQ");
    let code = |name: &str, bytes: &[u8]| attach(&world, "IRQ", &token, &dossier, name, bytes.to_vec()).code();
    assert_eq!(code("a.txt", b""), "ATT01");
    assert_eq!(code("a.bin", &[0, 1, 2, 3, 4, 5, 6, 7]), "ATT03");
    assert_eq!(code("a.html", b"<script>"), "ATT04");
    assert_eq!(code("a.pdf", b"%PDF-1.7\n1 0 obj << /OpenAction << /S /Java#53cript >> >>"), "ATT04");
    assert_eq!(code("a.exe", b"plain words"), "ATT05");
    assert_eq!(code("..%2fa.txt", b"plain words"), "ATT08");
    let other = dossier.replace("IRQ-", "TUR-");
    let path = |length: &str| {
        let path = format!("/api/v1/dossiers/{}/{other}/attachments?name=a.txt", world.channel);
        ask(&world, "IRQ", &token, Method::POST, &path, &[(header::CONTENT_LENGTH, length)], b"a".to_vec())
    };
    assert_eq!(path("1").code(), "DOS01");
    assert_eq!(code("a.txt", b"plain words"), "");
    assert_eq!(code("b.txt", b"plain words"), "CUS08");
    let left = std::fs::read_dir(world.site("IRQ").folder.join("blobs/partial")).unwrap().count();
    assert_eq!(left, 0, "nothing is left of what was refused");
    assert_eq!(states(&world, "IRQ", &dossier), ["here"]);
    // A record that names the bytes of another dossier's file opens nothing: they were not brought for this one.
    let (elsewhere, sha) = (open_dossier(&world, "IRQ"), hash(b"plain words"));
    let body = json!({ "name": "a.txt", "sha256": sha, "size": 11, "media_type": "text/plain" });
    world.done(&world.secretary("IRQ"), &json!({ "kind": "meeting", "act": "attach", "dossier": elsewhere, "body": body }));
    assert_eq!(states(&world, "IRQ", &elsewhere), ["missing"]);
    let path = format!("/api/v1/dossiers/{}/{elsewhere}/attachments/{sha}", world.channel);
    assert_eq!(ask(&world, "IRQ", &token, Method::GET, &path, &[], Vec::new()).code(), "ATT06");
}

#[test]
fn a_file_is_gone_on_with_after_a_break_and_begun_anew_when_what_lay_there_was_wrong() {
    use std::os::unix::fs::MetadataExt;
    let mut world = World::two().started();
    let dossier = open_dossier(&world, "IRQ");
    world.level();
    world.kill("TUR");
    let (first, second) = (picture(3_000_000, 3), picture(2_000_000, 4));
    let (one, two) = (attached(&world, "IRQ", &dossier, &first), attached(&world, "IRQ", &dossier, &second));
    let begun = partial(&world, "TUR", &format!("{one}-IRQ"));
    std::fs::create_dir_all(begun.parent().unwrap()).unwrap();
    std::fs::write(&begun, &first[..1_234_567]).unwrap();
    let inode = std::fs::metadata(&begun).unwrap().ino();
    std::fs::write(partial(&world, "TUR", &format!("{two}-IRQ")), vec![7; 1_000_000]).unwrap();
    world.start("TUR");
    assert_eq!(arrives(&world, "TUR", &one), first);
    assert_eq!(std::fs::metadata(place(&world, "TUR", &one)).unwrap().ino(), inode, "the part that was there was written on");
    assert_eq!(arrives(&world, "TUR", &two), second);
    assert!(world.lines("TUR").iter().any(|line| line.contains("other bytes than its hash says")));
    until("nothing partial is left", || std::fs::read_dir(begun.parent().unwrap()).unwrap().count() == 0);
}

#[test]
fn a_side_that_cannot_be_called_fetches_what_it_misses_and_brings_what_it_has() {
    let mut world = World::two();
    world.start("IRQ");
    world.start_at("TUR", "none");
    world.opened();
    let dossier = open_dossier(&world, "IRQ");
    let (theirs, ours) = (picture(200_000, 5), picture(9_500_000, 6));
    let sha = attached(&world, "IRQ", &dossier, &theirs);
    assert_eq!(arrives(&world, "TUR", &sha), theirs);
    let sha = attached(&world, "TUR", &dossier, &ours);
    assert_eq!(arrives(&world, "IRQ", &sha), ours);
    until("both say so", || ["IRQ", "TUR"].iter().all(|party| states(&world, party, &dossier) == ["here", "here"]));
}

#[test]
fn a_party_outside_the_audience_is_given_nothing_and_learns_nothing() {
    let world = World::three().started();
    let mut act = meeting("اجتماع");
    act["audience"] = json!(["IRQ", "SYR"]);
    act["body"]["body"] = json!("isb");
    let (dossier, _) = world.done(&world.secretary("IRQ"), &act);
    let bytes = picture(100_000, 7);
    let sha = attached(&world, "IRQ", &dossier, &bytes);
    assert_eq!(arrives(&world, "SYR", &sha), bytes);
    world.level();
    let path = |sha: &str, dossier: &str| format!("/exchange/v1/{}/blob/{sha}?dossier={dossier}", world.channel);
    let get = |from: &str, path: &str| wire(&world, from, "IRQ", Method::GET, path, &[(header::RANGE, "bytes=99000-")], b"");
    let given = get("SYR", &path(&sha, &dossier));
    assert_eq!((given.status, given.body.as_ref()), (StatusCode::PARTIAL_CONTENT, &bytes[99_000..]));
    let refused = get("TUR", &path(&sha, &dossier));
    let unknown = get("TUR", &path(&"0".repeat(64), &dossier));
    assert_eq!((refused.status, refused.body), (StatusCode::NOT_FOUND, unknown.body));
    for odd in [path("..%2f..%2fkeys", &dossier), path(&sha, ".."), path(&sha.to_uppercase(), &dossier)] {
        assert_eq!(get("SYR", &odd).status, StatusCode::NOT_FOUND, "{odd}");
    }
    // Nor can anybody bring what it did not attach.
    let offset = [(HeaderName::from_static("upload-offset"), "0")];
    for from in ["TUR", "SYR"] {
        let put = wire(&world, from, "IRQ", Method::PUT, &path(&sha, &dossier), &offset, b"x");
        assert_eq!(put.status, StatusCode::NOT_FOUND, "{from}");
    }
    assert!(holds(&world.site("SYR").folder, &bytes[5000..5064]), "the search finds what is there");
    assert!(!holds(&world.site("TUR").folder, &bytes[5000..5064]));
    assert!(!holds(&world.site("TUR").folder, sha.as_bytes()));
}

/// Attaches a file of so many MiB, and waits until it is there: how long that took, and how much more memory each node had.
fn large(mebibytes: usize) -> (Duration, [u64; 2]) {
    let world = World::two().started();
    let dossier = open_dossier(&world, "IRQ");
    let warm = attached(&world, "IRQ", &dossier, &picture(4_000_000, 8));
    arrives(&world, "TUR", &warm);
    let before = ["IRQ", "TUR"].map(|party| most_memory(&world, party));
    let mut bytes = picture(1024, 9);
    bytes.resize(mebibytes * 1024 * 1024, 0);
    let sha = hash(&bytes);
    let file = world.site("IRQ").folder.join("large.png");
    std::fs::write(&file, bytes).unwrap();
    let arguments = ["attach", file.to_str().unwrap(), "--dossier", &dossier, "--as", "irq.mofa.secretary"];
    assert!(world.command("IRQ", &arguments).status.success());
    let begun = Instant::now();
    until("the file is there", || place(&world, "TUR", &sha).is_file());
    let took = begun.elapsed();
    let after = ["IRQ", "TUR"].map(|party| most_memory(&world, party));
    println!("{mebibytes} MiB in {took:?}; most memory before {before:?} KiB, after {after:?} KiB");
    (took, [after[0].saturating_sub(before[0]), after[1].saturating_sub(before[1])])
}

#[test]
fn a_file_is_never_in_memory_whole() {
    let (_, grown) = large(64);
    assert!(grown.iter().all(|grown| *grown < 32 * 1024), "{grown:?} KiB more for a file of 64 MiB");
}

#[test]
#[ignore = "a measurement: `cargo test -p tansiq-node --test it largest -- --ignored --nocapture`"]
fn the_largest_file_there_may_be_goes_across() {
    let (took, grown) = large(512);
    println!("{:.0} MiB/s; {grown:?} KiB more", 512.0 / took.as_secs_f64());
}

#[tokio::test]
async fn what_nobody_needs_is_swept_away_after_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        party: "IRQ".parse().unwrap(),
        name: Words::one(Tongue::En, "Iraq"),
        node: "baghdad.example".into(),
        institutions: [("irq.mofa".parse().unwrap(), Words::one(Tongue::En, "Foreign Affairs"))].into(),
        web: "127.0.0.1:0".into(),
        exchange: None,
        database: None,
        guard: None,
        tiles: None,
        limits: tansiq_node::exchange::limits::Limits::default(),
        feeds: Vec::new(),
    };
    let node = Node::create(&folder.path().join("node"), &config, Outside::real()).unwrap();
    let put = |name: &str, days: u64| {
        let path = node.folder.join("blobs").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = std::fs::File::create(&path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(days * 86_400)).unwrap();
        path
    };
    let (a, b) = ("a".repeat(64), "b".repeat(64));
    let (old, fresh, foreign) = (put(&format!("aa/{a}"), 2), put(&format!("bb/{b}"), 0), put("bb/read me", 2));
    let (left, begun) = (put("partial/up-1", 2), put("partial/up-2", 0));
    tidy::tidy(&node).await.unwrap();
    assert!(!old.exists() && !left.exists());
    assert!(fresh.exists() && foreign.exists() && begun.exists());
}

/// The most memory that a node has had, in KiB.
fn most_memory(world: &World, party: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", world.process(party))).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
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
