//! What a text is found by: the words of a text in every form in which somebody may ask for them.
//!
//! Forms are plain texts that an index keeps and a question asks for. A folded word stands for itself, with its clitics and
//! its article taken off too; `~` begins a stem, `@` a day or a month. Asking and indexing meet in them, so both are here.

mod dates;
mod families;
mod names;
mod stem;

pub use dates::days;
pub use families::stems;
pub use names::{alike, skeletons};

use crate::gazetteer::lexicon;
use crate::gazetteer::phrases::prepare;
use crate::normalise::{Folded, Token, clitic_readings, fold, without_article};
use std::collections::BTreeSet;

/// The fewest letters that are left of a word when clitics are taken off it.
const LEAST: usize = 3;

/// One place of a text at which something can be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// Offset of its first character in the text, in characters.
    pub start: usize,
    /// Offset behind its last character, in characters.
    pub end: usize,
    /// The folded word, or a number without leading zeros.
    pub word: String,
    /// Everything that it is found by, the word among it, without stems.
    pub forms: BTreeSet<String>,
    /// Its stems.
    pub stems: BTreeSet<String>,
    /// The word joined with the next one, where only a hyphen or an apostrophe parts them, or where both are one name.
    pub joined: Option<String>,
}

/// The places of a text, in order.
#[must_use]
pub fn spots(text: &str) -> Vec<Spot> {
    let folded = fold(text);
    let mut found: Vec<Spot> = Vec::with_capacity(folded.tokens.len());
    for (at, token) in folded.tokens.iter().enumerate() {
        if !token.folded.starts_with(char::is_alphanumeric) {
            continue;
        }
        let word = bare(&token.folded).to_owned();
        let mut forms = readings(&word);
        let stems = forms.iter().flat_map(|form| stems(form)).map(|stem| format!("~{stem}")).collect();
        let joined = joined(&folded, at);
        forms.extend(joined.clone());
        found.push(Spot { start: token.start, end: token.end, word, forms, stems, joined });
    }
    for (start, _, day) in days(text, &folded) {
        if let Some(spot) = found.iter_mut().find(|spot| spot.start >= start) {
            spot.forms.extend(of_day(&day));
        }
    }
    found
}

/// A day is found by its month too.
fn of_day(day: &crate::Date) -> impl Iterator<Item = String> {
    let month = crate::Date { day: None, ..*day };
    [*day, month].into_iter().filter(|date| date.month.is_some()).map(|date| format!("@{date}"))
}

/// A number without its leading zeros; any other word as it is.
fn bare(word: &str) -> &str {
    if !word.starts_with('0') {
        return word;
    }
    let trimmed = word.trim_start_matches('0');
    if trimmed.is_empty() { "0" } else { trimmed }
}

fn is_arabic(word: &str) -> bool {
    word.starts_with(|c: char| ('\u{620}'..='\u{6ff}').contains(&c))
}

fn long_enough(word: &str) -> bool {
    word.chars().nth(LEAST - 1).is_some()
}

/// Every way to read a word as clitics and a rest. Which rest is a word nobody here knows; all are kept.
fn readings(word: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::from([word.to_owned()]);
    if is_arabic(word) {
        for reading in clitic_readings(word) {
            let rest = without_article(&reading.word);
            all.extend([reading.word.as_str(), rest].into_iter().filter(|form| long_enough(form)).map(str::to_owned));
        }
    }
    all
}

/// The forms in which a word of a question is looked for: as it is, and without its article. What else stands before it may
/// be part of it ("وزير" is no "زير"), so the text's readings meet it, and not its own.
#[must_use]
pub fn asked(word: &str) -> BTreeSet<String> {
    let word = bare(word);
    let mut all = BTreeSet::from([word.to_owned()]);
    if !is_arabic(word) {
        return all;
    }
    let definite = ["وال", "فال", "بال", "كال", "ال"].iter().find_map(|clitic| word.strip_prefix(clitic));
    all.extend(definite.filter(|rest| rest.chars().nth(1).is_some()).map(str::to_owned));
    if let Some(rest) = word.strip_prefix("لل").filter(|rest| rest.chars().nth(1).is_some()) {
        // "للجنة" is "لجنة" with an article; "للعراق" is "عراق" with one.
        all.extend([rest.to_owned(), format!("ل{rest}")]);
    }
    all
}

/// The stems by which a word of a question is found besides.
#[must_use]
pub fn asked_stems(word: &str) -> BTreeSet<String> {
    let forms = asked(word).into_iter().filter(|form| form == word || is_arabic(form));
    let mut all = BTreeSet::new();
    for form in forms {
        // A word that is a stem by itself stands in the text as it is.
        all.extend(stems(&form).into_iter().flat_map(|stem| [format!("~{stem}"), stem]));
        all.insert(format!("~{form}"));
    }
    all
}

