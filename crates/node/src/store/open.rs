//! Opens the database file as the design asks: durable before fast, and deleted means overwritten.

use super::db::Connection;
use crate::fault::Fault;
use rusqlite::OpenFlags;
use std::path::Path;
use std::time::Duration;

/// The number of the newest migration. Migrations go forward only.
const SCHEMA: i64 = 3;

/// Opens the database for writing, and brings its schema up to date.
///
/// # Errors
/// When the file cannot be opened, or was written by a later version of this software.
pub(super) fn for_writing(path: &Path) -> Result<Connection, Fault> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(30))?;
    // EXTRA before WAL: otherwise the journal of the switch to WAL can come back after a power cut.
    connection.execute_batch(
        "PRAGMA synchronous=EXTRA; PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON;
         PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864;",
    )?;
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > SCHEMA {
        return Err(Fault::Setup(format!(
            "the database was written by a later version (schema {found}; this one knows {SCHEMA})"
        )));
    }
    if found < SCHEMA {
        let first = if found == 1 { "ALTER TABLE dossier ADD COLUMN reference TEXT;" } else { "" };
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {first} {} PRAGMA user_version={SCHEMA}; COMMIT;",
            include_str!("schema.sql")
        ))?;
    }
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

/// Opens the database for reading only.
///
/// # Errors
/// When the file cannot be opened.
pub(super) fn for_reading(path: &Path) -> Result<Connection, Fault> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::from_secs(30))?;
    connection.execute_batch("PRAGMA query_only=ON; PRAGMA cache_size=-16384;")?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}
