//! One person of a family unit: what was recorded, and the state that follows. Adults decide separately, so the state is
//! never that of the unit.

use super::acts::{
    AgeBand, Aside, Before, BestInterest, Decision, Informed, Milestone, MoveReason, Protection, Screening, Separation,
    SettledIn, Verification, VerificationMethod, Wellbeing, Witness,
};
use crate::mutual::Mutual;
use crate::party::{InstitutionId, PartyId};
use crate::place::Place;
use crate::record::{DossierId, RecordId};
use crate::time::{Date, Moment};
use crate::words::Tongue;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// After how many days in a transit centre a stay is shown as an alarm.
pub(super) const STAY_ALERTS: [i64; 4] = [180, 120, 90, 60];

/// How many days before its day a visit may take place.
const VISIT_EARLY: i64 = 7;

/// What an authority found, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Verified {
    pub(super) nationality: PartyId,
    pub(super) verification: Verification,
    pub(super) method: VerificationMethod,
    pub(super) authority: InstitutionId,
    pub(super) on: Date,
}

/// What an institution's assessment of the person came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Assessed {
    pub(super) screening: Screening,
    pub(super) institution: InstitutionId,
    pub(super) on: Date,
}

/// A decision on protection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Protected {
    pub(super) protection: Protection,
    pub(super) institution: InstitutionId,
    pub(super) on: Date,
    pub(super) record: RecordId,
    /// Whether every party has lifted it: bars alone.
    #[serde(default)]
    pub(super) lifted: bool,
}

/// What an adult has decided, before whom, and how it was informed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Decided {
    pub(super) decision: Decision,
    pub(super) on: Date,
    pub(super) informed: BTreeSet<Informed>,
    pub(super) before: Before,
    pub(super) witness: Witness,
    pub(super) medical_consent: bool,
}

/// What one institution finds to be in the person's best interests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) best_interest: BestInterest,
    pub(super) institution: InstitutionId,
    pub(super) on: Date,
    pub(super) medical_consent: bool,
    /// Whether a withdrawal came after it.
    #[serde(default)]
    pub(super) void: bool,
}

/// A journey for which parties clear a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Journey {
    pub(super) person: RecordId,
    pub(super) destination: Place,
    pub(super) travel_on: Date,
}

/// Where the person settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settled {
    pub(super) settled_in: SettledIn,
    pub(super) place: Place,
    pub(super) on: Date,
}

/// What was recorded about one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Person {
    pub(super) number: usize,
    pub(super) age_band: AgeBand,
    pub(super) party: PartyId,
    pub(super) at: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) moved_from: Option<DossierId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) told: Option<(Date, Tongue)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) claimed: Option<(PartyId, Date)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) verifications: Vec<Verified>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) assessments: Vec<Assessed>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) protections: Vec<Protected>,
    #[serde(default, skip_serializing_if = "Mutual::is_silent")]
    pub(super) lifting: Mutual<RecordId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) decisions: Vec<Decided>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) best_interests: Vec<Found>,
    /// The day of a withdrawal after which nothing new was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) withdrawn: Option<Date>,
    #[serde(default, skip_serializing_if = "Mutual::is_silent")]
    pub(super) clearance: Mutual<Journey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) manifest: Option<(DossierId, Date)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) departed: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) received: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) admitted: Option<(String, Date)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ready: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) settled: Option<Settled>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) visits: BTreeMap<Milestone, (Wellbeing, Date)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) aside: Option<(Aside, Date)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) separated: Option<(Separation, Date)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) moved_to: Option<(DossierId, MoveReason)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) closed: Option<Date>,
}

impl Milestone {
    /// Every visit.
    pub(super) const ALL: [Milestone; 4] = [Milestone::D30, Milestone::D90, Milestone::D180, Milestone::D365];

    /// How many days after settling it falls due.
    #[must_use]
    pub(super) fn days(self) -> i64 {
        match self {
            Milestone::D30 => 30,
            Milestone::D90 => 90,
            Milestone::D180 => 180,
            Milestone::D365 => 365,
        }
    }
}

/// The day so many days later.
#[must_use]
pub(super) fn later(day: Date, days: i64) -> Date {
    day.checked_add(jiff::Span::new().days(days)).unwrap_or(Date::MAX)
}

/// How many days lie between two days; none when the second is not the later one.
#[must_use]
pub(super) fn days_between(first: Date, second: Date) -> i64 {
    let span = first.until(second).map_or(0, |span| i64::from(span.get_days()));
    span.max(0)
}

impl Person {
    /// A person who was located, and of whom nothing else is known here.
    #[must_use]
    pub(super) fn located(number: usize, age_band: AgeBand, party: PartyId, at: Moment, moved_from: Option<DossierId>) -> Person {
        Person {
            number,
            age_band,
            party,
            at,
            moved_from,
            told: None,
            claimed: None,
            verifications: Vec::new(),
            assessments: Vec::new(),
            protections: Vec::new(),
            lifting: Mutual::default(),
            decisions: Vec::new(),
            best_interests: Vec::new(),
            withdrawn: None,
            clearance: Mutual::default(),
            manifest: None,
            departed: None,
            received: None,
            admitted: None,
            ready: None,
            settled: None,
            visits: BTreeMap::new(),
            aside: None,
            separated: None,
            moved_to: None,
            closed: None,
        }
    }

