//! Folding: one form for every way a word is written, with the way back to the original.
//!
//! Folding applies compatibility decomposition (NFKD, Unicode Standard Annex #15), drops combining marks (harakat, hamza
//! carriers, Latin diacritics), tatweel and format characters (bidi marks, zero-width joiners), maps alef, hamza, yeh,
//! teh marbuta and the Persian and Kurdish kaf, yeh and heh to one letter each, Arabic and Persian digits to ASCII, Turkish
//! dotless ı to i, lowers case, and turns every run of punctuation into one blank. It is idempotent and linear.

mod clitics;
mod table;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

pub use clitics::{Stripped, clitic_readings};
pub(crate) use clitics::{clitic_cut, each_reading};

/// Where a folded character comes from in the original text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Offset in characters (Unicode scalar values).
    pub character: usize,
    /// Offset in bytes of the UTF-8 text.
    pub byte: usize,
}

/// What stands between a token and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gap {
    bits: u16,
    /// The only character of the gap when it has exactly one ("2025/02" has `/`), else NUL.
    pub single: char,
}

impl Gap {
    const SPACE: u16 = 1;
    const QUOTE: u16 = 2;
    const DASH: u16 = 4;
    const COMMA: u16 = 8;
    const COLON: u16 = 16;
    const STOP: u16 = 32;
    const LINE: u16 = 64;
    const OPEN: u16 = 128;
    const CLOSE: u16 = 256;
    const SLASH: u16 = 512;

    fn add(&mut self, c: char) {
        self.single = if self.bits == 0 { c } else { '\0' };
        self.bits |= match c {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => Self::LINE,
            '.' | '!' | '?' | '؟' | '…' | '۔' => Self::STOP,
            ',' | '،' | ';' | '؛' => Self::COMMA,
            ':' => Self::COLON,
            '-' | '–' | '—' | '−' | '|' | '_' => Self::DASH,
            '(' | '[' | '{' => Self::OPEN,
            ')' | ']' | '}' => Self::CLOSE,
            '/' | '\\' => Self::SLASH,
            c if c.is_whitespace() => Self::SPACE,
            _ => Self::QUOTE,
        };
    }

    /// The same gap without its full stop, as behind an abbreviation ("د. حيدر").
    pub(crate) fn abbreviates(&mut self) {
        self.bits &= !Self::STOP;
    }

    fn has(self, bits: u16) -> bool {
        self.bits & bits != 0
    }

    /// A full stop, question or exclamation mark, or the end of a line.
    #[must_use]
    pub fn ends_sentence(self) -> bool {
        self.has(Self::STOP | Self::LINE)
    }

    /// A comma, colon, dash, bracket, or the end of a sentence: what closes a name or a clause.
    #[must_use]
    pub fn breaks(self) -> bool {
        self.has(Self::STOP | Self::LINE | Self::COMMA | Self::COLON | Self::DASH | Self::OPEN | Self::CLOSE | Self::SLASH)
    }

    /// A comma, Arabic or Latin, or a semicolon.
    #[must_use]
    pub fn comma(self) -> bool {
        self.has(Self::COMMA)
    }

    /// A colon.
    #[must_use]
    pub fn colon(self) -> bool {
        self.has(Self::COLON)
    }

    /// A dash or a vertical bar.
    #[must_use]
    pub fn dash(self) -> bool {
        self.has(Self::DASH)
    }

    /// An opening bracket.
    #[must_use]
    pub fn opens(self) -> bool {
        self.has(Self::OPEN)
    }

    /// A closing bracket, and nothing else that breaks.
    #[must_use]
    pub fn closes(self) -> bool {
        self.has(Self::CLOSE)
            && !self.has(Self::STOP | Self::LINE | Self::COMMA | Self::COLON | Self::DASH | Self::OPEN | Self::SLASH)
    }

    /// The end of a line.
    #[must_use]
    pub fn line(self) -> bool {
        self.has(Self::LINE)
    }

    /// Nothing at all: letter beside digit.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.bits == 0
    }
}

