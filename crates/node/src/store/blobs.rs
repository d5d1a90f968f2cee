//! The files of dossiers: each lies under the hash of its bytes, and is written beside its place before it is moved there.
//!
//! ```text
//! blobs/ab/abcd…            a whole file, by its SHA-256
//! blobs/partial/abcd…-TUR   what has come so far of a file from a party; it is gone on with after a break
//! blobs/partial/up-…        what an officer is bringing just now
//! ```
//!
//! A file is moved into its place within the transaction that says to which dossier it belongs, so that nothing else can
//! come between. A crash before that leaves a file that nobody needs, which is swept away at a later start. Nothing here is
//! ever run, shown or read into memory whole.

use crate::attachments::AttachmentRefusal;
use crate::clock::World;
use crate::fault::{Fault, Trouble};
use crate::keys::{make_private_folder, private_options};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::custody::MAX_ATTACHMENT;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::refusal::Refusal;
use tokio::io::{AsyncSeekExt, AsyncWriteExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The largest file, in bytes.
pub const LARGEST: u64 = MAX_ATTACHMENT.unsigned_abs();
/// How many files may be coming in at once, from officers and from peers each.
const ROOM: usize = 8;
/// How many of them from one party: the others' files do not wait for a peer that is slow on purpose.
const ROOM_OF_ONE: usize = 2;
/// How much of a file is in memory at once.
pub(crate) const PIECE: usize = 256 * 1024;
/// How old a file that nobody needs must be before it is swept away.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

const PARTIAL: &str = "partial";

/// The files of a node.
#[derive(Debug, Clone)]
pub struct Blobs {
    folder: PathBuf,
    claimed: Arc<Mutex<BTreeSet<String>>>,
    officers: Arc<Semaphore>,
    peers: Arc<Semaphore>,
}

impl Blobs {
    /// The files in `folder`, which is made when the first one comes.
    #[must_use]
    pub fn new(folder: PathBuf) -> Blobs {
        let room = || Arc::new(Semaphore::new(ROOM));
        Blobs { folder, claimed: Arc::default(), officers: room(), peers: room() }
    }

    /// Where a whole file lies. The path is made from a hash that was read as one, and from nothing that anybody typed.
    fn place(&self, hash: &ContentHash) -> PathBuf {
        let name = hash.to_string();
        self.folder.join(name.get(..2).unwrap_or_default()).join(name)
    }

    fn partial_folder(&self) -> Result<PathBuf, Fault> {
        make_private_folder(&self.folder)?;
        let folder = self.folder.join(PARTIAL);
        make_private_folder(&folder)?;
        Ok(folder)
    }

    /// A whole file, open for reading, with its size.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn open(&self, hash: &ContentHash) -> Result<Option<(File, u64)>, Fault> {
        let path = self.place(hash);
        let fault = || Fault::file(format!("cannot read {}", path.display()));
        match File::open(&path) {
            Ok(file) => {
                let size = file.metadata().map_err(fault())?.len();
                Ok(Some((file, size)))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(fault()(error)),
        }
    }

    /// Whether the whole file is here.
    #[must_use]
    pub fn has(&self, hash: &ContentHash) -> bool {
        self.place(hash).is_file()
    }

    /// Begins to take in a file from an officer.
    ///
    /// # Errors
    /// `ATT09` when as many are coming in already as may at once; or a fault of the disk.
    pub async fn begin(&self, world: &World) -> Result<Incoming, Trouble> {
        let room = self.officers.clone().try_acquire_owned().map_err(|_| Refusal::from(AttachmentRefusal::Busy))?;
        let name: [u8; 16] = world.random()?;
        let path = self.partial_folder()?.join(format!("up-{}", data_encoding::HEXLOWER.encode(&name)));
        let file = private_options().create_new(true).write(true).open(&path).map_err(cannot_write(&path))?;
        let temporary = Temporary { path, keep: false };
        Ok(Incoming { file: tokio::fs::File::from_std(file), temporary, digest: Sha256::new(), size: 0, _room: room })
    }

    /// What has come so far of a file of this size from a party; none while somebody else is writing it, or when too much
    /// comes in at once.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn partial(&self, hash: &ContentHash, size: u64, from: &PartyId) -> Result<Option<Partial>, Fault> {
        let name = format!("{hash}-{from}");
        let from_it = format!("-{from}");
        let claims = self.claimed.lock().unwrap_or_else(PoisonError::into_inner);
        if claims.iter().filter(|claim| claim.ends_with(&from_it)).count() >= ROOM_OF_ONE {
            return Ok(None);
        }
        drop(claims);
        let (Some(claim), Ok(room)) = (self.claim(&name), self.peers.clone().try_acquire_owned()) else { return Ok(None) };
        let path = self.partial_folder()?.join(name);
        let held = match std::fs::metadata(&path) {
            Ok(about) => about.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
            Err(error) => return Err(cannot_write(&path)(error)),
        };
        let mut partial = Partial { path, hash: *hash, size, held, _claim: claim, _room: room };
        if held > size {
            partial.discard()?;
        }
        Ok(Some(partial))
    }

    /// Claims something by its name for as long as the claim lives; none while another has it.
    pub(crate) fn claim(&self, name: &str) -> Option<Claim> {
        let fresh = self.claimed.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        fresh.then(|| Claim { name: name.to_owned(), claimed: self.claimed.clone() })
    }

    /// Moves a whole file into its place. To be called within the transaction that says to which dossier it belongs.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn keep(&self, mut whole: Whole) -> Result<(), Fault> {
        let place = self.place(&whole.hash);
        let folder = place.parent().unwrap_or(&self.folder);
        make_private_folder(folder)?;
        std::fs::rename(&whole.temporary.path, &place).map_err(cannot_write(&place))?;
        whole.temporary.keep = true;
        sync_folder(folder)?;
        sync_folder(&self.folder)
    }

    /// The whole files, and what has come of others, that are older than a day.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn stale(&self) -> Result<(Vec<ContentHash>, Vec<PathBuf>), Fault> {
        let (mut whole, mut partial) = (Vec::new(), Vec::new());
        for folder in list(&self.folder)? {
            let of_partial = folder.file_name().is_some_and(|name| name == PARTIAL);
            for path in list(&folder)? {
                let age = std::fs::metadata(&path).and_then(|about| about.modified()).ok().and_then(|at| at.elapsed().ok());
                if age.is_none_or(|age| age < STALE) {
                    continue;
                }
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                match name.parse() {
                    _ if of_partial => partial.push(path),
                    Ok(hash) => whole.push(hash),
                    // Not written by this node, and not its to sweep.
                    Err(_) => {}
                }
            }
        }
        Ok((whole, partial))
    }

    /// Removes what is here of a destroyed file and makes that durable: the whole file, and what has come of it in part where
    /// no other dossier waits for it. To be called within a transaction in which no dossier needs it. Returns whether
    /// anything was here.
    ///
    /// The bytes are given back to the file system. To overwrite them first would promise what no disk of today keeps: a
    /// journal, a snapshot or a worn block holds them elsewhere. Whoever must rule that out encrypts the disk.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn erase(&self, hash: &ContentHash, and_parts: bool) -> Result<bool, Fault> {
        let (place, begins) = (self.place(hash), format!("{hash}-"));
        let mut found = false;
        if removed(&place)? {
            sync_folder(place.parent().unwrap_or(&self.folder))?;
            found = true;
        }
        let partial = self.folder.join(PARTIAL);
        for path in if and_parts { list(&partial)? } else { Vec::new() } {
            if path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(&begins)) {
                found |= removed(&path)?;
                sync_folder(&partial)?;
            }
        }
        Ok(found)
    }

    /// Removes a whole file. To be called within a transaction in which no dossier needs it.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn remove(&self, hash: &ContentHash) -> Result<(), Fault> {
        let place = self.place(hash);
        std::fs::remove_file(&place).map_err(cannot_write(&place))
    }
}

