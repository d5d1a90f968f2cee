//! What a programme shows, and what may be done about it.

use super::course::{Course, Phase, Stated};
use super::{owed, unless_said};
use crate::party::PartyId;
use crate::sheet::{Awaiting, Datum, Fact, Matter, Offer, Row, RowText, Said, Section, Sheet, Tone, View, awaiting};
use crate::time::Due;
use serde_json::{Value, json};

impl Course {
    pub(super) fn shown(&self, view: &View<'_>) -> Sheet {
        let until = self.schedule.settled().filter(|_| self.phase == Phase::Scheduled).map(|schedule| schedule.until);
        let late = until.is_some_and(|until| until < view.today);
        let contested = self.is_contested();
        Sheet {
            title: self.offer.title.clone(),
            state: self.phase.name().to_owned(),
            tone: match self.phase {
                _ if late || contested => Tone::Alarm,
                Phase::Offered | Phase::Accepted => Tone::Waiting,
                Phase::Scheduled | Phase::Delivered => Tone::Running,
                Phase::Evaluated | Phase::Declined | Phase::Cancelled => Tone::Done,
            },
            facts: self.facts(late, contested),
            positions: self.positions(),
            sections: self.sections(),
            awaiting: self.awaited(view),
            due: until.map(Due::On),
            late,
            owner: None,
        }
    }

    /// The seats that the provider counted and those that the recipient did, where either has.
    fn counts(&self) -> (Option<&Stated<super::Deliver>>, Option<&Stated<super::ConfirmDelivery>>) {
        (self.deliveries.last(), self.confirmations.last())
    }

    fn counts_differ(&self) -> bool {
        matches!(self.counts(), (Some(used), Some(attended)) if used.what.seats != attended.what.attended)
    }

    fn levels(&self) -> Vec<i64> {
        let sides = [self.provider(), self.recipient()];
        sides.into_iter().filter_map(|party| self.evaluation(party)).map(|stated| stated.what.reached_level).collect()
    }

    /// Whether the two sides count or evaluate differently.
    fn is_contested(&self) -> bool {
        self.counts_differ() || self.levels().windows(2).any(|pair| pair[0] != pair[1])
    }

    fn facts(&self, late: bool, contested: bool) -> Vec<Fact> {
        let offer = &self.offer;
        let mut facts = vec![
            Fact::term("activity", offer.activity.name()),
            Fact::new("provider", Datum::Party(self.provider().clone())),
            Fact::new("recipient", Datum::Party(self.recipient().clone())),
            Fact::new("objective", Datum::Words(offer.objective.clone())),
            Fact::new("baseline", Datum::Words(offer.baseline.clone())),
            Fact::new("baseline-level", Datum::Number(offer.baseline_level)),
            Fact::new("baseline-on", Datum::Date(offer.baseline_on)),
            Fact::new("absorptive-capacity", Datum::Number(offer.absorptive_capacity)),
            Fact::new("seats-offered", Datum::Number(offer.seats)),
        ];
        let schedule = self.schedule.settled();
        facts.extend(schedule.map(|schedule| Fact::new("seats-scheduled", Datum::Number(schedule.seats))));
        let (from, until) = schedule.map_or((offer.from, offer.until), |schedule| (schedule.from, schedule.until));
        facts.extend([Fact::new("from", Datum::Date(from)), Fact::new("until", Datum::Date(until))]);
        facts.extend(schedule.map_or(&offer.place, |schedule| &schedule.place).facts());
        facts.push(Fact::new("sustainment", Datum::Words(offer.sustainment.clone())));
        facts.push(Fact::term("cost-bearer", offer.cost_bearer.name()));
        let (used, attended) = self.counts();
        facts.extend(used.map(|used| Fact::new("seats-used", Datum::Number(used.what.seats))));
        facts.extend(attended.map(|attended| Fact::new("attended", Datum::Number(attended.what.attended))));
        if self.phase == Phase::Evaluated {
            // Where the sides differ, the lower counts.
            facts.extend(self.levels().into_iter().min().map(|level| Fact::new("reached-level", Datum::Number(level))));
        }
        let flags = [("contested", contested), ("overdue", late)];
        let flags: Vec<Datum> = flags.iter().filter(|(_, up)| *up).map(|(flag, _)| Datum::Term(format!("flag-{flag}"))).collect();
        if !flags.is_empty() {
            facts.push(Fact::new("flags", Datum::List(flags)));
        }
        facts.push(Fact::new("since", Datum::Moment(self.since)));
        facts
    }

