//! The three languages of the pages: words by Fluent, dates and numbers by ICU. Everything is decided on the server,
//! because browsers format differently and a deadline must read the same on every desk.
use std::{borrow::Cow, collections::HashMap, fmt, sync::LazyLock};

pub use fluent_templates::fluent_bundle::FluentValue as Value;
use fluent_templates::{LanguageIdentifier, static_loader};
use icu_calendar::{Date, Iso};
use icu_datetime::{DateTimeFormatter, DateTimeFormatterPreferences, fieldsets};
use icu_decimal::{DecimalFormatter, input::Decimal};
use icu_locale_core::Locale;
use icu_time::{DateTime, Time};
use jiff::{Timestamp, tz::Offset};
use unic_langid::langid;

static_loader! {
    static WORDS = {
        locales: "./locales",
        fallback_language: "en",
    };
}

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lang {
    /// Arabic, as written in Iraq: month names كانون الثاني …, Western digits.
    Ar,
    /// English.
    En,
    /// Turkish.
    Tr,
}

/// The offset in which times are shown here: Baghdad, Ankara and Damascus are three hours ahead all year.
pub const BAGHDAD: Offset = jiff::tz::offset(3);

impl Lang {
    /// Every language, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::Ar, Self::En, Self::Tr];

    /// The code that stands in `lang` attributes and addresses.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ar => "ar",
            Self::En => "en",
            Self::Tr => "tr",
        }
    }

    /// The direction of its lines.
    #[must_use]
    pub const fn dir(self) -> &'static str {
        match self {
            Self::Ar => "rtl",
            Self::En | Self::Tr => "ltr",
        }
    }

    /// Its name in itself, which is the same on every page.
    #[must_use]
    pub const fn endonym(self) -> &'static str {
        match self {
            Self::Ar => "العربية",
            Self::En => "English",
            Self::Tr => "Türkçe",
        }
    }

    /// The language with this code, if it is one of ours. A region after it is ignored.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let primary = code.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|lang| lang.code().eq_ignore_ascii_case(primary))
    }

    /// The language that an `Accept-Language` header asks for: the highest quality among ours, the first on a tie.
    #[must_use]
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut best: Option<(Self, f32)> = None;
        for range in header.split(',') {
            let mut parts = range.split(';');
            let Some(lang) = parts.next().and_then(Self::parse) else {
                continue;
            };
            let quality = parts.find_map(|part| part.trim().strip_prefix("q=")?.trim().parse().ok()).unwrap_or(1.0_f32);
            if quality > 0.0 && best.is_none_or(|(_, other)| quality > other) {
                best = Some((lang, quality));
            }
        }
        best.map(|(lang, _)| lang)
    }

    const fn words_id(self) -> LanguageIdentifier {
        match self {
            Self::Ar => langid!("ar"),
            Self::En => langid!("en"),
            Self::Tr => langid!("tr"),
        }
    }

    const fn locale(self) -> &'static str {
        match self {
            Self::Ar => "ar-IQ-u-nu-latn",
            Self::En => "en-GB",
            Self::Tr => "tr-TR",
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The word with this id (`message` or `message.attribute`), with its arguments set apart from the direction around
/// them. A word that a language lacks is shown as `⟦id⟧`, so that nobody takes a gap for a text; a test finds it first.
#[must_use]
pub fn word(lang: Lang, id: &str, arguments: &[(&'static str, Value<'_>)]) -> String {
    find_word(lang, id, arguments).unwrap_or_else(|| format!("⟦{id}⟧"))
}

/// The word with this id, or nothing where the language has none.
#[must_use]
pub fn find_word(lang: Lang, id: &str, arguments: &[(&'static str, Value<'_>)]) -> Option<String> {
    let arguments: HashMap<Cow<'static, str>, Value<'_>> =
        arguments.iter().map(|(name, value)| (Cow::Borrowed(*name), value.clone())).collect();
    let arguments = (!arguments.is_empty()).then_some(&arguments);
    WORDS.lookup_single_language(&lang.words_id(), id, arguments).ok()
}

/// A day in the Gregorian calendar: `22 تشرين الثاني 2026`. A day that is none gives its numbers.
#[must_use]
pub fn date(lang: Lang, year: i32, month: u8, day: u8) -> String {
    shown(year, month, day, |date| Some(formats(lang).day.as_ref()?.format(&date).to_string()))
}

/// A month in the Gregorian calendar: `تشرين الثاني 2026`. One that is none gives its numbers.
#[must_use]
pub fn month(lang: Lang, year: i32, month: u8) -> String {
    shown(year, month, 1, |date| Some(formats(lang).month.as_ref()?.format(&date).to_string()))
}

/// A day with the name of its weekday, for headings.
#[must_use]
pub fn date_with_weekday(lang: Lang, year: i32, month: u8, day: u8) -> String {
    shown(year, month, day, |date| Some(formats(lang).weekday.as_ref()?.format(&date).to_string()))
}

/// The same day in the Umm al-Qura calendar, for the second line.
#[must_use]
pub fn date_hijri(lang: Lang, year: i32, month: u8, day: u8) -> String {
    shown(year, month, day, |date| Some(formats(lang).hijri.as_ref()?.format(&date).to_string()))
}

/// A moment, in seconds since 1970 in UTC, as day and minute at this offset.
#[must_use]
pub fn datetime(lang: Lang, unix_seconds: i64, offset: Offset) -> String {
    let Ok(moment) = Timestamp::from_second(unix_seconds) else {
        return unix_seconds.to_string();
    };
    let local = offset.to_datetime(moment);
    let in_language = || {
        let date = Date::try_new_iso(local.year().into(), to_u8(local.month()), to_u8(local.day())).ok()?;
        let time = Time::try_new(to_u8(local.hour()), to_u8(local.minute()), 0, 0).ok()?;
        Some(formats(lang).minute.as_ref()?.format(&DateTime { date, time }).to_string())
    };
    in_language().unwrap_or_else(|| local.strftime("%Y-%m-%d %H:%M").to_string())
}

/// A whole number with the grouping of the language.
#[must_use]
pub fn number(lang: Lang, n: i64) -> String {
    match &formats(lang).number {
        Some(format) => format.format(&Decimal::from(n)).to_string(),
        None => n.to_string(),
    }
}

struct Formats {
    day: Option<DateTimeFormatter<fieldsets::YMD>>,
    month: Option<DateTimeFormatter<fieldsets::YM>>,
    weekday: Option<DateTimeFormatter<fieldsets::YMDE>>,
    hijri: Option<DateTimeFormatter<fieldsets::YMD>>,
    minute: Option<DateTimeFormatter<fieldsets::YMDT>>,
    number: Option<DecimalFormatter>,
}

/// Formatters are dear to make and cheap to use. Their data are compiled in, so making one cannot fail; should it, the
/// day is shown by its numbers, and a test says so.
fn formats(lang: Lang) -> &'static Formats {
    static ALL: LazyLock<[Formats; 3]> = LazyLock::new(|| Lang::ALL.map(make_formats));
    let [ar, en, tr] = &*ALL;
    match lang {
        Lang::Ar => ar,
        Lang::En => en,
        Lang::Tr => tr,
    }
}

