//! The service of a mission: where it is, whom it serves, and whether it is open.
//!
//! Each word holds from a day on, and none is dropped: what is in force follows from the day of looking.

use super::{ConsularRefusal, Hours, OpenService, Service, SetStatus, Status};
use crate::channel::Charter;
use crate::fold::Context;
use crate::party::PartyId;
use crate::record::RecordId;
use crate::refusal::Refusal;
use crate::sheet::{Datum, Fact, Offer, Row, RowText, Section, Sheet, Tone, View};
use crate::source::Source;
use crate::time::{Date, Moment};
use crate::words::Words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What was announced for a day and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Announced {
    status: Status,
    from: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<Words>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    services: Option<BTreeSet<Service>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hours: Option<Vec<Hours>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    announcement: Option<Words>,
    record: RecordId,
    at: Moment,
}

/// What is held about a mission's service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mission {
    opened: OpenService,
    party: PartyId,
    /// Everything that was announced, in the order in which it was said.
    announced: Vec<Announced>,
}

impl Mission {
    pub(super) fn announce(context: &Context<'_>, charter: &Charter, open: OpenService) -> Result<Mission, Refusal> {
        let own = open.institution.party() == context.stamp.party && charter.institution(&open.institution).is_some();
        if !own {
            return Err(Refusal::from(ConsularRefusal::NotOwnMission).at("institution"));
        }
        if !open.place.is_coherent() {
            return Err(Refusal::from(ConsularRefusal::IncoherentPlace).at("place"));
        }
        check_hours(open.hours.as_deref())?;
        let first = Announced {
            status: open.mission_status,
            from: open.from,
            reason: None,
            services: Some(open.mission_services.clone()),
            hours: open.hours.clone(),
            announcement: open.announcement.clone(),
            record: context.record,
            at: context.stamp.at,
        };
        Ok(Mission { party: context.stamp.party.clone(), opened: open, announced: vec![first] })
    }

    pub(super) fn set_status(&mut self, context: &Context<'_>, set: SetStatus) -> Result<(), Refusal> {
        if context.stamp.party != self.party {
            return Err(ConsularRefusal::OthersMission.into());
        }
        check_hours(set.hours.as_deref())?;
        let news = Announced {
            status: set.mission_status,
            from: set.from,
            reason: Some(set.reason),
            services: set.mission_services,
            hours: set.hours,
            announcement: set.announcement,
            record: context.record,
            at: context.stamp.at,
        };
        let holds = self.in_force(news.from);
        let changes = [news.services.is_some(), news.hours.is_some(), news.announcement.is_some()];
        if holds.is_some_and(|held| held.status == news.status && held.from == news.from) && changes == [false; 3] {
            return Err(Refusal::from(ConsularRefusal::SameStatus).at("mission_status"));
        }
        self.announced.push(news);
        Ok(())
    }

    /// What holds on a day: the word with the latest day that has come, and of several for one day the last one said.
    fn in_force(&self, today: Date) -> Option<&Announced> {
        self.latest(today, |_| true)
    }

    fn latest(&self, today: Date, says: impl Fn(&Announced) -> bool) -> Option<&Announced> {
        let come = self.announced.iter().filter(|announced| announced.from <= today && says(announced));
        come.max_by_key(|announced| announced.from)
    }

    pub(super) fn shown(&self, view: &View<'_>) -> Sheet {
        let (state, tone) = match self.in_force(view.today).map(|announced| announced.status) {
            None => ("announced", Tone::Waiting),
            Some(Status::Open) => ("open", Tone::Running),
            Some(Status::Limited) => ("limited", Tone::Alarm),
            Some(Status::Closed) => ("closed-to-public", Tone::Alarm),
        };
        Sheet {
            title: self.opened.mission.clone(),
            state: state.to_owned(),
            tone,
            facts: self.facts(view.today),
            sections: self.sections(view.today),
            ..Sheet::default()
        }
    }

