//! A party that shows two histories of its log is caught, whoever saw which; nobody else ever is.

use crate::straight::{Here, act, channel_of, party};
use crate::web::Site;
use serde_json::json;
use tansiq_dossier::channel::{ChannelClass, ChannelId};
use tansiq_dossier::party::PartyId;
use tansiq_log::checkpoint::{Checkpoint, SignedCheckpoint};
use tansiq_log::fork::Fork;
use tansiq_log::merkle::leaf_hash;
use tansiq_node::fault::{Fault, Protocol, Trouble};
use tansiq_node::receive::{self, Batch, ReceivedEntry, Seen};
use tansiq_node::store::db::Connection;
use tansiq_node::store::forks::{self, Found};
use tansiq_node::store::logs::{self, Head};
use tansiq_node::submit::Submitted;

/// Three nodes with a channel, in one process.
struct Scene {
    iraq: Here,
    syria: Here,
    turkiye: Here,
    channel: ChannelId,
}

impl Scene {
    async fn new() -> Scene {
        let (iraq, syria, turkiye) = (Here::new("IRQ").await, Here::new("SYR").await, Here::new("TUR").await);
        let channel = channel_of(ChannelClass::Exchange, &[&iraq, &syria, &turkiye]).await;
        Scene { iraq, syria, turkiye, channel }
    }

    fn head(&self, at: &Here, of: &str) -> Head {
        let read = |connection: &Connection| logs::head(connection, &self.channel, &party(of));
        at.node.store.read_now(read).unwrap()
    }

    /// What Türkiye would send if these were the next entries of its log.
    fn forged(&self, entries: &[u8]) -> Batch {
        let head = self.head(&self.turkiye, "TUR");
        let (from, mut range) = (head.range.size(), head.range);
        let entries: Vec<ReceivedEntry> =
            entries.iter().map(|byte| ReceivedEntry { entry: [*byte; 32], content: None }).collect();
        for entry in &entries {
            range.append(leaf_hash(&entry.entry), |_, _| {}).unwrap();
        }
        let origin = format!("tur.example/{}", self.channel);
        let signer = self.turkiye.node.identity.keys.log_signer(&origin).unwrap();
        let checkpoint = Checkpoint::new(origin, range.size(), range.root()).unwrap();
        Batch { from, entries, note: SignedCheckpoint::sign(checkpoint, &signer).unwrap().to_string() }
    }

    async fn take(&self, at: &Here, batch: &Batch) -> Result<receive::Received, Trouble> {
        receive::take_batch(&at.node.store, &self.channel, &party("TUR"), batch.clone()).await
    }

    /// Shows a checkpoint of Türkiye's log to a node.
    async fn show(&self, at: &Here, by: &str, note: &str) -> Result<Seen, Trouble> {
        let (channel, by, note) = (self.channel.clone(), party(by), note.to_owned());
        at.node.store.write(move |work| receive::witness(work, &channel, &party("TUR"), &by, &note)).await
    }

    fn found(&self, at: &Here) -> Option<Found> {
        let read = |connection: &Connection| forks::get(connection, &self.channel, &party("TUR"));
        let found: Result<_, Fault> = at.node.store.read_now(read);
        found.unwrap()
    }

    /// The proof that a node has holds for whoever has the key of the log.
    fn caught(&self, at: &Here) -> Found {
        let found = self.found(at).expect("the fork is proved");
        let origin = format!("tur.example/{}", self.channel);
        let signer = self.turkiye.node.identity.keys.log_signer(&origin).unwrap();
        assert_eq!(found.proof.check(signer.verifier()), Ok(()));
        found
    }

    async fn meets(&self, at: &Here) -> Submitted {
        let draft = act("meeting", "propose", None, json!({"title": {"ar": "اجتماع"}, "body": "jpsc"}));
        at.submit(&self.channel, "secretary", draft).await.unwrap()
    }

