//! The bare job of the exchange: append durably here, carry over mutual TLS, verify, append durably there. No rules, no
//! dossiers, no reader beside it; what a node needs more than this is what its rules and its register cost.

use super::limits::{Bare, Kept, name, rate, root};
use crate::clock::World;
use crate::exchange::tls::{self, Pins};
use crate::fault::Fault;
use crate::keys::Keys;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tansiq_log::checkpoint::{Checkpoint, SignedCheckpoint};
use tansiq_log::note::{KeyKind, KeyName, Signer, VerifierKey};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// How many requests are in flight.
const FLIGHTS: usize = 4;
/// The origin under which batches are signed.
const ORIGIN: &str = "limits.example/bare";
/// What one request of the bulk measure carries, and how many there are.
const BULK: (usize, usize) = (8 * 1024 * 1024, 48);
/// The windows that nodes use.
const WINDOWS: (u32, u32) = (4 * 1024 * 1024, 8 * 1024 * 1024);

/// A batch that came, and where its fate is told.
type Job = (Bytes, oneshot::Sender<Result<(), String>>);

fn fault(error: &dyn std::fmt::Display) -> Fault {
    Fault::Setup(format!("the bare job: {error}"))
}

/// The two ends of a connection.
struct Ends {
    here: Keys,
    there: Keys,
}

impl Ends {
    fn new(dir: &Path) -> Result<Ends, Fault> {
        let make = |name: &str| {
            let folder = dir.join(name);
            if folder.exists() { Keys::open(&folder) } else { Keys::create(&folder, &World::real()) }
        };
        Ok(Ends { here: make("here")?, there: make("there")? })
    }

    /// Listens as the other side, and calls it.
    async fn connect(&self, jobs: mpsc::Sender<Job>) -> Result<SendRequest<Full<Bytes>>, Fault> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| fault(&error))?;
        let address = listener.local_addr().map_err(|error| fault(&error))?;
        let pins = Pins::default();
        pins.set(BTreeSet::from([self.here.wire_pin()?]));
        let acceptor = TlsAcceptor::from(tls::server(&self.there, "there.example", &pins)?);
        tokio::spawn(async move {
            if let Ok((stream, _)) = listener.accept().await {
                // A connection that fails is seen by the one who calls.
                let _ended = answer(stream, acceptor, jobs).await;
            }
        });
        let stream = TcpStream::connect(address).await.map_err(|error| fault(&error))?;
        stream.set_nodelay(true).map_err(|error| fault(&error))?;
        let connector = TlsConnector::from(tls::client(&self.here, "here.example", self.there.wire_pin()?)?);
        let name = ServerName::try_from("node.tansiq.invalid").map_err(|error| fault(&error))?;
        let stream = connector.connect(name, stream).await.map_err(|error| fault(&error))?;
        let (requests, connection) = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
            .initial_stream_window_size(WINDOWS.0)
            .initial_connection_window_size(WINDOWS.1)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| fault(&error))?;
        tokio::spawn(async move {
            let _ended = connection.await;
        });
        Ok(requests)
    }
}

async fn answer(stream: TcpStream, acceptor: TlsAcceptor, jobs: mpsc::Sender<Job>) -> Result<(), Fault> {
    stream.set_nodelay(true).map_err(|error| fault(&error))?;
    let stream = acceptor.accept(stream).await.map_err(|error| fault(&error))?;
    let service = service_fn(move |request: Request<Incoming>| {
        let jobs = jobs.clone();
        async move {
            let keeps = request.uri().path() == "/batch";
            let body = request.into_body().collect().await?.to_bytes();
            let status = if !keeps || kept(jobs, body).await { StatusCode::OK } else { StatusCode::BAD_REQUEST };
            let mut response = Response::new(Full::new(Bytes::new()));
            *response.status_mut() = status;
            Ok::<_, hyper::Error>(response)
        }
    });
    hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(WINDOWS.0)
        .initial_connection_window_size(WINDOWS.1)
        .serve_connection(TokioIo::new(stream), service)
        .await
        .map_err(|error| fault(&error))
}

async fn kept(jobs: mpsc::Sender<Job>, body: Bytes) -> bool {
    let (tell, told) = oneshot::channel();
    jobs.send((body, tell)).await.is_ok() && matches!(told.await, Ok(Ok(())))
}

async fn post(mut requests: SendRequest<Full<Bytes>>, path: &'static str, body: Bytes) -> Result<(), Fault> {
    let request = Request::post(format!("https://there.example{path}")).body(Full::new(body)).map_err(|error| fault(&error))?;
    let response = requests.send_request(request).await.map_err(|error| fault(&error))?;
    match response.status() {
        StatusCode::OK => Ok(()),
        status => Err(fault(&format!("a batch was answered {status}"))),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Fault> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|error| fault(&error))
}

