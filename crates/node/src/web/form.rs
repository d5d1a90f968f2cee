//! Forms made from descriptions of fields. A form that was refused comes back with every problem at its field and with
//! every value as it was typed.
use super::parts::{Icon, RefusalView, Text};
use crate::language::{Lang, Value, word};
use askama::{Template, filters::HtmlSafe};

/// The button that sends a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The usual act.
    Usual,
    /// One that binds the state or ends something.
    Grave,
    /// One beside the main one.
    Quiet,
}

impl Weight {
    const fn class(self) -> &'static str {
        match self {
            Self::Usual => "button",
            Self::Grave => "button button-grave",
            Self::Quiet => "button button-quiet",
        }
    }
}

/// A form.
#[derive(Template)]
#[template(path = "part/form.html")]
pub struct Form {
    /// The language of its own words.
    pub lang: Lang,
    /// The prefix of its fields' ids; unique in a page.
    pub id: String,
    /// Where it is sent, by POST.
    pub action: String,
    /// The token against forged requests.
    pub csrf: String,
    /// Values that go with it unseen.
    pub hidden: Vec<(String, String)>,
    /// Rules that refused it as a whole.
    pub refusals: Vec<RefusalView>,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The words of its button.
    pub submit: String,
    /// How grave it is.
    pub weight: Weight,
    /// A link beside the button that leaves the form: address and words.
    pub leave: Option<(String, String)>,
}

impl HtmlSafe for Form {}

/// A field of a form.
#[derive(Template)]
#[template(path = "part/field.html")]
pub struct Field {
    /// The language of its own words.
    pub lang: Lang,
    /// Its id in the page.
    pub id: String,
    /// Its name in what is sent.
    pub name: String,
    /// Its label.
    pub label: String,
    /// What to write; empty for nothing.
    pub hint: String,
    /// Whether it must be filled.
    pub required: bool,
    /// What is wrong with it, a sentence each.
    pub problems: Vec<String>,
    /// Its shape, with the value as typed.
    pub shape: Shape,
}

impl HtmlSafe for Field {}

/// The shape of a field, with its value as it was typed.
pub enum Shape {
    /// One line.
    Text {
        /// As typed.
        value: String,
        /// The most characters, 0 for no limit.
        max: usize,
    },
    /// Several lines.
    LongText {
        /// As typed.
        value: String,
        /// The most characters, 0 for no limit.
        max: usize,
    },
    /// The same text in several languages. Sent as `name.ar`, `name.en`, `name.tr`.
    Languages {
        /// As typed, by language.
        values: Vec<Text>,
        /// Whether several lines.
        long: bool,
        /// The most characters of each, 0 for no limit.
        max: usize,
    },
    /// A day, as `2026-11-22`.
    Date {
        /// As typed.
        value: String,
    },
    /// A day, or an explicit "none". Sent as `name` and `name.none`.
    DateOrNone {
        /// As typed.
        value: String,
        /// Whether "none" was chosen.
        none: bool,
    },
    /// One of a few: all are seen.
    Choice {
        /// The choices.
        options: Vec<Choice>,
    },
    /// One of many, in groups: institutions by party, parties.
    Select {
        /// The groups; one group without a name shows none.
        groups: Vec<ChoiceGroup>,
    },
    /// Several of a few: all are seen. Each chosen one is sent under the field's name.
    Several {
        /// The choices.
        options: Vec<Choice>,
    },
    /// One line with suggestions: the identifier of a dossier or of a body, or whatever else is typed.
    Suggested {
        /// As typed.
        value: String,
        /// Those suggested: the identifier as value, the name as text.
        options: Vec<Choice>,
    },
    /// A whole number.
    Integer {
        /// As typed.
        value: String,
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// The hash of the exact content that the officer agrees to: sent unseen, and shown short.
    Hash {
        /// The whole hash.
        value: String,
        /// Its first signs, as shown.
        short: String,
        /// What it is the hash of.
        of: String,
    },
    /// Repeated groups of fields. Fields inside are named `name.0.field`. Works by submitting: the buttons send
    /// `row-add=name` and `row-remove=name.0`, and the handler shows the form again.
    Rows {
        /// The groups.
        rows: Vec<Vec<Field>>,
    },
    /// Fields that belong together. Named `name.field`.
    Group {
        /// The fields.
        fields: Vec<Field>,
    },
    /// Fields whose values are sealed. Named `_sealed.field`.
    Sealed {
        /// The fields.
        fields: Vec<Field>,
    },
    /// Nothing to fill in: the node does it, and a sentence says so.
    Note,
    /// A number with a fraction.
    Decimal {
        /// As typed.
        value: String,
        /// The least.
        min: i64,
        /// The most.
        max: i64,
        /// The most digits after the point.
        digits: u8,
    },
    /// A moment by the clock of Baghdad, as `2026-11-22T12:00`.
    Moment {
        /// As typed.
        value: String,
    },
    /// A time of day, as `06:30`.
    Clock {
        /// As typed.
        value: String,
    },
    /// Yes or no.
    Flag {
        /// As chosen.
        value: bool,
    },
    /// A secret word; never filled in again.
    Password,
}

/// One of the choices.
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub text: Text,
    /// A second line; may be empty.
    pub more: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl Choice {
    /// A choice, chosen when its value is `typed`.
    #[must_use]
    pub fn new(value: &str, text: Text, typed: &str) -> Self {
        Self { value: value.to_owned(), text, more: String::new(), chosen: value == typed }
    }
}

/// Choices under one name.
pub struct ChoiceGroup {
    /// The name; empty for none.
    pub name: String,
    /// The choices.
    pub options: Vec<Choice>,
}

/// A problem, for the summary over a form.
pub struct Problem<'a> {
    /// The id of the field.
    pub id: &'a str,
    /// The label of the field.
    pub label: &'a str,
    /// What is wrong.
    pub text: &'a str,
}

