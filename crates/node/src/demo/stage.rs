//! Runs the demo: loads it once, and serves its nodes until it is told to stop.

use super::children::Running;
use super::house::{self, Cast, Site};
use super::{load, say};
use crate::fault::{Fault, Trouble};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The file that tells how far a demo has come.
const MARK: &str = "demo.json";

#[derive(Debug, Serialize, Deserialize)]
struct Mark {
    /// Whether all of the demo stands in the nodes.
    loaded: bool,
}

/// Serves the demo in `dir`, and loads it first when it is not there.
///
/// # Errors
/// When the folder holds something else, or a node does not come up.
pub fn run(dir: &Path) -> Result<(), Trouble> {
    let cast = Cast::built_in()?;
    let sites = house::sites(&cast, dir, true)?;
    say("TANSIQ DEMO — everything but the public instruments is invented: تجريبي / DEMO / DENEME");
    match mark(dir)? {
        Some(Mark { loaded: true }) => say(&format!("the demo stands in {}; starting from what is there", dir.display())),
        other => {
            if other.is_some() {
                say("an earlier run stopped while it was loading; beginning anew");
                clear(&sites)?;
            }
            crate::keys::make_private_folder(dir)?;
            set_mark(dir, false)?;
            load::load(&cast, &sites)?;
            set_mark(dir, true)?;
        }
    }
    house::move_in(&sites)?;
    crate::cli::block_on(async {
        let program = std::env::current_exe().map_err(Fault::file("cannot find this program"))?;
        let mut nodes = Vec::new();
        for site in &sites {
            let log = site.folder.with_extension("log");
            nodes.push(Running::start(&program, &site.folder, &site.web, Some(&site.exchange), &log).await?);
        }
        announce(&cast, &sites);
        tokio::select! {
            () = crate::cli::node::stopped() => say("stopping"),
            ended = watch(&mut nodes) => return Err(ended.into()),
        }
        Ok(())
    })
}

/// Resolves when a node ends by itself, which none should.
async fn watch(nodes: &mut [Running]) -> Fault {
    loop {
        if let Some(ended) = nodes.iter_mut().find_map(|node| node.has_ended().then(|| node.log.clone())) {
            return Fault::Setup(format!("a node of the demo ended; see {}", ended.display()));
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
}

fn mark(dir: &Path) -> Result<Option<Mark>, Fault> {
    match std::fs::read(dir.join(MARK)) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| Fault::Setup(format!("{}: {error}", dir.join(MARK).display()))),
        Err(_) => Ok(None),
    }
}

fn set_mark(dir: &Path, loaded: bool) -> Result<(), Fault> {
    let text = serde_json::to_vec(&Mark { loaded }).map_err(|error| Fault::Setup(error.to_string()))?;
    std::fs::write(dir.join(MARK), text).map_err(Fault::file(format!("cannot write {}", dir.join(MARK).display())))
}

/// Removes the half-made nodes of a run that was stopped.
fn clear(sites: &[Site]) -> Result<(), Fault> {
    for site in sites.iter().filter(|site| site.folder.exists()) {
        std::fs::remove_dir_all(&site.folder).map_err(Fault::file(format!("cannot remove {}", site.folder.display())))?;
    }
    Ok(())
}

fn announce(cast: &Cast, sites: &[Site]) {
    for (member, site) in cast.nodes.iter().zip(sites) {
        let port = site.web.rsplit(':').next().unwrap_or_default();
        let moved =
            if port == member.ports.0.to_string() { String::new() } else { format!("  (port {} was taken)", member.ports.0) };
        say("");
        say(&format!("http://{}:{port}{moved}", member.node));
        say(&format!("    password of every office: {}", member.password));
        for officer in &member.officers {
            let name = officer.name.best(tansiq_dossier::words::Tongue::En).map(|(_, name)| name).unwrap_or_default();
            say(&format!("    {:<34} {name}", officer.id.as_str()));
        }
    }
    say("");
    say("These passwords are for the demo alone. Ctrl-C ends all nodes; a second run starts from what is there.");
}
