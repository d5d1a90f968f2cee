//! `unseal`, `approve`, `export`, `erase`, `audit`: what needs two people, or leaves a line for the auditor.

use super::look::{channel_of, looking};
use super::{Outcome, Setting, block_on, print_json};
use crate::approval::{ApprovalRefusal, Asked, Format, Matter, Request, Selection};
use crate::fault::{Fault, Trouble};
use crate::guarded::{self, Guarded, Waiting};
use crate::language::Lang;
use crate::node::Node;
use crate::store::approvals;
use crate::{erasing, export};
use clap::{Args, ValueEnum};
use std::io::Write;
use std::path::PathBuf;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::custody::Ground;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::party::{OfficerId, Role};
use tansiq_dossier::record::{DossierId, RecordId};
use tansiq_dossier::refusal::{Common, Refusal};
use tansiq_dossier::words::Tongue;

pub(super) fn named<T: std::str::FromStr<Err: std::fmt::Display>>(option: &str, text: &str) -> Result<T, Fault> {
    text.parse().map_err(|error| Fault::Setup(format!("{option}: {error}")))
}

/// The channel of a dossier: the one that was named, or the one that has it.
fn channel_with(node: &Node, named: Option<&str>, dossier: &DossierId) -> Result<ChannelId, Trouble> {
    if named.is_some() {
        return Ok(channel_of(node, named)?);
    }
    let found = node.store.read_now(|connection| -> Result<Option<ChannelId>, Fault> {
        for channel in crate::store::channels::names(connection)? {
            if crate::store::dossiers::get(connection, &channel, dossier)?.is_some() {
                return Ok(Some(channel));
            }
        }
        Ok(None)
    })?;
    Ok(found.ok_or_else(|| Refusal::from(Common::NoSuchDossier))?)
}

/// Says which number a second person allows, and ends as refused: nothing was given yet.
pub(super) fn waits(waiting: &Waiting) -> Trouble {
    say!("request {}; one of these may allow it within a day, with `tansiq approve {0} --as …`:", waiting.number);
    waiting.approvers.iter().for_each(|office| say!("  {office}"));
    if waiting.approvers.is_empty() {
        say!("  nobody: no other office of this node may allow this");
    }
    Refusal::from(ApprovalRefusal::SecondPerson).into()
}

/// Read sealed values
#[derive(Args)]
pub(super) struct Unseal {
    /// The dossier
    #[arg(long)]
    dossier: String,
    /// The record that sealed or disclosed them: 64 hexadecimal digits, as `tansiq show` prints them
    #[arg(long)]
    record: String,
    /// Only this field; may be given several times
    #[arg(long = "claim", value_name = "FIELD")]
    claims: Vec<String>,
    /// Why
    #[arg(long)]
    reason: String,
    /// For whom, when not for the officer who asks
    #[arg(long = "for", value_name = "RECIPIENT")]
    recipient: Option<String>,
    /// The channel, when there are several
    #[arg(long)]
    channel: Option<String>,
    /// The officer who asks
    #[arg(long = "as", value_name = "OFFICER")]
    officer: String,
    /// As JSON, with the disclosures that belong into the record's evidence
    #[arg(long)]
    json: bool,
}

pub(super) fn unseal(setting: &Setting, args: Unseal) -> Outcome {
    let node = setting.node()?;
    let dossier: DossierId = args.dossier.parse().map_err(|_| Refusal::from(Common::NoSuchDossier))?;
    let asked = Asked {
        requester: named("--as", &args.officer)?,
        recipient: args.recipient,
        reason: args.reason,
        matter: Matter::Unseal {
            channel: channel_with(&node, args.channel.as_deref(), &dossier)?,
            dossier,
            record: named("--record", &args.record)?,
            claims: args.claims.into_iter().collect(),
        },
    };
    let store = node.store.clone();
    match block_on(async move { store.write(move |work| guarded::unseal(work, &asked)).await })? {
        Guarded::Waiting(waiting) => Err(waits(&waiting)),
        Guarded::Given(values) if args.json => print_json(&values),
        Guarded::Given(values) => {
            for value in values {
                say!("{}: {}", value.claim, value.value.as_str().map_or_else(|| value.value.to_string(), str::to_owned));
            }
            Ok(())
        }
    }
}

