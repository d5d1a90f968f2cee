//! What must hold after the main job, found from the stored bytes of all nodes.

use super::check::Played;
use super::house::Site;
use crate::clock::World;
use crate::fault::Fault;
use crate::node::Node;
use crate::store::dossiers;
use crate::views;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::DossierId;

/// The last line of a check.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// Whether everything holds.
    pub ok: bool,
    /// Whether every dossier is folded to the same bytes at every party that it is for, and held by no other.
    pub states_equal: bool,
    /// Dossiers, the charters' not counted.
    pub dossiers: usize,
    /// Records in all logs.
    pub records: u64,
    /// Those that every other party has cosigned; a channel of one party has none to cosign it.
    pub witnessed: u64,
    /// Of each kind, how many dossiers each party holds, and whether all of them are equal wherever they are held.
    pub kinds: BTreeMap<String, OfKind>,
    /// The digest of each channel, the same on all its nodes.
    pub digests: BTreeMap<String, String>,
    /// The code of the act that was refused in the main job.
    pub refused: String,
    /// How long all of it took.
    pub seconds: f64,
}

/// The dossiers of one kind.
#[derive(Debug, Clone, Serialize)]
pub struct OfKind {
    /// How many each party holds.
    pub held: BTreeMap<PartyId, usize>,
    /// Whether each is equal at every party that it is for, and held by no other.
    pub states_equal: bool,
}

/// What one node holds of a channel.
struct Held {
    states: BTreeMap<DossierId, (Kind, BTreeSet<PartyId>, Vec<u8>)>,
    digest: String,
    records: u64,
    witnessed: u64,
}

/// Compares the nodes, verifies each, and writes the evidence of the signed minutes into `dir`.
///
/// # Errors
/// When a node cannot be read or does not verify.
pub fn judge(
    sites: &[Site],
    channels: &BTreeMap<String, ChannelId>,
    played: &Played,
    dir: &Path,
    begun: Instant,
) -> Result<Verdict, Fault> {
    let nothing: BTreeMap<PartyId, usize> = sites.iter().map(|site| (site.party.clone(), 0)).collect();
    let none = || OfKind { held: nothing.clone(), states_equal: true };
    let worked_with = Kind::ALL.iter().filter(|kind| kind.letter().is_some());
    let mut kinds: BTreeMap<String, OfKind> = worked_with.map(|kind| (kind.name().to_owned(), none())).collect();
    let (mut digests, mut alike) = (BTreeMap::new(), true);
    let (mut dossiers, mut records, mut witnessed) = (0, 0, 0);
    for (name, channel) in channels {
        let mut parties: BTreeMap<&PartyId, Held> = BTreeMap::new();
        for site in sites {
            parties.extend(held(site, channel)?.map(|held| (&site.party, held)));
        }
        let Some(first) = parties.values().next() else { continue };
        alike &= parties.values().all(|held| held.digest == first.digest && held.records == first.records);
        digests.insert(name.clone(), first.digest.clone());
        records += first.records;
        witnessed += parties.values().map(|held| held.witnessed).min().unwrap_or_default();
        let ids: BTreeSet<&DossierId> = parties.values().flat_map(|held| held.states.keys()).collect();
        dossiers += ids.len();
        for id in ids {
            let copies: BTreeMap<&PartyId, _> =
                parties.iter().filter_map(|(party, held)| Some((*party, held.states.get(id)?))).collect();
            let Some((kind, audience, bytes)) = copies.values().next() else { continue };
            let of_kind = kinds.entry(kind.name().to_owned()).or_insert_with(none);
            copies.keys().for_each(|party| *of_kind.held.entry((*party).clone()).or_default() += 1);
            of_kind.states_equal &=
                copies.keys().copied().eq(audience.iter()) && copies.values().all(|(_, _, other)| other == bytes);
        }
    }
    let states_equal = kinds.values().all(|kind| kind.states_equal);
    super::say(&format!("{dossiers} dossiers, folded to the same bytes wherever they are held: {states_equal}"));
    for site in sites {
        run(&["verify", "--json"], &site.folder)?;
        super::say(&format!("tansiq verify holds on {}", site.folder.display()));
    }
    let evidence = dir.join("evidence");
    let ankara = sites.iter().find(|site| site.party.as_str() == "TUR");
    if let (Some(site), Some(out)) = (ankara, evidence.to_str()) {
        run(&["evidence", &played.signature, "--out", out], &site.folder)?;
        super::say(&format!("evidence of the signed minutes in {out}"));
    }
    Ok(Verdict {
        ok: states_equal && alike && witnessed == records && played.refused == "MTG11",
        states_equal,
        dossiers,
        records,
        witnessed,
        kinds,
        digests,
        refused: played.refused.clone(),
        seconds: (begun.elapsed().as_secs_f64() * 10.0).round() / 10.0,
    })
}

/// What a node holds of a channel; `None` when it takes no part in it.
fn held(site: &Site, channel: &ChannelId) -> Result<Option<Held>, Fault> {
    let node = Node::open(&site.folder, World::real())?;
    node.store.read_now(|connection| {
        let views = views::channel::all(connection)?;
        let Some(view) = views.into_iter().find(|view| view.channel == *channel) else { return Ok(None) };
        let filter = dossiers::Filter { channel: Some(channel.clone()), limit: 100_000, ..dossiers::Filter::default() };
        let mut states = BTreeMap::new();
        for line in dossiers::find(connection, &filter)? {
            let dossier = line.dossier;
            if dossier.kind != Kind::Charter {
                let bytes = serde_json::to_vec(&dossier).map_err(|error| Fault::Damaged(error.to_string()))?;
                states.insert(dossier.id, (dossier.kind, dossier.audience, bytes));
            }
        }
        let others = view.logs.len() - 1;
        let least = |log: &views::channel::LogView| {
            let witnesses = log.witnessed.iter().map(|(_, size, _)| *size);
            if log.witnessed.len() < others { 0 } else { witnesses.min().unwrap_or(log.size).min(log.size) }
        };
        Ok(Some(Held {
            states,
            digest: view.digest.clone(),
            records: view.logs.iter().map(|log| log.size).sum(),
            witnessed: view.logs.iter().map(least).sum(),
        }))
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
