//! The main job, from a press statement to a verified action, between two nodes in processes of their own.

use super::children::Running;
use super::client::Client;
use super::house::{self, Cast, House, Site};
use super::play::{Door, Outcome, play};
use super::script::{self, Hidden, Names, Script};
use super::verdict::{self, Verdict};
use crate::clock::World;
use crate::fault::{Fault, Trouble};
use crate::reader::{self, Origin};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::party::{OfficerId, PartyId};
use tansiq_text::statement;

/// How long the nodes may take to bring each other up to date.
const PATIENCE: Duration = Duration::from_secs(60);
/// The statement that is read when it is there.
const STATEMENT: &str = "../shared/statements/dev/seed0.txt";

/// Runs the main job in `dir` and a job of every further kind of dossier, telling each step on standard output.
///
/// # Errors
/// When a step, or anything that must hold afterwards, fails.
pub fn check(dir: &Path) -> Result<Verdict, Trouble> {
    let begun = Instant::now();
    let cast = Cast::built_in()?;
    crate::keys::make_private_folder(dir)?;
    let sites = house::sites(&cast, dir, false)?;
    let house = house::found(&cast, &sites, &World::real())?;
    let channels = house.channels.clone();
    let charter = charter_of(&house, "two")?;
    super::say(&format!("{} nodes with fresh keys, {} channels between them, offices on each", sites.len(), channels.len()));
    // The nodes are about to run in processes of their own.
    drop(house);
    let played = crate::cli::block_on(async {
        let program = std::env::current_exe().map_err(Fault::file("cannot find this program"))?;
        let mut processes = Vec::new();
        for site in &sites {
            let log = site.folder.with_extension("log");
            processes.push(Running::start(&program, &site.folder, &site.web, Some(&site.exchange), &log).await?);
        }
        let pids: Vec<String> = processes.iter().map(|process| process.pid().to_string()).collect();
        super::say(&format!("each runs in a process of its own: {}", pids.join(", ")));
        let mut door = Api { cast: &cast, sites: &sites, clients: BTreeMap::new() };
        for channel in channels.values() {
            door.open_channel(channel.as_str()).await?;
        }
        super::say("every party has adopted the charters of its channels: they are open");
        let mut names = Names::new(World::real().today());
        let played = job(&mut door, channels_of(&channels, "two")?, &charter, &mut names).await?;
        for (topic, text) in script::OF_KINDS {
            super::say(&format!("— {topic}"));
            let script = Script::parse(topic, text)?;
            tell(&mut door, channels_of(&channels, &script.channel)?, &script, &mut names).await?;
        }
        for channel in channels.values() {
            door.level(channel.as_str(), true).await?;
        }
        super::say("each holds the others' logs whole, and has cosigned them to their last record");
        Ok(played)
    })?;
    Ok(verdict::judge(&sites, &channels, &played, dir, begun)?)
}

fn channels_of<'c>(channels: &'c BTreeMap<String, ChannelId>, name: &str) -> Result<&'c str, Fault> {
    channels.get(name).map(ChannelId::as_str).ok_or_else(|| Fault::Setup(format!("cast.json: there is no channel `{name}`")))
}

fn charter_of(house: &House, name: &str) -> Result<Charter, Fault> {
    let missing = || Fault::Setup(format!("cast.json: there is no channel `{name}`"));
    let channel = house.channels.get(name).ok_or_else(missing)?;
    let node = house.nodes.values().next().ok_or_else(missing)?;
    let charter = node.store.read_now(|connection| crate::store::channels::charter(connection, channel))?;
    charter.map(|charter| (*charter).clone()).ok_or_else(missing)
}

/// What the job left to be judged.
pub struct Played {
    /// The record with which the last co-chair signed the minutes.
    pub signature: String,
    /// The code of the last refusal.
    pub refused: String,
}

