//! An honest payment, and one that breaks each rule.

#![allow(clippy::unwrap_used, reason = "a helper of a test may panic")]

#[path = "support/payment.rs"]
mod payment;

use coinslot_caip2_network::StellarNetwork;
use coinslot_soroban_authorization::{
    Credential, SecretKey, TransferEnvelope, UnsignedAuthEntry, fee_bump,
};
use coinslot_stellar_address::{AccountId, Address, ContractId, MuxedAccountId};
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_exact_stellar::{
    CheckedPayment, ExactPayload, Facts, Refusal, Rules, SimulationFacts, identify,
};
use coinslot_x402_wire::{PaymentPayload, PaymentRequirements, ReasonCode};
use payment::*;
use stellar_xdr as xdr;

fn refused(payment: &PaymentPayload) -> ReasonCode {
    check(payment).unwrap_err().reason
}

fn refused_by(facts: &Facts) -> ReasonCode {
    check(&payment()).unwrap().verify(facts).unwrap_err().reason
}

fn refused_under(requirements: &PaymentRequirements) -> Refusal {
    let payment = PaymentPayload {
        accepted: requirements.clone(),
        ..payment()
    };
    CheckedPayment::check(&payment, requirements, &rules()).unwrap_err()
}

fn muxed(account: AccountId) -> xdr::MuxedAccount {
    xdr::MuxedAccount::MuxedEd25519(xdr::MuxedAccountMed25519 {
        id: 9,
        ed25519: xdr::Uint256(*account.as_bytes()),
    })
}

fn plain(account: AccountId) -> xdr::MuxedAccount {
    xdr::MuxedAccount::Ed25519(xdr::Uint256(*account.as_bytes()))
}

fn muxed_address(account: AccountId) -> xdr::ScAddress {
    xdr::ScAddress::MuxedAccount(xdr::MuxedEd25519Account {
        id: 9,
        ed25519: xdr::Uint256(*account.as_bytes()),
    })
}

fn i128_value(amount: u64) -> xdr::ScVal {
    xdr::ScVal::I128(xdr::Int128Parts { hi: 0, lo: amount })
}

/// Every account of the facilitator, in both forms of a source.
fn our_sources() -> Vec<xdr::MuxedAccount> {
    [sponsor(), fee_bumper()]
        .iter()
        .flat_map(|key| [plain(key.account_id()), muxed(key.account_id())])
        .collect()
}

/// Every account of the facilitator, in both forms of an address.
fn our_addresses() -> Vec<xdr::ScAddress> {
    [sponsor(), fee_bumper()]
        .iter()
        .flat_map(|key| {
            [
                xdr_account(key.account_id()),
                muxed_address(key.account_id()),
            ]
        })
        .collect()
}

// The honest payment

#[test]
fn an_honest_payment_is_checked_verified_and_settled() {
    let checked = check(&payment()).unwrap();
    assert_eq!(*checked.payer(), Address::Account(payer().account_id()));
    assert_eq!(
        (checked.nonce(), checked.expiration_ledger()),
        (77, LATEST_LEDGER + 12)
    );
    assert_eq!(checked.network_id(), StellarNetwork::Testnet.network_id());
    assert_eq!(*checked.transfer(), client_plan().transfer());
    let verified = checked.verify(&facts()).unwrap();
    let plan = verified
        .settlement(sponsor().account_id(), 5, resources(), 100, 1_700_000_000)
        .unwrap();
    assert_eq!(plan.fee_stroops(), 40_100);
    assert_eq!(plan.sponsor(), sponsor().account_id());
    let settled = TransferEnvelope::recognise(&plan.to_envelope()).unwrap();
    assert_eq!(settled.transfer, client_plan().transfer());
    assert_eq!(settled.auth, [entry()]);
    assert_eq!(settled.resources, Some(resources()));
    assert_eq!(settled.time_bounds.unwrap().max_time, 1_700_000_000);
    assert_eq!(settled.sequence, 5);
}

#[test]
fn a_payment_is_identified_by_its_entry() {
    let payer = Address::Account(payer().account_id());
    assert_eq!(identify(&payment()), Ok((payer, 77, LATEST_LEDGER + 12)));
    let renamed = payment_changed(|transaction| {
        transaction.memo = xdr::Memo::Id(1);
        transaction.fee = 1;
        transaction.seq_num = xdr::SequenceNumber(99);
    });
    assert_eq!(identify(&renamed), identify(&payment()));
}

