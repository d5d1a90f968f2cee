//! Sealed fields: values that a record commits to and that travel, or are erased, apart from it.
//!
//! The form is that of SD-JWT (RFC 9901 §4.2): a disclosure is the base64url of the JSON array `[salt, claim, value]`; its
//! digest, the base64url of SHA-256 over the disclosure's ASCII bytes, stands in the `_sd` array of the object that the
//! claim belongs to. Destroying the disclosure, value and salt together, leaves the record and its log whole.

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The member of an object that holds the digests of its sealed fields.
pub const SD: &str = "_sd";

/// A disclosure that cannot be read, or that no record committed to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadDisclosure {
    /// Not base64url of a JSON array of a salt, a claim's name and a value.
    #[error("the disclosure is not base64url of a JSON array [salt, claim, value]")]
    Malformed,
    /// The record holds no such digest.
    #[error("the record does not commit to this disclosure")]
    NotCommitted,
}

/// One sealed field in the open: its text is sent and stored as it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sealed<T> {
    text: String,
    claim: String,
    value: T,
}

impl Sealed<Value> {
    /// Seals `value` under the name `claim`, with a salt of 16 random bytes or more (RFC 9901 §9.3 asks for 128 bits).
    #[must_use]
    pub fn seal(salt: &[u8; 16], claim: &str, value: Value) -> Sealed<Value> {
        let array = serde_json::json!([BASE64URL_NOPAD.encode(salt), claim, value]);
        Sealed { text: BASE64URL_NOPAD.encode(array.to_string().as_bytes()), claim: claim.to_owned(), value }
    }

    /// Reads a disclosure as it travels.
    ///
    /// # Errors
    /// [`BadDisclosure::Malformed`] when the text is anything else.
    pub fn parse(text: &str) -> Result<Sealed<Value>, BadDisclosure> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| BadDisclosure::Malformed)?;
        let (salt, claim, value): (String, String, Value) =
            serde_json::from_slice(&bytes).map_err(|_| BadDisclosure::Malformed)?;
        if salt.is_empty() || claim.is_empty() || claim == SD {
            return Err(BadDisclosure::Malformed);
        }
        Ok(Sealed { text: text.to_owned(), claim, value })
    }

    /// The digest that stands in the record.
    #[must_use]
    pub fn digest(&self) -> String {
        digest_of(&self.text)
    }

    /// The disclosure as it travels.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The name of the sealed field.
    #[must_use]
    pub fn claim(&self) -> &str {
        &self.claim
    }

    /// The sealed value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Checks that `body`, or an object within it, commits to this disclosure.
    ///
    /// # Errors
    /// [`BadDisclosure::NotCommitted`] when no `_sd` of the record holds the digest.
    pub fn check(&self, body: &Value) -> Result<(), BadDisclosure> {
        if commits(body, &self.digest()) { Ok(()) } else { Err(BadDisclosure::NotCommitted) }
    }
}

// A sealed value must not slip into a log or an error text.
impl<T> std::fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(…)")
    }
}

fn commits(value: &Value, digest: &str) -> bool {
    match value {
        Value::Object(members) => {
            let here = members.get(SD).and_then(Value::as_array);
            here.is_some_and(|digests| digests.iter().any(|d| d.as_str() == Some(digest)))
                || members.values().any(|member| commits(member, digest))
        }
        Value::Array(items) => items.iter().any(|item| commits(item, digest)),
        _ => false,
    }
}

/// The digests of the fields that an act seals: text of 43 characters each, sorted, none twice, and only at the top of its
/// body. `None` when they stand in any other way; empty when there are none.
#[must_use]
pub fn digests(body: &Value) -> Option<Vec<String>> {
    let members = body.as_object()?;
    if members.iter().any(|(name, member)| name != SD && holds_digests(member)) {
        return None;
    }
    let Some(list) = members.get(SD) else { return Some(Vec::new()) };
    let digests: Vec<String> = list.as_array()?.iter().map(|d| d.as_str().map(str::to_owned)).collect::<Option<_>>()?;
    let well_formed =
        |digest: &String| digest.len() == 43 && BASE64URL_NOPAD.decode(digest.as_bytes()).is_ok_and(|bytes| bytes.len() == 32);
    let sorted = digests.windows(2).all(|pair| pair[0] < pair[1]);
    (!digests.is_empty() && sorted && digests.iter().all(well_formed)).then_some(digests)
}

fn holds_digests(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.contains_key(SD) || members.values().any(holds_digests),
        Value::Array(items) => items.iter().any(holds_digests),
        _ => false,
    }
}

/// The digest of a disclosure as it travels, whether or not it can be read (RFC 9901 §4.2.3).
#[must_use]
pub fn digest_of(disclosure: &str) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(disclosure.as_bytes()))
}

/// The same body without the digests of sealed fields: what the rules read.
#[must_use]
pub fn without_digests(body: &Value) -> Value {
    match body {
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| *name != SD)
            .map(|(name, member)| (name.clone(), without_digests(member)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(without_digests).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// RFC 9901 §4.2.3: the disclosure of `family_name` and its digest.
    #[test]
    fn the_digest_is_that_of_the_specification() {
        let disclosure = Sealed::parse("WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0").unwrap();
        assert_eq!(disclosure.claim(), "family_name");
        assert_eq!(disclosure.value(), &json!("Möbius"));
        assert_eq!(disclosure.digest(), "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0");
    }

    #[test]
    fn a_record_commits_to_what_it_sealed_and_to_nothing_else() {
        let sealed = Sealed::seal(&[7; 16], "given", json!("سارة"));
        let body = json!({"person": {"_sd": [sealed.digest()], "year": 1990}});
        assert_eq!(sealed.check(&body), Ok(()));
        let other = Sealed::seal(&[8; 16], "given", json!("سارة"));
        assert_eq!(other.check(&body), Err(BadDisclosure::NotCommitted));
        assert_eq!(without_digests(&body), json!({"person": {"year": 1990}}));
        assert!(!format!("{sealed:?}").contains("سارة"));
    }
}
