//! Reads a folder of statements with its `index.tsv` (id, set, date, …) and writes one `ID.json` each.
//!
//! usage: read STATEMENTS OUT [REPEAT]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a program for the linguist, not part of the crate")]

use std::error::Error;
use std::path::Path;
use tansiq_text::{Date, statement};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [from, to, ..] = args.as_slice() else {
        return Err("usage: read STATEMENTS OUT [REPEAT]".into());
    };
    let repeat: u32 = args.get(2).map_or(Ok(1), |r| r.parse())?;
    std::fs::create_dir_all(to)?;
    let index = std::fs::read_to_string(Path::new(from).join("index.tsv"))?;
    let mut texts = Vec::new();
    for line in index.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        if let (Some(id), Some(date)) = (cells.first(), cells.get(2)) {
            let text = std::fs::read_to_string(Path::new(from).join(format!("{id}.txt")))?;
            texts.push(((*id).to_owned(), date.parse::<Date>().ok(), text));
        }
    }
    let start = std::time::Instant::now();
    for round in 0..repeat {
        for (id, published, text) in &texts {
            let reading = statement::read(text, *published);
            if round == 0 {
                std::fs::write(Path::new(to).join(format!("{id}.json")), serde_json::to_string_pretty(&reading)?)?;
            }
        }
    }
    if repeat > 1 {
        let seconds = start.elapsed().as_secs_f64();
        println!("{:.0} statements a second", f64::from(repeat) * texts.len() as f64 / seconds);
    }
    Ok(())
}
