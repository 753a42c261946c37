//! Which network, and how to reach it.

use std::sync::Arc;
use std::time::Duration;

use coinslot_caip2_network::StellarNetwork;
use coinslot_payment_store::{Clock as _, SystemClock};
use coinslot_stellar_ledger::{Ledger, RpcLedger, RpcOptions};

use crate::arguments::NetworkOptions;
use crate::exit::{Failure, Kind, sentence_of};

/// A network and the RPC through which it is asked.
pub(crate) struct Selected {
    pub(crate) network: StellarNetwork,
    pub(crate) ledger: Arc<dyn Ledger>,
}

/// Reads the options; without an RPC address, the network's public one is taken.
pub(crate) fn select(options: &NetworkOptions) -> Result<Selected, Failure> {
    let network = named(options)?;
    let ledger = ledger(&network, options)?;
    Ok(Selected { network, ledger })
}

/// The network that the options name.
pub(crate) fn named(options: &NetworkOptions) -> Result<StellarNetwork, Failure> {
    options
        .network
        .parse()
        .map_err(|error| Failure::configuration(format!("STELLAR_NETWORK: {error}")))
}

/// The RPC that the options name, or the network's public one.
pub(crate) fn ledger(
    network: &StellarNetwork,
    options: &NetworkOptions,
) -> Result<Arc<dyn Ledger>, Failure> {
    let mut urls: Vec<String> = options.rpc_url.iter().map(ToString::to_string).collect();
    if urls.is_empty() {
        urls.extend(network.rpc_url().map(str::to_owned));
    }
    let options = RpcOptions::default().lag_check(|| SystemClock.now().as_seconds(), LAG_TOLERANCE);
    let ledger = RpcLedger::new(urls, options).map_err(|error| {
        Failure::configuration(format!("STELLAR_RPC_URL: {}", sentence_of(&error)))
    })?;
    Ok(Arc::new(ledger))
}

/// Whether the RPC is of the network.
pub(crate) async fn must_serve(selected: &Selected) -> Result<(), Failure> {
    let found = selected.ledger.network().await.map_err(|error| {
        Failure::new(
            Kind::Unreachable,
            format!("the Stellar RPC did not answer: {}", sentence_of(&error)),
        )
    })?;
    if found == selected.network.network_id() {
        return Ok(());
    }
    Err(Failure::configuration(format!(
        "the Stellar RPC serves another network than {}; set STELLAR_RPC_URL or STELLAR_NETWORK so that they agree",
        selected.network
    )))
}

/// The age of its latest ledger at which a node is not believed.
const LAG_TOLERANCE: Duration = Duration::from_secs(60);
