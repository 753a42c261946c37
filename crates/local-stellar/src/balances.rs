//! What somebody holds.

use coinslot_stellar_address::{Address, ContractId};
use coinslot_usdc_amount::BaseUnits;
use stellar_xdr::{
    Asset, ContractDataDurability, ContractId as XdrContractId, Hash, LedgerEntryData, LedgerKey,
    LedgerKeyContractData, ScAddress, ScVal, ScVec,
};

use crate::engine::Engine;
use crate::engine::genesis::account_id;

/// The balance of an asset: an account's by its trustline, a contract's by its entry in the asset's contract.
pub(crate) fn of(
    engine: &Engine,
    holder: &Address,
    token: ContractId,
    asset: &Asset,
) -> Option<BaseUnits> {
    match holder.account_key() {
        Some(account) => {
            let line = engine.trustline(&account_id(*account.as_bytes()), asset)?;
            u64::try_from(line.balance).ok().map(BaseUnits::from_u64)
        }
        None => {
            let Address::Contract(holder) = holder else {
                return None;
            };
            Some(contract_balance(engine, *holder, token).unwrap_or(BaseUnits::ZERO))
        }
    }
}

fn contract_balance(engine: &Engine, holder: ContractId, token: ContractId) -> Option<BaseUnits> {
    let address =
        |contract: ContractId| ScAddress::Contract(XdrContractId(Hash(*contract.as_bytes())));
    let symbol = ScVal::Symbol(stellar_xdr::ScSymbol("Balance".try_into().ok()?));
    let holder = ScVal::Address(address(holder));
    let key = LedgerKey::ContractData(LedgerKeyContractData {
        contract: address(token),
        key: ScVal::Vec(Some(ScVec(vec![symbol, holder].try_into().ok()?))),
        durability: ContractDataDurability::Persistent,
    });
    let LedgerEntryData::ContractData(data) = &engine.state().entries().load(&key)?.entry.data
    else {
        return None;
    };
    let ScVal::Map(Some(fields)) = &data.val else {
        return None;
    };
    let amount = fields
        .iter()
        .find_map(|field| match (&field.key, &field.val) {
            (ScVal::Symbol(name), ScVal::I128(amount)) if name.0.as_slice() == b"amount" => {
                Some((i128::from(amount.hi) << 64) | i128::from(amount.lo))
            }
            _ => None,
        })?;
    BaseUnits::new(u128::try_from(amount).ok()?).ok()
}