    fn cosigners(&self, at: &Here, of: &str, size: u64) -> Vec<PartyId> {
        let read = |connection: &Connection| logs::cosignatures(connection, &self.channel, &party(of), size);
        let rows: Result<_, Fault> = at.node.store.read_now(read);
        rows.unwrap().into_iter().map(|row| row.cosigner).collect()
    }
}

fn refused(taken: Result<receive::Received, Trouble>) -> Protocol {
    match taken {
        Err(Trouble::Protocol(protocol)) => protocol,
        other => panic!("it was taken: {other:?}"),
    }
}

#[tokio::test]
async fn two_trees_of_one_size_freeze_their_log_and_nothing_else() {
    let scene = Scene::new().await;
    let (one, other) = (scene.forged(&[1]), scene.forged(&[2]));
    assert!(scene.take(&scene.iraq, &one).await.unwrap().cosigned.is_some());
    assert!(scene.take(&scene.syria, &other).await.unwrap().cosigned.is_some());
    assert_eq!(scene.show(&scene.iraq, "SYR", &other.note).await.unwrap(), Seen::Forked);
    let found = scene.caught(&scene.iraq);
    assert_eq!((found.source.as_str(), found.proof.first().size(), found.proof.second().size()), ("SYR", 2, 2));

    // Nothing more of that log is taken, cosigned or kept, and the first proof stays.
    assert_eq!(refused(scene.take(&scene.iraq, &scene.forged(&[1, 3])).await), Protocol::Forked);
    assert_eq!(scene.show(&scene.iraq, "SYR", &scene.forged(&[4]).note).await.unwrap(), Seen::Forked);
    assert_eq!(scene.head(&scene.iraq, "TUR").range.size(), 2);
    assert_eq!(scene.caught(&scene.iraq), found);

    // The others go on with each other, and Syria believes the proof because it holds.
    scene.meets(&scene.iraq).await;
    scene.syria.pull(&scene.channel, &scene.iraq).await;
    assert_eq!(scene.head(&scene.syria, "IRQ").applied, 2);
    let (channel, proof) = (scene.channel.clone(), found.proof.to_string());
    let accuse = move |work: &mut tansiq_node::store::work::Work<'_>| {
        receive::accused(work, &channel, &party("TUR"), &party("IRQ"), proof.as_bytes())
    };
    scene.syria.node.store.write(accuse).await.unwrap();
    assert_eq!(scene.caught(&scene.syria).source, party("IRQ"));
    scene.meets(&scene.syria).await;
    scene.iraq.pull(&scene.channel, &scene.syria).await;
    assert_eq!(scene.head(&scene.iraq, "SYR").applied, 2);
    let report = scene.iraq.node.store.read_now(|connection| tansiq_node::verify::verify(connection, &mut |_| {})).unwrap();
    assert_eq!((report.forks, report.problems), (1, Vec::new()));
}

#[tokio::test]
async fn whoever_holds_the_larger_tree_proves_that_the_smaller_is_not_its_beginning() {
    let scene = Scene::new().await;
    let long = scene.forged(&[1, 2, 3, 4, 5]);
    scene.take(&scene.iraq, &long).await.unwrap();
    // Every true beginning is part of the one history.
    for end in 1..5 {
        let bytes: Vec<u8> = (1..=end).collect();
        assert_eq!(scene.show(&scene.iraq, "SYR", &scene.forged(&bytes).note).await.unwrap(), Seen::Held);
    }
    assert_eq!(scene.found(&scene.iraq), None);
    let short = scene.forged(&[1, 2, 9]);
    assert_eq!(scene.show(&scene.iraq, "SYR", &short.note).await.unwrap(), Seen::Forked);
    let found = scene.caught(&scene.iraq);
    assert_eq!((found.proof.first().size(), found.proof.second().size()), (4, 6));
    assert!(found.proof.files().consistency.is_some());
}

