//! Every golden act, shown as a form and sent back as a browser would send it, is the same act.

use crate::words::golden;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tansiq_dossier::act::{self, ActSpec};
use tansiq_dossier::channel::Charter;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::party::Role;
use tansiq_dossier::refusal::Problem;
use tansiq_dossier::sealed::without_digests;
use tansiq_node::language::Lang;
use tansiq_node::web::form::{Choice, Field, Form, Shape};
use tansiq_node::web::forms::{self, Maker, Offers, Typed, is_fixed};
use tansiq_node::web::parts::Text;

type Pairs = Vec<(String, String)>;

fn chosen(options: &[Choice]) -> impl Iterator<Item = &str> {
    options.iter().filter(|option| option.chosen).map(|option| option.value.as_str())
}

/// What a browser sends of these fields.
fn sent(fields: &[Field], pairs: &mut Pairs) {
    for field in fields {
        let mut send = |value: &str| pairs.push((field.name.clone(), value.to_owned()));
        match &field.shape {
            Shape::Text { value, .. }
            | Shape::LongText { value, .. }
            | Shape::Date { value }
            | Shape::Integer { value, .. }
            | Shape::Moment { value }
            | Shape::Clock { value }
            | Shape::Decimal { value, .. }
            | Shape::Suggested { value, .. }
            | Shape::Hash { value, .. } => send(value),
            Shape::Choice { options } | Shape::Several { options } => chosen(options).for_each(send),
            Shape::Select { groups } => groups.iter().flat_map(|group| chosen(&group.options)).for_each(send),
            Shape::Flag { value } => value.then(|| send("yes")).unwrap_or_default(),
            Shape::DateOrNone { value, none } => {
                send(value);
                if *none {
                    pairs.push((format!("{}.none", field.name), "yes".to_owned()));
                }
            }
            Shape::Languages { values, .. } => {
                let tongue = |text: &Text| format!("{}.{}", field.name, text.lang.unwrap().code());
                pairs.extend(values.iter().map(|text| (tongue(text), text.text.replace('\n', "\r\n"))));
            }
            Shape::Rows { rows } => rows.iter().for_each(|row| sent(row, pairs)),
            Shape::Group { fields } | Shape::Sealed { fields } => sent(fields, pairs),
            Shape::Note => {}
            Shape::Password => panic!("no act asks for a password"),
        }
    }
}

fn offers(charter: &Charter) -> Offers {
    let plain = |id: &str| (id.to_owned(), Text::plain(id));
    let institutions = charter.parties.values().map(|party| {
        let of_it = party.institutions.keys().map(|id| plain(id.as_str())).collect();
        (String::new(), of_it)
    });
    Offers {
        institutions: institutions.collect(),
        parties: charter.parties.keys().map(|party| plain(party.as_str())).collect(),
        tongues: ["ar", "en", "tr"].map(str::to_owned).into(),
        ..Offers::default()
    }
}

/// A form leaves out what says nothing, an optional "no" or an empty list, and what the node fills in.
fn without_silence(fields: &[act::Field], mut body: Value) -> Value {
    let field_of = |name: &str| fields.iter().find(|field| field.name == name);
    let Some(members) = body.as_object_mut() else { return body };
    members.retain(|name, value| {
        let required = field_of(name).is_some_and(|field| field.required);
        let silent = value == &Value::Bool(false) || value.as_array().is_some_and(Vec::is_empty);
        let filled_in = field_of(name).is_some_and(|field| matches!(field.shape, act::Shape::Disclosure));
        !filled_in && (required || !silent)
    });
    for (name, value) in members.iter_mut() {
        match field_of(name).map(|field| field.shape) {
            Some(act::Shape::Group(fields)) => *value = without_silence(fields, value.take()),
            Some(act::Shape::Rows(_, fields)) => {
                let rows = value.as_array_mut().into_iter().flatten();
                rows.for_each(|row| *row = without_silence(fields, row.take()));
            }
            _ => {}
        }
    }
    body
}

/// What a browser sends of the form of this act, sealed values and unseen values with it.
fn sent_form(maker: &Maker<'_>, act: &Typed) -> Pairs {
    let mut pairs = Pairs::new();
    let fields: Vec<Field> = maker.fields(&act.body).into_iter().chain(maker.sealed(&act.sealed)).collect();
    sent(&fields, &mut pairs);
    let fixed = maker.spec.fields.iter().filter(|field| is_fixed(maker.spec, field, &act.body));
    pairs.extend(fixed.map(|field| (field.name.to_owned(), act.body[field.name].as_str().unwrap().to_owned())));
    pairs
}

