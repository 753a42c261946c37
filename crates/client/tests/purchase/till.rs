//! A seller's till for charges of MPP: mints challenges, and takes what pays them by the rules of the server's side.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::response::Response;
use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_charge_stellar::{ChargeTerms, CheckedCharge, Presented, Rules};
use coinslot_mpp_wire::stellar::{ChargeDetails, ChargePayload, ChargeRequest, CredentialType};
use coinslot_mpp_wire::{
    BodyDigest, ChallengeSecrets, Credential, IntentName, Issuer, MethodName, OpaqueData, Problem,
    ProblemKind, Receipt, Terms, Timestamp,
};
use coinslot_payment_store::{Clock, SystemClock};
use coinslot_soroban_authorization::{Envelope, TransactionHash};
use coinslot_usdc_amount::BaseUnits;

use crate::ledger::ModelLedger;
use crate::seller::{Call, answer};
use crate::shop::{PAYEE, USDC};

/// What one route costs, and who can tell its challenges from others.
#[derive(Clone)]
pub(crate) struct Till {
    issuer: Arc<Issuer>,
    terms: ChargeTerms,
    minted: Arc<AtomicU64>,
}

pub(crate) fn now() -> u64 {
    SystemClock.now().as_seconds()
}

/// Of which the server pays the fees.
pub(crate) fn sponsored() -> ChargeDetails {
    ChargeDetails::sponsored(StellarNetwork::Testnet.chain_id().to_owned())
}

/// Of which the client pays the fees.
pub(crate) fn unsponsored() -> ChargeDetails {
    ChargeDetails::unsponsored(StellarNetwork::Testnet.chain_id().to_owned())
}

/// That the client submits, in one of these forms.
pub(crate) fn pushed(forms: &[CredentialType]) -> ChargeDetails {
    ChargeDetails {
        credential_types: Some(forms.to_vec()),
        ..unsponsored()
    }
}

/// For so many base units of USDC: 10,000 are $0.001.
pub(crate) fn request(base_units: u64, details: ChargeDetails) -> ChargeRequest {
    ChargeRequest::new(BaseUnits::from_u64(base_units), USDC, PAYEE, details)
}

impl Till {
    pub(crate) fn new(base_units: u64, details: ChargeDetails) -> Self {
        Self::of(&request(base_units, details))
    }

    pub(crate) fn of(request: &ChargeRequest) -> Self {
        let secrets = ChallengeSecrets::new([7; 32]).unwrap();
        let (method, intent) = (MethodName::stellar(), IntentName::charge());
        let request = request.encode();
        let terms = ChargeTerms::read(&request, &StellarNetwork::Testnet).unwrap();
        let wire = Terms::new("another realm", method, intent, request).unwrap();
        let wire = wire.with_description("the weather").unwrap();
        Self {
            issuer: Arc::new(Issuer::new(&secrets, wire)),
            terms,
            minted: Arc::default(),
        }
    }

    /// The value of a `WWW-Authenticate` header.
    pub(crate) fn header(&self, expires: u64, digest: Option<BodyDigest>) -> String {
        let number = self.minted.fetch_add(1, Ordering::SeqCst);
        let mut nonce = [0; 16];
        nonce[..8].copy_from_slice(&number.to_be_bytes());
        let expires = Timestamp::from_unix_seconds(expires).unwrap();
        let opaque = OpaqueData::new(nonce);
        self.issuer.mint(expires, &opaque, digest).to_header()
    }

    /// A 402 with a challenge that is good for two minutes.
    pub(crate) fn challenge(&self) -> Response {
        let header = self.header(now() + 120, None);
        answer(402, &[("www-authenticate", &header)], "{}")
    }

    /// A 402 with a problem and a fresh challenge.
    pub(crate) fn problem(&self, problem: &Problem) -> Response {
        let header = self.header(now() + 120, None);
        let headers = [
            ("www-authenticate", header.as_str()),
            ("content-type", "application/problem+json"),
        ];
        answer(402, &headers, problem.to_json())
    }

    /// Takes a payment: checks it as a server does, and lands it if the client has not. One that was taken is taken again.
    pub(crate) fn take(
        &self,
        ledger: &ModelLedger,
        call: &Call,
    ) -> Result<TransactionHash, Box<Problem>> {
        let failed = |why: &str| Box::new(ProblemKind::VerificationFailed.because(why));
        let header = call.payment.as_deref().unwrap();
        let credential = Credential::from_header(header).unwrap();
        let payload: ChargePayload = credential.payload.read().unwrap();
        let bound = self.issuer.verify(credential.challenge).unwrap();
        let presented = Presented {
            challenge: &bound,
            minted_at: now(),
            payload: &credential.payload,
            source: credential.source.as_deref(),
            body: Some(&call.body),
        };
        let rules = Rules {
            accept_unsigned_hash: true,
            ..Rules::new(Vec::new(), 50_000)
        };
        let checked = CheckedCharge::check(&presented, &self.terms, &rules, now())
            .map_err(|refusal| Box::new(refusal.problem()))?;
        let network = StellarNetwork::Testnet.network_id();
        match (checked, payload) {
            (CheckedCharge::Push(push), _) => match ledger.landed(&push.hash()) {
                Some(_) => Ok(push.hash()),
                None => Err(failed("no such transaction")),
            },
            (CheckedCharge::Sponsored(_), ChargePayload::Transaction { transaction }) => {
                let envelope = Envelope::from_base64(&transaction).unwrap();
                let hash = envelope.hash(&network);
                match ledger.sponsor(envelope) {
                    Ok(hash) => Ok(hash),
                    Err("nonce") => Ok(hash),
                    Err(why) => Err(failed(why)),
                }
            }
            (_, ChargePayload::Transaction { transaction }) => {
                let envelope = Envelope::from_base64(&transaction).unwrap();
                let hash = envelope.hash(&network);
                if ledger.landed(&hash).is_some() {
                    return Ok(hash);
                }
                let failed = |code| Box::new(ProblemKind::SettlementFailed.because(code));
                ledger.apply(&envelope).map_err(failed)
            }
            _ => Err(failed("another form")),
        }
    }

    /// A 200 with a receipt.
    pub(crate) fn served(&self, hash: TransactionHash) -> Response {
        let time = Timestamp::from_unix_seconds(now()).unwrap();
        let mut receipt = Receipt::new("stellar", hash.to_string(), time);
        receipt.external_id = self.terms.external_id().map(str::to_owned);
        answer(200, &[("payment-receipt", &receipt.to_header())], "sunny")
    }

    /// An honest seller's answer.
    pub(crate) fn sell(&self, ledger: &ModelLedger, call: &Call) -> Response {
        if call.payment.is_none() {
            return self.challenge();
        }
        match self.take(ledger, call) {
            Ok(hash) => self.served(hash),
            Err(problem) => self.problem(&problem),
        }
    }
}

/// A request with this payment and nothing else.
pub(crate) fn call(payment: String) -> Call {
    Call {
        method: http::Method::GET,
        uri: http::Uri::from_static("/"),
        headers: http::HeaderMap::new(),
        body: axum::body::Bytes::new(),
        payment: Some(payment),
        earlier: 0,
    }
}

/// The transaction in a payment by pull.
pub(crate) fn envelope(call: &Call) -> Envelope {
    let credential = Credential::from_header(call.payment.as_deref().unwrap()).unwrap();
    let ChargePayload::Transaction { transaction } = credential.payload.read().unwrap() else {
        panic!("not by pull")
    };
    Envelope::from_base64(&transaction).unwrap()
}
