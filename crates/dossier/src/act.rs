//! What an act asks for: its fields, who may do it, and how it is decoded.
//!
//! Each kind declares its acts once, with `acts!`. The same description checks a record's body on both sides, makes the form
//! that an officer fills in, and documents the API.

mod text;

use crate::body::ActBody;
use crate::party::Role;
use crate::refusal::{Common, Form, Problem, Refusal};
use crate::sealed::SD;
use crate::words::{Tongue, Words};
use serde_json::Value;
use std::borrow::Cow;

/// One kind of act in one kind of dossier.
#[derive(Debug, Clone, Copy)]
pub struct ActSpec {
    /// The act's name in records: `agree-date`.
    pub name: &'static str,
    /// The roles in which it may be done.
    pub roles: &'static [Role],
    /// Whether it opens a dossier.
    pub opens: bool,
    /// Whether it takes effect only when every party has done it over the same content.
    pub mutual: bool,
    /// Whether a party to which the dossier was released may do it as well.
    pub guests: bool,
    /// Its fields, in the order in which people fill them in.
    pub fields: &'static [Field],
    /// What its record seals: values that it commits to and that no rule reads (see [`crate::sealed`]).
    pub sealed: &'static [Field],
}

/// One field of an act.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The field's name in records.
    pub name: &'static str,
    /// Whether it must be filled in.
    pub required: bool,
    /// What may stand in it.
    pub shape: Shape,
}

/// What may stand in a field.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// One line of text, of at most so many characters.
    Text(usize),
    /// Paragraphs of text, of at most so many characters.
    Paragraphs(usize),
    /// The same matter in several languages, each of at most so many characters.
    Words(usize),
    /// A language's code.
    Tongue,
    /// A day.
    Date,
    /// A day, or the explicit word `none`.
    Due,
    /// A moment in UTC, to the second.
    Moment,
    /// A time of day, `06:30`.
    Clock,
    /// A number with a fraction of at most so many digits, between these limits (in whole units, both included). It is
    /// written as text, since a record holds no fractions.
    Decimal(i64, i64, u8),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number between these limits, both included.
    Whole(i64, i64),
    /// One or more of these words.
    Choices(&'static [&'static str]),
    /// One or more names of sealed fields.
    Claims,
    /// Yes or no.
    Flag,
    /// A party of the channel.
    Party,
    /// One or more parties of the channel.
    Parties,
    /// An institution of any party of the channel.
    Institution,
    /// A dossier.
    Dossier,
    /// A record.
    Record,
    /// The hash of the content that is agreed to.
    Content,
    /// One or more languages.
    Tongues,
    /// Up to so many rows of these fields.
    Rows(usize, &'static [Field]),
    /// These fields together, as one object.
    Group(&'static [Field]),
    /// What another record of the same dossier sealed, shown in the open. The writer's own node fills it in from the record
    /// that the field `of` names, when it is left out.
    Disclosure,
    /// Any JSON object: for measuring only. The type of such a field refuses whatever is none.
    Anything,
}

/// Checks a body against the fields of its act and names every problem at once.
#[must_use]
pub fn check(fields: &[Field], body: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    check_object(fields, body, Place::Top, &mut problems);
    problems
}

/// Where in a body something stands. It is written out only for a problem, and most bodies have none.
#[derive(Clone, Copy)]
enum Place<'a> {
    Top,
    Member(&'a Place<'a>, &'a str),
    Row(&'a Place<'a>, usize),
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Top => Ok(()),
            Place::Member(Place::Top, name) => f.write_str(name),
            Place::Member(above, name) => write!(f, "{above}.{name}"),
            Place::Row(above, row) => write!(f, "{above}.{row}"),
        }
    }
}

fn problem(at: Place<'_>, rule: Form, asked: impl Into<String>) -> Problem {
    Problem { field: at.to_string(), code: Cow::Borrowed(rule.code()), asked: asked.into() }
}

