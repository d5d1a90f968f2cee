//! Keeps files coming from a peer, and, where this node cannot be called, its own files going to it: one at a time, gone on
//! with after a break where it stopped, and never in a hurry with what failed.

use super::blob::{self, COMPLETE, Completed, OFFSET};
use super::client::{Call, Peer};
use super::limits::Pace;
use super::quota;
use crate::access::{Authorized, ToSend};
use crate::fault::{Fault, Protocol, Trouble};
use crate::node::Node;
use crate::store::attachments::{self, Attached, Held};
use crate::store::channels;
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use hyper::{Method, Response, StatusCode, header};
use std::collections::{BTreeMap, BTreeSet};
use std::io::SeekFrom;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::party::PartyId;
use tansiq_dossier::record::DossierId;
use tansiq_dossier::time::Date;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::time::Instant;

/// How much of an own file goes in one request.
const PUSH: u64 = 4 * 1024 * 1024;
/// How long to wait before trying a file again: doubled each time, between these.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(120));
/// How long to wait at least after bytes that were wrong.
const DISTRUST: Duration = Duration::from_secs(30);
/// How long others leave a file to the party that attached it.
const PRECEDENCE: Duration = Duration::from_secs(10);
/// How long to sleep when nothing is known that could be done.
const IDLE: Duration = Duration::from_secs(60);

type Key = (ChannelId, DossierId, ContentHash);

/// Which files of a peer are to be left alone until when. It outlives connections: a peer cannot make this node hurry by
/// hanging up.
#[derive(Debug, Clone, Default)]
pub(super) struct Later(Arc<Mutex<BTreeMap<Key, (Instant, Duration)>>>, Arc<Mutex<Option<Date>>>);

impl Later {
    fn until(&self, key: &Key) -> Option<Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).map(|(until, _)| *until)
    }

    fn put_off(&self, key: Key, least: Duration) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = all.get(&key).map_or(BACKOFF.0, |(_, last)| (*last * 2).min(BACKOFF.1));
        let wait = last.max(least);
        all.insert(key, (Instant::now() + wait, wait));
    }

    fn first_at(&self, key: Key, wait: Duration) -> Instant {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(key).or_insert_with(|| (Instant::now() + wait, BACKOFF.0)).0
    }

    /// Whether something that holds for a day has not been told on this day.
    fn tells_of(&self, day: Date) -> bool {
        self.1.lock().unwrap_or_else(PoisonError::into_inner).replace(day) != Some(day)
    }

    fn done(&self, key: &Key) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    /// Forgets what nobody waits for any longer.
    fn keep(&self, keys: &BTreeSet<Key>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|key, _| keys.contains(key));
    }
}

fn key(file: &Attached) -> Key {
    (file.channel.clone(), file.dossier.clone(), file.hash)
}

/// Works for as long as the connection lives.
pub(super) async fn files(node: Node, call: Call, peer: Peer, later: Later) {
    let mut changes = node.store.watch();
    loop {
        let next = match round(&node, &call, &peer, &later).await {
            Ok(next) => next,
            Err(trouble) => {
                tracing::error!(%trouble, peer.party = %peer.party, "files could not be exchanged with a peer");
                Some(Instant::now() + BACKOFF.1)
            }
        };
        let next = next.unwrap_or_else(|| Instant::now() + IDLE);
        tokio::select! {
            biased;
            () = tokio::time::sleep_until(next) => {}
            _ = changes.recv() => {
                // What came at once is looked at once.
                while !matches!(changes.try_recv(), Err(tokio::sync::broadcast::error::TryRecvError::Empty)) {}
            }
        }
    }
}

