//! Folding, offsets, clitics.

use tansiq_text::normalise::{clitic_readings, fold};
use tansiq_text::{fold_for_search, stray_bidi_controls};

#[test]
fn every_way_of_writing_folds_to_one_form() {
    for (written, folded) in [
        ("العِراق", "العراق"),
        ("العـــراق", "العراق"),
        ("إلى أنقرة", "الي انقره"),
        ("آل ٱلحسن", "ال الحسن"),
        ("مسؤول هيئة", "مسوول هييه"),
        ("کردستان", "كردستان"),
        ("ایران", "ايران"),
        ("٢٠٢٥", "2025"),
        ("۱۴۰۲", "1402"),
        ("\u{200f}بغداد\u{202c} ", "بغداد"),
        ("ﻻ", "لا"),
        ("«مذكرة»، تفاهم!", "مذكره تفاهم"),
        ("İSTANBUL ısı Şırnak", "istanbul isi sirnak"),
        ("Kurdî Çolemêrg", "kurdi colemerg"),
        ("", ""),
        (" – ", ""),
    ] {
        assert_eq!(fold_for_search(written), folded, "{written}");
        assert_eq!(fold(written).text, folded, "{written}");
    }
}

#[test]
fn offsets_lead_back_to_the_written_characters() {
    let text = "قالَ الوزيـــر: «نعم».\nثمّ 12.5 كم";
    let folded = fold(text);
    let words: Vec<(&str, &str, usize)> =
        folded.tokens.iter().map(|t| (t.folded.as_str(), folded.slice(text, t.start, t.end), t.line)).collect();
    assert_eq!(
        words,
        [
            ("قال", "قالَ", 0),
            ("الوزير", "الوزيـــر", 0),
            ("نعم", "نعم", 0),
            ("ثم", "ثمّ", 1),
            ("12", "12", 1),
            ("5", "5", 1),
            ("كم", "كم", 1)
        ]
    );
    for (c, o) in folded.text.chars().zip(&folded.origins) {
        let written = text[o.byte..].chars().next().unwrap();
        assert_eq!(text.chars().nth(o.character), Some(written));
        assert!(c == ' ' || fold_for_search(&written.to_string()).contains(c));
    }
}

#[test]
fn digits_and_letters_are_words_of_their_own() {
    let words = |s: &str| fold(s).tokens.into_iter().map(|t| t.folded).collect::<Vec<_>>();
    assert_eq!(words("1444هـ"), ["1444", "ه"]);
    assert_eq!(words("9 و10"), ["9", "و", "10"]);
    assert_eq!(words("25%"), ["25", "%"]);
}

/// "㏠" is one character and folds to two words, of which the first goes on with the digit before it.
#[test]
fn words_may_share_a_written_character() {
    let spans: Vec<_> = fold("1㏠x").tokens.into_iter().map(|t| (t.folded, t.start, t.end)).collect();
    assert_eq!(spans, [("11".to_owned(), 0, 2), ("日x".to_owned(), 1, 3)]);
}

#[test]
fn clitics_are_offered_one_by_one() {
    for (word, rest, cut) in [
        ("والعراق", "العراق", 1),
        ("ببغداد", "بغداد", 1),
        ("وبالعراق", "العراق", 2),
        ("للجيش", "الجيش", 1),
        ("وللجنه", "اللجنه", 1),
        ("وللجنه", "لجنه", 2),
        ("فوزير", "وزير", 1),
    ] {
        assert!(clitic_readings(word).iter().any(|r| r.word == rest && r.cut == cut), "{word}: {:?}", clitic_readings(word));
    }
    assert_eq!(clitic_readings("ول").len(), 1, "a word of two letters has no clitic to spare");
}

#[test]
fn bidi_controls_are_found_and_plain_marks_are_not() {
    assert_eq!(stray_bidi_controls("a\u{202e}b\u{2066}c\u{200f}"), [(1, '\u{202e}'), (5, '\u{2066}')]);
}

#[test]
fn every_character_folds_to_something_that_folds_to_itself() {
    let unstable: Vec<(char, String, String)> = ('\0'..=char::MAX)
        .map(|c| (c, fold_for_search(&format!("a{c}a"))))
        .map(|(c, once)| (c, fold_for_search(&once), once))
        .filter(|(_, twice, once)| twice != once)
        .collect();
    assert!(unstable.is_empty(), "{} such: {:?}", unstable.len(), &unstable[..unstable.len().min(20)]);
}
