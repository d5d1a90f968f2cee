//! Measures the exchange; `README.md` beside this says what each figure is.

mod copies;
mod fold;

pub use fold::{FoldFigures, RebuildFigures, fold, rebuild};

use crate::clock::World;
use crate::demo::children::{Running, until};
use crate::demo::client::Client;
use crate::demo::house::{self, Cast, ChannelCast, Site};
use crate::fault::{Fault, Trouble};
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tansiq_dossier::channel::ChannelClass;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::words::{Tongue, Words};

/// How many acts are made one by one.
const SINGLES: usize = 200;
/// How many requests are in flight.
const FLIGHTS: usize = 2;
/// How long the whole run may take.
const PATIENCE: Duration = Duration::from_secs(1800);
/// Clock ticks in a second, as Linux reports them to processes on every platform.
const TICKS: f64 = 100.0;

/// What to send.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How many records.
    pub records: usize,
    /// How many with one request.
    pub batch: usize,
    /// Their bodies as JSON objects, used again from the top when there are too few.
    pub lines: Vec<String>,
}

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// How many records were sent.
    pub records: usize,
    /// End to end.
    pub records_per_s: f64,
    /// Until the last was acknowledged.
    pub submitted_per_s: f64,
    /// Of single acts.
    pub latency_ms: Latency,
    /// Of both nodes together.
    pub cpu_us_per_record: f64,
    /// The most memory of each node.
    pub rss_mib: BTreeMap<PartyId, f64>,
    /// Whether both nodes ended with the same digest.
    pub digests_equal: bool,
    /// How long the first figure's run took.
    pub seconds: f64,
    /// The mean size of a body, in bytes.
    pub body_bytes: usize,
}

/// The time until a single act was visible on the other side.
#[derive(Debug, Clone, Serialize)]
pub struct Latency {
    /// Half were faster.
    pub p50: f64,
    /// One in a hundred was slower.
    pub p99: f64,
}

impl Figures {
    /// The figures for people.
    #[must_use]
    pub fn table(&self) -> Vec<(&'static str, String)> {
        let rss: Vec<String> = self.rss_mib.iter().map(|(party, mib)| format!("{party} {mib:.0}")).collect();
        vec![
            ("records", format!("{} of {} bytes on average", self.records, self.body_bytes)),
            ("records/s, end to end", format!("{:.0}", self.records_per_s)),
            ("records/s, acknowledged", format!("{:.0}", self.submitted_per_s)),
            ("single act visible, p50 / p99", format!("{:.1} ms / {:.1} ms", self.latency_ms.p50, self.latency_ms.p99)),
            ("processor time per record", format!("{:.0} µs, both nodes", self.cpu_us_per_record)),
            ("most memory, MiB", rss.join(", ")),
            ("digests equal", self.digests_equal.to_string()),
        ]
    }
}

/// The lines of a file of JSON objects.
///
/// # Errors
/// When it cannot be read, or a line is not an object.
pub fn read_lines(path: &Path) -> Result<Vec<String>, Fault> {
    let text = std::fs::read_to_string(path).map_err(Fault::file(format!("cannot read {}", path.display())))?;
    let lines: Vec<String> = text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
    let is_object = |line: &String| serde_json::from_str::<serde_json::Map<String, Value>>(line).is_ok();
    match lines.iter().position(|line| !is_object(line)) {
        Some(number) => Err(Fault::Setup(format!("{}: line {} is not a JSON object", path.display(), number + 1))),
        None if lines.is_empty() => Err(Fault::Setup(format!("{} is empty", path.display()))),
        None => Ok(lines),
    }
}

/// Bodies for a measurement without an input: reports of about the usual size.
#[must_use]
pub fn generated() -> Vec<String> {
    let body = |number: usize| {
        let text =
            "وردت معلومات عن طريق ترابي شمال المعبر، وتستمر المتابعة مع الجهات المختصة في البلدين. ".repeat(3 + number % 4);
        json!({ "type": "report", "name": format!("بلاغ تجريبي رقم {number}"), "description": text, "confidence": number % 100, "labels": ["exercise", "border"] }).to_string()
    };
    (0..500).map(body).collect()
}

