//! Says what a file is, by its bytes; and refuses what could act on its reader's machine.

use super::{AttachmentRefusal, pdf, zip};
use crate::fault::{Fault, Trouble};
use std::io::{Read, Seek, SeekFrom};
use tansiq_dossier::custody::PASSIVE_TYPES;
use tansiq_dossier::refusal::Refusal;

/// How much of the beginning is looked at.
const HEAD: u64 = 8 * 1024;

/// What each sort of file may be called at its end.
const ENDS: &[(&str, &[&str])] = &[
    ("application/pdf", &["pdf"]),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx"]),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"]),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"]),
    ("application/vnd.oasis.opendocument.spreadsheet", &["ods"]),
    ("application/vnd.oasis.opendocument.text", &["odt"]),
    ("application/zip", &["zip"]),
    ("audio/mpeg", &["mp3"]),
    ("audio/ogg", &["ogg", "oga"]),
    ("audio/wav", &["wav"]),
    ("image/gif", &["gif"]),
    ("image/jpeg", &["jpeg", "jpg"]),
    ("image/png", &["png"]),
    ("image/tiff", &["tif", "tiff"]),
    ("image/webp", &["webp"]),
    ("text/plain", &["csv", "log", "md", "text", "tsv", "txt"]),
    ("video/mp4", &["m4v", "mp4"]),
    ("video/quicktime", &["mov", "qt"]),
    ("video/webm", &["webm"]),
];

/// What a text begins with that is not meant to be read but carried out.
const SCRIPTS: &[&str] = &["<", "#!", "%!ps", "@echo", "mz", "{\\rtf", "\u{1b}"];

fn unknown() -> Refusal {
    AttachmentRefusal::UnknownType.into()
}

pub(super) fn active() -> Refusal {
    AttachmentRefusal::Active.into()
}

pub(super) fn unreadable(error: std::io::Error) -> Fault {
    Fault::file("cannot read a file that came in")(error)
}

/// What the file is, if it is of a sort that may be attached. Reads its beginning; of an archive also its list of entries,
/// and a PDF once from end to end, a piece at a time.
///
/// # Errors
/// `ATT03` and `ATT04`; or a fault.
pub fn sniff<F: Read + Seek>(file: &mut F, size: u64) -> Result<&'static str, Trouble> {
    let mut head = Vec::new();
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    (&mut *file).take(HEAD).read_to_end(&mut head).map_err(unreadable)?;
    let found = if head.starts_with(b"PK\x03\x04") {
        zip::look(file, size, &head)?
    } else if head.starts_with(b"%PDF-") {
        pdf::look(file)?
    } else {
        by_head(&head)?
    };
    let passive = PASSIVE_TYPES.iter().find(|passive| **passive == found);
    Ok(passive.copied().ok_or_else(unknown)?)
}

fn by_head(head: &[u8]) -> Result<&'static str, Refusal> {
    match infer::get(head) {
        Some(found) => match found.mime_type() {
            "audio/x-wav" => Ok("audio/wav"),
            "video/x-m4v" => Ok("video/mp4"),
            // Programs and pages are told from what is merely not known here.
            "application/postscript" | "application/rtf" | "text/html" | "text/xml" | "text/x-shellscript" => Err(active()),
            // An archive that does not begin with an entry.
            "application/zip" => Err(unknown()),
            _ if found.matcher_type() == infer::MatcherType::App => Err(active()),
            other => Ok(other),
        },
        None => text(head),
    }
}

/// A text that a person reads.
fn text(head: &[u8]) -> Result<&'static str, Refusal> {
    let read = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The last letter may be cut in two.
        Err(error) if error.error_len().is_none() && head.len() as u64 == HEAD => {
            std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).map_err(|_| unknown())?
        }
        Err(_) => return Err(unknown()),
    };
    if read.contains(|c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}')) {
        return Err(unknown());
    }
    let begins: String = read.trim_start_matches(['\u{feff}', ' ', '\t', '\n', '\r']).chars().take(16).collect();
    let begins = begins.to_ascii_lowercase();
    if SCRIPTS.iter().any(|script| begins.starts_with(script)) || read.contains('\u{1b}') {
        return Err(active());
    }
    Ok("text/plain")
}

