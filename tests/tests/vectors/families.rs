//! The families of vectors, and what runs each.

mod auth_entry;
mod money;
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

/// Whether this repository holds what a family is about.
pub(crate) enum Family {
    Built(Kinds),
    /// The crate that will answer these vectors.
    NotYet {
        carrier: &'static str,
    },
}

impl Family {
    pub(crate) fn named(name: &str) -> Option<Self> {
        let built = BUILT
            .iter()
            .find(|(family, _)| *family == name)
            .map(|(_, kinds)| Self::Built(kinds));
        let not_yet = || {
            NOT_YET
                .iter()
                .find(|(family, _)| *family == name)
                .map(|(_, carrier)| Self::NotYet { carrier })
        };
        built.or_else(not_yet)
    }
}

const BUILT: [(&str, Kinds); 6] = [
    ("x402_headers", x402_headers::KINDS),
    ("x402_money", money::KINDS),
    ("stellar_auth_entry", auth_entry::KINDS),
    ("stellar_transfer_tx", transfer_tx::KINDS),
    ("strkey", strkey::KINDS),
    ("sac_address", sac_address::KINDS),
];

const NOT_YET: [(&str, &str); 7] = [
    ("mpp_accept_payment", "coinslot-mpp-wire"),
    ("mpp_body_digest", "coinslot-mpp-wire"),
    ("mpp_challenge", "coinslot-mpp-wire"),
    ("mpp_credential", "coinslot-mpp-wire"),
    ("mpp_problem_details", "coinslot-mpp-wire"),
    ("mpp_receipt", "coinslot-mpp-wire"),
    ("channel_commitment", "coinslot-channel-commitment"),
];
