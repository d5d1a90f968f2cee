//! The pages, asked as a browser asks: signing in, forms, refusals, and what no page may show.

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use tansiq_dossier::channel::{ChannelClass, ChannelId, Charter};
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::kinds::Kind;
use tansiq_dossier::label::{Classification, Label};
use tansiq_dossier::party::Role;
use tansiq_dossier::record::Draft;
use tansiq_dossier::words::{Tongue, Words};
use tansiq_node::access::Officer;
use tansiq_node::api::{App, router};
use tansiq_node::auth;
use tansiq_node::clock::{SetClock, World};
use tansiq_node::node::{Config, Node};
use tansiq_node::serve::Links;
use tansiq_node::store::{channels, dossiers, people, records};
use tansiq_node::submit::{self, Submitted};
use tansiq_node::web::{CONTENT_SECURITY_POLICY, forms};

const PASSWORD: &str = "correct horse battery";
const NOW: i64 = 1_795_330_800;

pub(crate) struct Site {
    pub(crate) node: Node,
    router: axum::Router,
    clock: Arc<SetClock>,
    pub(crate) channel: ChannelId,
    _folder: tempfile::TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn to(&self) -> String {
        self.headers.get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default()
    }
}

/// An officer's browser: its session and its language.
#[derive(Clone)]
pub(crate) struct Browser<'s> {
    site: &'s Site,
    cookies: String,
    lang: &'static str,
}

fn officer(name: &str, roles: &[Role], clearance: Classification) -> Officer {
    let id = format!("irq.mofa.{name}").parse().unwrap();
    let name = Words::one(Tongue::En, name);
    let roles = roles.iter().copied().collect();
    Officer { id, name, institution: "irq.mofa".parse().unwrap(), roles, clearance, caveats: BTreeSet::new(), revoked: false }
}

impl Site {
    /// A node of one party with a domestic channel, and officers who can sign in.
    pub(crate) async fn new() -> Site {
        let folder = tempfile::tempdir().unwrap();
        let clock = SetClock::at(NOW);
        let world = World { clock: clock.clone(), ..World::real() };
        let config = Config {
            party: "IRQ".parse().unwrap(),
            name: Words::one(Tongue::En, "Iraq"),
            node: "baghdad.example".into(),
            institutions: [("irq.mofa".parse().unwrap(), Words::one(Tongue::Ar, "وزارة الخارجية"))].into(),
            web: "127.0.0.1:0".into(),
            exchange: None,
            database: None,
            guard: None,
            tiles: None,
            limits: tansiq_node::exchange::limits::Limits::default(),
            feeds: Vec::new(),
        };
        let node = Node::create(&folder.path().join("node"), &config, world.clone()).unwrap();
        let hash = auth::hash(PASSWORD, &world).unwrap();
        let officers = [
            officer("secretary", &[Role::Secretary, Role::FocalPoint], Classification::Restricted),
            officer("chair", &[Role::Secretary, Role::CoChair], Classification::Secret),
            officer("administrator", &[Role::Administrator], Classification::Open),
            officer("auditor", &[Role::Auditor], Classification::Restricted),
            officer("everything", &Role::ALL[..8], Classification::Secret),
        ];
        node.store
            .write(move |work| {
                officers.iter().try_for_each(|officer| people::set_officer(work.connection, officer, Some(&hash)))?;
                Ok(())
            })
            .await
            .unwrap();
        let channel = open_channel(&node).await;
        let router = router(App::new(node.clone(), Links::default()));
        Site { node, router, clock, channel, _folder: folder }
    }

