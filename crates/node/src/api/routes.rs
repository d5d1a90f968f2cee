//! The routes of the API.

use super::{App, Problem, attachments, guarded, search};
use crate::access::{Denial, Officer};
use crate::auth;
use crate::evidence;
use crate::fault::Trouble;
use crate::recovery;
use crate::submit::{self, Submitted};
use crate::views::{self, Looking};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::record::{DossierId, Draft, RecordId};
use tansiq_dossier::refusal::{Common, Refusal};
use utoipa::OpenApi;

/// The largest request: a group of records.
const MAX_REQUEST: usize = 8 * 1024 * 1024;
/// The most acts in one request.
const MAX_ACTS: usize = 1000;

/// Probes and the API.
pub(super) fn router(app: App) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/metrics", get(metrics))
        .route("/api/v1/openapi.json", get(openapi))
        .route("/api/v1/session", post(sign_in).delete(sign_out))
        .route("/api/v1/channels", get(channels))
        .route("/api/v1/channels/{channel}/acts", post(act))
        .route("/api/v1/dossiers", get(dossiers))
        .route("/api/v1/dossiers/{channel}/{dossier}", get(dossier))
        .route("/api/v1/evidence/{channel}/{record}", get(evidence_of))
        .merge(guarded::router())
        .merge(search::router())
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .merge(attachments::router())
        .with_state(app)
}

/// The bytes of a request. One that is too large is refused by name before it is read to its end.
pub(super) struct Payload(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for Payload {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Payload, Problem> {
        match Bytes::from_request(request, state).await {
            Ok(bytes) => Ok(Payload(bytes)),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(Refusal::from(Denial::TooLarge).into()),
            Err(_) => Err(Refusal::from(Denial::Malformed).into()),
        }
    }
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Tansiq", description = "The register that states keep together: dossiers, acts and evidence of one node."),
    paths(
        healthz,
        sign_in,
        sign_out,
        channels,
        act,
        dossiers,
        dossier,
        evidence_of,
        attachments::attach,
        attachments::fetch,
        guarded::unseal,
        guarded::waiting,
        guarded::approve,
        search::search
    ),
    components(schemas(Problem, SignIn, Session))
)]
struct Api;

async fn openapi() -> Json<utoipa::openapi::OpenApi> {
    Json(Api::openapi())
}

/// Whether the node can read and write its store, and in how many channels it is still catching up after a restore.
#[utoipa::path(get, path = "/healthz", responses(
    (status = 200, description = "The node reads its store, and takes acts."),
    (status = 503, description = "It cannot read its store; or a commit has failed, and it takes no acts until it is started again.")))]
async fn healthz(State(app): State<App>) -> Result<(StatusCode, Json<serde_json::Value>), Problem> {
    let channels = app.node.store.read(views::channel::all).await?;
    let entries: u64 = channels.iter().flat_map(|channel| &channel.logs).map(|log| log.size).sum();
    let forks = channels.iter().flat_map(|channel| &channel.logs).filter(|log| log.fork.is_some()).count();
    let identity = app.node.identity.clone();
    let states = app.node.store.read(move |connection| recovery::all(connection, &identity)).await?;
    let recovering = states.iter().filter(|state| !state.is_certain()).count();
    let (status, said) =
        if app.node.store.is_readonly() { (StatusCode::SERVICE_UNAVAILABLE, "read-only") } else { (StatusCode::OK, "ok") };
    let body = serde_json::json!({ "status": said, "channels": channels.len(), "entries": entries, "recovering": recovering, "forks": forks });
    Ok((status, Json(body)))
}

