//! `rebuild`, and the line that shows how far a rebuild has come.

use super::{Outcome, Setting, block_on, print_json};
use crate::store::rebuild::{Progress, Rebuild};
use clap::Args;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

#[derive(Args)]
pub(super) struct RebuildArgs {
    /// As one JSON object, without showing progress
    #[arg(long)]
    json: bool,
}

pub(super) fn rebuild(setting: &Setting, args: &RebuildArgs) -> Outcome {
    let node = setting.node()?;
    let mut rebuild = node.store.read_now(Rebuild::new)?;
    let mut meter = Meter::new(!args.json);
    let store = node.store.clone();
    let progress = block_on(async move {
        loop {
            let work = store.write(move |work| {
                let more = rebuild.step(work.connection, work.identity.world.today())?;
                Ok((rebuild, more))
            });
            let (next, more) = work.await?;
            rebuild = next;
            meter.show(&rebuild.progress);
            if !more {
                meter.end();
                return Ok(rebuild.progress);
            }
        }
    })?;
    let indexed = super::search::rebuild(&node, !args.json)?;
    if args.json {
        let mut all = serde_json::to_value(&progress).unwrap_or_default();
        all["indexed"] = indexed.done.into();
        return print_json(&all);
    }
    say!(
        "{} dossiers folded anew from {} records; {} were kept otherwise",
        progress.dossiers,
        progress.records,
        progress.changed
    );
    say!("{} dossiers indexed anew for search", indexed.done);
    Ok(())
}

/// Shows progress: on a terminal one line that is written over, elsewhere a line now and then, or nothing.
pub(super) struct Meter {
    shows: bool,
    terminal: bool,
    begun: Instant,
    shown: Option<Instant>,
}

impl Meter {
    pub(super) fn new(shows: bool) -> Meter {
        Meter { shows, terminal: std::io::stderr().is_terminal(), begun: Instant::now(), shown: None }
    }

    pub(super) fn show(&mut self, progress: &Progress) {
        let pause = if self.terminal { Duration::from_millis(200) } else { Duration::from_secs(5) };
        if !self.shows || self.shown.unwrap_or(self.begun).elapsed() < pause {
            return;
        }
        self.shown = Some(Instant::now());
        #[allow(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = progress.records as f64 / self.begun.elapsed().as_secs_f64();
        let line = format!("{} of {} records folded, {rate:.0} a second", progress.records, progress.total);
        let mut out = std::io::stderr();
        let _closed = if self.terminal { write!(out, "\r{line}\x1b[K") } else { writeln!(out, "{line}") };
        let _closed = out.flush();
    }

    /// Leaves the terminal on a new line.
    pub(super) fn end(&self) {
        if self.terminal && self.shown.is_some() {
            eprintln!();
        }
    }
}
