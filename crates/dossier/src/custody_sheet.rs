//! What a dossier of any kind shows of its custody: releases, disclosures, what was destroyed, and courts' orders.
//!
//! Of files only what became of those that were recalled or destroyed is here: whoever shows a dossier shows its files with the
//! means to fetch them.

use crate::custody::{Asked, CourtHold, Custody, Decided, Disclosure};
use crate::kinds::Kind;
use crate::party::PartyId;
use crate::sheet::{Datum, Fact, Row, Section, Tone};
use crate::time::{Date, Moment};
use std::collections::BTreeMap;

/// The sections, without those that hold nothing.
pub(crate) fn sections(custody: &Custody, kind: Kind, today: Date, retention: Option<u32>) -> Vec<Section> {
    let asked = custody.asked.iter().map(|(to, asked)| release_asked(to, asked));
    let disclosures = custody.disclosures.values().map(|disclosure| disclosed(custody, disclosure, today, retention));
    let sections = [
        Section::new("custody-releases", custody.decided.iter().map(release_decided).chain(asked).collect()),
        Section::new("custody-disclosures", numbered(disclosures)),
        Section::new("custody-erasures", numbered(erasures(custody, kind))),
        Section::new("custody-files", numbered(files(custody))),
        Section::new("custody-holds", custody.holds.iter().map(|hold| held(hold, today)).collect()),
    ];
    sections.into_iter().filter(|section| !section.rows.is_empty()).collect()
}

fn numbered(rows: impl Iterator<Item = Row>) -> Vec<Row> {
    rows.enumerate().map(|(place, row)| Row { reference: (place + 1).to_string(), ..row }).collect()
}

fn row(reference: impl Into<String>, state: &str, tone: Tone, facts: Vec<Fact>) -> Row {
    Row { state: Some(state.to_owned()), tone, facts, ..Row::new(reference) }
}

fn release_decided(decided: &Decided) -> Row {
    let (state, tone) = if decided.released { ("released", Tone::Done) } else { ("declined", Tone::Alarm) };
    let facts = vec![
        Fact::new("decided_by", Datum::Party(decided.by.clone())),
        Fact::new("decided_at", Datum::Moment(decided.at)),
        Fact::new("reason", Datum::Text(decided.reason.clone())),
    ];
    row(decided.to.as_str(), state, tone, facts)
}

fn release_asked(to: &PartyId, asked: &BTreeMap<PartyId, Asked>) -> Row {
    let parties = asked.keys().cloned().map(Datum::Party).collect();
    let mut facts = vec![Fact::new("asked_by", Datum::List(parties))];
    if let Some(first) = asked.values().min_by_key(|asked| asked.at) {
        facts.push(Fact::new("asked_at", Datum::Moment(first.at)));
        facts.push(Fact::new("reason", Datum::Text(first.reason.clone())));
    }
    row(to.as_str(), "asked", Tone::Waiting, facts)
}

/// A copy that its receiver has destroyed is done with, even when others hold theirs still.
fn disclosed(custody: &Custody, disclosure: &Disclosure, today: Date, retention: Option<u32>) -> Row {
    let receiver = disclosure.to.party();
    let last = Custody::copy_dies(disclosure, retention);
    let (state, tone) = if disclosure.erased.contains_key(&receiver) {
        ("erased", Tone::Done)
    } else if disclosure.recalled.is_some() {
        ("recalled", Tone::Alarm)
    } else if last < today && custody.is_held(&receiver, today) {
        ("kept-by-court", Tone::Waiting)
    } else if last < today {
        ("outlived", Tone::Alarm)
    } else {
        ("given", Tone::Running)
    };
    let claims = disclosure.claims.iter().cloned().map(Datum::Claim).collect();
    let mut facts = vec![
        Fact::new("to", Datum::Institution(disclosure.to.clone())),
        Fact::new("claims", Datum::List(claims)),
        Fact::new("disclosed_by", Datum::Party(disclosure.by.clone())),
        Fact::new("disclosed_at", Datum::Moment(disclosure.at)),
        Fact::new("reason", Datum::Text(disclosure.reason.clone())),
        Fact::new("copy_until", Datum::Date(last)),
    ];
    facts.extend(disclosure.recalled.map(|at| Fact::new("recalled_at", Datum::Moment(at))));
    facts.extend(erased(&disclosure.erased));
    row("", state, tone, facts)
}

/// Who has destroyed a copy, each with the time at which it said so.
fn erased(erased: &BTreeMap<PartyId, Moment>) -> Option<Fact> {
    let each = erased.iter().flat_map(|(party, at)| [Datum::Party(party.clone()), Datum::Moment(*at)]);
    (!erased.is_empty()).then(|| Fact::new("erased_by", Datum::List(each.collect())))
}

