//! One simulated world from its founding to its rest: officers act, everything goes wrong that can, and then nothing more.

use super::acts;
use super::bug::{self, Bug};
use super::check;
use super::dice::Dice;
use super::house::{self, Seat};
use super::ledger::{Acknowledged, Invariant, Ledger};
use super::stage::{Stage, Weather};
use crate::erasing;
use crate::fault::{Fault, Trouble};
use crate::recovery;
use crate::submit;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::party::PartyId;

/// The parties, in the order in which worlds grow.
const PARTIES: [&str; 5] = ["IRQ", "TUR", "SYR", "JOR", "IRN"];

/// Within what virtual time the honest nodes hold the same, once the faults have stopped.
const REST: Duration = Duration::from_secs(240);

/// After how long whoever runs a restored node gives up what nobody has given back: longer than anything is on its way.
const PATIENCE: Duration = Duration::from_secs(45);

/// One world.
pub(super) struct Course {
    pub(super) stage: Arc<Stage>,
    seats: Vec<Seat>,
    /// The seat of the second face of a party, when it shows two.
    twin: Option<usize>,
    channel: ChannelId,
    charter: Arc<Charter>,
    dice: Dice,
    /// One commit in so many is the last of a life, and one in so many fails.
    danger: (usize, usize),
}

impl Course {
    /// Founds a world in a folder: from two to five nodes, and a channel that is open between them.
    pub(super) async fn found(seed: u64, bug: Option<Bug>, folder: &Path, written: bool) -> Result<Course, Trouble> {
        let mut dice = Dice::new(seed, "course");
        let count = *dice.pick(&[2, 2, 2, 3, 3, 3, 3, 4, 4, 5]).unwrap_or(&3);
        let mut parties: Vec<PartyId> = Vec::new();
        for name in PARTIES.iter().take(count) {
            parties.push(name.parse().map_err(|_| Fault::Setup("a party".to_owned()))?);
        }
        let nodes = parties.iter().map(|party| (format!("{}.example", party.as_str().to_lowercase()), party.clone()));
        let ledger = Ledger::new(nodes.collect(), written);
        // One more place, for the second face of a party.
        let second = dice.below(count);
        let places = parties.iter().cloned().chain(parties.get(second).cloned()).collect();
        let stage = Stage::new(places, ledger, Dice::new(seed, "roads"), bug);
        let mut seats: Vec<Seat> = Vec::new();
        let hidden = dice.once_in(4).then(|| dice.below(count));
        for (index, party) in parties.iter().enumerate() {
            let mut seat = Seat::new(index, party.clone(), folder.join(format!("seat-{index}")), seed);
            seat.can_be_called = hidden != Some(index);
            seat.found(&stage).await?;
            seats.push(seat);
        }
        let charter = Arc::new(house::charter(&seats)?);
        let callable: Vec<(PartyId, usize)> =
            seats.iter().filter(|seat| seat.can_be_called).map(|seat| (seat.party.clone(), seat.index)).collect();
        for seat in &mut seats {
            seat.adopt(&charter, &callable).await?;
            seat.follow()?;
        }
        let channel = charter.channel();
        Ok(Course { stage, seats, twin: None, channel, charter, dice, danger: (0, 0) })
    }

    /// Lets the world run until it has come to rest, and looks at everything.
    pub(super) async fn run(&mut self) -> Result<(), Trouble> {
        self.wait(Duration::from_secs(60), |course| Ok(course.seats.iter().all(|seat| house::is_open(seat, &course.channel))))
            .await?;
        let steps = 10 + self.dice.below(26);
        for _ in 0..steps {
            let pause = self.dice.pause(Duration::from_secs(4));
            tokio::time::sleep(pause).await;
            self.step().await?;
        }
        self.mend().await?;
        let rested = self.rest().await?;
        self.stage.ledger().check(Invariant::Converges, rested.is_none(), || rested.unwrap_or_default());
        check::all(&self.stage, &self.honest())?;
        Ok(())
    }

