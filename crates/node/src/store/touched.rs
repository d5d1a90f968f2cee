//! Which dossiers were written, in the order of the commits: what the search index follows.
//!
//! Only the last of them are kept. An index that is further behind is made anew from the dossiers.

use super::folds::Folds;
use super::logs::int;
use crate::fault::Fault;
use crate::store::db::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::fold::Dossier;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::record::DossierId;
use tansiq_dossier::words::Words;

/// How many are kept.
const KEPT: u64 = 200_000;

/// That a dossier was written, or that something of it was destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touched {
    /// Its place among all of them, counted from 1; a number is never given twice.
    pub number: i64,
    /// The channel.
    pub channel: ChannelId,
    /// The dossier.
    pub dossier: DossierId,
    /// When, in seconds since 1970 UTC. With the number it tells two databases apart that went on from one copy.
    pub at: i64,
    /// Whether something was destroyed that must not be found any longer.
    pub erased: bool,
}

const COLUMNS: &str = "number, channel, dossier, at, erased";

fn read(row: &Row<'_>) -> Result<Touched, Fault> {
    let (channel, dossier) = (row.get(1)?, row.get(2)?);
    Ok(Touched { number: row.get(0)?, channel, dossier, at: row.get(3)?, erased: row.get::<_, i64>(4)? != 0 })
}

/// Whether dossiers of this kind are ever looked for: a probe only measures.
#[must_use]
pub fn is_followed(kind: Kind) -> bool {
    kind != Kind::Probe
}

/// Notes that a dossier was written, or with `erased` that something of it was destroyed.
///
/// # Errors
/// When the store fails.
pub fn note(connection: &Connection, channel: &ChannelId, dossier: &DossierId, at: i64, erased: bool) -> Result<(), Fault> {
    connection.prepare_cached("INSERT INTO touched (channel, dossier, at, erased) VALUES (?1, ?2, ?3, ?4)")?.run(params![
        channel.as_str(),
        dossier.as_str(),
        at,
        i64::from(erased)
    ])?;
    Ok(())
}

/// Notes the dossiers of a channel that no record made: they are about to go.
///
/// # Errors
/// When the store fails.
pub fn note_strays(connection: &Connection, channel: &ChannelId) -> Result<(), Fault> {
    let text = "INSERT INTO touched (channel, dossier, at, erased)
                SELECT channel, dossier, 0, 1 FROM dossier WHERE channel = ?1 AND NOT EXISTS (
                    SELECT 1 FROM record r WHERE r.channel = dossier.channel AND r.dossier = dossier.dossier)";
    connection.execute(text, [channel.as_str()])?;
    Ok(())
}

/// Lets go of all but the last.
///
/// # Errors
/// When the store fails.
pub fn trim(connection: &Connection) -> Result<(), Fault> {
    connection.prepare_cached("DELETE FROM touched WHERE number <= (SELECT max(number) FROM touched) - ?1")?.run([int(KEPT)])?;
    Ok(())
}

/// The last one.
///
/// # Errors
/// When the store fails or is damaged.
pub fn last(connection: &Connection) -> Result<Option<Touched>, Fault> {
    let mut query = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM touched ORDER BY number DESC LIMIT 1"))?;
    let mut rows = query.query([])?;
    rows.next()?.map(|row| read(&row)).transpose()
}

/// Whether this very one is kept: whether what comes after it is all that came after it.
///
/// # Errors
/// When the store fails or is damaged.
pub fn is_kept(connection: &Connection, touched: &Touched) -> Result<bool, Fault> {
    let mut query = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM touched WHERE number = ?1"))?;
    let mut rows = query.query([touched.number])?;
    let found = rows.next()?.map(|row| read(&row)).transpose()?;
    Ok(found.as_ref() == Some(touched))
}

/// Those after a number, in order, so many at most.
///
/// # Errors
/// When the store fails or is damaged.
pub fn after(connection: &Connection, number: i64, most: u64) -> Result<Vec<Touched>, Fault> {
    let text = format!("SELECT {COLUMNS} FROM touched WHERE number > ?1 ORDER BY number LIMIT ?2");
    let mut query = connection.prepare_cached(&text)?;
    let mut rows = query.query([number, int(most)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(&row)?);
    }
    Ok(found)
}

/// A dossier, and the word of its state and its title as they were written.
///
/// # Errors
/// When the store fails or is damaged.
pub fn dossier(
    connection: &Connection,
    folds: &mut Folds,
    channel: &ChannelId,
    id: &DossierId,
) -> Result<Option<(Dossier, String, Words)>, Fault> {
    let Some(dossier) = folds.get(connection, channel, id)? else { return Ok(None) };
    let found: Option<(String, String)> = connection
        .prepare_cached("SELECT state, title FROM dossier WHERE channel = ?1 AND dossier = ?2")?
        .query_row([channel.as_str(), id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((state, title)) = found else { return Ok(None) };
    let title = serde_json::from_str(&title).map_err(|_| Fault::Damaged("a dossier's title".to_owned()))?;
    Ok(Some((dossier, state, title)))
}

/// The names of dossiers after one, in their order, so many at most. Nothing follows nothing.
///
/// # Errors
/// When the store fails or is damaged.
pub fn names_after(connection: &Connection, after: (&str, &str), most: u64) -> Result<Vec<(ChannelId, DossierId)>, Fault> {
    let mut query = connection.prepare_cached(
        "SELECT channel, dossier FROM dossier WHERE (channel, dossier) > (?1, ?2) AND kind <> 'probe'
         ORDER BY channel, dossier LIMIT ?3",
    )?;
    let rows = query.query_map(params![after.0, after.1, int(most)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many dossiers there are to look for.
///
/// # Errors
/// When the store fails.
pub fn count(connection: &Connection) -> Result<u64, Fault> {
    let text = "SELECT count(*) FROM dossier WHERE kind <> 'probe'";
    let found: i64 = connection.query_row(text, [], |row| row.get(0))?;
    Ok(super::logs::uint(found))
}
