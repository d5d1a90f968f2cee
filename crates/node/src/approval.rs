//! What nobody does alone: to read what is sealed, to take lists of persons out of the register, and to change keys. Another
//! officer allows it, for one request that is bound by its hash, and for a day.

use crate::access::Officer;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::party::{OfficerId, PartyId, Role};
use tansiq_dossier::record::{DossierId, RecordId};
use tansiq_dossier::refusal::Refusal;
use tansiq_dossier::refusals;
use tansiq_dossier::time::Date;

/// How long a request waits for a second person, and how long what that person allowed may be done, in seconds.
pub const LIFE: i64 = 24 * 60 * 60;

/// The longest reason, in characters.
const MAX_REASON: usize = 2000;

refusals! {
    /// What is refused to one person alone.
    pub enum ApprovalRefusal {
        /// No second person has allowed exactly this within the last day.
        SecondPerson = "APV01",
        /// Nobody allows what they asked for themselves.
        OwnRequest = "APV02",
        /// Only a releaser or a return officer allows it, who may read the matter too; and only a co-chair or an administrator
        /// that keys change.
        NotAnApprover = "APV03",
        /// The request is older than a day.
        Lapsed = "APV04",
        /// There is no such request.
        NoSuchRequest = "APV05",
        /// A reason is given, of at most 2,000 characters.
        NoReason = "APV06",
        /// The request is allowed already.
        AllowedAlready = "APV07",
        /// Nothing sealed is kept here with this record: it sealed nothing, or it has been destroyed.
        NothingSealed = "APV08",
    }
}

/// In what form dossiers are exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// One JSON object a line.
    JsonLines,
    /// Comma-separated values (RFC 4180).
    Csv,
}

/// Which dossiers are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Only in this channel.
    #[serde(default)]
    pub channel: Option<ChannelId>,
    /// Only of this kind.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// Only in this state.
    #[serde(default)]
    pub state: Option<String>,
    /// Only those that this party takes part in.
    #[serde(default)]
    pub party: Option<PartyId>,
    /// Only those that wait for this party.
    #[serde(default)]
    pub awaits: Option<PartyId>,
    /// Only those that this institution owes something in.
    #[serde(default)]
    pub owner: Option<String>,
    /// Only those due before this day and not done.
    #[serde(default)]
    pub due_before: Option<Date>,
    /// Only those whose title holds this text.
    #[serde(default)]
    pub text: Option<String>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Matter {
    /// To read sealed values.
    Unseal {
        /// The channel.
        channel: ChannelId,
        /// The dossier.
        dossier: DossierId,
        /// The record that sealed or disclosed them.
        record: RecordId,
        /// Their names; all of them when none is given.
        claims: BTreeSet<String>,
    },
    /// To take a list of dossiers out of the register.
    Export {
        /// Which ones.
        selection: Selection,
        /// In what form.
        format: Format,
    },
    /// To change keys, or let a revoked office act again: an act of the charter's dossier.
    Keys {
        /// The act.
        act: String,
        /// What it says in each channel.
        bodies: BTreeMap<ChannelId, Value>,
    },
}

/// What an officer asks for. All of it is bound: whoever changes a word has asked for something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Who asks, and gets it.
    pub requester: OfficerId,
    /// For whom it is, when not for the one who asks.
    pub recipient: Option<String>,
    /// Why.
    pub reason: String,
    /// What.
    pub matter: Matter,
}

impl Asked {
    /// What an approval is bound to.
    #[must_use]
    pub fn digest(&self) -> ContentHash {
        ContentHash::of(self)
    }

    /// A request has a reason.
    ///
    /// # Errors
    /// `APV06`.
    pub fn check(&self) -> Result<(), Refusal> {
        let fine = !self.reason.trim().is_empty() && self.reason.chars().count() <= MAX_REASON;
        if fine { Ok(()) } else { Err(Refusal::from(ApprovalRefusal::NoReason).at("reason")) }
    }
}

/// A request as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Request {
    /// Its number.
    pub number: i64,
    /// What is asked for.
    pub asked: Asked,
    /// When, in seconds since 1970 UTC.
    pub requested: i64,
    /// Who allowed it, and when.
    pub approved: Option<(OfficerId, i64)>,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It waits for a second person.
    Waiting,
    /// It may be done.
    Allowed,
    /// Its day is over.
    Lapsed,
}

impl Request {
    /// Where it stands at this moment. A clock that was set back allows nothing.
    #[must_use]
    pub fn standing(&self, now: i64) -> Standing {
        let fresh = |since: i64| (0..LIFE).contains(&(now - since));
        match self.approved {
            Some((_, at)) if fresh(at) => Standing::Allowed,
            None if fresh(self.requested) => Standing::Waiting,
            _ => Standing::Lapsed,
        }
    }

