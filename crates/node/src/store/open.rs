//! Opens the database, and brings its schema up to date.

use super::db::postgres::{self, Client};
use super::db::{Connection, OptionalExtension, Place, sqlite};
use crate::fault::Fault;

/// The number of the newest migration. Migrations go forward only.
const SCHEMA: i64 = 4;

const TABLES: &str = include_str!("schema.sql");

/// What the tables of an earlier schema lack. PostgreSQL has been there since 3.
const COLUMNS: [(i64, &str); 2] = [
    (2, "ALTER TABLE dossier ADD COLUMN reference TEXT;"),
    (3, "ALTER TABLE dossier ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0; DROP INDEX IF EXISTS dossier_sealings;"),
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
    let begun: bool = connection.query_row("SELECT to_regclass('meta') IS NOT NULL", [], |row| row.get(0))?;
    if !begun {
        return Ok(0);
    }
    let text: Option<String> =
        connection.query_row("SELECT value FROM meta WHERE name = 'schema'", [], |row| row.get(0)).optional()?;
    Ok(text.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Within a transaction. Asks again how far the schema is: another process may just have brought it up to date.
fn migrate(connection: &Connection) -> Result<(), Fault> {
    let found = version(connection)?;
    if found > SCHEMA {
        return Err(Fault::Setup(format!(
            "the database was written by a later version (schema {found}; this one knows {SCHEMA})"
        )));
    }
    if connection.sqlite().is_some() {
        for (_, text) in COLUMNS.iter().filter(|(number, _)| found > 0 && found < *number) {
            connection.execute_batch(text)?;
        }
        connection.execute_batch(TABLES)?;
        connection.execute_batch(sqlite::AUDIT_STAYS)?;
        connection.execute_batch(&format!("PRAGMA user_version={SCHEMA}"))?;
        return Ok(());
    }
    connection.execute_batch(&postgres::schema(TABLES))?;
    connection.execute_batch(postgres::AUDIT_STAYS)?;
    let text = "INSERT INTO meta (name, value) VALUES ('schema', ?1) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    connection.execute(text, [SCHEMA.to_string()])?;
    Ok(())
}
