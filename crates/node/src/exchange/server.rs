//! Answers peers. Who calls is known from the wire key before the first byte of a request is read.

use super::frame::{MAX_BATCH_BYTES, Reader};
use super::gossip::MAX_NOTE;
use super::limits::{self, Callers, Pace};
use super::quota;
use super::restore;
use super::tls::{self, Pin, Pins};
use crate::fault::{Fault, Protocol, Trouble};
use crate::keyring;
use crate::node::Node;
use crate::store::work::Change;
use crate::store::{forks, late, logs};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Extension, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::collections::BTreeMap;
use std::pin::Pin as StdPin;
use std::task::{Context, Poll};
use std::time::Duration;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a stream may stand still because its reader takes nothing.
const STALL: Duration = Duration::from_secs(60);
/// The most bytes that are taken with one request.
const MAX_PUSH: u64 = 4 * MAX_BATCH_BYTES as u64;
/// How often a held-open watch says that it is alive.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(5);

/// Answers peers until the listener fails.
///
/// # Errors
/// When the wire key cannot be used.
pub async fn serve(node: Node, listener: TcpListener, pins: Pins) -> Result<(), Fault> {
    let acceptor = TlsAcceptor::from(tls::server_showing(&node.identity, &pins)?);
    let callers = Callers::new(&node.config.limits);
    let router = router(node);
    loop {
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a peer's connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(seat) = callers.seat(address.ip()) else {
            metrics::counter!("tansiq_connections_refused_total").increment(1);
            continue;
        };
        let (acceptor, router, callers, pins) = (acceptor.clone(), router.clone(), callers.clone(), pins.clone());
        tokio::spawn(async move {
            let ended = match shake(stream, acceptor).await {
                Ok((stream, caller)) => {
                    drop(seat);
                    converse(stream, caller, router, &callers, &pins).await
                }
                Err(error) => Err(error),
            };
            if let Err(error) = ended
                && limits::speaks()
            {
                tracing::warn!(%error, "a peer's connection ended with an error");
            }
        });
    }
}

type Spoken = tokio_rustls::server::TlsStream<TcpStream>;

/// Finds out who calls.
async fn shake(stream: TcpStream, acceptor: TlsAcceptor) -> Result<(Spoken, Pin), String> {
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    let handshake = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await;
    let stream = handshake.map_err(|_| "the handshake took too long")?.map_err(|error| format!("handshake: {error}"))?;
    let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let caller = certificates.first().ok_or("the peer showed no key")?;
    let caller: Pin = tls::pin(caller).map_err(|error| error.to_string())?;
    Ok((stream, caller))
}

async fn converse(stream: Spoken, caller: Pin, router: Router, callers: &Callers, pins: &Pins) -> Result<(), String> {
    let line = callers.line(&caller).ok_or("there is no room for another connection")?;
    let router = router
        .layer(from_fn_with_state(line.clone(), limits::admit))
        .layer(Extension(caller.clone()))
        .layer(Extension(line.guest.clone()));
    let served = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(Duration::from_secs(20)))
        .keep_alive_timeout(Duration::from_secs(20))
        .max_concurrent_streams(32)
        .max_pending_accept_reset_streams(16)
        .max_local_error_reset_streams(64)
        .initial_stream_window_size(1024 * 1024)
        .initial_connection_window_size(2 * 1024 * 1024)
        .max_send_buf_size(256 * 1024)
        .max_header_list_size(16 * 1024)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let served = tokio::select! {
        served = served => served,
        // Whatever is under way ends with the connection.
        () = pins.gone(&caller) => {
            tracing::warn!("a connection was closed: its key may talk to this node no longer");
            Ok(())
        }
        () = line.replaced() => Ok(()),
        () = line.idle() => Ok(()),
    };
    line.end();
    match served {
        // A peer that goes away without a farewell is no news.
        Err(error) if !error.is_incomplete_message() && !is_hang_up(&error) => Err(error.to_string()),
        _ => Ok(()),
    }
}

fn is_hang_up(error: &hyper::Error) -> bool {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = source {
        if cause.downcast_ref::<std::io::Error>().is_some() {
            return true;
        }
        source = cause.source();
    }
    false
}

/// What a node answers to peers. Who calls comes with each request, as an extension.
pub fn router(node: Node) -> Router {
    Router::new()
        .route("/exchange/v1/watch", get(watch))
        .route("/exchange/v1/{channel}/{party}/entries", get(entries).post(push))
        .route("/exchange/v1/{channel}/{party}/late", get(late).post(push_late))
        .layer(DefaultBodyLimit::max(MAX_NOTE))
        .merge(super::blob::router())
        .merge(super::gossip::router())
        .with_state(node)
}

/// An answer to a peer that asked for what it cannot have, or sent what cannot be.
pub(super) struct No(Trouble);

impl<E: Into<Trouble>> From<E> for No {
    fn from(error: E) -> Self {
        No(error.into())
    }
}