/// Carries records, and gives how many a second were durable on both sides.
pub(super) fn carry(dir: &Path, lines: &[String], records: usize, batch: usize) -> Result<f64, Fault> {
    let ends = Ends::new(dir)?;
    let (here, there) = (Bare::open(&dir.join("here.db"))?, Bare::open(&dir.join("there.db"))?);
    let key = KeyName::new(ORIGIN).map_err(|error| fault(&error))?;
    let signer = Signer::new(key, KeyKind::Ed25519, &[7; 32]);
    let verifier = signer.verifier().clone();
    let lines: Arc<[String]> = lines.into();
    let (jobs, mut waiting) = mpsc::channel::<Job>(FLIGHTS);
    let keeper = std::thread::spawn(move || {
        while let Some((body, tell)) = waiting.blocking_recv() {
            let outcome = keep(&there, body, &verifier).map_err(|fault| fault.to_string());
            let _gone = tell.send(outcome);
        }
    });
    let runtime = runtime()?;
    let measured = runtime.block_on(async {
        let requests = ends.connect(jobs).await?;
        let (send, mut bodies) = mpsc::channel::<Bytes>(2);
        let begun = Instant::now();
        let writer = std::thread::spawn(move || write(&here, &lines, (records, batch), &signer, &send));
        let mut flights = JoinSet::new();
        while let Some(body) = bodies.recv().await {
            if flights.len() >= FLIGHTS {
                landed(flights.join_next().await)?;
            }
            flights.spawn(post(requests.clone(), "/batch", body));
        }
        while !flights.is_empty() {
            landed(flights.join_next().await)?;
        }
        writer.join().map_err(|_| fault(&"the writer stopped"))??;
        Ok(rate(records as u64, begun))
    });
    drop(runtime);
    keeper.join().map_err(|_| fault(&"the keeper stopped"))?;
    measured
}

fn landed(flight: Option<Result<Result<(), Fault>, tokio::task::JoinError>>) -> Result<(), Fault> {
    flight.map_or(Ok(()), |flight| flight.map_err(|error| fault(&error))?)
}

/// Appends batch after batch, signs each once, and hands it on.
fn write(
    store: &Bare,
    lines: &[String],
    (records, batch): (usize, usize),
    signer: &Signer,
    send: &mpsc::Sender<Bytes>,
) -> Result<(), Fault> {
    let mut cycle = lines.iter().cycle();
    for first in (0..records).step_by(batch) {
        let chosen: Vec<&String> = cycle.by_ref().take(batch.min(records - first)).collect();
        let named: Vec<Kept<'_>> = (first as u64..)
            .zip(&chosen)
            .map(|(number, line)| Kept { id: name(number, line.as_bytes()), bytes: line.as_bytes() })
            .collect();
        let range = root(named.iter().map(|kept| kept.id))?;
        let checkpoint = Checkpoint::new(ORIGIN, range.size(), range.root()).map_err(|error| fault(&error))?;
        let note = SignedCheckpoint::sign(checkpoint, signer).map_err(|error| fault(&error))?.to_string();
        store.append(named)?;
        let mut body = BytesMut::with_capacity(batch * 2048);
        body.put_u64(first as u64);
        for part in std::iter::once(&note).chain(chosen) {
            body.put_u32(u32::try_from(part.len()).unwrap_or(u32::MAX));
            body.put_slice(part.as_bytes());
        }
        send.blocking_send(body.freeze()).map_err(|_| fault(&"the connection is gone"))?;
    }
    Ok(())
}

/// Verifies a batch whole, and keeps it.
fn keep(store: &Bare, mut body: Bytes, key: &VerifierKey) -> Result<(), Fault> {
    let short = || fault(&"a batch is cut short");
    let first = body.try_get_u64().map_err(|_| short())?;
    let mut parts = Vec::new();
    while body.has_remaining() {
        let length = body.try_get_u32().map_err(|_| short())? as usize;
        if body.remaining() < length {
            return Err(short());
        }
        parts.push(body.split_to(length));
    }
    let Some((note, lines)) = parts.split_first() else { return Err(short()) };
    let named: Vec<Kept<'_>> = (first..).zip(lines).map(|(number, line)| Kept { id: name(number, line), bytes: line }).collect();
    let range = root(named.iter().map(|kept| kept.id))?;
    let signed = SignedCheckpoint::open(note, ORIGIN, key).map_err(|error| fault(&error))?;
    if signed.checkpoint().size() != range.size() || signed.checkpoint().root() != range.root() {
        return Err(fault(&"a batch is not what was signed"));
    }
    for line in lines {
        serde_json::from_slice::<serde_json::Value>(line).map_err(|error| fault(&error))?;
    }
    store.append(named)
}

/// MiB a second over one connection.
pub(super) fn bulk(dir: &Path) -> Result<f64, Fault> {
    let ends = Ends::new(dir)?;
    runtime()?.block_on(async {
        let (jobs, _waiting) = mpsc::channel(1);
        let requests = ends.connect(jobs).await?;
        let body = Bytes::from(vec![7; BULK.0]);
        let begun = Instant::now();
        for _ in 0..BULK.1 {
            post(requests.clone(), "/bulk", body.clone()).await?;
        }
        Ok(rate((BULK.0 * BULK.1 / (1024 * 1024)) as u64, begun))
    })
}
