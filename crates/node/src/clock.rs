//! What a node takes from the world and cannot compute: the time, randomness, its network and its disk. All are injected.

use crate::exchange::client::Network;
use crate::store::Disk;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
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
        World { clock: Arc::new(SystemClock), randomness: Arc::new(SystemRandomness::default()), network: None, disk: None }
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

/// How many random bytes are asked of the system at once.
const STOCK: usize = 4096;

/// The system's randomness. A list of acts needs little of it for each, so it is asked for in stocks; what was given out is
/// wiped from the stock, and nothing is given out twice.
#[derive(Default)]
struct SystemRandomness(Mutex<Vec<u8>>);

impl Randomness for SystemRandomness {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), crate::fault::Fault> {
        let none = |error| crate::fault::Fault::Key(format!("the system gives no randomness: {error}"));
        if buffer.len() > STOCK {
            return getrandom::fill(buffer).map_err(none);
        }
        let mut stock = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if stock.len() < buffer.len() {
            let mut fresh = vec![0; STOCK];
            getrandom::fill(&mut fresh).map_err(none)?;
            *stock = fresh;
        }
        let left = stock.len() - buffer.len();
        if let Some(given) = stock.get_mut(left..) {
            buffer.copy_from_slice(given);
            given.fill(0);
        }
        stock.truncate(left);
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn nothing_random_is_given_out_twice() {
        let world = World::real();
        let drawn: BTreeSet<[u8; 32]> = (0..1000).map(|_| world.random().unwrap()).collect();
        assert_eq!(drawn.len(), 1000);
        let long: [u8; 2 * STOCK] = world.random().unwrap();
        assert!(long.chunks(64).all(|piece| piece.iter().any(|byte| *byte != 0)));
    }
}
