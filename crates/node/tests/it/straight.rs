//! The straight path without a wire: nodes in one process, and the frames carried by hand.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use tansiq_dossier::channel::{ChannelClass, ChannelId, Charter};
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::label::{Classification, Label};
use tansiq_dossier::party::{OfficerId, PartyId, Role};
use tansiq_dossier::record::{DossierId, Draft};
use tansiq_dossier::words::{Tongue, Words};
use tansiq_node::access::Officer;
use tansiq_node::clock::{Randomness, SetClock, World};
use tansiq_node::exchange::frame::Reader;
use tansiq_node::exchange::limits::Limits;
use tansiq_node::exchange::{frames_for, frames_with};
use tansiq_node::fault::{Fault, Protocol, Trouble};
use tansiq_node::keys::Keys;
use tansiq_node::node::{Config, Node};
use tansiq_node::receive::{self, Batch};
use tansiq_node::store::Store;
use tansiq_node::store::db::Connection;
use tansiq_node::store::dossiers::{self, Filter};
use tansiq_node::store::guard::Guard;
use tansiq_node::store::work::Identity;
use tansiq_node::store::{channels, forks, logs, people, records};
use tansiq_node::submit::{self, Submitted};
use tansiq_node::views::{self, Looking};

pub(crate) struct Here {
    pub(crate) node: Node,
    pub(crate) clock: Arc<SetClock>,
    _folder: tempfile::TempDir,
}

pub(crate) fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

pub(crate) fn officer(name: &str, roles: &[Role], clearance: Classification) -> Officer {
    let id: OfficerId = name.parse().unwrap();
    let institution = format!("{}.mofa", id.party().as_str().to_lowercase()).parse().unwrap();
    let roles = roles.iter().copied().collect();
    Officer { id, name: Words::default(), institution, roles, clearance, caveats: BTreeSet::new(), revoked: false }
}

impl Here {
    pub(crate) async fn new(code: &str) -> Here {
        Here::with(code, World::real().randomness).await
    }

    /// A node whose randomness is given.
    pub(crate) async fn with(code: &str, randomness: Arc<dyn Randomness>) -> Here {
        let folder = tempfile::tempdir().unwrap();
        let clock = SetClock::at(1_760_000_000);
        let world = World { clock: clock.clone(), randomness, ..World::real() };
        let small = code.to_lowercase();
        let config = Config {
            party: party(code),
            name: Words::one(Tongue::En, code),
            node: format!("{small}.example"),
            institutions: [(format!("{small}.mofa").parse().unwrap(), Words::one(Tongue::En, "Foreign Affairs"))].into(),
            web: "127.0.0.1:0".into(),
            exchange: None,
            database: None,
            guard: None,
            tiles: None,
            feeds: Vec::new(),
            limits: Limits::default(),
        };
        let node = Node::create(&folder.path().join("node"), &config, world).unwrap();
        let here = Here { node, clock, _folder: folder };
        for (office, roles) in
            [("secretary", vec![Role::Secretary]), ("chair", vec![Role::CoChair]), ("admin", vec![Role::Administrator])]
        {
            let officer = officer(&format!("{small}.{office}"), &roles, Classification::Restricted);
            here.node.store.write(move |work| Ok(people::set_officer(work.connection, &officer, None)?)).await.unwrap();
        }
        here
    }

    pub(crate) fn own(&self) -> PartyId {
        self.node.config.party.clone()
    }

    pub(crate) async fn submit(&self, channel: &ChannelId, office: &str, draft: Draft) -> Result<Submitted, Trouble> {
        let officer: OfficerId = format!("{}.{office}", self.own().as_str().to_lowercase()).parse().unwrap();
        let channel = channel.clone();
        self.node.store.write(move |work| submit::submit(work, &officer, &channel, draft)).await
    }

    /// What the other node would be sent, as batches.
    pub(crate) fn batches_for(&self, channel: &ChannelId, to: &PartyId, from: u64) -> Vec<Batch> {
        let own = self.own();
        let shown = |connection: &Connection| self.node.identity.shown(connection, channel, &own);
        let shown = self.node.store.read_now(shown).unwrap();
        self.frames_of(channel, &own, to, (from, shown))
    }

