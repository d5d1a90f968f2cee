//! What one peer may cost this node at most: connections, requests, memory, time of the writer, and disk for a day.
//!
//! A peer that asks for more than its share waits; only what cannot be waited for is refused. Nothing of this is shared
//! between peers, so that what one of them does is paid by itself:
//!
//! | what | at most | beyond |
//! |---|---|---|
//! | handshakes of strangers | [`HANDSHAKES`]; [`HANDSHAKES_PER_ADDRESS`] from one address, and [`HANDSHAKES_PER_SECOND`] in a second | closed at once |
//! | connections of a peer | `connections_per_peer` | the oldest is closed |
//! | requests of a peer | `requests_per_second` | wait; after [`QUEUE`] 429 |
//! | running at once for a peer | [`RUNNING`] requests, [`DOWNLOADS`] streams out, [`UPLOADS`] in, [`FILES`], [`WATCHES`] | wait; after [`QUEUE`] 429 |
//! | batches of a peer in the writer's queue | one from each direction | wait |
//! | taken in of a peer in a day | `entries_per_day`, `bytes_per_day`, `file_bytes_per_day` | 429 until the next day |

use super::tls::Pin;
use crate::fault::{Protocol, Trouble};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::pin::Pin as StdPin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// How many callers may be shaking hands at once.
pub const HANDSHAKES: usize = 128;
/// How many of them from one address.
pub const HANDSHAKES_PER_ADDRESS: usize = 16;
/// How many from one address in a second, on average.
pub const HANDSHAKES_PER_SECOND: u32 = 20;
/// After how many addresses those are forgotten that have been quiet.
const ADDRESSES: usize = 1024;
/// How many requests of a peer are worked on at once.
pub const RUNNING: usize = 8;
/// How many streams of entries and late records go to a peer at once.
pub const DOWNLOADS: usize = 3;
/// How many files go to a peer at once.
pub const FILES: usize = 2;
/// How many streams of entries and late records are taken from a peer at once.
pub const UPLOADS: usize = 1;
/// How many watches a peer may hold open.
pub const WATCHES: usize = 8;
/// How long a request waits for its turn.
pub const QUEUE: Duration = Duration::from_secs(5);
/// How long a connection may lie idle: nothing asked, and nothing held open.
const IDLE: Duration = Duration::from_secs(30);

/// What `limits` in `node.json` says; every part has a sane default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections of all peers together.
    pub connections: usize,
    /// Connections of one peer. The newest stay.
    pub connections_per_peer: usize,
    /// Requests of one peer in a second, on average over some seconds.
    pub requests_per_second: u32,
    /// Entries of one peer's logs that are taken in on one day (UTC+3). Channels of the class `measurement` do not count.
    pub entries_per_day: u64,
    /// Bytes of its records, checkpoints and disclosures.
    pub bytes_per_day: u64,
    /// Bytes of its files, as they come over the wire.
    pub file_bytes_per_day: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 256,
            connections_per_peer: 4,
            requests_per_second: 1000,
            entries_per_day: 2_000_000,
            bytes_per_day: 2 << 30,
            file_bytes_per_day: 16 << 30,
        }
    }
}

impl Limits {
    /// Whether nothing was said otherwise.
    #[must_use]
    pub fn are_usual(&self) -> bool {
        *self == Limits::default()
    }
}

/// So many a second, and as many as fall into `burst` at once: each taker is told how long it has to wait for its turn.
#[derive(Debug)]
pub struct Bucket {
    interval: Duration,
    burst: Duration,
    next: Mutex<Instant>,
}

impl Bucket {
    /// A bucket that is full.
    #[must_use]
    pub fn new(per_second: u32, burst: Duration) -> Bucket {
        Bucket { interval: Duration::from_secs(1) / per_second.max(1), burst, next: Mutex::new(Instant::now()) }
    }

    /// Takes a turn, unless it is further away than `most`.
    fn turn(&self, most: Duration) -> Option<Duration> {
        let now = Instant::now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let after = (*next).max(now) + self.interval;
        let wait = after.duration_since(now).saturating_sub(self.burst);
        if wait > most {
            return None;
        }
        *next = after;
        Some(wait)
    }

    /// Whether nobody has taken a turn for so long that it matters no more.
    fn is_full(&self) -> bool {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) <= Instant::now()
    }

    /// Waits for a turn. Says no when it is too far away.
    pub async fn wait(&self) -> bool {
        let Some(wait) = self.turn(QUEUE) else { return false };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        true
    }
}

