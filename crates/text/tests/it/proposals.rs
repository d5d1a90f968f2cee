//! Drafts for dossiers.

use tansiq_text::samples::COMMITTEE_MEETING;
use tansiq_text::statement::{propose, read};

#[test]
fn the_sample_gives_one_meeting_and_one_agreement() {
    let reading = read(COMMITTEE_MEETING, "2025-11-04".parse().ok());
    let proposals = propose(&reading, COMMITTEE_MEETING);
    let of = |kind: &str| proposals.iter().filter(|p| p.kind == kind).collect::<Vec<_>>();
    let (meetings, agreements) = (of("meeting"), of("agreement"));
    assert_eq!((meetings.len(), agreements.len()), (1, 1), "{proposals:#?}");
    assert_eq!(meetings[0].title, "اجتماع اللجنة الأمنية العراقية التركية المشتركة");
    assert_eq!(meetings[0].parties, ["IRQ", "TUR"]);
    assert_eq!(meetings[0].fields["date"], "2025-11-04");
    assert_eq!(meetings[0].fields["place"], "بغداد");
    assert_eq!(meetings[0].fields["delegation_heads"]["IRQ"]["name"], "سالم عبد الكريم الجنابي");
    assert!(agreements[0].title.starts_with("اتفاقية الإطار الاستراتيجي"), "{}", agreements[0].title);
    assert_eq!(agreements[0].fields["year"], 2024);
    assert_eq!(agreements[0].fields["status"], "in_force");
    for p in &proposals {
        assert!(!p.evidence.is_empty() && !p.why.is_empty());
    }
}

#[test]
fn a_commitment_names_who_owes_and_quotes_the_words() {
    let text = "دمشق ترد\nتعهدت الحكومة السورية بتسليم المطلوبين الى العراق قبل نهاية الشهر، بحسب بيان لوزارة الداخلية السورية صدر في دمشق.\n";
    let reading = read(text, None);
    let all = propose(&reading, text);
    let c = all.iter().find(|p| p.kind == "commitment").unwrap();
    assert_eq!(c.fields["obligor"], serde_json::json!(["SYR"]));
    assert_eq!(c.fields["beneficiary"], serde_json::json!(["IRQ"]));
    assert!(text.contains(c.fields["quote"].as_str().unwrap()));
}

#[test]
fn a_draft_speaks_the_language_of_its_text() {
    for (text, title, why) in [
        (
            "Joint committee meets in Baghdad\nBAGHDAD – The Iraqi-Turkish Joint Security Committee held its fifth meeting in Baghdad on 4 November 2025 with the participation of Iraq and Türkiye.\n",
            "Meeting of the Iraqi-Turkish Joint Security Committee",
            "The text",
        ),
        (
            "Ortak komite Bağdat'ta toplandı\nBAĞDAT – Türkiye-Irak Ortak Güvenlik Komitesi beşinci toplantısını 4 Kasım 2025 tarihinde Bağdat'ta Türkiye ve Irak'ın katılımıyla yaptı.\n",
            "Türkiye-Irak Ortak Güvenlik Komitesi toplantısı",
            "Metin",
        ),
    ] {
        let reading = read(text, "2025-11-05".parse().ok());
        let all = propose(&reading, text);
        let meeting = all.iter().find(|p| p.kind == "meeting").unwrap_or_else(|| panic!("{reading:#?}"));
        assert_eq!(meeting.title, title);
        assert!(meeting.why.starts_with(why), "{}", meeting.why);
    }
}
