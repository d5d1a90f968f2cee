//! Statements that were given to the reader, and what became of each proposal.

use crate::fault::Fault;
use crate::store::db::{Connection, ToCell, params};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::OfficerId;

/// The longest statement that is kept, in characters: what is longer is no press statement.
pub const LONGEST: usize = 60_000;

/// A statement as it was pasted, or as a feed brought it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its identifier, by [`id_of`].
    pub id: String,
    /// Who brought it; none when a feed did.
    pub officer: Option<OfficerId>,
    /// When, in seconds since 1970 UTC.
    pub added: i64,
    /// The day on which it was published, when that is known.
    pub published: Option<String>,
    /// Where it was published, in the officer's words or by the feed's name.
    pub source: String,
    /// Its public address; empty when none is known.
    pub link: String,
    /// How many dossiers the reader proposed when it came.
    pub proposed: u32,
    /// On how many of them a person has decided.
    pub decided: u32,
    /// The text.
    pub body: String,
}

impl Statement {
    /// Its first line.
    #[must_use]
    pub fn title(&self) -> &str {
        self.body.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
    }

    /// The day of publication as the reader takes it.
    #[must_use]
    pub fn day(&self) -> Option<tansiq_text::Date> {
        self.published.as_ref().and_then(|day| day.parse().ok())
    }
}

/// The identifier of a statement: 32 hexadecimal digits of the hash of its text.
#[must_use]
pub fn id_of(body: &str) -> String {
    data_encoding::HEXLOWER.encode(Sha256::digest(body.as_bytes()).get(..16).unwrap_or_default())
}

/// What a person made of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was dropped.
    Dropped,
    /// It became this dossier, or was found to speak of it.
    Became(ChannelId, String),
}

/// Keeps a statement. The same text twice is one.
///
/// # Errors
/// When the store fails.
pub fn add(connection: &Connection, statement: &Statement) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO statement (statement, officer, added, published, source, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (statement) DO UPDATE SET published = coalesce(excluded.published, statement.published)",
        )?
        .execute(params![
            statement.id,
            statement.officer.as_ref().map_or("", OfficerId::as_str),
            statement.added,
            statement.published,
            statement.source,
            statement.body
        ])?;
    connection
        .prepare_cached(
            "INSERT INTO arrival (statement, link, proposed) VALUES (?1, ?2, ?3)
             ON CONFLICT (statement) DO UPDATE SET proposed = excluded.proposed",
        )?
        .execute(params![statement.id, statement.link, statement.proposed])?;
    count_decided(connection, &statement.id)
}

/// Counts the proposals of a statement on which a person has decided: those that wait are found by it.
fn count_decided(connection: &Connection, statement: &str) -> Result<(), Fault> {
    let text = "UPDATE arrival SET decided = (SELECT count(*) FROM proposal WHERE statement = ?1) WHERE statement = ?1";
    connection.prepare_cached(text)?.execute([statement])?;
    Ok(())
}

/// What every query for statements begins with. Statements of before there were feeds have no arrival.
const SELECT: &str =
    "SELECT s.statement, s.officer, s.added, s.published, s.source, s.body, coalesce(a.link, ''), coalesce(a.proposed, 0),
        coalesce(a.decided, 0)
    FROM statement s LEFT JOIN arrival a ON a.statement = s.statement ";

/// Of statements that wait: fewer proposals were decided than made.
const WAITS: &str = "a.decided < a.proposed";

/// The order of the queue: as they came, and what came together by the day of publication.
const ORDER: &str = "s.added, coalesce(s.published, ''), s.statement";

fn all(connection: &Connection, text: &str, params: &[&dyn ToCell]) -> Result<Vec<Statement>, Fault> {
    let mut query = connection.prepare_cached(&format!("{SELECT}{text}"))?;
    let mut rows = query.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(&row)?);
    }
    Ok(found)
}

/// A statement by its identifier.
///
/// # Errors
/// When the store fails or is damaged.
pub fn get(connection: &Connection, id: &str) -> Result<Option<Statement>, Fault> {
    Ok(all(connection, "WHERE s.statement = ?1", &[&id])?.pop())
}