// 1. Protocol validation

#[test]
fn the_scheme_is_exact_on_both_sides() {
    let other = PaymentRequirements {
        scheme: "upto".to_owned(),
        ..requirements()
    };
    let payment_for_other = PaymentPayload {
        accepted: other.clone(),
        ..payment()
    };
    assert_eq!(refused(&payment_for_other), ReasonCode::UnsupportedScheme);
    let refusal = CheckedPayment::check(&payment(), &other, &rules()).unwrap_err();
    assert_eq!(refusal.reason, ReasonCode::UnsupportedScheme);
}

#[test]
fn the_network_is_the_required_one_and_ours() {
    let pubnet = PaymentRequirements {
        network: StellarNetwork::Pubnet.chain_id().into(),
        ..requirements()
    };
    let payment_elsewhere = PaymentPayload {
        accepted: pubnet.clone(),
        ..payment()
    };
    assert_eq!(refused(&payment_elsewhere), ReasonCode::NetworkMismatch);
    assert_eq!(refused_under(&pubnet).reason, ReasonCode::InvalidNetwork);
}

#[test]
fn what_is_accepted_is_what_is_required_in_every_field() {
    for other in [
        PaymentRequirements {
            amount: BaseUnits::from_u64(1),
            ..requirements()
        },
        PaymentRequirements {
            pay_to: USDC.to_owned(),
            ..requirements()
        },
        PaymentRequirements {
            max_timeout_seconds: 61,
            ..requirements()
        },
        PaymentRequirements {
            extra: None,
            ..requirements()
        },
        requirements().with_extra("more", 1),
    ] {
        let payment = PaymentPayload {
            accepted: other,
            ..payment()
        };
        assert_eq!(refused(&payment), ReasonCode::InvalidPaymentRequirements);
    }
}

#[test]
fn requirements_that_nobody_can_meet_are_refused_with_a_sentence() {
    let issuer = "GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5";
    let refusal = refused_under(&PaymentRequirements {
        asset: issuer.to_owned(),
        ..requirements()
    });
    assert_eq!(refusal.reason, ReasonCode::InvalidPaymentRequirements);
    assert!(
        refusal.detail.contains("named by its contract"),
        "{}",
        refusal.detail
    );
    let zero = PaymentRequirements {
        amount: BaseUnits::ZERO,
        ..requirements()
    };
    assert_eq!(
        refused_under(&zero).reason,
        ReasonCode::InvalidPaymentRequirements
    );
    let unsponsored = requirements().with_extra("areFeesSponsored", false);
    assert_eq!(
        refused_under(&unsponsored).reason,
        ReasonCode::InvalidPaymentRequirements
    );
    let nobody = PaymentRequirements {
        pay_to: "nobody".to_owned(),
        ..requirements()
    };
    assert_eq!(
        refused_under(&nobody).reason,
        ReasonCode::InvalidPaymentRequirements
    );
}

#[test]
fn the_extra_member_may_be_absent() {
    let bare = PaymentRequirements {
        extra: None,
        ..requirements()
    };
    let payment = PaymentPayload {
        accepted: bare.clone(),
        ..payment()
    };
    assert!(CheckedPayment::check(&payment, &bare, &rules()).is_ok());
}

// 2. Transaction structure

#[test]
fn what_is_no_transaction_is_malformed() {
    let of = |payload: serde_json::Value| {
        let serde_json::Value::Object(payload) = payload else {
            unreachable!("an object")
        };
        PaymentPayload::new(requirements(), payload)
    };
    let honest = ExactPayload::from_map(&payment().payload)
        .unwrap()
        .transaction;
    for payload in [
        serde_json::json!({}),
        serde_json::json!({ "transaction": null }),
        serde_json::json!({ "transaction": ["AAAA"] }),
        serde_json::json!({ "transaction": "" }),
        serde_json::json!({ "transaction": "not base64" }),
        serde_json::json!({ "transaction": format!("{honest}\0") }),
        serde_json::json!({ "transaction": format!(" {honest}") }),
        serde_json::json!({ "transaction": &honest[..400] }),
    ] {
        assert_eq!(refused(&of(payload)), ReasonCode::StellarMalformed);
    }
    let more = serde_json::json!({ "transaction": honest, "amount": "1", "to": "somebody" });
    assert!(
        check(&of(more)).is_ok(),
        "members beside the transaction mean nothing"
    );
}

