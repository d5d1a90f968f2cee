//! A joint statement: from its draft in several languages to the places where each side has published it.
//!
//! Nothing is said together but what every party has approved, language by language: the texts are frozen by all, each text
//! is approved by each, and the moment is named by all. Until that moment each side may take its approval back alone, and
//! nobody may publish. Afterwards nothing is taken back: what was wrong is corrected by all, and both texts stay to be seen.
//! Who has published is told by each side for itself.

mod acts;
mod offers;
mod sheet;
mod texts;

pub use acts::*;

use crate::act::ActSpec;
use crate::body::ActBody;
use crate::channel::{ChannelClass, Charter};
use crate::content::ContentHash;
use crate::fold::Context;
use crate::kinds::Rules;
use crate::mutual::Mutual;
use crate::party::PartyId;
use crate::record::RecordId;
use crate::refusal::{Common, Refusal};
use crate::refusals;
use crate::sheet::{Offer, Sheet, View};
use crate::time::Moment;
use crate::words::{Tongue, Words};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

refusals! {
    /// What the rules of statements refuse.
    pub enum StatementRefusal {
        /// Between states a joint statement needs two parties or more.
        OneParty = "STM01",
        /// A language stands twice among the texts.
        TongueTwice = "STM02",
        /// The texts are frozen.
        Frozen = "STM03",
        /// There is no text in this language.
        NoSuchText = "STM04",
        /// The only text cannot be taken out.
        LastText = "STM05",
        /// The texts are not frozen by every party.
        NotFrozen = "STM06",
        /// The party has not approved this text.
        NotApproved = "STM07",
        /// The statement is released: its moment has come with every approval, or a side has published it.
        Released = "STM08",
        /// Not every party has approved every text.
        ApprovalsMissing = "STM09",
        /// No moment of release is agreed.
        NoMoment = "STM10",
        /// The agreed moment has not come.
        Embargoed = "STM11",
        /// The party has published in this language already.
        PublishedAlready = "STM12",
        /// The text is not published in this language.
        NotPublished = "STM13",
        /// The text stands so already.
        SameText = "STM14",
        /// The statement was withdrawn by all.
        Withdrawn = "STM15",
        /// The moment named has passed already.
        MomentPassed = "STM16",
        /// What is stated as published lies in the future.
        InTheFuture = "STM17",
    }
}

/// The text in one language as it stands, and who put it there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Text {
    text: String,
    by: PartyId,
    at: Moment,
    record: RecordId,
}

/// A text that was replaced or taken out before the freeze. Its words stand in its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Earlier {
    tongue: Tongue,
    content: ContentHash,
    record: RecordId,
    /// The party that replaced it or took it out, when, and what it said for taking it out.
    by: PartyId,
    until: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// One party's approval of one text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Approval {
    content: ContentHash,
    at: Moment,
    record: RecordId,
}

/// An approval that was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Retraction {
    party: PartyId,
    tongue: Tongue,
    content: ContentHash,
    reason: String,
    at: Moment,
}

/// The moment of release, and what goes with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Release {
    release_at: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    embargo: Option<String>,
}

/// Where one side has published the statement in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Publication {
    party: PartyId,
    tongue: Tongue,
    url: String,
    published_at: Moment,
    record: RecordId,
}

/// A corrected text in place of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Correction {
    tongue: Tongue,
    content: ContentHash,
    text: String,
}

/// A correction that all parties made, with the text that it replaced and their reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Corrected {
    tongue: Tongue,
    before: Text,
    after: String,
    at: Moment,
    reasons: BTreeMap<PartyId, String>,
}

/// What is held about a joint statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    title: Words,
    occasion: Words,
    proposed_release: Option<Moment>,
    about: Option<crate::record::DossierId>,
    /// The parties that make it: those for whom it was opened. Whoever it is released to later reads it.
    makers: BTreeSet<PartyId>,
    texts: BTreeMap<Tongue, Text>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    earlier: Vec<Earlier>,
    freeze: Mutual<ContentHash>,
    /// When the texts were frozen, as claimed by the party that completed it.
    frozen_at: Option<Moment>,
    unfreeze: Mutual<bool>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    unfreeze_reasons: BTreeMap<PartyId, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    approvals: BTreeMap<PartyId, BTreeMap<Tongue, Approval>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    retractions: Vec<Retraction>,
    release: Mutual<Release>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    publications: Vec<Publication>,
    correction: Mutual<Correction>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    correction_reasons: BTreeMap<PartyId, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    corrected: Vec<Corrected>,
    withdrawal: Mutual<bool>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    withdrawal_reasons: BTreeMap<PartyId, String>,
}

