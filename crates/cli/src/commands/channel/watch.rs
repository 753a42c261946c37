//! `coinslot channel watch`: the seller's watcher, without its server.

use std::sync::Arc;

use coinslot_settlement::Channels;
use serde_json::json;

use super::calling::Caller;
use super::money::usdc_contract;
use super::{keys, seller};
use crate::arguments::Watch;
use crate::channel_events::ChannelTeller;
use crate::exit::Failure;
use crate::inspect::Money;
use crate::network;
use crate::output::Output;
use crate::shutdown;

pub(super) async fn run(arguments: Watch, output: Output) -> Result<(), Failure> {
    let selected = network::select(&arguments.network)?;
    let key = arguments.recipient.recipient_secret_key.as_ref();
    let recipient = keys::secret_key(key, keys::RECIPIENT)?;
    let fees = &arguments.fees;
    let caller = Caller::new(&selected, recipient.clone(), &fees.max_fee, &fees.payer)?;
    let token = usdc_contract(&selected.network).ok_or_else(|| {
        Failure::configuration(format!("no USDC is known on {}", selected.network))
    })?;
    let demands = seller::demanded(&arguments.demands, &token, &selected.network)?;
    let step = output.step("reading the store, and the channels in it");
    network::must_serve(&selected).await?;
    let channels = Channels::builder(
        Arc::clone(&selected.ledger),
        seller::existing_store(&arguments.store.address).await?,
        selected.network.clone(),
        recipient,
    )
    .calls(caller.calls())
    .policy(demands)
    .watch_every(arguments.every.as_duration())
    .observer(Arc::new(ChannelTeller {
        output,
        token,
        as_results: true,
    }))
    .build()
    .await
    .map_err(|error| seller::not_built(&error, &caller.payer()))?;
    let stop = shutdown::requested();
    tokio::pin!(stop);
    let statuses = channels.statuses().await;
    step.done(&format!(
        "watching {} channels that pay {} on {}",
        statuses.len(),
        caller.account(),
        selected.network
    ));
    if output.is_json() {
        let channels: Vec<_> = statuses
            .iter()
            .map(|status| {
                json!({
                    "channel": status.channel.to_string(),
                    "exposure": Money::new(status.exposure, &token.to_string()),
                })
            })
            .collect();
        output.line(&json!({
            "event": "watching",
            "recipient": caller.account().to_string(),
            "network": selected.network.to_string(),
            "store": arguments.store.address,
            "channels": channels,
        }))?;
    }
    for status in &statuses {
        let exposure = Money::new(status.exposure, &token.to_string()).short();
        output.note(&format!("  {} owes {exposure}", status.channel));
    }
    output.note(
        "  stop it with Ctrl-C: what was sent lands by itself, and the next run goes on from there",
    );
    tokio::select! {
        () = &mut stop => {}
        () = look_at_once(&channels) => stop.await,
    }
    channels.flush().await;
    Ok(())
}

/// What is due is not left until the first pause is over.
async fn look_at_once(channels: &Channels) {
    if let Err(outage) = channels.watch().await {
        tracing::warn!(error = %outage, "the channels could not be watched");
    }
}
