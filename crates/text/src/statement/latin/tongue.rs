//! The lists of one language.

use super::Page;
use crate::gazetteer::Naming;
use crate::gazetteer::affixes::Affixes;
use crate::language::Language;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Endings that mark where something is, or where it goes to or comes from, in Turkish.
pub(super) const PLACE_ENDINGS: [&str; 14] =
    ["da", "de", "ta", "te", "dan", "den", "tan", "ten", "ya", "ye", "a", "e", "daki", "deki"];

/// A language of Latin script.
pub(super) struct Tongue {
    /// Words end in what English says by words before them: Turkish.
    pub(super) ends: bool,
    /// The state whose newsrooms write in it: what they name without a state is its own.
    pub(super) home: Option<&'static str>,
    pub(super) parties: Affixes<(&'static str, Naming)>,
    pub(super) institutions: Affixes<(&'static str, &'static str)>,
    /// What a ministry is of: "Interior", "Foreign Affairs".
    pub(super) sectors: Affixes<()>,
    pub(super) places: Affixes<(&'static str, &'static str)>,
    pub(super) acts: Affixes<&'static str>,
    pub(super) topics: Affixes<&'static str>,
    pub(super) instruments: Affixes<(&'static str, bool)>,
    pub(super) units: Affixes<&'static str>,
    /// The first word of the kind, and its number.
    pub(super) time: Affixes<(&'static str, i64)>,
    words: BTreeMap<&'static str, Affixes<()>>,
}

/// The files of a language.
struct Files {
    parties: &'static str,
    institutions: &'static str,
    places: &'static str,
    acts: &'static str,
    topics: &'static str,
    instruments: &'static str,
    units: &'static str,
    time: &'static str,
    words: &'static str,
}

macro_rules! files {
    ($folder:literal) => {
        Files {
            parties: include_str!(concat!("../../../data/", $folder, "/parties.tsv")),
            institutions: include_str!(concat!("../../../data/", $folder, "/institutions.tsv")),
            places: include_str!(concat!("../../../data/", $folder, "/places.tsv")),
            acts: include_str!(concat!("../../../data/", $folder, "/acts.tsv")),
            topics: include_str!(concat!("../../../data/", $folder, "/topics.tsv")),
            instruments: include_str!(concat!("../../../data/", $folder, "/instruments.tsv")),
            units: include_str!(concat!("../../../data/", $folder, "/units.tsv")),
            time: include_str!(concat!("../../../data/", $folder, "/time.tsv")),
            words: include_str!(concat!("../../../data/", $folder, "/words.tsv")),
        }
    };
}

static ENGLISH: LazyLock<Tongue> = LazyLock::new(|| Tongue::load(false, &files!("en")));
static TURKISH: LazyLock<Tongue> = LazyLock::new(|| Tongue::load(true, &files!("tr")));

/// The lists of a language; English for any that has none.
pub(super) fn of(language: Language) -> &'static Tongue {
    if language == Language::Turkish { &TURKISH } else { &ENGLISH }
}

fn cell(cells: &[&'static str], n: usize) -> &'static str {
    cells.get(n).copied().unwrap_or("")
}

impl Tongue {
    fn load(ends: bool, files: &Files) -> Self {
        let two = |c: &[&'static str]| (cell(c, 1), cell(c, 2));
        let mut words = BTreeMap::new();
        for line in files.words.lines().filter(|l| !l.starts_with('#')) {
            let kind = line.split('\t').next().unwrap_or("");
            words.insert(kind, Affixes::load(line, 1, |_| ()));
        }
        Self {
            ends,
            home: ends.then_some("TUR"),
            parties: Affixes::columns(
                files.parties,
                &[(1, Naming::Name), (2, Naming::Capital), (3, Naming::Nisba)],
                |c, naming| (cell(c, 0), naming),
            ),
            institutions: Affixes::load(files.institutions, 0, two),
            sectors: Affixes::behind(files.institutions, &["Ministry of the ", "Ministry of "]),
            places: Affixes::load(files.places, 0, two),
            acts: Affixes::load(files.acts, 1, |c| cell(c, 0)),
            topics: Affixes::load(files.topics, 1, |c| cell(c, 0)),
            instruments: Affixes::load(files.instruments, 0, |c| (cell(c, 1), cell(c, 2) == "yes")),
            units: Affixes::load(files.units, 1, |c| cell(c, 0)),
            time: Affixes::load(files.time, 1, |c| {
                let (kind, number) = cell(c, 0).split_once(' ').unwrap_or(("", ""));
                let number = match number {
                    "month" => 1,
                    "year" => 2,
                    n => n.parse().unwrap_or(0),
                };
                (kind, number)
            }),
            words,
        }
    }

    /// A word or phrase of this kind begins at token `i`.
    pub(super) fn is(&self, kind: &str, page: &Page<'_>, i: usize) -> bool {
        self.end(kind, page, i).is_some()
    }

    /// The token behind the phrase of this kind that begins at token `i`.
    pub(super) fn end(&self, kind: &str, page: &Page<'_>, i: usize) -> Option<usize> {
        self.words.get(kind)?.at(&page.folded.tokens, i).map(|m| m.to)
    }

    /// The number of a word of time of this kind at token `i`, and the token behind it.
    pub(super) fn time(&self, kind: &str, page: &Page<'_>, i: usize) -> Option<(i64, usize)> {
        self.time.at(&page.folded.tokens, i).filter(|m| m.row.0 == kind).map(|m| (m.row.1, m.to))
    }
}
