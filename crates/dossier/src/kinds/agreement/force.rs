//! When an agreement is in force: entry into force, term, renewal, suspension and end, as pure functions of the dossier and a
//! day. No act sets any of them.

use super::acts::{EntryRule, Instrument, Renewal, Rule, Text};
use super::{Agreement, Said};
use crate::party::PartyId;
use crate::refusal::Refusal;
use crate::time::Date;
use crate::words::{Tongue, Words};
use jiff::Span;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The days before the end of a term, or before the last day for notice, in which it is shown as near.
pub const NEAR_DAYS: i32 = 90;

/// The final clauses of an instrument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clauses {
    /// How it enters into force.
    pub entry: EntryRule,
    /// The day that the entry clause names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_date: Option<Date>,
    /// The days after the last notification that the entry clause names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_days: Option<i64>,
    /// The last day of the first term.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Date>,
    /// What happens on that day.
    pub renewal: Renewal,
    /// The length of each term of tacit renewal, in months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal_months: Option<i64>,
    /// The days that must lie between a notice and its effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice_days: Option<i64>,
}

impl Clauses {
    /// Whether the clauses fit each other.
    ///
    /// # Errors
    /// `AGR02` or `AGR03`, with the field that is in the way.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.entry_date.is_some() != (self.entry == EntryRule::OnDate) {
            return Err(Refusal::from(Rule::EntryClause).at("entry_date"));
        }
        if self.entry_days.is_some() != (self.entry == EntryRule::DaysAfterLastNotification) {
            return Err(Refusal::from(Rule::EntryClause).at("entry_days"));
        }
        let ends_before_it_begins = self.expires_on.zip(self.entry_date).is_some_and(|(end, begin)| end < begin);
        let nothing_to_renew = self.renewal != Renewal::None && self.expires_on.is_none();
        if ends_before_it_begins || nothing_to_renew {
            return Err(Refusal::from(Rule::TermClause).at("expires_on"));
        }
        if self.renewal_months.is_some() && self.renewal != Renewal::Tacit {
            return Err(Refusal::from(Rule::TermClause).at("renewal_months"));
        }
        Ok(())
    }

    /// Whether entry into force waits for each party's notification.
    #[must_use]
    pub fn asks_for_notification(&self) -> bool {
        matches!(self.entry, EntryRule::OnLastNotification | EntryRule::DaysAfterLastNotification)
    }

    /// The first day on which a notice given on `day` may take effect.
    #[must_use]
    pub fn notice_effective_from(&self, day: Date) -> Date {
        self.notice_days.map_or(day, |days| day.saturating_add(in_days(days)))
    }
}

/// All that the parties agree on when they initial, sign or register: its hash is what their acts cover.
#[derive(Serialize)]
pub(super) struct Content<'a> {
    pub(super) title: &'a Words,
    pub(super) instrument: Instrument,
    pub(super) clauses: &'a Clauses,
    pub(super) texts: &'a [Text],
    pub(super) prevailing: Option<Tongue>,
}

/// Since when an instrument is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// It has no day of entry into force yet.
    NotYet,
    /// From this day.
    From(Date),
    /// It was signed before it came here, and the parties have not said whether it is in force.
    Unknown,
}

/// The state of an instrument on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Opened, without text.
    Draft,
    /// A text is on the table.
    TextProposed,
    /// Every party has initialled the text on the table.
    Initialled,
    /// Every party has signed; not in force, or not known to be.
    Signed,
    /// In force.
    InForce,
    /// Suspended by agreement.
    Suspended,
    /// Its term is over.
    Expired,
    /// Ended by notice.
    Terminated,
    /// Another instrument stands in its place.
    Superseded,
}

impl Phase {
    /// The state's name: `in-force`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Phase::Draft => "draft",
            Phase::TextProposed => "text-proposed",
            Phase::Initialled => "initialled",
            Phase::Signed => "signed",
            Phase::InForce => "in-force",
            Phase::Suspended => "suspended",
            Phase::Expired => "expired",
            Phase::Terminated => "terminated",
            Phase::Superseded => "superseded",
        }
    }

    /// Whether the instrument has come to its end.
    #[must_use]
    pub fn is_over(self) -> bool {
        self >= Phase::Expired
    }
}

/// The term in which an instrument stands on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Term {
    /// The last day of the term; none when it runs without end.
    pub ends_on: Option<Date>,
    /// Whether it has been renewed tacitly.
    pub renewed: bool,
    /// The last day on which a notice keeps it from being renewed.
    pub notice_by: Option<Date>,
}

