//! An outside monitor follows a published log by its tiles alone, with code that shares nothing with the node's.

use crate::straight::{Here, channel_of, party};
use crate::world::{World, meeting};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use signed_note::{Note, StandardVerifier, VerifierList};
use std::io::{Read, Write};
use std::net::TcpStream;
use tansiq_dossier::channel::ChannelClass;
use tansiq_node::demo::children::free_port;
use tansiq_node::store::published;
use tansiq_node::tiles;

type Root = [u8; 32];

/// An answer: status, head in lower case, body.
struct Answer(u16, String, Vec<u8>);

fn get(address: &str, path: &str) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    let end = all.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(all[..end].to_vec()).unwrap().to_lowercase();
    // The day and hour are nobody's matter here.
    let head: Vec<&str> = head.lines().filter(|line| !line.starts_with("date:")).collect();
    let status = head[0].split(' ').nth(1).unwrap().parse().unwrap();
    Answer(status, head.join("\n"), all[end + 4..].to_vec())
}

fn hash(parts: &[&[u8]]) -> Root {
    parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}

/// The root of a tree, straight from RFC 6962 §2.1.
fn root(leaves: &[Root]) -> Root {
    match leaves {
        [] => hash(&[]),
        [leaf] => *leaf,
        _ => {
            let split = 1 << (leaves.len() - 1).ilog2();
            hash(&[&[1], &root(&leaves[..split]), &root(&leaves[split..])])
        }
    }
}

/// The path of a tile: the number in groups of three digits, and the width when it is not full (C2SP tlog-tiles).
fn path(kind: &str, index: usize, width: usize) -> String {
    let number = if index < 1000 { format!("{index:03}") } else { format!("x{:03}/{:03}", index / 1000, index % 1000) };
    let partial = if width < 256 { format!(".p/{width}") } else { String::new() };
    format!("tile/{kind}/{number}{partial}")
}

