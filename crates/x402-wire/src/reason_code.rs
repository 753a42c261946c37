//! Reason codes: why a payment was refused (specification v2, §9, and the codes of the official Stellar programs).
//!
//! On the wire a code is a string, such as `insufficient_funds`. The list is open: a code that is not known is kept as it is.

use alloc::string::{String, ToString};
use core::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

macro_rules! reason_codes {
    ($($(#[$doc:meta])+ $variant:ident = $code:literal,)+) => {
        /// Why a payment was refused, for programs to read.
        ///
        /// ```
        /// use coinslot_x402_wire::ReasonCode;
        /// assert_eq!(ReasonCode::from("insufficient_funds"), ReasonCode::InsufficientFunds);
        /// assert_eq!(ReasonCode::InsufficientFunds.as_str(), "insufficient_funds");
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ReasonCode {
            $($(#[$doc])+ $variant,)+
            /// A code that is not in this list. Make it with [`ReasonCode::from`], which knows the list.
            Other(String),
        }

        impl ReasonCode {
            /// Every code in the list.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant,)+];

            /// The code on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Other(code) => code,
                }
            }
        }

        impl From<&str> for ReasonCode {
            fn from(code: &str) -> Self {
                match code {
                    $($code => Self::$variant,)+
                    _ => Self::Other(code.to_string()),
                }
            }
        }
    };
}

reason_codes! {
    /// The payer does not have enough of the asset.
    InsufficientFunds = "insufficient_funds",
    /// The authorization is not valid yet.
    EvmValidAfter = "invalid_exact_evm_payload_authorization_valid_after",
    /// The authorization has expired.
    EvmValidBefore = "invalid_exact_evm_payload_authorization_valid_before",
    /// The authorized amount is not the required one.
    EvmValueMismatch = "invalid_exact_evm_payload_authorization_value_mismatch",
    /// The authorization's signature is wrong.
    EvmSignature = "invalid_exact_evm_payload_signature",
    /// The authorization pays somebody else.
    EvmRecipientMismatch = "invalid_exact_evm_payload_recipient_mismatch",
    /// The network is not supported.
    InvalidNetwork = "invalid_network",
    /// The payload is malformed.
    InvalidPayload = "invalid_payload",
    /// The requirements are malformed.
    InvalidPaymentRequirements = "invalid_payment_requirements",
    /// The scheme is not a scheme.
    InvalidScheme = "invalid_scheme",
    /// The scheme is not supported by the facilitator.
    UnsupportedScheme = "unsupported_scheme",
    /// The protocol version is not supported.
    InvalidX402Version = "invalid_x402_version",
    /// The transaction failed on the chain, or was rejected.
    InvalidTransactionState = "invalid_transaction_state",
    /// Verification failed in a way that has no code.
    UnexpectedVerifyError = "unexpected_verify_error",
    /// Settlement failed in a way that has no code.
    UnexpectedSettleError = "unexpected_settle_error",
    /// The payload's network is not that of the requirements.
    NetworkMismatch = "network_mismatch",
    /// Not a Stellar transaction.
    StellarMalformed = "invalid_exact_stellar_payload_malformed",
    /// Not exactly one invocation of a contract.
    StellarWrongOperation = "invalid_exact_stellar_payload_wrong_operation",
    /// The facilitator's account is the source of the transaction or of its operation.
    StellarUnsafeSource = "invalid_exact_stellar_payload_unsafe_tx_or_op_source",
    /// Another contract than the required asset's is called.
    StellarWrongAsset = "invalid_exact_stellar_payload_wrong_asset",
    /// Another function than `transfer` is called.
    StellarWrongFunctionName = "invalid_exact_stellar_payload_wrong_function_name",
    /// The facilitator would pay itself.
    StellarFacilitatorIsPayer = "invalid_exact_stellar_payload_facilitator_is_payer",
    /// The transfer goes to somebody else.
    StellarWrongRecipient = "invalid_exact_stellar_payload_wrong_recipient",
    /// The transfer is of another amount.
    StellarWrongAmount = "invalid_exact_stellar_payload_wrong_amount",
    /// The transfer fails when it is simulated.
    StellarSimulationFailed = "invalid_exact_stellar_payload_simulation_failed",
    /// The transaction's fee does not cover its resources.
    StellarFeeBelowMinimum = "invalid_exact_stellar_payload_fee_below_minimum",
    /// The transaction's fee is more than the facilitator pays.
    StellarFeeExceedsMaximum = "invalid_exact_stellar_payload_fee_exceeds_maximum",
    /// The simulation emits an event that is no transfer.
    StellarEventNotTransfer = "invalid_exact_stellar_payload_event_not_transfer",
    /// The simulation's event names no contract.
    StellarEventMissingContractId = "invalid_exact_stellar_payload_event_missing_contract_id",
    /// The simulation's event is of another contract.
    StellarEventWrongAsset = "invalid_exact_stellar_payload_event_wrong_asset",
    /// The simulation transfers nothing.
    StellarNoTransferEvents = "invalid_exact_stellar_payload_no_transfer_events",
    /// The simulation transfers more than once.
    StellarMultipleTransfers = "invalid_exact_stellar_payload_multiple_transfers",
    /// The simulated transfer is from somebody else.
    StellarEventWrongFrom = "invalid_exact_stellar_payload_event_wrong_from",
    /// The simulated transfer is to somebody else.
    StellarEventWrongTo = "invalid_exact_stellar_payload_event_wrong_to",
    /// The simulated transfer is of another amount.
    StellarEventWrongAmount = "invalid_exact_stellar_payload_event_wrong_amount",
    /// There is no authorization entry.
    StellarNoAuthEntries = "invalid_exact_stellar_payload_no_auth_entries",
    /// An authorization entry's credentials are not those of an address.
    StellarUnsupportedCredentialType = "invalid_exact_stellar_payload_unsupported_credential_type",
    /// The facilitator's account authorizes something.
    StellarFacilitatorInAuth = "invalid_exact_stellar_payload_facilitator_in_auth",
    /// The authorization is valid for longer than the requirements allow.
    StellarExpirationTooFar = "invalid_exact_stellar_signature_expiration_too_far",
    /// The authorization covers further invocations.
    StellarHasSubinvocations = "invalid_exact_stellar_payload_has_subinvocations",
    /// The payer has not signed.
    StellarMissingPayerSignature = "invalid_exact_stellar_payload_missing_payer_signature",
    /// Somebody other than the payer would have to sign.
    StellarUnexpectedPendingSignatures = "invalid_exact_stellar_payload_unexpected_pending_signatures",
    /// No account was free to sign the settlement.
    StellarSignerSelectionFailed = "settle_exact_stellar_signer_selection_failed",
    /// The settlement could not be signed.
    StellarTransactionSigningFailed = "settle_exact_stellar_transaction_signing_failed",
    /// The settlement's fee bump could not be signed.
    StellarFeeBumpSigningFailed = "settle_exact_stellar_fee_bump_signing_failed",
    /// The network did not take the settlement.
    StellarTransactionSubmissionFailed = "settle_exact_stellar_transaction_submission_failed",
    /// The settlement failed on the chain.
    StellarTransactionFailed = "settle_exact_stellar_transaction_failed",
    /// The same payment is being settled, or was, in another request.
    DuplicateSettlement = "duplicate_settlement",
    /// coinslot: the settlement was submitted, its outcome is not known yet. Ask again with the same payment.
    SettlementPending = "settlement_pending",
    /// coinslot: this payment has bought something already.
    DuplicatePayment = "duplicate_payment",
    /// coinslot: the authorization has expired.
    AuthorizationExpired = "authorization_expired",
    /// coinslot: the authorization has been used on the chain already.
    AuthorizationUsed = "authorization_used",
    /// coinslot: the payment's extensions are not those that were offered.
    ExtensionsNotEchoed = "extensions_not_echoed",
    /// coinslot: the sponsor has spent what it may spend on fees.
    SponsorBudgetExceeded = "sponsor_budget_exceeded",
    /// coinslot: the sponsor has spent what it may spend on this payer's fees.
    PayerBudgetExceeded = "payer_budget_exceeded",
    /// coinslot: the ledger cannot be reached; the payment was not judged.
    LedgerUnavailable = "ledger_unavailable",
}

impl From<String> for ReasonCode {
    fn from(code: String) -> Self {
        match Self::from(code.as_str()) {
            Self::Other(_) => Self::Other(code),
            known => known,
        }
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for ReasonCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ReasonCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Code;

        impl Visitor<'_> for Code {
            type Value = ReasonCode;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a reason code")
            }

            fn visit_str<E: Error>(self, code: &str) -> Result<ReasonCode, E> {
                Ok(code.into())
            }
        }

        deserializer.deserialize_str(Code)
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for ReasonCode {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "ReasonCode".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let known = Self::KNOWN.iter().map(Self::as_str);
        schemars::json_schema!({
            "type": "string",
            "description": "Why a payment was refused; the list is open.",
            "examples": known.collect::<alloc::vec::Vec<_>>(),
        })
    }
}
