//! What a statement shows.

use super::{Corrected, Earlier, Publication, Retraction, Statement, Text};
use crate::party::PartyId;
use crate::sheet::{Awaiting, Datum, Fact, Matter, Row, RowText, Said, Section, Sheet, Tone, View, awaiting};
use crate::time::{Date, Due};
use crate::words::Tongue;
use std::collections::BTreeMap;

impl Statement {
    pub(super) fn shown(&self, view: &View<'_>) -> Sheet {
        let state = self.state(view.today);
        let due = self.release_day().map(Due::On);
        let late = !matches!(state, "published" | "withdrawn") && due.is_some_and(|due| due.is_past(view.today));
        Sheet {
            title: self.title.clone(),
            state: state.to_owned(),
            tone: if late { Tone::Alarm } else { tone(state) },
            facts: self.facts(),
            positions: self.positions(),
            sections: self.sections(),
            awaiting: self.awaiting(view.today),
            due: if self.is_withdrawn() { None } else { due },
            late,
            owner: None,
        }
    }

    fn state(&self, today: Date) -> &'static str {
        if self.is_withdrawn() {
            "withdrawn"
        } else if self.frozen_at.is_none() {
            "draft"
        } else if !self.is_approved() {
            "frozen"
        } else if self.release_day().is_none() {
            "approved"
        } else if self.makers.iter().all(|party| self.published_by(party).next().is_some()) {
            "published"
        } else if self.is_out(today) {
            "released"
        } else {
            "scheduled"
        }
    }

    /// The day of the agreed moment.
    pub(super) fn release_day(&self) -> Option<Date> {
        self.release.settled().map(|release| release.release_at.civil_date())
    }

    /// Whether it stands before the world on this day, whatever the hour. On the agreed day itself only a side's
    /// publication tells: whoever looks at a day does not know the hour.
    pub(super) fn is_out(&self, today: Date) -> bool {
        !self.publications.is_empty() || (self.may_be_out(today) && self.release_day().is_some_and(|day| day < today))
    }

    /// Whether it stands before the world at some hour of this day.
    pub(super) fn may_be_out(&self, today: Date) -> bool {
        let reached = self.release_day().is_some_and(|day| day <= today);
        !self.publications.is_empty() || (reached && self.frozen_at.is_some() && self.is_approved())
    }

    pub(super) fn published_by<'a>(&'a self, party: &'a PartyId) -> impl Iterator<Item = &'a Publication> {
        self.publications.iter().filter(move |publication| publication.party == *party)
    }

    fn facts(&self) -> Vec<Fact> {
        let mut facts = vec![Fact::new("occasion", Datum::Words(self.occasion.clone()))];
        facts.extend(self.about.clone().map(|about| Fact::new("about", Datum::Dossier(about))));
        facts.push(Fact::new("makers", Datum::List(self.makers.iter().cloned().map(Datum::Party).collect())));
        facts.push(Fact::new("content", Datum::Content(self.content())));
        facts.extend(self.frozen_at.map(|at| Fact::new("frozen-at", Datum::Moment(at))));
        match self.release.settled() {
            Some(release) => {
                facts.push(Fact::new("release-at", Datum::Moment(release.release_at)));
                facts.extend(release.embargo.clone().map(|embargo| Fact::new("embargo", Datum::Text(embargo))));
            }
            None => facts.extend(self.proposed_release.map(|at| Fact::new("proposed-release", Datum::Moment(at)))),
        }
        facts
    }

    fn positions(&self) -> Vec<Matter> {
        let mut positions = vec![Matter::of("freeze", &self.freeze, |content| Datum::Content(*content))];
        if !self.unfreeze.is_silent() {
            positions.push(Matter::of("unfreeze", &self.unfreeze, |_| Datum::Term("state-statement-draft".to_owned())));
        }
        if self.frozen_at.is_some() {
            positions.push(Matter {
                name: "approval".to_owned(),
                settled: self.is_approved().then(|| Datum::Term("state-statement-approved".to_owned())),
                said: self.approvals.iter().filter_map(|(party, given)| approval(party, given)).collect(),
            });
        }
        if !self.release.is_silent() {
            positions.push(Matter::of("release-moment", &self.release, |release| {
                let embargo = release.embargo.clone().map(Datum::Text);
                Datum::List(std::iter::once(Datum::Moment(release.release_at)).chain(embargo).collect())
            }));
        }
        if !self.publications.is_empty() {
            let said = self.makers.iter().filter_map(|party| self.publication(party)).collect();
            positions.push(Matter { name: "publication".to_owned(), settled: None, said });
        }
        if !self.correction.is_silent() {
            positions.push(Matter::of("text-correction", &self.correction, |correction| Datum::Text(correction.text.clone())));
        }
        if !self.withdrawal.is_silent() {
            let withdrawn = |_: &bool| Datum::Term("state-statement-withdrawn".to_owned());
            positions.push(Matter::of("withdrawal", &self.withdrawal, withdrawn));
        }
        positions
    }

    /// Where one side has published it: its own word, and nobody else's.
    fn publication(&self, party: &PartyId) -> Option<Said> {
        let last = self.published_by(party).last()?;
        let tongues = self.published_by(party).map(|publication| tongue(publication.tongue)).collect();
        Some(Said { party: party.clone(), datum: Datum::List(tongues), at: last.published_at, record: last.record })
    }

    fn sections(&self) -> Vec<Section> {
        let texts = self.texts.iter().map(|(tongue, text)| self.text_row(*tongue, text)).collect();
        let sections = [
            ("statement-texts", texts),
            ("statement-publications", rows(&self.publications, publication_row)),
            ("statement-corrections", rows(&self.corrected, corrected_row)),
            ("statement-reasons", self.reasons()),
            ("statement-retractions", rows(&self.retractions, retraction_row)),
            ("statement-earlier", rows(&self.earlier, earlier_row)),
        ];
        let filled = sections.into_iter().filter(|(_, rows): &(&str, Vec<Row>)| !rows.is_empty());
        filled.map(|(name, rows)| Section::new(name, rows)).collect()
    }

    fn text_row(&self, tongue: Tongue, text: &Text) -> Row {
        let approved: Vec<Datum> = self
            .approvals
            .iter()
            .filter(|(_, given)| given.contains_key(&tongue))
            .map(|(party, _)| Datum::Party(party.clone()))
            .collect();
        let published: Vec<Datum> = self
            .publications
            .iter()
            .filter(|publication| publication.tongue == tongue)
            .map(|publication| Datum::Party(publication.party.clone()))
            .collect();
        let (state, tone) = if self.corrected.iter().any(|corrected| corrected.tongue == tongue) {
            ("corrected", Tone::Done)
        } else if !published.is_empty() {
            ("published", Tone::Done)
        } else if self.frozen_at.is_none() {
            ("draft", Tone::Waiting)
        } else if approved.len() < self.makers.len() {
            ("frozen", Tone::Waiting)
        } else {
            ("approved", Tone::Running)
        };
        let mut facts = vec![
            Fact::new("content", Datum::Content(text.content())),
            Fact::new("put-by", Datum::Party(text.by.clone())),
            Fact::new("at", Datum::Moment(text.at)),
            Fact::new("record", Datum::Record(text.record)),
        ];
        for (name, parties) in [("approved-by", approved), ("published-by", published)] {
            if !parties.is_empty() {
                facts.push(Fact::new(name, Datum::List(parties)));
            }
        }
        let texts = vec![RowText::new(Some(tongue), text.text.clone())];
        Row { reference: tongue.code().to_owned(), state: Some(state.to_owned()), tone, texts, facts }
    }

    /// What each party said for a matter that is open, or for the withdrawal that all agreed on.
    fn reasons(&self) -> Vec<Row> {
        let open = [
            ("unfreeze", &self.unfreeze_reasons),
            ("text-correction", &self.correction_reasons),
            ("withdrawal", &self.withdrawal_reasons),
        ];
        let rows = open.into_iter().flat_map(|(matter, reasons)| {
            reasons.iter().map(move |(party, reason)| Row {
                tone: Tone::Waiting,
                texts: vec![RowText::new(None, reason.clone())],
                facts: vec![Fact::new("matter", Datum::Term(format!("matter-statement-{matter}")))],
                ..Row::new(party.to_string())
            })
        });
        rows.collect()
    }

    fn awaiting(&self, today: Date) -> Vec<Awaiting> {
        if self.is_withdrawn() {
            return Vec::new();
        }
        let step = |party: &PartyId, act: &str, since| Awaiting { party: party.clone(), act: act.to_owned(), since };
        let mut steps = Vec::new();
        if self.frozen_at.is_none() {
            steps.extend(awaiting(&self.freeze, "freeze", &self.makers));
        } else {
            let silent = self.makers.iter().filter(|party| self.unapproved(party).next().is_some());
            steps.extend(silent.map(|party| step(party, "approve", self.frozen_at)));
        }
        if self.is_out(today) {
            steps.extend(awaiting(&self.correction, "correct", &self.makers));
        } else {
            steps.extend(awaiting(&self.unfreeze, "unfreeze", &self.makers));
            steps.extend(awaiting(&self.release, "agree-release", &self.makers));
            steps.extend(awaiting(&self.withdrawal, "withdraw", &self.makers));
            if self.frozen_at.is_some() && self.is_approved() && self.release.is_silent() {
                steps.extend(self.makers.iter().map(|party| step(party, "agree-release", None)));
            }
        }
        if self.may_be_out(today) {
            let since = self.release.settled().map(|release| release.release_at);
            let silent = self.makers.iter().filter(|party| self.published_by(party).next().is_none());
            steps.extend(silent.map(|party| step(party, "publish", since)));
        }
        steps
    }
}

