//! What a node takes from the world and cannot compute: the time, randomness, its network and its disk. All are injected.

use crate::exchange::client::Network;
use crate::store::Disk;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tansiq_dossier::time::{Date, Moment};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Seconds since the beginning of 1970 UTC.
    fn unix(&self) -> i64;
}

/// Gives random bytes that nobody can predict.
pub trait Randomness: Send + Sync {
    /// Fills the buffer.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), crate::fault::Fault>;
}

/// The world as a node sees it.
#[derive(Clone)]
pub struct World {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub randomness: Arc<dyn Randomness>,
    /// How peers are called; over TLS when nothing else is given.
    pub network: Option<Arc<dyn Network>>,
    /// What has a say in every commit. When nothing is given, the store has a thread of its own; else it is a task among the
    /// others, and nothing of it runs beside them.
    pub disk: Option<Arc<dyn Disk>>,
}

impl World {
    /// The real clock and the system's randomness.
    #[must_use]
    pub fn real() -> World {
        World { clock: Arc::new(SystemClock), randomness: Arc::new(SystemRandomness), network: None, disk: None }
    }

    /// The moment it is now, for stamps.
    #[must_use]
    pub fn now(&self) -> Moment {
        Moment::nearest(self.clock.unix())
    }

    /// The day it is now in UTC+3.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now().civil_date()
    }

    /// Random bytes.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], crate::fault::Fault> {
        let mut bytes = [0; N];
        self.randomness.fill(&mut bytes)?;
        Ok(bytes)
    }
}

struct SystemClock;

impl Clock for SystemClock {
    fn unix(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |elapsed| i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX))
    }
}

struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), crate::fault::Fault> {
        getrandom::fill(buffer).map_err(|error| crate::fault::Fault::Key(format!("the system gives no randomness: {error}")))
    }
}

/// A clock that somebody sets: for stories, tests and simulation.
pub struct SetClock(AtomicI64);

impl SetClock {
    /// A clock that stands at this second.
    #[must_use]
    pub fn at(unix: i64) -> Arc<SetClock> {
        Arc::new(SetClock(AtomicI64::new(unix)))
    }

    /// Sets it.
    pub fn set(&self, unix: i64) {
        self.0.store(unix, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn unix(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}
