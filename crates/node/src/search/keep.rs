//! Keeps the index where the store is, for as long as a node serves.

use super::{Progress, Standing};
use crate::fault::Fault;
use crate::node::Node;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// How long changes are gathered before they are indexed. A search does not wait for it: it follows by itself.
const GATHER: Duration = Duration::from_secs(1);

/// How often it is looked for what nobody told of.
const LOOK: Duration = Duration::from_secs(2);

/// How long to wait after a failure.
const AGAIN: Duration = Duration::from_secs(60);

/// How often the log tells how far a making is.
const TELL: Duration = Duration::from_secs(10);

/// Follows the store, and makes the index anew where it has to be made.
pub async fn keep_up(node: Node) {
    let mut changes = node.store.watch();
    loop {
        let (index, store) = (node.index.clone(), node.store.clone());
        let done = tokio::task::spawn_blocking(move || {
            let (mut told, mut last) = (Instant::now(), None);
            let standing = index.keep_up(&store, |Progress { done, total }| {
                if told.elapsed() >= TELL {
                    (told, last) = (Instant::now(), Some(total));
                    tracing::info!(index.done = done, index.total = total, "making the search index");
                }
            });
            if let Some(total) = last {
                tracing::info!(index.dossiers = total, "the search index is made");
            }
            standing
        });
        match done.await.unwrap_or(Err(Fault::Closing)) {
            Ok(Standing::Ready | Standing::Busy | Standing::Absent) => {}
            Err(fault) => {
                tracing::error!(%fault, "the search index cannot follow; it is tried again");
                sleep(AGAIN).await;
            }
        }
        if let Ok(Err(tokio::sync::broadcast::error::RecvError::Closed)) = timeout(LOOK, changes.recv()).await {
            return;
        }
        sleep(GATHER).await;
        while !matches!(
            changes.try_recv(),
            Err(tokio::sync::broadcast::error::TryRecvError::Empty | tokio::sync::broadcast::error::TryRecvError::Closed)
        ) {}
    }
}