async fn metrics(State(app): State<App>) -> Result<String, Problem> {
    let channels = app.node.store.read(views::channel::all).await?;
    for channel in channels {
        for log in channel.logs {
            let labels = [("channel", channel.channel.to_string()), ("party", log.party.to_string())];
            #[allow(clippy::cast_precision_loss)]
            metrics::gauge!("tansiq_log_size", &labels).set(log.size as f64);
            metrics::gauge!("tansiq_log_forked", &labels).set(if log.fork.is_some() { 1.0 } else { 0.0 });
        }
    }
    let identity = app.node.identity.clone();
    for state in app.node.store.read(move |connection| recovery::all(connection, &identity)).await? {
        let labels = [("channel", state.channel.to_string())];
        metrics::gauge!("tansiq_recovering", &labels).set(if state.is_certain() { 0.0 } else { 1.0 });
    }
    metrics::gauge!("tansiq_read_only").set(if app.node.store.is_readonly() { 1.0 } else { 0.0 });
    Ok(app.metrics.render())
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    /// The office, `irq.mofa.secretary`.
    officer: String,
    /// Its password.
    password: String,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Session {
    /// To be sent with every request as `Authorization: Bearer …`.
    token: String,
}

/// Signs in.
#[utoipa::path(post, path = "/api/v1/session", request_body = SignIn,
    responses((status = 200, body = Session), (status = 401, body = Problem)))]
async fn sign_in(State(app): State<App>, Payload(body): Payload) -> Result<Json<Session>, Problem> {
    let SignIn { officer, password } = json(&body)?;
    let begun = auth::sign_in(&app.node, &app.attempts, &officer, password).await?;
    Ok(Json(Session { token: begun.token }))
}

/// Signs out.
#[utoipa::path(delete, path = "/api/v1/session", responses((status = 204, description = "The session has ended.")))]
async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<StatusCode, Problem> {
    auth::sign_out(&app.node, bearer(&headers).unwrap_or_default()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

pub(super) async fn officer(app: &App, headers: &HeaderMap) -> Result<Officer, Problem> {
    let token = bearer(headers).ok_or_else(|| Refusal::from(Denial::SignIn))?;
    let found = auth::session(&app.node, token).await?;
    Ok(found.map(|(officer, _)| officer).ok_or_else(|| Refusal::from(Denial::SignIn))?)
}

pub(super) async fn looking(app: &App, headers: &HeaderMap) -> Result<Looking, Problem> {
    let officer = officer(app, headers).await?;
    Ok(Looking { officer, own: app.node.identity.party.clone(), today: app.node.identity.world.today() })
}

pub(super) fn json<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // Whether it is text is asked once, and not of every string in it.
    let read = simdutf8::basic::from_utf8(body).map_or_else(|_| serde_json::from_slice(body), serde_json::from_str);
    read.map_err(|error| {
        let mut problem = Problem::from(Refusal::from(Denial::Malformed));
        problem.detail = error.to_string().into();
        problem
    })
}

pub(super) fn channel_named(text: &str) -> Result<ChannelId, Problem> {
    text.parse().map_err(|_| Refusal::from(Denial::NoSuchChannel).into())
}

/// The channels of this node.
#[utoipa::path(get, path = "/api/v1/channels", responses((status = 200, description = "Channels with their logs."), (status = 401, body = Problem)))]
async fn channels(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    officer(&app, &headers).await?;
    Ok(Json(app.node.store.read(views::channel::all).await?).into_response())
}

/// One act, or a group of acts that are committed together and judged one by one.
enum Acts {
    Many(Vec<Draft>),
    One(Box<Draft>),
}

impl Acts {
    /// Which of the two it is stands in the first letter, so that a long list is read once, without a copy.
    fn read(body: &[u8]) -> Result<Acts, Problem> {
        match body.trim_ascii_start().first() {
            Some(b'[') => json(body).map(Acts::Many),
            _ => json(body).map(Acts::One),
        }
    }
}

/// What became of one act of a group.
#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    Done(Submitted),
    Refused(Problem),
}

