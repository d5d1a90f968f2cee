//! What an assessment shows. Before every party has revealed, it shows who has sealed and when, and nothing of the scores.

use super::cycle::{Cycle, Finding};
use super::method::{Condition, Indicator, Method};
use super::result::{self, Gate, Held, Level, Scored};
use super::timeline::{Dates, Milestone};
use super::{Assessment, BeginCycle};
use crate::figure::Aggregate;
use crate::party::PartyId;
use crate::sheet::{Datum, Fact, Matter, Row, RowText, Section, Sheet, Tone, View};
use crate::source::Source;
use crate::time::{Date, Due};
use std::collections::BTreeMap;

impl Assessment {
    pub(super) fn shown(&self, view: &View<'_>) -> Sheet {
        let late = self.milestones.values().any(|milestone| milestone.is_late(view.today));
        let flags = self.flags(view, late);
        let state = self.state();
        let waits = matches!(state, "method-proposed" | "scoring" | "revealing");
        Sheet {
            title: self.title(),
            state: state.to_owned(),
            tone: match state {
                _ if !flags.is_empty() => Tone::Alarm,
                "concluded" => Tone::Done,
                _ if waits => Tone::Waiting,
                _ => Tone::Running,
            },
            facts: self.facts(view, &flags),
            positions: self.positions(),
            sections: self.sections(view),
            awaiting: self.awaited(view),
            due: self.next_planned().map(Due::On),
            late,
            owner: None,
        }
    }

