//! Today: what waits for this side, what is late and whose it is, and what happened last.

use super::{Item, Looking, Page, list};
use crate::access;
use crate::fault::Fault;
use crate::store::db::Connection;
use crate::store::dossiers::Filter;
use serde::Serialize;
use tansiq_dossier::kinds::Kind;

/// How many lines a section of the desk shows.
const LINES: u64 = 50;

/// What an officer sees first in the morning.
#[derive(Debug, Clone, Serialize)]
pub struct Desk {
    /// What waits for this party.
    pub waiting: Vec<Item>,
    /// How many wait in all.
    pub waiting_total: u64,
    /// What is late, whoever's it is.
    pub late: Vec<Item>,
    /// How many are late in all.
    pub late_total: u64,
    /// What changed last.
    pub recent: Vec<Item>,
}

/// The desk of an officer.
///
/// # Errors
/// When the store fails.
pub fn desk(connection: &Connection, looking: &Looking) -> Result<Desk, Fault> {
    let most = Filter { limit: LINES, ..Filter::default() };
    let waiting = with_returns(connection, looking, &Filter { awaits: Some(looking.own.clone()), ..most.clone() })?;
    let mut late = with_returns(connection, looking, &Filter { due_before: Some(looking.today), ..most.clone() })?;
    late.items.retain(|item| item.late);
    late.items.sort_by_key(|item| item.due.and_then(tansiq_dossier::time::Due::date));
    let recent = with_returns(connection, looking, &Filter { limit: 12, ..most })?;
    Ok(Desk {
        waiting: waiting.items,
        waiting_total: waiting.total,
        late_total: late.total,
        late: late.items,
        recent: recent.items,
    })
}

/// A list of everything, and of returns for whoever works with them: no list holds both unless it asks for both.
fn with_returns(connection: &Connection, looking: &Looking, filter: &Filter) -> Result<Page, Fault> {
    let mut page = list(connection, looking, filter.clone())?;
    if access::knows_returns(&looking.officer) {
        let returns = list(connection, looking, Filter { kind: Some(Kind::Return), ..filter.clone() })?;
        page.total += returns.total;
        page.items.extend(returns.items);
        page.items.sort_by_key(|item| std::cmp::Reverse(item.changed));
        page.items.truncate(usize::try_from(filter.limit).unwrap_or(usize::MAX));
    }
    Ok(page)
}
