//! What a meeting shows.

use super::minutes::{Clause, Text, number_parts};
use super::{Decision, Meeting, Venue};
use crate::party::PartyId;
use crate::sheet::{Awaiting, Datum, Fact, Matter, Row, RowText, Section, Sheet, Tone, View, awaiting};
use crate::words::Words;
use std::collections::BTreeSet;

impl Meeting {
    pub(super) fn shown(&self, view: &View<'_>) -> Sheet {
        let (state, tone) = self.state();
        Sheet {
            title: self.title.clone(),
            state: state.to_owned(),
            tone,
            facts: self.facts(),
            positions: self.positions(),
            sections: self.sections(view.audience),
            awaiting: self.awaiting(view),
            ..Sheet::default()
        }
    }

    fn state(&self) -> (&'static str, Tone) {
        if self.cancelled.is_some() {
            ("cancelled", Tone::Done)
        } else if self.minutes.is_signed() {
            ("signed", Tone::Done)
        } else if self.held.settled().is_some() {
            if self.minutes.clauses.is_empty() { ("held", Tone::Running) } else { ("minutes-open", Tone::Running) }
        } else if self.postponed {
            ("postponed", Tone::Waiting)
        } else if self.date.settled().is_none() {
            ("proposed", Tone::Waiting)
        } else if self.is_agenda_agreed() {
            ("agenda-agreed", Tone::Running)
        } else {
            ("date-agreed", Tone::Running)
        }
    }

    fn facts(&self) -> Vec<Fact> {
        let mut facts = vec![Fact::new("body", Datum::Text(self.body.clone()))];
        facts.extend(self.series.map(|series| Fact::new("series", Datum::Number(i64::from(series)))));
        if let Some(venue) = self.date.settled() {
            facts.push(Fact::new("date", Datum::Date(venue.date)));
            facts.extend(venue.place.clone().map(|place| Fact::new("place", Datum::Text(place))));
        }
        facts.extend(self.held.settled().map(|on| Fact::new("held-on", Datum::Date(*on))));
        let tongues = self.tongues.iter().map(|tongue| Datum::Term(format!("tongue-{}", tongue.code()))).collect();
        facts.push(Fact::new("tongues", Datum::List(tongues)));
        if !self.sources.is_empty() {
            let sources = self.sources.iter().map(|source| Datum::Text(source.text.clone())).collect();
            facts.push(Fact::new("sources", Datum::List(sources)));
        }
        if let Some(cancelled) = &self.cancelled {
            facts.push(Fact::new("cancelled-by", Datum::Party(cancelled.party.clone())));
            facts.push(Fact::new("reason", Datum::Text(cancelled.why.text.clone())));
        }
        facts
    }

    fn positions(&self) -> Vec<Matter> {
        let mut positions = vec![
            Matter::of("date", &self.date, venue_shown),
            Matter::of("agenda", &self.agenda, |content| Datum::Content(*content)),
            Matter::of("held", &self.held, |on| Datum::Date(*on)),
            Matter::of("minutes", &self.minutes.signature, |content| Datum::Content(*content)),
        ];
        for (number, decision) in self.decisions.iter().filter(|(_, decision)| decision.text.settled().is_none()) {
            positions.push(Matter::of("decision", &decision.text, |text| numbered(number, Datum::Words(text.clone()))));
        }
        for (number, decision) in self.decisions.iter().filter(|(_, decision)| decision.rescission.assents().next().is_some()) {
            positions.push(Matter::of("rescission", &decision.rescission, |_| Datum::Text(number.clone())));
        }
        for (number, matters) in &self.minutes.corrigenda {
            positions.extend(matters.values().map(|matter| {
                Matter::of("corrigendum", matter, |text| numbered(number, Datum::Text(text.clone())))
            }));
        }
        positions
    }