fn make_formats(lang: Lang) -> Formats {
    let gregorian = preferences(lang.locale(), "");
    let hijri = preferences(lang.locale(), "islamic-umalqura");
    Formats {
        day: gregorian.and_then(|p| DateTimeFormatter::try_new(p, fieldsets::YMD::long()).ok()),
        month: gregorian.and_then(|p| DateTimeFormatter::try_new(p, fieldsets::YM::long()).ok()),
        weekday: gregorian.and_then(|p| DateTimeFormatter::try_new(p, fieldsets::YMDE::long()).ok()),
        hijri: hijri.and_then(|p| DateTimeFormatter::try_new(p, fieldsets::YMD::long()).ok()),
        minute: gregorian.and_then(|p| DateTimeFormatter::try_new(p, fieldsets::YMD::long().with_time_hm()).ok()),
        number: Locale::try_from_str(lang.locale())
            .ok()
            .and_then(|locale| DecimalFormatter::try_new((&locale).into(), Default::default()).ok()),
    }
}

fn preferences(locale: &str, calendar: &str) -> Option<DateTimeFormatterPreferences> {
    let mut tag = locale.to_owned();
    if !tag.contains("-u-") {
        tag.push_str("-u");
    }
    if !calendar.is_empty() {
        tag.push_str("-ca-");
        tag.push_str(calendar);
    }
    tag.push_str("-hc-h23");
    Some((&Locale::try_from_str(&tag).ok()?).into())
}

fn shown(year: i32, month: u8, day: u8, format: impl FnOnce(Date<Iso>) -> Option<String>) -> String {
    Date::try_new_iso(year, month, day).ok().and_then(format).unwrap_or_else(|| format!("{year}-{month:02}-{day:02}"))
}

