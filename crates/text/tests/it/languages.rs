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

#[test]
fn lines_around_a_statement_are_dropped_in_every_language_and_nothing_is_read_from_them() {
    for (text, dropped) in [
        (
            "Home\nIraq and Türkiye agree on border security\nBAGHDAD – The Minister of Interior of Iraq, Salim al-Janabi, met the Turkish ambassador in Baghdad on 4 November 2025.\nRead also\nIran and Kuwait sign a protocol on water\nShare this article\nTags: Iraq, Türkiye\nFollow us on Telegram\n© All rights reserved\n",
            vec![0, 3, 4, 5, 6, 7, 8],
        ),
        (
            "Irak ve Türkiye sınır güvenliğinde anlaştı\nBAĞDAT – Irak İçişleri Bakanı Salim el-Cenabi, 4 Kasım 2025 tarihinde Bağdat'ta Türkiye Büyükelçisi ile görüştü.\nİlgili haberler\nİran ve Kuveyt protokol imzaladı\nPaylaş\nEtiketler: Irak, Türkiye\nTüm hakları saklıdır\n",
            vec![2, 3, 4, 5, 6],
        ),
    ] {
        let reading = tansiq_text::statement::read(text, "2025-11-05".parse().ok());
        assert_eq!(reading.drop.iter().map(|line| line.line).collect::<Vec<_>>(), dropped, "{reading:#?}");
        let parties: Vec<&str> = reading.parties.iter().map(|party| party.party.as_str()).collect();
        assert!(!parties.contains(&"IRN") && !parties.contains(&"KWT") && parties.contains(&"IRQ"), "{parties:?}");
        assert!(reading.instruments.is_empty());
        for span in reading.evidence().into_values().flatten().flatten() {
            let quoted: String = text.chars().skip(span.start).take(span.end - span.start).collect();
            assert!(
                !quoted.trim().is_empty() && !quoted.contains("Kuwait")
                    || reading.drop.iter().any(|line| line.evidence.contains(&span))
            );
        }
    }
}
