//! The store of a node: a database, one writer that commits waiting work in groups, and readers beside it.

pub mod approvals;
pub mod attachments;
mod backfill;
pub mod blobs;
pub mod bundles;
pub mod channels;
pub(crate) mod copy;
pub mod db;
pub mod disclosures;
pub mod dossiers;
pub mod entries;
pub mod folds;
pub mod forks;
pub mod guard;
pub mod intake;
pub(crate) mod kept;
pub mod late;
pub mod logs;
pub mod lost;
pub(crate) mod meta;
pub mod news;
mod open;
pub mod people;
pub mod published;
pub(crate) mod purging;
pub mod rebuild;
pub mod recent;
pub mod records;
pub mod references;
pub mod signatures;
pub mod statements;
pub mod tally;
pub mod touched;
pub mod work;

use crate::fault::{Fault, Trouble};
use crate::search::Index;
use backfill::Backfill;
use blobs::Blobs;
use db::{Connection, Place};
use recent::Recent;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tansiq_dossier::content::ContentHash;
use tokio::sync::{broadcast, mpsc, oneshot};
use work::{Change, Closed, Identity, Work};

/// The database by itself, for measurements.
pub(crate) fn bare(place: &Place) -> Result<Connection, Fault> {
    open::for_writing(place)
}

/// How many waiting jobs one commit takes along at most.
const GROUP: usize = 256;

/// How many readers wait ready.
const READERS: usize = 4;

/// What is told to the one who asked, once the fate of the transaction is known.
type Answer = Box<dyn FnOnce(Result<(), &str>) + Send>;
type Job = Box<dyn FnOnce(&mut Work<'_>) -> (bool, Answer) + Send>;

/// What has a say in every commit of a store that works as a task.
pub trait Disk: Send + Sync {
    /// How long the writer is kept before it takes up the work that waits.
    fn delay(&self) -> Duration;
    /// All of a transaction is written, and nothing is committed.
    fn closing(&self, connection: &Connection) -> Verdict;
    /// It is committed, and the guard does not know yet.
    fn committed(&self, connection: &Connection) -> Verdict;
    /// The guard knows what was signed, and nobody has been told.
    fn guarded(&self) -> Verdict;
}

/// What becomes of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on.
    Go,
    /// It fails.
    Fail,
    /// The node ends here, and answers nobody.
    Stop,
}

/// A node's store.
#[derive(Clone)]
pub struct Store {
    jobs: mpsc::UnboundedSender<Job>,
    changes: broadcast::Sender<Change>,
    readers: Arc<Mutex<Vec<Connection>>>,
    readonly: Arc<AtomicBool>,
    place: Place,
    leases: news::Leases,
    /// Whether nothing may run beside the tasks of this node.
    alone: bool,
    files: Arc<OnceLock<Blobs>>,
    index: Arc<OnceLock<Index>>,
    recent: Arc<Recent>,
}