    fn sections(&self, audience: &BTreeSet<PartyId>) -> Vec<Section> {
        let sections = [
            ("postponements", self.postponement_rows()),
            ("delegations", self.delegation_rows()),
            ("agenda", self.agenda_rows()),
            ("clauses", self.clause_rows(audience)),
            ("decisions", self.decisions.iter().map(|(number, decision)| decision_row(number, decision)).collect()),
            ("referrals", self.referral_rows()),
            ("corrigenda", self.corrigendum_rows()),
            ("comments", self.comment_rows()),
        ];
        let told = sections.into_iter().filter(|(_, rows)| !rows.is_empty());
        told.map(|(name, rows)| Section { name: name.to_owned(), rows }).collect()
    }

    fn postponement_rows(&self) -> Vec<Row> {
        let row = |(n, put_off): (usize, &super::PutOff)| {
            let mut facts = vec![Fact::new("party", Datum::Party(put_off.party.clone())), Fact::new("at", Datum::Moment(put_off.why.at))];
            facts.extend(put_off.from.as_ref().map(|venue| Fact::new("date", Datum::Date(venue.date))));
            Row { reference: (n + 1).to_string(), state: None, tone: Tone::Waiting, texts: vec![plain(&put_off.why.text)], facts }
        };
        self.put_off.iter().enumerate().map(row).collect()
    }

    fn delegation_rows(&self) -> Vec<Row> {
        let row = |(party, delegation): (&PartyId, &super::Delegation)| {
            let mut facts = vec![Fact::new("head", Datum::Text(delegation.head.clone()))];
            facts.extend(delegation.members.iter().map(|member| {
                Fact::new("member", Datum::List(vec![Datum::Text(member.office.clone()), Datum::Institution(member.institution.clone())]))
            }));
            facts.push(Fact::new("at", Datum::Moment(delegation.at)));
            Row { reference: party.to_string(), state: None, tone: Tone::Running, texts: Vec::new(), facts }
        };
        self.delegations.iter().map(row).collect()
    }

    fn agenda_rows(&self) -> Vec<Row> {
        let row = |(n, item): (usize, &super::Item)| {
            let mut facts = vec![Fact::new("added-by", Datum::Party(item.by.clone())), Fact::new("record", Datum::Record(item.record))];
            facts.extend(item.papers.iter().map(|paper| {
                let parts = [Some(Datum::Text(paper.title.clone())), paper.sha256.map(Datum::Content)];
                Fact::new("paper", Datum::List(parts.into_iter().flatten().collect()))
            }));
            Row { reference: (n + 1).to_string(), state: None, tone: Tone::Running, texts: in_each(&item.title), facts }
        };
        self.items.iter().enumerate().map(row).collect()
    }

    fn clause_rows(&self, audience: &BTreeSet<PartyId>) -> Vec<Row> {
        let mut rows: Vec<(&String, &Clause)> = self.minutes.clauses.iter().collect();
        rows.sort_by_key(|(number, _)| number_parts(number));
        rows.into_iter().map(|(number, clause)| self.clause_row(number, clause, audience)).collect()
    }

    fn clause_row(&self, number: &str, clause: &Clause, audience: &BTreeSet<PartyId>) -> Row {
        let reserved = !clause.reserved.is_empty();
        let state_of = |text: &Text| {
            if !text.bracketed.is_empty() {
                "bracketed"
            } else if reserved {
                "reserved"
            } else if audience.is_subset(&text.accepted) {
                "agreed"
            } else {
                "proposed"
            }
        };
        let texts: Vec<RowText> = clause
            .texts
            .iter()
            .map(|(tongue, text)| RowText { tongue: Some(*tongue), text: text.text.clone(), state: Some(state_of(text).to_owned()) })
            .collect();
        let whole = self.tongues.iter().all(|tongue| clause.texts.contains_key(tongue));
        let any = |state: &str| texts.iter().any(|text| text.state.as_deref() == Some(state));
        let (state, tone) = if any("bracketed") {
            ("bracketed", Tone::Alarm)
        } else if reserved {
            ("reserved", Tone::Alarm)
        } else if any("proposed") || !whole {
            ("proposed", Tone::Waiting)
        } else {
            ("agreed", Tone::Done)
        };
        let facts = clause_facts(clause);
        Row { reference: number.to_owned(), state: Some(state.to_owned()), tone, texts, facts }
    }

