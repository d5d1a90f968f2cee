//! What each act does to a person. Everything is checked before anything changes.

use super::acts::{
    AddPerson, AgeBand, AmendPerson, Aside, Assess, BestInterests, ClaimNationality, ClearForTravel, ClosePerson, Decide,
    Decision, LiftBar, Manifest, MovePerson, Protection, ProtectionDecide, Screening, Separate, SetAside, SiteChanged, TakeUp,
    TellPerson, Verification, Verify, Withdraw, BestInterest, DepartPerson, ReceivePerson, Admit, DeclareReady, AssessPlace,
    Resettle, FollowUp, Acceptance,
};
use super::person::{Assessed, Decided, Found, Journey, Person, Protected, Settled, Verified};
use super::{Case, PlaceSays, Site, check_day, check_institution, check_now, check_place, check_side, safeguards};
use crate::channel::Charter;
use crate::fold::Context;
use crate::kinds::r#return::refusals::ReturnRefusal;
use crate::refusal::Refusal;

impl Case {
    pub(super) fn site_changed(&mut self, context: &Context<'_>, act: SiteChanged) -> Result<(), Refusal> {
        check_day(context, act.on, None)?;
        self.sites.push(Site { name: act.site, custodian: act.custodian, change: Some(act.site_change), on: act.on });
        Ok(())
    }

    pub(super) fn add_person(&mut self, context: &Context<'_>, act: AddPerson) -> Result<(), Refusal> {
        let number = self.persons.len() + 1;
        let party = context.stamp.party.clone();
        let person = Person::located(number, act.age_band, party, context.stamp.at, act.moved_from);
        self.persons.insert(context.record, person);
        self.seals.insert(context.record, context.record);
        Ok(())
    }

    pub(super) fn amend_person(&mut self, context: &Context<'_>, act: &AmendPerson) -> Result<(), Refusal> {
        self.open_person(act.person)?;
        self.seals.insert(context.record, act.person);
        Ok(())
    }

    pub(super) fn tell_person(&mut self, context: &Context<'_>, act: &TellPerson) -> Result<(), Refusal> {
        check_day(context, act.on, None)?;
        self.open_person(act.person)?.told = Some((act.on, act.tongue));
        Ok(())
    }

    pub(super) fn claim_nationality(&mut self, context: &Context<'_>, act: ClaimNationality) -> Result<(), Refusal> {
        if !context.audience.contains(&act.nationality) {
            return Err(Refusal::from(ReturnRefusal::Sides).at("nationality"));
        }
        check_day(context, act.on, None)?;
        let person = self.open_person(act.person)?;
        check_now(person.departed.is_none())?;
        person.claimed = Some((act.nationality, act.on));
        person.void_travel();
        Ok(())
    }

    pub(super) fn verify(&mut self, context: &Context<'_>, charter: &Charter, act: &Verify) -> Result<(), Refusal> {
        check_institution(context, charter)?;
        let person = self.open_person(act.person)?;
        let (nationality, claimed_on) = person.claimed.clone().ok_or(ReturnRefusal::NotNow)?;
        check_side(context, &nationality)?;
        check_day(context, act.on, Some(claimed_on))?;
        check_now(person.departed.is_none())?;
        person.verifications.push(Verified {
            nationality,
            verification: act.verification,
            method: act.verification_method,
            authority: context.stamp.institution.clone(),
            on: act.on,
        });
        if person.nationality() != Some(Verification::Verified) {
            person.void_travel();
        }
        Ok(())
    }

    pub(super) fn assess(&mut self, context: &Context<'_>, charter: &Charter, act: &Assess) -> Result<(), Refusal> {
        check_institution(context, charter)?;
        check_side(context, &self.receiving)?;
        check_day(context, act.on, None)?;
        let person = self.open_person(act.person)?;
        if person.nationality() != Some(Verification::Verified) {
            return Err(ReturnRefusal::NationalityNotVerified.into());
        }
        let institution = context.stamp.institution.clone();
        person.assessments.push(Assessed { screening: act.screening, institution, on: act.on });
        if act.screening == Screening::Referred && person.departed.is_none() {
            person.void_travel();
        }
        Ok(())
    }

    pub(super) fn protection_decide(
        &mut self,
        context: &Context<'_>,
        charter: &Charter,
        act: &ProtectionDecide,
    ) -> Result<(), Refusal> {
        check_institution(context, charter)?;
        check_day(context, act.on, None)?;
        let person = self.open_person(act.person)?;
        check_now(person.departed.is_none())?;
        if person.screening().is_none() {
            return Err(ReturnRefusal::NotAssessed.into());
        }
        if person.was_screened_by(&context.stamp.institution) {
            return Err(ReturnRefusal::ScreeningBody.into());
        }
        if person.bar().is_some() {
            return Err(ReturnRefusal::LiftedByOne.into());
        }
        person.protections.push(Protected {
            protection: act.protection,
            institution: context.stamp.institution.clone(),
            on: act.on,
            record: context.record,
            lifted: false,
        });
        if act.protection != Protection::Clear {
            person.void_travel();
        }
        Ok(())
    }

