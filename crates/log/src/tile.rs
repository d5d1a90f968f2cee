//! Tiles: the files in which a log is served to anybody who wants to follow it (C2SP tlog-tiles v0.1.0).

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use thiserror::Error;

use crate::encoding;
use crate::merkle::{Hash, NodeId};

/// How many hashes or entries a full tile has.
pub const TILE_WIDTH: u16 = 256;

/// The longest entry a bundle can hold, in bytes.
pub const MAX_ENTRY_BYTES: usize = u16::MAX as usize;

/// How many levels of the tree one tile spans: 2^8 = 256.
const TILE_HEIGHT: u8 = 8;

/// The highest level that a path may name.
const MAX_LEVEL: u8 = 63;

/// How many levels of tiles a tree of fewer than 2^64 leaves can have.
const TREE_LEVELS: u8 = 8;

/// A path or a set of numbers that names no tile (C2SP tlog-tiles v0.1.0, "Merkle Tree").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("there is no such tile")]
pub struct TileError;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Hashes of the tree: at level 0 those of leaves, at level L those of perfect subtrees of 256^L leaves.
    Hashes {
        /// The level, 0 to 63.
        level: u8,
    },
    /// The entries of the log themselves, called an entry bundle.
    Entries,
}

/// One tile of a log: 256 neighbouring hashes or entries, or fewer at the growing edge (C2SP tlog-tiles v0.1.0).
///
/// `Display` writes its path below the prefix of the log, such as `tile/0/x001/x234/067.p/5`, and `FromStr` reads exactly
/// those paths and no other spelling of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    kind: TileKind,
    index: u64,
    width: u16,
}

impl Tile {
    /// The tile number `index` (counted from 0) of its kind, with `width` hashes or entries.
    ///
    /// # Errors
    /// [`TileError`] when the level is above 63 or the width is not within 1 to 256.
    pub fn new(kind: TileKind, index: u64, width: u16) -> Result<Self, TileError> {
        let level_exists = !matches!(kind, TileKind::Hashes { level } if level > MAX_LEVEL);
        if level_exists && (1..=TILE_WIDTH).contains(&width) { Ok(Self { kind, index, width }) } else { Err(TileError) }
    }

    /// What the tile holds.
    pub fn kind(&self) -> TileKind {
        self.kind
    }

    /// Its number among the tiles of its kind, counted from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes or entries it has, 1 to 256.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it has all the 256 hashes or entries it can have, and so never changes again.
    pub fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }

    /// The subtrees whose hashes the tile holds, from left to right; for entries, the leaves of those entries.
    ///
    /// There are none when the tile lies outside every tree of fewer than 2^64 leaves.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        self.span().into_iter().flat_map(|(level, indices)| indices.map(move |index| NodeId { level, index }))
    }

    /// Whether a log of `size` entries has all that this tile should hold.
    ///
    /// A log serves such tiles and no others: full ones for ever, and of the partial ones at least those that
    /// [`tiles`] lists for a size it has signed.
    pub fn is_within(&self, size: u64) -> bool {
        self.span().is_some_and(|(level, indices)| indices.end <= size >> level)
    }

    /// The level of the tree and the indices there of what the tile holds.
    fn span(&self) -> Option<(u8, Range<u64>)> {
        let level = match self.kind {
            TileKind::Hashes { level } if level >= TREE_LEVELS => return None,
            TileKind::Hashes { level } => level * TILE_HEIGHT,
            TileKind::Entries => 0,
        };
        let first = self.index.checked_mul(u64::from(TILE_WIDTH))?;
        Some((level, first..first.checked_add(u64::from(self.width))?))
    }
}

/// All tiles of hashes of a log of `size` entries, level by level from the leaves up and from left to right; at most the
/// last of each level is partial (C2SP tlog-tiles v0.1.0, "Partial Tiles"). The entry bundles have the same numbers and
/// widths as the tiles of level 0.
pub fn tiles(size: u64) -> impl Iterator<Item = Tile> {
    tiles_between(0, size)
}

/// The tiles of hashes that a log of `new_size` entries has and one of `old_size` entries had not, in the order of
/// [`tiles`]: what must be written when a log has grown. Nothing when it has not.
pub fn tiles_between(old_size: u64, new_size: u64) -> impl Iterator<Item = Tile> {
    (0..TREE_LEVELS).flat_map(move |level| {
        let shift = TILE_HEIGHT * level;
        let (old, new) = (old_size >> shift, new_size >> shift);
        let width = u64::from(TILE_WIDTH);
        // Full tiles of the older log stay as they are; its partial one has grown if the level has.
        let first = if old < new { old / width } else { u64::MAX };
        (first..new.div_ceil(width)).map(move |index| Tile {
            kind: TileKind::Hashes { level },
            index,
            width: u16::try_from(new - index * width).unwrap_or(TILE_WIDTH).min(TILE_WIDTH),
        })
    })
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes { level } => write!(f, "tile/{level}/")?,
            TileKind::Entries => f.write_str("tile/entries/")?,
        }
        // Three decimal digits for each part of the path; all but the last begin with an x.
        let mut groups = vec![format!("{:03}", self.index % 1000)];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(format!("x{:03}", rest % 1000));
            rest /= 1000;
        }
        groups.reverse();
        f.write_str(&groups.join("/"))?;
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