#[tokio::test]
async fn what_is_ahead_waits_and_is_compared_when_the_log_has_grown_so_far() {
    let scene = Scene::new().await;
    // Damascus shows a tree that Baghdad does not hold yet; then another of its own word, which has no place to wait.
    let ahead = scene.forged(&[1, 2, 3]);
    assert_eq!(scene.show(&scene.iraq, "SYR", &ahead.note).await.unwrap(), Seen::Ahead);
    assert_eq!(scene.show(&scene.iraq, "SYR", &scene.forged(&[1, 2, 3, 4]).note).await.unwrap(), Seen::Ahead);
    assert!(scene.take(&scene.iraq, &scene.forged(&[1])).await.unwrap().cosigned.is_some());
    // The log grows past the size of what waits, and the tree there was another.
    let other = scene.forged(&[1, 2, 9, 4]);
    let taken = scene.take(&scene.iraq, &other).await.unwrap();
    assert_eq!((taken.size, taken.cosigned), (5, None), "what convicts its log is not vouched for");
    assert!(scene.cosigners(&scene.iraq, "TUR", 5).is_empty());
    let found = scene.caught(&scene.iraq);
    assert_eq!((found.source.as_str(), found.proof.first().size(), found.proof.second().size()), ("SYR", 4, 5));
}

#[tokio::test]
async fn cosignatures_of_what_is_ahead_count_once_it_is_held() {
    let scene = Scene::new().await;
    let batch = scene.forged(&[1, 2]);
    let cosigned = scene.take(&scene.syria, &batch).await.unwrap().cosigned.unwrap();
    assert_eq!(scene.show(&scene.iraq, "SYR", &cosigned).await.unwrap(), Seen::Ahead);
    assert!(scene.take(&scene.iraq, &scene.forged(&[1, 2, 3])).await.unwrap().cosigned.is_some());
    assert_eq!(scene.cosigners(&scene.iraq, "TUR", 3), [party("SYR")]);
    assert_eq!(scene.found(&scene.iraq), None);
    let waiting: Result<_, Fault> =
        scene.iraq.node.store.read_now(|connection| forks::shown(connection, &scene.channel, &party("TUR")));
    assert!(waiting.unwrap().is_empty());
    let report = scene.iraq.node.store.read_now(|connection| tansiq_node::verify::verify(connection, &mut |_| {})).unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
}

#[tokio::test]
async fn a_record_waits_no_longer_for_what_a_forked_log_withholds() {
    let scene = Scene::new().await;
    let (one, other) = (scene.forged(&[1, 2]), scene.forged(&[1, 3]));
    scene.take(&scene.syria, &one).await.unwrap();
    scene.meets(&scene.syria).await;
    for batch in scene.syria.batches_for(&scene.channel, &party("IRQ"), 1) {
        scene.iraq.take(&scene.channel, &party("SYR"), batch).await.unwrap();
    }
    assert_eq!(scene.head(&scene.iraq, "SYR").applied, 1, "it saw two entries of Ankara that are not here");
    // Neither tree is held, but both are signed.
    assert_eq!(scene.show(&scene.iraq, "SYR", &one.note).await.unwrap(), Seen::Ahead);
    assert_eq!(scene.show(&scene.iraq, "TUR", &other.note).await.unwrap(), Seen::Forked);
    scene.caught(&scene.iraq);
    assert_eq!(scene.head(&scene.iraq, "SYR").applied, 2);
}

#[tokio::test]
async fn a_broken_answer_convicts_nobody() {
    let scene = Scene::new().await;
    let good = scene.forged(&[1]);
    let mut damaged = good.clone();
    damaged.entries[0].entry = [7; 32];
    assert_eq!(refused(scene.take(&scene.iraq, &damaged).await), Protocol::OtherHistory { size: 2 });
    assert_eq!((scene.found(&scene.iraq), scene.head(&scene.iraq, "TUR").range.size()), (None, 1));
    assert!(scene.take(&scene.iraq, &good).await.unwrap().cosigned.is_some());
    assert_eq!(scene.found(&scene.iraq), None);

    // But what was signed was signed: had the answer been another history, its checkpoint would have waited.
    let mut mixed = scene.forged(&[1, 2]);
    mixed.note = scene.forged(&[1, 3]).note;
    assert_eq!(refused(scene.take(&scene.iraq, &mixed).await), Protocol::OtherHistory { size: 3 });
    assert_eq!(scene.found(&scene.iraq), None);
    assert_eq!(scene.take(&scene.iraq, &scene.forged(&[1, 2])).await.unwrap().cosigned, None);
    scene.caught(&scene.iraq);
}

