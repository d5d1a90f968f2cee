//! The nodes of a simulated world: how they are founded, begin a life, end it, and go on from what lies on their disks.

use super::acts::ROLES;
use super::dice::{Dice, Drawn, Skewed};
use super::disk::{self, SimulatedDisk};
use super::network::Door;
use super::stage::{Flag, Stage};
use crate::access::Officer;
use crate::clock::World;
use crate::exchange::client::{self, Link};
use crate::exchange::limits::Limits;
use crate::exchange::server;
use crate::fault::{Fault, Trouble};
use crate::node::{Config, Node};
use crate::store::{channels, people};
use crate::submit;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::label::Classification;
use tansiq_dossier::party::{OfficerId, PartyId, Role};
use tansiq_dossier::record::Draft;
use tansiq_dossier::words::{Tongue, Words};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the clocks show at the beginning, but for how far off each is: the first day of 2026.
const BEGINNING: i64 = 1_767_250_800;

/// Where one node is kept, and its life at hand.
pub(super) struct Seat {
    pub(super) index: usize,
    pub(super) party: PartyId,
    folder: PathBuf,
    life: u32,
    /// How far off its clock is, in seconds.
    off: i64,
    /// Whether it can be called; else it calls.
    pub(super) can_be_called: bool,
    pub(super) up: Option<Up>,
    backups: Vec<PathBuf>,
    /// Whether it was put back to an old back-up: what is not there yet may still come from its peers.
    pub(super) restored: bool,
    seed: u64,
}

/// A node that lives.
pub(super) struct Up {
    pub(super) node: Node,
    pub(super) disk: Arc<SimulatedDisk>,
    pub(super) over: Arc<Flag>,
    tasks: Vec<JoinHandle<()>>,
}

impl Seat {
    pub(super) fn new(index: usize, party: PartyId, folder: PathBuf, seed: u64) -> Seat {
        let mut dice = Dice::new(seed, &format!("seat {index}"));
        let offs = [0, 0, 0, 3, -40, 7200, -86_400 * 3, 86_400 * 365, -86_400 * 365];
        let off = dice.pick(&offs).copied().unwrap_or(0);
        Seat { index, party, folder, life: 0, off, can_be_called: true, up: None, backups: Vec::new(), restored: false, seed }
    }

    fn small(&self) -> String {
        self.party.as_str().to_lowercase()
    }

    /// The folder of the life at hand.
    pub(super) fn home(&self) -> PathBuf {
        self.folder.join(format!("life-{}", self.life))
    }

    fn next_home(&self) -> PathBuf {
        self.folder.join(format!("life-{}", self.life + 1))
    }

    fn world(&self, stage: &Arc<Stage>) -> Result<(World, Arc<SimulatedDisk>, Arc<Door>), Fault> {
        let dice = |what: &str| Dice::new(self.seed, &format!("{what} of {}, life {}", self.index, self.life));
        let disk = SimulatedDisk::new(stage, self.index, &self.party, (&self.home(), &self.next_home()), dice("disk"));
        let disk = Arc::new(disk);
        let door = Arc::new(Door::new(stage, self.index));
        let world = World {
            clock: Arc::new(Skewed { begun: stage.begun(), at: BEGINNING + self.off }),
            randomness: Arc::new(Drawn::new(dice("randomness"))),
            network: Some(door.clone()),
            disk: Some(disk.clone()),
        };
        Ok((world, disk, door))
    }

