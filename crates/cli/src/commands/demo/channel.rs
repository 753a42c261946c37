//! The part of the demonstration that pays from channels: a thousand requests with three transactions, one of them a settlement in
//! between, and a funder that wants its deposit back too early.

mod opened;
mod story;

use std::sync::Arc;
use std::time::{Duration, Instant};

use coinslot_caip2_network::StellarNetwork;
use coinslot_channel_commitment::ChannelCall;
use coinslot_local_stellar::LocalStellar;
use coinslot_mpp_channel_stellar::{ChannelPolicy, Phase};
use coinslot_payment_store::MemoryStore;
use coinslot_settlement::{Channel, Channels};
use coinslot_soroban_authorization::SecretKey;
use coinslot_stellar_address::{AccountId, Address};
use coinslot_usdc_amount::BaseUnits;

use super::parts::{rpc, unexpected};
use super::seller::start_channel_shop;
use crate::commands::local;
use crate::exit::{Failure, Kind};
use crate::output::Output;

use opened::Opened;
pub(super) use story::{ChannelStory, Dispute, Session};

/// Pays `requests` requests from a channel, then has a funder begin to close another one.
pub(super) async fn run(
    network: &LocalStellar,
    requests: u16,
    output: Output,
) -> Result<ChannelStory, Failure> {
    let seller = account(network, BaseUnits::ZERO).await?;
    let channels = Channels::builder(
        Arc::new(rpc(network)?),
        Arc::new(MemoryStore::new()),
        StellarNetwork::Testnet,
        seller.clone(),
    )
    .policy(|policy| ChannelPolicy {
        shortest_waiting_period: WAITING_PERIOD,
        ..policy
    })
    .watch_every(Duration::from_millis(250))
    .build()
    .await
    .map_err(|error| unexpected(&error))?;
    let shop = start_channel_shop(channels.clone()).await?;
    let stage = Stage {
        network,
        seller,
        channels,
        shop: format!("http://{shop}/quote"),
        output,
    };
    Ok(ChannelStory {
        session: stage.session(requests).await?,
        dispute: stage.dispute().await?,
    })
}

struct Stage<'n> {
    network: &'n LocalStellar,
    seller: SecretKey,
    channels: Channels,
    shop: String,
    output: Output,
}

impl Stage<'_> {
    /// Open, pay, settle once in the middle, close.
    async fn session(&self, requests: u16) -> Result<Session, Failure> {
        let opened = self.open().await?;
        let before = self.balances(&opened).await?;
        let step = self
            .output
            .step(&format!("paying {requests} requests from the channel"));
        let start = Instant::now();
        opened.buy(&self.shop, 1..=requests / 2).await?;
        let channel = self.channel(&opened).await?;
        let settled = channel.settle().await.map_err(|error| unexpected(&error))?;
        opened
            .buy(
                &self.shop,
                requests.saturating_div(2).saturating_add(1)..=requests,
            )
            .await?;
        let took = start.elapsed();
        step.done(&format!(
            "{requests} requests in {:.2} s, each paid by a signature, and settled once in the middle",
            took.as_secs_f64()
        ));
        let step = self.output.step("closing the channel");
        let closed = opened.close(&self.shop).await?;
        let after = self.balances(&opened).await?;
        step.done("the channel is closed, and the rest of the deposit is its funder's again");
        Ok(Session {
            channel: opened.channel.to_string(),
            requests,
            deposited: opened.deposit,
            paid: closed,
            funder: (before.0, after.0),
            seller: (before.1, after.1),
            settled_by: settled,
            seconds: took.as_secs_f64(),
        })
    }

    /// The funder begins to close, and the seller closes before it can take anything back.
    async fn dispute(&self) -> Result<Dispute, Failure> {
        let opened = self.open().await?;
        let (_, before) = self.balances(&opened).await?;
        opened.buy(&self.shop, 1..=DISPUTED_REQUESTS).await?;
        let step = self
            .output
            .step("the funder begins to close a channel that owes the seller something");
        opened.call(&ChannelCall::CloseStart).await?;
        let channel = self.channel(&opened).await?;
        let deadline = Instant::now() + PATIENCE;
        let mut effective_at_ledger = None;
        let closed_at_ledger = loop {
            let status = channel.status().await;
            match status.phase {
                Phase::Closed { at_ledger, .. } => break at_ledger,
                Phase::Closing {
                    effective_at_ledger: Some(ledger),
                    ..
                } => effective_at_ledger = effective_at_ledger.max(Some(ledger)),
                _ => {}
            }
            if Instant::now() >= deadline {
                return Err(Failure::new(
                    Kind::Unexpected,
                    "the seller did not close in time: please report this with the output above",
                ));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        let (_, after) = self.balances(&opened).await?;
        step.done("the seller's watcher saw it, and closed with its highest voucher in time");
        Ok(Dispute {
            channel: opened.channel.to_string(),
            requests: DISPUTED_REQUESTS,
            seller: (before, after),
            effective_at_ledger,
            closed_at_ledger,
        })
    }

    async fn open(&self) -> Result<Opened, Failure> {
        let step = self.output.step("opening a channel");
        let funder = account(self.network, BaseUnits::from_u64(DEPOSIT)).await?;
        let recipient = self.seller.account_id();
        let opened = Opened::open(self.network, funder, recipient, DEPOSIT).await?;
        step.done(&format!(
            "channel {} holds 1 USDC, for vouchers of its buyer",
            opened.channel
        ));
        Ok(opened)
    }

    async fn channel(&self, opened: &Opened) -> Result<Channel, Failure> {
        let channel = self.channels.channel(&opened.channel).await;
        channel.map_err(|error| Failure::new(Kind::Unexpected, format!("{error:?}")))
    }

    /// What the funder and the seller hold.
    async fn balances(&self, opened: &Opened) -> Result<(BaseUnits, BaseUnits), Failure> {
        Ok((
            usdc(self.network, opened.funder()).await?,
            usdc(self.network, self.seller.account_id()).await?,
        ))
    }
}

async fn account(network: &LocalStellar, usdc: BaseUnits) -> Result<SecretKey, Failure> {
    let account = network.create_usdc_account(usdc).await;
    account.map_err(|error| local::failure(&error))
}

async fn usdc(network: &LocalStellar, account: AccountId) -> Result<BaseUnits, Failure> {
    let balance = network.balance_usdc(&Address::Account(account)).await;
    let balance = balance.map_err(|error| local::failure(&error))?;
    balance
        .ok_or_else(|| Failure::configuration("an account of the demonstration has no trustline"))
}

const DEPOSIT: u64 = 10_000_000;
const DISPUTED_REQUESTS: u16 = 10;
/// In ledgers.
pub(super) const WAITING_PERIOD: u32 = 100;
const PATIENCE: Duration = Duration::from_secs(30);