    /// The same, of any log that is held.
    pub(crate) fn frames_of(&self, channel: &ChannelId, whose: &PartyId, to: &PartyId, (from, shown): (u64, u64)) -> Vec<Batch> {
        let read = |connection: &Connection| frames_for(connection, channel, whose, to, (from, shown));
        let (bytes, next): (Vec<u8>, u64) = self.node.store.read_now(read).unwrap();
        if *whose == self.own() {
            let recent = self.node.store.recent();
            let read = |connection: &Connection| frames_with(&recent, connection, channel, (whose, to), (from, shown));
            let by_heart: (Vec<u8>, u64) = self.node.store.read_now(read).unwrap();
            assert!(by_heart == (bytes.clone(), next), "what is held in memory is sent as what is read back");
        }
        let mut reader = Reader::new(from);
        reader.feed(&bytes);
        let mut batches = Vec::new();
        while let Some(batch) = reader.batch().unwrap() {
            batches.push(batch);
        }
        reader.finish().unwrap();
        batches
    }

    pub(crate) async fn take(&self, channel: &ChannelId, from: &PartyId, batch: Batch) -> Result<receive::Received, Trouble> {
        let (channel, from) = (channel.clone(), from.clone());
        self.node.store.write(move |work| receive::receive(work, &channel, &from, batch)).await
    }

    /// Pulls all that is new at another node, and brings the cosignature back.
    pub(crate) async fn pull(&self, channel: &ChannelId, other: &Here) {
        let from = self.size(channel, &other.own());
        for batch in other.batches_for(channel, &self.own(), from) {
            let received = self.take(channel, &other.own(), batch).await.unwrap();
            let (of, by, to) = (other.own(), self.own(), channel.clone());
            let note = received.cosigned.unwrap();
            let seen = other.node.store.write(move |work| receive::witness(work, &to, &of, &by, &note)).await.unwrap();
            assert_eq!(seen, receive::Seen::Held);
        }
    }

    /// A copy of this node. The guard is copied too, which nobody may do: with it alone the copy would not go on.
    pub(crate) fn twin(&self) -> Here {
        let copy = tempfile::tempdir().unwrap();
        let path = copy.path().join("tansiq.db");
        rusqlite::Connection::open(self.node.database()).unwrap().execute("VACUUM INTO ?1", [path.to_str().unwrap()]).unwrap();
        let guard = copy.path().join("guard");
        std::fs::create_dir(&guard).unwrap();
        std::fs::copy(self.node.folder.join("guard/journal"), guard.join("journal")).unwrap();
        let identity = Arc::new(Identity {
            party: self.own(),
            node: self.node.identity.node.clone(),
            keys: Keys::open(&self.node.folder.join("keys")).unwrap(),
            world: self.node.identity.world.clone(),
            guard: Guard::open(&guard).unwrap(),
        });
        let store = Store::open(&path, identity.clone()).unwrap();
        Here { node: Node { store, identity, ..self.node.clone() }, clock: self.clock.clone(), _folder: copy }
    }

    pub(crate) fn size(&self, channel: &ChannelId, of: &PartyId) -> u64 {
        self.node
            .store
            .read_now(|connection| -> Result<u64, Fault> { Ok(logs::head(connection, channel, of)?.range.size()) })
            .unwrap()
    }

    fn digest(&self) -> String {
        self.node.store.read_now(views::channel::all).unwrap().remove(0).digest
    }

    pub(crate) fn fold(&self, channel: &ChannelId, id: &DossierId) -> Option<Value> {
        let read = |connection: &Connection| dossiers::get(connection, channel, id);
        self.node.store.read_now(read).unwrap().map(|dossier| serde_json::to_value(dossier).unwrap())
    }
}

pub(crate) fn act(kind: &str, act: &str, dossier: Option<&DossierId>, body: Value) -> Draft {
    Draft {
        kind: kind.into(),
        act: act.into(),
        dossier: dossier.cloned(),
        label: None,
        audience: None,
        body: body.into(),
        ..Draft::default()
    }
}

