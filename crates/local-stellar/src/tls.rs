//! A certificate authority of this run only, and a certificate for loopback names that it signs.

use axum_server::tls_rustls::RustlsConfig;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

/// The names under which the HTTPS server answers.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// What the HTTPS server needs, and what its clients must trust.
pub(crate) struct Identity {
    pub(crate) server: RustlsConfig,
    /// The authority's certificate.
    pub(crate) ca_pem: String,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("no certificate could be made: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("the certificate could not be used: {0}")]
    Configuration(#[from] std::io::Error),
}

/// Makes an authority and a server certificate. Their keys are never written to disk.
pub(crate) async fn identity(extra_name: &str) -> Result<Identity, TlsError> {
    let mut authority = CertificateParams::new(Vec::default())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority
        .distinguished_name
        .push(DnType::CommonName, "coinslot local Stellar network");
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority_key = KeyPair::generate()?;
    let authority_certificate = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);

    let mut names: Vec<String> = NAMES.map(str::to_owned).to_vec();
    if !names.iter().any(|name| name == extra_name) {
        names.push(extra_name.to_owned());
    }
    let mut leaf = CertificateParams::new(names)?;
    leaf.distinguished_name
        .push(DnType::CommonName, "localhost");
    leaf.use_authority_key_identifier_extension = true;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let leaf_key = KeyPair::generate()?;
    let certificate = leaf.signed_by(&leaf_key, &issuer)?;

    let server =
        RustlsConfig::from_der(vec![certificate.der().to_vec()], leaf_key.serialize_der()).await?;
    Ok(Identity {
        server,
        ca_pem: authority_certificate.pem(),
    })
}
