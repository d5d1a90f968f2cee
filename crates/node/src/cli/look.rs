//! `submit`, `list`, `show`, `verify`.

use super::print::Reading;
use super::{Outcome, Setting, block_on, json_file, print_json};
use crate::access::Officer;
use crate::fault::{Fault, Trouble};
use crate::node::Node;
use crate::store::dossiers::Filter;
use crate::store::people;
use crate::submit;
use crate::verify as check;
use crate::views::dossier::Full;
use crate::views::{self, Looking};
use clap::Args;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tansiq_dossier::channel::{ChannelId, Charter};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::label::{Classification, Label};
use tansiq_dossier::party::{OfficerId, PartyId, Role};
use tansiq_dossier::record::{DossierId, Draft};
use tansiq_dossier::reference;
use tansiq_dossier::refusal::{Common, Refusal};

/// Submit an act
#[derive(Args)]
pub(super) struct Submit {
    /// A JSON file: {"channel", "officer", "kind", "act", "dossier"?, "label"?, "audience"?, "body", "sealed"?}; `-` reads
    /// standard input
    file: PathBuf,
    /// A JSON file of the values to be sealed, by name, where they do not stand in FILE; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    sealed: Option<PathBuf>,
    /// The officer who acts, when the file does not say
    #[arg(long = "as", value_name = "OFFICER")]
    officer: Option<String>,
    /// The channel, when the file does not say and there are several
    #[arg(long)]
    channel: Option<String>,
    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubmitFile {
    channel: Option<String>,
    officer: Option<String>,
    kind: String,
    act: String,
    dossier: Option<DossierId>,
    label: Option<Label>,
    audience: Option<BTreeSet<PartyId>>,
    #[serde(default)]
    body: serde_json::Value,
    #[serde(default)]
    sealed: serde_json::Map<String, serde_json::Value>,
}

/// Reads a JSON file, or standard input for `-`.
fn json_of<T: serde::de::DeserializeOwned>(file: &Path) -> Result<T, Fault> {
    if file.as_os_str() == "-" {
        // The parser's message would repeat what it met, and that may be what is to be sealed.
        serde_json::from_reader(std::io::stdin()).map_err(|error| {
            Fault::Setup(format!(
                "standard input is not the JSON that is asked for: line {}, column {}",
                error.line(),
                error.column()
            ))
        })
    } else {
        json_file(file)
    }
}

pub(super) fn submit(setting: &Setting, args: &Submit) -> Outcome {
    let node = setting.node()?;
    let file: SubmitFile = json_of(&args.file)?;
    let mut sealed = file.sealed;
    if let Some(apart) = &args.sealed {
        if apart == &args.file {
            return Err(Fault::Setup("--sealed: the act is read from there already".to_owned()).into());
        }
        sealed.extend(json_of::<serde_json::Map<_, _>>(apart)?);
    }
    let officer = args.officer.clone().or(file.officer).ok_or_else(|| Fault::Setup("who acts? give --as OFFICER".to_owned()))?;
    let officer: OfficerId = officer.parse().map_err(|error| Fault::Setup(format!("--as: {error}")))?;
    let channel = channel_of(&node, args.channel.as_deref().or(file.channel.as_deref()))?;
    let draft = Draft {
        kind: file.kind,
        act: file.act,
        dossier: file.dossier,
        label: file.label,
        audience: file.audience,
        body: file.body.into(),
        sealed,
    };
    let store = node.store.clone();
    let done = block_on(async move { store.write(move |work| submit::submit(work, &officer, &channel, draft)).await })?;
    if args.json {
        return print_json(&done);
    }
    say!("dossier {}\nrecord  {}  ({} of this party's log)", done.dossier, done.record, done.index);
    Ok(())
}

/// The channel that was named, by its name's beginning; or the only one.
pub(super) fn channel_of(node: &Node, named: Option<&str>) -> Result<ChannelId, Fault> {
    let all = node.store.read_now(crate::store::channels::all)?;
    let mut matching =
        all.keys().filter(|channel| named.is_none_or(|name| !name.is_empty() && channel.as_str().starts_with(name)));
    match (matching.next(), matching.next()) {
        (Some(one), None) => Ok(one.clone()),
        (None, _) => Err(Fault::Setup("there is no such channel here; `tansiq channel list` lists them".to_owned())),
        _ => Err(Fault::Setup("there are several channels; give --channel".to_owned())),
    }
}

/// Whoever can read the node's files can read its store; the command line looks with an auditor's eyes, or as an officer.
pub(super) fn looking(node: &Node, officer: Option<&str>) -> Result<Looking, Trouble> {
    let own = node.config.party.clone();
    let today = node.identity.world.today();
    if let Some(name) = officer {
        let id: OfficerId = name.parse().map_err(|error| Fault::Setup(format!("--as: {error}")))?;
        let found = node.store.read_now(|connection| people::officer(connection, &id))?;
        let officer = found.map(|(officer, _)| officer).ok_or_else(|| Fault::Setup(format!("there is no officer {id} here")))?;
        return Ok(Looking { officer, own, today });
    }
    let id = format!("{}.console", own.as_str().to_ascii_lowercase())
        .parse()
        .map_err(|_| Fault::Setup("the console could not be named".to_owned()))?;
    let institution =
        node.config.institutions.keys().next().cloned().ok_or_else(|| Fault::Setup("a node needs an institution".to_owned()))?;
    let officer = Officer {
        id,
        name: tansiq_dossier::words::Words::default(),
        institution,
        roles: [Role::Auditor].into(),
        clearance: Classification::Secret,
        caveats: BTreeSet::new(),
        revoked: false,
    };
    Ok(Looking { officer, own, today })
}

/// List dossiers
#[derive(Args)]
pub(super) struct List {
    /// Only of this kind: agreement, commitment, meeting, action, note, report, crossing, return, programme, assessment,
    /// consular, statement
    #[arg(long)]
    kind: Option<String>,
    /// Only in this state
    #[arg(long)]
    state: Option<String>,
    /// Only in this channel
    #[arg(long)]
    channel: Option<String>,
    /// Only those that wait for this party
    #[arg(long, value_name = "PARTY")]
    awaits: Option<String>,
    /// Only those that are late
    #[arg(long)]
    late: bool,
    /// Only those whose title holds this text, or whose reference begins with it
    #[arg(long)]
    text: Option<String>,
    /// Look as this officer
    #[arg(long = "as", value_name = "OFFICER")]
    officer: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 100)]
    limit: u64,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn list(setting: &Setting, args: List) -> Outcome {
    let node = setting.node()?;
    let looking = looking(&node, args.officer.as_deref())?;
    let unknown = |what: &str, text: &str| Fault::Setup(format!("--{what} {text}: there is no such {what}"));
    let filter = Filter {
        channel: args.channel.as_deref().map(|name| channel_of(&node, Some(name))).transpose()?,
        kind: args.kind.as_deref().map(|name| Kind::named(name).ok_or_else(|| unknown("kind", name))).transpose()?,
        state: args.state,
        awaits: args.awaits.as_deref().map(|name| name.parse().map_err(|_| unknown("awaits", name))).transpose()?,
        due_before: args.late.then_some(looking.today),
        title: args.text,
        limit: args.limit,
        ..Filter::default()
    };
    let page = node.store.read_now(|connection| views::list(connection, &looking, filter))?;
    if args.json {
        return print_json(&page);
    }
    if page.items.is_empty() {
        say!("no dossier matches");
    }
    let charters = node.store.read_now(crate::store::channels::all)?;
    let reading = Reading::named(&setting.lang, &charters);
    super::print::list(&page.items, reading);
    say!("{} of {}", page.items.len(), page.total);
    Ok(())
}

