//! The addresses of the pages, and what every handler of them shares.
//!
//! A handler reads what the officer may see, fills a page, and renders it. It writes only by way of [`crate::submit`], and
//! every refusal comes back as the same page with what was typed.

mod acts;
mod alike;
mod attachments;
mod channels;
mod dossier;
mod list;
mod names;
mod open;
mod queue;
mod search;
mod session;
mod show;
mod statement;
mod today;
mod visit;

use super::{CONTENT_SECURITY_POLICY, PAGE_HEADERS, assets};
use crate::api::App;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

/// The largest form: the texts of an instrument in five languages, each letter written as six characters.
const MAX_FORM: usize = 6 * 1024 * 1024;

/// The pages of the node.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/", get(today::page))
        .route("/sign-in", get(session::form).post(session::sign_in))
        .route("/sign-out", post(session::sign_out))
        .route("/language/{code}", get(session::language))
        .route("/dossiers", get(list::page))
        .route("/search", get(search::page))
        .route("/dossiers/new/{kind}", get(open::choice).post(open::submit_first))
        .route("/dossiers/new/{kind}/{act}", get(open::form).post(open::submit))
        .route("/dossiers/{channel}/{dossier}", get(dossier::page))
        .route("/dossiers/{channel}/{dossier}/acts/{act}", get(acts::back).post(acts::submit))
        .route("/dossiers/{channel}/{dossier}/evidence/{record}", get(dossier::evidence))
        .merge(attachments::router())
        .route("/statement", get(statement::form).post(statement::read))
        .route("/statement/{id}", get(statement::page))
        .route("/statement/{id}/drop", get(statement::back).post(statement::drop_one))
        .route("/statement/{id}/join", get(statement::back).post(statement::join_one))
        .route("/statements", get(queue::page))
        .route("/channels", get(channels::page))
        .fallback(session::nothing)
        .layer(map_response(with_page_headers))
        .route("/assets/{version}/{*name}", get(asset))
        .layer(map_response(with_policy))
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .with_state(app)
}

async fn with_page_headers(mut response: Response) -> Response {
    for (name, value) in PAGE_HEADERS {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

async fn with_policy(mut response: Response) -> Response {
    let headers = response.headers_mut();
    // A file that is taken away has a stricter one of its own.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

async fn asset(Path((version, name)): Path<(String, String)>) -> Response {
    match assets::find(&version, &name) {
        Some(asset) => {
            let headers = [(header::CONTENT_TYPE, asset.content_type), (header::CACHE_CONTROL, assets::CACHE_CONTROL)];
            (headers, asset.bytes.into_owned()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