/// Runs the measurement on fresh nodes in `dir`.
///
/// # Errors
/// When a node fails or refuses.
pub fn exchange(dir: &Path, plan: &Plan) -> Result<Figures, Trouble> {
    let mut cast = Cast::built_in()?;
    cast.nodes.retain(|node| matches!(node.party.as_str(), "IRQ" | "TUR"));
    cast.nodes.iter_mut().for_each(|node| node.officers.truncate(2));
    let parties = cast.nodes.iter().map(|node| node.party.clone()).collect();
    let name = Words::one(Tongue::En, "Measurement");
    let channel =
        ChannelCast { name, class: ChannelClass::Measurement, parties, tongues: [Tongue::En].into(), bodies: BTreeMap::new() };
    cast.channels = BTreeMap::from([("bench".to_owned(), channel)]);
    crate::keys::make_private_folder(dir)?;
    let sites = house::sites(&cast, dir, false)?;
    let house = house::found(&cast, &sites, &World::real())?;
    let channel = house.channels.get("bench").ok_or(Fault::Closing)?.to_string();
    drop(house);
    crate::cli::block_on(async { Ok(measure(&cast, &sites, &channel, plan).await?) })
}

/// The two nodes while they are measured.
struct Pair<'a> {
    channel: &'a str,
    here: Client,
    there: Client,
}

