//! The state of a dossier: the fold of its records, in their common order, by the rules of its kind.

use crate::act::ActSpec;
use crate::channel::{ChannelClass, Within};
use crate::custody::{self, Custody, Ground, Surroundings};
use crate::kinds::{Kind, State};
use crate::label::Label;
use crate::order::{Position, Seen};
use crate::party::{PartyId, Role};
use crate::record::{DossierId, Entry, Record, RecordId, Stamp};
use crate::reference::{self, Reference};
use crate::refusal::{Code, Common, Refusal};
use crate::sheet::{Offer, Sheet, View};
use crate::time::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "standing", content = "code")]
pub enum Standing {
    /// It stands, and its effects with it.
    Effective,
    /// It stands in the log and has no effect: a rule refused it.
    Refused(Code),
    /// This node does not know the act or its level. The dossier is frozen from here on until the node is brought up to date.
    Unknown,
}

/// What the rules of a kind may know besides the state and the act.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The dossier.
    pub dossier: &'a DossierId,
    /// The record.
    pub record: RecordId,
    /// Who, in what capacity, when.
    pub stamp: &'a Stamp,
    /// The parties that the dossier was opened for: those who must agree where an act is mutual. A party to which it was
    /// released since is not among them.
    pub audience: &'a BTreeSet<PartyId>,
    /// The digests of the fields that the record seals (see [`crate::sealed`]), in order. What they seal is not known here.
    pub digests: &'a [String],
    /// How much of every log the writer had seen; of its own log, the record's own place.
    pub seen: &'a Seen,
}

/// A dossier as the fold of all its records so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dossier {
    /// Its identifier.
    pub id: DossierId,
    /// Its kind.
    pub kind: Kind,
    /// The parties that have it: those that it was opened for, and those to which it was released.
    pub audience: BTreeSet<PartyId>,
    /// The parties that it was opened for, whose matter it is.
    pub members: BTreeSet<PartyId>,
    /// The join of the labels of all its effective records.
    pub label: Label,
    /// Where its last record stands in the order.
    pub last: Position,
    /// How many records it has, of any standing.
    pub records: u64,
    /// What each party had seen when it last wrote here.
    seen: BTreeMap<PartyId, Seen>,
    /// The parties that have written here, whose assent a release needs. What a party wrote may be refused in the end, where
    /// another's record came before it; it is that party's word all the same, and leaves with its assent alone.
    pub writers: BTreeSet<PartyId>,
    /// The record that froze it, if one did.
    pub frozen: Option<RecordId>,
    /// The number by which people quote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// Who may have it, what is attached to it, and what became of its sealed fields.
    #[serde(default)]
    pub custody: Custody,
    /// The state that the rules of its kind made.
    pub state: State,
}

/// Finds what must be true before a kind's own rules are asked, and then asks them.
///
/// `within` is the charter, and what has followed from it since: which offices may act no more. `dossier` is the fold of all
/// records of the dossier that stand before this one, or `None` when there are none. On
/// [`Standing::Effective`] the dossier is returned with the record's effects; on any other standing it is as it was, but for
/// the count of its records and for who has written in it. The same function judges a draft, with the place that it would have,
/// and a received record.
///
/// # Errors
/// The refusal of the first rule that the record breaks, together with the dossier as it stands after it.
pub fn step<'a>(
    dossier: Option<Dossier>,
    entry: &Entry,
    within: impl Into<Within<'a>>,
) -> (Option<Dossier>, Result<Standing, Refusal>) {
    let within = within.into();
    match dossier {
        None => open(entry, within),
        Some(mut dossier) => {
            dossier.records += 1;
            dossier.last = dossier.last.max(entry.position());
            let verdict = dossier.advance(entry, within);
            if let Ok(Standing::Unknown) = verdict {
                dossier.frozen.get_or_insert(entry.id);
            }
            (Some(dossier), verdict)
        }
    }
}

