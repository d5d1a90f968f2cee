//! Returns of persons: nothing of them is found that was not asked for, what is sealed leaves by disclosure alone, nobody reads
//! or exports it alone, and it is erased in time. Nodes in one process, with the frames carried by hand and a clock that is set.

use crate::straight::{Here, act, channel_of, code, officer, party};
use crate::world::World;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tansiq_dossier::channel::{ChannelClass, ChannelId};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::label::Classification;
use tansiq_dossier::party::{OfficerId, Role};
use tansiq_dossier::record::{DossierId, Draft, RecordId};
use tansiq_dossier::words::Tongue;
use tansiq_node::approval::{Asked, Format, LIFE, Matter, Selection};
use tansiq_node::erasing::{self, Swept};
use tansiq_node::export::{self, Exported};
use tansiq_node::fault::{Fault, Protocol, Trouble};
use tansiq_node::guarded::{self, Guarded, Unsealed, Waiting};
use tansiq_node::store::db::Connection;
use tansiq_node::store::dossiers::Filter;
use tansiq_node::store::{approvals, people, records};
use tansiq_node::submit::Submitted;
use tansiq_node::views::{self, Looking};
use tansiq_node::{evidence, verify};

/// A name that is sealed, and must not be found where it is not.
pub(crate) const NAME: &str = "عبدالرحمن";
pub(crate) const DAY: i64 = 24 * 60 * 60;
/// When every node's clock begins.
pub(crate) const BEGIN: i64 = 1_760_000_000;

/// Baghdad and Damascus with their offices, and a channel for returns between them.
pub(crate) struct Pair {
    pub(crate) iraq: Here,
    pub(crate) syria: Here,
    pub(crate) channel: ChannelId,
}

pub(crate) async fn with_offices(code: &str) -> Here {
    let here = Here::new(code).await;
    let small = code.to_lowercase();
    let offices = [
        ("returns", vec![Role::ReturnOfficer]),
        ("second", vec![Role::ReturnOfficer]),
        ("releaser", vec![Role::Releaser]),
        ("auditor", vec![Role::Auditor]),
        ("everything", Role::ALL.into_iter().filter(|role| !matches!(role, Role::ReturnOfficer | Role::Auditor)).collect()),
    ];
    for (office, roles) in offices {
        let officer = officer(&format!("{small}.{office}"), &roles, Classification::Restricted);
        here.node.store.write(move |work| Ok(people::set_officer(work.connection, &officer, None)?)).await.unwrap();
    }
    here
}

impl Pair {
    pub(crate) async fn new() -> Pair {
        let (iraq, syria) = (with_offices("IRQ").await, with_offices("SYR").await);
        let channel = channel_of(ChannelClass::Return, &[&iraq, &syria]).await;
        Pair { iraq, syria, channel }
    }

    /// Both hold what the other has.
    pub(crate) async fn level(&self) {
        self.iraq.pull(&self.channel, &self.syria).await;
        self.syria.pull(&self.channel, &self.iraq).await;
        self.iraq.pull(&self.channel, &self.syria).await;
    }

    pub(crate) fn at(&self, unix: i64) {
        self.iraq.clock.set(unix);
        self.syria.clock.set(unix);
    }

    /// Damascus opens a case and adds a person, who claims to be Iraqi.
    pub(crate) async fn person(&self) -> (DossierId, Submitted) {
        let opened = self.syria.submit(&self.channel, "returns", open_case("المخيم")).await.unwrap().dossier;
        let added = self.syria.submit(&self.channel, "returns", add_person(&opened)).await.unwrap();
        let on = self.syria.node.identity.world.today();
        let told = json!({ "person": added.record, "on": on, "tongue": "ar" });
        let claimed = json!({ "person": added.record, "nationality": "IRQ", "on": on });
        for (name, body) in [("tell-person", told), ("claim-nationality", claimed)] {
            self.syria.submit(&self.channel, "returns", act("return", name, Some(&opened), body)).await.unwrap();
        }
        (opened, added)
    }

    pub(crate) async fn disclosed(&self, dossier: &DossierId, of: &RecordId) -> Submitted {
        self.syria.submit(&self.channel, "returns", disclose(dossier, of, &["family_ar", "given_ar"])).await.unwrap()
    }
}

pub(crate) fn open_case(site: &str) -> Draft {
    let body = json!({ "sending": "SYR", "receiving": "IRQ", "site": site, "referral": "person" });
    act("return", "open-case", None, body)
}