pub(crate) fn proposal(title: &str) -> Draft {
    act("meeting", "propose", None, json!({"title": {"ar": title}, "body": "اللجنة الأمنية المشتركة"}))
}

pub(crate) fn code(result: Result<Submitted, Trouble>) -> String {
    match result {
        Err(Trouble::Refused(refusal)) => refusal.code.into_owned(),
        other => panic!("not refused: {other:?}"),
    }
}

/// Opens one channel between these nodes.
pub(crate) async fn channel(nodes: &[&Here]) -> ChannelId {
    channel_of(ChannelClass::Exchange, nodes).await
}

/// Opens one channel of this class between these nodes.
pub(crate) async fn channel_of(class: ChannelClass, nodes: &[&Here]) -> ChannelId {
    let charter = Charter {
        name: Words::one(Tongue::Ar, "قناة"),
        class,
        opened_on: "2025-10-01".parse().unwrap(),
        tongues: [Tongue::Ar].into(),
        parties: nodes.iter().map(|here| (here.own(), here.node.card().unwrap())).collect(),
        bodies: [].into(),
        demo: false,
    };
    charter.check().unwrap();
    let channel = charter.channel();
    for here in nodes {
        let kept = charter.clone();
        here.node.store.write(move |work| Ok(channels::add(work.connection, &kept)?)).await.unwrap();
        let draft = act("charter", "adopt", None, json!({"charter": ContentHash::of(&charter)}));
        here.submit(&channel, "admin", draft).await.unwrap();
    }
    for here in nodes {
        for other in nodes.iter().filter(|other| other.own() != here.own()) {
            here.pull(&channel, other).await;
        }
    }
    channel
}

#[tokio::test]
async fn nothing_is_done_before_every_party_has_adopted_the_charter() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel(&[&iraq, &turkiye]).await;
    assert_eq!(iraq.digest(), turkiye.digest());
    let elsewhere: ChannelId = "0".repeat(32).parse().unwrap();
    assert_eq!(code(iraq.submit(&elsewhere, "secretary", proposal("اجتماع")).await), "CHN03");
    iraq.submit(&channel, "secretary", proposal("اجتماع")).await.unwrap();
}

#[tokio::test]
async fn an_office_does_what_its_role_and_clearance_allow_and_nothing_else() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel(&[&iraq, &turkiye]).await;
    assert_eq!(code(iraq.submit(&channel, "chair", proposal("اجتماع")).await), "PRM01");
    assert_eq!(code(iraq.submit(&channel, "admin", proposal("اجتماع")).await), "PRM05");
    assert_eq!(code(iraq.submit(&channel, "nobody", proposal("اجتماع")).await), "PRM03");
    let secret = Draft { label: Some(Label::of(Classification::Secret)), ..proposal("اجتماع") };
    assert_eq!(code(iraq.submit(&channel, "secretary", secret).await), "PRM02");
    let strangers = Draft { audience: Some([party("IRQ"), party("SYR")].into()), ..proposal("اجتماع") };
    assert_eq!(code(iraq.submit(&channel, "secretary", strangers).await), "AUD01");
    let without_us = Draft { audience: Some([party("TUR")].into()), ..proposal("اجتماع") };
    assert_eq!(code(iraq.submit(&channel, "secretary", without_us).await), "DOS01");
    assert_eq!(iraq.size(&channel, &party("IRQ")), 1, "refused acts leave no trace in the log");
}

#[tokio::test]
async fn a_revoked_office_stops_at_once() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel(&[&iraq, &turkiye]).await;
    iraq.submit(&channel, "secretary", proposal("اجتماع")).await.unwrap();
    let revoked = Officer { revoked: true, ..officer("irq.secretary", &[Role::Secretary], Classification::Restricted) };
    iraq.node.store.write(move |work| Ok(people::set_officer(work.connection, &revoked, None)?)).await.unwrap();
    assert_eq!(code(iraq.submit(&channel, "secretary", proposal("اجتماع")).await), "PRM03");
}

