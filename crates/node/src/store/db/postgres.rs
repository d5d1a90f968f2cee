//! What only PostgreSQL has: how it is reached, how its values are told, and what makes our one text of a statement its own.
//!
//! The driver is asynchronous and the store is not: one thread of this process carries the bytes of all connections, and
//! whoever asks waits for the answer.

use super::tls::{self, Tls};
use super::{Answered, Cell, Error, ToCell, Value};
use crate::fault::Fault;
use futures_core::Stream as _;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::pin::Pin;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::mpsc;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{AsyncMessage, NoTls, Row, Socket, Statement};

/// Begins a transaction that writes. As with SQLite, one is under way at a time, of whatever process, so that logs are sequenced
/// by one at a time. The lock's number is `tansiq` in ASCII.
pub(super) const BEGIN: &str = "BEGIN; SELECT pg_advisory_xact_lock(127961813707121)";

/// The audit is written and never changed.
pub(in crate::store) const AUDIT_STAYS: &str = "
CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit is neither changed nor deleted'; END $$;
CREATE OR REPLACE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE OR REPLACE TRIGGER audit_stays_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
";

/// How many statements a connection keeps prepared.
const STATEMENTS: usize = 512;

/// How many answers a connection leaves open before it waits for the first of them.
const OPEN: usize = 1024;

/// The channel on which processes that share a database tell each other what they wrote.
pub const NEWS: &str = "tansiq";

/// What the server said, with its cause: a code and words.
pub(super) fn explain(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(told) => format!("PostgreSQL: {} ({})", told.message(), told.code().code()),
        None => format!("PostgreSQL: {error}"),
    }
}

/// The thread that carries the bytes of all connections to servers.
fn carrier() -> Result<&'static Handle, Fault> {
    static CARRIER: OnceLock<Option<Runtime>> = OnceLock::new();
    let made = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("postgres").enable_all().build().ok();
    let runtime = CARRIER.get_or_init(made).as_ref();
    runtime.map(Runtime::handle).ok_or_else(|| Fault::Setup("the thread for PostgreSQL could not be started".to_owned()))
}

/// A connection to a server.
pub struct Client {
    client: Arc<tokio_postgres::Client>,
    statements: RefCell<BTreeMap<String, Statement>>,
    /// What was sent and is not answered yet, in the order in which it was sent.
    open: RefCell<VecDeque<Answer>>,
}

/// The answer of a server that is still to come.
type Answer = Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send>>;

/// Rows that are read as they come.
pub(super) struct Stream(Pin<Box<tokio_postgres::RowStream>>);

impl Iterator for Stream {
    type Item = Answered<Row>;

    fn next(&mut self) -> Option<Answered<Row>> {
        let next = std::future::poll_fn(|context| self.0.as_mut().poll_next(context));
        pollster::block_on(next).map(|row| Ok(row?))
    }
}

/// What another process told, or that the connection has ended.
pub type News = mpsc::UnboundedReceiver<String>;

impl Client {
    /// Connects. What other processes tell comes out of the second part, once [`Client::listen`] was called.
    ///
    /// # Errors
    /// When the words are no address of a server, or the server does not answer or refuses.
    pub fn connect(address: &str) -> Result<(Client, News), Fault> {
        let wrong = |error: tokio_postgres::Error| Fault::from(Error::from(error));
        let (address, root) = tls::root_of(address);
        let mut config: tokio_postgres::Config = address.parse().map_err(wrong)?;
        let root = root.map(|path| Tls::trusting(&path)).transpose()?;
        let carrier = carrier()?;
        let (tell, news) = mpsc::unbounded_channel();
        // The sockets belong to the carrier, so connecting is done there as well.
        let (send, connected) = std::sync::mpsc::sync_channel(1);
        match root {
            Some(tls) => {
                config.ssl_mode(SslMode::Require);
                carrier.spawn(converse(config, tls, send, tell));
            }
            None => drop(carrier.spawn(converse(config, NoTls, send, tell))),
        }
        let client = connected.recv().map_err(|_| Fault::Closing)?.map_err(wrong)?;
        let client = Client { client: Arc::new(client), statements: RefCell::default(), open: RefCell::default() };
        client.batch("SET client_min_messages = warning; SET synchronous_commit = on").map_err(Fault::from)?;
        Ok((client, news))
    }

