//! `bundle write`, `bundle read`: the exchange in a file.

use super::look::channel_of;
use super::{Outcome, Setting, block_on, print_json};
use crate::exchange::bundle::{self, BundleRefusal, Taken};
use crate::fault::Fault;
use crate::keys::{self, Passphrase};
use clap::{Args, Subcommand};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use tansiq_dossier::party::PartyId;
use tansiq_dossier::refusal::Refusal;

#[derive(Subcommand)]
pub(super) enum BundleCommand {
    /// Write what another party lacks into a file
    Write(Write),
    /// Take in a file that another party wrote for this one
    Read(Read),
}

#[derive(Args)]
pub(super) struct Write {
    /// The channel, when there are several
    #[arg(long)]
    channel: Option<String>,
    /// The party that it is for
    #[arg(long, value_name = "PARTY")]
    to: String,
    /// The file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The place of this party's log from which to write; where the other party is known to hold it when nothing is said
    #[arg(long, value_name = "N")]
    from: Option<u64>,
    /// With this party's own files of dossiers that the other may have and is not known to have
    #[arg(long)]
    files: bool,
    /// Put it under the passphrase in the first line of this file, which the other party knows
    #[arg(long, value_name = "FILE")]
    bundle_passphrase_file: Option<PathBuf>,
    /// How costly it is to try a passphrase, as a power of two; with `--bundle-passphrase-file`
    #[arg(long, value_name = "N", default_value_t = keys::WORK_FACTOR, requires = "bundle_passphrase_file")]
    work_factor: u8,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Read {
    /// The file
    file: PathBuf,
    /// A file with the passphrase under which the bundle lies, in its first line
    #[arg(long, value_name = "FILE")]
    bundle_passphrase_file: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(setting: &Setting, command: BundleCommand) -> Outcome {
    match command {
        BundleCommand::Write(args) => write(setting, &args),
        BundleCommand::Read(args) => read(setting, &args),
    }
}

fn write(setting: &Setting, args: &Write) -> Outcome {
    let node = setting.node()?;
    let channel = channel_of(&node, args.channel.as_deref())?;
    let to: PartyId = args.to.parse().map_err(|error| Fault::Setup(format!("--to: {error}")))?;
    let unwritten = || Fault::file(format!("cannot write {}", args.out.display()));
    // It gets its name when it is whole, so that half of one is not carried by mistake.
    let part = part_of(&args.out);
    let passphrase = args.bundle_passphrase_file.as_deref().map(Passphrase::from_file).transpose()?;
    let mut out =
        BufWriter::new(keys::private_options().write(true).create(true).truncate(true).open(&part).map_err(unwritten())?);
    let put = |out: &mut dyn std::io::Write| bundle::write(&node, &channel, &to, args.from, args.files, out);
    let written = match &passphrase {
        None => put(&mut out),
        Some(passphrase) => bundle::cover(&mut out, passphrase, args.work_factor).map_err(Into::into).and_then(|mut covered| {
            let written = put(&mut covered)?;
            covered.finish().map_err(unwritten())?;
            Ok(written)
        }),
    };
    let written = match written {
        Ok(written) => written,
        Err(trouble) => {
            drop(out);
            let _best_effort = std::fs::remove_file(&part);
            return Err(trouble);
        }
    };
    out.into_inner().map_err(std::io::IntoInnerError::into_error).and_then(|file| file.sync_all()).map_err(unwritten())?;
    std::fs::rename(&part, &args.out).map_err(unwritten())?;
    if args.json {
        return print_json(&written);
    }
    say!("wrote {} for {}: records {} to {} of this party's log", args.out.display(), to, written.from, written.size);
    if written.late > 0 {
        say!("late records up to number {}", written.late);
    }
    if args.files {
        say!("{} files of dossiers", written.files);
    }
    for party in &written.checkpoints {
        say!("the newest checkpoint of {party} that is held here, with its cosignatures");
    }
    match passphrase {
        Some(_) => say!("it lies under the passphrase, which must not go the way that the medium goes"),
        None => say!("it is signed and NOT encrypted: guard the medium as you would guard the records"),
    }
    Ok(())
}

fn part_of(out: &Path) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    out.with_file_name(name)
}

fn read(setting: &Setting, args: &Read) -> Outcome {
    let node = setting.node()?;
    let passphrase = args.bundle_passphrase_file.as_deref().map(Passphrase::from_file).transpose()?;
    let taken = block_on(bundle::read(&node, &args.file, passphrase.as_ref()))?;
    if args.json {
        print_json(&taken)?;
    } else {
        tell(&taken);
    }
    if taken.whole { Ok(()) } else { Err(Refusal::from(BundleRefusal::CutShort).into()) }
}

fn tell(taken: &Taken) {
    let Taken { from, held: (before, now), .. } = taken;
    if let Some(waits) = taken.waits {
        say!(
            "{from}'s log is held to {now}, and this bundle begins at {waits}: it is kept until the one that begins at {now} is read"
        );
        return;
    }
    say!("{from}'s log: {} new records, {now} held", now - before);
    if taken.joined > 0 {
        say!("with it came {} that had waited", taken.joined);
    }
    if taken.files > 0 {
        say!("{} files of dossiers have come whole", taken.files);
    }
    say!("{from} has cosigned this party's log to {}", taken.witnessed);
    say!("a bundle for {from} (`tansiq bundle write --to {from}`) carries your cosignatures back");
}
