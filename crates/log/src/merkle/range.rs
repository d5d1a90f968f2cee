use thiserror::Error;

use super::hash::{Hash, NodeId, empty_root, node_hash};

/// The largest number of leaves a tree may have here, 2^63 − 1: what the signed integers of databases and of other
/// implementations of C2SP tlog-checkpoint can hold.
pub const MAX_TREE_SIZE: u64 = i64::MAX as u64;

/// How many bytes of a stored range come before its hashes.
const SIZE_LEN: usize = size_of::<u64>();

/// What made a compact range unusable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RangeError {
    /// The number of hashes is not the number of perfect subtrees of a tree of that size.
    #[error("a tree of {size} leaves is made of {expected} perfect subtrees, not {found}")]
    HashCount {
        /// The number of leaves claimed.
        size: u64,
        /// How many hashes that size takes.
        expected: u32,
        /// How many hashes there were.
        found: usize,
    },
    /// The tree has, or would come to have, more than [`MAX_TREE_SIZE`] leaves.
    #[error("a tree has at most {MAX_TREE_SIZE} leaves")]
    TooLarge,
    /// The stored bytes are cut short or are not a whole number of hashes.
    #[error("a stored range is 8 bytes of size and 32 for each hash, not {0} bytes")]
    Length(usize),
}

/// The leaves [0, size) of a tree, summed up as the hashes of its perfect subtrees, the largest first.
///
/// These are the subtrees that the algorithm of RFC 6962 §2.1 splits a tree into; there is one for every 1 in the binary
/// writing of the size. A log needs no more than this to take the next leaf and to know its root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CompactRange {
    size: u64,
    hashes: Vec<Hash>,
}

impl CompactRange {
    /// The range of an empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes up a range again from the hashes of its subtrees, the largest first.
    ///
    /// # Errors
    /// [`RangeError::HashCount`] when there are not as many hashes as the size takes, and [`RangeError::TooLarge`].
    pub fn from_hashes(size: u64, hashes: Vec<Hash>) -> Result<Self, RangeError> {
        if size > MAX_TREE_SIZE {
            return Err(RangeError::TooLarge);
        }
        let expected = size.count_ones();
        if usize::try_from(expected) != Ok(hashes.len()) {
            return Err(RangeError::HashCount { size, expected, found: hashes.len() });
        }
        Ok(Self { size, hashes })
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hashes of the perfect subtrees, the largest (leftmost) first.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// Adds the hash of one more leaf, and gives the leaf's index.
    ///
    /// `on_node` hears of every perfect subtree that this leaf completes: first the leaf itself, at level 0, then upwards.
    /// Whoever keeps what `on_node` hears can later be a [`super::NodeReader`].
    ///
    /// # Errors
    /// [`RangeError::TooLarge`] when the tree is full. Then nothing has changed and `on_node` was not called.
    pub fn append(&mut self, leaf: Hash, mut on_node: impl FnMut(NodeId, Hash)) -> Result<u64, RangeError> {
        let index = self.size;
        if index >= MAX_TREE_SIZE {
            return Err(RangeError::TooLarge);
        }
        let mut node = NodeId::leaf(index);
        let mut hash = leaf;
        on_node(node, hash);
        // A node with an odd index is a right child, whose left sibling is the smallest subtree kept so far.
        while node.index % 2 == 1 {
            let Some(left) = self.hashes.pop() else { break };
            hash = node_hash(&left, &hash);
            node = NodeId { level: node.level + 1, index: node.index / 2 };
            on_node(node, hash);
        }
        self.hashes.push(hash);
        self.size = index + 1;
        Ok(index)
    }

    /// The root of the tree (RFC 6962 §2.1): [`empty_root`] when it has no leaves.
    pub fn root(&self) -> Hash {
        root_of_subtrees(&self.hashes)
    }

    /// The bytes to store: the size as 8 big-endian bytes, then the hashes in order.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SIZE_LEN + self.hashes.len() * Hash::LEN);
        bytes.extend_from_slice(&self.size.to_be_bytes());
        for hash in &self.hashes {
            bytes.extend_from_slice(hash.as_bytes());
        }
        bytes
    }

    /// Reads what [`CompactRange::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`RangeError::Length`] for bytes cut short, otherwise as [`CompactRange::from_hashes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RangeError> {
        let (size, rest) = bytes.split_first_chunk::<SIZE_LEN>().ok_or(RangeError::Length(bytes.len()))?;
        let (hashes, []) = rest.as_chunks::<{ Hash::LEN }>() else {
            return Err(RangeError::Length(bytes.len()));
        };
        Self::from_hashes(u64::from_be_bytes(*size), hashes.iter().copied().map(Hash::from_bytes).collect())
    }
}

/// The root over perfect subtrees that stand side by side, the largest first (RFC 6962 §2.1).
pub(super) fn root_of_subtrees(hashes: &[Hash]) -> Hash {
    hashes.iter().rev().copied().reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(empty_root)
}
