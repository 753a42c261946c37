//! One honest payment, and ways to spoil it.

use coinslot_caip2_network::StellarNetwork;
use coinslot_soroban_authorization::{
    AuthEntry, ContractEvent, SecretKey, SorobanResources, UnsignedAuthEntry,
};
use coinslot_stellar_address::{AccountId, ContractId};
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_exact_stellar::{
    CheckedPayment, ClientPlan, ExactPayload, Facts, Refusal, Rules, SimulationFacts,
    VerifiedPayment, plan,
};
use coinslot_x402_wire::{PaymentPayload, PaymentRequirements};
use stellar_xdr::{self as xdr, Limits, ReadXdr as _, WriteXdr as _};

pub(crate) const USDC: &str = "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA";
pub(crate) const PAYEE: &str = "GDH4FI462RN37HLVEZG7TNWGNNYWIKYHONYQWLZFPSQDK6YUQUJPO5IN";
pub(crate) const LATEST_LEDGER: u32 = 1_000;
pub(crate) const AMOUNT: u64 = 10_000;
pub(crate) const RESOURCE_FEE: i64 = 40_000;

const LIMITS: Limits = Limits {
    depth: 500,
    len: 1 << 20,
};

pub(crate) fn payer() -> SecretKey {
    SecretKey::from_seed([1; 32])
}

pub(crate) fn sponsor() -> SecretKey {
    SecretKey::from_seed([2; 32])
}

pub(crate) fn fee_bumper() -> SecretKey {
    SecretKey::from_seed([3; 32])
}

pub(crate) fn rules() -> Rules {
    Rules {
        network: StellarNetwork::Testnet,
        sponsors: vec![sponsor().account_id(), fee_bumper().account_id()],
        assets: None,
        max_fee_stroops: 50_000,
        expiration_tolerance_ledgers: 2,
    }
}

pub(crate) fn requirements() -> PaymentRequirements {
    PaymentRequirements::new(
        "exact",
        StellarNetwork::Testnet.chain_id().into(),
        BaseUnits::from_u64(AMOUNT),
        USDC,
        PAYEE,
        60,
    )
    .with_extra("areFeesSponsored", true)
}

pub(crate) fn client_plan() -> ClientPlan {
    plan(&requirements(), payer().account_id()).unwrap()
}

pub(crate) fn entry() -> AuthEntry {
    sign(&client_plan().authorization(77, LATEST_LEDGER + 12))
}

pub(crate) fn sign(unsigned: &UnsignedAuthEntry) -> AuthEntry {
    unsigned
        .sign(&payer(), &StellarNetwork::Testnet.network_id())
        .unwrap()
}

pub(crate) fn resources() -> SorobanResources {
    let data = xdr::SorobanTransactionData {
        ext: xdr::SorobanTransactionDataExt::V0,
        resources: xdr::SorobanResources {
            footprint: xdr::LedgerFootprint {
                read_only: [].try_into().unwrap(),
                read_write: [].try_into().unwrap(),
            },
            instructions: 1,
            disk_read_bytes: 2,
            write_bytes: 3,
        },
        resource_fee: RESOURCE_FEE,
    };
    SorobanResources::from_xdr(&data.to_xdr(LIMITS).unwrap()).unwrap()
}

pub(crate) fn payment_with(entry: AuthEntry) -> PaymentPayload {
    let payload = client_plan().payload(entry, resources(), RESOURCE_FEE);
    PaymentPayload::new(requirements(), payload)
}

pub(crate) fn payment() -> PaymentPayload {
    payment_with(entry())
}

/// The honest payment, its transaction changed in the terms of `stellar-xdr`.
pub(crate) fn payment_changed(change: impl FnOnce(&mut xdr::Transaction)) -> PaymentPayload {
    let payment = payment();
    let transaction = ExactPayload::from_map(&payment.payload)
        .unwrap()
        .transaction;
    let envelope = coinslot_soroban_authorization::Envelope::from_base64(&transaction).unwrap();
    let envelope = xdr::TransactionEnvelope::from_xdr(envelope.as_xdr(), LIMITS).unwrap();
    let xdr::TransactionEnvelope::Tx(mut envelope) = envelope else {
        unreachable!("the client makes transactions of the current version")
    };
    change(&mut envelope.tx);
    payment_of(&xdr::TransactionEnvelope::Tx(envelope))
}

