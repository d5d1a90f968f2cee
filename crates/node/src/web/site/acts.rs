//! Acts in an open dossier: their forms, the step before a signature, and the way to [`crate::submit`].
use super::dossier::{Open, open, shown};
use super::names::tongue;
use super::show::{self, Shows, shorten};
use super::visit::{Pairs, Posted, Visit, rendered, value};
use crate::auth;
use crate::fault::Trouble;
use crate::submit;
use crate::views::dossier::Possible;
use crate::web::form::{Field, Form, Shape, Weight};
use crate::web::forms::{self, Maker, Offers, Typed, is_fixed};
use crate::web::pages::{Act, Confirm};
use crate::web::parts::{RefusalView, Text, Texts};
use crate::web::words;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::Value;
use std::collections::BTreeMap;
use tansiq_dossier::act::ActSpec;
use tansiq_dossier::channel::Charter;
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::party::Role;
use tansiq_dossier::record::Draft;
use tansiq_dossier::refusal::{Common, Refusal};

/// An act that was just tried, or whose form is being filled in.
pub(super) struct Tried {
    pub(super) act: String,
    /// Which of several forms of the act.
    pub(super) key: String,
    pub(super) typed: Typed,
    pub(super) refusal: Option<Refusal>,
}

/// Whether the act binds the state by a signature, so that the officer sees once more what is signed.
pub(super) fn is_signature(spec: &ActSpec) -> bool {
    spec.mutual && spec.roles == [Role::CoChair]
}

/// Acts that end something, or bind the own side alone.
fn is_grave(spec: &ActSpec) -> bool {
    is_signature(spec)
        || matches!(spec.name, "cancel" | "give-notice" | "confirm-notice" | "claim-suspension" | "notify-completion")
}

/// The name of one form among several of the same act.
fn key(offer: &Possible) -> String {
    ContentHash::of(&(&offer.act, &offer.prefill)).short()
}

/// The refusal as it stands over a form. What is only about fields stands at them, and is not said twice.
pub(super) fn whole(lang: crate::language::Lang, refusal: Option<&Refusal>) -> Option<RefusalView> {
    let beyond_fields = |refusal: &&Refusal| refusal.problems.is_empty() || !refusal.code.starts_with("FRM");
    refusal.filter(beyond_fields).map(|refusal| RefusalView::of(lang, &refusal.code))
}

/// What the fields of forms offer in a channel.
pub(super) fn offers(visit: &Visit, charter: &Charter, dossiers: &[crate::views::Item], records: Vec<(String, Text)>) -> Offers {
    let channel = charter.channel();
    let names = visit.names(Some(&channel));
    let institutions = charter.parties.iter().map(|(id, party)| {
        let all = party.institutions.keys().map(|institution| (institution.to_string(), names.institution(institution)));
        (names.party(id).text, all.collect())
    });
    let titled = |item: &crate::views::Item| {
        let title = show::title(names, &item.title, &item.dossier);
        let (kind, number) = (words::kind(visit.lang, item.kind), show::reference(item));
        let text = format!("\u{2066}{number}\u{2069} · {kind} · {}", title.text);
        (item.dossier.to_string(), Text { text, lang: title.lang })
    };
    Offers {
        institutions: institutions.collect(),
        parties: charter.parties.keys().map(|party| (party.to_string(), names.party(party))).collect(),
        tongues: charter.tongues.iter().map(|tongue| tongue.code().to_owned()).collect(),
        bodies: charter.bodies.keys().map(|body| (body.clone(), names.body(body))).collect(),
        dossiers: dossiers.iter().map(titled).collect(),
        records,
        claims: BTreeMap::new(),
    }
}

/// What the forms of custody offer: a release goes to a party that does not have the dossier, a disclosure to an office of
/// another party, and what can be disclosed is what a record sealed.
fn of_custody(visit: &Visit, open: &Open, all: &Offers) -> Offers {
    let outside = &open.full.custody.outside;
    let own = format!("{}.", visit.looking.own.as_str().to_ascii_lowercase());
    let mut offers = all.clone();
    offers.parties.retain(|(party, _)| outside.iter().any(|other| other.as_str() == party));
    offers.institutions.retain(|(_, institutions)| !institutions.iter().any(|(id, _)| id.starts_with(&own)));
    let sealing = open.full.history.iter().filter(|step| !step.sealed.is_empty());
    offers.claims = sealing.map(|step| (step.record.to_string(), step.sealed.clone())).collect();
    offers
}

