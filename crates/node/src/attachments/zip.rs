//! Looks at the list of an archive's entries. Nothing is unpacked, so that no archive can grow here.
//!
//! The list is the central directory at the archive's end (APPNOTE.TXT 6.3.10, §4.3.12 and §4.3.16). An archive that two
//! readers could read differently is refused: one list, which ends where its end record begins, which ends the file.

use super::AttachmentRefusal;
use super::sniff::{active, unreadable};
use crate::fault::Trouble;
use std::io::{BufReader, Read, Seek, SeekFrom};
use tansiq_dossier::refusal::Refusal;

/// The end record without its comment.
const END: usize = 22;
/// What the end record and each entry of the list begin with.
const END_MARK: &[u8; 4] = b"PK\x05\x06";
const ENTRY_MARK: &[u8; 4] = b"PK\x01\x02";

/// What a machine would carry out, by the end of its name.
const PROGRAMS: &[&str] = &[
    "action",
    "apk",
    "app",
    "appimage",
    "appx",
    "asp",
    "aspx",
    "bash",
    "bat",
    "chm",
    "cmd",
    "com",
    "command",
    "cpl",
    "csh",
    "deb",
    "desktop",
    "dll",
    "dmg",
    "docm",
    "dotm",
    "elf",
    "exe",
    "gadget",
    "hta",
    "htm",
    "html",
    "img",
    "inf",
    "ins",
    "iso",
    "jar",
    "js",
    "jse",
    "jsp",
    "ksh",
    "library-ms",
    "lnk",
    "mjs",
    "msc",
    "msi",
    "msix",
    "msp",
    "mst",
    "mht",
    "mhtml",
    "one",
    "php",
    "pif",
    "pkg",
    "pl",
    "potm",
    "ppam",
    "ppsm",
    "pptm",
    "ps1",
    "psm1",
    "py",
    "pyc",
    "pyw",
    "rb",
    "reg",
    "rpm",
    "run",
    "scf",
    "scr",
    "sct",
    "search-ms",
    "settingcontent-ms",
    "sh",
    "so",
    "svg",
    "svgz",
    "swf",
    "sys",
    "url",
    "vb",
    "vbe",
    "vbs",
    "vhd",
    "vhdx",
    "wasm",
    "ws",
    "wsc",
    "wsf",
    "wsh",
    "xbap",
    "xhtml",
    "xlam",
    "xlsb",
    "xlsm",
    "xltm",
    "xml",
    "xsl",
    "xslt",
    "zsh",
];

fn unknown() -> Trouble {
    Refusal::from(AttachmentRefusal::UnknownType).into()
}

/// What the entries say of the archive.
#[derive(Default)]
struct Seen {
    programs: bool,
    macros: bool,
    basic: bool,
    outside: bool,
    content_types: bool,
    main: Option<&'static str>,
}

/// What an archive is: a document of one of two families, or an archive.
pub(super) fn look<F: Read + Seek>(file: &mut F, size: u64, head: &[u8]) -> Result<&'static str, Trouble> {
    let (count, start, end) = directory(file, size)?;
    file.seek(SeekFrom::Start(start)).map_err(unreadable)?;
    let mut reader = BufReader::new(&mut *file);
    let (mut seen, mut at) = (Seen::default(), start);
    for _ in 0..count {
        let (name, length) = entry(&mut reader, end - at)?;
        at += length;
        seen.note(&name);
    }
    if at != end {
        return Err(unknown());
    }
    if seen.macros || seen.outside {
        return Err(active().into());
    }
    match open_document(head) {
        Some(_) if seen.basic => Err(active().into()),
        Some(found) => Ok(found),
        None if seen.content_types && seen.main.is_some() => Ok(seen.main.unwrap_or_default()),
        None if seen.programs => Err(active().into()),
        None => Ok("application/zip"),
    }
}

