//! `attach` and `fetch`: files of dossiers, from and to this machine's disk.

use super::look::{channel_of, looking};
use super::{Outcome, Setting, block_on, print_json};
use crate::attachments::{self, AttachmentRefusal, Upload};
use crate::fault::{Fault, Trouble};
use crate::store::attachments::{Held, effective};
use crate::store::blobs::PIECE;
use clap::Args;
use std::path::PathBuf;
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::record::DossierId;
use tansiq_dossier::refusal::{Common, Refusal};
use tokio::io::AsyncReadExt;

/// Attach a file
#[derive(Args)]
pub(super) struct Attach {
    /// The file
    file: PathBuf,
    /// The dossier
    #[arg(long)]
    dossier: String,
    /// The officer who acts
    #[arg(long = "as", value_name = "OFFICER")]
    officer: String,
    /// The channel, when there are several
    #[arg(long)]
    channel: Option<String>,
    /// What it is
    #[arg(long)]
    note: Option<String>,
    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn attach(setting: &Setting, args: &Attach) -> Outcome {
    let node = setting.node()?;
    let looking = looking(&node, Some(&args.officer))?;
    let channel = channel_of(&node, args.channel.as_deref())?;
    let dossier: DossierId = args.dossier.parse().map_err(|_| Refusal::from(Common::NoSuchDossier))?;
    let name = args.file.file_name().and_then(|name| name.to_str()).ok_or_else(|| Refusal::from(AttachmentRefusal::BadName))?;
    let done = block_on(async {
        attachments::may_attach(&node, &looking, &channel, &dossier).await?;
        let unreadable = || Fault::file(format!("cannot read {}", args.file.display()));
        let mut file = tokio::fs::File::open(&args.file).await.map_err(unreadable())?;
        let mut upload = Upload::begin(&node, name).await?;
        let mut piece = vec![0; PIECE];
        loop {
            let count = file.read(&mut piece).await.map_err(unreadable())?;
            if count == 0 {
                break;
            }
            upload.write(piece.get(..count).unwrap_or_default()).await?;
        }
        let checked = upload.finish().await?;
        attachments::attach(&node, &looking.officer.id, &channel, &dossier, checked, args.note.clone()).await
    })?;
    if args.json {
        return print_json(&done);
    }
    say!("dossier {}\nrecord  {}  ({} of this party's log)", done.dossier, done.record, done.index);
    Ok(())
}

/// Copy a file of a dossier
#[derive(Args)]
pub(super) struct Fetch {
    /// The file: the 64 hexadecimal digits of its SHA-256, as `tansiq show --json` prints them
    sha256: String,
    /// The dossier
    #[arg(long)]
    dossier: String,
    /// The channel, when there are several
    #[arg(long)]
    channel: Option<String>,
    /// Look as this officer
    #[arg(long = "as", value_name = "OFFICER")]
    officer: Option<String>,
    /// Where to write it; under its own hash when nothing is said
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn fetch(setting: &Setting, args: &Fetch) -> Outcome {
    let node = setting.node()?;
    let looking = looking(&node, args.officer.as_deref())?;
    let channel = channel_of(&node, args.channel.as_deref())?;
    let nothing = || Trouble::from(Refusal::from(Common::NoSuchDossier));
    let dossier: DossierId = args.dossier.parse().map_err(|_| nothing())?;
    let hash: ContentHash = args.sha256.parse().map_err(|_| nothing())?;
    let held = node.store.read_now(|connection| -> Result<_, Fault> {
        let found = looking.find(connection, &channel, &dossier)?;
        let named = found.is_some_and(|dossier| dossier.value().custody.attachments.contains_key(&hash));
        Ok(if named { effective(connection, &channel, &dossier)?.get(&hash).copied() } else { None })
    })?;
    let here = match held.ok_or_else(nothing)? {
        Held::Yes => node.blobs.open(&hash)?,
        Held::Erased => return Err(Refusal::from(AttachmentRefusal::Erased).into()),
        Held::No | Held::Refused => None,
    };
    let (mut file, size) = here.ok_or_else(|| Refusal::from(AttachmentRefusal::NotHere))?;
    // Named by its hash: a name from a record is no name for a file of this machine.
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(hash.to_string()));
    let fault = || Fault::file(format!("cannot write {}", out.display()));
    let mut copy = std::fs::OpenOptions::new().write(true).create_new(true).open(&out).map_err(fault())?;
    std::io::copy(&mut file, &mut copy).and_then(|_| copy.sync_all()).map_err(fault())?;
    say!("wrote {size} bytes to {}", out.display());
    Ok(())
}
