//! `feed`: where statements come from by themselves.

use super::{Outcome, Setting, block_on, print_json};
use crate::fault::Fault;
use crate::feeds::{self, Feed, Round};
use crate::node::Config;
use clap::{Args, Subcommand};
use std::collections::BTreeMap;

#[derive(Subcommand)]
pub(super) enum FeedCommand {
    /// Add a feed; a node that serves looks at it from its next start on
    Add(Add),
    /// Remove a feed; what it brought stays
    Remove(Name),
    /// List the feeds
    List(List),
    /// Look at every feed once, now
    Take(List),
}

#[derive(Args)]
pub(super) struct Add {
    /// The name under which its statements are shown: the agency or the ministry
    name: String,
    /// A folder (texts, and RSS or Atom as files), or an http or https address of an RSS or Atom feed
    from: String,
    /// After how many minutes it is looked at again
    #[arg(long, default_value_t = 15)]
    minutes: u32,
}

#[derive(Args)]
pub(super) struct Name {
    /// The feed's name
    name: String,
}

#[derive(Args)]
pub(super) struct List {
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(setting: &Setting, command: FeedCommand) -> Outcome {
    match command {
        FeedCommand::Add(args) => {
            let feed = Feed { minutes: args.minutes.max(1), ..Feed::new(args.name.trim(), args.from.trim()) };
            if feed.name.is_empty() || feed.from.is_empty() {
                return Err(Fault::Setup("a feed needs a name and a folder or an address".to_owned()).into());
            }
            let mut config = Config::read(&setting.dir)?;
            config.feeds.retain(|other| other.name != feed.name);
            config.feeds.push(feed);
            Ok(config.write(&setting.dir)?)
        }
        FeedCommand::Remove(args) => {
            let mut config = Config::read(&setting.dir)?;
            let before = config.feeds.len();
            config.feeds.retain(|feed| feed.name != args.name);
            if config.feeds.len() == before {
                return Err(Fault::Setup(format!("there is no feed {}", args.name)).into());
            }
            Ok(config.write(&setting.dir)?)
        }
        FeedCommand::List(args) => {
            let feeds = Config::read(&setting.dir)?.feeds;
            if args.json {
                return print_json(&feeds);
            }
            if feeds.is_empty() {
                say!("no feeds; `tansiq feed add NAME FOLDER-OR-ADDRESS` adds one");
            }
            feeds.iter().for_each(|feed| say!("{}  {}  every {} minutes", feed.name, feed.from, feed.minutes));
            Ok(())
        }
        FeedCommand::Take(args) => take(setting, &args),
    }
}

fn take(setting: &Setting, args: &List) -> Outcome {
    let node = setting.node()?;
    let mut rounds: BTreeMap<String, Round> = BTreeMap::new();
    for feed in &node.config.feeds {
        let round = block_on(async { Ok(feeds::take(&node, feed).await?) })?;
        rounds.insert(feed.name.clone(), round);
    }
    if args.json {
        return print_json(&rounds);
    }
    for (name, round) in &rounds {
        say!(
            "{name}: {} wait to be looked at, {} known already, {} propose nothing here",
            round.taken,
            round.known,
            round.silent
        );
        round.unreadable.iter().for_each(|why| say!("  not read: {why}"));
    }
    Ok(())
}