impl Statement {
    fn draft(context: &Context<'_>, charter: &Charter, draft: Draft) -> Result<Statement, Refusal> {
        if context.audience.len() < 2 && charter.class != ChannelClass::Domestic {
            return Err(StatementRefusal::OneParty.into());
        }
        let mut texts = BTreeMap::new();
        for (row, version) in draft.texts.into_iter().enumerate() {
            if texts.insert(version.tongue, Text::of(context, version.text)).is_some() {
                return Err(Refusal::from(StatementRefusal::TongueTwice).at(&format!("texts.{row}.tongue")));
            }
        }
        Ok(Statement {
            title: draft.title,
            occasion: draft.occasion,
            proposed_release: draft.proposed_release,
            about: draft.about,
            makers: context.audience.clone(),
            texts,
            earlier: Vec::new(),
            freeze: Mutual::default(),
            frozen_at: None,
            unfreeze: Mutual::default(),
            unfreeze_reasons: BTreeMap::new(),
            approvals: BTreeMap::new(),
            retractions: Vec::new(),
            release: Mutual::default(),
            publications: Vec::new(),
            correction: Mutual::default(),
            correction_reasons: BTreeMap::new(),
            corrected: Vec::new(),
            withdrawal: Mutual::default(),
            withdrawal_reasons: BTreeMap::new(),
        })
    }

    /// Whether every party that makes the statement has approved every text as it stands frozen.
    fn is_approved(&self) -> bool {
        self.makers.iter().all(|party| self.unapproved(party).next().is_none())
    }

    /// The texts that this party has yet to approve.
    fn unapproved<'a>(&'a self, party: &'a PartyId) -> impl Iterator<Item = Tongue> + 'a {
        let given = self.approvals.get(party);
        self.texts.keys().copied().filter(move |tongue| given.is_none_or(|given| !given.contains_key(tongue)))
    }

    /// Whether the statement stands before the world: its moment has come with every approval, or a side has published it.
    fn is_released(&self, at: Moment) -> bool {
        let due = self.release.settled().is_some_and(|release| release.release_at <= at);
        !self.publications.is_empty() || (due && self.frozen_at.is_some() && self.is_approved())
    }

    fn is_withdrawn(&self) -> bool {
        self.withdrawal.settled().is_some()
    }

    fn check_unreleased(&self, context: &Context<'_>) -> Result<(), Refusal> {
        if self.is_released(context.stamp.at) { Err(StatementRefusal::Released.into()) } else { Ok(()) }
    }

    fn check_frozen(&self) -> Result<(), Refusal> {
        if self.frozen_at.is_some() { Ok(()) } else { Err(StatementRefusal::NotFrozen.into()) }
    }

    fn agree_release(&mut self, context: &Context<'_>, agree: AgreeRelease) -> Result<(), Refusal> {
        self.check_unreleased(context)?;
        if agree.release_at <= context.stamp.at {
            return Err(Refusal::from(StatementRefusal::MomentPassed).at("release_at"));
        }
        self.release.assent(context, Release { release_at: agree.release_at, embargo: agree.embargo })?;
        Ok(())
    }

    fn publish(&mut self, context: &Context<'_>, publish: Publish) -> Result<(), Refusal> {
        self.check_frozen()?;
        if !self.is_approved() {
            return Err(StatementRefusal::ApprovalsMissing.into());
        }
        let Some(release) = self.release.settled() else { return Err(StatementRefusal::NoMoment.into()) };
        if context.stamp.at < release.release_at {
            return Err(StatementRefusal::Embargoed.into());
        }
        if publish.published_at < release.release_at {
            return Err(Refusal::from(StatementRefusal::Embargoed).at("published_at"));
        }
        if publish.published_at > context.stamp.at {
            return Err(Refusal::from(StatementRefusal::InTheFuture).at("published_at"));
        }
        if !self.texts.contains_key(&publish.tongue) {
            return Err(Refusal::from(StatementRefusal::NoSuchText).at("tongue"));
        }
        if self.has_published(&context.stamp.party, publish.tongue) {
            return Err(Refusal::from(StatementRefusal::PublishedAlready).at("tongue"));
        }
        self.publications.push(Publication {
            party: context.stamp.party.clone(),
            tongue: publish.tongue,
            url: publish.url,
            published_at: publish.published_at,
            record: context.record,
        });
        Ok(())
    }