    async fn ask(&self, request: Request<Body>) -> Answer {
        let response = TowerToHyperService::new(self.router.clone()).call(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned();
        let asset = parts.headers.get(header::CACHE_CONTROL).is_some_and(|cache| cache != "no-store");
        assert_eq!(parts.headers[header::CONTENT_SECURITY_POLICY], CONTENT_SECURITY_POLICY);
        assert!(asset || parts.headers[header::CACHE_CONTROL] == "no-store");
        Answer { status: parts.status, headers: parts.headers, body }
    }

    fn stranger(&self, lang: &'static str) -> Browser<'_> {
        Browser { site: self, cookies: String::new(), lang }
    }

    pub(crate) async fn signed_in(&self, name: &str, lang: &'static str) -> Browser<'_> {
        let answer = self.stranger(lang).sign_in(name, PASSWORD).await;
        assert_eq!((answer.status, answer.to().as_str()), (StatusCode::SEE_OTHER, "/"));
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
        for part in ["__Host-tansiq=", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        Browser { cookies: cookie.split(';').next().unwrap().to_owned(), ..self.stranger(lang) }
    }

    /// A dossier as an officer makes it without the pages.
    pub(crate) async fn submit(&self, name: &str, label: Classification, title: &str) -> Submitted {
        let officer = format!("irq.mofa.{name}").parse().unwrap();
        let body = json!({"title": {"en": title}, "body": "committee", "date": "2026-12-01", "place": "<b>here</b>"});
        let draft = Draft {
            kind: "meeting".into(),
            act: "propose".into(),
            dossier: None,
            label: Some(Label::of(label)),
            audience: None,
            body: body.into(),
            ..Draft::default()
        };
        let channel = self.channel.clone();
        self.node.store.write(move |work| submit::submit(work, &officer, &channel, draft)).await.unwrap()
    }
}

async fn open_channel(node: &Node) -> ChannelId {
    let charter = Charter {
        name: Words::one(Tongue::Ar, "القناة الداخلية"),
        class: ChannelClass::Domestic,
        opened_on: "2026-01-01".parse().unwrap(),
        tongues: [Tongue::Ar, Tongue::En].into(),
        parties: [(node.config.party.clone(), node.card().unwrap())].into(),
        bodies: [].into(),
        demo: false,
    };
    let administrator = "irq.mofa.administrator".parse().unwrap();
    node.store
        .write(move |work| {
            channels::add(work.connection, &charter)?;
            let channel = charter.channel();
            let body = json!({ "charter": ContentHash::of(&charter) });
            let draft = Draft {
                kind: "charter".into(),
                act: "adopt".into(),
                dossier: None,
                label: None,
                audience: None,
                body: body.into(),
                ..Draft::default()
            };
            submit::submit(work, &administrator, &channel, draft)?;
            Ok(channel)
        })
        .await
        .unwrap()
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    let part = |text: &str| tansiq_node::web::frame::encode(text);
    pairs.iter().map(|(name, value)| format!("{}={}", part(name), part(value))).collect::<Vec<_>>().join("&")
}

impl Browser<'_> {
    fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let builder = Request::builder().method(method).uri(path).header(header::HOST, "baghdad.localhost");
        builder.header(header::COOKIE, format!("{}; __Host-tansiq-lang={}", self.cookies, self.lang))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let path = path.split('#').next().unwrap();
        self.site.ask(self.request("GET", path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        self.post_with(path, pairs, &[]).await
    }

    async fn post_with(&self, path: &str, pairs: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut request = self.request("POST", path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.site.ask(request.body(Body::from(encoded(pairs))).unwrap()).await
    }

    async fn sign_in(&self, name: &str, password: &str) -> Answer {
        self.post("/sign-in", &[("officer", &format!("irq.mofa.{name}")), ("password", password), ("back", "/")]).await
    }

    pub(crate) async fn csrf(&self) -> String {
        let page = self.get("/").await.body;
        page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }
}

#[tokio::test]
async fn nobody_sees_anything_before_signing_in() {
    let site = Site::new().await;
    let stranger = site.stranger("en");
    for path in ["/", "/dossiers?kind=meeting", "/dossiers/x/y", "/statement", "/channels", "/nowhere"] {
        let answer = stranger.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(answer.to(), format!("/sign-in?back={}", tansiq_node::web::frame::encode(path)));
    }
    assert_eq!(stranger.post("/statement", &[("text", "x")]).await.to(), "/sign-in?back=/statement");
    let stale = Browser { cookies: format!("__Host-tansiq={}", "0".repeat(64)), ..stranger.clone() };
    assert!(stale.get("/").await.to().ends_with("&ended=yes"));
    assert!(stranger.get("/api/v1/nothing").await.body.contains("DOS01"));
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_five_of_them_cost_a_minute() {
    let site = Site::new().await;
    let stranger = site.stranger("en");
    for _ in 0..5 {
        let answer = stranger.sign_in("secretary", "wrong horse battery").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.body.contains("irq.mofa.secretary") && !answer.body.contains("wrong horse"));
        assert!(answer.headers.get(header::SET_COOKIE).is_none());
    }
    assert_eq!(stranger.sign_in("secretary", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    site.clock.set(NOW + 61);
    let officer = site.signed_in("secretary", "en").await;
    assert_eq!(officer.get("/").await.status, StatusCode::OK);
    assert_eq!(officer.get("/sign-in?back=//elsewhere").await.to(), "/");
    let csrf = officer.csrf().await;
    let left = officer.post("/sign-out", &[("csrf", &csrf)]).await;
    assert!(left.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(officer.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_from_elsewhere_does_nothing() {
    let site = Site::new().await;
    let officer = site.signed_in("secretary", "en").await;
    let csrf = officer.csrf().await;
    let text = [("text", "بيان"), ("csrf", csrf.as_str())];
    for (pairs, headers) in [
        (&text[..1], &[][..]),
        (&[("text", "بيان"), ("csrf", "00000000000000000000000000000000")][..], &[][..]),
        (&text[..], &[("sec-fetch-site", "cross-site")][..]),
        (&text[..], &[("sec-fetch-site", "same-site")][..]),
        (&text[..], &[("origin", "https://elsewhere.example")][..]),
        (&text[..], &[("origin", "null")][..]),
    ] {
        let answer = officer.post_with("/statement", pairs, headers).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{pairs:?} {headers:?}");
    }
    let fine = [("origin", "https://baghdad.localhost"), ("sec-fetch-site", "same-origin")];
    assert_eq!(officer.post_with("/statement", &text, &fine).await.status, StatusCode::SEE_OTHER);
    let sign_in = [("officer", "irq.mofa.secretary"), ("password", PASSWORD)];
    let from_elsewhere = officer.post_with("/sign-in", &sign_in, &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(from_elsewhere.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn every_page_has_its_words_in_every_language() {
    let site = Site::new().await;
    let meeting = site.submit("secretary", Classification::Restricted, "Coordination").await;
    let dossier = format!("/dossiers/{}/{}", meeting.channel, meeting.dossier);
    let officer = site.signed_in("secretary", "ar").await;
    let csrf = officer.csrf().await;
    let statement = tansiq_text::samples::COMMITTEE_MEETING;
    let kept =
        officer.post("/statement", &[("csrf", &csrf), ("text", statement), ("source", "x"), ("published", "2025-11-04")]).await;
    let statement = kept.to();
    let proposed = format!("/dossiers/new/meeting?statement={}&proposal=1", statement.rsplit('/').next().unwrap());
    let charter = format!("/dossiers/{}/charter", site.channel);
    for lang in ["ar", "en", "tr"] {
        let officer = Browser { lang, ..officer.clone() };
        for path in [
            "/",
            "/dossiers",
            "/dossiers?kind=meeting&state=proposed&party=IRQ&awaits=IRQ&institution=irq.mofa&late=yes&text=x&page=2",
            "/dossiers?kind=agreement",
            &dossier,
            &charter,
            "/dossiers/new/meeting",
            "/dossiers/new/commitment",
            "/dossiers/new/action",
            "/dossiers/new/action/assign",
            &proposed,
            "/statement",
            &statement,
            "/channels",
            "/search",
        ] {
            let answer = officer.get(path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert!(answer.body.contains(&format!("<html lang=\"{lang}\"")) && answer.body.ends_with("</html>"), "{path}");
            let gap = answer.body.split('⟦').nth(1).map(|rest| rest.split('⟧').next().unwrap());
            assert_eq!(gap, None, "{path} in {lang}");
        }
        assert_eq!(officer.get("/nowhere").await.status, StatusCode::NOT_FOUND);
        assert_eq!(officer.get("/dossiers/new/agreement").await.status, StatusCode::OK);
        assert_eq!(officer.get("/dossiers/new/charter").await.status, StatusCode::NOT_FOUND);
    }
    let chosen = officer.get("/language/tr?back=/dossiers").await;
    assert_eq!(chosen.to(), "/dossiers");
    assert!(chosen.headers[header::SET_COOKIE].to_str().unwrap().starts_with("__Host-tansiq-lang=tr;"));
}

#[tokio::test]
async fn a_refused_form_keeps_what_was_typed_and_an_accepted_one_opens_the_dossier() {
    let site = Site::new().await;
    let officer = site.signed_in("secretary", "en").await;
    let (csrf, channel) = (officer.csrf().await, site.channel.to_string());
    let mut typed = vec![
        ("csrf", csrf.as_str()),
        ("channel", &channel),
        ("title.ar", "إجراء"),
        ("title.en", "Hand over the \"list\" <b>"),
        ("owner", "irq.mofa"),
        ("deliverable.en", "The list"),
        ("due", "2026-13-40"),
        ("decided_on", "2026-11-01"),
    ];
    let refused = officer.post("/dossiers/new/action", &typed).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for kept in [
        "value=\"إجراء\"",
        "Hand over the &#34;list&#34; &#60;b&#62;",
        "value=\"2026-13-40\"",
        "FRM04 · ",
        "value=\"irq.mofa\" lang=\"ar\"",
    ] {
        assert!(refused.body.contains(kept), "{kept}\n{}", refused.body);
    }
    typed.push(("row-add", "nothing"));
    assert_eq!(officer.post("/dossiers/new/action", &typed).await.status, StatusCode::OK);
    typed.pop();
    typed[6] = ("due", "2026-11-10");
    let opened = officer.post("/dossiers/new/action", &typed).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.body);
    let address = opened.to();
    let page = officer.get(&address).await.body;
    assert!(page.contains("Hand over the &#34;list&#34;") && page.contains("Overdue"));

    // A rule of the kind: the same page, the form open, the code with its advice, the reason kept.
    let acts = format!("{address}/acts");
    let date = [("csrf", csrf.as_str()), ("due", "2026-10-01"), ("reason", "because <i>"), ("offer", "x")];
    let refused = officer.post(&format!("{acts}/extend"), &date).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    for kept in ["ACT01", "because &#60;i&#62;", "value=\"2026-10-01\"", "<details open>"] {
        assert!(refused.body.contains(kept), "{kept}");
    }
    let accepted = officer.post(&format!("{acts}/accept"), &[("csrf", &csrf)]).await;
    assert!(accepted.to().contains("#record-"), "{}", accepted.body);
    assert_eq!(officer.get(&format!("{acts}/accept")).await.to(), address);
    let unknown = officer.post(&format!("{acts}/nothing"), &[("csrf", &csrf)]).await;
    assert_eq!(unknown.status, StatusCode::CONFLICT);
    let record = officer.get(&address).await.body.split("/evidence/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let evidence = officer.get(&format!("{address}/evidence/{record}")).await;
    assert_eq!(evidence.headers[header::CONTENT_TYPE], "application/x-tar");
    assert!(evidence.headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
}

#[tokio::test]
async fn unknown_and_unreleased_look_the_same() {
    let site = Site::new().await;
    let hidden = site.submit("chair", Classification::Secret, "Hidden").await;
    let officer = site.signed_in("secretary", "en").await;
    let there = officer.get(&format!("/dossiers/{}/{}", hidden.channel, hidden.dossier)).await;
    let nowhere = officer.get(&format!("/dossiers/{}/IRQ-aaaaaaaaaaaaaaaaaaaaaaaaaa", hidden.channel)).await;
    assert_eq!((there.status, &there.body), (StatusCode::NOT_FOUND, &nowhere.body));
    let evidence = |record: String| format!("/dossiers/{}/{}/evidence/{record}", hidden.channel, hidden.dossier);
    assert_eq!(officer.get(&evidence(hidden.record.to_string())).await.body, nowhere.body);
    assert_eq!(officer.get(&evidence("0".repeat(64))).await.body, nowhere.body);
    let csrf = officer.csrf().await;
    let act = format!("/dossiers/{}/{}/acts/cancel", hidden.channel, hidden.dossier);
    assert_eq!(officer.post(&act, &[("csrf", &csrf), ("reason", "x")]).await.body, nowhere.body);
    assert!(!officer.get("/dossiers").await.body.contains("Hidden"));
    let chair = site.signed_in("chair", "en").await;
    assert!(chair.get("/dossiers").await.body.contains("Hidden"));
    let administrator = site.signed_in("administrator", "en").await;
    assert!(!administrator.get("/dossiers").await.body.contains("Hidden"));
    assert_eq!(administrator.get("/statement").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_officers_write_is_text_and_never_markup() {
    let site = Site::new().await;
    let attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let meeting = site.submit("secretary", Classification::Restricted, attack).await;
    let officer = site.signed_in("secretary", "ar").await;
    let csrf = officer.csrf().await;
    let kept = officer.post("/statement", &[("csrf", &csrf), ("text", attack), ("source", attack)]).await;
    let dossier = format!("/dossiers/{}/{}", meeting.channel, meeting.dossier);
    let search = format!("/dossiers?text={}", tansiq_node::web::frame::encode(attack));
    for path in ["/", "/dossiers", &search, &dossier, &kept.to(), "/dossiers/new/action?clause=%3Cscript%3E%22"] {
        let body = officer.get(path).await.body;
        assert!(!body.contains("<script>") && !body.contains("<img") && !body.contains("<b>here"), "{path}");
    }
    let form =
        officer.post("/dossiers/new/meeting", &[("csrf", &csrf), ("channel", site.channel.as_str()), ("place", attack)]).await;
    assert!(form.body.contains("&#60;script&#62;") && !form.body.contains("<img"));
}

#[tokio::test]
async fn a_proposal_is_confirmed_once_or_dropped() {
    let site = Site::new().await;
    let officer = site.signed_in("secretary", "en").await;
    let (csrf, channel) = (officer.csrf().await, site.channel.to_string());
    let text = tansiq_text::samples::COMMITTEE_MEETING;
    let statement = officer.post("/statement", &[("csrf", &csrf), ("text", text), ("published", "2025-11-04")]).await.to();
    let id = statement.rsplit('/').next().unwrap().to_owned();
    let page = officer.get(&statement).await.body;
    assert!(page.contains("<mark id=\"found-") && page.contains("href=\"#proposal-1\""));
    let form = officer.get(&format!("/dossiers/new/meeting?statement={id}&proposal=1")).await.body;
    for read in ["value=\"2025-11-04\"", "value=\"بغداد\""] {
        assert!(form.contains(read), "{read}");
    }
    let sent = [
        ("csrf", csrf.as_str()),
        ("channel", &channel),
        ("statement", &id),
        ("proposal", "1"),
        ("title.ar", "اجتماع"),
        ("body", "اللجنة"),
        ("date", "2025-11-04"),
    ];
    let opened = officer.post("/dossiers/new/meeting", &sent).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    assert_eq!(officer.post("/dossiers/new/meeting", &sent).await.to(), opened.to(), "sent twice opens one dossier");
    assert!(officer.get(&opened.to()).await.body.contains(&format!("/statement/{id}")));
    let dropped = officer.post(&format!("{statement}/drop"), &[("csrf", &csrf), ("proposal", "2")]).await;
    assert_eq!(dropped.to(), format!("{statement}#proposal-2"));
    assert_eq!(
        officer.post(&format!("{statement}/drop"), &[("csrf", &csrf), ("proposal", "1")]).await.status,
        StatusCode::SEE_OTHER
    );
    let page = officer.get(&statement).await.body;
    assert!(page.contains("Confirmed") && page.contains("Dropped") && page.contains(&opened.to()));
    for wrong in
        [&[("csrf", csrf.as_str()), ("text", " ")][..], &[("csrf", csrf.as_str()), ("text", "x"), ("published", "2025-11")][..]]
    {
        assert_eq!(officer.post("/statement", wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn assets_are_kept_for_ever_and_only_in_this_version() {
    let site = Site::new().await;
    let stranger = site.stranger("en");
    let style = stranger.get(&tansiq_node::web::assets::address("app.css")).await;
    assert_eq!(style.status, StatusCode::OK);
    assert!(style.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    let request = Request::builder().uri("/assets/0000000000000000/app.css").body(Body::empty()).unwrap();
    let answer = TowerToHyperService::new(site.router.clone()).call(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_dossier_is_quoted_and_found_by_its_reference() {
    let site = Site::new().await;
    let meeting = site.submit("secretary", Classification::Restricted, "Coordination").await;
    site.submit("chair", Classification::Secret, "Hidden").await;
    let officer = site.signed_in("secretary", "ar").await;
    let page = officer.get(&format!("/dossiers/{}/{}", meeting.channel, meeting.dossier)).await.body;
    assert!(page.contains("dir=\"ltr\">IQ/2026/M/0001</bdi>"), "{page}");
    let found = async |typed: &str| officer.get(&format!("/dossiers?text={}", tansiq_node::web::frame::encode(typed))).await.body;
    for typed in ["IQ/2026/M/0001", "iq / 2026 / m / 1", "IQ/2026", "iq/٢٠٢٦/m/٠٠٠١", "Coord"] {
        let list = found(typed).await;
        assert!(list.contains("IQ/2026/M/0001</bdi>") && !list.contains("Hidden"), "{typed}");
    }
    for typed in ["IQ/2026/M/0002", "IQ/2025", "TR/2026", "2026/M", "%"] {
        assert!(!found(typed).await.contains("</bdi></td>") && !found(typed).await.contains("Coordination"), "{typed}");
    }
}

#[tokio::test]
async fn returns_of_persons_are_named_to_nobody_who_does_not_handle_them() {
    let site = Site::new().await;
    for (name, told) in [("secretary", false), ("chair", false), ("auditor", true), ("everything", true)] {
        let officer = site.signed_in(name, "en").await;
        let list = officer.get("/dossiers").await.body;
        assert_eq!(list.contains("kind=return") || list.contains("value=\"return\""), told, "{name}");
        for kind in Kind::ALL.iter().filter(|kind| kind.letter().is_some() && **kind != Kind::Return) {
            assert!(list.contains(&format!("href=\"/dossiers?kind={kind}\"")), "{kind}");
        }
    }
}

#[tokio::test]
async fn each_opening_act_has_its_own_form() {
    let site = Site::new().await;
    let officer = site.signed_in("everything", "en").await;
    for kind in Kind::ALL.iter().copied().filter(|kind| kind.letter().is_some()) {
        let opening: Vec<_> = kind.acts().iter().filter(|act| act.opens).collect();
        let list = officer.get(&format!("/dossiers?kind={kind}")).await.body;
        let first = officer.get(&format!("/dossiers/new/{kind}")).await;
        assert_eq!(first.status, StatusCode::OK, "{kind}");
        for act in &opening {
            let href = format!("/dossiers/new/{kind}/{}", act.name);
            assert!(list.contains(&format!("href=\"{href}\"")), "{href}");
            assert!(opening.len() == 1 || first.body.contains(&format!("href=\"{href}\"")), "{href}");
            let form = officer.get(&href).await;
            assert_eq!(form.status, StatusCode::OK, "{href}");
            let fits = kind.fits(ChannelClass::Domestic);
            assert_eq!(form.body.contains(&format!("action=\"{href}\"")), fits, "{href}");
        }
        assert_eq!(officer.get(&format!("/dossiers/new/{kind}/nothing")).await.status, StatusCode::NOT_FOUND);
    }
    let auditor = site.signed_in("auditor", "en").await;
    assert_eq!(auditor.get("/dossiers/new/meeting/propose").await.status, StatusCode::FORBIDDEN);
}

/// What an opening act seals is shown to whoever typed it when it is refused, and nowhere once it is recorded.
#[tokio::test]
async fn what_is_sealed_comes_back_refused_and_is_nowhere_once_recorded() {
    const SECRET: &str = "لا يُقرأ هذا";
    let site = Site::new().await;
    let officer = site.signed_in("everything", "en").await;
    let (csrf, channel) = (officer.csrf().await, site.channel.to_string());
    for kind in Kind::ALL.iter().copied().filter(|kind| kind.letter().is_some() && kind.fits(ChannelClass::Domestic)) {
        for spec in kind.acts().iter().filter(|spec| spec.opens && forms::seals(kind, spec)) {
            let path = format!("/dossiers/new/{kind}/{}", spec.name);
            let typed = crate::forms::typed_with(kind, spec, SECRET);
            let all: Vec<(&str, &str)> = [("csrf", csrf.as_str()), ("channel", &channel)]
                .into_iter()
                .chain(typed.iter().map(|(name, value)| (name.as_str(), value.as_str())))
                .collect();
            let sealed = |name: &&str| name.starts_with("_sealed.") || matches!(*name, "csrf" | "channel");
            let only: Vec<(&str, &str)> = all.iter().copied().filter(|(name, _)| sealed(name)).collect();
            if !only.iter().any(|(_, value)| *value == SECRET) {
                continue;
            }
            let refused = officer.post(&path, &only).await;
            if refused.status != StatusCode::SEE_OTHER {
                assert!(refused.body.contains(SECRET), "{path} forgot what was to be sealed");
            }
            let done = officer.post(&path, &all).await;
            if done.status != StatusCode::SEE_OTHER {
                println!("{path} needs more than anything that fits: {}", done.status);
                continue;
            }
            assert!(!done.to().contains('?'), "{}", done.to());
            for page in [done.to(), "/dossiers".to_owned(), "/".to_owned()] {
                assert!(!officer.get(&page).await.body.contains(SECRET), "{page} after {path}");
            }
            let id = done.to().rsplit('/').next().unwrap().split('#').next().unwrap().parse().unwrap();
            let (records, fold) = site
                .node
                .store
                .read_now(|connection| {
                    let records = records::of_dossier(connection, &site.channel, &id)?;
                    Ok::<_, tansiq_node::fault::Fault>((records, dossiers::get(connection, &site.channel, &id)?))
                })
                .unwrap();
            let bytes = records.iter().map(|record| String::from_utf8_lossy(&record.bytes).into_owned());
            assert!(bytes.chain([serde_json::to_string(&fold).unwrap()]).all(|text| !text.contains(SECRET)), "{path}");
        }
    }
}
