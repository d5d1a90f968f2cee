//! Records: what one officer did in one dossier, as the exact bytes that a log commits to.

use crate::body::ActBody;
use crate::label::Label;
use crate::order::{Position, Seen};
use crate::party::{InstitutionId, OfficerId, PartyId, Role};
use crate::reference::Reference;
use crate::refusal::{Common, Refusal};
use crate::time::Moment;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

/// The level of the rules under which this software writes records.
pub const LEVEL: u32 = 1;

/// The largest record, in bytes. Longer matter is an attachment.
pub const MAX_RECORD: usize = 256 * 1024;

/// 32 random bytes that keep a record's commitment from being guessed. Destroyed together with the record.
pub type Salt = [u8; 32];

/// A record's identifier: the entry that stands for it in its log, SHA-256 over salt and bytes. It tells nothing about the
/// content, and is known to every party of the channel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId([u8; 32]);

impl RecordId {
    /// The identifier of the record with these bytes under this salt.
    #[must_use]
    pub fn commit(salt: &Salt, bytes: &[u8]) -> RecordId {
        RecordId(Sha256::new().chain_update(salt).chain_update(bytes).finalize().into())
    }

    /// The identifier of the record that this entry stands for.
    #[must_use]
    pub fn of_entry(entry: [u8; 32]) -> RecordId {
        RecordId(entry)
    }

    /// The entry: 32 bytes, the data of the leaf.
    #[must_use]
    pub fn entry(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first eight hexadecimal digits, for people.
    #[must_use]
    pub fn short(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0[..4])
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for RecordId {
    type Err = crate::party::BadId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        crate::content::hex32(text)
            .map(RecordId)
            .ok_or_else(|| crate::party::BadId::new("a record (64 hexadecimal digits)", text))
    }
}

impl Serialize for RecordId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RecordId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::party::parsed(deserializer)
    }
}

fn is_dossier(text: &str) -> bool {
    text == DossierId::CHARTER
        || text.split_once('-').is_some_and(|(party, rest)| PartyId::fits(party) && rest.len() == 26 && is_base32(rest))
}

/// Whether 26 letters and digits stand for 16 bytes (RFC 4648 §6, in small letters): 130 bits, of which the last two are 0.
fn is_base32(text: &str) -> bool {
    let in_alphabet = |b: u8| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b);
    text.bytes().all(in_alphabet) && text.bytes().last().is_some_and(|last| b"aeimquy4".contains(&last))
}

crate::party::id!(
    /// A dossier: `IRQ-` and 26 letters and digits, which the opening party drew at random. The charter's own dossier is
    /// called `charter`.
    DossierId, "a dossier (such as IRQ-mfrggzdfmztwq2lknnwg23tpoa)", is_dossier, most 39
);

impl DossierId {
    /// The name of the dossier that holds a channel's charter.
    pub const CHARTER: &'static str = "charter";

    /// A new dossier of this party, from 16 random bytes.
    #[must_use]
    pub fn new(party: &PartyId, random: &[u8; 16]) -> DossierId {
        let text = format!("{party}-{}", data_encoding::BASE32_NOPAD.encode(random).to_ascii_lowercase());
        DossierId(text.as_str().into())
    }

    /// The dossier of the charter.
    #[must_use]
    pub fn charter() -> DossierId {
        static NAME: LazyLock<DossierId> = LazyLock::new(|| DossierId(DossierId::CHARTER.into()));
        NAME.clone()
    }

    /// The party that alone may open this dossier; `None` for the charter, which every party adopts.
    #[must_use]
    pub fn opener(&self) -> Option<PartyId> {
        self.as_str().split_once('-').and_then(|(party, _)| party.parse().ok())
    }
}

/// Who acts, for whom, in what capacity, when as they claim, and under which level of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The party in whose log the record stands.
    pub party: PartyId,
    /// The institution for which the officer acts.
    pub institution: InstitutionId,
    /// The office that acts.
    pub officer: OfficerId,
    /// The capacity in which it acts.
    pub role: Role,
    /// When, as the party claims.
    pub at: Moment,
    /// The level of the rules under which it was written.
    pub level: u32,
}

