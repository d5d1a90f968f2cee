//! The files of a dossier by the pages: their list, the form that brings one, and the way to take one away.

use super::dossier::{Open, open, shown};
use super::show;
use super::visit::{Visit, is_own, rendered, same};
use crate::access::Denial;
use crate::api::App;
use crate::api::attachments::PATIENCE;
use crate::attachments::{self, AttachmentRefusal, Checked, Upload, send};
use crate::fault::Trouble;
use crate::language::word;
use crate::views::attachment::{AttachmentView, Place};
use crate::web::pages::{Attach, AttachedFile, Attachments, ProblemKind};
use crate::web::parts::{Chip, RefusalView, Text, Tone};
use axum::Router;
use axum::extract::multipart::{Field, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Multipart, Path};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use tansiq_dossier::record::DossierId;
use tansiq_dossier::refusal::{Common, Refusal};

/// The longest value of a field beside the file, in bytes.
const LONGEST: usize = 4096;

pub(super) fn router() -> Router<App> {
    Router::new()
        // A file is counted while it comes in, and never held in memory.
        .route("/dossiers/{channel}/{dossier}/attachments", post(attach).get(back).layer(DefaultBodyLimit::disable()))
        .route("/dossiers/{channel}/{dossier}/attachments/{sha256}", get(fetch))
}

/// The files of a dossier as its page shows them.
pub(super) fn list(visit: &Visit, open: &Open) -> Attachments {
    let files = open.full.attachments.iter().map(|file| shown_file(visit, open, file)).collect();
    Attachments { lang: visit.lang, files }
}

/// The form, for an officer who may attach files now.
pub(super) fn form(visit: &Visit, open: &Open) -> Option<Attach> {
    let address = show::address(&open.channel, &open.full.item.dossier);
    let form = Attach { lang: visit.lang, action: format!("{address}/attachments"), csrf: visit.csrf.clone() };
    open.full.may_attach.then_some(form)
}

fn shown_file(visit: &Visit, open: &Open, file: &AttachmentView) -> AttachedFile {
    let names = visit.names(Some(&open.channel));
    let tone = match file.state {
        Place::Here => Tone::Done,
        Place::Coming => Tone::Waiting,
        Place::Missing => Tone::Late,
        Place::Refused => Tone::Blocked,
        Place::Erased => Tone::Done,
    };
    let address = show::address(&open.channel, &open.full.item.dossier);
    AttachedFile {
        name: Text::plain(&file.about.name),
        note: Text::plain(file.about.note.as_deref().unwrap_or_default()),
        sort: visit.w(sort(&file.about.media_type)),
        size: size(visit, file.about.size),
        party: names.party(&file.about.party),
        when: names.moment(file.about.at.unix()),
        chip: Chip::new(tone, visit.w(&format!("attachment-state-{}", file.state.name()))),
        href: if file.state == Place::Here { format!("{address}/attachments/{}", file.sha256) } else { String::new() },
        hash: file.sha256.short(),
    }
}

fn sort(media_type: &str) -> &'static str {
    match media_type {
        "application/pdf" => "attachment-sort-pdf",
        "application/zip" => "attachment-sort-archive",
        "text/plain" => "attachment-sort-text",
        other if other.contains("presentation") => "attachment-sort-slides",
        other if other.contains("sheet") => "attachment-sort-sheet",
        other if other.starts_with("application/") => "attachment-sort-document",
        other if other.starts_with("audio/") => "attachment-sort-sound",
        other if other.starts_with("video/") => "attachment-sort-film",
        _ => "attachment-sort-picture",
    }
}

/// A size in the unit that leaves it short, rounded up so that nothing has none.
fn size(visit: &Visit, bytes: i64) -> String {
    const UNIT: i64 = 1024;
    let (id, number) = match bytes {
        bytes if bytes < UNIT => ("attachment-bytes", bytes),
        bytes if bytes < UNIT * UNIT => ("attachment-kilobytes", bytes.div_euclid(UNIT) + i64::from(bytes % UNIT > 0)),
        bytes => ("attachment-megabytes", bytes.div_euclid(UNIT * UNIT) + i64::from(bytes % (UNIT * UNIT) > 0)),
    };
    word(visit.lang, id, &[("number", crate::language::number(visit.lang, number).into())])
}

/// Whoever asks for the files by their address is shown the dossier.
async fn back(Path((channel, dossier)): Path<(String, String)>) -> Response {
    use crate::web::frame::encode;
    Redirect::to(&format!("/dossiers/{}/{}", encode(&channel), encode(&dossier))).into_response()
}

