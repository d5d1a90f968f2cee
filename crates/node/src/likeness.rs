//! Whether two texts speak of the same matter: the meeting that five papers report is one meeting, with five sources.
//!
//! What is compared is what the statement reader proposed, or what a dossier says of itself. It is a guess for a person to
//! confirm, so it says on what it rests, and where the two disagree. Nothing is ever joined by it.

use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use tansiq_dossier::channel::Charter;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::words::Words;
use tansiq_text::Date;
use tansiq_text::fold_for_search;
use tansiq_text::statement::Proposal;

/// How many days apart two reports of one meeting of the same body may date it.
const DAYS_APART: i64 = 3;

/// Of how many words of the shorter title the longer one must hold, in hundredths.
const ALIKE: usize = 70;

/// Words that stand in the names of many instruments and tell none from another.
const COMMON: &str = "مذكرة تفاهم اتفاقية اتفاق بروتوكول محضر خطة اجتماع بشأن حول بين عن من في على memorandum understanding agreement
    protocol minutes plan meeting and between for the mutabakat zaptı muhtırası anlaşma anlaşması protokol protokolü toplantı toplantısı ile ve";

/// What a text says that tells matters apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Features {
    kind: Option<Kind>,
    parties: BTreeSet<String>,
    /// The words of its title, folded, in every language that it has.
    titles: Vec<BTreeSet<String>>,
    /// The words of each name of the body that met, folded.
    body: Vec<BTreeSet<String>>,
    session: Option<i64>,
    day: Option<Date>,
    place: Option<String>,
}

/// On what it rests that two texts speak of one matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// The same body met on the same day.
    BodyAndDay,
    /// It is the same session of the same body.
    Session,
    /// Their parties met on the same day.
    PartiesAndDay,
    /// The same body met within days.
    BodyAndDays,
    /// Another statement that reports the same became this dossier.
    SameReport,
    /// They bear the same name.
    Title,
}

impl Because {
    /// The word that says so.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Because::BodyAndDay => "alike-body-day",
            Because::Session => "alike-session",
            Because::PartiesAndDay => "alike-parties-day",
            Because::BodyAndDays => "alike-body-days",
            Because::SameReport => "alike-report",
            Because::Title => "alike-title",
        }
    }
}

/// What two texts say differently of one matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conflict {
    /// Its day: as the first text says, and the second.
    Day(Date, Date),
    /// Which session it was.
    Session(i64, i64),
    /// Where it was.
    Place(String, String),
}

impl Features {
    /// What a proposal speaks of.
    #[must_use]
    pub fn proposed(proposal: &Proposal) -> Features {
        let text = |name: &str| proposal.fields.get(name).and_then(Value::as_str);
        Features {
            kind: Kind::named(&proposal.kind),
            parties: proposal.parties.iter().cloned().collect(),
            titles: vec![tokens(&proposal.title)],
            body: text("body").map(|name| words(name).collect()).into_iter().collect(),
            session: proposal.fields.get("session").and_then(Value::as_i64),
            day: text("date").or(text("signed")).and_then(whole),
            place: text("place").map(str::to_owned),
        }
    }

    /// What a dossier speaks of: its title, its parties, and what the act says that opened it. One that a party keeps at home
    /// alone says nothing of the parties to the matter.
    #[must_use]
    pub fn of_dossier(kind: Kind, title: &Words, parties: BTreeSet<String>, opening: &Value, charter: &Charter) -> Features {
        let text = |name: &str| opening.get(name).and_then(Value::as_str);
        let parties = if parties.len() > 1 { parties } else { BTreeSet::new() };
        let named = text("body").map(|name| match charter.bodies.get(name) {
            Some(body) => body.name.0.values().map(|name| words(name).collect()).collect(),
            None => vec![words(name).collect()],
        });
        Features {
            kind: Some(kind),
            parties,
            titles: title.0.values().map(|text| tokens(text)).collect(),
            body: named.unwrap_or_default(),
            session: opening.get("series").and_then(Value::as_i64),
            day: text("date").and_then(whole),
            place: text("place").map(str::to_owned),
        }
    }

    /// Why this and another text speak of one matter, if they seem to.
    #[must_use]
    pub fn same(&self, other: &Features) -> Option<Because> {
        let told = !self.parties.is_empty() && !other.parties.is_empty();
        if self.kind.is_none() || self.kind != other.kind || (told && self.parties.intersection(&other.parties).count() < 2) {
            return None;
        }
        match self.kind {
            Some(Kind::Meeting) => self.same_meeting(other),
            Some(Kind::Agreement | Kind::Commitment) => self.same_title(other).then_some(Because::Title),
            _ => None,
        }
    }

    fn same_meeting(&self, other: &Features) -> Option<Because> {
        // "The technical committee" may be "the Iraqi-Turkish technical committee".
        let within = |one: &BTreeSet<String>, two: &BTreeSet<String>| one.len() > 1 && one.is_subset(two);
        let body = self.body.iter().any(|one| other.body.iter().any(|two| one == two || within(one, two) || within(two, one)));
        let unlike = !self.body.is_empty() && !other.body.is_empty() && !body;
        let apart = match (self.day, other.day) {
            (Some(one), Some(two)) => one.days().zip(two.days()).map(|(one, two)| (one - two).abs()),
            _ => None,
        };
        match (self.session, other.session) {
            (Some(one), Some(two)) if one == two && body => return Some(Because::Session),
            // Two sessions of one body are two meetings, however close; one body's 5th is told wrong as the 4th on no other ground.
            (Some(one), Some(two)) if one != two && apart != Some(0) => return None,
            _ => {}
        }
        match apart {
            Some(0) if body => Some(Because::BodyAndDay),
            Some(0) if !unlike => Some(Because::PartiesAndDay),
            Some(days) if body && days <= DAYS_APART => Some(Because::BodyAndDays),
            None if self.same_title(other) => Some(Because::Title),
            _ => None,
        }
    }

