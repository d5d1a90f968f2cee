//! Dates, and what is counted.

use super::super::{DateItem, Number};
use super::{Page, papers};
use crate::date::Date;
use crate::dates::{self, Found, Side};
use crate::normalise::Token;

fn number_at(page: &Page<'_>, i: usize) -> Option<i32> {
    page.folded.tokens.get(i).filter(|t| t.is_number() && t.folded.len() <= 4).and_then(|t| t.folded.parse().ok())
}

fn year_at(page: &Page<'_>, i: usize) -> Option<i32> {
    number_at(page, i).filter(|y| (1900..2200).contains(y))
}

fn day_at(page: &Page<'_>, i: usize) -> Option<u8> {
    number_at(page, i).filter(|d| (1..=31).contains(d)).and_then(|d| u8::try_from(d).ok())
}

fn side_at(page: &Page<'_>, i: usize) -> Option<(Side, usize)> {
    let (side, to) = page.tongue.time("side", page, i)?;
    Some((
        if side < 0 {
            Side::Past
        } else if side > 0 {
            Side::Next
        } else {
            Side::Current
        },
        to,
    ))
}

/// The dates of a text, left to right.
pub(super) fn find(page: &Page<'_>) -> Vec<Found> {
    let (mut out, mut i) = (Vec::new(), 0);
    while i < page.len() {
        let found = dates::numeric_at(&page.folded, i).or_else(|| explicit(page, i)).or_else(|| relative(page, i));
        if let Some(found) = found {
            i = found.to.max(i + 1);
            out.push(found);
        } else {
            i += 1;
        }
    }
    out
}

/// "14 October 2025", "October 14", "14 Ekim", "October 2025", "Tuesday, 14 October".
fn explicit(page: &Page<'_>, start: usize) -> Option<Found> {
    let mut i = start;
    if let Some((_, to)) = page.tongue.time("weekday", page, start) {
        i = to;
    }
    // "12-15 Nisan", "12 to 15 April": the first day of a range.
    let range = day_at(page, i).filter(|_| page.gap(i + 1).dash() && day_at(page, i + 1).is_some());
    let i = i + usize::from(range.is_some());
    let month_at = |k: usize| page.tongue.time("month", page, k).filter(|_| page.is_capital(k));
    let (day, month, mut to) = match (day_at(page, i), month_at(i + 1), month_at(i)) {
        (Some(day), Some((month, to)), _) => (Some(day), month, to),
        (_, _, Some((month, to))) if !page.tongue.ends && day_at(page, to).is_some() => (day_at(page, to), month, to + 1),
        (_, _, Some((month, to))) if year_at(page, to).is_some() && i == start => (None, month, to),
        _ => return None,
    };
    let (day, month) = (range.or(day), u8::try_from(month).ok()?);
    let year = year_at(page, to).filter(|_| !page.gap(to).line());
    to += usize::from(year.is_some());
    let value = match year {
        Some(year) => day.map_or_else(|| Date::of_month(year, month), |day| Date::new(year, month, day)),
        None => page.published.and_then(|p| dates::nearest(p, month, day, None)),
    };
    let to = page.tongue.time("weekday", page, to).filter(|_| page.tongue.ends).map_or(to, |w| w.1);
    Some(Found { from: start, to, value })
}

/// "yesterday", "on Tuesday", "next month", "geçen yıl", "in 2027".
fn relative(page: &Page<'_>, i: usize) -> Option<Found> {
    let p = page.published.filter(|p| p.day.is_some());
    if let Some((shift, to)) = page.tongue.time("day", page, i) {
        return Some(Found { from: i, to, value: p.and_then(|p| p.plus_days(shift)) });
    }
    let side = side_at(page, i);
    let at = side.map_or(i, |s| s.1);
    if let Some((weekday, to)) = page.tongue.time("weekday", page, at).filter(|_| page.is_capital(at) || page.tongue.ends) {
        let value = p.and_then(|p| dates::resolve_day(p, None, u8::try_from(weekday).ok(), side.map(|s| s.0)));
        return Some(Found { from: i, to, value });
    }
    if let Some((side, _)) = side {
        let (period, to) = page.tongue.time("period", page, at)?;
        let step = match side {
            Side::Past => -1,
            Side::Current => 0,
            Side::Next => 1,
        };
        let value = p.and_then(|p| {
            let month = i32::from(p.month?) - 1 + step;
            if period == 2 {
                Date::of_year(p.year + step)
            } else {
                Date::of_month(p.year + month.div_euclid(12), u8::try_from(month.rem_euclid(12) + 1).ok()?)
            }
        });
        return Some(Found { from: i, to, value });
    }
    let year = year_at(page, i)?;
    let led = i > 0 && matches!(page.word(i - 1), "in" | "since" | "by" | "of" | "until");
    let named = page.tongue.ends && page.word(i + 1).starts_with("yil");
    (led || named).then(|| Found { from: i, to: i + 1, value: Date::of_year(year) })
}

