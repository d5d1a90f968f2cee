//! The reader field by field: persons, conjoined heads, undertakings, bodies, lines to drop, and the form of its JSON.

use tansiq_text::statement::read;

fn body(sentence: &str) -> String {
    format!(
        "خبر عن اجتماع بين العراق وتركيا\n{sentence} وذكر بيان رسمي أن الاجتماع تناول ملفات عدة بين البلدين في مجالات مختلفة.\n"
    )
}

#[test]
fn persons_are_read_with_office_and_party() {
    for (sentence, name, office, party) in [
        ("استقبل وزير الخارجية العراقي السيد فؤاد حسين الوفد.", "فؤاد حسين", "وزير الخارجية العراقي", "IRQ"),
        ("التقى مع نظيره التركي هاكان فيدان في أنقرة.", "هاكان فيدان", "نظيره التركي", "TUR"),
        ("قال مستشار الأمن القومي العراقي، قاسم الأعرجي، إن العمل مستمر.", "قاسم الأعرجي", "مستشار الأمن القومي العراقي", "IRQ"),
        (
            "ترأس السفير محمد حسين بحر العلوم، وكيل وزارة الخارجية للعلاقات الثنائية، الاجتماع.",
            "محمد حسين بحر العلوم",
            "وكيل وزارة الخارجية للعلاقات الثنائية",
            "IRQ",
        ),
        (
            "زار قائد القوات البرية التركية الفريق أول سلجوق بيرقدار أوغلو بغداد.",
            "سلجوق بيرقدار أوغلو",
            "قائد القوات البرية التركية",
            "TUR",
        ),
        ("وحضر عن الجانب التركي مدير الأمن العام اللواء مراد أوزتورك.", "مراد أوزتورك", "مدير الأمن العام", "TUR"),
        ("التقى رئيس مجلس الوزراء محمد شياع السوداني الوفد.", "محمد شياع السوداني", "رئيس مجلس الوزراء", "IRQ"),
    ] {
        let reading = read(&body(sentence), None);
        let found: Vec<_> = reading
            .persons
            .iter()
            .map(|p| (p.name.as_str(), p.office.first().map_or("", String::as_str), p.party.as_str()))
            .collect();
        assert_eq!(found, [(name, office, party)], "{sentence}");
    }
}

#[test]
fn what_is_no_name_is_no_person() {
    for sentence in [
        "أكد وزير الخارجية العراقي أهمية الحوار.",
        "ثمّن الوزير التركي مواقف الحكومة.",
        "شدد رئيس الوفد على ضرورة التنسيق.",
        "وصل وزير الدفاع الى أنقرة.",
    ] {
        assert!(read(&body(sentence), None).persons.is_empty(), "{sentence}: {:?}", read(&body(sentence), None).persons);
    }
}

#[test]
fn conjoined_heads_are_written_out() {
    for (sentence, names) in [
        (
            "شارك ممثلون عن وزارات الداخلية والدفاع والهجرة والمهجرين.",
            vec![("وزارة الداخلية", "IRQ"), ("وزارة الدفاع", "IRQ"), ("وزارة الهجرة والمهجرين", "IRQ")],
        ),
        ("وقالت سفارتا العراق وتركيا ذلك.", vec![("سفارة العراق", "IRQ"), ("سفارة تركيا", "TUR")]),
        (
            "وأصدرت إدارتا مكافحة المخدرات في سوريا والأردن بياناً.",
            vec![("إدارة مكافحة المخدرات", "SYR"), ("إدارة مكافحة المخدرات", "JOR")],
        ),
        ("وذكرت وزارتا النفط والموارد المائية العراقيتان ذلك.", vec![("وزارة النفط", "IRQ"), ("وزارة الموارد المائية", "IRQ")]),
        ("وأعلنت وزارة الدفاع التركية ذلك.", vec![("وزارة الدفاع التركية", "TUR")]),
    ] {
        let reading = read(&body(sentence), None);
        let found: Vec<_> = reading.institutions.iter().map(|i| (i.name.as_str(), i.party.as_str())).collect();
        assert_eq!(found, names, "{sentence}");
    }
}

