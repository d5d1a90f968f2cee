//! The mirror of a sale between governments: letter of request, letter of offer, acceptance with a deposit, implementation,
//! shipments, receipts, closing. The two sides take turns, and each counts for itself.

use super::acts::{AcceptCase, Act, CaseLine, CloseCase, Counted, Implement, OfferCase, OpenCase, Receive, Rule, Ship};
use super::course::Stated;
use super::{Ending, Sides, check_past, check_side};
use crate::decimal::scaled;
use crate::fold::Context;
use crate::mutual::Mutual;
use crate::party::PartyId;
use crate::refusal::{Common, Refusal};
use crate::time::{Date, Moment};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a case stands. That an offer has expired is no phase: it follows from the day of looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Phase {
    Requested,
    Offered,
    Accepted,
    Implemented,
    Shipped,
    Received,
    Closed,
    Declined,
    Cancelled,
}

impl Phase {
    pub(super) fn name(self) -> &'static str {
        match self {
            Phase::Requested => "requested",
            Phase::Offered => "case-offered",
            Phase::Accepted => "case-accepted",
            Phase::Implemented => "implemented",
            Phase::Shipped => "shipped",
            Phase::Received => "received",
            Phase::Closed => "closed",
            Phase::Declined => "declined",
            Phase::Cancelled => "cancelled",
        }
    }
}

/// What is held about a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub(super) request: OpenCase,
    pub(super) ending: Ending,
    pub(super) phase: Phase,
    pub(super) since: Moment,
    /// Every letter of offer; the last counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) offers: Vec<Stated<OfferCase>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) accepted: Option<Stated<AcceptCase>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) implemented: Option<Stated<Implement>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) shipments: Vec<Stated<Ship>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) receipts: Vec<Stated<Receive>>,
    pub(super) closing: Mutual<Date>,
}

impl Case {
    pub(super) fn request(context: &Context<'_>, request: OpenCase) -> Result<Case, Refusal> {
        let sides = Sides::between(context, request.seller.clone(), "seller")?;
        Ok(Case {
            request,
            ending: Ending::new(sides),
            phase: Phase::Requested,
            since: context.stamp.at,
            offers: Vec::new(),
            accepted: None,
            implemented: None,
            shipments: Vec::new(),
            receipts: Vec::new(),
            closing: Mutual::default(),
        })
    }

    pub(super) fn buyer(&self) -> &PartyId {
        &self.ending.sides.opener
    }

    pub(super) fn seller(&self) -> &PartyId {
        &self.ending.sides.other
    }

    pub(super) fn is_accepted(&self) -> bool {
        self.accepted.is_some()
    }

    pub(super) fn step(&mut self, context: &Context<'_>, act: Act) -> Result<(), Refusal> {
        if matches!(self.phase, Phase::Closed | Phase::Declined | Phase::Cancelled) {
            return Err(Rule::Over.into());
        }
        match act {
            Act::OpenCase(_) => Err(Common::AlreadyOpen.into()),
            Act::OfferCase(act) => self.offer(context, act),
            Act::AcceptCase(act) => self.accept(context, act),
            Act::Implement(act) => {
                check_side(context, self.seller())?;
                self.check_phase(&[Phase::Accepted])?;
                check_past(context, act.on, "on")?;
                self.implemented = Some(Stated::by(context, act));
                self.turn(context, Phase::Implemented);
                Ok(())
            }
            Act::Ship(act) => self.ship(context, act),
            Act::Receive(act) => self.receive(context, act),
            Act::CloseCase(act) => self.close(context, &act),
            Act::Decline(act) => {
                // Whoever was asked last declines.
                let asked = if self.phase == Phase::Requested { self.seller() } else { self.buyer() };
                self.check_phase(&[Phase::Requested, Phase::Offered])?;
                check_side(context, asked)?;
                self.ending.reasons.insert(context.stamp.party.clone(), act.reason);
                self.turn(context, Phase::Declined);
                Ok(())
            }
            Act::Cancel(act) => {
                self.check_phase(&[Phase::Requested, Phase::Offered, Phase::Accepted, Phase::Implemented])?;
                if self.ending.cancel(context, self.accepted.is_some(), act.reason)? {
                    self.turn(context, Phase::Cancelled);
                }
                Ok(())
            }
            _ => Err(Rule::OtherForm.into()),
        }
    }

    fn check_phase(&self, phases: &[Phase]) -> Result<(), Refusal> {
        if phases.contains(&self.phase) { Ok(()) } else { Err(Rule::NotNow.into()) }
    }

    fn turn(&mut self, context: &Context<'_>, phase: Phase) {
        self.phase = phase;
        self.since = context.stamp.at;
    }

