//! From draft to signature and beyond: what the parties do together, and their steps at home.

use super::acts::{Amend, DomesticStep as Step, Initial, NotifyCompletion, ProposeText, Register, Renewal, Resume, Rule, Sign, Supersede, Suspend, Text};
use super::force::{Clauses, Content};
use super::{Agreement, Amended, DomesticStep, Mark, Notification, Signing, Suspended};
use crate::content::ContentHash;
use crate::fold::Context;
use crate::mutual::Mutual;
use crate::refusal::{Common, Refusal};
use crate::time::Date;
use crate::words::Tongue;
use std::collections::BTreeSet;

impl Agreement {
    pub(super) fn propose_text(&mut self, context: &Context<'_>, act: ProposeText) -> Result<(), Refusal> {
        self.check_unsigned()?;
        check_texts(&act.texts, act.prevailing)?;
        let clauses = proposed_clauses(&act)?.unwrap_or_else(|| self.clauses.clone());
        let content = ContentHash::of(&Content {
            title: &self.title,
            instrument: self.instrument,
            clauses: &clauses,
            texts: &act.texts,
            prevailing: act.prevailing,
        });
        if content == self.content {
            // Otherwise a party could void the others' initials by saying again what stands already.
            return Err(Common::AlreadySaid.into());
        }
        (self.texts, self.prevailing, self.clauses, self.content) = (act.texts, act.prevailing, clauses, content);
        self.tabled = Mark::of(context);
        // Initials and signatures were given to words that are no longer on the table.
        self.initials = Mutual::default();
        self.signature = Mutual::default();
        self.registration = Mutual::default();
        Ok(())
    }

    pub(super) fn initial(&mut self, context: &Context<'_>, act: Initial) -> Result<(), Refusal> {
        self.check_unsigned()?;
        self.check_text(act.content)?;
        self.initials.assent(context, act.content).map(|_| ())
    }

    pub(super) fn sign(&mut self, context: &Context<'_>, act: Sign) -> Result<(), Refusal> {
        self.check_unsigned()?;
        self.check_text(act.content)?;
        if self.initials.settled() != Some(&act.content) {
            return Err(Rule::NotInitialled.into());
        }
        check_done(context, act.signed_on, "signed_on")?;
        if self.signature.assent(context, act)? {
            self.signed(context);
            self.registration = Mutual::default();
        }
        Ok(())
    }

    pub(super) fn register(&mut self, context: &Context<'_>, act: Register) -> Result<(), Refusal> {
        // What was registered may be registered anew by all, to correct a day or to add one that was not known.
        if self.signature.settled().is_some() {
            return Err(Rule::AlreadySigned.into());
        }
        if act.content != self.content {
            return Err(Common::NotTheCurrentContent.into());
        }
        check_done(context, act.signed_on, "signed_on")?;
        if act.in_force_on.is_some_and(|day| day < act.signed_on) {
            return Err(Refusal::from(Rule::BeforeSignature).at("in_force_on"));
        }
        if self.registration.assent(context, act)? {
            self.signed(context);
            self.signature = Mutual::default();
        }
        Ok(())
    }

    fn signed(&mut self, context: &Context<'_>) {
        self.signed_at = Some(context.stamp.at);
        self.signatories = context.audience.clone();
        // What some had said on the ground of an earlier registration is to be said anew.
        self.amendment.lapse();
        self.supersession.lapse();
        self.suspension.lapse();
        self.resumption.lapse();
    }

    pub(super) fn domestic_step(&mut self, context: &Context<'_>, act: Step) -> Result<(), Refusal> {
        self.check_not_over(context)?;
        check_done(context, act.on, "on")?;
        let step = DomesticStep { by: Mark::of(context), step: act.step, detail: act.detail, on: act.on };
        let same = |said: &DomesticStep| {
            said.by.party == step.by.party && said.step == step.step && said.detail == step.detail && said.on == step.on
        };
        if self.domestic_steps.iter().any(same) {
            return Err(Common::AlreadySaid.into());
        }
        self.domestic_steps.push(step);
        Ok(())
    }

