//! Files that officers attach to dossiers: taken in as a stream, looked at before anything else, and given out again piece
//! by piece to whoever may read the dossier.
//!
//! A file is data and stays data. It is never run, shown in a page or opened by this software further than is needed to say
//! what it is; what could act on its reader's machine is not taken in, neither from an officer nor from a peer.

mod pdf;
pub mod send;
pub mod sniff;
pub mod tidy;
mod zip;

use crate::access::{Action, Environment, Subject, class_over, decide};
use crate::fault::{Fault, Trouble};
use crate::node::Node;
use crate::store::attachments::{self, Held};
use crate::store::blobs::{Incoming, Whole};
use crate::store::channels;
use crate::submit::{self, Submitted};
use crate::views::Looking;
use serde_json::json;
use tansiq_dossier::channel::{ChannelClass, ChannelId};
use tansiq_dossier::fold::Dossier;
use tansiq_dossier::party::OfficerId;
use tansiq_dossier::record::{DossierId, Draft};
use tansiq_dossier::refusal::{Common, Refusal};
use tansiq_dossier::refusals;

/// The act that attaches a file.
pub const ATTACH: &str = "attach";

/// The longest name of a file, in characters.
const LONGEST_NAME: usize = 255;

refusals! {
    /// What is refused of files.
    pub enum AttachmentRefusal {
        /// There is nothing in the file.
        Empty = "ATT01",
        /// The file is larger than a file may be.
        TooLarge = "ATT02",
        /// The file is of no sort that may be attached, by its bytes.
        UnknownType = "ATT03",
        /// The file holds something that could act on its reader's machine.
        Active = "ATT04",
        /// The end of the file's name says that it is something else than its bytes are.
        NameContradicts = "ATT05",
        /// The dossier names the file, and its bytes have not come yet.
        NotHere = "ATT06",
        /// The bytes ended before the file did.
        Broken = "ATT07",
        /// The name is no plain name of a file.
        BadName = "ATT08",
        /// As many files are coming in as may at once.
        Busy = "ATT09",
        /// This party has destroyed its copy of the file.
        Erased = "ATT10",
    }
}

/// The dossier that an officer wants to attach something to, if it may: asked before the first byte is read.
///
/// # Errors
/// `DOS01`, or the rule that keeps this officer from writing in the dossier; or a fault.
pub async fn may_attach(node: &Node, looking: &Looking, channel: &ChannelId, dossier: &DossierId) -> Result<(), Trouble> {
    let (found, class) = readable(node, looking, channel, dossier).await?;
    let environment = Environment { audience: &found.audience, own: &looking.own, class };
    decide(Subject::Officer(&looking.officer), Action::Write, &found.label, environment).require()?;
    let spec = found.kind.act(ATTACH).ok_or_else(|| Refusal::from(Common::OtherKind))?;
    if !spec.roles.iter().any(|role| looking.officer.roles.contains(role)) {
        return Err(Refusal::from(Common::WrongRole).into());
    }
    Ok(())
}

/// A dossier that this officer may read, with the class that decides over it.
async fn readable(
    node: &Node,
    looking: &Looking,
    channel: &ChannelId,
    dossier: &DossierId,
) -> Result<(Dossier, ChannelClass), Trouble> {
    let (looking, channel, dossier) = (looking.clone(), channel.clone(), dossier.clone());
    let found = node.store.read(move |connection| -> Result<_, Fault> {
        Ok(looking.find(connection, &channel, &dossier)?.zip(channels::class(connection, &channel)?))
    });
    let (found, class) = found.await?.ok_or_else(|| Refusal::from(Common::NoSuchDossier))?;
    let found = found.into_value();
    let class = class_over(class, found.kind);
    Ok((found, class))
}

/// A file that an officer is bringing.
pub struct Upload {
    incoming: Incoming,
    name: String,
}

