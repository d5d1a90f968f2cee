//! At home: an action that is shared out among one state's institutions, and the one answer that is made of their shares.
//!
//! Each institution reports its own share and its own director-general signs it; only signed shares count. The answer rests
//! on shares that it cites, and says of every other one why it is missing, so that no institution's word is dropped unseen.

use super::{Action, ActionRefusal, CompileAnswer, Evidence, Phase, Portion, Reason, ReportShare, ReturnShare, ShareOut};
use super::{SignShare, WithdrawShare, reason};
use crate::channel::Charter;
use crate::fold::Context;
use crate::party::{InstitutionId, Role};
use crate::record::RecordId;
use crate::refusal::Refusal;
use crate::time::{Date, Due, Moment};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Where a share stands. Being late is no state: it follows from the day of looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Stand {
    /// Asked for.
    Given,
    /// Reported, and not yet signed.
    Reported,
    /// Signed by the institution's director-general: it counts.
    Signed,
    /// Given back to the institution.
    Returned,
    /// No longer asked for.
    Withdrawn,
}

/// One report of a share. Reports are never dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Contribution {
    pub(super) record: RecordId,
    pub(super) at: Moment,
    pub(super) text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) evidence: Vec<Evidence>,
}

/// What one institution is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Share {
    pub(super) portion: Portion,
    pub(super) given: Moment,
    /// Whether it was asked for after the last answer.
    pub(super) current: bool,
    pub(super) stand: Stand,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) reports: Vec<Contribution>,
    /// When it was signed, as claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) signed: Option<Moment>,
    /// Why it was last given back, or withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<Reason>,
}

impl Share {
    /// Whether its institution still owes it.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.stand, Stand::Given | Stand::Reported | Stand::Returned)
    }

    pub(super) fn is_late(&self, today: Date) -> bool {
        self.is_open() && self.portion.due.is_past(today)
    }

    /// The latest report.
    pub(super) fn latest(&self) -> Option<RecordId> {
        self.reports.last().map(|report| report.record)
    }
}

/// All that was shared out, in the order in which it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Shares(pub(super) Vec<Share>);

impl Shares {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the work is shared out: some share is neither withdrawn nor forgotten.
    pub(super) fn are_out(&self) -> bool {
        self.standing().next().is_some()
    }

    fn standing(&self) -> impl Iterator<Item = &Share> {
        self.0.iter().filter(|share| share.stand != Stand::Withdrawn)
    }

    pub(super) fn open(&self) -> impl Iterator<Item = &Share> {
        self.0.iter().filter(|share| share.is_open())
    }

    pub(super) fn signed(&self) -> impl Iterator<Item = &Share> {
        self.0.iter().filter(|share| share.stand == Stand::Signed)
    }

    /// Whether the institution may not be asked again: it still owes a share, or had its share of this round.
    fn has_share(&self, institution: &InstitutionId) -> bool {
        self.standing().any(|share| share.portion.institution == *institution && (share.current || share.is_open()))
    }

    fn open_of(&mut self, institution: &InstitutionId) -> Option<&mut Share> {
        self.0.iter_mut().find(|share| share.is_open() && share.portion.institution == *institution)
    }

    /// The share whose latest report is this one.
    fn reported(&mut self, record: RecordId) -> Result<&mut Share, Refusal> {
        let other = || Refusal::from(ActionRefusal::OtherReport).at("report");
        self.0.iter_mut().find(|share| share.latest() == Some(record)).ok_or_else(other)
    }

    /// An answer cites signed shares, each once, and accounts for every other share that was not withdrawn.
    pub(super) fn check_answer(&self, answer: &CompileAnswer) -> Result<(), Refusal> {
        let cited: BTreeSet<RecordId> = answer.shares.iter().map(|cited| cited.share).collect();
        let signed: BTreeSet<RecordId> = self.signed().filter_map(Share::latest).collect();
        if cited.len() != answer.shares.len() || !cited.is_subset(&signed) {
            return Err(Refusal::from(ActionRefusal::NotASignedShare).at("shares"));
        }
        let is_cited = |share: &&Share| share.stand == Stand::Signed && share.latest().is_some_and(|id| cited.contains(&id));
        let left: BTreeSet<&InstitutionId> =
            self.standing().filter(|share| !is_cited(share)).map(|share| &share.portion.institution).collect();
        let missing: Vec<&InstitutionId> = answer.missing.iter().flatten().map(|missing| &missing.institution).collect();
        let named: BTreeSet<&InstitutionId> = missing.iter().copied().collect();
        if named.len() != missing.len() || !named.is_subset(&left) {
            return Err(Refusal::from(ActionRefusal::NotMissing).at("missing"));
        }
        if named != left {
            return Err(Refusal::from(ActionRefusal::ShareUnaccounted).at("missing"));
        }
        Ok(())
    }

