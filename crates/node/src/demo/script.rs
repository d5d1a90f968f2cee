//! What officers do in the demo, as data: the files in `data/` hold nothing but steps, told much like a story's.
//!
//! A step names its officer and says what it does: `meeting fifth agree-date offered`. `offered` begins with what the node
//! offers this officer, as a form would; `every` does all that is offered of an act; `as name` keeps the record's name for
//! later. In the fields, `$name` stands for a dossier or a record, `@-30` for the working day thirty days ago, and `@-30 07:30` for a
//! time on that day in UTC+3.

use crate::fault::Fault;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use tansiq_dossier::party::{OfficerId, PartyId};
use tansiq_dossier::time::{Date, Moment};

/// The scripts of every kind that has one of its own, in the order in which their dossiers cite each other.
pub const OF_KINDS: [(&str, &str); 11] = [
    ("notes", include_str!("data/notes.json")),
    ("reports", include_str!("data/reports.json")),
    ("reports of three", include_str!("data/reports-three.json")),
    ("crossings", include_str!("data/crossings.json")),
    ("crossings of three", include_str!("data/crossings-three.json")),
    ("statements", include_str!("data/statements.json")),
    ("consular matters", include_str!("data/consular.json")),
    ("assessments", include_str!("data/us-assessment.json")),
    ("programmes", include_str!("data/us-programmes.json")),
    ("returns", include_str!("data/returns.json")),
    ("the national side", include_str!("data/home.json")),
];

/// A file of steps.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// The channel in which all of it happens.
    pub channel: String,
    /// What its days mean when everything is told today, as a check tells it.
    #[serde(default)]
    pub today: Today,
    /// What a person adds to the reader's proposals of a kind when confirming them, because no statement can know it.
    #[serde(default)]
    pub confirmed: BTreeMap<String, Map<String, Value>>,
    /// The steps.
    pub steps: Vec<Step>,
}

/// What the days of a script mean when all of its steps happen today.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Today {
    /// They are the days that they say.
    #[default]
    AsTold,
    /// They lie as far from today as they lie from the day of their step.
    FromStep,
    /// They are all today, and times on them lie on the day before, so that none is still to come.
    OneDay,
}

/// One act of one officer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// When, as days from today and a time in UTC+3: `-160 10:30`. None: now.
    #[serde(default)]
    pub at: Option<String>,
    /// The office that acts.
    pub by: OfficerId,
    /// What it does: `meeting fifth propose`.
    #[serde(rename = "do")]
    pub deed: Deed,
    /// Fields of the act.
    #[serde(default)]
    pub with: Map<String, Value>,
    /// Values that the record seals.
    #[serde(default)]
    pub sealed: Map<String, Value>,
    /// The parties that a new dossier is for; all of the channel when nothing is said.
    #[serde(default)]
    pub to: Option<Vec<PartyId>>,
    /// The code with which it must be refused.
    #[serde(default)]
    pub refused: Option<String>,
    /// The state in which the dossier must be afterwards.
    #[serde(default)]
    pub state: Option<String>,
    /// Whether it must happen on another day than the step before it, so that a check, which takes a minute, leaves it out.
    #[serde(default)]
    pub later: bool,
    /// A text of which no byte may stand in the folder of that party's node afterwards.
    #[serde(default)]
    pub hidden: Option<Hidden>,
    /// What is told to whoever watches.
    #[serde(default)]
    pub say: Option<String>,
}

/// What a party must not hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hidden {
    /// The party.
    pub from: PartyId,
    /// The text.
    pub text: String,
}

/// How the fields of an act begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With nothing.
    Empty,
    /// With what is offered.
    Offered,
    /// With what is offered, once for every such offer.
    Every,
}

/// What a step does.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Deed {
    /// The kind of dossier.
    pub kind: String,
    /// The dossier, by the script's name for it.
    pub dossier: String,
    /// The act.
    pub act: String,
    /// How its fields begin.
    pub start: Start,
    /// The script's name for the record.
    pub name: Option<String>,
}

impl TryFrom<String> for Deed {
    type Error = String;

    fn try_from(text: String) -> Result<Deed, String> {
        let bad = || format!("`{text}`: say KIND DOSSIER ACT [offered|every] [as NAME]");
        let mut words = text.split_whitespace();
        let (Some(kind), Some(dossier), Some(act)) = (words.next(), words.next(), words.next()) else { return Err(bad()) };
        let mut deed =
            Deed { kind: kind.to_owned(), dossier: dossier.to_owned(), act: act.to_owned(), start: Start::Empty, name: None };
        while let Some(word) = words.next() {
            match word {
                "offered" => deed.start = Start::Offered,
                "every" => deed.start = Start::Every,
                "as" => deed.name = Some(words.next().ok_or_else(bad)?.to_owned()),
                _ => return Err(bad()),
            }
        }
        Ok(deed)
    }
}