    /// Whether the work for the person goes on in this case.
    #[must_use]
    pub(super) fn is_open(&self) -> bool {
        self.closed.is_none() && self.moved_to.is_none()
    }

    /// Whether the person is dead.
    #[must_use]
    pub(super) fn is_dead(&self) -> bool {
        matches!(self.aside, Some((Aside::Died, _)))
    }

    /// What was found of the claimed nationality: each authority's last word, and contested when they differ.
    #[must_use]
    pub(super) fn nationality(&self) -> Option<Verification> {
        let (claimed, _) = self.claimed.as_ref()?;
        let about = self.verifications.iter().filter(|found| found.nationality == *claimed);
        let words: BTreeMap<&InstitutionId, Verification> = about.map(|found| (&found.authority, found.verification)).collect();
        let mut words = words.into_values();
        let first = words.next()?;
        Some(if words.all(|other| other == first) { first } else { Verification::Contested })
    }

    /// What the last assessment came to.
    #[must_use]
    pub(super) fn screening(&self) -> Option<Screening> {
        self.assessments.last().map(|assessed| assessed.screening)
    }

    /// The bar that stands, if one does.
    #[must_use]
    pub(super) fn bar(&self) -> Option<&Protected> {
        self.protections.iter().find(|decided| decided.protection == Protection::Bar && !decided.lifted)
    }

    /// The decision on protection that counts: none when the last one is a lifted bar.
    #[must_use]
    pub(super) fn protection(&self) -> Option<&Protected> {
        self.bar().or_else(|| self.protections.last().filter(|decided| !decided.lifted))
    }

    /// Whether this institution has ever screened the person.
    #[must_use]
    pub(super) fn was_screened_by(&self, institution: &InstitutionId) -> bool {
        self.assessments.iter().any(|assessed| assessed.institution == *institution)
    }

    /// What the adult decided last.
    #[must_use]
    pub(super) fn decision(&self) -> Option<&Decided> {
        self.decisions.last()
    }

    /// Whether the person does not want to return, as last recorded.
    #[must_use]
    pub(super) fn refuses(&self) -> bool {
        self.withdrawn.is_some() || self.decision().is_some_and(|decided| decided.decision == Decision::Refuses)
    }

    /// Each institution's last word on the person's best interests.
    #[must_use]
    pub(super) fn interests(&self) -> BTreeMap<&InstitutionId, BestInterest> {
        let standing = self.best_interests.iter().filter(|found| !found.void);
        standing.map(|found| (&found.institution, found.best_interest)).collect()
    }

    /// Whether urgent medical needs may be told: the person's own word, or for a child that of the institution which
    /// assessed its best interests.
    #[must_use]
    pub(super) fn consents_to_medical(&self) -> bool {
        if self.age_band == AgeBand::Adult {
            return self.decision().is_some_and(|decided| decided.decision == Decision::Consents && decided.medical_consent);
        }
        let found = self.best_interests.iter().rfind(|found| !found.void);
        found.is_some_and(|found| found.best_interest == BestInterest::Return && found.medical_consent)
    }

    /// What was cleared and manifested holds no longer.
    pub(super) fn void_travel(&mut self) {
        self.clearance = Mutual::default();
        self.manifest = None;
    }

    /// The next visit that has not taken place, and its day.
    #[must_use]
    pub(super) fn next_visit(&self) -> Option<(Milestone, Date)> {
        let settled = self.settled.as_ref().filter(|_| self.is_open() && !self.is_dead())?;
        let open = Milestone::ALL.into_iter().find(|milestone| !self.visits.contains_key(milestone))?;
        Some((open, later(settled.on, open.days())))
    }

    /// The first day on which a visit may take place.
    #[must_use]
    pub(super) fn visit_from(&self, milestone: Milestone) -> Option<Date> {
        self.settled.as_ref().map(|settled| later(settled.on, milestone.days() - VISIT_EARLY))
    }

    /// After how many days an alarm stands on the person's stay in a transit centre, on this day.
    #[must_use]
    pub(super) fn stay_alert(&self, today: Date) -> Option<i64> {
        let (_, since) = self.admitted.as_ref()?;
        if self.settled.is_some() || !self.is_open() || self.is_dead() {
            return None;
        }
        let stayed = days_between(*since, today);
        STAY_ALERTS.into_iter().find(|alert| stayed >= *alert)
    }

    /// Whether nothing more is to be done for the person.
    #[must_use]
    pub(super) fn may_close(&self) -> bool {
        let visited = Milestone::ALL.iter().all(|milestone| self.visits.contains_key(milestone));
        let ended = self.departed.is_none() && (self.refuses() || self.nationality() == Some(Verification::NotVerified));
        self.is_open() && (self.is_dead() || visited || ended)
    }

