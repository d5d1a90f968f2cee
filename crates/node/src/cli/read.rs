//! `read`: an Arabic press statement in, what it says out.

use super::Outcome;
use crate::fault::Fault;
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;
use tansiq_text::Date;
use tansiq_text::statement;

/// Read a statement
#[derive(Args)]
pub(super) struct Read {
    /// The statement, UTF-8
    file: PathBuf,
    /// The day on which it was published, for "today" and "last Sunday"
    #[arg(long, value_name = "DATE")]
    published: Option<String>,
    /// As JSON in the reader's scheme, and nothing else
    #[arg(long)]
    json: bool,
}

pub(super) fn read(args: &Read) -> Outcome {
    let text = std::fs::read_to_string(&args.file).map_err(Fault::file(format!("cannot read {}", args.file.display())))?;
    let published = match &args.published {
        Some(text) => {
            Some(text.parse::<Date>().map_err(|_| Fault::Setup(format!("--published {text}: give a day, as 2025-10-15")))?)
        }
        None => None,
    };
    let reading = statement::read(&text, published);
    if args.json {
        return print_scheme(args, &reading);
    }
    let proposals = statement::propose(&reading, &text);
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
    Ok(())
}

/// The reading in the scheme: the file's name as `id`, the day of publication or `unknown`, and what was read.
fn print_scheme(args: &Read, reading: &statement::Reading) -> Outcome {
    let id = args.file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let mut scheme = json!({ "id": id, "published": args.published.as_deref().unwrap_or("unknown") });
    let read = serde_json::to_value(reading).map_err(|error| Fault::Setup(error.to_string()))?;
    if let (Value::Object(scheme), Value::Object(read)) = (&mut scheme, read) {
        scheme.extend(read);
    }
    super::print_json(&scheme)
}
