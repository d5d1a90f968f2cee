//! How many statements the reader reads in a second, on one core.

use crate::fault::Fault;
use serde::Serialize;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use tansiq_text::samples::COMMITTEE_MEETING;
use tansiq_text::statement::{propose, read};

/// For how long statements are read.
const LONG: Duration = Duration::from_secs(5);

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct ReadFigures {
    /// Different statements.
    pub statements: usize,
    /// Their mean length, in characters.
    pub characters: usize,
    /// Statements read in a second on one core, with what they propose.
    pub read_per_s: f64,
    /// The slowest single reading, in milliseconds.
    pub slowest_ms: f64,
}

/// Reads the statements of a folder again and again; the reader's own sample when none is named.
///
/// # Errors
/// When the folder cannot be read, or holds no statement.
pub fn reading(folder: Option<&Path>) -> Result<ReadFigures, Fault> {
    let texts = match folder {
        Some(folder) => texts(folder)?,
        None => vec![COMMITTEE_MEETING.to_owned()],
    };
    let published = "2025-11-04".parse().ok();
    let once = |text: &String| propose(&read(text, published), text).len();
    // The lists are read with the first statement; that is no reading's own cost.
    texts.iter().for_each(|text| {
        black_box(once(text));
    });
    let (begun, mut count, mut slowest) = (Instant::now(), 0u64, Duration::ZERO);
    for text in texts.iter().cycle() {
        if begun.elapsed() > LONG {
            break;
        }
        let one = Instant::now();
        black_box(once(text));
        slowest = slowest.max(one.elapsed());
        count += 1;
    }
    let characters = texts.iter().map(|text| text.chars().count()).sum::<usize>() / texts.len().max(1);
    let read_per_s = (count as f64 / begun.elapsed().as_secs_f64()).round();
    Ok(ReadFigures { statements: texts.len(), characters, read_per_s, slowest_ms: super::tenth(slowest.as_secs_f64() * 1000.0) })
}

fn texts(folder: &Path) -> Result<Vec<String>, Fault> {
    let fault = || Fault::file(format!("cannot read {}", folder.display()));
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault())? {
        paths.push(entry.map_err(fault())?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "txt"));
    paths.sort();
    let texts: Vec<String> = paths.iter().map(std::fs::read_to_string).collect::<Result<_, _>>().map_err(fault())?;
    if texts.is_empty() {
        return Err(Fault::Setup(format!("{} holds no statement (a file that ends in .txt)", folder.display())));
    }
    Ok(texts)
}