/// What is to be done now, done; and when something is to be done next.
async fn round(node: &Node, call: &Call, peer: &Peer, later: &Later) -> Result<Option<Instant>, Trouble> {
    let (channels, party, own) = (peer.channels.clone(), peer.party.clone(), node.identity.party.clone());
    let brings = node.config.exchange.is_none();
    let read = node.store.read(move |connection| -> Result<_, Fault> {
        let wanted = attachments::wanted(connection, &channels, &party)?;
        let bring = if brings { attachments::to_bring(connection, &channels, &own, &party)? } else { Vec::new() };
        let callable = channels::addresses(connection)?.into_iter().map(|(channel, party, _)| (channel, party));
        Ok((wanted, bring, callable.collect::<BTreeSet<(ChannelId, PartyId)>>()))
    });
    let (mut wanted, bring, callable) = read.await?;
    if quota::files_are_full(node, &peer.party).await? {
        if later.tells_of(node.identity.world.today()) {
            tracing::warn!(peer.party = %peer.party, "as many files have come of this party today as may; it goes on tomorrow");
        }
        wanted.clear();
    }
    later.keep(&wanted.iter().chain(&bring).map(key).collect());
    let mut next: Option<Instant> = None;
    for (file, fetch) in wanted.iter().map(|file| (file, true)).chain(bring.iter().map(|file| (file, false))) {
        let theirs = file.party == peer.party || !fetch;
        let others = fetch && !theirs && callable.contains(&(file.channel.clone(), file.party.clone()));
        let due = if others { Some(later.first_at(key(file), PRECEDENCE)) } else { later.until(&key(file)) };
        if due.is_none_or(|due| due <= Instant::now()) {
            let done = if fetch { pull(node, call, &peer.party, file).await } else { push(node, call, &peer.party, file).await };
            settle(done, file, peer, later);
        }
        if let Some(due) = later.until(&key(file)) {
            next = Some(next.map_or(due, |next| next.min(due)));
        }
    }
    Ok(next)
}

/// What became of one try.
#[derive(Debug, PartialEq, Eq)]
enum Tried {
    Done,
    /// The other side does not have it, or does not know of it yet; or somebody else is at it.
    NotYet,
    Wrong,
}

fn settle(done: Result<Tried, Trouble>, file: &Attached, peer: &Peer, later: &Later) {
    match done {
        Ok(Tried::Done) => later.done(&key(file)),
        Ok(Tried::NotYet) => later.put_off(key(file), Duration::ZERO),
        Ok(Tried::Wrong) => later.put_off(key(file), DISTRUST),
        Err(trouble) => {
            match &trouble {
                Trouble::Fault(fault) => tracing::error!(%fault, file.hash = file.hash.short(), "a file could not be kept"),
                trouble => {
                    tracing::info!(%trouble, file.hash = file.hash.short(), peer.party = %peer.party, "a file broke off; it will be gone on with");
                }
            }
            later.put_off(key(file), BACKOFF.0);
        }
    }
}

/// Fetches what is missing of a file.
async fn pull(node: &Node, call: &Call, from: &PartyId, file: &Attached) -> Result<Tried, Trouble> {
    let name = format!("{}/{}/{}", file.channel, file.dossier, file.hash);
    let Some(_alone) = node.blobs.claim(&name) else { return Ok(Tried::NotYet) };
    if already_here(node, file).await? {
        return Ok(Tried::Done);
    }
    let Some(mut partial) = node.blobs.partial(&file.hash, file.size, from)? else { return Ok(Tried::NotYet) };
    let begin = partial.held();
    if partial.missing() > 0 {
        let range = format!("bytes={begin}-");
        let path = blob::address(&file.channel, &file.hash, &file.dossier);
        let response = call.ask(Method::GET, &path, &[(header::RANGE, range)], Bytes::new()).await?;
        match response.status() {
            StatusCode::PARTIAL_CONTENT if starts_at(&response, begin, file.size) => {}
            StatusCode::OK if begin == 0 => {}
            StatusCode::NOT_FOUND => return Ok(Tried::NotYet),
            StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
                // The other side does not hold a file of this size.
                partial.discard()?;
                return Ok(Tried::Wrong);
            }
            status => return Err(Protocol::Answer(format!("a file was answered {status}")).into()),
        }
        let mut body = response.into_body();
        let mut appending = partial.append().await?;
        let (mut fits, mut broken) = (true, None);
        let mut pace = Pace::new(file.size.saturating_add(1));
        while fits && broken.is_none() {
            match pace.next(&mut body).await {
                Ok(None) => break,
                Ok(Some(bytes)) => fits = appending.write(&bytes).await?,
                Err(problem) => broken = Some(problem),
            }
        }
        appending.close().await?;
        // What comes counts, whether it makes a file or not.
        quota::add_files(node, &file.channel, from, partial.held() - begin).await?;
        if !fits {
            partial.discard()?;
            return Ok(Tried::Wrong);
        }
        if partial.missing() > 0 {
            return Err(broken.unwrap_or_else(|| Protocol::Answer("the file ended early".to_owned())).into());
        }
    }
    match blob::complete(node, file, partial).await? {
        Completed::Kept | Completed::Refused => Ok(Tried::Done),
        // The part that lay here may have been what was wrong. The next try begins anew.
        Completed::Damaged if begin > 0 => Ok(Tried::NotYet),
        Completed::Damaged => Ok(Tried::Wrong),
    }
}

