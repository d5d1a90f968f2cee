//! Loads the demo: the nodes run in this process on a clock that is set, so that a history of months is written in
//! seconds, and everything else is as it always is: acts are submitted, exchanged over mutual TLS, judged and cosigned.

use super::children::until;
use super::house::{self, Cast, House, Site};
use super::play::{Door, Outcome, play};
use super::script::{self, Names, Script, Step};
use crate::clock::{SetClock, World};
use crate::fault::{Fault, Trouble};
use crate::node::Node;
use crate::store::people;
use crate::views::{self, Looking};
use crate::{serve, submit};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::{OfficerId, PartyId};
use tansiq_dossier::record::Draft;

/// The scripts of the demo, each with what it is about.
const SCRIPTS: [(&str, &str); 5] = [
    ("agreements", include_str!("data/agreements.json")),
    ("commitments", include_str!("data/commitments.json")),
    ("meetings", include_str!("data/meetings.json")),
    ("actions", include_str!("data/actions.json")),
    ("syria", include_str!("data/syria.json")),
];
/// The day on which the channels were opened, in days from today.
const OPENED: &str = "-240 08:00";
/// How long the nodes may take to bring each other up to date.
const PATIENCE: Duration = Duration::from_secs(60);
/// The least time between two steps, in seconds.
const STEP: i64 = 4 * 60;

/// Founds the house in `sites` and loads the demo into it.
///
/// # Errors
/// When a node cannot be made, or a step of the demo does not go as it says.
pub fn load(cast: &Cast, sites: &[Site]) -> Result<(), Trouble> {
    let now = World::real();
    let mut names = Names::new(now.today());
    let clock = SetClock::at(names.moment(OPENED)?);
    let world = World { clock: clock.clone(), ..now.clone() };
    let house = house::found(cast, sites, &world)?;
    super::say(&format!(
        "made {} nodes with {} offices and {} channels",
        house.nodes.len(),
        cast.nodes.iter().map(|node| node.officers.len()).sum::<usize>(),
        house.channels.len()
    ));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(Fault::file("cannot start the runtime"))?;
    let loaded = runtime.block_on(async {
        for node in house.nodes.values() {
            let mut node = node.clone();
            let mut config = (*node.config).clone();
            // Nobody looks while the demo is being loaded.
            "127.0.0.1:0".clone_into(&mut config.web);
            node.config = Arc::new(config);
            tokio::spawn(async move {
                if let Err(fault) = serve::serve(node, std::future::pending(), |_| {}).await {
                    tracing::error!(%fault, "a node of the demo stopped");
                }
            });
        }
        tell(&house, &clock, &mut names).await
    });
    runtime.shutdown_timeout(Duration::from_secs(5));
    loaded?;
    Ok(super::press::lay_out(&house.nodes, &names)?)
}

/// A step in the one history that all scripts make.
struct Told {
    order: (i64, String),
    at: i64,
    topic: &'static str,
    channel: String,
    step: Step,
}

/// Tells all scripts as one history.
async fn tell(house: &House, clock: &SetClock, names: &mut Names) -> Result<(), Fault> {
    let mut steps: Vec<Told> = Vec::new();
    for (topic, text) in SCRIPTS.into_iter().chain(script::OF_KINDS) {
        let script = Script::parse(topic, text)?;
        for step in script.steps {
            let at = step.at.as_deref().ok_or_else(|| Fault::Setup(format!("{topic}: a step without a time")))?;
            let (order, at) = (script::order(at)?, names.moment(at)?);
            steps.push(Told { order, at, topic, channel: script.channel.clone(), step });
        }
    }
    // Stable: what happens at the same time happens in the order of the files.
    steps.sort_by(|one, other| one.order.cmp(&other.order));
    let mut door = Inside { house };
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    let mut latest = 0;
    let mut month = String::new();
    for Told { at, topic, channel, step, .. } in &steps {
        let id = house.channels.get(channel).ok_or_else(|| Fault::Setup(format!("there is no channel `{channel}`")))?;
        door.level(id, latest == 0 || at - latest > 3600).await?;
        latest = (*at).max(latest + STEP);
        clock.set(latest);
        let now = World { clock: Arc::new(Fixed(latest)), ..World::real() }.today().strftime("%Y-%m").to_string();
        if now != month {
            super::say(&format!("{now}: {} acts so far", done.values().sum::<usize>()));
            month = now;
        }
        play(&mut door, id.as_str(), step, names).await?;
        *done.entry(topic).or_default() += 1;
    }
    for channel in house.channels.values() {
        door.level(channel, true).await?;
    }
    let told: Vec<String> = done.iter().map(|(topic, count)| format!("{topic} {count}")).collect();
    super::say(&format!("loaded: {}; all of it exchanged and cosigned", told.join(", ")));
    Ok(())
}