fn sealed(values: Value) -> Map<String, Value> {
    values.as_object().unwrap().clone()
}

pub(crate) fn add_person(dossier: &DossierId) -> Draft {
    let names = json!({ "given_ar": NAME, "family_ar": "الجبوري", "birth_year": 1990, "medical_needs": "إنسولين" });
    Draft { sealed: sealed(names), ..act("return", "add-person", Some(dossier), json!({ "age_band": "adult" })) }
}

pub(crate) fn disclose(dossier: &DossierId, of: &RecordId, claims: &[&str]) -> Draft {
    let body = json!({ "of": of, "claims": claims, "to": "irq.mofa", "reason": "التحقق من الجنسية" });
    act("return", "disclose", Some(dossier), body)
}

impl Here {
    fn looking(&self, office: &str) -> Looking {
        let id: OfficerId = format!("{}.{office}", self.own().as_str().to_lowercase()).parse().unwrap();
        let read = |connection: &Connection| people::officer(connection, &id);
        let (officer, _) = self.node.store.read_now(read).unwrap().unwrap();
        Looking { officer, own: self.own(), today: self.node.identity.world.today() }
    }

    /// How many a list shows this office, and how many it counts.
    fn listed(&self, office: &str, filter: Filter) -> (usize, u64) {
        let (looking, filter) = (self.looking(office), Filter { limit: 1000, ..filter });
        let counted = filter.clone();
        let (page, count) = self
            .node
            .store
            .read_now(|connection| -> Result<_, Fault> {
                let count = views::count(connection, &looking, counted)?;
                Ok((views::list(connection, &looking, filter)?, count))
            })
            .unwrap();
        assert_eq!(page.total, count);
        (page.items.len(), page.total)
    }

    fn shows(&self, office: &str, channel: &ChannelId, dossier: &DossierId) -> bool {
        let looking = self.looking(office);
        let read = |connection: &Connection| views::dossier::full(connection, &looking, channel, dossier);
        self.node.store.read_now(read).unwrap().is_some()
    }

    pub(crate) fn kept(&self, channel: &ChannelId, of: &str, index: u64) -> Vec<String> {
        let read = |connection: &Connection| records::at(connection, channel, &party(of), index);
        let stored = self.node.store.read_now(read).unwrap().unwrap();
        stored.disclosures.lines().map(str::to_owned).collect()
    }

    /// Whether any of these bytes stands in the files of the store.
    pub(crate) fn files_hold(&self, texts: &[String]) -> bool {
        let database = self.node.database();
        let beside = |end: &str| database.with_file_name(format!("tansiq.db{end}"));
        let files = ["", "-wal"].map(|end| std::fs::read(beside(end)).unwrap_or_default());
        texts.iter().any(|text| files.iter().any(|file| file.windows(text.len()).any(|window| window == text.as_bytes())))
    }

    pub(crate) fn verifies(&self) {
        let report = self.node.store.read_now(|connection| verify::verify(connection, &mut |_| {})).unwrap();
        assert_eq!(report.problems, Vec::<String>::new());
    }

    fn asked(&self, office: &str, reason: &str, matter: Matter) -> Asked {
        Asked { requester: self.looking(office).officer.id, recipient: None, reason: reason.to_owned(), matter }
    }

    async fn unseal(&self, asked: &Asked) -> Result<Guarded<Vec<Unsealed>>, Trouble> {
        let asked = asked.clone();
        self.node.store.write(move |work| guarded::unseal(work, &asked)).await
    }

    async fn approve(&self, office: &str, number: i64) -> Result<(), Trouble> {
        let id = self.looking(office).officer.id;
        self.node.store.write(move |work| guarded::approve(work, &id, number)).await.map(drop)
    }

    /// The export, or the request that waits.
    async fn export(&self, asked: &Asked) -> Result<Result<(Exported, String), Waiting>, Trouble> {
        let asked = asked.clone();
        let leave = match self.node.store.write(move |work| guarded::export(work, &asked)).await? {
            Guarded::Waiting(waiting) => return Ok(Err(waiting)),
            Guarded::Given(leave) => leave,
        };
        let mut bytes = Vec::new();
        let write = |connection: &Connection| export::write(connection, &leave, Tongue::Ar, &mut bytes);
        let exported = self.node.store.read_now(write)?;
        Ok(Ok((exported, String::from_utf8(bytes).unwrap())))
    }

