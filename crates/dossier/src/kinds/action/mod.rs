//! An action: what one institution is to deliver by a day, until the other side has verified it.
//!
//! It cannot vanish: it is over when it is verified, or when every party has cancelled it. What is reported counts as done for
//! the other side only after the owner's director-general has signed it off, and is verified by those who did not do it.

mod acts;
mod shares;
mod sheet;

pub use acts::*;

use crate::act::ActSpec;
use crate::body::ActBody;
use crate::channel::{ChannelClass, Charter};
use crate::content::ContentHash;
use crate::fold::Context;
use crate::kinds::Rules;
use crate::mutual::Mutual;
use crate::party::{PartyId, Role};
use crate::record::RecordId;
use crate::refusal::{Common, Refusal};
use crate::refusals;
use crate::sheet::{Offer, Sheet, View};
use crate::time::{Due, Moment};
use serde::{Deserialize, Serialize};
use shares::Shares;
use std::collections::{BTreeMap, BTreeSet};

refusals! {
    /// What the rules of actions refuse.
    pub enum ActionRefusal {
        /// The date lies before the day on which the action was decided.
        DueBeforeDecision = "ACT01",
        /// The owner is no institution of a party to this dossier.
        UnknownOwner = "ACT02",
        /// A clause is named, and not the dossier that it stands in.
        ClauseWithoutDossier = "ACT03",
        /// The action is assigned already.
        AlreadyAssigned = "ACT04",
        /// The action is proposed and not yet assigned by every party.
        NotAssigned = "ACT05",
        /// Only the institution that owns the action may do this.
        NotTheOwner = "ACT06",
        /// The action is verified or cancelled.
        Closed = "ACT07",
        /// The step does not follow from where the action stands.
        NotNow = "ACT08",
        /// The report named is not the latest.
        OtherReport = "ACT09",
        /// The report has not been signed off by the owner's director-general.
        NotSignedOff = "ACT10",
        /// A party does not verify or return its own institution's work.
        OwnWork = "ACT11",
        /// At home it is the secretary who verifies or returns.
        HomeSecretary = "ACT12",
        /// This is the date that is in force.
        SameDue = "ACT13",
        /// Shares, and the one answer made of them, belong to a channel of one state's institutions among themselves.
        NotAtHome = "ACT14",
        /// A share goes to an institution of the channel other than the owner.
        NoShareholder = "ACT15",
        /// The institution has an open share already, or had its share of this round.
        SharedAlready = "ACT16",
        /// A share falls due later than the action itself.
        ShareTooLate = "ACT17",
        /// The institution has no such share, or the step does not follow from where the share stands.
        NoSuchShare = "ACT18",
        /// A share is neither cited nor withdrawn, and the answer does not say why it is missing.
        ShareUnaccounted = "ACT19",
        /// An answer rests on signed shares only, and on each of them once.
        NotASignedShare = "ACT20",
        /// The answer names a share as missing that is not.
        NotMissing = "ACT21",
        /// Work that was shared out is reported as the one answer that is compiled of the shares.
        AnswerOwed = "ACT22",
        /// The number of a joint action is given, and not the action.
        ReferenceAlone = "ACT23",
    }
}

/// Where an action stands. Being overdue is no phase: it follows from the day of looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Not every party has assigned it.
    Proposed,
    /// Assigned, and not yet taken on by its owner.
    Assigned,
    /// Taken on.
    Accepted,
    /// In progress.
    InProgress,
    /// Held up.
    Blocked,
    /// Reported as done by its owner's focal point.
    Reported,
    /// Signed off by its owner's director-general: done, for the owner.
    SignedOff,
    /// Verified.
    Verified,
    /// Given back by another party.
    Returned,
    /// Ended undone.
    Cancelled,
}

/// Where the owner is at work on it.
const WORKING: &[Phase] = &[Phase::Accepted, Phase::InProgress, Phase::Returned];

