//! A copy of the whole database as it is at one moment, made while the node works.

use super::Store;
use super::db::{Connection, Place, sqlite};
use crate::fault::Fault;
use std::fs::File;
use std::path::Path;

impl Store {
    /// Writes a copy of the database to a file that is not there yet, and makes it durable. Runs on this thread.
    ///
    /// `VACUUM INTO` reads one snapshot, which keeps no writer waiting, and writes only what is in use: a page that was freed
    /// or overwritten, and whatever was erased with it, is not in the copy, as it would be in one made page by page.
    ///
    /// # Errors
    /// When the file exists, or either of the two cannot be used.
    pub fn copy_to(&self, path: &Path) -> Result<(), Fault> {
        let Place::File(database) = &self.place else {
            return Err(Fault::Setup(
                "a node on PostgreSQL is copied with the server's own tools; docs/postgresql.md says how".to_owned(),
            ));
        };
        let name = path.to_str().ok_or_else(|| Fault::Setup(format!("{} cannot be used as a name", path.display())))?;
        // A connection of its own, which may write: nothing but the copy.
        sqlite::copy(database, name)?;
        File::open(path).and_then(|file| file.sync_all()).map_err(Fault::file(format!("cannot write {}", path.display())))
    }
}

/// Opens a copy that nobody else has open.
///
/// # Errors
/// When it cannot be opened.
pub(crate) fn open_copy(path: &Path) -> Result<Connection, Fault> {
    sqlite::for_reading(path)
}
