//! What follows from scores, tried in every combination.

use super::result::{Gate, Level, held, scored};
use super::*;
use crate::words::Tongue;
use serde_json::{Value, json};

fn method() -> Method {
    let words = |text: &str| Words::one(Tongue::En, text);
    let indicator = |id: &str, essential: bool| Indicator {
        id: id.to_owned(),
        condition: "C".to_owned(),
        words: words(id),
        essential: Some(essential),
        data_source: "Reports".to_owned(),
        threshold: "None".to_owned(),
        validity_days: 90,
    };
    Method {
        title: words("Assessment"),
        mission: words("Mission"),
        conditions: vec![Condition { id: "C".to_owned(), factor: Factor::Threat, words: words("Condition") }],
        indicators: vec![indicator("a", true), indicator("b", true), indicator("c", false)],
        sources: Vec::new(),
    }
}

/// A cycle that two parties have revealed, each with one verdict per indicator.
fn cycle(first: [&str; 3], second: [&str; 3]) -> Cycle {
    let scores = |verdicts: [&str; 3]| -> Value {
        let score = |(id, verdict): (&str, &str)| json!({
            "indicator": id, "score": verdict, "confidence": "high", "evidence_date": "2026-01-01"
        });
        ["a", "b", "c"].into_iter().zip(verdicts).map(score).collect()
    };
    let record = "ab".repeat(32);
    let seal = |verdicts| {
        let revealed = json!({ "record": record, "at": "2026-01-02T09:00:00Z", "scores": scores(verdicts) });
        json!({ "record": record, "at": "2026-01-01T09:00:00Z", "digest": "", "revealed": revealed })
    };
    let cycle = json!({
        "number": 1, "as_of": "2026-01-01", "method": method().content(), "parties": ["IRQ", "USA"],
        "begun": "2026-01-01T06:00:00Z", "voiding": {}, "seals": { "IRQ": seal(first), "USA": seal(second) }
    });
    serde_json::from_value(cycle).unwrap()
}

fn condition(first: [&str; 3], second: [&str; 3], today: &str) -> (Level, u64, u64, u64) {
    let (method, cycle) = (method(), cycle(first, second));
    let found = scored(&method, &cycle, today.parse().unwrap());
    let condition = &held(&method, &found)[0];
    assert_eq!(condition.aggregate.n, 3);
    (condition.level, condition.aggregate.contested, condition.aggregate.stale, condition.aggregate.unknown)
}

const EARLY: &str = "2026-03-31";
const LATE: &str = "2026-04-02";

#[test]
fn a_condition_is_its_worst_essential_indicator() {
    let met = ["met", "met", "not-met"];
    assert_eq!(condition(met, met, EARLY), (Level::Met, 0, 0, 0));
    let partly = ["met", "partly", "met"];
    assert_eq!(condition(partly, partly, EARLY), (Level::Partly, 0, 0, 0));
    let unknown = ["met", "not-assessed", "met"];
    assert_eq!(condition(unknown, unknown, EARLY), (Level::Unknown, 0, 0, 1));
    let failed = ["met", "not-met", "met"];
    assert_eq!(condition(failed, failed, EARLY), (Level::NotMet, 0, 0, 0));
}

#[test]
fn where_the_parties_differ_the_lower_counts() {
    assert_eq!(condition(["met"; 3], ["met", "partly", "met"], EARLY), (Level::Partly, 1, 0, 0));
    assert_eq!(condition(["not-met", "met", "met"], ["met"; 3], EARLY), (Level::NotMet, 1, 0, 0));
    assert_eq!(condition(["met"; 3], ["met", "not-assessed", "met"], EARLY), (Level::Unknown, 1, 0, 1));
}

#[test]
fn old_evidence_never_counts_as_met_and_makes_nothing_better() {
    assert_eq!(condition(["met"; 3], ["met"; 3], "2026-04-01").0, Level::Met);
    assert_eq!(condition(["met"; 3], ["met"; 3], LATE), (Level::Unknown, 0, 3, 0));
    assert_eq!(condition(["partly"; 3], ["partly"; 3], LATE).0, Level::Unknown);
    assert_eq!(condition(["not-met"; 3], ["not-met"; 3], LATE).0, Level::NotMet);
}

#[test]
fn a_gate_is_met_only_when_every_condition_is() {
    assert_eq!(Gate::over([Level::Met, Level::Met]), Gate::Met);
    assert_eq!(Gate::over([Level::Met, Level::Unknown]), Gate::Unknown);
    assert_eq!(Gate::over([Level::Unknown, Level::Partly]), Gate::NotMet);
    assert_eq!(Gate::over([Level::NotMet, Level::Unknown]), Gate::NotMet);
}

#[test]
fn nothing_is_weighted_and_nothing_is_averaged() {
    let fields = SPECS.iter().flat_map(|spec| spec.fields.iter().chain(spec.sealed)).map(|field| field.name);
    let nested = method::INDICATOR.iter().chain(method::CONDITION).map(|field| field.name);
    assert!(fields.chain(nested).all(|name| !name.contains("weight") && !name.contains("average")));
}