impl Phase {
    /// The phase's word: `in-progress`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Phase::Proposed => "proposed",
            Phase::Assigned => "assigned",
            Phase::Accepted => "accepted",
            Phase::InProgress => "in-progress",
            Phase::Blocked => "blocked",
            Phase::Reported => "reported",
            Phase::SignedOff => "signed-off",
            Phase::Verified => "verified",
            Phase::Returned => "returned",
            Phase::Cancelled => "cancelled",
        }
    }
}

/// One report, and what became of it. Reports are never dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Report {
    record: RecordId,
    at: Moment,
    text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<Evidence>,
    /// The hash of the answer on which it rests, where it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<ContentHash>,
    /// The answer that it is, at home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    compiled: Option<CompileAnswer>,
    outcome: Outcome,
    /// Who gave it back and why, where somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    given_back: Option<Reason>,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Reported,
    SignedOff,
    Declined,
    Returned,
    Verified,
}

/// A party's own words on why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Reason {
    party: PartyId,
    at: Moment,
    text: String,
}

/// A date that was in force before another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct EarlierDue {
    due: Due,
    /// When it was replaced, as claimed by the party that completed the agreement.
    until: Moment,
    /// What the parties said for moving it.
    reasons: BTreeMap<PartyId, String>,
}

/// What is held about an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    phase: Phase,
    /// When it came to stand there, as claimed.
    since: Moment,
    /// The terms last proposed, and the assigned ones from the assignment on.
    terms: Assign,
    assigned: Mutual<Assign>,
    due: Due,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    earlier: Vec<EarlierDue>,
    extension: Mutual<Due>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    extension_reasons: BTreeMap<PartyId, String>,
    cancellation: Mutual<bool>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    cancel_reasons: BTreeMap<PartyId, String>,
    /// Why it is held up, and where it stood before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    block: Option<(Phase, Reason)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reports: Vec<Report>,
    /// The report that each verifying party found done.
    verification: Mutual<RecordId>,
    /// At home: what was shared out among the institutions.
    #[serde(default, skip_serializing_if = "Shares::is_empty")]
    shares: Shares,
}

impl Action {
    fn propose(context: &Context<'_>, charter: &Charter, terms: Assign) -> Result<Action, Refusal> {
        check_terms(context, charter, &terms)?;
        let mut action = Action {
            phase: Phase::Proposed,
            since: context.stamp.at,
            due: terms.due,
            terms: terms.clone(),
            assigned: Mutual::default(),
            earlier: Vec::new(),
            extension: Mutual::default(),
            extension_reasons: BTreeMap::new(),
            cancellation: Mutual::default(),
            cancel_reasons: BTreeMap::new(),
            block: None,
            reports: Vec::new(),
            verification: Mutual::default(),
            shares: Shares::default(),
        };
        action.assign(context, charter, terms)?;
        Ok(action)
    }

    fn assign(&mut self, context: &Context<'_>, charter: &Charter, terms: Assign) -> Result<(), Refusal> {
        if self.phase != Phase::Proposed {
            return Err(ActionRefusal::AlreadyAssigned.into());
        }
        check_terms(context, charter, &terms)?;
        let settled = self.assigned.assent(context, terms.clone())?;
        self.due = terms.due;
        self.terms = terms;
        if settled {
            self.turn(context, Phase::Assigned);
        }
        Ok(())
    }

    fn turn(&mut self, context: &Context<'_>, phase: Phase) {
        self.phase = phase;
        self.since = context.stamp.at;
    }

    /// Lets the owner's focal point go on to `phase` from one of these.
    fn go_on(&mut self, context: &Context<'_>, from: &[Phase], phase: Phase) -> Result<(), Refusal> {
        self.check_owner(context)?;
        self.check_phase(from)?;
        self.turn(context, phase);
        Ok(())
    }

