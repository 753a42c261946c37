//! Section 1, "Protocol Validation".

use coinslot_x402_wire::{PaymentPayload, PaymentRequirements, X402Version};

use super::{Fault, Rules};
use crate::{
    SCHEME,
    terms::{Terms, TermsError},
};

/// "The `x402Version` MUST be `2`."
pub(super) fn x402_version_must_be_2(payload: &PaymentPayload) -> Result<(), Fault> {
    match payload.x402_version {
        X402Version::V2 => Ok(()),
        _ => Err(Fault::Version),
    }
}

/// "Both `payload.accepted.scheme` and `requirements.scheme` MUST be `"exact"`."
pub(super) fn both_schemes_must_be_exact(
    payload: &PaymentPayload,
    requirements: &PaymentRequirements,
) -> Result<(), Fault> {
    if payload.accepted.scheme == SCHEME && requirements.scheme == SCHEME {
        Ok(())
    } else {
        Err(Fault::Scheme)
    }
}

/// "The `payload.accepted.network` MUST match `requirements.network`."
pub(super) fn network_must_match(
    payload: &PaymentPayload,
    requirements: &PaymentRequirements,
) -> Result<(), Fault> {
    if payload.accepted.network == requirements.network {
        Ok(())
    } else {
        Err(Fault::NetworkMismatch)
    }
}

/// The network is the one on which this facilitator settles.
pub(super) fn network_must_be_ours(
    requirements: &PaymentRequirements,
    rules: &Rules,
) -> Result<(), Fault> {
    if requirements.network == rules.network.chain_id() {
        Ok(())
    } else {
        Err(Fault::Network)
    }
}

/// What the client accepted is what the server asks for, in every field.
pub(super) fn accepted_must_be_the_requirements(
    payload: &PaymentPayload,
    requirements: &PaymentRequirements,
) -> Result<(), Fault> {
    if payload.accepted == *requirements {
        Ok(())
    } else {
        Err(Fault::OtherTerms)
    }
}

/// The requirements are ones that this scheme can meet.
///
/// `extra.areFeesSponsored` may be absent here: it tells clients what this facilitator does anyway.
pub(super) fn requirements_must_be_of_this_scheme(
    requirements: &PaymentRequirements,
) -> Result<Terms, Fault> {
    let terms = Terms::read(requirements).map_err(Fault::Terms)?;
    if terms.fees_sponsored == Some(false) {
        return Err(Fault::Terms(TermsError::FeesNotSponsored));
    }
    Ok(terms)
}