fn check_object(fields: &[Field], body: &Value, path: Place<'_>, problems: &mut Vec<Problem>) {
    let Some(members) = body.as_object() else {
        problems.push(problem(path, Form::WrongType, "object"));
        return;
    };
    if is_fine(fields, members) {
        return;
    }
    for name in members.keys() {
        if !fields.iter().any(|field| field.name == name) {
            problems.push(problem(Place::Member(&path, name), Form::UnknownField, ""));
        }
    }
    for field in fields {
        let at = Place::Member(&path, field.name);
        match members.get(field.name) {
            None if field.required => problems.push(problem(at, Form::Missing, "")),
            None => {}
            Some(value) => check_value(field, value, at, problems),
        }
    }
}

/// Whether an object has no problem at all: the common case, found without looking anything up by name twice.
fn is_fine(fields: &[Field], members: &serde_json::Map<String, Value>) -> bool {
    let mut problems = Vec::new();
    let mut required = 0;
    for (name, value) in members {
        let Some(field) = fields.iter().find(|field| field.name == name) else { return false };
        required += usize::from(field.required);
        check_value(field, value, Place::Top, &mut problems);
        if !problems.is_empty() {
            return false;
        }
    }
    required == fields.iter().filter(|field| field.required).count()
}

fn check_value(field: &Field, value: &Value, at: Place<'_>, problems: &mut Vec<Problem>) {
    match field.shape {
        Shape::Rows(limit, fields) => return check_rows(field, limit, fields, value, at, problems),
        Shape::Group(fields) => return check_object(fields, value, at, problems),
        Shape::Words(limit) => return check_words(field, limit, value, at, problems),
        Shape::Parties => return check_list(field, value, at, problems, &crate::party::PartyId::fits),
        Shape::Tongues => return check_list(field, value, at, problems, &is_id::<Tongue>),
        Shape::Claims => return check_list(field, value, at, problems, &is_claim),
        Shape::Choices(choices) => return check_list(field, value, at, problems, &|text| choices.contains(&text)),
        Shape::Flag => return wrong_unless(value.is_boolean(), at, Form::WrongType, "yes/no", problems),
        Shape::Anything => return wrong_unless(value.is_object(), at, Form::WrongType, "object", problems),
        Shape::Whole(low, high) => {
            if !value.as_i64().is_some_and(|number| (low..=high).contains(&number)) {
                let rule = if value.as_i64().is_some() { Form::OutOfRange } else { Form::WrongType };
                problems.push(problem(at, rule, format!("{low}–{high}")));
            }
            return;
        }
        _ => {}
    }
    let Some(text) = value.as_str() else {
        return problems.push(problem(at, Form::WrongType, "text"));
    };
    if field.required && text.chars().all(char::is_whitespace) {
        return problems.push(problem(at, Form::Missing, ""));
    }
    match field.shape {
        Shape::Text(limit) => check_text(text, limit, false, at, problems),
        Shape::Paragraphs(limit) => check_text(text, limit, true, at, problems),
        Shape::Date => wrong_unless(is_date(text), at, Form::NotADate, "2026-11-22", problems),
        Shape::Due => wrong_unless(text == "none" || is_date(text), at, Form::NotADate, "2026-11-22, none", problems),
        Shape::Moment => wrong_unless(is_id::<crate::time::Moment>(text), at, Form::NotADate, "2026-11-22T09:00:00Z", problems),
        Shape::Clock => wrong_unless(is_clock(text), at, Form::WrongType, "06:30", problems),
        Shape::Decimal(low, high, digits) => check_decimal(text, (low, high, digits), at, problems),
        Shape::Disclosure => wrong_unless(text.len() <= MAX_DISCLOSURE && text.is_ascii(), at, Form::WrongType, "", problems),
        Shape::Choice(choices) if !choices.contains(&text) => {
            problems.push(problem(at, Form::NotAChoice, choices.join(", ")));
        }
        Shape::Tongue => wrong_unless(is_id::<Tongue>(text), at, Form::NotAChoice, "ar, ckb, en, kmr, tr", problems),
        Shape::Party => wrong_unless(crate::party::PartyId::fits(text), at, Form::WrongType, "IRQ", problems),
        Shape::Institution => {
            wrong_unless(crate::party::InstitutionId::fits(text), at, Form::WrongType, "irq.interior", problems);
        }
        Shape::Dossier => wrong_unless(crate::record::DossierId::fits(text), at, Form::WrongType, "IRQ-…", problems),
        Shape::Record => wrong_unless(is_id::<crate::record::RecordId>(text), at, Form::WrongType, "64 × 0–9 a–f", problems),
        Shape::Content => wrong_unless(is_id::<crate::content::ContentHash>(text), at, Form::WrongType, "64 × 0–9 a–f", problems),
        _ => {}
    }
}

