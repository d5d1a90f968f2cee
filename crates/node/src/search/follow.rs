//! Following the store: what was written since is indexed, in commits that each keep how far they came.

use super::document::{Maker, name, register};
use super::schema::VERSION;
use super::{Alone, HEAP, Index, PATIENCE, fault};
use crate::fault::Fault;
use crate::store::db::Connection;
use crate::store::folds::Folds;
use crate::store::touched::{self, Touched};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::record::DossierId;
use tantivy::index::SegmentId;
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy};
use tantivy::{IndexWriter, Term};

/// How many changes one commit of the index takes at most.
const BATCH: u64 = 512;

/// How many bytes of text wait for the writer's thread at most.
const WAITING: usize = 8 * 1024 * 1024;

/// How many segments of about one size are put together.
const ALIKE: usize = 8;

/// How the index stands to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It holds all that the store held when it was asked.
    Ready,
    /// Somebody else has been changing it for long.
    Busy,
    /// There is none that could follow: it has to be made anew.
    Absent,
}

/// What the index says of itself, in each of its commits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// The form in which it was made.
    pub(super) version: u32,
    /// Tells one making from the next.
    pub(super) born: String,
    /// How far it has followed the store; nothing when nothing had been written there yet.
    pub(super) at: Option<Touched>,
    /// The last dossier indexed, while it is being made.
    pub(super) making: Option<(String, String)>,
    /// Whether files may still hold what was destroyed.
    pub(super) unclean: bool,
}

/// The part of the description of an index that is ours.
#[derive(Deserialize)]
struct Meta {
    payload: Option<String>,
}

impl Mark {
    pub(super) fn read(meta: &[u8]) -> Option<Mark> {
        let meta: Meta = serde_json::from_slice(meta).ok()?;
        serde_json::from_str(&meta.payload?).ok()
    }

    pub(super) fn new(born: String, at: Option<Touched>) -> Mark {
        Mark { version: VERSION, born, at, making: Some((String::new(), String::new())), unclean: false }
    }

    fn number(&self) -> i64 {
        self.at.as_ref().map_or(0, |at| at.number)
    }
}

/// Somebody who changes the index.
pub(super) struct Changing<'i> {
    pub(super) writer: IndexWriter,
    pub(super) maker: Maker<'i>,
    pub(super) mark: Mark,
    /// How many bytes of text were put since the last commit.
    waiting: usize,
    index: tantivy::Index,
    _alone: &'i Alone,
}

impl<'i> Changing<'i> {
    /// Opens the index anew: what another process left is known from the disk alone.
    pub(super) fn open(of: &'i Index, heap: usize, mark: Mark, alone: &'i Alone) -> Result<Changing<'i>, Fault> {
        let index = tantivy::Index::open_in_dir(of.data()).map_err(fault)?;
        register(&index);
        let options = IndexWriterOptions::builder().memory_budget_per_thread(heap).num_worker_threads(1).num_merge_threads(1);
        let writer: IndexWriter = index.writer_with_options(options.build()).map_err(fault)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        let maker = Maker { fields: &of.0.fields, own: &of.0.own, charters: BTreeMap::new(), folds: Folds::default() };
        Ok(Changing { writer, maker, mark, waiting: 0, index, _alone: alone })
    }

    /// Puts the dossier as it stands in the place of what was indexed of it.
    pub(super) fn put(&mut self, connection: &Connection, channel: &ChannelId, dossier: &DossierId) -> Result<(), Fault> {
        self.writer.delete_term(Term::from_field_text(self.maker.fields.name, &name(channel, dossier)));
        if let Some((document, bytes)) = self.maker.make(connection, channel, dossier)? {
            self.writer.add_document(document).map_err(fault)?;
            self.waiting += bytes;
        }
        // What is committed under an earlier mark is only put once more.
        if self.waiting > WAITING { self.commit() } else { Ok(()) }
    }

    /// What was put is found, and stays so, from here on.
    pub(super) fn commit(&mut self) -> Result<(), Fault> {
        let payload = serde_json::to_string(&self.mark).map_err(|error| Fault::Damaged(error.to_string()))?;
        let mut prepared = self.writer.prepare_commit().map_err(fault)?;
        prepared.set_payload(&payload);
        prepared.commit().map_err(fault)?;
        self.waiting = 0;
        Ok(())
    }

    /// Puts segments of about one size together, when there are many. Where something was destroyed, every segment that may hold
    /// words of it is written anew, and the files that did are removed.
    pub(super) fn tidy(&mut self) -> Result<(), Fault> {
        let mut groups: BTreeMap<u32, Vec<SegmentId>> = BTreeMap::new();
        let mut merges: Vec<Vec<SegmentId>> = Vec::new();
        // A description of a segment that is held keeps its files.
        for segment in self.index.searchable_segment_metas().map_err(fault)? {
            let (kept, gone) = (segment.num_docs(), segment.num_deleted_docs());
            if (self.mark.unclean && gone > 0) || gone > kept {
                merges.push(vec![segment.id()]);
            } else {
                groups.entry(kept.max(1).ilog10()).or_default().push(segment.id());
            }
        }
        merges.extend(groups.into_values().filter(|group| group.len() >= ALIKE));
        let merged = !merges.is_empty();
        for merge in merges {
            self.writer.merge(&merge).wait().map_err(fault)?;
        }
        if merged || self.mark.unclean {
            self.writer.garbage_collect_files().wait().map_err(fault)?;
        }
        if std::mem::take(&mut self.mark.unclean) {
            self.commit()?;
        }
        Ok(())
    }
}

