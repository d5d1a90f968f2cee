//! The two text encodings every format here shares, in their one canonical form each. A second spelling of the same value
//! would let the bytes of a proof change without its meaning changing.

use data_encoding::BASE64;

/// Standard base64 with padding (RFC 4648 §4).
pub(crate) fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// Reads standard base64; `None` unless `text` is exactly what [`base64`] would write for the result.
pub(crate) fn parse_base64(text: &str) -> Option<Vec<u8>> {
    // `BASE64` refuses stray trailing bits itself, but it accepts several padded pieces written one after another.
    if text.trim_end_matches('=').contains('=') {
        return None;
    }
    BASE64.decode(text.as_bytes()).ok()
}

/// Reads an unsigned decimal number; `None` for signs, leading zeros, other digits and overflow.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let canonical = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if canonical { text.parse().ok() } else { None }
}
