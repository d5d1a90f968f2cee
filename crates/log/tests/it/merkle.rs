use std::collections::BTreeMap;
use std::convert::Infallible;

use ct_merkle::RootHash;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2::Sha256;
use tansiq_log::merkle::{
    CompactRange, Hash, MAX_TREE_SIZE, NodeId, ProofError, ProveError, RangeError, consistency_proof, empty_root,
    inclusion_proof, leaf_hash, node_hash, verify_consistency, verify_inclusion,
};

use crate::random::for_seeds;

/// The inputs and roots of the tests of Certificate Transparency (github.com/google/certificate-transparency,
/// merkle_tree_test.cc), in hexadecimal; the root at index N is that of the first N + 1 leaves.
const LEAVES: [&str; 8] = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// A tree with all its nodes in memory.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) range: CompactRange,
    nodes: BTreeMap<NodeId, Hash>,
    leaves: Vec<Hash>,
    roots: Vec<Hash>,
}

impl Tree {
    pub(crate) fn of(entries: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut tree = Self { roots: vec![empty_root()], ..Self::default() };
        for entry in entries {
            let leaf = leaf_hash(&entry);
            let Tree { range, nodes, .. } = &mut tree;
            range.append(leaf, |id, hash| assert_eq!(nodes.insert(id, hash), None)).unwrap();
            tree.leaves.push(leaf);
            tree.roots.push(tree.range.root());
        }
        tree
    }

    fn numbered(size: u64) -> Self {
        Self::of((0..size).map(|number| number.to_be_bytes().to_vec()))
    }

    /// Reads nodes as if the tree had `size` leaves only, and fails the test when asked for one it would not have.
    pub(crate) fn reader(&self, size: u64) -> impl Fn(NodeId) -> Result<Hash, Infallible> {
        move |id| {
            assert!(id.is_complete_in(size), "{id:?} is not complete in a tree of {size} leaves");
            Ok(self.nodes[&id])
        }
    }

    pub(crate) fn inclusion(&self, index: u64, size: u64) -> Vec<Hash> {
        inclusion_proof(&self.reader(size), index, size).unwrap()
    }

    pub(crate) fn consistency(&self, old: u64, new: u64) -> Vec<Hash> {
        consistency_proof(&self.reader(new), old, new).unwrap()
    }
}

fn published() -> Tree {
    Tree::of(LEAVES.map(|leaf| data_encoding::HEXLOWER.decode(leaf.as_bytes()).unwrap()))
}

fn hex(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(Hash::to_hex).collect()
}