fn to_u8(n: i8) -> u8 {
    u8::try_from(n).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::{
        collections::{BTreeMap, BTreeSet},
        fs,
        path::Path,
    };

    #[test]
    fn days_read_as_in_baghdad_london_and_ankara() {
        assert_eq!(date(Lang::Ar, 2026, 1, 18), "18 كانون الثاني 2026");
        assert_eq!(date_with_weekday(Lang::Ar, 2026, 11, 22), "الأحد، 22 تشرين الثاني 2026");
        assert_eq!(date(Lang::En, 2026, 11, 22), "22 November 2026");
        assert_eq!(date(Lang::Tr, 2026, 11, 22), "22 Kasım 2026");
        assert_eq!(date_hijri(Lang::Ar, 2026, 11, 22), "12 جمادى الآخرة 1448 هـ");
        assert_eq!(date(Lang::En, 2026, 2, 30), "2026-02-30");
        let months = Lang::ALL.map(|lang| month(lang, 2026, 11));
        assert_eq!(months, ["تشرين الثاني 2026", "November 2026", "Kasım 2026"]);
    }

    #[test]
    fn moments_are_shown_three_hours_ahead_with_24_hours() {
        assert_eq!(datetime(Lang::En, 1_795_336_800, BAGHDAD), "22 November 2026 at 11:40");
        assert!(datetime(Lang::Ar, 1_795_336_800, BAGHDAD).contains("11:40"));
        assert!(datetime(Lang::Tr, 1_795_382_400, BAGHDAD).contains("00:20"));
    }

    #[test]
    fn numbers_are_grouped_with_western_digits() {
        assert_eq!(number(Lang::Ar, 18_214), "18,214");
        assert_eq!(number(Lang::En, -1_000), "-1,000");
        assert_eq!(number(Lang::Tr, 18_214), "18.214");
    }

    #[test]
    fn the_browser_asks_and_we_choose_among_ours() {
        assert_eq!(Lang::from_accept_language("de, tr-TR;q=0.8, en;q=0.9"), Some(Lang::En));
        assert_eq!(Lang::from_accept_language("ar-IQ,ar;q=0.9"), Some(Lang::Ar));
        assert_eq!(Lang::from_accept_language("en;q=0, fr"), None);
        assert_eq!(Lang::parse("TR_tr"), Some(Lang::Tr));
    }

    /// The ids of one language with the variables each uses, read from its files.
    fn ids(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(lang.code());
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for entry in fs::read_dir(folder).unwrap() {
            let mut message = String::new();
            let mut id = String::new();
            for line in fs::read_to_string(entry.unwrap().path()).unwrap().lines() {
                let start = line.split_once(" =").map(|(start, _)| start);
                if let Some(start) = start.filter(|start| start.starts_with(|c: char| c.is_ascii_alphabetic())) {
                    start.clone_into(&mut message);
                    start.clone_into(&mut id);
                    assert!(found.insert(id.clone(), BTreeSet::new()).is_none(), "{lang} has {id} twice");
                } else if let Some(attribute) = start.and_then(|start| start.strip_prefix("    .")) {
                    id = format!("{message}.{attribute}");
                    found.insert(id.clone(), BTreeSet::new());
                }
                for variable in line.split("{ $").skip(1) {
                    let name: String = variable.chars().take_while(char::is_ascii_alphabetic).collect();
                    found.entry(id.clone()).or_default().insert(name);
                }
            }
        }
        found
    }

    #[test]
    fn every_word_stands_in_every_language_with_the_same_variables() {
        let english = ids(Lang::En);
        assert!(english.len() > 250);
        for lang in Lang::ALL {
            let here = ids(lang);
            for id in english.keys().chain(here.keys()) {
                assert_eq!(english.get(id), here.get(id), "{id} in {lang} and in English");
                let arguments: Vec<(&'static str, Value<'_>)> = [
                    "n", "name", "page", "parties", "date", "hash", "time", "party", "code", "number", "from", "to", "all",
                    "min", "max", "first", "second", "here", "one", "other", "two",
                ]
                .map(|name| (name, if name == "n" { Value::from(3) } else { Value::from("x") }))
                .into();
                assert!(find_word(lang, id, &arguments).is_some(), "{id} in {lang}");
            }
        }
    }

    #[test]
    fn arabic_counts_in_six_forms() {
        let said = |n: i64| word(Lang::Ar, "rows-caption", &[("n", Value::from(n))]).replace(['\u{2068}', '\u{2069}'], "");
        assert_eq!(
            [0, 1, 2, 3, 11, 100].map(said),
            ["لا ملفات", "ملف واحد", "ملفان", "3 ملفات", "11 ملفًا", "100 ملف"].map(str::to_owned)
        );
    }

    #[test]
    fn every_word_named_in_a_page_exists() {
        let known = ids(Lang::En);
        for (file, text) in crate::web::pages::sources() {
            for call in [".w(\"", ".with(\"", ".count(\"", "word(lang, \"", "word(self.lang, \""] {
                for rest in text.split(call).skip(1) {
                    let id = rest.split('"').next().unwrap_or_default();
                    assert!(known.contains_key(id), "{file} names the word {id}");
                }
            }
        }
    }

    #[test]
    fn a_missing_word_is_marked() {
        assert_eq!(word(Lang::Tr, "no-such-word", &[]), "⟦no-such-word⟧");
    }
}
