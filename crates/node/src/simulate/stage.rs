//! What all parts of one simulated world share: its time, its books, who is there, and how the network is disturbed.

use super::bug::Bug;
use super::dice::Dice;
use super::ledger::{Ledger, millis};
use crate::fault::Fault;
use axum::Router;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tansiq_dossier::party::PartyId;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How often what goes wrong on the network: once in so many cases; 0 is never.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Weather {
    /// A request or its answer is lost.
    pub(super) loss: usize,
    /// A request comes a second time, later.
    pub(super) twice: usize,
    /// What is on the way breaks off in the middle.
    pub(super) cut: usize,
    /// Something takes long.
    pub(super) slow: usize,
}

/// Something that happens once, and that several wait for. They are woken in the order in which they began to wait, which a
/// `watch` of tokio leaves to chance.
#[derive(Default)]
pub(super) struct Flag {
    raised: AtomicBool,
    told: Notify,
}

impl Flag {
    pub(super) fn raise(&self) {
        self.raised.store(true, Ordering::SeqCst);
        self.told.notify_waiters();
    }

    pub(super) fn is_raised(&self) -> bool {
        self.raised.load(Ordering::SeqCst)
    }

    pub(super) async fn raised(&self) {
        let mut told = std::pin::pin!(self.told.notified());
        told.as_mut().enable();
        if !self.is_raised() {
            told.await;
        }
    }
}

/// A running node, as the network reaches it.
#[derive(Clone)]
pub(super) struct Reach {
    pub(super) router: Router,
    /// True when its life is over.
    pub(super) over: Arc<Flag>,
}

/// The network.
pub(super) struct Roads {
    pub(super) dice: Dice,
    pub(super) weather: Weather,
    /// Pairs of seats between which nothing passes.
    pub(super) parted: BTreeSet<(usize, usize)>,
    pub(super) reach: Vec<Option<Reach>>,
    /// Where a call from one seat to another comes out, where that is elsewhere: one party shows two faces.
    pub(super) faces: BTreeMap<(usize, usize), usize>,
}

/// One simulated world.
pub(super) struct Stage {
    begun: Instant,
    pub(super) bug: Option<Bug>,
    /// The party at each seat.
    pub(super) parties: Vec<PartyId>,
    ledger: Mutex<Ledger>,
    roads: Mutex<Roads>,
    broken: Mutex<Option<String>>,
}

impl Stage {
    pub(super) fn new(parties: Vec<PartyId>, ledger: Ledger, dice: Dice, bug: Option<Bug>) -> Arc<Stage> {
        let seats = parties.len();
        let roads = Roads {
            dice,
            weather: Weather::default(),
            parted: BTreeSet::new(),
            reach: (0..seats).map(|_| None).collect(),
            faces: BTreeMap::new(),
        };
        let (ledger, roads) = (Mutex::new(ledger), Mutex::new(roads));
        Arc::new(Stage { begun: Instant::now(), bug, parties, ledger, roads, broken: Mutex::default() })
    }

    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn roads(&self) -> MutexGuard<'_, Roads> {
        self.roads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Milliseconds of virtual time since the beginning.
    pub(super) fn now(&self) -> u64 {
        millis(self.begun.elapsed())
    }

    pub(super) fn begun(&self) -> Instant {
        self.begun
    }

    /// Notes what happened.
    pub(super) fn event(&self, what: std::fmt::Arguments<'_>) {
        let now = self.now();
        self.ledger().event(now, what);
    }

    /// Notes a fault of this kind at a seat.
    pub(super) fn fault(&self, seat: usize, kind: &'static str) {
        let now = self.now();
        let mut ledger = self.ledger();
        ledger.fault(kind);
        ledger.event(now, format_args!("seat {seat}: {kind}"));
    }

    /// The life of the node at this seat is over: nothing of it reaches anybody any more.
    pub(super) fn ended(&self, seat: usize, kind: &'static str) {
        self.fault(seat, kind);
        self.ledger().crashes += 1;
        self.leave(seat);
    }

    /// Takes a node off the network.
    pub(super) fn leave(&self, seat: usize) {
        let gone = self.roads().reach.get_mut(seat).and_then(Option::take);
        if let Some(reach) = gone {
            reach.over.raise();
        }
    }

    /// Puts a node on the network, and gives how it can tell that its life is over.
    pub(super) fn join(&self, seat: usize, router: Router) -> Arc<Flag> {
        let over = Arc::new(Flag::default());
        if let Some(place) = self.roads().reach.get_mut(seat) {
            *place = Some(Reach { router, over: over.clone() });
        }
        over
    }

    /// The simulation itself could not go on: a machine's fault, not the node's.
    pub(super) fn broke(&self, fault: &Fault) {
        let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.get_or_insert_with(|| fault.to_string());
    }

    /// Why the simulation could not go on.
    pub(super) fn is_broken(&self) -> Option<String> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Roads {
    /// Whether something passes between two seats now.
    pub(super) fn passes(&self, from: usize, to: usize) -> bool {
        !self.parted.contains(&(from.min(to), from.max(to)))
    }

    /// The seat at which a call comes out.
    pub(super) fn face(&self, from: usize, to: usize) -> usize {
        self.faces.get(&(from, to)).copied().unwrap_or(to)
    }
}
