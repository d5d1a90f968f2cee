//! How each party comes to know how all others see every log of the channel: what it has cosigned, and whether it was shown
//! the same history.
//!
//! A node that hears, by the watch, that a log changed somewhere asks there for the newest checkpoint of that log as it is
//! seen there. A node that cannot be called brings its own view along. Nobody passes on the records of another.

use super::answer::text;
use super::client::Call;
use super::limits::Pace;
use super::server::{No, member, party_in};
use super::tls::Pin;
use crate::fault::{Fault, Protocol, Trouble};
use crate::node::Node;
use crate::receive::{self, Seen};
use crate::store::{channels, forks, lost};
use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use hyper::header::HeaderName;
use hyper::{Method, StatusCode};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;

/// The largest cosigned checkpoint, and the largest proof of two histories, that are exchanged.
pub(super) const MAX_NOTE: usize = 64 * 1024;

/// Stands with the checkpoint of a log that was proved to have two histories.
const FORK: HeaderName = HeaderName::from_static("tansiq-fork");

/// Stands with the newest checkpoint of the answering node's own log when the record of a place of it did not come back after a
/// restore: the first such place. A party that holds the record and cannot be asked brings it.
pub(super) const LACKS: HeaderName = HeaderName::from_static("tansiq-lacks");

const TEXT: (HeaderName, &str) = (header::CONTENT_TYPE, "text/plain; charset=utf-8");

/// The requests by which nodes compare what they hold.
pub(super) fn router() -> Router<Node> {
    Router::new()
        .route("/exchange/v1/{channel}/{party}/checkpoint", get(checkpoint))
        .route("/exchange/v1/{channel}/{party}/cosignature", post(cosignature))
        .route("/exchange/v1/{channel}/{party}/fork", get(fork).post(accuse))
}

type Asked = (State<Node>, Extension<Pin>, Path<(String, String)>);

async fn checkpoint((State(node), Extension(caller), Path((channel, party))): Asked) -> Result<Response, No> {
    let (channel, _) = member(&node, &channel, &caller).await?;
    let party = party_in(&party)?;
    let identity = node.identity.clone();
    let found = node.store.read(move |connection| -> Result<_, Fault> {
        let shown = identity.shown(connection, &channel, &party)?;
        let frozen = forks::is_frozen(connection, &channel, &party)?;
        let lacks = if party == identity.party { lost::first(connection, &channel)? } else { None };
        Ok((super::cosigned_checkpoint(connection, &channel, &party, shown)?, frozen, lacks))
    });
    let (note, frozen, lacks) = found.await?;
    let mut response = ([TEXT], note.ok_or(Protocol::Stranger)?).into_response();
    if frozen {
        response.headers_mut().insert(FORK, header::HeaderValue::from_static("proved"));
    }
    if let Some(place) = lacks {
        response.headers_mut().insert(LACKS, place.into());
    }
    Ok(response)
}

/// 204 when the checkpoint is part of what is held, 202 when it is ahead of that, 409 when the log has two histories.
async fn cosignature((State(node), Extension(caller), Path((channel, party))): Asked, body: Body) -> Result<StatusCode, No> {
    let (channel, from) = member(&node, &channel, &caller).await?;
    let party = party_in(&party)?;
    let note = Pace::new(MAX_NOTE as u64).whole(body).await?;
    let note = String::from_utf8(note).map_err(|_| Protocol::Checkpoint("it is not UTF-8".to_owned()))?;
    let seen = node.store.write(move |work| receive::witness(work, &channel, &party, &from, &note)).await?;
    Ok(match seen {
        Seen::Held => StatusCode::NO_CONTENT,
        Seen::Ahead => StatusCode::ACCEPTED,
        Seen::Forked => StatusCode::CONFLICT,
    })
}

/// The proof that a log has two histories: for any party of the channel, the log's owner included.
async fn fork((State(node), Extension(caller), Path((channel, party))): Asked) -> Result<Response, No> {
    let (channel, _) = member(&node, &channel, &caller).await?;
    let party = party_in(&party)?;
    let found = node.store.read(move |connection| forks::get(connection, &channel, &party)).await?;
    let found = found.ok_or(Protocol::Stranger)?;
    Ok(([TEXT], found.proof.to_string()).into_response())
}