    /// Whether this officer may allow it now. `reads` says whether it may read the matter.
    ///
    /// # Errors
    /// `APV02`, `APV03`, `APV04` or `APV07`.
    pub fn may_approve(&self, officer: &Officer, reads: bool, now: i64) -> Result<(), Refusal> {
        if officer.id == self.asked.requester {
            return Err(ApprovalRefusal::OwnRequest.into());
        }
        if !is_approver(officer, &self.asked.matter) || !reads {
            return Err(ApprovalRefusal::NotAnApprover.into());
        }
        match self.standing(now) {
            Standing::Waiting => Ok(()),
            Standing::Allowed => Err(ApprovalRefusal::AllowedAlready.into()),
            Standing::Lapsed => Err(ApprovalRefusal::Lapsed.into()),
        }
    }
}

/// Whether an office is one that allows such a matter.
#[must_use]
pub fn is_approver(officer: &Officer, matter: &Matter) -> bool {
    let allows = match matter {
        Matter::Unseal { .. } | Matter::Export { .. } => [Role::Releaser, Role::ReturnOfficer],
        Matter::Keys { .. } => [Role::CoChair, Role::Administrator],
    };
    !officer.revoked && allows.iter().any(|role| officer.roles.contains(role))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tansiq_dossier::label::Classification;
    use tansiq_dossier::words::Words;

    fn officer(name: &str, roles: &[Role]) -> Officer {
        Officer {
            id: name.parse().unwrap(),
            name: Words::default(),
            institution: "irq.migration".parse().unwrap(),
            roles: roles.iter().copied().collect(),
            clearance: Classification::Confidential,
            caveats: BTreeSet::new(),
            revoked: false,
        }
    }

    fn asked() -> Asked {
        Asked {
            requester: "irq.migration.returns".parse().unwrap(),
            recipient: None,
            reason: "إعداد قائمة الدفعة".to_owned(),
            matter: Matter::Export {
                selection: Selection { kind: Some(Kind::Return), ..Selection::default() },
                format: Format::Csv,
            },
        }
    }

    fn request(approved: Option<i64>) -> Request {
        let approver = "irq.mofa.releaser".parse().unwrap();
        Request { number: 1, asked: asked(), requested: 1000, approved: approved.map(|at| (approver, at)) }
    }

    fn code(result: Result<(), Refusal>) -> String {
        result.map_or_else(|refusal| refusal.code.into_owned(), |()| "allowed".to_owned())
    }

    #[test]
    fn a_request_waits_a_day_and_what_is_allowed_is_allowed_for_a_day() {
        assert_eq!(request(None).standing(1000 + LIFE - 1), Standing::Waiting);
        assert_eq!(request(None).standing(1000 + LIFE), Standing::Lapsed);
        assert_eq!(request(None).standing(999), Standing::Lapsed, "a clock that was set back");
        assert_eq!(request(Some(5000)).standing(5000 + LIFE - 1), Standing::Allowed);
        assert_eq!(request(Some(5000)).standing(5000 + LIFE), Standing::Lapsed);
    }

    #[test]
    fn only_a_second_person_with_the_role_who_may_read_it_allows() {
        let releaser = officer("irq.mofa.releaser", &[Role::Releaser]);
        let own = officer("irq.migration.returns", &[Role::ReturnOfficer, Role::Releaser]);
        let secretary = officer("irq.mofa.secretary", &[Role::Secretary]);
        let revoked = Officer { revoked: true, ..releaser.clone() };
        assert_eq!(code(request(None).may_approve(&releaser, true, 2000)), "allowed");
        assert_eq!(code(request(None).may_approve(&own, true, 2000)), "APV02");
        assert_eq!(code(request(None).may_approve(&secretary, true, 2000)), "APV03");
        assert_eq!(code(request(None).may_approve(&releaser, false, 2000)), "APV03");
        assert_eq!(code(request(None).may_approve(&revoked, true, 2000)), "APV03");
        assert_eq!(code(request(None).may_approve(&releaser, true, 1000 + LIFE)), "APV04");
        assert_eq!(code(request(Some(1500)).may_approve(&releaser, true, 2000)), "APV07");
    }

    #[test]
    fn whoever_changes_a_word_has_asked_for_something_else() {
        let digest = asked().digest();
        let export = |selection: Selection, format| Asked { matter: Matter::Export { selection, format }, ..asked() };
        let returns = || Selection { kind: Some(Kind::Return), ..Selection::default() };
        let edits = [
            Asked { requester: "irq.migration.other".parse().unwrap(), ..asked() },
            Asked { recipient: Some("وزارة أخرى".to_owned()), ..asked() },
            Asked { reason: "سبب آخر".to_owned(), ..asked() },
            export(returns(), Format::JsonLines),
            export(Selection { state: Some("open".to_owned()), ..returns() }, Format::Csv),
            export(Selection::default(), Format::Csv),
        ];
        assert_eq!(asked().digest(), digest);
        edits.iter().for_each(|edit| assert_ne!(edit.digest(), digest, "{edit:?}"));
        assert_eq!(code(Asked { reason: "  ".to_owned(), ..asked() }.check()), "APV06");
    }
}
