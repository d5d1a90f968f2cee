//! Reads and writes JSON values byte for byte as `serde_json` does, in less time: objects, whose members mostly come in the
//! order of their names, are put together at once; most strings hold nothing that has to be escaped, and are copied as they
//! stand. No name of a member has a meaning of its own here, as one has for `serde_json` (its feature `raw_value`).

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use std::fmt::{self, Write as _};

/// For how many members of an object room is made before they are known: most have fewer.
const MEMBERS: usize = 16;

/// Reads any value.
pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    deserializer.deserialize_any(Reader)
}

struct Item(Value);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer).map(Item)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut found = Vec::new();
        while let Some(Item(item)) = items.next_element()? {
            found.push(item);
        }
        Ok(Value::Array(found))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut found: Vec<(String, Value)> = Vec::with_capacity(MEMBERS);
        while let Some(name) = members.next_key::<String>()? {
            found.push((name, members.next_value::<Item>()?.0));
        }
        // Of members with the same name the last one counts.
        Ok(Value::Object(found.into_iter().collect()))
    }
}

/// Reads the one value that a text holds.
pub(crate) fn read_text(text: &str) -> Result<Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = read(&mut deserializer)?;
    deserializer.end().map(|()| value)
}

/// A value as text without white space, the members of its objects in the order of their names.
pub(crate) fn written(value: &Value) -> String {
    let mut text = String::with_capacity(2048);
    write(value, &mut text);
    text
}

pub(crate) fn write(value: &Value, to: &mut String) {
    match value {
        Value::Null => to.push_str("null"),
        Value::Bool(true) => to.push_str("true"),
        Value::Bool(false) => to.push_str("false"),
        Value::Number(number) => write_number(number, to),
        Value::String(text) => write_text(text, to),
        Value::Array(items) => {
            to.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    to.push(',');
                }
                write(item, to);
            }
            to.push(']');
        }
        Value::Object(members) => {
            to.push('{');
            for (place, (name, member)) in members.iter().enumerate() {
                if place > 0 {
                    to.push(',');
                }
                write_text(name, to);
                to.push(':');
                write(member, to);
            }
            to.push('}');
        }
    }
}

pub(crate) fn write_number(number: &Number, to: &mut String) {
    // Writing to text cannot fail.
    let _infallible = write!(to, "{number}");
}

pub(crate) fn write_text(text: &str, to: &mut String) {
    if is_plain(text.as_bytes()) {
        to.push('"');
        to.push_str(text);
        to.push('"');
        return;
    }
    // Neither can writing a string.
    to.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// Whether nothing has to be escaped. All bytes are looked at, without a branch between them, so that many are at once.
fn is_plain(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |plain, byte| plain & (*byte >= b' ') & (*byte != b'"') & (*byte != b'\\'))
}

#[cfg(test)]
pub(crate) mod tests;
