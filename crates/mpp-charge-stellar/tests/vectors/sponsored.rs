//! "Sponsored Flow Checks".

use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_charge_stellar::{
    CheckedCharge, CheckedSponsored, EventFault, Facts, Fault, Identity, Place, Refusal,
    SimulationFacts, VerifiedSponsored, identify,
};
use coinslot_mpp_wire::ProblemKind;
use coinslot_soroban_authorization::{
    AuthEntry, Envelope, SignatureError, TransferEnvelope, UnsignedAuthEntry, fee_bump,
};
use coinslot_stellar_address::{AccountId, Address, ContractId};
use stellar_xdr as xdr;

use crate::charge::*;

fn checked() -> CheckedSponsored {
    let route = Route::sponsored();
    match route.check(&sponsored_payment(&route)).unwrap() {
        CheckedCharge::Sponsored(charge) => charge,
        other => unreachable!("not sponsored: {other:?}"),
    }
}

fn verified() -> VerifiedSponsored {
    checked().verify(&facts()).unwrap()
}

/// What is said to the honest payment with another transaction.
fn outcome(change: impl FnOnce(&Envelope) -> Envelope) -> Result<CheckedCharge, Refusal> {
    let route = Route::sponsored();
    let honest = sponsored_payment(&route);
    let envelope = change(&envelope_of(&honest));
    route.check(&with_envelope(&honest, &envelope))
}

fn refused(change: impl FnOnce(&Envelope) -> Envelope) -> Fault {
    outcome(change).unwrap_err().fault().clone()
}

/// What is said to the honest payment with another entry.
fn refused_with(entry: &AuthEntry) -> Fault {
    refused(|envelope| auth_changed(envelope, |auth| *auth = vec![xdr_entry(entry)]))
}

fn refused_by(facts: &Facts) -> Refusal {
    checked().verify(facts).unwrap_err()
}

#[test]
fn an_honest_payment_is_checked_verified_and_settled() {
    let charge = checked();
    let payer = Address::Account(payer().account_id());
    assert_eq!(*charge.payer(), payer);
    assert_eq!((charge.nonce(), charge.expires()), (NONCE, EXPIRES));
    assert_eq!(charge.expiration_ledger(), LATEST_LEDGER + 60);
    let identity = Identity {
        network_id: network().network_id(),
        authorization: Some((payer, NONCE)),
        hashes: vec![],
    };
    assert_eq!(charge.identity(), identity);
    let simulated = TransferEnvelope::recognise(&charge.simulation_envelope()).unwrap();
    assert_eq!(simulated.auth, [charge.entry().clone()]);

    let charge = charge.verify(&facts()).unwrap();
    let plan = charge
        .settlement(sponsor().account_id(), 5, resources(), 100, EXPIRES)
        .unwrap();
    assert_eq!(plan.fee_stroops(), 40_100);
    assert_eq!(plan.sponsor(), sponsor().account_id());
    let settled = TransferEnvelope::recognise(&plan.to_envelope()).unwrap();
    assert_eq!(settled.transfer, *charge.checked().transfer());
    assert_eq!(settled.auth, [charge.checked().entry().clone()]);
    assert_eq!(settled.resources, Some(resources()));
    assert_eq!(settled.time_bounds.unwrap().max_time, EXPIRES);
    assert_eq!(settled.sequence, 5);
    assert_eq!(charge.confirm(&[honest_event()]), Ok(()));
}

#[test]
fn a_payment_is_identified_before_it_is_verified() {
    let route = Route::sponsored();
    let honest = sponsored_payment(&route);
    let identity = identify(&honest.payload, &route.terms).unwrap();
    assert_eq!(identity, checked().identity());
    let renamed = changed(&envelope_of(&honest), |transaction| {
        transaction.memo = xdr::Memo::Id(1);
        transaction.fee = 1;
        transaction.seq_num = xdr::SequenceNumber(99);
    });
    let renamed = with_envelope(&honest, &renamed);
    assert_eq!(identify(&renamed.payload, &route.terms), Ok(identity));
}

// Steps 2 to 4