    pub(crate) fn noted(&self, did: &str) -> usize {
        let read = |connection: &Connection| approvals::audit(connection, 1000);
        self.node.store.read_now(read).unwrap().iter().filter(|line| line.did == did).count()
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, Trouble>) -> String {
    match result {
        Err(Trouble::Refused(refusal)) => refusal.code.into_owned(),
        other => panic!("not refused: {other:?}"),
    }
}

fn waiting<T: std::fmt::Debug>(result: Result<Guarded<T>, Trouble>) -> i64 {
    match result {
        Ok(Guarded::Waiting(waiting)) => waiting.number,
        other => panic!("waits for nobody: {other:?}"),
    }
}

#[tokio::test]
async fn a_return_is_not_there_for_whoever_does_not_work_with_returns() {
    let pair = Pair::new().await;
    let exchange = channel_of(ChannelClass::Exchange, &[&pair.iraq, &pair.syria]).await;
    let (dossier, added) = pair.person().await;
    pair.level().await;
    // A commitment of the exchange of information cites the case by its name, and has its words in its own.
    let cites = json!({
        "title": { "ar": "المخيم" }, "by": ["IRQ"], "article": [{ "tongue": "ar", "quote": "المادة 1" }], "agreement": dossier,
        "mode": "once", "criterion": { "ar": "معيار" }, "evidence": { "ar": "دليل" }, "due": "none", "sector": "migration",
    });
    let citing = pair.iraq.submit(&exchange, "secretary", act("commitment", "draft", None, cites)).await.unwrap().dossier;
    let named = |text: &str| Filter { title: Some(text.to_owned()), ..Filter::default() };
    let kind = |kind: Kind| Filter { kind: Some(kind), ..Filter::default() };
    let within = |channel: &ChannelId| Filter { channel: Some(channel.clone()), ..Filter::default() };
    for office in ["secretary", "chair", "releaser", "everything"] {
        let here = &pair.iraq;
        // Two charters and the commitment: neither in lines nor in counts is there anything of the case.
        assert_eq!(here.listed(office, Filter::default()), (3, 3), "{office}");
        assert_eq!(here.listed(office, kind(Kind::Return)), (0, 0), "{office}");
        assert_eq!(here.listed(office, within(&pair.channel)), (1, 1), "{office}: the charter alone");
        assert_eq!(here.listed(office, named("المخيم")), (1, 1), "{office}");
        assert_eq!(here.listed(office, Filter { party: Some(party("SYR")), ..Filter::default() }), (3, 3), "{office}");
        assert!(here.shows(office, &exchange, &citing) && !here.shows(office, &pair.channel, &dossier), "{office}");
        let looking = here.looking(office);
        let proof = |connection: &Connection| evidence::gather(connection, &looking, &pair.channel, &added.record);
        assert_eq!(here.node.store.read_now(proof).unwrap(), None, "{office}");
    }
    // Nor can anybody tell it from one that never was.
    let unknown = DossierId::new(&party("SYR"), &[7; 16]);
    for dossier in [&dossier, &unknown] {
        let answer = pair.iraq.submit(&pair.channel, "everything", add_person(dossier)).await;
        assert_eq!(code(answer), "DOS01");
    }
    assert_eq!(code(pair.iraq.submit(&pair.channel, "auditor", add_person(&dossier)).await), "PRM05");
    // Whoever works with returns finds them by asking for them, and by no search of anything else.
    for office in ["returns", "auditor"] {
        let here = &pair.iraq;
        assert_eq!(here.listed(office, Filter::default()), (3, 3), "{office}");
        assert_eq!(here.listed(office, named("المخيم")), (1, 1), "{office}");
        assert_eq!(here.listed(office, kind(Kind::Report)), (0, 0), "{office}");
        assert_eq!(here.listed(office, kind(Kind::Return)), (1, 1), "{office}");
        assert_eq!(here.listed(office, within(&pair.channel)), (2, 2), "{office}");
        assert!(here.shows(office, &pair.channel, &dossier), "{office}");
        let looking = here.looking(office);
        let desk = here.node.store.read_now(|connection| views::desk::desk(connection, &looking)).unwrap();
        assert!(desk.recent.iter().any(|item| item.dossier == dossier), "{office}: the day's own page asks for both");
    }
}

#[tokio::test]
async fn what_is_sealed_stays_at_its_node_until_it_is_disclosed_and_goes_to_nobody_else() {
    let (iraq, syria, turkiye) = (with_offices("IRQ").await, with_offices("SYR").await, with_offices("TUR").await);
    let channel = channel_of(ChannelClass::Return, &[&iraq, &syria, &turkiye]).await;
    let pair = Pair { iraq, syria, channel: channel.clone() };
    let (dossier, added) = pair.person().await;
    let own = pair.syria.kept(&channel, "SYR", added.index);
    assert_eq!(own.len(), 4);
    let sent = |to: &str| -> Vec<Vec<String>> {
        let batches = pair.syria.batches_for(&channel, &party(to), 0);
        let contents = batches.into_iter().flat_map(|batch| batch.entries).filter_map(|entry| entry.content);
        contents
            .map(|content| {
                assert!(!String::from_utf8_lossy(&content.bytes).contains(NAME), "no value stands in a record");
                content.disclosures
            })
            .collect()
    };
    assert!(["IRQ", "TUR"].iter().all(|to| sent(to).iter().all(Vec::is_empty)), "nothing goes with the record that seals");
    let disclosed = pair.disclosed(&dossier, &added.record).await;
    assert!(sent("TUR").iter().all(Vec::is_empty), "a third party of the dossier gets the record alone");
    let gone: Vec<String> = sent("IRQ").concat();
    assert_eq!(gone.len(), 2, "only the fields that were named");
    assert!(gone.iter().all(|text| own.contains(text)), "and what was sealed, not something like it");

    pair.iraq.pull(&channel, &pair.syria).await;
    turkiye.pull(&channel, &pair.syria).await;
    assert_eq!(pair.iraq.kept(&channel, "SYR", disclosed.index), gone);
    assert_eq!(pair.iraq.kept(&channel, "SYR", added.index), Vec::<String>::new());
    assert_eq!(turkiye.kept(&channel, "SYR", disclosed.index), Vec::<String>::new());
    assert_eq!(pair.iraq.fold(&channel, &dossier), turkiye.fold(&channel, &dossier));
    assert!(!pair.iraq.fold(&channel, &dossier).unwrap().to_string().contains(NAME));
    [&pair.iraq, &pair.syria, &turkiye].iter().for_each(|here| here.verifies());
    // The evidence of the record opens nothing either.
    let looking = pair.syria.looking("returns");
    let read = |connection: &Connection| evidence::gather(connection, &looking, &channel, &added.record);
    let proof = pair.syria.node.store.read_now(read).unwrap().unwrap();
    assert!(proof.files.iter().any(|(name, bytes)| *name == "disclosures.txt" && bytes.is_empty()));
}

#[tokio::test]
async fn sealed_values_that_come_with_anything_but_a_disclosure_are_refused_with_their_batch() {
    let pair = Pair::new().await;
    let (dossier, added) = pair.person().await;
    let own = pair.syria.kept(&pair.channel, "SYR", added.index);
    let disclosed = pair.disclosed(&dossier, &added.record).await;
    let good = pair.syria.batches_for(&pair.channel, &party("IRQ"), 1);
    for at in [added.index, disclosed.index] {
        let mut bad = good.clone();
        let (from, batch) = (good[0].from, &mut bad[0]);
        let content = batch.entries[usize::try_from(at - from).unwrap()].content.as_mut().unwrap();
        content.disclosures.clone_from(&own);
        let taken = pair.iraq.take(&pair.channel, &party("SYR"), bad.remove(0)).await;
        let as_told = match at {
            at if at == added.index => matches!(taken, Err(Trouble::Protocol(Protocol::NotDisclosed { index })) if index == at),
            _ => matches!(taken, Err(Trouble::Protocol(Protocol::NotCommitted { .. }))),
        };
        assert!(as_told, "{taken:?}");
    }
    assert!(!pair.iraq.files_hold(&own));
    pair.level().await;
}

#[tokio::test]
async fn a_draft_hears_what_is_wrong_with_what_it_would_seal() {
    let pair = Pair::new().await;
    let (dossier, added) = pair.person().await;
    let submit = |draft: Draft| pair.syria.submit(&pair.channel, "returns", draft);
    let wrong = Draft {
        sealed: sealed(json!({ "given_ar": "a\u{202e}b", "tribe": "x", "birth_year": 12 })),
        ..act("return", "add-person", Some(&dossier), json!({}))
    };
    match submit(wrong).await {
        Err(Trouble::Refused(refusal)) => {
            let found: BTreeSet<String> = refusal.problems.iter().map(|p| format!("{} {}", p.field, p.code)).collect();
            let told = ["age_band FRM02", "sealed.birth_year FRM08", "sealed.given_ar FRM07", "sealed.tribe FRM01"];
            assert_eq!(found, told.map(str::to_owned).into());
        }
        other => panic!("{other:?}"),
    }
    let on = pair.syria.node.identity.world.today();
    let told = act("return", "tell-person", Some(&dossier), json!({ "person": added.record, "on": on, "tongue": "ar" }));
    assert_eq!(code(submit(Draft { sealed: sealed(json!({ "given_ar": NAME })), ..told }).await), "FRM01", "it seals nothing");
    let forged = act("return", "add-person", Some(&dossier), json!({ "age_band": "adult", "_sd": ["A".repeat(43)] }));
    assert_eq!(code(submit(forged).await), "FRM01", "digests are made here and not given");
    assert_eq!(code(submit(disclose(&dossier, &added.record, &["given_ar", "mother_ar"])).await), "CUS03");
    assert_eq!(code(submit(disclose(&dossier, &RecordId::commit(&[0; 32], b""), &["given_ar"])).await), "CUS03");
    let given = Draft { sealed: sealed(json!({ "given_ar": NAME })), ..disclose(&dossier, &added.record, &["given_ar"]) };
    assert_eq!(code(submit(given).await), "FRM01", "what is disclosed is found, not given");
}

#[tokio::test]
async fn sealed_values_are_read_by_two_people_and_every_time_is_noted() {
    let pair = Pair::new().await;
    let (dossier, added) = pair.person().await;
    let here = &pair.syria;
    let matter = |record: RecordId| Matter::Unseal {
        channel: pair.channel.clone(),
        dossier: dossier.clone(),
        record,
        claims: ["given_ar".to_owned()].into(),
    };
    let asked = here.asked("returns", "مطابقة الوثيقة", matter(added.record));
    let number = waiting(here.unseal(&asked).await);
    assert_eq!(waiting(here.unseal(&asked).await), number, "asking again is the same request");
    assert_eq!(refused(here.approve("returns", number).await), "APV02");
    assert_eq!(refused(here.approve("secretary", number).await), "APV03");
    assert_eq!(refused(here.approve("releaser", number).await), "APV03", "a releaser to whom returns are not there");
    assert_eq!(refused(here.approve("second", number + 1).await), "APV05");
    here.approve("second", number).await.unwrap();
    assert_eq!(refused(here.approve("second", number).await), "APV07");
    let Ok(Guarded::Given(values)) = here.unseal(&asked).await else { panic!("it was allowed") };
    assert_eq!(
        values.iter().map(|value| (value.claim.as_str(), value.value.as_str().unwrap())).collect::<Vec<_>>(),
        [("given_ar", NAME)]
    );
    assert!(!format!("{values:?}").contains(NAME));
    // Another reason, another officer or another day is another request.
    let other = here.asked("returns", "سبب آخر", matter(added.record));
    assert_ne!(waiting(here.unseal(&other).await), number);
    let other = here.asked("second", "مطابقة الوثيقة", matter(added.record));
    assert_ne!(waiting(here.unseal(&other).await), number);
    pair.at(BEGIN + LIFE);
    assert_ne!(waiting(here.unseal(&asked).await), number);
    assert_eq!(refused(here.approve("second", number).await), "APV04");
    // And nothing is asked for that is not there, or not for whoever asks.
    assert_eq!(refused(here.unseal(&here.asked("secretary", "سبب", matter(added.record))).await), "DOS01");
    assert_eq!(refused(here.unseal(&here.asked("auditor", "سبب", matter(added.record))).await), "PRM05");
    assert_eq!(refused(here.unseal(&here.asked("returns", " ", matter(added.record))).await), "APV06");
    let nothing = here.asked("returns", "سبب", matter(RecordId::commit(&[0; 32], b"")));
    assert_eq!(refused(here.unseal(&nothing).await), "APV08");
    assert_eq!((here.noted("request"), here.noted("approve"), here.noted("unseal")), (4, 1, 1));
    let lines = here.node.store.read_now(|connection| approvals::audit(connection, 100)).unwrap();
    assert!(lines.iter().all(|line| !format!("{line:?}").contains(NAME)));
    let change = here.node.store.write(|work| Ok(work.connection.execute("DELETE FROM audit", []).map_err(Fault::from)?)).await;
    assert!(matches!(change, Err(Trouble::Fault(_))), "the audit only grows");
}

#[tokio::test]
async fn an_export_of_51_returns_without_a_second_person_is_refused() {
    let pair = Pair::new().await;
    let here = &pair.syria;
    for number in 0..51 {
        here.submit(&pair.channel, "returns", open_case(&format!("المخيم {number}"))).await.unwrap();
    }
    // A list shows no more than fifty, on however many pages, and says how many there are.
    let all = Filter { kind: Some(Kind::Return), ..Filter::default() };
    assert_eq!(here.listed("returns", all.clone()), (50, 51));
    assert_eq!(here.listed("returns", Filter { skip: 40, ..all.clone() }), (10, 51));
    assert_eq!(here.listed("returns", Filter { skip: 50, ..all }), (0, 51));

    let selection = Selection { kind: Some(Kind::Return), ..Selection::default() };
    let export = |selection: &Selection| Matter::Export { selection: selection.clone(), format: Format::JsonLines };
    let asked = here.asked("returns", "قائمة الدفعة", export(&selection));
    let request = here.export(&asked).await.unwrap().unwrap_err();
    assert_eq!(request.approvers, ["syr.second".parse().unwrap()], "not who asks, and nobody to whom returns are not there");
    assert!(here.export(&asked).await.unwrap().is_err(), "nobody has allowed it yet");
    assert_eq!(refused(here.approve("returns", request.number).await), "APV02", "least of all who asks");
    assert!(here.export(&asked).await.unwrap().is_err());
    here.approve("second", request.number).await.unwrap();
    let (exported, text) = here.export(&asked).await.unwrap().unwrap();
    assert_eq!((exported.dossiers, text.lines().count()), (51, 51));
    assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).unwrap()["kind"] == "return"));
    // Whoever edits the filter has asked for something else; so it is on the next day.
    let edited = Selection { state: Some("open".to_owned()), ..selection.clone() };
    let edited = here.asked("returns", "قائمة الدفعة", export(&edited));
    assert!(here.export(&edited).await.unwrap().is_err());
    let by_channel = Selection { channel: Some(pair.channel.clone()), ..Selection::default() };
    assert!(here.export(&here.asked("returns", "قائمة الدفعة", export(&by_channel))).await.unwrap().is_err());
    pair.at(BEGIN + LIFE);
    assert!(here.export(&asked).await.unwrap().is_err());
    // What is no return needs a reason, and has none of them in it.
    let rest = export(&Selection::default());
    assert_eq!(refused(here.export(&here.asked("secretary", "", rest.clone())).await), "APV06");
    let (exported, text) = here.export(&here.asked("returns", "نسخة للأرشيف", rest)).await.unwrap().unwrap();
    assert_eq!((exported.dossiers, text.contains("\"kind\":\"return\"")), (1, false), "the charter");
    assert_eq!(refused(here.export(&here.asked("secretary", "سبب", export(&selection))).await), "DOS01");
    assert_eq!((here.noted("export"), here.noted("approve")), (2, 1));
}

