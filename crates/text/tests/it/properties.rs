//! What must hold of any text at all.

use proptest::prelude::*;
use tansiq_text::normalise::fold;
use tansiq_text::statement::{propose, read};
use tansiq_text::{Date, dates, fold_for_search, stray_bidi_controls};

/// Words the lists know, and marks that confuse, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let words = [
        "وزير",
        "الخارجية",
        "العراقي",
        "نظيره",
        "السيد",
        "محمد",
        "عبد",
        "اللجنة",
        "المشتركة",
        "بين",
        "العراق",
        "وتركيا",
        "مذكرة",
        "تفاهم",
        "عام",
        "2024",
        "1",
        "و",
        "اتفق",
        "الجانبان",
        "على",
        "سيرسلان",
        "تعهد",
        "\n",
        "،",
        ".",
        " ",
        "\u{202e}",
        "ـ",
        "َ",
        "مخيم",
        "الهول",
        "في",
        "بغداد",
        "–",
        "لل",
        "ال",
        "خمسة",
        "آلاف",
        "أسرة",
        "أمس",
        "الأحد",
        "كانون",
        "الأول",
        "/",
        "999999999999999999999",
        "%",
        "(",
        ")",
        "وزارات",
        "والدفاع",
        "س",
        "اقرأ أيضاً",
        "الاجتماع",
        "الخامس",
        "سفارتي",
        "دينار",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..60).prop_map(|w| w.join(" "))
}

fn check(text: &str, published: Option<Date>) -> Result<(), TestCaseError> {
    let reading = read(text, published);
    let length = text.chars().count();
    for (field, items) in reading.evidence() {
        for span in items.into_iter().flatten() {
            prop_assert!(span.start <= span.end && span.end <= length, "{field} {span:?} of {length}");
        }
    }
    for c in &reading.commitments {
        prop_assert!(c.start < c.end && c.end <= length);
    }
    for p in propose(&reading, text) {
        prop_assert!(p.evidence.iter().all(|s| s.end <= length));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn any_text_is_read_without_panic_and_spans_lie_in_it(text in any::<String>()) {
        check(&text, None)?;
    }

    #[test]
    fn any_order_of_known_words_is_read_without_panic(text in pieces(), day in 1i64..30_000) {
        check(&text, Date::from_days(day))?;
    }

    #[test]
    fn folding_is_idempotent_and_its_offsets_never_decrease(text in any::<String>()) {
        let once = fold_for_search(&text);
        prop_assert_eq!(&fold_for_search(&once), &once);
        let folded = fold(&text);
        prop_assert_eq!(&folded.text, &once);
        prop_assert_eq!(folded.origins.len(), folded.text.chars().count());
        prop_assert!(folded.origins.windows(2).all(|w| w[0].byte <= w[1].byte && w[0].character <= w[1].character));
        prop_assert!(folded.origins.iter().all(|o| text.is_char_boundary(o.byte)));
        prop_assert!(folded.tokens.iter().all(|t| t.start < t.end && t.end <= text.chars().count()));
        prop_assert!(folded.tokens.windows(2).all(|w| w[0].start <= w[1].start && w[0].end <= w[1].end));
    }

    #[test]
    fn dates_and_controls_take_anything(text in any::<String>()) {
        let _ = dates::read(&text, None);
        prop_assert!(stray_bidi_controls(&text).iter().all(|(at, _)| text.is_char_boundary(*at)));
    }
}

#[test]
fn hostile_texts_are_read_to_the_end() {
    let texts = [
        "ا".repeat(500_000),
        "\u{200b}\u{200d}".repeat(60_000),
        "\u{202e}abc\u{202d}ابج ".repeat(8_000),
        "وزير ".repeat(6_000),
        "اللجنة المشتركة بين العراق وتركيا ".repeat(1_500),
        "عبد ".repeat(6_000),
        "1 ".repeat(10_000),
        "\n".repeat(80_000),
        "و".repeat(80_000),
        (0..2_000).map(|n| format!("وزير الدفاع سامي{n} راشد{n}، ومعبر باب{n}، ")).collect(),
        "اتفق الجانبان على ".repeat(2_500),
        "َ".repeat(80_000),
        "Iraq and Türkiye agreed to sign the memorandum of understanding in Ankara ".repeat(1_500),
        "Minister of Interior ".repeat(3_000),
        "The Joint Committee of Iraq, ".repeat(3_000),
        "Irak Dışişleri Bakanı Ali Kaya ve Türkiye'nin ortak güvenlik komitesi ".repeat(1_500),
        "1 ve 2 the ".repeat(5_000),
    ];
    for text in &texts {
        let reading = read(text, None);
        assert!(reading.commitments.iter().all(|c| c.end <= text.chars().count()));
    }
}
