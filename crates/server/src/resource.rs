//! Where a resource lives: the public base from configuration and the path from the request.
//!
//! `resource.url` is what the buyer's wallet shows and what the receipt is about, so the `Host`
//! header, which a stranger writes, has no say in it.

use http::Uri;
use http::uri::Scheme;

/// The public address under which a service is reached, such as `https://api.example.com` or
/// `https://example.com/api`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResourceBase(String);

/// A text is not a public base address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResourceBaseError {
    /// It is no absolute address.
    #[error("the public base must be an absolute address such as https://api.example.com")]
    NotAbsolute,
    /// Its scheme is neither `https` nor `http`.
    #[error("the public base must begin with https:// or http://")]
    Scheme,
    /// It holds a user name or password.
    #[error("the public base is shown to everyone and must hold no user name or password")]
    Credentials,
    /// It has a query or a fragment.
    #[error("the public base ends with its path: no ? and no # in it")]
    QueryOrFragment,
    /// It holds a byte that an address cannot hold.
    #[error("the public base holds a character that must be percent-encoded")]
    Unescaped,
}

impl ResourceBase {
    pub(crate) fn parse(text: &str) -> Result<Self, ResourceBaseError> {
        if text.contains(['?', '#']) {
            return Err(ResourceBaseError::QueryOrFragment);
        }
        if !text.bytes().all(is_plain) {
            return Err(ResourceBaseError::Unescaped);
        }
        let uri: Uri = text.parse().map_err(|_| ResourceBaseError::NotAbsolute)?;
        let authority = uri.authority().ok_or(ResourceBaseError::NotAbsolute)?;
        if uri.scheme() != Some(&Scheme::HTTPS) && uri.scheme() != Some(&Scheme::HTTP) {
            return Err(ResourceBaseError::Scheme);
        }
        if authority.as_str().contains('@') {
            return Err(ResourceBaseError::Credentials);
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    /// The host, with its port if it names one.
    pub(crate) fn host(&self) -> &str {
        let behind_scheme = self.0.split_once("://").map_or("", |(_, rest)| rest);
        behind_scheme.split('/').next().unwrap_or_default()
    }

    /// The public address of what `uri` asks for: the base, then path and query. What an address
    /// cannot hold is percent-encoded, so the result needs no escaping inside JSON.
    pub(crate) fn url(&self, uri: &Uri) -> String {
        let path = uri.path();
        let query = uri.query();
        let length = self.0.len() + path.len() + query.map_or(0, |query| query.len() + 1) + 1;
        let mut url = String::with_capacity(length);
        url.push_str(&self.0);
        if !path.starts_with('/') {
            url.push('/');
        }
        push_escaped(&mut url, path);
        if let Some(query) = query {
            url.push('?');
            push_escaped(&mut url, query);
        }
        url
    }
}

fn push_escaped(url: &mut String, text: &str) {
    if text.bytes().all(is_plain) {
        url.push_str(text);
        return;
    }
    for byte in text.bytes() {
        if is_plain(byte) {
            url.push(char::from(byte));
        } else {
            url.push('%');
            for digit in [byte >> 4, byte & 15] {
                url.extend(
                    char::from_digit(digit.into(), 16).map(|digit| digit.to_ascii_uppercase()),
                );
            }
        }
    }
}

/// What RFC 3986 lets stand in an address, `%` included.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
        )
}

#[cfg(test)]
mod tests;