    /// The seats of those who keep to the rules.
    fn honest(&self) -> Vec<&Seat> {
        let dishonest = self.stage.ledger().dishonest.clone();
        self.seats.iter().filter(|seat| !dishonest.contains(&seat.party)).collect()
    }

    async fn step(&mut self) -> Result<(), Trouble> {
        match self.dice.below(40) {
            0..=21 => self.act()?,
            22 => self.kill()?,
            23..=24 => self.part(),
            25..=26 => self.join(),
            27..=28 => self.turn_weather(),
            29..=30 => self.endanger(),
            31 => self.back_up()?,
            32 => self.restore()?,
            36..=39 if self.stage.bug == Some(Bug::ForkAfterRestore) => self.restore()?,
            33 => self.sweep(),
            34 => self.fork()?,
            _ => self.raise()?,
        }
        Ok(())
    }

    fn living(&mut self) -> Option<usize> {
        let living: Vec<usize> = self.seats.iter().filter(|seat| seat.lives()).map(|seat| seat.index).collect();
        self.dice.pick(&living).copied()
    }

    /// An officer of some node does something; sometimes several at once.
    fn act(&mut self) -> Result<(), Fault> {
        let Some(index) = self.living() else { return self.raise() };
        let times = if self.dice.once_in(5) { 1 + self.dice.below(4) } else { 1 };
        for _ in 0..times {
            let Some((seat, up)) = self.seats.get(index).and_then(|seat| Some((seat, seat.up.as_ref()?))) else { return Ok(()) };
            let mark = self.stage.ledger().mark(&mut self.dice);
            let (officer, draft) = acts::made_up(&up.node, (&self.channel, &self.charter), mark, &mut self.dice)?;
            self.stage.event(format_args!("seat {index} {} {} in {:?}", draft.kind, draft.act, draft.dossier));
            let (node, over, party) = (up.node.clone(), up.over.clone(), seat.party.clone());
            let (stage, channel) = (self.stage.clone(), self.channel.clone());
            tokio::spawn(async move {
                let (watching, within) = (stage.clone(), channel.clone());
                let job = move |work: &mut crate::store::work::Work<'_>| {
                    let before = bug::changes(work.connection)?;
                    let done = submit::submit(work, &officer, &within, draft);
                    if let Err(Trouble::Refused(refusal)) = &done {
                        bug::when_refused(&watching, work.connection)?;
                        let after = bug::changes(work.connection)?;
                        let code = refusal.code.clone();
                        watching
                            .ledger()
                            .check(Invariant::Refusal, before == after, || format!("{code} was refused, and left something"));
                    }
                    done
                };
                let done = node.store.write(job).await;
                if over.is_raised() {
                    // Whoever would have been told is gone.
                    return;
                }
                let told = match &done {
                    Ok(done) => format!("{} at {}", done.record.short(), done.index),
                    Err(trouble) => trouble.to_string(),
                };
                stage.event(format_args!("seat {index} is told {told}"));
                if let Ok(done) = done {
                    let mut ledger = stage.ledger();
                    ledger.acts += 1;
                    ledger.acknowledged.push(Acknowledged { party, channel, record: done.record, index: done.index });
                }
            });
        }
        Ok(())
    }

    fn kill(&mut self) -> Result<(), Fault> {
        let stage = self.stage.clone();
        if let Some(seat) = self.living().and_then(|index| self.seats.get_mut(index)) {
            seat.kill(&stage, "kill")?;
        }
        Ok(())
    }

    /// Every node that is down begins its next life.
    fn raise(&mut self) -> Result<(), Fault> {
        for index in 0..self.seats.len() {
            self.raise_one(index)?;
        }
        Ok(())
    }

    fn raise_one(&mut self, index: usize) -> Result<(), Fault> {
        let (stage, danger) = (self.stage.clone(), self.danger);
        let Some(seat) = self.seats.get_mut(index) else { return Ok(()) };
        if seat.lives() {
            return Ok(());
        }
        // One that takes nothing more since a commit failed is stopped by whoever runs it.
        seat.kill(&stage, "stop")?;
        seat.rise(&stage)?;
        if let Some(up) = &seat.up {
            up.disk.endanger(danger.0, danger.1);
        }
        if self.stage.bug == Some(Bug::NeverCallAgain)
            && let Some(seat) = self.seats.get_mut(index)
        {
            seat.deafen();
        }
        self.seats.get(index).filter(|seat| !seat.restored).map_or(Ok(()), |seat| check::kept(&self.stage, seat))
    }

    fn part(&mut self) {
        let places = self.seats.len();
        let (one, other) = (self.dice.below(places), self.dice.below(places));
        if one != other {
            self.stage.fault(one, "partition");
            self.stage.roads().parted.insert((one.min(other), one.max(other)));
        }
    }

    fn join(&self) {
        self.stage.event(format_args!("the ways are open"));
        self.stage.roads().parted.clear();
    }

    fn turn_weather(&mut self) {
        let dice = &mut self.dice;
        let mut once_in = |cases: &[usize]| dice.pick(cases).copied().unwrap_or(0);
        let weather = Weather {
            loss: once_in(&[0, 0, 30, 12, 6]),
            twice: once_in(&[0, 30, 8]),
            cut: once_in(&[0, 0, 30, 10]),
            slow: once_in(&[0, 30, 8]),
        };
        self.stage.event(format_args!("{weather:?}"));
        self.stage.roads().weather = weather;
    }

    fn endanger(&mut self) {
        let ends = self.dice.pick(&[0, 40, 15, 6]).copied().unwrap_or(0);
        let fails = self.dice.pick(&[0, 0, 0, 60]).copied().unwrap_or(0);
        self.set_danger((ends, fails));
    }

    fn set_danger(&mut self, danger: (usize, usize)) {
        self.stage.event(format_args!("danger {danger:?}"));
        self.danger = danger;
        for up in self.seats.iter().filter_map(|seat| seat.up.as_ref()) {
            up.disk.endanger(danger.0, danger.1);
        }
    }

    fn back_up(&mut self) -> Result<(), Fault> {
        let index = self.living();
        index.and_then(|index| self.seats.get_mut(index)).map_or(Ok(()), Seat::back_up)
    }

    /// A node is put back to an old back-up.
    fn restore(&mut self) -> Result<(), Fault> {
        let stage = self.stage.clone();
        let Some(index) = self.living() else { return Ok(()) };
        if self.seats.get(index).is_none_or(|seat| !seat.has_backup()) {
            return Ok(());
        }
        let reached = self.reached(index)?;
        if let Some(seat) = self.seats.get_mut(index) {
            seat.kill(&stage, "restore from an old back-up")?;
            seat.restore(&mut self.dice, stage.bug == Some(Bug::ForkAfterRestore))?;
        }
        self.raise_one(index)?;
        if let Some((seat, up)) = self.seats.get(index).and_then(|seat| Some((seat, seat.up.as_ref()?))) {
            let held = up.node.store.read_now(|connection| super::disk::heads(connection, &self.channel))?;
            let own = held.iter().find(|(party, ..)| *party == seat.party).map_or(0, |(_, size, _)| *size);
            stage.ledger().lost_with_backup(&seat.party, &self.channel, own.max(reached));
        }
        Ok(())
    }

    /// How much of a node's log others hold.
    fn reached(&self, index: usize) -> Result<u64, Fault> {
        let Some(party) = self.seats.get(index).map(|seat| seat.party.clone()) else { return Ok(0) };
        let mut most = 0;
        for up in self.seats.iter().filter(|seat| seat.index != index).filter_map(|seat| seat.up.as_ref()) {
            let held = up.node.store.read_now(|connection| super::disk::heads(connection, &self.channel))?;
            most = held.iter().filter(|(of, ..)| *of == party).map(|(_, size, _)| *size).fold(most, u64::max);
        }
        Ok(most)
    }

    /// A node looks for what it must not keep any longer, as it does every day.
    fn sweep(&mut self) {
        let Some(up) = self.living().and_then(|index| self.seats.get(index)).and_then(|seat| seat.up.as_ref()) else { return };
        let node = up.node.clone();
        tokio::spawn(async move {
            let _interrupted = erasing::sweep(&node).await;
        });
    }

    /// A party shows two faces from now on: one to some, another to the others.
    fn fork(&mut self) -> Result<(), Fault> {
        let place = self.seats.len();
        let party = self.stage.parties.get(place).cloned();
        let Some(index) = party.and_then(|party| self.seats.iter().position(|seat| seat.party == party)) else { return Ok(()) };
        let lives = self.seats.get(index).is_some_and(Seat::lives);
        if self.twin.is_some() || !lives || !self.dice.once_in(2) {
            return Ok(());
        }
        let stage = self.stage.clone();
        let Some(seat) = self.seats.get(index) else { return Ok(()) };
        stage.fault(index, "fork");
        stage.ledger().dishonest.insert(seat.party.clone());
        let folder = seat.home().with_file_name("twin");
        let mut twin = seat.twin(place, folder)?;
        twin.rise(&stage)?;
        self.seats.push(twin);
        self.twin = Some(place);
        self.show_faces(index, place);
        Ok(())
    }

    fn show_faces(&mut self, index: usize, place: usize) {
        let others: Vec<usize> = (0..place).filter(|other| *other != index && self.dice.once_in(2)).collect();
        self.stage.roads().faces = others.into_iter().map(|other| ((other, index), place)).collect();
    }

    /// No more faults.
    async fn mend(&mut self) -> Result<(), Trouble> {
        self.set_danger((0, 0));
        {
            let mut roads = self.stage.roads();
            roads.weather = Weather::default();
            roads.parted.clear();
        }
        self.raise()?;
        Ok(())
    }

    /// Waits until the honest nodes hold the same; why they do not, when they have not in time.
    async fn rest(&mut self) -> Result<Option<String>, Trouble> {
        let mut why = None;
        let begun = tokio::time::Instant::now();
        while begun.elapsed() < REST {
            tokio::time::sleep(Duration::from_secs(2)).await;
            // A fault that was under way when the faults stopped.
            self.raise()?;
            if begun.elapsed() > PATIENCE {
                self.accept().await?;
            }
            why = check::apart(&self.stage, &self.honest())?;
            if why.is_none() {
                return Ok(None);
            }
        }
        Ok(why)
    }

    /// Whoever runs a restored node gives up what it had signed and nobody holds, where the node allows that.
    async fn accept(&self) -> Result<(), Trouble> {
        for seat in self.honest().into_iter().filter(|seat| seat.restored) {
            let Some(up) = &seat.up else { continue };
            let channel = self.channel.clone();
            let done = up.node.store.write(move |work| recovery::accept(work, &channel)).await;
            self.stage.event(format_args!("seat {} accepts: {done:?}", seat.index));
            if let Ok(size) = done {
                self.stage.ledger().given_up(&seat.party, &self.channel, size);
            }
        }
        Ok(())
    }

    async fn wait(&self, most: Duration, found: impl Fn(&Course) -> Result<bool, Fault>) -> Result<(), Fault> {
        let until = tokio::time::Instant::now() + most;
        while tokio::time::Instant::now() < until && !found(self)? {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Ok(())
    }
}

impl Drop for Course {
    /// A node holds its network, and the network every node: whoever is not taken off it would stay, with all its open files.
    fn drop(&mut self) {
        self.seats.iter_mut().for_each(Seat::fall);
        (0..self.stage.parties.len()).for_each(|seat| self.stage.leave(seat));
    }
}
