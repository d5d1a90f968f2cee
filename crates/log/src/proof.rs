//! The portable proof that an entry stands in a log and that witnesses have seen that log (C2SP tlog-proof,
//! `c2sp.org/tlog-proof@v1`). By custom its file ends in `.tlog-proof`.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::encoding;
use crate::merkle::{Hash, ProofError, leaf_hash, verify_inclusion};
use crate::note::{KeyName, Note, NoteError, VerifierKey, VerifyError};
use crate::policy::Policy;

/// The largest proof that is read, in bytes.
pub const MAX_PROOF_BYTES: usize = 2_000_000;

/// The most hashes a proof of inclusion can have: one for each level above the leaves of the largest tree.
pub const MAX_PROOF_HASHES: usize = 64;

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// What made bytes no proof (C2SP tlog-proof, "Format").
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TlogProofError {
    /// Larger than [`MAX_PROOF_BYTES`].
    #[error("the proof is larger than {MAX_PROOF_BYTES} bytes")]
    TooLarge,
    /// Not UTF-8.
    #[error("the proof is not UTF-8")]
    Utf8,
    /// The first line is not `c2sp.org/tlog-proof@v1`.
    #[error("the first line is not {HEADER:?}")]
    Header,
    /// The extra line is not canonical base64.
    #[error("the extra line is not base64")]
    Extra,
    /// There is no index line, or not with a plain decimal number.
    #[error("the index of the entry is missing or malformed")]
    Index,
    /// A line of the proof is not the base64 of a hash, or there are more than [`MAX_PROOF_HASHES`].
    #[error("a hash of the proof is malformed, or there are too many")]
    Hash,
    /// No blank line sets the checkpoint apart.
    #[error("no blank line separates the proof and the checkpoint")]
    NoCheckpoint,
    /// What follows the blank line is no note.
    #[error("the checkpoint is not a signed note")]
    Note(#[from] NoteError),
}

/// Why a proof does not convince (C2SP tlog-proof, "Verifying a tlog proof").
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RejectedProof {
    /// The note in the proof is not over a checkpoint.
    #[error("the note in the proof is not a checkpoint")]
    Checkpoint(#[from] CheckpointError),
    /// The policy knows no log of this origin.
    #[error("the policy knows no log named {0:?}")]
    UnknownLog(String),
    /// The entry is not in the log at that index.
    #[error("the entry is not in the log under this checkpoint")]
    Inclusion(#[from] ProofError),
    /// A signature that names a key of the policy does not hold, or the log has not signed.
    #[error("the checkpoint is not signed as it claims")]
    Signature(#[from] VerifyError),
    /// The witnesses that have cosigned are not enough for the policy.
    #[error("too few witnesses have cosigned the checkpoint")]
    Quorum,
}

/// The proof that one entry is in a log: its index, the hashes from it up to the root, and the checkpoint that signs the
/// root.
///
/// What is read is only well-formed; [`TlogProof::verify`] tells whether it is true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Anything the application has put beside the proof. **Nothing signs it**; whoever uses it must check it otherwise.
    pub extra: Option<Vec<u8>>,
    /// The index of the entry in the log, counted from 0.
    pub index: u64,
    /// The proof of inclusion, from the sibling of the leaf up to the child of the root (RFC 6962 §2.1.1).
    pub hashes: Vec<Hash>,
    /// The checkpoint, with the signatures of its log and of its witnesses.
    pub checkpoint: Note,
}

/// What a proof has proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedProof {
    /// The checkpoint under which the entry stands.
    pub checkpoint: Checkpoint,
    /// The index of the entry in the log, counted from 0.
    pub index: u64,
    /// The key of the log, out of the policy.
    pub log: VerifierKey,
    /// Every witness of the policy that has cosigned the checkpoint, in the order of the note.
    pub cosigned: Vec<Cosigned>,
}

/// That a witness has cosigned, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// What the policy calls the witness.
    pub witness: String,
    /// The name of the witness's key.
    pub key: KeyName,
    /// When, by the witness's own clock, in seconds since 1970-01-01T00:00:00Z.
    pub time: u64,
}

impl TlogProof {
    /// Reads a proof. What it accepts, `Display` writes again byte for byte.
    ///
    /// # Errors
    /// Any [`TlogProofError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogProofError> {
        if bytes.len() > MAX_PROOF_BYTES {
            return Err(TlogProofError::TooLarge);
        }
        let text = str::from_utf8(bytes).map_err(|_| TlogProofError::Utf8)?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(TlogProofError::NoCheckpoint)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(TlogProofError::Header);
        }
        let extra = lines.next_if(|line| line.starts_with("extra "));
        let extra = extra.and_then(|line| line.strip_prefix("extra ")).map(encoding::parse_base64);
        let extra = extra.map(|decoded| decoded.ok_or(TlogProofError::Extra)).transpose()?;
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index.and_then(encoding::parse_decimal).ok_or(TlogProofError::Index)?;
        let mut hashes = Vec::new();
        for line in lines {
            if hashes.len() >= MAX_PROOF_HASHES {
                return Err(TlogProofError::Hash);
            }
            hashes.push(line.parse().map_err(|_| TlogProofError::Hash)?);
        }
        Ok(Self { extra, index, hashes, checkpoint: checkpoint.parse()? })
    }

    /// Checks that `entry` stands in a log of `policy`, at this index, under a checkpoint that the log has signed and
    /// enough witnesses have cosigned (C2SP tlog-proof, "Verifying a tlog proof").
    ///
    /// `entry` is the entry as it stands in the log, the bytes that [`leaf_hash`] hashes. Signatures of keys that the
    /// policy does not know are passed over, and so is [`TlogProof::extra`].
    ///
    /// # Errors
    /// Any [`RejectedProof`]. One signature that names a key of the policy and does not hold rejects the proof, even where
    /// the quorum could do without it.
    pub fn verify(&self, entry: &[u8], policy: &Policy) -> Result<VerifiedProof, RejectedProof> {
        let checkpoint: Checkpoint = self.checkpoint.text().parse()?;
        let logs: Vec<&VerifierKey> =
            policy.logs().iter().map(|log| &log.key).filter(|key| key.name().as_str() == checkpoint.origin()).collect();
        if logs.is_empty() {
            return Err(RejectedProof::UnknownLog(checkpoint.origin().to_owned()));
        }
        // The hashes come before the signatures because they cost less.
        verify_inclusion(&leaf_hash(entry), self.index, checkpoint.size(), &self.hashes, &checkpoint.root())?;
        let witnesses = policy.witnesses();
        let signed = self.checkpoint.verify(logs.iter().copied().chain(witnesses.iter().map(|witness| &witness.key)))?;
        let log = signed.iter().find(|by| logs.contains(&by.key)).ok_or(VerifyError::NoKnownKey)?;
        let mut cosigned = Vec::new();
        for by in &signed {
            if let (Some(time), Some(witness)) = (by.time, witnesses.iter().find(|witness| witness.key == *by.key)) {
                cosigned.push(Cosigned { witness: witness.name.clone(), key: by.key.name().clone(), time });
            }
        }
        if !policy.is_met_by(cosigned.iter().map(|by| by.witness.as_str())) {
            return Err(RejectedProof::Quorum);
        }
        Ok(VerifiedProof { checkpoint, index: self.index, log: log.key.clone(), cosigned })
    }
}

impl FromStr for TlogProof {
    type Err = TlogProofError;

    /// As [`TlogProof::parse`].
    fn from_str(proof: &str) -> Result<Self, TlogProofError> {
        Self::parse(proof.as_bytes())
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", encoding::base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
