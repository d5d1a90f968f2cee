//! What a commitment shows, and what a party may do next.

use super::acts::Mode;
use super::terms::Terms;
use super::{COMPLETE, Commitment, Graded, STALE_DAYS};
use crate::party::PartyId;
use crate::sheet::{Awaiting, Datum, Fact, Matter, Offer, Row, RowText, Said, Section, Sheet, Tone, View, awaiting};
use crate::source::Source;
use crate::time::{Date, Moment};
use jiff::ToSpan;
use serde_json::json;
use std::collections::BTreeSet;

/// How the parties' grades stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grading {
    /// Nobody has graded.
    None,
    /// Some parties have graded.
    Partial,
    /// All parties have given the same grade.
    Agreed(i64),
    /// Parties have given different grades; when all have graded, the lowest counts.
    Contested(Option<i64>),
}

impl Grading {
    fn name(self) -> &'static str {
        match self {
            Grading::None => "none",
            Grading::Partial => "partial",
            Grading::Agreed(_) => "agreed",
            Grading::Contested(_) => "contested",
        }
    }

    /// The level that counts. While a party has not graded, nothing counts: its view is unknown.
    fn level(self) -> Option<i64> {
        match self {
            Grading::Agreed(level) | Grading::Contested(Some(level)) => Some(level),
            Grading::None | Grading::Partial | Grading::Contested(None) => None,
        }
    }
}

impl Commitment {
    pub(super) fn shown(&self, view: &View<'_>) -> Sheet {
        let flags = self.flags(view);
        // A commitment has terms from its first record on.
        let Some(terms) = self.terms() else { return Sheet::default() };
        let state = self.state();
        Sheet {
            title: terms.title.clone(),
            state: state.to_owned(),
            tone: match state {
                "waived" | "complete" => Tone::Done,
                _ if !flags.is_empty() => Tone::Alarm,
                "adopted" => Tone::Running,
                _ => Tone::Waiting,
            },
            facts: self.facts(view, terms, &flags),
            positions: self.positions(view),
            sections: self.sections(view, terms),
            awaiting: self.awaiting(view),
            due: Some(terms.due),
            late: flags.contains(&"overdue"),
            owner: None,
        }
    }