    /// Whether the server can no longer be reached over this connection.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub(super) fn prepare(&self, text: &str) -> Answered<Statement> {
        if let Some(known) = self.statements.borrow().get(text) {
            return Ok(known.clone());
        }
        let prepared = pollster::block_on(self.client.prepare(&numbered(text))).map_err(|error| self.first(error))?;
        let mut statements = self.statements.borrow_mut();
        if statements.len() >= STATEMENTS {
            statements.clear();
        }
        statements.insert(text.to_owned(), prepared.clone());
        Ok(prepared)
    }

    pub(super) fn execute(&self, statement: &Statement, cells: &[Cell<'_>]) -> Answered<usize> {
        let params: Vec<&(dyn ToSql + Sync)> = cells.iter().map(|cell| cell as &(dyn ToSql + Sync)).collect();
        let changed = pollster::block_on(self.client.execute(statement, &params)).map_err(|error| self.first(error))?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    /// Sends a statement and goes on: the server does what it is sent in order, and what it says is heard before the transaction
    /// ends. So a batch of rows costs no more trips to the server than one.
    pub(super) fn send(&self, statement: &Statement, cells: &[Cell<'_>]) -> Answered<()> {
        let (client, statement) = (Arc::clone(&self.client), statement.clone());
        let values: Vec<Value> = cells.iter().map(Value::from).collect();
        let mut answer: Answer = Box::pin(async move { client.execute_raw(&statement, values).await });
        // It is on its way once it was asked for the first time; nobody is woken for it.
        match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answered) => drop(answered.map_err(|error| self.first(error))?),
            Poll::Pending => self.open.borrow_mut().push_back(answer),
        }
        if self.open.borrow().len() > OPEN { self.hear(OPEN / 2) } else { Ok(()) }
    }

    /// Waits for answers until no more than so many are open. After a failure none is.
    fn hear(&self, most: usize) -> Answered<()> {
        loop {
            let mut open = self.open.borrow_mut();
            if open.len() <= most {
                return Ok(());
            }
            let Some(answer) = open.pop_front() else { return Ok(()) };
            if let Err(error) = pollster::block_on(answer) {
                open.clear();
                return Err(error.into());
            }
        }
    }

    /// Waits for all that is open, and makes nothing of it: the transaction is given up.
    pub(super) fn forget(&self) {
        let _given_up = self.hear(0);
    }

    /// The first failure of all: one that is open is the cause of every later one.
    fn first(&self, error: tokio_postgres::Error) -> Error {
        self.hear(0).err().unwrap_or_else(|| error.into())
    }

    pub(super) fn query(&self, statement: &Statement, cells: &[Cell<'_>]) -> Answered<Vec<Row>> {
        let params: Vec<&(dyn ToSql + Sync)> = cells.iter().map(|cell| cell as &(dyn ToSql + Sync)).collect();
        pollster::block_on(self.client.query(statement, &params)).map_err(|error| self.first(error))
    }

    /// The rows of an answer as they come.
    pub(super) fn stream(&self, statement: &Statement, cells: &[Cell<'_>]) -> Answered<Stream> {
        let values = cells.iter().map(Value::from).collect::<Vec<_>>();
        let rows = pollster::block_on(self.client.query_raw(statement, values)).map_err(|error| self.first(error))?;
        Ok(Stream(Box::pin(rows)))
    }

    /// A commit is one of these, and the server takes one for the end of a transaction that has failed as well: what is open is
    /// heard before.
    pub(super) fn batch(&self, text: &str) -> Answered<()> {
        self.hear(0)?;
        Ok(pollster::block_on(self.client.batch_execute(text))?)
    }

    /// Hears from now on what other processes tell.
    ///
    /// # Errors
    /// When the server fails.
    pub fn listen(&self) -> Answered<()> {
        self.batch(&format!("LISTEN {NEWS}"))
    }

    /// Takes a lock that ends with this connection, unless another connection holds it.
    ///
    /// # Errors
    /// When the server fails.
    pub fn try_lock(&self, number: i64) -> Answered<bool> {
        let statement = self.prepare("SELECT pg_try_advisory_lock(?1)")?;
        let rows = self.query(&statement, &[Cell::Integer(number)])?;
        Ok(rows.first().map(|row| row.try_get(0)).transpose()?.unwrap_or(false))
    }
}

/// Connects, hands over the client, and carries the connection's bytes.
async fn converse<T>(
    config: tokio_postgres::Config,
    tls: T,
    send: SyncSender<Result<tokio_postgres::Client, tokio_postgres::Error>>,
    tell: mpsc::UnboundedSender<String>,
) where
    T: MakeTlsConnect<Socket>,
{
    match config.connect(tls).await {
        Ok((client, connection)) => {
            let _gone = send.send(Ok(client));
            carry(connection, tell).await;
        }
        Err(error) => {
            let _gone = send.send(Err(error));
        }
    }
}

/// Carries a connection's bytes until it ends, and passes on what other processes tell.
async fn carry<S, T>(mut connection: tokio_postgres::Connection<S, T>, tell: mpsc::UnboundedSender<String>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    loop {
        match std::future::poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notification(told))) => {
                let _nobody = tell.send(told.payload().to_owned());
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                tracing::warn!(why = %explain(&error), "a connection to PostgreSQL has ended");
                return;
            }
            None => return,
        }
    }
}

