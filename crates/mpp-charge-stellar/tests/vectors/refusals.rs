//! What a payer is told.

use coinslot_mpp_charge_stellar::{EventFault, Fault, Place, Refusal};
use coinslot_mpp_wire::stellar::CredentialType;
use coinslot_mpp_wire::{Problem, ProblemKind};
use coinslot_soroban_authorization::SignatureError;

use crate::charge::*;

fn plain_faults() -> Vec<Fault> {
    vec![
        Fault::OtherChallenge,
        Fault::ChallengeExpired { expires: EXPIRES },
        Fault::ChallengeExpired { expires: u64::MAX },
        Fault::OtherBody,
        Fault::FormNotTaken(CredentialType::Transaction),
        Fault::FormNotTaken(CredentialType::Other("evil\r\nX-Header: 1".into())),
        Fault::UnsignedHash,
        Fault::SourceElsewhere,
        Fault::SourceIsNotFrom,
        Fault::WrongCurrency,
        Fault::WrongRecipient,
        Fault::WrongAmount,
        Fault::PayerIsMuxed,
        Fault::OurAccount(Place::TransactionSource),
        Fault::OurAccount(Place::OperationSource),
        Fault::OurAccount(Place::FeeSource),
        Fault::OurAccount(Place::From),
        Fault::OurAccount(Place::AuthorizationEntry),
        Fault::EntryCount { found: 0 },
        Fault::SubInvocations,
        Fault::EntryForAnotherCall,
        Fault::EntryOfAnother,
        Fault::UnsupportedCredential,
        Fault::Unsigned,
        Fault::Signature(SignatureError::Malformed),
        Fault::AuthorizationExpired { ledger: 9 },
        Fault::SourceNotAllZeros,
        Fault::ExpiresTooLate {
            ledger: 9,
            latest_allowed: 8,
        },
        Fault::FeeTooHigh {
            needed: 2,
            maximum: 1,
        },
        Fault::NotASponsor,
        Fault::NotSignedBySource,
        Fault::OtherOperationSource,
        Fault::NoEnd,
        Fault::OutlivesTheChallenge { max_time: 1 },
        Fault::TransactionExpired { max_time: 1 },
        Fault::NotYetValid,
        Fault::OtherPreconditions,
        Fault::NoResources,
        Fault::FeeBelowResources,
        Fault::SponsoredPush,
        Fault::NotFound,
        Fault::FailedOnChain,
        Fault::AnotherTransaction,
        Fault::OlderThanTheChallenge,
        Fault::PayerIsNoAccount,
        Fault::Proof,
        Fault::Simulation {
            message: "balance is too low".into(),
        },
        Fault::RestoreNeeded,
        Fault::Simulated(EventFault::NoTransfer),
        Fault::Landed(EventFault::SeveralTransfers),
        Fault::Settled(EventFault::OtherAmount),
        Fault::NotSettled {
            why: "the transaction failed".into(),
        },
    ]
}

/// A reason becomes the end of a sentence in the problem.
#[test]
fn every_fault_is_a_sentence_of_its_kind() {
    for fault in plain_faults() {
        let reason = fault.to_string();
        assert!(!reason.is_empty() && !reason.ends_with('.'), "{fault:?}");
        assert!(!reason.contains(['\r', '\n', ';']), "{reason:?}");
        let detail = fault.kind().because(&fault).detail.unwrap();
        assert!(detail.ends_with('.'), "{detail}");
    }
}

#[test]
fn a_failed_settlement_has_its_own_problem() {
    let payer = payer().account_id().into();
    let refusal = Refusal::settlement_failed(payer, "the balance is too low");
    assert_eq!(refusal.kind(), ProblemKind::SettlementFailed);
    assert_eq!(refusal.payer(), Some(&payer));
    let problem = Problem::from_json(&refusal.problem().to_json()).unwrap();
    assert_eq!(problem.kind(), Some(ProblemKind::SettlementFailed));
    assert_eq!(
        problem.detail.as_deref(),
        Some("Payment settlement failed: the balance is too low.")
    );
}
