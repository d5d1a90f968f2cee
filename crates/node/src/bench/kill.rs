//! Kills two nodes that are at work, one after the other and again and again, and counts what became of what they had
//! acknowledged. `README.md` beside this says what each figure is.

use super::pair::{Founded, draft};
use super::{generated, tenth};
use crate::clock::World;
use crate::demo::children::{Running, until};
use crate::demo::client::Client;
use crate::demo::house::{Cast, Site};
use crate::fault::{Fault, Trouble};
use crate::node::Node;
use crate::store::db::Connection;
use crate::store::records::{self, Fate};
use crate::store::{entries, logs};
use crate::verify;
use crate::views::channel;
use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::fold::Standing;
use tansiq_dossier::party::PartyId;

/// How many officers of each side submit at once.
const SUBMITTERS: usize = 2;
/// How many acts go with one request.
const BATCH: usize = 10;
/// How long a submitter rests between requests: the load is to be steady, and the machine is shared with the nodes.
const PAUSE: Duration = Duration::from_millis(5);
/// How long both sides may take to catch up at the end.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long a node lives before it is killed, in milliseconds from its start: from the midst of catching up to steady work.
const LIFE: (u64, u64) = (20, 600);

/// What to do.
#[derive(Debug, Clone)]
pub struct KillPlan {
    /// How often a node is killed; the two take turns.
    pub kills: usize,
    /// From which the moments follow.
    pub seed: u64,
    /// PostgreSQL databases for the stores of the first and the second node; none for files.
    pub databases: [Option<String>; 2],
}

/// What became of it.
#[derive(Debug, Clone, Serialize)]
pub struct KillFigures {
    /// How often a node was killed.
    pub kills: usize,
    /// From which the moments followed.
    pub seed: u64,
    /// Records whose submission was acknowledged to the caller.
    pub acknowledged: usize,
    /// Records in the logs: the acknowledged, those whose answer died with the node, and the charter's adoptions.
    pub records: u64,
    /// Requests that ended without an answer.
    pub unanswered: usize,
    /// Acknowledged records that are not on both sides, whole, effective, and at their acknowledged place.
    pub lost: usize,
    /// Records that stand in the logs more than once, on either side.
    pub doubled: usize,
    /// Whether both sides ended with the same digest.
    pub digests_equal: bool,
    /// What `verify` found wrong, on both stores.
    pub problems: Vec<String>,
    /// How long it took.
    pub seconds: f64,
}

impl KillFigures {
    /// Whether nothing was lost, nothing doubled, and everything holds.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.lost == 0 && self.doubled == 0 && self.digests_equal && self.problems.is_empty() && self.acknowledged > 0
    }

    /// The figures for people.
    #[must_use]
    pub fn table(&self) -> Vec<(&'static str, String)> {
        vec![
            ("kills", format!("{} (seed {})", self.kills, self.seed)),
            ("records acknowledged", self.acknowledged.to_string()),
            ("records in the logs", self.records.to_string()),
            ("requests without an answer", self.unanswered.to_string()),
            ("acknowledged and lost", self.lost.to_string()),
            ("doubled", self.doubled.to_string()),
            ("digests equal", self.digests_equal.to_string()),
            ("verify", if self.problems.is_empty() { "holds".to_owned() } else { self.problems.join("; ") }),
            ("seconds", format!("{:.0}", self.seconds)),
        ]
    }
}

/// Makes two nodes in `dir` and kills them `plan.kills` times under load. `tell` is called after each.
///
/// # Errors
/// When a node does not come up again, or the two do not come to the same state.
pub fn kill(dir: &Path, program: &Path, plan: &KillPlan, tell: impl FnMut(usize)) -> Result<KillFigures, Trouble> {
    let Founded { cast, sites, channel } = Founded::on(dir, &plan.databases)?;
    let begun = Instant::now();
    let load = crate::cli::block_on(async { Ok(under_load(&cast, &sites, &channel, program, plan, tell).await?) })?;
    let mut figures = examine(&sites, &channel, &load)?;
    figures.kills = plan.kills;
    figures.seed = plan.seed;
    figures.seconds = tenth(begun.elapsed().as_secs_f64());
    Ok(figures)
}

/// What was acknowledged to those who submitted: the record, whose log it stands in, and its place there.
#[derive(Default)]
struct Load {
    acknowledged: Mutex<Vec<(PartyId, u64, String)>>,
    unanswered: AtomicUsize,
    over: AtomicBool,
}

impl Load {
    fn note(&self, party: &PartyId, answer: &Value) {
        let mut acknowledged = self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
        for outcome in answer.as_array().into_iter().flatten() {
            if let (Some(record), Some(index)) = (outcome["record"].as_str(), outcome["index"].as_u64()) {
                acknowledged.push((party.clone(), index, record.to_owned()));
            }
        }
    }
}

