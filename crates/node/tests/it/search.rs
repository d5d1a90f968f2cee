//! Search: what is found in which spelling, by whom, and that nothing which an officer may not see changes what it is told.

use crate::outsider::holds;
use crate::returns::{NAME, Pair};
use crate::straight::{Here, act, channel, officer};
use crate::web::Site;
use crate::world::{World, meeting, until};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::label::{Classification, Label};
use tansiq_dossier::party::Role;
use tansiq_dossier::record::{DossierId, Draft};
use tansiq_node::attachments::{self, Upload};
use tansiq_node::fault::Trouble;
use tansiq_node::search::{self, Answer, Facet, Index, Question, Standing};
use tansiq_node::store::people;
use tansiq_node::views::Looking;

/// Titles, and what stands in each dossier besides.
const TEXTS: [(&str, &str); 9] = [
    ("اجتماع اللجنة الأمنية المشتركة", "حضر اللقاء السيد قاسم الأعرجي، وبحث أمن الحدود والمنافذ في الأنبار."),
    ("توقيع الاتفاقيات الحدودية", "وقّع الوزيران ثلاث اتفاقيات بتاريخ 15 تشرين الأول 2025، والمادة ١٤ منها نافذة."),
    ("إرجاء الزيارة", "أُرجئت الزيارة إلى موعد لاحق، ونرجو إبلاغ الجانب التركي."),
    ("Joint border committee", "The meeting of 15 October 2025 agreed on three agreements."),
    ("Sınır güvenliği toplantısı", "Toplantı 15 Ekim 2025 tarihinde Irak'ın başkentinde yapıldı. Kasım Araji katıldı."),
    ("وزارة الداخلية", "زار الوزير بغداد، واطّلع على زير من الفخار."),
    ("كۆبوونەوەی هەولێر", "هەرێمی کوردستان"),
    ("مذكرة تفاهم", "استعادة القطع الأثرية من المتاحف <script>alert(1)</script> وإعادتها."),
    ("لقاء الخبراء", "ناقش الخبراء المياه في نينوى مع عبد الرحمن الدليمي."),
];

fn looking(here: &Here, office: &str) -> Looking {
    let id = format!("{}.{office}", here.own().as_str().to_lowercase()).parse().unwrap();
    let (officer, _) = here.node.store.read_now(|connection| people::officer(connection, &id)).unwrap().unwrap();
    Looking { officer, own: here.own(), today: here.node.identity.world.today() }
}

fn ask_in(index: &Index, here: &Here, office: &str, typed: &str, pairs: &[(&str, &str)]) -> Result<Answer, Trouble> {
    let question = Question { limit: 100, ..Question::of(typed, pairs.iter().copied())? };
    search::find(index, &here.node.store, &looking(here, office), &question)
}

fn ask(here: &Here, office: &str, typed: &str, pairs: &[(&str, &str)]) -> Answer {
    ask_in(&here.node.index, here, office, typed, pairs).unwrap()
}

fn titles(answer: &Answer) -> BTreeSet<String> {
    answer.hits.iter().map(|hit| hit.item.title.0.values().next().unwrap().clone()).collect()
}

fn code(result: Result<Answer, Trouble>) -> String {
    match result {
        Err(Trouble::Refused(refusal)) => refusal.code.into_owned(),
        other => panic!("not refused: {other:?}"),
    }
}

fn proposal(title: &str, text: &str, class: Classification) -> [Draft; 2] {
    let open = act("meeting", "propose", None, json!({ "title": { "ar": title }, "body": "الهيئة" }));
    let add = act("meeting", "add-item", None, json!({ "title": { "ar": text } }));
    [open, add].map(|draft| Draft { label: Some(Label::of(class)), ..draft })
}

async fn opened(here: &Here, channel: &ChannelId, office: &str, [open, add]: [Draft; 2]) -> DossierId {
    let dossier = here.submit(channel, office, open).await.unwrap().dossier;
    here.submit(channel, office, Draft { dossier: Some(dossier.clone()), ..add }).await.unwrap();
    dossier
}

