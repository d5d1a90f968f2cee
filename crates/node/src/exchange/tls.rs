//! Mutual TLS 1.3 between nodes, by pinned public keys. No certificate authority is asked, and no name is checked: a key that
//! a charter names is the node, and any other key is nobody.

use crate::fault::Fault;
use crate::keys::Keys;
use crate::store::work::Identity;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// SHA-256 of a node's SubjectPublicKeyInfo, in hexadecimal.
pub type Pin = String;

/// The protocol's name in ALPN.
const ALPN: &[u8] = b"h2";

/// The keys that may talk to this node. It changes as channels are opened and keys are revoked.
#[derive(Debug, Clone, Default)]
pub struct Pins(Arc<watch::Sender<BTreeSet<Pin>>>);

impl Pins {
    /// Replaces the keys that may talk to this node. Connections of those that are gone end at once.
    pub fn set(&self, pins: BTreeSet<Pin>) {
        self.0.send_if_modified(|known| {
            let news = *known != pins;
            *known = pins;
            news
        });
    }

    fn holds(&self, pin: &Pin) -> bool {
        self.0.borrow().contains(pin)
    }

    /// Resolves when this key may talk to this node no longer.
    pub async fn gone(&self, pin: &Pin) {
        // The sender lives in `self`, so that this ends with the key alone.
        let mut pins = self.0.subscribe();
        let _gone = pins.wait_for(|pins| !pins.contains(pin)).await;
    }
}

/// The pin of a certificate's key.
///
/// # Errors
/// When the bytes are no certificate.
pub fn pin(certificate: &CertificateDer<'_>) -> Result<Pin, Error> {
    let parsed = rustls::server::ParsedCertificate::try_from(certificate)?;
    Ok(data_encoding::HEXLOWER.encode(&Sha256::digest(parsed.subject_public_key_info().as_ref())))
}

#[derive(Debug)]
struct Pinned {
    pins: Pins,
    provider: Arc<CryptoProvider>,
}

impl Pinned {
    fn check(&self, certificate: &CertificateDer<'_>) -> Result<(), Error> {
        if self.pins.holds(&pin(certificate)?) {
            Ok(())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }
}

/// What both of rustls' verifier traits ask for besides the certificate: signatures of TLS 1.3, by Ed25519 alone.
macro_rules! tls13_by_ed25519 {
    () => {
        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Err(Error::General("only TLS 1.3 is spoken here".to_owned()))
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let algorithms = &self.provider.signature_verification_algorithms;
            rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            vec![SignatureScheme::ED25519]
        }
    };
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _chain: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check(certificate).map(|()| ServerCertVerified::assertion())
    }

    tls13_by_ed25519!();
}

impl ClientCertVerifier for Pinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _chain: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.check(certificate).map(|()| ClientCertVerified::assertion())
    }

    tls13_by_ed25519!();
}

/// What this node shows of itself: a certificate over its wire key.
struct Shown {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

fn shown(keys: &Keys, node: &str) -> Result<Shown, Fault> {
    let fault = |error: &dyn std::fmt::Display| Fault::Key(format!("the wire key: {error}"));
    let der = PrivatePkcs8KeyDer::from(keys.wire_pkcs8());
    let pair = rcgen::KeyPair::try_from(&PrivateKeyDer::Pkcs8(der.clone_key())).map_err(|error| fault(&error))?;
    let params = rcgen::CertificateParams::new(vec![node.to_owned()]).map_err(|error| fault(&error))?;
    let certificate = params.self_signed(&pair).map_err(|error| fault(&error))?.der().clone();
    Ok(Shown { certificate, key: PrivateKeyDer::Pkcs8(der) })
}

/// Shows the wire key that the node shows now, made into a certificate once for as long as it stays the same.
struct Showing {
    identity: Arc<Identity>,
    made: Mutex<Option<(Pin, Arc<CertifiedKey>)>>,
}

impl std::fmt::Debug for Showing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Showing(…)")
    }
}

impl Showing {
    fn certified(&self) -> Result<Arc<CertifiedKey>, Fault> {
        let pin = self.identity.keys.wire_pin()?;
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, certified)) = made.as_ref().filter(|(known, _)| *known == pin) {
            return Ok(certified.clone());
        }
        let fault = |error: Error| Fault::Key(format!("the wire key: {error}"));
        let Shown { certificate, key } = shown(&self.identity.keys, &self.identity.node)?;
        let provider = rustls::crypto::ring::default_provider();
        let certified = Arc::new(CertifiedKey::from_der(vec![certificate], key, &provider).map_err(fault)?);
        *made = Some((pin, certified.clone()));
        Ok(certified)
    }
}

impl ResolvesServerCert for Showing {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let certified = self.certified();
        certified.inspect_err(|fault| tracing::error!(%fault, "no key can be shown to a peer")).ok()
    }
}

/// How a node answers its peers with this one key.
///
/// # Errors
/// When the wire key cannot be used.
pub fn server(keys: &Keys, node: &str, pins: &Pins) -> Result<Arc<ServerConfig>, Fault> {
    let fault = |error: Error| Fault::Key(format!("the wire key: {error}"));
    let Shown { certificate, key } = shown(keys, node)?;
    let provider = rustls::crypto::ring::default_provider();
    let certified = CertifiedKey::from_der(vec![certificate], key, &provider).map_err(fault)?;
    answering(Arc::new(SingleCertAndKey::from(certified)), pins)
}

/// How this node answers its peers: with the key that it shows when they call, which changes while it runs.
///
/// # Errors
/// When the wire key cannot be used.
pub fn server_showing(identity: &Arc<Identity>, pins: &Pins) -> Result<Arc<ServerConfig>, Fault> {
    let showing = Showing { identity: identity.clone(), made: Mutex::new(None) };
    showing.certified()?;
    answering(Arc::new(showing), pins)
}

fn answering(shows: Arc<dyn ResolvesServerCert>, pins: &Pins) -> Result<Arc<ServerConfig>, Fault> {
    let fault = |error: Error| Fault::Key(format!("the wire key: {error}"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(Pinned { pins: pins.clone(), provider: provider.clone() });
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(fault)?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(shows);
    // A resumed session would outlive a revoked pin.
    config.send_tls13_tickets = 0;
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(Arc::new(config))
}

/// How this node talks to the peer with this pin.
///
/// # Errors
/// When the wire key cannot be used.
pub fn client(keys: &Keys, node: &str, peer: Pin) -> Result<Arc<ClientConfig>, Fault> {
    client_of(keys, node, BTreeSet::from([peer]))
}

/// How this node talks to a peer that may show any of these keys.
///
/// # Errors
/// When the wire key cannot be used.
pub fn client_of(keys: &Keys, node: &str, peer: BTreeSet<Pin>) -> Result<Arc<ClientConfig>, Fault> {
    let fault = |error: Error| Fault::Key(format!("the wire key: {error}"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let pins = Pins::default();
    pins.set(peer);
    let verifier = Arc::new(Pinned { pins, provider: provider.clone() });
    let shown = shown(keys, node)?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(fault)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_auth_cert(vec![shown.certificate], shown.key)
        .map_err(fault)?;
    config.resumption = rustls::client::Resumption::disabled();
    config.enable_sni = false;
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(Arc::new(config))
}
