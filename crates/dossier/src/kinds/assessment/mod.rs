//! An assessment: what a higher military commission finds on the threat, on operational and environmental requirements, and
//! on levels of capability, for the timeline of a mission.
//!
//! The method comes before any score, and every party adopts it. Each party scores blindly: it seals its scores, and reveals
//! them once all have sealed. What follows from the scores is derived and set by nobody: where parties differ the lower
//! counts, a condition is its worst essential indicator, and what is unknown or too old never counts as met. A milestone is
//! ordered when its gate is met, or when every party overrides the gate, with reasons, in the open.

mod acts;
mod cycle;
mod method;
mod offers;
mod result;
mod scores;
mod sheet;
#[cfg(test)]
mod tests;
mod timeline;

pub use acts::*;
pub use method::{Condition, Factor, Indicator, Method};
pub use scores::{Confidence, Score, Verdict};

use crate::act::ActSpec;
use crate::body::ActBody;
use crate::channel::Charter;
use crate::content::ContentHash;
use crate::fold::Context;
use crate::kinds::Rules;
use crate::mutual::Mutual;
use crate::party::PartyId;
use crate::record::RecordId;
use crate::refusal::{Common, Refusal};
use crate::sheet::{Offer, Sheet, View};
use crate::time::{Date, Moment};
use crate::words::Words;
use cycle::{Cycle, Finding, Own};
use result::{Gate, Level};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use timeline::{Dates, Milestone};

/// A method on the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Proposed {
    method: Method,
    content: ContentHash,
    by: PartyId,
    record: RecordId,
    at: Moment,
}

/// A method that every party adopted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Adopted {
    method: Method,
    content: ContentHash,
    at: Moment,
}

/// What is held about an assessment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proposed: Option<Proposed>,
    adoption: Mutual<ContentHash>,
    /// Every method that was adopted; the last is in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    methods: Vec<Adopted>,
    beginning: Mutual<BeginCycle>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cycles: Vec<Cycle>,
    /// Milestones that not every party has set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    setting: BTreeMap<String, Mutual<SetMilestone>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    milestones: BTreeMap<String, Milestone>,
}

impl Assessment {
    fn propose(&mut self, context: &Context<'_>, method: Method) -> Result<(), Refusal> {
        method.check()?;
        let content = method.content();
        if self.on_the_table() == Some(content) {
            return Err(Common::AlreadySaid.into());
        }
        // Who adopted what was on the table did not adopt this.
        self.adoption.lapse();
        let stamp = context.stamp;
        let back = self.adopted().is_some_and(|adopted| adopted.content == content);
        self.proposed =
            (!back).then(|| Proposed { method, content, by: stamp.party.clone(), record: context.record, at: stamp.at });
        Ok(())
    }

    fn adopt(&mut self, context: &Context<'_>, act: &AdoptMethod) -> Result<(), Refusal> {
        if self.open_cycle().is_some() {
            return Err(Rule::CycleIsOpen.into());
        }
        if self.on_the_table() != Some(act.content) {
            return Err(Common::NotTheCurrentContent.into());
        }
        if !self.adoption.assent(context, act.content)? {
            return Ok(());
        }
        let Some(Proposed { method, content, .. }) = self.proposed.take() else { return Ok(()) };
        self.methods.push(Adopted { method, content, at: context.stamp.at });
        // What was said by the old measure says nothing by the new one.
        self.beginning = Mutual::default();
        self.setting.clear();
        self.milestones.values_mut().for_each(Milestone::reopen);
        Ok(())
    }

    fn begin(&mut self, context: &Context<'_>, act: BeginCycle) -> Result<(), Refusal> {
        let content = self.adopted().map(|adopted| adopted.content).ok_or(Rule::NotAdopted)?;
        if self.open_cycle().is_some() {
            return Err(Rule::CycleIsOpen.into());
        }
        if act.cycle != self.next_cycle() {
            return Err(Refusal::from(Rule::NotTheNextCycle).at("cycle"));
        }
        if act.content != content {
            return Err(Common::NotTheCurrentContent.into());
        }
        if act.as_of > context.stamp.at.civil_date() {
            return Err(Refusal::from(Rule::AsOfToCome).at("as_of"));
        }
        if self.cycles.last().is_some_and(|last| act.as_of < last.as_of) {
            return Err(Refusal::from(Rule::BeforeTheLastCycle).at("as_of"));
        }
        if self.beginning.assent(context, act.clone())? {
            self.cycles.push(Cycle::begin(context, &act));
            self.beginning = Mutual::default();
        }
        Ok(())
    }

    fn seal(&mut self, context: &Context<'_>, act: &SealScores) -> Result<(), Refusal> {
        if self.methods.is_empty() {
            return Err(Rule::NotAdopted.into());
        }
        self.open_cycle_numbered(act.cycle)?.seal(context)
    }

