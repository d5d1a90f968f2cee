//! `init`, `card`, `serve`, `officer`.

use super::{Outcome, Setting, block_on, json_file, print_json};
use crate::access::Officer;
use crate::clock::World;
use crate::exchange::limits::Limits;
use crate::fault::{Fault, Trouble};
use crate::keys::{Passphrase, WORK_FACTOR};
use crate::node::{Config, Node};
use crate::store::people;
use crate::{auth, serve};
use clap::Args;
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use tansiq_dossier::label::Classification;
use tansiq_dossier::party::{InstitutionId, OfficerId, PartyId, Role};
use tansiq_dossier::words::{Tongue, Words};

/// Make a new node
#[derive(Args)]
pub(super) struct Init {
    /// The party's code: ISO 3166-1 alpha-3, such as IRQ
    #[arg(long)]
    party: String,
    /// The node's name, the first part of its logs' origins, such as baghdad.example
    #[arg(long)]
    node: String,
    /// The party's name in Arabic
    #[arg(long, value_name = "NAME")]
    name_ar: Option<String>,
    /// The party's name in English
    #[arg(long, value_name = "NAME")]
    name_en: Option<String>,
    /// The party's name in Turkish
    #[arg(long, value_name = "NAME")]
    name_tr: Option<String>,
    /// A JSON file of the institutions that take part: {"irq.mofa": {"ar": "…", "en": "…"}, …}
    #[arg(long, value_name = "FILE")]
    institutions: Option<PathBuf>,
    /// Where pages and API are served
    #[arg(long, default_value = "127.0.0.1:8401")]
    web: String,
    /// Where peers are answered; `none` for a node that cannot be reached and calls its peers instead
    #[arg(long, default_value = "127.0.0.1:8402")]
    exchange: String,
    /// How costly it is to try a passphrase, as a power of two; for keys that lie under one (`--passphrase-file`)
    #[arg(long, value_name = "LOG2", default_value_t = WORK_FACTOR, hide = true)]
    work_factor: u8,
}

pub(super) fn init(setting: &Setting, args: &Init) -> Outcome {
    let party: PartyId = args.party.parse().map_err(|error| Fault::Setup(format!("--party: {error}")))?;
    let names = [(Tongue::Ar, &args.name_ar), (Tongue::En, &args.name_en), (Tongue::Tr, &args.name_tr)];
    let mut name: BTreeMap<Tongue, String> =
        names.into_iter().filter_map(|(tongue, name)| Some((tongue, name.clone()?))).collect();
    if name.is_empty() {
        name.insert(Tongue::En, party.to_string());
    }
    let institutions: BTreeMap<InstitutionId, Words> = match &args.institutions {
        Some(path) => json_file(path)?,
        None => {
            let id = format!("{}.mofa", party.as_str().to_ascii_lowercase());
            let id: InstitutionId = id.parse().map_err(|_| Fault::Setup("the party's ministry could not be named".to_owned()))?;
            BTreeMap::from([(id, Words::one(Tongue::En, "Ministry of Foreign Affairs"))])
        }
    };
    let config = Config {
        party,
        name: Words(name),
        node: args.node.clone(),
        institutions,
        web: args.web.clone(),
        exchange: (args.exchange != "none").then(|| args.exchange.clone()),
        database: setting.database.clone(),
        guard: None,
        tiles: None,
        feeds: Vec::new(),
        limits: Limits::default(),
    };
    let passphrase = setting.passphrase_file.as_deref().map(Passphrase::from_file).transpose()?;
    let under = passphrase.as_ref().map(|passphrase| (passphrase, args.work_factor));
    let node = Node::create_under(&setting.dir, &config, World::real(), under)?;
    let password = first_administrator(&node)?;
    say!("made the node of {} in {}", node.config.party, setting.dir.display());
    say!(
        "first administrator: {}.administrator  password (shown this once): {password}",
        node.config.party.as_str().to_ascii_lowercase()
    );
    say!(
        "next: `tansiq card --dir {0}` for the other side, `tansiq channel open --dir {0}`, `tansiq serve --dir {0}`",
        setting.dir.display()
    );
    Ok(())
}

/// Nobody has an account before this one, and its password is shown on the console only.
fn first_administrator(node: &Node) -> Result<String, Trouble> {
    let random: [u8; 12] = node.identity.world.random()?;
    let password = data_encoding::BASE32_NOPAD.encode(&random).to_ascii_lowercase();
    let party = node.config.party.as_str().to_ascii_lowercase();
    let id: OfficerId =
        format!("{party}.administrator").parse().map_err(|_| Fault::Setup("the administrator could not be named".to_owned()))?;
    let institution =
        node.config.institutions.keys().next().cloned().ok_or_else(|| Fault::Setup("a node needs an institution".to_owned()))?;
    let officer = Officer {
        id,
        name: Words::one(Tongue::En, "Administrator"),
        institution,
        roles: [Role::Administrator].into(),
        clearance: Classification::Open,
        caveats: [].into(),
        revoked: false,
    };
    set_officer(node, officer, Some(&password))?;
    Ok(password)
}

