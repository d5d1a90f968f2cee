//! The command line.

/// Prints a line for whoever called. A reader that has closed the pipe (`tansiq list | head`) has read enough.
macro_rules! say {
    ($($part:tt)*) => {{
        use std::io::Write as _;
        let _closed = writeln!(std::io::stdout(), $($part)*);
    }};
}

mod attach;
mod backup;
mod bench;
mod bundle;
pub(crate) mod channel;
mod demo;
mod doctor;
mod evidence;
mod feed;
mod fork;
mod guard;
mod keys;
mod look;
pub(crate) mod node;
mod print;
mod read;
mod rebuild;
mod search;
mod simulate;

use crate::clock::World;
use crate::fault::{Fault, Trouble};
use crate::keys::Passphrase;
use crate::language::{Lang, find_word};
use crate::node::Node;
use clap::{Parser, Subcommand};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tansiq_dossier::refusal::Refusal;

/// The register that states keep together: agreements, commitments, meetings and actions, with proof of all of it.
#[derive(Parser)]
#[command(
    name = "tansiq",
    version,
    about = "Tansiq: the working register that states keep together.",
    long_about = "Tansiq (تنسيق, \"coordination\") is the working register that two or more states keep together: what they agreed, who must do what by when, what they told each other, and proof of all of it. Each state runs its own node; nobody is in the middle.",
    after_help = "To begin:  tansiq demo        three nodes with a worked example, on this machine\n\
        Your own:  tansiq init --dir baghdad --party IRQ --name-ar العراق --node baghdad.example\n\
        \x20          tansiq channel open --dir baghdad …   then on the other side: tansiq channel join --dir ankara …\n\
        \x20          tansiq serve --dir baghdad\n\n\
        Exit codes: 0 done, 1 refused by a rule, 2 a fault of the machine or the call."
)]
struct Cli {
    /// The node's folder; `node` when nothing is said
    #[arg(long, alias = "data", global = true, value_name = "FOLDER", env = "TANSIQ_DIR", hide_env_values = true)]
    dir: Option<PathBuf>,
    /// The PostgreSQL database of the node's store, as a URL, instead of where `node.json` says
    #[arg(long, global = true, value_name = "URL", env = "TANSIQ_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// The language of answers: ar, en or tr
    #[arg(long, global = true, default_value = "ar")]
    lang: String,
    /// A file with the passphrase under which the node's keys lie; asked for on the terminal when nothing is said
    #[arg(long, global = true, value_name = "FILE", env = "TANSIQ_PASSPHRASE_FILE", hide_env_values = true)]
    passphrase_file: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a new node: its keys, its store, its first administrator
    Init(node::Init),
    /// Print this node's card: its names and public keys, for the other side's charter
    Card,
    /// Run the node: pages, API, and the exchange with peers
    Serve(node::Serve),
    /// Show and change this node's keys, replace another's, revoke offices and nodes
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Add or change an officer of this node
    Officer(node::OfficerArgs),
    /// Open, join and list channels
    #[command(subcommand)]
    Channel(channel::ChannelCommand),
    /// Read press statements and print what they say, in the reader's scheme
    Read(read::Read),
    /// Name folders and addresses from which statements come by themselves, to wait for an officer
    #[command(subcommand)]
    Feed(feed::FeedCommand),
    /// Submit an act of an officer from a JSON file
    Submit(look::Submit),
    /// Attach a file to a dossier
    Attach(attach::Attach),
    /// Copy a file of a dossier out of the node
    Fetch(attach::Fetch),
    /// List dossiers
    List(look::List),
    /// Search in full text over what may be seen: words, phrases, days, names in either script
    Search(search::Search),
    /// Show one dossier: its state, positions and history
    Show(look::Show),
    /// Recompute every leaf, tree, signature and fold from the stored bytes
    Verify(look::Verify),
    /// Fold every dossier anew from its records, and make the search index anew
    Rebuild(rebuild::RebuildArgs),
    /// Write the portable evidence of a record into a folder, or check such a folder
    Evidence(evidence::EvidenceArgs),
    /// Exchange with another party in files, for machines that never touch a network
    #[command(subcommand)]
    Bundle(bundle::BundleCommand),
    /// Copy the node into a folder while it serves
    Backup(backup::Backup),
    /// Lay out a node from a back-up; with --database-url its store fills an empty PostgreSQL database
    Restore(backup::Restore),
    /// Say how far this node's own logs have come back after a restore
    Recover(backup::Recover),
    /// Say how this node is, and what to do; exit code 1 when something has to be done
    Doctor(doctor::Doctor),
    /// Read sealed values: asks a second person first
    Unseal(guard::Unseal),
    /// Allow what another officer asked for, or list what waits for you
    Approve(guard::Approve),
    /// Export a list of dossiers; one of returns asks a second person first
    Export(guard::Export),
    /// Destroy sealed values at this node, and say so
    Erase(guard::Erase),
    /// List what was unsealed, exported, approved and erased
    Audit(guard::Audit),
    /// Four nodes with a worked example on this machine (in `demo`, when --dir says nothing else), or a check of the main job
    Demo(demo::Demo),
    /// Simulate nodes on a network and disks that fail, and check that no promise is broken
    Simulate(simulate::Simulate),
    /// Measure this machine
    #[command(subcommand)]
    Bench(bench::Bench),
}

/// Why a command ended without doing what it was asked.
pub(crate) type Outcome = Result<(), Trouble>;

/// What a command works with.
pub(crate) struct Setting {
    dir: PathBuf,
    /// The folder, where one was named.
    given: Option<PathBuf>,
    /// The database that was named.
    database: Option<String>,
    lang: String,
    passphrase_file: Option<PathBuf>,
}

