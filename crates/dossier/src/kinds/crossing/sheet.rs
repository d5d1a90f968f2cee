//! What a crossing shows, and what a side may do next.

use super::acts::{DayHours, Opening, Transit, Weekday};
use super::side::{Closure, Happened, Hours, Side, Status};
use super::{Crossing, Voice};
use crate::party::PartyId;
use crate::sheet::{Awaiting, Datum, Fact, Matter, Offer, Row, RowText, Said, Section, Sheet, Tone, View, awaiting};
use crate::time::{Date, Moment};
use serde_json::json;

impl Crossing {
    /// The state on this day. One can pass when both sides are open; one closed side closes it; and what is unknown is
    /// neither open nor restricted.
    fn state(&self, today: Date) -> &'static str {
        if self.is_retired(today) {
            return "retired";
        }
        let sides: Vec<Option<Opening>> = self.sides.values().map(|side| side.standing(today, &self.transits)).collect();
        if sides.contains(&Some(Opening::Closed)) {
            "closed"
        } else if sides.contains(&None) {
            "unknown"
        } else if sides.contains(&Some(Opening::Restricted)) {
            "restricted"
        } else {
            "passable"
        }
    }

    pub(super) fn shown(&self, view: &View<'_>) -> Sheet {
        let state = self.state(view.today);
        let stale = self.sides.values().any(|side| side.is_stale(view.today));
        Sheet {
            title: self.title.clone(),
            state: state.to_owned(),
            tone: match state {
                "retired" => Tone::Done,
                "closed" => Tone::Alarm,
                "passable" if !stale => Tone::Running,
                _ => Tone::Waiting,
            },
            facts: self.facts(view.today, state),
            positions: self.positions(),
            sections: self.sections(view.today),
            awaiting: self.awaiting(view.today),
            ..Sheet::default()
        }
    }

    fn facts(&self, today: Date, state: &str) -> Vec<Fact> {
        let mut facts = self.place.facts();
        facts.push(Fact::new("sides", parties(self.sides.keys())));
        facts.push(Fact::new("transits", transits(self.transits.iter())));
        let mut those = |name: &str, is: &dyn Fn(&Side) -> bool| {
            let found: Vec<&PartyId> = self.sides.iter().filter(|(_, side)| is(side)).map(|(party, _)| party).collect();
            if state != "retired" && !found.is_empty() {
                facts.push(Fact::new(name, parties(found.into_iter())));
            }
        };
        those("unknown-sides", &|side| side.status().is_none());
        those("stale-sides", &|side| side.is_stale(today));
        those("closed-as-announced", &|side| side.closures.iter().any(|closure| closure.holds_on(today)));
        let coming = self.sides.values().flat_map(|side| &side.closures);
        let coming = coming.filter(|closure| closure.withdrawn.is_none() && closure.said.from > today);
        facts.extend(coming.map(|closure| closure.said.from).min().map(|day| Fact::new("next-closure", Datum::Date(day))));
        let open = self.sides.values().flat_map(|side| &side.incidents).filter(|incident| incident.closed.is_none()).count();
        if open > 0 {
            facts.push(Fact::new("open-incidents", Datum::Number(i64::try_from(open).unwrap_or(i64::MAX))));
        }
        facts.extend(self.retirement.settled().map(|day| Fact::new("retired-on", Datum::Date(*day))));
        if !self.traffic.is_empty() {
            facts.extend(self.traffic_aggregate(today).facts());
        }
        facts
    }

    /// What each side says of its own side. Nothing is settled between them: the crossing's state follows from both.
    fn positions(&self) -> Vec<Matter> {
        let said = self.sides.values().filter_map(Side::status).map(|status| Said {
            party: status.by.party.clone(),
            datum: Datum::Term(format!("opening-{}", status.said.opening.name())),
            at: status.by.at,
            record: status.by.record,
        });
        let mut matters = vec![
            Matter { name: "status".to_owned(), settled: None, said: said.collect() },
            Matter::of("retirement", &self.retirement, |day| Datum::Date(*day)),
            Matter::of("reopening", &self.reopening, |day| Datum::Date(*day)),
        ];
        matters.retain(|matter| matter.settled.is_some() || !matter.said.is_empty());
        matters
    }

    fn sections(&self, today: Date) -> Vec<Section> {
        let (standing, corrected) = self.traffic_rows();
        let sides = self.sides.iter().map(|(party, side)| self.side_row(party, side, today));
        let statuses = self.sides.values().flat_map(|side| side.statuses.iter().rev().map(|status| status_row(side, status)));
        let hours = self.sides.values().flat_map(|side| side.hours.iter().rev().map(move |hours| hours_row(side, hours, today)));
        let closures = self.sides.values().flat_map(|side| &side.closures).map(|closure| closure_row(closure, today));
        let incidents = self.sides.values().flat_map(|side| side.incidents.iter().rev()).map(incident_row);
        let retired = self.retired_before.iter().enumerate().map(|(number, (from, until))| Row {
            facts: vec![Fact::new("retired-on", Datum::Date(*from)), Fact::new("reopened-on", Datum::Date(*until))],
            ..Row::new((number + 1).to_string())
        });
        let mut sections = vec![
            Section::new("crossing-sides", sides.collect()),
            Section::new("crossing-hours", hours.collect()),
            Section::new("crossing-closures", closures.collect()),
            Section::new("crossing-incidents", incidents.collect()),
            Section::new("crossing-traffic", standing),
            Section::new("crossing-corrected", corrected),
            Section::new("crossing-statuses", statuses.collect()),
            Section::new("crossing-retirements", retired.collect()),
        ];
        sections.retain(|section| !section.rows.is_empty());
        sections
    }

    fn side_row(&self, party: &PartyId, side: &Side, today: Date) -> Row {
        let standing = side.standing(today, &self.transits);
        let (state, tone) = match standing {
            Some(Opening::Open) if side.is_stale(today) => ("stale", Tone::Waiting),
            Some(Opening::Open) => ("open", Tone::Running),
            Some(Opening::Restricted) => ("restricted", Tone::Waiting),
            Some(Opening::Closed) => ("closed", Tone::Alarm),
            None => ("unknown", Tone::Waiting),
        };
        Row {
            reference: party.to_string(),
            state: Some(state.to_owned()),
            tone,
            texts: vec![RowText::new(None, side.called.clone())],
            facts: side.status().map(status_facts).unwrap_or_default(),
        }
    }

    fn awaiting(&self, today: Date) -> Vec<Awaiting> {
        let owed = |party: &PartyId, act: &str, since: Moment| Awaiting {
            party: party.clone(),
            act: act.to_owned(),
            since: Some(since),
        };
        let mut steps = Vec::new();
        for (party, side) in &self.sides {
            match side.status() {
                _ if self.is_retired(today) => {}
                None => steps.push(owed(party, "set-status", self.since)),
                Some(status) if side.is_stale(today) => steps.push(owed(party, "set-status", status.by.at)),
                Some(_) => {}
            }
            let open = side.incidents.iter().filter(|incident| incident.closed.is_none());
            steps.extend(open.map(|incident| owed(party, "close-incident", incident.by.at)));
        }
        let sides = self.parties();
        steps.extend(awaiting(&self.retirement, "retire", &sides));
        steps.extend(awaiting(&self.reopening, "reopen", &sides));
        steps
    }

    pub(super) fn offered(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        let Some(side) = self.sides.get(party) else { return Vec::new() };
        let mut offers = Vec::new();
        if !self.is_retired(view.today) {
            offers.extend(self.offered_in_use(view.today, side));
        }
        let closures = side.closures.iter().filter(|closure| closure.withdrawn.is_none() && closure.said.until >= view.today);
        offers.extend(
            closures.map(|closure| Offer { act: "withdraw-closure", prefill: json!({ "closure": closure.by.record }) }),
        );
        let open = side.incidents.iter().filter(|incident| incident.closed.is_none());
        offers
            .extend(open.map(|incident| Offer { act: "close-incident", prefill: json!({ "incident": incident.by.record }) }));
        offers.extend(self.own_figures(party).into_iter().map(|(record, figures)| Offer {
            act: "correct-traffic",
            prefill: json!({ "corrects": record, "figures": figures }),
        }));
        let (act, mutual) = match self.retirement.settled() {
            None => ("retire", &self.retirement),
            Some(_) => ("reopen", &self.reopening),
        };
        offers.push(match mutual.offered_to(party) {
            Some(theirs) => Offer { act, prefill: json!({ "on": theirs.content }) },
            None => Offer::empty(act),
        });
        offers
    }

    fn offered_in_use(&self, today: Date, side: &Side) -> Vec<Offer> {
        let status = match side.status() {
            // To say again what was said confirms that it still stands so.
            Some(status) => Offer::saying("set-status", &status.said),
            None => Offer { act: "set-status", prefill: json!({ "since": today }) },
        };
        let hours = match side.hours.last() {
            Some(hours) => json!({ "from": today, "hours": hours.days }),
            None => json!({ "from": today }),
        };
        vec![
            status,
            Offer { act: "set-hours", prefill: hours },
            Offer::empty("notify-closure"),
            Offer::empty("report-traffic"),
            Offer { act: "report-incident", prefill: json!({ "place": self.place }) },
        ]
    }
}

