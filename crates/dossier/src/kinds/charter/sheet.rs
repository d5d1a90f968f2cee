//! What the charter's dossier shows, and what it asks of the parties.

use super::keys::{NewKeys, PartyKeys};
use super::{Acknowledge, Adopt, Charter, Replace, RevokeNode, Word};
use crate::party::PartyId;
use crate::sheet::{Awaiting, Datum, Fact, Matter, Offer, Row, Section, Sheet, Tone, View};
use serde_json::json;
use std::collections::BTreeSet;

pub(super) fn sheet(charter: &Charter, view: &View<'_>) -> Sheet {
    let open = charter.is_open();
    let mut positions = vec![Matter::of("charter", &charter.adopted, |hash| Datum::Content(*hash))];
    let said = |party: &PartyId, word: &Word| {
        let what = Datum::Term(format!("node-word-{}", word.act()));
        Datum::List(vec![Datum::Party(party.clone()), what, Datum::Number(i64::try_from(word.size()).unwrap_or(i64::MAX))])
    };
    positions.extend(charter.words.iter().map(|(party, words)| Matter::of("node", words, |word| said(party, word))));
    let revoked = charter.keys.values().any(|keys| keys.revoked.is_some());
    Sheet {
        title: charter.name.clone(),
        state: if open { "open" } else { "awaiting-adoption" }.to_owned(),
        tone: match (open, revoked) {
            (_, true) => Tone::Alarm,
            (true, _) => Tone::Running,
            _ => Tone::Waiting,
        },
        facts: vec![Fact::new("parties", Datum::List(view.audience.iter().cloned().map(Datum::Party).collect()))],
        positions,
        sections: sections(charter),
        awaiting: awaiting(charter, view.audience),
        ..Sheet::default()
    }
}

fn sections(charter: &Charter) -> Vec<Section> {
    let keys = charter.keys.iter().map(|(party, keys)| key_row(party, keys)).collect();
    let offices = charter.barred.0.iter().map(|(officer, stretches)| {
        let barred = stretches.last().is_some_and(|last| last.until.is_none());
        let state = if barred { "revoked" } else { "reinstated" };
        Row { state: Some(state.to_owned()), tone: if barred { Tone::Alarm } else { Tone::Done }, ..Row::new(officer.as_str()) }
    });
    let sections = [Section::new("keys", keys), Section::new("offices", offices.collect())];
    sections.into_iter().filter(|section| !section.rows.is_empty()).collect()
}

fn key_row(party: &PartyId, keys: &PartyKeys) -> Row {
    let now = |terms: &[super::Term]| terms.iter().rev().find(|term| term.counts()).map(|term| term.key.clone());
    let (state, tone) = match (&keys.succession, keys.revoked) {
        (_, Some(_)) => ("revoked", Tone::Alarm),
        (Some(_), None) => ("succession", Tone::Waiting),
        (None, None) => ("changed", Tone::Done),
    };
    let newest = NewKeys { log_key: now(&keys.log), cosigner_key: now(&keys.cosigner), wire_pin: now(&keys.wire) };
    let named = [("log_key", newest.log_key), ("cosigner_key", newest.cosigner_key), ("wire_pin", newest.wire_pin)];
    let mut facts: Vec<Fact> =
        named.into_iter().filter_map(|(name, key)| Some(Fact::new(name, Datum::Text(key?)))).collect();
    if let Some(succession) = &keys.succession {
        facts.push(Fact::new("of", Datum::Record(succession.record)));
        let by = succession.acknowledged.iter().cloned().map(Datum::Party).collect();
        facts.push(Fact::new("acknowledged", Datum::List(by)));
    }
    facts.extend(keys.revoked.map(|size| Fact::new("size", Datum::Number(i64::try_from(size).unwrap_or(i64::MAX)))));
    Row { state: Some(state.to_owned()), tone, facts, ..Row::new(party.as_str()) }
}

fn awaiting(charter: &Charter, audience: &BTreeSet<PartyId>) -> Vec<Awaiting> {
    let mut steps = crate::sheet::awaiting(&charter.adopted, Adopt::SPEC.name, audience);
    for (party, keys) in &charter.keys {
        let Some(succession) = &keys.succession else { continue };
        let silent = audience.iter().filter(|other| *other != party && !succession.acknowledged.contains(*other));
        let act = Acknowledge::SPEC.name.to_owned();
        steps.extend(silent.map(|party| Awaiting { party: party.clone(), act: act.clone(), since: Some(succession.at) }));
    }
    for (party, words) in &charter.words {
        let others: BTreeSet<PartyId> = audience.iter().filter(|other| *other != party).cloned().collect();
        for other in &others {
            let Some(assent) = words.offered_to(other) else { continue };
            let act = assent.content.act().to_owned();
            steps.push(Awaiting { party: other.clone(), act, since: Some(assent.at) });
        }
    }
    steps
}

pub(super) fn offers(charter: &Charter, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
    let mut offers = Vec::new();
    if let Some(assent) = charter.adopted.offered_to(party) {
        offers.push(Offer { act: Adopt::SPEC.name, prefill: json!({ "charter": assent.content }) });
    }
    for (other, keys) in charter.keys.iter().filter(|(other, _)| *other != party) {
        let succession = keys.succession.as_ref().filter(|succession| !succession.acknowledged.contains(party));
        if let Some(succession) = succession.filter(|_| view.audience.contains(other)) {
            offers.push(Offer::saying(Acknowledge::SPEC.name, &Acknowledge { of: succession.record }));
        }
    }
    for (other, words) in charter.words.iter().filter(|(other, _)| *other != party) {
        match words.offered_to(party).map(|assent| &assent.content) {
            Some(Word::Revoke { size }) => {
                offers.push(Offer { act: RevokeNode::SPEC.name, prefill: json!({ "party": other, "size": size }) });
            }
            // Up to what size the old keys count is for each party to say, by what it holds.
            Some(Word::Replace { keys, .. }) => {
                let mut offer = Offer::saying(Replace::SPEC.name, keys);
                offer.prefill["party"] = json!(other);
                offers.push(offer);
            }
            None => {}
        }
    }
    offers
}