    fn referral_rows(&self) -> Vec<Row> {
        let row = |(n, referral): (usize, &super::Referral)| {
            let mut facts = vec![
                Fact::new("party", Datum::Party(referral.party.clone())),
                Fact::new("referred-to", Datum::Text(referral.referred.to.clone())),
                Fact::new("at", Datum::Moment(referral.at)),
                Fact::new("record", Datum::Record(referral.record)),
            ];
            facts.extend(referral.referred.clause.clone().map(|clause| Fact::new("clause", Datum::Text(clause))));
            let texts = in_each(&referral.referred.matter);
            Row { reference: (n + 1).to_string(), state: Some("referred".to_owned()), tone: Tone::Waiting, texts, facts }
        };
        self.referrals.iter().enumerate().map(row).collect()
    }

    fn corrigendum_rows(&self) -> Vec<Row> {
        let row = |corrected: &super::minutes::Corrected| Row {
            reference: corrected.number.clone(),
            state: Some("corrected".to_owned()),
            tone: Tone::Done,
            texts: vec![RowText { tongue: Some(corrected.tongue), text: corrected.after.clone(), state: None }],
            facts: vec![Fact::new("before", Datum::Text(corrected.before.clone())), Fact::new("at", Datum::Moment(corrected.at))],
        };
        self.minutes.corrected.iter().map(row).collect()
    }

    fn comment_rows(&self) -> Vec<Row> {
        let row = |comment: &super::minutes::Comment| Row {
            reference: comment.number.clone(),
            state: None,
            tone: Tone::Running,
            texts: vec![plain(&comment.remark.text)],
            facts: vec![Fact::new("party", Datum::Party(comment.party.clone())), Fact::new("at", Datum::Moment(comment.remark.at))],
        };
        self.minutes.comments.iter().map(row).collect()
    }

    fn awaiting(&self, view: &View<'_>) -> Vec<Awaiting> {
        if self.cancelled.is_some() {
            return Vec::new();
        }
        let mut steps = Vec::new();
        if self.held.settled().is_none() {
            steps.extend(awaiting(&self.date, "agree-date", view.audience));
            if self.postponed && self.date.assents().next().is_none() {
                // It was put off to no day at all: everybody owes one, lest it be forgotten.
                let since = self.put_off.last().map(|put_off| put_off.why.at);
                let step = |party: &PartyId| Awaiting { party: party.clone(), act: "agree-date".to_owned(), since };
                steps.extend(view.audience.iter().map(step));
            }
            if !self.items.is_empty() {
                steps.extend(awaiting(&self.agenda, "agree-agenda", view.audience));
            }
            steps.extend(awaiting(&self.held, "declare-held", view.audience));
        } else if !self.minutes.is_signed() {
            steps.extend(view.audience.iter().filter_map(|party| self.acceptance_owed(party)));
            if self.minutes.obstacle(&self.tongues, view.audience).is_none() {
                steps.extend(self.signatures_owed(view.audience));
            }
        }
        for decision in self.decisions.values() {
            steps.extend(awaiting(&decision.text, "adopt-decision", view.audience));
            steps.extend(awaiting(&decision.rescission, "rescind", view.audience));
        }
        for matter in self.minutes.corrigenda.values().flat_map(|matters| matters.values()) {
            steps.extend(awaiting(matter, "corrigendum", view.audience));
        }
        steps
    }

