//! Proofs of a channel's key.

use coinslot_caip2_network::{NetworkId, StellarNetwork};
use coinslot_channel_commitment::{
    ChannelProof, CommitmentKey, CommitmentTemplate, CommitmentVerifier, InvalidSignatureError,
    Voucher,
};
use ed25519_dalek::{Signer as _, SigningKey};

use crate::contract_run;

const AT: u64 = 1_760_000_000;

fn verifier(network: &NetworkId, channel: u8) -> CommitmentVerifier {
    let key = CommitmentKey::from_seed([7; 32]).public_key();
    CommitmentVerifier::new(network, &contract_run::contract(channel), &key).unwrap()
}

/// What is signed, written out from its documentation.
#[test]
fn a_proof_is_a_signature_over_ninety_eight_bytes() {
    let network = StellarNetwork::Testnet.network_id();
    let channel = contract_run::contract(5);
    let message = [
        b"coinslot-channel-proof-v1\n".as_slice(),
        network.as_bytes(),
        channel.as_bytes(),
        &AT.to_be_bytes(),
    ]
    .concat();
    assert_eq!(message.len(), 98);
    let signature = SigningKey::from_bytes(&[7; 32]).sign(&message).to_bytes();
    let proof = CommitmentKey::from_seed([7; 32]).prove(&network, &channel, AT);
    assert_eq!(proof, ChannelProof::new(AT, signature));
    assert_eq!(proof.signature_hex(), hex::encode(signature));
    assert_eq!(
        ChannelProof::from_hex(AT, &proof.signature_hex()),
        Ok(proof)
    );

    let verified = verifier(&network, 5).verify_proof(proof).unwrap();
    assert_eq!((verified.channel(), verified.at()), (channel, AT));
}

#[test]
fn a_proof_is_of_one_channel_one_network_and_one_time() {
    let network = StellarNetwork::Testnet.network_id();
    let proof = CommitmentKey::from_seed([7; 32]).prove(&network, &contract_run::contract(5), AT);
    let refused = Err(InvalidSignatureError);
    let elsewhere = StellarNetwork::Pubnet.network_id();
    assert_eq!(verifier(&network, 6).verify_proof(proof), refused);
    assert_eq!(verifier(&elsewhere, 5).verify_proof(proof), refused);
    let later = ChannelProof::from_hex(AT + 1, &proof.signature_hex()).unwrap();
    assert_eq!(verifier(&network, 5).verify_proof(later), refused);
    let stranger = CommitmentKey::from_seed([8; 32]);
    let forged = stranger.prove(&network, &contract_run::contract(5), AT);
    assert_eq!(verifier(&network, 5).verify_proof(forged), refused);
}

#[test]
fn a_proof_pays_nothing_and_a_voucher_proves_nothing() {
    let network = StellarNetwork::Testnet.network_id();
    let channel = contract_run::contract(5);
    let key = CommitmentKey::from_seed([7; 32]);
    let verifier = verifier(&network, 5);
    for amount in [0, 1, AT] {
        let signature = key.prove(&network, &channel, amount).signature_hex();
        let voucher = Voucher::from_hex(amount.into(), &signature).unwrap();
        assert_eq!(verifier.verify(voucher), Err(InvalidSignatureError));

        let template = CommitmentTemplate::new(&network, &channel);
        let voucher = key.sign_amount(&template, amount.into());
        let proof = ChannelProof::new(amount, *voucher.signature());
        assert_eq!(verifier.verify_proof(proof), Err(InvalidSignatureError));
    }
}
