//! "Unsponsored Flow Checks".

use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_charge_stellar::{
    CheckedCharge, CheckedUnsponsored, Facts, Fault, Identity, Place, Refusal, SimulationFacts,
    identify,
};
use coinslot_mpp_wire::ProblemKind;
use coinslot_soroban_authorization::{
    AuthEntry, Envelope, SecretKey, TransferEnvelope, UnsignedAuthEntry, fee_bump,
};
use coinslot_stellar_address::Address;
use stellar_xdr as xdr;

use crate::charge::*;

fn unsponsored(checked: CheckedCharge) -> CheckedUnsponsored {
    match checked {
        CheckedCharge::Unsponsored(charge) => charge,
        other => unreachable!("not unsponsored: {other:?}"),
    }
}

fn checked() -> CheckedUnsponsored {
    let route = Route::unsponsored();
    unsponsored(route.check(&unsponsored_payment(&route)).unwrap())
}

/// What is said to this envelope.
fn outcome(envelope: &Envelope) -> Result<CheckedUnsponsored, Refusal> {
    let route = Route::unsponsored();
    let honest = unsponsored_payment(&route);
    let credential = coinslot_mpp_wire::Credential {
        source: None,
        ..with_envelope(&honest, envelope)
    };
    route.check(&credential).map(unsponsored)
}

fn honest() -> Envelope {
    signed_pull(&Route::unsponsored()).envelope().clone()
}

/// What is said to the honest transaction, changed and signed again.
fn refused(change: impl FnOnce(&Envelope) -> Envelope) -> Fault {
    let envelope = signed_by(change(&honest()), &payer());
    outcome(&envelope).unwrap_err().fault().clone()
}

fn refused_frame(change: impl FnOnce(&mut xdr::Transaction)) -> Fault {
    refused(|envelope| changed(envelope, change))
}

fn bumped(inner: &Envelope, by: &SecretKey) -> Envelope {
    let bump = fee_bump(inner, by.account_id(), 200_000).unwrap();
    signed_by(bump, by)
}

#[test]
fn an_honest_payment_is_checked_verified_and_submitted_unmodified() {
    let envelope = honest();
    let charge = checked();
    assert_eq!(*charge.payer(), Address::Account(payer().account_id()));
    assert_eq!(charge.max_time(), EXPIRES);
    assert_eq!(*charge.simulation_envelope(), envelope);
    let id = network().network_id();
    let identity = Identity {
        network_id: id,
        authorization: None,
        hashes: vec![envelope.hash(&id)],
    };
    assert_eq!(charge.identity(), identity);
    let route = Route::unsponsored();
    let payment = unsponsored_payment(&route);
    assert_eq!(identify(&payment.payload, &route.terms), Ok(identity));

    let verified = charge.verify(&facts()).unwrap();
    assert_eq!(*verified.envelope(), envelope);
    assert_eq!(verified.hash(), envelope.hash(&id));
    assert_eq!(verified.confirm(&[honest_event()]), Ok(()));
    for events in wrong_events() {
        let refusal = verified.confirm(&events).unwrap_err();
        assert_eq!(refusal.kind(), ProblemKind::SettlementFailed);
    }
}

#[test]
fn the_terms_are_read_from_the_transaction() {
    let elsewhere = xdr::ScVal::Address(xdr_account(stranger().account_id()));
    assert_eq!(
        refused(|envelope| argument_changed(envelope, 1, elsewhere)),
        Fault::WrongRecipient
    );
    assert_eq!(
        refused(|envelope| argument_changed(envelope, 2, i128_value(AMOUNT - 1))),
        Fault::WrongAmount
    );
    let currency = refused(|envelope| {
        invocation_changed(envelope, |call, _| {
            call.contract_address = xdr::ScAddress::Contract(xdr::ContractId(xdr::Hash([9; 32])));
        })
    });
    assert_eq!(currency, Fault::WrongCurrency);
    let two = refused_frame(|transaction| {
        let operation = transaction.operations[0].clone();
        transaction.operations = [operation.clone(), operation].try_into().unwrap();
    });
    assert!(matches!(two, Fault::NotATransfer(_)));
    let muxed = xdr::ScVal::Address(xdr_muxed_address(payer().account_id()));
    assert_eq!(
        refused(|envelope| argument_changed(envelope, 0, muxed)),
        Fault::PayerIsMuxed
    );
}

#[test]
fn the_simulation_succeeds_and_tells_of_the_transfer_only() {
    for events in wrong_events() {
        let refusal = checked().verify(&facts_with(events)).unwrap_err();
        assert!(matches!(refusal.fault(), Fault::Simulated(_)), "{refusal}");
    }
    let failed = Facts {
        simulation: SimulationFacts::Failed {
            message: "no trustline".into(),
        },
        ..facts()
    };
    assert!(checked().verify(&failed).is_err());
}

// Step 6

