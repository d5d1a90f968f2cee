//! Brings SQLite's write-ahead log into the file of the database, beside the writer: what is committed is durable in the log, and
//! nobody who commits waits for it to be copied.

use super::db::{Connection, Place, sqlite};
use crate::fault::Fault;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// The thread that does so. It ends with this.
pub(super) struct Backfill(SyncSender<()>);

impl Backfill {
    /// Starts it for the connection that writes, where the database is a file.
    ///
    /// # Errors
    /// When the file cannot be opened, or no thread can be started.
    pub(super) fn start(place: &Place, writer: &Connection) -> Result<Option<Backfill>, Fault> {
        let (Place::File(path), Some(writer)) = (place, writer.sqlite()) else { return Ok(None) };
        let connection = sqlite::for_writing(path)?;
        let (nudge, nudged) = sync_channel(1);
        let thread = std::thread::Builder::new().name("store-log".to_owned()).spawn(move || run(&connection, &nudged));
        thread.map_err(Fault::file("cannot start the thread of the write-ahead log"))?;
        sqlite::leave_log(writer)?;
        Ok(Some(Backfill(nudge)))
    }

    /// Says that something was committed.
    pub(super) fn nudge(&self) {
        // One that is still under way sees what was committed meanwhile when it looks again.
        let _told_already = self.0.try_send(());
    }
}

fn run(connection: &Connection, nudged: &Receiver<()>) {
    while nudged.recv().is_ok() {
        let Some(connection) = connection.sqlite() else { return };
        if let Err(error) = sqlite::bring_in_log(connection) {
            // The writer does it itself once the log is long, and meets the same fault where it can be told.
            tracing::warn!(fault = %error, "the write-ahead log was not brought into the file");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn the_log_is_brought_in_beside_the_writer() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::File(folder.path().join("tansiq.db"));
        let writer = crate::store::bare(&place).unwrap();
        writer.execute_batch("CREATE TABLE kept (bytes BLOB NOT NULL)").unwrap();
        let backfill = Backfill::start(&place, &writer).unwrap().unwrap();
        let begun = Instant::now();
        let brought = || {
            let row = writer.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| Ok((row.get(1)?, row.get(2)?)));
            let (_, brought): (i64, i64) = row.unwrap();
            brought
        };
        while brought() == 0 {
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing was brought in");
            writer.execute_batch("INSERT INTO kept VALUES (zeroblob(1048576))").unwrap();
            backfill.nudge();
        }
    }
}
