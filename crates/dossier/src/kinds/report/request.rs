//! A request for information, open until every addressee has answered or the asker takes it back.

use super::acts::{Answer, Extent, Request, Topic, WithdrawRequest};
use super::{Ended, ReportRefusal, Voice, check_cited, check_not_past, topics};
use crate::channel::Charter;
use crate::fold::Context;
use crate::party::{InstitutionId, PartyId};
use crate::refusal::Refusal;
use crate::sheet::{Awaiting, Datum, Fact, Matter, Offer, Row, RowText, Said, Section, Sheet, Tone, View};
use crate::time::Due;
use crate::words::Words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An answer, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Answered {
    by: Voice,
    said: Answer,
}

/// A request and its answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    title: Words,
    topics: BTreeSet<Topic>,
    text: Words,
    purpose: String,
    to: BTreeSet<PartyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    institution: Option<InstitutionId>,
    reply_by: Due,
    by: Voice,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    answers: Vec<Answered>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    withdrawn: Option<Ended>,
}

impl Asked {
    pub(super) fn ask(context: &Context<'_>, charter: &Charter, act: Request) -> Result<Asked, Refusal> {
        check_addressees(context, charter, &act)?;
        check_not_past(context, act.reply_by.date(), "reply_by")?;
        Ok(Asked {
            title: act.title,
            topics: act.topics,
            text: act.text,
            purpose: act.purpose,
            to: act.to,
            institution: act.institution,
            reply_by: act.reply_by,
            by: Voice::of(context),
            answers: Vec::new(),
            withdrawn: None,
        })
    }

    pub(super) fn answer(&mut self, context: &Context<'_>, act: Answer) -> Result<(), Refusal> {
        let party = &context.stamp.party;
        let at_home = context.audience.len() == 1;
        if !self.to.contains(party) || (at_home && self.institution.as_ref() != Some(&context.stamp.institution)) {
            return Err(ReportRefusal::NotAddressed.into());
        }
        if self.withdrawn.is_some() {
            return Err(ReportRefusal::RequestClosed.into());
        }
        if self.extent_of(party) == Some(Extent::Final) {
            return Err(ReportRefusal::FinalGiven.into());
        }
        let says = act.text.as_ref().is_some_and(|text| !text.is_empty());
        let points = act.extent != Extent::Cannot && act.reports.as_ref().is_some_and(|reports| !reports.is_empty());
        if !says && !points {
            return Err(Refusal::from(ReportRefusal::EmptyAnswer).at("text"));
        }
        for report in act.reports.iter().flatten() {
            check_cited(context, Some(&report.dossier), "reports")?;
        }
        self.answers.push(Answered { by: Voice::of(context), said: act });
        Ok(())
    }

    pub(super) fn withdraw(&mut self, context: &Context<'_>, act: WithdrawRequest) -> Result<(), Refusal> {
        self.by.check_originator(context)?;
        if !self.is_open() {
            return Err(ReportRefusal::RequestClosed.into());
        }
        self.withdrawn = Some(Ended { by: Voice::of(context), reason: act.reason });
        Ok(())
    }

    /// How far this addressee's last answer went.
    fn extent_of(&self, party: &PartyId) -> Option<Extent> {
        self.answers.iter().rev().find(|answer| answer.by.party == *party).map(|answer| answer.said.extent)
    }

    /// Whether this addressee still owes an answer. Who has said that it cannot answer owes none, and may still give one.
    fn is_owed_by(&self, party: &PartyId) -> bool {
        self.to.contains(party) && matches!(self.extent_of(party), None | Some(Extent::Partial))
    }

    fn is_open(&self) -> bool {
        self.withdrawn.is_none() && self.to.iter().any(|party| self.is_owed_by(party))
    }

    pub(super) fn shown(&self, view: &View<'_>) -> Sheet {
        let late = self.is_open() && self.reply_by.is_past(view.today);
        let state = match &self.withdrawn {
            Some(_) => "withdrawn",
            None if !self.is_open() => "answered",
            None if self.answers.is_empty() => "requested",
            None => "partly-answered",
        };
        let tone = match state {
            "withdrawn" | "answered" => Tone::Done,
            _ if late => Tone::Alarm,
            _ => Tone::Waiting,
        };
        Sheet {
            title: self.title.clone(),
            state: state.to_owned(),
            tone,
            facts: self.facts(),
            positions: self.positions(),
            sections: self.sections(),
            awaiting: self.awaiting(),
            due: Some(self.reply_by),
            late,
            owner: self.institution.clone().filter(|_| self.is_open()),
        }
    }

