//! Dates against a day of publication: Sunday 23 July 2023.

use tansiq_text::{Date, dates};

fn values(text: &str, published: Option<&str>) -> Vec<Option<String>> {
    dates::read(text, published.map(|p| p.parse().unwrap())).into_iter().map(|d| d.value.map(|v| v.to_string())).collect()
}

#[test]
fn dates_are_read_and_resolved() {
    for (text, value) in [
        ("اليوم الأحد", "2023-07-23"),
        ("عُقد مساء السبت", "2023-07-22"),
        ("يوم الأحد الماضي", "2023-07-16"),
        ("الثلاثاء المقبل", "2023-07-25"),
        ("أمس", "2023-07-22"),
        ("أمس الأول", "2023-07-21"),
        ("غداً", "2023-07-24"),
        ("يوم غد الاثنين", "2023-07-24"),
        ("في الأول من أيار/ مايو الماضي", "2023-05-01"),
        ("14 آذار 2025", "2025-03-14"),
        ("يوم الجمعة الموافق 14 آذار 2025", "2025-03-14"),
        ("الأربعاء (10 أيلول 2025)", "2025-09-10"),
        ("15 من كانون الأول المقبل", "2023-12-15"),
        ("في 20 حزيران", "2023-06-20"),
        ("3 غشت 2024", "2024-08-03"),
        ("5 دجنبر 2024", "2024-12-05"),
        ("7 جويلية 2024", "2024-07-07"),
        ("9 و10 من الشهر الجاري", "2023-07-09"),
        ("الشهر المقبل", "2023-08"),
        ("العام الماضي", "2022"),
        ("تموز الجاري", "2023-07"),
        ("بحلول عام 2027", "2027"),
        ("نيسان 2026", "2026-04"),
        ("2025/02/24", "2025-02-24"),
        ("28/12/2025", "2025-12-28"),
        ("٢٨/١٢/٢٠٢٥", "2025-12-28"),
        ("19 – 10 – 1444هـ", "2023-05-09"),
        ("1 رمضان 1446هـ", "2025-03-01"),
        ("12 ذي الحجة 1445 هـ", "2024-06-18"),
    ] {
        assert_eq!(values(text, Some("2023-07-23")), [Some(value.to_owned())], "{text}");
    }
}

#[test]
fn a_relative_date_without_a_day_of_publication_has_no_value() {
    assert_eq!(values("أمس الأربعاء", None), [None]);
    assert_eq!(values("الشهر المقبل", None), [None]);
    assert_eq!(values("14 آذار 2025", None), [Some("2025-03-14".to_owned())]);
}

#[test]
fn what_only_looks_like_a_date_is_none() {
    for text in ["مارس ضغوطاً", "رجب طيب أردوغان", "32/13/2025", "45/45", "أيار", "1450 شاحنة", "الأحداث"]
    {
        assert!(values(text, Some("2023-07-23")).is_empty(), "{text}: {:?}", values(text, Some("2023-07-23")));
    }
}

#[test]
fn dates_count_days_both_ways() {
    for d in ["1970-01-01", "2000-02-29", "1899-12-31", "2026-11-22"] {
        let date: Date = d.parse().unwrap();
        assert_eq!(Date::from_days(date.days().unwrap()), Some(date));
    }
    assert_eq!("2026-11-22".parse::<Date>().unwrap().weekday(), Some(0));
    for bad in ["2023-02-30", "2023-13", "0", "", "2023-1-1-1", "x"] {
        assert!(bad.parse::<Date>().is_err(), "{bad}");
    }
}
