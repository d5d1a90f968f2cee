//! What the demo's press has reported: texts in a folder of the node, which the node reads as a feed.

use super::script::Names;
use crate::fault::Fault;
use crate::feeds::Feed;
use crate::node::Node;
use serde::Deserialize;
use std::collections::BTreeMap;
use tansiq_dossier::party::PartyId;

/// The folder of the feed, within the node's.
const FOLDER: &str = "press";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Report {
    /// Whose node reads it.
    node: PartyId,
    /// `@-58`, as in scripts.
    published: String,
    /// A name for the file.
    name: String,
    /// The text.
    text: String,
}

/// Lays the reports into the nodes' folders and names those as feeds.
///
/// # Errors
/// When something cannot be written.
pub(super) fn lay_out(nodes: &BTreeMap<PartyId, Node>, names: &Names) -> Result<(), Fault> {
    let reports: Vec<Report> =
        serde_json::from_str(include_str!("data/press.json")).map_err(|error| Fault::Setup(format!("press.json: {error}")))?;
    for report in reports {
        let Some(node) = nodes.get(&report.node) else { continue };
        let folder = node.folder.join(FOLDER);
        if !folder.exists() {
            crate::keys::make_private_folder(&folder)?;
            let mut config = (*node.config).clone();
            config.feeds = vec![Feed::new("صحافة تجريبية", FOLDER)];
            config.write(&node.folder)?;
        }
        let day = names.day(report.published.trim_start_matches('@'))?;
        let path = folder.join(format!("{day}-{}.txt", report.name));
        std::fs::write(&path, report.text).map_err(Fault::file(format!("cannot write {}", path.display())))?;
    }
    Ok(())
}