    fn state(&self) -> &'static str {
        let Some(adopted) = self.adopted() else { return "method-proposed" };
        match self.open_cycle() {
            Some(cycle) if cycle.is_sealed() => return "revealing",
            Some(_) => return "scoring",
            None => {}
        }
        let over = !self.milestones.is_empty() && self.milestones.values().all(|milestone| milestone.done.is_some());
        match self.latest() {
            _ if over => "concluded",
            Some(cycle) if cycle.method == adopted.content => "assessed",
            _ => "method-adopted",
        }
    }

    /// The next day for which a milestone is planned.
    fn next_planned(&self) -> Option<Date> {
        self.milestones.values().filter(|milestone| milestone.done.is_none()).map(|milestone| milestone.dates.planned).min()
    }

    /// What the latest cycle found by the method in force.
    fn found(&self, today: Date) -> Vec<Scored<'_>> {
        let Some(adopted) = self.adopted() else { return Vec::new() };
        let cycle = self.latest().filter(|cycle| cycle.method == adopted.content);
        cycle.map(|cycle| result::scored(&adopted.method, cycle, today)).unwrap_or_default()
    }

    fn flags(&self, view: &View<'_>, late: bool) -> Vec<&'static str> {
        let all = result::aggregate(self.found(view.today).iter());
        let flags = [("contested", all.contested > 0), ("stale", all.stale > 0), ("overdue", late)];
        flags.into_iter().filter(|(_, up)| *up).map(|(flag, _)| flag).collect()
    }

    fn facts(&self, view: &View<'_>, flags: &[&str]) -> Vec<Fact> {
        let mut facts = Vec::new();
        if let Some(method) = self.shown_method() {
            facts.push(Fact::new("mission", Datum::Words(method.mission.clone())));
        }
        let content = self.adopted().map(|adopted| adopted.content).or(self.on_the_table());
        facts.extend(content.map(|content| Fact::new("content", Datum::Content(content))));
        facts.extend(self.adopted().map(|adopted| Fact::new("adopted-at", Datum::Moment(adopted.at))));
        if let Some(cycle) = self.open_cycle().or(self.latest()) {
            facts.push(Fact::new("cycle", Datum::Number(cycle.number)));
            facts.push(Fact::new("as-of", Datum::Date(cycle.as_of)));
        }
        let found = self.found(view.today);
        if !found.is_empty() {
            facts.extend(result::aggregate(found.iter()).facts());
        }
        if !flags.is_empty() {
            facts.push(Fact::new("flags", Datum::List(flags.iter().map(|flag| Datum::Term(format!("flag-{flag}"))).collect())));
        }
        facts
    }

    /// The method in force, or the one on the table while none is.
    fn shown_method(&self) -> Option<&Method> {
        let adopted = self.adopted().map(|adopted| &adopted.method);
        adopted.or(self.proposed.as_ref().map(|proposed| &proposed.method))
    }

    fn positions(&self) -> Vec<Matter> {
        let mut matters = vec![
            Matter::of("method", &self.adoption, |content| Datum::Content(*content)),
            Matter::of("cycle", &self.beginning, begun),
        ];
        if let Some(cycle) = self.open_cycle() {
            matters.push(Matter::of("voiding", &cycle.voiding, |_| Datum::Number(cycle.number)));
        }
        for (id, setting) in &self.setting {
            matters.push(Matter::of("milestone", setting, |act| {
                let mut parts = vec![Datum::Text(id.clone()), Datum::Words(act.action.clone())];
                parts.extend([act.earliest, act.planned, act.latest].map(Datum::Date));
                parts.extend(act.gate.iter().map(|row| Datum::Text(row.condition.clone())));
                Datum::List(parts)
            }));
        }
        for (id, milestone) in &self.milestones {
            let of = |datum: Datum| Datum::List(vec![Datum::Text(id.clone()), datum]);
            let dates = |dates: &Dates| Datum::List([dates.earliest, dates.planned, dates.latest].map(Datum::Date).into());
            matters.push(Matter::of("move", &milestone.moving, |moved| of(dates(moved))));
            matters.push(Matter::of("override", &milestone.overriding, |_| Datum::Text(id.clone())));
            matters.push(Matter::of("order", &milestone.ordering, |planned| of(Datum::Date(*planned))));
            matters.push(Matter::of("done", &milestone.finishing, |on| of(Datum::Date(*on))));
        }
        matters.retain(|matter| matter.settled.is_some() || !matter.said.is_empty());
        matters
    }

    fn sections(&self, view: &View<'_>) -> Vec<Section> {
        let Some(method) = self.shown_method() else { return Vec::new() };
        let found = self.found(view.today);
        let held = if found.is_empty() { Vec::new() } else { result::held(method, &found) };
        let conditions = method.conditions.iter().enumerate().map(|(n, condition)| condition_row(condition, held.get(n)));
        let indicators = method.indicators.iter().enumerate().map(|(n, indicator)| indicator_row(indicator, found.get(n)));
        let mut sections = vec![
            Section::new("assessed-conditions", conditions.collect()),
            Section::new("assessed-indicators", indicators.collect()),
            Section::new("proposed-method", self.proposed_rows()),
            Section::new("blind-seals", self.open_cycle().map(seal_rows).unwrap_or_default()),
            Section::new("findings", self.latest().map(finding_rows).unwrap_or_default()),
            Section::new("milestones", self.milestones.iter().map(|(id, m)| milestone_row(id, m, view.today)).collect()),
            Section::new("gates", self.milestones.iter().map(|(id, m)| self.gate_row(id, m, view.today)).collect()),
            Section::new("slips", self.milestones.iter().flat_map(|(id, m)| slip_rows(id, m)).collect()),
            Section::new("gate-overrides", self.milestones.iter().flat_map(|(id, m)| override_rows(id, m)).collect()),
            Section::new("cycles", self.cycles.iter().map(|cycle| self.cycle_row(cycle, view.today)).collect()),
        ];
        sections.extend(Source::section(&method.sources));
        sections.retain(|section| !section.rows.is_empty());
        sections
    }

    /// What a method on the table would change of the one in force.
    fn proposed_rows(&self) -> Vec<Row> {
        let (Some(proposed), Some(adopted)) = (&self.proposed, self.adopted()) else { return Vec::new() };
        let (new, old) = (&proposed.method, &adopted.method);
        let mut head = Row::new(proposed.by.to_string());
        head.facts = vec![
            Fact::new("mission", Datum::Words(new.mission.clone())),
            Fact::new("content", Datum::Content(proposed.content)),
            Fact::new("at", Datum::Moment(proposed.at)),
            Fact::new("record", Datum::Record(proposed.record)),
        ];
        let marked = |row: Row, state: &str, tone: Tone| Row { state: Some(state.to_owned()), tone, ..row };
        let mut rows = vec![head];
        let added = new.conditions.iter().filter(|condition| !old.conditions.contains(condition));
        rows.extend(added.map(|condition| marked(condition_row(condition, None), "proposed", Tone::Waiting)));
        let added = new.indicators.iter().filter(|indicator| !old.indicators.contains(indicator));
        rows.extend(added.map(|indicator| marked(indicator_row(indicator, None), "proposed", Tone::Waiting)));
        let gone = old.conditions.iter().filter(|old| !new.has_condition(&old.id));
        rows.extend(gone.map(|condition| marked(condition_row(condition, None), "dropped", Tone::Done)));
        let gone = old.indicators.iter().filter(|old| !new.indicators.iter().any(|new| new.id == old.id));
        rows.extend(gone.map(|indicator| marked(indicator_row(indicator, None), "dropped", Tone::Done)));
        rows
    }

    /// How a gate stands, and on what. An override changes nothing in it.
    fn gate_row(&self, id: &str, milestone: &Milestone, today: Date) -> Row {
        let levels = self.levels(today);
        let level = |condition: &String| levels.get(condition.as_str()).copied().unwrap_or(Level::Unknown);
        let gate = self.gate(&milestone.gate, today);
        let stands = |condition| vec![Datum::Text(String::clone(condition)), Datum::Term(format!("score-{}", level(condition).name()))];
        let mut facts: Vec<Fact> =
            milestone.gate.iter().map(|condition| Fact::new("condition", Datum::List(stands(condition)))).collect();
        if milestone.is_overridden() {
            facts.push(Fact::new("overridden", Datum::Term("yes".to_owned())));
        }
        if let Some(ordered) = &milestone.ordered {
            facts.push(Fact::new("gate-when-ordered", Datum::Term(format!("gate-{}", ordered.gate.name()))));
        }
        let tone = match gate {
            Gate::Met => Tone::Running,
            Gate::Unknown => Tone::Waiting,
            Gate::NotMet => Tone::Alarm,
        };
        Row { state: Some(gate.name().to_owned()), tone, facts, ..Row::new(id) }
    }

    fn cycle_row(&self, cycle: &Cycle, today: Date) -> Row {
        let (state, tone) = match (cycle.voided, cycle.is_complete()) {
            (Some(_), _) => ("voided", Tone::Done),
            (None, true) => ("complete", Tone::Done),
            (None, false) => ("open", Tone::Waiting),
        };
        let mut facts = vec![
            Fact::new("as-of", Datum::Date(cycle.as_of)),
            Fact::new("content", Datum::Content(cycle.method)),
            Fact::new("since", Datum::Moment(cycle.begun)),
        ];
        if let Some(method) = self.method_of(cycle).filter(|_| state == "complete") {
            facts.extend(result::aggregate(result::scored(method, cycle, today).iter()).facts());
        }
        facts.extend(cycle.voided.map(|at| Fact::new("voided-at", Datum::Moment(at))));
        facts.extend(reasons(&cycle.void_reasons));
        Row { state: Some(state.to_owned()), tone, facts, ..Row::new(cycle.number.to_string()) }
    }
}

