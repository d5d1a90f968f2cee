//! Reads and writes JSON values byte for byte as `serde_json` does, in less time: objects, whose members mostly come in the
//! order of their names, are put together at once; most strings hold nothing that has to be escaped, and are copied as they
//! stand.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use std::fmt;

/// The name that `serde_json` gives the one member of an object that stands for other text (its feature `raw_value`).
const RAW: &str = "$serde_json::private::RawValue";

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
            if found.is_empty() && name == RAW {
                let text: String = members.next_value()?;
                return serde_json::from_str(&text).map_err(Error::custom);
            }
            found.push((name, members.next_value::<Item>()?.0));
        }
        // Of members with the same name the last one counts.
        Ok(Value::Object(found.into_iter().collect()))
    }
}

/// Writes a value without white space, the members of its objects in the order of their names.
pub(crate) fn write(value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::Null => bytes.extend_from_slice(b"null"),
        Value::Bool(true) => bytes.extend_from_slice(b"true"),
        Value::Bool(false) => bytes.extend_from_slice(b"false"),
        Value::Number(number) => write_number(number, bytes),
        Value::String(text) => write_text(text, bytes),
        Value::Array(items) => {
            bytes.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    bytes.push(b',');
                }
                write(item, bytes);
            }
            bytes.push(b']');
        }
        Value::Object(members) => {
            bytes.push(b'{');
            for (place, (name, member)) in members.iter().enumerate() {
                if place > 0 {
                    bytes.push(b',');
                }
                write_text(name, bytes);
                bytes.push(b':');
                write(member, bytes);
            }
            bytes.push(b'}');
        }
    }
}

fn write_number(number: &Number, bytes: &mut Vec<u8>) {
    // A number with a string of digits as its only form: writing it cannot fail.
    let _infallible = serde_json::to_writer(bytes, number);
}

fn write_text(text: &str, bytes: &mut Vec<u8>) {
    if is_plain(text.as_bytes()) {
        bytes.push(b'"');
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(b'"');
        return;
    }
    // Neither can writing a string.
    let _infallible = serde_json::to_writer(bytes, text);
}

/// Whether nothing has to be escaped. All bytes are looked at, without a branch between them, so that many are at once.
fn is_plain(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |plain, byte| plain & (*byte >= b' ') & (*byte != b'"') & (*byte != b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[ -~\"\\\\\u{0}-\u{20}\u{7f}ا-ي]{0,80}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..8)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_value_is_written_as_serde_json_writes_it(value in any_value()) {
            let mut bytes = Vec::new();
            write(&value, &mut bytes);
            prop_assert_eq!(bytes, serde_json::to_vec(&value).unwrap());
        }
    }

    fn read_text(text: &str) -> Result<Value, serde_json::Error> {
        read(&mut serde_json::Deserializer::from_str(text))
    }

    proptest! {
        #[test]
        fn every_value_is_read_as_serde_json_reads_it(value in any_value()) {
            let text = value.to_string();
            prop_assert_eq!(read_text(&text).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
        }
    }

    #[test]
    fn what_is_odd_is_read_as_serde_json_reads_it() {
        let deep = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        let odd = [
            r#"{"b":1,"a":2,"b":{"c":3,"c":[4]}}"#.to_owned(),
            r#"{"$serde_json::private::RawValue":"[1,{\"b\":2}]"}"#.to_owned(),
            r#"{"$serde_json::private::RawValue":"[1"}"#.to_owned(),
            r#"{"$serde_json::private::RawValue":1}"#.to_owned(),
            r#"{"$serde_json::private::RawValue":"1","a":2}"#.to_owned(),
            r#"{"a":2,"$serde_json::private::RawValue":"1"}"#.to_owned(),
            "-0".to_owned(),
            "1e400".to_owned(),
            "18446744073709551616".to_owned(),
            r#""\ud800""#.to_owned(),
            deep(126),
            deep(127),
            deep(128),
            "{".to_owned(),
        ];
        for text in odd {
            let (here, there) = (read_text(&text), serde_json::from_str::<Value>(&text));
            assert_eq!(here.as_ref().ok(), there.as_ref().ok(), "{text}");
        }
    }

    #[test]
    fn every_character_of_one_byte_is_written_as_serde_json_writes_it() {
        for byte in 0..=127_u8 {
            let value = Value::from(format!("ab{}", char::from(byte)));
            let mut bytes = Vec::new();
            write(&value, &mut bytes);
            assert_eq!(bytes, serde_json::to_vec(&value).unwrap());
        }
    }
}