fn records(visit: &Visit, open: &Open) -> Vec<(String, Text)> {
    let names = visit.names(Some(&open.channel));
    let shows = Shows { names, channel: &open.channel, kind: open.full.item.kind, beside: &open.beside };
    let told = |step: &crate::views::dossier::Step| {
        let note = shows.note(&step.act, &step.body).map(|note| format!(" · {}", shorten(&note, 60))).unwrap_or_default();
        let act = words::act(visit.lang, open.full.item.kind, &step.act);
        (step.record.to_string(), Text::plain(format!("{act} · {}{note}", names.party(&step.party).text)))
    };
    open.full.history.iter().filter(|step| open.full.item.kind.act(&step.act).is_some()).map(told).collect()
}

/// The acts that this officer may do now, those that are awaited first, and what may be done at any time; the one just tried
/// stands open.
pub(super) fn acts_of(visit: &Visit, open: &Open, tried: Option<&Tried>) -> (Vec<Act>, Vec<Act>) {
    let Some(charter) = visit.charters.get(&open.channel) else { return (Vec::new(), Vec::new()) };
    let kind = open.full.item.kind;
    let fill = offers(visit, charter, &open.beside, records(visit, open));
    let custody = of_custody(visit, open, &fill);
    let fill = |spec: &ActSpec| if kind.custody(spec.name).is_some() { &custody } else { &fill };
    let awaited = |act: &str| open.full.sheet.awaiting.iter().any(|step| step.party == visit.looking.own && step.act == act);
    let mut possible: Vec<&Possible> = open.full.offers.iter().collect();
    possible.sort_by_key(|offer| !awaited(&offer.act));
    let mut found = false;
    let mut made = Vec::new();
    for (place, offer) in possible.into_iter().enumerate() {
        let Some(spec) = kind.act(&offer.act) else { continue };
        let mine = tried.filter(|tried| !found && tried.act == offer.act && tried.key == key(offer));
        found |= mine.is_some();
        made.push(one(visit, open, fill(spec), spec, place, offer, mine, awaited(spec.name)));
    }
    let mut more = Vec::new();
    // A file is attached where it is chosen, in a form of its own.
    for offer in open.full.tools.iter().filter(|offer| offer.act != "attach") {
        let Some(spec) = kind.act(&offer.act) else { continue };
        let mine = tried.filter(|tried| !found && tried.act == offer.act && tried.key == key(offer));
        found |= mine.is_some();
        more.push(one(visit, open, fill(spec), spec, made.len() + more.len(), offer, mine, false));
    }
    // The dossier has moved on and offers this no longer; what was typed is shown all the same.
    if let Some(tried) = tried.filter(|_| !found)
        && let Some(spec) = kind.act(&tried.act)
    {
        let offer = Possible { act: tried.act.clone(), mutual: spec.mutual, prefill: tried.typed.body.clone() };
        made.insert(0, one(visit, open, fill(spec), spec, made.len() + more.len(), &offer, Some(tried), false));
    }
    (made, more)
}

#[allow(clippy::too_many_arguments)]
fn one(
    visit: &Visit,
    open: &Open,
    fill: &Offers,
    spec: &'static ActSpec,
    place: usize,
    offer: &Possible,
    tried: Option<&Tried>,
    awaited: bool,
) -> Act {
    let kind = open.full.item.kind;
    let body = tried.map_or(&offer.prefill, |tried| &tried.typed.body);
    let nothing = serde_json::Map::new();
    let sealed = tried.map_or(&nothing, |tried| &tried.typed.sealed);
    let refusal = tried.and_then(|tried| tried.refusal.as_ref());
    let problems = refusal.map(|refusal| refusal.problems.as_slice()).unwrap_or_default();
    let action = format!("{}/acts/{}#acts", show::address(&open.channel, &open.full.item.dossier), spec.name);
    let mut form = Form::new(visit.lang, &format!("act-{place}-{}", spec.name), &action, &visit.csrf);
    form.hidden.push(("offer".to_owned(), tried.map_or_else(|| key(offer), |tried| tried.key.clone())));
    let fixed = spec.fields.iter().filter(|field| is_fixed(spec, field, body));
    form.hidden.extend(fixed.filter_map(|field| Some((field.name.to_owned(), body.get(field.name)?.as_str()?.to_owned()))));
    form.refusals.extend(whole(visit.lang, refusal));
    let maker = Maker { lang: visit.lang, kind, spec, offers: fill, problems };
    let mut form = maker.fields(body).into_iter().chain(maker.sealed(sealed)).fold(form, Form::field);
    form.submit = visit.w(if is_signature(spec) { "form-continue" } else { "form-submit" });
    form.weight = if is_grave(spec) { Weight::Grave } else { Weight::Usual };
    // A release needs those who wrote in the dossier, and its own hint says so.
    let explains = match (spec.mutual && kind.custody(spec.name).is_none(), awaited) {
        (true, true) => "act-joins",
        (true, false) => "act-is-mutual",
        (false, _) => "",
    };
    Act {
        name: format!("{}{}", words::act(visit.lang, kind, spec.name), about(visit, open, spec, body)),
        icon: match spec.name {
            _ if is_signature(spec) => "sign",
            "cancel" | "withdraw" | "withdraw-item" | "withdraw-clause" | "block" | "object" | "decline-release" => "remove",
            "release" => "forward",
            "disclose" | "recall" | "erased" | "hold" => "lock",
            name if name.starts_with("add") || name.starts_with("put") => "add",
            _ if spec.mutual => "confirm",
            _ => "edit",
        },
        explains: if explains.is_empty() { String::new() } else { visit.w(explains) },
        open: tried.is_some(),
        form,
    }
}