impl Form {
    /// An empty form for one act.
    #[must_use]
    pub fn new(lang: Lang, id: &str, action: &str, csrf: &str) -> Self {
        Self {
            lang,
            id: id.to_owned(),
            action: action.to_owned(),
            csrf: csrf.to_owned(),
            hidden: Vec::new(),
            refusals: Vec::new(),
            fields: Vec::new(),
            submit: word(lang, "form-submit", &[]),
            weight: Weight::Usual,
            leave: None,
        }
    }

    /// Adds a field and gives it its id.
    #[must_use]
    pub fn field(mut self, mut field: Field) -> Self {
        field.set_id(&self.id);
        self.fields.push(field);
        self
    }

    /// Every problem of every field, in the order of the page.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem<'_>> {
        let mut found = Vec::new();
        for field in &self.fields {
            field.gather(&mut found);
        }
        found
    }

    /// Whether it was refused, so that a page must show it open.
    #[must_use]
    pub fn refused(&self) -> bool {
        !self.refusals.is_empty() || !self.problems().is_empty()
    }

    fn summary(&self) -> String {
        word(self.lang, "form-problems", &[("n", Value::from(self.problems().len()))])
    }

    fn w(&self, id: &str) -> String {
        word(self.lang, id, &[])
    }
}

impl Field {
    /// A required field with this name, label and shape.
    #[must_use]
    pub fn new(lang: Lang, name: &str, label: impl Into<String>, shape: Shape) -> Self {
        Self {
            lang,
            id: name.to_owned(),
            name: name.to_owned(),
            label: label.into(),
            hint: String::new(),
            required: true,
            problems: Vec::new(),
            shape,
        }
    }

    /// May stay empty.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// With a hint under its label.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// With a problem.
    #[must_use]
    pub fn problem(mut self, problem: impl Into<String>) -> Self {
        self.problems.push(problem.into());
        self
    }

    fn set_id(&mut self, form: &str) {
        self.id = format!("{form}-{}", self.name).replace('.', "-");
        if let Shape::Rows { rows } = &mut self.shape {
            rows.iter_mut().flatten().for_each(|field| field.set_id(form));
        }
        if let Shape::Group { fields } | Shape::Sealed { fields } = &mut self.shape {
            fields.iter_mut().for_each(|field| field.set_id(form));
        }
    }

