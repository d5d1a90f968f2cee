//! Days and months that a text names, in any of its languages.

use crate::date::Date;
use crate::dates;
use crate::normalise::Folded;

/// Months in English, Turkish and their usual short forms, folded.
const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "ocak"],
    &["february", "feb", "subat"],
    &["march", "mar", "mart"],
    &["april", "apr", "nisan"],
    &["may", "mayis"],
    &["june", "jun", "haziran"],
    &["july", "jul", "temmuz"],
    &["august", "aug", "agustos"],
    &["september", "sep", "sept", "eylul"],
    &["october", "oct", "ekim"],
    &["november", "nov", "kasim"],
    &["december", "dec", "aralik"],
];

/// The whole days and months that a text names, each with where it begins and ends, in characters. A text without a digit names
/// none; days that depend on when the text was written are left out.
#[must_use]
pub fn days(text: &str, folded: &Folded) -> Vec<(usize, usize, Date)> {
    if !folded.tokens.iter().any(crate::normalise::Token::is_number) {
        return Vec::new();
    }
    let read = dates::read(text, None).into_iter().filter_map(|found| Some((found.span.start, found.span.end, found.value?)));
    let mut all: Vec<(usize, usize, Date)> = read.filter(|(_, _, date)| date.month.is_some()).collect();
    all.extend((0..folded.tokens.len()).filter_map(|at| in_latin(folded, at)));
    all
}

/// "15 October 2025", "October 15th, 2025", "15 Ekim 2025", "October 2025".
fn in_latin(text: &Folded, at: usize) -> Option<(usize, usize, Date)> {
    let word = |at: usize| text.tokens.get(at).map_or("", |token| token.folded.as_str());
    let month = |at: usize| MONTHS.iter().position(|names| names.contains(&word(at))).and_then(|m| u8::try_from(m + 1).ok());
    let number = |at: usize| word(at).parse::<u16>().ok();
    let day = |at: usize| number(at).and_then(|n| u8::try_from(n).ok()).filter(|n| (1..=31).contains(n));
    let year = |at: usize| number(at).map(i32::from).filter(|n| (1900..=2199).contains(n));
    // "15th of October": what stands between a day and its month.
    let beyond = |mut at: usize| {
        while matches!(word(at), "st" | "nd" | "rd" | "th" | "of") {
            at += 1;
        }
        at
    };
    let start = text.tokens.get(at)?.start;
    let to = |last: usize| text.tokens.get(last).map_or(start, |token| token.end);
    let whole = |year, month, day, last| Date::new(year, month, day).map(|date| (start, to(last), date));
    if let Some(of_month) = day(at) {
        let then = beyond(at + 1);
        return whole(year(then + 1)?, month(then)?, of_month, then + 1);
    }
    let named = month(at)?;
    if let Some(of_month) = day(at + 1) {
        let last = beyond(at + 2);
        return whole(year(last)?, named, of_month, last);
    }
    // The month of a whole day was read with its day.
    let led = at.checked_sub(1).and_then(day).is_some()
        || matches!(at.checked_sub(1).map(word), Some("of" | "th" | "st" | "nd" | "rd"));
    Date::of_month(year(at + 1)?, named).filter(|_| !led).map(|date| (start, to(at + 1), date))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_same_however_it_is_written() {
        let days = |text: &str| {
            days(text, &crate::normalise::fold(text)).into_iter().map(|(_, _, day)| day.to_string()).collect::<Vec<_>>()
        };
        for text in [
            "15 تشرين الأول 2025",
            "١٥ تشرين الأول ٢٠٢٥",
            "15 أكتوبر 2025",
            "15 October 2025",
            "the 15th of October 2025",
            "October 15, 2025",
            "Oct 15 2025",
            "15 Ekim 2025",
            "15 EKİM 2025",
            "2025-10-15",
            "15/10/2025",
        ] {
            assert_eq!(days(text), ["2025-10-15"], "{text}");
        }
        assert_eq!(days("in October 2025"), ["2025-10"]);
        assert_eq!(days("تشرين الأول 2025"), ["2025-10"]);
        assert_eq!(days("31 February 2025"), Vec::<String>::new());
        assert_eq!(days("may 5 people come"), Vec::<String>::new());
    }
}
