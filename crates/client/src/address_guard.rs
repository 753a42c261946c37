//! Keeps strangers who choose URLs away from this machine and its network (server-side request forgery).
//!
//! The check is made where the connection is: on the very addresses that the resolver hands to the connector, so
//! that a name cannot mean one address when it is checked and another when it is used. An address that stands in
//! the URL itself never passes a resolver and is checked before the request is sent.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Url;

use crate::destination::literal_address;

#[cfg(test)]
mod tests;

/// Which addresses the client connects to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Destinations {
    /// Every address, this machine and its private network included.
    #[default]
    Anywhere,
    /// Public addresses only: no loopback, private, link-local, shared, multicast, documentation or reserved ones.
    PublicOnly,
}

/// A connection was refused because of where it leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address} is not a public address, and this client connects to public addresses only")]
pub struct AddressRefused {
    /// The address.
    pub address: IpAddr,
}

impl Destinations {
    /// Refuses a URL that names an address which is not allowed.
    pub(crate) fn check_literal(self, url: &Url) -> Result<(), AddressRefused> {
        literal_address(url).map_or(Ok(()), |address| self.check(address))
    }

    fn check(self, address: IpAddr) -> Result<(), AddressRefused> {
        match self {
            Self::Anywhere => Ok(()),
            Self::PublicOnly if is_public(address) => Ok(()),
            Self::PublicOnly => Err(AddressRefused { address }),
        }
    }
}

/// Resolves by the system, and refuses a name as a whole when one of its addresses is not public.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GuardedResolver;

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            for socket in &found {
                Destinations::PublicOnly.check(socket.ip())?;
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// The refusal inside an error of the HTTP client, if it is there.
pub(crate) fn refusal_in(error: &(dyn Error + 'static)) -> Option<AddressRefused> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(refused) = error.downcast_ref::<AddressRefused>() {
            return Some(*refused);
        }
        next = error.source();
    }
    None
}

/// Whether an address is reachable from everywhere (the IANA special-purpose registries).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let within = |(network, prefix): &([u8; 4], u32)| {
        let mask = u32::MAX << (u32::BITS - prefix);
        address.to_bits() & mask == u32::from_be_bytes(*network)
    };
    !NOT_PUBLIC_V4.iter().any(within)
}

/// Only global unicast is public. An IPv4 address inside (mapped, compatible, NAT64, 6to4) is judged as itself;
/// Teredo hides one, and is refused.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let embedded = |high: u16, low: u16| {
        let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] => embedded(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        [0x2001, 0..=0x1ff, ..] => false,
        [0x2001, 0xdb8, ..] => false,
        [0x3fff, 0..=0xfff, ..] => false,
        [0x2000..=0x3fff, ..] => true,
        _ => false,
    }
}

/// What is not reachable from everywhere, as network and prefix length.
const NOT_PUBLIC_V4: [([u8; 4], u32); 15] = [
    ([0, 0, 0, 0], 8),       // "this" network
    ([10, 0, 0, 0], 8),      // private
    ([100, 64, 0, 0], 10),   // shared by carriers
    ([127, 0, 0, 0], 8),     // loopback
    ([169, 254, 0, 0], 16),  // link-local, with the metadata services of clouds
    ([172, 16, 0, 0], 12),   // private
    ([192, 0, 0, 0], 24),    // protocol assignments
    ([192, 0, 2, 0], 24),    // documentation
    ([192, 88, 99, 0], 24),  // 6to4 relays
    ([192, 168, 0, 0], 16),  // private
    ([198, 18, 0, 0], 15),   // benchmarks
    ([198, 51, 100, 0], 24), // documentation
    ([203, 0, 113, 0], 24),  // documentation
    ([224, 0, 0, 0], 4),     // multicast
    ([240, 0, 0, 0], 4),     // reserved, and broadcast
];
