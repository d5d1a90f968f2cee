//! Renders every page with invented data into a folder, in each language, to be looked at and tested in a browser:
//! `cargo run --example preview -- FOLDER`. `assets/test/look.mjs` serves that folder under the real headers.
#![allow(clippy::too_many_lines, missing_docs)]
use askama::Template;
use std::{env, error::Error, fs, path::PathBuf};
use tansiq_node::{
    language::{BAGHDAD, Lang, Value, date, date_hijri, date_with_weekday, datetime, number, word},
    web::{
        form::{Choice, ChoiceGroup, Field, Form, Shape, Weight},
        frame::{Frame, LabelBanner, Level, OfficerBadge, navigation},
        pages::*,
        parts::{Chip, Empty, Fact, Link, RefusalView, Row, Rows, Shown, Text, Texts, Tone},
    },
};

const NOW: i64 = 1_795_330_800;
const TITLE_AR: &str = "الاجتماع الخامس للجنة الدائمة المشتركة لأمن الحدود";
const TITLE_EN: &str = "Fifth meeting of the joint permanent committee on border security";
const TITLE_TR: &str = "Sınır Güvenliği Ortak Daimi Komitesinin beşinci toplantısı";

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::args().nth(1).ok_or("name the folder to write to")?);
    for lang in Lang::ALL {
        let of = Sample { lang };
        let folder = out.join(lang.code());
        fs::create_dir_all(&folder)?;
        let pages = [
            ("sign-in", of.sign_in().render()?),
            ("today", of.today().render()?),
            ("today-empty", of.today_empty().render()?),
            ("dossiers", of.dossiers().render()?),
            ("dossiers-empty", of.dossiers_empty().render()?),
            ("dossier", of.dossier().render()?),
            ("form", of.dossier_refused().render()?),
            ("confirm", of.confirm().render()?),
            ("paste", of.paste().render()?),
            ("statement", of.statement().render()?),
            ("channels", of.channels().render()?),
            ("refused", of.problem(ProblemKind::Refused).render()?),
            ("not-found", of.problem(ProblemKind::NotFound).render()?),
            ("fault", of.problem(ProblemKind::Fault).render()?),
        ];
        for (name, html) in pages {
            fs::write(folder.join(format!("{name}.html")), html)?;
        }
    }
    Ok(())
}

struct Sample {
    lang: Lang,
}

impl Sample {
    fn w(&self, id: &str) -> String {
        word(self.lang, id, &[])
    }

    fn n(&self, id: &str, n: usize) -> String {
        word(self.lang, id, &[("n", Value::from(n))])
    }

    /// An interface-side text in the page's language.
    fn t(&self, ar: &str, en: &str, tr: &str) -> String {
        match self.lang {
            Lang::Ar => ar,
            Lang::En => en,
            Lang::Tr => tr,
        }
        .to_owned()
    }

    fn frame(&self, title: String, path: &str) -> Frame {
        let mut frame = Frame::alone(self.lang, title, path, "baghdad.localhost");
        frame.demo = true;
        frame.officer = Some(OfficerBadge {
            office: self.t("أمين سر اللجنة", "Committee secretary", "Komite sekreteri"),
            institution: self.t(
                "وزارة الخارجية",
                "Ministry of Foreign Affairs",
                "Dışişleri Bakanlığı",
            ),
            csrf: "c5".into(),
        });
        let counts = [
            ("today", number(self.lang, 3), false),
            ("action", number(self.lang, 2), true),
        ];
        frame.navigation = navigation(self.lang, path, &counts);
        frame.label = Some(LabelBanner {
            level: Level::Restricted,
            audience: self.t("العراق، تركيا", "Iraq, Türkiye", "Irak, Türkiye"),
            codes: "REL IRQ TUR".into(),
        });
        frame
    }

    fn iraq(&self) -> Text {
        Text::in_lang(self.lang, self.t("العراق", "Iraq", "Irak"))
    }

    fn turkiye(&self) -> Text {
        Text::in_lang(self.lang, self.t("تركيا", "Türkiye", "Türkiye"))
    }

    fn sign_in(&self) -> SignIn {
        let mut frame = Frame::alone(
            self.lang,
            self.w("sign-in"),
            "/sign-in",
            "baghdad.localhost",
        );
        frame.demo = true;
        let mut form = Form::new(self.lang, "sign-in", "/sign-in", "c1")
            .field(
                Field::new(
                    self.lang,
                    "officer",
                    self.w("sign-in-officer"),
                    Shape::Text {
                        value: "iq-mofa-sec-07".into(),
                        max: 0,
                    },
                )
                .hint(self.w("sign-in-officer-hint"))
                .problem(self.w("sign-in-wrong")),
            )
            .field(Field::new(
                self.lang,
                "password",
                self.w("sign-in-password"),
                Shape::Password,
            ));
        form.submit = self.w("sign-in-submit");
        SignIn {
            frame,
            notice: self.w("sign-in-ended"),
            form,
        }
    }

