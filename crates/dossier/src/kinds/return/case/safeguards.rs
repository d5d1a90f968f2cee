//! What must be true before anybody travels, and what may leave the node. No role and no permission overrides it.

use super::Case;
use super::acts::{AgeBand, BestInterest, Decision, Protection, Screening, Verification};
use super::person::{Person, days_between};
use crate::custody::Disclose;
use crate::kinds::r#return::refusals::ReturnRefusal;
use crate::record::{DossierId, RecordId};
use crate::time::Date;

/// A decision counts while it is younger than this, in days.
pub const DECISION_LIFE: i64 = 60;

/// A protection clearance counts for so many days.
pub const PROTECTION_LIFE: i64 = 90;

/// The least that a state needs to verify its own nationality.
const TO_VERIFY: &[&str] = &[
    "given_ar",
    "given_latn",
    "father_ar",
    "father_latn",
    "grandfather_ar",
    "grandfather_latn",
    "family_ar",
    "family_latn",
    "birth_year",
    "birth_precision",
    "district_of_origin",
    "documents",
];

/// What is told of urgent needs, with consent.
const MEDICAL: &str = "medical_needs";

/// What must be true of a person before it is cleared for travel on this day.
///
/// # Errors
/// The first safeguard that is not met.
pub(super) fn may_travel(person: &Person, day: Date) -> Result<(), ReturnRefusal> {
    if person.aside.is_some() || !person.is_open() {
        return Err(ReturnRefusal::SetAside);
    }
    if person.nationality() != Some(Verification::Verified) {
        return Err(ReturnRefusal::NationalityNotVerified);
    }
    match person.screening() {
        None => return Err(ReturnRefusal::NotAssessed),
        Some(Screening::Referred) => return Err(ReturnRefusal::Referred),
        Some(Screening::NoBar) => {}
    }
    if person.withdrawn.is_some() {
        return Err(ReturnRefusal::Withdrawn);
    }
    match person.age_band {
        AgeBand::Adult => consents(person, day)?,
        AgeBand::Child => best_interests(person, 1)?,
        AgeBand::AloneChild => best_interests(person, 2)?,
    }
    is_protected(person, day)
}

/// What must be true of a person before it is put on a manifest, or departs with it, on this day.
///
/// # Errors
/// The first safeguard that is not met.
pub(super) fn may_board(case: &Case, person: RecordId, operation: &DossierId, day: Date) -> Result<(), ReturnRefusal> {
    let boarding = case.persons.get(&person).ok_or(ReturnRefusal::UnknownPerson)?;
    may_travel(boarding, day)?;
    // A child whose family stays behind is a separated child, whatever it was before.
    let with_it = |other: &Person| other.manifest.as_ref().is_some_and(|(manifest, _)| manifest == operation);
    let travels = |other: &Person| match other.departed {
        Some(_) => other.is_open() && other.aside.is_none(),
        None => may_travel(other, day).is_ok(),
    };
    let adults = || case.persons.values().filter(|other| other.age_band == AgeBand::Adult);
    let accompanied = adults().any(|adult| with_it(adult) && travels(adult));
    if boarding.age_band != AgeBand::Adult && !accompanied {
        best_interests(boarding, 2)?;
    }
    if boarding.clearance.settled().is_none() {
        return Err(ReturnRefusal::NotCleared);
    }
    Ok(())
}

fn consents(person: &Person, day: Date) -> Result<(), ReturnRefusal> {
    let decided = person.decision().ok_or(ReturnRefusal::NoDecision)?;
    if decided.decision != Decision::Consents {
        return Err(ReturnRefusal::NotConsented);
    }
    if days_between(decided.on, day) >= DECISION_LIFE {
        return Err(ReturnRefusal::StaleDecision);
    }
    Ok(())
}

fn best_interests(person: &Person, institutions: usize) -> Result<(), ReturnRefusal> {
    let found = person.interests();
    if found.is_empty() || found.values().any(|interest| *interest != BestInterest::Return) {
        return Err(ReturnRefusal::NoBestInterests);
    }
    if found.len() < institutions {
        return Err(ReturnRefusal::TwoInstitutions);
    }
    Ok(())
}

fn is_protected(person: &Person, day: Date) -> Result<(), ReturnRefusal> {
    if person.bar().is_some() {
        return Err(ReturnRefusal::Barred);
    }
    let cleared = person.protection().filter(|decided| decided.protection == Protection::Clear);
    let cleared = cleared.ok_or(ReturnRefusal::NoProtection)?;
    if person.was_screened_by(&cleared.institution) {
        return Err(ReturnRefusal::ClearedByScreening);
    }
    if days_between(cleared.on, day) > PROTECTION_LIFE {
        return Err(ReturnRefusal::StaleProtection);
    }
    Ok(())
}

/// Whether these sealed values may go to that office: the least that verifies a nationality, to the state whose nationality
/// is claimed, after the person was told; urgent medical needs with consent. Never the data of those who refuse.
#[must_use]
pub(super) fn may_disclose(person: &Person, act: &Disclose) -> bool {
    let Some((nationality, _)) = &person.claimed else { return false };
    let ended = person.refuses() || person.nationality() == Some(Verification::NotVerified);
    if person.told.is_none() || ended || !person.is_open() || act.to.party() != *nationality {
        return false;
    }
    act.claims.iter().all(|claim| match claim.as_str() {
        MEDICAL => person.consents_to_medical(),
        other => TO_VERIFY.contains(&other),
    })
}
