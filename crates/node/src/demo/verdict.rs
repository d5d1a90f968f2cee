//! What must hold after the main job, found from the stored bytes of both nodes.

use super::check::Played;
use super::house::Site;
use crate::clock::World;
use crate::fault::Fault;
use crate::node::Node;
use crate::store::dossiers;
use crate::views;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::record::DossierId;

/// The last line of a check.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// Whether everything holds.
    pub ok: bool,
    /// Whether both nodes folded the same states, byte for byte.
    pub states_equal: bool,
    /// Dossiers, the charter's not counted.
    pub dossiers: usize,
    /// Records in all logs.
    pub records: u64,
    /// Those that the other side has cosigned.
    pub witnessed: u64,
    /// Dossiers of each kind.
    pub kinds: BTreeMap<String, usize>,
    /// The digest of the channel, the same on both nodes.
    pub digest: String,
    /// The code of the act that was refused.
    pub refused: String,
    /// How long all of it took.
    pub seconds: f64,
}

/// What one node holds of the channel.
struct Held {
    states: BTreeMap<DossierId, (Kind, Vec<u8>)>,
    digest: String,
    records: u64,
    witnessed: u64,
}

/// Compares the nodes, verifies each, and writes the evidence of the signed minutes into `dir`.
///
/// # Errors
/// When a node cannot be read or does not verify.
pub fn judge(sites: &[Site], channel: &ChannelId, played: &Played, dir: &Path, begun: Instant) -> Result<Verdict, Fault> {
    let held: Vec<Held> = sites.iter().map(|site| held(site, channel)).collect::<Result<_, _>>()?;
    let (Some(first), Some(last)) = (held.first(), held.last()) else { return Err(Fault::Closing) };
    let states_equal = first.states == last.states;
    super::say(&format!("{} dossiers, folded to the same bytes on both nodes: {states_equal}", first.states.len()));
    for site in sites {
        run(&["verify", "--json"], &site.folder)?;
        super::say(&format!("tansiq verify holds on {}", site.folder.display()));
    }
    let evidence = dir.join("evidence");
    if let (Some(site), Some(out)) = (sites.last(), evidence.to_str()) {
        run(&["evidence", &played.signature, "--out", out], &site.folder)?;
        super::say(&format!("evidence of the signed minutes in {out}"));
    }
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for (kind, _) in first.states.values() {
        *kinds.entry(kind.name().to_owned()).or_default() += 1;
    }
    let witnessed = first.witnessed.min(last.witnessed);
    let ok = states_equal
        && first.digest == last.digest
        && witnessed == first.records
        && first.records == last.records
        && played.refused == "MTG11";
    Ok(Verdict {
        ok,
        states_equal,
        dossiers: first.states.len(),
        records: first.records,
        witnessed,
        kinds,
        digest: first.digest.clone(),
        refused: played.refused.clone(),
        seconds: (begun.elapsed().as_secs_f64() * 10.0).round() / 10.0,
    })
}

fn held(site: &Site, channel: &ChannelId) -> Result<Held, Fault> {
    let node = Node::open(&site.folder, World::real())?;
    node.store.read_now(|connection| {
        let views = views::channel::all(connection)?;
        let view = views.into_iter().find(|view| view.channel == *channel);
        let view = view.ok_or_else(|| Fault::Setup(format!("{} has no channel {channel}", site.folder.display())))?;
        let filter = dossiers::Filter { channel: Some(channel.clone()), limit: 100_000, ..dossiers::Filter::default() };
        let mut states = BTreeMap::new();
        for line in dossiers::find(connection, &filter)? {
            let (id, kind) = (line.dossier.id.clone(), line.dossier.kind);
            if kind != Kind::Charter {
                let bytes = serde_json::to_vec(&line.dossier).map_err(|error| Fault::Damaged(error.to_string()))?;
                states.insert(id, (kind, bytes));
            }
        }
        let least =
            |log: &views::channel::LogView| log.witnessed.iter().map(|(_, size, _)| *size).min().unwrap_or(0).min(log.size);
        Ok(Held {
            states,
            digest: view.digest.clone(),
            records: view.logs.iter().map(|log| log.size).sum(),
            witnessed: view.logs.iter().map(least).sum(),
        })
    })
}

/// Runs this very program on a node, as its owner would on the command line.
fn run(arguments: &[&str], folder: &Path) -> Result<(), Fault> {
    let program = std::env::current_exe().map_err(Fault::file("cannot find this program"))?;
    let output = Command::new(program)
        .args(arguments)
        .arg("--dir")
        .arg(folder)
        .output()
        .map_err(Fault::file("cannot run this program"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Fault::Setup(format!("tansiq {} on {}: {said}", arguments.join(" "), folder.display())))
}
