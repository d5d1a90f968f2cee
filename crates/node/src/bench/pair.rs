//! Two fresh nodes in processes of their own, with a channel for measurements between them, and those who call them.

use super::{cpu, high_water};
use crate::clock::World;
use crate::demo::children::{Running, until};
use crate::demo::client::Client;
use crate::demo::house::{self, Cast, ChannelCast, Site};
use crate::fault::{Fault, Trouble};
use bytes::Bytes;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tansiq_dossier::channel::{ChannelClass, ChannelId};
use tansiq_dossier::party::PartyId;
use tansiq_dossier::words::{Tongue, Words};

/// How long anything may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(1800);

/// The two nodes that are measured, and the channel `bench` between them.
fn measured() -> Result<Cast, Fault> {
    let mut cast = Cast::built_in()?;
    cast.nodes.retain(|node| matches!(node.party.as_str(), "IRQ" | "TUR"));
    cast.nodes.iter_mut().for_each(|node| node.officers.truncate(2));
    let parties = cast.nodes.iter().map(|node| node.party.clone()).collect();
    let name = Words::one(Tongue::En, "Measurement");
    let channel =
        ChannelCast { name, class: ChannelClass::Measurement, parties, tongues: [Tongue::En].into(), bodies: BTreeMap::new() };
    cast.channels = BTreeMap::from([("bench".to_owned(), channel)]);
    Ok(cast)
}

/// The nodes before they run.
pub(super) struct Founded {
    pub(super) cast: Cast,
    pub(super) sites: Vec<Site>,
    pub(super) channel: ChannelId,
}

impl Founded {
    /// Makes the nodes in `dir`; the channel is adopted by both.
    pub(super) fn new(dir: &Path) -> Result<Founded, Trouble> {
        Founded::on(dir, &[None, None])
    }

    /// The same, with their stores on these databases of PostgreSQL, where one is named.
    pub(super) fn on(dir: &Path, databases: &[Option<String>; 2]) -> Result<Founded, Trouble> {
        let cast = measured()?;
        crate::keys::make_private_folder(dir)?;
        let mut sites = house::sites(&cast, dir, false)?;
        for (site, database) in sites.iter_mut().zip(databases) {
            site.database.clone_from(database);
        }
        let house = house::found(&cast, &sites, &World::real())?;
        let channel = house.channels.get("bench").ok_or(Fault::Closing)?.clone();
        Ok(Founded { cast, sites, channel })
    }

    fn program() -> Result<PathBuf, Fault> {
        std::env::current_exe().map_err(Fault::file("cannot find this program"))
    }

    async fn run(&self, at: usize) -> Result<Running, Fault> {
        let site = self.sites.get(at).ok_or(Fault::Closing)?;
        let log = site.folder.with_extension("log");
        Running::start(&Self::program()?, &site.folder, &site.web, Some(&site.exchange), &log).await
    }

    async fn caller(&self, at: usize) -> Result<Client, Fault> {
        let (Some(site), Some(member)) = (self.sites.get(at), self.cast.nodes.get(at)) else { return Err(Fault::Closing) };
        let officer = member.officers.first().ok_or(Fault::Closing)?;
        Client::signed_in(&site.web, officer.id.as_str(), &member.password).await
    }
}

/// Which of the two nodes: the one that writes, or the one that receives.
pub(super) const HERE: usize = 0;
pub(super) const THERE: usize = 1;

/// The two nodes while they are measured.
pub(super) struct Pair {
    founded: Founded,
    running: [Option<Running>; 2],
    /// Two callers here, so that two requests are in flight.
    pub(super) here: [Client; 2],
    pub(super) there: Client,
    /// How many records were sent so far.
    sent: usize,
    /// The most memory that each node held, in any of its processes.
    rss: [f64; 2],
}

/// What an act of a list came to.
#[derive(Deserialize)]
struct Outcome {
    record: Option<IgnoredAny>,
}

impl Pair {
    /// Starts both, and waits until the channel is open.
    pub(super) async fn start(founded: Founded) -> Result<Pair, Fault> {
        let running = [Some(founded.run(HERE).await?), Some(founded.run(THERE).await?)];
        let here = [founded.caller(HERE).await?, founded.caller(HERE).await?];
        let there = founded.caller(THERE).await?;
        let pair = Pair { founded, running, here, there, sent: 0, rss: [0.0; 2] };
        until("the channel is open", PATIENCE, || async {
            let [here, _] = &pair.here;
            let open = pair.view(here).await?["open"] == true && pair.view(&pair.there).await?["open"] == true;
            Ok(open.then_some(()))
        })
        .await?;
        Ok(pair)
    }

    /// The channel's name.
    pub(super) fn channel(&self) -> &str {
        self.founded.channel.as_str()
    }

    /// The folder of a node.
    pub(super) fn folder(&self, at: usize) -> Result<PathBuf, Fault> {
        self.founded.sites.get(at).map(|site| site.folder.clone()).ok_or(Fault::Closing)
    }

    /// Ends a node at once, as a failure of power would end its process.
    pub(super) fn stop(&mut self, at: usize) -> Result<(), Fault> {
        self.note_memory()?;
        if let Some(running) = self.running.get_mut(at) {
            *running = None;
        }
        Ok(())
    }