/// Removes a file; whether there was one.
fn removed(path: &Path) -> Result<bool, Fault> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        done => done.map(|()| true).map_err(cannot_write(path)),
    }
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let fault = || Fault::file(format!("cannot read the folder {}", folder.display()));
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry.map_err(fault())?.path())).collect(),
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        Err(error) => Err(fault()(error)),
    }
}

fn cannot_write(path: &Path) -> impl FnOnce(std::io::Error) -> Fault + use<> {
    Fault::file(format!("cannot write {}", path.display()))
}

/// A rename is durable once its folder is.
fn sync_folder(folder: &Path) -> Result<(), Fault> {
    #[cfg(unix)]
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(cannot_write(folder))?;
    Ok(())
}

/// That nobody else works on something.
#[derive(Debug)]
pub struct Claim {
    name: String,
    claimed: Arc<Mutex<BTreeSet<String>>>,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.claimed.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

/// A file that goes when it is no longer needed.
#[derive(Debug)]
struct Temporary {
    path: PathBuf,
    keep: bool,
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.keep {
            // One that stays behind is swept away at a later start.
            let _swept_later = std::fs::remove_file(&self.path);
        }
    }
}

/// A file that an officer is bringing. What is left unfinished is removed.
#[derive(Debug)]
pub struct Incoming {
    file: tokio::fs::File,
    temporary: Temporary,
    digest: Sha256,
    size: u64,
    _room: OwnedSemaphorePermit,
}

