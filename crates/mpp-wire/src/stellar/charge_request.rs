//! What a charge asks for (Stellar charge draft, "Request Schema"): one transfer of a SEP-41 token.
//!
//! Example:
//!
//! ```json
//! {
//!   "amount": "10000000", "currency": "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA",
//!   "recipient": "GB4STQEP6EXF2YLPAI2M52S27RFABYEY37KNW4VK2RJOIK2AFOHNX5V5", "externalId": "order-9",
//!   "methodDetails": { "network": "stellar:testnet", "feePayer": true, "credentialTypes": ["transaction"] }
//! }
//! ```
//!
//! The draft demands `methodDetails`; clients and servers in use do without, so whether it may be missing is for the rules to say.
//!
//! # Errors
//!
//! Amounts that are not strings of digits, networks that are not CAIP-2, empty addresses, and a member named twice are refused.

use alloc::string::String;
use alloc::vec::Vec;

use coinslot_caip2_network::ChainId;
use coinslot_strict_json::read_as_object;
use coinslot_usdc_amount::BaseUnits;
use serde::de::Deserializer;
use serde::{Deserialize, Serialize, Serializer};

use crate::encoded_request::EncodedRequest;
use crate::json;

/// One transfer.
///
/// ```
/// use coinslot_mpp_wire::stellar::{ChargeDetails, ChargeRequest, CredentialType};
/// let request = ChargeRequest::new("10000".parse()?, "CBIEL…", "GB4ST…", ChargeDetails {
///     credential_types: Some(vec![CredentialType::Transaction]),
///     ..ChargeDetails::sponsored("stellar:testnet".parse()?)
/// });
/// assert_eq!(request.encode().read::<ChargeRequest>()?, request);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
// The members are in the order of JCS, and there is no number among them, so that a plain writer writes canonical JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChargeRequest {
    /// How much, in base units of the token.
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    #[cfg_attr(feature = "schemars", schemars(with = "crate::schema::Digits"))]
    pub amount: BaseUnits,
    /// The token's contract, `C…`.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub currency: String,
    /// What is paid for, for people to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The seller's own name for the payment; the receipt gives it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// On which network, and how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method_details: Option<ChargeDetails>,
    /// Who is paid: an account `G…` or a contract `C…`.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub recipient: String,
}

/// On which network to pay, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChargeDetails {
    /// What the server takes, what it likes best first. When nothing is said it takes [`CredentialType::Transaction`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_types: Option<Vec<CredentialType>>,
    /// Whether the server pays the network's fees. When nothing is said it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee_payer: Option<bool>,
    /// The network: `stellar:pubnet` or `stellar:testnet`.
    #[cfg_attr(feature = "schemars", schemars(with = "crate::schema::Chain"))]
    pub network: ChainId,
}

/// In which form a payment can be made: the `type` of a [`ChargePayload`](super::ChargePayload).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CredentialType {
    /// `transaction`: the server submits what the client signed.
    Transaction,
    /// `signedHash`: the client submitted it, and proves that it paid.
    SignedHash,
    /// `hash`: the client submitted it, and proves nothing.
    Hash,
    /// A type that is not in this list.
    Other(String),
}

impl ChargeRequest {
    /// A request without description and external id.
    pub fn new(
        amount: BaseUnits,
        currency: impl Into<String>,
        recipient: impl Into<String>,
        method_details: ChargeDetails,
    ) -> Self {
        Self {
            amount,
            currency: currency.into(),
            description: None,
            external_id: None,
            method_details: Some(method_details),
            recipient: recipient.into(),
        }
    }

    /// The `request` of a challenge.
    #[must_use]
    pub fn encode(&self) -> EncodedRequest {
        EncodedRequest::from_canonical(json::text(self))
    }
}

impl ChargeDetails {
    /// On this network, the client paying the fees.
    #[must_use]
    pub const fn unsponsored(network: ChainId) -> Self {
        Self {
            credential_types: None,
            fee_payer: None,
            network,
        }
    }

    /// On this network, the server paying the fees.
    #[must_use]
    pub fn sponsored(network: ChainId) -> Self {
        Self {
            fee_payer: Some(true),
            ..Self::unsponsored(network)
        }
    }

    /// Whether the server pays the network's fees.
    #[must_use]
    pub fn is_sponsored(&self) -> bool {
        self.fee_payer == Some(true)
    }

    /// Whether the server takes a payment in this form. When nothing is said it takes [`CredentialType::Transaction`] only.
    #[must_use]
    pub fn takes(&self, form: &CredentialType) -> bool {
        match &self.credential_types {
            Some(forms) => forms.contains(form),
            None => *form == CredentialType::Transaction,
        }
    }
}

impl CredentialType {
    /// The type on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Transaction => "transaction",
            Self::SignedHash => "signedHash",
            Self::Hash => "hash",
            Self::Other(other) => other,
        }
    }
}

impl From<String> for CredentialType {
    fn from(text: String) -> Self {
        match text.as_str() {
            "transaction" => Self::Transaction,
            "signedHash" => Self::SignedHash,
            "hash" => Self::Hash,
            _ => Self::Other(text),
        }
    }
}

impl Serialize for CredentialType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for CredentialType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for CredentialType {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "CredentialType".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "examples": ["transaction", "signedHash", "hash"] })
    }
}

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "ChargeRequest", rename_all = "camelCase")]
struct Received {
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    amount: BaseUnits,
    #[serde(deserialize_with = "json::not_empty")]
    currency: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    external_id: Option<String>,
    #[serde(default)]
    method_details: Option<ChargeDetails>,
    #[serde(deserialize_with = "json::not_empty")]
    recipient: String,
}

read_as_object!(ChargeRequest, Received);

/// What is accepted.
#[derive(Deserialize)]
#[serde(remote = "ChargeDetails", rename_all = "camelCase")]
struct ReceivedDetails {
    #[serde(default)]
    credential_types: Option<Vec<CredentialType>>,
    #[serde(default)]
    fee_payer: Option<bool>,
    network: ChainId,
}

read_as_object!(ChargeDetails, ReceivedDetails);