/// Words that make one name with what follows them.
const HEADS: [&str; 9] = ["عبد", "ابو", "ابن", "بن", "abd", "abdul", "abu", "ibn", "bin"];

fn joined(text: &Folded, at: usize) -> Option<String> {
    let (this, next) = (text.tokens.get(at)?, text.tokens.get(at + 1)?);
    let letters = |token: &Token| token.folded.starts_with(char::is_alphabetic);
    if !letters(this) || !letters(next) {
        return None;
    }
    let tied = matches!(next.gap.single, '-' | '‐' | '\'' | '’' | 'ʼ' | '‘' | 'ʿ' | 'ʾ');
    let headed = HEADS.contains(&this.folded.as_str()) && !next.gap.breaks();
    (tied || headed).then(|| format!("{}{}", this.folded, next.folded))
}

/// The places of the gazetteer that a text names, by their Arabic names.
#[must_use]
pub fn places(text: &str) -> BTreeSet<&'static str> {
    let folded = fold(text);
    if !folded.tokens.iter().any(|token| is_arabic(&token.folded)) {
        return BTreeSet::new();
    }
    let words = prepare(&lexicon().words, &folded.tokens);
    let list = &lexicon().places;
    list.phrases.all(&folded, &words).into_iter().filter_map(|hit| list.row(hit)).map(|row| row.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(asked_for: &str, text: &str) -> bool {
        let word = crate::fold_for_search(asked_for);
        let wanted: BTreeSet<String> = asked(&word).into_iter().chain(asked_stems(&word)).collect();
        spots(text).iter().any(|spot| spot.forms.iter().chain(&spot.stems).any(|form| wanted.contains(form)))
    }

    #[test]
    fn a_word_is_found_in_every_spelling_and_with_what_stands_before_it() {
        for (asked_for, text) in [
            ("الأمن", "والأمنُ والحدود"),
            ("امن", "بالأمن"),
            ("حدود", "والحدود"),
            ("اتفاق", "واتفاق"),
            ("لجنة", "للجنة"),
            ("العراق", "للعراق"),
            ("وزارة", "وزاره"),
            ("مستشفى", "مستشفي"),
            ("14", "المادة ١٤"),
            ("٠٠١٤", "IQ/0014"),
            ("ırak", "IRAK"),
            ("Irak", "ırak"),
            ("görüşme", "GÖRÜŞME"),
            ("gorusme", "görüşme"),
            ("şêx", "Sex"),
            ("كوردستان", "كوردستان"),
            ("هەولێر", "ههولير"),
        ] {
            assert!(finds(asked_for, text), "{asked_for} in {text}");
        }
        for (asked_for, text) in [("وزير", "زير"), ("بغداد", "غداد"), ("حدود", "محدود")] {
            assert!(!finds(asked_for, text), "{asked_for} in {text}");
        }
    }

    #[test]
    fn a_word_is_found_in_other_numbers_and_kinds() {
        for (asked_for, text) in [
            ("اتفاقية", "اتفاقيات"),
            ("الاتفاقيات", "اتفاقية"),
            ("وثيقة", "والوثائق"),
            ("الوثائق", "وثيقة"),
            ("معبر", "بالمعابر"),
            ("معابر", "معبر"),
            ("لجان", "اللجنة"),
            ("تقارير", "التقرير"),
            ("مهربين", "تهريب"),
            ("تهريب", "المهربين"),
            ("تقارير", "بتقاريرها"),
            ("اجتماع", "والاجتماعات"),
            ("الاجتماعات", "اجتماع"),
            ("حدودية", "الحدود"),
            ("agreement", "agreements"),
            ("agreements", "Agreement"),
            ("toplantı", "toplantılar"),
            ("anlaşmaları", "anlaşma"),
        ] {
            assert!(finds(asked_for, text), "{asked_for} in {text}");
        }
        for (asked_for, text) in [("اجتماع", "مجتمع"), ("وثيقة", "ثقة"), ("معبر", "عبر"), ("تقرير", "قرار")]
        {
            assert!(!finds(asked_for, text), "{asked_for} in {text}");
        }
    }

    #[test]
    fn places_are_those_of_the_gazetteer() {
        assert_eq!(places("لقاء في الأنبار ونينوى"), ["الأنبار", "نينوى"].into());
        assert_eq!(places("a meeting in Ankara"), BTreeSet::new());
    }

    #[test]
    fn parts_of_one_name_are_found_as_one_word() {
        let joined = |text: &str| spots(text).into_iter().find_map(|spot| spot.joined);
        assert_eq!(joined("Al-Araji").as_deref(), Some("alaraji"));
        assert_eq!(joined("A’raji").as_deref(), Some("araji"));
        assert_eq!(joined("عبد الرحمن").as_deref(), Some("عبدالرحمن"));
        assert_eq!(joined("وزارة الداخلية"), None);
    }
}
