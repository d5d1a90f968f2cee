//! Gives a file out, or the part of it that was asked for (RFC 9110 §14), a piece at a time.

use super::AttachmentRefusal;
use crate::fault::{Fault, Trouble};
use crate::node::Node;
use crate::store::attachments::{self, Held};
use crate::store::blobs::PIECE;
use crate::views::Looking;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use hyper::body::{Frame, SizeHint};
use std::fs::File;
use std::io::SeekFrom;
use std::pin::Pin;
use std::task::{Context, Poll};
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::content::ContentHash;
use tansiq_dossier::record::DossierId;
use tansiq_dossier::refusal::{Common, Refusal};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::sync::mpsc;

/// Sent with every file: should a browser show it all the same, nothing in it may act.
const POLICY: &str = "default-src 'none'; sandbox";

/// A file of a dossier, for an officer who may read the dossier.
///
/// # Errors
/// `DOS01` when there is no such file in a dossier that this officer may read, `ATT06` when its bytes have not come yet,
/// `ATT10` when they were destroyed here.
pub async fn download(
    node: &Node,
    looking: &Looking,
    channel: &ChannelId,
    dossier: &DossierId,
    hash: &ContentHash,
    headers: &HeaderMap,
) -> Result<Response, Trouble> {
    let (looking, channel, dossier, hash) = (looking.clone(), channel.clone(), dossier.clone(), *hash);
    let found = node.store.read(move |connection| -> Result<_, Fault> {
        let Some(dossier) = looking.find(connection, &channel, &dossier)? else { return Ok(None) };
        let Some(named) = dossier.value().custody.attachments.get(&hash).cloned() else { return Ok(None) };
        let held = attachments::effective(connection, &channel, &dossier.value().id)?.get(&hash).copied();
        Ok(Some((named, held)))
    });
    let (named, held) = found.await?.ok_or_else(|| Refusal::from(Common::NoSuchDossier))?;
    if held == Some(Held::Erased) {
        return Err(Refusal::from(AttachmentRefusal::Erased).into());
    }
    let here = if held == Some(Held::Yes) { node.blobs.open(&hash)? } else { None };
    let (file, size) = here.ok_or_else(|| Refusal::from(AttachmentRefusal::NotHere))?;
    let mut response = part(file, size, &hash, headers);
    let media_type = match named.media_type.as_str() {
        "text/plain" => "text/plain; charset=utf-8",
        other => other,
    };
    let fixed = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{}", encoded(&named.name))),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
    ];
    for (name, value) in fixed {
        set(response.headers_mut(), name, &value);
    }
    Ok(response)
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// A name in a header, as RFC 8187 writes what is not ASCII.
fn encoded(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    /// From a place on, so many bytes.
    Part(u64, u64),
    /// Nothing that the file has.
    Outside,
}

/// The answer to a request for a file, with its hash as its tag. Several ranges at once are answered with the whole.
pub(crate) fn part(file: File, size: u64, hash: &ContentHash, headers: &HeaderMap) -> Response {
    let tag = format!("\"{hash}\"");
    let (status, from, length) = match asked(headers, &tag, size) {
        Asked::Whole => (StatusCode::OK, 0, size),
        Asked::Part(from, length) => (StatusCode::PARTIAL_CONTENT, from, length),
        Asked::Outside => (StatusCode::RANGE_NOT_SATISFIABLE, 0, 0),
    };
    let mut response = Response::new(if length == 0 { Body::empty() } else { stream(file, from, length) });
    *response.status_mut() = status;
    let headers = response.headers_mut();
    set(headers, header::ACCEPT_RANGES, "bytes");
    set(headers, header::ETAG, &tag);
    set(headers, header::CONTENT_LENGTH, &length.to_string());
    match status {
        StatusCode::PARTIAL_CONTENT => {
            set(headers, header::CONTENT_RANGE, &format!("bytes {from}-{}/{size}", from + length - 1));
        }
        StatusCode::RANGE_NOT_SATISFIABLE => set(headers, header::CONTENT_RANGE, &format!("bytes */{size}")),
        _ => {}
    }
    response
}

