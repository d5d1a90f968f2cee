//! The Merkle tree of a log: SHA-256 hashing, growing, and the proofs that an entry is in it and that it only grew
//! (RFC 6962 §2.1, verified by the algorithms of RFC 9162 §2.1.3.2 and §2.1.4.2).
//!
//! Nothing here stores a tree. [`CompactRange`] keeps the handful of hashes from which a log goes on growing and tells the
//! caller every subtree it completes; the provers ask for those subtrees again through [`NodeReader`].

mod hash;
mod proof;
mod range;

pub use hash::{Hash, HashError, NodeId, empty_root, leaf_hash, node_hash};
pub use proof::{
    NodeReader, ProofError, ProveError, consistency_proof, inclusion_proof, tree_root, verify_consistency, verify_inclusion,
};
pub use range::{CompactRange, MAX_TREE_SIZE, RangeError};