    fn row(&self, n: usize) -> Row {
        let titles = [
            (Lang::Ar, "تبادل قوائم نقاط الارتباط في المنافذ الحدودية"),
            (
                Lang::Tr,
                "Sınır kapılarında ortak eğitim programının hazırlanması",
            ),
            (Lang::Ar, TITLE_AR),
            (
                Lang::En,
                "Activation of the direct line between the two operations rooms",
            ),
            (Lang::Ar, "تفعيل مذكرة التعاون في أمن الحدود (المادة 7/ب)"),
            (
                Lang::Tr,
                "Kaçakçılıkla mücadele mutabakat zaptının yıllık gözden geçirmesi",
            ),
        ];
        let (lang, title) = titles[n % titles.len()];
        let owners = [
            (
                self.t(
                    "هيئة المنافذ الحدودية",
                    "Border Ports Authority",
                    "Sınır Kapıları Kurumu",
                ),
                true,
            ),
            ("İçişleri Bakanlığı".to_owned(), false),
            (
                self.t(
                    "وزارة الخارجية",
                    "Ministry of Foreign Affairs",
                    "Dışişleri Bakanlığı",
                ),
                true,
            ),
            (
                self.t(
                    "قيادة العمليات المشتركة",
                    "Joint Operations Command",
                    "Müşterek Harekât Komutanlığı",
                ),
                true,
            ),
            (
                self.t(
                    "وزارة الداخلية",
                    "Ministry of Interior",
                    "İçişleri Bakanlığı",
                ),
                true,
            ),
            ("Millî Savunma Bakanlığı".to_owned(), false),
        ];
        let (owner, ours) = &owners[n % owners.len()];
        let states = [
            ("action", Tone::Late, "state-action-overdue"),
            ("action", Tone::Going, "state-action-in-progress"),
            ("meeting", Tone::Waiting, "state-meeting-agenda-agreed"),
            ("action", Tone::Blocked, "state-action-blocked"),
            ("commitment", Tone::Contested, "state-commitment-contested"),
            ("agreement", Tone::Done, "state-agreement-in-force"),
        ];
        let (kind, tone, state) = states[n % states.len()];
        let due = [
            (2026, 11, 18),
            (2026, 12, 1),
            (2026, 12, 15),
            (2026, 11, 20),
            (2027, 1, 10),
            (2026, 12, 20),
        ][n % 6];
        let notes = [
            self.t("متأخر أربعة أيام", "four days late", "dört gün gecikti"),
            self.t(
                "بانتظار قبولكم",
                "awaits your acceptance",
                "kabulünüzü bekliyor",
            ),
            self.t(
                "بانتظار موافقتكم على جدول الأعمال",
                "awaits your agreement to the agenda",
                "gündem için onayınızı bekliyor",
            ),
            self.t(
                "بانتظار ترجيح النص التركي",
                "waits for the Turkish text",
                "Türkçe metin bekleniyor",
            ),
            self.t(
                "الدرجة 2 لدى طرف و1 لدى الآخر",
                "graded 2 by one side, 1 by the other",
                "bir tarafta 2, ötekinde 1",
            ),
            String::new(),
        ];
        Row {
            href: "/dossier/7f".into(),
            reference: format!("IQ-TR/2026/{:03}", 9 + n * 7),
            title: Text::in_lang(lang, title),
            icon: kind,
            kind: self.w(&format!("kind-{kind}")),
            note: notes[n % 6].clone(),
            owner: Some(Text::plain(owner.clone())),
            party: if *ours { self.iraq() } else { self.turkiye() }.text,
            due: date(self.lang, due.0, due.1, due.2),
            late: tone == Tone::Late || tone == Tone::Blocked,
            chip: Chip::new(tone, self.w(state)),
        }
    }

    fn rows(&self, which: &[usize]) -> Rows {
        Rows {
            lang: self.lang,
            caption: self.n("rows-caption", which.len()),
            rows: which.iter().map(|n| self.row(*n)).collect(),
        }
    }

    fn empty(&self, id: &str) -> Empty {
        Empty {
            why: self.w(id),
            next: self.w(&format!("{id}-more")),
            actions: Vec::new(),
        }
    }