const RECORD: &str = "00000000000000000000000000000000000000000000000000000000000000aa";

/// Something that may stand in a field of this shape.
fn sample(shape: act::Shape) -> Option<Value> {
    Some(match shape {
        act::Shape::Disclosure => return None,
        act::Shape::Text(_) => json!("نص"),
        act::Shape::Paragraphs(_) => json!("سطر\nوسطر"),
        act::Shape::Words(_) => json!({ "ar": "نص", "tr": "metin" }),
        act::Shape::Tongue => json!("ar"),
        act::Shape::Tongues => json!(["ar", "tr"]),
        act::Shape::Date => json!("2026-11-22"),
        act::Shape::Due => json!("none"),
        act::Shape::Moment => json!("2026-11-22T22:30:05Z"),
        act::Shape::Clock => json!("06:30"),
        act::Shape::Decimal(low, ..) => json!(low.to_string()),
        act::Shape::Choice(choices) => json!(choices[choices.len() - 1]),
        act::Shape::Choices(choices) => json!(choices),
        act::Shape::Whole(low, _) => json!(low),
        act::Shape::Claims => json!(["born", "given"]),
        act::Shape::Flag => json!(true),
        act::Shape::Party => json!("IRQ"),
        act::Shape::Parties => json!(["IRQ"]),
        act::Shape::Institution => json!("irq.mofa"),
        act::Shape::Dossier => json!("IRQ-aaaaaaaaaaaaaaaaaaaaaaaaaa"),
        act::Shape::Record | act::Shape::Content => json!(RECORD),
        act::Shape::Rows(limit, fields) => (0..limit.min(2)).map(|_| samples(fields)).collect(),
        act::Shape::Group(fields) => samples(fields),
        act::Shape::Anything => json!({ "a": 1 }),
    })
}

fn samples(fields: &[act::Field]) -> Value {
    fields.iter().filter_map(|field| Some((field.name.to_owned(), sample(field.shape)?))).collect::<Map<_, _>>().into()
}

/// What a browser sends of the form of this act, each of its texts filled in, the sealed ones with this text.
pub(crate) fn typed_with(kind: Kind, spec: &'static ActSpec, sealed: &str) -> Pairs {
    let offers = few_offers();
    let maker = Maker { lang: Lang::Ar, kind, spec, offers: &offers, problems: &[] };
    let act = Typed { body: samples(spec.fields), sealed: samples(spec.sealed).as_object().unwrap().clone() };
    let mut pairs = sent_form(&maker, &act);
    for (name, value) in &mut pairs {
        if name.starts_with("_sealed.") && value == "نص" {
            sealed.clone_into(value);
        }
    }
    pairs
}

fn few_offers() -> Offers {
    let plain = |id: &str| (id.to_owned(), Text::plain(id));
    Offers {
        institutions: vec![(String::new(), vec![plain("irq.mofa")])],
        parties: vec![plain("IRQ")],
        tongues: ["ar", "en", "tr"].map(str::to_owned).into(),
        records: vec![plain(RECORD)],
        claims: [(RECORD.to_owned(), ["born", "given"].map(str::to_owned).into())].into(),
        ..Offers::default()
    }
}

fn field(name: &'static str, shape: act::Shape) -> act::Field {
    act::Field { name, required: true, shape }
}

/// An act with a field of every shape, of which it seals as many.
fn invented() -> &'static ActSpec {
    let inner: &'static [act::Field] = Box::leak(Box::new([
        field("text", act::Shape::Text(10)),
        field("at", act::Shape::Moment),
        field("clock", act::Shape::Clock),
        field("several", act::Shape::Choices(&["a", "b", "c"])),
        field("share", act::Shape::Decimal(-5, 5, 2)),
    ]));
    let rows: &'static [act::Field] = Box::leak(Box::new([field("group", act::Shape::Group(inner))]));
    let fields = || -> &'static [act::Field] {
        Box::leak(Box::new([
            field("group", act::Shape::Group(inner)),
            field("rows", act::Shape::Rows(3, rows)),
            field("of", act::Shape::Record),
            field("claims", act::Shape::Claims),
            field("shown", act::Shape::Disclosure),
            field("words", act::Shape::Words(20)),
        ]))
    };
    let spec = ActSpec {
        name: "invented",
        roles: &[Role::Secretary],
        opens: false,
        mutual: false,
        guests: false,
        fields: fields(),
        sealed: fields(),
    };
    Box::leak(Box::new(spec))
}

