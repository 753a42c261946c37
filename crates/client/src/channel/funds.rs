//! What may be paid from a channel: its key, its caps, and who may have the money.

use core::fmt;

use coinslot_channel_commitment::CommitmentKey;
use coinslot_mpp_channel_stellar::client::Caps;
use coinslot_stellar_address::{Address, ContractId};
use coinslot_usdc_amount::{BaseUnits, ParseAmountError, UsdPrice};

use crate::budget::{HostRule, ParseHostError};

/// A payment channel that was opened, from which a [`PayingClient`](crate::PayingClient) pays by signatures.
///
/// Its caps and its hosts cannot be left out, and hold beside those of the [`Budget`](crate::Budget). What a voucher
/// adds counts there like any other payment.
///
/// ```
/// use coinslot_channel_commitment::CommitmentKey;
/// use coinslot_client::ChannelFunds;
///
/// let channel = "CAG6RI5Q5DXW7DTDQFWEJAQUARGJMCT6X52XAIDGJ2OKT63SYYQBZB3V".parse()?;
/// let funds = ChannelFunds::of(channel, CommitmentKey::from_seed([7; 32]))
///     .per_channel("$5")?
///     .per_request("$0.001")?
///     .hosts(["api.example.com"])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ChannelFunds {
    pub(crate) channel: ContractId,
    pub(crate) key: CommitmentKey,
    pub(crate) caps: FundsCaps,
    pub(crate) hosts: Vec<HostRule>,
    pub(crate) recipient: Option<Address>,
    pub(crate) deposited: Option<BaseUnits>,
}

/// The caps, as they were given.
#[derive(Clone, Debug)]
pub(crate) enum FundsCaps {
    Usd {
        per_channel: UsdPrice,
        per_request: UsdPrice,
    },
    Token(ContractId, Caps),
}

impl ChannelFunds {
    /// Begins with the channel's contract and its commitment key; caps and hosts must follow.
    pub fn of(channel: ContractId, key: CommitmentKey) -> NeedsChannelCap {
        NeedsChannelCap { channel, key }
    }

    /// Who is paid from the channel: shown in terms and receipts, and needed at hosts whose payees the budget pins.
    #[must_use]
    pub fn recipient(mut self, recipient: Address) -> Self {
        self.recipient = Some(recipient);
        self
    }

    /// What is deposited, in base units: no voucher is signed above it. Otherwise only the seller tells when the deposit
    /// is used up.
    #[must_use]
    pub fn deposited(mut self, deposited: BaseUnits) -> Self {
        self.deposited = Some(deposited);
        self
    }
}

/// The key is not shown.
impl fmt::Debug for ChannelFunds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelFunds")
            .field("channel", &self.channel)
            .field("caps", &self.caps)
            .field("hosts", &self.hosts)
            .finish_non_exhaustive()
    }
}

/// A channel that lacks its caps.
#[derive(Clone, Debug)]
#[must_use]
pub struct NeedsChannelCap {
    channel: ContractId,
    key: CommitmentKey,
}

impl NeedsChannelCap {
    /// The most that is ever signed away from this channel, such as `"$5"`.
    ///
    /// # Errors
    /// [`ParseAmountError`] when the text is no price above zero.
    pub fn per_channel(self, price: &str) -> Result<NeedsRequestCap, ParseAmountError> {
        Ok(NeedsRequestCap {
            per_channel: price.parse()?,
            of: self,
        })
    }

    /// A channel in another token than USDC, with both caps in its base units. The budget must allow the token too.
    pub fn in_token(self, token: ContractId, caps: Caps) -> NeedsChannelHosts {
        NeedsChannelHosts {
            of: self,
            caps: FundsCaps::Token(token, caps),
        }
    }
}

/// A channel that lacks its cap per request.
#[derive(Clone, Debug)]
#[must_use]
pub struct NeedsRequestCap {
    of: NeedsChannelCap,
    per_channel: UsdPrice,
}

impl NeedsRequestCap {
    /// The most that one request may cost.
    ///
    /// # Errors
    /// [`ParseAmountError`] when the text is no price above zero.
    pub fn per_request(self, price: &str) -> Result<NeedsChannelHosts, ParseAmountError> {
        Ok(NeedsChannelHosts {
            caps: FundsCaps::Usd {
                per_channel: self.per_channel,
                per_request: price.parse()?,
            },
            of: self.of,
        })
    }
}

/// A channel that lacks its hosts.
#[derive(Clone, Debug)]
#[must_use]
pub struct NeedsChannelHosts {
    of: NeedsChannelCap,
    caps: FundsCaps,
}

impl NeedsChannelHosts {
    /// The hosts that are paid from the channel; one at least. The budget must allow them too.
    ///
    /// # Errors
    /// [`ParseHostError`] when one is no host name.
    pub fn hosts(
        self,
        hosts: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<ChannelFunds, ParseHostError> {
        let rules = hosts.into_iter().map(|host| host.as_ref().parse());
        Ok(ChannelFunds {
            channel: self.of.channel,
            key: self.of.key,
            caps: self.caps,
            hosts: rules.collect::<Result<_, _>>()?,
            recipient: None,
            deposited: None,
        })
    }
}
