//! What was typed in the form of an act, as the act's body and what it seals.
//!
//! What does not fit stays as it was typed, so that the rules name it and the form that comes back shows it.
use super::forms::{SEALED, seals};
use crate::language::BAGHDAD;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tansiq_dossier::act::{self, ActSpec};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::time::Moment;

/// An act as it was typed: what its record will say, and what it will seal.
#[derive(Clone, PartialEq)]
pub struct Typed {
    /// The body.
    pub body: Value,
    /// The values to be sealed, by name. They go into the draft and nowhere else.
    pub sealed: Map<String, Value>,
}

impl Typed {
    /// An act of which only the body is known: offered by another party, or read from a statement.
    #[must_use]
    pub fn offered(body: Value) -> Typed {
        Typed { body, sealed: Map::new() }
    }

    /// The act that these pairs say.
    #[must_use]
    pub fn of(kind: Kind, spec: &ActSpec, pairs: &[(String, String)]) -> Typed {
        let sealed = if seals(kind, spec) { object(spec.sealed, pairs, SEALED) } else { Map::new() };
        Typed { body: body(spec.fields, pairs), sealed }
    }

    /// Carries out the buttons `row-add` and `row-remove`; whether one was pressed.
    pub fn press(&mut self, pairs: &[(String, String)]) -> bool {
        let pressed = |name: &str| said(pairs, name);
        let (adds, at) = match (pressed("row-add"), pressed("row-remove")) {
            (Some(at), _) => (true, at),
            (None, Some(at)) => (false, at),
            (None, None) => return false,
        };
        match at.strip_prefix(SEALED) {
            Some(at) => {
                let mut sealed = Value::Object(std::mem::take(&mut self.sealed));
                turn(&mut sealed, at, adds);
                if let Value::Object(sealed) = sealed {
                    self.sealed = sealed;
                }
            }
            None => turn(&mut self.body, &at, adds),
        }
        true
    }
}

/// What was typed, as the body of an act. A field that was left empty is left out.
#[must_use]
pub fn body(fields: &[act::Field], pairs: &[(String, String)]) -> Value {
    Value::Object(object(fields, pairs, ""))
}

fn object(fields: &[act::Field], pairs: &[(String, String)], prefix: &str) -> Map<String, Value> {
    let mut members = Map::new();
    for field in fields {
        let name = format!("{prefix}{}", field.name);
        members.extend(parsed(field, pairs, &name).map(|value| (field.name.to_owned(), value)));
    }
    members
}

fn parsed(field: &act::Field, pairs: &[(String, String)], name: &str) -> Option<Value> {
    let text = || said(pairs, name);
    match field.shape {
        act::Shape::Words(_) => {
            let tongues = tansiq_dossier::words::Tongue::ALL.map(tansiq_dossier::words::Tongue::code);
            let told = tongues
                .into_iter()
                .filter_map(|code| Some((code.to_owned(), Value::from(said(pairs, &format!("{name}.{code}"))?))));
            let words: Map<String, Value> = told.collect();
            (!words.is_empty()).then_some(Value::Object(words))
        }
        act::Shape::Due => match (text(), said(pairs, &format!("{name}.none"))) {
            (day, None) => day.map(|day| western(&day).into()),
            (None, Some(_)) => Some(json!("none")),
            // Both a day and "none": the rules say that it is no date, and nobody guesses.
            (Some(day), Some(_)) => Some(json!(format!("{day} none"))),
        },
        act::Shape::Whole(..) => text().map(|text| western(&text).parse::<i64>().map_or_else(|_| Value::from(text), Value::from)),
        act::Shape::Flag => {
            let set = text().is_some();
            (set || field.required).then_some(Value::Bool(set))
        }
        act::Shape::Parties | act::Shape::Tongues | act::Shape::Choices(_) => {
            let all: Vec<&str> = every(pairs, name).collect();
            (!all.is_empty()).then(|| json!(all))
        }
        // Ticked one by one, or typed in one line where nobody could offer them.
        act::Shape::Claims => {
            let all: Vec<&str> = every(pairs, name).flat_map(|text| text.split([' ', ',', '،'])).collect();
            let all: Vec<&str> = all.into_iter().filter(|claim| !claim.is_empty()).collect();
            (!all.is_empty()).then(|| json!(all))
        }
        act::Shape::Date => text().map(|text| western(&text).into()),
        act::Shape::Decimal(..) => text().map(|text| western(&text).replace('٫', ".").into()),
        act::Shape::Moment => text().map(|text| from_baghdad(&western(&text)).into()),
        act::Shape::Clock => text().map(|text| western(&text).into()),
        // The node fills it in; nothing that a form says can stand in its place.
        act::Shape::Disclosure => None,
        act::Shape::Group(fields) => {
            let members = object(fields, pairs, &format!("{name}."));
            (!members.is_empty()).then_some(Value::Object(members))
        }
        act::Shape::Rows(limit, fields) => rows(limit, fields, pairs, name),
        act::Shape::Anything => text().map(|text| serde_json::from_str(&text).unwrap_or(Value::from(text))),
        _ => text().map(Value::from),
    }
}

