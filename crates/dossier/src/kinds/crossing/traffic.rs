//! Traffic figures: each side's own, beside the other's. Nothing is added up across sides, and nothing is netted.

use super::acts::{CorrectTraffic, Count, Counted, ReportTraffic};
use super::side::not_own_standing;
use super::{Crossing, CrossingRefusal, Voice, check_not_future, check_span};
use crate::figure::Aggregate;
use crate::fold::Context;
use crate::party::PartyId;
use crate::record::RecordId;
use crate::refusal::Refusal;
use crate::sheet::{Datum, Fact, Row, Tone};
use crate::time::Date;
use jiff::ToSpan;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// After how many days a figure no longer tells of the traffic of the day.
const STALE_AFTER: i64 = 90;

/// One side's figures for a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Traffic {
    by: Voice,
    from: Date,
    until: Date,
    figures: Vec<Count>,
    /// The figures that these took the place of, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    corrects: Option<(RecordId, String)>,
    /// Whether others took their place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    corrected: bool,
}

/// What a figure is the number of: two figures of the same subject can be laid beside each other.
type Subject<'a> = (Date, Date, Counted, &'a PartyId);

impl Traffic {
    fn subjects(&self) -> impl Iterator<Item = (Subject<'_>, &Count)> {
        self.figures.iter().map(|count| ((self.from, self.until, count.counted, &count.towards), count))
    }
}

impl Crossing {
    pub(super) fn report_traffic(&mut self, context: &Context<'_>, act: ReportTraffic) -> Result<(), Refusal> {
        check_span(act.from, act.until)?;
        check_not_future(context, act.until, "until")?;
        self.check_figures(context, &act.figures)?;
        let figures = Traffic {
            by: Voice::of(context),
            from: act.from,
            until: act.until,
            figures: act.figures,
            corrects: None,
            corrected: false,
        };
        self.check_said_once(&figures)?;
        self.traffic.push(figures);
        Ok(())
    }

    pub(super) fn correct_traffic(&mut self, context: &Context<'_>, act: CorrectTraffic) -> Result<(), Refusal> {
        let own = |traffic: &Traffic| {
            traffic.by.record == act.corrects && traffic.by.party == context.stamp.party && !traffic.corrected
        };
        let place = self.traffic.iter().position(own).ok_or_else(|| not_own_standing("corrects"))?;
        self.check_figures(context, &act.figures)?;
        let figures = Traffic {
            by: Voice::of(context),
            from: self.traffic[place].from,
            until: self.traffic[place].until,
            figures: act.figures,
            corrects: Some((act.corrects, act.reason)),
            corrected: false,
        };
        self.check_said_once(&figures)?;
        self.traffic[place].corrected = true;
        self.traffic.push(figures);
        Ok(())
    }

    fn check_figures(&self, context: &Context<'_>, figures: &[Count]) -> Result<(), Refusal> {
        let mut counted = BTreeSet::new();
        for (row, count) in figures.iter().enumerate() {
            check_not_future(context, count.as_of, &format!("figures.{row}.as_of"))?;
            if !self.sides.contains_key(&count.towards) || !counted.insert((count.counted, &count.towards)) {
                return Err(Refusal::from(CrossingRefusal::FiguresUnclear).at(&format!("figures.{row}.towards")));
            }
        }
        Ok(())
    }

    /// A side has one standing figure for one subject: what it gives besides is a correction, and says so.
    fn check_said_once(&self, figures: &Traffic) -> Result<(), Refusal> {
        let replaced = figures.corrects.as_ref().map(|(record, _)| *record);
        let own = self.standing_traffic().filter(|other| other.by.party == figures.by.party && Some(other.by.record) != replaced);
        let said: BTreeSet<Subject<'_>> = own.flat_map(Traffic::subjects).map(|(subject, _)| subject).collect();
        if figures.subjects().any(|(subject, _)| said.contains(&subject)) {
            return Err(Refusal::from(CrossingRefusal::FiguresStand).at("figures"));
        }
        Ok(())
    }

