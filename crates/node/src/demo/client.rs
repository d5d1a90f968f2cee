//! A small caller of a node's JSON API: one connection, one officer.

use crate::fault::Fault;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::Mutex;

/// How long a node may take to answer one request.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a node answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body; null when it is not JSON.
    pub body: Value,
}

impl Answer {
    /// The body of an answer that says yes.
    ///
    /// # Errors
    /// When the answer says no.
    pub fn done(self) -> Result<Value, Fault> {
        if self.status.is_success() {
            return Ok(self.body);
        }
        Err(Fault::Setup(format!("the node answered {}: {}", self.status, self.body)))
    }

    /// The code of the rule that said no, `MTG11`.
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        self.body.get("title").and_then(Value::as_str).filter(|_| !self.status.is_success())
    }
}

/// Calls one node.
pub struct Client {
    address: String,
    token: Option<String>,
    line: Mutex<Option<SendRequest<Full<Bytes>>>>,
}

impl Client {
    /// A caller of the node at `host:port`, as nobody in particular.
    #[must_use]
    pub fn new(address: &str) -> Client {
        Client { address: address.to_owned(), token: None, line: Mutex::new(None) }
    }

    /// A caller who has signed in.
    ///
    /// # Errors
    /// When the node cannot be reached or does not let the officer in.
    pub async fn signed_in(address: &str, officer: &str, password: &str) -> Result<Client, Fault> {
        let mut client = Client::new(address);
        let body = client.post("/api/v1/session", &json!({ "officer": officer, "password": password })).await?.done()?;
        client.token = body.get("token").and_then(Value::as_str).map(str::to_owned);
        Ok(client)
    }

    /// Asks for something.
    ///
    /// # Errors
    /// When the node cannot be reached.
    pub async fn get(&self, path: &str) -> Result<Answer, Fault> {
        let (status, bytes) = self.send(Method::GET, path, Bytes::new()).await?;
        Ok(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or_default() })
    }

    /// Asks for something that is not JSON.
    ///
    /// # Errors
    /// When the node cannot be reached.
    pub async fn bytes(&self, path: &str) -> Result<(StatusCode, Bytes), Fault> {
        self.send(Method::GET, path, Bytes::new()).await
    }

    /// Sends something.
    ///
    /// # Errors
    /// When the node cannot be reached.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer, Fault> {
        let bytes = serde_json::to_vec(body).map_err(|error| Fault::Setup(error.to_string()))?;
        self.post_bytes(path, Bytes::from(bytes)).await
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// When the node cannot be reached.
    pub async fn post_bytes(&self, path: &str, body: Bytes) -> Result<Answer, Fault> {
        let (status, bytes) = self.send(Method::POST, path, body).await?;
        Ok(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or_default() })
    }

    /// Submits a list of acts as it is, and gives the answer as it is: what measures the node is not to measure the caller.
    ///
    /// # Errors
    /// When the node cannot be reached or takes none of them.
    pub async fn list_of_acts(&self, channel: &str, acts: Bytes) -> Result<Bytes, Fault> {
        let (status, bytes) = self.send(Method::POST, &format!("/api/v1/channels/{channel}/acts"), acts).await?;
        if status.is_success() {
            return Ok(bytes);
        }
        Err(Fault::Setup(format!("the node answered {status}: {}", String::from_utf8_lossy(&bytes))))
    }

    /// Submits an act, or a list of acts.
    ///
    /// # Errors
    /// When the node cannot be reached.
    pub async fn submit(&self, channel: &str, acts: &Value) -> Result<Answer, Fault> {
        self.post(&format!("/api/v1/channels/{channel}/acts"), acts).await
    }

    async fn send(&self, method: Method, path: &str, body: Bytes) -> Result<(StatusCode, Bytes), Fault> {
        tokio::time::timeout(PATIENCE, self.converse(method, path, body)).await.unwrap_or_else(|_| Err(self.fault(&"no answer")))
    }

    async fn converse(&self, method: Method, path: &str, body: Bytes) -> Result<(StatusCode, Bytes), Fault> {
        let mut line = self.line.lock().await;
        let ready = match line.as_mut() {
            Some(open) => open.ready().await.is_ok(),
            None => false,
        };
        if !ready {
            *line = Some(self.open().await?);
        }
        let Some(open) = line.as_mut() else { return Err(self.fault(&"not connected")) };
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, &self.address);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request =
            request.header(header::CONTENT_TYPE, "application/json").body(Full::new(body)).map_err(|error| self.fault(&error))?;
        let response = open.send_request(request).await.map_err(|error| self.fault(&error))?;
        let status = response.status();
        let bytes = response.into_body().collect().await.map_err(|error| self.fault(&error))?.to_bytes();
        Ok((status, bytes))
    }

    async fn open(&self) -> Result<SendRequest<Full<Bytes>>, Fault> {
        let stream = TcpStream::connect(&self.address).await.map_err(|error| self.fault(&error))?;
        stream.set_nodelay(true).map_err(|error| self.fault(&error))?;
        let (line, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| self.fault(&error))?;
        tokio::spawn(async move {
            // Its end is seen by whoever next sends a request.
            let _ended = connection.await;
        });
        Ok(line)
    }

    fn fault(&self, why: &dyn std::fmt::Display) -> Fault {
        Fault::Setup(format!("the node at {}: {why}", self.address))
    }
}
