//! The nodes, offices and channels of the demo, as `data/cast.json` names them.

use super::children;
use crate::access::Officer;
use crate::cli::{channel, node};
use crate::clock::World;
use crate::exchange::limits::Limits;
use crate::fault::{Fault, Trouble};
use crate::node::{Config, Node};
use crate::store::channels;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tansiq_dossier::channel::{Body, ChannelClass, ChannelId, Charter};
use tansiq_dossier::label::Classification;
use tansiq_dossier::party::{InstitutionId, OfficerId, PartyId, Role};
use tansiq_dossier::time::Date;
use tansiq_dossier::words::{Tongue, Words};

/// Who takes part.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cast {
    /// The nodes, in the order in which they are shown.
    pub nodes: Vec<NodeCast>,
    /// The channels by the names that scripts use.
    pub channels: BTreeMap<String, ChannelCast>,
}

/// One party's node.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeCast {
    /// Its folder within the demo's.
    pub folder: String,
    /// The party.
    pub party: PartyId,
    /// The party's name.
    pub name: Words,
    /// The node's name.
    pub node: String,
    /// Where pages and exchange would best be.
    pub ports: (u16, u16),
    /// The password of every office of this node. It is no secret: everything here is an exercise.
    pub password: String,
    /// The institutions.
    pub institutions: BTreeMap<InstitutionId, Words>,
    /// The offices.
    pub officers: Vec<OfficerCast>,
}

/// One office.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficerCast {
    /// The office.
    pub id: OfficerId,
    /// The institution it acts for.
    pub institution: InstitutionId,
    /// In what capacities.
    pub roles: BTreeSet<Role>,
    /// What it is called.
    pub name: Words,
}

/// One channel.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelCast {
    /// What it is called.
    pub name: Words,
    /// What it is for.
    #[serde(default = "exchange")]
    pub class: ChannelClass,
    /// Its parties.
    pub parties: BTreeSet<PartyId>,
    /// The languages of its texts.
    pub tongues: BTreeSet<Tongue>,
    /// The bodies in which the parties meet.
    pub bodies: BTreeMap<String, Body>,
}

fn exchange() -> ChannelClass {
    ChannelClass::Exchange
}

impl Cast {
    /// The cast that is built in.
    ///
    /// # Errors
    /// Never: the file is part of this program.
    pub fn built_in() -> Result<Cast, Fault> {
        serde_json::from_str(include_str!("data/cast.json")).map_err(|error| Fault::Setup(format!("cast.json: {error}")))
    }

    /// The same, with these parties only.
    #[must_use]
    pub fn only(mut self, parties: &BTreeSet<PartyId>) -> Cast {
        self.nodes.retain(|node| parties.contains(&node.party));
        self.channels.retain(|_, channel| channel.parties.is_subset(parties));
        self
    }
}

/// Where the nodes of a house answer.
#[derive(Debug, Clone)]
pub struct Site {
    /// The party.
    pub party: PartyId,
    /// The node's folder.
    pub folder: PathBuf,
    /// Pages and API, `127.0.0.1:8401`.
    pub web: String,
    /// Peers.
    pub exchange: String,
    /// The PostgreSQL database of its store; none for a file in its folder.
    pub database: Option<String>,
}

/// Finds an address for every node: the ones that it would like, or any that are free.
///
/// # Errors
/// When the system has no free port.
pub fn sites(cast: &Cast, dir: &Path, preferred: bool) -> Result<Vec<Site>, Fault> {
    let port = |wish: u16| if preferred { children::free_port_like(wish) } else { children::free_port() };
    let site = |node: &NodeCast| {
        Ok(Site {
            party: node.party.clone(),
            folder: dir.join(&node.folder),
            web: format!("127.0.0.1:{}", port(node.ports.0)?),
            exchange: format!("127.0.0.1:{}", port(node.ports.1)?),
            database: None,
        })
    };
    cast.nodes.iter().map(site).collect()
}