    fn check_owner(&self, context: &Context<'_>) -> Result<(), Refusal> {
        self.check_assigned()?;
        if context.stamp.institution == self.terms.owner { Ok(()) } else { Err(ActionRefusal::NotTheOwner.into()) }
    }

    fn check_assigned(&self) -> Result<(), Refusal> {
        if self.phase == Phase::Proposed { Err(ActionRefusal::NotAssigned.into()) } else { Ok(()) }
    }

    fn check_phase(&self, from: &[Phase]) -> Result<(), Refusal> {
        if from.contains(&self.phase) { Ok(()) } else { Err(ActionRefusal::NotNow.into()) }
    }

    /// The latest report, when it is the one that the act is about. An act over an earlier one was written in ignorance of it.
    fn report_named(&mut self, record: RecordId) -> Result<&mut Report, Refusal> {
        match self.reports.last_mut() {
            Some(report) if report.record == record => Ok(report),
            _ => Err(Refusal::from(ActionRefusal::OtherReport).at("report")),
        }
    }

    fn block(&mut self, context: &Context<'_>, block: Block) -> Result<(), Refusal> {
        let before = self.phase;
        self.go_on(context, WORKING, Phase::Blocked)?;
        self.block = Some((before, reason(context, block.reason)));
        Ok(())
    }

    fn unblock(&mut self, context: &Context<'_>) -> Result<(), Refusal> {
        let before = self.block.as_ref().map_or(Phase::InProgress, |(before, _)| *before);
        self.go_on(context, &[Phase::Blocked], before)?;
        self.block = None;
        Ok(())
    }

    fn report_done(&mut self, context: &Context<'_>, done: ReportDone) -> Result<(), Refusal> {
        if self.shares.are_out() {
            return Err(ActionRefusal::AnswerOwed.into());
        }
        self.go_on(context, WORKING, Phase::Reported)?;
        self.reports.push(Report {
            record: context.record,
            at: context.stamp.at,
            text: done.report,
            evidence: done.evidence.unwrap_or_default(),
            answer: done.answer,
            compiled: None,
            outcome: Outcome::Reported,
            given_back: None,
        });
        self.hold_on();
        Ok(())
    }

    /// An answer is what the owner reports, and goes the same way from here: signed off, then verified or returned.
    fn compile(&mut self, context: &Context<'_>, answer: CompileAnswer) -> Result<(), Refusal> {
        if context.stamp.role == Role::FocalPoint {
            self.check_owner(context)?;
        }
        self.check_assigned()?;
        self.check_phase(WORKING)?;
        self.shares.check_answer(&answer)?;
        self.shares.end_round();
        self.reports.push(Report {
            record: context.record,
            at: context.stamp.at,
            text: String::new(),
            evidence: Vec::new(),
            answer: Some(ContentHash::of(&answer.text)),
            compiled: Some(answer),
            outcome: Outcome::Reported,
            given_back: None,
        });
        self.turn(context, Phase::Reported);
        self.hold_on();
        Ok(())
    }

    fn hold_on(&mut self) {
        // Who wanted to give the work up did not know that it would be reported as done.
        self.cancellation.lapse();
        self.cancel_reasons.clear();
    }

    fn sign_off(&mut self, context: &Context<'_>, sign: &SignOff) -> Result<(), Refusal> {
        self.check_owner(context)?;
        self.check_phase(&[Phase::Reported])?;
        self.report_named(sign.report)?.outcome = Outcome::SignedOff;
        self.turn(context, Phase::SignedOff);
        Ok(())
    }

    fn decline(&mut self, context: &Context<'_>, decline: DeclineSignOff) -> Result<(), Refusal> {
        self.check_owner(context)?;
        self.check_phase(&[Phase::Reported])?;
        let report = self.report_named(decline.report)?;
        report.outcome = Outcome::Declined;
        report.given_back = Some(reason(context, decline.reason));
        self.turn(context, Phase::InProgress);
        Ok(())
    }