fn asked(headers: &HeaderMap, tag: &str, size: u64) -> Asked {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    // A part of another file than the one that was begun would be worth nothing.
    if text(header::IF_RANGE).is_some_and(|known| known != tag) {
        return Asked::Whole;
    }
    let range = text(header::RANGE).and_then(|range| range.strip_prefix("bytes="));
    let Some((first, last)) = range.and_then(|range| range.trim().split_once('-')) else { return Asked::Whole };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    match (number(first), number(last)) {
        (Some(first), Some(last)) if last < first => Asked::Whole,
        (Some(first), _) if first >= size && (last.is_empty() || number(last).is_some()) => Asked::Outside,
        (Some(first), Some(last)) => Asked::Part(first, last.min(size - 1) - first + 1),
        (Some(first), None) if last.is_empty() => Asked::Part(first, size - first),
        (None, Some(0)) if first.is_empty() => Asked::Outside,
        (None, Some(count)) if first.is_empty() => Asked::Part(size.saturating_sub(count), count.min(size)),
        _ => Asked::Whole,
    }
}

/// Reads on only as fast as the other side takes it.
fn stream(file: File, from: u64, length: u64) -> Body {
    let (send, receive) = mpsc::channel(2);
    tokio::spawn(async move {
        if let Err(error) = read(file, from, length, &send).await {
            tracing::error!(%error, "a file could not be read to its end");
            let _gone = send.send(Err(error)).await;
        }
    });
    Body::new(Pieces { receive, left: length })
}

async fn read(file: File, from: u64, length: u64, send: &mpsc::Sender<Result<Bytes, std::io::Error>>) -> std::io::Result<()> {
    let mut file = tokio::fs::File::from_std(file);
    file.seek(SeekFrom::Start(from)).await?;
    let mut file = file.take(length);
    let mut left = length;
    while left > 0 {
        let mut piece = BytesMut::with_capacity(PIECE);
        let count = file.read_buf(&mut piece).await?;
        if count == 0 {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof));
        }
        left -= count as u64;
        if send.send(Ok(piece.freeze())).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// A body of known length, in pieces.
struct Pieces {
    receive: mpsc::Receiver<Result<Bytes, std::io::Error>>,
    left: u64,
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let next = self.receive.poll_recv(context);
        if let Poll::Ready(Some(Ok(piece))) = &next {
            self.left = self.left.saturating_sub(piece.len() as u64);
        }
        next.map(|next| next.map(|result| result.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        let with = |range: &str, known: Option<&str>| {
            let mut headers = HeaderMap::new();
            set(&mut headers, header::RANGE, range);
            if let Some(known) = known {
                set(&mut headers, header::IF_RANGE, known);
            }
            asked(&headers, "\"tag\"", 100)
        };
        assert_eq!(asked(&HeaderMap::new(), "\"tag\"", 100), Asked::Whole);
        for (range, expected) in [
            ("bytes=0-", Asked::Part(0, 100)),
            ("bytes=10-19", Asked::Part(10, 10)),
            ("bytes=90-1000", Asked::Part(90, 10)),
            ("bytes=-5", Asked::Part(95, 5)),
            ("bytes=-500", Asked::Part(0, 100)),
            ("bytes=99-99", Asked::Part(99, 1)),
            ("bytes=100-", Asked::Outside),
            ("bytes=99999999999999999999-", Asked::Outside),
            ("bytes=-0", Asked::Outside),
            ("bytes=20-10", Asked::Whole),
            ("bytes=0-1,5-6", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("lines=1-2", Asked::Whole),
        ] {
            assert_eq!(with(range, None), expected, "{range}");
        }
        assert_eq!(with("bytes=10-", Some("\"tag\"")), Asked::Part(10, 90));
        assert_eq!(with("bytes=10-", Some("\"other\"")), Asked::Whole);
    }

    #[test]
    fn names_in_headers_are_written_in_ascii() {
        assert_eq!(encoded("a b\"é.pdf"), "a%20b%22%C3%A9.pdf");
    }
}
