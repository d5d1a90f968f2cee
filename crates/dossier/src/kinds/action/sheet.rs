//! What an action shows, and what may be done about it.

use super::shares::{Share, Stand};
use super::{Action, Assign, CompileAnswer, Evidence, Outcome, Phase, Report, WORKING};
use crate::content::ContentHash;
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
            facts: self.facts(view),
            positions: self.positions(),
            sections: self.sections(view),
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

    fn facts(&self, view: &View<'_>) -> Vec<Fact> {
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
        facts.extend(terms.serves.clone().map(|serves| Fact::new("serves", Datum::Dossier(serves))));
        let reference = terms.serves_reference.clone();
        facts.extend(reference.map(|reference| Fact::new("serves-reference", Datum::Text(reference))));
        facts.push(Fact::new("since", Datum::Moment(self.since)));
        let late: Vec<Datum> = self.late_shares(view).map(|share| Datum::Institution(share.portion.institution.clone())).collect();
        if !late.is_empty() {
            facts.push(Fact::new("late-shares", Datum::List(late)));
        }
        facts.extend(self.answer_that_counts().map(|content| Fact::new("content", Datum::Content(content))));
        if let Some((_, block)) = &self.block {
            facts.push(Fact::new("block-reason", Datum::Text(block.text.clone())));
        }
        facts
    }

    /// The shares that are late while an answer is still to be made of them.
    fn late_shares(&self, view: &View<'_>) -> impl Iterator<Item = &Share> {
        let today = view.today;
        self.shares.open().filter(move |share| !self.is_closed() && share.is_late(today))
    }

    /// What goes to the other side: the answer that the owner's director-general has signed off.
    fn answer_that_counts(&self) -> Option<ContentHash> {
        let counts = |report: &&Report| matches!(report.outcome, Outcome::SignedOff | Outcome::Verified);
        self.reports.last().filter(counts).and_then(|report| report.compiled.as_ref().and(report.answer))
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

    fn sections(&self, view: &View<'_>) -> Vec<Section> {
        let (answers, reports): (Vec<_>, Vec<_>) =
            self.reports.iter().enumerate().map(|(n, report)| (report.compiled.is_some(), report_row(n, report))).partition(|(is, _)| *is);
        let [answers, reports] = [answers, reports].map(|rows| rows.into_iter().map(|(_, row)| row).collect());
        let shares = self.shares.0.iter().enumerate().map(|(n, share)| self.share_row(n, share, view)).collect();
        let dues = self.earlier.iter().enumerate().map(|(n, earlier)| Row {
            reference: (n + 1).to_string(),
            state: None,
            tone: Tone::Done,
            texts: earlier.reasons.values().map(|reason| said(reason)).collect(),
            facts: vec![Fact::new("due", Datum::Due(earlier.due)), Fact::new("until", Datum::Moment(earlier.until))],
        });
        let asked = self.reasons_asked();
        [("shares", shares), ("compiled-answers", answers), ("reports", reports), ("earlier-dues", dues.collect()), ("reasons", asked)]
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
            Phase::InProgress | Phase::Returned if self.may_compile() => vec![step(owner, "compile-answer")],
            Phase::InProgress | Phase::Returned if self.shares.are_out() => Vec::new(),
            Phase::InProgress | Phase::Returned => vec![step(owner, "report-done")],
            Phase::Blocked => vec![step(owner, "unblock")],
            Phase::Reported => vec![step(owner, "sign-off")],
            Phase::SignedOff => self.yet_to_verify(view).into_iter().map(|party| step(party, "verify")).collect(),
            Phase::Verified | Phase::Cancelled => return Vec::new(),
        };
        steps.extend(self.shares.open().map(share_awaited));
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
        if view.audience.len() == 1 {
            offers.extend(self.offered_shares());
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
            Phase::Accepted | Phase::Returned if self.shares.are_out() => empty(&["start", "block"]),
            Phase::InProgress if self.shares.are_out() => empty(&["block"]),
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

    /// Whether every share is signed or withdrawn, so that nothing is missing of the answer.
    fn may_compile(&self) -> bool {
        WORKING.contains(&self.phase) && self.shares.open().next().is_none() && self.shares.signed().next().is_some()
    }

    /// What may be done about shares. The answer is offered made of all that is signed, with what is missing to be explained.
    fn offered_shares(&self) -> Vec<Offer> {
        let mut offers = Vec::new();
        for share in self.shares.open() {
            offers.push(Offer::empty("report-share"));
            if share.stand == Stand::Reported {
                offers.push(Offer { act: "sign-share", prefill: json!({ "report": share.latest() }) });
            }
        }
        if !self.may_share() {
            return offers;
        }
        offers.push(Offer::empty("share-out"));
        for share in &self.shares.0 {
            let owes_another = || self.shares.open().any(|other| other.portion.institution == share.portion.institution);
            if share.stand == Stand::Reported || (share.stand == Stand::Signed && !owes_another()) {
                offers.push(Offer { act: "return-share", prefill: json!({ "report": share.latest() }) });
            }
            if share.is_open() {
                offers.push(Offer { act: "withdraw-share", prefill: json!({ "institution": share.portion.institution }) });
            }
        }
        let signed: Vec<_> = self.shares.signed().map(|share| json!({ "share": share.latest() })).collect();
        if WORKING.contains(&self.phase) && !signed.is_empty() {
            let missing: Vec<_> = self.shares.open().map(|share| json!({ "institution": share.portion.institution })).collect();
            let mut prefill = json!({ "shares": signed });
            if !missing.is_empty() {
                prefill["missing"] = missing.into();
            }
            offers.push(Offer { act: "compile-answer", prefill });
        }
        offers
    }

    fn share_row(&self, n: usize, share: &Share, view: &View<'_>) -> Row {
        let (state, tone) = match share.stand {
            Stand::Given => ("given", Tone::Waiting),
            Stand::Reported => ("reported", Tone::Waiting),
            Stand::Signed => ("signed", Tone::Done),
            Stand::Returned => ("returned", Tone::Alarm),
            Stand::Withdrawn => ("withdrawn", Tone::Done),
        };
        let late = !self.is_closed() && share.is_late(view.today);
        let portion = &share.portion;
        let mut facts = vec![
            Fact::new("institution", Datum::Institution(portion.institution.clone())),
            Fact::new("due", Datum::Due(portion.due)),
            Fact::new("since", Datum::Moment(share.given)),
        ];
        if late {
            facts.push(Fact::new("late", Datum::Term("yes".to_owned())));
        }
        for report in &share.reports {
            facts.push(Fact::new("record", Datum::Record(report.record)));
            facts.push(Fact::new("reported-at", Datum::Moment(report.at)));
            facts.push(Fact::new("report", Datum::Text(report.text.clone())));
            facts.extend(report.evidence.iter().map(evidence_shown));
        }
        facts.extend(share.signed.map(|at| Fact::new("signed-at", Datum::Moment(at))));
        facts.extend(share.reason.as_ref().map(|reason| Fact::new("reason", Datum::Text(reason.text.clone()))));
        Row {
            reference: (n + 1).to_string(),
            state: Some(state.to_owned()),
            tone: if late { Tone::Alarm } else { tone },
            texts: RowText::each(&portion.task),
            facts,
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
    facts.extend(report.evidence.iter().map(evidence_shown));
    facts.extend(report.answer.map(|answer| Fact::new("answer", Datum::Content(answer))));
    if let Some(answer) = &report.compiled {
        facts.extend(answer_facts(answer));
    }
    if let Some(back) = &report.given_back {
        facts.push(Fact::new("given-back-by", Datum::Party(back.party.clone())));
        facts.push(Fact::new("given-back-at", Datum::Moment(back.at)));
        facts.push(Fact::new("reason", Datum::Text(back.text.clone())));
    }
    let texts = report.compiled.as_ref().map_or_else(|| vec![said(&report.text)], |answer| RowText::each(&answer.text));
    Row { reference: (n + 1).to_string(), state: Some(state.to_owned()), tone, texts, facts }
}

/// What the answer is made of, and what it does without.
fn answer_facts(answer: &CompileAnswer) -> Vec<Fact> {
    let cited = answer.shares.iter().map(|cited| Datum::Record(cited.share)).collect();
    let mut facts = vec![Fact::new("shares", Datum::List(cited))];
    facts.extend(answer.missing.iter().flatten().map(|missing| {
        let parts = vec![Datum::Institution(missing.institution.clone()), Datum::Text(missing.reason.clone())];
        Fact::new("missing", Datum::List(parts))
    }));
    facts
}

fn evidence_shown(evidence: &Evidence) -> Fact {
    let title = Some(Datum::Text(evidence.title.clone()));
    let parts = [title, evidence.sha256.map(Datum::Content), evidence.record.map(Datum::Record)];
    Fact::new("evidence", Datum::List(parts.into_iter().flatten().collect()))
}

/// The step that an institution owes for its share: to report it, or to sign what was reported.
fn share_awaited(share: &Share) -> Awaiting {
    let act = if share.stand == Stand::Reported { "sign-share" } else { "report-share" };
    let reported = share.reports.last().filter(|_| share.stand == Stand::Reported).map(|report| report.at);
    let party = share.portion.institution.party();
    Awaiting { party, act: act.to_owned(), since: Some(reported.unwrap_or(share.given)) }
}
