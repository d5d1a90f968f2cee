//! Checkpoints: a log's word on how many entries it has and which (C2SP tlog-checkpoint v1.0.0).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::cosignature::{self, CosignatureError};
use crate::encoding;
use crate::merkle::{Hash, empty_root};
use crate::note::{KeyKind, Note, NoteError, SignError, SignatureLine, Signer, VerifierKey, VerifyError};

/// What made a text no checkpoint (C2SP tlog-checkpoint v1.0.0, "Note text").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// The origin is empty, or contains a control character.
    #[error("the origin of a checkpoint is a line of text that is not empty")]
    Origin,
    /// The size is not a plain decimal number of at most 64 bits.
    #[error("the size of a checkpoint is a decimal number without leading zeros")]
    Size,
    /// The root is not the base64 of 32 bytes.
    #[error("the root of a checkpoint is the base64 of a SHA-256 hash")]
    Root,
    /// The size is 0 and the root is not that of the empty tree.
    #[error("a log without entries has the root of the empty tree")]
    EmptyRoot,
    /// A further line is empty or contains a control character, or the last line has no newline.
    #[error("every line of a checkpoint has text and ends in a newline")]
    Line,
}

/// How many entries the log named `origin` has, and the root of the tree over them.
///
/// `Display` writes the text that the log signs, and `FromStr` reads it; whatever is accepted is written again byte for
/// byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
    extensions: Vec<String>,
}

impl Checkpoint {
    /// A checkpoint without extension lines, the only sort that Tansiq writes.
    ///
    /// # Errors
    /// [`CheckpointError::Origin`] and [`CheckpointError::EmptyRoot`].
    pub fn new(origin: impl Into<String>, size: u64, root: Hash) -> Result<Self, CheckpointError> {
        let checkpoint = Self { origin: origin.into(), size, root, extensions: Vec::new() };
        if !is_line(&checkpoint.origin) {
            return Err(CheckpointError::Origin);
        }
        if size == 0 && root != empty_root() {
            return Err(CheckpointError::EmptyRoot);
        }
        Ok(checkpoint)
    }

    /// The name of the log. In Tansiq it is `<node name>/<channel id>`, and the name of the log's key as well.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The number of entries.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the Merkle tree over the entries (RFC 6962 §2.1).
    pub fn root(&self) -> Hash {
        self.root
    }

