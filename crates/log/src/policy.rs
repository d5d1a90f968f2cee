//! Policies: whose logs count, who may witness them, and how many witnesses are enough (C2SP tlog-policy, 2026).
//!
//! A policy is what the holder of a proof trusts, written down. It is the one thing that must not come from the party
//! whose proof it judges.

mod parse;

use std::collections::BTreeSet;
use std::fmt;

use thiserror::Error;

use crate::note::{KeyKind, VerifierKey};

pub use parse::{PolicyParseError, PolicyProblem};

/// The largest policy that is read, in bytes.
pub const MAX_POLICY_BYTES: usize = 1_000_000;

/// The most logs, witnesses and groups a policy may have, each. The specification asks for 32 at least.
pub const MAX_DEFINITIONS: usize = 1000;

/// The name that means no witness is needed.
const NONE: &str = "none";

/// Why something cannot be added to a policy (C2SP tlog-policy, "Policy file syntax and structure").
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyError {
    /// A log must sign with a plain Ed25519 key.
    #[error("the key of a log is a plain Ed25519 key")]
    LogKeyKind,
    /// A witness must sign with a key for cosignatures.
    #[error("the key of a witness is a key for cosignatures")]
    WitnessKeyKind,
    /// A name or an address is empty or has white space or control characters.
    #[error("{0:?} cannot stand as one word of a policy")]
    Word(String),
    /// `none` names no witness or group.
    #[error("the name \"none\" is taken")]
    ReservedName,
    /// A witness or group of this name is there already.
    #[error("{0:?} is defined twice")]
    DefinedTwice(String),
    /// The same public key belongs to two logs, or to two witnesses.
    #[error("the same public key stands there twice")]
    DuplicateKey,
    /// No witness or group of this name is defined before.
    #[error("no witness or group is named {0:?} so far")]
    Undefined(String),
    /// A witness or group is a member of a group already. It may count in one way only.
    #[error("{0:?} is already a member of a group")]
    MemberTwice(String),
    /// The threshold is 0, or more than there are members; or there are no members.
    #[error("a group needs at least 1 of its members and at most all of them")]
    Threshold,
    /// More than [`MAX_DEFINITIONS`] of a sort.
    #[error("a policy has at most {MAX_DEFINITIONS} logs, witnesses and groups each")]
    TooMany,
}

/// A log whose checkpoints count. Its origin is the name of its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyLog {
    /// The key that the log signs with.
    pub key: VerifierKey,
    /// Where the log can be reached; checking a proof does not need it.
    pub url: Option<String>,
}

/// Somebody whose cosignatures count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyWitness {
    /// What this policy calls the witness. It need not be the name of the key.
    pub name: String,
    /// The key that the witness cosigns with.
    pub key: VerifierKey,
    /// Where the witness can be reached; checking a proof does not need it.
    pub url: Option<String>,
}

/// How many members of a group are enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// Every member.
    All,
    /// One member.
    Any,
    /// So many members.
    AtLeast(u64),
}

/// A group of witnesses and of other groups, that counts as a witness itself when enough of its members do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyGroup {
    /// What this policy calls the group.
    pub name: String,
    /// How many members are enough.
    pub threshold: Threshold,
    /// The witnesses and earlier groups in it.
    pub members: Vec<String>,
}

/// Whose logs count, and which witnesses must have cosigned a checkpoint for it to count.
///
/// [`Policy::parse`] reads the text form and `Display` writes it: logs, witnesses, groups and the quorum in this order,
/// without comments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<PolicyGroup>,
    quorum: Option<String>,
}

impl Policy {
    /// The policy that knows no logs and asks for no witnesses.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a log. Its key's name must be its origin.
    ///
    /// # Errors
    /// [`PolicyError::LogKeyKind`], [`PolicyError::DuplicateKey`], [`PolicyError::Word`] or [`PolicyError::TooMany`].
    pub fn add_log(&mut self, key: VerifierKey, url: Option<String>) -> Result<(), PolicyError> {
        if key.kind() != KeyKind::Ed25519 {
            return Err(PolicyError::LogKeyKind);
        }
        url.as_deref().map_or(Ok(()), refuse_unless_word)?;
        refuse_duplicate(&key, self.logs.iter().map(|log| &log.key))?;
        push(&mut self.logs, PolicyLog { key, url })
    }

    /// Adds a witness under a name that is its own in this policy.
    ///
    /// # Errors
    /// [`PolicyError::WitnessKeyKind`], [`PolicyError::DuplicateKey`], [`PolicyError::Word`],
    /// [`PolicyError::ReservedName`], [`PolicyError::DefinedTwice`] or [`PolicyError::TooMany`].
    pub fn add_witness(&mut self, name: impl Into<String>, key: VerifierKey, url: Option<String>) -> Result<(), PolicyError> {
        let name = name.into();
        if key.kind() != KeyKind::CosignatureV1 {
            return Err(PolicyError::WitnessKeyKind);
        }
        self.refuse_unless_new(&name)?;
        url.as_deref().map_or(Ok(()), refuse_unless_word)?;
        refuse_duplicate(&key, self.witnesses.iter().map(|witness| &witness.key))?;
        push(&mut self.witnesses, PolicyWitness { name, key, url })
    }

