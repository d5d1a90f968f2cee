//! One side of a crossing: what its party says of it.

use super::acts::{
    CloseIncident, DayHours, NotifyClosure, Opening, ReportIncident, SetHours, SetStatus, Transit, WithdrawClosure,
};
use super::{CrossingRefusal, Voice, check_not_future, check_place, check_span};
use crate::fold::Context;
use crate::record::RecordId;
use crate::refusal::Refusal;
use crate::time::Date;
use jiff::ToSpan;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// After how many days what a side said is shown as stale.
const STALE_AFTER: i64 = 30;

/// What a side said of how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Status {
    pub(super) by: Voice,
    pub(super) said: SetStatus,
}

/// The hours of a side from some day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hours {
    pub(super) by: Voice,
    pub(super) from: Date,
    pub(super) days: Vec<DayHours>,
}

/// An announced closure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Closure {
    pub(super) by: Voice,
    pub(super) said: NotifyClosure,
    /// By which record it was taken back, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) withdrawn: Option<(Voice, String)>,
}

impl Closure {
    /// Whether it is in effect on this day.
    pub(super) fn holds_on(&self, day: Date) -> bool {
        self.withdrawn.is_none() && (self.said.from..=self.said.until).contains(&day)
    }
}

/// An incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Happened {
    pub(super) by: Voice,
    pub(super) said: ReportIncident,
    /// By which record it was closed, and what became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) closed: Option<(Voice, String)>,
}

/// One side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Side {
    /// What the crossing is called there.
    pub(super) called: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) statuses: Vec<Status>,
    /// How many of these were said before the crossing was last taken into use again.
    #[serde(default)]
    pub(super) lapsed: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) hours: Vec<Hours>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) closures: Vec<Closure>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) incidents: Vec<Happened>,
}

impl Side {
    pub(super) fn called(name: String) -> Side {
        Side {
            called: name,
            statuses: Vec::new(),
            lapsed: 0,
            hours: Vec::new(),
            closures: Vec::new(),
            incidents: Vec::new(),
        }
    }

    /// Lets what was said of the status so far speak no more.
    pub(super) fn lapse(&mut self) {
        self.lapsed = self.statuses.len();
    }

    pub(super) fn set_status(
        &mut self,
        context: &Context<'_>,
        transits: &BTreeSet<Transit>,
        act: SetStatus,
    ) -> Result<(), Refusal> {
        check_not_future(context, act.since, "since")?;
        if act.opening != Opening::Open && act.reason.as_ref().is_none_or(|reason| reason.trim().is_empty()) {
            return Err(Refusal::from(CrossingRefusal::NoReason).at("reason"));
        }
        let limits = act.limits.as_deref().unwrap_or_default();
        let known = limits.iter().all(|limit| transits.contains(&limit.transit));
        if limits.is_empty() == (act.opening == Opening::Restricted) || !known {
            return Err(Refusal::from(CrossingRefusal::WrongLimits).at("limits"));
        }
        self.statuses.push(Status { by: Voice::of(context), said: act });
        Ok(())
    }

    pub(super) fn set_hours(&mut self, context: &Context<'_>, act: SetHours) -> Result<(), Refusal> {
        let days: BTreeSet<_> = act.hours.iter().map(|day| day.weekday).collect();
        if days.len() != 7 || act.hours.len() != 7 || !act.hours.iter().all(DayHours::is_clear) {
            return Err(Refusal::from(CrossingRefusal::HoursUnclear).at("hours"));
        }
        let mut days = act.hours;
        days.sort_by_key(|day| day.weekday);
        self.hours.push(Hours { by: Voice::of(context), from: act.from, days });
        Ok(())
    }

    pub(super) fn notify_closure(
        &mut self,
        context: &Context<'_>,
        transits: &BTreeSet<Transit>,
        act: NotifyClosure,
    ) -> Result<(), Refusal> {
        check_span(act.from, act.until)?;
        if act.until < context.stamp.at.civil_date() {
            return Err(Refusal::from(CrossingRefusal::PastClosure).at("until"));
        }
        if act.transits.as_ref().is_some_and(|named| !named.is_subset(transits)) {
            return Err(Refusal::from(CrossingRefusal::OtherTransit).at("transits"));
        }
        self.closures.push(Closure { by: Voice::of(context), said: act, withdrawn: None });
        Ok(())
    }

    pub(super) fn withdraw_closure(&mut self, context: &Context<'_>, act: WithdrawClosure) -> Result<(), Refusal> {
        let standing = |closure: &&mut Closure| closure.by.record == act.closure && closure.withdrawn.is_none();
        let closure = self.closures.iter_mut().find(standing).ok_or_else(|| not_own_standing("closure"))?;
        closure.withdrawn = Some((Voice::of(context), act.reason));
        Ok(())
    }

    pub(super) fn report_incident(&mut self, context: &Context<'_>, act: ReportIncident) -> Result<(), Refusal> {
        check_place(&act.place)?;
        if act.at > context.stamp.at {
            return Err(Refusal::from(CrossingRefusal::InTheFuture).at("at"));
        }
        self.incidents.push(Happened { by: Voice::of(context), said: act, closed: None });
        Ok(())
    }

    pub(super) fn close_incident(&mut self, context: &Context<'_>, act: CloseIncident) -> Result<(), Refusal> {
        let open = |incident: &&mut Happened| incident.by.record == act.incident && incident.closed.is_none();
        let incident = self.incidents.iter_mut().find(open).ok_or_else(|| not_own_standing("incident"))?;
        incident.closed = Some((Voice::of(context), act.outcome));
        Ok(())
    }

    /// What the side said last of how it stands; nothing when it never spoke, or not since the crossing was reopened.
    pub(super) fn status(&self) -> Option<&Status> {
        self.statuses.iter().skip(self.lapsed).last()
    }

    /// How the side stands on this day, its own announced closures included; `None` when it is unknown.
    pub(super) fn standing(&self, day: Date, transits: &BTreeSet<Transit>) -> Option<Opening> {
        let said = self.status().map(|status| status.said.opening);
        let mut stopped: BTreeSet<Transit> = BTreeSet::new();
        for closure in self.closures.iter().filter(|closure| closure.holds_on(day)) {
            stopped.extend(closure.said.transits.as_ref().unwrap_or(transits));
        }
        if !stopped.is_empty() && transits.is_subset(&stopped) {
            return Some(Opening::Closed);
        }
        match said {
            Some(Opening::Open) if !stopped.is_empty() => Some(Opening::Restricted),
            other => other,
        }
    }

    /// Whether what the side said last is older than it may be.
    pub(super) fn is_stale(&self, today: Date) -> bool {
        self.status().is_some_and(|status| status.by.at.civil_date().saturating_add(STALE_AFTER.days()) < today)
    }

    /// The record of the hours that hold on this day: the last said of those that have begun.
    pub(super) fn hours_on(&self, day: Date) -> Option<RecordId> {
        self.hours.iter().rev().find(|hours| hours.from <= day).map(|hours| hours.by.record)
    }
}

pub(super) fn not_own_standing(field: &str) -> Refusal {
    Refusal::from(CrossingRefusal::NotOwnStanding).at(field)
}