#[test]
fn a_fee_bump_is_malformed() {
    let honest = ExactPayload::from_map(&payment().payload)
        .unwrap()
        .transaction;
    let mut inner = coinslot_soroban_authorization::Envelope::from_base64(&honest).unwrap();
    inner
        .sign(&payer(), &StellarNetwork::Testnet.network_id())
        .unwrap();
    let bumped = fee_bump(&inner, payer().account_id(), 100_000).unwrap();
    let payload = ExactPayload {
        transaction: bumped.to_base64(),
    }
    .into_map();
    let payment = PaymentPayload::new(requirements(), payload);
    assert_eq!(refused(&payment), ReasonCode::StellarMalformed);
}

#[test]
fn exactly_one_contract_call_is_taken() {
    let none = payment_changed(|tx| tx.operations = [].try_into().unwrap());
    assert_eq!(refused(&none), ReasonCode::StellarWrongOperation);
    let two = payment_changed(|tx| {
        let operation = tx.operations[0].clone();
        tx.operations = [operation.clone(), operation].try_into().unwrap();
    });
    assert_eq!(refused(&two), ReasonCode::StellarWrongOperation);
    let other = operation_changed(|operation| operation.body = xdr::OperationBody::Inflation);
    assert_eq!(refused(&other), ReasonCode::StellarWrongOperation);
    let upload = operation_changed(|operation| {
        operation.body = xdr::OperationBody::InvokeHostFunction(xdr::InvokeHostFunctionOp {
            host_function: xdr::HostFunction::UploadContractWasm([0; 4].try_into().unwrap()),
            auth: [].try_into().unwrap(),
        });
    });
    assert_eq!(refused(&upload), ReasonCode::StellarWrongOperation);
}

#[test]
fn the_contract_is_the_asset_and_allowed() {
    let other = invocation_changed(|call, _| {
        call.contract_address = xdr::ScAddress::Contract(xdr::ContractId(xdr::Hash([7; 32])));
    });
    assert_eq!(refused(&other), ReasonCode::StellarWrongAsset);
    let account = invocation_changed(|call, _| {
        call.contract_address = xdr_account(payer().account_id());
    });
    assert_eq!(refused(&account), ReasonCode::StellarWrongAsset);
    let only = |assets| {
        let rules = Rules {
            assets: Some(assets),
            ..rules()
        };
        CheckedPayment::check(&payment(), &requirements(), &rules)
    };
    assert!(only(vec![usdc()]).is_ok());
    let refusal = only(vec![ContractId::from_bytes([7; 32])]).unwrap_err();
    assert_eq!(refusal.reason, ReasonCode::StellarWrongAsset);
    assert!(only(Vec::new()).is_err());
}

#[test]
fn the_function_is_transfer_with_three_arguments() {
    let burn = invocation_changed(|call, _| {
        call.function_name = xdr::ScSymbol("burn".try_into().unwrap());
    });
    assert_eq!(refused(&burn), ReasonCode::StellarWrongFunctionName);
    let four = invocation_changed(|call, _| {
        let more = [call.args.to_vec(), vec![xdr::ScVal::Void]].concat();
        call.args = more.try_into().unwrap();
    });
    assert_eq!(refused(&four), ReasonCode::StellarWrongFunctionName);
}

#[test]
fn recipient_and_amount_are_the_required_ones() {
    let other = argument_changed(1, xdr::ScVal::Address(xdr_account(payer().account_id())));
    assert_eq!(refused(&other), ReasonCode::StellarWrongRecipient);
    let tagged = argument_changed(1, xdr::ScVal::Address(muxed_address(payee())));
    assert_eq!(refused(&tagged), ReasonCode::StellarWrongRecipient);
    assert_eq!(
        refused(&argument_changed(1, xdr::ScVal::Void)),
        ReasonCode::StellarWrongRecipient
    );
    for amount in [
        i128_value(AMOUNT - 1),
        i128_value(AMOUNT + 1),
        i128_value(0),
        xdr::ScVal::I128(xdr::Int128Parts { hi: -1, lo: AMOUNT }),
        xdr::ScVal::I128(xdr::Int128Parts { hi: 1, lo: AMOUNT }),
        xdr::ScVal::U64(AMOUNT),
        xdr::ScVal::I64(10_000),
        xdr::ScVal::U128(xdr::UInt128Parts { hi: 0, lo: AMOUNT }),
    ] {
        assert_eq!(
            refused(&argument_changed(2, amount)),
            ReasonCode::StellarWrongAmount
        );
    }
}