    fn facts(&self, today: Date) -> Vec<Fact> {
        let opened = &self.opened;
        let mut facts = vec![Fact::new("institution", Datum::Institution(opened.institution.clone()))];
        facts.extend(opened.place.facts());
        facts.push(Fact::new("district-served", Datum::Words(opened.district_served.clone())));
        let services = self.latest(today, |announced| announced.services.is_some());
        let services = services.and_then(|announced| announced.services.as_ref()).unwrap_or(&opened.mission_services);
        let services = services.iter().map(|service| Datum::Term(format!("mission-services-{}", service.name())));
        facts.push(Fact::new("mission-services", Datum::List(services.collect())));
        if let Some(held) = self.in_force(today) {
            facts.push(Fact::term("mission-status", held.status.name()));
            facts.push(Fact::new("from", Datum::Date(held.from)));
            facts.extend(held.reason.clone().map(|reason| Fact::new("reason", Datum::Words(reason))));
        }
        let announcement = self.latest(today, |announced| announced.announcement.is_some());
        let announcement = announcement.and_then(|announced| announced.announcement.clone());
        facts.extend(announcement.map(|words| Fact::new("announcement", Datum::Words(words))));
        let to_come = self.announced.iter().filter(|announced| announced.from > today).map(|announced| announced.from).min();
        facts.extend(to_come.map(|day| Fact::new("changes-on", Datum::Date(day))));
        facts
    }

    fn sections(&self, today: Date) -> Vec<Section> {
        let hours = self.latest(today, |announced| announced.hours.is_some()).and_then(|held| held.hours.as_deref());
        let hours = hours.or(self.opened.hours.as_deref()).unwrap_or_default();
        let hours: Vec<Row> = hours.iter().enumerate().map(|(n, hours)| hours_row(n + 1, hours)).collect();
        let said = self.announced.iter().enumerate().map(|(n, announced)| announced_row(n + 1, announced)).collect();
        let mut sections = Vec::new();
        if !hours.is_empty() {
            sections.push(Section::new("consular-hours", hours));
        }
        sections.push(Section::new("consular-announcements", said));
        sections.extend(Source::section(self.opened.sources.as_deref().unwrap_or_default()));
        sections
    }

    pub(super) fn offered(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        if *party != self.party {
            return Vec::new();
        }
        vec![Offer { act: "set-status", prefill: serde_json::json!({ "from": view.today }) }]
    }
}

/// Times are written with two digits each, so that their texts stand in their order.
fn check_hours(hours: Option<&[Hours]>) -> Result<(), Refusal> {
    let wrong = hours.unwrap_or_default().iter().position(|hours| hours.closes_at <= hours.opens_at);
    wrong.map_or(Ok(()), |row| Err(Refusal::from(ConsularRefusal::BadHours).at(&format!("hours.{row}.closes_at"))))
}

fn hours_row(number: usize, hours: &Hours) -> Row {
    let days = hours.office_days.iter().map(|day| Datum::Term(format!("office-days-{}", day.name()))).collect();
    let facts = vec![
        Fact::new("office-days", Datum::List(days)),
        Fact::new("opens-at", Datum::Text(hours.opens_at.clone())),
        Fact::new("closes-at", Datum::Text(hours.closes_at.clone())),
    ];
    Row { facts, ..Row::new(number.to_string()) }
}

fn announced_row(number: usize, announced: &Announced) -> Row {
    let facts = vec![
        Fact::new("from", Datum::Date(announced.from)),
        Fact::new("at", Datum::Moment(announced.at)),
        Fact::new("record", Datum::Record(announced.record)),
    ];
    let texts = announced.reason.as_ref().map(RowText::each).unwrap_or_default();
    let tone = if announced.status == Status::Open { Tone::Running } else { Tone::Alarm };
    Row { state: Some(announced.status.name().to_owned()), tone, texts, facts, ..Row::new(number.to_string()) }
}