/// Every act that people do: of every kind, and of every dossier whatever its kind.
fn every_act() -> Vec<(Kind, &'static ActSpec)> {
    let worked = Kind::ALL.iter().copied().filter(|kind| kind.letter().is_some());
    let own = worked.flat_map(|kind| kind.acts().iter().map(move |spec| (kind, spec)));
    own.chain(tansiq_dossier::custody::SPECS.iter().map(|spec| (Kind::Meeting, spec))).collect()
}

#[test]
fn what_may_stand_in_a_form_comes_back_from_it_as_it_was() {
    let offers = few_offers();
    for (kind, spec) in every_act().into_iter().chain([(Kind::Meeting, invented())]) {
        let maker = Maker { lang: Lang::Ar, kind, spec, offers: &offers, problems: &[] };
        let sealed = if forms::seals(kind, spec) { samples(spec.sealed) } else { json!({}) };
        let act = Typed { body: samples(spec.fields), sealed: sealed.as_object().unwrap().clone() };
        let back = Typed::of(kind, spec, &sent_form(&maker, &act));
        assert_eq!((&back.body, &back.sealed), (&act.body, &act.sealed), "{kind} {}", spec.name);
        // And what is no value of any field at all: the same pairs, each with something else.
        let scrawled = sent_form(&maker, &act).into_iter().map(|(name, value)| (name, format!("{value}؟ x"))).collect::<Pairs>();
        let back = Typed::of(kind, spec, &scrawled);
        let _shown = sent_form(&maker, &back);
    }
}

#[test]
fn a_moment_is_typed_by_the_clock_of_baghdad() {
    let spec = invented();
    let typed = |text: &str| {
        let pairs = [("group.at".to_owned(), text.to_owned())];
        Typed::of(Kind::Meeting, spec, &pairs).body["group"]["at"].as_str().unwrap().to_owned()
    };
    assert_eq!(typed("2026-11-22T01:30"), "2026-11-21T22:30:00Z");
    assert_eq!(typed("٢٠٢٦-١١-٢٢ ١٢:٠٠"), "2026-11-22T09:00:00Z");
    assert_eq!(typed("2026-11-22T12:00:07"), "2026-11-22T09:00:07Z");
    assert_eq!(typed("2026-11-22T09:00:00Z"), "2026-11-22T09:00:00Z");
    for other in ["2026-02-30T12:00", "غدًا صباحًا", "12:00", "9999-12-31"] {
        assert_eq!(typed(other), other);
    }
    assert_eq!(forms::in_baghdad("2026-11-21T22:30:00Z"), "2026-11-22T01:30");
    assert_eq!(forms::in_baghdad("غدًا"), "غدًا");
}

/// The form as a page shows it.
fn page(maker: &Maker<'_>, act: &Typed) -> String {
    let fields = maker.fields(&act.body).into_iter().chain(maker.sealed(&act.sealed));
    fields.fold(Form::new(maker.lang, "f", "/x", "token"), Form::field).to_string()
}

#[test]
fn what_is_sealed_stands_in_its_own_group_and_in_nothing_that_goes_on() {
    let (spec, offers) = (invented(), few_offers());
    let mut sealed = samples(spec.sealed).as_object().unwrap().clone();
    sealed["group"]["at"] = json!("بعد الظهر");
    sealed["group"]["text"] = json!("نبيلة");
    let act = Typed { body: json!({}), sealed };
    let problem =
        |field: &str, code: &str| Problem { field: field.to_owned(), code: code.to_owned().into(), asked: String::new() };
    let problems = [problem("sealed.group.at", "FRM04"), problem("rows", "FRM02")];
    let maker = Maker { lang: Lang::En, kind: Kind::Meeting, spec, offers: &offers, problems: &problems };
    let shown = page(&maker, &act);
    assert!(shown.contains("class=\"sealed\"") && shown.contains("name=\"_sealed.group.text\" value=\"نبيلة\""));
    // A value that its control could not hold stands as it was typed, with the rule beside it; each problem is told once.
    assert!(
        shown.contains("type=\"text\" class=\"short\" id=\"f-_sealed-group-at\" name=\"_sealed.group.at\" value=\"بعد الظهر\"")
    );
    let wrong = |fields: &[Field]| -> Vec<String> {
        let form = fields.iter().filter(|field| !field.problems.is_empty());
        form.map(|field| field.name.clone()).collect()
    };
    assert_eq!(wrong(&maker.fields(&act.body)), ["rows"]);
    assert_eq!(shown.matches("FRM04").count(), 2, "in the summary and at the field");
    let pairs = sent_form(&maker, &act);
    assert!(
        forms::carried(&pairs, &["csrf"]).iter().all(|(name, value)| !name.starts_with("_sealed") && !value.contains("نبيلة"))
    );
    let mut pressed = Typed::of(Kind::Meeting, spec, &pairs);
    assert!(pressed.press(&[("row-remove".to_owned(), "_sealed.rows.0".to_owned())]));
    assert_eq!(pressed.sealed["rows"].as_array().unwrap().len(), 1);
    assert!(pressed.press(&[("row-add".to_owned(), "_sealed.rows".to_owned())]));
    assert_eq!(pressed.sealed["rows"].as_array().unwrap().len(), 2);
    assert!(pressed.body.get("_sealed").is_none());
}