/// Baghdad's node with a dossier of each text, and an office that is cleared for more.
async fn filled() -> (Here, Here, ChannelId) {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel(&[&iraq, &turkiye]).await;
    for (office, roles) in [("cleared", vec![Role::Secretary]), ("auditor", vec![Role::Auditor])] {
        let cleared = officer(&format!("irq.{office}"), &roles, Classification::Secret);
        iraq.node.store.write(move |work| Ok(people::set_officer(work.connection, &cleared, None)?)).await.unwrap();
    }
    for (n, (title, text)) in (0..).zip(TEXTS) {
        iraq.clock.set(1_760_000_000 + n * 3_000_000);
        opened(&iraq, &channel, "secretary", proposal(title, text, Classification::Restricted)).await;
    }
    iraq.node.index.keep_up(&iraq.node.store, |_| {}).unwrap();
    (iraq, turkiye, channel)
}

#[tokio::test]
async fn words_are_found_in_every_spelling_and_names_in_either_script() {
    let (iraq, _, _) = filled().await;
    let title = |n: usize| TEXTS[n].0;
    let expected: [(&str, &[usize]); 30] = [
        ("الأعرجي", &[0, 4]),
        ("Araji", &[0, 4]),
        ("al-Araji", &[0, 4]),
        ("Qasim Araji", &[0]),
        ("امن", &[0]),
        ("الأمن", &[0]),
        ("لجنة", &[0]),
        ("والحدود", &[0, 1]),
        ("اتفاقية", &[1]),
        ("الاتفاقيات", &[1]),
        ("agreement", &[3]),
        ("وزير", &[1, 5]),
        ("بغداد", &[5]),
        ("14", &[1]),
        ("١٤", &[1]),
        ("15 تشرين الأول 2025", &[1, 3, 4]),
        ("15 October 2025", &[1, 3, 4]),
        ("2025-10-15", &[1, 3, 4]),
        ("١٥ Ekim ٢٠٢٥", &[1, 3, 4]),
        ("SINIR", &[4]),
        ("sinir guvenligi", &[4]),
        ("toplantılar", &[4]),
        ("هەولێر", &[6]),
        ("کوردستان", &[6]),
        ("\"القطع الأثرية\"", &[7]),
        ("\"الأثرية القطع\"", &[]),
        ("استع*", &[7]),
        ("عنوان:لقاء", &[8]),
        ("حدود -اتفاقية", &[0]),
        ("Abdulrahman", &[8]),
    ];
    for (typed, numbers) in expected {
        let found = ask(&iraq, "secretary", typed, &[]);
        let wanted: BTreeSet<String> = numbers.iter().map(|n| title(*n).to_owned()).collect();
        assert_eq!(titles(&found), wanted, "{typed}");
        assert_eq!(found.total, found.hits.len() as u64, "{typed}");
    }
    let marked = ask(&iraq, "secretary", "Araji", &[]);
    let parts: Vec<&search::Part> = marked.hits.iter().flat_map(|hit| &hit.snippets).flat_map(|snippet| &snippet.parts).collect();
    let marked: BTreeSet<&str> = parts.iter().filter(|part| part.marked).map(|part| part.text.as_str()).collect();
    assert_eq!(marked, ["Araji", "الأعرجي"].into());
}

