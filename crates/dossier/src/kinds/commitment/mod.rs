//! A commitment: one promise out of an agreement, with its obligor, its measure and its day.
//!
//! Either side may propose terms; they bind when every party has adopted the same ones. From then on each party grades for
//! itself how far they are kept. Nobody's grade is another's: where grades differ both are shown and the lower one counts,
//! and a commitment is complete only when every party has graded it so.

pub mod acts;
mod sheet;
pub mod terms;

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
use crate::sheet::{Offer, Sheet, View};
use crate::time::{Date, Due, Moment};
use acts::{Act, Adopt, Evidence, Grade, Mode, Rule, SPECS, Waive};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use terms::Terms;

/// The days after which a commitment that nobody has graded anew is shown as stale.
pub const STALE_DAYS: i32 = 180;

/// The level at which a commitment is kept in full.
const COMPLETE: i64 = 3;

/// A commitment as its records made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commitment {
    /// The terms on the table, while they are not adopted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proposed: Option<Proposed>,
    /// The terms that bind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    adopted: Option<Adopted>,
    #[serde(default, skip_serializing_if = "Mutual::is_silent")]
    adoption: Mutual<ContentHash>,
    /// The terms that bound before, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    earlier: Vec<Earlier>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    grades: Vec<Graded>,
    /// How many of the first grades were given by another measure than the one that binds now.
    #[serde(default, skip_serializing_if = "is_zero")]
    outdated: usize,
    /// The day as of which every party had graded it complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    complete_as_of: Option<Date>,
    #[serde(default, skip_serializing_if = "Mutual::is_silent")]
    waiver: Mutual<Waive>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Proposed {
    terms: Terms,
    content: ContentHash,
    by: PartyId,
    record: RecordId,
    at: Moment,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Adopted {
    terms: Terms,
    content: ContentHash,
    at: Moment,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Earlier {
    content: ContentHash,
    due: Due,
    adopted: Moment,
    replaced: Moment,
}

/// One party's grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Graded {
    party: PartyId,
    level: i64,
    as_of: Date,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<Evidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    content: ContentHash,
    record: RecordId,
    at: Moment,
}

impl Commitment {
    fn propose(&mut self, context: &Context<'_>, terms: Terms) -> Result<(), Refusal> {
        terms.check(context.audience)?;
        self.check_not_waived()?;
        let content = terms.content();
        if self.on_the_table() == Some(content) {
            return Err(Common::AlreadySaid.into());
        }
        // Who adopted what was on the table did not adopt this.
        self.adoption.lapse();
        let stamp = context.stamp;
        let back = self.adopted.as_ref().is_some_and(|adopted| adopted.content == content);
        self.proposed =
            (!back).then(|| Proposed { terms, content, by: stamp.party.clone(), record: context.record, at: stamp.at });
        Ok(())
    }

    fn adopt(&mut self, context: &Context<'_>, act: Adopt) -> Result<(), Refusal> {
        self.check_not_waived()?;
        if self.on_the_table() != Some(act.content) {
            return Err(Common::NotTheCurrentContent.into());
        }
        if !self.adoption.assent(context, act.content)? {
            return Ok(());
        }
        let Some(Proposed { terms, content, .. }) = self.proposed.take() else { return Ok(()) };
        let at = context.stamp.at;
        if let Some(Adopted { terms: before, content, at: adopted }) = self.adopted.take() {
            if !before.measures_as(&terms) {
                self.outdated = self.grades.len();
                self.complete_as_of = None;
            }
            self.earlier.push(Earlier { content, due: before.due, adopted, replaced: at });
        }
        self.adopted = Some(Adopted { terms, content, at });
        // A waiver released from terms that no longer bind.
        self.waiver = Mutual::default();
        Ok(())
    }

    fn grade(&mut self, context: &Context<'_>, act: Grade) -> Result<(), Refusal> {
        let (mode, content) = match &self.adopted {
            Some(adopted) => (adopted.terms.mode, adopted.content),
            None => return Err(Rule::NotAdopted.into()),
        };
        self.check_not_waived()?;
        self.check_not_complete()?;
        if act.content != content {
            return Err(Common::NotTheCurrentContent.into());
        }
        if act.as_of > context.stamp.at.civil_date() {
            return Err(Refusal::from(Rule::InTheFuture).at("as_of"));
        }
        let evidence = act.evidence.unwrap_or_default();
        if act.level > 0 && evidence.is_empty() {
            return Err(Refusal::from(Rule::NoEvidence).at("evidence"));
        }
        if let Some(row) = evidence.iter().position(|piece| piece.date > act.as_of) {
            return Err(Refusal::from(Rule::EvidenceTooLate).at(&format!("evidence.{row}.date")));
        }
        let stamp = context.stamp;
        let (party, record, at) = (stamp.party.clone(), context.record, stamp.at);
        let grade = Graded { party, level: act.level, as_of: act.as_of, evidence, note: act.note, content, record, at };
        if let Some(last) = self.current_grade(&grade.party) {
            if grade.as_of < last.as_of {
                return Err(Refusal::from(Rule::OlderThanTheLast).at("as_of"));
            }
            if grade.says_the_same_as(last) {
                return Err(Common::AlreadySaid.into());
            }
        }
        self.grades.push(grade);
        if mode != Mode::Continuous {
            self.complete_as_of = self.all_complete(context.audience);
        }
        Ok(())
    }

    fn waive(&mut self, context: &Context<'_>, act: Waive) -> Result<(), Refusal> {
        let content = self.adopted.as_ref().map(|adopted| adopted.content).ok_or(Rule::NotAdopted)?;
        self.check_not_waived()?;
        self.check_not_complete()?;
        if act.content != content {
            return Err(Common::NotTheCurrentContent.into());
        }
        self.waiver.assent(context, act).map(|_| ())
    }

    fn check_not_waived(&self) -> Result<(), Refusal> {
        if self.waiver.settled().is_some() { Err(Rule::Waived.into()) } else { Ok(()) }
    }

    fn check_not_complete(&self) -> Result<(), Refusal> {
        if self.complete_as_of.is_some() { Err(Rule::Complete.into()) } else { Ok(()) }
    }

    /// The hash of the terms that a party would adopt now.
    fn on_the_table(&self) -> Option<ContentHash> {
        let proposed = self.proposed.as_ref().map(|proposed| proposed.content);
        proposed.or(self.adopted.as_ref().map(|adopted| adopted.content))
    }

    /// The terms that bind, or those on the table while none do.
    fn terms(&self) -> Option<&Terms> {
        let adopted = self.adopted.as_ref().map(|adopted| &adopted.terms);
        adopted.or(self.proposed.as_ref().map(|proposed| &proposed.terms))
    }

    /// The party's last grade by the measure that binds now.
    fn current_grade(&self, party: &PartyId) -> Option<&Graded> {
        self.grades.iter().skip(self.outdated).rev().find(|grade| grade.party == *party)
    }

    /// The last day of the grades by which every party calls it complete.
    fn all_complete(&self, audience: &BTreeSet<PartyId>) -> Option<Date> {
        let days: Option<Vec<Date>> = audience
            .iter()
            .map(|party| self.current_grade(party).filter(|grade| grade.level == COMPLETE).map(|grade| grade.as_of))
            .collect();
        days?.into_iter().max()
    }
}

impl Graded {
    fn says_the_same_as(&self, other: &Graded) -> bool {
        (self.level, self.as_of, &self.evidence, &self.note) == (other.level, other.as_of, &other.evidence, &other.note)
    }
}

impl Rules for Commitment {
    type Act = Act;
    const SPECS: &'static [ActSpec] = SPECS;
    const STATES: &'static [&'static str] = &["draft", "adopted", "complete", "waived"];
    const CODES: &'static [&'static str] = Rule::CODES;

    fn decode(act: &str, body: &ActBody) -> Option<Result<Act, Refusal>> {
        Act::decode(act, body)
    }

    fn open(context: &Context<'_>, charter: &Charter, act: Act) -> Result<Self, Refusal> {
        let Act::Draft(act) = act else { return Err(Common::NotAnOpening.into()) };
        if charter.class == ChannelClass::Exchange && context.audience.len() < 2 {
            return Err(Rule::OneParty.into());
        }
        let mut state = Commitment {
            proposed: None,
            adopted: None,
            adoption: Mutual::default(),
            earlier: Vec::new(),
            grades: Vec::new(),
            outdated: 0,
            complete_as_of: None,
            waiver: Mutual::default(),
        };
        state.propose(context, act.into())?;
        Ok(state)
    }

    fn step(&mut self, context: &Context<'_>, _charter: &Charter, act: Act) -> Result<(), Refusal> {
        match act {
            Act::Draft(_) => Err(Common::AlreadyOpen.into()),
            Act::Revise(act) => self.propose(context, act.into()),
            Act::Adopt(act) => self.adopt(context, act),
            Act::Grade(act) => self.grade(context, act),
            Act::Waive(act) => self.waive(context, act),
        }
    }

    fn sheet(&self, view: &View<'_>) -> Sheet {
        self.shown(view)
    }

    fn offers(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        self.offered(view, party)
    }
}
