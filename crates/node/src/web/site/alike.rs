//! Dossiers and other statements that seem to speak of what a statement proposes.

use super::show;
use super::statement::{about, link};
use super::visit::Visit;
use crate::fault::{Fault, Trouble};
use crate::likeness::{Because, Conflict, Features};
use crate::store::db::Connection;
use crate::store::dossiers::Filter;
use crate::store::records;
use crate::store::statements::{self, Outcome, Statement};
use crate::views::{self, Item, Looking};
use crate::web::form::{Form, Weight};
use crate::web::pages;
use crate::web::parts::{Link, Text};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::party::PartyId;
use tansiq_text::statement::merge::{self, Report, compare};
use tansiq_text::statement::{Proposal, Reading, read};

/// How many of the other statements are compared, the latest first, and how far apart the days of publication may be.
const STATEMENTS: u32 = 60;
const DAYS: i64 = 21;

/// How many dossiers of a kind are compared, the latest first.
const DOSSIERS: u64 = 200;

/// What seems to be the matter of one proposal.
#[derive(Default)]
pub(super) struct Alike {
    dossiers: Vec<(Because, Item)>,
    reports: Vec<Statement>,
    differences: Vec<Difference>,
}

/// What this statement says in one way, and another source in another.
struct Difference {
    /// `day`, `session`, `place`, `body`, or `head` of a party's delegation.
    what: &'static str,
    party: Option<PartyId>,
    here: String,
    other: String,
    there: String,
}

/// For each proposal what seems to be its matter, of what this officer may see.
pub(super) async fn of(visit: &Visit, statement: &Statement, proposals: &[Proposal]) -> Result<Vec<Alike>, Trouble> {
    let (statement, features) = (statement.clone(), proposals.iter().map(Features::proposed).collect::<Vec<_>>());
    let charters = visit.charters.clone();
    visit.read(move |connection, looking| gather(connection, looking, &charters, &statement, &features)).await
}

fn gather(
    connection: &Connection,
    looking: &Looking,
    charters: &BTreeMap<ChannelId, Arc<Charter>>,
    statement: &Statement,
    features: &[Features],
) -> Result<Vec<Alike>, Fault> {
    let mut found: Vec<Alike> = features.iter().map(|_| Alike::default()).collect();
    let known = dossiers(connection, looking, charters)?;
    for (alike, proposed) in found.iter_mut().zip(features) {
        for (item, of) in &known {
            let Some(because) = proposed.same(of) else { continue };
            let name = item.reference.as_ref().map_or_else(|| item.dossier.to_string(), ToString::to_string);
            alike
                .differences
                .extend(proposed.conflicts(of).into_iter().map(|conflict| Difference::from_dossier(conflict, &name)));
            alike.dossiers.push((because, item.clone()));
        }
    }
    compare_reports(connection, statement, &known, &mut found)?;
    for alike in &mut found {
        alike.dossiers.sort_by_key(|(because, _)| *because);
        let mut seen = BTreeSet::new();
        alike.dossiers.retain(|(_, item)| seen.insert(item.dossier.clone()));
    }
    Ok(found)
}

/// Compares the statement with others of about that time.
fn compare_reports(
    connection: &Connection,
    statement: &Statement,
    known: &[(Item, Features)],
    found: &mut [Alike],
) -> Result<(), Fault> {
    let mut texts = statements::latest(connection, &statement.id, STATEMENTS)?;
    texts.retain(|other| is_near(statement, other));
    texts.insert(0, statement.clone());
    let readings: Vec<Reading> = texts.iter().map(|text| read(&text.body, text.day())).collect();
    let report = |(text, reading)| -> Report<'_> {
        let text: &Statement = text;
        Report { source: &text.id, text: &text.body, reading }
    };
    let reports: Vec<Report<'_>> = texts.iter().zip(&readings).map(report).collect();
    for cluster in compare(&reports) {
        let Some(here) = cluster.told_by.iter().find(|told| told.source == statement.id) else { continue };
        let Some(alike) = found.get_mut(here.proposal) else { continue };
        for told in cluster.told_by.iter().filter(|told| told.source != statement.id) {
            let Some(other) = texts.iter().find(|text| text.id == told.source) else { continue };
            alike.reports.push(other.clone());
            let number = u32::try_from(told.proposal + 1).unwrap_or(u32::MAX);
            if let Some(Outcome::Became(channel, dossier)) = statements::outcomes(connection, &other.id)?.remove(&number) {
                let became = known.iter().find(|(item, _)| item.channel == channel && item.dossier.as_str() == dossier);
                alike.dossiers.extend(became.map(|(item, _)| (Because::SameReport, item.clone())));
            }
        }
        for conflict in &cluster.conflicts {
            alike.differences.extend(Difference::from_reports(conflict, statement, &texts));
        }
    }
    Ok(())
}

impl Difference {
    fn from_dossier(conflict: Conflict, name: &str) -> Difference {
        let (what, here, there) = match conflict {
            Conflict::Day(here, there) => ("day", here.to_string(), there.to_string()),
            Conflict::Session(here, there) => ("session", here.to_string(), there.to_string()),
            Conflict::Place(here, there) => ("place", here, there),
        };
        Difference { what, party: None, here, other: name.to_owned(), there }
    }