    fn gather<'a>(&'a self, found: &mut Vec<Problem<'a>>) {
        found.extend(self.problems.iter().map(|text| Problem { id: &self.id, label: &self.label, text }));
        if let Shape::Rows { rows } = &self.shape {
            rows.iter().flatten().for_each(|field| field.gather(found));
        }
        if let Shape::Group { fields } | Shape::Sealed { fields } = &self.shape {
            fields.iter().for_each(|field| field.gather(found));
        }
    }

    /// Whether it is several controls under one legend.
    fn grouped(&self) -> bool {
        matches!(
            self.shape,
            Shape::Languages { .. }
                | Shape::Choice { .. }
                | Shape::Several { .. }
                | Shape::DateOrNone { .. }
                | Shape::Rows { .. }
                | Shape::Group { .. }
        )
    }

    /// Whether no control of its own bears its id: then the group bears it, for the summary's link to lead to.
    fn repeats(&self) -> bool {
        matches!(self.shape, Shape::Rows { .. } | Shape::Group { .. })
    }

    /// The control for a value that browsers have one for; a value that such a control would drop stands as plain text.
    fn control(&self) -> &'static str {
        let (control, value, sign) = match &self.shape {
            Shape::Date { value } | Shape::DateOrNone { value, .. } => ("date", value, "0000-00-00"),
            Shape::Clock { value } => ("time", value, "00:00"),
            Shape::Moment { value } => ("datetime-local", value, "0000-00-00T00:00:00"),
            _ => return "text",
        };
        let alike = |(typed, sign): (u8, u8)| if sign == b'0' { typed.is_ascii_digit() } else { typed == sign };
        let whole = value.len() == sign.len() || (control == "datetime-local" && value.len() == 16);
        let kept = value.is_empty() || (whole && value.bytes().zip(sign.bytes()).all(alike));
        if kept { control } else { "text" }
    }

    /// Whether a time is given to the second, which a browser must be told.
    fn seconds(&self, value: &str) -> bool {
        value.len() > 16
    }

    /// The hint, with the limits that the shape sets.
    fn full_hint(&self) -> String {
        let limit = match &self.shape {
            Shape::Text { max, .. } | Shape::LongText { max, .. } | Shape::Languages { max, .. } if *max > 0 => {
                word(self.lang, "form-max", &[("n", Value::from(*max))])
            }
            Shape::Integer { min, max, .. } => {
                word(self.lang, "form-between", &[("min", Value::from(min.to_string())), ("max", Value::from(max.to_string()))])
            }
            Shape::Decimal { min, max, digits, .. } => {
                let arguments =
                    [("min", Value::from(min.to_string())), ("max", Value::from(max.to_string())), ("n", Value::from(*digits))];
                word(self.lang, "form-decimal", &arguments)
            }
            Shape::Moment { .. } => word(self.lang, "form-moment", &[]),
            Shape::Clock { .. } => word(self.lang, "form-clock", &[]),
            _ => String::new(),
        };
        if self.hint.is_empty() || limit.is_empty() {
            format!("{}{limit}", self.hint)
        } else {
            format!("{} · {limit}", self.hint)
        }
    }

    /// The ids of what describes it, for those who hear the page.
    fn described(&self) -> String {
        let hint = if self.full_hint().is_empty() { String::new() } else { format!("{}-hint", self.id) };
        if self.problems.is_empty() { hint } else { format!("{hint} {}-problem", self.id).trim_start().to_owned() }
    }

    /// The id of one control of a group: the first bears the field's own, which the summary's link leads to.
    fn control_id(&self, part: &str, first: &bool) -> String {
        if *first { self.id.clone() } else { format!("{}-{part}", self.id) }
    }

    /// The attributes of a single control that tell of its hint and its problems.
    fn marks(&self) -> Marks {
        Marks { described: self.described(), wrong: !self.problems.is_empty(), required: self.required }
    }

    fn row_heading(&self, index: &usize) -> String {
        word(self.lang, "form-row", &[("n", Value::from(index + 1))])
    }

    fn row_removal(&self, index: &usize) -> String {
        word(self.lang, "form-remove-row", &[("n", Value::from(index + 1))])
    }

    fn w(&self, id: &str) -> String {
        word(self.lang, id, &[])
    }
}

/// Attributes that follow from a field's state.
#[derive(Template)]
#[template(
    source = r#"{% if required %} required{% endif %}{% if wrong %} aria-invalid="true"{% endif %}{% if !described.is_empty() %} aria-describedby="{{ described }}"{% endif %}"#,
    ext = "html"
)]
struct Marks {
    described: String,
    wrong: bool,
    required: bool,
}

impl HtmlSafe for Marks {}
