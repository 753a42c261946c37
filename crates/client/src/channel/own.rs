//! The channels that a client pays from, as this process knows them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use coinslot_caip2_network::NetworkId;
use coinslot_channel_commitment::{
    CommitmentKey, CommitmentTemplate, CommitmentVerifier, UnusableKeyError, Voucher,
};
use coinslot_mpp_channel_stellar::client::Caps;
use coinslot_mpp_wire::stellar::KeyProof;
use coinslot_stellar_address::{Address, ContractId};
use coinslot_usdc_amount::{BaseUnits, ConvertPriceError, Decimals, UsdPrice};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use url::Url;

use super::funds::{ChannelFunds, FundsCaps};
use crate::budget::HostRule;
use crate::offer::Asset;
use crate::policy::Policy;

/// A channel of ours.
pub(crate) struct OwnChannel {
    pub(crate) id: ContractId,
    pub(crate) network: NetworkId,
    pub(crate) asset: Asset,
    pub(crate) caps: Caps,
    pub(crate) recipient: Option<Address>,
    pub(crate) deposited: Option<BaseUnits>,
    pub(crate) verifier: CommitmentVerifier,
    key: CommitmentKey,
    template: CommitmentTemplate,
    hosts: Vec<HostRule>,
    turn: Arc<AsyncMutex<()>>,
    /// How many requests have the channel or wait for it.
    load: AtomicUsize,
    /// Whether it has a record in the store.
    known: AtomicBool,
    /// Whether a seller has said that its deposit is used up or that it is closed.
    exhausted: AtomicBool,
}

/// Channels that cannot be paid from.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChannelFundsError {
    /// Nobody may be paid from the channel.
    #[error("the channel {0} has no hosts; name those that it may pay")]
    NoHosts(ContractId),
    /// The same channel was given twice.
    #[error("the channel {0} is given twice")]
    Twice(ContractId),
    /// The channel's token has no cap in the budget.
    #[error(
        "the channel {0} pays in {1}, which has no cap in the budget; add it with allow_asset()"
    )]
    Token(ContractId, ContractId),
    /// A cap has more decimals than USDC.
    #[error("a cap of the channel {0} cannot be counted in USDC")]
    Cap(ContractId, #[source] ConvertPriceError),
    /// Nobody could check what the key signs.
    #[error(transparent)]
    Key(#[from] UnusableKeyError),
    /// Channels are part of MPP.
    #[error("channels pay by MPP, and the client was told to pay by x402 only")]
    OnlyX402,
    /// The operating system gave no random number.
    #[error("the operating system gave no random number")]
    Random,
}

/// A place in the line for a channel.
pub(crate) struct Ticket(Arc<OwnChannel>);

impl OwnChannel {
    pub(crate) fn new(funds: ChannelFunds, policy: &Policy) -> Result<Self, ChannelFundsError> {
        let ChannelFunds {
            channel: id,
            key,
            caps,
            hosts,
            recipient,
            deposited,
        } = funds;
        if hosts.is_empty() {
            return Err(ChannelFundsError::NoHosts(id));
        }
        let (token, caps) = match caps {
            FundsCaps::Token(token, caps) => (token, caps),
            FundsCaps::Usd {
                per_channel,
                per_request,
            } => {
                let units = |price: UsdPrice| {
                    price
                        .to_base_units(Decimals::USDC_STELLAR)
                        .map_err(|error| ChannelFundsError::Cap(id, error))
                };
                let caps = Caps {
                    per_channel: units(per_channel)?,
                    per_request: units(per_request)?,
                };
                (policy.usdc(), caps)
            }
        };
        let asset = policy.asset_of(token).cloned();
        let network = policy.network.network_id();
        Ok(Self {
            id,
            network,
            asset: asset.ok_or(ChannelFundsError::Token(id, token))?,
            caps,
            recipient,
            deposited,
            verifier: CommitmentVerifier::new(&network, &id, &key.public_key())?,
            key,
            template: CommitmentTemplate::new(&network, &id),
            hosts,
            turn: Arc::default(),
            load: AtomicUsize::new(0),
            known: AtomicBool::new(false),
            exhausted: AtomicBool::new(false),
        })
    }

    /// Whether this URL may be paid from it.
    pub(crate) fn pays(&self, url: &Url) -> bool {
        self.hosts.iter().any(|host| host.allows(url))
    }

    /// Who is paid, as far as that is known.
    pub(crate) fn pay_to(&self) -> String {
        match self.recipient {
            Some(recipient) => recipient.to_string(),
            None => self.id.to_string(),
        }
    }

    /// Signs a cumulative amount, which is in the store already. The same amount gives the same bytes.
    pub(crate) fn sign(&self, amount: BaseUnits) -> Voucher {
        self.key.sign_amount(&self.template, amount)
    }

    /// Proves to hold the channel's key. It pays nothing.
    pub(crate) fn prove(&self, at: u64) -> KeyProof {
        let proof = self.key.prove(&self.network, &self.id, at);
        let mut signature = [0; 64];
        // It is 128 digits; were it not, the proof would prove nothing.
        let _ = hex::decode_to_slice(proof.signature_hex(), &mut signature);
        KeyProof { at, signature }
    }

    pub(crate) async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.turn).lock_owned().await
    }

    pub(crate) fn load(&self) -> usize {
        self.load.load(Ordering::Relaxed)
    }

    pub(crate) fn is_known(&self) -> bool {
        self.known.load(Ordering::Relaxed)
    }

    pub(crate) fn set_known(&self) {
        self.known.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_exhausted(&self) -> bool {
        self.exhausted.load(Ordering::Relaxed)
    }

    pub(crate) fn set_exhausted(&self, exhausted: bool) {
        self.exhausted.store(exhausted, Ordering::Relaxed);
    }
}

impl Ticket {
    pub(crate) fn draw(channel: &Arc<OwnChannel>) -> Self {
        channel.load.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(channel))
    }

    pub(crate) fn channel(&self) -> &Arc<OwnChannel> {
        &self.0
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.load.fetch_sub(1, Ordering::Relaxed);
    }
}
