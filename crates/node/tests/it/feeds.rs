//! Statements that come by themselves: what is taken, what is left, and that one matter stays one.

use crate::postgres::pem;
use crate::straight::{Here, channel_of};
use crate::web::Site;
use crate::world::World;
use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tansiq_dossier::channel::ChannelClass;
use tansiq_node::feeds::{Feed, take};
use tansiq_node::store::statements;
use tansiq_text::samples::COMMITTEE_MEETING;

const OTHER: &str = "اجتماع أمني عراقي تركي في أنقرة

أنقرة – عقدت اللجنة الأمنية العراقية التركية المشتركة، يوم 5 تشرين الثاني 2025، اجتماعها في أنقرة برئاسة وكيل وزارة الداخلية لشؤون الأمن الاتحادي اللواء سالم عبد الكريم الجنابي، وبحث الجانبان أمن الحدود.";

fn rss() -> String {
    format!(
        r#"<?xml version="1.0"?><rss version="2.0"><channel><title>وكالة</title>
        <item><title>أسعار الخضار تستقر</title><description>استقرت الأسعار في الأسواق.</description></item>
        <item><title>اجتماع أمني عراقي تركي في أنقرة</title><link>https://agency.example/7</link><pubDate>Wed, 05 Nov 2025 20:00:00 +0300</pubDate>
        <description><![CDATA[<p>{}</p>]]></description></item></channel></rss>"#,
        OTHER.split_once("\n\n").unwrap().1
    )
}

#[tokio::test]
async fn a_folder_gives_what_concerns_a_channel_once_and_leaves_the_rest() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel_of(ChannelClass::Exchange, &[&iraq, &turkiye]).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("2025-11-04 ministry.txt"), COMMITTEE_MEETING).unwrap();
    std::fs::write(folder.path().join("agency.xml"), rss()).unwrap();
    std::fs::write(folder.path().join("broken.rss"), "<rss><channel>").unwrap();
    std::fs::write(folder.path().join("notes.pdf"), "x").unwrap();
    let feed = Feed::new("وكالة", folder.path().to_str().unwrap());
    let round = take(&iraq.node, &feed).await.unwrap();
    assert_eq!((round.taken, round.known, round.silent), (2, 0, 1), "{round:?}");
    assert!(round.unreadable.len() == 1 && round.unreadable[0].contains("broken.rss"), "{round:?}");
    let again = take(&iraq.node, &feed).await.unwrap();
    assert_eq!((again.taken, again.known), (0, 2));
    let waiting = iraq.node.store.read_now(|connection| statements::waiting(connection, 10)).unwrap();
    let days: Vec<_> = waiting.iter().map(|statement| statement.published.as_deref().unwrap()).collect();
    assert!(days.contains(&"2025-11-04") && days.contains(&"2025-11-05"), "{days:?}");
    assert!(waiting.iter().all(|statement| statement.officer.is_none() && statement.proposed > 0));
    assert!(waiting.iter().any(|statement| statement.link == "https://agency.example/7"));
    assert_eq!(iraq.size(&channel, &iraq.own()), 1, "the adoption of the charter, and nothing else");
    let nowhere = take(&iraq.node, &Feed::new("x", folder.path().join("none").to_str().unwrap())).await;
    assert!(nowhere.unwrap_err().to_string().contains("none"));
}

#[tokio::test]
async fn an_address_is_followed_and_what_it_says_is_held_to_its_bounds() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    channel_of(ChannelClass::Exchange, &[&iraq, &turkiye]).await;
    let pages = Router::new()
        .route("/feed", get(|| async { Redirect::temporary("/moved") }))
        .route("/moved", get(|| async { rss() }))
        .route("/endless", get(|| async { Redirect::temporary("/endless") }))
        .route("/large", get(|| async { "x".repeat(9 * 1024 * 1024) }))
        .route("/page", get(|| async { "<html/>" }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, pages).await });
    let feed = |path: &str| Feed::new("وكالة", &format!("http://{address}{path}"));
    assert_eq!(take(&iraq.node, &feed("/feed")).await.unwrap().taken, 1);
    for (path, why) in [("/endless", "without end"), ("/large", "limit"), ("/page", "<html>"), ("/nothing", "404")] {
        let refused = take(&iraq.node, &feed(path)).await.unwrap_err().to_string();
        assert!(refused.contains(why), "{path}: {refused}");
    }
}

