//! Properties of payments whose terms are arbitrary.

#![allow(clippy::unwrap_used, reason = "a helper of a test may panic")]

#[path = "support/payment.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod payment;

use coinslot_caip2_network::StellarNetwork;
use coinslot_soroban_authorization::{SecretKey, TransferEnvelope};
use coinslot_stellar_address::Address;
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_exact_stellar::{CheckedPayment, ExactPayload, identify, plan};
use coinslot_x402_wire::{PaymentPayload, PaymentRequirements};
use payment::*;
use proptest::{prelude::*, sample::Index};

prop_compose! {
    /// An offer, who pays it, the nonce, and for how many ledgers.
    fn honest()(seed in any::<[u8; 32]>(), amount in 1..=u64::MAX, nonce: i64, ledgers in 1..=12u32)
        -> (SecretKey, PaymentRequirements, i64, u32) {
        let requirements = PaymentRequirements {
            amount: BaseUnits::from_u64(amount),
            ..requirements()
        };
        (SecretKey::from_seed(seed), requirements, nonce, LATEST_LEDGER + ledgers)
    }
}

fn pay(
    payer: &SecretKey,
    requirements: &PaymentRequirements,
    nonce: i64,
    expiration: u32,
) -> PaymentPayload {
    let plan = plan(requirements, payer.account_id()).unwrap();
    let entry = plan
        .authorization(nonce, expiration)
        .sign(payer, &StellarNetwork::Testnet.network_id())
        .unwrap();
    let payload = plan.payload(entry, resources(), RESOURCE_FEE);
    PaymentPayload::new(requirements.clone(), payload)
}

proptest! {
    #[test]
    fn what_the_client_pays_the_facilitator_settles(
        (payer, requirements, nonce, expiration) in honest()
    ) {
        let payment = pay(&payer, &requirements, nonce, expiration);
        let checked = CheckedPayment::check(&payment, &requirements, &rules()).unwrap();
        let address = Address::Account(payer.account_id());
        prop_assert_eq!(identify(&payment), Ok((address, nonce, expiration)));
        prop_assert_eq!((*checked.payer(), checked.nonce()), (address, nonce));
        let amount = u64::try_from(requirements.amount.as_u128()).unwrap();
        let told = event(Some(usdc()), "transfer", payer.account_id(), payee(), amount);
        let verified = checked.verify(&facts_with(vec![told])).unwrap();
        let settled =
            verified.settlement(sponsor().account_id(), 1, resources(), 100, 1).unwrap();
        let settled = TransferEnvelope::recognise(&settled.to_envelope()).unwrap();
        prop_assert_eq!(settled.transfer.amount, requirements.amount.to_i128());
        prop_assert_eq!(settled.transfer.from, address);
        prop_assert_eq!(settled.source, Address::Account(sponsor().account_id()));
    }

    #[test]
    fn a_payment_for_one_offer_pays_no_other(
        (payer, requirements, nonce, expiration) in honest(), other in 1..=u64::MAX
    ) {
        prop_assume!(requirements.amount != BaseUnits::from_u64(other));
        let payment = pay(&payer, &requirements, nonce, expiration);
        let dearer =
            PaymentRequirements { amount: BaseUnits::from_u64(other), ..requirements };
        let relabelled = PaymentPayload { accepted: dearer.clone(), ..payment };
        prop_assert!(CheckedPayment::check(&relabelled, &dearer, &rules()).is_err());
    }

    /// A changed bit is refused, or is in what nobody takes over.
    #[test]
    fn no_changed_bit_changes_what_is_settled(
        (payer, requirements, nonce, expiration) in honest(), at: Index, bit in 0..8u8
    ) {
        let payment = pay(&payer, &requirements, nonce, expiration);
        let honest = CheckedPayment::check(&payment, &requirements, &rules()).unwrap();
        let transaction = ExactPayload::from_map(&payment.payload).unwrap().transaction;
        let envelope =
            coinslot_soroban_authorization::Envelope::from_base64(&transaction).unwrap();
        let mut bytes = envelope.to_xdr();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let Ok(changed) = coinslot_soroban_authorization::Envelope::from_xdr(&bytes) else {
            return Ok(());
        };
        let payload = ExactPayload { transaction: changed.to_base64() }.into_map();
        let changed = PaymentPayload { payload, ..payment };
        if let Ok(changed) = CheckedPayment::check(&changed, &requirements, &rules()) {
            prop_assert_eq!(changed.simulation_envelope(), honest.simulation_envelope());
        }
    }

    #[test]
    fn any_text_is_judged_without_panic(transaction in "\\PC*|[A-Za-z0-9+/]{0,400}={0,2}") {
        let payload = ExactPayload { transaction }.into_map();
        let payment = PaymentPayload::new(requirements(), payload);
        prop_assert!(CheckedPayment::check(&payment, &requirements(), &rules()).is_err());
        prop_assert!(identify(&payment).is_err());
    }
}
