//! `doctor`.

use super::{Outcome, Setting, block_on, print_json};
use crate::clock::World;
use crate::demo::client::Client;
use crate::doctor::{self, Called, Level};
use crate::exchange::client;
use crate::fault::Trouble;
use crate::node::{Config, Node};
use clap::Args;
use std::process::ExitCode;

#[derive(Args)]
pub(super) struct Doctor {
    /// As one JSON object
    #[arg(long)]
    json: bool,
    /// Do not call the peers
    #[arg(long)]
    offline: bool,
}

/// Prints how the node is. The exit code says whether something has to be done.
pub(super) fn doctor(setting: &Setting, args: &Doctor) -> Result<ExitCode, Trouble> {
    let call = |node: &Node| if args.offline { Vec::new() } else { call(node) };
    let report = doctor::examine(&setting.dir, &World::real(), || setting.node(), serving, call);
    let code = if report.is_healthy() { ExitCode::SUCCESS } else { ExitCode::from(1) };
    if args.json {
        print_json(&serde_json::json!({ "healthy": report.is_healthy(), "findings": report.findings }))?;
        return Ok(code);
    }
    for finding in &report.findings {
        let mark = match finding.level {
            Level::Good => "ok      ",
            Level::Notice => "notice  ",
            Level::Problem => "PROBLEM ",
        };
        say!("{mark}{}: {}", finding.about, finding.says);
        if let Some(advice) = &finding.advice {
            say!("        {advice}");
        }
    }
    say!("{}", if report.is_healthy() { "nothing has to be done" } else { "something has to be done: see PROBLEM above" });
    Ok(code)
}

/// What a server on this folder says about itself.
fn serving(config: &Config) -> Option<serde_json::Value> {
    let client = Client::new(&config.web);
    block_on(async move { Ok(client.get("/healthz").await.map(|answer| answer.body)?) }).ok()
}

fn call(node: &Node) -> Vec<Called> {
    let asked = node.clone();
    let called = block_on(async move {
        let mut called = Vec::new();
        for peer in client::peers(&asked)? {
            let holds = client::probe(&asked, &peer).await.map_err(|trouble| trouble.to_string());
            called.push(Called { peer, holds });
        }
        Ok(called)
    });
    called.unwrap_or_default()
}

/// The command as one of many.
pub(super) fn run(setting: &Setting, args: &Doctor) -> Outcome {
    doctor(setting, args).map(|_| ())
}