#[test]
fn from_that_is_no_payer_is_malformed() {
    assert_eq!(
        refused(&argument_changed(0, xdr::ScVal::Void)),
        ReasonCode::StellarMalformed
    );
    let tagged = xdr::ScVal::Address(muxed_address(payer().account_id()));
    assert_eq!(
        refused(&argument_changed(0, tagged)),
        ReasonCode::StellarMalformed
    );
}

// 3. Authorization entries

#[test]
fn there_is_exactly_one_entry() {
    assert_eq!(
        refused(&auth_changed(Vec::clear)),
        ReasonCode::StellarNoAuthEntries
    );
    let twice = auth_changed(|auth| auth.push(auth[0].clone()));
    assert_eq!(refused(&twice), ReasonCode::StellarMalformed);
    assert!(identify(&twice).is_err());
    let stranger = SecretKey::from_seed([9; 32]);
    let transfer = client_plan().transfer();
    let strangers = coinslot_soroban_authorization::Transfer {
        from: stranger.account_id().into(),
        ..transfer
    };
    let unsigned = UnsignedAuthEntry::for_transfer(&strangers, 1, LATEST_LEDGER + 1);
    let extra = unsigned
        .sign(&stranger, &StellarNetwork::Testnet.network_id())
        .unwrap();
    let extra = auth_changed(|auth| auth.push(xdr_entry(&extra)));
    assert_eq!(refused(&extra), ReasonCode::StellarMalformed);
}

#[test]
fn the_credential_is_that_of_an_address() {
    let source = auth_changed(|auth| auth[0].credentials = xdr::SorobanCredentials::SourceAccount);
    assert_eq!(
        refused(&source),
        ReasonCode::StellarUnsupportedCredentialType
    );
    assert!(identify(&source).is_err());
    let newer = auth_changed(|auth| {
        let xdr::SorobanCredentials::Address(credential) = auth[0].credentials.clone() else {
            unreachable!("the client signs for an address")
        };
        auth[0].credentials = xdr::SorobanCredentials::AddressV2(credential);
    });
    assert_eq!(
        refused(&newer),
        ReasonCode::StellarUnsupportedCredentialType
    );
}

#[test]
fn nothing_more_than_the_transfer_is_authorized() {
    let more = auth_changed(|auth| {
        let root = auth[0].root_invocation.clone();
        auth[0].root_invocation.sub_invocations = [root].try_into().unwrap();
    });
    assert_eq!(refused(&more), ReasonCode::StellarHasSubinvocations);
}

#[test]
fn the_payer_authorizes_this_very_transfer() {
    let stranger = SecretKey::from_seed([9; 32]);
    let strangers = coinslot_soroban_authorization::Transfer {
        from: stranger.account_id().into(),
        ..client_plan().transfer()
    };
    let unsigned = UnsignedAuthEntry::for_transfer(&strangers, 1, LATEST_LEDGER + 1);
    let entry = unsigned
        .sign(&stranger, &StellarNetwork::Testnet.network_id())
        .unwrap();
    assert_eq!(
        refused(&payment_with(entry)),
        ReasonCode::StellarMissingPayerSignature
    );
    let less = coinslot_soroban_authorization::Transfer {
        amount: 1,
        ..client_plan().transfer()
    };
    let entry = sign(&UnsignedAuthEntry::for_transfer(
        &less,
        1,
        LATEST_LEDGER + 1,
    ));
    assert_eq!(
        refused(&payment_with(entry)),
        ReasonCode::StellarMissingPayerSignature
    );
}

#[test]
fn the_signature_is_there_and_valid_for_this_network() {
    let unsigned = client_plan().authorization(77, LATEST_LEDGER + 12);
    let refusal = check(&payment_with(unsigned.to_unsigned_entry())).unwrap_err();
    assert_eq!(refusal.reason, ReasonCode::StellarMissingPayerSignature);
    assert_eq!(refusal.payer, Some(payer().account_id().into()));
    let elsewhere = unsigned
        .sign(&payer(), &StellarNetwork::Pubnet.network_id())
        .unwrap();
    assert_eq!(
        refused(&payment_with(elsewhere)),
        ReasonCode::StellarMissingPayerSignature
    );
    let forged = auth_changed(|auth| {
        let xdr::SorobanCredentials::Address(credential) = &mut auth[0].credentials else {
            unreachable!("the client signs for an address")
        };
        credential.nonce += 1;
    });
    assert_eq!(refused(&forged), ReasonCode::StellarMissingPayerSignature);
    let junk = auth_changed(|auth| {
        let xdr::SorobanCredentials::Address(credential) = &mut auth[0].credentials else {
            unreachable!("the client signs for an address")
        };
        credential.signature = xdr::ScVal::Bool(true);
    });
    assert_eq!(refused(&junk), ReasonCode::StellarMissingPayerSignature);
}

