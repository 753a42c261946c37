//! The id that a channel will have, before it is opened (CAP-46-2).

use coinslot_caip2_network::NetworkId;
use coinslot_stellar_address::{AccountId, ContractId};
use sha2::{Digest as _, Sha256};

/// The id of the channel that a factory opens with this salt.
#[must_use]
pub fn channel_id_from_factory(
    network: &NetworkId,
    factory: &ContractId,
    salt: &[u8; 32],
) -> ContractId {
    channel_id(
        network,
        &[&SC_ADDRESS_CONTRACT.to_be_bytes(), factory.as_bytes()],
        salt,
    )
}

/// The id of the channel that an account deploys by itself with this salt.
#[must_use]
pub fn channel_id_from_account(
    network: &NetworkId,
    deployer: &AccountId,
    salt: &[u8; 32],
) -> ContractId {
    channel_id(
        network,
        &[
            &SC_ADDRESS_ACCOUNT.to_be_bytes(),
            &KEY_TYPE_ED25519.to_be_bytes(),
            deployer.as_bytes(),
        ],
        salt,
    )
}

/// The hash of a `HashIDPreimage` of a contract id from an address.
fn channel_id(network: &NetworkId, deployer: &[&[u8]], salt: &[u8; 32]) -> ContractId {
    let mut hash = Sha256::new_with_prefix(ENVELOPE_TYPE_CONTRACT_ID.to_be_bytes())
        .chain_update(network.as_bytes())
        .chain_update(CONTRACT_ID_PREIMAGE_FROM_ADDRESS.to_be_bytes());
    for part in deployer {
        hash.update(part);
    }
    ContractId::from_bytes(hash.chain_update(salt).finalize().into())
}

const ENVELOPE_TYPE_CONTRACT_ID: u32 = 8;
const CONTRACT_ID_PREIMAGE_FROM_ADDRESS: u32 = 0;
const SC_ADDRESS_ACCOUNT: u32 = 0;
const SC_ADDRESS_CONTRACT: u32 = 1;
const KEY_TYPE_ED25519: u32 = 0;
