//! `evidence fork`: writes the proof that a log has two histories.

use super::look::channel_of;
use super::{Outcome, Setting};
use crate::fault::Fault;
use crate::fork;
use clap::Args;
use std::path::PathBuf;
use tansiq_dossier::party::PartyId;

#[derive(Args)]
pub(super) struct ForkArgs {
    /// The channel, when there are several
    #[arg(long)]
    channel: Option<String>,
    /// Whose log
    #[arg(long)]
    party: PartyId,
    /// The folder to write into
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

pub(super) fn fork(setting: &Setting, args: &ForkArgs) -> Outcome {
    let node = setting.node()?;
    let channel = channel_of(&node, args.channel.as_deref())?;
    let found = node.store.read_now(|connection| fork::gather(connection, &channel, &args.party))?;
    let evidence =
        found.ok_or_else(|| Fault::Setup(format!("nobody has shown two histories of the log of {} in {channel}", args.party)))?;
    evidence.write_to(&args.out)?;
    say!("wrote {} files to {}; README.txt says how a stranger checks them", evidence.files.len(), args.out.display());
    Ok(())
}
