//! A request that may be paid.

use std::num::NonZeroU32;
use std::sync::Arc;

use coinslot_mpp_wire::ACCEPT_PAYMENT;
use reqwest::Request;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};

use crate::channel::OwnChannel;
use crate::logical_request::RequestId;
use crate::offer::{Offer, Plan};

/// A request that may be paid: it can be sent again, and its host is one of the budget's.
pub(crate) struct Payable {
    pub(crate) id: RequestId,
    pub(crate) host: String,
    pub(crate) request: Request,
    pub(crate) keyed: bool,
    /// Our channels that pay this host.
    pub(crate) channels: Vec<Arc<OwnChannel>>,
    /// The one that the request names.
    pub(crate) channel: Option<Arc<OwnChannel>>,
    /// How many units to reserve at once, if the answer is listened to as it is produced.
    pub(crate) reserve: Option<NonZeroU32>,
}

impl Payable {
    /// The body; a request whose body is a stream is not payable.
    pub(crate) fn body(&self) -> &[u8] {
        self.request
            .body()
            .and_then(reqwest::Body::as_bytes)
            .unwrap_or_default()
    }

    /// How many units a voucher reserves, if the offer is paid for as the answer is produced.
    pub(crate) fn reserved_units(&self, offer: &Offer) -> Option<NonZeroU32> {
        match &offer.plan {
            Plan::Voucher(plan) if plan.is_per_unit => self.reserve,
            _ => None,
        }
    }

    /// Says which payments of MPP can be made (core draft, "Client Payment Preferences"), unless the caller has said so.
    pub(crate) fn accept(&mut self, payments: &'static str) {
        let name = HeaderName::from_static(ACCEPT_PAYMENT);
        let headers = self.request.headers_mut();
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(payments));
    }

    /// Whether the caller uses the header that a payment by MPP goes into.
    pub(crate) fn has_authorization(&self) -> bool {
        self.request.headers().contains_key(AUTHORIZATION)
    }
}
