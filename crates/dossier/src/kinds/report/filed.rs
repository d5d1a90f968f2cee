//! A report: what somebody knows, how far it can be relied on, and what its recipients found of it.

use super::acts::{Credibility, Feedback, File, Finding, Origin, Reliability, Retract, Topic, Update};
use super::{Ended, ReportRefusal, Voice, check_cited, check_not_future, check_places, terms, topics};
use crate::figure::Aggregate;
use crate::fold::Context;
use crate::party::PartyId;
use crate::place::Place;
use crate::record::{DossierId, RecordId};
use crate::refusal::Refusal;
use crate::sheet::{Datum, Fact, Matter, Offer, Row, RowText, Said, Section, Sheet, Tone, View};
use crate::time::Date;
use crate::words::Words;
use jiff::ToSpan;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;

/// After how many days a report is shown as stale when its originator did not say.
const STALE_AFTER: i64 = 180;

/// What a version of a report says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Contents {
    reliability: Reliability,
    credibility: Credibility,
    text: Words,
    from: Date,
    until: Date,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    places: Vec<Place>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source_description: Option<String>,
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

/// What a recipient found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Found {
    by: Voice,
    said: Feedback,
}

/// How a recipient's word stands to the report and to the words of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// It stands.
    Standing,
    /// It stands, and another recipient says the contrary of the same version.
    Contradicting,
    /// It is about an earlier version.
    Outdated,
    /// The same recipient has since said something else on the same question.
    Replaced,
}

/// A report and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Filed {
    title: Words,
    topics: BTreeSet<Topic>,
    sourced_from: BTreeSet<Origin>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    handling: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answers: Option<DossierId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    follows: Option<DossierId>,
    stale_after: i64,
    by: Voice,
    first: Version,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    later: Vec<Version>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    found: Vec<Found>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retracted: Option<Ended>,
}

impl Filed {
    pub(super) fn file(context: &Context<'_>, act: File) -> Result<Filed, Refusal> {
        let contents = Contents {
            reliability: act.reliability,
            credibility: act.credibility,
            text: act.text,
            from: act.from,
            until: act.until,
            places: act.places.unwrap_or_default(),
            source_description: act.source_description,
        };
        contents.check(context)?;
        check_cited(context, act.answers.as_ref(), "answers")?;
        check_cited(context, act.follows.as_ref(), "follows")?;
        let by = Voice::of(context);
        Ok(Filed {
            title: act.title,
            topics: act.topics,
            sourced_from: act.sourced_from,
            handling: act.handling,
            answers: act.answers,
            follows: act.follows,
            stale_after: act.stale_after.unwrap_or(STALE_AFTER),
            first: Version { by: by.clone(), contents, reason: None },
            by,
            later: Vec::new(),
            found: Vec::new(),
            retracted: None,
        })
    }

    pub(super) fn update(&mut self, context: &Context<'_>, act: Update) -> Result<(), Refusal> {
        self.by.check_originator(context)?;
        self.check_standing()?;
        let contents = Contents {
            reliability: act.reliability,
            credibility: act.credibility,
            text: act.text,
            from: act.from,
            until: act.until,
            places: act.places.unwrap_or_default(),
            source_description: act.source_description,
        };
        contents.check(context)?;
        if self.current().contents == contents {
            return Err(ReportRefusal::NothingNew.into());
        }
        self.later.push(Version { by: Voice::of(context), contents, reason: Some(act.reason) });
        Ok(())
    }

    pub(super) fn retract(&mut self, context: &Context<'_>, act: Retract) -> Result<(), Refusal> {
        self.by.check_originator(context)?;
        self.check_standing()?;
        self.retracted = Some(Ended { by: Voice::of(context), reason: act.reason });
        Ok(())
    }

    pub(super) fn feedback(&mut self, context: &Context<'_>, act: Feedback) -> Result<(), Refusal> {
        self.by.check_recipient(context)?;
        self.check_standing()?;
        if !self.versions().any(|version| version.by.record == act.version) {
            return Err(Refusal::from(ReportRefusal::NoSuchVersion).at("version"));
        }
        check_not_future(context, act.on, "on")?;
        self.found.push(Found { by: Voice::of(context), said: act });
        Ok(())
    }

    fn check_standing(&self) -> Result<(), Refusal> {
        if self.retracted.is_some() { Err(ReportRefusal::Retracted.into()) } else { Ok(()) }
    }

    /// Every version, the first one first.
    fn versions(&self) -> impl Iterator<Item = &Version> {
        std::iter::once(&self.first).chain(&self.later)
    }