    pub(super) fn lift_bar(&mut self, context: &Context<'_>, act: &LiftBar) -> Result<(), Refusal> {
        let person = self.open_person(act.person)?;
        if person.bar().is_none_or(|bar| bar.record != act.bar) {
            return Err(Refusal::from(ReturnRefusal::OtherBar).at("bar"));
        }
        if person.lifting.assent(context, act.bar)? {
            person.protections.iter_mut().filter(|decided| decided.record == act.bar).for_each(|bar| bar.lifted = true);
        }
        Ok(())
    }

    pub(super) fn decide(&mut self, context: &Context<'_>, act: Decide) -> Result<(), Refusal> {
        let person = self.open_person(act.person)?;
        if person.age_band != AgeBand::Adult {
            return Err(ReturnRefusal::ChildDecides.into());
        }
        if person.departed.is_some() {
            return Err(ReturnRefusal::HasDeparted.into());
        }
        // What was decided before a withdrawal, or before a later decision, does not undo it.
        let after = person.decision().map(|decided| decided.on).max(person.withdrawn);
        check_day(context, act.on, after)?;
        if act.decision != Decision::Consents {
            person.void_travel();
        }
        person.withdrawn = None;
        person.decisions.push(Decided {
            decision: act.decision,
            on: act.on,
            informed: act.informed,
            before: act.before,
            witness: act.witness,
            medical_consent: act.medical_consent.unwrap_or(false),
        });
        Ok(())
    }

    pub(super) fn best_interests(
        &mut self,
        context: &Context<'_>,
        charter: &Charter,
        act: &BestInterests,
    ) -> Result<(), Refusal> {
        check_institution(context, charter)?;
        let person = self.open_person(act.person)?;
        if person.departed.is_some() {
            return Err(ReturnRefusal::HasDeparted.into());
        }
        check_day(context, act.on, person.withdrawn)?;
        if act.best_interest != BestInterest::Return {
            person.void_travel();
        }
        // An adult's withdrawal is undone by nobody's finding but by its own decision.
        if person.age_band != AgeBand::Adult {
            person.withdrawn = None;
        }
        person.best_interests.push(Found {
            best_interest: act.best_interest,
            institution: context.stamp.institution.clone(),
            on: act.on,
            medical_consent: act.medical_consent.unwrap_or(false),
            void: false,
        });
        Ok(())
    }

    pub(super) fn clear_for_travel(&mut self, context: &Context<'_>, act: ClearForTravel) -> Result<(), Refusal> {
        check_place(&act.destination, "destination")?;
        let today = context.stamp.at.civil_date();
        let person = self.open_person(act.person)?;
        check_now(person.departed.is_none())?;
        safeguards::may_travel(person, today)?;
        let journey = Journey { person: act.person, destination: act.destination, travel_on: act.travel_on };
        if person.clearance.assent(context, journey)? {
            // Another journey was cleared than the one for which the manifest was made.
            person.manifest = None;
        }
        Ok(())
    }

    pub(super) fn manifest(&mut self, context: &Context<'_>, act: Manifest) -> Result<(), Refusal> {
        check_side(context, &self.sending)?;
        let person = self.person(act.person)?;
        check_now(person.departed.is_none() && person.manifest.as_ref().is_none_or(|(on, _)| *on != act.operation))?;
        let today = context.stamp.at.civil_date();
        safeguards::may_board(self, act.person, &act.operation, today)?;
        self.open_person(act.person)?.manifest = Some((act.operation, today));
        Ok(())
    }

    pub(super) fn withdraw(&mut self, context: &Context<'_>, act: &Withdraw) -> Result<(), Refusal> {
        let person = self.open_person(act.person)?;
        if person.departed.is_some() {
            return Err(ReturnRefusal::HasDeparted.into());
        }
        check_now(person.withdrawn.is_none())?;
        check_day(context, act.on, None)?;
        person.void_travel();
        person.withdrawn = Some(act.on);
        person.best_interests.iter_mut().for_each(|found| found.void = true);
        Ok(())
    }

    pub(super) fn depart_person(&mut self, context: &Context<'_>, act: &DepartPerson) -> Result<(), Refusal> {
        check_side(context, &self.sending)?;
        let person = self.person(act.person)?;
        check_now(person.departed.is_none())?;
        let (operation, manifested) = person.manifest.clone().ok_or(ReturnRefusal::NotNow)?;
        check_day(context, act.on, Some(manifested))?;
        // What was true when the manifest was made must be true on the day of departure.
        safeguards::may_board(self, act.person, &operation, act.on)?;
        self.open_person(act.person)?.departed = Some(act.on);
        Ok(())
    }

    pub(super) fn receive_person(&mut self, context: &Context<'_>, act: &ReceivePerson) -> Result<(), Refusal> {
        check_side(context, &self.receiving)?;
        let person = self.travelling(act.person)?;
        check_now(person.departed.is_some() && person.received.is_none())?;
        check_day(context, act.on, person.departed)?;
        person.received = Some(act.on);
        Ok(())
    }