fn parties<'a>(parties: impl Iterator<Item = &'a PartyId>) -> Datum {
    Datum::List(parties.cloned().map(Datum::Party).collect())
}

fn transits<'a>(transits: impl Iterator<Item = &'a Transit>) -> Datum {
    Datum::List(transits.map(|transit| Datum::Term(format!("transits-{}", transit.name()))).collect())
}

fn status_facts(status: &Status) -> Vec<Fact> {
    let mut facts =
        vec![Fact::term("opening", status.said.opening.name()), Fact::new("since", Datum::Date(status.said.since))];
    facts.extend(status.said.reason.iter().map(|reason| Fact::new("reason", Datum::Text(reason.clone()))));
    facts.extend(status.said.limits.iter().flatten().map(|limit| {
        let mut parts = vec![
            Datum::Term(format!("transits-{}", limit.transit.name())),
            Datum::Term(format!("restriction-{}", limit.restriction.name())),
        ];
        parts.extend(limit.note.iter().map(|note| Datum::Text(note.clone())));
        Fact::new("limits", Datum::List(parts))
    }));
    facts.extend(status.by.facts());
    facts
}

fn status_row(side: &Side, status: &Status) -> Row {
    let stands = side.status().is_some_and(|current| current.by.record == status.by.record);
    row(&status.by, if stands { "current" } else { "earlier" }, if stands { Tone::Running } else { Tone::Done }, status_facts(status))
}