#[test]
fn lines_around_the_statement_are_dropped() {
    let text = "عربي ودولي\nالعراق وتركيا يبحثان أمن الحدود\nبغداد – فلان الفلاني\n\nبحث العراق وتركيا أمن الحدود المشتركة في اجتماع عقد في بغداد اليوم بحضور مسؤولين من البلدين.\nعنوان فرعي قصير\nوأكد الطرفان أهمية تبادل المعلومات ومواصلة الاجتماعات الدورية بين اللجان المختصة.\nإقرأ أيضا: خبر آخر لا شأن له\nاترك تعليقاً\nلن يتم نشر عنوان بريدك الإلكتروني.\nالسابق\nخبر قديم عن الطقس\n";
    let lines: Vec<usize> = read(text, None).drop.iter().map(|d| d.line).collect();
    assert_eq!(lines, [0, 2, 7, 8, 9, 10, 11]);
}

#[test]
fn the_json_is_the_schemes() {
    let json = serde_json::to_value(read(
        &body("وقّع الجانبان مذكرة تفاهم في بغداد أمس، وتعهد الجانب التركي بتدريب 20 ضابطاً."),
        "2025-05-06".parse().ok(),
    ))
    .unwrap();
    let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = crate::scorer::FIELDS;
    expected.sort_unstable();
    let mut keys = keys;
    keys.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!(json["dates"][0], serde_json::json!({"text": "أمس", "value": "2025-05-05"}));
    assert_eq!(json["numbers"][0], serde_json::json!({"text": "20 ضابطاً", "value": 20, "unit": "persons"}));
    assert_eq!(
        json["instruments"][0],
        serde_json::json!({"name": "مذكرة تفاهم", "type": "mou", "year": null, "status": "signed"})
    );
    assert_eq!(json["commitments"][0]["by"], serde_json::json!(["TUR"]));
}

#[test]
fn undertakings_are_read_with_who_owes_in_every_form() {
    for (sentence, by) in [
        ("وأكدت وزارة الهجرة العراقية أنها سوف تعيد الأسر من المخيم.", "IRQ"),
        ("وستقدم الحكومة التركية قائمة بأسماء المطلوبين.", "TUR"),
        ("وستواصل القوات الأمنية العراقية ملاحقة المهربين.", "IRQ"),
        ("وأوضح أن الاتفاق يقضي بزيادة عدد الشاحنات.", "IRQ TUR"),
        ("كما سيصار الى تشكيل لجنة قانونية.", "IRQ TUR"),
        ("وأكد أن كل طرف سيسمي ضابط ارتباط خلال أسبوعين.", "IRQ TUR"),
        ("ووافقت أنقرة على زيادة الإطلاقات المائية.", "TUR"),
        ("وتقرر خلال الاجتماع تشكيل لجنة فنية.", "IRQ TUR"),
        // To approve of a paper is an act; what is due, wished or told binds nobody.
        ("ووافق مجلس الوزراء على مذكرة التفاهم.", ""),
        ("ومن المؤمل أن يزور وفد تركي بغداد.", ""),
        ("وأكد أن الجانبين قريبان من اتفاق يقضي بفتح المعبر.", ""),
        ("وسوف تصل الدفعة الجديدة غداً.", ""),
    ] {
        let reading = read(&body(sentence), None);
        let found: Vec<_> = reading.commitments.iter().map(|c| c.by.join(" ")).collect();
        let wanted: Vec<_> = [by.to_owned()].into_iter().filter(|by| !by.is_empty()).collect();
        assert_eq!(found, wanted, "{sentence}");
    }
}

#[test]
fn a_committee_that_discusses_is_no_name_of_one() {
    for (sentence, name) in [
        ("وبحثت اللجنة التعاون في مجالات الأمن.", ""),
        ("وأفاد مصدر في لجنة الهجرة النيابية بذلك.", ""),
        ("واجتمعت اللجنة العراقية – التركية المشتركة في بغداد.", "اللجنة العراقية – التركية المشتركة"),
        ("وشكل الوزيران فريقاً فنياً لمتابعة الملف.", "فريقاً فنياً"),
        ("وأعلن الطرفان إنشاء مجلس الأعمال العراقي التركي.", "مجلس الأعمال العراقي التركي"),
    ] {
        let reading = read(&body(sentence), None);
        let found: Vec<_> = reading.bodies.iter().map(|b| b.name.as_str()).collect();
        let wanted: Vec<_> = [name].into_iter().filter(|name| !name.is_empty()).collect();
        assert_eq!(found, wanted, "{sentence}");
    }
}