impl Store {
    /// Opens the store and starts its writer, a thread that lives as long as the store; or a task of the runtime at hand, where
    /// the disk is given.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub fn open(place: impl Into<Place>, identity: Arc<Identity>) -> Result<Store, Fault> {
        let place = place.into();
        let connection = open::for_writing(&place)?;
        rebuild::when_outdated(&connection, identity.world.today())?;
        guard::reconcile(&connection, &identity)?;
        let purges = !purging::purge(&connection)?;
        let (jobs, waiting) = mpsc::unbounded_channel();
        let (changes, _) = broadcast::channel(4096);
        let backfill = if identity.world.disk.is_none() { Backfill::start(&place, &connection)? } else { None };
        let readonly = Arc::new(AtomicBool::new(false));
        let disk = identity.world.disk.clone();
        let alone = disk.is_some();
        let writer = Writer {
            connection,
            place: place.clone(),
            identity,
            waiting,
            changes: changes.clone(),
            readonly: readonly.clone(),
            purges,
            backfill,
            disk,
            files: Arc::default(),
            index: Arc::default(),
            recent: Arc::default(),
        };
        let (files, index, recent) = (writer.files.clone(), writer.index.clone(), writer.recent.clone());
        if alone {
            tokio::spawn(writer.attend());
        } else {
            let thread = std::thread::Builder::new().name("store".to_owned()).spawn(move || writer.run());
            thread.map_err(Fault::file("cannot start the store's thread"))?;
        }
        Ok(Store {
            jobs,
            changes,
            readers: Arc::default(),
            readonly,
            place,
            leases: news::Leases::default(),
            alone,
            files,
            index,
            recent,
        })
    }

    /// Does work that writes. It is durable when this returns. Work of several callers is committed together.
    ///
    /// A job that returns a refusal or a protocol error must not have written anything.
    ///
    /// # Errors
    /// What the job returned, or the fault of the commit.
    pub async fn write<T, J>(&self, job: J) -> Result<T, Trouble>
    where
        T: Send + 'static,
        J: FnOnce(&mut Work<'_>) -> Result<T, Trouble> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let readonly = self.readonly.clone();
        let boxed: Job = Box::new(move |work| {
            let result = job(work);
            let poisons = matches!(result, Err(Trouble::Fault(_)));
            if matches!(&result, Err(Trouble::Fault(Fault::Store(error))) if error.is_of_the_disk()) {
                readonly.store(true, Ordering::SeqCst);
            }
            let answer: Answer = Box::new(move |commit| {
                let outcome = match (result, commit) {
                    (Ok(_), Err(why)) => Err(Fault::Commit(why.to_owned()).into()),
                    (result, _) => result,
                };
                // Whoever asked may have gone; the work is done all the same.
                let _gone = tell.send(outcome);
            });
            (poisons, answer)
        });
        self.jobs.send(boxed).map_err(|_| Fault::Closing)?;
        told.await.map_err(|_| Fault::Closing)?
    }

    /// Reads, beside the writer, from what is committed.
    ///
    /// # Errors
    /// What the query returned, or the fault of the store.
    pub async fn read<T, E, Q>(&self, query: Q) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        Q: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    {
        if self.alone {
            return self.read_now(query);
        }
        let store = self.clone();
        let done = tokio::task::spawn_blocking(move || store.read_now(query)).await;
        done.unwrap_or_else(|_| Err(Fault::Closing.into()))
    }

    /// Reads on this thread.
    ///
    /// # Errors
    /// What the query returned, or the fault of the store.
    pub fn read_now<T, E: From<Fault>>(&self, query: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        let waiting = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match waiting.filter(|connection| !connection.is_closed()) {
            Some(connection) => connection,
            None => open::for_reading(&self.place)?,
        };
        let result = snapshot(&connection, query);
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS {
            readers.push(connection);
        }
        result
    }

    /// Whether a commit has failed, so that nothing is written until the node is started again.
    #[must_use]
    pub fn is_readonly(&self) -> bool {
        self.readonly.load(Ordering::SeqCst)
    }

    /// Changes from now on.
    #[must_use]
    pub fn watch(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Says where the files of this store's dossiers lie, so that those that are destroyed can be removed.
    pub fn keep_files_in(&self, files: &Blobs) {
        let _said_before = self.files.set(files.clone());
    }

    /// Says where the search index of this store lies, so that what is destroyed is destroyed there too.
    pub fn keep_index(&self, index: &Index) {
        let _said_before = self.index.set(index.clone());
    }

    /// The newest records of this node's own logs.
    #[must_use]
    pub fn recent(&self) -> Arc<Recent> {
        self.recent.clone()
    }

    /// Tells watchers of a change that another process made.
    pub fn tell(&self, change: Change) {
        let _nobody = self.changes.send(change);
    }
}

/// All queries of one reading see the same state of the store.
fn snapshot<T, E: From<Fault>>(connection: &Connection, query: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
    connection.begin_reading().map_err(Fault::from)?;
    let result = query(connection);
    connection.commit().map_err(Fault::from)?;
    result
}

struct Writer {
    connection: Connection,
    place: Place,
    identity: Arc<Identity>,
    waiting: mpsc::UnboundedReceiver<Job>,
    changes: broadcast::Sender<Change>,
    readonly: Arc<AtomicBool>,
    /// Whether what was destroyed still stands in older copies of a page or a row.
    purges: bool,
    /// Brings the write-ahead log into the file, beside this.
    backfill: Option<Backfill>,
    disk: Option<Arc<dyn Disk>>,
    /// Where the files lie, for those that were destroyed.
    files: Arc<OnceLock<Blobs>>,
    /// Where the search index lies.
    index: Arc<OnceLock<Index>>,
    recent: Arc<Recent>,
}

type Charters = BTreeMap<tansiq_dossier::channel::ChannelId, Arc<tansiq_dossier::channel::Charter>>;

impl Writer {
    fn run(mut self) {
        let mut charters = Charters::new();
        while let Some(first) = self.waiting.blocking_recv() {
            let group = self.group(first);
            let _goes_on = self.commit(group, &mut charters);
        }
    }

    /// The same as a task, for as long as the disk lets it work.
    async fn attend(mut self) {
        let mut charters = Charters::new();
        while let Some(first) = self.waiting.recv().await {
            let delay = self.disk.as_ref().map(|disk| disk.delay()).unwrap_or_default();
            tokio::time::sleep(delay).await;
            let group = self.group(first);
            if !self.commit(group, &mut charters) {
                return;
            }
        }
    }

    fn group(&mut self, first: Job) -> Vec<Job> {
        let mut group = vec![first];
        while group.len() < GROUP {
            match self.waiting.try_recv() {
                Ok(job) => group.push(job),
                Err(_) => break,
            }
        }
        group
    }

