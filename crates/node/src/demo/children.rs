//! Nodes as processes: children of this very program, on loopback, which end with it.

use super::client::Client;
use crate::fault::Fault;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long a node may take to come up.
const START: Duration = Duration::from_secs(30);
/// Where ports are looked for, and how many of them.
const FIRST_PORT: u16 = 20_000;
const PORTS: u32 = 12_000;
/// How often to look while waiting.
const LOOK: Duration = Duration::from_millis(10);

/// Waits until `look` finds something, looking every few milliseconds.
///
/// # Errors
/// When it has found nothing by the deadline, with `what` in the message; or what `look` failed with.
pub async fn until<T, F>(what: &str, deadline: Duration, mut look: impl FnMut() -> F) -> Result<T, Fault>
where
    F: Future<Output = Result<Option<T>, Fault>>,
{
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        if begun.elapsed() > deadline {
            return Err(Fault::Setup(format!("waited {} s in vain until {what}", deadline.as_secs())));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// A free port on loopback. It lies below those that the system gives to outgoing calls, so that none of them takes it before
/// the node does, and every call gives another.
///
/// # Errors
/// When there is none.
pub fn free_port() -> Result<u16, Fault> {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let begin = std::process::id().wrapping_mul(97);
    for _ in 0..PORTS {
        let place = begin.wrapping_add(CALLS.fetch_add(1, Ordering::Relaxed)) % PORTS;
        let port = FIRST_PORT + u16::try_from(place).unwrap_or(0);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(Fault::Setup("there is no free port on this machine".to_owned()))
}

/// `port` where it is free, or else another.
///
/// # Errors
/// When the system has none.
pub fn free_port_like(port: u16) -> Result<u16, Fault> {
    match TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Ok(port),
        Err(_) => free_port(),
    }
}

/// A node that runs as a child.
pub struct Running {
    child: Child,
    /// Where its pages and its API are.
    pub web: String,
    /// Where its log lines go.
    pub log: PathBuf,
}

impl Running {
    /// Starts `tansiq serve` on the node in `folder`, and waits until it answers. Its log lines go to `log`.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start(program: &Path, folder: &Path, web: &str, exchange: Option<&str>, log: &Path) -> Result<Running, Fault> {
        let lines = File::options()
            .create(true)
            .append(true)
            .open(log)
            .map_err(Fault::file(format!("cannot write {}", log.display())))?;
        let mut command = Command::new(program);
        command
            .arg("serve")
            .arg("--dir")
            .arg(folder)
            .args(["--web", web])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(lines);
        if let Some(exchange) = exchange {
            command.args(["--exchange", exchange]);
        }
        let child = command.spawn().map_err(Fault::file(format!("cannot start {}", program.display())))?;
        let mut running = Running { child, web: web.to_owned(), log: log.to_owned() };
        let client = Client::new(web);
        let begun = Instant::now();
        loop {
            if client.get("/healthz").await.is_ok_and(|answer| answer.status.is_success()) {
                return Ok(running);
            }
            if running.has_ended() || begun.elapsed() > START {
                return Err(Fault::Setup(format!("the node in {} did not come up; see {}", folder.display(), log.display())));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends it at once (SIGKILL): a node must bear that at any time.
    pub fn kill(&mut self) {
        // It may have ended by itself, which is as good.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}