async fn job(door: &mut Api<'_>, channel: &str, charter: &Charter, names: &mut Names) -> Result<Played, Fault> {
    let script = Script::parse("check.json", include_str!("data/check.json"))?;
    let secretary: OfficerId = "irq.mofa.secretary".parse().map_err(|error| Fault::Setup(format!("{error}")))?;
    for (kind, draft) in confirmed(&script, charter, names)? {
        match door.submit(&secretary, channel, draft).await? {
            Outcome::Done { dossier, .. } => names.set(&kind, dossier),
            Outcome::Refused(code) => return Err(Fault::Setup(format!("the proposal of a {kind} was refused with {code}"))),
        }
        super::say(&format!("Baghdad's secretary confirms the proposed {kind}"));
    }
    let refused = tell(door, channel, &script, names).await?;
    let signature = names.get("signature").unwrap_or_default().to_owned();
    Ok(Played { signature, refused })
}

/// Tells the steps of a script. Returns the code of the last refusal.
async fn tell(door: &mut Api<'_>, channel: &str, script: &Script, names: &mut Names) -> Result<String, Fault> {
    let mut refused = String::new();
    for step in script.steps.iter().filter(|step| !step.later) {
        names.tell_today(script.today, step)?;
        let refusal = play(door, channel, step, names).await?;
        if let Some(hidden) = &step.hidden {
            door.level(channel, true).await?;
            door.require_hidden(hidden)?;
        }
        if let Some(say) = &step.say {
            super::say(say);
            if let Some(code) = &refusal {
                super::say(&format!("    refused: {code}{}", super::sentence(code)));
            }
        }
        refused = refusal.unwrap_or(refused);
    }
    Ok(refused)
}

/// What the secretary confirms of the reading, with what no statement can know added to it.
fn confirmed(script: &Script, charter: &Charter, names: &Names) -> Result<Vec<(String, Value)>, Fault> {
    let (source, text) = match std::fs::read_to_string(STATEMENT) {
        Ok(text) => (STATEMENT, text),
        Err(_) => ("the project's own sample", tansiq_text::samples::COMMITTEE_MEETING.to_owned()),
    };
    let reading = statement::read(&text, None);
    let proposals = statement::propose(&reading, &text);
    super::say(&format!("read {source}: {} proposals", proposals.len()));
    let origin = Origin { source: "بيان صحفي".to_owned(), ..Origin::default() };
    let mut found = Vec::new();
    for (wanted, added) in &script.confirmed {
        let proposal = proposals.iter().find(|proposal| proposal.kind == *wanted);
        let proposal = proposal.ok_or_else(|| Fault::Setup(format!("the reader proposes no {wanted}")))?;
        let opening = reader::draft_of(proposal, charter, &origin);
        let mut opening = opening.ok_or_else(|| Fault::Setup(format!("the proposal of a {wanted} makes no draft")))?;
        for (field, value) in added {
            opening.body[field] = names.fill(value)?;
        }
        super::say(&format!("    {wanted}: {}", proposal.title));
        found.push((wanted.clone(), json!({ "kind": opening.kind.name(), "act": opening.act, "body": opening.body })));
    }
    Ok(found)
}

/// The JSON API of the nodes, for officers who sign in as they are needed.
struct Api<'a> {
    cast: &'a Cast,
    sites: &'a [Site],
    clients: BTreeMap<OfficerId, Client>,
}

