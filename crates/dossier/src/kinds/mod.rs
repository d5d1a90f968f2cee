//! The kinds of dossier: what states do together, one folder each.
//!
//! A kind is its acts, its state, its refusals and its rules. Kinds never import each other: an act cites the records and
//! dossiers that it rests on, and views join them. To add one, write its folder and its line in the list below; the words
//! for it stand in the node's language files.

use crate::act::ActSpec;
use crate::body::ActBody;
use crate::channel::{ChannelClass, Charter};
use crate::custody::{self, Attach, Disclose, Sealing};
use crate::fold::Context;
use crate::party::PartyId;
use crate::record::RecordId;
use crate::refusal::Refusal;
use crate::sheet::{Offer, Sheet, View};
use crate::time::Date;
use serde::{Deserialize, Serialize};

/// The rules of one kind.
pub trait Rules: Sized {
    /// Its acts.
    type Act;
    /// What each act asks for.
    const SPECS: &'static [ActSpec];
    /// The states in which a dossier of it can be, as its sheet names them, in the order of its life.
    const STATES: &'static [&'static str];
    /// Its refusal codes.
    const CODES: &'static [&'static str];

    /// Checks and decodes an act; `None` when the kind has no such act.
    fn decode(act: &str, body: &ActBody) -> Option<Result<Self::Act, Refusal>>;

    /// The state that an opening act makes.
    ///
    /// # Errors
    /// The rule that the act breaks.
    fn open(context: &Context<'_>, charter: &Charter, act: Self::Act) -> Result<Self, Refusal>;

    /// Carries out an act. When it refuses, nothing has changed.
    ///
    /// # Errors
    /// The rule that the act breaks.
    fn step(&mut self, context: &Context<'_>, charter: &Charter, act: Self::Act) -> Result<(), Refusal>;

    /// What the dossier shows.
    fn sheet(&self, view: &View<'_>) -> Sheet;

    /// The acts that a party's officers may do now, whatever their roles.
    fn offers(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer>;

    /// Whether these sealed fields may now go to that office. Nothing leaves its node unless the kind says that it may.
    fn may_disclose(&self, _context: &Context<'_>, _sealing: &Sealing, _act: &Disclose) -> bool {
        false
    }

    /// Whether this file may travel with the dossier, to every party that has it.
    fn may_attach(&self, _act: &Attach) -> bool {
        true
    }

    /// The last day on which the party that sealed these fields may keep them, where the kind sets one.
    fn kept_until(&self, _record: RecordId, _sealing: &Sealing) -> Option<Date> {
        None
    }
}

macro_rules! kinds {
    ($($variant:ident $module:ident $name:literal $($letter:literal)?)+) => {
        $( pub mod $module; )+

        /// A kind of dossier.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Kind { $( #[doc = concat!("See [`", stringify!($module), "`].")] $variant ),+ }

        /// The state of a dossier of any kind.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum State { $( #[doc = concat!("See [`", stringify!($module), "`].")] $variant(Box<$module::$variant>) ),+ }

        impl Kind {
            /// Every kind, in the order in which people meet them.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant),+];

            /// The kind's name in records: `meeting`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $( Kind::$variant => $name ),+ }
            }

            /// The letter by which its reference numbers tell it: `M`. None for a kind that people never quote.
            #[must_use]
            pub const fn letter(self) -> Option<&'static str> {
                match self { $( Kind::$variant => letter!($($letter)?) ),+ }
            }

            /// What each of its acts asks for.
            #[must_use]
            pub fn acts(self) -> &'static [ActSpec] {
                match self { $( Kind::$variant => <$module::$variant as Rules>::SPECS ),+ }
            }

            /// The states in which a dossier of it can be, in the order of its life.
            #[must_use]
            pub fn states(self) -> &'static [&'static str] {
                match self { $( Kind::$variant => <$module::$variant as Rules>::STATES ),+ }
            }

            /// Its refusal codes.
            #[must_use]
            pub fn refusals(self) -> &'static [&'static str] {
                match self { $( Kind::$variant => <$module::$variant as Rules>::CODES ),+ }
            }
        }

        impl Kind {
            /// Checks the body of an act as the rules read it, before they are asked: for a form, or for a record at rest.
            ///
            /// # Errors
            /// A `FRM` code with every problem named, or `FRM05` when the kind has no such act.
            pub fn check(self, act: &str, body: &ActBody) -> Result<(), Refusal> {
                if let Some(decoded) = self.custody(act).and_then(|_| custody::decode(act, body)) {
                    return decoded.map(|_| ());
                }
                match self { $( Kind::$variant => decoded::<$module::$variant>(act, body).map(|_| ()) ),+ }
            }
        }

        impl State {
            pub(crate) fn open(kind: Kind, context: &Context<'_>, charter: &Charter, act: &str, body: &ActBody) -> Result<State, Refusal> {
                match kind { $( Kind::$variant => {
                    let act = decoded::<$module::$variant>(act, body)?;
                    <$module::$variant as Rules>::open(context, charter, act).map(|state| State::$variant(Box::new(state)))
                } )+ }
            }

            pub(crate) fn step(&mut self, context: &Context<'_>, charter: &Charter, act: &str, body: &ActBody) -> Result<(), Refusal> {
                match self { $( State::$variant(state) => {
                    let act = decoded::<$module::$variant>(act, body)?;
                    state.step(context, charter, act)
                } )+ }
            }

            pub(crate) fn sheet(&self, view: &View<'_>) -> Sheet {
                match self { $( State::$variant(state) => state.sheet(view) ),+ }
            }

            pub(crate) fn may_disclose(&self, context: &Context<'_>, sealing: &Sealing, act: &Disclose) -> bool {
                match self { $( State::$variant(state) => state.may_disclose(context, sealing, act) ),+ }
            }

            pub(crate) fn may_attach(&self, act: &Attach) -> bool {
                match self { $( State::$variant(state) => state.may_attach(act) ),+ }
            }

            pub(crate) fn kept_until(&self, record: RecordId, sealing: &Sealing) -> Option<Date> {
                match self { $( State::$variant(state) => state.kept_until(record, sealing) ),+ }
            }

            pub(crate) fn offers(&self, view: &View<'_>, party: &PartyId) -> Vec<Offer> {
                match self { $( State::$variant(state) => state.offers(view, party) ),+ }
            }
        }
    };
}

