//! Making the index anew: from every dossier of the store, going on where a making broke off.

use super::follow::{Changing, Mark};
use super::{HEAP_ANEW, Index, Standing, fault, schema};
use crate::clock::World;
use crate::fault::Fault;
use crate::store::{Store, touched};
use serde::Serialize;
use std::time::Duration;
use tantivy::IndexSettings;

/// How many dossiers are read at a time, and after how many the index is committed.
const BATCH: u64 = 256;
const COMMIT: u64 = 8192;

/// How long to wait for another process that makes the index.
const PATIENCE: Duration = Duration::from_secs(600);

/// How far a making has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Dossiers indexed.
    pub done: u64,
    /// Dossiers in the store when it began.
    pub total: u64,
}

impl Index {
    /// Brings the index to where the store is, making it anew where it has to be.
    ///
    /// # Errors
    /// When the store or a file fails.
    pub fn keep_up(&self, store: &Store, tell: impl FnMut(Progress)) -> Result<Standing, Fault> {
        match store.read_now(|connection| self.follow(connection))? {
            Standing::Absent => {
                self.make(store, false, tell)?;
                store.read_now(|connection| self.follow(connection))
            }
            other => Ok(other),
        }
    }

    /// Makes the index anew from the store, whatever there is.
    ///
    /// # Errors
    /// When the store or a file fails.
    pub fn rebuild(&self, store: &Store, tell: impl FnMut(Progress)) -> Result<Progress, Fault> {
        let made = self.make(store, true, tell)?;
        store.read_now(|connection| self.follow(connection))?;
        Ok(made)
    }

    fn make(&self, store: &Store, whatever: bool, mut tell: impl FnMut(Progress)) -> Result<Progress, Fault> {
        let alone = self.alone(PATIENCE)?.ok_or_else(|| Fault::Setup("the search index is being made elsewhere".to_owned()))?;
        let begun = store.read_now(touched::last)?;
        let found = self.opened().filter(|_| !whatever);
        if found.as_ref().is_some_and(|found| found.mark.making.is_none() && found.mark.at == begun) {
            return Ok(Progress::default());
        }
        // A making goes on where it broke off, as long as the store still knows what was written since it began.
        let unfinished = found.map(|found| found.mark).filter(|mark| mark.making.is_some());
        let goes_on = match &unfinished {
            Some(Mark { at: Some(at), .. }) => store.read_now(|connection| touched::is_kept(connection, at))?,
            _ => false,
        };
        let mark = match unfinished.filter(|_| goes_on) {
            Some(mark) => mark,
            None => {
                self.lay_out(Mark::new(World::real().random::<16>().map(|bytes| data_encoding::HEXLOWER.encode(&bytes))?, begun))?
            }
        };
        let mut changing = Changing::open(self, HEAP_ANEW, mark, &alone)?;
        changing.commit()?;
        let mut progress = Progress { done: 0, total: store.read_now(touched::count)? };
        let mut uncommitted = 0;
        loop {
            let (channel, dossier) = changing.mark.making.clone().unwrap_or_default();
            let names = store.read_now(|connection| {
                let names = touched::names_after(connection, (&channel, &dossier), BATCH)?;
                names.iter().try_for_each(|(channel, id)| changing.put(connection, channel, id))?;
                Ok::<_, Fault>(names)
            })?;
            progress.done += names.len() as u64;
            uncommitted += names.len() as u64;
            let Some((channel, dossier)) = names.last() else { break };
            changing.mark.making = Some((channel.to_string(), dossier.to_string()));
            if uncommitted >= COMMIT {
                changing.commit()?;
                uncommitted = 0;
            }
            tell(progress);
        }
        changing.mark.making = None;
        changing.commit()?;
        changing.tidy()?;
        Ok(progress)
    }

    /// An empty index in the place of whatever there was.
    fn lay_out(&self, mark: Mark) -> Result<Mark, Fault> {
        let data = self.data();
        let at = |what: &str| Fault::file(format!("{what} {}", data.display()));
        if data.exists() {
            std::fs::remove_dir_all(&data).map_err(at("cannot remove"))?;
        }
        std::fs::create_dir(&data).map_err(at("cannot make"))?;
        // The names of dossiers are all that is stored, and worth no thread of their own.
        let settings = IndexSettings { docstore_compress_dedicated_thread: false, ..IndexSettings::default() };
        let schema = self.0.fields.schema.clone();
        tantivy::Index::builder().schema(schema).settings(settings).create_in_dir(&data).map_err(fault)?;
        debug_assert_eq!(mark.version, schema::VERSION);
        Ok(mark)
    }
}
