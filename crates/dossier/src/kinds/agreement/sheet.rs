//! What an agreement shows.

use super::acts::{Amend, Resume, Sign, Text};
use super::force::{Force, Phase};
use super::{Agreement, Said, Statement};
use crate::sheet::{self, Awaiting, Datum, Fact, Matter, Row, RowText, Section, Sheet, Tone, View, awaiting};
use crate::source::Source;
use crate::time::{Date, Due, Moment};

impl Agreement {
    pub(super) fn shown(&self, view: &View<'_>) -> Sheet {
        let phase = self.phase(view.today);
        let due = self.due(view.today, phase);
        Sheet {
            title: self.title.clone(),
            state: phase.name().to_owned(),
            tone: self.tone(phase),
            facts: self.facts(view.today, phase),
            positions: self.positions(),
            sections: self.sections(view.today),
            awaiting: if phase.is_over() { Vec::new() } else { self.awaiting(view) },
            due,
            late: phase < Phase::Signed && due.is_some_and(|due| due.is_past(view.today)),
            owner: None,
        }
    }

    fn tone(&self, phase: Phase) -> Tone {
        match phase {
            _ if phase.is_over() => Tone::Done,
            Phase::Suspended => Tone::Alarm,
            _ if self.is_disputed() => Tone::Alarm,
            Phase::InForce => Tone::Running,
            _ => Tone::Waiting,
        }
    }

    /// The day that the entry clause names, while that is to come; then the day on which the agreement or its term ends.
    fn due(&self, today: Date, phase: Phase) -> Option<Due> {
        if phase.is_over() {
            return None;
        }
        if phase < Phase::Signed {
            return self.clauses.entry_date.map(Due::On);
        }
        let ends = self.terminates_on().into_iter().chain(self.term(today).ends_on).min();
        ends.map(Due::On)
    }

    fn facts(&self, today: Date, phase: Phase) -> Vec<Fact> {
        let clauses = &self.clauses;
        let mut facts = vec![Fact::term("instrument", self.instrument.name())];
        facts.extend(self.number.iter().map(|number| Fact::new("number", Datum::Text(number.clone()))));
        facts.extend(self.summary.iter().map(|summary| Fact::new("summary", Datum::Words(summary.clone()))));
        facts.push(Fact::new("content", Datum::Content(self.content)));
        facts.push(Fact::term("entry", clauses.entry.name()));
        facts.extend(date("entry-date", clauses.entry_date));
        facts.extend(number("entry-days", clauses.entry_days));
        if let Some(signing) = self.signing() {
            facts.push(Fact::new("signed-on", Datum::Date(signing.on)));
            facts.extend(signing.place.map(|place| Fact::new("place", Datum::Words(place.clone()))));
            match self.force() {
                Force::From(day) => facts.push(Fact::new("in-force-on", Datum::Date(day))),
                Force::Unknown => facts.push(Fact::new("in-force-on", Datum::Term("unknown".to_owned()))),
                Force::NotYet => {}
            }
        }
        facts.extend(date("expires-on", clauses.expires_on));
        facts.push(Fact::term("renewal", clauses.renewal.name()));
        facts.extend(number("renewal-months", clauses.renewal_months));
        facts.extend(number("notice-days", clauses.notice_days));
        if phase >= Phase::Signed {
            let running = self.term(today);
            facts.push(Fact::new("term", Datum::Term(self.term_name(today).to_owned())));
            facts.extend(date("term-ends-on", running.ends_on));
            facts.extend(date("notice-by", running.notice_by));
            facts.extend(date("terminates-on", self.terminates_on()));
        }
        if let Some(other) = self.supersession.settled() {
            facts.push(Fact::new("superseded-by", Datum::Dossier(other.by.clone())));
            facts.extend(date("superseded-on", other.on));
        }
        facts
    }