#[tokio::test]
async fn acts_that_did_not_know_of_each_other_come_to_the_same_state() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel(&[&iraq, &turkiye]).await;
    let opened = iraq.submit(&channel, "secretary", proposal("اجتماع")).await.unwrap().dossier;
    turkiye.pull(&channel, &iraq).await;
    // Both go on, without hearing of each other: one cancels, the other adds an item and a date.
    for n in 0..3 {
        let item = act("meeting", "add-item", Some(&opened), json!({"title": {"tr": format!("Madde {n}")}}));
        turkiye.submit(&channel, "secretary", item).await.unwrap();
    }
    let date = act("meeting", "agree-date", Some(&opened), json!({"date": "2025-12-01"}));
    turkiye.submit(&channel, "secretary", date).await.unwrap();
    let cancel = act("meeting", "cancel", Some(&opened), json!({"reason": "تعذّر الحضور"}));
    iraq.submit(&channel, "secretary", cancel).await.unwrap();
    iraq.pull(&channel, &turkiye).await;
    turkiye.pull(&channel, &iraq).await;
    assert_eq!(iraq.fold(&channel, &opened), turkiye.fold(&channel, &opened));
    assert_eq!(iraq.digest(), turkiye.digest());
    for here in [&iraq, &turkiye] {
        let report = here.node.store.read_now(|connection| tansiq_node::verify::verify(connection, &mut |_| {})).unwrap();
        assert_eq!(report.problems, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_dossier_for_two_is_an_opaque_entry_for_the_third() {
    let (iraq, turkiye, syria) = (Here::new("IRQ").await, Here::new("TUR").await, Here::new("SYR").await);
    let channel = channel(&[&iraq, &turkiye, &syria]).await;
    let draft = Draft { audience: Some([party("IRQ"), party("SYR")].into()), ..proposal("اجتماع ثنائي") };
    let opened = iraq.submit(&channel, "secretary", draft).await.unwrap();
    turkiye.pull(&channel, &iraq).await;
    syria.pull(&channel, &iraq).await;
    assert_eq!(turkiye.size(&channel, &party("IRQ")), 2, "the log is whole for everybody");
    let held = |here: &Here| {
        here.node.store.read_now(|connection| records::at(connection, &channel, &party("IRQ"), opened.index)).unwrap()
    };
    assert!(held(&turkiye).is_none());
    assert!(held(&syria).is_some());
    // Whoever acts in a dossier that was not released to it hears what it would hear of one that does not exist.
    let item = |id: &DossierId| act("meeting", "add-item", Some(id), json!({"title": {"tr": "Madde"}}));
    let unknown = DossierId::new(&party("IRQ"), &[9; 16]);
    assert_eq!(code(turkiye.submit(&channel, "secretary", item(&opened.dossier)).await), "DOS01");
    assert_eq!(code(turkiye.submit(&channel, "secretary", item(&unknown)).await), "DOS01");
}

#[tokio::test]
async fn what_does_not_lead_to_the_signed_tree_is_refused_whole() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel(&[&iraq, &turkiye]).await;
    for n in 0..4 {
        iraq.submit(&channel, "secretary", proposal(&format!("اجتماع {n}"))).await.unwrap();
    }
    let good = iraq.batches_for(&channel, &party("TUR"), 1).remove(0);
    let before = turkiye.digest();
    type Alteration = (&'static str, fn(&mut Batch));
    let alter: [Alteration; 7] = [
        ("an entry changed", |batch| batch.entries[0].entry[0] ^= 1),
        ("two entries swapped", |batch| batch.entries.swap(0, 1)),
        ("an entry left out", |batch| drop(batch.entries.remove(1))),
        ("an entry added", |batch| batch.entries.push(batch.entries[0].clone())),
        ("a record changed", |batch| batch.entries[0].content.as_mut().unwrap().bytes[20] ^= 1),
        ("a salt changed", |batch| batch.entries[0].content.as_mut().unwrap().salt[0] ^= 1),
        ("a checkpoint changed", |batch| batch.note = batch.note.replace("irq.example", "irq.exampel")),
    ];
    for (what, alter) in alter {
        let mut bad = good.clone();
        alter(&mut bad);
        let refused = turkiye.take(&channel, &party("IRQ"), bad).await;
        assert!(matches!(refused, Err(Trouble::Protocol(_))), "{what}: {refused:?}");
        assert_eq!(turkiye.digest(), before, "{what}");
    }
    turkiye.take(&channel, &party("IRQ"), good.clone()).await.unwrap();
    // The same again is nothing new.
    let again = turkiye.take(&channel, &party("IRQ"), good).await.unwrap();
    assert_eq!(again.cosigned, None);
    assert_eq!(turkiye.size(&channel, &party("IRQ")), 5);
}

#[tokio::test]
async fn a_log_with_two_histories_is_caught() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel(&[&iraq, &turkiye]).await;
    // Baghdad's node is copied, and both copies go on.
    let twin = iraq.twin();
    iraq.submit(&channel, "secretary", proposal("الأول")).await.unwrap();
    twin.submit(&channel, "secretary", proposal("الثاني")).await.unwrap();
    turkiye.pull(&channel, &iraq).await;
    let other = twin.batches_for(&channel, &party("TUR"), 1).remove(0);
    let caught = turkiye.take(&channel, &party("IRQ"), other.clone()).await.unwrap();
    assert_eq!(caught, receive::Received { size: 2, cosigned: None });
    let read = |connection: &Connection| forks::get(connection, &channel, &party("IRQ"));
    let proof = turkiye.node.store.read_now(read).unwrap().expect("the fork is proved").proof;
    assert_ne!(proof.first().root(), proof.second().root());
    let again = turkiye.take(&channel, &party("IRQ"), other).await;
    assert!(matches!(again, Err(Trouble::Protocol(Protocol::Forked))), "{again:?}");
}

#[tokio::test]
async fn who_runs_the_node_reads_no_dossiers_and_counts_none() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel(&[&iraq, &turkiye]).await;
    iraq.submit(&channel, "secretary", proposal("اجتماع")).await.unwrap();
    let restricted = Label { caveats: ["EYES".to_owned()].into(), ..Label::of(Classification::Restricted) };
    let total = |officer: Officer| {
        let looking = Looking { officer, own: party("IRQ"), today: iraq.node.identity.world.today() };
        let filter = Filter { limit: 100, ..Filter::default() };
        let page = iraq.node.store.read_now(|connection| views::list(connection, &looking, filter)).unwrap();
        assert_eq!(page.total, page.items.len() as u64);
        page.total
    };
    assert_eq!(total(officer("irq.secretary", &[Role::Secretary], Classification::Restricted)), 2);
    assert_eq!(total(officer("irq.auditor", &[Role::Auditor], Classification::Restricted)), 2);
    assert_eq!(total(officer("irq.secretary", &[Role::Secretary], Classification::Open)), 0);
    assert_eq!(total(officer("irq.admin", &[Role::Administrator], Classification::Secret)), 0);
    // A caveat that the secretary does not hold keeps the dossier out of the list and out of the count.
    let holder =
        Officer { caveats: restricted.caveats.clone(), ..officer("irq.holder", &[Role::Secretary], Classification::Restricted) };
    let stored = holder.clone();
    iraq.node.store.write(move |work| Ok(people::set_officer(work.connection, &stored, None)?)).await.unwrap();
    let draft = Draft { label: Some(restricted), ..proposal("اجتماع مقيّد") };
    iraq.submit(&channel, "holder", draft).await.unwrap();
    assert_eq!(total(officer("irq.secretary", &[Role::Secretary], Classification::Restricted)), 2);
    assert_eq!(total(holder), 3);
}

#[tokio::test]
async fn a_fault_rolls_back_all_that_was_to_be_committed_with_it() {
    let (iraq, turkiye) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel(&[&iraq, &turkiye]).await;
    let before = iraq.digest();
    let to = channel.clone();
    let failed = iraq.node.store.write(move |work| -> Result<(), Trouble> {
        submit::submit(work, &"irq.secretary".parse().unwrap(), &to, proposal("اجتماع"))?;
        Err(Fault::Damaged("the disk, for this test".into()).into())
    });
    assert!(matches!(failed.await, Err(Trouble::Fault(_))));
    assert_eq!(iraq.digest(), before);
    iraq.clock.set(1_760_000_100);
    iraq.submit(&channel, "secretary", proposal("اجتماع")).await.unwrap();
}