/// Submits an act, or up to 1,000 acts in order.
#[utoipa::path(post, path = "/api/v1/channels/{channel}/acts", params(("channel" = String, Path)),
    request_body(content = Object, description = "A draft, or a list of drafts: {kind, act, dossier?, label?, audience?, body, sealed?}; `sealed` gives the values that the record seals, by name, and none of them stands in the record."),
    responses((status = 201, description = "The record, durable."), (status = 200, description = "The outcome of each act of a list."),
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn act(
    State(app): State<App>,
    headers: HeaderMap,
    Path(channel): Path<String>,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    let officer = officer(&app, &headers).await?.id;
    let channel = channel_named(&channel)?;
    match Acts::read(&body)? {
        Acts::One(draft) => {
            let done = app.node.store.write(move |work| submit::submit(work, &officer, &channel, *draft)).await?;
            Ok((StatusCode::CREATED, Json(done)).into_response())
        }
        Acts::Many(drafts) if drafts.len() > MAX_ACTS => Err(Refusal::from(Denial::TooLarge).into()),
        Acts::Many(drafts) => {
            let outcomes = app
                .node
                .store
                .write(move |work| {
                    let mut outcomes = Vec::with_capacity(drafts.len());
                    for draft in drafts {
                        work.make_room()?;
                        outcomes.push(match submit::submit(work, &officer, &channel, draft) {
                            Ok(done) => Outcome::Done(done),
                            Err(Trouble::Refused(refusal)) => Outcome::Refused(Problem::refused(refusal)),
                            Err(other) => return Err(other),
                        });
                    }
                    Ok(outcomes)
                })
                .await?;
            Ok(Json(outcomes).into_response())
        }
    }
}

/// Dossiers by filters, the latest changed first. `text` finds what stands in a title, and how a reference number begins.
#[utoipa::path(get, path = "/api/v1/dossiers",
    params(("channel" = Option<String>, Query), ("kind" = Option<String>, Query), ("state" = Option<String>, Query),
        ("party" = Option<String>, Query), ("awaits" = Option<String>, Query), ("owner" = Option<String>, Query),
        ("late" = Option<bool>, Query), ("text" = Option<String>, Query), ("skip" = Option<u64>, Query), ("limit" = Option<u64>, Query)),
    responses((status = 200, description = "A page of dossiers, each with its reference number."), (status = 400, body = Problem)))]
async fn dossiers(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let looking = looking(&app, &headers).await?;
    let filter = super::query::filter_of(&uri, looking.today)?;
    Ok(Json(app.node.store.read(move |connection| views::list(connection, &looking, filter)).await?).into_response())
}

/// One dossier: reference number, state, positions, custody (releases, disclosures, holds, files), history, what this officer
/// may do now (`offers`), and at any time (`tools`).
#[utoipa::path(get, path = "/api/v1/dossiers/{channel}/{dossier}", params(("channel" = String, Path), ("dossier" = String, Path)),
    responses((status = 200, description = "The dossier."), (status = 404, body = Problem)))]
async fn dossier(
    State(app): State<App>,
    headers: HeaderMap,
    Path((channel, dossier)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let looking = looking(&app, &headers).await?;
    let nothing = || Problem::from(Refusal::from(Common::NoSuchDossier));
    let channel: ChannelId = channel.parse().map_err(|_| nothing())?;
    let dossier: DossierId = dossier.parse().map_err(|_| nothing())?;
    let full = app.node.store.read(move |connection| views::dossier::full(connection, &looking, &channel, &dossier)).await?;
    Ok(Json(full.ok_or_else(nothing)?).into_response())
}

/// The evidence of one record, as a tar archive.
#[utoipa::path(get, path = "/api/v1/evidence/{channel}/{record}", params(("channel" = String, Path), ("record" = String, Path)),
    responses((status = 200, description = "A tar archive: record.json, salt.hex, record.tlog-proof, disclosures.txt, policy, README.txt."), (status = 404, body = Problem)))]
async fn evidence_of(
    State(app): State<App>,
    headers: HeaderMap,
    Path((channel, record)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let looking = looking(&app, &headers).await?;
    let nothing = || Problem::from(Refusal::from(Common::NoSuchDossier));
    let channel: ChannelId = channel.parse().map_err(|_| nothing())?;
    let record: RecordId = record.parse().map_err(|_| nothing())?;
    let evidence = app.node.store.read(move |connection| evidence::gather(connection, &looking, &channel, &record)).await?;
    let archive = evidence.ok_or_else(nothing)?.to_tar()?;
    let name = format!("attachment; filename=\"evidence-{}.tar\"", record.short());
    Ok(([(header::CONTENT_TYPE, "application/x-tar".to_owned()), (header::CONTENT_DISPOSITION, name)], archive).into_response())
}
