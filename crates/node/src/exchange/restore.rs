//! A log given back to the party that wrote it: asked for by a node that was restored from a back-up, and brought by a peer that
//! such a node cannot call.

use super::answer::{read_batches, text};
use super::client::Call;
use super::gossip::LACKS;
use crate::fault::{Fault, Protocol, Trouble};
use crate::node::Node;
use crate::receive::{self, Batch};
use crate::recovery;
use crate::store::{channels, logs, lost};
use bytes::Bytes;
use hyper::{Method, StatusCode};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tansiq_log::checkpoint::Checkpoint;
use tokio::sync::mpsc;

/// Asks a peer how much of this node's own log it holds, and pulls what is missing here. Asked whenever a peer is reached: a
/// node cannot know by itself that it was restored.
pub(super) async fn ask(node: &Node, call: &Call, channel: &ChannelId) -> Result<(), Trouble> {
    match ask_and_pull(node, call, channel).await {
        // What a peer says of this node's log keeps nobody from exchanging the others.
        Err(Trouble::Protocol(protocol)) => {
            tracing::warn!(%protocol, channel.id = %channel, peer.party = %call.party(), "a peer gave back nothing of this node's log that could be used");
            Ok(())
        }
        other => other,
    }
}

async fn ask_and_pull(node: &Node, call: &Call, channel: &ChannelId) -> Result<(), Trouble> {
    let own = &node.identity.party;
    let response = call.get(&format!("/exchange/v1/{channel}/{own}/checkpoint")).await?;
    let holds = match response.status() {
        StatusCode::OK => {
            let (note, to) = (text(response).await?, channel.clone());
            let (heard, newest) = (note.clone(), is_newest(node, channel, &note)?);
            let holds =
                if newest { size_of(&note)? } else { node.store.write(move |work| receive::hear(work, &to, &heard)).await? };
            take_cosignature(node, channel, call.party(), &note).await?;
            holds
        }
        // It does not know the channel yet, or has nothing of this log.
        StatusCode::NOT_FOUND => 0,
        status => return Err(Protocol::Answer(format!("the checkpoint was answered {status}")).into()),
    };
    if let Some(from) = missing_from(node, channel, holds)? {
        pull(node, call, channel, from).await?;
    }
    note_asked(node, channel, call.party(), holds).await
}

/// Whether records of this node's own log have not come back to it.
pub(super) fn lacks(node: &Node, channel: &ChannelId) -> Result<bool, Fault> {
    node.store.read_now(|connection| Ok(lost::first(connection, channel)?.is_some()))
}

/// A cosignature that did not arrive when it was sent stands under the checkpoint that the peer shows.
async fn take_cosignature(node: &Node, channel: &ChannelId, peer: &PartyId, note: &str) -> Result<(), Trouble> {
    let (own, size) = (node.identity.party.clone(), size_of(note)?);
    let known = node.store.read_now(|connection| logs::newest_cosignature(connection, channel, &own, peer))?;
    if known.is_some_and(|(known, _)| known >= size) {
        return Ok(());
    }
    let (channel, peer, note) = (channel.clone(), peer.clone(), note.to_owned());
    node.store.write(move |work| receive::witness(work, &channel, &own, &peer, &note)).await.map(|_seen| ())
}

/// Whether this is the checkpoint that this node said last itself: the common case, in which nothing has to be done.
fn is_newest(node: &Node, channel: &ChannelId, note: &str) -> Result<bool, Fault> {
    let (guard, own) = (&node.identity.guard, &node.identity.party);
    let body = |note: &str| note.split("\n\n").next().map(str::to_owned);
    let known = guard.held(channel, own).is_some_and(|word| body(&word.note) == body(note));
    let state = node.store.read_now(|connection| state(connection, node, channel))?;
    Ok(known && state.is_none_or(|state| state.is_certain() && state.lost == 0))
}

fn state(
    connection: &crate::store::db::Connection,
    node: &Node,
    channel: &ChannelId,
) -> Result<Option<recovery::Recovery>, Fault> {
    let charter = channels::charter(connection, channel)?;
    charter.map(|charter| recovery::of(connection, &node.identity, channel, &charter)).transpose()
}

/// From which place on a peer that holds so much of this node's log is asked for it; none when it can have nothing to give.
fn missing_from(node: &Node, channel: &ChannelId, holds: u64) -> Result<Option<u64>, Fault> {
    node.store.read_now(|connection| {
        let size = logs::head(connection, channel, &node.identity.party)?.range.size();
        let first = lost::first(connection, channel)?.filter(|first| *first < holds);
        Ok(first.or((size < holds).then_some(size)))
    })
}

