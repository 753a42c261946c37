//! Properties, the encoder's held against `stellar-xdr`.

#![allow(clippy::unwrap_used)]

use coinslot_caip2_network::NetworkId;
use coinslot_channel_commitment::{
    ChannelProof, Commitment, CommitmentKey, CommitmentPublicKey, CommitmentTemplate,
    CommitmentVerifier, Voucher,
};
use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::BaseUnits;
use ed25519_dalek::{Signature, VerifyingKey};
use proptest::prelude::*;
use stellar_xdr::{
    Hash, Int128Parts, Limits, ScAddress, ScBytes, ScMap, ScMapEntry, ScSymbol, ScVal, WriteXdr,
};

const LIMITS: Limits = Limits {
    depth: 50,
    len: 10_000,
};

prop_compose! {
    fn commitment()(network: [u8; 32], channel: [u8; 32], amount in amount()) -> Commitment {
        Commitment {
            network: NetworkId::from_bytes(network),
            channel: ContractId::from_bytes(channel),
            amount,
        }
    }
}

fn amount() -> impl Strategy<Value = BaseUnits> {
    prop_oneof![
        any::<u64>().prop_map(BaseUnits::from_u64),
        (0..=i128::MAX).prop_map(|units| BaseUnits::try_from(units).unwrap()),
        Just(BaseUnits::MAX),
        Just(BaseUnits::ZERO),
    ]
}

fn symbol(name: &str) -> ScVal {
    ScVal::Symbol(ScSymbol(name.try_into().unwrap()))
}

/// A commitment as the contract's SDK makes it: a struct is a map sorted by the names of its fields.
fn model(commitment: &Commitment) -> ScVal {
    let units = commitment.amount.as_u128();
    let amount = Int128Parts {
        hi: i64::try_from(units >> 64).unwrap(),
        lo: u64::try_from(units & u128::from(u64::MAX)).unwrap(),
    };
    let fields = [
        ("domain", symbol("chancmmt")),
        (
            "network",
            ScVal::Bytes(ScBytes(
                commitment.network.as_bytes().to_vec().try_into().unwrap(),
            )),
        ),
        (
            "channel",
            ScVal::Address(ScAddress::Contract(stellar_xdr::ContractId(Hash(
                *commitment.channel.as_bytes(),
            )))),
        ),
        ("amount", ScVal::I128(amount)),
    ];
    let mut entries: Vec<ScMapEntry> = fields
        .into_iter()
        .map(|(name, val)| ScMapEntry {
            key: symbol(name),
            val,
        })
        .collect();
    entries.sort_by(|one, other| one.key.cmp(&other.key));
    ScVal::Map(Some(ScMap(entries.try_into().unwrap())))
}

