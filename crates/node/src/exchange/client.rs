//! Follows peers: keeps one connection to each, holds a watch open on it, and pulls what is new.

use super::answer::{Lines, bytes, text};
use super::fetch::{self, Later};
use super::limits::Bucket;
use super::quota;
use super::restore;
use super::tls::{self, Pin};
use crate::fault::{Fault, Protocol, Trouble};
use crate::keyring;
use crate::node::Node;
use crate::receive;
use crate::store::{channels, forks, late, logs};
use axum::body::Body;
use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http2::SendRequest;
use hyper::header::HeaderName;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::ServerName;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin as StdPin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::party::PartyId;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

/// How long a peer may take to answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// How long a peer may take to answer somebody who waits for it.
const PROBE: Duration = Duration::from_secs(5);
/// How long to wait before calling a peer again: doubled each time, between these.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// How often a process that stands by asks whether it is its turn.
const STANDBY: Duration = Duration::from_secs(1);
/// The same after a peer broke the protocol: what it sends is not asked for again and again.
const DISTRUST: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// How often a watch may tell of what is not there before it is listened to less.
const IN_VAIN: u32 = 4;

/// A peer to follow: one party in the channels that are shared with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Peer {
    /// The party.
    pub party: PartyId,
    /// Its node's wire keys: two while they change.
    pub pins: BTreeSet<Pin>,
    /// Where it can be reached, `host:port`.
    pub address: String,
    /// The channels shared with it in which it has this key and address.
    pub channels: BTreeSet<ChannelId>,
    /// Those of them with more than two parties, in which others have logs too, and cosign the peer's.
    pub crowded: BTreeSet<ChannelId>,
}

/// The peers that this node can call.
///
/// # Errors
/// When the store fails.
pub fn peers(node: &Node) -> Result<Vec<Peer>, Fault> {
    node.store.read_now(|connection| {
        let rings = keyring::all(connection)?;
        let mut found: Vec<Peer> = Vec::new();
        for (channel, party, address) in channels::addresses(connection)? {
            let Some(ring) = rings.get(&channel) else { continue };
            let pins: BTreeSet<Pin> = ring.pins(&party).into_iter().collect();
            if pins.is_empty() {
                continue;
            }
            let known = found.iter().position(|peer| peer.pins == pins && peer.address == address && peer.party == party);
            let at = known.unwrap_or(found.len());
            if known.is_none() {
                found.push(Peer { party, pins, address, channels: BTreeSet::new(), crowded: BTreeSet::new() });
            }
            if let Some(peer) = found.get_mut(at) {
                peer.channels.insert(channel.clone());
                if ring.charter.parties.len() > 2 {
                    peer.crowded.insert(channel);
                }
            }
        }
        Ok(found)
    })
}

/// What is known of the connection to a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// Being called.
    Calling,
    /// Connected, with the watch held open.
    Up,
    /// Not reached; the reason, for whoever runs the node.
    Down(String),
    /// Followed by another process that works on the same database.
    Elsewhere,
}

/// Follows a peer for as long as the node runs.
pub async fn follow(node: Node, peer: Peer, link: watch::Sender<Link>) {
    let mut backoff = BACKOFF.0;
    let later = Later::default();
    loop {
        if let Err(fault) = lead(&node, &peer, &link).await {
            tracing::error!(%fault, "whether another process follows a peer is not known");
        }
        let ended = attend(&node, &peer, &link, &later).await;
        let was_up = *link.borrow() == Link::Up;
        let breach = matches!(&ended, Err(Trouble::Protocol(protocol)) if protocol.is_breach());
        let why = match ended {
            Ok(()) => "the peer closed the connection".to_owned(),
            Err(trouble) => trouble.to_string(),
        };
        // Said once when a peer goes away, not on every call that it does not answer.
        if !matches!(&*link.borrow(), Link::Down(before) if *before == why) {
            tracing::warn!(peer.party = %peer.party, peer.address = %peer.address, why, "the connection to a peer is down");
        }
        link.send_replace(Link::Down(why));
        backoff = match (breach, was_up) {
            (true, _) => (backoff * 2).clamp(DISTRUST.0, DISTRUST.1),
            (false, true) => BACKOFF.0,
            (false, false) => (backoff * 2).min(BACKOFF.1),
        };
        tokio::time::sleep(backoff).await;
    }
}