/// Adds or changes an officer.
pub(crate) fn set_officer(node: &Node, officer: Officer, password: Option<&str>) -> Outcome {
    if officer.id.party() != node.config.party || officer.institution.party() != node.config.party {
        return Err(Fault::Setup(format!("{} is not an officer of {}", officer.id, node.config.party)).into());
    }
    if !node.config.institutions.contains_key(&officer.institution) {
        return Err(Fault::Setup(format!("{} is not an institution of this node", officer.institution)).into());
    }
    let hash = password.map(|password| auth::hash(password, &node.identity.world)).transpose()?;
    let store = node.store.clone();
    block_on(async move { store.write(move |work| Ok(people::set_officer(work.connection, &officer, hash.as_deref())?)).await })
}

pub(super) fn card(setting: &Setting) -> Outcome {
    let node = setting.node()?;
    print_json(&serde_json::json!({ "party": node.config.party, "card": node.card()? }))
}

/// Run the node
#[derive(Args)]
pub(super) struct Serve {
    /// Serve pages and API here instead of where `node.json` says
    #[arg(long, value_name = "ADDRESS")]
    web: Option<String>,
    /// Answer peers here instead of where `node.json` says; `none` to call them only
    #[arg(long, value_name = "ADDRESS")]
    exchange: Option<String>,
    /// Serve the logs of published channels to outside monitors here, over plain HTTP; `none` for not at all. Nothing is
    /// served when neither this nor `node.json` says where
    #[arg(long, value_name = "ADDRESS")]
    tiles: Option<String>,
}

pub(super) fn serve(setting: &Setting, args: &Serve) -> Outcome {
    logging();
    block_on(async {
        let mut node = setting.node()?;
        let mut config = (*node.config).clone();
        config.web = args.web.clone().unwrap_or(config.web);
        config.exchange = args.exchange.clone().or(config.exchange).filter(|address| address != "none");
        config.tiles = args.tiles.clone().or(config.tiles).filter(|address| address != "none");
        node.config = std::sync::Arc::new(config);
        serve::serve(node, stopped(), |node| {
            say!("{} serves pages at http://{}", node.config.party, node.config.web);
            if let Some(address) = &node.config.exchange {
                say!("{} answers peers at {address}", node.config.party);
            }
            if let Some(address) = &node.config.tiles {
                say!("{} serves the logs of published channels at http://{address}", node.config.party);
            }
        })
        .await
        .map_err(Trouble::from)
    })
}

/// Resolves when whoever runs the node asks it to stop.
pub(crate) async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
            let _interrupted = interrupted.await;
            return;
        };
        tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _interrupted = interrupted.await;
}

/// Readable sentences on standard error; `TANSIQ_LOG` chooses how much (`info` when nothing is said).
pub(crate) fn logging() {
    let filter =
        tracing_subscriber::EnvFilter::try_from_env("TANSIQ_LOG").unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // Set once; a second call in the same process changes nothing.
    let _already = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .try_init();
}

/// Add or change an officer
#[derive(Args)]
pub(super) struct OfficerArgs {
    /// The office, such as irq.mofa.secretary; lists all officers when nothing is said
    officer: Option<String>,
    /// The institution that it acts for, such as irq.mofa
    #[arg(long)]
    institution: Option<String>,
    /// A capacity in which it may act; may be given several times
    #[arg(long = "role")]
    roles: Vec<String>,
    /// How far it is cleared: open, restricted, confidential or secret
    #[arg(long, default_value = "restricted")]
    clearance: String,
    /// What the office is called, in Arabic
    #[arg(long)]
    name_ar: Option<String>,
    /// What the office is called, in English
    #[arg(long)]
    name_en: Option<String>,
    /// Read a new password from standard input
    #[arg(long)]
    password: bool,
    /// Revoke it: it can do nothing from now on
    #[arg(long)]
    revoke: bool,
}

pub(super) fn officer(setting: &Setting, args: OfficerArgs) -> Outcome {
    let node = setting.node()?;
    let Some(name) = &args.officer else {
        let officers = node.store.read_now(people::officers)?;
        return print_json(&officers);
    };
    let bad = |what: &str, error: &dyn std::fmt::Display| Trouble::from(Fault::Setup(format!("{what}: {error}")));
    let id: OfficerId = name.parse().map_err(|error| bad("officer", &error))?;
    let known = node.store.read_now(|connection| people::officer(connection, &id))?.map(|(officer, _)| officer);
    let institution = match (&args.institution, &known) {
        (Some(text), _) => text.parse().map_err(|error| bad("--institution", &error))?,
        (None, Some(known)) => known.institution.clone(),
        (None, None) => return Err(bad("--institution", &"is needed for a new officer")),
    };
    let roles =
        args.roles.iter().map(|role| role.parse::<Role>().map_err(|error| bad("--role", &error))).collect::<Result<_, _>>()?;
    let names = [(Tongue::Ar, args.name_ar), (Tongue::En, args.name_en)];
    let mut words: BTreeMap<Tongue, String> = names.into_iter().filter_map(|(tongue, name)| Some((tongue, name?))).collect();
    if words.is_empty() {
        words = known.as_ref().map_or_else(|| BTreeMap::from([(Tongue::En, id.to_string())]), |known| known.name.0.clone());
    }
    let officer = Officer {
        name: Words(words),
        institution,
        roles: if args.roles.is_empty() { known.map(|known| known.roles).unwrap_or_default() } else { roles },
        clearance: args.clearance.parse().map_err(|error| bad("--clearance", &error))?,
        caveats: [].into(),
        revoked: args.revoke,
        id,
    };
    let password = if args.password { Some(read_line()?) } else { None };
    set_officer(&node, officer, password.as_deref())
}

fn read_line() -> Result<String, Fault> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(Fault::file("cannot read standard input"))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
