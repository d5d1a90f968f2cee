//! Officers and their sessions.

use crate::access::Officer;
use crate::fault::Fault;
use crate::store::db::{Connection, OptionalExtension, params};
use tansiq_dossier::party::OfficerId;

/// A session as it is stored: never the token itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the token.
    pub token: [u8; 32],
    /// Who signed in.
    pub officer: OfficerId,
    /// What every form of this session carries, so that no other site can send one.
    pub csrf: String,
    /// When it began, in seconds since 1970 UTC.
    pub begun: i64,
    /// When it was last used, in seconds since 1970 UTC.
    pub used: i64,
}

/// Adds an officer, or replaces what was known of it. A password that is not given stays as it was.
///
/// # Errors
/// When the store fails.
pub fn set_officer(connection: &Connection, officer: &Officer, password: Option<&str>) -> Result<(), Fault> {
    let about = serde_json::to_string(officer).map_err(|error| Fault::Damaged(error.to_string()))?;
    connection
        .prepare_cached(
            "INSERT INTO officer (officer, about, password) VALUES (?1, ?2, ?3)
             ON CONFLICT (officer) DO UPDATE SET about = excluded.about, password = coalesce(excluded.password, officer.password)",
        )?
        .execute(params![officer.id.as_str(), about, password])?;
    Ok(())
}

/// An officer, with the hash of its password if it has one.
///
/// # Errors
/// When the store fails or is damaged.
pub fn officer(connection: &Connection, id: &OfficerId) -> Result<Option<(Officer, Option<String>)>, Fault> {
    let row: Option<(String, Option<String>)> = connection
        .prepare_cached("SELECT about, password FROM officer WHERE officer = ?1")?
        .query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    row.map(|(about, password)| Ok((parse(&about)?, password))).transpose()
}

/// Every officer of this node.
///
/// # Errors
/// When the store fails or is damaged.
pub fn officers(connection: &Connection) -> Result<Vec<Officer>, Fault> {
    let mut query = connection.prepare_cached("SELECT about FROM officer ORDER BY officer")?;
    let mut rows = query.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(parse(&row.get::<_, String>(0)?)?);
    }
    Ok(found)
}

fn parse(about: &str) -> Result<Officer, Fault> {
    serde_json::from_str(about).map_err(|error| Fault::Damaged(format!("an officer: {error}")))
}

/// Begins a session.
///
/// # Errors
/// When the store fails.
pub fn begin(connection: &Connection, session: &Session) -> Result<(), Fault> {
    connection
        .prepare_cached("INSERT INTO session (token, officer, csrf, begun, used) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![session.token, session.officer.as_str(), session.csrf, session.begun, session.used])?;
    Ok(())
}

/// The session of this token's hash.
///
/// # Errors
/// When the store fails or is damaged.
pub fn session(connection: &Connection, token: &[u8; 32]) -> Result<Option<Session>, Fault> {
    let row: Option<(String, String, i64, i64)> = connection
        .prepare_cached("SELECT officer, csrf, begun, used FROM session WHERE token = ?1")?
        .query_row([token], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((officer, csrf, begun, used)) = row else { return Ok(None) };
    let officer = officer.parse().map_err(|_| Fault::Damaged("a session's officer".to_owned()))?;
    Ok(Some(Session { token: *token, officer, csrf, begun, used }))
}

/// Notes that a session was used.
///
/// # Errors
/// When the store fails.
pub fn used(connection: &Connection, token: &[u8; 32], now: i64) -> Result<(), Fault> {
    connection.prepare_cached("UPDATE session SET used = ?2 WHERE token = ?1")?.execute(params![token, now])?;
    Ok(())
}

/// Ends a session, and every session that has run out by `now`.
///
/// # Errors
/// When the store fails.
pub fn end(connection: &Connection, token: &[u8; 32], oldest_begun: i64, oldest_used: i64) -> Result<(), Fault> {
    connection.prepare_cached("DELETE FROM session WHERE token = ?1 OR begun < ?2 OR used < ?3")?.execute(params![
        token,
        oldest_begun,
        oldest_used
    ])?;
    Ok(())
}
