//! A copy of the whole database as it is at one moment, made while the node works; and a database filled from one.
//!
//! A copy is a file of SQLite, whichever database it is of, so that a node can come back on either.

use super::Store;
use super::db::{Connection, Place, sqlite};
use super::open;
use crate::fault::Fault;
use std::fs::File;
use std::path::Path;

impl Store {
    /// Writes a copy of the database to a file that is empty, and makes it durable. Runs on this thread.
    ///
    /// Of SQLite, `VACUUM INTO` reads one snapshot, which keeps no writer waiting, and writes only what is in use: a page that was
    /// freed or overwritten, and whatever was erased with it, is not in the copy, as it would be in one made page by page. Of a
    /// server, every row is read in one snapshot.
    ///
    /// # Errors
    /// When the file holds something, or either of the two cannot be used.
    pub fn copy_to(&self, path: &Path) -> Result<(), Fault> {
        match &self.place {
            Place::File(database) => {
                let name = path.to_str().ok_or_else(|| Fault::Setup(format!("{} cannot be used as a name", path.display())))?;
                // A connection of its own, which may write: nothing but the copy.
                sqlite::copy(database, name)?;
            }
            Place::Server(_) => {
                let copy = open::for_filling(path)?;
                copy.begin()?;
                self.read_now(|connection| copy_rows(connection, &copy))?;
                copy.commit()?;
            }
        }
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

/// Fills a server's database, which must hold no store yet, from a copy: all of it, or nothing. The copy is brought up to date
/// where an earlier version made it.
///
/// # Errors
/// When there is a store, or either of the two cannot be used.
pub(crate) fn fill(address: &str, from: &Path) -> Result<(), Fault> {
    drop(open::for_writing(&Place::File(from.to_owned()))?);
    let connection = open::begin_new(address)?;
    copy_rows(&open_copy(from)?, &connection)?;
    connection.commit()?;
    Ok(())
}

/// A table of the store.
struct Table {
    name: String,
    columns: Vec<String>,
    /// The columns by which its rows are told apart.
    key: Vec<String>,
    /// Whether the database numbers its rows.
    is_numbered: bool,
}

impl Table {
    fn read(connection: &Connection, name: String) -> Result<Table, Fault> {
        let mut query = connection.prepare_cached("SELECT name, type, pk FROM pragma_table_info(?1) ORDER BY cid")?;
        let mut rows = query.query([&name])?;
        let mut table = Table { name, columns: Vec::new(), key: Vec::new(), is_numbered: false };
        while let Some(row) = rows.next()? {
            let (column, held, place): (String, String, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
            if place > 0 {
                table.is_numbered = table.key.is_empty() && held == "INTEGER";
                table.key.push(column.clone());
            }
            table.columns.push(column);
        }
        Ok(table)
    }

    /// Copies its rows.
    fn copy(&self, from: &Connection, to: &Connection) -> Result<(), Fault> {
        let Table { name, columns, key, .. } = self;
        let order = if key.is_empty() { String::new() } else { format!("ORDER BY {}", key.join(", ")) };
        // How far the schema is, and what is to be cleared away, is said of one database: a copy has nothing of what was destroyed.
        let which = if name == "meta" { "WHERE name NOT IN ('schema', 'purge')" } else { "" };
        let mut query = from.prepare_cached(&format!("SELECT {} FROM {name} {which} {order}", columns.join(", ")))?;
        let places: Vec<String> = (1..=columns.len()).map(|place| format!("?{place}")).collect();
        let mut add =
            to.prepare_cached(&format!("INSERT INTO {name} ({}) VALUES ({})", columns.join(", "), places.join(", ")))?;
        let mut rows = query.stream([])?;
        while let Some(row) = rows.next()? {
            add.run(row.cells(columns.len())?)?;
        }
        if let (true, true, [column]) = (self.is_numbered, to.postgres().is_some(), key.as_slice()) {
            let text = format!("SELECT setval(pg_get_serial_sequence('{name}', '{column}'), max({column})) FROM {name}");
            to.query_row(&text, [], |row| row.get::<_, Option<i64>>(0))?;
        }
        Ok(())
    }
}

/// Copies every row of every table from one database to another. One of them is of SQLite, and there it is asked which tables there are.
fn copy_rows(from: &Connection, to: &Connection) -> Result<(), Fault> {
    let file = if from.sqlite().is_some() { from } else { to };
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let mut query = file.prepare_cached(names)?;
    let names = query.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    names.into_iter().try_for_each(|name| Table::read(file, name)?.copy(from, to))
}
