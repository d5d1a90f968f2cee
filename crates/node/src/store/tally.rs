//! How many dossiers are alike: what counts are made of, and where a list has to look.
//!
//! A count that read every dossier would take the longer the more there are. Dossiers are alike in few ways (kind, state, whose
//! turn, for whom, how secret), so those ways are counted instead, in the transaction that changes a dossier.

use super::db::{Connection, OptionalExtension, Value, params, params_from_iter};
use super::logs::uint;
use crate::fault::Fault;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::record::DossierId;

/// What dossiers are alike in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Alike {
    pub(super) channel: ChannelId,
    pub(super) kind: Cow<'static, str>,
    pub(super) state: String,
    pub(super) done: i64,
    pub(super) owner: String,
    pub(super) awaits: String,
    pub(super) audience: String,
    pub(super) class: i64,
    pub(super) caveats: String,
}

/// What changed in the counts and is not written yet.
#[derive(Debug, Default)]
pub struct Tally {
    changed: BTreeMap<Alike, i64>,
    /// What was counted last, and is not among them yet: the next is mostly alike.
    last: Option<(Alike, i64)>,
}

impl Tally {
    /// A dossier is no longer like `before`, and like `after` now.
    pub(super) fn shift(&mut self, before: Option<Alike>, after: Option<Alike>) {
        if before == after {
            return;
        }
        for (alike, by) in before.map(|alike| (alike, -1)).into_iter().chain(after.map(|alike| (alike, 1))) {
            match &mut self.last {
                Some((last, count)) if *last == alike => *count += by,
                last => {
                    let before = last.replace((alike, by));
                    self.note(before);
                }
            }
        }
    }

    fn note(&mut self, counted: Option<(Alike, i64)>) {
        if let Some((alike, by)) = counted {
            *self.changed.entry(alike).or_default() += by;
        }
    }

    /// Writes what changed, within the transaction that changed it.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn write(&mut self, connection: &Connection) -> Result<(), Fault> {
        let last = self.last.take();
        self.note(last);
        for (alike, by) in std::mem::take(&mut self.changed).into_iter().filter(|(_, by)| *by != 0) {
            connection
                .prepare_cached(
                    "INSERT INTO tally (channel, kind, state, done, owner, awaits, audience, class, caveats, dossiers)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                     ON CONFLICT (channel, kind, state, done, owner, awaits, audience, class, caveats)
                     DO UPDATE SET dossiers = tally.dossiers + excluded.dossiers",
                )?
                .run(params![
                    alike.channel.as_str(),
                    alike.kind.as_ref(),
                    alike.state,
                    alike.done,
                    alike.owner,
                    alike.awaits,
                    alike.audience,
                    alike.class,
                    alike.caveats,
                    by
                ])?;
        }
        Ok(())
    }
}

/// What a dossier is counted as, if it is kept.
pub(super) fn of(connection: &Connection, channel: &ChannelId, dossier: &DossierId) -> Result<Option<Alike>, Fault> {
    let found = connection
        .prepare_cached(
            "SELECT kind, state, done, owner, awaits, audience, class, caveats FROM dossier WHERE channel = ?1 AND dossier = ?2",
        )?
        .query_row([channel.as_str(), dossier.as_str()], |row| {
            Ok(Alike {
                channel: channel.clone(),
                kind: row.get::<_, String>(0)?.into(),
                state: row.get(1)?,
                done: row.get(2)?,
                owner: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
                awaits: row.get(4)?,
                audience: row.get(5)?,
                class: row.get(6)?,
                caveats: row.get(7)?,
            })
        })
        .optional()?;
    Ok(found)
}

/// The columns as dossiers have them.
const COLUMNS: &str = "channel, kind, state, done, coalesce(owner, ''), awaits, audience, class, caveats";

/// Counts everything anew.
///
/// # Errors
/// When the store fails.
pub(super) fn make(connection: &Connection) -> Result<(), Fault> {
    connection.execute("DELETE FROM tally", [])?;
    let text = format!(
        "INSERT INTO tally (channel, kind, state, done, owner, awaits, audience, class, caveats, dossiers)
         SELECT {COLUMNS}, count(*) FROM dossier GROUP BY {COLUMNS}"
    );
    connection.execute(&text, [])?;
    Ok(())
}

/// Whether the counts are those of the dossiers that are kept, by kind and state: as far as an index tells it.
///
/// # Errors
/// When the store fails.
pub fn holds(connection: &Connection) -> Result<bool, Fault> {
    let counts = |text: &str| -> Result<Vec<(String, String, String, i64)>, Fault> {
        let mut query = connection.prepare_cached(text)?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    let kept = counts("SELECT channel, kind, state, count(*) FROM dossier GROUP BY channel, kind, state ORDER BY 1, 2, 3")?;
    let told = counts(
        "SELECT channel, kind, state, CAST(sum(dossiers) AS BIGINT) FROM tally WHERE dossiers <> 0
         GROUP BY channel, kind, state HAVING sum(dossiers) <> 0 ORDER BY 1, 2, 3",
    )?;
    Ok(kept == told)
}

/// How many dossiers fulfil conditions over what is counted.
///
/// # Errors
/// When the store fails.
pub(super) fn count(connection: &Connection, (conditions, values): (&str, Vec<Value>)) -> Result<u64, Fault> {
    let text = format!("SELECT CAST(coalesce(sum(dossiers), 0) AS BIGINT) FROM tally WHERE {conditions}");
    let found: i64 = connection.prepare_cached(&text)?.query_row(params_from_iter(values), |row| row.get(0))?;
    Ok(uint(found))
}

/// The same, for each kind by itself.
///
/// # Errors
/// When the store fails.
pub(super) fn count_by_kind(
    connection: &Connection,
    (conditions, values): (&str, Vec<Value>),
) -> Result<Vec<(String, u64)>, Fault> {
    let text = format!("SELECT kind, CAST(sum(dossiers) AS BIGINT) FROM tally WHERE {conditions} AND dossiers > 0 GROUP BY kind");
    let mut query = connection.prepare_cached(&text)?;
    let rows = query.query_map(params_from_iter(values), |row| Ok((row.get::<_, String>(0)?, uint(row.get::<_, i64>(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Where dossiers lie that fulfil conditions over what is counted: channels, kinds and states, each of which has an index of its
/// own in the order of change.
///
/// # Errors
/// When the store fails.
pub(super) fn places(
    connection: &Connection,
    (conditions, values): (&str, Vec<Value>),
) -> Result<BTreeSet<(String, String, String)>, Fault> {
    let text = format!("SELECT DISTINCT channel, kind, state FROM tally WHERE {conditions} AND dossiers > 0");
    let mut query = connection.prepare_cached(&text)?;
    let rows = query.query_map(params_from_iter(values), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
