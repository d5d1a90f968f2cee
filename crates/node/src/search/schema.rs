//! The fields of the index. What a dossier says is kept as words only: no text can be read back from it but its name.

use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions};

/// The form of the index. Whoever changes what is indexed, or how, raises it; an index of another form is made anew.
pub(super) const VERSION: u32 = 2;

/// What hits are counted by, and can be narrowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Facet {
    /// The kind of dossier.
    Kind,
    /// The word of its state, as it was written last.
    State,
    /// A party that has it.
    Party,
    /// An institution that acted in it or is named in it.
    Institution,
    /// Its level.
    Label,
    /// A place that it names.
    Place,
    /// A year in which something was done in it.
    Year,
    /// A month in which something was done in it, `2026-05`.
    Month,
    /// Its channel.
    Channel,
}

impl Facet {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Facet; 9] = [
        Facet::Kind,
        Facet::State,
        Facet::Party,
        Facet::Institution,
        Facet::Label,
        Facet::Place,
        Facet::Year,
        Facet::Month,
        Facet::Channel,
    ];

    /// Its name in addresses, in answers, and before a colon in a question.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Facet::Kind => "kind",
            Facet::State => "state",
            Facet::Party => "party",
            Facet::Institution => "institution",
            Facet::Label => "label",
            Facet::Place => "place",
            Facet::Year => "year",
            Facet::Month => "month",
            Facet::Channel => "channel",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Facet> {
        Facet::ALL.into_iter().find(|facet| facet.name() == name)
    }
}

/// Where in a dossier a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Zone {
    /// Its title.
    Title,
    /// The names of parties, institutions, bodies and places.
    Names,
    /// What was said in it.
    Body,
}

impl Zone {
    /// All of them.
    pub const ALL: [Zone; 3] = [Zone::Title, Zone::Names, Zone::Body];

    /// How much a word found here weighs. Whole numbers, and the same whatever else is stored: a weight that followed from how
    /// often a word is used would tell of dossiers that its reader may not see.
    pub(super) const fn weight(self) -> f32 {
        match self {
            Zone::Title => 16.0,
            Zone::Names => 8.0,
            Zone::Body => 4.0,
        }
    }
}

/// The fields of the index.
#[derive(Clone)]
pub(super) struct Fields {
    pub(super) schema: Schema,
    /// Channel and dossier.
    pub(super) name: Field,
    /// Who may read it: what the decision rests on.
    pub(super) door: Field,
    /// What orders hits of one weight, and never depends on what else is stored.
    pub(super) tie: Field,
    /// When something was last done in it, as claimed, in seconds since 1970 UTC.
    pub(super) last: Field,
    /// Its reference number, and its identifier.
    pub(super) reference: Field,
    /// Words under the keys that they share with their spellings in the other script.
    pub(super) keys: Field,
    zones: [Field; 3],
    facets: [Field; 9],
}

/// How a text becomes words, by name.
pub(super) const STEMMED: &str = "stemmed";
pub(super) const NAMES: &str = "names";
pub(super) const KEYS: &str = "keys";
const RAW: &str = "raw";

/// The names of columns that are read by name.
pub(super) const DOOR: &str = "door";
pub(super) const TIE: &str = "tie";
pub(super) const LAST: &str = "last";

impl Fields {
    pub(super) fn new() -> Fields {
        let mut builder = Schema::builder();
        let words = |words: &str, record| {
            let indexing = TextFieldIndexing::default().set_tokenizer(words).set_fieldnorms(false).set_index_option(record);
            TextOptions::default().set_indexing_options(indexing)
        };
        let name = builder.add_text_field("name", STRING | STORED);
        let door = builder.add_text_field(DOOR, FAST);
        let tie = builder.add_u64_field(TIE, FAST);
        let last = builder.add_i64_field(LAST, FAST | INDEXED);
        let reference = builder.add_text_field("reference", words(RAW, IndexRecordOption::Basic));
        let keys = builder.add_text_field("keys", words(KEYS, IndexRecordOption::Basic));
        let placed = IndexRecordOption::WithFreqsAndPositions;
        let zones = [("title", STEMMED), ("names", NAMES), ("body", STEMMED)];
        let zones = zones.map(|(zone, made)| builder.add_text_field(zone, words(made, placed)));
        let facets = Facet::ALL.map(|facet| builder.add_text_field(facet.name(), STRING | FAST));
        Fields { schema: builder.build(), name, door, tie, last, reference, keys, zones, facets }
    }

    pub(super) fn zone(&self, zone: Zone) -> Field {
        self.zones[zone as usize]
    }

    pub(super) fn facet(&self, facet: Facet) -> Field {
        self.facets[facet as usize]
    }
}
