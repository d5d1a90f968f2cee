//! What a party may do next in an assessment, and whose turn it is.

use super::Assessment;
use super::cycle::Cycle;
use super::timeline::Milestone;
use crate::mutual::Mutual;
use crate::party::PartyId;
use crate::sheet::{Awaiting, Offer, View, awaiting};
use crate::time::Moment;
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl Assessment {
    pub(super) fn offered(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        let mut offers = Vec::new();
        if let Some(proposed) = &self.proposed
            && self.open_cycle().is_none()
            && self.adoption.of(party).is_none_or(|assent| assent.content != proposed.content)
        {
            offers.push(Offer { act: "adopt-method", prefill: json!({ "content": proposed.content }) });
        }
        let on_the_table = self.proposed.as_ref().map(|proposed| &proposed.method);
        let on_the_table = on_the_table.or(self.adopted().map(|adopted| &adopted.method));
        offers.extend(on_the_table.map(|method| Offer::saying("revise-method", method)));
        let Some(adopted) = self.adopted() else { return offers };
        match self.open_cycle() {
            Some(cycle) => offers.extend(cycle_offers(cycle, party)),
            None => {
                let start = json!({ "cycle": self.next_cycle(), "as_of": view.today, "content": adopted.content });
                offers.extend(unless_said("begin-cycle", &self.beginning, party, &start));
            }
        }
        offers.extend(self.finding_offers(party));
        let asked = self.setting.values().filter_map(|setting| setting.offered_to(party));
        offers.extend(asked.map(|assent| Offer::saying("set-milestone", &assent.content)));
        offers.push(Offer::empty("set-milestone"));
        for (id, milestone) in self.milestones.iter().filter(|(_, milestone)| milestone.done.is_none()) {
            self.milestone_offers(id, milestone, view, party, &mut offers);
        }
        offers
    }

    fn finding_offers(&self, party: &PartyId) -> Vec<Offer> {
        let Some(cycle) = self.latest() else { return Vec::new() };
        let Some(method) = self.method_of(cycle) else { return Vec::new() };
        let mut offers = Vec::new();
        for condition in &method.conditions {
            let finding = cycle.findings.get(&condition.id);
            let joint = finding.map(|finding| &finding.joint);
            let start = json!({ "cycle": cycle.number, "condition": condition.id });
            if let Some(assent) = joint.and_then(|joint| joint.offered_to(party)) {
                offers.push(Offer { act: "agree-finding", prefill: with(&start, &json!({ "text": assent.content })) });
            } else if joint.is_none_or(|joint| joint.of(party).is_none()) {
                offers.push(Offer { act: "agree-finding", prefill: start.clone() });
            }
            if joint.is_none_or(|joint| joint.settled().is_none()) {
                offers.push(Offer { act: "state-divergence", prefill: start });
            }
        }
        offers
    }

    fn milestone_offers(&self, id: &str, milestone: &Milestone, view: &View<'_>, party: &PartyId, offers: &mut Vec<Offer>) {
        let start = json!({ "milestone": id });
        let dates = milestone.moving.offered_to(party);
        let reason = dates.and_then(|assent| reason_of(&milestone.moving, assent.record, &milestone.move_reasons));
        let shown = dates.map_or(milestone.dates, |assent| assent.content);
        offers.push(Offer { act: "move-milestone", prefill: with(&with(&start, &json!(shown)), &reason) });
        if milestone.ordered.is_some() {
            let day = json!({ "milestone": id, "on": milestone.finishing.offered_to(party).map(|assent| assent.content) });
            let joins = milestone.finishing.offered_to(party).is_some_and(|assent| assent.content <= view.today);
            if joins {
                offers.push(Offer { act: "milestone-done", prefill: day });
            } else if milestone.finishing.of(party).is_none() {
                offers.push(Offer { act: "milestone-done", prefill: start });
            }
            return;
        }
        let gate = self.gate(&milestone.gate, view.today);
        let open = gate != super::Gate::Met && !milestone.is_overridden();
        if open && milestone.overriding.of(party).is_none() {
            let reason = milestone.override_reasons.values().next().map_or(Value::Null, |reason| json!({ "reason": reason }));
            offers.push(Offer { act: "override-gate", prefill: with(&start, &reason) });
        }
        let said = milestone.ordering.of(party).is_some_and(|assent| assent.content == milestone.dates.planned);
        if milestone.may_be_ordered(gate) && !said {
            let planned = json!({ "planned": milestone.dates.planned });
            offers.push(Offer { act: "order-milestone", prefill: with(&start, &planned) });
        }
    }

    /// Whose turn it is. A step that a rule would refuse today waits for nobody.
    pub(super) fn awaited(&self, view: &View<'_>) -> Vec<Awaiting> {
        let mut steps = Vec::new();
        if let Some(proposed) = &self.proposed {
            let said = |party: &PartyId| self.adoption.of(party).is_some_and(|assent| assent.content == proposed.content);
            let silent = view.audience.iter().filter(|party| !said(party));
            steps.extend(silent.map(|party| owed(party, "adopt-method", proposed.at)));
        }
        steps.extend(awaiting(&self.beginning, "begin-cycle", view.audience));
        if let Some(cycle) = self.open_cycle() {
            let unsealed = cycle.parties.iter().filter(|party| !cycle.seals.contains_key(*party));
            steps.extend(unsealed.map(|party| owed(party, "seal-scores", cycle.begun)));
            if let (true, Some(at)) = (cycle.is_sealed(), cycle.sealed_at()) {
                let hidden = cycle.parties.iter().filter(|party| cycle.revealed(party).is_none());
                steps.extend(hidden.map(|party| owed(party, "reveal-scores", at)));
            }
            steps.extend(awaiting(&cycle.voiding, "void-cycle", view.audience));
        }
        for finding in self.latest().into_iter().flat_map(|cycle| cycle.findings.values()) {
            steps.extend(awaiting(&finding.joint, "agree-finding", view.audience));
            if let (None, Some(at)) = (finding.joint.settled(), finding.own.values().map(|own| own.at).min()) {
                let silent = view.audience.iter().filter(|party| !finding.own.contains_key(*party));
                steps.extend(silent.map(|party| owed(party, "state-divergence", at)));
            }
        }
        for setting in self.setting.values() {
            steps.extend(awaiting(setting, "set-milestone", view.audience));
        }
        for milestone in self.milestones.values() {
            steps.extend(awaiting(&milestone.moving, "move-milestone", view.audience));
            steps.extend(awaiting(&milestone.overriding, "override-gate", view.audience));
            steps.extend(awaiting(&milestone.ordering, "order-milestone", view.audience));
            steps.extend(awaiting(&milestone.finishing, "milestone-done", view.audience));
        }
        let offers: BTreeMap<&PartyId, Vec<Offer>> =
            view.audience.iter().map(|party| (party, self.offered(view, party))).collect();
        steps.retain(|step| offers.get(&step.party).is_some_and(|offers| offers.iter().any(|offer| offer.act == step.act)));
        steps
    }
}