/// What was destroyed where it was sealed. What is still there is told by the history, record by record.
fn erasures(custody: &Custody, kind: Kind) -> impl Iterator<Item = Row> {
    let gone = custody.sealings.iter().filter(|(_, sealing)| !sealing.erased.is_empty());
    gone.map(move |(record, sealing)| {
        let mut facts = vec![
            Fact::new("sealed_with", Datum::Term(format!("act-{kind}-{}", sealing.act))),
            Fact::new("of", Datum::Record(*record)),
            Fact::new("sealed_by", Datum::Party(sealing.party.clone())),
            Fact::new("sealed_fields", Datum::Number(i64::try_from(sealing.digests.len()).unwrap_or(i64::MAX))),
        ];
        facts.extend(erased(&sealing.erased));
        row("", "erased", Tone::Done, facts)
    })
}

/// Files that were recalled or destroyed anywhere. Where the bytes are is shown with the files.
fn files(custody: &Custody) -> impl Iterator<Item = Row> {
    let touched = custody.attachments.values().filter(|file| file.recalled.is_some() || !file.erased.is_empty());
    touched.map(|file| {
        let mut facts = vec![
            Fact::new("name", Datum::Text(file.name.clone())),
            Fact::new("of", Datum::Record(file.record)),
            Fact::new("attached_by", Datum::Party(file.party.clone())),
        ];
        facts.extend(file.recalled.map(|at| Fact::new("recalled_at", Datum::Moment(at))));
        facts.extend(erased(&file.erased));
        let (state, tone) = if file.erased.is_empty() { ("recalled", Tone::Alarm) } else { ("erased", Tone::Done) };
        row("", state, tone, facts)
    })
}

fn held(hold: &CourtHold, today: Date) -> Row {
    let (state, tone) = if hold.until >= today { ("in-force", Tone::Waiting) } else { ("over", Tone::Done) };
    let facts = vec![
        Fact::new("court_number", Datum::Text(hold.court_number.clone())),
        Fact::new("hold_until", Datum::Date(hold.until)),
        Fact::new("recorded_at", Datum::Moment(hold.at)),
    ];
    row(hold.party.as_str(), state, tone, facts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RecordId;

    fn moment(text: &str) -> Moment {
        text.parse().unwrap()
    }

    fn custody() -> Custody {
        let disclosure = Disclosure {
            of: RecordId::commit(&[1; 32], b"x"),
            claims: ["given".to_owned(), "born".to_owned()].into(),
            by: "IRQ".parse().unwrap(),
            to: "tur.mfa".parse().unwrap(),
            reason: "to verify".to_owned(),
            at: moment("2026-06-01T09:00:00Z"),
            recalled: None,
            erased: BTreeMap::new(),
        };
        let mut custody = Custody::default();
        custody.disclosures.insert(RecordId::commit(&[2; 32], b"y"), disclosure);
        custody
    }

    fn state_of(custody: &Custody, today: &str) -> String {
        let sections = sections(custody, Kind::Consular, today.parse().unwrap(), None);
        let section = sections.iter().find(|section| section.name == "custody-disclosures").unwrap();
        section.rows[0].state.clone().unwrap()
    }

    #[test]
    fn a_dossier_that_nobody_passed_on_shows_nothing_of_it() {
        assert_eq!(sections(&Custody::default(), Kind::Meeting, "2026-11-22".parse().unwrap(), None), []);
    }

    #[test]
    fn a_copy_is_given_then_recalled_or_outlived_or_kept_by_a_court_and_at_last_destroyed() {
        let mut custody = custody();
        assert_eq!(state_of(&custody, "2026-08-30"), "given");
        assert_eq!(state_of(&custody, "2026-08-31"), "outlived");
        custody.holds.push(CourtHold {
            party: "TUR".parse().unwrap(),
            court_number: "7/2026".to_owned(),
            until: "2026-12-31".parse().unwrap(),
            at: moment("2026-07-01T09:00:00Z"),
        });
        assert_eq!(state_of(&custody, "2026-08-31"), "kept-by-court");
        assert_eq!(state_of(&custody, "2027-01-01"), "outlived");
        for disclosure in custody.disclosures.values_mut() {
            disclosure.recalled = Some(moment("2026-07-02T09:00:00Z"));
        }
        assert_eq!(state_of(&custody, "2026-07-03"), "recalled");
        for disclosure in custody.disclosures.values_mut() {
            disclosure.erased.insert("TUR".parse().unwrap(), moment("2026-07-04T09:00:00Z"));
        }
        assert_eq!(state_of(&custody, "2026-09-01"), "erased");
    }
}