    fn positions(&self) -> Vec<Matter> {
        let mut matters = vec![
            Matter::of("initials", &self.initials, |content| Datum::Content(*content)),
            Matter::of("signature", &self.signature, show_sign),
            Matter::of("registration", &self.registration, |register| {
                let day = register.in_force_on.map_or_else(|| Datum::Term("unknown".to_owned()), Datum::Date);
                list([Some(Datum::Date(register.signed_on)), Some(day), register.place.clone().map(Datum::Words)])
            }),
            self.completion(),
            Matter::of("amendment", &self.amendment, show_amend),
            Matter::of("supersession", &self.supersession, |other| {
                list([Some(Datum::Dossier(other.by.clone())), other.on.map(Datum::Date), None])
            }),
            Matter::of("suspension", &self.suspension, |suspend| {
                list([Some(Datum::Date(suspend.from)), Some(Datum::Text(suspend.ground.clone())), None])
            }),
            Matter::of("resumption", &self.resumption, |resume: &Resume| Datum::Date(resume.on)),
            self.stated("suspension-claimed", |statement| match statement.said {
                Said::Claim { from } => Some(Datum::Date(from)),
                _ => None,
            }),
            // A notice that its own co-chair has not confirmed is not yet that party's word.
            self.stated("termination", |statement| statement.counting_notice().map(Datum::Date)),
            self.stated("objection", |statement| match statement.said {
                Said::Objection { to } => Some(Datum::Record(to)),
                _ => None,
            }),
        ];
        matters.retain(|matter| matter.settled.is_some() || !matter.said.is_empty());
        matters
    }

    fn completion(&self) -> Matter {
        let said = self.notifications.iter().map(|(party, done)| sheet::Said {
            party: party.clone(),
            datum: Datum::Date(done.on),
            at: done.at,
            record: done.record,
        });
        let settled = match self.force() {
            Force::From(day) if self.waits_for_notifications() => Some(Datum::Date(day)),
            _ => None,
        };
        Matter { name: "completion".to_owned(), settled, said: said.collect() }
    }

    fn stated(&self, name: &str, show: impl Fn(&Statement) -> Option<Datum>) -> Matter {
        let standing = self.statements.iter().filter(|statement| statement.withdrawn.is_none());
        let said = standing.filter_map(|statement| {
            let by = &statement.by;
            show(statement).map(|datum| sheet::Said { party: by.party.clone(), datum, at: by.at, record: by.record })
        });
        Matter { name: name.to_owned(), settled: None, said: said.collect() }
    }

    fn sections(&self, today: Date) -> Vec<Section> {
        let steps = self.domestic_steps.iter().map(|step| Row {
            facts: vec![
                Fact::term("step", step.step.name()),
                Fact::new("on", Datum::Date(step.on)),
                Fact::new("record", Datum::Record(step.by.record)),
            ],
            texts: step.detail.iter().map(|detail| RowText::new(None, detail.clone())).collect(),
            ..Row::new(step.by.party.to_string())
        });
        let amendments = self.amendments.iter().enumerate().map(|(number, amended)| Row {
            texts: amended.act.text.iter().flat_map(RowText::each).collect(),
            facts: [
                amended.act.by.clone().map(|by| Fact::new("by", Datum::Dossier(by))),
                date("on", Some(amended.act.on)),
                date("expires-on", amended.act.expires_on),
                Some(Fact::new("at", Datum::Moment(amended.at))),
            ]
            .into_iter()
            .flatten()
            .collect(),
            ..Row::new((number + 1).to_string())
        });
        let past = self.suspensions.iter().enumerate().map(|(number, past)| Row {
            texts: vec![RowText::new(None, past.ground.clone())],
            facts: vec![Fact::new("from", Datum::Date(past.from)), Fact::new("until", Datum::Date(past.until))],
            ..Row::new((number + 1).to_string())
        });
        let mut sections = vec![
            Section::new("texts", self.texts.iter().map(|text| self.text_row(text)).collect()),
            Section::new("domestic-steps", steps.collect()),
            Section::new("amendments", amendments.collect()),
            Section::new("suspensions", past.collect()),
            Section::new("notices", self.statement_rows(today, Statement::is_notice)),
            Section::new("claims", self.statement_rows(today, |statement| matches!(statement.said, Said::Claim { .. }))),
            Section::new("objections", self.statement_rows(today, |statement| matches!(statement.said, Said::Objection { .. }))),
        ];
        sections.extend(Source::section(&self.sources));
        sections.retain(|section| !section.rows.is_empty());
        sections
    }

    fn text_row(&self, text: &Text) -> Row {
        let state = if self.prevailing == Some(text.tongue) {
            "prevailing"
        } else if text.authentic {
            "authentic"
        } else {
            "translation"
        };
        Row {
            state: Some(state.to_owned()),
            texts: text.text.iter().map(|body| RowText::new(Some(text.tongue), body.clone())).collect(),
            facts: text.sha256.iter().map(|hash| Fact::new("sha256", Datum::Content(*hash))).collect(),
            ..Row::new(text.tongue.code().to_owned())
        }
    }

