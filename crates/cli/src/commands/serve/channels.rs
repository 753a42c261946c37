//! The channels that pay a seller: from which vouchers are taken, and how a buyer opens one.

use std::sync::Arc;

use coinslot_payment_store::PaymentStore;
use coinslot_server::OfferError;
use coinslot_server::mpp::ChannelOffer;
use coinslot_settlement::{
    BuildChannelsError, ChannelEvent, ChannelObserver, Channels, ContractCalls, FeePolicy,
};
use coinslot_stellar_address::ContractId;
use serde_json::{Value, json};

use super::metrics::Metrics;
use super::settings::{ChannelSettings, Settings};
use super::settler::{Settler, selected};
use crate::channel_events::ChannelTeller;
use crate::commands::channel::{demanded, outage, stroops, usdc_contract};
use crate::exit::{Failure, Kind, sentence_of};
use crate::inspect::{Money, ledgers_in_words};
use crate::network;
use crate::output::Output;

/// Takes up the channels of the store, and watches over them from now on. The sponsors pay for that, if there are any, else the recipient.
pub(super) async fn open(
    settings: &Settings,
    settler: &Settler,
    store: &Arc<dyn PaymentStore>,
    metrics: &Arc<Metrics>,
    output: Output,
) -> Result<Option<Channels>, Failure> {
    let Some(of_channels) = &settings.channels else {
        return Ok(None);
    };
    let selected = selected(settings)?;
    network::must_serve(&selected).await?;
    let token = usdc_contract(&settings.network).ok_or_else(|| {
        Failure::configuration(format!("no USDC is known on {}", settings.network))
    })?;
    let demands = demanded(&of_channels.demands, &token, &settings.network)?;
    let recipient = &of_channels.recipient;
    let calls = settler.calls().unwrap_or_else(|| {
        ContractCalls::paid_by(
            Arc::clone(&selected.ledger),
            &selected.network,
            Arc::new(recipient.clone()),
        )
    });
    let policy = FeePolicy {
        max_fee_stroops: stroops(&of_channels.max_fee, "--channel-max-fee")?,
        ..FeePolicy::default()
    };
    let calls = calls
        .policy(policy)
        .map_err(|error| Failure::new(Kind::Usage, format!("--channel-max-fee: {error}")))?;
    let teller = ChannelTeller {
        output,
        token,
        as_results: false,
    };
    Channels::builder(
        selected.ledger,
        Arc::clone(store),
        selected.network,
        recipient.clone(),
    )
    .token(token)
    .calls(calls)
    .policy(demands)
    .observer(Arc::new(Observed {
        teller,
        metrics: Arc::clone(metrics),
    }))
    .build()
    .await
    .map(Some)
    .map_err(|error| match &error {
        BuildChannelsError::Unavailable(down) => outage(down, &recipient.account_id()),
        error => Failure::configuration(sentence_of(error)),
    })
}

/// What is offered beside the price.
pub(super) fn offer(
    offer: ChannelOffer,
    settings: &ChannelSettings,
) -> Result<ChannelOffer, OfferError> {
    let offer = match &settings.default_channel {
        Some(channel) => offer.default_channel(channel.trim())?,
        None => offer,
    };
    Ok(if settings.announce_cumulative {
        offer.announce_cumulative()
    } else {
        offer
    })
}

/// How channels are taken, for machines.
pub(super) fn described(channels: &Channels, settings: &Settings) -> Value {
    let policy = channels.policy();
    let default_channel = settings
        .channels
        .as_ref()
        .and_then(|channels| channels.default_channel.as_deref());
    json!({
        "recipient": channels.recipient().to_string(),
        "token": channels.token().to_string(),
        "defaultChannel": default_channel,
        "shortestWaitingPeriod": policy.shortest_waiting_period,
        "settleAmount": Money::new(policy.settle_amount, &channels.token().to_string()),
        "settleAfterSeconds": policy.settle_after_seconds,
    })
}

/// How a buyer opens a channel.
pub(super) fn announce(channels: &Channels, settings: &Settings, output: Output) {
    let policy = channels.policy();
    let token: ContractId = channels.token();
    output.note(&format!(
        "  channels  by voucher, from channels with a waiting period of {} or more; settled from {} on",
        ledgers_in_words(policy.shortest_waiting_period),
        Money::new(policy.settle_amount, &token.to_string()).short()
    ));
    let waiting = if policy.shortest_waiting_period > DEFAULT_WAITING_PERIOD {
        format!(" --waiting-period {}", policy.shortest_waiting_period)
    } else {
        String::new()
    };
    output.note(&format!(
        "            buyers open one with: coinslot channel open --network {} --recipient {} --deposit '$5' --generate-key channel.key{waiting}",
        settings.network,
        channels.recipient()
    ));
}

/// Tells a person, and counts.
struct Observed {
    teller: ChannelTeller,
    metrics: Arc<Metrics>,
}

impl ChannelObserver for Observed {
    fn on_event(&self, event: &ChannelEvent<'_>) {
        self.metrics.count_channel(event);
        self.teller.on_event(event);
    }
}

/// That of `coinslot channel open`, in ledgers.
const DEFAULT_WAITING_PERIOD: u32 = 17_280;
