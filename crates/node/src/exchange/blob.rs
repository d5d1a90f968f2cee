//! Files between nodes: given out in parts to whoever may have their dossier, and taken in from a side that can only call.
//!
//! | request | answer |
//! |---|---|
//! | `GET …/{channel}/blob/{sha256}?dossier=ID` | the file, or the part that `Range` asks for |
//! | `HEAD …/{channel}/blob/{sha256}?dossier=ID` | how much of the caller's own file has come: `Upload-Offset`, `Upload-Complete` |
//! | `PUT …/{channel}/blob/{sha256}?dossier=ID` | takes bytes of the caller's own file from `Upload-Offset` on |
//!
//! Whoever asks names the dossier for which it wants the file, and is asked about that one: a hash alone opens nothing.

use super::limits::{self, Pace};
use super::quota;
use super::server::{No, member};
use super::tls::Pin;
use crate::access::{Authorized, Environment, Subject, ToSend};
use crate::attachments::{send, sniff};
use crate::fault::{Fault, Protocol, Trouble};
use crate::node::Node;
use crate::store::attachments::{self, Attached, Held};
use crate::store::blobs::Partial;
use crate::store::db::Connection;
use crate::store::{channels, dossiers};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Extension, Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::label::Label;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::DossierId;

/// How much of a file is there, and whether that is all (the names of draft-ietf-httpbis-resumable-upload).
pub(super) const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub(super) const COMPLETE: HeaderName = HeaderName::from_static("upload-complete");

pub(super) fn router() -> Router<Node> {
    Router::new()
        .route("/exchange/v1/{channel}/blob/{sha256}", get(give).head(offset).put(take))
        .layer(DefaultBodyLimit::disable())
}

#[derive(serde::Deserialize)]
struct For {
    dossier: String,
}

/// The file of a dossier that the caller may have; what it may not have is as unknown as what there is not.
async fn permitted(
    node: &Node,
    caller: &Pin,
    channel: &str,
    hash: &str,
    dossier: &str,
) -> Result<(Authorized<Attached, ToSend>, PartyId), No> {
    let (channel, party) = member(node, channel, caller).await?;
    let hash: ContentHash = hash.parse().map_err(|_| Protocol::Stranger)?;
    let dossier: DossierId = dossier.parse().map_err(|_| Protocol::Stranger)?;
    let (own, to) = (node.identity.party.clone(), party.clone());
    let found = node.store.read(move |connection| leaving(connection, (&own, &to), &channel, &dossier, &hash));
    Ok((found.await?.ok_or(Protocol::Stranger)?, party))
}

/// The file of a dossier, if it may go to this party: the one place where that is decided, for a party that asks for it and for
/// one that it is brought to. Unknown and not released are found out by the same questions.
pub(super) fn leaving(
    connection: &Connection,
    (own, to): (&PartyId, &PartyId),
    channel: &ChannelId,
    dossier: &DossierId,
    hash: &ContentHash,
) -> Result<Option<Authorized<Attached, ToSend>>, Fault> {
    let class = channels::class(connection, channel)?;
    let (Some(file), Some(class)) = (attachments::find(connection, channel, dossier, hash)?, class) else { return Ok(None) };
    let audience = file.audience.clone();
    let environment = Environment { audience: &audience, own, class };
    // A party reads what its dossiers hold whatever their level: the label binds its own officers at home.
    let Ok(file) = Authorized::decide(file, Subject::Party(to), &Label::default(), environment) else { return Ok(None) };
    let dossier = dossiers::get(connection, channel, dossier)?;
    let named = dossier.as_ref().and_then(|dossier| dossier.custody.attachments.get(hash));
    Ok(named.is_some_and(|named| named.may_go_to(to)).then_some(file))
}

async fn give(
    State(node): State<Node>,
    Extension(caller): Extension<Pin>,
    limits::Caller(guest): limits::Caller,
    Path((channel, hash)): Path<(String, String)>,
    Query(For { dossier }): Query<For>,
    headers: HeaderMap,
) -> Result<Response, No> {
    let (file, _) = permitted(&node, &caller, &channel, &hash, &dossier).await?;
    let file = file.into_value();
    if file.held != Held::Yes {
        return Err(Protocol::Stranger.into());
    }
    let (open, size) = node.blobs.open(&file.hash)?.ok_or(Protocol::Stranger)?;
    let room = guest.file().await?;
    Ok(send::part(open, size, &file.hash, &headers).map(|body| limits::held(body, room)))
}

/// The file that the caller attached itself, and may bring.
async fn own_file(node: &Node, caller: &Pin, channel: &str, hash: &str, dossier: &str) -> Result<Attached, No> {
    let (file, party) = permitted(node, caller, channel, hash, dossier).await?;
    let file = file.into_value();
    if file.party == party { Ok(file) } else { Err(Protocol::Stranger.into()) }
}

fn said(status: StatusCode, offset: u64, complete: bool) -> Response {
    let complete = HeaderValue::from_static(if complete { "?1" } else { "?0" });
    (status, [(OFFSET, HeaderValue::from(offset)), (COMPLETE, complete)]).into_response()
}