fn wrong_unless(fine: bool, at: Place<'_>, rule: Form, asked: &str, problems: &mut Vec<Problem>) {
    if !fine {
        problems.push(problem(at, rule, asked));
    }
}

fn is_id<T: std::str::FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

/// Four digits of year, two of month, two of day: nothing that merely parses as a date.
fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<crate::time::Date>().is_ok()
}

/// The longest disclosure that a record may show, in bytes.
const MAX_DISCLOSURE: usize = 64 * 1024;

fn is_claim(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// A time of day to the minute, on a clock of 24 hours.
fn is_clock(text: &str) -> bool {
    let number = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<u8>().ok()).flatten();
    match (text.len(), text.split_once(':')) {
        (5, Some((hour, minute))) if hour.len() == 2 => {
            number(hour).is_some_and(|hour| hour < 24) && number(minute).is_some_and(|minute| minute < 60)
        }
        _ => false,
    }
}

fn check_decimal(text: &str, (low, high, digits): (i64, i64, u8), at: Place<'_>, problems: &mut Vec<Problem>) {
    let asked = || format!("{low}–{high}");
    let scale = 10_i64.saturating_pow(u32::from(digits));
    match crate::decimal::scaled(text, digits) {
        None => problems.push(problem(at, Form::WrongType, asked())),
        Some(number) if number < low.saturating_mul(scale) || number > high.saturating_mul(scale) => {
            problems.push(problem(at, Form::OutOfRange, asked()));
        }
        Some(_) => {}
    }
}

fn check_text(text: &str, limit: usize, paragraphs: bool, at: Place<'_>, problems: &mut Vec<Problem>) {
    // A character takes a byte at least.
    if text.len() > limit && text.chars().count() > limit {
        problems.push(problem(at, Form::TooLong, limit.to_string()));
    } else if text.chars().any(|c| is_stray(c, paragraphs)) {
        problems.push(problem(at, Form::StrayBidi, ""));
    }
}

/// Characters that reorder or hide text (Unicode Technical Report 36, §2.5), and control characters.
fn is_stray(c: char, paragraphs: bool) -> bool {
    match c {
        '\n' | '\t' => !paragraphs,
        '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => true,
        other => other.is_control(),
    }
}

fn check_words(field: &Field, limit: usize, value: &Value, at: Place<'_>, problems: &mut Vec<Problem>) {
    let Some(members) = value.as_object() else {
        return problems.push(problem(at, Form::WrongType, "{ar, en, tr}"));
    };
    let mut said = false;
    for (tongue, text) in members {
        let here = Place::Member(&at, tongue);
        match text.as_str() {
            _ if !is_id::<Tongue>(tongue) => problems.push(problem(here, Form::NotAChoice, "ar, ckb, en, kmr, tr")),
            None => problems.push(problem(here, Form::WrongType, "text")),
            Some(text) => {
                said |= !text.trim().is_empty();
                check_text(text, limit, true, here, problems);
            }
        }
    }
    if field.required && !said {
        problems.push(problem(at, Form::Missing, ""));
    }
}

