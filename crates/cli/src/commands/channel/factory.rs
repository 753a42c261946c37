//! The factory through which a channel is opened: whether its code is known, and which code its channels get.
//!
//! A deposit goes into whatever the factory makes, so a stranger's factory is not used without a word.

use coinslot_channel_commitment::ONE_WAY_CHANNEL_CODE;
use coinslot_soroban_authorization::LedgerKey;
use coinslot_stellar_address::ContractId;
use stellar_xdr::{
    ContractExecutable, LedgerEntryData, Limits, ReadXdr as _, ScContractInstance, ScVal,
};

use super::reading::unanswered;
use crate::exit::{Failure, Kind};
use crate::network::Selected;

/// Refuses a factory whose channels nobody knows.
pub(super) async fn must_be_known(
    selected: &Selected,
    factory: &ContractId,
) -> Result<(), Failure> {
    let key = LedgerKey::contract_instance(factory);
    let entries = selected.ledger.entries(&[key]).await;
    let entries = entries.map_err(|error| unanswered(&error))?;
    let Some(Some(entry)) = entries.found.first() else {
        return Err(Failure::configuration(format!(
            "--factory: there is no contract {factory} on {}",
            selected.network
        )));
    };
    let instance = instance(&entry.data);
    let is_ours = instance.as_ref().is_some_and(|instance| {
        matches!(&instance.executable, ContractExecutable::Wasm(hash) if hash.0 == FACTORY_CODE)
    });
    let made = instance.as_ref().and_then(code_of_channels);
    if is_ours && made == Some(ONE_WAY_CHANNEL_CODE) {
        return Ok(());
    }
    let why = if is_ours {
        "the channels that this factory makes have another code than the one that comes with this program"
    } else {
        "this is not the factory that comes with this program"
    };
    Err(Failure::new(
        Kind::Policy,
        format!(
            "{why}, and sellers would refuse its channels; use it anyway with --trust-factory if you have read its code"
        ),
    ))
}

fn instance(entry: &[u8]) -> Option<ScContractInstance> {
    let limits = Limits {
        depth: MAX_DEPTH,
        len: entry.len(),
    };
    match LedgerEntryData::from_xdr(entry, limits).ok()? {
        LedgerEntryData::ContractData(entry) => match entry.val {
            ScVal::ContractInstance(instance) => Some(instance),
            _ => None,
        },
        _ => None,
    }
}

/// What stands under `WasmHash`.
fn code_of_channels(instance: &ScContractInstance) -> Option<[u8; 32]> {
    let is_name = |key: &ScVal| matches!(key, ScVal::Vec(Some(name)) if matches!(name.as_slice(), [ScVal::Symbol(name)] if name.as_slice() == b"WasmHash"));
    let entry = instance
        .storage
        .as_ref()?
        .iter()
        .find(|entry| is_name(&entry.key))?;
    match &entry.val {
        ScVal::Bytes(bytes) => bytes.as_slice().try_into().ok(),
        _ => None,
    }
}

const MAX_DEPTH: u32 = 50;

/// The SHA-256 of `contracts/wasm/channel_factory.wasm`.
const FACTORY_CODE: [u8; 32] = [
    0xfe, 0x64, 0x5e, 0xd5, 0x65, 0x87, 0xf0, 0x0c, 0xb9, 0x66, 0x39, 0xb0, 0x06, 0x06, 0xa0, 0x29,
    0x53, 0x76, 0x9d, 0x9e, 0x4e, 0x75, 0xd4, 0xde, 0x32, 0x66, 0x29, 0xed, 0x8f, 0xf6, 0x05, 0x3c,
];

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::FACTORY_CODE;

    #[test]
    fn the_factory_is_the_one_that_is_committed() {
        let code = include_bytes!("../../../../../contracts/wasm/channel_factory.wasm");
        assert_eq!(<[u8; 32]>::from(Sha256::digest(code)), FACTORY_CODE);
    }
}
