//! Reading a `PAYMENT-SIGNATURE` header, and binding it to the route's own offers.

use std::sync::Arc;

use coinslot_caip2_network::StellarNetwork;
use coinslot_payment_store::PaymentId;
use coinslot_x402_exact_stellar::{SCHEME, identify};
use coinslot_x402_wire::{FacilitatorRequest, PaymentPayload, PaymentRequirements, ReasonCode};
use http::HeaderValue;

use super::offer::Resolved;
use crate::credential::{Credential, Door};
use crate::fingerprint::Fingerprint;
use crate::reason::Reason;
use crate::{Payment, Protocol};

/// Why a header gives no credential.
#[derive(Debug)]
pub(crate) enum CredentialError {
    /// It cannot be decoded: status 400.
    Unreadable(String),
    /// It can be decoded, and is refused: status 402.
    Refused(Reason),
}

/// Decodes a header, identifies its payment, and compares what it accepts with what is offered.
pub(crate) fn read(
    header: &HeaderValue,
    offers: &[Resolved],
) -> Result<Credential, CredentialError> {
    let text = header.to_str().map_err(|_| {
        CredentialError::Unreadable("the header holds characters that are not ASCII".to_owned())
    })?;
    let payload = PaymentPayload::from_header(text)
        .map_err(|error| CredentialError::Unreadable(error.to_string()))?;
    let bound = bind(&payload.accepted, offers);
    let network = match stellar_network(&payload.accepted, offers) {
        Some(network) if payload.accepted.scheme == SCHEME => network,
        _ => {
            return Err(CredentialError::Refused(not_offered(
                &payload.accepted,
                offers,
            )));
        }
    };
    let (payer, nonce, _) = identify(&payload).map_err(|refusal| {
        CredentialError::Refused(Reason::new(
            refusal.reason.as_str().to_owned(),
            refusal.detail,
        ))
    })?;
    let payer = payer.to_string();
    let network_id = network.network_id();
    let accepted = payload.accepted.clone();
    let payment = Payment {
        id: PaymentId::authorization(&network_id, &payer, nonce),
        protocol: Protocol::X402,
        payer,
        pay_to: accepted.pay_to.clone(),
        amount: accepted.amount,
        asset: accepted.asset.clone(),
        network: accepted.network.clone(),
        transaction: None,
    };
    Ok(Credential {
        payment,
        network_id,
        fingerprint: Fingerprint::of_credential(header.as_bytes()),
        bound,
        door: Door::X402(Arc::new(FacilitatorRequest::new(payload, accepted))),
    })
}

/// Whether what was accepted is one of the offers, in every field.
fn bind(accepted: &PaymentRequirements, offers: &[Resolved]) -> Result<(), Reason> {
    if offers.iter().any(|offer| offer.requirements == *accepted) {
        return Ok(());
    }
    Err(not_offered(accepted, offers))
}

/// Names the field that differs from the offer that comes nearest.
fn not_offered(accepted: &PaymentRequirements, offers: &[Resolved]) -> Reason {
    let nearest = offers
        .iter()
        .map(|offer| difference(accepted, &offer.requirements))
        .max_by_key(|(same, ..)| *same);
    let (field, code) = nearest.map_or(
        ("scheme", ReasonCode::UnsupportedScheme),
        |(_, field, code)| (field, code),
    );
    Reason::new(
        code.as_str().to_owned(),
        format!(
            "The payment is not for this resource: `accepted.{field}` differs from every offer. \
             Choose one of the offers in PAYMENT-REQUIRED and repeat it unchanged."
        ),
    )
}

/// How many fields are the same before the first that differs, its name, and the reason code.
fn difference(
    accepted: &PaymentRequirements,
    offered: &PaymentRequirements,
) -> (usize, &'static str, ReasonCode) {
    let timeout = accepted.max_timeout_seconds == offered.max_timeout_seconds;
    let fields = [
        (
            accepted.scheme == offered.scheme,
            "scheme",
            ReasonCode::UnsupportedScheme,
        ),
        (
            accepted.network == offered.network,
            "network",
            ReasonCode::NetworkMismatch,
        ),
        (
            accepted.asset == offered.asset,
            "asset",
            ReasonCode::InvalidPaymentRequirements,
        ),
        (
            accepted.pay_to == offered.pay_to,
            "payTo",
            ReasonCode::InvalidPaymentRequirements,
        ),
        (
            accepted.amount == offered.amount,
            "amount",
            ReasonCode::InvalidPaymentRequirements,
        ),
        (
            timeout,
            "maxTimeoutSeconds",
            ReasonCode::InvalidPaymentRequirements,
        ),
        (false, "extra", ReasonCode::InvalidPaymentRequirements),
    ];
    let count = fields.len();
    fields
        .into_iter()
        .enumerate()
        .find(|(_, (same, ..))| !same)
        .map_or(
            (count, "extra", ReasonCode::InvalidPaymentRequirements),
            |(at, (_, field, code))| (at, field, code),
        )
}

/// The network of a payment: an offered one, or a public one.
fn stellar_network(accepted: &PaymentRequirements, offers: &[Resolved]) -> Option<StellarNetwork> {
    let chain = accepted.network.as_ref();
    offers
        .iter()
        .map(|offer| &offer.network)
        .find(|network| network.chain_id() == chain)
        .cloned()
        .or_else(|| StellarNetwork::try_from(chain).ok())
}
