//! `coinslot demo`: an agent without XLM buys a weather report for $0.001, and everything that takes part runs in this process.
//!
//! The parts are the real ones: the Soroban engine behind an RPC, the facilitator behind its HTTP interface, the seller behind the gate,
//! and the paying client. They speak over loopback.

mod parts;
mod story;

use std::time::Instant;

use crate::arguments::Demo;
use crate::exit::Failure;
use crate::output::Output;

use parts::Parts;
use story::{Purchase, Story};

pub(crate) async fn run(arguments: Demo, output: &Output) -> Result<(), Failure> {
    let start = Instant::now();
    let parts = Parts::start(*output).await?;
    let before = parts.balances().await?;
    let mut purchases = Vec::new();
    for number in 1..=arguments.purchases {
        purchases.push(buy(&parts, number, *output).await?);
    }
    let after = parts.balances().await?;
    let story = Story::new(&parts, before, after, purchases, start.elapsed());
    parts.stop().await;
    output.result(&story.to_string(), &story)?;
    story.check()
}

async fn buy(parts: &Parts, number: u16, output: Output) -> Result<Purchase, Failure> {
    let step = output.step("the buyer asks for GET /weather");
    let start = Instant::now();
    let response = parts
        .client
        .get(parts.weather_url(number))
        .send()
        .await
        .map_err(
            |error| match coinslot_client::PaymentError::from_middleware(&error) {
                Some(payment) => Failure::payment(payment),
                None => Failure::http(&error),
            },
        )?;
    let purchase = Purchase::read(response, start).await?;
    step.done(&format!(
        "bought {} for {} in {:.0} ms, transaction {}",
        purchase.report(),
        purchase.amount(),
        purchase.milliseconds(),
        purchase.transaction()
    ));
    Ok(purchase)
}