/// One word or number of the folded text. Letters and digits never share a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The folded word.
    pub folded: String,
    /// First folded character of the word in [`Folded::text`], in characters.
    pub at: usize,
    /// Offset of the first character in the original, in characters.
    pub start: usize,
    /// Offset behind the last character in the original, in characters.
    pub end: usize,
    /// Line in the original, counted from 0 after splitting at `\n`.
    pub line: usize,
    /// What stands before it.
    pub gap: Gap,
}

impl Token {
    /// True for a run of digits.
    #[must_use]
    pub fn is_number(&self) -> bool {
        self.folded.starts_with(|c: char| c.is_ascii_digit())
    }
}

/// A text in folded form with the way back to the original.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    /// The folded text: words with single blanks between them.
    pub text: String,
    /// For each character of `text`, where it comes from. Offsets never decrease.
    pub origins: Vec<Origin>,
    /// The words in order.
    pub tokens: Vec<Token>,
    /// Byte offset of every character of the original.
    bytes: Vec<usize>,
}

impl Folded {
    /// The part of `original` between two character offsets. Out-of-range offsets are cut to the text.
    #[must_use]
    pub fn slice<'t>(&self, original: &'t str, start: usize, end: usize) -> &'t str {
        let byte = |c: usize| self.bytes.get(c).copied().unwrap_or(original.len());
        original.get(byte(start)..byte(end.max(start))).unwrap_or("")
    }

    /// Number of characters of the original.
    #[must_use]
    pub fn characters(&self) -> usize {
        self.bytes.len()
    }
}

fn is_word_symbol(c: char) -> bool {
    matches!(c, '%' | '$' | '£' | '€')
}

/// Maps one decomposed, lower-cased character; `None` drops it.
fn map(c: char) -> Option<char> {
    Some(match c {
        'ٱ' | 'ٲ' | 'ٳ' => 'ا',
        'ى' | 'ی' | 'ې' | 'ے' | 'ێ' => 'ي',
        'ک' | 'ڪ' => 'ك',
        'ة' | 'ھ' | 'ہ' | 'ە' | 'ۃ' => 'ه',
        'گ' => 'ك',
        'پ' => 'ب',
        'چ' => 'ج',
        'ژ' => 'ز',
        'ڤ' | 'ڨ' => 'ف',
        'ڵ' => 'ل',
        'ڕ' => 'ر',
        'ۆ' | 'ۇ' | 'ۋ' => 'و',
        'ـ' => return None,
        'ı' => 'i',
        '٪' => '%',
        '٠'..='٩' => digit(c, '٠'),
        '۰'..='۹' => digit(c, '۰'),
        c if is_combining_mark(c) || is_format(c) => return None,
        c => c,
    })
}

fn digit(c: char, zero: char) -> char {
    char::from_digit(u32::from(c) - u32::from(zero), 10).unwrap_or(c)
}

/// Format characters (general category Cf) that occur in running text, and variation selectors.
fn is_format(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0001}'..='\u{e007f}')
}

/// What one character folds to; a blank stands for punctuation, nothing for a dropped mark. `room` holds what no table has.
fn fold_char<'f>(table: &'f table::Table, c: char, room: &'f mut Vec<char>) -> &'f [char] {
    if let Some(folded) = table.get(c) {
        return folded;
    }
    room.clear();
    decompose(c, room);
    room
}

/// Folds one character by the rules, without the table of what they give for the usual ones.
fn decompose(c: char, out: &mut Vec<char>) {
    for d in std::iter::once(c).nfkd() {
        for lower in d.to_lowercase() {
            for e in std::iter::once(lower).nfkd() {
                if let Some(m) = map(e) {
                    out.push(if m.is_alphanumeric() || is_word_symbol(m) { m } else { ' ' });
                }
            }
        }
    }
}