    fn standing_traffic(&self) -> impl Iterator<Item = &Traffic> {
        self.traffic.iter().filter(|traffic| !traffic.corrected)
    }

    /// The standing figures for each subject, by the side that gives them.
    fn beside_each_other(&self) -> BTreeMap<Subject<'_>, BTreeMap<&PartyId, &Count>> {
        let mut subjects: BTreeMap<Subject<'_>, BTreeMap<&PartyId, &Count>> = BTreeMap::new();
        for traffic in self.standing_traffic() {
            for (subject, count) in traffic.subjects() {
                subjects.entry(subject).or_default().insert(&traffic.by.party, count);
            }
        }
        subjects
    }

    /// Over how many subjects there are figures, and what these are worth. A subject of which one side has given no figure
    /// is unknown on that side.
    pub(super) fn traffic_aggregate(&self, today: Date) -> Aggregate {
        let mut aggregate = Aggregate::default();
        for figures in self.beside_each_other().values() {
            let newest = figures.values().map(|count| count.as_of).max();
            aggregate.n += 1;
            aggregate.contested += u64::from(is_conflicting(figures));
            aggregate.stale += u64::from(newest.is_some_and(|day| day.saturating_add(STALE_AFTER.days()) < today));
            aggregate.unknown += u64::from(figures.len() < self.sides.len());
        }
        aggregate
    }

    /// The records of the standing figures of this side.
    pub(super) fn own_figures(&self, party: &PartyId) -> Vec<(RecordId, &[Count])> {
        let own = self.standing_traffic().filter(|traffic| traffic.by.party == *party);
        own.map(|traffic| (traffic.by.record, traffic.figures.as_slice())).collect()
    }

    /// The figures, subject by subject with the two sides beside each other, and then those that were corrected.
    pub(super) fn traffic_rows(&self) -> (Vec<Row>, Vec<Row>) {
        let subjects = self.beside_each_other();
        let mut standing = Vec::new();
        for traffic in self.standing_traffic() {
            for (subject, count) in traffic.subjects() {
                let (state, tone) = match subjects.get(&subject) {
                    Some(figures) if is_conflicting(figures) => ("conflicting", Tone::Alarm),
                    Some(figures) if figures.len() == self.sides.len() => ("agreeing", Tone::Running),
                    _ => ("one-sided", Tone::Waiting),
                };
                standing.push((subject, &traffic.by.party, traffic.row(count, state, tone)));
            }
        }
        standing.sort_by(|(a, by_a, _), (b, by_b, _)| (a, by_a).cmp(&(b, by_b)));
        let corrected = self.traffic.iter().filter(|traffic| traffic.corrected);
        let corrected = corrected.flat_map(|traffic| traffic.figures.iter().map(|count| traffic.row(count, "corrected", Tone::Done)));
        (standing.into_iter().map(|(_, _, row)| row).collect(), corrected.collect())
    }
}

/// Whether the two sides give different numbers for one subject.
fn is_conflicting(figures: &BTreeMap<&PartyId, &Count>) -> bool {
    let values: BTreeSet<i64> = figures.values().map(|count| count.value).collect();
    values.len() > 1
}

impl Traffic {
    fn row(&self, count: &Count, state: &str, tone: Tone) -> Row {
        let mut row = count.row(self.by.party.to_string());
        row.state = Some(state.to_owned());
        row.tone = tone;
        row.facts.push(Fact::new("from", Datum::Date(self.from)));
        row.facts.push(Fact::new("until", Datum::Date(self.until)));
        row.facts.extend(self.corrects.iter().flat_map(|(record, reason)| {
            [Fact::new("corrects", Datum::Record(*record)), Fact::new("reason", Datum::Text(reason.clone()))]
        }));
        row.facts.extend(self.by.facts());
        row
    }
}