/// The statements that were brought last, without one.
///
/// # Errors
/// When the store fails or is damaged.
pub fn latest(connection: &Connection, but: &str, limit: u32) -> Result<Vec<Statement>, Fault> {
    all(connection, "WHERE s.statement <> ?1 ORDER BY s.added DESC, s.statement LIMIT ?2", &[&but, &limit])
}

/// Statements of which proposals wait for a person: the earliest first.
///
/// # Errors
/// When the store fails or is damaged.
pub fn waiting(connection: &Connection, limit: u32) -> Result<Vec<Statement>, Fault> {
    all(connection, &format!("WHERE {WAITS} ORDER BY {ORDER} LIMIT ?1"), &[&limit])
}

/// How many statements wait.
///
/// # Errors
/// When the store fails.
pub fn count_waiting(connection: &Connection) -> Result<u64, Fault> {
    let text = format!("SELECT count(*) FROM arrival a WHERE {WAITS}");
    let count: i64 = connection.prepare_cached(&text)?.query_row((), |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The statement that waits and comes after this one in the queue.
///
/// # Errors
/// When the store fails or is damaged.
pub fn next_waiting(connection: &Connection, after: &Statement) -> Result<Option<Statement>, Fault> {
    let text = format!(
        "WHERE {WAITS} AND s.statement <> ?1
         ORDER BY CASE WHEN ({ORDER}) > (?2, ?3, ?1) THEN 0 ELSE 1 END, {ORDER} LIMIT 1"
    );
    let day = after.published.clone().unwrap_or_default();
    Ok(all(connection, &text, &[&after.id, &after.added, &day])?.pop())
}

fn read(row: &crate::store::db::Row<'_>) -> Result<Statement, Fault> {
    let officer: String = row.get(1)?;
    let damaged = |_| Fault::Damaged("a statement's officer".to_owned());
    Ok(Statement {
        id: row.get(0)?,
        officer: if officer.is_empty() { None } else { Some(officer.parse().map_err(damaged)?) },
        added: row.get(2)?,
        published: row.get(3)?,
        source: row.get(4)?,
        body: row.get(5)?,
        link: row.get(6)?,
        proposed: row.get(7)?,
        decided: row.get(8)?,
    })
}

/// Notes what a person made of a proposal.
///
/// # Errors
/// When the store fails.
pub fn set_outcome(connection: &Connection, statement: &str, number: u32, outcome: &Outcome) -> Result<(), Fault> {
    let (text, channel) = match outcome {
        Outcome::Dropped => ("dropped", None),
        Outcome::Became(channel, dossier) => (dossier.as_str(), Some(channel.as_str())),
    };
    connection
        .prepare_cached(
            "INSERT INTO proposal (statement, number, outcome, channel) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (statement, number) DO UPDATE SET outcome = excluded.outcome, channel = excluded.channel",
        )?
        .execute(params![statement, number, text, channel])?;
    count_decided(connection, statement)
}

/// What persons made of a statement's proposals, by number.
///
/// # Errors
/// When the store fails or is damaged.
pub fn outcomes(connection: &Connection, statement: &str) -> Result<BTreeMap<u32, Outcome>, Fault> {
    let mut query = connection.prepare_cached("SELECT number, outcome, channel FROM proposal WHERE statement = ?1")?;
    let mut rows = query.query([statement])?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (number, outcome, channel): (u32, String, Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let outcome = match channel.map(|text| text.parse()) {
            Some(Ok(channel)) => Outcome::Became(channel, outcome),
            _ => Outcome::Dropped,
        };
        found.insert(number, outcome);
    }
    Ok(found)
}

/// The statements that speak of a dossier: the one that it came from and those that were found to report the same.
///
/// # Errors
/// When the store fails or is damaged.
pub fn sources_of(connection: &Connection, channel: &ChannelId, dossier: &str) -> Result<Vec<Statement>, Fault> {
    let text =
        "WHERE s.statement IN (SELECT statement FROM proposal WHERE channel = ?1 AND outcome = ?2) ORDER BY s.added, s.statement";
    all(connection, text, &[&channel.as_str(), &dossier])
}
