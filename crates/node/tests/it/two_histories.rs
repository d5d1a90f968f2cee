//! Real nodes of three states, one of which shows two histories: whoever holds its key speaks here, and not its node.

use crate::world::{World, meeting, until};
use bytes::Bytes;
use ct_merkle::{ConsistencyProof, RootHash};
use data_encoding::BASE64;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use serde_json::Value;
use sha2::Sha256;
use signed_note::{Note, StandardVerifier, VerifierList};
use std::path::Path;
use tansiq_log::checkpoint::{Checkpoint, SignedCheckpoint};
use tansiq_log::merkle::{CompactRange, leaf_hash};
use tansiq_node::clock::World as Outside;
use tansiq_node::exchange::frame::Writer;
use tansiq_node::exchange::tls;
use tansiq_node::keys::Keys;
use tansiq_node::node::Node;
use tansiq_node::receive::ReceivedEntry;
use tansiq_node::store::logs;
use tokio_rustls::TlsConnector;

/// Whoever holds Ankara's keys, while its node is down.
struct Ankara {
    keys: Keys,
    origin: String,
    range: CompactRange,
}

impl Ankara {
    fn of(world: &World) -> Ankara {
        let site = world.site("TUR");
        let node = Node::open(&site.folder, Outside::real()).unwrap();
        let (channel, own) = (world.channel.parse().unwrap(), "TUR".parse().unwrap());
        let range = node.store.read_now(|connection| logs::head(connection, &channel, &own)).unwrap().range;
        let keys = Keys::open(&site.folder.join("keys")).unwrap();
        Ankara { keys, origin: format!("ankara.localhost/{}", world.channel), range }
    }

    /// Brings a party's node these as the next entries of Ankara's log.
    fn tells(&self, world: &World, party: &str, entries: &[u8]) -> (u16, String) {
        let mut range = self.range.clone();
        let mut writer = Writer::default();
        for byte in entries {
            range.append(leaf_hash(&[*byte; 32]), |_, _| {}).unwrap();
            writer.entry(&ReceivedEntry { entry: [*byte; 32], content: None });
        }
        let checkpoint = Checkpoint::new(self.origin.clone(), range.size(), range.root()).unwrap();
        let signer = self.keys.log_signer(&self.origin).unwrap();
        writer.checkpoint(&SignedCheckpoint::sign(checkpoint, &signer).unwrap().to_string());
        let path = format!("/exchange/v1/{}/TUR/entries?from={}", world.channel, self.range.size());
        let pin = world.view(party)["charter"]["parties"][party]["tls_pin"].as_str().unwrap().to_owned();
        let address = world.site(party).exchange.clone();
        world.runtime.block_on(call(&address, &self.keys, pin, &path, writer.take()))
    }
}

