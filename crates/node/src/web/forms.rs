//! Forms from the descriptions of acts, and bodies of acts from what was typed in them.
//!
//! What is typed becomes the body of the act, unchanged where it does not fit: a word where a number belongs stays that
//! word, the rules name it, and the form that comes back shows it. So nothing that was typed is lost, and there is one way
//! from a body to a form, whether the body was typed, offered by another party, or read from a statement.
use super::form::{Choice, ChoiceGroup, Field, Shape};
use super::parts::Text;
use super::words;
use crate::language::{Lang, word};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tansiq_dossier::act::{self, ActSpec};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::refusal::Problem;

/// What the fields of a form offer: made once for a channel and a reader.
#[derive(Clone, Default)]
pub struct Offers {
    /// The institutions, grouped by party.
    pub institutions: Vec<(String, Vec<(String, Text)>)>,
    /// The parties.
    pub parties: Vec<(String, Text)>,
    /// The languages of the channel.
    pub tongues: Vec<String>,
    /// The bodies that the charter names.
    pub bodies: Vec<(String, Text)>,
    /// Dossiers of the channel.
    pub dossiers: Vec<(String, Text)>,
    /// Records of the dossier.
    pub records: Vec<(String, Text)>,
}

/// Makes the fields of a form.
pub struct Maker<'a> {
    /// The reader's language.
    pub lang: Lang,
    /// The kind of dossier.
    pub kind: Kind,
    /// The act.
    pub spec: &'static ActSpec,
    /// What the fields offer.
    pub offers: &'a Offers,
    /// What was wrong with what was typed.
    pub problems: &'a [Problem],
}

/// The longest text that fits in one line.
const LINE: usize = 400;

