//! `keys`: what counts, succession, lost keys, revocation, and the passphrase of the files.

use super::guard::{named, waits};
use super::look::channel_of;
use super::{Outcome, Setting, block_on, print_json};
use crate::approval::{Asked, Matter};
use crate::clock::World;
use crate::fault::Fault;
use crate::guarded::{self, Guarded};
use crate::key_change;
use crate::keyring::{self, Keyring};
use crate::keys::{self, Keys, Passphrase, WORK_FACTOR, Which};
use crate::node::Node;
use crate::store::{logs, people};
use crate::submit;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tansiq_dossier::channel::{ChannelId, CharterParty};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::kinds::charter::{
    Acknowledge, Finish, NewKeys, ReinstateOfficer, Replace, RevokeNode, RevokeOfficer, Succeed,
};
use tansiq_dossier::party::{OfficerId, PartyId};
use tansiq_dossier::record::{DossierId, Draft, RecordId};

#[derive(Subcommand)]
pub(super) enum KeysCommand {
    /// Show which keys count in every channel, and what is under way
    Show {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Make new keys and announce them in every channel: old and new count side by side (asks a second person)
    Succeed(SucceedArgs),
    /// Take note of another party's new keys, once this node has them
    Acknowledge(Acknowledging),
    /// End the overlap, once every other party has taken note: the new keys count alone, the old are destroyed (asks a second person)
    Finish(By),
    /// Give a party that lost its keys new ones; takes effect when every other party says the same (asks a second person)
    Replace(ReplaceArgs),
    /// Make new keys in the place of lost ones; they count once every other party has replaced the old with them
    Recreate {
        /// How costly it is to try a passphrase, as a power of two; with `--passphrase-file`
        #[arg(long, value_name = "LOG2", default_value_t = WORK_FACTOR, hide = true)]
        work_factor: u8,
    },
    /// Take a node out at once: this node's own, or another's when all others say so
    RevokeNode(RevokeNodeArgs),
    /// Revoke an office of this party here and at every peer
    RevokeOfficer(Office),
    /// Let a revoked office act again (asks a second person)
    ReinstateOfficer(Office),
    /// Put the key files under a passphrase (`--passphrase-file`, or asked for)
    Encrypt {
        /// How costly it is to try a passphrase, as a power of two
        #[arg(long, value_name = "LOG2", default_value_t = WORK_FACTOR, hide = true)]
        work_factor: u8,
    },
    /// Take the key files from under their passphrase
    Decrypt,
}

/// Who does it, and why.
#[derive(Args)]
pub(super) struct By {
    /// The officer who does it
    #[arg(long = "as", value_name = "OFFICER")]
    officer: String,
    /// Why; the second person reads it
    #[arg(long, default_value = "")]
    reason: String,
}

#[derive(Args)]
pub(super) struct SucceedArgs {
    /// Change the key of the logs; all three keys change when none is named
    #[arg(long)]
    log: bool,
    /// Change the key that cosigns
    #[arg(long)]
    cosigner: bool,
    /// Change the key on the wire
    #[arg(long)]
    wire: bool,
    /// Make other new keys, in the place of those announced before and not taken into use
    #[arg(long)]
    anew: bool,
    #[command(flatten)]
    by: By,
}

#[derive(Args)]
pub(super) struct Acknowledging {
    /// The party whose keys change
    #[arg(long)]
    party: String,
    /// The officer who does it
    #[arg(long = "as", value_name = "OFFICER")]
    officer: String,
}

#[derive(Args)]
pub(super) struct ReplaceArgs {
    /// The card of the party's node with its new keys (`tansiq card` there)
    #[arg(long, value_name = "FILE")]
    card: PathBuf,
    /// The last size of its log for which the lost keys count; what this node holds when nothing is said
    #[arg(long)]
    size: Option<u64>,
    /// The channel, when there are several
    #[arg(long)]
    channel: Option<String>,
    #[command(flatten)]
    by: By,
}

#[derive(Args)]
pub(super) struct RevokeNodeArgs {
    /// The party whose node it is
    #[arg(long)]
    party: String,
    /// The last size of its log that counts; what this node holds when nothing is said
    #[arg(long)]
    size: Option<u64>,
    /// The channel, when there are several and the node is another's; one's own node is revoked in all
    #[arg(long)]
    channel: Option<String>,
    #[command(flatten)]
    by: By,
}

#[derive(Args)]
pub(super) struct Office {
    /// The office, such as irq.mofa.secretary
    office: String,
    #[command(flatten)]
    by: By,
}

#[derive(serde::Deserialize)]
struct Card {
    party: PartyId,
    card: CharterParty,
}

pub(super) fn run(setting: &Setting, command: KeysCommand) -> Outcome {
    match command {
        KeysCommand::Show { json } => show(setting, json),
        KeysCommand::Succeed(args) => succeed(setting, args),
        KeysCommand::Acknowledge(args) => acknowledge(setting, &args),
        KeysCommand::Finish(by) => finish(setting, &by),
        KeysCommand::Replace(args) => replace(setting, &args),
        KeysCommand::Recreate { work_factor } => recreate(setting, work_factor),
        KeysCommand::RevokeNode(args) => revoke_node(setting, &args),
        KeysCommand::RevokeOfficer(args) => revoke_office(setting, &args),
        KeysCommand::ReinstateOfficer(args) => reinstate(setting, &args),
        KeysCommand::Encrypt { work_factor } => encrypt(setting, work_factor),
        KeysCommand::Decrypt => {
            let passphrase = setting.passphrase("Passphrase: ")?;
            keys::decrypt(&Node::keys_in(&setting.dir), &passphrase)?;
            say!("the keys lie under no passphrase any more");
            Ok(())
        }
    }
}

fn encrypt(setting: &Setting, work_factor: u8) -> Outcome {
    let passphrase = setting.passphrase("New passphrase: ")?;
    keys::encrypt(&Node::keys_in(&setting.dir), &passphrase, work_factor)?;
    say!("the keys lie under the passphrase; whoever starts the node gives it, or --passphrase-file");
    Ok(())
}

fn recreate(setting: &Setting, work_factor: u8) -> Outcome {
    let world = World::real();
    let folder = Node::keys_in(&setting.dir);
    if folder.exists() {
        // What is left of the old keys may still be of use to somebody; nothing is destroyed here.
        let aside = setting.dir.join(format!("keys.lost-{}", world.clock.unix()));
        std::fs::rename(&folder, &aside).map_err(Fault::file(format!("cannot put {} aside", folder.display())))?;
        say!("what was left of the old keys is in {}", aside.display());
    }
    let passphrase = setting.passphrase_file.as_deref().map(Passphrase::from_file).transpose()?;
    let under = passphrase.as_ref().map(|passphrase| (passphrase, work_factor));
    Keys::create_under(&folder, &world, under)?;
    say!("made new keys; give `tansiq card` to every other party, for `tansiq keys replace` there");
    Ok(())
}

fn rings(node: &Node) -> Result<BTreeMap<ChannelId, Keyring>, Fault> {
    node.store.read_now(keyring::all)
}

fn show(setting: &Setting, json: bool) -> Outcome {
    let node = setting.node()?;
    let rings = rings(&node)?;
    let told = |ring: &Keyring| -> BTreeMap<PartyId, Value> {
        let parties = ring.charter.parties.keys();
        parties.map(|party| (party.clone(), json!({ "keys": ring.of(party), "pins": ring.pins(party) }))).collect()
    };
    if json {
        let channels: BTreeMap<_, _> = rings.iter().map(|(channel, ring)| (channel, told(ring))).collect();
        return print_json(&json!({ "next": node.identity.keys.next()?, "channels": channels }));
    }
    let ours: Vec<String> = node.identity.keys.next()?.log_key.into_iter().chain([node.identity.keys.log_public()?]).collect();
    for (channel, ring) in &rings {
        say!("{channel}");
        for party in ring.charter.parties.keys() {
            let Some(keys) = ring.of(party) else { continue };
            let now = |terms: &[tansiq_dossier::kinds::charter::Term]| {
                let counting = terms.iter().filter(|term| term.counts()).map(|term| term.key.as_str());
                counting.collect::<Vec<_>>().join("  and  ")
            };
            say!("  {party}  log       {}", now(&keys.log));
            say!("       cosigner  {}", now(&keys.cosigner));
            say!("       wire      {}", now(&keys.wire));
            if let Some(succession) = &keys.succession {
                let by: Vec<&str> = succession.acknowledged.iter().map(PartyId::as_str).collect();
                say!(
                    "       changes since {}; taken note of by {}",
                    succession.at,
                    if by.is_empty() { "nobody yet".to_owned() } else { by.join(", ") }
                );
            }
            if *party == node.config.party && !keys.log.iter().any(|term| term.counts() && ours.contains(&term.key)) {
                say!("       none of the log keys that count is among this node's files: the other parties have to replace it");
            }
            if let Some(size) = keys.revoked {
                say!("       REVOKED: nothing counts beyond size {size} of its log");
            }
        }
    }
    Ok(())
}

/// Carries out a change that two people agree on, channel by channel. What was done in some of them before a fault is not done
/// twice when the same is asked again.
fn change(node: &Node, by: &By, act: &str, bodies: BTreeMap<ChannelId, Value>) -> Outcome {
    let requester: OfficerId = named("--as", &by.officer)?;
    let channels: Vec<ChannelId> = bodies.keys().cloned().collect();
    let asked =
        Asked { requester, recipient: None, reason: by.reason.clone(), matter: Matter::Keys { act: act.to_owned(), bodies } };
    for channel in channels {
        let (store, asked) = (node.store.clone(), asked.clone());
        let done = block_on(async move { store.write(move |work| guarded::change_keys(work, &asked, &channel)).await })?;
        match done {
            Guarded::Waiting(waiting) => return Err(waits(&waiting)),
            Guarded::Given(done) => say!("{act} in channel {}: record {}", done.channel, done.record),
        }
    }
    Ok(())
}

/// Carries out what one person may do.
fn alone(node: &Node, officer: &str, act: &str, channel: &ChannelId, body: Value) -> Outcome {
    let officer: OfficerId = named("--as", officer)?;
    let draft = Draft {
        kind: Kind::Charter.name().to_owned(),
        act: act.to_owned(),
        dossier: Some(DossierId::charter()),
        body: body.into(),
        ..Draft::default()
    };
    let (store, channel) = (node.store.clone(), channel.clone());
    let done = block_on(async move { store.write(move |work| submit::submit(work, &officer, &channel, draft)).await })?;
    say!("{act} in channel {}: record {}", done.channel, done.record);
    Ok(())
}

fn body<T: serde::Serialize>(act: &T) -> Result<Value, Fault> {
    let mut value = serde_json::to_value(act).map_err(|error| Fault::Setup(error.to_string()))?;
    if let Value::Object(members) = &mut value {
        members.retain(|_, member| !member.is_null());
    }
    Ok(value)
}

fn succeed(setting: &Setting, args: SucceedArgs) -> Outcome {
    let node = setting.node()?;
    let own = &node.config.party;
    let wanted = match (args.log, args.cosigner, args.wire) {
        (false, false, false) => Which { log: true, cosigner: true, wire: true },
        (log, cosigner, wire) => Which { log, cosigner, wire },
    };
    let own_keys = &node.identity.keys;
    if args.anew || own_keys.next()? == NewKeys::default() {
        own_keys.prepare(wanted, &node.identity.world)?;
    }
    let next = own_keys.next()?;
    let rings = rings(&node)?;
    let announced =
        |ring: &Keyring| ring.of(own).and_then(|keys| keys.succession).is_some_and(|succession| succession.keys == next);
    let act = Succeed { log_key: next.log_key.clone(), cosigner_key: next.cosigner_key.clone(), wire_pin: next.wire_pin.clone() };
    let left = rings.iter().filter(|(_, ring)| !announced(ring)).map(|(channel, _)| channel.clone());
    let bodies: BTreeMap<ChannelId, Value> = left.map(|channel| Ok((channel, body(&act)?))).collect::<Result<_, Fault>>()?;
    if bodies.is_empty() {
        say!("the new keys are announced in every channel; `tansiq keys show` tells who has taken note");
        return Ok(());
    }
    change(&node, &args.by, Succeed::SPEC.name, bodies)?;
    say!("old and new keys count; when every other party has taken note: `tansiq keys finish`");
    Ok(())
}

fn acknowledge(setting: &Setting, args: &Acknowledging) -> Outcome {
    let node = setting.node()?;
    let party: PartyId = named("--party", &args.party)?;
    let mut found = false;
    for (channel, ring) in rings(&node)? {
        let Some(succession) = ring.of(&party).and_then(|keys| keys.succession) else { continue };
        if party == node.config.party || succession.acknowledged.contains(&node.config.party) {
            continue;
        }
        found = true;
        alone(&node, &args.officer, Acknowledge::SPEC.name, &channel, body(&Acknowledge { of: succession.record })?)?;
    }
    if !found {
        say!("no new keys of {party} wait for this party");
    }
    Ok(())
}

fn finish(setting: &Setting, by: &By) -> Outcome {
    let node = setting.node()?;
    let own = node.config.party.clone();
    let next = node.identity.keys.next()?;
    if next == NewKeys::default() {
        return Err(Fault::Setup("there are no new keys; `tansiq keys succeed` makes them".to_owned()).into());
    }
    // The old keys go in all channels or in none: the node shows one key on the wire.
    let mut left: BTreeMap<ChannelId, RecordId> = BTreeMap::new();
    for (channel, ring) in rings(&node)? {
        match key_change::standing(&ring, &own, &next) {
            key_change::Standing::Done => {}
            key_change::Standing::Ready(record) => {
                left.insert(channel, record);
            }
            key_change::Standing::Unannounced => {
                return Err(
                    Fault::Setup(format!("the new keys are not announced in channel {channel}; `tansiq keys succeed`")).into()
                );
            }
            key_change::Standing::Awaits(parties) => {
                let names: Vec<&str> = parties.iter().map(PartyId::as_str).collect();
                say!("channel {channel}: {} has not taken note yet", names.join(", "));
                return Err(tansiq_dossier::refusal::Refusal::from(
                    tansiq_dossier::kinds::charter::CharterRefusal::NotAcknowledged,
                )
                .into());
            }
        }
    }
    let bodies = left.into_iter().map(|(channel, of)| Ok((channel, body(&Finish { of })?)));
    change(&node, by, Finish::SPEC.name, bodies.collect::<Result<_, Fault>>()?)?;
    node.identity.keys.promote()?;
    say!("the new keys count alone, and the old ones are destroyed");
    Ok(())
}

/// How much of a party's log this node holds: no record of a node says that less of it counts.
fn size_of(node: &Node, channel: &ChannelId, party: &PartyId, given: Option<u64>) -> Result<i64, Fault> {
    let held =
        node.store.read_now(|connection| -> Result<u64, Fault> { Ok(logs::head(connection, channel, party)?.range.size()) })?;
    if given.is_some_and(|size| size < held) {
        return Err(Fault::Setup(format!("--size: this node holds {held} records of that log, and has cosigned them")));
    }
    Ok(i64::try_from(given.unwrap_or(held)).unwrap_or(i64::MAX))
}

fn replace(setting: &Setting, args: &ReplaceArgs) -> Outcome {
    let node = setting.node()?;
    let channel = channel_of(&node, args.channel.as_deref())?;
    let Card { party, card } = super::json_file(&args.card)?;
    let size = size_of(&node, &channel, &party, args.size)?;
    let ring = rings(&node)?.remove(&channel);
    let ever = |key: &str| {
        let keys = ring.as_ref().and_then(|ring| ring.of(&party));
        keys.is_some_and(|keys| {
            keys.log.iter().chain(&keys.cosigner).chain(&keys.wire).any(|term| term.key == key && term.counts())
        })
    };
    let new = |key: String| Some(key).filter(|key| !ever(key));
    let act = Replace {
        party: party.clone(),
        size,
        log_key: new(card.log_key),
        cosigner_key: new(card.cosigner_key),
        wire_pin: new(card.tls_pin),
    };
    change(&node, &args.by, Replace::SPEC.name, BTreeMap::from([(channel, body(&act)?)]))?;
    say!("said; the new keys of {party} count beyond size {size} once every other party has said exactly the same");
    Ok(())
}

fn revoke_node(setting: &Setting, args: &RevokeNodeArgs) -> Outcome {
    let node = setting.node()?;
    let party: PartyId = named("--party", &args.party)?;
    let reason = args.by.reason.clone();
    if party != node.config.party {
        let channel = channel_of(&node, args.channel.as_deref())?;
        let size = Some(size_of(&node, &channel, &party, args.size)?);
        return alone(&node, &args.by.officer, RevokeNode::SPEC.name, &channel, body(&RevokeNode { party, size, reason })?);
    }
    for (channel, ring) in rings(&node)? {
        if ring.of(&party).is_some_and(|keys| keys.revoked.is_none()) {
            let act = RevokeNode { party: party.clone(), size: None, reason: reason.clone() };
            alone(&node, &args.by.officer, RevokeNode::SPEC.name, &channel, body(&act)?)?;
        }
    }
    Ok(())
}

fn revoke_office(setting: &Setting, args: &Office) -> Outcome {
    let node = setting.node()?;
    let office: OfficerId = named("OFFICE", &args.office)?;
    // At home first: its sessions end with this, whatever the channels say.
    set_revoked(&node, &office, true)?;
    for channel in key_change::channels_of(&rings(&node)?, &node.config.party, &office, false) {
        let act = RevokeOfficer { officer: office.to_string(), reason: args.by.reason.clone() };
        alone(&node, &args.by.officer, RevokeOfficer::SPEC.name, &channel, body(&act)?)?;
    }
    say!("{office} is revoked: here at once, at the other parties as soon as they have the record");
    Ok(())
}

fn reinstate(setting: &Setting, args: &Office) -> Outcome {
    let node = setting.node()?;
    let office: OfficerId = named("OFFICE", &args.office)?;
    let channels = key_change::channels_of(&rings(&node)?, &node.config.party, &office, true);
    let act = ReinstateOfficer { officer: office.to_string() };
    let bodies = channels.into_iter().map(|channel| Ok((channel, body(&act)?)));
    change(&node, &args.by, ReinstateOfficer::SPEC.name, bodies.collect::<Result<_, Fault>>()?)?;
    set_revoked(&node, &office, false)
}

fn set_revoked(node: &Node, office: &OfficerId, revoked: bool) -> Outcome {
    let (store, id) = (node.store.clone(), office.clone());
    let known = block_on(async move {
        let job = store.write(move |work| {
            let Some((mut officer, _)) = people::officer(work.connection, &id)? else { return Ok(false) };
            officer.revoked = revoked;
            people::set_officer(work.connection, &officer, None)?;
            Ok(true)
        });
        job.await
    })?;
    if known { Ok(()) } else { Err(Fault::Setup(format!("there is no officer {office} here")).into()) }
}