#[tokio::test]
async fn hits_are_counted_by_facets_and_narrowed_by_them() {
    let (iraq, _, channel) = filled().await;
    let all = ask(&iraq, "secretary", "kind:meeting", &[]);
    assert_eq!(all.total, 9);
    let counts = |facet: Facet| all.facets.iter().find(|counts| counts.facet == facet).unwrap();
    let of = |facet: Facet| -> Vec<(&str, u64)> {
        counts(facet).values.iter().map(|counted| (counted.value.as_str(), counted.count)).collect()
    };
    assert_eq!(of(Facet::Kind), [("meeting", 9)]);
    assert_eq!(of(Facet::Party), [("IRQ", 9), ("TUR", 9)]);
    assert_eq!(of(Facet::Label), [("restricted", 9)]);
    assert_eq!(of(Facet::Institution), [("irq.mofa", 9)]);
    assert_eq!(of(Facet::Channel), [(channel.as_str(), 9)]);
    assert!(of(Facet::Place).contains(&("الأنبار", 1)) && of(Facet::Place).contains(&("نينوى", 1)), "{:?}", of(Facet::Place));
    assert_eq!(of(Facet::Year).iter().map(|(_, n)| n).sum::<u64>(), 9);
    assert_eq!(of(Facet::Month).iter().map(|(_, n)| n).sum::<u64>(), 9);
    let (month, n) = of(Facet::Month)[0];
    assert_eq!(ask(&iraq, "secretary", "", &[("month", month)]).total, n);
    let narrowed = |pairs: &[(&str, &str)]| ask(&iraq, "secretary", "", pairs).total;
    assert_eq!(narrowed(&[("place", "الأنبار")]), 1);
    assert_eq!(narrowed(&[("kind", "اجتماع"), ("label", "restricted"), ("party", "tur")]), 9);
    assert_eq!(narrowed(&[("kind", "note")]), 0);
    assert_eq!(narrowed(&[("since", "2030-01-01")]), 0);
    assert_eq!(narrowed(&[("since", "2020-01-01")]), 10, "the charter as well");
    assert_eq!(ask(&iraq, "secretary", "نوع:اجتماع مكان:نينوى", &[]).total, 1);
    let number = all.hits[0].item.reference.clone().unwrap().to_string();
    assert_eq!(ask(&iraq, "secretary", &number.to_lowercase(), &[]).total, 1);
    assert_eq!(ask(&iraq, "secretary", &number[..8], &[]).total, 9);
}