#[tokio::test]
async fn a_second_paper_is_a_second_source_and_says_where_it_differs() {
    let site = Site::new().await;
    let officer = site.signed_in("secretary", "en").await;
    let (csrf, channel) = (officer.csrf().await, site.channel.to_string());
    let paste = async |text: &str, day: &str, source: &str| {
        let pairs = [("csrf", csrf.as_str()), ("text", text), ("published", day), ("source", source)];
        officer.post("/statement", &pairs).await.to()
    };
    let first = paste(COMMITTEE_MEETING, "2025-11-04", "Ministry").await;
    let id = first.rsplit('/').next().unwrap();
    let opened = officer
        .post(
            "/dossiers/new/meeting",
            &[
                ("csrf", &csrf),
                ("channel", &channel),
                ("statement", id),
                ("proposal", "1"),
                ("title.ar", "اجتماع اللجنة"),
                ("body", "اللجنة الأمنية العراقية التركية المشتركة"),
                ("date", "2025-11-04"),
                ("place", "بغداد"),
            ],
        )
        .await
        .to();
    let second = paste(OTHER, "2025-11-06", "Agency").await;
    let page = officer.get(&second).await.body;
    assert!(page.contains("Perhaps a dossier that is there") && page.contains(&format!("href=\"{opened}\"")), "{page}");
    assert!(page.contains("Also reported by") && page.contains(&first));
    assert!(
        page.contains("The sources differ")
            && page.contains("Place: \u{2068}أنقرة\u{2069} by \u{2068}Agency\u{2069}, \u{2068}بغداد\u{2069} by"),
        "{page}"
    );
    let queue = officer.get("/statements").await.body;
    assert!(queue.contains(&second) && queue.contains("J for the next statement"));

    let dossier = opened.rsplit('/').next().unwrap();
    let join = |number: &'static str, dossier: &str| {
        [("csrf", csrf.clone()), ("proposal", number.into()), ("channel", channel.clone()), ("dossier", dossier.to_owned())]
    };
    let send = async |pairs: [(&str, String); 4]| {
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        officer.post(&format!("{second}/join"), &pairs).await
    };
    assert_eq!(send(join("1", "IRQ-aaaaaaaaaaaaaaaaaaaaaaaaaa")).await.status.as_u16(), 404, "no such dossier");
    assert_eq!(send(join("99", dossier)).await.status.as_u16(), 404, "no such proposal");
    assert_eq!(send(join("1", dossier)).await.status.as_u16(), 303);
    let page = officer.get(&opened).await.body;
    assert!(page.contains(&first) && page.contains(&second) && page.contains("Statements that report it"), "{page}");
    assert!(officer.get(&second).await.body.contains("Confirmed"));
    assert!(!officer.get("/statements").await.body.contains(&second), "all of it is decided");
}

#[test]
fn a_folder_of_statements_is_read_by_its_index() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    put("a1.txt", COMMITTEE_MEETING);
    put("b2.txt", OTHER);
    put("index.tsv", "title\tdate\tid\nx\t2025-11-04\ta1\ny\tunknown\tb2\n");
    put("outside.tsv", "id\tdate\n../a1\t2025-11-04\n");
    put("columns.tsv", "name\tdate\na1\t2025-11-04\n");
    let read = |index: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tansiq"));
        command.current_dir(folder.path()).args(["read", ".", "--index", index, "--json", "--out", "out"]);
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let (done, told) = read("index.tsv");
    assert!(done && told.contains("\"statements\": 2"), "{told}");
    let json = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(folder.path().join("out").join(name)).unwrap()).unwrap()
    };
    let (first, second) = (json("a1.json"), json("b2.json"));
    assert_eq!((&first["id"], &first["published"]), (&"a1".into(), &"2025-11-04".into()));
    assert_eq!((&second["id"], &second["published"]), (&"b2".into(), &"unknown".into()));
    assert!(second["dates"].as_array().unwrap().iter().any(|date| date["value"] == "2025-11-05"), "{second}");
    for (index, why) in [("outside.tsv", "no name of a statement"), ("columns.tsv", "no column `id`"), ("none.tsv", "none.tsv")] {
        let (done, told) = read(index);
        assert!(!done && told.contains(why), "{index}: {told}");
    }
}

/// An agency's server over TLS of these versions: its address, and a file with its certificate.
fn protected(folder: &Path, name: &str, versions: &[&'static rustls::SupportedProtocolVersion]) -> (String, PathBuf) {
    let pair = rcgen::KeyPair::generate().unwrap();
    let made = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&pair).unwrap();
    let file = folder.join(format!("{name}.pem"));
    std::fs::write(&file, pem("CERTIFICATE", made.der())).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(pair.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let Ok(connection) = rustls::ServerConnection::new(config.clone()) else { return };
            let mut stream = rustls::StreamOwned::new(connection, stream);
            // Whoever does not trust the certificate goes away within the handshake.
            if stream.read(&mut [0; 4096]).is_ok() {
                let body = rss();
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                let _gone = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
                stream.conn.send_close_notify();
                let _gone = stream.flush();
            }
        }
    });
    (format!("https://localhost:{port}/feed"), file)
}

#[test]
fn a_protected_address_is_trusted_by_what_the_machine_trusts_and_by_nothing_else() {
    let world = World::two();
    let folder = tempfile::tempdir().unwrap();
    let old = protected(folder.path(), "old", &[&rustls::version::TLS12]);
    let new = protected(folder.path(), "new", &[&rustls::version::TLS13]);
    let take = |(address, _): &(String, PathBuf), trusted: &Path| {
        for arguments in [&["feed", "remove", "agency"][..], &["feed", "add", "agency", address]] {
            world.command("IRQ", arguments);
        }
        let command = std::process::Command::new(env!("CARGO_BIN_EXE_tansiq"))
            .args(["feed", "take", "--json", "--dir"])
            .arg(&world.site("IRQ").folder)
            .env("SSL_CERT_FILE", trusted)
            .env_remove("SSL_CERT_DIR")
            .output()
            .unwrap();
        (
            command.status.success(),
            String::from_utf8_lossy(&command.stdout).into_owned() + &String::from_utf8_lossy(&command.stderr),
        )
    };
    let (done, said) = take(&old, &new.1);
    assert!(!done && said.contains("certificate"), "{said}");
    for (server, taken) in [(&old, "\"taken\": 1"), (&new, "\"known\": 1")] {
        let (done, said) = take(server, &server.1);
        assert!(done && said.contains(taken), "{said}");
    }
}
