//! Search in full text over everything that an officer may see.
//!
//! The index is a projection: it lies beside the database, follows what is written there by [`crate::store::touched`], keeps its
//! place in every commit of its own, and is made anew when it is missing, damaged, too far behind or of another form. No text can
//! be read back from it; what a hit shows is read from the store, by the same door as every view.
//!
//! **Nothing that an officer may not see changes what it is told.** Every hit is decided before it is ranked or counted; a hit's
//! weight follows from the question and the dossier alone; beginnings and spellings of words stand each for itself, without a
//! bound on how many there are.

mod answer;
mod collect;
mod columns;
mod document;
mod follow;
mod keep;
mod query;
mod question;
mod rebuild;
mod refusal;
mod schema;
mod snippet;
mod texts;

pub use answer::{Answer, Counted, Counts, Hit, MOST_SKIPPED, find};
pub use follow::Standing;
pub use keep::keep_up;
pub use question::{Clause, LONGEST, MOST_WORDS, Question, What, value};
pub use rebuild::Progress;
pub use refusal::SearchRefusal;
pub use schema::{Facet, Zone};
pub use snippet::{Part, Snippet};

use crate::fault::Fault;
use columns::{AllColumns, Columns};
use follow::Mark;
use schema::Fields;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tansiq_dossier::party::PartyId;
use tantivy::{IndexReader, ReloadPolicy, TantivyError};

/// The memory of a writer that follows, and of one that makes the index anew, in bytes.
const HEAP: usize = 16 * 1024 * 1024;
const HEAP_ANEW: usize = 50 * 1024 * 1024;

/// How long whoever needs the index waits for another who changes it.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a node's dossiers are found by.
#[derive(Clone)]
pub struct Index(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    own: PartyId,
    fields: Fields,
    opened: Mutex<Option<Opened>>,
}

/// The index as it was last read.
#[derive(Clone)]
struct Opened {
    /// The bytes of its description: while they are the same, so is the index.
    meta: Arc<[u8]>,
    mark: Mark,
    reader: IndexReader,
    columns: AllColumns,
}

/// The only one who changes the index, until it is dropped.
struct Alone(File);

impl Drop for Alone {
    fn drop(&mut self) {
        let _released = self.0.unlock();
    }
}

fn fault(error: TantivyError) -> Fault {
    Fault::file("the search index")(std::io::Error::other(error))
}

impl Index {
    /// The index in this folder, of the node of this party. Nothing is read or made yet.
    #[must_use]
    pub fn new(folder: PathBuf, own: PartyId) -> Index {
        Index(Arc::new(Inner { folder, own, fields: Fields::new(), opened: Mutex::default() }))
    }

    /// Where its files lie.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    fn data(&self) -> PathBuf {
        self.0.folder.join("data")
    }

    /// The index as it stands on the disk now, if there is one that can be read.
    fn opened(&self) -> Option<Opened> {
        let mut held = self.0.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let meta: Option<Arc<[u8]>> = std::fs::read(self.data().join("meta.json")).ok().map(Arc::from);
        let Some(meta) = meta else {
            *held = None;
            return None;
        };
        if let Some(known) = held.as_ref().filter(|known| known.meta == meta) {
            return Some(known.clone());
        }
        let renewed = held.take().and_then(|known| {
            let mark = Mark::read(&meta).filter(|mark| mark.born == known.mark.born)?;
            known.reader.reload().ok()?;
            let columns = Columns::all(&known.reader.searcher(), &known.columns).ok()?;
            Some(Opened { meta: meta.clone(), mark, reader: known.reader, columns })
        });
        *held = renewed.or_else(|| self.open(&meta));
        held.clone()
    }

    /// Opens what another process made, or this one before: every file is read and held against its checksum.
    fn open(&self, meta: &Arc<[u8]>) -> Option<Opened> {
        let mark = Mark::read(meta).filter(|mark| mark.version == schema::VERSION)?;
        let index = tantivy::Index::open_in_dir(self.data()).ok()?;
        if index.schema() != self.0.fields.schema || index.validate_checksum().map_or(true, |damaged| !damaged.is_empty()) {
            return None;
        }
        let reader: IndexReader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().ok()?;
        let columns = Columns::all(&reader.searcher(), &AllColumns::default()).ok()?;
        Some(Opened { meta: meta.clone(), mark, reader, columns })
    }

    /// Waits until nobody else changes the index, and keeps it so.
    fn alone(&self, patience: Duration) -> Result<Option<Alone>, Fault> {
        let at = |what: &str| Fault::file(format!("{what} {}", self.0.folder.display()));
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0.folder).map_err(at("cannot make"))?;
        let place = self.0.folder.join("lock");
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(place).map_err(at("cannot lock"))?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Alone(file))),
                Err(std::fs::TryLockError::WouldBlock) if begun.elapsed() >= patience => return Ok(None),
                Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
                Err(std::fs::TryLockError::Error(error)) => return Err(at("cannot lock")(error)),
            }
        }
    }

    /// Gives up an index that could not be read: it is made anew.
    fn discard(&self) {
        if let Ok(Some(_alone)) = self.alone(PATIENCE) {
            let _gone_already = std::fs::remove_file(self.data().join("meta.json"));
        }
    }
}
