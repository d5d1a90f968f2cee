//! What the mirror of a sale shows, and what may be done about it.

use super::acts::{CaseLine, Counted};
use super::case::{Case, Phase};
use super::{owed, unless_said};
use crate::party::PartyId;
use crate::sheet::{Awaiting, Datum, Fact, Matter, Offer, Row, RowText, Section, Sheet, Tone, View, awaiting};
use crate::time::{Date, Due, Moment};
use serde_json::json;
use std::collections::BTreeMap;

impl Case {
    pub(super) fn shown(&self, view: &View<'_>) -> Sheet {
        let expired = self.has_expired(view.today);
        let discrepancy = self.has_discrepancy();
        Sheet {
            title: self.request.title.clone(),
            state: self.phase.name().to_owned(),
            tone: match self.phase {
                _ if expired || discrepancy => Tone::Alarm,
                Phase::Requested | Phase::Offered | Phase::Shipped => Tone::Waiting,
                Phase::Accepted | Phase::Implemented | Phase::Received => Tone::Running,
                Phase::Closed | Phase::Declined | Phase::Cancelled => Tone::Done,
            },
            facts: self.facts(expired, discrepancy),
            positions: self.positions(),
            sections: self.sections(),
            awaiting: self.awaited(view),
            due: self.open_until().map(Due::On),
            late: expired,
            owner: None,
        }
    }

    /// The last day on which the offer on the table can be accepted.
    fn open_until(&self) -> Option<Date> {
        self.offers.last().filter(|_| self.phase == Phase::Offered).map(|offer| offer.what.valid_until)
    }

    fn has_expired(&self, today: Date) -> bool {
        self.open_until().is_some_and(|until| until < today)
    }

    /// Whether something that was shipped is missing after the buyer has counted.
    fn has_discrepancy(&self) -> bool {
        matches!(self.phase, Phase::Received | Phase::Closed) && self.missing().values().any(|missing| *missing > 0)
    }

    fn facts(&self, expired: bool, discrepancy: bool) -> Vec<Fact> {
        let mut facts = vec![
            Fact::new("buyer", Datum::Party(self.buyer().clone())),
            Fact::new("seller", Datum::Party(self.seller().clone())),
            Fact::new("request-number", Datum::Text(self.request.request_number.clone())),
            Fact::new("request", Datum::Words(self.request.request.clone())),
            // Whoever reads the mirror must not take it for the contract.
            Fact::new("mirror", Datum::Term("mirror-not-the-contract".to_owned())),
        ];
        if let Some(offer) = self.offers.last() {
            facts.push(Fact::new("case-number", Datum::Text(offer.what.case_number.clone())));
            facts.push(Fact::new("case-value", money(&offer.what.case_value, &offer.what.currency)));
            facts.push(Fact::new("valid-until", Datum::Date(offer.what.valid_until)));
            if expired {
                facts.push(Fact::new("expired", Datum::Term("yes".to_owned())));
            }
            let deposit = self.accepted.as_ref().map(|accepted| money(&accepted.what.deposit, &offer.what.currency));
            facts.extend(deposit.map(|deposit| Fact::new("deposit", deposit)));
        }
        facts.extend(self.implemented.iter().map(|stated| Fact::new("implemented-on", Datum::Date(stated.what.on))));
        if discrepancy {
            facts.push(Fact::new("missing", Datum::Number(self.missing().values().sum())));
            facts.push(Fact::new("flags", Datum::Term("flag-contested".to_owned())));
        }
        facts.extend(self.closing.settled().map(|on| Fact::new("closed-on", Datum::Date(*on))));
        facts.push(Fact::new("since", Datum::Moment(self.since)));
        facts
    }

    fn positions(&self) -> Vec<Matter> {
        let mut matters = vec![
            Matter::of("closing", &self.closing, |on| Datum::Date(*on)),
            Matter::of("cancellation", &self.ending.cancellation, |_| Datum::Term("state-cancelled".to_owned())),
        ];
        matters.retain(|matter| matter.settled.is_some() || !matter.said.is_empty());
        matters
    }

