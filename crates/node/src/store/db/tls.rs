//! TLS to a PostgreSQL server whose certificate leads to a root that the administrator named (`sslrootcert`).
//!
//! This is not the exchange between nodes, which pins keys: a database server is the institution's own, and shows a certificate
//! of the institution's own authority. Nobody else's authority is trusted.

use crate::fault::Fault;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::Socket;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect};
use tokio_rustls::TlsConnector;

const ROOT: &str = "sslrootcert=";

/// Takes the file of the root out of an address, which the driver does not know.
pub(super) fn root_of(address: &str) -> (String, Option<PathBuf>) {
    let (before, parameters, between) = match (address.contains("://"), address.split_once('?')) {
        (true, Some((before, parameters))) => (Some(before), parameters, "&"),
        (true, None) => return (address.to_owned(), None),
        (false, _) => (None, address, " "),
    };
    let (named, others): (Vec<&str>, Vec<&str>) =
        parameters.split(between).filter(|part| !part.is_empty()).partition(|part| part.starts_with(ROOT));
    let root = named.last().and_then(|part| part.strip_prefix(ROOT)).map(|path| PathBuf::from(path.trim_matches('\'')));
    let others = others.join(between);
    (before.map_or(others.clone(), |before| format!("{before}?{others}")), root)
}

/// Makes connections over TLS 1.3 to servers whose certificates lead to these roots.
#[derive(Clone)]
pub(super) struct Tls(Arc<ClientConfig>);

impl Tls {
    /// Trusts the roots in a PEM file, and no others.
    pub(super) fn trusting(path: &Path) -> Result<Tls, Fault> {
        let bad = |why: &dyn std::fmt::Display| Fault::Setup(format!("{ROOT}{}: {why}", path.display()));
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| bad(&error))? {
            roots.add(certificate.map_err(|error| bad(&error))?).map_err(|error| bad(&error))?;
        }
        if roots.is_empty() {
            return Err(bad(&"no certificate stands in it"));
        }
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|error| bad(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Tls(Arc::new(config)))
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Stream;
    type TlsConnect = Connecting;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<Connecting> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        Ok(Connecting { connector: TlsConnector::from(self.0.clone()), name })
    }
}

/// A connection to be made.
pub(super) struct Connecting {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl TlsConnect<Socket> for Connecting {
    type Stream = Stream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Stream>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move { Ok(Stream(self.connector.connect(self.name, socket).await?)) })
    }
}

/// A connection that was made.
pub(super) struct Stream(tokio_rustls::client::TlsStream<Socket>);

impl tokio_postgres::tls::TlsStream for Stream {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_taken_out_of_both_forms_of_an_address() {
        let root = || Some(PathBuf::from("/etc/ca.pem"));
        for (address, rest, found) in [
            ("host=db user=t sslrootcert=/etc/ca.pem dbname=d", "host=db user=t dbname=d", root()),
            ("host=db sslrootcert='/etc/ca.pem'", "host=db", root()),
            ("postgresql://t@db/d?sslrootcert=/etc/ca.pem&connect_timeout=3", "postgresql://t@db/d?connect_timeout=3", root()),
            ("postgresql://t@db/d", "postgresql://t@db/d", None),
            ("host=db", "host=db", None),
        ] {
            assert_eq!(root_of(address), (rest.to_owned(), found), "{address}");
        }
    }
}