    pub(super) fn admit(&mut self, context: &Context<'_>, act: Admit) -> Result<(), Refusal> {
        check_side(context, &self.receiving)?;
        let person = self.travelling(act.person)?;
        check_now(person.received.is_some() && person.admitted.is_none() && person.settled.is_none())?;
        check_day(context, act.on, person.received)?;
        person.admitted = Some((act.transit_centre, act.on));
        Ok(())
    }

    pub(super) fn declare_ready(&mut self, context: &Context<'_>, act: &DeclareReady) -> Result<(), Refusal> {
        check_side(context, &self.receiving)?;
        let person = self.travelling(act.person)?;
        check_now(person.admitted.is_some() && person.ready.is_none() && person.settled.is_none())?;
        check_day(context, act.on, person.admitted.as_ref().map(|(_, since)| *since))?;
        person.ready = Some(act.on);
        Ok(())
    }

    pub(super) fn assess_place(&mut self, context: &Context<'_>, act: AssessPlace) -> Result<(), Refusal> {
        check_place(&act.place, "place")?;
        check_day(context, act.on, None)?;
        self.places.push(PlaceSays {
            place: act.place,
            acceptance: act.acceptance,
            mediation_tasks: act.mediation_tasks,
            on: act.on,
            party: context.stamp.party.clone(),
        });
        Ok(())
    }

    pub(super) fn resettle(&mut self, context: &Context<'_>, act: Resettle) -> Result<(), Refusal> {
        check_side(context, &self.receiving)?;
        check_place(&act.place, "place")?;
        let refused = self.acceptance_of(&act.place.name) == Some(Acceptance::NotAccepted);
        let person = self.travelling(act.person)?;
        check_now(person.ready.is_some() && person.settled.is_none())?;
        check_day(context, act.on, person.ready)?;
        if refused {
            return Err(Refusal::from(ReturnRefusal::PlaceNotAccepted).at("place"));
        }
        person.settled = Some(Settled { settled_in: act.settled_in, place: act.place, on: act.on });
        Ok(())
    }

    pub(super) fn follow_up(&mut self, context: &Context<'_>, act: &FollowUp) -> Result<(), Refusal> {
        check_side(context, &self.receiving)?;
        let person = self.open_person(act.person)?;
        check_now(person.settled.is_some() && !person.visits.contains_key(&act.milestone))?;
        check_day(context, act.on, person.visit_from(act.milestone))?;
        person.visits.insert(act.milestone, (act.wellbeing, act.on));
        Ok(())
    }

    pub(super) fn close_person(&mut self, context: &Context<'_>, act: &ClosePerson) -> Result<(), Refusal> {
        check_now(self.person(act.person)?.may_close())?;
        if let Some(person) = self.persons.get_mut(&act.person) {
            person.closed = Some(context.stamp.at.civil_date());
        }
        Ok(())
    }

    pub(super) fn set_aside(&mut self, context: &Context<'_>, act: &SetAside) -> Result<(), Refusal> {
        check_day(context, act.on, None)?;
        let person = self.open_person(act.person)?;
        check_now(person.aside.is_none_or(|(aside, _)| aside != act.aside))?;
        if act.aside == Aside::Detained && person.received.is_some() && person.screening() != Some(Screening::Referred) {
            return Err(ReturnRefusal::NotToDetention.into());
        }
        if person.departed.is_none() {
            person.void_travel();
        }
        person.aside = Some((act.aside, act.on));
        Ok(())
    }

    pub(super) fn take_up(&mut self, context: &Context<'_>, act: &TakeUp) -> Result<(), Refusal> {
        let person = self.open_person(act.person)?;
        let (_, since) = person.aside.ok_or(ReturnRefusal::NotNow)?;
        check_day(context, act.on, Some(since))?;
        person.aside = None;
        Ok(())
    }

    pub(super) fn separate(&mut self, context: &Context<'_>, act: &Separate) -> Result<(), Refusal> {
        check_day(context, act.on, None)?;
        let person = self.open_person(act.person)?;
        check_now(person.separated.is_none())?;
        person.separated = Some((act.separation, act.on));
        if person.age_band == AgeBand::Child {
            person.age_band = AgeBand::AloneChild;
        }
        if person.departed.is_none() {
            person.void_travel();
        }
        Ok(())
    }

    pub(super) fn move_person(&mut self, context: &Context<'_>, act: MovePerson) -> Result<(), Refusal> {
        if act.other_case == *context.dossier {
            return Err(Refusal::from(ReturnRefusal::SameCase).at("other_case"));
        }
        let person = self.open_person(act.person)?;
        // On the way nobody changes the unit: the manifest names the person in this case.
        check_now(person.departed.is_none() || person.received.is_some())?;
        if person.departed.is_none() {
            person.void_travel();
        }
        person.moved_to = Some((act.other_case, act.move_reason));
        Ok(())
    }
}