/// Whether another line may be written about what callers did. Whoever provokes lines without end must not fill the disk
/// with them.
pub(super) fn speaks() -> bool {
    static LINES: LazyLock<Bucket> = LazyLock::new(|| Bucket::new(2, Duration::from_secs(60)));
    metrics::counter!("tansiq_peer_refusals_total").increment(1);
    LINES.turn(Duration::ZERO).is_some()
}

/// Everybody who calls this node.
#[derive(Debug, Clone)]
pub struct Callers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: Limits,
    shaking: Mutex<BTreeMap<IpAddr, Porch>>,
    guests: Mutex<BTreeMap<Pin, Arc<Guest>>>,
    lines: Mutex<BTreeMap<Pin, VecDeque<Arc<Notify>>>>,
}

/// Where callers from one address shake hands.
#[derive(Debug)]
struct Porch {
    count: usize,
    rate: Bucket,
}

/// A place in which somebody unknown may shake hands.
#[derive(Debug)]
pub struct Seat(Arc<Inner>, IpAddr);

impl Drop for Seat {
    fn drop(&mut self) {
        let mut shaking = self.0.shaking.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(porch) = shaking.get_mut(&self.1) {
            porch.count -= 1;
        }
    }
}

impl Callers {
    /// Nobody yet.
    #[must_use]
    pub fn new(limits: &Limits) -> Callers {
        let limits = limits.clone();
        Callers(Arc::new(Inner { limits, shaking: Mutex::default(), guests: Mutex::default(), lines: Mutex::default() }))
    }

    /// A place for a handshake, if there is one for this address.
    #[must_use]
    pub fn seat(&self, address: IpAddr) -> Option<Seat> {
        let mut shaking = self.0.shaking.lock().unwrap_or_else(PoisonError::into_inner);
        if shaking.len() > ADDRESSES {
            shaking.retain(|_, porch| porch.count > 0 || !porch.rate.is_full());
        }
        if shaking.values().map(|porch| porch.count).sum::<usize>() >= HANDSHAKES {
            return None;
        }
        let rate = || Bucket::new(HANDSHAKES_PER_SECOND, Duration::from_secs(5));
        let porch = shaking.entry(address).or_insert_with(|| Porch { count: 0, rate: rate() });
        if porch.count >= HANDSHAKES_PER_ADDRESS || porch.rate.turn(Duration::ZERO).is_none() {
            return None;
        }
        porch.count += 1;
        Some(Seat(self.0.clone(), address))
    }

    /// A line to the peer with this key. Where it has too many, its oldest ends: after a break the old one may not have ended
    /// yet, and the new one is the one that is used.
    #[must_use]
    pub fn line(&self, pin: &Pin) -> Option<Line> {
        let mut lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = lines.values().map(VecDeque::len).sum();
        let own = lines.entry(pin.clone()).or_default();
        if own.len() >= self.0.limits.connections_per_peer.max(1) {
            if let Some(oldest) = own.pop_front() {
                oldest.notify_one();
            }
        } else if all >= self.0.limits.connections {
            return None;
        }
        let ended = Arc::new(Notify::new());
        own.push_back(ended.clone());
        drop(lines);
        let mut guests = self.0.guests.lock().unwrap_or_else(PoisonError::into_inner);
        let guest = guests.entry(pin.clone()).or_insert_with(|| Arc::new(Guest::new(&self.0.limits))).clone();
        Some(Line { callers: self.0.clone(), pin: pin.clone(), ended, guest, used: Arc::default() })
    }
}

/// A peer, whatever number of connections it has.
#[derive(Debug)]
pub struct Guest {
    rate: Bucket,
    running: Arc<Semaphore>,
    downloads: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
    watches: Arc<Semaphore>,
    files: Arc<Semaphore>,
}

impl Guest {
    fn new(limits: &Limits) -> Guest {
        let room = |count| Arc::new(Semaphore::new(count));
        Guest {
            rate: Bucket::new(limits.requests_per_second, Duration::from_secs(1)),
            running: room(RUNNING),
            downloads: room(DOWNLOADS),
            uploads: room(UPLOADS),
            watches: room(WATCHES),
            files: room(FILES),
        }
    }

    /// Leave to send it a stream.
    ///
    /// # Errors
    /// [`Protocol::Enough`] when as many as may go at once take longer than a request waits.
    pub async fn download(&self) -> Result<OwnedSemaphorePermit, Protocol> {
        turn(&self.downloads, "as many streams go out to this peer as may at once").await
    }

    /// Leave to take a stream from it.
    ///
    /// # Errors
    /// As [`Guest::download`].
    pub async fn upload(&self) -> Result<OwnedSemaphorePermit, Protocol> {
        turn(&self.uploads, "as many streams come in from this peer as may at once").await
    }