/// How many entries there are, and where their list begins and ends.
fn directory<F: Read + Seek>(file: &mut F, size: u64) -> Result<(u16, u64, u64), Trouble> {
    let length = size.min((END + usize::from(u16::MAX)) as u64);
    let mut tail = vec![0; usize::try_from(length).unwrap_or_default()];
    file.seek(SeekFrom::Start(size - length)).and_then(|_| file.read_exact(&mut tail)).map_err(unreadable)?;
    let mut ends = tail.windows(4).enumerate().filter(|(_, mark)| *mark == END_MARK).map(|(at, _)| at);
    let (Some(at), None) = (ends.next(), ends.next()) else { return Err(unknown()) };
    let record = tail.get(at..).filter(|record| record.len() >= END).ok_or_else(unknown)?;
    let short = |at: usize| record.get(at..at + 2).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
    let long = |at: usize| u64::from(short(at)) | u64::from(short(at + 2)) << 16;
    let (count, comment) = (short(10), usize::from(short(20)));
    let (length, start) = (long(12), long(16));
    let end = size - tail.len() as u64 + at as u64;
    // In parts, of more entries than this form can count, or with room between the list and its end for another one.
    if short(4) != 0
        || short(6) != 0
        || short(8) != count
        || count == u16::MAX
        || start + length != end
        || record.len() != END + comment
    {
        return Err(unknown());
    }
    Ok((count, start, end))
}

/// The name of the next entry, and the length of what the list says of it.
fn entry(reader: &mut impl Read, room: u64) -> Result<(String, u64), Trouble> {
    const FIXED: usize = 46;
    let mut fixed = [0; FIXED];
    if room < FIXED as u64 {
        return Err(unknown());
    }
    reader.read_exact(&mut fixed).map_err(unreadable)?;
    let short = |at: usize| u64::from(u16::from_le_bytes([fixed[at], fixed[at + 1]]));
    let (name, more) = (short(28), short(30) + short(32));
    let length = FIXED as u64 + name + more;
    if fixed[..4] != *ENTRY_MARK || length > room {
        return Err(unknown());
    }
    let mut bytes = vec![0; usize::try_from(name).unwrap_or_default()];
    reader.read_exact(&mut bytes).map_err(unreadable)?;
    std::io::copy(&mut reader.take(more), &mut std::io::sink()).map_err(unreadable)?;
    Ok((String::from_utf8_lossy(&bytes).to_lowercase(), length))
}

impl Seen {
    fn note(&mut self, name: &str) {
        let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
        // Some systems forget dots and spaces at a name's end, and what follows a colon.
        let last = last.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']);
        let end = last.rsplit_once('.').map_or("", |(_, end)| end);
        self.programs |= PROGRAMS.contains(&end);
        self.macros |= last.starts_with("vbaproject") || last.starts_with("oleobject");
        self.macros |= name.contains("/macrosheets/") || name.contains("/activex/");
        self.basic |= name.starts_with("basic/") || name.starts_with("scripts/");
        self.outside |= name.starts_with(['/', '\\']) || name.contains(':') || name.contains('\0');
        self.outside |= name.split(['/', '\\']).any(|part| part == "..");
        self.content_types |= name == "[content_types].xml";
        let document = match name {
            "word/document.xml" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "xl/workbook.xml" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "ppt/presentation.xml" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            _ => return,
        };
        self.main = Some(document);
    }
}

/// A document of the other family begins with an entry `mimetype`, stored as it is (OpenDocument 1.3, part 2, §3.3).
fn open_document(head: &[u8]) -> Option<&'static str> {
    let content = head.get(30..)?.strip_prefix(b"mimetype")?;
    let known = ["application/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.text"];
    let stored = head.get(8..10)? == [0, 0];
    let length = u32::from_le_bytes(head.get(18..22)?.try_into().ok()?) as usize;
    let named = content.get(..length)?;
    // Another sort of document says so here too, and is then not one of those that may be attached.
    match known.into_iter().find(|known| known.as_bytes() == named) {
        Some(found) if stored => Some(found),
        _ => Some(""),
    }
}

#[cfg(test)]
mod tests {
    use crate::attachments::sniff::sniff;
    use crate::fault::Trouble;
    use std::io::Write;