#[test]
fn a_contract_that_pays_is_judged_by_the_simulation() {
    let contract = xdr::ScAddress::Contract(xdr::ContractId(xdr::Hash([5; 32])));
    let by_contract = |signature: xdr::ScVal| {
        let contract = contract.clone();
        invocation_changed(move |call, auth| {
            let mut arguments = call.args.to_vec();
            arguments[0] = xdr::ScVal::Address(contract.clone());
            call.args = arguments.try_into().unwrap();
            auth[0].root_invocation.function =
                xdr::SorobanAuthorizedFunction::ContractFn(call.clone());
            let xdr::SorobanCredentials::Address(credential) = &mut auth[0].credentials else {
                unreachable!("the client signs for an address")
            };
            credential.address = contract;
            credential.signature = signature;
        })
    };
    let checked = check(&by_contract(xdr::ScVal::Bool(true))).unwrap();
    assert_eq!(
        *checked.payer(),
        Address::Contract(ContractId::from_bytes([5; 32]))
    );
    let simulation = SimulationFacts::Failed {
        message: "Error(Auth, InvalidAction)".to_owned(),
    };
    let refusal = checked
        .verify(&Facts {
            simulation,
            ..facts()
        })
        .unwrap_err();
    assert_eq!(refusal.reason, ReasonCode::StellarSimulationFailed);
    assert!(refusal.detail.contains("Error(Auth, InvalidAction)"));
    let unsigned = by_contract(xdr::ScVal::Void);
    assert_eq!(refused(&unsigned), ReasonCode::StellarMissingPayerSignature);
}

#[test]
fn the_expiration_is_neither_past_nor_too_far() {
    let expires = |ledger: u32| {
        let entry = sign(&client_plan().authorization(77, ledger));
        check(&payment_with(entry))
            .unwrap()
            .verify(&facts())
            .map_err(|refusal| refusal.reason)
    };
    assert_eq!(
        expires(LATEST_LEDGER - 1).unwrap_err(),
        ReasonCode::AuthorizationExpired
    );
    assert_eq!(
        expires(LATEST_LEDGER).unwrap_err(),
        ReasonCode::AuthorizationExpired
    );
    assert!(expires(LATEST_LEDGER + 1).is_ok());
    assert!(expires(LATEST_LEDGER + 12 + 2).is_ok());
    assert_eq!(
        expires(LATEST_LEDGER + 12 + 3).unwrap_err(),
        ReasonCode::StellarExpirationTooFar
    );
    assert_eq!(
        expires(u32::MAX).unwrap_err(),
        ReasonCode::StellarExpirationTooFar
    );
}

#[test]
fn the_close_time_counts_and_is_five_seconds_when_nobody_knows() {
    let with = |close_time_seconds| {
        let facts = Facts {
            close_time_seconds,
            ..facts()
        };
        check(&payment())
            .unwrap()
            .verify(&facts)
            .map_err(|refusal| refusal.reason)
    };
    assert!(with(0).is_ok());
    assert!(with(6).is_ok(), "two ledgers too long are tolerated");
    assert_eq!(with(7).unwrap_err(), ReasonCode::StellarExpirationTooFar);
}

// 4. Facilitator safety

#[test]
fn no_source_is_ours_in_any_form() {
    for source in our_sources() {
        let transaction = payment_changed(|tx| tx.source_account = source.clone());
        assert_eq!(refused(&transaction), ReasonCode::StellarUnsafeSource);
        let operation = operation_changed(|operation| operation.source_account = Some(source));
        assert_eq!(refused(&operation), ReasonCode::StellarUnsafeSource);
    }
}

#[test]
fn we_do_not_pay_in_any_form() {
    for address in our_addresses() {
        let payment = argument_changed(0, xdr::ScVal::Address(address));
        assert_eq!(refused(&payment), ReasonCode::StellarFacilitatorIsPayer);
    }
}