    fn statement_rows(&self, today: Date, wanted: impl Fn(&Statement) -> bool) -> Vec<Row> {
        let wanted = self.statements.iter().filter(|statement| wanted(statement));
        let rows = wanted.map(|statement| {
            let mut facts = match statement.said {
                Said::Claim { from } => vec![Fact::new("from", Datum::Date(from))],
                Said::Notice { effective_on, confirmed } => {
                    let confirmed = confirmed.map(|at| Fact::new("confirmed-at", Datum::Moment(at)));
                    [Fact::new("effective-on", Datum::Date(effective_on))].into_iter().chain(confirmed).collect()
                }
                Said::Objection { to } => vec![Fact::new("objects-to", Datum::Record(to))],
            };
            facts.push(Fact::new("at", Datum::Moment(statement.by.at)));
            facts.push(Fact::new("record", Datum::Record(statement.by.record)));
            facts.extend(statement.withdrawn.map(|at| Fact::new("withdrawn-at", Datum::Moment(at))));
            Row {
                reference: statement.by.party.to_string(),
                state: Some(self.standing_of(statement, today).to_owned()),
                tone: if statement.withdrawn.is_some() { Tone::Done } else { Tone::Alarm },
                texts: vec![RowText::new(None, statement.ground.clone())],
                facts,
            }
        });
        rows.collect()
    }

    fn awaiting(&self, view: &View<'_>) -> Vec<Awaiting> {
        let mut steps = awaiting(&self.registration, "register", view.audience);
        let owed = |party: &crate::party::PartyId, act: &str, since: Option<Moment>| Awaiting { party: party.clone(), act: act.to_owned(), since };
        match self.phase(view.today) {
            // While all are asked to register a signature, nobody owes a text.
            Phase::Draft if steps.is_empty() => steps.push(owed(&self.tabled.party, "propose-text", Some(self.tabled.at))),
            Phase::TextProposed if steps.is_empty() => {
                let open = view.audience.iter().filter(|party| self.initials.of(party).is_none());
                steps.extend(open.map(|party| owed(party, "initial", Some(self.tabled.at))));
            }
            Phase::Initialled => {
                let since = self.initials.assents().map(|(_, assent)| assent.at).max();
                let other = |party| self.signature.of(party).is_none() || self.signature.offered_to(party).is_some();
                steps.extend(view.audience.iter().filter(|party| other(party)).map(|party| owed(party, "sign", since)));
            }
            Phase::Draft | Phase::TextProposed => {}
            _ => {
                let open = self.signatories.iter().filter(|party| self.lacks_notification_of(party));
                steps.extend(open.map(|party| owed(party, "notify-completion", self.signed_at)));
                steps.extend(awaiting(&self.amendment, "amend", view.audience));
                steps.extend(awaiting(&self.supersession, "supersede", view.audience));
                steps.extend(awaiting(&self.suspension, "suspend", view.audience));
                steps.extend(awaiting(&self.resumption, "resume", view.audience));
                let open = self.statements.iter().filter(|statement| self.standing_of(statement, view.today) == "unconfirmed");
                steps.extend(open.map(|statement| owed(&statement.by.party, "confirm-notice", Some(statement.by.at))));
            }
        }
        steps
    }
}

fn show_sign(sign: &Sign) -> Datum {
    list([Some(Datum::Date(sign.signed_on)), sign.place.clone().map(Datum::Words), Some(Datum::Content(sign.content))])
}

fn show_amend(amend: &Amend) -> Datum {
    let what = amend.by.clone().map(Datum::Dossier).or_else(|| amend.text.clone().map(Datum::Words));
    list([what, Some(Datum::Date(amend.on)), amend.expires_on.map(Datum::Date)])
}

fn list(data: [Option<Datum>; 3]) -> Datum {
    Datum::List(data.into_iter().flatten().collect())
}

fn date(name: &str, day: Option<Date>) -> Option<Fact> {
    day.map(|day| Fact::new(name, Datum::Date(day)))
}

fn number(name: &str, number: Option<i64>) -> Option<Fact> {
    number.map(|number| Fact::new(name, Datum::Number(number)))
}