#[tokio::test]
async fn a_question_that_cannot_be_answered_names_its_rule() {
    let (iraq, _, _) = filled().await;
    let long = "ا".repeat(501);
    let many = "حدود ".repeat(25);
    for (typed, rule) in [
        ("…", "SRC01"),
        (long.as_str(), "SRC02"),
        (many.as_str(), "SRC03"),
        ("ab* cd* ef* gh* ij*", "SRC03"),
        ("\"حدود", "SRC04"),
        ("a*", "SRC05"),
        ("ab*cd", "SRC05"),
        ("*", "SRC05"),
        ("colour:red", "SRC06"),
        ("kind:colour", "SRC06"),
        ("month:2026", "SRC06"),
        ("-حدود", "SRC07"),
    ] {
        assert_eq!(code(ask_in(&iraq.node.index, &iraq, "secretary", typed, &[])), rule, "{typed}");
    }
    for fine in ["10:30", "https://example.org/x", "a:", "\"\"حدود", "ال*", "(حدود)", "-", "[a-z]{2}", "حدود AND NOT x"]
    {
        let _found_or_refused = ask_in(&iraq.node.index, &iraq, "secretary", fine, &[]);
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let none = Index::new(elsewhere.path().join("index"), iraq.own());
    assert_eq!(code(ask_in(&none, &iraq, "secretary", "حدود", &[])), "SRC08");
}

/// What is asked to compare two answers: words, stems, beginnings, spellings, phrases, days, facets.
const QUESTIONS: [&str; 16] = [
    "اجتماع",
    "حدود",
    "Araji",
    "الأعرجي",
    "اتف*",
    "so*",
    "كل*",
    "agreement",
    "15 October 2025",
    "kind:meeting",
    "\"أمن الحدود\"",
    "place:نينوى",
    "وزارة",
    "14",
    "secret",
    "عملية",
];

fn answers(index: &Index, here: &Here, office: &str) -> Vec<Value> {
    let each = QUESTIONS.iter().map(|typed| ask_in(index, here, office, typed, &[]).unwrap());
    each.map(|answer| serde_json::to_value(answer).unwrap()).collect()
}

#[tokio::test]
async fn dossiers_that_an_officer_may_not_see_change_nothing_of_what_it_is_told() {
    let (iraq, _, channel) = filled().await;
    let before = answers(&iraq.node.index, &iraq, "secretary");
    // The same words, in many more dossiers, at every place and with spellings and beginnings of their own.
    for n in 0..40 {
        let text = format!(
            "عملية سرية {n}: حدود اجتماع Araji Alaraji العرجي اتفاق كلمات secret source نينوى 15 October 2025 14 أمن الحدود"
        );
        opened(&iraq, &channel, "cleared", proposal("اجتماع حدود اتفاقية Araji وزارة", &text, Classification::Secret)).await;
    }
    assert_eq!(ask(&iraq, "cleared", "secret", &[]).total, 40, "the cleared office finds them");
    assert_eq!(answers(&iraq.node.index, &iraq, "secretary"), before);
    // Nor in an index that was made with them from the start.
    let folder = tempfile::tempdir().unwrap();
    let anew = Index::new(folder.path().join("index"), iraq.own());
    anew.keep_up(&iraq.node.store, |_| {}).unwrap();
    assert_eq!(answers(&anew, &iraq, "secretary"), before);
    assert_eq!(ask(&iraq, "admin", "اجتماع", &[]).total, 0, "whoever runs the node reads no dossier");
    assert_eq!(ask(&iraq, "auditor", "secret", &[]).total, 40);
    // A label that is raised hides a dossier at once.
    let found = ask(&iraq, "secretary", "الأثرية", &[]);
    let raise = act("meeting", "add-item", Some(&found.hits[0].item.dossier), json!({ "title": { "ar": "بند" } }));
    let raise = Draft { label: Some(Label::of(Classification::Secret)), ..raise };
    iraq.submit(&channel, "cleared", raise).await.unwrap();
    assert_eq!(ask(&iraq, "secretary", "الأثرية", &[]).total, 0);
}

#[tokio::test]
async fn an_index_that_followed_answers_as_one_that_was_made_anew() {
    let (iraq, turkiye, channel) = filled().await;
    turkiye.pull(&channel, &iraq).await;
    turkiye.node.index.keep_up(&turkiye.node.store, |_| {}).unwrap();
    for n in 0..30 {
        let dossier =
            opened(&iraq, &channel, "secretary", proposal(&format!("اجتماع {n}"), "حدود", Classification::Restricted)).await;
        if n % 3 == 0 {
            let cancel = act("meeting", "cancel", Some(&dossier), json!({ "reason": "تعذّر الحضور" }));
            iraq.submit(&channel, "secretary", cancel).await.unwrap();
        }
        // Each is followed by itself, so that segments are put together.
        assert_eq!(ask(&iraq, "secretary", &format!("عنوان:اجتماع {n}"), &[]).hits.len(), 1, "{n}");
    }
    turkiye.pull(&channel, &iraq).await;
    for here in [&iraq, &turkiye] {
        let followed = answers(&here.node.index, here, "secretary");
        let folder = tempfile::tempdir().unwrap();
        let anew = Index::new(folder.path().join("index"), here.own());
        anew.keep_up(&here.node.store, |_| {}).unwrap();
        assert_eq!(answers(&anew, here, "secretary"), followed);
        let again = Index::new(here.node.index.folder().to_owned(), here.own());
        assert_eq!(answers(&again, here, "secretary"), followed, "another process goes on from what is there");
    }
    let segments = tantivy::Index::open_in_dir(iraq.node.index.folder().join("data")).unwrap().searchable_segment_ids().unwrap();
    assert!(segments.len() < 20, "{}", segments.len());
    only_live_files(iraq.node.index.folder());
}

#[tokio::test]
async fn an_index_that_is_missing_damaged_or_of_another_store_is_made_anew() {
    let (iraq, _, channel) = filled().await;
    let folder = iraq.node.index.folder().to_owned();
    let whole = answers(&iraq.node.index, &iraq, "secretary");
    let data = folder.join("data");
    let damages: [&dyn Fn(); 4] = [
        &|| std::fs::remove_dir_all(&folder).unwrap(),
        &|| std::fs::write(data.join("meta.json"), "{}").unwrap(),
        &|| {
            let file = std::fs::read_dir(&data)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .find(|path| path.extension().is_some_and(|end| end == "term"));
            let mut bytes = std::fs::read(file.as_ref().unwrap()).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0xff;
            std::fs::write(file.unwrap(), bytes).unwrap();
        },
        &|| {
            let meta = std::fs::read_to_string(data.join("meta.json")).unwrap();
            let other = meta.replace("\\\"version\\\":", "\\\"version\\\":100");
            assert_ne!(meta, other);
            std::fs::write(data.join("meta.json"), other).unwrap();
        },
    ];
    for damage in damages {
        damage();
        let opened = Index::new(folder.clone(), iraq.own());
        let standing = iraq.node.store.read_now(|connection| opened.follow(connection)).unwrap();
        assert_eq!(standing, Standing::Absent);
        assert_eq!(opened.keep_up(&iraq.node.store, |_| {}).unwrap(), Standing::Ready);
        assert_eq!(answers(&opened, &iraq, "secretary"), whole);
    }
    // A store that went on from an older copy has not the history that the index followed.
    let twin = iraq.twin();
    for here in [&iraq, &twin] {
        here.clock.set(1_790_000_000 + i64::from(std::ptr::eq(here, &twin)));
    }
    let index = Index::new(folder, iraq.own());
    opened(&iraq, &channel, "secretary", proposal("اجتماع آخر", "حدود", Classification::Restricted)).await;
    assert_eq!(iraq.node.store.read_now(|connection| index.follow(connection)).unwrap(), Standing::Ready);
    assert_eq!(twin.node.store.read_now(|connection| index.follow(connection)).unwrap(), Standing::Absent);
}

/// No file lies there but those of live segments.
fn only_live_files(folder: &Path) {
    let data = folder.join("data");
    let index = tantivy::Index::open_in_dir(&data).unwrap();
    let live: BTreeSet<String> = index.searchable_segment_ids().unwrap().iter().map(|id| id.uuid_string()).collect();
    for entry in std::fs::read_dir(&data).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let of_segment = live.iter().any(|id| name.starts_with(id.as_str()));
        assert!(of_segment || name == "meta.json" || name.starts_with('.'), "{name} is a file of no segment");
    }
}

