//! What is kept of dossiers, read in the order of their names beside something else that is read in that order.

use super::db::{Connection, Rows, Statement, params};
use crate::fault::Fault;
use std::cmp::Ordering;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::record::DossierId;

const UP_TO: &str = "SELECT dossier, fold FROM dossier WHERE channel = ?1 AND dossier > ?2 AND dossier <= ?3 ORDER BY dossier";
const TO_THE_END: &str = "SELECT dossier, fold FROM dossier WHERE channel = ?1 AND dossier > ?2 AND ?3 = '' ORDER BY dossier";

/// The dossiers of a channel after one and up to another.
pub(crate) struct Between<'c>(Statement<'c>);

impl<'c> Between<'c> {
    /// Prepares to read them, up to the last one when no end is given.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn new(connection: &'c Connection, to: Option<&str>) -> Result<Between<'c>, Fault> {
        Ok(Between(connection.prepare_cached(if to.is_some() { UP_TO } else { TO_THE_END })?))
    }

    /// Reads them.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn read(&mut self, channel: &ChannelId, (after, to): (&str, Option<&str>)) -> Result<Kept<'_>, Fault> {
        Ok(Kept {
            rows: self.0.query(params![channel.as_str(), after, to.unwrap_or_default()])?,
            next: None,
            is_over: false,
            strays: Vec::new(),
        })
    }
}

/// The dossiers that are left to be read.
pub(crate) struct Kept<'s> {
    rows: Rows<'s>,
    next: Option<(String, Vec<u8>)>,
    is_over: bool,
    strays: Vec<String>,
}

impl Kept<'_> {
    /// The fold that is kept of a dossier, as its bytes. Each is asked for after those before it.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub(crate) fn of(&mut self, dossier: &DossierId) -> Result<Option<Vec<u8>>, Fault> {
        loop {
            match self.next.take() {
                Some((name, fold)) => match name.as_str().cmp(dossier.as_str()) {
                    Ordering::Less => self.strays.push(name),
                    Ordering::Equal => return Ok(Some(fold)),
                    Ordering::Greater => {
                        self.next = Some((name, fold));
                        return Ok(None);
                    }
                },
                None if self.is_over => return Ok(None),
                None => {}
            }
            self.next = self.rows.next()?.map(|row| Ok::<_, Fault>((row.get(0)?, row.get(1)?))).transpose()?;
            self.is_over = self.next.is_none();
        }
    }

    /// Those that were kept and never asked for.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub(crate) fn strays(mut self) -> Result<Vec<String>, Fault> {
        self.strays.extend(self.next.take().map(|(name, _)| name));
        while let Some(row) = self.rows.next()? {
            self.strays.push(row.get(0)?);
        }
        Ok(self.strays)
    }
}
