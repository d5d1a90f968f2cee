//! Folder, keys, disk, database and guard: what can be looked at without opening the node.

use super::{Report, ago};
use crate::backup;
use crate::clock::World;
use crate::fault::Fault;
use crate::keys::Keys;
use crate::node::{Config, DATABASE, KEYS, Node};
use crate::store::copy::open_copy;
use crate::store::db::Connection;
use crate::store::guard::Guard;
use crate::store::{meta, purging};
use std::path::Path;

/// Below this much room a node will soon be unable to write.
const LITTLE: u64 = 512 * 1024 * 1024;
/// A write-ahead log of this size is not being emptied.
const LONG_WAL: u64 = 256 * 1024 * 1024;
/// A back-up older than this is told of, in seconds.
const OLD_BACKUP: i64 = 7 * 86_400;

pub(super) fn look(report: &mut Report, folder: &Path, config: &Config, world: &World) {
    match Keys::open(&folder.join(KEYS)) {
        Ok(_) => report.good("keys", "complete, and readable by their owner alone"),
        Err(fault) => report.problem("keys", fault.to_string(), fault.hint()),
    }
    private(report, folder);
    room(report, "disk", folder);
    let guard = config.guard_folder(folder);
    if guard.exists() {
        room(report, "guard's disk", &guard);
    }
    match Guard::open(&guard) {
        Ok(_) if !guard.join("journal").exists() => report.problem(
            "guard",
            format!("there is none in {}", guard.display()),
            "if it was moved, say in node.json where it is; if it is lost, the node asks its peers what it had said before it says more",
        ),
        Ok(opened) if opened.was_lost() => report.notice(
            "guard",
            "it was begun anew beside an older database",
            "the node has to ask its peers in every channel; `tansiq recover` says how far that is",
        ),
        Ok(_) => report.good("guard", format!("readable, in {}", guard.display())),
        Err(fault) => report.problem("guard", fault.to_string(), fault.hint()),
    }
    if same_disk(folder, &guard) == Some(true) {
        report.notice(
            "guard",
            "it lies on the same disk as the database: if that disk is lost, both are",
            "name a folder on another disk as `guard` in node.json, and move the guard there while the node is stopped",
        );
    }
    if config.database.is_none() {
        database(report, folder, world);
    }
}

fn database(report: &mut Report, folder: &Path, world: &World) {
    let path = folder.join(DATABASE);
    let advice = "stop the node, keep the damaged file, and lay the node out from a back-up with `tansiq restore`";
    if !path.exists() {
        report.problem("database", format!("there is none in {}", folder.display()), advice);
        return;
    }
    match check(&path) {
        Ok((found, made)) => {
            if found == "ok" {
                let size = std::fs::metadata(&path).map_or(0, |about| about.len());
                report.good("database", format!("opens, and its quick check finds nothing; {} MiB", size >> 20));
            } else {
                report.problem("database", format!("it is damaged: {found}"), advice);
            }
            backup_age(report, made, world.clock.unix());
        }
        Err(fault) => report.problem("database", fault.to_string(), advice),
    }
    let wal = std::fs::metadata(folder.join(format!("{DATABASE}-wal"))).map_or(0, |about| about.len());
    if wal > LONG_WAL {
        report.notice(
            "database",
            format!("its write-ahead log is {} MiB long", wal >> 20),
            "something reads for a very long time; the log is emptied when that ends, or when the node is started again",
        );
    }
}

fn check(path: &Path) -> Result<(String, Option<i64>), Fault> {
    let connection: Connection = open_copy(path)?;
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    let made = meta::get(&connection, backup::MADE)?.and_then(|text| text.parse().ok());
    Ok((found, made))
}

/// What only the node that was opened tells. Opening it has cleared away what could be.
pub(super) fn look_inside(report: &mut Report, node: &Node, world: &World) -> Result<(), Fault> {
    let (made, is_due) = node.store.read_now(|connection| -> Result<_, Fault> {
        Ok((meta::get(connection, backup::MADE)?, purging::is_due(connection)?))
    })?;
    if node.config.database.is_some() {
        backup_age(report, made.and_then(|text| text.parse().ok()), world.clock.unix());
    }
    if is_due {
        report.notice(
            "database",
            "what was destroyed still stands in older copies of what was written over",
            "something reads the database for a very long time (on PostgreSQL see pg_stat_activity, pg_prepared_xacts and \
             pg_replication_slots); a minute after it ends, a node that serves has cleared it away",
        );
    }
    Ok(())
}

fn backup_age(report: &mut Report, made: Option<i64>, now: i64) {
    let advice = "`tansiq backup --out FOLDER` makes one while the node serves";
    match made.map(|made| now - made) {
        Some(age) if age <= OLD_BACKUP => report.good("back-up", format!("made {}", ago(age))),
        Some(age) => report.notice("back-up", format!("the last one was made {}", ago(age)), advice),
        None => report.notice("back-up", "none was made yet", advice),
    }
}

#[cfg(unix)]
fn private(report: &mut Report, folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let open = std::fs::metadata(folder).is_ok_and(|about| about.permissions().mode() & 0o077 != 0);
    if open {
        report.problem(
            "folder",
            format!("{} can be entered by others than its owner", folder.display()),
            "run `chmod 700` on it",
        );
    }
}

#[cfg(not(unix))]
fn private(_report: &mut Report, _folder: &Path) {}

#[cfg(unix)]
fn room(report: &mut Report, about: &str, folder: &Path) {
    let Ok(disk) = rustix::fs::statvfs(folder) else { return };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let says = format!("{} MiB are free", free >> 20);
    if free < LITTLE {
        report.problem(about, says, "make room: a node that cannot write stops taking acts, and has to be started again");
    } else {
        report.good(about, says);
    }
}

#[cfg(not(unix))]
fn room(_report: &mut Report, _about: &str, _folder: &Path) {}

#[cfg(unix)]
fn same_disk(one: &Path, other: &Path) -> Option<bool> {
    use std::os::unix::fs::MetadataExt;
    Some(std::fs::metadata(one).ok()?.dev() == std::fs::metadata(other).ok()?.dev())
}

#[cfg(not(unix))]
fn same_disk(_one: &Path, _other: &Path) -> Option<bool> {
    None
}
