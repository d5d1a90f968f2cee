//! Requests that a second person must allow, and the audit of what was done with them.

use crate::approval::Request;
use crate::fault::Fault;
use crate::store::db::{Connection, Row, params};
use serde::Serialize;
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::party::OfficerId;

const COLUMNS: &str = "number, asked, requested, approver, approved";

fn read(row: &Row<'_>) -> Result<Request, Fault> {
    let (asked, approver): (String, Option<String>) = (row.get(1)?, row.get(3)?);
    let approved: Option<i64> = row.get(4)?;
    let approver =
        approver.map(|text| text.parse().map_err(|_| Fault::Damaged("who allowed a request".to_owned()))).transpose()?;
    Ok(Request {
        number: row.get(0)?,
        asked: serde_json::from_str(&asked).map_err(|error| Fault::Damaged(format!("a request: {error}")))?,
        requested: row.get(2)?,
        approved: approver.zip(approved),
    })
}

/// Keeps a request, and gives its number.
///
/// # Errors
/// When the store fails.
pub fn add(connection: &Connection, asked: &crate::approval::Asked, now: i64) -> Result<i64, Fault> {
    let text = serde_json::to_string(asked).map_err(|error| Fault::Damaged(error.to_string()))?;
    Ok(connection
        .prepare_cached("INSERT INTO approval (digest, asked, requester, requested) VALUES (?1, ?2, ?3, ?4) RETURNING number")?
        .query_row(params![asked.digest().to_string(), text, asked.requester.as_str(), now], |row| row.get(0))?)
}

/// The request of this number.
///
/// # Errors
/// When the store fails or is damaged.
pub fn get(connection: &Connection, number: i64) -> Result<Option<Request>, Fault> {
    let mut query = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM approval WHERE number = ?1"))?;
    let mut rows = query.query([number])?;
    rows.next()?.map(|row| read(&row)).transpose()
}

/// The newest request for exactly this.
///
/// # Errors
/// When the store fails or is damaged.
pub fn newest(connection: &Connection, digest: &ContentHash) -> Result<Option<Request>, Fault> {
    let mut query =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM approval WHERE digest = ?1 ORDER BY number DESC LIMIT 1"))?;
    let mut rows = query.query([digest.to_string()])?;
    rows.next()?.map(|row| read(&row)).transpose()
}

/// The requests that were made since a moment and that nobody has allowed, the oldest first.
///
/// # Errors
/// When the store fails or is damaged.
pub fn waiting(connection: &Connection, since: i64) -> Result<Vec<Request>, Fault> {
    let mut query = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM approval WHERE approver IS NULL AND requested > ?1 ORDER BY number"))?;
    let mut rows = query.query([since])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(&row)?);
    }
    Ok(found)
}

/// Notes who allowed a request. Nobody takes the place of who did.
///
/// # Errors
/// When the store fails.
pub fn approve(connection: &Connection, number: i64, approver: &OfficerId, now: i64) -> Result<(), Fault> {
    connection
        .prepare_cached("UPDATE approval SET approver = ?2, approved = ?3 WHERE number = ?1 AND approver IS NULL")?
        .execute(params![number, approver.as_str(), now])?;
    Ok(())
}

/// What is noted in the audit: never a value, and never what a dossier holds.
#[derive(Debug, Clone, Copy)]
pub struct Note<'a> {
    /// When, in seconds since 1970 UTC.
    pub at: i64,
    /// Who; `node` for what the node did by itself.
    pub officer: &'a str,
    /// What was done: `request`, `approve`, `unseal`, `export`, `erase`.
    pub did: &'a str,
    /// The hash of what it was done to.
    pub digest: ContentHash,
    /// Why.
    pub reason: &'a str,
}

/// Adds a line to the audit.
///
/// # Errors
/// When the store fails.
pub fn note(connection: &Connection, note: &Note<'_>) -> Result<(), Fault> {
    connection
        .prepare_cached("INSERT INTO audit (at, officer, did, digest, reason) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![note.at, note.officer, note.did, note.digest.to_string(), note.reason])?;
    Ok(())
}

/// A line of the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Noted {
    /// Its number.
    pub number: i64,
    /// When, in seconds since 1970 UTC.
    pub at: i64,
    /// Who.
    pub officer: String,
    /// What was done.
    pub did: String,
    /// The hash of what it was done to, in hexadecimal.
    pub digest: String,
    /// Why.
    pub reason: String,
}

/// The audit, the newest line first.
///
/// # Errors
/// When the store fails.
pub fn audit(connection: &Connection, limit: u64) -> Result<Vec<Noted>, Fault> {
    let mut query =
        connection.prepare_cached("SELECT number, at, officer, did, digest, reason FROM audit ORDER BY number DESC LIMIT ?1")?;
    let line = |row: &Row<'_>| {
        Ok(Noted {
            number: row.get(0)?,
            at: row.get(1)?,
            officer: row.get(2)?,
            did: row.get(3)?,
            digest: row.get(4)?,
            reason: row.get(5)?,
        })
    };
    let rows = query.query_map([super::logs::int(limit)], line)?;
    Ok(rows.collect::<Result<_, _>>()?)
}
