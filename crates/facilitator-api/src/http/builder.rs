//! Configuration of the client, checked before the first request.

use std::fmt;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::redirect::Policy;
use url::{Host, Url};

use super::HttpFacilitator;
use super::exchange::{Remote, Timeouts};
use super::supported::SupportedCache;

/// Builds an [`HttpFacilitator`].
#[must_use]
pub struct HttpFacilitatorBuilder {
    address: String,
    api_key: Option<String>,
    root_certificates: Vec<Vec<u8>>,
    connect_timeout: Duration,
    verify_timeout: Duration,
    settle_timeout: Duration,
    supported_age: Duration,
}

impl HttpFacilitatorBuilder {
    pub(super) const fn new(address: String) -> Self {
        Self {
            address,
            api_key: None,
            root_certificates: Vec::new(),
            connect_timeout: Duration::from_secs(5),
            verify_timeout: Duration::from_secs(15),
            settle_timeout: Duration::from_secs(60),
            supported_age: Duration::from_secs(300),
        }
    }

    /// The key that is sent as a Bearer token, to this facilitator only.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// One more certificate authority to trust, in PEM, for networks of one's own.
    pub fn root_certificate_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// How long a connection may take; 5 seconds unless set.
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long `/verify` and `/supported` may take; 15 seconds unless set.
    pub const fn verify_timeout(mut self, timeout: Duration) -> Self {
        self.verify_timeout = timeout;
        self
    }

    /// How long one `/settle` may take; 60 seconds unless set. A settlement that was cut off is
    /// pending, so this should be longer than the facilitator takes to confirm.
    pub const fn settle_timeout(mut self, timeout: Duration) -> Self {
        self.settle_timeout = timeout;
        self
    }

    /// How old an answer to `/supported` may be; 5 minutes unless set.
    pub const fn supported_age(mut self, age: Duration) -> Self {
        self.supported_age = age;
        self
    }

    /// The client.
    ///
    /// # Errors
    /// [`HttpFacilitatorConfigError`].
    pub fn build(self) -> Result<HttpFacilitator, HttpFacilitatorConfigError> {
        let address = Address::parse(&self.address)?;
        let authorization = self.api_key.as_deref().map(bearer).transpose()?;
        let mut client = reqwest::Client::builder()
            .redirect(Policy::none())
            .connect_timeout(self.connect_timeout)
            .user_agent(concat!("coinslot/", env!("CARGO_PKG_VERSION")));
        if !address.encrypted {
            // A proxy would see the key, and loopback needs none.
            client = client.no_proxy();
        }
        for pem in &self.root_certificates {
            let certificate = reqwest::Certificate::from_pem(pem)
                .map_err(HttpFacilitatorConfigError::Certificate)?;
            client = client.add_root_certificate(certificate);
        }
        let client = client.build().map_err(HttpFacilitatorConfigError::Client)?;
        let timeouts = Timeouts {
            verify: self.verify_timeout,
            settle: self.settle_timeout,
        };
        Ok(HttpFacilitator {
            remote: Remote::new(client, address.text, authorization, timeouts),
            supported: SupportedCache::new(self.supported_age),
        })
    }
}

/// The key is not shown.
impl fmt::Debug for HttpFacilitatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpFacilitatorBuilder")
            .field("address", &self.address)
            .field("api_key", &self.api_key.as_ref().map(|_| "[redacted]"))
            .field("settle_timeout", &self.settle_timeout)
            .finish_non_exhaustive()
    }
}

struct Address {
    /// Without a slash at its end.
    text: String,
    encrypted: bool,
}

impl Address {
    fn parse(text: &str) -> Result<Self, HttpFacilitatorConfigError> {
        let url = Url::parse(text).map_err(HttpFacilitatorConfigError::Address)?;
        let encrypted = match url.scheme() {
            "https" => true,
            "http" if is_loopback(&url) => false,
            "http" => return Err(HttpFacilitatorConfigError::NotEncrypted),
            _ => return Err(HttpFacilitatorConfigError::Scheme),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(HttpFacilitatorConfigError::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(HttpFacilitatorConfigError::Query);
        }
        Ok(Self {
            text: url.as_str().trim_end_matches('/').to_owned(),
            encrypted,
        })
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn bearer(key: &str) -> Result<HeaderValue, HttpFacilitatorConfigError> {
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(HttpFacilitatorConfigError::ApiKey);
    }
    let mut value = HeaderValue::try_from(format!("Bearer {key}"))
        .map_err(|_| HttpFacilitatorConfigError::ApiKey)?;
    value.set_sensitive(true);
    Ok(value)
}

/// A facilitator's configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpFacilitatorConfigError {
    /// The address is no URL.
    #[error("the facilitator's address is not a URL; give one such as https://facilitator.example")]
    Address(#[source] url::ParseError),
    /// The address is neither `https` nor `http`.
    #[error("the facilitator's address must begin with https://")]
    Scheme,
    /// Plain `http` to another computer.
    #[error("the facilitator's address must begin with https://; plain http is for loopback only")]
    NotEncrypted,
    /// A user name or a password in the address.
    #[error("the facilitator's address must not hold a user name or password; give an API key")]
    Credentials,
    /// A query or a fragment in the address.
    #[error("the facilitator's address must end with its path, without ? and #")]
    Query,
    /// A key that no header can carry.
    #[error("the facilitator's API key must be visible ASCII without spaces")]
    ApiKey,
    /// A root certificate that cannot be read.
    #[error("the facilitator's root certificate is not a certificate in PEM")]
    Certificate(#[source] reqwest::Error),
    /// The HTTP client cannot be set up.
    #[error("the HTTP client for the facilitator cannot be set up")]
    Client(#[source] reqwest::Error),
}
