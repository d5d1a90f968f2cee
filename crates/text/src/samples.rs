//! Statements of our own for demonstrations, where no real ones are at hand.

/// The Iraqi side's note on a meeting of a joint Iraqi–Turkish security committee. The wording and the person are invented.
pub const COMMITTEE_MEETING: &str = include_str!("../samples/committee-meeting.txt");
