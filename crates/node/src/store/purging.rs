//! What a commit destroyed still stands in older copies of pages or rows until these are cleared away. That this is due is kept in
//! the same commit, so that a node that ends in between does it when it is started again.

use crate::fault::Fault;
use crate::store::db::{Connection, OptionalExtension};

/// The name of the note.
const DUE: &str = "purge";

/// Notes that something is destroyed by the commit at hand.
///
/// # Errors
/// When the store fails.
pub(super) fn note(connection: &Connection) -> Result<(), Fault> {
    connection
        .prepare_cached("INSERT INTO meta (name, value) VALUES (?1, 'due') ON CONFLICT (name) DO NOTHING")?
        .execute([DUE])?;
    Ok(())
}

/// Whether something that was destroyed may still stand in older copies.
///
/// # Errors
/// When the store fails.
pub(super) fn is_due(connection: &Connection) -> Result<bool, Fault> {
    let found: Option<String> =
        connection.prepare_cached("SELECT value FROM meta WHERE name = ?1")?.query_row([DUE], |row| row.get(0)).optional()?;
    Ok(found.is_some())
}

/// Clears it away, outside a transaction. Returns whether nothing is left: a reader that is at work may prevent that.
///
/// # Errors
/// When the store fails.
pub(super) fn purge(connection: &Connection) -> Result<bool, Fault> {
    let done = connection.purge()?;
    if done {
        connection.prepare_cached("DELETE FROM meta WHERE name = ?1")?.execute([DUE])?;
    }
    Ok(done)
}