/// Whether anything may still look at the database as it was before a transaction was committed: another process, a replica, or a
/// transaction that was prepared.
const IS_LOOKED_BACK_AT: &str = "
SELECT count(*) > 0 FROM (
    SELECT unnest(ARRAY[backend_xmin, backend_xid]) AS held FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND (datname = current_database() OR datname IS NULL)
    UNION ALL SELECT xmin FROM pg_replication_slots
    UNION ALL SELECT transaction FROM pg_prepared_xacts
) AS looking WHERE age(held) >= age(?1::text::xid8::xid)";

/// A row that goes leaves its last version in the table's file. Writing the table anew leaves only what is there now, and what
/// somebody may still look back at: that is waited for, and so is whoever reads the table, but not for long. The server's own
/// write-ahead log, its archive and its replicas are in the hands of who runs the server: `docs/postgresql.md`.
pub(super) fn purge(client: &Client, commit: &str) -> Answered<bool> {
    let statement = client.prepare(IS_LOOKED_BACK_AT)?;
    let rows = client.query(&statement, &[Cell::Text(commit)])?;
    let looking: Option<bool> = rows.first().map(|row| row.try_get(0)).transpose()?;
    if looking.unwrap_or_default() {
        return Ok(false);
    }
    client.batch("SET lock_timeout = '2s'")?;
    let written = client.batch("VACUUM FULL disclosure");
    client.batch("RESET lock_timeout")?;
    match written {
        Err(Error::Postgres(error)) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => Ok(false),
        written => written.map(|()| true),
    }
}

/// `?1` becomes `$1`. A question mark stands in no statement of ours for anything else.
fn numbered(text: &str) -> String {
    text.replace('?', "$")
}

/// The schema as PostgreSQL writes it. Texts sort by their bytes, as in SQLite, whatever the language of the database.
#[must_use]
pub(in crate::store) fn schema(text: &str) -> String {
    let mut written = String::with_capacity(text.len() * 2);
    for line in text.lines() {
        let line = line.split("--").next().unwrap_or_default();
        let line = line
            .replace("INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY")
            .replace("INTEGER PRIMARY KEY", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY")
            .replace(" INTEGER", " BIGINT")
            .replace(" BLOB", " BYTEA")
            .replace(" TEXT", " TEXT COLLATE \"C\"")
            .replace("ADD COLUMN ", "ADD COLUMN IF NOT EXISTS ")
            .replace(") STRICT, WITHOUT ROWID;", ");")
            .replace(") STRICT;", ");");
        // A string grows without fail.
        let _never = writeln!(written, "{line}");
    }
    written
}

impl ToSql for Cell<'_> {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match (self, wanted) {
            (Cell::Null, _) => Ok(IsNull::Yes),
            (Cell::Integer(number), &Type::INT4) => i32::try_from(*number)?.to_sql(wanted, out),
            (Cell::Integer(number), &Type::BOOL) => (*number != 0).to_sql(wanted, out),
            (Cell::Integer(number), _) => number.to_sql(wanted, out),
            (Cell::Text(text), _) => text.to_sql(wanted, out),
            (Cell::Blob(bytes), _) => bytes.to_sql(wanted, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl ToSql for Value {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        self.cell().to_sql(wanted, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Cell<'a> {
    fn from_sql(held: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match *held {
            Type::INT8 => Cell::Integer(i64::from_sql(held, raw)?),
            Type::INT4 => Cell::Integer(i64::from(i32::from_sql(held, raw)?)),
            Type::BOOL => Cell::Integer(i64::from(bool::from_sql(held, raw)?)),
            Type::BYTEA => Cell::Blob(raw),
            _ => Cell::Text(std::str::from_utf8(raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Cell::Null)
    }

    fn accepts(held: &Type) -> bool {
        matches!(*held, Type::INT8 | Type::INT4 | Type::BOOL | Type::BYTEA | Type::TEXT | Type::VARCHAR | Type::UNKNOWN)
    }
}
