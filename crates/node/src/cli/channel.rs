//! `channel open`, `channel join`, `channel list`.

use super::{Outcome, Setting, block_on, json_file, print_json};
use crate::fault::{Fault, Trouble};
use crate::node::Node;
use crate::recovery::RecoveryRefusal;
use crate::store::{approvals, channels, people, published};
use crate::submit;
use crate::views;
use clap::{Args, Subcommand};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use tansiq_dossier::channel::{Body, ChannelClass, ChannelId, Charter, CharterParty};
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::party::{OfficerId, PartyId, Role};
use tansiq_dossier::record::Draft;
use tansiq_dossier::refusal::{Common, Refusal};
use tansiq_dossier::words::{Tongue, Words};

#[derive(Subcommand)]
pub(super) enum ChannelCommand {
    /// Write a charter with the other parties' cards, adopt it, and print it for them
    Open(Open),
    /// Adopt a charter that another party wrote
    Join(Join),
    /// Serve the logs of a channel to outside monitors, or no longer
    Publish(Publish),
    /// List the channels of this node: parties, logs, witnesses
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
pub(super) struct Open {
    /// What the channel is called, in Arabic
    #[arg(long, value_name = "NAME")]
    name_ar: Option<String>,
    /// What the channel is called, in English
    #[arg(long, value_name = "NAME")]
    name_en: Option<String>,
    /// What the channel is called, in Turkish
    #[arg(long, value_name = "NAME")]
    name_tr: Option<String>,
    /// What it is for: exchange, domestic, or return for returns of persons
    #[arg(long, default_value = "exchange")]
    class: String,
    /// The day from which it runs; today when nothing is said
    #[arg(long, value_name = "DATE")]
    opened_on: Option<String>,
    /// A card of another party (what `tansiq card` prints there); once for each
    #[arg(long = "card", value_name = "FILE")]
    cards: Vec<PathBuf>,
    /// A JSON file of the bodies in which the parties meet: {"jpsc": {"name": {"ar": "…"}, "parties": ["IRQ", "TUR"]}}
    #[arg(long, value_name = "FILE")]
    bodies: Option<PathBuf>,
    /// Where a party's node answers, as PARTY=HOST:PORT; once for each
    #[arg(long = "address", value_name = "PARTY=HOST:PORT")]
    addresses: Vec<String>,
    /// The officer who adopts it; the administrator when nothing is said
    #[arg(long = "as", value_name = "OFFICER")]
    officer: Option<String>,
    /// Write the charter to this file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Args)]
pub(super) struct Join {
    /// The charter, as `channel open` wrote it on the other side
    charter: PathBuf,
    /// Where a party's node answers, as PARTY=HOST:PORT; once for each
    #[arg(long = "address", value_name = "PARTY=HOST:PORT")]
    addresses: Vec<String>,
    /// The officer who adopts it; the administrator when nothing is said
    #[arg(long = "as", value_name = "OFFICER")]
    officer: Option<String>,
}

#[derive(Args)]
pub(super) struct Publish {
    /// The channel, or how its name begins
    channel: String,
    /// Whether its logs are served
    #[arg(value_parser = ["on", "off"])]
    state: String,
    /// Yes, although this channel is for returns of persons: its logs show nothing but how many records there were, and when
    #[arg(long)]
    returns: bool,
    /// The officer who decides; the administrator when nothing is said
    #[arg(long = "as", value_name = "OFFICER")]
    officer: Option<String>,
}

#[derive(Deserialize)]
struct Card {
    party: PartyId,
    card: CharterParty,
}

pub(super) fn run(setting: &Setting, command: ChannelCommand) -> Outcome {
    match command {
        ChannelCommand::Open(args) => open(setting, args),
        ChannelCommand::Join(args) => join(setting, &args),
        ChannelCommand::Publish(args) => publish(setting, &args),
        ChannelCommand::List { json } => list(setting, json),
    }
}

fn open(setting: &Setting, args: Open) -> Outcome {
    let node = setting.node()?;
    let bad = |what: &str, error: &dyn std::fmt::Display| Fault::Setup(format!("{what}: {error}"));
    let mut parties = BTreeMap::from([(node.config.party.clone(), node.card()?)]);
    for path in &args.cards {
        let Card { party, card } = json_file(path)?;
        parties.insert(party, card);
    }
    let names = [(Tongue::Ar, args.name_ar), (Tongue::En, args.name_en), (Tongue::Tr, args.name_tr)];
    let name: BTreeMap<Tongue, String> = names.into_iter().filter_map(|(tongue, name)| Some((tongue, name?))).collect();
    let bodies: BTreeMap<String, Body> = match &args.bodies {
        Some(path) => json_file(path)?,
        None => BTreeMap::new(),
    };
    let class = match args.class.as_str() {
        "exchange" => ChannelClass::Exchange,
        "domestic" => ChannelClass::Domestic,
        "return" => ChannelClass::Return,
        other => return Err(bad("--class", &format!("`{other}` is neither exchange, domestic nor return")).into()),
    };
    let opened_on = match &args.opened_on {
        Some(text) => text.parse().map_err(|error| bad("--opened-on", &error))?,
        None => node.identity.world.today(),
    };
    let charter = Charter {
        tongues: if name.is_empty() { BTreeSet::from([Tongue::Ar]) } else { name.keys().copied().collect() },
        name: Words(name),
        class,
        opened_on,
        parties,
        bodies,
        demo: false,
    };
    let channel = adopt(&node, &charter, &addresses(&args.addresses)?, args.officer.as_deref())?;
    let text = serde_json::to_vec_pretty(&charter).map_err(|error| bad("charter", &error))?;
    std::fs::write(&args.out, text).map_err(Fault::file(format!("cannot write {}", args.out.display())))?;
    say!("channel {channel}\ncharter written to {}; the other parties join with `tansiq channel join`", args.out.display());
    Ok(())
}

fn join(setting: &Setting, args: &Join) -> Outcome {
    let node = setting.node()?;
    let charter: Charter = json_file(&args.charter)?;
    let own = charter.parties.get(&node.config.party);
    if own != Some(&node.card()?) {
        return Err(Fault::Setup(
            "the charter does not name this node's own keys and institutions; send the other side a fresh `tansiq card`"
                .to_owned(),
        )
        .into());
    }
    let channel = adopt(&node, &charter, &addresses(&args.addresses)?, args.officer.as_deref())?;
    say!("channel {channel}\njoined; compare this name with the other side by another way before you trust it");
    Ok(())
}

fn addresses(given: &[String]) -> Result<Vec<(PartyId, String)>, Fault> {
    let split = |text: &String| {
        let (party, address) = text.split_once('=')?;
        Some((party.parse().ok()?, address.to_owned()))
    };
    let bad = |text: &String| Fault::Setup(format!("--address {text}: give PARTY=HOST:PORT"));
    given.iter().map(|text| split(text).ok_or_else(|| bad(text))).collect()
}

/// Keeps a charter, adopts it as the first record of this node's log, and notes where the peers answer.
pub(crate) fn adopt(
    node: &Node,
    charter: &Charter,
    addresses: &[(PartyId, String)],
    officer: Option<&str>,
) -> Result<ChannelId, Trouble> {
    charter.check()?;
    let default = format!("{}.administrator", node.config.party.as_str().to_ascii_lowercase());
    let officer: OfficerId = officer.unwrap_or(&default).parse().map_err(|error| Fault::Setup(format!("--as: {error}")))?;
    let (charter, addresses, store) = (charter.clone(), addresses.to_vec(), node.store.clone());
    block_on(async move {
        store
            .write(move |work| {
                let channel = charter.channel();
                work.connection.execute_batch("SAVEPOINT adoption")?;
                channels::add(work.connection, &charter)?;
                for (party, address) in &addresses {
                    channels::set_address(work.connection, &channel, party, address)?;
                }
                let draft = Draft {
                    kind: "charter".to_owned(),
                    act: "adopt".to_owned(),
                    dossier: None,
                    label: None,
                    audience: None,
                    body: serde_json::json!({ "charter": ContentHash::of(&charter) }).into(),
                    ..Draft::default()
                };
                let adopted = submit::submit(work, &officer, &channel, draft);
                // A refused adoption leaves no charter behind; unless the node adopted it before it was restored, and hears of
                // that from its peers.
                let keeps = match &adopted {
                    Ok(_) => true,
                    Err(Trouble::Refused(refusal)) => refusal.code == RecoveryRefusal::CatchingUp.code(),
                    Err(_) => false,
                };
                let end = if keeps { "RELEASE adoption" } else { "ROLLBACK TO adoption; RELEASE adoption" };
                work.connection.execute_batch(end)?;
                adopted.map(|_| channel)
            })
            .await
    })
}

fn publish(setting: &Setting, args: &Publish) -> Outcome {
    let node = setting.node()?;
    let channel = super::look::channel_of(&node, Some(&args.channel))?;
    let officer = administrator(&node, args.officer.as_deref())?;
    let public = args.state == "on";
    let class = node.store.read_now(|connection| channels::class(connection, &channel))?;
    if public && class == Some(ChannelClass::Domestic) {
        return Err(Fault::Setup("the log of a domestic channel is no concern of outside monitors".to_owned()).into());
    }
    if public && class == Some(ChannelClass::Return) && !args.returns {
        return Err(
            Fault::Setup("this channel is for returns of persons; say --returns if its logs shall be served".to_owned()).into()
        );
    }
    let (store, name) = (node.store.clone(), channel.clone());
    block_on(async move {
        let job = store.write(move |work| {
            let now = work.identity.world.clock.unix();
            published::set(work.connection, &name, public, now)?;
            let did = if public { "publish" } else { "unpublish" };
            let (digest, reason) = (ContentHash::of(&name), format!("the logs of {name} for outside monitors"));
            let note = approvals::Note { at: now, officer: officer.as_str(), did, digest, reason: &reason };
            Ok(approvals::note(work.connection, &note)?)
        });
        job.await
    })?;
    match (&node.config.tiles, public) {
        (_, false) => say!("the logs of {channel} are served to nobody outside"),
        (Some(address), true) => {
            say!("the logs of {channel} are served at http://{address}/{channel}/PARTY/checkpoint and …/tile/")
        }
        (None, true) => {
            say!(
                "the logs of {channel} are served once the node runs with `tansiq serve --tiles ADDRESS`, or `tiles` in node.json"
            );
        }
    }
    Ok(())
}

/// The officer who decides for the node: an administrator.
fn administrator(node: &Node, named: Option<&str>) -> Result<OfficerId, Trouble> {
    let default = format!("{}.administrator", node.config.party.as_str().to_ascii_lowercase());
    let id: OfficerId = named.unwrap_or(&default).parse().map_err(|error| Fault::Setup(format!("--as: {error}")))?;
    let found = node.store.read_now(|connection| people::officer(connection, &id))?;
    match found {
        Some((officer, _)) if !officer.revoked && officer.roles.contains(&Role::Administrator) => Ok(id),
        _ => Err(Refusal::from(Common::WrongRole).into()),
    }
}

fn list(setting: &Setting, json: bool) -> Outcome {
    let node = setting.node()?;
    let channels = node.store.read_now(views::channel::all)?;
    if json {
        return print_json(&channels);
    }
    if channels.is_empty() {
        say!("no channel yet: `tansiq channel open` opens one");
    }
    for channel in channels {
        let name = channel.charter.name.best(Tongue::Ar).map(|(_, name)| name.to_owned()).unwrap_or_default();
        let published = if channel.published { "  published" } else { "" };
        say!("{}  {name}  {}{published}", channel.channel, if channel.open { "open" } else { "awaiting adoption" });
        for log in channel.logs {
            let witnesses: Vec<String> = log.witnessed.iter().map(|(by, size, _)| format!("{by} to {size}")).collect();
            say!(
                "  {:<10} {:>8} records, {:>8} applied; witnessed by {}; by all to {}",
                log.party,
                log.size,
                log.applied,
                witnesses.join(", "),
                log.witnessed_by_all
            );
            if let Some(fork) = log.fork {
                say!(
                    "    TWO HISTORIES: trees of {} and {} records are signed that cannot both be true; shown by {}. Nothing more of\n\
                     \x20   this log is taken. `tansiq evidence fork --channel {} --party {} --out FOLDER` writes the proof",
                    fork.sizes.0,
                    fork.sizes.1,
                    fork.source,
                    channel.channel,
                    log.party
                );
            }
        }
        say!("  digest {}", channel.digest);
    }
    Ok(())
}