#[test]
fn there_is_one_operation_and_it_is_a_call() {
    let two = refused(|envelope| {
        changed(envelope, |transaction| {
            let operation = transaction.operations[0].clone();
            transaction.operations = [operation.clone(), operation].try_into().unwrap();
        })
    });
    let upload = refused(|envelope| {
        operation_changed(envelope, |operation| {
            operation.body = xdr::OperationBody::InvokeHostFunction(xdr::InvokeHostFunctionOp {
                host_function: xdr::HostFunction::UploadContractWasm([0; 3].try_into().unwrap()),
                auth: [].try_into().unwrap(),
            });
        })
    });
    let other = refused(|envelope| {
        operation_changed(envelope, |operation| {
            operation.body = xdr::OperationBody::Inflation;
        })
    });
    let name = refused(|envelope| {
        invocation_changed(envelope, |call, _| {
            call.function_name = xdr::ScSymbol("transfer_from".try_into().unwrap());
        })
    });
    for fault in [two, upload, other, name] {
        assert!(matches!(fault, Fault::NotATransfer(_)), "{fault}");
        assert_eq!(fault.kind(), ProblemKind::VerificationFailed);
    }
}

#[test]
fn currency_recipient_and_amount_are_those_of_the_request() {
    let currency = refused(|envelope| {
        invocation_changed(envelope, |call, _| {
            call.contract_address = xdr::ScAddress::Contract(xdr::ContractId(xdr::Hash([9; 32])));
        })
    });
    assert_eq!(currency, Fault::WrongCurrency);
    let elsewhere = xdr::ScVal::Address(xdr_account(stranger().account_id()));
    let recipient = refused(|envelope| argument_changed(envelope, 1, elsewhere));
    assert_eq!(recipient, Fault::WrongRecipient);
    for amount in [0, AMOUNT - 1, AMOUNT + 1] {
        let fault = refused(|envelope| argument_changed(envelope, 2, i128_value(amount)));
        assert_eq!(fault, Fault::WrongAmount);
    }
    let muxed = xdr::ScVal::Address(xdr_muxed_address(payer().account_id()));
    let from = refused(|envelope| argument_changed(envelope, 0, muxed));
    assert_eq!(from, Fault::PayerIsMuxed);
}

#[test]
fn an_authorization_for_another_network_is_none_here() {
    let plan = sponsored_plan(&Route::sponsored());
    let entry = plan
        .authorization(NONCE, LATEST_LEDGER + 60)
        .sign(&payer(), &StellarNetwork::Pubnet.network_id())
        .unwrap();
    let key = payer().account_id();
    assert_eq!(
        refused_with(&entry),
        Fault::Signature(SignatureError::Invalid { key })
    );
}

// Step 5

#[test]
fn the_simulation_succeeds_and_tells_of_the_transfer_only() {
    for events in wrong_events() {
        let refusal = refused_by(&facts_with(events));
        assert!(matches!(refusal.fault(), Fault::Simulated(_)), "{refusal}");
        assert_eq!(refusal.kind(), ProblemKind::VerificationFailed);
        assert_eq!(refusal.payer(), Some(&payer().account_id().into()));
    }
    let failed = Facts {
        simulation: SimulationFacts::Failed {
            message: "balance is too low".into(),
        },
        ..facts()
    };
    let refusal = refused_by(&failed);
    assert!(refusal.to_string().contains("balance is too low"));
    assert_eq!(refusal.kind(), ProblemKind::VerificationFailed);
    let archived = Facts {
        simulation: SimulationFacts::RestoreNeeded,
        ..facts()
    };
    assert_eq!(*refused_by(&archived).fault(), Fault::RestoreNeeded);
}

// Step 6

#[test]
fn a_real_source_or_a_fee_bump_is_no_sponsored_transaction() {
    for source in [
        xdr_source(payer().account_id()),
        xdr_source(stranger().account_id()),
        xdr_muxed_source(AccountId::ALL_ZEROS),
    ] {
        let fault = refused(|envelope| {
            let source = source.clone();
            changed(envelope, |transaction| transaction.source_account = source)
        });
        assert_eq!(fault, Fault::SourceNotAllZeros);
    }
    let bumped = refused(|envelope| {
        let signed = signed_by(envelope.clone(), &payer());
        fee_bump(&signed, stranger().account_id(), 200_000).unwrap()
    });
    assert!(bumped.to_string().contains("fee bump"), "{bumped}");
}

// Step 7

