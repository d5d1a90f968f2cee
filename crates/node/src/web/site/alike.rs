//! Dossiers and other statements that seem to speak of what a statement proposes.

use super::show;
use super::statement::{about, link};
use super::visit::Visit;
use crate::fault::{Fault, Trouble};
use crate::matter::{Because, Conflict, Matter};
use crate::store::db::Connection;
use crate::store::dossiers::Filter;
use crate::store::records;
use crate::store::statements::{self, Outcome, Statement};
use crate::views::{self, Item, Looking};
use crate::web::form::{Form, Weight};
use crate::web::pages;
use crate::web::parts::{Link, Text};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::kinds::Kind;
use tansiq_text::statement::{Proposal, propose, read};

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
    conflicts: Vec<(String, Conflict)>,
}

/// For each proposal what seems to be its matter, of what this officer may see.
pub(super) async fn of(visit: &Visit, statement: &Statement, proposals: &[Proposal]) -> Result<Vec<Alike>, Trouble> {
    let (statement, matters) = (statement.clone(), proposals.iter().map(Matter::proposed).collect::<Vec<_>>());
    let charters = visit.charters.clone();
    visit.read(move |connection, looking| gather(connection, looking, &charters, &statement, &matters)).await
}

fn gather(
    connection: &Connection,
    looking: &Looking,
    charters: &BTreeMap<ChannelId, Arc<Charter>>,
    statement: &Statement,
    matters: &[Matter],
) -> Result<Vec<Alike>, Fault> {
    let mut found: Vec<Alike> = matters.iter().map(|_| Alike::default()).collect();
    let known = dossiers(connection, looking, charters)?;
    for (alike, matter) in found.iter_mut().zip(matters) {
        let same = known.iter().filter_map(|(item, of)| Some((matter.same(of)?, item, of)));
        for (because, item, of) in same {
            let name = item.reference.as_ref().map_or_else(|| item.dossier.to_string(), ToString::to_string);
            alike.conflicts.extend(matter.conflicts(of).into_iter().map(|conflict| (name.clone(), conflict)));
            alike.dossiers.push((because, item.clone()));
        }
    }
    for other in statements::latest(connection, &statement.id, STATEMENTS)? {
        if !is_near(statement, &other) {
            continue;
        }
        let outcomes = statements::outcomes(connection, &other.id)?;
        for (proposal, number) in propose(&read(&other.body, other.day()), &other.body).iter().zip(1..) {
            let matter = Matter::proposed(proposal);
            for (alike, of) in found.iter_mut().zip(matters) {
                let Some(because) = of.same(&matter) else { continue };
                alike.report(&other, of.conflicts(&matter));
                if let Some(Outcome::Became(channel, dossier)) = outcomes.get(&number) {
                    let became = known.iter().find(|(item, _)| item.channel == *channel && item.dossier.as_str() == dossier);
                    alike.dossiers.extend(became.map(|(item, _)| (because, item.clone())));
                }
            }
        }
    }
    for alike in &mut found {
        alike.dossiers.sort_by_key(|(because, _)| *because);
        let mut seen = BTreeSet::new();
        alike.dossiers.retain(|(_, item)| seen.insert(item.dossier.clone()));
    }
    Ok(found)
}

/// The latest dossiers that this officer may see, with what they speak of.
fn dossiers(
    connection: &Connection,
    looking: &Looking,
    charters: &BTreeMap<ChannelId, Arc<Charter>>,
) -> Result<Vec<(Item, Matter)>, Fault> {
    let mut found = Vec::new();
    for kind in [Kind::Meeting, Kind::Agreement, Kind::Commitment] {
        let filter = Filter { kind: Some(kind), limit: DOSSIERS, ..Filter::default() };
        for item in views::list(connection, looking, filter)?.items {
            let Some(charter) = charters.get(&item.channel) else { continue };
            let opening =
                records::of_dossier(connection, &item.channel, &item.dossier)?.into_iter().find_map(|stored| stored.entry());
            let Some(opening) = opening else { continue };
            let parties = item.audience.iter().map(|party| party.as_str().to_owned()).collect();
            let matter = Matter::of_dossier(kind, &item.title, parties, &opening.record.body, charter);
            found.push((item, matter));
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
    fn report(&mut self, other: &Statement, conflicts: Vec<Conflict>) {
        if self.reports.iter().all(|known| known.id != other.id) {
            self.reports.push(other.clone());
        }
        let name = if other.source.is_empty() { other.title().chars().take(60).collect() } else { other.source.clone() };
        self.conflicts.extend(conflicts.into_iter().map(|conflict| (name.clone(), conflict)));
    }

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
        let names = visit.names(None);
        let here = about(visit, statement).into_iter().next().unwrap_or_else(|| visit.w("alike-this-text"));
        let mut told = Vec::new();
        for (other, conflict) in &self.conflicts {
            let day = |day: &tansiq_text::Date| day.to_string().parse().map_or_else(|_| day.to_string(), |day| names.day(day));
            let (word, one, two) = match conflict {
                Conflict::Day(one, two) => ("conflict-day", day(one), day(two)),
                Conflict::Session(one, two) => ("conflict-session", one.to_string(), two.to_string()),
                Conflict::Place(one, two) => ("conflict-place", one.clone(), two.clone()),
            };
            let sentence = visit.w_with_all(word, &[("here", &here), ("one", &one), ("other", other), ("two", &two)]);
            if !told.contains(&sentence) {
                told.push(sentence);
            }
        }
        told
    }
}
