use std::ops::Range;

use thiserror::Error;

use super::hash::{Hash, NodeId, empty_root, node_hash};
use super::range::root_of_subtrees;

/// Where a prover finds the hashes of a tree.
///
/// Only perfect subtrees that are full in the tree in question are asked for, so that whatever answers never needs to know
/// the size of the tree, and what it answers never changes.
pub trait NodeReader {
    /// What can go wrong while reading.
    type Error;

    /// The hash of the subtree at `id`, as `on_node` of [`super::CompactRange::append`] was told it.
    ///
    /// # Errors
    /// Whatever the reader meets. A hash that is missing is an error too: the prover asks for nothing it can do without.
    fn node(&self, id: NodeId) -> Result<Hash, Self::Error>;
}

impl<F, E> NodeReader for F
where
    F: Fn(NodeId) -> Result<Hash, E>,
{
    type Error = E;

    fn node(&self, id: NodeId) -> Result<Hash, E> {
        self(id)
    }
}

/// Why a proof could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProveError<E> {
    /// The leaf or the older tree is not part of the tree.
    #[error("{wanted} does not lie within a tree of {size} leaves")]
    OutOfRange {
        /// The index of the leaf, or the size of the older tree.
        wanted: u64,
        /// The number of leaves of the tree.
        size: u64,
    },
    /// The reader could not give a hash.
    #[error("a hash of the tree could not be read")]
    Reader(#[source] E),
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProofError {
    /// The leaf's index is not below the size of the tree.
    #[error("leaf {index} does not lie within a tree of {size} leaves")]
    IndexOutOfRange {
        /// The index of the leaf.
        index: u64,
        /// The number of leaves of the tree.
        size: u64,
    },
    /// The tree that should be older is larger than the newer one.
    #[error("a tree of {old} leaves cannot be older than one of {new} leaves")]
    Shrunk {
        /// The number of leaves of the older tree.
        old: u64,
        /// The number of leaves of the newer tree.
        new: u64,
    },
    /// The proof has fewer or more hashes than the sizes call for.
    #[error("the proof has the wrong number of hashes")]
    Length,
    /// The hashes do not lead to the root (of the newer tree).
    #[error("the proof does not lead to the root")]
    Root,
    /// The hashes do not lead to the root of the older tree.
    #[error("the proof does not lead to the older root")]
    OldRoot,
}

/// The proof that the leaf at `index` is in the tree of `size` leaves: the sibling hashes from the leaf up to the root
/// (PATH of RFC 6962 §2.1.1).
///
/// # Errors
/// [`ProveError::OutOfRange`] unless `index < size`, and [`ProveError::Reader`].
pub fn inclusion_proof<N: NodeReader>(nodes: &N, index: u64, size: u64) -> Result<Vec<Hash>, ProveError<N::Error>> {
    if index >= size {
        return Err(ProveError::OutOfRange { wanted: index, size });
    }
    let mut proof = Vec::new();
    let mut tree = 0..size;
    while tree.end - tree.start > 1 {
        let (left, right) = split(&tree);
        let sibling;
        (tree, sibling) = if index < left.end { (left, right) } else { (right, left) };
        proof.push(subtree_root(nodes, sibling).map_err(ProveError::Reader)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of `new` leaves begins with the whole tree of `old` leaves (PROOF of RFC 6962 §2.1.2).
///
/// It is empty when `old` is 0 or equals `new`, for then there is nothing to prove but what [`verify_consistency`] can see
/// in the roots themselves.
///
/// # Errors
/// [`ProveError::OutOfRange`] when `old > new`, and [`ProveError::Reader`].
pub fn consistency_proof<N: NodeReader>(nodes: &N, old: u64, new: u64) -> Result<Vec<Hash>, ProveError<N::Error>> {
    if old > new {
        return Err(ProveError::OutOfRange { wanted: old, size: new });
    }
    let mut proof = Vec::new();
    if old == 0 || old == new {
        return Ok(proof);
    }
    let mut tree = 0..new;
    while tree.end != old {
        let (left, right) = split(&tree);
        let sibling;
        (tree, sibling) = if old <= left.end { (left, right) } else { (right, left) };
        proof.push(subtree_root(nodes, sibling).map_err(ProveError::Reader)?);
    }
    // The walk ends on a subtree that both trees share. When that is the whole older tree, its root is known already.
    if tree.start > 0 {
        proof.push(subtree_root(nodes, tree).map_err(ProveError::Reader)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The root of the tree of the first `size` leaves (MTH of RFC 6962 §2.1): of every size that a log has had, without having
/// been kept.
///
/// # Errors
/// Whatever the reader meets.
pub fn tree_root<N: NodeReader>(nodes: &N, size: u64) -> Result<Hash, N::Error> {
    subtree_root(nodes, 0..size)
}

/// Checks that the leaf hashed to `leaf` is number `index` in the tree of `size` leaves under `root`
/// (RFC 9162 §2.1.3.2).
///
/// # Errors
/// [`ProofError::IndexOutOfRange`], [`ProofError::Length`] or [`ProofError::Root`].
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::IndexOutOfRange { index, size });
    }
    let mut path = Path { node: index, last: size - 1 };
    let mut computed = *leaf;
    for sibling in proof {
        computed = match path.climb()? {
            Side::Left => node_hash(sibling, &computed),
            Side::Right => node_hash(&computed, sibling),
        };
    }
    if path.last != 0 {
        return Err(ProofError::Length);
    }
    if computed == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// Checks that the tree of `new_size` leaves under `new_root` begins with the tree of `old_size` leaves under `old_root`
/// (RFC 9162 §2.1.4.2).
///
/// Two cases that the RFC leaves to the caller: from the empty tree (`old_size` 0) every tree has grown, so that the proof
/// must be empty and `old_root` must be [`empty_root`]; and between trees of equal size the proof must be empty and the
/// roots must be the same.
///
/// # Errors
/// [`ProofError::Shrunk`], [`ProofError::Length`], [`ProofError::OldRoot`] or [`ProofError::Root`].
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::Shrunk { old: old_size, new: new_size });
    }
    if old_size == 0 && *old_root != empty_root() {
        return Err(ProofError::OldRoot);
    }
    if old_size == 0 || old_size == new_size {
        return match proof {
            [] if old_size == new_size && old_root != new_root => Err(ProofError::Root),
            [] => Ok(()),
            _ => Err(ProofError::Length),
        };
    }
    // The proof starts from the last perfect subtree of the older tree: given in the proof, unless it is the whole tree.
    let (start, siblings) = if old_size.is_power_of_two() {
        (*old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(ProofError::Length)?;
        (*first, rest)
    };
    let mut path = Path { node: old_size - 1, last: new_size - 1 };
    path.skip(path.node.trailing_ones());
    let (mut old, mut new) = (start, start);
    for sibling in siblings {
        match path.climb()? {
            Side::Left => {
                old = node_hash(sibling, &old);
                new = node_hash(sibling, &new);
            }
            Side::Right => new = node_hash(&new, sibling),
        }
    }
    if path.last != 0 {
        return Err(ProofError::Length);
    }
    if old != *old_root {
        return Err(ProofError::OldRoot);
    }
    if new == *new_root { Ok(()) } else { Err(ProofError::Root) }
}

/// On which side the sibling stands.
enum Side {
    Left,
    Right,
}

/// The way up from a node: `fn` and `sn` of RFC 9162 §2.1.3.2, the index of the node and that of the last one on its level.
struct Path {
    node: u64,
    last: u64,
}

impl Path {
    /// Goes up past the next sibling and says on which side it stands; [`ProofError::Length`] when there is none left.
    fn climb(&mut self) -> Result<Side, ProofError> {
        if self.last == 0 {
            return Err(ProofError::Length);
        }
        let is_right_child = self.node % 2 == 1;
        if is_right_child || self.node == self.last {
            // The last node of a level may have no sibling there; it then rises unchanged until it is a right child.
            if !is_right_child {
                self.skip(self.node.trailing_zeros());
            }
            self.skip(1);
            return Ok(Side::Left);
        }
        self.skip(1);
        Ok(Side::Right)
    }

    fn skip(&mut self, levels: u32) {
        self.node = self.node.checked_shr(levels).unwrap_or(0);
        self.last = self.last.checked_shr(levels).unwrap_or(0);
    }
}

/// The two halves of a tree of at least two leaves: left as many as the largest power of two smaller than all of them
/// (RFC 6962 §2.1).
fn split(tree: &Range<u64>) -> (Range<u64>, Range<u64>) {
    let largest_index = tree.end - tree.start - 1;
    let middle = tree.start + (1 << largest_index.ilog2());
    (tree.start..middle, middle..tree.end)
}

/// The root over the leaves of `tree`, whose start is a multiple of the power of two it fits into.
fn subtree_root<N: NodeReader>(nodes: &N, tree: Range<u64>) -> Result<Hash, N::Error> {
    let mut hashes = Vec::new();
    let mut start = tree.start;
    while start < tree.end {
        let height = (tree.end - start).ilog2();
        let level = height as u8; // the logarithm of a u64 is below 64
        hashes.push(nodes.node(NodeId { level, index: start >> height })?);
        start += 1 << height;
    }
    Ok(root_of_subtrees(&hashes))
}
