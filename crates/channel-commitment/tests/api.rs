//! The traits that the public types have, and what their `Debug` does not show.

use core::{error::Error, fmt::Debug, hash::Hash};

use coinslot_caip2_network::NetworkId;
use coinslot_channel_commitment::{
    CallArgument, ChannelCall, ChannelEvent, ChannelInstance, ChannelProof, Commitment,
    CommitmentKey, CommitmentPublicKey, CommitmentTemplate, CommitmentVerifier,
    DecodeCommitmentError, DecodeError, InvalidSignatureError, OpenChannel, ParseKeyError,
    ParseSignatureError, TokenBalance, UnusableKeyError, VerifiedChannelProof, VerifiedVoucher,
    Voucher,
};
use coinslot_stellar_address::ContractId;

fn shared<T: Send + Sync + Debug + Clone + 'static>() {}
fn value<T: Send + Sync + Debug + Copy + Eq + 'static>() {}
fn identifier<T: Send + Sync + Debug + Copy + Ord + Hash + 'static>() {}
fn error<T: Error + Copy + Eq + Send + Sync + 'static>() {}

#[test]
fn values_can_be_shared_and_cloned() {
    shared::<CallArgument>();
    shared::<CommitmentKey>();
    shared::<CommitmentTemplate>();
    shared::<CommitmentVerifier>();
    value::<ChannelCall>();
    value::<ChannelEvent>();
    value::<ChannelInstance>();
    value::<ChannelProof>();
    value::<Commitment>();
    value::<OpenChannel>();
    value::<TokenBalance>();
    value::<VerifiedChannelProof>();
    value::<VerifiedVoucher>();
    value::<Voucher>();
}

#[test]
fn identifiers_are_ordered_and_hashed() {
    identifier::<CommitmentPublicKey>();
}

#[test]
fn errors_are_errors() {
    error::<DecodeCommitmentError>();
    error::<DecodeError>();
    error::<InvalidSignatureError>();
    error::<ParseKeyError>();
    error::<ParseSignatureError>();
    error::<UnusableKeyError>();
}

#[test]
fn debug_shows_no_secret_and_no_signature() {
    let key = CommitmentKey::from_seed([0xab; 32]);
    let commitment = Commitment {
        network: NetworkId::from_bytes([1; 32]),
        channel: ContractId::from_bytes([2; 32]),
        amount: 3_u64.into(),
    };
    let voucher = key.sign(&commitment);
    let proof = key.prove(&commitment.network, &commitment.channel, 4);
    let verifier =
        CommitmentVerifier::new(&commitment.network, &commitment.channel, &key.public_key())
            .unwrap();
    let verified = verifier.verify(voucher).unwrap();
    let call = ChannelCall::Close(verified);
    let shown =
        format!("{key:?} {key:#?} {voucher:?} {verified:?} {proof:?} {call:?} {verifier:?}");
    assert!(shown.contains(&key.public_key().to_string()), "{shown}");
    for hidden in [
        key.expose_secret(),
        voucher.signature_hex(),
        proof.signature_hex(),
    ] {
        assert!(!shown.contains(&hidden[..16]), "{shown}");
    }
    assert!(!shown.contains("171, 171"), "{shown}");
    let [first, second, third, ..] = *voucher.signature();
    assert!(
        !shown.contains(&format!("{first}, {second}, {third}")),
        "{shown}"
    );
}
