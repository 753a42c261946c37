//! Signatures that a lax check takes and the contract does not.
//!
//! Each is made here for a known key by arithmetic on the curve, judged by us, by the host's rule written out, and by the
//! laxer rules that accept it: no case stands here that nobody would fall for.

use coinslot_caip2_network::NetworkId;
use coinslot_channel_commitment::{
    Commitment, CommitmentPublicKey, CommitmentVerifier, UnusableKeyError, Voucher,
};
use curve25519_dalek::{
    constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION},
    edwards::{CompressedEdwardsY, EdwardsPoint},
    scalar::Scalar,
    traits::IsIdentity as _,
};
use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};
use sha2::{Digest as _, Sha512};

use crate::contract_run;

/// A signature of an amount on the channel 5 of the network 0.
struct Case {
    key: [u8; 32],
    amount: u64,
    signature: [u8; 64],
}

fn message(amount: u64) -> [u8; 192] {
    Commitment {
        network: NetworkId::from_bytes([0; 32]),
        channel: contract_run::contract(5),
        amount: amount.into(),
    }
    .encode()
}

/// `H(R || A || M)`
fn challenge(nonce: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let hash = Sha512::new()
        .chain_update(nonce)
        .chain_update(key)
        .chain_update(message);
    Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
}

impl Case {
    /// Signs as RFC 8032 does, with torsion added to the key and to the nonce.
    fn made(amount: u64, key_torsion: usize, nonce_torsion: usize) -> Self {
        Self::with_nonce(amount, key_torsion, nonce_torsion, Scalar::from(0x5eed_u64))
    }

    fn with_nonce(amount: u64, key_torsion: usize, nonce_torsion: usize, nonce: Scalar) -> Self {
        let secret = secret();
        let key = (ED25519_BASEPOINT_POINT * secret + EIGHT_TORSION[key_torsion])
            .compress()
            .to_bytes();
        let point = (ED25519_BASEPOINT_POINT * nonce + EIGHT_TORSION[nonce_torsion])
            .compress()
            .to_bytes();
        let scalar = nonce + challenge(&point, &key, &message(amount)) * secret;
        Self {
            key,
            amount,
            signature: joined(&point, &scalar.to_bytes()),
        }
    }

    fn ours(&self) -> bool {
        let key = CommitmentPublicKey::from_bytes(self.key);
        let network = NetworkId::from_bytes([0; 32]);
        let voucher = Voucher::new(self.amount.into(), self.signature);
        CommitmentVerifier::new(&network, &contract_run::contract(5), &key)
            .is_ok_and(|verifier| verifier.verify(voucher).is_ok())
    }

    /// The Soroban host's own call.
    fn by_the_host(&self) -> bool {
        VerifyingKey::from_bytes(&self.key).is_ok_and(|key| {
            key.verify_strict(
                &message(self.amount),
                &Signature::from_bytes(&self.signature),
            )
            .is_ok()
        })
    }

    /// The same library's usual call.
    fn by_the_usual_check(&self) -> bool {
        VerifyingKey::from_bytes(&self.key).is_ok_and(|key| {
            key.verify(
                &message(self.amount),
                &Signature::from_bytes(&self.signature),
            )
            .is_ok()
        })
    }

    /// The host's rule, written out.
    fn by_the_rule(&self) -> bool {
        self.judged(|key, nonce, difference| {
            !key.is_small_order() && !nonce.is_small_order() && difference.is_identity()
        }) && self.nonce_is_canonical()
    }

    /// `8SB = 8R + 8kA`: the cofactored rule of RFC 8032.
    fn by_the_cofactored_rule(&self) -> bool {
        self.judged(|_, _, difference| difference.is_small_order())
    }

    fn judged(&self, rule: impl Fn(EdwardsPoint, EdwardsPoint, EdwardsPoint) -> bool) -> bool {
        let (nonce, scalar) = self.halves();
        let points = (
            CompressedEdwardsY(self.key).decompress(),
            CompressedEdwardsY(nonce).decompress(),
            Option::<Scalar>::from(Scalar::from_canonical_bytes(scalar)),
        );
        let (Some(key), Some(point), Some(scalar)) = points else {
            return false;
        };
        let challenge = challenge(&nonce, &self.key, &message(self.amount));
        rule(
            key,
            point,
            ED25519_BASEPOINT_POINT * scalar - key * challenge - point,
        )
    }

    fn nonce_is_canonical(&self) -> bool {
        let (nonce, _) = self.halves();
        CompressedEdwardsY(nonce)
            .decompress()
            .is_some_and(|point| point.compress().to_bytes() == nonce)
    }

    fn halves(&self) -> ([u8; 32], [u8; 32]) {
        let (nonce, scalar) = self.signature.split_at(32);
        (nonce.try_into().unwrap(), scalar.try_into().unwrap())
    }

    /// Ours, the host's and the written rule's verdict, which must be one.
    fn verdict(&self) -> bool {
        let ours = self.ours();
        assert_eq!(ours, self.by_the_host());
        assert_eq!(ours, self.by_the_rule());
        ours
    }
}

fn secret() -> Scalar {
    Scalar::from_bytes_mod_order([0x42; 32])
}

fn joined(nonce: &[u8; 32], scalar: &[u8; 32]) -> [u8; 64] {
    [*nonce, *scalar].concat().try_into().unwrap()
}