impl Setting {
    fn node(&self) -> Result<Node, Fault> {
        self.node_in(&self.dir)
    }

    fn node_in(&self, folder: &Path) -> Result<Node, Fault> {
        let encrypted = crate::keys::are_encrypted(&Node::keys_in(folder));
        let passphrase = if encrypted { Some(self.passphrase("Passphrase: ")?) } else { None };
        Node::open_with(folder, World::real(), self.database.as_deref(), passphrase.as_ref())
    }

    /// The passphrase of the keys: from its file, or typed without being shown.
    fn passphrase(&self, prompt: &str) -> Result<Passphrase, Fault> {
        match &self.passphrase_file {
            Some(path) => Passphrase::from_file(path),
            None if std::io::stdin().is_terminal() => {
                rpassword::prompt_password(prompt).map(Passphrase::new).map_err(Fault::file("cannot read the passphrase"))
            }
            None => Err(Fault::Key("they lie under a passphrase; give --passphrase-file".to_owned())),
        }
    }
}

/// Runs the command that was called.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _closed = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let dir = cli.dir.clone().unwrap_or_else(|| PathBuf::from("node"));
    let (database, passphrase_file) = (cli.database_url, cli.passphrase_file);
    let setting = Setting { dir, given: cli.dir, database, lang: cli.lang, passphrase_file };
    let outcome = match cli.command {
        Command::Doctor(args) => doctor::doctor(&setting, &args),
        command => run(&setting, command).map(|()| ExitCode::SUCCESS),
    };
    match outcome {
        Ok(code) => code,
        Err(trouble) => report(&trouble, &setting.lang),
    }
}

fn run(setting: &Setting, command: Command) -> Outcome {
    match command {
        Command::Init(args) => node::init(setting, &args),
        Command::Card => node::card(setting),
        Command::Serve(args) => node::serve(setting, &args),
        Command::Keys(command) => keys::run(setting, command),
        Command::Officer(args) => node::officer(setting, args),
        Command::Channel(command) => channel::run(setting, command),
        Command::Read(args) => read::read(&args),
        Command::Feed(command) => feed::run(setting, command),
        Command::Submit(args) => look::submit(setting, &args),
        Command::Attach(args) => attach::attach(setting, &args),
        Command::Fetch(args) => attach::fetch(setting, &args),
        Command::List(args) => look::list(setting, args),
        Command::Search(args) => search::search(setting, &args),
        Command::Show(args) => look::show(setting, &args),
        Command::Verify(args) => look::verify(setting, &args),
        Command::Rebuild(args) => rebuild::rebuild(setting, &args),
        Command::Evidence(args) => evidence::evidence(setting, args),
        Command::Bundle(command) => bundle::run(setting, command),
        Command::Backup(args) => backup::backup(setting, &args),
        Command::Restore(args) => backup::restore(setting, &args),
        Command::Recover(args) => backup::recover(setting, &args),
        Command::Doctor(args) => doctor::run(setting, &args),
        Command::Unseal(args) => guard::unseal(setting, args),
        Command::Approve(args) => guard::approve(setting, &args),
        Command::Export(args) => guard::export(setting, args),
        Command::Erase(args) => guard::erase(setting, &args),
        Command::Audit(args) => guard::audit(setting, &args),
        Command::Demo(args) => demo::run(setting, &args),
        Command::Bench(bench) => bench::run(setting, bench),
        Command::Simulate(args) => simulate::run(&args),
    }
}

/// The command line's one boundary for what went wrong: the rule and its advice, or the fault and a hint.
fn report(trouble: &Trouble, lang: &str) -> ExitCode {
    match trouble {
        Trouble::Refused(refusal) => {
            let lang = Lang::parse(lang).unwrap_or(Lang::Ar);
            print_refusal(refusal, lang);
            ExitCode::from(1)
        }
        Trouble::Protocol(protocol) => {
            eprintln!("fault: {protocol}");
            ExitCode::from(2)
        }
        Trouble::Fault(fault) => {
            eprintln!("fault: {fault}\nhint: {}", fault.hint());
            ExitCode::from(2)
        }
    }
}

/// The rule's sentence and its advice, in the reader's language, and every field that is in the way.
fn print_refusal(refusal: &Refusal, lang: Lang) {
    let say = |code: &str, part: &str| find_word(lang, &format!("refusal-{code}{part}"), &[]);
    eprintln!("{}  {}", refusal.code, say(&refusal.code, "").unwrap_or_default());
    for problem in &refusal.problems {
        let asked = if problem.asked.is_empty() { String::new() } else { format!(" ({})", problem.asked) };
        eprintln!("  {}: {}  {}{asked}", problem.field, problem.code, say(&problem.code, "").unwrap_or_default());
    }
    if let Some(advice) = say(&refusal.code, ".advice") {
        eprintln!("{advice}");
    }
}

/// Runs a future to its end on a small runtime.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(Fault::file("cannot start the runtime"))?.block_on(future)
}

/// Reads a JSON file.
pub(crate) fn json_file<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Fault> {
    let bytes = std::fs::read(path).map_err(Fault::file(format!("cannot read {}", path.display())))?;
    serde_json::from_slice(&bytes).map_err(|error| Fault::Setup(format!("{}: {error}", path.display())))
}

/// Prints a value as JSON, indented.
pub(crate) fn print_json<T: serde::Serialize>(value: &T) -> Outcome {
    let text = serde_json::to_string_pretty(value).map_err(|error| Fault::Setup(error.to_string()))?;
    say!("{text}");
    Ok(())
}
