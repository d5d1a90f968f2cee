use std::collections::BTreeSet;

use tansiq_log::merkle::{NodeId, leaf_hash};
use tansiq_log::tile::{
    Tile, TileContentError, TileKind, decode_entries, decode_hashes, encode_entries, encode_hashes, tiles, tiles_between,
};

use crate::random::for_seeds;

fn hashes(level: u8, index: u64, width: u16) -> Tile {
    Tile::new(TileKind::Hashes { level }, index, width).unwrap()
}

fn entries(index: u64, width: u16) -> Tile {
    Tile::new(TileKind::Entries, index, width).unwrap()
}

#[test]
fn paths() {
    for (tile, path) in [
        (hashes(0, 1_234_067, 256), "tile/0/x001/x234/067"),
        (hashes(0, 0, 256), "tile/0/000"),
        (hashes(63, 999, 255), "tile/63/999.p/255"),
        (hashes(1, 1000, 1), "tile/1/x001/000.p/1"),
        (entries(5, 256), "tile/entries/005"),
        (entries(1_000_000, 16), "tile/entries/x001/x000/000.p/16"),
        (entries(u64::MAX, 256), "tile/entries/x018/x446/x744/x073/x709/x551/615"),
    ] {
        assert_eq!(tile.to_string(), path);
        assert_eq!(path.parse(), Ok(tile));
    }
}

#[test]
fn what_is_no_path() {
    for path in [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/0/000/",
        "tile/00/000",
        "tile/64/000",
        "tile/256/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/data/000",
        "tile/8/0/000",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000",
        "tile/0/x000/000",
        "tile/0/x000/x001/000",
        "tile/0/x01/000",
        "tile/0/001/000",
        "tile/0/X001/000",
        "tile/0/x001/x000",
        "tile/0/x001//000",
        "tile/0/٠٠٠",
        "tile/0/+01",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/1.p/1",
        "tile/0/000.p/+1",
        "tile/0/000.p/65537",
        "tile/0/000 ",
        "tile/entries/x018/x446/x744/x073/x709/x551/616",
        "tile/entries/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert!(path.parse::<Tile>().is_err(), "{path:?}");
    }
    assert!(Tile::new(TileKind::Hashes { level: 64 }, 0, 1).is_err());
    assert!(Tile::new(TileKind::Entries, 0, 0).is_err());
    assert!(Tile::new(TileKind::Entries, 0, 257).is_err());
}

#[test]
fn the_published_examples_of_trees() {
    let all: Vec<Tile> = tiles(70_000).collect();
    let mut expected: Vec<Tile> = (0..273).map(|index| hashes(0, index, 256)).collect();
    expected.extend([hashes(0, 273, 112), hashes(1, 0, 256), hashes(1, 1, 17), hashes(2, 0, 1)]);
    assert_eq!(all, expected);
    assert_eq!(tiles(256).collect::<Vec<_>>(), [hashes(0, 0, 256), hashes(1, 0, 1)]);
    assert_eq!(tiles(1).collect::<Vec<_>>(), [hashes(0, 0, 1)]);
    assert_eq!(tiles(0).count(), 0);
    assert!(tiles(u64::MAX).next().unwrap().is_full());
}

#[test]
fn growth_adds_exactly_what_is_new() {
    for_seeds(150, |random| {
        let new = random.magnitude(300_000);
        let old = random.magnitude(new);
        let before: BTreeSet<Tile> = tiles(old).collect();
        let after: Vec<Tile> = tiles(new).collect();
        let added: Vec<Tile> = after.iter().copied().filter(|tile| !before.contains(tile)).collect();
        assert_eq!(tiles_between(old, new).collect::<Vec<_>>(), added);
        assert!(after.iter().all(|tile| tile.is_within(new)));
        assert!(added.iter().all(|tile| !tile.is_within(old)));
        assert_eq!(tiles_between(new, old).count(), 0);
    });
}

#[test]
fn tiles_hold_complete_subtrees() {
    for tile in tiles(70_000) {
        let nodes: Vec<NodeId> = tile.nodes().collect();
        assert_eq!(nodes.len(), usize::from(tile.width()));
        assert!(nodes.iter().all(|node| node.is_complete_in(70_000)));
        assert_eq!(nodes[0].index, tile.index() * 256);
    }
    let second: Vec<NodeId> = hashes(1, 1, 2).nodes().collect();
    assert_eq!(second, [NodeId { level: 8, index: 256 }, NodeId { level: 8, index: 257 }]);
    assert_eq!(entries(2, 1).nodes().collect::<Vec<_>>(), [NodeId { level: 0, index: 512 }]);
    assert!(entries(2, 1).is_within(513) && !entries(2, 1).is_within(512));
    assert_eq!(hashes(8, 0, 1).nodes().count(), 0);
    assert_eq!(entries(u64::MAX, 256).nodes().count(), 0);
    assert!(!hashes(63, 0, 1).is_within(u64::MAX));
}

#[test]
fn bundles() {
    let bundle = encode_entries(&["ab", "", "c"]).unwrap();
    assert_eq!(bundle, b"\0\x02ab\0\0\0\x01c");
    assert_eq!(decode_entries(&bundle).unwrap(), [b"ab".as_slice(), b"", b"c"]);
    for end in [1, 2, 3, 5, 7, 8] {
        assert_eq!(decode_entries(&bundle[..end]), Err(TileContentError::CutShort), "cut at {end}");
    }
    assert_eq!(decode_entries(b""), Err(TileContentError::Count));
    assert_eq!(decode_entries(&[0; 512]).map(|entries| entries.len()), Ok(256));
    assert_eq!(decode_entries(&[0; 514]), Err(TileContentError::Count));
    assert_eq!(encode_entries::<&str>(&[]), Err(TileContentError::Count));
    assert_eq!(encode_entries(&[""; 257]), Err(TileContentError::Count));
    let longest = vec![7; 65_535];
    assert_eq!(decode_entries(&encode_entries(&[&longest]).unwrap()).unwrap(), [longest]);
    assert_eq!(encode_entries(&[vec![0; 65_536]]), Err(TileContentError::EntryTooLong));
}

#[test]
fn hash_tiles() {
    let hashes = [leaf_hash(b"a"), leaf_hash(b"b")];
    let tile = encode_hashes(&hashes).unwrap();
    assert_eq!(decode_hashes(&tile), Ok(hashes.to_vec()));
    assert_eq!(decode_hashes(&tile[1..]), Err(TileContentError::CutShort));
    assert_eq!(decode_hashes(b""), Err(TileContentError::Count));
    assert_eq!(decode_hashes(&[0; 32 * 257]), Err(TileContentError::Count));
}