    fn has_published(&self, party: &PartyId, tongue: Tongue) -> bool {
        self.publications.iter().any(|publication| publication.party == *party && publication.tongue == tongue)
    }

    fn correct(&mut self, context: &Context<'_>, correct: Correct) -> Result<(), Refusal> {
        let text = self.texts.get(&correct.tongue);
        let text = text.ok_or_else(|| Refusal::from(StatementRefusal::NoSuchText).at("tongue"))?;
        if !self.publications.iter().any(|publication| publication.tongue == correct.tongue) {
            return Err(StatementRefusal::NotPublished.into());
        }
        if text.content() != correct.content {
            return Err(Refusal::from(Common::NotTheCurrentContent).at("content"));
        }
        if text.text == correct.text {
            return Err(Refusal::from(StatementRefusal::SameText).at("text"));
        }
        let before = text.clone();
        let correction = Correction { tongue: correct.tongue, content: correct.content, text: correct.text };
        let settled = self.correction.assent(context, correction.clone())?;
        self.correction_reasons.insert(context.stamp.party.clone(), correct.reason);
        if settled {
            let Correction { tongue, text, .. } = correction;
            let reasons = std::mem::take(&mut self.correction_reasons);
            self.corrected.push(Corrected { tongue, before, after: text.clone(), at: context.stamp.at, reasons });
            self.texts.insert(tongue, Text::of(context, text));
            // The matter is closed: whoever finds another fault says so anew.
            self.correction = Mutual::default();
        }
        Ok(())
    }

    fn withdraw(&mut self, context: &Context<'_>, withdraw: Withdraw) -> Result<(), Refusal> {
        self.check_unreleased(context)?;
        self.withdrawal.assent(context, true)?;
        self.withdrawal_reasons.insert(context.stamp.party.clone(), withdraw.reason);
        Ok(())
    }
}

impl Rules for Statement {
    type Act = Act;
    const SPECS: &'static [ActSpec] = SPECS;
    const STATES: &'static [&'static str] =
        &["draft", "frozen", "approved", "scheduled", "released", "published", "withdrawn"];
    const CODES: &'static [&'static str] = StatementRefusal::CODES;

    fn decode(act: &str, body: &ActBody) -> Option<Result<Act, Refusal>> {
        Act::decode(act, body)
    }

    fn open(context: &Context<'_>, charter: &Charter, act: Act) -> Result<Self, Refusal> {
        match act {
            Act::Draft(draft) => Statement::draft(context, charter, draft),
            _ => Err(Common::NotAnOpening.into()),
        }
    }

    fn step(&mut self, context: &Context<'_>, _charter: &Charter, act: Act) -> Result<(), Refusal> {
        if self.is_withdrawn() {
            return Err(StatementRefusal::Withdrawn.into());
        }
        match act {
            Act::Draft(_) => Err(Common::AlreadyOpen.into()),
            Act::PutText(put) => self.put_text(context, put),
            Act::DropText(drop) => self.drop_text(context, drop),
            Act::Freeze(freeze) => self.freeze(context, &freeze),
            Act::Unfreeze(unfreeze) => self.unfreeze(context, unfreeze),
            Act::Approve(approve) => self.approve(context, &approve),
            Act::WithdrawApproval(withdraw) => self.withdraw_approval(context, withdraw),
            Act::AgreeRelease(agree) => self.agree_release(context, agree),
            Act::Publish(publish) => self.publish(context, publish),
            Act::Correct(correct) => self.correct(context, correct),
            Act::Withdraw(withdraw) => self.withdraw(context, withdraw),
        }
    }

    fn sheet(&self, view: &View<'_>) -> Sheet {
        self.shown(view)
    }

    fn offers(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        self.offered(view, party)
    }
}
