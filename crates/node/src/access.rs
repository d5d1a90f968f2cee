//! Who may do and see what. Everything is refused that is not allowed here.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::sync::Arc;
use tansiq_dossier::channel::ChannelClass;
use tansiq_dossier::custody::{self, Custody};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::label::{Classification, Label};
use tansiq_dossier::party::{InstitutionId, OfficerId, PartyId, Role};
use tansiq_dossier::record::{Draft, Record, RecordId};
use tansiq_dossier::refusal::{Common, Form, Refusal};
use tansiq_dossier::refusals;
use tansiq_dossier::words::Words;

refusals! {
    /// What access refuses.
    pub enum Denial {
        /// The officer's clearance is below the label.
        Clearance = "PRM02",
        /// The officer has been revoked.
        Revoked = "PRM03",
        /// The institution takes no part in the channel.
        Institution = "PRM04",
        /// Whoever runs the node, or audits, writes in no dossier.
        ReadOnlyRole = "PRM05",
        /// Officer or password are not known.
        SignIn = "PRM06",
        /// There is no such channel here.
        NoSuchChannel = "CHN03",
        /// Not every party has adopted the channel's charter yet.
        NotOpen = "CHN04",
        /// The request is larger than a request may be.
        TooLarge = "REQ01",
        /// The request is not well-formed JSON of the expected form.
        Malformed = "REQ02",
    }
}

/// An office with what it may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// The office.
    pub id: OfficerId,
    /// What it is called.
    pub name: Words,
    /// The institution that it acts for.
    pub institution: InstitutionId,
    /// The capacities in which it may act.
    pub roles: BTreeSet<Role>,
    /// How far it is cleared.
    pub clearance: Classification,
    /// Caveats that it holds.
    #[serde(default)]
    pub caveats: BTreeSet<String>,
    /// Whether it has been revoked.
    #[serde(default)]
    pub revoked: bool,
}

/// Who wants something.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// An officer of this node's own party.
    Officer(&'a Officer),
    /// Another party of the channel.
    Party(&'a PartyId),
}

/// What somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// To see a dossier or anything derived from it.
    Read,
    /// To add a record.
    Write,
    /// To be sent a record.
    Receive,
}

/// What a decision rests on besides subject and label.
#[derive(Debug, Clone, Copy)]
pub struct Environment<'a> {
    /// The parties that the dossier is for.
    pub audience: &'a BTreeSet<PartyId>,
    /// The party whose node decides.
    pub own: &'a PartyId,
    /// What the dossier's channel is for, as [`class_over`] tells it.
    pub class: ChannelClass,
}

/// The class that decides over a dossier of this kind: its channel's. A charter is no matter of its channel; it says who takes
/// part, and is read as in any other.
#[must_use]
pub fn class_over(channel: ChannelClass, kind: Kind) -> ChannelClass {
    if kind == Kind::Charter { ChannelClass::Exchange } else { channel }
}

/// Whether an officer may know of returns of persons at all. To everybody else they are not there.
#[must_use]
pub fn knows_returns(officer: &Officer) -> bool {
    officer.roles.contains(&Role::ReturnOfficer) || officer.roles.contains(&Role::Auditor)
}

/// A decision, with the rules that it rests on when it is no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The rules that say no; nothing else allows.
    pub against: Vec<&'static str>,
}

impl Decision {
    /// Whether it is allowed.
    #[must_use]
    pub fn allows(&self) -> bool {
        self.against.is_empty()
    }

    /// The refusal, when it is not allowed.
    ///
    /// # Errors
    /// The first rule that says no.
    pub fn require(&self) -> Result<(), Refusal> {
        self.against.first().map_or(Ok(()), |code| Err(Refusal::new(code)))
    }
}

/// The one function that decides: default no.
#[must_use]
pub fn decide(subject: Subject<'_>, action: Action, label: &Label, environment: Environment<'_>) -> Decision {
    let mut against = Vec::new();
    match subject {
        Subject::Party(party) => {
            if action != Action::Receive || !environment.audience.contains(party) {
                against.push(Common::NoSuchDossier.code());
            }
        }
        Subject::Officer(officer) => {
            if officer.revoked {
                against.push(Denial::Revoked.code());
            }
            let hidden = environment.class == ChannelClass::Return && !knows_returns(officer);
            if hidden || officer.id.party() != *environment.own || !environment.audience.contains(environment.own) {
                against.push(Common::NoSuchDossier.code());
            }
            if officer.clearance < label.class || !label.caveats.is_subset(&officer.caveats) {
                against.push(Denial::Clearance.code());
            }
            let works = match environment.class {
                ChannelClass::Return => officer.roles.contains(&Role::ReturnOfficer),
                _ => officer.roles.iter().any(|role| !matches!(role, Role::Auditor | Role::Administrator)),
            };
            let allowed = match action {
                Action::Read => works || officer.roles.contains(&Role::Auditor),
                Action::Write => works,
                Action::Receive => false,
            };
            if !allowed {
                against.push(Denial::ReadOnlyRole.code());
            }
        }
    }
    Decision { against }
}