    /// Leave to send it a file. Records do not wait for files.
    ///
    /// # Errors
    /// As [`Guest::download`].
    pub async fn file(&self) -> Result<OwnedSemaphorePermit, Protocol> {
        turn(&self.files, "as many files go out to this peer as may at once").await
    }

    /// Leave to hold a watch open for it.
    ///
    /// # Errors
    /// As [`Guest::download`].
    pub async fn watch(&self) -> Result<OwnedSemaphorePermit, Protocol> {
        turn(&self.watches, "this peer holds as many watches open as it may").await
    }
}

/// The peer that sent a request; where requests do not come over lines that are counted, one without a history.
pub(super) struct Caller(pub(super) Arc<Guest>);

impl<S: Sync> axum::extract::FromRequestParts<S> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &S) -> Result<Caller, Self::Rejection> {
        let guest = parts.extensions.get::<Arc<Guest>>().cloned();
        Ok(Caller(guest.unwrap_or_else(|| Arc::new(Guest::new(&Limits::default())))))
    }
}

async fn turn(room: &Arc<Semaphore>, why: &'static str) -> Result<OwnedSemaphorePermit, Protocol> {
    let waited = tokio::time::timeout(QUEUE, room.clone().acquire_owned()).await;
    waited.ok().and_then(Result::ok).ok_or(Protocol::Enough { why, seconds: 1 })
}

/// One connection of a peer.
#[derive(Debug, Clone)]
pub struct Line {
    callers: Arc<Inner>,
    pin: Pin,
    ended: Arc<Notify>,
    /// The peer.
    pub guest: Arc<Guest>,
    used: Arc<Used>,
}

/// How much of a connection is in use, and since when nothing is.
#[derive(Debug)]
struct Used {
    requests: AtomicUsize,
    last: Mutex<Instant>,
}

impl Default for Used {
    fn default() -> Used {
        Used { requests: AtomicUsize::new(0), last: Mutex::new(Instant::now()) }
    }
}

struct InUse(Arc<Used>);

impl Drop for InUse {
    fn drop(&mut self) {
        *self.0.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.0.requests.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Line {
    /// Resolves when a newer connection of the same peer takes the place of this one.
    pub async fn replaced(&self) {
        self.ended.notified().await;
    }

    /// Resolves when nothing has been asked for a while, and nothing is held open.
    pub async fn idle(&self) {
        loop {
            tokio::time::sleep(IDLE / 4).await;
            let last = *self.used.last.lock().unwrap_or_else(PoisonError::into_inner);
            if self.used.requests.load(Ordering::SeqCst) == 0 && last.elapsed() > IDLE {
                return;
            }
        }
    }

    /// The connection has ended.
    pub fn end(self) {
        let mut lines = self.callers.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = lines.get_mut(&self.pin) {
            own.retain(|line| !Arc::ptr_eq(line, &self.ended));
            if own.is_empty() {
                lines.remove(&self.pin);
            }
        }
    }
}

/// Lets a request through when it is its peer's turn.
pub(super) async fn admit(State(line): State<Line>, request: Request, next: Next) -> Response {
    line.used.requests.fetch_add(1, Ordering::SeqCst);
    let in_use = InUse(line.used.clone());
    if !line.guest.rate.wait().await {
        return enough("too many requests", 1);
    }
    let running = line.guest.running.clone();
    let Ok(Ok(permit)) = tokio::time::timeout(QUEUE, running.acquire()).await else {
        return enough("too many requests at once", 1);
    };
    let response = next.run(request).await;
    drop(permit);
    // Until its last byte has been taken, or the stream is reset.
    response.map(|body| held(body, in_use))
}

/// The answer to a peer that asks for more than its share.
pub(super) fn enough(why: &str, seconds: u64) -> Response {
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())], why.to_owned()).into_response()
}

/// A body, and what is to be let go of with it.
struct Held<G> {
    body: Body,
    _with: G,
}

/// A body with which something is let go of.
pub(super) fn held<G: Send + Unpin + 'static>(body: Body, with: G) -> Body {
    Body::new(Held { body, _with: with })
}

impl<G: Unpin> hyper::body::Body for Held<G> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: StdPin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        StdPin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// How long the next bytes of a body may be in coming.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a body may be in coming besides what its bytes account for.
const GRACE: Duration = Duration::from_secs(60);
/// The slowest line on which a body is waited for, in bytes a second.
const SLOWEST: u64 = 1024;

/// Reads a body for no longer and no more than is fair. The time in which nobody asks for more does not count.
#[derive(Debug)]
pub struct Pace {
    left: u64,
    taken: u64,
    waited: Duration,
    grace: Duration,
}

