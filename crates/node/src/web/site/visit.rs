//! Who visits: the officer of the session, the language, and what the frame of every page shows.
use crate::access::{Action, Environment, Subject, decide};
use crate::api::{App, operation, status_of};
use crate::auth;
use crate::fault::{Fault, Trouble};
use crate::language::{Lang, number, word};
use crate::store::channels;
use crate::store::db::Connection;
use crate::store::dossiers::Filter;
use crate::views::Looking;
use crate::web::frame::{Frame, LabelBanner, OfficerBadge, encode, navigation};
use crate::web::pages::{Problem, ProblemKind};
use crate::web::parts::RefusalView;
use askama::Template;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tansiq_dossier::channel::{ChannelClass, ChannelId, Charter};
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::label::Label;
use tansiq_dossier::refusal::{Common, Refusal};

use super::names::Names;

/// The cookie that holds the session's token. Its prefix binds it to this host and to secure transport.
pub(super) const SESSION: &str = "__Host-tansiq";
/// The cookie that holds the language.
pub(super) const LANGUAGE: &str = "__Host-tansiq-lang";

/// Pairs of a form or a query, in the order in which they were sent.
pub(super) type Pairs = Vec<(String, String)>;

/// The first value of this name, if it is not blank.
pub(super) fn value<'p>(pairs: &'p Pairs, name: &str) -> Option<&'p str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
}

/// A visit of an officer who is signed in.
pub(super) struct Visit {
    pub(super) app: App,
    pub(super) lang: Lang,
    pub(super) looking: Looking,
    pub(super) csrf: String,
    /// Path and query of the page.
    pub(super) address: String,
    pub(super) charters: BTreeMap<ChannelId, Arc<Charter>>,
    /// How many dossiers of each kind wait for this party.
    waiting: BTreeMap<Kind, u64>,
    late: u64,
    /// How many statements wait.
    statements: u64,
}

/// A form that an officer sent from a page of this session.
pub(super) struct Posted {
    pub(super) visit: Visit,
    pub(super) pairs: Pairs,
}

pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// The language chosen before, or the one that the browser asks for.
pub(super) fn language(headers: &HeaderMap) -> Lang {
    let chosen = cookie(headers, LANGUAGE).and_then(Lang::parse);
    let asked =
        || headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).and_then(Lang::from_accept_language);
    chosen.or_else(asked).unwrap_or(Lang::Ar)
}

/// Whether a request that changes something comes from a page of this node: what the browser itself says about that.
pub(super) fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
        return false;
    }
    match (text("origin"), text("host")) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        (Some(_), None) => false,
    }
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
pub(super) fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |differ, (x, y)| differ | (x ^ y)) == 0
}

impl FromRequestParts<App> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let lang = language(&parts.headers);
        let address = parts.uri.path_and_query().map_or("/", |address| address.as_str()).to_owned();
        let token = cookie(&parts.headers, SESSION);
        let found = match token {
            Some(token) => auth::session(&app.node, token).await.map_err(|trouble| failed(lang, app, &trouble))?,
            None => None,
        };
        let Some((officer, session)) = found else {
            let back = if parts.method == Method::GET { encode(&address) } else { encode(parts.uri.path()) };
            let ended = if token.is_some() { "&ended=yes" } else { "" };
            return Err(Redirect::to(&format!("/sign-in?back={back}{ended}")).into_response());
        };
        let looking = Looking { officer, own: app.node.identity.party.clone(), today: app.node.identity.world.today() };
        let asking = looking.clone();
        let around = app.node.store.read(move |connection| around(connection, &asking)).await;
        let (charters, waiting, [late, statements]) = around.map_err(|fault: Fault| failed(lang, app, &fault.into()))?;
        Ok(Visit { app: app.clone(), lang, looking, csrf: session.csrf, address, charters, waiting, late, statements })
    }
}

type Around = (BTreeMap<ChannelId, Arc<Charter>>, BTreeMap<Kind, u64>, [u64; 2]);

/// What the frame of every page shows: the channels, and how much waits and is late.
fn around(connection: &Connection, looking: &Looking) -> Result<Around, Fault> {
    let charters = channels::all(connection)?;
    let awaits = Filter { awaits: Some(looking.own.clone()), ..Filter::default() };
    let waiting = crate::views::count_by_kind(connection, looking, awaits)?;
    let late = crate::views::count(connection, looking, Filter { due_before: Some(looking.today), ..Filter::default() })?;
    Ok((charters, waiting, [late, crate::store::statements::count_waiting(connection)?]))
}

impl FromRequest<App> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let own = is_own(&parts.headers);
        let mut visit = Visit::from_request_parts(&mut parts, app).await?;
        // The page that comes back is one of an address that can be opened again.
        visit.address = parts.uri.path().to_owned();
        if !own {
            return Err(visit.problem(ProblemKind::StaleForm));
        }
        let pairs = match axum::extract::Form::<Pairs>::from_request(Request::from_parts(parts, body), app).await {
            Ok(axum::extract::Form(pairs)) => pairs,
            Err(rejection) => {
                let too_large = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
                let denial = if too_large { crate::access::Denial::TooLarge } else { crate::access::Denial::Malformed };
                return Err(visit.say(Refusal::from(denial).into()));
            }
        };
        if !same(value(&pairs, "csrf").unwrap_or_default(), &visit.csrf) {
            return Err(visit.problem(ProblemKind::StaleForm));
        }
        Ok(Posted { visit, pairs })
    }
}

