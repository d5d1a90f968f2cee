//! What may be done next for each person, by whom, and what is owed.

use super::acts::{AgeBand, ClaimNationality, Protection, Screening, Verification};
use super::{Case, Person, safeguards};
use crate::party::PartyId;
use crate::record::RecordId;
use crate::sheet::{Awaiting, Offer, View};
use crate::time::{Date, Moment};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A step that a party may take for a person.
struct Step {
    party: PartyId,
    offer: Offer,
    /// Whether the unit waits for it.
    owed: bool,
    since: Option<Moment>,
}

/// Collects the steps for one person.
struct Steps<'a> {
    found: Vec<Step>,
    audience: &'a BTreeSet<PartyId>,
}

impl Steps<'_> {
    fn of(&mut self, party: &PartyId, act: &'static str, prefill: Value, owed: bool) {
        self.found.push(Step { party: party.clone(), offer: Offer { act, prefill }, owed, since: None });
    }

    fn of_all(&mut self, act: &'static str, prefill: &Value) {
        for party in self.audience {
            self.of(party, act, prefill.clone(), false);
        }
    }
}

impl Case {
    pub(in crate::kinds::r#return) fn offers(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        let mut offers: Vec<Offer> = self.steps(view).into_iter().filter(|step| step.party == *party).map(|s| s.offer).collect();
        offers.extend(["add-person", "assess-place", "site-changed"].map(Offer::empty));
        offers
    }

    pub(super) fn awaiting(&self, view: &View<'_>) -> Vec<Awaiting> {
        let owed = self.steps(view).into_iter().filter(|step| step.owed);
        owed.map(|step| Awaiting { party: step.party, act: step.offer.act.to_owned(), since: step.since }).collect()
    }

    fn steps(&self, view: &View<'_>) -> Vec<Step> {
        let mut steps = Steps { found: Vec::new(), audience: view.audience };
        for (id, person) in &self.persons {
            if person.may_close() {
                steps.of_all("close-person", &json!({ "person": id }));
            }
            if !person.is_open() || person.is_dead() {
                continue;
            }
            if person.departed.is_none() {
                self.before_travel(*id, person, view.today, &mut steps);
            } else {
                self.after_departure(*id, person, view.today, &mut steps);
            }
            self.at_any_time(*id, person, view.today, &mut steps);
        }
        steps.found
    }

    fn at_any_time(&self, id: RecordId, person: &Person, today: Date, steps: &mut Steps<'_>) {
        let named = json!({ "person": id });
        let dated = json!({ "person": id, "on": today });
        steps.of_all("amend-person", &named);
        steps.of_all("set-aside", &dated);
        if person.told.is_none() {
            steps.of_all("tell-person", &dated);
        }
        if person.separated.is_none() {
            steps.of_all("separate", &dated);
        }
        if person.departed.is_none() || person.received.is_some() {
            steps.of_all("move-person", &named);
        }
        if person.aside.is_some_and(|(_, since)| since <= today) {
            steps.of_all("take-up", &dated);
        }
        if person.nationality() == Some(Verification::Verified) {
            let owed = person.screening().is_none();
            steps.of(&self.receiving, "assess", dated, owed);
        }
    }

    fn before_travel(&self, id: RecordId, person: &Person, today: Date, steps: &mut Steps<'_>) {
        let dated = json!({ "person": id, "on": today });
        let claim = ClaimNationality { person: id, nationality: self.receiving.clone(), on: today };
        if person.claimed.is_none() {
            steps.of_all("claim-nationality", &serde_json::to_value(&claim).unwrap_or_default());
        }
        if let Some((nationality, _)) = &person.claimed {
            steps.of(nationality, "verify", dated.clone(), person.nationality().is_none());
        }
        let child = person.age_band != AgeBand::Adult;
        steps.of_all(if child { "best-interests" } else { "decide" }, &dated);
        if person.withdrawn.is_none() {
            steps.of_all("withdraw", &dated);
        }
        self.protection(id, person, &dated, steps);
        self.travel(id, person, today, steps);
    }

    fn protection(&self, id: RecordId, person: &Person, dated: &Value, steps: &mut Steps<'_>) {
        if let Some(bar) = person.bar() {
            for party in steps.audience.clone() {
                if person.lifting.of(&party).is_none_or(|said| said.content != bar.record) {
                    let owed = person.lifting.offered_to(&party).is_some_and(|said| said.content == bar.record);
                    steps.of(&party, "lift-bar", json!({ "person": id, "bar": bar.record }), owed);
                }
            }
            return;
        }
        if person.screening().is_some() {
            let decided = person.protection().is_some_and(|decided| decided.protection != Protection::BestInterestsNeeded);
            let owed = !decided && person.screening() == Some(Screening::NoBar) && !person.refuses();
            steps.of_all("protection-decide", dated);
            if owed {
                steps.of(&self.sending, "protection-decide", dated.clone(), true);
            }
        }
    }

    fn travel(&self, id: RecordId, person: &Person, today: Date, steps: &mut Steps<'_>) {
        if safeguards::may_travel(person, today).is_err() {
            return;
        }
        let cleared = person.clearance.settled().is_some();
        for party in steps.audience.clone() {
            let offered = person.clearance.offered_to(&party);
            if offered.is_none() && person.clearance.of(&party).is_some() {
                continue;
            }
            let start = json!({ "person": id });
            let offer = Offer::joining("clear-for-travel", &person.clearance, &party, &start);
            let since = offered.map(|assent| assent.at);
            steps.found.push(Step { party, offer, owed: offered.is_some() || !cleared, since });
        }
        match &person.manifest {
            None if cleared => steps.of(&self.sending, "manifest", json!({ "person": id }), true),
            Some((operation, day)) if *day <= today && safeguards::may_board(self, id, operation, today).is_ok() => {
                steps.of(&self.sending, "depart-person", json!({ "person": id, "on": today }), true);
            }
            _ => {}
        }
    }

    fn after_departure(&self, id: RecordId, person: &Person, today: Date, steps: &mut Steps<'_>) {
        if person.settled.is_some() {
            if let Some((milestone, due)) = person.next_visit() {
                let early = person.visit_from(milestone).is_some_and(|from| today < from);
                if !early {
                    let visit = json!({ "person": id, "milestone": milestone, "on": today });
                    steps.of(&self.receiving, "follow-up", visit, due <= today);
                }
            }
            return;
        }
        if person.aside.is_some() {
            return;
        }
        let dated = json!({ "person": id, "on": today });
        let after = |day: Option<Date>| day.is_some_and(|day| day <= today);
        let act = match (person.received, &person.admitted, person.ready) {
            (None, ..) if after(person.departed) => "receive-person",
            (Some(day), None, _) if day <= today => "admit",
            (Some(_), Some((_, day)), None) if *day <= today => "declare-ready",
            (_, Some(_), Some(day)) if day <= today => "resettle",
            _ => return,
        };
        steps.of(&self.receiving, act, dated, true);
    }
}
