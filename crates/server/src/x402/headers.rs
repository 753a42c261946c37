//! The headers of x402 v2 over HTTP.

use coinslot_x402_wire::{SettleResponse, header};
use http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) const PAYMENT_REQUIRED: HeaderName = HeaderName::from_static(header::PAYMENT_REQUIRED);
pub(crate) const PAYMENT_SIGNATURE: HeaderName = HeaderName::from_static(header::PAYMENT_SIGNATURE);
pub(crate) const PAYMENT_RESPONSE: HeaderName = HeaderName::from_static(header::PAYMENT_RESPONSE);
pub(crate) const X_PAYMENT_REQUIRED: HeaderName =
    HeaderName::from_static(header::X_PAYMENT_REQUIRED);
pub(crate) const X_PAYMENT: HeaderName = HeaderName::from_static(header::X_PAYMENT);

/// A request's payment header.
pub(crate) enum Presented {
    /// There is none.
    Nothing,
    /// The one header of version 2.
    Payload(HeaderValue),
    /// More than one header: nobody can say which is meant.
    Several,
    /// The header of version 1.
    Version1,
}

/// Takes the payment headers out of a request, so that neither the handler nor a log below the
/// gate sees them.
pub(crate) fn take_presented(headers: &mut HeaderMap) -> Presented {
    let version_1 = headers.remove(X_PAYMENT).is_some();
    let several = headers.get_all(PAYMENT_SIGNATURE).iter().nth(1).is_some();
    match headers.remove(PAYMENT_SIGNATURE) {
        Some(_) if several => Presented::Several,
        Some(mut value) => {
            value.set_sensitive(true);
            Presented::Payload(value)
        }
        None if version_1 => Presented::Version1,
        None => Presented::Nothing,
    }
}

/// Adds the receipt, in place of any that the handler made up.
pub(crate) fn write_receipt(response: &SettleResponse, headers: &mut HeaderMap) {
    // Base64 is always a header value.
    if let Ok(value) = HeaderValue::try_from(response.to_header()) {
        headers.insert(PAYMENT_RESPONSE, value);
    }
}

/// Removes what only a gate may say.
pub(crate) fn strip(headers: &mut HeaderMap) {
    headers.remove(PAYMENT_REQUIRED);
    headers.remove(X_PAYMENT_REQUIRED);
    headers.remove(PAYMENT_RESPONSE);
}
