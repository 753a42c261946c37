//! Calls with their arguments, and the ids of channels.

use coinslot_caip2_network::NetworkId;
use coinslot_channel_commitment::{
    CallArgument, ChannelCall, CommitmentKey, CommitmentTemplate, CommitmentVerifier, OpenChannel,
    channel_id_from_account, channel_id_from_factory,
};
use coinslot_stellar_address::{AccountId, ContractId};
use stellar_xdr::{
    ContractIdPreimage, ContractIdPreimageFromAddress, Hash, HashIdPreimage,
    HashIdPreimageContractId, Limits, PublicKey, ScAddress, Uint256, WriteXdr,
};

use crate::contract_run::{TOKEN, contract, funder, recipient};

#[test]
fn vouchers_become_an_amount_and_a_signature() {
    let network = NetworkId::from_bytes([0; 32]);
    let key = CommitmentKey::from_seed([7; 32]);
    let voucher = key.sign_amount(
        &CommitmentTemplate::new(&network, &contract(5)),
        300_u64.into(),
    );
    let verified = CommitmentVerifier::new(&network, &contract(5), &key.public_key())
        .unwrap()
        .verify(voucher)
        .unwrap();
    let arguments = [
        CallArgument::I128(300),
        CallArgument::Bytes(voucher.signature().to_vec()),
    ];
    for (call, function) in [
        (ChannelCall::Settle(verified), "settle"),
        (ChannelCall::Close(verified), "close"),
    ] {
        assert_eq!(call.function(), function);
        assert_eq!(call.arguments(), arguments);
    }
}

#[test]
fn the_other_functions_have_an_amount_or_nothing() {
    for (call, function) in [
        (ChannelCall::TopUp(7_u64.into()), "top_up"),
        (
            ChannelCall::PrepareCommitment(7_u64.into()),
            "prepare_commitment",
        ),
    ] {
        assert_eq!(call.function(), function);
        assert_eq!(call.arguments(), [CallArgument::I128(7)]);
    }
    for (call, function) in [
        (ChannelCall::CloseStart, "close_start"),
        (ChannelCall::Refund, "refund"),
        (ChannelCall::Token, "token"),
        (ChannelCall::From, "from"),
        (ChannelCall::To, "to"),
        (ChannelCall::RefundWaitingPeriod, "refund_waiting_period"),
        (ChannelCall::Balance, "balance"),
        (ChannelCall::Deposited, "deposited"),
        (ChannelCall::Withdrawn, "withdrawn"),
    ] {
        assert_eq!(call.function(), function);
        assert_eq!(call.arguments(), []);
    }
}

#[test]
fn a_channel_is_opened_with_arguments_in_the_contract_s_order() {
    let commitment_key = CommitmentKey::from_seed([7; 32]).public_key();
    let open = OpenChannel {
        token: TOKEN.parse().unwrap(),
        funder: funder(),
        commitment_key,
        recipient: recipient(),
        deposit: 500_u64.into(),
        refund_waiting_period: 100,
    };
    let arguments = [
        CallArgument::Address(open.token.into()),
        CallArgument::Address(funder()),
        CallArgument::Bytes(commitment_key.as_bytes().to_vec()),
        CallArgument::Address(recipient()),
        CallArgument::I128(500),
        CallArgument::U32(100),
    ];
    assert_eq!(OpenChannel::CONSTRUCTOR, "__constructor");
    assert_eq!(open.constructor_arguments(), arguments);
    assert_eq!(OpenChannel::FACTORY_FUNCTION, "open");
    let salted = open.factory_arguments(&[9; 32]);
    assert_eq!(salted[0], CallArgument::Bytes(vec![9; 32]));
    assert_eq!(salted[1..], arguments);
}

/// The reference's own factory, the contract 2 on the network 0, opened this channel with a salt of zeros.
#[test]
fn the_id_is_known_before_the_factory_opens_the_channel() {
    let network = NetworkId::from_bytes([0; 32]);
    let opened: ContractId = "CBRIAA73VOIKPZYM5G3LGPF3NGCFXLR3IW22MKEYJAB3QBOMTUTRCASK"
        .parse()
        .unwrap();
    assert_eq!(
        channel_id_from_factory(&network, &contract(2), &[0; 32]),
        opened
    );
    assert_ne!(
        channel_id_from_factory(&network, &contract(2), &[1; 32]),
        opened
    );
    assert_ne!(
        channel_id_from_factory(&network, &contract(3), &[0; 32]),
        opened
    );
}

#[test]
fn ids_are_hashes_of_the_network_s_preimage() {
    use sha2::{Digest as _, Sha256};

    let network = NetworkId::from_passphrase("somewhere");
    let (key, salt) = ([3; 32], [4; 32]);
    let expected = |address: ScAddress| {
        let preimage = HashIdPreimage::ContractId(HashIdPreimageContractId {
            network_id: Hash(*network.as_bytes()),
            contract_id_preimage: ContractIdPreimage::Address(ContractIdPreimageFromAddress {
                address,
                salt: Uint256(salt),
            }),
        });
        let limits = Limits {
            depth: 10,
            len: 1_000,
        };
        ContractId::from_bytes(Sha256::digest(preimage.to_xdr(limits).unwrap()).into())
    };
    let account = ScAddress::Account(stellar_xdr::AccountId(PublicKey::PublicKeyTypeEd25519(
        Uint256(key),
    )));
    assert_eq!(
        channel_id_from_account(&network, &AccountId::from_bytes(key), &salt),
        expected(account)
    );
    let factory = ScAddress::Contract(stellar_xdr::ContractId(Hash(key)));
    assert_eq!(
        channel_id_from_factory(&network, &ContractId::from_bytes(key), &salt),
        expected(factory)
    );
}