/// Folds all records of one dossier, sorted or not. Returns the dossier and the standing of each record, in the common order.
#[must_use]
pub fn fold<'a>(entries: &mut [Entry], within: impl Into<Within<'a>>) -> (Option<Dossier>, Vec<(RecordId, Standing)>) {
    let within = within.into();
    entries.sort_by_key(Entry::position);
    let mut dossier = None;
    let mut standings = Vec::with_capacity(entries.len());
    for entry in entries.iter() {
        let (next, verdict) = step(dossier, entry, within);
        dossier = next;
        standings.push((entry.id, standing(verdict)));
    }
    (dossier, standings)
}

/// The standing that a verdict amounts to.
#[must_use]
pub fn standing(verdict: Result<Standing, Refusal>) -> Standing {
    verdict.unwrap_or_else(|refusal| Standing::Refused(refusal.code))
}

fn open(entry: &Entry, within: Within<'_>) -> (Option<Dossier>, Result<Standing, Refusal>) {
    match try_open(entry, within) {
        Ok(Some(dossier)) => (Some(dossier), Ok(Standing::Effective)),
        Ok(None) => (None, Ok(Standing::Unknown)),
        Err(refusal) => (None, Err(refusal)),
    }
}

fn try_open(entry: &Entry, within: Within<'_>) -> Result<Option<Dossier>, Refusal> {
    let (record, charter) = (&entry.record, within.charter);
    check_place(entry, within)?;
    let Some(kind) = Kind::named(&record.kind) else { return Ok(None) };
    let Some(spec) = kind.act(&record.act) else { return Ok(None) };
    if !kind.fits(charter.class) {
        return Err(Common::WrongChannel.into());
    }
    if !spec.opens {
        // Nobody here has opened it, or it was never released to whoever asks: the two are never told apart.
        return Err(Common::NoSuchDossier.into());
    }
    if record.dossier.opener().is_some_and(|opener| opener != record.stamp.party) {
        return Err(Common::NotTheOpener.into());
    }
    let audience = match (&record.audience, kind) {
        (_, Kind::Charter) => charter.parties.keys().cloned().collect(),
        (Some(audience), _) => audience.clone(),
        (None, _) => return Err(Common::BadAudience.into()),
    };
    let known = audience.iter().all(|party| charter.parties.contains_key(party));
    if !known || !audience.contains(&record.stamp.party) {
        return Err(Common::BadAudience.into());
    }
    check_role(spec, record)?;
    check_reference(record, kind, &audience)?;
    let digests = digests(spec, record)?;
    let context = Context {
        dossier: &record.dossier,
        record: entry.id,
        stamp: &record.stamp,
        audience: &audience,
        digests: &digests,
        seen: &record.seen,
    };
    let state = State::open(kind, &context, charter, &record.act, &record.body)?;
    let outside = charter.parties.keys().filter(|party| !audience.contains(*party)).cloned().collect();
    let mut custody = Custody { outside, ..Custody::default() };
    custody.seal(&context, &record.act);
    let party = record.stamp.party.clone();
    Ok(Some(Dossier {
        id: record.dossier.clone(),
        kind,
        label: record.label.clone(),
        last: entry.position(),
        records: 1,
        seen: [(party.clone(), record.seen.clone())].into(),
        writers: [party].into(),
        frozen: None,
        reference: record.reference.clone(),
        custody,
        state,
        members: audience.clone(),
        audience,
    }))
}