#[tokio::test]
async fn a_copy_dies_after_ninety_days_and_its_giver_hears_of_it() {
    let pair = Pair::new().await;
    let (dossier, added) = pair.person().await;
    let disclosed = pair.disclosed(&dossier, &added.record).await;
    pair.level().await;
    let copy = pair.iraq.kept(&pair.channel, "SYR", disclosed.index);
    assert!(copy.len() == 2 && pair.iraq.files_hold(&copy));
    pair.at(BEGIN + 90 * DAY);
    assert_eq!(erasing::sweep(&pair.iraq.node).await.unwrap(), Swept::default(), "the last day is not over");
    pair.at(BEGIN + 91 * DAY);
    let before = pair.iraq.fold(&pair.channel, &dossier).unwrap()["state"].clone();
    assert_eq!(erasing::sweep(&pair.iraq.node).await.unwrap(), Swept { told: 1, untold: 0 });
    assert!(!pair.iraq.files_hold(&copy), "neither in the database nor in its log");
    assert_eq!(pair.iraq.kept(&pair.channel, "SYR", disclosed.index), Vec::<String>::new());
    assert_eq!(pair.iraq.fold(&pair.channel, &dossier).unwrap()["state"], before, "erasing changes no state");
    assert_eq!(erasing::sweep(&pair.iraq.node).await.unwrap(), Swept::default(), "once is enough");
    pair.level().await;
    let heard = pair.syria.fold(&pair.channel, &dossier).unwrap();
    assert_eq!(Some(&heard), pair.iraq.fold(&pair.channel, &dossier).as_ref());
    assert!(heard["custody"]["disclosures"][disclosed.record.to_string()]["erased"]["IRQ"].is_string());
    assert!(pair.syria.files_hold(&copy), "the giver keeps its own");
    // What was destroyed there is not sent there again.
    let again = pair.syria.batches_for(&pair.channel, &party("IRQ"), 0);
    let contents = again.iter().flat_map(|batch| &batch.entries).filter_map(|entry| entry.content.as_ref());
    assert!(contents.into_iter().all(|content| content.disclosures.is_empty()));
    pair.iraq.verifies();
    pair.syria.verifies();
    assert_eq!(pair.iraq.noted("erase"), 1);
}

