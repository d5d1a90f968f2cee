use super::SPECS;
use crate::act::{Field, Shape};
use std::collections::BTreeSet;

/// Every field that an act of returns has, sealed ones and those of rows included. Whoever adds one comes by here, and asks
/// what it could be used for.
const FIELDS: &[&str] = &[
    "acceptance", "adults", "age_band", "as_of", "aside", "bar", "before", "best_interest", "birth_precision",
    "birth_year", "capacity", "cells", "children", "column", "column_totals", "columns_by", "contact_way", "content",
    "count", "counting_rule", "custodian", "date", "decision", "departed", "departed_at", "destination",
    "district_of_origin", "documents", "due", "exception", "exceptions", "family_ar", "family_latn", "family_links",
    "father_ar", "father_latn", "figures", "given_ar", "given_latn", "grandfather_ar", "grandfather_latn", "informed",
    "kunya_ar", "kunya_latn", "latitude", "line", "lines", "longitude", "mediation_tasks", "medical_consent",
    "medical_needs", "milestone", "mother_ar", "mother_latn", "move_reason", "moved_from", "name", "nationality",
    "occupancy", "on", "operation", "origin", "other_case", "person", "persons", "place", "planned_on", "precision",
    "protection", "publisher", "question", "radius", "reason", "received", "received_at", "receiving", "referral",
    "rows_by", "screening", "sending", "separation", "settled_in", "site", "site_change", "source", "sources",
    "subject", "terms", "text", "third_state", "third_state_position", "title", "tongue", "total", "transit_centre",
    "transport", "travel_on", "url", "value", "verification", "verification_method", "wellbeing", "witness",
];

/// What no field is about: belonging, belief, kin held against somebody, a body measured, a likeness counted, an address.
const NEVER: &[&str] = &[
    "affiliat", "ideolog", "family_of", "relative", "trib", "guarant", "disavow", "photo", "picture", "image", "portrait",
    "biometr", "iris", "finger", "dna", "face", "voice", "score", "match", "suspect", "threat", "risk", "rank", "interview",
    "evidence", "address", "religio", "sect", "ethnic", "health_file", "target",
];

/// What no choice is about.
const NEVER_CHOSEN: &[&str] =
    &["biometr", "iris", "finger", "dna", "face", "photo", "tribal", "guarantee", "disavow", "security", "intelligence", "military"];

fn collect(fields: &[Field], names: &mut BTreeSet<&'static str>, choices: &mut BTreeSet<&'static str>) {
    for field in fields {
        names.insert(field.name);
        match field.shape {
            Shape::Rows(_, fields) | Shape::Group(fields) => collect(fields, names, choices),
            Shape::Choice(words) | Shape::Choices(words) => choices.extend(words.iter().copied()),
            _ => {}
        }
    }
}

#[test]
fn no_field_serves_the_targeting_of_persons() {
    let (mut names, mut choices) = (BTreeSet::new(), BTreeSet::new());
    for spec in &SPECS {
        collect(spec.fields, &mut names, &mut choices);
        collect(spec.sealed, &mut names, &mut choices);
    }
    assert_eq!(names, FIELDS.iter().copied().collect(), "a field of returns is new or gone");
    for never in NEVER {
        assert!(names.iter().all(|name| !name.contains(never)), "a field is about `{never}`");
    }
    for never in NEVER_CHOSEN {
        assert!(choices.iter().all(|choice| !choice.contains(never)), "a choice is about `{never}`");
    }
}

#[test]
fn every_act_of_the_three_forms_is_listed_once() {
    let names: BTreeSet<&str> = SPECS.iter().map(|spec| spec.name).collect();
    assert_eq!(names.len(), SPECS.len());
    assert!(!names.contains(""));
}
