//! What a note shows, and what may be done about it.

use super::{Answered, End, Nature, Note, Reminder};
use crate::party::PartyId;
use crate::sheet::{Awaiting, Datum, Fact, Offer, Row, RowText, Section, Sheet, Tone, View};
use crate::source::Source;
use serde_json::json;

impl Note {
    pub(super) fn shown(&self, view: &View<'_>) -> Sheet {
        let late = self.is_overdue(view.today);
        let state = self.state();
        let awaiting = self.awaiting();
        Sheet {
            title: self.sent.subject.clone(),
            state: state.to_owned(),
            tone: if late { Tone::Alarm } else { tone(state, awaiting.is_empty()) },
            facts: self.facts(),
            positions: Vec::new(),
            sections: self.sections(),
            owner: (!awaiting.is_empty()).then(|| self.sent.addressee.clone()),
            awaiting,
            due: Some(self.reply_by),
            late,
        }
    }

    fn state(&self) -> &'static str {
        match (&self.end, &self.receipt) {
            (Some(End::Withdrawn { .. }), _) => "withdrawn",
            (Some(End::Closed { .. }), _) => "closed",
            _ if self.is_answered() => "answered",
            _ if !self.answers.is_empty() => "interim",
            (None, Some(_)) => "received",
            (None, None) => "sent",
        }
    }

    fn facts(&self) -> Vec<Fact> {
        let sent = &self.sent;
        let mut facts = vec![
            Fact::new("number", Datum::Text(sent.number.clone())),
            Fact::new("date", Datum::Date(sent.date)),
            Fact::new("sender", Datum::Institution(self.sender.clone())),
            Fact::new("addressee", Datum::Institution(sent.addressee.clone())),
            Fact::term("note-urgency", sent.note_urgency.name()),
            Fact::new("reply-by", Datum::Due(self.reply_by)),
        ];
        facts.extend(sent.in_reply_to.clone().map(|note| Fact::new("in-reply-to", Datum::Dossier(note))));
        facts.push(Fact::new("sent-at", Datum::Moment(self.at)));
        facts.push(Fact::term("receipt", if self.receipt.is_some() { "signed" } else { "none" }));
        if let Some(receipt) = &self.receipt {
            facts.push(Fact::new("received-on", Datum::Date(receipt.received_on)));
            facts.push(Fact::new("receiving-number", Datum::Text(receipt.number.clone())));
            facts.push(Fact::new("receipt-by", Datum::Institution(receipt.by.clone())));
            facts.push(Fact::new("receipt-at", Datum::Moment(receipt.at)));
            facts.push(Fact::new("receipt-record", Datum::Record(receipt.record)));
        }
        match &self.end {
            Some(End::Withdrawn { reason, at }) => {
                facts.push(Fact::new("withdrawn-at", Datum::Moment(*at)));
                facts.push(Fact::new("reason", Datum::Words(reason.clone())));
            }
            Some(End::Closed { note, at }) => {
                facts.push(Fact::new("closed-at", Datum::Moment(*at)));
                facts.extend(note.clone().map(|note| Fact::new("closing-note", Datum::Text(note))));
            }
            None => {}
        }
        facts
    }

    fn sections(&self) -> Vec<Section> {
        let text = Row { texts: self.texts(), ..Row::new("1") };
        let answers: Vec<Row> = self.answers.iter().enumerate().map(|(n, answered)| answer_row(n, answered)).collect();
        let reminders: Vec<Row> = self.reminders.iter().enumerate().map(|(n, reminder)| reminder_row(n, reminder)).collect();
        let mut sections = vec![Section::new("note-text", vec![text])];
        for (name, rows) in [("note-answers", answers), ("note-reminders", reminders)] {
            if !rows.is_empty() {
                sections.push(Section::new(name, rows));
            }
        }
        sections.extend(Source::section(self.sent.sources.as_deref().unwrap_or_default()));
        sections
    }

    fn texts(&self) -> Vec<RowText> {
        let mut texts = RowText::each(&self.sent.text);
        for text in &mut texts {
            let official = text.tongue.is_some_and(|tongue| self.sent.official.contains(&tongue));
            text.state = Some(if official { "official" } else { "translation" }.to_owned());
        }
        texts
    }

    fn awaiting(&self) -> Vec<Awaiting> {
        let step = |act: &str, since| Awaiting { party: self.sent.addressee.party(), act: act.to_owned(), since: Some(since) };
        match &self.receipt {
            _ if self.end.is_some() => Vec::new(),
            None => vec![step("acknowledge", self.at)],
            Some(receipt) if self.owes_answer() => vec![step("answer", receipt.at)],
            Some(_) => Vec::new(),
        }
    }

    pub(super) fn offered(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        if self.end.is_some() {
            return Vec::new();
        }
        let mut offers = Vec::new();
        if *party == self.sent.addressee.party() {
            if self.receipt.is_none() {
                offers.push(Offer { act: "acknowledge", prefill: json!({ "received_on": view.today.max(self.sent.date) }) });
            } else if !self.is_answered() {
                let date = view.today.max(self.sent.date);
                offers.push(Offer { act: "answer", prefill: json!({ "answer_nature": Nature::Final, "date": date }) });
            }
        }
        if *party == self.sender.party() {
            if self.is_overdue(view.today) {
                offers.push(Offer::empty("remind"));
            }
            if self.may_close() {
                offers.push(Offer::empty("close"));
            }
            if !self.is_answered() {
                offers.push(Offer::empty("withdraw"));
            }
        }
        offers
    }
}

fn tone(state: &str, nobody_awaited: bool) -> Tone {
    match state {
        "answered" | "closed" | "withdrawn" => Tone::Done,
        _ if nobody_awaited => Tone::Running,
        _ => Tone::Waiting,
    }
}

fn answer_row(n: usize, answered: &Answered) -> Row {
    let answer = &answered.answer;
    let mut facts = vec![
        Fact::new("number", Datum::Text(answer.number.clone())),
        Fact::new("date", Datum::Date(answer.date)),
        Fact::new("institution", Datum::Institution(answered.by.clone())),
        Fact::new("at", Datum::Moment(answered.at)),
        Fact::new("record", Datum::Record(answered.record)),
    ];
    facts.extend(answer.expected_on.map(|day| Fact::new("expected-on", Datum::Date(day))));
    let tone = if answer.answer_nature == Nature::Final { Tone::Done } else { Tone::Waiting };
    let state = Some(answer.answer_nature.name().to_owned());
    Row { reference: (n + 1).to_string(), state, tone, texts: RowText::each(&answer.text), facts }
}

fn reminder_row(n: usize, reminder: &Reminder) -> Row {
    let remind = &reminder.remind;
    let mut facts = vec![
        Fact::new("passed", Datum::Due(reminder.passed)),
        Fact::new("at", Datum::Moment(reminder.at)),
        Fact::new("record", Datum::Record(reminder.record)),
    ];
    facts.extend(remind.number.clone().map(|number| Fact::new("number", Datum::Text(number))));
    facts.extend(remind.reply_by.map(|day| Fact::new("reply-by", Datum::Date(day))));
    Row { texts: RowText::each(&remind.text), facts, ..Row::new((n + 1).to_string()) }
}