/// Every word that the index holds, deleted documents' too.
fn words(folder: &Path) -> BTreeSet<String> {
    let index = tantivy::Index::open_in_dir(folder.join("data")).unwrap();
    let mut found = BTreeSet::new();
    for segment in index.searchable_segments().unwrap() {
        let reader = tantivy::SegmentReader::open(&segment).unwrap();
        for (field, entry) in index.schema().fields() {
            if !entry.is_indexed() || !matches!(entry.field_type(), tantivy::schema::FieldType::Str(_)) {
                continue;
            }
            let inverted = reader.inverted_index(field).unwrap();
            let mut stream = inverted.terms().stream().unwrap();
            while stream.advance() {
                found.insert(String::from_utf8_lossy(stream.key()).into_owned());
            }
        }
    }
    found
}

#[tokio::test]
async fn what_is_erased_is_in_no_file_of_the_index_and_what_is_sealed_never_was() {
    let (iraq, _, channel) = filled().await;
    let dossier = opened(&iraq, &channel, "secretary", proposal("اجتماع", "حدود", Classification::Restricted)).await;
    let mut upload = Upload::begin(&iraq.node, "kwarzimplan.txt").await.unwrap();
    upload.write(b"plain words").await.unwrap();
    let file = upload.finish().await.unwrap();
    let note = Some("خارطة الفرزدقانية".to_owned());
    let office = "irq.secretary".parse().unwrap();
    let attached = attachments::attach(&iraq.node, &office, &channel, &dossier, file, note).await.unwrap();
    for typed in ["kwarzimplan", "الفرزدقانية"] {
        assert_eq!(ask(&iraq, "secretary", typed, &[]).total, 1, "{typed}");
    }
    let folder = iraq.node.index.folder();
    let holds_word = |part: &str| words(folder).iter().any(|word| word.contains(part));
    assert!(holds_word("kwarzimplan") && holds_word("فرزدقاني"));
    let erased = act("meeting", "erased", Some(&dossier), json!({ "of": attached.record, "ground": "court" }));
    iraq.submit(&channel, "admin", erased).await.unwrap();
    // The act was answered: by then it is gone, without anybody having searched.
    assert!(!holds_word("kwarzimplan") && !holds_word("فرزدقاني"));
    only_live_files(folder);
    for part in ["kwarzimplan", "الفرزدقانية", "فرزدقان"] {
        assert!(!holds(folder, part.as_bytes()), "{part}");
    }
    assert!(holds(folder, dossier.as_str().as_bytes()), "the search for bytes finds what is there");
    for typed in ["kwarzimplan", "الفرزدقانية"] {
        assert_eq!(ask(&iraq, "secretary", typed, &[]).total, 0, "{typed}");
    }
    // Merging brings nothing back.
    for n in 0..10 {
        opened(&iraq, &channel, "secretary", proposal(&format!("اجتماع {n}"), "حدود", Classification::Restricted)).await;
        ask(&iraq, "secretary", "حدود", &[]);
    }
    assert!(!holds_word("kwarzimplan"));
    only_live_files(folder);
}