/// A page, rendered.
pub(super) fn rendered(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The page for a failure of the machine. It is logged once, here.
pub(super) fn failed(lang: Lang, app: &App, trouble: &Trouble) -> Response {
    let operation = operation();
    tracing::error!(%trouble, operation, "a page failed");
    let kind = if matches!(trouble, Trouble::Fault(Fault::ReadOnly)) { ProblemKind::ReadOnly } else { ProblemKind::Fault };
    let frame = Frame::alone(lang, word(lang, kind.word_id(), &[]), "/", &app.node.config.node);
    let page = Problem { frame, kind, refusals: Vec::new(), operation, back: String::new() };
    rendered(StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), &page)
}

impl Visit {
    /// A word of the reader's language.
    pub(super) fn w(&self, id: &str) -> String {
        word(self.lang, id, &[])
    }

    /// A word with one argument.
    pub(super) fn w_with(&self, id: &str, name: &'static str, value: &str) -> String {
        word(self.lang, id, &[(name, value.to_owned().into())])
    }

    /// A word with several arguments.
    pub(super) fn w_with_all(&self, id: &str, arguments: &[(&'static str, &str)]) -> String {
        let arguments: Vec<_> = arguments.iter().map(|(name, value)| (*name, (*value).to_owned().into())).collect();
        word(self.lang, id, &arguments)
    }

    /// The frame of a page.
    pub(super) fn frame(&self, title: String, label: Option<LabelBanner>) -> Frame {
        let mut frame = Frame::alone(self.lang, title, &self.address, &self.app.node.config.node);
        frame.demo = self.charters.values().any(|charter| charter.demo);
        frame.label = label;
        let officer = &self.looking.officer;
        let names = Names::of(self.lang, None, &self.charters);
        frame.officer = Some(OfficerBadge {
            office: names.words(&officer.name).map_or_else(|| officer.id.to_string(), |text| text.text),
            institution: names.institution(&officer.institution).text,
            csrf: self.csrf.clone(),
        });
        let shown = |n: u64| if n == 0 { String::new() } else { number(self.lang, i64::try_from(n).unwrap_or(i64::MAX)) };
        let kinds: BTreeSet<Kind> = super::list::kinds(self).collect();
        let mut counts = vec![("today", shown(self.waiting.values().sum()), false), ("all-dossiers", shown(self.late), true)];
        let of_kinds = self.waiting.iter().filter(|(kind, _)| kinds.contains(kind));
        counts.push(("queue", shown(self.statements), false));
        counts.extend(of_kinds.filter_map(|(kind, n)| Some((crate::web::frame::entry(*kind)?, shown(*n), false))));
        frame.navigation = navigation(self.lang, &self.address, &kinds, &counts);
        frame
    }

    /// The names of parties and institutions, as the charter of this channel gives them.
    pub(super) fn names(&self, channel: Option<&ChannelId>) -> Names<'_> {
        Names::of(self.lang, channel.and_then(|channel| self.charters.get(channel)).map(AsRef::as_ref), &self.charters)
    }

    /// Reads from the store.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection, &Looking) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Trouble> {
        let looking = self.looking.clone();
        Ok(self.app.node.store.read(move |connection| query(connection, &looking)).await?)
    }

    /// Whether this officer may read anything at all.
    pub(super) fn require_reading(&self) -> Result<(), Trouble> {
        let audience = BTreeSet::from([self.looking.own.clone()]);
        let environment = Environment { audience: &audience, own: &self.looking.own, class: ChannelClass::Domestic };
        let label = Label::of(tansiq_dossier::label::Classification::Open);
        Ok(decide(Subject::Officer(&self.looking.officer), Action::Read, &label, environment).require()?)
    }

    /// The answer, or the page that says why there is none.
    pub(super) fn answer(&self, result: Result<Response, Trouble>) -> Response {
        result.unwrap_or_else(|trouble| self.say(trouble))
    }

    /// The page for what went wrong.
    pub(super) fn say(&self, trouble: Trouble) -> Response {
        let refusal = match trouble {
            Trouble::Refused(refusal) => refusal,
            other => return failed(self.lang, &self.app, &other),
        };
        let code = refusal.code.as_ref();
        if status_of(&refusal) == StatusCode::NOT_FOUND {
            return self.problem(ProblemKind::NotFound);
        }
        let kind = if code == Common::WrongRole.code() || code.starts_with("PRM") {
            ProblemKind::Forbidden
        } else {
            ProblemKind::Refused
        };
        let page = Problem {
            frame: self.frame(self.w(kind.word_id()), None),
            kind,
            refusals: vec![RefusalView::of(self.lang, code)],
            operation: String::new(),
            back: String::new(),
        };
        rendered(status_of(&refusal), &page)
    }

    /// A page that says no. Nothing there and nothing there for this reader make the same page, byte for byte.
    pub(super) fn problem(&self, kind: ProblemKind) -> Response {
        let mut frame = self.frame(self.w(kind.word_id()), None);
        frame.address = "/".to_owned();
        let page = Problem { frame, kind, refusals: Vec::new(), operation: String::new(), back: String::new() };
        rendered(StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), &page)
    }
}
