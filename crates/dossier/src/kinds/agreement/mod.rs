//! An agreement: what states bind themselves to, from the first draft to the last day.
//!
//! Texts are proposed, initialled and signed; each of the last two takes effect when every party has done it over the same
//! hash of texts and clauses. Whether an agreement is in force is nobody's act: [`force`] finds it from the entry clause, the
//! signature and the notifications. What one side alone states, that it regards the agreement as suspended or wants to end
//! it, stands as that side's word beside what is agreed.

pub mod acts;
pub mod force;
mod offers;
mod sheet;
mod statements;
mod steps;

use crate::act::ActSpec;
use crate::body::ActBody;
use crate::channel::{ChannelClass, Charter};
use crate::content::ContentHash;
use crate::fold::Context;
use crate::kinds::Rules;
use crate::mutual::Mutual;
use crate::party::PartyId;
use crate::record::RecordId;
use crate::refusal::{Common, Refusal};
use crate::sheet::{Offer, Sheet, View};
use crate::source::Source;
use crate::time::{Date, Moment};
use crate::words::{Tongue, Words};
use acts::{Act, Amend, Draft, Instrument, Register, Renewal, Resume, Rule, SPECS, Sign, StepKind, Supersede, Suspend, Text};
use force::{Clauses, Content};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An agreement as its records made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    title: Words,
    instrument: Instrument,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    summary: Option<Words>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sources: Vec<Source>,
    clauses: Clauses,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    texts: Vec<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prevailing: Option<Tongue>,
    /// The hash of all of the above that binds.
    content: ContentHash,
    /// Who put the current content on the table.
    tabled: Mark,
    #[serde(default, skip_serializing_if = "Mutual::is_silent")]
    initials: Mutual<ContentHash>,
    #[serde(default, skip_serializing_if = "Mutual::is_silent")]
    signature: Mutual<Sign>,
    #[serde(default, skip_serializing_if = "Mutual::is_silent")]
    registration: Mutual<Register>,
    /// When the last signature or registration was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signed_at: Option<Moment>,
    /// The parties that signed: those for whom the dossier was at that time.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    signatories: BTreeSet<PartyId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    domestic_steps: Vec<DomesticStep>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    notifications: BTreeMap<PartyId, Notification>,
    #[serde(default, skip_serializing_if = "Mutual::is_silent")]
    amendment: Mutual<Amend>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    amendments: Vec<Amended>,
    #[serde(default, skip_serializing_if = "Mutual::is_silent")]
    supersession: Mutual<Supersede>,
    #[serde(default, skip_serializing_if = "Mutual::is_silent")]
    suspension: Mutual<Suspend>,
    #[serde(default, skip_serializing_if = "Mutual::is_silent")]
    resumption: Mutual<Resume>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    suspensions: Vec<Suspended>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    statements: Vec<Statement>,
}

/// Who put something on record, where and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    party: PartyId,
    record: RecordId,
    at: Moment,
}

impl Mark {
    fn of(context: &Context<'_>) -> Mark {
        Mark { party: context.stamp.party.clone(), record: context.record, at: context.stamp.at }
    }
}

/// A step that one state took at home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct DomesticStep {
    by: Mark,
    step: StepKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    on: Date,
}

/// One state's notification that its steps are done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Notification {
    on: Date,
    record: RecordId,
    at: Moment,
}

/// An amendment that all parties agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Amended {
    act: Amend,
    at: Moment,
}

/// A suspension that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Suspended {
    from: Date,
    /// The day on which the instrument operated again.
    until: Date,
    ground: String,
}

/// What one party stated for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Statement {
    by: Mark,
    ground: String,
    said: Said,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    withdrawn: Option<Moment>,
}

/// The sorts of statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Said {
    /// It regards the instrument as suspended.
    Claim {
        /// The first day of the suspension that is claimed.
        from: Date,
    },
    /// It gives notice of termination.
    Notice {
        /// The day on which it is to take effect.
        effective_on: Date,
        /// When its co-chair confirmed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirmed: Option<Moment>,
    },
    /// It objects to another party's record.
    Objection {
        /// The record objected to.
        to: RecordId,
    },
}

/// The signature, as it was given here or registered.
#[derive(Debug, Clone, Copy)]
struct Signing<'a> {
    on: Date,
    place: Option<&'a Words>,
    in_force_on: Option<Date>,
    registered: bool,
}

