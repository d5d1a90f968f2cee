//! The node's keys: three Ed25519 seeds in files that only their owner can read.
//!
//! The log key signs checkpoints, the cosigner key cosigns the logs of others, the wire key identifies the node to its
//! peers. They are never the same (C2SP tlog-cosignature: a cosigner's key signs nothing else). While keys change, the new ones
//! lie beside the old (`log.next.key`); which of them count in a channel is what its charter's dossier says
//! ([`crate::keyring`]), and the node signs with every one that does.

mod files;

pub use files::{Files, Passphrase, WORK_FACTOR, are_encrypted};

use crate::clock::World;
use crate::fault::Fault;
use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use tansiq_dossier::kinds::charter::NewKeys;
use tansiq_log::note::{KeyKind, KeyName, Signer, VerifierKey};

type Seed = [u8; 32];

const SEEDS: [&str; 3] = ["log.key", "cosigner.key", "wire.key"];
const NEXT: [&str; 3] = ["log.next.key", "cosigner.next.key", "wire.next.key"];
const EVERY: [&str; 6] = ["log.key", "cosigner.key", "wire.key", "log.next.key", "cosigner.next.key", "wire.next.key"];

/// The seeds of each sort: the one in use, and the next where there is one.
struct Seeds {
    log: Vec<Seed>,
    cosigner: Vec<Seed>,
    wire: Vec<Seed>,
}

/// The keys of one node, in memory.
pub struct Keys {
    files: Files,
    seeds: RwLock<Arc<Seeds>>,
    /// Which of the wire keys the node shows.
    shown: RwLock<usize>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// Which of the three keys are to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Which {
    /// The key of the logs.
    pub log: bool,
    /// The key that cosigns.
    pub cosigner: bool,
    /// The key on the wire.
    pub wire: bool,
}

impl Which {
    fn each(self) -> [bool; 3] {
        [self.log, self.cosigner, self.wire]
    }
}

impl Keys {
    /// Makes new keys and writes them to `folder`, which must not hold keys yet.
    ///
    /// # Errors
    /// When a file exists or cannot be written, or the system has no randomness.
    pub fn create(folder: &Path, world: &World) -> Result<Keys, Fault> {
        Keys::create_under(folder, world, None)
    }

    /// The same, under a passphrase with this work factor where one is given.
    ///
    /// # Errors
    /// As [`Keys::create`], and when the passphrase is too short.
    pub fn create_under(folder: &Path, world: &World, passphrase: Option<(&Passphrase, u8)>) -> Result<Keys, Fault> {
        let files = Files::create(folder, passphrase)?;
        for name in SEEDS {
            files.write(name, &world.random()?)?;
        }
        Keys::with(files)
    }

    /// Reads the keys from `folder`.
    ///
    /// # Errors
    /// When a file is missing, malformed, under a passphrase, or readable by others than its owner.
    pub fn open(folder: &Path) -> Result<Keys, Fault> {
        Keys::open_under(folder, None)
    }

    /// The same, with the passphrase under which they lie.
    ///
    /// # Errors
    /// As [`Keys::open`], and when it is another passphrase.
    pub fn open_under(folder: &Path, passphrase: Option<&Passphrase>) -> Result<Keys, Fault> {
        Keys::with(Files::open(folder, passphrase)?)
    }

    fn with(files: Files) -> Result<Keys, Fault> {
        let seeds = RwLock::new(Arc::new(read(&files)?));
        Ok(Keys { files, seeds, shown: RwLock::new(0) })
    }