fn tone(state: &str) -> Tone {
    match state {
        "scheduled" | "released" => Tone::Running,
        "published" | "withdrawn" => Tone::Done,
        _ => Tone::Waiting,
    }
}

fn tongue(tongue: Tongue) -> Datum {
    Datum::Term(format!("tongue-{}", tongue.code()))
}

fn approval(party: &PartyId, given: &BTreeMap<Tongue, super::Approval>) -> Option<Said> {
    let last = given.values().max_by_key(|approval| (approval.at, approval.record))?;
    let tongues = given.keys().map(|given| tongue(*given)).collect();
    Some(Said { party: party.clone(), datum: Datum::List(tongues), at: last.at, record: last.record })
}

fn rows<T>(items: &[T], row: impl Fn(usize, &T) -> Row) -> Vec<Row> {
    items.iter().enumerate().map(|(n, item)| row(n + 1, item)).collect()
}

fn publication_row(number: usize, publication: &Publication) -> Row {
    let facts = vec![
        Fact::new("party", Datum::Party(publication.party.clone())),
        Fact::new("tongue", tongue(publication.tongue)),
        Fact::new("url", Datum::Text(publication.url.clone())),
        Fact::new("published-at", Datum::Moment(publication.published_at)),
        Fact::new("record", Datum::Record(publication.record)),
    ];
    Row { tone: Tone::Done, facts, ..Row::new(number.to_string()) }
}

