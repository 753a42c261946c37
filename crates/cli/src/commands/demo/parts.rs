//! Those who take part: a network, a facilitator, a seller and two buyers.

use std::net::SocketAddr;

use coinslot_client::PayingClient;
use coinslot_local_stellar::LocalStellar;
use coinslot_stellar_address::{AccountId, Address};
use coinslot_stellar_ledger::{RpcLedger, RpcOptions};
use coinslot_usdc_amount::BaseUnits;
use serde::Serialize;

use super::buyers::Buyers;
use super::seller::{Facilitator, PRICE, start_shop};
use super::way::Way;
use crate::commands::local;
use crate::exit::{Failure, sentence_of};
use crate::output::Output;

/// Everything that runs.
pub(super) struct Parts {
    network: LocalStellar,
    sponsor: AccountId,
    seller: AccountId,
    buyer: AccountId,
    second_buyer: AccountId,
    shop: SocketAddr,
    buyers: Buyers,
}

/// What they hold.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Balances {
    /// In base units of USDC.
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    pub(super) buyer_usdc: BaseUnits,
    /// In base units of USDC.
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    pub(super) second_buyer_usdc: BaseUnits,
    /// In base units of USDC.
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    pub(super) seller_usdc: BaseUnits,
    pub(super) buyer_stroops: i64,
    pub(super) second_buyer_stroops: i64,
    pub(super) sponsor_stroops: i64,
}

impl Parts {
    pub(super) async fn start(output: Output) -> Result<Self, Failure> {
        let step = output.step("starting a Stellar network on the real Soroban engine");
        let network = LocalStellar::builder()
            .start()
            .await
            .map_err(|error| local::failure(&error))?;
        step.done(&format!(
            "a Stellar network in this process, at {}",
            network.rpc_url()
        ));

        let step = output.step("making accounts");
        let sponsor = network
            .create_funded_account()
            .await
            .map_err(|error| local::failure(&error))?;
        let seller = network
            .create_usdc_account(BaseUnits::ZERO)
            .await
            .map_err(|error| local::failure(&error))?;
        let buyer = network
            .create_buyer(BaseUnits::from_u64(ONE_DOLLAR))
            .await
            .map_err(|error| local::failure(&error))?;
        let second = network
            .create_usdc_account(BaseUnits::from_u64(ONE_DOLLAR))
            .await
            .map_err(|error| local::failure(&error))?;
        step.done(
            "a sponsor with XLM, a seller with a trustline, a buyer with 1 USDC and no XLM, and one with 1 USDC and XLM",
        );

        let step = output.step("starting the facilitator");
        let facilitator = Facilitator::start(&network, &sponsor).await?;
        step.done(&format!(
            "a facilitator at http://{}, which pays the network's fees",
            facilitator.address
        ));

        let step = output.step("starting the seller");
        let shop = start_shop(&facilitator, &seller.account_id()).await?;
        step.done(&format!(
            "a seller at http://{shop}, who asks {PRICE} for GET /weather, by x402 or MPP, and for GET /forecast, by MPP with fees"
        ));

        Ok(Self {
            buyers: Buyers::new(&network, &buyer, &second)?,
            network,
            sponsor: sponsor.account_id(),
            seller: seller.account_id(),
            buyer: buyer.account_id(),
            second_buyer: second.account_id(),
            shop,
        })
    }

    /// Where purchase number `number` is made; each asks for another day, so that each is a purchase of its own.
    pub(super) fn url(&self, way: Way, number: u16) -> String {
        format!("http://{}{}?day={number}", self.shop, way.path())
    }

    /// The client of who pays this way.
    pub(super) fn client(&self, way: Way) -> &PayingClient {
        self.buyers.paying(way)
    }

    pub(super) const fn network(&self) -> &LocalStellar {
        &self.network
    }

    pub(super) fn seller(&self) -> AccountId {
        self.seller
    }

    pub(super) fn buyer(&self) -> AccountId {
        self.buyer
    }

    pub(super) fn second_buyer(&self) -> AccountId {
        self.second_buyer
    }

    pub(super) async fn balances(&self) -> Result<Balances, Failure> {
        Ok(Balances {
            buyer_usdc: self.usdc(self.buyer).await?,
            second_buyer_usdc: self.usdc(self.second_buyer).await?,
            seller_usdc: self.usdc(self.seller).await?,
            buyer_stroops: self.stroops(self.buyer).await?,
            second_buyer_stroops: self.stroops(self.second_buyer).await?,
            sponsor_stroops: self.stroops(self.sponsor).await?,
        })
    }

    async fn usdc(&self, account: AccountId) -> Result<BaseUnits, Failure> {
        let balance = self
            .network
            .balance_usdc(&Address::Account(account))
            .await
            .map_err(|error| local::failure(&error))?;
        balance.ok_or_else(|| {
            Failure::configuration("an account of the demonstration has no trustline")
        })
    }

    async fn stroops(&self, account: AccountId) -> Result<i64, Failure> {
        let balance = self
            .network
            .balance_stroops(&account)
            .await
            .map_err(|error| local::failure(&error))?;
        balance.ok_or_else(|| Failure::configuration("an account of the demonstration is missing"))
    }

    pub(super) async fn stop(self) {
        self.network.shutdown().await;
    }
}

pub(super) fn rpc(network: &LocalStellar) -> Result<RpcLedger, Failure> {
    RpcLedger::new([network.rpc_url()], RpcOptions::default()).map_err(|error| unexpected(&error))
}

pub(super) fn unexpected(error: &dyn std::error::Error) -> Failure {
    Failure::new(crate::exit::Kind::Unexpected, sentence_of(error))
}

const ONE_DOLLAR: u64 = 10_000_000;
