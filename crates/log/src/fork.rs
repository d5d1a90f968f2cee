//! Proof that a log has two histories: two checkpoints, both signed by the log, that cannot both be true.
//!
//! A log promises that its tree only grows (RFC 6962 §3). Two signed trees of one size with different roots break that
//! promise by themselves. Of two different sizes, the larger one settles what the smaller must be: a consistency proof
//! (RFC 6962 §2.1.2) shows that the larger tree begins with a tree of the smaller size whose root is another than the one
//! that was signed. Nothing else is a fork: entries that do not lead to a checkpoint, or a proof that fails, may be damage
//! on the way, and prove nothing against the log.
//!
//! No specification has a format for such a proof yet; both its parts are those of C2SP tlog-checkpoint and RFC 6962.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::checkpoint::{Checkpoint, CheckpointError, OpenError, SignedCheckpoint};
use crate::encoding;
use crate::merkle::{Hash, ProofError, verify_consistency};
use crate::note::{Note, NoteError, VerifierKey};
use crate::policy::Policy;

/// The largest proof of a fork that is read, in bytes.
pub const MAX_FORK_BYTES: usize = 2_100_000;

/// The most hashes a proof of consistency can have: one for each level of the largest tree, and the node that it starts from.
pub const MAX_CONSISTENCY_HASHES: usize = 65;

/// The first line of the text form.
const HEADER: &str = "tansiq-fork/v1";

/// What made bytes no proof of a fork.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ForkParseError {
    /// Larger than [`MAX_FORK_BYTES`].
    #[error("the proof of a fork is larger than {MAX_FORK_BYTES} bytes")]
    TooLarge,
    /// Not UTF-8.
    #[error("the proof of a fork is not UTF-8")]
    Utf8,
    /// The lines that say how long each part is are missing or malformed, or the parts are not that long.
    #[error("the proof of a fork does not say how long its parts are")]
    Lengths,
    /// The first line of the consistency proof is not `old`, a size and a root.
    #[error("a consistency proof begins with `old`, the size of the older tree and its root")]
    Old,
    /// A line of the consistency proof is not the base64 of a hash, or there are more than [`MAX_CONSISTENCY_HASHES`].
    #[error("a hash of the consistency proof is malformed, or there are too many")]
    Hash,
    /// One of the two checkpoints is no note.
    #[error("the {0} checkpoint is not a signed note")]
    Note(Place, #[source] NoteError),
    /// One of the two notes is not over a checkpoint.
    #[error("the {0} note is not a checkpoint")]
    Checkpoint(Place, #[source] CheckpointError),
    /// The first checkpoint has the larger size.
    #[error("the first checkpoint is larger than the second")]
    Order,
    /// There is a consistency proof between trees of one size, or none between trees of different sizes.
    #[error("a consistency proof stands between trees of different sizes, and only there")]
    Consistency,
}

/// One of the two checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The one of the smaller size, where they differ.
    First,
    /// The other.
    Second,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Place::First => "first",
            Place::Second => "second",
        })
    }
}

/// Why a proof of a fork convicts nobody.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ForkError {
    /// The policy or the caller knows no log of this origin.
    #[error("no log named {0:?} is known")]
    UnknownLog(String),
    /// One of the checkpoints is not signed by the log.
    #[error("the {0} checkpoint is not one that the log has signed")]
    Unsigned(Place, #[source] OpenError),
    /// Both checkpoints say the same: one history.
    #[error("the two checkpoints do not contradict each other")]
    SameHistory,
    /// The consistency proof does not lead to the second checkpoint.
    #[error("the consistency proof does not lead to the second checkpoint")]
    Proof(#[from] ProofError),
}

/// The way from the beginning of the second tree to the whole of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consistency {
    /// The root over as many first leaves of the second tree as the first checkpoint has.
    pub old_root: Hash,
    /// The proof that the second tree begins with that tree (PROOF of RFC 6962 §2.1.2).
    pub hashes: Vec<Hash>,
}

