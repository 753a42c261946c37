//! Who settles payments, and what keeps going in the background for it.

use std::sync::Arc;
use std::time::Duration;

use coinslot_facilitator_api::HttpFacilitator;
use coinslot_payment_store::{Clock as _, PaymentStore, SystemClock};
use coinslot_server::GateBuilder;
use coinslot_settlement::{BuildError, Charges, ContractCalls, LocalFacilitator};

use super::settings::{Settings, SettledBy};
use crate::arguments::SoldBy;
use crate::exit::{Failure, Kind, sentence_of};
use crate::network::{self, Selected};

/// Who settles payments.
pub(super) struct Settler {
    local: Option<LocalFacilitator>,
    remote: Option<Arc<HttpFacilitator>>,
    charges: Option<Charges>,
}

impl Settler {
    /// Asks the network whether all is as the settings say.
    pub(super) async fn start(
        settings: &Settings,
        store: &Arc<dyn PaymentStore>,
    ) -> Result<Self, Failure> {
        let (sells_x402, sells_mpp) = (
            settings.sells_by(SoldBy::X402),
            settings.sells_by(SoldBy::Mpp),
        );
        match &settings.settled_by {
            SettledBy::Sponsors(keys) => {
                let ledger = selected(settings)?.ledger;
                let mut builder =
                    LocalFacilitator::builder(ledger, Arc::clone(store), settings.network.clone());
                for key in keys {
                    builder = builder.sponsor(key.clone());
                }
                let local = builder.build().await.map_err(|error| failure(&error))?;
                Ok(Self {
                    charges: sells_mpp.then(|| local.charges()),
                    local: Some(local),
                    remote: None,
                })
            }
            SettledBy::Facilitator(remote) => Ok(Self {
                local: None,
                remote: sells_x402.then(|| Arc::clone(remote)),
                charges: unsponsored(settings).await?,
            }),
            SettledBy::Buyers => Ok(Self {
                local: None,
                remote: None,
                charges: unsponsored(settings).await?,
            }),
        }
    }

    /// Gives a gate what it needs of it.
    pub(super) fn at(&self, gate: GateBuilder, settings: &Settings) -> GateBuilder {
        let gate = match (&self.local, &self.remote) {
            (Some(local), _) if settings.sells_by(SoldBy::X402) => gate.facilitator(local.clone()),
            (_, Some(remote)) => gate.shared_facilitator(Arc::clone(remote) as _),
            _ => gate,
        };
        match &self.charges {
            Some(charges) => gate.charges(charges.clone()),
            None => gate,
        }
    }

    /// Calls of contracts that the sponsors pay for.
    pub(super) fn calls(&self) -> Option<ContractCalls> {
        self.local.as_ref().map(LocalFacilitator::calls)
    }

    /// The address of the facilitator, if it is another program.
    pub(super) fn url(&self) -> Option<&str> {
        self.remote.as_deref().map(HttpFacilitator::address)
    }

    /// The accounts that pay the network's fees.
    pub(super) fn sponsors(&self) -> Vec<String> {
        let signers = self.local.as_ref().map(LocalFacilitator::signers);
        let signers = signers.unwrap_or_default();
        signers.iter().map(ToString::to_string).collect()
    }

    /// Takes up what was left open, and forgets what ended long ago.
    pub(super) async fn tidy(&self, keep: Duration) {
        let Some(local) = &self.local else { return };
        if let Err(outage) = local.resume_pending().await {
            tracing::error!(%outage, "open settlements could not be read");
        }
        let before = SystemClock.now().saturating_sub(keep);
        if let Err(outage) = local.forget(before).await {
            tracing::error!(%outage, "old settlements could not be forgotten");
        }
    }

    /// Waits until nothing is in flight.
    pub(super) async fn drained(&self) {
        if let Some(local) = &self.local {
            local.drained().await;
        }
    }
}

/// Charges whose fees buyers pay, on an RPC that serves the network.
async fn unsponsored(settings: &Settings) -> Result<Option<Charges>, Failure> {
    if !settings.sells_by(SoldBy::Mpp) {
        return Ok(None);
    }
    let selected = selected(settings)?;
    network::must_serve(&selected).await?;
    Ok(Some(Charges::unsponsored(
        selected.ledger,
        selected.network,
    )))
}

/// The network of the settings, with its RPC.
pub(super) fn selected(settings: &Settings) -> Result<Selected, Failure> {
    Ok(Selected {
        ledger: network::ledger(&settings.network, &settings.network_options)?,
        network: settings.network.clone(),
    })
}

fn failure(error: &BuildError) -> Failure {
    let kind = match error {
        BuildError::Outage(_) => Kind::Unreachable,
        _ => Kind::Configuration,
    };
    Failure::new(kind, sentence_of(error))
}
