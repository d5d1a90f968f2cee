//! What a commit destroyed still stands in older copies of pages or rows until these are cleared away. That this is due is kept in
//! the same commit, so that a node that ends in between does it when it is started again.

use super::db::Connection;
use super::meta;
use crate::fault::Fault;

/// The name of the note.
const DUE: &str = "purge";

/// Notes that something is destroyed by the commit at hand.
///
/// # Errors
/// When the store fails.
pub(super) fn note(connection: &Connection) -> Result<(), Fault> {
    meta::set(connection, DUE, "due")
}

/// Whether something that was destroyed may still stand in older copies.
///
/// # Errors
/// When the store fails.
pub(super) fn is_due(connection: &Connection) -> Result<bool, Fault> {
    Ok(meta::get(connection, DUE)?.is_some())
}

/// Clears it away, outside a transaction. Returns whether nothing is left: a reader that is at work may prevent that.
///
/// # Errors
/// When the store fails.
pub(super) fn purge(connection: &Connection) -> Result<bool, Fault> {
    let done = connection.purge()?;
    if done {
        meta::remove(connection, DUE)?;
    }
    Ok(done)
}
