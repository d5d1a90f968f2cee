//! What a question finds for one officer: hits, how many there are, and by what they can be narrowed.

use super::collect::{Gather, Gathered};
use super::query::query;
use super::question::Question;
use super::refusal::SearchRefusal;
use super::schema::Facet;
use super::snippet::{Marker, Snippet};
use super::{Index, Opened, Standing, texts};
use crate::fault::{Fault, Trouble};
use crate::store::db::Connection;
use crate::store::{Store, channels, dossiers};
use crate::views::{self, Item, Looking, MOST_RETURNS};
use serde::Serialize;
use std::collections::BTreeMap;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::record::DossierId;
use tantivy::TantivyDocument;
use tantivy::schema::Value;

/// How many hits can be passed over at most. Whoever wants more narrows the question.
pub const MOST_SKIPPED: u64 = 10_000;

/// How many values of a facet are told: the commonest.
const MOST_VALUES: usize = 12;

/// What a question finds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// How many dossiers, of those that the officer may see.
    pub total: u64,
    /// The hits of this page, the best first.
    pub hits: Vec<Hit>,
    /// How many of all hits have which value.
    pub facets: Vec<Counts>,
}

/// One hit.
#[derive(Debug, Clone, Serialize)]
pub struct Hit {
    /// The dossier as lists show it.
    #[serde(flatten)]
    pub item: Item,
    /// Pieces of what it says, with what was looked for marked.
    pub snippets: Vec<Snippet>,
}

impl PartialEq for Hit {
    fn eq(&self, other: &Hit) -> bool {
        let text = |hit: &Hit| serde_json::to_string(hit).unwrap_or_default();
        text(self) == text(other)
    }
}

impl Eq for Hit {}

/// The commonest values of a facet among all hits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// The facet's name.
    #[serde(serialize_with = "by_name")]
    pub facet: Facet,
    /// Its values, each with how many hits have it.
    pub values: Vec<Counted>,
}

/// A value of a facet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// The value.
    pub value: String,
    /// How many hits have it.
    pub count: u64,
}

fn by_name<S: serde::Serializer>(facet: &Facet, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(facet.name())
}

/// Looks for what is asked. What was committed before is found. This may take a while, and belongs on no thread that others
/// wait for.
///
/// # Errors
/// `SRC08` while the index is being made; a fault of the store.
pub fn find(index: &Index, store: &Store, looking: &Looking, question: &Question) -> Result<Answer, Trouble> {
    let not_ready = || Trouble::from(tansiq_dossier::refusal::Refusal::from(SearchRefusal::NotReady));
    if store.read_now(|connection| index.follow(connection))? != Standing::Ready {
        return Err(not_ready());
    }
    let opened = index.opened().ok_or_else(not_ready)?;
    let returns = store.read_now(channels::of_returns)?;
    let asks_for_returns = question.narrowed.iter().any(|(facet, value)| match facet {
        Facet::Kind => value == Kind::Return.name(),
        Facet::Channel => returns.iter().any(|channel| channel.as_str() == value),
        _ => false,
    });
    let (skip, mut limit) = (question.skip.min(MOST_SKIPPED), question.limit.min(100));
    if asks_for_returns {
        limit = limit.min(MOST_RETURNS.saturating_sub(skip));
    }
    let gather = Gather {
        looking,
        columns: &opened.columns,
        asks_for_returns,
        since: question.since.and_then(begins),
        most: usize::try_from(skip + limit).unwrap_or(usize::MAX),
    };
    let gathered = match gather.gather(index, &opened, question) {
        Ok(gathered) => gathered,
        Err(error) => {
            tracing::error!(%error, "the search index cannot be read; it is made anew");
            index.discard();
            return Err(not_ready());
        }
    };
    let skip = usize::try_from(skip).unwrap_or(usize::MAX);
    let names = names(&opened, &gathered, skip).map_err(super::fault)?;
    let hits = store.read_now(|connection| shown(index, connection, looking, question, &names))?;
    Ok(Answer { total: gathered.total, hits, facets: commonest(gathered.counts) })
}

/// When a day begins in Baghdad, UTC+3, in seconds since 1970 UTC.
fn begins(day: tansiq_dossier::time::Date) -> Option<i64> {
    let date: tansiq_text::Date = day.to_string().parse().ok()?;
    Some(date.days()? * 86_400 - 3 * 3600)
}

impl Gather<'_> {
    fn gather(&self, index: &Index, opened: &Opened, question: &Question) -> tantivy::Result<Gathered> {
        let searcher = opened.reader.searcher();
        let query = query(&index.0.fields, &searcher, question)?;
        searcher.search(&query, self)
    }
}

fn names(opened: &Opened, gathered: &Gathered, skip: usize) -> tantivy::Result<Vec<(ChannelId, DossierId)>> {
    let searcher = opened.reader.searcher();
    let field = searcher.schema().get_field("name")?;
    let mut found = Vec::new();
    for ranked in gathered.first.iter().skip(skip) {
        let document: TantivyDocument = searcher.doc(ranked.address())?;
        let name = document.get_first(field).and_then(|value| value.as_str()).and_then(|text| text.split_once('/'));
        found.extend(name.and_then(|(channel, dossier)| Some((channel.parse().ok()?, dossier.parse().ok()?))));
    }
    Ok(found)
}

/// The hits as this officer may see them now: each is read from the store, and decided once more.
fn shown(
    index: &Index,
    connection: &Connection,
    looking: &Looking,
    question: &Question,
    names: &[(ChannelId, DossierId)],
) -> Result<Vec<Hit>, Fault> {
    let marker = Marker::new(question);
    let mut charters: BTreeMap<&ChannelId, std::sync::Arc<Charter>> = BTreeMap::new();
    let mut hits = Vec::new();
    for (channel, id) in names {
        let Some(dossier) = looking.find(connection, channel, id)? else { continue };
        if !charters.contains_key(channel) {
            let Some(charter) = channels::charter(connection, channel)? else { continue };
            charters.insert(channel, charter);
        }
        let Some(charter) = charters.get(channel) else { continue };
        let changed = dossiers::changed(connection, channel, id)?.unwrap_or_default();
        let item = views::item(channel.clone(), &dossier, changed, looking.today);
        let told = texts::told(connection, (channel, charter), &index.0.own, (dossier.value(), &item.title))?;
        hits.push(Hit { snippets: marker.snippets(&told.said), item });
    }
    Ok(hits)
}

fn commonest(counts: BTreeMap<Facet, BTreeMap<String, u64>>) -> Vec<Counts> {
    let each = counts.into_iter().map(|(facet, counts)| {
        let mut values: Vec<Counted> = counts.into_iter().map(|(value, count)| Counted { value, count }).collect();
        if !matches!(facet, Facet::Year | Facet::Month) {
            values.sort_by(|one, other| (other.count, &one.value).cmp(&(one.count, &other.value)));
        } else {
            values.reverse();
        }
        values.truncate(MOST_VALUES);
        Counts { facet, values }
    });
    each.collect()
}
