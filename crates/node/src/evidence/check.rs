//! Checks a folder of evidence as a stranger would: from its files and the checker's own keys alone, without a node.

use crate::fault::{Fault, Trouble};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;
use tansiq_dossier::channel::Charter;
use tansiq_dossier::record::{Record, RecordId, Salt};
use tansiq_dossier::refusal::Refusal;
use tansiq_dossier::sealed::Sealed;
use tansiq_dossier::time::Moment;
use tansiq_log::checkpoint::Checkpoint;
use tansiq_log::fork::{Fork, ForkError};
use tansiq_log::policy::Policy;
use tansiq_log::proof::{RejectedProof, TlogProof, VerifiedProof};

tansiq_dossier::refusals! {
    /// Why evidence does not convince.
    pub enum EvidenceRefusal {
        /// The folder holds neither sort of evidence.
        NoEvidence = "EVD01",
        /// A file of the evidence is not there, or is larger than any could be.
        Missing = "EVD02",
        /// `salt.hex` does not hold 32 bytes as 64 small hexadecimal digits.
        Salt = "EVD03",
        /// `record.tlog-proof` is no C2SP tlog-proof with a checkpoint.
        Proof = "EVD04",
        /// The policy, or the charter, cannot be read.
        Keys = "EVD05",
        /// The policy knows no log of the checkpoint's origin.
        UnknownLog = "EVD06",
        /// The record's commitment does not stand in the signed tree at the place that the proof names.
        NotIncluded = "EVD07",
        /// A signature that names a key of the policy does not hold, or the log has not signed.
        Signature = "EVD08",
        /// Fewer witnesses have cosigned than the policy asks for.
        Quorum = "EVD09",
        /// `record.json` stands in the log, and is no record that this program can read.
        NotARecord = "EVD10",
        /// The record was written by another party than the one whose log it stands in, or for another place in it.
        OtherPlace = "EVD11",
        /// A line of `disclosures.txt` is none that the record commits to.
        Disclosure = "EVD12",
        /// The charter that the checker brought is not the one of this channel.
        OtherCharter = "EVD13",
        /// The files of a fork are not two checkpoints, and the way between them where their sizes differ.
        Fork = "EVD14",
        /// The two checkpoints of a fork agree with each other.
        OneHistory = "EVD15",
        /// The consistency proof does not lead to the second checkpoint, so that it shows nothing.
        Consistency = "EVD16",
    }
}

/// No file of evidence is larger than this; a proof is the largest.
const LARGEST: u64 = 2_000_000;

/// The files of an evidence folder, by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What the checker brings along, because it must not come from the one whose evidence is checked.
#[derive(Debug, Default)]
pub struct Brought {
    /// Whose logs and whose witnesses count.
    pub policy: Option<Vec<u8>>,
    /// The channel's charter.
    pub charter: Option<Vec<u8>>,
}

/// What a check has found to be true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "evidence", rename_all = "kebab-case")]
pub enum Verdict {
    /// A record stands in its party's log.
    Record(Box<Proved>),
    /// A log has two histories.
    Fork(Box<Forked>),
}

/// Two trees that one log has signed, and that cannot both be true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Forked {
    /// The log's origin.
    pub log: String,
    /// The size and the root of the tree that is not larger.
    pub first: (u64, String),
    /// The size and the root of the other.
    pub second: (u64, String),
    /// Whose keys were believed.
    pub keys: Keys,
}

/// A record that was proved, and everything that was found on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proved {
    /// The record's identifier: its commitment, and its entry in the log.
    pub record: RecordId,
    /// The log's origin.
    pub log: String,
    /// The record's place in it, counted from 0.
    pub index: u64,
    /// How many records the signed tree has.
    pub size: u64,
    /// What the record says that it is.
    pub kind: String,
    /// The act that it records.
    pub act: String,
    /// The dossier that it belongs to.
    pub dossier: String,
    /// The office that acted.
    pub officer: String,
    /// In what capacity.
    pub role: String,
    /// When, as the writer claims.
    pub claimed: Moment,
    /// Who saw the tree, and when, by their own clocks.
    pub witnessed: Vec<Witnessed>,
    /// The claims of sealed fields that are disclosed, with their values.
    pub disclosed: Vec<Disclosed>,
    /// Whose keys were believed.
    pub keys: Keys,
    /// Whether the charter was brought and names the writer as this log's owner.
    pub charter: bool,
}