impl FromStr for Tile {
    type Err = TileError;

    fn from_str(path: &str) -> Result<Self, TileError> {
        parse_path(path).ok_or(TileError)
    }
}

fn parse_path(path: &str) -> Option<Tile> {
    let (kind, rest) = path.strip_prefix("tile/")?.split_once('/')?;
    let kind = match kind {
        "entries" => TileKind::Entries,
        level => TileKind::Hashes { level: u8::try_from(encoding::parse_decimal(level)?).ok()? },
    };
    let (index, width) = match rest.split_once(".p/") {
        Some((index, width)) => {
            let width = u16::try_from(encoding::parse_decimal(width)?).ok()?;
            (index, (width < TILE_WIDTH).then_some(width)?)
        }
        None => (rest, TILE_WIDTH),
    };
    Tile::new(kind, parse_index(index)?, width).ok()
}

fn parse_index(path: &str) -> Option<u64> {
    // The shortest form begins with a number of its own: x000/001 would be a second path to tile 1.
    if path.starts_with("x000/") {
        return None;
    }
    let (leading, last) = path.rsplit_once('/').map_or((None, path), |(leading, last)| (Some(leading), last));
    let leading = leading.into_iter().flat_map(|groups| groups.split('/')).map(|group| group.strip_prefix('x'));
    leading.chain([Some(last)]).try_fold(0_u64, |index, group| {
        let group = group.filter(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()))?;
        index.checked_mul(1000)?.checked_add(group.parse().ok()?)
    })
}

/// What made bytes no content of a tile, or entries unfit for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TileContentError {
    /// None, or more than 256.
    #[error("a tile has 1 to 256 hashes or entries")]
    Count,
    /// An entry longer than [`MAX_ENTRY_BYTES`].
    #[error("an entry of a bundle has at most {MAX_ENTRY_BYTES} bytes")]
    EntryTooLong,
    /// The last hash or entry is cut short.
    #[error("the tile is cut short")]
    CutShort,
}

/// Writes an entry bundle: each entry behind its length in two big-endian bytes (C2SP tlog-tiles v0.1.0, "Log entries").
///
/// # Errors
/// [`TileContentError::Count`] and [`TileContentError::EntryTooLong`].
pub fn encode_entries<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, TileContentError> {
    refuse_count(entries.len())?;
    let mut bundle = Vec::new();
    for entry in entries {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len()).map_err(|_| TileContentError::EntryTooLong)?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Ok(bundle)
}

/// Reads an entry bundle (C2SP tlog-tiles v0.1.0, "Log entries"). The number of entries is the tile's width, which the
/// caller must compare.
///
/// # Errors
/// [`TileContentError::Count`] and [`TileContentError::CutShort`].
pub fn decode_entries(bundle: &[u8]) -> Result<Vec<&[u8]>, TileContentError> {
    let mut entries = Vec::new();
    let mut rest = bundle;
    while !rest.is_empty() {
        refuse_count(entries.len() + 1)?;
        let (length, after) = rest.split_first_chunk().ok_or(TileContentError::CutShort)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after.split_at_checked(length).ok_or(TileContentError::CutShort)?;
        entries.push(entry);
        rest = after;
    }
    refuse_count(entries.len())?;
    Ok(entries)
}

/// Writes a tile of hashes, one after the other (C2SP tlog-tiles v0.1.0, "Merkle Tree").
///
/// # Errors
/// [`TileContentError::Count`].
pub fn encode_hashes(hashes: &[Hash]) -> Result<Vec<u8>, TileContentError> {
    refuse_count(hashes.len())?;
    Ok(hashes.iter().flat_map(|hash| hash.to_bytes()).collect())
}

/// Reads a tile of hashes. Their number is the tile's width, which the caller must compare.
///
/// # Errors
/// [`TileContentError::Count`] and [`TileContentError::CutShort`].
pub fn decode_hashes(tile: &[u8]) -> Result<Vec<Hash>, TileContentError> {
    let (hashes, []) = tile.as_chunks() else {
        return Err(TileContentError::CutShort);
    };
    refuse_count(hashes.len())?;
    Ok(hashes.iter().copied().map(Hash::from_bytes).collect())
}

fn refuse_count(count: usize) -> Result<(), TileContentError> {
    if (1..=usize::from(TILE_WIDTH)).contains(&count) { Ok(()) } else { Err(TileContentError::Count) }
}