/// Two checkpoints of one log, and what shows that they cannot both be true.
///
/// A `Fork` is well-formed and no more. Nothing in it is to be believed before [`Fork::check`] has said that it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    first: (Checkpoint, Note),
    second: (Checkpoint, Note),
    consistency: Option<Consistency>,
}

/// The files of a proof of a fork, as they stand in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForkFiles {
    /// `first.checkpoint`: the signed note of the smaller tree, where they differ.
    pub first: String,
    /// `second.checkpoint`: the signed note of the other.
    pub second: String,
    /// `consistency.proof`, when the sizes differ: a line `old <size> <root>`, then a hash per line, in base64.
    pub consistency: Option<String>,
}

impl Fork {
    /// Two checkpoints of which the first is not larger, with the way between them when their sizes differ.
    ///
    /// # Errors
    /// [`ForkParseError::Checkpoint`], [`ForkParseError::Order`] or [`ForkParseError::Consistency`].
    pub fn new(first: Note, second: Note, consistency: Option<Consistency>) -> Result<Self, ForkParseError> {
        let read =
            |note: &Note, place| note.text().parse::<Checkpoint>().map_err(|error| ForkParseError::Checkpoint(place, error));
        let (smaller, larger) = (read(&first, Place::First)?, read(&second, Place::Second)?);
        if smaller.size() > larger.size() {
            return Err(ForkParseError::Order);
        }
        if (smaller.size() < larger.size()) != consistency.is_some() {
            return Err(ForkParseError::Consistency);
        }
        Ok(Self { first: (smaller, first), second: (larger, second), consistency })
    }

    /// Reads the files of a folder.
    ///
    /// # Errors
    /// Any [`ForkParseError`].
    pub fn from_files(first: &[u8], second: &[u8], consistency: Option<&[u8]>) -> Result<Self, ForkParseError> {
        let note = |bytes, place| Note::parse(bytes).map_err(|error| ForkParseError::Note(place, error));
        let (first, second) = (note(first, Place::First)?, note(second, Place::Second)?);
        let Some(consistency) = consistency else { return Self::new(first, second, None) };
        let (size, consistency) = parse_consistency(consistency)?;
        let fork = Self::new(first, second, Some(consistency))?;
        if size == fork.first.0.size() { Ok(fork) } else { Err(ForkParseError::Old) }
    }

    /// The files of this proof.
    #[must_use]
    pub fn files(&self) -> ForkFiles {
        let consistency = self.consistency.as_ref().map(|way| {
            let hashes: String = way.hashes.iter().map(|hash| format!("{hash}\n")).collect();
            format!("old {} {}\n{hashes}", self.first.0.size(), way.old_root)
        });
        ForkFiles { first: self.first.1.to_string(), second: self.second.1.to_string(), consistency }
    }