    fn reveal(&mut self, context: &Context<'_>, act: &RevealScores) -> Result<(), Refusal> {
        let not_own = || Refusal::from(Rule::NotTheOwnSeal).at("of");
        let method = self.methods.last().map(|adopted| &adopted.method).ok_or_else(not_own)?;
        let cycle = self.cycles.last_mut().filter(|cycle| cycle.is_open()).ok_or_else(not_own)?;
        cycle.reveal(context, method, act)?;
        if cycle.is_complete() {
            // A gate was overridden as it was found then. It is found anew now.
            self.milestones.values_mut().for_each(Milestone::reopen);
        }
        Ok(())
    }

    fn void(&mut self, context: &Context<'_>, act: VoidCycle) -> Result<(), Refusal> {
        let cycle = self.open_cycle_numbered(act.cycle)?;
        let settled = cycle.voiding.assent(context, true)?;
        cycle.void_reasons.insert(context.stamp.party.clone(), act.reason);
        if settled {
            cycle.voided = Some(context.stamp.at);
        }
        Ok(())
    }

    fn agree(&mut self, context: &Context<'_>, act: AgreeFinding) -> Result<(), Refusal> {
        let cycle = self.assessed_cycle(act.cycle, &act.condition)?;
        let mut finding = cycle.findings.get(&act.condition).cloned().unwrap_or_default();
        finding.joint.assent(context, act.text)?;
        cycle.findings.insert(act.condition, finding);
        Ok(())
    }

    fn diverge(&mut self, context: &Context<'_>, act: StateDivergence) -> Result<(), Refusal> {
        let cycle = self.assessed_cycle(act.cycle, &act.condition)?;
        let party = &context.stamp.party;
        if let Some(Finding { joint, own }) = cycle.findings.get(&act.condition) {
            if joint.settled().is_some() {
                return Err(Refusal::from(Rule::FindingStands).at("condition"));
            }
            if own.get(party).is_some_and(|own| own.text == act.text) {
                return Err(Common::AlreadySaid.into());
            }
        }
        let own = Own { text: act.text, at: context.stamp.at, record: context.record };
        cycle.findings.entry(act.condition).or_default().own.insert(party.clone(), own);
        Ok(())
    }

    fn set_milestone(&mut self, context: &Context<'_>, act: SetMilestone) -> Result<(), Refusal> {
        let adopted = self.methods.last().ok_or(Rule::NotAdopted)?;
        if self.milestones.contains_key(&act.milestone) {
            return Err(Refusal::from(Rule::MilestoneIsSet).at("milestone"));
        }
        let dates = Dates::checked(act.earliest, act.planned, act.latest)?;
        if let Some(row) = act.gate.iter().position(|row| !adopted.method.has_condition(&row.condition)) {
            return Err(Refusal::from(Rule::NoSuchCondition).at(&format!("gate.{row}.condition")));
        }
        let id = act.milestone.clone();
        let mut setting = self.setting.get(&id).cloned().unwrap_or_default();
        if setting.assent(context, act.clone())? {
            self.setting.remove(&id);
            self.milestones.insert(id, Milestone::new(context, act, dates));
        } else {
            self.setting.insert(id, setting);
        }
        Ok(())
    }

    fn milestone(&mut self, id: &str) -> Result<&mut Milestone, Refusal> {
        self.milestones.get_mut(id).ok_or_else(|| Refusal::from(Rule::NoSuchMilestone).at("milestone"))
    }

    /// The milestone, and how its gate stands on the day of the act.
    fn at_its_gate(&mut self, context: &Context<'_>, id: &str) -> Result<(&mut Milestone, Gate), Refusal> {
        let gate = self.milestones.get(id).map(|milestone| self.gate(&milestone.gate, context.stamp.at.civil_date()));
        Ok((self.milestone(id)?, gate.unwrap_or(Gate::Unknown)))
    }

    fn adopted(&self) -> Option<&Adopted> {
        self.methods.last()
    }

    /// The hash of the method that a party would adopt now.
    fn on_the_table(&self) -> Option<ContentHash> {
        let proposed = self.proposed.as_ref().map(|proposed| proposed.content);
        proposed.or(self.adopted().map(|adopted| adopted.content))
    }

    fn next_cycle(&self) -> i64 {
        self.cycles.last().map_or(1, |last| last.number + 1)
    }

    fn open_cycle(&self) -> Option<&Cycle> {
        self.cycles.last().filter(|cycle| cycle.is_open())
    }

    fn open_cycle_numbered(&mut self, number: i64) -> Result<&mut Cycle, Refusal> {
        let cycle = self.cycles.last_mut().filter(|cycle| cycle.is_open() && cycle.number == number);
        cycle.ok_or_else(|| Refusal::from(Rule::NoSuchCycle).at("cycle"))
    }

