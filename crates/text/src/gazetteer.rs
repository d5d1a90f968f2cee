//! The lists a linguist keeps in `data/*.tsv`: parties, institutions, places, offices, verbs, topics, units, months.
//!
//! Each file begins with lines that explain its columns (`#`). Words are written as in print and folded when loaded; forms
//! of one entry stand in one cell with `|` between them.

pub(crate) mod affixes;
pub(crate) mod boilerplate;
pub(crate) mod groups;
pub(crate) mod phrases;
mod words;

use crate::normalise::{fold_for_search, without_article};
pub(crate) use groups::Group;
use phrases::{Mode, Phrases};
use std::sync::LazyLock;
use words::Words;

/// How a text names a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// Its name ("العراق").
    Name,
    /// Its capital ("بغداد"), which may also be only a place.
    Capital,
    /// The adjective ("عراقي").
    Nisba,
}

/// A state or organisation of `parties.tsv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// ISO 3166-1 alpha-3, or the scheme's code of an organisation.
    pub code: &'static str,
    /// Its usual Arabic name.
    pub name: &'static str,
    /// Its capital, where the name of it is also used for the government.
    pub capital: Option<&'static str>,
}

/// All parties the reader knows, in the order of the file.
#[must_use]
pub fn parties() -> &'static [Party] {
    &LEXICON.parties
}

/// The Arabic name of a party.
#[must_use]
pub fn party_name(code: &str) -> Option<&'static str> {
    parties().iter().find(|p| p.code == code).map(|p| p.name)
}

/// A place of `places.tsv`, for lists and maps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Its usual name.
    pub name: &'static str,
    /// The other ways its name is written, with `|` between them.
    pub variants: &'static str,
    /// `governorate`, `city`, `camp`, `base`, `crossing`, `river` or `region`.
    pub kind: &'static str,
    /// The state it lies in, by its code; `-` where it does not matter.
    pub country: &'static str,
    /// Latitude and longitude in degrees (WGS 84), where the source of the list gives them.
    pub at: Option<(f64, f64)>,
    /// Where the coordinates come from: `geonames` (CC BY 4.0) or `iso3166-2` (MIT); empty without coordinates.
    pub source: &'static str,
}

/// All places the reader knows, in the order of the file.
#[must_use]
pub fn places() -> Vec<Place> {
    rows(include_str!("../data/places.tsv")).map(|c| place(&c)).collect()
}

fn place(c: &Cells) -> Place {
    let (name, variants) = cell(c, 0).split_once('|').unwrap_or((cell(c, 0), ""));
    let at = cell(c, 4).split_once(',').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    Place { name, variants, kind: cell(c, 1), country: cell(c, 2), at, source: cell(c, 5) }
}

/// A body of `institutions.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Institution {
    /// Its usual name.
    pub name: &'static str,
    /// The other ways its name is written, with `|` between them.
    pub variants: &'static str,
    /// The party it belongs to; `-` where several states have one of this name, empty where it belongs to none.
    pub party: &'static str,
    /// Its sector, as in the reading scheme.
    pub sector: &'static str,
}

/// All bodies with a name of their own that the reader knows, in the order of the file.
#[must_use]
pub fn institutions() -> Vec<Institution> {
    let row = |c: Cells| {
        let (name, variants) = cell(&c, 0).split_once('|').unwrap_or((cell(&c, 0), ""));
        Institution { name, variants, party: cell(&c, 1), sector: cell(&c, 2) }
    };
    rows(include_str!("../data/institutions.tsv")).map(row).collect()
}

/// One list with its rows.
#[derive(Debug)]
pub(crate) struct List<T> {
    pub(crate) phrases: Phrases,
    pub(crate) rows: Vec<T>,
}

impl<T> List<T> {
    /// The row a match points to.
    pub(crate) fn row(&self, hit: phrases::Hit) -> Option<&T> {
        self.rows.get(hit.value)
    }
}

/// A set of folded single words.
#[derive(Debug, Default)]
pub(crate) struct WordSet(Words);

impl WordSet {
    /// The word itself is in the set.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.0.id(word).is_some()
    }

    /// The word, or what is left of it without one or two clitics or its article, is in the set.
    pub(crate) fn has_reading(&self, word: &str) -> bool {
        let mut found = false;
        if word.len() <= 64 {
            crate::normalise::each_reading(word, |r, _, _| found = found || self.has(r) || self.has(without_article(r)));
        }
        found
    }
}

