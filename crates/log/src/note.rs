//! Signed notes: a text that people can read, and below it the signatures of whoever stands behind it
//! (C2SP signed-note v1.0.0).

mod key;
mod signature;

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

pub use key::{KeyError, KeyId, KeyKind, KeyName, KeyNameError, Signer, VerifierKey};
pub use signature::{SignatureLine, SignatureLineError};

/// The largest note that is read, in bytes.
pub const MAX_NOTE_BYTES: usize = 1_000_000;

/// The largest number of signatures under one note. The specification demands that at least 16 be accepted.
pub const MAX_SIGNATURES: usize = 100;

/// What made bytes or a text unfit to be a note (C2SP signed-note, "Format").
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoteError {
    /// Larger than [`MAX_NOTE_BYTES`].
    #[error("the note is larger than {MAX_NOTE_BYTES} bytes")]
    TooLarge,
    /// Not UTF-8.
    #[error("the note is not UTF-8")]
    Utf8,
    /// A character below U+0020 other than the newline.
    #[error("the note contains a control character")]
    ControlCharacter,
    /// The text does not end in a newline.
    #[error("the text does not end in a newline")]
    NoFinalNewline,
    /// No blank line sets the signatures apart from the text.
    #[error("no blank line separates text and signatures")]
    NoSignatures,
    /// More than [`MAX_SIGNATURES`].
    #[error("the note has more than {MAX_SIGNATURES} signatures")]
    TooManySignatures,
    /// A line that should be a signature is none.
    #[error("signature {number} of the note is malformed")]
    Signature {
        /// Which signature, counted from 1.
        number: usize,
        /// What is wrong with it.
        source: SignatureLineError,
    },
}

/// Why a note could not be signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SignError {
    /// The text cannot stand in a note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// A key made for cosignatures signs only checkpoints, with a time; see [`crate::cosignature::cosign`].
    #[error("a key for cosignatures signs no plain note")]
    WrongKeyKind,
}

/// Why a note proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// A signature that names a known key is not that key's.
    #[error("the signature that names the key {0} is not its own")]
    BadSignature(KeyName),
    /// Two of the keys to verify with have the same name and the same id, but differ.
    #[error("two different keys are named {0} and have the same id")]
    AmbiguousKey(KeyName),
    /// None of the keys to verify with has signed.
    #[error("the note is not signed by any known key")]
    NoKnownKey,
}

/// A key whose signature under a note holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedSignature<'k> {
    /// The key, out of those given to verify with.
    pub key: &'k VerifierKey,
    /// When the cosigner says it signed, in seconds since 1970-01-01T00:00:00Z; `None` for a plain signature.
    pub time: Option<u64>,
}