impl IntoResponse for No {
    fn into_response(self) -> Response {
        let status = match &self.0 {
            Trouble::Protocol(Protocol::Enough { .. }) => StatusCode::TOO_MANY_REQUESTS,
            // A stranger, an unknown channel, and a log that is not here look the same.
            Trouble::Refused(_) | Trouble::Protocol(Protocol::Stranger) => StatusCode::NOT_FOUND,
            Trouble::Protocol(Protocol::OtherHistory { .. } | Protocol::Forked) => StatusCode::CONFLICT,
            Trouble::Protocol(_) => StatusCode::BAD_REQUEST,
            Trouble::Fault(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        match &self.0 {
            Trouble::Fault(fault) => tracing::error!(%fault, "a peer could not be answered"),
            _ if !limits::speaks() => {}
            trouble => tracing::warn!(%trouble, status = status.as_u16(), "a peer's request was refused"),
        }
        if let Trouble::Protocol(Protocol::Enough { why, seconds }) = &self.0 {
            return limits::enough(why, *seconds);
        }
        // Why this machine failed is its own affair: a path, or what stands in a damaged row.
        let text = match &self.0 {
            _ if status == StatusCode::NOT_FOUND => "not found".to_owned(),
            Trouble::Fault(_) => "the node cannot answer now".to_owned(),
            trouble => trouble.to_string(),
        };
        (status, text).into_response()
    }
}

/// The channel, and the party that calls in it: whose key it is that counts now.
pub(super) async fn member(node: &Node, channel: &str, caller: &Pin) -> Result<(ChannelId, PartyId), No> {
    let channel: ChannelId = channel.parse().map_err(|_| Protocol::Stranger)?;
    let wanted = channel.clone();
    let ring = node.store.read(move |connection| keyring::of(connection, &wanted)).await?;
    let party = ring.and_then(|ring| ring.caller(caller)).ok_or(Protocol::Stranger)?;
    Ok((channel, party))
}

pub(super) fn party_in(text: &str) -> Result<PartyId, No> {
    text.parse().map_err(|_| Protocol::Stranger.into())
}

#[derive(serde::Deserialize)]
struct Start {
    from: u64,
}

async fn entries(
    State(node): State<Node>,
    Extension(caller): Extension<Pin>,
    limits::Caller(guest): limits::Caller,
    Path((channel, party)): Path<(String, String)>,
    Query(Start { from }): Query<Start>,
) -> Result<Response, No> {
    let (channel, to) = member(&node, &channel, &caller).await?;
    let whose = party_in(&party)?;
    if whose == node.identity.party {
        restore::overheard(&node, &channel, &to, from).await?;
    } else if whose != to {
        // Of the logs of others, a party is given back its own alone.
        return Err(Protocol::Stranger.into());
    }
    let room = guest.download().await?;
    let (send, receive) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut next = from;
        loop {
            let (channel, whose, to, identity) = (channel.clone(), whose.clone(), to.clone(), node.identity.clone());
            let recent = node.store.recent();
            let frames = node.store.read(move |connection| {
                let shown = identity.shown(connection, &channel, &whose)?;
                super::frames_with(&recent, connection, &channel, (&whose, &to), (next, shown))
            });
            match frames.await {
                Ok((bytes, _)) if bytes.is_empty() => return,
                Ok((bytes, after)) => {
                    next = after;
                    if !pass_on(&send, Bytes::from(bytes)).await {
                        return;
                    }
                }
                Err(fault) => {
                    let fault: Fault = fault;
                    tracing::error!(%fault, "entries could not be read for a peer");
                    let _gone = send.send(Err(std::io::Error::other("the store failed"))).await;
                    return;
                }
            }
        }
    });
    let body = limits::held(Body::new(Channelled(receive)), room);
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], body).into_response())
}

/// Gives a piece to a body. Says no when its reader has gone, or takes nothing any longer.
async fn pass_on(send: &mpsc::Sender<Result<Bytes, std::io::Error>>, piece: Bytes) -> bool {
    matches!(tokio::time::timeout(STALL, send.send(Ok(piece))).await, Ok(Ok(())))
}

async fn push(
    State(node): State<Node>,
    Extension(caller): Extension<Pin>,
    limits::Caller(guest): limits::Caller,
    Path((channel, party)): Path<(String, String)>,
    Query(Start { from }): Query<Start>,
    mut body: Body,
) -> Result<Response, No> {
    let (channel, from_party) = member(&node, &channel, &caller).await?;
    let whose = party_in(&party)?;
    if whose != from_party && whose != node.identity.party {
        return Err(Protocol::Stranger.into());
    }
    let _room = guest.upload().await?;
    let mut reader = Reader::new(from);
    let mut pace = Pace::new(MAX_PUSH);
    let mut cosigned = None;
    while let Some(data) = pace.next(&mut body).await? {
        reader.feed(&data);
        while let Some(batch) = reader.batch()? {
            if whose != from_party {
                restore::take(&node, &channel, &from_party, batch).await?;
                continue;
            }
            let received = quota::batch(&node, &channel, &from_party, batch.into()).await?;
            cosigned = received.cosigned.or(cosigned);
        }
    }
    reader.finish()?;
    Ok(cosigned.unwrap_or_default().into_response())
}