    fn state(&self) -> &'static str {
        if self.waiver.settled().is_some() {
            "waived"
        } else if self.complete_as_of.is_some() {
            "complete"
        } else if self.adopted.is_some() {
            "adopted"
        } else {
            "draft"
        }
    }

    /// Whether parties still grade it.
    fn is_open(&self) -> bool {
        self.state() == "adopted"
    }

    fn grading(&self, audience: &BTreeSet<PartyId>) -> Grading {
        let levels: BTreeSet<i64> = audience.iter().filter_map(|party| self.current_grade(party)).map(|grade| grade.level).collect();
        let all = audience.iter().all(|party| self.current_grade(party).is_some());
        match (levels.first(), levels.len()) {
            (None, _) => Grading::None,
            (Some(level), 1) if all => Grading::Agreed(*level),
            (Some(_), 1) => Grading::Partial,
            (Some(lowest), _) => Grading::Contested(all.then_some(*lowest)),
        }
    }

    /// What is wrong with it on this day: `contested`, `stale`, `overdue`.
    fn flags(&self, view: &View<'_>) -> Vec<&'static str> {
        let Some(adopted) = self.adopted.as_ref().filter(|_| self.is_open()) else { return Vec::new() };
        let mut flags = Vec::new();
        if matches!(self.grading(view.audience), Grading::Contested(_)) {
            flags.push("contested");
        }
        let newest = self.grades.iter().skip(self.outdated).map(|grade| grade.as_of).max();
        if is_stale(newest.unwrap_or_else(|| adopted.at.civil_date()), view.today) {
            flags.push("stale");
        }
        // What is kept at all times is never complete; it is late when it was to be in place and not all say that it is.
        let kept = adopted.terms.mode == Mode::Continuous && self.all_complete(view.audience).is_some();
        if adopted.terms.due.is_past(view.today) && !kept {
            flags.push("overdue");
        }
        flags
    }

    fn facts(&self, view: &View<'_>, terms: &Terms, flags: &[&str]) -> Vec<Fact> {
        let mut facts = facts_of(terms, view.audience);
        let shown = self.adopted.as_ref().map(|adopted| adopted.content).or(self.on_the_table());
        facts.extend(shown.map(|content| Fact::new("content", Datum::Content(content))));
        if let Some(adopted) = &self.adopted {
            facts.push(Fact::new("adopted-at", Datum::Moment(adopted.at)));
            let grading = self.grading(view.audience);
            facts.push(Fact::term("grading", grading.name()));
            facts.extend(grading.level().map(|counted| Fact::new("level", level(counted))));
        }
        facts.extend(self.complete_as_of.map(|day| Fact::new("complete-as-of", Datum::Date(day))));
        facts.extend(self.waiver.settled().map(|waive| Fact::new("ground", Datum::Text(waive.ground.clone()))));
        if !flags.is_empty() {
            facts.push(Fact::new("flags", Datum::List(flags.iter().map(|flag| Datum::Term(format!("flag-{flag}"))).collect())));
        }
        facts
    }

    fn positions(&self, view: &View<'_>) -> Vec<Matter> {
        let said = view.audience.iter().filter_map(|party| self.current_grade(party)).map(|grade| Said {
            party: grade.party.clone(),
            datum: level(grade.level),
            at: grade.at,
            record: grade.record,
        });
        let agreed = match self.grading(view.audience) {
            Grading::Agreed(agreed) => Some(level(agreed)),
            _ => None,
        };
        let mut matters = vec![
            Matter::of("terms", &self.adoption, |content| Datum::Content(*content)),
            Matter { name: "grade".to_owned(), settled: agreed, said: said.collect() },
            Matter::of("waiver", &self.waiver, |waive| Datum::Text(waive.ground.clone())),
        ];
        matters.retain(|matter| matter.settled.is_some() || !matter.said.is_empty());
        matters
    }

    fn sections(&self, view: &View<'_>, terms: &Terms) -> Vec<Section> {
        let proposed = self.proposed.iter().filter(|_| self.adopted.is_some()).map(|proposed| {
            let now = facts_of(terms, view.audience);
            let mut facts: Vec<Fact> = facts_of(&proposed.terms, view.audience).into_iter().filter(|fact| !now.contains(fact)).collect();
            if proposed.terms.title != terms.title {
                facts.insert(0, Fact::new("title", Datum::Words(proposed.terms.title.clone())));
            }
            facts.push(Fact::new("content", Datum::Content(proposed.content)));
            facts.push(Fact::new("at", Datum::Moment(proposed.at)));
            facts.push(Fact::new("record", Datum::Record(proposed.record)));
            let quotes = if proposed.terms.article == terms.article { Vec::new() } else { quotes(&proposed.terms) };
            Row { state: Some("proposed".to_owned()), tone: Tone::Waiting, texts: quotes, facts, ..Row::new(proposed.by.to_string()) }
        });
        let earlier = self.earlier.iter().enumerate().map(|(number, earlier)| Row {
            facts: vec![
                Fact::new("due", Datum::Due(earlier.due)),
                Fact::new("content", Datum::Content(earlier.content)),
                Fact::new("adopted-at", Datum::Moment(earlier.adopted)),
                Fact::new("replaced-at", Datum::Moment(earlier.replaced)),
            ],
            ..Row::new((number + 1).to_string())
        });
        let article = Row { texts: quotes(terms), ..Row::new(terms.article_number.clone().unwrap_or_default()) };
        let grades = self.grades.iter().enumerate().rev().map(|(place, grade)| self.grade_row(grade, place, view));
        let mut sections = vec![
            Section::new("article", vec![article]),
            Section::new("proposed-terms", proposed.collect()),
            Section::new("grades", grades.collect()),
            Section::new("earlier-terms", earlier.collect()),
        ];
        sections.extend(Source::section(&terms.sources));
        sections.retain(|section| !section.rows.is_empty());
        sections
    }

    fn grade_row(&self, grade: &Graded, place: usize, view: &View<'_>) -> Row {
        let current = self.current_grade(&grade.party).is_some_and(|current| current.record == grade.record);
        let state = match (current, place < self.outdated) {
            (true, _) if self.is_open() && is_stale(grade.as_of, view.today) => "stale",
            (true, _) => "current",
            (false, true) => "outdated",
            (false, false) => "replaced",
        };
        let mut facts = vec![
            Fact::new("level", level(grade.level)),
            Fact::new("as-of", Datum::Date(grade.as_of)),
            Fact::new("at", Datum::Moment(grade.at)),
            Fact::new("record", Datum::Record(grade.record)),
        ];
        let evidence = grade.evidence.iter();
        facts.extend(evidence.map(|piece| {
            Fact::new("evidence", Datum::List(vec![Datum::Date(piece.date), Datum::Text(piece.text.clone())]))
        }));
        Row {
            reference: grade.party.to_string(),
            state: Some(state.to_owned()),
            tone: if state == "stale" { Tone::Alarm } else if current { Tone::Running } else { Tone::Done },
            texts: grade.note.iter().map(|note| RowText::new(None, note.clone())).collect(),
            facts,
        }
    }

    fn awaiting(&self, view: &View<'_>) -> Vec<Awaiting> {
        let owed = |party: &PartyId, act: &str, since: Moment| Awaiting { party: party.clone(), act: act.to_owned(), since: Some(since) };
        let mut steps = Vec::new();
        if self.waiver.settled().is_some() {
            return steps;
        }
        if let Some(proposed) = &self.proposed {
            let open = view.audience.iter().filter(|party| self.adoption.of(party).is_none_or(|assent| assent.content != proposed.content));
            steps.extend(open.map(|party| owed(party, "adopt", proposed.at)));
        }
        let Some(adopted) = self.adopted.as_ref().filter(|_| self.is_open()) else { return steps };
        let called_complete = view.audience.iter().filter_map(|party| self.current_grade(party)).filter(|grade| grade.level == COMPLETE);
        let called_complete = called_complete.map(|grade| grade.at).min();
        for party in view.audience {
            match self.current_grade(party) {
                None => steps.push(owed(party, "grade", called_complete.unwrap_or(adopted.at))),
                Some(grade) if is_stale(grade.as_of, view.today) => steps.push(owed(party, "grade", grade.at)),
                Some(_) => {}
            }
        }
        steps.extend(awaiting(&self.waiver, "waive", view.audience));
        steps
    }

    pub(super) fn offered(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        let mut offers = Vec::new();
        if self.waiver.settled().is_some() {
            return offers;
        }
        if let Some(proposed) = &self.proposed
            && self.adoption.of(party).is_none_or(|assent| assent.content != proposed.content)
        {
            offers.push(Offer { act: "adopt", prefill: json!({ "content": proposed.content }) });
        }
        let on_the_table = self.proposed.as_ref().map(|proposed| &proposed.terms).or(self.terms());
        offers.extend(on_the_table.map(|terms| Offer::saying("revise", terms)));
        if let Some(adopted) = self.adopted.as_ref().filter(|_| self.is_open()) {
            let start = json!({ "content": adopted.content });
            offers.push(Offer { act: "grade", prefill: json!({ "content": adopted.content, "as_of": view.today }) });
            offers.push(Offer::joining("waive", &self.waiver, party, &start));
        }
        offers
    }
}

