//! Measures the exchange; `README.md` beside this says what each figure is.

mod copies;
mod exchange;
mod fold;
mod kill;
mod limits;
mod pair;
mod read;
mod scale;
mod search;
mod wire;

pub use exchange::{Figures, Plan, exchange};
pub use fold::{FoldFigures, RebuildFigures, fold, rebuild};
pub use kill::{KillFigures, KillPlan, kill};
pub use limits::{Limits, LimitsPlan, limits};
pub use read::{ReadFigures, reading};
pub use scale::{ScaleFigures, ScalePlan, scale};
pub use search::{SearchFigures, search};

use crate::demo::children::Running;
use crate::fault::Fault;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::Path;

/// Clock ticks in a second, as Linux reports them to processes on every platform.
const TICKS: f64 = 100.0;

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

/// How long something took, over many times: half were faster than `p50`, one in a hundred was slower than `p99`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Spread {
    /// In milliseconds.
    pub p50: f64,
    /// In milliseconds.
    pub p99: f64,
}

impl Spread {
    fn of(mut took: Vec<f64>) -> Spread {
        took.sort_by(f64::total_cmp);
        let at = |part: usize| took.get(took.len() * part / 100).map(|ms| (ms * 100.0).round() / 100.0).unwrap_or_default();
        Spread { p50: at(50), p99: at(99) }
    }
}

#[allow(clippy::cast_precision_loss, reason = "a figure for people")]
fn per_second(count: usize, took: std::time::Duration) -> f64 {
    tenth(count as f64 / took.as_secs_f64())
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// User and system time of all processes so far, in seconds.
fn cpu<'p>(processes: impl IntoIterator<Item = &'p Running>) -> Result<f64, Fault> {
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