async fn pull(node: &Node, call: &Call, channel: &ChannelId, from: u64) -> Result<(), Trouble> {
    let own = &node.identity.party;
    let response = call.get(&format!("/exchange/v1/{channel}/{own}/entries?from={from}")).await?;
    if response.status() != StatusCode::OK {
        // A peer of an earlier version gives nothing back.
        return Err(Protocol::Answer(format!("own entries were answered {}", response.status())).into());
    }
    let (send, mut batches) = mpsc::channel::<Result<Batch, Protocol>>(2);
    let reading = tokio::spawn(read_batches(response.into_body(), from, send));
    while let Some(batch) = batches.recv().await {
        let (batch, to) = (batch?, channel.clone());
        let size = node.store.write(move |work| receive::recover(work, &to, batch)).await?;
        tracing::info!(channel.id = %channel, peer.party = %call.party(), size, "entries of this node's own log came back");
    }
    let _finished = reading.await;
    Ok(())
}

/// Notes that a peer was asked, where that is of interest: while a channel is in doubt, or has just left it.
async fn note_asked(node: &Node, channel: &ChannelId, party: &PartyId, holds: u64) -> Result<(), Trouble> {
    let state = node.store.read_now(|connection| state(connection, node, channel))?;
    if state.is_none_or(|state| state.standing == "certain" && state.asked.is_empty()) {
        return Ok(());
    }
    let (channel, party) = (channel.clone(), party.clone());
    node.store.write(move |work| Ok(recovery::was_asked(work, &channel, &party, holds)?)).await
}

/// A party asks for this node's log from `from` on: that much it holds. A party that can be called is asked itself, and taken at
/// this word only when it holds exactly what is here; it may ask for less than it holds as often as it likes. One that cannot be
/// called may hold more than has come back so far, and will not ask again when that has come from somebody else; more than this
/// node knows that it signed it cannot hold.
pub(super) async fn overheard(node: &Node, channel: &ChannelId, party: &PartyId, from: u64) -> Result<(), Trouble> {
    let tells = node.store.read_now(|connection| -> Result<bool, Fault> {
        let Some(state) = state(connection, node, channel)? else { return Ok(false) };
        let most = if state.standing == "behind" { state.said } else { state.size };
        if state.standing == "certain" || from > most {
            return Ok(false);
        }
        let addresses = channels::addresses(connection)?;
        Ok(from == state.size || !addresses.iter().any(|(of, known, _)| of == channel && known == party))
    })?;
    if tells { note_asked(node, channel, party, from).await } else { Ok(()) }
}

/// Takes in a batch of this node's own log that a peer brings.
pub(super) async fn take(node: &Node, channel: &ChannelId, party: &PartyId, batch: Batch) -> Result<(), Trouble> {
    let (to, of) = (channel.clone(), party.clone());
    node.store
        .write(move |work| {
            let holds = receive::hear(work, &to, &batch.note)?;
            let own = work.identity.party.clone();
            let head = work.head(&to, &own)?;
            // Whoever brings what is here already is thanked and not believed.
            if head.range.size() < holds || lost::first(work.connection, &to)?.is_some() {
                receive::recover(work, &to, batch)?;
                recovery::was_asked(work, &to, &of, holds)?;
            }
            Ok(())
        })
        .await
}

/// Brings a peer that cannot call here its own log, where it shows less of it than this node holds.
pub(super) async fn give_back(node: &Node, call: &Call, channel: &ChannelId) -> Result<(), Trouble> {
    let whose = call.party();
    let held =
        node.store.read_now(|connection| -> Result<u64, Fault> { Ok(logs::head(connection, channel, whose)?.range.size()) })?;
    if held == 0 {
        return Ok(());
    }
    let shown = call.get(&format!("/exchange/v1/{channel}/{whose}/checkpoint")).await?;
    let lacks = shown.headers().get(LACKS).and_then(|place| place.to_str().ok()?.parse::<u64>().ok());
    let mut from = match shown.status() {
        // Entries whose records did not come back are given again, with those that are held here.
        StatusCode::OK => size_of(&text(shown).await?)?.min(lacks.unwrap_or(u64::MAX)),
        StatusCode::NOT_FOUND => 0,
        _ => return Ok(()),
    };
    while from < held {
        let (to, of) = (channel.clone(), whose.clone());
        let frames =
            move |connection: &crate::store::db::Connection| super::frames_for(connection, &to, &of, &of, (from, u64::MAX));
        let (bytes, next): (Vec<u8>, u64) = node.store.read(frames).await.map_err(|fault: Fault| fault)?;
        if bytes.is_empty() {
            return Ok(());
        }
        let path = format!("/exchange/v1/{channel}/{whose}/entries?from={from}");
        if call.ask(Method::POST, &path, &[], Bytes::from(bytes)).await?.status() != StatusCode::OK {
            return Ok(());
        }
        from = next;
    }
    Ok(())
}

/// The size that a signed checkpoint states.
pub(super) fn size_of(note: &str) -> Result<u64, Protocol> {
    let body = note.split("\n\n").next().map(|body| format!("{body}\n")).unwrap_or_default();
    Ok(body.parse::<Checkpoint>().map_err(|error| Protocol::Checkpoint(error.to_string()))?.size())
}
