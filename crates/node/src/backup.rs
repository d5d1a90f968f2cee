//! Back-ups: a copy of a node made while it serves, and a node laid out from one.
//!
//! ```text
//! manifest.json   what there is, with the SHA-256 of every file; written last
//! tansiq.db       the database at one moment, without anything that was erased before it: a file of SQLite, also of a node whose
//!                 store lies on a server
//! node.json       what the node is, but not on which server its store lies
//! blobs/ab/…      the files of its dossiers
//! keys/           only when they were asked for
//! ```
//!
//! The guard is never part of it: it remembers what was said since, and rolling it back would be the fork that it prevents.

use crate::fault::{Fault, Trouble};
use crate::keys::{make_private_folder, sync_folder, write_private};
use crate::node::{BLOBS, CONFIG, Config, DATABASE, KEYS, Node};
use crate::store::copy::{fill, open_copy};
use crate::store::meta;
use crate::store::{attachments, channels, logs};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::time::Moment;

const MANIFEST: &str = "manifest.json";
const VERSION: u32 = 1;
/// How much of a file is in memory at once.
const PIECE: usize = 256 * 1024;
/// Under which name the database notes when it was last copied.
pub(crate) const MADE: &str = "backup";

/// What a back-up holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this form.
    pub version: u32,
    /// The software that made it.
    pub software: String,
    /// Whose node it is of.
    pub party: PartyId,
    /// The node's name.
    pub node: String,
    /// When it was made, by the node's clock.
    pub made: Moment,
    /// The node's own logs as they were.
    pub logs: Vec<OwnLog>,
    /// Every file but this one, by its path within the back-up.
    pub files: BTreeMap<String, Kept>,
    /// Files that a dossier named and that were gone when they were to be copied.
    pub gone: BTreeSet<String>,
}

/// One of the node's own logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnLog {
    /// The channel.
    pub channel: ChannelId,
    /// Its size.
    pub size: u64,
    /// The root of its tree, in base64.
    pub root: String,
}

/// A file as it was copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Its size, in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// Removes what was begun and not finished.
struct Beside {
    path: PathBuf,
    done: bool,
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.done {
            // What stays behind has a name that says what it is.
            let _left = std::fs::remove_dir_all(&self.path);
        }
    }
}

fn cannot(what: &str, path: &Path) -> impl FnOnce(std::io::Error) -> Fault + use<> {
    Fault::file(format!("cannot {what} {}", path.display()))
}

/// Makes a back-up of a node in a folder that is not there yet. The folder has its name only once all of it is durable.
///
/// # Errors
/// When the folder is there, or a disk fails, or a file is not what its name says.
pub fn make(node: &Node, out: &Path, with_keys: bool) -> Result<Manifest, Fault> {
    if out.exists() {
        return Err(Fault::Setup(format!("{} is there already; a back-up never replaces another", out.display())));
    }
    let name = out.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let random: [u8; 4] = node.identity.world.random()?;
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let path = parent.join(format!("{name}.unfinished-{}", HEXLOWER.encode(&random)));
    let mut beside = Beside { path: path.clone(), done: false };
    make_private_folder(&path)?;
    write_private(&path.join(DATABASE), b"")?;
    node.store.copy_to(&path.join(DATABASE))?;
    let mut manifest = Manifest {
        version: VERSION,
        software: format!("tansiq {}", env!("CARGO_PKG_VERSION")),
        party: node.config.party.clone(),
        node: node.config.node.clone(),
        made: node.identity.world.now(),
        logs: Vec::new(),
        files: BTreeMap::new(),
        gone: BTreeSet::new(),
    };
    manifest.files.insert(DATABASE.to_owned(), hash_of(&path.join(DATABASE))?);
    let wanted = describe(&path.join(DATABASE), &mut manifest)?;
    // The address of a server may hold a password, and where a store lies is for whoever restores it to say.
    Config { database: None, ..(*node.config).clone() }.write(&path)?;
    manifest.files.insert(CONFIG.to_owned(), hash_of(&path.join(CONFIG))?);
    if with_keys {
        copy_folder(&node.folder.join(KEYS), &path, KEYS, &mut manifest)?;
    }
    copy_blobs(node, &path, &wanted, &mut manifest)?;
    let json = serde_json::to_vec_pretty(&manifest).map_err(|error| Fault::Setup(error.to_string()))?;
    write_private(&path.join(MANIFEST), &json)?;
    sync_folder(&path)?;
    std::fs::rename(&path, out).map_err(cannot("write", out))?;
    beside.done = true;
    sync_folder(parent)?;
    Ok(manifest)
}

