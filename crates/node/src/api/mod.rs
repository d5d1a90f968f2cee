//! The JSON API, and the listener that it shares with the pages.

pub(crate) mod attachments;
mod guarded;
mod problem;
pub mod query;
mod routes;
mod search;

use crate::auth::Attempts;
use crate::fault::Fault;
use crate::node::Node;
use crate::serve::Links;
use axum::Router;
use std::sync::Arc;
use tokio::net::TcpListener;

pub use problem::Problem;
pub(crate) use problem::{operation, status_of};

/// What every request handler may use.
#[derive(Clone)]
pub struct App {
    /// The node.
    pub node: Node,
    /// The connections to peers.
    pub links: Links,
    /// Wrong passwords so far.
    pub attempts: Arc<Attempts>,
    /// The numbers for `/metrics`.
    pub metrics: metrics_exporter_prometheus::PrometheusHandle,
}

impl App {
    /// The state of the handlers of one node.
    #[must_use]
    pub fn new(node: Node, links: Links) -> App {
        App { node, links, attempts: Arc::default(), metrics: crate::metrics::install() }
    }
}

/// Everything under one address: probes and API, and the pages.
pub fn router(app: App) -> Router {
    routes::router(app.clone()).merge(crate::web::site::router(app))
}

/// Serves pages and API until `stop` resolves.
///
/// # Errors
/// When the listener fails.
pub async fn serve(node: Node, links: Links, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<(), Fault> {
    let served = axum::serve(listener, router(App::new(node, links)));
    tokio::select! {
        result = served => result.map_err(Fault::file("the pages' listener failed")),
        () = stop => Ok(()),
    }
}
