//! The store on PostgreSQL: the same stories as on SQLite, and what only it can do, several processes on one database.

use crate::outsider::holds;
use crate::server::Server;
use crate::world::{World, meeting, until};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tansiq_node::demo::children::free_port;
use tansiq_node::store::db::postgres::Client;
use tansiq_node::store::db::{Answered, Connection};

fn address() -> String {
    format!("127.0.0.1:{}", free_port().unwrap())
}

fn rows(world: &World, database: &str, text: &str) -> String {
    let output = world.server.as_ref().unwrap().psql(database, text);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Every entry that is held.
const HELD: &str =
    "SELECT encode(substr(bytes, 32 * place + 1, 32), 'hex') FROM entries, generate_series(0, length(bytes) / 32 - 1) AS place";

#[test]
fn two_nodes_on_postgresql_work_as_they_do_on_sqlite() {
    let Some(server) = Server::start() else { return };
    let mut world = World::two_on(server).started();
    let (baghdad, ankara) = (world.secretary("IRQ"), world.secretary("TUR"));
    let (dossier, record) = world.done(&baghdad, &meeting("اجتماع اللجنة 100% _"));
    world.level();
    for client in [&baghdad, &ankara] {
        let date = json!({ "date": "2036-01-20", "place": "بغداد" });
        world.done(client, &json!({ "kind": "meeting", "act": "agree-date", "dossier": dossier, "body": date }));
        world.level();
    }
    let refused = world.submit(&baghdad, &json!({ "kind": "meeting", "act": "propose", "body": {} }));
    assert_eq!(refused.status.as_u16(), 422, "{}", refused.body);
    // What people look for is found alike: letters that mean something to a pattern stand for themselves.
    for (sought, found) in [("اللجنة", 1), ("100% _", 1), ("100%%", 0), ("iq-tr/2", 1), ("IQ-TR/3", 0)] {
        let output = world.command("TUR", &["list", "--json", "--as", "tur.mofa.secretary", "--text", sought]);
        let page: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((page["items"].as_array().unwrap().len(), &page["total"]), (found, &json!(found)), "{sought}: {page}");
    }
    let proof = world.folder().join("proof");
    let output = world.command("IRQ", &["evidence", &record, "--out", proof.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    // Killed in the midst, it goes on from what it acknowledged.
    world.kill("TUR");
    for number in 0..20 {
        world.done(&baghdad, &meeting(&format!("اجتماع {number}")));
    }
    world.start("TUR");
    world.level();
    let audit = world.server.as_ref().unwrap().psql("irq", "TRUNCATE audit");
    assert!(!audit.status.success(), "nobody empties the audit");
    for party in ["IRQ", "TUR"] {
        world.kill(party);
        world.verify(party);
        let again: Value = serde_json::from_slice(&world.command(party, &["rebuild", "--json"]).stdout).unwrap();
        assert_eq!((&again["changed"], &again["dossiers"]), (&json!(0), &json!(22)));
    }
}

#[test]
fn processes_on_one_database_share_the_work_and_come_and_go() {
    let Some(server) = Server::start() else { return };
    let mut world = World::two_on(server).started();
    let ankara = world.secretary("TUR");
    let (web, exchange) = (address(), address());
    let mut second = world.process_at("IRQ", &web, &exchange);
    let third = world.process_at("IRQ", &address(), &address());
    let officer = "irq.mofa.secretary";
    let through = |web: &str| {
        let client = tansiq_node::demo::client::Client::signed_in(web, officer, world.password(officer));
        world.runtime.block_on(client).unwrap()
    };
    let (one, two) = (world.secretary("IRQ"), through(&web));
    let mut acknowledged = BTreeSet::new();
    std::thread::scope(|scope| {
        let work = |client| {
            let world = &world;
            move || (0..30).map(|n| world.done(client, &meeting(&format!("{n}"))).1).collect::<Vec<_>>()
        };
        let workers = [scope.spawn(work(&one)), scope.spawn(work(&two)), scope.spawn(work(&ankara))];
        acknowledged.extend(workers.into_iter().flat_map(|worker| worker.join().unwrap()));
    });
    assert_eq!(acknowledged.len(), 90);
    world.level();

    // The process that follows Ankara goes, with what it was doing; another takes its place.
    world.kill("IRQ");
    acknowledged.extend((0..10).map(|n| world.done(&ankara, &meeting(&format!("ankara {n}"))).1));
    acknowledged.extend((0..10).map(|n| world.done(&two, &meeting(&format!("two {n}"))).1));
    second.kill();
    drop(third);
    world.start("IRQ");
    world.level();
    let held = rows(&world, "tur", HELD);
    let held: Vec<&str> = held.lines().collect();
    assert_eq!(held.len(), held.iter().collect::<BTreeSet<_>>().len(), "nothing is doubled");
    assert_eq!(held.len(), acknowledged.len() + 2, "and nothing is lost beside the two adoptions");
    assert!(acknowledged.iter().all(|record| held.contains(&record.as_str())));
    world.verify("IRQ");
    world.verify("TUR");
}

/// Everything that stands in a server's database, but for what is of that database alone: the hash of each table.
fn content(world: &World, database: &str) -> String {
    let tables =
        rows(world, database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'meta' ORDER BY 1");
    let hash = |table: &str| format!("SELECT '{table}', count(*), md5(string_agg(t::text, '/' ORDER BY t::text)) FROM {table} t");
    rows(world, database, &tables.lines().map(hash).collect::<Vec<_>>().join(" UNION ALL "))
}

#[test]
fn a_node_on_a_server_is_copied_while_it_serves_and_comes_back_on_either_store() {
    let Some(server) = Server::start() else { return };
    let mut world = World::two_on(server).started();
    world.many("IRQ", 0..300);
    let early = std::thread::scope(|scope| {
        let submitting = scope.spawn(|| (0..5).for_each(|part| world.many("IRQ", part * 40..(part + 1) * 40)));
        let early = world.backup("IRQ", "early");
        submitting.join().unwrap();
        early
    });
    world.level();
    assert!(!holds(&early, b"dbname="), "where the store lies is no part of a back-up");
    let doctor = world.command("IRQ", &["doctor", "--offline"]);
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("ok      back-up: made"), "{doctor:?}");
    world.kill("IRQ");

    // What was there comes back, row by row, on another database.
    let late = world.backup("IRQ", "late");
    let database = |world: &World, name: &str| world.server.as_ref().unwrap().database(name);
    let address = database(&world, "second");
    world.restore_to("IRQ", &late, true, &["--database-url", &address]);
    assert_eq!(content(&world, "second"), content(&world, "irq"));
    let again = world.site("IRQ").folder.with_extension("again");
    let refused =
        world.command("IRQ", &["restore", late.to_str().unwrap(), "--to", again.to_str().unwrap(), "--database-url", &address]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("name an empty one"));
    assert_eq!(world.standing("IRQ")["standing"], "certain");
    world.verify("IRQ");
    world.start("IRQ");
    world.many("IRQ", 500..510);
    world.level();

    // A file takes it up where the first copy was made, and hears from Ankara what it has said since.
    world.kill("IRQ");
    world.restore("IRQ", &early, true);
    assert_eq!(world.standing("IRQ")["standing"], "behind");
    world.start("IRQ");
    world.level();
    world.many("IRQ", 600..610);
    world.level();
    assert_eq!(world.held("TUR", "IRQ"), 521);
    world.kill("IRQ");
    world.verify("IRQ");

    // And from the file it moves to a server.
    let moved = world.backup("IRQ", "moved");
    world.restore_to("IRQ", &moved, true, &["--database-url", &database(&world, "third")]);
    world.verify("IRQ");
    world.start("IRQ");
    world.many("IRQ", 700..710);
    world.level();
    assert_eq!(world.held("TUR", "IRQ"), 531);
}

#[test]
fn a_database_that_loses_its_connections_loses_nothing_that_was_acknowledged() {
    let Some(server) = Server::start() else { return };
    let world = World::two_on(server).started();
    let baghdad = world.secretary("IRQ");
    let mut acknowledged = BTreeSet::new();
    let mut failed = 0;
    for number in 0..60 {
        if number % 6 == 3 {
            let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
            rows(&world, "irq", end);
        }
        let answer = world.submit(&baghdad, &meeting(&format!("{number}")));
        match answer.body["record"].as_str() {
            Some(record) => assert!(acknowledged.insert(record.to_owned())),
            None => failed += 1,
        }
    }
    assert!(acknowledged.len() > 30 && failed < 30, "{} were acknowledged, {failed} failed", acknowledged.len());
    until("the other side holds all of it", || {
        let held = rows(&world, "tur", HELD);
        acknowledged.iter().all(|record| held.lines().any(|line| line == record))
    });
    world.level();
    world.verify("IRQ");
    world.verify("TUR");
}

pub(crate) fn pem(what: &str, bytes: &[u8]) -> String {
    let text = data_encoding::BASE64.encode(bytes);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", lines.join("\n"))
}

/// Writes a key and a certificate for `localhost` that the server's user alone may read.
fn certificate(folder: &std::path::Path, name: &str) -> (String, String) {
    let pair = rcgen::KeyPair::generate().unwrap();
    let made = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&pair).unwrap();
    let path = |end: &str| folder.join(format!("{name}.{end}")).display().to_string();
    std::fs::write(path("crt"), pem("CERTIFICATE", made.der())).unwrap();
    std::fs::write(path("key"), pem("PRIVATE KEY", &pair.serialize_der())).unwrap();
    std::fs::set_permissions(path("key"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let owned = std::process::Command::new("chown").args(["postgres", &path("key")]).status();
    // Who is not root owns the key already.
    let _as_is = owned;
    (path("crt"), path("key"))
}

#[test]
fn a_server_over_the_network_is_spoken_to_when_its_certificate_leads_to_the_root_that_was_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let ((shown, key), (other, _)) = (certificate(folder.path(), "shown"), certificate(folder.path(), "other"));
    let port = free_port().unwrap();
    let words = ["listen_addresses=127.0.0.1".to_owned(), format!("port={port}"), "ssl=on".to_owned()];
    let words = words.into_iter().chain([format!("ssl_cert_file={shown}"), format!("ssl_key_file={key}")]);
    let Some(_server) = Server::start_at(port, &words.flat_map(|word| ["-c".to_owned(), word]).collect::<Vec<_>>()) else {
        return;
    };
    let address = |root: &str| format!("postgresql://tansiq@localhost:{port}/postgres?{root}");
    let try_it = |root: &str| Client::connect(&address(root)).map(drop).map_err(|fault| fault.to_string());
    try_it(&format!("sslrootcert={shown}")).unwrap();
    try_it("").unwrap();
    assert!(try_it(&format!("sslrootcert={other}")).unwrap_err().contains("TLS"));
    assert!(try_it("sslmode=require").unwrap_err().contains("TLS"));
    assert!(try_it("sslrootcert=/no/such/file").unwrap_err().contains("/no/such/file"));
}

/// Rows are sent without waiting for each answer. PostgreSQL takes the end of a transaction that has failed for a success.
#[test]
fn a_row_that_fails_on_its_way_stops_the_commit_and_leaves_nothing() {
    let Some(server) = Server::start() else { return };
    let connection: Connection = Client::connect(&server.database("kept")).unwrap().0.into();
    connection.execute_batch("CREATE TABLE kept (number BIGINT PRIMARY KEY)").unwrap();
    let add = |number: i64| connection.prepare_cached("INSERT INTO kept VALUES (?1)").unwrap().run([number]);
    let count = || connection.query_row("SELECT count(*) FROM kept", [], |row| row.get::<_, i64>(0));
    // What was wrong, and not what could not be done after it.
    let is_told = |error: &dyn std::fmt::Display| error.to_string().contains("23505");

    // An answer may be there at once; else whoever commits, asks or prepares next hears it.
    let failing = |numbers: &[i64], then: &dyn Fn() -> Answered<()>| {
        connection.begin().unwrap();
        let failed = numbers.iter().copied().try_for_each(add).and_then(|()| then()).unwrap_err();
        assert!(is_told(&failed), "{failed}");
        connection.rollback().unwrap();
        assert_eq!(count().unwrap(), 0);
    };
    failing(&[1, 2, 1, 3], &|| connection.commit());
    failing(&[1, 1], &|| count().map(drop));
    failing(&[1, 1], &|| connection.prepare_cached("SELECT max(number) FROM kept").map(drop));

    // A long batch is told before it ends, and a failed one leaves the connection as it was.
    connection.begin().unwrap();
    assert!(is_told(&(0..5000).map(|number| number / 2).try_for_each(add).unwrap_err()));
    connection.rollback().unwrap();
    connection.begin().unwrap();
    (0..5000).for_each(|number| add(number).unwrap());
    connection.commit().unwrap();
    assert_eq!(count().unwrap(), 5000);
}
