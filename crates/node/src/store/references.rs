//! Reference numbers: how far this party has counted in each of its series.

use crate::fault::Fault;
use crate::store::db::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::reference::{self, Reference};
use tansiq_dossier::time::Moment;

/// The next number for a dossier that this party opens; none for a kind that people never quote. It is not taken yet, so that
/// none is lost to an act that is refused.
///
/// # Errors
/// When the store fails.
pub fn next(
    connection: &Connection,
    own: &PartyId,
    audience: &BTreeSet<PartyId>,
    kind: &str,
    now: Moment,
) -> Result<Option<Reference>, Fault> {
    let series = Kind::named(kind).and_then(|kind| reference::series(own, audience, kind, now.civil_date()));
    let Some(series) = series else { return Ok(None) };
    let last: Option<u32> = connection
        .prepare_cached("SELECT last FROM reference WHERE series = ?1")?
        .query_row([&series], |row| row.get(0))
        .optional()?;
    Ok(Reference::new(&series, last.unwrap_or(0) + 1))
}

/// Takes a number: the next one of its series is one higher.
///
/// # Errors
/// When the store fails.
pub fn take(connection: &Connection, reference: &Reference) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO reference (series, last) VALUES (?1, 1) ON CONFLICT (series) DO UPDATE SET last = reference.last + 1",
        )?
        .execute(params![reference.series()])?;
    Ok(())
}

/// Makes sure that a number is taken, and every lower one of its series: a record that gave it came back after a restore.
///
/// # Errors
/// When the store fails.
pub fn at_least(connection: &Connection, reference: &Reference) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO reference (series, last) VALUES (?1, ?2) ON CONFLICT (series) DO UPDATE
             SET last = CASE WHEN excluded.last > reference.last THEN excluded.last ELSE reference.last END",
        )?
        .run(params![reference.series(), i64::from(reference.number())])?;
    Ok(())
}
