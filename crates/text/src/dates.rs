//! Dates in Arabic text: explicit in three families of month names and in the Hijri calendar (Umm al-Qura), and relative ones
//! ("أمس", "الأحد", "الشهر الجاري"), resolved against the day of publication.

use crate::date::Date;
use crate::gazetteer::phrases::{Hit, Prepared, prepare};
use crate::gazetteer::{Group, lexicon};
use crate::hijri;
use crate::normalise::{Folded, clitic_cut, fold, without_article};
use crate::statement::Span;

/// A date found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateMatch {
    /// Where it stands.
    pub span: Span,
    /// The date; `None` for a relative date that cannot be resolved.
    pub value: Option<Date>,
}

/// Finds the dates of a text.
#[must_use]
pub fn read(text: &str, published: Option<Date>) -> Vec<DateMatch> {
    let folded = fold(text);
    let words = prepare(&lexicon().words, &folded.tokens);
    let span = |f: &Found| Span {
        start: folded.tokens.get(f.from).map_or(0, |t| t.start),
        end: folded.tokens.get(f.to.saturating_sub(1)).map_or(0, |t| t.end),
    };
    find(&folded, &words, published).iter().map(|f| DateMatch { span: span(f), value: f.value }).collect()
}

/// A date in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) value: Option<Date>,
}

/// Finds the dates of a prepared text, left to right.
pub(crate) fn find(text: &Folded, words: &Prepared, published: Option<Date>) -> Vec<Found> {
    let reader = Reader { text, words, published: published.filter(|p| p.day.is_some()) };
    let mut out: Vec<Found> = Vec::new();
    let mut i = 0;
    while i < text.tokens.len() {
        if let Some(f) = reader.at(i) {
            i = f.to.max(i + 1);
            out.push(f);
        } else {
            i += 1;
        }
    }
    out
}

/// Which side of the day of publication a date lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Current,
    Past,
    Next,
}

struct Reader<'a> {
    text: &'a Folded,
    words: &'a Prepared,
    published: Option<Date>,
}

/// Days of the week, Sunday first, without article.
const WEEK: [&str; 7] = ["احد", "اثنين", "ثلاثاء", "اربعاء", "خميس", "جمعه", "سبت"];