async fn fetch(visit: Visit, Path((channel, dossier, hash)): Path<(String, String, String)>, headers: HeaderMap) -> Response {
    let nothing = || Trouble::from(Refusal::from(Common::NoSuchDossier));
    let made = match (channel.parse(), dossier.parse(), hash.parse()) {
        (Ok(channel), Ok(dossier), Ok(hash)) => {
            send::download(&visit.app.node, &visit.looking, &channel, &dossier, &hash, &headers).await
        }
        _ => Err(nothing()),
    };
    visit.answer(made)
}

async fn attach(
    mut visit: Visit,
    Path((channel, dossier)): Path<(String, String)>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    visit.address = format!("/dossiers/{channel}/{dossier}");
    let Ok(form) = form else { return visit.say(Refusal::from(Denial::Malformed).into()) };
    if !is_own(&headers) {
        return visit.problem(ProblemKind::StaleForm);
    }
    let made = attempt(&visit, &channel, &dossier, form).await;
    visit.answer(made)
}

async fn attempt(visit: &Visit, channel: &str, dossier: &str, form: Multipart) -> Result<Response, Trouble> {
    let open = open(visit, channel, dossier).await?;
    let (node, id): (_, DossierId) = (&visit.app.node, open.full.item.dossier.clone());
    attachments::may_attach(node, &visit.looking, &open.channel, &id).await?;
    let done = match read(visit, form).await {
        Ok(None) => return Ok(visit.problem(ProblemKind::StaleForm)),
        Ok(Some((file, note))) => attachments::attach(node, &visit.looking.officer.id, &open.channel, &id, file, note).await,
        Err(trouble) => Err(trouble),
    };
    match done {
        Ok(done) => Ok(Redirect::to(&format!("{}#attachments", show::address(&done.channel, &done.dossier))).into_response()),
        Err(Trouble::Refused(refusal)) => {
            tracing::info!(code = %refusal.code, "a file was refused");
            let mut page = shown(visit, &open, None);
            page.refusals.push(RefusalView::of(visit.lang, &refusal.code));
            let status = crate::api::status_of(&refusal);
            Ok(rendered(if status == StatusCode::NOT_FOUND { StatusCode::CONFLICT } else { status }, &page))
        }
        Err(other) => Err(other),
    }
}

fn broken() -> Trouble {
    Refusal::from(AttachmentRefusal::Broken).into()
}

/// The file and what was said of it; nothing when the form does not begin with the token of this session.
async fn read(visit: &Visit, mut form: Multipart) -> Result<Option<(Checked, Option<String>)>, Trouble> {
    let (mut own, mut note, mut file) = (false, None, None);
    while let Some(mut field) = next(&mut form).await? {
        match field.name().unwrap_or_default() {
            "csrf" => own = same(&text(&mut field).await?, &visit.csrf),
            _ if !own => return Ok(None),
            "note" => note = Some(text(&mut field).await?.trim().to_owned()).filter(|note| !note.is_empty()),
            "file" if file.is_none() => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let mut upload = Upload::begin(&visit.app.node, &name).await?;
                while let Some(piece) = piece(&mut field).await? {
                    upload.write(&piece).await?;
                }
                file = Some(upload.finish().await?);
            }
            _ => return Err(Refusal::from(Denial::Malformed).into()),
        }
    }
    match file {
        Some(file) => Ok(Some((file, note))),
        None if own => Err(Refusal::from(AttachmentRefusal::Empty).into()),
        None => Ok(None),
    }
}

async fn next(form: &mut Multipart) -> Result<Option<Field<'_>>, Trouble> {
    tokio::time::timeout(PATIENCE, form.next_field()).await.map_err(|_| broken())?.map_err(|_| broken())
}

async fn piece(field: &mut Field<'_>) -> Result<Option<bytes::Bytes>, Trouble> {
    tokio::time::timeout(PATIENCE, field.chunk()).await.map_err(|_| broken())?.map_err(|_| broken())
}

async fn text(field: &mut Field<'_>) -> Result<String, Trouble> {
    let mut bytes = Vec::new();
    while let Some(piece) = piece(field).await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > LONGEST {
            return Err(Refusal::from(Denial::TooLarge).into());
        }
    }
    String::from_utf8(bytes).map_err(|_| Refusal::from(Denial::Malformed).into())
}
