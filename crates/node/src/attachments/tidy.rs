//! Brings the files of a node and what its store says of them together, when the node starts.

use crate::fault::{Fault, Trouble};
use crate::node::Node;
use crate::store::attachments;
use crate::store::db::Connection;
use tansiq_dossier::content::ContentHash;

/// Sweeps away files that no dossier needs and that are older than a day, and notes which files are gone.
///
/// # Errors
/// When the store or a folder fails.
pub async fn tidy(node: &Node) -> Result<(), Trouble> {
    let blobs = node.blobs.clone();
    let listed = tokio::task::spawn_blocking(move || blobs.stale()).await;
    let (stale, partial) = listed.unwrap_or(Err(Fault::Closing))?;
    for path in partial {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let hash: Option<ContentHash> = name.split('-').next().and_then(|hash| hash.parse().ok());
        let waits = |connection: &Connection| hash.map_or(Ok(false), |hash| attachments::is_wanted(connection, &hash));
        // The rest of a file that is waited for may come when its party is back.
        if !node.store.read_now(waits)? {
            std::fs::remove_file(&path).map_err(Fault::file(format!("cannot remove {}", path.display())))?;
        }
    }
    let blobs = node.blobs.clone();
    node.store
        .write(move |work| {
            // Within the transaction nobody else can come to need a file, or bring it.
            for hash in stale {
                if !attachments::is_needed(work.connection, &hash)? {
                    blobs.remove(&hash)?;
                    tracing::info!(file.hash = %hash.short(), "a file that no dossier needs was swept away");
                }
            }
            for hash in attachments::noted_here(work.connection)? {
                if !blobs.has(&hash) {
                    attachments::is_gone(work.connection, &hash)?;
                }
            }
            Ok(())
        })
        .await
}