    /// The latest cycle that every party has revealed.
    fn latest(&self) -> Option<&Cycle> {
        self.cycles.iter().rev().find(|cycle| cycle.voided.is_none() && cycle.is_complete())
    }

    /// The latest cycle that every party has revealed, when it has this number and its method this condition.
    fn assessed_cycle(&mut self, number: i64, condition: &str) -> Result<&mut Cycle, Refusal> {
        let latest = self.latest().filter(|cycle| cycle.number == number);
        let cycle = latest.ok_or_else(|| Refusal::from(Rule::NotAssessed).at("cycle"))?;
        if !self.method_of(cycle).is_some_and(|method| method.has_condition(condition)) {
            return Err(Refusal::from(Rule::NoSuchCondition).at("condition"));
        }
        let cycle = self.cycles.iter_mut().find(|cycle| cycle.number == number);
        cycle.ok_or_else(|| Rule::NotAssessed.into())
    }

    fn method_of(&self, cycle: &Cycle) -> Option<&Method> {
        let adopted = self.methods.iter().rev().find(|adopted| adopted.content == cycle.method);
        adopted.map(|adopted| &adopted.method)
    }

    /// How a condition stands by the method in force. What an earlier method found says nothing by this one.
    fn levels(&self, today: Date) -> BTreeMap<&str, Level> {
        let Some(adopted) = self.adopted() else { return BTreeMap::new() };
        let Some(cycle) = self.latest().filter(|cycle| cycle.method == adopted.content) else { return BTreeMap::new() };
        let scored = result::scored(&adopted.method, cycle, today);
        result::held(&adopted.method, &scored).into_iter().map(|held| (held.id, held.level)).collect()
    }

    fn gate(&self, conditions: &[String], today: Date) -> Gate {
        let levels = self.levels(today);
        Gate::over(conditions.iter().map(|id| levels.get(id.as_str()).copied().unwrap_or(Level::Unknown)))
    }

    fn title(&self) -> Words {
        let adopted = self.adopted().map(|adopted| &adopted.method);
        let method = adopted.or(self.proposed.as_ref().map(|proposed| &proposed.method));
        method.map(|method| method.title.clone()).unwrap_or_default()
    }
}

impl Rules for Assessment {
    type Act = Act;
    const SPECS: &'static [ActSpec] = SPECS;
    const STATES: &'static [&'static str] =
        &["method-proposed", "method-adopted", "scoring", "revealing", "assessed", "concluded"];
    const CODES: &'static [&'static str] = Rule::CODES;

    fn decode(act: &str, body: &ActBody) -> Option<Result<Act, Refusal>> {
        Act::decode(act, body)
    }

    fn open(context: &Context<'_>, _charter: &Charter, act: Act) -> Result<Self, Refusal> {
        let Act::ProposeMethod(act) = act else { return Err(Common::NotAnOpening.into()) };
        let mut assessment = Assessment {
            proposed: None,
            adoption: Mutual::default(),
            methods: Vec::new(),
            beginning: Mutual::default(),
            cycles: Vec::new(),
            setting: BTreeMap::new(),
            milestones: BTreeMap::new(),
        };
        assessment.propose(context, act.into())?;
        Ok(assessment)
    }

    fn step(&mut self, context: &Context<'_>, _charter: &Charter, act: Act) -> Result<(), Refusal> {
        match act {
            Act::ProposeMethod(_) => Err(Common::AlreadyOpen.into()),
            Act::ReviseMethod(act) => self.propose(context, act.into()),
            Act::AdoptMethod(act) => self.adopt(context, &act),
            Act::BeginCycle(act) => self.begin(context, act),
            Act::SealScores(act) => self.seal(context, &act),
            Act::RevealScores(act) => self.reveal(context, &act),
            Act::VoidCycle(act) => self.void(context, act),
            Act::AgreeFinding(act) => self.agree(context, act),
            Act::StateDivergence(act) => self.diverge(context, act),
            Act::SetMilestone(act) => self.set_milestone(context, act),
            Act::MoveMilestone(act) => self.milestone(&act.milestone)?.move_to(context, act.clone()),
            Act::OverrideGate(act) => {
                let (milestone, gate) = self.at_its_gate(context, &act.milestone)?;
                milestone.override_gate(context, gate, act)
            }
            Act::OrderMilestone(act) => {
                let (milestone, gate) = self.at_its_gate(context, &act.milestone)?;
                milestone.order(context, gate, &act)
            }
            Act::MilestoneDone(act) => self.milestone(&act.milestone)?.finish(context, &act),
        }
    }

    fn sheet(&self, view: &View<'_>) -> Sheet {
        self.shown(view)
    }

    fn offers(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        self.offered(view, party)
    }
}
