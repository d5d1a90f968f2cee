//! Looks through a PDF for names by which it would do something when it is opened.
//!
//! The names are sought in the bytes as they lie there, a name's `#4a` read as the letter that it stands for (ISO 32000-2
//! §7.3.5). What lies in compressed streams is not unpacked: a reader that is to be safe from those must not act either.

use super::sniff::{active, unreadable};
use crate::fault::Trouble;
use crate::store::blobs::PIECE;
use std::io::{Read, Seek, SeekFrom};

/// Runs a script, acts on opening, starts a program, carries another file, or plays what others made.
const NAMES: &[&[u8]] = &[b"JavaScript", b"OpenAction", b"Launch", b"EmbeddedFile", b"EmbeddedFiles", b"RichMedia"];

/// The longest of them.
const LONGEST: usize = 13;

pub(super) fn look<F: Read + Seek>(file: &mut F) -> Result<&'static str, Trouble> {
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let (mut piece, mut names) = (vec![0; PIECE], Names::default());
    loop {
        let count = file.read(&mut piece).map_err(unreadable)?;
        let found = names.feed(piece.get(..count).unwrap_or_default());
        if found || (count == 0 && names.end()) {
            return Err(active().into());
        }
        if count == 0 {
            return Ok("application/pdf");
        }
    }
}

/// Reads names out of bytes that come in pieces.
#[derive(Default)]
struct Names {
    /// The name being read, as far as it could still be one of ours.
    name: Option<Vec<u8>>,
    /// The first digit of a `#4a`, or that one is awaited.
    escape: Option<Option<u8>>,
}

impl Names {
    /// Whether one of the names has ended within these bytes.
    fn feed(&mut self, mut bytes: &[u8]) -> bool {
        while let Some((byte, rest)) = bytes.split_first() {
            if self.name.is_none() {
                let Some(start) = bytes.iter().position(|byte| *byte == b'/') else { return false };
                self.name = Some(Vec::with_capacity(LONGEST));
                bytes = bytes.get(start + 1..).unwrap_or_default();
                continue;
            }
            if self.take(*byte) {
                return true;
            }
            bytes = rest;
        }
        false
    }

    /// Whether the bytes end with one of the names.
    fn end(&mut self) -> bool {
        self.name.take().is_some_and(|name| NAMES.contains(&name.as_slice()))
    }

    fn take(&mut self, byte: u8) -> bool {
        if let Some(first) = self.escape {
            let digit = char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            match (first, digit) {
                (None, Some(digit)) => self.escape = Some(Some(digit)),
                (Some(high), Some(low)) => {
                    self.escape = None;
                    self.push(high * 16 + low);
                }
                // Not an escape after all, and then not one of ours.
                (_, None) => {
                    self.escape = None;
                    self.name = (byte == b'/').then(Vec::new);
                }
            }
            return false;
        }
        match byte {
            b'#' => self.escape = Some(None),
            // White space and delimiters end a name (ISO 32000-2 §7.2.3).
            0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ' | b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%' => {
                if self.end() {
                    return true;
                }
                self.name = (byte == b'/').then(Vec::new);
            }
            other => self.push(other),
        }
        false
    }

    fn push(&mut self, byte: u8) {
        if let Some(name) = &mut self.name {
            name.push(byte);
            if name.len() > LONGEST {
                self.name = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acts(text: &str) -> bool {
        let whole = |piece: usize| {
            let mut names = Names::default();
            text.as_bytes().chunks(piece).any(|part| names.feed(part)) || names.end()
        };
        let found = whole(text.len());
        assert!((1..8).all(|piece| whole(piece) == found), "{text}: however it is cut");
        found
    }

    #[test]
    fn names_that_act_are_found_however_they_are_written_or_cut() {
        for text in [
            "<< /OpenAction 3 0 R >>",
            "<</S/JavaScript/JS(app.alert\\(1\\))>>",
            "/Names << /EmbeddedFiles 4 0 R >>",
            "/Type/EmbeddedFile",
            "/S /Launch/F (cmd.exe)",
            "/S /J#61vaScript >>",
            "/#4c#61unch ",
            "//Launch\n",
            "/X#/Launch ",
            "/Subtype/RichMedia]",
        ] {
            assert!(acts(text), "{text}");
        }
    }

    #[test]
    fn other_names_and_plain_words_are_let_through() {
        for text in
            ["/Type /Catalog /Pages 2 0 R", "the JavaScript of OpenAction", "/JavaScripting ", "/LaunchPad ", "/", "/#", ""]
        {
            assert!(text.is_empty() || !acts(text), "{text}");
        }
    }
}
