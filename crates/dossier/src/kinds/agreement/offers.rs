//! What a party may do next in an agreement, and what it would say if it joined the others.

use super::force::{Force, Phase};
use super::{Agreement, Said};
use crate::mutual::Mutual;
use crate::party::PartyId;
use crate::sheet::{Offer, View};
use serde_json::{Value, json};

impl Agreement {
    pub(super) fn offered(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        let phase = self.phase(view.today);
        let mut offers = Vec::new();
        if phase < Phase::Signed {
            self.offer_signature(phase, party, &mut offers);
        } else if !phase.is_over() {
            self.offer_life(view, party, &mut offers);
        } else if phase == Phase::Expired {
            // Only an amendment of the term can still be made.
            let offered = self.amendment.offered_to(party).filter(|assent| assent.content.expires_on.is_some());
            offers.push(offered.map_or(Offer::empty("amend"), |assent| Offer::saying("amend", &assent.content)));
        }
        if self.registration.settled().is_some() {
            // All together may correct what they registered.
            offers.push(Offer::joining("register", &self.registration, party, &json!({ "content": self.content })));
        }
        if self.someone_else_stated(party) {
            offers.push(Offer::empty("object"));
        }
        let own = self.statements.iter().filter(|said| said.by.party == *party && said.withdrawn.is_none());
        // A notice that has taken effect has ended the instrument for its party.
        let open = own.filter(|said| said.counting_notice().is_none_or(|effective_on| effective_on > view.today));
        offers.extend(open.map(|said| Offer { act: "withdraw", prefill: json!({ "record": said.by.record }) }));
        offers
    }

    fn offer_signature(&self, phase: Phase, party: &PartyId, offers: &mut Vec<Offer>) {
        offers.push(Offer { act: "propose-text", prefill: self.proposal() });
        let to_initial = !self.texts.is_empty() && self.initials.of(party).is_none();
        if to_initial {
            offers.push(Offer { act: "initial", prefill: json!({ "content": self.content }) });
        }
        let content = json!({ "content": self.content });
        if phase == Phase::Initialled && owes(&self.signature, party) {
            offers.push(Offer::joining("sign", &self.signature, party, &content));
        }
        if owes(&self.registration, party) {
            offers.push(Offer::joining("register", &self.registration, party, &content));
        }
        offers.push(Offer::empty("domestic-step"));
    }

    fn offer_life(&self, view: &View<'_>, party: &PartyId, offers: &mut Vec<Offer>) {
        let start = json!({});
        offers.push(Offer::empty("domestic-step"));
        if self.lacks_notification_of(party) {
            offers.push(Offer::empty("notify-completion"));
        }
        let own = self.statements.iter().filter(|said| said.by.party == *party);
        let unconfirmed = own.filter(|said| self.standing_of(said, view.today) == "unconfirmed");
        offers.extend(unconfirmed.map(|said| Offer { act: "confirm-notice", prefill: json!({ "notice": said.by.record }) }));
        offers.push(Offer::joining("amend", &self.amendment, party, &start));
        offers.push(Offer::joining("supersede", &self.supersession, party, &start));
        if self.is_in_force(view.today) && !self.has_notice_of(party, view.today) {
            let earliest = self.clauses.notice_effective_from(view.today);
            offers.push(Offer { act: "give-notice", prefill: json!({ "effective_on": earliest }) });
        }
        if self.suspension.settled().is_some() {
            offers.push(Offer::joining("resume", &self.resumption, party, &start));
        } else if self.force() != Force::NotYet {
            offers.push(Offer::joining("suspend", &self.suspension, party, &start));
        }
        if self.may_be_in_force(view.today) {
            offers.push(Offer::empty("claim-suspension"));
        }
    }

    /// The texts and clauses on the table, to begin a counter-proposal with.
    fn proposal(&self) -> Value {
        let mut body = json!(self.clauses);
        if let Value::Object(members) = &mut body {
            if !self.texts.is_empty() {
                members.insert("texts".to_owned(), json!(self.texts));
            }
            members.extend(self.prevailing.map(|tongue| ("prevailing".to_owned(), json!(tongue))));
        }
        body
    }

    fn someone_else_stated(&self, party: &PartyId) -> bool {
        let statements = self.statements.iter().filter(|said| !matches!(said.said, Said::Objection { .. })).map(|said| &said.by.party);
        statements.chain(self.notifications.keys()).chain([&self.tabled.party]).any(|other| other != party)
    }
}

/// Whether the party has not spoken yet, or another has said otherwise since.
fn owes<T: Clone + PartialEq>(mutual: &Mutual<T>, party: &PartyId) -> bool {
    mutual.of(party).is_none() || mutual.offered_to(party).is_some()
}
