//! Every golden act, shown as a form and sent back as a browser would send it, is the same act.

use crate::words::golden;
use serde_json::Value;
use std::collections::BTreeSet;
use tansiq_dossier::act::ActSpec;
use tansiq_dossier::channel::Charter;
use tansiq_dossier::kinds::Kind;
use tansiq_node::language::Lang;
use tansiq_node::web::form::{Choice, Field, Shape};
use tansiq_node::web::forms::{self, Maker, Offers, is_fixed};
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
            Shape::Group { fields } => sent(fields, pairs),
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

/// A form leaves out what says nothing: an optional "no", an empty list.
fn without_silence(spec: &ActSpec, mut body: Value) -> Value {
    let silent = |name: &str, value: &Value| {
        let required = spec.fields.iter().any(|field| field.name == name && field.required);
        !required && (value == &Value::Bool(false) || value.as_array().is_some_and(Vec::is_empty))
    };
    if let Some(members) = body.as_object_mut() {
        members.retain(|name, value| !silent(name, value));
    }
    body
}

#[test]
fn every_golden_act_comes_back_from_its_form_as_it_was() {
    let mut acts = BTreeSet::new();
    let kinds = [Kind::Agreement, Kind::Commitment, Kind::Meeting, Kind::Action];
    for kind in kinds {
        for (charter, entries) in golden(kind) {
            let mut offers = offers(&charter);
            offers.records = entries.iter().map(|entry| (entry.id.to_string(), Text::plain(entry.id.short()))).collect();
            for entry in entries.iter().filter(|entry| entry.record.kind == kind.name()) {
                let (act, body) = (entry.record.act.as_str(), &entry.record.body);
                let spec = kind.act(act).unwrap();
                let maker = Maker { lang: Lang::Ar, kind, spec, offers: &offers, problems: &[] };
                let mut pairs = Pairs::new();
                sent(&maker.fields(body), &mut pairs);
                let fixed = spec.fields.iter().filter(|field| is_fixed(spec, field, body));
                pairs.extend(fixed.map(|field| (field.name.to_owned(), body[field.name].as_str().unwrap().to_owned())));
                assert_eq!(forms::body(spec.fields, &pairs), without_silence(spec, body.clone()), "{kind} {act}");
                acts.insert((kind, act.to_owned()));
            }
        }
    }
    let all: usize = kinds.iter().map(|kind| kind.acts().len()).sum();
    assert_eq!(acts.len(), all, "{acts:#?}");
}
