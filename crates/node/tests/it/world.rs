//! Two or three states' nodes in a folder that goes with the test: made here, run as processes, and called as officers call.

use crate::server::Server;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tansiq_node::clock::World as Outside;
use tansiq_node::demo::children::Running;
use tansiq_node::demo::client::{Answer, Client};
use tansiq_node::demo::house::{self, Cast, Site};

/// How long anything may take that must happen.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

pub(crate) struct World {
    pub(crate) runtime: tokio::runtime::Runtime,
    pub(crate) channel: String,
    cast: Cast,
    sites: Vec<Site>,
    nodes: BTreeMap<String, Running>,
    folder: tempfile::TempDir,
    /// The server on which the nodes keep their stores, where they keep none in files.
    pub(crate) server: Option<Server>,
}

/// Looks until `found` is true.
pub(crate) fn until(what: &str, mut found: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !found() {
        assert!(begun.elapsed() < DEADLINE, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

impl World {
    /// Iraq and Türkiye with the channel between them.
    pub(crate) fn two() -> World {
        World::of(&["IRQ", "TUR"], "two")
    }

    /// Iraq, Syria and Türkiye with the channel between them.
    pub(crate) fn three() -> World {
        World::of(&["IRQ", "SYR", "TUR"], "three")
    }

    /// Iraq and Türkiye with the channel between them, each with a database of its own on a PostgreSQL server.
    pub(crate) fn two_on(server: Server) -> World {
        World::on(server, &["IRQ", "TUR"], "two")
    }

    /// These parties with the channel of the cast that has this name, each with a database of its own on a PostgreSQL server.
    pub(crate) fn on(server: Server, parties: &[&str], channel: &str) -> World {
        World::founded(parties, channel, Some(server))
    }

    /// These parties with the channel of the cast that has this name.
    pub(crate) fn of(parties: &[&str], channel: &str) -> World {
        World::founded(parties, channel, None)
    }

    fn founded(parties: &[&str], channel: &str, server: Option<Server>) -> World {
        let folder = tempfile::tempdir().unwrap();
        let parties: BTreeSet<_> = parties.iter().map(|code| code.parse().unwrap()).collect();
        let mut cast = Cast::built_in().unwrap().only(&parties);
        cast.channels.retain(|name, _| name == channel);
        // The foreign ministry's first offices; a password costs time to hash.
        let needed = ["mofa.secretary", "mofa.co-chair", "mofa.releaser"];
        let is_needed = |id: &str| needed.iter().any(|office| id.ends_with(office));
        cast.nodes.iter_mut().for_each(|node| node.officers.retain(|officer| is_needed(officer.id.as_str())));
        let mut sites = house::sites(&cast, folder.path(), false).unwrap();
        for site in &mut sites {
            site.database = server.as_ref().map(|server| server.database(&site.party.as_str().to_lowercase()));
        }
        let house = house::found(&cast, &sites, &Outside::real()).unwrap();
        let channel = house.channels[channel].to_string();
        drop(house);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        World { runtime, channel, cast, sites, nodes: BTreeMap::new(), folder, server }
    }

    /// The same, with every node running and the channel open.
    pub(crate) fn started(mut self) -> World {
        let parties: Vec<String> = self.sites.iter().map(|site| site.party.to_string()).collect();
        parties.iter().for_each(|party| self.start(party));
        self.opened();
        self
    }

    pub(crate) fn opened(&self) {
        until("the channel is open", || self.nodes.keys().all(|party| self.view(party)["open"] == true));
    }

    pub(crate) fn site(&self, party: &str) -> &Site {
        self.sites.iter().find(|site| site.party.as_str() == party).unwrap()
    }

    pub(crate) fn start(&mut self, party: &str) {
        let exchange = self.site(party).exchange.clone();
        self.start_at(party, &exchange);
    }

    pub(crate) fn start_at(&mut self, party: &str, exchange: &str) {
        let web = self.site(party).web.clone();
        let node = self.process_at(party, &web, exchange);
        self.nodes.insert(party.to_owned(), node);
    }

    /// Starts a node by another program, which becomes the node.
    pub(crate) fn start_program(&mut self, party: &str, program: &Path) {
        let (web, exchange) = (self.site(party).web.clone(), self.site(party).exchange.clone());
        let (folder, log) = (&self.site(party).folder, self.log(party));
        let begun = Running::start(program, folder, &web, Some(&exchange), &log);
        let node = self.runtime.block_on(begun).unwrap();
        self.nodes.insert(party.to_owned(), node);
    }

    /// A process of a party's node at these addresses, beside whatever runs already.
    pub(crate) fn process_at(&self, party: &str, web: &str, exchange: &str) -> Running {
        let program = Path::new(env!("CARGO_BIN_EXE_tansiq"));
        let folder = &self.site(party).folder;
        self.runtime.block_on(Running::start(program, folder, web, Some(exchange), &self.log(party))).unwrap()
    }

    /// Ends a node with SIGKILL.
    pub(crate) fn kill(&mut self, party: &str) {
        self.nodes.remove(party).unwrap().kill();
    }

    /// A folder that goes with the test.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn log(&self, party: &str) -> PathBuf {
        self.folder.path().join(format!("{party}.log"))
    }

    pub(crate) fn lines(&self, party: &str) -> Vec<String> {
        std::fs::read_to_string(self.log(party)).unwrap().lines().map(str::to_owned).collect()
    }

    pub(crate) fn password(&self, officer: &str) -> &str {
        let party = officer[..3].to_uppercase();
        &self.cast.nodes.iter().find(|member| member.party.as_str() == party).unwrap().password
    }

    /// The process of a running node.
    pub(crate) fn process(&self, party: &str) -> u32 {
        self.nodes[party].pid()
    }

    pub(crate) fn client(&self, officer: &str) -> Client {
        let web = self.site(&officer[..3].to_uppercase()).web.clone();
        self.runtime.block_on(Client::signed_in(&web, officer, self.password(officer))).unwrap()
    }

    pub(crate) fn secretary(&self, party: &str) -> Client {
        self.client(&format!("{}.mofa.secretary", party.to_lowercase()))
    }

    pub(crate) fn releaser(&self, party: &str) -> Client {
        self.client(&format!("{}.mofa.releaser", party.to_lowercase()))
    }

    pub(crate) fn submit(&self, client: &Client, acts: &Value) -> Answer {
        self.runtime.block_on(client.submit(&self.channel, acts)).unwrap()
    }

    pub(crate) fn get(&self, client: &Client, path: &str) -> Answer {
        self.runtime.block_on(client.get(path)).unwrap()
    }

    /// Submits an act that must be taken, and gives the dossier and the record.
    pub(crate) fn done(&self, client: &Client, act: &Value) -> (String, String) {
        let answer = self.submit(client, act);
        assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
        let text = |name: &str| answer.body[name].as_str().unwrap().to_owned();
        (text("dossier"), text("record"))
    }

    /// The channel as a node shows it. Read from its store, as `tansiq channel list` does.
    pub(crate) fn view(&self, party: &str) -> Value {
        let output = self.command(party, &["channel", "list", "--json"]);
        let all: Value = serde_json::from_slice(&output.stdout).unwrap();
        all.as_array().unwrap().iter().find(|view| view["channel"] == self.channel).cloned().unwrap()
    }

    pub(crate) fn digest(&self, party: &str) -> String {
        self.view(party)["digest"].as_str().unwrap().to_owned()
    }

    /// How many records of `of` a node holds.
    pub(crate) fn held(&self, party: &str, of: &str) -> u64 {
        let view = self.view(party);
        view["logs"].as_array().unwrap().iter().find(|log| log["party"] == of).unwrap()["size"].as_u64().unwrap()
    }

    /// Waits until every running node holds and has applied the same, and each log is cosigned by all others.
    pub(crate) fn level(&self) {
        until("all nodes hold the same", || {
            let views: Vec<Value> = self.nodes.keys().map(|party| self.view(party)).collect();
            let logs = || views.iter().flat_map(|view| view["logs"].as_array().unwrap());
            let others = self.sites.len() - 1;
            let seen = |log: &Value| {
                let witnessed = log["witnessed"].as_array().unwrap();
                witnessed.len() == others && witnessed.iter().all(|by| by[1] == log["size"])
            };
            views.iter().all(|view| view["digest"] == views[0]["digest"])
                && logs().all(|log| log["applied"] == log["size"] && seen(log))
        });
    }

    pub(crate) fn command(&self, party: &str, arguments: &[&str]) -> std::process::Output {
        Command::new(env!("CARGO_BIN_EXE_tansiq")).args(arguments).arg("--dir").arg(&self.site(party).folder).output().unwrap()
    }

    /// `tansiq verify` holds on a node.
    pub(crate) fn verify(&self, party: &str) {
        let output = self.command(party, &["verify", "--json"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Proposes a meeting of this name.
pub(crate) fn meeting(title: &str) -> Value {
    json!({ "kind": "meeting", "act": "propose", "body": { "title": { "ar": title }, "body": "jpsc" } })
}