    fn offer(&mut self, context: &Context<'_>, act: OfferCase) -> Result<(), Refusal> {
        check_side(context, self.seller())?;
        self.check_phase(&[Phase::Requested, Phase::Offered])?;
        if act.currency.len() != 3 || !act.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(Refusal::from(Rule::NotACurrency).at("currency"));
        }
        if act.valid_until < context.stamp.at.civil_date() {
            return Err(Refusal::from(Rule::ExpiredAtOnce).at("valid_until"));
        }
        let twice = |(row, line): (usize, &CaseLine)| act.lines[..row].iter().any(|other| other.line == line.line).then_some(row);
        if let Some(row) = act.lines.iter().enumerate().find_map(twice) {
            return Err(Refusal::from(Rule::NoSuchLine).at(&format!("lines.{row}.line")));
        }
        super::course::state(&mut self.offers, context, act)?;
        self.turn(context, Phase::Offered);
        Ok(())
    }

    fn accept(&mut self, context: &Context<'_>, act: AcceptCase) -> Result<(), Refusal> {
        check_side(context, self.buyer())?;
        self.check_phase(&[Phase::Offered])?;
        let latest = self.offers.last().filter(|offer| offer.record == act.offer);
        let offer = &latest.ok_or_else(|| Refusal::from(Rule::OtherOffer).at("offer"))?.what;
        if offer.valid_until < context.stamp.at.civil_date() {
            return Err(Rule::OfferExpired.into());
        }
        if scaled(&act.deposit, 2) > scaled(&offer.case_value, 2) {
            return Err(Refusal::from(Rule::DepositAboveValue).at("deposit"));
        }
        self.accepted = Some(Stated::by(context, act));
        self.turn(context, Phase::Accepted);
        Ok(())
    }

    fn ship(&mut self, context: &Context<'_>, act: Ship) -> Result<(), Refusal> {
        check_side(context, self.seller())?;
        self.check_phase(&[Phase::Implemented, Phase::Shipped, Phase::Received])?;
        check_past(context, act.on, "on")?;
        check_counts(&act.lines, &self.to_ship(), Rule::AboveTheLine)?;
        self.shipments.push(Stated::by(context, act));
        // What was said of closing was said without this shipment.
        self.closing = Mutual::default();
        self.turn(context, Phase::Shipped);
        Ok(())
    }

    fn receive(&mut self, context: &Context<'_>, act: Receive) -> Result<(), Refusal> {
        check_side(context, self.buyer())?;
        self.check_phase(&[Phase::Shipped, Phase::Received])?;
        check_past(context, act.on, "on")?;
        check_counts(&act.lines, &self.missing(), Rule::AboveTheShipment)?;
        self.receipts.push(Stated::by(context, act));
        self.turn(context, Phase::Received);
        Ok(())
    }

    fn close(&mut self, context: &Context<'_>, act: &CloseCase) -> Result<(), Refusal> {
        self.check_phase(&[Phase::Received])?;
        check_past(context, act.on, "on")?;
        let both = self.ending.sides.both();
        if self.closing.assent(&Context { audience: &both, ..*context }, act.on)? {
            self.turn(context, Phase::Closed);
        }
        Ok(())
    }

    /// The lines of the offer that counts.
    pub(super) fn lines(&self) -> &[CaseLine] {
        self.offers.last().map_or(&[], |offer| &offer.what.lines)
    }

    pub(super) fn shipped(&self) -> BTreeMap<&str, i64> {
        total(self.shipments.iter().flat_map(|stated| &stated.what.lines))
    }

    pub(super) fn received(&self) -> BTreeMap<&str, i64> {
        total(self.receipts.iter().flat_map(|stated| &stated.what.lines))
    }

    /// What is offered and not yet shipped, by line.
    pub(super) fn to_ship(&self) -> BTreeMap<&str, i64> {
        let shipped = self.shipped();
        let left = |line: &CaseLine| line.quantity - shipped.get(line.line.as_str()).copied().unwrap_or(0);
        self.lines().iter().map(|line| (line.line.as_str(), left(line))).collect()
    }

    /// What is shipped and not received, by line: the discrepancy.
    pub(super) fn missing(&self) -> BTreeMap<&str, i64> {
        let (shipped, received) = (self.shipped(), self.received());
        let left = |line: &str| {
            let count = |counts: &BTreeMap<&str, i64>| counts.get(line).copied().unwrap_or(0);
            count(&shipped) - count(&received)
        };
        self.lines().iter().map(|line| (line.line.as_str(), left(&line.line))).collect()
    }
}

fn total<'a>(counted: impl Iterator<Item = &'a Counted>) -> BTreeMap<&'a str, i64> {
    let mut sums = BTreeMap::new();
    for counted in counted {
        *sums.entry(counted.line.as_str()).or_insert(0) += counted.quantity;
    }
    sums
}

/// Each line stands once, is one of the offer, and takes no more than is left of it.
fn check_counts(lines: &[Counted], left: &BTreeMap<&str, i64>, above: Rule) -> Result<(), Refusal> {
    for (row, counted) in lines.iter().enumerate() {
        let twice = lines[..row].iter().any(|other| other.line == counted.line);
        let left = left.get(counted.line.as_str()).filter(|_| !twice);
        let left = left.ok_or_else(|| Refusal::from(Rule::NoSuchLine).at(&format!("lines.{row}.line")))?;
        if counted.quantity > *left {
            return Err(Refusal::from(above).at(&format!("lines.{row}.quantity")));
        }
    }
    Ok(())
}