    fn current(&self) -> &Version {
        self.later.last().unwrap_or(&self.first)
    }

    /// Which version it is, counted from one.
    fn number_of(&self, record: RecordId) -> i64 {
        let place = self.versions().position(|version| version.by.record == record).unwrap_or_default();
        i64::try_from(place).map_or(i64::MAX, |place| place + 1)
    }

    fn weight(&self, place: usize, found: &Found) -> Weight {
        let same_question = |other: &Found| other.said.finding.is_of_truth() == found.said.finding.is_of_truth();
        let mut later = self.found.iter().skip(place + 1);
        if later.any(|other| other.by.institution == found.by.institution && same_question(other)) {
            return Weight::Replaced;
        }
        if found.said.version != self.current().by.record {
            return Weight::Outdated;
        }
        let contrary = match found.said.finding {
            Finding::Confirmed => Finding::Contradicted,
            Finding::Contradicted => Finding::Confirmed,
            _ => return Weight::Standing,
        };
        let contradicted = self.found.iter().enumerate().any(|(at, other)| {
            let replaced = self.found.iter().skip(at + 1).any(|newer| {
                newer.by.institution == other.by.institution && newer.said.finding.is_of_truth()
            });
            other.said.finding == contrary && other.said.version == found.said.version && !replaced
        });
        if contradicted { Weight::Contradicting } else { Weight::Standing }
    }

    /// Every word of a recipient that it has not replaced itself, with how it stands.
    fn heard(&self) -> Vec<(&Found, Weight)> {
        let weighed = self.found.iter().enumerate().map(|(place, found)| (found, self.weight(place, found)));
        weighed.filter(|(_, weight)| *weight != Weight::Replaced).collect()
    }

    /// Of how many words the feedback is made, and how far they can be relied on together. A recipient that has said nothing
    /// is unknown, and counts for neither side.
    fn aggregate(&self, audience: &BTreeSet<PartyId>) -> Aggregate {
        let heard = self.heard();
        let count = |weight: Weight| heard.iter().filter(|(_, found)| *found == weight).count();
        let silent = audience.iter().filter(|party| **party != self.by.party);
        let silent = silent.filter(|party| heard.iter().all(|(found, _)| found.by.party != **party)).count();
        let whole = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        Aggregate {
            n: whole(heard.len()),
            contested: whole(count(Weight::Contradicting)),
            stale: whole(count(Weight::Outdated)),
            unknown: whole(silent),
        }
    }

    /// Whether its newest version is older than it may be.
    fn is_stale(&self, today: Date) -> bool {
        self.current().by.at.civil_date().saturating_add(self.stale_after.days()) < today
    }

    pub(super) fn shown(&self, view: &View<'_>) -> Sheet {
        let aggregate = self.aggregate(view.audience);
        let state = match (&self.retracted, self.later.is_empty()) {
            (Some(_), _) => "retracted",
            (None, true) => "filed",
            (None, false) => "updated",
        };
        let tone = match state {
            "retracted" => Tone::Done,
            _ if aggregate.contested > 0 => Tone::Alarm,
            _ if self.is_stale(view.today) => Tone::Waiting,
            _ => Tone::Running,
        };
        let mut facts = self.facts(view);
        facts.extend(aggregate.facts());
        let heard = self.heard();
        let said = heard.iter().map(|(found, _)| Said {
            party: found.by.party.clone(),
            datum: Datum::Term(format!("finding-{}", found.said.finding.name())),
            at: found.by.at,
            record: found.by.record,
        });
        let mut positions = vec![Matter { name: "finding".to_owned(), settled: None, said: said.collect() }];
        positions.retain(|matter| !matter.said.is_empty());
        Sheet { title: self.title.clone(), state: state.to_owned(), tone, facts, positions, sections: self.sections(), ..Sheet::default() }
    }

