//! The main job, from a press statement to a verified action, between two nodes in processes of their own.

use super::children::Running;
use super::client::Client;
use super::house::{self, Cast, House, Site};
use super::play::{Door, Outcome, play};
use super::script::{Names, Script};
use super::verdict::{self, Verdict};
use crate::clock::World;
use crate::fault::{Fault, Trouble};
use crate::reader::{self, Origin};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};
use tansiq_dossier::channel::Charter;
use tansiq_dossier::party::{OfficerId, PartyId};
use tansiq_text::statement;

/// How long the nodes may take to bring each other up to date.
const PATIENCE: Duration = Duration::from_secs(60);
/// The statement that is read when it is there.
const STATEMENT: &str = "../shared/statements/dev/seed0.txt";

/// Runs the main job in `dir`, telling each step on standard output.
///
/// # Errors
/// When a step, or anything that must hold afterwards, fails.
pub fn check(dir: &Path) -> Result<Verdict, Trouble> {
    let begun = Instant::now();
    let parties: BTreeSet<PartyId> = ["IRQ", "TUR"].iter().filter_map(|code| code.parse().ok()).collect();
    let cast = Cast::built_in()?.only(&parties);
    crate::keys::make_private_folder(dir)?;
    let sites = house::sites(&cast, dir, false)?;
    let house = house::found(&cast, &sites, &World::real())?;
    let charter = charter_of(&house)?;
    let channel = charter.channel().to_string();
    // The nodes are about to run in processes of their own.
    drop(house);
    super::say("two nodes with fresh keys, a channel between them, offices on each");
    let played = crate::cli::block_on(async {
        let program = std::env::current_exe().map_err(Fault::file("cannot find this program"))?;
        let mut processes = Vec::new();
        for site in &sites {
            let log = site.folder.with_extension("log");
            processes.push(Running::start(&program, &site.folder, &site.web, Some(&site.exchange), &log).await?);
        }
        super::say(&format!(
            "both run in processes of their own: {}",
            processes.iter().map(|p| p.pid().to_string()).collect::<Vec<_>>().join(", ")
        ));
        let mut door = Api { cast: &cast, sites: &sites, clients: BTreeMap::new() };
        let played = job(&mut door, &channel, &charter).await?;
        door.level(&channel, true).await?;
        super::say("each holds the other's log whole, and has cosigned it to its last record");
        Ok(played)
    })?;
    Ok(verdict::judge(&sites, &charter.channel(), &played, dir, begun)?)
}

fn charter_of(house: &House) -> Result<Charter, Fault> {
    let missing = || Fault::Setup("cast.json: there is no channel `two`".to_owned());
    let channel = house.channels.get("two").ok_or_else(missing)?;
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

async fn job(door: &mut Api<'_>, channel: &str, charter: &Charter) -> Result<Played, Fault> {
    let script = Script::parse("check.json", include_str!("data/check.json"))?;
    let mut names = Names::new(World::real().today());
    let secretary: OfficerId = "irq.mofa.secretary".parse().map_err(|error| Fault::Setup(format!("{error}")))?;
    door.open_channel(channel).await?;
    super::say("both have adopted the charter: the channel is open");
    for (kind, draft) in confirmed(&script, charter, &names)? {
        match door.submit(&secretary, channel, draft).await? {
            Outcome::Done { dossier, .. } => names.set(&kind, dossier),
            Outcome::Refused(code) => return Err(Fault::Setup(format!("the proposal of a {kind} was refused with {code}"))),
        }
        super::say(&format!("Baghdad's secretary confirms the proposed {kind}"));
    }
    let mut refused = String::new();
    for step in &script.steps {
        let refusal = play(door, channel, step, &mut names).await?;
        if let Some(say) = &step.say {
            super::say(say);
            if let Some(code) = &refusal {
                super::say(&format!("    refused: {code}{}", super::sentence(code)));
            }
        }
        refused = refusal.unwrap_or(refused);
    }
    let signature = names.get("signature").unwrap_or_default().to_owned();
    Ok(Played { signature, refused })
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
    let origin = Origin { source: "بيان صحفي".to_owned(), published: None };
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
            let officer = format!("{}.mofa.secretary", party.as_str().to_ascii_lowercase());
            let officer: OfficerId = officer.parse().map_err(|error| Fault::Setup(format!("{error}")))?;
            let all = self.client(&officer).await?.get("/api/v1/channels").await?.done()?;
            let view = all.as_array().and_then(|all| all.iter().find(|view| view["channel"] == channel)).cloned();
            views.push((party, view.unwrap_or_default()));
        }
        Ok(views)
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
            let applied = logs().all(|log| log["applied"] == log["size"]);
            let seen = |log: &Value| {
                log["witnessed"].as_array().is_some_and(|all| !all.is_empty() && all.iter().all(|by| by[1] == log["size"]))
            };
            if digests.len() == 1 && applied && (!witnessed || logs().all(seen)) {
                return Ok(());
            }
            wait(begun, "both nodes hold the same").await?;
        }
    }
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
