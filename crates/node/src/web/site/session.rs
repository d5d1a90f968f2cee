//! Signing in and out, and the choice of a language.
use super::visit::{LANGUAGE, Pairs, Posted, SESSION, Visit, cookie, failed, is_own, language as language_of, rendered, value};
use crate::api::{App, Problem as ApiProblem};
use crate::auth;
use crate::fault::Trouble;
use crate::language::{Lang, word};
use crate::web::form::{Field, Form, Shape};
use crate::web::frame::Frame;
use crate::web::pages::{Problem, ProblemKind, SignIn};
use axum::extract::{Form as Sent, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use tansiq_dossier::refusal::{Common, Refusal};

/// An address on this node, or the first page: whoever made the link chooses no other site for the reader.
fn local(address: Option<&str>) -> &str {
    let fine = |address: &&str| {
        address.starts_with('/') && !address.starts_with("//") && !address.contains(['\\', '\r', '\n']) && address.is_ascii()
    };
    address.filter(fine).unwrap_or("/")
}

fn page(app: &App, lang: Lang, back: &str, officer: &str, wrong: bool, ended: bool) -> SignIn {
    let w = |id: &str| word(lang, id, &[]);
    let mut frame = Frame::alone(lang, w("sign-in"), "/sign-in", &app.node.config.node);
    frame.address = format!("/sign-in?back={}", crate::web::frame::encode(back));
    let mut name = Field::new(lang, "officer", w("sign-in-officer"), Shape::Text { value: officer.to_owned(), max: 0 });
    name = name.hint(w("sign-in-officer-hint"));
    if wrong {
        name = name.problem(format!("{} {}", w("refusal-PRM06"), w("refusal-PRM06.advice")));
    }
    let mut form = Form::new(lang, "sign-in", "/sign-in", "").field(name).field(Field::new(
        lang,
        "password",
        w("sign-in-password"),
        Shape::Password,
    ));
    form.hidden.push(("back".to_owned(), back.to_owned()));
    form.submit = w("sign-in-submit");
    SignIn { frame, notice: if ended { w("sign-in-ended") } else { String::new() }, form }
}

/// The page on which an officer signs in.
pub(super) async fn form(State(app): State<App>, headers: HeaderMap, Query(query): Query<Pairs>) -> Response {
    let back = local(value(&query, "back"));
    let signed_in = match cookie(&headers, SESSION) {
        Some(token) => auth::session(&app.node, token).await.ok().flatten().is_some(),
        None => false,
    };
    if signed_in {
        return Redirect::to(back).into_response();
    }
    let ended = value(&query, "ended").is_some();
    rendered(StatusCode::OK, &page(&app, language_of(&headers), back, "", false, ended))
}

/// Begins a session.
pub(super) async fn sign_in(State(app): State<App>, headers: HeaderMap, Sent(pairs): Sent<Pairs>) -> Response {
    let lang = language_of(&headers);
    if !is_own(&headers) {
        return refused(&app, lang);
    }
    let back = local(value(&pairs, "back"));
    let officer = value(&pairs, "officer").unwrap_or_default();
    // A password may begin or end with a blank.
    let password = pairs.iter().find(|(name, _)| name == "password").map(|(_, value)| value.clone()).unwrap_or_default();
    match auth::sign_in(&app.node, &app.attempts, officer, password).await {
        Ok(begun) => {
            let cookie = format!("{SESSION}={}; Path=/; Secure; HttpOnly; SameSite=Strict", begun.token);
            ([(header::SET_COOKIE, cookie)], Redirect::to(back)).into_response()
        }
        Err(Trouble::Refused(_)) => rendered(StatusCode::UNAUTHORIZED, &page(&app, lang, back, officer, true, false)),
        Err(trouble) => failed(lang, &app, &trouble),
    }
}

fn refused(app: &App, lang: Lang) -> Response {
    let kind = ProblemKind::StaleForm;
    let frame = Frame::alone(lang, word(lang, kind.word_id(), &[]), "/", &app.node.config.node);
    let page = Problem { frame, kind, refusals: Vec::new(), operation: String::new(), back: "/sign-in".to_owned() };
    rendered(StatusCode::FORBIDDEN, &page)
}

/// Ends the session.
pub(super) async fn sign_out(State(app): State<App>, headers: HeaderMap, posted: Posted) -> Response {
    let token = cookie(&headers, SESSION).unwrap_or_default();
    match auth::sign_out(&app.node, token).await {
        Ok(()) => {
            let gone = format!("{SESSION}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
            ([(header::SET_COOKIE, gone)], Redirect::to("/sign-in")).into_response()
        }
        Err(trouble) => posted.visit.say(trouble),
    }
}

/// Chooses a language and goes back to the page.
pub(super) async fn language(Path(code): Path<String>, headers: HeaderMap, Query(query): Query<Pairs>) -> Response {
    let lang = Lang::parse(&code).unwrap_or_else(|| language_of(&headers));
    let cookie = format!("{LANGUAGE}={lang}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000");
    ([(header::SET_COOKIE, cookie)], Redirect::to(local(value(&query, "back")))).into_response()
}

/// What is answered at an address that is none.
pub(super) async fn nothing(uri: Uri, visit: Result<Visit, Response>) -> Response {
    if uri.path().starts_with("/api/") {
        return ApiProblem::from(Refusal::from(Common::NoSuchDossier)).into_response();
    }
    match visit {
        Ok(visit) => visit.problem(ProblemKind::NotFound),
        Err(redirect) => redirect,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        assert_eq!(local(Some("/dossiers?kind=meeting")), "/dossiers?kind=meeting");
        for bad in ["https://example.org/", "//example.org", "/\\example.org", "dossiers", "", "/a\r\nSet-Cookie: x"] {
            assert_eq!(local(Some(bad)), "/", "{bad}");
        }
    }
}