#[test]
fn what_is_signed_seals_nothing() {
    // Between a form and the page that asks for the signature nothing sealed may be carried.
    let signed = every_act().into_iter().filter(|(_, spec)| spec.mutual && spec.roles == [Role::CoChair]);
    signed.for_each(|(kind, spec)| assert!(spec.sealed.is_empty(), "{kind} {}", spec.name));
}

#[test]
fn every_act_of_every_kind_has_a_form_with_words() {
    let offers = few_offers();
    let mut gaps = BTreeSet::new();
    for (kind, spec) in every_act() {
        for lang in Lang::ALL {
            let maker = Maker { lang, kind, spec, offers: &offers, problems: &[] };
            let sealed = if forms::seals(kind, spec) { samples(spec.sealed) } else { json!({}) };
            let filled = Typed { body: samples(spec.fields), sealed: sealed.as_object().unwrap().clone() };
            for act in [Typed::offered(json!({})), filled] {
                let shown = page(&maker, &act);
                gaps.extend(shown.split('⟦').skip(1).map(|rest| format!("{kind}: {}", rest.split('⟧').next().unwrap())));
            }
        }
    }
    assert!(gaps.is_empty(), "{gaps:#?}");
}

/// The same with every set of words in one order: a form shows its boxes in an order of its own.
fn in_order(fields: &[act::Field], mut body: Value) -> Value {
    for field in fields {
        let Some(value) = body.get_mut(field.name) else { continue };
        match field.shape {
            act::Shape::Choices(_) | act::Shape::Claims | act::Shape::Parties | act::Shape::Tongues => {
                value.as_array_mut().into_iter().for_each(|words| words.sort_by_key(Value::to_string));
            }
            act::Shape::Group(fields) => *value = in_order(fields, value.take()),
            act::Shape::Rows(_, fields) => {
                value.as_array_mut().into_iter().flatten().for_each(|row| *row = in_order(fields, row.take()));
            }
            _ => {}
        }
    }
    body
}

#[test]
fn every_golden_act_comes_back_from_its_form_as_it_was() {
    let mut acts = BTreeSet::new();
    let kinds = crate::words::golden_kinds();
    for kind in kinds.iter().copied() {
        for (charter, entries) in golden(kind) {
            let mut offers = offers(&charter);
            offers.records = entries.iter().map(|entry| (entry.id.to_string(), Text::plain(entry.id.short()))).collect();
            for entry in entries.iter().filter(|entry| entry.record.kind == kind.name()) {
                let (act, body) = (entry.record.act.as_str(), &entry.record.body);
                let spec = kind.act(act).unwrap();
                let maker = Maker { lang: Lang::Ar, kind, spec, offers: &offers, problems: &[] };
                let body = without_silence(spec.fields, without_digests(body));
                let pairs = sent_form(&maker, &Typed::offered(body.clone()));
                let back = forms::body(spec.fields, &pairs);
                assert_eq!(in_order(spec.fields, back), in_order(spec.fields, body), "{kind} {act}");
                acts.extend(kind.custody(act).is_none().then(|| (kind, act.to_owned())));
            }
        }
    }
    let all: usize = kinds.iter().map(|kind| kind.acts().len()).sum();
    assert_eq!(acts.len(), all, "{acts:#?}");
}