impl Pace {
    /// For a body of at most so many bytes.
    #[must_use]
    pub fn new(most: u64) -> Pace {
        Pace { left: most, taken: 0, waited: Duration::ZERO, grace: GRACE }
    }

    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// [`Protocol::Answer`] when the body breaks off, stops coming, or is longer than it may be.
    pub async fn next<B>(&mut self, body: &mut B) -> Result<Option<Bytes>, Protocol>
    where
        B: hyper::body::Body<Data = Bytes> + Unpin,
        B::Error: std::fmt::Display,
    {
        let allowed = self.grace + Duration::from_secs(self.taken / SLOWEST);
        let patience = PATIENCE.min(allowed.saturating_sub(self.waited));
        let begun = Instant::now();
        let frame = tokio::time::timeout(patience, http_body_util::BodyExt::frame(body)).await;
        self.waited += begun.elapsed();
        let frame = match frame {
            Err(_) => return Err(Protocol::Answer("the bytes stopped coming".to_owned())),
            Ok(None) => return Ok(None),
            Ok(Some(Err(error))) => return Err(Protocol::Answer(error.to_string())),
            Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
        };
        self.taken += frame.len() as u64;
        self.left =
            self.left.checked_sub(frame.len() as u64).ok_or_else(|| Protocol::Answer("more bytes than may come".to_owned()))?;
        Ok(Some(frame))
    }

    /// The whole of a small body.
    ///
    /// # Errors
    /// As [`Pace::next`].
    pub async fn whole<B>(mut self, mut body: B) -> Result<Vec<u8>, Trouble>
    where
        B: hyper::body::Body<Data = Bytes> + Unpin,
        B::Error: std::fmt::Display,
    {
        let mut bytes = Vec::new();
        while let Some(part) = self.next(&mut body).await? {
            bytes.extend_from_slice(&part);
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_more_than_its_share_waits_and_is_then_refused() {
        let bucket = Bucket::new(10, Duration::from_secs(1));
        let turns: Vec<Duration> = (0..30).map(|_| bucket.turn(QUEUE).unwrap()).collect();
        assert!(turns[..10].iter().all(Duration::is_zero), "a burst goes through: {turns:?}");
        assert!(turns[29] > Duration::from_millis(1900) && turns[29] <= Duration::from_secs(2), "and then ten go in a second");
        let more = (0..200).filter(|_| bucket.turn(QUEUE).is_some()).count();
        assert!((30..=31).contains(&more), "who would wait for longer than {QUEUE:?} is told so: {more}");
    }

    #[tokio::test]
    async fn a_body_that_trickles_is_not_waited_for() {
        let (send, receive) = tokio::sync::mpsc::channel::<Bytes>(1);
        tokio::spawn(async move {
            while send.send(Bytes::from_static(b"x")).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let begun = Instant::now();
        let pace = Pace { grace: Duration::from_millis(200), ..Pace::new(1 << 20) };
        assert!(pace.whole(Trickle(receive)).await.is_err());
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn a_body_that_is_longer_than_it_may_be_is_not_held() {
        assert!(Pace::new(3).whole(Body::from("four")).await.is_err());
        assert_eq!(Pace::new(4).whole(Body::from("four")).await.unwrap(), b"four");
    }

    #[test]
    fn the_newest_lines_of_a_peer_stay_and_one_address_does_not_take_all_seats() {
        let callers = Callers::new(&Limits { connections: 4, connections_per_peer: 3, ..Limits::default() });
        let pin = "a".to_owned();
        let lines: Vec<Line> = (0..5).map(|_| callers.line(&pin).unwrap()).collect();
        assert_eq!(callers.0.lines.lock().unwrap()[&pin].len(), 3);
        let other = callers.line(&"b".to_owned()).unwrap();
        assert!(callers.line(&"c".to_owned()).is_none(), "four are all that there are");
        lines.into_iter().for_each(Line::end);
        other.end();
        assert!(callers.0.lines.lock().unwrap().values().all(VecDeque::is_empty));

        let (one, another): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let seats: Vec<Seat> = (0..100).filter_map(|_| callers.seat(one)).collect();
        assert_eq!(seats.len(), HANDSHAKES_PER_ADDRESS);
        assert!(callers.seat(another).is_some());
        drop(seats);
        assert!(callers.seat(one).is_some());
    }

    struct Trickle(tokio::sync::mpsc::Receiver<Bytes>);

    impl hyper::body::Body for Trickle {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            mut self: StdPin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
            self.0.poll_recv(context).map(|next| next.map(|bytes| Ok(Frame::data(bytes))))
        }
    }
}