#[test]
fn authorization_entries_are_required_and_there_is_exactly_one() {
    let none = refused(|envelope| auth_changed(envelope, Vec::clear));
    assert_eq!(none, Fault::EntryCount { found: 0 });
    let twice = refused(|envelope| auth_changed(envelope, |auth| auth.push(auth[0].clone())));
    assert_eq!(twice, Fault::EntryCount { found: 2 });
    let foreign = refused(|envelope| {
        let plan = sponsored_plan(&Route::sponsored());
        let mut transfer = plan.charge().transfer();
        transfer.from = stranger().account_id().into();
        let other = UnsignedAuthEntry::for_transfer(&transfer, 1, LATEST_LEDGER + 1)
            .sign(&stranger(), &network().network_id())
            .unwrap();
        auth_changed(envelope, |auth| auth.push(xdr_entry(&other)))
    });
    assert_eq!(foreign, Fault::EntryCount { found: 2 });
}

#[test]
fn the_credentials_are_those_of_an_address() {
    let transfer = sponsored_plan(&Route::sponsored()).charge().transfer();
    assert_eq!(
        refused_with(&AuthEntry::by_source_account(&transfer)),
        Fault::UnsupportedCredential
    );
}

#[test]
fn nothing_more_than_the_transfer_is_authorized() {
    let below = refused(|envelope| {
        auth_changed(envelope, |auth| {
            let call = auth[0].root_invocation.clone();
            auth[0].root_invocation.sub_invocations = [call].try_into().unwrap();
        })
    });
    assert_eq!(below, Fault::SubInvocations);
}

#[test]
fn the_payer_authorizes_this_very_transfer() {
    let plan = sponsored_plan(&Route::sponsored());
    let until = LATEST_LEDGER + 60;
    let mut dearer = plan.charge().transfer();
    dearer.amount += 1;
    let other_call = UnsignedAuthEntry::for_transfer(&dearer, NONCE, until)
        .sign(&payer(), &network().network_id())
        .unwrap();
    assert_eq!(refused_with(&other_call), Fault::EntryForAnotherCall);
    let unsigned = plan.authorization(NONCE, until).to_unsigned_entry();
    assert_eq!(refused_with(&unsigned), Fault::Unsigned);
    let by_another = refused(|envelope| {
        auth_changed(envelope, |auth| {
            let xdr::SorobanCredentials::Address(credentials) = &mut auth[0].credentials else {
                unreachable!("the client signs as an address")
            };
            credentials.address = xdr_account(stranger().account_id());
        })
    });
    assert_eq!(by_another, Fault::EntryOfAnother);
    let longer = refused(|envelope| {
        auth_changed(envelope, |auth| {
            let xdr::SorobanCredentials::Address(credentials) = &mut auth[0].credentials else {
                unreachable!("the client signs as an address")
            };
            credentials.signature_expiration_ledger += 1;
        })
    });
    assert!(matches!(longer, Fault::Signature(_)), "{longer}");
}

// Step 8

#[test]
fn the_authorization_ends_with_the_challenge() {
    let route = Route::sponsored();
    let plan = sponsored_plan(&route);
    let verify = |until: u32| {
        let entry = plan
            .authorization(NONCE, until)
            .sign(&payer(), &network().network_id())
            .unwrap();
        let payment = plan.credential(entry, resources(), RESOURCE_FEE);
        let CheckedCharge::Sponsored(charge) = route.check(&payment).unwrap() else {
            unreachable!("the route is sponsored")
        };
        charge.verify(&facts()).map(drop)
    };
    let last = LATEST_LEDGER + 60 + rules().expiration_tolerance_ledgers;
    assert_eq!(verify(last), Ok(()));
    let refusal = verify(last + 1).unwrap_err();
    let too_late = Fault::ExpiresTooLate {
        ledger: last + 1,
        latest_allowed: last,
    };
    assert_eq!(*refusal.fault(), too_late);
    assert_eq!(refusal.kind(), ProblemKind::VerificationFailed);
    assert_eq!(verify(LATEST_LEDGER + 1), Ok(()));
    let refusal = verify(LATEST_LEDGER).unwrap_err();
    assert_eq!(
        *refusal.fault(),
        Fault::AuthorizationExpired {
            ledger: LATEST_LEDGER
        }
    );
    assert_eq!(refusal.kind(), ProblemKind::PaymentExpired);
}

