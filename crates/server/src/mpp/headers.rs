//! The headers of the `Payment` scheme.

use coinslot_auth_header::scheme_of;
use coinslot_mpp_wire::stellar::{PAYMENT_CHANNEL, PAYMENT_STREAM};
use coinslot_mpp_wire::{PAYMENT_RECEIPT, Receipt, SCHEME};
use http::header::{AUTHORIZATION, HeaderMap};
use http::{HeaderName, HeaderValue};

pub(crate) const RECEIPT: HeaderName = HeaderName::from_static(PAYMENT_RECEIPT);

/// Takes the credentials of the scheme `Payment` out of a request, so that neither the handler nor
/// a log below the gate sees them. Those of other schemes stay.
pub(crate) fn take_credentials(headers: &mut HeaderMap) -> Vec<HeaderValue> {
    let is_payment = |value: &HeaderValue| scheme_of(value).is_some_and(|scheme| scheme == SCHEME);
    if !headers.get_all(AUTHORIZATION).iter().any(is_payment) {
        return Vec::new();
    }
    let all: Vec<HeaderValue> = headers.get_all(AUTHORIZATION).iter().cloned().collect();
    headers.remove(AUTHORIZATION);
    let (mut payments, others): (Vec<_>, Vec<_>) = all.into_iter().partition(is_payment);
    for other in others {
        headers.append(AUTHORIZATION, other);
    }
    for payment in &mut payments {
        payment.set_sensitive(true);
    }
    payments
}

/// Adds the receipt, in place of any that the handler made up.
pub(crate) fn write_receipt(receipt: &Receipt, headers: &mut HeaderMap) {
    // Base64 is always a header value.
    if let Ok(value) = HeaderValue::try_from(receipt.to_header()) {
        headers.insert(RECEIPT, value);
    }
}

/// Removes what only a gate may say. Challenges of other schemes stay.
pub(crate) fn strip(headers: &mut HeaderMap) {
    headers.remove(RECEIPT);
    headers.remove(PAYMENT_CHANNEL);
    headers.remove(PAYMENT_STREAM);
}

#[cfg(test)]
mod tests;