    fn verify(&mut self, context: &Context<'_>, verify: &Verify) -> Result<(), Refusal> {
        self.check_signed_off()?;
        let verifiers = self.verifiers(context.audience);
        check_verifier(context, &verifiers)?;
        self.report_named(verify.report)?;
        if self.verification.assent(&Context { audience: &verifiers, ..*context }, verify.report)? {
            self.report_named(verify.report)?.outcome = Outcome::Verified;
            self.close(context, Phase::Verified);
        }
        Ok(())
    }

    fn give_back(&mut self, context: &Context<'_>, back: Return) -> Result<(), Refusal> {
        self.check_signed_off()?;
        let mut others = context.audience.clone();
        if others.len() > 1 {
            others.remove(&self.terms.owner.party());
        }
        check_verifier(context, &others)?;
        let report = self.report_named(back.report)?;
        report.outcome = Outcome::Returned;
        report.given_back = Some(reason(context, back.reason));
        self.verification.lapse();
        self.turn(context, Phase::Returned);
        Ok(())
    }

    fn check_signed_off(&self) -> Result<(), Refusal> {
        self.check_assigned()?;
        match self.phase {
            Phase::SignedOff => Ok(()),
            Phase::Reported => Err(ActionRefusal::NotSignedOff.into()),
            _ => Err(ActionRefusal::NotNow.into()),
        }
    }

    /// The parties that must all find it done: everybody for a joint action, else everybody but the owner's side; at home the
    /// only side there is.
    fn verifiers(&self, audience: &BTreeSet<PartyId>) -> BTreeSet<PartyId> {
        let mut verifiers = audience.clone();
        if audience.len() > 1 && self.terms.joint != Some(true) {
            verifiers.remove(&self.terms.owner.party());
        }
        verifiers
    }

    fn extend(&mut self, context: &Context<'_>, extend: Extend) -> Result<(), Refusal> {
        self.check_assigned()?;
        if extend.due.date().is_some_and(|date| date < self.terms.decided_on) {
            return Err(Refusal::from(ActionRefusal::DueBeforeDecision).at("due"));
        }
        if extend.due == self.due {
            return Err(Refusal::from(ActionRefusal::SameDue).at("due"));
        }
        let settled = self.extension.assent(context, extend.due)?;
        self.extension_reasons.insert(context.stamp.party.clone(), extend.reason);
        if settled {
            let reasons = std::mem::take(&mut self.extension_reasons);
            self.earlier.push(EarlierDue { due: self.due, until: context.stamp.at, reasons });
            self.due = extend.due;
            // The matter is closed: whoever wants another date again says so anew.
            self.extension = Mutual::default();
            self.cancellation.lapse();
            self.cancel_reasons.clear();
        }
        Ok(())
    }

    fn cancel(&mut self, context: &Context<'_>, cancel: Cancel) -> Result<(), Refusal> {
        let settled = self.cancellation.assent(context, true)?;
        self.cancel_reasons.insert(context.stamp.party.clone(), cancel.reason);
        if settled {
            self.close(context, Phase::Cancelled);
        }
        Ok(())
    }

    fn close(&mut self, context: &Context<'_>, phase: Phase) {
        self.extension = Mutual::default();
        self.extension_reasons.clear();
        self.turn(context, phase);
    }

    fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Verified | Phase::Cancelled)
    }
}

fn reason(context: &Context<'_>, text: String) -> Reason {
    Reason { party: context.stamp.party.clone(), at: context.stamp.at, text }
}

