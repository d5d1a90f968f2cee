use crate::web::{
    frame::Frame,
    parts::{Chip, Empty, Text},
};
use askama::Template;

/// The channels of this node, and how far each log is proved.
#[derive(Template)]
#[template(path = "channels.html")]
pub struct Channels {
    /// The frame.
    pub frame: Frame,
    /// The channels.
    pub channels: Vec<Channel>,
    /// Shown when there are none.
    pub empty: Empty,
}

/// A channel.
pub struct Channel {
    /// Its name.
    pub name: Text,
    /// Its id.
    pub id: String,
    /// Whether it is open.
    pub state: Chip,
    /// What it is for, and of which parties, in words.
    pub about: String,
    /// That its logs are served to outside monitors, in words; empty when they are not.
    pub published: String,
    /// One log per party.
    pub logs: Vec<Log>,
}

/// One party's log.
pub struct Log {
    /// The party.
    pub party: Text,
    /// Whether it is this node's own.
    pub own: bool,
    /// How many records, formatted.
    pub size: String,
    /// The first signs of its root.
    pub root: String,
    /// Who cosigned it, and when.
    pub witnesses: Vec<(Text, String)>,
    /// How many records are not yet cosigned, as words; empty for none.
    pub behind: String,
    /// That it was proved to have two histories, in words; empty when it was not.
    pub fork: String,
    /// Whether the party's node is reached.
    pub reach: Chip,
}