#[test]
fn published_roots() {
    assert_eq!(empty_root().to_hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    let tree = published();
    assert_eq!(tree.roots[0], empty_root());
    assert_eq!(hex(&tree.roots[1..]), ROOTS);
    assert_eq!(CompactRange::new().root(), empty_root());
}

#[test]
fn published_inclusion_proofs() {
    let tree = published();
    let paths: [(u64, u64, &[&str]); 5] = [
        (0, 1, &[]),
        (
            0,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            &[
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (2, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
        (
            1,
            5,
            &[
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ];
    for (index, size, path) in paths {
        assert_eq!(hex(&tree.inclusion(index, size)), path, "leaf {index} of {size}");
    }
}

#[test]
fn published_consistency_proofs() {
    let tree = published();
    let proofs: [(u64, u64, &[&str]); 4] = [
        (1, 1, &[]),
        (
            1,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            &[
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            &[
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ];
    for (old, new, proof) in proofs {
        assert_eq!(hex(&tree.consistency(old, new)), proof, "from {old} to {new}");
    }
}

/// MTH, PATH and SUBPROOF word for word as RFC 6962 §2.1 defines them, at whatever cost.
mod definition {
    use super::*;

    fn split(leaves: &[Hash]) -> usize {
        leaves.len().next_power_of_two() / 2
    }

    pub(super) fn root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty_root(),
            [leaf] => *leaf,
            _ => node_hash(&root(&leaves[..split(leaves)]), &root(&leaves[split(leaves)..])),
        }
    }

    pub(super) fn path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let (left, right) = leaves.split_at(split(leaves));
        let (mut path, sibling) =
            if index < left.len() { (path(index, left), root(right)) } else { (path(index - left.len(), right), root(left)) };
        path.push(sibling);
        path
    }

    pub(super) fn subproof(old: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
        if old == leaves.len() {
            return if whole { Vec::new() } else { vec![root(leaves)] };
        }
        let (left, right) = leaves.split_at(split(leaves));
        let (mut proof, sibling) = if old <= left.len() {
            (subproof(old, left, whole), root(right))
        } else {
            (subproof(old - left.len(), right, false), root(left))
        };
        proof.push(sibling);
        proof
    }
}

#[test]
fn proofs_are_as_defined_for_every_small_tree() {
    let tree = Tree::numbered(40);
    for size in 1..=40_u64 {
        let leaves = &tree.leaves[..size as usize];
        let root = tree.roots[size as usize];
        assert_eq!(root, definition::root(leaves));
        for index in 0..size {
            let proof = tree.inclusion(index, size);
            assert_eq!(proof, definition::path(index as usize, leaves));
            assert_eq!(verify_inclusion(&leaves[index as usize], index, size, &proof, &root), Ok(()));
        }
        for old in 1..=size {
            let proof = tree.consistency(old, size);
            assert_eq!(proof, definition::subproof(old as usize, leaves, true));
            assert_eq!(verify_consistency(old, &tree.roots[old as usize], size, &root, &proof), Ok(()));
        }
    }
}

#[test]
fn altered_proofs_fail_for_every_small_tree() {
    let tree = Tree::numbered(18);
    let other = leaf_hash(b"other");
    for size in 1..=18_u64 {
        let root = tree.roots[size as usize];
        for index in 0..size {
            let leaf = tree.leaves[index as usize];
            let proof = tree.inclusion(index, size);
            for wrong in alterations(&proof, other) {
                assert!(verify_inclusion(&leaf, index, size, &wrong, &root).is_err());
            }
            for wrong in (0..=size).filter(|&wrong| wrong != index) {
                assert!(verify_inclusion(&leaf, wrong, size, &proof, &root).is_err());
            }
            assert_eq!(verify_inclusion(&other, index, size, &proof, &root), Err(ProofError::Root));
            assert_eq!(verify_inclusion(&leaf, index, size, &proof, &other), Err(ProofError::Root));
        }
        for old in 0..=size {
            let old_root = tree.roots[old as usize];
            let proof = tree.consistency(old, size);
            for wrong in alterations(&proof, other) {
                assert!(verify_consistency(old, &old_root, size, &root, &wrong).is_err());
            }
            assert!(verify_consistency(old, &other, size, &root, &proof).is_err());
            if old > 0 {
                assert!(verify_consistency(old, &old_root, size, &other, &proof).is_err());
            }
        }
    }
}

/// The proof with each hash replaced, left out or doubled, and with one more at either end.
fn alterations(proof: &[Hash], other: Hash) -> Vec<Vec<Hash>> {
    let mut all = vec![[proof, &[other]].concat(), [&[other], proof].concat()];
    for place in 0..proof.len() {
        let (before, after) = (&proof[..place], &proof[place + 1..]);
        all.push([before, &[other], after].concat());
        all.push([before, after].concat());
        all.push([before, &[proof[place], proof[place]], after].concat());
    }
    all
}

#[test]
fn the_cases_the_rfc_leaves_open() {
    let tree = Tree::numbered(3);
    let (empty, root) = (empty_root(), tree.roots[3]);
    assert_eq!(tree.consistency(0, 3), []);
    assert_eq!(verify_consistency(0, &empty, 3, &root, &[]), Ok(()));
    assert_eq!(verify_consistency(0, &root, 3, &root, &[]), Err(ProofError::OldRoot));
    assert_eq!(verify_consistency(0, &empty, 3, &root, &[root]), Err(ProofError::Length));
    assert_eq!(verify_consistency(0, &empty, 0, &empty, &[]), Ok(()));
    assert_eq!(verify_consistency(0, &empty, 0, &root, &[]), Err(ProofError::Root));
    assert_eq!(verify_consistency(3, &root, 3, &root, &[]), Ok(()));
    assert_eq!(verify_consistency(3, &root, 3, &empty, &[]), Err(ProofError::Root));
    assert_eq!(verify_consistency(3, &root, 3, &root, &[root]), Err(ProofError::Length));
    assert_eq!(verify_consistency(3, &root, 2, &root, &[]), Err(ProofError::Shrunk { old: 3, new: 2 }));
    assert_eq!(verify_inclusion(&root, 0, 0, &[], &root), Err(ProofError::IndexOutOfRange { index: 0, size: 0 }));
    let reader = |_| Err::<Hash, _>("asked");
    assert_eq!(inclusion_proof(&reader, 3, 3), Err(ProveError::OutOfRange { wanted: 3, size: 3 }));
    assert_eq!(consistency_proof(&reader, 4, 3), Err(ProveError::OutOfRange { wanted: 4, size: 3 }));
    assert_eq!(inclusion_proof(&reader, 0, 2), Err(ProveError::Reader("asked")));
}

/// The same tree in the other implementation.
fn theirs(size: u64) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|number| tree.push(number.to_be_bytes().to_vec()));
    tree
}

#[test]
fn ct_merkle_agrees() {
    let ours = Tree::numbered(600);
    for_seeds(60, |random| {
        let size = 1 + random.magnitude(599);
        let theirs = theirs(size);
        let root = ours.roots[size as usize];
        assert_eq!(theirs.root().as_bytes().as_slice(), root.as_bytes());
        for _ in 0..20 {
            let index = random.below(size as usize) as u64;
            let proof = ours.inclusion(index, size);
            let (entry, their_proof) = (index.to_be_bytes().to_vec(), theirs.prove_inclusion(index as usize));
            assert_eq!(their_proof.as_bytes(), proof.iter().flat_map(|hash| hash.to_bytes()).collect::<Vec<_>>());
            theirs.root().verify_inclusion(&entry, index, &their_proof).unwrap();
            verify_inclusion(&leaf_hash(&entry), index, size, &proof, &root).unwrap();

            let old = 1 + random.below(size as usize) as u64;
            let old_root = ours.roots[old as usize];
            let proof = ours.consistency(old, size);
            let their_proof = theirs.prove_consistency((size - old) as usize);
            assert_eq!(their_proof.as_bytes(), proof.iter().flat_map(|hash| hash.to_bytes()).collect::<Vec<_>>());
            let their_old_root = RootHash::<Sha256>::new(old_root.to_bytes().into(), old);
            theirs.root().verify_consistency(&their_old_root, &their_proof).unwrap();
            verify_consistency(old, &old_root, size, &root, &proof).unwrap();
        }
    });
}

/// A tree of equal leaves has equal hashes on each level, so that trees of any size can be tried.
fn uniform(level: u8) -> Hash {
    (0..level).fold(leaf_hash(b"same"), |hash, _| node_hash(&hash, &hash))
}

fn uniform_range(size: u64) -> CompactRange {
    let levels = (0..64).rev().filter(|level| size & (1 << level) != 0);
    CompactRange::from_hashes(size, levels.map(uniform).collect()).unwrap()
}

#[test]
fn the_largest_trees() {
    let levels: Vec<Hash> = (0..64).map(uniform).collect();
    for_seeds(400, |random| {
        let size = 1 + random.magnitude(MAX_TREE_SIZE - 1);
        let old = 1 + random.magnitude(size - 1);
        let reader = |id: NodeId| {
            assert!(id.is_complete_in(size));
            Ok::<Hash, Infallible>(levels[usize::from(id.level)])
        };
        let (root, old_root) = (uniform_range(size).root(), uniform_range(old).root());
        let proof = inclusion_proof(&reader, old - 1, size).unwrap();
        assert_eq!(verify_inclusion(&leaf_hash(b"same"), old - 1, size, &proof, &root), Ok(()));
        let proof = consistency_proof(&reader, old, size).unwrap();
        assert_eq!(verify_consistency(old, &old_root, size, &root, &proof), Ok(()));
    });
}

#[test]
fn a_full_tree_takes_no_more() {
    let mut range = uniform_range(MAX_TREE_SIZE);
    let before = range.clone();
    assert_eq!(range.append(leaf_hash(b""), |_, _| panic!("nothing is completed")), Err(RangeError::TooLarge));
    assert_eq!(range, before);
    assert_eq!(CompactRange::from_hashes(MAX_TREE_SIZE + 1, vec![leaf_hash(b"")]), Err(RangeError::TooLarge));
}

#[test]
fn a_range_is_taken_up_again() {
    let tree = Tree::numbered(100);
    let mut range = CompactRange::new();
    for (index, leaf) in tree.leaves.iter().enumerate() {
        range = CompactRange::from_bytes(&range.to_bytes()).unwrap();
        assert_eq!(range.append(*leaf, |_, _| {}), Ok(index as u64));
        assert_eq!(range.root(), tree.roots[index + 1]);
        assert_eq!(CompactRange::from_hashes(range.size(), range.hashes().to_vec()), Ok(range.clone()));
    }
    let wrong = CompactRange::from_hashes(3, vec![leaf_hash(b"")]);
    assert_eq!(wrong, Err(RangeError::HashCount { size: 3, expected: 2, found: 1 }));
    assert_eq!(CompactRange::from_bytes(&[0; 7]), Err(RangeError::Length(7)));
}

#[test]
fn nodes_are_told_once_each_from_the_leaf_up() {
    let mut range = CompactRange::new();
    let mut told = Vec::new();
    for number in 0..8_u8 {
        range.append(leaf_hash(&[number]), |id, _| told.push((id.level, id.index))).unwrap();
    }
    let expected =
        [(0, 0), (0, 1), (1, 0), (0, 2), (0, 3), (1, 1), (2, 0), (0, 4), (0, 5), (1, 2), (0, 6), (0, 7), (1, 3), (2, 1), (3, 0)];
    assert_eq!(told, expected);
    assert!(NodeId { level: 63, index: 0 }.is_complete_in(1 << 63));
    assert!(!NodeId { level: 64, index: 0 }.is_complete_in(u64::MAX));
    assert!(!NodeId { level: 63, index: u64::MAX }.is_complete_in(u64::MAX));
}

#[test]
fn one_hash_has_one_text() {
    let hash = leaf_hash(b"");
    assert_eq!(hash.to_string(), "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=");
    assert_eq!(format!("{hash:?}"), ROOTS[0]);
    for wrong in [
        "",
        "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0",
        "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB1=",
        "bjQLnP-zepicpUTmu3gKLHiQHT-zNzh2hRGjBhevoB0=",
        "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n",
        "bjQ=nP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0k",
    ] {
        assert!(wrong.parse::<Hash>().is_err(), "{wrong:?}");
    }
}