#[tokio::test]
async fn returns_are_found_by_who_handles_them_and_asks_for_them_and_no_sealed_name_is_a_word() {
    let pair = Pair::new().await;
    let (dossier, added) = pair.person().await;
    pair.disclosed(&dossier, &added.record).await;
    pair.level().await;
    for here in [&pair.iraq, &pair.syria] {
        here.node.index.keep_up(&here.node.store, |_| {}).unwrap();
        let total = |office: &str, typed: &str, pairs: &[(&str, &str)]| ask(here, office, typed, pairs).total;
        assert_eq!(total("returns", "المخيم", &[("kind", "return")]), 1);
        assert_eq!(total("returns", "المخيم", &[("channel", pair.channel.as_str())]), 1);
        assert_eq!(total("auditor", "المخيم", &[("kind", "return")]), 1);
        assert_eq!(total("returns", "المخيم", &[]), 0, "no search of anything else reaches a return");
        assert_eq!(total("everything", "المخيم", &[("kind", "return")]), 0);
        assert_eq!(total("secretary", "المخيم", &[("channel", pair.channel.as_str())]), 0);
        for sealed in [NAME, "الجبوري", "إنسولين"] {
            let folded = tansiq_text::fold_for_search(sealed);
            assert_eq!(total("returns", sealed, &[("kind", "return")]), 0, "{sealed}");
            let found: Vec<String> = words(here.node.index.folder()).into_iter().filter(|word| word.contains(&folded)).collect();
            assert!(found.is_empty() && !holds(here.node.index.folder(), sealed.as_bytes()), "{sealed}: {found:?}");
        }
    }
}

#[tokio::test]
async fn the_page_shows_what_was_found_in_every_language_and_keeps_what_was_typed() {
    let site = Site::new().await;
    site.submit("secretary", Classification::Restricted, "Coordination of the <i>border</i>").await;
    site.submit("chair", Classification::Secret, "Coordination nobody sees").await;
    let page = site.signed_in("secretary", "en").await.get("/search?q=coordination").await;
    assert_eq!(page.status.as_u16(), 503, "before the index is made");
    assert!(page.body.contains("SRC08"));
    site.node.index.keep_up(&site.node.store, |_| {}).unwrap();
    for lang in ["ar", "en", "tr"] {
        let officer = site.signed_in("secretary", lang).await;
        for (path, status) in [
            ("/search", 200),
            ("/search?q=coordination", 200),
            (
                "/search?q=coordination&kind=meeting&state=proposed&party=IRQ&institution=irq.mofa&label=restricted&year=2026&since=2020-01-01&page=1",
                200,
            ),
            ("/search?q=nothingatall", 200),
            ("/search?q=%22open", 422),
            ("/search?q=a*&label=nosuch", 422),
        ] {
            let page = officer.get(path).await;
            assert_eq!(page.status.as_u16(), status, "{path}");
            assert!(!page.body.contains('⟦'), "{path} in {lang}: {:?}", page.body.split('⟦').nth(1).map(|rest| &rest[..20]));
            assert_eq!(page.body.matches("role=\"search\"").count(), 1, "{path}");
        }
        let page = officer.get("/search?q=coordination").await.body;
        assert!(page.contains("Coordination of the") && !page.contains("nobody sees") && !page.contains("<i>border"));
        assert!(
            page.contains("/search?q=coordination&amp;kind=meeting") || page.contains("/search?q=coordination&#38;kind=meeting")
        );
        let refused = officer.get("/search?q=%22open").await.body;
        assert!(
            refused.contains("SRC04") && (refused.contains("value=\"&quot;open\"") || refused.contains("value=\"&#34;open\""))
        );
        let other = officer.get("/dossiers").await.body;
        assert!(other.contains("action=\"/search\"") && other.contains("data-search"));
    }
    let found = site.signed_in("secretary", "en").await.get("/search?q=here").await.body;
    assert!(found.contains("<mark>here</mark>") && !found.contains("<b>here"), "marked, and escaped");
}

