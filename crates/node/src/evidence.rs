//! The portable evidence of one record: what a stranger needs to check it with public tools, and nothing else.

pub mod check;

use crate::fault::Fault;
use crate::keyring::{self, Keyring};
use crate::store::db::Connection;
use crate::store::entries;
use crate::store::logs::{self, StoredTree};
use crate::store::records;
use crate::store::{channels, dossiers};
use crate::views::Looking;
use std::path::Path;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::RecordId;
use tansiq_log::merkle::inclusion_proof;
use tansiq_log::note::Note;
use tansiq_log::policy::{Policy, Threshold};
use tansiq_log::proof::TlogProof;

/// The files of an evidence folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// File names with their contents, in the order in which a reader needs them.
    pub files: Vec<(&'static str, Vec<u8>)>,
}

impl Evidence {
    /// Writes the files into a folder, which is made if it is not there.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write_to(&self, folder: &Path) -> Result<(), Fault> {
        std::fs::create_dir_all(folder).map_err(Fault::file(format!("cannot make the folder {}", folder.display())))?;
        for (name, bytes) in &self.files {
            let path = folder.join(name);
            std::fs::write(&path, bytes).map_err(Fault::file(format!("cannot write {}", path.display())))?;
        }
        Ok(())
    }

    /// The files as one archive.
    ///
    /// # Errors
    /// Never with files that fit into memory.
    pub fn to_tar(&self) -> Result<Vec<u8>, Fault> {
        let mut archive = tar::Builder::new(Vec::new());
        for (name, bytes) in &self.files {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            archive
                .append_data(&mut header, Path::new("evidence").join(name), bytes.as_slice())
                .map_err(Fault::file("cannot pack the evidence"))?;
        }
        archive.into_inner().map_err(Fault::file("cannot pack the evidence"))
    }
}

/// Gathers the evidence of a record that this officer may read; `None` when it is not here, or not for this officer.
///
/// # Errors
/// When the store fails or is damaged.
pub fn gather(
    connection: &Connection,
    looking: &Looking,
    channel: &ChannelId,
    record: &RecordId,
) -> Result<Option<Evidence>, Fault> {
    let Some(charter) = channels::charter(connection, channel)? else { return Ok(None) };
    let Some((party, index)) = entries::place(connection, channel, record.entry())? else { return Ok(None) };
    let Some(stored) = records::at(connection, channel, &party, index)? else { return Ok(None) };
    let Some(dossier) = &stored.dossier else { return Ok(None) };
    let Some(folded) = dossiers::get(connection, channel, dossier)?.and_then(|folded| looking.may_read(folded, charter.class))
    else {
        return Ok(None);
    };
    drop(folded);

    let witnesses = charter.parties.len() - 1;
    let all = logs::witnessed_by_all(connection, channel, &party, witnesses, index)?;
    let size = match all {
        Some(size) => Some(size),
        None => logs::batch_end(connection, channel, &party, index, 0)?.map(|(size, _)| size),
    };
    let Some(size) = size else { return Ok(None) };
    let note = logs::checkpoint(connection, channel, &party, size)?
        .ok_or_else(|| Fault::Damaged(format!("checkpoint {size} of {party}")))?;
    let note = crate::exchange::with_cosignatures(connection, channel, &party, size, &note)?;
    let tree = StoredTree { connection, channel, party: &party };
    let hashes = inclusion_proof(&tree, index, size).map_err(|error| Fault::Damaged(error.to_string()))?;
    let checkpoint = Note::parse(note.as_bytes()).map_err(|error| Fault::Damaged(error.to_string()))?;
    let proof = TlogProof { extra: None, index, hashes, checkpoint };
    let ring = keyring::of(connection, channel)?.ok_or_else(|| Fault::Damaged(format!("the charter of {channel}")))?;
    let policy = policy(&ring, &party, size)?;
    let readme = readme(&charter, channel, &party, record, size, all.is_some());
    Ok(Some(Evidence {
        files: vec![
            ("README.txt", readme.into_bytes()),
            ("record.json", stored.bytes),
            ("salt.hex", format!("{}\n", data_encoding::HEXLOWER.encode(&stored.salt)).into_bytes()),
            ("record.tlog-proof", proof.to_string().into_bytes()),
            ("policy", policy.to_string().into_bytes()),
            // What was sealed stays sealed: `tansiq unseal` gives the lines of this file, to two people.
            ("disclosures.txt", Vec::new()),
        ],
    }))
}