impl Upload {
    /// Begins to take in a file of this name.
    ///
    /// # Errors
    /// `ATT08` for a name that is none, `ATT09` when too many are coming in; or a fault.
    pub async fn begin(node: &Node, name: &str) -> Result<Upload, Trouble> {
        let name = plain_name(name)?;
        Ok(Upload { incoming: node.blobs.begin(&node.identity.world).await?, name })
    }

    /// Takes in further bytes.
    ///
    /// # Errors
    /// `ATT02`, or a fault of the disk.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        self.incoming.write(bytes).await
    }

    /// The whole file, when every byte of it has come and it was found to be of a sort that may be attached.
    ///
    /// # Errors
    /// `ATT01`, `ATT03`, `ATT04`, `ATT05`; or a fault.
    pub async fn finish(self) -> Result<Checked, Trouble> {
        let Upload { incoming, name } = self;
        let whole = incoming.finish().await?;
        let looked = tokio::task::spawn_blocking(move || {
            let media_type = sniff::sniff(&mut whole.open()?, whole.size)?;
            sniff::check_name(&name, media_type)?;
            Ok(Checked { whole, name, media_type })
        });
        looked.await.unwrap_or_else(|_| Err(Fault::Closing.into()))
    }
}

/// A whole file that may be attached.
pub struct Checked {
    whole: Whole,
    name: String,
    media_type: &'static str,
}

/// Attaches a file: the record, the place of the file and the note that it is here become durable together. When the act is
/// refused the file is removed.
///
/// # Errors
/// A refusal of the act; or a fault.
pub async fn attach(
    node: &Node,
    officer: &OfficerId,
    channel: &ChannelId,
    dossier: &DossierId,
    file: Checked,
    note: Option<String>,
) -> Result<Submitted, Trouble> {
    let (officer, channel, dossier, blobs) = (officer.clone(), channel.clone(), dossier.clone(), node.blobs.clone());
    let done = node.store.write(move |work| {
        let kind = work.dossier(&channel, &dossier)?.map(|dossier| dossier.kind);
        let kind = kind.ok_or_else(|| Refusal::from(Common::NoSuchDossier))?;
        let Checked { whole, name, media_type } = file;
        let mut body = json!({ "name": name, "sha256": whole.hash, "size": whole.size, "media_type": media_type });
        if let (Some(note), Some(members)) = (note, body.as_object_mut()) {
            members.insert("note".to_owned(), note.into());
        }
        let draft = Draft {
            kind: kind.name().to_owned(),
            act: ATTACH.to_owned(),
            dossier: Some(dossier.clone()),
            body: body.into(),
            ..Draft::default()
        };
        let done = submit::submit(work, &officer, &channel, draft)?;
        // The act is taken. From here on only a fault can stop it, and a fault rolls the whole transaction back; the file
        // is then one that nobody needs.
        attachments::set_held(work.connection, &channel, &dossier, &whole.hash, Held::Yes)?;
        blobs.keep(whole)?;
        Ok(done)
    });
    done.await
}

/// The name of a file as its record will give it: one name, and no way to anywhere else.
fn plain_name(text: &str) -> Result<String, Refusal> {
    let name = text.trim();
    let strange = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':' | '"' | '<' | '>' | '|' | '?' | '*');
    let fits = !name.is_empty() && name.chars().count() <= LONGEST_NAME && !name.starts_with('.') && !name.ends_with('.');
    if fits && !name.contains(strange) { Ok(name.to_owned()) } else { Err(Refusal::from(AttachmentRefusal::BadName).at("name")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_name_and_leads_nowhere() {
        assert_eq!(plain_name(" محضر الاجتماع 3.pdf ").unwrap(), "محضر الاجتماع 3.pdf");
        for bad in
            ["", " ", ".", "..", "../a.pdf", "a/b.pdf", "a\\b.pdf", "C:a.pdf", ".htaccess", "a\nb.pdf", "a\0.pdf", "a.pdf."]
        {
            assert_eq!(plain_name(bad).unwrap_err().code, "ATT08", "{bad:?}");
        }
        assert!(plain_name(&"ي".repeat(255)).is_ok() && plain_name(&"ي".repeat(256)).is_err());
    }
}
