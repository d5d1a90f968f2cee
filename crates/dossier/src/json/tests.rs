use super::*;
use proptest::prelude::*;

pub(crate) fn any_value() -> impl Strategy<Value = Value> {
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
        prop_assert_eq!(written(&value), serde_json::to_string(&value).unwrap());
    }
}

proptest! {
    #[test]
    fn every_value_is_read_as_serde_json_reads_it(value in any_value()) {
        let text = value.to_string();
        prop_assert_eq!(read_text(&text).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
    }
}

/// Texts at the edge of what can be read.
pub(crate) fn odd_texts() -> Vec<String> {
    let deep = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let texts = [r#"{"b":1,"a":2,"b":{"c":3,"c":[4]}}"#, "-0", "1e400", "-1e-400", "18446744073709551616", "{", "\u{feff}1"];
    let escapes = [r#""\ud800""#, r#""\ud800\udc00""#, r#""\udc00""#, r#""\u12""#, r#""\x""#, r#"{"\ud800":1}"#];
    let nested = [124, 125, 126, 127, 128].map(deep);
    texts.into_iter().chain(escapes).map(str::to_owned).chain(nested).collect()
}

#[test]
fn what_is_odd_is_read_as_serde_json_reads_it() {
    for text in odd_texts() {
        let (here, there) = (read_text(&text), serde_json::from_str::<Value>(&text));
        assert_eq!(here.as_ref().ok(), there.as_ref().ok(), "{text}");
    }
}

/// `serde_json` takes an object with this one member for the value that the member's text holds.
#[test]
fn no_name_has_a_meaning_of_its_own() {
    let text = r#"{"$serde_json::private::RawValue":"[1"}"#;
    assert_eq!(read_text(text).unwrap()["$serde_json::private::RawValue"], "[1");
    assert_eq!(written(&read_text(text).unwrap()), text);
}

#[test]
fn every_character_of_one_byte_is_written_as_serde_json_writes_it() {
    for byte in 0..=127_u8 {
        let value = Value::from(format!("ab{}", char::from(byte)));
        assert_eq!(written(&value), serde_json::to_string(&value).unwrap());
    }
}
