//! Feeds: statements that come by themselves, from a folder or from an RSS or Atom address, and wait until a person has looked.
//!
//! What the statement reader proposes nothing for, or what concerns no channel of this node, is left where it is. Nothing that
//! comes this way is ever a record: it becomes one when an officer confirms a proposal, by the path of every other act.

mod fetch;
mod folder;
mod html;
mod syndication;

pub use html::plain;
pub use syndication::{Unreadable, items};

use crate::fault::{Fault, Trouble};
use crate::node::Node;
use crate::reader;
use crate::store::channels;
use crate::store::statements::{self, LONGEST, Statement};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_text::statement::{propose, read};

/// How many items of a feed are looked at in one round.
const MOST: usize = 2000;

/// How often a feed is looked at when nothing else is said, in minutes.
const USUAL: u32 = 15;

/// Where statements come from, as `node.json` names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// The name under which its statements are shown: that of the agency or the ministry.
    pub name: String,
    /// A folder (a relative path begins in the node's folder), or an address that begins with `http://` or `https://`.
    pub from: String,
    /// After how many minutes it is looked at again.
    #[serde(default = "usual", skip_serializing_if = "is_usual")]
    pub minutes: u32,
}

fn usual() -> u32 {
    USUAL
}

// Serde hands over a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_usual(minutes: &u32) -> bool {
    *minutes == USUAL
}

impl Feed {
    /// A feed that is looked at as often as is usual.
    #[must_use]
    pub fn new(name: &str, from: &str) -> Feed {
        Feed { name: name.to_owned(), from: from.to_owned(), minutes: USUAL }
    }

    fn is_remote(&self) -> bool {
        self.from.starts_with("https://") || self.from.starts_with("http://")
    }
}

/// One statement of a feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// Its title; the first line of the text.
    pub title: String,
    /// Where it stands for everybody to read, when the feed says so.
    pub link: String,
    /// The day on which it was published, in the place of its publisher.
    pub published: Option<String>,
    /// The text below the title.
    pub text: String,
}

impl Item {
    /// The statement as the reader takes it: the title is its first line.
    #[must_use]
    pub fn body(&self) -> String {
        let (title, text) = (self.title.trim(), self.text.trim());
        if title.is_empty() || text.starts_with(title) { text.to_owned() } else { format!("{title}\n\n{text}") }
    }
}

/// What one round of a feed brought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Round {
    /// Statements that wait for a person now.
    pub taken: usize,
    /// Statements that had been taken before.
    pub known: usize,
    /// Items that propose nothing between the parties of a channel.
    pub silent: usize,
    /// Files or items that could not be read, each with the reason.
    pub unreadable: Vec<String>,
}

/// Looks at a feed once.
///
/// # Errors
/// When it cannot be reached or read at all, or the store fails.
pub async fn take(node: &Node, feed: &Feed) -> Result<Round, Fault> {
    let (items, unreadable) = if feed.is_remote() {
        let bytes = fetch::fetch(&feed.from).await?;
        match items(&bytes) {
            Ok(items) => (items, Vec::new()),
            Err(why) => return Err(Fault::Setup(format!("{}: {why}", feed.from))),
        }
    } else {
        let folder = node.folder.join(Path::new(&feed.from));
        let gathered = tokio::task::spawn_blocking(move || folder::gather(&folder)).await;
        gathered.map_err(|_| Fault::Closing)??
    };
    let charters = node.store.read(channels::all).await?;
    let mut round = Round { unreadable, ..Round::default() };
    for item in items.into_iter().take(MOST) {
        take_one(node, (feed, &charters), item, &mut round).await?;
    }
    Ok(round)
}

async fn take_one(
    node: &Node,
    (feed, charters): (&Feed, &BTreeMap<ChannelId, Arc<Charter>>),
    item: Item,
    round: &mut Round,
) -> Result<(), Fault> {
    let body = item.body();
    if body.is_empty() || body.chars().count() > LONGEST {
        round.silent += 1;
        return Ok(());
    }
    let id = statements::id_of(&body);
    let asked = id.clone();
    if node.store.read(move |connection| statements::get(connection, &asked)).await?.is_some() {
        round.known += 1;
        return Ok(());
    }
    let (text, day) = (body.clone(), item.published.as_ref().and_then(|day| day.parse().ok()));
    let found = tokio::task::spawn_blocking(move || propose(&read(&text, day), &text)).await.map_err(|_| Fault::Closing)?;
    let concerns = |proposal| charters.iter().any(|(_, charter)| reader::concerns(proposal, charter));
    if !found.iter().any(concerns) {
        round.silent += 1;
        return Ok(());
    }
    let statement = Statement {
        id,
        officer: None,
        added: node.identity.world.clock.unix(),
        published: item.published,
        source: feed.name.clone(),
        link: item.link,
        proposed: u32::try_from(found.len()).unwrap_or(u32::MAX),
        decided: 0,
        body,
    };
    let kept = node.store.write(move |work| Ok(statements::add(work.connection, &statement)?)).await;
    kept.map_err(|trouble| match trouble {
        Trouble::Fault(fault) => fault,
        other => Fault::Damaged(other.to_string()),
    })?;
    round.taken += 1;
    Ok(())
}

/// Looks at every feed of a node for as long as it runs.
pub async fn follow(node: Node) {
    let feeds = node.config.feeds.clone();
    let each = feeds.into_iter().map(|feed| tokio::spawn(follow_one(node.clone(), feed)));
    for task in each.collect::<Vec<_>>() {
        let _ended = task.await;
    }
}

async fn follow_one(node: Node, feed: Feed) {
    loop {
        match take(&node, &feed).await {
            Ok(round) if round.taken > 0 => {
                tracing::info!(feed = feed.name, taken = round.taken, "statements wait to be looked at")
            }
            Ok(_) => {}
            Err(fault) => tracing::warn!(feed = feed.name, %fault, "a feed could not be read; it is tried again"),
        }
        tokio::time::sleep(Duration::from_secs(60 * u64::from(feed.minutes.max(1)))).await;
    }
}