/// A place of `places.tsv`.
#[derive(Debug)]
pub(crate) struct PlaceRow {
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    /// The state it lies in; `-` when it does not matter.
    pub(crate) country: &'static str,
    /// Also a common word, or somebody's name.
    pub(crate) weak: bool,
}

/// A unit of `units.tsv`; `dual` when the form means two by itself.
#[derive(Debug)]
pub(crate) struct UnitRow {
    pub(crate) unit: &'static str,
    pub(crate) dual: bool,
}

/// A row of `frames.tsv`.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) kind: &'static str,
    pub(crate) verbs: Phrases,
    pub(crate) objects: Phrases,
    /// What must not stand between them or right behind the object.
    pub(crate) unless: Vec<u32>,
}

/// Every list, loaded once.
#[derive(Debug)]
pub(crate) struct Lexicon {
    pub(crate) words: Words,
    pub(crate) parties: Vec<Party>,
    /// The states whose capital has the same name.
    pub(crate) city_states: Vec<&'static str>,
    pub(crate) mentions: List<(&'static str, Naming)>,
    pub(crate) institutions: List<(&'static str, &'static str)>,
    pub(crate) sectors: List<&'static str>,
    /// The form for one body, and what follows the head.
    pub(crate) institution_heads: List<(&'static str, &'static str)>,
    pub(crate) places: List<PlaceRow>,
    /// The kind, and what becomes of the head: `keep`, `drop`, or `list` where several names follow.
    pub(crate) place_heads: List<(&'static str, &'static str)>,
    pub(crate) offices: List<&'static str>,
    pub(crate) office_parties: List<&'static str>,
    /// The state whose newsroom a text is taken to come from when every state it names is another's.
    pub(crate) newsroom: Option<&'static str>,
    pub(crate) office_words: WordSet,
    pub(crate) titles: List<&'static str>,
    pub(crate) name_words: List<&'static str>,
    pub(crate) given: WordSet,
    pub(crate) stops: WordSet,
    /// Every form of the verbs of `verbs.tsv`.
    pub(crate) verbs: WordSet,
    pub(crate) name_stops: WordSet,
    pub(crate) topics: Vec<(Phrases, &'static str, usize)>,
    pub(crate) bodies: List<&'static str>,
    pub(crate) body_words: List<&'static str>,
    pub(crate) instruments: List<(&'static str, &'static str)>,
    pub(crate) instrument_words: List<&'static str>,
    /// The kind of act, and the first words of what must not stand near.
    pub(crate) acts: List<(&'static str, Vec<u32>)>,
    /// Kinds of act told by a verb and what it is done to.
    pub(crate) frames: Vec<Frame>,
    pub(crate) undertakings: List<&'static str>,
    pub(crate) future: List<&'static str>,
    pub(crate) months: List<(bool, u8)>,
    pub(crate) numerals: List<(&'static str, u64)>,
    pub(crate) units: List<UnitRow>,
    pub(crate) measures: List<(u64, &'static str)>,
    pub(crate) sessions: List<()>,
    /// News agencies, with the state that they leave out.
    pub(crate) agencies: List<&'static str>,
    /// Words that change how what stands near them is to be taken, a list for each cue: a word may give several.
    pub(crate) cues: Vec<(Cue, Phrases)>,
    pub(crate) boilerplate: boilerplate::Boilerplate,
}

pub(crate) static LEXICON: LazyLock<Lexicon> = LazyLock::new(load);

/// The lexicon.
pub(crate) fn lexicon() -> &'static Lexicon {
    &LEXICON
}

/// A state, not an organisation of states or a region.
pub(crate) fn is_state(code: &str) -> bool {
    code.len() == 3 && !matches!(code, "GCC" | "LAS" | "KRG" | "SDF")
}

type Cells = Vec<&'static str>;

pub(crate) fn rows(data: &'static str) -> impl Iterator<Item = Cells> {
    data.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()).map(|l| l.split('\t').map(str::trim).collect())
}

fn cell(cells: &Cells, n: usize) -> &'static str {
    cells.get(n).copied().unwrap_or("")
}

fn list<T>(words: &mut Words, mode: Mode, data: &'static str, forms: usize, make: impl Fn(&Cells) -> T) -> List<T> {
    let mut phrases = Phrases::new(words, mode);
    let mut out = Vec::new();
    for cells in rows(data) {
        phrases.add(words, cell(&cells, forms), out.len());
        out.push(make(&cells));
    }
    List { phrases, rows: out }
}

fn set(data: &'static str) -> WordSet {
    let mut words = Words::default();
    for form in rows(data).flat_map(|c| cell(&c, 0).split('|')) {
        words.intern(&fold_for_search(form));
    }
    WordSet(words)
}

fn load_verbs() -> WordSet {
    let mut words = WordSet::default();
    for c in rows(include_str!("../data/verbs.tsv")) {
        for form in verb_forms(&fold_for_search(cell(&c, 0)), &fold_for_search(cell(&c, 1))) {
            words.0.intern(&form);
        }
    }
    words
}

/// The third person of a verb in past, present and future: "التقى" gives التقت, التقيا, التقوا, يلتقي, تلتقيان, ستلتقي …
fn verb_forms(past: &str, present: &str) -> Vec<String> {
    // A last long vowel goes before most endings.
    let stem = past.strip_suffix(['ي', 'ا']).unwrap_or(past);
    let mut out = vec![past.to_owned(), format!("{past}ا")];
    out.extend(["ت", "تا", "وا", "ته", "تها"].iter().map(|ending| format!("{stem}{ending}")));
    let body = present.strip_prefix('ي').unwrap_or(present);
    let open = body.strip_suffix(['ي', 'ا', 'و']).unwrap_or(body);
    for person in ["ي", "ت", "سي", "ست"] {
        out.extend(["", "ان", "ا"].iter().map(|ending| format!("{person}{body}{ending}")));
        out.extend(["ون", "وا"].iter().map(|ending| format!("{person}{open}{ending}")));
    }
    out
}

/// Verbs after the future "س", and the same after "سوف".
fn load_future(words: &mut Words) -> List<&'static str> {
    let (mut phrases, mut out) = (Phrases::new(words, Mode::Printed), Vec::new());
    for c in rows(include_str!("../data/future_verbs.tsv")) {
        let forms = cell(&c, 0);
        phrases.add(words, forms, out.len());
        let apart: Vec<String> = forms.split('|').filter_map(|f| f.strip_prefix('س')).map(|f| format!("سوف {f}")).collect();
        phrases.add(words, &apart.join("|"), out.len());
        out.push(cell(&c, 1));
    }
    List { phrases, rows: out }
}

/// The forms of an adjective of nationality, without and with the article.
fn nisba_forms(stem: &str) -> String {
    let stem = fold_for_search(stem);
    let forms: Vec<String> = ["", "ه", "ين", "ون", "ان", "تين", "تان", "ا", "ات"].iter().map(|e| format!("{stem}{e}")).collect();
    forms.iter().flat_map(|f| [f.clone(), format!("ال{f}")]).collect::<Vec<_>>().join("|")
}

fn load_parties(words: &mut Words) -> (Vec<Party>, List<(&'static str, Naming)>) {
    let (mut parties, mut out, mut phrases) = (Vec::new(), Vec::new(), Phrases::new(words, Mode::Printed));
    for c in rows(include_str!("../data/parties.tsv")) {
        let (code, names, capitals, nisbas) = (cell(&c, 0), cell(&c, 1), cell(&c, 2), cell(&c, 3));
        let capital = capitals.split('|').next().filter(|s| !s.is_empty());
        parties.push(Party { code, name: names.split('|').next().unwrap_or(code), capital });
        let nisba_cells: Vec<String> = nisbas.split('|').filter(|s| !s.is_empty()).map(nisba_forms).collect();
        for (forms, naming) in
            [(names.to_owned(), Naming::Name), (capitals.to_owned(), Naming::Capital), (nisba_cells.join("|"), Naming::Nisba)]
        {
            phrases.add(words, &forms, out.len());
            out.push((code, naming));
        }
    }
    (parties, List { phrases, rows: out })
}

fn load_units(words: &mut Words) -> List<UnitRow> {
    let (mut phrases, mut out) = (Phrases::new(words, Mode::Stems), Vec::new());
    for c in rows(include_str!("../data/units.tsv")) {
        for (column, dual) in [(1, false), (2, true)] {
            phrases.add(words, cell(&c, column), out.len());
            out.push(UnitRow { unit: cell(&c, 0), dual });
        }
    }
    List { phrases, rows: out }
}

/// Ordinals also with the article; cardinals and scales only without ("الآلاف" counts nothing).
fn load_numerals(words: &mut Words) -> List<(&'static str, u64)> {
    let (mut phrases, mut out) = (Phrases::new(words, Mode::Printed), Vec::new());
    for c in rows(include_str!("../data/numerals.tsv")) {
        let (forms, kind) = (cell(&c, 0), cell(&c, 1));
        phrases.add(words, forms, out.len());
        if kind == "ordinal" {
            let definite: Vec<String> = forms.split('|').map(|f| format!("ال{f}")).collect();
            phrases.add(words, &definite.join("|"), out.len());
        }
        out.push((kind, cell(&c, 2).parse().unwrap_or(0)));
    }
    List { phrases, rows: out }
}

/// One trie a row: the words of one topic may stand within those of another ("التدريب العسكري").
fn load_topics(words: &mut Words) -> Vec<(Phrases, &'static str, usize)> {
    rows(include_str!("../data/topics.tsv"))
        .map(|c| {
            let mut phrases = Phrases::new(words, Mode::Stems);
            phrases.add(words, cell(&c, 2), 0);
            (phrases, cell(&c, 0), cell(&c, 1).parse().unwrap_or(2))
        })
        .collect()
}

/// How the words of a row of `cues.tsv` change what stands near them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cue {
    Denial,
    Aside,
    Invitation,
    Along,
    Wished,
    Talked,
    Saying,
    Addressed,
    Noun,
}

impl Cue {
    /// The bit of this cue in a set.
    pub(crate) fn bit(self) -> u16 {
        1 << (self as u16)
    }

    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "denial" => Self::Denial,
            "aside" => Self::Aside,
            "invitation" => Self::Invitation,
            "along" => Self::Along,
            "wished" => Self::Wished,
            "talked" => Self::Talked,
            "saying" => Self::Saying,
            "addressed" => Self::Addressed,
            "noun" => Self::Noun,
            _ => return None,
        })
    }
}

