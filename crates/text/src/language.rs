//! The language that a text is written in, told from its letters and its smallest words.

use crate::normalise::fold;
use serde::{Deserialize, Serialize};

/// A language that statements are read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// Arabic; also any other text in Arabic script, for its names are written alike.
    #[serde(rename = "ar")]
    Arabic,
    /// English; also any other text in Latin script.
    #[serde(rename = "en")]
    English,
    /// Turkish.
    #[serde(rename = "tr")]
    Turkish,
}

/// Small words that every longer text has, folded.
const ENGLISH: [&str; 14] = ["the", "of", "and", "to", "in", "on", "with", "for", "that", "by", "was", "is", "from", "between"];
const TURKISH: [&str; 14] =
    ["ve", "ile", "bir", "icin", "bu", "olarak", "da", "de", "arasinda", "edildi", "etti", "olan", "gore", "iki"];

/// The language of a text. A text without letters is taken as Arabic.
#[must_use]
pub fn language(text: &str) -> Language {
    let (mut arabic, mut latin, mut turkish) = (0_usize, 0_usize, 0_usize);
    for c in text.chars() {
        match c {
            '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' => arabic += 1,
            'ğ' | 'Ğ' | 'ş' | 'Ş' | 'ı' | 'İ' => turkish += 1,
            c if c.is_alphabetic() => latin += 1,
            _ => {}
        }
    }
    if latin + turkish <= arabic {
        return Language::Arabic;
    }
    let tokens = fold(text).tokens;
    let count = |words: &[&str]| tokens.iter().filter(|t| words.contains(&t.folded.as_str())).count();
    // An English text may hold a Turkish name or two; a Turkish one has its own letters in every line.
    let own = turkish * 40 > latin;
    if count(&TURKISH) > count(&ENGLISH) || (own && count(&ENGLISH) * 4 < tokens.len()) && count(&ENGLISH) * 12 < tokens.len() {
        Language::Turkish
    } else {
        Language::English
    }
}