    /// Runs a group in one transaction. A job that meets a fault poisons the group: everything is rolled back, and everybody
    /// is told; nobody is told that work is done before the commit has returned. Gives false when the node ends here.
    fn commit(&mut self, group: Vec<Job>, charters: &mut Charters) -> bool {
        let mut answers = Vec::with_capacity(group.len());
        let outcome = self.transact(group, charters, &mut answers);
        match outcome {
            Ok(changes) => {
                self.backfill.iter().for_each(Backfill::nudge);
                answers.into_iter().for_each(|answer| answer(Ok(())));
                for change in changes {
                    let _nobody = self.changes.send(change);
                }
            }
            Err(Fault::Closing) => return false,
            Err(fault) => {
                let why = fault.to_string();
                tracing::error!(fault = %why, "a commit failed and was rolled back");
                answers.into_iter().for_each(|answer| answer(Err(&why)));
            }
        }
        true
    }

    fn transact(&mut self, group: Vec<Job>, charters: &mut Charters, answers: &mut Vec<Answer>) -> Result<Vec<Change>, Fault> {
        if self.readonly.load(Ordering::SeqCst) {
            return Err(Fault::ReadOnly);
        }
        if self.connection.is_closed() {
            self.connection = open::for_writing(&self.place)?;
        }
        self.connection.begin()?;
        let mut work = Work::new(&self.connection, &self.identity, charters);
        let mut met = None;
        for job in group {
            met = work.next_job().err();
            if met.is_some() {
                break;
            }
            let (poisons, answer) = job(&mut work);
            answers.push(answer);
            if poisons {
                met = Some(Fault::Commit("a job of the same commit met a fault".to_owned()));
                break;
            }
        }
        let (purges, clears, unlinks) = (work.purges, work.clears, std::mem::take(&mut work.unlinks));
        let closed = match met {
            Some(fault) => {
                drop(work);
                Err(fault)
            }
            None => work.close(),
        };
        match closed {
            Ok(Closed { changes, said, fresh }) => {
                if let Err(fault) = self.make_durable() {
                    // What the disk holds now is unknown. A retried fsync would lie, so nothing more is taken. A server looks
                    // after its own disks, and starts anew when it cannot trust them; what it holds is asked of it then.
                    self.readonly.store(self.connection.sqlite().is_some(), Ordering::SeqCst);
                    let _best_effort = self.connection.rollback();
                    return Err(fault);
                }
                if let Err(fault) = self.identity.guard.confirm(said) {
                    // Committed, and nobody may hear of it. When the node is started again, database and guard are compared.
                    self.readonly.store(true, Ordering::SeqCst);
                    return Err(fault);
                }
                self.recent.take(fresh);
                self.ask(|disk| disk.guarded())?;
                self.purges |= purges || clears;
                self.purge();
                self.unlink(&unlinks);
                if purges && let Some(index) = self.index.get() {
                    index.forget(&self.connection);
                }
                Ok(changes)
            }
            Err(fault) => {
                // The disk failed in the middle of the work: it may have failed for what was committed before it, too.
                if matches!(&fault, Fault::Store(error) if error.is_of_the_disk()) {
                    self.readonly.store(true, Ordering::SeqCst);
                    let _best_effort = self.connection.rollback();
                    return Err(fault);
                }
                self.connection.rollback()?;
                Err(fault)
            }
        }
    }

    /// What becomes of a commit, where the disk has a say in it.
    fn ask(&self, disk: impl FnOnce(&dyn Disk) -> Verdict) -> Result<(), Fault> {
        match self.disk.as_deref().map_or(Verdict::Go, disk) {
            Verdict::Go => Ok(()),
            Verdict::Fail => Err(Fault::Commit("the disk has failed".to_owned())),
            Verdict::Stop => Err(Fault::Closing),
        }
    }

    fn make_durable(&self) -> Result<(), Fault> {
        self.ask(|disk| disk.closing(&self.connection))?;
        self.connection.commit()?;
        self.ask(|disk| disk.committed(&self.connection))
    }

    /// Removes the bytes of files that were destroyed. A crash before this leaves files that no dossier needs any longer; they
    /// are removed at the next sweep, which every start begins with. Within a transaction nobody else comes to need them.
    fn unlink(&self, unlinks: &BTreeSet<ContentHash>) {
        let Some(files) = self.files.get().filter(|_| !unlinks.is_empty()) else { return };
        let remove = || -> Result<(), Fault> {
            self.connection.begin()?;
            for hash in unlinks {
                if !attachments::is_needed(&self.connection, hash)? {
                    files.erase(hash, !attachments::is_wanted(&self.connection, hash)?)?;
                }
            }
            Ok(())
        };
        if let Err(fault) = remove() {
            tracing::error!(%fault, "a file that was destroyed could not be removed; it is tried again at the next sweep");
        }
        let _nothing_to_keep = self.connection.rollback();
    }

    /// A reader that is at work may keep what was destroyed from being cleared away; then the next commit tries again.
    fn purge(&mut self) {
        if !self.purges {
            return;
        }
        match purging::purge(&self.connection) {
            Ok(done) => self.purges = !done,
            Err(fault) => tracing::error!(%fault, "what was destroyed could not be cleared away"),
        }
    }
}
