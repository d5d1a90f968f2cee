//! `search`.

use super::look::looking;
use super::print::Reading;
use super::{Outcome, Setting, print_json};
use crate::fault::Trouble;
use crate::node::Node;
use crate::search::{self, Answer, Progress, Question, SearchRefusal};
use clap::Args;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Search in full text
#[derive(Args)]
pub(super) struct Search {
    /// What to look for: words that must all be there, "a phrase", a begin* of a word, -without, title:word, kind:meeting, a day
    query: Vec<String>,
    /// Only of this kind
    #[arg(long)]
    kind: Option<String>,
    /// Only in this state
    #[arg(long)]
    state: Option<String>,
    /// Only those that this party has
    #[arg(long)]
    party: Option<String>,
    /// Only those in which this institution acted or is named
    #[arg(long)]
    institution: Option<String>,
    /// Only of this level: open, restricted, confidential, secret
    #[arg(long)]
    label: Option<String>,
    /// Only those that name this place
    #[arg(long)]
    place: Option<String>,
    /// Only those in which something was done in this month, 2026-05
    #[arg(long)]
    month: Option<String>,
    /// Only those in which something was done since this day, 2026-05-01
    #[arg(long, value_name = "DAY")]
    since: Option<String>,
    /// Look as this officer
    #[arg(long = "as", value_name = "OFFICER")]
    officer: Option<String>,
    /// At most so many, 100 at most
    #[arg(long, default_value_t = 25)]
    limit: u64,
    /// Pass over so many
    #[arg(long, default_value_t = 0)]
    skip: u64,
    /// Make the index anew first
    #[arg(long)]
    rebuild: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn search(setting: &Setting, args: &Search) -> Outcome {
    let node = setting.node()?;
    if args.rebuild {
        let made = rebuild(&node, !args.json)?;
        if args.query.is_empty() {
            return said(made, args.json);
        }
    }
    let looking = looking(&node, args.officer.as_deref())?;
    let pairs = [
        ("kind", &args.kind),
        ("state", &args.state),
        ("party", &args.party),
        ("institution", &args.institution),
        ("label", &args.label),
        ("place", &args.place),
        ("month", &args.month),
        ("since", &args.since),
    ];
    let pairs = pairs.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
    let question = Question { skip: args.skip, limit: args.limit, ..Question::of(&args.query.join(" "), pairs)? };
    if question.is_empty() {
        return Err(tansiq_dossier::refusal::Refusal::from(SearchRefusal::Nothing).into());
    }
    // A node that serves keeps the index; where none does, it is brought up here.
    let mut meter = Meter::new(!args.json);
    node.index.keep_up(&node.store, |progress| meter.show(progress))?;
    meter.end();
    let answer = search::find(&node.index, &node.store, &looking, &question)?;
    if args.json {
        return print_json(&answer);
    }
    print(setting, &node, &answer)
}

fn print(setting: &Setting, node: &Node, answer: &Answer) -> Outcome {
    let charters = node.store.read_now(crate::store::channels::all)?;
    super::print::hits(&answer.hits, Reading::named(&setting.lang, &charters));
    say!("{} of {}", answer.hits.len(), answer.total);
    let shown = answer.facets.iter().filter(|counts| counts.values.len() > 1);
    for counts in shown {
        let values: Vec<String> =
            counts.values.iter().map(|counted| format!("\u{2068}{}\u{2069} {}", counted.value, counted.count)).collect();
        say!("{}: {}", counts.facet.name(), values.join(", "));
    }
    Ok(())
}

fn said(made: Progress, json: bool) -> Outcome {
    if json {
        return print_json(&made);
    }
    say!("{} dossiers indexed", made.done);
    Ok(())
}

/// Makes the index anew, and shows how far it is.
pub(super) fn rebuild(node: &Node, shows: bool) -> Result<Progress, Trouble> {
    let mut meter = Meter::new(shows);
    let made = node.index.rebuild(&node.store, |progress| meter.show(progress))?;
    meter.end();
    Ok(made)
}

/// Shows how many dossiers are indexed, now and then.
pub(super) struct Meter {
    shows: bool,
    shown: Instant,
    any: bool,
}

impl Meter {
    pub(super) fn new(shows: bool) -> Meter {
        Meter { shows, shown: Instant::now(), any: false }
    }

    pub(super) fn show(&mut self, progress: Progress) {
        let terminal = std::io::stderr().is_terminal();
        let pause = if terminal { Duration::from_millis(200) } else { Duration::from_secs(5) };
        if !self.shows || self.shown.elapsed() < pause {
            return;
        }
        (self.shown, self.any) = (Instant::now(), terminal);
        let line = format!("{} of {} dossiers indexed", progress.done, progress.total);
        let mut out = std::io::stderr();
        let _closed = if terminal { write!(out, "\r{line}\x1b[K") } else { writeln!(out, "{line}") };
        let _closed = out.flush();
    }

    /// Leaves the terminal on a new line.
    pub(super) fn end(&self) {
        if self.any {
            eprintln!();
        }
    }
}
