//! Numbers with a fraction, kept as the text that somebody wrote: a record holds no floating-point number, and two parties
//! must read the same one.

/// The number that `text` writes, in units of `10^-digits`: `scaled("33.3", 2)` is 3330. `None` when the text is no plain
/// decimal number (`-12.50`, no exponent, no sign but a minus, no separators), or has more digits after the point.
#[must_use]
pub fn scaled(text: &str, digits: u8) -> Option<i64> {
    let (negative, plain) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = plain.split_once('.').map_or((plain, None), |(whole, fraction)| (whole, Some(fraction)));
    let is_number = |part: &str| !part.is_empty() && part.len() <= 12 && part.bytes().all(|b| b.is_ascii_digit());
    let fraction = match fraction {
        None => "",
        Some(fraction) if is_number(fraction) && fraction.len() <= usize::from(digits) => fraction,
        Some(_) => return None,
    };
    if !is_number(whole) || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    let written = format!("{whole}{fraction:0<width$}", width = usize::from(digits));
    let number: i64 = written.parse().ok()?;
    Some(if negative { -number } else { number })
}

#[cfg(test)]
mod tests {
    use super::scaled;

    #[test]
    fn a_number_is_read_in_one_way_only() {
        assert_eq!(scaled("33.3", 2), Some(3330));
        assert_eq!(scaled("-0.05", 2), Some(-5));
        assert_eq!(scaled("44", 0), Some(44));
        for bad in ["", "-", ".5", "5.", "05", "1e3", "+1", "1,5", "1.234", "٣", "1.2.3", "9999999999999"] {
            assert_eq!(scaled(bad, 2), None, "{bad}");
        }
    }
}
