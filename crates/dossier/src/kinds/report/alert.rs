//! An alert: acknowledged by each party that has it, with the time at which it did, until it is stood down or its time is over.

use super::acts::{Acknowledge, AlertLevel, RaiseAlert, StandDown, Topic, UpdateAlert};
use super::{Ended, ReportRefusal, Voice, check_not_past, terms, topics};
use crate::fold::Context;
use crate::party::PartyId;
use crate::place::Place;
use crate::record::RecordId;
use crate::refusal::Refusal;
use crate::sheet::{Awaiting, Datum, Fact, Matter, Offer, Row, RowText, Said, Section, Sheet, Tone, View};
use crate::time::Date;
use crate::words::Words;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;

/// What a version of an alert says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Contents {
    alert_level: AlertLevel,
    text: Words,
    place: Place,
    valid_until: Date,
}

/// One version. The last one stands; earlier ones stay to be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Version {
    by: Voice,
    contents: Contents,
    /// Why it took the place of the one before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// That a version was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Received {
    by: Voice,
    said: Acknowledge,
}

/// An alert and who has acknowledged it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Raised {
    title: Words,
    topics: BTreeSet<Topic>,
    first: Version,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    later: Vec<Version>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    received: Vec<Received>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stood_down: Option<Ended>,
}

impl Raised {
    pub(super) fn raise(context: &Context<'_>, act: RaiseAlert) -> Result<Raised, Refusal> {
        let contents =
            Contents { alert_level: act.alert_level, text: act.text, place: act.place, valid_until: act.valid_until };
        contents.check(context)?;
        Ok(Raised {
            title: act.title,
            topics: act.topics,
            first: Version { by: Voice::of(context), contents, reason: None },
            later: Vec::new(),
            received: Vec::new(),
            stood_down: None,
        })
    }

    /// Whoever received an alert may say so at any time, also when it was stood down meanwhile: who knew what, when, is not
    /// lost because two records crossed.
    pub(super) fn acknowledge(&mut self, context: &Context<'_>, act: Acknowledge) -> Result<(), Refusal> {
        self.first.by.check_recipient(context)?;
        if !self.versions().any(|version| version.by.record == act.version) {
            return Err(Refusal::from(ReportRefusal::NoSuchVersion).at("version"));
        }
        if self.received.iter().any(|earlier| earlier.said.version == act.version && earlier.by.is_side_of(context)) {
            return Err(ReportRefusal::AcknowledgedAlready.into());
        }
        self.received.push(Received { by: Voice::of(context), said: act });
        Ok(())
    }

    pub(super) fn update(&mut self, context: &Context<'_>, act: UpdateAlert) -> Result<(), Refusal> {
        self.first.by.check_originator(context)?;
        self.check_standing()?;
        let contents =
            Contents { alert_level: act.alert_level, text: act.text, place: act.place, valid_until: act.valid_until };
        contents.check(context)?;
        if self.current().contents == contents {
            return Err(ReportRefusal::NothingNew.into());
        }
        self.later.push(Version { by: Voice::of(context), contents, reason: Some(act.reason) });
        Ok(())
    }

    pub(super) fn stand_down(&mut self, context: &Context<'_>, act: StandDown) -> Result<(), Refusal> {
        self.first.by.check_originator(context)?;
        self.check_standing()?;
        self.stood_down = Some(Ended { by: Voice::of(context), reason: act.reason });
        Ok(())
    }

    fn check_standing(&self) -> Result<(), Refusal> {
        if self.stood_down.is_some() { Err(ReportRefusal::StoodDown.into()) } else { Ok(()) }
    }

    /// Every version, the first one first.
    fn versions(&self) -> impl Iterator<Item = &Version> {
        std::iter::once(&self.first).chain(&self.later)
    }

    fn current(&self) -> &Version {
        self.later.last().unwrap_or(&self.first)
    }

    fn number_of(&self, record: RecordId) -> i64 {
        let place = self.versions().position(|version| version.by.record == record).unwrap_or_default();
        i64::try_from(place).map_or(i64::MAX, |place| place + 1)
    }

    fn received_by(&self, party: &PartyId) -> bool {
        let current = self.current().by.record;
        self.received.iter().any(|received| received.said.version == current && received.by.party == *party)
    }

