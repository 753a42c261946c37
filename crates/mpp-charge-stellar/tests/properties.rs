//! Properties of charges whose terms, payers and times are arbitrary.

#![allow(clippy::unwrap_used, reason = "a helper of a test may panic")]

#[path = "support/charge.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod charge;

use charge::*;
use coinslot_mpp_charge_stellar::{
    CheckedCharge, ClientPlan, Facts, LandedFacts, Mode, TransactionFacts, identify, plan,
};
use coinslot_mpp_wire::Credential;
use coinslot_mpp_wire::stellar::{ChargeDetails, ChargePayload, ChargeRequest};
use coinslot_soroban_authorization::{Envelope, SecretKey, TransferEnvelope};
use coinslot_stellar_address::Address;
use proptest::{prelude::*, sample::Index};

/// Who pays what, and how.
#[derive(Clone, Debug)]
struct Honest {
    payer: SecretKey,
    amount: u64,
    nonce: i64,
    sequence: i64,
    /// How many seconds pass between signing and judging.
    waited: u64,
    way: Way,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Sponsored,
    Unsponsored,
    Push,
}

prop_compose! {
    fn honest()(
        seed in any::<[u8; 32]>(),
        amount in 1..=u64::MAX,
        nonce: i64,
        sequence in 1..i64::MAX,
        waited in 0..280u64,
        way in prop_oneof![Just(Way::Sponsored), Just(Way::Unsponsored), Just(Way::Push)],
    ) -> Honest {
        Honest { payer: SecretKey::from_seed(seed), amount, nonce, sequence, waited, way }
    }
}

impl Honest {
    fn details(&self) -> ChargeDetails {
        match self.way {
            Way::Sponsored => sponsored_details(),
            Way::Unsponsored | Way::Push => unsponsored_details(),
        }
    }

    fn route(&self) -> Route {
        Route::new(&request(self.amount, self.details()).encode())
    }

    /// The credential, and the transaction that the payer has made for it.
    fn pay(&self, route: &Route) -> (Credential, Envelope) {
        let mode = if self.way == Way::Push {
            Mode::Push
        } else {
            Mode::Pull
        };
        let facts = TransactionFacts {
            sequence: self.sequence,
            ..transaction_facts()
        };
        let account = self.payer.account_id();
        match plan(&route.challenge(), account, mode, b"", NOW).unwrap() {
            ClientPlan::Sponsored(plan) => {
                let until = plan.expiration_ledger(LATEST_LEDGER, NOW).unwrap();
                let entry = plan
                    .authorization(self.nonce, until)
                    .sign(&self.payer, &network().network_id())
                    .unwrap();
                let credential = plan.credential(entry, resources(), RESOURCE_FEE);
                let envelope = envelope_of(&credential);
                (credential, envelope)
            }
            ClientPlan::Unsponsored(plan) => {
                let signed = plan.sign(&facts, &self.payer).unwrap();
                (signed.credential(), signed.envelope().clone())
            }
            ClientPlan::Push(plan) => {
                let signed = plan.sign(&facts, &self.payer).unwrap();
                (
                    signed.credential(&self.payer).unwrap(),
                    signed.envelope().clone(),
                )
            }
        }
    }

    fn facts(&self) -> Facts {
        Facts {
            now: NOW + self.waited,
            latest_ledger: LATEST_LEDGER + u32::try_from(self.waited / 5).unwrap(),
            ..facts_with(vec![transfer_event(self.payer.account_id(), self.amount)])
        }
    }

    fn landed(&self, envelope: &Envelope) -> LandedFacts {
        landed_with(
            envelope,
            vec![transfer_event(self.payer.account_id(), self.amount)],
        )
    }

    /// Whether the route takes the payment, from the check to the verdict.
    fn is_taken(&self, route: &Route, credential: &Credential, envelope: &Envelope) -> bool {
        let Ok(challenge) = route.issuer.verify(credential.challenge.clone()) else {
            return false;
        };
        let credential = Credential {
            challenge: challenge.into_challenge(),
            ..credential.clone()
        };
        match route.check_at(&credential, &rules(), NOW + self.waited) {
            Ok(CheckedCharge::Sponsored(charge)) => charge.verify(&self.facts()).is_ok(),
            Ok(CheckedCharge::Unsponsored(charge)) => charge.verify(&self.facts()).is_ok(),
            Ok(CheckedCharge::Push(charge)) => charge.verify(&self.landed(envelope)).is_ok(),
            Err(_) => false,
        }
    }
}

