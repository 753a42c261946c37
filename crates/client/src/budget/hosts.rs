//! Which hosts may be paid.

use core::fmt;
use core::str::FromStr;

use url::{Host, Url};

/// Every host may be paid, within the caps.
///
/// Choosing this turns the [address guard](crate::Destinations::PublicOnly) on, because whoever chooses the
/// URL then chooses what this machine connects to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Any;

/// One host of the allow-list: `api.example.com`, `api.example.com:8443`, `127.0.0.1` or `[::1]:3000`.
///
/// Without a port it stands for every port of the host. There are no wildcards: a subdomain is a host of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRule {
    host: Host<String>,
    port: Option<u16>,
}

impl HostRule {
    /// Whether the URL's host, and its port when the rule has one, are those of the rule.
    #[must_use]
    pub fn allows(&self, url: &Url) -> bool {
        let same_host = url.host().is_some_and(|host| host.to_owned() == self.host);
        let same_port = self
            .port
            .is_none_or(|port| url.port_or_known_default() == Some(port));
        same_host && same_port
    }
}

impl FromStr for HostRule {
    type Err = ParseHostError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |kind| ParseHostError { kind };
        if text.is_empty() {
            return Err(error(ParseHostErrorKind::Empty));
        }
        if text.contains('/') || text.contains('@') {
            return Err(error(ParseHostErrorKind::Url));
        }
        if text.contains('*') {
            return Err(error(ParseHostErrorKind::Wildcard));
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !text.ends_with(']') => {
                let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
                let port = port.parse().ok().filter(|port| digits && *port != 0);
                (host, Some(port.ok_or(error(ParseHostErrorKind::Port))?))
            }
            _ => (text, None),
        };
        let host = Host::parse(host).map_err(|_| error(ParseHostErrorKind::Name))?;
        Ok(Self { host, port })
    }
}

impl fmt::Display for HostRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => self.host.fmt(f),
        }
    }
}

/// A text that names no host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a host name with an optional port: {kind}")]
pub struct ParseHostError {
    kind: ParseHostErrorKind,
}

impl ParseHostError {
    /// What is wrong with the text.
    #[must_use]
    pub fn kind(&self) -> ParseHostErrorKind {
        self.kind
    }
}

/// Why a text is not a [`HostRule`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseHostErrorKind {
    /// Nothing between the commas.
    #[error("it is empty")]
    Empty,
    /// A whole URL where only its host belongs.
    #[error("it is a URL; give only the host, as in api.example.com")]
    Url,
    /// A `*`, which no rule understands.
    #[error("wildcards are not understood; list each host, or allow any")]
    Wildcard,
    /// A port that is not a number from 1 to 65535.
    #[error("the port is not a number from 1 to 65535")]
    Port,
    /// Not a domain name or an IP address.
    #[error("the name is no domain and no IP address (IPv6 in brackets)")]
    Name,
}

/// The hosts of a budget: a list, or [`Any`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hosts {
    Any,
    Only(Vec<HostRule>),
}

impl Hosts {
    pub(crate) fn allow(&self, url: &Url) -> bool {
        match self {
            Self::Any => true,
            Self::Only(rules) => rules.iter().any(|rule| rule.allows(url)),
        }
    }
}

/// What [`hosts`](super::NeedsHosts::hosts) takes: [`Any`], or a list of host names.
pub trait IntoHosts: sealed::Sealed {}

impl<T: sealed::Sealed> IntoHosts for T {}

pub(super) mod sealed {
    use super::{Any, HostRule, Hosts, ParseHostError};

    pub trait Sealed {
        fn into_hosts(self) -> Result<Hosts, ParseHostError>;
    }

    impl Sealed for Any {
        fn into_hosts(self) -> Result<Hosts, ParseHostError> {
            Ok(Hosts::Any)
        }
    }

    impl<S: AsRef<str>, const N: usize> Sealed for [S; N] {
        fn into_hosts(self) -> Result<Hosts, ParseHostError> {
            self.as_slice().into_hosts()
        }
    }

    impl<S: AsRef<str>> Sealed for Vec<S> {
        fn into_hosts(self) -> Result<Hosts, ParseHostError> {
            self.as_slice().into_hosts()
        }
    }

    impl<S: AsRef<str>> Sealed for &[S] {
        fn into_hosts(self) -> Result<Hosts, ParseHostError> {
            let rules = self.iter().map(|text| text.as_ref().parse::<HostRule>());
            rules.collect::<Result<_, _>>().map(Hosts::Only)
        }
    }
}
