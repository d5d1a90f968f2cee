//! What a programme cannot even be asked.

use super::SPECS;
use crate::act::{Field, Shape};

/// Every field of an act with what stands in it, but for places, which have names.
fn names(fields: &[Field]) -> Vec<&'static str> {
    let inside = |field: &Field| match field.shape {
        Shape::Rows(_, fields) | Shape::Group(fields) if field.name != "place" => names(fields),
        _ => Vec::new(),
    };
    fields.iter().flat_map(|field| std::iter::once(field.name).chain(inside(field))).collect()
}

#[test]
fn nobody_is_named() {
    const FORBIDDEN: [&str; 16] = [
        "name", "given", "father", "family", "kunya", "mother", "person", "participant", "nominee", "nomination", "student",
        "trainee", "passport", "document", "birth", "rank",
    ];
    let fields: Vec<&str> = SPECS.iter().flat_map(|spec| [names(spec.fields), names(spec.sealed)].concat()).collect();
    assert!(fields.contains(&"attended"));
    for field in fields {
        assert!(field.split('_').all(|word| !FORBIDDEN.contains(&word.trim_end_matches('s'))), "{field} could name a person");
    }
}

#[test]
fn nothing_is_sealed_because_nothing_needs_to_be() {
    assert!(SPECS.iter().all(|spec| spec.sealed.is_empty()));
}