/// The rows in which something was typed, in their order; one more than there may be, so that the rules say so.
fn rows(limit: usize, fields: &[act::Field], pairs: &[(String, String)], name: &str) -> Option<Value> {
    let below = format!("{name}.");
    let index = |(key, _): &(String, String)| key.strip_prefix(&below)?.split('.').next()?.parse::<usize>().ok();
    let indices: BTreeSet<usize> = pairs.iter().filter_map(index).collect();
    let typed = indices.into_iter().map(|index| object(fields, pairs, &format!("{name}.{index}.")));
    let filled = |row: &Map<String, Value>| row.values().any(|value| value != &Value::Bool(false));
    let rows: Vec<Value> = typed.filter(filled).take(limit + 1).map(Value::Object).collect();
    (!rows.is_empty()).then_some(Value::Array(rows))
}

fn every<'p>(pairs: &'p [(String, String)], name: &str) -> impl Iterator<Item = &'p str> {
    pairs.iter().filter(move |(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
}

fn said(pairs: &[(String, String)], name: &str) -> Option<String> {
    let (_, text) = pairs.iter().find(|(key, _)| key == name)?;
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Arabic-Indic and Persian digits as Western ones: whoever types ١٢ means 12.
fn western(text: &str) -> String {
    let digit = |c: char, zero: char| char::from_digit(u32::from(c).wrapping_sub(u32::from(zero)), 10);
    text.chars().map(|c| digit(c, '٠').or_else(|| digit(c, '۰')).unwrap_or(c)).collect()
}

/// Adds an empty row to the rows at this path, or removes the row there.
fn turn(place: &mut Value, at: &str, adds: bool) {
    let path: Vec<&str> = at.split('.').collect();
    let Some((last, above)) = path.split_last() else { return };
    let Some(place) = walk(place, above) else { return };
    if adds {
        let rows = place.as_object_mut().map(|members| members.entry((*last).to_owned()).or_insert_with(|| json!([])));
        if let Some(rows) = rows.and_then(Value::as_array_mut) {
            rows.push(json!({}));
        }
    } else if let (Some(rows), Ok(index)) = (place.as_array_mut(), last.parse::<usize>())
        && index < rows.len()
    {
        rows.remove(index);
    }
}

fn walk<'v>(body: &'v mut Value, path: &[&str]) -> Option<&'v mut Value> {
    path.iter().try_fold(body, |place, step| match place {
        Value::Array(rows) => rows.get_mut(step.parse::<usize>().ok()?),
        other => other.get_mut(*step),
    })
}

/// What was typed as unseen values of another form: everything but what the form itself carries, and never what is sealed.
#[must_use]
pub fn carried(pairs: &[(String, String)], without: &[&str]) -> Vec<(String, String)> {
    pairs.iter().filter(|(name, _)| !without.contains(&name.as_str()) && !name.starts_with(SEALED)).cloned().collect()
}

/// A moment as a clock in Baghdad shows it, `2026-11-22T12:00`, with its seconds where it has any; what is no moment stays
/// as it is.
#[must_use]
pub fn in_baghdad(moment: &str) -> String {
    let Ok(at) = moment.parse::<Moment>() else { return moment.to_owned() };
    let Ok(at) = jiff::Timestamp::from_second(at.unix()) else { return moment.to_owned() };
    let local = BAGHDAD.to_datetime(at);
    let form = if local.second() == 0 { "%Y-%m-%dT%H:%M" } else { "%Y-%m-%dT%H:%M:%S" };
    local.strftime(form).to_string()
}

/// The moment that a clock in Baghdad shows like this; what is no such time stays as it was typed.
fn from_baghdad(typed: &str) -> String {
    let whole = matches!(typed.len(), 16 | 19) && typed.get(10..11).is_some_and(|between| between == "T" || between == " ");
    let local = whole.then(|| typed.parse::<jiff::civil::DateTime>().ok()).flatten();
    let at = local.and_then(|local| BAGHDAD.to_timestamp(local).ok()).and_then(|at| Moment::from_unix(at.as_second()));
    at.map_or_else(|| typed.to_owned(), |at| at.to_string())
}
