//! The node's keys: three Ed25519 seeds in files that only their owner can read.
//!
//! The log key signs checkpoints, the cosigner key cosigns the logs of others, the wire key identifies the node to its
//! peers. They are never the same (C2SP tlog-cosignature: a cosigner's key signs nothing else).

use crate::clock::World;
use crate::fault::Fault;
use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::Path;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::party::PartyId;
use tansiq_log::note::{KeyKind, KeyName, Signer, VerifierKey};

const SEEDS: [&str; 3] = ["log.key", "cosigner.key", "wire.key"];

/// The keys of one node, in memory.
pub struct Keys {
    log: [u8; 32],
    cosigner: [u8; 32],
    wire: [u8; 32],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// Makes new keys and writes them to `folder`, which must not hold keys yet.
    ///
    /// # Errors
    /// When a file exists or cannot be written, or the system has no randomness.
    pub fn create(folder: &Path, world: &World) -> Result<Keys, Fault> {
        make_private_folder(folder)?;
        for name in SEEDS {
            let seed: [u8; 32] = world.random()?;
            write_private(&folder.join(name), format!("{}\n", HEXLOWER.encode(&seed)).as_bytes())?;
        }
        Keys::open(folder)
    }

    /// Reads the keys from `folder`.
    ///
    /// # Errors
    /// When a file is missing, malformed, or readable by others than its owner.
    pub fn open(folder: &Path) -> Result<Keys, Fault> {
        let [log, cosigner, wire] = SEEDS.map(|name| read_seed(&folder.join(name)));
        Ok(Keys { log: log?, cosigner: cosigner?, wire: wire? })
    }

    /// The signer of this node's log in a channel; its key's name is the log's origin.
    ///
    /// # Errors
    /// When the origin cannot be a key's name.
    pub fn log_signer(&self, origin: &str) -> Result<Signer, Fault> {
        signer(origin, KeyKind::Ed25519, &self.log)
    }

    /// The signer with which this node cosigns; its key's name is the node's name.
    ///
    /// # Errors
    /// When the node's name cannot be a key's name.
    pub fn cosigner(&self, node: &str) -> Result<Signer, Fault> {
        signer(node, KeyKind::CosignatureV1, &self.cosigner)
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

    /// The private key for the wire, PKCS#8 (RFC 8410 §7).
    #[must_use]
    pub fn wire_pkcs8(&self) -> Vec<u8> {
        let mut der = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
        der.extend_from_slice(&self.wire);
        der
    }

    /// The pin of the wire key: SHA-256 of its SubjectPublicKeyInfo (RFC 8410 §4), in hexadecimal.
    ///
    /// # Errors
    /// Never with keys that could be read.
    pub fn wire_pin(&self) -> Result<String, Fault> {
        let public = *signer("x", KeyKind::Ed25519, &self.wire)?.verifier().public_key();
        let mut spki = vec![0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
        spki.extend_from_slice(&public);
        Ok(HEXLOWER.encode(&Sha256::digest(&spki)))
    }
}

fn signer(name: &str, kind: KeyKind, seed: &[u8; 32]) -> Result<Signer, Fault> {
    let name = KeyName::new(name).map_err(|error| Fault::Key(error.to_string()))?;
    Ok(Signer::new(name, kind, seed))
}

/// The key that verifies a party's log in a channel, from the charter.
///
/// # Errors
/// When the charter does not name the party or its key is no key.
pub fn log_key(charter: &Charter, channel: &ChannelId, party: &PartyId) -> Result<VerifierKey, Fault> {
    let member = charter.parties.get(party).ok_or_else(|| Fault::Key(format!("{party} is not in the charter")))?;
    verifier(&format!("{}/{channel}", member.node), KeyKind::Ed25519, &member.log_key)
}

/// The key that verifies a party's cosignatures, from the charter.
///
/// # Errors
/// When the charter does not name the party or its key is no key.
pub fn cosigner_key(charter: &Charter, party: &PartyId) -> Result<VerifierKey, Fault> {
    let member = charter.parties.get(party).ok_or_else(|| Fault::Key(format!("{party} is not in the charter")))?;
    verifier(&member.node, KeyKind::CosignatureV1, &member.cosigner_key)
}

fn verifier(name: &str, kind: KeyKind, key: &str) -> Result<VerifierKey, Fault> {
    let bad = |error: &dyn std::fmt::Display| Fault::Key(format!("the charter's key of {name}: {error}"));
    let bytes = BASE64.decode(key.as_bytes()).map_err(|error| bad(&error))?;
    let public: [u8; 32] = bytes.try_into().map_err(|_| bad(&"not 32 bytes"))?;
    let name = KeyName::new(name).map_err(|error| bad(&error))?;
    VerifierKey::new(name, kind, &public).map_err(|error| bad(&error))
}

fn read_seed(path: &Path) -> Result<[u8; 32], Fault> {
    let open = Fault::file(format!("cannot read the key {}", path.display()));
    refuse_if_readable_by_others(path)?;
    let text = std::fs::read_to_string(path).map_err(open)?;
    let bytes = HEXLOWER.decode(text.trim().as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| Fault::Key(format!("{} does not hold 64 hexadecimal digits", path.display())))
}

#[cfg(unix)]
fn refuse_if_readable_by_others(path: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::PermissionsExt;
    let about = std::fs::metadata(path).map_err(Fault::file(format!("cannot read the key {}", path.display())))?;
    if about.permissions().mode() & 0o077 != 0 {
        return Err(Fault::Key(format!("{} can be read by others than its owner; run `chmod 600` on it", path.display())));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_if_readable_by_others(_path: &Path) -> Result<(), Fault> {
    Ok(())
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

/// Writes a new file that only its owner can read, and makes it durable.
///
/// # Errors
/// When the file exists already or cannot be written.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let fault = || Fault::file(format!("cannot write {}", path.display()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path).map_err(fault())?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(fault())
}
