//! What a request brings to pay with, by whichever protocol.

use http::{HeaderMap, HeaderValue};

use crate::shared::Shared;
use crate::{mpp, x402};

/// What a request brings to pay with.
pub(crate) enum Presented {
    /// Nothing.
    Nothing,
    /// The header of x402 version 2.
    Payload(HeaderValue),
    /// A credential of the scheme `Payment`.
    Payment(HeaderValue),
    /// More than one payment: nobody can say which is meant.
    Several,
    /// The header of x402 version 1.
    Version1,
}

impl Presented {
    /// Takes the payments out of a request, so that neither the handler nor a log below the gate
    /// sees them.
    pub(crate) fn take(shared: &Shared, headers: &mut HeaderMap) -> Self {
        let mut payments = match &shared.minting {
            Some(_) => mpp::headers::take_credentials(headers),
            // Whoever speaks the scheme behind this gate does so for itself.
            None => Vec::new(),
        };
        match (x402::headers::take_presented(headers), payments.pop()) {
            (x402, None) => match x402 {
                x402::headers::Presented::Nothing => Self::Nothing,
                x402::headers::Presented::Payload(header) => Self::Payload(header),
                x402::headers::Presented::Several => Self::Several,
                x402::headers::Presented::Version1 => Self::Version1,
            },
            (x402::headers::Presented::Nothing, Some(payment)) if payments.is_empty() => {
                Self::Payment(payment)
            }
            (_, Some(_)) => Self::Several,
        }
    }
}