impl Reader<'_> {
    fn word(&self, i: usize) -> &str {
        self.text.tokens.get(i).map_or("", |t| t.folded.as_str())
    }

    fn is(&self, i: usize, any: &[&str]) -> bool {
        any.contains(&self.word(i))
    }

    fn is_of(&self, i: usize, group: Group) -> bool {
        self.words.is_of(i, group)
    }

    /// The token is reached without leaving the sentence.
    fn joined(&self, i: usize) -> bool {
        self.text.tokens.get(i).is_some_and(|t| !t.gap.ends_sentence())
    }

    fn number(&self, i: usize) -> Option<i32> {
        self.text.tokens.get(i).filter(|t| t.is_number() && t.folded.len() <= 4).and_then(|t| t.folded.parse().ok())
    }

    fn month(&self, i: usize) -> Option<(Hit, bool, u8)> {
        let list = &lexicon().months;
        // "باب" is a door, and nobody writes "in August" so.
        let hit = list.phrases.at(self.text, self.words, i).filter(|h| h.cut == 0 || self.word(i).chars().count() > 3)?;
        list.row(hit).map(|&(hijri, n)| (hit, hijri, n))
    }

    fn at(&self, i: usize) -> Option<Found> {
        self.numeric(i).or_else(|| self.worded(i)).or_else(|| self.relative(i))
    }

    /// 2025/02/24, 9 – 5 – 2023, 19-10-1444هـ.
    fn numeric(&self, i: usize) -> Option<Found> {
        let (a, b, c) = (self.number(i)?, self.number(i + 1)?, self.number(i + 2)?);
        let separated = |k: usize| {
            self.text
                .tokens
                .get(k)
                .is_some_and(|t| matches!(t.gap.single, '/' | '-' | '.' | '–') || (t.gap.dash() && !t.gap.comma()))
        };
        if !separated(i + 1) || !separated(i + 2) {
            return None;
        }
        let (y, m, d) = if a > 31 { (a, b, c) } else { (c, b, a) };
        let (m, d) = (u8::try_from(m).ok()?, u8::try_from(d).ok()?);
        let hijri = (1300..1500).contains(&y);
        let value = if hijri { hijri::to_gregorian(y, m, d)? } else { Date::new(y, m, d).filter(|d| d.year >= 1900)? };
        let era = usize::from(self.is_of(i + 3, Group::Era));
        Some(Found { from: i, to: i + 3 + era, value: Some(value) })
    }

    /// A day and a month in words, or a month with its year.
    fn worded(&self, start: usize) -> Option<Found> {
        let mut i = start;
        while self.is_day_word(i) && (i == start || self.joined(i)) && i < start + 5 {
            i += 1;
        }
        let (day, after_day) = self.day_of_month(i);
        let mut k = after_day;
        while self.joined(k) && self.is(k, &["من", "شهر", "لشهر"]) && k < after_day + 2 {
            k += 1;
        }
        if day.is_some() && self.is(k, &["الشهر"]) && self.side(k + 1).is_some() {
            let p = self.published;
            return Some(Found { from: start, to: k + 2, value: p.and_then(|p| Date::new(p.year, p.month?, day?)) });
        }
        let (hit, hijri, month) = self.month(k).filter(|_| k == start || self.joined(k))?;
        let mut end = hit.to;
        if let Some((other, h, m)) = self.month(end)
            && (h, m) == (hijri, month)
            && self.text.tokens.get(end).is_some_and(|t| t.gap.single == '/' || t.gap.opens() || !t.gap.is_empty())
        {
            end = other.to;
        }
        let this_year = self.is(end, &["من"])
            && self.is(end + 1, &["العام", "السنه"])
            && self.joined(end + 2)
            && self.side(end + 2).is_some();
        if this_year && !hijri {
            let value = self.without_year(month, day, self.side(end + 2));
            return Some(Found { from: start, to: end + 3, value });
        }
        // "أيلول من هذا العام".
        let of = end + usize::from(self.is(end, &["من"]));
        if let Some(this) = self.this_year(of).filter(|_| !hijri && self.joined(of))
            && let Some(year) = this.value.map(|v| v.year)
        {
            let value = day.map_or_else(|| Date::of_month(year, month), |d| Date::new(year, month, d));
            return Some(Found { from: start, to: this.to, value });
        }
        let year_at = if self.is_of(end, Group::BeforeYear) {
            end + 1 + usize::from(self.is(end + 1, &["عام", "العام"]))
        } else {
            end
        };
        let year = self.number(year_at).filter(|y| *y > 999 && self.joined(year_at));
        let side = if self.joined(end) { self.side(end) } else { None };
        let edged = !hijri && start > 0 && self.joined(start) && self.is_of(start - 1, Group::EdgeOfMonth);
        if edged && year.is_none() && side.is_none() && day.is_none() && k == start {
            return Some(Found { from: start, to: end, value: self.without_year(month, None, None) });
        }
        if year.is_none() && side.is_none() && day.is_none() && !self.is(start.wrapping_sub(1), &["شهر", "في"]) && k == start
        {
            return None;
        }
        if year.is_none() && side.is_none() && day.is_none() && (hijri || k == start) && !self.is(k.wrapping_sub(1), &["شهر"])
        {
            return None;
        }
        let mut to = if year.is_some() { year_at + 1 } else { end + usize::from(side.is_some()) };
        to += usize::from(year.is_some() && self.is(to, &["ه", "م", "هجري", "ميلادي"]));
        let value = match (year, hijri) {
            (Some(y), true) => hijri::to_gregorian(y, month, day.unwrap_or(1)),
            (Some(y), false) => day.map_or_else(|| Date::of_month(y, month), |d| Date::new(y, month, d)),
            (None, true) => None,
            (None, false) => {
                // "اتفاق العاشر من آذار" was made already.
                let made = side.is_none() && start > 0 && self.is_of(start - 1, Group::MadeThen);
                self.without_year(month, day, if made { Some(Side::Past) } else { side })
            }
        };
        Some(Found { from: start, to, value })
    }

    /// "يوم", "مساء", a weekday, "الموافق": words that may stand before the day of the month.
    fn is_day_word(&self, i: usize) -> bool {
        self.words.bare_of(i, Group::DayPart) || self.weekday(i).is_some() || self.is_of(i, Group::DayWord)
    }

    fn weekday(&self, i: usize) -> Option<u8> {
        let w = self.word(i);
        let w = w.strip_prefix(['و', 'ب', 'ل']).filter(|r| r.starts_with("ال")).unwrap_or(w);
        let bare = w.strip_prefix("ال")?;
        WEEK.iter().position(|d| *d == bare).and_then(|p| u8::try_from(p).ok())
    }

    /// The day of the month at token `i`, and the token behind it ("9", "9 و10": the first).
    fn day_of_month(&self, i: usize) -> (Option<u8>, usize) {
        if let Some(n) = self.number(i).filter(|n| (1..=31).contains(n)) {
            let mut k = i + 1;
            if self.is(k, &["و", "الي", "حتي"]) && self.number(k + 1).is_some() {
                k += 2;
            } else if self.text.tokens.get(k).is_some_and(|t| matches!(t.gap.single, '-' | '–'))
                && self.number(k).is_some_and(|n| n <= 31)
            {
                k += 1;
            }
            return (u8::try_from(n).ok(), k);
        }
        let list = &lexicon().numerals;
        let ordinal =
            list.phrases.at(self.text, self.words, i).and_then(|h| list.row(h)).filter(|r| r.0 == "ordinal").map(|r| r.1);
        match ordinal {
            Some(n) if self.is(i + 1, &["من"]) => (u8::try_from(n).ok(), i + 1),
            Some(n) if self.is(i + 1, &["عشر"]) && self.is(i + 2, &["من"]) => (u8::try_from(n + 10).ok(), i + 2),
            Some(n) if self.is(i + 1, &["والعشرين", "والعشرون"]) && self.is(i + 2, &["من"]) => {
                (u8::try_from(n + 20).ok(), i + 2)
            }
            _ => match self.word(i) {
                "العشرين" | "العشرون" if self.is(i + 1, &["من"]) => (Some(20), i + 1),
                "الثلاثين" | "الثلاثون" if self.is(i + 1, &["من"]) => (Some(30), i + 1),
                "الحادي" if self.is(i + 1, &["والثلاثين", "والثلاثون"]) && self.is(i + 2, &["من"]) => {
                    (Some(31), i + 2)
                }
                _ => (None, i),
            },
        }
    }

    fn side(&self, i: usize) -> Option<Side> {
        match without_article(self.word(i)) {
            "جاري" | "حالي" | "جاريه" | "حاليه" => Some(Side::Current),
            "ماضي" | "ماضيه" | "فايت" | "منصرم" | "منصرمه" => Some(Side::Past),
            "مقبل" | "مقبله" | "قادم" | "قادمه" => Some(Side::Next),
            _ => None,
        }
    }

    /// A month, perhaps with a day, whose year the text leaves to the reader.
    fn without_year(&self, month: u8, day: Option<u8>, side: Option<Side>) -> Option<Date> {
        nearest(self.published?, month, day, side)
    }

    /// "أمس", "اليوم الأحد", "الجمعة المقبلة", "الشهر الماضي", "عام 2027".
    fn relative(&self, i: usize) -> Option<Found> {
        let of_year = || self.this_year(i).filter(|_| i > 0 && self.is(i - 1, &["من"]));
        self.year(i).or_else(|| self.period(i)).or_else(of_year).or_else(|| self.near_day(i))
    }

    /// "الربع الأخير من هذا العام".
    fn this_year(&self, i: usize) -> Option<Found> {
        let year =
            self.is(i, &["هذا", "لهذا"]) && self.is(i + 1, &["العام"]) || self.is(i, &["هذه"]) && self.is(i + 1, &["السنه"]);
        year.then(|| Found { from: i, to: i + 2, value: self.published.and_then(|p| Date::of_year(p.year)) })
    }

    fn year(&self, i: usize) -> Option<Found> {
        if let Some(f) = self.bare_year(i) {
            return Some(f);
        }
        if !self.is_of(i, Group::YearHead) || !self.joined(i + 1) {
            return None;
        }
        let y = self.number(i + 1).filter(|y| (1300..=2200).contains(y))?;
        let value = if y < 1500 { hijri::to_gregorian(y, 1, 1).and_then(|d| Date::of_year(d.year)) } else { Date::of_year(y) };
        Some(Found { from: i, to: i + 2, value })
    }

    /// "بحلول 2026", "منذ 2014", "عامي 2024 و2025": a year that a preposition or another year tells as one.
    fn bare_year(&self, i: usize) -> Option<Found> {
        let y = self.number(i).filter(|y| (1980..2060).contains(y) && i > 0 && self.joined(i))?;
        let second = self.is(i - 1, &["و", "الي"])
            && i > 2
            && self.number(i - 2).is_some_and(|y| (1980..2060).contains(&y))
            && self.is_of(i - 3, Group::YearsHead);
        let lex = lexicon();
        let ends = self.text.tokens.get(i + 1).is_none_or(|t| t.gap.breaks()) || lex.stops.has_reading(self.word(i + 1));
        let counted = lex.units.phrases.at(self.text, self.words, i + 1).is_some();
        let value = Date::of_year(y);
        (!counted && (second || (ends && self.is_of(i - 1, Group::BeforeBareYear)))).then_some(Found {
            from: i,
            to: i + 1,
            value,
        })
    }

    fn period(&self, i: usize) -> Option<Found> {
        let side = self.side(i + 1).filter(|_| self.joined(i + 1))?;
        let step = match side {
            Side::Current => 0,
            Side::Past => -1,
            Side::Next => 1,
        };
        // "للعام المقبل", "وبالشهر الماضي": the preposition is no part of the date.
        let periods = ["الشهر", "العام", "السنه"];
        let word = self.word(i);
        let period = periods.iter().find(|p| clitic_cut(word, p).is_some()).copied().unwrap_or(word);
        let value = match without_article(period) {
            "شهر" => self.published.and_then(|p| {
                let m = i32::from(p.month?) - 1 + step;
                Date::of_month(p.year + m.div_euclid(12), u8::try_from(m.rem_euclid(12) + 1).ok()?)
            }),
            "عام" | "سنه" => self.published.and_then(|p| Date::of_year(p.year + step)),
            _ => return None,
        };
        Some(Found { from: i, to: i + 2, value })
    }

    fn near_day(&self, start: usize) -> Option<Found> {
        let mut i = start;
        let (mut shift, mut weekday, mut any) = (None, None, false);
        while i < start + 6 && (i == start || self.joined(i)) {
            let w = self.word(i);
            match w.strip_prefix('و').filter(|r| matches!(*r, "امس" | "اليوم" | "غدا")).unwrap_or(w) {
                // "اليوم العالمي للاجئين" is no day of the calendar.
                "اليوم" if self.is_of(i + 1, Group::NoDay) => {
                    break;
                }
                // "18 ساعة في اليوم": a measure.
                "اليوم" if i > 0 && self.is(i - 1, &["في", "مدار", "طوال", "طيله"]) && self.weekday(i + 1).is_none() =>
                {
                    break;
                }
                "اليوم" => shift = Some(shift.unwrap_or(0)),
                "غد" if i > 0 && self.is(i - 1, &["بعد"]) => shift = Some(2),
                "غدا" | "غد" | "الغد" => shift = Some(1),
                "امس" if self.is(i + 1, &["الاول"]) => {
                    shift = Some(-2);
                    i += 1;
                }
                "امس" if i > 0 && self.is(i - 1, &["اول"]) => shift = Some(-2),
                "امس" => shift = Some(-1),
                _ if self.weekday(i).is_some() && weekday.is_none() => weekday = self.weekday(i),
                _ if self.is_of(i, Group::DayPart) && !any => {}
                _ => break,
            }
            any = shift.is_some() || weekday.is_some();
            i += 1;
            if weekday.is_some() {
                break;
            }
        }
        if !any {
            return None;
        }
        let side = self.side(i).filter(|_| self.joined(i) && weekday.is_some());
        i += usize::from(side.is_some());
        // An explicit date right behind, in brackets or after a comma, says it better.
        if self.joined(i)
            && let Some(explicit) = self.numeric(i).or_else(|| self.worded(i))
            && explicit.value.is_some()
        {
            return Some(Found { from: start, ..explicit });
        }
        let value = self.published.and_then(|p| resolve_day(p, shift, weekday, side));
        Some(Found { from: start, to: i, value })
    }
}

