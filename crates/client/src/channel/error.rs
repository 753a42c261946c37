//! Why nothing is paid from a channel.

use coinslot_channel_commitment::InvalidSignatureError;
use coinslot_mpp_channel_stellar::client::BuyerRefusal;
use coinslot_mpp_wire::stellar::PaymentChannelError;
use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::BaseUnits;

use crate::refused::{Because, RefusalReason};
use crate::server_text::ServerText;

/// Nothing is paid from this channel now. Nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the channel {channel} does not pay: {kind}")]
pub struct ChannelError {
    /// The channel.
    pub channel: ContractId,
    /// Why.
    pub kind: ChannelErrorKind,
}

/// Why nothing is paid from a channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChannelErrorKind {
    /// A cap or the deposit is in the way, or an earlier voucher.
    #[error(transparent)]
    Refused(#[from] BuyerRefusal),
    /// The seller does not take the channel.
    #[error("the seller does not take it{}", Because(.reason.as_ref(), .message.as_ref()))]
    NotAccepted {
        /// The kind of problem.
        reason: Option<RefusalReason>,
        /// The seller's words.
        message: Option<ServerText>,
    },
    /// It is being closed, or is closed.
    #[error("it is closed, or its close was asked for; open another one")]
    Closed,
    /// Another process with the same store pays from it.
    #[error(
        "another process with the same store is paying from it; try again, or give it a channel of its own"
    )]
    InUse,
    /// Others change its record all the time.
    #[error("its record is changed by others all the time; try again")]
    Contended,
    /// The seller says that it is used, and shows no voucher for it.
    #[error(
        "the seller says that {claimed} base units of it are used and shows no voucher that its key has signed; \
         restore the store that it was paid from, or set the clock, as a proof is good for a minute only"
    )]
    Unproved {
        /// What the seller says.
        claimed: BaseUnits,
    },
    /// The voucher that the seller shows is not signed by the channel's key.
    #[error("the seller shows a voucher for {claimed} base units that its key has not signed")]
    Forged {
        /// What it is for.
        claimed: BaseUnits,
        /// Why it does not hold.
        #[source]
        source: InvalidSignatureError,
    },
    /// The seller's header cannot be read.
    #[error("the seller's Payment-Channel header cannot be read: {0}")]
    Unreadable(PaymentChannelError),
    /// The seller shows a voucher of another channel.
    #[error("the seller speaks of another channel, {0}")]
    AnotherChannel(ServerText),
    /// The address is not priced, so that the seller gives nothing to close the channel with.
    #[error("the address asks for no payment from it; close it by an address that is paid from it")]
    NothingToClose,
    /// It is not one of this client's, or not for this host.
    #[error("this client has no such channel for this host")]
    NotOurs,
}

impl ChannelErrorKind {
    pub(crate) const fn of(self, channel: ContractId) -> ChannelError {
        ChannelError {
            channel,
            kind: self,
        }
    }

    /// Whether another channel may be able to pay.
    pub(crate) const fn leaves_others(&self) -> bool {
        matches!(
            self,
            Self::Refused(
                BuyerRefusal::AboveChannelCap { .. } | BuyerRefusal::DepositUsedUp { .. }
            ) | Self::NotAccepted { .. }
                | Self::Closed
                | Self::InUse
        )
    }
}