    /// What is shared out after an answer belongs to another round.
    pub(super) fn end_round(&mut self) {
        self.0.iter_mut().for_each(|share| share.current = false);
    }
}

impl Action {
    pub(super) fn share_out(&mut self, context: &Context<'_>, charter: &Charter, out: ShareOut) -> Result<(), Refusal> {
        self.check_sharing()?;
        let mut asked = BTreeSet::new();
        for (row, portion) in out.shares.iter().enumerate() {
            let refuse = |rule: ActionRefusal, field: &str| Err(Refusal::from(rule).at(&format!("shares.{row}.{field}")));
            if portion.institution == self.terms.owner || charter.institution(&portion.institution).is_none() {
                return refuse(ActionRefusal::NoShareholder, "institution");
            }
            if !asked.insert(&portion.institution) || self.shares.has_share(&portion.institution) {
                return refuse(ActionRefusal::SharedAlready, "institution");
            }
            if portion.due.date().is_some_and(|date| date < self.terms.decided_on) {
                return refuse(ActionRefusal::DueBeforeDecision, "due");
            }
            if is_after(portion.due, self.due) {
                return refuse(ActionRefusal::ShareTooLate, "due");
            }
        }
        let share = |portion| Share {
            portion,
            given: context.stamp.at,
            current: true,
            stand: Stand::Given,
            reports: Vec::new(),
            signed: None,
            reason: None,
        };
        self.shares.0.extend(out.shares.into_iter().map(share));
        Ok(())
    }

    /// What is shared out, given back or withdrawn changes what an answer is made of, and is not done under one that waits for
    /// signature or verification.
    fn check_sharing(&self) -> Result<(), Refusal> {
        self.check_assigned()?;
        if self.may_share() { Ok(()) } else { Err(ActionRefusal::NotNow.into()) }
    }

    pub(super) fn may_share(&self) -> bool {
        use Phase::{Accepted, Assigned, Blocked, InProgress, Returned};
        matches!(self.phase, Assigned | Accepted | InProgress | Blocked | Returned)
    }

    pub(super) fn report_share(&mut self, context: &Context<'_>, done: ReportShare) -> Result<(), Refusal> {
        let share = self.shares.open_of(&context.stamp.institution).ok_or(ActionRefusal::NoSuchShare)?;
        share.reports.push(Contribution {
            record: context.record,
            at: context.stamp.at,
            text: done.report,
            evidence: done.evidence.unwrap_or_default(),
        });
        share.stand = Stand::Reported;
        Ok(())
    }

    pub(super) fn sign_share(&mut self, context: &Context<'_>, sign: &SignShare) -> Result<(), Refusal> {
        let share = self.shares.reported(sign.report)?;
        if share.portion.institution != context.stamp.institution || share.stand != Stand::Reported {
            return Err(ActionRefusal::NoSuchShare.into());
        }
        share.stand = Stand::Signed;
        share.signed = Some(context.stamp.at);
        Ok(())
    }

    pub(super) fn return_share(&mut self, context: &Context<'_>, back: ReturnShare) -> Result<(), Refusal> {
        if context.stamp.role == Role::FocalPoint {
            self.check_owner(context)?;
        }
        self.check_sharing()?;
        let share = self.shares.reported(back.report)?;
        let (institution, signed) = (share.portion.institution.clone(), share.stand == Stand::Signed);
        if !signed && share.stand != Stand::Reported {
            return Err(ActionRefusal::NoSuchShare.into());
        }
        // An institution never owes two shares at once.
        if signed && self.shares.open_of(&institution).is_some() {
            return Err(ActionRefusal::SharedAlready.into());
        }
        let share = self.shares.reported(back.report)?;
        share.stand = Stand::Returned;
        share.signed = None;
        share.reason = Some(reason(context, back.reason));
        Ok(())
    }

    pub(super) fn withdraw_share(&mut self, context: &Context<'_>, withdraw: WithdrawShare) -> Result<(), Refusal> {
        self.check_sharing()?;
        let no_share = || Refusal::from(ActionRefusal::NoSuchShare).at("institution");
        let share = self.shares.open_of(&withdraw.institution).ok_or_else(no_share)?;
        share.stand = Stand::Withdrawn;
        share.reason = Some(reason(context, withdraw.reason));
        Ok(())
    }
}

/// Whether a share falls due after the action that it belongs to. One without a date is never due in time for one with a date.
fn is_after(share: Due, action: Due) -> bool {
    match (share.date(), action.date()) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(share), Some(action)) => share > action,
    }
}
