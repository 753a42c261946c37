use coinslot_stellar_address::ContractId;

use super::*;

// A recorded credential of `@stellar/mpp` 0.7.0.
const PAYER: &str = "GDOXZPX65QEMZJZGGKR7S3K25URFENHMRAXR5SHCDN3GMWOMCT6XGXUU";
const CHALLENGE_ID: &str = "6_YpnHwSM2Aybb9SDiQmzYEzug8hcVDj46z2hHgWlis";
const HASH: &str = "3603e204f15e5ebcd473d115bd4d31227fc89c0f1a27fb71dc2dfc45cb111546";
const SIGNATURE: &str = "ef6714152ed1418a9d7d643dadd7201032dcdfe9d88d0aadc08628a3bf3af8d0\
                         de20730fa61fd487f0e9ddd892c13615c8aa09390eaf5ac1979d3e5e165fe508";

fn signature() -> [u8; 64] {
    hex::decode(SIGNATURE).unwrap().try_into().unwrap()
}

fn check(payer: &Address, challenge_id: &str, signature: &[u8; 64]) -> Result<(), Fault> {
    hash_must_be_signed_by(payer, challenge_id, &HASH.parse().unwrap(), signature)
}

#[test]
fn the_official_clients_proof_holds_for_its_challenge_and_payer_only() {
    let payer = PAYER.parse().unwrap();
    assert_eq!(check(&payer, CHALLENGE_ID, &signature()), Ok(()));
    assert_eq!(
        check(&payer, &CHALLENGE_ID[1..], &signature()),
        Err(Fault::Proof)
    );
    let mut other = signature();
    other[0] ^= 1;
    assert_eq!(check(&payer, CHALLENGE_ID, &other), Err(Fault::Proof));
    let contract = ContractId::from_bytes([1; 32]).into();
    assert_eq!(
        check(&contract, CHALLENGE_ID, &signature()),
        Err(Fault::PayerIsNoAccount)
    );
}

/// A key and a nonce of small order satisfy the equation of a lax check for every message.
#[test]
fn a_proof_that_only_a_lax_check_accepts_is_none() {
    let identity = {
        let mut point = [0; 32];
        point[0] = 1;
        point
    };
    let payer = coinslot_stellar_address::AccountId::from_bytes(identity).into();
    let mut signature = [0; 64];
    signature[0] = 1;
    assert_eq!(check(&payer, CHALLENGE_ID, &signature), Err(Fault::Proof));
}

/// Adding the group's order to the scalar makes a second signature of the same message.
#[test]
fn a_signature_has_one_form() {
    let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut second = signature();
    let mut carry = 0;
    for (byte, add) in second[32..].iter_mut().zip(order.unwrap()) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    let payer = PAYER.parse().unwrap();
    assert_eq!(check(&payer, CHALLENGE_ID, &second), Err(Fault::Proof));
}

#[test]
fn age_is_counted_from_the_challenge() {
    assert!(must_not_be_older_than_the_challenge(100, 100, 0).is_ok());
    assert!(must_not_be_older_than_the_challenge(99, 100, 0).is_err());
    assert!(must_not_be_older_than_the_challenge(95, 100, 5).is_ok());
    assert!(must_not_be_older_than_the_challenge(94, 100, 5).is_err());
    assert!(must_not_be_older_than_the_challenge(0, 3, 5).is_ok());
}
