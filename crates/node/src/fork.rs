//! The portable proof that a log has two histories: what a stranger needs to check it with public tools, and nothing else.

use crate::evidence::Evidence;
use crate::fault::Fault;
use crate::keyring;
use crate::store::db::Connection;
use crate::store::forks::{self, Found};
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::party::PartyId;
use tansiq_log::policy::Policy;

/// Gathers the proof that a party's log has two histories; `None` when nobody has shown two. It holds sizes, roots and
/// signatures, and nothing of any dossier.
///
/// # Errors
/// When the store fails or is damaged.
pub fn gather(connection: &Connection, channel: &ChannelId, party: &PartyId) -> Result<Option<Evidence>, Fault> {
    let Some(ring) = keyring::of(connection, channel)? else { return Ok(None) };
    let Some(found) = forks::get(connection, channel, party)? else { return Ok(None) };
    let mut policy = Policy::new();
    for key in ring.log_keys_ever(party) {
        policy.add_log(key, None).map_err(|error| Fault::Key(error.to_string()))?;
    }
    let readme = readme(&ring.charter, channel, party, &found);
    let files = found.proof.files();
    let mut evidence = Evidence {
        files: vec![
            ("README.txt", readme.into_bytes()),
            ("policy", policy.to_string().into_bytes()),
            ("first.checkpoint", files.first.into_bytes()),
            ("second.checkpoint", files.second.into_bytes()),
        ],
    };
    evidence.files.extend(files.consistency.map(|proof| ("consistency.proof", proof.into_bytes())));
    Ok(Some(evidence))
}

fn readme(charter: &Charter, channel: &ChannelId, party: &PartyId, found: &Found) -> String {
    let origin = charter.origin(party).unwrap_or_default();
    let (first, second) = (found.proof.first().size(), found.proof.second().size());
    let check = if first == second {
        "3. The contradiction. Both checkpoints are of the same size, and their roots (the third lines) differ. A tree of one\n\
         \x20  size has one root, so that one of the two hides or changes an entry.\n"
            .to_owned()
    } else {
        format!(
            "3. The contradiction. The first line of consistency.proof is `old`, the size of the first checkpoint, and the root\n\
             \x20  of the first {first} leaves of the SECOND tree. The lines after it are a consistency proof (RFC 6962, section\n\
             \x20  2.1.2): any implementation must find that the tree of second.checkpoint begins with the tree of that size and\n\
             \x20  that root. The root in first.checkpoint is another one: the second tree is no continuation of the first.\n"
        )
    };
    format!(
        "EVIDENCE OF TWO HISTORIES OF ONE LOG\n\n\
         Log      {origin}\n\
         Party    {party}\n\
         Channel  {channel}\n\
         Trees    {first} and {second} records\n\
         Shown by {}, found at {} (seconds since 1970 UTC, by this node's clock)\n\n\
         What this proves: that whoever holds the key of this log signed two trees that cannot both be true. A log promises that\n\
         it only grows. This one was shown in two ways. It does not prove which of the two is right, nor who did it: the key may\n\
         be in other hands, or a back-up was restored and went on by itself.\n\n\
         How to check it, with public tools:\n\n\
         1. The key. The file policy (C2SP tlog-policy) names the log's key. Compare it with the channel's charter, which every\n\
         \x20  party adopted, or ask the parties: the proof is as good as this key.\n\n\
         2. The signatures. first.checkpoint and second.checkpoint are signed notes (C2SP signed-note) over checkpoints (C2SP\n\
         \x20  tlog-checkpoint): the origin, the size, the root. Both must be signed by that key, and name the log above.\n\n\
         {check}\n\
         `tansiq evidence check FOLDER` does all of this without a node.\n",
        found.source, found.found
    )
}
