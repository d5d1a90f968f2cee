//! Stands in for the kind until its rules are written.

use crate::act::{ActSpec, Shape, title_of};
use crate::acts;
use crate::channel::Charter;
use crate::fold::Context;
use crate::kinds::Rules;
use crate::party::PartyId;
use crate::refusal::{Common, Refusal};
use crate::sheet::{Offer, Sheet, View};
use serde::{Deserialize, Serialize};
use serde_json::Value;

acts! {
    /// Opens it.
    Open = "open" by [Secretary], opens {
        /// Title.
        required title: String => Shape::Text(300);
    }
}

/// Its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Programme {
    title: String,
}

impl Rules for Programme {
    type Act = Act;
    const SPECS: &'static [ActSpec] = SPECS;
    const STATES: &'static [&'static str] = &["open"];
    const CODES: &'static [&'static str] = &[];

    fn decode(act: &str, body: &Value) -> Option<Result<Act, Refusal>> {
        Act::decode(act, body)
    }

    fn open(_context: &Context<'_>, _charter: &Charter, act: Act) -> Result<Self, Refusal> {
        let Act::Open(open) = act;
        Ok(Programme { title: open.title })
    }

    fn step(&mut self, _context: &Context<'_>, _charter: &Charter, _act: Act) -> Result<(), Refusal> {
        Err(Common::AlreadyOpen.into())
    }

    fn sheet(&self, _view: &View<'_>) -> Sheet {
        Sheet { title: title_of(&self.title), state: "open".to_owned(), ..Sheet::default() }
    }

    fn offers(&self, _view: &View<'_>, _party: &PartyId) -> Vec<Offer> {
        Vec::new()
    }
}