/// A witness's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Witnessed {
    /// What the policy calls the witness.
    pub witness: String,
    /// The name of its key.
    pub key: String,
    /// When it cosigned, by its own clock.
    pub at: Moment,
}

/// A sealed field in the open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Disclosed {
    /// The name of the field.
    pub claim: String,
    /// Its value.
    pub value: serde_json::Value,
}

/// Whose keys were believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keys {
    /// Those in the folder: they prove that it is whole, and are worth as much as whoever gave it.
    Folder,
    /// Those of the checker.
    Checker,
}

/// Reads the files of a folder, none larger than evidence can be.
///
/// # Errors
/// When the folder or a file cannot be read; `EVD02` for a file that is too large.
pub fn read(folder: &Path) -> Result<Files, Trouble> {
    let fault = || Fault::file(format!("cannot read {}", folder.display()));
    let mut files = Files::new();
    for entry in std::fs::read_dir(folder).map_err(fault())? {
        let path = entry.map_err(fault())?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else { continue };
        if !path.is_file() || !FILES.contains(&name.as_str()) {
            continue;
        }
        let unreadable = || Fault::file(format!("cannot read {}", path.display()));
        let mut bytes = Vec::new();
        std::fs::File::open(&path).map_err(unreadable())?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable())?;
        if bytes.len() as u64 > LARGEST {
            return Err(Refusal::from(EvidenceRefusal::Missing).at(&name).into());
        }
        files.insert(name, bytes);
    }
    Ok(files)
}

const FILES: &[&str] = &[
    "record.json",
    "salt.hex",
    "record.tlog-proof",
    "policy",
    "disclosures.txt",
    "first.checkpoint",
    "second.checkpoint",
    "consistency.proof",
];

/// Checks evidence of either sort.
///
/// # Errors
/// The first thing that does not hold.
pub fn check(files: &Files, brought: &Brought) -> Result<Verdict, Refusal> {
    if files.contains_key("record.json") || files.contains_key("record.tlog-proof") {
        return record(files, brought).map(|proved| Verdict::Record(Box::new(proved)));
    }
    if files.contains_key("first.checkpoint") || files.contains_key("second.checkpoint") {
        return fork(files, brought).map(|forked| Verdict::Fork(Box::new(forked)));
    }
    Err(EvidenceRefusal::NoEvidence.into())
}

fn file<'f>(files: &'f Files, name: &str) -> Result<&'f [u8], Refusal> {
    files.get(name).map(Vec::as_slice).ok_or_else(|| Refusal::from(EvidenceRefusal::Missing).at(name))
}

/// The policy to believe: the checker's own where there is one, and then the folder's is not looked at.
fn policy(files: &Files, brought: &Brought) -> Result<(Policy, Keys), Refusal> {
    let (bytes, keys) = match &brought.policy {
        Some(bytes) => (bytes.as_slice(), Keys::Checker),
        None => (file(files, "policy")?, Keys::Folder),
    };
    Policy::parse(bytes).map(|policy| (policy, keys)).map_err(|_| EvidenceRefusal::Keys.into())
}

fn record(files: &Files, brought: &Brought) -> Result<Proved, Refusal> {
    let bytes = file(files, "record.json")?;
    let salt = salt(file(files, "salt.hex")?)?;
    let proof = TlogProof::parse(file(files, "record.tlog-proof")?).map_err(|_| EvidenceRefusal::Proof)?;
    let (policy, keys) = policy(files, brought)?;
    let id = RecordId::commit(&salt, bytes);
    let verified = proof.verify(id.entry(), &policy).map_err(|rejected| why(&rejected))?;
    let record = Record::parse(bytes).map_err(|_| EvidenceRefusal::NotARecord)?;
    let charter = owner(&record, &verified, &policy, brought)?;
    let disclosed = disclosures(file(files, "disclosures.txt")?, &record)?;
    let witnessed = verified.cosigned.iter().map(|by| Witnessed {
        witness: by.witness.clone(),
        key: by.key.to_string(),
        at: Moment::nearest(i64::try_from(by.time).unwrap_or(i64::MAX)),
    });
    Ok(Proved {
        record: id,
        log: verified.checkpoint.origin().to_owned(),
        index: verified.index,
        size: verified.checkpoint.size(),
        kind: record.kind,
        act: record.act,
        dossier: record.dossier.to_string(),
        officer: record.stamp.officer.to_string(),
        role: record.stamp.role.to_string(),
        claimed: record.stamp.at,
        witnessed: witnessed.collect(),
        disclosed,
        keys,
        charter,
    })
}

