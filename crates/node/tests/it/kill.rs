//! Nodes are killed under load, and nothing that they acknowledged is lost or doubled.

use crate::server::Server;
use std::path::Path;
use tansiq_node::bench::{self, KillPlan};

fn killed(databases: [Option<String>; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let plan = KillPlan { kills: 6, seed: 7, databases };
    let figures = bench::kill(folder.path(), Path::new(env!("CARGO_BIN_EXE_tansiq")), &plan, |_| {}).unwrap();
    eprintln!("{figures:?}");
    assert!(figures.is_clean(), "{figures:?}");
    assert!(figures.acknowledged as u64 <= figures.records);
}

#[test]
fn what_two_nodes_acknowledged_is_there_once_whenever_they_are_killed() {
    killed([None, None]);
}

#[test]
fn the_same_holds_on_postgresql() {
    let Some(server) = Server::start() else { return };
    killed(["a", "b"].map(|name| Some(server.database(name))));
}