/// An act that somebody wants to do: all of a record but who, when and after what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The kind of dossier, `meeting`.
    pub kind: String,
    /// The act, `propose`.
    pub act: String,
    /// The dossier to act in; none when the act opens a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dossier: Option<DossierId>,
    /// How it is to be handled; the dossier's own label when nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// The parties that a new dossier is for; all of the channel when nothing is said. Never given for an open dossier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<BTreeSet<PartyId>>,
    /// The fields of the act.
    #[serde(default)]
    pub body: ActBody,
    /// The values that the record will seal, by name: they never stand in the record itself.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub sealed: Map<String, Value>,
}

/// What one officer did in one dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The kind of dossier.
    pub kind: String,
    /// The act.
    pub act: String,
    /// The dossier.
    pub dossier: DossierId,
    /// Who, and when.
    pub stamp: Stamp,
    /// What the writer had seen.
    pub seen: Seen,
    /// How it is to be handled.
    pub label: Label,
    /// The parties that the dossier is for; on the opening record only.
    pub audience: Option<BTreeSet<PartyId>>,
    /// The dossier's reference number; on the opening record only.
    pub reference: Option<Reference>,
    /// The fields of the act, with the digests of sealed fields.
    pub body: ActBody,
}

/// The form in which a record is read: one JSON object, or all of it but its body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    v: u32,
    kind: String,
    act: String,
    dossier: DossierId,
    by: By,
    at: Moment,
    seen: Seen,
    label: Label,
    #[serde(default)]
    audience: Option<BTreeSet<PartyId>>,
    #[serde(default)]
    reference: Option<Reference>,
    #[serde(default, deserialize_with = "some_value")]
    body: Option<Value>,
}

fn some_value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    crate::json::read(deserializer).map(Some)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct By {
    party: PartyId,
    institution: InstitutionId,
    officer: OfficerId,
    role: Role,
}

/// What stands before the body of a record that is written as every record is.
const BODY: &str = ",\"body\":";

impl Wire {
    /// Reads a record and its body. Whatever the order and the space between its members, the outcome is the same: one whose body
    /// stands at its end is read without making the body into values.
    fn read(text: &str) -> Option<(Wire, ActBody)> {
        Wire::before_body(text).or_else(|| {
            let mut wire: Wire = serde_json::from_str(text).ok()?;
            // What is kept of it is text here too: values take many times the room.
            let body = ActBody::of_text(ActBody::from(wire.body.take()?).text()).ok()?;
            Some((wire, body))
        })
    }

    /// Where all that stands before a first `,"body":` is, with a brace at its end, an object for itself, the body begins there.
    fn before_body(text: &str) -> Option<(Wire, ActBody)> {
        let (head, body) = text.strip_suffix('}')?.split_once(BODY)?;
        let wire: Wire = serde_json::from_str(&[head, "}"].concat()).ok()?;
        wire.body.is_none().then_some((wire, ActBody::of_text(body).ok()?))
    }
}

/// The form in which a record is written: the same object, with its members in this order, and its body after them. Nothing is
/// copied to write it.
#[derive(Serialize)]
struct Written<'a> {
    v: u32,
    kind: &'a str,
    act: &'a str,
    dossier: &'a DossierId,
    by: WrittenBy<'a>,
    at: Moment,
    seen: &'a Seen,
    label: &'a Label,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<&'a BTreeSet<PartyId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a Reference>,
}

#[derive(Serialize)]
struct WrittenBy<'a> {
    party: &'a PartyId,
    institution: &'a InstitutionId,
    officer: &'a OfficerId,
    role: Role,
}

/// Why bytes could not be read as a record of this level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// They are not a record at all, or break a rule that every record keeps.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// They say that they were written under a later level of the rules. What is known of them is who and where.
    #[error("written under level {level} of the rules; this node knows level {LEVEL}")]
    LaterLevel {
        /// The level that the record names.
        level: u32,
        /// The dossier, when the record names one in the known way.
        dossier: Option<DossierId>,
    },
}

#[derive(Deserialize)]
struct Preview {
    v: u32,
    #[serde(default)]
    dossier: Option<Value>,
}