#[test]
fn a_transaction_without_an_end_or_beyond_the_challenge_is_refused() {
    let bounds = |min_time, max_time| {
        refused_frame(|transaction| {
            transaction.cond = xdr::Preconditions::Time(xdr::TimeBounds {
                min_time: xdr::TimePoint(min_time),
                max_time: xdr::TimePoint(max_time),
            });
        })
    };
    let no_bounds = refused_frame(|transaction| transaction.cond = xdr::Preconditions::None);
    assert_eq!(no_bounds, Fault::NoEnd);
    assert_eq!(bounds(0, 0), Fault::NoEnd);
    let beyond = Fault::OutlivesTheChallenge {
        max_time: EXPIRES + 1,
    };
    assert_eq!(bounds(0, EXPIRES + 1), beyond);
    assert_eq!(
        bounds(0, u64::MAX),
        Fault::OutlivesTheChallenge { max_time: u64::MAX }
    );
    let expired = bounds(0, NOW);
    assert_eq!(expired, Fault::TransactionExpired { max_time: NOW });
    assert_eq!(expired.kind(), ProblemKind::PaymentExpired);
    assert_eq!(bounds(NOW + 1, EXPIRES), Fault::NotYetValid);
    let honest = changed(&honest(), |transaction| {
        transaction.cond = xdr::Preconditions::Time(xdr::TimeBounds {
            min_time: xdr::TimePoint(NOW),
            max_time: xdr::TimePoint(NOW + 1),
        });
    });
    assert!(outcome(&signed_by(honest, &payer())).is_ok());
}

// "Fully signed and network-ready"

#[test]
fn what_would_keep_it_from_being_settled_is_refused() {
    let conditions = refused_frame(|transaction| {
        transaction.cond = xdr::Preconditions::V2(xdr::PreconditionsV2 {
            time_bounds: Some(xdr::TimeBounds {
                min_time: xdr::TimePoint(0),
                max_time: xdr::TimePoint(EXPIRES),
            }),
            ledger_bounds: None,
            min_seq_num: Some(xdr::SequenceNumber(1)),
            min_seq_age: xdr::Duration(0),
            min_seq_ledger_gap: 0,
            extra_signers: [].try_into().unwrap(),
        });
    });
    assert_eq!(conditions, Fault::OtherPreconditions);
    let bare = refused_frame(|transaction| transaction.ext = xdr::TransactionExt::V0);
    assert_eq!(bare, Fault::NoResources);
    let resource_fee = u32::try_from(RESOURCE_FEE).unwrap();
    let cheap = refused_frame(|transaction| transaction.fee = resource_fee);
    assert_eq!(cheap, Fault::FeeBelowResources);
    for declared in [-1, i64::from(u32::MAX)] {
        let declared = refused_frame(|transaction| {
            let xdr::TransactionExt::V1(data) = &mut transaction.ext else {
                unreachable!("the client declares resources")
            };
            data.resource_fee = declared;
        });
        assert_eq!(declared, Fault::FeeBelowResources);
    }
}

/// Whoever learns of a transaction has no signature of it, and must not be able to claim it.
#[test]
fn it_is_signed_by_its_source() {
    let unsigned = changed(&honest(), |_| {});
    for envelope in [
        unsigned.clone(),
        signed_by(unsigned.clone(), &stranger()),
        {
            let mut elsewhere = unsigned.clone();
            let pubnet = StellarNetwork::Pubnet.network_id();
            elsewhere.sign(&payer(), &pubnet).unwrap();
            elsewhere
        },
        {
            let mut bytes = honest().to_xdr();
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            Envelope::from_xdr(&bytes).unwrap()
        },
    ] {
        let refusal = outcome(&envelope).unwrap_err();
        assert_eq!(*refusal.fault(), Fault::NotSignedBySource);
    }
    // A memo is the payer's own affair.
    let noted = changed(&honest(), |transaction| transaction.memo = xdr::Memo::Id(1));
    assert!(outcome(&signed_by(noted, &payer())).is_ok());
}

#[test]
fn the_payer_authorizes_this_very_transfer() {
    let transfer = TransferEnvelope::recognise(&honest()).unwrap().transfer;
    let with = |auth: Vec<AuthEntry>| {
        refused(|envelope| {
            auth_changed(envelope, |entries| {
                *entries = auth.iter().map(xdr_entry).collect();
            })
        })
    };
    let by_source = AuthEntry::by_source_account(&transfer);
    assert_eq!(with(vec![]), Fault::EntryCount { found: 0 });
    assert_eq!(
        with(vec![by_source.clone(), by_source]),
        Fault::EntryCount { found: 2 }
    );
    let mut dearer = transfer;
    dearer.amount += 1;
    assert_eq!(
        with(vec![AuthEntry::by_source_account(&dearer)]),
        Fault::EntryForAnotherCall
    );
    let below = refused(|envelope| {
        auth_changed(envelope, |auth| {
            let call = auth[0].root_invocation.clone();
            auth[0].root_invocation.sub_invocations = [call].try_into().unwrap();
        })
    });
    assert_eq!(below, Fault::SubInvocations);
    let unsigned = UnsignedAuthEntry::for_transfer(&transfer, NONCE, LATEST_LEDGER + 9);
    assert_eq!(with(vec![unsigned.to_unsigned_entry()]), Fault::Unsigned);
    // Of somebody else's money, by the signature of the transaction.
    let other = xdr::ScVal::Address(xdr_account(stranger().account_id()));
    let foreign = refused(|envelope| {
        let envelope = argument_changed(envelope, 0, other);
        let transfer = TransferEnvelope::recognise(&envelope).unwrap().transfer;
        auth_changed(&envelope, |auth| {
            *auth = vec![xdr_entry(&AuthEntry::by_source_account(&transfer))];
        })
    });
    assert_eq!(foreign, Fault::EntryOfAnother);
}