/// Whether the sealed values that are kept with a record go along to `to`: only with a record of disclosure that has effect,
/// only to the party of the office that it names, and no more once it was recalled or that party has destroyed its copy.
/// Asked at the moment of sending, for every record that has any.
#[must_use]
pub fn discloses(custody: &Custody, record: &RecordId, own: &PartyId, to: &PartyId) -> bool {
    custody.disclosures.get(record).is_some_and(|disclosure| {
        disclosure.by == *own
            && disclosure.to.party() == *to
            && disclosure.recalled.is_none()
            && !disclosure.erased.contains_key(to)
    })
}

/// Whether a record that came may bring sealed values to `to`: whether it is a disclosure to an office of that party. Asked
/// by the receiver, before it keeps anything.
#[must_use]
pub fn is_disclosure_to(record: &Record, to: &PartyId) -> bool {
    let known = Kind::named(&record.kind).and_then(|kind| kind.custody(&record.act)).is_some();
    let office = record.body.get("to").and_then(serde_json::Value::as_str).and_then(|text| text.parse::<InstitutionId>().ok());
    known && record.act == custody::Disclose::SPEC.name && office.is_some_and(|office| office.party() == *to)
}

/// Marks what an [`Authorized`] value may be used for.
pub trait Purpose {
    /// The action that was decided on.
    const ACTION: Action;
}

/// For showing at home.
#[derive(Debug, Clone, Copy)]
pub struct ToRead;
/// For sending to another party.
#[derive(Debug, Clone, Copy)]
pub struct ToSend;

impl Purpose for ToRead {
    const ACTION: Action = Action::Read;
}
impl Purpose for ToSend {
    const ACTION: Action = Action::Receive;
}

/// A value that [`decide`] allowed for one purpose. Views, exports and frames accept nothing else, and nothing else makes
/// one:
///
/// ```compile_fail
/// use tansiq_node::access::{Authorized, ToSend};
/// let smuggled: Authorized<String, ToSend> = Authorized { value: "a record".to_owned(), purpose: Default::default() };
/// ```
#[derive(Debug, Clone)]
pub struct Authorized<T, P> {
    value: T,
    purpose: PhantomData<P>,
}

impl<T, P: Purpose> Authorized<T, P> {
    /// Decides, and wraps the value when it is allowed.
    ///
    /// # Errors
    /// The first rule that says no.
    pub fn decide(value: T, subject: Subject<'_>, label: &Label, environment: Environment<'_>) -> Result<Self, Refusal> {
        decide(subject, P::ACTION, label, environment).require()?;
        Ok(Authorized { value, purpose: PhantomData })
    }

    /// The value.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The value, for use.
    pub fn into_value(self) -> T {
        self.value
    }
}

/// Leave for one officer to add one act to a dossier of this label. Nothing can be submitted without one.
#[derive(Debug)]
pub struct Permit {
    officer: Arc<Officer>,
    role: Role,
    draft: Draft,
    label: Label,
}

impl Permit {
    /// The officer, the role in which it acts, the act, and the label that the record will carry.
    #[must_use]
    pub fn into_parts(self) -> (Arc<Officer>, Role, Draft, Label) {
        (self.officer, self.role, self.draft, self.label)
    }
}