/// Show one dossier
#[derive(Args)]
pub(super) struct Show {
    /// The dossier: its reference number (IQ-TR/2026/M/0014), or its identifier
    dossier: String,
    /// The channel, when there are several
    #[arg(long)]
    channel: Option<String>,
    /// Look as this officer
    #[arg(long = "as", value_name = "OFFICER")]
    officer: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn show(setting: &Setting, args: &Show) -> Outcome {
    let node = setting.node()?;
    let looking = looking(&node, args.officer.as_deref())?;
    let within = args.channel.as_deref().map(|name| channel_of(&node, Some(name))).transpose()?;
    let charters = node.store.read_now(crate::store::channels::all)?;
    let full = find(&node, &looking, &args.dossier, within, &charters)?;
    if args.json {
        return print_json(&full);
    }
    super::print::dossier(&full, Reading::named(&setting.lang, &charters));
    Ok(())
}

/// What was copied from a terminal may bring its signs of direction along.
pub(super) fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\u{2066}'..='\u{2069}').contains(&c))
}

/// The dossier that is named by its identifier or by its reference number, in any channel or in this one.
fn find(
    node: &Node,
    looking: &Looking,
    named: &str,
    within: Option<ChannelId>,
    charters: &BTreeMap<ChannelId, Arc<Charter>>,
) -> Result<Full, Trouble> {
    let nothing = || Trouble::from(Refusal::from(Common::NoSuchDossier));
    let named = bare(named);
    let mut places: Vec<(ChannelId, DossierId)> = Vec::new();
    if let Ok(id) = named.parse::<DossierId>() {
        places.extend(charters.keys().map(|channel| (channel.clone(), id.clone())));
    }
    // The last of what may be meant is the one with its zeros filled in.
    if let Some(reference) = reference::meant(named).pop().and_then(|text| text.parse().ok()) {
        places.extend(node.store.read_now(|connection| views::by_reference(connection, looking, &reference))?);
    }
    let mut found = Vec::new();
    for (channel, id) in places.into_iter().filter(|(channel, _)| within.as_ref().is_none_or(|wanted| wanted == channel)) {
        found.extend(node.store.read_now(|connection| views::dossier::full(connection, looking, &channel, &id))?);
    }
    if found.len() > 1 {
        let names: Vec<String> = found.iter().map(|full| format!("{} in {}", full.item.dossier, full.item.channel)).collect();
        return Err(Fault::Setup(format!("several dossiers are meant: {}; give --channel", names.join(", "))).into());
    }
    found.pop().ok_or_else(nothing)
}

