//! The database as the rest of the node sees it: one text of every query, over SQLite or PostgreSQL.
//!
//! Nothing outside this folder names a driver. Statements are written with numbered parameters (`?1`) in what both databases
//! understand; what differs between them stands in [`sqlite`] and [`postgres`].

mod cell;
pub mod postgres;
pub mod sqlite;
mod tls;

pub(crate) use cell::params;
pub use cell::{Cell, FromCell, FromValues, Params, ToCell, Value, params_from_iter};

use postgres::Client;
use std::path::{Path, PathBuf};

/// Where a node's database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file of SQLite.
    File(PathBuf),
    /// A database of a PostgreSQL server, as a URL or as words (`host=… dbname=…`).
    Server(String),
}

impl From<&Path> for Place {
    fn from(path: &Path) -> Place {
        Place::File(path.to_owned())
    }
}

impl From<&PathBuf> for Place {
    fn from(path: &PathBuf) -> Place {
        Place::File(path.clone())
    }
}

/// What a database answered, or why it did not.
pub type Answered<T> = Result<T, Error>;

/// The database failed, or did not answer as the code asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// SQLite's own words.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL's own words. The driver's sentence alone says little, so its cause is told too.
    #[error("{}", postgres::explain(.0))]
    Postgres(#[from] tokio_postgres::Error),
    /// One row was asked for, and there is none.
    #[error("there is no such row")]
    NoRows,
    /// A column holds something else than was asked for.
    #[error("column {column} does not hold {wanted}")]
    Type {
        /// The column, counted from 0.
        column: usize,
        /// What was asked for.
        wanted: &'static str,
    },
}

impl Error {
    /// Whether the disk failed or is full, as opposed to something that another try could mend.
    #[must_use]
    pub fn is_of_the_disk(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, DiskFull, SystemIoFailure};
        let Error::Sqlite(error) = self else { return false };
        matches!(error.sqlite_error_code(), Some(DiskFull | SystemIoFailure | DatabaseCorrupt))
    }
}

/// A row that need not be there.
pub trait OptionalExtension<T> {
    /// `None` when there is no such row.
    ///
    /// # Errors
    /// Every other error.
    fn optional(self) -> Answered<Option<T>>;
}