impl Agreement {
    /// Since when it is in force, by its entry clause.
    #[must_use]
    pub fn force(&self) -> Force {
        let Some(signing) = self.signing() else { return Force::NotYet };
        if let Some(day) = signing.in_force_on {
            return Force::From(day);
        }
        if signing.registered && !self.all_have_notified() {
            // Of what was signed elsewhere the clause alone proves nothing: what was to enter into force may not have.
            return Force::Unknown;
        }
        let by_rule = match self.clauses.entry {
            EntryRule::OnSignature => Some(signing.on),
            EntryRule::OnDate => self.clauses.entry_date.map(|day| day.max(signing.on)),
            EntryRule::OnLastNotification => self.last_notification(),
            EntryRule::DaysAfterLastNotification => {
                self.last_notification().map(|day| day.saturating_add(in_days(self.clauses.entry_days.unwrap_or(0))))
            }
        };
        by_rule.map_or(Force::NotYet, Force::From)
    }

    fn all_have_notified(&self) -> bool {
        self.clauses.asks_for_notification() && self.last_notification().is_some()
    }

    /// The day of the last notification, once every signatory has notified.
    fn last_notification(&self) -> Option<Date> {
        let days: Option<Vec<Date>> = self.signatories.iter().map(|party| self.notifications.get(party).map(|done| done.on)).collect();
        days?.into_iter().max()
    }

    /// Whether it is known to be in force on this day, suspended or not.
    #[must_use]
    pub fn is_in_force(&self, day: Date) -> bool {
        matches!(self.force(), Force::From(from) if from <= day) && !self.phase(day).is_over()
    }

    /// Whether it is in force on this day, or nobody knows.
    pub(super) fn may_be_in_force(&self, day: Date) -> bool {
        match self.force() {
            Force::From(from) => from <= day,
            Force::Unknown => true,
            Force::NotYet => false,
        }
    }

    /// Its state on this day.
    #[must_use]
    pub fn phase(&self, day: Date) -> Phase {
        if self.signing().is_none() {
            return match (self.initials.settled(), self.texts.is_empty()) {
                (Some(content), _) if *content == self.content => Phase::Initialled,
                (_, true) => Phase::Draft,
                (_, false) => Phase::TextProposed,
            };
        }
        let superseded = self.supersession.settled().is_some_and(|other| other.on.is_none_or(|on| on <= day));
        if superseded {
            Phase::Superseded
        } else if self.terminates_on().is_some_and(|end| end <= day) {
            Phase::Terminated
        } else if self.is_expired(day) {
            Phase::Expired
        } else if self.is_suspended(day) {
            Phase::Suspended
        } else if matches!(self.force(), Force::From(from) if from <= day) {
            Phase::InForce
        } else {
            Phase::Signed
        }
    }

    fn is_expired(&self, day: Date) -> bool {
        self.clauses.renewal != Renewal::Tacit && self.expires_on(day).is_some_and(|last| last < day)
    }

    /// Whether it is suspended by agreement on this day. A party's claim suspends nothing.
    #[must_use]
    pub fn is_suspended(&self, day: Date) -> bool {
        self.suspension.settled().is_some_and(|now| now.from <= day)
            || self.suspensions.iter().any(|past| past.from <= day && day < past.until)
    }

    /// The day on which notices end it. One notice ends an instrument between two parties; among more it ends when fewer
    /// than two are left.
    #[must_use]
    pub fn terminates_on(&self) -> Option<Date> {
        let mut by_party: BTreeMap<&PartyId, Date> = BTreeMap::new();
        for statement in &self.statements {
            if let Some(day) = statement.counting_notice() {
                let first = by_party.entry(&statement.by.party).or_insert(day);
                *first = day.min(*first);
            }
        }
        let mut days: Vec<Date> = by_party.into_values().collect();
        days.sort_unstable();
        let enough = self.signatories.len().saturating_sub(1).max(1);
        days.get(enough - 1).copied()
    }

    /// The last day of its term as the clauses and the amendments that apply on this day have it, before any renewal.
    fn expires_on(&self, day: Date) -> Option<Date> {
        let moved = self.amendments.iter().rev().filter(|amended| amended.act.on <= day).find_map(|amended| amended.act.expires_on);
        moved.or(self.clauses.expires_on)
    }

    /// The term in which it stands on this day.
    #[must_use]
    pub fn term(&self, day: Date) -> Term {
        let Some(first) = self.expires_on(day) else { return Term::default() };
        if self.clauses.renewal != Renewal::Tacit {
            return Term { ends_on: Some(first), ..Term::default() };
        }
        let ends_on = match self.clauses.renewal_months {
            Some(months) => Some(renewed_end(first, months, day)),
            None => (day <= first).then_some(first),
        };
        let notice_by = ends_on.zip(self.clauses.notice_days).map(|(end, days)| end.saturating_sub(in_days(days)));
        Term { ends_on, renewed: day > first, notice_by }
    }