    /// What other reports say against this statement in one field. Of fields that no form asks for nothing is said.
    fn from_reports(conflict: &merge::Conflict, statement: &Statement, texts: &[Statement]) -> Vec<Difference> {
        let (what, party) = match conflict.field.split_once('.') {
            Some(("delegation_heads", party)) => ("head", party.parse().ok()),
            _ => match conflict.field.as_str() {
                "date" | "signed" => ("day", None),
                "session" => ("session", None),
                "place" => ("place", None),
                "body" => ("body", None),
                _ => return Vec::new(),
            },
        };
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let says = |claim: &&merge::Claim| claim.said_by.iter().any(|said| said.source == statement.id);
        let Some(own) = conflict.values.iter().find(says) else { return Vec::new() };
        let others = conflict.values.iter().filter(|claim| !says(claim));
        let told = others.flat_map(|claim| claim.said_by.iter().map(move |said| (claim, said)));
        let named = told.filter_map(|(claim, said)| Some((claim, texts.iter().find(|text| text.id == said.source)?)));
        let difference = |(claim, other): (&merge::Claim, &Statement)| Difference {
            what,
            party: Option::clone(&party),
            here: text(&own.value),
            other: name_of(other),
            there: text(&claim.value),
        };
        named.map(difference).collect()
    }

    fn sentence(&self, visit: &Visit, here: &str) -> String {
        let names = visit.names(None);
        let shown = |value: &str| match (self.what, value.parse()) {
            ("day", Ok(day)) => names.day(day),
            _ => value.to_owned(),
        };
        let party = self.party.as_ref().map(|party| names.party(party).text).unwrap_or_default();
        let (one, two) = (shown(&self.here), shown(&self.there));
        let arguments = [("here", here), ("one", one.as_str()), ("other", &self.other), ("two", &two), ("party", &party)];
        visit.w_with_all(&format!("conflict-{}", self.what), &arguments)
    }
}

/// A statement's source, or its first words where that is not known.
fn name_of(statement: &Statement) -> String {
    if statement.source.is_empty() { statement.title().chars().take(60).collect() } else { statement.source.clone() }
}

/// The latest dossiers that this officer may see, with what they speak of.
fn dossiers(
    connection: &Connection,
    looking: &Looking,
    charters: &BTreeMap<ChannelId, Arc<Charter>>,
) -> Result<Vec<(Item, Features)>, Fault> {
    let mut found = Vec::new();
    for kind in [Kind::Meeting, Kind::Agreement, Kind::Commitment] {
        let filter = Filter { kind: Some(kind), limit: DOSSIERS, ..Filter::default() };
        for item in views::list(connection, looking, filter)?.items {
            let Some(charter) = charters.get(&item.channel) else { continue };
            let opening =
                records::of_dossier(connection, &item.channel, &item.dossier)?.into_iter().find_map(|stored| stored.entry());
            let Some(opening) = opening else { continue };
            let parties = item.audience.iter().map(|party| party.as_str().to_owned()).collect();
            let features = Features::of_dossier(kind, &item.title, parties, &opening.record.body, charter);
            found.push((item, features));
        }
    }
    Ok(found)
}

/// Whether two statements were published within weeks of each other, as far as that is known.
fn is_near(one: &Statement, other: &Statement) -> bool {
    let day = |statement: &Statement| statement.day().and_then(tansiq_text::Date::days);
    day(one).zip(day(other)).is_none_or(|(one, other)| (one - other).abs() <= DAYS)
}

impl Alike {
    /// The dossiers that a person can choose, each with its form.
    pub(super) fn choices(&self, visit: &Visit, statement: &Statement, number: usize) -> Vec<pages::Alike> {
        let choice = |(because, item): &(Because, Item)| {
            let names = visit.names(Some(&item.channel));
            let title = show::title(names, &item.title, &item.dossier);
            let reference = show::reference(item);
            let text = if reference.is_empty() { title.text } else { format!("\u{2068}{reference}\u{2069} · {}", title.text) };
            let id = format!("join-{number}-{}", item.dossier);
            let mut join = Form::new(visit.lang, &id, &format!("/statement/{}/join", statement.id), &visit.csrf);
            for (name, value) in
                [("proposal", number.to_string()), ("channel", item.channel.to_string()), ("dossier", item.dossier.to_string())]
            {
                join.hidden.push((name.to_owned(), value));
            }
            join.submit = visit.w("alike-join");
            join.weight = Weight::Quiet;
            let dossier = Link { href: show::address(&item.channel, &item.dossier), text: Text { text, lang: title.lang } };
            pages::Alike { dossier, why: visit.w(because.word()), join }
        };
        self.dossiers.iter().take(3).map(choice).collect()
    }

    /// The other statements that report the same.
    pub(super) fn reports(&self, visit: &Visit) -> Vec<Link> {
        self.reports.iter().map(|statement| link(visit, statement)).collect()
    }

    /// What this text and others say differently.
    pub(super) fn conflicts(&self, visit: &Visit, statement: &Statement) -> Vec<String> {
        let here = about(visit, statement).into_iter().next().unwrap_or_else(|| visit.w("alike-this-text"));
        let mut told = Vec::new();
        for sentence in self.differences.iter().map(|difference| difference.sentence(visit, &here)) {
            if !told.contains(&sentence) {
                told.push(sentence);
            }
        }
        told
    }
}
