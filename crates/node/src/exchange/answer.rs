//! Reads what a peer answers: for no longer, and no more of it, than is fair.

use super::frame::Reader;
use super::limits::Pace;
use super::server::HEARTBEAT;
use crate::fault::{Protocol, Trouble};
use crate::receive::Batch;
use axum::body::Body;
use http_body_util::BodyExt;
use hyper::Response;
use tokio::sync::mpsc;

/// The lines of a watch.
pub(super) struct Lines {
    body: Body,
    buffer: Vec<u8>,
}

impl Lines {
    pub(super) fn of(body: Body) -> Lines {
        Lines { body, buffer: Vec::new() }
    }

    /// All lines that have come by now: what they tell of one log is answered once.
    pub(super) async fn next(&mut self) -> Result<Option<String>, Trouble> {
        loop {
            if let Some(end) = self.buffer.iter().rposition(|byte| *byte == b'\n') {
                let lines: Vec<u8> = self.buffer.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&lines).into_owned()));
            }
            if self.buffer.len() > 4096 {
                return Err(Protocol::Answer("an endless line in the watch".to_owned()).into());
            }
            let frame = tokio::time::timeout(HEARTBEAT * 3, self.body.frame()).await;
            match frame.map_err(|_| Protocol::Answer("the watch fell silent".to_owned()))? {
                None => return Ok(None),
                Some(frame) => {
                    let data = frame.map_err(|error| Protocol::Answer(error.to_string()))?.into_data();
                    self.buffer.extend_from_slice(&data.unwrap_or_default());
                }
            }
        }
    }
}

/// The bytes of an answer that is one piece of late records.
pub(super) async fn bytes(response: Response<Body>) -> Result<Vec<u8>, Trouble> {
    Pace::new(2 * super::late::MAX_PIECE as u64).whole(response.into_body()).await
}

/// The text of a small answer.
pub(super) async fn text(response: Response<Body>) -> Result<String, Trouble> {
    let bytes = Pace::new(64 * 1024).whole(response.into_body()).await?;
    String::from_utf8(bytes).map_err(|_| Protocol::Answer("not UTF-8".to_owned()).into())
}

/// Reads batches out of an answer, a little ahead of whoever stores them, and makes of each what is wanted of it. The next one is
/// read when there is room for it.
pub(super) async fn read_batches<T: From<Batch>>(mut body: Body, from: u64, send: mpsc::Sender<Result<T, Protocol>>) {
    let mut reader = Reader::new(from);
    // Without end, because a log may be; what is kept of it in a day is bounded where it is kept.
    let mut pace = Pace::new(u64::MAX);
    let Ok(mut room) = send.reserve().await else { return };
    loop {
        match reader.batch() {
            Ok(None) => {}
            Ok(Some(batch)) => {
                room.send(Ok(batch.into()));
                let Ok(next) = send.reserve().await else { return };
                room = next;
                continue;
            }
            Err(error) => return room.send(Err(error)),
        }
        let problem = match pace.next(&mut body).await {
            Ok(Some(data)) => {
                reader.feed(&data);
                continue;
            }
            Ok(None) => match reader.finish() {
                Ok(()) => return,
                Err(error) => error,
            },
            Err(error) => error,
        };
        return room.send(Err(problem));
    }
}