/// A request that differs in one term.
fn other_term(honest: &Honest, which: u8, amount: u64) -> ChargeRequest {
    let same = request(honest.amount, honest.details());
    match which {
        0 => request(amount, honest.details()),
        1 => ChargeRequest {
            recipient: USDC.into(),
            ..same
        },
        2 => ChargeRequest {
            currency: "CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC".into(),
            ..same
        },
        3 => ChargeRequest {
            external_id: Some("another".into()),
            ..same
        },
        _ => request(
            honest.amount,
            match honest.way {
                Way::Sponsored => unsponsored_details(),
                Way::Unsponsored | Way::Push => sponsored_details(),
            },
        ),
    }
}

proptest! {
    #[test]
    fn what_the_client_pays_the_server_takes(honest in honest()) {
        let route = honest.route();
        let (credential, envelope) = honest.pay(&route);
        prop_assert!(honest.is_taken(&route, &credential, &envelope));
        let checked = route.check(&credential).unwrap();
        prop_assert_eq!(identify(&credential.payload, &route.terms), Ok(checked.identity()));
        if let CheckedCharge::Sponsored(charge) = checked {
            prop_assert_eq!((charge.nonce(), charge.payer().account_key()), (honest.nonce, Some(honest.payer.account_id())));
            let settled = charge
                .verify(&honest.facts())
                .unwrap()
                .settlement(sponsor().account_id(), 1, resources(), 100, EXPIRES)
                .unwrap();
            let settled = TransferEnvelope::recognise(&settled.to_envelope()).unwrap();
            prop_assert_eq!(settled.transfer.amount, i128::from(honest.amount));
            prop_assert_eq!(settled.source, Address::Account(sponsor().account_id()));
        }
    }

    /// The challenge is the other route's own, and good; what was signed is not for it.
    #[test]
    fn a_payment_that_differs_in_one_term_is_not_taken(
        honest in honest(), which in 0..5u8, amount in 1..=u64::MAX
    ) {
        prop_assume!(which != 0 || amount != honest.amount);
        let other = other_term(&honest, which, amount);
        let elsewhere = Route::new(&other.encode());
        let (credential, envelope) = honest.pay(&honest.route());
        prop_assert!(!honest.is_taken(&elsewhere, &credential, &envelope));
        // With the other route's challenge around the same payload, only what is not signed may differ.
        let moved = Credential { challenge: elsewhere.challenge(), ..credential };
        let same_money = which == 3 && honest.way != Way::Push;
        prop_assert_eq!(honest.is_taken(&elsewhere, &moved, &envelope), same_money);
    }

    /// A changed bit of a transaction is refused, or is in what nobody takes over.
    #[test]
    fn no_changed_bit_changes_what_is_settled(honest in honest(), at: Index, bit in 0..8u8) {
        prop_assume!(honest.way != Way::Push);
        let route = honest.route();
        let (credential, envelope) = honest.pay(&route);
        let mut bytes = envelope.to_xdr();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let Ok(changed) = Envelope::from_xdr(&bytes) else { return Ok(()) };
        match route.check(&with_envelope(&credential, &changed)) {
            Ok(CheckedCharge::Sponsored(spoilt)) => {
                let Ok(CheckedCharge::Sponsored(honest)) = route.check(&credential) else {
                    unreachable!("the honest payment is good")
                };
                prop_assert_eq!(spoilt.simulation_envelope(), honest.simulation_envelope());
                prop_assert_eq!(spoilt.identity(), honest.identity());
            }
            Ok(other) => prop_assert!(false, "{other:?}"),
            Err(_) => {}
        }
    }

    #[test]
    fn no_changed_bit_of_a_proof_is_accepted(honest in honest(), at in 0..96usize, bit in 0..8u8) {
        let honest = Honest { way: Way::Push, ..honest };
        let route = honest.route();
        let (credential, envelope) = honest.pay(&route);
        let ChargePayload::SignedHash { mut hash, mut source_signature } =
            credential.payload.read().unwrap() else { unreachable!("a push is signed") };
        match at.checked_sub(32) {
            Some(at) => source_signature[at] ^= 1 << bit,
            None => hash[at] ^= 1 << bit,
        }
        let spoilt = with_payload(&credential, &ChargePayload::SignedHash { hash, source_signature });
        prop_assert!(!honest.is_taken(&route, &spoilt, &envelope));
        let anonymous = Credential { source: None, ..spoilt };
        prop_assert!(!honest.is_taken(&route, &anonymous, &envelope));
    }

    #[test]
    fn any_text_is_judged_without_panic(transaction in "[A-Za-z0-9+/]{1,400}={0,2}|\\PC{1,100}") {
        for route in [Route::sponsored(), Route::unsponsored()] {
            let honest = sponsored_payment(&Route::sponsored());
            let payload = ChargePayload::Transaction { transaction: transaction.clone() };
            let credential = Credential { challenge: route.challenge(), ..with_payload(&honest, &payload) };
            prop_assert!(route.check(&credential).is_err());
            prop_assert!(identify(&credential.payload, &route.terms).is_err());
        }
    }
}
