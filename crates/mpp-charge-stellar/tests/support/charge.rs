//! An honest server, an honest payer, and ways to spoil a payment.

use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_charge_stellar::{
    ChargeTerms, CheckedCharge, ClientPlan, Facts, Fault, LandedFacts, Mode, Presented, PushPlan,
    Refusal, Rules, SignedPull, SignedPush, SimulationFacts, SponsoredPlan, TransactionFacts,
    UnsponsoredPlan, plan,
};
use coinslot_mpp_wire::stellar::{ChargeDetails, ChargePayload, ChargeRequest, CredentialType};
use coinslot_mpp_wire::{
    BodyDigest, BoundChallenge, Challenge, ChallengeSecrets, Credential, EncodedRequest,
    IntentName, Issuer, MethodName, OpaqueData, Terms, Timestamp,
};
use coinslot_soroban_authorization::{
    AuthEntry, ContractEvent, Envelope, SecretKey, SorobanResources,
};
use coinslot_stellar_address::{AccountId, ContractId};
use coinslot_usdc_amount::BaseUnits;
use stellar_xdr::{self as xdr, Limits, ReadXdr as _, WriteXdr as _};

pub(crate) const USDC: &str = "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA";
pub(crate) const PAYEE: &str = "GDH4FI462RN37HLVEZG7TNWGNNYWIKYHONYQWLZFPSQDK6YUQUJPO5IN";
/// 2026-01-06T12:00:00Z
pub(crate) const NOW: u64 = 1_767_700_800;
pub(crate) const EXPIRES: u64 = NOW + 300;
pub(crate) const LATEST_LEDGER: u32 = 1_000;
pub(crate) const AMOUNT: u64 = 10_000;
pub(crate) const RESOURCE_FEE: i64 = 40_000;
pub(crate) const NONCE: i64 = 77;

