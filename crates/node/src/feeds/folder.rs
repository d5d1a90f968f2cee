//! Statements that somebody lays into a folder: texts, each a file, and feeds that another program has fetched.

use super::Item;
use super::syndication::items;
use crate::fault::Fault;
use std::path::{Path, PathBuf};

/// How many files are looked at.
const MOST: usize = 10_000;

/// The largest file, in bytes.
const LARGEST: u64 = 8 * 1024 * 1024;

/// The items of every file of a folder, by the files' names, and what could not be read. The files stay as they are.
pub(super) fn gather(folder: &Path) -> Result<(Vec<Item>, Vec<String>), Fault> {
    let fault = || Fault::file(format!("cannot read the feed's folder {}", folder.display()));
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault())?.take(MOST) {
        paths.push(entry.map_err(fault())?.path());
    }
    paths.sort();
    let (mut found, mut unreadable) = (Vec::new(), Vec::new());
    for path in paths {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        let read = match ending.as_str() {
            "txt" => text(&path).map(|item| vec![item]),
            "xml" | "rss" | "atom" => bytes(&path).and_then(|bytes| items(&bytes).map_err(|why| why.to_string())),
            _ => continue,
        };
        match read {
            Ok(items) => found.extend(items),
            Err(why) => unreadable.push(format!("{}: {why}", path.display())),
        }
    }
    Ok((found, unreadable))
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let about = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if about.len() > LARGEST {
        return Err(format!("{} bytes are more than a feed may have ({LARGEST})", about.len()));
    }
    std::fs::read(path).map_err(|error| error.to_string())
}

/// A text. Its day of publication is the one with which the file's name begins; else it is not known, and days like
/// "yesterday" stay unresolved rather than be guessed.
fn text(path: &Path) -> Result<Item, String> {
    let text = String::from_utf8(bytes(path)?).map_err(|_| "it is not UTF-8".to_owned())?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let day = name.get(..10).filter(|day| day.parse::<tansiq_text::Date>().is_ok_and(|day| day.day.is_some()));
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    Ok(Item { published: day.map(str::to_owned), text, ..Item::default() })
}
