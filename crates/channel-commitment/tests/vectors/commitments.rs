//! The 192 bytes, and vouchers of one channel beside another.

use coinslot_caip2_network::{NetworkId, StellarNetwork};
use coinslot_channel_commitment::{
    Commitment, CommitmentKey, CommitmentTemplate, CommitmentVerifier, DecodeCommitmentErrorKind,
    InvalidSignatureError, ParseSignatureError, Voucher,
};
use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::BaseUnits;

use crate::contract_run::{self, bytes};

fn commitment() -> Commitment {
    Commitment {
        network: NetworkId::from_bytes([0; 32]),
        channel: contract_run::contract(5),
        amount: 300_u64.into(),
    }
}

#[test]
fn the_contract_writes_the_same_bytes() {
    let theirs = bytes(contract_run::COMMITMENT);
    assert_eq!(commitment().encode().as_slice(), theirs);
    assert_eq!(Commitment::decode(&theirs), Ok(commitment()));
}

#[test]
fn errors_name_the_place() {
    let good = commitment().encode();
    let refused = |bytes: &[u8]| {
        let error = Commitment::decode(bytes).unwrap_err();
        (error.kind(), error.position(), error.to_string())
    };
    for length in [0, 32, 191] {
        assert_eq!(
            refused(&good[..length]).0,
            DecodeCommitmentErrorKind::Length { found: length }
        );
    }
    let behind = [good.as_slice(), &[0]].concat();
    assert_eq!(
        refused(&behind),
        (
            DecodeCommitmentErrorKind::Length { found: 193 },
            192,
            "a commitment has 192 bytes, not 193".to_owned()
        )
    );
    for position in [0, 12, 31, 48, 71, 104, 128, 159] {
        let mut wrong = good;
        wrong[position] ^= 1;
        assert_eq!(
            refused(&wrong),
            (
                DecodeCommitmentErrorKind::Structure,
                position,
                format!("no commitment has such a byte as the one at offset {position}")
            )
        );
    }
    let mut negative = good;
    negative[32] = 0x80;
    assert_eq!(
        refused(&negative),
        (
            DecodeCommitmentErrorKind::NegativeAmount,
            32,
            "the amount of the commitment is negative".to_owned()
        )
    );
}

/// The channel is 32 bytes, whatever text it came from: there is no second name for it.
#[test]
fn a_voucher_is_good_for_one_channel_on_one_network() {
    let key = CommitmentKey::from_seed([7; 32]);
    let Commitment {
        network,
        channel,
        amount,
    } = commitment();
    let voucher = key.sign(&commitment());
    let verified_by = |network: NetworkId, channel: ContractId, voucher: Voucher| {
        CommitmentVerifier::new(&network, &channel, &key.public_key())
            .unwrap()
            .verify(voucher)
    };
    let verified = verified_by(network, channel, voucher).unwrap();
    assert_eq!(verified.channel(), channel);
    assert_eq!(verified.amount(), amount);
    assert_eq!(verified.signature(), voucher.signature());
    assert_eq!(verified.into_parts(), (commitment(), voucher));

    let elsewhere = StellarNetwork::Testnet.network_id();
    let refused = Err(InvalidSignatureError);
    assert_eq!(verified_by(elsewhere, channel, voucher), refused);
    assert_eq!(
        verified_by(network, contract_run::contract(6), voucher),
        refused
    );
    let more = Voucher::new(301_u64.into(), *voucher.signature());
    assert_eq!(verified_by(network, channel, more), refused);

    let text = channel.to_string();
    assert_eq!(text.parse(), Ok(channel));
    assert!(text.to_lowercase().parse::<ContractId>().is_err());
}

#[test]
fn a_template_names_its_channel_and_shows_it() {
    let Commitment {
        network, channel, ..
    } = commitment();
    let template = CommitmentTemplate::new(&network, &channel);
    assert_eq!(template.commitment(300_u64.into()), commitment());
    assert_eq!(template.with_amount(300_u64.into()), commitment().encode());
    let most = template.with_amount(BaseUnits::MAX);
    assert_eq!(most[32..48], i128::MAX.to_be_bytes());
    let shown = format!("{template:?}");
    assert!(shown.contains(&channel.to_string()), "{shown}");
    assert!(shown.contains(&network.to_string()), "{shown}");
}

#[test]
fn signatures_are_read_in_either_case_and_nothing_else_is() {
    let digits = "0123456789abcdef".repeat(8);
    let voucher = Voucher::from_hex(BaseUnits::ZERO, &digits).unwrap();
    let upper = Voucher::from_hex(BaseUnits::ZERO, &digits.to_uppercase());
    assert_eq!(upper, Ok(voucher));
    assert_eq!(voucher.signature_hex(), digits);
    for (text, error) in [
        (&digits[2..], ParseSignatureError::Length { found: 126 }),
        (&digits[1..], ParseSignatureError::Length { found: 127 }),
        ("", ParseSignatureError::Length { found: 0 }),
        ("0x00", ParseSignatureError::Character { position: 1 }),
        ("00 00", ParseSignatureError::Character { position: 2 }),
        ("é", ParseSignatureError::Character { position: 0 }),
    ] {
        assert_eq!(
            Voucher::from_hex(BaseUnits::ZERO, text),
            Err(error),
            "{text}"
        );
    }
}
