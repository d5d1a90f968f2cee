//! Pulls what is new in a peer's log.
//!
//! While one batch is being committed the next already waits for the writer, which goes on without anybody having to be woken in
//! between: on a machine whose processors are all at work, being woken takes as long as a part of a batch.

use super::answer::read_batches;
use super::client::Call;
use super::quota;
use crate::fault::{Protocol, Trouble};
use crate::node::Node;
use crate::receive::{Readied, Received};
use crate::store::forks;
use hyper::StatusCode;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tokio::sync::mpsc;

/// Work that was handed to the writer.
struct Handed<F: Future> {
    work: Pin<Box<F>>,
    outcome: Option<F::Output>,
}

impl<F: Future> Handed<F> {
    /// Hands work over: it stands in its turn when this returns.
    async fn over(work: F) -> Handed<F> {
        let mut work = Box::pin(work);
        let outcome = poll_fn(|context| {
            Poll::Ready(match work.as_mut().poll(context) {
                Poll::Ready(outcome) => Some(outcome),
                Poll::Pending => None,
            })
        });
        let outcome = outcome.await;
        Handed { work, outcome }
    }

    /// Waits until it is done.
    async fn done(&mut self) {
        if self.outcome.is_none() {
            self.outcome = Some(self.work.as_mut().await);
        }
    }

    async fn outcome(mut self) -> F::Output {
        match self.outcome.take() {
            Some(outcome) => outcome,
            None => self.work.await,
        }
    }
}

/// What came of a batch.
enum Came {
    Kept(Received),
    /// As much has been taken in as may be today.
    Full,
    /// No more of this log is taken in. The peer's other channels go on.
    Forked,
}

impl Call {
    /// Pulls all that is new in the peer's log, and sends back a cosignature of the newest checkpoint.
    pub(super) async fn pull(&self, node: &Node, channel: &ChannelId, party: &PartyId) -> Result<(), Trouble> {
        if self.is_full(node) || node.store.read_now(|connection| forks::is_frozen(connection, channel, party))? {
            return Ok(());
        }
        let from = self.held(node, channel, party)?;
        let response = self.get(&format!("/exchange/v1/{channel}/{party}/entries?from={from}")).await?;
        match response.status() {
            StatusCode::OK => {}
            // The peer has not joined the channel yet.
            StatusCode::NOT_FOUND => return Ok(()),
            status => return Err(Protocol::Answer(format!("entries were answered {status}")).into()),
        }
        let (send, mut batches) = mpsc::channel::<Result<Readied, Protocol>>(1);
        let reading = tokio::spawn(read_batches(response.into_body(), from, send));
        let mut newest = None;
        let mut before: Option<Handed<_>> = None;
        loop {
            let next = match &mut before {
                None => batches.recv().await,
                Some(handed) => tokio::select! {
                    biased;
                    next = batches.recv() => next,
                    () = handed.done() => None,
                },
            };
            let handed = match next {
                Some(batch) => Some(Handed::over(quota::batch(node, channel, party, batch?)).await),
                None if before.is_none() => break,
                None => None,
            };
            let Some(earlier) = std::mem::replace(&mut before, handed) else { continue };
            match self.came(node, channel, party, earlier.outcome().await).await? {
                Came::Kept(received) => newest = received.cosigned.or(newest),
                Came::Full => break,
                Came::Forked => return Ok(()),
            }
            // While more is at hand, only the newest checkpoint is worth an answer.
            if before.is_none()
                && batches.is_empty()
                && let Some(note) = newest.take()
            {
                self.show(node, channel, party, note).await?;
            }
        }
        // Where it was broken off, the reader finds that nobody takes what it reads.
        drop(batches);
        let _finished = reading.await;
        match newest {
            Some(note) => self.show(node, channel, party, note).await,
            None => Ok(()),
        }
    }

    /// Tells what came of a batch. A peer whose log seems to have another history is shown what it once signed.
    async fn came(
        &self,
        node: &Node,
        channel: &ChannelId,
        party: &PartyId,
        outcome: Result<Received, Trouble>,
    ) -> Result<Came, Trouble> {
        match outcome {
            Ok(received) => Ok(Came::Kept(received)),
            Err(trouble) if self.fills(node, &trouble) => Ok(Came::Full),
            Err(Trouble::Protocol(Protocol::Forked)) => Ok(Came::Forked),
            // Only the peer knows how its tree was before: what it once signed is shown to it. If it went on from an older
            // copy of its store, it finds so itself, and gives the proof.
            Err(Trouble::Protocol(why @ Protocol::OtherHistory { .. })) => {
                self.tell(node, channel, party).await?;
                let frozen = node.store.read_now(|connection| forks::is_frozen(connection, channel, party))?;
                if frozen { Ok(Came::Forked) } else { Err(why.into()) }
            }
            Err(trouble) => Err(trouble),
        }
    }
}
