//! Why nothing is signed.

use core::{error, fmt};

use coinslot_usdc_amount::BaseUnits;

/// Why a buyer does not sign, or does not believe.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuyerRefusal {
    /// There is nothing to pay.
    NoPrice,
    /// The price is above the cap for one request.
    AboveRequestCap {
        /// The price.
        price: BaseUnits,
        /// The cap.
        cap: BaseUnits,
    },
    /// The amount would be above the cap for the channel.
    AboveChannelCap {
        /// The cap.
        cap: BaseUnits,
    },
    /// The amount would be above what is deposited.
    DepositUsedUp {
        /// The amount.
        amount: BaseUnits,
        /// What is deposited.
        deposited: BaseUnits,
    },
    /// It is not known what became of the voucher of another request.
    PendingElsewhere,
    /// A voucher was signed for the request at a lower price: it is taken, or not known not to be.
    PriceRisen,
    /// No voucher of this amount is pending.
    NotPending,
    /// The voucher is of another channel.
    AnotherChannel,
}

impl fmt::Display for BuyerRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPrice => f.write_str("the request has no price"),
            Self::AboveRequestCap { price, cap } => write!(
                f,
                "the request costs {price} base units, at most {cap} are allowed"
            ),
            Self::AboveChannelCap { cap } => write!(
                f,
                "with this request the channel would have cost more than the {cap} base units allowed"
            ),
            Self::DepositUsedUp { amount, deposited } => write!(
                f,
                "the voucher would be for {amount} base units, {deposited} are deposited; top up the channel"
            ),
            Self::PendingElsewhere => f.write_str(
                "another request was paid from this channel and not answered; send it again, or ask the server for its last voucher",
            ),
            Self::PriceRisen => {
                f.write_str("the request was signed for, and the server asks for more now")
            }
            Self::NotPending => f.write_str("no voucher of this amount is waiting for an answer"),
            Self::AnotherChannel => f.write_str("the server's voucher is of another channel"),
        }
    }
}

impl error::Error for BuyerRefusal {}
