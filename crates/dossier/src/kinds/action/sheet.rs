//! What an action shows, and what may be done about it.

use super::{Action, Assign, Outcome, Phase, Report};
use crate::party::PartyId;
use crate::record::RecordId;
use crate::sheet::{Awaiting, Datum, Fact, Matter, Offer, Row, RowText, Section, Sheet, Tone, View, awaiting};
use serde_json::json;

impl Action {
    pub(super) fn shown(&self, view: &View<'_>) -> Sheet {
        let late = self.is_late(view);
        Sheet {
            title: self.terms.title.clone(),
            state: self.phase.name().to_owned(),
            tone: if late { Tone::Alarm } else { tone(self.phase) },
            facts: self.facts(),
            positions: self.positions(),
            sections: self.sections(),
            awaiting: self.awaiting(view),
            due: Some(self.due),
            late,
            owner: self.owes().then(|| self.terms.owner.clone()),
        }
    }

    /// Whether the owner owes the next step. What it has signed off waits for the others, and the owner is not late with it.
    fn owes(&self) -> bool {
        use Phase::{Accepted, Assigned, Blocked, InProgress, Reported, Returned};
        matches!(self.phase, Assigned | Accepted | InProgress | Blocked | Reported | Returned)
    }

    fn is_late(&self, view: &View<'_>) -> bool {
        self.owes() && self.due.is_past(view.today)
    }

    fn facts(&self) -> Vec<Fact> {
        let terms = &self.terms;
        let mut facts = vec![
            Fact::new("owner", Datum::Institution(terms.owner.clone())),
            Fact::new("deliverable", Datum::Words(terms.deliverable.clone())),
            Fact::new("due", Datum::Due(self.due)),
        ];
        if !self.earlier.is_empty() {
            let earlier = self.earlier.iter().map(|earlier| Datum::Due(earlier.due)).collect();
            facts.push(Fact::new("earlier-dues", Datum::List(earlier)));
        }
        facts.push(Fact::new("decided-on", Datum::Date(terms.decided_on)));
        facts.extend(terms.from.clone().map(|from| Fact::new("from", Datum::Dossier(from))));
        facts.extend(terms.clause.clone().map(|clause| Fact::new("clause", Datum::Text(clause))));
        if terms.joint == Some(true) {
            facts.push(Fact::new("joint", Datum::Term("yes".to_owned())));
        }
        facts.push(Fact::new("since", Datum::Moment(self.since)));
        if let Some((_, block)) = &self.block {
            facts.push(Fact::new("block-reason", Datum::Text(block.text.clone())));
        }
        facts
    }

    fn positions(&self) -> Vec<Matter> {
        let mut positions = vec![Matter::of("assignment", &self.assigned, terms_shown)];
        if self.extension.assents().next().is_some() {
            positions.push(Matter::of("extension", &self.extension, |due| Datum::Due(*due)));
        }
        if self.cancellation.assents().next().is_some() {
            positions.push(Matter::of("cancellation", &self.cancellation, |_| Datum::Term("state-cancelled".to_owned())));
        }
        if self.verification.assents().next().is_some() {
            positions.push(Matter::of("verification", &self.verification, |report| Datum::Record(*report)));
        }
        positions
    }

    fn sections(&self) -> Vec<Section> {
        let reports = self.reports.iter().enumerate().map(|(n, report)| report_row(n, report)).collect();
        let dues = self.earlier.iter().enumerate().map(|(n, earlier)| Row {
            reference: (n + 1).to_string(),
            state: None,
            tone: Tone::Done,
            texts: earlier.reasons.values().map(|reason| said(reason)).collect(),
            facts: vec![Fact::new("due", Datum::Due(earlier.due)), Fact::new("until", Datum::Moment(earlier.until))],
        });
        let asked = self.reasons_asked();
        [("reports", reports), ("earlier-dues", dues.collect()), ("reasons", asked)]
            .into_iter()
            .filter(|(_, rows): &(&str, Vec<Row>)| !rows.is_empty())
            .map(|(name, rows)| Section { name: name.to_owned(), rows })
            .collect()
    }

    /// What each party said for an extension or a cancellation that is still open, or for the cancellation that was agreed.
    fn reasons_asked(&self) -> Vec<Row> {
        let open = [("extension", &self.extension_reasons), ("cancellation", &self.cancel_reasons)];
        let rows = open.into_iter().flat_map(|(matter, reasons)| {
            reasons.iter().map(move |(party, reason)| Row {
                reference: party.to_string(),
                state: None,
                tone: Tone::Waiting,
                texts: vec![said(reason)],
                facts: vec![Fact::new("matter", Datum::Term(format!("matter-{matter}")))],
            })
        });
        rows.collect()
    }

    fn awaiting(&self, view: &View<'_>) -> Vec<Awaiting> {
        let owner = self.terms.owner.party();
        let step = |party: PartyId, act: &str| Awaiting { party, act: act.to_owned(), since: Some(self.since) };
        let mut steps = match self.phase {
            Phase::Proposed => awaiting(&self.assigned, "assign", view.audience),
            Phase::Assigned => vec![step(owner, "accept")],
            Phase::Accepted => vec![step(owner, "start")],
            Phase::InProgress | Phase::Returned => vec![step(owner, "report-done")],
            Phase::Blocked => vec![step(owner, "unblock")],
            Phase::Reported => vec![step(owner, "sign-off")],
            Phase::SignedOff => self.yet_to_verify(view).into_iter().map(|party| step(party, "verify")).collect(),
            Phase::Verified | Phase::Cancelled => return Vec::new(),
        };
        steps.extend(awaiting(&self.extension, "extend", view.audience));
        steps.extend(awaiting(&self.cancellation, "cancel", view.audience));
        steps
    }