impl Script {
    /// Reads a script that is built in.
    ///
    /// # Errors
    /// When it is not a script.
    pub fn parse(name: &str, text: &str) -> Result<Script, Fault> {
        serde_json::from_str(text).map_err(|error| Fault::Setup(format!("{name}: {error}")))
    }
}

/// What the names and days of a script stand for.
#[derive(Debug, Clone)]
pub struct Names {
    today: Date,
    moved: Moved,
    known: BTreeMap<String, String>,
}

/// How the days of a step are moved.
#[derive(Debug, Clone, Copy)]
enum Moved {
    Nowhere,
    By(i64),
    Today,
}

impl Names {
    /// No names yet.
    #[must_use]
    pub fn new(today: Date) -> Names {
        Names { today, moved: Moved::Nowhere, known: BTreeMap::new() }
    }

    /// Moves the days of this step, which happens today.
    ///
    /// # Errors
    /// When the step does not say when it happens.
    pub fn tell_today(&mut self, today: Today, step: &Step) -> Result<(), Fault> {
        self.moved = match today {
            Today::AsTold => Moved::Nowhere,
            Today::FromStep => Moved::By(-order(step.at.as_deref().unwrap_or("0"))?.0),
            Today::OneDay => Moved::Today,
        };
        Ok(())
    }

    /// Gives something a name.
    pub fn set(&mut self, name: &str, id: impl Into<String>) {
        self.known.insert(name.to_owned(), id.into());
    }

    /// What a name stands for.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.known.get(name).map(String::as_str)
    }

    /// The working day so many days from today: Friday, Saturday and Sunday are a weekend somewhere, and Thursday stands for them.
    ///
    /// # Errors
    /// When there is no such day.
    pub fn day(&self, text: &str) -> Result<Date, Fault> {
        let bad = || Fault::Setup(format!("`{text}` is not a number of days"));
        let days: i64 = text.parse().map_err(|_| bad())?;
        let days = match self.moved {
            Moved::Nowhere => days,
            Moved::By(more) => days + more,
            Moved::Today => 0,
        };
        let day = self.today.checked_add(jiff::Span::new().days(days)).map_err(|_| bad())?;
        let back = match day.weekday() {
            // What happens today may happen on any day of the week.
            _ if !matches!(self.moved, Moved::Nowhere) => 0,
            jiff::civil::Weekday::Friday => 1,
            jiff::civil::Weekday::Saturday => 2,
            jiff::civil::Weekday::Sunday => 3,
            _ => 0,
        };
        day.checked_sub(jiff::Span::new().days(back)).map_err(|_| bad())
    }

    /// The second at which a step happens.
    ///
    /// # Errors
    /// When it does not say days and a time.
    pub fn moment(&self, at: &str) -> Result<i64, Fault> {
        let (days, time) = at.split_once(' ').unwrap_or((at, "09:00"));
        let day = match self.moved {
            Moved::Today => self.today.yesterday().map_err(|_| Fault::Setup(format!("`{at}` has no day before")))?,
            _ => self.day(days)?,
        };
        let text = format!("{day}T{time:0>5}:00Z");
        let moment: Moment = text.parse().map_err(|_| Fault::Setup(format!("`{at}`: say DAYS HH:MM")))?;
        // Written in UTC+3.
        Ok(moment.unix() - 3 * 3600)
    }

    /// The fields of an act with every name and day replaced by what it stands for.
    ///
    /// # Errors
    /// When a name is not known.
    pub fn fill(&self, value: &Value) -> Result<Value, Fault> {
        Ok(match value {
            Value::String(text) => match (text.strip_prefix('$'), text.strip_prefix('@')) {
                (Some(name), _) => {
                    let known = self.get(name).ok_or_else(|| Fault::Setup(format!("nothing is called ${name} yet")))?;
                    Value::String(known.to_owned())
                }
                (None, Some(when)) if when.contains(' ') => {
                    let moment = Moment::from_unix(self.moment(when)?);
                    Value::String(moment.ok_or_else(|| Fault::Setup(format!("`{when}` is no moment")))?.to_string())
                }
                (None, Some(days)) => Value::String(self.day(days)?.to_string()),
                (None, None) => value.clone(),
            },
            Value::Array(values) => Value::Array(values.iter().map(|value| self.fill(value)).collect::<Result<_, _>>()?),
            Value::Object(members) => {
                let filled = members.iter().map(|(name, value)| Ok((name.clone(), self.fill(value)?)));
                Value::Object(filled.collect::<Result<_, Fault>>()?)
            }
            other => other.clone(),
        })
    }
}

