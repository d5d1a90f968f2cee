//! Files by the API: brought as the bytes of a request, and given out whole or in parts.

use super::routes::{channel_named, looking};
use super::{App, Problem};
use crate::access::Denial;
use crate::attachments::{self, AttachmentRefusal, Upload, send};
use crate::fault::Trouble;
use crate::store::blobs::LARGEST;
use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http_body_util::BodyExt;
use serde::Deserialize;
use std::time::Duration;
use tansiq_dossier::record::DossierId;
use tansiq_dossier::refusal::{Common, Refusal};

/// How long the next bytes of a file may be in coming.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/dossiers/{channel}/{dossier}/attachments", post(attach))
        .route("/api/v1/dossiers/{channel}/{dossier}/attachments/{sha256}", get(fetch))
        // A file is counted while it comes in, and never held in memory.
        .layer(DefaultBodyLimit::disable())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct About {
    name: String,
    note: Option<String>,
}

fn nothing() -> Refusal {
    Common::NoSuchDossier.into()
}

/// Attaches a file to a dossier: its bytes are the body. Its sort is found from its bytes.
#[utoipa::path(post, path = "/api/v1/dossiers/{channel}/{dossier}/attachments",
    params(("channel" = String, Path), ("dossier" = String, Path), ("name" = String, Query), ("note" = Option<String>, Query)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file, at most 512 MiB."),
    responses((status = 201, description = "The record, durable, and the file with it."), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn attach(
    State(app): State<App>,
    headers: HeaderMap,
    Path((channel, dossier)): Path<(String, String)>,
    query: Result<Query<About>, axum::extract::rejection::QueryRejection>,
    body: Body,
) -> Result<Response, Problem> {
    let looking = looking(&app, &headers).await?;
    let Query(about) = query.map_err(|_| Refusal::from(Denial::Malformed).at("query"))?;
    let channel = channel_named(&channel)?;
    let dossier: DossierId = dossier.parse().map_err(|_| nothing())?;
    let node = &app.node;
    attachments::may_attach(node, &looking, &channel, &dossier).await?;
    let stated = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if stated.is_some_and(|stated| stated > LARGEST) {
        return Err(Refusal::from(AttachmentRefusal::TooLarge).into());
    }
    let mut upload = Upload::begin(node, &about.name).await?;
    take_in(&mut upload, body).await?;
    let file = upload.finish().await?;
    let done = attachments::attach(node, &looking.officer.id, &channel, &dossier, file, about.note).await?;
    Ok((StatusCode::CREATED, Json(done)).into_response())
}

async fn take_in(upload: &mut Upload, mut body: Body) -> Result<(), Trouble> {
    let broken = || Trouble::from(Refusal::from(AttachmentRefusal::Broken));
    loop {
        match tokio::time::timeout(PATIENCE, body.frame()).await.map_err(|_| broken())? {
            None => return Ok(()),
            Some(frame) => upload.write(&frame.map_err(|_| broken())?.into_data().unwrap_or_default()).await?,
        }
    }
}

/// A file of a dossier, or the part of it that `Range` asks for.
#[utoipa::path(get, path = "/api/v1/dossiers/{channel}/{dossier}/attachments/{sha256}",
    params(("channel" = String, Path), ("dossier" = String, Path), ("sha256" = String, Path),
        ("Range" = Option<String>, Header, description = "One range of bytes.")),
    responses((status = 200, description = "The file, with its SHA-256 as `ETag`.", content_type = "application/octet-stream"),
        (status = 206, description = "The part that was asked for."), (status = 404, body = Problem),
        (status = 409, description = "The file is named and has not come yet (ATT06).", body = Problem),
        (status = 416, description = "The file has no such part.")))]
pub(super) async fn fetch(
    State(app): State<App>,
    headers: HeaderMap,
    Path((channel, dossier, hash)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let looking = looking(&app, &headers).await?;
    let (Ok(channel), Ok(dossier), Ok(hash)) = (channel.parse(), dossier.parse(), hash.parse()) else {
        return Err(nothing().into());
    };
    Ok(send::download(&app.node, &looking, &channel, &dossier, &hash, &headers).await?)
}