fn check_list(field: &Field, value: &Value, at: Place<'_>, problems: &mut Vec<Problem>, fine: &dyn Fn(&str) -> bool) {
    let Some(items) = value.as_array() else {
        return problems.push(problem(at, Form::WrongType, "list"));
    };
    if field.required && items.is_empty() {
        problems.push(problem(at, Form::Missing, ""));
    }
    for (row, item) in items.iter().enumerate() {
        if !item.as_str().is_some_and(fine) {
            problems.push(problem(Place::Row(&at, row), Form::NotAChoice, ""));
        }
    }
}

fn check_rows(field: &Field, limit: usize, fields: &[Field], value: &Value, at: Place<'_>, problems: &mut Vec<Problem>) {
    let Some(rows) = value.as_array() else {
        return problems.push(problem(at, Form::WrongType, "list"));
    };
    if field.required && rows.is_empty() {
        problems.push(problem(at, Form::Missing, ""));
    }
    if rows.len() > limit {
        problems.push(problem(at, Form::TooLong, limit.to_string()));
    }
    for (row, value) in rows.iter().take(limit).enumerate() {
        check_object(fields, value, Place::Row(&at, row), problems);
    }
}

/// Checks and decodes the body of an act.
///
/// # Errors
/// A refusal with the code of the first problem and every problem named.
pub fn decode<T: serde::de::DeserializeOwned>(spec: &ActSpec, body: &ActBody) -> Result<T, Refusal> {
    // What has no problem is read out of its text, and nothing else is made of it.
    if let (Some(text), true) = (body.as_text(), spec.sealed.is_empty())
        && (is_read_whole(spec) && text.starts_with('{') || text::is_fine(spec.fields, text))
        && let Ok(act) = serde_json::from_str(text)
    {
        return Ok(act);
    }
    decode_value(spec, body)
}

/// Whether nothing is asked of any field that its type does not ask.
fn is_read_whole(spec: &ActSpec) -> bool {
    spec.fields.iter().all(|field| matches!(field.shape, Shape::Anything))
}

/// The same for a body that was read whole.
fn decode_value<T: serde::de::DeserializeOwned>(spec: &ActSpec, body: &Value) -> Result<T, Refusal> {
    let stripped;
    let body = if body.get(SD).is_some() && !spec.sealed.is_empty() {
        // What an act of disclosure commits to is counted by the claims that it names, which its rules compare.
        let names_claims = spec.fields.iter().any(|field| matches!(field.shape, Shape::Claims));
        let fits = |digests: &Vec<String>| names_claims || digests.len() <= spec.sealed.len();
        crate::sealed::digests(body).filter(fits).ok_or(Common::BadSeals)?;
        stripped = crate::sealed::without_digests(body);
        &stripped
    } else {
        body
    };
    let problems = check(spec.fields, body);
    if let Some(first) = problems.first() {
        return Err(Refusal { code: first.code.clone(), problems });
    }
    // What passed the check decodes; a disagreement between the two is a rule that nobody wrote down.
    T::deserialize(body).map_err(|_| Form::WrongType.into())
}

/// The title that a text makes, for kinds whose title is one line in one language.
#[must_use]
pub fn title_of(text: &str) -> Words {
    let arabic = text.chars().any(|c| ('\u{0600}'..='\u{06ff}').contains(&c));
    Words::one(if arabic { Tongue::Ar } else { Tongue::En }, text)
}

/// The Rust type of a field: itself when required, an `Option` when optional.
#[doc(hidden)]
#[macro_export]
macro_rules! field_type {
    (required $ty:ty) => { $ty };
    (optional $ty:ty) => { Option<$ty> };
}

#[doc(hidden)]
#[macro_export]
macro_rules! field_required {
    (required) => {
        true
    };
    (optional) => {
        false
    };
}

/// What a flag of an act sets: a value, or yes.
#[doc(hidden)]
#[macro_export]
macro_rules! flag {
    () => {
        true
    };
    ($value:expr) => {
        $value
    };
}

