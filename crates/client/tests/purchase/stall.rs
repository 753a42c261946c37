//! A seller whose answer is paid for as it is produced, by a script: what it says, and when it waits for a voucher.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use coinslot_client::{PayingClient, StreamError, StreamEvent, StreamReceipt};
use coinslot_mpp_wire::stellar::NeedVoucher;
use coinslot_mpp_wire::{Receipt, Timestamp};
use futures_util::stream::unfold;
use serde_json::Value;

use crate::booth::{Booth, Came, Terms, id, receipt};
use crate::seller::{Call, Seller, answer};
use crate::till::now;

/// What a unit costs.
pub(crate) const UNIT: u64 = 1_000;
/// The name of every stream.
pub(crate) const STREAM: &str = "0123456789abcdef0123456789abcdef";

/// One step of a script.
#[derive(Clone)]
pub(crate) enum Step {
    Say(String),
    /// Waits until so many vouchers have come in all.
    Vouchers(usize),
}

/// A script.
#[derive(Clone, Default)]
pub(crate) struct Script(Vec<Step>);

impl Script {
    pub(crate) fn say(mut self, text: impl Into<String>) -> Self {
        self.0.push(Step::Say(text.into()));
        self
    }

    /// So many events.
    pub(crate) fn events(self, count: u64) -> Self {
        (0..count).fold(self, |script, number| {
            script.say(format!("event: number\ndata: {number}\n\n"))
        })
    }

    /// Asks for so many units in all, when it has so many.
    pub(crate) fn need(self, required: u64, accepted: u64) -> Self {
        self.say(need(1, required * UNIT, accepted * UNIT))
    }

    pub(crate) fn vouchers(mut self, count: usize) -> Self {
        self.0.push(Step::Vouchers(count));
        self
    }

    /// Ends with so many units, and so many of the accepted ones spent.
    pub(crate) fn end(self, units: u64, spent: u64, accepted: u64) -> Self {
        self.say(end(1, units, spent * UNIT, accepted * UNIT))
    }
}

pub(crate) fn need(channel: u8, required: u64, accepted: u64) -> String {
    let need = NeedVoucher {
        channel_id: id(channel).to_string(),
        required_cumulative: required.into(),
        accepted_cumulative: accepted.into(),
        deposit: 10_000_000_u64.into(),
    };
    format!("event: payment-need-voucher\ndata: {}\n\n", need.to_json())
}

pub(crate) fn end(channel: u8, units: u64, spent: u64, accepted: u64) -> String {
    let at = Timestamp::from_unix_seconds(now()).unwrap();
    let mut receipt = Receipt::new("stellar", "c0", at);
    let said: [(&str, Value); 4] = [
        ("channelId", id(channel).to_string().into()),
        ("acceptedCumulative", accepted.to_string().into()),
        ("spent", spent.to_string().into()),
        ("units", units.into()),
    ];
    for (name, value) in said {
        receipt.extensions.insert(name.to_owned(), value);
    }
    let json = serde_json::to_string(&receipt).unwrap();
    format!("event: payment-receipt\ndata: {json}\n\n")
}

/// What a unit costs, in a challenge.
pub(crate) fn by_the_unit(terms: &mut Terms) {
    (terms.price, terms.unit) = (UNIT, Some("number"));
}

/// Takes a voucher.
pub(crate) fn take(booth: &Booth, call: &Call) -> Option<Came> {
    let header = call.payment.as_ref()?;
    Some(booth.note(header, call).0)
}

/// 204 with a receipt.
pub(crate) fn added(came: &Came) -> Response {
    answer(204, &[("payment-receipt", &receipt(came, None))], "")
}

/// The beginning of a stream.
pub(crate) fn begin(booth: &Booth, came: &Came, script: Script) -> Response {
    let steps = (script.0.into_iter(), booth.clone());
    let body = unfold(steps, |(mut steps, booth)| async move {
        loop {
            match steps.next()? {
                Step::Say(text) => {
                    return Some((Ok::<_, Infallible>(Bytes::from(text)), (steps, booth)));
                }
                Step::Vouchers(count) => {
                    while booth.came().len() < count {
                        tokio::time::sleep(Duration::from_millis(2)).await;
                    }
                }
            }
        }
    });
    let headers = [
        ("content-type", "text/event-stream"),
        ("payment-stream", STREAM),
        ("payment-receipt", &receipt(came, None)),
    ];
    answer(200, &headers, Body::from_stream(body))
}

/// A seller that follows one script for every stream, and takes every voucher.
pub(crate) async fn stall(booth: &Booth, script: Script) -> Seller {
    let booth = booth.clone();
    Seller::start(move |call| {
        let Some(came) = take(&booth, &call) else {
            return booth.sell_for(&call, by_the_unit);
        };
        match call.headers.get("payment-stream") {
            Some(id) => {
                assert_eq!(id, STREAM);
                assert_eq!(call.method, http::Method::HEAD);
                added(&came)
            }
            None => begin(&booth, &came, script.clone()),
        }
    })
    .await
}

/// Listens to the end.
pub(crate) async fn hear(
    client: &PayingClient,
    url: String,
) -> (Vec<StreamEvent>, Result<StreamReceipt, StreamError>) {
    let mut heard = Vec::new();
    let mut events = match client.events(url).await {
        Ok(events) => events,
        Err(error) => return (heard, Err(error)),
    };
    let listening = async {
        while let Some(event) = events.next().await {
            heard.push(event?);
        }
        Ok(())
    };
    let ended = tokio::time::timeout(Duration::from_secs(20), listening).await;
    let ended = ended.expect("an end");
    // After the end there is nothing more.
    assert!(events.next().await.is_none());
    let receipt = ended.map(|()| events.receipt().unwrap().clone());
    (heard, receipt)
}