/// A house that has just been founded.
pub struct House {
    /// The nodes, opened.
    pub nodes: BTreeMap<PartyId, Node>,
    /// The channels by the names that scripts use.
    pub channels: BTreeMap<String, ChannelId>,
}

/// Makes the nodes with their offices, and opens the channels: every party adopts every charter that names it.
///
/// # Errors
/// When a folder holds a node already, or something cannot be written.
pub fn found(cast: &Cast, sites: &[Site], world: &World) -> Result<House, Trouble> {
    let mut nodes = BTreeMap::new();
    for (member, site) in cast.nodes.iter().zip(sites) {
        let config = Config {
            party: member.party.clone(),
            name: member.name.clone(),
            node: member.node.clone(),
            institutions: member.institutions.clone(),
            web: site.web.clone(),
            exchange: Some(site.exchange.clone()),
            database: site.database.clone(),
            guard: None,
            tiles: None,
            feeds: Vec::new(),
            limits: Limits::default(),
        };
        let node = Node::create(&site.folder, &config, world.clone())?;
        for officer in &member.officers {
            node::set_officer(&node, officer.clone().into(), Some(&member.password))?;
        }
        nodes.insert(member.party.clone(), node);
    }
    let mut channels = BTreeMap::new();
    for (key, wanted) in &cast.channels {
        let charter = wanted.charter(&nodes, world.today())?;
        for party in &wanted.parties {
            let Some(node) = nodes.get(party) else { continue };
            let officer = cast.nodes.iter().find(|member| member.party == *party).and_then(NodeCast::co_chair);
            let peers: Vec<_> =
                addresses(sites).into_iter().filter(|(peer, _)| peer != party && wanted.parties.contains(peer)).collect();
            channel::adopt(node, &charter, &peers, officer)?;
        }
        channels.insert(key.clone(), charter.channel());
    }
    Ok(House { nodes, channels })
}

fn addresses(sites: &[Site]) -> Vec<(PartyId, String)> {
    sites.iter().map(|site| (site.party.clone(), site.exchange.clone())).collect()
}

/// Tells every node where the others answer now.
///
/// # Errors
/// When a node cannot be opened or written.
pub fn move_in(sites: &[Site]) -> Result<(), Trouble> {
    for site in sites {
        let node = Node::open(&site.folder, World::real())?;
        let charters = node.store.read_now(channels::all)?;
        let peers: Vec<_> = addresses(sites).into_iter().filter(|(party, _)| *party != site.party).collect();
        let store = node.store.clone();
        crate::cli::block_on(async move {
            let job = store.write(move |work| {
                for (channel, charter) in &charters {
                    for (party, address) in peers.iter().filter(|(party, _)| charter.parties.contains_key(party)) {
                        channels::set_address(work.connection, channel, party, address)?;
                    }
                }
                Ok(())
            });
            job.await
        })?;
    }
    Ok(())
}

impl NodeCast {
    fn co_chair(&self) -> Option<&str> {
        self.officers.iter().find(|officer| officer.roles.contains(&Role::CoChair)).map(|officer| officer.id.as_str())
    }
}

impl From<OfficerCast> for Officer {
    fn from(cast: OfficerCast) -> Officer {
        Officer {
            id: cast.id,
            name: cast.name,
            institution: cast.institution,
            roles: cast.roles,
            clearance: Classification::Confidential,
            caveats: BTreeSet::new(),
            revoked: false,
        }
    }
}

impl ChannelCast {
    fn charter(&self, nodes: &BTreeMap<PartyId, Node>, opened_on: Date) -> Result<Charter, Fault> {
        let mut parties = BTreeMap::new();
        for party in &self.parties {
            let node = nodes.get(party).ok_or_else(|| Fault::Setup(format!("cast.json: {party} has no node")))?;
            parties.insert(party.clone(), node.card()?);
        }
        Ok(Charter {
            name: self.name.clone(),
            class: self.class,
            opened_on,
            tongues: self.tongues.clone(),
            parties,
            bodies: self.bodies.clone(),
            demo: true,
        })
    }
}