/// Both texts, as published and as corrected.
fn corrected_row(number: usize, corrected: &Corrected) -> Row {
    let text = |text: &str, state: &str| RowText {
        state: Some(state.to_owned()),
        ..RowText::new(Some(corrected.tongue), text.to_owned())
    };
    let mut facts = vec![Fact::new("tongue", tongue(corrected.tongue)), Fact::new("at", Datum::Moment(corrected.at))];
    for (party, reason) in &corrected.reasons {
        facts.push(Fact::new("reason", Datum::List(vec![Datum::Party(party.clone()), Datum::Text(reason.clone())])));
    }
    let texts = vec![text(&corrected.before.text, "before"), text(&corrected.after, "after")];
    Row { tone: Tone::Done, texts, facts, ..Row::new(number.to_string()) }
}

fn retraction_row(number: usize, retraction: &Retraction) -> Row {
    let facts = vec![
        Fact::new("party", Datum::Party(retraction.party.clone())),
        Fact::new("tongue", tongue(retraction.tongue)),
        Fact::new("content", Datum::Content(retraction.content)),
        Fact::new("withdrawn-at", Datum::Moment(retraction.at)),
    ];
    Row {
        tone: Tone::Alarm,
        texts: vec![RowText::new(None, retraction.reason.clone())],
        facts,
        ..Row::new(number.to_string())
    }
}

fn earlier_row(number: usize, earlier: &Earlier) -> Row {
    let facts = vec![
        Fact::new("tongue", tongue(earlier.tongue)),
        Fact::new("content", Datum::Content(earlier.content)),
        Fact::new("record", Datum::Record(earlier.record)),
        Fact::new("replaced-by", Datum::Party(earlier.by.clone())),
        Fact::new("replaced-at", Datum::Moment(earlier.until)),
    ];
    let texts = earlier.reason.iter().map(|reason| RowText::new(None, reason.clone())).collect();
    Row { tone: Tone::Done, texts, facts, ..Row::new(number.to_string()) }
}
