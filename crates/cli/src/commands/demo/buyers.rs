//! Those who buy: one without XLM, and one who can pay the network's fees.

use std::sync::Arc;

use coinslot_caip2_network::StellarNetwork;
use coinslot_client::{Budget, Mode, PayingClient, Protocol};
use coinslot_local_stellar::LocalStellar;
use coinslot_payment_store::{MemoryStore, PaymentStore};
use coinslot_soroban_authorization::SecretKey;

use super::parts::{rpc, unexpected};
use super::way::Way;
use crate::exit::Failure;

/// A client for each way to pay.
pub(super) struct Buyers {
    x402: PayingClient,
    sponsored: PayingClient,
    pull: PayingClient,
    push: PayingClient,
}

impl Buyers {
    /// `buyer` has no XLM, `second` has some.
    pub(super) fn new(
        network: &LocalStellar,
        buyer: &SecretKey,
        second: &SecretKey,
    ) -> Result<Self, Failure> {
        let wallet = || Arc::new(MemoryStore::new()) as Arc<dyn PaymentStore>;
        let (buyers, seconds) = (wallet(), wallet());
        let client =
            |key, wallet: &Arc<_>, way| paying_client(network, key, Arc::clone(wallet), way);
        Ok(Self {
            x402: client(buyer, &buyers, Way::X402)?,
            sponsored: client(buyer, &buyers, Way::MppSponsored)?,
            pull: client(second, &seconds, Way::MppPull)?,
            push: client(second, &seconds, Way::MppPush)?,
        })
    }

    pub(super) fn paying(&self, way: Way) -> &PayingClient {
        match way {
            Way::X402 => &self.x402,
            Way::MppSponsored => &self.sponsored,
            Way::MppPull => &self.pull,
            Way::MppPush => &self.push,
        }
    }
}

fn paying_client(
    network: &LocalStellar,
    buyer: &SecretKey,
    wallet: Arc<dyn PaymentStore>,
    way: Way,
) -> Result<PayingClient, Failure> {
    let budget = Budget::per_payment("$0.01")
        .and_then(|budget| budget.per_day("$1"))
        .and_then(|budget| budget.per_host_per_day("$1"))
        .map_err(|error| unexpected(&error))?
        .hosts(["127.0.0.1"])
        .map_err(|error| unexpected(&error))?;
    let (protocol, mode) = match way {
        Way::X402 => (Protocol::X402, Mode::Pull),
        Way::MppSponsored | Way::MppPull => (Protocol::Mpp, Mode::Pull),
        Way::MppPush => (Protocol::Mpp, Mode::Push),
    };
    PayingClient::builder(buyer.clone())
        .budget(budget)
        .store(wallet)
        .network(StellarNetwork::Testnet)
        .rpc(Arc::new(rpc(network)?))
        .only(protocol)
        .charge_modes([mode])
        .build()
        .map_err(|error| unexpected(&error))
}
