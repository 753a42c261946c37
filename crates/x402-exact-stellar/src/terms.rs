//! `PaymentRequirements` as this scheme reads them (scheme specification, "PaymentRequirements for
//! `exact`").

use core::{error, fmt};

use coinslot_soroban_authorization::Transfer;
use coinslot_stellar_address::{
    AccountId, Address, ContractId, ParseAddressError, ParseAddressErrorKind, StrkeyKind,
};
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_wire::PaymentRequirements;
use serde_json::Value;

/// What is to be paid, read once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) token: ContractId,
    pub(crate) to: Address,
    pub(crate) amount: BaseUnits,
    pub(crate) max_timeout_seconds: u64,
    /// `extra.areFeesSponsored`, when it is there; whatever is not a boolean counts as false.
    pub(crate) fees_sponsored: Option<bool>,
}

impl Terms {
    pub(crate) fn read(requirements: &PaymentRequirements) -> Result<Self, TermsError> {
        let token = requirements.asset.parse().map_err(TermsError::Asset)?;
        let to = requirements.pay_to.parse().map_err(TermsError::PayTo)?;
        if requirements.amount.is_zero() {
            return Err(TermsError::ZeroAmount);
        }
        if requirements.max_timeout_seconds == 0 {
            return Err(TermsError::NoTime);
        }
        let extra = requirements.extra.as_ref();
        let fees_sponsored = extra
            .and_then(|extra| extra.get(ARE_FEES_SPONSORED))
            .map(|value| *value == Value::Bool(true));
        Ok(Self {
            token,
            to,
            amount: requirements.amount,
            max_timeout_seconds: requirements.max_timeout_seconds,
            fees_sponsored,
        })
    }

    /// The transfer that meets these terms.
    pub(crate) fn transfer_from(&self, payer: AccountId) -> Transfer {
        Transfer {
            token: self.token,
            from: payer.into(),
            to: self.to,
            amount: self.amount.to_i128(),
        }
    }
}

/// Why requirements are not ones that this scheme can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TermsError {
    /// `asset` is not a contract.
    Asset(ParseAddressError),
    /// `payTo` is not an address.
    PayTo(ParseAddressError),
    /// `amount` is zero.
    ZeroAmount,
    /// `maxTimeoutSeconds` is zero.
    NoTime,
    /// `extra.areFeesSponsored` is not true.
    FeesNotSponsored,
}

impl fmt::Display for TermsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asset(error)
                if error.kind() == ParseAddressErrorKind::WrongKind(StrkeyKind::Account) =>
            {
                f.write_str(
                    "the asset is a G… account, probably its issuer; it is named by its contract, \
                     C…",
                )
            }
            Self::Asset(error) => write!(f, "the asset is not a contract: {error}"),
            Self::PayTo(error) => write!(f, "payTo is not an address: {error}"),
            Self::ZeroAmount => f.write_str("the amount is zero"),
            Self::NoTime => f.write_str("maxTimeoutSeconds is zero"),
            Self::FeesNotSponsored => f.write_str(
                "extra.areFeesSponsored is not true, and payers who pay their own network fees are \
                 not supported",
            ),
        }
    }
}

impl error::Error for TermsError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Asset(source) | Self::PayTo(source) => Some(source),
            Self::ZeroAmount | Self::NoTime | Self::FeesNotSponsored => None,
        }
    }
}

const ARE_FEES_SPONSORED: &str = "areFeesSponsored";
