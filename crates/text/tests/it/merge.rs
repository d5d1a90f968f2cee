//! Several reports of the same matter.

use tansiq_text::statement::merge::{Cluster, Report, compare};
use tansiq_text::statement::{Reading, read};

const AGENCY: &str = "بغداد وأنقرة تعقدان اجتماع اللجنة الأمنية المشتركة\nعقدت اللجنة الأمنية العراقية التركية المشتركة اجتماعها الخامس في بغداد يوم الثلاثاء 4 تشرين الثاني 2025 برئاسة وكيل وزارة الداخلية العراقية سالم عبد الكريم الجنابي ونائب وزير الداخلية التركي مراد أيدمير.\nووقّع الجانبان مذكرة تفاهم لتدريب ضباط الحدود.\n";
const MINISTRY: &str = "الداخلية تستضيف اجتماع اللجنة الأمنية المشتركة مع تركيا\nاستضافت وزارة الداخلية العراقية في أربيل يوم الأربعاء 5 تشرين الثاني 2025 الاجتماع الخامس للجنة الأمنية العراقية التركية المشتركة، وترأس الجانب العراقي وكيل وزارة الداخلية العراقية سالم عبد الكريم الجنابي.\nووقع الطرفان مذكرة تفاهم لتدريب ضباط الحدود.\n";
const OTHER: &str = "العراق وتركيا يبحثان المياه\nالتقى وزير الموارد المائية العراقي راشد كريم الساعدي نظيره التركي سليم قرجة في إسطنبول يوم 20 كانون الأول 2025.\n";

fn readings(texts: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str, Reading)> {
    texts.iter().map(|&(source, text)| (source, text, read(text, "2025-12-21".parse().ok()))).collect()
}

fn clusters(read: &[(&'static str, &'static str, Reading)]) -> Vec<Cluster> {
    let reports: Vec<Report<'_>> = read.iter().map(|(source, text, reading)| Report { source, text, reading }).collect();
    compare(&reports)
}

fn meetings(clusters: &[Cluster]) -> Vec<&Cluster> {
    clusters.iter().filter(|m| m.kind == "meeting").collect()
}

#[test]
fn two_reports_of_one_session_are_one_meeting_with_their_differences() {
    let read = readings(&[("agency", AGENCY), ("ministry", MINISTRY)]);
    let all = clusters(&read);
    let meetings = meetings(&all);
    assert_eq!(meetings.len(), 1, "{all:#?}");
    assert_eq!(meetings[0].told_by.iter().map(|t| t.source.as_str()).collect::<Vec<_>>(), ["agency", "ministry"]);
    assert_eq!(meetings[0].agreed["session"], 5);
    let conflict = meetings[0].conflicts.iter().find(|c| c.field == "date").unwrap();
    assert_eq!(conflict.values.iter().map(|v| v.value.as_str().unwrap()).collect::<Vec<_>>(), ["2025-11-04", "2025-11-05"]);
    for claim in &conflict.values {
        for said in &claim.said_by {
            let text = read.iter().find(|r| r.0 == said.source).unwrap().1;
            let span = said.evidence[0];
            let words: String = text.chars().skip(span.start).take(span.end - span.start).collect();
            assert!(words.contains("تشرين الثاني"), "{words}");
        }
    }
    assert!(meetings[0].conflicts.iter().any(|c| c.field == "place"), "{:#?}", meetings[0]);
}

#[test]
fn an_agreement_is_the_same_by_its_name() {
    let all = clusters(&readings(&[("agency", AGENCY), ("ministry", MINISTRY)]));
    let agreements: Vec<_> = all.iter().filter(|m| m.kind == "agreement").collect();
    assert_eq!(agreements.len(), 1, "{agreements:#?}");
    assert_eq!((agreements[0].told_by.len(), agreements[0].conflicts.iter().filter(|c| c.field != "signed").count()), (2, 0));
}

#[test]
fn another_meeting_of_the_same_states_is_another_matter() {
    let all = clusters(&readings(&[("agency", AGENCY), ("other", OTHER)]));
    assert_eq!(meetings(&all).len(), 2, "{all:#?}");
    assert!(meetings(&all).iter().all(|m| m.conflicts.is_empty()));
}

#[test]
fn one_report_is_never_merged_with_itself_and_the_result_reads_back_from_json() {
    let all = clusters(&readings(&[("agency", AGENCY), ("agency", AGENCY)]));
    assert!(all.iter().all(|m| m.told_by.len() == 1));
    let json = serde_json::to_string(&all).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Cluster>>(&json).unwrap(), all);
}