    pub(super) fn notify_completion(&mut self, context: &Context<'_>, act: NotifyCompletion) -> Result<(), Refusal> {
        let signed_on = self.check_signed()?.on;
        self.check_not_over(context)?;
        if !self.waits_for_notifications() {
            return Err(Rule::NoNotification.into());
        }
        let party = &context.stamp.party;
        if self.notifications.contains_key(party) {
            return Err(Rule::AlreadyNotified.into());
        }
        check_done(context, act.on, "on")?;
        check_not_before(signed_on, act.on, "on")?;
        let done = Notification { on: act.on, record: context.record, at: context.stamp.at };
        self.notifications.insert(party.clone(), done);
        Ok(())
    }

    pub(super) fn amend(&mut self, context: &Context<'_>, act: Amend) -> Result<(), Refusal> {
        let signed_on = self.check_signed()?.on;
        if act.expires_on.is_none() {
            // An instrument whose term has run out can still be prolonged, and nothing else.
            self.check_not_over(context)?;
        } else if self.is_ended(context) {
            return Err(Rule::Over.into());
        }
        let says_something = act.text.as_ref().is_some_and(|text| !text.is_empty());
        if act.by.is_none() && !says_something && act.expires_on.is_none() {
            return Err(Rule::NothingAmended.into());
        }
        check_not_before(signed_on, act.on, "on")?;
        if act.expires_on.is_some_and(|end| end < act.on) {
            return Err(Refusal::from(Rule::TermClause).at("expires_on"));
        }
        if self.amendments.iter().any(|amended| amended.act == act) {
            return Err(Common::AlreadySaid.into());
        }
        if self.amendment.assent(context, act.clone())? {
            self.amendments.push(Amended { act, at: context.stamp.at });
            self.amendment = Mutual::default();
        }
        Ok(())
    }

    pub(super) fn supersede(&mut self, context: &Context<'_>, act: Supersede) -> Result<(), Refusal> {
        let signed_on = self.check_signed()?.on;
        self.check_not_over(context)?;
        check_not_before(signed_on, act.on.unwrap_or(signed_on), "on")?;
        self.supersession.assent(context, act).map(|_| ())
    }

    pub(super) fn suspend(&mut self, context: &Context<'_>, act: Suspend) -> Result<(), Refusal> {
        let signed_on = self.check_signed()?.on;
        self.check_not_over(context)?;
        if self.suspension.settled().is_some() {
            return Err(Rule::AlreadySuspended.into());
        }
        check_not_before(signed_on, act.from, "from")?;
        if !self.may_be_in_force(act.from) {
            return Err(Refusal::from(Rule::NotInForce).at("from"));
        }
        self.suspension.assent(context, act).map(|_| ())
    }

    pub(super) fn resume(&mut self, context: &Context<'_>, act: Resume) -> Result<(), Refusal> {
        self.check_signed()?;
        self.check_not_over(context)?;
        let Some(suspension) = self.suspension.settled().cloned() else { return Err(Rule::NotSuspended.into()) };
        if act.on < suspension.from {
            return Err(Refusal::from(Rule::EndsBeforeItBegins).at("on"));
        }
        let until = act.on;
        if self.resumption.assent(context, act)? {
            self.suspensions.push(Suspended { from: suspension.from, until, ground: suspension.ground });
            // The next suspension is a new matter, even when it is for the same reason.
            self.suspension = Mutual::default();
            self.resumption = Mutual::default();
        }
        Ok(())
    }

    fn check_unsigned(&self) -> Result<(), Refusal> {
        if self.signing().is_some() { Err(Rule::AlreadySigned.into()) } else { Ok(()) }
    }

