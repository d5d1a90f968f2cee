//! Plays scripts on nodes, through whatever door the player has.

use super::script::{Names, Start, Step, bodies};
use crate::fault::Fault;
use serde_json::{Map, Value, json};
use tansiq_dossier::party::OfficerId;

/// What became of a submitted act.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It is a record.
    Done {
        /// The dossier.
        dossier: String,
        /// The record.
        record: String,
    },
    /// A rule said no.
    Refused(String),
}

/// A door into the nodes.
pub trait Door {
    /// Sees to it that the officer's node has everything that the other nodes did before.
    fn settle(&mut self, officer: &OfficerId, channel: &str) -> impl Future<Output = Result<(), Fault>>;
    /// A dossier as the officer sees it.
    fn show(&mut self, officer: &OfficerId, channel: &str, dossier: &str) -> impl Future<Output = Result<Value, Fault>>;
    /// Submits a draft.
    fn submit(&mut self, officer: &OfficerId, channel: &str, draft: Value) -> impl Future<Output = Result<Outcome, Fault>>;
}

/// Plays one step, and checks what it says of its outcome. Returns the code when it was refused as expected.
///
/// # Errors
/// When anything happens that the step does not say.
pub async fn play(door: &mut impl Door, channel: &str, step: &Step, names: &mut Names) -> Result<Option<String>, Fault> {
    let deed = &step.deed;
    let told = format!("{} {} {} by {}", deed.kind, deed.dossier, deed.act, step.by);
    let wrong = |what: &str| Fault::Setup(format!("{told}: {what}"));
    door.settle(&step.by, channel).await?;
    let dossier = names.get(&deed.dossier).map(str::to_owned);
    let fields = names.fill(&Value::Object(step.with.clone()))?;
    let fields: Map<String, Value> = fields.as_object().cloned().unwrap_or_default();
    let offers = match (&dossier, deed.start) {
        (Some(dossier), Start::Offered | Start::Every) => {
            let shown = door.show(&step.by, channel, dossier).await?;
            shown.get("offers").and_then(Value::as_array).cloned().unwrap_or_default()
        }
        _ => Vec::new(),
    };
    let mut refusal = None;
    for body in bodies(deed, &fields, &offers).map_err(|fault| wrong(&fault.to_string()))? {
        let mut draft = json!({ "kind": deed.kind, "act": deed.act, "body": body });
        if !step.sealed.is_empty() {
            draft["sealed"] = names.fill(&Value::Object(step.sealed.clone()))?;
        }
        if let Some(dossier) = &dossier {
            draft["dossier"] = json!(dossier);
        } else if let Some(to) = &step.to {
            draft["audience"] = json!(to);
        }
        match (door.submit(&step.by, channel, draft).await?, &step.refused) {
            (Outcome::Done { dossier, record }, None) => {
                names.set(&deed.dossier, dossier);
                deed.name.iter().for_each(|name| names.set(name, record.clone()));
            }
            (Outcome::Refused(code), Some(expected)) if code == *expected => refusal = Some(code),
            (Outcome::Refused(code), _) => return Err(wrong(&format!("refused with {code}"))),
            (Outcome::Done { .. }, Some(code)) => return Err(wrong(&format!("was not refused with {code}"))),
        }
    }
    if let (Some(expected), Some(dossier)) = (&step.state, names.get(&deed.dossier)) {
        let shown = door.show(&step.by, channel, dossier).await?;
        let state = shown.get("state").and_then(Value::as_str).unwrap_or_default();
        if state != expected {
            return Err(wrong(&format!("the dossier is `{state}` and not `{expected}`")));
        }
    }
    Ok(refusal)
}
