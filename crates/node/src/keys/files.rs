//! The files that keys lie in: 64 hexadecimal digits that only their owner can read, or the same under a passphrase.
//!
//! Under a passphrase, each key file `log.key` is `log.key.age`, an age file (age-encryption.org/v1) for the one identity in
//! `identity.age`, which itself is an age file under the passphrase. So the passphrase is stretched once for all keys, and
//! `age -d -i identity.age log.key.age` opens one without this program.

use super::{make_private_folder, write_private};
use crate::fault::Fault;
use age::secrecy::{ExposeSecret, SecretString};
use data_encoding::HEXLOWER;
use std::path::{Path, PathBuf};

/// What stands in `identity.age` once it is open.
const IDENTITY: &str = "identity.age";
/// How costly it is to try a passphrase: 2^18 rounds of scrypt take about a second, and 256 MiB while they last.
pub const WORK_FACTOR: u8 = 18;
/// A file that asks for more work than this is not opened: somebody put it there to keep the node busy.
const MOST_WORK: u8 = 22;
/// The shortest passphrase, in characters.
const SHORTEST: usize = 10;

/// A passphrase.
#[derive(Clone)]
pub struct Passphrase(SecretString);

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

impl Passphrase {
    /// A passphrase as somebody typed it.
    #[must_use]
    pub fn new(text: String) -> Passphrase {
        Passphrase(SecretString::from(text))
    }

    /// The first line of a file that only its owner can read.
    ///
    /// # Errors
    /// When the file cannot be read, or others can.
    pub fn from_file(path: &Path) -> Result<Passphrase, Fault> {
        refuse_if_readable_by_others(path)?;
        let what = format!("cannot read the passphrase in {}", path.display());
        let text = std::fs::read_to_string(path).map_err(Fault::file(what))?;
        Ok(Passphrase::new(text.lines().next().unwrap_or_default().to_owned()))
    }
}

impl Passphrase {
    /// What puts something under it. Trying a passphrase costs 2 to the power of `work` rounds of scrypt.
    ///
    /// # Errors
    /// When it is too short, or `work` is no work factor.
    pub fn recipient(&self, work: u8) -> Result<age::scrypt::Recipient, Fault> {
        if self.0.expose_secret().chars().count() < SHORTEST {
            return Err(Fault::Key(format!("a passphrase has at least {SHORTEST} characters")));
        }
        if !(1..=MOST_WORK).contains(&work) {
            return Err(Fault::Key(format!("the work factor is between 1 and {MOST_WORK}")));
        }
        let mut recipient = age::scrypt::Recipient::new(self.0.clone());
        recipient.set_work_factor(work);
        Ok(recipient)
    }

    /// What opens something that lies under it.
    #[must_use]
    pub fn identity(&self) -> age::scrypt::Identity {
        let mut identity = age::scrypt::Identity::new(self.0.clone());
        identity.set_max_work_factor(MOST_WORK);
        identity
    }
}

/// The folder of a node's keys, and what opens them.
pub struct Files {
    folder: PathBuf,
    identity: Option<age::x25519::Identity>,
}

/// Whether the keys in this folder lie under a passphrase.
#[must_use]
pub fn are_encrypted(folder: &Path) -> bool {
    folder.join(IDENTITY).exists()
}

impl Files {
    /// The folder as it is, to be filled or opened.
    ///
    /// # Errors
    /// When the keys lie under a passphrase and this is not it, or none was given.
    pub fn open(folder: &Path, passphrase: Option<&Passphrase>) -> Result<Files, Fault> {
        let path = folder.join(IDENTITY);
        if !path.exists() {
            return Ok(Files { folder: folder.to_owned(), identity: None });
        }
        let passphrase = passphrase
            .ok_or_else(|| Fault::Key(format!("those in {} lie under a passphrase; give --passphrase-file", folder.display())))?;
        refuse_if_readable_by_others(&path)?;
        let bytes = std::fs::read(&path).map_err(Fault::file(format!("cannot read {}", path.display())))?;
        let text = age::decrypt(&passphrase.identity(), &bytes).map_err(|error| match error {
            age::DecryptError::DecryptionFailed | age::DecryptError::KeyDecryptionFailed => {
                Fault::Key(format!("the passphrase does not open {}", path.display()))
            }
            other => Fault::Key(format!("{}: {other}", path.display())),
        })?;
        let text = String::from_utf8_lossy(&text).trim().to_owned();
        let identity = text.parse().map_err(|error: &str| Fault::Key(format!("{}: {error}", path.display())))?;
        Ok(Files { folder: folder.to_owned(), identity: Some(identity) })
    }

    /// A new folder, whose keys will lie under a passphrase when one is given.
    ///
    /// # Errors
    /// When it cannot be made, holds keys already, or the passphrase is too short.
    pub fn create(folder: &Path, passphrase: Option<(&Passphrase, u8)>) -> Result<Files, Fault> {
        make_private_folder(folder)?;
        let identity = passphrase.map(|(passphrase, work)| lock(folder, passphrase, work)).transpose()?;
        Ok(Files { folder: folder.to_owned(), identity })
    }

