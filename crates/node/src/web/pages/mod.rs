//! One struct and one template per page. A handler fills the struct with what was decided, and renders it.
mod attachments;
mod channels;
mod confirm;
mod dossier;
mod dossiers;
mod open;
mod problem;
mod search;
mod sign_in;
mod statement;
mod today;

pub use attachments::{Attach, AttachedFile, Attachments};
pub use channels::{Channel, Channels, Log};
pub use confirm::Confirm;
pub use dossier::{Act, Clause, Dossier, Event, Matter, Part, Position, Section, Standing, Witness};
pub use dossiers::{Choices, Dossiers, Opening, Paging, Pill};
pub use open::Open;
pub use problem::{Problem, ProblemKind};
pub use search::{FacetGroup, FacetLink, SearchHit, SearchPage};
pub use sign_in::SignIn;
pub use statement::{Alike, Proposal, Queue, Segment, Statement, StatementForm, Waiting};
pub use today::{Today, TodaySection};

/// Every template and every source of the pages, for the checks that words and icons exist.
#[cfg(test)]
pub(crate) fn sources() -> Vec<(String, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["templates", "templates/part", "src/web", "src/web/pages", "src/web/site"] {
        for entry in std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten() {
            if let Ok(text) = std::fs::read_to_string(entry.path()) {
                found.push((entry.path().display().to_string(), text));
            }
        }
    }
    found
}
