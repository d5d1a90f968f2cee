//! A probe measures the exchange itself, in a channel of its own: its payload is any JSON object, and nothing follows from
//! it. `tansiq bench exchange` sends probes, so that no dossier of any state is ever made for a measurement.

use crate::acts;
use crate::act::{ActSpec, Shape, title_of};
use crate::body::ActBody;
use crate::channel::Charter;
use crate::fold::Context;
use crate::kinds::Rules;
use crate::party::PartyId;
use crate::refusal::{Common, Refusal};
use crate::sheet::{Offer, Sheet, Tone, View};
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

acts! {
    /// Sends one payload.
    Send = "send" by [Secretary, Administrator], opens {
        /// What is sent: any JSON object.
        required payload: Payload => Shape::Anything;
    }
}

/// What is read of a payload: its name. The rest stands in the record, and nothing follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Payload {
    name: Value,
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Payload, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Payload;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Payload, A::Error> {
                let mut name = Value::Null;
                while let Some(IsName(is_name)) = members.next_key()? {
                    if is_name {
                        name = members.next_value()?;
                    } else {
                        members.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Payload { name })
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// Whether a member is the one that is read.
struct IsName(bool);

impl<'de> Deserialize<'de> for IsName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<IsName, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = IsName;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E>(self, name: &str) -> Result<IsName, E> {
                Ok(IsName(name == "name"))
            }
        }
        deserializer.deserialize_identifier(Name)
    }
}

/// What was sent, by name only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    name: String,
}

impl Rules for Probe {
    type Act = Act;
    const SPECS: &'static [ActSpec] = SPECS;
    const STATES: &'static [&'static str] = &["sent"];
    const CODES: &'static [&'static str] = &[];

    fn decode(act: &str, body: &ActBody) -> Option<Result<Act, Refusal>> {
        Act::decode(act, body)
    }

    fn open(_context: &Context<'_>, _charter: &Charter, act: Act) -> Result<Self, Refusal> {
        let Act::Send(send) = act;
        let name = send.payload.name.as_str().unwrap_or_default();
        Ok(Probe { name: name.chars().take(200).collect() })
    }

    fn step(&mut self, _context: &Context<'_>, _charter: &Charter, _act: Act) -> Result<(), Refusal> {
        Err(Common::AlreadyOpen.into())
    }

    fn sheet(&self, _view: &View<'_>) -> Sheet {
        Sheet { title: title_of(&self.name), state: "sent".to_owned(), tone: Tone::Done, ..Sheet::default() }
    }

    fn offers(&self, _view: &View<'_>, _party: &PartyId) -> Vec<Offer> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::Kind;
    use crate::refusal::Form;

    /// A payload is not looked at field by field; what is none is refused all the same, and in the same way however it came.
    #[test]
    fn a_payload_is_an_object_and_nothing_stands_beside_it() {
        let judged = |text: &str| {
            let body = ActBody::of_text(text).unwrap();
            let verdict = Kind::Probe.check("send", &body);
            assert_eq!(Kind::Probe.check("send", &body.value().clone().into()), verdict, "{text}");
            verdict.map_err(|refusal| refusal.code.into_owned())
        };
        for fine in [r#"{"payload":{}}"#, r#"{"payload":{"name":1,"a":[{}]}}"#, r#"{"payload":1,"payload":{"name":"a","name":"b"}}"#] {
            assert_eq!(judged(fine), Ok(()), "{fine}");
        }
        for wrong in [r#"{"payload":[1]}"#, r#"{"payload":"a"}"#, r#"{"payload":null}"#, r#"[{}]"#, "1"] {
            assert_eq!(judged(wrong), Err(Form::WrongType.code().to_owned()), "{wrong}");
        }
        assert_eq!(judged("{}"), Err(Form::Missing.code().to_owned()));
        assert_eq!(judged(r#"{"payload":{},"more":1}"#), Err(Form::UnknownField.code().to_owned()));
    }
}
