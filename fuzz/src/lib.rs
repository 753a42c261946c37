//! Fuzz harnesses for every parser of strangers' input.
//!
//! A harness takes any bytes and panics when something does not hold. What holds is one of five classes:
//!
//! - *exact*: what is accepted is written again as the same bytes;
//! - *canonical*: writing and reading is a fixed point;
//! - *bounded*: no panic, and no more memory than a multiple of the input ([`memory`]);
//! - *differential*: another implementation of the same format says the same;
//! - *model*: a few lines written from the specification say the same.
//!
//! `fuzz_targets/` runs them under libfuzzer; `tests/replay.rs` runs every seed of `corpus/` and deterministic mutations
//! of them on stable, in every test run. `COVERAGE.md` lists which parser is under which harness.

pub mod memory;
pub mod mutation;

mod amounts;
mod auth;
mod chains;
mod channel_states;
mod channels;
mod charges;
mod json;
mod mpp;
mod payments;
mod strkeys;
mod x402;
mod xdr;

/// Takes any bytes; panics when something does not hold.
pub type Harness = fn(&[u8]);

/// Every harness by the name of its target.
pub static HARNESSES: &[(&str, Harness)] = &[
    ("accept_payment", mpp::accept_payment),
    ("account_id", strkeys::account_id),
    ("address", strkeys::address),
    ("auth_challenges", auth::auth_challenges),
    ("auth_credential", auth::auth_credential),
    ("auth_entry", xdr::auth_entry),
    ("base_units", amounts::base_units),
    ("chain_id", chains::chain_id),
    ("chain_pattern", chains::chain_pattern),
    ("channel_entry", channels::channel_entry),
    ("channel_event", channels::channel_event),
    ("channel_state", channel_states::channel_state),
    ("channel_texts", channels::channel_texts),
    ("checked_charge", charges::checked_charge),
    ("checked_payment", payments::checked_payment),
    ("classic_asset", strkeys::classic_asset),
    ("commitment", channels::commitment),
    ("contract_event", xdr::contract_event),
    ("contract_id", strkeys::contract_id),
    ("decimal_amount", amounts::decimal_amount),
    ("envelope", xdr::envelope),
    ("facilitator_bodies", x402::facilitator_bodies),
    ("ledger_key", xdr::ledger_key),
    ("mpp_bodies", mpp::mpp_bodies),
    ("mpp_challenge", mpp::mpp_challenge),
    ("mpp_credential", mpp::mpp_credential),
    ("mpp_receipt", mpp::mpp_receipt),
    ("mpp_texts", mpp::mpp_texts),
    ("muxed_account_id", strkeys::muxed_account_id),
    ("payment_id", payments::payment_id),
    ("payment_payload", x402::payment_payload),
    ("payment_required", x402::payment_required),
    ("price", amounts::price),
    ("recognise", xdr::recognise),
    ("secret_key", strkeys::secret_key),
    ("settle_response", x402::settle_response),
    ("soroban_resources", xdr::soroban_resources),
    ("stellar_network", chains::stellar_network),
    ("strict_json", json::strict_json),
    ("transaction_hash", strkeys::transaction_hash),
    ("voucher", channels::voucher),
];

/// The harness of a target.
///
/// # Panics
///
/// When there is none of this name.
pub fn run(target: &str, data: &[u8]) {
    let (_, harness) = HARNESSES
        .iter()
        .find(|(name, _)| *name == target)
        .expect("a harness of this name");
    harness(data);
}

/// The input as text, for parsers that take text.
fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}
