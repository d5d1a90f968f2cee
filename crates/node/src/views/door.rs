//! What a decision about reading rests on, apart from the dossier: so that a search can decide every hit before it counts one.

use super::Looking;
use crate::access::{Authorized, Environment, Subject, ToRead};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tansiq_dossier::channel::ChannelClass;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::label::Label;
use tansiq_dossier::party::PartyId;

/// What stands before a dossier: its label, its parties, and what its channel is for. Many dossiers stand behind equal doors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Door {
    class: ChannelClass,
    /// Whether it is about returns of persons, which only who asks for them finds.
    returns: bool,
    label: Label,
    audience: BTreeSet<PartyId>,
}

impl Door {
    /// The door of a dossier. `class` is the class that decides over it, as [`crate::access::class_over`] tells it.
    #[must_use]
    pub fn new(class: ChannelClass, kind: Kind, label: &Label, audience: &BTreeSet<PartyId>) -> Door {
        // How long something is kept decides nothing about who reads it.
        let label = Label { class: label.class, caveats: label.caveats.clone(), ..Label::default() };
        Door { class, returns: class == ChannelClass::Return || kind == Kind::Return, label, audience: audience.clone() }
    }
}

impl Looking {
    /// Leave to find what stands behind a door. Returns of persons are found only by who may know of them and asks for them.
    #[must_use]
    pub fn may_find(&self, door: Door, asks_for_returns: bool) -> Option<Authorized<Door, ToRead>> {
        if door.returns && !asks_for_returns {
            return None;
        }
        let (label, audience, class) = (door.label.clone(), door.audience.clone(), door.class);
        let environment = Environment { audience: &audience, own: &self.own, class };
        Authorized::decide(door, Subject::Officer(&self.officer), &label, environment).ok()
    }
}
