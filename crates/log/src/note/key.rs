use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use ed25519_dalek::{PUBLIC_KEY_LENGTH, SECRET_KEY_LENGTH, SIGNATURE_LENGTH, Signature, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::signature::SignatureLine;
use crate::{cosignature, encoding};

/// The name was empty, or contained white space, `+` or a control character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a key name is not empty and has no white space, no '+' and no control characters")]
pub struct KeyNameError;

/// The name of a key, by custom an address without its scheme, such as `baghdad.example/border` (C2SP signed-note
/// v1.0.0, "Format").
///
/// It is not empty and contains no white space, no `+` and no control character; otherwise it may be in any script. Two
/// names are the same when their bytes are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(String);

impl KeyName {
    /// Takes a name.
    ///
    /// # Errors
    /// [`KeyNameError`] when it breaks the rules above.
    pub fn new(name: impl Into<String>) -> Result<Self, KeyNameError> {
        let name = name.into();
        let forbidden = |character: char| character.is_whitespace() || character.is_control() || character == '+';
        if name.is_empty() || name.contains(forbidden) { Err(KeyNameError) } else { Ok(Self(name)) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = KeyNameError;

    fn from_str(name: &str) -> Result<Self, KeyNameError> {
        Self::new(name)
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The short mark of a key: the first four bytes of SHA-256(name ‖ 0x0A ‖ kind ‖ public key) (C2SP signed-note v1.0.0,
/// "Signatures"). It tells keys apart, and proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; KeyId::LEN]);

impl KeyId {
    /// The length of an id, in bytes.
    pub const LEN: usize = 4;

    fn of(name: &KeyName, kind: KeyKind, public: &[u8; PUBLIC_KEY_LENGTH]) -> Self {
        let hash = Sha256::new().chain_update(name.as_str()).chain_update([b'\n', kind.byte()]).chain_update(public).finalize();
        let [a, b, c, d, ..] = <[u8; 32]>::from(hash);
        Self([a, b, c, d])
    }
}

impl fmt::Display for KeyId {
    /// Writes eight lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// What a key is for (C2SP signed-note v1.0.0, "Signature types").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// 0x01: plain Ed25519 over the text of a note. A log signs its checkpoints so.
    Ed25519,
    /// 0x04: Ed25519 with a time, over a checkpoint of somebody else's log (C2SP tlog-cosignature v1.0.1,
    /// `cosignature/v1`).
    CosignatureV1,
}

impl KeyKind {
    /// The byte that stands for this kind in key ids and verifier keys.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureV1 => 0x04,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Ed25519, Self::CosignatureV1].into_iter().find(|kind| kind.byte() == byte)
    }
}

/// What made a text no verifier key (C2SP signed-note v1.0.0, "Verifier keys").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not `name+hash+key`, with eight lower-case hexadecimal digits and canonical base64.
    #[error("a verifier key is a name, eight hexadecimal digits and base64, joined by '+'")]
    Form,
    /// The name cannot be one.
    #[error(transparent)]
    Name(#[from] KeyNameError),
    /// A kind of key that is not supported.
    #[error("keys of kind 0x{0:02x} are not supported")]
    UnknownKind(u8),
    /// Not the 32 bytes of a point that can serve as an Ed25519 public key.
    #[error("the key is not a usable Ed25519 public key")]
    PublicKey,
    /// The id does not follow from the name and the key.
    #[error("the id of the key does not follow from its name and bytes")]
    Id,
}

/// A public key with its name: what a reader must hold to check somebody's signatures (C2SP signed-note v1.0.0,
/// "Verifier keys").
///
/// Text form, read by `FromStr` and written by `Display`: `name+id+base64(kind ‖ public key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: KeyName,
    kind: KeyKind,
    id: KeyId,
    key: VerifyingKey,
}

impl VerifierKey {
    /// Puts a verifier key together from the 32 bytes of an Ed25519 public key (RFC 8032 §5.1.5).
    ///
    /// # Errors
    /// [`KeyError::PublicKey`] when the bytes are no point of the curve, or one of small order under which a signature
    /// would hold for more than one text.
    pub fn new(name: KeyName, kind: KeyKind, public: &[u8; PUBLIC_KEY_LENGTH]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(public).map_err(|_| KeyError::PublicKey)?;
        if key.is_weak() {
            return Err(KeyError::PublicKey);
        }
        let id = KeyId::of(&name, kind, public);
        Ok(Self { name, kind, id, key })
    }

    /// The name of the key.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// What the key is for.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The id that follows from name, kind and key.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The 32 bytes of the Ed25519 public key.
    pub fn public_key(&self) -> &[u8; PUBLIC_KEY_LENGTH] {
        self.key.as_bytes()
    }

    /// Checks the bytes of a signature line over `text`: `None` when they do not hold, otherwise the time that the
    /// signature carries, if its kind carries one.
    pub(crate) fn verify(&self, text: &str, bytes: &[u8]) -> Option<Option<u64>> {
        match self.kind {
            KeyKind::Ed25519 => self.holds(text.as_bytes(), bytes).then_some(None),
            KeyKind::CosignatureV1 => {
                let (time, signature) = cosignature::split(bytes)?;
                self.holds(cosignature::message(text, time).as_bytes(), signature).then_some(Some(time))
            }
        }
    }

    /// The strict check of RFC 8032: it also refuses the odd signatures on which implementations disagree, so that all
    /// who check a note come to the same verdict.
    fn holds(&self, message: &[u8], signature: &[u8]) -> bool {
        let bytes: Result<&[u8; SIGNATURE_LENGTH], _> = signature.try_into();
        bytes.is_ok_and(|bytes| self.key.verify_strict(message, &Signature::from_bytes(bytes)).is_ok())
    }
}

impl PartialOrd for VerifierKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for VerifierKey {
    fn cmp(&self, other: &Self) -> Ordering {
        let parts = |key: &Self| (key.kind, *key.public_key());
        self.name.cmp(&other.name).then_with(|| parts(self).cmp(&parts(other)))
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(vkey: &str) -> Result<Self, KeyError> {
        // Base64 may itself contain '+': only the first two separate.
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Form);
        };
        let name = KeyName::new(name)?;
        let id = HEXLOWER.decode(id.as_bytes()).map_err(|_| KeyError::Form)?;
        let id = id.try_into().map(KeyId).map_err(|_| KeyError::Form)?;
        let key = encoding::parse_base64(key).ok_or(KeyError::Form)?;
        let (kind, public) = key.split_first().ok_or(KeyError::Form)?;
        let kind = KeyKind::from_byte(*kind).ok_or(KeyError::UnknownKind(*kind))?;
        let key = Self::new(name, kind, public.try_into().map_err(|_| KeyError::PublicKey)?)?;
        if key.id == id { Ok(key) } else { Err(KeyError::Id) }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind_and_key = [&[self.kind.byte()], self.public_key().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, self.id, encoding::base64(&kind_and_key))
    }
}

/// A private key with its name. The bytes are wiped from memory when it is dropped, and are never shown.
pub struct Signer {
    verifier: VerifierKey,
    key: SigningKey,
}

impl Signer {
    /// The signer whose Ed25519 private key is `seed` (RFC 8032 §5.1.5). The caller provides the 32 secret bytes, from a
    /// good source of randomness, and one seed for one name and kind only.
    pub fn new(name: KeyName, kind: KeyKind, seed: &[u8; SECRET_KEY_LENGTH]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let public = key.verifying_key();
        let id = KeyId::of(&name, kind, public.as_bytes());
        Self { verifier: VerifierKey { name, kind, id, key: public }, key }
    }

    /// The name of the key.
    pub fn name(&self) -> &KeyName {
        self.verifier.name()
    }

    /// What the key is for.
    pub fn kind(&self) -> KeyKind {
        self.verifier.kind()
    }

    /// The public key that checks what this signer signs.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The plain Ed25519 signature over `message`.
    pub(crate) fn sign_bytes(&self, message: &[u8]) -> [u8; SIGNATURE_LENGTH] {
        use ed25519_dalek::Signer as _;
        self.key.sign(message).to_bytes()
    }

    /// A line of this key's name and id with signature bytes that are not empty.
    pub(crate) fn line(&self, bytes: Vec<u8>) -> SignatureLine {
        SignatureLine::of_key(&self.verifier, bytes)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.verifier)
    }
}
