//! `coinslot demo`: an agent without XLM buys weather reports for $0.001 by x402 and by MPP, another pays the network's fees itself, a
//! third pays a thousand requests from a channel, and everything that takes part runs in this process.
//!
//! The parts are the real ones: the Soroban engine behind an RPC, the facilitator behind its HTTP interface, the seller behind the gate,
//! and the paying client. They speak over loopback.

mod buyers;
mod channel;
mod parts;
mod seller;
mod story;
mod way;

use std::time::Instant;

use crate::arguments::Demo;
use crate::exit::Failure;
use crate::output::Output;

use parts::Parts;
use story::{Purchase, Story};
use way::Way;

pub(crate) async fn run(arguments: Demo, output: &Output) -> Result<(), Failure> {
    let start = Instant::now();
    let parts = Parts::start(*output).await?;
    let before = parts.balances().await?;
    let mut purchases = Vec::new();
    for number in 1..=arguments.purchases {
        purchases.push(buy(&parts, Way::X402, number, *output).await?);
    }
    for (number, way) in (arguments.purchases.saturating_add(1)..).zip(Way::CHARGES) {
        purchases.push(buy(&parts, way, number, *output).await?);
    }
    let after = parts.balances().await?;
    let channel = channel::run(parts.network(), arguments.channel_requests, *output).await?;
    let story = Story::new(&parts, (before, after), purchases, channel, start.elapsed());
    parts.stop().await;
    output.result(&story.to_string(), &story)?;
    story.check()
}

async fn buy(parts: &Parts, way: Way, number: u16, output: Output) -> Result<Purchase, Failure> {
    let step = output.step(&format!("a buyer asks for GET {}", way.path()));
    let start = Instant::now();
    let response = parts
        .client(way)
        .get(parts.url(way, number))
        .send()
        .await
        .map_err(
            |error| match coinslot_client::PaymentError::from_middleware(&error) {
                Some(payment) => Failure::payment(payment),
                None => Failure::http(&error),
            },
        )?;
    let purchase = Purchase::read(way, response, start).await?;
    step.done(&format!(
        "bought {} for {} by {way} in {:.0} ms, transaction {}",
        purchase.report(),
        purchase.amount(),
        purchase.milliseconds(),
        purchase.transaction()
    ));
    Ok(purchase)
}