impl Incoming {
    /// Takes in further bytes.
    ///
    /// # Errors
    /// `ATT02` as soon as it is larger than a file may be; or a fault of the disk.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        self.size += bytes.len() as u64;
        if self.size > LARGEST {
            return Err(Refusal::from(AttachmentRefusal::TooLarge).into());
        }
        self.digest.update(bytes);
        Ok(self.file.write_all(bytes).await.map_err(cannot_write(&self.temporary.path))?)
    }

    /// The whole file, durable.
    ///
    /// # Errors
    /// `ATT01` when there is nothing in it; or a fault of the disk.
    pub async fn finish(mut self) -> Result<Whole, Trouble> {
        if self.size == 0 {
            return Err(Refusal::from(AttachmentRefusal::Empty).into());
        }
        let fault = || cannot_write(&self.temporary.path);
        self.file.flush().await.map_err(fault())?;
        self.file.sync_all().await.map_err(fault())?;
        Ok(Whole { hash: parsed(self.digest)?, size: self.size, temporary: self.temporary })
    }
}

fn parsed(digest: Sha256) -> Result<ContentHash, Fault> {
    let text = data_encoding::HEXLOWER.encode(&digest.finalize());
    text.parse().map_err(|_| Fault::Damaged("a file's hash".to_owned()))
}

/// A whole file that has no place yet. It goes when it gets none.
#[derive(Debug)]
pub struct Whole {
    /// The SHA-256 of its bytes.
    pub hash: ContentHash,
    /// How many they are.
    pub size: u64,
    temporary: Temporary,
}

impl Whole {
    /// The file, open for reading.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(&self) -> Result<File, Fault> {
        File::open(&self.temporary.path).map_err(Fault::file(format!("cannot read {}", self.temporary.path.display())))
    }
}

/// What has come of a file from a party. It stays when it is not finished, so that the rest can follow.
#[derive(Debug)]
pub struct Partial {
    path: PathBuf,
    hash: ContentHash,
    size: u64,
    held: u64,
    _claim: Claim,
    _room: OwnedSemaphorePermit,
}

impl Partial {
    /// How many bytes have come.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.held
    }

    /// How many are still to come.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.size - self.held
    }

    /// Opens it to write on at its end.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn append(&mut self) -> Result<Appending<'_>, Fault> {
        let file = private_options().create(true).append(true).open(&self.path).map_err(cannot_write(&self.path))?;
        let mut file = tokio::fs::File::from_std(file);
        file.seek(std::io::SeekFrom::End(0)).await.map_err(cannot_write(&self.path))?;
        Ok(Appending { partial: self, file })
    }

    /// Forgets what has come.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn discard(&mut self) -> Result<(), Fault> {
        self.held = 0;
        removed(&self.path).map(|_was_there| ())
    }

    /// The whole file, if its bytes as they lie on the disk have the hash that was asked for; none, and nothing is left of
    /// it, if they do not. Reads it once, on this thread.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn finish(self) -> Result<Option<Whole>, Fault> {
        let fault = || Fault::file(format!("cannot read {}", self.path.display()));
        let mut file = match File::open(&self.path) {
            // It was destroyed while its last bytes came.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(fault())?,
        };
        let (mut digest, mut piece, mut read) = (Sha256::new(), vec![0; PIECE], 0);
        loop {
            let count = file.read(&mut piece).map_err(fault())?;
            if count == 0 {
                break;
            }
            read += count as u64;
            digest.update(piece.get(..count).unwrap_or_default());
        }
        let temporary = Temporary { path: self.path.clone(), keep: false };
        if read != self.size || parsed(digest)? != self.hash {
            return Ok(None);
        }
        file.sync_all().map_err(fault())?;
        Ok(Some(Whole { hash: self.hash, size: self.size, temporary }))
    }
}

/// A partial file that is being written on.
#[derive(Debug)]
pub struct Appending<'p> {
    partial: &'p mut Partial,
    file: tokio::fs::File,
}

impl Appending<'_> {
    /// Takes in further bytes. Says whether they still belong to a file of this size.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<bool, Fault> {
        if bytes.len() as u64 > self.partial.missing() {
            return Ok(false);
        }
        self.file.write_all(bytes).await.map_err(cannot_write(&self.partial.path))?;
        self.partial.held += bytes.len() as u64;
        Ok(true)
    }

    /// Hands everything to the system, so that its length tells what has come.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn close(mut self) -> Result<(), Fault> {
        self.file.flush().await.map_err(cannot_write(&self.partial.path))
    }
}
