//! How a log is cut into batches on its way out, and what one batch may hold.

use crate::straight::{Here, act, channel_of};
use crate::succession::insist;
use serde_json::json;
use tansiq_dossier::channel::{ChannelClass, ChannelId};
use tansiq_dossier::fold::Standing;
use tansiq_dossier::record::Draft;
use tansiq_node::receive::Batch;
use tansiq_node::store::records::{self, Fate};
use tansiq_node::{submit, verify};

/// The most bytes that are put together before they are sent.
const SEND: usize = 2 * 1024 * 1024;

fn large(number: usize) -> Draft {
    act("probe", "send", None, json!({ "payload": { "name": number.to_string(), "text": "a".repeat(200_000) } }))
}

fn bytes(batch: &Batch) -> usize {
    batch.entries.iter().filter_map(|entry| entry.content.as_ref()).map(|content| content.bytes.len()).sum()
}

async fn submit_together(here: &Here, channel: &ChannelId, count: usize) {
    let (officer, channel) = ("irq.secretary".parse().unwrap(), channel.clone());
    let all = move |work: &mut tansiq_node::store::work::Work<'_>| {
        (0..count).try_for_each(|number| submit::submit(work, &officer, &channel, large(number)).map(|_| ()))
    };
    here.node.store.write(all).await.unwrap();
}

fn problems(here: &Here) -> Vec<String> {
    here.node.store.read_now(|connection| verify::verify(connection, &mut |_| {})).unwrap().problems
}

#[tokio::test]
async fn a_batch_ends_at_a_checkpoint_before_it_is_too_large() {
    let (a, b) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel_of(ChannelClass::Measurement, &[&a, &b]).await;
    // Each with a checkpoint of its own, and then some together: those are signed once they are as large as is sent together.
    for number in 0..16 {
        a.submit(&channel, "secretary", large(number)).await.unwrap();
    }
    submit_together(&a, &channel, 16).await;
    let (begin, end) = (b.size(&channel, &a.own()), a.size(&channel, &a.own()));
    let mut sizes = Vec::new();
    while b.size(&channel, &a.own()) < end {
        let from = b.size(&channel, &a.own());
        let batches = a.batches_for(&channel, &b.own(), from);
        assert!(batches.iter().rev().skip(1).map(bytes).sum::<usize>() < SEND, "no batch is begun beyond what is sent together");
        sizes.extend(batches.iter().map(|batch| (batch.entries.len(), bytes(batch) <= SEND)));
        b.pull(&channel, &a).await;
    }
    assert_eq!(sizes, [(10, true), (6, true), (11, false), (5, true)]);
    assert_eq!(sizes.iter().map(|(entries, _)| *entries as u64).sum::<u64>(), end - begin);
    assert_eq!((problems(&a), problems(&b)), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn a_dossier_that_is_opened_twice_in_one_batch_is_opened_once() {
    let (a, b) = (Here::new("IRQ").await, Here::new("TUR").await);
    let channel = channel_of(ChannelClass::Exchange, &[&a, &b]).await;
    let to = channel.clone();
    let written = a.node.store.write(move |work| Ok([insist(work, &to, "irq.secretary")?, insist(work, &to, "irq.secretary")?]));
    assert_eq!(written.await.unwrap().len(), 2);
    let from = b.size(&channel, &a.own());
    assert_eq!(a.batches_for(&channel, &b.own(), from).len(), 1);
    b.pull(&channel, &a).await;
    let fate = |index| {
        let stored = b.node.store.read_now(|connection| records::at(connection, &channel, &a.own(), index)).unwrap();
        stored.unwrap().fate
    };
    assert_eq!(fate(from), Fate::Applied(Standing::Effective));
    assert!(matches!(fate(from + 1), Fate::Applied(Standing::Refused(_))), "{:?}", fate(from + 1));
    assert_eq!(problems(&b), Vec::<String>::new());
}
