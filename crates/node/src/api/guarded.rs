//! What needs two people: sealed values and their approvals.

use super::routes::{Payload, channel_named, json, officer};
use super::{App, Problem};
use crate::approval::{ApprovalRefusal, Asked, Matter, Request};
use crate::guarded::{self, Guarded, Unsealed, Waiting};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use std::collections::BTreeSet;
use tansiq_dossier::record::{DossierId, RecordId};
use tansiq_dossier::refusal::{Common, Refusal};

/// The routes of what is guarded.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/unseal", post(unseal))
        .route("/api/v1/approvals", get(waiting))
        .route("/api/v1/approvals/{number}", post(approve))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unseal {
    channel: String,
    dossier: DossierId,
    record: RecordId,
    #[serde(default)]
    claims: BTreeSet<String>,
    reason: String,
    recipient: Option<String>,
}

/// Reads sealed values that are kept with a record, when a second person has allowed exactly this within the last day.
#[utoipa::path(post, path = "/api/v1/unseal",
    request_body(content = Object, description = "{channel, dossier, record, claims?, reason, recipient?}. No claims: every sealed field."),
    responses((status = 200, description = "The values: [{claim, value, disclosure}]."),
        (status = 202, description = "Waits for a second person: {number, approvers}."),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn unseal(State(app): State<App>, headers: HeaderMap, Payload(body): Payload) -> Result<Response, Problem> {
    let requester = officer(&app, &headers).await?.id;
    let wanted: Unseal = json(&body)?;
    let asked = Asked {
        requester,
        recipient: wanted.recipient,
        reason: wanted.reason,
        matter: Matter::Unseal {
            channel: channel_named(&wanted.channel).map_err(|_| Refusal::from(Common::NoSuchDossier))?,
            dossier: wanted.dossier,
            record: wanted.record,
            claims: wanted.claims,
        },
    };
    let found: Guarded<Vec<Unsealed>> = app.node.store.write(move |work| guarded::unseal(work, &asked)).await?;
    Ok(match found {
        Guarded::Given(values) => Json(values).into_response(),
        Guarded::Waiting(waiting) => (StatusCode::ACCEPTED, Json::<Waiting>(waiting)).into_response(),
    })
}

/// The requests of other officers that this officer may allow.
#[utoipa::path(get, path = "/api/v1/approvals", responses((status = 200, description = "Requests: [{number, asked, requested}].")))]
pub(super) async fn waiting(State(app): State<App>, headers: HeaderMap) -> Result<Json<Vec<Request>>, Problem> {
    let approver = officer(&app, &headers).await?.id;
    Ok(Json(app.node.store.write(move |work| guarded::waiting_for(work, &approver)).await?))
}

/// Allows what another officer asked for, for a day.
#[utoipa::path(post, path = "/api/v1/approvals/{number}", params(("number" = i64, Path)),
    responses((status = 200, description = "The request, allowed."), (status = 409, body = Problem)))]
pub(super) async fn approve(
    State(app): State<App>,
    headers: HeaderMap,
    Path(number): Path<String>,
) -> Result<Json<Request>, Problem> {
    let approver = officer(&app, &headers).await?.id;
    let number: i64 = number.parse().map_err(|_| Refusal::from(ApprovalRefusal::NoSuchRequest))?;
    Ok(Json(app.node.store.write(move |work| guarded::approve(work, &approver, number)).await?))
}