impl<T> OptionalExtension<T> for Answered<T> {
    fn optional(self) -> Answered<Option<T>> {
        match self {
            Ok(found) => Ok(Some(found)),
            Err(Error::NoRows) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A connection to the database.
pub struct Connection(Driver);

enum Driver {
    Sqlite(rusqlite::Connection),
    Postgres(Client),
}

impl From<rusqlite::Connection> for Connection {
    fn from(connection: rusqlite::Connection) -> Connection {
        Connection(Driver::Sqlite(connection))
    }
}

impl From<Client> for Connection {
    fn from(client: Client) -> Connection {
        Connection(Driver::Postgres(client))
    }
}

impl Connection {
    /// SQLite's own connection, for what only SQLite has.
    #[must_use]
    pub fn sqlite(&self) -> Option<&rusqlite::Connection> {
        match &self.0 {
            Driver::Sqlite(connection) => Some(connection),
            Driver::Postgres(_) => None,
        }
    }

    /// PostgreSQL's own connection, for what only PostgreSQL has.
    #[must_use]
    pub fn postgres(&self) -> Option<&Client> {
        match &self.0 {
            Driver::Sqlite(_) => None,
            Driver::Postgres(client) => Some(client),
        }
    }

    /// Whether the database can no longer be reached over this connection.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.postgres().is_some_and(Client::is_closed)
    }

    /// Clears away, outside a transaction, what a commit and those before it destroyed, but what still stands in older copies of
    /// a page or a row. Returns whether nothing is left.
    ///
    /// # Errors
    /// When the database fails.
    pub fn purge(&self, commit: &str) -> Answered<bool> {
        match &self.0 {
            Driver::Sqlite(connection) => sqlite::purge(connection),
            Driver::Postgres(client) => postgres::purge(client, commit),
        }
    }

    /// Prepares a statement, or takes it up again as it was prepared before.
    ///
    /// # Errors
    /// When the text is no statement.
    pub fn prepare_cached(&self, text: &str) -> Answered<Statement<'_>> {
        Ok(Statement(match &self.0 {
            Driver::Sqlite(connection) => Prepared::Sqlite(connection.prepare_cached(text)?),
            Driver::Postgres(client) => Prepared::Postgres(client, client.prepare(text)?),
        }))
    }

    /// Prepares and runs a statement that gives no rows. Returns how many rows it changed.
    ///
    /// # Errors
    /// When the database fails.
    pub fn execute(&self, text: &str, params: impl Params) -> Answered<usize> {
        self.prepare_cached(text)?.execute(params)
    }

    /// Prepares and runs a statement, and reads its first row.
    ///
    /// # Errors
    /// [`Error::NoRows`] when there is none; or when the database fails.
    pub fn query_row<T>(&self, text: &str, params: impl Params, read: impl FnOnce(&Row<'_>) -> Answered<T>) -> Answered<T> {
        self.prepare_cached(text)?.query_row(params, read)
    }

    /// Runs statements without parameters, one after another.
    ///
    /// # Errors
    /// When the database fails.
    pub fn execute_batch(&self, text: &str) -> Answered<()> {
        match &self.0 {
            Driver::Sqlite(connection) => Ok(connection.execute_batch(text)?),
            Driver::Postgres(client) => client.batch(text),
        }
    }

    /// Begins a transaction that writes. Only one is under way at a time in the whole database, whichever process began it.
    ///
    /// # Errors
    /// When the database fails, or another transaction does not end.
    pub fn begin(&self) -> Answered<()> {
        self.execute_batch(match &self.0 {
            Driver::Sqlite(_) => "BEGIN IMMEDIATE",
            Driver::Postgres(_) => postgres::BEGIN,
        })
    }

    /// Begins a reading, all of whose queries see the same state.
    ///
    /// # Errors
    /// When the database fails.
    pub fn begin_reading(&self) -> Answered<()> {
        self.execute_batch(match &self.0 {
            Driver::Sqlite(_) => "BEGIN",
            Driver::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        })
    }

    /// Makes a transaction's work durable.
    ///
    /// # Errors
    /// When the database fails. Whether the work is durable is then unknown.
    pub fn commit(&self) -> Answered<()> {
        self.execute_batch("COMMIT")
    }

    /// Gives up a transaction's work.
    ///
    /// # Errors
    /// When the database fails.
    pub fn rollback(&self) -> Answered<()> {
        if let Some(client) = self.postgres() {
            client.forget();
        }
        self.execute_batch("ROLLBACK")
    }
}

/// A prepared statement.
pub struct Statement<'c>(Prepared<'c>);

enum Prepared<'c> {
    Sqlite(rusqlite::CachedStatement<'c>),
    Postgres(&'c Client, tokio_postgres::Statement),
}

impl Statement<'_> {
    /// Runs it. Returns how many rows it changed.
    ///
    /// # Errors
    /// When the database fails.
    pub fn execute(&mut self, params: impl Params) -> Answered<usize> {
        let cells = params.cells();
        match &mut self.0 {
            Prepared::Sqlite(statement) => {
                sqlite::bind(statement, &cells)?;
                Ok(statement.raw_execute()?)
            }
            Prepared::Postgres(client, statement) => client.execute(statement, &cells),
        }
    }

    /// Runs it, where nobody asks how many rows it changed. What a server says to it may be heard only later, and at the latest
    /// when the transaction is committed, which then fails.
    ///
    /// # Errors
    /// When the database fails, with this statement or with one before it.
    pub fn run(&mut self, params: impl Params) -> Answered<()> {
        match &mut self.0 {
            Prepared::Sqlite(_) => self.execute(params).map(|_count| ()),
            Prepared::Postgres(client, statement) => client.send(statement, &params.cells()),
        }
    }

    /// Runs it, and gives its rows one after another.
    ///
    /// # Errors
    /// When the database fails.
    pub fn query(&mut self, params: impl Params) -> Answered<Rows<'_>> {
        let cells = params.cells();
        Ok(Rows(match &mut self.0 {
            Prepared::Sqlite(statement) => {
                sqlite::bind(statement, &cells)?;
                Coming::Sqlite(statement.raw_query())
            }
            Prepared::Postgres(client, statement) => {
                Coming::Postgres { rows: client.query(statement, &cells)?.into_iter(), current: None }
            }
        }))
    }

