//! What a party may do about a meeting now.

use super::Meeting;
use crate::party::PartyId;
use crate::sheet::{Offer, View};
use serde_json::json;

impl Meeting {
    pub(super) fn offered(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        if self.cancelled.is_some() {
            return Vec::new();
        }
        let mut offers = Vec::new();
        if self.held.settled().is_none() {
            self.offer_business(view, party, &mut offers);
            return offers;
        }
        if self.minutes.is_signed() {
            self.offer_corrigenda(party, &mut offers);
        } else {
            offers.push(Offer::empty("put-clause"));
            self.offer_clauses(party, &mut offers);
            let signed = self.minutes.signature.of(party).is_some();
            if !signed && self.minutes.obstacle(&self.tongues, view.audience).is_none() {
                offers.push(Offer { act: "sign-minutes", prefill: json!({ "content": self.minutes.content() }) });
            }
            offers.push(Offer::empty("set-delegation"));
        }
        self.offer_decisions(party, &mut offers);
        offers.push(Offer::empty("refer-up"));
        offers
    }

    /// Before the meeting: its date, its agenda, and that it was held.
    fn offer_business(&self, view: &View<'_>, party: &PartyId, offers: &mut Vec<Offer>) {
        offers.push(match self.date.offered_to(party) {
            Some(assent) => Offer::saying("agree-date", &assent.content),
            None => Offer::empty("agree-date"),
        });
        offers.push(Offer::empty("set-delegation"));
        offers.push(Offer::empty("add-item"));
        let own = self.items.iter().filter(|item| item.by == *party);
        offers.extend(own.map(|item| Offer { act: "withdraw-item", prefill: json!({ "item": item.record }) }));
        let content = self.agenda_content();
        if !self.items.is_empty() && self.agenda.of(party).is_none_or(|assent| assent.content != content) {
            offers.push(Offer { act: "agree-agenda", prefill: json!({ "content": content }) });
        }
        // The day that another party named, or else the agreed one, as soon as it has come.
        let named = self.held.offered_to(party).map(|assent| assent.content);
        let agreed = self.date.settled().map(|venue| venue.date).filter(|_| self.held.of(party).is_none());
        offers.push(match named.or(agreed).filter(|on| *on <= view.today) {
            Some(on) => Offer { act: "declare-held", prefill: json!({ "on": on }) },
            None => Offer::empty("declare-held"),
        });
        offers.push(Offer::empty("postpone"));
        offers.push(Offer::empty("cancel"));
    }

    fn offer_clauses(&self, party: &PartyId, offers: &mut Vec<Offer>) {
        for (number, clause) in &self.minutes.clauses {
            for (tongue, text) in &clause.texts {
                let text_of = json!({ "number": number, "tongue": tongue });
                if !text.accepted.contains(party) {
                    let content = clause.content(number, *tongue);
                    offers.push(Offer { act: "accept-clause", prefill: json!({ "number": number, "tongue": tongue, "content": content }) });
                }
                offers.push(Offer { act: "bracket-clause", prefill: text_of });
            }
            let whole = json!({ "number": number });
            offers.push(Offer { act: "reserve-clause", prefill: whole.clone() });
            offers.push(Offer { act: "comment-clause", prefill: whole.clone() });
            if clause.is_of_one(party) {
                offers.push(Offer { act: "withdraw-clause", prefill: whole });
            }
        }
    }

    fn offer_corrigenda(&self, party: &PartyId, offers: &mut Vec<Offer>) {
        for (number, matters) in &self.minutes.corrigenda {
            for (tongue, matter) in matters {
                if let Some(assent) = matter.offered_to(party) {
                    let prefill = json!({ "number": number, "tongue": tongue, "text": assent.content });
                    offers.push(Offer { act: "corrigendum", prefill });
                }
            }
        }
        offers.push(Offer::empty("corrigendum"));
    }

    fn offer_decisions(&self, party: &PartyId, offers: &mut Vec<Offer>) {
        for (number, decision) in &self.decisions {
            if let Some(assent) = decision.text.offered_to(party) {
                offers.push(Offer { act: "adopt-decision", prefill: json!({ "number": number, "text": assent.content }) });
            }
            let in_force = decision.text.settled().is_some() && decision.rescission.settled().is_none();
            if in_force && decision.rescission.of(party).is_none() {
                offers.push(Offer { act: "rescind", prefill: json!({ "number": number }) });
            }
        }
        offers.push(Offer::empty("adopt-decision"));
    }
}
