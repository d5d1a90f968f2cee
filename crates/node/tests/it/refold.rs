//! The projection is disposable: whatever becomes of it, the records make it again.

use crate::world::{World, meeting};
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::{Value, json};
use std::path::PathBuf;

fn database(world: &World, party: &str) -> Connection {
    let path: PathBuf = world.site(party).folder.join("tansiq.db");
    Connection::open(path).unwrap()
}

/// Every row of the projection and what became of every record.
fn kept(connection: &Connection) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    // When a row was last written is all that the records do not tell to the second.
    let dossiers = "SELECT channel, dossier, kind, title, state, done, due, owner, awaits, audience, class, caveats, fold
                    FROM dossier ORDER BY channel, dossier";
    let records = "SELECT channel, party, idx, sum, standing FROM record ORDER BY channel, party, idx";
    for text in [dossiers, records] {
        let mut query = connection.prepare(text).unwrap();
        let columns = query.column_count();
        let found = query.query_map([], |row| (0..columns).map(|column| row.get(column)).collect()).unwrap();
        rows.extend(found.map(Result::unwrap));
    }
    rows
}

/// Two nodes with six meetings, whose dates are agreed on; both stopped.
fn worked() -> World {
    let mut world = World::two().started();
    let (baghdad, ankara) = (world.secretary("IRQ"), world.secretary("TUR"));
    let meetings: Vec<String> = (0..6).map(|number| world.done(&baghdad, &meeting(&format!("اجتماع {number}"))).0).collect();
    world.level();
    for (client, dossiers) in [(&baghdad, &meetings[..]), (&ankara, &meetings[..4])] {
        for dossier in dossiers {
            let date = json!({ "date": "2036-01-20", "place": "بغداد" });
            world.done(client, &json!({ "kind": "meeting", "act": "agree-date", "dossier": dossier, "body": date }));
        }
        world.level();
    }
    world.kill("IRQ");
    world.kill("TUR");
    world
}

fn damage(connection: &Connection) {
    let damaged = [
        "DELETE FROM dossier WHERE dossier = (SELECT max(dossier) FROM dossier)",
        "UPDATE dossier SET title = '{}', state = 'lost' WHERE dossier = (SELECT min(dossier) FROM dossier)",
        "UPDATE dossier SET fold = x'7b7d' WHERE dossier = (SELECT max(dossier) FROM dossier)",
        "UPDATE record SET standing = 'MTG01' WHERE dossier = (SELECT max(dossier) FROM dossier) AND party = 'TUR'",
    ];
    for text in damaged {
        connection.execute(text, []).unwrap();
    }
    let stray =
        "INSERT INTO dossier SELECT channel, 'IRQ-aaaaaaaaaaaaaaaaaaaaaaaaaa', kind, title, state, done, due, owner, awaits,
                 audience, class, caveats, changed, fold, NULL, 0 FROM dossier LIMIT 1";
    connection.execute(stray, []).unwrap();
}

#[test]
fn what_was_lost_of_the_projection_is_made_again_from_the_records() {
    let world = worked();
    let connection = database(&world, "TUR");
    let before = kept(&connection);
    damage(&connection);
    assert_ne!(kept(&connection), before);
    let output = world.command("TUR", &["rebuild", "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(kept(&connection), before);
    assert_eq!(report["dossiers"], 7, "six meetings and the charter");
    assert_eq!(report["records"], report["total"]);
    assert!(report["changed"].as_u64().unwrap() >= 3, "{report}");
    let again: Value = serde_json::from_slice(&world.command("TUR", &["rebuild", "--json"]).stdout).unwrap();
    assert_eq!(again["changed"], 0);
    world.verify("TUR");
}

#[test]
fn a_store_of_another_form_is_folded_anew_when_the_node_opens_it() {
    let world = worked();
    let connection = database(&world, "IRQ");
    let before = kept(&connection);
    damage(&connection);
    connection.execute("UPDATE meta SET value = 'an earlier form' WHERE name = 'projection'", []).unwrap();
    world.view("IRQ");
    assert_eq!(kept(&connection), before);
    world.verify("IRQ");
}