#[test]
fn a_serving_node_is_searched_by_api_and_command_line_and_goes_on_after_a_kill() {
    let mut world = World::two().started();
    let secretary = world.secretary("IRQ");
    world.done(&secretary, &meeting("لقاء الأعرجي وفيدان"));
    let total = |world: &World, party: &str, query: &str| {
        let client = world.secretary(party);
        let answer = world.get(&client, &format!("/api/v1/search?{query}"));
        (answer.status.as_u16(), answer.body["total"].as_u64())
    };
    until("the index is made", || total(&world, "IRQ", "q=Araji").0 == 200);
    assert_eq!(total(&world, "IRQ", "q=Araji"), (200, Some(1)));
    assert_eq!(total(&world, "IRQ", "q=Araji&kind=note"), (200, Some(0)));
    until("it is found in Ankara", || total(&world, "TUR", "q=Araji") == (200, Some(1)));
    let refused = world.get(&secretary, "/api/v1/search?q=%22open");
    assert_eq!((refused.status.as_u16(), &refused.body["title"]), (422, &json!("SRC04")));
    assert_eq!(world.get(&secretary, "/api/v1/search?q=x&colour=red").body["title"], "REQ02");
    assert_eq!(world.get(&secretary, "/api/v1/search?q=").body["title"], "SRC01");
    // What was just acknowledged is found, whoever asks first.
    for n in 0..20 {
        world.done(&secretary, &meeting(&format!("بند مستعجل {n}")));
        assert_eq!(total(&world, "IRQ", "q=%D9%85%D8%B3%D8%AA%D8%B9%D8%AC%D9%84"), (200, Some(n + 1)));
    }
    world.kill("IRQ");
    let found = |arguments: &[&str]| {
        let output = world.command("IRQ", &[&["search"], arguments, &["--json"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    assert_eq!(found(&["مستعجل"])["total"], 20);
    assert_eq!(found(&["Araji", "--kind", "meeting", "--as", "irq.mofa.secretary"])["total"], 1);
    assert_eq!(found(&["--rebuild"])["done"], 22, "twenty-one meetings and the charter");
    assert_eq!(found(&["بند", "19"])["total"], 1);
    let refused = world.command("IRQ", &["search", "kind:colour", "--lang", "en"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("SRC06"));
    world.start("IRQ");
    assert_eq!(total(&world, "IRQ", "q=Fidan"), (200, Some(1)));
}

#[test]
fn a_store_on_a_server_is_followed_by_an_index_of_each_folder() {
    let Some(server) = crate::server::Server::start() else { return };
    let world = World::two_on(server).started();
    let secretary = world.secretary("IRQ");
    for n in 0..3 {
        world.done(&secretary, &meeting(&format!("لقاء الأعرجي {n}")));
    }
    let total = |party: &str| {
        let answer = world.get(&world.secretary(party), "/api/v1/search?q=Araji&kind=meeting");
        (answer.status.as_u16(), answer.body["total"].as_u64())
    };
    for party in ["IRQ", "TUR"] {
        until("it is found", || total(party) == (200, Some(3)));
    }
    world.done(&secretary, &meeting("لقاء الأعرجي الأخير"));
    assert_eq!(total("IRQ"), (200, Some(4)));
}
