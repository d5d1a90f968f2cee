//! What went wrong when the machine failed, as opposed to the rules saying no (see `tansiq_dossier::refusal`).

use tansiq_dossier::refusal::Refusal;

/// The machine failed. Nothing that was acknowledged is lost; the work in hand was not done.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database failed.
    #[error("the store failed: {0}")]
    Store(#[from] crate::store::db::Error),
    /// A commit failed earlier; the node takes no more work until it is started again, because what the disk holds is unknown.
    #[error("the node is read-only since a commit failed")]
    ReadOnly,
    /// Other work in the same commit failed, and this was rolled back with it.
    #[error("the commit that this work was part of failed: {0}")]
    Commit(String),
    /// A file could not be read or written.
    #[error("{what}: {source}")]
    File {
        /// What was being done to which file.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Stored bytes do not read back as what was stored.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// The operator's configuration cannot be used.
    #[error("{0}")]
    Setup(String),
    /// A key could not be used.
    #[error("a key cannot be used: {0}")]
    Key(String),
    /// The node is shutting down.
    #[error("the node is shutting down")]
    Closing,
}

impl Fault {
    /// A fault about a file.
    pub fn file(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Fault {
        let what = what.into();
        move |source| Fault::File { what, source }
    }

    /// What whoever runs the node can do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Fault::Store(_) | Fault::Commit(_) => "check the disk's space and health; `tansiq verify` checks what is stored",
            Fault::ReadOnly => "mend the disk, then start the node again; what was acknowledged is safe",
            Fault::File { .. } => "check that the path exists and that this user may read and write it",
            Fault::Damaged(_) => "stop the node and restore from a back-up; `tansiq verify` names what is damaged",
            Fault::Setup(_) => "see `tansiq --help`",
            Fault::Key(_) => "the node's `keys` folder must be complete, and readable by its owner alone",
            Fault::Closing => "try again when the node runs",
        }
    }
}

/// What a counterparty sent breaks the protocol. Nothing of it was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Protocol {
    /// A frame ends before its stated length, or is longer than a frame may be, or of an unknown type.
    #[error("malformed frame: {0}")]
    Frame(&'static str),
    /// The checkpoint is not one of this log, or its signature does not hold.
    #[error("checkpoint refused: {0}")]
    Checkpoint(String),
    /// The entries do not lead to the signed root: another history, or damage on the way.
    #[error("the entries do not lead to the signed tree of size {size}")]
    OtherHistory {
        /// The size of the signed tree.
        size: u64,
    },
    /// A record is not what its log committed to.
    #[error("record {index} is not what its log committed to")]
    NotCommitted {
        /// The record's place in its log.
        index: u64,
    },
    /// Sealed values came with a record that discloses nothing to this party.
    #[error("record {index} brings sealed values that it does not disclose to this party")]
    NotDisclosed {
        /// The record's place in its log.
        index: u64,
    },
    /// The log was proved to have two histories: nothing more of it is taken.
    #[error("this log was proved to have two histories; nothing more of it is taken")]
    Forked,
    /// What is said to prove that a log has two histories does not.
    #[error("no proof of two histories: {0}")]
    NotForked(String),
    /// A cosignature does not hold.
    #[error("cosignature refused: {0}")]
    Cosignature(String),
    /// The caller is not a party of this channel.
    #[error("not a party of this channel")]
    Stranger,
    /// A peer asks for more than its share, or has brought as much as it may for today.
    #[error("enough for now: {why}")]
    Enough {
        /// Of what.
        why: &'static str,
        /// After how many seconds it may go on.
        seconds: u64,
    },
    /// The peer answered what this protocol does not know.
    #[error("unexpected answer: {0}")]
    Answer(String),
}

impl Protocol {
    /// Whether the peer itself broke the protocol. A line that failed, or a peer that is busy, is no breach.
    #[must_use]
    pub fn is_breach(&self) -> bool {
        !matches!(self, Protocol::Answer(_) | Protocol::Stranger | Protocol::Enough { .. })
    }
}

/// Why work was not done.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The rules said no.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// A counterparty broke the protocol.
    #[error(transparent)]
    Protocol(#[from] Protocol),
    /// The machine failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<crate::store::db::Error> for Trouble {
    fn from(error: crate::store::db::Error) -> Self {
        Trouble::Fault(error.into())
    }
}