    fn sections(&self) -> Vec<Section> {
        let latest = self.offers.len();
        let offers = self.offers.iter().enumerate().map(|(n, offer)| Row {
            state: Some(if n + 1 < latest { "replaced" } else { "current" }.to_owned()),
            tone: if n + 1 < latest { Tone::Done } else { Tone::Running },
            facts: vec![
                Fact::new("case-number", Datum::Text(offer.what.case_number.clone())),
                Fact::new("case-value", money(&offer.what.case_value, &offer.what.currency)),
                Fact::new("valid-until", Datum::Date(offer.what.valid_until)),
                Fact::new("at", Datum::Moment(offer.at)),
                Fact::new("record", Datum::Record(offer.record)),
            ],
            ..Row::new((n + 1).to_string())
        });
        let shipments = self.shipments.iter().enumerate().map(|(n, stated)| {
            let mut row = counted_row(n, stated.what.on, stated.at, &stated.what.lines);
            row.facts.extend(stated.what.waybill.clone().map(|waybill| Fact::new("waybill", Datum::Text(waybill))));
            row
        });
        let receipts = self.receipts.iter().enumerate().map(|(n, stated)| {
            let mut row = counted_row(n, stated.what.on, stated.at, &stated.what.lines);
            row.texts = stated.what.note.iter().map(|note| RowText::new(None, note.clone())).collect();
            row
        });
        let mut sections = vec![
            Section::new("case-lines", self.line_rows()),
            Section::new("case-offers", offers.collect()),
            Section::new("shipments", shipments.collect()),
            Section::new("receipts", receipts.collect()),
            Section::new("reasons", self.ending.rows()),
        ];
        sections.retain(|section| !section.rows.is_empty());
        sections
    }

    fn line_rows(&self) -> Vec<Row> {
        let (shipped, received, missing) = (self.shipped(), self.received(), self.missing());
        let row = |line: &CaseLine| {
            let of = |counts: &BTreeMap<&str, i64>| counts.get(line.line.as_str()).copied().unwrap_or(0);
            let counted = [("quantity", line.quantity), ("shipped", of(&shipped)), ("received", of(&received)), ("missing", of(&missing))];
            let (state, tone) = match (of(&shipped), of(&missing)) {
                (0, _) => ("open", Tone::Waiting),
                (_, missing) if missing > 0 => ("missing", Tone::Alarm),
                (shipped, _) if shipped < line.quantity => ("part-received", Tone::Running),
                _ => ("all-received", Tone::Done),
            };
            Row {
                state: Some(state.to_owned()),
                tone,
                texts: vec![RowText::new(None, line.item.clone())],
                facts: counted.into_iter().map(|(name, count)| Fact::new(name, Datum::Number(count))).collect(),
                ..Row::new(line.line.clone())
            }
        };
        self.lines().iter().map(row).collect()
    }

    fn awaited(&self, view: &View<'_>) -> Vec<Awaiting> {
        let both = self.ending.sides.both();
        let mut steps = match self.phase {
            Phase::Requested => vec![owed(self.seller(), "offer-case", self.since)],
            Phase::Offered if self.has_expired(view.today) => vec![owed(self.seller(), "offer-case", self.since)],
            Phase::Offered => vec![owed(self.buyer(), "accept-case", self.since)],
            Phase::Accepted => vec![owed(self.seller(), "implement", self.since)],
            Phase::Implemented => vec![owed(self.seller(), "ship", self.since)],
            Phase::Shipped => vec![owed(self.buyer(), "receive", self.since)],
            Phase::Received if !left(self.to_ship()).is_empty() => vec![owed(self.seller(), "ship", self.since)],
            Phase::Received if self.closing.is_silent() => both.iter().map(|party| owed(party, "close-case", self.since)).collect(),
            Phase::Received => Vec::new(),
            Phase::Closed | Phase::Declined | Phase::Cancelled => return Vec::new(),
        };
        if self.phase == Phase::Received {
            steps.extend(awaiting(&self.closing, "close-case", &both));
        }
        if matches!(self.phase, Phase::Accepted | Phase::Implemented) {
            steps.extend(awaiting(&self.ending.cancellation, "cancel", &both));
        }
        let offers: BTreeMap<&PartyId, Vec<Offer>> = both.iter().map(|party| (party, self.offered(view, party))).collect();
        steps.retain(|step| offers.get(&step.party).is_some_and(|offers| offers.iter().any(|offer| offer.act == step.act)));
        steps
    }