macro_rules! letter {
    () => {
        None
    };
    ($letter:literal) => {
        Some($letter)
    };
}

// The one list of kinds: its type, its folder, its name in records, and the letter of its reference numbers.
kinds! {
    Charter charter "charter"
    Agreement agreement "agreement" "A"
    Commitment commitment "commitment" "C"
    Meeting meeting "meeting" "M"
    Action action "action" "F"
    Note note "note" "N"
    Report report "report" "R"
    Crossing crossing "crossing" "X"
    Return r#return "return" "H"
    Programme programme "programme" "P"
    Assessment assessment "assessment" "E"
    Consular consular "consular" "K"
    Statement statement "statement" "S"
    Probe probe "probe"
}

fn decoded<R: Rules>(act: &str, body: &ActBody) -> Result<R::Act, Refusal> {
    R::decode(act, body).unwrap_or_else(|| Err(crate::refusal::Form::NotAChoice.into()))
}

impl Kind {
    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// What an act of this kind asks for.
    #[must_use]
    pub fn act(self, name: &str) -> Option<&'static ActSpec> {
        self.acts().iter().find(|spec| spec.name == name).or_else(|| self.custody(name))
    }

    /// What an act of custody asks for, which is the same in every kind that people work with.
    #[must_use]
    pub fn custody(self, name: &str) -> Option<&'static ActSpec> {
        self.letter().and_then(|_| custody::act(name))
    }

    /// Whether the kind may be kept in a channel of this class.
    #[must_use]
    pub fn fits(self, class: ChannelClass) -> bool {
        crate::fold::fits(self, class)
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
