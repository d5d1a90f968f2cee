//! Serves the logs of published channels to outside monitors, read-only and over plain HTTP, under the paths of C2SP
//! tlog-tiles v0.1.0: `<channel>/<party>/checkpoint`, `…/tile/<L>/<N>[.p/<W>]`, `…/tile/entries/<N>[.p/<W>]`.
//!
//! Entries are salted hashes of one length, so that a monitor sees how many records there were and when, and nothing else.
//! What is not published, not known and not there is answered alike.

use crate::exchange;
use crate::fault::Fault;
use crate::node::Node;
use crate::store::db::Connection;
use crate::store::entries;
use crate::store::logs::{self, StoredTree};
use crate::store::work::Identity;
use crate::store::{channels, published};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tansiq_dossier::channel::{ChannelClass, ChannelId};
use tansiq_dossier::party::PartyId;
use tansiq_log::tile::{Tile, TileKind, encode_entries, encode_hashes};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// How many monitors may be connected at once. They are strangers: what they cost is small and bounded.
const CONNECTIONS: usize = 64;
/// How long one of them may take to send a request.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a connection may last. A monitor that wants more calls again.
const CONNECTION: Duration = Duration::from_secs(60);
/// The longest head of a request, in bytes.
const HEAD: usize = 16 * 1024;

/// A full tile never changes again.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// A partial one is the same for as long as it is served, but a wider one takes its place.
const FOR_A_WHILE: &str = "public, max-age=60";

/// Answers monitors until the process ends.
pub async fn serve(node: Node, listener: TcpListener) {
    let router = router(node);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a monitor's connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let served = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(PATIENCE)
                .max_buf_size(HEAD)
                .serve_connection(TokioIo::new(stream), service);
            // How a stranger's connection ends is no news.
            let _ended = tokio::time::timeout(CONNECTION, served).await;
            drop(permit);
        });
    }
}

/// The paths of every log.
pub fn router(node: Node) -> Router {
    Router::new()
        .route("/{channel}/{party}/{*rest}", get(resource))
        .fallback(|| async { nothing() })
        .method_not_allowed_fallback(|| async { nothing() })
        .with_state(node)
}

fn nothing() -> Response {
    (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")], "not found\n").into_response()
}

async fn resource(State(node): State<Node>, Path((channel, party, rest)): Path<(String, String, String)>) -> Response {
    let identity = node.identity.clone();
    match node.store.read(move |connection| find(connection, &identity, (&channel, &party), &rest)).await {
        Ok(Some(Resource::Checkpoint(note))) => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")], note).into_response()
        }
        Ok(Some(Resource::Tile { bytes, full })) => {
            let cache = if full { FOR_EVER } else { FOR_A_WHILE };
            ([(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, cache)], bytes).into_response()
        }
        Ok(None) => nothing(),
        Err(fault) => {
            let fault: Fault = fault;
            tracing::error!(%fault, "a monitor could not be answered");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// What stands under a path.
enum Resource {
    Checkpoint(String),
    Tile { bytes: Vec<u8>, full: bool },
}

fn find(
    connection: &Connection,
    identity: &Identity,
    (channel, party): (&str, &str),
    rest: &str,
) -> Result<Option<Resource>, Fault> {
    let (Ok(channel), Ok(party)) = (channel.parse::<ChannelId>(), party.parse::<PartyId>()) else { return Ok(None) };
    // The log of a domestic channel leaves in no way, whatever the table says.
    if !published::is_public(connection, &channel)? || channels::class(connection, &channel)? == Some(ChannelClass::Domestic) {
        return Ok(None);
    }
    let shown = identity.shown(connection, &channel, &party)?;
    if rest == "checkpoint" {
        return Ok(exchange::cosigned_checkpoint(connection, &channel, &party, shown)?.map(Resource::Checkpoint));
    }
    let Ok(tile) = rest.parse::<Tile>() else { return Ok(None) };
    // Within one reading the head, its checkpoint and the entries belong together.
    let size = logs::head(connection, &channel, &party)?.range.size().min(shown);
    if !tile.is_within(size) {
        return Ok(None);
    }
    let bytes = content(connection, &channel, &party, tile)?;
    Ok(Some(Resource::Tile { bytes, full: tile.is_full() }))
}

fn content(connection: &Connection, channel: &ChannelId, party: &PartyId, tile: Tile) -> Result<Vec<u8>, Fault> {
    let (width, from) = (u64::from(tile.width()), tile.nodes().next().map_or(0, |first| first.index));
    let encoded = match tile.kind() {
        TileKind::Entries => {
            let entries = entries::range(connection, channel, party, from, width)?;
            if entries.len() as u64 != width {
                return Err(Fault::Damaged(format!("the log of {party} lacks entries from {from}")));
            }
            encode_entries(&entries)
        }
        // The levels that tiles have are those whose subtrees are kept: 256^L leaves each.
        TileKind::Hashes { level } => {
            encode_hashes(&StoredTree { connection, channel, party }.row_of(level.saturating_mul(8), from, width)?)
        }
    };
    encoded.map_err(|error| Fault::Damaged(error.to_string()))
}