/// A field that the offer settles: it goes with the form unseen.
#[must_use]
pub fn is_fixed(spec: &ActSpec, field: &act::Field, body: &Value) -> bool {
    let clause = matches!(
        spec.name,
        "accept-clause" | "bracket-clause" | "reserve-clause" | "comment-clause" | "withdraw-clause" | "rescind"
    );
    let named = body.get(field.name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    named && (matches!(field.shape, act::Shape::Record) || (clause && matches!(field.name, "number" | "tongue")))
}

impl Maker<'_> {
    /// The fields of the act, filled with this body; those that the offer settles are left to the form's unseen values.
    #[must_use]
    pub fn fields(&self, body: &Value) -> Vec<Field> {
        let shown = self.spec.fields.iter().filter(|field| !is_fixed(self.spec, field, body));
        shown.map(|field| self.field(field, body.get(field.name), field.name.to_owned(), true)).collect()
    }

    fn field(&self, field: &act::Field, value: Option<&Value>, name: String, top: bool) -> Field {
        let lang = self.lang;
        let shape = self.shape(field, value, &name, top);
        let label = words::field(lang, self.kind, self.spec.name, field.name);
        let mut made = Field::new(lang, &name, label, shape).hint(words::hint(lang, self.kind, self.spec.name, field.name));
        made.required = field.required;
        made.problems = self.problems_at(field, &name);
        made
    }

    fn problems_at(&self, field: &act::Field, name: &str) -> Vec<String> {
        let below = format!("{name}.");
        let rows = matches!(field.shape, act::Shape::Rows(..));
        let here = self.problems.iter().filter(|problem| {
            let path = problem.field.as_str();
            path == name || (path.starts_with(&below) && (!rows || !path[below.len()..].contains('.')))
        });
        let mut said: Vec<String> = here.map(|problem| self.sentence(problem)).collect();
        said.dedup();
        said
    }

    fn sentence(&self, problem: &Problem) -> String {
        let rule = word(self.lang, &format!("refusal-{}", problem.code), &[]);
        let counted = matches!(problem.code.as_ref(), "FRM03" | "FRM08") && !problem.asked.is_empty();
        let rule = if counted { format!("{rule} ({})", problem.asked) } else { rule };
        format!("{} · {rule}", problem.code)
    }

    fn shape(&self, field: &act::Field, value: Option<&Value>, name: &str, top: bool) -> Shape {
        let typed = typed(value);
        match field.shape {
            act::Shape::Text(_) if field.name == "body" => {
                Shape::Suggested { options: chosen(&self.offers.bodies, &typed), value: typed }
            }
            act::Shape::Text(max) => Shape::Text { value: typed, max },
            act::Shape::Paragraphs(max) => Shape::LongText { value: typed, max },
            act::Shape::Words(max) => Shape::Languages { values: self.languages(value), long: max > LINE, max },
            act::Shape::Tongue => Shape::Select { groups: group(self.tongues(&typed)) },
            act::Shape::Date => Shape::Date { value: typed },
            act::Shape::Due => {
                let none = typed == "none" || typed.ends_with(" none");
                let day = typed.trim_end_matches("none").trim().to_owned();
                Shape::DateOrNone { value: day, none }
            }
            act::Shape::Choice(names) => {
                let options: Vec<Choice> =
                    names.iter().map(|choice| self.word(choice, words::choice(self.lang, field.name, choice), &typed)).collect();
                if options.len() > 5 { Shape::Select { groups: group(options) } } else { Shape::Choice { options } }
            }
            act::Shape::Whole(min, max) => Shape::Integer { value: typed, min, max },
            act::Shape::Flag => Shape::Flag { value: value == Some(&Value::Bool(true)) },
            act::Shape::Party => Shape::Select { groups: group(chosen(&self.offers.parties, &typed)) },
            act::Shape::Parties => Shape::Several { options: several(&self.offers.parties, value) },
            act::Shape::Tongues => Shape::Several { options: several(&self.tongue_names(), value) },
            act::Shape::Institution => Shape::Select { groups: self.institutions(&typed) },
            act::Shape::Dossier => Shape::Suggested { options: chosen(&self.offers.dossiers, &typed), value: typed },
            act::Shape::Record => Shape::Select { groups: group(chosen(&self.offers.records, &typed)) },
            // A content is agreed to as it stands, and never typed; the hash of a file is.
            act::Shape::Content if top && !typed.is_empty() => {
                let short = typed.chars().take(8).collect();
                Shape::Hash { value: typed, short, of: words::field(self.lang, self.kind, self.spec.name, field.name) }
            }
            act::Shape::Content => Shape::Text { value: typed, max: 0 },
            act::Shape::Rows(limit, fields) => {
                let rows = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                let row = |(index, row): (usize, &Value)| {
                    fields
                        .iter()
                        .map(|field| self.field(field, row.get(field.name), format!("{name}.{index}.{}", field.name), false))
                        .collect()
                };
                Shape::Rows { rows: rows.iter().take(limit).enumerate().map(row).collect() }
            }
            act::Shape::Group(fields) => {
                let member = |field: &act::Field| {
                    let within = value.and_then(|group| group.get(field.name));
                    self.field(field, within, format!("{name}.{}", field.name), false)
                };
                Shape::Group { fields: fields.iter().map(member).collect() }
            }
            act::Shape::Choices(names) => {
                let named: Vec<(String, Text)> = names
                    .iter()
                    .map(|choice| ((*choice).to_owned(), Text::in_lang(self.lang, words::choice(self.lang, field.name, choice))))
                    .collect();
                Shape::Several { options: several(&named, value) }
            }
            act::Shape::Claims => Shape::Text { value: joined(value), max: 0 },
            act::Shape::Moment => Shape::Moment { value: typed },
            act::Shape::Clock => Shape::Clock { value: typed },
            act::Shape::Decimal(..) => Shape::Text { value: typed, max: 20 },
            act::Shape::Disclosure => Shape::Text { value: typed, max: 0 },
            act::Shape::Anything => Shape::LongText { value: value.map(Value::to_string).unwrap_or_default(), max: 0 },
        }
    }

    fn word(&self, value: &str, text: String, typed: &str) -> Choice {
        Choice::new(value, Text::in_lang(self.lang, text), typed)
    }

    fn tongue_names(&self) -> Vec<(String, Text)> {
        let named = |code: &String| (code.clone(), Text::in_lang(self.lang, words::choice(self.lang, "tongue", code)));
        self.offers.tongues.iter().map(named).collect()
    }

    fn tongues(&self, typed: &str) -> Vec<Choice> {
        chosen(&self.tongue_names(), typed)
    }

    /// The languages of the channel, the reader's first, and any other in which something stands already.
    fn languages(&self, value: Option<&Value>) -> Vec<Text> {
        let said = |lang: Lang| value.and_then(|words| words.get(lang.code())).and_then(Value::as_str);
        let wanted = |lang: &Lang| self.offers.tongues.iter().any(|code| code == lang.code()) || said(*lang).is_some();
        let mut langs: Vec<Lang> = Lang::ALL.into_iter().filter(wanted).collect();
        if langs.is_empty() {
            langs = Lang::ALL.to_vec();
        }
        langs.sort_by_key(|lang| *lang != self.lang);
        langs.into_iter().map(|lang| Text::in_lang(lang, said(lang).unwrap_or_default())).collect()
    }

    fn institutions(&self, typed: &str) -> Vec<ChoiceGroup> {
        let groups = self.offers.institutions.iter();
        groups.map(|(party, institutions)| ChoiceGroup { name: party.clone(), options: chosen(institutions, typed) }).collect()
    }
}