#[test]
fn we_authorize_nothing_in_any_form() {
    for address in our_addresses() {
        let payment = auth_changed(|auth| {
            let xdr::SorobanCredentials::Address(credential) = &mut auth[0].credentials else {
                unreachable!("the client signs for an address")
            };
            credential.address = address;
        });
        assert_eq!(refused(&payment), ReasonCode::StellarFacilitatorInAuth);
    }
}

#[test]
fn exactly_one_transfer_of_this_token_is_told_of() {
    let other_token = Some(ContractId::from_bytes([7; 32]));
    let of = |token, name: &str| event(token, name, payer().account_id(), payee(), AMOUNT);
    for (events, reason) in [
        (vec![], ReasonCode::StellarNoTransferEvents),
        (
            vec![honest_event(), honest_event()],
            ReasonCode::StellarMultipleTransfers,
        ),
        (
            vec![of(Some(usdc()), "burn")],
            ReasonCode::StellarEventNotTransfer,
        ),
        (
            vec![honest_event(), of(other_token, "fee")],
            ReasonCode::StellarEventNotTransfer,
        ),
        (
            vec![of(None, "transfer")],
            ReasonCode::StellarEventMissingContractId,
        ),
        (
            vec![of(other_token, "transfer")],
            ReasonCode::StellarEventWrongAsset,
        ),
        (
            vec![honest_event(), of(other_token, "transfer")],
            ReasonCode::StellarEventWrongAsset,
        ),
    ] {
        assert_eq!(refused_by(&facts_with(events)), reason);
    }
}

// 5. Simulation

#[test]
fn the_simulation_succeeds() {
    for simulation in [
        SimulationFacts::Failed {
            message: "trustline entry is missing for account".to_owned(),
        },
        SimulationFacts::RestoreNeeded,
    ] {
        let facts = Facts {
            simulation,
            ..facts()
        };
        assert_eq!(refused_by(&facts), ReasonCode::StellarSimulationFailed);
    }
}

#[test]
fn the_event_confirms_the_transfer() {
    let told =
        |from, to, amount| facts_with(vec![event(Some(usdc()), "transfer", from, to, amount)]);
    let (from, to) = (payer().account_id(), payee());
    assert_eq!(
        refused_by(&told(to, to, AMOUNT)),
        ReasonCode::StellarEventWrongFrom
    );
    assert_eq!(
        refused_by(&told(from, from, AMOUNT)),
        ReasonCode::StellarEventWrongTo
    );
    assert_eq!(
        refused_by(&told(from, to, AMOUNT - 1)),
        ReasonCode::StellarEventWrongAmount
    );
}

#[test]
fn our_own_fee_stays_below_the_ceiling() {
    let with = |inclusion_fee_stroops, min_resource_fee| Facts {
        inclusion_fee_stroops,
        simulation: SimulationFacts::Succeeded {
            events: vec![honest_event()],
            min_resource_fee,
        },
        ..facts()
    };
    assert!(
        check(&payment())
            .unwrap()
            .verify(&with(10_000, 40_000))
            .is_ok()
    );
    assert_eq!(
        refused_by(&with(10_001, 40_000)),
        ReasonCode::StellarFeeExceedsMaximum
    );
    assert_eq!(
        refused_by(&with(100, i64::MAX)),
        ReasonCode::StellarFeeExceedsMaximum
    );
    assert_eq!(
        refused_by(&with(u64::MAX, 1)),
        ReasonCode::StellarFeeExceedsMaximum
    );
}

#[test]
fn the_declared_fee_is_capped_and_has_no_effect() {
    let declared = |fee: u32| {
        check(&payment_changed(|tx| tx.fee = fee))
            .unwrap()
            .verify(&facts())
    };
    assert_eq!(
        declared(10_000_000).unwrap_err().reason,
        ReasonCode::StellarFeeExceedsMaximum
    );
    for fee in [0, 100, 50_000] {
        let plan = declared(fee)
            .unwrap()
            .settlement(sponsor().account_id(), 1, resources(), 100, 1)
            .unwrap();
        assert_eq!(plan.fee_stroops(), 40_100);
    }
}

// Settlement

