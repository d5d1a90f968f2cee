//! Search, for programs.

use super::routes::looking;
use super::{App, Problem};
use crate::access::Denial;
use crate::fault::{Fault, Trouble};
use crate::search::{self, Answer, Facet, Question, SearchRefusal};
use axum::Json;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Uri};
use axum::routing::get;
use tansiq_dossier::refusal::Refusal;

pub(super) fn router() -> Router<App> {
    Router::new().route("/api/v1/search", get(search))
}

/// Dossiers by what they say, the best first, with pieces of their texts and how many of all hits have which kind, state, party,
/// institution, label, place, year, month and channel. Only what the officer may see is found or counted. In `q` all words must be
/// there; `"…"` is a phrase, `word*` a beginning, `-word` must not be there, `title:word` looks in titles, `kind:meeting` narrows.
#[utoipa::path(get, path = "/api/v1/search",
    params(("q" = Option<String>, Query), ("kind" = Option<String>, Query), ("state" = Option<String>, Query),
        ("party" = Option<String>, Query), ("institution" = Option<String>, Query), ("label" = Option<String>, Query),
        ("place" = Option<String>, Query), ("year" = Option<String>, Query), ("month" = Option<String>, Query),
        ("channel" = Option<String>, Query), ("since" = Option<String>, Query), ("skip" = Option<u64>, Query),
        ("limit" = Option<u64>, Query)),
    responses((status = 200, description = "{total, hits, facets}: each hit as lists show it, with `snippets` of marked and unmarked parts."),
        (status = 401, body = Problem), (status = 422, body = Problem, description = "The question cannot be read (SRC01 to SRC07)."),
        (status = 503, body = Problem, description = "The index is being made (SRC08).")))]
pub(super) async fn search(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Result<Json<Answer>, Problem> {
    let looking = looking(&app, &headers).await?;
    let read: Result<Query<Vec<(String, String)>>, _> = Query::try_from_uri(&uri);
    let Query(pairs) = read.map_err(|_| Refusal::from(Denial::Malformed).at("query"))?;
    let question = question(&pairs)?;
    let (index, store) = (app.node.index.clone(), app.node.store.clone());
    let found = tokio::task::spawn_blocking(move || search::find(&index, &store, &looking, &question));
    Ok(Json(found.await.unwrap_or_else(|_| Err(Trouble::from(Fault::Closing)))?))
}

fn question(pairs: &[(String, String)]) -> Result<Question, Refusal> {
    let (mut typed, mut skip, mut limit, mut rest) = ("", 0, 25, Vec::new());
    let malformed = |name: &str| Refusal::from(Denial::Malformed).at(name);
    for (name, value) in pairs {
        match name.as_str() {
            "q" => typed = value,
            "skip" => skip = value.parse().map_err(|_| malformed(name))?,
            "limit" => limit = value.parse().map_err(|_| malformed(name))?,
            "since" => rest.push(("since", value.as_str())),
            other if Facet::named(other).is_some() => rest.push((other, value.as_str())),
            other => return Err(malformed(other)),
        }
    }
    let question = Question { skip, limit, ..Question::of(typed, rest)? };
    if question.is_empty() { Err(SearchRefusal::Nothing.into()) } else { Ok(question) }
}