pub(crate) fn resolve_day(p: Date, shift: Option<i64>, weekday: Option<u8>, side: Option<Side>) -> Option<Date> {
    if let Some(s) = shift {
        return p.plus_days(s);
    }
    let back = (i64::from(p.weekday()?) - i64::from(weekday?)).rem_euclid(7);
    match side {
        Some(Side::Next) => p.plus_days(7 - back),
        Some(Side::Past) if back == 0 => p.plus_days(-7),
        _ => p.plus_days(-back),
    }
}

/// A month, perhaps with a day, in the year that fits best: on the side that the text says, else the nearest to `p`.
pub(crate) fn nearest(p: Date, month: u8, day: Option<u8>, side: Option<Side>) -> Option<Date> {
    let make = |y: i32| day.map_or_else(|| Date::of_month(y, month), |d| Date::new(y, month, d));
    let whole = |d: Date| Date::new(d.year, d.month?, d.day.unwrap_or(15));
    let distance = |d: Date| whole(d).and_then(Date::days).zip(p.days()).map_or(i64::MAX, |(a, b)| a - b);
    let years = [p.year - 1, p.year, p.year + 1];
    match side {
        Some(Side::Current) => make(p.year),
        Some(Side::Past) => years.iter().rev().filter_map(|y| make(*y)).find(|d| distance(*d) < 0),
        Some(Side::Next) => years.iter().filter_map(|y| make(*y)).find(|d| distance(*d) > 0),
        None => years.iter().filter_map(|y| make(*y)).min_by_key(|d| distance(*d).abs()),
    }
}

/// A date in figures at token `i`, as in every language.
pub(crate) fn numeric_at(text: &Folded, i: usize) -> Option<Found> {
    Reader { text, words: &Prepared::default(), published: None }.numeric(i)
}