fn load_cues(words: &mut Words) -> Vec<(Cue, Phrases)> {
    let mut out = Vec::new();
    for c in rows(include_str!("../data/cues.tsv")) {
        if let Some(cue) = Cue::of(cell(&c, 0)) {
            let mut phrases = Phrases::new(words, Mode::Stems);
            phrases.add(words, cell(&c, 1), 0);
            out.push((cue, phrases));
        }
    }
    out
}

fn load_acts(words: &mut Words) -> List<(&'static str, Vec<u32>)> {
    let (mut phrases, mut out) = (Phrases::new(words, Mode::Stems), Vec::new());
    for c in rows(include_str!("../data/acts.tsv")) {
        phrases.add(words, cell(&c, 1), out.len());
        out.push((cell(&c, 0), first_words(words, cell(&c, 2))));
    }
    List { phrases, rows: out }
}

/// Words without article and clitics, and every form of the verbs among them.
fn load_stems(words: &mut Words, forms: &str) -> Phrases {
    let mut out = Phrases::new(words, Mode::Stems);
    for form in forms.split('|') {
        match form.split_once('/') {
            Some((past, present)) => {
                verb_forms(&fold_for_search(past), &fold_for_search(present)).iter().for_each(|f| out.add(words, f, 0));
            }
            None => out.add(words, form, 0),
        }
    }
    out
}

