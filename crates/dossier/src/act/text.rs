//! Whether a body has no problem, told from its text: the common case, in which nothing is made of it but single fields while
//! they are looked at. Where a body has a problem, or might have one, it is read whole and every problem is named.

use super::{Field, Place, Shape, check_value};
use crate::json;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// How many fields an object may have to be looked at here.
const FIELDS: usize = 64;

/// Whether an object has no problem for certain.
pub(super) fn is_fine(fields: &[Field], text: &str) -> bool {
    fields.len() <= FIELDS && Object(fields).deserialize(&mut serde_json::Deserializer::from_str(text)).is_ok()
}

/// Says no more than that something may be wrong.
fn unsure<E: Error>() -> E {
    E::custom("")
}

/// An object with these fields, each once.
#[derive(Clone, Copy)]
struct Object<'f>(&'f [Field]);

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut there = 0_u64;
        while let Some((place, field)) = members.next_key_seed(Name(self.0))? {
            let bit = 1 << place;
            if there & bit != 0 {
                return Err(unsure());
            }
            there |= bit;
            members.next_value_seed(Content(field))?;
        }
        let is_missing = |(place, field): (usize, &Field)| field.required && there >> place & 1 == 0;
        if self.0.iter().enumerate().any(is_missing) { Err(unsure()) } else { Ok(()) }
    }
}

/// The name of one of these fields.
struct Name<'f>(&'f [Field]);

impl<'de, 'f> DeserializeSeed<'de> for Name<'f> {
    type Value = (usize, &'f Field);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'f> Visitor<'_> for Name<'f> {
    type Value = (usize, &'f Field);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field's name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        self.0.iter().enumerate().find(|(_, field)| field.name == name).ok_or_else(unsure)
    }
}

/// What stands in a field.
struct Content<'f>(&'f Field);

impl<'de> DeserializeSeed<'de> for Content<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.0.shape {
            Shape::Group(fields) if fields.len() <= FIELDS => Object(fields).deserialize(deserializer),
            Shape::Rows(limit, fields) if fields.len() <= FIELDS => {
                deserializer.deserialize_seq(Rows { limit, fields, required: self.0.required })
            }
            _ => {
                let (value, mut problems) = (json::read(deserializer)?, Vec::new());
                check_value(self.0, &value, Place::Top, &mut problems);
                if problems.is_empty() { Ok(()) } else { Err(unsure()) }
            }
        }
    }
}

/// Up to so many rows of these fields, at least one where they are required.
struct Rows<'f> {
    limit: usize,
    fields: &'f [Field],
    required: bool,
}

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        let mut count = 0;
        while rows.next_element_seed(Object(self.fields))?.is_some() {
            count += 1;
        }
        if count > self.limit || self.required && count == 0 { Err(unsure()) } else { Ok(()) }
    }
}
