//! What is agreed on, in one form for both protocols.

use core::fmt;

use coinslot_caip2_network::ChainId;
use coinslot_mpp_charge_stellar::TermsError;
use coinslot_mpp_wire::Challenge;
use coinslot_mpp_wire::stellar::ChargeRequest;
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_wire::PaymentRequirements;
use serde::{Deserialize, Serialize};

/// How a payment is asked for, carried and receipted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// x402 version 2.
    X402,
    /// The Machine Payments Protocol.
    Mpp,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X402 => "x402",
            Self::Mpp => "MPP",
        })
    }
}

/// What one offer asks for. A payment that was made names what was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentTerms {
    /// The protocol that the offer is made in.
    pub protocol: Protocol,
    /// The kind of payment: x402's scheme, `exact`; MPP's method and intent, `stellar/charge` or `stellar/channel`.
    pub scheme: String,
    /// The network's CAIP-2 id.
    pub network: ChainId,
    /// The token's contract.
    pub asset: String,
    /// How much, in base units of the token.
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    pub amount: BaseUnits,
    /// Who is paid; of a channel whose recipient is not known, the channel itself.
    pub pay_to: String,
}

impl PaymentTerms {
    /// An offer of x402.
    pub(crate) fn of_offer(offer: &PaymentRequirements) -> Self {
        Self {
            protocol: Protocol::X402,
            scheme: offer.scheme.clone(),
            network: offer.network.clone(),
            asset: offer.asset.clone(),
            amount: offer.amount,
            pay_to: offer.pay_to.clone(),
        }
    }

    /// A charge of MPP, which must name its network.
    pub(crate) fn of_charge(challenge: &Challenge) -> Result<Self, TermsError> {
        let request: ChargeRequest = challenge.request().read().map_err(TermsError::Request)?;
        let details = request.method_details.ok_or(TermsError::NoNetwork)?;
        Ok(Self {
            protocol: Protocol::Mpp,
            scheme: kind_of(challenge),
            network: details.network,
            asset: request.currency,
            amount: request.amount,
            pay_to: request.recipient,
        })
    }
}

/// The method and intent of a challenge, such as `stellar/charge`.
pub(crate) fn kind_of(challenge: &Challenge) -> String {
    format!("{}/{}", challenge.method(), challenge.intent())
}
