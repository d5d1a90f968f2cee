//! Words of the node about itself, each under a name: the table `meta`.

use super::db::{Connection, OptionalExtension};
use crate::fault::Fault;

/// The word under a name.
///
/// # Errors
/// When the store fails.
pub(crate) fn get(connection: &Connection, name: &str) -> Result<Option<String>, Fault> {
    Ok(connection.prepare_cached("SELECT value FROM meta WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()?)
}

/// Keeps a word under a name, in the place of what stood there.
///
/// # Errors
/// When the store fails.
pub(crate) fn set(connection: &Connection, name: &str, value: &str) -> Result<(), Fault> {
    connection
        .prepare_cached("INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")?
        .execute([name, value])?;
    Ok(())
}