impl Record {
    /// The record's bytes: what is hashed, stored and sent, and never written anew from its parts.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.head();
        bytes.extend_from_slice(self.body.text().as_bytes());
        bytes.push(b'}');
        bytes
    }

    /// The record's bytes up to its body.
    fn head(&self) -> Vec<u8> {
        let wire = Written {
            v: self.stamp.level,
            kind: &self.kind,
            act: &self.act,
            dossier: &self.dossier,
            by: WrittenBy {
                party: &self.stamp.party,
                institution: &self.stamp.institution,
                officer: &self.stamp.officer,
                role: self.stamp.role,
            },
            at: self.stamp.at,
            seen: &self.seen,
            label: &self.label,
            audience: self.audience.as_ref(),
            reference: self.reference.as_ref(),
        };
        let mut bytes = Vec::with_capacity(2048);
        // Strings, numbers and maps with string keys: writing them cannot fail.
        let _infallible = serde_json::to_writer(&mut bytes, &wire);
        let _brace = bytes.pop();
        bytes.extend_from_slice(BODY.as_bytes());
        bytes
    }

    /// Reads a record from its bytes.
    ///
    /// # Errors
    /// [`Unreadable::Refused`] with `REC01`, `REC04` or `REC05`; [`Unreadable::LaterLevel`] for a record of a later level.
    pub fn parse(bytes: &[u8]) -> Result<Record, Unreadable> {
        if bytes.len() > MAX_RECORD {
            return Err(Refusal::from(Common::TooLarge).into());
        }
        // Whether they are text is asked once, and not of every string in them.
        let text = simdutf8::basic::from_utf8(bytes).map_err(|_| unreadable(bytes))?;
        let (wire, body) = Wire::read(text).ok_or_else(|| unreadable(bytes))?;
        if wire.v != LEVEL {
            return Err(unreadable(bytes));
        }
        if !wire.by.institution.is_of(&wire.by.party) || !wire.by.officer.is_of(&wire.by.party) {
            return Err(Refusal::from(Common::ForeignOfficer).into());
        }
        Ok(Record {
            kind: wire.kind,
            act: wire.act,
            dossier: wire.dossier,
            stamp: Stamp {
                party: wire.by.party,
                institution: wire.by.institution,
                officer: wire.by.officer,
                role: wire.by.role,
                at: wire.at,
                level: wire.v,
            },
            seen: wire.seen,
            label: wire.label,
            audience: wire.audience,
            reference: wire.reference,
            body,
        })
    }
}

fn unreadable(bytes: &[u8]) -> Unreadable {
    match serde_json::from_slice::<Preview>(bytes) {
        Ok(preview) if preview.v > LEVEL => Unreadable::LaterLevel {
            level: preview.v,
            dossier: preview.dossier.and_then(|value| value.as_str().and_then(|text| text.parse().ok())),
        },
        _ => Refusal::from(Common::NotARecord).into(),
    }
}

/// A record that stands in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The record's identifier.
    pub id: RecordId,
    /// The party whose log it stands in.
    pub log: PartyId,
    /// Its place in that log, counted from 0.
    pub index: u64,
    /// The record.
    pub record: Record,
}

