//! The network of the simulation: it carries each request to the other node's own router, and the answer back, or does not.

use super::stage::{Flag, Reach, Stage};
use crate::exchange::client::{Coming, Line, Network, Peer};
use crate::exchange::server::Channelled;
use crate::exchange::tls::Pin;
use crate::fault::Protocol;
use axum::Router;
use axum::body::Body;
use axum::extract::Extension;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Body as _;
use hyper::service::Service;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::service::TowerToHyperService;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::mpsc;

/// The longest that anything is on its way, when the network is slow and when it is not.
const SLOW: Duration = Duration::from_secs(8);
const QUICK: Duration = Duration::from_millis(40);
/// The longest after which a request may come a second time.
const ECHO: Duration = Duration::from_secs(20);
/// How often it is tried whether a way that was parted is open again.
const AGAIN: Duration = Duration::from_millis(400);

/// How one life of one node reaches others.
pub(super) struct Door {
    stage: Arc<Stage>,
    seat: usize,
    /// The key by which it is known.
    pin: OnceLock<Pin>,
    /// Raised when this life is over: nothing goes out of it any more, though parts of it may still run.
    over: OnceLock<Arc<Flag>>,
}

impl Door {
    pub(super) fn new(stage: &Arc<Stage>, seat: usize) -> Door {
        Door { stage: stage.clone(), seat, pin: OnceLock::new(), over: OnceLock::new() }
    }

    /// Says by which key the node is known, once it has one.
    pub(super) fn set_pin(&self, pin: Pin) {
        let _known = self.pin.set(pin);
    }

    /// Says what is raised when this life is over.
    pub(super) fn set_over(&self, over: &Arc<Flag>) {
        let _known = self.over.set(over.clone());
    }
}

impl Network for Door {
    fn connect(&self, peer: &Peer) -> Coming<Arc<dyn Line>> {
        let (stage, from, pin) = (self.stage.clone(), self.seat, self.pin.get().cloned().unwrap_or_default());
        let caller = self.over.get().cloned().unwrap_or_default();
        let named: Option<usize> = peer.address.strip_prefix("seat-").and_then(|seat| seat.parse().ok());
        Box::pin(async move {
            let (to, pause) = {
                let mut roads = stage.roads();
                let to = named.map(|named| roads.face(from, named)).ok_or(Protocol::Stranger)?;
                (to, roads.dice.pause(QUICK))
            };
            tokio::time::sleep(pause).await;
            if caller.is_raised() {
                return std::future::pending().await;
            }
            let (reach, hangs) = {
                let mut roads = stage.roads();
                let hangs = roads.dice.once_in(10);
                (roads.reach.get(to).cloned().flatten().filter(|_| roads.passes(from, to)), hangs)
            };
            stage.event(format_args!("{from}>{to} connect {}", reach.is_some()));
            match reach {
                Some(reach) => {
                    let router = reach.router.clone().layer(Extension(pin));
                    let broken = Flag::default();
                    let line: Arc<dyn Line> = Arc::new(Wire(Arc::new(Laid { stage, from, to, router, reach, caller, broken })));
                    Ok(line)
                }
                // A call that nobody answers is given up by the caller; one to a machine without the program is refused at once.
                None if hangs => std::future::pending().await,
                None => Err(Protocol::Answer("nobody answers".to_owned())),
            }
        })
    }
}

/// A connection.
struct Wire(Arc<Laid>);

struct Laid {
    stage: Arc<Stage>,
    from: usize,
    to: usize,
    router: Router,
    reach: Reach,
    /// Raised when the life of the node that called is over.
    caller: Arc<Flag>,
    broken: Flag,
}

/// What becomes of one request.
struct Fate {
    pauses: [Duration; 2],
    lost: [bool; 2],
    cut: [Option<usize>; 2],
    echo: Option<Duration>,
}

impl Line for Wire {
    fn send(&self, request: Request<Full<Bytes>>) -> Coming<Response<Body>> {
        let laid = self.0.clone();
        Box::pin(async move { laid.carry(request).await })
    }
}

