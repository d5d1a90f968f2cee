//! Dossiers, printed to be read by a person, in the words of one language.
//!
//! Names, titles and numbers are set apart from the direction around them (U+2068 … U+2069), since a terminal shows one line
//! of Arabic and Latin together. Labels that stand in one column are filled up to the widest of them.

use crate::language::{BAGHDAD, Lang, datetime, find_word, number, word};
use crate::search::{Hit, Part};
use crate::views::Item;
use crate::views::dossier::{Full, Step};
use crate::web::words;
use std::collections::BTreeMap;
use std::sync::Arc;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::fold::Standing;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::party::{InstitutionId, PartyId};
use tansiq_dossier::sheet::{Datum, Fact, Section};
use tansiq_dossier::time::{Date, Due};
use tansiq_dossier::words::{Tongue, Words};

/// The language of the words around what people wrote, the one in which their writings are preferred, and the charters that
/// name parties and institutions.
#[derive(Clone, Copy)]
pub(super) struct Reading<'c> {
    lang: Lang,
    tongue: Tongue,
    charters: &'c BTreeMap<ChannelId, Arc<Charter>>,
}

/// A text set apart from the direction around it.
fn apart(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("\u{2068}{text}\u{2069}") }
}

/// A number or a code, which always runs from left to right.
fn code(text: &str) -> String {
    format!("\u{2066}{text}\u{2069}")
}