async fn accuse((State(node), Extension(caller), Path((channel, party))): Asked, body: Body) -> Result<StatusCode, No> {
    let (channel, from) = member(&node, &channel, &caller).await?;
    let party = party_in(&party)?;
    let proof = Pace::new(MAX_NOTE as u64).whole(body).await?;
    node.store.write(move |work| receive::accused(work, &channel, &party, &from, &proof)).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Call {
    /// Compares every log of a channel with the peer, and tells it how they are seen here where it cannot ask.
    pub(super) async fn gossip(&self, node: &Node, channel: &ChannelId, tells: bool) -> Result<(), Trouble> {
        let charter = node.store.read_now(|connection| channels::charter(connection, channel))?;
        let Some(charter) = charter else { return Ok(()) };
        for party in charter.parties.keys() {
            self.compare(node, channel, party).await?;
            if tells {
                self.tell(node, channel, party).await?;
            }
        }
        Ok(())
    }

    /// Asks for the newest checkpoint of a log as the peer sees it, and takes in what it says: cosignatures, and whether it is
    /// of the same history.
    pub(super) async fn compare(&self, node: &Node, channel: &ChannelId, party: &PartyId) -> Result<(), Trouble> {
        let response = self.get(&format!("/exchange/v1/{channel}/{party}/checkpoint")).await?;
        if response.status() != StatusCode::OK {
            return Ok(());
        }
        let proved = response.headers().contains_key(FORK);
        let note = text(response).await?;
        let (to, of, by) = (channel.clone(), party.clone(), self.party.clone());
        let shown = note.clone();
        let seen = node.store.write(move |work| receive::witness(work, &to, &of, &by, &note)).await?;
        if seen == Seen::Held && *party == self.party {
            self.cosign_again(node, channel, party, &shown).await?;
        }
        if proved && seen != Seen::Forked { self.fetch_fork(node, channel, party).await } else { Ok(()) }
    }

    /// Brings the owner of a log the cosignature of this node, where the checkpoint that it shows lacks it: it went missing on
    /// its way, and nothing else would bring it before the log grows again.
    async fn cosign_again(&self, node: &Node, channel: &ChannelId, party: &PartyId, shown: &str) -> Result<(), Trouble> {
        let line = format!("\n— {} ", node.identity.node);
        if shown.contains(&line) {
            return Ok(());
        }
        let (to, of, identity) = (channel.clone(), party.clone(), node.identity.clone());
        let held = node.store.read(move |connection| {
            let shown = identity.shown(connection, &to, &of)?;
            super::cosigned_checkpoint(connection, &to, &of, shown)
        });
        let held = held.await?;
        let body = |note: &str| note.split("\n\n").next().map(str::to_owned);
        match held {
            Some(note) if note.contains(&line) && body(&note) == body(shown) => self.show(node, channel, party, note).await,
            _ => Ok(()),
        }
    }

    /// Brings the newest checkpoint of a log as it is seen here, with its cosignatures, or the proof that it has two histories.
    pub(super) async fn tell(&self, node: &Node, channel: &ChannelId, party: &PartyId) -> Result<(), Trouble> {
        let (to, of, identity) = (channel.clone(), party.clone(), node.identity.clone());
        let seen = node.store.read(move |connection| -> Result<_, Fault> {
            let proof = forks::get(connection, &to, &of)?.map(|found| found.proof.to_string());
            let shown = identity.shown(connection, &to, &of)?;
            Ok((proof, super::cosigned_checkpoint(connection, &to, &of, shown)?))
        });
        match seen.await? {
            (Some(proof), _) => {
                let path = format!("/exchange/v1/{channel}/{party}/fork");
                let status = self.request(Method::POST, &path, Bytes::from(proof)).await?.status();
                if status != StatusCode::NO_CONTENT {
                    tracing::warn!(peer.party = %self.party, log.party = %party, %status, "a peer did not take a proof of two histories");
                }
                Ok(())
            }
            (None, Some(note)) => self.show(node, channel, party, note).await,
            (None, None) => Ok(()),
        }
    }

    /// Shows a cosigned checkpoint to the peer.
    pub(super) async fn show(&self, node: &Node, channel: &ChannelId, party: &PartyId, note: String) -> Result<(), Trouble> {
        let path = format!("/exchange/v1/{channel}/{party}/cosignature");
        let response = self.request(Method::POST, &path, Bytes::from(note)).await?;
        match response.status() {
            // The peer holds it, or is not there yet, or has not joined the channel.
            StatusCode::NO_CONTENT | StatusCode::ACCEPTED | StatusCode::NOT_FOUND => Ok(()),
            StatusCode::CONFLICT => self.fetch_fork(node, channel, party).await,
            status => Err(Protocol::Answer(format!("a cosigned checkpoint was answered {status}")).into()),
        }
    }

    /// Fetches the proof that a log has two histories, and keeps it if it is one.
    pub(super) async fn fetch_fork(&self, node: &Node, channel: &ChannelId, party: &PartyId) -> Result<(), Trouble> {
        let response = self.get(&format!("/exchange/v1/{channel}/{party}/fork")).await?;
        if response.status() != StatusCode::OK {
            return Ok(());
        }
        let proof = text(response).await?;
        let (to, of, by) = (channel.clone(), party.clone(), self.party.clone());
        let kept = node.store.write(move |work| receive::accused(work, &to, &of, &by, proof.as_bytes())).await;
        match kept {
            // It accuses falsely. That says nothing of the log, and all else that the peer has to say is as good as before.
            Err(Trouble::Protocol(why)) => {
                tracing::warn!(peer.party = %self.party, log.party = %party, %why, "a peer's proof of two histories does not hold");
                Ok(())
            }
            kept => kept,
        }
    }
}