/// Whether something that was so on `day` is too old to speak of `today`.
fn is_stale(day: Date, today: Date) -> bool {
    day.saturating_add(STALE_DAYS.days()) < today
}

fn level(level: i64) -> Datum {
    Datum::Term(format!("level-{level}"))
}

fn facts_of(terms: &Terms, audience: &BTreeSet<PartyId>) -> Vec<Fact> {
    let parties = |parties: &BTreeSet<PartyId>| Datum::List(parties.iter().cloned().map(Datum::Party).collect());
    let mut facts = vec![Fact::new("by", parties(&terms.by))];
    if terms.is_joint(audience) {
        facts.push(Fact::new("joint", Datum::Term("yes".to_owned())));
    } else {
        let others: BTreeSet<PartyId> = audience.difference(&terms.by).cloned().collect();
        let to = if terms.to.is_empty() { &others } else { &terms.to };
        facts.extend((!to.is_empty()).then(|| Fact::new("to", parties(to))));
    }
    facts.extend(terms.agreement.iter().map(|agreement| Fact::new("agreement", Datum::Dossier(agreement.clone()))));
    facts.extend(terms.article_number.iter().map(|number| Fact::new("article-number", Datum::Text(number.clone()))));
    facts.push(Fact::term("mode", terms.mode.name()));
    facts.extend(terms.condition.iter().map(|condition| Fact::new("condition", Datum::Words(condition.clone()))));
    facts.push(Fact::new("criterion", Datum::Words(terms.criterion.clone())));
    facts.push(Fact::new("evidence", Datum::Words(terms.evidence.clone())));
    facts.push(Fact::new("due", Datum::Due(terms.due)));
    facts.push(Fact::term("sector", terms.sector.name()));
    facts
}

fn quotes(terms: &Terms) -> Vec<RowText> {
    terms.article.iter().map(|quote| RowText::new(Some(quote.tongue), quote.quote.clone())).collect()
}
