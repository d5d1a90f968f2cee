//! The exchange of information: reports, requests for information, alerts.
//!
//! A report belongs to whoever filed it: the originator alone updates it, retracts it, and has to join before it goes to a
//! third party. Recipients say what they found of it, each for itself; what they say does not change the report. A request
//! is open until every addressee has answered, and an alert until it is stood down or its time is over.

mod acts;
mod alert;
mod filed;
mod request;

pub use acts::*;

use crate::act::ActSpec;
use crate::body::ActBody;
use crate::channel::Charter;
use crate::fold::Context;
use crate::kinds::Rules;
use crate::party::{InstitutionId, PartyId};
use crate::place::Place;
use crate::record::{DossierId, RecordId};
use crate::refusal::Refusal;
use crate::refusals;
use crate::sheet::{Datum, Fact, Offer, Sheet, View};
use crate::time::{Date, Moment};
use alert::Raised;
use filed::Filed;
use request::Asked;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

refusals! {
    /// What the rules of the exchange of information refuse.
    pub enum ReportRefusal {
        /// A place is given more or less precisely than it is said to be known.
        PlaceNotCoherent = "RPT01",
        /// The span of time ends before it begins.
        SpanBackwards = "RPT02",
        /// A report speaks of what has happened, and feedback of what was found: neither lies in the future.
        InTheFuture = "RPT03",
        /// A dossier does not answer, follow or cite itself.
        CitesItself = "RPT04",
        /// The act belongs to another form: to reports, to requests, or to alerts.
        OtherForm = "RPT05",
        /// Only the originator changes or ends what it has filed, asked or raised.
        NotTheOriginator = "RPT06",
        /// Nobody gives feedback to its own report, or acknowledges its own alert.
        OwnMatter = "RPT07",
        /// The report is retracted.
        Retracted = "RPT08",
        /// The new version says nothing new.
        NothingNew = "RPT09",
        /// This record is no version of the report or alert.
        NoSuchVersion = "RPT10",
        /// Those who are asked must have the dossier, and be others than the asker; at home one other institution is named.
        BadAddressee = "RPT11",
        /// The request was addressed to others.
        NotAddressed = "RPT12",
        /// An answer says something or points to a report; who cannot answer says why.
        EmptyAnswer = "RPT13",
        /// The acting side has given its final answer.
        FinalGiven = "RPT14",
        /// The request is answered or withdrawn.
        RequestClosed = "RPT15",
        /// The acting side has acknowledged this version.
        AcknowledgedAlready = "RPT16",
        /// The alert is stood down.
        StoodDown = "RPT17",
        /// The last day named has passed already.
        PastDay = "RPT18",
    }
}

/// Who said something, in which record, when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Voice {
    party: PartyId,
    institution: InstitutionId,
    record: RecordId,
    at: Moment,
}

impl Voice {
    fn of(context: &Context<'_>) -> Voice {
        Voice {
            party: context.stamp.party.clone(),
            institution: context.stamp.institution.clone(),
            record: context.record,
            at: context.stamp.at,
        }
    }

    /// Whether whoever acts stands on the same side. Between states a side is a party; at home it is an institution.
    fn is_side_of(&self, context: &Context<'_>) -> bool {
        if context.audience.len() > 1 {
            self.party == context.stamp.party
        } else {
            self.institution == context.stamp.institution
        }
    }

    /// # Errors
    /// `RPT06` when another side acts.
    fn check_originator(&self, context: &Context<'_>) -> Result<(), Refusal> {
        if self.is_side_of(context) { Ok(()) } else { Err(ReportRefusal::NotTheOriginator.into()) }
    }

    /// # Errors
    /// `RPT07` when its own side acts.
    fn check_recipient(&self, context: &Context<'_>) -> Result<(), Refusal> {
        if self.is_side_of(context) { Err(ReportRefusal::OwnMatter.into()) } else { Ok(()) }
    }

    /// Whether officers of this party can be a recipient: of another party, or of another institution at home.
    fn leaves_to(&self, party: &PartyId, audience: &BTreeSet<PartyId>) -> bool {
        *party != self.party || audience.len() == 1
    }

    fn facts(&self) -> Vec<Fact> {
        vec![
            Fact::new("institution", Datum::Institution(self.institution.clone())),
            Fact::new("at", Datum::Moment(self.at)),
            Fact::new("record", Datum::Record(self.record)),
        ]
    }
}

/// That something was ended by its originator, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Ended {
    by: Voice,
    reason: String,
}

/// The form of a dossier of this kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Form {
    Report(Filed),
    Request(Asked),
    Alert(Raised),
}

/// What is held about one piece of the exchange of information.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    form: Form,
}

