//! The charter's own dossier: every party adopts the same charter, and the channel is open.

use crate::acts;
use crate::act::{ActSpec, Shape};
use crate::channel;
use crate::content::ContentHash;
use crate::fold::Context;
use crate::kinds::Rules;
use crate::mutual::Mutual;
use crate::party::PartyId;
use crate::refusal::{Common, Refusal};
use crate::sheet::{Datum, Fact, Matter, Offer, Sheet, Tone, View};
use crate::words::Words;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

acts! {
    /// Adopts the charter, as the first record of the party's log.
    Adopt = "adopt" by [Secretary, CoChair, TreatyOfficer, Administrator], opens, mutual {
        /// The hash of the charter.
        required charter: ContentHash => Shape::Content;
    }
}

/// Who has adopted the charter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charter {
    name: Words,
    adopted: Mutual<ContentHash>,
}

impl Charter {
    /// Whether every party has adopted it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.adopted.settled().is_some()
    }
}

impl Rules for Charter {
    type Act = Act;
    const SPECS: &'static [ActSpec] = SPECS;
    const STATES: &'static [&'static str] = &["awaiting-adoption", "open"];
    const CODES: &'static [&'static str] = &[];

    fn decode(act: &str, body: &Value) -> Option<Result<Act, Refusal>> {
        Act::decode(act, body)
    }

    fn open(context: &Context<'_>, charter: &channel::Charter, act: Act) -> Result<Self, Refusal> {
        let mut state = Charter { name: charter.name.clone(), adopted: Mutual::default() };
        state.step(context, charter, act)?;
        Ok(state)
    }

    fn step(&mut self, context: &Context<'_>, charter: &channel::Charter, act: Act) -> Result<(), Refusal> {
        let Act::Adopt(adopt) = act;
        if adopt.charter != ContentHash::of(charter) {
            return Err(Common::OtherCharter.into());
        }
        self.adopted.assent(context, adopt.charter).map(|_| ())
    }

    fn sheet(&self, view: &View<'_>) -> Sheet {
        let open = self.is_open();
        Sheet {
            title: self.name.clone(),
            state: if open { "open" } else { "awaiting-adoption" }.to_owned(),
            tone: if open { Tone::Running } else { Tone::Waiting },
            facts: vec![Fact::new("parties", Datum::List(view.audience.iter().cloned().map(Datum::Party).collect()))],
            positions: vec![Matter::of("charter", &self.adopted, |hash| Datum::Content(*hash))],
            awaiting: crate::sheet::awaiting(&self.adopted, "adopt", view.audience),
            ..Sheet::default()
        }
    }

    fn offers(&self, _view: &View<'_>, party: &PartyId) -> Vec<Offer> {
        match self.adopted.offered_to(party) {
            Some(assent) => vec![Offer { act: "adopt", prefill: json!({ "charter": assent.content }) }],
            None => Vec::new(),
        }
    }
}