impl Index {
    /// Indexes what was written since the index last followed. `connection` must not have read anything in its transaction yet:
    /// it then sees at least what the index has followed.
    ///
    /// # Errors
    /// When the store or a file fails.
    pub fn follow(&self, connection: &Connection) -> Result<Standing, Fault> {
        let Some(opened) = self.opened().filter(|opened| opened.mark.making.is_none()) else { return Ok(Standing::Absent) };
        let last = touched::last(connection)?;
        if opened.mark.at == last && !opened.mark.unclean {
            return Ok(Standing::Ready);
        }
        if !follows(connection, &opened.mark)? {
            return Ok(Standing::Absent);
        }
        let Some(alone) = self.alone(PATIENCE)? else { return Ok(Standing::Busy) };
        // Another process may have followed meanwhile, farther than this snapshot sees.
        let Some(opened) = self.opened().filter(|opened| opened.mark.making.is_none()) else { return Ok(Standing::Absent) };
        let end = last.as_ref().map_or(0, |last| last.number);
        if opened.mark.number() >= end && !opened.mark.unclean {
            return Ok(Standing::Ready);
        }
        let mut changing = Changing::open(self, HEAP, opened.mark, &alone)?;
        while changing.mark.number() < end {
            advance(&mut changing, connection)?;
        }
        changing.tidy()?;
        drop(changing);
        Ok(if self.opened().is_some() { Standing::Ready } else { Standing::Absent })
    }

    /// The same after a commit that destroyed something: when it returns, no file of the index holds words of that.
    pub fn forget(&self, connection: &Connection) {
        match self.follow(connection) {
            Ok(Standing::Ready | Standing::Absent) => {}
            Ok(Standing::Busy) => tracing::warn!("the search index is being changed; what was destroyed goes from it after that"),
            Err(fault) => {
                tracing::error!(%fault, "the search index could not follow; what was destroyed goes from it when it does")
            }
        }
    }
}

/// Whether all that came after the mark is still kept, of the same store.
fn follows(connection: &Connection, mark: &Mark) -> Result<bool, Fault> {
    match &mark.at {
        Some(at) => touched::is_kept(connection, at),
        None => Ok(touched::after(connection, 0, 1)?.first().is_none_or(|first| first.number == 1)),
    }
}

fn advance(changing: &mut Changing<'_>, connection: &Connection) -> Result<(), Fault> {
    let changes = touched::after(connection, changing.mark.number(), BATCH)?;
    let mut names = BTreeSet::new();
    for change in &changes {
        changing.mark.unclean |= change.erased;
        names.insert((change.channel.clone(), change.dossier.clone()));
    }
    for (channel, dossier) in names {
        changing.put(connection, &channel, &dossier)?;
    }
    match changes.into_iter().next_back() {
        Some(last) => changing.mark.at = Some(last),
        None => return Err(Fault::Damaged("what was written last is not kept any longer".to_owned())),
    }
    changing.commit()
}