#[tokio::test]
async fn whoever_says_that_it_has_erased_has_erased() {
    let pair = Pair::new().await;
    let (dossier, added) = pair.person().await;
    let disclosed = pair.disclosed(&dossier, &added.record).await;
    pair.level().await;
    let own = pair.syria.kept(&pair.channel, "SYR", added.index);
    let copy = pair.iraq.kept(&pair.channel, "SYR", disclosed.index);
    // Damascus recalls what it gave; Baghdad's node destroys it by itself, and its log says so.
    let recall = act("return", "recall", Some(&dossier), json!({ "of": disclosed.record, "reason": "طلب الشخص" }));
    pair.syria.submit(&pair.channel, "returns", recall).await.unwrap();
    pair.level().await;
    assert!(!pair.iraq.files_hold(&copy), "in the transaction that took the recall in");
    let confirmed = pair.syria.fold(&pair.channel, &dossier).unwrap();
    assert!(confirmed["custody"]["disclosures"][disclosed.record.to_string()]["erased"]["IRQ"].is_string());
    assert_eq!(erasing::sweep(&pair.iraq.node).await.unwrap(), Swept::default());
    // Damascus destroys its own, and the copy that it made to disclose it.
    let body = json!({ "of": added.record, "ground": "person" });
    let erased = act("return", "erased", Some(&dossier), body);
    assert_eq!(code(pair.iraq.submit(&pair.channel, "returns", erased.clone()).await), "CUS07", "not Baghdad's to erase");
    pair.syria.submit(&pair.channel, "returns", erased.clone()).await.unwrap();
    assert!(!pair.syria.files_hold(&own));
    assert_eq!(code(pair.syria.submit(&pair.channel, "returns", erased).await), "CUS07");
    assert_eq!(
        code(pair.syria.submit(&pair.channel, "returns", disclose(&dossier, &added.record, &["given_ar"])).await),
        "CUS03"
    );
    pair.level().await;
    assert_eq!(pair.iraq.fold(&pair.channel, &dossier), pair.syria.fold(&pair.channel, &dossier));
    pair.iraq.verifies();
    pair.syria.verifies();
    let looking = pair.syria.looking("returns");
    let read = |connection: &Connection| evidence::gather(connection, &looking, &pair.channel, &added.record);
    assert!(pair.syria.node.store.read_now(read).unwrap().is_some(), "the record is proved as before");
}