async fn offset(
    State(node): State<Node>,
    Extension(caller): Extension<Pin>,
    Path((channel, hash)): Path<(String, String)>,
    Query(For { dossier }): Query<For>,
) -> Result<Response, No> {
    let file = own_file(&node, &caller, &channel, &hash, &dossier).await?;
    if file.held != Held::No {
        return Ok(said(StatusCode::NO_CONTENT, file.size, true));
    }
    match node.blobs.partial(&file.hash, file.size, &file.party)? {
        Some(partial) => Ok(said(StatusCode::NO_CONTENT, partial.held(), false)),
        None => Ok(StatusCode::CONFLICT.into_response()),
    }
}

async fn take(
    State(node): State<Node>,
    Extension(caller): Extension<Pin>,
    Path((channel, hash)): Path<(String, String)>,
    Query(For { dossier }): Query<For>,
    headers: HeaderMap,
    mut body: Body,
) -> Result<Response, No> {
    let file = own_file(&node, &caller, &channel, &hash, &dossier).await?;
    if file.held != Held::No {
        return Ok(said(StatusCode::OK, file.size, true));
    }
    if quota::files_are_full(&node, &file.party).await? {
        return Err(quota::enough_files(&node).into());
    }
    let Some(mut partial) = node.blobs.partial(&file.hash, file.size, &file.party)? else {
        return Ok(StatusCode::CONFLICT.into_response());
    };
    let from: Option<u64> = headers.get(OFFSET).and_then(|offset| offset.to_str().ok()?.parse().ok());
    if from != Some(partial.held()) {
        return Ok(said(StatusCode::CONFLICT, partial.held(), false));
    }
    let mut fits = true;
    let begin = partial.held();
    let mut pace = Pace::new(file.size.saturating_add(1));
    let mut appending = partial.append().await?;
    // What has come before it breaks off is kept: the caller asks how much that is, and goes on.
    while let Ok(Some(bytes)) = pace.next(&mut body).await {
        fits &= appending.write(&bytes).await?;
        if !fits {
            break;
        }
    }
    appending.close().await?;
    quota::add_files(&node, &file.channel, &file.party, partial.held() - begin).await?;
    if !fits {
        partial.discard()?;
        return Err(Protocol::Answer("more bytes than the file has".to_owned()).into());
    }
    let held = partial.held();
    if partial.missing() > 0 {
        return Ok(said(StatusCode::OK, held, false));
    }
    match complete(&node, &file, partial).await? {
        Completed::Damaged => Err(Protocol::Answer("the bytes are not those of the hash".to_owned()).into()),
        Completed::Kept | Completed::Refused => Ok(said(StatusCode::OK, held, true)),
    }
}

/// What became of a file of which every byte has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Completed {
    /// It is in its place.
    Kept,
    /// Its bytes are those of the hash, and not what the record says that they are. They were not kept.
    Refused,
    /// Its bytes are others. They were not kept, and may be asked for again.
    Damaged,
}

/// Checks a file of which every byte has come, and moves it to its place.
pub(super) async fn complete(node: &Node, file: &Attached, partial: Partial) -> Result<Completed, Trouble> {
    let stated = file.media_type.clone();
    let looked = tokio::task::spawn_blocking(move || -> Result<_, Trouble> {
        let Some(whole) = partial.finish()? else { return Ok(None) };
        // What the other side says that it is, it is looked at for here as well.
        let fits = match sniff::sniff(&mut whole.open()?, whole.size) {
            Ok(found) => found == stated,
            Err(Trouble::Refused(_)) => false,
            Err(other) => return Err(other),
        };
        Ok(Some((whole, fits)))
    });
    let looked = looked.await.unwrap_or_else(|_| Err(Fault::Closing.into()))?;
    let short = file.hash.short();
    let Some((whole, fits)) = looked else {
        tracing::warn!(file.hash = short, peer.party = %file.party, "a file came with other bytes than its hash says; nothing of it is kept");
        return Ok(Completed::Damaged);
    };
    let (channel, dossier, hash, blobs) = (file.channel.clone(), file.dossier.clone(), file.hash, node.blobs.clone());
    let held = if fits { Held::Yes } else { Held::Refused };
    let kept = node
        .store
        .write(move |work| {
            // Destroyed while it was on its way: nothing of it is kept.
            let kept = attachments::set_held(work.connection, &channel, &dossier, &hash, held)? && fits;
            if kept {
                blobs.keep(whole)?;
            }
            Ok(kept)
        })
        .await?;
    if kept {
        metrics::counter!("tansiq_files_received_total").increment(1);
        Ok(Completed::Kept)
    } else if fits {
        Ok(Completed::Refused)
    } else {
        tracing::warn!(file.hash = short, peer.party = %file.party, "a file is not what its record says; it is not kept");
        Ok(Completed::Refused)
    }
}

/// Where a peer is asked for a file of a dossier.
pub(super) fn address(channel: &ChannelId, hash: &ContentHash, dossier: &DossierId) -> String {
    format!("/exchange/v1/{channel}/blob/{hash}?dossier={dossier}")
}
