//! A dossier, printed to be read by a person.

use crate::views::dossier::Full;
use tansiq_dossier::fold::Standing;
use tansiq_dossier::sheet::Datum;
use tansiq_dossier::words::Tongue;

pub(super) fn dossier(full: &Full, lang: &str) {
    let tongue = lang.parse().unwrap_or(Tongue::Ar);
    let title = full.sheet.title.best(tongue).map(|(_, title)| title).unwrap_or_default();
    say!("{title}\n{}  {}  {}", full.item.dossier, full.item.kind, full.sheet.state);
    let audience: Vec<&str> = full.item.audience.iter().map(tansiq_dossier::party::PartyId::as_str).collect();
    say!("{}  {}", full.item.label.class.name(), audience.join(" "));
    for fact in &full.sheet.facts {
        say!("  {:<16} {}", fact.name, datum(&fact.datum, tongue));
    }
    for matter in &full.sheet.positions {
        say!("{}: {}", matter.name, matter.settled.as_ref().map_or_else(|| "open".to_owned(), |settled| datum(settled, tongue)));
        for said in &matter.said {
            say!("  {:<4} {}  {}", said.party, said.at, datum(&said.datum, tongue));
        }
    }
    for section in &full.sheet.sections {
        say!("{}", section.name);
        for row in &section.rows {
            say!("  {} {}", row.reference, row.state.as_deref().unwrap_or_default());
            for text in &row.texts {
                let tongue = text.tongue.map_or("", Tongue::code);
                say!("    {tongue:<4}{} {}", text.text, text.state.as_deref().unwrap_or_default());
            }
            for fact in &row.facts {
                say!("    {:<14} {}", fact.name, datum(&fact.datum, tongue));
            }
        }
    }
    for step in &full.sheet.awaiting {
        say!("awaiting {} {}", step.party, step.act);
    }
    say!("history");
    for step in &full.history {
        let standing = match &step.standing {
            Some(Standing::Effective) => String::new(),
            Some(Standing::Refused(code)) => format!("  refused {code}"),
            Some(Standing::Unknown) => "  unknown".to_owned(),
            None => "  pending".to_owned(),
        };
        let at = step.stamp.as_ref().map(|stamp| stamp.at.to_string()).unwrap_or_default();
        let witnesses: Vec<String> = step.witnessed.iter().map(|witness| witness.by.to_string()).collect();
        say!("  {at}  {}  {:<16} witnessed by [{}]{standing}\n    {}", step.party, step.act, witnesses.join(" "), step.record);
    }
}

fn datum(datum: &Datum, tongue: Tongue) -> String {
    match datum {
        Datum::Term(text) | Datum::Text(text) => text.clone(),
        Datum::Words(words) => words.best(tongue).map(|(_, text)| text.to_owned()).unwrap_or_default(),
        Datum::Date(date) => date.to_string(),
        Datum::Due(due) => due.date().map_or_else(|| "none".to_owned(), |date| date.to_string()),
        Datum::Moment(moment) => moment.to_string(),
        Datum::Number(number) => number.to_string(),
        Datum::Party(party) => party.to_string(),
        Datum::Institution(institution) => institution.to_string(),
        Datum::Record(record) => record.short(),
        Datum::Dossier(dossier) => dossier.to_string(),
        Datum::Content(hash) => hash.short(),
        Datum::List(items) => items.iter().map(|item| self::datum(item, tongue)).collect::<Vec<_>>().join(", "),
    }
}