#[tokio::test]
async fn a_copy_dies_even_where_nobody_can_say_so_and_lives_on_while_a_court_holds_it() {
    let pair = Pair::new().await;
    let (dossier, added) = pair.person().await;
    let disclosed = pair.disclosed(&dossier, &added.record).await;
    pair.level().await;
    let copy = pair.iraq.kept(&pair.channel, "SYR", disclosed.index);
    let hold = json!({ "court_number": "44/2025", "until": "2026-02-01" });
    pair.iraq.submit(&pair.channel, "returns", act("return", "hold", Some(&dossier), hold)).await.unwrap();
    pair.at(BEGIN + 91 * DAY);
    assert_eq!(erasing::sweep(&pair.iraq.node).await.unwrap(), Swept::default(), "the court holds it");
    let mut admin = pair.iraq.looking("admin").officer;
    admin.revoked = true;
    pair.iraq.node.store.write(move |work| Ok(people::set_officer(work.connection, &admin, None)?)).await.unwrap();
    let mut other = pair.iraq.looking("everything").officer;
    other.roles.remove(&Role::Administrator);
    pair.iraq.node.store.write(move |work| Ok(people::set_officer(work.connection, &other, None)?)).await.unwrap();
    pair.at(BEGIN + 200 * DAY);
    assert_eq!(erasing::sweep(&pair.iraq.node).await.unwrap(), Swept { told: 0, untold: 1 });
    assert!(!pair.iraq.files_hold(&copy));
    pair.iraq.verifies();
}