fn hours_row(side: &Side, hours: &Hours, today: Date) -> Row {
    let (state, tone) = if side.hours_on(today) == Some(hours.by.record) {
        ("current", Tone::Running)
    } else if hours.from > today {
        ("coming", Tone::Waiting)
    } else {
        ("earlier", Tone::Done)
    };
    let mut facts = vec![Fact::new("from", Datum::Date(hours.from))];
    facts.extend(hours.days.iter().map(hours_fact));
    facts.extend(hours.by.facts());
    row(&hours.by, state, tone, facts)
}

fn hours_fact(day: &DayHours) -> Fact {
    let hours = match (&day.opens, &day.closes) {
        (Some(opens), Some(closes)) => Datum::Text(format!("{opens}–{closes}")),
        _ => Datum::Term("closed-all-day".to_owned()),
    };
    Fact::new(Weekday::name(day.weekday), hours)
}

fn closure_row(closure: &Closure, today: Date) -> Row {
    let (state, tone) = if closure.withdrawn.is_some() {
        ("taken-back", Tone::Done)
    } else if closure.holds_on(today) {
        ("in-effect", Tone::Alarm)
    } else if closure.said.from > today {
        ("announced", Tone::Waiting)
    } else {
        ("over", Tone::Done)
    };
    let mut facts = vec![
        Fact::new("from", Datum::Date(closure.said.from)),
        Fact::new("until", Datum::Date(closure.said.until)),
        Fact::new("reason", Datum::Text(closure.said.reason.clone())),
    ];
    facts.extend(closure.said.transits.as_ref().map(|named| Fact::new("transits", transits(named.iter()))));
    facts.extend(closure.by.facts());
    facts.extend(closure.withdrawn.iter().flat_map(|(by, reason)| {
        [Fact::new("withdrawn-at", Datum::Moment(by.at)), Fact::new("withdrawal-reason", Datum::Text(reason.clone()))]
    }));
    row(&closure.by, state, tone, facts)
}

fn incident_row(incident: &Happened) -> Row {
    let (state, tone) = if incident.closed.is_some() { ("over", Tone::Done) } else { ("open", Tone::Alarm) };
    let mut facts =
        vec![Fact::term("incident", incident.said.incident.name()), Fact::new("at", Datum::Moment(incident.said.at))];
    facts.extend(incident.said.place.facts());
    facts.extend(incident.by.facts());
    facts.extend(incident.closed.iter().flat_map(|(by, outcome)| {
        [Fact::new("closed-at", Datum::Moment(by.at)), Fact::new("outcome", Datum::Text(outcome.clone()))]
    }));
    Row { texts: RowText::each(&incident.said.text), ..row(&incident.by, state, tone, facts) }
}

fn row(by: &Voice, state: &str, tone: Tone, facts: Vec<Fact>) -> Row {
    Row { state: Some(state.to_owned()), tone, facts, ..Row::new(by.party.to_string()) }
}