fn load_frames(words: &mut Words) -> Vec<Frame> {
    let frame = |c: Cells| Frame {
        kind: cell(&c, 0),
        verbs: load_stems(words, cell(&c, 1)),
        objects: load_stems(words, cell(&c, 2)),
        unless: first_words(words, cell(&c, 3)),
    };
    rows(include_str!("../data/frames.tsv")).map(frame).collect()
}

/// The usual name of a row: the first form of its first cell.
fn first_form(cells: &Cells) -> &'static str {
    cell(cells, 0).split('|').next().unwrap_or("")
}

/// The first word of each form of a cell.
fn first_words(words: &mut Words, forms: &'static str) -> Vec<u32> {
    let first = |form: &str| fold_for_search(form).split(' ').next().unwrap_or("").to_owned();
    forms.split('|').map(first).filter(|word| !word.is_empty()).map(|word| words.intern(&word)).collect()
}

fn load() -> Lexicon {
    let mut w = Words::default();
    let w = &mut w;
    let printed = Mode::Printed;
    let stems = Mode::Stems;
    let (parties, mentions) = load_parties(w);
    let number = |s: &str| s.parse().unwrap_or(0);
    Lexicon {
        city_states: parties.iter().filter(|p| p.capital == Some(p.name)).map(|p| p.code).collect(),
        parties,
        mentions,
        institutions: list(w, printed, include_str!("../data/institutions.tsv"), 0, |c| (cell(c, 1), cell(c, 2))),
        sectors: list(w, printed, include_str!("../data/sectors.tsv"), 0, |c| cell(c, 1)),
        institution_heads: list(w, printed, include_str!("../data/institution_heads.tsv"), 0, |c| (cell(c, 1), cell(c, 2))),
        places: list(w, printed, include_str!("../data/places.tsv"), 0, |c| PlaceRow {
            name: first_form(c),
            kind: cell(c, 1),
            country: cell(c, 2),
            weak: cell(c, 3) == "weak",
        }),
        place_heads: list(w, stems, include_str!("../data/place_heads.tsv"), 0, |c| (cell(c, 1), cell(c, 2))),
        offices: list(w, printed, include_str!("../data/offices.tsv"), 0, |c| cell(c, 1)),
        office_parties: list(w, printed, include_str!("../data/office_parties.tsv"), 0, |c| cell(c, 1)),
        newsroom: rows(include_str!("../data/office_parties.tsv")).find(|c| cell(c, 0) == "*").map(|c| cell(&c, 1)),
        office_words: set(include_str!("../data/office_words.tsv")),
        titles: list(w, printed, include_str!("../data/titles.tsv"), 0, |c| cell(c, 1)),
        name_words: list(w, printed, include_str!("../data/name_words.tsv"), 0, |c| cell(c, 1)),
        given: set(include_str!("../data/given_names.tsv")),
        stops: set(include_str!("../data/stop_words.tsv")),
        verbs: load_verbs(),
        name_stops: set(include_str!("../data/name_stops.tsv")),
        topics: load_topics(w),
        bodies: list(w, printed, include_str!("../data/bodies.tsv"), 0, |c| cell(c, 1)),
        body_words: list(w, stems, include_str!("../data/body_words.tsv"), 1, |c| cell(c, 0)),
        instruments: list(w, printed, include_str!("../data/instruments.tsv"), 0, |c| (cell(c, 1), cell(c, 2))),
        instrument_words: list(w, stems, include_str!("../data/instrument_words.tsv"), 1, |c| cell(c, 0)),
        acts: load_acts(w),
        frames: load_frames(w),
        undertakings: list(w, printed, include_str!("../data/undertakings.tsv"), 1, |c| cell(c, 0)),
        future: load_future(w),
        months: list(w, printed, include_str!("../data/months.tsv"), 0, |c| {
            (cell(c, 1) == "hijri", cell(c, 2).parse().unwrap_or(0))
        }),
        numerals: load_numerals(w),
        units: load_units(w),
        measures: list(w, printed, include_str!("../data/number_measures.tsv"), 0, |c| (number(cell(c, 1)), cell(c, 2))),
        sessions: list(w, stems, include_str!("../data/sessions.tsv"), 0, |_| ()),
        agencies: list(w, printed, include_str!("../data/agencies.tsv"), 0, |c| cell(c, 1)),
        cues: load_cues(w),
        boilerplate: boilerplate::load(w),
        words: {
            groups::load(w);
            std::mem::take(w)
        },
    }
}

