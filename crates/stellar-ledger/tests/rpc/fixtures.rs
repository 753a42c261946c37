//! Addresses, envelopes and XDR for the scripted answers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use coinslot_caip2_network::NetworkId;
use coinslot_soroban_authorization::{Envelope, SecretKey, Transfer, TransferTransaction};
use coinslot_stellar_address::{AccountId, Address, ContractId};
use stellar_xdr::{
    AccountId as XdrAccountId, ContractEvent, ContractEventBody, ContractEventType,
    ContractEventV0, ContractId as XdrContractId, Hash, Int128Parts, Limits, PublicKey, ScAddress,
    ScString, ScSymbol, ScVal, Uint256, WriteXdr,
};

use crate::node::PASSPHRASE;

pub(crate) const TOKEN: ContractId = ContractId::from_bytes([7; 32]);

pub(crate) fn network() -> NetworkId {
    NetworkId::from_passphrase(PASSPHRASE)
}

pub(crate) fn sponsor() -> SecretKey {
    SecretKey::from_seed([1; 32])
}

pub(crate) fn payer() -> AccountId {
    SecretKey::from_seed([2; 32]).account_id()
}

pub(crate) fn payee() -> AccountId {
    SecretKey::from_seed([3; 32]).account_id()
}

/// A transfer, signed by its sponsor.
pub(crate) fn envelope() -> Envelope {
    let transfer = Transfer {
        token: TOKEN,
        from: Address::Account(payer()),
        to: Address::Account(payee()),
        amount: 10_000,
    };
    let mut envelope = TransferTransaction {
        source: sponsor().account_id(),
        sequence: 5,
        fee: 50_000,
        max_time: Some(2_000_000_000),
        transfer,
        auth: Vec::new(),
        resources: None,
    }
    .to_envelope();
    envelope.sign(&sponsor(), &network()).unwrap();
    envelope
}

pub(crate) fn base64(value: &impl WriteXdr) -> String {
    STANDARD.encode(bytes(value))
}

pub(crate) fn bytes(value: &impl WriteXdr) -> Vec<u8> {
    let limits = Limits {
        depth: 500,
        len: 1_000_000,
    };
    value.to_xdr(limits).unwrap()
}

pub(crate) fn xdr_account(account: &AccountId) -> XdrAccountId {
    XdrAccountId(PublicKey::PublicKeyTypeEd25519(Uint256(
        *account.as_bytes(),
    )))
}

fn address(account: &AccountId) -> ScVal {
    ScVal::Address(ScAddress::Account(xdr_account(account)))
}

pub(crate) fn amount(amount: i128) -> ScVal {
    ScVal::I128(Int128Parts {
        hi: i64::try_from(amount >> 64).unwrap(),
        lo: u64::try_from(amount & i128::from(u64::MAX)).unwrap(),
    })
}

/// Topics as the contract of a classic asset has them.
pub(crate) fn topics(from: &AccountId, to: &AccountId) -> Vec<ScVal> {
    vec![
        ScVal::Symbol(ScSymbol("transfer".try_into().unwrap())),
        address(from),
        address(to),
        ScVal::String(ScString("USDC:G".try_into().unwrap())),
    ]
}

pub(crate) fn event(type_: ContractEventType) -> ContractEvent {
    ContractEvent {
        contract_id: Some(XdrContractId(Hash(*TOKEN.as_bytes()))),
        type_,
        body: ContractEventBody::V0(ContractEventV0 {
            topics: topics(&payer(), &payee()).try_into().unwrap(),
            data: amount(10_000),
        }),
        ..ContractEvent::default()
    }
}
