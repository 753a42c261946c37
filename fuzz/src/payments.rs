//! What a facilitator does with a stranger's payment before it asks the network anything, and the ids of payments.

use coinslot_caip2_network::StellarNetwork;
use coinslot_payment_store::{MAX_PAYMENT_ID_BYTES, PaymentId};
use coinslot_soroban_authorization::{Credential, TransferEnvelope};
use coinslot_stellar_address::AccountId;
use coinslot_x402_exact_stellar::{CheckedPayment, ExactPayload, Rules, identify};
use coinslot_x402_wire::PaymentPayload;

use crate::{memory, text};

/// Differential (recognition says the same), bounded; what passes the check is what `identify` says it is.
///
/// The input is the payload's JSON.
pub(crate) fn checked_payment(data: &[u8]) {
    let Ok(payload) = PaymentPayload::from_json(data) else {
        return;
    };
    let allowance = data.len().saturating_mul(80).saturating_add(32 * 1_024);
    let identified = memory::at_most(allowance, || identify(&payload));
    let recognised = ExactPayload::from_map(&payload.payload)
        .ok()
        .and_then(|payload| TransferEnvelope::from_base64(&payload.transaction).ok());
    if let Ok((payer, nonce, expiration)) = &identified {
        let recognised = recognised.expect("what is identified is a transfer");
        let [entry] = recognised.auth.as_slice() else {
            panic!("what is identified has one entry")
        };
        let Credential::Address {
            address,
            nonce: theirs,
            expiration_ledger,
            ..
        } = entry.credential()
        else {
            panic!("what is identified is authorized by an address")
        };
        assert_eq!(
            (*payer, *nonce, *expiration),
            (address, theirs, expiration_ledger)
        );
    }
    let rules = Rules {
        network: StellarNetwork::Testnet,
        sponsors: vec![AccountId::from_bytes([9; 32])],
        assets: None,
        max_fee_stroops: 100_000,
        expiration_tolerance_ledgers: 2,
    };
    let checked = memory::at_most(allowance, || {
        CheckedPayment::check(&payload, &payload.accepted, &rules)
    });
    match checked {
        Ok(payment) => {
            let (payer, nonce, expiration) =
                identified.expect("what passes the check is identified");
            assert_eq!(
                (
                    *payment.payer(),
                    payment.nonce(),
                    payment.expiration_ledger()
                ),
                (payer, nonce, expiration)
            );
            assert_eq!(payment.transfer().from, payer);
            assert_eq!(payment.transfer().amount, payload.accepted.amount.to_i128());
            assert_eq!(payment.transfer().to.to_string(), payload.accepted.pay_to);
            assert_eq!(payment.transfer().token.to_string(), payload.accepted.asset);
        }
        Err(refusal) => {
            let sentence = refusal.to_string();
            assert!(!sentence.is_empty() && sentence.len() <= 500, "{sentence}");
            assert!(!sentence.contains(['\r', '\n', '\0']), "{sentence:?}");
        }
    }
}

/// Model, exact.
pub(crate) fn payment_id(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let parsed = text.parse::<PaymentId>();
    let of_two_parts = text
        .split_once(':')
        .is_some_and(|(kind, rest)| !kind.is_empty() && !rest.is_empty());
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    assert_eq!(
        parsed.is_ok(),
        of_two_parts && visible && text.len() <= MAX_PAYMENT_ID_BYTES,
        "{text:?}"
    );
    if let Ok(id) = parsed {
        assert_eq!(id.to_string(), text);
    }
}