fn begun(act: &BeginCycle) -> Datum {
    Datum::List(vec![Datum::Number(act.cycle), Datum::Date(act.as_of), Datum::Content(act.content)])
}

fn reasons(reasons: &BTreeMap<PartyId, String>) -> Vec<Fact> {
    let reason = |(party, text): (&PartyId, &String)| {
        Fact::new("reason", Datum::List(vec![Datum::Party(party.clone()), Datum::Text(text.clone())]))
    };
    reasons.iter().map(reason).collect()
}

fn level_tone(level: Level) -> Tone {
    match level {
        Level::Met => Tone::Running,
        Level::Partly | Level::Unknown => Tone::Waiting,
        Level::NotMet => Tone::Alarm,
    }
}

fn condition_row(condition: &Condition, held: Option<&Held<'_>>) -> Row {
    let mut row = Row::new(condition.id.clone());
    row.texts = RowText::each(&condition.words);
    row.facts = vec![Fact::term("factor", condition.factor.name())];
    if let Some(held) = held {
        row.state = Some(held.level.name().to_owned());
        row.tone = level_tone(held.level);
        row.facts.extend(Aggregate::facts(&held.aggregate));
    }
    row
}

fn indicator_row(indicator: &Indicator, scored: Option<&Scored<'_>>) -> Row {
    let mut row = Row::new(indicator.id.clone());
    row.texts = RowText::each(&indicator.words);
    row.facts = vec![
        Fact::new("condition", Datum::Text(indicator.condition.clone())),
        Fact::new("essential", Datum::Term(if indicator.is_essential() { "yes" } else { "no" }.to_owned())),
        Fact::new("data-source", Datum::Text(indicator.data_source.clone())),
        Fact::new("threshold", Datum::Text(indicator.threshold.clone())),
        Fact::new("validity-days", Datum::Number(indicator.validity_days)),
    ];
    let Some(scored) = scored else { return row };
    row.state = Some(scored.level.name().to_owned());
    row.tone = if scored.divergent || scored.stale { Tone::Alarm } else { level_tone(scored.level) };
    row.facts.push(Fact::term("agreement-of-scores", if scored.divergent { "divergent" } else { "agreed" }));
    if scored.stale {
        row.facts.push(Fact::new("flags", Datum::Term("flag-stale".to_owned())));
    }
    for (party, score) in &scored.scores {
        let mut said = vec![Datum::Party((*party).clone())];
        said.push(Datum::Term(format!("score-{}", score.map_or("not-assessed", |score| score.score.name()))));
        let confidence = score.and_then(|score| score.confidence);
        said.extend(confidence.map(|confidence| Datum::Term(format!("confidence-{}", confidence.name()))));
        said.extend(score.and_then(|score| score.evidence_date).map(Datum::Date));
        said.extend(score.and_then(|score| score.note.clone()).map(Datum::Text));
        row.facts.push(Fact::new("score", Datum::List(said)));
    }
    row
}

