//! Looks a node over and says, in sentences, how it is and what to do: for whoever runs it, whether it serves or cannot even be
//! opened.

mod channels;
mod machine;

use crate::clock::World;
use crate::exchange::client::Peer;
use crate::fault::Fault;
use crate::node::{Config, Node};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Good,
    /// To be known; nothing is broken.
    Notice,
    /// Something has to be done.
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What was looked at: `database`, `guard`, `peer TUR` …
    pub about: String,
    /// How it is.
    pub says: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// Everything that was looked at.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// What was found, in the order in which it was looked at.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing has to be done.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.findings.iter().all(|finding| finding.level < Level::Problem)
    }

    fn good(&mut self, about: &str, says: impl Into<String>) {
        self.findings.push(Finding { level: Level::Good, about: about.to_owned(), says: says.into(), advice: None });
    }

    fn notice(&mut self, about: &str, says: impl Into<String>, advice: &str) {
        let advice = Some(advice.to_owned());
        self.findings.push(Finding { level: Level::Notice, about: about.to_owned(), says: says.into(), advice });
    }

    fn problem(&mut self, about: &str, says: impl Into<String>, advice: &str) {
        let advice = Some(advice.to_owned());
        self.findings.push(Finding { level: Level::Problem, about: about.to_owned(), says: says.into(), advice });
    }
}

/// What a peer answered when it was called.
#[derive(Debug)]
pub struct Called {
    /// The peer.
    pub peer: Peer,
    /// How much of this node's log it holds in each channel; or why it could not be reached.
    pub holds: Result<BTreeMap<tansiq_dossier::channel::ChannelId, u64>, String>,
}

/// Looks over the node in a folder. `serving` says what a server on this folder answers about itself, when there is one; `open`
/// opens the node; `call` asks the peers, once it could be opened.
#[must_use]
pub fn examine(
    folder: &Path,
    world: &World,
    open: impl FnOnce() -> Result<Node, Fault>,
    serving: impl FnOnce(&Config) -> Option<serde_json::Value>,
    call: impl FnOnce(&Node) -> Vec<Called>,
) -> Report {
    let mut report = Report::default();
    let config = match Config::read(folder) {
        Ok(config) => config,
        Err(fault) => {
            report.problem("node", fault.to_string(), fault.hint());
            return report;
        }
    };
    report.good("node", format!("{} of {}", config.node, config.party));
    machine::look(&mut report, folder, &config, world);
    match serving(&config) {
        Some(health) if health["status"] == "ok" => report.good("server", format!("answers at {}", config.web)),
        Some(health) => report.problem(
            "server",
            format!("answers at {}, and says: {}", config.web, health["status"].as_str().unwrap_or("it cannot read its store")),
            "mend the disk, then start it again; what was acknowledged is safe",
        ),
        None => report.notice("server", format!("nobody answers at {}", config.web), "start it with `tansiq serve`"),
    }
    match open() {
        Ok(node) => {
            let called = call(&node);
            let looked = machine::look_inside(&mut report, &node, world);
            if let Err(fault) = looked.and_then(|()| channels::look(&mut report, &node, &called)) {
                report.problem("database", fault.to_string(), fault.hint());
            }
        }
        Err(fault) => report.problem("node", format!("it cannot be opened: {fault}"), fault.hint()),
    }
    report
}

/// How long ago, for people.
fn ago(seconds: i64) -> String {
    match seconds {
        ..0 => format!("{} ahead of this clock", ago(seconds.saturating_neg()).trim_end_matches(" ago")),
        0..120 => format!("{seconds} s ago"),
        120..7200 => format!("{} min ago", seconds / 60),
        7200..172_800 => format!("{} h ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}
