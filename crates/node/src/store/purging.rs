//! What a commit destroyed still stands in older copies of pages or rows until these are cleared away. That this is due is kept in
//! the same commit, so that a node that ends in between does it when it is started again.

use super::db::{Connection, params};
use super::meta;
use crate::fault::Fault;

/// The name of the note. It says which commit destroyed something last, and is another one for every commit that did.
const DUE: &str = "purge";

/// Notes that something is destroyed by the commit at hand.
///
/// # Errors
/// When the store fails.
pub(super) fn note(connection: &Connection) -> Result<(), Fault> {
    let commit = if connection.postgres().is_some() {
        connection.query_row("SELECT pg_current_xact_id()::text", [], |row| row.get(0))?
    } else {
        let earlier = meta::get(connection, DUE)?.and_then(|text| text.parse::<u64>().ok());
        earlier.map_or(1, |number| number + 1).to_string()
    };
    meta::set(connection, DUE, &commit)
}

/// Whether something that was destroyed may still stand in older copies.
///
/// # Errors
/// When the store fails.
pub(crate) fn is_due(connection: &Connection) -> Result<bool, Fault> {
    Ok(meta::get(connection, DUE)?.is_some())
}

/// Clears it away where that is due, outside a transaction. Returns whether nothing is left: a reader that is at work may prevent that.
///
/// # Errors
/// When the store fails.
pub(super) fn purge(connection: &Connection) -> Result<bool, Fault> {
    let Some(commit) = meta::get(connection, DUE)? else { return Ok(true) };
    let done = connection.purge(&commit)?;
    if done {
        // Another process may have destroyed something since, which is to be cleared away still.
        connection.prepare_cached("DELETE FROM meta WHERE name = ?1 AND value = ?2")?.execute(params![DUE, commit])?;
    }
    Ok(done)
}
