//! The lists: how much they hold, that nothing stands in them twice, and that every form folds to itself.

use std::collections::BTreeMap;
use std::path::Path;
use tansiq_text::fold_for_search;
use tansiq_text::gazetteer::{institutions, parties, places};

/// The rows of a list with the column of its forms.
fn rows(file: &str) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.starts_with("# "), "{file} begins with what its columns are");
    let lines = text.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty());
    lines.map(|l| l.split('\t').map(str::to_owned).collect()).collect()
}

/// Every form of a column, once, folded.
fn unique(file: &str, column: usize) -> usize {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for row in rows(file) {
        for form in row.get(column).map_or("", String::as_str).split('|').filter(|f| !f.is_empty()) {
            let folded = fold_for_search(form);
            assert!(!folded.is_empty() || form == "*", "{file}: {form} folds to nothing");
            assert_eq!(fold_for_search(&folded), folded, "{file}: {form}");
            let before = seen.insert(folded, row.join(" "));
            assert!(before.is_none(), "{file}: {form} stands in it twice, also in: {}", before.unwrap_or_default());
        }
    }
    seen.len()
}

#[test]
fn the_lists_hold_enough_and_nothing_twice() {
    for (file, column) in [
        ("institutions.tsv", 0),
        ("places.tsv", 0),
        ("offices.tsv", 0),
        ("sectors.tsv", 0),
        ("parties.tsv", 1),
        ("parties.tsv", 3),
        ("instruments.tsv", 0),
        ("months.tsv", 0),
        ("numerals.tsv", 0),
        ("place_heads.tsv", 0),
        ("office_parties.tsv", 0),
        ("institution_heads.tsv", 0),
        ("en/institutions.tsv", 0),
        ("tr/institutions.tsv", 0),
        ("en/places.tsv", 0),
        ("tr/places.tsv", 0),
    ] {
        assert!(unique(file, column) >= 12, "{file}");
    }
    assert!(institutions().len() >= 150, "{}", institutions().len());
    assert!(unique("offices.tsv", 0) >= 100);
    assert!(rows("verbs.tsv").len() >= 250);
    assert!(parties().len() >= 80);
    let names: usize = rows("given_names.tsv").iter().map(|r| r[0].split('|').count()).sum();
    assert!(names >= 500, "{names}");
}

#[test]
fn places_are_enough_of_every_kind_and_their_coordinates_lie_where_the_state_is() {
    let all = places();
    let of = |kinds: &[&str], country: &str| {
        all.iter().filter(|p| kinds.contains(&p.kind) && (country.is_empty() || p.country == country)).count()
    };
    assert!(of(&["crossing", "camp", "base"], "") >= 100);
    // Ankara stands with the capitals.
    assert_eq!(of(&["governorate"], "TUR"), 80);
    assert!(of(&["governorate"], "IRQ") >= 18 && of(&["governorate"], "SYR") >= 13);
    assert!(of(&["city"], "IRQ") >= 100 && of(&["city"], "SYR") >= 80);
    let boxes = [("IRQ", 29.0, 37.5, 38.5, 49.0), ("SYR", 32.0, 37.5, 35.5, 42.5), ("TUR", 35.5, 42.5, 25.5, 45.0)];
    let mut with = 0;
    for place in all.iter().filter(|p| p.at.is_some()) {
        let (latitude, longitude) = place.at.unwrap();
        assert!(["geonames", "iso3166-2"].contains(&place.source), "{}", place.name);
        assert!((10.0..45.0).contains(&latitude) && (25.0..65.0).contains(&longitude), "{} {latitude} {longitude}", place.name);
        if let Some(b) = boxes.iter().find(|b| b.0 == place.country) {
            let inside = (b.1..b.2).contains(&latitude) && (b.3..b.4).contains(&longitude);
            assert!(inside, "{} {latitude} {longitude}", place.name);
        }
        with += 1;
    }
    assert!(with >= 400, "{with}");
    assert!(all.iter().all(|p| p.at.is_some() != p.source.is_empty()));
}

#[test]
fn every_head_of_an_institution_says_what_follows_it() {
    for row in rows("institution_heads.tsv") {
        assert_eq!(row.len(), 3, "{}", row.join(" "));
        assert!(["one", "sectors", "countries", "mission", "missions"].contains(&row[2].as_str()), "{}", row.join(" "));
        // What one of several is called is a head itself.
        let heads = rows("institution_heads.tsv");
        assert!(heads.iter().any(|r| r[0].split('|').any(|form| form == row[1])), "{}", row[1]);
    }
}

#[test]
fn the_lists_of_every_language_name_the_same_parties() {
    let codes = |file: &str| rows(file).into_iter().map(|r| r[0].clone()).collect::<Vec<_>>();
    assert_eq!(codes("en/parties.tsv"), codes("tr/parties.tsv"));
    for code in codes("en/parties.tsv") {
        assert!(parties().iter().any(|p| p.code == code), "{code}");
    }
}
