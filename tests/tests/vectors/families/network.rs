//! Networks by their passphrase.

use coinslot_caip2_network::NetworkId;

use crate::case::Case;

/// The network of a case.
pub(super) fn of(case: &Case) -> Result<NetworkId, String> {
    case.text("network_passphrase")
        .map(NetworkId::from_passphrase)
}