/// What a command said, and its exit code.
fn said(world: &World, arguments: &[&str]) -> (i32, String) {
    let output = world.command("SYR", arguments);
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn two_people_at_their_desks_unseal_by_command_line_and_by_request() {
    let world = World::of(&["IRQ", "SYR"], "returns").started();
    for (office, roles) in [("returns", &["return-officer"][..]), ("second", &["return-officer", "releaser"])] {
        let office = format!("syr.mofa.{office}");
        let mut arguments = vec!["officer", &office, "--institution", "syr.mofa", "--clearance", "confidential"];
        roles.iter().for_each(|role| arguments.extend(["--role", role]));
        assert_eq!(said(&world, &arguments), (0, String::new()));
    }
    let submit = |draft: &Draft| {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut draft = serde_json::to_value(draft).unwrap();
        draft["channel"] = world.channel.as_str().into();
        std::fs::write(file.path(), draft.to_string()).unwrap();
        let (status, text) = said(&world, &["submit", file.path().to_str().unwrap(), "--as", "syr.mofa.returns", "--json"]);
        assert_eq!(status, 0, "{text}");
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let dossier: DossierId = submit(&open_case("المخيم"))["dossier"].as_str().unwrap().parse().unwrap();
    let record = submit(&add_person(&dossier))["record"].as_str().unwrap().to_owned();
    let dossier = dossier.as_str();
    let unseal = [
        "unseal",
        "--dossier",
        dossier,
        "--record",
        &record,
        "--reason",
        "مطابقة الوثيقة",
        "--as",
        "syr.mofa.returns",
        "--lang",
        "en",
    ];
    let (status, text) = said(&world, &unseal);
    assert!(status == 1 && text.contains("request 1") && text.contains("syr.mofa.second") && text.contains("APV01"), "{text}");
    assert!(!text.contains(NAME) && !said(&world, &["show", dossier, "--json"]).1.contains(NAME));
    let (status, text) = said(&world, &["approve", "--as", "syr.mofa.second"]);
    assert!(status == 0 && text.contains("request 1") && text.contains(&record), "{text}");
    let (status, text) = said(&world, &["approve", "1", "--as", "syr.mofa.second"]);
    assert!(status == 0 && !text.contains(NAME), "{text}");
    let (status, text) = said(&world, &unseal);
    assert!(status == 0 && text.contains(NAME), "{text}");
    // Who works with other matter hears the same by request as of what never was.
    let asked = json!({ "channel": world.channel, "dossier": dossier, "record": record, "reason": "سبب" });
    let secretary = world.secretary("SYR");
    let answer = world.runtime.block_on(secretary.post("/api/v1/unseal", &asked)).unwrap();
    assert_eq!((answer.status.as_u16(), answer.body["title"].as_str()), (404, Some("DOS01")));
    let erase = ["erase", "--dossier", dossier, "--record", &record, "--ground", "person", "--as", "syr.mofa.returns"];
    assert_eq!(said(&world, &erase).0, 0);
    let (status, text) = said(&world, &unseal);
    assert!(status == 1 && text.contains("APV08"), "{text}");
    let (status, text) = said(&world, &["audit", "--lang", "en"]);
    assert!(status == 0 && ["request", "approve", "unseal", "erase"].iter().all(|did| text.contains(did)), "{text}");
    assert!(!text.contains(NAME) && text.contains("مطابقة الوثيقة"));
    assert_eq!(said(&world, &["audit", "--as", "syr.mofa.second"]).0, 1, "the audit is for the auditor");
    world.level();
    world.verify("SYR");
    world.verify("IRQ");
}
