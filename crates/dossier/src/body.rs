//! The fields of an act, as they stand in its record: JSON text that is known to be well-formed. It is made into values when
//! somebody asks for them, and most of the way from an officer to a counterparty's store nobody does.

use crate::json;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use std::fmt;
use std::ops::{Deref, Range};
use std::sync::OnceLock;

/// How many lists and objects may stand in each other in a body: with the record around it, as many as `serde_json` reads.
const DEPTH: u8 = 126;

/// The fields of an act. It can be read as the value that it is; whoever changes that has the text written anew.
#[derive(Clone, Default)]
pub struct ActBody {
    text: OnceLock<String>,
    value: OnceLock<Value>,
}

impl ActBody {
    /// The body of which this is the text, to the byte.
    ///
    /// # Errors
    /// What `serde_json` says of text that is not one JSON value (RFC 8259), or that holds more than a record may.
    pub fn of_text(text: &str) -> Result<ActBody, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        Skim(DEPTH).deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(ActBody { text: OnceLock::from(text.to_owned()), value: OnceLock::new() })
    }

    /// Its text: as it came, where it came as text; without white space and in the order of its members' names otherwise.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| json::written(self.value()))
    }

    /// Its text, where it has been written.
    pub(crate) fn as_text(&self) -> Option<&str> {
        self.text.get().map(String::as_str)
    }

    /// The value that it is.
    #[must_use]
    pub fn value(&self) -> &Value {
        // Text that could not be read made no body.
        self.value.get_or_init(|| self.as_text().and_then(|text| json::read_text(text).ok()).unwrap_or_default())
    }

    /// The value that it is, for whoever keeps it.
    #[must_use]
    pub fn into_value(self) -> Value {
        let _read = self.value();
        self.value.into_inner().unwrap_or_default()
    }

    /// Changes the value.
    pub fn change<T>(&mut self, change: impl FnOnce(&mut Value) -> T) -> T {
        let mut value = std::mem::take(self).into_value();
        let done = change(&mut value);
        *self = ActBody::from(value);
        done
    }

    /// Whether it has a member of this name, a plain word. Text that does not hold the word is not read for it.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let may = |text: &str| text.contains(name) || text.contains('\\');
        self.as_text().is_none_or(may) && self.value().get(name).is_some()
    }
}

impl From<Value> for ActBody {
    fn from(value: Value) -> ActBody {
        ActBody { text: OnceLock::new(), value: OnceLock::from(value) }
    }
}

impl Deref for ActBody {
    type Target = Value;

    fn deref(&self) -> &Value {
        self.value()
    }
}

impl PartialEq for ActBody {
    fn eq(&self, other: &ActBody) -> bool {
        self.value() == other.value()
    }
}

impl Eq for ActBody {}

impl fmt::Debug for ActBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

impl Serialize for ActBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

/// Takes the text over without white space, and makes no value of it. An object that has two members of one name is refused: each
/// reader would choose another of them (RFC 8259, section 4).
impl<'de> Deserialize<'de> for ActBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ActBody, D::Error> {
        let mut copy = Copy { text: String::with_capacity(2048), names: Vec::new() };
        Copied(&mut copy).deserialize(deserializer)?;
        Ok(ActBody { text: OnceLock::from(copy.text), value: OnceLock::new() })
    }
}

/// Reads a value through and keeps nothing of it: what passes can be read, and whatever `serde_json` would refuse is refused. So
/// many lists and objects may stand in each other.
#[derive(Clone, Copy)]
struct Skim(u8);

impl<'de> DeserializeSeed<'de> for Skim {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Skim {
    fn deeper<E: Error>(self) -> Result<Skim, E> {
        self.0.checked_sub(1).map(Skim).ok_or_else(|| E::custom("too many lists and objects in each other"))
    }
}

impl<'de> Visitor<'de> for Skim {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_bool<E>(self, _value: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _value: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _value: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _value: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _text: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let within = self.deeper()?;
        while items.next_element_seed(within)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let within = self.deeper()?;
        while members.next_key_seed(within)?.is_some() {
            members.next_value_seed(within)?;
        }
        Ok(())
    }
}

/// A value on its way from one text into another.
struct Copy {
    text: String,
    /// Where in the text the names of the members stand of every object that is being copied.
    names: Vec<Range<usize>>,
}

impl Copy {
    /// Parts what comes from what stands before it, in a list or an object whose first part begins there.
    fn part(&mut self, begun: usize) {
        if self.text.len() > begun {
            self.text.push(',');
        }
    }

    /// Whether the names from this one on are all different.
    fn are_different(&mut self, from: usize) -> bool {
        let (text, names) = (&self.text, &mut self.names[from..]);
        // Most differ in their lengths.
        let name = |place: &Range<usize>| (place.len(), text.get(place.clone()));
        names.sort_unstable_by(|one, other| name(one).cmp(&name(other)));
        names.windows(2).all(|pair| name(&pair[0]) != name(&pair[1]))
    }
}

struct Copied<'c>(&'c mut Copy);

