use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::encoding;

/// The bytes that keep the hash of a leaf from ever being taken for that of an inner node (RFC 6962 §2.1).
const LEAF_PREFIX: [u8; 1] = [0x00];
const NODE_PREFIX: [u8; 1] = [0x01];

/// A SHA-256 hash of a leaf, of an inner node or of a whole tree (RFC 6962 §2.1).
///
/// It is shown as standard base64, as C2SP tlog-checkpoint writes it, and in `Debug` as hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; Hash::LEN]);

/// The text or bytes were not a hash: 32 bytes, or their canonical standard base64 (RFC 4648 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a SHA-256 hash of 32 bytes in standard base64")]
pub struct HashError;

impl Hash {
    /// The length of a hash, in bytes.
    pub const LEN: usize = 32;

    /// Takes the 32 bytes of a hash as they are.
    pub const fn from_bytes(bytes: [u8; Hash::LEN]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes of this hash.
    pub const fn as_bytes(&self) -> &[u8; Hash::LEN] {
        &self.0
    }

    /// The 32 bytes of this hash, by value.
    pub const fn to_bytes(self) -> [u8; Hash::LEN] {
        self.0
    }

    /// This hash as 64 lower-case hexadecimal digits.
    pub fn to_hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }
}

impl From<[u8; Hash::LEN]> for Hash {
    fn from(bytes: [u8; Hash::LEN]) -> Self {
        Self(bytes)
    }
}

impl TryFrom<&[u8]> for Hash {
    type Error = HashError;

    /// Takes a slice of exactly 32 bytes; [`HashError`] for any other length.
    fn try_from(bytes: &[u8]) -> Result<Self, HashError> {
        bytes.try_into().map(Self).map_err(|_| HashError)
    }
}

impl FromStr for Hash {
    type Err = HashError;

    /// Reads the 44 characters of standard base64; [`HashError`] for anything that `Display` would not write.
    fn from_str(text: &str) -> Result<Self, HashError> {
        let bytes = encoding::parse_base64(text).ok_or(HashError)?;
        Self::try_from(bytes.as_slice())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encoding::base64(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

/// The hash of one log entry: SHA-256(0x00 ‖ entry) (RFC 6962 §2.1).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update(LEAF_PREFIX).chain_update(entry).finalize().into())
}

/// The hash of the node above `left` and `right`: SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash(Sha256::new().chain_update(NODE_PREFIX).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// The root of the tree without leaves: SHA-256 of nothing (RFC 6962 §2.1).
pub fn empty_root() -> Hash {
    Hash(Sha256::new().finalize().into())
}

/// The place of a perfect subtree: the one of 2^`level` leaves that begins at leaf `index` · 2^`level`.
///
/// Level 0 is the leaves. Such a subtree, once full, never changes again; this is what makes it worth storing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// The height of the subtree above the leaves, 0 to 63.
    pub level: u8,
    /// Its number, counted from the left, among the subtrees of the same height.
    pub index: u64,
}

impl NodeId {
    /// The node of one leaf.
    pub const fn leaf(index: u64) -> Self {
        Self { level: 0, index }
    }

    /// Whether a tree of `size` leaves contains every leaf of this subtree; false also for places outside any tree.
    pub fn is_complete_in(&self, size: u64) -> bool {
        let leaves_per_node = 1_u64.checked_shl(u32::from(self.level));
        let end = leaves_per_node.and_then(|leaves| self.index.checked_add(1)?.checked_mul(leaves));
        end.is_some_and(|end| end <= size)
    }
}
