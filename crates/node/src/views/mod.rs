//! What officers see: made from the folded dossiers, decided for the officer who looks, before anything is counted or shown.

pub mod attachment;
pub mod channel;
pub mod desk;
mod door;
pub mod dossier;

pub use door::Door;

use crate::access::{self, Action, Authorized, Environment, Officer, Subject, ToRead, decide};
use crate::fault::Fault;
use crate::store::channels;
use crate::store::db::Connection;
use crate::store::dossiers::{self, Filter, Line, Reader};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use tansiq_dossier::channel::{ChannelClass, ChannelId};
use tansiq_dossier::fold::Dossier;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::label::{Classification, Label};
use tansiq_dossier::party::{InstitutionId, PartyId};
use tansiq_dossier::record::DossierId;
use tansiq_dossier::reference::Reference;
use tansiq_dossier::sheet::{Awaiting, Tone};
use tansiq_dossier::time::{Date, Due};
use tansiq_dossier::words::Words;

/// One dossier in a list.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    /// The channel.
    pub channel: ChannelId,
    /// The dossier.
    pub dossier: DossierId,
    /// The number by which people quote it.
    pub reference: Option<Reference>,
    /// Its kind.
    pub kind: Kind,
    /// Its title.
    pub title: Words,
    /// Its state's word.
    pub state: String,
    /// How the state is to be felt.
    pub tone: Tone,
    /// When it falls due.
    pub due: Option<Due>,
    /// Whether it is late today.
    pub late: bool,
    /// The institution that owes the next step.
    pub owner: Option<InstitutionId>,
    /// Whose turn it is.
    pub awaiting: Vec<Awaiting>,
    /// The parties that it is for.
    pub audience: BTreeSet<PartyId>,
    /// Its label.
    pub label: Label,
    /// How many records it has.
    pub records: u64,
    /// When it last changed here, in seconds since 1970 UTC.
    pub changed: i64,
}

/// A page of a list.
#[derive(Debug, Clone, Serialize)]
pub struct Page {
    /// The dossiers.
    pub items: Vec<Item>,
    /// How many there are in all.
    pub total: u64,
}

/// The officer who looks, the day, and the party at home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looking {
    /// The officer.
    pub officer: Officer,
    /// The party whose node this is.
    pub own: PartyId,
    /// The day of looking.
    pub today: Date,
}

impl Looking {
    /// The dossier of a channel of this class, if this officer may read it.
    #[must_use]
    pub fn may_read(&self, dossier: Dossier, channel: ChannelClass) -> Option<Authorized<Dossier, ToRead>> {
        let (label, audience) = (dossier.label.clone(), dossier.audience.clone());
        let class = access::class_over(channel, dossier.kind);
        let environment = Environment { audience: &audience, own: &self.own, class };
        Authorized::decide(dossier, Subject::Officer(&self.officer), &label, environment).ok()
    }

    /// The dossier of this name, if it is here and this officer may read it.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn find(
        &self,
        connection: &Connection,
        channel: &ChannelId,
        dossier: &DossierId,
    ) -> Result<Option<Authorized<Dossier, ToRead>>, Fault> {
        let Some(class) = channels::class(connection, channel)? else { return Ok(None) };
        Ok(dossiers::get(connection, channel, dossier)?.and_then(|dossier| self.may_read(dossier, class)))
    }

    /// The same filter, narrowed to what this officer may read, so that counts and pages do not tell of anything else;
    /// nothing for an officer who reads no dossiers at all.
    #[must_use]
    pub fn narrow(&self, filter: Filter) -> Option<Filter> {
        let home = BTreeSet::from([self.own.clone()]);
        let environment = Environment { audience: &home, own: &self.own, class: ChannelClass::Domestic };
        let open = Label { class: Classification::Open, ..Label::default() };
        decide(Subject::Officer(&self.officer), Action::Read, &open, environment).allows().then(|| {
            let reader = Reader {
                own: self.own.clone(),
                class: self.officer.clearance,
                caveats: self.officer.caveats.clone(),
                returns: access::knows_returns(&self.officer),
            };
            Filter { reader: Some(reader), ..filter }
        })
    }

    /// A line of a list, if this officer may read the dossier.
    #[must_use]
    pub fn item(&self, line: Line) -> Option<Item> {
        let dossier = self.may_read(line.dossier, line.class)?;
        Some(item(line.channel, &dossier, line.changed, self.today))
    }
}

/// A dossier as a line of a list.
#[must_use]
pub fn item(channel: ChannelId, dossier: &Authorized<Dossier, ToRead>, changed: i64, today: Date) -> Item {
    let dossier = dossier.value();
    let sheet = dossier.line(today);
    Item {
        channel,
        dossier: dossier.id.clone(),
        reference: dossier.reference.clone(),
        kind: dossier.kind,
        title: sheet.title,
        state: sheet.state,
        tone: sheet.tone,
        due: sheet.due,
        late: sheet.late,
        owner: sheet.owner,
        awaiting: sheet.awaiting,
        audience: dossier.audience.clone(),
        label: dossier.label.clone(),
        records: dossier.records,
        changed,
    }
}

/// How many returns of persons a list shows: whoever needs more asks a second person, and exports them.
pub const MOST_RETURNS: u64 = 50;

/// A list by a filter. One of returns shows no more than [`MOST_RETURNS`], on however many pages; it counts them all.
///
/// # Errors
/// When the store fails.
pub fn list(connection: &Connection, looking: &Looking, mut filter: Filter) -> Result<Page, Fault> {
    if filter.asks_for_returns(&channels::of_returns(connection)?) {
        filter.limit = filter.limit.min(MOST_RETURNS.saturating_sub(filter.skip));
    }
    let Some(filter) = looking.narrow(filter) else { return Ok(Page { items: Vec::new(), total: 0 }) };
    let total = dossiers::count(connection, &filter)?;
    let lines = dossiers::find(connection, &filter)?;
    Ok(Page { items: lines.into_iter().filter_map(|line| looking.item(line)).collect(), total })
}

/// How many dossiers a filter finds, of those that this officer may read.
///
/// # Errors
/// When the store fails.
pub fn count(connection: &Connection, looking: &Looking, filter: Filter) -> Result<u64, Fault> {
    looking.narrow(filter).map_or(Ok(0), |filter| dossiers::count(connection, &filter))
}

/// How many dossiers of each kind a filter finds, of those that this officer may read.
///
/// # Errors
/// When the store fails.
pub fn count_by_kind(connection: &Connection, looking: &Looking, filter: Filter) -> Result<BTreeMap<Kind, u64>, Fault> {
    looking.narrow(filter).map_or(Ok(BTreeMap::new()), |filter| dossiers::count_by_kind(connection, &filter))
}

/// The dossiers of this reference number that this officer may read.
///
/// # Errors
/// When the store fails.
pub fn by_reference(
    connection: &Connection,
    looking: &Looking,
    reference: &Reference,
) -> Result<Vec<(ChannelId, DossierId)>, Fault> {
    let mut found = Vec::new();
    for (channel, id) in dossiers::by_reference(connection, reference)? {
        let Some(class) = channels::class(connection, &channel)? else { continue };
        if dossiers::get(connection, &channel, &id)?.and_then(|dossier| looking.may_read(dossier, class)).is_some() {
            found.push((channel, id));
        }
    }
    Ok(found)
}