/// Recompute everything
#[derive(Args)]
pub(super) struct Verify {
    /// Check the whole file of the database too, page by page and index by index; slow where it is large
    #[arg(long)]
    file: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn verify(setting: &Setting, args: &Verify) -> Outcome {
    let node = setting.node()?;
    let mut said = 0;
    let mut report = check::verify_store(&node.store, &mut |report| {
        if !args.json && report.records >= said + 100_000 {
            said = report.records;
            eprintln!("{said} records checked …");
        }
    })?;
    if args.file {
        node.store.read_now(|connection| check::file(connection, &mut report))?;
    }
    if args.json {
        print_json(&report)?;
    } else {
        say!("channels      {:>9}  charters that hash to their channel's name", report.channels);
        say!("logs          {:>9}  trees rebuilt from {} entries", report.logs, report.entries);
        say!("records       {:>9}  whose bytes and salt hash to their entry", report.records);
        say!("disclosures   {:>9}  that their records commit to", report.disclosures);
        say!("checkpoints   {:>9}  signed by the log over the rebuilt tree", report.checkpoints);
        say!("cosignatures  {:>9}  of other parties", report.cosignatures);
        if report.forks > 0 {
            say!("two histories {:>9}  logs that are proved to have them", report.forks);
        }
        say!("dossiers      {:>9}  folded anew and found equal", report.dossiers);
        for problem in &report.problems {
            say!("WRONG: {problem}");
        }
        say!("{}", if report.problems.is_empty() { "everything holds" } else { "the store is damaged" });
    }
    match report.problems.first() {
        None => Ok(()),
        Some(problem) => Err(Fault::Damaged(problem.clone()).into()),
    }
}
