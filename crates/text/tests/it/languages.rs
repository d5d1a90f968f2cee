//! English and Turkish: which language a text is in, and our own statements in both.

use crate::scorer;
use std::path::Path;
use tansiq_text::language::{Language, language};
use tansiq_text::statement;

#[test]
fn the_language_is_told_from_the_text() {
    for (text, expected) in [
        ("التقى وزير الداخلية نظيره التركي Ali Kaya في أنقرة", Language::Arabic),
        ("", Language::Arabic),
        ("The minister met with his Turkish counterpart Muğlalı Şahin in Ankara.", Language::English),
        ("Bakan, mevkidaşı ile Ankara'da bir araya geldi.", Language::Turkish),
        ("Turkiye ile Irak arasinda bir anlasma imzalandi ve iki ulke icin onemli olarak nitelendi", Language::Turkish),
        ("Iraq and Türkiye agreed on border security.", Language::English),
    ] {
        assert_eq!(language(text), expected, "{text}");
    }
}

#[test]
fn our_own_statements_in_english_and_turkish_are_read_usefully() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/statements/latin");
    let index = std::fs::read_to_string(dir.join("index.tsv")).unwrap();
    let mut all = Vec::new();
    for line in index.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let text = std::fs::read_to_string(dir.join(format!("{}.txt", cells[0]))).unwrap();
        let gold: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(dir.join(format!("{}.json", cells[0]))).unwrap()).unwrap();
        let reading = statement::read(&text, cells[2].parse().ok());
        let length = text.chars().count();
        assert!(reading.evidence().into_values().flatten().flatten().all(|s| s.start < s.end && s.end <= length));
        let score = scorer::score(&gold, &serde_json::to_value(&reading).unwrap());
        let own = scorer::macro_f1(std::slice::from_ref(&score));
        assert!(own >= 0.75, "{}: {own:.3} {:?}", cells[0], scorer::FIELDS.iter().zip(&score).collect::<Vec<_>>());
        all.push(score);
    }
    assert!(all.len() >= 10);
    assert!(scorer::macro_f1(&all) >= 0.90, "{:.3}", scorer::macro_f1(&all));
}
