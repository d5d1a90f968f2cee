use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::key::{KeyId, KeyName, KeyNameError, VerifierKey};
use crate::encoding;

/// What every signature line begins with: an em dash (U+2014) and a space.
const PREFIX: &str = "\u{2014} ";

/// What made a line no signature line (C2SP signed-note v1.0.0, "Format").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignatureLineError {
    /// Not an em dash, a space, a name, a space and base64.
    #[error("a signature line is an em dash, a key name and base64, with one space between them")]
    Form,
    /// The key's name cannot be one.
    #[error(transparent)]
    Name(#[from] KeyNameError),
    /// The base64 is not canonical, or holds no more than the key's id.
    #[error("the signature is not base64 of a key id and signature bytes")]
    Bytes,
}

/// One signature under a note: whose it claims to be, and its bytes (C2SP signed-note v1.0.0, "Signatures").
///
/// `Display` writes the line without its newline, and `FromStr` reads it so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    name: KeyName,
    id: KeyId,
    bytes: Vec<u8>,
}

impl SignatureLine {
    /// A signature by the key of this name and id, the id not included in `bytes`.
    ///
    /// # Errors
    /// [`SignatureLineError::Bytes`] when `bytes` is empty.
    pub fn new(name: KeyName, id: KeyId, bytes: Vec<u8>) -> Result<Self, SignatureLineError> {
        if bytes.is_empty() { Err(SignatureLineError::Bytes) } else { Ok(Self { name, id, bytes }) }
    }

    /// The line of a signature that this crate has made itself, which is never empty.
    pub(super) fn of_key(key: &VerifierKey, bytes: Vec<u8>) -> Self {
        Self { name: key.name().clone(), id: key.id(), bytes }
    }

    /// The name of the key that is said to have signed.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The id of the key that is said to have signed.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The signature, without the key's id. Its form depends on the kind of key.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether this line names `key`, by name and id. It says nothing on whether the signature holds.
    pub fn is_by(&self, key: &VerifierKey) -> bool {
        self.id == key.id() && self.name == *key.name()
    }

    /// The number of bytes that the line takes in a note, its newline included.
    pub(super) fn encoded_len(&self) -> usize {
        let base64 = (KeyId::LEN + self.bytes.len()).div_ceil(3) * 4;
        PREFIX.len() + self.name.as_str().len() + 1 + base64 + 1
    }
}

impl FromStr for SignatureLine {
    type Err = SignatureLineError;

    fn from_str(line: &str) -> Result<Self, SignatureLineError> {
        let (name, base64) = line.strip_prefix(PREFIX).and_then(|rest| rest.split_once(' ')).ok_or(SignatureLineError::Form)?;
        let name = KeyName::new(name)?;
        let decoded = encoding::parse_base64(base64).ok_or(SignatureLineError::Bytes)?;
        let (id, bytes) = decoded.split_first_chunk().ok_or(SignatureLineError::Bytes)?;
        Self::new(name, KeyId(*id), bytes.to_vec())
    }
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id_and_bytes = [&self.id.0, self.bytes.as_slice()].concat();
        write!(f, "{PREFIX}{} {}", self.name, encoding::base64(&id_and_bytes))
    }
}