    /// The last day on which what identifies the person may be kept: six months after a refusal or a nationality that was not
    /// verified, a year after closing.
    #[must_use]
    pub(super) fn kept_until(&self) -> Option<Date> {
        let months = |day: Date, months: i64| day.checked_add(jiff::Span::new().months(months)).unwrap_or(Date::MAX);
        let before_departure = self.departed.is_none();
        let refused = self.decision().filter(|decided| decided.decision == Decision::Refuses).map(|decided| decided.on);
        let unverified = self.verifications.last().filter(|_| self.nationality() == Some(Verification::NotVerified));
        let short = [refused, self.withdrawn, unverified.map(|found| found.on)];
        let short = short.into_iter().flatten().filter(|_| before_departure).map(|day| months(day, 6)).min();
        short.into_iter().chain(self.closed.map(|day| months(day, 12))).min()
    }

    /// The person's state, as a word of the sheet.
    #[must_use]
    pub(super) fn state(&self) -> &'static str {
        if self.moved_to.is_some() {
            return "moved";
        }
        if self.closed.is_some() {
            return "closed";
        }
        if let Some((aside, _)) = self.aside {
            return aside.name();
        }
        self.journey_state().unwrap_or_else(|| self.state_before_travel())
    }

    fn journey_state(&self) -> Option<&'static str> {
        if let Some(settled) = &self.settled {
            return Some(if self.visits.is_empty() { settled.settled_in.name() } else { "followed-up" });
        }
        let passed = [
            (self.ready.is_some(), "ready"),
            (self.admitted.is_some(), "in-centre"),
            (self.received.is_some(), "received"),
            (self.departed.is_some(), "departed"),
            (self.withdrawn.is_some(), "withdrawn"),
            (self.manifest.is_some(), "manifested"),
            (self.clearance.settled().is_some(), "cleared"),
        ];
        passed.into_iter().find(|(yes, _)| *yes).map(|(_, state)| state)
    }

    fn state_before_travel(&self) -> &'static str {
        if self.bar().is_some() {
            return "bar";
        }
        if let Some(decided) = self.decision() {
            return decided.decision.name();
        }
        if let Some(decided) = self.protection() {
            return decided.protection.name();
        }
        if let Some(screening) = self.screening() {
            return screening.name();
        }
        match self.nationality() {
            Some(found) => found.name(),
            None if self.claimed.is_some() => "nationality-claimed",
            None => "located",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn adult() -> Person {
        Person::located(1, AgeBand::Adult, "SYR".parse().unwrap(), "2026-01-04T06:00:00Z".parse().unwrap(), None)
    }

    fn decided(decision: Decision) -> Decided {
        Decided {
            decision,
            on: day("2026-01-31"),
            informed: BTreeSet::new(),
            before: Before::CivilJudge,
            witness: Witness::Lawyer,
            medical_consent: false,
        }
    }

    fn found(verification: Verification) -> Verified {
        Verified {
            nationality: "IRQ".parse().unwrap(),
            verification,
            method: VerificationMethod::Document,
            authority: "irq.interior".parse().unwrap(),
            on: day("2026-01-10"),
        }
    }

    #[test]
    fn what_is_known_of_those_who_refuse_is_kept_for_six_months() {
        let mut person = adult();
        assert_eq!(person.kept_until(), None);
        person.decisions.push(decided(Decision::Refuses));
        assert_eq!(person.kept_until(), Some(day("2026-07-31")));
        person.closed = Some(day("2026-02-01"));
        assert_eq!(person.kept_until(), Some(day("2026-07-31")));
        person.decisions.push(decided(Decision::Consents));
        assert_eq!(person.kept_until(), Some(day("2027-02-01")));
    }

    #[test]
    fn a_withdrawal_and_a_nationality_that_is_not_verified_count_as_a_refusal() {
        let mut person = adult();
        person.withdrawn = Some(day("2026-03-01"));
        assert_eq!(person.kept_until(), Some(day("2026-09-01")));
        person.claimed = Some(("IRQ".parse().unwrap(), day("2026-01-05")));
        person.verifications.push(found(Verification::NotVerified));
        assert_eq!(person.kept_until(), Some(day("2026-07-10")));
        person.withdrawn = None;
        person.verifications.push(found(Verification::Verified));
        assert_eq!(person.kept_until(), None);
    }

    #[test]
    fn authorities_that_contradict_each_other_leave_a_nationality_contested() {
        let mut person = adult();
        person.claimed = Some(("IRQ".parse().unwrap(), day("2026-01-05")));
        person.verifications.push(found(Verification::Verified));
        person.verifications.push(Verified { authority: "irq.mofa".parse().unwrap(), ..found(Verification::NotVerified) });
        assert_eq!(person.nationality(), Some(Verification::Contested));
        person.claimed = Some(("SYR".parse().unwrap(), day("2026-01-06")));
        assert_eq!(person.nationality(), None);
    }
}
