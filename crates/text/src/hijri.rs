//! Hijri dates in the Umm al-Qura calendar, by its published table.

use crate::date::Date;

const TABLE: &str = include_str!("../data/umm_al_qura.tsv");

/// The Gregorian day of a Hijri date. `None` outside 1343 to 1500 AH, or when the month has no such day.
pub(crate) fn to_gregorian(year: i32, month: u8, day: u8) -> Option<Date> {
    let row = TABLE.lines().filter(|l| !l.starts_with('#')).find_map(|l| {
        let mut cells = l.split('\t');
        (cells.next()?.parse::<i32>().ok()? == year).then_some((cells.next()?, cells.next()?))
    })?;
    let (first, lengths) = row;
    let length = |c: u8| if c == b'1' { 30 } else { 29 };
    let months = lengths.as_bytes();
    let index = usize::from(month.checked_sub(1)?);
    let own = length(*months.get(index)?);
    if day == 0 || i64::from(day) > own {
        return None;
    }
    let before: i64 = months.iter().take(index).map(|&c| length(c)).sum();
    first.parse::<Date>().ok()?.plus_days(before + i64::from(day) - 1)
}