    /// The same, for more rows than should be held at once. A server sends no answer to anything else on this connection before
    /// the last of them was taken.
    ///
    /// # Errors
    /// When the database fails.
    pub fn stream(&mut self, params: impl Params) -> Answered<Rows<'_>> {
        match &mut self.0 {
            Prepared::Sqlite(_) => self.query(params),
            Prepared::Postgres(client, statement) => {
                Ok(Rows(Coming::Streamed { rows: client.stream(statement, &params.cells())?, current: None }))
            }
        }
    }

    /// Runs it, and reads every row with `read`.
    ///
    /// # Errors
    /// When the database fails.
    pub fn query_map<T, F>(&mut self, params: impl Params, read: F) -> Answered<MappedRows<'_, F>>
    where
        F: FnMut(&Row<'_>) -> Answered<T>,
    {
        Ok(MappedRows { rows: self.query(params)?, read })
    }

    /// Runs it, and reads its first row.
    ///
    /// # Errors
    /// [`Error::NoRows`] when there is none; or when the database fails.
    pub fn query_row<T>(&mut self, params: impl Params, read: impl FnOnce(&Row<'_>) -> Answered<T>) -> Answered<T> {
        let mut rows = self.query(params)?;
        let row = rows.next()?.ok_or(Error::NoRows)?;
        read(&row)
    }
}

/// The rows of an answer.
pub struct Rows<'s>(Coming<'s>);

enum Coming<'s> {
    Sqlite(rusqlite::Rows<'s>),
    Postgres { rows: std::vec::IntoIter<tokio_postgres::Row>, current: Option<tokio_postgres::Row> },
    Streamed { rows: postgres::Stream, current: Option<tokio_postgres::Row> },
}

impl Rows<'_> {
    /// The next row, until there is none.
    ///
    /// # Errors
    /// When the database fails.
    #[allow(clippy::should_implement_trait, reason = "a row lives only until the next one, which no iterator can say")]
    pub fn next(&mut self) -> Answered<Option<Row<'_>>> {
        Ok(match &mut self.0 {
            Coming::Sqlite(rows) => rows.next()?.map(Row::Sqlite),
            Coming::Postgres { rows, current } => {
                *current = rows.next();
                current.as_ref().map(Row::Postgres)
            }
            Coming::Streamed { rows, current } => {
                *current = rows.next().transpose()?;
                current.as_ref().map(Row::Postgres)
            }
        })
    }
}

/// A row.
pub enum Row<'r> {
    /// Of SQLite.
    Sqlite(&'r rusqlite::Row<'r>),
    /// Of PostgreSQL.
    Postgres(&'r tokio_postgres::Row),
}

impl Row<'_> {
    /// What stands in a column, counted from 0.
    ///
    /// # Errors
    /// [`Error::Type`] when it is something else.
    pub fn get<I: Into<Column>, T: FromCell>(&self, column: I) -> Answered<T> {
        let Column(column) = column.into();
        let wrong = || Error::Type { column, wanted: T::WANTED };
        T::from_cell(self.cell(column, T::WANTED)?).ok_or_else(wrong)
    }

    /// The text that stands in a column, where the row holds it.
    ///
    /// # Errors
    /// [`Error::Type`] when it is something else.
    pub fn text(&self, column: usize) -> Answered<&str> {
        let wanted = "a text";
        if let Cell::Text(text) = self.cell(column, wanted)? { Ok(text) } else { Err(Error::Type { column, wanted }) }
    }

    /// The bytes that stand in a column, where the row holds them.
    ///
    /// # Errors
    /// [`Error::Type`] when it is something else.
    pub fn blob(&self, column: usize) -> Answered<&[u8]> {
        let wanted = "bytes";
        if let Cell::Blob(bytes) = self.cell(column, wanted)? { Ok(bytes) } else { Err(Error::Type { column, wanted }) }
    }

    /// What stands in so many columns, where the row holds it.
    ///
    /// # Errors
    /// [`Error::Type`] when it is something that no table of ours holds.
    pub fn cells(&self, columns: usize) -> Answered<Vec<Cell<'_>>> {
        (0..columns).map(|column| self.cell(column, "a value")).collect()
    }

    fn cell(&self, column: usize, wanted: &'static str) -> Answered<Cell<'_>> {
        match self {
            Row::Sqlite(row) => Cell::of_sqlite(row.get_ref(column)?).ok_or(Error::Type { column, wanted }),
            Row::Postgres(row) => Ok(row.try_get(column)?),
        }
    }
}

/// A column by its place.
pub struct Column(usize);

impl From<usize> for Column {
    fn from(place: usize) -> Column {
        Column(place)
    }
}

/// The rows of an answer, each read as it comes.
pub struct MappedRows<'s, F> {
    rows: Rows<'s>,
    read: F,
}

impl<T, F: FnMut(&Row<'_>) -> Answered<T>> Iterator for MappedRows<'_, F> {
    type Item = Answered<T>;

    fn next(&mut self) -> Option<Answered<T>> {
        match self.rows.next() {
            Ok(row) => row.map(|row| (self.read)(&row)),
            Err(error) => Some(Err(error)),
        }
    }
}