pub(crate) fn payment_of(envelope: &xdr::TransactionEnvelope) -> PaymentPayload {
    let bytes = envelope.to_xdr(LIMITS).unwrap();
    let envelope = coinslot_soroban_authorization::Envelope::from_xdr(&bytes).unwrap();
    let payload = ExactPayload {
        transaction: envelope.to_base64(),
    }
    .into_map();
    PaymentPayload::new(requirements(), payload)
}

/// The honest payment, its operation changed.
pub(crate) fn operation_changed(change: impl FnOnce(&mut xdr::Operation)) -> PaymentPayload {
    payment_changed(|transaction| {
        let mut operation = transaction.operations[0].clone();
        change(&mut operation);
        transaction.operations = [operation].try_into().unwrap();
    })
}

/// The honest payment, its call and its authorization entries changed.
pub(crate) fn invocation_changed(
    change: impl FnOnce(&mut xdr::InvokeContractArgs, &mut Vec<xdr::SorobanAuthorizationEntry>),
) -> PaymentPayload {
    operation_changed(|operation| {
        let xdr::OperationBody::InvokeHostFunction(body) = &mut operation.body else {
            unreachable!("the client makes invocations")
        };
        let xdr::HostFunction::InvokeContract(call) = &mut body.host_function else {
            unreachable!("the client makes calls")
        };
        let mut auth = body.auth.to_vec();
        change(call, &mut auth);
        body.auth = auth.try_into().unwrap();
    })
}

/// The honest payment, one argument of its call changed.
pub(crate) fn argument_changed(index: usize, value: xdr::ScVal) -> PaymentPayload {
    invocation_changed(|call, _| {
        let mut arguments = call.args.to_vec();
        arguments[index] = value;
        call.args = arguments.try_into().unwrap();
    })
}

/// The honest payment, its authorization entries changed.
pub(crate) fn auth_changed(
    change: impl FnOnce(&mut Vec<xdr::SorobanAuthorizationEntry>),
) -> PaymentPayload {
    invocation_changed(|_, auth| change(auth))
}

pub(crate) fn xdr_entry(entry: &AuthEntry) -> xdr::SorobanAuthorizationEntry {
    xdr::SorobanAuthorizationEntry::from_xdr(entry.as_xdr(), LIMITS).unwrap()
}

pub(crate) fn xdr_account(account: AccountId) -> xdr::ScAddress {
    xdr::ScAddress::Account(xdr::AccountId(xdr::PublicKey::PublicKeyTypeEd25519(
        xdr::Uint256(*account.as_bytes()),
    )))
}

/// What the token tells when `amount` goes from `from` to `to`.
pub(crate) fn event(
    token: Option<ContractId>,
    name: &str,
    from: AccountId,
    to: AccountId,
    amount: u64,
) -> ContractEvent {
    let topics = vec![
        xdr::ScVal::Symbol(xdr::ScSymbol(name.try_into().unwrap())),
        xdr::ScVal::Address(xdr_account(from)),
        xdr::ScVal::Address(xdr_account(to)),
    ];
    let event = xdr::ContractEvent {
        ext: xdr::ExtensionPoint::V0,
        contract_id: token.map(|id| xdr::ContractId(xdr::Hash(*id.as_bytes()))),
        type_: xdr::ContractEventType::Contract,
        body: xdr::ContractEventBody::V0(xdr::ContractEventV0 {
            topics: topics.try_into().unwrap(),
            data: xdr::ScVal::I128(xdr::Int128Parts { hi: 0, lo: amount }),
        }),
    };
    ContractEvent::from_xdr(&event.to_xdr(LIMITS).unwrap()).unwrap()
}

pub(crate) fn usdc() -> ContractId {
    USDC.parse().unwrap()
}

pub(crate) fn payee() -> AccountId {
    PAYEE.parse().unwrap()
}

pub(crate) fn honest_event() -> ContractEvent {
    event(
        Some(usdc()),
        "transfer",
        payer().account_id(),
        payee(),
        AMOUNT,
    )
}

pub(crate) fn facts_with(events: Vec<ContractEvent>) -> Facts {
    Facts {
        latest_ledger: LATEST_LEDGER,
        close_time_seconds: 5,
        inclusion_fee_stroops: 100,
        simulation: SimulationFacts::Succeeded {
            events,
            min_resource_fee: RESOURCE_FEE,
        },
    }
}

pub(crate) fn facts() -> Facts {
    facts_with(vec![honest_event()])
}

pub(crate) fn check(payment: &PaymentPayload) -> Result<CheckedPayment, Refusal> {
    CheckedPayment::check(payment, &requirements(), &rules())
}

pub(crate) fn verified() -> VerifiedPayment {
    check(&payment()).unwrap().verify(&facts()).unwrap()
}