    /// An archive of these entries, stored as they are.
    fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let (mut bytes, mut list) = (Vec::new(), Vec::new());
        let short = |n: usize| u16::try_from(n).unwrap().to_le_bytes();
        let long = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
        for (name, content) in entries {
            let at = bytes.len();
            let common = [&[10, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &long(0), &long(content.len()), &long(content.len())].concat();
            bytes.extend([b"PK\x03\x04", &common[..], &short(name.len()), &short(0), name.as_bytes(), content].concat());
            let rest = [&short(name.len())[..], &[0; 12], &long(at), name.as_bytes()].concat();
            list.extend([b"PK\x01\x02", &[10, 0][..], &common, &rest].concat());
        }
        let (count, start) = (short(entries.len()), bytes.len());
        bytes.extend(&list);
        bytes.extend([b"PK\x05\x06", &[0; 4][..], &count, &count, &long(list.len()), &long(start), &short(0)].concat());
        bytes
    }

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
    fn documents_and_archives_are_told_by_their_entries() {
        let docx: [(&str, &[u8]); 3] =
            [("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>"), ("word/media/a.svg", b"<svg/>")];
        assert!(found(&archive(&docx)).ends_with("wordprocessingml.document"));
        assert!(found(&archive(&[docx[0], ("xl/workbook.xml", b"")])).ends_with("spreadsheetml.sheet"));
        assert!(found(&archive(&[docx[0], ("ppt/presentation.xml", b"")])).ends_with("presentationml.presentation"));
        let odt = "application/vnd.oasis.opendocument.text";
        assert_eq!(found(&archive(&[("mimetype", odt.as_bytes()), ("content.xml", b"")])), odt);
        assert_eq!(found(&archive(&[("mimetype", b"application/epub+zip"), ("a", b"")])), "ATT03");
        assert_eq!(found(&archive(&[("صور/الجسر.jpg", b"x"), ("read me.txt", b"y")])), "application/zip");
        assert_eq!(found(&archive(&[])), "ATT03");
    }

    #[test]
    fn macros_programs_and_ways_out_are_refused() {
        let types: (&str, &[u8]) = ("[Content_Types].xml", b"");
        for entries in [
            &[types, ("word/document.xml", b""), ("word/vbaProject.bin", b"")][..],
            &[types, ("xl/workbook.xml", b""), ("xl/macrosheets/sheet1.xml", b"")],
            &[types, ("word/document.xml", b""), ("word/embeddings/oleObject1.bin", b"")],
            &[("mimetype", b"application/vnd.oasis.opendocument.text"), ("Basic/Standard/Module1.xml", b"")],
            &[("a/b/Setup.EXE", b"")],
            &[("run.ps1", b"")],
            &[("page.html", b"")],
            &[("invoice.js. ", b"")],
            &[("invoice.vbs:stream", b"")],
            &[("../../etc/cron.d/x", b"")],
            &[("/etc/passwd", b"")],
            &[("..\\x.txt", b"")],
        ] {
            assert_eq!(found(&archive(entries)), "ATT04", "{:?}", entries.iter().map(|(name, _)| name).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_archive_that_can_be_read_in_two_ways_is_refused() {
        let good = archive(&[("a.txt", b"a")]);
        let mut longer = good.clone();
        longer.extend(b"more");
        assert_eq!(found(&longer), "ATT03");
        let mut twice = good.clone();
        twice.extend(&good);
        assert_eq!(found(&twice), "ATT03");
        for cut in 4..good.len() {
            assert_eq!(found(&good[..cut]), "ATT03", "{cut}");
        }
        let mut lies = good.clone();
        let at = lies.len() - 12;
        lies[at] = 9;
        assert_eq!(found(&lies), "ATT03");
    }

    /// Whatever the bytes, the answer comes, and takes no more memory than the end of the file and one name.
    #[test]
    fn damaged_lists_are_answered_too() {
        let good = archive(&[("[Content_Types].xml", b"x"), ("word/document.xml", b"y"), ("c.txt", b"z")]);
        for at in 0..good.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut bad = good.clone();
                bad[at] = value;
                found(&bad);
            }
        }
    }
}