/// Who has sealed, and when. What was sealed is shown once every party has revealed.
fn seal_rows(cycle: &Cycle) -> Vec<Row> {
    let row = |party: &PartyId| {
        let seal = cycle.seals.get(party);
        let revealed = cycle.revealed(party);
        let (state, tone) = match (seal, revealed) {
            (_, Some(_)) => ("revealed", Tone::Done),
            (Some(_), None) => ("sealed", Tone::Running),
            (None, None) => ("awaited", Tone::Waiting),
        };
        let mut facts = Vec::new();
        facts.extend(seal.map(|seal| Fact::new("sealed-at", Datum::Moment(seal.at))));
        facts.extend(seal.map(|seal| Fact::new("record", Datum::Record(seal.record))));
        facts.extend(revealed.map(|revealed| Fact::new("revealed-at", Datum::Moment(revealed.at))));
        Row { state: Some(state.to_owned()), tone, facts, ..Row::new(party.to_string()) }
    };
    cycle.parties.iter().map(row).collect()
}

fn finding_rows(cycle: &Cycle) -> Vec<Row> {
    let row = |(condition, finding): (&String, &Finding)| {
        let joint = finding.joint.settled();
        let (state, tone) = match joint {
            Some(_) => ("joint", Tone::Done),
            None if finding.own.is_empty() => ("open", Tone::Waiting),
            None => ("divergent", Tone::Alarm),
        };
        let mut facts: Vec<Fact> = Vec::new();
        for (party, own) in &finding.own {
            let text = vec![Datum::Party(party.clone()), Datum::Words(own.text.clone()), Datum::Moment(own.at)];
            facts.push(Fact::new("own-text", Datum::List(text)));
        }
        for (party, assent) in finding.joint.assents().filter(|_| joint.is_none()) {
            let text = vec![Datum::Party(party.clone()), Datum::Words(assent.content.clone()), Datum::Moment(assent.at)];
            facts.push(Fact::new("proposed-text", Datum::List(text)));
        }
        let texts = joint.map(RowText::each).unwrap_or_default();
        Row { state: Some(state.to_owned()), tone, texts, facts, ..Row::new(condition.clone()) }
    };
    cycle.findings.iter().map(row).collect()
}

