//! What may be done about a statement, by each party.

use super::Statement;
use crate::party::PartyId;
use crate::sheet::{Offer, View};
use crate::time::Date;
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl Statement {
    pub(super) fn offered(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        if self.is_withdrawn() || !self.makers.contains(party) {
            return Vec::new();
        }
        let mut offers = if self.frozen_at.is_some() { self.offered_frozen(view, party) } else { self.offered_drafting(party) };
        if !self.is_out(view.today) {
            offers.push(self.offered_release(view.today, party));
            if self.withdrawal.of(party).is_none() {
                offers.push(self.with_their_reason("withdraw", &self.withdrawal_reasons, view.today));
            }
        }
        offers
    }

    fn offered_drafting(&self, party: &PartyId) -> Vec<Offer> {
        let mut offers = Vec::new();
        let content = self.content();
        if self.freeze.of(party).is_none_or(|assent| assent.content != content) {
            offers.push(Offer { act: "freeze", prefill: json!({ "content": content }) });
        }
        offers.push(Offer::empty("put-text"));
        if self.texts.len() > 1 {
            offers.push(Offer::empty("drop-text"));
        }
        offers
    }

    fn offered_frozen(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        let mut offers = Vec::new();
        for tongue in self.unapproved(party) {
            let content = self.texts.get(&tongue).map(super::Text::content);
            offers.push(Offer { act: "approve", prefill: json!({ "tongue": tongue, "content": content }) });
        }
        if self.may_be_out(view.today) {
            let unpublished = self.texts.keys().filter(|tongue| !self.has_published(party, **tongue));
            offers.extend(unpublished.map(|tongue| Offer { act: "publish", prefill: json!({ "tongue": tongue }) }));
        }
        if self.is_out(view.today) {
            offers.extend(self.offered_correction(party));
        } else {
            let given = self.approvals.get(party).into_iter().flat_map(BTreeMap::keys);
            offers.extend(given.map(|tongue| Offer { act: "withdraw-approval", prefill: json!({ "tongue": tongue }) }));
            if self.unfreeze.of(party).is_none() {
                offers.push(self.with_their_reason("unfreeze", &self.unfreeze_reasons, view.today));
            }
        }
        offers
    }

    /// Another party's moment, or the one that the draft proposed, while either is still to come.
    fn offered_release(&self, today: Date, party: &PartyId) -> Offer {
        let to_come = |at: crate::time::Moment| at.civil_date() > today && !self.may_be_out(today);
        if let Some(assent) = self.release.offered_to(party).filter(|assent| to_come(assent.content.release_at)) {
            return Offer::saying("agree-release", &assent.content);
        }
        match self.proposed_release.filter(|at| to_come(*at) && self.release.of(party).is_none()) {
            Some(at) => Offer { act: "agree-release", prefill: json!({ "release_at": at }) },
            None => Offer::empty("agree-release"),
        }
    }

    /// An act that all parties do, each with a reason of its own; it begins with another's. On the day of release the hour
    /// decides whether it can still be done, and the form begins empty.
    fn with_their_reason(&self, act: &'static str, reasons: &BTreeMap<PartyId, String>, today: Date) -> Offer {
        match reasons.values().next() {
            Some(reason) if !self.may_be_out(today) => Offer { act, prefill: json!({ "reason": reason }) },
            _ => Offer::empty(act),
        }
    }

    /// Another party's correction, or a form for each text that is published.
    fn offered_correction(&self, party: &PartyId) -> Vec<Offer> {
        if let Some(assent) = self.correction.offered_to(party) {
            let theirs = self.correction.assents().find(|(_, other)| other.record == assent.record);
            let reason = theirs.and_then(|(other, _)| self.correction_reasons.get(other));
            let mut prefill = serde_json::to_value(&assent.content).unwrap_or_default();
            if let (Value::Object(members), Some(reason)) = (&mut prefill, reason) {
                members.insert("reason".to_owned(), json!(reason));
            }
            return vec![Offer { act: "correct", prefill }];
        }
        let published = self.texts.iter().filter(|(tongue, _)| self.publications.iter().any(|p| p.tongue == **tongue));
        let form = |(tongue, text): (_, &super::Text)| json!({ "tongue": tongue, "content": text.content() });
        published.map(form).map(|prefill| Offer { act: "correct", prefill }).collect()
    }
}
