//! The first ledger: configuration, the root account that holds all lumens, and USDC's issuer.

use std::rc::Rc;

use stellar_xdr::{
    AccountId, ConfigSettingId, LedgerEntry, LedgerEntryData, LedgerEntryExt, LedgerHeader,
    LedgerKey, LedgerKeyConfigSetting, PublicKey, Signer, SignerKey, Uint256,
};

use super::EngineError;
use super::classic::create_account::new_account;
use super::close::{TOTAL_COINS, first_header};
use super::overlay::account_key;
use super::state::{State, Stored};
use super::treasury;
use crate::settings::{FeeSettings, config_entries};

/// Testnet's issuer of USDC, `GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5`.
pub(crate) const USDC_ISSUER: [u8; 32] = [
    0x42, 0x3e, 0x7d, 0x05, 0xf2, 0xec, 0xaf, 0xbf, 0xec, 0x19, 0x2b, 0x21, 0x5a, 0x3f, 0x1b, 0xe9,
    0x6a, 0xed, 0xb8, 0xd8, 0xe7, 0x02, 0x54, 0xab, 0xe3, 0x41, 0x3e, 0x02, 0x07, 0xde, 0x56, 0xb2,
];

/// What the issuer holds, in stroops; enough for its fees.
const ISSUER_BALANCE: i64 = 1_000_000_000_000;

pub(crate) fn header() -> LedgerHeader {
    first_header()
}

/// The entries that exist before the first transaction.
pub(crate) fn entries(network_id: [u8; 32], fees: FeeSettings) -> Result<State, EngineError> {
    let mut state = State::default();
    let mut first = Vec::new();
    for setting in config_entries(fees)? {
        let id: ConfigSettingId = setting.discriminant();
        let key = LedgerKey::ConfigSetting(LedgerKeyConfigSetting {
            config_setting_id: id,
        });
        first.push((key, LedgerEntryData::ConfigSetting(setting)));
    }
    let root = account_id(*treasury::root_key(network_id).account_id().as_bytes());
    let root_account = new_account(&root, TOTAL_COINS.saturating_sub(ISSUER_BALANCE), 0);
    first.push((account_key(&root), LedgerEntryData::Account(root_account)));

    let issuer = account_id(USDC_ISSUER);
    let mut issuer_account = new_account(&issuer, ISSUER_BALANCE, 0);
    let faucet = *treasury::faucet_key(network_id).account_id().as_bytes();
    issuer_account.signers = vec![Signer {
        key: SignerKey::Ed25519(Uint256(faucet)),
        weight: 1,
    }]
    .try_into()?;
    issuer_account.num_sub_entries = 1;
    first.push((
        account_key(&issuer),
        LedgerEntryData::Account(issuer_account),
    ));

    state.commit(first.into_iter().map(|(key, data)| {
        let entry = LedgerEntry {
            last_modified_ledger_seq: 1,
            data,
            ext: LedgerEntryExt::V0,
        };
        let stored = Stored {
            entry: Rc::new(entry),
            live_until: None,
        };
        (Rc::new(key), Some(stored))
    }));
    Ok(state)
}

/// An account by its raw key.
pub(crate) fn account_id(key: [u8; 32]) -> AccountId {
    AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(key)))
}