/// Where a step stands among the others: by its days and its time as they are written, before weekends move it.
///
/// # Errors
/// When it does not begin with a number of days.
pub fn order(at: &str) -> Result<(i64, String), Fault> {
    let (days, time) = at.split_once(' ').unwrap_or((at, "09:00"));
    let days = days.parse().map_err(|_| Fault::Setup(format!("`{at}`: say DAYS HH:MM")))?;
    Ok((days, time.to_owned()))
}

/// The bodies that a step submits: what is offered where it begins with that, and the step's own fields over it.
///
/// # Errors
/// When it begins with an offer that is not made.
pub fn bodies(deed: &Deed, fields: &Map<String, Value>, offers: &[Value]) -> Result<Vec<Value>, Fault> {
    let prefills: Vec<&Map<String, Value>> = offers
        .iter()
        .filter(|offer| offer.get("act").and_then(Value::as_str) == Some(&deed.act))
        .filter_map(|offer| offer.get("prefill").and_then(Value::as_object))
        .collect();
    let agrees = |prefill: &&Map<String, Value>| {
        fields.iter().all(|(name, value)| prefill.get(name).is_none_or(|offered| offered == value))
    };
    let chosen: Vec<&Map<String, Value>> = match deed.start {
        Start::Empty => return Ok(vec![Value::Object(fields.clone())]),
        Start::Every => prefills.iter().copied().filter(|prefill| agrees(prefill)).collect(),
        Start::Offered => {
            prefills.iter().copied().find(|prefill| agrees(prefill)).or(prefills.first().copied()).into_iter().collect()
        }
    };
    if chosen.is_empty() {
        let kind = &deed.kind;
        return Err(Fault::Setup(format!("{kind} {}: {} is not offered", deed.dossier, deed.act)));
    }
    let merge = |prefill: &Map<String, Value>| {
        let mut body = prefill.clone();
        body.extend(fields.clone());
        Value::Object(body)
    };
    Ok(chosen.into_iter().map(merge).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn steps_are_told_like_a_story() {
        let deed = Deed::try_from("action phones report-done offered as first".to_owned()).unwrap();
        assert_eq!((deed.act.as_str(), deed.start, deed.name.as_deref()), ("report-done", Start::Offered, Some("first")));
        assert!(Deed::try_from("action phones".to_owned()).is_err());
        assert!(Deed::try_from("action phones start soon".to_owned()).is_err());
    }

    #[test]
    fn names_and_working_days_are_filled_in() {
        // A Sunday.
        let mut names = Names::new("2026-11-22".parse().unwrap());
        names.set("first", "abc");
        assert_eq!(
            names.fill(&json!({"report": "$first", "on": ["@0", "@-3", "@1"]})).unwrap(),
            json!({"report": "abc", "on": ["2026-11-19", "2026-11-19", "2026-11-23"]})
        );
        assert_eq!(names.fill(&json!("@-3 10:30")).unwrap(), json!("2026-11-19T07:30:00Z"));
        assert!(names.fill(&json!("$second")).is_err());
        assert_eq!(names.moment("-3 10:30").unwrap(), "2026-11-19T07:30:00Z".parse::<Moment>().unwrap().unix());
    }

    #[test]
    fn the_offer_that_fits_is_taken() {
        let offers = [
            json!({"act": "accept-clause", "prefill": {"number": "1", "tongue": "ar", "content": "a"}}),
            json!({"act": "accept-clause", "prefill": {"number": "2", "tongue": "ar", "content": "b"}}),
            json!({"act": "put-clause", "prefill": {}}),
        ];
        let fields = json!({"number": "2"}).as_object().cloned().unwrap();
        let of = |text: &str| bodies(&Deed::try_from(text.to_owned()).unwrap(), &fields, &offers);
        assert_eq!(of("meeting m accept-clause offered").unwrap(), [json!({"number": "2", "tongue": "ar", "content": "b"})]);
        assert_eq!(of("meeting m accept-clause every").unwrap().len(), 1);
        assert_eq!(of("meeting m put-clause").unwrap(), [json!({"number": "2"})]);
        assert!(of("meeting m cancel offered").is_err());
    }
}