    fn same_title(&self, other: &Features) -> bool {
        self.titles.iter().any(|one| other.titles.iter().any(|two| alike(one, two)))
    }

    /// Where this and another text disagree on what is one matter.
    #[must_use]
    pub fn conflicts(&self, other: &Features) -> Vec<Conflict> {
        let mut found = Vec::new();
        if let (Some(one), Some(two)) = (self.day, other.day)
            && one != two
        {
            found.push(Conflict::Day(one, two));
        }
        if let (Some(one), Some(two)) = (self.session, other.session)
            && one != two
        {
            found.push(Conflict::Session(one, two));
        }
        if let (Some(one), Some(two)) = (&self.place, &other.place) {
            let (a, b) = (fold_for_search(one), fold_for_search(two));
            let arabic = |text: &str| text.chars().any(|c| ('\u{0600}'..='\u{06ff}').contains(&c));
            // "Baghdad" and "the ministry's seat in Baghdad" are no contradiction, and names in two scripts are not compared.
            if arabic(&a) == arabic(&b) && !a.contains(&b) && !b.contains(&a) {
                found.push(Conflict::Place(one.clone(), two.clone()));
            }
        }
        found
    }
}

/// A date that is known to the day.
fn whole(text: &str) -> Option<Date> {
    text.parse::<Date>().ok().filter(|date| date.day.is_some())
}

/// The words of a text, folded and without the article, that tell it from others.
fn tokens(text: &str) -> BTreeSet<String> {
    static USUAL: LazyLock<BTreeSet<String>> = LazyLock::new(|| words(COMMON).collect());
    words(text).filter(|word| word.chars().count() > 2 && !USUAL.contains(word)).collect()
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let bare = |word: &str| word.strip_prefix("ال").unwrap_or(word).to_owned();
    fold_for_search(text).split(|c: char| !c.is_alphanumeric()).map(bare).collect::<Vec<_>>().into_iter()
}

fn alike(one: &BTreeSet<String>, two: &BTreeSet<String>) -> bool {
    let least = one.len().min(two.len());
    least >= 2 && one.intersection(two).count() * 100 >= least * ALIKE
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn meeting(title: &str, fields: &Value) -> Features {
        Features::proposed(&Proposal {
            kind: "meeting".into(),
            act: "held".into(),
            title: title.into(),
            parties: vec!["IRQ".into(), "TUR".into()],
            fields: serde_json::from_value(fields.clone()).unwrap(),
            evidence: Vec::new(),
            why: String::new(),
        })
    }

    #[test]
    fn one_meeting_in_two_papers_is_one_and_two_meetings_are_two() {
        let body = "اللجنة الأمنية المشتركة";
        let first = meeting("أ", &json!({ "body": body, "date": "2025-11-04", "session": 5, "place": "بغداد" }));
        let same = meeting("ب", &json!({ "body": body, "date": "2025-11-05", "session": 5, "place": "أنقرة" }));
        assert_eq!(first.same(&same), Some(Because::Session));
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(
            first.conflicts(&same),
            [Conflict::Day(day("2025-11-04"), day("2025-11-05")), Conflict::Place("بغداد".into(), "أنقرة".into())]
        );
        let seat = meeting("ج", &json!({ "body": body, "date": "2025-11-04", "place": "مقر الوزارة في بغداد" }));
        assert_eq!((first.same(&seat), first.conflicts(&seat)), (Some(Because::BodyAndDay), Vec::new()));
        let next = meeting("د", &json!({ "body": body, "date": "2025-11-06", "session": 6 }));
        assert_eq!(first.same(&next), None);
        assert_eq!(first.same(&meeting("ه", &json!({ "body": body, "date": "2025-12-04" }))), None);
        let unnamed = meeting("و", &json!({ "date": "2025-11-04" }));
        assert_eq!(first.same(&unnamed), Some(Because::PartiesAndDay));
        assert_eq!(first.same(&meeting("ز", &json!({ "body": "لجنة المياه", "date": "2025-11-04" }))), None);
        let others = Features { parties: ["IRQ".into(), "SYR".into()].into(), ..unnamed };
        assert_eq!(first.same(&others), None, "another party's meeting on that day");
    }

    #[test]
    fn an_agreement_is_known_by_its_name() {
        let agreement = |title: &str| Features { kind: Some(Kind::Agreement), ..meeting(title, &json!({})) };
        let one = agreement("مذكرة تفاهم بشأن أمن الحدود المشتركة");
        assert_eq!(one.same(&agreement("مذكرة التفاهم بشأن أمن الحدود المشتركة بين البلدين")), Some(Because::Title));
        assert_eq!(one.same(&agreement("مذكرة تفاهم بشأن المياه")), None);
        assert_eq!(one.same(&agreement("مذكرة تفاهم")), None, "a name that many bear is none");
    }
}