    fn positions(&self) -> Vec<Matter> {
        let shown = |schedule: &super::Schedule| {
            let days = [schedule.from, schedule.until].map(Datum::Date);
            let mut parts: Vec<Datum> = days.into();
            parts.extend([Datum::Text(schedule.place.name.clone()), Datum::Number(schedule.seats)]);
            Datum::List(parts)
        };
        let said = |stated: &Stated<super::Evaluate>| Said {
            party: stated.party.clone(),
            datum: Datum::Number(stated.what.reached_level),
            at: stated.at,
            record: stated.record,
        };
        let levels = self.levels();
        let agreed = levels.first().filter(|_| levels.len() == 2 && levels[0] == levels[1]);
        let sides = [self.provider(), self.recipient()];
        let mut matters = vec![
            Matter::of("schedule", &self.schedule, shown),
            Matter {
                name: "evaluation".to_owned(),
                settled: agreed.map(|level| Datum::Number(*level)),
                said: sides.into_iter().filter_map(|party| self.evaluation(party)).map(said).collect(),
            },
            Matter::of("cancellation", &self.ending.cancellation, |_| Datum::Term("state-cancelled".to_owned())),
        ];
        matters.retain(|matter| matter.settled.is_some() || !matter.said.is_empty());
        matters
    }

    fn sections(&self) -> Vec<Section> {
        let deliveries = self.deliveries.iter().map(|stated| {
            let mut row = stated_row(stated, stated.what.note.as_ref());
            row.facts.push(Fact::new("on", Datum::Date(stated.what.on)));
            row.facts.push(Fact::new("seats-used", Datum::Number(stated.what.seats)));
            row
        });
        let confirmations = self.confirmations.iter().map(|stated| {
            let mut row = stated_row(stated, stated.what.note.as_ref());
            row.facts.push(Fact::new("attended", Datum::Number(stated.what.attended)));
            row
        });
        let counts: Vec<Row> = deliveries.chain(confirmations).collect();
        let observations = self.observations.iter().map(|stated| {
            let mut row = stated_row(stated, Some(&stated.what.observation));
            row.facts.push(Fact::new("on", Datum::Date(stated.what.on)));
            row.facts.push(Fact::term("progress-seen", stated.what.progress_seen.name()));
            row
        });
        let evaluations = self.evaluations.iter().map(|stated| {
            let mut row = stated_row(stated, Some(&stated.what.result));
            row.facts.push(Fact::new("on", Datum::Date(stated.what.on)));
            row.facts.push(Fact::new("baseline-level", Datum::Number(self.offer.baseline_level)));
            row.facts.push(Fact::new("reached-level", Datum::Number(stated.what.reached_level)));
            row.facts.push(Fact::term("sustainment-status", stated.what.sustainment_status.name()));
            row
        });
        let earlier = self.earlier.iter().enumerate().map(|(n, earlier)| Row {
            facts: vec![
                Fact::new("from", Datum::Date(earlier.schedule.from)),
                Fact::new("until", Datum::Date(earlier.schedule.until)),
                Fact::new("seats-scheduled", Datum::Number(earlier.schedule.seats)),
                Fact::new("replaced-at", Datum::Moment(earlier.until)),
            ],
            tone: Tone::Done,
            ..Row::new((n + 1).to_string())
        });
        let mut sections = vec![
            Section::new("attendance", counts),
            Section::new("monitoring", observations.collect()),
            Section::new("evaluations", evaluations.collect()),
            Section::new("earlier-schedules", earlier.collect()),
            Section::new("reasons", self.ending.rows()),
        ];
        sections.retain(|section| !section.rows.is_empty());
        sections
    }