    /// The lines after the root that another implementation has put there. They are signed, and mean nothing here.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(body: &str) -> Result<Self, CheckpointError> {
        let mut lines = body.strip_suffix('\n').ok_or(CheckpointError::Line)?.split('\n');
        let origin = lines.next().ok_or(CheckpointError::Origin)?;
        let size = lines.next().and_then(encoding::parse_decimal).ok_or(CheckpointError::Size)?;
        let root = lines.next().and_then(|line| line.parse().ok()).ok_or(CheckpointError::Root)?;
        let mut checkpoint = Self::new(origin, size, root)?;
        for line in lines {
            if !is_line(line) {
                return Err(CheckpointError::Line);
            }
            checkpoint.extensions.push(line.to_owned());
        }
        Ok(checkpoint)
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, self.root)?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Why bytes are not a checkpoint signed by the log they should be of.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OpenError {
    /// Not a note.
    #[error("the checkpoint is not a signed note")]
    Note(#[from] NoteError),
    /// A note, but not over a checkpoint.
    #[error("the note is not a checkpoint")]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint of another log.
    #[error("the checkpoint is of the log {found}, not of {expected}")]
    OtherOrigin {
        /// The log that was asked for.
        expected: String,
        /// The log whose checkpoint this is.
        found: String,
    },
    /// The log's key was not made for plain signatures.
    #[error("a log signs with a plain Ed25519 key")]
    WrongKeyKind,
    /// The log has not signed it, or its signature does not hold.
    #[error("the checkpoint is not signed by its log")]
    Signature(#[from] VerifyError),
}

/// A checkpoint whose signature by its own log has been verified, with all signatures it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl SignedCheckpoint {
    /// Signs a checkpoint as its log.
    ///
    /// A log must never sign two checkpoints that cannot both be true; the caller answers for that.
    ///
    /// # Errors
    /// [`SignError::WrongKeyKind`] unless the signer's kind is [`KeyKind::Ed25519`], and [`SignError::Note`].
    pub fn sign(checkpoint: Checkpoint, log: &Signer) -> Result<Self, SignError> {
        let note = Note::sign(checkpoint.to_string(), log)?;
        Ok(Self { checkpoint, note })
    }

    /// Signs it with a further key of the same log, as a log does while its old key and its new one count side by side. Whoever
    /// knows only one of them passes the other over (C2SP signed-note v1.0.0, "Verifying").
    ///
    /// # Errors
    /// [`SignError::WrongKeyKind`] unless the signer's kind is [`KeyKind::Ed25519`], and [`SignError::Note`].
    pub fn sign_also(&mut self, log: &Signer) -> Result<(), SignError> {
        let signed = Note::sign(self.note.text(), log)?;
        for line in signed.signatures() {
            self.note.add_signature(line.clone())?;
        }
        Ok(())
    }

    /// Reads a signed checkpoint of the log `origin` and verifies it with that log's key. The key's name need not be the
    /// origin. Signatures of anybody else are kept, and are not looked at; see [`SignedCheckpoint::cosignatures`].
    ///
    /// # Errors
    /// Any [`OpenError`].
    pub fn open(bytes: &[u8], origin: &str, log: &VerifierKey) -> Result<Self, OpenError> {
        Self::open_with(bytes, origin, |_| vec![log.clone()])
    }

    /// As [`SignedCheckpoint::open`], for a log whose keys changed in its life: `keys` gives those that count for a checkpoint
    /// of this size. One of them must have signed, and none that signed may fail.
    ///
    /// # Errors
    /// Any [`OpenError`].
    pub fn open_with(bytes: &[u8], origin: &str, keys: impl FnOnce(u64) -> Vec<VerifierKey>) -> Result<Self, OpenError> {
        let note = Note::parse(bytes)?;
        let checkpoint: Checkpoint = note.text().parse()?;
        if checkpoint.origin() != origin {
            let (expected, found) = (origin.to_owned(), checkpoint.origin);
            return Err(OpenError::OtherOrigin { expected, found });
        }
        let keys = keys(checkpoint.size());
        if keys.iter().any(|key| key.kind() != KeyKind::Ed25519) {
            return Err(OpenError::WrongKeyKind);
        }
        note.verify(&keys)?;
        Ok(Self { checkpoint, note })
    }

    /// What the log says.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The signed note, whose `Display` is what is sent and stored.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// The note without the checkpoint.
    pub fn into_note(self) -> Note {
        self.note
    }

    /// Cosigns this checkpoint; see [`cosignature::cosign`] for what must be true before. The cosignature is not added.
    ///
    /// # Errors
    /// [`CosignatureError::WrongKeyKind`] or [`CosignatureError::Time`].
    pub fn cosign(&self, signer: &Signer, time_unix_seconds: u64) -> Result<SignatureLine, CosignatureError> {
        cosignature::cosign(self.note.text(), signer, time_unix_seconds)
    }

    /// Verifies a cosignature with `key`, adds it in the place of an older one by the same key, and gives its time in
    /// seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`AddCosignatureError`]; the checkpoint is then as it was.
    pub fn add_cosignature(&mut self, line: SignatureLine, key: &VerifierKey) -> Result<u64, AddCosignatureError> {
        let time = cosignature::verify(self.note.text(), &line, key)?;
        self.note.add_signature(line)?;
        Ok(time)
    }

    /// Who of `cosigners` has cosigned, and when, in seconds since 1970-01-01T00:00:00Z. Empty when nobody has.
    ///
    /// # Errors
    /// [`VerifyError`] when a cosignature that names one of them does not hold. Keys of another kind are passed over.
    pub fn cosignatures<'k>(
        &self,
        cosigners: impl IntoIterator<Item = &'k VerifierKey>,
    ) -> Result<Vec<(&'k VerifierKey, u64)>, VerifyError> {
        let cosigners = cosigners.into_iter().filter(|key| key.kind() == KeyKind::CosignatureV1);
        match self.note.verify(cosigners) {
            Ok(verified) => Ok(verified.into_iter().filter_map(|by| Some((by.key, by.time?))).collect()),
            Err(VerifyError::NoKnownKey) => Ok(Vec::new()),
            Err(other) => Err(other),
        }
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

/// Why a cosignature was not added to a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddCosignatureError {
    /// The cosignature is none of this checkpoint by this key.
    #[error(transparent)]
    Cosignature(#[from] CosignatureError),
    /// The note has no room for another signature.
    #[error(transparent)]
    Note(#[from] NoteError),
}

/// Whether `text` can stand as one line of a note.
fn is_line(text: &str) -> bool {
    !text.is_empty() && !text.bytes().any(|byte| byte < b' ')
}