/// Folds a text and cuts it into tokens.
#[must_use]
pub fn fold(text: &str) -> Folded {
    // A letter of the alphabets we read is two bytes long, and mostly folds to one.
    let letters = text.len() / 2 + 1;
    let out = Folded {
        text: String::with_capacity(text.len()),
        origins: Vec::with_capacity(letters),
        tokens: Vec::with_capacity(text.len() / 8 + 1),
        bytes: Vec::with_capacity(letters),
    };
    let mut folder = Folder { out, gap: Gap::default(), line: 0, kind: Kind::None, word: 0 };
    let (table, mut room) = (&*table::TABLE, Vec::new());
    for (character, (byte, c)) in text.char_indices().enumerate() {
        folder.out.bytes.push(byte);
        folder.push(c, fold_char(table, c, &mut room), Origin { character, byte });
        if c == '\n' {
            folder.line += 1;
        }
    }
    folder.close();
    let mut out = folder.out;
    if out.text.ends_with(' ') {
        out.text.pop();
        out.origins.pop();
    }
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    None,
    Letters,
    Digits,
    Symbol,
}

struct Folder {
    out: Folded,
    gap: Gap,
    line: usize,
    kind: Kind,
    /// Where in the folded text the last token begins, in bytes.
    word: usize,
}

impl Folder {
    /// Gives the last token its word, when all of it is there.
    fn close(&mut self) {
        if self.kind != Kind::None
            && let (Some(last), Some(word)) = (self.out.tokens.last_mut(), self.out.text.get(self.word..))
        {
            word.clone_into(&mut last.folded);
        }
    }

    fn push(&mut self, original: char, folded: &[char], origin: Origin) {
        if folded.is_empty() {
            // A dropped mark belongs to the word it stands in.
            if self.kind != Kind::None
                && let Some(last) = self.out.tokens.last_mut()
            {
                last.end = origin.character + 1;
            }
            return;
        }
        for &c in folded {
            if c == ' ' {
                self.blank(original, origin);
            } else {
                self.letter(c, origin);
            }
        }
    }

    fn blank(&mut self, original: char, origin: Origin) {
        self.close();
        self.kind = Kind::None;
        self.gap.add(original);
        if !self.out.text.is_empty() && !self.out.text.ends_with(' ') {
            self.out.text.push(' ');
            self.out.origins.push(origin);
        }
    }

    fn letter(&mut self, c: char, origin: Origin) {
        let kind = match c {
            c if c.is_ascii_digit() => Kind::Digits,
            c if is_word_symbol(c) => Kind::Symbol,
            _ => Kind::Letters,
        };
        if kind != self.kind {
            self.close();
        }
        let at = self.out.origins.len();
        match self.out.tokens.last_mut() {
            Some(last) if kind == self.kind => last.end = origin.character + 1,
            last => {
                // The point of "12.3" ends no sentence.
                let decimal = kind == Kind::Digits && matches!(self.gap.single, '.' | ',') && last.is_some_and(|l| l.is_number());
                if decimal {
                    self.gap.bits = 0;
                }
                self.word = self.out.text.len();
                self.out.tokens.push(Token {
                    folded: String::new(),
                    at,
                    start: origin.character,
                    end: origin.character + 1,
                    line: self.line,
                    gap: std::mem::take(&mut self.gap),
                });
            }
        }
        self.out.text.push(c);
        self.out.origins.push(origin);
        self.kind = kind;
    }
}

/// The folded form of a short string, for comparing and for search in Arabic, Kurdish, Turkish and Latin script.
#[must_use]
pub fn fold_for_search(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (table, mut room) = (&*table::TABLE, Vec::new());
    for c in text.chars() {
        for &f in fold_char(table, c, &mut room) {
            if f != ' ' || !(out.is_empty() || out.ends_with(' ')) {
                out.push(f);
            }
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

/// The bidi controls that can make a text read otherwise than it is stored (Unicode Standard Annex #9 embeddings, overrides
/// and isolates; Technical Standard #39): their byte offsets and code points. The plain marks LRM, RLM and ALM are not reported.
#[must_use]
pub fn stray_bidi_controls(text: &str) -> Vec<(usize, char)> {
    text.char_indices().filter(|(_, c)| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')).collect()
}

/// The word without its article ("الامن" gives "امن"); the word itself when nothing would be left.
#[must_use]
pub fn without_article(word: &str) -> &str {
    word.strip_prefix("ال").filter(|r| r.chars().nth(1).is_some()).unwrap_or(word)
}
