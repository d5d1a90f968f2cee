//! Measures how many statements are read in a second on one core.
//!
//! usage: bench STATEMENTS [SECONDS], where STATEMENTS holds `index.tsv` (id, set, date, …) and `ID.txt`
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a program for the linguist, not part of the crate")]

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};
use tansiq_text::{Date, statement};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let folder = args.first().ok_or("usage: bench STATEMENTS [SECONDS]")?;
    let limit = Duration::from_secs_f64(args.get(1).map_or(Ok(5.0), |s| s.parse())?);
    let index = std::fs::read_to_string(Path::new(folder).join("index.tsv"))?;
    let mut texts = Vec::new();
    for line in index.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        if let (Some(id), Some(date)) = (cells.first(), cells.get(2)) {
            texts.push((std::fs::read_to_string(Path::new(folder).join(format!("{id}.txt")))?, date.parse::<Date>().ok()));
        }
    }
    let characters: usize = texts.iter().map(|t| t.0.chars().count()).sum();
    let loading = Instant::now();
    // The lists are loaded with the first statement.
    let mut items = texts.first().map_or(0, |(text, published)| statement::read(text, *published).topics.len());
    let loading = loading.elapsed();
    let (start, mut rounds, mut fastest) = (Instant::now(), 0_u32, Duration::MAX);
    while start.elapsed() < limit {
        let round = Instant::now();
        items += texts.iter().map(|(text, published)| statement::read(text, *published).topics.len()).sum::<usize>();
        fastest = fastest.min(round.elapsed());
        rounds += 1;
    }
    let count = texts.len() as f64;
    println!("{} statements of {} characters on average", texts.len(), characters / texts.len().max(1));
    println!("lists loaded in {:.0} ms", loading.as_secs_f64() * 1000.0);
    println!("{:.0} statements a second over {rounds} rounds", count * f64::from(rounds) / start.elapsed().as_secs_f64());
    println!("{:.0} statements a second in the fastest round ({items} topics)", count / fastest.as_secs_f64());
    Ok(())
}