/// Follows a log: its checkpoint, all of its entries and all of its hashes. Gives the size.
fn follow(address: &str, prefix: &str, vkey: &str) -> usize {
    let Answer(status, head, note) = get(address, &format!("{prefix}/checkpoint"));
    assert_eq!(status, 200);
    assert!(head.contains("content-type: text/plain; charset=utf-8"), "{head}");
    let note = Note::from_bytes(&note).unwrap();
    let keys = VerifierList::new(vec![Box::new(StandardVerifier::new(vkey).unwrap())]);
    assert_eq!(note.verify(&keys).unwrap().0.len(), 1);
    let text = String::from_utf8(note.text().to_vec()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(Some(lines[0]), vkey.split('+').next());
    let size: usize = lines[1].parse().unwrap();

    let tile = |kind: &str, index: usize, count: usize| {
        let width = (count - index * 256).min(256);
        let Answer(status, head, body) = get(address, &format!("{prefix}/{}", path(kind, index, width)));
        assert_eq!(status, 200, "{kind} {index} {width}");
        assert!(head.contains("content-type: application/octet-stream"), "{head}");
        assert_eq!(head.contains("immutable"), width == 256, "{head}");
        (width, body)
    };
    let mut level: Vec<Root> = Vec::new();
    for index in 0..size.div_ceil(256) {
        let (width, bundle) = tile("entries", index, size);
        let entries: Vec<&[u8]> = bundle.chunks(34).collect();
        assert_eq!(entries.len(), width);
        assert!(entries.iter().all(|entry| entry[..2] == [0, 32]));
        level.extend(entries.iter().map(|entry| hash(&[&[0], &entry[2..]])));
    }
    assert_eq!(root(&level).to_vec(), BASE64.decode(lines[2].as_bytes()).unwrap());
    let mut height = 0;
    while !level.is_empty() {
        for index in 0..level.len().div_ceil(256) {
            let (width, hashes) = tile(&height.to_string(), index, level.len());
            assert_eq!(hashes, level[index * 256..][..width].concat(), "level {height}, tile {index}");
        }
        level = level.chunks_exact(256).map(root).collect();
        height += 1;
    }
    size
}

/// The key of a log as monitors are given it, by hand from the charter (C2SP signed-note).
fn vkey(name: &str, key: &str) -> String {
    let key = [&[1], BASE64.decode(key.as_bytes()).unwrap().as_slice()].concat();
    let id = hash(&[name.as_bytes(), b"\n", &key]);
    format!("{name}+{}+{}", HEXLOWER.encode(&id[..4]), BASE64.encode(&key))
}

#[test]
fn a_monitor_follows_a_published_log_and_sees_nothing_of_any_other() {
    let mut world = World::two();
    let tiles = format!("127.0.0.1:{}", free_port().unwrap());
    let config = world.site("IRQ").folder.join("node.json");
    let mut written: Value = serde_json::from_slice(&std::fs::read(&config).unwrap()).unwrap();
    written["tiles"] = json!(tiles);
    std::fs::write(&config, written.to_string()).unwrap();
    world.start("IRQ");
    world.start("TUR");
    world.opened();
    let acts: Vec<Value> = (0..270).map(|number| meeting(&format!("اجتماع {number}"))).collect();
    world.submit(&world.secretary("IRQ"), &json!(acts));
    world.level();
    let prefix = |party: &str| format!("/{}/{party}", world.channel);

    // What is not published, not known and not a path is answered alike.
    let unknown = get(&tiles, "/nothing");
    assert_eq!(unknown.0, 404);
    let alike = |path: &str| {
        let answer = get(&tiles, path);
        assert_eq!((answer.0, &answer.1, &answer.2), (404, &unknown.1, &unknown.2), "{path}");
    };
    let hidden = [format!("{}/checkpoint", prefix("IRQ")), format!("{}/tile/0/000", prefix("IRQ"))];
    hidden.iter().for_each(|path| alike(path));
    alike(&format!("/{}/IRQ/checkpoint", "0".repeat(32)));

    let administrator = ["--institution", "irq.mofa", "--role", "administrator"];
    let made = world.command("IRQ", &[["officer", "irq.administrator"].as_slice(), administrator.as_slice()].concat());
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let publish =
        |state: &str, officer: &str| world.command("IRQ", &["channel", "publish", &world.channel, state, "--as", officer]);
    assert_eq!(publish("on", "irq.mofa.secretary").status.code(), Some(1), "only an administrator decides");
    hidden.iter().for_each(|path| alike(path));
    let done = publish("on", "irq.administrator");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));

    let charter = world.view("IRQ")["charter"].clone();
    let mut sizes = Vec::new();
    for party in ["IRQ", "TUR"] {
        let member = &charter["parties"][party];
        let origin = format!("{}/{}", member["node"].as_str().unwrap(), world.channel);
        sizes.push(follow(&tiles, &prefix(party), &vkey(&origin, member["log_key"].as_str().unwrap())));
    }
    assert_eq!(sizes, [271, 1]);
    // A narrower tile than the newest is served as well; a wider one, another level and another spelling are not there.
    assert_eq!(get(&tiles, &format!("{}/tile/0/001.p/3", prefix("IRQ"))).2.len(), 96);
    for path in
        ["tile/0/001.p/16", "tile/0/001", "tile/1/000", "tile/1/000.p/2", "tile/2/000.p/1", "tile/63/000.p/1", "tile/0/1", "x"]
    {
        alike(&format!("{}/{path}", prefix("IRQ")));
    }
    alike(&format!("{}/checkpoint", prefix("SYR")));

    assert!(publish("off", "irq.administrator").status.success());
    hidden.iter().for_each(|path| alike(path));
    let noted = world.command("IRQ", &["audit", "--json"]);
    let noted: Value = serde_json::from_slice(&noted.stdout).unwrap();
    let did: Vec<&Value> = noted.as_array().unwrap().iter().map(|line| &line["did"]).collect();
    assert_eq!(did, ["unpublish", "publish"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_monitor_agrees_at_every_border_between_tiles() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel_of(ChannelClass::Exchange, &[&iraq, &turkiye]).await;
    let named = channel.clone();
    iraq.node.store.write(move |work| Ok(published::set(work.connection, &named, true, 0)?)).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(tiles::serve(iraq.node.clone(), listener));
    let key = vkey(&format!("irq.example/{channel}"), &iraq.node.card().unwrap().log_key);
    let mut size = 1_usize;
    for next in [1, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537] {
        let named = channel.clone();
        let grow = move |work: &mut tansiq_node::store::work::Work<'_>| {
            for number in size..next {
                work.append(&named, &party("IRQ"), &hash(&[&number.to_be_bytes()]))?;
            }
            Ok(())
        };
        iraq.node.store.write(grow).await.unwrap();
        size = next;
        let (address, prefix, key) = (address.clone(), format!("/{channel}/IRQ"), key.clone());
        let followed = tokio::task::spawn_blocking(move || follow(&address, &prefix, &key)).await.unwrap();
        assert_eq!(followed, size);
    }
}
