//! Who pays, who is paid, and how much, read out of the other crate's types.

use coinslot_soroban_authorization::Transfer;
use coinslot_stellar_address::{AccountId, Address, ContractId, MuxedAccountId};
use stellar_xdr::{
    AccountId as XdrAccountId, InvokeContractArgs, PublicKey, ScAddress, ScVal, Uint256,
};

pub(super) fn as_transfer(call: &InvokeContractArgs) -> Option<Transfer> {
    let ScAddress::Contract(token) = &call.contract_address else {
        return None;
    };
    let [from, to, amount] = call.args.as_slice() else {
        return None;
    };
    if call.function_name.as_slice() != b"transfer" {
        return None;
    }
    Some(Transfer {
        token: ContractId::from_bytes(token.0.0),
        from: party_value(from)?,
        to: party_value(to)?,
        amount: amount_value(amount)?,
    })
}

pub(super) fn amount_value(value: &ScVal) -> Option<i128> {
    match value {
        ScVal::I128(parts) => Some(i128::from(parts)),
        _ => None,
    }
}

pub(super) fn party_value(value: &ScVal) -> Option<Address> {
    match value {
        ScVal::Address(address) => party(address),
        _ => None,
    }
}

pub(super) fn party(address: &ScAddress) -> Option<Address> {
    match address {
        ScAddress::Account(XdrAccountId(PublicKey::PublicKeyTypeEd25519(Uint256(key)))) => {
            Some(Address::Account(AccountId::from_bytes(*key)))
        }
        ScAddress::Contract(id) => Some(Address::Contract(ContractId::from_bytes(id.0.0))),
        ScAddress::MuxedAccount(muxed) => Some(Address::Muxed(MuxedAccountId::new(
            AccountId::from_bytes(muxed.ed25519.0),
            muxed.id,
        ))),
        _ => None,
    }
}
