//! Bundles under a passphrase: an age file (age-encryption.org/v1) around the bundle, which `age -d` opens too. The two sides
//! agree on the passphrase over another way than the medium goes.

use super::BundleRefusal;
use super::read::refused;
use crate::fault::{Fault, Trouble};
use crate::keys::Passphrase;
use age::stream::{StreamReader, StreamWriter};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

/// How an age file begins.
const BEGINNING: &[u8] = b"age-encryption.org/";

/// What a bundle is written into, so that only who knows the passphrase can read it. It is whole once it is finished.
///
/// # Errors
/// When the passphrase is too short, `work` is no work factor, or the output fails.
pub fn cover<W: Write>(out: W, passphrase: &Passphrase, work: u8) -> Result<StreamWriter<W>, Fault> {
    let recipient = passphrase.recipient(work)?;
    let recipients = std::iter::once(&recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(recipients).map_err(|error| Fault::Key(error.to_string()))?;
    encryptor.wrap_output(out).map_err(Fault::file("cannot write the bundle"))
}

/// The bundle in a file, out of its cover where it has one.
///
/// # Errors
/// `BND06` when it lies under a passphrase and none was given, `BND07` when this one does not open it; a fault when the file
/// cannot be read.
pub(super) fn uncovered(path: &Path, passphrase: Option<&Passphrase>) -> Result<Box<dyn Read + Send>, Trouble> {
    let unread = || Fault::file(format!("cannot read {}", path.display()));
    let mut file = BufReader::new(File::open(path).map_err(unread())?);
    if !file.fill_buf().map_err(unread())?.starts_with(BEGINNING) {
        return Ok(Box::new(file));
    }
    let passphrase = passphrase.ok_or(BundleRefusal::Covered).map_err(refused)?;
    let not_opened = |_| refused(BundleRefusal::WrongPassphrase);
    let decryptor = age::Decryptor::new_buffered(file).map_err(|_| refused(BundleRefusal::NotABundle))?;
    let lock = passphrase.identity();
    let opened = decryptor.decrypt(std::iter::once(&lock as &dyn age::Identity)).map_err(not_opened)?;
    Ok(Box::new(Uncovered(opened)))
}

/// What lies under the cover, as far as it is whole: a cut or changed file ends where its last whole piece does.
struct Uncovered<R>(StreamReader<R>);

impl<R: Read> Read for Uncovered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer) {
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) => Ok(0),
            read => read,
        }
    }
}