    /// Starts a node again. Gives how long it took until it answered.
    pub(super) async fn start_again(&mut self, at: usize) -> Result<Duration, Fault> {
        let begun = Instant::now();
        let process = self.founded.run(at).await?;
        let took = begun.elapsed();
        if let Some(running) = self.running.get_mut(at) {
            *running = Some(process);
        }
        Ok(took)
    }

    /// Submits so many records here, list after list, two requests in flight. Gives how long it took until all were
    /// acknowledged.
    pub(super) async fn submit(&mut self, lines: &[String], count: usize, batch: usize) -> Result<Duration, Fault> {
        let (from, to) = (self.sent, self.sent + count);
        let next = AtomicUsize::new(from);
        let [one, two] = &self.here;
        let drafts: Vec<String> = lines.iter().map(|line| draft(line)).collect();
        let send = |client| submit(client, self.channel(), (&drafts, batch), (&next, to));
        let begun = Instant::now();
        tokio::try_join!(send(one), send(two))?;
        self.sent = to;
        Ok(begun.elapsed())
    }

    /// Waits until this side holds the other's cosignature over everything that was sent, and over the charter before it.
    pub(super) async fn cosigned(&self) -> Result<(), Fault> {
        let [here, _] = &self.here;
        until("everything is cosigned", PATIENCE, || async {
            let view = self.view(here).await?;
            let witnessed = view["logs"].as_array().into_iter().flatten().filter_map(|log| log["witnessed"][0][1].as_u64()).max();
            Ok((witnessed.unwrap_or(0) > self.sent as u64).then_some(()))
        })
        .await
    }

    async fn view(&self, client: &Client) -> Result<Value, Fault> {
        let all = client.get("/api/v1/channels").await?.done()?;
        let view = all.as_array().and_then(|all| all.iter().find(|view| view["channel"] == self.channel())).cloned();
        Ok(view.unwrap_or_default())
    }

    async fn entries(&self) -> Result<u64, Fault> {
        let body = self.there.get("/healthz").await?.done()?;
        body["entries"].as_u64().ok_or(Fault::Closing)
    }

    /// Makes acts one by one, each when the one before has been seen there. Gives how long each took, in milliseconds.
    pub(super) async fn singles(&mut self, lines: &[String], count: usize) -> Result<Vec<f64>, Fault> {
        let [here, _] = &self.here;
        let mut took = Vec::with_capacity(count);
        let mut known = self.entries().await?;
        let path = format!("/api/v1/channels/{}/acts", self.channel());
        for line in lines.iter().cycle().take(count) {
            let begun = Instant::now();
            let submitted = async { here.post_bytes(&path, Bytes::from(draft(line))).await?.done() };
            let seen = async {
                while self.entries().await? <= known {
                    if begun.elapsed() > PATIENCE {
                        return Err(Fault::Setup("an act never came".to_owned()));
                    }
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                Ok(begun.elapsed())
            };
            let (_, elapsed) = tokio::try_join!(submitted, seen)?;
            took.push(elapsed.as_secs_f64() * 1000.0);
            known += 1;
        }
        self.sent += count;
        Ok(took)
    }

    pub(super) async fn digests_equal(&self) -> Result<bool, Fault> {
        let [here, _] = &self.here;
        Ok(self.view(here).await?["digest"] == self.view(&self.there).await?["digest"])
    }

    /// User and system time of both nodes so far, in seconds.
    pub(super) fn cpu(&self) -> Result<f64, Fault> {
        cpu(self.running.iter().flatten())
    }

    fn note_memory(&mut self) -> Result<(), Fault> {
        for (running, most) in self.running.iter().zip(&mut self.rss) {
            if let Some(running) = running {
                *most = most.max(high_water(running.pid())?);
            }
        }
        Ok(())
    }

    /// The most memory that each node held so far, in MiB.
    pub(super) fn memory(&mut self) -> Result<BTreeMap<PartyId, f64>, Fault> {
        self.note_memory()?;
        Ok(self.founded.cast.nodes.iter().map(|member| member.party.clone()).zip(self.rss).collect())
    }
}

pub(super) fn draft(line: &str) -> String {
    format!(r#"{{"kind":"probe","act":"send","body":{{"payload":{line}}}}}"#)
}

/// Submits batch after batch until all are taken.
async fn submit(
    client: &Client,
    channel: &str,
    (drafts, batch): (&[String], usize),
    (next, to): (&AtomicUsize, usize),
) -> Result<(), Fault> {
    loop {
        let from = next.fetch_add(batch, Ordering::SeqCst);
        if from >= to {
            return Ok(());
        }
        let mut body = String::with_capacity(batch * 2048);
        for draft in (from..to.min(from + batch)).filter_map(|n| drafts.get(n % drafts.len())) {
            body.push(if body.is_empty() { '[' } else { ',' });
            body.push_str(draft);
        }
        body.push(']');
        let answer = client.list_of_acts(channel, Bytes::from(body)).await?;
        let outcomes: Vec<Outcome> = serde_json::from_slice(&answer).map_err(|error| Fault::Setup(error.to_string()))?;
        if outcomes.len() != to.min(from + batch) - from || outcomes.iter().any(|outcome| outcome.record.is_none()) {
            return Err(Fault::Setup(format!("an act was refused: {}", String::from_utf8_lossy(&answer))));
        }
    }
}
