//! The file in which the guard is kept: lines that are only ever added, each checked by a hash that runs through all of them.
//!
//! ```text
//! tansiq guard 1
//! <32 hexadecimal digits> {"said":{…}}
//! <32 hexadecimal digits> {"unsure":{…}}
//! (zeros up to the end of the file)
//! ```
//!
//! The digits are the beginning of SHA-256(the hash of the line before ‖ the line). A line that a crash tore does not fit, and
//! neither does what an earlier writing left behind it; both end the file. Nobody was told of a torn line. The room is written
//! beforehand, so that adding a line changes nothing but bytes, and one `fdatasync` makes it durable.

use crate::fault::Fault;
use crate::keys;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;

const NAME: &str = "journal";
const HEADER: &[u8] = b"tansiq guard 1\n";
/// How large the file is made at least.
const ROOM: usize = 1024 * 1024;
/// How many digits of its hash a line begins with.
const DIGITS: usize = 32;

/// One thing that the guard has noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Line {
    /// This node signed this checkpoint of its own log, or cosigned it of another's.
    Said { channel: ChannelId, party: PartyId, note: String },
    /// The guard was begun beside a database that had been guarded before: what was said then is not known here.
    Blank {},
    /// The same, of one channel.
    Unsure { channel: ChannelId },
    /// A party of the channel was asked how much of this node's log it holds, and said so.
    Asked { channel: ChannelId, party: PartyId, size: u64 },
    /// The channel's log is whole again.
    Certain { channel: ChannelId },
    /// Whoever runs the node gave up what came after this checkpoint, which no party of the channel holds.
    Accepted { channel: ChannelId, party: PartyId, note: String },
    /// A checkpoint with this node's own signature over another tree than the one that it holds.
    Contradicted { channel: ChannelId, note: String },
}

/// What stands in the file beyond what was read of it before.
pub(super) struct News {
    /// Whether the file is another one than before: then these are all its lines.
    pub(super) anew: bool,
    pub(super) lines: Vec<Line>,
}

/// The open file.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    lock: Arc<File>,
    file: File,
    identity: (u64, u64),
    /// Where the next line goes.
    end: u64,
    /// The hash of the last line.
    chain: [u8; 32],
    capacity: u64,
}

/// Keeps other processes out of the file while it lives.
pub(super) struct Locked(Arc<File>);

impl Drop for Locked {
    fn drop(&mut self) {
        // The system releases it with the file at the latest.
        let _released = self.0.unlock();
    }
}

fn fault(path: &Path) -> impl FnOnce(std::io::Error) -> Fault + use<> {
    Fault::file(format!("the guard {} cannot be read or written", path.display()))
}

impl Journal {
    /// Whether there is a guard in this folder.
    pub(super) fn exists(folder: &Path) -> bool {
        folder.join(NAME).exists()
    }

    /// Begins a guard with these lines.
    pub(super) fn create(folder: &Path, lines: &[Line]) -> Result<Journal, Fault> {
        keys::make_private_folder(folder)?;
        write_whole(&folder.join(NAME), lines)?;
        Journal::open(folder).map(|(journal, _)| journal)
    }

    /// Opens the guard of a folder, and reads its lines.
    pub(super) fn open(folder: &Path) -> Result<(Journal, Vec<Line>), Fault> {
        let path = folder.join(NAME);
        let place = folder.join("lock");
        let lock = keys::private_options().create(true).truncate(false).write(true).open(&place).map_err(fault(&place))?;
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(fault(&path))?;
        let mut journal = Journal { path, lock: Arc::new(lock), file, identity: (0, 0), end: 0, chain: [0; 32], capacity: 0 };
        let lines = journal.read_whole()?;
        Ok((journal, lines))
    }

    /// Waits until no other process writes.
    pub(super) fn lock(&self) -> Result<Locked, Fault> {
        self.lock.lock().map_err(fault(&self.path))?;
        Ok(Locked(self.lock.clone()))
    }

    /// What other processes have added.
    pub(super) fn news(&mut self) -> Result<News, Fault> {
        if identity(&std::fs::metadata(&self.path).map_err(fault(&self.path))?) != self.identity {
            self.file = OpenOptions::new().read(true).write(true).open(&self.path).map_err(fault(&self.path))?;
            return Ok(News { anew: true, lines: self.read_whole()? });
        }
        let mut first = [0];
        self.file.seek(SeekFrom::Start(self.end)).map_err(fault(&self.path))?;
        let read = self.file.read(&mut first).map_err(fault(&self.path))?;
        let lines = if read == 0 || first == [0] { Vec::new() } else { self.read_on()? };
        Ok(News { anew: false, lines })
    }

    /// Adds lines, durably. Where there is no room for them, the file is written anew with `all`.
    pub(super) fn add(&mut self, lines: &[Line], all: impl FnOnce() -> Vec<Line>) -> Result<(), Fault> {
        let mut chain = self.chain;
        let bytes = encode(lines, &mut chain)?;
        if self.end + bytes.len() as u64 > self.capacity {
            write_whole(&self.path, &all())?;
            self.file = OpenOptions::new().read(true).write(true).open(&self.path).map_err(fault(&self.path))?;
            return self.read_whole().map(|_| ());
        }
        self.file.seek(SeekFrom::Start(self.end)).map_err(fault(&self.path))?;
        self.file.write_all(&bytes).and_then(|()| self.file.sync_data()).map_err(fault(&self.path))?;
        self.end += bytes.len() as u64;
        self.chain = chain;
        Ok(())
    }