    /// How its term is to be named on this day: `term-running`.
    #[must_use]
    pub fn term_name(&self, day: Date) -> &'static str {
        let term = self.term(day);
        let near = |coming: Option<Date>| coming.is_some_and(|coming| day <= coming && coming <= day.saturating_add(in_days(NEAR_DAYS.into())));
        match term {
            _ if self.is_expired(day) => "term-ended",
            Term { notice_by, .. } if near(notice_by) => "term-notice-closing",
            Term { ends_on, .. } if near(ends_on) && self.clauses.renewal != Renewal::Tacit => "term-ending",
            Term { renewed: true, .. } => "term-renewed",
            Term { ends_on: None, .. } => "term-without-end",
            Term { .. } => "term-running",
        }
    }

    /// Whether a notice with this effect may be given or confirmed on `day`.
    pub(super) fn allows_notice(&self, effective_on: Date, day: Date) -> bool {
        self.is_in_force(day) && effective_on >= self.clauses.notice_effective_from(day)
    }

    /// Whether a notice that counts, a claim of suspension or an objection stands.
    #[must_use]
    pub fn is_disputed(&self) -> bool {
        let withdrawn = |record| self.statements.iter().any(|other| other.by.record == record && other.withdrawn.is_some());
        let mut standing = self.statements.iter().filter(|statement| statement.withdrawn.is_none());
        standing.any(|statement| match statement.said {
            Said::Claim { .. } => true,
            Said::Notice { confirmed, .. } => confirmed.is_some(),
            // With what it was about, an objection has lost its object.
            Said::Objection { to } => !withdrawn(to),
        })
    }
}

/// The end of the term that runs on `day`, when terms of so many months follow on `first`.
fn renewed_end(first: Date, months: i64, day: Date) -> Date {
    if day <= first {
        return first;
    }
    let apart = (i64::from(day.year()) - i64::from(first.year())) * 12 + i64::from(day.month()) - i64::from(first.month());
    let end_after = |terms: i64| first.saturating_add(Span::new().try_months(terms.saturating_mul(months)).unwrap_or_default());
    // Counted from the first end each time, so that a term that ends on a 31st does not wander to the 28th.
    let terms = (apart / months).max(1);
    let end = end_after(terms);
    if end < day { end_after(terms + 1) } else { end }
}

fn in_days(days: i64) -> Span {
    Span::new().try_days(days).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_renewed_term_ends_on_the_same_day_of_the_month() {
        for (first, months, on, end) in [
            ("2025-12-31", 12, "2025-12-31", "2025-12-31"),
            ("2025-12-31", 12, "2026-01-01", "2026-12-31"),
            ("2025-12-31", 12, "2026-12-31", "2026-12-31"),
            ("2025-12-31", 12, "2027-01-01", "2027-12-31"),
            ("2025-01-31", 1, "2025-02-01", "2025-02-28"),
            ("2025-01-31", 1, "2025-03-01", "2025-03-31"),
            ("2024-02-29", 12, "2025-02-28", "2025-02-28"),
            ("2024-02-29", 12, "2028-02-29", "2028-02-29"),
            ("2024-06-15", 60, "2031-01-01", "2034-06-15"),
            ("2024-06-15", 1200, "9999-12-31", "9999-12-31"),
        ] {
            assert_eq!(renewed_end(day(first), months, day(on)), day(end), "{first} renewed by {months} months on {on}");
        }
    }

    #[test]
    fn the_term_on_a_day_is_the_first_that_has_not_ended() {
        for months in [1, 5, 12, 18] {
            let first = day("2024-08-31");
            let mut on = first;
            for _ in 0..900 {
                on = on.tomorrow().unwrap();
                let end = renewed_end(first, months, on);
                assert!(end >= on, "{on}: {end}");
                let before = renewed_end(first, months, on.yesterday().unwrap());
                assert!(before == end || before < on, "{on}: {before} and {end}");
            }
        }
    }

    #[test]
    fn a_notice_waits_as_long_as_the_clause_says() {
        let mut clauses = Clauses {
            entry: EntryRule::OnSignature,
            entry_date: None,
            entry_days: None,
            expires_on: None,
            renewal: Renewal::None,
            renewal_months: None,
            notice_days: None,
        };
        assert_eq!(clauses.notice_effective_from(day("2026-01-31")), day("2026-01-31"));
        clauses.notice_days = Some(90);
        assert_eq!(clauses.notice_effective_from(day("2026-01-31")), day("2026-05-01"));
    }
}