/// Waits until no other process on this node's database follows the peer. One that cannot tell follows it: two that do so
/// are a waste and no harm.
async fn lead(node: &Node, peer: &Peer, link: &watch::Sender<Link>) -> Result<(), Fault> {
    if !node.store.is_shared() {
        return Ok(());
    }
    let what = format!("follow {} {}", peer.party, peer.address);
    loop {
        let (store, what) = (node.store.clone(), what.clone());
        let leads = tokio::task::spawn_blocking(move || store.leads(&what)).await;
        if leads.map_err(|_| Fault::Closing)?? {
            return Ok(());
        }
        link.send_replace(Link::Elsewhere);
        tokio::time::sleep(STANDBY).await;
    }
}

/// Calls a peer once, and asks how much of this node's log it holds in each channel.
///
/// # Errors
/// When it cannot be reached, or does not answer as a peer.
pub async fn probe(node: &Node, peer: &Peer) -> Result<BTreeMap<ChannelId, u64>, Trouble> {
    let asking = async {
        let call = Call::open(node, peer).await?;
        let mut holds = BTreeMap::new();
        for channel in &peer.channels {
            let response = call.get(&format!("/exchange/v1/{channel}/{}/checkpoint", node.identity.party)).await?;
            let size = if response.status() == StatusCode::OK { restore::size_of(&text(response).await?)? } else { 0 };
            holds.insert(channel.clone(), size);
        }
        Ok::<_, Trouble>(holds)
    };
    tokio::time::timeout(PROBE, asking).await.map_err(|_| Protocol::Answer("no answer".to_owned()))?
}

/// Calls the peer, catches up on everything, and then on what the watch tells.
async fn attend(node: &Node, peer: &Peer, link: &watch::Sender<Link>, later: &Later) -> Result<(), Trouble> {
    let call = Call::open(node, peer).await?;
    let watch = call.get("/exchange/v1/watch").await?;
    if watch.status() != StatusCode::OK {
        return Err(Protocol::Answer(format!("the watch was answered {}", watch.status())).into());
    }
    link.send_replace(Link::Up);
    tracing::info!(peer.party = %peer.party, "connected to a peer");
    let pushes = node.config.exchange.is_none();
    let mut own = node.store.watch();
    let mut lines = Lines::of(watch.into_body());
    let rate = Bucket::new(node.config.limits.requests_per_second, Duration::from_secs(1));
    let mut in_vain = 0;
    // Channels that the peer does not know yet: once it has joined one, this node's log is brought there.
    let mut unjoined: BTreeSet<ChannelId> = BTreeSet::new();
    for channel in &peer.channels {
        restore::ask(node, &call, channel).await?;
        call.pull(node, channel, &peer.party).await?;
        call.pull_late(node, channel, &peer.party).await?;
        // A peer that lost its data may not know where to call.
        restore::give_back(node, &call, channel).await?;
        if pushes {
            if !call.push(node, channel).await? {
                unjoined.insert(channel.clone());
            }
            call.push_late(node, channel).await?;
        }
        call.gossip(node, channel, pushes).await?;
    }
    // Files have time, and records do not wait for them. What is under way ends with the connection.
    let mut beside = JoinSet::new();
    beside.spawn(fetch::files(node.clone(), call.clone(), peer.clone(), later.clone()));
    loop {
        tokio::select! {
            biased;
            line = lines.next() => match line? {
                None => return Ok(()),
                Some(lines) => {
                    rate.wait().await;
                    in_vain = if call.told(node, peer, &lines).await? { in_vain + 1 } else { 0 };
                    if in_vain > IN_VAIN {
                        tokio::time::sleep(BACKOFF.0 * 2_u32.pow((in_vain - IN_VAIN).min(6))).await;
                    }
                    call.go_on(node, peer).await?;
                    call.join(node, &mut unjoined, &lines).await?;
                }
            },
            change = own.recv(), if pushes => match change {
                Ok(change) if !peer.channels.contains(&change.channel) => {}
                Ok(change) => {
                    if change.party == node.identity.party {
                        call.push(node, &change.channel).await?;
                        call.push_late(node, &change.channel).await?;
                    }
                    if change.party == peer.party {
                        // It cannot ask for records of its own that it lost, and some may have had to wait here.
                        restore::give_back(node, &call, &change.channel).await?;
                    } else if peer.crowded.contains(&change.channel) {
                        call.tell(node, &change.channel, &change.party).await?;
                    }
                }
                Err(_) => for channel in &peer.channels {
                    call.push(node, channel).await?;
                    call.push_late(node, channel).await?;
                    call.gossip(node, channel, true).await?;
                },
            },
        }
    }
}

