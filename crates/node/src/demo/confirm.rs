//! What the secretary confirms of a statement's reading, until a reader's drafts are there.

use serde_json::{Value, json};
use tansiq_dossier::channel::Charter;
use tansiq_text::statement::Proposal;

pub(super) fn draft_of(proposal: &Proposal, charter: &Charter) -> Option<(String, String, Value)> {
    let _ = charter;
    let title = json!({ "ar": proposal.title });
    match proposal.kind.as_str() {
        "agreement" => Some(("agreement".into(), "draft".into(), json!({"title": title, "instrument": "agreement", "entry": "on-signature"}))),
        "meeting" => Some(("meeting".into(), "propose".into(), json!({"title": title, "body": "jpsc"}))),
        _ => None,
    }
}