    /// Adds a group of witnesses and groups that are defined already.
    ///
    /// # Errors
    /// [`PolicyError::Word`], [`PolicyError::ReservedName`], [`PolicyError::DefinedTwice`], [`PolicyError::Undefined`],
    /// [`PolicyError::MemberTwice`], [`PolicyError::Threshold`] or [`PolicyError::TooMany`].
    pub fn add_group(&mut self, name: impl Into<String>, threshold: Threshold, members: Vec<String>) -> Result<(), PolicyError> {
        let name = name.into();
        self.refuse_unless_new(&name)?;
        let taken = self.groups.iter().flat_map(|group| &group.members);
        let mut taken: BTreeSet<&str> = taken.map(String::as_str).collect();
        for member in &members {
            if !self.defines(member) {
                return Err(PolicyError::Undefined(member.clone()));
            }
            if !taken.insert(member) {
                return Err(PolicyError::MemberTwice(member.clone()));
            }
        }
        let group = PolicyGroup { name, threshold, members };
        if group.needed() == 0 || group.needed() > group.members.len() as u64 {
            return Err(PolicyError::Threshold);
        }
        push(&mut self.groups, group)
    }

    /// Says which witness or group must have cosigned; `None` when nobody needs to.
    ///
    /// # Errors
    /// [`PolicyError::Undefined`] unless the name is defined already.
    pub fn set_quorum(&mut self, name: Option<String>) -> Result<(), PolicyError> {
        match &name {
            Some(name) if !self.defines(name) => return Err(PolicyError::Undefined(name.clone())),
            _ => self.quorum = name,
        }
        Ok(())
    }

    /// The logs whose checkpoints count.
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// The witnesses that are known, whether or not the quorum needs them.
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// The groups, each after all of its members.
    pub fn groups(&self) -> &[PolicyGroup] {
        &self.groups
    }

    /// The witness or group that must have cosigned; `None` when nobody needs to.
    pub fn quorum(&self) -> Option<&str> {
        self.quorum.as_deref()
    }

    /// Whether the witnesses named in `cosigned`, by their names in this policy, are enough.
    ///
    /// The caller must have verified their cosignatures, over one and the same checkpoint.
    pub fn is_met_by<'n>(&self, cosigned: impl IntoIterator<Item = &'n str>) -> bool {
        let Some(quorum) = self.quorum.as_deref() else {
            return true;
        };
        let cosigned: BTreeSet<&str> = cosigned.into_iter().collect();
        let witnesses = self.witnesses.iter().map(|witness| witness.name.as_str());
        let mut satisfied: BTreeSet<&str> = witnesses.filter(|name| cosigned.contains(name)).collect();
        // Every group stands after its members, so that one pass decides them all.
        for group in &self.groups {
            let present = group.members.iter().filter(|member| satisfied.contains(member.as_str())).count();
            if present as u64 >= group.needed() {
                satisfied.insert(&group.name);
            }
        }
        satisfied.contains(quorum)
    }

    fn defines(&self, name: &str) -> bool {
        self.witnesses.iter().any(|witness| witness.name == name) || self.groups.iter().any(|group| group.name == name)
    }

    fn refuse_unless_new(&self, name: &str) -> Result<(), PolicyError> {
        refuse_unless_word(name)?;
        if name == NONE {
            return Err(PolicyError::ReservedName);
        }
        if self.defines(name) { Err(PolicyError::DefinedTwice(name.to_owned())) } else { Ok(()) }
    }
}

impl PolicyGroup {
    /// How many members are enough, as a number.
    fn needed(&self) -> u64 {
        match self.threshold {
            Threshold::All => self.members.len() as u64,
            Threshold::Any => 1,
            Threshold::AtLeast(needed) => needed,
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Any => f.write_str("any"),
            Self::AtLeast(needed) => needed.fmt(f),
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = |url: &Option<String>| url.as_ref().map(|url| format!(" {url}")).unwrap_or_default();
        for log in &self.logs {
            writeln!(f, "log {}{}", log.key, url(&log.url))?;
        }
        for witness in &self.witnesses {
            writeln!(f, "witness {} {}{}", witness.name, witness.key, url(&witness.url))?;
        }
        for group in &self.groups {
            writeln!(f, "group {} {} {}", group.name, group.threshold, group.members.join(" "))?;
        }
        writeln!(f, "quorum {}", self.quorum().unwrap_or(NONE))
    }
}

/// A word of a policy is what stands between spaces and tabs, without control characters.
fn refuse_unless_word(text: &str) -> Result<(), PolicyError> {
    let forbidden = |byte: u8| byte <= b' ' || byte == 0x7f;
    if text.is_empty() || text.bytes().any(forbidden) { Err(PolicyError::Word(text.to_owned())) } else { Ok(()) }
}

fn refuse_duplicate<'k>(key: &VerifierKey, mut known: impl Iterator<Item = &'k VerifierKey>) -> Result<(), PolicyError> {
    // Two verifier keys are the same when their public keys are, whatever their names.
    if known.any(|known| known.public_key() == key.public_key()) { Err(PolicyError::DuplicateKey) } else { Ok(()) }
}

fn push<T>(list: &mut Vec<T>, item: T) -> Result<(), PolicyError> {
    if list.len() >= MAX_DEFINITIONS {
        return Err(PolicyError::TooMany);
    }
    list.push(item);
    Ok(())
}