#[tokio::test]
async fn false_words_are_not_kept() {
    let scene = Scene::new().await;
    // Ankara puts a cosignature into the mouth of Damascus: nothing of the batch is kept.
    let honest = scene.forged(&[1]);
    let cosigned = scene.take(&scene.syria, &scene.forged(&[2])).await.unwrap().cosigned.unwrap();
    let line = cosigned.lines().last().unwrap();
    let forged = Batch { note: format!("{}{line}\n", honest.note), ..honest.clone() };
    assert!(matches!(refused(scene.take(&scene.iraq, &forged).await), Protocol::Cosignature(_)));
    assert_eq!(scene.head(&scene.iraq, "TUR").range.size(), 1);

    // Lines that nobody here can check are not passed on.
    let stranger = "— elsewhere.example AAAAAAECAwQFBgcICQoLDA0ODw==";
    let extra = Batch { note: format!("{}{stranger}\n", honest.note), ..honest.clone() };
    scene.take(&scene.iraq, &extra).await.unwrap();
    assert_eq!(scene.head(&scene.iraq, "TUR").note, honest.note);

    // Accusations that do not hold.
    let same = Fork::new(honest.note.parse().unwrap(), honest.note.parse().unwrap(), None).unwrap();
    let origin = format!("tur.example/{}", scene.channel);
    let signer = scene.syria.node.identity.keys.log_signer(&origin).unwrap();
    let checkpoint = Checkpoint::new(origin, 2, leaf_hash(b"made up")).unwrap();
    let made_up = SignedCheckpoint::sign(checkpoint, &signer).unwrap().into_note();
    let unsigned = Fork::new(honest.note.parse().unwrap(), made_up, None).unwrap();
    for proof in [same.to_string(), unsigned.to_string(), "tansiq-fork/v1\n".to_owned()] {
        let channel = scene.channel.clone();
        let accuse = move |work: &mut tansiq_node::store::work::Work<'_>| {
            receive::accused(work, &channel, &party("TUR"), &party("SYR"), proof.as_bytes())
        };
        let answer = scene.iraq.node.store.write(accuse).await;
        assert!(matches!(answer, Err(Trouble::Protocol(Protocol::NotForked(_)))), "{answer:?}");
    }
    assert_eq!(scene.found(&scene.iraq), None);
}

#[tokio::test]
async fn a_log_with_two_histories_stands_on_the_page_of_channels() {
    let site = Site::new().await;
    let told = [("ar", "شجرتان لا تصحّان معًا"), ("en", "cannot both be true"), ("tr", "ikisi birden doğru olamayacak")];
    for (lang, words) in told {
        assert!(!site.signed_in("secretary", lang).await.get("/channels").await.body.contains(words));
    }
    let origin = format!("baghdad.example/{}", site.channel);
    let signer = site.node.identity.keys.log_signer(&origin).unwrap();
    let note = |entry: &[u8]| {
        let checkpoint = Checkpoint::new(origin.clone(), 7, leaf_hash(entry)).unwrap();
        SignedCheckpoint::sign(checkpoint, &signer).unwrap().into_note()
    };
    let (channel, proof) = (site.channel.clone(), Fork::new(note(b"one"), note(b"other"), None).unwrap().to_string());
    let accuse = move |work: &mut tansiq_node::store::work::Work<'_>| {
        receive::accused(work, &channel, &party("IRQ"), &party("IRQ"), proof.as_bytes())
    };
    site.node.store.write(accuse).await.unwrap();
    for (lang, words) in told {
        let page = site.signed_in("secretary", lang).await.get("/channels").await.body;
        assert!(page.contains(words) && page.contains("role=\"alert\""), "{page}");
    }
}
