//! The demo: four states' nodes on this machine with an invented year of work, and the check that the main job holds.

pub mod check;
pub mod children;
pub mod client;
pub mod house;
pub mod load;
pub mod play;
mod press;
pub mod script;
pub mod stage;
pub mod verdict;

use crate::language::{Lang, find_word};

/// Tells whoever watches.
pub(crate) fn say(line: &str) {
    use std::io::Write;
    // Whoever watched may have gone; the work goes on.
    let _nobody = writeln!(std::io::stdout(), "  {line}");
}

/// The sentence of a refusal in Arabic, where the language files have it.
fn sentence(code: &str) -> String {
    find_word(Lang::Ar, &format!("refusal-{code}"), &[]).map(|words| format!("  {words}")).unwrap_or_default()
}
