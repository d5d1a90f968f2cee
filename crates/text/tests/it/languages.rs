//! English and Turkish: which language a text is in, and our own statements in both.

use crate::scorer;
use std::path::Path;
use tansiq_text::language::{Language, language};

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
    let all = scorer::read_folder(&dir, |text, reading| {
        let length = text.chars().count();
        assert!(reading.evidence().into_values().flatten().flatten().all(|s| s.start < s.end && s.end <= length));
    });
    assert!(all.len() >= 10);
    assert!(scorer::macro_f1(&all) >= 0.90, "{:.3}", scorer::macro_f1(&all));
}