fn owed(party: &PartyId, act: &str, since: Moment) -> Awaiting {
    Awaiting { party: party.clone(), act: act.to_owned(), since: Some(since) }
}

fn cycle_offers(cycle: &Cycle, party: &PartyId) -> Vec<Offer> {
    let mut offers = Vec::new();
    match cycle.seals.get(party) {
        None if cycle.parties.contains(party) => {
            offers.push(Offer { act: "seal-scores", prefill: json!({ "cycle": cycle.number }) });
        }
        Some(seal) if seal.revealed.is_none() && cycle.is_sealed() => {
            offers.push(Offer { act: "reveal-scores", prefill: json!({ "of": seal.record }) });
        }
        _ => {}
    }
    if cycle.voiding.of(party).is_none() {
        let reason = cycle.void_reasons.values().next().map_or(Value::Null, |reason| json!({ "reason": reason }));
        offers.push(Offer { act: "void-cycle", prefill: with(&json!({ "cycle": cycle.number }), &reason) });
    }
    offers
}

/// A mutual act that begins with another party's word, or with `start` when this party has not spoken yet.
fn unless_said<T>(act: &'static str, mutual: &Mutual<T>, party: &PartyId, start: &Value) -> Option<Offer>
where
    T: Clone + PartialEq + serde::Serialize,
{
    let open = mutual.of(party).is_none() || mutual.offered_to(party).is_some();
    open.then(|| Offer::joining(act, mutual, party, start))
}

/// The reason that the party gave whose word stands in this record.
fn reason_of<T>(mutual: &Mutual<T>, record: crate::record::RecordId, reasons: &BTreeMap<PartyId, String>) -> Option<Value>
where
    T: Clone + PartialEq,
{
    let (party, _) = mutual.assents().find(|(_, assent)| assent.record == record)?;
    reasons.get(party).map(|reason| json!({ "reason": reason }))
}

/// The members of `start`, with those of `more` laid over them.
fn with(start: &Value, more: &impl serde::Serialize) -> Value {
    let mut members = start.as_object().cloned().unwrap_or_default();
    if let Ok(Value::Object(more)) = serde_json::to_value(more) {
        members.extend(more);
    }
    Value::Object(members)
}
