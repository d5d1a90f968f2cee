//! Dossiers, printed to be read by a person, in the words of one language.

use crate::language::{BAGHDAD, Lang, datetime, find_word, word};
use crate::views::Item;
use crate::views::dossier::{Full, Step};
use crate::web::words;
use tansiq_dossier::fold::Standing;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::sheet::{Datum, Section};
use tansiq_dossier::time::{Date, Due};
use tansiq_dossier::words::Tongue;

/// The language of the words around what people wrote, and the one in which their writings are preferred.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    lang: Lang,
    tongue: Tongue,
}

impl Reading {
    /// What `--lang` asks for; Arabic when it asks for none that is known.
    pub(super) fn named(lang: &str) -> Reading {
        let lang = Lang::parse(lang).unwrap_or(Lang::Ar);
        let tongue = match lang {
            Lang::Ar => Tongue::Ar,
            Lang::En => Tongue::En,
            Lang::Tr => Tongue::Tr,
        };
        Reading { lang, tongue }
    }

    fn date(self, date: Date) -> String {
        let month = u8::try_from(date.month()).unwrap_or(1);
        let day = u8::try_from(date.day()).unwrap_or(1);
        crate::language::date(self.lang, i32::from(date.year()), month, day)
    }

    fn due(self, due: Due) -> String {
        due.date().map_or_else(|| word(self.lang, "form-none", &[]), |date| self.date(date))
    }

    fn datum(self, datum: &Datum) -> String {
        match datum {
            Datum::Term(id) => find_word(self.lang, id, &[]).unwrap_or_else(|| id.clone()),
            Datum::Text(text) => text.clone(),
            Datum::Words(words) => words.best(self.tongue).map(|(_, text)| text.to_owned()).unwrap_or_default(),
            Datum::Date(date) => self.date(*date),
            Datum::Due(due) => self.due(*due),
            Datum::Moment(moment) => datetime(self.lang, moment.unix(), BAGHDAD),
            Datum::Number(number) => number.to_string(),
            Datum::Party(party) => party.to_string(),
            Datum::Institution(institution) => institution.to_string(),
            Datum::Record(record) => record.short(),
            Datum::Dossier(dossier) => dossier.to_string(),
            Datum::Content(hash) => hash.short(),
            Datum::Claim(name) => name.clone(),
            Datum::List(items) => items.iter().map(|item| self.datum(item)).collect::<Vec<_>>().join(" · "),
        }
    }
}

/// One line of a list.
pub(super) fn line(item: &Item, reading: Reading) {
    let title = item.title.best(reading.tongue).map(|(_, title)| title).unwrap_or_default();
    let kind = words::kind(reading.lang, item.kind);
    let state = words::state(reading.lang, item.kind, &item.state);
    let due = item.due.and_then(Due::date).map(|date| date.to_string()).unwrap_or_default();
    let late = if item.late { " !" } else { "" };
    say!("{}  {due:<10}{late}  {kind} · {state} · {title}", item.dossier);
}

/// A whole dossier.
pub(super) fn dossier(full: &Full, reading: Reading) {
    let (lang, kind) = (reading.lang, full.item.kind);
    let title = full.sheet.title.best(reading.tongue).map(|(_, title)| title).unwrap_or_default();
    say!("{title}\n{}  {} · {}", full.item.dossier, words::kind(lang, kind), words::state(lang, kind, &full.sheet.state));
    let audience: Vec<&str> = full.item.audience.iter().map(tansiq_dossier::party::PartyId::as_str).collect();
    say!("{}  {}\n", full.item.label.class.name().to_uppercase(), audience.join(" "));
    for fact in &full.sheet.facts {
        say!("  {}: {}", words::field(lang, kind, "", &fact.name), reading.datum(&fact.datum));
    }
    for matter in &full.sheet.positions {
        let settled = matter.settled.as_ref().map_or_else(|| "…".to_owned(), |settled| reading.datum(settled));
        say!("\n{}: {settled}", words::matter(lang, kind, &matter.name));
        for said in &matter.said {
            say!("  {}  {}  {}", said.party, datetime(lang, said.at.unix(), BAGHDAD), reading.datum(&said.datum));
        }
    }
    full.sheet.sections.iter().for_each(|part| section(part, kind, reading));
    for step in &full.sheet.awaiting {
        say!("→ {}  {}", step.party, words::act(lang, kind, &step.act));
    }
    say!("");
    full.history.iter().for_each(|step| history(step, kind, reading));
}

fn section(section: &Section, kind: Kind, reading: Reading) {
    say!("\n{}", words::section(reading.lang, kind, &section.name));
    for row in &section.rows {
        let state = row.state.as_ref().map(|state| words::row_state(reading.lang, &section.name, state)).unwrap_or_default();
        say!("  {} {state}", row.reference);
        for text in &row.texts {
            let state = text.state.as_ref().map(|state| words::row_state(reading.lang, &section.name, state)).unwrap_or_default();
            say!("    {:<4}{} {state}", text.tongue.map_or("", Tongue::code), text.text);
        }
        for fact in &row.facts {
            say!("    {}: {}", words::field(reading.lang, kind, &section.name, &fact.name), reading.datum(&fact.datum));
        }
    }
}

/// One act: what, who, when as claimed, who has witnessed it, and what the rules said if they said no.
fn history(step: &Step, kind: Kind, reading: Reading) {
    let lang = reading.lang;
    let standing = match &step.standing {
        Some(Standing::Refused(code)) => {
            format!("  ✗ {code} {}", find_word(lang, &format!("refusal-{code}"), &[]).unwrap_or_default())
        }
        Some(Standing::Unknown) => "  ?".to_owned(),
        Some(Standing::Effective) | None => String::new(),
    };
    let at = step.stamp.as_ref().map(|stamp| datetime(lang, stamp.at.unix(), BAGHDAD)).unwrap_or_default();
    let act = if step.act.is_empty() { "?".to_owned() } else { words::act(lang, kind, &step.act) };
    let witnesses: Vec<&str> = step.witnessed.iter().map(|witness| witness.by.as_str()).collect();
    say!("{}  {at}  {act}  [{}]{standing}\n    {}", step.party, witnesses.join(" "), step.record);
}