/// Notes in the database of a node, of which a back-up was made or which was laid out from it, when that was.
///
/// # Errors
/// When the store fails.
pub async fn note_made(node: &Node, made: Moment) -> Result<(), Trouble> {
    let made = made.unix().to_string();
    node.store.write(move |work| Ok(meta::set(work.connection, MADE, &made)?)).await
}

/// Reads in the copy what the manifest says of it, and which files its dossiers name.
fn describe(database: &Path, manifest: &mut Manifest) -> Result<BTreeSet<ContentHash>, Fault> {
    let copy = open_copy(database)?;
    for channel in channels::names(&copy)? {
        let range = logs::head(&copy, &channel, &manifest.party)?.range;
        manifest.logs.push(OwnLog { channel, size: range.size(), root: range.root().to_string() });
    }
    attachments::noted_here(&copy)
}

fn copy_blobs(node: &Node, to: &Path, wanted: &BTreeSet<ContentHash>, manifest: &mut Manifest) -> Result<(), Fault> {
    for hash in wanted {
        let name = hash.to_string();
        let within = format!("{BLOBS}/{}/{name}", name.get(..2).unwrap_or_default());
        let (from, place) = (node.folder.join(&within), to.join(&within));
        if !from.exists() {
            // Swept away since the copy of the database was made, because no dossier needs it any longer; or lost.
            manifest.gone.insert(name);
            continue;
        }
        make_private_folder(&to.join(BLOBS))?;
        make_private_folder(place.parent().unwrap_or(to))?;
        let kept = copy(&from, &place)?;
        if kept.sha256 != name {
            return Err(Fault::Damaged(format!("the file {name} has other bytes than its name says")));
        }
        sync_folder(place.parent().unwrap_or(to))?;
        manifest.files.insert(within, kept);
    }
    Ok(())
}

/// Copies the plain files of a folder, and only them.
fn copy_folder(from: &Path, to: &Path, name: &str, manifest: &mut Manifest) -> Result<(), Fault> {
    make_private_folder(&to.join(name))?;
    let fault = || cannot("read the folder", from);
    for entry in std::fs::read_dir(from).map_err(fault())? {
        let entry = entry.map_err(fault())?;
        if let (true, Some(file)) = (entry.path().is_file(), entry.file_name().to_str()) {
            let within = format!("{name}/{file}");
            manifest.files.insert(within.clone(), copy(&entry.path(), &to.join(&within))?);
        }
    }
    sync_folder(&to.join(name))
}

/// Copies a file to a place where none is, for its owner's eyes only, and makes it durable.
fn copy(from: &Path, to: &Path) -> Result<Kept, Fault> {
    let mut source = File::open(from).map_err(cannot("read", from))?;
    write_private(to, b"")?;
    let mut target = File::options().append(true).open(to).map_err(cannot("write", to))?;
    let kept = read_through(&mut source, from, |piece| target.write_all(piece).map_err(cannot("write", to)))?;
    target.sync_all().map_err(cannot("write", to))?;
    Ok(kept)
}

fn hash_of(path: &Path) -> Result<Kept, Fault> {
    let mut file = File::open(path).map_err(cannot("read", path))?;
    read_through(&mut file, path, |_| Ok(()))
}

fn read_through(file: &mut File, path: &Path, mut take: impl FnMut(&[u8]) -> Result<(), Fault>) -> Result<Kept, Fault> {
    let (mut digest, mut piece, mut size) = (Sha256::new(), vec![0; PIECE], 0);
    loop {
        let count = file.read(&mut piece).map_err(cannot("read", path))?;
        let read = piece.get(..count).unwrap_or_default();
        if read.is_empty() {
            return Ok(Kept { size, sha256: HEXLOWER.encode(&digest.finalize()) });
        }
        size += count as u64;
        digest.update(read);
        take(read)?;
    }
}