/// Allow what another officer asked for
#[derive(Args)]
pub(super) struct Approve {
    /// The request's number; lists the requests that you may allow when nothing is said
    number: Option<i64>,
    /// The officer who allows it
    #[arg(long = "as", value_name = "OFFICER")]
    officer: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn approve(setting: &Setting, args: &Approve) -> Outcome {
    let node = setting.node()?;
    let officer: OfficerId = named("--as", &args.officer)?;
    let store = node.store.clone();
    let number = args.number;
    let requests = block_on(async move {
        let work = store.write(move |work| match number {
            Some(number) => Ok(vec![guarded::approve(work, &officer, number)?]),
            None => guarded::waiting_for(work, &officer),
        });
        work.await
    })?;
    if args.json {
        return print_json(&requests);
    }
    if requests.is_empty() {
        say!("no request waits for you");
    }
    requests.iter().for_each(print_request);
    Ok(())
}

fn print_request(request: &Request) {
    let (asked, standing) = (&request.asked, if request.approved.is_some() { "allowed for a day" } else { "waits" });
    say!("request {}  {standing}\n  by      {}\n  because {}", request.number, asked.requester, asked.reason);
    if let Some(recipient) = &asked.recipient {
        say!("  for     {recipient}");
    }
    match &asked.matter {
        Matter::Unseal { dossier, record, claims, .. } => {
            let claims: Vec<&str> = claims.iter().map(String::as_str).collect();
            let what = if claims.is_empty() { "every sealed field".to_owned() } else { claims.join(", ") };
            say!("  unseal  {what} of record {record}\n  dossier {dossier}");
        }
        Matter::Export { selection, format } => {
            let selection = serde_json::to_string(selection).unwrap_or_default();
            say!("  export  {format:?} of {selection}");
        }
        Matter::Keys { act, bodies } => {
            say!("  keys    {act}");
            bodies.iter().for_each(|(channel, body)| say!("  channel {channel}\n  {body}"));
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Form {
    /// One JSON object a line
    Jsonl,
    /// Comma-separated values
    Csv,
}

/// Export a list of dossiers
#[derive(Args)]
pub(super) struct Export {
    /// Only of this kind: meeting, report, return …
    #[arg(long)]
    kind: Option<String>,
    /// Only in this state
    #[arg(long)]
    state: Option<String>,
    /// Only in this channel
    #[arg(long)]
    channel: Option<String>,
    /// Only those that this party takes part in
    #[arg(long)]
    party: Option<String>,
    /// Only those that wait for this party
    #[arg(long, value_name = "PARTY")]
    awaits: Option<String>,
    /// Only those that this institution owes something in
    #[arg(long, value_name = "INSTITUTION")]
    owner: Option<String>,
    /// Only those due before this day and not done
    #[arg(long, value_name = "DATE")]
    due_before: Option<String>,
    /// Only those whose title holds this text
    #[arg(long)]
    text: Option<String>,
    /// The form of the file
    #[arg(long, value_enum, default_value_t = Form::Jsonl)]
    format: Form,
    /// Why
    #[arg(long)]
    reason: String,
    /// For whom, when not for the officer who asks
    #[arg(long = "for", value_name = "RECIPIENT")]
    recipient: Option<String>,
    /// The officer who asks
    #[arg(long = "as", value_name = "OFFICER")]
    officer: String,
    /// Write into this file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn export(setting: &Setting, args: Export) -> Outcome {
    let node = setting.node()?;
    let (lang, out) = (Lang::parse(&setting.lang).unwrap_or(Lang::Ar), args.out.clone());
    let asked = asked_export(&node, args)?;
    let store = node.store.clone();
    let leave = match block_on(async move { store.write(move |work| guarded::export(work, &asked)).await })? {
        Guarded::Waiting(waiting) => return Err(waits(&waiting)),
        Guarded::Given(leave) => leave,
    };
    let tongue = match lang {
        Lang::Ar => Tongue::Ar,
        Lang::En => Tongue::En,
        Lang::Tr => Tongue::Tr,
    };
    let mut file: Box<dyn Write> = match &out {
        Some(path) => {
            let file = std::fs::File::create(path).map_err(Fault::file(format!("cannot write {}", path.display())))?;
            Box::new(std::io::BufWriter::new(file))
        }
        None => Box::new(std::io::BufWriter::new(std::io::stdout())),
    };
    let exported = node.store.read_now(|connection| export::write(connection, &leave, tongue, &mut *file))?;
    file.flush().map_err(Fault::file("cannot write the export"))?;
    let class = exported.label.map(|label| label.class.name().to_uppercase()).unwrap_or_default();
    eprintln!("{} dossiers {class}", exported.dossiers);
    Ok(())
}

fn asked_export(node: &Node, args: Export) -> Result<Asked, Trouble> {
    let kind = |name: &str| Kind::named(name).ok_or_else(|| Fault::Setup(format!("--kind {name}: there is no such kind")));
    let selection = Selection {
        channel: args.channel.as_deref().map(|name| channel_of(node, Some(name))).transpose()?,
        kind: args.kind.as_deref().map(kind).transpose()?,
        state: args.state,
        party: args.party.as_deref().map(|text| named("--party", text)).transpose()?,
        awaits: args.awaits.as_deref().map(|text| named("--awaits", text)).transpose()?,
        owner: args.owner,
        due_before: args.due_before.as_deref().map(|text| named("--due-before", text)).transpose()?,
        text: args.text,
    };
    let format = match args.format {
        Form::Jsonl => Format::JsonLines,
        Form::Csv => Format::Csv,
    };
    Ok(Asked {
        requester: named("--as", &args.officer)?,
        recipient: args.recipient,
        reason: args.reason,
        matter: Matter::Export { selection, format },
    })
}

/// Destroy sealed values or a file
#[derive(Args)]
pub(super) struct Erase {
    /// The dossier
    #[arg(long)]
    dossier: String,
    /// The record that sealed or disclosed them, or attached the file
    #[arg(long)]
    record: String,
    /// Why: retention, recall, person or court
    #[arg(long)]
    ground: String,
    /// The channel, when there are several
    #[arg(long)]
    channel: Option<String>,
    /// The officer in whose name it is done
    #[arg(long = "as", value_name = "OFFICER")]
    officer: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn erase(setting: &Setting, args: &Erase) -> Outcome {
    let node = setting.node()?;
    let dossier: DossierId = args.dossier.parse().map_err(|_| Refusal::from(Common::NoSuchDossier))?;
    let channel = channel_with(&node, args.channel.as_deref(), &dossier)?;
    let (officer, of): (OfficerId, RecordId) = (named("--as", &args.officer)?, named("--record", &args.record)?);
    let ground: Ground = serde_json::from_value(args.ground.as_str().into())
        .map_err(|_| Fault::Setup(format!("--ground {}: give one of {}", args.ground, Ground::NAMES.join(", "))))?;
    let store = node.store.clone();
    let done =
        block_on(async move { store.write(move |work| erasing::erase(work, &officer, &channel, &dossier, of, ground)).await })?;
    if args.json {
        return print_json(&done);
    }
    say!("destroyed at this node; record {} says so to the other parties", done.record);
    Ok(())
}

/// List what was unsealed, exported, approved and erased
#[derive(Args)]
pub(super) struct Audit {
    /// Look as this officer, who must be an auditor
    #[arg(long = "as", value_name = "OFFICER")]
    officer: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 100)]
    limit: u64,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn audit(setting: &Setting, args: &Audit) -> Outcome {
    let node = setting.node()?;
    let looking = looking(&node, args.officer.as_deref())?;
    if looking.officer.revoked || !looking.officer.roles.contains(&Role::Auditor) {
        return Err(Refusal::from(Common::WrongRole).into());
    }
    let lines = node.store.read_now(|connection| approvals::audit(connection, args.limit))?;
    if args.json {
        return print_json(&lines);
    }
    let lang = Lang::parse(&setting.lang).unwrap_or(Lang::Ar);
    for line in lines {
        let at = crate::language::datetime(lang, line.at, crate::language::BAGHDAD);
        say!(
            "{:>6}  {at}  {:<8} {}  {}  {}",
            line.number,
            line.did,
            line.officer,
            &line.digest[..8.min(line.digest.len())],
            line.reason
        );
    }
    Ok(())
}