async fn call(address: &str, keys: &Keys, pin: String, path: &str, body: Vec<u8>) -> (u16, String) {
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let connector = TlsConnector::from(tls::client(keys, "ankara.localhost", pin).unwrap());
    let stream = connector.connect(ServerName::try_from("node.tansiq.invalid").unwrap(), stream).await.unwrap();
    let (mut requests, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request =
        Request::builder().method(Method::POST).uri(format!("https://{address}{path}")).body(Full::new(Bytes::from(body)));
    let response = requests.send_request(request.unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// Ankara's node, which is down, goes on from its own store with these entries, as if it had never told others.
fn goes_on_otherwise(world: &World, entries: &'static [u8]) {
    let node = Node::open(&world.site("TUR").folder, Outside::real()).unwrap();
    let (channel, own) = (world.channel.parse().unwrap(), "TUR".parse().unwrap());
    let append = move |work: &mut tansiq_node::store::work::Work<'_>| {
        for byte in entries {
            work.append(&channel, &own, &[*byte; 32])?;
        }
        Ok(())
    };
    world.runtime.block_on(node.store.write(append)).unwrap();
}

/// What a node shows of Ankara's log.
fn log(world: &World, party: &str) -> Value {
    let view = world.view(party);
    view["logs"].as_array().unwrap().iter().find(|log| log["party"] == "TUR").unwrap().clone()
}

fn is_caught(world: &World, party: &str) -> bool {
    !log(world, party)["fork"].is_null()
}

/// Baghdad and Damascus go on with each other.
fn go_on(world: &World) {
    let (baghdad, damascus) = (world.secretary("IRQ"), world.secretary("SYR"));
    for (client, other) in [(&baghdad, &damascus), (&damascus, &baghdad)] {
        let (dossier, _) = world.done(client, &meeting("اجتماع بعد الكشف"));
        let path = format!("/api/v1/dossiers/{}/{dossier}", world.channel);
        until("the other has it", || world.get(other, &path).status.as_u16() == 200);
        until("the other has witnessed it", || {
            let full = world.get(client, &path).body;
            full["history"][0]["witnessed"].as_array().is_some_and(|by| !by.is_empty())
        });
    }
}

/// Checks an evidence folder as its README tells, with other people's code; gives the two sizes.
fn convicts(folder: &Path) -> (u64, u64) {
    let file = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let policy = file("policy");
    let key = policy.lines().find_map(|line| line.strip_prefix("log ")).unwrap().to_owned();
    let keys = VerifierList::new(vec![Box::new(StandardVerifier::new(&key).unwrap())]);
    let hash = |text: &str| -> [u8; 32] { BASE64.decode(text.as_bytes()).unwrap().try_into().unwrap() };
    let read = |name: &str| {
        let note = Note::from_bytes(file(name).as_bytes()).unwrap();
        assert_eq!(note.verify(&keys).unwrap().0.len(), 1);
        let text = String::from_utf8(note.text().to_vec()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(Some(lines[0]), key.split('+').next());
        (lines[1].parse::<u64>().unwrap(), hash(lines[2]))
    };
    let ((size, root), (new_size, new_root)) = (read("first.checkpoint"), read("second.checkpoint"));
    if size == new_size {
        assert_ne!(root, new_root);
        assert!(!folder.join("consistency.proof").exists());
        return (size, new_size);
    }
    let proof = file("consistency.proof");
    let mut lines = proof.lines();
    let head: Vec<&str> = lines.next().unwrap().split(' ').collect();
    assert_eq!((head[0], head[1].parse()), ("old", Ok(size)));
    let old_root = hash(head[2]);
    assert_ne!(old_root, root);
    let proof = ConsistencyProof::try_from_bytes(lines.flat_map(hash).collect()).unwrap();
    let larger = RootHash::<Sha256>::new(new_root.into(), new_size);
    larger.verify_consistency(&RootHash::new(old_root.into(), size), &proof).unwrap();
    (size, new_size)
}

fn evidence(world: &World, party: &str) -> (u64, u64) {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("fork");
    let arguments = ["evidence", "fork", "--channel", &world.channel, "--party", "TUR", "--out", folder.to_str().unwrap()];
    let output = world.command(party, &arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let checked = world.command(party, &["evidence", "check", folder.to_str().unwrap()]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    assert!(String::from_utf8_lossy(&checked.stdout).contains("TWO HISTORIES"));
    convicts(&folder)
}

#[test]
fn two_parties_that_were_shown_different_trees_of_one_size_find_out() {
    let mut world = World::three().started();
    world.level();
    world.kill("TUR");
    let ankara = Ankara::of(&world);
    let size = ankara.range.size() + 1;
    assert!(!world.command("IRQ", &["evidence", "fork", "--party", "TUR", "--out", "nowhere"]).status.success());

    assert_eq!(ankara.tells(&world, "IRQ", &[1]).0, 200);
    // Damascus may have heard from Baghdad first; then it takes nothing, and says so.
    assert!(matches!(ankara.tells(&world, "SYR", &[2]), (200 | 409, _)));
    until("both know", || is_caught(&world, "IRQ") && is_caught(&world, "SYR"));
    assert_eq!((evidence(&world, "IRQ"), evidence(&world, "SYR")), ((size, size), (size, size)));
    assert_eq!(ankara.tells(&world, "IRQ", &[1, 3]).0, 409);
    assert_eq!(log(&world, "IRQ")["size"], size);
    go_on(&world);

    let health = world.get(&world.secretary("IRQ"), "/healthz").body;
    assert_eq!(health["forks"], 1);
    let channels = world.get(&world.secretary("SYR"), "/api/v1/channels").body;
    assert!(channels.to_string().contains("\"fork\":{"), "{channels}");
    let listed = world.command("SYR", &["channel", "list"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("TWO HISTORIES"));

    // Nothing of this is forgotten, and whoever runs Ankara's node is told what was done with its key.
    world.kill("IRQ");
    world.start("IRQ");
    assert_eq!(ankara.tells(&world, "IRQ", &[1, 3]).0, 409);
    world.start("TUR");
    until("Ankara knows", || is_caught(&world, "TUR"));
    assert_eq!(evidence(&world, "TUR"), (size, size));
    go_on(&world);
    ["IRQ", "SYR", "TUR"].iter().for_each(|party| world.verify(party));
}

#[test]
fn trees_of_different_sizes_are_compared_when_the_parties_meet_again() {
    let mut world = World::three().started();
    world.level();
    world.kill("TUR");
    world.kill("SYR");
    let ankara = Ankara::of(&world);
    let size = ankara.range.size();
    assert_eq!(ankara.tells(&world, "IRQ", &[1]).0, 200);
    world.kill("IRQ");
    world.start("SYR");
    assert_eq!(ankara.tells(&world, "SYR", &[2, 3, 4]).0, 200);
    world.kill("SYR");
    world.start("SYR");
    assert!(!is_caught(&world, "SYR") && !is_caught(&world, "IRQ"), "they have not met");
    world.start("IRQ");
    until("both know", || is_caught(&world, "IRQ") && is_caught(&world, "SYR"));
    assert_eq!(evidence(&world, "IRQ"), (size + 1, size + 3));
    assert_eq!(evidence(&world, "SYR"), (size + 1, size + 3));
    go_on(&world);
    ["IRQ", "SYR"].iter().for_each(|party| world.verify(party));
}

#[test]
fn a_party_that_nobody_can_call_finds_out_and_tells() {
    let mut world = World::three();
    world.start("IRQ");
    world.start("TUR");
    world.start_at("SYR", "none");
    world.opened();
    world.level();
    world.kill("TUR");
    let ankara = Ankara::of(&world);
    // Damascus cannot be called, so Ankara shows its other history where Damascus calls: it takes Ankara's address.
    assert_eq!(ankara.tells(&world, "IRQ", &[1]).0, 200);
    world.kill("IRQ");
    goes_on_otherwise(&world, &[2]);
    world.start("TUR");
    until("Damascus has Ankara's word", || world.held("SYR", "TUR") == ankara.range.size() + 1);
    world.kill("TUR");
    world.start("IRQ");
    until("both know", || is_caught(&world, "IRQ") && is_caught(&world, "SYR"));
    let size = ankara.range.size() + 1;
    assert_eq!((evidence(&world, "IRQ"), evidence(&world, "SYR")), ((size, size), (size, size)));
    go_on(&world);
}

#[test]
fn a_log_that_went_on_from_an_older_copy_is_proved_by_its_own_node() {
    let mut world = World::two().started();
    world.level();
    world.kill("TUR");
    let ankara = Ankara::of(&world);
    let size = ankara.range.size();
    assert_eq!(ankara.tells(&world, "IRQ", &[1, 2]).0, 200);
    // What Ankara gives next begins after what Baghdad holds, and leads nowhere from there: by itself that proves nothing.
    goes_on_otherwise(&world, &[1, 3, 4, 5]);
    world.start("TUR");
    until("both know", || is_caught(&world, "IRQ") && is_caught(&world, "TUR"));
    assert_eq!((evidence(&world, "IRQ"), evidence(&world, "TUR")), ((size + 2, size + 4), (size + 2, size + 4)));
    assert_eq!(world.held("IRQ", "TUR"), size + 2);
    // Baghdad's own log is in order: Ankara takes it, and cosigns it.
    let baghdad = world.secretary("IRQ");
    let (dossier, _) = world.done(&baghdad, &meeting("اجتماع"));
    let path = format!("/api/v1/dossiers/{}/{dossier}", world.channel);
    until("Ankara has witnessed it", || {
        world.get(&baghdad, &path).body["history"][0]["witnessed"].as_array().is_some_and(|by| by.len() == 1)
    });
}