async fn already_here(node: &Node, file: &Attached) -> Result<bool, Fault> {
    let wanted = file.clone();
    let find = node.store.read(move |connection| attachments::find(connection, &wanted.channel, &wanted.dossier, &wanted.hash));
    Ok(find.await?.is_none_or(|found| found.held != Held::No))
}

/// Whether the answer begins where this node's part ends, and is of a file of the size that the record says.
fn starts_at(response: &Response<Body>, begin: u64, size: u64) -> bool {
    let range = response.headers().get(header::CONTENT_RANGE).and_then(|range| range.to_str().ok());
    range.is_some_and(|range| range == format!("bytes {begin}-{}/{size}", size - 1))
}

/// Brings an own file to a peer that cannot call here.
async fn push(node: &Node, call: &Call, to: &PartyId, file: &Attached) -> Result<Tried, Trouble> {
    let path = blob::address(&file.channel, &file.hash, &file.dossier);
    let (own, party, wanted) = (node.identity.party.clone(), to.clone(), file.clone());
    let leaves = node
        .store
        .read(move |connection| blob::leaving(connection, (&own, &party), &wanted.channel, &wanted.dossier, &wanted.hash));
    let Some(leaves): Option<Authorized<Attached, ToSend>> = leaves.await? else { return Ok(Tried::NotYet) };
    let Some((open, size)) = node.blobs.open(&leaves.value().hash)? else { return Ok(Tried::NotYet) };
    let unreadable = || Fault::file("cannot read a file to bring it to a peer");
    let mut open = tokio::fs::File::from_std(open);
    let mut response = call.ask(Method::HEAD, &path, &[], Bytes::new()).await?;
    loop {
        let status = response.status();
        let Some((at, complete)) = offset(&response) else {
            return match status {
                StatusCode::NOT_FOUND | StatusCode::CONFLICT => Ok(Tried::NotYet),
                // It found other bytes than the hash says: what lies here is damaged, or was on the way.
                StatusCode::BAD_REQUEST => Ok(Tried::Wrong),
                status => Err(Protocol::Answer(format!("a file that was brought was answered {status}")).into()),
            };
        };
        if complete {
            let (file, to) = (file.clone(), to.clone());
            node.store.write(move |work| Ok(attachments::brought(work.connection, &file, &to)?)).await?;
            return Ok(Tried::Done);
        }
        // An offset that does not grow is said once more, and then not believed.
        if at >= size || (status == StatusCode::CONFLICT && at == 0) {
            return Ok(Tried::Wrong);
        }
        open.seek(SeekFrom::Start(at)).await.map_err(unreadable())?;
        let length = PUSH.min(size - at);
        let mut piece = BytesMut::with_capacity(usize::try_from(length).unwrap_or_default());
        while (piece.len() as u64) < length {
            let left = length - piece.len() as u64;
            if (&mut open).take(left).read_buf(&mut piece).await.map_err(unreadable())? == 0 {
                return Err(Fault::Damaged("a file is shorter than it was".to_owned()).into());
            }
        }
        let (sent, header) = (at + length, [(OFFSET, at.to_string())]);
        response = call.ask(Method::PUT, &path, &header, piece.freeze()).await?;
        if response.status().is_success() && offset(&response).is_none_or(|(at, _)| at != sent) {
            return Ok(Tried::Wrong);
        }
    }
}

fn offset(response: &Response<Body>) -> Option<(u64, bool)> {
    let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    Some((text(OFFSET)?.parse().ok()?, text(COMPLETE)? == "?1"))
}
