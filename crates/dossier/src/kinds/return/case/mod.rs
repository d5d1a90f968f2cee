//! A case: a family unit, whose persons each have a state of their own. The unit is known by its dossier's identifier alone.

mod acts;
mod offers;
mod person;
mod safeguards;
mod sheet;
mod steps;

pub use acts::*;
use person::Person;
pub use safeguards::{DECISION_LIFE, PROTECTION_LIFE};

use super::refusals::ReturnRefusal;
use crate::channel::Charter;
use crate::custody::Disclose;
use crate::fold::Context;
use crate::party::PartyId;
use crate::place::{Place, Precision};
use crate::record::RecordId;
use crate::refusal::Refusal;
use crate::time::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a unit is, since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Site {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    custodian: Option<String>,
    /// What changed; nothing for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    change: Option<SiteChange>,
    on: Date,
}

/// What a place said to returns, as one side assessed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PlaceSays {
    place: Place,
    acceptance: Acceptance,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mediation_tasks: Option<String>,
    on: Date,
    party: PartyId,
}

/// What is held about a family unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    sending: PartyId,
    receiving: PartyId,
    referral: Referral,
    /// Every site so far, the present one last.
    sites: Vec<Site>,
    /// Persons by the record that added them.
    persons: BTreeMap<RecordId, Person>,
    /// Which person each record that sealed something is about.
    seals: BTreeMap<RecordId, RecordId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    places: Vec<PlaceSays>,
}

impl Case {
    /// Opens a case.
    pub(super) fn open(context: &Context<'_>, open: OpenCase) -> Result<Case, Refusal> {
        super::check_sides(context, &open.sending, &open.receiving)?;
        Ok(Case {
            sending: open.sending,
            receiving: open.receiving,
            referral: open.referral,
            sites: vec![Site {
                name: open.site,
                custodian: open.custodian,
                change: None,
                on: context.stamp.at.civil_date(),
            }],
            persons: BTreeMap::new(),
            seals: BTreeMap::new(),
            places: Vec::new(),
        })
    }

    /// Carries out an act.
    pub(super) fn step(&mut self, context: &Context<'_>, charter: &Charter, act: Act) -> Result<(), Refusal> {
        match act {
            Act::OpenCase(_) => Err(ReturnRefusal::OtherForm.into()),
            Act::SiteChanged(act) => self.site_changed(context, act),
            Act::AddPerson(act) => self.add_person(context, act),
            Act::AmendPerson(act) => self.amend_person(context, &act),
            Act::TellPerson(act) => self.tell_person(context, &act),
            Act::ClaimNationality(act) => self.claim_nationality(context, act),
            Act::Verify(act) => self.verify(context, charter, &act),
            Act::Assess(act) => self.assess(context, charter, &act),
            Act::ProtectionDecide(act) => self.protection_decide(context, charter, &act),
            Act::LiftBar(act) => self.lift_bar(context, &act),
            Act::Decide(act) => self.decide(context, act),
            Act::BestInterests(act) => self.best_interests(context, charter, &act),
            Act::ClearForTravel(act) => self.clear_for_travel(context, act),
            Act::Manifest(act) => self.manifest(context, act),
            Act::Withdraw(act) => self.withdraw(context, &act),
            Act::DepartPerson(act) => self.depart_person(context, &act),
            Act::ReceivePerson(act) => self.receive_person(context, &act),
            Act::Admit(act) => self.admit(context, act),
            Act::DeclareReady(act) => self.declare_ready(context, &act),
            Act::AssessPlace(act) => self.assess_place(context, act),
            Act::Resettle(act) => self.resettle(context, act),
            Act::FollowUp(act) => self.follow_up(context, &act),
            Act::ClosePerson(act) => self.close_person(context, &act),
            Act::SetAside(act) => self.set_aside(context, &act),
            Act::TakeUp(act) => self.take_up(context, &act),
            Act::Separate(act) => self.separate(context, &act),
            Act::MovePerson(act) => self.move_person(context, act),
        }
    }

    /// Whether the values that this record sealed may be disclosed as the act says.
    pub(super) fn may_disclose(&self, act: &Disclose) -> bool {
        let person = self.seals.get(&act.of).and_then(|person| self.persons.get(person));
        person.is_some_and(|person| safeguards::may_disclose(person, act))
    }

    /// The last day on which what this record sealed may be kept.
    pub(super) fn kept_until(&self, record: RecordId) -> Option<Date> {
        self.seals.get(&record).and_then(|person| self.persons.get(person)).and_then(Person::kept_until)
    }

    /// Whether the work is over for everybody in the unit.
    fn is_over(&self) -> bool {
        !self.persons.is_empty() && self.persons.values().all(|person| !person.is_open())
    }

    /// What this place was last assessed to say. The last word of any side counts, unless another side's says no.
    fn acceptance_of(&self, name: &str) -> Option<Acceptance> {
        let mut last: BTreeMap<&PartyId, Acceptance> = BTreeMap::new();
        for says in self.places.iter().filter(|says| says.place.name.trim() == name.trim()) {
            last.insert(&says.party, says.acceptance);
        }
        last.into_values().max()
    }

    fn person(&self, id: RecordId) -> Result<&Person, Refusal> {
        self.persons.get(&id).ok_or_else(|| Refusal::from(ReturnRefusal::UnknownPerson).at("person"))
    }

    /// A person for whom the work goes on in this case.
    fn open_person(&mut self, id: RecordId) -> Result<&mut Person, Refusal> {
        let person = self.persons.get_mut(&id).ok_or_else(|| Refusal::from(ReturnRefusal::UnknownPerson).at("person"))?;
        if person.is_open() && !person.is_dead() { Ok(person) } else { Err(ReturnRefusal::SetAside.into()) }
    }

    /// An open person whom nothing keeps from going on.
    fn travelling(&mut self, id: RecordId) -> Result<&mut Person, Refusal> {
        let person = self.open_person(id)?;
        if person.aside.is_none() { Ok(person) } else { Err(ReturnRefusal::SetAside.into()) }
    }
}

/// A step is dated no later than the day on which it is recorded, and no earlier than what it follows.
fn check_day(context: &Context<'_>, day: Date, after: Option<Date>) -> Result<(), Refusal> {
    if day > context.stamp.at.civil_date() || after.is_some_and(|after| day < after) {
        return Err(Refusal::from(ReturnRefusal::BadDay).at("on"));
    }
    Ok(())
}

/// No address is kept and none crosses: a place is a governorate or a district.
fn check_place(place: &Place, field: &str) -> Result<(), Refusal> {
    if place.precision == Precision::Point || !place.is_coherent() {
        return Err(Refusal::from(ReturnRefusal::PlaceTooPrecise).at(field));
    }
    Ok(())
}

/// What an institution decides for a person counts only when the charter names the institution.
fn check_institution(context: &Context<'_>, charter: &Charter) -> Result<(), Refusal> {
    if charter.institution(&context.stamp.institution).is_none() {
        return Err(ReturnRefusal::UnknownInstitution.into());
    }
    Ok(())
}

fn check_side(context: &Context<'_>, side: &PartyId) -> Result<(), Refusal> {
    if context.stamp.party == *side { Ok(()) } else { Err(ReturnRefusal::NotYourStep.into()) }
}

fn check_now(yes: bool) -> Result<(), Refusal> {
    if yes { Ok(()) } else { Err(ReturnRefusal::NotNow.into()) }
}
