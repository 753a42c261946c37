//! `PaymentRequirements`: one way to pay (specification v2, §5.1.2).
//!
//! Example:
//!
//! ```json
//! {
//!   "scheme": "exact",
//!   "network": "stellar:testnet",
//!   "amount": "10000",
//!   "asset": "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA",
//!   "payTo": "GB4STQEP6EXF2YLPAI2M52S27RFABYEY37KNW4VK2RJOIK2AFOHNX5V5",
//!   "maxTimeoutSeconds": 60,
//!   "extra": { "areFeesSponsored": true }
//! }
//! ```
//!
//! # Errors
//!
//! Refused: an amount that is not a string of digits without leading zeros, a network that is not CAIP-2, an empty `scheme`,
//! `asset` or `payTo`, a `maxTimeoutSeconds` that is not a whole number above zero.
//!
//! # Not supported
//!
//! `extra: null` is read as an absent `extra`.

use alloc::string::String;

use coinslot_caip2_network::{ChainId, ParseChainIdError};
use coinslot_usdc_amount::BaseUnits;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::member;

/// One way to pay for a resource. Two are equal when every field is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PaymentRequirements {
    /// The payment scheme, such as `exact`.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub scheme: String,
    /// The chain on which to pay.
    #[cfg_attr(feature = "schemars", schemars(with = "crate::schema::Chain"))]
    pub network: ChainId,
    /// How much to pay, in base units of the asset.
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    #[cfg_attr(feature = "schemars", schemars(with = "crate::schema::Digits"))]
    pub amount: BaseUnits,
    /// The asset as its chain names it: on Stellar the contract, `C…`.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub asset: String,
    /// Who is paid, as the chain names accounts.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    pub pay_to: String,
    /// How long the payment may take, in seconds; more than zero.
    #[cfg_attr(feature = "schemars", schemars(range(min = 1)))]
    pub max_timeout_seconds: u64,
    /// What the scheme adds, on Stellar `areFeesSponsored`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

impl PaymentRequirements {
    /// Requirements without `extra`.
    pub fn new(
        scheme: impl Into<String>,
        network: ChainId,
        amount: BaseUnits,
        asset: impl Into<String>,
        pay_to: impl Into<String>,
        max_timeout_seconds: u64,
    ) -> Self {
        Self {
            scheme: scheme.into(),
            network,
            amount,
            asset: asset.into(),
            pay_to: pay_to.into(),
            max_timeout_seconds,
            extra: None,
        }
    }

    /// The same with one more member in `extra`; an earlier value under this name is replaced.
    #[must_use]
    pub fn with_extra(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extra
            .get_or_insert_default()
            .insert(name.into(), value.into());
        self
    }
}

impl<'de> Deserialize<'de> for PaymentRequirements {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <Received as Deserialize>::deserialize(deserializer)?
            .on_named_network()
            .map_err(D::Error::custom)
    }
}

/// What is accepted, but for the network.
#[derive(Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
pub(crate) struct Received {
    #[serde(deserialize_with = "member::not_empty")]
    scheme: String,
    network: String,
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    amount: BaseUnits,
    #[serde(deserialize_with = "member::not_empty")]
    asset: String,
    #[serde(deserialize_with = "member::not_empty")]
    pay_to: String,
    #[serde(deserialize_with = "member::seconds")]
    max_timeout_seconds: u64,
    #[serde(default, deserialize_with = "coinslot_strict_json::optional_object")]
    extra: Option<Map<String, Value>>,
}

coinslot_strict_json::read_as_object!(Received, Received);

impl Received {
    /// The requirements, if their network is a CAIP-2 chain id.
    pub(crate) fn on_named_network(self) -> Result<PaymentRequirements, ParseChainIdError> {
        Ok(PaymentRequirements {
            network: ChainId::try_from(self.network)?,
            scheme: self.scheme,
            amount: self.amount,
            asset: self.asset,
            pay_to: self.pay_to,
            max_timeout_seconds: self.max_timeout_seconds,
            extra: self.extra,
        })
    }
}