    fn awaited(&self, view: &View<'_>) -> Vec<Awaiting> {
        let both = self.ending.sides.both();
        let each = |act: &'static str| both.iter().map(move |party| owed(party, act, self.since));
        let mut steps: Vec<Awaiting> = match self.phase {
            Phase::Offered => vec![owed(self.recipient(), "accept", self.since)],
            Phase::Accepted if self.schedule.is_silent() => each("schedule").collect(),
            Phase::Accepted => awaiting(&self.schedule, "schedule", &both),
            Phase::Scheduled => {
                let mut steps = awaiting(&self.schedule, "schedule", &both);
                steps.extend(self.has_begun(view).then(|| owed(self.provider(), "deliver", self.since)));
                steps
            }
            Phase::Delivered => {
                let counted = !self.confirmations.is_empty();
                let mut steps: Vec<Awaiting> =
                    (!counted).then(|| owed(self.recipient(), "confirm-delivery", self.since)).into_iter().collect();
                if self.observations.is_empty() {
                    steps.extend(each("monitor"));
                } else {
                    steps.extend(each("evaluate").filter(|step| self.evaluation(&step.party).is_none()));
                }
                steps
            }
            Phase::Evaluated | Phase::Declined | Phase::Cancelled => Vec::new(),
        };
        if matches!(self.phase, Phase::Accepted | Phase::Scheduled) {
            steps.extend(awaiting(&self.ending.cancellation, "cancel", &both));
        }
        steps
    }

    fn has_begun(&self, view: &View<'_>) -> bool {
        self.schedule.settled().is_some_and(|schedule| schedule.from <= view.today)
    }

    pub(super) fn offered(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        if !self.ending.sides.has(party) {
            return Vec::new();
        }
        let (provides, today) = (party == self.provider(), json!({ "on": view.today }));
        let mut offers = Vec::new();
        match self.phase {
            Phase::Offered if !provides => offers.extend([Offer::empty("accept"), Offer::empty("decline")]),
            Phase::Accepted | Phase::Scheduled => {
                let start = self.first_schedule();
                offers.push(unless_said("schedule", &self.schedule, party, &start).unwrap_or(Offer::empty("schedule")));
                if provides && self.phase == Phase::Scheduled && self.has_begun(view) {
                    let seats = self.schedule.settled().map(|schedule| schedule.seats);
                    offers.push(Offer { act: "deliver", prefill: json!({ "on": view.today, "seats": seats }) });
                }
            }
            Phase::Delivered if provides => offers.push(Offer::empty("deliver")),
            _ => {}
        }
        if matches!(self.phase, Phase::Delivered | Phase::Evaluated) {
            if !provides {
                offers.push(Offer::empty("confirm-delivery"));
            }
            if !self.observations.is_empty() {
                offers.push(Offer { act: "evaluate", prefill: today.clone() });
            }
        }
        if matches!(self.phase, Phase::Accepted | Phase::Scheduled | Phase::Delivered | Phase::Evaluated) {
            offers.push(Offer { act: "monitor", prefill: today });
        }
        if matches!(self.phase, Phase::Offered | Phase::Accepted | Phase::Scheduled) {
            offers.extend(self.ending.offered(party, self.phase != Phase::Offered));
        }
        offers
    }

    /// What was offered, with no more seats than the recipient can take in.
    fn first_schedule(&self) -> Value {
        let offer = &self.offer;
        let schedule = super::Schedule {
            from: offer.from,
            until: offer.until,
            place: offer.place.clone(),
            seats: offer.seats.min(offer.absorptive_capacity),
        };
        serde_json::to_value(schedule).unwrap_or_default()
    }
}

fn stated_row<T>(stated: &Stated<T>, text: Option<&String>) -> Row {
    Row {
        texts: text.map(|text| RowText::new(None, text.clone())).into_iter().collect(),
        facts: vec![Fact::new("at", Datum::Moment(stated.at)), Fact::new("record", Datum::Record(stated.record))],
        ..Row::new(stated.party.to_string())
    }
}
