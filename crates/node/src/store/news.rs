//! Several processes on one database: what each tells the others, and which of them does what only one should do.
//!
//! A file of SQLite has one process that serves and, at times, a command beside it; the server then looks at the file. A
//! PostgreSQL server tells every process what any of them wrote (`NOTIFY`), within the transaction that wrote it.

use super::Store;
use super::db::postgres::{Client, NEWS, News};
use super::db::{Connection, Place};
use super::work::Change;
use crate::fault::Fault;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long to wait before a server that went away is called again.
const AGAIN: Duration = Duration::from_secs(1);

/// Tells every other process on this database of changes, once this transaction is committed.
///
/// # Errors
/// When the store fails.
pub(super) fn tell(connection: &Connection, changes: &[Change]) -> Result<(), Fault> {
    if connection.postgres().is_none() {
        return Ok(());
    }
    let mut statement = connection.prepare_cached("SELECT pg_notify(?1, ?2)")?;
    for Change { channel, party, size } in changes {
        let told = format!("{} {channel} {party} {size}", std::process::id());
        statement.query_row([NEWS, told.as_str()], |_| Ok(()))?;
    }
    Ok(())
}

/// What another process told; none when it is this process's own word.
fn heard(told: &str) -> Option<Change> {
    let words: Vec<&str> = told.split(' ').collect();
    let &[process, channel, party, size] = words.as_slice() else { return None };
    let foreign = process.parse() != Ok(std::process::id());
    foreign.then_some(Change { channel: channel.parse().ok()?, party: party.parse().ok()?, size: size.parse().ok()? })
}

/// The connection on which this process holds what it alone does.
#[derive(Clone, Default)]
pub(super) struct Leases(Arc<Mutex<Option<Client>>>);

impl Store {
    /// Whether several processes may work on this store at once, each telling the others.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.place, Place::Server(_))
    }

    /// Passes on, for as long as the process runs, what other processes on this database write.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn hear(&self) -> Result<(), Fault> {
        let Place::Server(address) = self.place.clone() else { return Ok(()) };
        let store = self.clone();
        let thread = std::thread::Builder::new().name("store-news".to_owned()).spawn(move || {
            loop {
                match listening(&address) {
                    Ok((_held, mut news)) => {
                        while let Some(told) = news.blocking_recv() {
                            heard(&told).into_iter().for_each(|change| store.tell(change));
                        }
                    }
                    Err(fault) => tracing::warn!(%fault, "other processes on this database cannot be heard"),
                }
                std::thread::sleep(AGAIN);
            }
        });
        thread.map(|_runs_on| ()).map_err(Fault::file("cannot start the thread that hears other processes"))
    }

    /// Whether this process may do what only one process on this database does at a time. Once it may, it may for as long as
    /// its connection to the database lasts; a process that ends leaves it to the others.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub fn leads(&self, what: &str) -> Result<bool, Fault> {
        let Place::Server(address) = &self.place else { return Ok(true) };
        let mut held = self.leases.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_none_or(Client::is_closed) {
            *held = Some(Client::connect(address)?.0);
        }
        let Some(client) = held.as_ref() else { return Err(Fault::Closing) };
        let digest: [u8; 32] = Sha256::digest(what.as_bytes()).into();
        let number = digest.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes));
        Ok(client.try_lock(number)?)
    }
}

fn listening(address: &str) -> Result<(Client, News), Fault> {
    let (client, news) = Client::connect(address)?;
    client.listen()?;
    Ok((client, news))
}
