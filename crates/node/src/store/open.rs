//! Opens the database, and brings its schema up to date.

use super::db::postgres::{self, Client};
use super::db::{Connection, Place, sqlite};
use super::{disclosures, entries, meta};
use crate::fault::Fault;
use std::path::Path;

/// The number of the newest migration. Migrations go forward only.
const SCHEMA: i64 = 8;

const TABLES: &str = include_str!("schema.sql");

/// What tables lack that were made by one of these schemas, and what is needed no longer. PostgreSQL has been there since 3.
const CHANGES: [(std::ops::Range<i64>, &str); 4] = [
    (1..2, "ALTER TABLE dossier ADD COLUMN reference TEXT;"),
    (1..3, "ALTER TABLE dossier ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0; DROP INDEX IF EXISTS dossier_sealings;"),
    (
        4..5,
        "ALTER TABLE arrival ADD COLUMN decided INTEGER NOT NULL DEFAULT 0;
         UPDATE arrival SET decided = (SELECT count(*) FROM proposal WHERE proposal.statement = arrival.statement);",
    ),
    (1..6, "DROP INDEX IF EXISTS dossier_changed;"),
];

/// Opens the database for writing, and brings its schema up to date.
///
/// # Errors
/// When it cannot be opened, or was written by a later version of this software.
pub(super) fn for_writing(place: &Place) -> Result<Connection, Fault> {
    let connection = match place {
        Place::File(path) => sqlite::for_writing(path)?,
        Place::Server(address) => Client::connect(address)?.0.into(),
    };
    if version(&connection)? != SCHEMA {
        connection.begin()?;
        migrate(&connection)?;
        connection.commit()?;
    }
    Ok(connection)
}

/// Makes a file that is to be filled and made durable by whoever fills it, and that is of no use if that breaks off.
///
/// # Errors
/// When it cannot be made.
pub(super) fn for_filling(path: &Path) -> Result<Connection, Fault> {
    let connection = sqlite::for_filling(path)?;
    migrate(&connection)?;
    Ok(connection)
}

/// Begins a transaction in which an empty database of a server becomes a store.
///
/// # Errors
/// When the server fails, or the database holds a store.
pub(super) fn begin_new(address: &str) -> Result<Connection, Fault> {
    let connection: Connection = Client::connect(address)?.0.into();
    connection.begin()?;
    if has_tables(&connection)? {
        return Err(Fault::Setup("the database holds tables of a node already; name an empty one".to_owned()));
    }
    migrate(&connection)?;
    Ok(connection)
}

/// Opens the database for reading only.
///
/// # Errors
/// When it cannot be opened.
pub(super) fn for_reading(place: &Place) -> Result<Connection, Fault> {
    match place {
        Place::File(path) => sqlite::for_reading(path),
        Place::Server(address) => Ok(Client::connect(address)?.0.into()),
    }
}

fn version(connection: &Connection) -> Result<i64, Fault> {
    if connection.sqlite().is_some() {
        return Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?);
    }
    if !has_tables(connection)? {
        return Ok(0);
    }
    Ok(meta::get(connection, "schema")?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Whether a server's database holds tables of a node.
fn has_tables(connection: &Connection) -> Result<bool, Fault> {
    Ok(connection.query_row("SELECT to_regclass('meta') IS NOT NULL", [], |row| row.get(0))?)
}

/// Within a transaction. Asks again how far the schema is: another process may just have brought it up to date.
fn migrate(connection: &Connection) -> Result<(), Fault> {
    let found = version(connection)?;
    if found > SCHEMA {
        return Err(Fault::Setup(format!(
            "the database was written by a later version (schema {found}; this one knows {SCHEMA})"
        )));
    }
    let is_file = connection.sqlite().is_some();
    for (_, text) in CHANGES.iter().filter(|(made_by, _)| made_by.contains(&found)) {
        let text = if is_file { (*text).to_owned() } else { postgres::schema(text) };
        connection.execute_batch(&text)?;
    }
    if is_file {
        connection.execute_batch(TABLES)?;
        connection.execute_batch(sqlite::AUDIT_STAYS)?;
        move_rows(connection, found)?;
        connection.execute_batch(&format!("PRAGMA user_version={SCHEMA}"))?;
        return Ok(());
    }
    connection.execute_batch(&postgres::schema(TABLES))?;
    connection.execute_batch(postgres::AUDIT_STAYS)?;
    move_rows(connection, found)?;
    meta::set(connection, "schema", &SCHEMA.to_string())
}

/// Up to schema 6 each entry had a row of its own, and up to schema 7 disclosures stood among the records.
fn move_rows(connection: &Connection, found: i64) -> Result<(), Fault> {
    if (1..7).contains(&found) {
        entries::gather(connection)?;
    }
    if (1..8).contains(&found) { disclosures::part(connection) } else { Ok(()) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::statements;

    #[test]
    fn an_index_that_is_needed_no_longer_goes() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::File(dir.path().join("tansiq.db"));
        let indexes = |connection: &Connection| -> i64 {
            let text = "SELECT count(*) FROM sqlite_master WHERE name = 'dossier_changed'";
            connection.query_row(text, [], |row| row.get(0)).unwrap()
        };
        let connection = for_writing(&place).unwrap();
        connection.execute_batch(entries::EARLIER).unwrap();
        connection.execute_batch(disclosures::EARLIER).unwrap();
        connection.execute_batch("CREATE INDEX dossier_changed ON dossier (channel, changed); PRAGMA user_version=5;").unwrap();
        assert_eq!(indexes(&connection), 1);
        drop(connection);
        assert_eq!(indexes(&for_writing(&place).unwrap()), 0);
    }

    #[test]
    fn statements_that_waited_before_the_count_was_kept_still_wait() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::File(dir.path().join("tansiq.db"));
        let connection = sqlite::for_writing(&dir.path().join("tansiq.db")).unwrap();
        let earlier = "
            CREATE TABLE statement (statement TEXT PRIMARY KEY, officer TEXT NOT NULL, added INTEGER NOT NULL, published TEXT,
                source TEXT NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE arrival (statement TEXT PRIMARY KEY, link TEXT NOT NULL, proposed INTEGER NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE proposal (statement TEXT NOT NULL, number INTEGER NOT NULL, outcome TEXT NOT NULL, channel TEXT,
                PRIMARY KEY (statement, number)) STRICT, WITHOUT ROWID;
            INSERT INTO statement VALUES ('a', '', 1, NULL, '', 'half decided'), ('b', '', 2, NULL, '', 'decided');
            INSERT INTO arrival VALUES ('a', '', 2), ('b', '', 1);
            INSERT INTO proposal VALUES ('a', 1, 'dropped', NULL), ('b', 1, 'dropped', NULL);
            PRAGMA user_version=4;";
        connection.execute_batch(entries::EARLIER).unwrap();
        connection.execute_batch(disclosures::EARLIER).unwrap();
        connection.execute_batch(earlier).unwrap();
        drop(connection);
        let connection = for_writing(&place).unwrap();
        assert_eq!(version(&connection).unwrap(), SCHEMA);
        assert_eq!(statements::count_waiting(&connection).unwrap(), 1);
        let waiting: Vec<String> = statements::waiting(&connection, 9).unwrap().into_iter().map(|one| one.body).collect();
        assert_eq!(waiting, ["half decided"]);
        statements::set_outcome(&connection, "a", 2, &statements::Outcome::Dropped).unwrap();
        assert_eq!(statements::count_waiting(&connection).unwrap(), 0);
    }
}