#[derive(serde::Deserialize)]
struct After {
    #[serde(default)]
    after: u64,
}

/// Late records of this node's own log; of the caller's log, how many of its late records are here.
async fn late(
    State(node): State<Node>,
    Extension(caller): Extension<Pin>,
    limits::Caller(guest): limits::Caller,
    Path((channel, party)): Path<(String, String)>,
    Query(After { after }): Query<After>,
) -> Result<Response, No> {
    let (channel, to) = member(&node, &channel, &caller).await?;
    let party = party_in(&party)?;
    if party == to {
        let taken = node.store.read(move |connection| late::taken(connection, &channel, &party)).await?;
        return Ok(taken.to_string().into_response());
    }
    if party != node.identity.party {
        return Err(Protocol::Stranger.into());
    }
    let room = guest.download().await?;
    let frames = node.store.read(move |connection| super::late::frames_for(connection, &channel, &party, &to, after)).await?;
    let body = limits::held(Body::from(frames.0), room);
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], body).into_response())
}

/// Late records of the caller's log. Answers how many of them are here now.
async fn push_late(
    State(node): State<Node>,
    Extension(caller): Extension<Pin>,
    limits::Caller(guest): limits::Caller,
    Path((channel, party)): Path<(String, String)>,
    mut body: Body,
) -> Result<Response, No> {
    let (channel, from_party) = member(&node, &channel, &caller).await?;
    let party = party_in(&party)?;
    if party != from_party {
        return Err(Protocol::Stranger.into());
    }
    let _room = guest.upload().await?;
    let mut reader = super::late::Reader::default();
    let mut pace = Pace::new(MAX_PUSH);
    while let Some(data) = pace.next(&mut body).await? {
        reader.feed(&data);
        while let Some(piece) = reader.piece()? {
            quota::late(&node, &channel, &party, piece).await?;
        }
    }
    reader.finish()?;
    let taken = node.store.read(move |connection| late::taken(connection, &channel, &party)).await?;
    Ok(taken.to_string().into_response())
}

async fn watch(
    State(node): State<Node>,
    Extension(caller): Extension<Pin>,
    limits::Caller(guest): limits::Caller,
) -> Result<Response, No> {
    let room = guest.watch().await?;
    let mut changes = node.store.watch();
    let (send, receive) = mpsc::channel(64);
    tokio::spawn(async move {
        let mut last = BTreeMap::new();
        loop {
            let line = tokio::select! {
                biased;
                // Whether the caller may hear of it is asked of every change: the channel may have been opened just now.
                change = changes.recv() => match change {
                    Ok(change) => match told(&node, &change, &caller).await {
                        // That something happened of which it may not know would show in a line that tells it nothing.
                        Ok(line) if last.insert((change.channel.clone(), change.party.clone()), line.clone()).as_ref() == Some(&line) => continue,
                        Ok((line, _)) => line,
                        Err(No(Trouble::Fault(fault))) => {
                            tracing::error!(%fault, "a watch ended");
                            return;
                        }
                        Err(_) => continue,
                    },
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => "*\n".to_owned(),
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
                },
                () = tokio::time::sleep(HEARTBEAT) => "\n".to_owned(),
            };
            if !pass_on(&send, Bytes::from(line)).await {
                return;
            }
        }
    });
    Ok(limits::held(Body::new(Channelled(receive)), room).into_response())
}

/// What is news of a log although its line is the same: how many have cosigned it at this size, whether it was proved to have two
/// histories, and how far its records are applied here.
type Besides = (usize, bool, u64);

/// What a caller is told of a change: of this node's own log also how many of its late records are for the caller.
async fn told(node: &Node, change: &Change, caller: &Pin) -> Result<(String, Besides), No> {
    let (channel, to) = member(node, change.channel.as_str(), caller).await?;
    let Change { party, size, .. } = change.clone();
    let (within, of, own) = (channel.clone(), party.clone(), party == node.identity.party);
    let read = node.store.read(move |connection| -> Result<_, Fault> {
        let late = if own { late::count(connection, &within, &to)? } else { 0 };
        let cosigned = logs::cosignatures(connection, &within, &of, size)?.len();
        let applied = logs::head(connection, &within, &of)?.applied;
        Ok((late, (cosigned, forks::is_frozen(connection, &within, &of)?, applied)))
    });
    let (late, besides) = read.await?;
    Ok((format!("{channel} {party} {size} {late}\n"), besides))
}

/// A body whose pieces come through a bounded channel: the reader of the body holds back its writer.
pub(crate) struct Channelled(pub(crate) mpsc::Receiver<Result<Bytes, std::io::Error>>);

impl hyper::body::Body for Channelled {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: StdPin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.0.poll_recv(context).map(|next| next.map(|result| result.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
