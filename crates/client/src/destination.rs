//! Where a paying request may go: `https`, or `http` to this machine.

use std::net::IpAddr;

use reqwest::header::HeaderMap;
use url::{Host, Url};

/// Why a URL is not paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Insecure;

/// Refuses terms that nobody authenticated: `http` goes only to a loopback address or to `localhost`.
pub(crate) fn require_secure(url: &Url) -> Result<(), Insecure> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(url) => Ok(()),
        _ => Err(Insecure),
    }
}

/// The host as the caps count it: without a port and without the root's dot.
pub(crate) fn host_of(url: &Url) -> Option<String> {
    Some(url.host_str()?.trim_end_matches('.').to_owned())
}

/// The address, when the URL names one instead of a host.
pub(crate) fn literal_address(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

/// Seconds that a cache kept the answer before it came here (RFC 9111 §5.1).
pub(crate) fn age_seconds(headers: &HeaderMap) -> u64 {
    let age = headers
        .get(reqwest::header::AGE)
        .and_then(|value| value.to_str().ok());
    age.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.trim_end_matches('.') == "localhost",
        None => false,
    }
}