    pub(super) fn offered(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        if !self.ending.sides.has(party) {
            return Vec::new();
        }
        let mut offers = Vec::new();
        if party == self.seller() {
            self.offered_to_seller(view, &mut offers);
        } else {
            self.offered_to_buyer(view, &mut offers);
        }
        if self.phase == Phase::Received {
            let joins = self.closing.offered_to(party).is_none_or(|assent| assent.content <= view.today);
            if joins && let Some(assent) = self.closing.offered_to(party) {
                offers.push(Offer { act: "close-case", prefill: json!({ "on": assent.content }) });
            } else {
                offers.extend(unless_said("close-case", &self.closing, party, &json!({ "on": view.today })).filter(|_| joins));
            }
        }
        if matches!(self.phase, Phase::Requested | Phase::Offered | Phase::Accepted | Phase::Implemented) {
            offers.extend(self.ending.offered(party, self.is_accepted()));
        }
        offers
    }

    fn offered_to_seller(&self, view: &View<'_>, offers: &mut Vec<Offer>) {
        match self.phase {
            Phase::Requested => offers.extend([Offer::empty("offer-case"), Offer::empty("decline")]),
            Phase::Offered => {
                let again = self.offers.last().filter(|_| !self.has_expired(view.today));
                offers.push(again.map_or(Offer::empty("offer-case"), |offer| Offer::saying("offer-case", &offer.what)));
            }
            Phase::Accepted => offers.push(Offer { act: "implement", prefill: json!({ "on": view.today }) }),
            Phase::Implemented | Phase::Shipped | Phase::Received => {
                let lines = left(self.to_ship());
                if !lines.is_empty() {
                    offers.push(Offer { act: "ship", prefill: json!({ "on": view.today, "lines": lines }) });
                }
            }
            _ => {}
        }
    }

    fn offered_to_buyer(&self, view: &View<'_>, offers: &mut Vec<Offer>) {
        match self.phase {
            Phase::Offered => {
                let offer = self.offers.last().filter(|_| !self.has_expired(view.today));
                offers.extend(offer.map(|offer| Offer { act: "accept-case", prefill: json!({ "offer": offer.record }) }));
                offers.push(Offer::empty("decline"));
            }
            Phase::Shipped | Phase::Received => {
                let lines = left(self.missing());
                if !lines.is_empty() {
                    offers.push(Offer { act: "receive", prefill: json!({ "on": view.today, "lines": lines }) });
                }
            }
            _ => {}
        }
    }
}

/// The lines of which something is left.
fn left(counts: BTreeMap<&str, i64>) -> Vec<Counted> {
    let some = counts.into_iter().filter(|(_, quantity)| *quantity > 0);
    some.map(|(line, quantity)| Counted { line: line.to_owned(), quantity }).collect()
}

fn money(amount: &str, currency: &str) -> Datum {
    Datum::Text(format!("{amount} {currency}"))
}

fn counted_row(n: usize, on: Date, at: Moment, lines: &[Counted]) -> Row {
    let mut facts = vec![Fact::new("on", Datum::Date(on)), Fact::new("at", Datum::Moment(at))];
    let counted = |counted: &Counted| Datum::List(vec![Datum::Text(counted.line.clone()), Datum::Number(counted.quantity)]);
    facts.extend(lines.iter().map(|line| Fact::new("counted", counted(line))));
    Row { facts, ..Row::new((n + 1).to_string()) }
}
