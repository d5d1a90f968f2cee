//! `read`: press statements in, what they say out.

use super::{Outcome, print_json};
use crate::fault::Fault;
use clap::Args;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tansiq_text::Date;
use tansiq_text::statement::{self, Reading};

/// Read a statement, or a folder of them
#[derive(Args)]
pub(super) struct Read {
    /// The statement, UTF-8; with --index the folder of the statements
    file: PathBuf,
    /// The day on which it was published, for "today" and "last Sunday"
    #[arg(long, value_name = "DATE", conflicts_with = "index")]
    published: Option<String>,
    /// A table with tabs between its columns, of which `id` names each file (ID.txt) and `date` its day of publication
    #[arg(long, value_name = "FILE")]
    index: Option<PathBuf>,
    /// The folder for what is read, one ID.json each
    #[arg(long, value_name = "FOLDER", requires = "index")]
    out: Option<PathBuf>,
    /// As JSON in the reader's scheme, and nothing else
    #[arg(long)]
    json: bool,
}

pub(super) fn read(args: &Read) -> Outcome {
    match &args.index {
        Some(index) => many(args, index),
        None => one(args),
    }
}

fn one(args: &Read) -> Outcome {
    let text = text_of(&args.file)?;
    let day = args.published.as_deref().map(|day| day_of("--published", day)).transpose()?;
    let reading = statement::read(&text, day);
    if args.json {
        let id = args.file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        return print_json(&scheme(&id, args.published.as_deref(), &reading)?);
    }
    print(&text, &reading);
    Ok(())
}

fn print(text: &str, reading: &Reading) {
    let proposals = statement::propose(reading, text);
    if proposals.is_empty() {
        say!("the statement proposes no dossier");
    }
    for (proposal, number) in proposals.iter().zip(1..) {
        say!("{number}. {}: {}", proposal.kind, proposal.title);
        say!("   parties {}; {}", proposal.parties.join(", "), proposal.why);
        for (name, value) in &proposal.fields {
            say!("   {name}: {value}");
        }
        for span in &proposal.evidence {
            let words: String = text.chars().skip(span.start).take(span.end - span.start).collect();
            say!("   « {} »", words.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    if !proposals.is_empty() {
        say!("nothing is recorded: a person confirms each proposal, on the page \"paste a statement\" or with `tansiq submit`");
    }
}

/// Reads every statement that an index names, in its order.
fn many(args: &Read, index: &Path) -> Outcome {
    // An index beside the statements may be named by its name alone.
    let beside = args.file.join(index);
    let table = text_of(if index.exists() { index } else { &beside })?;
    let rows = rows(&table, index)?;
    if let Some(out) = &args.out {
        std::fs::create_dir_all(out).map_err(Fault::file(format!("cannot make the folder {}", out.display())))?;
    }
    let (mut all, mut proposed) = (Vec::new(), 0);
    for (id, date) in &rows {
        let text = text_of(&args.file.join(format!("{id}.txt")))?;
        let day = date.as_deref().map(|day| day_of(&format!("{}, {id}", index.display()), day)).transpose()?;
        let reading = statement::read(&text, day);
        proposed += statement::propose(&reading, &text).len();
        let scheme = scheme(id, date.as_deref(), &reading)?;
        match &args.out {
            Some(out) => {
                let path = out.join(format!("{id}.json"));
                let bytes = serde_json::to_vec_pretty(&scheme).map_err(|error| Fault::Setup(error.to_string()))?;
                std::fs::write(&path, bytes).map_err(Fault::file(format!("cannot write {}", path.display())))?;
            }
            None => all.push(scheme),
        }
    }
    match &args.out {
        Some(out) if args.json => print_json(&json!({ "statements": rows.len(), "proposals": proposed, "out": out })),
        Some(out) => {
            say!("{} statements read, {proposed} dossiers proposed; one file each in {}", rows.len(), out.display());
            Ok(())
        }
        None => print_json(&all),
    }
}

/// The rows of an index: names, and days where they are known.
fn rows(table: &str, index: &Path) -> Result<Vec<(String, Option<String>)>, Fault> {
    let mut lines = table.trim_start_matches('\u{feff}').lines().map(|line| line.trim_end_matches('\r'));
    let head: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let column = |name: &str| {
        let found = head.iter().position(|column| column.trim() == name);
        found.ok_or_else(|| Fault::Setup(format!("{}: its first line names no column `{name}`", index.display())))
    };
    let (id, date) = (column("id")?, column("date")?);
    let mut found = Vec::new();
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        let name = cells.get(id).copied().unwrap_or_default();
        // A name leads to a file of the folder, and to nothing outside it.
        if name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.') {
            return Err(Fault::Setup(format!("{}: {name:?} is no name of a statement", index.display())));
        }
        let known = |day: &&str| !day.is_empty() && *day != "unknown" && *day != "-";
        found.push((name.to_owned(), cells.get(date).copied().filter(known).map(str::to_owned)));
    }
    Ok(found)
}

fn text_of(path: &Path) -> Result<String, Fault> {
    std::fs::read_to_string(path).map_err(Fault::file(format!("cannot read {}", path.display())))
}

fn day_of(place: &str, text: &str) -> Result<Date, Fault> {
    text.parse::<Date>().map_err(|_| Fault::Setup(format!("{place} {text}: give a day, as 2025-10-15")))
}

/// The reading in the scheme: the name of the statement, the day of publication or `unknown`, and what was read.
fn scheme(id: &str, published: Option<&str>, reading: &Reading) -> Result<Value, Fault> {
    let mut scheme = json!({ "id": id, "published": published.unwrap_or("unknown") });
    let read = serde_json::to_value(reading).map_err(|error| Fault::Setup(error.to_string()))?;
    if let (Value::Object(scheme), Value::Object(read)) = (&mut scheme, read) {
        scheme.extend(read);
    }
    Ok(scheme)
}