async fn measure(cast: &Cast, sites: &[Site], channel: &str, plan: &Plan) -> Result<Figures, Fault> {
    let program = std::env::current_exe().map_err(Fault::file("cannot find this program"))?;
    let mut processes = Vec::new();
    let mut clients = Vec::new();
    for (member, site) in cast.nodes.iter().zip(sites) {
        let log = site.folder.with_extension("log");
        processes.push(Running::start(&program, &site.folder, &site.web, Some(&site.exchange), &log).await?);
        for _ in 0..FLIGHTS {
            let officer = member.officers.first().ok_or(Fault::Closing)?;
            clients.push(Client::signed_in(&site.web, officer.id.as_str(), &member.password).await?);
        }
    }
    let (Some(there), Some(second)) = (clients.pop().zip(clients.pop()).map(|(one, _)| one), clients.pop()) else {
        return Err(Fault::Closing);
    };
    let Some(here) = clients.pop() else { return Err(Fault::Closing) };
    let pair = Pair { channel, here, there };
    pair.opened().await?;
    let before = cpu(&processes)?;
    let begun = Instant::now();
    let next = AtomicUsize::new(0);
    tokio::try_join!(submit(&pair.here, channel, plan, &next), submit(&second, channel, plan, &next))?;
    let submitted = begun.elapsed();
    pair.cosigned(plan.records).await?;
    let whole = begun.elapsed();
    let used = cpu(&processes)? - before;
    let latency_ms = pair.singles(plan).await?;
    let mut rss_mib = BTreeMap::new();
    for (member, process) in cast.nodes.iter().zip(&processes) {
        rss_mib.insert(member.party.clone(), high_water(process.pid())?);
    }
    #[allow(clippy::cast_precision_loss)]
    let count = plan.records as f64;
    Ok(Figures {
        records: plan.records,
        records_per_s: tenth(count / whole.as_secs_f64()),
        submitted_per_s: tenth(count / submitted.as_secs_f64()),
        latency_ms,
        cpu_us_per_record: tenth(used * 1e6 / count),
        rss_mib,
        digests_equal: pair.digests_equal().await?,
        seconds: tenth(whole.as_secs_f64()),
        body_bytes: plan.lines.iter().map(String::len).sum::<usize>() / plan.lines.len().max(1),
    })
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn draft(line: &str) -> String {
    format!(r#"{{"kind":"probe","act":"send","body":{{"payload":{line}}}}}"#)
}

/// Submits batch after batch until all are taken.
async fn submit(client: &Client, channel: &str, plan: &Plan, next: &AtomicUsize) -> Result<(), Fault> {
    loop {
        let from = next.fetch_add(plan.batch, Ordering::SeqCst);
        if from >= plan.records {
            return Ok(());
        }
        let batch: Vec<String> = (from..plan.records.min(from + plan.batch))
            .filter_map(|n| plan.lines.get(n % plan.lines.len()))
            .map(|line| draft(line))
            .collect();
        let body = Bytes::from(format!("[{}]", batch.join(",")));
        let outcomes = client.post_bytes(&format!("/api/v1/channels/{channel}/acts"), body).await?.done()?;
        let refused = outcomes.as_array().and_then(|all| all.iter().find(|outcome| outcome.get("record").is_none()));
        if let Some(refused) = refused {
            return Err(Fault::Setup(format!("an act was refused: {refused}")));
        }
    }
}

impl Pair<'_> {
    async fn view(&self, client: &Client) -> Result<Value, Fault> {
        let all = client.get("/api/v1/channels").await?.done()?;
        let view = all.as_array().and_then(|all| all.iter().find(|view| view["channel"] == self.channel)).cloned();
        Ok(view.unwrap_or_default())
    }

    async fn opened(&self) -> Result<(), Fault> {
        until("the channel is open", PATIENCE, || async {
            let open = self.view(&self.here).await?["open"] == true && self.view(&self.there).await?["open"] == true;
            Ok(open.then_some(()))
        })
        .await
    }

    /// Waits until this side holds the other's cosignature over everything that was sent, and over the charter before it.
    async fn cosigned(&self, records: usize) -> Result<(), Fault> {
        until("everything is cosigned", PATIENCE, || async {
            let view = self.view(&self.here).await?;
            let witnessed = view["logs"].as_array().into_iter().flatten().filter_map(|log| log["witnessed"][0][1].as_u64()).max();
            Ok((witnessed.unwrap_or(0) > records as u64).then_some(()))
        })
        .await
    }

    async fn entries(&self) -> Result<u64, Fault> {
        let body = self.there.get("/healthz").await?.done()?;
        body["entries"].as_u64().ok_or(Fault::Closing)
    }

    /// Makes acts one by one, each when the one before has been seen there.
    async fn singles(&self, plan: &Plan) -> Result<Latency, Fault> {
        let mut took = Vec::with_capacity(SINGLES);
        let mut known = self.entries().await?;
        for number in 0..SINGLES {
            let line = plan.lines.get(number % plan.lines.len()).map(|line| draft(line)).unwrap_or_default();
            let begun = Instant::now();
            let path = format!("/api/v1/channels/{}/acts", self.channel);
            let submitted = async { self.here.post_bytes(&path, Bytes::from(line)).await?.done() };
            let seen = async {
                while self.entries().await? <= known {
                    if begun.elapsed() > PATIENCE {
                        return Err(Fault::Setup("an act never came".to_owned()));
                    }
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                Ok(begun.elapsed())
            };
            let (_, elapsed) = tokio::try_join!(submitted, seen)?;
            took.push(elapsed.as_secs_f64() * 1000.0);
            known += 1;
        }
        took.sort_by(f64::total_cmp);
        let at = |part: usize| took.get(took.len() * part / 100).copied().map(tenth).unwrap_or_default();
        Ok(Latency { p50: at(50), p99: at(99) })
    }

    async fn digests_equal(&self) -> Result<bool, Fault> {
        Ok(self.view(&self.here).await?["digest"] == self.view(&self.there).await?["digest"])
    }
}

/// User and system time of all processes so far, in seconds.
fn cpu(processes: &[Running]) -> Result<f64, Fault> {
    let mut ticks = 0u64;
    for process in processes {
        let stat = proc_file(process.pid(), "stat")?;
        // The name in brackets may hold blanks; what follows it is counted from the state, field 3.
        let after = stat.rsplit(')').next().unwrap_or_default();
        let fields: Vec<&str> = after.split_whitespace().collect();
        ticks += fields.get(11..13).into_iter().flatten().filter_map(|field| field.parse::<u64>().ok()).sum::<u64>();
    }
    #[allow(clippy::cast_precision_loss)]
    Ok(ticks as f64 / TICKS)
}

/// The most memory that a process held, in MiB.
fn high_water(pid: u32) -> Result<f64, Fault> {
    let status = proc_file(pid, "status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.map(|kib| tenth(kib / 1024.0)).ok_or_else(|| Fault::Setup(format!("/proc/{pid}/status does not tell VmHWM")))
}

fn proc_file(pid: u32, name: &str) -> Result<String, Fault> {
    let path = format!("/proc/{pid}/{name}");
    std::fs::read_to_string(&path).map_err(Fault::file(format!("cannot read {path}")))
}