impl Lexicon {
    /// A folded word is of a group.
    pub(crate) fn is_of(&self, word: &str, group: Group) -> bool {
        self.words.id(word).is_some_and(|id| self.words.groups(id).has(group))
    }

    /// The word, with or without clitics, is a particle, a verb or a common noun that ends the name of a person or place.
    pub(crate) fn closes_name(&self, word: &str) -> bool {
        self.stops.has_reading(word) || self.name_stops.has_reading(word) || self.verbs.has_reading(word)
    }
}

impl<T> List<T> {
    /// The whole of a short folded string is one entry of the list.
    pub(crate) fn phrases_hold(&self, folded: &str) -> bool {
        let f = crate::normalise::fold(folded);
        let p = phrases::prepare(&LEXICON.words, &f.tokens);
        self.phrases.at(&f, &p, 0).is_some_and(|h| h.to == f.tokens.len())
    }
}

impl<T> List<T> {
    /// The row that matches at token `i` of a statement.
    pub(crate) fn row_at<'l>(&'l self, doc: &impl At, i: usize) -> Option<&'l T> {
        doc.hit(self, i).and_then(|h| self.row(h))
    }
}

/// A prepared text that lists can be matched against.
pub(crate) trait At {
    /// The match of a list at token `i`.
    fn hit<T>(&self, list: &List<T>, i: usize) -> Option<phrases::Hit>;
}