impl Agreement {
    fn draft(context: &Context<'_>, charter: &Charter, act: Draft) -> Result<Agreement, Refusal> {
        if charter.class == ChannelClass::Exchange && context.audience.len() < 2 {
            return Err(Rule::OneParty.into());
        }
        let clauses = Clauses {
            entry: act.entry,
            entry_date: act.entry_date,
            entry_days: act.entry_days,
            expires_on: act.expires_on,
            renewal: act.renewal.unwrap_or(Renewal::None),
            renewal_months: act.renewal_months,
            notice_days: act.notice_days,
        };
        clauses.check()?;
        let (title, instrument) = (act.title, act.instrument);
        let content = ContentHash::of(&Content { title: &title, instrument, clauses: &clauses, texts: &[], prevailing: None });
        Ok(Agreement {
            title,
            instrument,
            summary: act.summary,
            number: act.number,
            sources: act.sources.unwrap_or_default(),
            clauses,
            texts: Vec::new(),
            prevailing: None,
            content,
            tabled: Mark::of(context),
            initials: Mutual::default(),
            signature: Mutual::default(),
            registration: Mutual::default(),
            signed_at: None,
            signatories: BTreeSet::new(),
            domestic_steps: Vec::new(),
            notifications: BTreeMap::new(),
            amendment: Mutual::default(),
            amendments: Vec::new(),
            supersession: Mutual::default(),
            suspension: Mutual::default(),
            resumption: Mutual::default(),
            suspensions: Vec::new(),
            statements: Vec::new(),
        })
    }

    /// The hash of the texts and clauses as they stand: what parties initial, sign and register.
    #[must_use]
    pub fn content(&self) -> ContentHash {
        self.content
    }

    /// The signature, once every party has signed the same text on the same day, or registered the same signature.
    fn signing(&self) -> Option<Signing<'_>> {
        if let Some(sign) = self.signature.settled() {
            return Some(Signing { on: sign.signed_on, place: sign.place.as_ref(), in_force_on: None, registered: false });
        }
        let register = self.registration.settled()?;
        Some(Signing { on: register.signed_on, place: register.place.as_ref(), in_force_on: register.in_force_on, registered: true })
    }

    /// Whether entry into force waits for this party's notification, or may.
    fn lacks_notification_of(&self, party: &PartyId) -> bool {
        self.waits_for_notifications() && !self.notifications.contains_key(party)
    }

    /// Whether entry into force follows from notifications and not from what was registered.
    fn waits_for_notifications(&self) -> bool {
        self.clauses.asks_for_notification() && self.signing().is_some_and(|signing| signing.in_force_on.is_none())
    }
}

impl Rules for Agreement {
    type Act = Act;
    const SPECS: &'static [ActSpec] = SPECS;
    const STATES: &'static [&'static str] = &["draft", "text-proposed", "initialled", "signed", "in-force", "suspended", "expired", "terminated", "superseded"];
    const CODES: &'static [&'static str] = Rule::CODES;

    fn decode(act: &str, body: &ActBody) -> Option<Result<Act, Refusal>> {
        Act::decode(act, body)
    }

    fn open(context: &Context<'_>, charter: &Charter, act: Act) -> Result<Self, Refusal> {
        match act {
            Act::Draft(act) => Agreement::draft(context, charter, act),
            _ => Err(Common::NotAnOpening.into()),
        }
    }

    fn step(&mut self, context: &Context<'_>, _charter: &Charter, act: Act) -> Result<(), Refusal> {
        match act {
            Act::Draft(_) => Err(Common::AlreadyOpen.into()),
            Act::Register(act) => self.register(context, act),
            Act::ProposeText(act) => self.propose_text(context, act),
            Act::Initial(act) => self.initial(context, act),
            Act::Sign(act) => self.sign(context, act),
            Act::DomesticStep(act) => self.domestic_step(context, act),
            Act::NotifyCompletion(act) => self.notify_completion(context, act),
            Act::Amend(act) => self.amend(context, act),
            Act::Supersede(act) => self.supersede(context, act),
            Act::Suspend(act) => self.suspend(context, act),
            Act::Resume(act) => self.resume(context, act),
            Act::ClaimSuspension(act) => self.claim_suspension(context, act),
            Act::GiveNotice(act) => self.give_notice(context, act),
            Act::ConfirmNotice(act) => self.confirm_notice(context, act),
            Act::Object(act) => self.object(context, act),
            Act::Withdraw(act) => self.withdraw(context, act),
        }
    }

    fn sheet(&self, view: &View<'_>) -> Sheet {
        self.shown(view)
    }

    fn offers(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        self.offered(view, party)
    }
}