/// Whom to believe: the keys of the log that counted at this size, and every other party as a witness; all of them must have
/// cosigned. A party that changed its key counts with any that it had.
fn policy(ring: &Keyring, party: &PartyId, size: u64) -> Result<Policy, Fault> {
    let fault = |error: tansiq_log::policy::PolicyError| Fault::Key(error.to_string());
    let mut policy = Policy::new();
    for key in ring.log_keys(party, size) {
        policy.add_log(key, None).map_err(fault)?;
    }
    let mut names = Vec::new();
    for witness in ring.charter.parties.keys().filter(|witness| *witness != party) {
        let keys = ring.cosigner_keys(witness, true);
        let several = keys.len() > 1;
        let mut members = Vec::new();
        for (number, key) in keys.into_iter().enumerate() {
            let name = if several { format!("{witness}-{}", number + 1) } else { witness.to_string() };
            policy.add_witness(&name, key, None).map_err(fault)?;
            members.push(name);
        }
        if several {
            policy.add_group(witness.as_str(), Threshold::Any, members).map_err(fault)?;
        }
        names.push(witness.to_string());
    }
    match names.as_slice() {
        [] => policy.set_quorum(None),
        [one] => policy.set_quorum(Some(one.clone())),
        _ => policy.add_group("everybody", Threshold::All, names).and_then(|()| policy.set_quorum(Some("everybody".to_owned()))),
    }
    .map_err(fault)?;
    Ok(policy)
}

fn readme(charter: &Charter, channel: &ChannelId, party: &PartyId, record: &RecordId, size: u64, witnessed: bool) -> String {
    let origin = charter.origin(party).unwrap_or_default();
    let witnesses: Vec<&str> = charter.parties.keys().filter(|witness| *witness != party).map(PartyId::as_str).collect();
    let standing = if witnessed {
        format!("The checkpoint carries the cosignature of every other party of the channel: {}.", witnesses.join(", "))
    } else {
        "NOT EVERY other party has cosigned a checkpoint that covers this record yet: it is provisional.".to_owned()
    };
    format!(
        "EVIDENCE OF ONE RECORD\n\n\
         Record   {record}\n\
         Log      {origin}\n\
         Channel  {channel}\n\
         Tree     {size} records\n\n\
         {standing}\n\n\
         What this proves: that {party} signed a log which holds exactly the bytes of record.json, and that the witnesses\n\
         saw that log. Neither can take it back without leaving two signed trees that cannot both be true.\n\n\
         How to check it, with public tools:\n\n\
         1. The entry. SHA-256 over the 32 bytes written in salt.hex followed by the bytes of record.json:\n\n\
         \x20     ( xxd -r -p salt.hex; cat record.json ) | sha256sum\n\n\
         \x20  must print {record}.\n\n\
         2. The leaf. SHA-256 over the byte 0x00 and those 32 bytes (RFC 6962, section 2.1).\n\n\
         3. The proof. record.tlog-proof (C2SP tlog-proof) holds the index of the leaf, the hashes up to the root, and the\n\
         \x20  signed checkpoint (C2SP tlog-checkpoint). Any implementation of RFC 6962 inclusion proofs must arrive at the\n\
         \x20  root in the checkpoint.\n\n\
         4. The signatures. The file policy (C2SP tlog-policy) names the log's key and the witnesses' keys. Compare them with\n\
         \x20  the channel's charter, which every party adopted, or ask the parties: the proof is as good as these keys.\n\n\
         5. Sealed fields. Each line of disclosures.txt is an SD-JWT disclosure (RFC 9901): the base64url of SHA-256 over it\n\
         \x20  stands in a `_sd` list of record.json. An empty file means that nothing sealed is disclosed here.\n\n\
         All of it at once: `tansiq evidence check FOLDER --policy MY-KEYS`, which needs no node; or docs/verify.md beside its\n\
         source, a page of Python and openssl that needs no program of ours.\n\n\
         The record's own `at` is what its writer claimed. The times in the cosignatures are those of the witnesses.\n"
    )
}
