//! Dates and claimed times, as they stand in records.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A day of the Gregorian calendar, written `2025-10-15`.
pub type Date = jiff::civil::Date;

/// A moment as its writer claimed it, in whole seconds UTC, written `2025-10-15T09:00:00Z` (RFC 3339). It is shown to people
/// and never decides an order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

/// The beginning of the year 1 and the end of the year 9999, in seconds from the beginning of 1970 UTC.
const EARLIEST: i64 = -62_135_596_800;
const LATEST: i64 = 253_402_300_799;

impl Moment {
    /// The moment that lies this many seconds after the beginning of 1970 UTC, or `None` when no such date is written with
    /// four digits of year.
    #[must_use]
    pub fn from_unix(seconds: i64) -> Option<Moment> {
        (EARLIEST..=LATEST).contains(&seconds).then_some(Moment(seconds))
    }

    /// The moment that lies this many seconds after the beginning of 1970 UTC, or the nearest one that can be written.
    #[must_use]
    pub fn nearest(seconds: i64) -> Moment {
        Moment(seconds.clamp(EARLIEST, LATEST))
    }

    /// Seconds since the beginning of 1970 UTC.
    #[must_use]
    pub fn unix(self) -> i64 {
        self.0
    }

    /// The day on which this moment falls in UTC+3, the civil time of Baghdad, Damascus, Istanbul and Riyadh.
    #[must_use]
    pub fn civil_date(self) -> Date {
        let shifted = jiff::Timestamp::from_second(self.0 + 3 * 3600).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        jiff::tz::Offset::UTC.to_datetime(shifted).date()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(at) => write!(f, "{at}"),
            Err(_) => Err(fmt::Error),
        }
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Moment {
    type Err = crate::party::BadId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || crate::party::BadId::new("a time (such as 2025-10-15T09:00:00Z)", text);
        if text.len() != 20 || text.as_bytes()[10] != b'T' || !text.ends_with('Z') {
            return Err(bad());
        }
        let at: jiff::Timestamp = text.parse().map_err(|_| bad())?;
        Moment::from_unix(at.as_second()).ok_or_else(bad)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::party::parsed(deserializer)
    }
}

/// A date by which something is owed, or the explicit statement that there is none. An omitted date is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// On this day at the latest.
    On(Date),
    /// The parties stated that there is no date.
    None,
}

impl Due {
    /// The date, when there is one.
    #[must_use]
    pub fn date(self) -> Option<Date> {
        match self {
            Due::On(date) => Some(date),
            Due::None => None,
        }
    }

    /// Whether the day has passed without the thing being done.
    #[must_use]
    pub fn is_past(self, today: Date) -> bool {
        self.date().is_some_and(|date| date < today)
    }
}

impl Serialize for Due {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Due::On(date) => date.serialize(serializer),
            Due::None => serializer.serialize_str("none"),
        }
    }
}

impl<'de> Deserialize<'de> for Due {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        if text == "none" {
            return Ok(Due::None);
        }
        text.parse().map(Due::On).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_one_way_only() {
        let moment: Moment = "2025-10-15T09:00:00Z".parse().unwrap();
        assert_eq!(moment.to_string(), "2025-10-15T09:00:00Z");
        for bad in ["2025-10-15T09:00:00+00:00", "2025-10-15T09:00:00.5Z", "2025-10-15 09:00:00Z", "2025-13-15T09:00:00Z", ""] {
            assert!(bad.parse::<Moment>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_civil_day_changes_at_midnight_in_baghdad() {
        assert_eq!("2025-10-14T20:59:59Z".parse::<Moment>().unwrap().civil_date().to_string(), "2025-10-14");
        assert_eq!("2025-10-14T21:00:00Z".parse::<Moment>().unwrap().civil_date().to_string(), "2025-10-15");
    }

    #[test]
    fn no_date_is_said_explicitly() {
        assert_eq!(serde_json::from_str::<Due>("\"none\"").unwrap(), Due::None);
        assert!(serde_json::from_str::<Due>("null").is_err());
        assert!(serde_json::from_str::<Due>("\"\"").is_err());
    }
}
