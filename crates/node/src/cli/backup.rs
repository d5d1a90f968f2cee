//! `backup`, `restore`, `recover`.

use super::{Outcome, Setting, block_on, print_json};
use crate::backup;
use crate::recovery::{self, Recovery};
use clap::Args;
use std::path::PathBuf;
use tansiq_dossier::channel::ChannelId;

#[derive(Args)]
pub(super) struct Backup {
    /// The folder that the back-up will be; it must not be there yet
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Copy the keys too: whoever has such a back-up can speak as this node
    #[arg(long)]
    with_keys: bool,
    /// The manifest as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn backup(setting: &Setting, args: &Backup) -> Outcome {
    let node = setting.node()?;
    let manifest = backup::make(&node, &args.out, args.with_keys)?;
    block_on(backup::note_made(&node, manifest.made))?;
    if args.json {
        return print_json(&manifest);
    }
    let bytes: u64 = manifest.files.values().map(|kept| kept.size).sum();
    say!("{} files, {bytes} bytes in {}, made at {}", manifest.files.len(), args.out.display(), manifest.made);
    for name in &manifest.gone {
        say!("the file {name} was gone from the disk; it will be asked for again");
    }
    if !args.with_keys {
        say!("the keys are not in it: keep a copy of {} apart, under lock", setting.dir.join("keys").display());
    }
    say!("the guard ({}) is never in a back-up, and must never be rolled back", node.config.guard_folder(&node.folder).display());
    Ok(())
}

#[derive(Args)]
pub(super) struct Restore {
    /// The back-up, as `tansiq backup` made it
    backup: PathBuf,
    /// The folder in which the node is laid out; a guard and keys that are there already stay
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// Where the node's keys are, when they are not in the back-up
    #[arg(long, value_name = "FOLDER")]
    keys: Option<PathBuf>,
    /// What is to be recovered, as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn restore(setting: &Setting, args: &Restore) -> Outcome {
    let manifest = backup::restore(&args.backup, &args.to, args.keys.as_deref(), setting.database.as_deref())?;
    let node = setting.node_in(&args.to)?;
    block_on(backup::note_made(&node, manifest.made))?;
    let channels = node.store.read_now(|connection| recovery::all(connection, &node.identity))?;
    if args.json {
        return print_json(&channels);
    }
    say!("the node of {} as it was at {} is in {}", manifest.party, manifest.made, args.to.display());
    if node.config.database.is_some() {
        say!("its store is in the database that was named, which stands in {}", args.to.join("node.json").display());
    }
    if node.identity.guard.was_lost() {
        say!("there was no guard here, so nobody at this node knows what it said after the back-up was made");
    }
    channels.iter().for_each(print);
    say!("next: `tansiq serve --dir {}`; the node pulls its own log back from its peers by itself", args.to.display());
    say!("then: `tansiq doctor --dir {}` says when it is whole", args.to.display());
    Ok(())
}

#[derive(Args)]
pub(super) struct Recover {
    /// The channel; all of them when nothing is said
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<ChannelId>,
    /// Go on from what is here, and give up what this node signed after it
    #[arg(long, requires = "channel")]
    accept: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

const MEANING: &str = "--accept makes this node go on from the log that it holds. Whatever it signed after that is given up: its \
    officers' later acts are lost, and if any party or any evidence folder still holds a later checkpoint of this log, that and \
    what you sign from now on will prove to everybody that this node told two histories. Use it only when every other party has \
    told you, by another way, how much it holds of your log.";

pub(super) fn recover(setting: &Setting, args: &Recover) -> Outcome {
    let node = setting.node()?;
    if let (true, Some(channel)) = (args.accept, args.channel.clone()) {
        let store = node.store.clone();
        let size = block_on(async move { store.write(move |work| recovery::accept(work, &channel)).await })?;
        say!("accepted: the log goes on from its {size} entries");
        return Ok(());
    }
    let mut channels = node.store.read_now(|connection| recovery::all(connection, &node.identity))?;
    channels.retain(|state| args.channel.as_ref().is_none_or(|channel| *channel == state.channel));
    if args.json {
        return print_json(&channels);
    }
    channels.iter().for_each(print);
    if channels.iter().any(|state| state.standing == "behind" || state.standing == "unsure") {
        say!("{MEANING}");
    }
    Ok(())
}

/// How a channel's own log stands, in sentences.
fn print(state: &Recovery) {
    let Recovery { channel, size, said, lost, .. } = state;
    let list = |parties: Vec<String>| if parties.is_empty() { "nobody".to_owned() } else { parties.join(", ") };
    let asked = list(state.asked.iter().map(|(party, holds)| format!("{party} ({holds})")).collect());
    let missing = list(state.missing.iter().map(ToString::to_string).collect());
    match state.standing {
        "behind" => say!(
            "{channel}  behind: {size} entries here, and this node has signed {said}; asked so far: {asked}; not yet: {missing}"
        ),
        "unsure" => say!(
            "{channel}  unsure: {size} entries here, and what was signed after them is not known; asked so far: {asked}; not yet: {missing}"
        ),
        "contradicted" => {
            say!("{channel}  contradicted: this node has signed two trees of size {said}, and adds to neither");
        }
        _ if !state.is_certain() => {
            say!(
                "{channel}  {size} entries came back, {} of them are applied; the rest waits for the logs of others",
                state.applied
            );
        }
        _ => say!("{channel}  whole: {size} entries"),
    }
    if *lost > 0 {
        say!("{channel}  {lost} places of the log are bare: no peer that was asked held their records");
    }
}
