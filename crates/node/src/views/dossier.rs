//! One dossier: its sheet, its history with claimed and witnessed times, and what this officer may do in it now.

use super::attachment::{self, AttachmentView};
use super::{Item, Looking, item};
use crate::fault::Fault;
use crate::store::db::Connection;
use crate::store::records::{self, Fate, StoredRecord};
use crate::store::{channels, dossiers, logs, statements};
use serde::Serialize;
use std::collections::BTreeSet;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::custody::Custody;
use tansiq_dossier::fold::Standing;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::{DossierId, RecordId, Stamp};
use tansiq_dossier::sealed::Sealed;
use tansiq_dossier::sheet::Sheet;

/// A dossier as its page shows it.
#[derive(Debug, Clone, Serialize)]
pub struct Full {
    /// What lists show of it.
    #[serde(flatten)]
    pub item: Item,
    /// What it shows.
    pub sheet: Sheet,
    /// Everything that was done in it, in the common order.
    pub history: Vec<Step>,
    /// What this officer may do in it now.
    pub offers: Vec<Possible>,
    /// What this officer may do in it at any time, asked or not.
    pub tools: Vec<Possible>,
    /// Who may have it, what is attached to it, and what became of its sealed fields.
    pub custody: Custody,
    /// Whether a record that this node does not understand froze it.
    pub frozen: bool,
    /// The statements that speak of it: the one that it came from, and those that were found to report the same.
    #[serde(skip)]
    pub sources: Vec<statements::Statement>,
    /// Its files.
    pub attachments: Vec<AttachmentView>,
    /// Whether this officer may attach files to it now.
    pub may_attach: bool,
}

/// One thing that was done.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// The record.
    pub record: RecordId,
    /// In whose log it stands.
    pub party: PartyId,
    /// At what place there.
    pub index: u64,
    /// The act.
    pub act: String,
    /// Who, and when as claimed.
    pub stamp: Option<StampView>,
    /// What was said.
    pub body: serde_json::Value,
    /// The names of what was sealed, as far as this node holds it; never what it says.
    pub sealed: BTreeSet<String>,
    /// What became of it.
    pub standing: Option<Standing>,
    /// When this node stored it, in seconds since 1970 UTC.
    pub received: i64,
    /// Who has witnessed it, and when by the witness's own clock, in seconds since 1970 UTC.
    pub witnessed: Vec<Witnessed>,
    /// Whether every other party has witnessed it.
    pub final_: bool,
}

/// Who acted, for whom, in what capacity, and when as claimed.
#[derive(Debug, Clone, Serialize)]
pub struct StampView {
    /// The institution.
    pub institution: tansiq_dossier::party::InstitutionId,
    /// The office.
    pub officer: tansiq_dossier::party::OfficerId,
    /// The capacity.
    pub role: tansiq_dossier::party::Role,
    /// When, as claimed.
    pub at: tansiq_dossier::time::Moment,
}

impl From<Stamp> for StampView {
    fn from(stamp: Stamp) -> Self {
        StampView { institution: stamp.institution, officer: stamp.officer, role: stamp.role, at: stamp.at }
    }
}

/// That a party cosigned a tree which holds a record.
#[derive(Debug, Clone, Serialize)]
pub struct Witnessed {
    /// The party.
    pub by: PartyId,
    /// When, by its own clock, in seconds since 1970 UTC.
    pub at: i64,
}

/// An act that this officer may do now.
#[derive(Debug, Clone, Serialize)]
pub struct Possible {
    /// The act.
    pub act: String,
    /// Whether every party must do it.
    pub mutual: bool,
    /// What its form begins with.
    pub prefill: serde_json::Value,
}

/// A dossier, if it is here and this officer may read it. "Not here" and "not yours" are the same.
///
/// # Errors
/// When the store fails.
pub fn full(connection: &Connection, looking: &Looking, channel: &ChannelId, id: &DossierId) -> Result<Option<Full>, Fault> {
    let Some(charter) = channels::charter(connection, channel)? else { return Ok(None) };
    let Some(dossier) = dossiers::get(connection, channel, id)?.and_then(|dossier| looking.may_read(dossier, charter.class))
    else {
        return Ok(None);
    };
    let stored = records::of_dossier(connection, channel, id)?;
    let changed = stored.iter().map(|record| record.received).max().unwrap_or(0);
    let history = stored.iter().map(|record| step(connection, &charter, channel, record)).collect::<Result<_, _>>()?;
    let line = item(channel.clone(), &dossier, changed, looking.today);
    let dossier = dossier.value();
    // What two people have to agree on is asked for on the command line, which finds the second.
    let alone = |offer: &tansiq_dossier::sheet::Offer| !crate::submit::needs_two(dossier.kind.name(), offer.act);
    let offers = dossier.offers(looking.today, &looking.own, &looking.officer.roles).into_iter().filter(alone);
    let possible = |offer: tansiq_dossier::sheet::Offer| Possible {
        act: offer.act.to_owned(),
        mutual: dossier.kind.act(offer.act).is_some_and(|spec| spec.mutual),
        prefill: offer.prefill,
    };
    let tools = dossier.tools(&looking.own, &looking.officer.roles);
    Ok(Some(Full {
        attachments: attachment::of(connection, channel, &looking.own, dossier)?,
        may_attach: tools.iter().any(|offer| offer.act == crate::attachments::ATTACH),
        sheet: dossier.sheet(looking.today),
        history,
        offers: offers.map(possible).collect(),
        tools: tools.into_iter().map(possible).collect(),
        custody: dossier.custody.clone(),
        frozen: dossier.frozen.is_some(),
        sources: statements::sources_of(connection, channel, id.as_str())?,
        item: line,
    }))
}

fn claim(disclosure: &str) -> Option<String> {
    Sealed::parse(disclosure).ok().map(|sealed| sealed.claim().to_owned())
}

fn step(connection: &Connection, charter: &Charter, channel: &ChannelId, stored: &StoredRecord) -> Result<Step, Fault> {
    let mut witnessed = Vec::new();
    let others: Vec<&PartyId> = charter.parties.keys().filter(|party| **party != stored.party).collect();
    for by in &others {
        if let Some(row) = logs::witnessed(connection, channel, &stored.party, by, stored.index)? {
            witnessed.push(Witnessed { by: (*by).clone(), at: row.time });
        }
    }
    let (act, stamp, body) = match stored.entry() {
        Some(entry) => (entry.record.act, Some(entry.record.stamp.into()), entry.record.body.into_value()),
        None => (String::new(), None, serde_json::Value::Null),
    };
    Ok(Step {
        record: stored.id(),
        party: stored.party.clone(),
        index: stored.index,
        act,
        stamp,
        body,
        sealed: stored.disclosures.lines().filter_map(claim).collect(),
        standing: match &stored.fate {
            Fate::Applied(standing) => Some(standing.clone()),
            Fate::Pending | Fate::Late => None,
        },
        received: stored.received,
        final_: witnessed.len() == others.len(),
        witnessed,
    })
}