    /// Reads the text form, in which it is sent and stored: the header, how many bytes each part has, a blank line, and the
    /// parts as they stand in a folder's files.
    ///
    /// # Errors
    /// Any [`ForkParseError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ForkParseError> {
        if bytes.len() > MAX_FORK_BYTES {
            return Err(ForkParseError::TooLarge);
        }
        let text = str::from_utf8(bytes).map_err(|_| ForkParseError::Utf8)?;
        let (head, parts) = text.split_once("\n\n").ok_or(ForkParseError::Lengths)?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(ForkParseError::Lengths);
        }
        let mut length = |name: &str| {
            let number = lines.next().and_then(|line| line.strip_prefix(name)).and_then(encoding::parse_decimal);
            number.and_then(|number| usize::try_from(number).ok()).ok_or(ForkParseError::Lengths)
        };
        let (first, second, consistency) = (length("first ")?, length("second ")?, length("consistency ")?);
        let (first, rest) = parts.split_at_checked(first).ok_or(ForkParseError::Lengths)?;
        let (second, rest) = rest.split_at_checked(second).ok_or(ForkParseError::Lengths)?;
        if rest.len() != consistency || lines.next().is_some() {
            return Err(ForkParseError::Lengths);
        }
        let consistency = (!rest.is_empty()).then_some(rest.as_bytes());
        Self::from_files(first.as_bytes(), second.as_bytes(), consistency)
    }

    /// The checkpoint that is not larger than the other.
    pub fn first(&self) -> &Checkpoint {
        &self.first.0
    }

    /// The checkpoint that is not smaller than the other.
    pub fn second(&self) -> &Checkpoint {
        &self.second.0
    }

    /// Whether this proves that the log with this key has two histories. The key's name must be the log's origin.
    ///
    /// # Errors
    /// [`ForkError`] says why it does not. Then nothing is proved against the log.
    pub fn check(&self, log: &VerifierKey) -> Result<(), ForkError> {
        self.check_with(&[log])
    }

    /// As [`Fork::check`], for a log that has signed with several keys one after the other, all of which are named by its
    /// origin: each checkpoint must be signed by one of them.
    ///
    /// # Errors
    /// As [`Fork::check`].
    pub fn check_with(&self, logs: &[&VerifierKey]) -> Result<(), ForkError> {
        let (first, second) = (&self.first.0, &self.second.0);
        signed(&self.first.1, Place::First, logs, first.origin())?;
        signed(&self.second.1, Place::Second, logs, first.origin())?;
        match &self.consistency {
            // `new` has seen to it that the sizes are the same.
            None if first.root() == second.root() => Err(ForkError::SameHistory),
            None => Ok(()),
            Some(way) => {
                verify_consistency(first.size(), &way.old_root, second.size(), &second.root(), &way.hashes)?;
                if way.old_root == first.root() { Err(ForkError::SameHistory) } else { Ok(()) }
            }
        }
    }

    /// As [`Fork::check`], with the keys of the logs that a policy knows.
    ///
    /// # Errors
    /// As [`Fork::check`].
    pub fn check_by(&self, policy: &Policy) -> Result<(), ForkError> {
        let keys: Vec<&VerifierKey> = policy.logs().iter().map(|log| &log.key).collect();
        self.check_with(&keys)
    }
}

/// The note must be signed by one of the keys that are named by this origin, over a checkpoint of it.
fn signed(note: &Note, place: Place, logs: &[&VerifierKey], origin: &str) -> Result<(), ForkError> {
    let bytes = note.to_string();
    let mut why = ForkError::UnknownLog(origin.to_owned());
    for key in logs.iter().filter(|key| key.name().as_str() == origin) {
        match SignedCheckpoint::open(bytes.as_bytes(), origin, key) {
            Ok(_) => return Ok(()),
            Err(error) => why = ForkError::Unsigned(place, error),
        }
    }
    Err(why)
}

fn parse_consistency(bytes: &[u8]) -> Result<(u64, Consistency), ForkParseError> {
    let text = str::from_utf8(bytes).map_err(|_| ForkParseError::Utf8)?;
    let mut lines = text.strip_suffix('\n').ok_or(ForkParseError::Hash)?.split('\n');
    let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(|line| line.split_once(' '));
    let (size, root) = old.ok_or(ForkParseError::Old)?;
    let size = encoding::parse_decimal(size).ok_or(ForkParseError::Old)?;
    let old_root = root.parse().map_err(|_| ForkParseError::Old)?;
    let mut hashes = Vec::new();
    for line in lines {
        if hashes.len() >= MAX_CONSISTENCY_HASHES {
            return Err(ForkParseError::Hash);
        }
        hashes.push(line.parse().map_err(|_| ForkParseError::Hash)?);
    }
    Ok((size, Consistency { old_root, hashes }))
}

impl FromStr for Fork {
    type Err = ForkParseError;

    /// As [`Fork::parse`].
    fn from_str(text: &str) -> Result<Self, ForkParseError> {
        Self::parse(text.as_bytes())
    }
}

impl fmt::Display for Fork {
    /// Writes what [`Fork::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ForkFiles { first, second, consistency } = self.files();
        let consistency = consistency.unwrap_or_default();
        let lengths = (first.len(), second.len(), consistency.len());
        write!(f, "{HEADER}\nfirst {}\nsecond {}\nconsistency {}\n\n", lengths.0, lengths.1, lengths.2)?;
        write!(f, "{first}{second}{consistency}")
    }
}
