//! What holds for a dossier of any kind: who may have it, what is attached to it, and what became of its sealed fields.
//!
//! A dossier reaches a further party only by a `release` in which every party that wrote in it has joined: the third-party
//! rule. A sealed field leaves its node only by a `disclose` that names the record, the fields, and the office that gets
//! them; the record of the disclosure commits to the same digests as the record that sealed them, so the receiver can tell
//! that it was given what was sealed. Erasing destroys bytes at one node and changes no state; that it was done is told by a
//! record of its own.

use crate::act::{ActSpec, Field, Shape};
use crate::body::ActBody;
use crate::channel::Charter;
use crate::content::ContentHash;
use crate::fold::Context;
use crate::order::Seen;
use crate::party::{InstitutionId, PartyId};
use crate::record::RecordId;
use crate::refusal::{Common, Refusal};
use crate::sheet::{Awaiting, Offer};
use crate::time::{Date, Moment};
use crate::{acts, choices, refusals};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

mod files;
mod keeping;

pub use files::Attachment;
pub use keeping::{COPY_LIFE, copy_life};

/// The largest attachment, in bytes.
pub const MAX_ATTACHMENT: i64 = 512 * 1024 * 1024;

/// How many files one dossier may hold.
const MAX_ATTACHMENTS: usize = 1000;

/// The sorts of file that may be attached: such as a reader opens without anything in them acting. What is not listed is
/// refused; so are pages, vector drawings, programs, and documents with macros.
pub const PASSIVE_TYPES: &[&str] = &[
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.text",
    "application/zip",
    "audio/mpeg",
    "audio/ogg",
    "audio/wav",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/tiff",
    "image/webp",
    "text/plain",
    "video/mp4",
    "video/quicktime",
    "video/webm",
];

choices! {
    /// Why sealed fields or a file were destroyed.
    Ground {
        /// Their time was over.
        Retention = "retention",
        /// Whoever disclosed them asked for it.
        Recall = "recall",
        /// The person whom they are about asked for it.
        Person = "person",
        /// A court ordered it.
        Court = "court",
    }
}

const CLAIMED: &[Field] = &[Field { name: "claimed", required: false, shape: Shape::Text(200) }];

acts! {
    /// Lets a further party of the channel have the dossier, whole. It has effect once every party that wrote in the dossier
    /// has said so; said by another party, it asks them.
    Release = "release" by [Releaser], mutual {
        /// The party that is to have it.
        required to: PartyId => Shape::Party;
        /// Why.
        required reason: String => Shape::Paragraphs(2000);
    }

    /// Declines to let a further party have the dossier.
    DeclineRelease = "decline-release" by [Releaser] {
        /// The party that is not to have it.
        required to: PartyId => Shape::Party;
        /// Why.
        required reason: String => Shape::Paragraphs(2000);
    }

    /// Discloses sealed fields of one of the party's own records to a named office of another party.
    Disclose = "disclose" by [Releaser, ReturnOfficer], sealed(CLAIMED) {
        /// The record that sealed them.
        required of: RecordId => Shape::Record;
        /// Their names.
        required claims: BTreeSet<String> => Shape::Claims;
        /// The office that gets them.
        required to: InstitutionId => Shape::Institution;
        /// Why.
        required reason: String => Shape::Paragraphs(2000);
    }

    /// Asks the receiver to destroy what was disclosed to it; or, of a file, every other party to destroy its copy.
    Recall = "recall" by [Releaser, ReturnOfficer] {
        /// The record of the disclosure, or the one that attached the file.
        required of: RecordId => Shape::Record;
        /// Why.
        required reason: String => Shape::Paragraphs(2000);
    }

    /// Says that the party has destroyed its copy of sealed fields, value and salt, or of a file, at its node and in what is
    /// derived.
    Erased = "erased" by [Releaser, ReturnOfficer, Administrator] {
        /// The record that sealed or disclosed them, or that attached the file.
        required of: RecordId => Shape::Record;
        /// Why.
        required ground: Ground => Shape::Choice(Ground::NAMES);
    }

    /// Keeps sealed fields and files beyond their time because a court has ordered it.
    Hold = "hold" by [ReturnOfficer, Releaser] {
        /// The number of the court's order.
        required court_number: String => Shape::Text(100);
        /// The last day of the hold.
        required until: Date => Shape::Date;
    }

    /// Attaches a file, by its hash. The file itself travels apart, to those who may have the dossier.
    Attach = "attach" by [Secretary, CoChair, TreatyOfficer, FocalPoint, DirectorGeneral, Releaser, ReturnOfficer, Assessor] {
        /// The file's name.
        required name: String => Shape::Text(255);
        /// The SHA-256 of its bytes.
        required sha256: ContentHash => Shape::Content;
        /// Its size, in bytes.
        required size: i64 => Shape::Whole(1, MAX_ATTACHMENT);
        /// What it was found to be, by its first bytes: `application/pdf`.
        required media_type: String => Shape::Text(100);
        /// What it is.
        optional note: String => Shape::Text(500);
    }
}