impl Laid {
    async fn carry(self: Arc<Self>, request: Request<Full<Bytes>>) -> Result<Response<Body>, Protocol> {
        if self.caller.is_raised() {
            return std::future::pending().await;
        }
        let (head, body) = request.into_parts();
        let Ok(body) = body.collect().await;
        let body = body.to_bytes();
        let asked = self.stage.now();
        let fate = self.fate(head.method == Method::POST, body.len());
        let stage = &self.stage;
        {
            let (from, to) = (&stage.parties[self.from], &stage.parties[self.to]);
            let mut ledger = stage.ledger();
            ledger.requests += 1;
            ledger.event(asked, format_args!("{}>{} {} {} {}", self.from, self.to, head.method, head.uri.path(), body.len()));
            ledger.leaves(from, to, &body, asked);
        }
        tokio::time::sleep(fate.pauses[0]).await;
        if fate.lost[0] || !self.is_whole() {
            return self.lose(fate.lost[0]).await;
        }
        if let Some(echo) = fate.echo {
            tokio::spawn(self.clone().again(echo, head.clone(), body.clone()));
        }
        let sent = fate.cut[0].map_or(Body::from(body.clone()), |at| broken_off(body.slice(..at)));
        // The other side works on when the caller goes away.
        let answering = tokio::spawn(answer(self.router.clone(), Request::from_parts(head, sent)));
        let response = answering.await.unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR));
        if self.reach.over.is_raised() {
            return self.lose(false).await;
        }
        let (head, body) = response.into_parts();
        if body.size_hint().exact().is_none() && head.headers.is_empty() {
            // A watch, which stays open.
            let (send, receive) = mpsc::channel(2);
            tokio::spawn(self.clone().pump(body, send));
            return Ok(Response::from_parts(head, Body::new(Channelled(receive))));
        }
        let Ok(body) = body.collect().await else { return self.lose(false).await };
        let body = body.to_bytes();
        self.answered(&body, asked, head.status);
        tokio::time::sleep(fate.pauses[1]).await;
        if fate.lost[1] || !self.is_whole() {
            return self.lose(fate.lost[1]).await;
        }
        let body = match fate.cut[1] {
            Some(at) if !body.is_empty() => broken_off(body.slice(..at % body.len())),
            _ => Body::from(body),
        };
        Ok(Response::from_parts(head, body))
    }

    fn fate(&self, brings: bool, length: usize) -> Fate {
        let mut roads = self.stage.roads();
        let weather = roads.weather;
        let dice = &mut roads.dice;
        let mut kinds = Vec::new();
        let pause = |dice: &mut super::dice::Dice, kinds: &mut Vec<&'static str>| {
            if dice.once_in(weather.slow) {
                kinds.push("delay");
                dice.pause(SLOW)
            } else {
                dice.pause(QUICK)
            }
        };
        let pauses = [pause(dice, &mut kinds), pause(dice, &mut kinds)];
        let lost = [dice.once_in(weather.loss), dice.once_in(weather.loss)];
        kinds.extend(lost[0].then_some("request lost"));
        kinds.extend((lost[1] && !lost[0]).then_some("answer lost"));
        let request = (brings && dice.once_in(weather.cut)).then(|| dice.below(length));
        let reply = dice.once_in(weather.cut).then(|| dice.below(1 << 20));
        kinds.extend(request.or(reply).map(|_| "broken off"));
        let echo = dice.once_in(weather.twice).then(|| dice.pause(ECHO));
        kinds.extend(echo.map(|_| "duplicate"));
        drop(roads);
        let mut ledger = self.stage.ledger();
        kinds.into_iter().for_each(|kind| ledger.fault(kind));
        Fate { pauses, lost, cut: [request, reply], echo }
    }

    /// Whether something passes on this connection now.
    fn is_whole(&self) -> bool {
        !self.broken.is_raised() && !self.reach.over.is_raised() && self.stage.roads().passes(self.from, self.to)
    }

    /// Nothing comes back; sometimes the connection goes with it.
    async fn lose<T>(&self, breaks: bool) -> Result<T, Protocol> {
        let hangs = {
            let mut roads = self.stage.roads();
            let hangs = roads.dice.once_in(10);
            if breaks || self.reach.over.is_raised() || roads.dice.once_in(2) {
                self.broken.raise();
            }
            hangs
        };
        if hangs {
            return std::future::pending().await;
        }
        Err(Protocol::Answer("the connection was reset".to_owned()))
    }

    fn answered(&self, body: &[u8], asked: u64, status: StatusCode) {
        let (from, to) = (&self.stage.parties[self.to], &self.stage.parties[self.from]);
        let now = self.stage.now();
        let mut ledger = self.stage.ledger();
        ledger.event(now, format_args!("{}<{} {} {}", self.from, self.to, status.as_u16(), body.len()));
        ledger.leaves(from, to, body, asked);
    }

    /// The same request once more, to whoever is there then.
    async fn again(self: Arc<Self>, after: Duration, head: hyper::http::request::Parts, body: Bytes) {
        tokio::time::sleep(after).await;
        if !self.is_whole() || head.uri.path().ends_with("/watch") {
            return;
        }
        let asked = self.stage.now();
        let response = answer(self.router.clone(), Request::from_parts(head, Body::from(body))).await;
        let status = response.status();
        if let (Ok(body), false) = (response.into_body().collect().await, self.reach.over.is_raised()) {
            self.answered(&body.to_bytes(), asked, status);
        }
    }

    /// Passes on what a watch tells, for as long as both sides are there.
    async fn pump(self: Arc<Self>, mut body: Body, send: mpsc::Sender<Result<Bytes, std::io::Error>>) {
        let over = self.reach.over.clone();
        loop {
            let frame = tokio::select! {
                biased;
                () = send.closed() => return,
                () = self.broken.raised() => None,
                () = over.raised() => None,
                frame = body.frame() => frame,
            };
            let Some(data) = frame.and_then(|frame| frame.ok()?.into_data().ok()) else {
                let _gone = send.send(Err(std::io::Error::other("the connection was reset"))).await;
                return;
            };
            if data.len() > 1 {
                self.answered(&data, self.stage.now(), StatusCode::OK);
            }
            let pause = self.stage.roads().dice.pause(QUICK);
            tokio::time::sleep(pause).await;
            while !self.stage.roads().passes(self.from, self.to) {
                if send.is_closed() || over.is_raised() {
                    return;
                }
                tokio::time::sleep(AGAIN).await;
            }
            if send.send(Ok(data)).await.is_err() {
                return;
            }
        }
    }
}

async fn answer(router: Router, request: Request<Body>) -> Response<Body> {
    match TowerToHyperService::new(router).call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// A body of which only the beginning comes.
fn broken_off(beginning: Bytes) -> Body {
    let (send, receive) = mpsc::channel(2);
    let _room = send.try_send(Ok(beginning));
    let _room = send.try_send(Err(std::io::Error::other("the connection was reset")));
    Body::new(Channelled(receive))
}
