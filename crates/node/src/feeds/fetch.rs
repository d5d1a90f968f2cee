//! One feed over HTTP. The addresses are those that the administrator wrote into `node.json`; nothing of this node goes along.

use crate::fault::Fault;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, HOST, LOCATION, USER_AGENT};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The largest feed, in bytes.
const LARGEST: usize = 8 * 1024 * 1024;

/// Within what time a feed is here.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often an address may lead on to another one.
const HOPS: usize = 4;

/// What came of one request.
enum Answer {
    Body(Vec<u8>),
    /// It stands elsewhere.
    Moved(String),
}

/// The bytes of a feed.
///
/// # Errors
/// When it cannot be had, with the reason.
pub(super) async fn fetch(address: &str) -> Result<Vec<u8>, Fault> {
    let mut address = address.to_owned();
    for _ in 0..HOPS {
        let asked = tokio::time::timeout(PATIENCE, ask(&address)).await;
        match asked.map_err(|_| failed(&address, &"it did not answer in time"))?? {
            Answer::Body(bytes) => return Ok(bytes),
            // From an address that is protected nobody is led to one that is not.
            Answer::Moved(to) if address.starts_with("https://") && !to.starts_with("https://") => {
                return Err(failed(&address, &format!("it leads to {to}, which is not protected")));
            }
            Answer::Moved(to) => address = to,
        }
    }
    Err(failed(&address, &"it leads from one address to another without end"))
}

fn failed(address: &str, why: &dyn std::fmt::Display) -> Fault {
    Fault::Setup(format!("the feed {address} cannot be read: {why}"))
}

async fn ask(address: &str) -> Result<Answer, Fault> {
    let wrong = |why: &dyn std::fmt::Display| failed(address, why);
    let uri: Uri = address.parse().map_err(|error| wrong(&error))?;
    let host = uri.host().ok_or_else(|| wrong(&"it names no host"))?.to_owned();
    let protected = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if protected { 443 } else { 80 });
    let stream = TcpStream::connect((host.as_str(), port)).await.map_err(|error| wrong(&error))?;
    if !protected {
        return send(address, &uri, stream).await;
    }
    let name = ServerName::try_from(host).map_err(|error| wrong(&error))?;
    let stream = connector(address)?.connect(name, stream).await.map_err(|error| wrong(&error))?;
    send(address, &uri, stream).await
}

/// TLS to a public server, by the authorities that this machine trusts. Many a ministry's server speaks TLS 1.2 and nothing
/// later; what it publishes is public. Between nodes it is 1.3 alone.
fn connector(address: &str) -> Result<TlsConnector, Fault> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(failed(address, &"this machine trusts no certificate authority (on Debian: install ca-certificates)"));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(rustls::ALL_VERSIONS);
    let config = config.map_err(|error| failed(address, &error))?.with_root_certificates(roots).with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

async fn send(address: &str, uri: &Uri, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<Answer, Fault> {
    let wrong = |why: &dyn std::fmt::Display| failed(address, why);
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| wrong(&error))?;
    let driving = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::get(path)
        .header(HOST, uri.authority().map_or("", |authority| authority.as_str()))
        .header(USER_AGENT, concat!("tansiq/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8")
        .body(Empty::<Bytes>::new())
        .map_err(|error| wrong(&error))?;
    let response = sender.send_request(request).await.map_err(|error| wrong(&error))?;
    let status = response.status();
    let answer = if status.is_redirection() {
        let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
        let to = to.ok_or_else(|| wrong(&"it leads elsewhere and does not say where"))?;
        let origin = format!("{}://{}", uri.scheme_str().unwrap_or("http"), uri.authority().map_or("", |host| host.as_str()));
        Ok(Answer::Moved(if to.starts_with('/') { format!("{origin}{to}") } else { to }))
    } else if status.is_success() {
        let body = Limited::new(response.into_body(), LARGEST).collect().await;
        body.map(|body| Answer::Body(body.to_bytes().to_vec())).map_err(|error| wrong(&error))
    } else {
        Err(wrong(&format!("it answers {status}")))
    };
    driving.abort();
    answer
}