    fn facts(&self, view: &View<'_>) -> Vec<Fact> {
        let contents = &self.current().contents;
        let mut facts = vec![
            Fact::new("originator", Datum::Institution(self.by.institution.clone())),
            topics(&self.topics),
            Fact::new("grade", Datum::Text(format!("{}{}", contents.reliability.name(), contents.credibility.name()))),
        ];
        facts.extend(contents.facts());
        facts.push(Fact::new("sourced-from", terms("sourced-from", self.sourced_from.iter().map(|origin| origin.name()))));
        facts.extend(self.handling.iter().map(|handling| Fact::new("handling", Datum::Text(handling.clone()))));
        facts.extend(self.answers.iter().map(|dossier| Fact::new("answers", Datum::Dossier(dossier.clone()))));
        facts.extend(self.follows.iter().map(|dossier| Fact::new("follows", Datum::Dossier(dossier.clone()))));
        facts.push(Fact::new("filed-at", Datum::Moment(self.by.at)));
        match &self.retracted {
            Some(ended) => {
                facts.push(Fact::new("retracted-at", Datum::Moment(ended.by.at)));
                facts.push(Fact::new("reason", Datum::Text(ended.reason.clone())));
            }
            None => facts.push(Fact::term("freshness", if self.is_stale(view.today) { "stale" } else { "current" })),
        }
        facts
    }

    fn sections(&self) -> Vec<Section> {
        let current = self.current();
        let places = current.contents.places.iter().enumerate();
        let places = places.map(|(number, place)| Row { facts: place.facts(), ..Row::new((number + 1).to_string()) });
        let mut versions: Vec<Row> = self.versions().map(|version| self.version_row(version)).collect();
        versions.reverse();
        let found = self.found.iter().enumerate().map(|(place, found)| self.found_row(place, found));
        let mut sections = vec![
            Section::new("report-versions", versions),
            Section::new("report-places", places.collect()),
            Section::new("report-feedback", found.collect()),
        ];
        sections.retain(|section| !section.rows.is_empty());
        sections
    }

    fn version_row(&self, version: &Version) -> Row {
        let (state, tone) = match (version.by.record == self.current().by.record, &self.retracted) {
            (_, Some(_)) => ("retracted", Tone::Done),
            (true, None) => ("current", Tone::Running),
            (false, None) => ("earlier", Tone::Done),
        };
        let mut facts = version.by.facts();
        facts.extend(version.contents.facts());
        facts.extend(version.contents.places.iter().flat_map(Place::facts));
        facts.extend(version.reason.iter().map(|reason| Fact::new("reason", Datum::Text(reason.clone()))));
        Row {
            reference: self.number_of(version.by.record).to_string(),
            state: Some(state.to_owned()),
            tone,
            texts: RowText::each(&version.contents.text),
            facts,
        }
    }

    fn found_row(&self, place: usize, found: &Found) -> Row {
        let (state, tone) = match self.weight(place, found) {
            Weight::Standing => ("standing", Tone::Running),
            Weight::Contradicting => ("contradicting", Tone::Alarm),
            Weight::Outdated => ("outdated", Tone::Waiting),
            Weight::Replaced => ("replaced", Tone::Done),
        };
        let said = &found.said;
        let mut facts = vec![
            Fact::term("finding", said.finding.name()),
            Fact::new("on", Datum::Date(said.on)),
            Fact::new("version", Datum::Number(self.number_of(said.version))),
        ];
        facts.extend(said.reliability.map(|own| Fact::term("reliability", own.name())));
        facts.extend(said.credibility.map(|own| Fact::term("credibility", own.name())));
        facts.extend(found.by.facts());
        Row {
            reference: (place + 1).to_string(),
            state: Some(state.to_owned()),
            tone,
            texts: said.text.iter().flat_map(RowText::each).collect(),
            facts,
        }
    }

    pub(super) fn offered(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        if self.retracted.is_some() {
            return Vec::new();
        }
        let current = self.current();
        let mut offers = Vec::new();
        if *party == self.by.party {
            offers.push(Offer::saying("update", &current.contents));
            offers.push(Offer::empty("retract"));
        }
        if self.by.leaves_to(party, view.audience) {
            offers.push(Offer { act: "feedback", prefill: json!({ "version": current.by.record, "on": view.today }) });
        }
        offers
    }
}

impl Contents {
    fn check(&self, context: &Context<'_>) -> Result<(), Refusal> {
        check_places(&self.places)?;
        if self.until < self.from {
            return Err(Refusal::from(ReportRefusal::SpanBackwards).at("until"));
        }
        check_not_future(context, self.until, "until")
    }

    fn facts(&self) -> Vec<Fact> {
        let mut facts = vec![
            Fact::term("reliability", self.reliability.name()),
            Fact::term("credibility", self.credibility.name()),
            Fact::new("from", Datum::Date(self.from)),
            Fact::new("until", Datum::Date(self.until)),
        ];
        let described = self.source_description.iter();
        facts.extend(described.map(|text| Fact::new("source-description", Datum::Text(text.clone()))));
        facts
    }
}