    /// A party owes a word on a text that it has neither accepted nor bracketed nor reserved; since the oldest of them.
    fn acceptance_owed(&self, party: &PartyId) -> Option<Awaiting> {
        let open = self.minutes.clauses.values().filter(|clause| !clause.reserved.contains_key(party));
        let texts = open.flat_map(|clause| clause.texts.values());
        let since = texts.filter(|text| !text.accepted.contains(party) && !text.bracketed.contains_key(party)).map(|text| text.at).min();
        since.map(|since| Awaiting { party: party.clone(), act: "accept-clause".to_owned(), since: Some(since) })
    }

    /// Once nothing stands in the way each party owes its signature; since another has signed, where one has.
    fn signatures_owed(&self, audience: &BTreeSet<PartyId>) -> Vec<Awaiting> {
        let signature = &self.minutes.signature;
        let owes = |party: &&PartyId| signature.of(party).is_none();
        let since = signature.assents().map(|(_, assent)| assent.at).min();
        audience.iter().filter(owes).map(|party| Awaiting { party: party.clone(), act: "sign-minutes".to_owned(), since }).collect()
    }
}

fn venue_shown(venue: &Venue) -> Datum {
    match &venue.place {
        Some(place) => Datum::List(vec![Datum::Date(venue.date), Datum::Text(place.clone())]),
        None => Datum::Date(venue.date),
    }
}

fn numbered(number: &str, datum: Datum) -> Datum {
    Datum::List(vec![Datum::Text(number.to_owned()), datum])
}

fn plain(text: &str) -> RowText {
    RowText { tongue: None, text: text.to_owned(), state: None }
}

fn in_each(words: &Words) -> Vec<RowText> {
    words.0.iter().map(|(tongue, text)| RowText { tongue: Some(*tongue), text: text.clone(), state: None }).collect()
}

/// What a clause is, and who says what about it, each party for itself.
fn clause_facts(clause: &Clause) -> Vec<Fact> {
    let mut facts = vec![Fact::new("nature", Datum::Term(format!("nature-{}", clause.terms.nature.name())))];
    facts.extend(clause.terms.owner.clone().map(|owner| Fact::new("owner", Datum::Institution(owner))));
    facts.extend(clause.terms.due.map(|due| Fact::new("due", Datum::Due(due))));
    facts.push(Fact::new("added-by", Datum::Party(clause.by.clone())));
    for (tongue, text) in &clause.texts {
        let tongue = Datum::Term(format!("tongue-{}", tongue.code()));
        let parties = text.accepted.iter().cloned().map(Datum::Party);
        facts.push(Fact::new("accepted-by", Datum::List(std::iter::once(tongue.clone()).chain(parties).collect())));
        facts.extend(text.bracketed.iter().map(|(party, remark)| {
            let said = vec![tongue.clone(), Datum::Party(party.clone()), Datum::Text(remark.text.clone()), Datum::Moment(remark.at)];
            Fact::new("bracketed-by", Datum::List(said))
        }));
    }
    facts.extend(clause.reserved.iter().map(|(party, remark)| {
        let said = vec![Datum::Party(party.clone()), Datum::Text(remark.text.clone()), Datum::Moment(remark.at)];
        Fact::new("reserved-by", Datum::List(said))
    }));
    facts
}

fn decision_row(number: &str, decision: &Decision) -> Row {
    let (state, tone) = match (decision.text.settled(), decision.rescission.settled()) {
        (None, _) => ("proposed", Tone::Waiting),
        (Some(_), None) => ("adopted", Tone::Done),
        (Some(_), Some(_)) => ("rescinded", Tone::Alarm),
    };
    // A proposed decision is shown in the words of each party, under positions.
    let texts = decision.text.settled().map(in_each).unwrap_or_default();
    let facts = decision.reasons.iter().map(|(party, reason)| {
        Fact::new("rescission-reason", Datum::List(vec![Datum::Party(party.clone()), Datum::Text(reason.clone())]))
    });
    Row { reference: number.to_owned(), state: Some(state.to_owned()), tone, texts, facts: facts.collect() }
}