fn check_terms(context: &Context<'_>, charter: &Charter, terms: &Assign) -> Result<(), Refusal> {
    if charter.institution(&terms.owner).is_none() || !context.audience.contains(&terms.owner.party()) {
        return Err(Refusal::from(ActionRefusal::UnknownOwner).at("owner"));
    }
    if terms.due.date().is_some_and(|date| date < terms.decided_on) {
        return Err(Refusal::from(ActionRefusal::DueBeforeDecision).at("due"));
    }
    if terms.clause.is_some() && terms.from.is_none() {
        return Err(Refusal::from(ActionRefusal::ClauseWithoutDossier).at("from"));
    }
    if terms.serves.is_some() && charter.class != ChannelClass::Domestic {
        return Err(Refusal::from(ActionRefusal::NotAtHome).at("serves"));
    }
    if terms.serves_reference.is_some() && terms.serves.is_none() {
        return Err(Refusal::from(ActionRefusal::ReferenceAlone).at("serves"));
    }
    Ok(())
}

/// Nobody verifies its own work, and within one state it is the secretary, who stands above the institutions, that does.
fn check_verifier(context: &Context<'_>, verifiers: &BTreeSet<PartyId>) -> Result<(), Refusal> {
    if !verifiers.contains(&context.stamp.party) {
        return Err(ActionRefusal::OwnWork.into());
    }
    if context.audience.len() == 1 && context.stamp.role != Role::Secretary {
        return Err(ActionRefusal::HomeSecretary.into());
    }
    Ok(())
}

impl Rules for Action {
    type Act = Act;
    const SPECS: &'static [ActSpec] = SPECS;
    const STATES: &'static [&'static str] = &["proposed", "assigned", "accepted", "in-progress", "blocked", "reported", "signed-off", "returned", "verified", "cancelled"];
    const CODES: &'static [&'static str] = ActionRefusal::CODES;

    fn decode(act: &str, body: &ActBody) -> Option<Result<Act, Refusal>> {
        Act::decode(act, body)
    }

    fn open(context: &Context<'_>, charter: &Charter, act: Act) -> Result<Self, Refusal> {
        match act {
            Act::Assign(terms) => Action::propose(context, charter, terms),
            _ => Err(Common::NotAnOpening.into()),
        }
    }

    fn step(&mut self, context: &Context<'_>, charter: &Charter, act: Act) -> Result<(), Refusal> {
        if self.is_closed() {
            return Err(ActionRefusal::Closed.into());
        }
        match act {
            Act::Assign(terms) => self.assign(context, charter, terms),
            Act::Accept(_) => self.go_on(context, &[Phase::Assigned], Phase::Accepted),
            Act::Start(_) => self.go_on(context, &[Phase::Accepted, Phase::Returned], Phase::InProgress),
            Act::Block(block) => self.block(context, block),
            Act::Unblock(_) => self.unblock(context),
            Act::ShareOut(_)
            | Act::ReportShare(_)
            | Act::SignShare(_)
            | Act::ReturnShare(_)
            | Act::WithdrawShare(_)
            | Act::CompileAnswer(_)
                if charter.class != ChannelClass::Domestic =>
            {
                Err(ActionRefusal::NotAtHome.into())
            }
            Act::ShareOut(out) => self.share_out(context, charter, out),
            Act::ReportShare(report) => self.report_share(context, report),
            Act::SignShare(sign) => self.sign_share(context, &sign),
            Act::ReturnShare(back) => self.return_share(context, back),
            Act::WithdrawShare(withdraw) => self.withdraw_share(context, withdraw),
            Act::CompileAnswer(answer) => self.compile(context, answer),
            Act::ReportDone(done) => self.report_done(context, done),
            Act::SignOff(sign) => self.sign_off(context, &sign),
            Act::DeclineSignOff(decline) => self.decline(context, decline),
            Act::Verify(verify) => self.verify(context, &verify),
            Act::Return(back) => self.give_back(context, back),
            Act::Extend(extend) => self.extend(context, extend),
            Act::Cancel(cancel) => self.cancel(context, cancel),
        }
    }

    fn sheet(&self, view: &View<'_>) -> Sheet {
        self.shown(view)
    }

    fn offers(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        self.offered(view, party)
    }
}