/// Reads a back-up, and checks every file of it.
///
/// # Errors
/// When it is not whole, or a file is not what it was when it was copied.
pub fn check(from: &Path) -> Result<Manifest, Fault> {
    let path = from.join(MANIFEST);
    let text = std::fs::read(&path).map_err(Fault::file(format!("{} is no back-up, or not a whole one", from.display())))?;
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|error| Fault::Setup(format!("{}: {error}", path.display())))?;
    if manifest.version != VERSION {
        return Err(Fault::Setup(format!("{} was made by another version ({})", from.display(), manifest.software)));
    }
    for (within, kept) in &manifest.files {
        if !Path::new(within).components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(Fault::Damaged(format!("the manifest names {within}, which lies outside the back-up")));
        }
        if hash_of(&from.join(within))? != *kept {
            return Err(Fault::Damaged(format!("{within} is not what it was when the back-up was made")));
        }
    }
    Ok(manifest)
}

/// Lays out a node from a back-up. What is in the folder already stays: the guard above all, and keys. The database comes last,
/// so that a restoring that broke off left no node: a file in the folder, or an empty database of a server, if one is named or
/// the `node.json` that is there names it.
///
/// # Errors
/// When the back-up is damaged, or the folder or the server's database holds a store or another node's matter, or there are no
/// keys.
pub fn restore(from: &Path, to: &Path, keys: Option<&Path>, database: Option<&str>) -> Result<Manifest, Fault> {
    let manifest = check(from)?;
    for name in files_of(DATABASE) {
        // A write-ahead log of another database would be played into this one.
        if to.join(&name).exists() {
            return Err(Fault::Setup(format!(
                "{} is there already; stop the node and move it away first",
                to.join(name).display()
            )));
        }
    }
    make_private_folder(to)?;
    let there = if to.join(CONFIG).exists() { Some(Config::read(to)?) } else { None };
    if let Some(there) = &there
        && (&there.party, &there.node) != (&manifest.party, &manifest.node)
    {
        return Err(Fault::Setup(format!("{} is the folder of {}, not of {}", to.display(), there.node, manifest.node)));
    }
    let mut config = there.clone().map_or_else(|| Config::read(from), Ok)?;
    config.database = database.map(str::to_owned).or(config.database);
    copy_keys(&manifest, to, keys)?;
    let had_keys = to.join(KEYS).exists();
    for within in manifest.files.keys().filter(|within| *within != DATABASE && *within != CONFIG) {
        let place = to.join(within);
        if place.exists() || (had_keys && within.starts_with("keys/")) {
            continue;
        }
        if let Some(folder) = place.parent() {
            make_private_folder(folder)?;
        }
        copy(&from.join(within), &place)?;
        sync_folder(place.parent().unwrap_or(to))?;
    }
    restore_database(from, to, config.database.as_deref())?;
    if there.as_ref() != Some(&config) {
        config.write(to)?;
    }
    sync_folder(to)?;
    Ok(manifest)
}

/// Copies the keys from where they are kept apart, where the folder has none and the back-up neither.
fn copy_keys(manifest: &Manifest, to: &Path, keys: Option<&Path>) -> Result<(), Fault> {
    if to.join(KEYS).exists() {
        return Ok(());
    }
    match keys {
        Some(folder) => {
            make_private_folder(&to.join(KEYS))?;
            copy_folder(folder, to, KEYS, &mut manifest.clone())
        }
        None if manifest.files.keys().any(|within| within.starts_with("keys/")) => Ok(()),
        None => Err(Fault::Setup(format!(
            "the back-up holds no keys: put the node's keys into {}, or name their folder with --keys",
            to.join(KEYS).display()
        ))),
    }
}

/// A file of SQLite, and what SQLite keeps beside it.
fn files_of(database: &str) -> [String; 3] {
    [database.to_owned(), format!("{database}-wal"), format!("{database}-shm")]
}

/// Puts the database where the node will look for it: all of it, or nothing.
fn restore_database(from: &Path, to: &Path, server: Option<&str>) -> Result<(), Fault> {
    let name = format!("{DATABASE}.restored");
    let forget = || {
        for name in files_of(&name) {
            // Most of them are not there.
            let _gone = std::fs::remove_file(to.join(name));
        }
    };
    // What an earlier attempt left behind.
    forget();
    copy(&from.join(DATABASE), &to.join(&name))?;
    match server {
        Some(address) => {
            let filled = fill(address, &to.join(&name));
            forget();
            filled
        }
        None => std::fs::rename(to.join(&name), to.join(DATABASE)).map_err(cannot("write", &to.join(DATABASE))),
    }
}