/// What tells one form of an act from the others of the same act: the clause and language, or the record.
fn about(visit: &Visit, open: &Open, spec: &ActSpec, body: &Value) -> String {
    let shows = Shows {
        names: visit.names(Some(&open.channel)),
        channel: &open.channel,
        kind: open.full.item.kind,
        beside: &open.beside,
    };
    let told = spec.fields.iter().filter(|field| is_fixed(spec, field, body)).filter_map(|field| {
        let text = body.get(field.name)?.as_str()?;
        match field.name {
            "number" => Some(text.to_owned()),
            "tongue" => Some(words::choice(visit.lang, "tongue", text)),
            _ => {
                let step = open.full.history.iter().find(|step| step.record.to_string() == text)?;
                Some(shorten(&shows.note(&step.act, &step.body).unwrap_or_else(|| step.record.short()), 50))
            }
        }
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() { String::new() } else { format!(" · {}", told.join(" · ")) }
}

/// Whoever asks for an act by its address is shown the dossier.
pub(super) async fn back(Path((channel, dossier, _)): Path<(String, String, String)>) -> Response {
    Redirect::to(&format!("/dossiers/{}/{}", crate::web::frame::encode(&channel), crate::web::frame::encode(&dossier)))
        .into_response()
}

/// An act, as its form was sent.
pub(super) async fn submit(Path((channel, dossier, act)): Path<(String, String, String)>, posted: Posted) -> Response {
    let Posted { mut visit, pairs } = posted;
    visit.address = format!("/dossiers/{channel}/{dossier}");
    let made = attempt(&visit, &channel, &dossier, act, &pairs).await;
    visit.answer(made)
}

async fn attempt(visit: &Visit, channel: &str, dossier: &str, act: String, pairs: &Pairs) -> Result<Response, Trouble> {
    let open = open(visit, channel, dossier).await?;
    let kind = open.full.item.kind;
    let spec = kind.act(&act).ok_or_else(|| Refusal::from(Common::OtherKind))?;
    let mut typed = Typed::of(kind, spec, pairs);
    let key = value(pairs, "offer").unwrap_or_default().to_owned();
    let pressed = typed.press(pairs);
    let mut tried = Tried { act, key, typed, refusal: None };
    if pressed {
        return Ok(rendered(StatusCode::OK, &shown(visit, &open, Some(&tried))));
    }
    if is_signature(spec) {
        if let Err(refusal) = kind.check(&tried.act, &tried.typed.body.clone().into()) {
            return Ok(refused(visit, &open, tried, refusal));
        }
        let confirmed = value(pairs, "confirmed").is_some();
        let password = pairs.iter().find(|(name, _)| name == "password").map(|(_, value)| value.clone()).unwrap_or_default();
        if !confirmed {
            return Ok(rendered(StatusCode::OK, &confirmation(visit, &open, spec, &tried, pairs, false)));
        }
        if !is_the_officer(visit, password).await? {
            return Ok(rendered(StatusCode::UNPROCESSABLE_ENTITY, &confirmation(visit, &open, spec, &tried, pairs, true)));
        }
    }
    let draft = Draft {
        kind: kind.name().to_owned(),
        act: tried.act.clone(),
        dossier: Some(open.full.item.dossier.clone()),
        label: None,
        audience: None,
        body: tried.typed.body.clone().into(),
        sealed: tried.typed.sealed.clone(),
    };
    let (officer, into) = (visit.looking.officer.id.clone(), open.channel.clone());
    match visit.app.node.store.write(move |work| submit::submit(work, &officer, &into, draft)).await {
        Ok(done) => {
            let address = format!("{}#record-{}", show::address(&done.channel, &done.dossier), done.record.short());
            Ok(Redirect::to(&address).into_response())
        }
        Err(Trouble::Refused(refusal)) => {
            // The dossier may have moved on since it was read.
            let open = self::open(visit, channel, dossier).await?;
            tried.refusal = Some(refusal);
            let refusal = tried.refusal.clone().unwrap_or_else(|| Refusal::from(Common::OtherKind));
            Ok(refused(visit, &open, tried, refusal))
        }
        Err(other) => Err(other),
    }
}

fn refused(visit: &Visit, open: &Open, mut tried: Tried, refusal: Refusal) -> Response {
    tracing::info!(code = %refusal.code, "an act was refused");
    let status = crate::api::status_of(&refusal);
    tried.refusal = Some(refusal);
    rendered(status, &shown(visit, open, Some(&tried)))
}

/// Whether the password given is that of the officer who is signed in. Tries count as those at sign-in do.
async fn is_the_officer(visit: &Visit, password: String) -> Result<bool, Trouble> {
    let node = &visit.app.node;
    match auth::sign_in(node, &visit.app.attempts, visit.looking.officer.id.as_str(), password).await {
        Ok(begun) => auth::sign_out(node, &begun.token).await.map(|()| true),
        Err(Trouble::Refused(_)) => Ok(false),
        Err(other) => Err(other),
    }
}

/// The page before a signature: exactly what it will cover.
fn confirmation(visit: &Visit, open: &Open, spec: &'static ActSpec, tried: &Tried, pairs: &Pairs, wrong: bool) -> Confirm {
    let kind = open.full.item.kind;
    let names = visit.names(Some(&open.channel));
    let shows = Shows { names, channel: &open.channel, kind, beside: &open.beside };
    let address = show::address(&open.channel, &open.full.item.dossier);
    let mut form = Form::new(visit.lang, "confirm", &format!("{address}/acts/{}", spec.name), &visit.csrf);
    form.hidden = forms::carried(pairs, &["csrf", "password", "confirmed"]);
    form.hidden.push(("confirmed".to_owned(), "yes".to_owned()));
    let mut password =
        Field::new(visit.lang, "password", visit.w("confirm-password"), Shape::Password).hint(visit.w("confirm-password-hint"));
    if wrong {
        password = password.problem(format!("PRM06 · {}", visit.w("refusal-PRM06")));
    }
    let mut form = form.field(password);
    form.submit = visit.w("confirm-submit");
    form.weight = Weight::Grave;
    form.leave = Some((address.clone(), visit.w("form-back")));
    let hash = tried.typed.body.get("content").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut said = tried.typed.body.clone();
    if let Some(members) = said.as_object_mut() {
        // Its hash stands under the text itself.
        members.remove("content");
    }
    let current = open
        .full
        .offers
        .iter()
        .filter(|offer| offer.act == spec.name)
        .filter_map(|offer| offer.prefill.get("content")?.as_str())
        .next();
    let title = show::title(names, &open.full.item.title, &open.full.item.dossier);
    let others: Vec<_> = open.full.item.audience.iter().filter(|party| **party != visit.looking.own).collect();
    let mutual = crate::language::word(visit.lang, "confirm-mutual", &[("parties", names.parties(others).into())]);
    Confirm {
        frame: visit.frame(visit.w("confirm-title"), Some(names.banner(&open.full.item.label, &open.full.item.audience))),
        heading: format!("{}: {}", words::act(visit.lang, kind, spec.name), title.text),
        reference: show::reference(&open.full.item),
        back: address,
        changed: !hash.is_empty() && current.is_some_and(|current| current != hash),
        answers: shows.answers(spec, &said),
        text: exact_text(visit, open).filter(|_| !hash.is_empty()),
        hash,
        consequences: vec![mutual],
        form,
    }
}

/// The texts that a signature covers, language by language: the clauses of minutes, or the texts of an instrument.
fn exact_text(visit: &Visit, open: &Open) -> Option<Texts> {
    let section = open.full.sheet.sections.iter().find(|section| matches!(section.name.as_str(), "clauses" | "texts"))?;
    let numbered = section.name == "clauses";
    let mut tongues: Vec<tansiq_dossier::words::Tongue> =
        section.rows.iter().flat_map(|row| &row.texts).filter_map(|text| text.tongue).collect();
    tongues.sort_by_key(|other| (*other != tongue(visit.lang), *other));
    tongues.dedup();
    let whole = |wanted: &tansiq_dossier::words::Tongue| {
        let lines = section.rows.iter().flat_map(|row| {
            row.texts
                .iter()
                .filter(|text| text.tongue == Some(*wanted))
                .map(move |text| if numbered { format!("{}. {}", row.reference, text.text) } else { text.text.clone() })
        });
        super::names::text_in(*wanted, lines.collect::<Vec<_>>().join("\n"))
    };
    Some(Texts { texts: tongues.iter().map(whole).collect() })
}
