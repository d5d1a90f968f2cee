//! Forms from the descriptions of acts, and bodies of acts from what was typed in them.
//!
//! What is typed becomes the body of the act, unchanged where it does not fit: a word where a number belongs stays that
//! word, the rules name it, and the form that comes back shows it. So nothing that was typed is lost, and there is one way
//! from a body to a form, whether the body was typed, offered by another party, or read from a statement.
use super::form::{Choice, ChoiceGroup, Field, Shape};
use super::parts::Text;
pub use super::typed::{Typed, body, carried, in_baghdad};
use super::words;
use crate::language::{Lang, word};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
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
    /// What records of the dossier sealed: the names of the fields, by record.
    pub claims: BTreeMap<String, BTreeSet<String>>,
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

/// Before the name of a field whose value is sealed, in what a form sends.
pub(super) const SEALED: &str = "_sealed.";

/// Whether people type what the act seals. A disclosure shows what an earlier record sealed, and the node knows it.
#[must_use]
pub fn seals(kind: Kind, spec: &ActSpec) -> bool {
    !spec.sealed.is_empty() && kind.custody(spec.name).is_none()
}

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
        shown.map(|field| self.field(field, Some(body), field.name.to_owned(), true)).collect()
    }

    /// The fields whose values the act seals, in a group of their own, filled with these values.
    #[must_use]
    pub fn sealed(&self, values: &Map<String, Value>) -> Option<Field> {
        if !seals(self.kind, self.spec) {
            return None;
        }
        let values = Value::Object(values.clone());
        let sealed = self.spec.sealed.iter();
        let fields = sealed.map(|field| self.field(field, Some(&values), format!("{SEALED}{}", field.name), false)).collect();
        let label = word(self.lang, "form-sealed", &[]);
        let mut made = Field::new(self.lang, "_sealed", label, Shape::Sealed { fields });
        made.hint = word(self.lang, "form-sealed-hint", &[]);
        Some(made)
    }

    /// `within` is the object in which the field stands.
    fn field(&self, field: &act::Field, within: Option<&Value>, name: String, top: bool) -> Field {
        let lang = self.lang;
        let shape = self.shape(field, within, &name, top);
        let label = words::field(lang, self.kind, self.spec.name, field.name);
        let mut made = Field::new(lang, &name, label, shape).hint(words::hint(lang, self.kind, self.spec.name, field.name));
        made.required = field.required;
        made.problems = self.problems_at(field, &name);
        made
    }

    fn problems_at(&self, field: &act::Field, name: &str) -> Vec<String> {
        // What is wrong within rows or a group is said at the field that it is about.
        let nested = matches!(field.shape, act::Shape::Rows(..) | act::Shape::Group(_));
        let rows = matches!(field.shape, act::Shape::Rows(..));
        let is_here = |path: &str, name: &str| match path.strip_prefix(name) {
            Some("") => true,
            Some(rest) => rest.strip_prefix('.').is_some_and(|rest| !nested || (rows && !rest.contains('.'))),
            None => false,
        };
        // The rules know a sealed field by its bare name, or as a member of what is sealed.
        let bare = name.strip_prefix(SEALED);
        let clashes = |bare: &str| self.spec.fields.iter().any(|field| Some(field.name) == bare.split('.').next());
        let here = self.problems.iter().filter(|problem| {
            let path = problem.field.as_str();
            match bare {
                None => is_here(path, name),
                Some(bare) => is_here(path, &format!("sealed.{bare}")) || (is_here(path, bare) && !clashes(bare)),
            }
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

    fn shape(&self, field: &act::Field, within: Option<&Value>, name: &str, top: bool) -> Shape {
        let value = within.and_then(|within| within.get(field.name));
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
            act::Shape::Record => {
                let mut options = chosen(&self.offers.records, &typed);
                // A record that is not of this dossier's history stays as it was given.
                if !typed.is_empty() && !options.iter().any(|option| option.chosen) {
                    options.push(Choice::new(&typed, Text::plain(typed.chars().take(8).collect::<String>()), &typed));
                }
                Shape::Select { groups: group(options) }
            }
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
                        .map(|field| self.field(field, Some(row), format!("{name}.{index}.{}", field.name), false))
                        .collect()
                };
                Shape::Rows { rows: rows.iter().take(limit).enumerate().map(row).collect() }
            }
            act::Shape::Group(fields) => {
                let member = |field: &act::Field| self.field(field, value, format!("{name}.{}", field.name), false);
                Shape::Group { fields: fields.iter().map(member).collect() }
            }
            act::Shape::Choices(names) => {
                let named: Vec<(String, Text)> = names
                    .iter()
                    .map(|choice| ((*choice).to_owned(), Text::in_lang(self.lang, words::choice(self.lang, field.name, choice))))
                    .collect();
                Shape::Several { options: several(&named, value) }
            }
            act::Shape::Claims => self.claims(within, value),
            act::Shape::Moment => Shape::Moment { value: in_baghdad(&typed) },
            act::Shape::Clock => Shape::Clock { value: typed },
            act::Shape::Decimal(min, max, digits) => Shape::Decimal { value: typed, min, max, digits },
            act::Shape::Disclosure => Shape::Note,
            act::Shape::Anything => Shape::LongText { value: value.map(Value::to_string).unwrap_or_default(), max: 0 },
        }
    }

    /// The names of what the record sealed that the field `of` beside this one names; all together when it names only them.
    fn claims(&self, within: Option<&Value>, value: Option<&Value>) -> Shape {
        let of = within.and_then(|body| body.get("of")).and_then(Value::as_str).unwrap_or_default();
        match self.offers.claims.get(of).filter(|names| !names.is_empty()) {
            None => Shape::Text { value: joined(value), max: 0 },
            Some(names) => {
                let named = |name: &String| (name.clone(), Text::in_lang(self.lang, words::claim(self.lang, self.kind, name)));
                Shape::Several { options: several(&names.iter().map(named).collect::<Vec<_>>(), value) }
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
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
        let mut act = Typed::of(Kind::Meeting, spec, &typed);
        assert!(act.press(&typed));
        assert_eq!(act.body["members"], json!([{"office": "a"}, {"office": "b"}, {}]));
        typed = pairs(&[("row-remove", "members.0")]);
        assert!(act.press(&typed));
        assert_eq!(act.body["members"], json!([{"office": "b"}, {}]));
        assert!(!act.press(&pairs(&[("x", "y")])));
        assert!(act.press(&pairs(&[("row-remove", "members.9")])) && act.press(&pairs(&[("row-add", "a.b.c")])));
    }
}