    fn plain(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn sealed(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.age"))
    }

    /// The key in the file of this name, if there is one.
    ///
    /// # Errors
    /// When it cannot be read, is malformed, or can be read by others than its owner.
    pub fn read(&self, name: &str) -> Result<Option<[u8; 32]>, Fault> {
        let sealed = self.sealed(name);
        if let Some(identity) = self.identity.as_ref().filter(|_| sealed.exists()) {
            refuse_if_readable_by_others(&sealed)?;
            let bytes = std::fs::read(&sealed).map_err(Fault::file(format!("cannot read the key {}", sealed.display())))?;
            let text = age::decrypt(identity, &bytes).map_err(|error| Fault::Key(format!("{}: {error}", sealed.display())))?;
            return seed(&String::from_utf8_lossy(&text), &sealed).map(Some);
        }
        let plain = self.plain(name);
        if !plain.exists() {
            return Ok(None);
        }
        refuse_if_readable_by_others(&plain)?;
        let text = std::fs::read_to_string(&plain).map_err(Fault::file(format!("cannot read the key {}", plain.display())))?;
        seed(&text, &plain).map(Some)
    }

    /// The key in the file of this name, which must be there.
    ///
    /// # Errors
    /// As [`Files::read`], and when there is none.
    pub fn must_read(&self, name: &str) -> Result<[u8; 32], Fault> {
        self.read(name)?.ok_or_else(|| Fault::Key(format!("{} is missing", self.plain(name).display())))
    }

    /// Writes a key that is not there yet.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn write(&self, name: &str, seed: &[u8; 32]) -> Result<(), Fault> {
        let text = format!("{}\n", HEXLOWER.encode(seed));
        let Some(identity) = &self.identity else { return write_private(&self.plain(name), text.as_bytes()) };
        let bytes = age::encrypt(&identity.to_public(), text.as_bytes()).map_err(|error| Fault::Key(error.to_string()))?;
        write_private(&self.sealed(name), &bytes)
    }

    /// Puts a key in the place of another, which is gone afterwards.
    ///
    /// # Errors
    /// When the files cannot be renamed.
    pub fn promote(&self, next: &str, name: &str) -> Result<(), Fault> {
        let pairs = [(self.plain(next), self.plain(name)), (self.sealed(next), self.sealed(name))];
        for (from, to) in pairs.iter().filter(|(from, _)| from.exists()) {
            std::fs::rename(from, to).map_err(Fault::file(format!("cannot put {} in its place", from.display())))?;
        }
        self.settle()
    }

    /// Removes a key.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), Fault> {
        for path in [self.plain(name), self.sealed(name)].iter().filter(|path| path.exists()) {
            std::fs::remove_file(path).map_err(Fault::file(format!("cannot remove {}", path.display())))?;
        }
        self.settle()
    }

    /// The names in a folder are durable once the folder is.
    fn settle(&self) -> Result<(), Fault> {
        let folder = std::fs::File::open(&self.folder).and_then(|folder| folder.sync_all());
        folder.map_err(Fault::file(format!("cannot make {} durable", self.folder.display())))
    }

    /// Puts the keys of these names under a passphrase. A crash on the way leaves every key in one form or in both.
    ///
    /// # Errors
    /// When they lie under one already, or a file cannot be written.
    pub fn encrypt(&mut self, names: &[&str], passphrase: &Passphrase, work: u8) -> Result<(), Fault> {
        if self.identity.is_some() {
            return Err(Fault::Key("the keys lie under a passphrase already".to_owned()));
        }
        let seeds = self.all(names)?;
        self.identity = Some(lock(&self.folder, passphrase, work)?);
        for (name, seed) in &seeds {
            self.write(name, seed)?;
        }
        for (name, _) in &seeds {
            let plain = self.plain(name);
            std::fs::remove_file(&plain).map_err(Fault::file(format!("cannot remove {}", plain.display())))?;
        }
        self.settle()
    }

    /// Takes the keys of these names from under their passphrase.
    ///
    /// # Errors
    /// When they lie under none, or a file cannot be written.
    pub fn decrypt(&mut self, names: &[&str]) -> Result<(), Fault> {
        if self.identity.is_none() {
            return Err(Fault::Key("the keys lie under no passphrase".to_owned()));
        }
        let seeds = self.all(names)?;
        for (name, seed) in &seeds {
            if !self.plain(name).exists() {
                write_private(&self.plain(name), format!("{}\n", HEXLOWER.encode(seed)).as_bytes())?;
            }
        }
        self.identity = None;
        let lock = self.folder.join(IDENTITY);
        for path in seeds.iter().map(|(name, _)| self.sealed(name)).chain([lock]) {
            std::fs::remove_file(&path).map_err(Fault::file(format!("cannot remove {}", path.display())))?;
        }
        self.settle()
    }

    fn all<'n>(&self, names: &[&'n str]) -> Result<Vec<(&'n str, [u8; 32])>, Fault> {
        let read = |name: &&'n str| Ok(self.read(name)?.map(|seed| (*name, seed)));
        names.iter().filter_map(|name| read(name).transpose()).collect()
    }
}

/// Makes the identity that opens the keys, and puts it under the passphrase. age draws from the system's randomness itself.
fn lock(folder: &Path, passphrase: &Passphrase, work: u8) -> Result<age::x25519::Identity, Fault> {
    let recipient = passphrase.recipient(work)?;
    let identity = age::x25519::Identity::generate();
    let text = format!("{}\n", identity.to_string().expose_secret());
    let bytes = age::encrypt(&recipient, text.as_bytes()).map_err(|error| Fault::Key(error.to_string()))?;
    write_private(&folder.join(IDENTITY), &bytes)?;
    Ok(identity)
}

fn seed(text: &str, path: &Path) -> Result<[u8; 32], Fault> {
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
