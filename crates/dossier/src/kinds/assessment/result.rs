//! What follows from the scores, and what nobody can set: how indicators, conditions and gates stand on a day.

use super::cycle::Cycle;
use super::method::{Indicator, Method};
use super::scores::{Score, Verdict};
use crate::figure::Aggregate;
use crate::party::PartyId;
use crate::time::Date;
use serde::{Deserialize, Serialize};

/// How an indicator or a condition counts, from the worst on. What is unknown counts as less than what is met in part: it can
/// be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    NotMet,
    Unknown,
    Partly,
    Met,
}

impl Level {
    pub(super) fn name(self) -> &'static str {
        match self {
            Level::NotMet => "not-met",
            Level::Unknown => "unknown",
            Level::Partly => "partly",
            Level::Met => "met",
        }
    }
}

/// How the gate of a milestone stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Gate {
    Met,
    NotMet,
    Unknown,
}

impl Gate {
    pub(super) fn name(self) -> &'static str {
        match self {
            Gate::Met => "met",
            Gate::NotMet => "not-met",
            Gate::Unknown => "unknown",
        }
    }

    /// The gate over conditions that count like this: met when all are, and unknown when nothing worse is known.
    pub(super) fn over(levels: impl IntoIterator<Item = Level>) -> Gate {
        levels.into_iter().fold(Gate::Met, |gate, level| match (gate, level) {
            (Gate::NotMet, _) | (_, Level::NotMet | Level::Partly) => Gate::NotMet,
            (_, Level::Unknown) => Gate::Unknown,
            (gate, Level::Met) => gate,
        })
    }
}

/// An indicator as the parties scored it.
#[derive(Debug, Clone)]
pub(super) struct Scored<'a> {
    pub indicator: &'a Indicator,
    /// Each party's score; none where it left the indicator out.
    pub scores: Vec<(&'a PartyId, Option<&'a Score>)>,
    /// What counts: the lowest.
    pub level: Level,
    /// Whether the parties scored it differently.
    pub divergent: bool,
    /// Whether a party's evidence is older than it may be.
    pub stale: bool,
    /// Whether a party has not assessed it.
    pub unknown: bool,
}

/// A condition as its indicators leave it.
#[derive(Debug, Clone)]
pub(super) struct Held<'a> {
    pub id: &'a str,
    /// That of its worst essential indicator.
    pub level: Level,
    /// What it is made of.
    pub aggregate: Aggregate,
}

/// Every indicator of the method as a cycle scored it, on this day.
pub(super) fn scored<'a>(method: &'a Method, cycle: &'a Cycle, today: Date) -> Vec<Scored<'a>> {
    method.indicators.iter().map(|indicator| score(indicator, cycle, today)).collect()
}

fn score<'a>(indicator: &'a Indicator, cycle: &'a Cycle, today: Date) -> Scored<'a> {
    let of = |party: &PartyId| {
        let revealed = cycle.revealed(party)?;
        revealed.scores.iter().find(|score| score.indicator == indicator.id)
    };
    let scores: Vec<(&PartyId, Option<&Score>)> = cycle.parties.iter().map(|party| (party, of(party))).collect();
    let verdicts: Vec<Verdict> = scores.iter().map(|(_, score)| score.map_or(Verdict::NotAssessed, |score| score.score)).collect();
    let is_stale = |score: &Score| score.evidence_date.is_some_and(|date| indicator.is_stale(date, today));
    let level = scores.iter().map(|(_, score)| score.map_or(Level::Unknown, |score| level(score.score, is_stale(score)))).min();
    Scored {
        indicator,
        level: level.unwrap_or(Level::Unknown),
        divergent: verdicts.windows(2).any(|pair| pair[0] != pair[1]),
        stale: scores.iter().any(|(_, score)| score.is_some_and(|score| score.score != Verdict::NotAssessed && is_stale(score))),
        unknown: verdicts.contains(&Verdict::NotAssessed),
        scores,
    }
}

/// What one score counts. Evidence that is too old shows nothing to be met any more, and makes nothing better either.
fn level(verdict: Verdict, stale: bool) -> Level {
    let level = match verdict {
        Verdict::Met => Level::Met,
        Verdict::Partly => Level::Partly,
        Verdict::NotMet => Level::NotMet,
        Verdict::NotAssessed => Level::Unknown,
    };
    if stale { level.min(Level::Unknown) } else { level }
}

/// Every condition of the method, from its scored indicators.
pub(super) fn held<'a>(method: &'a Method, scored: &[Scored<'_>]) -> Vec<Held<'a>> {
    let of = |id: &'a str| {
        let own: Vec<&Scored<'_>> = scored.iter().filter(|scored| scored.indicator.condition == id).collect();
        let worst = own.iter().filter(|scored| scored.indicator.is_essential()).map(|scored| scored.level).min();
        Held { id, level: worst.unwrap_or(Level::Unknown), aggregate: aggregate(own.into_iter()) }
    };
    method.conditions.iter().map(|condition| of(&condition.id)).collect()
}

/// How many indicators there are, and what is weak about them.
pub(super) fn aggregate<'a, 'b: 'a>(scored: impl Iterator<Item = &'a Scored<'b>>) -> Aggregate {
    scored.fold(Aggregate::default(), |sum, scored| Aggregate {
        n: sum.n + 1,
        contested: sum.contested + u64::from(scored.divergent),
        stale: sum.stale + u64::from(scored.stale),
        unknown: sum.unknown + u64::from(scored.unknown),
    })
}