    fn facts(&self) -> Vec<Fact> {
        let mut facts = vec![
            Fact::new("originator", Datum::Institution(self.by.institution.clone())),
            topics(&self.topics),
            Fact::new("to", Datum::List(self.to.iter().cloned().map(Datum::Party).collect())),
        ];
        facts.extend(self.institution.iter().map(|asked| Fact::new("asked-institution", Datum::Institution(asked.clone()))));
        facts.push(Fact::new("purpose", Datum::Text(self.purpose.clone())));
        facts.push(Fact::new("reply-by", Datum::Due(self.reply_by)));
        facts.push(Fact::new("asked-at", Datum::Moment(self.by.at)));
        if let Some(ended) = &self.withdrawn {
            facts.push(Fact::new("withdrawn-at", Datum::Moment(ended.by.at)));
            facts.push(Fact::new("reason", Datum::Text(ended.reason.clone())));
        }
        facts
    }

    /// How far each addressee has answered, by its last word.
    fn positions(&self) -> Vec<Matter> {
        let last = self.to.iter().filter_map(|party| self.answers.iter().rev().find(|answer| answer.by.party == *party));
        let said: Vec<Said> = last
            .map(|answer| Said {
                party: answer.by.party.clone(),
                datum: Datum::Term(format!("extent-{}", answer.said.extent.name())),
                at: answer.by.at,
                record: answer.by.record,
            })
            .collect();
        if said.is_empty() { Vec::new() } else { vec![Matter { name: "answer".to_owned(), settled: None, said }] }
    }

    fn sections(&self) -> Vec<Section> {
        let question = Row { texts: RowText::each(&self.text), ..Row::new("") };
        let answers = self.answers.iter().enumerate().map(|(number, answer)| {
            let extent = answer.said.extent;
            let mut facts = answer.by.facts();
            let cited = answer.said.reports.iter().flatten();
            facts.extend(cited.map(|report| Fact::new("dossier", Datum::Dossier(report.dossier.clone()))));
            Row {
                reference: (number + 1).to_string(),
                state: Some(extent.name().to_owned()),
                tone: if extent == Extent::Partial { Tone::Waiting } else { Tone::Done },
                texts: answer.said.text.iter().flat_map(RowText::each).collect(),
                facts,
            }
        });
        let mut sections = vec![Section::new("report-question", vec![question]), Section::new("report-answers", answers.collect())];
        sections.retain(|section| !section.rows.is_empty());
        sections
    }

    fn awaiting(&self) -> Vec<Awaiting> {
        if self.withdrawn.is_some() {
            return Vec::new();
        }
        let owed = self.to.iter().filter(|party| self.is_owed_by(party));
        owed.map(|party| Awaiting { party: party.clone(), act: "answer".to_owned(), since: Some(self.by.at) }).collect()
    }

    pub(super) fn offered(&self, _view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        let mut offers = Vec::new();
        if self.withdrawn.is_some() {
            return offers;
        }
        if self.to.contains(party) && self.extent_of(party) != Some(Extent::Final) {
            offers.push(Offer::empty("answer"));
        }
        if self.is_open() && *party == self.by.party {
            offers.push(Offer::empty("withdraw-request"));
        }
        offers
    }
}

/// Those who are asked have the dossier and are others than the asker. At home the only party is the asker's own, so that the
/// institution is what tells them apart.
fn check_addressees(context: &Context<'_>, charter: &Charter, act: &Request) -> Result<(), Refusal> {
    let stamp = context.stamp;
    let bad = |field: &str| Err(Refusal::from(ReportRefusal::BadAddressee).at(field));
    let at_home = context.audience.len() == 1;
    if !act.to.is_subset(context.audience) || (!at_home && act.to.contains(&stamp.party)) {
        return bad("to");
    }
    match &act.institution {
        None if at_home => bad("institution"),
        Some(asked) if *asked == stamp.institution || !act.to.contains(&asked.party()) => bad("institution"),
        Some(asked) if charter.institution(asked).is_none() => bad("institution"),
        _ => Ok(()),
    }
}
