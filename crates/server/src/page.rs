//! The page that a person sees in place of the JSON of a 402.

use bytes::Bytes;
use http::HeaderMap;

use crate::PriceTag;

/// What a 402 says, for whoever draws a page of it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Challenge<'a> {
    /// The request's `Accept` header, empty when there is none.
    pub accept: &'a str,
    /// The resource's public address.
    pub url: &'a str,
    /// What the seller says about the resource.
    pub description: Option<&'a str>,
    /// The reason code when a payment was refused; `None` when there was none.
    pub refused: Option<&'a str>,
    /// What happened and what to do, in a sentence. It may hold a stranger's text: escape it.
    pub sentence: &'a str,
    /// The ways to pay.
    pub prices: &'a [PriceTag],
}

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// Headers, `Content-Type` above all. Payment and caching headers are the gate's own.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}