/// Refuses a name whose end says something else than what the file was found to be. A name without an end says nothing.
///
/// # Errors
/// `ATT05`.
pub fn check_name(name: &str, media_type: &str) -> Result<(), Refusal> {
    let Some((_, end)) = name.rsplit_once('.') else { return Ok(()) };
    let end = end.to_ascii_lowercase();
    // `Minutes of 14. January` has no end.
    if end.is_empty() || end.contains(char::is_whitespace) {
        return Ok(());
    }
    let fits = ENDS.iter().any(|(found, ends)| *found == media_type && ends.contains(&end.as_str()));
    if fits { Ok(()) } else { Err(Refusal::from(AttachmentRefusal::NameContradicts).at("name")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn found(bytes: &[u8]) -> String {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        match sniff(&mut file, bytes.len() as u64) {
            Ok(found) => found.to_owned(),
            Err(Trouble::Refused(refusal)) => refusal.code.into_owned(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn every_passive_sort_has_its_ends_and_no_other_has() {
        assert_eq!(ENDS.iter().map(|(found, _)| *found).collect::<Vec<_>>(), PASSIVE_TYPES);
    }

    #[test]
    fn pictures_sound_film_and_text_are_told_by_their_bytes() {
        for (bytes, expected) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
            (b"GIF89a\x01\0\x01\0", "image/gif"),
            (b"II*\0\x08\0\0\0\0\0\0\0", "image/tiff"),
            (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
            (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
            (b"ID3\x04\0\0\0\0\0\0", "audio/mpeg"),
            (b"OggS\0\x02\0\0\0\0\0\0\0\0", "audio/ogg"),
            (b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2", "video/mp4"),
            (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video/quicktime"),
            ("محضر الاجتماع\nالبند الأول".as_bytes(), "text/plain"),
            (b"\xef\xbb\xbfa,b\r\n1,2\r\n", "text/plain"),
        ] {
            assert_eq!(found(bytes), expected, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_film_of_the_open_sort_is_told_by_what_its_head_names() {
        let mut film = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm".to_vec();
        film.resize(512, 0);
        assert_eq!(found(&film), "video/webm");
    }

    #[test]
    fn what_could_act_is_refused_whatever_it_is_called() {
        for active in [
            &b"<html><script>alert(1)</script>"[..],
            b"  \n<svg xmlns='http://www.w3.org/2000/svg'>",
            b"\xef\xbb\xbf<?xml version='1.0'?>",
            b"#!/bin/sh\nrm -rf /",
            b"%!PS-Adobe-3.0",
            b"@ECHO OFF\r\ndel *",
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            b"MZ\x90\0\x03\0\0\0",
            b"read me\x1b[2J",
        ] {
            assert_eq!(found(active), "ATT04", "{:?}", String::from_utf8_lossy(active));
        }
        for unknown in [
            &b"\0\x01\x02\x03\x04\x05\x06\x07"[..],
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            b"caf\xe9",
            b"a\0b",
            b"7z\xbc\xaf\x27\x1c",
        ] {
            assert_eq!(found(unknown), "ATT03", "{unknown:?}");
        }
    }

    #[test]
    fn a_letter_that_is_cut_at_the_end_of_the_beginning_is_no_fault_of_the_text() {
        let mut long = "ي".repeat(4096);
        assert_eq!(found(long.as_bytes()), "text/plain");
        long.insert(0, 'a');
        assert_eq!(found(long.as_bytes()), "text/plain");
    }

    #[test]
    fn a_name_may_not_say_something_else_than_the_bytes() {
        let code = |name, media_type| check_name(name, media_type).err().map(|refusal| refusal.code.into_owned());
        assert_eq!(code("minutes.PDF", "application/pdf"), None);
        assert_eq!(code("minutes", "application/pdf"), None);
        assert_eq!(code("Minutes of 14. January", "application/pdf"), None);
        for name in ["minutes.pdf.exe", "minutes.docx", "minutes.js", "minutes.html"] {
            assert_eq!(code(name, "application/pdf").as_deref(), Some("ATT05"), "{name}");
        }
        assert_eq!(code("run.bat", "text/plain").as_deref(), Some("ATT05"));
    }
}
