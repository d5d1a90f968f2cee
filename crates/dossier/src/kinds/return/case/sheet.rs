//! What a case shows: persons by number and opaque identifier, never by name.

use super::acts::{AgeBand, Protection, Verification};
use super::{Case, DECISION_LIFE, PROTECTION_LIFE, Person};
use crate::act::title_of;
use crate::figure::Aggregate;
use crate::record::RecordId;
use crate::sheet::{Datum, Fact, Matter, Row, RowText, Section, Sheet, Tone, View};
use crate::time::{Date, Due};

use super::person::{days_between, later};

impl Case {
    pub(in crate::kinds::r#return) fn sheet(&self, view: &View<'_>) -> Sheet {
        let site = self.sites.last();
        let open = || self.persons.values().filter(|person| person.is_open());
        let visit = open().filter_map(|person| person.next_visit().map(|(_, due)| due)).min();
        let stay = open().filter_map(|person| person.stay_alert(view.today)).max();
        let late = stay.is_some() || visit.is_some_and(|due| due < view.today);
        let awaiting = self.awaiting(view);
        let over = self.is_over();
        let tone = match (over, late, awaiting.is_empty()) {
            (true, ..) => Tone::Done,
            (_, true, _) => Tone::Alarm,
            (_, _, false) => Tone::Waiting,
            _ => Tone::Running,
        };
        let mut facts = vec![
            Fact::new("sending", Datum::Party(self.sending.clone())),
            Fact::new("receiving", Datum::Party(self.receiving.clone())),
            Fact::term("referral", self.referral.name()),
        ];
        facts.extend(site.map(|site| Fact::new("site", Datum::Text(site.name.clone()))));
        facts.extend(site.and_then(|site| site.custodian.clone()).map(|name| Fact::new("custodian", Datum::Text(name))));
        facts.extend(stay.map(|days| Fact::new("stay-alert", Datum::Number(days))));
        facts.extend(self.aggregate(view.today).facts());
        let mut sections = vec![Section::new("persons", self.rows(view.today))];
        sections.push(Section::new("places", self.place_rows()));
        sections.push(Section::new("sites", self.site_rows()));
        sections.retain(|section| !section.rows.is_empty());
        Sheet {
            title: title_of(site.map_or("", |site| site.name.as_str())),
            state: if over { "closed" } else { "active" }.to_owned(),
            tone,
            facts,
            positions: self.positions(),
            sections,
            awaiting,
            due: visit.map(Due::On),
            late,
            owner: None,
        }
    }

    fn aggregate(&self, today: Date) -> Aggregate {
        let count = |is: &dyn Fn(&Person) -> bool| u64::try_from(self.persons.values().filter(|p| is(p)).count()).unwrap_or(0);
        Aggregate {
            n: count(&|_| true),
            contested: count(&|person| person.nationality() == Some(Verification::Contested)),
            stale: count(&|person| person.is_open() && person.departed.is_none() && is_stale(person, today)),
            unknown: count(&|person| person.aside.is_some_and(|(aside, _)| aside == super::Aside::WhereaboutsUnknown)),
        }
    }

    /// Journeys that sides clear and bars that they lift, one matter for each person that has one.
    fn positions(&self) -> Vec<Matter> {
        let mut matters = Vec::new();
        for person in self.persons.values() {
            if !person.clearance.is_silent() {
                matters.push(Matter::of("clearance", &person.clearance, |journey| {
                    Datum::List(vec![
                        Datum::Record(journey.person),
                        Datum::Text(journey.destination.name.clone()),
                        Datum::Date(journey.travel_on),
                    ])
                }));
            }
            if !person.lifting.is_silent() {
                matters.push(Matter::of("lifting", &person.lifting, |bar| Datum::Record(*bar)));
            }
        }
        matters
    }

    fn rows(&self, today: Date) -> Vec<Row> {
        let mut persons: Vec<(&RecordId, &Person)> = self.persons.iter().collect();
        persons.sort_by_key(|(_, person)| person.number);
        persons.into_iter().map(|(id, person)| row(*id, person, today)).collect()
    }

    fn place_rows(&self) -> Vec<Row> {
        let shown = self.places.iter().enumerate().map(|(number, says)| {
            let mut facts = says.place.facts();
            facts.push(Fact::new("party", Datum::Party(says.party.clone())));
            facts.push(Fact::new("on", Datum::Date(says.on)));
            let tone = if says.acceptance == super::Acceptance::Accepted { Tone::Done } else { Tone::Waiting };
            let texts = says.mediation_tasks.iter().map(|tasks| RowText::new(None, tasks.clone())).collect();
            Row { state: Some(says.acceptance.name().to_owned()), tone, texts, facts, ..Row::new((number + 1).to_string()) }
        });
        shown.collect()
    }

    fn site_rows(&self) -> Vec<Row> {
        let shown = self.sites.iter().enumerate().map(|(number, site)| {
            let mut facts = vec![Fact::new("site", Datum::Text(site.name.clone())), Fact::new("on", Datum::Date(site.on))];
            facts.extend(site.custodian.clone().map(|name| Fact::new("custodian", Datum::Text(name))));
            facts.extend(site.change.map(|change| Fact::term("site-change", change.name())));
            Row { facts, ..Row::new((number + 1).to_string()) }
        });
        shown.collect()
    }
}