refusals! {
    /// What is refused in a dossier of any kind.
    pub enum CustodyRefusal {
        /// The party has the dossier already, or takes no part in the channel.
        NotOutside = "CUS01",
        /// Nobody has asked for this release, or the party that declines never wrote in the dossier.
        NothingToDecline = "CUS02",
        /// No record of the acting party sealed this, or it sealed other fields.
        NotSealedHere = "CUS03",
        /// Sealed fields are disclosed to an office of another party that has the dossier.
        NoSuchOffice = "CUS04",
        /// The rules of this kind do not let these fields leave their node now.
        NotToBeDisclosed = "CUS05",
        /// No such disclosure or file of the acting party, or it was recalled already.
        NothingToRecall = "CUS06",
        /// The acting party holds no such copy, or has said already that it destroyed it.
        NothingToErase = "CUS07",
        /// The file is attached already.
        AttachedAlready = "CUS08",
        /// The dossier holds as many files as a dossier may.
        TooManyFiles = "CUS09",
        /// A hold ends on a later day than today.
        HoldIsOver = "CUS10",
        /// The file is of a sort that could act on the reader's machine.
        ActiveContent = "CUS11",
        /// The rules of this kind do not let such a file travel with the dossier.
        NotToBeAttached = "CUS12",
    }
}

/// Fields that a record sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealing {
    /// The party that sealed them, on whose node they are.
    pub party: PartyId,
    /// The act of the record.
    pub act: String,
    /// When, as claimed.
    pub at: Moment,
    /// What the record committed to.
    pub digests: BTreeSet<String>,
    /// Who has destroyed its copy, when.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub erased: BTreeMap<PartyId, Moment>,
}

/// Sealed fields that were given to an office of another party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosure {
    /// The record that sealed them.
    pub of: RecordId,
    /// Their names.
    pub claims: BTreeSet<String>,
    /// The party that gave them.
    pub by: PartyId,
    /// The office that got them.
    pub to: InstitutionId,
    /// Why.
    pub reason: String,
    /// When, as claimed.
    pub at: Moment,
    /// When it was recalled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recalled: Option<Moment>,
    /// Who has destroyed its copy, when.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub erased: BTreeMap<PartyId, Moment>,
}

/// One party's word on a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The record that says so.
    pub record: RecordId,
    /// When, as claimed.
    pub at: Moment,
    /// Why.
    pub reason: String,
}

/// A release that took effect or was declined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The party that it is about.
    pub to: PartyId,
    /// The record that decided it.
    pub record: RecordId,
    /// When, as claimed.
    pub at: Moment,
    /// Whether it was released.
    pub released: bool,
    /// The party whose word decided it.
    pub by: PartyId,
    /// The reason that it gave.
    pub reason: String,
    /// Who had said so, when it was released.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub asked: BTreeMap<PartyId, Asked>,
    /// The place of the deciding record in the log of the party whose word decided it.
    #[serde(default)]
    pub place: u64,
}

/// A court's order to keep what would have to be destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourtHold {
    /// The party that holds.
    pub party: PartyId,
    /// The order's number.
    pub court_number: String,
    /// The last day.
    pub until: Date,
    /// When it was recorded, as claimed.
    pub at: Moment,
}

