//! Consular work: the service of a mission, or a request for one citizen.
//!
//! The two are opened by different acts and share nothing but the people who do them. A service is announced by the mission's
//! own party alone. A request names a person by a reference that tells nothing; who that is stands sealed, goes to the one
//! institution that is asked while the request is open, and is destroyed a year after its end.
//!
//! The Vienna Convention on Consular Relations of 1963 is behind the rules of visits. By article 36(1)(b) the receiving
//! state tells the consular post of a detention if the person so requests; by article 36(1)(c) consular officers may visit
//! the person, and refrain from taking action if the person expressly opposes it. So a visit is not asked for without the
//! person's recorded consent.

mod acts;
mod request;
mod service;

pub use acts::*;

use crate::act::ActSpec;
use crate::body::ActBody;
use crate::channel::Charter;
use crate::custody::{Disclose, Sealing};
use crate::fold::Context;
use crate::kinds::Rules;
use crate::party::PartyId;
use crate::record::RecordId;
use crate::refusal::{Common, Refusal};
use crate::refusals;
use crate::sheet::{Offer, Sheet, View};
use crate::time::Date;
use request::Petition;
use serde::{Deserialize, Serialize};
use service::Mission;

refusals! {
    /// What the rules of consular work refuse.
    pub enum ConsularRefusal {
        /// A mission is run by an institution of the party that announces it.
        NotOwnMission = "CNS01",
        /// The place says more or less than its precision allows.
        IncoherentPlace = "CNS02",
        /// The counters close before they open.
        BadHours = "CNS03",
        /// Only the mission's own party says whether its service is to be had.
        OthersMission = "CNS04",
        /// This is what was announced last for that day.
        SameStatus = "CNS05",
        /// A request goes to an institution of another party that has the dossier.
        NotAnotherParty = "CNS06",
        /// The reference of a person is made of capital Latin letters, digits, hyphens and strokes, with one digit at least.
        TellingReference = "CNS07",
        /// The request seals nothing that tells who the person is.
        NobodySealed = "CNS08",
        /// A visit is asked for only with the person's recorded consent and its day.
        NoConsent = "CNS09",
        /// A day that is stated as past lies in the future.
        InTheFuture = "CNS10",
        /// The day for an answer lies before the day of the request.
        ReplyBeforeRequest = "CNS11",
        /// Only the party of the institution that is asked receives and answers the request.
        NotTheAddressee = "CNS12",
        /// The requesting party neither receives nor answers its own request.
        OwnRequest = "CNS13",
        /// Only the requesting party supplies, closes and withdraws.
        NotTheRequester = "CNS14",
        /// The receipt is signed already.
        ReceivedAlready = "CNS15",
        /// The request has not been received.
        NotReceived = "CNS16",
        /// The request is decided: granted or refused.
        Decided = "CNS17",
        /// The request is closed or withdrawn.
        Over = "CNS18",
        /// A refusal, in whole or in part, names its legal ground.
        NoLegalGround = "CNS19",
        /// The request is not decided: it is withdrawn and not closed.
        NotDecided = "CNS20",
        /// The act belongs to a request and this is a service, or the other way about.
        OtherMatter = "CNS21",
        /// The request cannot have been received before it was made.
        BeforeTheRequest = "CNS22",
    }
}

/// A consular dossier: of a mission's service, or of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consular {
    /// The service of a mission.
    Service(Mission),
    /// A request for a citizen.
    Request(Petition),
}

impl Rules for Consular {
    type Act = Act;
    const SPECS: &'static [ActSpec] = SPECS;
    const STATES: &'static [&'static str] = &[
        "announced",
        "open",
        "limited",
        "closed-to-public",
        "requested",
        "received",
        "need-more",
        "supplied",
        "partly",
        "granted",
        "refused",
        "closed",
        "withdrawn",
    ];
    const CODES: &'static [&'static str] = ConsularRefusal::CODES;

    fn decode(act: &str, body: &ActBody) -> Option<Result<Act, Refusal>> {
        Act::decode(act, body)
    }

    fn open(context: &Context<'_>, charter: &Charter, act: Act) -> Result<Self, Refusal> {
        match act {
            Act::OpenService(open) => Mission::announce(context, charter, open).map(Consular::Service),
            Act::Request(request) => Petition::make(context, charter, request).map(Consular::Request),
            _ => Err(Common::NotAnOpening.into()),
        }
    }

    fn step(&mut self, context: &Context<'_>, _charter: &Charter, act: Act) -> Result<(), Refusal> {
        match (self, act) {
            (_, Act::OpenService(_) | Act::Request(_)) => Err(Common::AlreadyOpen.into()),
            (Consular::Service(mission), Act::SetStatus(set)) => mission.set_status(context, set),
            (Consular::Service(_), _) | (Consular::Request(_), Act::SetStatus(_)) => Err(ConsularRefusal::OtherMatter.into()),
            (Consular::Request(petition), act) => petition.step(context, act),
        }
    }

    fn sheet(&self, view: &View<'_>) -> Sheet {
        match self {
            Consular::Service(mission) => mission.shown(view),
            Consular::Request(petition) => petition.shown(view),
        }
    }

    fn offers(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        match self {
            Consular::Service(mission) => mission.offered(view, party),
            Consular::Request(petition) => petition.offered(view, party),
        }
    }

    /// What tells who the person is goes to the institution that is asked, and what an answer seals to the institution that
    /// asked, both while the request is open; to nobody else.
    fn may_disclose(&self, _context: &Context<'_>, sealing: &Sealing, act: &Disclose) -> bool {
        match self {
            Consular::Service(_) => false,
            Consular::Request(petition) => petition.may_disclose(sealing, act),
        }
    }

    /// Sealed fields die a year after the request was closed or withdrawn.
    fn kept_until(&self, _record: RecordId, _sealing: &Sealing) -> Option<Date> {
        match self {
            Consular::Service(_) => None,
            Consular::Request(petition) => petition.kept_until(),
        }
    }
}