fn why(rejected: &RejectedProof) -> EvidenceRefusal {
    match rejected {
        RejectedProof::Checkpoint(_) => EvidenceRefusal::Proof,
        RejectedProof::UnknownLog(_) => EvidenceRefusal::UnknownLog,
        RejectedProof::Inclusion(_) => EvidenceRefusal::NotIncluded,
        RejectedProof::Signature(_) => EvidenceRefusal::Signature,
        RejectedProof::Quorum => EvidenceRefusal::Quorum,
    }
}

fn fork(files: &Files, brought: &Brought) -> Result<Forked, Refusal> {
    let consistency = files.get("consistency.proof").map(Vec::as_slice);
    let fork = Fork::from_files(file(files, "first.checkpoint")?, file(files, "second.checkpoint")?, consistency);
    let fork = fork.map_err(|_| EvidenceRefusal::Fork)?;
    let (policy, keys) = policy(files, brought)?;
    fork.check_by(&policy).map_err(|error| match error {
        ForkError::UnknownLog(_) => EvidenceRefusal::UnknownLog,
        ForkError::Unsigned(..) => EvidenceRefusal::Signature,
        ForkError::SameHistory => EvidenceRefusal::OneHistory,
        ForkError::Proof(_) => EvidenceRefusal::Consistency,
    })?;
    let about = |checkpoint: &Checkpoint| (checkpoint.size(), checkpoint.root().to_string());
    Ok(Forked { log: fork.first().origin().to_owned(), first: about(fork.first()), second: about(fork.second()), keys })
}

fn salt(text: &[u8]) -> Result<Salt, Refusal> {
    let digits = text.strip_suffix(b"\n").unwrap_or(text);
    let bytes = data_encoding::HEXLOWER.decode(digits).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| EvidenceRefusal::Salt.into())
}

/// Whether the charter vouches for it that the record stands in its writer's own log. Without a charter it is checked as far as
/// the record itself and the policy tell: a record names its own place, and nobody witnesses its own log.
fn owner(record: &Record, proof: &VerifiedProof, policy: &Policy, brought: &Brought) -> Result<bool, Refusal> {
    let party = &record.stamp.party;
    let at_its_place = record.seen.0.get(party) == Some(&proof.index);
    // A party that changed its key is a group of the witnesses that it was.
    let witnesses = policy.witnesses().iter().map(|witness| &witness.name);
    if !at_its_place || witnesses.chain(policy.groups().iter().map(|group| &group.name)).any(|name| name == party.as_str()) {
        return Err(EvidenceRefusal::OtherPlace.into());
    }
    let Some(bytes) = &brought.charter else { return Ok(false) };
    let charter: Charter = serde_json::from_slice(bytes).map_err(|_| EvidenceRefusal::Keys)?;
    let origin = proof.checkpoint.origin();
    // The channel's name is the hash of its charter, and stands in every origin that was signed.
    if !origin.ends_with(&format!("/{}", charter.channel())) {
        return Err(EvidenceRefusal::OtherCharter.into());
    }
    if charter.origin(party).as_deref() == Some(origin) { Ok(true) } else { Err(EvidenceRefusal::OtherPlace.into()) }
}

fn disclosures(text: &[u8], record: &Record) -> Result<Vec<Disclosed>, Refusal> {
    let bad = || Refusal::from(EvidenceRefusal::Disclosure);
    let text = std::str::from_utf8(text).map_err(|_| bad())?;
    let mut known = BTreeSet::new();
    let mut disclosed = Vec::new();
    for line in text.lines() {
        let sealed = Sealed::parse(line).map_err(|_| bad())?;
        sealed.check(&record.body).map_err(|_| bad())?;
        if !known.insert(line) {
            return Err(bad());
        }
        disclosed.push(Disclosed { claim: sealed.claim().to_owned(), value: sealed.value().clone() });
    }
    Ok(disclosed)
}