proptest! {
    #[test]
    fn encoding_is_the_model_s_and_decoding_undoes_it(commitment in commitment()) {
        let bytes = commitment.encode();
        prop_assert_eq!(bytes.as_slice(), model(&commitment).to_xdr(LIMITS).unwrap());
        prop_assert_eq!(Commitment::decode(&bytes), Ok(commitment));
        let template = CommitmentTemplate::new(&commitment.network, &commitment.channel);
        prop_assert_eq!(template.with_amount(commitment.amount), bytes);
        prop_assert_eq!(template.commitment(commitment.amount), commitment);
    }

    #[test]
    fn what_is_decoded_is_encoded_again(mut bytes: [u8; 192], like in commitment(), keep: u8) {
        // Mostly structure, so that some are accepted.
        for (at, (byte, fixed)) in bytes.iter_mut().zip(like.encode()).enumerate() {
            if keep > 8 || at % 9 != usize::from(keep) {
                *byte = fixed;
            }
        }
        match Commitment::decode(&bytes) {
            Ok(commitment) => prop_assert_eq!(commitment.encode(), bytes),
            Err(error) => prop_assert!(error.position() < 192),
        }
    }

    #[test]
    fn no_flipped_bit_is_the_same_commitment(commitment in commitment(), bit in 0..192 * 8_usize) {
        let mut bytes = commitment.encode();
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert_ne!(Commitment::decode(&bytes), Ok(commitment));
        let within = |start: usize, end: usize| (start * 8..end * 8).contains(&bit);
        let has_value = within(32, 48) || within(72, 104) || within(160, 192);
        let negative = bit == 32 * 8 + 7;
        prop_assert_eq!(Commitment::decode(&bytes).is_ok(), has_value && !negative);
    }

    #[test]
    fn nothing_of_another_length_is_a_commitment(bytes: Vec<u8>, commitment in commitment(), cut in 0..192_usize) {
        prop_assert!(bytes.len() == 192 || Commitment::decode(&bytes).is_err());
        let good = commitment.encode();
        prop_assert!(Commitment::decode(&good[..cut]).is_err());
        prop_assert!(Commitment::decode(&good[cut + 1..]).is_err());
        prop_assert!(Commitment::decode(&[&good, &bytes[..]].concat()).is_err() || bytes.is_empty());
        prop_assert!(Commitment::decode(&[&bytes[..], &good].concat()).is_err() || bytes.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn what_is_signed_is_verified_and_nothing_beside_it(seed: [u8; 32], commitment in commitment(), bit in 0..512_usize,
        other in amount()) {
        let key = CommitmentKey::from_seed(seed);
        let Commitment { network, channel, amount } = commitment;
        let verifier = CommitmentVerifier::new(&network, &channel, &key.public_key()).unwrap();
        let voucher = key.sign(&commitment);
        prop_assert_eq!(verifier.verify(voucher).unwrap().into_parts(), (commitment, voucher));
        let mut signature = *voucher.signature();
        signature[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verifier.verify(Voucher::new(amount, signature)).is_err());
        let moved = Voucher::new(other, *voucher.signature());
        prop_assert_eq!(verifier.verify(moved).is_ok(), other == amount);
        let again = Voucher::from_hex(amount, &voucher.signature_hex());
        prop_assert_eq!(again, Ok(voucher));
    }

    /// Any key, any signature: exactly the host's verdict, and a key is refused only when every signature is.
    #[test]
    fn every_verdict_is_the_host_s(key: [u8; 32], seed: [u8; 32], signed: bool, commitment in commitment(), random: [u8; 32],
        scalar: [u8; 32]) {
        let honest = CommitmentKey::from_seed(seed);
        let key = if signed { *honest.public_key().as_bytes() } else { key };
        let signature: [u8; 64] = [random, scalar].concat().try_into().unwrap();
        let host = VerifyingKey::from_bytes(&key).is_ok_and(|key| {
            key.verify_strict(&commitment.encode(), &Signature::from_bytes(&signature)).is_ok()
        });
        let Commitment { network, channel, amount } = commitment;
        let ours = CommitmentVerifier::new(&network, &channel, &CommitmentPublicKey::from_bytes(key))
            .is_ok_and(|verifier| verifier.verify(Voucher::new(amount, signature)).is_ok());
        prop_assert_eq!(ours, host);
    }

    #[test]
    fn a_proof_is_never_a_voucher(seed: [u8; 32], commitment in commitment(), at: u64) {
        let key = CommitmentKey::from_seed(seed);
        let Commitment { network, channel, amount } = commitment;
        let verifier = CommitmentVerifier::new(&network, &channel, &key.public_key()).unwrap();
        let proof = key.prove(&network, &channel, at);
        let verified = verifier.verify_proof(proof).unwrap();
        prop_assert_eq!((verified.channel(), verified.at()), (channel, at));
        let as_voucher = Voucher::from_hex(amount, &proof.signature_hex()).unwrap();
        prop_assert!(verifier.verify(as_voucher).is_err());
        let as_proof = ChannelProof::new(at, *key.sign(&commitment).signature());
        prop_assert!(verifier.verify_proof(as_proof).is_err());
    }

    #[test]
    fn keys_survive_their_text(seed: [u8; 32]) {
        let key = CommitmentKey::from_seed(seed);
        let again: CommitmentKey = key.expose_secret().to_uppercase().parse().unwrap();
        prop_assert_eq!(again.public_key(), key.public_key());
        let public = key.public_key();
        prop_assert_eq!(public.to_string().parse(), Ok(public));
    }
}