fn group(options: Vec<Choice>) -> Vec<ChoiceGroup> {
    vec![ChoiceGroup { name: String::new(), options }]
}

fn chosen(options: &[(String, Text)], typed: &str) -> Vec<Choice> {
    options.iter().map(|(value, text)| Choice::new(value, text.clone(), typed)).collect()
}

fn several(options: &[(String, Text)], value: Option<&Value>) -> Vec<Choice> {
    let typed: BTreeSet<&str> =
        value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_str).collect();
    let choice = |(value, text): &(String, Text)| Choice {
        chosen: typed.contains(value.as_str()),
        ..Choice::new(value, text.clone(), "")
    };
    options.iter().map(choice).collect()
}

/// Several words as somebody would type them.
fn joined(value: Option<&Value>) -> String {
    let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
}

/// A value as somebody would type it.
fn typed(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
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
            (day, None) => day.map(Value::from),
            (None, Some(_)) => Some(json!("none")),
            // Both a day and "none": the rules say that it is no date, and nobody guesses.
            (Some(day), Some(_)) => Some(json!(format!("{day} none"))),
        },
        act::Shape::Whole(..) => text().map(|text| western(&text).parse::<i64>().map_or_else(|_| Value::from(text), Value::from)),
        act::Shape::Flag => {
            let set = text().is_some();
            (set || field.required).then_some(Value::Bool(set))
        }
        act::Shape::Parties | act::Shape::Tongues => {
            let all: Vec<&str> =
                pairs.iter().filter(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str()).collect();
            (!all.is_empty()).then(|| json!(all))
        }
        act::Shape::Choices(_) => {
            let all: Vec<&str> =
                pairs.iter().filter(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str()).collect();
            (!all.is_empty()).then(|| json!(all))
        }
        act::Shape::Claims => {
            text().map(|text| text.split([' ', ',', '،']).filter(|claim| !claim.is_empty()).map(Value::from).collect())
        }
        act::Shape::Decimal(..) => text().map(|text| western(&text).replace('٫', ".").into()),
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

/// Carries out the buttons `row-add` and `row-remove`; whether one was pressed.
pub fn press(pairs: &[(String, String)], body: &mut Value) -> bool {
    if let Some(at) = said(pairs, "row-add") {
        let path: Vec<&str> = at.split('.').collect();
        if let Some((last, above)) = path.split_last()
            && let Some(place) = walk(body, above)
            && let Some(members) = place.as_object_mut()
            && let Some(rows) = members.entry((*last).to_owned()).or_insert_with(|| json!([])).as_array_mut()
        {
            rows.push(json!({}));
        }
        return true;
    }
    if let Some(at) = said(pairs, "row-remove") {
        let path: Vec<&str> = at.split('.').collect();
        if let Some((index, above)) = path.split_last()
            && let Some(rows) = walk(body, above).and_then(Value::as_array_mut)
            && let Ok(index) = index.parse::<usize>()
            && index < rows.len()
        {
            rows.remove(index);
        }
        return true;
    }
    false
}

