//! Every error that leaves by HTTP, as RFC 9457 `application/problem+json`. A failure is logged once, here.

use crate::access::Denial;
use crate::attachments::AttachmentRefusal;
use crate::fault::{Fault, Trouble};
use crate::search::SearchRefusal;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tansiq_dossier::refusal::{Common, Problem as FieldProblem, Refusal};

/// A problem as it is sent (RFC 9457 §3).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Names the rule: `urn:tansiq:refusal:MTG11`, or `about:blank` for a fault.
    #[serde(rename = "type")]
    pub kind: String,
    /// The rule's code, or the name of the status.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, for whoever reads logs. Never holds a name, a body or a sealed value.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(value_type = String)]
    pub detail: Box<str>,
    /// For a fault: what to quote to whoever runs the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub operation: Option<Box<str>>,
    /// The fields that are in the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub problems: Vec<FieldProblem>,
}

/// The status that a refusal is answered with.
#[must_use]
pub(crate) fn status_of(refusal: &Refusal) -> StatusCode {
    let code = refusal.code.as_ref();
    match code {
        _ if code == Denial::SignIn.code() => StatusCode::UNAUTHORIZED,
        _ if code == Common::NoSuchDossier.code() || code == Denial::NoSuchChannel.code() => StatusCode::NOT_FOUND,
        _ if code == Denial::TooLarge.code() || code == Common::TooLarge.code() => StatusCode::PAYLOAD_TOO_LARGE,
        _ if code == AttachmentRefusal::TooLarge.code() => StatusCode::PAYLOAD_TOO_LARGE,
        // The file will be here later, or there will be room for it.
        _ if code == AttachmentRefusal::NotHere.code() || code == AttachmentRefusal::Busy.code() => StatusCode::CONFLICT,
        _ if code == AttachmentRefusal::Erased.code() => StatusCode::GONE,
        _ if code == SearchRefusal::NotReady.code() => StatusCode::SERVICE_UNAVAILABLE,
        _ if code.starts_with("SRC") => StatusCode::UNPROCESSABLE_ENTITY,
        _ if code.starts_with("ATT") => StatusCode::UNPROCESSABLE_ENTITY,
        _ if code == Denial::Malformed.code() => StatusCode::BAD_REQUEST,
        _ if code.starts_with("PRM") => StatusCode::FORBIDDEN,
        _ if code.starts_with("FRM") => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::CONFLICT,
    }
}

impl Problem {
    /// The problem that a refusal is.
    #[must_use]
    pub fn refused(refusal: Refusal) -> Problem {
        Problem {
            kind: format!("urn:tansiq:refusal:{}", refusal.code),
            title: refusal.code.to_string(),
            status: status_of(&refusal).as_u16(),
            detail: Box::default(),
            operation: None,
            problems: refusal.problems,
        }
    }

    fn fault(fault: &Fault) -> Problem {
        let operation = operation();
        tracing::error!(%fault, operation, "a request failed");
        Problem {
            kind: "about:blank".to_owned(),
            title: "Service Unavailable".to_owned(),
            status: StatusCode::SERVICE_UNAVAILABLE.as_u16(),
            detail: "the node could not do this; nothing was changed".into(),
            operation: Some(operation.into()),
            problems: Vec::new(),
        }
    }
}

/// A name for one failure, by which a person and a log line find each other.
#[must_use]
pub(crate) fn operation() -> String {
    crate::clock::World::real()
        .random::<6>()
        .map_or_else(|_| "unknown".to_owned(), |bytes| data_encoding::HEXLOWER.encode(&bytes))
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Refused(refusal) => {
                tracing::info!(code = %refusal.code, "a request was refused");
                Problem::refused(refusal)
            }
            Trouble::Protocol(protocol) => Problem::fault(&Fault::Setup(protocol.to_string())),
            Trouble::Fault(fault) => Problem::fault(&fault),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Trouble::from(refusal).into()
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Problem::fault(&fault)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
    }
}