pub(crate) const LIMITS: Limits = Limits {
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

pub(crate) fn stranger() -> SecretKey {
    SecretKey::from_seed([4; 32])
}

pub(crate) fn network() -> StellarNetwork {
    StellarNetwork::Testnet
}

pub(crate) fn usdc() -> ContractId {
    USDC.parse().unwrap()
}

pub(crate) fn payee() -> AccountId {
    PAYEE.parse().unwrap()
}

pub(crate) fn rules() -> Rules {
    Rules::new(
        vec![sponsor().account_id(), fee_bumper().account_id()],
        50_000,
    )
}

pub(crate) fn request(amount: u64, details: ChargeDetails) -> ChargeRequest {
    ChargeRequest::new(BaseUnits::from_u64(amount), USDC, PAYEE, details)
}

pub(crate) fn sponsored_details() -> ChargeDetails {
    ChargeDetails::sponsored(network().chain_id().into())
}

pub(crate) fn unsponsored_details() -> ChargeDetails {
    ChargeDetails {
        credential_types: Some(vec![
            CredentialType::Transaction,
            CredentialType::SignedHash,
        ]),
        ..ChargeDetails::unsponsored(network().chain_id().into())
    }
}

/// One route of a server.
pub(crate) struct Route {
    pub(crate) terms: ChargeTerms,
    pub(crate) issuer: Issuer,
}

impl Route {
    pub(crate) fn new(request: &EncodedRequest) -> Self {
        Self::of(request, MethodName::stellar(), IntentName::charge())
    }

    pub(crate) fn of(request: &EncodedRequest, method: MethodName, intent: IntentName) -> Self {
        let terms = Terms::new("api.example.com", method, intent, request.clone()).unwrap();
        Self {
            terms: ChargeTerms::read(request, &network()).unwrap(),
            issuer: Issuer::new(&ChallengeSecrets::new([7; 32]).unwrap(), terms),
        }
    }

    pub(crate) fn sponsored() -> Self {
        Self::new(&request(AMOUNT, sponsored_details()).encode())
    }

    pub(crate) fn unsponsored() -> Self {
        Self::new(&request(AMOUNT, unsponsored_details()).encode())
    }

    pub(crate) fn challenge(&self) -> Challenge {
        self.challenge_until(EXPIRES, None)
    }

    pub(crate) fn challenge_until(&self, expires: u64, digest: Option<BodyDigest>) -> Challenge {
        let expires = Timestamp::from_unix_seconds(expires).unwrap();
        let opaque = OpaqueData::new([42; 16]);
        self.issuer.mint(expires, &opaque, digest).to_challenge()
    }

    pub(crate) fn bind(&self, credential: &Credential) -> BoundChallenge {
        self.issuer.verify(credential.challenge.clone()).unwrap()
    }

    /// What this server says to a credential now.
    pub(crate) fn check(&self, credential: &Credential) -> Result<CheckedCharge, Refusal> {
        self.check_at(credential, &rules(), NOW)
    }

    pub(crate) fn check_at(
        &self,
        credential: &Credential,
        rules: &Rules,
        now: u64,
    ) -> Result<CheckedCharge, Refusal> {
        let presented = Presented {
            challenge: &self.bind(credential),
            minted_at: NOW,
            payload: &credential.payload,
            source: credential.source.as_deref(),
            body: None,
        };
        CheckedCharge::check(&presented, &self.terms, rules, now)
    }

    pub(crate) fn refuses(&self, credential: &Credential) -> Fault {
        self.check(credential).unwrap_err().fault().clone()
    }

    pub(crate) fn plan(&self, mode: Mode) -> ClientPlan {
        plan(&self.challenge(), payer().account_id(), mode, b"", NOW).unwrap()
    }
}

// The payer

pub(crate) fn sponsored_plan(route: &Route) -> SponsoredPlan {
    match route.plan(Mode::Pull) {
        ClientPlan::Sponsored(plan) => plan,
        other => unreachable!("not sponsored: {other:?}"),
    }
}

pub(crate) fn unsponsored_plan(route: &Route) -> UnsponsoredPlan {
    match route.plan(Mode::Pull) {
        ClientPlan::Unsponsored(plan) => plan,
        other => unreachable!("not unsponsored: {other:?}"),
    }
}

pub(crate) fn push_plan(route: &Route) -> PushPlan {
    match route.plan(Mode::Push) {
        ClientPlan::Push(plan) => plan,
        other => unreachable!("not a push: {other:?}"),
    }
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

pub(crate) fn transaction_facts() -> TransactionFacts {
    TransactionFacts {
        now: NOW,
        sequence: 9,
        resources: resources(),
        inclusion_fee_stroops: 100,
        max_fee_stroops: 50_000,
    }
}

pub(crate) fn entry(plan: &SponsoredPlan) -> AuthEntry {
    let until = plan.expiration_ledger(LATEST_LEDGER, NOW).unwrap();
    plan.authorization(NONCE, until)
        .sign(&payer(), &network().network_id())
        .unwrap()
}

pub(crate) fn sponsored_payment(route: &Route) -> Credential {
    let plan = sponsored_plan(route);
    plan.credential(entry(&plan), resources(), RESOURCE_FEE)
}

pub(crate) fn signed_pull(route: &Route) -> SignedPull {
    unsponsored_plan(route)
        .sign(&transaction_facts(), &payer())
        .unwrap()
}

pub(crate) fn unsponsored_payment(route: &Route) -> Credential {
    signed_pull(route).credential()
}

pub(crate) fn signed_push(route: &Route) -> SignedPush {
    push_plan(route)
        .sign(&transaction_facts(), &payer())
        .unwrap()
}

pub(crate) fn push_payment(route: &Route) -> Credential {
    signed_push(route).credential(&payer()).unwrap()
}

// What a payment is changed into

pub(crate) fn with_payload(credential: &Credential, payload: &ChargePayload) -> Credential {
    Credential {
        payload: payload.into(),
        ..credential.clone()
    }
}

pub(crate) fn with_envelope(credential: &Credential, envelope: &Envelope) -> Credential {
    let transaction = envelope.to_base64();
    with_payload(credential, &ChargePayload::Transaction { transaction })
}

pub(crate) fn envelope_of(credential: &Credential) -> Envelope {
    match credential.payload.read().unwrap() {
        ChargePayload::Transaction { transaction } => Envelope::from_base64(&transaction).unwrap(),
        other => unreachable!("not pulled: {other:?}"),
    }
}

/// The transaction, changed in the terms of `stellar-xdr`; signatures are dropped.
pub(crate) fn changed(envelope: &Envelope, change: impl FnOnce(&mut xdr::Transaction)) -> Envelope {
    let envelope = xdr::TransactionEnvelope::from_xdr(envelope.as_xdr(), LIMITS).unwrap();
    let xdr::TransactionEnvelope::Tx(mut envelope) = envelope else {
        unreachable!("the client makes transactions of the current version")
    };
    change(&mut envelope.tx);
    envelope.signatures = [].try_into().unwrap();
    let bytes = xdr::TransactionEnvelope::Tx(envelope)
        .to_xdr(LIMITS)
        .unwrap();
    Envelope::from_xdr(&bytes).unwrap()
}

pub(crate) fn operation_changed(
    envelope: &Envelope,
    change: impl FnOnce(&mut xdr::Operation),
) -> Envelope {
    changed(envelope, |transaction| {
        let mut operation = transaction.operations[0].clone();
        change(&mut operation);
        transaction.operations = [operation].try_into().unwrap();
    })
}

pub(crate) fn invocation_changed(
    envelope: &Envelope,
    change: impl FnOnce(&mut xdr::InvokeContractArgs, &mut Vec<xdr::SorobanAuthorizationEntry>),
) -> Envelope {
    operation_changed(envelope, |operation| {
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

pub(crate) fn argument_changed(envelope: &Envelope, index: usize, value: xdr::ScVal) -> Envelope {
    invocation_changed(envelope, |call, _| {
        let mut arguments = call.args.to_vec();
        arguments[index] = value;
        call.args = arguments.try_into().unwrap();
    })
}

pub(crate) fn auth_changed(
    envelope: &Envelope,
    change: impl FnOnce(&mut Vec<xdr::SorobanAuthorizationEntry>),
) -> Envelope {
    invocation_changed(envelope, |_, auth| change(auth))
}

pub(crate) fn signed_by(mut envelope: Envelope, signer: &SecretKey) -> Envelope {
    envelope.sign(signer, &network().network_id()).unwrap();
    envelope
}

pub(crate) fn xdr_entry(entry: &AuthEntry) -> xdr::SorobanAuthorizationEntry {
    xdr::SorobanAuthorizationEntry::from_xdr(entry.as_xdr(), LIMITS).unwrap()
}

pub(crate) fn xdr_account(account: AccountId) -> xdr::ScAddress {
    xdr::ScAddress::Account(xdr::AccountId(xdr::PublicKey::PublicKeyTypeEd25519(
        xdr::Uint256(*account.as_bytes()),
    )))
}

pub(crate) fn xdr_muxed_address(account: AccountId) -> xdr::ScAddress {
    xdr::ScAddress::MuxedAccount(xdr::MuxedEd25519Account {
        id: 9,
        ed25519: xdr::Uint256(*account.as_bytes()),
    })
}

pub(crate) fn xdr_source(account: AccountId) -> xdr::MuxedAccount {
    xdr::MuxedAccount::Ed25519(xdr::Uint256(*account.as_bytes()))
}

pub(crate) fn xdr_muxed_source(account: AccountId) -> xdr::MuxedAccount {
    xdr::MuxedAccount::MuxedEd25519(xdr::MuxedAccountMed25519 {
        id: 9,
        ed25519: xdr::Uint256(*account.as_bytes()),
    })
}

pub(crate) fn i128_value(amount: u64) -> xdr::ScVal {
    xdr::ScVal::I128(xdr::Int128Parts { hi: 0, lo: amount })
}

// What the network tells

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
            data: i128_value(amount),
        }),
    };
    ContractEvent::from_xdr(&event.to_xdr(LIMITS).unwrap()).unwrap()
}

pub(crate) fn honest_event() -> ContractEvent {
    transfer_event(payer().account_id(), AMOUNT)
}

pub(crate) fn transfer_event(from: AccountId, amount: u64) -> ContractEvent {
    event(Some(usdc()), "transfer", from, payee(), amount)
}

/// Every set of events that is not that of the one transfer.
pub(crate) fn wrong_events() -> Vec<Vec<ContractEvent>> {
    let (from, to, token) = (payer().account_id(), payee(), Some(usdc()));
    let other = stranger().account_id();
    let foreign = Some(ContractId::from_bytes([9; 32]));
    vec![
        vec![],
        vec![honest_event(), honest_event()],
        vec![honest_event(), event(token, "approve", from, to, AMOUNT)],
        vec![event(token, "mint", from, to, AMOUNT)],
        vec![event(None, "transfer", from, to, AMOUNT)],
        vec![event(foreign, "transfer", from, to, AMOUNT)],
        vec![honest_event(), event(foreign, "transfer", from, to, AMOUNT)],
        vec![event(token, "transfer", other, to, AMOUNT)],
        vec![event(token, "transfer", from, other, AMOUNT)],
        vec![event(token, "transfer", from, to, AMOUNT - 1)],
        vec![event(token, "transfer", from, to, AMOUNT + 1)],
    ]
}

pub(crate) fn facts_with(events: Vec<ContractEvent>) -> Facts {
    Facts {
        now: NOW,
        latest_ledger: LATEST_LEDGER,
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

pub(crate) fn landed_with(envelope: &Envelope, events: Vec<ContractEvent>) -> LandedFacts {
    LandedFacts::Succeeded {
        close_time: NOW + 4,
        envelope: envelope.clone(),
        events,
    }
}

pub(crate) fn landed(envelope: &Envelope) -> LandedFacts {
    landed_with(envelope, vec![honest_event()])
}