fn milestone_row(id: &str, milestone: &Milestone, today: Date) -> Row {
    let (state, tone) = match (milestone.done, &milestone.ordered) {
        (Some(_), _) => ("done", Tone::Done),
        (None, Some(_)) => ("ordered", Tone::Running),
        (None, None) => ("set", Tone::Waiting),
    };
    let Dates { earliest, planned, latest } = milestone.dates;
    let mut facts = vec![
        Fact::new("earliest", Datum::Date(earliest)),
        Fact::new("planned", Datum::Date(planned)),
        Fact::new("latest", Datum::Date(latest)),
    ];
    if !milestone.slips.is_empty() {
        let earlier = milestone.slips.iter().map(|slip| Datum::Date(slip.dates.planned)).collect();
        facts.push(Fact::new("earlier-dues", Datum::List(earlier)));
    }
    facts.extend(milestone.ordered.iter().map(|ordered| Fact::new("ordered-at", Datum::Moment(ordered.at))));
    facts.extend(milestone.done.map(|on| Fact::new("done-on", Datum::Date(on))));
    let late = milestone.is_late(today);
    if late {
        facts.push(Fact::new("flags", Datum::Term("flag-overdue".to_owned())));
    }
    let tone = if late { Tone::Alarm } else { tone };
    Row { state: Some(state.to_owned()), tone, texts: RowText::each(&milestone.action), facts, ..Row::new(id) }
}

fn slip_rows(id: &str, milestone: &Milestone) -> Vec<Row> {
    let row = |(n, slip): (usize, &super::timeline::Slip)| {
        let mut facts = vec![
            Fact::new("earliest", Datum::Date(slip.dates.earliest)),
            Fact::new("planned", Datum::Date(slip.dates.planned)),
            Fact::new("latest", Datum::Date(slip.dates.latest)),
            Fact::new("replaced-at", Datum::Moment(slip.until)),
        ];
        facts.extend(reasons(&slip.reasons));
        let state = if slip.ordered { "ordered" } else { "set" };
        Row { state: Some(state.to_owned()), tone: Tone::Done, facts, ..Row::new(format!("{id}/{}", n + 1)) }
    };
    milestone.slips.iter().enumerate().map(row).collect()
}

fn override_rows(id: &str, milestone: &Milestone) -> Vec<Row> {
    let row = |(n, overridden): (usize, &super::timeline::Overridden)| {
        let mut facts = vec![Fact::new("at", Datum::Moment(overridden.at))];
        facts.extend(reasons(&overridden.reasons));
        Row { state: Some(overridden.gate.name().to_owned()), tone: Tone::Alarm, facts, ..Row::new(format!("{id}/{}", n + 1)) }
    };
    milestone.overrides.iter().enumerate().map(row).collect()
}