/// The transaction may be another account's when the payer has signed an entry of its own. Such a payment has two
/// identities, and both are claimed.
#[test]
fn an_entry_of_the_payers_own_identifies_the_payment_too() {
    let transfer = TransferEnvelope::recognise(&honest()).unwrap().transfer;
    let id = network().network_id();
    let entry = UnsignedAuthEntry::for_transfer(&transfer, NONCE, LATEST_LEDGER + 9)
        .sign(&payer(), &id)
        .unwrap();
    let envelope = auth_changed(&honest(), |auth| *auth = vec![xdr_entry(&entry)]);
    let envelope = changed(&envelope, |transaction| {
        transaction.source_account = xdr_source(stranger().account_id());
    });
    let envelope = signed_by(envelope, &stranger());
    let charge = outcome(&envelope).unwrap();
    assert_eq!(
        charge.identity(),
        Identity {
            network_id: id,
            authorization: Some((payer().account_id().into(), NONCE)),
            hashes: vec![envelope.hash(&id)],
        }
    );
    let late = Facts {
        latest_ledger: LATEST_LEDGER + 9,
        ..facts()
    };
    let refusal = charge.clone().verify(&late).unwrap_err();
    assert!(matches!(
        refusal.fault(),
        Fault::AuthorizationExpired { .. }
    ));
    assert!(charge.verify(&facts()).is_ok());
}

#[test]
fn sources_in_muxed_form_are_their_accounts() {
    let source = xdr_muxed_source(payer().account_id());
    let muxed = changed(&honest(), |transaction| transaction.source_account = source);
    assert!(outcome(&signed_by(muxed, &payer())).is_ok());
    let other = refused(|envelope| {
        operation_changed(envelope, |operation| {
            operation.source_account = Some(xdr_source(stranger().account_id()));
        })
    });
    assert_eq!(other, Fault::OtherOperationSource);
}

#[test]
fn no_account_of_the_server_is_anywhere_in_any_form() {
    for ours in [sponsor(), fee_bumper()] {
        let account = ours.account_id();
        for source in [xdr_source(account), xdr_muxed_source(account)] {
            let fault = refused_frame(|transaction| transaction.source_account = source.clone());
            assert_eq!(fault, Fault::OurAccount(Place::TransactionSource));
            let fault = refused(|envelope| {
                operation_changed(envelope, |operation| {
                    operation.source_account = Some(source);
                })
            });
            assert_eq!(fault, Fault::OurAccount(Place::OperationSource));
        }
        let from = xdr::ScVal::Address(xdr_account(account));
        let fault = refused(|envelope| argument_changed(envelope, 0, from));
        assert_eq!(fault, Fault::OurAccount(Place::From));
        let refusal = outcome(&bumped(&honest(), &ours)).unwrap_err();
        assert_eq!(*refusal.fault(), Fault::OurAccount(Place::FeeSource));
    }
}

/// The official client bumps its own fees. One debit has one identity, whatever is around it.
#[test]
fn a_fee_bump_is_submitted_as_it_is_and_known_by_its_inner_hash() {
    let id = network().network_id();
    let bump = bumped(&honest(), &stranger());
    let charge = outcome(&bump).unwrap();
    let hashes = charge.identity().hashes;
    assert_eq!(hashes, [honest().hash(&id), bump.hash(&id)]);
    assert_eq!(hashes[0], checked().identity().hashes[0]);
    assert_eq!(*charge.simulation_envelope(), honest());
    let verified = charge.verify(&facts()).unwrap();
    assert_eq!((verified.envelope(), verified.hash()), (&bump, hashes[1]));

    let unsigned = fee_bump(&honest(), stranger().account_id(), 200_000).unwrap();
    for envelope in [unsigned.clone(), signed_by(unsigned, &payer())] {
        let refusal = outcome(&envelope).unwrap_err();
        assert_eq!(*refusal.fault(), Fault::NotSignedBySource);
    }
    let forged = signed_by(changed(&honest(), |_| {}), &stranger());
    let refusal = outcome(&bumped(&forged, &stranger())).unwrap_err();
    assert_eq!(*refusal.fault(), Fault::NotSignedBySource);
}

#[test]
fn a_sponsored_transaction_is_not_network_ready() {
    let sponsored = envelope_of(&sponsored_payment(&Route::sponsored()));
    let refusal = outcome(&sponsored).unwrap_err();
    assert_eq!(*refusal.fault(), Fault::NotSignedBySource);
}