    fn check_text(&self, content: ContentHash) -> Result<(), Refusal> {
        if self.texts.is_empty() {
            return Err(Rule::NoText.into());
        }
        if content == self.content { Ok(()) } else { Err(Common::NotTheCurrentContent.into()) }
    }

    pub(super) fn check_signed(&self) -> Result<Signing<'_>, Refusal> {
        self.signing().ok_or_else(|| Rule::NotSigned.into())
    }

    /// Refuses what comes after the end, as the acting party's own day has it.
    pub(super) fn check_not_over(&self, context: &Context<'_>) -> Result<(), Refusal> {
        if self.phase(context.stamp.at.civil_date()).is_over() { Err(Rule::Over.into()) } else { Ok(()) }
    }

    /// Whether it was ended by an act, and not by its term.
    fn is_ended(&self, context: &Context<'_>) -> bool {
        let today = context.stamp.at.civil_date();
        let superseded = self.supersession.settled().is_some_and(|other| other.on.is_none_or(|on| on <= today));
        superseded || self.terminates_on().is_some_and(|end| end <= today)
    }

    /// Refuses what cannot operate yet on the acting party's own day.
    pub(super) fn check_may_be_in_force(&self, context: &Context<'_>) -> Result<(), Refusal> {
        let today = context.stamp.at.civil_date();
        if self.may_be_in_force(today) { Ok(()) } else { Err(Rule::NotInForce.into()) }
    }
}

/// Refuses a day on which nothing can have been done yet when it was put on record.
fn check_done(context: &Context<'_>, day: Date, field: &str) -> Result<(), Refusal> {
    if day > context.stamp.at.civil_date() { Err(Refusal::from(Rule::InTheFuture).at(field)) } else { Ok(()) }
}

pub(super) fn check_not_before(signed_on: Date, day: Date, field: &str) -> Result<(), Refusal> {
    if day < signed_on { Err(Refusal::from(Rule::BeforeSignature).at(field)) } else { Ok(()) }
}

fn check_texts(texts: &[Text], prevailing: Option<Tongue>) -> Result<(), Refusal> {
    let mut tongues = BTreeSet::new();
    for (row, text) in texts.iter().enumerate() {
        if !tongues.insert(text.tongue) {
            return Err(Refusal::from(Rule::TextTwice).at(&format!("texts.{row}.tongue")));
        }
        if text.sha256.is_none() && text.text.as_ref().is_none_or(|text| text.trim().is_empty()) {
            return Err(Refusal::from(Rule::TextMissing).at(&format!("texts.{row}.text")));
        }
    }
    let is_authentic = |tongue: Option<Tongue>| texts.iter().any(|text| text.authentic && tongue.is_none_or(|tongue| tongue == text.tongue));
    if !is_authentic(None) {
        return Err(Refusal::from(Rule::NotAuthentic).at("texts"));
    }
    if !is_authentic(prevailing) {
        return Err(Refusal::from(Rule::NotAuthentic).at("prevailing"));
    }
    Ok(())
}

/// The final clauses that a proposal brings, whole or not at all.
fn proposed_clauses(act: &ProposeText) -> Result<Option<Clauses>, Refusal> {
    let Some(entry) = act.entry else {
        let dates = act.entry_date.is_some() || act.expires_on.is_some();
        let numbers = act.entry_days.is_some() || act.renewal_months.is_some() || act.notice_days.is_some();
        let halfway = dates || numbers || act.renewal.is_some();
        return if halfway { Err(Refusal::from(Rule::EntryClause).at("entry")) } else { Ok(None) };
    };
    let clauses = Clauses {
        entry,
        entry_date: act.entry_date,
        entry_days: act.entry_days,
        expires_on: act.expires_on,
        renewal: act.renewal.unwrap_or(Renewal::None),
        renewal_months: act.renewal_months,
        notice_days: act.notice_days,
    };
    clauses.check()?;
    Ok(Some(clauses))
}