/// Declares the acts of a kind: one struct each, the enum `Act` over them, their descriptions in `SPECS`, and `decode`.
///
/// ```text
/// acts! {
///     /// Proposes a date.
///     ProposeDate = "propose-date" by [Secretary], mutual {
///         /// The day proposed.
///         required date: Date => Shape::Date;
///     }
///
///     /// Registers a person, whose names the record seals.
///     AddPerson = "add-person" by [ReturnOfficer], sealed(NAMES) {
///         /// The year of birth.
///         optional born: i64 => Shape::Whole(1900, 2100);
///     }
/// }
/// ```
#[macro_export]
macro_rules! acts {
    ($(
        $(#[$meta:meta])*
        $name:ident = $text:literal by [$($role:ident),+] $(, $flag:ident $(($value:expr))? )* {
            $( $(#[$fmeta:meta])* $need:ident $field:ident : $ty:ty => $shape:expr ; )*
        }
    )+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct $name {
                $( $(#[$fmeta])* pub $field: $crate::field_type!($need $ty), )*
            }

            impl $name {
                /// What the act asks for.
                pub const SPEC: $crate::act::ActSpec = {
                    #[allow(unused_mut)]
                    let mut spec = $crate::act::ActSpec {
                        name: $text,
                        roles: &[$($crate::party::Role::$role),+],
                        opens: false,
                        mutual: false,
                        guests: false,
                        fields: &[$( $crate::act::Field {
                            name: stringify!($field),
                            required: $crate::field_required!($need),
                            shape: $shape,
                        } ),*],
                        sealed: &[],
                    };
                    $( spec.$flag = $crate::flag!($($value)?); )*
                    spec
                };
            }
        )+

        /// Every act of this kind.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Act { $( $(#[$meta])* $name($name) ),+ }

        /// What each act asks for, in the order of a dossier's life.
        pub const SPECS: &[$crate::act::ActSpec] = &[$($name::SPEC),+];

        impl Act {
            /// Checks and decodes an act by its name; `None` when the kind has no such act.
            #[must_use]
            pub fn decode(act: &str, body: &$crate::body::ActBody) -> Option<Result<Act, $crate::refusal::Refusal>> {
                $( if act == $text {
                    return Some($crate::act::decode::<$name>(&$name::SPEC, body).map(Act::$name));
                } )+
                None
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const FIELDS: &[Field] = &[
        Field { name: "title", required: true, shape: Shape::Words(10) },
        Field { name: "due", required: true, shape: Shape::Due },
        Field { name: "note", required: false, shape: Shape::Text(5) },
        Field {
            name: "rows",
            required: false,
            shape: Shape::Rows(2, &[Field { name: "level", required: true, shape: Shape::Whole(0, 3) }]),
        },
    ];

    fn found(body: Value) -> Vec<String> {
        check(FIELDS, &body).into_iter().map(|p| format!("{} {}", p.field, p.code)).collect()
    }

    #[test]
    fn every_problem_is_named_at_once() {
        assert_eq!(found(json!({"title": {"ar": "عنوان"}, "due": "none"})), Vec::<String>::new());
        assert_eq!(
            found(json!({"title": {"ar": "  "}, "due": "2026-02-30", "note": "abcdef", "x": 1, "rows": [{"level": 4}, {}]})),
            ["x FRM01", "title FRM02", "due FRM04", "note FRM03", "rows.0.level FRM08", "rows.1.level FRM02"]
        );
        assert_eq!(found(json!([])), [" FRM06"]);
        assert_eq!(found(json!({"title": {"xx": "a", "ar": "b"}, "due": ""})), ["title.xx FRM05", "due FRM02"]);
    }

    #[test]
    fn text_that_would_show_other_than_it_is_written_is_refused() {
        assert_eq!(
            found(json!({"title": {"en": "a\u{202e}b"}, "due": "none", "note": "a\nb"})),
            ["title.en FRM07", "note FRM07"]
        );
    }
}