/// What holds for a dossier whatever its kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custody {
    /// The parties of the channel that do not have it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub outside: BTreeSet<PartyId>,
    /// Releases that are asked for: to whom, by whom.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub asked: BTreeMap<PartyId, BTreeMap<PartyId, Asked>>,
    /// Releases that took effect or were declined, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decided: Vec<Decided>,
    /// What records of the dossier sealed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sealings: BTreeMap<RecordId, Sealing>,
    /// What of it was disclosed, by the record of the disclosure.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub disclosures: BTreeMap<RecordId, Disclosure>,
    /// The courts' orders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<CourtHold>,
    /// The files.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attachments: BTreeMap<ContentHash, Attachment>,
}

/// What an act of custody needs to know of the dossier besides its custody.
pub(crate) struct Surroundings<'a> {
    /// The parties that wrote in it.
    pub(crate) writers: &'a BTreeSet<PartyId>,
    /// The place of the act's record in its log.
    pub(crate) place: u64,
    /// What the rules of its kind say to a disclosure.
    pub(crate) may_disclose: &'a dyn Fn(&Sealing, &Disclose) -> bool,
    /// What they say to a file.
    pub(crate) may_attach: &'a dyn Fn(&Attach) -> bool,
}

impl Custody {
    /// Carries out an act. A release that takes effect is told to `audience`.
    pub(crate) fn step(
        &mut self,
        context: &Context<'_>,
        charter: &Charter,
        around: &Surroundings<'_>,
        act: Act,
    ) -> Result<Option<PartyId>, Refusal> {
        match act {
            Act::Release(act) => return self.release(context, around, act),
            Act::DeclineRelease(act) => self.decline(context, around, act)?,
            Act::Disclose(act) => self.disclose(context, charter, around, act)?,
            Act::Recall(act) => self.recall(context, &act)?,
            Act::Erased(act) => self.erased(context, &act)?,
            Act::Hold(act) => self.hold(context, act)?,
            Act::Attach(act) if !(around.may_attach)(&act) => return Err(CustodyRefusal::NotToBeAttached.into()),
            Act::Attach(act) => self.attach(context, act)?,
        }
        Ok(None)
    }

    /// Notes what a record sealed.
    pub(crate) fn seal(&mut self, context: &Context<'_>, act: &str) {
        if context.digests.is_empty() {
            return;
        }
        let sealing = Sealing {
            party: context.stamp.party.clone(),
            act: act.to_owned(),
            at: context.stamp.at,
            digests: context.digests.iter().cloned().collect(),
            erased: BTreeMap::new(),
        };
        self.sealings.insert(context.record, sealing);
    }

    fn release(&mut self, context: &Context<'_>, around: &Surroundings<'_>, act: Release) -> Result<Option<PartyId>, Refusal> {
        if !self.outside.contains(&act.to) {
            return Err(Refusal::from(CustodyRefusal::NotOutside).at("to"));
        }
        let party = &context.stamp.party;
        let asked = self.asked.entry(act.to.clone()).or_default();
        if asked.contains_key(party) {
            return Err(Common::AlreadySaid.into());
        }
        asked.insert(party.clone(), Asked { record: context.record, at: context.stamp.at, reason: act.reason.clone() });
        // A party that had it, wrote in it and lost it again is asked by nobody whether it may have it back.
        if !around.writers.iter().all(|writer| *writer == act.to || asked.contains_key(writer)) {
            return Ok(None);
        }
        self.outside.remove(&act.to);
        self.decide(context, around.place, &act.to, act.reason, true);
        Ok(Some(act.to))
    }

    fn decline(&mut self, context: &Context<'_>, around: &Surroundings<'_>, act: DeclineRelease) -> Result<(), Refusal> {
        if !around.writers.contains(&context.stamp.party) || !self.asked.contains_key(&act.to) {
            return Err(Refusal::from(CustodyRefusal::NothingToDecline).at("to"));
        }
        self.decide(context, around.place, &act.to, act.reason, false);
        Ok(())
    }

    fn decide(&mut self, context: &Context<'_>, place: u64, to: &PartyId, reason: String, released: bool) {
        let asked = self.asked.remove(to).filter(|_| released).unwrap_or_default();
        self.decided.push(Decided {
            asked,
            place,
            to: to.clone(),
            record: context.record,
            at: context.stamp.at,
            released,
            by: context.stamp.party.clone(),
            reason,
        });
    }