    fn seeds(&self) -> Arc<Seeds> {
        self.seeds.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the files anew: another process may have made new keys, or put them in the place of the old.
    ///
    /// # Errors
    /// As [`Keys::open`].
    pub fn reload(&self) -> Result<(), Fault> {
        let seeds = Arc::new(read(&self.files)?);
        *self.seeds.write().unwrap_or_else(PoisonError::into_inner) = seeds;
        Ok(())
    }

    /// The signers of this node's log whose keys are among these, the oldest first. The files are read anew when none is.
    ///
    /// # Errors
    /// When the origin cannot be a key's name, or the files cannot be read.
    pub fn log_signers(&self, origin: &str, counting: &[VerifierKey]) -> Result<Vec<Signer>, Fault> {
        self.among(origin, KeyKind::Ed25519, counting, |seeds| &seeds.log)
    }

    /// The signers with which this node cosigns whose keys are among these, the oldest first.
    ///
    /// # Errors
    /// When the node's name cannot be a key's name, or the files cannot be read.
    pub fn cosigners(&self, node: &str, counting: &[VerifierKey]) -> Result<Vec<Signer>, Fault> {
        self.among(node, KeyKind::CosignatureV1, counting, |seeds| &seeds.cosigner)
    }

    fn among(
        &self,
        name: &str,
        kind: KeyKind,
        counting: &[VerifierKey],
        of: impl Fn(&Seeds) -> &Vec<Seed>,
    ) -> Result<Vec<Signer>, Fault> {
        let find = || -> Result<Vec<Signer>, Fault> {
            let all = of(&self.seeds()).iter().map(|seed| signer(name, kind, seed)).collect::<Result<Vec<_>, _>>()?;
            let counts = |signer: &Signer| counting.iter().any(|key| key.public_key() == signer.verifier().public_key());
            Ok(all.into_iter().filter(counts).collect())
        };
        let found = find()?;
        if !found.is_empty() || counting.is_empty() {
            return Ok(found);
        }
        self.reload()?;
        find()
    }

    /// Shows on the wire the first of this node's keys that fits: the oldest that every peer knows.
    ///
    /// # Errors
    /// Never with keys that could be read.
    pub fn show(&self, fits: impl Fn(&str) -> bool) -> Result<(), Fault> {
        for (at, seed) in self.seeds().wire.iter().enumerate() {
            if fits(&pin_of(seed)?) {
                *self.shown.write().unwrap_or_else(PoisonError::into_inner) = at;
                return Ok(());
            }
        }
        Ok(())
    }

    fn wire(&self) -> Seed {
        let shown = *self.shown.read().unwrap_or_else(PoisonError::into_inner);
        let seeds = self.seeds();
        seeds.wire.get(shown).or(seeds.wire.first()).copied().unwrap_or_default()
    }

    /// Makes the next keys of these sorts, in the place of any that were made before and not taken into use.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn prepare(&self, which: Which, world: &World) -> Result<(), Fault> {
        for (name, wanted) in NEXT.into_iter().zip(which.each()) {
            self.files.remove(name)?;
            if wanted {
                self.files.write(name, &world.random()?)?;
            }
        }
        self.reload()
    }

    /// The public halves of the next keys, where there are any.
    ///
    /// # Errors
    /// Never with keys that could be read.
    pub fn next(&self) -> Result<NewKeys, Fault> {
        let seeds = self.seeds();
        let log_key = seeds.log.get(1).map(|seed| public_of(seed, KeyKind::Ed25519)).transpose()?;
        let cosigner_key = seeds.cosigner.get(1).map(|seed| public_of(seed, KeyKind::CosignatureV1)).transpose()?;
        Ok(NewKeys { log_key, cosigner_key, wire_pin: seeds.wire.get(1).map(pin_of).transpose()? })
    }

    /// Puts the next keys in the place of the old ones, which are gone afterwards.
    ///
    /// # Errors
    /// When a file cannot be renamed.
    pub fn promote(&self) -> Result<(), Fault> {
        for (next, name) in NEXT.into_iter().zip(SEEDS) {
            self.files.promote(next, name)?;
        }
        self.reload()
    }

    /// The signer of this node's log with the key in use; its key's name is the log's origin.
    ///
    /// # Errors
    /// When the origin cannot be a key's name.
    pub fn log_signer(&self, origin: &str) -> Result<Signer, Fault> {
        signer(origin, KeyKind::Ed25519, &first(&self.seeds().log))
    }

    /// The signer with which this node cosigns, with the key in use; its key's name is the node's name.
    ///
    /// # Errors
    /// When the node's name cannot be a key's name.
    pub fn cosigner(&self, node: &str) -> Result<Signer, Fault> {
        signer(node, KeyKind::CosignatureV1, &first(&self.seeds().cosigner))
    }

