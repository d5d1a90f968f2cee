//! The files of a dossier: attached by one party, kept by every party that has the dossier, and recalled by the one that
//! attached them.

use super::{Attach, Custody, CustodyRefusal, MAX_ATTACHMENTS, PASSIVE_TYPES};
use crate::fold::Context;
use crate::party::PartyId;
use crate::record::RecordId;
use crate::refusal::Refusal;
use crate::time::Moment;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A file of the dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Its size, in bytes.
    pub size: i64,
    /// What it was found to be.
    pub media_type: String,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The party that attached it.
    pub party: PartyId,
    /// The record that attached it.
    pub record: RecordId,
    /// When, as claimed.
    pub at: Moment,
    /// When its party asked the others to destroy their copies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recalled: Option<Moment>,
    /// Who has destroyed its copy, when.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub erased: BTreeMap<PartyId, Moment>,
}

impl Attachment {
    /// Whether its bytes may go to a party that has the dossier: not once they were recalled, to nobody who said that it
    /// destroyed its copy, and not from or to anybody but its own party once that party destroyed it.
    #[must_use]
    pub fn may_go_to(&self, party: &PartyId) -> bool {
        self.recalled.is_none() && !self.erased.contains_key(party) && !self.erased.contains_key(&self.party)
    }
}

impl Custody {
    pub(super) fn attach(&mut self, context: &Context<'_>, act: Attach) -> Result<(), Refusal> {
        if !PASSIVE_TYPES.contains(&act.media_type.as_str()) {
            return Err(Refusal::from(CustodyRefusal::ActiveContent).at("media_type"));
        }
        if self.attachments.contains_key(&act.sha256) {
            return Err(Refusal::from(CustodyRefusal::AttachedAlready).at("sha256"));
        }
        if self.attachments.len() >= MAX_ATTACHMENTS {
            return Err(CustodyRefusal::TooManyFiles.into());
        }
        let attachment = Attachment {
            name: act.name,
            size: act.size,
            media_type: act.media_type,
            note: act.note,
            party: context.stamp.party.clone(),
            record: context.record,
            at: context.stamp.at,
            recalled: None,
            erased: BTreeMap::new(),
        };
        self.attachments.insert(act.sha256, attachment);
        Ok(())
    }

    /// The file that this record attached.
    pub(super) fn attached_by(&mut self, record: &RecordId) -> Option<&mut Attachment> {
        self.attachments.values_mut().find(|file| file.record == *record)
    }

    /// The files that were recalled and whose copy this party has not destroyed.
    pub(super) fn recalled_files<'c>(&'c self, party: &'c PartyId) -> impl Iterator<Item = &'c Attachment> {
        let awaited =
            move |file: &&Attachment| file.recalled.is_some() && file.party != *party && !file.erased.contains_key(party);
        self.attachments.values().filter(awaited)
    }
}