/// A text and the signatures under it (C2SP signed-note v1.0.0, "Format").
///
/// A `Note` is well-formed and no more. Nothing in it is to be believed before [`Note::verify`] has said who signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl Note {
    /// Reads a note. What it accepts, `Display` writes again byte for byte.
    ///
    /// # Errors
    /// Any [`NoteError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLarge);
        }
        let note = str::from_utf8(bytes).map_err(|_| NoteError::Utf8)?;
        refuse_control_characters(note)?;
        // The text may hold blank lines of its own; the signatures may not, so that the last one divides them.
        let divider = note.rfind("\n\n").ok_or(NoteError::NoSignatures)?;
        let (text, signatures) = (&note[..=divider], &note[divider + 2..]);
        if signatures.is_empty() {
            return Err(NoteError::NoSignatures);
        }
        let lines = signatures.strip_suffix('\n').ok_or(NoteError::NoFinalNewline)?;
        let mut note = Self { text: text.to_owned(), signatures: Vec::new() };
        for (index, line) in lines.split('\n').enumerate() {
            if index >= MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            let line = line.parse().map_err(|source| NoteError::Signature { number: index + 1, source })?;
            note.signatures.push(line);
        }
        Ok(note)
    }

    /// Signs `text` with a plain Ed25519 key (C2SP signed-note v1.0.0, "Ed25519 signatures").
    ///
    /// # Errors
    /// [`SignError::WrongKeyKind`] for a key of another kind, and [`SignError::Note`] for a text that does not end in a
    /// newline, contains control characters or is too large.
    pub fn sign(text: impl Into<String>, signer: &Signer) -> Result<Self, SignError> {
        let text = text.into();
        if signer.kind() != KeyKind::Ed25519 {
            return Err(SignError::WrongKeyKind);
        }
        if text.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLarge.into());
        }
        if !text.ends_with('\n') {
            return Err(NoteError::NoFinalNewline.into());
        }
        refuse_control_characters(&text)?;
        let line = signer.line(signer.sign_bytes(text.as_bytes()).to_vec());
        let note = Self { text, signatures: vec![line] };
        if note.encoded_len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLarge.into());
        }
        Ok(note)
    }

    /// The signed text, with its final newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, in the order of the note. There is at least one.
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Adds a signature at the end; what the same key (name and id) had signed before goes.
    ///
    /// The signature is not verified; [`crate::checkpoint::SignedCheckpoint::add_cosignature`] does that.
    ///
    /// # Errors
    /// [`NoteError::TooManySignatures`] and [`NoteError::TooLarge`]; the note is then as it was.
    pub fn add_signature(&mut self, line: SignatureLine) -> Result<(), NoteError> {
        let stays = |known: &SignatureLine| known.name() != line.name() || known.id() != line.id();
        let kept: Vec<usize> = self.signatures.iter().filter(|known| stays(known)).map(SignatureLine::encoded_len).collect();
        if kept.len() >= MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures);
        }
        if self.text.len() + 1 + kept.iter().sum::<usize>() + line.encoded_len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLarge);
        }
        self.signatures.retain(stays);
        self.signatures.push(line);
        Ok(())
    }

    /// Checks the signatures of all `keys` that have signed, and says which those are, in the order of the note.
    ///
    /// Signatures of other keys are passed over: a note may be signed by people the reader does not know. A key whose
    /// signature stands there more than once is reported once, with the earliest of its times.
    ///
    /// # Errors
    /// [`VerifyError::BadSignature`] as soon as one signature that names a known key (by name and id) does not hold,
    /// [`VerifyError::NoKnownKey`] when none of `keys` has signed, and [`VerifyError::AmbiguousKey`].
    pub fn verify<'k>(&self, keys: impl IntoIterator<Item = &'k VerifierKey>) -> Result<Vec<VerifiedSignature<'k>>, VerifyError> {
        let keys: Vec<&VerifierKey> = keys.into_iter().collect();
        let mut verified: Vec<VerifiedSignature<'k>> = Vec::new();
        for line in &self.signatures {
            let mut named = keys.iter().filter(|key| line.is_by(key));
            let Some(key) = named.next() else { continue };
            if named.any(|other| other != key) {
                return Err(VerifyError::AmbiguousKey(key.name().clone()));
            }
            let bad = || VerifyError::BadSignature(key.name().clone());
            let time = key.verify(&self.text, line.bytes()).ok_or_else(bad)?;
            match verified.iter_mut().find(|earlier| earlier.key == *key) {
                Some(earlier) => earlier.time = earlier.time.min(time),
                None => verified.push(VerifiedSignature { key, time }),
            }
        }
        if verified.is_empty() { Err(VerifyError::NoKnownKey) } else { Ok(verified) }
    }

    /// The number of bytes that `Display` writes.
    pub fn encoded_len(&self) -> usize {
        self.text.len() + 1 + self.signatures.iter().map(SignatureLine::encoded_len).sum::<usize>()
    }
}

impl FromStr for Note {
    type Err = NoteError;

    /// As [`Note::parse`].
    fn from_str(note: &str) -> Result<Self, NoteError> {
        Self::parse(note.as_bytes())
    }
}

impl fmt::Display for Note {
    /// Writes the note: the text, a blank line, and each signature on a line of its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// The specification forbids the characters below U+0020, the newline apart.
fn refuse_control_characters(text: &str) -> Result<(), NoteError> {
    if text.bytes().any(|byte| byte < b' ' && byte != b'\n') { Err(NoteError::ControlCharacter) } else { Ok(()) }
}
