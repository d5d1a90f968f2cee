//! The texts of a statement: drafted, frozen by all, approved by each.

use super::{
    Approval, Approve, DropText, Earlier, Freeze, PutText, Retraction, Statement, StatementRefusal, Text, Unfreeze,
    WithdrawApproval,
};
use crate::content::ContentHash;
use crate::fold::Context;
use crate::mutual::Mutual;
use crate::refusal::{Common, Refusal};
use crate::words::Tongue;
use std::collections::BTreeMap;

impl Text {
    pub(super) fn of(context: &Context<'_>, text: String) -> Text {
        Text { text, by: context.stamp.party.clone(), at: context.stamp.at, record: context.record }
    }

    /// The hash that an approval of this text covers.
    pub(super) fn content(&self) -> ContentHash {
        ContentHash::of(&self.text)
    }
}

impl Statement {
    /// The hash of title and texts, which a freeze covers.
    pub(super) fn content(&self) -> ContentHash {
        let texts: BTreeMap<&Tongue, &str> = self.texts.iter().map(|(tongue, text)| (tongue, text.text.as_str())).collect();
        ContentHash::of(&(&self.title, texts))
    }

    fn check_open(&self) -> Result<(), Refusal> {
        if self.frozen_at.is_some() { Err(StatementRefusal::Frozen.into()) } else { Ok(()) }
    }

    fn text(&self, tongue: Tongue) -> Result<&Text, Refusal> {
        self.texts.get(&tongue).ok_or_else(|| Refusal::from(StatementRefusal::NoSuchText).at("tongue"))
    }

    pub(super) fn put_text(&mut self, context: &Context<'_>, put: PutText) -> Result<(), Refusal> {
        self.check_open()?;
        if self.texts.get(&put.tongue).is_some_and(|text| text.text == put.text) {
            return Err(Refusal::from(StatementRefusal::SameText).at("text"));
        }
        let before = self.texts.insert(put.tongue, Text::of(context, put.text));
        self.replaced(context, put.tongue, before, None);
        Ok(())
    }

    pub(super) fn drop_text(&mut self, context: &Context<'_>, drop: DropText) -> Result<(), Refusal> {
        self.check_open()?;
        self.text(drop.tongue)?;
        if self.texts.len() == 1 {
            return Err(StatementRefusal::LastText.into());
        }
        let before = self.texts.remove(&drop.tongue);
        self.replaced(context, drop.tongue, before, Some(drop.reason));
        Ok(())
    }

    /// Keeps in view what stood before, and voids what was said about texts that are no longer these.
    fn replaced(&mut self, context: &Context<'_>, tongue: Tongue, before: Option<Text>, reason: Option<String>) {
        self.freeze.lapse();
        self.earlier.extend(before.map(|text| Earlier {
            tongue,
            content: text.content(),
            record: text.record,
            by: context.stamp.party.clone(),
            until: context.stamp.at,
            reason,
        }));
    }

    pub(super) fn freeze(&mut self, context: &Context<'_>, freeze: &Freeze) -> Result<(), Refusal> {
        self.check_open()?;
        if freeze.content != self.content() {
            return Err(Refusal::from(Common::NotTheCurrentContent).at("content"));
        }
        if self.freeze.assent(context, freeze.content)? {
            self.frozen_at = Some(context.stamp.at);
        }
        Ok(())
    }

    pub(super) fn unfreeze(&mut self, context: &Context<'_>, unfreeze: Unfreeze) -> Result<(), Refusal> {
        self.check_frozen()?;
        self.check_unreleased(context)?;
        let settled = self.unfreeze.assent(context, true)?;
        self.unfreeze_reasons.insert(context.stamp.party.clone(), unfreeze.reason);
        if settled {
            self.freeze = Mutual::default();
            self.frozen_at = None;
            self.unfreeze = Mutual::default();
            self.unfreeze_reasons.clear();
            // An approval was given to one of several texts that said the same. What is changed in one may touch them all.
            self.approvals.clear();
        }
        Ok(())
    }

    pub(super) fn approve(&mut self, context: &Context<'_>, approve: &Approve) -> Result<(), Refusal> {
        self.check_frozen()?;
        if self.text(approve.tongue)?.content() != approve.content {
            return Err(Refusal::from(Common::NotTheCurrentContent).at("content"));
        }
        let own = self.approvals.get(&context.stamp.party);
        if own.is_some_and(|given| given.contains_key(&approve.tongue)) {
            return Err(Common::AlreadySaid.into());
        }
        let approval = Approval { content: approve.content, at: context.stamp.at, record: context.record };
        self.approvals.entry(context.stamp.party.clone()).or_default().insert(approve.tongue, approval);
        Ok(())
    }

    pub(super) fn withdraw_approval(&mut self, context: &Context<'_>, withdraw: WithdrawApproval) -> Result<(), Refusal> {
        self.check_unreleased(context)?;
        let own = self.approvals.get_mut(&context.stamp.party);
        let approval = own.and_then(|given| given.remove(&withdraw.tongue));
        let approval = approval.ok_or_else(|| Refusal::from(StatementRefusal::NotApproved).at("tongue"))?;
        self.approvals.retain(|_, given| !given.is_empty());
        self.retractions.push(Retraction {
            party: context.stamp.party.clone(),
            tongue: withdraw.tongue,
            content: approval.content,
            reason: withdraw.reason,
            at: context.stamp.at,
        });
        Ok(())
    }
}