/// `L`, the order of the group, little endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn plus_order(scalar: [u8; 32]) -> [u8; 32] {
    let mut carry = 0_u16;
    let mut sum = [0; 32];
    for (at, byte) in sum.iter_mut().enumerate() {
        carry += u16::from(scalar[at]) + u16::from(ORDER[at]);
        [*byte, _] = carry.to_le_bytes();
        carry >>= 8;
    }
    sum
}

#[test]
fn an_honest_signature_is_accepted() {
    for amount in 0..16 {
        let honest = Case::made(amount, 0, 0);
        assert!(honest.verdict());
        assert!(honest.by_the_cofactored_rule());
    }
}

/// R is one of the eight points of small order, the identity among them.
#[test]
fn a_nonce_of_small_order_is_refused() {
    let mut taken_by_the_usual_check = 0;
    for torsion in 0..8 {
        let case = Case::with_nonce(7, 0, torsion, Scalar::ZERO);
        assert!(!case.verdict(), "{torsion}");
        assert!(case.by_the_cofactored_rule(), "{torsion}");
        taken_by_the_usual_check += u32::from(case.by_the_usual_check());
    }
    assert_eq!(taken_by_the_usual_check, 1, "the identity");
}

/// R has a part of small order.
#[test]
fn a_nonce_with_torsion_is_refused() {
    for torsion in 1..8 {
        let case = Case::made(7, 0, torsion);
        assert!(!case.verdict(), "{torsion}");
        assert!(case.by_the_cofactored_rule(), "{torsion}");
    }
}

/// A key may have a part of small order; the contract then takes some of its signatures, and so do we, exactly those.
#[test]
fn a_key_with_torsion_is_judged_as_by_the_contract() {
    let verdicts: Vec<bool> = (0..64)
        .map(|amount| {
            let case = Case::made(amount, 1, 0);
            assert!(case.by_the_cofactored_rule());
            case.verdict()
        })
        .collect();
    assert!(verdicts.contains(&true) && verdicts.contains(&false));
}

/// With such a key anybody can sign anything: S = 0 and R of small order, or the like.
#[test]
fn a_key_of_small_order_is_no_key() {
    let network = NetworkId::from_bytes([0; 32]);
    for point in EIGHT_TORSION {
        let key = point.compress().to_bytes();
        let error = CommitmentVerifier::new(
            &network,
            &contract_run::contract(5),
            &CommitmentPublicKey::from_bytes(key),
        );
        assert_eq!(error.err(), Some(UnusableKeyError::SmallOrder));
        // S = 1, R = B: good for every message when k is a multiple of the key's order.
        let base = ED25519_BASEPOINT_POINT.compress().to_bytes();
        let signature = joined(&base, &Scalar::ONE.to_bytes());
        let forged = (0..256).map(|amount| Case {
            key,
            amount,
            signature,
        });
        let mut taken = 0;
        for case in forged {
            assert!(!case.verdict());
            taken += u32::from(case.by_the_usual_check());
        }
        assert!(taken > 0, "nobody would fall for it");
    }
}

#[test]
fn a_scalar_above_the_order_is_refused() {
    let honest = Case::made(7, 0, 0);
    let (nonce, scalar) = honest.halves();
    let raised = plus_order(scalar);
    // The same scalar modulo L: accepted by whoever reduces it.
    assert_eq!(Scalar::from_bytes_mod_order(raised).to_bytes(), scalar);
    for scalar in [raised, plus_order([0; 32]), [0xff; 32]] {
        let case = Case {
            signature: joined(&nonce, &scalar),
            ..honest
        };
        assert!(!case.verdict());
    }
}

/// y + p in place of y: the encodings that a careless reader reduces.
#[test]
fn encodings_that_are_not_canonical_are_judged_as_by_the_contract() {
    // p = 2^255 - 19: below it are 19 values with a second form.
    for low in 0xed..=0xff_u8 {
        for sign in [0x7f, 0xff] {
            let mut encoding = [0xff; 32];
            encoding[0] = low;
            encoding[31] = sign;
            let as_key = CommitmentVerifier::new(
                &NetworkId::from_bytes([0; 32]),
                &contract_run::contract(5),
                &CommitmentPublicKey::from_bytes(encoding),
            );
            match VerifyingKey::from_bytes(&encoding) {
                Err(_) => assert_eq!(as_key.err(), Some(UnusableKeyError::NotAPoint)),
                Ok(key) if key.is_weak() => {
                    assert_eq!(as_key.err(), Some(UnusableKeyError::SmallOrder));
                }
                Ok(_) => assert!(as_key.is_ok()),
            }
            let honest = Case::made(7, 0, 0);
            let (_, scalar) = honest.halves();
            let case = Case {
                signature: joined(&encoding, &scalar),
                ..honest
            };
            assert!(!case.verdict());
        }
    }
}

#[test]
fn what_is_no_point_is_no_key() {
    let mut encoding = [0; 32];
    encoding[0] = 2;
    let error = CommitmentVerifier::new(
        &NetworkId::from_bytes([0; 32]),
        &contract_run::contract(5),
        &CommitmentPublicKey::from_bytes(encoding),
    );
    assert_eq!(error.err(), Some(UnusableKeyError::NotAPoint));
    let honest = Case::made(7, 0, 0);
    let (_, scalar) = honest.halves();
    let case = Case {
        signature: joined(&encoding, &scalar),
        ..honest
    };
    assert!(!case.verdict());
}