impl<'de> DeserializeSeed<'de> for Copied<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Copied<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.0.text.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        json::write_number(&value.into(), &mut self.0.text);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        json::write_number(&value.into(), &mut self.0.text);
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        json::write(&Value::from(value), &mut self.0.text);
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        json::write_text(text, &mut self.0.text);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.text.push_str("null");
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.0.text.push('[');
        let begun = self.0.text.len();
        while items.next_element_seed(Item(self.0, begun))?.is_some() {}
        self.0.text.push(']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let first = self.0.names.len();
        self.0.text.push('{');
        let begun = self.0.text.len();
        while members.next_key_seed(Name(self.0, begun))?.is_some() {
            members.next_value_seed(Copied(self.0))?;
        }
        self.0.text.push('}');
        if !self.0.are_different(first) {
            return Err(A::Error::custom("an object has two members of one name"));
        }
        self.0.names.truncate(first);
        Ok(())
    }
}

/// One more item of a list that begins there in the text.
struct Item<'c>(&'c mut Copy, usize);

impl<'de> DeserializeSeed<'de> for Item<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.part(self.1);
        Copied(self.0).deserialize(deserializer)
    }
}

/// The name of one more member of an object that begins there in the text.
struct Name<'c>(&'c mut Copy, usize);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let copy = self.0;
        copy.part(self.1);
        let from = copy.text.len();
        Copied(copy).deserialize(deserializer)?;
        copy.names.push(from..copy.text.len());
        copy.text.push(':');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::tests::{any_value, odd_texts};
    use proptest::prelude::*;

    fn of_text(text: &str) -> Option<Value> {
        ActBody::of_text(text).ok().map(ActBody::into_value)
    }

    fn copied(text: &str) -> Option<String> {
        serde_json::from_str::<ActBody>(text).ok().map(|body| body.text().to_owned())
    }

    proptest! {
        #[test]
        fn a_body_is_the_value_that_its_text_says(value in any_value()) {
            let text = serde_json::to_string_pretty(&value).unwrap();
            let body = ActBody::of_text(&text).unwrap();
            prop_assert_eq!(body.text(), &text);
            prop_assert_eq!(body.value(), &serde_json::from_str::<Value>(&text).unwrap());
            let made = ActBody::from(value.clone());
            prop_assert_eq!(made.text(), serde_json::to_string(&value).unwrap());
            prop_assert_eq!(copied(&text), Some(serde_json::from_str::<Value>(&text).unwrap().to_string()));
        }
    }

    /// What passes without being kept is what could have been kept: a record that one node can read and another cannot would part
    /// them for ever.
    #[test]
    fn text_makes_a_body_exactly_when_it_can_be_read() {
        for text in odd_texts() {
            let record = format!("{{\"body\":{text}}}");
            let read = serde_json::from_str::<Value>(&record).ok().map(|mut record| record["body"].take());
            assert_eq!(of_text(&text), read, "{text}");
        }
        for text in ["", "1 2", "{} {}", "[1,]", "{\"a\":1,}", "nul", "\"\u{1}\"", "01"] {
            assert_eq!(of_text(text), None, "{text}");
        }
    }

    #[test]
    fn an_officers_body_loses_its_white_space_and_keeps_its_order() {
        assert_eq!(
            copied(" { \"b\" : [ 1 , -2.50, null ] ,\n\"a\":\"\\u0627\\n\" } "),
            Some(r#"{"b":[1,-2.5,null],"a":"ا\n"}"#.to_owned())
        );
        for twice in [r#"{"a":1,"a":1}"#, r#"{"a":1,"b":{"c":1,"d":2,"c":3}}"#, r#"[{"a":1,"\u0061":2}]"#] {
            assert_eq!(copied(twice), None, "{twice}");
        }
        assert_eq!(copied(r#"[{"a":{"b":1}},{"b":{"a":1}}]"#).as_deref(), Some(r#"[{"a":{"b":1}},{"b":{"a":1}}]"#));
    }

    #[test]
    fn what_is_changed_is_written_anew() {
        let mut body = ActBody::of_text("{ \"b\":1, \"a\":2 }").unwrap();
        assert!(body.has("a") && !body.has("c"));
        body.change(|value| value["c"] = 3.into());
        assert_eq!(body.text(), r#"{"a":2,"b":1,"c":3}"#);
        assert!(body.has("c") && ActBody::of_text(r#"{"\u0064":1}"#).unwrap().has("d"));
        assert!(!ActBody::of_text(r#"{"a":"c"}"#).unwrap().has("c"));
        assert!(!ActBody::default().has("a") && ActBody::default().text() == "null");
    }
}