    /// A party has written in the dossier for the first time, having `seen` the logs so far. Where it could not know that the
    /// dossier had just been released, what it wrote was not meant for whoever got it: the release is asked for again, and
    /// awaits its word. Gives the parties that do not have the dossier until then.
    pub(crate) fn reconsider(&mut self, party: &PartyId, seen: &Seen) -> Vec<PartyId> {
        let (undone, kept): (Vec<Decided>, Vec<Decided>) = std::mem::take(&mut self.decided).into_iter().partition(|decided| {
            decided.released
                && decided.by != *party
                && !decided.asked.contains_key(party)
                && seen.of(&decided.by) <= decided.place
        });
        self.decided = kept;
        let again = |decided: Decided| {
            self.outside.insert(decided.to.clone());
            self.asked.insert(decided.to.clone(), decided.asked);
            decided.to
        };
        undone.into_iter().map(again).collect()
    }

    fn disclose(
        &mut self,
        context: &Context<'_>,
        charter: &Charter,
        around: &Surroundings<'_>,
        act: Disclose,
    ) -> Result<(), Refusal> {
        let not_sealed = || Refusal::from(CustodyRefusal::NotSealedHere).at("of");
        let sealing = self.sealings.get(&act.of).ok_or_else(not_sealed)?;
        let committed = !context.digests.is_empty()
            && context.digests.len() == act.claims.len()
            && context.digests.iter().all(|digest| sealing.digests.contains(digest));
        if sealing.party != context.stamp.party || sealing.erased.contains_key(&sealing.party) || !committed {
            return Err(not_sealed());
        }
        let receiver = act.to.party();
        if receiver == sealing.party || !context.audience.contains(&receiver) || charter.institution(&act.to).is_none() {
            return Err(Refusal::from(CustodyRefusal::NoSuchOffice).at("to"));
        }
        if !(around.may_disclose)(sealing, &act) {
            return Err(CustodyRefusal::NotToBeDisclosed.into());
        }
        let disclosure = Disclosure {
            of: act.of,
            claims: act.claims,
            by: context.stamp.party.clone(),
            to: act.to,
            reason: act.reason,
            at: context.stamp.at,
            recalled: None,
            erased: BTreeMap::new(),
        };
        self.disclosures.insert(context.record, disclosure);
        Ok(())
    }

    fn recall(&mut self, context: &Context<'_>, act: &Recall) -> Result<(), Refusal> {
        let party = &context.stamp.party;
        let recalled = match self.disclosures.get_mut(&act.of) {
            Some(disclosure) => (disclosure.by == *party).then_some(&mut disclosure.recalled),
            None => self.attached_by(&act.of).filter(|file| file.party == *party).map(|file| &mut file.recalled),
        };
        let recalled = recalled.filter(|recalled| recalled.is_none());
        *recalled.ok_or_else(|| Refusal::from(CustodyRefusal::NothingToRecall).at("of"))? = Some(context.stamp.at);
        Ok(())
    }

    fn erased(&mut self, context: &Context<'_>, act: &Erased) -> Result<(), Refusal> {
        let party = &context.stamp.party;
        let nothing = || Refusal::from(CustodyRefusal::NothingToErase).at("of");
        let erased = if let Some(disclosure) = self.disclosures.get_mut(&act.of) {
            if disclosure.by != *party && disclosure.to.party() != *party {
                return Err(nothing());
            }
            &mut disclosure.erased
        } else if let Some(sealing) = self.sealings.get_mut(&act.of) {
            if sealing.party != *party {
                return Err(nothing());
            }
            &mut sealing.erased
        } else {
            // Whoever has the dossier may have the file.
            &mut self.attached_by(&act.of).filter(|_| context.audience.contains(party)).ok_or_else(nothing)?.erased
        };
        if erased.contains_key(party) {
            return Err(nothing());
        }
        erased.insert(party.clone(), context.stamp.at);
        Ok(())
    }