fn walk<'v>(body: &'v mut Value, path: &[&str]) -> Option<&'v mut Value> {
    path.iter().try_fold(body, |place, step| match place {
        Value::Array(rows) => rows.get_mut(step.parse::<usize>().ok()?),
        other => other.get_mut(*step),
    })
}

/// What was typed as unseen values of another form: everything but what the form itself carries.
#[must_use]
pub fn carried(pairs: &[(String, String)], without: &[&str]) -> Vec<(String, String)> {
    pairs.iter().filter(|(name, _)| !without.contains(&name.as_str())).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tansiq_dossier::act::check;

    fn pairs(text: &[(&str, &str)]) -> Vec<(String, String)> {
        text.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn spec(kind: Kind, act: &str) -> &'static ActSpec {
        kind.acts().iter().find(|spec| spec.name == act).unwrap_or(&kind.acts()[0])
    }

    #[test]
    fn what_was_typed_becomes_the_body_by_the_shapes_of_the_fields() {
        let typed = pairs(&[
            ("csrf", "x"),
            ("title.ar", " اجتماع "),
            ("title.en", ""),
            ("body", "security"),
            ("date", "2026-12-01"),
            ("place", ""),
            ("tongues", "ar"),
            ("tongues", "tr"),
            ("series", "٥"),
            ("sources.0.text", ""),
            ("sources.2.text", "وكالة"),
        ]);
        let spec = spec(Kind::Meeting, "propose");
        let body = body(spec.fields, &typed);
        assert_eq!(
            body,
            json!({"title": {"ar": "اجتماع"}, "body": "security", "date": "2026-12-01", "tongues": ["ar", "tr"], "series": 5, "sources": [{"text": "وكالة"}]})
        );
        assert!(check(spec.fields, &body).is_empty());
    }

    #[test]
    fn what_does_not_fit_stays_as_it_was_typed_and_is_named() {
        let spec = spec(Kind::Action, "assign");
        let typed = pairs(&[("title.ar", "x"), ("owner", ""), ("due", "2026-12-01"), ("due.none", "yes"), ("joint", "yes")]);
        let body = body(spec.fields, &typed);
        assert_eq!(body, json!({"title": {"ar": "x"}, "due": "2026-12-01 none", "joint": true}));
        let problems = check(spec.fields, &body);
        let offers = Offers::default();
        let maker = Maker { lang: Lang::En, kind: Kind::Action, spec, offers: &offers, problems: &problems };
        let fields = maker.fields(&body);
        let due = fields.iter().find(|field| field.name == "due");
        assert!(due.is_some_and(|due| matches!(&due.shape, Shape::DateOrNone { value, none: true } if value == "2026-12-01")
            && due.problems.len() == 1));
        assert_eq!(fields.iter().filter(|field| !field.problems.is_empty()).count(), problems.len());
    }

    #[test]
    fn rows_are_added_and_removed_by_submitting() {
        let spec = spec(Kind::Meeting, "set-delegation");
        let mut typed = pairs(&[("members.0.office", "a"), ("members.1.office", "b"), ("row-add", "members")]);
        let mut rows = body(spec.fields, &typed);
        assert!(press(&typed, &mut rows));
        assert_eq!(rows["members"], json!([{"office": "a"}, {"office": "b"}, {}]));
        typed = pairs(&[("row-remove", "members.0")]);
        assert!(press(&typed, &mut rows));
        assert_eq!(rows["members"], json!([{"office": "b"}, {}]));
        assert!(!press(&pairs(&[("x", "y")]), &mut rows));
        assert!(press(&pairs(&[("row-remove", "members.9")]), &mut rows) && press(&pairs(&[("row-add", "a.b.c")]), &mut rows));
    }
}
