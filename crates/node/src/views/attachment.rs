//! The files of a dossier, and whether each is here.

use crate::fault::Fault;
use crate::store::attachments::{self, Held};
use crate::store::db::Connection;
use serde::Serialize;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::custody::Attachment;
use tansiq_dossier::fold::Dossier;
use tansiq_dossier::party::PartyId;

/// A file of a dossier.
#[derive(Debug, Clone, Serialize)]
pub struct AttachmentView {
    /// The SHA-256 of its bytes.
    pub sha256: ContentHash,
    /// What its record says of it.
    #[serde(flatten)]
    pub about: Attachment,
    /// Where its bytes are.
    pub state: Place,
}

/// Where the bytes of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Here.
    Here,
    /// On their way from the party that attached the file.
    Coming,
    /// This party attached the file and its bytes are not here.
    Missing,
    /// They came and were not what the record says.
    Refused,
    /// This party has destroyed them.
    Erased,
}

impl Place {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Place::Here => "here",
            Place::Coming => "coming",
            Place::Missing => "missing",
            Place::Refused => "refused",
            Place::Erased => "erased",
        }
    }
}

/// The files of a dossier that was decided to be readable, in the order in which they were attached.
pub(super) fn of(
    connection: &Connection,
    channel: &ChannelId,
    own: &PartyId,
    dossier: &Dossier,
) -> Result<Vec<AttachmentView>, Fault> {
    if dossier.custody.attachments.is_empty() {
        return Ok(Vec::new());
    }
    let held = attachments::effective(connection, channel, &dossier.id)?;
    let view = |(hash, about): (&ContentHash, &Attachment)| AttachmentView {
        sha256: *hash,
        about: about.clone(),
        state: match held.get(hash) {
            Some(Held::Yes) => Place::Here,
            Some(Held::Refused) => Place::Refused,
            Some(Held::Erased) => Place::Erased,
            _ if about.party == *own => Place::Missing,
            _ => Place::Coming,
        },
    };
    let mut found: Vec<AttachmentView> = dossier.custody.attachments.iter().map(view).collect();
    found.sort_by_key(|file| (file.about.at, file.about.record));
    Ok(found)
}