    fn today_with(&self, lists: [&[usize]; 3]) -> Today {
        let section = |id: &'static str, icon, class, rows: &[usize]| TodaySection {
            id,
            icon,
            heading: self.w(&format!("today-{id}")),
            hint: self.w(&format!("today-{id}-hint")),
            count: if rows.is_empty() {
                String::new()
            } else {
                number(self.lang, rows.len() as i64)
            },
            class,
            rows: self.rows(rows),
            empty: self.empty(&format!("today-{id}-empty")),
            more: if rows.is_empty() {
                String::new()
            } else {
                "/dossiers".into()
            },
        };
        Today {
            frame: self.frame(self.w("today-title"), "/"),
            day: date_with_weekday(self.lang, 2026, 11, 22),
            day_hijri: date_hijri(self.lang, 2026, 11, 22),
            sections: vec![
                section("waits", "sign", "card-waiting", lists[0]),
                section("late", "clock", "card-late", lists[1]),
                section("recent", "today", "", lists[2]),
            ],
        }
    }

    fn today(&self) -> Today {
        self.today_with([&[2, 1, 4], &[0, 3], &[5, 2, 4, 1]])
    }

    fn today_empty(&self) -> Today {
        self.today_with([&[], &[], &[]])
    }

    fn dossiers(&self) -> Dossiers {
        let choice = |value: &str, text: String, typed: &str| {
            Choice::new(value, Text::in_lang(self.lang, text), typed)
        };
        let states = [
            "assigned",
            "accepted",
            "in-progress",
            "blocked",
            "overdue",
            "verified",
        ];
        Dossiers {
            frame: self.frame(self.w("kinds-action"), "/dossiers?kind=action"),
            heading: self.w("kinds-action"),
            count: self.n("rows-caption", 140),
            text: self.t("منفذ", "crossing", "sınır"),
            late: false,
            filters: vec![
                Choices {
                    name: "kind",
                    label: self.w("filter-kind"),
                    groups: vec![ChoiceGroup {
                        name: String::new(),
                        options: ["agreement", "commitment", "meeting", "action"]
                            .map(|kind| choice(kind, self.w(&format!("kind-{kind}")), "action"))
                            .into(),
                    }],
                },
                Choices {
                    name: "state",
                    label: self.w("filter-state"),
                    groups: vec![ChoiceGroup {
                        name: String::new(),
                        options: states
                            .map(|state| {
                                choice(state, self.w(&format!("state-action-{state}")), "")
                            })
                            .into(),
                    }],
                },
                Choices {
                    name: "party",
                    label: self.w("filter-party"),
                    groups: vec![ChoiceGroup {
                        name: String::new(),
                        options: vec![
                            choice("iq", self.iraq().text, "iq"),
                            choice("tr", self.turkiye().text, "iq"),
                        ],
                    }],
                },
                Choices {
                    name: "institution",
                    label: self.w("filter-institution"),
                    groups: vec![
                        ChoiceGroup {
                            name: self.iraq().text,
                            options: vec![
                                choice(
                                    "iq-bpa",
                                    self.t(
                                        "هيئة المنافذ الحدودية",
                                        "Border Ports Authority",
                                        "Sınır Kapıları Kurumu",
                                    ),
                                    "",
                                ),
                                choice(
                                    "iq-moi",
                                    self.t(
                                        "وزارة الداخلية",
                                        "Ministry of Interior",
                                        "İçişleri Bakanlığı",
                                    ),
                                    "",
                                ),
                            ],
                        },
                        ChoiceGroup {
                            name: self.turkiye().text,
                            options: vec![Choice::new(
                                "tr-moi",
                                Text::in_lang(Lang::Tr, "İçişleri Bakanlığı"),
                                "",
                            )],
                        },
                    ],
                },
                Choices {
                    name: "channel",
                    label: self.w("filter-channel"),
                    groups: vec![ChoiceGroup {
                        name: String::new(),
                        options: vec![choice(
                            "iq-tr",
                            self.t("العراق – تركيا", "Iraq – Türkiye", "Irak – Türkiye"),
                            "",
                        )],
                    }],
                },
            ],
            pills: vec![
                Pill {
                    name: self.w("filter-kind"),
                    value: self.w("kind-action"),
                    without: "/dossiers".into(),
                },
                Pill {
                    name: self.w("filter-party"),
                    value: self.iraq().text,
                    without: "/dossiers".into(),
                },
                Pill {
                    name: self.w("filter-text"),
                    value: self.t("منفذ", "crossing", "sınır"),
                    without: "/dossiers".into(),
                },
            ],
            clear: "/dossiers".into(),
            rows: self.rows(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
            empty: self.empty("dossiers-empty"),
            paging: Some(Paging {
                showing: word(
                    self.lang,
                    "page-showing",
                    &[
                        ("from", Value::from(11)),
                        ("to", Value::from(20)),
                        ("all", Value::from(140)),
                    ],
                ),
                previous: "/dossiers?page=1".into(),
                next: "/dossiers?page=3".into(),
            }),
            open: Some(("/open/action".into(), self.w("act-action-assign"))),
        }
    }

    fn dossiers_empty(&self) -> Dossiers {
        let mut page = self.dossiers();
        page.count = self.n("rows-caption", 0);
        page.rows = self.rows(&[]);
        page.paging = None;
        page.empty.actions = vec![("/dossiers".into(), self.w("filter-clear"))];
        page
    }

    fn event(
        &self,
        n: usize,
        act: &str,
        hours: i64,
        ours: bool,
        witnessed: bool,
        standing: Standing,
    ) -> Event {
        let at = NOW - hours * 3600;
        Event {
            id: format!("record-{n}"),
            act: self.w(act),
            note: None,
            office: Text::plain(if ours {
                self.t("أمين سر اللجنة", "Committee secretary", "Komite sekreteri")
            } else {
                "Komite sekreteri".into()
            }),
            institution: Text::plain(if ours {
                self.t(
                    "وزارة الخارجية",
                    "Ministry of Foreign Affairs",
                    "Irak Dışişleri Bakanlığı",
                )
            } else {
                "Dışişleri Bakanlığı".into()
            }),
            party: if ours { self.iraq() } else { self.turkiye() },
            claimed: datetime(self.lang, at, BAGHDAD),
            witnesses: if witnessed {
                vec![Witness {
                    time: datetime(self.lang, at + 1320, BAGHDAD),
                    party: if ours { self.turkiye() } else { self.iraq() }.text,
                }]
            } else {
                Vec::new()
            },
            hash: format!("{:04x}…{:04x}", 0x9f2c + n * 977, 0x03cd + n * 1451),
            standing,
            provisional: !witnessed,
            evidence: if witnessed {
                "/evidence/7f.zip".into()
            } else {
                String::new()
            },
        }
    }

    fn clauses(&self) -> Vec<Clause> {
        vec![
            Clause {
                id: "clause-1".into(),
                number: "1".into(),
                chip: Chip::new(Tone::Done, self.w("clause-agreed")),
                bracketed: false,
                texts: Texts::new([
                    (
                        Lang::Ar,
                        "اتفق الجانبان على تبادل قوائم نقاط الارتباط في المنافذ الحدودية قبل نهاية كل فصل.",
                    ),
                    (
                        Lang::Tr,
                        "Taraflar, sınır kapılarındaki irtibat noktası listelerini her çeyreğin sonundan önce değişmek üzere mutabık kalmıştır.",
                    ),
                    (
                        Lang::En,
                        "The sides agreed to exchange the lists of focal points at the crossings before the end of each quarter.",
                    ),
                ]),
                note: String::new(),
                remarks: Vec::new(),
            },
            Clause {
                id: "clause-2".into(),
                number: "2".into(),
                chip: Chip::new(Tone::Contested, self.w("clause-bracketed")),
                bracketed: true,
                texts: Texts::new([
                    (
                        Lang::Ar,
                        "يُنشأ مركز تدريب مشترك خلال ستة أشهر من تاريخ توقيع هذا المحضر",
                    ),
                    (
                        Lang::Tr,
                        "Bu tutanağın imza tarihinden itibaren altı ay içinde ortak eğitim merkezi kurulur",
                    ),
                ]),
                note: self.t(
                    "وضعتها تركيا بين معقوفتين",
                    "bracketed by Türkiye",
                    "Türkiye köşeli paranteze aldı",
                ),
                remarks: vec![(
                    self.turkiye().text,
                    Text::in_lang(
                        Lang::Tr,
                        "Süre, bütçe onayına bağlanmalıdır; dokuz ay öneriyoruz (bkz. IQ-TR/2026/014).",
                    ),
                )],
            },
            Clause {
                id: "clause-3".into(),
                number: "3".into(),
                chip: Chip::new(Tone::Waiting, self.w("clause-reserved")),
                bracketed: false,
                texts: Texts::new([
                    (Lang::Ar, "تُحدَّث خطة الحدود المشتركة كل سنة."),
                    (Lang::Tr, "Ortak sınır planı her yıl güncellenir."),
                ]),
                note: self.t(
                    "للعراق تحفّظ على الموعد",
                    "Iraq reserves on the period",
                    "Irak süre için çekince koydu",
                ),
                remarks: Vec::new(),
            },
        ]
    }

    fn act(
        &self,
        act: &str,
        icon: &'static str,
        explains: String,
        form: impl FnOnce(Form) -> Form,
    ) -> Act {
        Act {
            name: self.w(act),
            icon,
            explains,
            form: form(Form::new(self.lang, act, "/dossier/7f/act", "c5")),
        }
    }

    fn acts(&self) -> Vec<Act> {
        let lang = self.lang;
        vec![
            self.act(
                "act-meeting-agree-agenda",
                "confirm",
                self.t(
                    "يتم الاتفاق حين توافق الأطراف كلها على النص نفسه.",
                    "It is agreed once every party has agreed to the same text.",
                    "Bütün taraflar aynı metni kabul edince kararlaşmış olur.",
                ),
                |form| {
                    form.field(Field::new(
                        lang,
                        "content",
                        self.w("field-content"),
                        Shape::Hash {
                            value: "9f2c".repeat(16),
                            short: "9f2c…e41b".into(),
                            of: self.w("field-agenda"),
                        },
                    ))
                },
            ),
            self.act("act-meeting-add-item", "add", String::new(), |form| {
                form.field(Field::new(
                    lang,
                    "title",
                    self.w("field-title"),
                    Shape::Languages {
                        values: vec![
                            Text::in_lang(Lang::Ar, ""),
                            Text::in_lang(Lang::Tr, ""),
                            Text::in_lang(Lang::En, ""),
                        ],
                        long: false,
                        max: 200,
                    },
                ))
            }),
            self.act("act-meeting-postpone", "clock", String::new(), |form| {
                form.field(
                    Field::new(
                        lang,
                        "date",
                        self.w("field-date"),
                        Shape::DateOrNone {
                            value: String::new(),
                            none: false,
                        },
                    )
                    .hint(self.w("form-date-hint")),
                )
                .field(Field::new(
                    lang,
                    "reason",
                    self.w("field-reason"),
                    Shape::LongText {
                        value: String::new(),
                        max: 2000,
                    },
                ))
            }),
            self.act("act-meeting-cancel", "remove", String::new(), |mut form| {
                form.weight = Weight::Grave;
                form.field(
                    Field::new(
                        lang,
                        "reason",
                        self.w("field-reason"),
                        Shape::LongText {
                            value: String::new(),
                            max: 2000,
                        },
                    )
                    .optional(),
                )
            }),
        ]
    }

    fn dossier(&self) -> Dossier {
        let position = |tone, id: &str, more: String| Position {
            chip: Chip::new(tone, self.w(id)),
            more,
        };
        let awaiting = |day| Position {
            chip: Chip::new(
                Tone::Waiting,
                word(
                    self.lang,
                    "position-awaiting",
                    &[("date", Value::from(date(self.lang, 2026, 11, day)))],
                ),
            ),
            more: String::new(),
        };
        let mut history = vec![
            self.event(
                1,
                "act-meeting-propose",
                240,
                true,
                true,
                Standing::Effective,
            ),
            self.event(
                2,
                "act-meeting-agree-date",
                170,
                false,
                true,
                Standing::Effective,
            ),
            self.event(
                3,
                "act-meeting-add-item",
                96,
                false,
                true,
                Standing::Effective,
            ),
            self.event(
                4,
                "act-meeting-agree-agenda",
                40,
                false,
                true,
                Standing::Refused(RefusalView::of(self.lang, "MUT01")),
            ),
            self.event(
                5,
                "act-meeting-set-delegation",
                2,
                true,
                false,
                Standing::Effective,
            ),
        ];
        history[2].note = Some(Text::in_lang(Lang::Tr, "Ortak eğitim merkezi"));
        Dossier {
            frame: self.frame(self.t(TITLE_AR, TITLE_EN, TITLE_TR), "/dossier/7f"),
            reference: "IQ-TR/2026/023".into(),
            icon: "meeting",
            kind: self.w("kind-meeting"),
            kind_href: "/dossiers?kind=meeting".into(),
            title: Text::in_lang(self.lang, self.t(TITLE_AR, TITLE_EN, TITLE_TR)),
            title_others: [
                (Lang::Ar, TITLE_AR),
                (Lang::En, TITLE_EN),
                (Lang::Tr, TITLE_TR),
            ]
            .into_iter()
            .filter(|(lang, _)| *lang != self.lang)
            .map(|(lang, title)| Text::in_lang(lang, title))
            .collect(),
            chip: Chip::new(Tone::Going, self.w("state-meeting-date-agreed")),
            flags: Vec::new(),
            refusals: Vec::new(),
            facts: vec![
                Fact::new(
                    self.w("field-date"),
                    Shown::Words(date_with_weekday(self.lang, 2026, 12, 15)),
                ),
                Fact::new(
                    self.w("field-place"),
                    Shown::Text(Text::plain(self.t("أنقرة", "Ankara", "Ankara"))),
                ),
                Fact::new(
                    self.w("field-agreement"),
                    Shown::Link(Link {
                        href: "/dossier/11".into(),
                        text: Text::in_lang(Lang::Ar, "مذكرة التعاون في أمن الحدود"),
                    }),
                ),
                Fact::new(
                    self.w("field-opened-by"),
                    Shown::Pair(self.iraq(), date(self.lang, 2026, 11, 12)),
                ),
                Fact::new(
                    self.w("field-subject"),
                    Shown::Texts(Texts::new([
                        (
                            Lang::Ar,
                            "متابعة تنفيذ خطة الحدود المشتركة، وإقرار برنامج السنة المقبلة.",
                        ),
                        (
                            Lang::Tr,
                            "Ortak sınır planının uygulanmasının izlenmesi ve gelecek yılın programının kabulü.",
                        ),
                        (
                            Lang::En,
                            "To follow up the joint border plan and adopt next year’s programme.",
                        ),
                    ])),
                ),
            ],
            parties: vec![(self.iraq(), true), (self.turkiye(), false)],
            matters: vec![
                Matter {
                    name: self.w("field-date"),
                    value: Some(Shown::Words(date(self.lang, 2026, 12, 15))),
                    hash: "77a0…03cd".into(),
                    positions: vec![
                        position(Tone::Done, "position-agreed", date(self.lang, 2026, 11, 12)),
                        position(Tone::Done, "position-agreed", date(self.lang, 2026, 11, 15)),
                    ],
                },
                Matter {
                    name: self.w("field-agenda"),
                    value: None,
                    hash: "9f2c…e41b".into(),
                    positions: vec![
                        awaiting(20),
                        position(
                            Tone::Going,
                            "position-proposed",
                            date(self.lang, 2026, 11, 20),
                        ),
                    ],
                },
                Matter {
                    name: self.w("field-minutes"),
                    value: None,
                    hash: String::new(),
                    positions: vec![
                        position(Tone::Draft, "position-silent", String::new()),
                        position(
                            Tone::Contested,
                            "position-objects",
                            word(
                                self.lang,
                                "position-this-text",
                                &[("hash", Value::from("c210…88fe"))],
                            ),
                        ),
                    ],
                },
            ],
            sections: vec![
                Section {
                    id: "agenda".into(),
                    heading: self.w("field-agenda"),
                    hint: String::new(),
                    part: Part::Table(
                        vec![
                            self.w("field-number"),
                            self.w("field-item"),
                            self.w("column-party"),
                            self.w("column-state"),
                        ],
                        vec![
                            vec![
                                Shown::Words("1".into()),
                                Shown::Text(Text::in_lang(
                                    Lang::Ar,
                                    "متابعة إجراءات الاجتماع الرابع",
                                )),
                                Shown::Text(self.iraq()),
                                Shown::Chip(Chip::new(Tone::Done, self.w("position-agreed"))),
                            ],
                            vec![
                                Shown::Words("2".into()),
                                Shown::Text(Text::in_lang(Lang::Tr, "Ortak eğitim merkezi")),
                                Shown::Text(self.turkiye()),
                                Shown::Chip(Chip::new(Tone::Going, self.w("position-proposed"))),
                            ],
                        ],
                    ),
                },
                Section {
                    id: "minutes".into(),
                    heading: self.w("field-minutes"),
                    hint: self.w("state-meeting-minutes-open"),
                    part: Part::Clauses(self.clauses()),
                },
                Section {
                    id: "actions".into(),
                    heading: self.w("kinds-action"),
                    hint: String::new(),
                    part: Part::Rows(self.rows(&[0, 1])),
                },
            ],
            history,
            acts: self.acts(),
            no_acts: self.empty("dossier-acts-none"),
        }
    }

    /// The same dossier after a refused act, with every shape of field.
    fn dossier_refused(&self) -> Dossier {
        let lang = self.lang;
        let mut page = self.dossier();
        let choices = |typed: &str| {
            ["nature-once", "nature-continuous", "nature-conditional"]
                .map(|id| {
                    Choice::new(
                        id,
                        Text::in_lang(lang, self.w(&format!("choice-{id}"))),
                        typed,
                    )
                })
                .into()
        };
        let institutions = |typed: &str| {
            vec![
                ChoiceGroup {
                    name: self.iraq().text,
                    options: vec![Choice::new(
                        "iq-moi",
                        Text::in_lang(
                            lang,
                            self.t(
                                "وزارة الداخلية",
                                "Ministry of Interior",
                                "İçişleri Bakanlığı",
                            ),
                        ),
                        typed,
                    )],
                },
                ChoiceGroup {
                    name: self.turkiye().text,
                    options: vec![Choice::new(
                        "tr-moi",
                        Text::in_lang(Lang::Tr, "İçişleri Bakanlığı"),
                        typed,
                    )],
                },
            ]
        };
        let item = |n: usize, title: &str| {
            vec![
                Field::new(
                    lang,
                    &format!("items.{n}.title"),
                    self.w("field-title"),
                    Shape::Text {
                        value: title.into(),
                        max: 0,
                    },
                ),
                Field::new(
                    lang,
                    &format!("items.{n}.owner"),
                    self.w("field-owner"),
                    Shape::Select {
                        groups: institutions("tr-moi"),
                    },
                ),
            ]
        };
        let mut second = item(1, "");
        second[0]
            .problems
            .push(RefusalView::of(lang, "FRM02").sentence);
        let refused = self.act("act-commitment-revise", "edit", String::new(), |form| {
            form.field(
                Field::new(
                    lang,
                    "title",
                    self.w("field-title"),
                    Shape::Languages {
                        values: vec![
                            Text::in_lang(Lang::Ar, "تبادل قوائم نقاط الارتباط"),
                            Text::in_lang(Lang::Tr, ""),
                            Text::in_lang(Lang::En, ""),
                        ],
                        long: false,
                        max: 200,
                    },
                )
                .problem(RefusalView::of(lang, "FRM02").sentence),
            )
            .field(
                Field::new(
                    lang,
                    "due",
                    self.w("field-due"),
                    Shape::DateOrNone {
                        value: String::new(),
                        none: false,
                    },
                )
                .hint(self.w("form-date-hint"))
                .problem(RefusalView::of(lang, "FRM04").sentence),
            )
            .field(Field::new(
                lang,
                "nature",
                self.w("field-nature"),
                Shape::Choice {
                    options: choices("nature-once"),
                },
            ))
            .field(Field::new(
                lang,
                "level",
                self.w("field-level"),
                Shape::Integer {
                    value: "2".into(),
                    min: 0,
                    max: 3,
                },
            ))
            .field(Field::new(
                lang,
                "joint",
                self.w("field-joint"),
                Shape::Flag { value: true },
            ))
            .field(Field::new(
                lang,
                "items",
                self.w("field-agenda"),
                Shape::Rows {
                    rows: vec![item(0, "نقاط الارتباط"), second],
                },
            ))
            .field(
                Field::new(
                    lang,
                    "note",
                    self.w("field-note"),
                    Shape::LongText {
                        value: "…".into(),
                        max: 2000,
                    },
                )
                .optional(),
            )
        });
        page.refusals = vec![RefusalView::of(lang, "MUT01")];
        page.acts.insert(0, refused);
        page
    }

    fn confirm(&self) -> Confirm {
        let mut form = Form::new(self.lang, "sign", "/dossier/7f/act", "c5");
        form.hidden = vec![
            ("act".into(), "sign-minutes".into()),
            ("content".into(), "9f2c".repeat(16)),
        ];
        form.submit = self.w("confirm-submit");
        form.weight = Weight::Grave;
        form.leave = Some(("/dossier/7f".into(), self.w("form-back")));
        form = form.field(
            Field::new(
                self.lang,
                "password",
                self.w("confirm-password"),
                Shape::Password,
            )
            .hint(self.w("confirm-password-hint")),
        );
        Confirm {
            frame: self.frame(self.w("confirm-title"), "/dossier/7f/act"),
            heading: self.w("act-meeting-sign-minutes"),
            reference: "IQ-TR/2026/023".into(),
            back: "/dossier/7f".into(),
            changed: false,
            answers: vec![
                Fact::new(self.w("field-meeting"), Shown::Text(Text::in_lang(self.lang, self.t(TITLE_AR, TITLE_EN, TITLE_TR)))),
                Fact::new(self.w("field-date"), Shown::Words(date(self.lang, 2026, 12, 15))),
                Fact::new(self.w("field-party"), Shown::Text(self.iraq())),
            ],
            text: self.clauses().into_iter().next().map(|clause| clause.texts),
            hash: "9f2ce41b".repeat(8),
            consequences: vec![self.t(
                "حين يوقّع الطرفان تُفتح ثلاثة إجراءات متابعة، اثنان منها على وزارة الداخلية.",
                "Once both sides have signed, three actions open; two of them are the Ministry of Interior’s.",
                "İki taraf da imzalayınca üç takip maddesi açılır; ikisi İçişleri Bakanlığınındır.",
            )],
            form,
        }
    }

    fn paste(&self) -> StatementForm {
        let mut form = Form::new(self.lang, "statement", "/statement", "c5")
            .field(
                Field::new(
                    self.lang,
                    "text",
                    self.w("statement-text"),
                    Shape::LongText {
                        value: String::new(),
                        max: 60_000,
                    },
                )
                .hint(self.w("statement-text-hint")),
            )
            .field(
                Field::new(
                    self.lang,
                    "source",
                    self.w("statement-source"),
                    Shape::Text {
                        value: String::new(),
                        max: 0,
                    },
                )
                .hint(self.w("statement-source-hint"))
                .optional(),
            )
            .field(
                Field::new(
                    self.lang,
                    "published",
                    self.w("statement-published"),
                    Shape::Date {
                        value: String::new(),
                    },
                )
                .optional(),
            );
        form.submit = self.w("statement-read");
        StatementForm {
            frame: self.frame(self.w("statement-title"), "/statement"),
            form,
        }
    }

    fn statement(&self) -> Statement {
        let plain = |text: &str| Segment {
            text: text.into(),
            found: None,
        };
        let found = |number: usize, text: &str| Segment {
            text: text.into(),
            found: Some((number, format!("found-{number}"))),
        };
        let button = |id: &str, words: &str, icon_weight| {
            let mut form = Form::new(self.lang, id, "/statement/decide", "c5");
            form.submit = self.w(words);
            form.weight = icon_weight;
            form
        };
        let proposal = |number: usize,
                        kind: &'static str,
                        title: &str,
                        quote: &str,
                        facts,
                        decided: Option<Chip>| Proposal {
            number,
            icon: kind,
            kind: self.w(&format!("kind-{kind}")),
            title: Text::in_lang(Lang::Ar, title),
            quote: quote.into(),
            mark: format!("found-{number}"),
            facts,
            confirm: decided.is_none().then(|| {
                button(
                    &format!("confirm-{number}"),
                    "statement-confirm",
                    Weight::Usual,
                )
            }),
            drop: decided
                .is_none()
                .then(|| button(&format!("drop-{number}"), "statement-drop", Weight::Quiet)),
            edit: decided.is_none().then(|| {
                button(
                    &format!("edit-{number}"),
                    "statement-confirm",
                    Weight::Usual,
                )
                .field(Field::new(
                    self.lang,
                    "title",
                    self.w("field-title"),
                    Shape::Text {
                        value: title.into(),
                        max: 200,
                    },
                ))
                .field(Field::new(
                    self.lang,
                    "date",
                    self.w("field-date"),
                    Shape::Date {
                        value: "2026-11-15".into(),
                    },
                ))
            }),
            decided,
        };
        let mut frame = self.frame(self.w("statement-title"), "/statement");
        frame.label = Some(LabelBanner {
            level: Level::Open,
            audience: String::new(),
            codes: String::new(),
        });
        Statement {
            frame,
            lang: Some(Lang::Ar),
            about: self.t(
                "بيان مختلق، 16 تشرين الثاني 2026",
                "Invented statement, 16 November 2026",
                "Uydurma açıklama, 16 Kasım 2026",
            ),
            paragraphs: vec![
                vec![
                    plain("عقدت اللجنة الدائمة المشتركة "),
                    found(1, "اجتماعها الرابع في بغداد يوم 15 تشرين الثاني 2026"),
                    plain(
                        "، وبحث الجانبان تنفيذ ما سبق الاتفاق عليه في شأن أمن الحدود وتبادل المعلومات.",
                    ),
                ],
                vec![
                    plain("وجدّد الطرفان العزم على "),
                    found(2, "متابعة تفعيل مذكرة التفاهم الخاصة بأمن الحدود"),
                    plain("، و"),
                    found(3, "تكليف وزارة الداخلية بإعداد خطة حدود مشتركة"),
                    plain(" تُعرض في الاجتماع المقبل في أنقرة."),
                ],
            ],
            count: self.n("statement-proposals", 3),
            proposals: vec![
                proposal(
                    1,
                    "meeting",
                    "الاجتماع الرابع للجنة الدائمة المشتركة",
                    "اجتماعها الرابع في بغداد يوم 15 تشرين الثاني 2026",
                    vec![
                        Fact::new(
                            self.w("field-date"),
                            Shown::Words(date(self.lang, 2026, 11, 15)),
                        ),
                        Fact::new(
                            self.w("field-place"),
                            Shown::Text(Text::in_lang(Lang::Ar, "بغداد")),
                        ),
                    ],
                    None,
                ),
                proposal(
                    2,
                    "commitment",
                    "متابعة تفعيل مذكرة التفاهم الخاصة بأمن الحدود",
                    "متابعة تفعيل مذكرة التفاهم الخاصة بأمن الحدود",
                    vec![Fact::new(
                        self.w("field-obligor"),
                        Shown::Words(self.w("choice-obligor-joint")),
                    )],
                    Some(Chip::new(Tone::Done, self.w("statement-confirmed"))),
                ),
                proposal(
                    3,
                    "action",
                    "إعداد خطة حدود مشتركة",
                    "تكليف وزارة الداخلية بإعداد خطة حدود مشتركة",
                    vec![
                        Fact::new(
                            self.w("field-owner"),
                            Shown::Text(Text::in_lang(Lang::Ar, "وزارة الداخلية")),
                        ),
                        Fact::new(self.w("field-due"), Shown::Words(self.w("no-date"))),
                    ],
                    None,
                ),
            ],
            empty: self.empty("statement-none"),
        }
    }

    fn channels(&self) -> Channels {
        let when = |hours: i64| datetime(self.lang, NOW - hours * 3600, BAGHDAD);
        let reach = |tone, id: &str, hours| {
            Chip::new(
                tone,
                word(self.lang, id, &[("time", Value::from(when(hours)))]),
            )
        };
        let syria = Text::in_lang(self.lang, self.t("سوريا", "Syria", "Suriye"));
        Channels {
            frame: self.frame(self.w("channels-title"), "/channels"),
            channels: vec![
                Channel {
                    name: Text::in_lang(
                        self.lang,
                        self.t(
                            "العراق – تركيا: أمن الحدود",
                            "Iraq – Türkiye: border security",
                            "Irak – Türkiye: sınır güvenliği",
                        ),
                    ),
                    id: "iq-tr-border".into(),
                    logs: vec![
                        Log {
                            party: self.iraq(),
                            own: true,
                            size: number(self.lang, 1284),
                            checkpoint: when(0),
                            root: "9f2c…e41b".into(),
                            witnesses: vec![(self.turkiye(), when(1))],
                            behind: self.n("channel-behind", 3),
                            reach: Chip::new(Tone::Going, self.w("channel-reach-own")),
                        },
                        Log {
                            party: self.turkiye(),
                            own: false,
                            size: number(self.lang, 977),
                            checkpoint: when(1),
                            root: "c210…88fe".into(),
                            witnesses: vec![(self.iraq(), when(1))],
                            behind: String::new(),
                            reach: reach(Tone::Going, "channel-reach-now", 0),
                        },
                    ],
                },
                Channel {
                    name: Text::in_lang(
                        self.lang,
                        self.t("العراق – سوريا", "Iraq – Syria", "Irak – Suriye"),
                    ),
                    id: "iq-sy".into(),
                    logs: vec![
                        Log {
                            party: self.iraq(),
                            own: true,
                            size: number(self.lang, 41),
                            checkpoint: when(30),
                            root: "77a0…03cd".into(),
                            witnesses: Vec::new(),
                            behind: self.n("channel-behind", 41),
                            reach: Chip::new(Tone::Going, self.w("channel-reach-own")),
                        },
                        Log {
                            party: syria,
                            own: false,
                            size: number(self.lang, 0),
                            checkpoint: String::new(),
                            root: String::new(),
                            witnesses: Vec::new(),
                            behind: String::new(),
                            reach: reach(Tone::Late, "channel-reach-lost", 52),
                        },
                    ],
                },
            ],
            empty: self.empty("channels-empty"),
        }
    }

    fn problem(&self, kind: ProblemKind) -> Problem {
        Problem {
            frame: self.frame(self.w(kind.word_id()), "/dossier/00"),
            kind,
            refusals: if kind == ProblemKind::Refused {
                vec![RefusalView::of(self.lang, "PRM01")]
            } else {
                Vec::new()
            },
            operation: if kind == ProblemKind::Fault {
                "01JD-7Q2M-91XK".into()
            } else {
                String::new()
            },
            back: if kind == ProblemKind::Refused {
                "/dossier/7f".into()
            } else {
                String::new()
            },
        }
    }
}