    /// The log key's public half, as it stands in a charter.
    ///
    /// # Errors
    /// Never with keys that could be read.
    pub fn log_public(&self) -> Result<String, Fault> {
        Ok(BASE64.encode(self.log_signer("x")?.verifier().public_key()))
    }

    /// The cosigner key's public half, as it stands in a charter.
    ///
    /// # Errors
    /// Never with keys that could be read.
    pub fn cosigner_public(&self) -> Result<String, Fault> {
        Ok(BASE64.encode(self.cosigner("x")?.verifier().public_key()))
    }

    /// The private key for the wire that the node shows, PKCS#8 (RFC 8410 §7).
    #[must_use]
    pub fn wire_pkcs8(&self) -> Vec<u8> {
        let mut der = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
        der.extend_from_slice(&self.wire());
        der
    }

    /// The pin of the wire key that the node shows: SHA-256 of its SubjectPublicKeyInfo (RFC 8410 §4), in hexadecimal.
    ///
    /// # Errors
    /// Never with keys that could be read.
    pub fn wire_pin(&self) -> Result<String, Fault> {
        pin_of(&self.wire())
    }
}

/// Puts the keys in a folder under a passphrase.
///
/// # Errors
/// When they lie under one already, or a file cannot be written.
pub fn encrypt(folder: &Path, passphrase: &Passphrase, work: u8) -> Result<(), Fault> {
    Files::open(folder, None)?.encrypt(&EVERY, passphrase, work)
}

/// Takes the keys in a folder from under their passphrase.
///
/// # Errors
/// When they lie under none or another one, or a file cannot be written.
pub fn decrypt(folder: &Path, passphrase: &Passphrase) -> Result<(), Fault> {
    Files::open(folder, Some(passphrase))?.decrypt(&EVERY)
}

fn read(files: &Files) -> Result<Seeds, Fault> {
    let of = |at: usize| -> Result<Vec<Seed>, Fault> {
        let mut seeds = vec![files.must_read(SEEDS[at])?];
        seeds.extend(files.read(NEXT[at])?);
        Ok(seeds)
    };
    Ok(Seeds { log: of(0)?, cosigner: of(1)?, wire: of(2)? })
}

fn first(seeds: &[Seed]) -> Seed {
    seeds.first().copied().unwrap_or_default()
}

fn public_of(seed: &Seed, kind: KeyKind) -> Result<String, Fault> {
    Ok(BASE64.encode(signer("x", kind, seed)?.verifier().public_key()))
}

fn pin_of(seed: &Seed) -> Result<String, Fault> {
    let public = *signer("x", KeyKind::Ed25519, seed)?.verifier().public_key();
    let mut spki = vec![0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
    spki.extend_from_slice(&public);
    Ok(HEXLOWER.encode(&Sha256::digest(&spki)))
}

fn signer(name: &str, kind: KeyKind, seed: &[u8; 32]) -> Result<Signer, Fault> {
    let name = KeyName::new(name).map_err(|error| Fault::Key(error.to_string()))?;
    Ok(Signer::new(name, kind, seed))
}

/// Makes a folder that only its owner can enter.
///
/// # Errors
/// When it cannot be made.
pub fn make_private_folder(folder: &Path) -> Result<(), Fault> {
    let fault = || Fault::file(format!("cannot make the folder {}", folder.display()));
    std::fs::create_dir_all(folder).map_err(fault())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).map_err(fault())?;
    }
    Ok(())
}

/// Makes the names in a folder durable: a new or renamed file is there after a power cut once its folder is.
///
/// # Errors
/// When the disk fails.
pub fn sync_folder(folder: &Path) -> Result<(), Fault> {
    #[cfg(unix)]
    std::fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(Fault::file(format!("cannot write the folder {}", folder.display())))?;
    #[cfg(not(unix))]
    let _durable_at_once = folder;
    Ok(())
}

/// How files are opened that only their owner can read.
#[must_use]
pub fn private_options() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

/// Writes a new file that only its owner can read, and makes it durable.
///
/// # Errors
/// When the file exists already or cannot be written.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let fault = || Fault::file(format!("cannot write {}", path.display()));
    let mut file = private_options().write(true).create_new(true).open(path).map_err(fault())?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(fault())
}