/// An honest payer signs at one moment and is judged at another: ledgers of five seconds keep pace.
#[test]
fn time_that_passes_makes_no_honest_authorization_too_late() {
    for waited in 0..60 {
        let facts = Facts {
            now: NOW + waited,
            latest_ledger: LATEST_LEDGER + u32::try_from(waited / 5).unwrap(),
            ..facts()
        };
        assert!(checked().verify(&facts).is_ok(), "after {waited} seconds");
    }
}

// Step 9

#[test]
fn no_account_of_the_server_is_anywhere_in_any_form() {
    for ours in [sponsor(), fee_bumper()].map(|key| key.account_id()) {
        for source in [xdr_source(ours), xdr_muxed_source(ours)] {
            let fault = refused(|envelope| {
                let source = source.clone();
                changed(envelope, |transaction| transaction.source_account = source)
            });
            assert_eq!(fault, Fault::OurAccount(Place::TransactionSource));
            let fault = refused(|envelope| {
                let source = Some(source.clone());
                operation_changed(envelope, |operation| operation.source_account = source)
            });
            assert_eq!(fault, Fault::OurAccount(Place::OperationSource));
        }
        let address = xdr::ScVal::Address(xdr_account(ours));
        let fault = refused(|envelope| argument_changed(envelope, 0, address));
        assert_eq!(fault, Fault::OurAccount(Place::From));
        for address in [xdr_account(ours), xdr_muxed_address(ours)] {
            let fault = refused(|envelope| {
                auth_changed(envelope, |auth| {
                    let xdr::SorobanCredentials::Address(credentials) = &mut auth[0].credentials
                    else {
                        unreachable!("the client signs as an address")
                    };
                    credentials.address = address;
                })
            });
            assert_eq!(fault, Fault::OurAccount(Place::AuthorizationEntry));
        }
    }
}

// Settlement

#[test]
fn nothing_but_the_transfer_and_its_entry_is_taken_over() {
    let plan = |charge: VerifiedSponsored| {
        charge
            .settlement(sponsor().account_id(), 5, resources(), 100, EXPIRES)
            .unwrap()
            .to_envelope()
    };
    let spoilt = outcome(|envelope| {
        let spoilt = operation_changed(envelope, |operation| {
            operation.source_account = Some(xdr_source(stranger().account_id()));
        });
        changed(&spoilt, |transaction| {
            transaction.memo = xdr::Memo::Id(1);
            transaction.fee = u32::MAX;
            transaction.seq_num = xdr::SequenceNumber(i64::MAX);
            transaction.cond = xdr::Preconditions::V2(xdr::PreconditionsV2 {
                time_bounds: None,
                ledger_bounds: Some(xdr::LedgerBounds {
                    min_ledger: 0,
                    max_ledger: 1,
                }),
                min_seq_num: Some(xdr::SequenceNumber(1)),
                min_seq_age: xdr::Duration(1),
                min_seq_ledger_gap: 1,
                extra_signers: [xdr::SignerKey::HashX(xdr::Uint256([1; 32]))]
                    .try_into()
                    .unwrap(),
            });
            let xdr::TransactionExt::V1(data) = &mut transaction.ext else {
                unreachable!("the client declares resources")
            };
            data.resources.instructions = u32::MAX;
            data.resource_fee = i64::MAX;
        })
    });
    let CheckedCharge::Sponsored(spoilt) = spoilt.unwrap() else {
        unreachable!("the route is sponsored")
    };
    assert_eq!(
        spoilt.simulation_envelope(),
        checked().simulation_envelope()
    );
    let spoilt = spoilt.verify(&facts()).unwrap();
    assert_eq!(plan(spoilt), plan(verified()));
}

#[test]
fn our_own_fee_stays_below_the_ceiling() {
    let dear = |inclusion_fee_stroops, min_resource_fee| Facts {
        inclusion_fee_stroops,
        simulation: SimulationFacts::Succeeded {
            events: vec![honest_event()],
            min_resource_fee,
        },
        ..facts()
    };
    assert!(checked().verify(&dear(10_000, 40_000)).is_ok());
    for facts in [
        dear(10_001, 40_000),
        dear(10_000, 40_001),
        dear(u64::MAX, i64::MAX),
    ] {
        let refusal = refused_by(&facts);
        assert!(matches!(refusal.fault(), Fault::FeeTooHigh { .. }));
    }
    let settle = |inclusion| {
        verified().settlement(sponsor().account_id(), 5, resources(), inclusion, EXPIRES)
    };
    assert!(settle(10_000).is_ok());
    assert!(settle(10_001).is_err());
    assert!(settle(u64::MAX).is_err());
    let negative = resources().with_resource_fee(-1);
    let refusal = verified()
        .settlement(sponsor().account_id(), 5, negative, 100, EXPIRES)
        .unwrap_err();
    assert!(matches!(refusal.fault(), Fault::FeeTooHigh { .. }));
}

