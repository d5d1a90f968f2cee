//! Cosignatures: the word of another party that at a certain time a checkpoint continued all it had seen of that log
//! (C2SP tlog-cosignature v1.0.1, `cosignature/v1` with Ed25519).
//!
//! What is signed does not contain the cosigner's name: a cosigner has one key, used for nothing else, and never the key
//! of its own log.

use thiserror::Error;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::note::{KeyKind, SignatureLine, Signer, VerifierKey};

/// The latest time that a cosignature may carry, in seconds since 1970 (C2SP tlog-cosignature v1.0.1, "Format").
pub const MAX_TIME: u64 = i64::MAX as u64;

const HEADER: &str = "cosignature/v1";

/// Why a checkpoint could not be cosigned, or why a cosignature proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CosignatureError {
    /// What should be cosigned is not the body of a checkpoint.
    #[error("only a checkpoint can be cosigned")]
    NotACheckpoint(#[from] CheckpointError),
    /// The key was not made for cosignatures.
    #[error("the key was not made for cosignatures")]
    WrongKeyKind,
    /// The time is later than [`MAX_TIME`].
    #[error("the time of a cosignature is at most {MAX_TIME}")]
    Time,
    /// The line names another key.
    #[error("the cosignature names another key")]
    OtherKey,
    /// The signature does not hold for this checkpoint, key and time.
    #[error("the cosignature does not hold")]
    BadSignature,
}

/// Cosigns a checkpoint. `checkpoint_body` is the text of its note, without signatures, exactly as the log wrote it;
/// `time_unix_seconds` is when, in seconds since 1970-01-01T00:00:00Z.
///
/// Before this is called the cosigner must have verified the log's own signature, and that the checkpoint is consistent
/// with the last one it cosigned, and must have made that fact durable.
///
/// # Errors
/// [`CosignatureError::WrongKeyKind`], [`CosignatureError::Time`] or [`CosignatureError::NotACheckpoint`].
pub fn cosign(checkpoint_body: &str, signer: &Signer, time_unix_seconds: u64) -> Result<SignatureLine, CosignatureError> {
    if signer.kind() != KeyKind::CosignatureV1 {
        return Err(CosignatureError::WrongKeyKind);
    }
    if time_unix_seconds > MAX_TIME {
        return Err(CosignatureError::Time);
    }
    checkpoint_body.parse::<Checkpoint>()?;
    let signature = signer.sign_bytes(message(checkpoint_body, time_unix_seconds).as_bytes());
    let bytes = [time_unix_seconds.to_be_bytes().as_slice(), signature.as_slice()].concat();
    Ok(signer.line(bytes))
}

/// Checks one cosignature and gives its time, in seconds since 1970-01-01T00:00:00Z.
///
/// # Errors
/// [`CosignatureError::WrongKeyKind`], [`CosignatureError::OtherKey`], [`CosignatureError::NotACheckpoint`] or
/// [`CosignatureError::BadSignature`].
pub fn verify(checkpoint_body: &str, line: &SignatureLine, key: &VerifierKey) -> Result<u64, CosignatureError> {
    if key.kind() != KeyKind::CosignatureV1 {
        return Err(CosignatureError::WrongKeyKind);
    }
    if !line.is_by(key) {
        return Err(CosignatureError::OtherKey);
    }
    checkpoint_body.parse::<Checkpoint>()?;
    key.verify(checkpoint_body, line.bytes()).flatten().ok_or(CosignatureError::BadSignature)
}

/// What is signed: a line that keeps cosignatures apart from all else, the time, and the checkpoint (C2SP
/// tlog-cosignature v1.0.1, "Ed25519 signed message").
pub(crate) fn message(checkpoint_body: &str, time: u64) -> String {
    format!("{HEADER}\ntime {time}\n{checkpoint_body}")
}

/// Takes the bytes of a cosignature apart: the time in eight big-endian bytes, and the Ed25519 signature.
pub(crate) fn split(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (time, signature) = bytes.split_first_chunk()?;
    let time = u64::from_be_bytes(*time);
    (time <= MAX_TIME).then_some((time, signature))
}