/// How many columns of a terminal a text takes: marks above letters and signs of direction take none.
fn width(text: &str) -> usize {
    let takes_none = |c: &char| matches!(c, '\u{0300}'..='\u{036f}' | '\u{064b}'..='\u{065f}' | '\u{0670}' | '\u{200b}'..='\u{200f}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| !takes_none(c)).count()
}

fn filled(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Prints labels with their values, the values in one column.
fn table(indent: &str, lines: &[(String, String)]) {
    let columns = lines.iter().map(|(label, _)| width(label)).max().unwrap_or(0).min(40) + 1;
    for (label, value) in lines {
        let mut parts = value.lines();
        say!("{indent}{} {}", filled(&format!("{label}:"), columns), parts.next().unwrap_or_default());
        parts.for_each(|part| say!("{indent}{} {part}", " ".repeat(columns)));
    }
}

impl<'c> Reading<'c> {
    /// What `--lang` asks for; Arabic when it asks for none that is known.
    pub(super) fn named(lang: &str, charters: &'c BTreeMap<ChannelId, Arc<Charter>>) -> Reading<'c> {
        let lang = Lang::parse(lang).unwrap_or(Lang::Ar);
        let tongue = match lang {
            Lang::Ar => Tongue::Ar,
            Lang::En => Tongue::En,
            Lang::Tr => Tongue::Tr,
        };
        Reading { lang, tongue, charters }
    }

    fn w(self, id: &str) -> String {
        word(self.lang, id, &[])
    }

    fn said(self, words: &Words) -> Option<String> {
        words.best(self.tongue).map(|(_, text)| apart(text))
    }

    fn party(self, party: &PartyId) -> String {
        let named = self.charters.values().find_map(|charter| self.said(&charter.parties.get(party)?.name));
        named.unwrap_or_else(|| code(party.as_str()))
    }

    fn institution(self, institution: &InstitutionId) -> String {
        let named = self.charters.values().find_map(|charter| self.said(charter.institution(institution)?));
        named.unwrap_or_else(|| code(institution.as_str()))
    }

    fn date(self, date: Date) -> String {
        let month = u8::try_from(date.month()).unwrap_or(1);
        let day = u8::try_from(date.day()).unwrap_or(1);
        apart(&crate::language::date(self.lang, i32::from(date.year()), month, day))
    }

    fn moment(self, unix: i64) -> String {
        apart(&datetime(self.lang, unix, BAGHDAD))
    }

    fn due(self, due: Due) -> String {
        due.date().map_or_else(|| self.w("no-date"), |date| self.date(date))
    }

    fn datum(self, kind: Kind, datum: &Datum) -> String {
        match datum {
            Datum::Term(id) => find_word(self.lang, id, &[]).unwrap_or_else(|| id.clone()),
            Datum::Text(text) => apart(text),
            Datum::Words(words) => self.said(words).unwrap_or_default(),
            Datum::Date(date) => self.date(*date),
            Datum::Due(due) => self.due(*due),
            Datum::Moment(moment) => self.moment(moment.unix()),
            Datum::Number(n) => apart(&number(self.lang, *n)),
            Datum::Party(party) => self.party(party),
            Datum::Institution(institution) => self.institution(institution),
            Datum::Record(record) => code(&record.short()),
            Datum::Dossier(dossier) => code(dossier.as_str()),
            Datum::Content(hash) => code(&hash.short()),
            Datum::Claim(name) => words::claim(self.lang, kind, name),
            Datum::List(items) => items.iter().map(|item| self.datum(kind, item)).collect::<Vec<_>>().join(" · "),
        }
    }

    /// A body of a charter by its name, or whatever else is said to meet.
    fn body(self, body: &str) -> String {
        let named = self.charters.values().find_map(|charter| self.said(&charter.bodies.get(body)?.name));
        named.unwrap_or_else(|| apart(body))
    }

    fn fact(self, kind: Kind, scope: &str, fact: &Fact) -> (String, String) {
        let value = match &fact.datum {
            Datum::Text(body) if fact.name == "body" => self.body(body),
            other => self.datum(kind, other),
        };
        (words::field(self.lang, kind, scope, &fact.name), value)
    }
}

/// A list, a dossier a line.
pub(super) fn list(items: &[Item], reading: Reading<'_>) {
    let lang = reading.lang;
    let lines: Vec<[String; 4]> = items
        .iter()
        .map(|item| {
            let number = item.reference.as_ref().map_or_else(|| item.dossier.to_string(), ToString::to_string);
            let due = item.due.and_then(Due::date).map(|date| code(&date.to_string())).unwrap_or_default();
            let due = if item.late { format!("{due} !") } else { due };
            let state = words::state(lang, item.kind, &item.state);
            [code(&number), due, words::kind(lang, item.kind), state]
        })
        .collect();
    let widest = |column: usize| lines.iter().map(|line| width(&line[column])).max().unwrap_or(0);
    let columns = [widest(0), widest(1), widest(2), widest(3)];
    for (line, item) in lines.iter().zip(items) {
        let cells: Vec<String> = line.iter().zip(columns).map(|(cell, columns)| filled(cell, columns)).collect();
        say!("{}  {}", cells.join("  "), reading.said(&item.title).unwrap_or_default());
    }
}

/// The hits of a search: a dossier a line, and under it what it says of what was looked for, marked by brackets.
pub(super) fn hits(hits: &[Hit], reading: Reading<'_>) {
    for hit in hits {
        list(std::slice::from_ref(&hit.item), reading);
        for snippet in &hit.snippets {
            let part = |part: &Part| if part.marked { format!("[{}]", part.text) } else { part.text.clone() };
            say!("    {}", apart(&snippet.parts.iter().map(part).collect::<String>()));
        }
    }
}

/// A whole dossier.
pub(super) fn dossier(full: &Full, reading: Reading<'_>) {
    let (lang, kind, item) = (reading.lang, full.item.kind, &full.item);
    say!("{}", reading.said(&full.sheet.title).unwrap_or_else(|| words::kind(lang, kind)));
    let number = item.reference.as_ref().map_or_else(String::new, |reference| format!("{}  ", code(reference.as_str())));
    let late = if full.sheet.late { format!(" · {}", reading.w("flag-overdue")) } else { String::new() };
    say!("{number}{} · {}{late}", words::kind(lang, kind), words::state(lang, kind, &full.sheet.state));
    let audience: Vec<String> = item.audience.iter().map(|party| reading.party(party)).collect();
    say!("{} · {}", reading.w(&format!("label-{}", item.label.class.name())), audience.join(" · "));
    say!("{}", code(item.dossier.as_str()));
    if full.frozen {
        say!("{}\n{}", reading.w("refusal-DOS05"), reading.w("refusal-DOS05.advice"));
    }
    let facts: Vec<_> = full.sheet.facts.iter().map(|fact| reading.fact(kind, "", fact)).collect();
    if !facts.is_empty() {
        say!("\n{}", reading.w("dossier-facts"));
        table("  ", &facts);
    }
    positions(full, reading);
    full.sheet.sections.iter().for_each(|part| section(part, kind, reading));
    files(full, reading);
    awaited(full, reading);
    say!("\n{}", reading.w("dossier-history"));
    full.history.iter().for_each(|step| history(step, kind, reading));
}

/// What each party has said; a party that has said nothing is named too.
fn positions(full: &Full, reading: Reading<'_>) {
    let (lang, kind) = (reading.lang, full.item.kind);
    let matters: Vec<_> = full.sheet.positions.iter().filter(|matter| !matter.said.is_empty()).collect();
    if !matters.is_empty() {
        say!("\n{}", reading.w("dossier-positions"));
    }
    for matter in matters {
        let settled = matter.settled.as_ref().map_or_else(|| "…".to_owned(), |settled| reading.datum(kind, settled));
        say!("  {}: {settled}", words::matter(lang, kind, &matter.name));
        let said = |party: &PartyId| {
            let said = matter.said.iter().find(|said| said.party == *party)?;
            Some(format!("{} – {}", reading.datum(kind, &said.datum), reading.moment(said.at.unix())))
        };
        let line = |party: &PartyId| (reading.party(party), said(party).unwrap_or_else(|| reading.w("position-silent")));
        table("    ", &full.item.audience.iter().map(line).collect::<Vec<_>>());
    }
}

fn section(section: &Section, kind: Kind, reading: Reading<'_>) {
    let lang = reading.lang;
    say!("\n{}", words::section(lang, kind, &section.name));
    for row in &section.rows {
        let state = |state: &Option<String>| match state {
            Some(state) => format!("  [{}]", words::row_state(lang, &section.name, state)),
            None => String::new(),
        };
        let name = match row.reference.parse::<PartyId>() {
            Ok(party) => reading.party(&party),
            Err(_) if section.name == "texts" => words::choice(lang, "tongue", &row.reference),
            Err(_) => apart(&row.reference),
        };
        let head = format!("{name}{}", state(&row.state));
        if !head.is_empty() {
            say!("  {}", head.trim_start());
        }
        for text in &row.texts {
            let tongue =
                text.tongue.map_or_else(String::new, |tongue| format!("{}: ", words::choice(lang, "tongue", tongue.code())));
            say!("    {tongue}{}{}", apart(&text.text), state(&text.state));
        }
        table("    ", &row.facts.iter().map(|fact| reading.fact(kind, &section.name, fact)).collect::<Vec<_>>());
    }
}

fn files(full: &Full, reading: Reading<'_>) {
    if full.custody.attachments.is_empty() {
        return;
    }
    say!("\n{}", reading.w("section-custody-files"));
    for (hash, file) in &full.custody.attachments {
        let size = apart(&number(reading.lang, file.size));
        say!("  {}  {size}  {}  {}", apart(&file.name), code(&file.media_type), reading.party(&file.party));
        say!("    {}", code(&hash.to_string()));
    }
}

fn awaited(full: &Full, reading: Reading<'_>) {
    if full.sheet.awaiting.is_empty() {
        return;
    }
    say!("\n{}", reading.w("dossier-awaited"));
    for step in &full.sheet.awaiting {
        let act = words::act(reading.lang, full.item.kind, &step.act);
        let since = step.since.map(|at| format!("  ({})", reading.moment(at.unix()))).unwrap_or_default();
        say!("  {}: {act}{since}", reading.party(&step.party));
    }
}

/// One act: what, who, when as claimed, who has witnessed it, and what the rules said if they said no.
fn history(step: &Step, kind: Kind, reading: Reading<'_>) {
    let lang = reading.lang;
    let known = kind.act(&step.act).is_some();
    let act = if known { words::act(lang, kind, &step.act) } else { apart(&step.act) };
    let standing = match &step.standing {
        Some(Standing::Effective) if step.final_ => String::new(),
        Some(Standing::Effective) => format!("  ({})", reading.w("event-provisional")),
        Some(Standing::Refused(_)) => format!("  [{}]", reading.w("event-refused")),
        Some(Standing::Unknown) | None => format!("  [{}]", reading.w("event-unknown")),
    };
    say!("  {act}{standing}");
    let mut lines = Vec::new();
    if let Some(stamp) = &step.stamp {
        let role = reading.w(&format!("role-{}", stamp.role));
        let (officer, institution) = (code(stamp.officer.as_str()), reading.institution(&stamp.institution));
        let who = format!("{role} ({officer}) · {institution} · {}", reading.party(&step.party));
        lines.push((reading.w("event-by"), who));
        lines.push((reading.w("event-claimed"), reading.moment(stamp.at.unix())));
    }
    let witnesses = step.witnessed.iter().map(|by| {
        // What a word is given, it sets apart itself.
        let party = reading.party(&by.by).replace(['\u{2066}', '\u{2068}', '\u{2069}'], "");
        let time = datetime(lang, by.at, BAGHDAD);
        word(lang, "event-witnessed-by", &[("time", time.into()), ("party", party.into())])
    });
    let witnesses: Vec<String> = witnesses.collect();
    let witnessed = if witnesses.is_empty() { reading.w("event-not-witnessed") } else { witnesses.join("; ") };
    lines.push((reading.w("event-witnessed"), witnessed));
    if let Some(Standing::Refused(refusal)) = &step.standing {
        let sentence = find_word(lang, &format!("refusal-{refusal}"), &[]).unwrap_or_default();
        lines.push((reading.w("event-refused"), format!("{}  {sentence}", code(refusal))));
    }
    if !step.sealed.is_empty() {
        let names: Vec<String> = step.sealed.iter().map(|name| words::claim(lang, kind, name)).collect();
        lines.push((reading.w("form-sealed"), names.join(" · ")));
    }
    lines.push((reading.w("event-record"), code(&step.record.to_string())));
    table("    ", &lines);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_as_a_terminal_shows_them() {
        assert_eq!(width("مُقترَح"), 5);
        assert_eq!(width(&code("IQ-TR/2026/M/0014")), 17);
        assert_eq!(width("Türkiye"), 7);
        assert_eq!(width(&filled("الموضوع", 10)), 10);
        assert_eq!(apart(""), "");
    }
}
