//! Cheap repeatable input. Proptest chooses the seeds; one seed gives many inputs, because what costs time is proptest
//! itself.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// The generator SplitMix64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// A number of random magnitude, up to `max`.
    pub(crate) fn magnitude(&mut self, max: u64) -> u64 {
        (self.next() >> self.below(64)).min(max)
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.next() as u8
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.byte()).collect()
    }

    pub(crate) fn array(&mut self) -> [u8; 32] {
        self.bytes(32).try_into().unwrap()
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// Runs `check` on `cases` seeds of proptest's choice.
pub(crate) fn for_seeds(cases: u32, check: impl Fn(&mut Random)) {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 0, ..Config::default() };
    let run = TestRunner::new(config).run(&any::<u64>(), |seed| {
        check(&mut Random::new(seed));
        Ok(())
    });
    run.unwrap();
}
