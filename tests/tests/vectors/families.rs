//! The families of vectors, and what runs each.

mod auth_entry;
mod channel_commitment;
mod money;
mod mpp;
mod mpp_accept_payment;
mod mpp_body_digest;
mod mpp_challenge;
mod mpp_credential;
mod mpp_problem_details;
mod mpp_receipt;
mod network;
mod sac_address;
mod strkey;
mod transfer_tx;
mod x402_headers;

use crate::{case::Case, decision::Answer};

/// What runs the cases of one kind. An error is a case that cannot be run at all.
pub(crate) type Run = fn(&Case) -> Result<Answer, String>;

/// The kinds of a family.
pub(crate) type Kinds = &'static [(&'static str, Run)];

/// The kinds of the family of this name.
pub(crate) fn named(name: &str) -> Option<Kinds> {
    FAMILIES
        .iter()
        .find(|(family, _)| *family == name)
        .map(|(_, kinds)| *kinds)
}

const FAMILIES: [(&str, Kinds); 13] = [
    ("channel_commitment", channel_commitment::KINDS),
    ("mpp_accept_payment", mpp_accept_payment::KINDS),
    ("mpp_body_digest", mpp_body_digest::KINDS),
    ("mpp_challenge", mpp_challenge::KINDS),
    ("mpp_credential", mpp_credential::KINDS),
    ("mpp_problem_details", mpp_problem_details::KINDS),
    ("mpp_receipt", mpp_receipt::KINDS),
    ("x402_headers", x402_headers::KINDS),
    ("x402_money", money::KINDS),
    ("stellar_auth_entry", auth_entry::KINDS),
    ("stellar_transfer_tx", transfer_tx::KINDS),
    ("strkey", strkey::KINDS),
    ("sac_address", sac_address::KINDS),
];
