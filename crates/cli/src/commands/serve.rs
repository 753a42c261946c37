//! `coinslot serve`: a small paid endpoint, by x402 and MPP.

mod channels;
mod goods;
mod metrics;
mod progress;
mod settings;
mod settler;
mod shop;

use serde_json::json;

use crate::arguments::{Serve, SoldBy};
use crate::exit::Failure;
use crate::output::Output;
use crate::shutdown;

use settings::Settings;
use settler::Settler;
use shop::Shop;

pub(crate) async fn run(arguments: Serve, output: &Output) -> Result<(), Failure> {
    let settings = Settings::read(&arguments)?;
    let step = output.step("checking who is paid, who settles, and the network");
    let shop = Shop::open(&settings, *output).await?;
    if settings.secret_is_random && settings.sells_by_mpp() {
        tracing::warn!("{RANDOM_SECRET}");
    }
    step.done(&format!(
        "selling GET {} for {} of USDC on {}, at {}",
        settings.path,
        settings.price,
        settings.network,
        shop.resource(&settings)
    ));
    let stop = shutdown::requested();
    announce(&shop, &settings, *output)?;
    shop.run(stop)
        .await
        .map_err(|error| Failure::unexpected(&error))
}

fn announce(shop: &Shop, settings: &Settings, output: Output) -> Result<(), Failure> {
    let resource = shop.resource(settings);
    if output.is_json() {
        return output.line(&json!({
            "event": "listening",
            "url": shop.url(),
            "resource": resource,
            "price": settings.price,
            "payTo": settings.pay_to,
            "network": settings.network.to_string(),
            "protocols": settings.protocols.iter().map(|protocol| name(*protocol)).collect::<Vec<_>>(),
            "facilitator": shop.settler().url(),
            "sponsors": shop.settler().sponsors(),
            "store": settings.store,
            "channels": shop.channels().map(|channels| channels::described(channels, settings)),
            "metrics": shop.metrics_url(),
        }));
    }
    output.note(&format!("  paid to   {}", settings.pay_to));
    if settings.sells_by(SoldBy::X402) {
        output.note(&format!("  by x402   {}", x402(shop.settler())));
    }
    if settings.sells_by(SoldBy::Mpp) {
        output.note(&format!("  by MPP    {}", mpp(shop.settler())));
    }
    if let Some(channels) = shop.channels() {
        channels::announce(channels, settings, output);
    }
    if let Some(url) = shop.metrics_url() {
        output.note(&format!("  metrics   {url}"));
    }
    output.note(&format!("  payments  {}", settings.store));
    output.note(&format!("  try it    coinslot fetch {resource} --dry-run"));
    output.note("  stop it with Ctrl-C: what is in flight is finished or recorded first");
    Ok(())
}

fn name(protocol: SoldBy) -> &'static str {
    match protocol {
        SoldBy::X402 => "x402",
        SoldBy::Mpp => "mpp",
        SoldBy::Channel => "channel",
    }
}

fn x402(settler: &Settler) -> String {
    match settler.url() {
        Some(url) => format!("settled by the facilitator {url}"),
        None => format!(
            "settled here, network fees paid by {}",
            settler.sponsors().join(", ")
        ),
    }
}

fn mpp(settler: &Settler) -> String {
    let sponsors = settler.sponsors();
    if sponsors.is_empty() {
        "charge, in pull and push mode; buyers pay the network's fees".to_owned()
    } else {
        format!(
            "charge, in pull mode; network fees paid by {}",
            sponsors.join(", ")
        )
    }
}

const RANDOM_SECRET: &str = "MPP_SECRET is not set, so a random secret binds the MPP challenges: they do not survive a restart, and other \
    servers do not take them; make one with `openssl rand -hex 32`";
