//! The kinds of problems, with the words that official servers use for them.

use core::fmt;

use super::Problem;

macro_rules! problem_kinds {
    ($($(#[$doc:meta])+ $kind:ident = $status:literal $code:literal, $title:literal, $alone:literal, $before:literal _ $after:literal;)+) => {
        /// What kind of problem it is.
        ///
        /// The core draft defines the first seven, the Stellar charge draft [`SettlementFailed`](Self::SettlementFailed); official servers
        /// send the others too.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ProblemKind {
            $($(#[$doc])+ $kind,)+
        }

        impl ProblemKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];

            /// The last part of the kind's URI.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$kind => $code,)+
                }
            }

            /// The HTTP status code that goes with it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$kind => $status,)+
                }
            }

            /// The kind in words.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$kind => $title,)+
                }
            }

            /// A problem of this kind of which no more is said.
            #[must_use]
            pub fn problem(self) -> Problem {
                Problem::of(self, match self {
                    $(Self::$kind => $alone,)+
                }.into())
            }

            /// A problem of this kind, with the reason. It becomes part of a sentence: no capital at its start, no full stop at its end.
            ///
            /// For [`PaymentRequired`](Self::PaymentRequired) it is what is paid for, for [`PaymentExpired`](Self::PaymentExpired) when it
            /// expired, for [`MethodUnsupported`](Self::MethodUnsupported) the method.
            pub fn because(self, reason: impl fmt::Display) -> Problem {
                Problem::of(self, match self {
                    $(Self::$kind => alloc::format!(concat!($before, "{}", $after), reason),)+
                })
            }
        }
    };
}

problem_kinds! {
    /// The resource has to be paid for.
    PaymentRequired = 402 "payment-required", "Payment Required",
        "Payment is required.", "Payment is required (" _ ").";
    /// The amount is too low.
    PaymentInsufficient = 402 "payment-insufficient", "Payment Insufficient",
        "Payment amount is insufficient.", "Payment insufficient: " _ ".";
    /// The challenge or the authorization has expired.
    PaymentExpired = 402 "payment-expired", "Payment Expired",
        "Payment has expired.", "Payment expired at " _ ".";
    /// The payment does not hold.
    VerificationFailed = 402 "verification-failed", "Verification Failed",
        "Payment verification failed.", "Payment verification failed: " _ ".";
    /// The payment method is not accepted.
    MethodUnsupported = 400 "method-unsupported", "Method Unsupported",
        "Payment method is not supported.", "Payment method \"" _ "\" is not supported.";
    /// The credential cannot be read.
    MalformedCredential = 402 "malformed-credential", "Malformed Credential",
        "Credential is malformed.", "Credential is malformed: " _ ".";
    /// The challenge is unknown, has expired, or was used already.
    InvalidChallenge = 402 "invalid-challenge", "Invalid Challenge",
        "Challenge is invalid.", "Challenge is invalid: " _ ".";
    /// The payment holds, and failed on the chain.
    SettlementFailed = 402 "settlement-failed", "Settlement Failed",
        "Payment settlement failed.", "Payment settlement failed: " _ ".";
    /// The credential's payload is not the method's.
    InvalidPayload = 402 "invalid-payload", "Invalid Payload",
        "Credential payload is invalid.", "Credential payload is invalid: " _ ".";
    /// The payer has to do something more.
    PaymentActionRequired = 402 "payment-action-required", "Payment Action Required",
        "Payment requires action.", "Payment requires action: " _ ".";
    /// The request is malformed.
    BadRequest = 400 "bad-request", "Bad Request",
        "Bad request.", "Bad request: " _ ".";
    /// A channel's balance does not cover the payment.
    InsufficientBalance = 402 "session/insufficient-balance", "Insufficient Balance",
        "Insufficient balance.", "Insufficient balance: " _ ".";
    /// A voucher's signature does not hold.
    InvalidSignature = 402 "session/invalid-signature", "Invalid Signature",
        "Invalid signature.", "Invalid signature: " _ ".";
    /// A voucher is signed with another key than the channel's.
    SignerMismatch = 402 "session/signer-mismatch", "Signer Mismatch",
        "Signer is not authorized for this channel.", "Signer mismatch: " _ ".";
    /// A voucher is for more than the channel holds.
    AmountExceedsDeposit = 402 "session/amount-exceeds-deposit", "Amount Exceeds Deposit",
        "Voucher amount exceeds channel deposit.", "Amount exceeds deposit: " _ ".";
    /// A voucher adds less than a request costs.
    DeltaTooSmall = 402 "session/delta-too-small", "Delta Too Small",
        "Amount increase below minimum voucher delta.", "Delta too small: " _ ".";
    /// There is no such channel.
    ChannelNotFound = 410 "session/channel-not-found", "Channel Not Found",
        "No channel with this ID exists.", "Channel not found: " _ ".";
    /// The channel is closed.
    ChannelClosed = 410 "session/channel-finalized", "Channel Closed",
        "Channel is closed.", "Channel closed: " _ ".";
}

impl ProblemKind {
    pub(super) fn with_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}
