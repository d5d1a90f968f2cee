//! The hash of agreed content: what several parties cover with one act each.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;

/// SHA-256 over the canonical JSON of some content (RFC 8785, restricted to what records may hold: no fractions). Two
/// parties agree on a text when each put the same `ContentHash` into its own log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// The hash of any content that can be written as JSON. Maps are written with sorted keys and no white space.
    #[must_use]
    pub fn of<T: Serialize>(content: &T) -> ContentHash {
        // A value with sorted maps: `serde_json` keeps objects in a `BTreeMap`.
        let canonical = serde_json::to_value(content).and_then(|value| serde_json::to_vec(&value)).unwrap_or_default();
        ContentHash(Sha256::digest(&canonical).into())
    }

    /// The first eight hexadecimal digits, for people to compare at a glance.
    #[must_use]
    pub fn short(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0[..4])
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for ContentHash {
    type Err = crate::party::BadId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        hex32(text).map(ContentHash).ok_or_else(|| crate::party::BadId::new("a content hash (64 hexadecimal digits)", text))
    }
}

impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::party::parsed(deserializer)
    }
}

/// 32 bytes from 64 lower-case hexadecimal digits.
pub(crate) fn hex32(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let fits = text.len() == 2 * bytes.len();
    let decoded = fits.then(|| data_encoding::HEXLOWER.decode_mut(text.as_bytes(), &mut bytes))?;
    decoded.is_ok().then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_keys_does_not_matter() {
        let a: serde_json::Value = serde_json::from_str(r#"{"b":1,"a":{"y":2,"x":3}}"#).unwrap();
        let b: serde_json::Value = serde_json::from_str(r#"{"a":{"x":3,"y":2},"b":1}"#).unwrap();
        assert_eq!(ContentHash::of(&a), ContentHash::of(&b));
        // printf '{"a":{"x":3,"y":2},"b":1}' | sha256sum
        assert_eq!(ContentHash::of(&a).to_string(), "96b6ecf59e64f1f6373dbf140a3601e112106bb8ac6ef0c5ca1950b57d5c5d70");
    }
}
