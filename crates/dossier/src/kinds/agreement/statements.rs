//! What one party states for itself: claims of suspension, notices of termination, objections.

use super::acts::{ClaimSuspension, ConfirmNotice, GiveNotice, Object, Rule, Withdraw};
use super::steps::check_not_before;
use super::{Agreement, Mark, Said, Statement};
use crate::fold::Context;
use crate::mutual::Mutual;
use crate::party::PartyId;
use crate::record::RecordId;
use crate::refusal::{Common, Refusal};
use crate::time::Date;

impl Agreement {
    pub(super) fn claim_suspension(&mut self, context: &Context<'_>, act: ClaimSuspension) -> Result<(), Refusal> {
        let signed_on = self.check_signed()?.on;
        self.check_not_over(context)?;
        self.check_may_be_in_force(context)?;
        check_not_before(signed_on, act.from, "from")?;
        self.state(context, act.ground, Said::Claim { from: act.from })
    }

    pub(super) fn give_notice(&mut self, context: &Context<'_>, act: GiveNotice) -> Result<(), Refusal> {
        self.check_signed()?;
        self.check_not_over(context)?;
        self.check_notice_day(context, act.effective_on)?;
        if self.has_notice_of(&context.stamp.party, context.stamp.at.civil_date()) {
            return Err(Rule::NoticeStands.into());
        }
        self.state(context, act.ground, Said::Notice { effective_on: act.effective_on, confirmed: None })
    }

    pub(super) fn confirm_notice(&mut self, context: &Context<'_>, act: ConfirmNotice) -> Result<(), Refusal> {
        let place = self.own_statement(context, act.notice)?;
        let Said::Notice { effective_on, confirmed } = self.statements[place].said else {
            return Err(Rule::NoSuchStatement.into());
        };
        if confirmed.is_some() {
            return Err(Rule::AlreadyConfirmed.into());
        }
        self.check_not_over(context)?;
        // The other parties may rely on the whole period from the day on which the notice counts.
        self.check_notice_day(context, effective_on)?;
        self.statements[place].said = Said::Notice { effective_on, confirmed: Some(context.stamp.at) };
        Ok(())
    }

    fn check_notice_day(&self, context: &Context<'_>, effective_on: Date) -> Result<(), Refusal> {
        let today = context.stamp.at.civil_date();
        if !self.is_in_force(today) {
            return Err(Rule::NotInForce.into());
        }
        if !self.allows_notice(effective_on, today) {
            return Err(Refusal::from(Rule::NoticeTooShort).at("effective_on"));
        }
        Ok(())
    }

    /// Whether the party has a notice on record that counts or can still be confirmed.
    pub(super) fn has_notice_of(&self, party: &PartyId, today: Date) -> bool {
        let mut own = self.statements.iter().filter(|said| said.by.party == *party && said.is_notice());
        own.any(|said| matches!(self.standing_of(said, today), "confirmed" | "unconfirmed"))
    }

    pub(super) fn object(&mut self, context: &Context<'_>, act: Object) -> Result<(), Refusal> {
        let author = self.author_of(act.record).ok_or_else(|| Refusal::from(Rule::NoSuchStatement).at("record"))?;
        if *author == context.stamp.party {
            return Err(Refusal::from(Rule::OwnStatement).at("record"));
        }
        self.state(context, act.ground, Said::Objection { to: act.record })
    }

    pub(super) fn withdraw(&mut self, context: &Context<'_>, act: Withdraw) -> Result<(), Refusal> {
        let place = self.own_statement(context, act.record)?;
        let today = context.stamp.at.civil_date();
        if self.statements[place].counting_notice().is_some_and(|effective_on| effective_on <= today) {
            return Err(Rule::TooLate.into());
        }
        self.statements[place].withdrawn = Some(context.stamp.at);
        Ok(())
    }

    fn state(&mut self, context: &Context<'_>, ground: String, said: Said) -> Result<(), Refusal> {
        let by = Mark::of(context);
        let same = |other: &Statement| {
            let same_matter = match (&other.said, &said) {
                // Another ground for the same objection is a further word on the same record, and no news.
                (Said::Objection { to }, Said::Objection { to: now }) => to == now,
                (earlier, now) => earlier == now && other.ground == ground,
            };
            same_matter && other.withdrawn.is_none() && other.by.party == by.party
        };
        if self.statements.iter().any(same) {
            return Err(Common::AlreadySaid.into());
        }
        self.statements.push(Statement { by, ground, said, withdrawn: None });
        Ok(())
    }

    /// How a statement stands on this day: the word `state-<name>`. A notice that nobody confirmed while there was time lapses.
    pub(super) fn standing_of(&self, statement: &Statement, today: Date) -> &'static str {
        match statement.said {
            _ if statement.withdrawn.is_some() => "withdrawn",
            Said::Notice { confirmed: Some(_), .. } => "confirmed",
            Said::Notice { effective_on, .. } if self.allows_notice(effective_on, today) => "unconfirmed",
            Said::Notice { .. } => "lapsed",
            Said::Claim { .. } | Said::Objection { .. } => "standing",
        }
    }

    /// Where the acting party's own standing statement is.
    fn own_statement(&self, context: &Context<'_>, record: RecordId) -> Result<usize, Refusal> {
        let standing = self.statements.iter().position(|said| said.by.record == record && said.withdrawn.is_none());
        let place = standing.ok_or(Rule::NoSuchStatement)?;
        if self.statements[place].by.party == context.stamp.party { Ok(place) } else { Err(Rule::NotYours.into()) }
    }

    /// The party that put this on record, when it is something that others may object to.
    pub(super) fn author_of(&self, record: RecordId) -> Option<&PartyId> {
        let marks = self.statements.iter().map(|said| &said.by).chain(self.domestic_steps.iter().map(|step| &step.by));
        let marked = marks.chain([&self.tabled]).find(|mark| mark.record == record).map(|mark| &mark.party);
        marked
            .or_else(|| self.notifications.iter().find(|(_, done)| done.record == record).map(|(party, _)| party))
            .or_else(|| assenting(&self.amendment, record))
            .or_else(|| assenting(&self.supersession, record))
            .or_else(|| assenting(&self.suspension, record))
            .or_else(|| assenting(&self.resumption, record))
            .or_else(|| assenting(&self.registration, record))
    }
}

fn assenting<T: Clone + PartialEq>(mutual: &Mutual<T>, record: RecordId) -> Option<&PartyId> {
    mutual.assents().find(|(_, assent)| assent.record == record).map(|(party, _)| party)
}

impl Statement {
    pub(super) fn is_notice(&self) -> bool {
        matches!(self.said, Said::Notice { .. })
    }

    /// The day on which it ends the instrument for its party, when it is a notice that counts.
    pub(super) fn counting_notice(&self) -> Option<Date> {
        match self.said {
            Said::Notice { effective_on, confirmed: Some(_) } if self.withdrawn.is_none() => Some(effective_on),
            _ => None,
        }
    }
}
