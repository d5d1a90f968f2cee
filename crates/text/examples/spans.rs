//! Prints what is read from one statement, each item with the words it rests on.
//!
//! usage: spans FILE [PUBLISHED]
#![allow(clippy::disallowed_methods, reason = "a program for the linguist, not part of the crate")]

use tansiq_text::statement;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let text = std::fs::read_to_string(args.next().ok_or("usage: spans FILE [PUBLISHED]")?)?;
    let reading = statement::read(&text, args.next().and_then(|day| day.parse().ok()));
    let characters: Vec<char> = text.chars().collect();
    let items = serde_json::to_value(&reading)?;
    for (field, evidence) in reading.evidence() {
        for (n, spans) in evidence.iter().enumerate() {
            println!("{field} {}", items[field][n]);
            for span in spans {
                let words: String = characters.get(span.start..span.end).unwrap_or_default().iter().collect();
                println!("    {}..{} « {words} »", span.start, span.end);
            }
        }
    }
    Ok(())
}
