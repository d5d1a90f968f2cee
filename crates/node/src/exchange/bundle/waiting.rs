//! Bundles that came before the one they continue: kept beside the store until the gap closes. Only a bundle whose header was
//! signed by a party of the channel gets here, and no party fills the disk.

use super::cover::uncovered;
use super::read::{Opened, Standing, open, standing};
use super::{BundleRefusal, Header};
use crate::fault::{Fault, Trouble};
use crate::keys::{Passphrase, make_private_folder, private_options};
use crate::node::Node;
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use tansiq_dossier::refusal::{Problem, Refusal};

/// How many bundles of one log may wait.
const MOST: usize = 16;
/// How large they may be together, in bytes.
const ROOM: u64 = 1024 * 1024 * 1024;

fn folder(node: &Node) -> PathBuf {
    node.folder.join("bundles")
}

fn beginning(header: &Header) -> String {
    format!("{}-{}-", header.channel, header.from)
}

/// The bundles of one log that wait, those that begin first before the others.
fn all(node: &Node, header: &Header) -> Result<Vec<PathBuf>, Fault> {
    let folder = folder(node);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let fault = || Fault::file(format!("cannot read {}", folder.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(fault())? {
        let path = entry.map_err(fault())?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // The numbers in a name have twenty digits, so that their order is that of the names.
        if name.starts_with(&beginning(header)) && name.ends_with(".bundle") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Keeps a copy of a bundle, out of its cover, until the gap before it closes.
pub(super) fn keep(node: &Node, header: &Header, path: &Path, passphrase: Option<&Passphrase>, held: u64) -> Result<(), Trouble> {
    let folder = folder(node);
    make_private_folder(&folder)?;
    let fault = || Fault::file(format!("cannot keep {} until it is its turn", path.display()));
    let mut others = 0;
    let waiting = all(node, header)?;
    for other in &waiting {
        others += std::fs::metadata(other).map_err(fault())?.len();
    }
    let size = std::fs::metadata(path).map_err(fault())?.len();
    let digest = copy(&mut *uncovered(path, passphrase)?, &mut std::io::sink()).map_err(fault())?;
    let name = format!("{}{:020}-{digest}", beginning(header), header.entries);
    let place = folder.join(format!("{name}.bundle"));
    if place.exists() {
        return Ok(());
    }
    if waiting.len() >= MOST || others + size > ROOM {
        let code = BundleRefusal::TooManyWaiting.code().into();
        let problem = Problem { field: format!("{}.entries", header.from), code, asked: held.to_string() };
        let mut refusal = Refusal::from(BundleRefusal::TooManyWaiting);
        refusal.problems.push(problem);
        return Err(refusal.into());
    }
    // A copy that a crash cuts short has another name, and is written over by the next try.
    let part = folder.join(format!("{name}.part"));
    let mut file = private_options().write(true).create(true).truncate(true).open(&part).map_err(fault())?;
    copy(&mut *uncovered(path, passphrase)?, &mut file).map_err(fault())?;
    file.sync_all().map_err(fault())?;
    std::fs::rename(&part, &place).map_err(fault())?;
    Ok(())
}

/// The first bundle of the same log that waits and now continues what is held.
pub(super) fn next(node: &Node, header: &Header) -> Result<Option<(PathBuf, Opened)>, Trouble> {
    let now: Standing = standing(node, header)?;
    for path in all(node, header)? {
        match open(node, &path, None) {
            Ok(bundle) if now.reaches(&bundle.header) => return Ok(Some((path, bundle))),
            Ok(_) => {}
            Err(Trouble::Fault(fault)) => return Err(fault.into()),
            // What it was when it was kept, it is no longer: nobody will ever read it.
            Err(_) => remove(&path)?,
        }
    }
    Ok(None)
}

/// Forgets a bundle that has been taken in.
pub(super) fn remove(path: &Path) -> Result<(), Fault> {
    std::fs::remove_file(path).map_err(Fault::file(format!("cannot remove {}", path.display())))
}

/// Copies a bundle, and tells its hash: what tells copies of one bundle from two bundles.
fn copy(from: &mut dyn Read, to: &mut dyn Write) -> std::io::Result<String> {
    let (mut hash, mut piece) = (Sha256::new(), vec![0; 64 * 1024]);
    loop {
        let read = from.read(&mut piece)?;
        let Some(piece) = piece.get(..read).filter(|piece| !piece.is_empty()) else { break };
        hash.update(piece);
        to.write_all(piece)?;
    }
    Ok(data_encoding::HEXLOWER.encode(&hash.finalize()))
}
