//! What only SQLite has: how its file is opened, and what is told of it.

use super::{Answered, Cell, Connection};
use crate::fault::Fault;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{OpenFlags, ToSql};
use std::path::Path;
use std::time::Duration;

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 192;
/// How many pages of the write-ahead log are brought into the file together.
const LOG: i64 = 2000;

/// The audit is written and never changed.
pub(in crate::store) const AUDIT_STAYS: &str = "
CREATE TRIGGER IF NOT EXISTS audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is not changed'); END;
CREATE TRIGGER IF NOT EXISTS audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is not deleted'); END;
";

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Cell::Null => ValueRef::Null,
            Cell::Integer(number) => ValueRef::Integer(number),
            Cell::Text(text) => ValueRef::Text(text.as_bytes()),
            Cell::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Binds every parameter. A statement that is used again keeps none of its earlier ones.
pub(super) fn bind(statement: &mut rusqlite::Statement<'_>, cells: &[Cell<'_>]) -> Answered<()> {
    if statement.parameter_count() != cells.len() {
        return Err(rusqlite::Error::InvalidParameterCount(cells.len(), statement.parameter_count()).into());
    }
    for (cell, place) in cells.iter().zip(1..) {
        statement.raw_bind_parameter(place, cell)?;
    }
    Ok(())
}

/// Opens the file for writing: durable before fast, and deleted means overwritten.
pub(in crate::store) fn for_writing(path: &Path) -> Result<Connection, Fault> {
    let connection = rusqlite::Connection::open(path).map_err(super::Error::from)?;
    connection.busy_timeout(Duration::from_secs(30)).map_err(super::Error::from)?;
    // Records of the usual size fill a page of 8 KiB better than one of 4, and half as many are written for a group of them.
    // What SQLite puts aside while it works is kept in memory: a temporary file would hold what was destroyed, and nobody
    // overwrites it.
    // EXTRA before WAL: otherwise the journal of the switch to WAL can come back after a power cut.
    connection
        .execute_batch(
            "PRAGMA page_size=8192; PRAGMA synchronous=EXTRA; PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON;
             PRAGMA temp_store=MEMORY;
             PRAGMA cache_size=-16384; PRAGMA wal_autocheckpoint=2000; PRAGMA journal_size_limit=67108864;",
        )
        .map_err(super::Error::from)?;
    steady(&connection)?;
    Ok(connection.into())
}

/// Makes a file to be filled by one writer that nobody reads before it is done: nothing is kept to go back to.
pub(in crate::store) fn for_filling(path: &Path) -> Result<Connection, Fault> {
    let connection = rusqlite::Connection::open(path).map_err(super::Error::from)?;
    connection
        .execute_batch("PRAGMA page_size=8192; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY;")
        .map_err(super::Error::from)?;
    steady(&connection)?;
    Ok(connection.into())
}

/// Statements are prepared once: what is bound to them does not make them planned anew.
fn steady(connection: &rusqlite::Connection) -> Result<(), Fault> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(super::Error::from)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}

/// Opens the file for reading only.
pub(in crate::store) fn for_reading(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(path, flags).map_err(super::Error::from)?;
    connection.busy_timeout(Duration::from_secs(30)).map_err(super::Error::from)?;
    connection
        .execute_batch("PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-6144;")
        .map_err(super::Error::from)?;
    steady(&connection)?;
    Ok(connection.into())
}

/// Leaves it to another connection to bring the write-ahead log into the file, and does so itself only when the log has become
/// this long (in pages) all the same.
pub(in crate::store) fn leave_log(connection: &rusqlite::Connection) -> Answered<()> {
    Ok(connection.pragma_update(None, "wal_autocheckpoint", 8000)?)
}

/// Brings the write-ahead log into the file as far as that keeps nobody waiting, once it is long enough to be worth it.
pub(in crate::store) fn bring_in_log(connection: &rusqlite::Connection) -> Answered<()> {
    let (pages, brought): (i64, i64) =
        connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| Ok((row.get(1)?, row.get(2)?)))?;
    if pages - brought >= LOG {
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
    }
    Ok(())
}

/// Rows are overwritten when they go (`secure_delete`), but older pages stand in the write-ahead log until it is emptied, which
/// a reader that is at work prevents.
pub(super) fn purge(connection: &rusqlite::Connection) -> Answered<bool> {
    let busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(!busy)
}

/// Writes what the database holds at this moment to a new file.
pub(in crate::store) fn copy(path: &Path, to: &str) -> Result<(), Fault> {
    let connection = rusqlite::Connection::open(path).map_err(super::Error::from)?;
    connection.busy_timeout(Duration::from_secs(30)).map_err(super::Error::from)?;
    connection.execute("VACUUM INTO ?1", [to]).map_err(super::Error::from)?;
    Ok(())
}
