//! `evidence`: writes the portable proof of a record, and checks such a folder without a node.

use super::look::{bare, looking};
use super::{Outcome, Setting, print_json};
use crate::evidence::check::{self, Brought, Forked, Keys, Proved, Verdict};
use crate::evidence::gather;
use crate::fault::{Fault, Trouble};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use tansiq_dossier::record::RecordId;
use tansiq_dossier::refusal::{Common, Refusal};

/// Write evidence, or check it
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct EvidenceArgs {
    #[command(subcommand)]
    command: Option<EvidenceCommand>,
    /// The record: 64 hexadecimal digits, as `tansiq show` prints them
    #[arg(required = true)]
    record: Option<String>,
    /// The folder to write into
    #[arg(long, value_name = "FOLDER", required = true)]
    out: Option<PathBuf>,
}

#[derive(Subcommand)]
enum EvidenceCommand {
    /// Check a folder of evidence; needs no node
    Check(Check),
    /// Write the proof that a party's log has two histories into a folder
    Fork(super::fork::ForkArgs),
}

#[derive(Args)]
struct Check {
    /// The folder
    folder: PathBuf,
    /// Whose logs and witnesses to believe (C2SP tlog-policy), instead of the folder's own `policy`
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The channel's charter, which says whose log it is
    #[arg(long, value_name = "FILE")]
    charter: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn evidence(setting: &Setting, args: EvidenceArgs) -> Outcome {
    match (args.command, args.record, args.out) {
        (Some(EvidenceCommand::Check(args)), ..) => check(&args),
        (Some(EvidenceCommand::Fork(args)), ..) => super::fork::fork(setting, &args),
        (None, Some(record), Some(out)) => write(setting, &record, &out),
        _ => Err(Fault::Setup("give a record and --out FOLDER".to_owned()).into()),
    }
}

fn write(setting: &Setting, record: &str, out: &std::path::Path) -> Outcome {
    let node = setting.node()?;
    let looking = looking(&node, None)?;
    let record: RecordId =
        bare(record).parse().map_err(|error| Fault::Setup(format!("{error}; `tansiq show` lists a dossier's records")))?;
    for channel in node.store.read_now(crate::store::channels::all)?.into_keys() {
        let found = node.store.read_now(|connection| gather(connection, &looking, &channel, &record))?;
        if let Some(evidence) = found {
            evidence.write_to(out)?;
            say!("wrote {} files to {}; README.txt says how a stranger checks them", evidence.files.len(), out.display());
            return Ok(());
        }
    }
    Err(Refusal::from(Common::NoSuchDossier).into())
}

fn check(args: &Check) -> Outcome {
    let read = |path: &Option<PathBuf>| -> Result<Option<Vec<u8>>, Fault> {
        let Some(path) = path else { return Ok(None) };
        std::fs::read(path).map(Some).map_err(Fault::file(format!("cannot read {}", path.display())))
    };
    let brought = Brought { policy: read(&args.policy)?, charter: read(&args.charter)? };
    let checked = check::read(&args.folder).and_then(|files| Ok(check::check(&files, &brought)?));
    if args.json {
        let answer = match &checked {
            Ok(verdict) => serde_json::json!({ "holds": true, "found": verdict }),
            Err(Trouble::Refused(refusal)) => serde_json::json!({ "holds": false, "refused": refusal }),
            Err(_) => serde_json::Value::Null,
        };
        if !answer.is_null() {
            print_json(&answer)?;
        }
    }
    let verdict = checked?;
    if !args.json {
        match &verdict {
            Verdict::Record(proved) => tell(proved),
            Verdict::Fork(forked) => tell_of_fork(forked),
        }
    }
    Ok(())
}

/// What was found, step by step, in the order in which it was checked.
fn tell(proved: &Proved) {
    say!("record.json and salt.hex hash to the record {}", proved.record);
    say!("it stands at place {} of {} in the log {}, which has signed that tree", proved.index, proved.size, proved.log);
    if proved.witnessed.is_empty() {
        say!("no witness has cosigned it, and the policy asks for none");
    }
    for by in &proved.witnessed {
        say!("{} ({}) saw that tree, and cosigned it at {} by its own clock", by.witness, by.key, by.at);
    }
    say!(
        "it says: {} {} in {}, by {} as {}, at {} as the writer claims",
        proved.kind,
        proved.act,
        proved.dossier,
        proved.officer,
        proved.role,
        proved.claimed
    );
    for disclosed in &proved.disclosed {
        say!("it sealed {}, which is disclosed here: {}", disclosed.claim, disclosed.value);
    }
    if proved.charter {
        say!("the charter is the channel's own, and names this log as its writer's");
    } else {
        say!("whose log it is rests on its key; --charter FILE lets the channel's charter say it");
    }
    tell_of_keys(proved.keys);
}

/// What was found of a log with two histories.
fn tell_of_fork(forked: &Forked) {
    let Forked { log, first, second, keys } = forked;
    say!("the log {log} has signed a tree of {} entries with the root {}", first.0, first.1);
    say!("and a tree of {} entries with the root {}", second.0, second.1);
    if second.0 > first.0 {
        say!("the second tree begins with other {} entries than the first: that was proved by its hashes", first.0);
    }
    say!("both cannot be true: the log has TWO HISTORIES, or somebody else has its key");
    tell_of_keys(*keys);
}

fn tell_of_keys(keys: Keys) {
    match keys {
        Keys::Checker => say!("HOLDS, under the policy that you brought"),
        Keys::Folder => say!(
            "HOLDS, under the folder's OWN keys: it is whole, and worth as much as they are. Compare the file `policy` with the\n\
             channel's charter or with what the parties publish, or bring your own with --policy FILE"
        ),
    }
}