impl Dossier {
    fn advance(&mut self, entry: &Entry, within: Within<'_>) -> Result<Standing, Refusal> {
        let (record, charter) = (&entry.record, within.charter);
        let party = &record.stamp.party;
        self.note_writer(entry);
        check_place(entry, within)?;
        if !self.audience.contains(party) {
            return Err(Common::NoSuchDossier.into());
        }
        if self.frozen.is_some() {
            return Ok(Standing::Unknown);
        }
        if self.seen.get(party).is_some_and(|earlier| !record.seen.covers(earlier)) {
            return Err(Common::SeenWentBack.into());
        }
        self.note_seen(party, &record.seen);
        let kind = self.kind;
        if record.kind != kind.name() {
            return if Kind::named(&record.kind).is_some() { Err(Common::OtherKind.into()) } else { Ok(Standing::Unknown) };
        }
        let own = kind.acts().iter().find(|spec| spec.name == record.act);
        let Some(spec) = own.or_else(|| kind.custody(&record.act)) else { return Ok(Standing::Unknown) };
        if record.audience.is_some() {
            return Err(Common::AudienceTwice.into());
        }
        if record.reference.is_some() {
            return Err(Common::BadReference.into());
        }
        if spec.opens && !spec.mutual {
            return Err(Common::AlreadyOpen.into());
        }
        if !record.label.covers(&self.label) {
            return Err(Common::LabelTooLow.into());
        }
        check_role(spec, record)?;
        let digests = digests(spec, record)?;
        let (dossier, stamp) = (&record.dossier, &record.stamp);
        let context =
            Context { dossier, record: entry.id, stamp, audience: &self.members, digests: &digests, seen: &record.seen };
        let of_custody = if own.is_none() { custody::decode(spec.name, &record.body) } else { None };
        if let Some(act) = of_custody {
            let context = Context { audience: &self.audience, ..context };
            let state = &self.state;
            let may_disclose = |sealing: &_, act: &_| state.may_disclose(&context, sealing, act);
            let may_attach = |act: &_| state.may_attach(act);
            let around =
                Surroundings { writers: &self.writers, place: entry.index, may_disclose: &may_disclose, may_attach: &may_attach };
            let released = self.custody.step(&context, charter, &around, act?)?;
            self.audience.extend(released);
        } else if !self.is_open_to(party, spec) {
            return Err(Common::OnlyMembers.into());
        } else {
            self.state.step(&context, charter, &record.act, &record.body)?;
            self.custody.seal(&context, &record.act);
        }
        if self.label != record.label {
            self.label = self.label.join(&record.label);
        }
        Ok(Standing::Effective)
    }

    /// Whether a party may do this act: those that the dossier was opened for may do all that their roles allow, and a party to
    /// which it was released may do what the kind opens to such.
    fn is_open_to(&self, party: &PartyId, spec: &ActSpec) -> bool {
        spec.guests || self.members.contains(party) || self.kind.custody(spec.name).is_some()
    }

    /// Whoever has a record of its matter in the dossier counts as a writer, whatever the rules say to the record. Who only
    /// speaks of the dossier's custody has not written in it, and has no say in its release.
    fn note_writer(&mut self, entry: &Entry) {
        let (record, party) = (&entry.record, &entry.log);
        if self.writers.contains(party) || self.kind.custody(&record.act).is_some() {
            return;
        }
        self.writers.insert(party.clone());
        for to in self.custody.reconsider(party, &record.seen) {
            self.audience.remove(&to);
        }
    }

    /// Keeps what a party has seen, in the place of what it had seen before.
    fn note_seen(&mut self, party: &PartyId, seen: &Seen) {
        match self.seen.get_mut(party) {
            Some(earlier) if earlier.0.keys().eq(seen.0.keys()) => {
                earlier.0.values_mut().zip(seen.0.values()).for_each(|(earlier, size)| *earlier = *size);
            }
            _ => drop(self.seen.insert(party.clone(), seen.clone())),
        }
    }

    /// What a line of a list shows of the dossier on this day: its sheet, without what custody adds to its sections.
    #[must_use]
    pub fn line(&self, today: Date) -> Sheet {
        let mut sheet = self.state.sheet(&View { today, audience: &self.members });
        sheet.awaiting.extend(self.custody.awaiting(&self.writers, &self.audience));
        sheet
    }

    /// What the dossier shows on this day.
    #[must_use]
    pub fn sheet(&self, today: Date) -> Sheet {
        let mut sheet = self.line(today);
        sheet.sections.extend(crate::custody_sheet::sections(&self.custody, self.kind, today, self.label.retention_days));
        sheet
    }