    /// The parties that have not acknowledged the version that stands.
    fn silent<'a>(&self, audience: &'a BTreeSet<PartyId>) -> Vec<&'a PartyId> {
        audience.iter().filter(|party| **party != self.first.by.party && !self.received_by(party)).collect()
    }

    fn state(&self, view: &View<'_>) -> &'static str {
        let current = self.current();
        let heard = self.received.iter().any(|received| received.said.version == current.by.record);
        if self.stood_down.is_some() {
            "stood-down"
        } else if current.contents.valid_until < view.today {
            "expired"
        } else if heard && self.silent(view.audience).is_empty() {
            "acknowledged"
        } else {
            "raised"
        }
    }

    pub(super) fn shown(&self, view: &View<'_>) -> Sheet {
        let state = self.state(view);
        let silent = self.silent(view.audience);
        let awaiting = silent.iter().filter(|_| state == "raised").map(|party| Awaiting {
            party: (*party).clone(),
            act: "acknowledge".to_owned(),
            since: Some(self.current().by.at),
        });
        Sheet {
            title: self.title.clone(),
            state: state.to_owned(),
            tone: match state {
                "stood-down" | "expired" => Tone::Done,
                "acknowledged" => Tone::Running,
                _ => Tone::Alarm,
            },
            facts: self.facts(&silent),
            positions: self.positions(),
            sections: self.sections(),
            awaiting: awaiting.collect(),
            ..Sheet::default()
        }
    }

    fn facts(&self, silent: &[&PartyId]) -> Vec<Fact> {
        let raised = &self.first.by;
        let mut facts = vec![Fact::new("originator", Datum::Institution(raised.institution.clone())), topics(&self.topics)];
        facts.extend(self.current().contents.facts());
        facts.push(Fact::new("raised-at", Datum::Moment(raised.at)));
        if !silent.is_empty() {
            let parties = silent.iter().map(|party| Datum::Party((*party).clone()));
            facts.push(Fact::new("unacknowledged", Datum::List(parties.collect())));
        }
        if let Some(ended) = &self.stood_down {
            facts.push(Fact::new("stood-down-at", Datum::Moment(ended.by.at)));
            facts.push(Fact::new("reason", Datum::Text(ended.reason.clone())));
        }
        facts
    }

    /// Who has acknowledged the version that stands, each with the time that it claims.
    fn positions(&self) -> Vec<Matter> {
        let current = self.current().by.record;
        let received = self.received.iter().filter(|received| received.said.version == current);
        let said: Vec<Said> = received
            .map(|received| Said {
                party: received.by.party.clone(),
                datum: brought_to(&received.said),
                at: received.by.at,
                record: received.by.record,
            })
            .collect();
        if said.is_empty() { Vec::new() } else { vec![Matter { name: "acknowledgement".to_owned(), settled: None, said }] }
    }

    fn sections(&self) -> Vec<Section> {
        let current = self.current().by.record;
        let mut versions: Vec<Row> = self.versions().map(|version| self.version_row(version)).collect();
        versions.reverse();
        let received = self.received.iter().enumerate().map(|(number, received)| {
            let mut facts = received.by.facts();
            facts.push(Fact::new("brought-to", brought_to(&received.said)));
            facts.push(Fact::new("version", Datum::Number(self.number_of(received.said.version))));
            let stands = received.said.version == current;
            Row {
                reference: (number + 1).to_string(),
                state: Some(if stands { "current" } else { "earlier" }.to_owned()),
                tone: if stands { Tone::Running } else { Tone::Done },
                texts: received.said.note.iter().map(|note| RowText::new(None, note.clone())).collect(),
                facts,
            }
        });
        let mut sections =
            vec![Section::new("alert-versions", versions), Section::new("alert-acknowledgements", received.collect())];
        sections.retain(|section| !section.rows.is_empty());
        sections
    }

    fn version_row(&self, version: &Version) -> Row {
        let stands = version.by.record == self.current().by.record;
        let mut facts = version.by.facts();
        facts.extend(version.contents.facts());
        facts.extend(version.reason.iter().map(|reason| Fact::new("reason", Datum::Text(reason.clone()))));
        Row {
            reference: self.number_of(version.by.record).to_string(),
            state: Some(if stands { "current" } else { "earlier" }.to_owned()),
            tone: if stands { Tone::Running } else { Tone::Done },
            texts: RowText::each(&version.contents.text),
            facts,
        }
    }

    pub(super) fn offered(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        let mut offers = Vec::new();
        if self.stood_down.is_some() {
            return offers;
        }
        let current = self.current();
        let at_home = view.audience.len() == 1;
        if self.first.by.leaves_to(party, view.audience) && (at_home || !self.received_by(party)) {
            offers.push(Offer { act: "acknowledge", prefill: json!({ "version": current.by.record }) });
        }
        if *party == self.first.by.party {
            offers.push(Offer::saying("update-alert", &current.contents));
            offers.push(Offer::empty("stand-down"));
        }
        offers
    }
}

impl Contents {
    fn check(&self, context: &Context<'_>) -> Result<(), Refusal> {
        if !self.place.is_coherent() {
            return Err(Refusal::from(ReportRefusal::PlaceNotCoherent).at("place.precision"));
        }
        check_not_past(context, Some(self.valid_until), "valid_until")
    }

    fn facts(&self) -> Vec<Fact> {
        let mut facts = vec![Fact::term("alert-level", self.alert_level.name())];
        facts.extend(self.place.facts());
        facts.push(Fact::new("valid-until", Datum::Date(self.valid_until)));
        facts
    }
}

fn brought_to(said: &Acknowledge) -> Datum {
    terms("brought-to", said.brought_to.iter().map(|level| level.name()))
}