impl Rules for Report {
    type Act = Act;
    const SPECS: &'static [ActSpec] = SPECS;
    const STATES: &'static [&'static str] = &[
        "filed", "updated", "retracted", "requested", "partly-answered", "answered", "withdrawn", "raised", "acknowledged",
        "expired", "stood-down",
    ];
    const CODES: &'static [&'static str] = ReportRefusal::CODES;

    fn decode(act: &str, body: &ActBody) -> Option<Result<Act, Refusal>> {
        Act::decode(act, body)
    }

    fn open(context: &Context<'_>, charter: &Charter, act: Act) -> Result<Self, Refusal> {
        let form = match act {
            Act::File(act) => Form::Report(Filed::file(context, act)?),
            Act::Request(act) => Form::Request(Asked::ask(context, charter, act)?),
            Act::RaiseAlert(act) => Form::Alert(Raised::raise(context, act)?),
            _ => return Err(crate::refusal::Common::NotAnOpening.into()),
        };
        Ok(Report { form })
    }

    fn step(&mut self, context: &Context<'_>, _charter: &Charter, act: Act) -> Result<(), Refusal> {
        match (&mut self.form, act) {
            (Form::Report(report), Act::Update(act)) => report.update(context, act),
            (Form::Report(report), Act::Retract(act)) => report.retract(context, act),
            (Form::Report(report), Act::Feedback(act)) => report.feedback(context, act),
            (Form::Request(request), Act::Answer(act)) => request.answer(context, act),
            (Form::Request(request), Act::WithdrawRequest(act)) => request.withdraw(context, act),
            (Form::Alert(alert), Act::Acknowledge(act)) => alert.acknowledge(context, act),
            (Form::Alert(alert), Act::UpdateAlert(act)) => alert.update(context, act),
            (Form::Alert(alert), Act::StandDown(act)) => alert.stand_down(context, act),
            _ => Err(ReportRefusal::OtherForm.into()),
        }
    }

    fn sheet(&self, view: &View<'_>) -> Sheet {
        match &self.form {
            Form::Report(report) => report.shown(view),
            Form::Request(request) => request.shown(view),
            Form::Alert(alert) => alert.shown(view),
        }
    }

    fn offers(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        match &self.form {
            Form::Report(report) => report.offered(view, party),
            Form::Request(request) => request.offered(view, party),
            Form::Alert(alert) => alert.offered(view, party),
        }
    }
}

/// # Errors
/// `RPT01` with the row that is in the way.
fn check_places(places: &[Place]) -> Result<(), Refusal> {
    match places.iter().position(|place| !place.is_coherent()) {
        Some(row) => Err(Refusal::from(ReportRefusal::PlaceNotCoherent).at(&format!("places.{row}.precision"))),
        None => Ok(()),
    }
}

/// # Errors
/// `RPT03` when the day lies after the day on which the writer wrote.
fn check_not_future(context: &Context<'_>, day: Date, field: &str) -> Result<(), Refusal> {
    if day > context.stamp.at.civil_date() { Err(Refusal::from(ReportRefusal::InTheFuture).at(field)) } else { Ok(()) }
}

/// # Errors
/// `RPT18` when the day lies before the day on which the writer wrote.
fn check_not_past(context: &Context<'_>, day: Option<Date>, field: &str) -> Result<(), Refusal> {
    let past = day.is_some_and(|day| day < context.stamp.at.civil_date());
    if past { Err(Refusal::from(ReportRefusal::PastDay).at(field)) } else { Ok(()) }
}

/// # Errors
/// `RPT04` when a dossier cites itself.
fn check_cited(context: &Context<'_>, dossier: Option<&DossierId>, field: &str) -> Result<(), Refusal> {
    if dossier == Some(context.dossier) { Err(Refusal::from(ReportRefusal::CitesItself).at(field)) } else { Ok(()) }
}

fn topics(topics: &BTreeSet<Topic>) -> Fact {
    Fact::new("topics", terms("topics", topics.iter().map(|topic| topic.name())))
}

fn terms(field: &str, words: impl Iterator<Item = &'static str>) -> Datum {
    Datum::List(words.map(|word| Datum::Term(format!("{field}-{word}"))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::{Field, Shape};

    /// What would let a report serve to find, mark or rank a person. A place's own name is the one `name` that there is.
    const FORBIDDEN: [&str; 26] = [
        "name", "person", "photo", "picture", "image", "biometric", "fingerprint", "face", "dna", "affiliation", "ideology",
        "sect", "ethnic", "tribe", "family", "kunya", "alias", "birth", "passport", "phone", "imei", "plate", "suspect",
        "target", "score", "rank",
    ];

    fn paths(prefix: &str, fields: &[Field], found: &mut Vec<String>) {
        for field in fields {
            let path = format!("{prefix}{}", field.name);
            if let Shape::Rows(_, inner) | Shape::Group(inner) = field.shape {
                paths(&format!("{path}."), inner, found);
            }
            found.push(path);
        }
    }

    #[test]
    fn no_field_serves_the_targeting_of_persons() {
        let mut found = Vec::new();
        for spec in SPECS {
            paths("", spec.fields, &mut found);
            assert!(spec.sealed.is_empty(), "{} could hide what no field may hold", spec.name);
        }
        assert!(found.len() > 60);
        for path in found.iter().filter(|path| !["places.name", "place.name"].contains(&path.as_str())) {
            for word in FORBIDDEN {
                assert!(!path.split(['.', '_']).any(|part| part == word), "{path} could hold a {word}");
            }
        }
    }
}