struct Fixed(i64);

impl crate::clock::Clock for Fixed {
    fn unix(&self) -> i64 {
        self.0
    }
}

/// The nodes of this process, entered where the API enters them.
struct Inside<'a> {
    house: &'a House,
}

impl Inside<'_> {
    fn node(&self, party: &PartyId) -> Result<Node, Fault> {
        self.house.nodes.get(party).cloned().ok_or_else(|| Fault::Setup(format!("{party} has no node")))
    }

    /// Waits until every node of the channel has applied what the others wrote and, where asked, cosigned it.
    async fn level(&self, channel: &ChannelId, witnessed: bool) -> Result<(), Fault> {
        until("the nodes of the demo hold the same", PATIENCE, || async {
            let mut views = BTreeMap::new();
            for (party, node) in &self.house.nodes {
                let all = node.store.read_now(views::channel::all)?;
                views.extend(all.into_iter().find(|view| view.channel == *channel).map(|view| (party.clone(), view)));
            }
            let digests: BTreeSet<&str> = views.values().map(|view| view.digest.as_str()).collect();
            let same = digests.len() == 1 && views::channel::late_is_level(&views);
            let logs = || views.values().flat_map(|view| &view.logs);
            let applied = logs().all(|log| log.applied == log.size);
            let others = views.len() - 1;
            let seen = |log: &views::channel::LogView| {
                log.witnessed.len() == others && log.witnessed.iter().all(|(_, size, _)| *size == log.size)
            };
            Ok((same && applied && (!witnessed || logs().all(seen))).then_some(()))
        })
        .await
    }
}

impl Door for Inside<'_> {
    async fn settle(&mut self, _officer: &OfficerId, channel: &str) -> Result<(), Fault> {
        self.level(&channel.parse().map_err(|error| Fault::Setup(format!("{error}")))?, false).await
    }

    async fn show(&mut self, officer: &OfficerId, channel: &str, dossier: &str) -> Result<Value, Fault> {
        let node = self.node(&officer.party())?;
        let bad = |error: &dyn std::fmt::Display| Fault::Setup(error.to_string());
        let (channel, dossier) = (channel.parse().map_err(|error| bad(&error))?, dossier.parse().map_err(|error| bad(&error))?);
        let found = node.store.read_now(|connection| people::officer(connection, officer))?;
        let (found, _) = found.ok_or_else(|| bad(&format!("there is no {officer}")))?;
        let looking = Looking { officer: found, own: node.config.party.clone(), today: node.identity.world.today() };
        let full = node.store.read_now(|connection| views::dossier::full(connection, &looking, &channel, &dossier))?;
        serde_json::to_value(full).map_err(|error| bad(&error))
    }

    async fn submit(&mut self, officer: &OfficerId, channel: &str, draft: Value) -> Result<Outcome, Fault> {
        let node = self.node(&officer.party())?;
        let channel: ChannelId = channel.parse().map_err(|error| Fault::Setup(format!("{error}")))?;
        let draft: Draft = serde_json::from_value(draft).map_err(|error| Fault::Setup(error.to_string()))?;
        let officer = officer.clone();
        let done = node.store.write(move |work| submit::submit(work, &officer, &channel, draft)).await;
        match done {
            Ok(done) => Ok(Outcome::Done { dossier: done.dossier.to_string(), record: done.record.to_string() }),
            Err(Trouble::Refused(refusal)) => {
                let fields: Vec<String> =
                    refusal.problems.iter().map(|problem| format!(" {} {}", problem.field, problem.code)).collect();
                Ok(Outcome::Refused(format!("{}{}", refusal.code, fields.concat())))
            }
            Err(Trouble::Fault(fault)) => Err(fault),
            Err(other) => Err(Fault::Setup(other.to_string())),
        }
    }
}
