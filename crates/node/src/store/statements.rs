//! Statements that were given to the reader, and what became of each proposal.

use crate::fault::Fault;
use crate::store::db::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::OfficerId;

/// A statement as somebody pasted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its identifier: 32 hexadecimal digits of the hash of its text.
    pub id: String,
    /// Who brought it.
    pub officer: OfficerId,
    /// When, in seconds since 1970 UTC.
    pub added: i64,
    /// The day on which it was published, when that is known.
    pub published: Option<String>,
    /// Where it was published, in the officer's words.
    pub source: String,
    /// The text.
    pub body: String,
}

/// What a person made of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was dropped.
    Dropped,
    /// It became this dossier.
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
            statement.officer.as_str(),
            statement.added,
            statement.published,
            statement.source,
            statement.body
        ])?;
    Ok(())
}

/// A statement by its identifier.
///
/// # Errors
/// When the store fails or is damaged.
pub fn get(connection: &Connection, id: &str) -> Result<Option<Statement>, Fault> {
    let mut query = connection
        .prepare_cached("SELECT statement, officer, added, published, source, body FROM statement WHERE statement = ?1")?;
    let mut rows = query.query([id])?;
    rows.next()?.map(|row| read(&row)).transpose()
}

/// The statements that were brought last.
///
/// # Errors
/// When the store fails or is damaged.
pub fn latest(connection: &Connection, limit: u32) -> Result<Vec<Statement>, Fault> {
    let mut query = connection.prepare_cached(
        "SELECT statement, officer, added, published, source, body FROM statement ORDER BY added DESC, statement LIMIT ?1",
    )?;
    let mut rows = query.query([limit])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(&row)?);
    }
    Ok(found)
}

fn read(row: &crate::store::db::Row<'_>) -> Result<Statement, Fault> {
    let officer: String = row.get(1)?;
    Ok(Statement {
        id: row.get(0)?,
        officer: officer.parse().map_err(|_| Fault::Damaged("a statement's officer".to_owned()))?,
        added: row.get(2)?,
        published: row.get(3)?,
        source: row.get(4)?,
        body: row.get(5)?,
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
    Ok(())
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

/// The statement that a dossier came from, if one did.
///
/// # Errors
/// When the store fails.
pub fn source_of(connection: &Connection, channel: &ChannelId, dossier: &str) -> Result<Option<String>, Fault> {
    Ok(connection
        .prepare_cached("SELECT statement FROM proposal WHERE channel = ?1 AND outcome = ?2")?
        .query_row([channel.as_str(), dossier], |row| row.get(0))
        .optional()?)
}