#[test]
fn only_a_sponsor_settles() {
    let refusal = verified()
        .settlement(stranger().account_id(), 5, resources(), 100, EXPIRES)
        .unwrap_err();
    assert_eq!(*refusal.fault(), Fault::NotASponsor);
    assert_eq!(refusal.kind(), ProblemKind::SettlementFailed);
}

#[test]
fn a_settlement_that_moved_something_else_has_failed() {
    for events in wrong_events() {
        let refusal = verified().confirm(&events).unwrap_err();
        assert!(matches!(refusal.fault(), Fault::Settled(_)));
        assert_eq!(refusal.kind(), ProblemKind::SettlementFailed);
    }
    let nothing = verified().confirm(&[]).unwrap_err();
    assert_eq!(*nothing.fault(), Fault::Settled(EventFault::NoTransfer));
}

/// A contract may pay: its signature is for the simulation to judge.
#[test]
fn a_contract_pays_with_a_signature_that_the_simulation_judges() {
    let wallet = ContractId::from_bytes([5; 32]);
    let contract = xdr::ScAddress::Contract(xdr::ContractId(xdr::Hash(*wallet.as_bytes())));
    let route = Route::sponsored();
    let honest = sponsored_payment(&route);
    let mut transfer = sponsored_plan(&route).charge().transfer();
    transfer.from = wallet.into();
    let entry = UnsignedAuthEntry::for_transfer(&transfer, NONCE, LATEST_LEDGER + 60)
        .sign(&stranger(), &network().network_id())
        .unwrap();
    let envelope = invocation_changed(&envelope_of(&honest), |call, auth| {
        let mut arguments = call.args.to_vec();
        arguments[0] = xdr::ScVal::Address(contract);
        call.args = arguments.try_into().unwrap();
        *auth = vec![xdr_entry(&entry)];
    });
    let credential = coinslot_mpp_wire::Credential {
        source: None,
        ..with_envelope(&honest, &envelope)
    };
    let CheckedCharge::Sponsored(charge) = route.check(&credential).unwrap() else {
        unreachable!("the route is sponsored")
    };
    assert_eq!(*charge.payer(), Address::Contract(wallet));
}

/// So may an account with other signers than its own key: whether they suffice is for the simulation to judge.
#[test]
fn an_account_pays_with_the_signature_of_another_signer() {
    let unsigned = sponsored_plan(&Route::sponsored()).authorization(NONCE, LATEST_LEDGER + 60);
    let signature = stranger().sign(&unsigned.payload_hash(&network().network_id()));
    let with_key = |key: AccountId| {
        outcome(|envelope| {
            auth_changed(envelope, |auth| {
                let xdr::SorobanCredentials::Address(credentials) = &mut auth[0].credentials else {
                    unreachable!("the client signs as an address")
                };
                let bytes = |bytes: &[u8]| xdr::ScVal::Bytes(bytes.to_vec().try_into().unwrap());
                let field = |name: &str, val| xdr::ScMapEntry {
                    key: xdr::ScVal::Symbol(xdr::ScSymbol(name.try_into().unwrap())),
                    val,
                };
                let fields = vec![
                    field("public_key", bytes(key.as_bytes())),
                    field("signature", bytes(&signature)),
                ];
                let map = xdr::ScVal::Map(Some(xdr::ScMap(fields.try_into().unwrap())));
                credentials.signature =
                    xdr::ScVal::Vec(Some(xdr::ScVec(vec![map].try_into().unwrap())));
            })
        })
    };
    assert!(with_key(stranger().account_id()).is_ok());
    let key = payer().account_id();
    let refusal = with_key(key).unwrap_err();
    let invalid = SignatureError::Invalid { key };
    assert_eq!(*refusal.fault(), Fault::Signature(invalid));
}