    fn yet_to_verify(&self, view: &View<'_>) -> Vec<PartyId> {
        let latest = self.latest();
        let found = |party: &PartyId| self.verification.of(party).map(|assent| assent.content);
        self.verifiers(view.audience).into_iter().filter(|party| found(party) != latest).collect()
    }

    fn latest(&self) -> Option<RecordId> {
        self.reports.last().map(|report| report.record)
    }

    pub(super) fn offered(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        if self.is_closed() {
            return Vec::new();
        }
        let mut offers = Vec::new();
        if self.phase == Phase::Proposed {
            offers.extend(self.assigned.offered_to(party).map(|assent| Offer::saying("assign", &assent.content)));
        }
        if self.terms.owner.party() == *party {
            offers.extend(self.offered_to_owner());
        }
        if self.phase == Phase::SignedOff {
            let report = json!({ "report": self.latest() });
            if self.yet_to_verify(view).contains(party) {
                offers.push(Offer { act: "verify", prefill: report.clone() });
            }
            if view.audience.len() == 1 || self.terms.owner.party() != *party {
                offers.push(Offer { act: "return", prefill: report });
            }
        }
        if self.phase != Phase::Proposed {
            offers.push(self.offered_extension(party));
        }
        offers.extend(self.offered_cancellation(party));
        offers
    }

    fn offered_to_owner(&self) -> Vec<Offer> {
        let empty = |acts: &[&'static str]| acts.iter().map(|act| Offer::empty(act)).collect();
        match self.phase {
            Phase::Assigned => empty(&["accept"]),
            Phase::Accepted | Phase::Returned => empty(&["start", "report-done", "block"]),
            Phase::InProgress => empty(&["report-done", "block"]),
            Phase::Blocked => empty(&["unblock"]),
            Phase::Reported => {
                let report = json!({ "report": self.latest() });
                vec![Offer { act: "sign-off", prefill: report.clone() }, Offer { act: "decline-sign-off", prefill: report }]
            }
            _ => Vec::new(),
        }
    }

    /// Another party's date with its reason, which a party may take over or replace by its own.
    fn offered_extension(&self, party: &PartyId) -> Offer {
        let Some(assent) = self.extension.offered_to(party) else { return Offer::empty("extend") };
        let theirs = self.extension.assents().find(|(_, other)| other.record == assent.record);
        let reason = theirs.and_then(|(other, _)| self.extension_reasons.get(other));
        Offer::saying("extend", &json!({ "due": assent.content, "reason": reason }))
    }

    fn offered_cancellation(&self, party: &PartyId) -> Option<Offer> {
        if self.cancellation.of(party).is_some() {
            return None;
        }
        let reason = self.cancel_reasons.values().next();
        Some(reason.map_or_else(|| Offer::empty("cancel"), |reason| Offer { act: "cancel", prefill: json!({ "reason": reason }) }))
    }
}

fn tone(phase: Phase) -> Tone {
    match phase {
        Phase::Proposed | Phase::Assigned | Phase::Reported | Phase::SignedOff => Tone::Waiting,
        Phase::Accepted | Phase::InProgress => Tone::Running,
        Phase::Blocked | Phase::Returned => Tone::Alarm,
        Phase::Verified | Phase::Cancelled => Tone::Done,
    }
}

fn terms_shown(terms: &Assign) -> Datum {
    Datum::List(vec![
        Datum::Words(terms.title.clone()),
        Datum::Institution(terms.owner.clone()),
        Datum::Due(terms.due),
        Datum::Words(terms.deliverable.clone()),
    ])
}

fn said(text: &str) -> RowText {
    RowText { tongue: None, text: text.to_owned(), state: None }
}

fn report_row(n: usize, report: &Report) -> Row {
    let (state, tone) = match report.outcome {
        Outcome::Reported => ("reported", Tone::Waiting),
        Outcome::SignedOff => ("signed-off", Tone::Waiting),
        Outcome::Declined => ("declined", Tone::Alarm),
        Outcome::Returned => ("returned", Tone::Alarm),
        Outcome::Verified => ("verified", Tone::Done),
    };
    let mut facts = vec![Fact::new("record", Datum::Record(report.record)), Fact::new("reported-at", Datum::Moment(report.at))];
    for evidence in &report.evidence {
        let title = Some(Datum::Text(evidence.title.clone()));
        let parts = [title, evidence.sha256.map(Datum::Content), evidence.record.map(Datum::Record)];
        facts.push(Fact::new("evidence", Datum::List(parts.into_iter().flatten().collect())));
    }
    if let Some(back) = &report.given_back {
        facts.push(Fact::new("given-back-by", Datum::Party(back.party.clone())));
        facts.push(Fact::new("given-back-at", Datum::Moment(back.at)));
        facts.push(Fact::new("reason", Datum::Text(back.text.clone())));
    }
    Row { reference: (n + 1).to_string(), state: Some(state.to_owned()), tone, texts: vec![said(&report.text)], facts }
}