/// Dates for the reading: each value once, and no year that is only part of the name of a paper.
pub(super) fn dates(page: &Page<'_>, found: &[Found], papers: &[papers::Found]) -> Vec<DateItem> {
    let mut out: Vec<DateItem> = Vec::new();
    for f in found {
        let year_only = f.value.is_some_and(|v| v.month.is_none());
        let in_paper = papers.iter().any(|p| p.range.start <= f.from && f.to <= p.range.end + 3);
        let again = out.iter().any(|o| o.value.is_some() && o.value == f.value);
        if out.len() >= super::super::MOST || again || (year_only && in_paper) {
            continue;
        }
        out.push(DateItem { text: page.slice(&(f.from..f.to)), value: f.value, evidence: vec![page.span(&(f.from..f.to))] });
    }
    out
}

/// What is counted, each value and unit once.
pub(super) fn numbers(page: &Page<'_>, dates: &[Found]) -> Vec<Number> {
    let mut out: Vec<Number> = Vec::new();
    let mut i = 0;
    while i < page.len() {
        let dated = dates.get(dates.partition_point(|d| d.to <= i)).is_some_and(|d| d.from <= i);
        let Some((to, value, unit)) = counted(page, i).filter(|_| !dated) else {
            i += 1;
            continue;
        };
        let number = crate::statement::numbers::number(value);
        if let Some(value) =
            number.filter(|v| out.len() < super::super::MOST && !out.iter().any(|n| n.value == *v && n.unit == unit))
        {
            let range = i..to;
            out.push(Number { text: page.slice(&range), value, unit: unit.to_owned(), evidence: vec![page.span(&range)] });
        }
        i = to.max(i + 1);
    }
    out
}

/// The number with its unit at token `i`: the token behind both, the value and the unit.
fn counted(page: &Page<'_>, i: usize) -> Option<(usize, f64, &'static str)> {
    let tokens = &page.folded.tokens;
    let unit_at = |k: usize| page.tongue.units.at(tokens, k).map(|m| (m.to, *m.row));
    // "The two countries" are the sides.
    if page.tongue.is("joint", page, i) {
        return None;
    }
    // "twenty-sixth".
    let tens = page.tongue.time("number", page, i).filter(|n| n.0 >= 20);
    let unit = tens.and_then(|(n, to)| page.tongue.time("ordinal", page, to).map(|(u, to)| (n + u, to)));
    #[allow(clippy::cast_precision_loss, reason = "number words and ordinals are small")]
    if let Some((n, to)) = unit.and_then(|(n, to)| unit_at(to).filter(|u| u.1 == "session").map(|u| (n, u.0))) {
        return Some((to, n as f64, "ordinal"));
    }
    #[allow(clippy::cast_precision_loss, reason = "number words and ordinals are small")]
    if let Some((n, to)) = page.tongue.time("ordinal", page, i) {
        let (to, _) = unit_at(to).or_else(|| unit_at(to + 1)).filter(|u| u.1 == "session")?;
        return Some((to, n as f64, "ordinal"));
    }
    // "yüzde 40", "$ 5 million".
    if let Some((to, unit)) = unit_at(i).filter(|u| matches!(u.1, "percent" | "USD" | "GBP") && u.0 == i + 1) {
        let (to, value) = value_at(page, to)?;
        return Some((to, value, unit));
    }
    let (to, value) = value_at(page, i)?;
    if matches!(page.word(to), "st" | "nd" | "rd" | "th") && page.gap(to).is_empty() {
        let (to, _) = unit_at(to + 1).or_else(|| unit_at(to + 2)).filter(|u| u.1 == "session")?;
        return Some((to, value, "ordinal"));
    }
    if page.broken(to) {
        return None;
    }
    let skip = |k: usize| !page.is_capital(k) && !page.broken(k + 1);
    let (to, unit) = unit_at(to)
        .or_else(|| skip(to).then(|| unit_at(to + 1)).flatten())
        .or_else(|| page.mention_at(to).and_then(|m| unit_at(m.to)))?;
    (unit != "session" && !(unit == "years" && value > 1000.0)).then_some((to, value, unit))
}

fn value_at(page: &Page<'_>, i: usize) -> Option<(usize, f64)> {
    let tokens = &page.folded.tokens;
    #[allow(clippy::cast_precision_loss, reason = "number words are small")]
    let (mut to, mut value) = match tokens.get(i)? {
        t if t.is_number() => digits(tokens, i, page.tongue.ends)?,
        _ => page.tongue.time("number", page, i).map(|(n, to)| (to, n as f64))?,
    };
    #[allow(clippy::cast_precision_loss, reason = "scales are powers of ten below 10^10")]
    while let Some((scale, next)) = page.tongue.time("scale", page, to).filter(|_| !page.broken(to)) {
        value *= scale as f64;
        to = next;
    }
    Some((to, value))
}

/// "1,200", "12.5" in English; "1.200", "12,5" in Turkish.
fn digits(tokens: &[Token], i: usize, turkish: bool) -> Option<(usize, f64)> {
    let (thousand, point) = if turkish { ('.', ',') } else { (',', '.') };
    let mut text = tokens.get(i)?.folded.clone();
    let mut to = i + 1;
    let next = |to: usize, mark: char| tokens.get(to).filter(|t| t.is_number() && t.gap.single == mark);
    while let Some(t) = next(to, thousand).filter(|t| t.folded.len() == 3 && text.len() < 15) {
        text.push_str(&t.folded);
        to += 1;
    }
    if let Some(t) = next(to, point).filter(|t| t.folded.len() <= 3) {
        text = format!("{text}.{}", t.folded);
        to += 1;
    }
    (text.len() <= 18).then(|| text.parse().ok()).flatten().map(|value| (to, value))
}