async fn under_load(
    cast: &Cast,
    sites: &[Site],
    channel: &ChannelId,
    program: &Path,
    plan: &KillPlan,
    mut tell: impl FnMut(usize),
) -> Result<Arc<Load>, Fault> {
    let mut nodes = Vec::new();
    for site in sites {
        nodes.push(start(program, site).await?);
    }
    let load = Arc::new(Load::default());
    let mut watching = Vec::new();
    let mut submitting = Vec::new();
    for (member, site) in cast.nodes.iter().zip(sites) {
        let officer = member.officers.first().ok_or(Fault::Closing)?;
        let signed_in = || Client::signed_in(&site.web, officer.id.as_str(), &member.password);
        watching.push(signed_in().await?);
        for number in 0..SUBMITTERS {
            let client = signed_in().await?;
            submitting.push((client, site.party.clone(), number));
        }
    }
    until("the channel is open", PATIENCE, || async {
        let open = view(&watching, channel).await?.iter().all(|view| view["open"] == true);
        Ok(open.then_some(()))
    })
    .await?;
    let lines = Arc::new(generated());
    let submitters: Vec<_> = submitting
        .into_iter()
        .map(|(client, party, number)| {
            let (load, lines, path) = (load.clone(), lines.clone(), format!("/api/v1/channels/{channel}/acts"));
            tokio::spawn(async move { submit(&client, &party, &path, number, &lines, &load).await })
        })
        .collect();
    let mut random = plan.seed.max(1);
    for number in 0..plan.kills {
        let (from, to) = LIFE;
        tokio::time::sleep(Duration::from_millis(from + next(&mut random) % (to - from))).await;
        let victim = number % nodes.len();
        let (Some(node), Some(site)) = (nodes.get_mut(victim), sites.get(victim)) else { return Err(Fault::Closing) };
        node.kill();
        *node = start(program, site).await?;
        tell(number + 1);
    }
    load.over.store(true, Ordering::SeqCst);
    for submitter in submitters {
        let _ended = submitter.await;
    }
    until("both sides hold the same", PATIENCE, || async { Ok(are_level(&view(&watching, channel).await?).then_some(())) })
        .await?;
    Ok(load)
}

async fn start(program: &Path, site: &Site) -> Result<Running, Fault> {
    Running::start(program, &site.folder, &site.web, Some(&site.exchange), &site.folder.with_extension("log")).await
}

/// A generator that gives the same numbers for the same seed (xorshift64).
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// Submits until it is over. What was not answered is not tried again: whether it was done is not known.
async fn submit(client: &Client, party: &PartyId, path: &str, from: usize, lines: &[String], load: &Load) {
    let mut number = from * lines.len() / SUBMITTERS;
    while !load.over.load(Ordering::SeqCst) {
        let acts: Vec<String> =
            (0..BATCH).filter_map(|at| lines.get((number + at) % lines.len())).map(|line| draft(line)).collect();
        number += BATCH;
        let answer = client.post_bytes(path, Bytes::from(format!("[{}]", acts.join(",")))).await.and_then(|answer| answer.done());
        let Ok(answer) = answer else {
            load.unanswered.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(PAUSE * 4).await;
            continue;
        };
        load.note(party, &answer);
        tokio::time::sleep(PAUSE).await;
    }
}

async fn view(clients: &[Client], channel: &ChannelId) -> Result<Vec<Value>, Fault> {
    let mut views = Vec::new();
    for client in clients {
        let all = client.get("/api/v1/channels").await?.done()?;
        let found = all.as_array().and_then(|all| all.iter().find(|view| view["channel"] == channel.as_str())).cloned();
        views.push(found.unwrap_or_default());
    }
    Ok(views)
}

/// Whether both sides hold and have applied the same, and have cosigned each other.
fn are_level(views: &[Value]) -> bool {
    let logs = || views.iter().flat_map(|view| view["logs"].as_array().into_iter().flatten());
    let is_cosigned = |log: &Value| log["witnessed"].as_array().into_iter().flatten().any(|by| by[1] == log["size"]);
    views.windows(2).all(|pair| matches!(pair, [one, other] if one["digest"] == other["digest"] && !one["digest"].is_null()))
        && logs().all(|log| log["applied"] == log["size"] && is_cosigned(log))
}

/// Reads both stores, when nobody works on them any longer.
fn examine(sites: &[Site], channel: &ChannelId, load: &Load) -> Result<KillFigures, Trouble> {
    let acknowledged = load.acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
    let mut figures = KillFigures {
        kills: 0,
        seed: 0,
        acknowledged: acknowledged.len(),
        records: 0,
        unanswered: load.unanswered.load(Ordering::SeqCst),
        lost: 0,
        doubled: 0,
        digests_equal: false,
        problems: Vec::new(),
        seconds: 0.0,
    };
    let mut digests = Vec::new();
    for site in sites {
        let node = Node::open(&site.folder, World::real())?;
        node.store.read_now(|connection| -> Result<(), Fault> {
            let mut places = BTreeMap::new();
            let mut entries = 0;
            for party in sites.iter().map(|site| &site.party) {
                let size = logs::head(connection, channel, party)?.range.size();
                entries += size;
                for index in 0..size {
                    let entry = entries::at(connection, channel, party, index)?;
                    *places.entry(entry.unwrap_or_default()).or_insert(0_usize) += 1;
                }
            }
            figures.records = entries;
            figures.doubled += places.values().filter(|count| **count > 1).count();
            for (party, index, record) in acknowledged.iter() {
                figures.lost += usize::from(!is_here(connection, channel, party, *index, record)?);
            }
            let report = verify::verify(connection, &mut |_| {})?;
            figures.problems.extend(report.problems.into_iter().map(|problem| format!("{}: {problem}", site.party)));
            let views = channel::all(connection)?;
            digests.extend(views.into_iter().find(|view| view.channel == *channel).map(|view| view.digest));
            Ok(())
        })?;
    }
    figures.digests_equal = digests.len() == sites.len() && digests.windows(2).all(|pair| pair.first() == pair.last());
    Ok(figures)
}

fn is_here(connection: &Connection, channel: &ChannelId, party: &PartyId, index: u64, record: &str) -> Result<bool, Fault> {
    let stored = records::at(connection, channel, party, index)?;
    Ok(stored.is_some_and(|stored| stored.id().to_string() == record && stored.fate == Fate::Applied(Standing::Effective)))
}
