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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_has_one_name_for_the_caps() {
        for url in [
            "https://api.example.com/",
            "https://API.example.com:8443/x",
            "https://api.example.com./",
        ] {
            assert_eq!(
                host_of(&url.parse().unwrap()).as_deref(),
                Some("api.example.com"),
                "{url}"
            );
        }
    }

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for url in [
            "https://example.com",
            "http://127.0.0.1",
            "http://127.9.9.9:1",
            "http://[::1]",
            "http://localhost.",
        ] {
            assert_eq!(require_secure(&url.parse().unwrap()), Ok(()), "{url}");
        }
        for url in [
            "http://example.com",
            "http://10.0.0.1",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://[::ffff:127.0.0.1]",
            "ftp://127.0.0.1",
            "ws://127.0.0.1",
        ] {
            assert_eq!(
                require_secure(&url.parse().unwrap()),
                Err(Insecure),
                "{url}"
            );
        }
    }
}