impl Api<'_> {
    async fn client(&mut self, officer: &OfficerId) -> Result<&Client, Fault> {
        if !self.clients.contains_key(officer) {
            let party = officer.party();
            let nobody = || Fault::Setup(format!("{officer} has no node"));
            let site = self.sites.iter().find(|site| site.party == party).ok_or_else(nobody)?;
            let member = self.cast.nodes.iter().find(|member| member.party == party).ok_or_else(nobody)?;
            let client = Client::signed_in(&site.web, officer.as_str(), &member.password).await?;
            self.clients.insert(officer.clone(), client);
        }
        self.clients.get(officer).ok_or(Fault::Closing)
    }

    /// The channel as every node shows it.
    async fn views(&mut self, channel: &str) -> Result<Vec<(PartyId, Value)>, Fault> {
        let mut views = Vec::new();
        for site in self.sites {
            let party = site.party.clone();
            let member = self.cast.nodes.iter().find(|member| member.party == party);
            let officer = member.and_then(|member| member.officers.first()).map(|officer| officer.id.clone());
            let officer = officer.ok_or_else(|| Fault::Setup(format!("{party} has no officer")))?;
            let all = self.client(&officer).await?.get("/api/v1/channels").await?.done()?;
            let view = all.as_array().and_then(|all| all.iter().find(|view| view["channel"] == channel)).cloned();
            views.extend(view.map(|view| (party, view)));
        }
        Ok(views)
    }

    /// Looks through every file of a party's node for a text that it must not hold.
    fn require_hidden(&self, hidden: &Hidden) -> Result<(), Fault> {
        for site in self.sites.iter().filter(|site| site.party == hidden.from) {
            if holds(&site.folder, hidden.text.as_bytes()).map_err(Fault::file("cannot search a node's folder"))? {
                return Err(Fault::Setup(format!("{} holds what was not released to it", site.folder.display())));
            }
        }
        Ok(())
    }

    async fn open_channel(&mut self, channel: &str) -> Result<(), Fault> {
        let begun = Instant::now();
        while !self.views(channel).await?.iter().all(|(_, view)| view["open"] == true) {
            wait(begun, "both have adopted the charter").await?;
        }
        Ok(())
    }

    /// Waits until every node has applied what the others wrote and, where asked, cosigned it.
    async fn level(&mut self, channel: &str, witnessed: bool) -> Result<(), Fault> {
        let begun = Instant::now();
        loop {
            let views = self.views(channel).await?;
            let digests: BTreeSet<String> = views.iter().map(|(_, view)| view["digest"].to_string()).collect();
            let logs = || views.iter().flat_map(|(_, view)| view["logs"].as_array().into_iter().flatten());
            let applied = logs().all(|log| log["applied"] == log["size"]) && late_is_level(&views);
            let seen = |log: &Value| {
                let witnesses = log["witnessed"].as_array().map(Vec::as_slice).unwrap_or_default();
                witnesses.len() + 1 == views.len() && witnesses.iter().all(|by| by[1] == log["size"])
            };
            if digests.len() == 1 && applied && (!witnessed || logs().all(seen)) {
                return Ok(());
            }
            wait(begun, "both nodes hold the same").await?;
        }
    }
}

/// Whether any file below a folder holds these bytes.
fn holds(folder: &Path, bytes: &[u8]) -> std::io::Result<bool> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let found = if path.is_dir() {
            holds(&path, bytes)?
        } else {
            std::fs::read(&path)?.windows(bytes.len()).any(|window| window == bytes)
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether every party has taken in all that the others released to it late.
fn late_is_level(views: &[(PartyId, Value)]) -> bool {
    let log_of = |view: &Value, party: &PartyId| {
        view["logs"].as_array().and_then(|logs| logs.iter().find(|log| log["party"] == party.as_str())).cloned()
    };
    views.iter().all(|(owner, view)| {
        let due = log_of(view, owner).and_then(|log| log["late_due"].as_object().cloned()).unwrap_or_default();
        views.iter().all(|(party, view)| {
            let taken = log_of(view, owner).map(|log| log["late_taken"].clone());
            due.get(party.as_str()).is_none_or(|due| taken.as_ref() == Some(due))
        })
    })
}

async fn wait(begun: Instant, what: &str) -> Result<(), Fault> {
    if begun.elapsed() > PATIENCE {
        return Err(Fault::Setup(format!("waited {} s in vain until {what}", PATIENCE.as_secs())));
    }
    tokio::time::sleep(Duration::from_millis(5)).await;
    Ok(())
}

impl Door for Api<'_> {
    async fn settle(&mut self, _officer: &OfficerId, channel: &str) -> Result<(), Fault> {
        self.level(channel, false).await
    }

    async fn show(&mut self, officer: &OfficerId, channel: &str, dossier: &str) -> Result<Value, Fault> {
        self.client(officer).await?.get(&format!("/api/v1/dossiers/{channel}/{dossier}")).await?.done()
    }

    async fn submit(&mut self, officer: &OfficerId, channel: &str, draft: Value) -> Result<Outcome, Fault> {
        let answer = self.client(officer).await?.submit(channel, &draft).await?;
        if let Some(code) = answer.refusal() {
            return Ok(Outcome::Refused(code.to_owned()));
        }
        let body = answer.done()?;
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        Ok(Outcome::Done { dossier: text("dossier"), record: text("record") })
    }
}