/// What is still to come.
pub type Coming<T> = StdPin<Box<dyn Future<Output = Result<T, Protocol>> + Send>>;

/// Another way to peers than TLS.
pub trait Network: Send + Sync {
    /// Calls a peer.
    fn connect(&self, peer: &Peer) -> Coming<Arc<dyn Line>>;
}

/// A connection over another way than TLS.
pub trait Line: Send + Sync {
    /// Sends a request; the answer comes when its head has come.
    fn send(&self, request: Request<Full<Bytes>>) -> Coming<Response<Body>>;
}

#[derive(Clone)]
enum Requests {
    Http(SendRequest<Full<Bytes>>),
    Other(Arc<dyn Line>),
}

/// A connection to a peer.
#[derive(Clone)]
pub(super) struct Call {
    requests: Requests,
    authority: String,
    pub(super) party: PartyId,
    /// Until when no more is taken in of this peer, in seconds since 1970; 0 while there is room.
    full: Arc<AtomicI64>,
}

impl Call {
    async fn open(node: &Node, peer: &Peer) -> Result<Call, Trouble> {
        let (authority, party) = (peer.address.clone(), peer.party.clone());
        if let Some(network) = &node.identity.world.network {
            let line = tokio::time::timeout(PATIENCE, network.connect(peer)).await;
            let line = line.map_err(|error| Protocol::Answer(error.to_string()))??;
            return Ok(Call { requests: Requests::Other(line), authority, party, full: Arc::default() });
        }
        let answer = |error: &dyn std::fmt::Display| Protocol::Answer(error.to_string());
        let stream = tokio::time::timeout(PATIENCE, TcpStream::connect(&peer.address)).await;
        let stream = stream.map_err(|error| answer(&error))?.map_err(|error| answer(&error))?;
        stream.set_nodelay(true).map_err(|error| answer(&error))?;
        let connector = TlsConnector::from(tls::client_of(&node.identity.keys, &node.config.node, peer.pins.clone())?);
        let name = ServerName::try_from("node.tansiq.invalid").map_err(|error| answer(&error))?;
        let stream = tokio::time::timeout(PATIENCE, connector.connect(name, stream)).await;
        let stream = stream.map_err(|error| answer(&error))?.map_err(|error| answer(&error))?;
        let (requests, connection) = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(Some(Duration::from_secs(10)))
            .keep_alive_timeout(Duration::from_secs(10))
            .initial_stream_window_size(4 * 1024 * 1024)
            .initial_connection_window_size(8 * 1024 * 1024)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| answer(&error))?;
        tokio::spawn(async move {
            // Its end is seen by whoever next sends a request.
            let _ended = connection.await;
        });
        Ok(Call { requests: Requests::Http(requests), authority, party, full: Arc::default() })
    }

    /// Who was called.
    pub(super) fn party(&self) -> &PartyId {
        &self.party
    }

    pub(super) async fn request(&self, method: Method, path: &str, body: Bytes) -> Result<Response<Body>, Trouble> {
        self.ask(method, path, &[], body).await
    }

    /// Sends a request with headers of its own.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, String)],
        body: Bytes,
    ) -> Result<Response<Body>, Trouble> {
        let answer = |error: &dyn std::fmt::Display| Protocol::Answer(error.to_string());
        let uri = format!("https://{}{path}", self.authority);
        let request = Request::builder().method(method).uri(uri);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        let request = request.body(Full::new(body)).map_err(|error| answer(&error))?;
        let sending = async {
            match self.requests.clone() {
                Requests::Http(mut requests) => match requests.send_request(request).await {
                    Ok(response) => Ok(response.map(Body::new)),
                    Err(error) => Err(answer(&error)),
                },
                Requests::Other(line) => line.send(request).await,
            }
        };
        let response = tokio::time::timeout(PATIENCE, sending).await;
        Ok(response.map_err(|_| Protocol::Answer("no answer".to_owned()))??)
    }

    pub(super) async fn get(&self, path: &str) -> Result<Response<Body>, Trouble> {
        self.request(Method::GET, path, Bytes::new()).await
    }

    /// Takes up again what was broken off because the peer had brought as much as it may for a day.
    async fn go_on(&self, node: &Node, peer: &Peer) -> Result<(), Trouble> {
        let full = self.full.load(Ordering::SeqCst);
        if full == 0 || node.identity.world.clock.unix() < full {
            return Ok(());
        }
        self.full.store(0, Ordering::SeqCst);
        for channel in &peer.channels {
            self.pull(node, channel, &peer.party).await?;
            self.pull_late(node, channel, &peer.party).await?;
        }
        Ok(())
    }

    /// Whether no more is taken in of this peer for now.
    pub(super) fn is_full(&self, node: &Node) -> bool {
        node.identity.world.clock.unix() < self.full.load(Ordering::SeqCst)
    }

    /// Whether work was refused because the peer has brought as much as it may. Then nothing more is asked for until it may
    /// bring more; the connection stays.
    pub(super) fn fills(&self, node: &Node, trouble: &Trouble) -> bool {
        let Trouble::Protocol(Protocol::Enough { why, seconds }) = trouble else { return false };
        let until = node.identity.world.clock.unix().saturating_add_unsigned(*seconds);
        if self.full.swap(until, Ordering::SeqCst) != until {
            tracing::warn!(peer.party = %self.party, until, "{why}");
            metrics::counter!("tansiq_peer_quota_reached_total").increment(1);
        }
        true
    }

    /// Acts on lines of the watch. Says whether they told of something that was not there.
    async fn told(&self, node: &Node, peer: &Peer, lines: &str) -> Result<bool, Trouble> {
        let mut in_vain = false;
        let mut sizes: BTreeMap<&ChannelId, (u64, u64)> = BTreeMap::new();
        // Logs of others, whose owners are asked for records; how this peer sees them is compared.
        let mut others: BTreeSet<(&ChannelId, PartyId)> = BTreeSet::new();
        // Channels in which the peer may hold records of this node's own log that are not here.
        let mut missed: BTreeSet<&ChannelId> = BTreeSet::new();
        for line in lines.lines().filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line.split(' ').collect();
            match words.as_slice() {
                [channel, party, size, late] => {
                    let channel = peer.channels.iter().find(|known| known.as_str() == *channel);
                    let number = |text: &str| text.parse().unwrap_or(u64::MAX);
                    let Some(channel) = channel else { continue };
                    if peer.party.as_str() == *party {
                        let told = sizes.entry(channel).or_default();
                        *told = (told.0.max(number(size)), told.1.max(number(late)));
                    } else if node.identity.party.as_str() == *party && restore::lacks(node, channel)? {
                        missed.insert(channel);
                    } else if let (Ok(party), true) = (party.parse(), peer.crowded.contains(channel)) {
                        others.insert((channel, party));
                    }
                }
                // The watch fell behind: anything may have changed.
                _ => {
                    sizes = peer.channels.iter().map(|channel| (channel, (u64::MAX, u64::MAX))).collect();
                    for channel in &peer.crowded {
                        self.gossip(node, channel, false).await?;
                    }
                }
            }
        }
        for (channel, (size, late)) in sizes {
            let held = self.held(node, channel, &peer.party)?;
            if size > held {
                self.pull(node, channel, &peer.party).await?;
                // A log that is frozen here goes on there; the peer's other channels are listened to as before.
                let frozen = node.store.read_now(|connection| forks::is_frozen(connection, channel, &peer.party))?;
                in_vain |= !frozen && self.held(node, channel, &peer.party)? == held;
            } else if peer.crowded.contains(channel) {
                self.compare(node, channel, &peer.party).await?;
            }
            let taken = self.taken(node, channel, &peer.party)?;
            if late > taken {
                self.pull_late(node, channel, &peer.party).await?;
                in_vain |= self.taken(node, channel, &peer.party)? == taken;
            }
        }
        for channel in missed {
            restore::ask(node, self, channel).await?;
        }
        for (channel, party) in others {
            self.compare(node, channel, &party).await?;
        }
        Ok(in_vain)
    }

    pub(super) fn held(&self, node: &Node, channel: &ChannelId, party: &PartyId) -> Result<u64, Fault> {
        node.store.read_now(|connection| Ok(logs::head(connection, channel, party)?.range.size()))
    }

    fn taken(&self, node: &Node, channel: &ChannelId, party: &PartyId) -> Result<u64, Fault> {
        node.store.read_now(|connection| late::taken(connection, channel, party))
    }

    /// Pulls what the peer has released to this party since its entries passed.
    async fn pull_late(&self, node: &Node, channel: &ChannelId, party: &PartyId) -> Result<(), Trouble> {
        while !self.is_full(node) {
            let after = self.taken(node, channel, party)?;
            let response = self.get(&format!("/exchange/v1/{channel}/{party}/late?after={after}")).await?;
            if response.status() != StatusCode::OK {
                return Ok(());
            }
            let mut reader = super::late::Reader::default();
            reader.feed(&bytes(response).await?);
            let Some(piece) = reader.piece()? else { return Ok(reader.finish()?) };
            if piece.number <= after {
                // Asked for again it would come again, without end.
                return Err(Protocol::Answer("late records that lead no further".to_owned()).into());
            }
            match quota::late(node, channel, party, piece).await {
                Ok(true) => {}
                // The entries are not here yet. They come with the next pull, and these are asked for again after it.
                Ok(false) => return Ok(()),
                Err(trouble) if self.fills(node, &trouble) => return Ok(()),
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(())
    }

    /// Brings late records of this node's own log to a peer that cannot call here.
    async fn push_late(&self, node: &Node, channel: &ChannelId) -> Result<(), Trouble> {
        let own = &node.identity.party;
        if node.store.read_now(|connection| late::count(connection, channel, &self.party))? == 0 {
            return Ok(());
        }
        let path = format!("/exchange/v1/{channel}/{own}/late");
        let mut response = self.get(&path).await?;
        let mut before = None;
        while response.status() == StatusCode::OK {
            let taken: u64 = text(response).await?.trim().parse().map_err(|_| Protocol::Answer("no number".to_owned()))?;
            let (to, of, party) = (channel.clone(), own.clone(), self.party.clone());
            let frames =
                move |connection: &crate::store::db::Connection| super::late::frames_for(connection, &to, &of, &party, taken);
            let (bytes, _): (Vec<u8>, u64) = node.store.read(frames).await.map_err(|fault: Fault| fault)?;
            if bytes.is_empty() || before == Some(taken) {
                return Ok(());
            }
            before = Some(taken);
            response = self.request(Method::POST, &path, Bytes::from(bytes)).await?;
        }
        Ok(())
    }

    /// Brings this node's own log of channels that the peer did not know to one that tells of them now.
    async fn join(&self, node: &Node, unjoined: &mut BTreeSet<ChannelId>, lines: &str) -> Result<(), Trouble> {
        for channel in std::mem::take(unjoined) {
            if !lines.contains(channel.as_str()) || !self.push(node, &channel).await? {
                unjoined.insert(channel);
            }
        }
        Ok(())
    }

    /// Brings this node's own log to a peer that cannot call here. Returns whether the peer knows the channel.
    async fn push(&self, node: &Node, channel: &ChannelId) -> Result<bool, Trouble> {
        let own = &node.identity.party;
        let held = self.get(&format!("/exchange/v1/{channel}/{own}/checkpoint")).await?;
        let mut from = match held.status() {
            StatusCode::OK => restore::size_of(&text(held).await?)?,
            _ => 0,
        };
        loop {
            let (to, party, identity) = (channel.clone(), self.party.clone(), node.identity.clone());
            let recent = node.store.recent();
            let frames = node.store.read(move |connection| {
                let shown = identity.shown(connection, &to, &identity.party)?;
                super::frames_with(&recent, connection, &to, (&identity.party, &party), (from, shown))
            });
            let frames = frames.await;
            let (bytes, next): (Vec<u8>, u64) = frames.map_err(|fault: Fault| fault)?;
            if bytes.is_empty() {
                return Ok(true);
            }
            let path = format!("/exchange/v1/{channel}/{own}/entries?from={from}");
            let response = self.request(Method::POST, &path, Bytes::from(bytes)).await?;
            match response.status() {
                StatusCode::OK => {}
                StatusCode::NOT_FOUND => return Ok(false),
                // It was shown another history of this log, and takes no more of it. Other channels go on.
                StatusCode::CONFLICT => {
                    self.compare(node, channel, own).await?;
                    return self.fetch_fork(node, channel, own).await.map(|()| true);
                }
                status => return Err(Protocol::Answer(format!("pushed entries were answered {status}")).into()),
            }
            let note = text(response).await?;
            if !note.is_empty() {
                let (channel, own, by) = (channel.clone(), own.clone(), self.party.clone());
                node.store.write(move |work| receive::witness(work, &channel, &own, &by, &note)).await?;
            }
            from = next;
        }
    }
}