impl Entry {
    /// Where it stands among the records of its dossier.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { sum: self.record.seen.sum(), id: self.id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Record {
        let party: PartyId = "IRQ".parse().unwrap();
        Record {
            kind: "meeting".into(),
            act: "propose".into(),
            dossier: DossierId::new(&party, &[1; 16]),
            stamp: Stamp {
                party: party.clone(),
                institution: "irq.mofa".parse().unwrap(),
                officer: "irq.mofa.secretary".parse().unwrap(),
                role: Role::Secretary,
                at: "2025-10-15T09:00:00Z".parse().unwrap(),
                level: LEVEL,
            },
            seen: Seen([(party, 0)].into()),
            label: Label::default(),
            audience: None,
            reference: None,
            body: serde_json::json!({"title": {"ar": "اجتماع"}}).into(),
        }
    }

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let bytes = sample().to_bytes();
        assert_eq!(Record::parse(&bytes).unwrap(), sample());
    }

    #[test]
    fn the_members_of_a_record_stand_in_their_order() {
        let text = r#"{"v":1,"kind":"meeting","act":"propose","dossier":"IRQ-aeaqcaibaeaqcaibaeaqcaibae","by":{"party":"IRQ","institution":"irq.mofa","officer":"irq.mofa.secretary","role":"secretary"},"at":"2025-10-15T09:00:00Z","seen":{"IRQ":0},"label":{"class":"restricted"},"body":{"title":{"ar":"اجتماع"}}}"#;
        assert_eq!(String::from_utf8(sample().to_bytes()).unwrap(), text);
    }

    /// A body that stands at the end is read for itself. A record of other order or space is the same record.
    #[test]
    fn a_record_is_read_in_any_order() {
        let text = String::from_utf8(sample().to_bytes()).unwrap();
        let (head, body) = text.strip_suffix('}').unwrap().split_once(BODY).unwrap();
        let first = format!("{{\"body\":{body},{}}}", &head[1..]);
        for other in [first.clone(), format!("{text} "), text.replace(BODY, ", \"body\" : "), format!("{head}{BODY} {body} }}")] {
            assert_eq!(Record::parse(other.as_bytes()).unwrap(), sample(), "{other}");
        }
        for twice in [format!("{head}{BODY}{body}{BODY}{body}}}"), first.replace(r#","label""#, &format!(r#"{BODY}1,"label""#))] {
            assert!(Record::parse(twice.as_bytes()).is_err(), "{twice}");
        }
        let named = text.replace("meeting", "\\\",\\\"body\\\":");
        assert_eq!(Record::parse(named.as_bytes()).unwrap().kind, "\",\"body\":");
    }

    #[test]
    fn what_is_not_a_record_is_refused_by_name() {
        let refused = |bytes: &[u8]| match Record::parse(bytes) {
            Err(Unreadable::Refused(refusal)) => refusal.code.into_owned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(b"{}"), "REC01");
        assert_eq!(refused(b"\xff\x00"), "REC01");
        assert_eq!(refused(&vec![b' '; MAX_RECORD + 1]), "REC05");
        let text = String::from_utf8(sample().to_bytes()).unwrap();
        assert_eq!(refused(text.replace("\"v\":1", "\"v\":1,\"x\":0").as_bytes()), "REC01");
        assert_eq!(refused(text.replace("irq.mofa.secretary", "tur.mofa.secretary").as_bytes()), "REC04");
    }

    #[test]
    fn a_later_level_is_unknown_and_not_wrong() {
        let text = String::from_utf8(sample().to_bytes()).unwrap().replace("\"v\":1", "\"v\":2,\"new\":[]");
        assert_eq!(Record::parse(text.as_bytes()), Err(Unreadable::LaterLevel { level: 2, dossier: Some(sample().dossier) }));
    }

    #[test]
    fn the_commitment_is_the_hash_of_salt_and_bytes() {
        // { printf '%032d' 0 | tr 0 '\001'; printf abc; } | sha256sum
        assert_eq!(
            RecordId::commit(&[1; 32], b"abc").to_string(),
            "f138dfb92f2d15143be6aa75d8c22a848559e77362670c45c8ab5852fe23e081"
        );
    }

    /// A hundred thousand damaged records. None may panic, and what still reads keeps its bytes' meaning.
    #[test]
    fn damaged_bytes_are_read_or_refused_and_never_panic() {
        let good = sample().to_bytes();
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = |below: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            usize::try_from(seed % below as u64).unwrap()
        };
        let mut refused = 0;
        for _ in 0..100_000 {
            let mut bytes = good.clone();
            for _ in 0..=next(3) {
                let at = next(bytes.len());
                match next(3) {
                    0 => bytes[at] = u8::try_from(next(256)).unwrap(),
                    1 => bytes.truncate(at + 1),
                    _ => bytes.insert(at, bytes[at]),
                }
            }
            match Record::parse(&bytes) {
                Ok(record) => {
                    assert_eq!(Record::parse(&record.to_bytes()).unwrap(), record);
                    let whole: Value = serde_json::from_slice(&bytes).unwrap();
                    assert_eq!(record.body, whole["body"].clone().into());
                }
                Err(_) => refused += 1,
            }
        }
        assert!(refused > 50_000, "{refused} were refused");
    }
}
