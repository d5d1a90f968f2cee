//! Seeds of the simulation, and what it finds when something is wrong on purpose.

use tansiq_node::simulate::{self, Bug, Invariant, Plan, Report};

fn run(plan: &Plan, enough: usize) -> Report {
    simulate::run(plan, &|_, _| {}, enough).unwrap()
}

#[test]
fn no_promise_is_broken_in_two_thousand_worlds() {
    let plan = Plan { first: 0, seeds: 2000, threads: 2, bug: None, written: false };
    let report = run(&plan, usize::MAX);
    for outcome in &report.broken {
        println!("seed {}: {:?}", outcome.seed, outcome.breaches);
    }
    let seeds: Vec<u64> = report.broken.iter().map(|outcome| outcome.seed).collect();
    assert!(seeds.is_empty(), "seeds {seeds:?}; `tansiq simulate --seeds 1 --seed N --events` tells how");
    assert_eq!(report.seeds, 2000);
    println!("{:?} in {:.0} s", report.totals, report.seconds);
    // A fault that never comes finds nothing.
    for kind in [
        "answer lost",
        "broken off",
        "crash after a commit",
        "crash before a commit",
        "crash within a commit",
        "delay",
        "duplicate",
        "failed commit",
        "fork",
        "restore from an old back-up",
        "kill",
        "partition",
        "request lost",
    ] {
        assert!(report.totals.faults.get(kind).is_some_and(|count| *count > 50), "{kind}: {:?}", report.totals.faults);
    }
    assert!(report.totals.acts > 4000 && report.totals.records > 6000, "{:?}", report.totals);
}

/// Of the first twenty thousand worlds these once broke a promise.
#[test]
fn the_worlds_that_once_broke_a_promise_hold() {
    for seed in [3333, 3914, 4298, 5360, 5850, 7014, 11289, 12893, 15322, 15825, 17920, 20548] {
        let outcome = simulate::one(seed, None, false).unwrap();
        assert_eq!(outcome.breaches, [], "seed {seed}");
    }
}

#[test]
fn a_seed_replays_its_world_event_by_event() {
    for seed in 0..20 {
        let first = simulate::one(seed, None, true).unwrap();
        let again = simulate::one(seed, None, true).unwrap();
        let other = first.events.iter().zip(&again.events).find(|(one, two)| one != two);
        assert_eq!(other, None, "seed {seed}");
        assert_eq!(first.trace, again.trace, "seed {seed}");
        assert_eq!(first.trace, simulate::one(seed, None, false).unwrap().trace, "seed {seed}: told or not");
    }
}

/// Within how many seeds every planted fault is found, and how many are tried at a time.
const BOUND: u64 = 400;
const STRETCH: u64 = 20;

#[test]
fn every_promise_that_is_broken_on_purpose_is_found_broken() {
    for bug in Bug::ALL {
        let wanted: &[Invariant] = match bug {
            Bug::AnswerBeforeCommit => &[Invariant::Kept],
            Bug::ApplyTwice => &[Invariant::Same],
            Bug::LeakToEverybody => &[Invariant::Audience],
            Bug::ForkAfterRestore => &[Invariant::History],
            // Whoever forgets what it held of a log takes it in twice, before it could vouch for another history.
            Bug::CosignUnchecked => &[Invariant::History, Invariant::Order, Invariant::Same],
            Bug::SkipCausalWait => &[Invariant::Order],
            Bug::KeepErased => &[Invariant::Erased],
            Bug::WriteRefused => &[Invariant::Refusal],
            Bug::NeverCallAgain => &[Invariant::Converges],
        };
        let found = (0..BOUND / STRETCH).find_map(|stretch| {
            let plan = Plan { first: stretch * STRETCH, seeds: STRETCH, threads: 2, bug: Some(bug), written: false };
            let broken = run(&plan, usize::MAX).broken;
            let seed = broken.iter().find(|outcome| outcome.breaches.iter().any(|(invariant, _)| wanted.contains(invariant)));
            seed.map(|outcome| outcome.seed)
        });
        println!("{bug:?}: {wanted:?} is found broken by seed {found:?}");
        assert!(found.is_some(), "{bug:?} was not found in {BOUND} seeds");
    }
}
