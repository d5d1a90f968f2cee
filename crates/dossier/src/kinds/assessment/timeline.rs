//! The milestones of a mission's timeline. A date that slipped stays to be seen, and so does a gate that was overridden.

use super::acts::{MilestoneDone, MoveMilestone, OrderMilestone, OverrideGate, Rule, SetMilestone};
use super::result::Gate;
use crate::fold::Context;
use crate::mutual::Mutual;
use crate::party::PartyId;
use crate::refusal::{Common, Refusal};
use crate::time::{Date, Moment};
use crate::words::Words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The dates of a milestone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Dates {
    pub earliest: Date,
    pub planned: Date,
    pub latest: Date,
}

impl Dates {
    pub(super) fn checked(earliest: Date, planned: Date, latest: Date) -> Result<Dates, Refusal> {
        if earliest > planned {
            return Err(Refusal::from(Rule::DatesOutOfOrder).at("earliest"));
        }
        if planned > latest {
            return Err(Refusal::from(Rule::DatesOutOfOrder).at("latest"));
        }
        Ok(Dates { earliest, planned, latest })
    }
}

/// Dates that were in force before others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slip {
    pub dates: Dates,
    /// When they were replaced, as claimed by the party that completed the agreement.
    pub until: Moment,
    /// Whether it had been ordered for them.
    pub ordered: bool,
    /// What the parties said for moving them.
    pub reasons: BTreeMap<PartyId, String>,
}

/// A gate that was overridden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Overridden {
    pub at: Moment,
    /// How the gate stood.
    pub gate: Gate,
    pub reasons: BTreeMap<PartyId, String>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ordered {
    pub at: Moment,
    /// How the gate stood.
    pub gate: Gate,
}

/// One milestone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Milestone {
    pub action: Words,
    pub dates: Dates,
    /// The conditions that must be met before it is ordered.
    pub gate: Vec<String>,
    pub set_at: Moment,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slips: Vec<Slip>,
    pub moving: Mutual<Dates>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub move_reasons: BTreeMap<PartyId, String>,
    pub overriding: Mutual<bool>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub override_reasons: BTreeMap<PartyId, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Overridden>,
    pub ordering: Mutual<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<Ordered>,
    pub finishing: Mutual<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Date>,
}

impl Milestone {
    pub(super) fn new(context: &Context<'_>, act: SetMilestone, dates: Dates) -> Milestone {
        Milestone {
            action: act.action,
            dates,
            gate: act.gate.into_iter().map(|row| row.condition).collect(),
            set_at: context.stamp.at,
            slips: Vec::new(),
            moving: Mutual::default(),
            move_reasons: BTreeMap::new(),
            overriding: Mutual::default(),
            override_reasons: BTreeMap::new(),
            overrides: Vec::new(),
            ordering: Mutual::default(),
            ordered: None,
            finishing: Mutual::default(),
            done: None,
        }
    }

    /// Whether every party has overridden the gate as it was last found.
    pub(super) fn is_overridden(&self) -> bool {
        self.overriding.settled().is_some()
    }

    /// Whether it may be ordered while its gate stands like this.
    pub(super) fn may_be_ordered(&self, gate: Gate) -> bool {
        gate == Gate::Met || self.is_overridden()
    }

    pub(super) fn is_late(&self, today: Date) -> bool {
        self.done.is_none() && self.dates.planned < today
    }

    fn check_open(&self) -> Result<(), Refusal> {
        if self.done.is_some() { Err(Rule::IsDone.into()) } else { Ok(()) }
    }

    fn check_not_ordered(&self) -> Result<(), Refusal> {
        self.check_open()?;
        if self.ordered.is_some() { Err(Rule::AlreadyOrdered.into()) } else { Ok(()) }
    }

    pub(super) fn move_to(&mut self, context: &Context<'_>, act: MoveMilestone) -> Result<(), Refusal> {
        self.check_open()?;
        let dates = Dates::checked(act.earliest, act.planned, act.latest)?;
        if dates == self.dates {
            return Err(Refusal::from(Rule::SameDates).at("planned"));
        }
        let settled = self.moving.assent(context, dates)?;
        self.move_reasons.insert(context.stamp.party.clone(), act.reason);
        if settled {
            let reasons = std::mem::take(&mut self.move_reasons);
            let ordered = self.ordered.take().is_some();
            self.slips.push(Slip { dates: self.dates, until: context.stamp.at, ordered, reasons });
            self.dates = dates;
            self.moving = Mutual::default();
            self.finishing = Mutual::default();
            self.reopen();
        }
        Ok(())
    }

    /// Lets go of what was said of the gate and the order, because what it was said of has changed.
    pub(super) fn reopen(&mut self) {
        if self.ordered.is_none() && self.done.is_none() {
            self.overriding = Mutual::default();
            self.override_reasons.clear();
            self.ordering = Mutual::default();
        }
    }

    pub(super) fn override_gate(&mut self, context: &Context<'_>, gate: Gate, act: OverrideGate) -> Result<(), Refusal> {
        self.check_not_ordered()?;
        if gate == Gate::Met {
            return Err(Rule::GateIsMet.into());
        }
        let settled = self.overriding.assent(context, true)?;
        self.override_reasons.insert(context.stamp.party.clone(), act.reason);
        if settled {
            let reasons = std::mem::take(&mut self.override_reasons);
            self.overrides.push(Overridden { at: context.stamp.at, gate, reasons });
        }
        Ok(())
    }

    pub(super) fn order(&mut self, context: &Context<'_>, gate: Gate, act: &OrderMilestone) -> Result<(), Refusal> {
        self.check_not_ordered()?;
        if act.planned != self.dates.planned {
            return Err(Refusal::from(Common::NotTheCurrentContent).at("planned"));
        }
        if !self.may_be_ordered(gate) {
            return Err(Rule::GateNotMet.into());
        }
        if self.ordering.assent(context, act.planned)? {
            self.ordered = Some(Ordered { at: context.stamp.at, gate });
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, context: &Context<'_>, act: &MilestoneDone) -> Result<(), Refusal> {
        self.check_open()?;
        if self.ordered.is_none() {
            return Err(Rule::NotOrdered.into());
        }
        if act.on > context.stamp.at.civil_date() {
            return Err(Refusal::from(Rule::DoneInTheFuture).at("on"));
        }
        if self.finishing.assent(context, act.on)? {
            self.done = Some(act.on);
            self.moving = Mutual::default();
            self.move_reasons.clear();
        }
        Ok(())
    }
}
