//! Everything that a simulated world leaves to chance follows from one number.

use crate::clock::{Clock, Randomness};
use crate::fault::Fault;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A sequence of choices that follows from one number (SplitMix64).
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    /// Dice of their own for one use, so that what is thrown elsewhere does not change what is thrown here.
    pub(super) fn new(seed: u64, what: &str) -> Dice {
        let mixed = what
            .bytes()
            .fold(seed ^ 0x51_7c_c1_b7_27_22_0a_95, |mixed, byte| (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut dice = Dice(mixed);
        dice.roll();
        dice
    }

    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 when that is 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.roll() % bound).unwrap_or(0)
    }

    /// Yes in one of so many cases; never when that is 0.
    pub(super) fn once_in(&mut self, cases: usize) -> bool {
        cases > 0 && self.below(cases) == 0
    }

    /// One of these.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    /// A time between none and `most`, mostly short.
    pub(super) fn pause(&mut self, most: Duration) -> Duration {
        let most = usize::try_from(most.as_millis()).unwrap_or(usize::MAX);
        let most = if self.once_in(4) { most } else { most / 8 };
        Duration::from_millis(self.below(most.saturating_add(1)) as u64)
    }
}

/// Randomness of a node, from dice.
pub(super) struct Drawn(Mutex<Dice>);

impl Drawn {
    pub(super) fn new(dice: Dice) -> Drawn {
        Drawn(Mutex::new(dice))
    }
}

impl Randomness for Drawn {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), Fault> {
        let mut dice = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for part in buffer.chunks_mut(8) {
            let bytes = dice.roll().to_be_bytes();
            part.copy_from_slice(bytes.get(..part.len()).unwrap_or_default());
        }
        Ok(())
    }
}

/// A node's clock: the virtual time since the beginning, and as far off as this node's clock is.
pub(super) struct Skewed {
    pub(super) begun: Instant,
    /// What it showed at the beginning, in seconds since 1970 UTC.
    pub(super) at: i64,
}

impl Clock for Skewed {
    fn unix(&self) -> i64 {
        self.at + i64::try_from(self.begun.elapsed().as_secs()).unwrap_or(0)
    }
}
