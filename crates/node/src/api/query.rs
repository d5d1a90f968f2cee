//! From the query of a request for dossiers to the filter that it asks for.

use crate::access::Denial;
use crate::store::dossiers::Filter;
use axum::extract::Query;
use axum::http::Uri;
use serde::Deserialize;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::refusal::Refusal;
use tansiq_dossier::time::Date;

/// How many dossiers a page of a list holds at most.
pub const MOST: u64 = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    channel: Option<String>,
    kind: Option<String>,
    state: Option<String>,
    party: Option<String>,
    awaits: Option<String>,
    owner: Option<String>,
    late: Option<bool>,
    text: Option<String>,
    skip: Option<u64>,
    limit: Option<u64>,
}

/// The filter that a request asks for. Who asks, and so what is found, is no part of it.
///
/// # Errors
/// `REQ02` with the field that cannot be read; `CHN03` for what is no channel's name.
pub fn filter_of(uri: &Uri, today: Date) -> Result<Filter, Refusal> {
    let malformed = |field: &str| Refusal::from(Denial::Malformed).at(field);
    let Query(query): Query<ListQuery> = Query::try_from_uri(uri).map_err(|_| malformed("query"))?;
    Ok(Filter {
        channel: query.channel.map(|text| text.parse()).transpose().map_err(|_| Denial::NoSuchChannel)?,
        kind: query.kind.map(|name| Kind::named(&name).ok_or_else(|| malformed("kind"))).transpose()?,
        state: query.state,
        party: query.party.map(|text| text.parse().map_err(|_| malformed("party"))).transpose()?,
        awaits: query.awaits.map(|text| text.parse().map_err(|_| malformed("awaits"))).transpose()?,
        owner: query.owner,
        due_before: query.late.unwrap_or(false).then_some(today),
        title: query.text,
        reader: None,
        skip: query.skip.unwrap_or(0),
        limit: query.limit.unwrap_or(100).min(MOST),
    })
}
