//! What refusals are called on the wire, and what they say.

use coinslot_channel_commitment::{InvalidSignatureError, UnusableKeyError};
use coinslot_mpp_channel_stellar::{ChannelRefusal, Refusal};
use coinslot_mpp_wire::ProblemKind;

use crate::channel::*;

/// A number that is in no sentence by chance.
const SECRET: u64 = 987_654_321;

fn refusals() -> Vec<(Refusal, ProblemKind)> {
    let secret = units(SECRET);
    vec![
        (
            Refusal::Signature(InvalidSignatureError),
            ProblemKind::InvalidSignature,
        ),
        (Refusal::AnotherChannel, ProblemKind::VerificationFailed),
        (
            Refusal::UsedForAnotherRequest,
            ProblemKind::VerificationFailed,
        ),
        (Refusal::Closing, ProblemKind::ChannelClosed),
        (Refusal::Closed, ProblemKind::ChannelClosed),
        (Refusal::Archived, ProblemKind::VerificationFailed),
        (Refusal::NoPrice, ProblemKind::VerificationFailed),
        (
            Refusal::DepositUsedUp {
                deposited: units(7),
                price: units(8),
            },
            ProblemKind::InsufficientBalance,
        ),
        (
            Refusal::NotRising { cumulative: secret },
            ProblemKind::DeltaTooSmall,
        ),
        (
            Refusal::BelowPrice {
                required: secret,
                price: units(8),
            },
            ProblemKind::DeltaTooSmall,
        ),
        (
            Refusal::ExceedsDeposit {
                deposited: units(7),
            },
            ProblemKind::AmountExceedsDeposit,
        ),
        (
            Refusal::BelowSpent { spent: secret },
            ProblemKind::DeltaTooSmall,
        ),
        (
            Refusal::BelowWithdrawn { withdrawn: secret },
            ProblemKind::DeltaTooSmall,
        ),
        (Refusal::NoStream, ProblemKind::VerificationFailed),
        (Refusal::ClosesWithStream, ProblemKind::VerificationFailed),
    ]
}

fn is_a_sentence(detail: Option<&str>) {
    let detail = detail.unwrap();
    assert!(detail.ends_with('.') && !detail.ends_with(".."), "{detail}");
    assert!(detail.starts_with(char::is_uppercase), "{detail}");
}

#[test]
fn vouchers_are_refused_by_the_wires_names() {
    for (refusal, kind) in refusals() {
        assert_eq!(refusal.kind(), kind, "{refusal:?}");
        is_a_sentence(refusal.problem().detail.as_deref());
    }
}

#[test]
fn no_sentence_says_how_far_a_channel_is_used() {
    for (refusal, _) in refusals() {
        let problem = String::from_utf8(refusal.problem().to_json()).unwrap();
        assert!(!problem.contains(&SECRET.to_string()), "{problem}");
    }
}

#[test]
fn channels_are_refused_by_the_wires_names() {
    for (refusal, kind) in [
        (ChannelRefusal::NotFound, ProblemKind::ChannelNotFound),
        (
            coinslot_channel_commitment::ChannelInstance::from_xdr(&[])
                .unwrap_err()
                .into(),
            ProblemKind::VerificationFailed,
        ),
        (
            ChannelRefusal::AnotherChannel,
            ProblemKind::VerificationFailed,
        ),
        (ChannelRefusal::Code, ProblemKind::VerificationFailed),
        (ChannelRefusal::Recipient, ProblemKind::VerificationFailed),
        (ChannelRefusal::Token, ProblemKind::VerificationFailed),
        (
            ChannelRefusal::CommitmentKey(UnusableKeyError::SmallOrder),
            ProblemKind::SignerMismatch,
        ),
        (
            ChannelRefusal::WaitingPeriod {
                found: 1,
                shortest: 2,
            },
            ProblemKind::VerificationFailed,
        ),
        (
            ChannelRefusal::Closing {
                effective_at_ledger: 1,
            },
            ProblemKind::ChannelClosed,
        ),
        (ChannelRefusal::Archived, ProblemKind::VerificationFailed),
        (
            ChannelRefusal::TimeToLive {
                found: 1,
                shortest: 2,
            },
            ProblemKind::VerificationFailed,
        ),
        (ChannelRefusal::NoDeposit, ProblemKind::InsufficientBalance),
    ] {
        assert_eq!(refusal.kind(), kind, "{refusal:?}");
        is_a_sentence(refusal.problem().detail.as_deref());
    }
}