    /// What this party has to destroy on this day, by the records that sealed, disclosed or attached it, and why.
    #[must_use]
    pub fn due_for_erasure(&self, party: &PartyId, today: Date) -> Vec<(RecordId, Ground)> {
        let retention = self.label.retention_days;
        self.custody.overdue(party, today, retention, |record, sealing| self.state.kept_until(*record, sealing))
    }

    /// What this party's officers in any of these roles may do at any time: attach, release, disclose, recall.
    #[must_use]
    pub fn tools(&self, party: &PartyId, roles: &BTreeSet<Role>) -> Vec<Offer> {
        if self.frozen.is_some() || !self.audience.contains(party) || self.kind.letter().is_none() {
            return Vec::new();
        }
        self.custody.tools(party).into_iter().filter(|offer| self.allows(offer, roles)).collect()
    }

    /// The acts that this party's officers in any of these roles may do now.
    #[must_use]
    pub fn offers(&self, today: Date, party: &PartyId, roles: &BTreeSet<Role>) -> Vec<Offer> {
        if self.frozen.is_some() || !self.audience.contains(party) {
            return Vec::new();
        }
        let view = View { today, audience: &self.members };
        let mut offers = self.state.offers(&view, party);
        offers.extend(self.custody.offers(party, &self.writers));
        let is_open = |offer: &Offer| self.kind.act(offer.act).is_some_and(|spec| self.is_open_to(party, spec));
        offers.retain(|offer| self.allows(offer, roles) && is_open(offer));
        offers
    }

    fn allows(&self, offer: &Offer, roles: &BTreeSet<Role>) -> bool {
        self.kind.act(offer.act).is_some_and(|spec| spec.roles.iter().any(|role| roles.contains(role)))
    }
}

/// The digests of what the record seals, where its act may seal anything.
fn digests(spec: &ActSpec, record: &Record) -> Result<Vec<String>, Refusal> {
    if spec.sealed.is_empty() {
        return Ok(Vec::new());
    }
    crate::sealed::digests(&record.body).ok_or_else(|| Common::BadSeals.into())
}

/// A kind that people quote gets its number from its opener, who counts for itself: the party, the year and the letter are
/// those of the record. Records of 0.1.0 have none, and stay what they were.
fn check_reference(record: &Record, kind: Kind, audience: &BTreeSet<PartyId>) -> Result<(), Refusal> {
    let series = reference::series(&record.stamp.party, audience, kind, record.stamp.at.civil_date());
    match &record.reference {
        Some(reference) if Some(reference.series()) != series.as_deref() => Err(Common::BadReference.into()),
        _ => Ok(()),
    }
}

/// A record stands in its own party's log, at the place that it says, in a channel that the party belongs to, and is of an
/// office that may act there.
fn check_place(entry: &Entry, within: Within<'_>) -> Result<(), Refusal> {
    let record = &entry.record;
    if record.stamp.party != entry.log || !within.charter.parties.contains_key(&entry.log) {
        return Err(Common::ForeignLog.into());
    }
    if record.seen.of(&entry.log) != entry.index {
        return Err(Common::WrongPlace.into());
    }
    if within.bars(&record.stamp.officer, entry.index) {
        return Err(Common::RevokedOffice.into());
    }
    Ok(())
}

fn check_role(spec: &ActSpec, record: &Record) -> Result<(), Refusal> {
    if spec.roles.contains(&record.stamp.role) { Ok(()) } else { Err(Common::WrongRole.into()) }
}

/// Whether a kind may be kept in a channel of this class.
pub(crate) fn fits(kind: Kind, class: ChannelClass) -> bool {
    if kind == Kind::Charter {
        return true;
    }
    match class {
        ChannelClass::Measurement => kind == Kind::Probe,
        ChannelClass::Exchange | ChannelClass::Domestic => !matches!(kind, Kind::Probe | Kind::Return),
        ChannelClass::Return => kind == Kind::Return,
    }
}
