//! What may be done about a joint statement, and what each act asks for.

use crate::act::{Field, Shape};
use crate::acts;
use crate::content::ContentHash;
use crate::record::DossierId;
use crate::time::Moment;
use crate::words::{Tongue, Words};
use serde::{Deserialize, Serialize};

/// The statement in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// The language.
    pub tongue: Tongue,
    /// The text.
    pub text: String,
}

/// The longest text of a statement in one language, in characters.
const LONGEST: usize = 20_000;

const VERSION: &[Field] = &[
    Field { name: "tongue", required: true, shape: Shape::Tongue },
    Field { name: "text", required: true, shape: Shape::Paragraphs(LONGEST) },
];

acts! {
    /// Opens a joint statement with a first draft.
    Draft = "draft" by [Secretary, Releaser], opens {
        /// What it is called.
        required title: Words => Shape::Words(300);
        /// The text in each language that is there already.
        required texts: Vec<Version> => Shape::Rows(10, VERSION);
        /// On what occasion it is made.
        required occasion: Words => Shape::Words(1000);
        /// When the drafting side would have it released. It binds nobody.
        optional proposed_release: Moment => Shape::Moment;
        /// The meeting, or other dossier, that it is about.
        optional about: DossierId => Shape::Dossier;
    }

    /// Puts the text in one language, new or in place of the one that is there.
    PutText = "put-text" by [Secretary, Releaser] {
        /// The language.
        required tongue: Tongue => Shape::Tongue;
        /// The text.
        required text: String => Shape::Paragraphs(LONGEST);
    }

    /// Takes a language out of the statement.
    DropText = "drop-text" by [Secretary, Releaser] {
        /// The language.
        required tongue: Tongue => Shape::Tongue;
        /// Why.
        required reason: String => Shape::Paragraphs(2000);
    }

    /// Holds all texts fast. They are frozen once every party has said so over the same texts.
    Freeze = "freeze" by [Releaser], mutual {
        /// The hash of title and texts.
        required content: ContentHash => Shape::Content;
    }

    /// Opens frozen texts again, once every party has said so. All approvals are void then.
    Unfreeze = "unfreeze" by [Releaser], mutual {
        /// Why.
        required reason: String => Shape::Paragraphs(2000);
    }

    /// Approves the frozen text in one language.
    Approve = "approve" by [Releaser] {
        /// The language.
        required tongue: Tongue => Shape::Tongue;
        /// The hash of the text in this language.
        required content: ContentHash => Shape::Content;
    }

    /// Takes an approval back, while the statement is not released.
    WithdrawApproval = "withdraw-approval" by [Releaser] {
        /// The language.
        required tongue: Tongue => Shape::Tongue;
        /// Why.
        required reason: String => Shape::Paragraphs(2000);
    }

    /// Names the moment before which nobody publishes. It is agreed once every party has named the same.
    AgreeRelease = "agree-release" by [Releaser], mutual {
        /// The moment.
        required release_at: Moment => Shape::Moment;
        /// What is agreed on the embargo until then: who may be told, and how.
        optional embargo: String => Shape::Paragraphs(2000);
    }

    /// Says where the party has published the statement in a language.
    Publish = "publish" by [Releaser] {
        /// The language.
        required tongue: Tongue => Shape::Tongue;
        /// Where it can be read.
        required url: String => Shape::Text(1000);
        /// When it was published.
        required published_at: Moment => Shape::Moment;
    }

    /// Corrects a text that is published, once every party has said so. Both texts stay to be seen.
    Correct = "correct" by [Releaser], mutual {
        /// The language.
        required tongue: Tongue => Shape::Tongue;
        /// The hash of the text that is corrected.
        required content: ContentHash => Shape::Content;
        /// The corrected text.
        required text: String => Shape::Paragraphs(LONGEST);
        /// What is wrong in the text as published.
        required reason: String => Shape::Paragraphs(2000);
    }

    /// Gives the statement up before it is released, once every party has said so.
    Withdraw = "withdraw" by [Releaser], mutual {
        /// Why.
        required reason: String => Shape::Paragraphs(2000);
    }
}