/// Gives leave for an act, or says which rule stands against it. `dossier_label` is the label of the dossier acted in.
///
/// # Errors
/// `PRM01` to `PRM05`, `DOS01`, or a form code when kind or act are not known.
pub fn permit(
    officer: Arc<Officer>,
    draft: Draft,
    dossier_label: Option<&Label>,
    environment: Environment<'_>,
) -> Result<Permit, Refusal> {
    let kind = Kind::named(&draft.kind).ok_or_else(|| Refusal::from(Form::NotAChoice).at("kind"))?;
    let spec = kind.act(&draft.act).ok_or_else(|| Refusal::from(Form::NotAChoice).at("act"))?;
    let label = draft.label.clone().or_else(|| dossier_label.cloned()).unwrap_or_default();
    let widest = dossier_label.map_or_else(|| label.clone(), |dossier| dossier.join(&label));
    // Whoever runs the node says that it destroyed what it had to, and can do nothing else in a dossier.
    let erased = kind.custody(&draft.act).is_some_and(|spec| spec.name == custody::Erased::SPEC.name);
    let office_work = kind == Kind::Charter || kind == Kind::Probe || erased;
    let decision = decide(Subject::Officer(&officer), Action::Write, &widest, environment);
    if !(office_work && officer.roles.contains(&Role::Administrator) && !officer.revoked) {
        decision.require()?;
    }
    let role = spec.roles.iter().copied().find(|role| officer.roles.contains(role));
    let role = role.ok_or_else(|| Refusal::from(Common::WrongRole))?;
    Ok(Permit { officer, role, draft, label })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tansiq_dossier::custody::Disclosure;
    use tansiq_dossier::time::Moment;

    fn officer(roles: &[Role]) -> Officer {
        Officer {
            id: "irq.migration.office".parse().unwrap(),
            name: Words::default(),
            institution: "irq.migration".parse().unwrap(),
            roles: roles.iter().copied().collect(),
            clearance: Classification::Secret,
            caveats: BTreeSet::new(),
            revoked: false,
        }
    }

    #[test]
    fn returns_are_there_for_who_works_with_them_and_for_auditors_who_write_nothing() {
        let own: PartyId = "IRQ".parse().unwrap();
        let audience = BTreeSet::from([own.clone()]);
        let says = |roles: &[Role], action, class| {
            let environment = Environment { audience: &audience, own: &own, class };
            decide(Subject::Officer(&officer(roles)), action, &Label::default(), environment).against.first().copied()
        };
        let nobody: Vec<Role> =
            Role::ALL.into_iter().filter(|role| !matches!(role, Role::ReturnOfficer | Role::Auditor)).collect();
        for action in [Action::Read, Action::Write] {
            assert_eq!(says(&nobody, action, ChannelClass::Return), Some("DOS01"));
            assert_eq!(says(&nobody, action, ChannelClass::Exchange), None);
            assert_eq!(says(&[Role::ReturnOfficer], action, ChannelClass::Return), None);
        }
        assert_eq!(says(&[Role::Auditor], Action::Read, ChannelClass::Return), None);
        assert_eq!(says(&[Role::Auditor, Role::Secretary], Action::Write, ChannelClass::Return), Some("PRM05"));
        assert_eq!(class_over(ChannelClass::Return, Kind::Charter), ChannelClass::Exchange);
        assert_eq!(class_over(ChannelClass::Return, Kind::Return), ChannelClass::Return);
    }

    #[test]
    fn sealed_values_go_to_the_office_that_a_disclosure_names_as_long_as_it_may_have_them() {
        let [irq, syr, tur]: [PartyId; 3] = ["IRQ", "SYR", "TUR"].map(|code| code.parse().unwrap());
        let at: Moment = "2026-01-01T00:00:00Z".parse().unwrap();
        let (record, other) = (RecordId::commit(&[1; 32], b""), RecordId::commit(&[2; 32], b""));
        let disclosure = Disclosure {
            of: other,
            claims: ["given_ar".to_owned()].into(),
            by: syr.clone(),
            to: "irq.migration".parse().unwrap(),
            reason: "التحقق".to_owned(),
            at,
            recalled: None,
            erased: [].into(),
        };
        let with = |disclosure: Disclosure| Custody { disclosures: [(record, disclosure)].into(), ..Custody::default() };
        let goes = |disclosure: &Disclosure, record, to| discloses(&with(disclosure.clone()), record, &syr, to);
        assert!(goes(&disclosure, &record, &irq));
        assert!(!goes(&disclosure, &record, &tur), "to no other party");
        assert!(!goes(&disclosure, &other, &irq), "never with the record that sealed them");
        assert!(!discloses(&with(disclosure.clone()), &record, &tur, &irq), "by nobody else");
        assert!(!goes(&Disclosure { recalled: Some(at), ..disclosure.clone() }, &record, &irq));
        assert!(!goes(&Disclosure { erased: [(irq.clone(), at)].into(), ..disclosure.clone() }, &record, &irq));
        assert!(goes(&Disclosure { erased: [(syr.clone(), at)].into(), ..disclosure.clone() }, &record, &irq));
    }
}