    /// Founds the node: its folder, keys and offices.
    pub(super) async fn found(&mut self, stage: &Arc<Stage>) -> Result<(), Trouble> {
        let (world, disk, door) = self.world(stage)?;
        let small = self.small();
        let institution = |name: &str| Ok((format!("{small}.{name}").parse().map_err(setup)?, Words::one(Tongue::En, name)));
        let config = Config {
            party: self.party.clone(),
            name: Words::one(Tongue::En, self.party.as_str()),
            node: format!("{small}.example"),
            institutions: [institution("mofa"), institution("interior")].into_iter().collect::<Result<_, Fault>>()?,
            web: "none".into(),
            database: None,
            guard: None,
            tiles: None,
            feeds: Vec::new(),
            limits: Limits::default(),
            exchange: self.can_be_called.then(|| format!("seat-{}", self.index)),
        };
        let node = Node::create(&self.home(), &config, world)?;
        door.set_pin(node.identity.keys.wire_pin()?);
        let mut officers = vec![officer(format!("{small}.mofa.administrator"), "mofa", &[Role::Administrator])?];
        for place in ["mofa", "interior"] {
            officers.push(officer(format!("{small}.{place}.office"), place, &ROLES)?);
        }
        node.store
            .write(move |work| {
                officers.iter().try_for_each(|officer| people::set_officer(work.connection, officer, None))?;
                Ok(())
            })
            .await?;
        self.stands(stage, node, disk, &door);
        Ok(())
    }

    /// Keeps a charter and adopts it, and notes where the others can be called.
    pub(super) async fn adopt(&self, charter: &Charter, callable: &[(PartyId, usize)]) -> Result<(), Trouble> {
        let Some(up) = &self.up else { return Ok(()) };
        let office: OfficerId = format!("{}.mofa.administrator", self.small()).parse().map_err(setup)?;
        let (charter, callable, own) = (charter.clone(), callable.to_vec(), self.party.clone());
        up.node
            .store
            .write(move |work| {
                let channel = charter.channel();
                channels::add(work.connection, &charter)?;
                for (party, seat) in callable.iter().filter(|(party, _)| *party != own) {
                    channels::set_address(work.connection, &channel, party, &format!("seat-{seat}"))?;
                }
                let draft = Draft {
                    kind: "charter".to_owned(),
                    act: "adopt".to_owned(),
                    body: serde_json::json!({ "charter": ContentHash::of(&charter) }).into(),
                    ..Draft::default()
                };
                submit::submit(work, &office, &channel, draft).map(|_| ())
            })
            .await
    }

    /// The node is there: it answers.
    fn stands(&mut self, stage: &Arc<Stage>, node: Node, disk: Arc<SimulatedDisk>, door: &Door) {
        let over = stage.join(self.index, server::router(node.clone()));
        door.set_over(&over);
        self.up = Some(Up { node, disk, over, tasks: Vec::new() });
    }

    /// The node calls its peers.
    pub(super) fn follow(&mut self) -> Result<(), Fault> {
        let Some(up) = &mut self.up else { return Ok(()) };
        for peer in client::peers(&up.node)? {
            let (tell, _) = watch::channel(Link::Calling);
            up.tasks.push(tokio::spawn(client::follow(up.node.clone(), peer, tell)));
        }
        Ok(())
    }

    /// Begins the next life from what lies on the disk.
    pub(super) fn rise(&mut self, stage: &Arc<Stage>) -> Result<(), Fault> {
        self.fall();
        let past = self.home();
        self.life += 1;
        let _best_effort = std::fs::remove_dir_all(past);
        let (world, disk, door) = self.world(stage)?;
        let node = Node::open(&self.home(), world)?;
        door.set_pin(node.identity.keys.wire_pin()?);
        node.store.read_now(|connection| disk.begin(connection))?;
        self.stands(stage, node, disk, &door);
        stage.event(format_args!("seat {} begins life {}", self.index, self.life));
        self.follow()
    }

    /// What still runs of the life that is over is stopped.
    pub(super) fn fall(&mut self) {
        if let Some(up) = self.up.take() {
            up.tasks.iter().for_each(JoinHandle::abort);
        }
    }

    /// Whether it lives and takes acts.
    pub(super) fn lives(&self) -> bool {
        self.up.as_ref().is_some_and(|up| !up.disk.is_over())
    }

    /// Ends this life between two commits, as `kill -9` does.
    pub(super) fn kill(&mut self, stage: &Stage, why: &'static str) -> Result<(), Fault> {
        if let Some(up) = &self.up {
            if !up.disk.has_ended() {
                up.disk.pull_the_plug()?;
                stage.ended(self.index, why);
            }
            self.fall();
        }
        Ok(())
    }