/// Whether a word that is needed for travel is too old on this day.
fn is_stale(person: &Person, today: Date) -> bool {
    let decided = person.decision().is_some_and(|decided| days_between(decided.on, today) >= DECISION_LIFE);
    let protected = person.protection().filter(|decided| decided.protection == Protection::Clear);
    decided || protected.is_some_and(|decided| days_between(decided.on, today) > PROTECTION_LIFE)
}

fn row(id: RecordId, person: &Person, today: Date) -> Row {
    let state = person.state();
    let mut facts = vec![
        Fact::new("person", Datum::Record(id)),
        Fact::term("age-band", person.age_band.name()),
        Fact::new("party", Datum::Party(person.party.clone())),
    ];
    said(person, &mut facts);
    travelled(person, &mut facts);
    let stay = person.stay_alert(today);
    facts.extend(stay.map(|days| Fact::new("stay-alert", Datum::Number(days))));
    facts.extend(person.next_visit().map(|(_, due)| Fact::new("next-visit", Datum::Date(due))));
    let overdue = person.next_visit().is_some_and(|(_, due)| due < today);
    let stale = person.is_open() && person.departed.is_none() && is_stale(person, today);
    let tone = match state {
        "closed" | "moved" => Tone::Done,
        "bar" | "not-verified" | "contested" | "whereabouts-unknown" | "died" | "detained" | "left-behind" => Tone::Alarm,
        _ if overdue || stay.is_some() || stale => Tone::Alarm,
        "home" | "elsewhere" | "followed-up" => Tone::Running,
        _ => Tone::Waiting,
    };
    Row { state: Some(state.to_owned()), tone, facts, ..Row::new(person.number.to_string()) }
}

/// What was found, decided and cleared before the journey.
fn said(person: &Person, facts: &mut Vec<Fact>) {
    facts.extend(person.told.map(|(on, _)| Fact::new("told-on", Datum::Date(on))));
    if let Some((nationality, _)) = &person.claimed {
        facts.push(Fact::new("nationality", Datum::Party(nationality.clone())));
    }
    for found in &person.verifications {
        let terms = vec![
            Datum::Term(format!("verification-{}", found.verification.name())),
            Datum::Institution(found.authority.clone()),
            Datum::Term(format!("verification-method-{}", found.method.name())),
            Datum::Date(found.on),
        ];
        facts.push(Fact::new("verification", Datum::List(terms)));
    }
    if let Some(assessed) = person.assessments.last() {
        facts.push(Fact::term("screening", assessed.screening.name()));
    }
    if let Some(decided) = person.protection() {
        facts.push(Fact::term("protection", decided.protection.name()));
        facts.push(Fact::new("protection-by", Datum::Institution(decided.institution.clone())));
        facts.push(Fact::new("protection-until", Datum::Date(later(decided.on, PROTECTION_LIFE))));
    }
    if let Some(decided) = person.decision() {
        facts.push(Fact::term("decision", decided.decision.name()));
        facts.push(Fact::new("decision-on", Datum::Date(decided.on)));
        facts.push(Fact::new("decision-until", Datum::Date(later(decided.on, DECISION_LIFE - 1))));
        facts.push(Fact::term("before", decided.before.name()));
        facts.push(Fact::term("witness", decided.witness.name()));
    }
    if person.age_band != AgeBand::Adult || !person.best_interests.is_empty() {
        let found = person.interests();
        let shown = found.iter().map(|(institution, interest)| {
            let term = Datum::Term(format!("best-interest-{}", interest.name()));
            Fact::new("best-interest", Datum::List(vec![Datum::Institution((*institution).clone()), term]))
        });
        facts.extend(shown);
    }
    facts.extend(person.withdrawn.map(|on| Fact::new("withdrawn-on", Datum::Date(on))));
}

/// What happened on the journey and after it.
fn travelled(person: &Person, facts: &mut Vec<Fact>) {
    if let Some((operation, _)) = &person.manifest {
        facts.push(Fact::new("operation", Datum::Dossier(operation.clone())));
    }
    let days = [("departed-on", person.departed), ("received-on", person.received), ("ready-on", person.ready)];
    facts.extend(days.into_iter().filter_map(|(name, day)| day.map(|day| Fact::new(name, Datum::Date(day)))));
    if let Some((centre, since)) = &person.admitted {
        facts.push(Fact::new("transit-centre", Datum::Text(centre.clone())));
        facts.push(Fact::new("since", Datum::Date(*since)));
    }
    if let Some(settled) = &person.settled {
        facts.push(Fact::term("settled-in", settled.settled_in.name()));
        facts.push(Fact::new("settled-on", Datum::Date(settled.on)));
    }
    for (milestone, (wellbeing, on)) in &person.visits {
        let shown = vec![
            Datum::Term(format!("milestone-{}", milestone.name())),
            Datum::Term(format!("wellbeing-{}", wellbeing.name())),
            Datum::Date(*on),
        ];
        facts.push(Fact::new("visit", Datum::List(shown)));
    }
    facts.extend(person.separated.map(|(separation, _)| Fact::term("separation", separation.name())));
    facts.extend(person.moved_from.clone().map(|case| Fact::new("moved-from", Datum::Dossier(case))));
    if let Some((case, reason)) = &person.moved_to {
        facts.push(Fact::new("other-case", Datum::Dossier(case.clone())));
        facts.push(Fact::term("move-reason", reason.name()));
    }
    facts.extend(person.closed.map(|on| Fact::new("closed-on", Datum::Date(on))));
}