    fn hold(&mut self, context: &Context<'_>, act: Hold) -> Result<(), Refusal> {
        if act.until <= context.stamp.at.civil_date() {
            return Err(Refusal::from(CustodyRefusal::HoldIsOver).at("until"));
        }
        self.holds.push(CourtHold {
            party: context.stamp.party.clone(),
            court_number: act.court_number,
            until: act.until,
            at: context.stamp.at,
        });
        Ok(())
    }

    /// The steps that wait for a party, in a dossier that `audience` has.
    pub(crate) fn awaiting(&self, writers: &BTreeSet<PartyId>, audience: &BTreeSet<PartyId>) -> Vec<Awaiting> {
        let mut steps = Vec::new();
        for asked in self.asked.values() {
            let since = asked.values().map(|asked| asked.at).min();
            let silent = writers.iter().filter(|writer| audience.contains(*writer) && !asked.contains_key(*writer));
            steps.extend(silent.map(|party| Awaiting { party: party.clone(), act: "release".to_owned(), since }));
        }
        for disclosure in self.disclosures.values() {
            let receiver = disclosure.to.party();
            if let (Some(at), false) = (disclosure.recalled, disclosure.erased.contains_key(&receiver)) {
                steps.push(Awaiting { party: receiver, act: "erased".to_owned(), since: Some(at) });
            }
        }
        for (party, file) in audience.iter().flat_map(|party| self.recalled_files(party).map(move |file| (party, file))) {
            steps.push(Awaiting { party: party.clone(), act: "erased".to_owned(), since: file.recalled });
        }
        steps
    }

    /// What a party is asked for: to join a release or decline it, to confirm that a recalled copy is destroyed.
    pub(crate) fn offers(&self, party: &PartyId, writers: &BTreeSet<PartyId>) -> Vec<Offer> {
        let mut offers = Vec::new();
        for (to, asked) in &self.asked {
            if asked.contains_key(party) || !writers.contains(party) {
                continue;
            }
            let reason = asked.values().min_by_key(|asked| asked.at).map(|asked| asked.reason.clone()).unwrap_or_default();
            offers.push(Offer::saying("release", &Release { to: to.clone(), reason }));
            offers.push(Offer { act: "decline-release", prefill: serde_json::json!({ "to": to }) });
        }
        for (record, disclosure) in &self.disclosures {
            if disclosure.recalled.is_some() && disclosure.to.party() == *party && !disclosure.erased.contains_key(party) {
                offers.push(Offer::saying("erased", &Erased { of: *record, ground: Ground::Recall }));
            }
        }
        let files = self.recalled_files(party);
        offers.extend(files.map(|file| Offer::saying("erased", &Erased { of: file.record, ground: Ground::Recall })));
        offers
    }

    /// What a party may do at any time, asked or not.
    pub(crate) fn tools(&self, party: &PartyId) -> Vec<Offer> {
        let mut tools = vec![Offer::empty("attach")];
        if self.outside.iter().any(|to| self.asked.get(to).is_none_or(|asked| !asked.contains_key(party))) {
            tools.push(Offer::empty("release"));
        }
        let own = |sealing: &&Sealing| sealing.party == *party && !sealing.erased.contains_key(party);
        for (record, _) in self.sealings.iter().filter(|(_, sealing)| own(sealing)) {
            tools.push(Offer { act: "disclose", prefill: serde_json::json!({ "of": record }) });
        }
        for (record, disclosure) in &self.disclosures {
            if disclosure.by == *party && disclosure.recalled.is_none() {
                tools.push(Offer { act: "recall", prefill: serde_json::json!({ "of": record }) });
            }
        }
        for file in self.attachments.values().filter(|file| file.party == *party && file.recalled.is_none()) {
            tools.push(Offer { act: "recall", prefill: serde_json::json!({ "of": file.record }) });
        }
        if !self.sealings.is_empty() || !self.attachments.is_empty() {
            tools.push(Offer::empty("hold"));
        }
        tools
    }
}

/// What an act of custody asks for.
#[must_use]
pub fn act(name: &str) -> Option<&'static ActSpec> {
    SPECS.iter().find(|spec| spec.name == name)
}

/// Checks and decodes an act of custody; `None` when there is none of this name.
pub(crate) fn decode(name: &str, body: &ActBody) -> Option<Result<Act, Refusal>> {
    Act::decode(name, body)
}

#[cfg(test)]
mod tests;