    /// Copies the database as an administrator does every night.
    pub(super) fn back_up(&mut self) -> Result<(), Fault> {
        let target = self.folder.join(format!("backup-{}", self.backups.len()));
        let fault = || Fault::file("cannot keep a back-up");
        std::fs::create_dir_all(&target).map_err(fault())?;
        for name in [disk::DATABASE, disk::WAL] {
            if self.home().join(name).exists() {
                std::fs::copy(self.home().join(name), target.join(name)).map_err(fault())?;
            }
        }
        self.backups.push(target);
        Ok(())
    }

    pub(super) fn has_backup(&self) -> bool {
        !self.backups.is_empty()
    }

    /// Puts an old back-up in the place of what the next life would begin with. What is kept outside the database
    /// stays, unless the node forgets it.
    pub(super) fn restore(&mut self, dice: &mut Dice, forgets: bool) -> Result<(), Fault> {
        let fault = || Fault::file("cannot put a back-up back");
        let Some(backup) = dice.pick(&self.backups).cloned() else { return Ok(()) };
        self.restored = true;
        let next = self.next_home();
        if forgets {
            let _none = std::fs::remove_dir_all(next.join("guard"));
        }
        for name in [disk::DATABASE, disk::WAL] {
            let target = next.join(name);
            if target.exists() {
                std::fs::remove_file(&target).map_err(fault())?;
            }
            if backup.join(name).exists() {
                std::fs::copy(backup.join(name), &target).map_err(fault())?;
            }
        }
        Ok(())
    }

    /// A second node of the same party at another seat, from what lies on this one's disk: a party with two faces.
    pub(super) fn twin(&self, index: usize, folder: PathBuf) -> Result<Seat, Fault> {
        let mut twin = Seat::new(index, self.party.clone(), folder, self.seed);
        twin.off = self.off;
        twin.can_be_called = self.can_be_called;
        disk::copy(&self.home(), &twin.next_home())?;
        Ok(twin)
    }
}

fn officer(id: String, place: &str, roles: &[Role]) -> Result<Officer, Fault> {
    let id: OfficerId = id.parse().map_err(setup)?;
    let institution = format!("{}.{place}", id.party().as_str().to_lowercase()).parse().map_err(setup)?;
    let (roles, caveats) = (roles.iter().copied().collect(), BTreeSet::new());
    Ok(Officer { id, name: Words::default(), institution, roles, clearance: Classification::Secret, caveats, revoked: false })
}

fn setup(error: impl std::fmt::Display) -> Fault {
    Fault::Setup(error.to_string())
}

/// The channel between these seats.
pub(super) fn charter(seats: &[Seat]) -> Result<Charter, Fault> {
    let card = |seat: &Seat| {
        let up = seat.up.as_ref().ok_or(Fault::Closing)?;
        Ok((seat.party.clone(), up.node.card()?))
    };
    Ok(Charter {
        name: Words::one(Tongue::Ar, "قناة"),
        class: tansiq_dossier::channel::ChannelClass::Exchange,
        opened_on: "2026-01-01".parse().map_err(setup)?,
        tongues: [Tongue::Ar, Tongue::Tr].into(),
        parties: seats.iter().map(card).collect::<Result<_, Fault>>()?,
        bodies: [].into(),
        demo: false,
    })
}

/// Whether the channel is open at this seat.
pub(super) fn is_open(seat: &Seat, channel: &ChannelId) -> bool {
    use tansiq_dossier::kinds::State;
    let Some(up) = &seat.up else { return false };
    let charter = tansiq_dossier::record::DossierId::charter();
    let found = up.node.store.read_now(|connection| crate::store::dossiers::get(connection, channel, &charter));
    matches!(found.ok().flatten().map(|dossier| dossier.state), Some(State::Charter(state)) if state.is_open())
}

impl Seat {
    /// The node calls nobody in this life.
    pub(super) fn deafen(&mut self) {
        if let Some(up) = &mut self.up {
            up.tasks.drain(..).for_each(|task| task.abort());
        }
    }
}