#[test]
fn nothing_but_the_transfer_and_its_entry_is_taken_over() {
    let spoiled = payment_changed(|tx| {
        tx.memo = xdr::Memo::Text("pay me".try_into().unwrap());
        tx.seq_num = xdr::SequenceNumber(i64::MAX);
        tx.cond = xdr::Preconditions::V2(xdr::PreconditionsV2 {
            time_bounds: Some(xdr::TimeBounds {
                min_time: xdr::TimePoint(u64::MAX),
                max_time: xdr::TimePoint(0),
            }),
            ledger_bounds: Some(xdr::LedgerBounds {
                min_ledger: 0,
                max_ledger: 1,
            }),
            min_seq_num: Some(xdr::SequenceNumber(i64::MAX)),
            min_seq_age: xdr::Duration(u64::MAX),
            min_seq_ledger_gap: u32::MAX,
            extra_signers: [xdr::SignerKey::HashX(xdr::Uint256([1; 32]))]
                .try_into()
                .unwrap(),
        });
        tx.source_account = muxed(payer().account_id());
        let mut operation = tx.operations[0].clone();
        operation.source_account = Some(muxed(payer().account_id()));
        tx.operations = [operation].try_into().unwrap();
        let xdr::TransactionExt::V1(data) = &mut tx.ext else {
            unreachable!("the client declares resources")
        };
        data.resources.instructions = u32::MAX;
        data.resources.write_bytes = u32::MAX;
        data.resource_fee = i64::MAX;
    });
    let checked = check(&spoiled).unwrap();
    let honest = check(&payment()).unwrap();
    assert_eq!(checked.simulation_envelope(), honest.simulation_envelope());
    let settle = |payment: CheckedPayment| {
        let payment = payment.verify(&facts()).unwrap();
        let plan = payment
            .settlement(sponsor().account_id(), 1, resources(), 100, 9)
            .unwrap();
        plan.to_envelope()
    };
    assert_eq!(settle(checked), settle(honest));
}

#[test]
fn the_simulated_transaction_holds_the_signed_entry_and_is_nobodys() {
    let envelope = check(&payment()).unwrap().simulation_envelope();
    let simulated = TransferEnvelope::recognise(&envelope).unwrap();
    assert_eq!(simulated.source, Address::Account(AccountId::ALL_ZEROS));
    assert_eq!(simulated.auth, [entry()]);
    assert_eq!(simulated.resources, None);
}

#[test]
fn a_settlement_is_by_a_sponsor_and_below_the_ceiling() {
    let payment = verified();
    let stranger = SecretKey::from_seed([9; 32]).account_id();
    assert_eq!(
        payment
            .settlement(stranger, 1, resources(), 100, 1)
            .unwrap_err()
            .reason,
        ReasonCode::StellarSignerSelectionFailed
    );
    let sponsor = sponsor().account_id();
    assert!(
        payment
            .settlement(sponsor, 1, resources(), 10_000, 1)
            .is_ok()
    );
    let refusal = payment
        .settlement(sponsor, 1, resources(), 10_001, 1)
        .unwrap_err();
    assert_eq!(refusal.reason, ReasonCode::StellarFeeExceedsMaximum);
    for fee in [50_001, i64::MAX, -1, i64::MIN] {
        let resources = resources().with_resource_fee(fee);
        let refusal = payment.settlement(sponsor, 1, resources, 0, 1).unwrap_err();
        assert_eq!(refusal.reason, ReasonCode::StellarFeeExceedsMaximum);
    }
}

#[test]
fn a_muxed_payee_is_paid_as_such() {
    let tag = MuxedAccountId::new(payee(), 9);
    let requirements = PaymentRequirements {
        pay_to: tag.to_string(),
        ..requirements()
    };
    let plan = coinslot_x402_exact_stellar::plan(&requirements, payer().account_id()).unwrap();
    let entry = sign(&plan.authorization(1, LATEST_LEDGER + 1));
    assert!(matches!(
        entry.credential(),
        Credential::Address { signed: true, .. }
    ));
    let payload = plan.payload(entry, resources(), RESOURCE_FEE);
    let payment = PaymentPayload::new(requirements.clone(), payload);
    let checked = CheckedPayment::check(&payment, &requirements, &rules()).unwrap();
    assert_eq!(checked.transfer().to, Address::Muxed(tag));
    // The event of a payment to the account alone does not confirm it.
    let refusal = checked.verify(&facts()).unwrap_err();
    assert_eq!(refusal.reason, ReasonCode::StellarEventWrongTo);
}