    fn read_whole(&mut self) -> Result<Vec<Line>, Fault> {
        let about = self.file.metadata().map_err(fault(&self.path))?;
        self.identity = identity(&about);
        self.capacity = about.len();
        let mut header = vec![0; HEADER.len()];
        self.file.seek(SeekFrom::Start(0)).and_then(|_| self.file.read_exact(&mut header)).map_err(fault(&self.path))?;
        if header != HEADER {
            return Err(Fault::Damaged(format!("{} is no guard of this version", self.path.display())));
        }
        self.end = HEADER.len() as u64;
        self.chain = Sha256::digest(HEADER).into();
        self.read_on()
    }

    fn read_on(&mut self) -> Result<Vec<Line>, Fault> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(self.end)).and_then(|_| self.file.read_to_end(&mut bytes)).map_err(fault(&self.path))?;
        let mut lines = Vec::new();
        let mut rest = bytes.as_slice();
        while let Some(length) = rest.iter().position(|byte| *byte == b'\n') {
            let Some((text, after)) = rest.split_at_checked(length + 1) else { break };
            let Some((line, chain)) = decode(text, &self.chain) else { break };
            lines.push(line);
            self.chain = chain;
            self.end += text.len() as u64;
            rest = after;
        }
        Ok(lines)
    }
}

fn hash(chain: &[u8; 32], json: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(chain).chain_update(json).finalize().into()
}

fn encode(lines: &[Line], chain: &mut [u8; 32]) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    for line in lines {
        let json = serde_json::to_vec(line).map_err(|error| Fault::Damaged(error.to_string()))?;
        *chain = hash(chain, &json);
        bytes.extend_from_slice(HEXLOWER.encode(chain).get(..DIGITS).unwrap_or_default().as_bytes());
        bytes.push(b' ');
        bytes.extend_from_slice(&json);
        bytes.push(b'\n');
    }
    Ok(bytes)
}

fn decode(text: &[u8], chain: &[u8; 32]) -> Option<(Line, [u8; 32])> {
    let (digits, rest) = text.split_at_checked(DIGITS)?;
    let json = rest.strip_prefix(b" ")?.strip_suffix(b"\n")?;
    let chain = hash(chain, json);
    if HEXLOWER.encode(&chain).as_bytes().get(..DIGITS) != Some(digits) {
        return None;
    }
    Some((serde_json::from_slice(json).ok()?, chain))
}

/// Writes the file beside its place, and moves it there once it is durable: a crash leaves the old one or the new one.
fn write_whole(path: &Path, lines: &[Line]) -> Result<(), Fault> {
    let mut chain = Sha256::digest(HEADER).into();
    let mut bytes = HEADER.to_vec();
    bytes.extend(encode(lines, &mut chain)?);
    let room = ROOM.max(bytes.len() * 4);
    bytes.resize(room, 0);
    let beside = path.with_extension("new");
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(fault(&beside)(error)),
        _ => {}
    }
    let mut file = keys::private_options().create_new(true).write(true).open(&beside).map_err(fault(&beside))?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(fault(&beside))?;
    std::fs::rename(&beside, path).map_err(fault(path))?;
    keys::sync_folder(path.parent().unwrap_or(path))
}

/// Tells one file from another that took its place.
#[cfg(unix)]
fn identity(about: &std::fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (about.dev(), about.ino())
}

#[cfg(not(unix))]
fn identity(about: &std::fs::Metadata) -> (u64, u64) {
    let made = about.created().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    (made.map_or(0, |since| since.as_secs()), about.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u64) -> Line {
        Line::Asked { channel: "0".repeat(32).parse().unwrap(), party: "IRQ".parse().unwrap(), size: number }
    }

    #[test]
    fn what_was_added_is_read_by_another_process_and_after_a_start() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = Journal::create(folder.path(), &[line(0)]).unwrap();
        let (mut second, lines) = Journal::open(folder.path()).unwrap();
        assert_eq!(lines, [line(0)]);
        for hundred in 1..200 {
            // Through several files: the room is used up again and again.
            let lines: Vec<Line> = (0..100).map(|number| line(hundred * 100 + number)).collect();
            first.add(&lines, || vec![line(hundred * 100 + 99)]).unwrap();
            if hundred % 30 == 0 {
                assert_eq!(second.news().unwrap().lines.last(), lines.last());
            }
        }
        assert_eq!(second.news().unwrap().lines.last(), Some(&line(19_999)));
        assert!(second.news().unwrap().lines.is_empty());
        assert_eq!(Journal::open(folder.path()).unwrap().1.last(), Some(&line(19_999)));
    }

    #[test]
    fn a_torn_line_is_as_if_it_had_not_been_written_and_what_lies_behind_it_never_counts() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::create(folder.path(), &[]).unwrap();
        journal.add(&[line(1)], Vec::new).unwrap();
        let begin = usize::try_from(journal.end).unwrap();
        journal.add(&[line(2), line(3)], Vec::new).unwrap();
        let path = folder.path().join(NAME);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[begin + 5] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let (mut journal, lines) = Journal::open(folder.path()).unwrap();
        assert_eq!(lines, [line(1)]);
        // The new line is as long as the torn one, and the line behind it would fit by its length.
        journal.add(&[line(4)], Vec::new).unwrap();
        assert_eq!(Journal::open(folder.path()).unwrap().1, [line(1), line(4)]);
    }
}
